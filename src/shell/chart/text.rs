//! Text of a drawing: cut to its room, filled up, coloured.

use crate::output::{display_width, shorten};

pub(super) use crate::output::visible as clean;

/// A colour of the sixteen that every terminal has, by its SGR number. Those of the eight normal
/// ones that read on a dark and on a light ground.
pub(super) type Colour = u8;

/// One colour per series, and as many series as can be told apart.
pub(super) const COLOURS: [Colour; 6] = [36, 35, 32, 31, 34, 33];

/// Marks that tell series apart without colour.
pub(super) const MARKS: [char; 6] = ['●', '▲', '■', '◆', '○', '△'];

/// Paints in colour when the terminal has some.
#[derive(Debug, Clone, Copy)]
pub(super) struct Brush(pub(super) bool);

impl Brush {
    pub(super) fn paint(self, text: &str, colour: Colour) -> String {
        self.with(text, &colour.to_string())
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with(text, "1")
    }

    /// For what stands around the data: axes, notes.
    pub(super) fn faint(self, text: &str) -> String {
        self.with(text, "90")
    }

    fn with(self, text: &str, code: &str) -> String {
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// `text`, or as much of it as fits in `width` columns with `…` after it.
pub(super) fn fit(text: &str, width: usize) -> String {
    match shorten(text, width) {
        _ if width == 0 => String::new(),
        Some(short) => short,
        None => text.to_owned(),
    }
}

/// `text` with spaces after it.
pub(super) fn left(text: &str, width: usize) -> String {
    format!(
        "{text}{}",
        spaces(width.saturating_sub(display_width(text)))
    )
}

/// `text` with spaces before it.
pub(super) fn right(text: &str, width: usize) -> String {
    format!(
        "{}{text}",
        spaces(width.saturating_sub(display_width(text)))
    )
}

/// `text` between spaces.
pub(super) fn centred(text: &str, width: usize) -> String {
    let room = width.saturating_sub(display_width(text));
    format!("{}{text}{}", spaces(room / 2), spaces(room - room / 2))
}

pub(super) fn spaces(count: usize) -> String {
    " ".repeat(count)
}

/// The width of the widest text.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>) -> usize {
    texts.into_iter().map(display_width).max().unwrap_or(0)
}

/// Sentences on lines of at most `width` columns, broken between words or Chinese characters.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        let line = lines.last().map_or(0, |line| display_width(line));
        let fits = line + display_width(word.trim_end()) <= width;
        if !fits && line > 0 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(word);
        }
    }
    lines
        .iter()
        .map(|line| fit(line.trim_end(), width))
        .collect()
}

/// Pieces that a line may end after.
fn words(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let end = at + character.len_utf8();
        let next = characters.peek().map(|(_, next)| *next);
        let may_end = character == ' '
            || (is_wide(character) && next.is_some_and(|next| !"，。；：、）】》".contains(next)))
            || next.is_some_and(is_wide)
                && !"，。；：、）】》（".contains(character)
                && next.is_some_and(|next| !"，。；：、）】》".contains(next));
        if may_end && !"（【《".contains(character) {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_wide(character: char) -> bool {
    display_width(character.encode_utf8(&mut [0; 4])) == 2
}

/// Marks with the names of their series, on as many lines as they need.
pub(super) fn legend<'a>(
    entries: impl Iterator<Item = (String, &'a str)>,
    width: usize,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for (mark, name) in entries {
        let name = fit(name, width.saturating_sub(2));
        let own = display_width(&name) + 2;
        if used > 0 && used + 3 + own > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            if used > 0 {
                line.push_str("   ");
                used += 3;
            }
            line.push_str(&mark);
            line.push(' ');
            line.push_str(&name);
        }
        used += own;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_filled_by_columns_of_the_terminal() {
        assert_eq!(fit("晋熙镇", 6), "晋熙镇");
        assert_eq!(fit("晋熙镇", 5), "晋熙…");
        assert_eq!(fit("晋熙镇", 0), "");
        assert_eq!(left("晋熙", 5), "晋熙 ");
        assert_eq!(right("晋熙", 5), " 晋熙");
        assert_eq!(centred("晋熙", 7), " 晋熙  ");
    }

    #[test]
    fn sentences_break_between_words_and_chinese_characters() {
        assert_eq!(
            wrap("not drawn: births, deaths", 14),
            ["not drawn:", "births, deaths"]
        );
        assert_eq!(wrap("未画出：出生，死亡", 10), ["未画出：出", "生，死亡"]);
        assert_eq!(wrap("abcdefghij", 4), ["abc…"]);
    }
}
