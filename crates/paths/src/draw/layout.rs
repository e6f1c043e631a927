//! Where the boxes stand: one column for each number of steps to the goal, goals on the right, each box near the middle
//! of what it leads to.

use keelguard_model::SubjectKind;

use super::picture::Picture;

pub(super) const BOX_WIDTH: usize = 208;
pub(super) const COLUMN_GAP: usize = 172;
const ROW_GAP: usize = 22;
pub(super) const MARGIN: usize = 24;
pub(super) const LINE: usize = 17;

/// A box's upper left corner and height.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Spot {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) height: usize,
}

/// Where each box stands, and the size of it all.
pub(super) struct Layout {
    pub(super) spots: Vec<Spot>,
    pub(super) width: usize,
    pub(super) height: usize,
}

pub(super) fn of(picture: &Picture) -> Layout {
    let most = picture.boxes.iter().map(|place| place.rank).max().unwrap_or_default();
    let rank = |at: usize| {
        picture.boxes.get(at).map_or(0, |place| if place.kind == SubjectKind::Internet { most } else { place.rank })
    };
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); most + 1];
    for at in 0..picture.boxes.len() {
        if let Some(column) = columns.get_mut(rank(at)) {
            column.push(at);
        }
    }
    let mut spots: Vec<Spot> = picture
        .boxes
        .iter()
        .enumerate()
        .map(|(at, place)| Spot {
            x: MARGIN + (most - rank(at)) * (BOX_WIDTH + COLUMN_GAP),
            y: 0,
            height: 36 + place.lines().len() * LINE,
        })
        .collect();
    let height_of = |column: &[usize], spots: &[Spot]| {
        column.iter().filter_map(|&at| spots.get(at)).map(|spot| spot.height + ROW_GAP).sum::<usize>()
    };
    let tallest = columns.iter().map(|column| height_of(column, &spots)).max().unwrap_or_default().max(120);
    for column in &mut columns {
        // Towards the goals everything stands already: each box wants to stand beside the middle of where it leads.
        let wish = |at: usize| {
            let ends: Vec<usize> = picture
                .arrows
                .iter()
                .filter(|arrow| arrow.from == at && rank(arrow.to) < rank(at))
                .filter_map(|arrow| spots.get(arrow.to))
                .map(|spot| spot.y + spot.height / 2)
                .collect();
            if ends.is_empty() { tallest / 2 } else { ends.iter().sum::<usize>() / ends.len() }
        };
        let mut wishes: Vec<(usize, usize)> = column.iter().map(|&at| (wish(at), at)).collect();
        wishes.sort_unstable();
        let mut y = MARGIN + (tallest - height_of(column, &spots).min(tallest)) / 2;
        for (_, at) in wishes {
            if let Some(spot) = spots.get_mut(at) {
                spot.y = y;
                y += spot.height + ROW_GAP;
            }
        }
    }
    let width = 2 * MARGIN + (most + 1) * BOX_WIDTH + most * COLUMN_GAP;
    Layout { spots, width, height: 2 * MARGIN + tallest }
}
