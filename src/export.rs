//! Rows for other tools: one file or a folder of Parquet partitions, written aside, synced and
//! renamed, with a manifest that tells what they are.
//!
//! Entry points: [`export`]; [`Outbox`] and [`Question`] for what schedules leave, [`verify`] and
//! [`reproduce`] to check it. Never opens the vault: what leaves holds pseudonyms at most.

mod answer;
mod manifest;
mod outbox;
mod staged;
mod verify;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, UInt32Array};
use arrow::compute::take_record_batch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, SecondsFormat, Utc};
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use answer::{Question, reproducible};
pub use manifest::{Answer, BoundParameter, FileFormat, FileRecord, MANIFEST, Manifest};
pub use outbox::{Outbox, Staging, slot_name};
pub use staged::Staged;
pub use verify::{Verified, reproduce, verify};

use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::output::{BatchWriter, Format, Options, TextEncoding, writer};
use crate::query::Library;
use crate::warehouse::{Session, hex};

/// What to export.
#[derive(Debug)]
pub struct Export {
    /// Table, view or saved query.
    pub name: String,
    /// The statement.
    pub sql: String,
    /// Its parameters.
    pub values: Vec<(String, ScalarValue)>,
    /// Id of the key behind the pseudonyms, so that equal keys can be told to be comparable.
    pub key_id: Option<String>,
}

/// Where and how.
#[derive(Debug)]
pub struct Target {
    /// File, or folder of partitions.
    pub path: PathBuf,
    /// Format of the files.
    pub format: Format,
    /// Encoding of text files.
    pub encoding: TextEncoding,
    /// Whether the path is a folder of Parquet files rather than one file.
    pub folder: bool,
    /// Column whose values become folders within it.
    pub partition: Option<String>,
    /// Title for formats that have one.
    pub title: Option<String>,
    /// Unit for formats that show one.
    pub unit: Option<String>,
    /// Language of words around the data.
    pub lang: Lang,
}

/// What was written.
#[derive(Debug)]
pub struct Exported {
    /// Rows in all files.
    pub rows: usize,
    /// The files, relative to the manifest.
    pub files: Vec<PathBuf>,
    /// The manifest.
    pub manifest: PathBuf,
}

#[derive(Debug, Serialize)]
struct ExportManifest<'a> {
    name: &'a str,
    sql: &'a str,
    parameters: BTreeMap<&'a str, String>,
    snapshot: i64,
    snapshot_time: &'a str,
    key_id: Option<&'a str>,
    format: String,
    rows: usize,
    columns: Vec<Column>,
    files: Vec<FileEntry>,
    created_at: String,
    created_by: &'static str,
}

#[derive(Debug, Serialize)]
struct Column {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Serialize)]
struct FileEntry {
    path: String,
    rows: usize,
    bytes: u64,
    sha256: String,
}

/// Exports the rows of a statement.
///
/// # Errors
/// When the statement fails or files cannot be written; then nothing appears under the target's
/// name.
pub async fn export(
    session: &Session,
    request: &Export,
    target: &Target,
    now: DateTime<Utc>,
) -> Result<Exported> {
    let mut rows = session.query(&request.sql, &request.values).await?;
    let schema = rows.schema();
    let mut parts = Parts::new(target)?;
    let partition = match &target.partition {
        Some(name) => Some(schema.index_of(name).map_err(|_| {
            Error::usage(msg!(
                "there is no column `{name}` to partition by",
                "没有可用于分区的列 `{name}`"
            ))
        })?),
        None => None,
    };
    if partition.is_none() {
        parts.open(None, &schema)?;
    }
    while let Some(batch) = rows.next().await {
        let batch = batch?;
        match partition {
            None => parts.write(None, &batch)?,
            Some(column) => {
                for (value, part) in split(&batch, column)? {
                    parts.write(Some(value), &part)?;
                }
            }
        }
    }
    let entries = parts.finish()?;
    let count = entries.iter().map(|entry| entry.rows).sum();
    let manifest = ExportManifest {
        name: &request.name,
        sql: request.sql.trim(),
        parameters: request
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_string()))
            .collect(),
        snapshot: session.snapshot().id,
        snapshot_time: &session.snapshot().time,
        key_id: request.key_id.as_deref(),
        format: target.format.to_string(),
        rows: count,
        columns: schema
            .fields()
            .iter()
            .map(|field| Column {
                name: field.name().clone(),
                kind: field.data_type().to_string(),
            })
            .collect(),
        files: entries,
        created_at: now.to_rfc3339_opts(SecondsFormat::Secs, true),
        created_by: concat!("renkou ", env!("CARGO_PKG_VERSION")),
    };
    // Beside the data, never in a folder of partitions: readers take every file there for data.
    let mut path = target.path.clone().into_os_string();
    path.push(".manifest.json");
    let path = PathBuf::from(path);
    write_synced(&path, &serde_json::to_vec_pretty(&manifest)?)?;
    Ok(Exported {
        rows: count,
        files: manifest
            .files
            .iter()
            .map(|file| PathBuf::from(&file.path))
            .collect(),
        manifest: path,
    })
}

/// The rows of a batch by the text of a column.
fn split(batch: &RecordBatch, column: usize) -> Result<BTreeMap<String, RecordBatch>> {
    let values = batch.column(column);
    let formatter = ArrayFormatter::try_new(values.as_ref(), &FormatOptions::default())?;
    let mut rows: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for row in 0..batch.num_rows() {
        let value = if values.is_null(row) {
            "__HIVE_DEFAULT_PARTITION__".to_owned()
        } else {
            formatter.value(row).to_string()
        };
        rows.entry(value).or_default().push(row as u32);
    }
    // The folder's name tells the value; readers refuse a column that is there twice.
    let others: Vec<usize> = (0..batch.num_columns())
        .filter(|&index| index != column)
        .collect();
    let rest = batch.project(&others)?;
    rows.into_iter()
        .map(|(value, rows)| Ok((value, take_record_batch(&rest, &UInt32Array::from(rows))?)))
        .collect()
}

/// The files being written, aside of their final place.
struct Parts<'a> {
    target: &'a Target,
    staging: PathBuf,
    open: BTreeMap<Option<String>, Part>,
}

struct Part {
    path: PathBuf,
    writer: Box<dyn BatchWriter>,
}

impl<'a> Parts<'a> {
    fn new(target: &'a Target) -> Result<Self> {
        let name = target
            .path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .ok_or_else(|| {
                let shown = target.path.display();
                Error::usage(msg!(
                    "`{shown}` is not a file or folder name",
                    "`{shown}` 不是文件或文件夹名"
                ))
            })?;
        let staging = target
            .path
            .with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        if staging.exists() {
            remove(&staging)?;
        }
        if target.folder {
            if target.path.exists() && fs_err::read_dir(&target.path)?.next().is_some() {
                let shown = target.path.display();
                return Err(Error::usage(msg!(
                    "the folder `{shown}` is not empty",
                    "文件夹 `{shown}` 不为空"
                ))
                .hint(msg!(
                    "choose a new folder; an export never mixes with old files",
                    "请另选新文件夹，导出不会与旧文件混放"
                )));
            }
            fs_err::create_dir_all(&staging)?;
        } else if let Some(parent) = target.path.parent()
            && !parent.as_os_str().is_empty()
        {
            fs_err::create_dir_all(parent)?;
        }
        Ok(Self {
            target,
            staging,
            open: BTreeMap::new(),
        })
    }

    fn open(&mut self, value: Option<String>, schema: &arrow::datatypes::SchemaRef) -> Result<()> {
        let path = match (&value, &self.target.partition) {
            (Some(value), Some(column)) => {
                let folder = self
                    .staging
                    .join(format!("{column}={}", value.replace(['/', '\\', ':'], "_")));
                fs_err::create_dir_all(&folder)?;
                folder.join("part-0.parquet")
            }
            _ if self.target.folder => self.staging.join("part-0.parquet"),
            _ => self.staging.clone(),
        };
        let mut options = Options::new(self.target.format);
        options.encoding = self.target.encoding;
        options.title.clone_from(&self.target.title);
        options.unit.clone_from(&self.target.unit);
        options.lang = self.target.lang;
        let file = fs_err::File::create(&path)?;
        let writer = writer(
            self.target.format,
            Arc::clone(schema),
            &options,
            Box::new(file),
        )?;
        self.open.insert(value, Part { path, writer });
        Ok(())
    }

    fn write(&mut self, value: Option<String>, batch: &RecordBatch) -> Result<()> {
        if !self.open.contains_key(&value) {
            self.open(value.clone(), &batch.schema())?;
        }
        match self.open.get_mut(&value) {
            Some(part) => part.writer.write(batch),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Vec<FileEntry>> {
        let mut entries = Vec::new();
        for part in std::mem::take(&mut self.open).into_values() {
            let rows = part.writer.finish()?.rows;
            fs_err::OpenOptions::new()
                .write(true)
                .open(&part.path)?
                .sync_all()?;
            let bytes = fs_err::read(&part.path)?;
            let path = match part.path.strip_prefix(&self.staging) {
                Ok(inner) if !inner.as_os_str().is_empty() => {
                    inner.to_string_lossy().replace('\\', "/")
                }
                _ => self
                    .target
                    .path
                    .file_name()
                    .map(|name| name.to_string_lossy().into_owned())
                    .unwrap_or_default(),
            };
            entries.push(FileEntry {
                path,
                rows,
                bytes: bytes.len() as u64,
                sha256: hex(&Sha256::digest(&bytes)),
            });
        }
        if self.target.folder && self.target.path.exists() {
            fs_err::remove_dir(&self.target.path)?;
        }
        fs_err::rename(&self.staging, &self.target.path)?;
        Ok(entries)
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        // After a failure nothing half-written stays behind.
        let _ = remove(&self.staging);
    }
}

fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        fs_err::remove_dir_all(path)?;
    } else if path.exists() {
        fs_err::remove_file(path)?;
    }
    Ok(())
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = fs_err::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

/// The table that a user means by `name`, unless a saved query is meant. Where both have the name (an
/// indicator `births`, a table `births`) a folder gets the table, in partitions, and a file the answer
/// of the query; `main.births` is always the table.
#[must_use]
pub fn table_named<'n>(
    name: &'n str,
    folder: bool,
    tables: &[String],
    library: &Library,
) -> Option<&'n str> {
    let is_table = |name: &str| tables.iter().any(|table| table == name);
    match name.strip_prefix("main.") {
        Some(table) => is_table(table).then_some(table),
        None => (is_table(name) && (folder || library.get(name).is_err())).then_some(name),
    }
}
