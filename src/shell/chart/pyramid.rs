//! Population pyramids: men to the left, women to the right, the oldest on top.

mod read;

use crate::error::Result;
use crate::output::display_width;

use super::axis::{decimals, nice};
use super::bar::to_left;
use super::frame::Frame;
use super::number::{Style, length, plain, whole};
use super::role::Measure;
use super::text::{self, centred, fit, left, right, spaces};
use super::{Canvas, Drawing};

use read::Pyramid;

/// Lines of the drawing that are no ages.
const AROUND: usize = 6;

/// Wider than this, a pyramid is a pancake.
const WIDEST: usize = 100;

/// Colours of men and women.
const COLOURS: [text::Colour; 2] = [36, 35];

/// Draws the result as a pyramid; `None` when it is none and was not asked for.
///
/// # Errors
/// When a pyramid was asked for and ages or sexes are missing, or repeat.
pub(super) fn draw(
    frame: &Frame,
    named: &[usize],
    is_asked: bool,
    canvas: &Canvas,
) -> Result<Option<Drawing>> {
    let mut pyramid = match read::read(frame, named, canvas.lang) {
        Ok(pyramid) => pyramid,
        Err(error) if is_asked => return Err(error),
        Err(_) => return Ok(None),
    };
    if !is_asked && !named.is_empty() && !pyramid.uses_all(named) {
        return Ok(None);
    }
    pyramid.fold(canvas.height.saturating_sub(AROUND));
    let lines = lines(&pyramid, canvas);
    Ok(Some(Drawing { lines }.with_notes(&pyramid.notes, canvas)))
}

fn lines(pyramid: &Pyramid, canvas: &Canvas) -> Vec<String> {
    let brush = canvas.brush();
    let labels: Vec<String> = pyramid.rows.iter().map(|row| row.ages.label()).collect();
    let middle = text::widest(labels.iter().map(String::as_str)) + 2;
    let half = (canvas.width().min(WIDEST) - middle) / 2;
    let sides = pyramid.rows.iter().flat_map(|row| row.sides);
    let largest = sides.flatten().fold(0.0, f64::max);
    let scale = if largest > 0.0 {
        length(half) / largest
    } else {
        0.0
    };
    let mut lines = vec![heading(pyramid, half, middle, canvas)];
    for (row, label) in pyramid.rows.iter().zip(&labels).rev() {
        let bar = |side: usize| {
            let cells = row.sides[side].map_or(0.0, |number| number * scale);
            to_left(cells, half, '█')
        };
        let mirrored: String = bar(1).chars().rev().map(mirror).collect();
        let gap = half.saturating_sub(display_width(&bar(0)));
        lines.push(format!(
            "{}{}{}{}",
            spaces(gap),
            brush.paint(&bar(0), COLOURS[0]),
            centred(label, middle),
            brush.paint(&mirrored, COLOURS[1]),
        ));
    }
    lines.extend(axis(largest, half, middle, pyramid.measure, canvas));
    lines
}

fn mirror(block: char) -> char {
    match block {
        '▐' => '▌',
        '▕' => '▏',
        other => other,
    }
}

/// The names of the halves, with their sums where they can be added up.
fn heading(pyramid: &Pyramid, half: usize, middle: usize, canvas: &Canvas) -> String {
    let brush = canvas.brush();
    let sums: [f64; 2] = [0, 1].map(|side| {
        let numbers = pyramid.rows.iter().filter_map(|row| row.sides[side]);
        numbers.sum()
    });
    let style = Style::of(sums.iter().copied(), pyramid.measure == Measure::Percent);
    let title = |side: usize| {
        let name = text::clean(&pyramid.names[side]);
        let sum = style.text(sums[side]);
        let full = format!("{name} {sum}");
        if pyramid.measure == Measure::Rate || display_width(&full) > half {
            fit(&name, half)
        } else {
            full
        }
    };
    format!(
        "{}{}{}",
        right(&brush.paint(&title(0), COLOURS[0]), half + hidden(canvas)),
        spaces(middle),
        left(&brush.paint(&title(1), COLOURS[1]), half),
    )
}

/// What colour adds to the measured width of a text.
fn hidden(canvas: &Canvas) -> usize {
    display_width(&canvas.brush().paint("x", COLOURS[0])) - 1
}

/// The same scale to both sides, from the middle.
fn axis(
    largest: f64,
    half: usize,
    middle: usize,
    measure: Measure,
    canvas: &Canvas,
) -> [String; 2] {
    let is_percent = measure == Measure::Percent;
    let label = |value: f64, step: f64| {
        let mut text = plain(value, decimals(step));
        if is_percent && value > 0.0 {
            text.push('%');
        }
        text
    };
    // As many steps as leave room between the labels.
    let mut step = nice(largest / 6.0);
    let count = |step: f64| whole((largest / step + 1e-9).floor()).min(half);
    for _ in 0..12 {
        let count = count(step);
        let width = display_width(&label(step * length(count), step)) + 2;
        if count * width <= half || count <= 1 {
            break;
        }
        step = nice(step * 1.5);
    }
    let mut rule = vec!['─'; half];
    let mut texts = vec![(0, label(0.0, step))];
    if largest > 0.0 {
        for at in 1..=count(step) {
            let value = step * length(at);
            let cell = whole(value / largest * length(half)).clamp(1, half) - 1;
            rule[cell] = '┴';
            texts.push((cell, label(value, step)));
        }
    }
    let mut outward = String::new();
    let mut inward: Vec<String> = Vec::new();
    let mut used = 0;
    for (cell, text) in texts {
        let own = display_width(&text);
        let start = if cell == 0 {
            0
        } else {
            cell.saturating_sub(own / 2).min(half.saturating_sub(own))
        };
        if (used > 0 && start < used + 1) || start + own > half {
            continue;
        }
        outward.push_str(&spaces(start - used));
        outward.push_str(&text);
        inward.push(spaces(start - used));
        inward.push(text);
        used = start + own;
    }
    let inward: String = inward.into_iter().rev().collect();
    let brush = canvas.brush();
    let to_right: String = rule.iter().collect();
    let to_left: String = rule.iter().rev().collect();
    [
        format!(
            "{}{}{}",
            brush.faint(&format!("{to_left}┘")),
            spaces(middle.saturating_sub(2)),
            brush.faint(&format!("└{to_right}"))
        ),
        format!("{}{}{outward}", right(&inward, half), spaces(middle)),
    ]
}
