//! Schema `vault` of an unsealed session: blocks are opened one at a time as the query reads them;
//! nothing in clear is written anywhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;

use super::lake::{Lake, LakeTable};
use super::parquet::read_file;
use crate::error::Result;
use crate::vault::Sealer;

/// A vault table with its identities in clear: `delivery_id, source_sheet, source_row` and one
/// text column per identity.
#[derive(Debug)]
pub(super) struct VaultScan(StreamingTable);

impl VaultScan {
    pub(super) fn open(
        lake: &Lake,
        at: i64,
        table: &LakeTable,
        data: &Path,
        identities: Vec<String>,
        sealer: Arc<Sealer>,
    ) -> Result<Self> {
        let schema = clear_schema(identities.iter().map(String::as_str));
        let files = lake
            .files(at, Some(table.id))?
            .into_iter()
            .map(|file| data.join(&table.path).join(&file.path))
            .collect();
        let blocks = Blocks {
            schema: Arc::clone(&schema),
            files,
            table: table.name.clone(),
            sealer,
        };
        Ok(Self(StreamingTable::try_new(
            schema,
            vec![Arc::new(blocks)],
        )?))
    }
}

fn clear_schema<'a>(identities: impl Iterator<Item = &'a str>) -> SchemaRef {
    let mut fields = vec![
        Field::new("delivery_id", DataType::Utf8, true),
        Field::new("source_sheet", DataType::Utf8, true),
        Field::new("source_row", DataType::Int32, true),
    ];
    fields.extend(identities.map(|name| Field::new(name, DataType::Utf8, true)));
    Arc::new(Schema::new(fields))
}

/// Every block of vault table `name`, opened.
pub(super) fn open_table(
    tables: &[(LakeTable, Vec<super::DataFile>)],
    name: &str,
    identities: &[&str],
    data: &Path,
    sealer: &Sealer,
) -> Result<Vec<RecordBatch>> {
    let schema = clear_schema(identities.iter().copied());
    let mut opened = Vec::new();
    for (table, files) in tables
        .iter()
        .filter(|(table, _)| table.schema == super::VAULT && table.name == name)
    {
        for file in files {
            opened.extend(open_file(
                &data.join(&table.path).join(&file.path),
                name,
                sealer,
                &schema,
            )?);
        }
    }
    opened.into_iter().collect()
}

#[async_trait]
impl TableProvider for VaultScan {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> EngineResult<Arc<dyn ExecutionPlan>> {
        self.0.scan(state, projection, filters, limit).await
    }
}

#[derive(Debug)]
struct Blocks {
    schema: SchemaRef,
    files: Vec<PathBuf>,
    table: String,
    sealer: Arc<Sealer>,
}

impl PartitionStream for Blocks {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (schema, table, sealer) = (
            Arc::clone(&self.schema),
            self.table.clone(),
            Arc::clone(&self.sealer),
        );
        let batches = self.files.clone().into_iter().flat_map(move |file| {
            match open_file(&file, &table, &sealer, &schema) {
                Ok(batches) => batches,
                Err(error) => vec![Err(error)],
            }
        });
        let batches =
            batches.map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        Box::pin(RecordBatchStreamAdapter::new(
            Arc::clone(&self.schema),
            futures::stream::iter(batches),
        ))
    }
}

fn open_file(
    file: &Path,
    table: &str,
    sealer: &Sealer,
    schema: &SchemaRef,
) -> Result<Vec<Result<RecordBatch>>> {
    let mut opened = Vec::new();
    for batch in read_file(file)? {
        for (delivery, sealed) in sealed_blocks(&batch?) {
            opened.push(open_block(table, &delivery, &sealed, sealer, schema));
        }
    }
    Ok(opened)
}

/// Delivery id and sealed bytes of each block in a batch of a vault file.
pub(super) fn sealed_blocks(batch: &RecordBatch) -> Vec<(String, Vec<u8>)> {
    let (Some(deliveries), Some(sealed)) = (
        batch.column_by_name("delivery_id"),
        batch.column_by_name("sealed"),
    ) else {
        return Vec::new();
    };
    let (deliveries, sealed) = (deliveries.as_string::<i32>(), sealed.as_binary::<i32>());
    (0..batch.num_rows())
        .filter(|&row| sealed.is_valid(row))
        .map(|row| (deliveries.value(row).to_owned(), sealed.value(row).to_vec()))
        .collect()
}

/// Opens one block and fits it to `schema`: identities that it does not have become NULL.
pub(super) fn open_block(
    table: &str,
    delivery: &str,
    sealed: &[u8],
    sealer: &Sealer,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let block = sealer.open_batch(&seal_context(table, delivery), sealed)?;
    let columns = schema
        .fields()
        .iter()
        .map(|field| {
            if field.name() == "delivery_id" {
                return Arc::new(arrow::array::StringArray::from(vec![
                    delivery;
                    block.num_rows()
                ])) as _;
            }
            match block.column_by_name(field.name()) {
                Some(column) => Arc::clone(column),
                None => arrow::array::new_null_array(field.data_type(), block.num_rows()),
            }
        })
        .collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// What a sealed block is bound to: it opens only as rows of this table and delivery.
#[must_use]
pub fn seal_context(table: &str, delivery: &str) -> String {
    format!("vault.{table}/{delivery}")
}
