//! The Workbook stream of an Excel 97 file (MS-XLS, BIFF8): shared strings, numbers, dates and
//! merged cells; several sheets.

use std::collections::HashMap;

use crate::export::{Cell, Sheet};

/// A record holds at most this many bytes of data.
const LIMIT: usize = 8224;
/// Cell formats: the 16th is general, the two after it show a day and a moment.
const GENERAL: u16 = 15;
const DAY: u16 = 16;
const MOMENT: u16 = 17;

/// The stream.
pub(super) fn stream(sheets: &[Sheet]) -> Vec<u8> {
    let mut strings = Strings::default();
    let bodies: Vec<Vec<u8>> = sheets
        .iter()
        .map(|sheet| body(sheet, &mut strings))
        .collect();

    // The offsets of the sheets stand in the globals, whose length does not depend on them.
    let length = globals(sheets, &vec![0; sheets.len()], &strings).len();
    let mut at = length;
    let mut offsets = Vec::new();
    for body in &bodies {
        offsets.push(at as u32);
        at += body.len();
    }
    let mut stream = globals(sheets, &offsets, &strings);
    stream.extend(bodies.concat());
    stream
}

fn record(kind: u16, data: &[u8], out: &mut Vec<u8>) {
    out.extend(kind.to_le_bytes());
    out.extend((data.len() as u16).to_le_bytes());
    out.extend_from_slice(data);
}

fn globals(sheets: &[Sheet], offsets: &[u32], strings: &Strings) -> Vec<u8> {
    let mut out = Vec::new();
    record(0x0809, &begin(0x0005), &mut out);
    record(0x0042, &1200_u16.to_le_bytes(), &mut out); // code page: UTF-16
    let window = [0, 0, 0x4000, 0x2000, 0x38, 0, 0, 1, 600_u16];
    record(0x003D, &halves(&window), &mut out);
    record(0x0022, &[0, 0], &mut out); // 1900 date system
    for _ in 0..4 {
        let mut font = halves(&[200, 0, 0x7FFF, 400, 0]);
        font.extend([0, 0, 134, 0]); // no underline, family, character set GB2312
        font.extend(short_string("宋体"));
        record(0x0031, &font, &mut out);
    }
    for (id, format) in [(164_u16, "yyyy\\-mm\\-dd"), (165, "yyyy/m/d\\ h:mm")] {
        let mut data = halves(&[id]);
        data.extend(long_string(format));
        record(0x041E, &data, &mut out);
    }
    for style in 0..15 {
        record(
            0x00E0,
            &extended(0, 0xFFF5, if style == 0 { 0 } else { 0xF4 }),
            &mut out,
        );
    }
    for format in [0, 164, 165] {
        record(0x00E0, &extended(format, 0x0001, 0x04), &mut out);
    }
    record(0x0293, &[0x00, 0x80, 0x00, 0xFF], &mut out); // the normal style
    for (sheet, offset) in sheets.iter().zip(offsets) {
        let mut data = offset.to_le_bytes().to_vec();
        data.extend([0, 0]);
        data.extend(short_string(&sheet.name));
        record(0x0085, &data, &mut out);
    }
    strings.write(&mut out);
    record(0x000A, &[], &mut out);
    out
}

fn begin(kind: u16) -> Vec<u8> {
    let mut data = halves(&[0x0600, kind, 0x0DBB, 0x07CC]);
    data.extend([0x41, 0, 0, 0, 6, 0, 0, 0]);
    data
}

fn extended(format: u16, protection: u16, used: u8) -> Vec<u8> {
    let mut data = halves(&[0, format, protection]);
    data.extend([0x20, 0, 0, used]);
    data.extend([0, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0x20]);
    data
}

fn halves(values: &[u16]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn short_string(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut data = vec![units.len() as u8, 1];
    data.extend(halves(&units));
    data
}

fn long_string(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut data = halves(&[units.len() as u16]);
    data.push(1);
    data.extend(halves(&units));
    data
}

fn body(sheet: &Sheet, strings: &mut Strings) -> Vec<u8> {
    let mut out = Vec::new();
    record(0x0809, &begin(0x0010), &mut out);
    let width = sheet
        .lines
        .iter()
        .map(|line| line.cells.len())
        .max()
        .unwrap_or(0);
    let mut dimensions = Vec::from(0_u32.to_le_bytes());
    dimensions.extend((sheet.lines.len() as u32).to_le_bytes());
    dimensions.extend(halves(&[0, width as u16, 0]));
    record(0x0200, &dimensions, &mut out);
    for (row, line) in sheet.lines.iter().enumerate() {
        for (column, cell) in line.cells.iter().enumerate() {
            let at = [row as u16, column as u16];
            match cell {
                Cell::Blank => {}
                Cell::Text(text) => {
                    let mut data = halves(&[at[0], at[1], GENERAL]);
                    data.extend(strings.index(text).to_le_bytes());
                    record(0x00FD, &data, &mut out);
                }
                Cell::Number(number) => {
                    let mut data = halves(&[at[0], at[1], GENERAL]);
                    data.extend(number.to_le_bytes());
                    record(0x0203, &data, &mut out);
                }
                Cell::Date(serial) => {
                    let format = if serial.fract() == 0.0 { DAY } else { MOMENT };
                    let mut data = halves(&[at[0], at[1], format]);
                    data.extend(serial.to_le_bytes());
                    record(0x0203, &data, &mut out);
                }
            }
        }
    }
    let window = [0x06B6, 0, 0, 0x40, 0, 0, 0, 0, 0_u16];
    record(0x023E, &halves(&window), &mut out);
    for merges in sheet.merges.chunks(1000) {
        let mut data = halves(&[merges.len() as u16]);
        for merge in merges {
            let block = [merge.top, merge.bottom, merge.left, merge.right];
            data.extend(
                block
                    .into_iter()
                    .flat_map(|edge| (edge as u16).to_le_bytes()),
            );
        }
        record(0x00E5, &data, &mut out);
    }
    record(0x000A, &[], &mut out);
    out
}

/// The shared string table: each text once.
#[derive(Default)]
struct Strings {
    index: HashMap<String, u32>,
    texts: Vec<String>,
    uses: u32,
}

impl Strings {
    fn index(&mut self, text: &str) -> u32 {
        self.uses += 1;
        if let Some(&at) = self.index.get(text) {
            return at;
        }
        let at = self.texts.len() as u32;
        self.texts.push(text.to_owned());
        self.index.insert(text.to_owned(), at);
        at
    }

    /// Writes the table, split between strings into continuing records.
    fn write(&self, out: &mut Vec<u8>) {
        let mut data = Vec::from(self.uses.to_le_bytes());
        data.extend((self.texts.len() as u32).to_le_bytes());
        let mut kind = 0x00FC;
        for text in &self.texts {
            let string = long_string(text);
            if data.len() + string.len() > LIMIT {
                record(kind, &data, out);
                data.clear();
                kind = 0x003C;
            }
            data.extend(string);
        }
        record(kind, &data, out);
    }
}
