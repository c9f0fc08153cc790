//! Separated values by RFC 4180: a header, then one record a row. Tabs instead of commas for TSV,
//! with the same quoting.
//!
//! NULL is an empty field (or `Options::null`), empty text is `""`: readers that care can tell
//! them apart. Records end in LF. A row that is one NULL is an empty line, which some readers skip.
//!
//! The variants for Excel (UTF-8 with byte order mark, GB18030) end records in CRLF, and text
//! starting with `=`, `+`, `-`, `@`, tab or carriage return gets an apostrophe in front: Excel
//! would take it for a formula and run it. Numbers are left alone, negative ones too.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use encoding_rs::{EncoderResult, GB18030};
use memchr::memchr_iter;

use crate::error::{Error, Result};
use crate::msg;

use super::value::{Column, Value};
use super::{BatchWriter, Options, Out, Summary, TextEncoding};

pub(super) struct Csv<'a> {
    delimiter: char,
    newline: &'static str,
    encoding: TextEncoding,
    null: String,
    /// Lines written before the batch in `text`.
    lines: usize,
    text: String,
    out: Out<'a>,
}

impl<'a> Csv<'a> {
    pub(super) fn new(
        schema: &Schema,
        options: &Options,
        delimiter: char,
        out: Out<'a>,
    ) -> Result<Self> {
        let encoding = options.encoding;
        let mut csv = Self {
            delimiter,
            newline: if encoding.is_for_excel() {
                "\r\n"
            } else {
                "\n"
            },
            encoding,
            null: options.null.clone(),
            lines: 0,
            text: String::new(),
            out,
        };
        if encoding == TextEncoding::Utf8Bom {
            csv.text.push('\u{feff}');
        }
        for (at, field) in schema.fields().iter().enumerate() {
            csv.separate(at);
            csv.push_text(field.name());
        }
        csv.text.push_str(csv.newline);
        csv.flush_text()?;
        Ok(csv)
    }

    fn separate(&mut self, at: usize) {
        if at > 0 {
            self.text.push(self.delimiter);
        }
    }

    fn push(&mut self, value: &Value<'_>, buffer: &mut String) -> Result<()> {
        match value {
            Value::Null => self.text.push_str(&self.null),
            Value::Text(text) => self.push_text(text),
            Value::Other(_) => {
                buffer.clear();
                value.write(buffer)?;
                self.push_text(buffer);
            }
            // Numbers, dates and hexadecimal hold nothing to quote.
            plain => plain.write(&mut self.text)?,
        }
        Ok(())
    }

    fn push_text(&mut self, text: &str) {
        let guard = if self.encoding.is_for_excel() && starts_formula(text) {
            "'"
        } else {
            ""
        };
        let special =
            |byte: u8| matches!(byte, b'"' | b'\n' | b'\r') || byte == self.delimiter as u8;
        // Text that reads like NULL is quoted, so that it differs from NULL.
        if text != self.null && !text.is_empty() && !text.bytes().any(special) {
            self.text.push_str(guard);
            self.text.push_str(text);
            return;
        }
        self.text.push('"');
        self.text.push_str(guard);
        for (at, part) in text.split('"').enumerate() {
            if at > 0 {
                self.text.push_str("\"\"");
            }
            self.text.push_str(part);
        }
        self.text.push('"');
    }

    /// Writes the text gathered and forgets it.
    fn flush_text(&mut self) -> Result<()> {
        if self.encoding == TextEncoding::Gb18030 {
            let bytes = gb18030(&self.text, self.lines)?;
            self.out.write_all(&bytes)?;
            self.lines += memchr_iter(b'\n', self.text.as_bytes()).count();
        } else {
            self.out.write_all(self.text.as_bytes())?;
        }
        self.text.clear();
        Ok(())
    }
}

/// Whether a spreadsheet would take the text for a formula (OWASP, CSV Injection).
fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The text in GB18030; `lines` were written before it.
fn gb18030(text: &str, lines: usize) -> Result<Vec<u8>> {
    let mut encoder = GB18030.new_encoder();
    // GB18030 has at most four bytes a character, and a character at least one byte in UTF-8.
    let needed = encoder.max_buffer_length_from_utf8_without_replacement(text.len());
    let mut bytes = Vec::with_capacity(needed.unwrap_or(text.len().saturating_mul(4)));
    let (outcome, read) =
        encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true);
    match outcome {
        EncoderResult::InputEmpty => Ok(bytes),
        EncoderResult::Unmappable(character) => {
            let code = u32::from(character);
            let line = 1 + lines + memchr_iter(b'\n', &text.as_bytes()[..read]).count();
            Err(Error::work(msg!(
                "line {line}: the character U+{code:04X} does not exist in GB18030",
                "第 {line} 行：GB18030 中没有字符 U+{code:04X}"
            ))
            .hint(msg!("write UTF-8 instead", "请改用 UTF-8 输出")))
        }
        EncoderResult::OutputFull => Err(Error::work(msg!(
            "GB18030 text is too long",
            "GB18030 文本过长"
        ))),
    }
}

impl BatchWriter for Csv<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut buffer = String::new();
        for row in 0..batch.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                self.separate(at);
                self.push(&column.value(row)?, &mut buffer)?;
            }
            self.text.push_str(self.newline);
        }
        self.flush_text()
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.out.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{batch, bytes_with, texts, written, written_with};
    use super::super::{Format, Options, TextEncoding};
    use super::*;

    #[test]
    fn null_is_nothing_and_empty_text_is_quoted() {
        let expected = "乡镇,births,rate,day\n\
            晋熙镇,1204,12.5,2018-03-05\n\
            \"\",-7,,\n\
            ,,0,1900-01-01\n\
            \"a,\"\"b\"\"\n太湖|<i>\",0,0.30000000000000004,2018-12-31\n";
        assert_eq!(written(Format::Csv, &[batch()]), expected);
    }

    #[test]
    fn only_what_needs_quotes_gets_them() {
        let values = ["a\tb", " a ", "=1+1", "a\rb", "a,b", "'", "太湖，县"].map(Some);
        let expected = "x\na\tb\n a \n=1+1\n\"a\rb\"\n\"a,b\"\n'\n太湖，县\n";
        assert_eq!(written(Format::Csv, &[texts("x", &values)]), expected);
        let expected = "x\n\"a\tb\"\n a \n=1+1\n\"a\rb\"\na,b\n'\n太湖，县\n";
        assert_eq!(written(Format::Tsv, &[texts("x", &values)]), expected);
    }

    #[test]
    fn another_word_for_null_is_not_confused_with_the_text() {
        let options = Options {
            null: "NULL".to_owned(),
            ..Options::new(Format::Csv)
        };
        let batch = texts("x", &[None, Some("NULL"), Some("")]);
        let (text, _) = written_with(Format::Csv, &options, &[batch]);
        assert_eq!(text, "x\nNULL\n\"NULL\"\n\"\"\n");
    }

    #[test]
    fn csv_for_excel_has_a_mark_crlf_and_no_formulas() {
        let options = Options {
            encoding: TextEncoding::Utf8Bom,
            ..Options::new(Format::Csv)
        };
        let values = ["=HYPERLINK(\"x\")", "+1", "-1", "@a", "\t=1", "a=1"].map(Some);
        let (text, _) = written_with(Format::Csv, &options, &[texts("=x", &values)]);
        let expected =
            "\u{feff}'=x\r\n\"'=HYPERLINK(\"\"x\"\")\"\r\n'+1\r\n'-1\r\n'@a\r\n'\t=1\r\na=1\r\n";
        assert_eq!(text, expected);
        let (text, _) = written_with(Format::Csv, &options, &[batch()]);
        assert!(text.contains(",-7,"), "numbers stay numbers");
    }

    #[test]
    fn gb18030_reads_back_the_same() {
        let options = Options {
            encoding: TextEncoding::Gb18030,
            ..Options::new(Format::Csv)
        };
        // In GBK, only in GB18030 (four bytes), beyond the basic plane, with a full-width digit.
        let values = ["太湖县", "㑇䶮", "𠮷", "é€", "１２"].map(Some);
        let batches = [texts("镇", &values), texts("镇", &values[..1])];
        let (bytes, _) = bytes_with(Format::Csv, &options, &batches).unwrap();
        assert_eq!(bytes[..10], *b"\xD5\xF2\r\n\xCC\xAB\xBA\xFE\xCF\xD8");
        let (text, had_errors) = GB18030.decode_without_bom_handling(&bytes);
        assert!(!had_errors);
        assert_eq!(
            text,
            "镇\r\n太湖县\r\n㑇䶮\r\n𠮷\r\né€\r\n１２\r\n太湖县\r\n"
        );
    }

    #[test]
    fn a_character_outside_gb18030_is_an_error_with_its_line() {
        let options = Options {
            encoding: TextEncoding::Gb18030,
            ..Options::new(Format::Csv)
        };
        let batches = [
            texts("x", &[Some("a"), Some("b")]),
            texts("x", &[Some("c"), Some("\u{E5E5}")]),
        ];
        let error = bytes_with(Format::Csv, &options, &batches).unwrap_err();
        assert_eq!(
            error.message().en,
            "line 5: the character U+E5E5 does not exist in GB18030"
        );
    }
}
