//! What clerks decided about pairs of records, as linking obeys it. Entry point: [`Decisions`].

use std::collections::HashSet;

/// Decisions about pairs of rows, by row number.
#[derive(Debug, Default)]
pub struct Decisions {
    /// Pairs found to be the same child, in ascending order.
    pub(super) same: Vec<(u32, u32)>,
    /// Pairs found to be two children, the smaller number first.
    different: HashSet<(u32, u32)>,
}

impl Decisions {
    /// Takes in a decision about rows `a` and `b`; a later one about the same pair replaces it.
    pub fn decide(&mut self, a: u32, b: u32, same: bool) {
        let pair = (a.min(b), a.max(b));
        self.different.remove(&pair);
        match (self.same.binary_search(&pair), same) {
            (Err(at), true) => self.same.insert(at, pair),
            (Ok(at), false) => {
                self.same.remove(at);
            }
            _ => {}
        }
        if !same {
            self.different.insert(pair);
        }
    }

    /// Whether a clerk found two children in these rows.
    #[must_use]
    pub(super) fn refuse(&self, left: &[u32], right: &[u32]) -> bool {
        !self.different.is_empty()
            && left.iter().any(|a| {
                right
                    .iter()
                    .any(|b| self.different.contains(&(*a.min(b), *a.max(b))))
            })
    }
}
