//! SQL sessions: built in one place, read-only, limited in memory and disk, without file access.
//! Every statement passes the one gate in [`Session::plan`].

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::context::{SQLOptions, SessionContext};
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, col};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionConfig;
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use object_store::ObjectStore;
use object_store::local::LocalFileSystem;

use super::lake::{Lake, Snapshot};
use super::mistake;
use super::parameters::{self, Missing};
use super::running::{Peak, PeakPool, Running};
use super::scan::{LakeScan, STORE};
use super::shape::{MAIN, VAULT, identities};
use super::statement::{self, Parsed, Place};
use super::vault_scan::VaultScan;
use super::{Warehouse, functions};
use crate::error::{Error, Result};
use crate::msg;
use crate::vault::Sealer;

/// Limits of a session.
#[derive(Debug, Clone)]
pub struct SessionOptions {
    /// Threads to use; all cores when `None`.
    pub threads: Option<usize>,
    /// Bytes of memory for queries.
    pub memory: usize,
    /// Bytes of temporary disk for queries.
    pub disk: u64,
    /// Opens schema `vault`; the caller has audited it before.
    pub unseal: Option<Arc<Sealer>>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            threads: None,
            memory: 4 << 30,
            disk: 50 << 30,
            unseal: None,
        }
    }
}

/// A SQL session on one snapshot of a warehouse.
pub struct Session {
    pub(super) context: SessionContext,
    pub(super) memory: Arc<Peak>,
    snapshot: Snapshot,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}

/// A statement that passed the gate.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) plan: LogicalPlan,
    pub(super) place: Place,
}

impl Plan {
    /// The names of the columns that it gives.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let fields = self.plan.schema().fields().iter();
        fields.map(|field| field.name().clone()).collect()
    }
}

impl Session {
    pub(super) fn open(
        warehouse: &Warehouse,
        lake: &Lake,
        snapshot: Snapshot,
        options: &SessionOptions,
    ) -> Result<Self> {
        let memory = Arc::new(Peak::default());
        let context = context(warehouse, options, &memory)?;
        let tables = lake.tables(snapshot.id)?;
        let vault = Arc::new(MemorySchemaProvider::new());
        for table in &tables {
            if table.schema == MAIN {
                let provider: Arc<dyn TableProvider> =
                    Arc::new(LakeScan::open(lake, snapshot.id, table)?);
                context.register_table(table.name.as_str(), Arc::clone(&provider))?;
                if let Some(view) = chinese_view(warehouse, &table.name, &provider)? {
                    context.register_table(view.0.as_str(), view.1)?;
                }
            } else if let Some(sealer) = &options.unseal {
                let mut identities = identities(warehouse.catalog(), &table.name);
                if table.name == "rejects" {
                    identities = ["header", "cells"].map(str::to_owned).to_vec();
                }
                let provider = VaultScan::open(
                    lake,
                    snapshot.id,
                    table,
                    &warehouse.data(),
                    identities,
                    Arc::clone(sealer),
                )?;
                vault.register_table(table.name.clone(), Arc::new(provider))?;
            }
        }
        if options.unseal.is_some()
            && let Some(catalog) = context.catalog("renkou")
        {
            catalog.register_schema(VAULT, vault)?;
        }
        functions::register(&context, warehouse)?;
        Ok(Self {
            context,
            memory,
            snapshot,
        })
    }

    /// The snapshot that this session asks.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Splits a script into statements.
    ///
    /// # Errors
    /// Where the syntax is wrong.
    pub fn statements(&self, sql: &str) -> Result<Vec<Parsed>> {
        self.statements_at(sql, 1)
    }

    /// The same for a part of a file: `first_line` is the number of the part's first line there,
    /// which messages count from.
    ///
    /// # Errors
    /// Where the syntax is wrong.
    pub fn statements_at(&self, sql: &str, first_line: usize) -> Result<Vec<Parsed>> {
        statement::parse(sql, first_line)
    }

    /// Plans one statement with bound parameters; refuses everything but reading.
    ///
    /// # Errors
    /// When a name is unknown, a parameter is missing or the statement would change something.
    pub async fn plan(&self, parsed: Parsed, values: &[(String, ScalarValue)]) -> Result<Plan> {
        if !parsed.is_query() {
            return Err(mistake::only_queries(&parsed.place));
        }
        let Parsed { statement, place } = parsed;
        mistake::joins(&statement, &place)?;
        let statement = parameters::bind(statement, values).map_err(|Missing(name)| {
            let given: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
            mistake::missing_parameter(&name, &given, &place)
        })?;
        let plan = match self.context.state().statement_to_plan(statement).await {
            Ok(plan) => plan,
            Err(error) => return Err(mistake::planning(error, &place, &self.context).await),
        };
        SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false)
            .verify_plan(&plan)
            .map_err(|_| mistake::only_queries(&place))?;
        mistake::sense(&plan, &place)?;
        Ok(Plan { plan, place })
    }

    /// Whether a planned statement can be executed: some are understood but have no way to be run.
    ///
    /// # Errors
    /// When the engine has no execution plan for it.
    pub async fn executable(&self, plan: &Plan) -> Result<()> {
        let state = self.context.state();
        match state.create_physical_plan(&plan.plan).await {
            Ok(_) => Ok(()),
            Err(error) => Err(mistake::planning(error, &plan.place, &self.context).await),
        }
    }

    /// Starts a planned statement.
    ///
    /// # Errors
    /// When execution cannot start. The stream's errors are ours: [`Error`] by `into()`, with the
    /// place in the statement where it is known and without values of cells.
    pub async fn start(&self, plan: Plan) -> Result<SendableRecordBatchStream> {
        let Running { rows, stop, .. } = self.run(plan).await?;
        let schema = rows.schema();
        let rows = rows.inspect(move |_| {
            let _ = &stop;
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    /// All rows of a planned statement.
    ///
    /// # Errors
    /// When it fails on the way.
    pub async fn collect(&self, plan: Plan) -> Result<Vec<arrow::array::RecordBatch>> {
        let stream = self.start(plan).await?;
        Ok(datafusion::physical_plan::common::collect(stream).await?)
    }

    /// Plans and starts a single statement.
    ///
    /// # Errors
    /// As [`Self::plan`]; also when `sql` holds not exactly one statement.
    pub async fn query(
        &self,
        sql: &str,
        values: &[(String, ScalarValue)],
    ) -> Result<SendableRecordBatchStream> {
        let mut statements = self.statements(sql)?;
        let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
            return Err(Error::usage(msg!(
                "expected one SQL statement",
                "此处应为一条 SQL 语句"
            )));
        };
        let plan = self.plan(statement, values).await?;
        self.start(plan).await
    }

    /// Runs a single statement and returns all its rows.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub async fn rows(
        &self,
        sql: &str,
        values: &[(String, ScalarValue)],
    ) -> Result<Vec<arrow::array::RecordBatch>> {
        let stream = self.query(sql, values).await?;
        Ok(datafusion::physical_plan::common::collect(stream).await?)
    }

    /// The columns of a table or view.
    ///
    /// # Errors
    /// When there is no such table.
    pub async fn table_schema(&self, table: &str) -> Result<SchemaRef> {
        let provider = self.context.table_provider(table).await?;
        Ok(provider.schema())
    }

    /// Names of the tables and views that can be asked.
    #[must_use]
    pub fn table_names(&self) -> Vec<String> {
        self.context
            .catalog("renkou")
            .and_then(|catalog| catalog.schema(MAIN))
            .map(|schema| schema.table_names())
            .unwrap_or_default()
    }
}

fn context(
    warehouse: &Warehouse,
    options: &SessionOptions,
    memory: &Arc<Peak>,
) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_default_catalog_and_schema("renkou", MAIN)
        .with_information_schema(true)
        .with_batch_size(8192);
    if let Some(threads) = options.threads {
        // With a single partition the planner rejects its own plan for some windows over groups
        // (SanityCheckPlan); two partitions on one thread are harmless.
        config = config.with_target_partitions(threads.max(2));
    }
    let execution = &mut config.options_mut().execution;
    execution.enable_recursive_ctes = false;
    execution.parquet.pushdown_filters = false;
    execution.time_zone = Some("+00:00".to_owned());
    // Typed literals and columns of functions are plain text: types must not depend on parameters.
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    config.options_mut().sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
    // Errors then know where in the statement a column stands.
    config.options_mut().sql_parser.collect_spans = true;

    let store: Arc<dyn ObjectStore> = Arc::new(
        LocalFileSystem::new_with_prefix(warehouse.data()).map_err(|error| {
            Error::work(msg!(
                "cannot open the data folder: {error}",
                "无法打开数据文件夹：{error}"
            ))
        })?,
    );
    let pool = FairSpillPool::new(options.memory);
    let top = std::num::NonZeroUsize::MIN.saturating_add(2);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(TrackConsumersPool::new(
            PeakPool::new(pool, Arc::clone(memory)),
            top,
        )))
        .with_disk_manager_builder(
            DiskManagerBuilder::default()
                .with_mode(DiskManagerMode::Directories(vec![spill_folder(warehouse)]))
                .with_max_temp_directory_size(options.disk),
        )
        .with_object_store_registry(Arc::new(OneStore(store)))
        .build_arc()?;
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_default_features()
        .build();
    Ok(SessionContext::new_with_state(state))
}

fn spill_folder(warehouse: &Warehouse) -> PathBuf {
    warehouse.temporary()
}

/// Table names and columns in Chinese, on the same data.
fn chinese_view(
    warehouse: &Warehouse,
    name: &str,
    provider: &Arc<dyn TableProvider>,
) -> Result<Option<(String, Arc<ViewTable>)>> {
    let Some(table) = warehouse.catalog().tables.get(name) else {
        return Ok(None);
    };
    let known = |column: &str| {
        table
            .columns
            .iter()
            .find(|definition| definition.name == column)
    };
    let columns = provider
        .schema()
        .fields()
        .iter()
        .map(|field| {
            let column = col(datafusion::common::Column::new_unqualified(field.name()));
            match known(field.name()) {
                Some(definition) => column.alias(&definition.zh),
                None => column,
            }
        })
        .collect::<Vec<_>>();
    let plan = LogicalPlanBuilder::scan(name, provider_as_source(Arc::clone(provider)), None)?
        .project(columns)?
        .build()?;
    Ok(Some((
        table.title_zh.clone(),
        Arc::new(ViewTable::new(plan, None)),
    )))
}

/// Knows the data folder and nothing else: no `file://`, no network.
#[derive(Debug)]
struct OneStore(Arc<dyn ObjectStore>);

impl ObjectStoreRegistry for OneStore {
    fn register_store(
        &self,
        _: &url::Url,
        _: Arc<dyn ObjectStore>,
    ) -> Option<Arc<dyn ObjectStore>> {
        None
    }

    fn get_store(&self, url: &url::Url) -> datafusion::error::Result<Arc<dyn ObjectStore>> {
        if url.as_str() == STORE {
            Ok(Arc::clone(&self.0))
        } else {
            Err(DataFusionError::Plan(
                "files cannot be opened from SQL".to_owned(),
            ))
        }
    }
}
