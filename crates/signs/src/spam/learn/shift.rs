//! From lessons to a shift of the odds: a weight for each rare feature, by passes over the lessons in the order of their digests
//! until each lesson is judged as it was taught.

use super::{Form, Learnt};

/// How sure of a lesson is sure enough, in odds.
const MARGIN: f32 = 3.0;
/// The most by which what was learnt shifts the odds.
const MOST: f32 = 30.0;
/// What is less is chance: a few rare words in common make no kin.
const LEAST: f32 = 0.5;
/// Passes over the lessons.
const PASSES: usize = 30;

/// What was learnt, ready to judge by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shift {
    weights: Vec<f32>,
}

/// What one of so many features counts.
fn share(features: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let features = features as f32;
    1.0 / features.sqrt().max(3.0)
}

impl Shift {
    /// From all lessons of one form; `places` is how many features there may be.
    pub fn of(learnt: &Learnt, form: Form, places: usize) -> Self {
        let lessons: Vec<_> = learnt.of(form).collect();
        if lessons.is_empty() {
            return Self::default();
        }
        let mut shift = Self { weights: vec![0.0; places] };
        for _ in 0..PASSES {
            let mut is_changed = false;
            for lesson in &lessons {
                let sign = if lesson.is_spam { 1.0 } else { -1.0 };
                // However sure the trained weights are, a lesson can overcome them.
                let sure = sign * (lesson.odds.clamp(-MOST + MARGIN, MOST - MARGIN) + shift.raw(&lesson.features));
                if sure >= MARGIN - 0.01 {
                    continue;
                }
                is_changed = true;
                let share = share(lesson.features.len());
                #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
                let length = (share * share * lesson.features.len() as f32).max(0.1);
                let step = sign * (MARGIN - sure) / length * share;
                for id in &lesson.features {
                    if let Some(weight) = shift.weights.get_mut(*id as usize) {
                        *weight += step;
                    }
                }
            }
            if !is_changed {
                break;
            }
        }
        shift
    }

    /// Whether nothing was learnt.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    fn raw(&self, features: &[u32]) -> f32 {
        let sum: f32 = features.iter().filter_map(|id| self.weights.get(*id as usize)).sum();
        sum * share(features.len())
    }

    /// By how much the odds of a message with these rare features shift.
    pub fn by(&self, features: &[u32]) -> f32 {
        if self.weights.is_empty() {
            return 0.0;
        }
        let shift = self.raw(features);
        if shift.abs() < LEAST { 0.0 } else { shift.clamp(-MOST, MOST) }
    }
}
