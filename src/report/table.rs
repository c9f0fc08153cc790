//! The answer of a query as text and numbers.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};

use crate::error::Result;

/// Rows of an answer, by column.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Cells as text, row by row; `None` for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    numbers: BTreeMap<String, Vec<Option<f64>>>,
}

impl Grid {
    /// Reads an answer; keeps the rows that have the values of `only`.
    ///
    /// # Errors
    /// When a column has no text.
    pub fn read(batch: &RecordBatch, only: &BTreeMap<String, String>) -> Result<Self> {
        let mut grid = Self::default();
        let mut texts = Vec::new();
        let mut floats: Vec<Option<Vec<Option<f64>>>> = Vec::new();
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            grid.names.push(field.name().clone());
            let text = cast(column, &DataType::Utf8)?;
            let text = text.as_string::<i32>();
            texts.push(
                text.iter()
                    .map(|cell| cell.map(str::to_owned))
                    .collect::<Vec<_>>(),
            );
            floats.push(if field.data_type().is_numeric() {
                let column = cast(column, &DataType::Float64)?;
                Some(column.as_primitive::<Float64Type>().iter().collect())
            } else {
                None
            });
        }
        let keep: Vec<usize> = (0..batch.num_rows())
            .filter(|&row| {
                only.iter().all(|(name, value)| {
                    grid.names
                        .iter()
                        .position(|known| known == name)
                        .is_none_or(|at| texts[at][row].as_ref() == Some(value))
                })
            })
            .collect();
        for &row in &keep {
            grid.rows
                .push(texts.iter().map(|column| column[row].clone()).collect());
        }
        for (name, column) in grid.names.iter().zip(floats) {
            if let Some(column) = column {
                grid.numbers
                    .insert(name.clone(), keep.iter().map(|&row| column[row]).collect());
            }
        }
        Ok(grid)
    }

    /// A column as numbers.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Vec<Option<f64>> {
        self.numbers
            .get(name)
            .cloned()
            .unwrap_or_else(|| vec![None; self.rows.len()])
    }

    /// Whether a column holds numbers.
    #[must_use]
    pub fn is_number(&self, name: &str) -> bool {
        self.numbers.contains_key(name)
    }

    /// A column as text.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let Some(at) = self.names.iter().position(|known| known == name) else {
            return vec![String::new(); self.rows.len()];
        };
        self.rows
            .iter()
            .map(|row| row[at].clone().unwrap_or_default())
            .collect()
    }

    /// Whether a cell was hidden before publishing.
    #[must_use]
    pub fn is_hidden(&self, row: usize, name: &str) -> bool {
        let Some(at) = self.names.iter().position(|known| known == "suppressed") else {
            return false;
        };
        self.rows[row][at]
            .as_deref()
            .is_some_and(|names| names.split(' ').any(|hidden| hidden == name))
    }
}
