//! Defaults that move with the calendar or with the data.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::facts::Facts;
use super::parameter::ParameterType;

/// A value that depends on the day of the question or on what was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relative {
    /// The latest year that the deliveries cover to its end.
    LatestCompleteYear,
    /// Today's year.
    ThisYear,
    /// The year before today's.
    LastYear,
    /// Today's month.
    ThisMonth,
    /// The month before today's.
    LastMonth,
    /// The quarter before today's.
    LastQuarter,
    /// Today.
    Today,
    /// The day before today.
    Yesterday,
}

impl Relative {
    const WORDS: [(&'static str, Self); 8] = [
        ("latest_complete_year", Self::LatestCompleteYear),
        ("this_year", Self::ThisYear),
        ("last_year", Self::LastYear),
        ("this_month", Self::ThisMonth),
        ("last_month", Self::LastMonth),
        ("last_quarter", Self::LastQuarter),
        ("today", Self::Today),
        ("yesterday", Self::Yesterday),
    ];

    /// What a word means for a parameter of this type; nothing when it is a value like any other.
    pub(super) fn read(word: &str, kind: ParameterType) -> Option<Self> {
        let (_, relative) = Self::WORDS.iter().find(|(known, _)| *known == word)?;
        relative.suits(kind).then_some(*relative)
    }

    /// The words that a parameter of this type may have for a value.
    pub(super) fn words(kind: ParameterType) -> impl Iterator<Item = &'static str> {
        let all = Self::WORDS.iter();
        all.filter(move |(_, relative)| relative.suits(kind))
            .map(|(word, _)| *word)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let mut all = Self::WORDS.iter();
        all.find(|(_, relative)| *relative == self)
            .map_or("", |(word, _)| word)
    }

    fn suits(self, kind: ParameterType) -> bool {
        match self {
            Self::LatestCompleteYear | Self::ThisYear | Self::LastYear => {
                matches!(kind, ParameterType::Year | ParameterType::Period)
            }
            Self::ThisMonth | Self::LastMonth | Self::LastQuarter => kind == ParameterType::Period,
            Self::Today | Self::Yesterday => kind == ParameterType::Date,
        }
    }

    /// The value as it would be written; `None` while no delivery covers a whole year.
    pub(super) fn text(self, facts: &Facts) -> Option<String> {
        let today = facts.today;
        let month = |back: u32| today.with_day(1)?.checked_sub_months(Months::new(back));
        let year_month = |day: NaiveDate| day.format("%Y-%m").to_string();
        match self {
            Self::LatestCompleteYear => facts.latest_complete_year.map(|year| year.to_string()),
            Self::ThisYear => Some(today.year().to_string()),
            Self::LastYear => Some((today.year() - 1).to_string()),
            Self::ThisMonth => month(0).map(year_month),
            Self::LastMonth => month(1).map(year_month),
            Self::LastQuarter => {
                let day = month(3)?;
                Some(format!("{}Q{}", day.year(), day.month0() / 3 + 1))
            }
            Self::Today => Some(today.to_string()),
            Self::Yesterday => today
                .checked_sub_days(Days::new(1))
                .map(|day| day.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(year: i32, month: u32, day: u32) -> Facts {
        Facts {
            latest_complete_year: Some(2020),
            today: NaiveDate::from_ymd_opt(year, month, day).unwrap(),
        }
    }

    #[test]
    fn words_follow_the_calendar_also_over_the_turn_of_the_year() {
        let said = |relative: Relative, facts: &Facts| relative.text(facts).unwrap();
        let january = on(2021, 1, 1);
        assert_eq!(said(Relative::LastMonth, &january), "2020-12");
        assert_eq!(said(Relative::LastQuarter, &january), "2020Q4");
        assert_eq!(said(Relative::ThisYear, &january), "2021");
        assert_eq!(said(Relative::LastYear, &january), "2020");
        assert_eq!(said(Relative::Yesterday, &january), "2020-12-31");
        assert_eq!(said(Relative::LastQuarter, &on(2021, 5, 31)), "2021Q1");
        assert_eq!(said(Relative::LastMonth, &on(2021, 3, 31)), "2021-02");
        assert_eq!(said(Relative::ThisMonth, &on(2021, 3, 31)), "2021-03");
        assert_eq!(said(Relative::LatestCompleteYear, &january), "2020");
    }

    #[test]
    fn a_word_is_a_value_like_any_other_where_it_does_not_suit() {
        assert_eq!(
            Relative::read("last_month", ParameterType::Period),
            Some(Relative::LastMonth)
        );
        assert_eq!(Relative::read("last_month", ParameterType::Year), None);
        assert_eq!(Relative::read("today", ParameterType::Text), None);
        let words: Vec<_> = Relative::words(ParameterType::Date).collect();
        assert_eq!(words, ["today", "yesterday"]);
    }
}
