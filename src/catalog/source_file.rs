//! Source files -> [`Source`]s whose every name is bound. Entry point: [`source`].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, Visitor};

use super::expression::Expression;
use super::field::{Field, FieldType, Unmapped};
use super::nearest::suggestion;
use super::parser;
use super::problem::Problem;
use super::rule_file::{self, Report, Scope, compile, find};
use super::source::{Period, Recognise, Skip, SkipWhen, Source, Supersedes, Unpivot};
use super::table::{ColumnType, Table};
use super::yaml::{Entries, Name, inside, read};
use crate::error::Message;
use crate::msg;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    title_zh: String,
    #[serde(default)]
    description: Option<String>,
    table: Name,
    recognise: RawRecognise,
    #[serde(default)]
    period: Option<RawPeriod>,
    fields: Entries<RawField>,
    #[serde(default)]
    skip: Vec<RawSkip>,
    columns: Entries<Name>,
    #[serde(default)]
    rules: Vec<rule_file::Raw>,
    #[serde(default)]
    unpivot: Option<RawUnpivot>,
    #[serde(default)]
    supersedes: Supersedes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecognise {
    #[serde(default)]
    headers: Vec<Name>,
    #[serde(default)]
    any: Vec<Name>,
    #[serde(default)]
    without: Vec<Name>,
    #[serde(default)]
    need: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    not: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPeriod {
    #[serde(default)]
    field: Option<Name>,
    #[serde(default)]
    year: Option<Name>,
    #[serde(default)]
    month: Option<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    headers: Vec<Name>,
    #[serde(rename = "type")]
    kind: Name,
    #[serde(default)]
    identity: Option<bool>,
    #[serde(default)]
    list: Option<Name>,
    #[serde(default)]
    map: Entries<String>,
    #[serde(default)]
    unmapped: Unmapped,
    #[serde(default)]
    scale: Entries<f64>,
    #[serde(default)]
    extract: Option<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSkip {
    field: Name,
    #[serde(default)]
    values: Option<Vec<String>>,
    #[serde(default)]
    except: Option<Vec<String>>,
    #[serde(default)]
    matches: Option<Name>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnpivot {
    key: Name,
    value: Name,
    fields: Entries<Name>,
    #[serde(default)]
    otherwise: Entries<Name>,
}

impl<'de> Deserialize<'de> for Unmapped {
    /// `reject`, `keep` or `null`; the last is YAML's own null when written without quotes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Words;

        impl<'de> Visitor<'de> for Words {
            type Value = Unmapped;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`reject`, `keep` or `null`")
            }

            fn visit_none<E>(self) -> Result<Unmapped, E> {
                Ok(Unmapped::Null)
            }

            fn visit_unit<E>(self) -> Result<Unmapped, E> {
                Ok(Unmapped::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Unmapped, D::Error> {
                let word = String::deserialize(inner)?;
                match word.as_str() {
                    "reject" => Ok(Unmapped::Reject),
                    "keep" => Ok(Unmapped::Keep),
                    "null" => Ok(Unmapped::Null),
                    _ => Err(D::Error::unknown_variant(
                        &word,
                        &["reject", "keep", "null"],
                    )),
                }
            }
        }

        deserializer.deserialize_option(Words)
    }
}

/// What a source file may refer to.
pub(super) struct Known<'a> {
    /// Tables by name.
    pub(super) tables: &'a BTreeMap<String, Table>,
    /// Tables whose files are too wrong to be known: told once, not again by every source.
    pub(super) broken: BTreeSet<&'a str>,
    /// Code list names.
    pub(super) lists: Vec<&'a str>,
}

/// Reads one source file; `None` when its shape is wrong or its table unknown.
pub(super) fn source(
    file: &str,
    id: &str,
    text: &str,
    known: &Known<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Source> {
    let raw: Raw = match read(file, text) {
        Ok(raw) => raw,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    let mut report = |place, message: Message, hint: Option<Message>| {
        problems.push(Problem::new(file, place, message).hint(hint));
    };
    let Some(table) = known.tables.get(&raw.table.value) else {
        let name = &raw.table.value;
        if !known.broken.contains(name.as_str()) {
            let hint = suggestion(name, known.tables.keys().map(String::as_str));
            report(
                raw.table.place,
                msg!("unknown table `{name}`", "未知的表 `{name}`"),
                hint,
            );
        }
        return None;
    };
    let fields = fields(raw.fields, table, known, &mut report)?;
    let columns = columns(raw.columns, table, &fields, text, &mut report);
    let unpivot = raw
        .unpivot
        .and_then(|raw| unpivot(&raw, table, &columns, &fields, &mut report));
    if let Some(partition) = &table.partition
        && table.column(partition).is_some()
        && !columns.iter().any(|(column, _)| column == partition)
    {
        let message = msg!(
            "nothing fills the partition column `{partition}`",
            "分区列 `{partition}` 没有填写"
        );
        report(raw.table.place, message, None);
    }
    let scope = Scope {
        fields: &fields,
        columns: &columns,
    };
    let mut rules = Vec::with_capacity(raw.rules.len());
    for raw in &raw.rules {
        rules.extend(rule_file::rule(raw, &scope, &mut report));
    }
    let all = |names: &[Name], report: Report<'_>| -> Vec<usize> {
        names
            .iter()
            .filter_map(|name| find(name, &fields, report))
            .collect()
    };
    let recognise = Recognise {
        headers: all(&raw.recognise.headers, &mut report),
        any: all(&raw.recognise.any, &mut report),
        without: all(&raw.recognise.without, &mut report),
        need: raw.recognise.need,
        words: raw.recognise.words,
        not: raw.recognise.not,
    };
    if raw.recognise.headers.is_empty() && raw.recognise.any.is_empty() {
        let message = msg!(
            "nothing tells this source from others",
            "没有可识别该来源的表头"
        );
        report(
            raw.table.place,
            message,
            Some(msg!(
                "fill `recognise.headers`",
                "请填写 `recognise.headers`"
            )),
        );
    }
    Some(Source {
        id: id.to_owned(),
        department: id.split('/').next().unwrap_or_default().to_owned(),
        title: raw.title,
        title_zh: raw.title_zh,
        description: raw.description,
        table: raw.table.value,
        recognise,
        period: raw
            .period
            .and_then(|raw| period(&raw, &fields, &mut report)),
        skip: raw
            .skip
            .iter()
            .filter_map(|raw| skip(raw, &fields, &mut report))
            .collect(),
        fields,
        columns,
        rules,
        unpivot,
        supersedes: raw.supersedes,
    })
}

/// `None` when a type is unknown: what follows would only complain about the same again.
fn fields(
    raw: Entries<RawField>,
    table: &Table,
    known: &Known<'_>,
    report: Report<'_>,
) -> Option<Vec<Field>> {
    let mut understood = true;
    let mut fields = Vec::with_capacity(raw.0.len());
    for (name, raw) in raw.0 {
        let text = &raw.kind.value;
        let found = FieldType::NAMES.iter().find(|(name, _)| name == text);
        let kind = found.map_or(FieldType::Text, |(_, kind)| *kind);
        if found.is_none() {
            understood = false;
            let hint = suggestion(text, FieldType::NAMES.iter().map(|(name, _)| *name));
            report(
                raw.kind.place,
                msg!("unknown field type `{text}`", "未知的字段类型 `{text}`"),
                hint,
            );
        }
        if kind.is_identity() && raw.identity == Some(false) {
            let message = msg!(
                "a field of type {text} is always an identity",
                "{text} 类字段必为身份信息"
            );
            report(raw.kind.place, message, None);
        }
        let identity =
            kind.is_identity() || (raw.identity == Some(true) && kind != FieldType::Discard);
        if identity && !table.linkable {
            let table = &table.name;
            report(
                raw.kind.place,
                msg!(
                    "`{table}` is not linkable: it takes no identities",
                    "`{table}` 不可关联，不得接收身份信息"
                ),
                Some(msg!("use the type `discard`", "请改用类型 `discard`")),
            );
        }
        if let Some(list) = &raw.list
            && !known.lists.contains(&list.value.as_str())
        {
            let name = &list.value;
            let hint = suggestion(name, known.lists.iter().copied());
            report(
                list.place,
                msg!("unknown code list `{name}`", "未知的代码表 `{name}`"),
                hint,
            );
        }
        if raw.headers.is_empty() {
            report(
                name.place,
                msg!("the field has no headers", "该字段没有表头"),
                None,
            );
        }
        let extract = raw
            .extract
            .as_ref()
            .and_then(|regex| compile(regex, report));
        if let (Some(written), Some(regex)) = (&raw.extract, &extract)
            && regex.captures_len() != 2
        {
            let message = msg!(
                "`extract` needs one group `(…)`",
                "`extract` 应有且仅有一个分组 `(…)`"
            );
            report(written.place, message, None);
        }
        let mut seen = BTreeSet::new();
        for header in &raw.headers {
            if !seen.insert(header.value.as_str()) {
                let text = &header.value;
                report(
                    header.place,
                    msg!("`{text}` occurs twice", "`{text}` 重复"),
                    None,
                );
            }
        }
        fields.push(Field {
            headers: raw.headers.into_iter().map(|header| header.value).collect(),
            kind,
            identity,
            list: raw.list.map(|list| list.value),
            map: raw
                .map
                .0
                .into_iter()
                .map(|(word, code)| (word.value, code))
                .collect(),
            unmapped: raw.unmapped,
            scale: raw
                .scale
                .0
                .into_iter()
                .map(|(unit, factor)| (unit.value, factor))
                .collect(),
            extract,
            name: name.value,
        });
    }
    understood.then_some(fields)
}

fn columns(
    raw: Entries<Name>,
    table: &Table,
    fields: &[Field],
    text: &str,
    report: Report<'_>,
) -> Vec<(String, Expression)> {
    let mut columns = Vec::with_capacity(raw.0.len());
    for (name, written) in raw.0 {
        let Some(column) = column(&name, table, report) else {
            continue;
        };
        match parser::parse(&written.value, fields, column) {
            Ok(expression) => columns.push((name.value, expression)),
            Err(fault) => {
                report(
                    inside(text, written.place, fault.offset),
                    fault.message,
                    fault.hint,
                );
            }
        }
    }
    columns
}

/// The type of the column called `name`, or says that the table has none.
fn column(name: &Name, table: &Table, report: Report<'_>) -> Option<ColumnType> {
    let column = table.column(&name.value);
    if column.is_none() {
        let (text, table_name) = (&name.value, &table.name);
        report(
            name.place,
            msg!(
                "`{table_name}` has no column `{text}`",
                "`{table_name}` 没有列 `{text}`"
            ),
            suggestion(
                text,
                table.columns.iter().map(|column| column.name.as_str()),
            ),
        );
    }
    column.map(|column| column.kind)
}

fn unpivot(
    raw: &RawUnpivot,
    table: &Table,
    columns: &[(String, Expression)],
    fields: &[Field],
    report: Report<'_>,
) -> Option<Unpivot> {
    let key = column(&raw.key, table, report);
    let value = column(&raw.value, table, report);
    for name in [&raw.key, &raw.value] {
        if columns.iter().any(|(column, _)| *column == name.value) {
            let name_text = &name.value;
            let message = msg!("`{name_text}` is filled twice", "`{name_text}` 被重复填写");
            report(name.place, message, None);
        }
    }
    if value.is_some_and(|kind| {
        !matches!(
            kind,
            ColumnType::Integer | ColumnType::Count | ColumnType::Decimal
        )
    }) {
        let name = &raw.value.value;
        report(
            raw.value.place,
            msg!("`{name}` is no number column", "`{name}` 不是数值列"),
            None,
        );
    }
    let mut counts = |entries: &Entries<Name>| -> Vec<(String, usize)> {
        let mut counts = Vec::with_capacity(entries.0.len());
        for (key_value, name) in &entries.0 {
            let text = &key_value.value;
            if key == Some(ColumnType::Sex) && !["0", "1", "2", "9"].contains(&text.as_str()) {
                let message = msg!("`{text}` is no sex code", "`{text}` 不是性别代码");
                report(key_value.place, message, None);
            }
            let Some(index) = find(name, fields, report) else {
                continue;
            };
            if !fields[index].kind.is_number() {
                let name_text = &name.value;
                let message = msg!(
                    "`{name_text}` is no number field",
                    "`{name_text}` 不是数值字段"
                );
                report(name.place, message, None);
            }
            counts.push((text.clone(), index));
        }
        counts
    };
    let (counted, otherwise) = (counts(&raw.fields), counts(&raw.otherwise));
    key?;
    value?;
    Some(Unpivot {
        key: raw.key.value.clone(),
        value: raw.value.value.clone(),
        fields: counted,
        otherwise,
    })
}

fn period(raw: &RawPeriod, fields: &[Field], report: Report<'_>) -> Option<Period> {
    match (&raw.field, &raw.year, &raw.month) {
        (Some(name), None, None) => {
            let index = find(name, fields, report)?;
            let kind = fields[index].kind;
            if !kind.is_date() && kind != FieldType::YearMonth {
                let text = &name.value;
                report(
                    name.place,
                    msg!("`{text}` is no date field", "`{text}` 不是日期字段"),
                    None,
                );
            }
            Some(Period::Field(index))
        }
        (None, Some(year), month) => Some(Period::YearMonth {
            year: find(year, fields, report)?,
            month: match month {
                Some(month) => Some(find(month, fields, report)?),
                None => None,
            },
        }),
        (field, _, month) => {
            let place = field
                .as_ref()
                .or(month.as_ref())
                .map_or((0, 0), |name| name.place);
            let message = msg!(
                "a period is `field`, or `year` and `month`",
                "时期应为 `field`，或 `year` 与 `month`"
            );
            report(place, message, None);
            None
        }
    }
}

fn skip(raw: &RawSkip, fields: &[Field], report: Report<'_>) -> Option<Skip> {
    let field = find(&raw.field, fields, report)?;
    let when = match (&raw.values, &raw.except, &raw.matches) {
        (Some(values), None, None) => SkipWhen::Values(values.clone()),
        (None, Some(values), None) => SkipWhen::Except(values.clone()),
        (None, None, Some(regex)) => SkipWhen::Matches(compile(regex, report)?),
        _ => {
            let message = msg!(
                "write one of `values`, `except`, `matches`",
                "请写 `values`、`except`、`matches` 之一"
            );
            report(raw.field.place, message, None);
            return None;
        }
    };
    Some(Skip { field, when })
}
