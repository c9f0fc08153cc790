//! `renkou check` without its words: runs the checks, keeps what changed. Entry point: [`check`].

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use chrono::{DateTime, Utc};

use super::examine;
use super::history::{self, Finding, micros};
use super::questions;
use super::read::Rows;
use super::score::{self, Cell, Score, Tally};
use crate::catalog::{Heading, TableKind};
use crate::error::Result;
use crate::warehouse::{AsOf, Change, MAIN, Session, SessionOptions, Warehouse};

/// What a run found.
#[derive(Debug)]
pub struct Outcome {
    /// Everything open now.
    pub open: Vec<Finding>,
    /// The scorecard.
    pub scores: Vec<Score>,
    /// Findings that are new.
    pub opened: usize,
    /// Findings that are no longer found.
    pub closed: usize,
    /// When it ran.
    pub run_at: DateTime<Utc>,
    /// The snapshot that was checked.
    pub snapshot: i64,
    /// Whether it was written down; not when nothing has changed since the last run, nor for an older
    /// snapshot.
    pub recorded: bool,
}

/// Runs every check of the catalog at `as_of`. At the newest snapshot findings and scores are kept.
///
/// # Errors
/// When a check cannot run, or another process writes: then nothing is kept.
pub async fn check(
    warehouse: &Warehouse,
    options: &SessionOptions,
    as_of: &AsOf,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let catalog = warehouse.catalog();
    let session = warehouse.session(as_of, options)?;
    let today = now.date_naive();
    let mut found = Vec::new();
    for check in &catalog.checks {
        if check.test.is_none() {
            found.extend(examine::findings(&session, catalog, check, today).await?);
        }
    }
    let mut tally = examine::looked_at(&session, &catalog.checks).await?;
    tally.flag(&found, &catalog.checks);
    found.extend(questions::questions(&session, catalog, today, &mut tally).await?);

    let state = state(warehouse, as_of, now)?;
    let message = format!("check ({state})");
    let snapshots = warehouse.snapshots()?;
    let last = snapshots
        .iter()
        .rev()
        .find(|snapshot| snapshot.message.starts_with("check ("));
    let is_known = last.is_some_and(|last| last.message == message);
    let (all, changed) = history::merged(history::stored(&session).await?, found, micros(now));
    let before = runs(&session, usize::from(is_known)).await?;
    let recorded = matches!(as_of, AsOf::Latest) && !is_known;
    if recorded {
        let mut writer = warehouse.writer_waiting("check", now, PATIENCE)?;
        let mut change = Change {
            message,
            ..Change::default()
        };
        writer.replace_rows("findings", &history::batch(&all)?, &mut change)?;
        let rows = run_rows(&tally, session.snapshot().id, now)?;
        writer.stage_rows("check_runs", &rows, &mut change)?;
        writer.commit(&change, now)?;
    }
    Ok(Outcome {
        open: all
            .into_iter()
            .filter(|finding| finding.closed_at.is_none())
            .collect(),
        scores: score::scores(&tally, &before),
        opened: changed.opened,
        closed: changed.closed,
        run_at: now,
        snapshot: session.snapshot().id,
        recorded,
    })
}

/// How long to wait for another writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the result depends on: the data, the checks and the day.
fn state(warehouse: &Warehouse, as_of: &AsOf, now: DateTime<Utc>) -> Result<String> {
    let catalog = warehouse.catalog();
    let mut parts = vec![
        format!("{:?}", catalog.checks),
        now.date_naive().to_string(),
    ];
    for (table, files) in warehouse.tables(as_of)? {
        let is_log = catalog
            .tables
            .get(&table.name)
            .is_some_and(|table| table.kind == TableKind::Log);
        if table.schema == MAIN && !is_log {
            parts.extend(files.into_iter().map(|file| file.path));
        }
    }
    parts.sort_unstable();
    // FNV-1a: tells states apart, protects nothing.
    let hash = parts
        .iter()
        .flat_map(|part| part.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Ok(format!("state {hash:016x}"))
}

/// The tally of the newest run but `skip`.
async fn runs(session: &Session, skip: usize) -> Result<Tally> {
    let mut tally = Tally::default();
    if !session
        .table_names()
        .iter()
        .any(|name| name == "check_runs")
    {
        return Ok(tally);
    }
    let sql = format!(
        "SELECT owner, township_code, heading, records, findings FROM check_runs WHERE run_at = \
         (SELECT run_at FROM (SELECT DISTINCT run_at FROM check_runs) AS r ORDER BY run_at DESC LIMIT 1 OFFSET {skip})"
    );
    for batch in session.rows(&sql, &[]).await? {
        let rows = Rows::of(&batch)?;
        for row in 0..rows.count {
            let text = |name: &str| rows.text(name, row).unwrap_or_default().to_owned();
            let count = |name: &str| rows.number(name, row).unwrap_or_default().unsigned_abs();
            let word = text("heading");
            let heading = Heading::ALL.into_iter().find(|h| h.as_str() == word);
            let cell = Cell {
                records: count("records"),
                flagged: count("findings"),
            };
            tally
                .0
                .insert((text("owner"), text("township_code"), heading), cell);
        }
    }
    Ok(tally)
}

fn run_rows(tally: &Tally, snapshot: i64, now: DateTime<Utc>) -> Result<RecordBatch> {
    let cells = || tally.0.iter();
    let text = |of: &dyn Fn(&score::Key) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            cells().map(|(key, _)| of(key)),
        ))
    };
    let count = |of: &dyn Fn(&Cell) -> u64| -> ArrayRef {
        let values = cells().map(|(_, cell)| i64::try_from(of(cell)).unwrap_or(i64::MAX));
        Arc::new(Int64Array::from_iter_values(values))
    };
    let times = TimestampMicrosecondArray::from(vec![micros(now); tally.0.len()]);
    Ok(RecordBatch::try_from_iter([
        ("run_at", Arc::new(times.with_timezone("UTC")) as ArrayRef),
        (
            "snapshot_id",
            Arc::new(Int64Array::from(vec![snapshot; tally.0.len()])),
        ),
        ("owner", text(&|key| key.0.clone())),
        ("township_code", text(&|key| key.1.clone())),
        (
            "heading",
            text(&|key| key.2.map_or(score::ALL, Heading::as_str).to_owned()),
        ),
        ("records", count(&|cell| cell.records)),
        ("findings", count(&|cell| cell.flagged)),
    ])?)
}
