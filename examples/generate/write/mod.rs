//! Writes a planned export in its container. Entry point: [`bytes`]. The same plan gives the same
//! bytes: no clock, no random names.

mod biff8;
mod markup;
mod ods;
mod ole2;
mod text;
mod xlsb;
mod xlsx;

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::export::{Container, Export};

/// The bytes of a file.
pub fn bytes(export: &Export) -> Vec<u8> {
    match &export.container {
        Container::Text {
            delimiter,
            encoding,
        } => text::bytes(&export.sheets[0], *delimiter, *encoding),
        Container::Xlsx => xlsx::bytes(&export.sheets),
        Container::Xlsb => xlsb::bytes(&export.sheets),
        Container::Xls => ole2::compound("Workbook", &biff8::stream(&export.sheets)),
        Container::Ods => ods::bytes(&export.sheets),
        Container::Html => markup::html(&export.sheets[0]),
        Container::SpreadsheetMl => markup::spreadsheet_ml(&export.sheets),
    }
}

/// A zip archive of `members` (name and bytes), with fixed times.
pub fn archive<'a>(members: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        // The type of an OpenDocument file must come first and uncompressed.
        let method = if name == "mimetype" {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        let time = DateTime::from_date_and_time(2021, 1, 15, 9, 30, 0).expect("a valid moment");
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(time);
        zip.start_file(name, options).expect("the name is valid");
        zip.write_all(bytes).expect("memory takes every byte");
    }
    zip.finish().expect("the archive is complete").into_inner()
}

/// Text with the five characters that markup reserves replaced.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\n', "&#10;")
}
