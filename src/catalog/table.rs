//! Tables of the lake: columns, types, Chinese names (`tables/<table>.yaml`).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::nearest::suggestion;
use super::problem::Problem;
use super::yaml::{Name, Place, read};
use crate::msg;

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Any text.
    Text,
    /// A pseudonym, 16 bytes.
    Key,
    /// A code of a code list.
    Code,
    /// GB/T 2261.1: 0 unknown, 1 male, 2 female, 9 not stated.
    Sex,
    /// A small whole number.
    Integer,
    /// A number of persons or events.
    Count,
    /// A number with a fraction.
    Decimal,
    /// A calendar date.
    Date,
    /// An instant, in UTC.
    Timestamp,
    /// True or false.
    Flag,
}

impl ColumnType {
    /// Every type, by its name in table files.
    pub const NAMES: [(&'static str, Self); 10] = [
        ("text", Self::Text),
        ("key", Self::Key),
        ("code", Self::Code),
        ("sex", Self::Sex),
        ("integer", Self::Integer),
        ("count", Self::Count),
        ("decimal", Self::Decimal),
        ("date", Self::Date),
        ("timestamp", Self::Timestamp),
        ("flag", Self::Flag),
    ];

    /// Its name in table files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// One row per event, from deliveries.
    Event,
    /// One row per person or thing, from deliveries.
    Register,
    /// Counts, from deliveries.
    Aggregate,
    /// Comes with the catalog: regions, code lists.
    Reference,
    /// Kept by Renkou itself: deliveries, rejects.
    System,
    /// What Renkou did, only ever appended to: a restore of older data leaves it.
    Log,
}

impl TableKind {
    /// Whether its rows come from deliveries and say from which.
    #[must_use]
    pub fn holds_records(self) -> bool {
        matches!(self, Self::Event | Self::Register | Self::Aggregate)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
    /// Its Chinese name: a valid unquoted SQL identifier.
    pub zh: String,
    /// What it holds.
    pub description: String,
    /// The code list that gives labels to its values.
    pub list: Option<String>,
    /// The unit of its numbers.
    pub unit: Option<String>,
}

/// A table of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// English title.
    pub title: String,
    /// Chinese title, also the name of its Chinese view.
    pub title_zh: String,
    /// What one row is.
    pub description: String,
    /// The department that answers for it.
    pub owner: String,
    /// What it holds.
    pub kind: TableKind,
    /// Whether its rows may carry pseudonyms. False for survey microdata, which the statistics law
    /// forbids to match with persons.
    pub linkable: bool,
    /// The column whose values split it into folders.
    pub partition: Option<String>,
    /// The columns that order its files.
    pub sort: Vec<String>,
    /// Its columns; for records the last three tell delivery, sheet and row.
    pub columns: Vec<Column>,
}

impl Table {
    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The position of the column called `name`.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    title_zh: Name,
    description: String,
    owner: Name,
    kind: TableKind,
    #[serde(default = "yes")]
    linkable: bool,
    #[serde(default)]
    partition: Option<Name>,
    #[serde(default)]
    sort: Vec<Name>,
    columns: Vec<RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    name: Name,
    #[serde(rename = "type")]
    kind: Name,
    zh: Name,
    description: String,
    #[serde(default)]
    list: Option<Name>,
    #[serde(default)]
    unit: Option<String>,
}

fn yes() -> bool {
    true
}

/// What a table file may refer to.
pub(super) struct Known<'a> {
    /// Department names.
    pub(super) departments: Vec<&'a str>,
    /// Code list names.
    pub(super) lists: Vec<&'a str>,
}

/// Reads one table file; `None` when its shape is wrong or a type unknown.
pub(super) fn table(
    file: &str,
    name: &str,
    text: &str,
    known: &Known<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Table> {
    let raw: Raw = match read(file, text) {
        Ok(raw) => raw,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    let mut report = |place: Place, message, hint| {
        problems.push(Problem::new(file, place, message).hint(hint));
    };
    if !is_name(name) {
        report(
            (0, 0),
            msg!("`{name}` is no table name", "`{name}` 不能作表名"),
            name_hint(),
        );
    }
    check_zh(&raw.title_zh, &mut report);
    let owner = &raw.owner.value;
    if !known.departments.contains(&owner.as_str()) {
        let hint = suggestion(owner, known.departments.iter().copied());
        report(
            raw.owner.place,
            msg!("unknown department `{owner}`", "未知的部门 `{owner}`"),
            hint,
        );
    }

    let mut understood = true;
    let mut seen = BTreeSet::new();
    let mut columns = Vec::with_capacity(raw.columns.len() + 3);
    for column in raw.columns {
        let name = &column.name.value;
        if !is_name(name) {
            let message = msg!("`{name}` is no column name", "`{name}` 不能作列名");
            report(column.name.place, message, name_hint());
        }
        check_zh(&column.zh, &mut report);
        for (name, place) in [
            (name, column.name.place),
            (&column.zh.value, column.zh.place),
        ] {
            if !seen.insert(name.clone()) {
                report(
                    place,
                    msg!("two columns are called `{name}`", "有两列都叫 `{name}`"),
                    None,
                );
            }
        }
        if let Some(list) = &column.list
            && !known.lists.contains(&list.value.as_str())
        {
            let hint = suggestion(&list.value, known.lists.iter().copied());
            let list_name = &list.value;
            let message = msg!(
                "unknown code list `{list_name}`",
                "未知的代码表 `{list_name}`"
            );
            report(list.place, message, hint);
        }
        let kind = &column.kind.value;
        let found = ColumnType::NAMES.iter().find(|(name, _)| name == kind);
        let Some((_, kind)) = found else {
            understood = false;
            let hint = suggestion(kind, ColumnType::NAMES.iter().map(|(name, _)| *name));
            report(
                column.kind.place,
                msg!("unknown column type `{kind}`", "未知的列类型 `{kind}`"),
                hint,
            );
            continue;
        };
        if *kind == ColumnType::Key && !raw.linkable {
            let message = msg!(
                "a table that is not linkable cannot hold a key",
                "不可关联的表不能有标识列"
            );
            report(column.kind.place, message, None);
        }
        columns.push(Column {
            name: column.name.value,
            kind: *kind,
            zh: column.zh.value,
            description: column.description,
            list: column.list.map(|list| list.value),
            unit: column.unit,
        });
    }
    if raw.kind.holds_records() {
        for column in origin() {
            if !seen.insert(column.name.clone()) {
                let name = &column.name;
                let message = msg!("`{name}` is added by itself", "`{name}` 由系统自动添加");
                report((0, 0), message, None);
            }
            columns.push(column);
        }
    }
    for used in raw.partition.iter().chain(&raw.sort) {
        let name = &used.value;
        if !columns.iter().any(|column| column.name == *name) {
            let hint = suggestion(name, columns.iter().map(|column| column.name.as_str()));
            report(
                used.place,
                msg!("unknown column `{name}`", "未知的列 `{name}`"),
                hint,
            );
        }
    }
    understood.then_some(Table {
        name: name.to_owned(),
        title: raw.title,
        title_zh: raw.title_zh.value,
        description: raw.description,
        owner: raw.owner.value,
        kind: raw.kind,
        linkable: raw.linkable,
        partition: raw.partition.map(|name| name.value),
        sort: raw.sort.into_iter().map(|name| name.value).collect(),
        columns,
    })
}

/// Where a record came from.
fn origin() -> [Column; 3] {
    let column = |name: &str, kind, zh: &str, description: &str| Column {
        name: name.to_owned(),
        kind,
        zh: zh.to_owned(),
        description: description.to_owned(),
        list: None,
        unit: None,
    };
    [
        column(
            "delivery_id",
            ColumnType::Text,
            "交付编号",
            "delivery it came with",
        ),
        column(
            "source_sheet",
            ColumnType::Text,
            "来源工作表",
            "sheet; NULL for text files",
        ),
        column(
            "source_row",
            ColumnType::Integer,
            "来源行号",
            "row in the file, from 1",
        ),
    ]
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn name_hint() -> Option<crate::error::Message> {
    Some(msg!(
        "lower-case letters, digits and `_`, beginning with a letter",
        "只用小写字母、数字和 `_`，以字母开头"
    ))
}

/// Chinese names are typed in SQL without quotes, and unquoted Latin letters are lower-cased.
fn check_zh(
    name: &Name,
    report: &mut impl FnMut(Place, crate::error::Message, Option<crate::error::Message>),
) {
    let text = &name.value;
    let valid = text.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && text
            .chars()
            .all(|c| (c.is_alphanumeric() || c == '_') && !c.is_uppercase());
    if !valid {
        report(
            name.place,
            msg!(
                "`{text}` needs quotes in SQL",
                "`{text}` 在 SQL 中必须加引号"
            ),
            Some(msg!(
                "no spaces, brackets, slashes or capital letters, no digit first",
                "不用空格、括号、斜线和大写字母，不以数字开头"
            )),
        );
    }
}
