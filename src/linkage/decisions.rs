//! What clerks decided about pairs of rows, as linking obeys it. Entry point: [`Decisions`].

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

    /// Whether a clerk found two children among the rows of these two groups, each named by its root.
    #[must_use]
    pub(super) fn refuse_any(&self, root: impl Fn(u32) -> u32, roots: [u32; 2]) -> bool {
        self.different.iter().any(|(a, b)| {
            let pair = [root(*a), root(*b)];
            pair == roots || pair == [roots[1], roots[0]]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_decision_about_a_pair_counts() {
        let mut decisions = Decisions::default();
        decisions.decide(4, 2, true);
        decisions.decide(7, 3, false);
        assert_eq!(decisions.same, [(2, 4)]);
        assert!(decisions.refuse(&[1, 3], &[7]) && !decisions.refuse(&[2], &[4]));
        decisions.decide(2, 4, false);
        decisions.decide(3, 7, true);
        assert_eq!(decisions.same, [(3, 7)]);
        assert!(decisions.refuse(&[4], &[2]) && !decisions.refuse(&[3], &[7]));
    }
}
