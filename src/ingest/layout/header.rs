//! Headers of one to three rows: which rows belong to the header, and what each column is called.

use std::ops::Range;

use crate::domain::text::{clean, header_key, header_unit};

use super::super::rows::{CellKind, Rows};
use super::super::workbook::Merge;
use super::{Header, SEARCHED, words};

/// Most levels of a header.
const MAX_LEVELS: usize = 3;
/// A longer text is no column or group label.
const MAX_LABEL: usize = 40;

/// The top of a sheet with its merged cells.
pub(super) struct Grid<'a> {
    rows: &'a Rows,
    merges: Vec<Merge>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(rows: &'a Rows, merges: &[Merge]) -> Self {
        let near = |merge: &&Merge| merge.first_row < SEARCHED + MAX_LEVELS;
        Self {
            rows,
            merges: merges.iter().filter(near).copied().collect(),
        }
    }

    /// The header rows around `anchor`, a row with known headers.
    pub(super) fn header_rows(&self, anchor: usize, known: &dyn Fn(&str) -> bool) -> Range<usize> {
        let (mut start, mut end) = (anchor, anchor + 1);
        while end - start < MAX_LEVELS && end < self.rows.len() && self.continues(start, end, known)
        {
            end += 1;
        }
        while end - start < MAX_LEVELS && start > 0 && self.groups(start - 1, start, known) {
            start -= 1;
        }
        start..end
    }

    fn text(&self, row: usize, column: usize) -> &'a str {
        self.rows.cell(row, column).text.trim()
    }

    fn filled(&self, row: usize) -> Vec<usize> {
        (0..self.rows.width(row))
            .filter(|&column| !self.text(row, column).is_empty())
            .collect()
    }

    fn adjacent(&self, upper: usize, lower: usize) -> bool {
        self.rows.number(lower) == self.rows.number(upper) + 1
    }

    fn is_label(&self, row: usize, column: usize) -> bool {
        let cell = self.rows.cell(row, column);
        let text = cell.text.trim();
        cell.kind == CellKind::Text
            && text.chars().count() <= MAX_LABEL
            && text.chars().any(char::is_alphabetic)
            && text.parse::<f64>().is_err()
    }

    /// Whether cells are merged from `upper` down into `lower`.
    fn merged_down(&self, upper: usize, lower: usize) -> bool {
        self.merges.iter().any(|merge| {
            merge.first_row == upper
                && merge.last_row >= lower
                && merge.first_col == merge.last_col
                && !self.text(upper, merge.first_col).is_empty()
        })
    }

    /// Labels of row `row` that are merged over several columns: their columns.
    fn merged_right(&self, row: usize) -> Vec<Range<usize>> {
        self.merges
            .iter()
            .filter(|merge| merge.first_row <= row && row <= merge.last_row)
            .filter(|merge| merge.last_col > merge.first_col)
            .map(|merge| merge.first_col..merge.last_col + 1)
            .collect()
    }

    /// Labels of row `upper` with empty cells to their right under which row `lower` has texts.
    fn spread_right(&self, upper: usize, lower: usize) -> Vec<Range<usize>> {
        let width = self.rows.width(upper).max(self.rows.width(lower));
        let mut groups = Vec::new();
        for label in self.filled(upper) {
            let taken = (label + 1..width)
                .take_while(|&column| {
                    self.text(upper, column).is_empty() && !self.text(lower, column).is_empty()
                })
                .count();
            if taken > 0 && !self.text(lower, label).is_empty() {
                groups.push(label..label + taken + 1);
            }
        }
        groups
    }

    /// Whether row `row` is one more level below the header rows from `start`.
    fn continues(&self, start: usize, row: usize, known: &dyn Fn(&str) -> bool) -> bool {
        let upper = row - 1;
        let cells = self.filled(row);
        if cells.is_empty()
            || !self.adjacent(upper, row)
            || !cells.iter().all(|&column| self.is_label(row, column))
        {
            return false;
        }
        let merged = self.merged_right(upper);
        let inferred = merged.is_empty();
        let groups = if inferred {
            self.spread_right(upper, row)
        } else {
            merged
        };
        let in_group = |column: usize| groups.iter().any(|group| group.contains(&column));
        // A record has something under the labels that stand for themselves.
        let fits = cells.iter().all(|&column| {
            in_group(column) || (start..row).all(|above| self.text(above, column).is_empty())
        });
        let parts = groups.iter().any(|group| {
            group
                .clone()
                .filter(|&column| !self.text(row, column).is_empty())
                .count()
                >= 2
        });
        if !fits || !parts {
            return false;
        }
        let singles = self
            .filled(upper)
            .into_iter()
            .filter(|&column| !in_group(column))
            .count();
        let hits = cells
            .iter()
            .filter(|&&column| known(&header_key(self.text(row, column))))
            .count();
        (start..row).any(|above| self.merged_down(above, row))
            || singles > 0
            || hits * 2 >= cells.len()
    }

    /// Whether row `upper` groups the headers of row `lower`, and is no title.
    fn groups(&self, upper: usize, lower: usize, known: &dyn Fn(&str) -> bool) -> bool {
        let cells = self.filled(upper);
        let plain = |&column: &usize| {
            let text = self.text(upper, column);
            self.is_label(upper, column)
                && !text.contains([':', '：'])
                && words::footer(text).is_none()
                && !words::is_title(text)
        };
        if cells.is_empty() || !self.adjacent(upper, lower) || !cells.iter().all(plain) {
            return false;
        }
        if self.merged_down(upper, lower) {
            return true;
        }
        // A label above a hole of the row below belongs to the header.
        let below = self.filled(lower);
        let last = below.last().copied().unwrap_or_default();
        let fills = |&column: &usize| column < last && self.text(lower, column).is_empty();
        let known_above = |&column: &usize| known(&header_key(self.text(upper, column)));
        let holes: Vec<usize> = cells
            .iter()
            .copied()
            .filter(|column| fills(column))
            .collect();
        if !holes.is_empty() && (cells.len() >= 2 || holes.iter().any(known_above)) {
            return true;
        }
        let merged = self.merged_right(upper);
        let groups = if merged.is_empty() {
            self.spread_right(upper, lower)
        } else {
            merged
        };
        let parts = |group: &&Range<usize>| {
            below.iter().filter(|column| group.contains(column)).count() >= 2
        };
        groups.iter().filter(parts).count() >= 2 && self.has_twins(lower, &below) || {
            // Two merged labels side by side are groups even over headers that differ.
            !self.merges.is_empty() && self.merged_right(upper).iter().filter(parts).count() >= 2
        }
    }

    /// Whether a row names two columns alike, which only a level above can tell apart.
    fn has_twins(&self, row: usize, columns: &[usize]) -> bool {
        let mut keys: Vec<String> = columns
            .iter()
            .map(|&column| header_key(self.text(row, column)))
            .collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// The header of every column, without the empty ones at the end.
    pub(super) fn headers(&self, rows: &Range<usize>) -> Vec<Option<Header>> {
        let width = rows
            .clone()
            .map(|row| self.rows.width(row))
            .max()
            .unwrap_or(0);
        let mut levels: Vec<Vec<String>> = Vec::new();
        for row in rows.clone() {
            let level = self.level(rows, row, width, levels.last());
            levels.push(level);
        }
        let mut headers: Vec<Option<Header>> = (0..width)
            .map(|column| joined(levels.iter().map(|level| level[column].as_str())))
            .collect();
        while headers.last().is_some_and(Option::is_none) {
            headers.pop();
        }
        headers
    }

    /// The labels of header row `row`, spread over the columns and rows they stand for.
    fn level(
        &self,
        rows: &Range<usize>,
        row: usize,
        width: usize,
        above: Option<&Vec<String>>,
    ) -> Vec<String> {
        let mut labels: Vec<String> = (0..width)
            .map(|column| label(self.text(row, column)))
            .collect();
        let mut merged_right = false;
        for merge in &self.merges {
            if merge.first_row < rows.start || !(merge.first_row..=merge.last_row).contains(&row) {
                continue;
            }
            merged_right |= merge.last_col > merge.first_col;
            let text = label(self.text(merge.first_row, merge.first_col));
            let columns = labels
                .iter_mut()
                .take(merge.last_col + 1)
                .skip(merge.first_col);
            for label in columns.filter(|label| label.is_empty()) {
                label.clone_from(&text);
            }
        }
        if merged_right || row + 1 == rows.end {
            return labels;
        }
        let below =
            |column: usize| (row + 1..rows.end).any(|lower| !self.text(lower, column).is_empty());
        for column in 1..width {
            let same_group = above.is_none_or(|above| above[column] == above[column - 1]);
            if labels[column].is_empty() && same_group && below(column) && below(column - 1) {
                labels[column] = labels[column - 1].clone();
            }
        }
        labels
    }
}

fn label(text: &str) -> String {
    words::shown(&clean(text))
}

/// The header with these levels; a level that says what the one above says is told once.
fn joined<'a>(levels: impl Iterator<Item = &'a str>) -> Option<Header> {
    let mut told: Vec<&str> = Vec::new();
    for level in levels.filter(|level| !level.is_empty()) {
        if told.last() != Some(&level) {
            told.push(level);
        }
    }
    let last = header_key(told.last()?);
    let text = told.join("/");
    let unit = told.iter().rev().find_map(|level| header_unit(level));
    Some(Header {
        key: header_key(&text),
        text,
        last,
        unit,
    })
}
