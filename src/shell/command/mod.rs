//! Commands of the shell: which one a line means and what stands after it.
//!
//! Entry points: [`parse`] finds the command of a line, [`COMMANDS`] is the list of all. Runs
//! nothing: the shell does.

mod table;

use crate::catalog::nearest;
use crate::error::{Error, Result};
use crate::msg;

pub use table::{Argument, COMMANDS, Command, SETTINGS};

/// A command and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The name with its dot, whatever alias was typed.
    pub name: &'static str,
    /// Its arguments, quotes taken off.
    pub arguments: Vec<String>,
    /// Everything after the name, as typed.
    pub rest: &'a str,
}

/// Reads a line that starts with a dot or a backslash.
///
/// # Errors
/// When there is no such command: names the nearest; or a quote is not closed.
pub fn parse(line: &str) -> Result<Line<'_>> {
    let line = line.trim();
    let end = line.find(char::is_whitespace).unwrap_or(line.len());
    let (word, rest) = (&line[..end], line[end..].trim());
    let word = word.trim_end_matches([';', '；']);
    let Some(command) = find(word) else {
        return Err(unknown(word));
    };
    let sql = matches!(command.arguments, [Argument::Sql]);
    Ok(Line {
        name: command.name,
        arguments: if sql {
            vec![rest.to_owned()]
        } else {
            words(rest)?
        },
        rest,
    })
}

/// The command of a name or alias; an unambiguous beginning of a name will do, as in DuckDB.
#[must_use]
pub fn find(word: &str) -> Option<&'static Command> {
    let lower = word.to_ascii_lowercase();
    let exact = COMMANDS
        .iter()
        .find(|command| command.name == lower || command.aliases.contains(&lower.as_str()));
    if exact.is_some() || lower.len() < 3 || !lower.starts_with('.') {
        return exact;
    }
    let mut fitting = COMMANDS
        .iter()
        .filter(|command| command.name.starts_with(&lower));
    match (fitting.next(), fitting.next()) {
        (Some(command), None) => Some(command),
        _ => None,
    }
}

fn unknown(word: &str) -> Error {
    let names = COMMANDS
        .iter()
        .flat_map(|command| std::iter::once(command.name).chain(command.aliases.iter().copied()));
    let error = Error::usage(msg!("there is no command `{word}`", "没有命令 `{word}`"));
    match nearest(&word.to_ascii_lowercase(), names) {
        Some(near) => error.hint(msg!(
            "did you mean `{near}`? `.help` lists all",
            "您是不是想用 `{near}`？`.help` 列出全部命令"
        )),
        None => error.hint(msg!("`.help` lists all", "`.help` 列出全部命令")),
    }
}

/// Splits arguments at blanks; quotes hold blanks together.
fn words(text: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut current: Option<String> = None;
    let mut quote = None;
    for letter in text.chars() {
        match quote {
            Some(mark) if letter == mark => quote = None,
            Some(_) => current.get_or_insert_default().push(letter),
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                current.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(current.take()),
            None => current.get_or_insert_default().push(letter),
        }
    }
    if let Some(mark) = quote {
        return Err(Error::usage(msg!(
            "the quote {mark} is not closed",
            "引号 {mark} 没有结束"
        )));
    }
    words.extend(current);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    #[test]
    fn names_and_aliases_are_unique_and_start_as_they_should() {
        let mut all: Vec<&str> = COMMANDS
            .iter()
            .flat_map(|command| {
                std::iter::once(command.name).chain(command.aliases.iter().copied())
            })
            .collect();
        assert!(all.iter().all(|name| name.starts_with(['.', '\\'])));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(COMMANDS.is_sorted_by_key(|command| command.name));
    }

    #[test]
    fn a_line_is_split_into_command_and_arguments() {
        let line = parse(r#"\i "my files/births 2018.sql""#).unwrap();
        assert_eq!(line.name, ".read");
        assert_eq!(line.arguments, ["my files/births 2018.sql"]);
        let line = parse(".run births year=2018 by='town ship';").unwrap();
        assert_eq!(line.arguments, ["births", "year=2018", "by=town ship;"]);
        assert_eq!(
            parse(".explain select 'a  b'").unwrap().rest,
            "select 'a  b'"
        );
        assert_eq!(parse(".quit;").unwrap().name, ".quit");
        assert!(parse(".read \"x").is_err());
    }

    #[test]
    fn an_unambiguous_beginning_is_enough() {
        assert_eq!(find(".tab").unwrap().name, ".tables");
        assert_eq!(find(".MODE").unwrap().name, ".mode");
        assert!(find(".t").is_none());
        assert!(find(".ti").is_none());
    }

    #[test]
    fn an_unknown_command_suggests_the_nearest() {
        let text = parse(".tabels").unwrap_err().render(Lang::En);
        assert!(text.contains("`.tables`"), "{text}");
    }
}
