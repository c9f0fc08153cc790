//! Where the table is in a sheet: titles, header rows, headers per column, and what each row
//! below them is.
//!
//! Entry points: [`find`], [`Layout::classify`]. Knows which headers mean something only through
//! the caller's `known`, and never looks at what a data cell means.

mod header;
mod index;
mod words;

use std::ops::Range;

use crate::domain::text::header_key;

use super::rows::Rows;
use super::workbook::Merge;

use header::Grid;
use words::{same, shown, squeezed};

/// How many rows from the top may hold the header.
const SEARCHED: usize = 50;

/// A table in a sheet.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The texts above the header, in reading order: title, period, place, unit.
    pub titles: Vec<String>,
    /// The header rows.
    pub header_rows: Range<usize>,
    /// The header of each column; nothing where the column has none.
    pub headers: Vec<Option<Header>>,
    /// The first row below the header and its index row.
    pub first_data: usize,
    /// How many columns have a header.
    columns: usize,
    /// Per header row, its texts without blanks and their columns.
    repeats: Vec<Vec<(usize, String)>>,
    /// The titles without blanks.
    plain_titles: Vec<String>,
}

/// The header of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its levels as shown, joined by `/`: `户籍地/省`.
    pub text: String,
    /// The text as [`header_key`] compares it.
    pub key: String,
    /// The last level as [`header_key`] compares it.
    pub last: String,
    /// The unit in its trailing bracket, from the last level that has one.
    pub unit: Option<String>,
}

/// What a row below the header is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// A record.
    Data,
    /// Nothing but blanks.
    Blank,
    /// The header again, at a page break.
    RepeatedHeader,
    /// Column numbers (`1 2 3`, `甲 乙 1 2`).
    IndexRow,
    /// A total or subtotal.
    Total {
        /// Its label, without blanks: `合计`.
        label: String,
    },
    /// A signature, note or page number.
    Footer,
    /// The title again, at a page break.
    PageTitle,
}

/// Finds the table: its header is the first row with at least three headers that are `known`, or
/// with two that are at least half of its cells. `known` gets a [`header_key`].
///
/// Levels of a merged header are joined from `merges`; where a file has none, an empty cell
/// right of a group label belongs to the group.
#[must_use]
pub fn find(rows: &Rows, merges: &[Merge], known: &dyn Fn(&str) -> bool) -> Option<Layout> {
    let grid = Grid::new(rows, merges);
    let anchor = anchor(rows, known)?;
    let header_rows = grid.header_rows(anchor, known);
    let headers = grid.headers(&header_rows);
    let titles: Vec<String> = (0..header_rows.start)
        .flat_map(|row| rows.cells(row))
        .map(|cell| shown(cell.text))
        .filter(|text| !text.is_empty())
        .collect();
    let columns = headers.iter().flatten().count();
    let mut first_data = header_rows.end;
    if first_data < rows.len() && index::is_index_row(rows, first_data, columns) {
        first_data += 1;
    }
    let repeats = header_rows
        .clone()
        .map(|row| plain_cells(rows, row))
        .collect();
    let plain_titles = titles.iter().map(|title| squeezed(title)).collect();
    Some(Layout {
        titles,
        header_rows,
        headers,
        first_data,
        columns,
        repeats,
        plain_titles,
    })
}

/// The row that shows there is a table: most of its headers are known.
fn anchor(rows: &Rows, known: &dyn Fn(&str) -> bool) -> Option<usize> {
    let hits = |row: usize| {
        let keys: Vec<String> = rows
            .cells(row)
            .map(|cell| header_key(cell.text))
            .filter(|key| !key.is_empty())
            .collect();
        let mut hits: Vec<&String> = keys.iter().filter(|key| known(key)).collect();
        hits.sort_unstable();
        hits.dedup();
        (hits.len(), keys.len())
    };
    let last = rows.len().min(SEARCHED);
    let row = (0..last).find(|&row| {
        let (hits, cells) = hits(row);
        hits >= 3 || hits == 2 && cells <= 4
    })?;
    if hits(row).0 >= 3 {
        return Some(row);
    }
    // Two hits may be a line of particulars above the table (`单位名称 … 填表日期 …`), or the
    // upper level of a header.
    Some(
        (row + 1..last.min(row + 4))
            .find(|&row| hits(row).0 >= 3)
            .unwrap_or(row),
    )
}

fn plain_cells(rows: &Rows, row: usize) -> Vec<(usize, String)> {
    rows.cells(row)
        .map(|cell| squeezed(cell.text))
        .enumerate()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// How far to the right the label of a total may stand.
const LABEL_COLUMNS: usize = 4;

impl Layout {
    /// What row `row` is. Meant for every row of a file: a record is told by the first characters
    /// of its first cells.
    ///
    /// A footer does not end the table: pages may follow. When nothing but footers and blank rows
    /// follow, the caller sees no more data.
    #[must_use]
    pub fn classify(&self, rows: &Rows, row: usize) -> RowKind {
        let mut filled = (0..rows.width(row))
            .map(|column| (column, rows.cell(row, column).text.trim()))
            .filter(|(_, text)| !text.is_empty());
        let Some((column, text)) = filled.next() else {
            return RowKind::Blank;
        };
        // Before totals: the lower row of a merged header may start with 合计.
        if self.repeats_header(rows, row, column, text) {
            return RowKind::RepeatedHeader;
        }
        let second = filled.next();
        let third = if second.is_some() {
            filled.next()
        } else {
            None
        };
        let labels = [Some((column, text)), second, third];
        for (place, (column, text)) in labels.into_iter().flatten().enumerate() {
            if column < LABEL_COLUMNS
                && let Some(label) = words::total(text, place == 0)
            {
                return RowKind::Total { label };
            }
        }
        if self.is_title(rows, row, text) {
            return RowKind::PageTitle;
        }
        if let Some(form) = words::footer(text)
            && self.is_footer(rows, row, form)
        {
            return RowKind::Footer;
        }
        if index::may_start(text) && index::is_index_row(rows, row, self.columns) {
            return RowKind::IndexRow;
        }
        if second.is_none() && self.columns >= 3 {
            if words::is_page_number(text) {
                return RowKind::Footer;
            }
            if words::is_title(text) {
                return RowKind::PageTitle;
            }
        }
        RowKind::Data
    }

    /// Whether every cell of the row stands above the header too.
    fn is_title(&self, rows: &Rows, row: usize, first: &str) -> bool {
        let stands_above = |text: &str| self.plain_titles.iter().any(|title| same(text, title));
        stands_above(first)
            && rows
                .cells(row)
                .all(|cell| cell.text.trim().is_empty() || stands_above(cell.text))
    }

    /// Whether a row that starts with a footer word is a footer: few cells, or nothing but such
    /// words. A record whose first cell happens to start with one is full.
    fn is_footer(&self, rows: &Rows, row: usize, form: words::Footer) -> bool {
        let cells = || {
            rows.cells(row)
                .map(|cell| cell.text.trim())
                .filter(|text| !text.is_empty())
        };
        let filled = cells().count();
        let few = match form {
            words::Footer::Label => (self.columns * 2 / 3).max(2),
            words::Footer::Start => (self.columns / 2).max(1),
        };
        filled <= few || cells().all(|text| words::footer(text).is_some())
    }

    fn repeats_header(&self, rows: &Rows, row: usize, column: usize, text: &str) -> bool {
        self.repeats.iter().any(|header| {
            let Some((first, label)) = header.first() else {
                return false;
            };
            if *first != column || !same(text, label) {
                return false;
            }
            let mut hits = 0;
            let all = rows.cells(row).enumerate().all(|(column, cell)| {
                if cell.text.trim().is_empty() {
                    return true;
                }
                hits += 1;
                header
                    .iter()
                    .any(|(at, label)| *at == column && same(cell.text, label))
            });
            all && hits * 2 >= header.len()
        })
    }
}

#[cfg(test)]
mod tests;
