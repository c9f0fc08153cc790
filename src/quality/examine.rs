//! Runs the checks of the catalog on a session: what they find, and how many records they looked at.
//! Entry points: [`findings`], [`looked_at`].

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike, NaiveDate};
use datafusion::scalar::ScalarValue;

use super::history::Finding;
use super::read::Rows;
use super::score::{Cell, Tally};
use crate::catalog::{Catalog, Check, Heading, Owner};
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::Session;

/// Town of records that tell none.
pub(super) const UNKNOWN: &str = "unknown";

/// Columns that say which record it is; whatever else a check selects is evidence.
const PLACE: [&str; 8] = [
    "subject_key",
    "source_table",
    "delivery_id",
    "source_sheet",
    "source_row",
    "township_code",
    "period",
    "department",
];

/// The values that a check may use: `$today`.
pub(super) fn values(today: NaiveDate) -> Vec<(String, ScalarValue)> {
    vec![("today".to_owned(), ScalarValue::Date32(Some(day(today))))]
}

/// Days since 1970.
pub(super) fn day(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - NaiveDate::default().num_days_from_ce()
}

/// When a record that is found today should be mended.
pub(super) fn due(check: &Check, today: NaiveDate) -> Option<i32> {
    Some(day(today).saturating_add_unsigned(check.due_days?))
}

/// The rows of a check's statement; its errors count lines as the file does.
pub(super) async fn rows_of(
    session: &Session,
    check: &Check,
    values: &[(String, ScalarValue)],
) -> Result<Vec<Rows>> {
    let run = async {
        let mut statements = session.statements_at(&check.sql, check.first_line)?;
        let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
            return Err(Error::usage(msg!(
                "expected one SQL statement",
                "此处应为一条 SQL 语句"
            )));
        };
        let plan = session.plan(statement, values).await?;
        session.collect(plan).await
    };
    let file = &check.file;
    let batches = run.await.map_err(|error| {
        error.context(msg!(
            "the check `catalog/{file}` cannot run",
            "检查项 `catalog/{file}` 无法执行"
        ))
    })?;
    batches.iter().map(Rows::of).collect()
}

/// What a check that judges single records finds, each record once.
pub(super) async fn findings(
    session: &Session,
    catalog: &Catalog,
    check: &Check,
    today: NaiveDate,
) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    let due = due(check, today);
    for rows in rows_of(session, check, &values(today)).await? {
        tells_the_record(check, rows.names())?;
        for row in 0..rows.count {
            let text = |name: &str| rows.text(name, row).map(str::to_owned);
            let table = text("source_table").unwrap_or_else(|| check.table.clone());
            let owner = match &check.owner {
                Owner::Department(owner) => owner.clone(),
                Owner::Column(column) => text(column).unwrap_or_else(|| UNKNOWN.to_owned()),
            };
            let department = match &check.owner {
                Owner::Column(_) => owner.clone(),
                Owner::Department(_) => text("department")
                    .or_else(|| Some(catalog.tables.get(&table)?.owner.clone()))
                    .unwrap_or_else(|| owner.clone()),
            };
            let finding = Finding {
                check: check.name.clone(),
                heading: check.heading.as_str().to_owned(),
                severity: check.severity.as_str().to_owned(),
                owner,
                department,
                township: text("township_code"),
                period: text("period"),
                subject: rows.key("subject_key", row).map(<[u8]>::to_vec),
                table,
                delivery: text("delivery_id"),
                sheet: text("source_sheet"),
                row: rows
                    .number("source_row", row)
                    .and_then(|row| i32::try_from(row).ok()),
                detail: evidence(&rows, row)?,
                due,
                ..Finding::default()
            };
            found.push(finding);
        }
    }
    // Of several rows about one person the first stays, whatever the threads did.
    found.sort_by(|a, b| {
        (&a.delivery, &a.sheet, a.row, &a.detail).cmp(&(&b.delivery, &b.sheet, b.row, &b.detail))
    });
    let mut seen = HashSet::new();
    found.retain(|finding| seen.insert(finding.identity()));
    Ok(found)
}

/// A finding without its record is no use to anybody.
fn tells_the_record(check: &Check, names: &[String]) -> Result<()> {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if has("subject_key") || (has("delivery_id") && has("source_row")) {
        return Ok(());
    }
    let file = &check.file;
    Err(Error::usage(msg!(
        "the check `catalog/{file}` does not tell which record it found",
        "检查项 `catalog/{file}` 未指明所发现的记录"
    ))
    .hint(msg!(
        "select `delivery_id`, `source_sheet`, `source_row`, or a pseudonym as `subject_key`",
        "请选出 `delivery_id`、`source_sheet`、`source_row`，或以 `subject_key` 给出假名标识"
    )))
}

fn evidence(rows: &Rows, row: usize) -> Result<String> {
    let mut parts = Vec::new();
    for name in rows.names() {
        if !PLACE.contains(&name.as_str())
            && let Some(value) = rows.shown(name, row)?
        {
            parts.push(format!("{name}={}", value.replace("; ", ", ")));
        }
    }
    Ok(parts.join("; "))
}

/// How many records the checks looked at: per owner, town and heading, and altogether.
pub(super) async fn looked_at(session: &Session, checks: &[Check]) -> Result<Tally> {
    let mut groups: BTreeMap<(&str, Option<&str>, &str), Vec<&Check>> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.test.is_none()) {
        let (column, owner) = match &check.owner {
            Owner::Department(owner) => (None, owner.as_str()),
            Owner::Column(column) => (Some(column.as_str()), ""),
        };
        groups
            .entry((&check.table, column, owner))
            .or_default()
            .push(check);
    }
    let mut tally = Tally::default();
    for ((table, column, owner), checks) in groups {
        let has_town = session
            .table_schema(table)
            .await?
            .column_with_name("township_code")
            .is_some();
        let town = if has_town { "township_code" } else { "NULL" };
        let owner_sql = column.unwrap_or("NULL");
        let counts = Heading::ALL.map(|heading| counted(&checks, Some(heading)));
        let all = counted(&checks, None);
        let sql = format!(
            "SELECT coalesce(CAST({town} AS VARCHAR), '{UNKNOWN}') AS town, CAST({owner_sql} AS VARCHAR) AS owner, \
             {all} AS h6, {} FROM {table} GROUP BY 1, 2",
            counts
                .iter()
                .enumerate()
                .map(|(at, sql)| format!("{sql} AS h{at}"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        for batch in session.rows(&sql, &[]).await? {
            let rows = Rows::of(&batch)?;
            for row in 0..rows.count {
                let owner = match column {
                    Some(_) => rows.text("owner", row).unwrap_or(UNKNOWN),
                    None => owner,
                };
                let town = rows.text("town", row).unwrap_or(UNKNOWN);
                for (at, heading) in (0..).zip(Heading::ALL.map(Some).into_iter().chain([None])) {
                    let records = rows.number(&format!("h{at}"), row).unwrap_or_default();
                    if records > 0 {
                        tally.add(
                            owner,
                            town,
                            heading,
                            Cell {
                                records: records.unsigned_abs(),
                                flagged: 0,
                            },
                        );
                    }
                }
            }
        }
    }
    Ok(tally)
}

/// Counts the rows that any check under the heading looks at.
fn counted(checks: &[&Check], heading: Option<Heading>) -> String {
    let conditions: Vec<String> = checks
        .iter()
        .filter(|check| heading.is_none_or(|heading| check.heading == heading))
        .map(|check| format!("({})", check.records.as_deref().unwrap_or("true")))
        .collect();
    if conditions.is_empty() {
        "0".to_owned()
    } else {
        format!("count(*) FILTER (WHERE {})", conditions.join(" OR "))
    }
}
