//! How one sheet of one file will be read: its source, which column holds which field, and what
//! title, sheet and file name say about period, place and unit.

use std::collections::HashMap;

use crate::catalog::{Field, Severity, Source};
use crate::domain::CodeList;
use crate::domain::period::Period;

use super::layout::Layout;

/// A field of a source and the column that holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct BoundField<'a> {
    /// Its definition.
    pub(super) definition: &'a Field,
    /// Column of the file, from 0; `None` when the file does not have it.
    pub(super) column: Option<usize>,
    /// What numbers are multiplied with: 10,000 for 万人, 1,000 for kg.
    pub(super) factor: f64,
    /// What happens when a cell does not parse.
    pub(super) invalid: Severity,
    /// Year captured from the header, for `{year}` aliases.
    pub(super) year: Option<i32>,
    /// Code list of the field.
    pub(super) list: Option<&'a CodeList>,
}

impl BoundField<'_> {
    /// The code for a spelling: the source's own map first, then the code list.
    pub(super) fn code(&self, value: &str) -> Option<String> {
        let spelled = crate::domain::text::nfkc(value);
        let mapped = self
            .definition
            .map
            .iter()
            .find(|(from, _)| from.as_str() == spelled.as_ref());
        if let Some((_, to)) = mapped {
            return Some(to.clone());
        }
        match self.list {
            Some(list) => list.find(&spelled).map(str::to_owned),
            None if self.definition.map.is_empty() => Some(spelled.into_owned()),
            None => None,
        }
    }
}

/// How one sheet is read.
#[derive(Debug)]
pub(super) struct SheetPlan<'a> {
    /// The source it is recognised as.
    pub(super) source: &'a Source,
    /// Where its table is.
    pub(super) layout: Layout,
    /// Row number of its header in the file.
    pub(super) header_row: u32,
    /// Its name; `None` for text files.
    pub(super) sheet: Option<String>,
    /// Fields with their columns.
    pub(super) fields: Vec<BoundField<'a>>,
    /// What title, sheet or file name say about the period.
    pub(super) period: Option<Period>,
    /// Township in sheet name, title or file name: a region code.
    pub(super) town: Option<String>,
    /// Its name.
    pub(super) town_name: Option<String>,
    /// The county: a region code.
    pub(super) county: Option<String>,
    /// Title, sheet and file name, to look for words in.
    pub(super) words: String,
    /// Whether bare serial numbers count from 1904.
    pub(super) date_1904: bool,
    /// How sure the recognition is.
    pub(super) score: usize,
}

impl SheetPlan<'_> {
    /// The header of a column as shown in the file.
    pub(super) fn header(&self, column: usize) -> String {
        match self.layout.headers.get(column) {
            Some(Some(header)) => header.text.clone(),
            _ => String::new(),
        }
    }

    /// The column of a field.
    pub(super) fn column_of(&self, field: usize) -> Option<usize> {
        self.fields.get(field).and_then(|bound| bound.column)
    }
}

/// Code lists of the catalog, parsed once.
pub(super) type Lists = HashMap<String, CodeList>;
