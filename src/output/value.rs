//! One cell of a result: its value, and its text as all text formats write it.

use std::fmt::Write as _;

use arrow::array::timezone::Tz;
use arrow::array::{
    Array, AsArray, BinaryArray, BooleanArray, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, StringArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::temporal_conversions::{
    date32_to_datetime, date64_to_datetime, timestamp_ms_to_datetime, timestamp_ns_to_datetime,
    timestamp_s_to_datetime, timestamp_us_to_datetime,
};
use arrow::util::display::{ArrayFormatter, FormatOptions, ValueFormatter};
use chrono::{NaiveDate, NaiveDateTime};

use crate::error::{Error, Result};
use crate::msg;

/// The value of one cell.
pub enum Value<'a> {
    /// NULL; also a float that is no number, which has no place in a published figure.
    Null,
    /// A flag.
    Boolean(bool),
    /// A signed integer.
    Integer(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A finite number.
    Float(f64),
    /// A finite number of single precision.
    Float32(f32),
    /// A decimal number, exact.
    Decimal(ValueFormatter<'a>),
    /// Text.
    Text(&'a str),
    /// Bytes, such as a pseudonym.
    Bytes(&'a [u8]),
    /// A calendar date.
    Date(NaiveDate),
    /// A point in time, in UTC.
    Instant(NaiveDateTime),
    /// A date and time of day without a zone.
    Local(NaiveDateTime),
    /// Anything else, as Arrow formats it: lists, structs, times of day, durations.
    Other(ValueFormatter<'a>),
}

impl Value<'_> {
    /// Whether it is NULL.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Appends its text to `out`; nothing for NULL.
    ///
    /// Integers plain; floats as the shortest digits that read back the same, without `-0`; dates
    /// and times by ISO 8601; bytes in lowercase hexadecimal.
    ///
    /// # Errors
    /// When Arrow cannot format a nested value.
    pub fn write(&self, out: &mut String) -> Result<()> {
        // Writing into a `String` cannot fail, so these results say nothing.
        let _ = match self {
            Self::Null => Ok(()),
            Self::Boolean(value) => write!(out, "{value}"),
            Self::Integer(value) => write!(out, "{value}"),
            Self::Unsigned(value) => write!(out, "{value}"),
            Self::Float(value) if *value == 0.0 => out.write_char('0'),
            Self::Float(value) if is_written_out(value.abs()) => write!(out, "{value}"),
            Self::Float(value) => write!(out, "{value:e}"),
            Self::Float32(value) if *value == 0.0 => out.write_char('0'),
            Self::Float32(value) if is_written_out(f64::from(value.abs())) => {
                write!(out, "{value}")
            }
            Self::Float32(value) => write!(out, "{value:e}"),
            Self::Text(value) => out.write_str(value),
            Self::Bytes(value) => value.iter().try_for_each(|byte| write!(out, "{byte:02x}")),
            Self::Date(value) => write!(out, "{value}"),
            Self::Instant(value) => write!(out, "{value:?}Z"),
            Self::Local(value) => write!(out, "{value:?}"),
            Self::Decimal(value) | Self::Other(value) => return Ok(value.write(out)?),
        };
        Ok(())
    }
}

/// Whether a number is written without an exponent.
fn is_written_out(magnitude: f64) -> bool {
    (1e-5..1e16).contains(&magnitude)
}

/// Whether values of this type are numbers, to be aligned to the right.
pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// A column of a batch, ready to give its cells.
pub struct Column<'a> {
    kind: Kind<'a>,
    nulls: Option<NullBuffer>,
}

enum Kind<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Int8(&'a [i8]),
    Int16(&'a [i16]),
    Int32(&'a [i32]),
    Int64(&'a [i64]),
    UInt8(&'a [u8]),
    UInt16(&'a [u16]),
    UInt32(&'a [u32]),
    UInt64(&'a [u64]),
    Float32(&'a [f32]),
    Float64(&'a [f64]),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    FixedSizeBinary(&'a FixedSizeBinaryArray),
    Date32(&'a [i32]),
    Date64(&'a [i64]),
    Timestamp {
        values: &'a [i64],
        unit: TimeUnit,
        is_utc: bool,
    },
    Decimal(ArrayFormatter<'a>),
    Other(ArrayFormatter<'a>),
}

impl<'a> Column<'a> {
    /// The column in `array`.
    ///
    /// # Errors
    /// When Arrow cannot format values of this type.
    pub fn new(array: &'a dyn Array) -> Result<Self> {
        let kind = match array.data_type() {
            DataType::Null => Kind::Null,
            DataType::Boolean => Kind::Boolean(array.as_boolean()),
            DataType::Int8 => Kind::Int8(array.as_primitive::<Int8Type>().values()),
            DataType::Int16 => Kind::Int16(array.as_primitive::<Int16Type>().values()),
            DataType::Int32 => Kind::Int32(array.as_primitive::<Int32Type>().values()),
            DataType::Int64 => Kind::Int64(array.as_primitive::<Int64Type>().values()),
            DataType::UInt8 => Kind::UInt8(array.as_primitive::<UInt8Type>().values()),
            DataType::UInt16 => Kind::UInt16(array.as_primitive::<UInt16Type>().values()),
            DataType::UInt32 => Kind::UInt32(array.as_primitive::<UInt32Type>().values()),
            DataType::UInt64 => Kind::UInt64(array.as_primitive::<UInt64Type>().values()),
            DataType::Float32 => Kind::Float32(array.as_primitive::<Float32Type>().values()),
            DataType::Float64 => Kind::Float64(array.as_primitive::<Float64Type>().values()),
            DataType::Utf8 => Kind::Utf8(array.as_string()),
            DataType::LargeUtf8 => Kind::LargeUtf8(array.as_string()),
            DataType::Binary => Kind::Binary(array.as_binary()),
            DataType::LargeBinary => Kind::LargeBinary(array.as_binary()),
            DataType::FixedSizeBinary(_) => Kind::FixedSizeBinary(array.as_fixed_size_binary()),
            DataType::Date32 => Kind::Date32(array.as_primitive::<Date32Type>().values()),
            DataType::Date64 => Kind::Date64(array.as_primitive::<Date64Type>().values()),
            DataType::Timestamp(unit, zone) if !has_offset(zone.as_deref()) => Kind::Timestamp {
                values: ticks(array, *unit),
                unit: *unit,
                is_utc: zone.is_some(),
            },
            other if other.is_numeric() => Kind::Decimal(formatter(array)?),
            _ => Kind::Other(formatter(array)?),
        };
        Ok(Self {
            kind,
            nulls: array.logical_nulls(),
        })
    }

    /// The value in row `row`, counted from 0 within the batch.
    ///
    /// # Errors
    /// When a date or time is too far away to have a calendar date.
    pub fn value(&self, row: usize) -> Result<Value<'_>> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return Ok(Value::Null);
        }
        Ok(match &self.kind {
            Kind::Null => Value::Null,
            Kind::Boolean(values) => Value::Boolean(values.value(row)),
            Kind::Int8(values) => Value::Integer(values[row].into()),
            Kind::Int16(values) => Value::Integer(values[row].into()),
            Kind::Int32(values) => Value::Integer(values[row].into()),
            Kind::Int64(values) => Value::Integer(values[row]),
            Kind::UInt8(values) => Value::Unsigned(values[row].into()),
            Kind::UInt16(values) => Value::Unsigned(values[row].into()),
            Kind::UInt32(values) => Value::Unsigned(values[row].into()),
            Kind::UInt64(values) => Value::Unsigned(values[row]),
            Kind::Float32(values) if values[row].is_finite() => Value::Float32(values[row]),
            Kind::Float64(values) if values[row].is_finite() => Value::Float(values[row]),
            Kind::Float32(_) | Kind::Float64(_) => Value::Null,
            Kind::Utf8(values) => Value::Text(values.value(row)),
            Kind::LargeUtf8(values) => Value::Text(values.value(row)),
            Kind::Binary(values) => Value::Bytes(values.value(row)),
            Kind::LargeBinary(values) => Value::Bytes(values.value(row)),
            Kind::FixedSizeBinary(values) => Value::Bytes(values.value(row)),
            Kind::Date32(values) => Value::Date(known(date32_to_datetime(values[row]))?.date()),
            Kind::Date64(values) => Value::Date(known(date64_to_datetime(values[row]))?.date()),
            Kind::Timestamp {
                values,
                unit,
                is_utc,
            } => {
                let value = values[row];
                let time = known(match unit {
                    TimeUnit::Second => timestamp_s_to_datetime(value),
                    TimeUnit::Millisecond => timestamp_ms_to_datetime(value),
                    TimeUnit::Microsecond => timestamp_us_to_datetime(value),
                    TimeUnit::Nanosecond => timestamp_ns_to_datetime(value),
                })?;
                if *is_utc {
                    Value::Instant(time)
                } else {
                    Value::Local(time)
                }
            }
            Kind::Decimal(formatter) => Value::Decimal(formatter.value(row)),
            Kind::Other(formatter) => Value::Other(formatter.value(row)),
        })
    }
}

/// Whether a zone is an offset other than UTC's, which Arrow writes as `+08:00`. Named zones are
/// shown in UTC: their rules are not compiled in.
fn has_offset(zone: Option<&str>) -> bool {
    match zone {
        None | Some("+00:00" | "UTC" | "Z") => false,
        Some(zone) => zone.parse::<Tz>().is_ok(),
    }
}

fn ticks(array: &dyn Array, unit: TimeUnit) -> &[i64] {
    match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
    }
}

fn formatter(array: &dyn Array) -> Result<ArrayFormatter<'_>> {
    let options = FormatOptions::new()
        .with_display_error(false)
        .with_null("NULL");
    Ok(ArrayFormatter::try_new(array, &options)?)
}

fn known(time: Option<NaiveDateTime>) -> Result<NaiveDateTime> {
    time.ok_or_else(|| {
        Error::work(msg!(
            "a date or time is beyond the calendar",
            "日期或时间超出历法范围"
        ))
    })
}

#[cfg(test)]
mod tests {
    use arrow::array::{
        Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array, Int64Array,
        ListArray, NullArray, TimestampMicrosecondArray, UInt64Array,
    };

    use super::*;

    fn texts(array: &dyn Array) -> Vec<Option<String>> {
        let column = Column::new(array).unwrap();
        let text = |row| {
            let value = column.value(row).unwrap();
            let mut text = String::new();
            value.write(&mut text).unwrap();
            (!value.is_null()).then_some(text)
        };
        (0..array.len()).map(text).collect()
    }

    #[test]
    fn integers_are_plain() {
        let expected = ["-9223372036854775808", "9007199254740993"].map(|s| Some(s.to_owned()));
        assert_eq!(
            texts(&Int64Array::from(vec![i64::MIN, 9_007_199_254_740_993])),
            expected
        );
        assert_eq!(
            texts(&UInt64Array::from(vec![u64::MAX]))[0].as_deref(),
            Some("18446744073709551615")
        );
    }

    #[test]
    fn floats_are_shortest_and_always_numbers() {
        let values = [
            0.1 + 0.2,
            3.0,
            -0.0,
            1e300,
            1.5e-7,
            123_456_789.125,
            f64::NAN,
            f64::INFINITY,
            -2.5,
            5e-324,
        ];
        let expected = [
            Some("0.30000000000000004"),
            Some("3"),
            Some("0"),
            Some("1e300"),
            Some("1.5e-7"),
            Some("123456789.125"),
            None,
            None,
            Some("-2.5"),
            Some("5e-324"),
        ];
        let array = Float64Array::from(values.to_vec());
        assert_eq!(texts(&array), expected.map(|text| text.map(str::to_owned)));
        assert_eq!(
            texts(&Float32Array::from(vec![0.1]))[0].as_deref(),
            Some("0.1")
        );
    }

    #[test]
    fn dates_and_times_are_iso() {
        let dates = Date32Array::from(vec![Some(17_595), Some(-25_567), None]);
        let expected = [Some("2018-03-05"), Some("1900-01-01"), None];
        assert_eq!(texts(&dates), expected.map(|text| text.map(str::to_owned)));
        assert!(
            Column::new(&Date32Array::from(vec![i32::MAX]))
                .unwrap()
                .value(0)
                .is_err()
        );

        let micros = 1_520_260_200_000_000;
        let times = TimestampMicrosecondArray::from(vec![micros, micros + 500_000, -1]);
        for (zone, expected) in [
            (Some("UTC"), "2018-03-05T14:30:00Z"),
            (Some("+00:00"), "2018-03-05T14:30:00Z"),
            (Some("+08:00"), "2018-03-05T22:30:00+08:00"),
            (Some("Mars/Olympus"), "2018-03-05T14:30:00Z"),
            (None, "2018-03-05T14:30:00"),
        ] {
            let array = times.clone().with_timezone_opt(zone);
            assert_eq!(texts(&array)[0].as_deref(), Some(expected));
        }
        let array = times.with_timezone("UTC");
        assert_eq!(
            texts(&array)[1].as_deref(),
            Some("2018-03-05T14:30:00.500Z")
        );
        assert_eq!(
            texts(&array)[2].as_deref(),
            Some("1969-12-31T23:59:59.999999Z")
        );
    }

    #[test]
    fn bytes_decimals_flags_and_lists_have_a_text() {
        let keys =
            FixedSizeBinaryArray::try_from_iter([[0x00, 0xAB], [0xFF, 0x10]].iter()).unwrap();
        assert_eq!(texts(&keys)[0].as_deref(), Some("00ab"));
        assert_eq!(
            texts(&BinaryArray::from_vec(vec![b"\xCA\xFE"]))[0].as_deref(),
            Some("cafe")
        );
        let decimals = Decimal128Array::from(vec![-12_345, 5])
            .with_precision_and_scale(10, 2)
            .unwrap();
        assert_eq!(texts(&decimals)[0].as_deref(), Some("-123.45"));
        assert_eq!(texts(&decimals)[1].as_deref(), Some("0.05"));
        assert_eq!(
            texts(&BooleanArray::from(vec![Some(true), None]))[0].as_deref(),
            Some("true")
        );
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]);
        assert_eq!(texts(&list)[0].as_deref(), Some("[1, NULL]"));
        assert_eq!(texts(&NullArray::new(1)), [None]);
        assert_eq!(texts(&Int32Array::from(vec![None::<i32>])), [None]);
    }
}
