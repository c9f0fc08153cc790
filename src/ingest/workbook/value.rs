//! Numbers and dates of spreadsheets as text.

use std::borrow::Cow;

use calamine::{ExcelDateTime, ExcelDateTimeType};

use super::super::rows::CellKind;

/// 9999-12-31 as a serial number, counted from 1900 and from 1904.
const LAST_DAY_1900: f64 = 2_958_465.0;
const LAST_DAY_1904: f64 = 2_957_003.0;

/// The shortest decimal text of a number, without exponent. A fraction is told in the 15 digits
/// that Excel shows; an integer in full, so that a lossy ID number can be recognised.
pub(in super::super) fn number_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let shortest = number.to_string();
    let digits = shortest.bytes().filter(u8::is_ascii_digit).count();
    if digits <= 15 || number.fract() == 0.0 || !number.is_finite() {
        return shortest;
    }
    // 3.4000000000000004 is what arithmetic leaves of 3.4.
    format!("{number:.14e}")
        .parse::<f64>()
        .map_or(shortest, |rounded| rounded.to_string())
}

/// A serial number in a cell with a date format: a date, a time of day, or the number itself when
/// it is no date at all (18 digits in a column that happens to be formatted as dates).
pub(super) fn serial(value: f64, duration: bool, date_1904: bool) -> (Cow<'static, str>, CellKind) {
    let last = if date_1904 {
        LAST_DAY_1904
    } else {
        LAST_DAY_1900
    };
    if !value.is_finite() || value <= 0.0 || value >= last + 1.0 {
        return (number_text(value).into(), CellKind::Number);
    }
    // Whole seconds: the fraction of a day is rarely exact.
    let seconds = (value * 86_400.0).round() as u64;
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    if duration {
        let hours = day * 24 + hour;
        return (
            format!("{hours}:{minute:02}:{second:02}").into(),
            CellKind::Text,
        );
    }
    if day == 0 {
        return (
            format!("{hour:02}:{minute:02}:{second:02}").into(),
            CellKind::Text,
        );
    }
    let date = ExcelDateTime::new(day as f64, ExcelDateTimeType::DateTime, date_1904);
    let (year, month, day, ..) = date.to_ymd_hms_milli();
    let text = if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    };
    (text.into(), CellKind::Date)
}

/// A date written as `2018-03-05T00:00:00.000`, as XML formats do: without the parts that say
/// nothing. Times of day come with the day before the first.
pub(in super::super) fn iso_date(text: &str) -> (Cow<'_, str>, CellKind) {
    let text = text.trim();
    let Some((date, time)) = text.split_once('T') else {
        return (
            text.into(),
            if is_date(text) {
                CellKind::Date
            } else {
                CellKind::Text
            },
        );
    };
    let time = time
        .trim_end_matches('Z')
        .split('.')
        .next()
        .unwrap_or_default();
    if !is_date(date) {
        return (text.into(), CellKind::Text);
    }
    if matches!(date, "1899-12-30" | "1899-12-31") {
        return (time.into(), CellKind::Text);
    }
    if matches!(time, "" | "00:00" | "00:00:00") {
        return (date.into(), CellKind::Date);
    }
    (format!("{date}T{time}").into(), CellKind::Date)
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// `PT14H30M00S` as `14:30:00`; anything else as it is.
pub(super) fn iso_duration(text: &str) -> String {
    fn parts(text: &str) -> Option<(u64, u64, f64)> {
        let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
        let (minutes, rest) = rest.split_once('M')?;
        let seconds = rest.strip_suffix('S')?.replace(',', ".");
        Some((
            hours.parse().ok()?,
            minutes.parse().ok()?,
            seconds.parse().ok()?,
        ))
    }
    parts(text).map_or_else(
        || text.to_owned(),
        |(hours, minutes, seconds)| {
            format!("{hours:02}:{minutes:02}:{:02}", seconds.round() as u64)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_out() {
        for (number, text) in [
            (12.0, "12"),
            (-0.0, "0"),
            (3.45, "3.45"),
            (0.1 + 0.2, "0.3"),
            (1e-7, "0.0000001"),
            (150_121_000_000.0, "150121000000"),
            (1.501_211_860_010_11e17, "150121186001011000"),
            (1e21, "1000000000000000000000"),
            (-1234.5, "-1234.5"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }

    fn date(value: f64, date_1904: bool) -> (String, CellKind) {
        let (text, kind) = serial(value, false, date_1904);
        (text.into_owned(), kind)
    }

    #[test]
    fn serial_numbers_are_dates_in_both_systems() {
        assert_eq!(date(43164.0, false), ("2018-03-05".into(), CellKind::Date));
        assert_eq!(date(41702.0, true), ("2018-03-05".into(), CellKind::Date));
        assert_eq!(
            date(43_164.604_166_666_664, false),
            ("2018-03-05T14:30:00".into(), CellKind::Date)
        );
        assert_eq!(date(1.0, false), ("1900-01-01".into(), CellKind::Date));
        // The day that never was stays recognisable.
        assert_eq!(date(60.0, false), ("1900-02-29".into(), CellKind::Date));
        assert_eq!(date(61.0, false), ("1900-03-01".into(), CellKind::Date));
        assert_eq!(date(366.0, false), ("1900-12-31".into(), CellKind::Date));
        assert_eq!(
            date(LAST_DAY_1900, false),
            ("9999-12-31".into(), CellKind::Date)
        );
    }

    #[test]
    fn what_is_no_date_keeps_its_number() {
        assert_eq!(
            date(20_180_305.0, false),
            ("20180305".into(), CellKind::Number)
        );
        assert_eq!(date(-3.0, false), ("-3".into(), CellKind::Number));
        assert_eq!(date(0.0, false), ("0".into(), CellKind::Number));
        assert_eq!(date(0.75, false), ("18:00:00".into(), CellKind::Text));
        assert_eq!(
            serial(1.5, true, false),
            ("36:00:00".into(), CellKind::Text)
        );
    }

    #[test]
    fn dates_of_xml_formats_lose_their_empty_parts() {
        assert_eq!(
            iso_date("2018-03-05T00:00:00.000"),
            ("2018-03-05".into(), CellKind::Date)
        );
        assert_eq!(
            iso_date("2018-03-05"),
            ("2018-03-05".into(), CellKind::Date)
        );
        assert_eq!(
            iso_date("2018-03-05T14:30:00"),
            ("2018-03-05T14:30:00".into(), CellKind::Date)
        );
        assert_eq!(
            iso_date("1899-12-31T14:30:00.000"),
            ("14:30:00".into(), CellKind::Text)
        );
        assert_eq!(iso_date("soon"), ("soon".into(), CellKind::Text));
        assert_eq!(iso_duration("PT14H30M00S"), "14:30:00");
        assert_eq!(iso_duration("PT5M"), "PT5M");
    }
}
