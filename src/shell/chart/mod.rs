//! Charts of a result in the terminal: bars, lines with axes, population pyramids.
//!
//! Entry point: [`chart`]. It finds out by the names and types of the columns which of them name
//! the rows (keys) and which are figures (values), and draws with block elements and braille
//! dots, to the width that it is given.
//!
//! Never writes anywhere, never asks a terminal for its size, never adds up rows except single
//! years of age that do not fit.

mod age;
mod axis;
mod bar;
mod braille;
mod frame;
mod grid;
mod line;
mod number;
mod pick;
mod pyramid;
mod role;
mod scale;
mod text;
mod ticks;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

use crate::error::{Error, Lang, Message, Result};
use crate::msg;
use crate::output::display_width;

pub(super) use frame::Frame;
pub(super) use role::Role;

use text::Brush;

/// A kind of chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Horizontal bars, one per row or one per row and series.
    Bar,
    /// Lines along time, age or any other key.
    Line,
    /// Men to the left, women to the right, the oldest on top.
    Pyramid,
}

/// What to draw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The kind of chart; `None` = the one that fits.
    pub kind: Option<Kind>,
    /// Columns to draw; none = those that fit.
    pub columns: Vec<String>,
    /// Heading.
    pub title: Option<String>,
    /// Unit of the figures.
    pub unit: Option<String>,
}

/// Where it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canvas {
    /// Columns of the terminal; at least 20 are used.
    pub width: usize,
    /// Lines of the terminal; bar charts may take more.
    pub height: usize,
    /// Whether to use terminal colours.
    pub color: bool,
    /// Language of the words around the data.
    pub lang: Lang,
}

/// The narrowest drawing.
const NARROWEST: usize = 20;

impl Canvas {
    fn brush(&self) -> Brush {
        Brush(self.color)
    }

    fn width(&self) -> usize {
        self.width.max(NARROWEST)
    }

    fn say(&self, message: &Message) -> String {
        message.text(self.lang).to_owned()
    }
}

/// Draws the result: lines of text, each ended, none wider than the canvas.
///
/// With columns named, keys among them say what the rows or points are and values what is drawn:
/// `year births deaths`, `township males females`. What is not named is chosen.
///
/// # Errors
/// A usage error when a named column is missing, or the result has not what the chart needs.
pub fn chart(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    request: &Request,
    canvas: &Canvas,
) -> Result<String> {
    let frame = Frame::new(schema, batches);
    if frame.rows() == 0 {
        return Err(Error::usage(msg!(
            "the result has no rows to draw",
            "结果没有数据行，无法画图"
        )));
    }
    let named = request
        .columns
        .iter()
        .map(|name| frame.find(name))
        .collect::<Result<Vec<usize>>>()?;
    let body = if matches!(request.kind, None | Some(Kind::Pyramid)) {
        let is_asked = request.kind.is_some();
        pyramid::draw(&frame, &named, is_asked, canvas)?
    } else {
        None
    };
    let body = match body {
        Some(body) => body,
        None => {
            let picked = pick::pick(&frame, &named, request.kind)?;
            let body = if picked.kind == Kind::Line {
                line::draw(&picked, canvas)
            } else {
                bar::draw(&picked, canvas)
            };
            body.with_notes(&picked.notes, canvas)
        }
    };
    let mut out = String::new();
    if let Some(heading) = heading(request, canvas) {
        out.push_str(&heading);
        out.push('\n');
    }
    for line in body.lines {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Ok(out)
}

/// The lines of a drawing.
struct Drawing {
    lines: Vec<String>,
}

impl Drawing {
    /// With remarks below it.
    fn with_notes(mut self, notes: &[Message], canvas: &Canvas) -> Self {
        for note in notes {
            for line in text::wrap(&canvas.say(note), canvas.width()) {
                self.lines.push(canvas.brush().faint(&line));
            }
        }
        self
    }
}

/// The title with the unit, or whichever of them is given.
fn heading(request: &Request, canvas: &Canvas) -> Option<String> {
    let unit = request.unit.as_deref().map(|unit| {
        let unit = text::clean(unit);
        canvas.say(&msg!("unit: {unit}", "单位：{unit}"))
    });
    let title = request.title.as_deref().map(text::clean);
    let brush = canvas.brush();
    let width = canvas.width();
    match (title, unit) {
        (None, None) => None,
        (Some(title), None) => Some(brush.bold(&text::fit(&title, width))),
        (None, Some(unit)) => Some(brush.faint(&text::fit(&unit, width))),
        (Some(title), Some(unit)) => {
            let room = width.saturating_sub(display_width(&title) + 2);
            if room < 8 {
                return Some(brush.bold(&text::fit(&title, width)));
            }
            let unit = brush.faint(&text::fit(&unit, room));
            Some(format!("{}  {unit}", brush.bold(&title)))
        }
    }
}

#[cfg(test)]
mod tests;
