//! Completion and hints while a statement or command is typed: keywords where they fit, tables,
//! columns of the tables in the FROM clause, functions, codes inside quotes, saved queries with
//! their parameters, paths. Entry points: [`complete`], [`hint`]. Knows the warehouse only by
//! [`Knowledge`]; never reads or writes anything, and never fails: what it does not understand,
//! it completes with nothing.

mod arguments;
mod columns;
mod commands;
mod frames;
mod hints;
mod keywords;
mod knowledge;
mod matching;
mod output;
mod parts;
mod place;
mod pool;
mod scope;
mod sql;
mod statement;
mod tables;
mod tokens;
mod values;

#[cfg(test)]
mod cases;

pub use knowledge::{Column, Function, Knowledge, Parameter, Query, Table};
use statement::{Statement, current};

/// What can stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The byte from which on a replacement stands in place of what was typed.
    pub start: usize,
    /// What can be put there, best first.
    pub candidates: Vec<Candidate>,
}

/// One of the texts that can stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What replaces the text from the start to the cursor.
    pub replacement: String,
    /// What a list shows: the name and a short remark.
    pub display: String,
}

impl Completion {
    fn none(at: usize) -> Self {
        Self {
            start: at,
            candidates: Vec::new(),
        }
    }
}

/// Completes at byte `at` of the buffer `text`, which may hold several statements and lines.
///
/// `files` gives the paths that begin with what was typed, folders with a slash at their end.
#[must_use]
pub fn complete(
    knowledge: &Knowledge,
    text: &str,
    at: usize,
    files: &dyn Fn(&str) -> Vec<String>,
) -> Completion {
    let at = text.floor_char_boundary(at);
    match current(text, at) {
        Statement::Command(start, end) => {
            commands::complete(knowledge, text, (start, end), at, files)
        }
        Statement::Sql(tokens) => sql::complete(knowledge, text, &tokens, at),
    }
}

/// What may be shown dim behind the cursor at byte `at`.
///
/// A hint that begins with a space is only to be read: the signature of the function around the
/// cursor, the parameters of a saved query, the usage of a command. Any other is the rest of the
/// only completion and can be taken over.
#[must_use]
pub fn hint(knowledge: &Knowledge, text: &str, at: usize) -> Option<String> {
    hints::hint(knowledge, text, text.floor_char_boundary(at))
}
