//! The Gregorian calendar as days since 1970-01-01: the arithmetic behind dates, ages and periods.
//! Entry points: [`days`] and [`civil`]. Knows nothing of spellings; see [`date`](super::date).

/// Days since 1970-01-01 of a date, or `None` when there is no such date.
#[must_use]
pub fn days(year: i32, month: u32, day: u32) -> Option<i32> {
    (day >= 1 && day <= days_in_month(year, month)).then(|| to_days(year, month, day))
}

/// Year, month (1–12) and day (1–31) of a day count.
///
/// Eras of 400 years start on 1 March, so that a leap day is the last day of its year.
#[must_use]
pub fn civil(days: i32) -> (i32, u32, u32) {
    let shifted = i64::from(days) + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year as i32, month as u32, day as u32)
}

/// `YYYY-MM-DD`.
#[must_use]
pub fn format(days: i32) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The year of a day count.
#[must_use]
pub fn year(days: i32) -> i32 {
    civil(days).0
}

/// The same day `months` later; the last day of the month where that day does not exist.
#[must_use]
pub fn add_months(days: i32, months: i32) -> i32 {
    let (year, month, day) = civil(days);
    let index = year * 12 + month as i32 - 1 + months;
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) as u32 + 1);
    to_days(year, month, day.min(days_in_month(year, month)))
}

/// How many days a month has; 0 when there is no such month.
#[must_use]
pub fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 0,
    }
}

/// Whether the year has a 29 February.
#[must_use]
pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn to_days(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_civil_are_inverse_over_four_centuries() {
        for day in -80_000..80_000 {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), Some(day));
        }
        assert_eq!(days(1970, 1, 1), Some(0));
        assert_eq!(format(17_595), "2018-03-05");
        assert_eq!(year(-1), 1969);
    }

    #[test]
    fn dates_that_do_not_exist_are_none() {
        assert_eq!(days(2018, 2, 29), None);
        assert_eq!(days(1900, 2, 29), None);
        assert!(days(2000, 2, 29).is_some());
        assert_eq!(days(2018, 13, 1), None);
        assert_eq!(days(2018, 0, 1), None);
        assert_eq!(days(2018, 1, 0), None);
    }

    #[test]
    fn a_month_after_the_31st_is_the_last_day_of_the_next_month() {
        let add = |y, m, d, n| format(add_months(days(y, m, d).unwrap(), n));
        assert_eq!(add(2018, 1, 31, 1), "2018-02-28");
        assert_eq!(add(2018, 12, 5, 1), "2019-01-05");
        assert_eq!(add(2018, 1, 15, -1), "2017-12-15");
    }
}
