//! What an expression gives: its type, and whether it still is an identity.
//!
//! This is where an identity is kept out of the lake: only `key`, the functions of ID numbers and
//! the functions of places open a sealed value, and a sealed value fills no column.

use super::field::FieldType;
use super::table::ColumnType;

/// The type of what an expression gives, as far as it matters to the column it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueType {
    Text,
    /// What was typed for a division: only `region` and `township` may look at it, for it may hold a
    /// full address.
    Place,
    Literal,
    Key,
    Code,
    Sex,
    Integer,
    Decimal,
    Date,
    DateTime,
    YearMonth,
    Flag,
}

impl ValueType {
    pub(super) fn of_field(kind: FieldType) -> Self {
        match kind {
            FieldType::Date => Self::Date,
            FieldType::DateTime => Self::DateTime,
            FieldType::YearMonth => Self::YearMonth,
            FieldType::Integer | FieldType::Count | FieldType::Year | FieldType::Month => {
                Self::Integer
            }
            FieldType::Decimal => Self::Decimal,
            FieldType::Sex => Self::Sex,
            FieldType::Code => Self::Code,
            FieldType::Flag => Self::Flag,
            FieldType::Region | FieldType::Town | FieldType::Village => Self::Place,
            _ => Self::Text,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Literal => "text",
            Self::Key => "key",
            Self::Place => "place",
            Self::Code => "code",
            Self::Sex => "sex",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::YearMonth => "year_month",
            Self::Flag => "flag",
        }
    }

    pub(super) fn is_dated(self) -> bool {
        matches!(self, Self::Date | Self::DateTime)
    }

    /// Whether a column of type `column` can hold it.
    pub(super) fn fits(self, column: ColumnType) -> bool {
        match column {
            ColumnType::Text => matches!(self, Self::Text | Self::Literal | Self::Code),
            ColumnType::Code => matches!(self, Self::Literal | Self::Code),
            ColumnType::Key => self == Self::Key,
            ColumnType::Sex => self == Self::Sex,
            ColumnType::Integer | ColumnType::Count => self == Self::Integer,
            ColumnType::Decimal => matches!(self, Self::Integer | Self::Decimal),
            ColumnType::Date => self.is_dated(),
            ColumnType::Timestamp => self == Self::DateTime,
            ColumnType::Flag => self == Self::Flag,
        }
    }
}

/// What an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) kind: ValueType,
    /// Whether it still is an identity: such a value may fill no column.
    pub(super) sealed: bool,
}
