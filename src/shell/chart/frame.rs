//! A result as a chart reads it: its columns with their roles, a column at a time as texts,
//! numbers or groups.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, SchemaRef};

use crate::error::{Error, Result};
use crate::msg;
use crate::output::{Column, Value};

use super::number::drawable;
use super::role::{self, Role};

/// A result and what its columns are.
pub(in crate::shell) struct Frame<'a> {
    schema: &'a SchemaRef,
    batches: &'a [RecordBatch],
    roles: Vec<Role>,
}

impl<'a> Frame<'a> {
    /// The result. Without any other value, the last numeric key is the value: a year or an age
    /// may well be what was asked for.
    pub(in crate::shell) fn new(schema: &'a SchemaRef, batches: &'a [RecordBatch]) -> Self {
        let fields = schema.fields();
        let mut roles: Vec<Role> = fields.iter().map(|field| role::role(field)).collect();
        let keys = roles.iter().filter(|role| **role == Role::Key).count();
        if !roles.contains(&Role::Value)
            && keys > 1
            && let Some(last) = fields
                .iter()
                .rposition(|field| field.data_type().is_numeric())
        {
            roles[last] = Role::Value;
        }
        Self {
            schema,
            batches,
            roles,
        }
    }

    pub(in crate::shell) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    pub(super) fn width(&self) -> usize {
        self.roles.len()
    }

    pub(in crate::shell) fn name(&self, column: usize) -> &'a str {
        self.schema.field(column).name()
    }

    /// The names of these columns, one after the other, for an English and a Chinese sentence.
    pub(in crate::shell) fn names(&self, columns: &[usize]) -> (String, String) {
        let names: Vec<String> = columns
            .iter()
            .map(|column| format!("`{}`", super::text::clean(self.name(*column))))
            .collect();
        (names.join(", "), names.join("、"))
    }

    pub(in crate::shell) fn role(&self, column: usize) -> Role {
        self.roles[column]
    }

    pub(in crate::shell) fn is_number(&self, column: usize) -> bool {
        self.schema.field(column).data_type().is_numeric()
    }

    /// Whether it is a code or number that stands for a name.
    pub(in crate::shell) fn is_code(&self, column: usize) -> bool {
        role::is_code(self.name(column))
    }

    /// The columns of this role, in their order.
    pub(in crate::shell) fn columns(&self, role: Role) -> Vec<usize> {
        (0..self.roles.len())
            .filter(|column| self.roles[*column] == role)
            .collect()
    }

    /// The place of the column of this name.
    ///
    /// # Errors
    /// A usage error that lists the columns when there is none.
    pub(in crate::shell) fn find(&self, name: &str) -> Result<usize> {
        let fields = self.schema.fields();
        fields
            .iter()
            .position(|field| field.name() == name)
            .or_else(|| {
                let name = name.to_lowercase();
                fields
                    .iter()
                    .position(|field| field.name().to_lowercase() == name)
            })
            .ok_or_else(|| {
                let all: Vec<usize> = (0..fields.len()).collect();
                let (en, zh) = self.names(&all);
                let name = super::text::clean(name);
                Error::usage(msg!(
                    "the result has no column `{name}`",
                    "结果中没有列 `{name}`"
                ))
                .hint(msg!("its columns are {en}", "现有的列：{zh}"))
            })
    }

    /// The values of a column as texts; `None` for NULL.
    pub(super) fn texts(&self, column: usize) -> Result<Vec<Option<String>>> {
        let mut texts = Vec::with_capacity(self.rows());
        for array in self.arrays(column) {
            let cells = Column::new(array)?;
            for row in 0..array.len() {
                let value = cells.value(row)?;
                texts.push(match &value {
                    Value::Null => None,
                    value => {
                        let mut text = String::new();
                        value.write(&mut text)?;
                        Some(super::text::clean(&text))
                    }
                });
            }
        }
        Ok(texts)
    }

    /// The values of a numeric column; `None` for NULL and what is no number.
    pub(super) fn numbers(&self, column: usize) -> Result<Vec<Option<f64>>> {
        let mut numbers = Vec::with_capacity(self.rows());
        for array in self.arrays(column) {
            let array = cast(array, &DataType::Float64)?;
            let array = array.as_primitive::<Float64Type>();
            numbers.extend(array.iter().map(|value| value.and_then(drawable)));
        }
        Ok(numbers)
    }

    /// For every row the number of its value among the distinct values, in order of appearance.
    pub(super) fn groups(&self, column: usize) -> Result<Vec<usize>> {
        let mut seen = HashMap::new();
        Ok(self
            .texts(column)?
            .into_iter()
            .map(|text| {
                let next = seen.len();
                *seen.entry(text).or_insert(next)
            })
            .collect())
    }

    fn arrays(&self, column: usize) -> impl Iterator<Item = &'a ArrayRef> {
        self.batches.iter().map(move |batch| batch.column(column))
    }
}

/// Whether the groups of `by` tell those of `of`.
pub(super) fn determines(by: &[usize], of: &[usize]) -> bool {
    let mut told = HashMap::new();
    by.iter()
        .zip(of)
        .all(|(by, of)| *told.entry(by).or_insert(of) == of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_its_name_and_a_year_does_not_tell_a_sex() {
        assert!(determines(&[0, 1, 0], &[0, 1, 0]));
        assert!(determines(&[0, 1, 2], &[0, 0, 0]));
        assert!(!determines(&[0, 0, 1], &[0, 1, 0]));
    }
}
