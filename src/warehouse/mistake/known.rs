//! What a session knows: tables, their columns, functions. Read only after a failure.

use std::collections::{BTreeMap, BTreeSet};

use arrow::datatypes::DataType;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{Documentation, LogicalPlan};

use crate::warehouse::shape::VAULT;

/// Tables and functions that a statement may name.
#[derive(Default)]
pub(super) struct Known {
    pub(super) tables: Vec<KnownTable>,
    /// Tables of the schema with the identities; `None` while it is closed.
    pub(super) vault: Option<Vec<String>>,
    /// Every name that can be called, with how it is written when that is documented.
    pub(super) functions: BTreeMap<String, Option<Written>>,
    pub(super) window_functions: BTreeSet<String>,
    pub(super) table_functions: Vec<String>,
    /// The schema that tables are looked for in first.
    pub(super) schema: String,
}

/// A table or view.
pub(super) struct KnownTable {
    pub(super) name: String,
    pub(super) columns: Vec<(String, DataType)>,
    /// The table that a view gives Chinese names to.
    pub(super) of: Option<String>,
}

/// How a function is called.
pub(super) struct Written {
    /// `age_at(birth_date, day)`
    pub(super) form: String,
    /// `age_at(birth_date, DATE '2020-12-31')`, when it is one line.
    pub(super) example: Option<String>,
}

impl Known {
    pub(super) async fn read(context: &SessionContext) -> Self {
        let state = context.state();
        let names = &state.config_options().catalog;
        let schema_name = names.default_schema.clone();
        let catalog = context.catalog(&names.default_catalog);
        let mut tables = Vec::new();
        if let Some(schema) = catalog
            .as_ref()
            .and_then(|catalog| catalog.schema(&schema_name))
        {
            for name in schema.table_names() {
                let Ok(Some(provider)) = schema.table(&name).await else {
                    continue;
                };
                tables.push(KnownTable {
                    columns: provider
                        .schema()
                        .fields()
                        .iter()
                        .map(|field| (field.name().clone(), field.data_type().clone()))
                        .collect(),
                    of: provider
                        .get_logical_plan()
                        .and_then(|plan| scanned(plan.as_ref())),
                    name,
                });
            }
        }
        tables.sort_by(|left, right| left.name.cmp(&right.name));
        let vault = catalog
            .and_then(|catalog| catalog.schema(VAULT))
            .map(|schema| schema.table_names());

        let mut functions = BTreeMap::new();
        for (name, function) in state.scalar_functions() {
            functions.insert(name.clone(), written(function.documentation()));
        }
        for (name, function) in state.aggregate_functions() {
            functions.insert(name.clone(), written(function.documentation()));
        }
        for (name, function) in state.window_functions() {
            functions
                .entry(name.clone())
                .or_insert_with(|| written(function.documentation()));
        }
        Self {
            tables,
            vault,
            window_functions: state
                .window_functions()
                .keys()
                .filter(|name| !state.aggregate_functions().contains_key(*name))
                .cloned()
                .collect(),
            functions,
            table_functions: state.table_functions().keys().cloned().collect(),
            schema: schema_name,
        }
    }

    pub(super) fn table(&self, name: &str) -> Option<&KnownTable> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// What a column is called in `table` that its twin in the other language calls `name`.
    pub(super) fn translated<'a>(&self, table: &'a KnownTable, name: &str) -> Option<&'a str> {
        let twin = self.tables.iter().find(|other| {
            other.of.as_deref() == Some(&table.name) || table.of.as_deref() == Some(&other.name)
        })?;
        let place = twin.columns.iter().position(|(column, _)| column == name)?;
        // A view gives the columns of its table in their order.
        let (column, _) = table.columns.get(place)?;
        (twin.columns.len() == table.columns.len()).then_some(column)
    }
}

/// The one table below a view that only renames.
fn scanned(plan: &LogicalPlan) -> Option<String> {
    match plan {
        LogicalPlan::Projection(projection) => match projection.input.as_ref() {
            LogicalPlan::TableScan(scan) => Some(scan.table_name.table().to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn written(documentation: Option<&Documentation>) -> Option<Written> {
    let documentation = documentation?;
    let form = documentation.syntax_example.lines().next()?.trim();
    if form.is_empty() {
        return None;
    }
    Some(Written {
        form: form.to_owned(),
        example: documentation
            .sql_example
            .as_ref()
            .filter(|example| !example.contains('\n'))
            .cloned(),
    })
}
