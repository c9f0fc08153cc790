//! A statement that cannot be read: what was expected, what was found, and the usual slip behind it.

use std::ops::Range;

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::Finding;
use super::grammar::{self, Reading};
use super::lexeme::{byte_of, lexemes};
use crate::error::{Error, Message};
use crate::msg;
use crate::warehouse::statement::Place;

/// The parser's complaint, explained.
pub(in crate::warehouse) fn syntax(error: &DataFusionError, place: &Place) -> Error {
    let text = match error.find_root() {
        DataFusionError::SQL(inner, _) => match inner.as_ref() {
            ParserError::RecursionLimitExceeded => {
                return Finding::new(msg!(
                    "the statement is nested too deeply",
                    "语句嵌套层数过多"
                ))
                .hint(msg!(
                    "name its inner parts with `WITH name AS (…)`; write long OR lists as `IN (…)`",
                    "请用 `WITH 名称 AS (…)` 拆分内层；多个 OR 可写成 `IN (…)`"
                ))
                .into_error(place);
            }
            ParserError::TokenizerError(text) | ParserError::ParserError(text) => text.clone(),
        },
        other => other.strip_backtrace(),
    };
    finding(&text, place).into_error(place)
}

fn finding(text: &str, place: &Place) -> Finding {
    let (said, at) = located(text, &place.text);
    if said.contains("'FROM' or ','") || said.contains("EXTRACT") {
        return extract(place);
    }
    if let Some(found) = unclosed(said, at, &place.text) {
        return found;
    }
    let words = lexemes(&place.text);
    // Where the parser stopped; at the end when it gives no place.
    let stop = at.map_or(words.len(), |at| {
        words
            .iter()
            .position(|word| word.range.start >= at)
            .unwrap_or(words.len())
    });
    let ends = |word: &super::Lexeme| word.token == Token::SemiColon;
    // The statement that the stop belongs to; a stop at the very end belongs to the last one.
    let last = if stop == words.len() {
        words
            .iter()
            .rposition(|word| !ends(word))
            .map_or(0, |last| last + 1)
    } else {
        stop
    };
    let begin = words[..last].iter().rposition(ends).map_or(0, |at| at + 1);
    let end = words[last..]
        .iter()
        .position(ends)
        .map_or(words.len(), |at| last + at);
    let reading = Reading {
        text: &place.text,
        words: &words[begin..end],
        stop: last - begin,
        before: (begin > 1).then(|| &words[begin - 1]),
        expected: expected(said),
    };
    if at.is_none() && !said.ends_with("found: EOF") {
        // The parser does not tell where.
        return Finding::new(msg!("the SQL cannot be read", "无法解析 SQL"))
            .cause(msg!("{said}", "{said}"));
    }
    grammar::slip(&reading).unwrap_or_else(|| plain(&reading, said))
}

fn extract(place: &Place) -> Finding {
    let at = lexemes(&place.text)
        .into_iter()
        .find(|word| word.is(Keyword::EXTRACT))
        .map(|word| word.range);
    Finding::new(msg!("`extract` lacks its `FROM`", "`extract` 缺少 `FROM`"))
        .hint(msg!(
            "write `extract(year FROM x)`",
            "请写作 `extract(year FROM x)`"
        ))
        .maybe_at(at)
}

/// The words of a complaint and its byte in the text.
fn located<'a>(complaint: &'a str, text: &str) -> (&'a str, Option<usize>) {
    let parsed = complaint
        .rsplit_once(" at Line: ")
        .and_then(|(said, rest)| {
            let (line, column) = rest.split_once(", Column: ")?;
            let column: String = column.chars().take_while(char::is_ascii_digit).collect();
            Some((
                said,
                byte_of(text, line.parse().ok()?, column.parse().ok()?),
            ))
        });
    match parsed {
        Some((said, at)) => (said, Some(at)),
        None => (complaint, None),
    }
}

/// `an expression` of `Expected: an expression, found: from`.
fn expected(said: &str) -> Option<&str> {
    let rest = said.strip_prefix("Expected")?;
    let rest = rest.trim_start_matches(':').trim_start();
    Some(match rest.rsplit_once(", found: ") {
        Some((expected, _)) => expected.trim(),
        None => rest,
    })
}

/// A quote or comment that goes on to the end.
fn unclosed(said: &str, at: Option<usize>, text: &str) -> Option<Finding> {
    let (message, hint) = if said.starts_with("Unterminated") && said.contains("dollar") {
        (
            msg!(
                "the text that begins with `$` here is not closed",
                "此处以 `$` 开头的文本没有结束"
            ),
            msg!(
                "a parameter is `$name`; text goes in single quotes: 'text'",
                "参数写作 `$名称`；文本请用单引号括起：'文本'"
            ),
        )
    } else if said.starts_with("Unterminated") {
        (
            msg!(
                "the text that begins here has no closing `'`",
                "此处开始的文本缺少右引号 `'`"
            ),
            msg!(
                "close it with `'`; a `'` inside the text is written twice: 'it''s'",
                "请补上 `'`；文本中的 `'` 要写两次：'it''s'"
            ),
        )
    } else if said.contains("close delimiter") {
        (
            msg!(
                "the name that begins here has no closing `\"`",
                "此处开始的名称缺少右引号 `\"`"
            ),
            msg!(
                "close it with `\"`; double quotes name a column, text goes in single quotes: 'text'",
                "请补上 `\"`；双引号括列名，文本请用单引号：'文本'"
            ),
        )
    } else if said.contains("multi-line comment") {
        (
            msg!(
                "the comment that begins with `/*` is not closed",
                "以 `/*` 开头的注释没有结束"
            ),
            msg!("close it with `*/`", "请补上 `*/`"),
        )
    } else {
        return None;
    };
    let start = match at {
        // The place of an unclosed comment is its end.
        Some(at) if text[at..].trim().is_empty() => text.rfind("/*").unwrap_or(at),
        Some(at) => at,
        None => text.rfind("/*")?,
    };
    let length = if text[start..].starts_with("/*") {
        2
    } else {
        1
    };
    Some(Finding::new(message).hint(hint).at(start..start + length))
}

/// What was expected and what was found, in words.
fn plain(reading: &Reading<'_>, said: &str) -> Finding {
    let at = reading.place();
    let Some(expected) = reading.expected else {
        return Finding::new(msg!("the SQL cannot be read", "无法解析 SQL"))
            .cause(msg!("{said}", "{said}"))
            .at(at);
    };
    let Message { en, zh } = expectation(expected);
    match reading.at(0) {
        Some(word) => {
            let found = &reading.text[word.range.clone()];
            Finding::new(msg!(
                "expected {en} here, found `{found}`",
                "此处应为{zh}，而不是 `{found}`"
            ))
        }
        None => Finding::new(msg!(
            "the statement ends where {en} should follow",
            "语句不完整：末尾还应有{zh}"
        )),
    }
    .at(at)
}

/// What the parser expects, in both languages.
fn expectation(expected: &str) -> Message {
    let known = match expected.trim_end_matches(" here") {
        "an expression" | "an expression:" | "expression" => Some(msg!("an expression", "表达式")),
        "end of statement" => Some(msg!("the end of the statement", "语句结束")),
        "an SQL statement" => Some(msg!("an SQL statement", "SQL 语句")),
        "identifier" | "an identifier" => Some(msg!("a name", "名称")),
        "a data type name" | "a data type name or NOT" => Some(msg!("a type name", "类型名")),
        "a concrete value" | "a value" | "literal" => Some(msg!("a value", "值")),
        "literal string" | "string" => Some(msg!("text in single quotes", "用单引号括起的文本")),
        "literal int" | "a number" | "number" => Some(msg!("a number", "数字")),
        "joined table" => Some(msg!("a table to join", "要连接的表")),
        "SELECT, VALUES, or a subquery in the query body" => Some(msg!(
            "SELECT, VALUES or a subquery",
            " SELECT、VALUES 或子查询"
        )),
        _ => None,
    };
    known.unwrap_or_else(|| {
        let sign = |text: &str| {
            text.chars()
                .all(|c| c.is_ascii_punctuation() || c.is_ascii_uppercase() || c == ' ')
        };
        if sign(expected) {
            msg!("`{expected}`", " `{expected}`")
        } else {
            msg!("{expected}", "：{expected}")
        }
    })
}

impl Reading<'_> {
    /// The bytes to mark: the word where the parser stopped, or the end of the statement.
    pub(super) fn place(&self) -> Range<usize> {
        match self.at(0) {
            Some(word) => word.range.clone(),
            None => {
                let end = self.words.last().map_or(0, |word| word.range.end);
                end..end + 1
            }
        }
    }
}
