//! Decoded rows of a sheet or a text file, in one allocation per block: the common shape between
//! the readers (text, workbook, markup) and everything that follows.

/// What a cell was in its file; text files hold only [`CellKind::Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text as typed.
    Text,
    /// A number of a spreadsheet, written out without exponent.
    Number,
    /// A date of a spreadsheet, written as `2018-03-05` or `2018-03-05T14:30:00`.
    Date,
    /// A formula error such as `#N/A`.
    Error,
}

impl CellKind {
    /// One letter for it, to keep with a refused row.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Text => 't',
            Self::Number => 'n',
            Self::Date => 'd',
            Self::Error => 'e',
        }
    }

    /// The kind of a letter; text for any other.
    #[must_use]
    pub fn of_letter(letter: char) -> Self {
        match letter {
            'n' => Self::Number,
            'd' => Self::Date,
            'e' => Self::Error,
            _ => Self::Text,
        }
    }
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// Its text, not trimmed.
    pub text: &'a str,
    /// What it was in the file.
    pub kind: CellKind,
}

impl Cell<'_> {
    /// A cell outside the row.
    pub const EMPTY: Cell<'static> = Cell {
        text: "",
        kind: CellKind::Text,
    };
}

/// Consecutive rows: cells are slices of one string.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    text: String,
    cells: Vec<(u32, CellKind)>,
    row_ends: Vec<u32>,
    numbers: Vec<u32>,
}

impl Rows {
    /// Rows with room for `bytes` of text.
    #[must_use]
    pub fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Adds a cell to the row being built.
    pub fn push(&mut self, text: &str, kind: CellKind) {
        self.text.push_str(text);
        self.cells.push((self.text.len() as u32, kind));
    }

    /// Ends the row being built; `number` is its row number in the file, from 1.
    pub fn end_row(&mut self, number: u32) {
        self.row_ends.push(self.cells.len() as u32);
        self.numbers.push(number);
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.row_ends.len()
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row_ends.is_empty()
    }

    /// The number of row `row` in its file, from 1, as Excel or an editor shows it.
    #[must_use]
    pub fn number(&self, row: usize) -> u32 {
        self.numbers[row]
    }

    /// How many cells row `row` has.
    #[must_use]
    pub fn width(&self, row: usize) -> usize {
        let (start, end) = self.bounds(row);
        end - start
    }

    /// Cell `column` of row `row`; empty outside the row.
    #[must_use]
    #[inline]
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let (start, end) = self.bounds(row);
        let index = start + column;
        if index >= end {
            return Cell::EMPTY;
        }
        let from = if index == 0 {
            0
        } else {
            self.cells[index - 1].0 as usize
        };
        let (to, kind) = self.cells[index];
        Cell {
            text: &self.text[from..to as usize],
            kind,
        }
    }

    /// The cells of row `row`.
    pub fn cells(&self, row: usize) -> impl Iterator<Item = Cell<'_>> {
        (0..self.width(row)).map(move |column| self.cell(row, column))
    }

    /// How many bytes of text the rows hold.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    fn bounds(&self, row: usize) -> (usize, usize) {
        let start = if row == 0 {
            0
        } else {
            self.row_ends[row - 1] as usize
        };
        (start, self.row_ends[row] as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_pushed() {
        let mut rows = Rows::default();
        rows.push("姓名", CellKind::Text);
        rows.push("", CellKind::Text);
        rows.end_row(3);
        rows.end_row(4);
        rows.push("12", CellKind::Number);
        rows.end_row(7);
        assert_eq!(
            (rows.len(), rows.width(0), rows.width(1), rows.number(2)),
            (3, 2, 0, 7)
        );
        assert_eq!(rows.cell(0, 0).text, "姓名");
        assert_eq!(rows.cell(0, 1), Cell::EMPTY);
        assert_eq!(rows.cell(1, 0), Cell::EMPTY);
        assert_eq!(
            rows.cell(2, 0),
            Cell {
                text: "12",
                kind: CellKind::Number
            }
        );
        assert_eq!(rows.cell(2, 5), Cell::EMPTY);
    }
}
