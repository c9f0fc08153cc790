//! A lenient SQL tokenizer: every text has tokens, finished or not.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a name without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// Text in single quotes or between `$$`.
    Text,
    /// A number.
    Number,
    /// `$name` or `$1`.
    Parameter,
    /// `-- …` or `/* … */`.
    Comment,
    /// Anything else, one character or an operator of two.
    Symbol,
}

/// A token: where it stands, in bytes, and whether its quotes are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) closed: bool,
}

impl Token {
    /// Whether typing at byte `at` goes on inside this token.
    pub(super) fn holds(&self, at: usize) -> bool {
        let inside = self.start < at && at < self.end;
        let at_end = at == self.end;
        match self.kind {
            Kind::Word | Kind::Number | Kind::Parameter => inside || at_end,
            Kind::Symbol => inside,
            Kind::Quoted | Kind::Text | Kind::Comment => inside || (at_end && !self.closed),
        }
    }
}

/// The token that begins at byte `from`, which is no white space, up to byte `to` at most.
/// `None` at the end. Comments to the end of the line count as not closed.
pub(super) fn token(text: &str, from: usize, to: usize) -> Option<Token> {
    let rest = text.get(from..to)?;
    let first = rest.chars().next()?;
    let make = |kind, length: usize, closed| {
        Some(Token {
            kind,
            start: from,
            end: from + length,
            closed,
        })
    };
    let run =
        |text: &str, part: fn(char) -> bool| text.find(|c: char| !part(c)).unwrap_or(text.len());
    match first {
        '\'' => quoted(rest, '\'').map_or_else(
            || make(Kind::Text, rest.len(), false),
            |length| make(Kind::Text, length, true),
        ),
        '"' => quoted(rest, '"').map_or_else(
            || make(Kind::Quoted, rest.len(), false),
            |length| make(Kind::Quoted, length, true),
        ),
        '-' if rest.starts_with("--") => {
            make(Kind::Comment, rest.find('\n').unwrap_or(rest.len()), false)
        }
        '/' if rest.starts_with("/*") => comment(rest).map_or_else(
            || make(Kind::Comment, rest.len(), false),
            |length| make(Kind::Comment, length, true),
        ),
        '$' => {
            let length = 1 + run(&rest[1..], is_part);
            if rest[length..].starts_with('$') {
                let tag = &rest[..=length];
                return rest[tag.len()..].find(tag).map_or_else(
                    || make(Kind::Text, rest.len(), false),
                    |end| make(Kind::Text, end + 2 * tag.len(), true),
                );
            }
            make(Kind::Parameter, length, true)
        }
        c if c.is_ascii_digit() => make(
            Kind::Number,
            run(rest, |c| c.is_alphanumeric() || c == '.'),
            true,
        ),
        c if c.is_alphabetic() || c == '_' => make(Kind::Word, run(rest, is_part), true),
        c => {
            const PAIRS: [&str; 12] = [
                "<>", "<=", ">=", "!=", "==", "||", "::", "~*", "!~", "->", "=>", "^@",
            ];
            let pair = PAIRS.iter().any(|pair| rest.starts_with(pair));
            make(Kind::Symbol, if pair { 2 } else { c.len_utf8() }, true)
        }
    }
}

/// The byte after white space from `from`.
pub(super) fn skip_space(text: &str, from: usize, to: usize) -> usize {
    let rest = text.get(from..to).unwrap_or_default();
    from + (rest.len() - rest.trim_start().len())
}

/// All tokens of a piece of text.
pub(super) fn tokens(text: &str, from: usize, to: usize) -> Vec<Token> {
    let mut list = Vec::new();
    let mut at = skip_space(text, from, to);
    while let Some(next) = token(text, at, to) {
        at = skip_space(text, next.end, to);
        list.push(next);
    }
    list
}

fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of quoted text with its quotes; doubled quotes are part of it.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut at = 1;
    loop {
        at += text[at..].find(quote)? + 1;
        if !text[at..].starts_with(quote) {
            return Some(at);
        }
        at += 1;
    }
}

/// The length of a block comment; comments nest.
fn comment(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (1, 2);
    while depth > 0 {
        let close = text[at..].find("*/")? + at;
        match text[at..close].find("/*") {
            Some(open) => {
                depth += 1;
                at += open + 2;
            }
            None => {
                depth -= 1;
                at = close + 2;
            }
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Vec<(Kind, &str, bool)> {
        tokens(text, 0, text.len())
            .iter()
            .map(|token| (token.kind, &text[token.start..token.end], token.closed))
            .collect()
    }

    #[test]
    fn words_quotes_numbers_and_operators_are_told_apart() {
        assert_eq!(
            shapes("a.出生 <> 'o''k' and \"x\"\"y\" 1.5e3 $year"),
            [
                (Kind::Word, "a", true),
                (Kind::Symbol, ".", true),
                (Kind::Word, "出生", true),
                (Kind::Symbol, "<>", true),
                (Kind::Text, "'o''k'", true),
                (Kind::Word, "and", true),
                (Kind::Quoted, "\"x\"\"y\"", true),
                (Kind::Number, "1.5e3", true),
                (Kind::Parameter, "$year", true),
            ]
        );
    }

    #[test]
    fn what_is_not_finished_runs_to_the_end() {
        assert_eq!(shapes("'ab 中"), [(Kind::Text, "'ab 中", false)]);
        assert_eq!(shapes("\"a\"\""), [(Kind::Quoted, "\"a\"\"", false)]);
        assert_eq!(
            shapes("/* a /* b */ c"),
            [(Kind::Comment, "/* a /* b */ c", false)]
        );
        assert_eq!(shapes("$$a"), [(Kind::Text, "$$a", false)]);
        assert_eq!(shapes("$"), [(Kind::Parameter, "$", true)]);
    }

    #[test]
    fn comments_end_where_they_end() {
        assert_eq!(
            shapes("a -- b\nc /* d /* e */ f */ g"),
            [
                (Kind::Word, "a", true),
                (Kind::Comment, "-- b", false),
                (Kind::Word, "c", true),
                (Kind::Comment, "/* d /* e */ f */", true),
                (Kind::Word, "g", true),
            ]
        );
    }
}
