//! A table in GitHub-flavoured Markdown, not padded: rows go out as they come.
//!
//! Title and unit stand above it, notes below. Whatever Markdown or HTML would take for markup
//! is escaped; a line break in a cell becomes `<br>`.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::error::Result;

use super::value::{Column, is_number};
use super::{BatchWriter, Options, Out, Summary};

pub(super) struct Markdown<'a> {
    null: String,
    remarks: Vec<String>,
    out: Out<'a>,
}

impl<'a> Markdown<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, mut out: Out<'a>) -> Result<Self> {
        let mut text = String::new();
        if let Some(title) = &options.title {
            text.push_str("**");
            push_escaped(&mut text, title);
            text.push_str("**\n\n");
        }
        for field in schema.fields() {
            text.push_str("| ");
            push_escaped(&mut text, field.name());
            text.push(' ');
        }
        text.push_str("|\n");
        for field in schema.fields() {
            text.push_str(if is_number(field.data_type()) {
                "| ---: "
            } else {
                "| --- "
            });
        }
        text.push_str("|\n");
        out.write_all(text.as_bytes())?;
        let mut null = String::new();
        push_escaped(&mut null, &options.null);
        Ok(Self {
            null,
            remarks: options.remarks(),
            out,
        })
    }
}

fn push_escaped(out: &mut String, text: &str) {
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' | '|' | '<' | '`' | '*' | '[' | ']' | '~' => out.extend(['\\', character]),
            '&' if rest
                .peek()
                .is_some_and(|next| next.is_ascii_alphabetic() || *next == '#') =>
            {
                out.push_str("\\&");
            }
            '\r' if rest.peek() == Some(&'\n') => {}
            '\n' | '\r' => out.push_str("<br>"),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
}

impl BatchWriter for Markdown<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut text = String::new();
        let mut buffer = String::new();
        for row in 0..batch.num_rows() {
            for column in &columns {
                let value = column.value(row)?;
                text.push_str("| ");
                if value.is_null() {
                    text.push_str(&self.null);
                } else {
                    buffer.clear();
                    value.write(&mut buffer)?;
                    push_escaped(&mut text, &buffer);
                }
                text.push(' ');
            }
            text.push_str("|\n");
        }
        self.out.write_all(text.as_bytes())?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        let mut text = String::new();
        for remark in &self.remarks {
            text.push('\n');
            push_escaped(&mut text, remark);
            text.push('\n');
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{batch, texts, written, written_with};
    use super::*;
    use crate::error::Lang;

    #[test]
    fn rows_are_escaped_and_numbers_aligned() {
        let expected = "| 乡镇 | births | rate | day |\n\
            | --- | ---: | ---: | --- |\n\
            | 晋熙镇 | 1204 | 12.5 | 2018-03-05 |\n\
            |  | -7 |  |  |\n\
            |  |  | 0 | 1900-01-01 |\n\
            | a,\"b\"<br>太湖\\|\\<i> | 0 | 0.30000000000000004 | 2018-12-31 |\n";
        assert_eq!(written(Format::Markdown, &[batch()]), expected);
    }

    #[test]
    fn a_backslash_before_a_pipe_does_not_end_the_cell() {
        let batch = texts(
            "x_y",
            &[Some("a\\|b"), Some("&lt; A & B"), Some("*a*\r\nb")],
        );
        let expected = "| x_y |\n| --- |\n| a\\\\\\|b |\n| \\&lt; A & B |\n| \\*a\\*<br>b |\n";
        assert_eq!(written(Format::Markdown, &[batch]), expected);
    }

    #[test]
    fn title_stands_above_and_remarks_below() {
        let options = Options {
            title: Some("出生".to_owned()),
            unit: Some("人".to_owned()),
            notes: vec!["按户籍".to_owned()],
            lang: Lang::Zh,
            ..Options::new(Format::Markdown)
        };
        let (text, _) = written_with(Format::Markdown, &options, &[texts("x", &[Some("1")])]);
        assert_eq!(
            text,
            "**出生**\n\n| x |\n| --- |\n| 1 |\n\n单位：人\n\n注：按户籍\n"
        );
    }
}
