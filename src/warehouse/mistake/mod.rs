//! What is wrong with a statement, said so that the reader can mend it: the place with carets, the
//! nearest name, what was probably meant, in English and Chinese.
//!
//! Entry points, in the order of a statement's life: [`plain_spaces`], [`refuse_wide_punctuation`]
//! and [`syntax`] when it is read, [`missing_parameter`], [`joins`], [`planning`] and
//! [`sense`] when it is planned, [`Running`] when its rows are made. Never shows a value that came from the data:
//! only what the statement itself says, and that only in the excerpt.

mod excerpt;
mod foreign;
mod function;
mod grammar;
mod joins;
mod known;
mod lexeme;
mod meaning;
mod names;
mod near;
mod running;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod wide;

use std::ops::Range;

use datafusion::common::Diagnostic;
use datafusion::error::DataFusionError;
use datafusion::execution::context::SessionContext;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::statement::Place;
use crate::error::{Error, Message};
use crate::msg;
use known::Known;
use lexeme::{Lexeme, byte_of, lexemes};

pub(super) use joins::joins;
pub(super) use meaning::sense;
pub(super) use running::Running;
pub(super) use syntax::syntax;
pub(super) use wide::{plain_spaces, refuse_wide_punctuation};

/// The dialect of SQL that sessions read.
pub(super) const DIALECT: PostgreSqlDialect = PostgreSqlDialect {};

/// What was found out about a failure.
struct Finding {
    message: Message,
    cause: Option<Message>,
    hint: Option<Message>,
    at: Option<Range<usize>>,
}

impl Finding {
    fn new(message: Message) -> Self {
        Self {
            message,
            cause: None,
            hint: None,
            at: None,
        }
    }

    fn hint(self, hint: Message) -> Self {
        self.maybe_hint(Some(hint))
    }

    fn maybe_hint(mut self, hint: Option<Message>) -> Self {
        self.hint = self.hint.or(hint);
        self
    }

    fn cause(mut self, cause: Message) -> Self {
        self.cause = Some(cause);
        self
    }

    fn at(self, place: Range<usize>) -> Self {
        self.maybe_at(Some(place))
    }

    fn maybe_at(mut self, place: Option<Range<usize>>) -> Self {
        self.at = self.at.or(place);
        self
    }

    fn into_error(self, place: &Place) -> Error {
        let mut error = Error::work(self.message);
        if let Some(at) = self.at {
            error = error
                .excerpt(excerpt::excerpt(&place.text, place.first_line, &at))
                .at(excerpt::line_and_column(
                    &place.text,
                    place.first_line,
                    at.start,
                ));
        }
        if let Some(cause) = self.cause {
            error = error.caused_by(cause);
        }
        if let Some(hint) = self.hint {
            error = error.hint(hint);
        }
        error
    }
}

/// What an explanation may look at.
struct Scene<'a> {
    place: &'a Place,
    /// The words of the statement, not of its neighbours in the script.
    words: Vec<Lexeme>,
    known: Known,
    /// Where the engine says the mistake is.
    span: Option<Range<usize>>,
    /// Columns that an ambiguous name may mean.
    candidates: Vec<String>,
}

impl<'a> Scene<'a> {
    fn new(place: &'a Place, known: Known, diagnostic: Option<&Diagnostic>) -> Self {
        let words = lexemes(&place.text)
            .into_iter()
            .filter(|word| {
                word.range.start >= place.range.start && word.range.end <= place.range.end
            })
            .collect();
        let span = diagnostic
            .and_then(|diagnostic| diagnostic.span)
            .map(|span| {
                byte_of(&place.text, span.start.line, span.start.column)
                    ..byte_of(&place.text, span.end.line, span.end.column)
            })
            .filter(|range| !range.is_empty() && range.end <= place.text.len());
        let candidates = diagnostic
            .into_iter()
            .flat_map(|diagnostic| &diagnostic.notes)
            .filter_map(|note| note.message.strip_prefix("possible column "))
            .map(str::to_owned)
            .collect();
        Self {
            place,
            words,
            known,
            span,
            candidates,
        }
    }

    /// The statement's own words for a place in it.
    fn said(&self, range: &Range<usize>) -> &str {
        self.place.text.get(range.clone()).unwrap_or_default()
    }

    /// The position of the word at a place.
    fn position(&self, range: &Range<usize>) -> Option<usize> {
        self.words
            .iter()
            .position(|word| word.range.start == range.start)
    }

    /// Positions of a name among the words, exactly as it is meant.
    fn named(&self, name: &str) -> Vec<usize> {
        (0..self.words.len())
            .filter(|at| self.words[*at].name().is_some_and(|word| word == name))
            .collect()
    }

    /// Where a column is named, with its qualifier when it has one.
    fn column(&self, qualifier: Option<&str>, name: &str) -> Option<usize> {
        let places = self.named(name);
        let qualified = |at: &usize| {
            let before = at.checked_sub(2).map(|at| &self.words[at]);
            let dot = at
                .checked_sub(1)
                .is_some_and(|at| self.words[at].token == Token::Period);
            match (qualifier, before) {
                (Some(qualifier), Some(word)) => {
                    dot && word.name().is_some_and(|word| word == qualifier)
                }
                _ => !dot,
            }
        };
        places
            .iter()
            .copied()
            .find(qualified)
            .or_else(|| places.first().copied())
    }

    /// Where a function is called.
    fn call(&self, name: &str) -> Option<Range<usize>> {
        self.named(&name.to_lowercase())
            .into_iter()
            .find(|at| {
                self.words
                    .get(at + 1)
                    .is_some_and(|word| word.token == Token::LParen)
            })
            .map(|at| self.words[at].range.clone())
    }
}

/// A failure to plan a statement, explained.
pub(super) async fn planning(
    error: DataFusionError,
    place: &Place,
    context: &SessionContext,
) -> Error {
    let error = match Error::unwrapped(error) {
        Ok(own) => return own,
        Err(foreign) => foreign,
    };
    let known = Known::read(context).await;
    let scene = Scene::new(place, known, error.diagnostic());
    explain(&error, &scene).into_error(place)
}

fn explain(error: &DataFusionError, scene: &Scene<'_>) -> Finding {
    names::explain(error, scene)
        .or_else(|| function::explain(error, scene))
        .or_else(|| meaning::explain(error, scene))
        .or_else(|| running::explain(error, scene))
        .unwrap_or_else(|| unknown(error, scene))
}

/// A failure without words of our own: the engine's, without anything in quotes that the statement
/// does not say.
fn unknown(error: &DataFusionError, scene: &Scene<'_>) -> Finding {
    let root = error.find_root();
    let text = first_line(&root.message());
    let text = match root {
        // Planning has seen names and types only.
        DataFusionError::Plan(_) | DataFusionError::SchemaError(..) => text,
        _ => crate::error::redacted(&text),
    };
    Finding::new(msg!("the statement cannot be run", "无法执行该语句"))
        .cause(msg!("{text}", "{text}"))
        .maybe_at(scene.span.clone())
}

/// A `$name` without a value.
pub(super) fn missing_parameter(name: &str, given: &[&str], place: &Place) -> Error {
    let hint = match near::nearest_name(name, given.iter().copied()) {
        Some(near) => msg!(
            "a value was given for `{near}`: did you mean `${near}`?",
            "已给出 `{near}` 的值：是否为 `${near}`？"
        ),
        None => msg!(
            "give it with `--param {name}=VALUE`",
            "请用 `--param {name}=值` 给出"
        ),
    };
    let at = lexemes(&place.text)
        .into_iter()
        .filter(|word| place.range.contains(&word.range.start))
        .find(|word| match &word.token {
            Token::Placeholder(text) => text.trim_start_matches(['$', ':']) == name,
            _ => false,
        })
        .map(|word| word.range);
    Finding::new(msg!(
        "parameter `{name}` has no value",
        "参数 `{name}` 没有值"
    ))
    .hint(hint)
    .maybe_at(at)
    .into_error(place)
    .with_kind(crate::error::Kind::Usage)
}

/// The bytes of each statement of a script: between semicolons, empty ones left out.
pub(super) fn statement_ranges(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut empty = true;
    for word in lexemes(text) {
        if word.token == Token::SemiColon {
            if !empty {
                ranges.push(start..word.range.start);
            }
            start = word.range.end;
            empty = true;
        } else {
            empty = false;
        }
    }
    if !empty {
        ranges.push(start..text.len());
    }
    ranges
}

/// The refusal of everything that would change something.
pub(super) fn only_queries(place: &Place) -> Error {
    let scene = Scene::new(place, Known::default(), None);
    let first = scene.words.first().map(|word| word.range.clone());
    meaning::only_queries().maybe_at(first).into_error(place)
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
