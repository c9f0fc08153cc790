//! What somebody can work out who knows some linear combinations: exact elimination modulo a large
//! prime, one step per published cell.

use std::collections::{BTreeMap, BTreeSet};

/// A sparse vector over cells: number of the cell and its coefficient.
pub(super) type Sparse = BTreeMap<usize, u64>;

/// 2^61 − 1. The coefficients are small whole numbers, so that two vectors which look dependent
/// modulo it but are not would be a coincidence of one in 10^18.
const PRIME: u64 = (1 << 61) - 1;

fn multiply(a: u64, b: u64) -> u64 {
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn negative(a: u64) -> u64 {
    (PRIME - a) % PRIME
}

fn inverse(a: u64) -> u64 {
    let (mut base, mut exponent, mut result) = (a, PRIME - 2, 1);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

/// A coefficient as a residue.
pub(super) fn residue(value: i64) -> u64 {
    let magnitude = value.unsigned_abs() % PRIME;
    if value < 0 {
        negative(magnitude)
    } else {
        magnitude
    }
}

fn add_scaled(to: &mut Sparse, from: &Sparse, factor: u64) {
    for (&column, &value) in from {
        let sum = (to.get(&column).copied().unwrap_or(0) + multiply(value, factor)) % PRIME;
        if sum == 0 {
            to.remove(&column);
        } else {
            to.insert(column, sum);
        }
    }
}

/// The linear combinations of cells whose value is known.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// A cell in terms of cells that are still free: pivot -> the rest, always fully reduced.
    rest: BTreeMap<usize, Sparse>,
    /// Which pivots mention a free cell.
    users: BTreeMap<usize, BTreeSet<usize>>,
}

impl Known {
    /// What remains of a combination once everything known is taken out; empty when it is known.
    pub(super) fn reduce(&self, vector: &Sparse) -> Sparse {
        let mut left = Sparse::new();
        for (&column, &value) in vector {
            match self.rest.get(&column) {
                Some(rest) => add_scaled(&mut left, rest, value),
                None => add_scaled(&mut left, &Sparse::from([(column, 1)]), value),
            }
        }
        left
    }

    /// Makes a combination known.
    pub(super) fn learn(&mut self, vector: &Sparse) {
        let mut left = self.reduce(vector);
        // The cell that the fewest others are told in terms of keeps the rows short.
        let pivot = left
            .keys()
            .copied()
            .min_by_key(|column| self.users.get(column).map_or(0, BTreeSet::len));
        let Some(pivot) = pivot else { return };
        let Some(value) = left.remove(&pivot) else {
            return;
        };
        let factor = negative(inverse(value));
        for value in left.values_mut() {
            *value = multiply(*value, factor);
        }
        for user in self.users.remove(&pivot).unwrap_or_default() {
            let Some(row) = self.rest.get_mut(&user) else {
                continue;
            };
            let Some(value) = row.remove(&pivot) else {
                continue;
            };
            add_scaled(row, &left, value);
            for &column in left.keys() {
                let users = self.users.entry(column).or_default();
                if row.contains_key(&column) {
                    users.insert(user);
                } else {
                    users.remove(&user);
                }
            }
        }
        for &column in left.keys() {
            self.users.entry(column).or_default().insert(pivot);
        }
        self.rest.insert(pivot, left);
    }
}

/// A direction: the vector scaled so that its first coefficient is one. Learning a combination
/// gives away exactly the combinations of the same direction.
pub(super) fn direction(mut vector: Sparse) -> Sparse {
    if let Some(&first) = vector.values().next() {
        let factor = inverse(first);
        for value in vector.values_mut() {
            *value = multiply(*value, factor);
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(cells: &[(usize, i64)]) -> Sparse {
        cells
            .iter()
            .map(|&(cell, value)| (cell, residue(value)))
            .collect()
    }

    #[test]
    fn a_part_is_known_once_total_and_other_parts_are() {
        let mut known = Known::default();
        known.learn(&sum(&[(0, 1), (1, -1), (2, -1), (3, -1)]));
        known.learn(&sum(&[(0, 1)]));
        known.learn(&sum(&[(1, 1)]));
        assert!(!known.reduce(&sum(&[(3, 1)])).is_empty());
        assert!(known.reduce(&sum(&[(2, 1), (3, 1)])).is_empty());
        known.learn(&sum(&[(2, 1)]));
        assert!(known.reduce(&sum(&[(3, 1)])).is_empty());
    }

    #[test]
    fn combinations_of_one_direction_give_each_other_away() {
        let mut known = Known::default();
        known.learn(&sum(&[(0, 1), (1, -2)]));
        let first = direction(known.reduce(&sum(&[(0, 1)])));
        assert_eq!(first, direction(known.reduce(&sum(&[(1, 1)]))));
        assert_ne!(first, direction(known.reduce(&sum(&[(2, 1)]))));
    }
}
