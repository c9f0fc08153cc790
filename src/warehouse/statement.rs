//! A script split into statements that know where they stand in it.

use std::ops::Range;
use std::sync::Arc;

use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;

use super::mistake;
use crate::error::Result;

/// One statement, read but not yet planned.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub(super) statement: Statement,
    pub(super) place: Place,
}

impl Parsed {
    /// The statement as it was written, without the `;`.
    #[must_use]
    pub fn text(&self) -> &str {
        self.place.own().trim()
    }

    /// The line of the script that it begins on, counted from the line the script was said to
    /// begin on.
    #[must_use]
    pub fn line(&self) -> usize {
        let own = self.place.own();
        let start = self.place.range.start + own.len() - own.trim_start().len();
        self.place.first_line + self.place.text[..start].matches('\n').count()
    }

    /// Whether it asks, and does not change anything, as far as its first words tell.
    #[must_use]
    pub fn is_query(&self) -> bool {
        is_query(&self.statement)
    }
}

fn is_query(statement: &Statement) -> bool {
    match statement {
        Statement::Explain(explain) => is_query(&explain.statement),
        Statement::Statement(inner) => matches!(
            inner.as_ref(),
            SqlStatement::Query(_)
                | SqlStatement::Explain { .. }
                | SqlStatement::ExplainTable { .. }
                | SqlStatement::ShowVariable { .. }
                | SqlStatement::ShowTables { .. }
                | SqlStatement::ShowColumns { .. }
                | SqlStatement::ShowFunctions { .. }
                | SqlStatement::ShowCreate { .. }
        ),
        _ => false,
    }
}

/// Where a statement stands: the whole text, the line number of its first line, and the bytes of
/// the text that are the statement's own.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) text: Arc<str>,
    pub(super) first_line: usize,
    pub(super) range: Range<usize>,
}

impl Place {
    fn own(&self) -> &str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }
}

/// Splits a script into statements. `first_line` is the number of its first line in the file that
/// it was taken from; 1 when it is the whole file.
///
/// Wide and non-breaking spaces count as spaces: they come with text pasted from documents.
///
/// # Errors
/// Where the syntax is wrong.
pub(super) fn parse(sql: &str, first_line: usize) -> Result<Vec<Parsed>> {
    let text: Arc<str> = mistake::plain_spaces(sql).into();
    let whole = Place {
        text: Arc::clone(&text),
        first_line,
        range: 0..text.len(),
    };
    mistake::refuse_wide_punctuation(&whole)?;
    let dialect = mistake::DIALECT;
    let statements = DFParserBuilder::new(text.as_ref())
        .with_dialect(&dialect)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| mistake::syntax(&error, &whole))?;
    let mut ranges = mistake::statement_ranges(&text);
    if ranges.len() != statements.len() {
        ranges = vec![whole.range.clone(); statements.len()];
    }
    Ok(statements
        .into_iter()
        .zip(ranges)
        .map(|(statement, range)| Parsed {
            statement,
            place: Place {
                text: Arc::clone(&text),
                first_line,
                range,
            },
        })
        .collect())
}
