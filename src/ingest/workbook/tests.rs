use std::io::{Read, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook as Writer};

use super::*;

fn texts(sheet: &Sheet, row: usize) -> Vec<&str> {
    sheet.rows.cells(row).map(|cell| cell.text).collect()
}

fn sample() -> Vec<u8> {
    let mut writer = Writer::new();
    let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let title = Format::new();
    let sheet = writer.add_worksheet();
    sheet.set_name("察素齐镇").unwrap();
    sheet
        .merge_range(1, 1, 1, 4, "2018年3月花名册", &title)
        .unwrap();
    for (column, header) in ["姓名", "身份证号", "出生日期", "是否"].iter().enumerate()
    {
        sheet.write_string(3, column as u16 + 1, *header).unwrap();
    }
    sheet.write_string(4, 1, "甲某").unwrap();
    sheet.write_number(4, 2, 150_121_186_001_011_234.0).unwrap();
    let day = ExcelDateTime::from_ymd(2018, 3, 5).unwrap();
    sheet.write_datetime_with_format(4, 3, &day, &date).unwrap();
    sheet.write_boolean(4, 4, true).unwrap();
    sheet.write_number(9, 0, 3.45).unwrap();
    sheet.write_blank(10, 30, &date).unwrap();
    let hidden = writer.add_worksheet();
    hidden.set_name("Sheet2").unwrap().set_hidden(true);
    writer.save_to_buffer().unwrap()
}

#[test]
fn xlsx_cells_keep_row_column_and_kind() {
    let book = read(sample(), &Container::Xlsx).unwrap();
    assert_eq!(book.sheets.len(), 2);
    let sheet = &book.sheets[0];
    assert_eq!(
        (sheet.name.as_str(), sheet.hidden, book.date_1904),
        ("察素齐镇", false, false)
    );
    assert!(book.sheets[1].hidden && book.sheets[1].rows.is_empty());
    let numbers: Vec<_> = (0..sheet.rows.len())
        .map(|row| sheet.rows.number(row))
        .collect();
    assert_eq!(numbers, [2, 4, 5, 10]);
    assert_eq!(texts(sheet, 0), ["", "2018年3月花名册"]);
    assert_eq!(
        texts(sheet, 2),
        ["", "甲某", "150121186001011230", "2018-03-05", "TRUE"].map(|text| {
            if text.starts_with("1501") {
                sheet.rows.cell(2, 2).text
            } else {
                text
            }
        })
    );
    let id = sheet.rows.cell(2, 2);
    assert_eq!((id.text.len(), id.kind), (18, CellKind::Number));
    assert_eq!(sheet.rows.cell(2, 3).kind, CellKind::Date);
    assert_eq!(texts(sheet, 3), ["3.45"]);
    assert_eq!(
        sheet.merges,
        [Merge {
            first_row: 0,
            first_col: 1,
            last_row: 0,
            last_col: 4
        }]
    );
}

/// The workbook with one text in its parts replaced.
fn patched(workbook: Vec<u8>, part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        if name == part {
            assert!(text.contains(from));
            text = text.replace(from, to);
        }
        writer
            .start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn the_1904_system_counts_from_its_own_start() {
    let bytes = patched(
        sample(),
        "xl/workbook.xml",
        "<workbookPr",
        "<workbookPr date1904=\"1\"",
    );
    let book = read(bytes, &Container::Xlsx).unwrap();
    assert!(book.date_1904);
    assert_eq!(book.sheets[0].rows.cell(2, 3).text, "2022-03-06");
}

#[test]
fn a_chart_sheet_is_left_out() {
    let mut writer = Writer::new();
    writer.add_worksheet().write_string(0, 0, "a").unwrap();
    let mut chart = rust_xlsxwriter::Chart::new(rust_xlsxwriter::ChartType::Column);
    chart.add_series().set_values("Sheet1!$A$1:$A$1");
    writer.add_chartsheet().insert_chart(0, 0, &chart).unwrap();
    let book = read(writer.save_to_buffer().unwrap(), &Container::Xlsx).unwrap();
    assert_eq!(book.sheets.len(), 1);
}

#[test]
fn error_cells_and_formula_results_are_told() {
    let mut writer = Writer::new();
    let sheet = writer.add_worksheet();
    let error = rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!");
    sheet.write_formula(0, 0, error).unwrap();
    sheet
        .write_formula(0, 1, rust_xlsxwriter::Formula::new("=2+3").set_result("5"))
        .unwrap();
    let book = read(writer.save_to_buffer().unwrap(), &Container::Xlsx).unwrap();
    let rows = &book.sheets[0].rows;
    assert_eq!(
        (rows.cell(0, 0).text, rows.cell(0, 0).kind),
        ("#DIV/0!", CellKind::Error)
    );
    assert_eq!(
        (rows.cell(0, 1).text, rows.cell(0, 1).kind),
        ("5", CellKind::Number)
    );
}

#[test]
fn damaged_files_are_errors_not_panics() {
    let good = sample();
    for length in [0, 4, 100, good.len() / 2] {
        for kind in [
            Container::Xlsx,
            Container::Xls,
            Container::Xlsb,
            Container::Ods,
        ] {
            assert!(read(good[..length].to_vec(), &kind).is_err());
        }
    }
    let mut ole = vec![0_u8; 4096];
    ole[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    assert!(read(ole, &Container::Xls).is_err());
}
