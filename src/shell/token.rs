//! Cuts SQL text into tokens, one call at a time, so that a statement may arrive line by line.
//! Entry point: [`next`]. Knows nothing of grammar, and never fails: what is not closed is said.

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Blanks and line breaks.
    Space,
    /// `-- …` or `/* … */`.
    Comment,
    /// `'…'`, `E'…'`, `$$…$$`.
    Text,
    /// `"…"` or `` `…` ``.
    Quoted,
    /// `12.5e3`.
    Number,
    /// A keyword or an identifier in any script.
    Word,
    /// `$name`.
    Parameter,
    /// `;` or the full-width `；`.
    Semicolon,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// `\` with the letters behind it.
    Backslash,
    /// One character of an operator or other punctuation.
    Sign,
}

/// What the text before was inside of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    /// Nothing.
    #[default]
    Code,
    /// A string; whether a backslash hides the next character.
    Text { escapes: bool },
    /// A quoted identifier and its quote.
    Quoted(char),
    /// A dollar-quoted string and its tag, dollars included.
    Dollar(String),
    /// Comments within comments, so deep.
    Comment(usize),
}

/// The token at the start of `rest`, which must not be empty: its kind, its length in bytes (at
/// least one character), and what the text behind it is inside of.
pub(crate) fn next(rest: &str, mode: &Mode) -> (Kind, usize, Mode) {
    match mode {
        Mode::Code => code(rest),
        Mode::Text { escapes } => text(rest, 0, *escapes),
        Mode::Quoted(quote) => quoted(rest, 0, *quote),
        Mode::Dollar(tag) => dollar(rest, 0, tag.clone()),
        Mode::Comment(depth) => comment(rest, 0, *depth),
    }
}

/// A token with its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it starts, in bytes.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
    /// Whether a quote or comment is closed.
    pub(crate) closed: bool,
}

/// All tokens of `text`.
pub(crate) fn all(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let (kind, length, after) = next(&text[start..], &Mode::Code);
        let end = start + length;
        tokens.push(Token {
            kind,
            start,
            end,
            closed: after == Mode::Code,
        });
        start = end;
    }
    tokens
}

/// Whether `c` may stand in a word.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '·'
}

fn code(rest: &str) -> (Kind, usize, Mode) {
    let mut characters = rest.chars();
    let (Some(first), second) = (characters.next(), characters.next()) else {
        return (Kind::Space, 0, Mode::Code);
    };
    let one = first.len_utf8();
    let done = |kind, length| (kind, length, Mode::Code);
    match first {
        '\'' => text(rest, one, false),
        'e' | 'E' if second == Some('\'') => text(rest, one + 1, true),
        'b' | 'B' | 'n' | 'N' | 'x' | 'X' if second == Some('\'') => text(rest, one + 1, false),
        '"' | '`' => quoted(rest, one, first),
        '-' if second == Some('-') => done(Kind::Comment, rest.find('\n').unwrap_or(rest.len())),
        '/' if second == Some('*') => comment(rest, 2, 1),
        '$' => dollar_or_parameter(rest),
        ';' | '；' => done(Kind::Semicolon, one),
        '(' | '[' | '{' => done(Kind::Open, one),
        ')' | ']' | '}' => done(Kind::Close, one),
        '\\' => done(
            Kind::Backslash,
            1 + run(&rest[1..], |c| c.is_ascii_alphabetic()),
        ),
        _ if first.is_whitespace() => done(Kind::Space, run(rest, char::is_whitespace)),
        _ if first.is_ascii_digit() => done(Kind::Number, number(rest)),
        '.' if second.is_some_and(|c| c.is_ascii_digit()) => done(Kind::Number, number(rest)),
        _ if is_word(first) => done(Kind::Word, run(rest, |c| is_word(c) || c == '$')),
        _ => done(Kind::Sign, one),
    }
}

/// The bytes at the start of `text` whose characters fit.
fn run(text: &str, fits: impl Fn(char) -> bool) -> usize {
    text.find(|c| !fits(c)).unwrap_or(text.len())
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize| run(&rest[from..], |c| c.is_ascii_digit() || c == '_');
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn text(rest: &str, from: usize, escapes: bool) -> (Kind, usize, Mode) {
    let mut characters = rest[from..].char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' if escapes => {
                characters.next();
            }
            '\'' if characters.next_if(|(_, c)| *c == '\'').is_none() => {
                return (Kind::Text, from + at + 1, Mode::Code);
            }
            _ => {}
        }
    }
    (Kind::Text, rest.len(), Mode::Text { escapes })
}

fn quoted(rest: &str, from: usize, quote: char) -> (Kind, usize, Mode) {
    let mut characters = rest[from..].char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c == quote && characters.next_if(|(_, c)| *c == quote).is_none() {
            return (Kind::Quoted, from + at + 1, Mode::Code);
        }
    }
    (Kind::Quoted, rest.len(), Mode::Quoted(quote))
}

fn dollar_or_parameter(rest: &str) -> (Kind, usize, Mode) {
    let name = run(&rest[1..], is_word);
    let behind = 1 + name;
    if rest[behind..].starts_with('$') && !rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return dollar(rest, behind + 1, rest[..=behind].to_owned());
    }
    let kind = if name == 0 {
        Kind::Sign
    } else {
        Kind::Parameter
    };
    (kind, behind, Mode::Code)
}

fn dollar(rest: &str, from: usize, tag: String) -> (Kind, usize, Mode) {
    match rest[from..].find(&tag) {
        Some(at) => (Kind::Text, from + at + tag.len(), Mode::Code),
        None => (Kind::Text, rest.len(), Mode::Dollar(tag)),
    }
}

fn comment(rest: &str, from: usize, depth: usize) -> (Kind, usize, Mode) {
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (from, depth);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'*', b'/', ..] => {
                at += 2;
                depth -= 1;
                if depth == 0 {
                    return (Kind::Comment, at, Mode::Code);
                }
            }
            [b'/', b'*', ..] => {
                at += 2;
                depth += 1;
            }
            _ => at += 1,
        }
    }
    (Kind::Comment, rest.len(), Mode::Comment(depth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        all(text)
            .into_iter()
            .filter(|token| token.kind != Kind::Space)
            .map(|token| (token.kind, &text[token.start..token.end]))
            .collect()
    }

    #[test]
    fn every_kind_of_token_is_told_apart() {
        use Kind::{
            Backslash, Close, Comment, Number, Open, Parameter, Quoted, Semicolon, Sign, Text, Word,
        };
        assert_eq!(
            kinds(
                "select 乡镇, E'a\\'b' -- c；\n/* a /* b */ c */ from \"出生\"\"x\" (1.5e-3) ；\\gx"
            ),
            [
                (Word, "select"),
                (Word, "乡镇"),
                (Sign, ","),
                (Text, "E'a\\'b'"),
                (Comment, "-- c；"),
                (Comment, "/* a /* b */ c */"),
                (Word, "from"),
                (Quoted, "\"出生\"\"x\""),
                (Open, "("),
                (Number, "1.5e-3"),
                (Close, ")"),
                (Semicolon, "；"),
                (Backslash, "\\gx"),
            ]
        );
        assert_eq!(
            kinds("$year + $$a;b$$ $t$'$t$ $1"),
            [
                (Parameter, "$year"),
                (Sign, "+"),
                (Text, "$$a;b$$"),
                (Text, "$t$'$t$"),
                (Parameter, "$1"),
            ]
        );
        assert_eq!(kinds("'it''s'';'"), [(Text, "'it''s'';'")]);
        assert_eq!(
            kinds("a.b.1e"),
            [
                (Word, "a"),
                (Sign, "."),
                (Word, "b"),
                (Number, ".1"),
                (Word, "e")
            ]
        );
    }

    #[test]
    fn what_is_not_closed_is_said() {
        for open in ["'a", "\"a", "$$a", "$t$ $$", "/* /* */", "E'\\'"] {
            assert!(all(open).iter().any(|token| !token.closed), "{open}");
        }
        assert!(all("'a' \"b\" -- c").iter().all(|token| token.closed));
    }
}
