//! Spreadsheets as rows: xlsx, xls, xlsb and ods. Sheets saved as HTML or XML come from
//! [`markup`](super::markup) in the same shape.
//!
//! Entry point: [`read`]. Never evaluates formulas, never guesses what a number means, and never
//! puts what a cell holds into an error.

mod builder;
mod spans;
mod value;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{
    Data, DataRef, Ods, OdsError, Reader, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError,
    Xlsx, XlsxError,
};

use crate::error::{Error, Result};
use crate::msg;

use super::container::Container;
use super::rows::{CellKind, Rows};

pub(super) use builder::{Builder, Span};
pub(super) use value::{iso_date, number_text};

/// A spreadsheet file.
#[derive(Debug, Clone, Default)]
pub struct Workbook {
    /// Its sheets in order, without charts and macros.
    pub sheets: Vec<Sheet>,
    /// Whether serial numbers count from 1904 instead of 1900. Date cells are already dates; this
    /// matters for dates in cells formatted as plain numbers.
    pub date_1904: bool,
}

/// One sheet.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// Whether the user does not see it.
    pub hidden: bool,
    /// Its rows that hold anything; [`Rows::number`] is the row as Excel shows it, and cell 0 is
    /// column A.
    pub rows: Rows,
    /// Its merged cells; the text is in the first row and column.
    pub merges: Vec<Merge>,
}

/// Merged cells: indices into the sheet's `rows` and columns, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    /// First row.
    pub first_row: usize,
    /// First column.
    pub first_col: usize,
    /// Last row.
    pub last_row: usize,
    /// Last column.
    pub last_col: usize,
}

/// Reads a whole spreadsheet of the given kind.
///
/// Numbers come as the shortest decimal text without exponent, date cells as `2018-03-05` or
/// `2018-03-05T14:30:00`, times of day as text `14:30:00`, booleans as text `TRUE` or `FALSE`.
///
/// # Errors
/// The file is damaged, protected by a password, too large, or no spreadsheet.
pub fn read(bytes: Vec<u8>, container: &Container) -> Result<Workbook> {
    // The reader crate indexes into damaged files without asking; a panic there is a damaged
    // file, not a defect of ours, and must not take the other files of the run with it.
    catch_unwind(AssertUnwindSafe(|| match container {
        Container::Xlsx => xlsx(bytes),
        Container::Xlsb => xlsb(bytes),
        Container::Xls => xls(bytes),
        Container::Ods => ods(bytes),
        Container::Html | Container::SpreadsheetMl => super::markup::read(&bytes, container),
        _ => Err(Error::work(msg!(
            "the file is no spreadsheet",
            "文件不是电子表格"
        ))),
    }))
    .unwrap_or_else(|_| Err(damaged("unexpected structure")))
}

/// The worksheets of a workbook: name and whether hidden.
fn worksheets<R: Reader<Cursor<Vec<u8>>>>(workbook: &R) -> Vec<(String, bool)> {
    workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| (sheet.name.clone(), sheet.visible != SheetVisible::Visible))
        .collect()
}

fn xlsx(bytes: Vec<u8>) -> Result<Workbook> {
    let mut file = Xlsx::new(Cursor::new(bytes)).map_err(|error| xlsx_error(&error))?;
    let date_1904 = file.has_1904_epoch();
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(&file) {
        let mut builder = Builder::default();
        match file.worksheet_cells_reader(&name) {
            Ok(mut cells) => {
                while let Some(cell) = cells
                    .next_cell()
                    .map_err(|error| in_sheet(xlsx_error(&error), &name))?
                {
                    let (row, column) = cell.get_position();
                    push(&mut builder, row, column, cell.get_value(), date_1904)
                        .map_err(|error| in_sheet(error, &name))?;
                }
            }
            // Charts and dialogs are not always declared as such.
            Err(XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(in_sheet(xlsx_error(&error), &name)),
        }
        let merges = file
            .merge_cells_by_sheet_name(&name)
            .map_err(|error| in_sheet(xlsx_error(&error), &name))?;
        builder.merge_all(merges.iter().map(|area| Span::new(area.start, area.end)));
        sheets.push(builder.finish(name, hidden));
    }
    Ok(Workbook { sheets, date_1904 })
}

fn xlsb(bytes: Vec<u8>) -> Result<Workbook> {
    let mut file = Xlsb::new(Cursor::new(bytes)).map_err(|error| xlsb_error(&error))?;
    let date_1904 = file.has_1904_epoch();
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(&file) {
        let mut builder = Builder::default();
        let mut cells = file
            .worksheet_cells_reader(&name)
            .map_err(|error| in_sheet(xlsb_error(&error), &name))?;
        while let Some(cell) = cells
            .next_cell()
            .map_err(|error| in_sheet(xlsb_error(&error), &name))?
        {
            let (row, column) = cell.get_position();
            push(&mut builder, row, column, cell.get_value(), date_1904)
                .map_err(|error| in_sheet(error, &name))?;
        }
        sheets.push(builder.finish(name, hidden));
    }
    Ok(Workbook { sheets, date_1904 })
}

fn xls(bytes: Vec<u8>) -> Result<Workbook> {
    let mut file = Xls::new(Cursor::new(bytes)).map_err(|error| xls_error(&error))?;
    let date_1904 = file.has_1904_epoch();
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(&file) {
        let mut builder = Builder::default();
        let range = file
            .worksheet_range(&name)
            .map_err(|error| xls_error(&error))?;
        push_range(&mut builder, &range, date_1904).map_err(|error| in_sheet(error, &name))?;
        let merges = file
            .merge_cells_by_sheet_name(&name)
            .map_err(|error| xls_error(&error))?;
        builder.merge_all(merges.iter().map(|area| Span::new(area.start, area.end)));
        sheets.push(builder.finish(name, hidden));
    }
    Ok(Workbook { sheets, date_1904 })
}

fn ods(bytes: Vec<u8>) -> Result<Workbook> {
    // The reader crate does not tell merged cells of this format.
    let mut merges = spans::of_ods(&bytes)?;
    let mut file = Ods::new(Cursor::new(bytes)).map_err(|error| ods_error(&error))?;
    let mut sheets = Vec::new();
    for (name, hidden) in worksheets(&file) {
        let mut builder = Builder::default();
        let range = file
            .worksheet_range(&name)
            .map_err(|error| ods_error(&error))?;
        push_range(&mut builder, &range, false).map_err(|error| in_sheet(error, &name))?;
        builder.merge_all(merges.remove(&name).unwrap_or_default());
        sheets.push(builder.finish(name, hidden));
    }
    Ok(Workbook {
        sheets,
        date_1904: false,
    })
}

fn push_range(builder: &mut Builder, range: &calamine::Range<Data>, date_1904: bool) -> Result<()> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let (row, column) = (first_row + row as u32, first_column + column as u32);
        let value = match value {
            Data::Empty => continue,
            Data::String(text) => DataRef::SharedString(text),
            Data::Int(number) => DataRef::Int(*number),
            Data::Float(number) => DataRef::Float(*number),
            Data::Bool(truth) => DataRef::Bool(*truth),
            Data::DateTime(date) => DataRef::DateTime(*date),
            Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
            Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
            Data::Error(error) => DataRef::Error(error.clone()),
        };
        push(builder, row, column, &value, date_1904)?;
    }
    Ok(())
}

fn push(
    builder: &mut Builder,
    row: u32,
    column: u32,
    value: &DataRef<'_>,
    date_1904: bool,
) -> Result<()> {
    let (text, kind) = match value {
        DataRef::Empty => return Ok(()),
        DataRef::String(text) => (text.as_str().into(), CellKind::Text),
        DataRef::SharedString(text) => ((*text).into(), CellKind::Text),
        DataRef::Int(number) => (number.to_string().into(), CellKind::Number),
        DataRef::Float(number) => (number_text(*number).into(), CellKind::Number),
        DataRef::Bool(true) => ("TRUE".into(), CellKind::Text),
        DataRef::Bool(false) => ("FALSE".into(), CellKind::Text),
        DataRef::Error(error) => (error.to_string().into(), CellKind::Error),
        DataRef::DateTime(date) => value::serial(date.as_f64(), date.is_duration(), date_1904),
        DataRef::DateTimeIso(text) => iso_date(text),
        DataRef::DurationIso(text) => (value::iso_duration(text).into(), CellKind::Text),
    };
    builder.cell(row, column, &text, kind)
}

fn in_sheet(error: Error, sheet: &str) -> Error {
    error.context(msg!(
        "cannot read sheet `{sheet}`",
        "无法读取工作表 `{sheet}`"
    ))
}

fn damaged(what: &str) -> Error {
    Error::work(msg!(
        "the workbook is damaged: {what}",
        "工作簿已损坏：{what}"
    ))
    .hint(msg!(
        "open it in Excel or WPS and save it again as .xlsx",
        "请用 Excel 或 WPS 打开后另存为 .xlsx"
    ))
}

fn protected() -> Error {
    Error::work(msg!(
        "the workbook is protected by a password",
        "工作簿设有打开密码"
    ))
    .hint(msg!(
        "remove the password and hand it in again",
        "请取消密码后重新提交"
    ))
}

// The crate's own messages quote what they stumbled over, which may be the content of a cell:
// only their class is told.

fn xlsx_error(error: &XlsxError) -> Error {
    match error {
        XlsxError::Password => protected(),
        XlsxError::Zip(_) => damaged("zip"),
        XlsxError::Xml(_)
        | XlsxError::XmlEof(_)
        | XlsxError::XmlAttr(_)
        | XlsxError::Encoding(_) => damaged("XML"),
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => damaged("missing part"),
        XlsxError::CellError(_) => Error::work(msg!(
            "a cell holds an error value of a newer Excel",
            "有单元格是新版 Excel 才有的错误值"
        ))
        .hint(msg!(
            "replace the formulas by their values and save again",
            "请把公式粘贴为数值后重新保存"
        )),
        XlsxError::ParseFloat(_) | XlsxError::ParseInt(_) => damaged("number"),
        _ => damaged("unexpected structure"),
    }
}

fn xlsb_error(error: &XlsbError) -> Error {
    match error {
        XlsbError::Password => protected(),
        XlsbError::Zip(_) => damaged("zip"),
        _ => damaged("unexpected structure"),
    }
}

fn xls_error(error: &XlsError) -> Error {
    match error {
        XlsError::Password => protected(),
        XlsError::Cfb(_) => damaged("compound file"),
        _ => damaged("unexpected structure"),
    }
}

fn ods_error(error: &OdsError) -> Error {
    match error {
        OdsError::Password => protected(),
        OdsError::Zip(_) => damaged("zip"),
        OdsError::Xml(_) | OdsError::XmlAttr(_) => damaged("XML"),
        OdsError::CellLimitExceeded { .. } => builder::too_large(),
        _ => damaged("unexpected structure"),
    }
}

#[cfg(test)]
mod tests;
