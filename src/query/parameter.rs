//! A parameter of a saved query: its type, default and limits, and reading a value for it.

use chrono::{Datelike, NaiveDate};
use datafusion::scalar::ScalarValue;
use serde::Deserialize;

use super::facts::Facts;
use super::relative::Relative;
use crate::catalog::nearest;
use crate::domain::Period;
use crate::error::{Error, Message, Result};
use crate::msg;

/// What values a parameter takes, and what they are in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParameterType {
    /// A whole number: BIGINT.
    Integer,
    /// A number: DOUBLE.
    Decimal,
    /// Any text: VARCHAR.
    Text,
    /// `2018-03-05`: DATE.
    Date,
    /// `2018`: BIGINT.
    Year,
    /// Digits or letters of a code list, or the beginning of a region code: VARCHAR. Zeros that pad
    /// a region code on the right are dropped, so that `150121000000` and `150121` are the same.
    Code,
    /// One of the choices: VARCHAR.
    Choice,
    /// `true` or `false`: BOOLEAN.
    Flag,
    /// `2018`, `2018Q1` or `2018-03`: VARCHAR.
    Period,
}

/// What a parameter is when nothing is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultValue {
    /// NULL.
    Null,
    /// A value that moves with the calendar or the data.
    Relative(Relative),
    /// The value as written.
    Literal(String),
}

/// A declared parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, without `$`.
    pub name: String,
    /// What values it takes.
    pub kind: ParameterType,
    /// Its value when nothing is given.
    pub default: DefaultValue,
    /// Whether it must be given.
    pub required: bool,
    /// The values it takes; empty when they are not listed.
    pub choices: Vec<String>,
    /// SQL whose first column lists the values to offer.
    pub choices_sql: Option<String>,
    /// The least value.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// The same in Chinese.
    pub description_zh: Option<String>,
}

impl ParameterType {
    /// Its name in a header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::Date => "date",
            Self::Year => "year",
            Self::Code => "code",
            Self::Choice => "choice",
            Self::Flag => "flag",
            Self::Period => "period",
        }
    }

    /// Whether values can be less or greater than others.
    pub(super) fn has_order(self) -> bool {
        matches!(
            self,
            Self::Integer | Self::Decimal | Self::Date | Self::Year
        )
    }

    pub(super) fn null(self) -> ScalarValue {
        match self {
            Self::Integer | Self::Year => ScalarValue::Int64(None),
            Self::Decimal => ScalarValue::Float64(None),
            Self::Date => ScalarValue::Date32(None),
            Self::Flag => ScalarValue::Boolean(None),
            Self::Text | Self::Code | Self::Choice | Self::Period => ScalarValue::Utf8(None),
        }
    }

    /// The value that `text` spells, or what was expected instead.
    pub(super) fn read(self, text: &str) -> std::result::Result<ScalarValue, Message> {
        let word = text.trim();
        let value = match self {
            Self::Text | Self::Choice => Some(ScalarValue::Utf8(Some(text.to_owned()))),
            Self::Integer => word
                .parse()
                .ok()
                .map(|number| ScalarValue::Int64(Some(number))),
            Self::Decimal => word
                .parse()
                .ok()
                .filter(|number: &f64| number.is_finite())
                .map(|number| ScalarValue::Float64(Some(number))),
            Self::Year => word
                .parse()
                .ok()
                .filter(|year| word.len() == 4 && (1000..=9999).contains(year))
                .map(|year| ScalarValue::Int64(Some(year))),
            Self::Date => NaiveDate::parse_from_str(word, "%Y-%m-%d")
                .ok()
                .map(|date| ScalarValue::Date32(Some(days(date)))),
            Self::Flag => match word {
                "true" | "yes" | "1" | "是" => Some(true),
                "false" | "no" | "0" | "否" => Some(false),
                _ => None,
            }
            .map(|flag| ScalarValue::Boolean(Some(flag))),
            Self::Code => word
                .chars()
                .all(|c| c.is_alphanumeric() || "._-+".contains(c))
                .then(|| ScalarValue::Utf8(Some(without_padding(word).to_owned()))),
            Self::Period => {
                Period::parse(word).map(|period| ScalarValue::Utf8(Some(period.to_string())))
            }
        };
        value.ok_or_else(|| self.expected())
    }

    fn expected(self) -> Message {
        match self {
            Self::Integer => msg!("expected a whole number", "应为整数"),
            Self::Decimal => msg!("expected a number", "应为数字"),
            Self::Date => msg!(
                "expected a date such as 2018-03-05",
                "应为日期，如 2018-03-05"
            ),
            Self::Year => msg!("expected a year such as 2018", "应为年份，如 2018"),
            Self::Flag => msg!("expected true or false", "应为 true 或 false"),
            Self::Code => msg!(
                "expected a code of letters and digits",
                "应为由字母和数字组成的代码"
            ),
            Self::Period => {
                msg!(
                    "expected a period such as 2018, 2018Q1 or 2018-03",
                    "应为时期，如 2018、2018Q1 或 2018-03"
                )
            }
            Self::Text | Self::Choice => msg!("expected text", "应为文本"),
        }
    }
}

impl Parameter {
    /// The value to bind: what was given, else the default.
    ///
    /// # Errors
    /// A usage error when the value does not fit, or is required and missing.
    pub fn value(&self, given: Option<&str>, facts: &Facts) -> Result<ScalarValue> {
        let name = &self.name;
        let word = given.map(str::trim);
        let default = match word {
            // Nothing given between `=` and the end means nothing, except as a text.
            Some("") if self.kind != ParameterType::Text => &DefaultValue::Null,
            Some("null") => &DefaultValue::Null,
            Some(word) if let Some(relative) = Relative::read(word, self.kind) => {
                &DefaultValue::Relative(relative)
            }
            Some(_) => return self.checked(given.unwrap_or_default()),
            None => &self.default,
        };
        match default {
            DefaultValue::Literal(text) => self.checked(text),
            DefaultValue::Relative(relative) => match relative.text(facts) {
                Some(text) => self.checked(&text),
                None => Err(Error::usage(msg!(
                    "parameter `{name}` has no value: no delivery covers a whole year yet",
                    "参数 `{name}` 没有值：尚无覆盖整年的数据"
                ))
                .hint(msg!(
                    "give one with `--param {name}=2018`",
                    "请用 `--param {name}=2018` 指定"
                ))),
            },
            DefaultValue::Null if self.required => {
                let kind = self.kind.name();
                Err(Error::usage(msg!(
                    "parameter `{name}` is required",
                    "必须给出参数 `{name}`"
                ))
                .hint(msg!(
                    "give it with `--param {name}=VALUE` ({kind})",
                    "请用 `--param {name}=值` 给出（{kind}）"
                )))
            }
            DefaultValue::Null => Ok(self.kind.null()),
        }
    }

    /// What a default means that is written like this.
    pub(super) fn default_of(&self, text: &str) -> DefaultValue {
        match Relative::read(text.trim(), self.kind) {
            Some(relative) => DefaultValue::Relative(relative),
            None => DefaultValue::Literal(text.to_owned()),
        }
    }

    fn checked(&self, text: &str) -> Result<ScalarValue> {
        self.check(text).map_err(|(reason, hint)| {
            let (name, Message { en, zh }) = (&self.name, reason);
            let error = Error::usage(msg!(
                "value of parameter `{name}`: {en}",
                "参数 `{name}` 的取值：{zh}"
            ));
            match hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })
    }

    /// The value, or what is wrong with it and what to write instead.
    pub(super) fn check(
        &self,
        text: &str,
    ) -> std::result::Result<ScalarValue, (Message, Option<Message>)> {
        let value = self.kind.read(text).map_err(|expected| (expected, None))?;
        if !self.choices.is_empty() && !self.choices.iter().any(|choice| choice == text.trim()) {
            let list = self.choices.join(", ");
            let hint = nearest(text.trim(), self.choices.iter().map(String::as_str))
                .map(|near| msg!("did you mean `{near}`?", "是否为 `{near}`？"));
            return Err((msg!("expected one of {list}", "应为以下之一：{list}"), hint));
        }
        if let Some(min) = &self.min
            && self.read_limit(min).is_some_and(|limit| value.lt(&limit))
        {
            return Err((msg!("expected {min} or more", "应不小于 {min}"), None));
        }
        if let Some(max) = &self.max
            && self.read_limit(max).is_some_and(|limit| value.gt(&limit))
        {
            return Err((msg!("expected {max} or less", "应不大于 {max}"), None));
        }
        Ok(value)
    }

    fn read_limit(&self, text: &str) -> Option<ScalarValue> {
        self.kind.read(text).ok()
    }
}

/// Days since 1970-01-01.
pub(super) fn days(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// A region code without the zeros that stand for the levels below it; any other code as it is.
fn without_padding(code: &str) -> &str {
    if !matches!(code.len(), 6 | 9 | 12) || !code.bytes().all(|b| b.is_ascii_digit()) {
        return code;
    }
    let levels = [12, 9, 6, 4, 2, 0];
    let mut kept = code;
    for pair in levels.windows(2) {
        if kept.len() == pair[0] && kept[pair[1]..].bytes().all(|b| b == b'0') {
            kept = &kept[..pair[1]];
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Kind, Lang};

    fn parameter(kind: ParameterType) -> Parameter {
        Parameter {
            name: "p".into(),
            kind,
            default: DefaultValue::Null,
            required: false,
            choices: Vec::new(),
            choices_sql: None,
            min: None,
            max: None,
            description: None,
            description_zh: None,
        }
    }

    fn facts() -> Facts {
        Facts {
            latest_complete_year: Some(2020),
            today: NaiveDate::from_ymd_opt(2021, 1, 15).unwrap(),
        }
    }

    #[test]
    fn values_are_typed_and_nothing_else_is_taken() {
        let read = |kind: ParameterType, text: &str| kind.read(text).ok();
        assert_eq!(
            read(ParameterType::Integer, " 12 "),
            Some(ScalarValue::Int64(Some(12)))
        );
        assert_eq!(read(ParameterType::Integer, "1.5"), None);
        assert_eq!(
            read(ParameterType::Decimal, "1.5"),
            Some(ScalarValue::Float64(Some(1.5)))
        );
        assert_eq!(read(ParameterType::Decimal, "NaN"), None);
        assert_eq!(
            read(ParameterType::Year, "2018"),
            Some(ScalarValue::Int64(Some(2018)))
        );
        assert_eq!(read(ParameterType::Year, "18"), None);
        assert_eq!(
            read(ParameterType::Date, "1970-01-02"),
            Some(ScalarValue::Date32(Some(1)))
        );
        assert_eq!(read(ParameterType::Date, "2018-02-30"), None);
        assert_eq!(
            read(ParameterType::Flag, "是"),
            Some(ScalarValue::Boolean(Some(true)))
        );
        assert_eq!(
            read(ParameterType::Period, "2018Q1"),
            Some(ScalarValue::Utf8(Some("2018Q1".into())))
        );
        assert_eq!(read(ParameterType::Period, "soon"), None);
        assert_eq!(read(ParameterType::Code, "1' OR '1"), None);
    }

    #[test]
    fn region_codes_lose_the_zeros_of_lower_levels_only() {
        for (padded, kept) in [
            ("150121000000", "150121"),
            ("150121100000", "150121100"),
            ("150121100200", "150121100200"),
            ("150121000", "150121"),
            ("150100", "1501"),
            ("150000", "15"),
            ("000000", ""),
            ("150121", "150121"),
            ("150120", "150120"),
            ("00", "00"),
            ("02", "02"),
        ] {
            assert_eq!(without_padding(padded), kept, "{padded}");
        }
    }

    #[test]
    fn defaults_come_from_the_facts() {
        let mut year = parameter(ParameterType::Year);
        year.default = DefaultValue::Relative(Relative::LatestCompleteYear);
        assert_eq!(
            year.value(None, &facts()).unwrap(),
            ScalarValue::Int64(Some(2020))
        );
        assert_eq!(
            year.value(Some("2018"), &facts()).unwrap(),
            ScalarValue::Int64(Some(2018))
        );
        let none = Facts {
            latest_complete_year: None,
            ..facts()
        };
        assert_eq!(year.value(None, &none).unwrap_err().kind(), Kind::Usage);

        let mut month = parameter(ParameterType::Period);
        month.default = DefaultValue::Relative(Relative::LastMonth);
        assert_eq!(
            month.value(None, &facts()).unwrap(),
            ScalarValue::Utf8(Some("2020-12".into()))
        );
        assert_eq!(
            parameter(ParameterType::Code)
                .value(None, &facts())
                .unwrap(),
            ScalarValue::Utf8(None)
        );
    }

    #[test]
    fn choices_limits_and_required_values_are_kept() {
        let mut by = parameter(ParameterType::Choice);
        by.choices = vec!["none".into(), "township".into()];
        let error = by.value(Some("townshp"), &facts()).unwrap_err();
        assert_eq!(
            error.render(Lang::En),
            "error: value of parameter `p`: expected one of none, township\nhint: did you mean `township`?\n"
        );

        let mut years = parameter(ParameterType::Integer);
        (years.min, years.max) = (Some("1".into()), Some("10".into()));
        assert!(years.value(Some("10"), &facts()).is_ok());
        assert_eq!(
            years.value(Some("11"), &facts()).unwrap_err().message().en,
            "value of parameter `p`: expected 10 or less"
        );

        years.required = true;
        assert_eq!(
            years.value(None, &facts()).unwrap_err().message().zh,
            "必须给出参数 `p`"
        );
        assert_eq!(
            years.describe(Lang::En),
            "p=VALUE (integer, required, 1 to 10)"
        );
    }
}
