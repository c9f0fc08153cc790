//! What the warehouse knows that defaults of parameters need.

use arrow::array::AsArray;
use chrono::{Datelike, NaiveDate};

use crate::domain::{Month, Period};
use crate::error::Result;
use crate::warehouse::Session;

/// What defaults such as `latest_complete_year` and `last_month` stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The latest year that a current delivery covers to its end; `None` before the first one.
    pub latest_complete_year: Option<i32>,
    /// The day of the question.
    pub today: NaiveDate,
}

/// Plans are left out: they reach into years that nothing has happened in yet.
const PERIODS: &str = "
    SELECT DISTINCT period FROM deliveries
    WHERE status = 'current' AND period IS NOT NULL AND department <> 'development_reform'";

/// Asks the warehouse.
///
/// # Errors
/// When the deliveries cannot be read.
pub async fn facts(session: &Session, today: NaiveDate) -> Result<Facts> {
    let mut periods = Vec::new();
    for batch in session.rows(PERIODS, &[]).await? {
        let column = batch.column(0);
        // The engine may answer in either layout of text.
        if let Some(texts) = column.as_string_opt::<i32>() {
            periods.extend(texts.iter().flatten().filter_map(Period::parse));
        } else if let Some(texts) = column.as_string_view_opt() {
            periods.extend(texts.iter().flatten().filter_map(Period::parse));
        }
    }
    let latest_complete_year = periods
        .into_iter()
        .filter_map(last_year_ended)
        // A year that has not ended is not complete, whatever a delivery says of itself.
        .filter(|year| *year < today.year())
        .max();
    Ok(Facts {
        latest_complete_year,
        today,
    })
}

/// The last year whose December lies in the period.
fn last_year_ended(period: Period) -> Option<i32> {
    let year = if period.to.month == 12 {
        period.to.year
    } else {
        period.to.year - 1
    };
    (period.from <= Month { year, month: 12 }).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_complete_when_its_december_is_covered() {
        let ended = |text| last_year_ended(Period::parse(text).unwrap());
        assert_eq!(ended("2018"), Some(2018));
        assert_eq!(ended("2018-12"), Some(2018));
        assert_eq!(ended("2018Q4"), Some(2018));
        assert_eq!(ended("2016..2020"), Some(2020));
        assert_eq!(ended("2018-07..2019-06"), Some(2018));
        assert_eq!(ended("2019-01..2019-06"), None);
        assert_eq!(ended("2019-11"), None);
    }
}
