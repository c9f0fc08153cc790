//! `query('births', year => $year)` in the statement of a saved query: the rows of another one.

use std::ops::Range;

use super::placeholder::{Scan, blank, quoted, scan, word};
use crate::error::Message;
use crate::msg;

/// One call in a statement; offsets are bytes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The query asked.
    pub(super) name: String,
    /// Where its name stands.
    pub(super) name_at: usize,
    /// The whole call, from `query` to `)`.
    pub(super) range: Range<usize>,
    pub(super) arguments: Vec<Argument>,
}

/// `year => $year`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) name_at: usize,
    pub(super) value: Value,
    pub(super) value_at: usize,
}

/// What a parameter of the other query gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// The value of a parameter of this query.
    Parameter(String),
    /// A value as it would be given on the command line; `None` is NULL.
    Literal(Option<String>),
    /// Arithmetic over parameters and numbers: `$year - 1`.
    Expression(String),
}

/// Something wrong with a call, and where.
pub(super) type Wrong = (usize, Message);

/// The calls of a statement, in order.
pub(super) fn calls(sql: &str, found: &Scan) -> Result<Vec<Call>, Wrong> {
    let mut calls = Vec::new();
    for (name, at) in &found.words {
        if name.eq_ignore_ascii_case("query") && Reader::new(sql, at + name.len()).begins_call() {
            calls.push(call(sql, *at, at + name.len())?);
        }
    }
    Ok(calls)
}

fn call(sql: &str, start: usize, after: usize) -> Result<Call, Wrong> {
    let mut reader = Reader::new(sql, after);
    reader.skip(b'(');
    let name_at = reader.at;
    let name = reader.text().ok_or_else(|| reader.unfinished())?;
    let mut arguments = Vec::new();
    while reader.skip(b',') {
        arguments.push(argument(&mut reader)?);
    }
    if !reader.skip(b')') {
        return Err(reader.unfinished());
    }
    Ok(Call {
        name,
        name_at,
        range: start..reader.end,
        arguments,
    })
}

fn argument(reader: &mut Reader<'_>) -> Result<Argument, Wrong> {
    let name_at = reader.at;
    let name = word(&reader.sql[name_at..]).to_owned();
    reader.to(name_at + name.len());
    if name.is_empty() || !(reader.skip(b'=') && reader.skip(b'>')) {
        return Err((
            name_at,
            msg!("expected `parameter => value`", "此处应为 `参数 => 值`"),
        ));
    }
    let value_at = reader.at;
    let text = reader.value();
    Ok(Argument {
        name,
        name_at,
        value: value(text).map_err(|message| (value_at, message))?,
        value_at,
    })
}

fn value(text: &str) -> Result<Value, Message> {
    if let Some(name) = text.strip_prefix('$')
        && !name.is_empty()
        && word(name) == name
    {
        return Ok(Value::Parameter(name.to_owned()));
    }
    if text.starts_with('\'') && quoted(text, b'\'') == text.len() {
        return Ok(Value::Literal(Some(text[1..text.len() - 1].to_owned())));
    }
    let lower = text.to_ascii_lowercase();
    match lower.as_str() {
        "null" => return Ok(Value::Literal(None)),
        "true" | "false" => return Ok(Value::Literal(Some(lower))),
        _ if text.parse::<f64>().is_ok() && !text.contains(char::is_alphabetic) => {
            return Ok(Value::Literal(Some(text.to_owned())));
        }
        _ => {}
    }
    // Nothing but parameters, numbers, texts and operators: a column would be one of the outer
    // statement, which the inner one cannot see.
    let inside = scan(text);
    let is_number = |(word, _): &(String, usize)| word.starts_with(|c: char| c.is_ascii_digit());
    if !text.is_empty() && inside.words.iter().all(is_number) && inside.end.is_none() {
        return Ok(Value::Expression(text.to_owned()));
    }
    Err(msg!(
        "expected a parameter such as `$year`, a value, or arithmetic with them",
        "应为参数（如 `$year`）、具体的值或它们的算式"
    ))
}

/// Reads a call from left to right.
struct Reader<'a> {
    sql: &'a str,
    /// The next byte that is not blank.
    at: usize,
    /// Behind the last thing read.
    end: usize,
}

impl<'a> Reader<'a> {
    fn new(sql: &'a str, at: usize) -> Self {
        let mut reader = Self { sql, at, end: at };
        reader.to(at);
        reader
    }

    /// Goes on behind what was read, over space and comments.
    fn to(&mut self, end: usize) {
        (self.at, self.end) = (end, end);
        while let Some(length) = blank(&self.sql[self.at..]).filter(|length| *length > 0) {
            self.at += length;
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_there = self.sql.as_bytes().get(self.at) == Some(&byte);
        if is_there {
            self.to(self.at + 1);
        }
        is_there
    }

    fn begins_call(mut self) -> bool {
        self.skip(b'(') && self.sql[self.at..].starts_with('\'')
    }

    /// A text in quotes.
    fn text(&mut self) -> Option<String> {
        let rest = &self.sql[self.at..];
        let length = quoted(rest, b'\'');
        if !rest.starts_with('\'') || length < 2 || !rest[..length].ends_with('\'') {
            return None;
        }
        let text = rest[1..length - 1].to_owned();
        self.to(self.at + length);
        Some(text)
    }

    /// Everything up to the comma or bracket that ends an argument.
    fn value(&mut self) -> &'a str {
        let (start, mut depth) = (self.at, 0_usize);
        let mut at = start;
        let sql = self.sql;
        while let Some(byte) = sql.as_bytes().get(at) {
            match byte {
                b'\'' | b'"' => {
                    at += quoted(&sql[at..], *byte);
                    continue;
                }
                b'(' => depth += 1,
                b',' | b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ => {}
            }
            at += sql[at..].chars().next().map_or(1, char::len_utf8);
        }
        self.to(at);
        sql[start..at].trim()
    }

    fn unfinished(&self) -> Wrong {
        (
            self.at.min(self.sql.len()),
            msg!(
                "expected `query('name', parameter => value, …)`",
                "此处应为 `query('名称', 参数 => 值, …)`"
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sql: &str) -> Result<Vec<Call>, Wrong> {
        calls(sql, &scan(sql))
    }

    #[test]
    fn calls_are_found_with_their_arguments() {
        let sql = "SELECT query, 'query(''x'')' FROM query('births', year => $year - 1,\n by => 'township', -- by town\n region => null) b JOIN QUERY ( 'deaths' )";
        let calls = read(sql).unwrap();
        assert_eq!(calls.len(), 2);
        let first = &calls[0];
        assert!(sql[first.range.clone()].ends_with("null)"));
        assert_eq!(&sql[first.name_at..first.name_at + 8], "'births'");
        let values: Vec<_> = first
            .arguments
            .iter()
            .map(|a| (a.name.as_str(), &a.value))
            .collect();
        assert_eq!(
            values,
            [
                ("year", &Value::Expression("$year - 1".into())),
                ("by", &Value::Literal(Some("township".into()))),
                ("region", &Value::Literal(None)),
            ]
        );
        assert_eq!(
            (calls[1].name.as_str(), calls[1].arguments.len()),
            ("deaths", 0)
        );
        assert_eq!(&sql[calls[1].range.clone()], "QUERY ( 'deaths' )");
    }

    #[test]
    fn what_is_no_argument_is_told_with_its_place() {
        let place = |sql: &str| read(sql).unwrap_err().0;
        assert_eq!(place("FROM query('b', year)"), 16);
        assert_eq!(place("FROM query('b', year => y.year)"), 24);
        assert_eq!(place("FROM query('b', year => (SELECT 1))"), 24);
        assert_eq!(place("FROM query('b' year => 1)"), 15);
        assert_eq!(place("FROM query('b"), 11);
        assert_eq!(read("SELECT query FROM query").unwrap(), []);
    }
}
