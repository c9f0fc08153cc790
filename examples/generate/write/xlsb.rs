//! An Excel binary workbook (MS-XLSB) with inline strings, the smallest that opens.

use crate::export::{Cell, Sheet};

const TYPES: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
    r#"<Default Extension="rels" "#,
    r#"ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
    r#"<Default Extension="bin" "#,
    r#"ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>"#,
);
const RELATIONS: &str = concat!(
    r#"<?xml version="1.0" encoding="UTF-8"?>"#,
    r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
);
const KIND: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The bytes of a workbook.
pub(super) fn bytes(sheets: &[Sheet]) -> Vec<u8> {
    let mut types = TYPES.to_owned();
    let mut inner = RELATIONS.to_owned();
    let mut book = Vec::new();
    record(131, &[], &mut book);
    record(143, &[], &mut book);
    let mut parts = Vec::new();
    for (at, sheet) in sheets.iter().enumerate() {
        let number = at + 1;
        let name = format!("xl/worksheets/sheet{number}.bin");
        types.push_str(&format!(
            r#"<Override PartName="/{name}" ContentType="application/vnd.ms-excel.worksheet"/>"#
        ));
        inner.push_str(&format!(
            r#"<Relationship Id="rId{number}" Type="{KIND}/worksheet" Target="worksheets/sheet{number}.bin"/>"#
        ));
        let mut data = vec![0; 4];
        data.extend((number as u32).to_le_bytes());
        data.extend(wide(&format!("rId{number}")));
        data.extend(wide(&sheet.name));
        record(156, &data, &mut book);
        parts.push((name, page(sheet)));
    }
    record(144, &[], &mut book);
    record(132, &[], &mut book);
    let style_type = "application/vnd.ms-excel.styles";
    types.push_str(&format!(
        r#"<Override PartName="/xl/styles.bin" ContentType="{style_type}"/></Types>"#
    ));
    inner.push_str(&format!(
        r#"<Relationship Id="rId{}" Type="{KIND}/styles" Target="styles.bin"/></Relationships>"#,
        sheets.len() + 1
    ));
    let outer = format!(
        r#"{RELATIONS}<Relationship Id="rId1" Type="{KIND}/officeDocument" Target="xl/workbook.bin"/></Relationships>"#
    );
    let styles = styles();
    let mut members: Vec<(&str, &[u8])> = vec![
        ("[Content_Types].xml", types.as_bytes()),
        ("_rels/.rels", outer.as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", inner.as_bytes()),
        ("xl/styles.bin", &styles),
    ];
    members.extend(
        parts
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice())),
    );
    super::archive(members)
}

/// Record types and lengths are written seven bits at a time.
fn record(kind: u16, data: &[u8], out: &mut Vec<u8>) {
    if kind < 128 {
        out.push(kind as u8);
    } else {
        out.extend([(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8]);
    }
    let mut length = data.len();
    loop {
        let low = (length & 0x7F) as u8;
        length >>= 7;
        out.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    out.extend_from_slice(data);
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut data = (units.len() as u32).to_le_bytes().to_vec();
    data.extend(units.into_iter().flat_map(u16::to_le_bytes));
    data
}

fn page(sheet: &Sheet) -> Vec<u8> {
    let mut out = Vec::new();
    record(129, &[], &mut out);
    let width = sheet
        .lines
        .iter()
        .map(|line| line.cells.len())
        .max()
        .unwrap_or(1);
    let edges = [0, sheet.lines.len() as u32 - 1, 0, width as u32 - 1];
    record(148, &edges.map(u32::to_le_bytes).concat(), &mut out);
    record(145, &[], &mut out);
    for (row, line) in sheet.lines.iter().enumerate() {
        let mut header = (row as u32).to_le_bytes().to_vec();
        header.extend([0; 4]); // style
        header.extend(300_u16.to_le_bytes()); // height
        header.extend([0, 0, 0]); // flags
        header.extend(1_u32.to_le_bytes()); // one span of columns
        header.extend(0_u32.to_le_bytes());
        header.extend((line.cells.len().max(1) as u32 - 1).to_le_bytes());
        record(0, &header, &mut out);
        for (column, cell) in line.cells.iter().enumerate() {
            let mut data = (column as u32).to_le_bytes().to_vec();
            let style = u32::from(matches!(cell, Cell::Date(_)));
            data.extend(style.to_le_bytes());
            match cell {
                Cell::Blank => record(1, &data, &mut out),
                Cell::Text(text) => {
                    data.extend(wide(text));
                    record(6, &data, &mut out);
                }
                Cell::Number(number) | Cell::Date(number) => {
                    data.extend(number.to_le_bytes());
                    record(5, &data, &mut out);
                }
            }
        }
    }
    record(146, &[], &mut out);
    if !sheet.merges.is_empty() {
        record(177, &(sheet.merges.len() as u32).to_le_bytes(), &mut out);
        for merge in &sheet.merges {
            let edges = [merge.top, merge.bottom, merge.left, merge.right];
            record(
                176,
                &edges.map(|edge| (edge as u32).to_le_bytes()).concat(),
                &mut out,
            );
        }
        record(178, &[], &mut out);
    }
    record(130, &[], &mut out);
    out
}

/// Two cell formats: general, and a day (built-in format 14).
fn styles() -> Vec<u8> {
    let mut out = Vec::new();
    record(278, &[], &mut out);
    record(617, &2_u32.to_le_bytes(), &mut out);
    for format in [0_u16, 14] {
        let mut data = 0_u16.to_le_bytes().to_vec();
        data.extend(format.to_le_bytes());
        data.extend([0; 12]);
        record(47, &data, &mut out);
    }
    record(618, &[], &mut out);
    record(279, &[], &mut out);
    out
}
