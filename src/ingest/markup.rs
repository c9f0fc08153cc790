//! Sheets saved as HTML or as Excel 2003 XML, usually under the name `.xls`: what the web systems
//! of departments export.
//!
//! Entry point: [`read`]. Never runs scripts, never follows links, and takes malformed HTML as
//! browsers do.

mod entities;
mod html;
mod spreadsheet_ml;
mod tokens;

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::msg;

use super::container::Container;
use super::encoding;
use super::workbook::Workbook;

/// Reads the tables of an HTML file, or the sheets of a SpreadsheetML file.
///
/// # Errors
/// The text does not decode, the XML is cut short, or the sheets are in other files.
pub fn read(bytes: &[u8], container: &Container) -> Result<Workbook> {
    let text = decode(bytes)?;
    match container {
        Container::Html => html::read(&text),
        Container::SpreadsheetMl => spreadsheet_ml::read(&text),
        _ => Err(Error::work(msg!(
            "the file is no markup",
            "文件不是 HTML 或 XML"
        ))),
    }
}

/// Servers often declare a charset they do not use, so the bytes have the first word; only a
/// charset that cannot be told from the bytes is believed.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let encoding = match encoding::detect(bytes) {
        Ok(encoding::Encoding::Gb18030) | Err(_) if declared(bytes).is_some() => None,
        detected => Some(detected?),
    };
    match (encoding, declared(bytes)) {
        (None, Some(codec)) => codec
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| {
                let name = codec.name();
                Error::work(msg!(
                    "the file does not decode as {name}, which it declares",
                    "文件无法按其声明的编码 {name} 解码"
                ))
                .hint(msg!(
                    "open it in Excel or WPS and save it as .xlsx",
                    "请用 Excel 或 WPS 打开后另存为 .xlsx"
                ))
            }),
        (encoding, _) => {
            encoding::decode_block(bytes, encoding.unwrap_or(encoding::Encoding::Gb18030), 1)
        }
    }
}

/// The declared charset, when it is one that could be mistaken for GB18030.
fn declared(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head: String = bytes
        .iter()
        .take(2048)
        .map(|byte| {
            if byte.is_ascii() {
                char::from(byte.to_ascii_lowercase())
            } else {
                ' '
            }
        })
        .collect();
    let rest = ["charset=", "encoding="]
        .iter()
        .find_map(|key| head.find(key).map(|at| &head[at + key.len()..]))?;
    let label: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let codec = encoding_rs::Encoding::for_label(label.as_bytes())?;
    [
        encoding_rs::BIG5,
        encoding_rs::SHIFT_JIS,
        encoding_rs::EUC_KR,
        encoding_rs::EUC_JP,
    ]
    .contains(&codec)
    .then_some(codec)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_cell(bytes: &[u8]) -> String {
        let book = read(bytes, &Container::Html).unwrap();
        book.sheets[0].rows.cell(0, 0).text.to_owned()
    }

    #[test]
    fn the_bytes_tell_the_charset_before_the_declaration_does() {
        let page = "<meta charset=gb2312><table><tr><td>姓名</table>";
        assert_eq!(first_cell(page.as_bytes()), "姓名");
        assert_eq!(first_cell(&encoding_rs::GB18030.encode(page).0), "姓名");
        let page = "<meta charset=iso-8859-1><table><tr><td>姓名</table>";
        assert_eq!(first_cell(&encoding_rs::GB18030.encode(page).0), "姓名");
        let page = "<meta http-equiv=Content-Type content=\"text/html; charset=big5\"><table><tr><td>出生日期</table>";
        assert_eq!(first_cell(&encoding_rs::BIG5.encode(page).0), "出生日期");
    }
}
