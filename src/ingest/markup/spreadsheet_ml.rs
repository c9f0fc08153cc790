//! Excel 2003 XML (SpreadsheetML): sheets, rows and cells with their own positions.

use crate::error::{Error, Result};
use crate::msg;

use super::super::rows::CellKind;
use super::super::workbook::{Builder, Sheet, Span, Workbook, iso_date, number_text};
use super::entities;
use super::tokens::{Token, Tokens, attribute, number};

/// Reads all worksheets.
pub(super) fn read(text: &str) -> Result<Workbook> {
    let mut reader = Reader::default();
    for token in Tokens::new(text) {
        reader.token(token)?;
    }
    if !reader.complete {
        return Err(
            Error::work(msg!("the workbook is cut short", "工作簿不完整"))
                .hint(msg!("copy or export it again", "请重新复制或导出")),
        );
    }
    Ok(Workbook {
        sheets: reader.sheets,
        date_1904: reader.date_1904,
    })
}

#[derive(Default)]
struct Reader {
    sheets: Vec<Sheet>,
    sheet: Option<Open>,
    date_1904: bool,
    complete: bool,
    /// Inside `<Visible>`.
    visible: bool,
    /// Inside a comment of a cell, which has a `<Data>` of its own.
    comment: bool,
}

/// The worksheet being read; rows and columns count from 0.
#[derive(Default)]
struct Open {
    name: String,
    hidden: bool,
    builder: Builder,
    left: u32,
    next_row: u32,
    row: u32,
    column: u32,
    next_column: u32,
    /// Type and text of the data being read.
    data: Option<(String, String)>,
}

impl Reader {
    fn token(&mut self, token: Token<'_>) -> Result<()> {
        match token {
            Token::Open {
                name,
                attributes,
                empty,
            } => {
                self.open(&name, attributes);
                if empty {
                    self.close(&name)?;
                }
            }
            Token::Close(name) => self.close(&name)?,
            Token::Text(text) => self.text(&entities::resolve(text)),
            Token::Literal(text) => self.text(text),
            Token::Comment(_) => {}
        }
        Ok(())
    }

    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "worksheet" => {
                let name = attribute(attributes, "name")
                    .unwrap_or_default()
                    .into_owned();
                self.sheet = Some(Open {
                    name,
                    ..Open::default()
                });
            }
            "date1904" => self.date_1904 = true,
            "visible" => self.visible = true,
            "comment" => self.comment = true,
            _ => {
                if let Some(sheet) = &mut self.sheet
                    && !self.comment
                {
                    sheet.open(name, attributes);
                }
            }
        }
    }

    fn close(&mut self, name: &str) -> Result<()> {
        match name {
            "workbook" => self.complete = true,
            "visible" => self.visible = false,
            "comment" => self.comment = false,
            "worksheet" => {
                if let Some(sheet) = self.sheet.take() {
                    self.sheets
                        .push(sheet.builder.finish(sheet.name, sheet.hidden));
                }
            }
            "data" if !self.comment => {
                if let Some(sheet) = &mut self.sheet {
                    sheet.end_data()?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Some(sheet) = &mut self.sheet else { return };
        if self.visible {
            sheet.hidden |= matches!(text.trim(), "SheetHidden" | "SheetVeryHidden");
        } else if !self.comment
            && let Some((_, data)) = &mut sheet.data
        {
            data.push_str(text);
        }
    }
}

impl Open {
    fn open(&mut self, name: &str, attributes: &str) {
        match name {
            "table" => {
                self.left = number(attributes, "leftcell")
                    .unwrap_or(1)
                    .saturating_sub(1);
                self.next_row = number(attributes, "topcell").unwrap_or(1).saturating_sub(1);
            }
            "row" => {
                self.row = match number(attributes, "index") {
                    Some(index) => index.saturating_sub(1),
                    None => self.next_row,
                };
                let more = number(attributes, "span").unwrap_or(0);
                self.next_row = self.row.saturating_add(1).saturating_add(more);
                self.next_column = self.left;
            }
            "cell" => {
                self.column = match number(attributes, "index") {
                    Some(index) => index.saturating_sub(1),
                    None => self.next_column,
                };
                let across = number(attributes, "mergeacross").unwrap_or(0);
                let down = number(attributes, "mergedown").unwrap_or(0);
                let last = self.column.saturating_add(across);
                self.builder.merge(Span::new(
                    (self.row, self.column),
                    (self.row.saturating_add(down), last),
                ));
                self.next_column = last.saturating_add(1);
            }
            "data" => {
                let kind = attribute(attributes, "type")
                    .unwrap_or_default()
                    .into_owned();
                self.data = Some((kind, String::new()));
            }
            _ => {}
        }
    }

    fn end_data(&mut self) -> Result<()> {
        let Some((kind, text)) = self.data.take() else {
            return Ok(());
        };
        match kind.as_str() {
            "Number" => self.cell(&plain_number(&text), CellKind::Number),
            "DateTime" => {
                let (text, kind) = iso_date(&text);
                self.cell(&text, kind)
            }
            "Boolean" => {
                let truth = matches!(text.trim(), "1" | "true" | "TRUE");
                self.cell(if truth { "TRUE" } else { "FALSE" }, CellKind::Text)
            }
            "Error" => self.cell(&text, CellKind::Error),
            _ => self.cell(&text, CellKind::Text),
        }
    }

    fn cell(&mut self, text: &str, kind: CellKind) -> Result<()> {
        self.builder.cell(self.row, self.column, text, kind)
    }
}

/// A number without exponent and trailing zeros. Digits that are written out stay as they are:
/// an export may hold more of them than a spreadsheet could.
fn plain_number(text: &str) -> String {
    let text = text.trim();
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    match text.parse::<f64>() {
        Ok(_) if plain && text.contains('.') && text.len() <= 16 => {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Ok(_) if plain && !text.contains('.') => text.to_owned(),
        Ok(number) => number_text(number),
        Err(_) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::workbook::Merge;
    use super::*;

    const BOOK: &str = r#"<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <ExcelWorkbook xmlns="urn:schemas-microsoft-com:office:excel"><Date1904/></ExcelWorkbook>
 <Worksheet ss:Name="察素齐镇"><Table>
  <Row><Cell ss:MergeAcross="2"><Data ss:Type="String">2018年3月&#10;名册</Data></Cell></Row>
  <Row ss:Index="3"><Cell><Data ss:Type="String">姓名</Data><Comment><Data>批注</Data></Comment></Cell>
   <Cell ss:Index="3" ss:MergeDown="1"><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40"><B>日</B>期</ss:Data></Cell></Row>
  <Row><Cell><Data ss:Type="Number">1.50121E+17</Data></Cell><Cell><Data ss:Type="Number">12.50</Data></Cell>
   <Cell><Data ss:Type="DateTime">2018-03-05T00:00:00.000</Data></Cell><Cell/><Cell><Data ss:Type="Boolean">1</Data></Cell></Row>
 </Table></Worksheet>
 <Worksheet ss:Name="B"><Table/><WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions></Worksheet>
</Workbook>"#;

    #[test]
    fn cells_keep_place_type_and_merge() {
        let book = read(BOOK).unwrap();
        assert!(book.date_1904);
        let sheet = &book.sheets[0];
        assert_eq!(sheet.name, "察素齐镇");
        let rows: Vec<(u32, Vec<&str>)> = (0..sheet.rows.len())
            .map(|row| {
                (
                    sheet.rows.number(row),
                    sheet.rows.cells(row).map(|cell| cell.text).collect(),
                )
            })
            .collect();
        assert_eq!(
            rows,
            [
                (1, vec!["2018年3月\n名册"]),
                (3, vec!["姓名", "", "日期"]),
                (
                    4,
                    vec!["150121000000000000", "12.5", "2018-03-05", "", "TRUE"]
                ),
            ]
        );
        assert_eq!(sheet.rows.cell(2, 0).kind, CellKind::Number);
        assert_eq!(sheet.rows.cell(2, 2).kind, CellKind::Date);
        assert_eq!(
            sheet.merges,
            [
                Merge {
                    first_row: 0,
                    first_col: 0,
                    last_row: 0,
                    last_col: 2
                },
                Merge {
                    first_row: 1,
                    first_col: 2,
                    last_row: 2,
                    last_col: 2
                },
            ]
        );
        assert!(book.sheets[1].hidden && !sheet.hidden);
    }

    #[test]
    fn a_cut_file_is_an_error() {
        assert!(read(&BOOK[..BOOK.len() - 20]).is_err());
    }

    #[test]
    fn numbers_keep_the_digits_they_have() {
        assert_eq!(plain_number("150121186001011234"), "150121186001011234");
        assert_eq!(plain_number("12.0"), "12");
        assert_eq!(plain_number("3.4000000000000004"), "3.4");
    }
}
