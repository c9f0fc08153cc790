//! How alike two dates of birth are. Entry point: [`Slip::between`].

use super::lunar::lunar_as_gregorian;
use crate::domain::calendar::civil;

/// How two dates differ, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slip {
    /// One side has none.
    Missing = 0,
    /// The same day.
    Same = 1,
    /// The day before or after.
    OneDay = 2,
    /// Day and month swapped, another month, or one digit wrong (a wrong year too).
    Digit = 3,
    /// One is the other by the lunar calendar.
    Lunar = 4,
    /// Within sixty days.
    Near = 5,
    /// Further apart: another child of the same mother, perhaps.
    Far = 6,
}

/// Levels of a date comparison, [`Slip::Missing`] not counted.
pub const LEVELS: usize = 6;

impl Slip {
    /// How `a` and `b`, days since 1970-01-01, differ.
    #[must_use]
    pub fn between(a: Option<i32>, b: Option<i32>) -> Self {
        let (Some(a), Some(b)) = (a, b) else {
            return Self::Missing;
        };
        let apart = a.abs_diff(b);
        if apart == 0 {
            return Self::Same;
        }
        if apart == 1 {
            return Self::OneDay;
        }
        if is_digit(a, b) {
            return Self::Digit;
        }
        // The lunar calendar's months begin some three to seven weeks after the Gregorian ones.
        if (15..=60).contains(&apart) && lunar_as_gregorian(a.max(b)) == Some(a.min(b)) {
            return Self::Lunar;
        }
        if apart <= 60 { Self::Near } else { Self::Far }
    }

    /// Whether it can be one date, written down wrong.
    #[must_use]
    pub fn is_one_date(self) -> bool {
        self <= Self::Lunar
    }
}

fn is_digit(a: i32, b: i32) -> bool {
    let (x, y) = (civil(a), civil(b));
    // Swapped, or another month picked from the list.
    if x.0 == y.0 && (x.2 == y.2 || (x.1 == y.2 && x.2 == y.1)) {
        return true;
    }
    let digits = |(year, month, day): (i32, u32, u32)| year as u32 * 10_000 + month * 100 + day;
    let (mut x, mut y) = (digits(x), digits(y));
    let mut differing = 0;
    while x > 0 || y > 0 {
        differing += u32::from(x % 10 != y % 10);
        (x, y) = (x / 10, y / 10);
    }
    differing == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calendar::days;

    fn slip(a: (i32, u32, u32), b: (i32, u32, u32)) -> Slip {
        Slip::between(days(a.0, a.1, a.2), days(b.0, b.1, b.2))
    }

    #[test]
    fn slips_are_told_apart() {
        assert_eq!(slip((2018, 3, 5), (2018, 3, 5)), Slip::Same);
        assert_eq!(slip((2018, 3, 31), (2018, 4, 1)), Slip::OneDay);
        assert_eq!(slip((2018, 3, 5), (2018, 5, 3)), Slip::Digit);
        assert_eq!(slip((2018, 3, 5), (2017, 3, 5)), Slip::Digit);
        assert_eq!(slip((2018, 9, 24), (2018, 8, 15)), Slip::Lunar);
        assert_eq!(slip((2018, 3, 5), (2018, 4, 24)), Slip::Near);
        assert_eq!(slip((2018, 3, 5), (2016, 8, 24)), Slip::Far);
    }
}
