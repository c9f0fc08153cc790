//! Fellegi–Sunter: how much each observed agreement speaks for a match, learnt without labels.
//! Entry points: [`Model::fit`] (EM on the table of vector counts) and [`Model::bits`].
//!
//! A pair is reduced to a vector of levels, one per comparison: 0 says that one side is missing
//! and speaks for nothing, 1 is the best agreement, the last level is disagreement. There are far
//! fewer different vectors than pairs, so that EM costs milliseconds whatever the files' size.

/// Levels of up to sixteen comparisons, four bits each.
pub type Vector = u64;

/// The level of comparison `at`.
#[must_use]
pub fn level(vector: Vector, at: usize) -> usize {
    (vector >> (4 * at) & 15) as usize
}

/// `vector` with comparison `at` at `level`, which must be below 16 and not set before.
#[must_use]
pub fn with_level(vector: Vector, at: usize, level: usize) -> Vector {
    vector | (level as u64 & 15) << (4 * at)
}

/// Vectors with the number of pairs that have them, in ascending order.
#[must_use]
pub fn count(mut vectors: Vec<Vector>) -> Vec<(Vector, f64)> {
    vectors.sort_unstable();
    let mut counts: Vec<(Vector, f64)> = Vec::new();
    for vector in vectors {
        match counts.last_mut() {
            Some((last, n)) if *last == vector => *n += 1.0,
            _ => counts.push((vector, 1.0)),
        }
    }
    counts
}

/// What the levels of each comparison weigh.
#[derive(Debug, Clone)]
pub struct Model {
    /// Per comparison and level (level 1 first): share among matches.
    pub m: Vec<Vec<f64>>,
    /// The same among pairs taken at random.
    pub u: Vec<Vec<f64>>,
    /// Share of matches among all pairs of the two files.
    pub prior: f64,
}

impl Model {
    /// Learns shares of levels from counted pairs, each with the share of it that is of the class.
    /// `weak` is how many pairs' worth the even start counts, so that no share is zero.
    #[must_use]
    pub fn shares(levels: &[usize], counts: &[(Vector, f64)], weak: f64) -> Vec<Vec<f64>> {
        let mut shares: Vec<Vec<f64>> = levels
            .iter()
            .map(|&n| vec![weak / n.max(1) as f64; n])
            .collect();
        for &(vector, pairs) in counts {
            for (at, share) in shares.iter_mut().enumerate() {
                if let Some(slot) = level(vector, at).checked_sub(1)
                    && let Some(share) = share.get_mut(slot)
                {
                    *share += pairs;
                }
            }
        }
        for share in &mut shares {
            let total: f64 = share.iter().sum();
            share.iter_mut().for_each(|s| *s /= total);
        }
        shares
    }

    /// EM on `counts` of the pairs that blocking found, out of `space` pairs of the two files; pairs
    /// that no block found count as no matches. `u` stays as given (random pairs say it better than
    /// a mixture); so does the m of the comparisons in `fixed`.
    #[must_use]
    pub fn fit(
        counts: &[(Vector, f64)],
        start: Vec<Vec<f64>>,
        u: Vec<Vec<f64>>,
        fixed: &[usize],
        expected: f64,
        space: f64,
    ) -> Self {
        let levels: Vec<usize> = u.iter().map(Vec::len).collect();
        let mut model = Self {
            m: start,
            u,
            prior: (expected / space).clamp(1e-12, 0.5),
        };
        for _ in 0..200 {
            let matches: Vec<(Vector, f64)> = counts
                .iter()
                .map(|&(vector, pairs)| (vector, pairs * model.probability(model.bits(vector))))
                .collect();
            let found: f64 = matches.iter().map(|(_, pairs)| pairs).sum();
            let mut m = Self::shares(&levels, &matches, 0.5);
            for &at in fixed {
                m[at].clone_from(&model.m[at]);
            }
            let prior = (found / space).clamp(1e-12, 0.5);
            let moved = m
                .iter()
                .flatten()
                .zip(model.m.iter().flatten())
                .map(|(new, old)| (new - old).abs())
                .fold(0.0, f64::max);
            model.m = m;
            model.prior = prior;
            if moved < 1e-7 {
                break;
            }
        }
        model
    }

    /// A first guess of m: nine in ten agree fully, the rest falls off.
    #[must_use]
    pub fn hopeful(levels: &[usize]) -> Vec<Vec<f64>> {
        levels
            .iter()
            .map(|&n| {
                let rest: f64 = (1..n).map(|at| 0.5_f64.powi(at as i32)).sum();
                (0..n)
                    .map(|at| match at {
                        0 if n > 1 => 0.9,
                        0 => 1.0,
                        _ => 0.1 * 0.5_f64.powi(at as i32) / rest,
                    })
                    .collect()
            })
            .collect()
    }

    /// The weight of one level, in bits: log2(m / u); 0 for a missing side.
    #[must_use]
    pub fn weight(&self, at: usize, level: usize) -> f64 {
        let Some(slot) = level.checked_sub(1) else {
            return 0.0;
        };
        match (self.m[at].get(slot), self.u[at].get(slot)) {
            (Some(m), Some(u)) => (m / u).log2(),
            _ => 0.0,
        }
    }

    /// The weight of a vector, prior included, in bits.
    #[must_use]
    pub fn bits(&self, vector: Vector) -> f64 {
        let prior = (self.prior / (1.0 - self.prior)).log2();
        (0..self.m.len())
            .map(|at| self.weight(at, level(vector, at)))
            .sum::<f64>()
            + prior
    }

    /// The probability of a match at a weight in bits.
    #[must_use]
    pub fn probability(&self, bits: f64) -> f64 {
        1.0 / (1.0 + (-bits).exp2())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two comparisons with known shares: EM finds them from counts alone.
    #[test]
    fn em_finds_the_shares_that_made_the_counts() {
        let (m, u): ([f64; 3], [f64; 3]) = ([0.9, 0.8, 0.95], [0.1, 0.05, 0.2]);
        let (matches, others) = (1_000.0, 99_000.0);
        let mut counts = Vec::new();
        for code in 0..8_usize {
            let agrees = |at: usize| code >> at & 1 == 0;
            let share = |p: &[f64; 3]| -> f64 {
                (0..3)
                    .map(|at| if agrees(at) { p[at] } else { 1.0 - p[at] })
                    .product()
            };
            let vector = (0..3).fold(0, |v, at| with_level(v, at, 2 - usize::from(agrees(at))));
            counts.push((vector, matches * share(&m) + others * share(&u)));
        }
        let given: Vec<Vec<f64>> = u.iter().map(|u| vec![*u, 1.0 - u]).collect();
        let start = Model::hopeful(&[2, 2, 2]);
        let model = Model::fit(&counts, start, given, &[], 500.0, matches + others);
        for at in 0..3 {
            assert!((model.m[at][0] - m[at]).abs() < 0.01, "{:?}", model.m);
        }
        assert!((model.prior - 0.01).abs() < 0.0005, "{}", model.prior);
    }

    #[test]
    fn a_missing_side_weighs_nothing() {
        let model = Model {
            m: vec![vec![0.9, 0.1]],
            u: vec![vec![0.1, 0.9]],
            prior: 0.5,
        };
        assert!(model.bits(0).abs() < 1e-9);
        assert!((model.bits(1) - 9.0_f64.log2()).abs() < 1e-9);
        assert!((model.probability(model.bits(1)) - 0.9).abs() < 1e-9);
    }

    #[test]
    fn counting_keeps_every_pair() {
        assert_eq!(count(vec![3, 1, 3]), [(1, 1.0), (3, 2.0)]);
    }
}
