//! One value a line, under the number of its row: for rows too wide for a table.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::error::Result;

use super::text::{display_width, push_padded, push_visible};
use super::value::Column;
use super::{BatchWriter, Options, Out, Summary};

/// Width of the line above a row, unless names are wider.
const RULE_WIDTH: usize = 40;

pub(super) struct Vertical<'a> {
    /// Names filled up to one width.
    names: Vec<String>,
    rule_width: usize,
    null: String,
    rows: usize,
    out: Out<'a>,
}

impl<'a> Vertical<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, out: Out<'a>) -> Self {
        let visible = schema.fields().iter().map(|field| {
            let mut name = String::new();
            push_visible(&mut name, field.name());
            name
        });
        let visible: Vec<String> = visible.collect();
        let width = visible
            .iter()
            .map(|name| display_width(name))
            .max()
            .unwrap_or(0);
        let (bold, dim, reset) = if options.color {
            ("\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m")
        } else {
            ("", "", "")
        };
        let names = visible.iter().map(|name| {
            let mut padded = bold.to_owned();
            push_padded(&mut padded, name, width, false);
            padded + reset
        });
        let mut null = dim.to_owned();
        push_visible(&mut null, &options.null);
        null.push_str(reset);
        Self {
            names: names.collect(),
            rule_width: RULE_WIDTH.max(width + 3),
            null,
            rows: 0,
            out,
        }
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
        for row in 0..batch.num_rows() {
            self.rows += 1;
            let number = format!("─[ {} ]", self.rows);
            text.push_str(&number);
            let rest = self.rule_width.saturating_sub(display_width(&number));
            text.extend(std::iter::repeat_n('─', rest));
            text.push('\n');
            for (name, column) in self.names.iter().zip(&columns) {
                text.push_str(name);
                text.push_str(" │ ");
                let value = column.value(row)?;
                if value.is_null() {
                    text.push_str(&self.null);
                } else {
                    buffer.clear();
                    value.write(&mut buffer)?;
                    push_visible(&mut text, &buffer);
                }
                // Empty text leaves no blank at the end of the line.
                text.truncate(text.trim_end_matches(' ').len());
                text.push('\n');
            }
        }
        self.out.write_all(text.as_bytes())?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.out.flush()?;
        Ok(Summary::default())
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
