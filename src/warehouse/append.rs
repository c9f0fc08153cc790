//! Rows of our own tables: what Renkou did (runs of schedules, releases, …), appended row by row to
//! tables of kind `log`.

use std::collections::BTreeSet;
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::Warehouse;
use super::commit::Change;
use super::parquet::conform;
use super::shape::MAIN;
use super::writer::Writer;
use crate::error::{Error, Kind, Result};
use crate::msg;

/// Files with fewer rows than this are tiny: once there are many, an append merges them.
const TINY_ROWS: u64 = 1024;
/// How long to wait before looking again whether the other writer is done.
const PAUSE: Duration = Duration::from_millis(50);
/// So many tiny files of a log may lie beside each other.
const TINY_FILES: usize = 64;

impl Writer {
    /// Stages rows for the log `table`, as part of `change`: they become visible with whatever else
    /// the change holds. Columns are found by name; those that `rows` lacks become NULL.
    ///
    /// One append makes one file, so many of them would make many: when [`TINY_FILES`] lie there
    /// the append takes their rows along and ends them.
    ///
    /// # Errors
    /// When the catalog has no log of that name, a column does not fit, or files cannot be written.
    pub fn stage_rows(&self, table: &str, rows: &RecordBatch, change: &mut Change) -> Result<()> {
        if !self.is_log(table) {
            return Err(Error::usage(msg!(
                "`{table}` is not a table of kind `log`",
                "`{table}` 不是 `log` 类的表"
            )));
        }
        let mut writer = self.table_writer(table, BTreeSet::new())?;
        let schema = writer.schema();
        let lake_table = self.table(MAIN, table);
        let mut tiny = self.files(lake_table.map(|table| table.id))?;
        tiny.retain(|file| file.rows < TINY_ROWS && !change.end.contains(&file.id));
        if let Some(lake_table) = lake_table
            && tiny.len() >= TINY_FILES
        {
            for file in &tiny {
                for batch in self.read(lake_table, file)? {
                    writer.push(conform(&batch?, &schema)?)?;
                }
                change.end.push(file.id);
            }
        }
        writer.push(conform(rows, &schema)?)?;
        change.add.extend(writer.finish()?);
        Ok(())
    }

    /// Appends rows to the log `table` in one durable commit of their own; returns the snapshot.
    /// `message` is the line in `renkou history`.
    ///
    /// # Errors
    /// As [`Self::stage_rows`]; then nothing was committed.
    pub fn append(
        &mut self,
        table: &str,
        rows: &RecordBatch,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let mut change = Change {
            message: message.to_owned(),
            ..Change::default()
        };
        self.stage_rows(table, rows, &mut change)?;
        self.commit(&change, now)
    }
}

impl Warehouse {
    /// Appends rows to the log `table`, waiting up to `patience` while another process writes.
    ///
    /// # Errors
    /// Exit 3 when the other writer did not finish in time; else as [`Writer::append`].
    pub fn append(
        &self,
        table: &str,
        rows: &RecordBatch,
        message: &str,
        now: DateTime<Utc>,
        patience: Duration,
    ) -> Result<i64> {
        self.writer_waiting(message, now, patience)?
            .append(table, rows, message, now)
    }

    /// The right to write, waiting up to `patience` while another process has it.
    ///
    /// # Errors
    /// Exit 3 when the other writer did not finish in time; else as [`Self::writer`].
    pub fn writer_waiting(
        &self,
        doing: &str,
        now: DateTime<Utc>,
        patience: Duration,
    ) -> Result<Writer> {
        let mut waited = Duration::ZERO;
        loop {
            match self.writer(doing, now) {
                Ok(writer) => return Ok(writer),
                Err(error) if error.kind() == Kind::Locked && waited < patience => {
                    std::thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, StringArray};

    use super::*;
    use crate::warehouse::{AsOf, SessionOptions};

    fn row(schedule: &str) -> RecordBatch {
        let name: ArrayRef = Arc::new(StringArray::from(vec![schedule]));
        RecordBatch::try_from_iter([("schedule", name)]).unwrap()
    }

    fn warehouse() -> (tempfile::TempDir, Warehouse, DateTime<Utc>) {
        let folder = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(1_600_000_000, 0).unwrap();
        let warehouse = Warehouse::create(&folder.path().join("w"), None, now).unwrap();
        (folder, warehouse, now)
    }

    fn files(warehouse: &Warehouse) -> usize {
        let tables = warehouse.tables(&AsOf::Latest).unwrap();
        let (_, files) = tables
            .iter()
            .find(|(table, _)| table.name == "schedule_runs")
            .unwrap();
        files.len()
    }

    async fn count(warehouse: &Warehouse) -> String {
        let session = warehouse
            .session(&AsOf::Latest, &SessionOptions::default())
            .unwrap();
        let sql = "SELECT count(*), count(DISTINCT schedule), count(slot) FROM schedule_runs";
        let rows = session.rows(sql, &[]).await.unwrap();
        arrow::util::pretty::pretty_format_batches(&rows)
            .unwrap()
            .to_string()
            .lines()
            .nth(3)
            .unwrap()
            .replace(' ', "")
    }

    #[tokio::test]
    async fn appended_rows_are_there_at_once_and_missing_columns_are_null() {
        let (_folder, warehouse, now) = warehouse();
        let before = warehouse.newest().unwrap();
        let patience = Duration::ZERO;
        let first = warehouse.append("schedule_runs", &row("a"), "one", now, patience);
        assert_eq!(first.unwrap(), before + 1);
        warehouse
            .append("schedule_runs", &row("b"), "two", now, patience)
            .unwrap();
        assert_eq!(count(&warehouse).await, "|2|2|0|");
        let merged = warehouse.writer("optimize", now).unwrap().optimize(now);
        assert_eq!(merged.unwrap().after, 1);
        assert_eq!(count(&warehouse).await, "|2|2|0|");
    }

    #[tokio::test]
    async fn many_appends_do_not_make_many_files_and_lose_no_row() {
        let (_folder, warehouse, now) = warehouse();
        let mut writer = warehouse.writer("test", now).unwrap();
        for index in 0..150 {
            let rows = row(&format!("s{index}"));
            writer.append("schedule_runs", &rows, "test", now).unwrap();
        }
        drop(writer);
        assert_eq!(count(&warehouse).await, "|150|150|0|");
        assert!(files(&warehouse) <= TINY_FILES);
    }

    #[tokio::test]
    async fn a_restore_leaves_the_logs() {
        let (_folder, warehouse, now) = warehouse();
        let before = warehouse.newest().unwrap();
        let mut writer = warehouse.writer("test", now).unwrap();
        writer
            .append("schedule_runs", &row("a"), "test", now)
            .unwrap();
        let restored = writer.restore(&AsOf::Snapshot(before), now).unwrap();
        drop(writer);
        assert_eq!(restored, None);
        assert_eq!(count(&warehouse).await, "|1|1|0|");
    }

    #[test]
    fn only_logs_are_appended_to() {
        let (_folder, warehouse, now) = warehouse();
        let mut writer = warehouse.writer("test", now).unwrap();
        let error = writer.append("births", &row("a"), "test", now).unwrap_err();
        assert_eq!(error.kind(), Kind::Usage);
        assert!(writer.append("deliveries", &row("a"), "test", now).is_err());
    }
}
