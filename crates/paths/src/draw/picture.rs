//! What is drawn, before it is drawn: boxes and arrows. Places with the same arrows share a box.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keelguard_model::text::printable;
use keelguard_model::{AttackPath, PathStep, Subject, SubjectKind};

/// The most boxes a picture holds; what comes after them is counted.
pub(super) const MOST_BOXES: usize = 60;
/// How many names a shared box lists.
const NAMES: usize = 3;

/// One place, or several that have the same arrows.
#[derive(Clone, Debug)]
pub(super) struct Box {
    pub(super) kind: SubjectKind,
    /// Escaped for the eye, not yet for a language.
    pub(super) names: Vec<String>,
    /// How many places it stands for.
    pub(super) count: usize,
    /// 0 is the side of the goals.
    pub(super) rank: usize,
}

impl Box {
    /// What is written into it, a line an entry.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.names.iter().take(NAMES).cloned().collect();
        if self.count > lines.len() {
            lines.push(format!("and {} more like these", self.count - lines.len()));
        }
        lines
    }

    /// What it is, in a word or two.
    pub(super) fn caption(&self) -> String {
        match (self.kind, self.count) {
            (SubjectKind::Host, _) => "host".to_owned(),
            (kind, 1) => kind.name().to_owned(),
            (kind, count) => format!("{count} {}s", kind.name()),
        }
    }
}

/// A step between two boxes.
#[derive(Clone, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) cost: u32,
    /// The rule; none where the step is by design.
    pub(super) rule: Option<String>,
    /// The step in words, with what it needs.
    pub(super) how: String,
}

impl Arrow {
    /// `KG-B003 · 1`.
    pub(super) fn label(&self) -> String {
        match &self.rule {
            None if self.cost == 0 => "by design".to_owned(),
            None => format!("by design · {}", self.cost),
            Some(rule) => format!("{} · {}", printable(rule), self.cost),
        }
    }
}

/// Boxes and arrows.
#[derive(Clone, Debug, Default)]
pub(super) struct Picture {
    pub(super) boxes: Vec<Box>,
    pub(super) arrows: Vec<Arrow>,
    /// Starting points that found no room.
    pub(super) left_out: usize,
}

type ArrowKey<'a> = (usize, usize, &'a str, u32);

impl Picture {
    /// The picture of `paths`, the first ones first where there is no room for all.
    pub(super) fn of(paths: &[AttackPath]) -> Self {
        let mut places: Vec<&Subject> = Vec::new();
        let mut number: HashMap<&Subject, usize> = HashMap::new();
        let mut steps: BTreeMap<ArrowKey<'_>, &PathStep> = BTreeMap::new();
        for step in paths.iter().flat_map(|path| &path.steps) {
            let mut place = |subject| {
                *number.entry(subject).or_insert_with(|| {
                    places.push(subject);
                    places.len() - 1
                })
            };
            let (from, to) = (place(&step.from), place(&step.to));
            let what = step.rule.as_deref().unwrap_or(&step.how);
            steps.entry((from, to, what, step.cost)).or_insert(step);
        }
        let ranks = ranks(paths, &number);
        let (shared, first) = fold(&places, &steps, &ranks);
        let admitted = admit(paths, &number, &shared);
        let mut picture = Self { left_out: admitted.left_out, ..Self::default() };
        let mut box_of: HashMap<usize, usize> = HashMap::new();
        for (node, subject) in places.iter().enumerate() {
            let Some(&group) = shared.get(node).filter(|group| admitted.groups.contains(group)) else { continue };
            let at = *box_of.entry(group).or_insert_with(|| {
                let rank = ranks.get(node).copied().unwrap_or_default();
                picture.boxes.push(Box { kind: subject.kind, names: Vec::new(), count: 0, rank });
                picture.boxes.len() - 1
            });
            if let Some(place) = picture.boxes.get_mut(at) {
                place.count += 1;
                if place.names.len() < NAMES {
                    place.names.push(name(subject));
                }
            }
        }
        for (&(from, to, _, cost), step) in
            steps.iter().filter(|((from, to, ..), _)| first.contains(from) && first.contains(to))
        {
            let group = |node: usize| shared.get(node).and_then(|group| box_of.get(group)).copied();
            let (Some(from), Some(to)) = (group(from), group(to)) else { continue };
            let needs =
                if step.needs.is_empty() { String::new() } else { format!("; needs {}", step.needs.join(", ")) };
            let how = printable(&format!("{}{needs}", step.how)).into_owned();
            picture.arrows.push(Arrow { from, to, cost, rule: step.rule.clone(), how });
        }
        picture
    }
}

fn name(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Host => "root on the host".to_owned(),
        _ if subject.name.trim().is_empty() => "(no name)".to_owned(),
        _ => printable(&subject.name).into_owned(),
    }
}

/// How many steps each place is away from the goals; where all paths leave from one start, from the farthest goal.
fn ranks(paths: &[AttackPath], number: &HashMap<&Subject, usize>) -> Vec<usize> {
    let mut ranks = vec![0; number.len()];
    let mut raise = |subject: &Subject, to: usize| {
        if let Some(rank) = number.get(subject).and_then(|&at| ranks.get_mut(at)) {
            *rank = to.max(*rank);
        }
    };
    let fan = paths.windows(2).all(|two| matches!(two, [a, b] if a.from == b.from)) && paths.len() > 1;
    for path in paths {
        let length = path.steps.len();
        for (at, step) in path.steps.iter().enumerate() {
            if fan {
                raise(&step.to, at + 1);
            } else {
                raise(&step.from, length - at);
            }
        }
    }
    if fan {
        let most = ranks.iter().copied().max().unwrap_or_default();
        for rank in &mut ranks {
            *rank = most - *rank;
        }
    }
    ranks
}

/// For each place the first place that has the same arrows, and those firsts. Only containers share.
fn fold(
    places: &[&Subject],
    steps: &BTreeMap<ArrowKey<'_>, &PathStep>,
    ranks: &[usize],
) -> (Vec<usize>, BTreeSet<usize>) {
    let mut arrows: Vec<Vec<(bool, usize, &str, u32)>> = vec![Vec::new(); places.len()];
    for &(from, to, what, cost) in steps.keys() {
        if let Some(row) = arrows.get_mut(from) {
            row.push((true, to, what, cost));
        }
        if let Some(row) = arrows.get_mut(to) {
            row.push((false, from, what, cost));
        }
    }
    let mut known = HashMap::new();
    let mut shared = Vec::with_capacity(places.len());
    for ((node, place), row) in places.iter().enumerate().zip(&mut arrows) {
        row.sort_unstable();
        let first = if place.kind == SubjectKind::Container {
            *known.entry((&*row, ranks.get(node))).or_insert(node)
        } else {
            node
        };
        shared.push(first);
    }
    let firsts = shared.iter().copied().collect();
    (shared, firsts)
}

struct Admitted {
    groups: BTreeSet<usize>,
    left_out: usize,
}

/// Which boxes find room, path by path.
fn admit(paths: &[AttackPath], number: &HashMap<&Subject, usize>, shared: &[usize]) -> Admitted {
    let mut groups = BTreeSet::new();
    let mut left_out = BTreeSet::new();
    for path in paths {
        let ends = path.steps.iter().flat_map(|step| [&step.from, &step.to]);
        let of_path: BTreeSet<usize> = ends.filter_map(|place| shared.get(*number.get(place)?).copied()).collect();
        let new = of_path.difference(&groups).count();
        if new > 0 && groups.len() + new > MOST_BOXES {
            left_out.insert(&path.from);
        } else {
            groups.extend(of_path);
        }
    }
    Admitted { groups, left_out: left_out.len() }
}
