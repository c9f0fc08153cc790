//! The tables `regions` and `codes`: kept equal to the catalog's CSV files.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::commit::Change;
use super::parquet::conform;
use super::writer::Writer;
use crate::catalog::Catalog;
use crate::domain::csv::Table;
use crate::error::Result;

pub(super) fn refresh(writer: &mut Writer, catalog: &Catalog, now: DateTime<Utc>) -> Result<()> {
    let mut hasher = Sha256::new();
    hasher.update(catalog.regions_csv.as_bytes());
    for (list, text) in &catalog.codes {
        hasher.update(list.as_bytes());
        hasher.update(text.as_bytes());
    }
    let fingerprint = super::lake::hex(&hasher.finalize());
    if writer.reference_fingerprint()?.as_deref() == Some(fingerprint.as_str()) {
        return Ok(());
    }
    let mut change = Change {
        message: "code lists and regions".to_owned(),
        ..Change::default()
    };
    for (name, build) in [
        (
            "regions",
            regions as fn(&Catalog, &SchemaRef) -> Result<RecordBatch>,
        ),
        (
            "codes",
            codes as fn(&Catalog, &SchemaRef) -> Result<RecordBatch>,
        ),
    ] {
        let table = writer.table_writer(name, BTreeSet::new())?;
        let batch = build(catalog, &table.schema())?;
        writer.replace_table(name, table, vec![batch], &mut change)?;
    }
    writer.commit(&change, now)?;
    writer.set_reference_fingerprint(&fingerprint)
}

fn regions(catalog: &Catalog, schema: &SchemaRef) -> Result<RecordBatch> {
    let table = Table::read(&catalog.regions_csv)?;
    let text = |name: &str| -> StringArray {
        let column = table.column(name);
        table
            .rows()
            .map(|row| Some(row.get(column)).filter(|text| !text.is_empty()))
            .collect()
    };
    let class = text("urban_rural_class");
    let urban: BooleanArray = class
        .iter()
        .map(|class| class.map(|class| class.starts_with('1')))
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("region_code", Arc::new(text("code"))),
        ("name", Arc::new(text("name"))),
        ("level", Arc::new(text("level"))),
        ("parent_code", Arc::new(text("parent_code"))),
        ("urban_rural_class", Arc::new(class)),
        ("is_urban", Arc::new(urban)),
    ];
    conform(&RecordBatch::try_from_iter(columns)?, schema)
}

fn codes(catalog: &Catalog, schema: &SchemaRef) -> Result<RecordBatch> {
    let mut columns: [Vec<Option<String>>; 4] = Default::default();
    for (list, text) in &catalog.codes {
        let table = Table::read(text)?;
        for row in table.rows() {
            columns[0].push(Some(list.clone()));
            for (name, target) in ["code", "name", "name_en"]
                .into_iter()
                .zip(&mut columns[1..])
            {
                target.push(
                    Some(row.get(table.column(name)).to_owned()).filter(|text| !text.is_empty()),
                );
            }
        }
    }
    let [list, code, name, name_en] =
        columns.map(|values| Arc::new(StringArray::from(values)) as ArrayRef);
    let batch = RecordBatch::try_from_iter([
        ("list", list),
        ("code", code),
        ("name", name),
        ("name_en", name_en),
    ])?;
    conform(&batch, schema)
}
