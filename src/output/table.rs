//! A table in box drawing, for a terminal.
//!
//! Widths depend on every row shown, so the rows wait until the end: all of them, or with
//! `max_rows` only the first and last.

use std::collections::VecDeque;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};

use crate::error::Result;

use super::layout::{Need, Slot, fit};
use super::text::{display_width, push_padded, push_visible, shorten};
use super::value::{Column, is_number};
use super::{BatchWriter, Options, Out, Summary};

/// No column of text is made narrower than this.
const LEAST_WIDTH: usize = 8;

pub(super) struct Table<'a> {
    columns: Vec<Heading>,
    null: String,
    limit: Option<usize>,
    color: bool,
    head: Vec<Row>,
    tail: VecDeque<Row>,
    head_room: usize,
    tail_room: usize,
    rows: usize,
    out: Out<'a>,
}

struct Heading {
    name: String,
    is_number: bool,
    /// Whether a cell may be cut: half a number or date would be a wrong one.
    is_text: bool,
}

/// The cells of a row; `None` is NULL.
type Row = Box<[Option<Box<str>>]>;

impl<'a> Table<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, out: Out<'a>) -> Self {
        let columns = schema.fields().iter().map(|field| {
            let mut name = String::new();
            push_visible(&mut name, field.name());
            Heading {
                name,
                is_number: is_number(field.data_type()),
                is_text: is_text(field.data_type()),
            }
        });
        let mut null = String::new();
        push_visible(&mut null, &options.null);
        let tail_room = options.max_rows.map_or(0, |rows| rows / 2);
        Self {
            columns: columns.collect(),
            null,
            limit: options.width,
            color: options.color,
            head: Vec::new(),
            tail: VecDeque::new(),
            head_room: options.max_rows.map_or(usize::MAX, |rows| rows - tail_room),
            tail_room,
            rows: 0,
            out,
        }
    }

    fn needs(&self) -> Vec<Need> {
        let null = display_width(&self.null);
        let need = |(at, heading): (usize, &Heading)| {
            let cells = self.head.iter().chain(&self.tail).map(|row| &row[at]);
            let cells = cells
                .map(|cell| cell.as_deref().map_or(null, display_width))
                .max();
            let cells = cells.unwrap_or(0);
            let natural = cells.max(display_width(&heading.name));
            let least = if heading.is_text {
                LEAST_WIDTH
            } else {
                cells.max(LEAST_WIDTH)
            };
            Need {
                natural,
                least: least.min(natural),
            }
        };
        self.columns.iter().enumerate().map(need).collect()
    }

    fn draw(&self, slots: &[Slot]) -> (String, usize) {
        let mut text = String::new();
        let mut shortened = 0;
        push_rule(&mut text, slots, ['┌', '┬', '┐']);
        self.push_row(&mut text, slots, |column| {
            (Some(&self.columns[column].name), Style::Header)
        });
        push_rule(&mut text, slots, ['├', '┼', '┤']);
        let mut push_rows = |text: &mut String, rows: &mut dyn Iterator<Item = &Row>| {
            for row in rows {
                shortened += self.push_row(text, slots, |at| (row[at].as_deref(), Style::Cell));
            }
        };
        push_rows(&mut text, &mut self.head.iter());
        if self.rows > self.head.len() + self.tail.len() {
            self.push_row(&mut text, slots, |_| (Some("⋮"), Style::Cell));
        }
        push_rows(&mut text, &mut self.tail.iter());
        push_rule(&mut text, slots, ['└', '┴', '┘']);
        (text, shortened)
    }

    /// Appends a line of cells; returns how many were cut.
    fn push_row<'r>(
        &self,
        text: &mut String,
        slots: &[Slot],
        cell: impl Fn(usize) -> (Option<&'r str>, Style),
    ) -> usize
    where
        Self: 'r,
    {
        let mut shortened = 0;
        for slot in slots {
            text.push_str("│ ");
            let Some(column) = slot.column else {
                text.push_str("… ");
                continue;
            };
            let (value, style) = cell(column);
            let colour = match (self.color, value, style) {
                (true, None, _) => "\u{1b}[2m",
                (true, Some(_), Style::Header) => "\u{1b}[1m",
                _ => "",
            };
            let value = value.unwrap_or(&self.null);
            let short = shorten(value, slot.width);
            shortened += usize::from(short.is_some());
            text.push_str(colour);
            let to_right = self.columns[column].is_number;
            push_padded(
                text,
                short.as_deref().unwrap_or(value),
                slot.width,
                to_right,
            );
            text.push_str(if colour.is_empty() { "" } else { "\u{1b}[0m" });
            text.push(' ');
        }
        text.push_str("│\n");
        shortened
    }
}

#[derive(Clone, Copy)]
enum Style {
    Header,
    Cell,
}

fn is_text(data_type: &DataType) -> bool {
    data_type.is_string() || data_type.is_binary() || data_type.is_nested()
}

fn push_rule(text: &mut String, slots: &[Slot], [left, middle, right]: [char; 3]) {
    for (at, slot) in slots.iter().enumerate() {
        text.push(if at == 0 { left } else { middle });
        text.extend(std::iter::repeat_n('─', slot.width + 2));
    }
    text.push(right);
    text.push('\n');
}

/// The visible cells of one row.
fn cells(columns: &[Column<'_>], row: usize, buffer: &mut String) -> Result<Row> {
    let mut cells = Vec::with_capacity(columns.len());
    for column in columns {
        let value = column.value(row)?;
        buffer.clear();
        value.write(buffer)?;
        let mut text = String::with_capacity(buffer.len());
        push_visible(&mut text, buffer);
        cells.push((!value.is_null()).then(|| text.into_boxed_str()));
    }
    Ok(cells.into_boxed_slice())
}

impl BatchWriter for Table<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut buffer = String::new();
        let head = self
            .head_room
            .saturating_sub(self.head.len())
            .min(batch.num_rows());
        for row in 0..head {
            self.head.push(cells(&columns, row, &mut buffer)?);
        }
        for row in head.max(batch.num_rows().saturating_sub(self.tail_room))..batch.num_rows() {
            if self.tail.len() == self.tail_room {
                self.tail.pop_front();
            }
            self.tail.push_back(cells(&columns, row, &mut buffer)?);
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        let slots = fit(&self.needs(), self.limit);
        let (text, shortened) = self.draw(&slots);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        let rows = self.head.len() + self.tail.len();
        let columns = slots.iter().filter(|slot| slot.column.is_some()).count();
        Ok(Summary {
            rows: self.rows,
            truncated: (rows < self.rows).then_some((rows, self.rows)),
            hidden_columns: (columns < self.columns.len()).then_some((columns, self.columns.len())),
            shortened,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{batch, texts, written_with};
    use super::super::{Format, Options, Summary};

    #[test]
    fn a_table_with_chinese_and_null_lines_up() {
        let (text, summary) = written_with(Format::Table, &Options::new(Format::Table), &[batch()]);
        let expected = "\
┌─────────────────┬────────┬─────────────────────┬────────────┐
│ 乡镇            │ births │                rate │ day        │
├─────────────────┼────────┼─────────────────────┼────────────┤
│ 晋熙镇          │   1204 │                12.5 │ 2018-03-05 │
│                 │     -7 │                NULL │ NULL       │
│ NULL            │   NULL │                   0 │ 1900-01-01 │
│ a,\"b\"\\n太湖|<i> │      0 │ 0.30000000000000004 │ 2018-12-31 │
└─────────────────┴────────┴─────────────────────┴────────────┘
";
        assert_eq!(text, expected);
        assert_eq!(
            summary,
            Summary {
                rows: 4,
                ..Summary::default()
            }
        );
    }

    #[test]
    fn an_empty_result_is_a_header() {
        let options = Options::new(Format::Table);
        let (text, _) = written_with(Format::Table, &options, &[texts("乡镇", &[])]);
        assert_eq!(text, "┌──────┐\n│ 乡镇 │\n├──────┤\n└──────┘\n");
    }

    #[test]
    fn a_long_result_shows_its_first_and_last_rows_across_batches() {
        let options = Options {
            max_rows: Some(3),
            ..Options::new(Format::Table)
        };
        let batches = [
            texts("n", &[Some("1")]),
            texts("n", &[Some("2"), Some("3"), Some("4"), Some("5")]),
            texts("n", &[Some("6")]),
            texts("n", &[]),
        ];
        let (text, summary) = written_with(Format::Table, &options, &batches);
        assert_eq!(
            text,
            "┌───┐\n│ n │\n├───┤\n│ 1 │\n│ 2 │\n│ ⋮ │\n│ 6 │\n└───┘\n"
        );
        assert_eq!((summary.rows, summary.truncated), (6, Some((3, 6))));

        let options = Options {
            max_rows: Some(6),
            ..Options::new(Format::Table)
        };
        let (text, summary) = written_with(Format::Table, &options, &batches);
        assert!(!text.contains('⋮'));
        assert_eq!(summary.truncated, None);
    }

    #[test]
    fn a_narrow_terminal_shortens_text_then_hides_columns_and_says_so() {
        let options = Options {
            width: Some(56),
            ..Options::new(Format::Table)
        };
        let (text, summary) = written_with(Format::Table, &options, &[batch()]);
        assert!(text.contains("│ a,\"b\"\\n… │"), "{text}");
        assert!(text.contains("│ 晋熙镇   │"), "{text}");
        assert!(
            text.lines().all(|line| super::display_width(line) == 56),
            "{text}"
        );
        assert_eq!((summary.shortened, summary.hidden_columns), (1, None));

        let options = Options {
            width: Some(30),
            ..Options::new(Format::Table)
        };
        let (text, summary) = written_with(Format::Table, &options, &[batch()]);
        assert!(text.contains("│ … │"), "{text}");
        assert!(
            text.lines().all(|line| super::display_width(line) <= 30),
            "{text}"
        );
        assert_eq!(summary.hidden_columns, Some((2, 4)));
    }

    #[test]
    fn colour_marks_the_header_and_null() {
        let options = Options {
            color: true,
            ..Options::new(Format::Table)
        };
        let (text, _) = written_with(Format::Table, &options, &[texts("n", &[None])]);
        assert!(text.contains("\u{1b}[1mn   \u{1b}[0m"), "{text:?}");
        assert!(text.contains("\u{1b}[2mNULL\u{1b}[0m"), "{text:?}");
    }
}
