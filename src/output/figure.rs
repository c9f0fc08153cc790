//! Numbers as people read them: rounded, with separators between thousands. Works on the digits
//! that were written out, so a half is rounded as on paper and decimals stay exact.

use std::borrow::Cow;
use std::fmt::Display;

use crate::error::Lang;

/// How many digits a number keeps behind its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    /// Digits behind the point.
    decimals: usize,
    /// Digits kept behind the zeros that a small number starts with, so that it does not become 0.
    significant: usize,
}

impl Digits {
    /// For numbers of any kind: enough to see what differs, without the noise of binary fractions.
    pub(super) const USUAL: Self = Self {
        decimals: 6,
        significant: 6,
    };
    /// For % and ‰.
    pub(super) const RATE: Self = Self {
        decimals: 2,
        significant: 1,
    };
}

/// `text`, a number in digits with or without exponent, rounded half away from zero. Zeros at the
/// end go only where digits were dropped: the two decimals of an amount stay.
pub(super) fn rounded(text: &str, digits: Digits) -> Cow<'_, str> {
    let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    let Some((whole, fraction)) = mantissa.split_once('.') else {
        return Cow::Borrowed(text);
    };
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let zeros = fraction.len() - fraction.trim_start_matches('0').len();
    let keep = if unsigned.bytes().all(|digit| digit == b'0') {
        digits.decimals.max(zeros + digits.significant)
    } else {
        digits.decimals
    };
    let all_digits = unsigned.bytes().chain(fraction.bytes());
    if fraction.len() <= keep || !{ all_digits }.all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }

    let mut kept: Vec<u8> = unsigned
        .bytes()
        .chain(fraction.bytes().take(keep))
        .collect();
    let mut whole_length = unsigned.len();
    if fraction.as_bytes()[keep] >= b'5' {
        let mut at = kept.len();
        while at > 0 && kept[at - 1] == b'9' {
            at -= 1;
            kept[at] = b'0';
        }
        if at > 0 {
            kept[at - 1] += 1;
        } else {
            kept.insert(0, b'1');
            whole_length += 1;
        }
    }
    let kept = String::from_utf8_lossy(&kept);
    let (whole, fraction) = kept.split_at(whole_length);
    let fraction = fraction.trim_end_matches('0');
    let is_zero = fraction.is_empty() && whole.bytes().all(|digit| digit == b'0');
    let sign = if text.starts_with('-') && !is_zero {
        "-"
    } else {
        ""
    };
    let point = if fraction.is_empty() { "" } else { "." };
    Cow::Owned(format!("{sign}{whole}{point}{fraction}{exponent}"))
}

/// `text`, a number in digits, with a comma between thousands; one with an exponent stays.
pub(super) fn grouped(text: &str) -> Cow<'_, str> {
    let start = usize::from(text.starts_with('-'));
    let length = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    if length < 4 || text.contains(['e', 'E']) {
        return Cow::Borrowed(text);
    }
    let (whole, rest) = text.split_at(start + length);
    let mut out = String::with_capacity(text.len() + length / 3);
    for (at, character) in whole.char_indices() {
        if at > start && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(character);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// An integer with separators between thousands, the same in both languages.
#[must_use]
pub fn thousands(count: impl Display, _: Lang) -> String {
    grouped(&count.to_string()).into_owned()
}

/// A number of rows: `1 row`, `1,234 rows`, `1,234 行`.
#[must_use]
pub fn rows_said(count: impl Display, lang: Lang) -> String {
    said(count, lang, ["row", "rows", "行"])
}

/// A number of columns: `1 column`, `7 columns`, `7 列`.
#[must_use]
pub fn columns_said(count: impl Display, lang: Lang) -> String {
    said(count, lang, ["column", "columns", "列"])
}

fn said(count: impl Display, lang: Lang, [one, many, zh]: [&str; 3]) -> String {
    let count = thousands(count, lang);
    let word = match lang {
        Lang::En if count == "1" => one,
        Lang::En => many,
        Lang::Zh => zh,
    };
    format!("{count} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_as_on_paper_and_never_to_nothing() {
        for (text, usual, rate) in [
            ("0.30000000000000004", "0.3", "0.3"),
            ("12.345", "12.345", "12.35"),
            ("-12.345", "-12.345", "-12.35"),
            ("1.005", "1.005", "1.01"),
            ("999.9999999", "1000", "1000"),
            ("-0.99999999", "-1", "-1"),
            ("0.0000123456789", "0.0000123457", "0.00001"),
            ("0.0099", "0.0099", "0.01"),
            ("0.0004", "0.0004", "0.0004"),
            ("1.2345678901e-7", "1.234568e-7", "1.23e-7"),
            ("1e300", "1e300", "1e300"),
            ("1204", "1204", "1204"),
            ("12.50", "12.50", "12.50"),
            ("0", "0", "0"),
            (
                "98765432109876543210.12345678",
                "98765432109876543210.123457",
                "98765432109876543210.12",
            ),
        ] {
            assert_eq!(rounded(text, Digits::USUAL), usual, "{text}");
            assert_eq!(rounded(text, Digits::RATE), rate, "{text}");
        }
    }

    #[test]
    fn thousands_are_set_apart_before_the_point_only() {
        for (text, expected) in [
            ("0", "0"),
            ("-999", "-999"),
            ("1204", "1,204"),
            ("-1234567.891234", "-1,234,567.891234"),
            ("100000", "100,000"),
            ("1.5e300", "1.5e300"),
        ] {
            assert_eq!(grouped(text), expected);
        }
    }

    #[test]
    fn one_row_is_one_row() {
        let said = |count| [Lang::En, Lang::Zh].map(|lang| rows_said(count, lang));
        assert_eq!(said(0), ["0 rows", "0 行"]);
        assert_eq!(said(1), ["1 row", "1 行"]);
        assert_eq!(said(1_234_567), ["1,234,567 rows", "1,234,567 行"]);
        assert_eq!(columns_said(1, Lang::En), "1 column");
    }
}
