//! A result held in memory -> what the analyst sees: a table or records with names of codes, units
//! and separators, or any other output format without them.
//!
//! Entry points: [`Holder`] takes the batches of a result and bounds what they use, [`show`] writes
//! what it gives. Never runs a statement, never asks what the terminal is: width, colour and
//! language come in a [`View`].

mod dictionary;
mod held;
mod units;

use std::io::Write;
use std::sync::Arc;

use crate::error::{Lang, Result};
use crate::output::{
    Format, Look, Options, Precision, Summary, TextEncoding, choose, display_width, shorten,
    visible, writer,
};

pub use crate::output::{columns_said, rows_said, thousands};
pub use dictionary::Dictionary;
pub use held::{HELD_BYTES, Held, Holder};

/// How results are to be shown: the settings of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// `None` = a table, or one value a line when few rows are too wide for it.
    pub format: Option<Format>,
    /// Columns of the terminal; `None` = as wide as needed.
    pub width: Option<usize>,
    /// Lines of the terminal; see [`is_long`].
    pub height: Option<usize>,
    /// How many rows tables and records show, first and last; `None` = all.
    pub max_rows: Option<usize>,
    /// How NULL is shown; `None` = as usual in the format.
    pub null: Option<String>,
    /// Encoding of CSV and TSV.
    pub encoding: TextEncoding,
    /// Whether to use terminal colours.
    pub color: bool,
    /// Language of labels, units and the words around the data.
    pub lang: Lang,
    /// Names behind codes: `1 男`.
    pub labels: bool,
    /// Commas between thousands.
    pub thousands: bool,
    /// Units below the names of columns.
    pub units: bool,
    /// SQL types below the names of columns.
    pub types: bool,
    /// Every digit of every number.
    pub full_precision: bool,
    /// The line with rows and columns.
    pub footer: bool,
}

impl Default for View {
    /// As the shell starts, on a terminal of unknown size without colour.
    fn default() -> Self {
        Self {
            format: None,
            width: None,
            height: None,
            max_rows: Some(40),
            null: None,
            encoding: TextEncoding::Utf8,
            color: false,
            lang: Lang::En,
            labels: false,
            thousands: true,
            units: true,
            types: false,
            full_precision: false,
            footer: true,
        }
    }
}

/// Writes a result as `view` wants it. What [`Held::note`] says should be told beside it.
///
/// # Errors
/// When writing fails, a value cannot be written in this format, or the encoding does not suit it.
pub fn show<'a>(
    held: &Held,
    view: &View,
    dictionary: &Dictionary,
    mut out: Box<dyn Write + Send + 'a>,
) -> Result<Summary> {
    let (format, options) = plan(held, view, dictionary)?;
    if dresses(format)
        && let Some(heading) = heading(held, view, &options)
    {
        out.write_all(heading.as_bytes())?;
    }
    let mut to = writer(format, Arc::clone(&held.schema), &options, out)?;
    for batch in &held.batches {
        to.write(batch)?;
    }
    if let Some(room) = view.max_rows
        && (format == Format::Table || format == Format::Vertical && view.footer)
        && held.kept() >= room
    {
        // There is a gap between the first rows and these, and room for none but these behind it.
        for batch in &held.tail {
            to.write(batch)?;
        }
    }
    let mut summary = to.finish()?;
    if !held.complete && summary.truncated.is_none() {
        summary.truncated = Some((held.kept(), held.rows));
    }
    summary.rows = held.rows;
    Ok(summary)
}

/// Whether the result takes more lines than the terminal has, so that a pager helps.
///
/// # Errors
/// When a value cannot be written.
pub fn is_long(held: &Held, view: &View, dictionary: &Dictionary) -> Result<bool> {
    let Some(height) = view.height else {
        return Ok(false);
    };
    let (format, options) = plan(held, view, dictionary)?;
    let rows = held.rows.min(view.max_rows.unwrap_or(usize::MAX));
    let lines = match format {
        Format::Table => {
            let has_units = options.look.columns.iter().any(|look| look.unit.is_some());
            let frame = 4 + usize::from(view.types) + usize::from(has_units);
            let footer = if view.footer { 2 } else { 0 };
            rows + frame + footer + usize::from(rows < held.rows)
        }
        Format::Vertical => rows.saturating_mul(held.schema.fields().len() + 1) + 1,
        _ => held.rows + 1,
    };
    // The prompt wants a line, too.
    Ok(lines + usize::from(held.title.is_some()) >= height)
}

/// The format and everything it needs to know.
fn plan(held: &Held, view: &View, dictionary: &Dictionary) -> Result<(Format, Options)> {
    let format = view.format.unwrap_or(Format::Table);
    let mut options = Options::new(format);
    if let Some(null) = &view.null {
        options.null.clone_from(null);
    }
    options.width = view.width;
    options.max_rows = view.max_rows;
    options.encoding = view.encoding;
    options.title.clone_from(&held.title);
    options.unit = held.unit.as_ref().map(|unit| units::said(unit, view.lang));
    options.lang = view.lang;
    options.color = view.color;
    if !dresses(format) {
        return Ok((format, options));
    }
    options.look = Look {
        thousands: view.thousands,
        precision: if view.full_precision {
            Precision::Full
        } else {
            Precision::Reading
        },
        types: view.types,
        footer: view.footer,
        quoted_null: true,
        rows: (!held.complete).then_some(held.rows),
        columns: dictionary.looks(&held.schema, view),
    };
    let format = match view.format {
        None if held.complete => choose(&held.schema, &held.batches, &options)?,
        _ => format,
    };
    Ok((format, options))
}

/// Whether a format is for reading on a terminal.
fn dresses(format: Format) -> bool {
    matches!(format, Format::Table | Format::Vertical)
}

/// Title and unit above a table; the unit only where no column tells its own.
fn heading(held: &Held, view: &View, options: &Options) -> Option<String> {
    let title = visible(held.title.as_deref()?);
    let has_units = options.look.columns.iter().any(|look| look.unit.is_some());
    let unit = options.unit.as_deref().filter(|_| view.units && !has_units);
    let line = match (unit.map(visible), view.lang) {
        (None, _) => title,
        (Some(unit), Lang::En) => format!("{title} ({unit})"),
        (Some(unit), Lang::Zh) => format!("{title}（{unit}）"),
    };
    let limit = view.width.unwrap_or_else(|| display_width(&line));
    let line = shorten(&line, limit).unwrap_or(line);
    Some(if view.color {
        format!("\u{1b}[1m{line}\u{1b}[0m\n")
    } else {
        format!("{line}\n")
    })
}

#[cfg(test)]
mod tests;
