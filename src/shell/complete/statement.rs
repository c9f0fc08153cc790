//! The statement or command that the cursor is in.

use super::tokens::{Kind, Token, skip_space, token};

/// What stands around the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// SQL, up to its semicolon: its tokens, comments included.
    Sql(Vec<Token>),
    /// A command of the shell: its first byte and the end of its line.
    Command(usize, usize),
}

/// The statement around byte `at`. A command begins with `.` or `\` where a statement could begin,
/// and ends with its line.
pub(super) fn current(text: &str, at: usize) -> Statement {
    let mut tokens: Vec<Token> = Vec::new();
    let mut position = 0;
    loop {
        position = skip_space(text, position, text.len());
        let fresh = tokens.iter().all(|token| token.kind == Kind::Comment);
        if fresh && is_command(&text[position..]) {
            let end = text[position..]
                .find('\n')
                .map_or(text.len(), |length| position + length);
            if at <= position {
                // Before the command: a statement may be put in.
                return if at == position && tokens.is_empty() {
                    Statement::Command(position, end)
                } else {
                    Statement::Sql(tokens)
                };
            }
            if at <= end {
                return Statement::Command(position, end);
            }
            tokens.clear();
            position = end;
            continue;
        }
        let Some(next) = token(text, position, text.len()) else {
            return Statement::Sql(tokens);
        };
        position = next.end;
        if next.kind == Kind::Symbol && text[next.start..].starts_with([';', '；']) {
            if at <= next.start {
                return Statement::Sql(tokens);
            }
            tokens.clear();
        } else {
            tokens.push(next);
        }
    }
}

fn is_command(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!(chars.next(), Some('.' | '\\')) && !chars.next().is_some_and(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(marked: &str) -> String {
        let at = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        match current(&text, at) {
            Statement::Command(start, end) => format!("command {}", &text[start..end]),
            Statement::Sql(tokens) => match (tokens.first(), tokens.last()) {
                (Some(first), Some(last)) => format!("sql {}", &text[first.start..last.end]),
                _ => "sql".to_owned(),
            },
        }
    }

    #[test]
    fn only_the_statement_around_the_cursor_counts() {
        for (marked, expected) in [
            ("select 1; sel|ect 2; select 3", "sql select 2"),
            ("select 1|; select 2", "sql select 1"),
            ("select ';' |from a; b", "sql select ';' from a"),
            ("select 1;|", "sql"),
            ("select 1；sel|ect 2", "sql select 2"),
            (".run a\nselect 1|", "sql select 1"),
            (".run a|\nselect 1", "command .run a"),
            ("select 1;\n  .mode| csv", "command .mode csv"),
            ("\\d bir|", "command \\d bir"),
            ("select 1\n.x|", "sql select 1\n.x"),
            ("-- a\n.mo|", "command .mo"),
            ("|", "sql"),
            ("|.mode", "command .mode"),
            ("select .5|", "sql select .5"),
        ] {
            assert_eq!(around(marked), expected, "{marked}");
        }
    }
}
