//! Cuts what is typed, piped or read from a file into statements and commands.
//! Entry points: [`Script::feed`] line by line, [`parse`] for a whole text.
//! Never runs anything, and never changes the text of a statement.

use super::token::{self, Kind, Mode};

/// One thing to run, with the line (from 1) on which it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A statement without its `;`.
    Sql {
        /// The statement, without the comments before it.
        text: String,
        /// The line on which it starts.
        line: usize,
        /// Whether it ended with `\G` or `\gx`: one value per line.
        vertical: bool,
    },
    /// A command: `.tables`, `\d births`. A bare `exit` is told as `.quit`, `help` as `.help`.
    Command {
        /// The whole line, without outer blanks.
        text: String,
        /// Its line.
        line: usize,
    },
}

/// Why more is awaited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// A statement without `;`.
    Statement,
    /// A parenthesis.
    Parenthesis,
    /// `'`.
    Text,
    /// `"` or `` ` ``.
    Quoted,
    /// `$$` or `$tag$`.
    Dollar,
    /// `/*`.
    Comment,
}

impl Open {
    /// The sign that stands for it in a continuation prompt, as in psql.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Statement => '-',
            Self::Parenthesis => '(',
            Self::Text => '\'',
            Self::Quoted => '"',
            Self::Dollar => '$',
            Self::Comment => '*',
        }
    }
}

/// A text that arrives line by line.
#[derive(Debug, Default)]
pub struct Script {
    /// The statement that is not finished.
    pending: String,
    /// The line on which it starts.
    started: usize,
    /// The lines fed so far.
    lines: usize,
    mode: Mode,
    /// Parentheses open in the statement.
    depth: usize,
}

impl Script {
    /// Nothing fed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one line, with or without its line break, and gives what is finished by it.
    pub fn feed(&mut self, line: &str) -> Vec<Item> {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = match self.lines {
            0 => line.strip_prefix('\u{feff}').unwrap_or(line),
            _ => line,
        };
        self.lines += 1;
        let mut items = Vec::new();
        if !self.pending.is_empty() {
            self.pending.push('\n');
        }
        let mut rest = line;
        while !rest.is_empty() {
            if self.is_idle()
                && let Some(command) = command(rest, rest.len() == line.len())
            {
                items.push(Item::Command {
                    text: command,
                    line: self.lines,
                });
                return items;
            }
            rest = self.token(rest, &mut items);
        }
        items
    }

    /// What the text so far is inside of; nothing when a prompt may show.
    #[must_use]
    pub fn open(&self) -> Option<Open> {
        match &self.mode {
            Mode::Text { .. } => Some(Open::Text),
            Mode::Quoted(_) => Some(Open::Quoted),
            Mode::Dollar(_) => Some(Open::Dollar),
            Mode::Comment(_) => Some(Open::Comment),
            Mode::Code if self.pending.is_empty() => None,
            Mode::Code if self.depth > 0 => Some(Open::Parenthesis),
            Mode::Code => Some(Open::Statement),
        }
    }

    /// Whether a statement or comment is unfinished.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open().is_some()
    }

    /// The last statement, which no `;` ended, if there is one. Ask [`Self::open`] before to know
    /// whether a quote in it is closed.
    pub fn finish(&mut self) -> Option<Item> {
        self.mode = Mode::Code;
        self.end(false)
    }

    /// Nothing open: a command may start here.
    fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.mode == Mode::Code
    }

    /// Takes one token off `rest` and gives what stands behind it.
    fn token<'a>(&mut self, rest: &'a str, items: &mut Vec<Item>) -> &'a str {
        let (kind, length, mode) = token::next(rest, &self.mode);
        self.mode = mode;
        let (token, behind) = rest.split_at(length);
        match kind {
            Kind::Semicolon => items.extend(self.end(false)),
            Kind::Backslash if matches!(token, "\\g" | "\\G" | "\\gx") => {
                items.extend(self.end(token != "\\g"));
            }
            // The statement runs first, then the command has its result.
            Kind::Backslash if takes_a_statement(token) && !self.pending.is_empty() => {
                items.extend(self.end(false));
                return rest;
            }
            Kind::Space | Kind::Comment if self.pending.is_empty() => {}
            _ => {
                match kind {
                    Kind::Open => self.depth += 1,
                    Kind::Close => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                if self.pending.is_empty() {
                    self.started = self.lines;
                }
                self.pending.push_str(token);
            }
        }
        behind
    }

    fn end(&mut self, vertical: bool) -> Option<Item> {
        self.depth = 0;
        let text = std::mem::take(&mut self.pending);
        let text = text.trim_end();
        (!text.is_empty()).then(|| Item::Sql {
            text: text.to_owned(),
            line: self.started,
            vertical,
        })
    }
}

/// The items of a whole text; a last statement needs no `;`.
#[must_use]
pub fn parse(text: &str) -> Vec<Item> {
    let mut script = Script::new();
    let mut items: Vec<Item> = text
        .split('\n')
        .flat_map(|line| script.feed(line))
        .collect();
    items.extend(script.finish());
    items
}

/// What `text` is inside of at its end; nothing when it may run.
#[must_use]
pub fn open_at_end(text: &str) -> Option<Open> {
    let mut script = Script::new();
    for line in text.split('\n') {
        script.feed(line);
    }
    script.open()
}

/// The command that `rest` is, when it is one. Bare words count when they are a line of their own.
fn command(rest: &str, is_whole_line: bool) -> Option<String> {
    let text = rest.trim();
    let mut characters = text.chars();
    let (first, second) = (characters.next()?, characters.next());
    match (first, second) {
        ('.', Some(c)) if c.is_alphabetic() => Some(without_semicolon(text)),
        ('\\', Some('g' | 'G')) if is_run_again(text) => None,
        ('\\', Some(c)) if c.is_alphabetic() || c == '?' => Some(without_semicolon(text)),
        _ if is_whole_line => bare_word(text),
        _ => None,
    }
}

/// `\g` and its kin with nothing before them, as in `select 1; \g`: nothing to run.
fn is_run_again(text: &str) -> bool {
    matches!(text.trim_end_matches([';', '；']), "\\g" | "\\G" | "\\gx")
}

/// A command without arguments loses the `;` that hands type by themselves.
fn without_semicolon(text: &str) -> String {
    let bare = text.trim_end_matches([';', '；']);
    let has_argument = bare.contains(char::is_whitespace);
    if has_argument { text } else { bare }.to_owned()
}

/// `exit`, `quit`, `help` and `help NAME` without their dot.
fn bare_word(text: &str) -> Option<String> {
    let text = text.trim_end_matches([';', '；']).trim_end();
    let (word, argument) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let argument = argument.trim();
    match (word.to_lowercase().as_str(), argument) {
        ("exit" | "quit" | "q" | "退出", "") => Some(".quit".to_owned()),
        ("help" | "?" | "帮助", "") => Some(".help".to_owned()),
        ("help", name) if !name.contains(char::is_whitespace) => Some(format!(".help {name}")),
        _ => None,
    }
}

/// psql's and usql's commands that stand in place of the `;`.
fn takes_a_statement(token: &str) -> bool {
    matches!(
        token,
        "\\watch" | "\\crosstab" | "\\crosstabview" | "\\chart"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sql(text: &str, line: usize) -> Item {
        Item::Sql {
            text: text.to_owned(),
            line,
            vertical: false,
        }
    }

    fn command(text: &str, line: usize) -> Item {
        Item::Command {
            text: text.to_owned(),
            line,
        }
    }

    #[test]
    fn statements_end_with_a_semicolon_of_either_width() {
        assert_eq!(
            parse("select 1；select '；', \"；\" -- ；\n, 2;\nselect 3"),
            [
                sql("select 1", 1),
                sql("select '；', \"；\" -- ；\n, 2", 1),
                sql("select 3", 3)
            ]
        );
    }

    #[test]
    fn quotes_and_comments_hide_semicolons() {
        for text in [
            "select 'a;''b;'",
            "select E'a\\';b'",
            "select \"a;\"\"b\"",
            "select `a;`",
            "select $$a;'b$$",
            "select $t$a;$$;$t$",
            "select 1 /* a; /* b; */ c; */ + 1",
            "select 1 -- a;\n+ 1",
            "select 'two;\nlines'",
        ] {
            assert_eq!(parse(&format!("{text};")), [sql(text, 1)], "{text}");
        }
        assert_eq!(
            parse("select $year; select $b"),
            [sql("select $year", 1), sql("select $b", 1)]
        );
    }

    #[test]
    fn lines_are_counted_from_where_a_statement_begins() {
        assert_eq!(
            parse(
                "\u{feff}\r\n-- births\r\n/* of\r\n2018 */\r\n\r\n  select 1,\r\n2;\r\n\r\n.tables\r\nselect 3"
            ),
            [
                sql("select 1,\n2", 6),
                command(".tables", 9),
                sql("select 3", 10)
            ]
        );
    }

    #[test]
    fn comments_alone_are_no_statement() {
        assert_eq!(parse("-- nothing\n/* here */ ; ;\n\n"), []);
        assert_eq!(open_at_end("-- it's"), None);
        assert_eq!(open_at_end("/* it's"), Some(Open::Comment));
    }

    #[test]
    fn commands_are_whole_lines() {
        assert_eq!(
            parse(".output it's.csv\n\\d births\nselect 1; .once a b\n\\?\nselect .5\n;.tables；"),
            [
                command(".output it's.csv", 1),
                command("\\d births", 2),
                sql("select 1", 3),
                command(".once a b", 3),
                command("\\?", 4),
                sql("select .5", 5),
                command(".tables", 6),
            ]
        );
        // Inside a statement a line with a dot is SQL.
        assert_eq!(
            parse("select t\n.a from t"),
            [sql("select t\n.a from t", 1)]
        );
        assert_eq!(
            parse(".explain select 1;"),
            [command(".explain select 1;", 1)]
        );
    }

    #[test]
    fn bare_words_leave_and_help() {
        assert_eq!(
            parse("exit\nQUIT;\nhelp\nhelp births\n退出；\nselect\nexit"),
            [
                command(".quit", 1),
                command(".quit", 2),
                command(".help", 3),
                command(".help births", 4),
                command(".quit", 5),
                sql("select\nexit", 6),
            ]
        );
    }

    #[test]
    fn backslash_commands_end_a_statement() {
        let vertical = |text: &str| Item::Sql {
            text: text.to_owned(),
            line: 1,
            vertical: true,
        };
        assert_eq!(parse("select 1\\G"), [vertical("select 1")]);
        assert_eq!(parse("select 1 \\G;"), [vertical("select 1")]);
        assert_eq!(parse("select 1 \\gx"), [vertical("select 1")]);
        assert_eq!(parse("select 1\n\\g"), [sql("select 1", 1)]);
        assert_eq!(
            parse("select 1 \\watch 5\n\\g\n"),
            [sql("select 1", 1), command("\\watch 5", 1)]
        );
        assert_eq!(
            parse("select 1\n\\chart bar"),
            [sql("select 1", 1), command("\\chart bar", 2)]
        );
    }

    #[test]
    fn what_is_open_is_told() {
        for (text, open) in [
            ("", None),
            ("  ", None),
            ("select 1;", None),
            ("select 1; -- more", None),
            (".tables", None),
            ("select 1", Some(Open::Statement)),
            ("select (1", Some(Open::Parenthesis)),
            ("select (1;", None),
            ("select '", Some(Open::Text)),
            ("select \"", Some(Open::Quoted)),
            ("select $$", Some(Open::Dollar)),
            ("select 1; /*", Some(Open::Comment)),
            ("select 1\n.tables", Some(Open::Statement)),
        ] {
            assert_eq!(open_at_end(text), open, "{text:?}");
        }
    }

    /// Pieces that meet in all the ways that matter.
    fn piece() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec![
            "select", " ", "\n", "1", "'", "''", "\"", ";", "；", "--", "/*", "*/", "$$", "$t$",
            "$p", "E'", "\\", "\\G", "(", ")", "乡镇", ".tables", ".", "exit", "王", "`",
        ])
    }

    proptest! {
        #[test]
        fn feeding_line_by_line_equals_parsing_whole(pieces in proptest::collection::vec(piece(), 0..40)) {
            let text = pieces.concat();
            let mut script = Script::new();
            let mut items = Vec::new();
            for line in text.split_inclusive('\n') {
                items.extend(script.feed(line));
            }
            items.extend(script.finish());
            prop_assert_eq!(items, parse(&text));
        }

        #[test]
        fn no_text_of_a_statement_is_lost(pieces in proptest::collection::vec(piece(), 0..40)) {
            let text = pieces.concat();
            // Every item stands in the text, in order; between items is nothing but separators.
            let mut rest = text.as_str();
            for item in parse(&text) {
                let (found, is_sql) = match &item {
                    Item::Sql { text, .. } => (text.as_str(), true),
                    Item::Command { text, .. } => (text.as_str(), false),
                };
                match rest.find(found) {
                    Some(at) => rest = &rest[at + found.len()..],
                    // A bare word got its dot.
                    None => prop_assert!(!is_sql, "{:?} of {:?}", found, text),
                }
            }
        }

        #[test]
        fn joining_statements_and_splitting_again_changes_nothing(pieces in proptest::collection::vec(piece(), 0..40)) {
            // A bare word is one only on a line of its own, which joining makes it.
            let text = pieces.concat().replace("exit", "left");
            let mut script = Script::new();
            let mut items: Vec<Item> = text.split('\n').flat_map(|line| script.feed(line)).collect();
            // What ends inside a quote cannot be followed by anything.
            if script.open().is_none_or(|open| matches!(open, Open::Statement | Open::Parenthesis)) {
                items.extend(script.finish());
            }
            let texts: Vec<String> = items.iter().map(|item| match item {
                Item::Sql { text, .. } | Item::Command { text, .. } => text.clone(),
            }).collect();
            let joined: String = items.iter().map(|item| match item {
                Item::Sql { text, .. } => format!("{text}\n;\n"),
                Item::Command { text, .. } => format!("{text}\n"),
            }).collect();
            let again: Vec<String> = parse(&joined).into_iter().map(|item| match item {
                Item::Sql { text, .. } | Item::Command { text, .. } => text,
            }).collect();
            prop_assert_eq!(texts, again);
        }
    }
}
