//! A complete HTML page with one table, self-contained: no script, no link.
//!
//! A NULL cell has class `null`, so it differs from empty text even when shown as nothing.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;

use crate::error::{Lang, Result};

use super::value::{Column, is_number};
use super::{BatchWriter, Options, Out, Summary};

const STYLE: &str = "body{font:14px/1.5 system-ui,\"Microsoft YaHei\",\"PingFang SC\",sans-serif;margin:2em;color:#222}\
table{border-collapse:collapse}caption{text-align:left;font-weight:bold;padding:.3em 0}\
caption small{display:block;font-weight:normal;color:#555}\
th,td{border:1px solid #ccc;padding:.2em .6em;text-align:left;vertical-align:top;white-space:pre-wrap}\
th{background:#eef2f7;position:sticky;top:0}.n{text-align:right;font-variant-numeric:tabular-nums}\
.null{color:#999;font-style:italic}";

pub(super) struct Html<'a> {
    null: String,
    numbers: Vec<bool>,
    out: Out<'a>,
}

impl<'a> Html<'a> {
    pub(super) fn new(schema: &Schema, options: &Options, mut out: Out<'a>) -> Result<Self> {
        let numbers: Vec<bool> = schema
            .fields()
            .iter()
            .map(|field| is_number(field.data_type()))
            .collect();
        let (language, untitled) = match options.lang {
            Lang::En => ("en", "Result"),
            Lang::Zh => ("zh-CN", "结果"),
        };
        let title = escape(options.title.as_deref().unwrap_or(untitled));
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<table>\n"
        );
        let remarks = options.remarks();
        if options.title.is_some() || !remarks.is_empty() {
            text.push_str("<caption>");
            if options.title.is_some() {
                text.push_str(&title);
            }
            for remark in &remarks {
                text.push_str("<small>");
                push_escaped(&mut text, remark);
                text.push_str("</small>");
            }
            text.push_str("</caption>\n");
        }
        text.push_str("<thead><tr>");
        for (field, is_number) in schema.fields().iter().zip(&numbers) {
            text.push_str(if *is_number {
                "<th scope=\"col\" class=\"n\">"
            } else {
                "<th scope=\"col\">"
            });
            push_escaped(&mut text, field.name());
            text.push_str("</th>");
        }
        text.push_str("</tr></thead>\n<tbody>\n");
        out.write_all(text.as_bytes())?;
        Ok(Self {
            null: escape(&options.null),
            numbers,
            out,
        })
    }
}

/// The text with `&`, `<`, `>`, `"` and `'` as character references, fit for an element or a
/// quoted attribute. Characters that HTML forbids become `�`.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, text);
    out
}

fn push_escaped(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(character),
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
}

impl BatchWriter for Html<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        let mut text = String::new();
        let mut buffer = String::new();
        for row in 0..batch.num_rows() {
            text.push_str("<tr>");
            for (column, is_number) in columns.iter().zip(&self.numbers) {
                let value = column.value(row)?;
                text.push_str(match (value.is_null(), is_number) {
                    (false, false) => "<td>",
                    (false, true) => "<td class=\"n\">",
                    (true, false) => "<td class=\"null\">",
                    (true, true) => "<td class=\"n null\">",
                });
                if value.is_null() {
                    text.push_str(&self.null);
                } else {
                    buffer.clear();
                    value.write(&mut buffer)?;
                    push_escaped(&mut text, &buffer);
                }
                text.push_str("</td>");
            }
            text.push_str("</tr>\n");
        }
        self.out.write_all(text.as_bytes())?;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.out
            .write_all(b"</tbody>\n</table>\n</body>\n</html>\n")?;
        self.out.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{batch, texts, written, written_with};
    use super::*;

    #[test]
    fn cells_are_escaped_and_null_is_marked() {
        let page = written(Format::Html, &[batch()]);
        assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
        assert!(page.ends_with("</tbody>\n</table>\n</body>\n</html>\n"));
        assert!(
            page.contains("<td>a,&quot;b&quot;\n太湖|&lt;i&gt;</td>"),
            "{page}"
        );
        assert!(
            page.contains("<td></td><td class=\"n\">-7</td><td class=\"n null\"></td>"),
            "{page}"
        );
        assert!(!page.contains("<caption>"));
    }

    #[test]
    fn title_unit_and_notes_are_the_caption() {
        let options = Options {
            title: Some("出生 <2018>".to_owned()),
            unit: Some("人".to_owned()),
            notes: vec!["a & b".to_owned()],
            lang: Lang::Zh,
            ..Options::new(Format::Html)
        };
        let (page, _) = written_with(Format::Html, &options, &[texts("<x>", &[])]);
        assert!(page.contains("<title>出生 &lt;2018&gt;</title>"), "{page}");
        assert!(page.contains(
            "<caption>出生 &lt;2018&gt;<small>单位：人</small><small>注：a &amp; b</small></caption>"
        ));
        assert!(page.contains("<th scope=\"col\">&lt;x&gt;</th>"));
        assert_eq!(escape("'\u{1}"), "&#39;\u{fffd}");
    }
}
