//! Arrow record batches -> every output format, on any [`Write`].
//!
//! Entry point: [`writer`]. It gives a [`BatchWriter`] that takes the batches of one result and
//! ends with a [`Summary`]: how many rows came, and what a table left out for want of room, for
//! the caller to tell.
//!
//! Never opens a file, never prints a note among the data, never looks at a terminal or a clock:
//! the same rows and options give the same bytes.

mod arrow;
mod cell;
mod csv;
mod figure;
mod format;
mod frame;
mod html;
mod json;
mod layout;
mod look;
mod markdown;
mod options;
mod parquet;
mod plain;
mod table;
mod text;
mod value;
mod vertical;
mod xlsx;
mod xlsx_cell;

use std::io::{BufWriter, Write};

use ::arrow::array::RecordBatch;
use ::arrow::datatypes::SchemaRef;

use crate::error::Result;

pub use figure::{columns_said, rows_said, thousands};
pub use format::Format;
pub use html::escape as escape_html;
pub use look::{ColumnLook, Labels, Look, Precision, is_figure};
pub use options::{Options, TextEncoding};
pub use text::{display_width, shorten, visible};
pub use value::{Column, Value};

use plain::Plain;

/// Where the formats write to.
type Out<'a> = BufWriter<Box<dyn Write + Send + 'a>>;

/// Takes the batches of one result, in order.
pub trait BatchWriter: Send {
    /// Writes the rows of `batch`, which has the schema given to [`writer`].
    ///
    /// # Errors
    /// When writing fails, or a value cannot be written in this format.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what is left and flushes. Without it the output is unfinished, and for JSON, HTML,
    /// Parquet, Arrow and XLSX visibly so.
    ///
    /// # Errors
    /// When writing fails.
    fn finish(self: Box<Self>) -> Result<Summary>;
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Rows of the result.
    pub rows: usize,
    /// Rows shown and rows of the result, when a table shows only some.
    pub truncated: Option<(usize, usize)>,
    /// Columns shown and columns of the result, when a table shows only some.
    pub hidden_columns: Option<(usize, usize)>,
    /// Shown cells that were cut short with `…`.
    pub shortened: usize,
}

/// A writer of `format` for results of `schema`.
///
/// Columns of the same name get `_2`, `_3`… appended, whatever the format: JSON and Parquet
/// readers would keep only one of them.
///
/// # Errors
/// A usage error when the options do not suit the format; otherwise when `out` fails.
pub fn writer<'a>(
    format: Format,
    schema: SchemaRef,
    options: &Options,
    out: Box<dyn Write + Send + 'a>,
) -> Result<Box<dyn BatchWriter + 'a>> {
    options.check(format)?;
    let plain = Plain::new(&schema);
    let schema = plain.schema();
    let out = BufWriter::with_capacity(1 << 16, out);
    let inner: Box<dyn BatchWriter + 'a> = match format {
        Format::Table => Box::new(table::Table::new(&schema, options, out)),
        Format::Csv => Box::new(csv::Csv::new(&schema, options, ',', out)?),
        Format::Tsv => Box::new(csv::Csv::new(&schema, options, '\t', out)?),
        Format::Json => Box::new(json::Json::array(&schema, out)?),
        Format::Jsonl => Box::new(json::Json::lines(&schema, out)?),
        Format::Markdown => Box::new(markdown::Markdown::new(&schema, options, out)?),
        Format::Html => Box::new(html::Html::new(&schema, options, out)?),
        Format::Vertical => Box::new(vertical::Vertical::new(&schema, options, out)),
        Format::Parquet => Box::new(parquet::Parquet::new(&schema, out)?),
        Format::Arrow => Box::new(arrow::Arrow::new(&schema, out)?),
        Format::Xlsx => Box::new(xlsx::Xlsx::new(&schema, options, out)?),
    };
    Ok(Box::new(Counted {
        plain,
        inner,
        rows: 0,
    }))
}

/// The most rows that are shown one value a line without being asked for.
const VERTICAL_ROWS: usize = 5;

/// The format that shows a result best on a terminal of `options.width`: one value a line when it
/// has few rows and the table would have to leave columns out, else a table.
///
/// # Errors
/// When a value cannot be written.
pub fn choose(schema: &SchemaRef, batches: &[RecordBatch], options: &Options) -> Result<Format> {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if options.width.is_none() || !(1..=VERTICAL_ROWS).contains(&rows) {
        return Ok(Format::Table);
    }
    let plain = Plain::new(schema);
    let out = BufWriter::with_capacity(0, Box::new(std::io::sink()) as Box<dyn Write + Send>);
    let mut table = table::Table::new(&plain.schema(), options, out);
    for batch in batches {
        table.write(&plain.batch(batch)?)?;
    }
    Ok(if table.hides_columns() {
        Format::Vertical
    } else {
        Format::Table
    })
}

/// Brings batches to plain types and counts rows, for every format alike.
struct Counted<'a> {
    plain: Plain,
    inner: Box<dyn BatchWriter + 'a>,
    rows: usize,
}

impl BatchWriter for Counted<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        self.inner.write(&self.plain.batch(batch)?)
    }

    fn finish(self: Box<Self>) -> Result<Summary> {
        Ok(Summary {
            rows: self.rows,
            ..self.inner.finish()?
        })
    }
}

#[cfg(test)]
mod tests;
