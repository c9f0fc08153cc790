//! HTML tables as sheets: one sheet per table, text above a table as title rows.

use crate::error::{Error, Result};
use crate::msg;

use super::super::rows::CellKind;
use super::super::workbook::{Builder, Sheet, Span, Workbook, number_text};
use super::entities;
use super::tokens::{Token, Tokens, attribute, number};

/// Reads all tables that hold text.
pub(super) fn read(text: &str) -> Result<Workbook> {
    let mut page = Page::default();
    for token in Tokens::new(text) {
        page.token(token)?;
    }
    page.finish()
}

#[derive(Default)]
struct Page {
    /// Texts between the tables, one per line.
    preface: Lines,
    /// Open tables, the innermost last.
    open: Vec<Table>,
    sheets: Vec<Sheet>,
    /// Sheet names that Excel writes beside the page.
    names: Vec<String>,
    /// Inside `<title>` or `<xml>`: the text is not shown.
    silent: bool,
    /// The sheets are in other files.
    frames: bool,
}

impl Page {
    fn token(&mut self, token: Token<'_>) -> Result<()> {
        match token {
            Token::Open {
                name,
                attributes,
                empty,
            } => self.open(&name, attributes, empty)?,
            Token::Close(name) => self.close(&name)?,
            Token::Text(text) if !self.silent => self.lines().push(&entities::resolve(text)),
            Token::Literal(text) if !self.silent => self.lines().push(text),
            Token::Text(_) | Token::Literal(_) => {}
            Token::Comment(text) => self.names.extend(sheet_names(text)),
        }
        Ok(())
    }

    fn open(&mut self, name: &str, attributes: &str, empty: bool) -> Result<()> {
        match name {
            "table" => {
                let preface = std::mem::take(&mut self.preface);
                self.open.push(Table::new(preface)?);
            }
            "title" | "xml" => self.silent = !empty,
            "frameset" => self.frames = true,
            "br" => self.lines().end(),
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "center" | "li" => {
                self.lines().end();
            }
            "tr" | "caption" | "td" | "th" => {
                if let Some(table) = self.open.last_mut() {
                    table.open(name, attributes)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str) -> Result<()> {
        match name {
            "title" | "xml" => self.silent = false,
            "p" | "div" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "center" | "li" => {
                self.lines().end();
            }
            "table" => self.end_table()?,
            "td" | "th" | "tr" | "caption" | "thead" | "tbody" | "tfoot" => {
                if let Some(table) = self.open.last_mut() {
                    table.end_cell()?;
                    if !matches!(name, "td" | "th") {
                        table.end_row();
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Where text goes now.
    fn lines(&mut self) -> &mut Lines {
        match self.open.last_mut() {
            Some(table) => match &mut table.cell {
                Some(cell) => &mut cell.lines,
                None => &mut table.stray,
            },
            None => &mut self.preface,
        }
    }

    fn end_table(&mut self) -> Result<()> {
        let Some(mut table) = self.open.pop() else {
            return Ok(());
        };
        table.end_cell()?;
        let sheet = table.builder.finish(String::new(), false);
        if !sheet.rows.is_empty() {
            self.sheets.push(sheet);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Workbook> {
        while !self.open.is_empty() {
            self.end_table()?;
        }
        if self.sheets.is_empty() && self.frames {
            return Err(Error::work(msg!(
                "the web page only names its sheets, which are in other files",
                "该网页只列出工作表名称，内容在其他文件中"
            ))
            .hint(msg!(
                "open it in Excel or WPS and save it as .xlsx",
                "请用 Excel 或 WPS 打开后另存为 .xlsx"
            )));
        }
        let named = self.names.len() == self.sheets.len();
        for (index, sheet) in self.sheets.iter_mut().enumerate() {
            sheet.name = if named {
                self.names[index].clone()
            } else {
                format!("Sheet{}", index + 1)
            };
        }
        Ok(Workbook {
            sheets: self.sheets,
            date_1904: false,
        })
    }
}

/// `<x:ExcelWorksheet><x:Name>…</x:Name>` in the settings that Excel hides in a comment.
fn sheet_names(comment: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut inside = false;
    for token in Tokens::new(comment) {
        match token {
            Token::Open { name, empty, .. } => inside = name == "name" && !empty,
            Token::Text(text) if inside => names.push(entities::resolve(text).trim().to_owned()),
            _ => inside = false,
        }
    }
    names
}

/// Spans are not followed beyond the last column of a sheet.
const MAX_COLUMN: u32 = 16_383;

struct Table {
    builder: Builder,
    row: u32,
    in_row: bool,
    column: u32,
    /// Per column, how many rows from this one on a cell from above still covers.
    covered: Vec<u32>,
    cell: Option<Cell>,
    /// Text in the table but in no cell, which browsers move elsewhere.
    stray: Lines,
}

struct Cell {
    lines: Lines,
    wide: u32,
    high: u32,
    /// The value Excel keeps behind what is shown.
    number: Option<String>,
    text: Option<String>,
}

impl Table {
    /// A table below `preface`, whose lines take a row each, as in Excel.
    fn new(preface: Lines) -> Result<Self> {
        let mut builder = Builder::default();
        let mut row = 0;
        for line in preface.text().lines() {
            builder.cell(row, 0, line, CellKind::Text)?;
            row += 1;
        }
        Ok(Self {
            builder,
            row,
            in_row: false,
            column: 0,
            covered: Vec::new(),
            cell: None,
            stray: Lines::default(),
        })
    }

    fn open(&mut self, name: &str, attributes: &str) -> Result<()> {
        self.end_cell()?;
        if matches!(name, "tr" | "caption") {
            self.end_row();
        }
        self.in_row = true;
        if name != "tr" {
            self.cell = Some(Cell {
                lines: Lines::default(),
                wide: number(attributes, "colspan").unwrap_or(1).clamp(1, 1000),
                high: number(attributes, "rowspan").unwrap_or(1).clamp(1, 65_534),
                number: attribute(attributes, "num").map(|value| value.into_owned()),
                text: attribute(attributes, "str").map(|value| value.into_owned()),
            });
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<()> {
        let Some(cell) = self.cell.take() else {
            return Ok(());
        };
        while self
            .covered
            .get(self.column as usize)
            .is_some_and(|&rows| rows > 0)
        {
            self.column += 1;
        }
        let (wide, high) = (cell.wide, cell.high);
        let (text, kind) = cell.value();
        self.builder.cell(self.row, self.column, &text, kind)?;
        let last = self.column.saturating_add(wide - 1).min(MAX_COLUMN);
        let first = self.column.min(last);
        self.builder.merge(Span::new(
            (self.row, first),
            (self.row.saturating_add(high - 1), last),
        ));
        if high > 1 {
            let needed = last as usize + 1;
            self.covered.resize(self.covered.len().max(needed), 0);
            self.covered[first as usize..needed].fill(high);
        }
        self.column = last + 1;
        Ok(())
    }

    fn end_row(&mut self) {
        if self.in_row {
            for rows in &mut self.covered {
                *rows = rows.saturating_sub(1);
            }
            self.row += 1;
            self.column = 0;
            self.in_row = false;
        }
    }
}

impl Cell {
    fn value(self) -> (String, CellKind) {
        let shown = self.lines.text();
        if let Some(text) = self.text.filter(|text| !text.is_empty()) {
            return (text, CellKind::Text);
        }
        // Where a number is shown, the exact one counts; where a date is shown, the date does.
        let exact = self
            .number
            .as_deref()
            .and_then(|number| number.trim().parse::<f64>().ok());
        match exact {
            Some(exact) if shown.replace(',', "").parse::<f64>().is_ok() => {
                (number_text(exact), CellKind::Number)
            }
            _ => (shown, CellKind::Text),
        }
    }
}

/// Text as a browser shows it: white space collapses, breaks start lines, empty lines vanish.
#[derive(Default)]
struct Lines {
    done: String,
    line: String,
}

impl Lines {
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            if matches!(character, ' ' | '\t' | '\r' | '\n' | '\u{A0}') {
                // Hard spaces are layout too: `王&nbsp;&nbsp;芳`, `&nbsp;` in an empty cell.
                if !self.line.is_empty() && !self.line.ends_with(' ') {
                    self.line.push(' ');
                }
            } else {
                self.line.push(character);
            }
        }
    }

    fn end(&mut self) {
        let line = self.line.trim_end();
        if !line.is_empty() {
            if !self.done.is_empty() {
                self.done.push('\n');
            }
            self.done.push_str(line);
        }
        self.line.clear();
    }

    fn text(mut self) -> String {
        self.end();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::workbook::Merge;
    use super::*;

    fn grid(sheet: &Sheet) -> Vec<(u32, Vec<String>)> {
        (0..sheet.rows.len())
            .map(|row| {
                let cells = sheet
                    .rows
                    .cells(row)
                    .map(|cell| cell.text.to_owned())
                    .collect();
                (sheet.rows.number(row), cells)
            })
            .collect()
    }

    fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
        (
            number,
            cells.iter().map(|cell| (*cell).to_owned()).collect(),
        )
    }

    #[test]
    fn malformed_tables_are_read_as_browsers_do() {
        let book = read(
            "<HTML><title>忽略</title><h1>2018年3月名册</h1><TABLE border=1>\n<TR><TD>姓名<TD nowrap>性 别\n\
             <tr><td>甲&nbsp;某</td><td> <b>女</b> </td><td>&nbsp;</td></tr>\n<tr></tr><TR><td>乙<br>某<p>丙</p>",
        )
        .unwrap();
        assert_eq!(book.sheets.len(), 1);
        assert_eq!(
            grid(&book.sheets[0]),
            [
                row(1, &["2018年3月名册"]),
                row(2, &["姓名", "性 别"]),
                row(3, &["甲 某", "女"]),
                row(5, &["乙\n某\n丙"]),
            ]
        );
    }

    #[test]
    fn spans_become_merges_and_push_cells_aside() {
        let book = read(
            "<table><tr><td rowspan=2>乡镇</td><td colspan=2>出生人口</td></tr>\
             <tr><td>男</td><td>女</td></tr><tr><td>察素齐镇</td><td>3</td><td>4</td></tr></table>",
        )
        .unwrap();
        let sheet = &book.sheets[0];
        assert_eq!(
            grid(sheet),
            [
                row(1, &["乡镇", "出生人口"]),
                row(2, &["", "男", "女"]),
                row(3, &["察素齐镇", "3", "4"])
            ]
        );
        assert_eq!(
            sheet.merges,
            [
                Merge {
                    first_row: 0,
                    first_col: 0,
                    last_row: 1,
                    last_col: 0
                },
                Merge {
                    first_row: 0,
                    first_col: 1,
                    last_row: 0,
                    last_col: 2
                },
            ]
        );
    }

    #[test]
    fn several_tables_are_several_sheets_with_their_names() {
        let book = read(
            "<!--[if gte mso 9]><xml><x:ExcelWorkbook><x:ExcelWorksheets><x:ExcelWorksheet><x:Name>一月</x:Name>\
             </x:ExcelWorksheet><x:ExcelWorksheet><x:Name>二月</x:Name></x:ExcelWorksheet></xml><![endif]-->\
             <table><tr><td>a</table>单位：人<table><tr><td>b</table><table><tr><td></table>",
        )
        .unwrap();
        let names: Vec<_> = book
            .sheets
            .iter()
            .map(|sheet| sheet.name.as_str())
            .collect();
        assert_eq!(names, ["一月", "二月"]);
        assert_eq!(
            grid(&book.sheets[1]),
            [row(1, &["单位：人"]), row(2, &["b"])]
        );
    }

    #[test]
    fn a_table_within_a_cell_is_a_sheet_of_its_own() {
        let book = read("<table><tr><td>外<table><tr><td>内</table></td><td>右</table>").unwrap();
        assert_eq!(grid(&book.sheets[0]), [row(1, &["内"])]);
        assert_eq!(grid(&book.sheets[1]), [row(1, &["外", "右"])]);
    }

    #[test]
    fn the_value_behind_a_shown_number_counts() {
        let book = read(
            "<table><tr><td x:num=\"150121186001011000\">1.50121E+17</td><td x:num=\"43164\">2018/3/5</td>\
             <td x:str=\"001\">001</td><td style='mso-number-format:\"\\@\"'>0471</td></table>",
        )
        .unwrap();
        let rows = &book.sheets[0].rows;
        assert_eq!(
            (rows.cell(0, 0).text, rows.cell(0, 0).kind),
            ("150121186001011000", CellKind::Number)
        );
        assert_eq!(
            (rows.cell(0, 1).text, rows.cell(0, 1).kind),
            ("2018/3/5", CellKind::Text)
        );
        assert_eq!(
            (rows.cell(0, 2).text, rows.cell(0, 3).text),
            ("001", "0471")
        );
    }

    #[test]
    fn a_frameset_says_where_the_sheets_are() {
        assert!(read("<html><frameset><frame src=a.htm></frameset></html>").is_err());
        assert!(read("<html><p>没有表格</html>").unwrap().sheets.is_empty());
    }
}
