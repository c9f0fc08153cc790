//! Delimited text in four encodings, with CRLF line ends and quotes where needed.

use encoding_rs::GB18030;

use crate::export::{Encoding, Sheet};

/// The bytes of `sheet`.
pub(super) fn bytes(sheet: &Sheet, delimiter: char, encoding: Encoding) -> Vec<u8> {
    let mut text = String::new();
    for line in &sheet.lines {
        for (column, cell) in line.cells.iter().enumerate() {
            if column > 0 {
                text.push(delimiter);
            }
            quote(&cell.text(), delimiter, &mut text);
        }
        text.push_str("\r\n");
    }
    encode(&text, encoding)
}

fn quote(cell: &str, delimiter: char, text: &mut String) {
    if cell.contains([delimiter, '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

/// `text` as bytes.
pub(crate) fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf8Bom => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        Encoding::Utf16Le => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            [0xFF, 0xFE].into_iter().chain(units).collect()
        }
        Encoding::Gb18030 => {
            let (bytes, _, unmappable) = GB18030.encode(text);
            assert!(!unmappable, "GB18030 covers Unicode");
            bytes.into_owned()
        }
    }
}
