//! The axis along which lines run: years, months, days, other numbers, or names in their order.

use chrono::{Datelike, NaiveDate};

use crate::error::Result;

use super::frame::Frame;
use super::role;

/// What the positions on the axis are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Calendar years.
    Year,
    /// Months counted from year 0.
    Month,
    /// Months of any year, 1 to 12.
    MonthOfYear,
    /// Days counted from year 1.
    Day,
    /// Other whole numbers, such as ages.
    Number,
    /// Names in the order of the rows.
    Order,
}

impl Scale {
    /// Whether time runs along it.
    pub(super) fn is_time(self) -> bool {
        !matches!(self, Self::Number | Self::Order)
    }
}

/// Positions of all rows of a column.
pub(super) struct Positions {
    pub(super) scale: Scale,
    /// `None` where the row has no position: NULL, or the word for a total.
    pub(super) at: Vec<Option<i64>>,
}

/// The column as points of time, when all of it is time; otherwise numbers or names.
pub(super) fn read(frame: &Frame, column: usize) -> Result<Positions> {
    let texts = frame.texts(column)?;
    let name = frame.name(column);
    if frame.is_number(column) {
        let scale = if role::is_year(name) {
            Scale::Year
        } else if role::is_month(name) {
            Scale::MonthOfYear
        } else {
            Scale::Number
        };
        let at: Vec<Option<i64>> = texts
            .iter()
            .map(|text| text.as_deref().and_then(|text| text.parse().ok()))
            .collect();
        // `201803` in a column called month.
        let is_joined = scale == Scale::MonthOfYear
            && at
                .iter()
                .flatten()
                .all(|at| (100_000..1_000_000).contains(at));
        return Ok(if is_joined && at.iter().any(Option::is_some) {
            Positions {
                scale: Scale::Month,
                at: at
                    .into_iter()
                    .map(|at| at.map(|at| at / 100 * 12 + at % 100 - 1))
                    .collect(),
            }
        } else {
            Positions { scale, at }
        });
    }
    Ok(times(&texts).unwrap_or_else(|| order(&texts)))
}

/// Year and month in two columns, as months.
pub(super) fn join(years: &Positions, months: &Positions) -> Positions {
    let at = years.at.iter().zip(&months.at);
    Positions {
        scale: Scale::Month,
        at: at
            .map(|(year, month)| {
                let year = year.filter(|year| (0..10_000).contains(year))?;
                let month = month.filter(|month| (1..=12).contains(month))?;
                Some(year * 12 + month - 1)
            })
            .collect(),
    }
}

fn times(texts: &[Option<String>]) -> Option<Positions> {
    let mut scale = None;
    let mut at = Vec::with_capacity(texts.len());
    for text in texts {
        let Some(text) = text.as_deref().filter(|text| !is_total(text)) else {
            at.push(None);
            continue;
        };
        let (found, position) = period(text)?;
        if *scale.get_or_insert(found) != found {
            return None;
        }
        at.push(Some(position));
    }
    Some(coarsest(scale?, at))
}

/// First days of months or years stand for the whole of them.
fn coarsest(scale: Scale, at: Vec<Option<i64>>) -> Positions {
    let days: Vec<NaiveDate> = at.iter().flatten().filter_map(|at| day(*at)).collect();
    let several = days.first() != days.last();
    if scale != Scale::Day || !several || days.iter().any(|day| day.day() != 1) {
        return Positions { scale, at };
    }
    let is_year = days.iter().all(|day| day.month() == 1);
    let convert = |at: i64| {
        let day = day(at)?;
        let year = i64::from(day.year());
        Some(if is_year {
            year
        } else {
            year * 12 + i64::from(day.month0())
        })
    };
    Positions {
        scale: if is_year { Scale::Year } else { Scale::Month },
        at: at.into_iter().map(|at| at.and_then(convert)).collect(),
    }
}

fn order(texts: &[Option<String>]) -> Positions {
    let mut seen = std::collections::HashMap::new();
    Positions {
        scale: Scale::Order,
        at: texts
            .iter()
            .map(|text| {
                let next = i64::try_from(seen.len()).unwrap_or(i64::MAX);
                Some(*seen.entry(text).or_insert(next))
            })
            .collect(),
    }
}

/// Whether the word stands for all of the others together.
pub(super) fn is_total(text: &str) -> bool {
    matches!(
        text.trim(),
        "合计" | "总计" | "全县" | "全市" | "全区" | "总人口" | "total" | "Total" | "TOTAL" | "all"
    )
}

/// A year, month or day as written: `2018`, `2018年3月`, `2018-03-05T08:00:00Z`, `3月`, `m03`.
pub(super) fn period(text: &str) -> Option<(Scale, i64)> {
    let text = text.trim();
    let month = text
        .strip_suffix('月')
        .or_else(|| text.strip_prefix(['m', 'M']).filter(|rest| rest.len() == 2));
    if let Some(month) = month.and_then(|month| month.parse().ok())
        && (1..=12).contains(&month)
    {
        return Some((Scale::MonthOfYear, month));
    }
    let date = text.split(['T', ' ']).next()?;
    let date = date.strip_suffix(['年', '月', '日', '号']).unwrap_or(date);
    let mut parts = date.split(['-', '/', '.', '年', '月']);
    let year = parts.next().filter(|year| year.len() == 4).map(digits)??;
    let Some(month) = parts.next() else {
        return (1800..2200).contains(&year).then_some((Scale::Year, year));
    };
    let month = digits(month).filter(|month| (1..=12).contains(month))?;
    let Some(day) = parts.next() else {
        return Some((Scale::Month, year * 12 + month - 1));
    };
    if parts.next().is_some() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(year).ok()?,
        u32::try_from(month).ok()?,
        u32::try_from(digits(day)?).ok()?,
    )?;
    Some((Scale::Day, i64::from(date.num_days_from_ce())))
}

fn digits(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// The day of a position.
pub(super) fn day(at: i64) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(at).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read_as_chinese_and_iso_write_them() {
        for (text, expected) in [
            ("2018", Some((Scale::Year, 2018))),
            ("2018年", Some((Scale::Year, 2018))),
            ("2018-03", Some((Scale::Month, 2018 * 12 + 2))),
            ("2018年3月", Some((Scale::Month, 2018 * 12 + 2))),
            ("2018/3", Some((Scale::Month, 2018 * 12 + 2))),
            ("3月", Some((Scale::MonthOfYear, 3))),
            ("m12", Some((Scale::MonthOfYear, 12))),
            ("0001-01-02", Some((Scale::Day, 2))),
            ("0001-01-02T10:00:00Z", Some((Scale::Day, 2))),
            ("0001年1月2日", Some((Scale::Day, 2))),
            ("2018-13", None),
            ("2018-02-30", None),
            ("340825", None),
            ("晋熙镇", None),
            ("male", None),
            ("", None),
        ] {
            assert_eq!(period(text), expected, "{text}");
        }
    }
}
