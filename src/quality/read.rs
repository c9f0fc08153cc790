//! Cells of record batches, in their plain types however the engine hands them out.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::domain::calendar;
use crate::error::Result;

/// A batch whose texts, numbers, keys and days can be asked by name.
pub(super) struct Rows {
    names: Vec<String>,
    columns: Vec<ArrayRef>,
    /// How many rows it has.
    pub(super) count: usize,
}

impl Rows {
    pub(super) fn of(batch: &RecordBatch) -> Result<Self> {
        let schema = batch.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let columns = batch.columns().iter().map(|column| {
            let kind = match column.data_type() {
                DataType::Utf8View | DataType::LargeUtf8 => DataType::Utf8,
                DataType::BinaryView | DataType::LargeBinary | DataType::FixedSizeBinary(_) => {
                    DataType::Binary
                }
                DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::UInt8
                | DataType::UInt16
                | DataType::UInt32
                | DataType::UInt64 => DataType::Int64,
                DataType::Date64 => DataType::Date32,
                DataType::Timestamp(_, zone) => {
                    DataType::Timestamp(TimeUnit::Microsecond, zone.clone())
                }
                DataType::Dictionary(_, value) => value.as_ref().clone(),
                other => other.clone(),
            };
            Ok(cast(column, &kind)?)
        });
        Ok(Self {
            names: names.collect(),
            columns: columns.collect::<Result<_>>()?,
            count: batch.num_rows(),
        })
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    fn column(&self, name: &str) -> Option<&ArrayRef> {
        let at = self.names.iter().position(|known| known == name)?;
        self.columns.get(at)
    }

    fn valid(&self, name: &str, row: usize) -> Option<&ArrayRef> {
        self.column(name).filter(|column| column.is_valid(row))
    }

    pub(super) fn text(&self, name: &str, row: usize) -> Option<&str> {
        let column = self.valid(name, row)?.as_string_opt::<i32>()?;
        Some(column.value(row))
    }

    pub(super) fn number(&self, name: &str, row: usize) -> Option<i64> {
        let column = self.valid(name, row)?.as_primitive_opt::<Int64Type>()?;
        Some(column.value(row))
    }

    pub(super) fn key(&self, name: &str, row: usize) -> Option<&[u8]> {
        let column = self.valid(name, row)?.as_binary_opt::<i32>()?;
        Some(column.value(row))
    }

    /// Days since 1970.
    pub(super) fn day(&self, name: &str, row: usize) -> Option<i32> {
        let column = self.valid(name, row)?.as_primitive_opt::<Date32Type>()?;
        Some(column.value(row))
    }

    /// Microseconds since 1970.
    pub(super) fn moment(&self, name: &str, row: usize) -> Option<i64> {
        let column = self.valid(name, row)?;
        let column = column.as_primitive_opt::<TimestampMicrosecondType>()?;
        Some(column.value(row))
    }

    /// The value as evidence: a day of birth only to the month, a key never.
    pub(super) fn shown(&self, name: &str, row: usize) -> Result<Option<String>> {
        let Some(column) = self.valid(name, row) else {
            return Ok(None);
        };
        if matches!(column.data_type(), DataType::Binary) {
            return Ok(None);
        }
        if let Some(day) = self.day(name, row) {
            let text = calendar::format(day);
            let is_birth = name.ends_with("birth_date");
            let shown = if is_birth { text.get(..7) } else { None };
            return Ok(Some(shown.unwrap_or(&text).to_owned()));
        }
        let options = FormatOptions::default();
        let text = ArrayFormatter::try_new(column, &options)?
            .value(row)
            .to_string();
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}
