//! An OpenDocument spreadsheet: `content.xml` with typed cells, merged blocks and repeated blanks.

use std::collections::HashSet;
use std::fmt::Write;

use crate::dates::Day;
use crate::export::{Cell, Sheet};

const TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
const HEAD: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content "#,
    r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" "#,
    r#"xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" "#,
    r#"xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" "#,
    r#"office:version="1.2"><office:body><office:spreadsheet>"#
);
const TAIL: &str = "</office:spreadsheet></office:body></office:document-content>";

/// The bytes of a workbook.
pub(super) fn bytes(sheets: &[Sheet]) -> Vec<u8> {
    let mut xml = HEAD.to_owned();
    for sheet in sheets {
        table(sheet, &mut xml);
    }
    xml.push_str(TAIL);
    let manifest = format!(
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><manifest:manifest "#,
            r#"xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" "#,
            r#"manifest:version="1.2"><manifest:file-entry manifest:full-path="/" "#,
            r#"manifest:media-type="{}"/><manifest:file-entry "#,
            r#"manifest:full-path="content.xml" manifest:media-type="text/xml"/>"#,
            r#"</manifest:manifest>"#
        ),
        TYPE
    );
    super::archive([
        ("mimetype", TYPE.as_bytes()),
        ("content.xml", xml.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

fn table(sheet: &Sheet, xml: &mut String) {
    let _ = write!(
        xml,
        r#"<table:table table:name="{}">"#,
        super::escape(&sheet.name)
    );
    let covered: HashSet<(usize, usize)> = sheet
        .merges
        .iter()
        .flat_map(|m| {
            let blocks = (m.top..=m.bottom).flat_map(|r| (m.left..=m.right).map(move |c| (r, c)));
            blocks
                .filter(|&at| at != (m.top, m.left))
                .collect::<Vec<_>>()
        })
        .collect();
    let width = sheet
        .lines
        .iter()
        .map(|line| line.cells.len())
        .max()
        .unwrap_or(1);
    for (row, line) in sheet.lines.iter().enumerate() {
        xml.push_str("<table:table-row>");
        for column in 0..width {
            let cell = line.cells.get(column).unwrap_or(&Cell::Blank);
            let merge = sheet
                .merges
                .iter()
                .find(|m| (m.top, m.left) == (row, column));
            let tag = if covered.contains(&(row, column)) {
                "table:covered-table-cell"
            } else {
                "table:table-cell"
            };
            let span = merge.map_or_else(String::new, |m| {
                let (columns, rows) = (m.right - m.left + 1, m.bottom - m.top + 1);
                format!(
                    r#" table:number-columns-spanned="{columns}" table:number-rows-spanned="{rows}""#
                )
            });
            let _ = match cell {
                Cell::Blank => write!(xml, "<{tag}{span}/>"),
                Cell::Text(text) => write!(
                    xml,
                    r#"<{tag}{span} office:value-type="string"><text:p>{}</text:p></{tag}>"#,
                    super::escape(text)
                ),
                Cell::Number(number) => write!(
                    xml,
                    r#"<{tag}{span} office:value-type="float" office:value="{number}"><text:p>{number}</text:p></{tag}>"#
                ),
                Cell::Date(serial) => write!(
                    xml,
                    r#"<{tag}{span} office:value-type="date" office:date-value="{}"><text:p>{}</text:p></{tag}>"#,
                    moment(*serial),
                    cell.text()
                ),
            };
        }
        // LibreOffice fills the page to its last column like this.
        let rest = 1024 - width;
        let _ = write!(
            xml,
            r#"<table:table-cell table:number-columns-repeated="{rest}"/>"#
        );
        xml.push_str("</table:table-row>");
    }
    xml.push_str("</table:table>");
}

fn moment(serial: f64) -> String {
    let day = Day(serial.floor() as i32 - 25_569).iso();
    let minutes = (serial.fract() * 1440.0).round() as u32;
    if minutes == 0 {
        day
    } else {
        format!("{day}T{:02}:{:02}:00", minutes / 60, minutes % 60)
    }
}
