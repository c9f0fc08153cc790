//! Calendar days without a clock: proleptic Gregorian, counted from 1970-01-01.

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day `year-month-day`; the caller passes a day that exists.
    pub fn new(year: i32, month: u32, day: u32) -> Self {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let of_era = y.rem_euclid(400);
        let of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
        let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Self(era * 146_097 + days - 719_468)
    }

    /// Year, month and day.
    pub fn parts(self) -> (i32, u32, u32) {
        let days = self.0 + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        } as u32;
        (year + era * 400 + i32::from(month <= 2), month, day)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.parts().0
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u32 {
        self.parts().1
    }

    /// This day moved by `days`.
    pub fn plus(self, days: i32) -> Self {
        Self(self.0 + days)
    }

    /// The serial number of Excel's 1900 system.
    pub fn serial(self) -> f64 {
        f64::from(self.0 + 25_569)
    }

    /// `2018-03-05`.
    pub fn iso(self) -> String {
        let (y, m, d) = self.parts();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// Full years between this day of birth and `on`.
    pub fn age(self, on: Self) -> i32 {
        let (by, bm, bd) = self.parts();
        let (y, m, d) = on.parts();
        y - by - i32::from((m, d) < (bm, bd))
    }
}
