//! The one commit path: a set of added and ended files becomes visible in one SQLite transaction.
//! Files named here must be durable before (see `parquet.rs`).

use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::lake::{ColumnRange, Lake, stamp};
use super::shape::{MAIN, Shape, VAULT, lake_type};
use crate::error::{Context, Error, Result};
use crate::msg;

/// A durable Parquet file, not yet visible.
#[derive(Debug, Clone)]
pub struct StagedFile {
    /// Schema of its table.
    pub schema: String,
    /// Its table.
    pub table: String,
    /// Path below the table's folder.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Footer size in bytes.
    pub footer: u64,
    /// Partition value, when the table is partitioned.
    pub partition: Option<String>,
    /// Per column: name, compressed size, value range.
    pub columns: Vec<(String, u64, ColumnRange)>,
    /// Deliveries it holds rows of.
    pub deliveries: BTreeSet<String>,
}

/// What one commit does.
#[derive(Debug, Default)]
pub struct Change {
    /// One line for `renkou history`.
    pub message: String,
    /// Files that become visible.
    pub add: Vec<StagedFile>,
    /// Ids of files that cease to be visible.
    pub end: Vec<i64>,
}

impl Change {
    /// Whether it would change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.add.is_empty() && self.end.is_empty()
    }
}

impl Lake {
    /// Writes a new catalog at `path`: version 1.0, schemas `main` and `vault`, no tables.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, data: &Path, now: DateTime<Utc>) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(include_str!("schema.sql"))?;
        for (key, value) in [
            ("version", "1.0"),
            ("created_by", concat!("Renkou ", env!("CARGO_PKG_VERSION"))),
            ("data_path", &data_path(data)),
            ("encrypted", "false"),
        ] {
            transaction.execute(
                "INSERT INTO ducklake_metadata VALUES (?1, ?2, NULL, NULL)",
                params![key, value],
            )?;
        }
        transaction.execute(
            "INSERT INTO ducklake_snapshot VALUES (0, ?1, 0, 2, 0)",
            params![stamp(now)],
        )?;
        transaction.execute(
            "INSERT INTO ducklake_snapshot_changes VALUES (0, 'created_schema:\"main\",created_schema:\"vault\"', NULL, 'empty warehouse', NULL)",
            [],
        )?;
        for (id, name) in [(0, MAIN), (1, VAULT)] {
            transaction.execute(
                "INSERT INTO ducklake_schema VALUES (?1, ?2, 0, NULL, ?3, ?3 || '/', 1)",
                params![id, Uuid::now_v7().to_string(), name],
            )?;
        }
        transaction.commit()?;
        Ok(Self { connection })
    }

    /// Points other tools to the data folder after the warehouse was moved.
    ///
    /// # Errors
    /// When the catalog cannot be written.
    pub fn heal_data_path(&self, data: &Path) -> Result<()> {
        let path = data_path(data);
        if self.data_path()? != path {
            self.connection.execute(
                "UPDATE ducklake_metadata SET value = ?1 WHERE key = 'data_path'",
                [path],
            )?;
        }
        Ok(())
    }

    /// Creates the tables and columns of `shapes` that the lake does not have yet, in one commit.
    ///
    /// # Errors
    /// When a column exists with another type.
    pub fn ensure_tables(&mut self, shapes: &[Shape], now: DateTime<Utc>) -> Result<()> {
        let current = self.snapshot(&super::lake::AsOf::Latest)?;
        let existing: HashMap<(String, String), super::lake::LakeTable> = self
            .tables(current.id)?
            .into_iter()
            .map(|table| ((table.schema.clone(), table.name.clone()), table))
            .collect();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut next = Next::read(&transaction)?;
        let mut changes = Vec::new();
        for shape in shapes {
            let key = (shape.schema.to_owned(), shape.name.clone());
            match existing.get(&key) {
                None => changes.push(create_table(&transaction, &mut next, shape)?),
                Some(table) => {
                    if add_columns(&transaction, &mut next, table, shape)? {
                        changes.push(format!("altered_table:{}", table.id));
                    }
                }
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        next.schema_version += 1;
        next.write(
            &transaction,
            now,
            &changes.join(","),
            "tables of the catalog",
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Makes `change` visible; returns the number of the new snapshot.
    ///
    /// # Errors
    /// When it was not committed. An error from the final commit itself is looked into: if the
    /// snapshot is there after all, the commit succeeded.
    pub fn commit(&mut self, change: &Change, now: DateTime<Utc>) -> Result<i64> {
        let expected;
        let outcome = {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut next = Next::read(&transaction)?;
            expected = next.snapshot;
            let mut changes = BTreeSet::new();
            end_files(&transaction, &next, &change.end, &mut changes)?;
            add_files(&transaction, &mut next, &change.add, &mut changes)?;
            let changes: Vec<String> = changes.into_iter().collect();
            next.write(&transaction, now, &changes.join(","), &change.message)?;
            transaction.commit()
        };
        if let Err(error) = outcome {
            let committed: Option<String> = self
                .connection
                .query_row(
                    "SELECT commit_message FROM ducklake_snapshot_changes WHERE snapshot_id = ?1",
                    [expected],
                    |row| row.get(0),
                )
                .optional()
                .context(|| {
                    msg!(
                        "the commit failed and the catalog cannot be read: it is unknown whether it was committed",
                        "提交失败且元数据库无法读取：无法确定是否已提交"
                    )
                })?;
            if committed.as_deref() != Some(change.message.as_str()) {
                return Err(
                    Error::from(error).context(msg!("nothing was committed", "没有提交任何内容"))
                );
            }
        }
        Ok(expected)
    }
}

/// Counters of the next snapshot.
struct Next {
    snapshot: i64,
    schema_version: i64,
    catalog_id: i64,
    file_id: i64,
}

impl Next {
    fn read(transaction: &Transaction<'_>) -> Result<Self> {
        Ok(transaction.query_row(
            "SELECT snapshot_id + 1, schema_version, next_catalog_id, next_file_id
             FROM ducklake_snapshot ORDER BY snapshot_id DESC LIMIT 1",
            [],
            |row| {
                Ok(Self {
                    snapshot: row.get(0)?,
                    schema_version: row.get(1)?,
                    catalog_id: row.get(2)?,
                    file_id: row.get(3)?,
                })
            },
        )?)
    }

    fn take_catalog_id(&mut self) -> i64 {
        self.catalog_id += 1;
        self.catalog_id - 1
    }

    fn write(
        &self,
        transaction: &Transaction<'_>,
        now: DateTime<Utc>,
        changes: &str,
        message: &str,
    ) -> Result<()> {
        // Time travel by time needs times that never step back, whatever the clock does.
        let last: String = transaction.query_row(
            "SELECT max(snapshot_time) FROM ducklake_snapshot",
            [],
            |row| row.get(0),
        )?;
        let time = stamp(now).max(last);
        transaction.execute(
            "INSERT INTO ducklake_snapshot VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                self.snapshot,
                time,
                self.schema_version,
                self.catalog_id,
                self.file_id
            ],
        )?;
        transaction.execute(
            "INSERT INTO ducklake_snapshot_changes VALUES (?1, ?2, 'renkou', ?3, NULL)",
            params![self.snapshot, changes, message],
        )?;
        Ok(())
    }
}

fn create_table(transaction: &Transaction<'_>, next: &mut Next, shape: &Shape) -> Result<String> {
    let (schema, name) = (shape.schema, &shape.name);
    let schema_id = i64::from(schema == VAULT);
    let table = next.take_catalog_id();
    transaction.execute(
        "INSERT INTO ducklake_table VALUES (?1, ?2, ?3, NULL, ?4, ?5, ?5 || '/', 1)",
        params![
            table,
            Uuid::now_v7().to_string(),
            next.snapshot,
            schema_id,
            name
        ],
    )?;
    transaction.execute(
        "INSERT INTO ducklake_table_stats VALUES (?1, 0, 0, 0)",
        [table],
    )?;
    transaction.execute(
        "INSERT INTO ducklake_tag VALUES (?1, ?2, NULL, 'comment', ?3)",
        params![table, next.snapshot, shape.comment],
    )?;
    for (index, column) in shape.columns.iter().enumerate() {
        insert_column(transaction, next, table, index as i64 + 1, column)?;
    }
    if let Some(partition) = &shape.partition {
        let column = shape
            .columns
            .iter()
            .position(|column| &column.name == partition);
        if let Some(column) = column {
            let id = next.take_catalog_id();
            transaction.execute(
                "INSERT INTO ducklake_partition_info VALUES (?1, ?2, ?3, NULL)",
                params![id, table, next.snapshot],
            )?;
            transaction.execute(
                "INSERT INTO ducklake_partition_column VALUES (?1, ?2, 0, ?3, 'identity')",
                params![id, table, column as i64 + 1],
            )?;
        }
    }
    transaction.execute(
        "INSERT INTO ducklake_schema_versions VALUES (?1, ?2, ?3)",
        params![next.snapshot, next.schema_version + 1, table],
    )?;
    Ok(format!("created_table:\"{schema}\".\"{name}\""))
}

fn insert_column(
    transaction: &Transaction<'_>,
    next: &Next,
    table: i64,
    id: i64,
    column: &super::shape::ShapeColumn,
) -> Result<()> {
    transaction.execute(
        "INSERT INTO ducklake_column VALUES (?1, ?2, NULL, ?3, ?1, ?4, ?5, NULL, 'NULL', 1, NULL, 'literal', 'duckdb')",
        params![id, next.snapshot, table, column.name, lake_type(column.kind)],
    )?;
    transaction.execute(
        "INSERT INTO ducklake_column_tag VALUES (?1, ?2, ?3, NULL, 'comment', ?4)",
        params![table, id, next.snapshot, column.comment],
    )?;
    Ok(())
}

fn add_columns(
    transaction: &Transaction<'_>,
    next: &mut Next,
    table: &super::lake::LakeTable,
    shape: &Shape,
) -> Result<bool> {
    let mut id: i64 = transaction.query_row(
        "SELECT max(column_id) FROM ducklake_column WHERE table_id = ?1",
        [table.id],
        |row| row.get(0),
    )?;
    let mut added = false;
    for column in &shape.columns {
        match table
            .columns
            .iter()
            .find(|existing| existing.name == column.name)
        {
            Some(existing) if existing.kind == lake_type(column.kind) => {}
            Some(existing) => {
                let (name, was, is) = (&column.name, &existing.kind, lake_type(column.kind));
                let table = &table.name;
                return Err(Error::usage(msg!(
                    "column `{name}` of table `{table}` is {was} in the lake but {is} in the catalog",
                    "表 `{table}` 的列 `{name}` 在数据湖中为 {was}，在目录中为 {is}"
                ))
                .hint(msg!(
                    "give the column a new name; a stored column cannot change its type",
                    "请为该列另取名称；已存储的列不能更改类型"
                )));
            }
            None => {
                id += 1;
                insert_column(transaction, next, table.id, id, column)?;
                added = true;
            }
        }
    }
    if added {
        transaction.execute(
            "INSERT INTO ducklake_schema_versions VALUES (?1, ?2, ?3)",
            params![next.snapshot, next.schema_version + 1, table.id],
        )?;
    }
    Ok(added)
}

fn end_files(
    transaction: &Transaction<'_>,
    next: &Next,
    files: &[i64],
    changes: &mut BTreeSet<String>,
) -> Result<()> {
    for file in files {
        let (table, rows, bytes): (i64, i64, i64) = transaction.query_row(
            "UPDATE ducklake_data_file SET end_snapshot = ?1 WHERE data_file_id = ?2 AND end_snapshot IS NULL
             RETURNING table_id, record_count, file_size_bytes",
            params![next.snapshot, file],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        transaction.execute(
            "UPDATE ducklake_table_stats SET record_count = record_count - ?2, file_size_bytes = file_size_bytes - ?3
             WHERE table_id = ?1",
            params![table, rows, bytes],
        )?;
        changes.insert(format!("deleted_from_table:{table}"));
    }
    Ok(())
}

fn add_files(
    transaction: &Transaction<'_>,
    next: &mut Next,
    files: &[StagedFile],
    changes: &mut BTreeSet<String>,
) -> Result<()> {
    let mut tables: BTreeMap<(&str, &str), TableState> = BTreeMap::new();
    for file in files {
        let key = (file.schema.as_str(), file.table.as_str());
        let table = match tables.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(TableState::read(transaction, key)?),
        };
        let id = next.file_id;
        next.file_id += 1;
        transaction.execute(
            "INSERT INTO ducklake_data_file VALUES (?1, ?2, ?3, NULL, NULL, ?4, 1, 'parquet', ?5, ?6, ?7, ?8, ?9, NULL, NULL, NULL)",
            params![
                id, table.id, next.snapshot, file.path, file.rows as i64, file.bytes as i64,
                file.footer as i64, table.next_row, table.partition
            ],
        )?;
        if table.partition.is_some() {
            transaction.execute(
                "INSERT INTO ducklake_file_partition_value VALUES (?1, ?2, 0, ?3)",
                params![id, table.id, file.partition],
            )?;
        }
        for (name, bytes, range) in &file.columns {
            let Some(&column) = table.columns.get(name) else {
                continue;
            };
            transaction.execute(
                "INSERT INTO ducklake_file_column_stats VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)",
                params![
                    id, table.id, column, *bytes as i64, file.rows as i64, range.nulls as i64,
                    range.min, range.max
                ],
            )?;
        }
        for delivery in &file.deliveries {
            transaction.execute(
                "INSERT INTO renkou_file_delivery VALUES (?1, ?2)",
                params![id, delivery],
            )?;
        }
        transaction.execute(
            "UPDATE ducklake_table_stats SET record_count = record_count + ?2, next_row_id = next_row_id + ?2,
                file_size_bytes = file_size_bytes + ?3 WHERE table_id = ?1",
            params![table.id, file.rows as i64, file.bytes as i64],
        )?;
        table.next_row += file.rows as i64;
        changes.insert(format!("inserted_into_table:{}", table.id));
    }
    Ok(())
}

struct TableState {
    id: i64,
    next_row: i64,
    partition: Option<i64>,
    columns: HashMap<String, i64>,
}

impl TableState {
    fn read(transaction: &Transaction<'_>, (schema, name): (&str, &str)) -> Result<Self> {
        let (id, next_row, partition) = transaction
            .query_row(
                "SELECT t.table_id, st.next_row_id,
                        (SELECT partition_id FROM ducklake_partition_info p
                          WHERE p.table_id = t.table_id AND p.end_snapshot IS NULL)
                 FROM ducklake_table t JOIN ducklake_schema s USING (schema_id)
                 JOIN ducklake_table_stats st ON st.table_id = t.table_id
                 WHERE s.schema_name = ?1 AND t.table_name = ?2 AND t.end_snapshot IS NULL",
                [schema, name],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .context(|| {
                msg!(
                    "the lake has no table `{schema}.{name}`",
                    "数据湖中没有表 `{schema}.{name}`"
                )
            })?;
        let mut statement = transaction.prepare_cached(
            "SELECT column_name, column_id FROM ducklake_column WHERE table_id = ?1 AND end_snapshot IS NULL",
        )?;
        let columns = statement
            .query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<std::result::Result<_, _>>()?;
        Ok(Self {
            id,
            next_row,
            partition,
            columns,
        })
    }
}

fn data_path(data: &Path) -> String {
    let mut text = data.to_string_lossy().into_owned();
    if !text.ends_with(['/', '\\']) {
        text.push('/');
    }
    text
}
