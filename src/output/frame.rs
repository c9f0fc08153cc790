//! The frame around a table: its rules, and the line below the rows that says how many there are.

use crate::error::Lang;

use super::figure::{columns_said, rows_said, thousands};
use super::layout::Slot;
use super::text::display_width;

/// How many are shown out of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    shown: usize,
    total: usize,
}

impl Count {
    pub(super) fn new(shown: usize, total: usize) -> Self {
        Self { shown, total }
    }

    pub(super) fn is_partial(self) -> bool {
        self.shown < self.total
    }

    /// Shown and total, unless all are shown.
    pub(super) fn partial(self) -> Option<(usize, usize)> {
        self.is_partial().then_some((self.shown, self.total))
    }

    fn said(self, lang: Lang, total: fn(usize, Lang) -> String) -> String {
        let all = total(self.total, lang);
        let shown = thousands(self.shown, lang);
        match (self.is_partial(), lang) {
            (false, _) => all,
            (true, Lang::En) => format!("{all} ({shown} shown)"),
            (true, Lang::Zh) => format!("{all}（显示 {shown}）"),
        }
    }
}

/// Says rows and columns.
pub(super) struct Footer {
    lang: Lang,
}

impl Footer {
    pub(super) fn new(lang: Lang) -> Self {
        Self { lang }
    }

    /// How many rows, for a format without columns.
    pub(super) fn rows(&self, rows: Count) -> String {
        rows.said(self.lang, rows_said)
    }

    /// The lines below the rows: none when a single row tells everything itself. What is left out
    /// is always said, and the last column is widened for it as far as `limit` goes.
    pub(super) fn lines(
        &self,
        rows: Count,
        columns: Count,
        slots: &mut [Slot],
        limit: Option<usize>,
    ) -> Vec<String> {
        let is_partial = rows.is_partial() || columns.is_partial();
        if rows.total == 1 && !is_partial {
            return Vec::new();
        }
        let rows = self.rows(rows);
        let said = columns.said(self.lang, columns_said);
        let both = format!("{rows} · {said}");
        let width = display_width(&both);
        let frame = frame_width(slots);
        let room = limit.unwrap_or(usize::MAX).max(frame).saturating_sub(4);
        let lines = if width <= frame.saturating_sub(4) || columns.is_partial() && width <= room {
            vec![both]
        } else if columns.is_partial() {
            vec![rows, said]
        } else {
            vec![rows]
        };
        let needed = lines.iter().map(|line| display_width(line)).max();
        let wider = needed.unwrap_or(0).min(room).saturating_sub(frame - 4);
        let Some(last) = slots.iter_mut().rfind(|slot| slot.column.is_some()) else {
            return Vec::new();
        };
        last.width += wider;
        lines
    }
}

/// Width of a frame around `slots`; at least that of an empty cell.
pub(super) fn frame_width(slots: &[Slot]) -> usize {
    (1 + slots.iter().map(|slot| slot.width + 3).sum::<usize>()).max(4)
}

pub(super) fn push_rule(text: &mut String, slots: &[Slot], [left, middle, right]: [char; 3]) {
    for (at, slot) in slots.iter().enumerate() {
        text.push(if at == 0 { left } else { middle });
        text.extend(std::iter::repeat_n('─', slot.width + 2));
    }
    text.push(right);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(
        rows: (usize, usize),
        columns: (usize, usize),
        width: usize,
        limit: Option<usize>,
        lang: Lang,
    ) -> (Vec<String>, usize) {
        let mut slots = [Slot {
            column: Some(0),
            width,
        }];
        let (rows, columns) = (Count::new(rows.0, rows.1), Count::new(columns.0, columns.1));
        let lines = Footer::new(lang).lines(rows, columns, &mut slots, limit);
        (lines, slots[0].width)
    }

    #[test]
    fn a_footer_says_what_fits_and_always_what_is_left_out() {
        let said = |lines: &[&str], width: usize| {
            let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            (lines, width)
        };
        assert_eq!(lines((1, 1), (2, 2), 30, None, Lang::En), said(&[], 30));
        assert_eq!(
            lines((0, 0), (1, 1), 30, None, Lang::En),
            said(&["0 rows · 1 column"], 30)
        );
        // Columns are not worth a wider table, rows are.
        assert_eq!(
            lines((2, 2), (2, 2), 3, None, Lang::En),
            said(&["2 rows"], 6)
        );
        assert_eq!(
            lines((40, 1234), (7, 7), 40, None, Lang::En),
            said(&["1,234 rows (40 shown) · 7 columns"], 40)
        );
        assert_eq!(
            lines((40, 1234), (5, 7), 10, Some(60), Lang::En),
            said(&["1,234 rows (40 shown) · 7 columns (5 shown)"], 43)
        );
        assert_eq!(
            lines((40, 1234), (5, 7), 10, Some(30), Lang::En),
            said(&["1,234 rows (40 shown)", "7 columns (5 shown)"], 21)
        );
        assert_eq!(
            lines((40, 1234), (5, 7), 10, Some(20), Lang::En),
            said(&["1,234 rows (40 shown)", "7 columns (5 shown)"], 16)
        );
        assert_eq!(
            lines((40, 1234), (7, 7), 40, None, Lang::Zh),
            said(&["1,234 行（显示 40） · 7 列"], 40)
        );
    }
}
