//! The words of a script with their places, for finding what an error speaks of.

use std::ops::Range;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, Tokenizer, Word};

use super::DIALECT;

/// A token that is neither space nor comment, and its bytes in the text.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) range: Range<usize>,
}

impl Lexeme {
    /// The name it means when it is one: unquoted names are lower case.
    pub(super) fn name(&self) -> Option<String> {
        self.word().map(|word| match word.quote_style {
            None => word.value.to_lowercase(),
            Some(_) => word.value.clone(),
        })
    }

    pub(super) fn word(&self) -> Option<&Word> {
        match &self.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The keyword; `NoKeyword` for names, quoted names, numbers and signs.
    pub(super) fn keyword(&self) -> Keyword {
        self.word().map_or(Keyword::NoKeyword, |word| word.keyword)
    }

    pub(super) fn is(&self, keyword: Keyword) -> bool {
        self.keyword() == keyword
    }

    /// A word in double quotes.
    pub(super) fn is_quoted(&self) -> bool {
        self.word().is_some_and(|word| word.quote_style.is_some())
    }

    /// A word that no clause begins with and that is no operator.
    pub(super) fn is_name(&self) -> bool {
        self.word()
            .is_some_and(|word| word.quote_style.is_some() || !is_reserved(word.keyword))
    }

    /// Something that has a value: a name, a number, a text, a parameter.
    pub(super) fn is_operand(&self) -> bool {
        self.is_name()
            || matches!(
                self.token,
                Token::Number(..) | Token::SingleQuotedString(_) | Token::Placeholder(_)
            )
    }
}

/// Words that cannot be meant as a name.
pub(super) fn is_reserved(keyword: Keyword) -> bool {
    matches!(
        keyword,
        Keyword::SELECT
            | Keyword::FROM
            | Keyword::WHERE
            | Keyword::GROUP
            | Keyword::HAVING
            | Keyword::ORDER
            | Keyword::LIMIT
            | Keyword::OFFSET
            | Keyword::UNION
            | Keyword::EXCEPT
            | Keyword::INTERSECT
            | Keyword::WITH
            | Keyword::JOIN
            | Keyword::INNER
            | Keyword::CROSS
            | Keyword::ON
            | Keyword::USING
            | Keyword::AS
            | Keyword::AND
            | Keyword::OR
            | Keyword::NOT
            | Keyword::IN
            | Keyword::IS
            | Keyword::NULL
            | Keyword::LIKE
            | Keyword::BETWEEN
            | Keyword::CASE
            | Keyword::WHEN
            | Keyword::THEN
            | Keyword::ELSE
            | Keyword::END
            | Keyword::BY
            | Keyword::DISTINCT
            | Keyword::ASC
            | Keyword::DESC
            | Keyword::OVER
    )
}

/// Everything in `text` up to where it cannot be read any further.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme> {
    let mut tokens = Vec::new();
    // What was read before an unclosed quote is as good as all.
    let _ = Tokenizer::new(&DIALECT, text).tokenize_with_location_into_buf(&mut tokens);
    let mut cursor = Cursor::new(text);
    tokens
        .into_iter()
        .map(|located| Lexeme {
            range: cursor.byte(located.span.start)..cursor.byte(located.span.end),
            token: located.token,
        })
        .filter(|lexeme| !matches!(lexeme.token, Token::Whitespace(_) | Token::EOF))
        .collect()
}

/// The byte of a line and column, both from 1.
pub(super) fn byte_of(text: &str, line: u64, column: u64) -> usize {
    Cursor::new(text).byte(Location { line, column })
}

/// Turns lines and columns, which come in ascending order, into bytes in one pass.
struct Cursor<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
    column: u64,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            byte: 0,
            line: 1,
            column: 1,
        }
    }

    fn byte(&mut self, place: Location) -> usize {
        if (place.line, place.column) < (self.line, self.column) {
            *self = Self::new(self.text);
        }
        let rest = self.text.get(self.byte..).unwrap_or_default();
        for character in rest.chars() {
            if (self.line, self.column) >= (place.line, place.column) {
                break;
            }
            self.byte += character.len_utf8();
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.byte
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bytes_also_after_chinese_and_line_breaks() {
        let text = "select 性别,\n  \"出生 日期\" -- 注\n from t where x = '县'";
        let found: Vec<&str> = lexemes(text)
            .into_iter()
            .map(|lexeme| &text[lexeme.range])
            .collect();
        assert_eq!(
            found,
            [
                "select",
                "性别",
                ",",
                "\"出生 日期\"",
                "from",
                "t",
                "where",
                "x",
                "=",
                "'县'"
            ]
        );
    }

    #[test]
    fn what_stands_before_an_unclosed_quote_is_read() {
        assert_eq!(lexemes("select 'a' , 'b").len(), 3);
    }
}
