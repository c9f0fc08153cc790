//! One record, one partner: the best pairs first, each record taken once.
//! Entry point: [`greedy`].

/// A scored pair of row numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// Row on the left.
    pub left: u32,
    /// Row on the right.
    pub right: u32,
    /// Weight in bits.
    pub bits: f64,
}

/// The pairs that stay when the best are taken first and nobody is taken twice. Equal weights go by
/// row number, so that the same pairs in any order give the same answer.
#[must_use]
pub fn greedy(mut pairs: Vec<Scored>) -> Vec<Scored> {
    pairs.sort_unstable_by(|a, b| {
        b.bits
            .total_cmp(&a.bits)
            .then((a.left, a.right).cmp(&(b.left, b.right)))
    });
    let size = |rows: &mut dyn Iterator<Item = u32>| rows.max().map_or(0, |row| row as usize + 1);
    let mut left = vec![false; size(&mut pairs.iter().map(|pair| pair.left))];
    let mut right = vec![false; size(&mut pairs.iter().map(|pair| pair.right))];
    pairs.retain(|pair| {
        let (l, r) = (
            &mut left[pair.left as usize],
            &mut right[pair.right as usize],
        );
        let free = !*l && !*r;
        if free {
            (*l, *r) = (true, true);
        }
        free
    });
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_pair_wins_and_nobody_is_taken_twice() {
        let pair = |left, right, bits| Scored { left, right, bits };
        let kept = greedy(vec![
            pair(0, 0, 1.0),
            pair(0, 1, 5.0),
            pair(1, 1, 4.0),
            pair(1, 0, 0.5),
        ]);
        assert_eq!(kept, [pair(0, 1, 5.0), pair(1, 0, 0.5)]);
    }
}
