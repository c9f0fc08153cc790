//! Markup as a flat stream of tags and texts; forgiving enough for HTML written by hand, and good
//! for well-formed XML too. Names come in lower case without their prefix: `ss:Index` is `index`.

use std::borrow::Cow;

use super::entities;

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `<name attributes>`, also `<name/>`.
    Open {
        /// Its name.
        name: String,
        /// Its attributes as written; see [`attribute`].
        attributes: &'a str,
        /// Whether it closes itself.
        empty: bool,
    },
    /// `</name>`.
    Close(String),
    /// Text with its references as written; see [`entities::resolve`].
    Text(&'a str),
    /// Text of a CDATA section, to be taken literally.
    Literal(&'a str),
    /// What stands in a comment; Excel hides its settings there.
    Comment(&'a str),
}

/// The tokens of `text`.
pub(super) struct Tokens<'a> {
    rest: &'a str,
    /// Inside `<script>` or `<style>`: nothing is markup until the tag is closed.
    raw: Option<String>,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            raw: None,
        }
    }

    /// Cuts off what stands before `end`, and `end`; everything when there is no `end`.
    fn until(&mut self, end: &str) -> &'a str {
        let rest = self.rest;
        match memchr::memmem::find(rest.as_bytes(), end.as_bytes()) {
            Some(at) => {
                self.rest = &rest[at + end.len()..];
                &rest[..at]
            }
            None => {
                self.rest = "";
                rest
            }
        }
    }

    fn tag(&mut self, after: &'a str) -> Option<Token<'a>> {
        let first = after.as_bytes().first()?;
        if *first == b'/' {
            self.rest = &after[1..];
            let name = self.until(">");
            return Some(Token::Close(local(
                name.split_whitespace().next().unwrap_or(""),
            )));
        }
        if !first.is_ascii_alphabetic() {
            return None;
        }
        let end = tag_end(after);
        let inside = &after[..end];
        self.rest = after.get(end + 1..).unwrap_or_default();
        let (inside, empty) = match inside.strip_suffix('/') {
            Some(inside) => (inside, true),
            None => (inside, false),
        };
        let split = inside
            .find(|c: char| c.is_whitespace() || c == '/')
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(split);
        let name = local(name);
        if !empty && matches!(name.as_str(), "script" | "style") {
            self.raw = Some(name.clone());
        }
        Some(Token::Open {
            name,
            attributes,
            empty,
        })
    }

    fn skip_raw(&mut self, name: &str) {
        let bytes = self.rest.as_bytes();
        let close = memchr::memmem::find_iter(bytes, b"</").find(|at| {
            bytes
                .get(at + 2..at + 2 + name.len())
                .is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes()))
        });
        self.rest = close.map_or("", |at| &self.rest[at..]);
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            self.skip_raw(&name);
        }
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let rest = self.rest;
            let Some(after) = rest.strip_prefix('<') else {
                let end = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
                self.rest = &rest[end..];
                return Some(Token::Text(&rest[..end]));
            };
            if let Some(comment) = after.strip_prefix("!--") {
                self.rest = comment;
                return Some(Token::Comment(self.until("-->")));
            }
            if let Some(literal) = after.strip_prefix("![CDATA[") {
                self.rest = literal;
                return Some(Token::Literal(self.until("]]>")));
            }
            if after.starts_with(['!', '?']) {
                self.rest = after;
                self.until(">");
                continue;
            }
            if let Some(token) = self.tag(after) {
                return Some(token);
            }
            // A bare less-than sign is text.
            let end = memchr::memchr(b'<', after.as_bytes()).unwrap_or(after.len());
            self.rest = &after[end..];
            return Some(Token::Text(&rest[..=end]));
        }
    }
}

/// Where the tag ends: the first `>` outside quoted values. A quote that is never closed before
/// the next tag is a slip of the writer and quotes nothing.
fn tag_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let first = memchr::memchr(b'>', bytes).unwrap_or(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'>' => return at,
            quote @ (b'"' | b'\'') if bytes[..at].trim_ascii_end().ends_with(b"=") => {
                match memchr::memchr(quote, &bytes[at + 1..]) {
                    Some(length) if length < 64 * 1024 => at += length + 1,
                    _ => return first,
                }
            }
            _ => {}
        }
        at += 1;
    }
    first
}

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

/// The value of attribute `wanted` (lower case, without prefix), references resolved; empty when
/// the attribute has no value.
pub(super) fn attribute<'a>(attributes: &'a str, wanted: &str) -> Option<Cow<'a, str>> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let after = after.trim_start();
        let value = match after.strip_prefix('=') {
            None => {
                rest = after;
                ""
            }
            Some(value) => {
                let value = value.trim_start();
                let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
                let (value, after) = match quote {
                    Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
                    None => value.split_at(value.find(char::is_whitespace).unwrap_or(value.len())),
                };
                rest = after.trim_start();
                value
            }
        };
        if local(name) == wanted {
            return Some(entities::resolve(value));
        }
        // A stray quote or equals sign must not stop the walk.
        if end == 0 && !after.starts_with('=') {
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    None
}

/// An attribute that is a whole number.
pub(super) fn number(attributes: &str, wanted: &str) -> Option<u32> {
    attribute(attributes, wanted)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        Tokens::new(text)
            .map(|token| match token {
                Token::Open { name, empty, .. } => {
                    format!("<{name}{}>", if empty { "/" } else { "" })
                }
                Token::Close(name) => format!("</{name}>"),
                Token::Text(text) => text.to_owned(),
                Token::Literal(text) => format!("[{text}]"),
                Token::Comment(text) => format!("#{text}"),
            })
            .collect()
    }

    #[test]
    fn tags_texts_and_comments_come_apart() {
        assert_eq!(
            names("<!DOCTYPE html><TABLE BORDER=1><ss:Row/>a<b >c</ B><!--d>--><![CDATA[<e>]]>"),
            ["<table>", "<row/>", "a", "<b>", "c", "</b>", "#d>", "[<e>]"]
        );
    }

    #[test]
    fn slips_do_not_swallow_the_rest() {
        assert_eq!(names("1 < 2<td a='x>y'>z"), ["1 ", "< 2", "<td>", "z"]);
        assert_eq!(names("<td a=\"x>y"), ["<td>", "y"]);
        assert_eq!(names("<td"), ["<td>"]);
        assert_eq!(names("<!-- open"), ["# open"]);
        assert_eq!(names("<td title=it's>a</td>"), ["<td>", "a", "</td>"]);
    }

    #[test]
    fn scripts_and_styles_are_no_markup() {
        assert_eq!(
            names("<style>td<x></STYLE>a<script>if(a<b){}</script>"),
            ["<style>", "</style>", "a", "<script>", "</script>"]
        );
    }

    #[test]
    fn attributes_are_found_in_any_spelling() {
        let attributes =
            r#" nowrap COLSPAN = 3 x:num="12&#46;5" style='mso-number-format:"\@"' rowspan=2"#;
        assert_eq!(number(attributes, "colspan"), Some(3));
        assert_eq!(number(attributes, "rowspan"), Some(2));
        assert_eq!(attribute(attributes, "num").as_deref(), Some("12.5"));
        assert_eq!(attribute(attributes, "nowrap").as_deref(), Some(""));
        assert_eq!(
            attribute(attributes, "style").as_deref(),
            Some("mso-number-format:\"\\@\"")
        );
        assert_eq!(attribute("\"\" = x a=1", "a").as_deref(), Some("1"));
    }
}
