//! XLSX through `rust_xlsxwriter`, with a fixed creation date.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook};

use crate::export::{Cell, Sheet};

/// The bytes of a workbook.
pub(super) fn bytes(sheets: &[Sheet]) -> Vec<u8> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2021, 1, 15).expect("a valid day");
    book.set_properties(&DocProperties::new().set_creation_datetime(&created));
    let day = Format::new().set_num_format("yyyy/m/d");
    let moment = Format::new().set_num_format("yyyy/m/d h:mm");
    let centred = Format::new().set_align(FormatAlign::Center);
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(&sheet.name).expect("a valid sheet name");
        for merge in &sheet.merges {
            let (top, bottom) = (merge.top as u32, merge.bottom as u32);
            let (left, right) = (merge.left as u16, merge.right as u16);
            page.merge_range(top, left, bottom, right, "", &centred)
                .expect("a valid range");
        }
        for (row, line) in sheet.lines.iter().enumerate() {
            for (column, cell) in line.cells.iter().enumerate() {
                let (row, column) = (row as u32, column as u16);
                match cell {
                    Cell::Blank => continue,
                    Cell::Text(text) => page.write_string(row, column, text),
                    Cell::Number(number) => page.write_number(row, column, *number),
                    Cell::Date(serial) => {
                        let format = if serial.fract() == 0.0 { &day } else { &moment };
                        page.write_number_with_format(row, column, *serial, format)
                    }
                }
                .expect("the cell fits");
            }
        }
    }
    book.save_to_buffer().expect("the workbook is complete")
}
