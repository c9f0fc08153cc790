//! Merged cells of OpenDocument sheets, from the attributes of the cells (ODF 1.2, 19.676, 19.678).

use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};

use quick_xml::events::{BytesStart, Event};

use crate::error::Result;

use super::Span;
use super::damaged;

/// The merged cells of every sheet, by sheet name.
pub(super) fn of_ods(bytes: &[u8]) -> Result<HashMap<String, Vec<Span>>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged("zip"))?;
    let content = archive
        .by_name("content.xml")
        .map_err(|_| damaged("missing part"))?;
    of_content(content)
}

fn of_content(content: impl Read) -> Result<HashMap<String, Vec<Span>>> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(content));
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().check_end_names = false;
    let mut spans: HashMap<String, Vec<Span>> = HashMap::new();
    let (mut sheet, mut row, mut column) = (String::new(), 0_u32, 0_u32);
    let mut repeated_rows = 1;
    let mut buffer = Vec::new();
    loop {
        match reader
            .read_event_into(&mut buffer)
            .map_err(|_| damaged("XML"))?
        {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    sheet = attribute(&tag, "table:name").unwrap_or_default();
                    row = 0;
                }
                "table:table-row" => {
                    repeated_rows = count(&tag, "table:number-rows-repeated");
                    column = 0;
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let wide = count(&tag, "table:number-columns-spanned");
                    let high = count(&tag, "table:number-rows-spanned");
                    if wide > 1 || high > 1 {
                        let last = (
                            row.saturating_add(high - 1),
                            column.saturating_add(wide - 1),
                        );
                        spans
                            .entry(sheet.clone())
                            .or_default()
                            .push(Span::new((row, column), last));
                    }
                    column = column.saturating_add(count(&tag, "table:number-columns-repeated"));
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => {
                row = row.saturating_add(repeated_rows);
            }
            Event::Eof => return Ok(spans),
            _ => {}
        }
        buffer.clear();
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let value = tag.try_get_attribute(name).ok()??;
    Some(
        value
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .ok()?
            .into_owned(),
    )
}

/// A count of at least one, at most what a sheet has rows.
fn count(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1)
        .clamp(1, 1 << 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_found_behind_repeats() {
        let content = r#"<office:document-content><table:table table:name="一月">
            <table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
            <table:table-row><table:table-cell table:number-columns-repeated="3"/>
              <table:table-cell table:number-columns-spanned="2" table:number-rows-spanned="1"/>
              <table:covered-table-cell/></table:table-row>
            </table:table></office:document-content>"#;
        let spans = of_content(content.as_bytes()).unwrap();
        assert_eq!(spans["一月"], [Span::new((2, 3), (2, 4))]);
    }
}
