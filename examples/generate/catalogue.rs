//! Writes the sample's files and what must be known of them: the counts that ingest must report,
//! the planted rejects, the page for readers, and the list of identities that must not leak.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use crate::export::{Cell, Container, Encoding, Export, Outcome, Role, Sheet};
use crate::{sample, write};

/// Writes everything below `out` and says how many files of departments there are.
pub fn write(out: &Path) -> usize {
    let exports = sample::exports();
    let mut archives: BTreeMap<&str, Vec<(&str, Vec<u8>)>> = BTreeMap::new();
    let mut files = 0;
    for export in &exports {
        let bytes = write::bytes(export);
        match export.path.split_once(".zip/") {
            Some((archive, member)) => archives.entry(archive).or_default().push((member, bytes)),
            None => {
                save(out, &export.path, &bytes);
                files += 1;
            }
        }
    }
    for (archive, members) in &archives {
        let members = members
            .iter()
            .map(|(name, bytes)| (*name, bytes.as_slice()));
        save(out, &format!("{archive}.zip"), &write::archive(members));
        files += 1;
    }
    save(out, "expected.csv", expected(&exports).as_bytes());
    save(out, "expected_rejects.csv", rejects(&exports).as_bytes());
    save(out, "README.md", readme(&exports, files).as_bytes());
    files
}

fn save(out: &Path, path: &str, bytes: &[u8]) {
    let path = out.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    std::fs::write(path, bytes).expect("the file can be written");
}

/// The encoding of a text file, or the container of a workbook, as ingest reports it.
fn encoding(container: &Container) -> &'static str {
    match container {
        Container::Text { encoding, .. } => match encoding {
            Encoding::Gb18030 => "gb18030",
            Encoding::Utf8 => "utf-8",
            Encoding::Utf8Bom => "utf-8-bom",
            Encoding::Utf16Le => "utf-16le",
        },
        Container::Html => "html",
        Container::SpreadsheetMl => "spreadsheetml",
        Container::Xlsx => "xlsx",
        Container::Xlsb => "xlsb",
        Container::Xls => "xls",
        Container::Ods => "ods",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Current => "current",
        Outcome::Superseded => "superseded",
        Outcome::NothingNew => "nothing_new",
        Outcome::Refused => "refused",
    }
}

fn expected(exports: &[Export]) -> String {
    let mut csv = String::from(
        "file,source,period,rows_read,rows_accepted,rows_rejected,rows_skipped,encoding,sheets,outcome\n",
    );
    for export in exports {
        let counts = export.counts();
        let _ = writeln!(
            csv,
            "{},{},{},{},{},{},{},{},{},{}",
            export.path,
            export.source,
            export.period,
            counts.read,
            counts.accepted,
            counts.rejected,
            counts.skipped,
            encoding(&export.container),
            export.sheets.len(),
            outcome(export.outcome),
        );
    }
    csv
}

fn rejects(exports: &[Export]) -> String {
    let mut csv = String::from("file,sheet,row,column,rule,cell\n");
    let read = exports
        .iter()
        .filter(|export| export.outcome != Outcome::NothingNew);
    for export in read {
        for sheet in &export.sheets {
            for (row, line) in sheet.lines.iter().enumerate() {
                let Role::Rejected { column, rule } = line.role else {
                    continue;
                };
                let _ = writeln!(
                    csv,
                    "{},{},{},{},{rule},{}",
                    export.path,
                    sheet_name(export, sheet),
                    row + 1,
                    sheet.headers[column],
                    address(row, column),
                );
            }
            if let Some((row, column)) = sheet.wrong_total {
                let _ = writeln!(
                    csv,
                    "{},{},{},{},total,{}",
                    export.path,
                    sheet_name(export, sheet),
                    row + 1,
                    sheet.headers[column],
                    address(row, column),
                );
            }
        }
    }
    csv
}

/// Text files and web pages have no sheet names.
fn sheet_name<'a>(export: &Export, sheet: &'a Sheet) -> &'a str {
    match export.container {
        Container::Text { .. } => "",
        Container::Html => "Sheet1",
        _ => &sheet.name,
    }
}

/// `C17`.
fn address(row: usize, column: usize) -> String {
    let mut letters = String::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.insert(0, char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

fn readme(exports: &[Export], files: usize) -> String {
    let mut page = format!(
        "# Sample data\n\n\
         Made-up exports of Tumed Left Banner (土默特左旗, 150121) for 2016 to 2020, as six departments,\n\
         the disease-control centre and the townships send them: {files} files, {} deliveries. All of them are\n\
         drawn from one synthetic population, so that the same child, mother or dead person turns up in several\n\
         of them. Nobody in them exists: ID numbers stand under division codes 1599xx, which were never\n\
         allocated, telephone numbers under the unused prefix 129, certificate numbers under 1599. Only the\n\
         2020 census figures of the banner are published ones; the figures of the other years are invented.\n\n\
         Made by `cargo run --release --example generate -- sample --out sample_data`; the same program gives\n\
         the same bytes. `generate identities --out FILE` lists every name, number and address in them;\n\
         `generate bulk` makes registers of any size.\n\n\
         - `expected.csv`: per file (archive members as `archive.zip/member`) what ingest must report.\n\
         - `expected_rejects.csv`: every planted reject with sheet, row, column, rule and cell.\n\n\
         *read* counts data rows, without titles, headers, index rows, totals, footers and blank rows; *skipped*\n\
         are rows that are not facts, by the source's `skip:` rules (deleted cards, void birth certificates,\n\
         reissued marriage certificates); the rest is accepted or rejected. A file with a wrong total is refused\n\
         whole, whatever its rows; one whose bytes came before is not read at all. All files are meant to be\n\
         handed in in one run, which loads short periods before long ones and corrections after what they\n\
         correct.\n",
        exports.len()
    );
    let mut folder = "";
    for export in exports {
        let department = export.path.split('/').next().unwrap_or_default();
        if department != folder {
            folder = department;
            let _ = writeln!(page, "\n## {folder}\n");
        }
        let counts = export.counts();
        let name = export
            .path
            .split_once('/')
            .map_or(export.path.as_str(), |(_, name)| name);
        let _ = writeln!(
            page,
            "- **{name}**\n  `{}` · {} · {} · read {}, accepted {}, rejected {}, skipped {} · {}",
            export.source,
            export.period,
            container(&export.container),
            counts.read,
            counts.accepted,
            counts.rejected,
            counts.skipped,
            outcome(export.outcome).replace('_', " "),
        );
        for note in &export.planted {
            let _ = writeln!(page, "  - {note}");
        }
    }
    page
}

fn container(container: &Container) -> String {
    match container {
        Container::Text {
            delimiter,
            encoding,
        } => {
            let kind = match encoding {
                Encoding::Gb18030 => "GBK",
                Encoding::Utf8 => "UTF-8",
                Encoding::Utf8Bom => "UTF-8 with BOM",
                Encoding::Utf16Le => "UTF-16LE",
            };
            let delimiter = match delimiter {
                '\t' => "tab".to_owned(),
                other => format!("`{other}`"),
            };
            format!("text, {kind}, {delimiter}")
        }
        Container::Xlsx => "XLSX".to_owned(),
        Container::Xlsb => "XLSB".to_owned(),
        Container::Xls => "XLS (BIFF8)".to_owned(),
        Container::Ods => "ODS".to_owned(),
        Container::Html => "HTML named .xls, GBK".to_owned(),
        Container::SpreadsheetMl => "SpreadsheetML named .xls".to_owned(),
    }
}

/// Every identity in the exports, as typed and in its clean form, sorted: names, ID numbers,
/// certificate numbers, telephone numbers, addresses with house numbers.
pub fn identities(exports: &[Export]) -> Vec<String> {
    let mut found = BTreeSet::new();
    for sheet in exports.iter().flat_map(|export| &export.sheets) {
        for (column, header) in sheet.headers.iter().enumerate() {
            let Some(kind) = kind(header) else { continue };
            for line in sheet.lines.iter().filter(|line| line.role != Role::Around) {
                if let Some(Cell::Text(text)) = line.cells.get(column) {
                    let text = text.trim_matches(['\'', '\t', '=', '"', ' ', '\u{3000}']);
                    if is_identity(text, kind) {
                        found.insert(text.to_owned());
                        found.insert(clean(text, kind));
                    }
                }
            }
        }
    }
    found.into_iter().collect()
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Address,
}

/// The kind of identity under a header.
fn kind(header: &str) -> Option<Kind> {
    const NOT: [&str; 6] = ["AAB001", "编码", "类别", "类型", "户编号", "户籍地-"];
    const NAMES: [&str; 3] = ["姓名", "XM", "AAC003"];
    const NUMBERS: [&str; 11] = [
        "身份",
        "证件号",
        "编号",
        "证号",
        "字号",
        "号码",
        "电话",
        "SFHM",
        "CSZBH",
        "AAC002",
        "户号",
    ];
    const ADDRESSES: [&str; 6] = ["住址", "地址", "户口所在地", "居住地", "HKSZD", "R6"];
    let any = |parts: &[&str]| parts.iter().any(|part| header.contains(part));
    match header {
        _ if any(&NOT) => None,
        "HH" => Some(Kind::Number),
        _ if any(&NAMES) => Some(Kind::Name),
        _ if any(&NUMBERS) => Some(Kind::Number),
        _ if any(&ADDRESSES) => Some(Kind::Address),
        _ => None,
    }
}

/// Not a token for "missing", not masked, not what Excel left of a number, and not only a place.
fn is_identity(text: &str, kind: Kind) -> bool {
    const TOKENS: [&str; 12] = [
        "NULL",
        "未取名",
        "未起名",
        "未上户",
        "待补录",
        "待补",
        "不详",
        "暂无",
        "——",
        "同上",
        "身份证",
        "居民身份证",
    ];
    let lossy = text.contains("E+") || (text.len() == 18 && text.ends_with("000"));
    match kind {
        _ if TOKENS.contains(&text) || text.contains("**") || lossy => false,
        Kind::Name => text.chars().count() >= 2,
        Kind::Number => text.len() >= 6,
        Kind::Address => text.ends_with('号'),
    }
}

/// Without blanks, in half width, lookalikes of X mended, any middle dot as U+00B7.
fn clean(text: &str, kind: Kind) -> String {
    let plain = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{3000}' | '\t'));
    plain
        .map(|c| match (kind, c) {
            (Kind::Number, 'x' | 'Ｘ' | 'ｘ' | 'Х' | 'Χ' | '×') => 'X',
            (Kind::Name, '•' | '・' | '･' | '‧' | '∙' | '⋅' | '．' | '－' | '.') => {
                '·'
            }
            (_, '！'..='～') => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
            (_, other) => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_excel_names_them() {
        assert_eq!(
            ["A1", "Z10", "AA22"],
            [address(0, 0), address(9, 25), address(21, 26)]
                .each_ref()
                .map(String::as_str)
        );
    }

    #[test]
    fn every_reject_is_planted_once_and_the_list_of_identities_has_no_places() {
        let exports = sample::exports();
        let rejected: usize = exports.iter().map(|export| export.counts().rejected).sum();
        // One more line tells the total that does not add up.
        assert_eq!(rejects(&exports).lines().count(), 1 + rejected + 1);
        let identities = identities(&exports);
        assert!(
            identities
                .iter()
                .all(|text| !text.ends_with("村委会") && !text.contains("E+"))
        );
    }
}
