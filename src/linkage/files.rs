//! Links two files without labels. Entry point: [`link`].
//!
//! Blocks give pairs, pairs become vectors, EM on their counts learns the weights, rare values weigh
//! more, the best pairs are taken first. The same files give the same links.

use super::assign::{Scored, greedy};
use super::blocks::{Pairs, pairs, unpack};
use super::config::Config;
use super::model::{Model, Vector, count, level, with_level};
use super::table::{Columns, MISSING, Table};

/// Pairs taken at random for u.
const RANDOM_PAIRS: usize = 250_000;

/// A block of more pairs than this is left out.
const BLOCK_CAP: u64 = 250_000;

/// What came out.
#[derive(Debug)]
pub struct Links {
    /// Row of the left file, row of the right file, probability; the left file's order.
    pub pairs: Vec<(usize, usize, f64)>,
    /// How many pairs were compared.
    pub compared: usize,
    /// Blocks left out, with their pairs.
    pub skipped: (u64, u64),
    /// The weights.
    pub model: Model,
}

/// Links `left` to `right`.
///
/// # Errors
/// The name of a column that a file lacks, and whether it is the right file.
pub fn link(
    config: &Config,
    left: &Table,
    right: &Table,
    threads: usize,
) -> Result<Links, (String, bool)> {
    let columns = Columns::of(config, [left, right])?;
    let levels: Vec<usize> = config
        .compare
        .iter()
        .map(|column| column.kind.levels() + usize::from(column.swapped_with.is_some()))
        .collect();
    let Pairs {
        found,
        skipped_blocks,
        skipped_pairs,
    } = pairs(config, &columns, BLOCK_CAP);
    let compare = Comparer::new(config, &columns);
    let vectors = compare.all(&found, threads);
    let random = compare.all(&random_pairs(columns.rows), threads);
    let u = Model::shares(&levels, &count(random), 1.0);
    let space = columns.rows[0] as f64 * columns.rows[1] as f64;
    let expected = columns.rows[0].min(columns.rows[1]) as f64 / 2.0;
    let model = Model::fit(
        &count(vectors.clone()),
        Model::hopeful(&levels),
        u,
        &[],
        expected,
        space.max(1.0),
    );
    let frequencies = compare.frequencies();
    let scored: Vec<Scored> = found
        .iter()
        .zip(&vectors)
        .filter_map(|(&pair, &vector)| {
            let (left, right) = unpack(pair);
            let bits = model.bits(vector) + compare.rarity(&model, &frequencies, vector, left);
            (model.probability(bits) >= config.threshold).then_some(Scored { left, right, bits })
        })
        .collect();
    let kept = if config.one_to_one {
        greedy(scored)
    } else {
        scored
    };
    let mut links: Vec<(usize, usize, f64)> = kept
        .iter()
        .map(|pair| {
            (
                pair.left as usize,
                pair.right as usize,
                model.probability(pair.bits),
            )
        })
        .collect();
    links.sort_by_key(|(left, right, _)| (*left, *right));
    Ok(Links {
        pairs: links,
        compared: found.len(),
        skipped: (skipped_blocks, skipped_pairs),
        model,
    })
}

/// Pairs of rows by a fixed sequence: the same for the same sizes. All pairs when there are few.
fn random_pairs(rows: [usize; 2]) -> Vec<u64> {
    let space = rows[0] as u64 * rows[1] as u64;
    if space == 0 {
        return Vec::new();
    }
    let at = |n: u64| super::blocks::pack((n / rows[1] as u64) as u32, (n % rows[1] as u64) as u32);
    if space <= RANDOM_PAIRS as u64 {
        return (0..space).map(at).collect();
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..RANDOM_PAIRS)
        .map(|_| {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            at((z ^ z >> 31) % space)
        })
        .collect()
}

struct Comparer<'a> {
    config: &'a Config,
    columns: &'a Columns,
    /// Per comparison: the column it may be swapped with.
    swapped: Vec<Option<usize>>,
}

impl<'a> Comparer<'a> {
    fn new(config: &'a Config, columns: &'a Columns) -> Self {
        let position = |name: &String| {
            config
                .compare
                .iter()
                .position(|column| &column.column == name)
        };
        let swapped = config
            .compare
            .iter()
            .map(|column| column.swapped_with.as_ref().and_then(position))
            .collect();
        Self {
            config,
            columns,
            swapped,
        }
    }

    fn all(&self, pairs: &[u64], threads: usize) -> Vec<Vector> {
        let part = pairs.len().div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let workers: Vec<_> = pairs
                .chunks(part)
                .map(|chunk| {
                    scope.spawn(|| {
                        chunk
                            .iter()
                            .map(|pair| self.vector(*pair))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            workers
                .into_iter()
                .flat_map(|worker| worker.join().unwrap_or_default())
                .collect()
        })
    }

    fn vector(&self, pair: u64) -> Vector {
        let (left, right) = unpack(pair);
        let mut vector = 0;
        for (at, (column, values)) in self
            .config
            .compare
            .iter()
            .zip(&self.columns.values)
            .enumerate()
        {
            let (a, b) = (
                values.rows[0][left as usize],
                values.rows[1][right as usize],
            );
            let level = if a == MISSING || b == MISSING {
                0
            } else if a == b {
                1
            } else {
                let last = column.kind.levels();
                let level = column
                    .kind
                    .level(&values.texts[a as usize], &values.texts[b as usize]);
                match self.swapped[at] {
                    // The level of a swap stands before "different", which moves down by one.
                    Some(other) if level == last && self.is_swapped(at, other, left, right) => last,
                    Some(_) if level == last => last + 1,
                    _ => level,
                }
            };
            vector = with_level(vector, at, level);
        }
        vector
    }

    fn is_swapped(&self, at: usize, other: usize, left: u32, right: u32) -> bool {
        let text = |column: usize, side: usize, row: u32| {
            let values = &self.columns.values[column];
            let value = values.rows[side][row as usize];
            values.texts.get(value as usize)
        };
        let same = |a: Option<&std::sync::Arc<str>>, b: Option<&std::sync::Arc<str>>| {
            a.is_some() && a == b
        };
        same(text(at, 0, left), text(other, 1, right))
            || same(text(other, 0, left), text(at, 1, right))
    }

    /// Per comparison and value: its share.
    fn frequencies(&self) -> Vec<Vec<f64>> {
        self.columns
            .values
            .iter()
            .map(|values| {
                let rows: f64 = values.counts.iter().map(|count| f64::from(*count)).sum();
                values
                    .counts
                    .iter()
                    .map(|count| f64::from(*count) / rows.max(1.0))
                    .collect()
            })
            .collect()
    }

    /// What equal values weigh more (or less) than equal values do on average: a rare name more.
    fn rarity(&self, model: &Model, frequencies: &[Vec<f64>], vector: Vector, left: u32) -> f64 {
        let mut bits = 0.0;
        for (at, values) in self.columns.values.iter().enumerate() {
            if level(vector, at) == 1 {
                let value = values.rows[0][left as usize] as usize;
                bits += (model.u[at][0] / frequencies[at][value].max(1e-9)).log2();
            }
        }
        bits
    }
}
