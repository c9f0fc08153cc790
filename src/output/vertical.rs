//! One value a line, under the number of its row: for rows too wide for a table.
//!
//! All rows, as they come; with a footer wanted and `max_rows` only the first and last.

use std::collections::VecDeque;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::error::Result;

use super::cell::Dress;
use super::frame::{Count, Footer};
use super::text::{BOLD, DIM, RESET, display_width, push_padded, push_visible};
use super::value::Column;
use super::{BatchWriter, Options, Out, Summary};

/// Width of the line above a row, unless names are wider.
const RULE_WIDTH: usize = 40;

pub(super) struct Vertical<'a> {
    columns: Vec<Dress>,
    /// Names filled up to one width.
    names: Vec<String>,
    rule_width: usize,
    null: String,
    color: bool,
    footer: Option<Footer>,
    head_room: usize,
    tail_room: usize,
    tail: VecDeque<String>,
    rows: usize,
    /// Rows of the result, when more than are written.
    told: usize,
    out: Out<'a>,
}

impl<'a> Vertical<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, out: Out<'a>) -> Self {
        let columns = Dress::of(schema, options);
        let widths = columns.iter().map(|column| display_width(&column.name));
        let width = widths.max().unwrap_or(0);
        let (bold, dim, reset) = if options.color {
            (BOLD, DIM, RESET)
        } else {
            ("", "", "")
        };
        let names = columns.iter().map(|column| {
            let mut padded = bold.to_owned();
            push_padded(&mut padded, &column.name, width, false);
            padded + reset
        });
        let mut null = dim.to_owned();
        push_visible(&mut null, &options.null);
        null.push_str(reset);
        let footer = options.look.footer.then(|| Footer::new(options.lang));
        let limit = options.max_rows.filter(|_| footer.is_some());
        let tail_room = limit.map_or(0, |rows| rows / 2);
        Self {
            names: names.collect(),
            columns,
            rule_width: RULE_WIDTH.max(width + 3),
            null,
            color: options.color,
            footer,
            head_room: limit.map_or(usize::MAX, |rows| rows - tail_room),
            tail_room,
            tail: VecDeque::new(),
            rows: 0,
            told: options.look.rows.unwrap_or(0),
            out,
        }
    }

    /// Appends the line above row `number`.
    fn push_number(&self, text: &mut String, number: usize) {
        let number = format!("─[ {number} ]");
        text.push_str(&number);
        let rest = self.rule_width.saturating_sub(display_width(&number));
        text.extend(std::iter::repeat_n('─', rest));
        text.push('\n');
    }

    /// Appends the values of one row.
    fn push_values(
        &self,
        text: &mut String,
        columns: &[Column<'_>],
        row: usize,
        buffer: &mut String,
    ) -> Result<()> {
        for ((name, dress), column) in self.names.iter().zip(&self.columns).zip(columns) {
            text.push_str(name);
            text.push_str(" │ ");
            match dress.cell(&column.value(row)?, buffer)? {
                None => text.push_str(&self.null),
                Some(cell) => {
                    text.push_str(cell.value());
                    self.push_dim(text, &cell.text[cell.value().len()..]);
                    if let Some(unit) = &dress.unit {
                        let space = if matches!(&**unit, "%" | "‰") {
                            ""
                        } else {
                            " "
                        };
                        self.push_dim(text, &format!("{space}{unit}"));
                    }
                }
            }
            // Empty text leaves no blank at the end of the line.
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        Ok(())
    }

    fn push_dim(&self, text: &mut String, part: &str) {
        let is_dim = self.color && !part.is_empty();
        text.push_str(if is_dim { DIM } else { "" });
        text.push_str(part);
        text.push_str(if is_dim { RESET } else { "" });
    }
}

impl BatchWriter for Vertical<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut text = String::new();
        let mut buffer = String::new();
        let head = self.head_room.saturating_sub(self.rows);
        let head = head.min(batch.num_rows());
        for row in 0..head {
            self.push_number(&mut text, self.rows + row + 1);
            self.push_values(&mut text, &columns, row, &mut buffer)?;
        }
        self.out.write_all(text.as_bytes())?;
        for row in head.max(batch.num_rows().saturating_sub(self.tail_room))..batch.num_rows() {
            if self.tail.len() == self.tail_room {
                self.tail.pop_front();
            }
            let mut text = String::new();
            self.push_values(&mut text, &columns, row, &mut buffer)?;
            self.tail.push_back(text);
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        let total = self.rows.max(self.told);
        let rows = Count::new(self.rows.min(self.head_room) + self.tail.len(), total);
        let mut text = String::new();
        if rows.is_partial() {
            text.push_str("⋮\n");
        }
        for (before_end, values) in (0..self.tail.len()).rev().zip(&self.tail) {
            self.push_number(&mut text, total - before_end);
            text.push_str(values);
        }
        // The number of the last row tells how many there are.
        let is_said = rows.is_partial() || total == 0;
        if let Some(footer) = self.footer.as_ref().filter(|_| is_said) {
            self.push_dim(&mut text, &footer.rows(rows));
            text.push('\n');
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(Summary {
            truncated: rows.partial(),
            ..Summary::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{batch, written};

    #[test]
    fn every_value_has_a_line() {
        let text = written(
            Format::Vertical,
            &[batch().slice(0, 1), batch().slice(1, 1)],
        );
        let expected = "\
─[ 1 ]──────────────────────────────────
乡镇   │ 晋熙镇
births │ 1204
rate   │ 12.5
day    │ 2018-03-05
─[ 2 ]──────────────────────────────────
乡镇   │
births │ -7
rate   │ NULL
day    │ NULL
";
        assert_eq!(text, expected);
    }
}
