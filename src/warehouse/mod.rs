//! The only door to storage and to the SQL engine: a DuckLake (SQLite catalog + Parquet) in a
//! folder, one writer, one commit path, sessions that read one snapshot.
//!
//! Entry points: [`Warehouse::create`], [`Warehouse::open`], [`Warehouse::session`] to ask,
//! [`Warehouse::writer`] to change. Never prints, never reads the clock, never puts an identity
//! outside schema `vault`.

mod append;
mod commit;
mod delivery;
mod doctor;
pub(crate) mod functions;
mod lake;
mod lock;
mod maintain;
mod manual;
mod mistake;
mod order;
mod parameters;
mod parquet;
mod reference;
mod running;
mod scan;
mod session;
mod shape;
mod statement;
mod vault_scan;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use commit::{Change, StagedFile};
pub use delivery::{Delivery, Status};
pub use doctor::{Finding, examine};
pub(crate) use lake::hex;
pub use lake::{AsOf, DataFile, LakeTable, Snapshot, stamp};
pub use lock::{Predecessor, WriterLock};
pub use maintain::Compaction;
pub use manual::{FunctionKind, Manual};
pub use parquet::{TableWriter, conform, read_file};
pub use running::{Progress, Running};
pub use session::{Plan, Session, SessionOptions};
pub use shape::{MAIN, Shape, ShapeColumn, VAULT, arrow_type, identities};
pub use statement::Parsed;
pub use vault_scan::seal_context;
pub use writer::Writer;

use crate::catalog::Catalog;
use crate::error::{Context, Error, Result};
use crate::msg;
use crate::vault::Keys;

/// The file that makes a folder a warehouse.
pub const MARKER: &str = "renkou.yaml";

/// A warehouse folder, opened.
#[derive(Debug, Clone)]
pub struct Warehouse {
    folder: PathBuf,
    key_file: PathBuf,
    catalog: Arc<Catalog>,
}

/// `renkou.yaml`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    version: u32,
}

impl Warehouse {
    /// Creates an empty warehouse in `folder` with the default catalog, queries and new keys.
    ///
    /// # Errors
    /// Exit 2 when there is one already, or when the folder is not empty of what would be written.
    pub fn create(folder: &Path, key_file: Option<&Path>, now: DateTime<Utc>) -> Result<Self> {
        let marker = folder.join(MARKER);
        if marker.exists() {
            return Err(Error::usage(msg!(
                "there is a warehouse here already",
                "此处已有数据仓库"
            ))
            .hint(msg!(
                "use it, or choose another folder",
                "请直接使用，或另选文件夹"
            )));
        }
        for name in ["inbox", "outbox", "lake/data/main", "lake/data/vault"] {
            fs_err::create_dir_all(folder.join(name))?;
        }
        crate::catalog::write_defaults(folder)?;
        let key_file =
            key_file.map_or_else(|| folder.join("keys").join("warehouse.key"), Path::to_owned);
        if !key_file.exists() {
            Keys::create(&key_file)?;
        }
        let catalog_file = folder.join("lake").join("catalog.sqlite");
        // A catalog without the marker is what an interrupted `init` left.
        for name in ["catalog.sqlite", "catalog.sqlite-wal", "catalog.sqlite-shm"] {
            let path = folder.join("lake").join(name);
            if path.exists() {
                fs_err::remove_file(path)?;
            }
        }
        drop(lake::Lake::create(
            &catalog_file,
            &absolute(&folder.join("lake").join("data"))?,
            now,
        )?);
        let text = "# A Renkou warehouse. What a county changes is in catalog/ and queries/.\nversion: 1\n";
        fs_err::write(&marker, text)?;
        parquet::sync_folder(folder)?;
        let warehouse = Self::open(folder, Some(&key_file))?;
        drop(warehouse.writer("init", now)?);
        Ok(warehouse)
    }

    /// Opens the warehouse in `folder`.
    ///
    /// # Errors
    /// Exit 2 when `folder` is not a warehouse or its catalog has errors.
    pub fn open(folder: &Path, key_file: Option<&Path>) -> Result<Self> {
        let folder = absolute(folder)?;
        let marker = folder.join(MARKER);
        if !marker.exists() {
            let shown = folder.display();
            return Err(Error::usage(msg!(
                "`{shown}` is not a warehouse",
                "`{shown}` 不是数据仓库"
            ))
            .hint(msg!(
                "create one with `renkou init DIR`, or try `renkou demo`",
                "请用 `renkou init 文件夹` 新建，或先试试 `renkou demo`"
            )));
        }
        let text = fs_err::read_to_string(&marker)?;
        let parsed: Marker = serde_yaml::from_str(&text).map_err(|error| {
            Error::usage(msg!(
                "`renkou.yaml` cannot be read: {error}",
                "无法读取 `renkou.yaml`：{error}"
            ))
        })?;
        if parsed.version != 1 {
            let version = parsed.version;
            return Err(Error::usage(msg!(
                "this warehouse has version {version}; this program knows version 1",
                "此数据仓库为版本 {version}，本程序只支持版本 1"
            )));
        }
        let catalog = Arc::new(Catalog::load(&folder.join("catalog"))?);
        let key_file =
            key_file.map_or_else(|| folder.join("keys").join("warehouse.key"), Path::to_owned);
        Ok(Self {
            folder,
            key_file,
            catalog,
        })
    }

    /// The nearest folder at or above `start` that is a warehouse.
    #[must_use]
    pub fn find(start: &Path) -> Option<PathBuf> {
        start
            .ancestors()
            .find(|folder| folder.join(MARKER).exists())
            .map(Path::to_owned)
    }

    /// The warehouse folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its definitions.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The folder of Parquet files.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("lake").join("data")
    }

    /// The file with the secrets.
    #[must_use]
    pub fn key_file(&self) -> &Path {
        &self.key_file
    }

    /// The secrets.
    ///
    /// # Errors
    /// When the key file is missing, damaged or readable by others.
    pub fn keys(&self) -> Result<Keys> {
        Keys::load(&self.key_file)
    }

    fn temporary(&self) -> PathBuf {
        self.folder.join("lake").join("tmp")
    }

    fn lake_file(&self) -> PathBuf {
        self.folder.join("lake").join("catalog.sqlite")
    }

    fn lake(&self) -> Result<lake::Lake> {
        lake::Lake::open(&self.lake_file())
    }

    /// All snapshots, oldest first.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        self.lake()?.snapshots()
    }

    /// The number of the newest snapshot.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub fn newest(&self) -> Result<i64> {
        Ok(self.lake()?.snapshot(&AsOf::Latest)?.id)
    }

    /// Tables with their files at a snapshot.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub fn tables(&self, as_of: &AsOf) -> Result<Vec<(LakeTable, Vec<DataFile>)>> {
        let lake = self.lake()?;
        let snapshot = lake.snapshot(as_of)?;
        lake.tables(snapshot.id)?
            .into_iter()
            .map(|table| {
                let files = lake.files(snapshot.id, Some(table.id))?;
                Ok((table, files))
            })
            .collect()
    }

    /// The deliveries known at a snapshot.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub fn deliveries(&self, as_of: &AsOf) -> Result<Vec<Delivery>> {
        let lake = self.lake()?;
        let snapshot = lake.snapshot(as_of)?;
        delivery::read(&lake, snapshot.id, &self.data())
    }

    /// A read-only SQL session.
    ///
    /// # Errors
    /// When the snapshot does not exist or the lake cannot be read.
    pub fn session(&self, as_of: &AsOf, options: &SessionOptions) -> Result<Session> {
        let lake = self.lake()?;
        let snapshot = lake.snapshot(as_of)?;
        fs_err::create_dir_all(self.temporary())?;
        Session::open(self, &lake, snapshot, options)
    }

    /// The right to write, after cleaning up behind a writer that died and bringing tables and
    /// reference lists up to the catalog.
    ///
    /// # Errors
    /// Exit 3 when another process writes.
    pub fn writer(&self, doing: &str, now: DateTime<Utc>) -> Result<Writer> {
        Writer::open(self, doing, now)
    }

    /// Removes what a writer that died left behind, unless somebody is writing right now.
    ///
    /// # Errors
    /// When leftovers cannot be removed.
    pub fn recover(&self, now: DateTime<Utc>) -> Result<()> {
        if self.folder.join("lake").join("writer.json").exists()
            && let Ok((_lock, Predecessor::Died)) =
                WriterLock::acquire(&self.folder.join("lake"), "recover", now)
        {
            maintain::remove_orphans(self)?;
        }
        Ok(())
    }

    /// Removes staged files that were never committed. Only for the holder of the writer lock.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub(crate) fn discard_staged(&self) -> Result<()> {
        maintain::remove_orphans(self).map(drop)
    }

    /// Opens the sealed blocks of vault table `name` at the newest snapshot, as batches with the
    /// columns `identities` after `delivery_id, source_sheet, source_row`.
    ///
    /// # Errors
    /// When the key does not fit or a file is damaged.
    pub fn unsealed(
        &self,
        name: &str,
        identities: &[&str],
        sealer: &crate::vault::Sealer,
    ) -> Result<Vec<arrow::array::RecordBatch>> {
        vault_scan::open_table(
            &self.tables(&AsOf::Latest)?,
            name,
            identities,
            &self.data(),
            sealer,
        )
    }

    /// The statement with which DuckDB attaches this lake.
    #[must_use]
    pub fn attach_statement(&self) -> String {
        let catalog = self.lake_file();
        let data = self.data();
        format!(
            "ATTACH 'ducklake:sqlite:{}' AS renkou (READ_ONLY, DATA_PATH '{}/', OVERRIDE_DATA_PATH true);",
            catalog.display(),
            data.display()
        )
    }
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).context(|| msg!("cannot resolve the folder", "无法解析文件夹"))
}
