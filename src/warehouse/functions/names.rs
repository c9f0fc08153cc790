//! Names of codes and regions.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;

use super::Function;
use crate::catalog::Catalog;
use crate::domain::csv::Table;
use crate::error::Result;

pub(super) fn functions(catalog: &Catalog) -> Result<Vec<Function>> {
    let mut regions: HashMap<String, String> = HashMap::new();
    let table = Table::read(&catalog.regions_csv)?;
    for row in table.rows() {
        regions.insert(
            row.get(table.column("code")).to_owned(),
            row.get(table.column("name")).to_owned(),
        );
    }
    let mut codes: HashMap<(String, String), String> = HashMap::new();
    for (list, text) in &catalog.codes {
        let table = Table::read(text)?;
        for row in table.rows() {
            let code = row.get(table.column("code")).to_owned();
            codes.insert(
                (list.clone(), code),
                row.get(table.column("name")).to_owned(),
            );
        }
    }
    Ok(vec![
        Function::new(
            "region_name",
            &[(
                "code",
                DataType::Utf8,
                "region code; shorter codes are padded with zeros",
            )],
            DataType::Utf8,
            "Name of an administrative division; NULL when the code is not known.",
            "region_name(township_code)",
            move |args, _| {
                let names = args[0]
                    .as_string::<i32>()
                    .iter()
                    .map(|code| regions.get(&format!("{:0<12}", code?)).map(String::as_str));
                Ok(Arc::new(names.collect::<StringArray>()))
            },
        ),
        Function::new(
            "code_name",
            &[
                ("list", DataType::Utf8, "name of the code list"),
                ("code", DataType::Utf8, "code, text or number"),
            ],
            DataType::Utf8,
            "Chinese label of a code; NULL when the list does not have it.",
            "code_name('sex', sex)",
            move |args, _| {
                let (lists, values) = (args[0].as_string::<i32>(), args[1].as_string::<i32>());
                let names = lists.iter().zip(values.iter()).map(|(list, code)| {
                    codes
                        .get(&(list?.to_owned(), code?.to_owned()))
                        .map(String::as_str)
                });
                Ok(Arc::new(names.collect::<StringArray>()))
            },
        ),
    ])
}
