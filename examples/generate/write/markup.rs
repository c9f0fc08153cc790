//! The two kinds of markup that systems save under the name `.xls`: a web page, and Excel 2003 XML.

use std::collections::HashSet;
use std::fmt::Write;

use crate::dates::Day;
use crate::export::{Cell, Encoding, Merge, Sheet};

/// A web page with one table, in GBK, the way web systems export "Excel".
pub(super) fn html(sheet: &Sheet) -> Vec<u8> {
    let mut page = String::from(concat!(
        "<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\r\n<head>\r\n",
        "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\">\r\n",
        "<style>td{mso-number-format:\"\\@\";}</style>\r\n</head>\r\n<body>\r\n",
        "<table border=1>\r\n",
    ));
    let covered = covered(&sheet.merges);
    for (row, line) in sheet.lines.iter().enumerate() {
        page.push_str("<tr>");
        for (column, cell) in line.cells.iter().enumerate() {
            if covered.contains(&(row, column)) {
                continue;
            }
            let span = sheet
                .merges
                .iter()
                .find(|m| (m.top, m.left) == (row, column))
                .map_or_else(String::new, |m| {
                    let (columns, rows) = (m.right - m.left + 1, m.bottom - m.top + 1);
                    format!(" colspan=\"{columns}\" rowspan=\"{rows}\"")
                });
            let text = super::escape(&cell.text()).replace("&#10;", "<br>");
            let text = if text.is_empty() {
                "&nbsp;".to_owned()
            } else {
                text
            };
            let _ = write!(page, "<td{span}>{text}</td>");
        }
        page.push_str("</tr>\r\n");
    }
    page.push_str("</table>\r\n</body>\r\n</html>\r\n");
    super::text::encode(&page, Encoding::Gb18030)
}

/// Excel 2003 XML: blank cells are left out and the next cell tells its index.
pub(super) fn spreadsheet_ml(sheets: &[Sheet]) -> Vec<u8> {
    let mut xml = String::from(concat!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n",
        "<?mso-application progid=\"Excel.Sheet\"?>\r\n",
        "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" ",
        "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\">\r\n",
        "<Styles><Style ss:ID=\"day\"><NumberFormat ss:Format=\"Short Date\"/></Style></Styles>\r\n",
    ));
    for sheet in sheets {
        let _ = write!(
            xml,
            "<Worksheet ss:Name=\"{}\"><Table>\r\n",
            super::escape(&sheet.name)
        );
        let covered = covered(&sheet.merges);
        for (row, line) in sheet.lines.iter().enumerate() {
            xml.push_str("<Row>");
            let mut expected = 0;
            for (column, cell) in line.cells.iter().enumerate() {
                let merge = sheet
                    .merges
                    .iter()
                    .find(|m| (m.top, m.left) == (row, column));
                if covered.contains(&(row, column)) || (*cell == Cell::Blank && merge.is_none()) {
                    continue;
                }
                xml.push_str("<Cell");
                if column != expected {
                    let _ = write!(xml, " ss:Index=\"{}\"", column + 1);
                }
                expected = column + 1;
                if let Some(m) = merge {
                    let (across, down) = (m.right - m.left, m.bottom - m.top);
                    let _ = write!(xml, " ss:MergeAcross=\"{across}\" ss:MergeDown=\"{down}\"");
                    expected += across;
                }
                let _ = match cell {
                    Cell::Blank => write!(xml, "/>"),
                    Cell::Text(text) => data("String", &super::escape(text), &mut xml),
                    Cell::Number(number) => data("Number", &number.to_string(), &mut xml),
                    Cell::Date(serial) => {
                        let minutes = (serial.fract() * 1440.0).round() as u32;
                        let day = Day(serial.floor() as i32 - 25_569).iso();
                        let (hour, minute) = (minutes / 60, minutes % 60);
                        let moment = format!("{day}T{hour:02}:{minute:02}:00.000");
                        xml.push_str(" ss:StyleID=\"day\"");
                        data("DateTime", &moment, &mut xml)
                    }
                };
            }
            xml.push_str("</Row>\r\n");
        }
        xml.push_str("</Table></Worksheet>\r\n");
    }
    xml.push_str("</Workbook>\r\n");
    xml.into_bytes()
}

fn data(kind: &str, text: &str, xml: &mut String) -> std::fmt::Result {
    write!(xml, "><Data ss:Type=\"{kind}\">{text}</Data></Cell>")
}

/// The cells that a merged block hides.
fn covered(merges: &[Merge]) -> HashSet<(usize, usize)> {
    let mut covered = HashSet::new();
    for merge in merges {
        for row in merge.top..=merge.bottom {
            covered.extend((merge.left..=merge.right).map(|column| (row, column)));
        }
        covered.remove(&(merge.top, merge.left));
    }
    covered
}
