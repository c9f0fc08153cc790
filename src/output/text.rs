//! Text in character cells of a terminal: how wide it is, how it is made safe and short.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Begins bold text on a terminal.
pub(super) const BOLD: &str = "\u{1b}[1m";
/// Begins dim text.
pub(super) const DIM: &str = "\u{1b}[2m";
/// Ends both.
pub(super) const RESET: &str = "\u{1b}[0m";

/// Columns that `text` takes on a terminal: two for a Chinese character, none for a combining
/// mark (Unicode Standard Annex 11; ambiguous characters count one).
#[must_use]
pub fn display_width(text: &str) -> usize {
    text.width()
}

/// Appends `text` on one line: control characters and those that change the direction of
/// writing come out as `\n`, `\t`, `\u{1b}`, so that data cannot steer the terminal. So do spaces of
/// no width, which make two texts look the same.
pub(super) fn push_visible(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            character if is_invisible(character) => {
                // Writing into a `String` cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            character => out.push(character),
        }
    }
}

/// `text` on one line, without anything that could steer a terminal.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text);
    out
}

fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The longest beginning of `text` that fits in `limit` columns with `…` after it; `None` when
/// all of it fits.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> Option<String> {
    if display_width(text) <= limit {
        return None;
    }
    let room = limit.saturating_sub(1);
    let mut used = 0;
    let mut end = 0;
    for (at, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > room {
            break;
        }
        end = at + character.len_utf8();
    }
    // Characters that join, such as emoji, are not as wide together as one by one.
    let mut short = format!("{}…", &text[..end]);
    while display_width(&short) > limit && end > 0 {
        end -= text[..end].chars().next_back().map_or(end, char::len_utf8);
        short = format!("{}…", &text[..end]);
    }
    Some(short)
}

/// Appends `text` filled up with spaces to `width` columns.
pub(super) fn push_padded(out: &mut String, text: &str, width: usize, to_right: bool) {
    let spaces = width.saturating_sub(display_width(text));
    if to_right {
        out.extend(std::iter::repeat_n(' ', spaces));
    }
    out.push_str(text);
    if !to_right {
        out.extend(std::iter::repeat_n(' ', spaces));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_two_wide_and_marks_nothing() {
        for (text, width) in [
            ("", 0),
            ("abc", 3),
            ("太湖县", 6),
            ("e\u{301}", 1),
            ("ａ", 2),
            ("…", 1),
        ] {
            assert_eq!(display_width(text), width, "{text}");
        }
    }

    #[test]
    fn shortening_never_splits_a_wide_character_or_drops_its_marks() {
        for (text, limit, short) in [
            ("晋熙镇", 6, None),
            ("晋熙镇", 5, Some("晋熙…")),
            ("晋熙镇", 4, Some("晋…")),
            ("cafe\u{301} x", 5, Some("cafe\u{301}…")),
            ("abc", 1, Some("…")),
        ] {
            assert_eq!(shorten(text, limit).as_deref(), short, "{text} {limit}");
        }
    }

    #[test]
    fn control_characters_become_visible() {
        let mut out = String::new();
        push_visible(&mut out, "a\nb\t\u{1b}[31m\u{202e}\u{9b}太");
        assert_eq!(out, "a\\nb\\t\\u{1b}[31m\\u{202e}\\u{9b}太");
    }
}
