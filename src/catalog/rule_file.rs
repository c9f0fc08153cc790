//! Rules as written in source files -> [`Rule`]s bound to fields and columns.
//! Entry point: [`rule`].

use regex::Regex;
use serde::Deserialize;

use super::expression::Expression;
use super::field::{Field, FieldType};
use super::nearest::suggestion;
use super::rule::{ID_STATUSES, Rule, Severity, Subject};
use super::yaml::{Name, Place};
use crate::error::Message;
use crate::msg;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    rule: Name,
    #[serde(default)]
    field: Option<Name>,
    #[serde(default)]
    fields: Option<Vec<Name>>,
    #[serde(default)]
    column: Option<Name>,
    #[serde(default)]
    columns: Option<Vec<Name>>,
    #[serde(default)]
    min: Option<Name>,
    #[serde(default)]
    max: Option<Name>,
    #[serde(default)]
    regex: Option<Name>,
    #[serde(default)]
    birth_date: Option<Name>,
    #[serde(default)]
    sex: Option<Name>,
    #[serde(default)]
    reject: Option<Vec<Name>>,
    #[serde(default)]
    warn: Option<Vec<Name>>,
    #[serde(default)]
    total: Option<Name>,
    #[serde(default)]
    parts: Option<Vec<Name>>,
    #[serde(default)]
    tolerance: Option<f64>,
    #[serde(default)]
    severity: Option<Severity>,
}

impl Raw {
    /// The keys that are set, besides `rule`.
    fn keys(&self) -> Vec<&'static str> {
        [
            ("field", self.field.is_some()),
            ("fields", self.fields.is_some()),
            ("column", self.column.is_some()),
            ("columns", self.columns.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("regex", self.regex.is_some()),
            ("birth_date", self.birth_date.is_some()),
            ("sex", self.sex.is_some()),
            ("reject", self.reject.is_some()),
            ("warn", self.warn.is_some()),
            ("total", self.total.is_some()),
            ("parts", self.parts.is_some()),
            ("tolerance", self.tolerance.is_some()),
            ("severity", self.severity.is_some()),
        ]
        .into_iter()
        .filter_map(|(key, set)| set.then_some(key))
        .collect()
    }
}

/// What a rule is read against.
pub(super) struct Scope<'a> {
    pub(super) fields: &'a [Field],
    /// Names and expressions of the columns the source fills.
    pub(super) columns: &'a [(String, Expression)],
}

/// Where to say what is wrong.
pub(super) type Report<'a> = &'a mut dyn FnMut(Place, Message, Option<Message>);

/// Turns a rule as written into a rule; `None` when it cannot be understood, after saying why.
pub(super) fn rule(raw: &Raw, scope: &Scope<'_>, report: Report<'_>) -> Option<Rule> {
    let name = raw.rule.value.as_str();
    let allowed: &[&str] = match name {
        "required" => &["fields", "columns"],
        "type" | "unique" | "order" | "total" => &["fields"],
        "range" | "date_range" => &["field", "column", "min", "max"],
        "pattern" => &["field", "regex"],
        "id_status" => &["field", "reject", "warn"],
        "id_agrees" => &["field", "birth_date", "sex"],
        "sum" => &["total", "parts", "tolerance"],
        _ => {
            let message = msg!("unknown rule `{name}`", "未知的规则 `{name}`");
            report(raw.rule.place, message, suggestion(name, Rule::NAMES));
            return None;
        }
    };
    for key in raw.keys() {
        if !allowed.contains(&key) && (key != "severity" || name == "id_status") {
            report(
                raw.rule.place,
                msg!("`{name}` has no `{key}`", "规则 `{name}` 没有 `{key}`"),
                suggestion(key, allowed.iter().copied()),
            );
        }
    }
    let severity = raw.severity.unwrap_or_default();
    let mut reader = Reader {
        at: &raw.rule,
        scope,
        report,
    };
    Some(match name {
        "required" => {
            let mut subjects = Vec::new();
            for name in raw.fields.iter().flatten() {
                subjects.push(Subject::Field(reader.field(name, |_| true, "", "")?));
            }
            for name in raw.columns.iter().flatten() {
                subjects.push(Subject::Column(reader.column(name)?));
            }
            if subjects.is_empty() {
                return reader.missing("fields");
            }
            Rule::Required { subjects, severity }
        }
        "type" => Rule::Type {
            fields: reader.fields(&raw.fields, |_| true, "", "")?,
            severity,
        },
        "range" => {
            let is_number = FieldType::is_number;
            let subject = reader.subject(raw, is_number, "a number field", "数值字段")?;
            let (min, max) = (reader.number(&raw.min)?, reader.number(&raw.max)?);
            if min.is_none() && max.is_none() {
                return reader.missing("min");
            }
            Rule::Range {
                subject,
                min,
                max,
                severity,
            }
        }
        "date_range" => Rule::DateRange {
            subject: reader.subject(raw, FieldType::is_date, "a date field", "日期字段")?,
            min: reader.date(&raw.min)?,
            max: reader.date(&raw.max)?,
            severity,
        },
        "pattern" => {
            let field = reader.one(&raw.field, "field", |_| true, "", "")?;
            let Some(regex) = &raw.regex else {
                return reader.missing("regex");
            };
            Rule::Pattern {
                field,
                regex: compile(regex, reader.report)?,
                severity,
            }
        }
        "unique" => Rule::Unique {
            fields: reader.fields(&raw.fields, |_| true, "", "")?,
            severity,
        },
        "id_status" => Rule::IdStatus {
            field: reader.one(&raw.field, "field", is_id, "an ID field", "身份号码字段")?,
            reject: reader.statuses(&raw.reject),
            warn: reader.statuses(&raw.warn),
        },
        "id_agrees" => {
            let field = reader.one(&raw.field, "field", is_id, "an ID field", "身份号码字段")?;
            let birth_date = match &raw.birth_date {
                Some(name) => {
                    Some(reader.field(name, FieldType::is_date, "a date field", "日期字段")?)
                }
                None => None,
            };
            let sex = match &raw.sex {
                Some(name) => Some(reader.field(name, is_sex, "a sex field", "性别字段")?),
                None => None,
            };
            if birth_date.is_none() && sex.is_none() {
                return reader.missing("birth_date");
            }
            Rule::IdAgrees {
                field,
                birth_date,
                sex,
                severity,
            }
        }
        "order" => Rule::Order {
            fields: reader.fields(&raw.fields, FieldType::is_date, "a date field", "日期字段")?,
            severity,
        },
        "total" => Rule::Total {
            fields: reader.fields(
                &raw.fields,
                FieldType::is_number,
                "a number field",
                "数值字段",
            )?,
            severity,
        },
        _ => Rule::Sum {
            total: reader.one(
                &raw.total,
                "total",
                FieldType::is_number,
                "a number field",
                "数值字段",
            )?,
            parts: match &raw.parts {
                None => return reader.missing("parts"),
                parts => {
                    reader.fields(parts, FieldType::is_number, "a number field", "数值字段")?
                }
            },
            tolerance: raw.tolerance.unwrap_or_default(),
            severity,
        },
    })
}

/// Compiles a regular expression, or says what is wrong with it.
pub(super) fn compile(text: &Name, report: Report<'_>) -> Option<Regex> {
    match Regex::new(&text.value) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let error = error.to_string();
            let why = error
                .lines()
                .last()
                .unwrap_or_default()
                .trim()
                .trim_start_matches("error: ");
            let message = msg!(
                "the regular expression is wrong: {why}",
                "正则表达式有误：{why}"
            );
            report(text.place, message, None);
            None
        }
    }
}

fn is_id(kind: FieldType) -> bool {
    kind == FieldType::CitizenId
}

fn is_sex(kind: FieldType) -> bool {
    kind == FieldType::Sex
}

struct Reader<'a, 'b> {
    at: &'a Name,
    scope: &'a Scope<'a>,
    report: Report<'b>,
}

impl Reader<'_, '_> {
    fn missing<T>(&mut self, key: &str) -> Option<T> {
        let rule = &self.at.value;
        let message = msg!("`{rule}` needs `{key}`", "规则 `{rule}` 缺少 `{key}`");
        (self.report)(self.at.place, message, None);
        None
    }

    fn field(
        &mut self,
        name: &Name,
        fits: fn(FieldType) -> bool,
        en: &str,
        zh: &str,
    ) -> Option<usize> {
        let index = find(name, self.scope.fields, self.report)?;
        let kind = self.scope.fields[index].kind;
        if kind == FieldType::Discard || !fits(kind) {
            let (name, at, kind) = (&name.value, name.place, kind.name());
            let (en, zh) = if kind == "discard" {
                ("kept", "保留字段")
            } else {
                (en, zh)
            };
            let message = msg!(
                "`{name}` is {kind}, not {en}",
                "`{name}` 为 {kind}，应为{zh}"
            );
            (self.report)(at, message, None);
            return None;
        }
        Some(index)
    }

    fn one(
        &mut self,
        name: &Option<Name>,
        key: &str,
        fits: fn(FieldType) -> bool,
        en: &str,
        zh: &str,
    ) -> Option<usize> {
        match name {
            Some(name) => self.field(name, fits, en, zh),
            None => self.missing(key),
        }
    }

    fn fields(
        &mut self,
        names: &Option<Vec<Name>>,
        fits: fn(FieldType) -> bool,
        en: &str,
        zh: &str,
    ) -> Option<Vec<usize>> {
        match names {
            Some(names) if !names.is_empty() => {
                // Every name is looked at, so that every unknown one is told.
                let found: Vec<_> = names
                    .iter()
                    .map(|name| self.field(name, fits, en, zh))
                    .collect();
                found.into_iter().collect()
            }
            _ => self.missing("fields"),
        }
    }

    fn column(&mut self, name: &Name) -> Option<usize> {
        let index = self
            .scope
            .columns
            .iter()
            .position(|(column, _)| *column == name.value);
        if index.is_none() {
            let text = &name.value;
            (self.report)(
                name.place,
                msg!(
                    "this source fills no column `{text}`",
                    "该来源不填写列 `{text}`"
                ),
                suggestion(
                    text,
                    self.scope.columns.iter().map(|(column, _)| column.as_str()),
                ),
            );
        }
        index
    }

    fn subject(
        &mut self,
        raw: &Raw,
        fits: fn(FieldType) -> bool,
        en: &str,
        zh: &str,
    ) -> Option<Subject> {
        match (&raw.field, &raw.column) {
            (Some(name), _) => self.field(name, fits, en, zh).map(Subject::Field),
            (None, Some(name)) => self.column(name).map(Subject::Column),
            (None, None) => self.missing("field"),
        }
    }

    /// The outer `None`: not a number, and said so.
    fn number(&mut self, text: &Option<Name>) -> Option<Option<f64>> {
        let Some(text) = text else { return Some(None) };
        let number = text
            .value
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        if number.is_none() {
            let value = &text.value;
            (self.report)(
                text.place,
                msg!("`{value}` is no number", "`{value}` 不是数值"),
                None,
            );
            return None;
        }
        Some(number)
    }

    /// The outer `None`: not a date, and said so.
    fn date(&mut self, text: &Option<Name>) -> Option<Option<i32>> {
        let Some(text) = text else { return Some(None) };
        let days = days(&text.value);
        if days.is_none() {
            let value = &text.value;
            (self.report)(
                text.place,
                msg!("`{value}` is no date", "`{value}` 不是日期"),
                Some(msg!("write it as 2018-03-05", "请写成 2018-03-05")),
            );
            return None;
        }
        Some(days)
    }

    fn statuses(&mut self, names: &Option<Vec<Name>>) -> Vec<String> {
        let mut statuses = Vec::new();
        for name in names.iter().flatten() {
            let text = &name.value;
            if !ID_STATUSES.contains(&text.as_str()) {
                let message = msg!("unknown ID status `{text}`", "未知的号码状态 `{text}`");
                (self.report)(name.place, message, suggestion(text, ID_STATUSES));
            }
            statuses.push(text.clone());
        }
        statuses
    }
}

/// The position of a field by its name, or says that there is none.
pub(super) fn find(name: &Name, fields: &[Field], report: Report<'_>) -> Option<usize> {
    let text = &name.value;
    let index = fields.iter().position(|field| field.name == *text);
    if index.is_none() {
        report(
            name.place,
            msg!("unknown field `{text}`", "未知的字段 `{text}`"),
            suggestion(text, fields.iter().map(|field| field.name.as_str())),
        );
    }
    index
}

/// Days since 1970-01-01 of `2018-03-05`; `None` for anything else.
fn days(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let (year, month, day): (i32, i32, i32) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=length).contains(&day) {
        return None;
    }
    // Years counted from March, so that the leap day comes last.
    let from_march = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let leap_days =
        from_march.div_euclid(4) - from_march.div_euclid(100) + from_march.div_euclid(400);
    Some(from_march * 365 + leap_days + day_of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn dates_count_from_1970() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2000-03-01"), Some(11_017));
        assert_eq!(days("2018-03-05"), Some(17_595));
        assert_eq!(days("1900-01-01"), Some(-25_567));
        assert_eq!(days("2019-02-29"), None);
        assert_eq!(days("2018-3-5"), None);
        assert_eq!(days("date"), None);
    }
}
