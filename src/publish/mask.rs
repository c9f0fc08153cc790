//! Taking hidden cells out of a result.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, RecordBatch, StringArray};
use arrow::compute::nullif;
use arrow::datatypes::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Message, Result};
use crate::msg;

/// For whom a result is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody: the threshold of the query.
    Public,
    /// Other departments of the county: at most [`BETWEEN_DEPARTMENTS`].
    Departments,
}

/// Counts from 1 to below this are hidden between departments.
const BETWEEN_DEPARTMENTS: u32 = 5;

impl Audience {
    /// The threshold for it, given the query's.
    #[must_use]
    pub fn threshold(self, of_query: u32) -> u32 {
        match self {
            Self::Public => of_query,
            Self::Departments => of_query.min(BETWEEN_DEPARTMENTS),
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Departments => "departments",
        })
    }
}

impl FromStr for Audience {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "public" => Ok(Self::Public),
            "departments" => Ok(Self::Departments),
            _ => Err(Error::usage(msg!(
                "`{text}` is not an audience: `public` or `departments`",
                "`{text}` 不是发布对象，应为 `public`（公开）或 `departments`（部门间）"
            ))),
        }
    }
}

/// What was hidden in a result, as a manifest tells it: enough to hide the same cells again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// For whom.
    pub audience: Audience,
    /// Counts from 1 to below this were hidden.
    pub threshold: u32,
    /// Cells hidden because they are small.
    pub small: usize,
    /// Cells hidden so that small ones cannot be worked out.
    pub protecting: usize,
    /// Rates and other figures hidden with the counts they rest on.
    pub derived: usize,
    /// Rows hidden in each column, from 0 in the total order of the result.
    pub hidden: BTreeMap<String, BTreeSet<usize>>,
}

impl Suppressed {
    /// What a reader is told.
    #[must_use]
    pub fn note(&self) -> Message {
        let (most, hidden) = (
            self.threshold.saturating_sub(1),
            self.small + self.protecting,
        );
        msg!(
            "counts from 1 to {most} and what would give them away are hidden: {hidden} cells; an empty cell that `suppressed` names is hidden, not zero",
            "1 至 {most} 的计数及能推算出它们的数字已隐藏，共 {hidden} 个单元格；`suppressed` 列注明的空单元格表示隐藏，不是零"
        )
    }

    /// The rows without the hidden cells, and a last column `suppressed` that names them.
    ///
    /// # Errors
    /// When the rows are not those that were decided about.
    pub fn hide(&self, rows: &RecordBatch) -> Result<RecordBatch> {
        let schema = rows.schema();
        let mut fields: Vec<Field> = schema.fields().iter().map(|f| f.as_ref().clone()).collect();
        let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
        let mut said: Vec<Vec<&str>> = vec![Vec::new(); rows.num_rows()];
        for (place, field) in fields.iter_mut().enumerate() {
            let Some(hidden) = self.hidden.get(field.name()) else {
                continue;
            };
            let mask: BooleanArray = (0..rows.num_rows())
                .map(|row| Some(hidden.contains(&row)))
                .collect();
            columns[place] = nullif(&columns[place], &mask)?;
            field.set_nullable(true);
        }
        for (name, hidden) in &self.hidden {
            schema.index_of(name)?;
            for &row in hidden {
                said.get_mut(row)
                    .ok_or_else(|| {
                        Error::usage(msg!(
                            "the result has no row {row}, in which the manifest hides a cell",
                            "结果没有第 {row} 行，而清单在该行隐藏了单元格"
                        ))
                    })?
                    .push(name);
            }
        }
        let said: StringArray = said
            .iter()
            .map(|names| (!names.is_empty()).then(|| names.join(" ")))
            .collect();
        fields.push(Field::new("suppressed", DataType::Utf8, true));
        columns.push(Arc::new(said));
        Ok(RecordBatch::try_new(
            Arc::new(Schema::new(fields)),
            columns,
        )?)
    }
}
