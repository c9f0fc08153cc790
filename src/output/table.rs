//! A table in box drawing, for a terminal.
//!
//! Widths depend on every row shown, so the rows wait until the end: all of them, or with
//! `max_rows` only the first and last.

use std::collections::VecDeque;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::error::Result;

use super::cell::{Cell, Dress, type_name};
use super::frame::{Count, Footer, frame_width, push_rule};
use super::layout::{Need, Slot, fit};
use super::text::{BOLD, DIM, RESET, display_width, push_padded, push_visible, shorten};
use super::value::Column;
use super::{BatchWriter, Options, Out, Summary};

/// No column of text is made narrower than this.
const LEAST_WIDTH: usize = 8;

pub(super) struct Table<'a> {
    columns: Vec<Dress>,
    /// Types and units below the names.
    subheaders: Vec<Vec<String>>,
    null: String,
    limit: Option<usize>,
    color: bool,
    footer: Option<Footer>,
    head: Vec<Row>,
    tail: VecDeque<Row>,
    head_room: usize,
    tail_room: usize,
    rows: usize,
    /// Rows of the result, when more than are written.
    told: usize,
    out: Out<'a>,
}

/// The cells of a row; `None` is NULL.
type Row = Box<[Option<Cell>]>;

impl<'a> Table<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, out: Out<'a>) -> Self {
        let columns = Dress::of(schema, options);
        let mut subheaders = Vec::new();
        if options.look.types {
            let types = schema.fields().iter();
            subheaders.push(types.map(|field| type_name(field.data_type())).collect());
        }
        if columns.iter().any(|column| column.unit.is_some()) {
            let units = columns.iter().map(|column| column.unit.clone());
            subheaders.push(units.map(Option::unwrap_or_default).collect());
        }
        let mut null = String::new();
        push_visible(&mut null, &options.null);
        let tail_room = options.max_rows.map_or(0, |rows| rows / 2);
        Self {
            columns,
            subheaders,
            null,
            limit: options.width,
            color: options.color,
            footer: options.look.footer.then(|| Footer::new(options.lang)),
            head: Vec::new(),
            tail: VecDeque::new(),
            head_room: options.max_rows.map_or(usize::MAX, |rows| rows - tail_room),
            tail_room,
            rows: 0,
            told: options.look.rows.unwrap_or(0),
            out,
        }
    }

    /// Whether some columns have no place in the width given.
    pub(super) fn hides_columns(&self) -> bool {
        let slots = fit(&self.needs(), self.limit);
        slots.iter().any(|slot| slot.column.is_none())
    }

    fn needs(&self) -> Vec<Need> {
        let null = display_width(&self.null);
        let need = |(at, column): (usize, &Dress)| {
            let cells = || self.head.iter().chain(&self.tail).map(|row| &row[at]);
            let widest = |width: fn(&Cell) -> usize| {
                let widths = cells().map(|cell| cell.as_ref().map_or(null, width));
                widths.max().unwrap_or(0)
            };
            let cells = widest(|cell| display_width(&cell.text));
            let below = self
                .subheaders
                .iter()
                .map(|texts| display_width(&texts[at]));
            let natural = below.fold(cells.max(display_width(&column.name)), usize::max);
            // Rows left out need a place for their sign.
            let natural = natural.max(1);
            let least = if column.labels.is_some() {
                // A label may be cut, its code not.
                widest(|cell| display_width(cell.value()) + usize::from(cell.label_at.is_some()))
            } else if column.is_text {
                0
            } else {
                cells
            };
            Need {
                natural,
                least: least.max(LEAST_WIDTH).min(natural),
            }
        };
        self.columns.iter().enumerate().map(need).collect()
    }

    /// Fills numbers up at the right, so that their points stand below each other.
    fn align_points(&mut self) {
        for (at, column) in self.columns.iter().enumerate() {
            if !column.has_points() {
                continue;
            }
            let cells = self.head.iter().chain(&self.tail);
            let texts = cells.filter_map(|row| row[at].as_ref().map(|cell| &*cell.text));
            let mut widest = 0;
            for text in texts {
                if text.contains(['e', 'E']) {
                    widest = 0;
                    break;
                }
                widest = widest.max(behind_whole(text));
            }
            if widest == 0 {
                continue;
            }
            for row in self.head.iter_mut().chain(&mut self.tail) {
                if let Some(cell) = &mut row[at] {
                    let missing = widest - behind_whole(&cell.text);
                    if missing > 0 {
                        let mut text = String::from(std::mem::take(&mut cell.text));
                        text.extend(std::iter::repeat_n(' ', missing));
                        cell.text = text.into_boxed_str();
                    }
                }
            }
        }
    }

    fn draw(&self, slots: &[Slot], has_gap: bool, footer: &[String]) -> (String, usize) {
        let mut text = String::new();
        let mut shortened = 0;
        push_rule(&mut text, slots, ['┌', '┬', '┐']);
        self.push_row(&mut text, slots, Style::Header, |column| {
            Some((&*self.columns[column].name, None))
        });
        for texts in &self.subheaders {
            let mut shown = slots.iter().filter_map(|slot| slot.column);
            if shown.all(|column| texts[column].is_empty()) {
                continue;
            }
            self.push_row(&mut text, slots, Style::Subheader, |column| {
                Some((&*texts[column], None))
            });
        }
        push_rule(&mut text, slots, ['├', '┼', '┤']);
        let mut push_rows = |text: &mut String, rows: &mut dyn Iterator<Item = &Row>| {
            for row in rows {
                shortened += self.push_row(text, slots, Style::Cell, |at| {
                    row[at].as_ref().map(|cell| (&*cell.text, cell.label_at))
                });
            }
        };
        push_rows(&mut text, &mut self.head.iter());
        if has_gap {
            self.push_row(&mut text, slots, Style::Cell, |_| Some(("⋮", None)));
        }
        push_rows(&mut text, &mut self.tail.iter());
        if footer.is_empty() {
            push_rule(&mut text, slots, ['└', '┴', '┘']);
            return (text, shortened);
        }
        push_rule(&mut text, slots, ['├', '┴', '┤']);
        let whole = Slot {
            column: None,
            width: frame_width(slots) - 4,
        };
        for line in footer {
            let (dim, reset) = if self.color { (DIM, RESET) } else { ("", "") };
            text.push_str("│ ");
            text.push_str(dim);
            let short = shorten(line, whole.width);
            push_padded(
                &mut text,
                short.as_ref().unwrap_or(line),
                whole.width,
                false,
            );
            text.push_str(reset);
            text.push_str(" │\n");
        }
        push_rule(&mut text, &[whole], ['└', '┴', '┘']);
        (text, shortened)
    }

    /// Appends a line of cells, each a text and where its label begins; returns how many were cut.
    fn push_row<'r>(
        &self,
        text: &mut String,
        slots: &[Slot],
        style: Style,
        cell: impl Fn(usize) -> Option<(&'r str, Option<usize>)>,
    ) -> usize
    where
        Self: 'r,
    {
        let mut shortened = 0;
        let gap = if style == Style::Subheader {
            "  "
        } else {
            "… "
        };
        for slot in slots {
            text.push_str("│ ");
            let Some(column) = slot.column else {
                text.push_str(gap);
                continue;
            };
            let content = cell(column);
            let (value, label_at) = content.unwrap_or((&self.null, None));
            let colour = match (self.color, content, style) {
                (true, None, _) | (true, _, Style::Subheader) => DIM,
                (true, Some(_), Style::Header) => BOLD,
                _ => "",
            };
            let short = shorten(value, slot.width);
            shortened += usize::from(short.is_some());
            let to_right = self.columns[column].to_right();
            text.push_str(colour);
            let start = text.len();
            let value = short.as_deref().unwrap_or(value);
            push_padded(text, value, slot.width, to_right);
            let label_at = label_at.filter(|at| self.color && value.is_char_boundary(*at));
            match label_at {
                // Labelled cells stand at the left, so the value begins where the cell does.
                Some(at) => {
                    text.insert_str(start + at, DIM);
                    text.push_str(RESET);
                }
                None if !colour.is_empty() => text.push_str(RESET),
                None => {}
            }
            text.push(' ');
        }
        text.push_str("│\n");
        shortened
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Header,
    Subheader,
    Cell,
}

/// Characters from the decimal point on.
fn behind_whole(number: &str) -> usize {
    number.find('.').map_or(0, |point| number.len() - point)
}

/// The visible cells of one row.
fn cells(
    dresses: &[Dress],
    columns: &[Column<'_>],
    row: usize,
    buffer: &mut String,
) -> Result<Row> {
    let cells = dresses.iter().zip(columns);
    cells
        .map(|(dress, column)| dress.cell(&column.value(row)?, buffer))
        .collect()
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
            let cells = cells(&self.columns, &columns, row, &mut buffer)?;
            self.head.push(cells);
        }
        for row in head.max(batch.num_rows().saturating_sub(self.tail_room))..batch.num_rows() {
            if self.tail.len() == self.tail_room {
                self.tail.pop_front();
            }
            let cells = cells(&self.columns, &columns, row, &mut buffer)?;
            self.tail.push_back(cells);
        }
        self.rows += batch.num_rows();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.align_points();
        let mut slots = fit(&self.needs(), self.limit);
        let columns = slots.iter().filter(|slot| slot.column.is_some()).count();
        let total = self.rows.max(self.told);
        let rows = Count::new(self.head.len() + self.tail.len(), total);
        let columns = Count::new(columns, self.columns.len());
        let footer = self.footer.as_ref();
        let footer = footer.map(|footer| footer.lines(rows, columns, &mut slots, self.limit));
        let (text, shortened) = self.draw(&slots, rows.is_partial(), &footer.unwrap_or_default());
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(Summary {
            rows: self.rows,
            truncated: rows.partial(),
            hidden_columns: columns.partial(),
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
