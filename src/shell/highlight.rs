//! Colours of SQL and commands, and the bracket that belongs to the one at the cursor.
//! Entry points: [`highlight`], [`matching_bracket`]. Never changes what is visible: taking the
//! colours away gives the text back. No colour runs over a line break, so lines can be cut apart.

use super::token::{self, Kind, Token};

/// The colours of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// No colour at all.
    #[default]
    None,
    /// For light text on dark ground.
    Dark,
    /// For dark text on light ground.
    Light,
}

/// What a stretch of text is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Plain,
    Keyword,
    Function,
    Text,
    Number,
    Comment,
    Identifier,
    Command,
    Parameter,
    Wrong,
}

impl Role {
    fn code(self, theme: Theme) -> &'static str {
        let (dark, light) = match self {
            Self::Plain => ("", ""),
            Self::Keyword => ("1;94", "1;34"),
            Self::Function => ("96", "36"),
            Self::Text => ("92", "32"),
            Self::Number => ("93", "33"),
            Self::Comment => ("90", "90"),
            Self::Identifier => ("97", "30"),
            Self::Command => ("1;95", "1;35"),
            Self::Parameter => ("95", "35"),
            Self::Wrong => ("91", "31"),
        };
        match theme {
            Theme::None => "",
            Theme::Dark => dark,
            Theme::Light => light,
        }
    }
}

/// `text` with ANSI colours; the two characters of `bracket` (byte positions) stand out.
#[must_use]
pub fn highlight(text: &str, theme: Theme, bracket: Option<(usize, usize)>) -> String {
    let marks = bracket.map_or_else(Vec::new, |(a, b)| vec![a.min(b), a.max(b)]);
    highlight_marked(text, theme, &marks)
}

/// `text` with ANSI colours; the characters at the byte positions `marks`, in order, stand out.
#[must_use]
pub fn highlight_marked(text: &str, theme: Theme, marks: &[usize]) -> String {
    if theme == Theme::None {
        return text.to_owned();
    }
    let mut painted = String::with_capacity(text.len() * 2);
    for (role, start, end) in roles(text) {
        paint(&mut painted, text, (start, end), role.code(theme), marks);
    }
    painted
}

/// `text` in the colour of things said in passing: prompts, hints, remarks.
#[must_use]
pub fn faint(text: &str, theme: Theme) -> String {
    let mut painted = String::with_capacity(text.len() + 12);
    let code = Role::Comment.code(theme);
    paint(&mut painted, text, (0, text.len()), code, &[]);
    painted
}

/// The bracket at the cursor `at` (or just before it) and its partner, as byte positions; brackets
/// in quotes and comments do not count.
#[must_use]
pub fn matching_bracket(text: &str, at: usize) -> Option<(usize, usize)> {
    let tokens: Vec<Token> = code_tokens(text)
        .into_iter()
        .filter(|token| matches!(token.kind, Kind::Open | Kind::Close))
        .collect();
    let here = tokens
        .iter()
        .position(|token| token.start == at)
        .or_else(|| tokens.iter().position(|token| token.end == at))?;
    let mut depth = 0_usize;
    let mut partner = |token: &&Token| {
        if token.kind == tokens[here].kind {
            depth += 1;
        } else {
            depth -= 1;
        }
        depth == 0
    };
    let other = if tokens[here].kind == Kind::Open {
        tokens[here..].iter().find(&mut partner)?
    } else {
        tokens[..=here].iter().rev().find(&mut partner)?
    };
    let pair = (tokens[here].start, other.start);
    let fits = matches!(
        (
            &text[pair.0.min(pair.1)..][..1],
            &text[pair.0.max(pair.1)..][..1]
        ),
        ("(", ")") | ("[", "]") | ("{", "}")
    );
    fits.then_some(pair)
}

/// One stretch in its colour, line by line, with the marked characters on top.
fn paint(into: &mut String, text: &str, (start, end): (usize, usize), code: &str, marks: &[usize]) {
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let visible = line.trim_end_matches('\n');
        let mut from = at;
        let marked = marks
            .iter()
            .filter(|mark| (at..at + visible.len()).contains(*mark));
        for &mark in marked {
            let Some(c) = text[mark..].chars().next() else {
                continue;
            };
            colour(into, &text[from..mark], code);
            let strong = if code.is_empty() { "1;4" } else { ";1;4" };
            from = mark + c.len_utf8();
            colour(into, &text[mark..from], &format!("{code}{strong}"));
        }
        colour(into, &text[from..at + visible.len()], code);
        into.push_str(&line[visible.len()..]);
        at += line.len();
    }
}

fn colour(into: &mut String, text: &str, code: &str) {
    if code.is_empty() || text.is_empty() {
        into.push_str(text);
    } else {
        into.push_str("\x1b[");
        into.push_str(code);
        into.push('m');
        into.push_str(text);
        into.push_str("\x1b[0m");
    }
}

/// The tokens of the SQL in `text`; lines that are commands give none.
fn code_tokens(text: &str) -> Vec<Token> {
    split(text).into_iter().filter_map(Result::ok).collect()
}

/// The tokens of `text`, or the line of a command.
fn split(text: &str) -> Vec<Result<Token, (usize, usize)>> {
    let mut parts = Vec::new();
    let mut at = 0;
    // Nothing but blanks and comments since the last `;`.
    let mut is_start = true;
    while at < text.len() {
        let rest = &text[at..];
        if is_start && starts_command(rest) {
            let end = at + rest.find('\n').unwrap_or(rest.len());
            parts.push(Err((at, end)));
            at = end;
            continue;
        }
        let (kind, length, mode) = token::next(rest, &token::Mode::Code);
        parts.push(Ok(Token {
            kind,
            start: at,
            end: at + length,
            closed: mode == token::Mode::Code,
        }));
        is_start = match kind {
            Kind::Semicolon => true,
            Kind::Space | Kind::Comment => is_start,
            Kind::Backslash => true,
            _ => false,
        };
        at += length;
    }
    parts
}

fn starts_command(rest: &str) -> bool {
    let mut characters = rest.chars();
    match (characters.next(), characters.next()) {
        (Some('.'), Some(c)) => c.is_alphabetic(),
        (Some('\\'), Some(c)) => c.is_alphabetic() || c == '?',
        _ => false,
    }
}

fn roles(text: &str) -> Vec<(Role, usize, usize)> {
    let parts = split(text);
    let mut roles = Vec::with_capacity(parts.len());
    for (place, part) in parts.iter().enumerate() {
        match part {
            Err((start, end)) => command_roles(text, *start, *end, &mut roles),
            Ok(token) => {
                let next = parts.get(place + 1).and_then(|part| part.as_ref().ok());
                roles.push((role(text, *token, next), token.start, token.end));
            }
        }
    }
    roles
}

/// The name of a command, then its arguments; what `.explain` takes is SQL.
fn command_roles(text: &str, start: usize, end: usize, into: &mut Vec<(Role, usize, usize)>) {
    let line = &text[start..end];
    let name = line.find(char::is_whitespace).unwrap_or(line.len());
    into.push((Role::Command, start, start + name));
    if line[..name].eq_ignore_ascii_case(".explain") {
        let tail = roles(&line[name..]);
        let from = start + name;
        into.extend(
            tail.into_iter()
                .map(|(role, a, b)| (role, from + a, from + b)),
        );
    } else {
        into.push((Role::Plain, start + name, end));
    }
}

fn role(text: &str, token: Token, next: Option<&Token>) -> Role {
    let word = &text[token.start..token.end];
    match token.kind {
        Kind::Space | Kind::Open | Kind::Close | Kind::Semicolon => Role::Plain,
        Kind::Comment => Role::Comment,
        Kind::Text | Kind::Quoted if !token.closed => Role::Wrong,
        Kind::Text => Role::Text,
        Kind::Quoted => Role::Identifier,
        Kind::Number => Role::Number,
        Kind::Parameter => Role::Parameter,
        Kind::Backslash => Role::Command,
        // What an input method makes of `,` `(` `=` is not SQL.
        Kind::Sign if word.chars().any(is_wide_punctuation) => Role::Wrong,
        Kind::Sign => Role::Plain,
        Kind::Word => {
            let is_call = next
                .is_some_and(|next| next.kind == Kind::Open && text[next.start..].starts_with('('));
            match (is_keyword(word), is_call) {
                (true, true) if !is_both(word) => Role::Keyword,
                (_, true) => Role::Function,
                (true, false) => Role::Keyword,
                (false, false) => Role::Identifier,
            }
        }
    }
}

fn is_wide_punctuation(c: char) -> bool {
    matches!(
        c,
        '，' | '（'
            | '）'
            | '＝'
            | '。'
            | '：'
            | '‘'
            | '’'
            | '“'
            | '”'
            | '＜'
            | '＞'
            | '＊'
            | '、'
    )
}

fn is_keyword(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    KEYWORDS.binary_search(&upper.as_str()).is_ok()
}

/// Keywords that are functions when a parenthesis follows.
fn is_both(word: &str) -> bool {
    [
        "left", "right", "replace", "date", "grouping", "extract", "cast", "try_cast", "unnest",
    ]
    .iter()
    .any(|both| both.eq_ignore_ascii_case(word))
}

/// In alphabetical order.
const KEYWORDS: [&str; 119] = [
    "ALL",
    "ALTER",
    "ANALYZE",
    "AND",
    "ANTI",
    "ANY",
    "ARRAY",
    "AS",
    "ASC",
    "AT",
    "BETWEEN",
    "BIGINT",
    "BOOLEAN",
    "BY",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMNS",
    "COPY",
    "CREATE",
    "CROSS",
    "CUBE",
    "CURRENT",
    "DATE",
    "DECIMAL",
    "DELETE",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "DOUBLE",
    "DROP",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXISTS",
    "EXPLAIN",
    "EXTRACT",
    "FALSE",
    "FILTER",
    "FIRST",
    "FLOAT",
    "FOLLOWING",
    "FOR",
    "FROM",
    "FULL",
    "GROUP",
    "GROUPING",
    "HAVING",
    "IF",
    "ILIKE",
    "IN",
    "INNER",
    "INSERT",
    "INT",
    "INTEGER",
    "INTERSECT",
    "INTERVAL",
    "INTO",
    "IS",
    "JOIN",
    "LAST",
    "LATERAL",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "NULLS",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "OVER",
    "OVERWRITE",
    "PARTITION",
    "PRECEDING",
    "QUALIFY",
    "RANGE",
    "RECURSIVE",
    "REPLACE",
    "RIGHT",
    "ROLLUP",
    "ROW",
    "ROWS",
    "SELECT",
    "SEMI",
    "SET",
    "SETS",
    "SHOW",
    "SIMILAR",
    "SMALLINT",
    "SOME",
    "TABLE",
    "TABLES",
    "TEMPORARY",
    "TEXT",
    "THEN",
    "TIME",
    "TIMESTAMP",
    "TO",
    "TRUE",
    "TRY_CAST",
    "UNBOUNDED",
    "UNION",
    "UNNEST",
    "UPDATE",
    "USING",
    "VALUES",
    "VARCHAR",
    "VIEW",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHIN",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stripped(painted: &str) -> String {
        let mut text = String::new();
        let mut rest = painted;
        while let Some(at) = rest.find("\x1b[") {
            text.push_str(&rest[..at]);
            let end = rest[at..].find('m').unwrap();
            rest = &rest[at + end + 1..];
        }
        text + rest
    }

    fn role_of(text: &str, word: &str) -> Role {
        let at = text.find(word).unwrap();
        roles(text)
            .into_iter()
            .find(|(_, start, end)| (*start..*end).contains(&at))
            .unwrap()
            .0
    }

    #[test]
    fn the_keywords_are_in_order() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn words_get_the_colour_of_what_they_are() {
        let text = "select count(*), left(乡镇, 2), \"出生 表\", $year -- c\nfrom 出生 left join t on a in (1) where s = '男' /* d */";
        for (word, role) in [
            ("select", Role::Keyword),
            ("count", Role::Function),
            ("left(", Role::Function),
            ("left join", Role::Keyword),
            ("in (", Role::Keyword),
            ("乡镇", Role::Identifier),
            ("出生 left", Role::Identifier),
            ("\"出生 表\"", Role::Identifier),
            ("$year", Role::Parameter),
            ("-- c", Role::Comment),
            ("/* d", Role::Comment),
            ("'男'", Role::Text),
            ("1", Role::Number),
            ("join", Role::Keyword),
        ] {
            // `2` comes before `1` in the text, so look a word up by its first place only.
            assert_eq!(role_of(text, word), role, "{word}");
        }
        assert_eq!(role_of("select 'abc", "'abc"), Role::Wrong);
        assert_eq!(role_of("select \"abc", "\"abc"), Role::Wrong);
        assert_eq!(role_of("select （1", "（"), Role::Wrong);
    }

    #[test]
    fn commands_are_coloured_as_commands() {
        let text = ".output it's.csv\nselect 1 \\gx";
        assert_eq!(role_of(text, ".output"), Role::Command);
        assert_eq!(role_of(text, "it's"), Role::Plain);
        assert_eq!(role_of(text, "select"), Role::Keyword);
        assert_eq!(role_of(text, "\\gx"), Role::Command);
        assert_eq!(role_of(".explain select 1", "select"), Role::Keyword);
        assert_eq!(role_of("select t\n.a from t", ".a"), Role::Plain);
    }

    #[test]
    fn no_colour_runs_over_a_line_break() {
        let painted = highlight("select 'a\nb' /* c\nd */", Theme::Dark, None);
        assert_eq!(
            painted,
            "\x1b[1;94mselect\x1b[0m \x1b[92m'a\x1b[0m\n\x1b[92mb'\x1b[0m \x1b[90m/* c\x1b[0m\n\x1b[90md */\x1b[0m"
        );
        assert_eq!(highlight("select 1", Theme::None, Some((0, 1))), "select 1");
    }

    #[test]
    fn brackets_find_their_partner_outside_quotes() {
        let text = "f(a, ')', (b)) -- )";
        assert_eq!(matching_bracket(text, 1), Some((1, 13)));
        assert_eq!(matching_bracket(text, 14), Some((13, 1)));
        assert_eq!(matching_bracket(text, 10), Some((10, 12)));
        assert_eq!(matching_bracket(text, 6), None);
        assert_eq!(matching_bracket("(a]", 0), None);
        assert_eq!(matching_bracket("(a", 0), None);
        assert_eq!(matching_bracket("count(乡镇)", 13), Some((12, 5)));
        let painted = highlight("(1)", Theme::Light, matching_bracket("(1)", 0));
        assert_eq!(
            painted,
            "\x1b[1;4m(\x1b[0m\x1b[33m1\x1b[0m\x1b[1;4m)\x1b[0m"
        );
    }

    proptest! {
        #[test]
        fn the_visible_text_never_changes(
            pieces in proptest::collection::vec(proptest::sample::select(vec![
                "select", " ", "\n", "1.5", "'", "\"", ";", "；", "--", "/*", "*/", "$$", "$p", "(",
                ")", "[", "乡镇", ".tables", "\\G", "，", "count(", "🙂", "\u{a0}",
            ]), 0..40),
            at in 0_usize..80,
            dark in any::<bool>(),
        ) {
            let text = pieces.concat();
            let theme = if dark { Theme::Dark } else { Theme::Light };
            let painted = highlight(&text, theme, matching_bracket(&text, at));
            prop_assert_eq!(stripped(&painted), text);
        }
    }
}
