//! Horizontal bars: one per label and series, the figure at the end of each.

use crate::msg;
use crate::output::display_width;

use super::grid::Cell;
use super::number::{Style, length, whole};
use super::pick::Picked;
use super::text::{self, Brush, COLOURS, fit, left, right, spaces};
use super::{Canvas, Drawing};

/// Bars drawn at most: more is a table, not a picture.
const MOST_BARS: usize = 60;

/// Bars shorter than this say nothing; labels give way.
const SHORTEST: usize = 6;

/// What fills the bars of each series where there is no colour.
const FILLS: [char; 6] = ['█', '░', '▒', '▓', '▚', '─'];

/// Blocks filled from the left by eighths (Unicode Standard, U+2588 to U+258F).
const EIGHTHS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// The bars of what was picked.
pub(super) fn draw(picked: &Picked, canvas: &Canvas) -> Drawing {
    let grid = &picked.grid;
    let labels = &grid.places;
    let shown = labels
        .len()
        .min((MOST_BARS / grid.series.len().max(1)).max(1));
    let numbers = || {
        grid.series.iter().flat_map(|series| {
            series.cells[..shown]
                .iter()
                .filter_map(|cell| cell.number())
        })
    };
    let style = Style::of(numbers(), picked.percent);
    let layout = Layout::new(
        text::widest(labels[..shown].iter().map(|place| place.label.as_str())),
        &numbers().collect::<Vec<_>>(),
        style,
        canvas,
    );
    let brush = canvas.brush();
    let mut lines = legend(picked, canvas);
    let is_grouped = grid.series.len() > 1;
    for (at, place) in labels[..shown].iter().enumerate() {
        if is_grouped && at > 0 {
            lines.push(String::new());
        }
        let mut label = fit(&place.label, layout.label);
        for (series, cells) in grid.series.iter().enumerate() {
            let cell = cells.cells[at];
            if cell == Cell::Absent {
                continue;
            }
            let gap = if layout.label > 0 { " " } else { "" };
            let bar = layout.bar(cell, series, style, brush);
            lines.push(format!("{}{gap}{bar}", left(&label, layout.label)));
            label.clear();
        }
    }
    if labels.len() > shown {
        let rest = labels.len() - shown;
        let note = canvas.say(&msg!(
            "… {rest} more rows not drawn",
            "… 另有 {rest} 行未画出"
        ));
        lines.push(brush.faint(&fit(&note, canvas.width())));
    }
    Drawing { lines }
}

/// The names of the series with the look of their bars.
fn legend(picked: &Picked, canvas: &Canvas) -> Vec<String> {
    let brush = canvas.brush();
    match picked.grid.series.as_slice() {
        [] => Vec::new(),
        [one] if one.name.is_empty() => Vec::new(),
        [one] => vec![brush.faint(&fit(&one.name, canvas.width()))],
        several => text::legend(
            several.iter().enumerate().map(|(at, series)| {
                let fill = if canvas.color {
                    '█'
                } else {
                    FILLS[at % FILLS.len()]
                };
                let mark = brush.paint(&fill.to_string(), COLOURS[at % COLOURS.len()]);
                (mark, series.name.as_str())
            }),
            canvas.width(),
        ),
    }
}

/// The columns of the drawing: label, negative side, zero line, positive side.
struct Layout {
    label: usize,
    /// Cells of the bars to the left and to the right of zero.
    below: usize,
    above: usize,
    /// Room for the figures beside them.
    below_text: usize,
    above_text: usize,
    /// Cells per unit.
    scale: f64,
}

impl Layout {
    fn new(widest: usize, numbers: &[f64], style: Style, canvas: &Canvas) -> Self {
        let low = numbers.iter().copied().fold(0.0, f64::min);
        let high = numbers.iter().copied().fold(0.0, f64::max);
        let room_for = |is_below: bool| {
            let of_side = numbers.iter().filter(|number| (**number < 0.0) == is_below);
            let texts: Vec<String> = of_side.map(|number| style.text(*number)).collect();
            text::widest(texts.iter().map(String::as_str))
        };
        let has_below = low < 0.0;
        // Figures give way only where there would be no label left; NULL stands to the right.
        let sides = if has_below { 2 } else { 1 };
        let most = (canvas.width() - SHORTEST) / sides - 2;
        let below_text = if has_below {
            room_for(true).min(most)
        } else {
            0
        };
        let above_text = room_for(false).max(4).min(most);
        let around = if has_below { below_text + 2 } else { 0 } + above_text + 1;
        let most = (canvas.width() * 2 / 5)
            .min(canvas.width().saturating_sub(around + SHORTEST + 1))
            .max(3);
        let label = widest.min(most);
        let bars = canvas
            .width()
            .saturating_sub(around + label + usize::from(label > 0));
        // The cell in which zero falls belongs to one side only.
        let cells = bars.saturating_sub(usize::from(has_below && high > 0.0));
        let scale = if high - low > 0.0 {
            length(cells) / (high - low)
        } else {
            0.0
        };
        let below = whole((-low * scale - 1e-9).ceil()).min(bars);
        Self {
            label,
            below,
            above: bars - below,
            below_text,
            above_text,
            scale,
        }
    }

    /// One bar with its figure.
    fn bar(&self, cell: Cell, series: usize, style: Style, brush: Brush) -> String {
        let colour = COLOURS[series % COLOURS.len()];
        let has_below = self.below_text > 0;
        let zero = if has_below {
            brush.faint("│")
        } else {
            String::new()
        };
        let side = if has_below {
            self.below + self.below_text + 1
        } else {
            0
        };
        let fill = if brush.0 {
            '█'
        } else {
            FILLS[series % FILLS.len()]
        };
        match cell {
            Cell::Absent => String::new(),
            Cell::Null => format!(
                "{}{zero}{}",
                spaces(side),
                brush.faint(&self.figure("NULL"))
            ),
            Cell::Number(number) if number < 0.0 => {
                let bar = to_left(-number * self.scale, self.below, fill);
                let figure = fit(&style.text(number), self.below_text);
                let bar_width = display_width(&bar);
                let figure = right(&figure, side.saturating_sub(bar_width + 1));
                format!("{figure} {}{zero}", brush.paint(&bar, colour))
            }
            Cell::Number(number) => {
                let bar = to_right(number * self.scale, self.above, fill);
                let figure = self.figure(&style.text(number));
                let gap = if bar.is_empty() && !has_below {
                    ""
                } else {
                    " "
                };
                format!(
                    "{}{zero}{}{gap}{figure}",
                    spaces(side),
                    brush.paint(&bar, colour)
                )
            }
        }
    }

    fn figure(&self, text: &str) -> String {
        fit(text, self.above_text)
    }
}

/// A bar from the left; anything above zero is seen.
fn to_right(cells: f64, most: usize, fill: char) -> String {
    if cells <= 0.0 || most == 0 {
        return String::new();
    }
    if fill != '█' {
        return repeat(fill, whole(cells).clamp(1, most));
    }
    let eighths = whole(cells * 8.0).clamp(1, most * 8);
    let mut bar = repeat(fill, eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

/// A bar that ends at the right, by half cells: blocks filled from the right have no eighths.
pub(super) fn to_left(cells: f64, most: usize, fill: char) -> String {
    if cells <= 0.0 || most == 0 {
        return String::new();
    }
    if fill != '█' {
        return repeat(fill, whole(cells).clamp(1, most));
    }
    match whole(cells * 2.0).min(most * 2) {
        0 => "▕".to_owned(),
        halves if halves % 2 == 1 => format!("▐{}", repeat(fill, halves / 2)),
        halves => repeat(fill, halves / 2),
    }
}

fn repeat(fill: char, count: usize) -> String {
    std::iter::repeat_n(fill, count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_by_eighths_to_the_right_and_by_halves_to_the_left() {
        assert_eq!(to_right(2.5, 10, '█'), "██▌");
        assert_eq!(to_right(0.001, 10, '█'), "▏");
        assert_eq!(to_right(0.0, 10, '█'), "");
        assert_eq!(to_right(99.0, 3, '█'), "███");
        assert_eq!(to_right(2.6, 10, '░'), "░░░");
        assert_eq!(to_left(2.5, 10, '█'), "▐██");
        assert_eq!(to_left(0.1, 10, '█'), "▕");
        assert_eq!(to_left(99.0, 3, '█'), "███");
    }
}
