//! Reading a lake table in the engine: the snapshot's file list with exact counts and value
//! ranges, so that planning needs no listing and files outside a filter are never opened.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result as EngineResult;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use super::lake::{ColumnRange, DataFile, Lake, LakeTable};
use super::shape::scan_type;
use crate::error::Result;

/// The only store that a session knows: the data folder of its warehouse.
pub(super) const STORE: &str = "renkou://lake/";

/// A table at a snapshot.
#[derive(Debug)]
pub(super) struct LakeScan {
    schema: SchemaRef,
    files: Vec<PartitionedFile>,
    statistics: Statistics,
}

impl LakeScan {
    pub(super) fn open(lake: &Lake, at: i64, table: &LakeTable) -> Result<Self> {
        let fields: Vec<Field> = table
            .columns
            .iter()
            .filter_map(|column| Some(Field::new(&column.name, scan_type(&column.kind)?, true)))
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let positions: HashMap<i64, usize> = table
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| (column.id, index))
            .collect();
        let mut by_file: HashMap<i64, Vec<(usize, ColumnRange)>> = HashMap::new();
        for (file, column, range) in lake.ranges(table.id)? {
            if let Some(&index) = positions.get(&column) {
                by_file.entry(file).or_default().push((index, range));
            }
        }
        let mut each = Vec::new();
        let files = lake
            .files(at, Some(table.id))?
            .into_iter()
            .map(|file| {
                let ranges = by_file.remove(&file.id).unwrap_or_default();
                let statistics = Arc::new(statistics(&schema, &file, &ranges));
                each.push(Arc::clone(&statistics));
                PartitionedFile::new(format!("{}{}", table.path, file.path), file.bytes)
                    .with_statistics(statistics)
                    .with_metadata_size_hint(file.footer as usize + 8)
            })
            .collect();
        let statistics = if each.is_empty() {
            Statistics::new_unknown(&schema).with_num_rows(Precision::Exact(0))
        } else {
            Statistics::try_merge_iter(each.iter().map(AsRef::as_ref), &schema)?
        };
        Ok(Self {
            schema,
            files,
            statistics,
        })
    }
}

#[async_trait]
impl TableProvider for LakeScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        if self.files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_pushdown_filters(state.config_options().execution.parquet.pushdown_filters);
        let groups =
            FileGroup::new(self.files.clone()).split_files(state.config().target_partitions());
        let config = FileScanConfigBuilder::new(ObjectStoreUrl::parse(STORE)?, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(self.statistics.clone())
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> EngineResult<Vec<TableProviderFilterPushDown>> {
        // The scan prunes files, row groups and pages; the filter above decides row by row.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.statistics.clone())
    }
}

fn statistics(schema: &Schema, file: &DataFile, ranges: &[(usize, ColumnRange)]) -> Statistics {
    let mut columns = vec![ColumnStatistics::new_unknown(); schema.fields().len()];
    for (index, range) in ranges {
        let kind = schema.field(*index).data_type();
        let bound = |text: &Option<String>| {
            text.as_deref()
                .and_then(|text| scalar(kind, text))
                .map_or(Precision::Absent, Precision::Exact)
        };
        columns[*index].null_count = Precision::Exact(range.nulls as usize);
        columns[*index].min_value = bound(&range.min);
        columns[*index].max_value = bound(&range.max);
    }
    Statistics {
        num_rows: Precision::Exact(file.rows as usize),
        total_byte_size: Precision::Inexact(file.bytes as usize),
        column_statistics: columns,
    }
}

fn scalar(kind: &DataType, text: &str) -> Option<ScalarValue> {
    match kind {
        DataType::Boolean => Some(ScalarValue::Boolean(Some(text == "1"))),
        _ => ScalarValue::try_from_string(text.to_owned(), kind).ok(),
    }
}
