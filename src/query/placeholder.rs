//! The `$name` parameters of a SQL text, found without mistaking strings, quoted names and comments.

use std::ops::Range;

/// What a scan of a SQL text tells.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scan {
    /// Each `$name` in order with its byte offset, repeated as often as it stands there.
    pub(super) names: Vec<(String, usize)>,
    /// Byte offset where a second statement begins.
    pub(super) second_statement: Option<usize>,
    /// Byte offset of a semicolon that ends the only statement.
    pub(super) end: Option<usize>,
    /// Whether there is anything but space and comments.
    pub(super) has_statement: bool,
    /// Where space and comments are.
    pub(super) blanks: Vec<Range<usize>>,
    /// Other words with their byte offsets: keywords, names, numbers.
    pub(super) words: Vec<(String, usize)>,
}

/// Scans one SQL text.
pub(super) fn scan(sql: &str) -> Scan {
    let bytes = sql.as_bytes();
    let mut found = Scan::default();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &sql[at..];
        if let Some(length) = blank(rest) {
            found.blanks.push(at..at + length);
            at += length;
            continue;
        }
        if bytes[at] == b';' {
            found.end.get_or_insert(at);
            at += 1;
            continue;
        }
        found.has_statement = true;
        if found.end.is_some() && found.second_statement.is_none() {
            found.second_statement = Some(at);
        }
        at += match bytes[at] {
            quote @ (b'\'' | b'"') => quoted(rest, quote),
            b'$' => {
                let name = word(&rest[1..]);
                if rest[1 + name.len()..].starts_with('$')
                    && !name.starts_with(|c: char| c.is_ascii_digit())
                {
                    dollar_quoted(rest, name.len() + 2)
                } else {
                    if !name.is_empty() {
                        found.names.push((name.to_owned(), at));
                    }
                    1 + name.len()
                }
            }
            _ => {
                let name = word(rest);
                if name.is_empty() {
                    rest.chars().next().map_or(1, char::len_utf8)
                } else {
                    found.words.push((name.to_owned(), at));
                    name.len()
                }
            }
        };
    }
    found
}

/// Line and column (both from 1, columns in characters) of byte `offset`.
pub(super) fn place(text: &str, offset: usize) -> (u32, u32) {
    let before = &text[..offset];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line as u32, column as u32)
}

/// Length of the space or comment that `rest` begins with.
pub(super) fn blank(rest: &str) -> Option<usize> {
    let space = rest.len() - rest.trim_start().len();
    if space > 0 {
        return Some(space);
    }
    if rest.starts_with("--") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(rest.len())
}

/// Length of the quoted text that `rest` begins with; a doubled quote starts another such text
/// right behind and needs no care.
pub(super) fn quoted(rest: &str, quote: u8) -> usize {
    rest[1..]
        .find(char::from(quote))
        .map_or(rest.len(), |end| end + 2)
}

fn dollar_quoted(rest: &str, tag: usize) -> usize {
    rest[tag..]
        .find(&rest[..tag])
        .map_or(rest.len(), |end| end + 2 * tag)
}

pub(super) fn word(rest: &str) -> &str {
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(rest.len());
    &rest[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> Vec<String> {
        scan(sql).names.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn finds_names_outside_strings_quotes_and_comments() {
        let sql = "SELECT '$a', \"$b\", $year -- $c\n, /* $d /* $e */ */ $按年 + $year, $$ $f $$, $t$ $g $t$, 'it''s $h'";
        assert_eq!(names(sql), ["year", "按年", "year"]);
    }

    #[test]
    fn tells_a_second_statement_from_a_last_semicolon() {
        let one = scan("SELECT 1; -- end\n");
        assert_eq!(
            (one.end, one.second_statement, one.has_statement),
            (Some(8), None, true)
        );
        assert_eq!(scan("SELECT ';'").end, None);
        assert_eq!(scan("SELECT 1; SELECT 2").second_statement, Some(10));
        assert!(!scan(" -- nothing\n").has_statement);
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        assert_eq!(place("甲乙\n丙x", "甲乙\n丙".len()), (2, 2));
        assert_eq!(place("a", 0), (1, 1));
    }
}
