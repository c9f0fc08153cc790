//! One cell as tables and records show it: visible, rounded and grouped, its label behind it.

use std::borrow::Cow;

use arrow::datatypes::{DataType, Field, Schema};

use crate::error::Result;

use super::Options;
use super::figure::{Digits, grouped, rounded};
use super::look::{Labels, Precision, is_figure};
use super::text::{push_visible, visible};
use super::value::{Value, is_number};

/// A value that is not NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: Box<str>,
    /// Where in `text` the label begins, with the space before it.
    pub(super) label_at: Option<usize>,
}

impl Cell {
    /// The value without its label.
    pub(super) fn value(&self) -> &str {
        &self.text[..self.label_at.unwrap_or(self.text.len())]
    }
}

/// How the cells of one column are written.
pub(super) struct Dress {
    /// Its name, made visible.
    pub(super) name: String,
    pub(super) unit: Option<String>,
    pub(super) is_number: bool,
    /// Whether a cell may be cut: half a number or date would be a wrong one.
    pub(super) is_text: bool,
    pub(super) labels: Option<Labels>,
    digits: Option<Digits>,
    is_grouped: bool,
    quoted_null: Option<String>,
}

impl Dress {
    /// One for each column.
    pub(super) fn of(schema: &Schema, options: &Options) -> Vec<Self> {
        let fields = schema.fields().iter().enumerate();
        fields
            .map(|(at, field)| Self::new(at, field, options))
            .collect()
    }

    fn new(at: usize, field: &Field, options: &Options) -> Self {
        let look = &options.look;
        let column = look.columns.get(at).cloned().unwrap_or_default();
        let data_type = field.data_type();
        let is_number = is_number(data_type);
        let unit = column.unit.map(|unit| visible(&unit));
        let digits = match (look.precision, unit.as_deref()) {
            (Precision::Reading, Some("%" | "‰")) => Some(Digits::RATE),
            (Precision::Reading, _) => Some(Digits::USUAL),
            (Precision::Full, _) => None,
        };
        let is_grouped = look.thousands
            && column.labels.is_none()
            && column.is_figure.unwrap_or_else(|| is_figure(field.name()));
        Self {
            name: visible(field.name()),
            unit,
            is_number,
            is_text: is_text(data_type) && !column.is_whole,
            labels: column.labels,
            digits: digits.filter(|_| is_number),
            is_grouped: is_grouped && is_number,
            quoted_null: look.quoted_null.then(|| options.null.clone()),
        }
    }

    /// Whether cells stand at the right: numbers that can be compared, not codes.
    pub(super) fn to_right(&self) -> bool {
        self.is_number && self.labels.is_none()
    }

    /// Whether points of numbers may stand below each other.
    pub(super) fn has_points(&self) -> bool {
        self.digits.is_some() && self.labels.is_none()
    }

    /// The cell of `value`, `None` for NULL. `buffer` is for reuse.
    pub(super) fn cell(&self, value: &Value<'_>, buffer: &mut String) -> Result<Option<Cell>> {
        if value.is_null() {
            return Ok(None);
        }
        buffer.clear();
        value.write(buffer)?;
        let mut text = String::with_capacity(buffer.len());
        if self.is_number {
            let mut number = Cow::Borrowed(buffer.as_str());
            if let Some(digits) = self.digits {
                number = rounded(&number, digits).into_owned().into();
            }
            if self.is_grouped {
                number = grouped(&number).into_owned().into();
            }
            text.push_str(&number);
        } else if self.quoted_null.as_ref() == Some(buffer) {
            text.push('\'');
            push_visible(&mut text, buffer);
            text.push('\'');
        } else {
            push_visible(&mut text, buffer);
        }
        let label = self.labels.as_ref().and_then(|labels| labels.get(buffer));
        let label_at = label.map(|label| {
            let at = text.len();
            text.push(' ');
            push_visible(&mut text, label);
            at
        });
        Ok(Some(Cell {
            text: text.into_boxed_str(),
            label_at,
        }))
    }
}

fn is_text(data_type: &DataType) -> bool {
    data_type.is_string() || data_type.is_binary() || data_type.is_nested()
}

/// The SQL name of a type.
pub(super) fn type_name(data_type: &DataType) -> String {
    let name = match data_type {
        DataType::Null => "null",
        DataType::Boolean => "boolean",
        DataType::Int8 => "tinyint",
        DataType::Int16 => "smallint",
        DataType::Int32 => "integer",
        DataType::Int64 => "bigint",
        DataType::UInt8 => "utinyint",
        DataType::UInt16 => "usmallint",
        DataType::UInt32 => "uinteger",
        DataType::UInt64 => "ubigint",
        DataType::Float32 => "real",
        DataType::Float64 => "double",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "varchar",
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "blob",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Timestamp(_, Some(_)) => "timestamptz",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => {
            return format!("decimal({precision},{scale})");
        }
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            return format!("{}[]", type_name(item.data_type()));
        }
        DataType::Struct(_) => "struct",
        DataType::Map(..) => "map",
        other => return other.to_string().to_lowercase(),
    };
    name.to_owned()
}
