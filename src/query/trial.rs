//! Running the tests of a saved query.

use arrow::array::RecordBatch;
use chrono::NaiveDate;

use super::build::one_line;
use super::header::SavedQuery;
use super::test::{Claim, Test};
use crate::error::{Message, Result};
use crate::msg;
use crate::output::Column;
use crate::warehouse::Session;

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not, and how.
    Fails(Message),
}

/// Runs one test of a query.
///
/// # Errors
/// When a value of its parameters does not fit or a statement fails.
pub async fn trial(
    query: &SavedQuery,
    test: &Test,
    session: &Session,
    today: NaiveDate,
) -> Result<Verdict> {
    let values = query.values(session, &test.params, today).await?;
    let offending = match &test.claim {
        Claim::Unique(names) => {
            let list = quoted(names, ", ", "");
            format!("SELECT {list}, count(*) AS times FROM _ GROUP BY {list} HAVING count(*) > 1")
        }
        Claim::NotNull(names) => {
            let condition = quoted(names, " OR ", " IS NULL");
            format!("SELECT * FROM _ WHERE {condition}")
        }
        Claim::NotNegative(names) => {
            let condition = quoted(names, " OR ", " < 0");
            format!("SELECT * FROM _ WHERE {condition}")
        }
        Claim::NoRows(sql) => sql.trim().trim_end_matches(';').to_owned(),
        Claim::Rows(expected) => {
            let rows = count(&session.query_all(query, &values).await?);
            return Ok(if rows == *expected {
                Verdict::Holds
            } else {
                Verdict::Fails(msg!(
                    "the result has {rows} rows, expected {expected}",
                    "结果有 {rows} 行，应为 {expected} 行"
                ))
            });
        }
        Claim::Expect { row, values: cells } => {
            let batches = session.query_all(query, &values).await?;
            return compare(&batches, row, cells);
        }
    };
    let whole = one_line(&query.sql, &[]);
    let sql =
        format!("WITH _ AS ({whole}), result AS (SELECT * FROM _) SELECT * FROM ({offending})");
    let batches = session.rows(&sql, &values).await?;
    let rows = count(&batches);
    if rows == 0 {
        return Ok(Verdict::Holds);
    }
    let example = first_row(&batches)?;
    Ok(Verdict::Fails(msg!(
        "{rows} rows, the first: {example}",
        "有 {rows} 行，第一行：{example}"
    )))
}

trait QueryAll {
    async fn query_all(
        &self,
        query: &SavedQuery,
        values: &[(String, datafusion::scalar::ScalarValue)],
    ) -> Result<Vec<RecordBatch>>;
}

impl QueryAll for Session {
    async fn query_all(
        &self,
        query: &SavedQuery,
        values: &[(String, datafusion::scalar::ScalarValue)],
    ) -> Result<Vec<RecordBatch>> {
        self.rows(&query.sql, values).await
    }
}

fn count(batches: &[RecordBatch]) -> usize {
    batches.iter().map(RecordBatch::num_rows).sum()
}

fn quoted(names: &[String], between: &str, behind: &str) -> String {
    let names = names
        .iter()
        .map(|name| format!("\"{}\"{behind}", name.replace('"', "\"\"")));
    names.collect::<Vec<_>>().join(between)
}

/// The cell of a column as text; `None` is NULL.
fn cell(batch: &RecordBatch, row: usize, name: &str) -> Result<Option<String>> {
    let array = batch.column_by_name(name).ok_or_else(|| {
        crate::error::Error::usage(msg!(
            "the result has no column `{name}`",
            "结果中没有列 `{name}`"
        ))
    })?;
    let column = Column::new(array)?;
    let value = column.value(row)?;
    if value.is_null() {
        return Ok(None);
    }
    let mut text = String::new();
    value.write(&mut text)?;
    Ok(Some(text))
}

/// The same text, or the same number.
fn same(found: Option<&str>, expected: Option<&str>) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    match (found, expected) {
        (Some(found), Some(expected)) => {
            found == expected || number(found).is_some_and(|found| number(expected) == Some(found))
        }
        (found, expected) => found == expected,
    }
}

fn compare(
    batches: &[RecordBatch],
    row: &[(String, Option<String>)],
    cells: &[(String, Option<String>)],
) -> Result<Verdict> {
    let mut rows = Vec::new();
    for batch in batches {
        for number in 0..batch.num_rows() {
            let mut is_meant = true;
            for (name, value) in row {
                is_meant &= same(cell(batch, number, name)?.as_deref(), value.as_deref());
            }
            if is_meant {
                rows.push((batch, number));
            }
        }
    }
    let [(batch, number)] = rows.as_slice() else {
        let found = rows.len();
        return Ok(Verdict::Fails(msg!(
            "{found} rows, expected exactly one",
            "有 {found} 行，应恰为一行"
        )));
    };
    let mut wrong = Vec::new();
    for (name, expected) in cells {
        let found = cell(batch, *number, name)?;
        if !same(found.as_deref(), expected.as_deref()) {
            let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "null".to_owned());
            let (expected, found) = (said(expected), said(&found));
            wrong.push(msg!(
                "{name} is {found}, expected {expected}",
                "{name} 为 {found}，应为 {expected}"
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(Verdict::Holds);
    }
    let join = |text: fn(&Message) -> &String, between: &str| {
        let parts: Vec<&str> = wrong.iter().map(|message| text(message).as_str()).collect();
        parts.join(between)
    };
    Ok(Verdict::Fails(Message {
        en: join(|message| &message.en, "; "),
        zh: join(|message| &message.zh, "；"),
    }))
}

fn first_row(batches: &[RecordBatch]) -> Result<String> {
    let Some(batch) = batches.iter().find(|batch| batch.num_rows() > 0) else {
        return Ok(String::new());
    };
    let mut parts = Vec::new();
    for field in batch.schema().fields() {
        let text = cell(batch, 0, field.name())?.unwrap_or_else(|| "null".to_owned());
        parts.push(format!("{}={text}", field.name()));
    }
    Ok(parts.join(", "))
}
