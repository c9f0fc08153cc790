//! Care of the lake: removing what a dead writer left, merging small files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};

use super::Warehouse;
use super::commit::Change;
use super::lake::DataFile;
use super::parquet::conform;
use super::writer::Writer;
use crate::error::Result;

/// Files smaller than this are worth merging.
const SMALL: u64 = 64 << 20;

/// What [`Writer::optimize`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compaction {
    /// Files merged away.
    pub before: usize,
    /// Files that replace them.
    pub after: usize,
    /// Their bytes before.
    pub bytes_before: u64,
    /// Their bytes after.
    pub bytes_after: u64,
    /// The snapshot that was committed, when there was anything to do.
    pub snapshot: Option<i64>,
}

/// Removes what sessions that died spilled more than a day ago; a younger spill may be in use.
pub(super) fn remove_old_spills(warehouse: &Warehouse, now: DateTime<Utc>) -> Result<()> {
    let temporary = warehouse.temporary();
    if !temporary.exists() {
        return Ok(());
    }
    for entry in fs_err::read_dir(temporary)? {
        let entry = entry?;
        let age = now - DateTime::<Utc>::from(entry.metadata()?.modified()?);
        if age > TimeDelta::days(1) && entry.file_type()?.is_dir() {
            fs_err::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Removes Parquet files that no snapshot names. Only under the writer lock.
pub(super) fn remove_orphans(warehouse: &Warehouse) -> Result<usize> {
    let known: BTreeSet<_> = warehouse
        .lake()?
        .all_paths()?
        .into_iter()
        .map(|(path, _)| warehouse.data().join(path))
        .collect();
    let mut removed = 0;
    for path in walk(&warehouse.data())? {
        if !known.contains(&path) {
            fs_err::remove_file(&path)?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Every file below `folder`.
pub(super) fn walk(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs_err::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                pending.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

impl Writer {
    /// Merges the small files of each table and partition into few, well-sized ones. Readers of
    /// the snapshot before, and of every older one, keep their files.
    ///
    /// # Errors
    /// When files cannot be read or written; then nothing changed.
    pub fn optimize(&mut self, now: DateTime<Utc>) -> Result<Compaction> {
        let mut change = Change {
            message: "merge small files".to_owned(),
            ..Change::default()
        };
        let mut result = Compaction::default();
        let mut holders: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for (file, delivery) in self.file_deliveries()? {
            holders.entry(file).or_default().insert(delivery);
        }
        for table in self.lake_tables() {
            let mut partitions: BTreeMap<Option<String>, Vec<DataFile>> = BTreeMap::new();
            for file in self
                .files(Some(table.id))?
                .into_iter()
                .filter(|file| file.bytes < SMALL)
            {
                partitions
                    .entry(file.partition.clone())
                    .or_default()
                    .push(file);
            }
            for files in partitions.into_values().filter(|files| files.len() > 1) {
                let holds = files
                    .iter()
                    .filter_map(|file| holders.get(&file.id))
                    .flatten()
                    .cloned()
                    .collect();
                let mut writer = self.rewriter(table, holds)?;
                for file in &files {
                    for batch in self.read(table, file)? {
                        writer.push(conform(&batch?, &writer.schema())?)?;
                    }
                    result.bytes_before += file.bytes;
                    change.end.push(file.id);
                }
                let merged = writer.finish()?;
                result.before += files.len();
                result.after += merged.len();
                result.bytes_after += merged.iter().map(|file| file.bytes).sum::<u64>();
                change.add.extend(merged);
            }
        }
        if !change.is_empty() {
            result.snapshot = Some(self.commit(&change, now)?);
        }
        Ok(result)
    }
}
