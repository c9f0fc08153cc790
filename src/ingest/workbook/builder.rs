//! Cells in reading order become [`Rows`] with the numbers and columns of the sheet.

use crate::error::{Error, Result};
use crate::msg;

use super::super::rows::{CellKind, Rows};
use super::{Merge, Sheet};

/// Rows and columns of the largest sheet Excel knows.
const MAX_ROW: u32 = 1_048_576;
const MAX_COLUMN: u32 = 16_384;
/// Cells (with the empty ones between) of the largest sheet that is read: 8 bytes each.
const MAX_CELLS: u64 = 64_000_000;

/// Merged cells in the numbering of the sheet, from 0, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Span {
    first: (u32, u32),
    last: (u32, u32),
}

impl Span {
    /// From (row, column) to (row, column).
    pub(in super::super) fn new(first: (u32, u32), last: (u32, u32)) -> Self {
        Self { first, last }
    }
}

/// Builds a sheet from its cells, row by row and left to right.
#[derive(Debug, Default)]
pub(in super::super) struct Builder {
    rows: Rows,
    /// The row being built and how many cells it has.
    open: Option<(u32, u32)>,
    cells: u64,
    spans: Vec<Span>,
}

impl Builder {
    /// Adds a cell; row and column count from 0. Empty cells may be left out.
    pub(in super::super) fn cell(
        &mut self,
        row: u32,
        column: u32,
        text: &str,
        kind: CellKind,
    ) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let width = match self.open {
            Some((open, width)) if open == row => width,
            Some((open, _)) if open > row => return Err(disordered()),
            _ => {
                self.end_row();
                0
            }
        };
        if column < width {
            return Err(disordered());
        }
        self.cells += u64::from(column - width) + 1;
        let bytes = self.rows.bytes() as u64 + text.len() as u64;
        if row >= MAX_ROW
            || column >= MAX_COLUMN
            || self.cells > MAX_CELLS
            || bytes > u64::from(u32::MAX)
        {
            return Err(too_large());
        }
        for _ in width..column {
            self.rows.push("", CellKind::Text);
        }
        self.rows.push(text, kind);
        self.open = Some((row, column + 1));
        Ok(())
    }

    /// Adds a merged area.
    pub(in super::super) fn merge(&mut self, span: Span) {
        if span.first != span.last {
            self.spans.push(span);
        }
    }

    /// Adds merged areas.
    pub(in super::super) fn merge_all(&mut self, spans: impl IntoIterator<Item = Span>) {
        for span in spans {
            self.merge(span);
        }
    }

    /// The finished sheet.
    pub(in super::super) fn finish(mut self, name: String, hidden: bool) -> Sheet {
        self.end_row();
        let rows = self.rows;
        // Rows without any text are not among `rows`: an area shrinks to those that are.
        let first_from = |row: u32| partition(&rows, |number| number < row + 1);
        let merges = self
            .spans
            .iter()
            .filter_map(|span| {
                let first_row = first_from(span.first.0);
                let last_row = first_from(span.last.0 + 1).checked_sub(1)?;
                (first_row <= last_row).then_some(Merge {
                    first_row,
                    first_col: span.first.1 as usize,
                    last_row,
                    last_col: span.last.1 as usize,
                })
            })
            .collect();
        Sheet {
            name,
            hidden,
            rows,
            merges,
        }
    }

    fn end_row(&mut self) {
        if let Some((row, _)) = self.open.take() {
            self.rows.end_row(row + 1);
        }
    }
}

/// How many rows at the start satisfy `before`, which holds up to some row and not after.
fn partition(rows: &Rows, before: impl Fn(u32) -> bool) -> usize {
    let (mut low, mut high) = (0, rows.len());
    while low < high {
        let middle = low.midpoint(high);
        if before(rows.number(middle)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn disordered() -> Error {
    Error::work(msg!(
        "the cells of the sheet are not in order",
        "工作表的单元格次序错乱"
    ))
    .hint(msg!(
        "open the file in Excel or WPS and save it again as .xlsx",
        "请用 Excel 或 WPS 打开后另存为 .xlsx"
    ))
}

/// The sheet has more cells than are read at once.
pub(super) fn too_large() -> Error {
    Error::work(msg!(
        "the sheet is too large to be read at once",
        "工作表过大，无法一次读取"
    ))
    .hint(msg!(
        "delete empty rows and columns around the table, or save the sheet as CSV",
        "请删除表格四周的空行空列，或把工作表另存为 CSV"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_keep_their_place() {
        let mut builder = Builder::default();
        builder.cell(1, 1, "b", CellKind::Text).unwrap();
        builder.cell(1, 3, "4", CellKind::Number).unwrap();
        builder.cell(4, 0, "a", CellKind::Text).unwrap();
        let sheet = builder.finish("S".into(), false);
        assert_eq!(
            (sheet.rows.len(), sheet.rows.number(0), sheet.rows.number(1)),
            (2, 2, 5)
        );
        let texts: Vec<_> = sheet.rows.cells(0).map(|cell| cell.text).collect();
        assert_eq!(texts, ["", "b", "", "4"]);
    }

    #[test]
    fn merges_are_told_in_rows_that_exist() {
        let mut builder = Builder::default();
        builder.merge(Span::new((0, 0), (0, 2)));
        builder.merge(Span::new((1, 0), (3, 0)));
        builder.merge(Span::new((8, 0), (9, 0)));
        builder.cell(1, 0, "a", CellKind::Text).unwrap();
        builder.cell(3, 1, "b", CellKind::Text).unwrap();
        let sheet = builder.finish("S".into(), false);
        assert_eq!(
            sheet.merges,
            [Merge {
                first_row: 0,
                first_col: 0,
                last_row: 1,
                last_col: 0
            }]
        );
    }

    #[test]
    fn a_far_cell_is_too_much() {
        let mut builder = Builder::default();
        assert!(builder.cell(MAX_ROW, 0, "a", CellKind::Text).is_err());
        let mut builder = Builder::default();
        let failed = (0..5000).any(|row| {
            builder
                .cell(row, MAX_COLUMN - 1, "a", CellKind::Text)
                .is_err()
        });
        assert!(failed);
    }
}
