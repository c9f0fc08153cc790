//! The table `deliveries`: what came, what became of it.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{Int32Type, Int64Type, SchemaRef, TimestampMicrosecondType};

use super::lake::Lake;
use super::parquet::{conform, read_file};
use super::shape::MAIN;
use crate::error::Result;

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Its rows count.
    Current,
    /// A later delivery replaced it.
    Superseded,
    /// Somebody took it out.
    Withdrawn,
}

impl Status {
    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// One file handed in once.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// SHA-256 of its bytes, hexadecimal.
    pub id: String,
    /// Who handed it in.
    pub department: String,
    /// `<department>/<source>`.
    pub source: String,
    /// What it covers, as [`crate::domain::period::Period`] writes it.
    pub period: String,
    /// The part of the county it covers (a region code), `None` for the whole.
    pub place: Option<String>,
    /// The file's name, without folders.
    pub file_name: String,
    /// When it came, microseconds since 1970 in UTC.
    pub received_at: i64,
    /// Rows of data in it.
    pub rows_read: i64,
    /// Rows that count.
    pub rows_accepted: i64,
    /// Rows that broke a rule.
    pub rows_rejected: i64,
    /// Rows that are no facts (deleted cards, reissues).
    pub rows_skipped: i64,
    /// Accepted rows with a warning.
    pub rows_warned: i64,
    /// What became of it.
    pub status: Status,
    /// The delivery that replaced it.
    pub superseded_by: Option<String>,
    /// The snapshot that made it visible.
    pub snapshot_id: i64,
    /// Encoding of a text file, container of a workbook.
    pub encoding: String,
    /// Sheets read.
    pub sheets: i64,
    /// Size in bytes.
    pub bytes: i64,
}

pub(super) fn read(lake: &Lake, at: i64, data: &Path) -> Result<Vec<Delivery>> {
    let tables = lake.tables(at)?;
    let Some(table) = tables
        .iter()
        .find(|table| table.schema == MAIN && table.name == "deliveries")
    else {
        return Ok(Vec::new());
    };
    let mut deliveries = Vec::new();
    for file in lake.files(at, Some(table.id))? {
        for batch in read_file(&data.join(&table.path).join(&file.path))? {
            deliveries.extend(from_batch(&batch?));
        }
    }
    deliveries.sort_by(|a, b| {
        (a.received_at, a.snapshot_id, &a.id).cmp(&(b.received_at, b.snapshot_id, &b.id))
    });
    Ok(deliveries)
}

fn from_batch(batch: &RecordBatch) -> Vec<Delivery> {
    let text = |name: &str, row: usize| {
        batch
            .column_by_name(name)
            .and_then(|column| column.as_string_opt::<i32>())
            .filter(|column| column.is_valid(row))
            .map(|column| column.value(row).to_owned())
    };
    let number = |name: &str, row: usize| -> i64 {
        let Some(column) = batch.column_by_name(name) else {
            return 0;
        };
        if column.is_null(row) {
            return 0;
        }
        if let Some(values) = column.as_primitive_opt::<Int64Type>() {
            values.value(row)
        } else if let Some(values) = column.as_primitive_opt::<Int32Type>() {
            i64::from(values.value(row))
        } else {
            column
                .as_primitive_opt::<TimestampMicrosecondType>()
                .map_or(0, |values| values.value(row))
        }
    };
    (0..batch.num_rows())
        .map(|row| Delivery {
            id: text("delivery_id", row).unwrap_or_default(),
            department: text("department", row).unwrap_or_default(),
            source: text("source", row).unwrap_or_default(),
            period: text("period", row).unwrap_or_default(),
            place: text("place", row),
            file_name: text("file_name", row).unwrap_or_default(),
            received_at: number("received_at", row),
            rows_read: number("rows_read", row),
            rows_accepted: number("rows_accepted", row),
            rows_rejected: number("rows_rejected", row),
            rows_skipped: number("rows_skipped", row),
            rows_warned: number("rows_warned", row),
            status: match text("status", row).as_deref() {
                Some("superseded") => Status::Superseded,
                Some("withdrawn") => Status::Withdrawn,
                _ => Status::Current,
            },
            superseded_by: text("superseded_by", row),
            snapshot_id: number("snapshot_id", row),
            encoding: text("encoding", row).unwrap_or_default(),
            sheets: number("sheets", row),
            bytes: number("bytes", row),
        })
        .collect()
}

/// The rows of the table `deliveries`, in the order given.
pub(super) fn to_batch(deliveries: &[Delivery], schema: &SchemaRef) -> Result<RecordBatch> {
    fn text<'a>(
        deliveries: &'a [Delivery],
        value: impl Fn(&'a Delivery) -> Option<&'a str>,
    ) -> ArrayRef {
        Arc::new(deliveries.iter().map(value).collect::<StringArray>())
    }
    fn number(deliveries: &[Delivery], value: impl Fn(&Delivery) -> i64) -> ArrayRef {
        Arc::new(deliveries.iter().map(value).collect::<Int64Array>())
    }
    let received = TimestampMicrosecondArray::from_iter_values(
        deliveries.iter().map(|delivery| delivery.received_at),
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("delivery_id", text(deliveries, |d| Some(d.id.as_str()))),
        (
            "department",
            text(deliveries, |d| Some(d.department.as_str())),
        ),
        ("source", text(deliveries, |d| Some(d.source.as_str()))),
        ("period", text(deliveries, |d| Some(d.period.as_str()))),
        ("place", text(deliveries, |d| d.place.as_deref())),
        (
            "file_name",
            text(deliveries, |d| Some(d.file_name.as_str())),
        ),
        ("received_at", Arc::new(received.with_timezone("UTC"))),
        ("rows_read", number(deliveries, |d| d.rows_read)),
        ("rows_accepted", number(deliveries, |d| d.rows_accepted)),
        ("rows_rejected", number(deliveries, |d| d.rows_rejected)),
        ("rows_skipped", number(deliveries, |d| d.rows_skipped)),
        ("rows_warned", number(deliveries, |d| d.rows_warned)),
        ("status", text(deliveries, |d| Some(d.status.as_str()))),
        (
            "superseded_by",
            text(deliveries, |d| d.superseded_by.as_deref()),
        ),
        ("snapshot_id", number(deliveries, |d| d.snapshot_id)),
        ("encoding", text(deliveries, |d| Some(d.encoding.as_str()))),
        ("sheets", number(deliveries, |d| d.sheets)),
        ("bytes", number(deliveries, |d| d.bytes)),
    ];
    conform(&RecordBatch::try_from_iter(columns)?, schema)
}
