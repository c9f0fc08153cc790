//! One cell of a workbook: which type a value gets and how it is shown.
//!
//! Text is always written as text, never as a formula. Excel keeps 15 digits of a number, so
//! longer ones (old identity numbers, keys) go in as text. Dates before March 1900 go in as text
//! too: Excel's calendar is wrong there. Points in time are in UTC and shown with a `Z`.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use rust_xlsxwriter::{Color, Format, FormatBorder, Worksheet, XlsxError};

use crate::error::{Error, Result};
use crate::msg;

use super::value::Value;

/// Integers up to here have at most the 14 digits that are surely safe in Excel.
const LARGEST_NUMBER: u64 = 99_999_999_999_999;

/// How cells look.
pub(super) struct Formats {
    pub(super) title: Format,
    pub(super) header: Format,
    text: Format,
    integer: Format,
    date: Format,
    instant: Format,
    local: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        let shown_as = |pattern: &str| Format::new().set_num_format(pattern);
        Self {
            title: Format::new().set_bold().set_font_size(14),
            header: shown_as("@")
                .set_bold()
                .set_background_color(Color::RGB(0x00DC_E6F1))
                .set_border_bottom(FormatBorder::Thin),
            // Text stays text when someone edits the cell.
            text: shown_as("@"),
            // Excel's general format would show twelve digits with an exponent.
            integer: shown_as("0"),
            date: shown_as("yyyy-mm-dd"),
            instant: shown_as("yyyy-mm-dd hh:mm:ss\"Z\""),
            local: shown_as("yyyy-mm-dd hh:mm:ss"),
        }
    }
}

/// Writes `value` into a cell, as the type that Excel knows for it; nothing for NULL.
///
/// # Errors
/// When a text is longer than a cell may be, or a nested value cannot be formatted.
pub(super) fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    value: &Value<'_>,
    formats: &Formats,
) -> Result<()> {
    let outcome = match value {
        Value::Null => return Ok(()),
        Value::Boolean(value) => sheet.write_boolean(row, column, *value),
        Value::Integer(value) if value.unsigned_abs() <= LARGEST_NUMBER => {
            sheet.write_number_with_format(row, column, *value as f64, &formats.integer)
        }
        Value::Unsigned(value) if *value <= LARGEST_NUMBER => {
            sheet.write_number_with_format(row, column, *value as f64, &formats.integer)
        }
        // Adding zero turns `-0` into `0`.
        Value::Float(value) => sheet.write_number(row, column, *value + 0.0),
        // Through text, so that 0.1 does not become 0.10000000149011612.
        Value::Float32(_) | Value::Decimal(_) => {
            let text = text_of(value)?;
            match text.parse::<f64>() {
                Ok(number) if digits(&text) <= 15 => sheet.write_number(row, column, number),
                _ => sheet.write_string_with_format(row, column, text, &formats.text),
            }
        }
        Value::Text(text) => sheet.write_string_with_format(row, column, *text, &formats.text),
        Value::Date(date) => match serial(date.and_time(NaiveTime::MIN)) {
            Some(days) => sheet.write_number_with_format(row, column, days, &formats.date),
            None => sheet.write_string(row, column, text_of(value)?),
        },
        Value::Instant(time) | Value::Local(time) => match (serial(*time), value) {
            (Some(days), Value::Instant(_)) => {
                sheet.write_number_with_format(row, column, days, &formats.instant)
            }
            (Some(days), _) => sheet.write_number_with_format(row, column, days, &formats.local),
            (None, _) => sheet.write_string(row, column, text_of(value)?),
        },
        Value::Integer(_) | Value::Unsigned(_) | Value::Bytes(_) | Value::Other(_) => {
            sheet.write_string_with_format(row, column, text_of(value)?, &formats.text)
        }
    };
    outcome.map(|_| ()).map_err(|error| too_long(error, row))
}

fn text_of(value: &Value<'_>) -> Result<String> {
    let mut text = String::new();
    value.write(&mut text)?;
    Ok(text)
}

/// Significant digits of a number written out.
fn digits(text: &str) -> usize {
    let mantissa = text.split('e').next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').len()
}

/// Days since 1899-12-30, as Excel counts them; `None` where Excel's calendar is wrong (it has
/// a 29 February 1900) or ends.
fn serial(time: NaiveDateTime) -> Option<f64> {
    let zero = NaiveDate::from_ymd_opt(1899, 12, 30)?.and_time(NaiveTime::MIN);
    let milliseconds = (time - zero).num_milliseconds();
    let days = milliseconds as f64 / 86_400_000.0;
    (61.0..2_958_466.0).contains(&days).then_some(days)
}

fn too_long(error: XlsxError, row: u32) -> Error {
    let row = row + 1;
    match error {
        XlsxError::MaxStringLengthExceeded => Error::work(msg!(
            "row {row} has a text longer than the 32,767 characters of an Excel cell",
            "第 {row} 行有文本超过 Excel 单元格的 32,767 个字符"
        ))
        .hint(msg!(
            "write CSV or Parquet instead",
            "请改用 CSV 或 Parquet 输出"
        )),
        error => failed(error),
    }
}

/// What the library could not do.
pub(super) fn failed(error: XlsxError) -> Error {
    Error::work(msg!("the workbook cannot be written", "无法写出工作簿"))
        .caused_by(msg!("{error}", "{error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_days_start_where_its_calendar_is_right() {
        let day = |year, month, day| {
            serial(
                NaiveDate::from_ymd_opt(year, month, day)
                    .unwrap()
                    .and_time(NaiveTime::MIN),
            )
        };
        assert_eq!(day(1900, 2, 28), None);
        assert_eq!(day(1900, 3, 1), Some(61.0));
        assert_eq!(day(1970, 1, 1), Some(25_569.0));
        assert_eq!(day(9999, 12, 31), Some(2_958_465.0));
        assert_eq!(day(10_000, 1, 1), None);
        assert_eq!(
            (digits("-0.05"), digits("100"), digits("1.5e-7")),
            (1, 3, 2)
        );
    }
}
