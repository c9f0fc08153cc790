//! The line of a statement where it is wrong, with carets below the place.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

/// Columns of the screen that a line of the statement may take.
const WHOLE: usize = 74;

/// Columns of the part that is shown of a longer line.
const WIDTH: usize = 70;

/// The line with its number, and carets below `place` (bytes of `text`):
///
/// ```text
///   2 | where brith_date > DATE '2018-01-01'
///     |       ^^^^^^^^^^
/// ```
///
/// Of a long line the part around the place is shown. `first_line` is the number of the first line
/// of `text`.
pub(super) fn excerpt(text: &str, first_line: usize, place: &Range<usize>) -> String {
    let start = floor(text, place.start);
    let end = floor(text, place.end).max(start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let number = first_line + text[..line_start].matches('\n').count();
    // A place over several lines is marked on its first.
    let end = end.min(line_end);

    let (before, from, to) = (
        shown(&text[line_start..start]),
        width(&shown(&text[line_start..start])),
        width(&shown(&text[line_start..end])),
    );
    let line = before + &shown(text[start..line_end].trim_end());
    let carets = to.saturating_sub(from).max(1);

    // The window begins a third of the width before the place when the line is too long.
    let total = width(&line);
    let skip = if total <= WHOLE || from < WIDTH * 2 / 3 {
        0
    } else {
        word_start(&line, (from - WIDTH / 3).min(total.saturating_sub(WIDTH)))
    };
    let (head, hidden) = if skip > 0 {
        drop_columns(&line, skip)
    } else {
        (line, 0)
    };
    let (lead, lead_width) = if hidden > 0 { ("… ", 2) } else { ("", 0) };
    let room = if total <= WHOLE { WHOLE } else { WIDTH };
    let (visible, cut) = take_columns(&head, room);
    let tail = if cut { " …" } else { "" };
    let indent = (from - hidden.min(from)) + lead_width;
    let carets = carets.min((room + lead_width).saturating_sub(indent).max(1));

    let gutter = number.to_string();
    let margin = " ".repeat(gutter.len());
    format!(
        "  {gutter} | {lead}{visible}{tail}\n  {margin} | {}{}",
        " ".repeat(indent),
        "^".repeat(carets)
    )
}

/// Line and column, both from 1, of byte `at`; `first_line` as in [`excerpt`].
pub(super) fn line_and_column(text: &str, first_line: usize, at: usize) -> (u32, u32) {
    let before = &text[..floor(text, at)];
    let line = first_line + before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let column = before[start..].chars().count() + 1;
    (line as u32, column as u32)
}

/// Tabs as spaces, and nothing that moves the cursor.
fn shown(text: &str) -> String {
    text.chars()
        .flat_map(|character| match character {
            '\t' => "    ".chars().collect::<Vec<_>>(),
            other if other.is_control() || is_direction(other) => vec![' '],
            other => vec![other],
        })
        .collect()
}

/// Marks that turn the direction of writing would move the carets away from the place.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Without at least `columns` of its beginning, and how many those were.
fn drop_columns(text: &str, columns: usize) -> (String, usize) {
    let mut gone = 0;
    let rest: String = text
        .chars()
        .skip_while(|c| {
            let before = gone < columns;
            if before {
                gone += c.width().unwrap_or(0);
            }
            before
        })
        .collect();
    (rest, gone)
}

/// The column after the first space from `column` on, when one is near.
fn word_start(text: &str, column: usize) -> usize {
    let mut at = 0;
    for character in text.chars() {
        at += character.width().unwrap_or(0);
        if at > column + 12 {
            break;
        }
        if at > column && character == ' ' {
            return at;
        }
    }
    column
}

/// At most `columns` of its beginning, and whether something is missing.
fn take_columns(text: &str, columns: usize) -> (String, bool) {
    let mut taken = 0;
    let head: String = text
        .chars()
        .take_while(|c| {
            taken += c.width().unwrap_or(0);
            taken <= columns
        })
        .collect();
    let cut = head.len() < text.len();
    (head, cut)
}

/// The nearest character boundary at or before `byte`.
fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, word: &str) -> String {
        let start = text.find(word).unwrap();
        excerpt(text, 1, &(start..start + word.len()))
    }

    #[test]
    fn carets_stand_below_the_word() {
        assert_eq!(
            at("select brith_date\nfrom t", "brith_date"),
            "  1 | select brith_date\n    |        ^^^^^^^^^^"
        );
        assert_eq!(
            excerpt("select 1\nfrom t", 41, &(14..15)),
            "  42 | from t\n     |      ^"
        );
    }

    #[test]
    fn a_chinese_character_takes_two_columns_and_a_tab_four() {
        assert_eq!(
            at("select 性别 from 出生医学证名 where", "出生医学证名"),
            "  1 | select 性别 from 出生医学证名 where\n    |                  ^^^^^^^^^^^^"
        );
        assert_eq!(at("\tx\ty", "y"), "  1 |     x    y\n    |          ^");
    }

    #[test]
    fn of_a_long_line_the_part_around_the_place_is_shown() {
        let text = format!(
            "select {} brith_date, {}",
            "x, ".repeat(90),
            "y, ".repeat(90)
        );
        let shown = at(&text, "brith_date");
        let (line, carets) = shown.split_once('\n').unwrap();
        assert!(width(line) <= 80, "{shown}");
        assert!(line.starts_with("  1 | … x, x"), "{shown}");
        assert!(line.ends_with(" …"));
        assert_eq!(
            width(&line[..line.find("brith_date").unwrap()]),
            carets.find('^').unwrap(),
            "{shown}"
        );
        let chinese = format!("select {}错 from t", "性别、".repeat(60));
        let shown = at(&chinese, "错");
        let (line, carets) = shown.split_once('\n').unwrap();
        assert_eq!(
            width(&line[..line.find('错').unwrap()]),
            carets.find('^').unwrap(),
            "{shown}"
        );
    }

    #[test]
    fn the_end_of_the_text_and_places_outside_it_are_marked() {
        assert_eq!(excerpt("select", 1, &(6..6)), "  1 | select\n    |       ^");
        assert_eq!(excerpt("", 1, &(9..12)), "  1 | \n    | ^");
        assert_eq!(excerpt("性", 1, &(1..2)), "  1 | 性\n    | ^");
    }

    #[test]
    fn nothing_in_a_statement_moves_the_cursor() {
        assert!(!at("select \u{1b}[2J x", "x").contains('\u{1b}'));
    }
}
