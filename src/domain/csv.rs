//! Splits the small CSV files of the catalog (code lists, regions) into rows by column name.
//! Entry point: [`Table::read`]. Not for deliveries: those have a streaming reader.

use crate::error::{Error, Result};
use crate::msg;

/// A whole CSV file: a header and rows of text.
pub(crate) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads UTF-8 CSV with a header line; `#` lines before the header are comments.
    ///
    /// # Errors
    /// An unclosed quote, or a row with more cells than the header, by line number.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let mut lines = records(text.trim_start_matches('\u{feff}'))?.into_iter();
        let columns = lines.next().map(|(_, cells)| cells).unwrap_or_default();
        let mut rows = Vec::new();
        for (line, cells) in lines {
            if cells.len() > columns.len() {
                let (found, expected) = (cells.len(), columns.len());
                return Err(Error::usage(msg!(
                    "line {line}: expected {expected} columns, found {found}",
                    "第 {line} 行：应有 {expected} 列，实有 {found} 列"
                )));
            }
            rows.push(cells);
        }
        Ok(Self { columns, rows })
    }

    /// The position of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.trim() == name)
    }

    /// The position of a column that must be there.
    ///
    /// # Errors
    /// The header lacks the column.
    pub(crate) fn required(&self, name: &str) -> Result<usize> {
        self.column(name)
            .ok_or_else(|| Error::usage(msg!("column `{name}` is missing", "缺少列 `{name}`")))
    }

    /// The rows in file order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { cells })
    }
}

/// One row.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    cells: &'a [String],
}

impl<'a> Row<'a> {
    /// The trimmed text of a cell; empty when the row is shorter or the column does not exist.
    pub(crate) fn get(self, column: Option<usize>) -> &'a str {
        column
            .and_then(|index| self.cells.get(index))
            .map_or("", |cell| cell.trim())
    }
}

/// Cells of every record with the line it starts on; blank lines and leading comments are left out.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>> {
    let mut records: Vec<(usize, Vec<String>)> = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if line.trim().is_empty() || (records.is_empty() && line.starts_with('#')) {
            continue;
        }
        let mut record = line.to_owned();
        while record.matches('"').count() % 2 == 1 {
            let Some((_, more)) = lines.next() else {
                let line = index + 1;
                return Err(Error::usage(msg!(
                    "line {line}: a quote is not closed",
                    "第 {line} 行：引号没有闭合"
                )));
            };
            record.push('\n');
            record.push_str(more);
        }
        records.push((index + 1, split(&record)));
    }
    Ok(records)
}

fn split(record: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = record.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => {
                chars.next();
                push(&mut cells, '"');
            }
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(String::new()),
            _ => push(&mut cells, c),
        }
    }
    cells
}

fn push(cells: &mut [String], c: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_short_rows_are_read() {
        let table = Table::read("# note\na,b\n\"x, \"\"y\"\"\",1\n\nz\n").unwrap();
        let (a, b) = (table.column("a"), table.column("b"));
        let rows: Vec<_> = table.rows().map(|row| (row.get(a), row.get(b))).collect();
        assert_eq!(rows, [("x, \"y\"", "1"), ("z", "")]);
        assert!(table.required("c").is_err());
    }

    #[test]
    fn problems_name_the_line() {
        let problem = |text| Table::read(text).err().unwrap().to_string();
        assert_eq!(
            problem("a,b\n1,2,3\n"),
            "line 2: expected 2 columns, found 3"
        );
        assert_eq!(problem("a,b\n\"1,2\n"), "line 2: a quote is not closed");
    }
}
