//! The table `schedule_runs`: what was decided about each slot, and how it went.

use std::sync::Arc;
use std::time::Duration;

use arrow::array::{
    Array, ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::warehouse::{AsOf, Session, SessionOptions, Warehouse};

/// What became of a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its results are in the outbox.
    Succeeded,
    /// Nothing that it reads changed since the run before.
    Unchanged,
    /// An error.
    Failed,
    /// It took too long.
    Timeout,
    /// The process that ran it ended in the middle.
    Died,
    /// Nobody looked when it came.
    Missed,
    /// It came while the run before was still going.
    Skipped,
    /// The same, where that counts as a failure.
    Forbidden,
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Succeeded,
        Self::Unchanged,
        Self::Failed,
        Self::Timeout,
        Self::Died,
        Self::Missed,
        Self::Skipped,
        Self::Forbidden,
    ];

    /// The word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Died => "died",
            Self::Missed => "missed",
            Self::Skipped => "skipped",
            Self::Forbidden => "forbidden",
        }
    }

    /// Whether it ends a row of failures.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Succeeded | Self::Unchanged)
    }

    /// Whether somebody should hear of it.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Timeout | Self::Died | Self::Forbidden
        )
    }

    /// Whether something ran between start and end.
    #[must_use]
    pub fn took_time(self) -> bool {
        self.is_success() || matches!(self, Self::Failed | Self::Timeout)
    }
}

/// A row of `schedule_runs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Name of the schedule.
    pub schedule: String,
    /// When it was to run.
    pub slot: DateTime<Utc>,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// When it was begun or decided.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: DateTime<Utc>,
    /// Rows of all results together.
    pub rows: Option<i64>,
    /// The snapshot that was asked.
    pub snapshot: Option<i64>,
    /// `<slot>/manifest.json`, below the outbox of the schedule.
    pub manifest: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

const COLUMNS: &str = "SELECT schedule, slot, attempt, result, started_at, finished_at, rows, snapshot_id, manifest, error
     FROM schedule_runs ORDER BY finished_at, slot, attempt, schedule";

/// Every run known at the newest snapshot, oldest first; none before the first writer of a program
/// that knows schedules has come.
///
/// # Errors
/// When the lake cannot be read.
pub async fn runs(warehouse: &Warehouse, options: &SessionOptions) -> Result<Vec<Run>> {
    let session = warehouse.session(&AsOf::Latest, options)?;
    if !session
        .table_names()
        .iter()
        .any(|name| name == "schedule_runs")
    {
        return Ok(Vec::new());
    }
    read(&session).await
}

async fn read(session: &Session) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for batch in session.rows(COLUMNS, &[]).await? {
        let texts = |at: usize| cast(batch.column(at), &DataType::Utf8);
        let (schedule, result) = (texts(0)?, texts(3)?);
        let (manifest, error) = (texts(8)?, texts(9)?);
        let times = |at: usize| batch.column(at).as_primitive::<TimestampMicrosecondType>();
        let attempt = batch.column(2).as_primitive::<Int32Type>();
        let numbers = |at: usize| batch.column(at).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let text = |column: &ArrayRef| {
                let column = column.as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_owned())
            };
            let time = |at: usize| {
                DateTime::from_timestamp_micros(times(at).value(row)).unwrap_or_default()
            };
            let number = |at: usize| numbers(at).is_valid(row).then(|| numbers(at).value(row));
            let word = text(&result).unwrap_or_default();
            let Some(outcome) = Outcome::ALL.into_iter().find(|one| one.as_str() == word) else {
                continue;
            };
            runs.push(Run {
                schedule: text(&schedule).unwrap_or_default(),
                slot: time(1),
                attempt: attempt.value(row).unsigned_abs(),
                outcome,
                started_at: time(4),
                finished_at: time(5),
                rows: number(6),
                snapshot: number(7),
                manifest: text(&manifest),
                error: text(&error),
            });
        }
    }
    Ok(runs)
}

/// Appends a run, durably. Who else writes is not waited for.
pub(super) fn record(warehouse: &Warehouse, run: &Run, now: DateTime<Utc>) -> Result<()> {
    let text = |value: Option<&str>| -> ArrayRef { Arc::new(StringArray::from(vec![value])) };
    let number = |value: Option<i64>| -> ArrayRef { Arc::new(Int64Array::from(vec![value])) };
    let time = |value: DateTime<Utc>| -> ArrayRef {
        let micros = TimestampMicrosecondArray::from(vec![value.timestamp_micros()]);
        Arc::new(micros.with_timezone("UTC"))
    };
    let attempt: ArrayRef = Arc::new(Int32Array::from(vec![
        i32::try_from(run.attempt).unwrap_or(i32::MAX),
    ]));
    let row = RecordBatch::try_from_iter([
        ("schedule", text(Some(&run.schedule))),
        ("slot", time(run.slot)),
        ("attempt", attempt),
        ("result", text(Some(run.outcome.as_str()))),
        ("started_at", time(run.started_at)),
        ("finished_at", time(run.finished_at)),
        ("rows", number(run.rows)),
        ("snapshot_id", number(run.snapshot)),
        ("manifest", text(run.manifest.as_deref())),
        ("error", text(run.error.as_deref())),
    ])?;
    let message = format!("schedule {}: {}", run.schedule, run.outcome.as_str());
    warehouse.append("schedule_runs", &row, &message, now, Duration::ZERO)?;
    Ok(())
}
