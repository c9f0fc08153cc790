//! An export as planned: what stands in each cell, and what reading each row must come to. The
//! expected counts are summed from here, so that they follow the plan and not the product.

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text as typed.
    Text(String),
    /// A number.
    Number(f64),
    /// A day or moment, as an Excel serial with a date format.
    Date(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() {
            Self::Blank
        } else {
            Self::Text(text.to_owned())
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() {
            Self::Blank
        } else {
            Self::Text(text)
        }
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl Cell {
    /// The cell as text, the way a text file carries it.
    pub fn text(&self) -> String {
        match self {
            Self::Blank => String::new(),
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(serial) => {
                let day = crate::dates::Day(serial.floor() as i32 - 25_569);
                let (y, m, d) = day.parts();
                let minutes = (serial.fract() * 1440.0).round() as u32;
                if minutes == 0 {
                    format!("{y}/{m}/{d}")
                } else {
                    format!("{y}/{m}/{d} {}:{:02}", minutes / 60, minutes % 60)
                }
            }
        }
    }
}

/// What a row is, and what must become of a data row.
#[derive(Debug, Clone, PartialEq)]
pub enum Role {
    /// Title, header, index row, totals, footer, blank or repeated header: not data.
    Around,
    /// A data row that is accepted.
    Accepted,
    /// A data row that the source's `skip:` drops.
    Skipped,
    /// A data row that is rejected for its cell in `column`, by `rule`.
    Rejected {
        /// Column, from 0.
        column: usize,
        /// Name of the rule.
        rule: &'static str,
    },
}

/// A row.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its cells from the left.
    pub cells: Vec<Cell>,
    /// What it is.
    pub role: Role,
}

/// A merged block, from its first to its last row and column, from 0.
#[derive(Debug, Clone, Copy)]
pub struct Merge {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Last row.
    pub bottom: usize,
    /// Last column.
    pub right: usize,
}

/// A sheet, or a text file's rows.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Name; empty in text files.
    pub name: String,
    /// Rows from the top.
    pub lines: Vec<Line>,
    /// Merged blocks.
    pub merges: Vec<Merge>,
    /// The header of each column, merged levels joined with `/`.
    pub headers: Vec<String>,
    /// Row and column of a total that does not add up: the whole file is refused.
    pub wrong_total: Option<(usize, usize)>,
}

impl Sheet {
    /// An empty sheet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a row that is not data.
    pub fn around<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        let cells = cells.into_iter().map(Into::into).collect();
        self.lines.push(Line {
            cells,
            role: Role::Around,
        });
    }

    /// Adds a title over `width` columns, merged when the container can.
    pub fn title(&mut self, text: &str, width: usize) {
        let row = self.lines.len();
        self.around([text]);
        if width > 1 {
            self.merges.push(Merge {
                top: row,
                left: 0,
                bottom: row,
                right: width - 1,
            });
        }
    }

    /// Adds an empty row.
    pub fn blank(&mut self) {
        self.lines.push(Line {
            cells: Vec::new(),
            role: Role::Around,
        });
    }

    /// Adds a one-row header.
    pub fn header(&mut self, names: &[&str]) {
        self.headers = names
            .iter()
            .map(|name| name.replace(['\n', '\r'], ""))
            .collect();
        self.around(names.iter().copied());
    }

    /// Adds a header of several levels: names like `男方/姓名`; equal neighbours merge to the
    /// right, names with fewer levels merge down.
    pub fn merged_header(&mut self, names: &[&str], levels: usize) {
        let top = self.lines.len();
        let parts: Vec<Vec<&str>> = names.iter().map(|name| name.split('/').collect()).collect();
        for level in 0..levels {
            let cells = (0..names.len()).map(|column| {
                let part = parts[column].get(level).copied().unwrap_or_default();
                let inside = column > 0
                    && level + 1 < parts[column].len()
                    && parts[column].get(..=level) == parts[column - 1].get(..=level);
                if inside { "" } else { part }
            });
            let cells: Vec<&str> = cells.collect();
            self.around(cells);
        }
        for (column, part) in parts.iter().enumerate() {
            for level in 0..part.len() {
                let last = level + 1 == part.len();
                let bottom = if last { top + levels - 1 } else { top + level };
                let same = |other: &Vec<&str>| {
                    !last && other.len() > level + 1 && other[..=level] == part[..=level]
                };
                if column > 0 && same(&parts[column - 1]) {
                    continue;
                }
                let right = column + parts[column + 1..].iter().take_while(|o| same(o)).count();
                if right > column || bottom > top + level {
                    self.merges.push(Merge {
                        top: top + level,
                        left: column,
                        bottom,
                        right,
                    });
                }
            }
        }
        self.headers = names.iter().map(|name| (*name).to_owned()).collect();
    }

    /// Adds a data row.
    pub fn data(&mut self, cells: Vec<Cell>, role: Role) {
        self.lines.push(Line { cells, role });
    }

    /// Adds an accepted data row.
    pub fn accept(&mut self, cells: Vec<Cell>) {
        self.data(cells, Role::Accepted);
    }

    /// The column under `header`.
    pub fn column(&self, header: &str) -> usize {
        let found = self.headers.iter().position(|name| name == header);
        found.unwrap_or_else(|| panic!("no column {header} in sheet {}", self.name))
    }

    /// Where the `n`th data row that is still accepted stands.
    pub fn accepted(&self, n: usize) -> usize {
        let mut rows = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, l)| l.role == Role::Accepted);
        rows.nth(n)
            .map(|(row, _)| row)
            .expect("the sheet has that many accepted rows")
    }

    /// Puts `cell` into the `n`th accepted row under `header`.
    pub fn spoil(&mut self, n: usize, header: &str, cell: impl Into<Cell>) {
        let (row, column) = (self.accepted(n), self.column(header));
        self.lines[row].cells[column] = cell.into();
    }

    /// Puts `cell` into the `n`th accepted row under `header`: the row is rejected by `rule`.
    pub fn reject(&mut self, n: usize, header: &str, cell: impl Into<Cell>, rule: &'static str) {
        let (row, column) = (self.accepted(n), self.column(header));
        self.lines[row].cells[column] = cell.into();
        self.lines[row].role = Role::Rejected { column, rule };
    }

    /// Puts `cell` into the `n`th accepted row under `header`: the row is skipped.
    pub fn skip(&mut self, n: usize, header: &str, cell: impl Into<Cell>) {
        let row = self.accepted(n);
        self.spoil(n, header, cell);
        self.lines[row].role = Role::Skipped;
    }

    /// The `n`th accepted row is rejected by `rule`, which blames the cell under `header`.
    pub fn blame(&mut self, n: usize, header: &str, rule: &'static str) {
        let (row, column) = (self.accepted(n), self.column(header));
        self.lines[row].role = Role::Rejected { column, rule };
    }

    /// Repeats the `n`th accepted row right after the last data row; the copy is rejected as a
    /// duplicate of the value under `header`.
    pub fn repeat(&mut self, n: usize, header: &str) {
        let (row, column) = (self.accepted(n), self.column(header));
        let cells = self.lines[row].cells.clone();
        let last = self
            .lines
            .iter()
            .rposition(|l| l.role != Role::Around)
            .unwrap_or(row);
        let line = Line {
            cells,
            role: Role::Rejected {
                column,
                rule: "unique",
            },
        };
        self.lines.insert(last + 1, line);
    }

    /// Inserts rows that are not data after every `page` data rows (a header repeated in print).
    pub fn page_breaks(&mut self, page: usize, repeated: &[Line]) {
        let mut lines = Vec::with_capacity(self.lines.len());
        let mut data = 0;
        let total = self.lines.iter().filter(|l| l.role != Role::Around).count();
        for line in self.lines.drain(..) {
            data += usize::from(line.role != Role::Around);
            let breaks = line.role != Role::Around && data.is_multiple_of(page) && data < total;
            lines.push(line);
            if breaks {
                lines.extend(repeated.iter().cloned());
            }
        }
        self.lines = lines;
    }
}

/// How a file is packed.
#[derive(Debug, Clone, PartialEq)]
pub enum Container {
    /// Text with this delimiter and encoding.
    Text {
        /// Between cells.
        delimiter: char,
        /// How characters are written.
        encoding: Encoding,
    },
    /// Excel 2007.
    Xlsx,
    /// Excel 2007 binary.
    Xlsb,
    /// Excel 97 (BIFF8 in an OLE2 compound file).
    Xls,
    /// OpenDocument.
    Ods,
    /// A web page named `.xls`, in GBK.
    Html,
    /// Excel 2003 XML named `.xls`.
    SpreadsheetMl,
}

/// How a text file's characters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// GB18030 (GBK, GB2312).
    Gb18030,
    /// UTF-8.
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16 little-endian with a byte order mark ("Unicode text" of Excel).
    Utf16Le,
}

/// What the warehouse must say of a delivery once all files before and after it are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// In force.
    Current,
    /// Replaced by a later delivery.
    Superseded,
    /// The same bytes came before.
    NothingNew,
    /// Refused whole.
    Refused,
}

/// A file, or a member of an archive.
#[derive(Debug, Clone)]
pub struct Export {
    /// Path below `sample_data/`; for members `archive.zip/member`.
    pub path: String,
    /// Department and source.
    pub source: &'static str,
    /// Period.
    pub period: String,
    /// How it is packed.
    pub container: Container,
    /// Sheets, or the one body of a text file.
    pub sheets: Vec<Sheet>,
    /// What the warehouse must make of it.
    pub outcome: Outcome,
    /// What is planted, for the catalogue.
    pub planted: Vec<String>,
}

/// The counts that ingest must report for a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Data rows.
    pub read: usize,
    /// Accepted.
    pub accepted: usize,
    /// Rejected.
    pub rejected: usize,
    /// Dropped by the source's `skip:`.
    pub skipped: usize,
}

impl Export {
    /// The counts that ingest must report.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        // Bytes that came before are not read again.
        if self.outcome == Outcome::NothingNew {
            return counts;
        }
        for line in self.sheets.iter().flat_map(|sheet| &sheet.lines) {
            match line.role {
                Role::Around => continue,
                Role::Accepted => counts.accepted += 1,
                Role::Skipped => counts.skipped += 1,
                Role::Rejected { .. } => counts.rejected += 1,
            }
            counts.read += 1;
        }
        counts
    }

    /// Adds a note to the catalogue.
    pub fn plant(mut self, note: &str) -> Self {
        self.planted.push(note.to_owned());
        self
    }

    /// Sets what the warehouse must make of it.
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }
}
