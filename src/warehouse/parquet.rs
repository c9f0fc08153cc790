//! Writing Parquet files of a table: partitioned, sorted inside, bounded memory, durable before
//! they are named in a commit.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array, new_null_array};
use arrow::compute::{SortColumn, SortOptions, concat, lexsort_to_indices, take};
use arrow::datatypes::{DataType, Schema, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;
use uuid::Uuid;

use super::commit::StagedFile;
use super::lake::ColumnRange;
use super::shape::{Shape, arrow_type};
use crate::catalog::ColumnType;
use crate::error::{Error, Result};
use crate::msg;

/// Rows that are sorted together and become a row group, where memory allows.
pub(super) const RUN_ROWS: usize = 128 * 1024;
/// A run ends as well at so many bytes: a row of the vault is a sealed block of thousands of rows.
const RUN_BYTES: usize = 64 << 20;
/// A row group ends as well at so many encoded bytes.
const GROUP_BYTES: usize = 32 << 20;
/// A file is closed once it has this many bytes.
const FILE_BYTES: usize = 256 << 20;
/// Text statistics longer than this are left out rather than cut.
const LONGEST_BOUND: usize = 64;
/// Folder of rows whose partition value is NULL, as in Hive.
const NULL_PARTITION: &str = "__HIVE_DEFAULT_PARTITION__";

/// Writes the rows of one table into new files.
#[derive(Debug)]
pub struct TableWriter {
    data: PathBuf,
    folder: PathBuf,
    shape: Shape,
    /// Columns of the files.
    schema: SchemaRef,
    /// Columns of the batches: those of the files without the constant ones.
    given: SchemaRef,
    constants: Vec<Constant>,
    properties: WriterProperties,
    deliveries: BTreeSet<String>,
    /// Positions in the batches.
    partition: Option<usize>,
    sort: Vec<usize>,
    run: Vec<RecordBatch>,
    run_rows: usize,
    run_bytes: usize,
    run_limit: usize,
    open: BTreeMap<Option<String>, OpenFile>,
    staged: Vec<StagedFile>,
}

/// A column that holds the same text in every row.
#[derive(Debug)]
struct Constant {
    column: usize,
    value: String,
    /// Enough rows of it to cut slices from.
    rows: StringArray,
}

#[derive(Debug)]
struct OpenFile {
    path: String,
    writer: ArrowWriter<File>,
    /// The same file, to sync it and read its footer.
    file: File,
}

impl TableWriter {
    /// A writer below the data folder `data`; `ids` are the DuckLake column ids by name and
    /// `deliveries` the deliveries whose rows will be written.
    #[must_use]
    pub fn new(
        data: &Path,
        shape: Shape,
        ids: &HashMap<String, i64>,
        deliveries: BTreeSet<String>,
    ) -> Self {
        let schema = shape.file_schema(ids);
        let position = |name: &String| shape.columns.iter().position(|column| &column.name == name);
        let partition = shape.partition.as_ref().and_then(position);
        let sort = shape.sort.iter().filter_map(position).collect();
        let folder = data.join(shape.schema).join(&shape.name);
        Self {
            data: data.to_owned(),
            folder,
            properties: properties(&shape),
            given: Arc::clone(&schema),
            schema,
            constants: Vec::new(),
            partition,
            sort,
            shape,
            deliveries,
            run: Vec::new(),
            run_rows: 0,
            run_bytes: 0,
            run_limit: RUN_ROWS,
            open: BTreeMap::new(),
            staged: Vec::new(),
        }
    }

    /// Sorts and writes at most so many rows at once: less memory, smaller row groups.
    #[must_use]
    pub fn with_run_rows(mut self, rows: usize) -> Self {
        self.run_limit = rows.clamp(8 * 1024, RUN_ROWS);
        self
    }

    /// Fills the text column `name` with `value` in every row; batches come without it.
    #[must_use]
    pub fn with_constant(mut self, name: &str, value: &str) -> Self {
        let position = |columns: &[usize], name: &str| {
            let at = |&column: &usize| self.schema.field(column).name() == name;
            columns.iter().position(at)
        };
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let Some(column) = position(&all, name) else {
            return self;
        };
        let constant = |at: usize| self.constants.iter().any(|other| other.column == at);
        let given: Vec<usize> = all
            .into_iter()
            .filter(|&at| at != column && !constant(at))
            .collect();
        let place = |name: &str| position(&given, name);
        let partition = self.shape.partition.as_deref().and_then(place);
        let sort = self
            .shape
            .sort
            .iter()
            .filter_map(|name| place(name))
            .collect();
        let fields: Vec<_> = given
            .iter()
            .map(|&at| Arc::clone(&self.schema.fields()[at]))
            .collect();
        self.given = Arc::new(Schema::new(fields));
        self.partition = partition;
        self.sort = sort;
        self.constants.push(Constant {
            column,
            value: value.to_owned(),
            rows: StringArray::from(Vec::<&str>::new()),
        });
        self.constants.sort_by_key(|constant| constant.column);
        self
    }

    /// The schema that batches must have.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.given)
    }

    /// Adds rows.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn push(&mut self, batch: RecordBatch) -> Result<()> {
        self.run_rows += batch.num_rows();
        self.run_bytes += batch.get_array_memory_size();
        self.run.push(batch);
        if self.run_rows >= self.run_limit || self.run_bytes >= RUN_BYTES {
            self.flush_run()
        } else {
            Ok(())
        }
    }

    /// Closes and syncs every file, then their folders.
    ///
    /// # Errors
    /// When a file cannot be written or synced; what was written is then an orphan that the next
    /// writer removes.
    pub fn finish(mut self) -> Result<Vec<StagedFile>> {
        self.flush_run()?;
        for (partition, file) in std::mem::take(&mut self.open) {
            self.close(partition, file)?;
        }
        let mut folders = BTreeSet::new();
        for file in &self.staged {
            let path = self.folder.join(&file.path);
            let mut folder = path.parent();
            while let Some(current) = folder {
                folders.insert(current.to_owned());
                if current == self.data {
                    break;
                }
                folder = current.parent();
            }
        }
        for folder in folders {
            sync_folder(&folder)?;
        }
        Ok(self.staged)
    }

    fn flush_run(&mut self) -> Result<()> {
        if self.run_rows == 0 {
            return Ok(());
        }
        let run = std::mem::take(&mut self.run);
        let batch = self.sorted(&run)?;
        drop(run);
        self.run_rows = 0;
        self.run_bytes = 0;
        let Some(partition) = self.partition else {
            return self.write(None, &batch);
        };
        for (start, length) in equal_runs(batch.column(partition)) {
            let slice = batch.slice(start, length);
            let value = text_of(slice.column(partition), 0)?;
            self.write(value, &slice)?;
        }
        Ok(())
    }

    /// The rows of a run in their order. One column after the other, so that only one is held
    /// twice.
    fn sorted(&self, run: &[RecordBatch]) -> Result<RecordBatch> {
        let keys: Vec<usize> = self
            .partition
            .into_iter()
            .chain(self.sort.iter().copied())
            .collect();
        let whole = |column: usize| -> Result<ArrayRef> {
            let parts: Vec<&dyn Array> = run
                .iter()
                .map(|batch| batch.column(column).as_ref())
                .collect();
            Ok(concat(&parts)?)
        };
        let indices = if keys.is_empty() || self.run_rows < 2 {
            None
        } else {
            let fields: Vec<_> = keys
                .iter()
                .map(|&key| Arc::clone(&self.given.fields()[key]))
                .collect();
            let columns = keys.iter().map(|&key| whole(key)).collect::<Result<_>>()?;
            let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?;
            let all: Vec<usize> = (0..keys.len()).collect();
            Some(sort_indices(&batch, &all)?)
        };
        let mut columns = Vec::with_capacity(self.given.fields().len());
        for (at, field) in self.given.fields().iter().enumerate() {
            let empty = |batch: &RecordBatch| batch.column(at).null_count() == batch.num_rows();
            columns.push(match &indices {
                _ if run.iter().all(empty) => new_null_array(field.data_type(), self.run_rows),
                Some(indices) => take(&whole(at)?, indices, None)?,
                None => whole(at)?,
            });
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.given), columns)?)
    }

    /// A batch with its constant columns.
    fn completed(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.constants.is_empty() {
            return Ok(batch.clone());
        }
        let mut columns = batch.columns().to_vec();
        for constant in &mut self.constants {
            if constant.rows.len() < batch.num_rows() {
                let rows = vec![constant.value.as_str(); batch.num_rows().max(self.run_limit)];
                constant.rows = StringArray::from(rows);
            }
            let slice = constant.rows.slice(0, batch.num_rows());
            columns.insert(constant.column, Arc::new(slice));
        }
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }

    fn write(&mut self, partition: Option<String>, batch: &RecordBatch) -> Result<()> {
        let batch = self.completed(batch)?;
        if !self.open.contains_key(&partition) {
            let file = self.create(partition.as_deref())?;
            self.open.insert(partition.clone(), file);
        }
        let Some(file) = self.open.get_mut(&partition) else {
            return Ok(());
        };
        file.writer.write(&batch)?;
        if file.writer.bytes_written() >= FILE_BYTES
            && let Some(file) = self.open.remove(&partition)
        {
            self.close(partition, file)?;
        }
        Ok(())
    }

    fn create(&self, partition: Option<&str>) -> Result<OpenFile> {
        let name = format!("{}.parquet", Uuid::now_v7());
        let path = match self.shape.partition.as_deref() {
            Some(column) => format!("{column}={}/{name}", partition.unwrap_or(NULL_PARTITION)),
            None => name,
        };
        let full = self.folder.join(&path);
        if let Some(parent) = full.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let file = fs_err::OpenOptions::new()
            .write(true)
            .read(true)
            .create_new(true)
            .open(&full)?;
        let file = file.into_parts().0;
        let writer = ArrowWriter::try_new(
            file.try_clone()?,
            Arc::clone(&self.schema),
            Some(self.properties.clone()),
        )?;
        Ok(OpenFile { path, writer, file })
    }

    fn close(&mut self, partition: Option<String>, file: OpenFile) -> Result<()> {
        let OpenFile {
            path,
            writer,
            mut file,
        } = file;
        let metadata = writer.close()?;
        file.sync_all()?;
        let bytes = file.metadata()?.len();
        let mut tail = [0; 4];
        file.seek(SeekFrom::End(-8))?;
        file.read_exact(&mut tail)?;
        self.staged.push(StagedFile {
            schema: self.shape.schema.to_owned(),
            table: self.shape.name.clone(),
            path,
            rows: metadata.file_metadata().num_rows() as u64,
            bytes,
            footer: u64::from(u32::from_le_bytes(tail)),
            partition,
            columns: ranges(&self.shape, &metadata),
            deliveries: self.deliveries.clone(),
        });
        Ok(())
    }
}

/// Reads the rows of a lake file in batches of the given schema order.
///
/// # Errors
/// When the file is missing or damaged.
pub fn read_file(path: &Path) -> Result<impl Iterator<Item = Result<RecordBatch>> + use<>> {
    let file = fs_err::File::open(path)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file.into_parts().0)?
        .with_batch_size(64 * 1024)
        .build()?;
    Ok(reader.map(|batch| batch.map_err(Error::from)))
}

/// Fits a batch of an older file to today's columns: missing ones become NULL.
///
/// # Errors
/// When a column has another type.
pub fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .map(|field| match batch.column_by_name(field.name()) {
            Some(column) => Ok(arrow::compute::cast(column, field.data_type())?),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        })
        .collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns?)?)
}

fn properties(shape: &Shape) -> WriterProperties {
    let mut builder = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(RUN_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_statistics_truncate_length(Some(LONGEST_BOUND))
        .set_created_by(concat!("renkou ", env!("CARGO_PKG_VERSION")).to_owned());
    for column in &shape.columns {
        if matches!(column.kind, ColumnType::Key) {
            let path = ColumnPath::from(column.name.as_str());
            // Pseudonyms and ciphertext are incompressible noise, and bounds of them say nothing.
            builder = builder
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    builder.build()
}

/// Row order by `keys`, NULLs last; stable, so that equal rows keep the order of the file.
fn sort_indices(batch: &RecordBatch, keys: &[usize]) -> Result<UInt32Array> {
    if let Some(codes) = super::order::packed_keys(batch, keys) {
        return Ok(codes);
    }
    let columns: Vec<SortColumn> = keys
        .iter()
        .map(|&key| SortColumn {
            values: Arc::clone(batch.column(key)),
            options: Some(SortOptions {
                descending: false,
                nulls_first: false,
            }),
        })
        .collect();
    Ok(lexsort_to_indices(&columns, None)?)
}

/// Start and length of each run of equal neighbours.
fn equal_runs(column: &ArrayRef) -> Vec<(usize, usize)> {
    let Ok(ranges) = arrow::compute::partition(&[Arc::clone(column)]) else {
        return vec![(0, column.len())];
    };
    ranges
        .ranges()
        .into_iter()
        .map(|range| (range.start, range.end - range.start))
        .collect()
}

fn text_of(column: &ArrayRef, row: usize) -> Result<Option<String>> {
    if column.is_null(row) {
        return Ok(None);
    }
    let formatter = ArrayFormatter::try_new(column.as_ref(), &FormatOptions::default())?;
    Ok(Some(formatter.value(row).to_string()))
}

fn ranges(shape: &Shape, metadata: &ParquetMetaData) -> Vec<(String, u64, ColumnRange)> {
    shape
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let mut bytes = 0;
            let mut merged: Option<Bounds> = None;
            let mut nulls = 0;
            let mut complete = true;
            let mut all_null = true;
            for group in metadata.row_groups() {
                let chunk = group.column(index);
                bytes += chunk.compressed_size().max(0) as u64;
                match chunk.statistics() {
                    Some(statistics) => {
                        let none = statistics.null_count_opt().unwrap_or(0);
                        nulls += none;
                        if none == group.num_rows() as u64 {
                            continue;
                        }
                        all_null = false;
                        match Bounds::of(column.kind, statistics) {
                            Some(bounds) => {
                                merged = Some(match merged {
                                    Some(before) => before.merge(bounds),
                                    None => bounds,
                                });
                            }
                            None => complete = false,
                        }
                    }
                    None => {
                        complete = false;
                        all_null = false;
                    }
                }
            }
            let range = match merged {
                Some(bounds) if complete && !all_null => {
                    let (min, max) = bounds.text(column.kind);
                    ColumnRange {
                        nulls,
                        min: Some(min),
                        max: Some(max),
                    }
                }
                _ => ColumnRange {
                    nulls,
                    min: None,
                    max: None,
                },
            };
            (column.name.clone(), bytes, range)
        })
        .collect()
}

#[derive(Debug, Clone, PartialEq)]
enum Bounds {
    Integer(i64, i64),
    Text(String, String),
}

impl Bounds {
    fn of(kind: ColumnType, statistics: &Statistics) -> Option<Self> {
        if matches!(
            kind,
            ColumnType::Key | ColumnType::Decimal | ColumnType::Timestamp
        ) {
            return None;
        }
        match statistics {
            Statistics::Int32(values) => Some(Self::Integer(
                i64::from(*values.min_opt()?),
                i64::from(*values.max_opt()?),
            )),
            Statistics::Int64(values) => {
                Some(Self::Integer(*values.min_opt()?, *values.max_opt()?))
            }
            Statistics::Boolean(values) => Some(Self::Integer(
                i64::from(*values.min_opt()?),
                i64::from(*values.max_opt()?),
            )),
            Statistics::ByteArray(values) if values.min_is_exact() && values.max_is_exact() => {
                let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
                Some(Self::Text(
                    text(values.min_opt()?.data())?,
                    text(values.max_opt()?.data())?,
                ))
            }
            _ => None,
        }
    }

    fn merge(self, other: Self) -> Self {
        match (self, other) {
            (Self::Integer(a, b), Self::Integer(c, d)) => Self::Integer(a.min(c), b.max(d)),
            (Self::Text(a, b), Self::Text(c, d)) => Self::Text(a.min(c), b.max(d)),
            (before, _) => before,
        }
    }

    fn text(self, kind: ColumnType) -> (String, String) {
        match self {
            Self::Integer(min, max) if arrow_type(kind) == DataType::Date32 => {
                let date = |days: i64| {
                    chrono::DateTime::from_timestamp(days * 86_400, 0).map_or_else(
                        || days.to_string(),
                        |time| time.format("%Y-%m-%d").to_string(),
                    )
                };
                (date(min), date(max))
            }
            Self::Integer(min, max) => (min.to_string(), max.to_string()),
            Self::Text(min, max) => (min, max),
        }
    }
}

/// Makes the names in a folder durable.
///
/// # Errors
/// When the folder cannot be synced.
pub fn sync_folder(folder: &Path) -> Result<()> {
    // Windows cannot open folders; NTFS journals the names itself.
    #[cfg(unix)]
    fs_err::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The error for a file that a snapshot names but the disk does not have.
#[must_use]
pub fn missing_file(path: &str) -> Error {
    Error::work(msg!(
        "data file `lake/data/{path}` is missing",
        "缺少数据文件 `lake/data/{path}`"
    ))
    .hint(msg!(
        "restore the warehouse folder from a backup; `renkou doctor` lists every damaged file",
        "请从备份恢复数据仓库文件夹；`renkou doctor` 会列出所有损坏的文件"
    ))
}
