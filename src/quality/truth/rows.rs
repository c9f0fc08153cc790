//! Rows: too many that agree in everything, values repeated or counted up from row to row.

use std::collections::HashMap;
use std::hash::Hash;

use super::Verdict;
use super::chance::poisson_upper;

/// Fewer rows than this tell nothing.
const ROWS: usize = 30;

/// Are there more rows that agree in every field than chance gives? One list of values per row, in the
/// same order of fields; fields should not depend on each other much.
///
/// When fields are independent, two rows agree in all of them with the product of the probabilities
/// that they agree in each; pairs are counted against the Poisson distribution with that mean.
#[must_use]
pub fn ghost_rows<T: Hash + Eq>(rows: &[Vec<T>]) -> Option<Verdict> {
    let width = rows.first().map_or(0, Vec::len);
    if rows.len() < ROWS || width == 0 {
        return None;
    }
    let pairs_of = |counts: &mut dyn Iterator<Item = u64>| -> f64 {
        counts.map(|n| (n * (n - 1) / 2) as f64).sum()
    };
    let all = rows.len() as u64;
    let pairs = (all * (all - 1) / 2) as f64;
    let agree: f64 = (0..width)
        .map(|field| {
            let mut counts: HashMap<&T, u64> = HashMap::new();
            for row in rows {
                *counts.entry(&row[field]).or_default() += 1;
            }
            // One pair more than seen: what is rare must not pass for impossible.
            (pairs_of(&mut counts.into_values()) + 1.0) / pairs
        })
        .product();
    let mut counts: HashMap<&[T], u64> = HashMap::new();
    for row in rows {
        *counts.entry(row).or_default() += 1;
    }
    let alike: u64 = counts.values().filter(|n| **n > 1).sum();
    // Rows that agree with an earlier one: three alike are two, not three pairs.
    let again: u64 = counts.values().map(|n| n - 1).sum();
    let expected = agree * pairs;
    Some(Verdict {
        p: poisson_upper(again, expected),
        seen: vec![
            ("rows_alike", alike.to_string()),
            ("rows", all.to_string()),
            ("expected", format!("{expected:.2}")),
        ],
    })
}

/// Does a column repeat the value of the row above more often than chance gives? Values in the order of
/// the file, which must have nothing to do with them.
///
/// In a random order the probability that given neighbours all hold a value is exact; it is summed over
/// values and places.
#[must_use]
pub fn copied_down<T: Hash + Eq>(values: &[T]) -> Option<Verdict> {
    if values.len() < ROWS {
        return None;
    }
    let mut counts: HashMap<&T, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let (mut longest, mut start, mut run) = (1, 0, 1);
    for at in 1..values.len() {
        run = if values[at] == values[at - 1] {
            run + 1
        } else {
            1
        };
        if run > longest {
            (longest, start) = (run, at + 1 - run);
        }
    }
    let n = values.len();
    let one: f64 = counts
        .values()
        .map(|count| {
            (0..longest)
                .map(|i| count.saturating_sub(i) as f64 / (n - i) as f64)
                .product::<f64>()
        })
        .sum();
    Some(Verdict {
        p: (one * (n + 1 - longest) as f64).min(1.0),
        seen: vec![
            ("repeated_rows", longest.to_string()),
            ("from_row", (start + 1).to_string()),
            ("rows", n.to_string()),
        ],
    })
}

/// Do values of neighbouring rows rise or fall by one more often than chance gives? As [`copied_down`].
#[must_use]
pub fn consecutive_numbers(values: &[i64]) -> Option<Verdict> {
    if values.len() < ROWS {
        return None;
    }
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for value in values {
        *counts.entry(*value).or_default() += 1;
    }
    let (mut longest, mut start) = (1, 0);
    for step in [1, -1] {
        let mut run = 1;
        for at in 1..values.len() {
            let rises = values[at].checked_sub(values[at - 1]) == Some(step);
            run = if rises { run + 1 } else { 1 };
            if run > longest {
                (longest, start) = (run, at + 1 - run);
            }
        }
    }
    let n = values.len();
    let count = |value: Option<i64>| value.and_then(|v| counts.get(&v)).copied().unwrap_or(0);
    // Upwards from each value; downwards are the same sets of values.
    let one: f64 = counts
        .keys()
        .map(|value| {
            (0..longest)
                .map(|i| count(value.checked_add(i as i64)) as f64 / (n - i) as f64)
                .product::<f64>()
        })
        .sum();
    Some(Verdict {
        p: (2.0 * one * (n + 1 - longest) as f64).min(1.0),
        seen: vec![
            ("consecutive_rows", longest.to_string()),
            ("from_row", (start + 1).to_string()),
            ("rows", n.to_string()),
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern: multiples of a primitive root modulo a prime.
    fn scattered(n: usize) -> Vec<i64> {
        (0..n as i64).map(|i| i * i * 7919 % 997).collect()
    }

    #[test]
    fn rows_entered_twice_are_asked_about() {
        let clean: Vec<Vec<i64>> = scattered(300)
            .chunks_exact(3)
            .map(<[i64]>::to_vec)
            .collect();
        assert!(ghost_rows(&clean).unwrap().p > 0.05);
        let mut ghosts = clean;
        let copies: Vec<Vec<i64>> = ghosts[..6].to_vec();
        ghosts.extend(copies);
        let verdict = ghost_rows(&ghosts).unwrap();
        assert!(verdict.p < 1e-6, "{verdict:?}");
    }

    #[test]
    fn a_column_filled_down_is_asked_about() {
        let mut values = scattered(200);
        assert!(copied_down(&values).unwrap().p > 0.05);
        values[50..56].fill(3300);
        let verdict = copied_down(&values).unwrap();
        assert!(verdict.p < 1e-6, "{verdict:?}");
        assert_eq!(verdict.seen[0], ("repeated_rows", "6".to_owned()));
        assert_eq!(verdict.seen[1], ("from_row", "51".to_owned()));
    }

    #[test]
    fn numbers_counted_up_are_asked_about_and_few_kinds_of_values_are_not() {
        let mut values = scattered(200);
        assert!(consecutive_numbers(&values).unwrap().p > 0.05);
        for (i, value) in values[90..96].iter_mut().enumerate() {
            *value = 3200 - i as i64;
        }
        let verdict = consecutive_numbers(&values).unwrap();
        assert!(verdict.p < 1e-6, "{verdict:?}");
        // Weeks of gestation: neighbours differ by one all the time.
        let weeks: Vec<i64> = scattered(200).iter().map(|v| 38 + v % 3).collect();
        assert!(consecutive_numbers(&weeks).unwrap().p > 0.05);
    }
}
