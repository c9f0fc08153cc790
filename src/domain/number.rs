//! Numbers as typed into tables: thousands separators, full width, a unit behind them, marks.
//! Entry points: [`integer`], [`decimal`], [`read`]. Never lossy: what cannot be taken exactly is a
//! [`NumberProblem`]. A number in brackets is refused: it means −5 to an accountant and 5 to a clerk.

use super::text;
use super::unit;

/// Why a cell is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProblem {
    /// The cell is blank or means missing.
    Null,
    /// It is no number at all.
    NotANumber,
    /// It is a number in brackets.
    Bracketed,
    /// It is written with an exponent: digits are lost.
    Scientific,
    /// A whole number was wanted.
    Fraction,
    /// It has more digits than can be kept.
    TooLarge,
    /// Its unit differs from what a column holds unless told (kg, 斤, mm …).
    OtherUnit(&'static str),
}

impl NumberProblem {
    /// One word for rules and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::NotANumber => "not_a_number",
            Self::Bracketed => "bracketed",
            Self::Scientific => "scientific",
            Self::Fraction => "fraction",
            Self::TooLarge => "too_large",
            Self::OtherUnit(_) => "other_unit",
        }
    }
}

/// A number exactly as typed: `mantissa / 10^decimals`, and the unit behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    mantissa: i64,
    decimals: u32,
    /// The unit typed behind the number, in its one spelling.
    pub unit: Option<&'static str>,
}

impl Number {
    /// The whole number, multiplied by `factor`; `None` when digits would be lost.
    ///
    /// `factor` is what the column says of its unit (10 000 for 万人); a 万 typed in the cell itself
    /// counts instead of it.
    #[must_use]
    pub fn scaled(self, factor: i64) -> Option<i64> {
        let own = self.unit.map_or(1, unit::factor);
        let product = self
            .mantissa
            .checked_mul(if own > 1 { own } else { factor })?;
        let divisor = 10_i64.checked_pow(self.decimals)?;
        (product % divisor == 0).then_some(product / divisor)
    }

    /// The value as typed, nearest double; the unit is not applied.
    #[must_use]
    pub fn value(self) -> f64 {
        // Both operands are exact below these bounds, so the quotient is correctly rounded.
        if self.mantissa.unsigned_abs() <= 1 << 53 && self.decimals <= 22 {
            return self.mantissa as f64 / 10_f64.powi(self.decimals as i32);
        }
        let digits = format!("{}e-{}", self.mantissa, self.decimals);
        digits.parse().unwrap_or(f64::NAN)
    }
}

/// Reads a number with its unit.
///
/// # Errors
/// The cell is blank, bracketed, scientific, too long or no number.
pub fn read(cell: &str) -> Result<Number, NumberProblem> {
    if let Some(mantissa) = plain_digits(cell.as_bytes()) {
        return Ok(Number {
            mantissa,
            decimals: 0,
            unit: None,
        });
    }
    if text::is_null(cell) {
        return Err(NumberProblem::Null);
    }
    let cleaned = text::clean(cell);
    parse(&text::nfkc(&cleaned))
}

/// Reads a whole number: `1,234`, `１２`, `12人`, `12.0`, `5↑`, `3.5万`.
///
/// # Errors
/// As [`read`]; also a fraction or a unit that needs the column's scale.
pub fn integer(cell: &str) -> Result<i64, NumberProblem> {
    let number = read(cell)?;
    match number.unit {
        Some(unit) if unit::needs_scale(unit) => Err(NumberProblem::OtherUnit(unit)),
        _ => number.scaled(1).ok_or(NumberProblem::Fraction),
    }
}

/// Reads a decimal; a `%` or `‰` behind it is dropped (`40.26%` is 40.26), 万 and 亿 are applied.
///
/// # Errors
/// As [`read`]; also a unit that needs the column's scale.
pub fn decimal(cell: &str) -> Result<f64, NumberProblem> {
    let number = read(cell)?;
    match number.unit {
        Some(unit) if unit::needs_scale(unit) => Err(NumberProblem::OtherUnit(unit)),
        Some(unit) if unit::factor(unit) > 1 => match number.scaled(1) {
            Some(whole) => Ok(whole as f64),
            None => Ok(number.value() * unit::factor(unit) as f64),
        },
        _ => Ok(number.value()),
    }
}

/// Weeks and days of a pregnancy: `39`, `39周`, `39+3`, `39周3天`, `39⁺³`.
#[must_use]
pub fn weeks_and_days(cell: &str) -> Option<(i32, i32)> {
    let cleaned = text::clean(cell);
    let folded = text::nfkc(&cleaned);
    let end = folded
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(folded.len());
    let weeks = folded[..end].parse().ok()?;
    let rest = folded[end..].trim_start_matches(['周', 'w', 'W', '+', ' ']);
    let rest = rest.trim_end_matches(['天', 'd', 'D', '周', ' ']);
    let days = if rest.is_empty() {
        0
    } else {
        rest.parse().ok()?
    };
    (days < 7).then_some((weeks, days))
}

/// Digits alone, few enough to fit.
fn plain_digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 18 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        bytes
            .iter()
            .fold(0, |value, digit| value * 10 + i64::from(digit - b'0')),
    )
}

fn parse(text: &str) -> Result<Number, NumberProblem> {
    if text.starts_with('(') && text.ends_with(')') {
        return Err(NumberProblem::Bracketed);
    }
    let (negative, rest) = match text.strip_prefix(['-', '−', '－']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | ',' | ' '))
        .unwrap_or(rest.len());
    let (digits, tail) = rest.split_at(end);
    let (whole, fraction) = match digits.trim_end().split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (digits.trim_end(), ""),
    };
    if !is_grouped(whole) || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberProblem::NotANumber);
    }
    if is_exponent(tail) {
        return Err(NumberProblem::Scientific);
    }
    let unit = unit_of(tail).ok_or(NumberProblem::NotANumber)?;
    let fraction = fraction.trim_end_matches('0');
    let mut mantissa = 0_i64;
    for digit in whole
        .bytes()
        .chain(fraction.bytes())
        .filter(u8::is_ascii_digit)
    {
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|value| value.checked_add(i64::from(digit - b'0')))
            .ok_or(NumberProblem::TooLarge)?;
    }
    let mantissa = if negative { -mantissa } else { mantissa };
    Ok(Number {
        mantissa,
        decimals: fraction.len() as u32,
        unit,
    })
}

/// Digits, in groups of three when they are grouped at all.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split([',', ' ']);
    let first = groups.next().unwrap_or_default();
    let mut later = groups.peekable();
    let first_fits = if later.peek().is_some() {
        first.len() <= 3
    } else {
        true
    };
    !first.is_empty()
        && first_fits
        && first.bytes().all(|byte| byte.is_ascii_digit())
        && later.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_exponent(tail: &str) -> bool {
    tail.strip_prefix(['e', 'E'])
        .map(|exponent| exponent.trim_start_matches(['+', '-']))
        .is_some_and(|digits| {
            !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        })
}

/// The unit in what follows the digits, marks such as ↑ left out; `None` when it is no unit.
fn unit_of(tail: &str) -> Option<Option<&'static str>> {
    let tail = tail.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '↑' | '↓' | '→' | '*' | '※' | '▲' | '△' | '▼')
    });
    if tail.is_empty() {
        Some(None)
    } else {
        unit::canonical(tail).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_every_dress_are_read() {
        for (cell, value) in [
            ("0", 0),
            ("312532", 312_532),
            ("1,234", 1_234),
            ("1，234，567", 1_234_567),
            ("12 345", 12_345),
            ("１２", 12),
            ("12人", 12),
            ("12.0", 12),
            ("5↑", 5),
            ("-5", -5),
            ("3.5万", 35_000),
            ("2395.99万人", 23_959_900),
            ("'007", 7),
            (" 8 ", 8),
            ("12周", 12),
            ("3500g", 3_500),
            ("+4", 4),
            ("1.50", 0),
        ] {
            let expected = if cell == "1.50" {
                Err(NumberProblem::Fraction)
            } else {
                Ok(value)
            };
            assert_eq!(integer(cell), expected, "{cell}");
        }
    }

    #[test]
    fn what_cannot_be_taken_exactly_is_refused_with_its_reason() {
        for (cell, problem) in [
            ("(5)", NumberProblem::Bracketed),
            ("（5）", NumberProblem::Bracketed),
            ("1.2E+5", NumberProblem::Scientific),
            ("不详", NumberProblem::Null),
            ("", NumberProblem::Null),
            ("12.5", NumberProblem::Fraction),
            ("1,23", NumberProblem::NotANumber),
            ("1.2.3", NumberProblem::NotANumber),
            ("约12", NumberProblem::NotANumber),
            ("12村", NumberProblem::NotANumber),
            ("123456789012345678901", NumberProblem::TooLarge),
            ("3kg", NumberProblem::OtherUnit("kg")),
        ] {
            assert_eq!(integer(cell), Err(problem), "{cell}");
        }
    }

    #[test]
    fn decimals_are_the_nearest_double_of_what_was_typed() {
        for (cell, value) in [
            ("7.72", 7.72),
            ("40.26%", 40.26),
            ("8.41‰", 8.41),
            ("-1.06", -1.06),
            ("1,234.5", 1_234.5),
            ("2533.9800000000005", 2533.9800000000005),
            ("0.1", 0.1),
            ("24.5万", 245_000.0),
            ("0.00005万", 0.5),
        ] {
            assert_eq!(decimal(cell), Ok(value), "{cell}");
        }
    }

    #[test]
    fn the_column_scale_applies_unless_the_cell_has_its_own() {
        assert_eq!(read("3.25").unwrap().scaled(1_000), Some(3_250));
        assert_eq!(read("31.2532").unwrap().scaled(10_000), Some(312_532));
        assert_eq!(read("31.2532万").unwrap().scaled(10_000), Some(312_532));
        assert_eq!(read("3.5kg").unwrap().unit, Some("kg"));
    }

    #[test]
    fn pregnancy_weeks_are_read_with_days() {
        assert_eq!(weeks_and_days("39+3"), Some((39, 3)));
        assert_eq!(weeks_and_days("39周3天"), Some((39, 3)));
        assert_eq!(weeks_and_days("39⁺³"), Some((39, 3)));
        assert_eq!(weeks_and_days("39周"), Some((39, 0)));
        assert_eq!(weeks_and_days("40"), Some((40, 0)));
        assert_eq!(weeks_and_days("39+9"), None);
        assert_eq!(weeks_and_days("足月"), None);
    }
}
