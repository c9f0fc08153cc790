//! Which columns of a table are shown and how wide, when the terminal is narrow.

/// What a column needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// Width of its widest cell or its name.
    pub(super) natural: usize,
    /// Width it may be shrunk to.
    pub(super) least: usize,
}

/// A column of the table as drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Which column of the result; `None` stands for the columns left out.
    pub(super) column: Option<usize>,
    /// Its width, without the frame.
    pub(super) width: usize,
}

/// Fits columns into `limit`: first the widest are shrunk, then columns are left out of the
/// middle, because the first ones name the row and the last ones hold the result. The first
/// column always stays, however narrow the terminal.
pub(super) fn fit(needs: &[Need], limit: Option<usize>) -> Vec<Slot> {
    let natural: Vec<usize> = needs.iter().map(|need| need.natural).collect();
    let all: Vec<usize> = (0..needs.len()).collect();
    let Some(limit) = limit else {
        return slots(&all, &natural, needs.len());
    };
    let all_fit = framed(needs.iter().map(|need| need.least)) <= limit;
    let (shown, gap) = if all_fit {
        (all, 0)
    } else {
        (outer(needs, limit), GAP)
    };
    let chosen: Vec<Need> = shown.iter().map(|&column| needs[column]).collect();
    let widths = shrink(&chosen, limit.saturating_sub(gap));
    slots(&shown, &widths, needs.len())
}

/// Width of a frame around cells of these widths.
fn framed(widths: impl Iterator<Item = usize>) -> usize {
    1 + widths.map(|width| width + 3).sum::<usize>()
}

/// Width of the column that stands for those left out.
const GAP: usize = 1 + 3;

/// The columns that fit next to the gap, taken in turns from both ends.
fn outer(needs: &[Need], limit: usize) -> Vec<usize> {
    let mut left = Vec::new();
    let mut right = Vec::new();
    let mut used = 1 + GAP;
    for turn in 0..needs.len() {
        let from_left = turn % 2 == 0;
        let column = if from_left {
            left.len()
        } else {
            needs.len() - 1 - right.len()
        };
        used += needs[column].least + 3;
        if used > limit && turn > 0 {
            break;
        }
        if from_left {
            left.push(column);
        } else {
            right.push(column);
        }
    }
    left.extend(right.iter().rev());
    left
}

/// Lowers the widest columns together until all fit or none can be lowered.
fn shrink(needs: &[Need], limit: usize) -> Vec<usize> {
    let mut widths: Vec<usize> = needs
        .iter()
        .map(|need| need.natural.min(limit).max(need.least))
        .collect();
    while framed(widths.iter().copied()) > limit {
        let lowerable = (0..widths.len()).filter(|&at| widths[at] > needs[at].least);
        let Some(widest) = lowerable.max_by_key(|&at| widths[at]) else {
            break;
        };
        widths[widest] -= 1;
    }
    widths
}

fn slots(shown: &[usize], widths: &[usize], columns: usize) -> Vec<Slot> {
    let mut slots = Vec::with_capacity(shown.len() + 1);
    let mut next = 0;
    for (&column, &width) in shown.iter().zip(widths) {
        if column != next {
            slots.push(Slot {
                column: None,
                width: 1,
            });
        }
        slots.push(Slot {
            column: Some(column),
            width,
        });
        next = column + 1;
    }
    if next < columns {
        slots.push(Slot {
            column: None,
            width: 1,
        });
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(needs: &[(usize, usize)], limit: Option<usize>) -> Vec<(Option<usize>, usize)> {
        let needs: Vec<Need> = needs
            .iter()
            .map(|&(natural, least)| Need { natural, least })
            .collect();
        fit(&needs, limit)
            .into_iter()
            .map(|slot| (slot.column, slot.width))
            .collect()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let expected = [(Some(0), 10), (Some(1), 5)];
        assert_eq!(drawn(&[(10, 8), (5, 5)], None), expected);
        assert_eq!(drawn(&[(10, 8), (5, 5)], Some(22)), expected);
    }

    #[test]
    fn the_widest_columns_shrink_first() {
        let expected = [(Some(0), 12), (Some(1), 5), (Some(2), 11)];
        assert_eq!(drawn(&[(40, 8), (5, 5), (20, 8)], Some(38)), expected);
    }

    #[test]
    fn middle_columns_go_when_shrinking_is_not_enough() {
        let needs = [(10, 10); 6];
        let expected = [(Some(0), 10), (Some(1), 10), (None, 1), (Some(5), 10)];
        assert_eq!(drawn(&needs, Some(50)), expected);
        assert_eq!(drawn(&needs, Some(5)), [(Some(0), 10), (None, 1)]);
    }
}
