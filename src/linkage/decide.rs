//! A clerk's decision about two records, written to the table `reviews`. Entry point:
//! [`Explained::decide`].

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{DateTime, Utc};

use super::explain::{Explained, Reasoned};
use super::rows::Place;
use crate::error::{Error, Result};
use crate::msg;
use crate::vault::{AuditLog, Entry};
use crate::warehouse::Warehouse;

/// How long to wait while another process writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a clerk decided.
#[derive(Debug, Clone, Copy)]
pub struct Decision<'a> {
    /// Beginning of a link's key.
    pub key: &'a str,
    /// Whether the two records are of the same child.
    pub same: bool,
    /// Why.
    pub reason: &'a str,
    /// Who decided.
    pub clerk: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

impl Explained {
    /// Keeps a decision; the next linking obeys it. Returns what it is about.
    ///
    /// # Errors
    /// When the key names no link or several, or nothing was written.
    pub fn decide(&self, warehouse: &Warehouse, decision: &Decision<'_>) -> Result<Reasoned> {
        let key = decision.key.to_ascii_lowercase();
        // A link's key alone can be decided about, not a birth's.
        let explained = self.explain(&key)?;
        let (Some(reasoned), None) = (explained.links.into_iter().next(), explained.birth) else {
            return Err(Error::usage(msg!(
                "a decision is about two records: give the `link_key`, not the birth's",
                "复核针对两条记录：请给出 `link_key`，而不是出生标识"
            )));
        };
        let links = self.named(&key);
        let Some((link, true)) = links.first() else {
            return Err(Error::usage(msg!(
                "registrations and benefits follow the births: decide about children's records",
                "生育登记和生育保险随出生而定：请对儿童记录作出复核"
            )));
        };
        let rows = [link.left, link.right];
        let children = rows.map(|row| self.loaded.child(row));
        let places: [&Place; 2] = [&children[0].1.place, &children[1].1.place];
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        let mut columns: Vec<(String, ArrayRef)> = vec![
            ("kind".to_owned(), text("child")),
            (
                "same".to_owned(),
                Arc::new(BooleanArray::from(vec![decision.same])),
            ),
            ("reason".to_owned(), text(decision.reason)),
            ("decided_by".to_owned(), text(decision.clerk)),
            (
                "decided_at".to_owned(),
                Arc::new(
                    TimestampMicrosecondArray::from(vec![decision.now.timestamp_micros()])
                        .with_timezone("UTC"),
                ),
            ),
        ];
        for (side, name) in ["left", "right"].into_iter().enumerate() {
            let (delivery, sheet, row) = places[side];
            let sheet: ArrayRef = Arc::new(StringArray::from(vec![sheet.as_deref()]));
            let record = self.loaded.pseudonym(rows[side]);
            columns.extend([
                (format!("{name}_table"), text(children[side].3)),
                (format!("{name}_delivery_id"), text(delivery)),
                (format!("{name}_source_sheet"), sheet),
                (
                    format!("{name}_source_row"),
                    Arc::new(Int32Array::from(vec![*row])) as ArrayRef,
                ),
                (
                    format!("{name}_record"),
                    Arc::new(BinaryArray::from_iter_values([record])) as ArrayRef,
                ),
            ]);
        }
        let rows = RecordBatch::try_from_iter(columns)?;
        AuditLog::open(warehouse.folder().join("audit.log"))?
            .signed_with(&warehouse.keys()?)
            .append(
                decision.now,
                Entry {
                    actor: decision.clerk,
                    action: "review",
                    object: &reasoned.key,
                    reason: Some(decision.reason),
                    detail: Some(if decision.same { "same" } else { "different" }),
                    ..Entry::default()
                },
            )?;
        warehouse.append("reviews", &rows, "review a link", decision.now, PATIENCE)?;
        Ok(reasoned)
    }
}
