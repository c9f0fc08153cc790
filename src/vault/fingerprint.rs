//! What an audit record may say of a statement: its shape, without the values in it.

use std::str::Chars;

/// Longest fingerprint, in characters; more only bloats the log.
const LONGEST: usize = 4000;

/// `sql` with every string, number and quoted name replaced by `?`, comments left out, white space
/// and lists of values collapsed: `… WHERE name = 'Zhang' AND year IN (1890, 1891)` becomes
/// `… WHERE name = ? AND year IN (?)`.
///
/// Splits the text as DataFusion's default dialect does, including `E'\''`, `$$…$$` and the
/// executable comments `/*! … */`, so that nothing that runs is left out. Quoted names go too,
/// because people write values in double quotes by mistake, and so does a bare word that is not
/// ASCII where a value is expected (`姓名 = 某某`). Other bare words stay.
#[must_use]
pub fn fingerprint_sql(sql: &str) -> String {
    let shape = Shape::of(sql);
    let text = mask_numbers(shape.trim_end());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// `text` with whatever looks like a number of a person, a telephone or a certificate replaced by
/// `?`: ten digits or more, alone or after one letter, with or without a final `X`, in either
/// width. Hashes and years stay. A safety net for free text, not a licence to log identities.
#[must_use]
pub fn mask_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = span(rest, |c| is_digit(c) || is_latin(c));
        if word.is_empty() {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            out.push_str(if looks_like_identity(word) { "?" } else { word });
            rest = &rest[word.len()..];
        }
    }
    out
}

fn looks_like_identity(word: &str) -> bool {
    let word = word.trim_end_matches(['x', 'X', 'ｘ', 'Ｘ']);
    let digits = word.strip_prefix(is_latin).unwrap_or(word);
    let enough = if digits.len() == word.len() { 10 } else { 9 };
    digits.chars().all(is_digit) && digits.chars().count() >= enough
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || ('Ａ'..='Ｚ').contains(&c) || ('ａ'..='ｚ').contains(&c)
}

/// The longest beginning of `text` whose characters all pass.
fn span(text: &str, passes: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !passes(c)).unwrap_or(text.len());
    &text[..end]
}

struct Shape {
    out: String,
}

impl Shape {
    fn of(sql: &str) -> String {
        let mut shape = Self {
            out: String::with_capacity(sql.len().min(4 * LONGEST)),
        };
        let mut rest = sql;
        while let Some(first) = rest.chars().next() {
            rest = shape.step(first, rest);
        }
        shape.out
    }

    /// Takes one token off the front of `rest`; gives what follows it.
    fn step<'a>(&mut self, first: char, rest: &'a str) -> &'a str {
        let after = &rest[first.len_utf8()..];
        if first.is_whitespace() {
            self.space();
            return rest.trim_start();
        }
        if let Some(comment) = rest.strip_prefix("--") {
            self.space();
            return comment.find('\n').map_or("", |end| &comment[end..]);
        }
        if let Some(comment) = rest.strip_prefix("/*") {
            let (inside, after) = block_comment(comment);
            self.space();
            if let Some(runs) = inside.strip_prefix('!') {
                self.out.push_str("/*! ");
                self.out.push_str(&Self::of(runs));
                self.out.push_str(" */");
            }
            return after;
        }
        match first {
            '\'' => self.value(after_quote(after, '\'', false)),
            '"' | '`' => {
                self.out.push_str("\"?\"");
                after_quote(after, first, false)
            }
            '$' => self.dollar(after),
            '.' if after.starts_with(is_digit) && !self.out.ends_with(is_word) => {
                self.number(after)
            }
            _ if is_digit(first) => self.number(rest),
            _ if is_word(first) => {
                let word = span(rest, |c| is_word(c) || c == '$');
                let after = &rest[word.len()..];
                if !word.is_ascii() && self.expects_value() {
                    return self.value(after);
                }
                self.out.push_str(word);
                match after.strip_prefix('\'') {
                    // The prefix of a string: E'…', X'…', N'…'.
                    Some(string) => {
                        self.value(after_quote(string, '\'', matches!(word, "e" | "E")))
                    }
                    None => after,
                }
            }
            _ => {
                self.out.push(first);
                after
            }
        }
    }

    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    /// Whether what comes next is compared with something: `=`, `LIKE`, `IN (`, …
    fn expects_value(&self) -> bool {
        let before = self.out.trim_end();
        let list = before
            .strip_suffix(',')
            .map_or(before, |list| list.trim_end_matches([' ', '?']));
        let (text, words): (&str, &[&str]) = match list.strip_suffix('(') {
            Some(text) => (text.trim_end(), &["in"]),
            None if list.len() < before.len() => return false,
            None => (before, &["like", "ilike", "to", "between"]),
        };
        let word = text.rsplit(' ').next().unwrap_or_default();
        before.ends_with(['=', '<', '>', '~'])
            || words
                .iter()
                .any(|expected| word.eq_ignore_ascii_case(expected))
    }

    /// Writes `?`, once for a list of values.
    fn value<'a>(&mut self, after: &'a str) -> &'a str {
        let before = self.out.trim_end().strip_suffix(',').map(str::trim_end);
        match before {
            Some(list) if list.ends_with('?') => self.out.truncate(list.len()),
            _ => self.out.push('?'),
        }
        after
    }

    fn number<'a>(&mut self, rest: &'a str) -> &'a str {
        let word = |text: &str| span(text, |c| is_digit(c) || is_latin(c) || c == '_').len();
        let mut end = word(rest);
        if rest[end..].starts_with('.') {
            end += 1;
            end += word(&rest[end..]);
        }
        if rest[..end].ends_with(['e', 'E']) && rest[end..].starts_with(['+', '-']) {
            end += 1;
            end += word(&rest[end..]);
        }
        self.value(&rest[end..])
    }

    /// `$year` is a parameter and stays; `$$…$$` and `$tag$…$tag$` are strings.
    fn dollar<'a>(&mut self, after: &'a str) -> &'a str {
        let name = span(after, |c| c.is_alphanumeric() || c == '_');
        let rest = &after[name.len()..];
        match rest.strip_prefix('$') {
            Some(string) => {
                let close = format!("${name}$");
                self.value(
                    string
                        .find(&close)
                        .map_or("", |at| &string[at + close.len()..]),
                )
            }
            None => {
                self.out.push('$');
                self.out.push_str(name);
                rest
            }
        }
    }
}

/// Starts or continues a bare name; covers Chinese.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '#')
}

/// What follows the closing quote of a string whose opening one is gone. Doubled quotes are part
/// of it; so are quotes after a backslash when `backslash`. A string without end takes all.
fn after_quote(text: &str, quote: char, backslash: bool) -> &str {
    let mut chars: Chars<'_> = text.chars();
    while let Some(c) = chars.next() {
        if backslash && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.as_str().strip_prefix(quote) {
                Some(more) => chars = more.chars(),
                None => return chars.as_str(),
            }
        }
    }
    ""
}

/// The inside of a comment whose `/*` is gone, and what follows its `*/`; comments nest.
fn block_comment(text: &str) -> (&str, &str) {
    let (mut depth, mut at) = (1, 0);
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return (&text[..at], &text[at + 2..]);
            }
            at += 2;
        } else {
            at += 1;
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(sql: &str, shape: &str) {
        assert_eq!(fingerprint_sql(sql), shape);
    }

    #[test]
    fn strings_and_numbers_become_question_marks() {
        is(
            "SELECT *  FROM vault.persons\nWHERE id_no = '150121189001010023' AND birth_year >= 1890;",
            "SELECT * FROM vault.persons WHERE id_no = ? AND birth_year >= ?;",
        );
        is("SELECT -1.5e-3, .5, 0x1F, 1_000, t1.c2", "SELECT -?, t1.c2");
        is(
            "SELECT a FROM t WHERE b IN ('x', 'y', 3)",
            "SELECT a FROM t WHERE b IN (?)",
        );
        is("VALUES (1,'a'),(2,'b')", "VALUES (?),(?)");
    }

    #[test]
    fn quotes_inside_strings_do_not_end_them() {
        is("SELECT 'O''Brien', x", "SELECT ?, x");
        is("SELECT E'it\\'s Zhang' , x", "SELECT E? , x");
        is("SELECT 'a\\', x", "SELECT ?, x");
        is("SELECT X'4f', N'王'", "SELECT X?, N?");
        is("SELECT '' || ''''", "SELECT ? || ?");
        is("SELECT $$Zhang's$$, $t$ O'Neil $t$, a$b", "SELECT ?, a$b");
    }

    #[test]
    fn a_string_without_end_takes_the_rest() {
        is("SELECT 'Zhang San", "SELECT ?");
        is("SELECT $$Zhang", "SELECT ?");
        is("SELECT \"Zhang", "SELECT \"?\"");
        is("SELECT 1 /* Zhang", "SELECT ?");
    }

    #[test]
    fn names_in_quotes_are_hidden_and_bare_ones_kept() {
        is(
            "SELECT 性别 FROM 户籍人口 WHERE 姓名 = \"某某\"",
            "SELECT 性别 FROM 户籍人口 WHERE 姓名 = \"?\"",
        );
        is("SELECT `某某`, \"a\"\"b\"", "SELECT \"?\", \"?\"");
    }

    #[test]
    fn a_name_typed_without_quotes_is_hidden() {
        is(
            "SELECT 年份, 1, 性别 FROM 出生 WHERE 姓名=某某",
            "SELECT 年份, ?, 性别 FROM 出生 WHERE 姓名=?",
        );
        is(
            "SELECT a WHERE 姓名 LIKE 某某 OR 姓名 <> 某某",
            "SELECT a WHERE 姓名 LIKE ? OR 姓名 <> ?",
        );
        is(
            "SELECT a WHERE 姓名 in (某某, 某某, '某')",
            "SELECT a WHERE 姓名 in (?)",
        );
        is(
            "SELECT count(年份), max( 性别 )",
            "SELECT count(年份), max( 性别 )",
        );
        is("SELECT a.姓名 = b.姓名", "SELECT a.姓名 = b.姓名");
    }

    #[test]
    fn comments_go_unless_they_run() {
        is(
            "SELECT a -- 某某 150121189001010023\nFROM t",
            "SELECT a FROM t",
        );
        is(
            "SELECT a/* 某某 /* nested */ still */FROM t --",
            "SELECT a FROM t",
        );
        is("SELECT '--', a /* ' */ FROM t", "SELECT ?, a FROM t");
        is(
            "SELECT 1 /*!50110 , (SELECT name FROM vault.x WHERE a = 'b') */",
            "SELECT ? /*! ? , (SELECT name FROM vault.x WHERE a = ?)  */",
        );
    }

    #[test]
    fn parameters_stay() {
        is(
            "SELECT $year, $年份, $1 WHERE a = $b",
            "SELECT $year, $年份, $1 WHERE a = $b",
        );
    }

    #[test]
    fn no_digit_of_an_identity_survives_however_it_is_written() {
        for sql in [
            "SELECT 15012118900101002X",
            "SELECT １５０１２１１８９００１０１００２３",
            "SELECT $150121189001010023",
            "SELECT K150000001",
            "SELECT a AS \"150121189001010023\"",
            "SELECT 1e'150121189001010023'",
        ] {
            let shape = fingerprint_sql(sql);
            assert!(!shape.contains("15") && !shape.contains("１５"), "{shape}");
        }
    }

    #[test]
    fn a_fingerprint_is_bounded() {
        let sql = format!("SELECT {}", "列, ".repeat(5000));
        let shape = fingerprint_sql(&sql);
        assert_eq!(shape.chars().count(), LONGEST + 1);
        assert!(shape.ends_with('…'));
    }

    #[test]
    fn any_text_whatever_is_taken() {
        for sql in [
            "", "'", "''", "$", "$$", "$a$", "/*", "*/", "--", "E'\\", "/*!", "1.", "1e+", ".",
            "\"", "`",
        ] {
            let _ = fingerprint_sql(sql);
        }
    }

    #[test]
    fn numbers_of_persons_are_masked_in_free_text() {
        for (text, masked) in [
            (
                "request of 150121189001010023, phone 13800000000",
                "request of ?, phone ?",
            ),
            ("证件15012118900101002X查询", "证件?查询"),
            ("编号K150000001", "编号?"),
            ("１５０１２１１８９００１０１００２３", "?"),
            (
                "births 2018: 1203 rows, 2018-03-05",
                "births 2018: 1203 rows, 2018-03-05",
            ),
            (
                "9f86d081884c7d659a2feaa0c55ad015",
                "9f86d081884c7d659a2feaa0c55ad015",
            ),
        ] {
            assert_eq!(mask_numbers(text), masked);
        }
    }
}
