//! What a delivery covers: a run of whole months, shown as `2018`, `2018Q1`, `2018-03`,
//! `2018-01..2018-06` or `2016..2020`. Entry points: [`Period::parse`], [`find_in`].

use std::fmt;

use super::calendar;
use super::period_text;

/// A calendar month. Ordered in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    /// A month, or `None` when `month` is not 1 to 12.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        (1..=12).contains(&month).then_some(Self { year, month })
    }

    /// The month of a day, in days since 1970-01-01.
    #[must_use]
    pub fn of(days: i32) -> Self {
        let (year, month, _) = calendar::civil(days);
        Self { year, month }
    }

    /// The month `months` later.
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        let index = self.index() + months;
        Self {
            year: index.div_euclid(12),
            month: index.rem_euclid(12) as u32 + 1,
        }
    }

    /// Months since January of the year 0.
    fn index(self) -> i32 {
        self.year * 12 + self.month as i32 - 1
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Whole months from `from` to `to`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
}

impl Period {
    /// The months from `from` to `to`, or `None` when `to` is before `from`.
    #[must_use]
    pub fn new(from: Month, to: Month) -> Option<Self> {
        (from <= to).then_some(Self { from, to })
    }

    /// A calendar year.
    #[must_use]
    pub fn of_year(year: i32) -> Self {
        Self::of_years(year, year)
    }

    /// Calendar years, both included; the order does not matter.
    #[must_use]
    pub fn of_years(one: i32, other: i32) -> Self {
        Self {
            from: Month {
                year: one.min(other),
                month: 1,
            },
            to: Month {
                year: one.max(other),
                month: 12,
            },
        }
    }

    /// One month.
    #[must_use]
    pub fn of_month(month: Month) -> Self {
        Self {
            from: month,
            to: month,
        }
    }

    /// A quarter, 1 to 4.
    #[must_use]
    pub fn of_quarter(year: i32, quarter: u32) -> Option<Self> {
        let month = (1..=4).contains(&quarter).then_some(quarter * 3)?;
        Self::new(Month::new(year, month - 2)?, Month::new(year, month)?)
    }

    /// Reads a period as it is displayed; `201803`, `2018H1` and the Chinese forms too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.split_once("..") {
            Some((from, to)) => {
                let (from, to) = (period_text::whole(from)?, period_text::whole(to)?);
                Self::new(from.from, to.to)
            }
            None => period_text::whole(text),
        }
    }

    /// How many months it covers.
    #[must_use]
    pub fn months(&self) -> i32 {
        self.to.index() - self.from.index() + 1
    }

    /// Whether all of `other` lies in it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether a month of `other` lies in it.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    /// The year, when it is exactly one calendar year.
    #[must_use]
    pub fn year(&self) -> Option<i32> {
        (self.months() == 12 && self.from.month == 1).then_some(self.from.year)
    }

    /// Its first day, in days since 1970-01-01.
    #[must_use]
    pub fn first_day(&self) -> i32 {
        calendar::days(self.from.year, self.from.month, 1).unwrap_or(0)
    }

    /// Its last day, in days since 1970-01-01.
    #[must_use]
    pub fn last_day(&self) -> i32 {
        let next = self.to.plus(1);
        calendar::days(next.year, next.month, 1).unwrap_or(0) - 1
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from, self.to);
        match (self.months(), from.month) {
            (1, _) => write!(f, "{from}"),
            (3, 1 | 4 | 7 | 10) => write!(f, "{:04}Q{}", from.year, to.month / 3),
            (12, 1) => write!(f, "{:04}", from.year),
            (months, 1) if months % 12 == 0 => write!(f, "{:04}..{:04}", from.year, to.year),
            _ => write!(f, "{from}..{to}"),
        }
    }
}

/// The period that a title, a sheet name or a file name speaks of.
///
/// Reads `2018年3月`, `2018年1-6月`, `2018年第一季度`, `2018年上半年`, `2018年度`, `二〇一八年`,
/// `2016-2020年`, `201803`, `2018-03`, `2018.03`, `2018Q1`; `截至2018年12月31日` is `2018-12` (see
/// [`is_snapshot`]). Digits that belong to a longer number are left alone.
#[must_use]
pub fn find_in(text: &str) -> Option<Period> {
    period_text::find(text)
}

/// Whether the text speaks of a state at the end of its period (截至, 年末), not of what happened in it.
#[must_use]
pub fn is_snapshot(text: &str) -> bool {
    [
        "截至", "截止", "年末", "月末", "季末", "时点", "年底", "月底",
    ]
    .iter()
    .any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_back_as_displayed() {
        for text in [
            "2018",
            "2018Q1",
            "2018-03",
            "2018-01..2018-06",
            "2016..2020",
            "2017-11..2018-10",
        ] {
            assert_eq!(
                Period::parse(text)
                    .map(|period| period.to_string())
                    .as_deref(),
                Some(text)
            );
        }
        let shown = |text| Period::parse(text).map(|period| period.to_string());
        assert_eq!(shown("201803").as_deref(), Some("2018-03"));
        assert_eq!(shown("2018H1").as_deref(), Some("2018-01..2018-06"));
        assert_eq!(shown("2018-01..2018-12").as_deref(), Some("2018"));
        assert_eq!(shown("2018q4").as_deref(), Some("2018Q4"));
        assert_eq!(shown("2018年第二季度").as_deref(), Some("2018Q2"));
        for text in [
            "",
            "18",
            "2018-13",
            "2018Q5",
            "2018-06..2018-01",
            "abc",
            "2018-03-05x",
            "x2018",
        ] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }

    #[test]
    fn containment_and_overlap_are_by_months() {
        let period = |text| Period::parse(text).unwrap();
        assert!(period("2018").contains(&period("2018Q1")));
        assert!(!period("2018Q1").contains(&period("2018")));
        assert!(period("2018Q1").overlaps(&period("2018-03..2018-04")));
        assert!(!period("2018Q1").overlaps(&period("2018Q2")));
        assert_eq!(period("2018").year(), Some(2018));
        assert_eq!(period("2018Q1").months(), 3);
        assert_eq!(calendar::format(period("2018-02").last_day()), "2018-02-28");
        assert_eq!(calendar::format(period("2018-12").last_day()), "2018-12-31");
        assert_eq!(calendar::format(period("2018").first_day()), "2018-01-01");
    }
}
