//! What clerks decided about pairs of records: kept in the table `reviews`, obeyed by linking.
//! Entry points: [`Decisions`], [`read`].

use std::collections::HashSet;

use arrow::array::AsArray;
use arrow::datatypes::DataType;

use crate::error::Result;
use crate::warehouse::Session;

/// A decision about two records, named by the pseudonyms of their content: it holds when the records
/// are handed in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Review {
    pub(super) records: [[u8; 16]; 2],
    pub(super) same: bool,
}

impl Review {
    /// The decision as bytes.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> + use<> {
        let [left, right] = self.records;
        left.into_iter().chain(right).chain([u8::from(self.same)])
    }
}

/// The decisions so far, the last one last.
///
/// # Errors
/// When the table cannot be read.
pub(super) async fn read(session: &Session) -> Result<Vec<Review>> {
    let mut reviews = Vec::new();
    if !session.table_names().iter().any(|name| name == "reviews")
        || session
            .table_schema("reviews")
            .await?
            .field_with_name("left_record")
            .is_err()
    {
        return Ok(reviews);
    }
    let sql = "SELECT left_record, right_record, same FROM reviews
               WHERE left_record IS NOT NULL AND right_record IS NOT NULL AND same IS NOT NULL
               ORDER BY decided_at, left_record, right_record";
    for batch in session.rows(sql, &[]).await? {
        let [left, right] = [
            arrow::compute::cast(batch.column(0), &DataType::Binary)?,
            arrow::compute::cast(batch.column(1), &DataType::Binary)?,
        ];
        let (left, right) = (left.as_binary::<i32>(), right.as_binary::<i32>());
        let same = batch.column(2).as_boolean();
        for row in 0..batch.num_rows() {
            if let (Ok(a), Ok(b)) = (left.value(row).try_into(), right.value(row).try_into()) {
                reviews.push(Review {
                    records: [a, b],
                    same: same.value(row),
                });
            }
        }
    }
    Ok(reviews)
}

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
