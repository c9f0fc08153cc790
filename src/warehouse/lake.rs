//! Reading the DuckLake v1.0 catalog (ducklake.select, SQLite flavour): snapshots, tables, files.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, OptionalExtension, params};

use crate::error::{Context, Error, Result};
use crate::msg;

/// The state of the whole warehouse after one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number, from 0.
    pub id: i64,
    /// When it was committed, RFC 3339 in UTC.
    pub time: String,
    /// What the commit did.
    pub message: String,
    /// Which version of the tables' definitions it uses.
    pub schema_version: i64,
}

/// Which snapshot to ask.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AsOf {
    /// The newest.
    #[default]
    Latest,
    /// The one with this number.
    Snapshot(i64),
    /// The last one not after this time (`YYYY-MM-DD` or RFC 3339; compared in UTC).
    Time(String),
}

impl std::str::FromStr for AsOf {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Snapshot(id));
        }
        let utc = |time: chrono::DateTime<chrono::Utc>| Self::Time(stamp(time));
        if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(utc(time.to_utc()));
        }
        for format in ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"] {
            if let Ok(time) = chrono::NaiveDateTime::parse_from_str(text, format) {
                return Ok(utc(time.and_utc()));
            }
        }
        if let Ok(day) = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            // A day means its end: everything that was committed on it counts.
            if let Some(end) = day.and_hms_micro_opt(23, 59, 59, 999_999) {
                return Ok(utc(end.and_utc()));
            }
        }
        Err(Error::usage(msg!(
            "`{text}` is neither a snapshot number nor a time",
            "`{text}` 既不是快照编号也不是时间"
        ))
        .hint(msg!(
            "use a number from `renkou history`, or a time such as 2020-12-31 or 2020-12-31T18:00:00Z",
            "请使用 `renkou history` 中的编号，或形如 2020-12-31、2020-12-31T18:00:00Z 的时间"
        )))
    }
}

/// A time as DuckLake writes it.
#[must_use]
pub fn stamp(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

/// A table of the lake.
#[derive(Debug, Clone)]
pub struct LakeTable {
    /// DuckLake's id.
    pub id: i64,
    /// `main` or `vault`.
    pub schema: String,
    /// Table name.
    pub name: String,
    /// Folder below the data folder, ending in `/`.
    pub path: String,
    /// Columns in order.
    pub columns: Vec<LakeColumn>,
    /// Partition id and the column that partitions.
    pub partition: Option<(i64, i64)>,
}

/// A column of a lake table.
#[derive(Debug, Clone)]
pub struct LakeColumn {
    /// DuckLake's id, the Parquet field id.
    pub id: i64,
    /// Column name.
    pub name: String,
    /// DuckLake type.
    pub kind: String,
}

/// A Parquet file of a table.
#[derive(Debug, Clone)]
pub struct DataFile {
    /// DuckLake's id.
    pub id: i64,
    /// Its table.
    pub table_id: i64,
    /// Path below the table's folder.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Size of its footer in bytes.
    pub footer: u64,
    /// Value of the partition column, when the table is partitioned.
    pub partition: Option<String>,
}

/// Smallest and largest value of a column in a file, as DuckLake text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnRange {
    /// How many NULLs.
    pub nulls: u64,
    /// Smallest value, when known exactly.
    pub min: Option<String>,
    /// Largest value, when known exactly.
    pub max: Option<String>,
}

/// The catalog database of a lake.
#[derive(Debug)]
pub struct Lake {
    pub(super) connection: Connection,
}

impl Lake {
    /// Opens the catalog at `path` for reading.
    ///
    /// # Errors
    /// When it is missing or not a DuckLake v1.0 catalog.
    pub fn open(path: &Path) -> Result<Self> {
        Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Self> {
        let open =
            |flags| Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        // A reader on a read-only disk cannot keep the write-ahead index; it then reads as is.
        let connection = open(flags)
            .or_else(|_| open(OpenFlags::SQLITE_OPEN_READ_ONLY))
            .context(|| msg!("cannot open the lake catalog", "无法打开元数据库"))?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let version: Option<String> = connection
            .query_row(
                "SELECT value FROM ducklake_metadata WHERE key = 'version'",
                [],
                |row| row.get(0),
            )
            .optional()
            .context(|| {
                msg!(
                    "`lake/catalog.sqlite` is not a lake catalog",
                    "`lake/catalog.sqlite` 不是数据湖的元数据库"
                )
            })?;
        match version.as_deref() {
            Some("1.0") => Ok(Self { connection }),
            other => {
                let found = other.unwrap_or("none");
                Err(Error::work(msg!(
                    "the lake has format version {found}; this program reads 1.0",
                    "数据湖格式版本为 {found}，本程序只支持 1.0"
                )))
            }
        }
    }

    /// All snapshots, oldest first.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let mut statement = self.connection.prepare(
            "SELECT s.snapshot_id, s.snapshot_time, coalesce(c.commit_message, c.changes_made, ''), s.schema_version
             FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
             ORDER BY s.snapshot_id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(Snapshot {
                id: row.get(0)?,
                time: row.get(1)?,
                message: row.get(2)?,
                schema_version: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The snapshot that `as_of` means.
    ///
    /// # Errors
    /// When there is no such snapshot.
    pub fn snapshot(&self, as_of: &AsOf) -> Result<Snapshot> {
        let condition = match as_of {
            AsOf::Latest => String::new(),
            AsOf::Snapshot(id) => format!("WHERE s.snapshot_id = {id}"),
            AsOf::Time(_) => "WHERE s.snapshot_time <= ?1".to_owned(),
        };
        let sql = format!(
            "SELECT s.snapshot_id, s.snapshot_time, coalesce(c.commit_message, c.changes_made, ''), s.schema_version
             FROM ducklake_snapshot s LEFT JOIN ducklake_snapshot_changes c USING (snapshot_id)
             {condition} ORDER BY s.snapshot_id DESC LIMIT 1"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Snapshot {
                id: row.get(0)?,
                time: row.get(1)?,
                message: row.get(2)?,
                schema_version: row.get(3)?,
            })
        };
        let found = match as_of {
            AsOf::Time(time) => statement.query_row([time], read),
            _ => statement.query_row([], read),
        };
        found.optional()?.ok_or_else(|| {
            Error::usage(msg!(
                "there is no snapshot as of that point",
                "该时点没有快照"
            ))
            .hint(msg!(
                "`renkou history` lists the snapshots",
                "用 `renkou history` 查看快照列表"
            ))
        })
    }

    /// The tables at snapshot `at`, ordered by schema and name.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn tables(&self, at: i64) -> Result<Vec<LakeTable>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT t.table_id, s.schema_name, t.table_name, s.path || t.path,
                    (SELECT p.partition_id FROM ducklake_partition_info p
                      WHERE p.table_id = t.table_id AND p.begin_snapshot <= ?1
                        AND (p.end_snapshot IS NULL OR p.end_snapshot > ?1))
             FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
             WHERE t.begin_snapshot <= ?1 AND (t.end_snapshot IS NULL OR t.end_snapshot > ?1)
             ORDER BY 2, 3",
        )?;
        let mut tables = statement
            .query_map([at], |row| {
                Ok(LakeTable {
                    id: row.get(0)?,
                    schema: row.get(1)?,
                    name: row.get(2)?,
                    path: row.get(3)?,
                    columns: Vec::new(),
                    partition: row.get::<_, Option<i64>>(4)?.map(|id| (id, 0)),
                })
            })?
            .collect::<std::result::Result<Vec<_>, _>>()?;
        let mut columns = self.connection.prepare_cached(
            "SELECT column_id, column_name, column_type FROM ducklake_column
             WHERE table_id = ?2 AND begin_snapshot <= ?1 AND (end_snapshot IS NULL OR end_snapshot > ?1)
             ORDER BY column_order",
        )?;
        let mut partition = self.connection.prepare_cached(
            "SELECT column_id FROM ducklake_partition_column WHERE partition_id = ?1 AND table_id = ?2",
        )?;
        for table in &mut tables {
            table.columns = columns
                .query_map(params![at, table.id], |row| {
                    Ok(LakeColumn {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        kind: row.get(2)?,
                    })
                })?
                .collect::<std::result::Result<_, _>>()?;
            if let Some((id, column)) = &mut table.partition {
                *column = partition.query_row(params![*id, table.id], |row| row.get(0))?;
            }
        }
        Ok(tables)
    }

    /// The files of `table` (all tables when `None`) at snapshot `at`, in order of addition.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn files(&self, at: i64, table: Option<i64>) -> Result<Vec<DataFile>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.data_file_id, f.table_id, f.path, f.record_count, f.file_size_bytes, f.footer_size,
                    (SELECT v.partition_value FROM ducklake_file_partition_value v
                      WHERE v.data_file_id = f.data_file_id)
             FROM ducklake_data_file f
             WHERE f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)
               AND (?2 IS NULL OR f.table_id = ?2)
             ORDER BY f.data_file_id",
        )?;
        let rows = statement.query_map(params![at, table], |row| {
            Ok(DataFile {
                id: row.get(0)?,
                table_id: row.get(1)?,
                path: row.get(2)?,
                rows: row.get::<_, i64>(3)? as u64,
                bytes: row.get::<_, i64>(4)? as u64,
                footer: row.get::<_, Option<i64>>(5)?.unwrap_or(0) as u64,
                partition: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Value ranges of the files of `table`: file id, column id, range.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn ranges(&self, table: i64) -> Result<Vec<(i64, i64, ColumnRange)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT data_file_id, column_id, null_count, min_value, max_value
             FROM ducklake_file_column_stats WHERE table_id = ?1",
        )?;
        let rows = statement.query_map([table], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                ColumnRange {
                    nulls: row.get::<_, Option<i64>>(2)?.unwrap_or(0) as u64,
                    min: row.get(3)?,
                    max: row.get(4)?,
                },
            ))
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Which deliveries the current files hold rows of: file id and delivery id.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn file_deliveries(&self, at: i64) -> Result<Vec<(i64, String)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.data_file_id, d.delivery_id FROM renkou_file_delivery d
             JOIN ducklake_data_file f USING (data_file_id)
             WHERE f.begin_snapshot <= ?1 AND (f.end_snapshot IS NULL OR f.end_snapshot > ?1)",
        )?;
        let rows = statement.query_map([at], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Every path below the data folder that some snapshot needs.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn all_paths(&self) -> Result<Vec<(String, u64)>> {
        let mut statement = self.connection.prepare(
            "SELECT s.path || t.path || f.path, f.file_size_bytes FROM ducklake_data_file f
             JOIN ducklake_table t USING (table_id) JOIN ducklake_schema s USING (schema_id)
             GROUP BY f.data_file_id ORDER BY f.data_file_id",
        )?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// The absolute data folder written in the catalog, for other tools.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    pub fn data_path(&self) -> Result<String> {
        Ok(self.connection.query_row(
            "SELECT value FROM ducklake_metadata WHERE key = 'data_path'",
            [],
            |row| row.get(0),
        )?)
    }

    /// SQLite's own check of the database file; empty when it is sound.
    ///
    /// # Errors
    /// When the check cannot run.
    pub fn integrity_problems(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check")?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
        let lines: Vec<String> = rows.collect::<std::result::Result<_, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }
}

impl Lake {
    /// A note of ours in the catalog's metadata.
    pub(super) fn note(&self, key: &str) -> Result<Option<String>> {
        Ok(self
            .connection
            .query_row(
                "SELECT value FROM ducklake_metadata WHERE key = ?1",
                [key],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// Writes a note of ours into the catalog's metadata.
    pub(super) fn set_note(&self, key: &str, value: &str) -> Result<()> {
        let changed = self.connection.execute(
            "UPDATE ducklake_metadata SET value = ?2 WHERE key = ?1",
            params![key, value],
        )?;
        if changed == 0 {
            self.connection.execute(
                "INSERT INTO ducklake_metadata VALUES (?1, ?2, NULL, NULL)",
                params![key, value],
            )?;
        }
        Ok(())
    }
}

/// Bytes as lower-case hexadecimal.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
