//! What the warehouse holds, for completion and hints.

use std::collections::BTreeMap;

use super::Shell;
use super::complete::{Column, Function, Knowledge, Parameter, Query, Table};
use crate::domain::code::CodeList;
use crate::domain::region::Regions;
use crate::error::Result;
use crate::warehouse::FunctionKind;

const FORMATS: [&str; 8] = [
    "auto", "table", "vertical", "csv", "tsv", "json", "jsonl", "markdown",
];

impl Shell {
    /// Gathers the names of the warehouse as they are now.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn knowledge(&self) -> Result<Knowledge> {
        let catalog = self.warehouse.catalog();
        let mut tables = Vec::new();
        let mut names = self.session.table_names();
        names.sort();
        for name in names {
            let Ok(schema) = self.session.table_schema(&name).await else {
                continue;
            };
            let known = catalog.tables.get(&name);
            let behind = || catalog.tables.values().find(|table| table.title_zh == name);
            let is_view = known.is_none() && behind().is_some();
            let definition = known.or_else(behind);
            let columns = schema
                .fields()
                .iter()
                .map(|field| {
                    let column = definition.and_then(|table| {
                        table.columns.iter().find(|column| {
                            &column.name == field.name() || &column.zh == field.name()
                        })
                    });
                    Column {
                        name: field.name().clone(),
                        zh: column.map(|column| column.zh.clone()),
                        kind: column.map_or_else(
                            || field.data_type().to_string(),
                            |column| column.kind.name().to_owned(),
                        ),
                        list: column.and_then(|column| {
                            let place = || {
                                matches!(column.name.as_str(), "region_code" | "township_code")
                                    .then(|| "regions".to_owned())
                            };
                            column.list.clone().or_else(place)
                        }),
                    }
                })
                .collect();
            tables.push(Table {
                zh: known.map(|table| table.title_zh.clone()),
                name,
                is_view,
                columns,
            });
        }
        if let Some(held) = &self.held {
            tables.push(Table {
                name: "_".to_owned(),
                columns: held
                    .schema
                    .fields()
                    .iter()
                    .map(|field| Column {
                        name: field.name().clone(),
                        kind: field.data_type().to_string(),
                        ..Column::default()
                    })
                    .collect(),
                ..Table::default()
            });
        }
        let functions = self
            .session
            .manuals()
            .into_iter()
            .map(|manual| Function {
                name: manual.name,
                signature: manual.signature,
                summary: manual.summary.lines().next().unwrap_or_default().to_owned(),
                is_aggregate: manual.kind != FunctionKind::Scalar,
            })
            .collect();
        let zh = self.zh();
        let queries = self
            .library()?
            .iter()
            .map(|query| Query {
                name: query.name.clone(),
                title: if zh {
                    query.title_zh.clone()
                } else {
                    query.title.clone()
                },
                params: query
                    .params
                    .iter()
                    .map(|parameter| Parameter {
                        name: parameter.name.clone(),
                        kind: parameter.kind.name().to_owned(),
                        default: None,
                        choices: parameter.choices.clone(),
                        description: parameter.description.clone(),
                    })
                    .collect(),
            })
            .collect();
        let mut lists: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for (name, text) in &catalog.codes {
            if let Ok(list) = CodeList::from_csv(name, text) {
                let entries = list.entries.iter();
                let entries = entries.map(|entry| {
                    let translated = !zh && !entry.name_en.is_empty();
                    let name = if translated {
                        &entry.name_en
                    } else {
                        &entry.name
                    };
                    (entry.code.clone(), name.clone())
                });
                lists.insert(name.clone(), entries.collect());
            }
        }
        if let Ok(regions) = Regions::from_csv(&catalog.regions_csv) {
            let rows = regions.rows().iter();
            let rows = rows.map(|region| (region.code.as_str().to_owned(), region.name.clone()));
            lists.insert("regions".to_owned(), rows.collect());
        }
        let deliveries = self
            .warehouse
            .deliveries(&self.as_of)?
            .into_iter()
            .map(|delivery| delivery.id)
            .collect();
        Ok(Knowledge {
            lang: self.settings.lang,
            tables,
            functions,
            queries,
            lists,
            deliveries,
            formats: FORMATS.to_vec(),
        })
    }
}
