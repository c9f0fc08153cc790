//! The type of a value given for `$name` in SQL typed by hand, where nothing declares it.

use chrono::NaiveDate;
use datafusion::scalar::ScalarValue;

use super::parameter::days;

/// Integers, decimals, `YYYY-MM-DD` dates, `true`/`false` and `null` become values of that type;
/// everything else is text, also numbers with leading zeros and codes of more than nine digits.
#[must_use]
pub fn guess_value(text: &str) -> ScalarValue {
    let word = text.trim();
    match word {
        "true" => return ScalarValue::Boolean(Some(true)),
        "false" => return ScalarValue::Boolean(Some(false)),
        "null" | "NULL" => return ScalarValue::Utf8(None),
        _ => {}
    }
    if let Ok(date) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return ScalarValue::Date32(Some(days(date)));
    }
    let digits = word.strip_prefix('-').unwrap_or(word);
    let whole = digits.split('.').next().unwrap_or_default();
    let is_number = digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !whole.is_empty()
        && whole.len() <= 9
        && (whole == "0" || !whole.starts_with('0'));
    if is_number {
        if let Ok(number) = word.parse() {
            return ScalarValue::Int64(Some(number));
        }
        if let Ok(number) = word.parse() {
            return ScalarValue::Float64(Some(number));
        }
    }
    ScalarValue::Utf8(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_padded_numbers_stay_text() {
        assert_eq!(guess_value("2018"), ScalarValue::Int64(Some(2018)));
        assert_eq!(guess_value("-1.5"), ScalarValue::Float64(Some(-1.5)));
        assert_eq!(guess_value("0.5"), ScalarValue::Float64(Some(0.5)));
        assert_eq!(guess_value("02"), ScalarValue::Utf8(Some("02".into())));
        assert_eq!(
            guess_value("150121100000"),
            ScalarValue::Utf8(Some("150121100000".into()))
        );
        assert_eq!(
            guess_value("2018-03"),
            ScalarValue::Utf8(Some("2018-03".into()))
        );
        assert_eq!(guess_value("1970-01-02"), ScalarValue::Date32(Some(1)));
        assert_eq!(guess_value("true"), ScalarValue::Boolean(Some(true)));
        assert_eq!(guess_value("null"), ScalarValue::Utf8(None));
    }
}
