//! The shape of a lake table: what the catalog says, as Arrow and DuckLake types.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::catalog::{Catalog, ColumnType, Table, TableKind};

/// The schema of analytic tables, which never hold identities.
pub const MAIN: &str = "main";
/// The schema of sealed identities.
pub const VAULT: &str = "vault";

/// A lake table as it should be.
#[derive(Debug, Clone)]
pub struct Shape {
    /// `main` or `vault`.
    pub schema: &'static str,
    /// Table name.
    pub name: String,
    /// What one row is, for other tools.
    pub comment: String,
    /// Columns in order.
    pub columns: Vec<ShapeColumn>,
    /// Column whose value partitions the files.
    pub partition: Option<String>,
    /// Columns that order the rows of a file.
    pub sort: Vec<String>,
    /// Whether it is only ever appended to.
    pub log: bool,
}

/// A column as it should be.
#[derive(Debug, Clone)]
pub struct ShapeColumn {
    /// Column name.
    pub name: String,
    /// Its type.
    pub kind: ColumnType,
    /// What it holds, for other tools.
    pub comment: String,
}

impl From<&Table> for Shape {
    fn from(table: &Table) -> Self {
        Self {
            schema: MAIN,
            name: table.name.clone(),
            comment: format!("{}: {}", table.title_zh, table.description),
            columns: table
                .columns
                .iter()
                .map(|column| ShapeColumn {
                    name: column.name.clone(),
                    kind: column.kind,
                    comment: format!("{}: {}", column.zh, column.description),
                })
                .collect(),
            partition: table.partition.clone(),
            sort: table.sort.clone(),
            log: table.kind == TableKind::Log,
        }
    }
}

impl Shape {
    /// The vault table that holds the sealed identities of analytic table `name`: one row per
    /// block of rows `first_row..=last_row` of one sheet of one delivery.
    #[must_use]
    pub fn vault(name: &str) -> Self {
        let column = |name: &str, kind, comment: &str| ShapeColumn {
            name: name.to_owned(),
            kind,
            comment: comment.to_owned(),
        };
        Self {
            schema: VAULT,
            name: name.to_owned(),
            comment: format!("sealed identities of {name}"),
            columns: vec![
                column("delivery_id", ColumnType::Text, "delivery of the rows"),
                column(
                    "first_row",
                    ColumnType::Integer,
                    "first source row of the block",
                ),
                column(
                    "last_row",
                    ColumnType::Integer,
                    "last source row of the block",
                ),
                column("rows", ColumnType::Integer, "rows in the block"),
                column("sealed", ColumnType::Key, "AES-256-GCM-SIV of the block"),
            ],
            partition: None,
            sort: Vec::new(),
            log: false,
        }
    }

    /// The Arrow schema that files of this table are written with; `ids` are DuckLake column ids
    /// by name, kept in each Parquet field so that readers map by id.
    #[must_use]
    pub fn file_schema(&self, ids: &HashMap<String, i64>) -> SchemaRef {
        let fields: Vec<Field> = self
            .columns
            .iter()
            .map(|column| {
                let field = Field::new(&column.name, arrow_type(column.kind), true);
                match ids.get(&column.name) {
                    Some(id) => field.with_metadata(HashMap::from([(
                        "PARQUET:field_id".to_owned(),
                        id.to_string(),
                    )])),
                    None => field,
                }
            })
            .collect();
        Arc::new(Schema::new(fields))
    }
}

/// The Arrow type that a column is written with.
#[must_use]
pub fn arrow_type(kind: ColumnType) -> DataType {
    match kind {
        ColumnType::Text | ColumnType::Code => DataType::Utf8,
        ColumnType::Key => DataType::Binary,
        ColumnType::Sex => DataType::Int8,
        ColumnType::Integer => DataType::Int32,
        ColumnType::Count => DataType::Int64,
        ColumnType::Decimal => DataType::Float64,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ColumnType::Flag => DataType::Boolean,
    }
}

/// The DuckLake type of a column.
#[must_use]
pub fn lake_type(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Text | ColumnType::Code => "varchar",
        ColumnType::Key => "blob",
        ColumnType::Sex => "int8",
        ColumnType::Integer => "int32",
        ColumnType::Count => "int64",
        ColumnType::Decimal => "float64",
        ColumnType::Date => "date",
        ColumnType::Timestamp => "timestamptz",
        ColumnType::Flag => "boolean",
    }
}

/// The Arrow type that a DuckLake column is read with: views where the engine is faster on them.
#[must_use]
pub fn scan_type(lake_type: &str) -> Option<DataType> {
    Some(match lake_type {
        "varchar" => DataType::Utf8View,
        "blob" => DataType::BinaryView,
        "int8" => DataType::Int8,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "float64" => DataType::Float64,
        "date" => DataType::Date32,
        "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "boolean" => DataType::Boolean,
        _ => return None,
    })
}

/// The identities that sources seal for a table, as columns of its vault table.
#[must_use]
pub fn identities(catalog: &Catalog, table: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for source in catalog
        .sources
        .values()
        .filter(|source| source.table == table)
    {
        for field in source.fields.iter().filter(|field| field.identity) {
            if !names.contains(&field.name) {
                names.push(field.name.clone());
            }
        }
    }
    names
}

/// Tables that have a vault table beside them, and `rejects`, whose rows are sealed as handed in.
#[must_use]
pub fn sealed_tables(catalog: &Catalog) -> Vec<String> {
    let mut names: Vec<String> = catalog
        .tables
        .keys()
        .filter(|name| !identities(catalog, name).is_empty())
        .cloned()
        .collect();
    names.push("rejects".to_owned());
    names
}
