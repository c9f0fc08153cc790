//! Compares what linking found with the truth.

use std::collections::{HashMap, HashSet};

use renkou::linkage::births::Register;

use super::world::World;

/// Right and wrong pairs of rows of two registers, and births put together wrongly.
#[derive(Debug, Default, Clone, Copy)]
pub struct Verdict {
    pub right: usize,
    pub wrong: usize,
    /// All true pairs, and those of first rows only, with those found.
    pub truth: usize,
    pub first_truth: usize,
    pub first_right: usize,
    /// Births that hold two children of one delivery.
    pub twins_merged: usize,
    /// Births that hold two children.
    pub merged: usize,
}

impl Verdict {
    pub fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.truth.max(1) as f64
    }
    pub fn first_recall(&self) -> f64 {
        self.first_right as f64 / self.first_truth.max(1) as f64
    }
}

/// Judges births, given as row numbers, on the pairs between two registers.
pub fn judge(world: &World, births: &[Vec<u32>], one: Register, other: Register) -> Verdict {
    let mut verdict = Verdict::default();
    let row = |at: &u32| &world.rows[*at as usize];
    for rows in births {
        for a in rows.iter().map(row).filter(|row| row.register == one) {
            for b in rows.iter().map(row).filter(|row| row.register == other) {
                if a.child == b.child {
                    verdict.right += 1;
                    verdict.first_right += usize::from(a.is_first && b.is_first);
                } else {
                    verdict.wrong += 1;
                }
            }
        }
        let children: HashSet<usize> = rows.iter().map(|at| row(at).child).collect();
        let deliveries: HashSet<usize> = rows.iter().map(|at| row(at).delivery).collect();
        verdict.merged += usize::from(children.len() > 1);
        verdict.twins_merged += usize::from(deliveries.len() < children.len());
    }
    let mut counts: HashMap<usize, [usize; 2]> = HashMap::new();
    let mut firsts: HashMap<usize, [usize; 2]> = HashMap::new();
    for row in &world.rows {
        for (side, register) in [one, other].into_iter().enumerate() {
            if row.register == register {
                counts.entry(row.child).or_default()[side] += 1;
                firsts.entry(row.child).or_default()[side] += usize::from(row.is_first);
            }
        }
    }
    verdict.truth = counts.values().map(|[a, b]| a * b).sum();
    verdict.first_truth = firsts.values().map(|[a, b]| a * b).sum();
    verdict
}
