//! Rows of a table with their identities, in memory. Entry point: [`read`].

use std::collections::HashMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Date32Type, Int32Type};

use crate::error::Result;
use crate::vault::Sealer;
use crate::warehouse::{Session, Warehouse};

/// Where a record stands: delivery, sheet, row.
pub(super) type Place = (String, Option<String>, i32);

/// A record: its place, its columns, its identities.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) place: Place,
    batch: usize,
    row: usize,
    sealed: Option<(usize, usize)>,
}

/// The records of a table, in an order that does not depend on when they came.
#[derive(Debug)]
pub(super) struct Records {
    pub(super) records: Vec<Record>,
    batches: Vec<RecordBatch>,
    sealed: Vec<RecordBatch>,
}

/// Reads `columns` of `table` and its `identities`.
pub(super) async fn read(
    warehouse: &Warehouse,
    session: &Session,
    sealer: &Sealer,
    table: &str,
    condition: &str,
    identities: &[&str],
) -> Result<Records> {
    let batches = session
        .rows(&format!("SELECT * FROM {table} {condition}"), &[])
        .await?;
    let sealed = warehouse.unsealed(table, identities, sealer)?;
    let batches = batches.iter().map(plain).collect::<Result<Vec<_>>>()?;
    let sealed = sealed.iter().map(plain).collect::<Result<Vec<_>>>()?;
    let mut places: HashMap<Place, (usize, usize)> = HashMap::new();
    for (at, batch) in sealed.iter().enumerate() {
        for (row, place) in places_of(batch).into_iter().enumerate() {
            places.insert(place, (at, row));
        }
    }
    let mut records = Vec::new();
    for (at, batch) in batches.iter().enumerate() {
        for (row, place) in places_of(batch).into_iter().enumerate() {
            let sealed = places.get(&place).copied();
            records.push(Record {
                place,
                batch: at,
                row,
                sealed,
            });
        }
    }
    records.sort_by(|a, b| a.place.cmp(&b.place));
    Ok(Records {
        records,
        batches,
        sealed,
    })
}

/// The batch with texts and keys in their plain types, however the engine hands them out.
fn plain(batch: &RecordBatch) -> Result<RecordBatch> {
    let schema = batch.schema();
    let columns = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            let kind = match column.data_type() {
                DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
                DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
                    DataType::Binary
                }
                DataType::Dictionary(_, value) => value.as_ref().clone(),
                other => other.clone(),
            };
            Ok((field.name().clone(), arrow::compute::cast(column, &kind)?))
        });
    Ok(RecordBatch::try_from_iter(
        columns.collect::<Result<Vec<_>>>()?,
    )?)
}

fn places_of(batch: &RecordBatch) -> Vec<Place> {
    let text = |name: &str, row: usize| text_at(batch, name, row).map(str::to_owned);
    let number = |row: usize| number_at(batch, "source_row", row).unwrap_or_default();
    (0..batch.num_rows())
        .map(|row| {
            (
                text("delivery_id", row).unwrap_or_default(),
                text("source_sheet", row),
                number(row),
            )
        })
        .collect()
}

fn text_at<'a>(batch: &'a RecordBatch, name: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
    column.is_valid(row).then(|| column.value(row))
}

fn number_at(batch: &RecordBatch, name: &str, row: usize) -> Option<i32> {
    let column = batch.column_by_name(name)?;
    if column.is_null(row) {
        return None;
    }
    match column.data_type() {
        DataType::Date32 => Some(column.as_primitive::<Date32Type>().value(row)),
        DataType::Int8 => Some(i32::from(
            column
                .as_primitive::<arrow::datatypes::Int8Type>()
                .value(row),
        )),
        _ => column
            .as_primitive_opt::<Int32Type>()
            .map(|column| column.value(row)),
    }
}

impl Records {
    /// An identity; empty when there is none.
    pub(super) fn identity(&self, record: &Record, name: &str) -> &str {
        record
            .sealed
            .and_then(|(batch, row)| text_at(&self.sealed[batch], name, row))
            .unwrap_or_default()
    }

    /// A text of the table; empty when there is none.
    pub(super) fn text(&self, record: &Record, name: &str) -> &str {
        text_at(&self.batches[record.batch], name, record.row).unwrap_or_default()
    }

    /// A number or day of the table.
    pub(super) fn number(&self, record: &Record, name: &str) -> Option<i32> {
        number_at(&self.batches[record.batch], name, record.row)
    }

    /// A small number of the table; 0 when there is none.
    pub(super) fn small(&self, record: &Record, name: &str) -> u8 {
        self.number(record, name)
            .and_then(|n| u8::try_from(n).ok())
            .unwrap_or(0)
    }

    /// A pseudonym of the table.
    pub(super) fn key(&self, record: &Record, name: &str) -> Option<&[u8]> {
        let column = self.batches[record.batch]
            .column_by_name(name)?
            .as_binary_opt::<i32>()?;
        column
            .is_valid(record.row)
            .then(|| column.value(record.row))
    }
}
