//! Two files as columns of numbered values: comparing and blocking then work on numbers, and a value
//! that stands in thousands of rows is normalised once.
//! Entry points: [`Table`], [`Columns::of`].

use std::collections::HashMap;
use std::sync::Arc;

use super::compare::Kind;
use super::config::Config;
use crate::domain::text;

/// The cells of a file.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Names of the columns.
    pub header: Vec<String>,
    /// Rows; a short row's missing cells are blank.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.trim() == name)
    }

    /// A cell.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows[row].get(column).map_or("", |cell| cell.trim())
    }
}

/// No value.
pub const MISSING: u32 = u32::MAX;

/// One compared column of both files.
#[derive(Debug)]
pub struct Values {
    /// Normalised values by number.
    pub texts: Vec<Arc<str>>,
    /// How many rows of both files have each.
    pub counts: Vec<u32>,
    /// Number of the value in each row of the left and the right file.
    pub rows: [Vec<u32>; 2],
}

impl Values {
    fn number(&mut self, known: &mut HashMap<Arc<str>, u32>, value: &str) -> u32 {
        if value.is_empty() {
            return MISSING;
        }
        let number = known.get(value).copied().unwrap_or_else(|| {
            let text: Arc<str> = Arc::from(value);
            let number = self.texts.len() as u32;
            self.texts.push(Arc::clone(&text));
            self.counts.push(0);
            known.insert(text, number);
            number
        });
        self.counts[number as usize] += 1;
        number
    }
}

/// The compared columns of both files, in the order of the configuration.
#[derive(Debug)]
pub struct Columns {
    /// One per comparison.
    pub values: Vec<Values>,
    /// Rows of the left and the right file.
    pub rows: [usize; 2],
}

impl Columns {
    /// Reads the columns that `config` compares.
    ///
    /// # Errors
    /// The name of a column that a file lacks, and whether it is the right file.
    pub fn of(config: &Config, files: [&Table; 2]) -> Result<Self, (String, bool)> {
        let mut values = Vec::new();
        for column in &config.compare {
            let mut known = HashMap::new();
            let mut found = Values {
                texts: Vec::new(),
                counts: Vec::new(),
                rows: [Vec::new(), Vec::new()],
            };
            for (side, file) in files.into_iter().enumerate() {
                let name = if side == 0 {
                    &column.column
                } else {
                    column.right_name()
                };
                let at = file
                    .position(name)
                    .ok_or_else(|| (name.to_owned(), side == 1))?;
                let numbers = (0..file.rows.len())
                    .map(|row| {
                        found.number(&mut known, &normalised(column.kind, file.cell(row, at)))
                    })
                    .collect();
                found.rows[side] = numbers;
            }
            values.push(found);
        }
        Ok(Self {
            values,
            rows: files.map(|file| file.rows.len()),
        })
    }
}

/// A cell as it is compared; empty when it says nothing.
#[must_use]
pub fn normalised(kind: Kind, cell: &str) -> String {
    if cell.is_empty() || text::is_null(cell) {
        return String::new();
    }
    let folded = text::nfkc(cell);
    match kind {
        Kind::Text | Kind::Category => folded
            .to_lowercase()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        Kind::Number => folded
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_uppercase)
            .collect(),
        Kind::Date => digits(&folded),
    }
}

/// A date as eight digits; parts of one digit get their zero.
fn digits(text: &str) -> String {
    let mut parts: Vec<String> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .take(3)
        .map(|part| format!("{part:0>2}"))
        .collect();
    // Day or month first, the year last.
    if parts.len() == 3 && parts[0].len() == 2 && parts[2].len() == 4 {
        parts.reverse();
    }
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_value_become_one() {
        assert_eq!(normalised(Kind::Date, "1880-3-5"), "18800305");
        assert_eq!(normalised(Kind::Date, "18800305"), "18800305");
        assert_eq!(normalised(Kind::Date, "05/03/1880"), "18800305");
        assert_eq!(normalised(Kind::Number, " ａ-12 "), "A12");
        assert_eq!(normalised(Kind::Text, "Ann  MARIE"), "ann marie");
        assert_eq!(normalised(Kind::Text, "NULL"), "");
    }
}
