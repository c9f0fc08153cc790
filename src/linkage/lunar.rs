//! The Chinese calendar, as far as registers need it: a birthday written down by the lunar calendar
//! without saying so. Entry point: [`lunar_as_gregorian`].

use crate::domain::calendar::days;

/// The first day of the lunar year 1900: 31 January 1900.
const FIRST_DAY: i32 = -25_537;
const FIRST_YEAR: i32 = 1900;

/// Per lunar year 1900–2050: bits 0–3 the month after which a leap month stands (0 none), then one
/// bit per month in order, set for 30 days.
const YEARS: [u32; 151] = [
    0x16d28, 0x07520, 0x0ea50, 0x164a5, 0x064b0, 0x0a9b0, 0x15564, 0x056a0, 0x0b590, 0x17522,
    0x07520, 0x1b256, 0x0b250, 0x0a4b0, 0x14ab5, 0x02ad0, 0x056b0, 0x0b692, 0x0da90, 0x1d927,
    0x0e920, 0x0d250, 0x1a4d5, 0x0a560, 0x02b60, 0x15b54, 0x06d40, 0x0ea90, 0x1e922, 0x0e920,
    0x0d266, 0x052b0, 0x0a570, 0x12d65, 0x0b5a0, 0x06d40, 0x0ec93, 0x07490, 0x16937, 0x0a930,
    0x052b0, 0x0a5b6, 0x0aad0, 0x056a0, 0x1b554, 0x0ba40, 0x0b490, 0x1a932, 0x0a950, 0x152d7,
    0x05360, 0x0aad0, 0x15aa5, 0x05b20, 0x0ba50, 0x1d4a3, 0x0d4a0, 0x0a958, 0x0a970, 0x05560,
    0x0ab56, 0x0ad50, 0x06d20, 0x0ea54, 0x0ea50, 0x064a0, 0x0c973, 0x0a9b0, 0x155a7, 0x056a0,
    0x0b690, 0x17525, 0x0b520, 0x0b250, 0x164b4, 0x0a4b0, 0x14ab8, 0x02ad0, 0x05ad0, 0x0b696,
    0x0da90, 0x0d920, 0x1d254, 0x0d250, 0x1a4da, 0x0a560, 0x02b60, 0x05b56, 0x06d50, 0x0ea90,
    0x1e925, 0x0e920, 0x0d260, 0x0a563, 0x0a570, 0x14d68, 0x035a0, 0x06d50, 0x16c95, 0x07490,
    0x06930, 0x152b4, 0x052b0, 0x0a5b0, 0x155a2, 0x056a0, 0x1b557, 0x0ba40, 0x0b490, 0x1a935,
    0x0a950, 0x052d0, 0x0aad4, 0x0ab50, 0x15aa9, 0x05d20, 0x0da50, 0x1d4a6, 0x0d4a0, 0x0c950,
    0x152e4, 0x05560, 0x0ab50, 0x15b22, 0x06d20, 0x0ea56, 0x07250, 0x064b0, 0x0c975, 0x0cab0,
    0x055a0, 0x0ad63, 0x0b690, 0x1752b, 0x0b520, 0x0b250, 0x1a4b6, 0x0a4b0, 0x04ab0, 0x055b5,
    0x05ad0, 0x0b6a0, 0x1b522, 0x0d920, 0x1d257, 0x0d250, 0x0a550, 0x14ad5, 0x04b60, 0x05b50,
    0x0daa3,
];

/// The day that comes out when the lunar month and day of `day` are written as if they were Gregorian
/// ones; `None` outside 1900–2050 and where there is no such date (30 February).
#[must_use]
pub fn lunar_as_gregorian(day: i32) -> Option<i32> {
    let mut start = FIRST_DAY;
    if day < start {
        return None;
    }
    for (year, code) in (FIRST_YEAR..).zip(YEARS) {
        let leap = code & 15;
        for place in 0..12 + u32::from(leap > 0) {
            let length = 29 + (code >> (4 + place) & 1) as i32;
            if day < start + length {
                let month = if leap > 0 && place >= leap {
                    place
                } else {
                    place + 1
                };
                return days(year, month, (day - start) as u32 + 1);
            }
            start += length;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_years_days_are_where_the_almanac_has_them() {
        for (year, month, day) in [
            (2000, 2, 5),
            (2015, 2, 19),
            (2018, 2, 16),
            (2019, 2, 5),
            (2020, 1, 25),
            (2024, 2, 10),
        ] {
            let new_year = days(year, month, day).unwrap();
            assert_eq!(lunar_as_gregorian(new_year), days(year, 1, 1));
            // The last day of the twelfth month of the year before, the 29th or 30th.
            let eve = lunar_as_gregorian(new_year - 1);
            assert!(eve == days(year - 1, 12, 29) || eve == days(year - 1, 12, 30));
        }
    }

    #[test]
    fn festivals_and_leap_months_fall_right() {
        // Mid-Autumn of 2018 and Dragon Boat of 2020, which had a leap fourth month before it.
        assert_eq!(
            lunar_as_gregorian(days(2018, 9, 24).unwrap()),
            days(2018, 8, 15)
        );
        assert_eq!(
            lunar_as_gregorian(days(2020, 6, 25).unwrap()),
            days(2020, 5, 5)
        );
        assert_eq!(lunar_as_gregorian(days(1899, 1, 1).unwrap()), None);
    }
}
