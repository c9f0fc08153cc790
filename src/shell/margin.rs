//! The margin of a statement that is typed over several lines: the line editor knows no prompt for
//! the second line, so every further line begins with blanks of its own kind, over which the
//! continuation prompt is drawn. Entry points: [`put`], [`take`], [`draw`].
//! Never part of what runs, is stored or completed.

use super::script::Script;

/// The blank of the margin: as wide as a space, and typed by nobody.
pub(super) const BLANK: char = '\u{a0}';

/// `text` with a margin of `width` before every line but the first.
#[must_use]
pub(super) fn put(text: &str, width: usize) -> String {
    text.replace('\n', &break_line(width))
}

/// A line break with the margin behind it.
#[must_use]
pub(super) fn break_line(width: usize) -> String {
    let mut text = String::from("\n");
    text.extend(std::iter::repeat_n(BLANK, width));
    text
}

/// `text` without its margins, damaged ones included.
#[must_use]
pub(super) fn take(text: &str, width: usize) -> String {
    let mut plain = String::with_capacity(text.len());
    for (place, line) in text.split('\n').enumerate() {
        if place > 0 {
            plain.push('\n');
        }
        plain.push_str(&line[margin_of(line, place, width)..]);
    }
    plain
}

/// Where the byte `at` of a text with margins is in the text without.
#[must_use]
pub(super) fn to_plain(text: &str, at: usize, width: usize) -> usize {
    let mut start = 0;
    let mut taken = 0;
    for (place, line) in text.split('\n').enumerate() {
        let margin = margin_of(line, place, width);
        if at <= start + line.len() {
            return at - taken - margin.min(at - start);
        }
        taken += margin;
        start += line.len() + 1;
    }
    text.len() - taken
}

/// Where the byte `at` of the text without margins is in `text`.
#[must_use]
pub(super) fn from_plain(text: &str, at: usize, width: usize) -> usize {
    let mut start = 0;
    let mut taken = 0;
    for (place, line) in text.split('\n').enumerate() {
        taken += margin_of(line, place, width);
        if at + taken <= start + line.len() {
            return at + taken;
        }
        start += line.len() + 1;
    }
    text.len()
}

/// Where a cursor stands to the margin of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the first line, or in a line without a margin.
    Bare,
    /// So many bytes behind the margin.
    Behind(usize),
    /// In the margin.
    Within,
}

/// Where the cursor `at` stands to the margin of its line.
#[must_use]
pub(super) fn place(text: &str, at: usize, width: usize) -> Place {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].split('\n').next().unwrap_or_default();
    let margin = margin_of(line, usize::from(start > 0), width);
    if margin < width * BLANK.len_utf8() || margin == 0 {
        return Place::Bare;
    }
    (at - start)
        .checked_sub(margin)
        .map_or(Place::Within, Place::Behind)
}

/// Colours `painted`, the highlighted form of `plain`, where no colour runs over a line break,
/// with the prompt before the lines that have a margin in `text`. `prompt` gives the prompt for the
/// sign of what is open; it must be `width` columns wide.
#[must_use]
pub(super) fn draw(
    text: &str,
    plain: &str,
    painted: &str,
    width: usize,
    prompt: impl Fn(char) -> String,
) -> String {
    let mut drawn = String::with_capacity(painted.len() * 2);
    let mut script = Script::new();
    let mut plain_lines = plain.split('\n');
    for (place, (line, colours)) in text.split('\n').zip(painted.split('\n')).enumerate() {
        if place > 0 {
            drawn.push('\n');
            let margin = &line[..margin_of(line, place, width)];
            if margin.chars().count() == width {
                drawn.push_str(&prompt(
                    script.open().map_or('-', super::script::Open::sign),
                ));
            } else {
                drawn.push_str(margin);
            }
        }
        drawn.push_str(colours);
        script.feed(plain_lines.next().unwrap_or_default());
    }
    drawn
}

/// The bytes of the margin at the start of a line.
fn margin_of(line: &str, place: usize, width: usize) -> usize {
    if place == 0 {
        return 0;
    }
    line.chars()
        .take(width)
        .take_while(|c| *c == BLANK)
        .map(char::len_utf8)
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_put_is_taken_off_again() {
        let text = "select 1,\n  2\n\nfrom t";
        let with = put(text, 3);
        assert_eq!(
            with,
            "select 1,\n\u{a0}\u{a0}\u{a0}  2\n\u{a0}\u{a0}\u{a0}\n\u{a0}\u{a0}\u{a0}from t"
        );
        assert_eq!(take(&with, 3), text);
        // Pasted lines have none, and a damaged one goes.
        assert_eq!(take("a\nb\n\u{a0}c", 3), "a\nb\nc");
    }

    #[test]
    fn the_cursor_knows_its_margin() {
        let text = put("ab\ncd", 3);
        assert_eq!(place(&text, 1, 3), Place::Bare);
        assert_eq!(place(&text, 3, 3), Place::Within);
        assert_eq!(place(&text, 7, 3), Place::Within);
        assert_eq!(place(&text, 9, 3), Place::Behind(0));
        assert_eq!(place(&text, 11, 3), Place::Behind(2));
        assert_eq!(place("ab\ncd", 4, 3), Place::Bare);
    }

    #[test]
    fn the_prompt_tells_what_is_open() {
        let plain = "select (1,\n'a\nb') from\nt";
        let text = put(plain, 3);
        let drawn = draw(&text, plain, plain, 3, |sign| format!("{sign}> "));
        assert_eq!(drawn, "select (1,\n(> 'a\n'> b') from\n-> t");
        assert_eq!(
            draw("a\nb", "a\nb", "a\nb", 3, |_| "-> ".to_owned()),
            "a\nb"
        );
    }

    proptest! {
        #[test]
        fn places_are_found_in_both_texts(text in "[ab乡\n]{0,12}", width in 0_usize..5) {
            let with = put(&text, width);
            prop_assert_eq!(take(&with, width), text.as_str());
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let there = from_plain(&with, at, width);
                prop_assert_eq!(to_plain(&with, there, width), at);
                prop_assert_eq!(&with[there..].chars().next().filter(|c| *c != '\n'),
                    &text[at..].chars().next().filter(|c| *c != '\n'));
            }
        }
    }
}
