//! Lines of braille dots over an axis of time, numbers or names.

use crate::output::display_width;

use super::axis::Axis;
use super::braille::Dots;
use super::grid::Cell;
use super::number::{length, whole};
use super::pick::Picked;
use super::scale::Scale;
use super::text::{self, COLOURS, MARKS, fit, right, spaces};
use super::{Canvas, Drawing, ticks};

/// Lines of the drawing that are not the field of the lines.
const AROUND: usize = 8;

/// Cells between points from which on each has its mark.
const APART: usize = 4;

/// Cells between marks where points stand closer.
const MARK_EVERY: usize = 12;

/// The lines of what was picked.
pub(super) fn draw(picked: &Picked, canvas: &Canvas) -> Drawing {
    let grid = &picked.grid;
    let low = grid.numbers().fold(f64::INFINITY, f64::min);
    let high = grid.numbers().fold(f64::NEG_INFINITY, f64::max);
    let rows = canvas.height.saturating_sub(AROUND).clamp(5, 20);
    let axis = Axis::covering(low, high, ((rows - 1) / 3).clamp(2, 6));
    let labels = axis.labels(picked.percent);
    let margin = text::widest(labels.iter().map(String::as_str)).min(canvas.width() / 2);
    let between = (rows - 1) / axis.steps;
    let field = Field {
        first: grid.places.iter().map(|place| place.at).min().unwrap_or(0),
        last: grid.places.iter().map(|place| place.at).max().unwrap_or(0),
        width: canvas.width() - margin - 2,
        height: between * axis.steps + 1,
        axis,
    };
    let plot = Plot::new(picked, &field, canvas);
    let brush = canvas.brush();
    let mut lines = legend(picked, canvas);
    for row in 0..field.height {
        let from_below = field.height - 1 - row;
        let (label, edge) = if from_below.is_multiple_of(between) {
            (labels[from_below / between].as_str(), "┤")
        } else {
            ("", "│")
        };
        let is_zero = from_below.is_multiple_of(between)
            && from_below > 0
            && field.axis.tick(from_below / between) == 0.0;
        lines.push(format!(
            "{} {}{}",
            right(&fit(label, margin), margin),
            brush.faint(edge),
            plot.row(row, is_zero, canvas)
        ));
    }
    lines.extend(field.ticks(picked, margin, canvas));
    Drawing { lines }
}

/// The room for the lines and what its edges stand for.
struct Field {
    first: i64,
    last: i64,
    width: usize,
    height: usize,
    axis: Axis,
}

impl Field {
    /// The dot of a figure. The first and last tick stand in the middle of their cells.
    fn dot(&self, at: i64, number: f64) -> (usize, usize) {
        let x = ticks::dot(at, self.first, self.last, self.width);
        let most = length((self.height - 1) * 4);
        let y = whole((1.0 - self.axis.share(number)) * most) + 1;
        (x, y)
    }

    /// The axis along the bottom and its labels.
    fn ticks(&self, picked: &Picked, margin: usize, canvas: &Canvas) -> [String; 2] {
        let mut names: Vec<String> = Vec::new();
        if picked.scale == Scale::Order {
            for place in &picked.grid.places {
                let at = usize::try_from(place.at).unwrap_or(0);
                if at >= names.len() {
                    names.resize(at + 1, String::new());
                }
                names[at].clone_from(&place.label);
            }
        }
        let (width, edge) = (self.width, margin + 2);
        let ticks = ticks::ticks(picked.scale, self.first, self.last, &names, width, edge);
        let mut rule = vec!['─'; width];
        let mut labels = String::new();
        for (cell, label) in ticks {
            if let Some(mark) = rule.get_mut(cell) {
                *mark = '┬';
            }
            let label = fit(&label, width + edge);
            let start = ticks::label_start(cell, &label, width, edge);
            let used = display_width(&labels);
            labels.push_str(&spaces(start.saturating_sub(used)));
            labels.push_str(&label);
        }
        let rule: String = rule.into_iter().collect();
        [
            format!(
                "{}{}",
                spaces(margin + 1),
                canvas.brush().faint(&format!("└{rule}"))
            ),
            labels,
        ]
    }
}

/// Dots and marks.
struct Plot {
    dots: Dots,
    marks: Vec<Option<usize>>,
    width: usize,
}

impl Plot {
    fn new(picked: &Picked, field: &Field, canvas: &Canvas) -> Self {
        let grid = &picked.grid;
        let mut plot = Self {
            dots: Dots::new(field.width, field.height),
            marks: vec![None; field.width * field.height],
            width: field.width,
        };
        let mut order: Vec<usize> = (0..grid.places.len()).collect();
        order.sort_by_key(|at| grid.places[*at].at);
        let mut positions: Vec<i64> = grid.places.iter().map(|place| place.at).collect();
        positions.sort_unstable();
        positions.dedup();
        let are_apart = positions.len() * APART <= field.width + APART;
        let needs_marks = grid.series.len() > 1 && !canvas.color;
        for (at, series) in grid.series.iter().enumerate() {
            let mut before = None;
            let mut next_mark = at * MARK_EVERY / grid.series.len();
            let mut points = order
                .iter()
                .filter(|place| series.cells[**place] != Cell::Absent)
                .peekable();
            while let Some(place) = points.next() {
                let Some(number) = series.cells[*place].number() else {
                    before = None;
                    continue;
                };
                let dot = field.dot(grid.places[*place].at, number);
                let is_alone = before.is_none()
                    && points
                        .peek()
                        .is_none_or(|next| series.cells[**next].number().is_none());
                plot.dots.line(before.unwrap_or(dot), dot, at);
                let is_due = needs_marks && dot.0 / 2 >= next_mark;
                if are_apart || is_alone || is_due {
                    plot.mark(dot, at);
                    next_mark = dot.0 / 2 + MARK_EVERY;
                }
                before = Some(dot);
            }
        }
        plot
    }

    fn mark(&mut self, dot: (usize, usize), series: usize) {
        if let Some(mark) = self.marks.get_mut(dot.1 / 4 * self.width + dot.0 / 2) {
            // The first series keeps its mark where two meet.
            mark.get_or_insert(series);
        }
    }

    /// A row of cells, coloured in runs.
    fn row(&self, row: usize, is_zero: bool, canvas: &Canvas) -> String {
        let brush = canvas.brush();
        let mut out = String::new();
        let mut run = String::new();
        let mut of = None;
        for x in 0..self.width {
            let mark = self.marks[row * self.width + x];
            let (character, series) = match (mark, self.dots.cell(x, row)) {
                (Some(series), _) => (MARKS[series % MARKS.len()], Some(series)),
                (None, Some((dots, series))) => (dots, Some(series)),
                (None, None) if is_zero => ('┈', None),
                (None, None) => (' ', None),
            };
            if series != of {
                out.push_str(&finish(&run, of, brush));
                run.clear();
                of = series;
            }
            run.push(character);
        }
        out.push_str(&finish(&run, of, brush));
        out
    }
}

fn finish(run: &str, series: Option<usize>, brush: text::Brush) -> String {
    match series {
        Some(series) => brush.paint(run, COLOURS[series % COLOURS.len()]),
        None if run.trim().is_empty() => run.to_owned(),
        None => brush.faint(run),
    }
}

/// The names of the lines with their marks.
fn legend(picked: &Picked, canvas: &Canvas) -> Vec<String> {
    let brush = canvas.brush();
    match picked.grid.series.as_slice() {
        [] => Vec::new(),
        [one] if one.name.is_empty() => Vec::new(),
        [one] => vec![brush.faint(&fit(&one.name, canvas.width()))],
        several => text::legend(
            several.iter().enumerate().map(|(at, series)| {
                let mark = MARKS[at % MARKS.len()].to_string();
                let mark = brush.paint(&mark, COLOURS[at % COLOURS.len()]);
                (mark, series.name.as_str())
            }),
            canvas.width(),
        ),
    }
}
