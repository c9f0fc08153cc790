//! Dates and times of day in the thirty-odd spellings that exports use, Excel serials included.
//! Entry point: [`read`]. Keeps the wall-clock time of China as written and the precision as known;
//! never converts a lunar date, never guesses between 3 May and 5 March.

pub use super::calendar::{civil, days, format};

use super::date_text;
use super::text;

/// How much of a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Date and time of day.
    Minute,
    /// Date.
    Day,
    /// Year and month.
    Month,
    /// Year.
    Year,
}

/// What a date cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateStatus {
    /// A date.
    Ok,
    /// Blank, or a word that means missing.
    Null,
    /// A default date that stands for missing: 1900-01-01, 1899-12-30, 9999-12-31.
    Placeholder,
    /// Day and month cannot be told apart.
    Ambiguous,
    /// A date of the lunar calendar.
    Lunar,
    /// No date, or one that does not exist.
    Invalid,
    /// A date whose century was inferred: take it only where the column shows the order.
    TwoDigitYear,
}

impl DateStatus {
    /// One word for rules and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Null => "null",
            Self::Placeholder => "null_like",
            Self::Ambiguous => "ambiguous",
            Self::Lunar => "lunar",
            Self::Invalid => "invalid",
            Self::TwoDigitYear => "two_digit_year",
        }
    }

    /// Whether the cell means that the date is missing.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, Self::Null | Self::Placeholder)
    }
}

/// A read date cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateReading {
    /// Days since 1970-01-01 of the first day of what is known: mind [`precision`](Self::precision),
    /// or take [`day`](Self::day).
    pub days: Option<i32>,
    /// Minutes since midnight, when the time of day is known.
    pub minute: Option<u16>,
    /// How much is known.
    pub precision: Precision,
    /// What the cell holds.
    pub status: DateStatus,
}

impl DateReading {
    pub(super) fn none(status: DateStatus) -> Self {
        Self {
            days: None,
            minute: None,
            precision: Precision::Day,
            status,
        }
    }

    pub(super) fn known(days: i32, precision: Precision) -> Self {
        Self {
            days: Some(days),
            minute: None,
            precision,
            status: DateStatus::Ok,
        }
    }

    /// A calendar date; the default dates of programs come out as placeholders.
    pub(super) fn of(year: i32, month: u32, day: u32) -> Self {
        match (year, month, day) {
            (1900 | 1753 | 1, 1, 1) | (1899, 12, 30 | 31) | (9999 | 2999, 12, 31) => {
                Self::none(DateStatus::Placeholder)
            }
            (1800..2200, ..) => days(year, month, day)
                .map_or(Self::none(DateStatus::Invalid), |day| {
                    Self::known(day, Precision::Day)
                }),
            _ => Self::none(DateStatus::Invalid),
        }
    }

    /// A month without a day.
    pub(super) fn of_month(year: i32, month: u32) -> Self {
        match days(year, month, 1) {
            Some(first) if (1800..2200).contains(&year) => Self::known(first, Precision::Month),
            _ => Self::none(DateStatus::Invalid),
        }
    }

    /// A year without a month.
    pub(super) fn of_year(year: i32) -> Self {
        Self {
            precision: Precision::Year,
            ..Self::of_month(year, 1)
        }
    }

    /// Adds a time of day in minutes, 1440 meaning the end of the day. A midnight written 00:00 says
    /// only that a program added a time, unless `midnight` says that someone meant it.
    pub(super) fn at(self, minute: i32, midnight: bool) -> Self {
        let Some(days) = self.days else { return self };
        let days = days + minute.div_euclid(1440);
        let minute = minute.rem_euclid(1440);
        if minute == 0 && !midnight {
            return Self {
                days: Some(days),
                ..self
            };
        }
        Self {
            days: Some(days),
            minute: u16::try_from(minute).ok(),
            precision: Precision::Minute,
            ..self
        }
    }

    /// The day, when it is known without doubt: not of a month, not of a two-digit year.
    #[must_use]
    pub fn day(&self) -> Option<i32> {
        match (self.status, self.precision) {
            (DateStatus::Ok, Precision::Minute | Precision::Day) => self.days,
            _ => None,
        }
    }
}

/// Reads a date cell. `numeric` says that the cell is a number of a spreadsheet, `date_1904` that
/// its workbook counts from 1904; `today`, in days since 1970-01-01, settles two-digit years.
#[must_use]
pub fn read(cell: &str, numeric: bool, date_1904: bool, today: i32) -> DateReading {
    if let Some(reading) = iso(cell.as_bytes()) {
        return reading;
    }
    if text::is_null(cell) {
        return DateReading::none(DateStatus::Null);
    }
    let cleaned = text::clean(cell);
    let folded = text::nfkc(&cleaned);
    if let Some(reading) = number(&folded, numeric, date_1904, today) {
        return reading;
    }
    date_text::read(&folded, today)
}

/// The common cases: `2018-03-05`, `2018/3/5`, `2018.3.5`, alone or (two digits each) before
/// ` 14:30`, ` 14:30:00` or the same behind a `T`.
fn iso(bytes: &[u8]) -> Option<DateReading> {
    let (date, time) = match bytes.len() {
        8..=10 => (bytes, None),
        16 | 19 if matches!(bytes[10], b' ' | b'T') => (&bytes[..10], Some(&bytes[11..])),
        _ => return None,
    };
    if !matches!(date[4], b'-' | b'/' | b'.') {
        return None;
    }
    let rest = &date[5..];
    let split = rest.iter().position(|byte| *byte == date[4])?;
    let year = digits(&date[..4])?;
    let month = short(&rest[..split])?;
    let day = short(&rest[split + 1..])?;
    // `0000-00-00` and other oddities take the long way.
    if year == 0 {
        return None;
    }
    let date = DateReading::of(year as i32, month, day);
    match time {
        None => Some(date),
        Some(time) => Some(date.at(clock(time)?, false)),
    }
}

/// Minutes of `14:30` or `14:30:00`.
fn clock(time: &[u8]) -> Option<i32> {
    let valid =
        time[2] == b':' && (time.len() == 5 || (time[5] == b':' && digits(&time[6..])? < 60));
    let (hour, minute) = (digits(&time[..2])?, digits(&time[3..5])?);
    (valid && hour < 24 && minute < 60).then_some((hour * 60 + minute) as i32)
}

fn short(bytes: &[u8]) -> Option<u32> {
    if (1..=2).contains(&bytes.len()) {
        digits(bytes)
    } else {
        None
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + u32::from(byte - b'0'))
    })
}

/// A cell that is one number: `20180305`, `201803`, `20180305143000`, `2018`, an Excel serial.
fn number(text: &str, numeric: bool, date_1904: bool, today: i32) -> Option<DateReading> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || text.ends_with('.') {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let value: u64 = whole.parse().ok()?;
    if fraction.is_empty() && whole.len() >= 6 {
        return Some(compact(whole, value, today));
    }
    match value {
        1800..2200 if fraction.is_empty() => Some(DateReading::of_year(value as i32)),
        // `2018.3` as text or number is a month; the number 2018.1 may have been `2018.10`.
        1800..2200 if fraction == "1" && numeric => Some(DateReading::none(DateStatus::Ambiguous)),
        1800..2200 => {
            let month = if fraction == "1" && text.ends_with("10") {
                10
            } else {
                fraction.parse().ok()?
            };
            Some(DateReading::of_month(value as i32, month))
        }
        10_000..73_051 => Some(serial(value as i32, fraction, date_1904)),
        _ if numeric && value < 10_000 => Some(serial(value as i32, fraction, date_1904)),
        _ => Some(DateReading::none(DateStatus::Invalid)),
    }
}

/// A run of digits without separators.
fn compact(digits: &str, value: u64, today: i32) -> DateReading {
    let date = |ymd: u64| {
        DateReading::of(
            (ymd / 10_000) as i32,
            (ymd / 100 % 100) as u32,
            (ymd % 100) as u32,
        )
    };
    let clock = |hm: u64| match (hm / 100, hm % 100) {
        (hour @ 0..24, minute @ 0..60) => Some((hour * 60 + minute) as i32),
        (24, 0) => Some(1440),
        _ => None,
    };
    let timed = |ymd: u64, hm: u64| {
        clock(hm).map_or(DateReading::none(DateStatus::Invalid), |minute| {
            date(ymd).at(minute, false)
        })
    };
    match digits.len() {
        6 if (1900..2200).contains(&(value / 100)) && (1..=12).contains(&(value % 100)) => {
            DateReading::of_month((value / 100) as i32, (value % 100) as u32)
        }
        6 => two_digit_year(
            (value / 10_000) as u32,
            (value / 100 % 100) as u32,
            (value % 100) as u32,
            today,
        ),
        8 => date(value),
        12 => timed(value / 10_000, value % 10_000),
        14 => timed(value / 1_000_000, value / 100 % 10_000),
        17 => timed(value / 1_000_000_000, value / 100_000 % 10_000),
        _ => DateReading::none(DateStatus::Invalid),
    }
}

/// A date with a two-digit year, in the last hundred years before `today`.
pub(super) fn two_digit_year(year: u32, month: u32, day: u32, today: i32) -> DateReading {
    let this_year = civil(today).0;
    let year = year as i32;
    let year = if 2000 + year <= this_year {
        2000 + year
    } else {
        1900 + year
    };
    let reading = DateReading::of(year, month, day);
    match reading.status {
        DateStatus::Ok => DateReading {
            status: DateStatus::TwoDigitYear,
            ..reading
        },
        _ => reading,
    }
}

/// An Excel serial: days since 1899-12-30 (or since 1904-01-01), the fraction being the time.
/// The 1900 system counts a 29 February 1900 that never was.
fn serial(value: i32, fraction: &str, date_1904: bool) -> DateReading {
    let days = match value {
        _ if date_1904 => value - 24_107,
        60 => return DateReading::none(DateStatus::Invalid),
        0..60 => value - 25_568,
        _ => value - 25_569,
    };
    let (year, month, day) = civil(days);
    let time: f64 = format!("0.{fraction}0").parse().unwrap_or(0.0);
    DateReading::of(year, month, day).at((time * 1440.0).round() as i32, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &[(&str, &str, &str)] = &[
        ("2018-03-05", "2018-03-05", "day"),
        ("2018/3/5", "2018-03-05", "day"),
        ("2018.3.5", "2018-03-05", "day"),
        ("2018.03.05", "2018-03-05", "day"),
        ("20180305", "2018-03-05", "day"),
        ("20180305143000", "2018-03-05T14:30", "minute"),
        ("2018年3月5日", "2018-03-05", "day"),
        ("2018年03月05日14时30分", "2018-03-05T14:30", "minute"),
        ("2018-03-05 14:30:00", "2018-03-05T14:30", "minute"),
        ("2018/3/5 14:30", "2018-03-05T14:30", "minute"),
        ("2018-03-05T14:30:00+08:00", "2018-03-05T14:30", "minute"),
        ("43164", "2018-03-05", "day"),
        ("43164.604166667", "2018-03-05T14:30", "minute"),
        ("18.3.5", "2018-03-05", "two_digit_year"),
        ("2018-03", "2018-03-01", "month"),
        ("2018年3月", "2018-03-01", "month"),
        ("201803", "2018-03-01", "month"),
        ("二〇一八年三月五日", "2018-03-05", "day"),
        ("二零一八年三月五日", "2018-03-05", "day"),
        ("3/5/2018", "", "ambiguous"),
        ("农历二月初三", "", "lunar"),
        ("2018-02-29", "", "invalid"),
        ("1900-01-00", "", "invalid"),
        ("1899-12-30", "", "null_like"),
        ("1900-01-01", "", "null_like"),
        ("2018-00-00", "", "invalid"),
        ("9999-12-31", "", "null_like"),
        ("不详", "", "null"),
        ("２０１８－０３－０５", "2018-03-05", "day"),
        ("2018-3-5 0:00:00", "2018-03-05", "day"),
        ("Mon Mar 05 14:30:00 CST 2018", "2018-03-05T14:30", "minute"),
        ("2018. 3. 5", "2018-03-05", "day"),
    ];

    const MORE: &[(&str, &str, &str)] = &[
        ("", "", "null"),
        ("0000-00-00", "", "null"),
        ("二○一八年十二月三十一日", "2018-12-31", "day"),
        ("二O一八年十月二十日", "2018-10-20", "day"),
        ("1949年10月1日", "1949-10-01", "day"),
        ("2018年3月5号", "2018-03-05", "day"),
        ("2018年3月5日 星期一", "2018-03-05", "day"),
        ("2018年3月5日下午2时30分", "2018-03-05T14:30", "minute"),
        ("2018/3/5 2:30:00 PM", "2018-03-05T14:30", "minute"),
        ("2018/3/5 上午 12:10", "2018-03-05T00:10", "minute"),
        ("2018年03月05日00时00分", "2018-03-05T00:00", "minute"),
        ("2018-03-05 00:00:00.000", "2018-03-05", "day"),
        ("2018-03-05T14:30:00", "2018-03-05T14:30", "minute"),
        ("2018-03-04T16:00:00.000Z", "2018-03-05", "day"),
        ("2018-03-05 24:00", "2018-03-06", "day"),
        ("2018-03-05 25:00", "", "invalid"),
        (
            "Mon Mar 05 2018 14:30:00 GMT+0800 (中国标准时间)",
            "2018-03-05T14:30",
            "minute",
        ),
        ("05-MAR-2018", "2018-03-05", "day"),
        ("05-MAR-18", "2018-03-05", "two_digit_year"),
        ("05-3月 -18", "2018-03-05", "two_digit_year"),
        ("25/12/2018", "2018-12-25", "day"),
        ("12/25/2018", "2018-12-25", "day"),
        ("3/3/2018", "2018-03-03", "day"),
        ("05/03/18", "", "ambiguous"),
        ("3/5/18", "", "ambiguous"),
        ("98-12-31", "1998-12-31", "two_digit_year"),
        ("180305", "2018-03-05", "two_digit_year"),
        ("2018", "2018-01-01", "year"),
        ("2018年", "2018-01-01", "year"),
        ("2018年3月份", "2018-03-01", "month"),
        ("2018.3", "2018-03-01", "month"),
        ("2018.10", "2018-10-01", "month"),
        ("201803051430", "2018-03-05T14:30", "minute"),
        ("20180305 14:30", "2018-03-05T14:30", "minute"),
        ("20181305", "", "invalid"),
        ("正月初五", "", "lunar"),
        ("二月廿三", "", "lunar"),
        ("王芳", "", "invalid"),
        ("3月5日", "", "invalid"),
        ("2018-03-05 abc", "", "invalid"),
        ("150121188001010030", "", "invalid"),
        ("12", "", "invalid"),
    ];

    fn shown(reading: DateReading) -> (String, &'static str) {
        let Some(days) = reading.days else {
            return (String::new(), reading.status.as_str());
        };
        let time = reading
            .minute
            .map(|m| format!("T{:02}:{:02}", m / 60, m % 60));
        let word = match (reading.status, reading.precision) {
            (DateStatus::Ok, Precision::Minute) => "minute",
            (DateStatus::Ok, Precision::Day) => "day",
            (DateStatus::Ok, Precision::Month) => "month",
            (DateStatus::Ok, Precision::Year) => "year",
            (status, _) => status.as_str(),
        };
        (format(days) + &time.unwrap_or_default(), word)
    }

    fn today() -> i32 {
        days(2020, 6, 30).unwrap()
    }

    #[test]
    fn every_spelling_is_read() {
        for (input, expected, word) in VECTORS.iter().chain(MORE) {
            let reading = read(input, false, false, today());
            assert_eq!(shown(reading), ((*expected).to_owned(), *word), "{input}");
        }
    }

    #[test]
    fn the_1904_system_needs_the_flag_of_the_workbook() {
        assert_eq!(
            shown(read("41702", true, true, today())),
            ("2018-03-05".into(), "day")
        );
        assert_eq!(
            shown(read("41702", true, false, today())),
            ("2014-03-04".into(), "day")
        );
    }

    #[test]
    fn numbers_of_a_spreadsheet_are_serials_or_compact_dates() {
        let numeric = |cell| shown(read(cell, true, false, today()));
        assert_eq!(numeric("20180305"), ("2018-03-05".into(), "day"));
        assert_eq!(numeric("61"), ("1900-03-01".into(), "day"));
        assert_eq!(numeric("60"), (String::new(), "invalid"));
        assert_eq!(numeric("1"), (String::new(), "null_like"));
        assert_eq!(numeric("2018.1"), (String::new(), "ambiguous"));
        assert_eq!(numeric("43164.999999"), ("2018-03-06".into(), "day"));
        assert_eq!(numeric("43164.0"), ("2018-03-05".into(), "day"));
    }

    #[test]
    fn a_month_gives_no_day() {
        assert_eq!(read("2018-03", false, false, today()).day(), None);
        assert_eq!(read("18.3.5", false, false, today()).day(), None);
        assert!(read("2018-03-05", false, false, today()).day().is_some());
    }
}
