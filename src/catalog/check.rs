//! Checks over accepted data: who must mend what, by when and why (`checks/<check>.yaml`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::nearest::suggestion;
use super::problem::Problem;
use super::table::Table;
use super::yaml::{Entries, Located, Name, read};
use crate::error::{Lang, Message};
use crate::msg;

/// A rule over accepted data.
#[derive(Debug, Clone)]
pub struct Check {
    /// File name without `.yaml`.
    pub name: String,
    /// What is wrong with a record that it finds, in a few words; English and Chinese.
    pub title: Message,
    /// What it is about.
    pub heading: Heading,
    /// Who must mend what it finds.
    pub owner: Owner,
    /// How bad it is.
    pub severity: Gravity,
    /// Law, regulation or standard behind it.
    pub legal_basis: String,
    /// What to do about a record that it finds; English and Chinese.
    pub message: Message,
    /// Days to mend a record in, from the day it was found first; `None` where nothing can be mended
    /// any more: it counts in the score and goes on no work list.
    pub due_days: Option<u32>,
    /// The table whose records it looks at.
    pub table: String,
    /// SQL condition of the records it looks at; all of them when `None`.
    pub records: Option<String>,
    /// The test that judges the rows of `sql`; without one every row is a finding.
    pub test: Option<Trial>,
    /// Chinese names of columns that are evidence and stand in no table.
    pub labels: Vec<(String, String)>,
    /// One statement.
    pub sql: String,
    /// Line of the file on which the statement begins, from 1.
    pub first_line: usize,
    /// The file, relative to the catalog folder.
    pub file: String,
}

impl Check {
    /// What is wrong, in `lang`.
    #[must_use]
    pub fn title_in(&self, lang: Lang) -> &str {
        self.title.text(lang)
    }
}

/// The six headings under which the plan judges data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heading {
    /// Whether every event has its record.
    #[serde(alias = "覆盖性")]
    Coverage,
    /// Whether every record has its fields.
    #[serde(alias = "完整性")]
    Completeness,
    /// Whether fields are right.
    #[serde(alias = "准确性")]
    Accuracy,
    /// Whether fields are written as standards and code lists ask.
    #[serde(alias = "规范性")]
    Conformity,
    /// Whether records look like what happens in life.
    #[serde(alias = "真实性")]
    Truthfulness,
    /// Whether records come in time.
    #[serde(alias = "及时性")]
    Timeliness,
}

impl Heading {
    /// All six, in the order of the plan.
    pub const ALL: [Self; 6] = [
        Self::Coverage,
        Self::Completeness,
        Self::Accuracy,
        Self::Conformity,
        Self::Truthfulness,
        Self::Timeliness,
    ];

    /// The word in files and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Completeness => "completeness",
            Self::Accuracy => "accuracy",
            Self::Conformity => "conformity",
            Self::Truthfulness => "truthfulness",
            Self::Timeliness => "timeliness",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn title(self) -> Message {
        match self {
            Self::Coverage => msg!("coverage", "覆盖性"),
            Self::Completeness => msg!("completeness", "完整性"),
            Self::Accuracy => msg!("accuracy", "准确性"),
            Self::Conformity => msg!("conformity", "规范性"),
            Self::Truthfulness => msg!("truthfulness", "真实性"),
            Self::Timeliness => msg!("timeliness", "及时性"),
        }
    }
}

/// Who must mend what a check finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Always this department.
    Department(String),
    /// The department that stands in this column of the table.
    Column(String),
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gravity {
    /// The record is wrong, or one is missing.
    Error,
    /// The record may be right; somebody should look.
    Warning,
}

impl Gravity {
    /// The word in files and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A statistical test of groups of records: it asks, it does not accuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// Do some days of the month hold more events than chance gives?
    DayHeaping,
    /// Do months without events stand before a month with as many as were missing?
    CatchUp,
    /// Are there more rows that agree in every field than chance gives?
    GhostRows,
    /// Does a column repeat the value of the row above more often than chance gives?
    CopiedDown,
    /// Do values of neighbouring rows rise by one more often than chance gives?
    ConsecutiveNumbers,
    /// Is the number of boys what chance gives, exactly?
    SexRatio,
    /// Did a share change more than chance gives?
    RatioChange,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    title_zh: String,
    heading: Heading,
    owner: Name,
    severity: Gravity,
    legal_basis: String,
    message: String,
    message_zh: String,
    #[serde(default)]
    due_days: Option<Located<u32>>,
    table: Name,
    #[serde(default)]
    records: Option<Name>,
    #[serde(default)]
    test: Option<Trial>,
    #[serde(default)]
    labels: Entries<String>,
    sql: Name,
}

/// What a check file may name.
pub(super) struct Known<'a> {
    pub(super) departments: BTreeSet<&'a str>,
    pub(super) tables: &'a BTreeMap<String, Table>,
    /// Tables with problems of their own: nobody needs to hear that they are missing.
    pub(super) broken: &'a BTreeSet<&'a str>,
}

/// Reads one file.
pub(super) fn check(
    file: &str,
    name: &str,
    text: &str,
    known: &Known<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Check> {
    let raw: Raw = match read(file, text) {
        Ok(raw) => raw,
        Err(problem) => {
            problems.push(*problem);
            return None;
        }
    };
    let before = problems.len();
    let table = &raw.table.value;
    let found = known.tables.get(table);
    if found.is_none() && !known.broken.contains(table.as_str()) {
        problems.push(
            Problem::new(
                file,
                raw.table.place,
                msg!("unknown table `{table}`", "未知的表 `{table}`"),
            )
            .hint(suggestion(table, known.tables.keys().map(String::as_str))),
        );
    }
    let owner = &raw.owner.value;
    let columns: Vec<&str> = found
        .map(|table| {
            table
                .columns
                .iter()
                .filter(|column| column.list.as_deref() == Some("department"))
                .map(|column| column.name.as_str())
                .collect()
        })
        .unwrap_or_default();
    let settled = if known.departments.contains(owner.as_str()) {
        Owner::Department(owner.clone())
    } else {
        if !columns.contains(&owner.as_str()) {
            let names = known.departments.iter().copied().chain(columns);
            problems.push(
                Problem::new(
                    file,
                    raw.owner.place,
                    msg!(
                        "`{owner}` is no department and no column of `{table}` that holds one",
                        "`{owner}` 既不是部门，也不是 `{table}` 中存放部门的列"
                    ),
                )
                .hint(suggestion(owner, names)),
            );
        }
        Owner::Column(owner.clone())
    };
    if let Some(days) = raw.due_days.as_ref().filter(|days| days.value == 0) {
        problems.push(Problem::new(
            file,
            days.place,
            msg!("expected at least 1 day", "至少应为 1 天"),
        ));
    }
    let statement = raw.sql.value.trim();
    if statement.is_empty() {
        problems.push(Problem::new(
            file,
            raw.sql.place,
            msg!("expected a statement", "此处应为 SQL 语句"),
        ));
    }
    (problems.len() == before).then(|| Check {
        name: name.to_owned(),
        title: Message {
            en: raw.title,
            zh: raw.title_zh,
        },
        heading: raw.heading,
        owner: settled,
        severity: raw.severity,
        legal_basis: raw.legal_basis,
        message: Message {
            en: raw.message,
            zh: raw.message_zh,
        },
        due_days: raw.due_days.map(|days| days.value),
        table: raw.table.value,
        records: raw.records.map(|records| records.value),
        test: raw.test,
        labels: raw
            .labels
            .0
            .into_iter()
            .map(|(name, label)| (name.value, label))
            .collect(),
        first_line: first_line(text, raw.sql.place.0),
        sql: raw.sql.value,
        file: file.to_owned(),
    })
}

/// The line on which a scalar begins whose place is on `line`: a block begins below its `|`.
fn first_line(text: &str, line: u32) -> usize {
    let line = line as usize;
    let opens = text
        .lines()
        .nth(line.saturating_sub(1))
        .is_some_and(|text| {
            let end = text.trim_end().trim_end_matches(['-', '+']);
            end.ends_with('|') || end.ends_with('>')
        });
    line + usize::from(opens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    const GOOD: &str = "\
title: No weight
title_zh: 缺出生体重
heading: 完整性
owner: health
severity: warning
legal_basis: WS 445
message: Fill it in
message_zh: 请补填
due_days: 15
table: birth_certificates
sql: |
  SELECT 1
";

    fn read_all(text: &str) -> (Option<Check>, Vec<String>) {
        let catalog = Catalog::builtin().unwrap();
        let known = Known {
            departments: catalog.departments.iter().map(|d| d.id.as_str()).collect(),
            tables: &catalog.tables,
            broken: &BTreeSet::new(),
        };
        let mut problems = Vec::new();
        let found = check("checks/a.yaml", "a", text, &known, &mut problems);
        let told = |problem: &Problem| {
            let hint = problem.hint.as_ref().map_or("", |hint| hint.en.as_str());
            format!("{}: {} ({hint})", problem.place(), problem.message.en)
        };
        (found, problems.iter().map(told).collect())
    }

    #[test]
    fn a_check_is_read_and_knows_where_its_statement_begins() {
        let (found, problems) = read_all(GOOD);
        assert_eq!(problems, [""; 0]);
        let found = found.unwrap();
        assert_eq!(found.heading, Heading::Completeness);
        assert_eq!(found.owner, Owner::Department("health".into()));
        assert_eq!((found.first_line, found.sql.as_str()), (12, "SELECT 1\n"));
    }

    #[test]
    fn the_owner_may_stand_in_a_column() {
        let text = GOOD
            .replace("owner: health", "owner: reported_by")
            .replace("birth_certificates", "deaths");
        assert_eq!(
            read_all(&text).0.unwrap().owner,
            Owner::Column("reported_by".into())
        );
    }

    #[test]
    fn mistakes_are_located_with_the_nearest_name() {
        let bad = |from: &str, to: &str| read_all(&GOOD.replace(from, to)).1.remove(0);
        assert_eq!(
            bad("table: birth_certificates", "table: birth_certificate"),
            "checks/a.yaml:10:8: unknown table `birth_certificate` (did you mean `birth_certificates`?)"
        );
        assert_eq!(
            bad("owner: health", "owner: helth"),
            "checks/a.yaml:4:8: `helth` is no department and no column of `birth_certificates` that holds one (did you mean `health`?)"
        );
        assert_eq!(
            bad("severity: warning", "severity: warnin"),
            "checks/a.yaml:5:11: unknown value `warnin` (did you mean `warning`?)"
        );
        assert_eq!(
            bad("due_days", "due_day"),
            "checks/a.yaml:9:1: unknown key `due_day` (did you mean `due_days`?)"
        );
        assert_eq!(
            bad("due_days: 15", "due_days: 0"),
            "checks/a.yaml:9:11: expected at least 1 day ()"
        );
    }
}
