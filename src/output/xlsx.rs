//! An Excel workbook: title, unit and notes, a frozen header with a filter, typed cells.
//!
//! The workbook stays in memory until the end. The library could keep it in temporary files
//! instead, but a result may hold unsealed identities, and those must not lie about on disk.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, IgnoreError, Workbook, Worksheet};

use crate::error::{Error, Result};
use crate::msg;

use super::text::display_width;
use super::value::Column;
use super::xlsx_cell::{self, Formats, failed};
use super::{BatchWriter, Options, Out, Summary};

/// Rows of a worksheet, by the format's definition.
const SHEET_ROWS: u32 = 1_048_576;
/// Columns of a worksheet, likewise.
const SHEET_COLUMNS: usize = 16_384;
/// How many rows decide how wide the columns are.
const MEASURED_ROWS: u32 = 1_000;
/// Narrowest and widest a column is made, in characters.
const COLUMN_WIDTHS: (usize, usize) = (8, 60);

pub(super) struct Xlsx<'a> {
    workbook: Workbook,
    sheet: Sheet,
    names: Vec<String>,
    title: Option<String>,
    remarks: Vec<String>,
    formats: Formats,
    sheets: u32,
    rows_limit: u32,
    out: Out<'a>,
}

/// The worksheet being filled.
struct Sheet {
    worksheet: Worksheet,
    header: u32,
    /// The next row to write.
    next: u32,
    widths: Vec<usize>,
}

impl<'a> Xlsx<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, out: Out<'a>) -> Result<Self> {
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let columns = names.len();
        if columns > SHEET_COLUMNS {
            return Err(Error::work(msg!(
                "a worksheet has room for {SHEET_COLUMNS} columns, the result has {columns}",
                "工作表最多 {SHEET_COLUMNS} 列，结果有 {columns} 列"
            )));
        }
        let mut workbook = Workbook::new();
        // Without a date of its own the library would put in the current time, and the same
        // rows would not give the same bytes.
        let created = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        let properties = DocProperties::new()
            .set_title(options.title.as_deref().unwrap_or_default())
            .set_creation_datetime(&created);
        workbook.set_properties(&properties);
        let mut xlsx = Self {
            workbook,
            sheet: Sheet::new(columns),
            names,
            title: options.title.clone(),
            remarks: options.remarks(),
            formats: Formats::new(),
            sheets: 0,
            rows_limit: SHEET_ROWS,
            out,
        };
        xlsx.begin_sheet()?;
        Ok(xlsx)
    }

    /// Writes what stands above the rows of every sheet.
    fn begin_sheet(&mut self) -> Result<()> {
        self.sheets += 1;
        self.sheet = Sheet::new(self.names.len());
        let sheet = &mut self.sheet;
        sheet
            .worksheet
            .set_name(self.sheets.to_string())
            .map_err(failed)?;
        if let Some(title) = &self.title {
            let format = &self.formats.title;
            sheet
                .worksheet
                .write_string_with_format(sheet.next, 0, title, format)
                .map_err(failed)?;
            sheet.next += 1;
        }
        for remark in &self.remarks {
            sheet
                .worksheet
                .write_string(sheet.next, 0, remark)
                .map_err(failed)?;
            sheet.next += 1;
        }
        sheet.header = sheet.next;
        for (column, name) in (0u16..).zip(&self.names) {
            let format = &self.formats.header;
            sheet
                .worksheet
                .write_string_with_format(sheet.next, column, name, format)
                .map_err(failed)?;
            // Room for the button of the filter.
            sheet.widths[usize::from(column)] = display_width(name) + 3;
        }
        sheet.next += 1;
        sheet
            .worksheet
            .set_freeze_panes(sheet.next, 0)
            .map_err(failed)?;
        // On paper: A4 across, all columns on the page, the header on each.
        const A4: u8 = 9;
        sheet.worksheet.set_paper_size(A4);
        sheet.worksheet.set_landscape();
        sheet.worksheet.set_print_fit_to_pages(1, 0);
        let header = sheet.next - 1;
        sheet
            .worksheet
            .set_repeat_rows(header, header)
            .map_err(failed)?;
        Ok(())
    }

    /// Settles the sheet and hands it to the workbook.
    fn end_sheet(&mut self) -> Result<()> {
        let mut sheet = std::mem::replace(&mut self.sheet, Sheet::new(0));
        let last_row = sheet.next - 1;
        if let Some(last) = u16::try_from(self.names.len())
            .ok()
            .and_then(|n| n.checked_sub(1))
        {
            sheet
                .worksheet
                .autofilter(sheet.header, 0, last_row, last)
                .map_err(failed)?;
            sheet
                .worksheet
                .ignore_error_range(
                    sheet.header,
                    0,
                    last_row,
                    last,
                    IgnoreError::NumberStoredAsText,
                )
                .map_err(failed)?;
        }
        let (least, most) = COLUMN_WIDTHS;
        for (column, width) in (0u16..).zip(&sheet.widths) {
            let width = u16::try_from((width + 1).clamp(least, most)).unwrap_or(u16::MAX);
            sheet
                .worksheet
                .set_column_width(column, width)
                .map_err(failed)?;
        }
        self.workbook.push_worksheet(sheet.worksheet);
        Ok(())
    }
}

impl Sheet {
    fn new(columns: usize) -> Self {
        Self {
            worksheet: Worksheet::new(),
            header: 0,
            next: 0,
            widths: vec![0; columns],
        }
    }
}

impl BatchWriter for Xlsx<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut buffer = String::new();
        for row in 0..batch.num_rows() {
            if self.sheet.next == self.rows_limit {
                self.end_sheet()?;
                self.begin_sheet()?;
            }
            for (number, column) in (0u16..).zip(&columns) {
                let value = column.value(row)?;
                let cell = (self.sheet.next, number);
                xlsx_cell::write(&mut self.sheet.worksheet, cell, &value, &self.formats)?;
                if self.sheet.next < MEASURED_ROWS {
                    buffer.clear();
                    value.write(&mut buffer)?;
                    let widest = buffer.lines().map(display_width).max().unwrap_or(0);
                    let width = &mut self.sheet.widths[usize::from(number)];
                    *width = widest.max(*width);
                }
            }
            self.sheet.next += 1;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.end_sheet()?;
        self.workbook
            .save_to_writer(&mut self.out)
            .map_err(failed)?;
        self.out.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use arrow::array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, TimestampMicrosecondArray,
    };
    use calamine::{Data, Range, Reader as _, Xlsx as Opened};

    use super::super::tests::{Sink, batch, bytes_with, texts};
    use super::*;
    use crate::error::Lang;

    fn open(bytes: Vec<u8>) -> Opened<Cursor<Vec<u8>>> {
        Opened::new(Cursor::new(bytes)).unwrap()
    }

    fn sheet(options: &Options, batches: &[RecordBatch]) -> Range<Data> {
        let (bytes, _) = bytes_with(super::super::Format::Xlsx, options, batches).unwrap();
        open(bytes).worksheet_range("1").unwrap()
    }

    fn plain() -> Options {
        Options::new(super::super::Format::Xlsx)
    }

    fn column(name: &str, array: impl arrow::array::Array + 'static) -> RecordBatch {
        let array = Arc::new(array) as ArrayRef;
        RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap()
    }

    fn text(value: &str) -> Data {
        Data::String(value.to_owned())
    }

    #[test]
    fn cells_keep_their_types() {
        let range = sheet(&plain(), &[batch()]);
        let rows: Vec<&[Data]> = range.rows().collect();
        assert_eq!(rows[0], ["乡镇", "births", "rate", "day"].map(text));
        assert_eq!(
            rows[1][..3],
            [text("晋熙镇"), Data::Float(1204.0), Data::Float(12.5)]
        );
        let Data::DateTime(day) = &rows[1][3] else {
            unreachable!("not a date")
        };
        assert_eq!(day.as_f64(), 43_164.0);
        assert_eq!(rows[2][2..], [Data::Empty, Data::Empty]);
        assert_eq!(rows[3][3], text("1900-01-01"));
        assert_eq!(rows[4][0], text("a,\"b\"\n太湖|<i>"));
    }

    #[test]
    fn text_never_becomes_a_formula() {
        let values = ["=1+1", "+86", "-1", "@SUM(1)", "340825189901010017"];
        let (bytes, _) = bytes_with(
            super::super::Format::Xlsx,
            &plain(),
            &[texts("=x", &values.map(Some))],
        )
        .unwrap();
        let mut book = open(bytes);
        let range = book.worksheet_range("1").unwrap();
        let read: Vec<Data> = range.rows().map(|row| row[0].clone()).collect();
        assert_eq!(read[0], text("=x"));
        assert_eq!(read[1..], values.map(text));
        let formulas = book.worksheet_formula("1").unwrap();
        assert!(formulas.used_cells().next().is_none());
    }

    #[test]
    fn numbers_that_excel_would_round_are_text() {
        let values = vec![
            99_999_999_999_999,
            100_000_000_000_000,
            9_007_199_254_740_993,
            i64::MIN,
        ];
        let range = sheet(&plain(), &[column("n", Int64Array::from(values))]);
        let read: Vec<&Data> = range.rows().skip(1).map(|row| &row[0]).collect();
        assert_eq!(*read[0], Data::Float(99_999_999_999_999.0));
        assert_eq!(*read[1], text("100000000000000"));
        assert_eq!(*read[2], text("9007199254740993"));
        assert_eq!(*read[3], text("-9223372036854775808"));

        let decimals = Decimal128Array::from(vec![-5, 12_345_678_901_234_567]);
        let decimals = decimals.with_precision_and_scale(20, 2).unwrap();
        let range = sheet(&plain(), &[column("d", decimals)]);
        assert_eq!(range.get((1, 0)), Some(&Data::Float(-0.05)));
        assert_eq!(range.get((2, 0)), Some(&text("123456789012345.67")));
    }

    #[test]
    fn flags_and_times_are_typed() {
        let range = sheet(
            &plain(),
            &[column("f", BooleanArray::from(vec![true, false]))],
        );
        assert_eq!(range.get((2, 0)), Some(&Data::Bool(false)));
        let times =
            TimestampMicrosecondArray::from(vec![1_520_260_200_000_000]).with_timezone("UTC");
        let range = sheet(&plain(), &[column("t", times)]);
        let Some(Data::DateTime(time)) = range.get((1, 0)) else {
            unreachable!("not a time")
        };
        assert!((time.as_f64() - (43_164.0 + 14.5 / 24.0)).abs() < 1e-8);
    }

    #[test]
    fn title_unit_and_notes_stand_above_the_header() {
        let options = Options {
            title: Some("=出生".to_owned()),
            unit: Some("人".to_owned()),
            notes: vec!["按户籍".to_owned()],
            lang: Lang::Zh,
            ..plain()
        };
        let range = sheet(&options, &[texts("x", &[Some("1")])]);
        let read: Vec<Data> = range.rows().map(|row| row[0].clone()).collect();
        assert_eq!(
            read,
            ["=出生", "单位：人", "注：按户籍", "x", "1"].map(text)
        );
    }

    #[test]
    fn a_full_sheet_continues_on_the_next_with_its_header() {
        let sink = Sink::default();
        let batch = column(
            "d",
            Date32Array::from((17_000..17_005).collect::<Vec<i32>>()),
        );
        let out: Box<dyn Write + Send> = Box::new(sink.clone());
        let out = std::io::BufWriter::new(out);
        let mut writer = Xlsx::new(&batch.schema(), &plain(), out).unwrap();
        writer.rows_limit = 3;
        writer.write(&batch).unwrap();
        Box::new(writer).finish().unwrap();
        let mut book = open(sink.bytes());
        assert_eq!(book.sheet_names(), ["1", "2", "3"]);
        for (name, rows) in [("1", 3), ("2", 3), ("3", 2)] {
            let range = book.worksheet_range(name).unwrap();
            assert_eq!(
                (range.height(), range.get((0, 0))),
                (rows, Some(&text("d"))),
                "{name}"
            );
        }
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_an_error_with_its_row() {
        let long = "太".repeat(32_768);
        let batch = texts("x", &[Some("a"), Some(&long)]);
        let error = bytes_with(super::super::Format::Xlsx, &plain(), &[batch]).unwrap_err();
        assert!(
            error.message().en.starts_with("row 3 has a text longer"),
            "{error}"
        );
    }
}
