//! Refused rows as they were handed in: opened from the vault, given back to the department as a
//! workbook with a comment on every bad cell.

use std::collections::BTreeMap;
use std::path::Path;

use arrow::array::{Array, AsArray};
use arrow::datatypes::Int32Type;
use rust_xlsxwriter::{Color, Format, Note, Workbook};

use crate::catalog::rule_title;
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::vault::Sealer;
use crate::warehouse::{AsOf, MAIN, Warehouse, read_file};

/// A refused row and what is wrong with it.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Its delivery.
    pub delivery_id: String,
    /// Its sheet; `None` for text files.
    pub sheet: Option<String>,
    /// Its row number in the file.
    pub row: i32,
    /// Headers of the file.
    pub header: Vec<String>,
    /// Cells as handed in.
    pub cells: Vec<String>,
    /// What kind each cell was: one letter each.
    pub kinds: String,
    /// Cell address, rule and reason of each problem.
    pub problems: Vec<Complaint>,
}

/// The refused rows of a delivery, or of all, in file order.
///
/// # Errors
/// When the key does not fit or a file is damaged.
pub fn refused_rows(
    warehouse: &Warehouse,
    delivery: Option<&str>,
    sealer: &Sealer,
) -> Result<Vec<Refused>> {
    let mut problems = problems(warehouse)?;
    let mut rows = Vec::new();
    for batch in warehouse.unsealed("rejects", &["header", "cells", "kinds"], sealer)? {
        let text = |name: &str, row: usize| -> Option<String> {
            let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
            column.is_valid(row).then(|| column.value(row).to_owned())
        };
        let numbers = batch
            .column_by_name("source_row")
            .and_then(|column| column.as_primitive_opt::<Int32Type>());
        for row in 0..batch.num_rows() {
            let delivery_id = text("delivery_id", row).unwrap_or_default();
            if delivery.is_some_and(|wanted| wanted != delivery_id) {
                continue;
            }
            let sheet = text("source_sheet", row);
            let number = numbers.map_or(0, |numbers| numbers.value(row));
            let parse = |name: &str| -> Result<Vec<String>> {
                Ok(serde_json::from_str(
                    &text(name, row).unwrap_or_else(|| "[]".to_owned()),
                )?)
            };
            rows.push(Refused {
                problems: problems
                    .remove(&(delivery_id.clone(), sheet.clone(), number))
                    .unwrap_or_default(),
                header: parse("header")?,
                cells: parse("cells")?,
                kinds: text("kinds", row).unwrap_or_default(),
                delivery_id,
                sheet,
                row: number,
            });
        }
    }
    rows.sort_by(|a, b| (&a.delivery_id, &a.sheet, a.row).cmp(&(&b.delivery_id, &b.sheet, b.row)));
    Ok(rows)
}

/// Delivery, sheet and row.
type Place = (String, Option<String>, i32);
/// Cell address, rule and reason of a problem.
pub type Complaint = (Option<String>, String, String);

fn problems(warehouse: &Warehouse) -> Result<BTreeMap<Place, Vec<Complaint>>> {
    let mut problems: BTreeMap<Place, Vec<_>> = BTreeMap::new();
    for (table, files) in warehouse.tables(&AsOf::Latest)? {
        if table.schema != MAIN || table.name != "rejects" {
            continue;
        }
        for file in files {
            for batch in read_file(&warehouse.data().join(&table.path).join(&file.path))? {
                let batch = batch?;
                let text = |name: &str, row: usize| -> Option<String> {
                    let column = batch.column_by_name(name)?.as_string_opt::<i32>()?;
                    column.is_valid(row).then(|| column.value(row).to_owned())
                };
                let numbers = batch
                    .column_by_name("source_row")
                    .and_then(|column| column.as_primitive_opt::<Int32Type>());
                for row in 0..batch.num_rows() {
                    let place = (
                        text("delivery_id", row).unwrap_or_default(),
                        text("source_sheet", row),
                        numbers.map_or(0, |numbers| numbers.value(row)),
                    );
                    problems.entry(place).or_default().push((
                        text("cell", row),
                        text("rule", row).unwrap_or_default(),
                        text("reason", row).unwrap_or_default(),
                    ));
                }
            }
        }
    }
    Ok(problems)
}

/// Writes refused rows as a workbook: one sheet per file and sheet, bad cells red with a comment,
/// reasons in a last column. Identities are in it, in clear.
///
/// # Errors
/// When the workbook cannot be written.
pub fn write_workbook(
    warehouse: &Warehouse,
    rows: &[Refused],
    path: &Path,
    lang: Lang,
) -> Result<()> {
    let failed = |error: rust_xlsxwriter::XlsxError| {
        Error::work(msg!(
            "the workbook cannot be written: {error}",
            "无法写入工作簿：{error}"
        ))
    };
    let names: BTreeMap<String, String> = warehouse
        .deliveries(&AsOf::Latest)?
        .into_iter()
        .map(|delivery| (delivery.id, delivery.file_name))
        .collect();
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&Refused>> = BTreeMap::new();
    for row in rows {
        groups
            .entry((&row.delivery_id, row.sheet.as_deref()))
            .or_default()
            .push(row);
    }
    let (reason_title, row_title, file_title) = match lang {
        Lang::En => ("reason", "row in file", "file"),
        Lang::Zh => ("退回原因", "原行号", "文件"),
    };
    let bold = Format::new()
        .set_bold()
        .set_background_color(Color::RGB(0x00DD_EBF7));
    let bad = Format::new()
        .set_background_color(Color::RGB(0x00FF_C7CE))
        .set_num_format("@");
    let plain = Format::new().set_num_format("@");
    let mut book = Workbook::new();
    for (number, ((delivery, sheet_name), rows)) in groups.into_iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(format!("{}", number + 1)).map_err(failed)?;
        let file = names.get(delivery).map_or(delivery, String::as_str);
        let title = format!("{file_title}: {file} {}", sheet_name.unwrap_or_default());
        sheet.write_string(0, 0, title.trim()).map_err(failed)?;
        let Some(first) = rows.first() else { continue };
        let width = rows
            .iter()
            .map(|row| row.cells.len().max(row.header.len()))
            .max()
            .unwrap_or(0);
        sheet
            .write_string_with_format(1, 0, row_title, &bold)
            .map_err(failed)?;
        for (column, header) in first.header.iter().enumerate() {
            sheet
                .write_string_with_format(1, column as u16 + 1, header, &bold)
                .map_err(failed)?;
        }
        sheet
            .write_string_with_format(1, width as u16 + 1, reason_title, &bold)
            .map_err(failed)?;
        sheet.set_freeze_panes(2, 1).map_err(failed)?;
        for (line, row) in rows.iter().enumerate() {
            let line = line as u32 + 2;
            sheet.write_number(line, 0, row.row).map_err(failed)?;
            let wrong: Vec<(u16, String)> = row
                .problems
                .iter()
                .filter_map(|(cell, rule, reason)| {
                    Some((column_of(cell.as_deref()?)?, comment(rule, reason, lang)))
                })
                .collect();
            for column in 0..width {
                let text = row.cells.get(column).map_or("", String::as_str);
                let is_bad = wrong.iter().any(|(index, _)| *index as usize == column);
                sheet
                    .write_string_with_format(
                        line,
                        column as u16 + 1,
                        text,
                        if is_bad { &bad } else { &plain },
                    )
                    .map_err(failed)?;
            }
            for (column, comment) in wrong {
                sheet
                    .insert_note(line, column + 1, &Note::new(comment))
                    .map_err(failed)?;
            }
            let reasons: Vec<&str> = row
                .problems
                .iter()
                .map(|(_, _, reason)| reason.as_str())
                .collect();
            sheet
                .write_string(line, width as u16 + 1, reasons.join("; "))
                .map_err(failed)?;
        }
    }
    book.save(path).map_err(failed)
}

/// What stands beside a bad cell.
fn comment(rule: &str, reason: &str, lang: Lang) -> String {
    match lang {
        Lang::En => reason.to_owned(),
        Lang::Zh => format!("{}：{reason}", rule_title(rule)),
    }
}

/// The column of an address such as `C14`, from 0.
fn column_of(cell: &str) -> Option<u16> {
    let letters: Vec<u8> = cell.bytes().take_while(u8::is_ascii_uppercase).collect();
    let number = letters.iter().fold(0_u16, |number, letter| {
        number
            .saturating_mul(26)
            .saturating_add(u16::from(letter - b'A') + 1)
    });
    number.checked_sub(1)
}
