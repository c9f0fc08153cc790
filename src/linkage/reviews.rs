//! The table `reviews`: what clerks decided about pairs of records. Entry point: [`read`].

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
