//! Training. Each group gets a logistic regression of its own by stochastic gradient descent, its features scaled by how differently
//! they occur in ham and spam (the logarithm of the ratio, as naive Bayes has it). Everything random comes from a fixed seed, and only
//! basic arithmetic is used: the same messages in the same order give the same bytes.

use super::bag::{Bag, Group, places, share};
use super::curve::{ln, logistic};
use super::model::{GroupScale, Model};

/// A message for training: the places of its features by group, and whether it is spam.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// Places by group.
    pub groups: Vec<Vec<u32>>,
    /// Whether it is spam.
    pub is_spam: bool,
}

impl Example {
    /// From the features of a message.
    pub fn of(bag: &Bag, groups: usize, is_spam: bool) -> Self {
        let mut example = Self { groups: vec![Vec::new(); groups], is_spam };
        for (group, ids) in bag.groups() {
            if let Some(into) = example.groups.get_mut(group) {
                into.extend_from_slice(ids);
            }
        }
        example
    }
}

/// How it is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Passes over all messages.
    pub passes: u32,
    /// The first pass's rate; the nth has an nth of it.
    pub rate: f32,
    /// To which power the ratio scales a feature.
    pub power: i32,
    /// As many weights of each group are kept, the greatest.
    pub keep: usize,
}

impl Plan {
    /// How the weights for mail that Keelguard brings were trained.
    pub const MAIL: Self = Self { passes: 30, rate: 30.0, power: 2, keep: 30_000 };
    /// And those for texts.
    pub const TEXT: Self = Self { passes: 30, rate: 10.0, power: 1, keep: 20_000 };
}

/// Random numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % most.max(1)
    }
}

/// Trains a model of these groups.
pub fn train(layout: &[Group], examples: &[&Example], plan: &Plan) -> Model {
    let mut model = Model::empty(layout);
    let scales = ratios(places(layout), examples, plan.power);
    for group in 0..layout.len() {
        let (bias, weights) = descend(group, examples, &scales, plan);
        quantise(group, layout, bias, &weights, plan.keep, &mut model);
    }
    model.common = common(places(layout), examples);
    model
}

/// Features that more than one in fifty messages has.
fn common(places: usize, examples: &[&Example]) -> Vec<u32> {
    let mut counts = vec![0usize; places];
    for id in examples.iter().flat_map(|example| example.groups.iter().flatten()) {
        if let Some(count) = counts.get_mut(*id as usize) {
            *count += 1;
        }
    }
    let often = counts.iter().enumerate().filter(|(_, count)| **count * 50 > examples.len());
    often.filter_map(|(place, _)| u32::try_from(place).ok()).collect()
}

/// How differently each feature occurs in ham and spam; on the average 1, so that the rate means the same.
fn ratios(places: usize, examples: &[&Example], power: i32) -> Vec<f32> {
    let mut counts = vec![(0f64, 0f64); places];
    let (mut ham, mut spam) = (0f64, 0f64);
    for example in examples {
        let one = if example.is_spam { (0.0, 1.0) } else { (1.0, 0.0) };
        (ham, spam) = (ham + one.0, spam + one.1);
        for id in example.groups.iter().flatten() {
            if let Some(count) = counts.get_mut(*id as usize) {
                *count = (count.0 + one.0, count.1 + one.1);
            }
        }
    }
    let mut sum = 0.0;
    let mut seen = 0.0;
    let mut scales = vec![0f64; places];
    for (scale, (in_ham, in_spam)) in scales.iter_mut().zip(&counts) {
        let often = in_ham + in_spam;
        if often > 0.0 {
            let ratio = ln((in_spam + 1.0) / (spam + 2.0)) - ln((in_ham + 1.0) / (ham + 2.0));
            *scale = ratio.abs().powi(power);
            sum += *scale * *scale * often;
            seen += often;
        }
    }
    let factor = if sum > 0.0 { (seen / sum).sqrt() } else { 1.0 };
    #[expect(clippy::cast_possible_truncation, reason = "single precision is enough")]
    scales.into_iter().map(|scale| (scale * factor) as f32).collect()
}

/// One group's regression: its bias, and the weights of all places.
fn descend(group: usize, examples: &[&Example], scales: &[f32], plan: &Plan) -> (f32, Vec<f32>) {
    let mut weights = vec![0f32; scales.len()];
    let mut bias = 0f32;
    let mut dice = Dice(7);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    for pass in 0..plan.passes {
        for last in (1..order.len()).rev() {
            order.swap(last, dice.below(last + 1));
        }
        #[expect(clippy::cast_precision_loss, reason = "few passes")]
        let rate = plan.rate / (1 + pass) as f32;
        for example in order.iter().filter_map(|index| examples.get(*index)) {
            let Some(ids) = example.groups.get(group) else { continue };
            let share = share(ids.len());
            let sum: f32 = ids.iter().map(|id| at(&weights, *id) * at(scales, *id)).sum();
            #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
            let error = f32::from(u8::from(example.is_spam)) - logistic(f64::from(bias + share * sum)) as f32;
            if error.abs() < 1e-3 {
                continue;
            }
            let step = rate * error * share;
            for id in ids {
                if let Some(weight) = weights.get_mut(*id as usize) {
                    *weight += step * at(scales, *id);
                }
            }
            bias += rate * error * 0.1;
        }
    }
    for (weight, scale) in weights.iter_mut().zip(scales) {
        *weight *= scale;
    }
    (bias, weights)
}

fn at(list: &[f32], id: u32) -> f32 {
    list.get(id as usize).copied().unwrap_or_default()
}

/// The greatest weights of a group in 127 steps up and down.
fn quantise(group: usize, layout: &[Group], bias: f32, weights: &[f32], keep: usize, model: &mut Model) {
    let (start, shift) = super::bag::table(layout, group);
    let (start, length) = (start as usize, 1usize << (32 - shift));
    let table = weights.get(start..start + length).unwrap_or_default();
    let mut sizes: Vec<f32> = table.iter().map(|weight| weight.abs()).collect();
    sizes.sort_unstable_by(|a, b| b.total_cmp(a));
    let least = sizes.get(keep).copied().unwrap_or_default();
    // A few giants would make the steps coarse for all others: they are cut to what one in a thousand exceeds.
    let most = sizes.get(sizes.iter().filter(|size| **size > 0.0).count() / 1000).copied().unwrap_or_default();
    let step = if most > 0.0 { most / 127.0 } else { 1.0 };
    for (place, weight) in model.weights.iter_mut().skip(start).zip(table) {
        #[expect(clippy::cast_possible_truncation, reason = "clamped")]
        let steps = (weight / step).round().clamp(-127.0, 127.0) as i8;
        *place = if weight.abs() > least { steps } else { 0 };
    }
    if let Some(scale) = model.scales.get_mut(group) {
        *scale = GroupScale { step, bias };
    }
}

/// How well a model judges what it was not trained on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// The area under the curve: how often a spam scores higher than a ham.
    pub auc: f64,
    /// The share of ham that is lost where 97 of 100 spams are caught.
    pub ham_lost: f64,
    /// The share of spam that is caught where one of 1,000 hams is lost.
    pub recall: f64,
}

/// What cross-validation says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Across {
    /// How well.
    pub figures: Figures,
    /// From sums to odds.
    pub slope: f32,
    /// See `slope`.
    pub offset: f32,
    /// The probability from which at most one ham of 1,000 is called spam.
    pub spam_from: f32,
    /// The sum of each message that was judged by a model that did not know it, the highest first, and which it was.
    pub sums: Vec<(f32, usize)>,
}

/// Judges each message by a model that was trained without its fold; the fold comes from the name, so that order does not matter.
pub fn across(layout: &'static [Group], names: &[&str], examples: &[Example], plan: &Plan, folds: u32) -> Across {
    let fold_of = |name: &str| super::hash::done(super::hash::of(99, name.as_bytes())) % folds;
    let mut sums: Vec<(f32, usize)> = Vec::with_capacity(examples.len());
    for fold in 0..folds {
        let others = names.iter().zip(examples).filter(|(name, _)| fold_of(name) != fold);
        let model = train(layout, &others.map(|(_, example)| example).collect::<Vec<_>>(), plan);
        let own = names.iter().zip(examples).enumerate().filter(|(_, (name, _))| fold_of(name) == fold);
        for (index, (_, example)) in own {
            let groups = example.groups.iter().enumerate().map(|(group, ids)| (group, ids.as_slice()));
            sums.push((model.sum_of(groups), index));
        }
    }
    let is_spam = |index: usize| examples.get(index).is_some_and(|example| example.is_spam);
    // Of equal scores ham comes first: a tie is no success.
    sums.sort_by(|a, b| b.0.total_cmp(&a.0).then(is_spam(a.1).cmp(&is_spam(b.1))).then(a.1.cmp(&b.1)));
    let scores: Vec<(f32, bool)> = sums.iter().map(|(sum, index)| (*sum, is_spam(*index))).collect();
    let (slope, offset) = calibrate(&scores);
    let (figures, least) = figures(&scores);
    #[expect(clippy::cast_possible_truncation, reason = "a probability")]
    let spam_from = logistic(f64::from(slope * least + offset)) as f32;
    Across { figures, slope, offset, spam_from: spam_from.max(0.5), sums }
}

/// Figures of scores, the highest first; and the score at which at most one ham of 1,000 is lost.
pub fn figures(scores: &[(f32, bool)]) -> (Figures, f32) {
    #[expect(clippy::cast_precision_loss, reason = "few messages")]
    let count = |is_spam: bool| scores.iter().filter(|(_, spam)| *spam == is_spam).count() as f64;
    let (spam, ham) = (count(true).max(1.0), count(false).max(1.0));
    let mut figures = Figures { ham_lost: 1.0, ..Figures::default() };
    let (mut caught, mut lost, mut area) = (0.0, 0.0, 0.0);
    let mut least = scores.first().map_or(0.0, |(score, _)| *score);
    for (score, is_spam) in scores {
        if !is_spam {
            lost += 1.0;
            area += caught;
            continue;
        }
        caught += 1.0;
        if lost / ham <= 0.001 {
            figures.recall = caught / spam;
            least = *score;
        }
        if caught / spam >= 0.97 {
            figures.ham_lost = figures.ham_lost.min(lost / ham);
        }
    }
    figures.auc = area / (spam * ham);
    (figures, least)
}

/// From sums to odds (Platt): a logistic regression of one variable, by Newton's method with steps that never make it worse.
fn calibrate(scores: &[(f32, bool)]) -> (f32, f32) {
    let loss = |slope: f64, offset: f64| -> f64 {
        let one = |(score, is_spam): &(f32, bool)| {
            let odds = slope * f64::from(*score) + offset;
            let wrong = if *is_spam { -odds } else { odds };
            // ln(1 + e^x), where e^x would be too great: x.
            if wrong > 30.0 { wrong } else { ln(1.0 + super::curve::exp(wrong)) }
        };
        scores.iter().map(one).sum()
    };
    let (mut slope, mut offset) = (0.3f64, 0f64);
    let mut best = loss(slope, offset);
    for _ in 0..50 {
        let mut gradient = [0f64; 2];
        let mut curve = [1e-6f64, 0.0, 1e-6];
        for (score, is_spam) in scores {
            let score = f64::from(*score);
            let chance = logistic(slope * score + offset);
            let error = f64::from(u8::from(*is_spam)) - chance;
            let weight = chance * (1.0 - chance);
            gradient[0] += error * score;
            gradient[1] += error;
            curve[0] += weight * score * score;
            curve[1] += weight * score;
            curve[2] += weight;
        }
        let divisor = curve[0] * curve[2] - curve[1] * curve[1];
        if divisor <= 0.0 {
            break;
        }
        let by = [
            (curve[2] * gradient[0] - curve[1] * gradient[1]) / divisor,
            (curve[0] * gradient[1] - curve[1] * gradient[0]) / divisor,
        ];
        let tries = [1.0, 0.5, 0.25, 0.1, 0.01].map(|part| (slope + part * by[0], offset + part * by[1]));
        let better = tries.into_iter().find(|(slope, offset)| *slope > 0.0 && loss(*slope, *offset) < best - 1e-9);
        let Some(better) = better else { break };
        (slope, offset) = better;
        best = loss(slope, offset);
    }
    #[expect(clippy::cast_possible_truncation, reason = "single precision is enough")]
    let result = (slope as f32, offset as f32);
    result
}
