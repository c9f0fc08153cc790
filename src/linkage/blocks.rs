//! Which rows are worth comparing: those that agree in every column of a blocking rule.
//! Entry point: [`pairs`].

use std::collections::HashMap;

use super::config::Config;
use super::table::{Columns, MISSING};

/// Pairs that blocking found, and what it left out.
#[derive(Debug, Default)]
pub struct Pairs {
    /// Left row in the high, right row in the low 32 bits; ascending, each once.
    pub found: Vec<u64>,
    /// Blocks left out because of their size, with their pairs.
    pub skipped_blocks: u64,
    /// Pairs in them.
    pub skipped_pairs: u64,
}

/// A pair as one number.
#[must_use]
pub fn pack(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

/// The rows of a packed pair.
#[must_use]
pub fn unpack(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

/// Every pair of rows in a common block. A block of more than `cap` pairs says too little about
/// its rows to be worth the time.
#[must_use]
pub fn pairs(config: &Config, columns: &Columns, cap: u64) -> Pairs {
    let mut pairs = Pairs::default();
    for rule in &config.block {
        let at: Vec<usize> = rule
            .iter()
            .filter_map(|name| {
                config
                    .compare
                    .iter()
                    .position(|column| &column.column == name)
            })
            .collect();
        let keys = [0, 1].map(|side| keys(columns, &at, side));
        let mut start = 0;
        let (left, right) = (&keys[0], &keys[1]);
        let mut from = 0;
        while start < left.len() {
            let key = left[start].0;
            let end = start + left[start..].partition_point(|(k, _)| *k == key);
            from += right[from..].partition_point(|(k, _)| *k < key);
            let to = from + right[from..].partition_point(|(k, _)| *k == key);
            let size = (end - start) as u64 * (to - from) as u64;
            if size > cap {
                pairs.skipped_blocks += 1;
                pairs.skipped_pairs += size;
            } else {
                for (_, l) in &left[start..end] {
                    pairs
                        .found
                        .extend(right[from..to].iter().map(|(_, r)| pack(*l, *r)));
                }
            }
            start = end;
        }
    }
    pairs.found.sort_unstable();
    pairs.found.dedup();
    pairs
}

/// Key and row of the rows that have all columns, in ascending order.
fn keys(columns: &Columns, at: &[usize], side: usize) -> Vec<(u64, u32)> {
    // Two numbers fit a key; more are folded pairwise into one number by their order of appearance,
    // which is the same on both sides because the left side is always folded first.
    let mut keys: Vec<(u64, u32)> = Vec::new();
    let fold = folded(columns, at);
    for row in 0..columns.rows[side] {
        if let Some(key) = fold(side, row) {
            keys.push((key, row as u32));
        }
    }
    keys.sort_unstable();
    keys
}

fn folded<'a>(columns: &'a Columns, at: &'a [usize]) -> impl Fn(usize, usize) -> Option<u64> + 'a {
    let mut known: HashMap<Vec<u32>, u64> = HashMap::new();
    let value = |at: usize, side: usize, row: usize| columns.values[at].rows[side][row];
    if at.len() > 2 {
        for side in 0..2 {
            for row in 0..columns.rows[side] {
                let key: Vec<u32> = at.iter().map(|at| value(*at, side, row)).collect();
                let next = known.len() as u64;
                known.entry(key).or_insert(next);
            }
        }
    }
    move |side, row| {
        let numbers: Vec<u32> = at.iter().map(|at| value(*at, side, row)).collect();
        if numbers.contains(&MISSING) {
            return None;
        }
        match numbers[..] {
            [] => None,
            [one] => Some(u64::from(one)),
            [one, two] => Some(pack(one, two)),
            _ => known.get(&numbers).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linkage::table::Table;

    #[test]
    fn rows_that_agree_in_a_rule_meet_once() {
        let table = |rows: &[[&str; 3]]| Table {
            header: ["id", "a", "b"].map(str::to_owned).to_vec(),
            rows: rows
                .iter()
                .map(|row| row.map(str::to_owned).to_vec())
                .collect(),
        };
        let yaml = "left_id: id\nright_id: id\ncompare: [{column: a, as: text}, {column: b, as: text}]\nblock: [[a], [a, b], [b]]\n";
        let config = Config::read(yaml).unwrap();
        let left = table(&[["1", "x", "p"], ["2", "", "q"]]);
        let right = table(&[["1", "x", "p"], ["2", "y", "q"], ["3", "x", ""]]);
        let columns = Columns::of(&config, [&left, &right]).unwrap();
        assert_eq!(
            pairs(&config, &columns, 100).found,
            [pack(0, 0), pack(0, 2), pack(1, 1)]
        );
        assert_eq!(pairs(&config, &columns, 1).skipped_pairs, 2);
    }
}
