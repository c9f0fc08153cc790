//! Changing a warehouse: holds the writer lock from the first staged file to the commit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use chrono::{DateTime, Utc};

use super::commit::{Change, StagedFile};
use super::delivery::{self, Delivery};
use super::lake::{AsOf, DataFile, Lake, LakeTable, Snapshot};
use super::lock::{Predecessor, WriterLock};
use super::parquet::{TableWriter, conform, missing_file, read_file};
use super::shape::{MAIN, Shape, VAULT};
use super::{Warehouse, maintain, reference, shape};
use crate::error::{Error, Result};
use crate::msg;

/// The one writer of a warehouse.
#[derive(Debug)]
pub struct Writer {
    _lock: WriterLock,
    lake: Lake,
    data: PathBuf,
    shapes: BTreeMap<(&'static str, String), Shape>,
    tables: Vec<LakeTable>,
    snapshot: Snapshot,
}

impl Writer {
    pub(super) fn open(warehouse: &Warehouse, doing: &str, now: DateTime<Utc>) -> Result<Self> {
        let (lock, predecessor) =
            WriterLock::acquire(&warehouse.folder().join("lake"), doing, now)?;
        if predecessor == Predecessor::Died {
            maintain::remove_orphans(warehouse)?;
            maintain::remove_old_spills(warehouse, now)?;
        }
        let mut lake = warehouse.lake()?;
        lake.heal_data_path(&warehouse.data())?;
        let catalog = warehouse.catalog();
        let shapes: Vec<Shape> = catalog
            .tables
            .values()
            .map(Shape::from)
            .chain(
                shape::sealed_tables(catalog)
                    .iter()
                    .map(|name| Shape::vault(name)),
            )
            .collect();
        lake.ensure_tables(&shapes, now)?;
        let snapshot = lake.snapshot(&AsOf::Latest)?;
        let tables = lake.tables(snapshot.id)?;
        let shapes = shapes
            .into_iter()
            .map(|shape| ((shape.schema, shape.name.clone()), shape))
            .collect();
        let mut writer = Self {
            _lock: lock,
            lake,
            data: warehouse.data(),
            shapes,
            tables,
            snapshot,
        };
        reference::refresh(&mut writer, catalog, now)?;
        Ok(writer)
    }

    /// The newest snapshot.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// A writer of new files of an analytic table.
    ///
    /// # Errors
    /// When the catalog has no such table.
    pub fn table_writer(&self, name: &str, deliveries: BTreeSet<String>) -> Result<TableWriter> {
        self.writer_of(MAIN, name, deliveries)
    }

    /// A writer of new files of the vault table of `name`.
    ///
    /// # Errors
    /// When nothing in the catalog seals identities for that table.
    pub fn vault_writer(&self, name: &str, deliveries: BTreeSet<String>) -> Result<TableWriter> {
        self.writer_of(VAULT, name, deliveries)
    }

    fn writer_of(
        &self,
        schema: &'static str,
        name: &str,
        deliveries: BTreeSet<String>,
    ) -> Result<TableWriter> {
        let shape = self.shapes.get(&(schema, name.to_owned()));
        let (Some(shape), Some(table)) = (shape, self.table(schema, name)) else {
            return Err(Error::usage(msg!(
                "the catalog has no table `{name}`",
                "目录中没有表 `{name}`"
            )));
        };
        let ids: HashMap<String, i64> = table
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.id))
            .collect();
        Ok(TableWriter::new(
            &self.data,
            shape.clone(),
            &ids,
            deliveries,
        ))
    }

    pub(super) fn table(&self, schema: &str, name: &str) -> Option<&LakeTable> {
        self.tables
            .iter()
            .find(|table| table.schema == schema && table.name == name)
    }

    pub(super) fn lake_tables(&self) -> &[LakeTable] {
        &self.tables
    }

    /// The deliveries known now.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub fn deliveries(&self) -> Result<Vec<Delivery>> {
        delivery::read(&self.lake, self.snapshot.id, &self.data)
    }

    /// Stages the table `deliveries` anew, as part of `change`.
    ///
    /// # Errors
    /// When files cannot be written.
    pub fn replace_deliveries(&self, deliveries: &[Delivery], change: &mut Change) -> Result<()> {
        let writer = self.table_writer("deliveries", BTreeSet::new())?;
        let batch = delivery::to_batch(deliveries, &writer.schema())?;
        self.replace_table("deliveries", writer, vec![batch], change)
    }

    /// Stages new content for a derived table, as part of `change`: what stood in it goes. Columns are
    /// found by name; those that `rows` lacks become NULL.
    ///
    /// # Errors
    /// When the catalog has no such table, a column does not fit, or files cannot be written.
    pub fn replace_rows(&self, name: &str, rows: &RecordBatch, change: &mut Change) -> Result<()> {
        let writer = self.table_writer(name, BTreeSet::new())?;
        let batch = conform(rows, &writer.schema())?;
        self.replace_table(name, writer, vec![batch], change)
    }

    /// Stages new content for a whole table, as part of `change`.
    ///
    /// # Errors
    /// When files cannot be written.
    pub(super) fn replace_table(
        &self,
        name: &str,
        mut writer: TableWriter,
        batches: Vec<RecordBatch>,
        change: &mut Change,
    ) -> Result<()> {
        for batch in batches {
            writer.push(batch)?;
        }
        change.add.extend(writer.finish()?);
        let table = self.table(MAIN, name).map(|table| table.id);
        change.end.extend(
            self.lake
                .files(self.snapshot.id, table)?
                .into_iter()
                .map(|file| file.id),
        );
        Ok(())
    }

    /// Takes the rows of `deliveries` out of every table, as part of `change`: files that hold
    /// nothing else end, others are written anew without them.
    ///
    /// # Errors
    /// When files cannot be read or written.
    pub fn take_out(&self, deliveries: &BTreeSet<String>, change: &mut Change) -> Result<()> {
        self.take_out_where(deliveries, change, |_| true)
    }

    /// Takes the rows of `deliveries` out of the tables called `names`, in both schemas.
    ///
    /// # Errors
    /// When files cannot be read or written.
    pub fn take_out_of(
        &self,
        names: &[&str],
        deliveries: &BTreeSet<String>,
        change: &mut Change,
    ) -> Result<()> {
        self.take_out_where(deliveries, change, |table| names.contains(&table))
    }

    /// Stages the rows of `deliveries` as they were at snapshot `at`, as part of `change`.
    ///
    /// # Errors
    /// When files cannot be read or written.
    pub fn bring_back(
        &self,
        deliveries: &BTreeSet<String>,
        at: i64,
        change: &mut Change,
    ) -> Result<()> {
        let mut holders: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for (file, delivery) in self.lake.file_deliveries(at)? {
            if deliveries.contains(&delivery) {
                holders.entry(file).or_default().insert(delivery);
            }
        }
        for file in self.lake.files(at, None)? {
            let Some(wanted) = holders.remove(&file.id) else {
                continue;
            };
            let Some(table) = self.tables.iter().find(|table| table.id == file.table_id) else {
                continue;
            };
            let mut writer = self.rewriter(table, wanted.clone())?;
            for batch in self.read(table, &file)? {
                let batch = conform(&batch?, &writer.schema())?;
                writer.push(rows_of(&batch, |id| wanted.contains(id))?)?;
            }
            change.add.extend(writer.finish()?);
        }
        Ok(())
    }

    fn take_out_where(
        &self,
        deliveries: &BTreeSet<String>,
        change: &mut Change,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<()> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let tables: BTreeSet<i64> = self
            .tables
            .iter()
            .filter(|table| wanted(&table.name))
            .map(|table| table.id)
            .collect();
        let mut holders: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for (file, delivery) in self.lake.file_deliveries(self.snapshot.id)? {
            holders.entry(file).or_default().insert(delivery);
        }
        let files: HashMap<i64, DataFile> = self
            .lake
            .files(self.snapshot.id, None)?
            .into_iter()
            .map(|file| (file.id, file))
            .collect();
        for (id, holds) in holders {
            if holds.is_disjoint(deliveries) {
                continue;
            }
            let Some(file) = files
                .get(&id)
                .filter(|file| tables.contains(&file.table_id))
            else {
                continue;
            };
            change.end.push(id);
            if !holds.is_subset(deliveries) {
                let kept: BTreeSet<String> = holds.difference(deliveries).cloned().collect();
                change.add.extend(self.without(file, deliveries, kept)?);
            }
        }
        Ok(())
    }

    fn without(
        &self,
        file: &DataFile,
        deliveries: &BTreeSet<String>,
        kept: BTreeSet<String>,
    ) -> Result<Vec<StagedFile>> {
        let Some(table) = self.tables.iter().find(|table| table.id == file.table_id) else {
            return Ok(Vec::new());
        };
        let schema = if table.schema == VAULT { VAULT } else { MAIN };
        let mut writer = self.writer_of(schema, &table.name, kept)?;
        for batch in self.read(table, file)? {
            let batch = conform(&batch?, &writer.schema())?;
            writer.push(rows_of(&batch, |id| !deliveries.contains(id))?)?;
        }
        writer.finish()
    }

    /// Reads a file of a table.
    pub(super) fn read(
        &self,
        table: &LakeTable,
        file: &DataFile,
    ) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
        let path = self.data.join(&table.path).join(&file.path);
        if !path.exists() {
            return Err(missing_file(&format!("{}{}", table.path, file.path)));
        }
        read_file(&path)
    }

    pub(super) fn files(&self, table: Option<i64>) -> Result<Vec<DataFile>> {
        self.lake.files(self.snapshot.id, table)
    }

    pub(super) fn file_deliveries(&self) -> Result<Vec<(i64, String)>> {
        self.lake.file_deliveries(self.snapshot.id)
    }

    pub(super) fn rewriter(
        &self,
        table: &LakeTable,
        deliveries: BTreeSet<String>,
    ) -> Result<TableWriter> {
        let schema = if table.schema == VAULT { VAULT } else { MAIN };
        self.writer_of(schema, &table.name, deliveries)
    }

    /// Rows of an analytic table now, by partition: all of them, and those of `deliveries`.
    ///
    /// # Errors
    /// When files cannot be read.
    pub fn rows_by_partition(
        &self,
        name: &str,
        deliveries: &BTreeSet<String>,
    ) -> Result<Vec<(Option<String>, u64, u64)>> {
        let Some(table) = self.table(MAIN, name) else {
            return Ok(Vec::new());
        };
        let mut holders: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for (file, delivery) in self.file_deliveries()? {
            holders.entry(file).or_default().insert(delivery);
        }
        let mut counts: BTreeMap<Option<String>, (u64, u64)> = BTreeMap::new();
        for file in self.files(Some(table.id))? {
            let count = counts.entry(file.partition.clone()).or_default();
            count.0 += file.rows;
            let Some(holds) = holders.get(&file.id) else {
                continue;
            };
            if holds.is_subset(deliveries) {
                count.1 += file.rows;
            } else if !holds.is_disjoint(deliveries) {
                for batch in self.read(table, &file)? {
                    let batch = batch?;
                    let Some(column) = batch.column_by_name("delivery_id") else {
                        continue;
                    };
                    let ids = column.as_string::<i32>();
                    count.1 += ids
                        .iter()
                        .flatten()
                        .filter(|id| deliveries.contains(*id))
                        .count() as u64;
                }
            }
        }
        Ok(counts
            .into_iter()
            .map(|(partition, (rows, going))| (partition, rows, going))
            .collect())
    }

    /// Makes `change` visible as one snapshot.
    ///
    /// # Errors
    /// When nothing was committed.
    pub fn commit(&mut self, change: &Change, now: DateTime<Utc>) -> Result<i64> {
        let id = self.lake.commit(change, now)?;
        self.snapshot = self.lake.snapshot(&AsOf::Snapshot(id))?;
        Ok(id)
    }

    /// Whether the table is a log of ours.
    pub(super) fn is_log(&self, name: &str) -> bool {
        self.shapes
            .get(&(MAIN, name.to_owned()))
            .is_some_and(|shape| shape.log)
    }

    /// Makes the warehouse as it was at snapshot `to`, as a new snapshot. Logs stay as they are:
    /// what was done was done, whatever data it was done with.
    ///
    /// # Errors
    /// When there is no such snapshot.
    pub fn restore(&mut self, to: &AsOf, now: DateTime<Utc>) -> Result<Option<i64>> {
        let target = self.lake.snapshot(to)?;
        let logs: BTreeSet<i64> = self
            .tables
            .iter()
            .filter(|table| table.schema == MAIN && self.is_log(&table.name))
            .map(|table| table.id)
            .collect();
        let [now_files, then_files] = [self.snapshot.id, target.id].map(|at| {
            self.lake.files(at, None).map(|mut files| {
                files.retain(|file| !logs.contains(&file.table_id));
                files
            })
        });
        let (now_files, then_files) = (now_files?, then_files?);
        let now_ids: BTreeSet<i64> = now_files.iter().map(|file| file.id).collect();
        let then_ids: BTreeSet<i64> = then_files.iter().map(|file| file.id).collect();
        if now_ids == then_ids {
            return Ok(None);
        }
        let mut change = Change {
            message: format!("restore snapshot {}", target.id),
            end: now_ids.difference(&then_ids).copied().collect(),
            add: Vec::new(),
        };
        let deliveries = self.lake.file_deliveries(target.id)?;
        for file in then_files.iter().filter(|file| !now_ids.contains(&file.id)) {
            // The bytes are written anew: a file belongs to one unbroken span of snapshots.
            let Some(table) = self.tables.iter().find(|table| table.id == file.table_id) else {
                continue;
            };
            let holds = deliveries
                .iter()
                .filter(|(id, _)| *id == file.id)
                .map(|(_, delivery)| delivery.clone())
                .collect();
            let mut writer = self.rewriter(table, holds)?;
            for batch in self.read(table, file)? {
                writer.push(conform(&batch?, &writer.schema())?)?;
            }
            change.add.extend(writer.finish()?);
        }
        self.commit(&change, now).map(Some)
    }
}

impl Writer {
    pub(super) fn reference_fingerprint(&self) -> Result<Option<String>> {
        self.lake.note("renkou_reference")
    }

    pub(super) fn set_reference_fingerprint(&self, fingerprint: &str) -> Result<()> {
        self.lake.set_note("renkou_reference", fingerprint)
    }
}

/// The rows of a batch whose delivery is wanted; rows without one are kept.
fn rows_of(batch: &RecordBatch, wanted: impl Fn(&str) -> bool) -> Result<RecordBatch> {
    let Some(column) = batch.column_by_name("delivery_id") else {
        return Ok(batch.clone());
    };
    let keep: BooleanArray = column
        .as_string::<i32>()
        .iter()
        .map(|id| Some(id.is_none_or(&wanted)))
        .collect();
    Ok(filter_record_batch(batch, &keep)?)
}
