//! The promise that no identity leaves the vault: every name, number and address of the sample
//! files is looked for in everything that the program wrote, whatever happened to it.

use std::collections::{BTreeSet, HashMap};
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use calamine::Reader;
use encoding_rs::{GB18030, UTF_16LE};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use regex::Regex;

use crate::common::{
    Output, Project, RECORDS, delimited, files_below, sample_file, sample_folders, shared,
};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Address,
}

/// The kind of identity below a header.
fn kind(header: &str) -> Option<Kind> {
    const NOT: [&str; 8] = [
        "AAB001",
        "编码",
        "类别",
        "类型",
        "户编号",
        "户籍地-",
        "填表",
        "单位",
    ];
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
        _ if header.chars().count() > 16 || any(&NOT) || TOKENS.contains(&header) => None,
        _ if any(&NAMES) => Some(Kind::Name),
        _ if any(&NUMBERS) => Some(Kind::Number),
        _ if any(&ADDRESSES) => Some(Kind::Address),
        _ => None,
    }
}

/// Words in columns of identities that tell of nobody.
const TOKENS: [&str; 13] = [
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
    "无名氏",
];

fn is_identity(text: &str, kind: Kind) -> bool {
    let lossy = text.contains("E+") || (text.len() == 18 && text.ends_with("000"));
    match kind {
        _ if TOKENS.contains(&text) || text.contains("**") || text.contains("某某") || lossy => {
            false
        }
        Kind::Name => {
            (2..=16).contains(&text.chars().count())
                && !text.chars().any(|c| c.is_ascii_alphanumeric())
        }
        Kind::Number => text.len() >= 8 && text.bytes().filter(u8::is_ascii_digit).count() >= 5,
        Kind::Address => text.ends_with('号'),
    }
}

/// The same as a careful clerk would write it: half width, no blanks, one middle dot.
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

/// Every identity in the sample files, as typed and clean.
fn identities() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for path in sample_folders()
        .iter()
        .flat_map(|folder| files_below(folder))
    {
        for sheet in sheets(&std::fs::read(&path).unwrap()) {
            collect(&sheet, &mut found);
        }
    }
    found
}

type Sheet = Vec<Vec<String>>;

/// The sheets of any of the sample's containers, read without the program under test.
fn sheets(bytes: &[u8]) -> Vec<Sheet> {
    let head = &bytes[..bytes.len().min(4)];
    if head == b"PK\x03\x04"
        && let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes))
        && ["[Content_Types].xml", "mimetype"]
            .iter()
            .all(|name| archive.by_name(name).is_err())
    {
        let mut inner = Vec::new();
        for at in 0..archive.len() {
            let mut member = Vec::new();
            archive
                .by_index(at)
                .unwrap()
                .read_to_end(&mut member)
                .unwrap();
            inner.extend(sheets(&member));
        }
        return inner;
    }
    if head == b"PK\x03\x04" || head == b"\xd0\xcf\x11\xe0" {
        let mut workbook = calamine::open_workbook_auto_from_rs(Cursor::new(bytes)).unwrap();
        let names = workbook.sheet_names();
        return names
            .iter()
            .map(|name| {
                let range = workbook.worksheet_range(name).unwrap();
                range
                    .rows()
                    .map(|row| row.iter().map(ToString::to_string).collect())
                    .collect()
            })
            .collect();
    }
    let text = text(bytes);
    if text.trim_start().starts_with('<') {
        return vec![markup(&text)];
    }
    let count = |delimiter: &char| text.chars().take(3000).filter(|c| c == delimiter).count();
    let delimiter = [',', '\t', ';', '|'].into_iter().max_by_key(count).unwrap();
    vec![delimited(&text, delimiter)]
}

fn text(bytes: &[u8]) -> String {
    if bytes.starts_with(b"\xff\xfe") {
        return UTF_16LE.decode(bytes).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => GB18030.decode(bytes).0.into_owned(),
    }
}

/// The rows of a web page or of an Excel 2003 XML. Cells that are skipped shift the others: the
/// headers would not fit, so these few files give their numbers alone.
fn markup(text: &str) -> Sheet {
    let cell = Regex::new(r"(?s)<(?:td|th|Data)[^>]*>(.*?)</(?:td|th|Data)>").unwrap();
    let rows = Regex::new(r"(?s)<(?:tr|Row)\b.*?</(?:tr|Row)>").unwrap();
    let tags = Regex::new(r"<[^>]*>").unwrap();
    let plain = |inner: &str| tags.replace_all(inner, "").replace("&nbsp;", " ");
    rows.find_iter(text)
        .map(|row| {
            cell.captures_iter(row.as_str())
                .map(|found| plain(&found[1]))
                .collect()
        })
        .collect()
}

fn collect(sheet: &Sheet, found: &mut BTreeSet<String>) {
    // Numbers that can be nothing else, wherever they stand.
    static NUMBERS: OnceLock<Regex> = OnceLock::new();
    let numbers = NUMBERS
        .get_or_init(|| Regex::new(r"1599\d{13}[\dXx]|\b129\d{8}\b|[A-Z]1599\d{5}").unwrap());
    let mut kinds: HashMap<usize, Kind> = HashMap::new();
    for row in sheet {
        let headers: Vec<(usize, Kind)> = row
            .iter()
            .enumerate()
            .filter_map(|(place, cell)| Some((place, kind(cell.trim())?)))
            .collect();
        if headers.len() > 1 {
            kinds.retain(|place, _| row.get(*place).is_none_or(|cell| cell.trim().is_empty()));
        }
        if !headers.is_empty() {
            kinds.extend(headers);
            continue;
        }
        for (place, cell) in row.iter().enumerate() {
            found.extend(
                numbers
                    .find_iter(cell)
                    .map(|number| number.as_str().to_owned()),
            );
            let Some(kind) = kinds.get(&place) else {
                continue;
            };
            let text = cell.trim_matches(['\'', '\t', '=', '"', ' ', '\u{3000}', '\u{a0}']);
            if is_identity(text, *kind) {
                found.insert(text.to_owned());
                found.insert(clean(text, *kind));
            }
        }
    }
}

/// Finds any of many byte strings of six bytes and more in one pass: the first six bytes of each are
/// in a small bit map, and few places pass it.
struct Finder {
    bits: Vec<u64>,
    by_start: HashMap<[u8; 6], Vec<Vec<u8>>>,
}

impl Finder {
    fn new(patterns: impl Iterator<Item = Vec<u8>>) -> Self {
        let mut finder = Self {
            bits: vec![0; 1 << 16],
            by_start: HashMap::new(),
        };
        for pattern in patterns.filter(|pattern| pattern.len() >= 6) {
            let start: [u8; 6] = pattern[..6].try_into().unwrap();
            let slot = Self::slot(&start);
            finder.bits[slot / 64] |= 1 << (slot % 64);
            finder.by_start.entry(start).or_default().push(pattern);
        }
        finder
    }

    fn slot(start: &[u8]) -> usize {
        let word = u64::from_le_bytes([
            start[0], start[1], start[2], start[3], start[4], start[5], 0, 0,
        ]);
        (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 42) as usize
    }

    /// The byte strings found in `bytes`.
    fn find<'a>(&'a self, bytes: &[u8], found: &mut BTreeSet<&'a [u8]>) {
        for (at, start) in bytes.windows(6).enumerate() {
            let slot = Self::slot(start);
            if self.bits[slot / 64] & (1 << (slot % 64)) == 0 {
                continue;
            }
            for pattern in self.by_start.get(start).into_iter().flatten() {
                if bytes[at..].starts_with(pattern) && stands_alone(bytes, at, pattern) {
                    found.insert(pattern);
                }
            }
        }
    }
}

/// A name of two or three characters may be part of other words: it counts where no Chinese
/// character is beside it.
fn stands_alone(bytes: &[u8], at: usize, pattern: &[u8]) -> bool {
    let han = |byte: Option<&u8>| byte.is_some_and(|byte| (0xe3..=0xe9).contains(byte));
    let short_name = pattern.len() <= 9 && pattern.chunks(3).all(|three| han(three.first()));
    if !short_name {
        return true;
    }
    !han(at.checked_sub(3).and_then(|before| bytes.get(before)))
        && !han(bytes.get(at + pattern.len()))
}

/// Everything that was looked through, and what was found.
struct Search {
    utf8: Finder,
    gb18030: Finder,
    utf16: Finder,
    identities: usize,
    bytes: usize,
    leaks: Vec<String>,
}

impl Search {
    /// Looks for all identities but those that a warehouse knows that has never seen a file.
    fn new() -> Self {
        let all = identities();
        let finder = Finder::new(all.iter().map(|text| text.clone().into_bytes()));
        let mut innocent = BTreeSet::new();
        let project = Project::empty();
        for path in files_below(&project.folder()) {
            finder.find(&std::fs::read(&path).unwrap(), &mut innocent);
        }
        assert!(
            innocent.len() < 20,
            "{:?}",
            innocent
                .iter()
                .map(|text| String::from_utf8_lossy(text))
                .collect::<Vec<_>>()
        );
        let wanted: Vec<&String> = all
            .iter()
            .filter(|text| !innocent.contains(text.as_bytes()))
            .collect();
        let utf16 = |text: &&String| {
            text.encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>()
        };
        Self {
            utf8: Finder::new(wanted.iter().map(|text| text.as_bytes().to_vec())),
            // Two characters make four bytes, which turn up anywhere.
            gb18030: Finder::new(
                wanted
                    .iter()
                    .filter(|text| !text.is_ascii())
                    .map(|text| GB18030.encode(text).0.into_owned()),
            ),
            utf16: Finder::new(wanted.iter().map(utf16)),
            identities: wanted.len(),
            bytes: 0,
            leaks: Vec::new(),
        }
    }

    fn bytes(&mut self, place: &str, bytes: &[u8]) {
        self.bytes += bytes.len();
        for (encoding, finder) in [
            ("", &self.utf8),
            (" in GB18030", &self.gb18030),
            (" in UTF-16", &self.utf16),
        ] {
            let mut found = BTreeSet::new();
            finder.find(bytes, &mut found);
            for pattern in found {
                let shown = match encoding {
                    "" => String::from_utf8_lossy(pattern).into_owned(),
                    " in GB18030" => GB18030.decode(pattern).0.into_owned(),
                    _ => UTF_16LE.decode(pattern).0.into_owned(),
                };
                self.leaks.push(format!("{place}: {shown}{encoding}"));
            }
        }
    }

    fn output(&mut self, what: &str, output: &Output) {
        self.bytes(&format!("stdout of {what}"), output.stdout.as_bytes());
        self.bytes(&format!("stderr of {what}"), output.stderr.as_bytes());
    }

    /// Every file below `folder`, its name included; inside of Parquet and zip containers, too.
    fn folder(&mut self, what: &str, folder: &Path) {
        for path in files_below(folder) {
            let inner = path
                .strip_prefix(folder)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            // What the departments handed in is there as they handed it in.
            if inner.starts_with("inbox/") || inner.contains("/inbox/") {
                continue;
            }
            let place = format!("{what}/{inner}");
            self.bytes(&format!("name of {place}"), inner.as_bytes());
            let bytes = std::fs::read(&path).unwrap();
            self.bytes(&place, &bytes);
            if bytes.ends_with(b"PAR1") {
                self.parquet(&place, &path);
            } else if bytes.starts_with(b"PK\x03\x04") {
                let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
                for at in 0..archive.len() {
                    let mut member = Vec::new();
                    archive
                        .by_index(at)
                        .unwrap()
                        .read_to_end(&mut member)
                        .unwrap();
                    self.bytes(&format!("{place} inside"), &member);
                }
            }
        }
    }

    fn parquet(&mut self, place: &str, path: &Path) {
        let file = std::fs::File::open(path).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        for batch in reader {
            let text = every_cell(&batch.unwrap());
            self.bytes(&format!("{place} decompressed"), &text);
        }
    }

    /// Fails with everything that was found.
    fn judge(self) {
        assert!(
            self.identities > 5000,
            "only {} identities were looked for",
            self.identities
        );
        assert!(
            self.bytes > 1_000_000,
            "only {} bytes were looked through",
            self.bytes
        );
        let shown = self
            .leaks
            .iter()
            .take(40)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n");
        assert!(
            self.leaks.is_empty(),
            "{} identities in clear:\n{shown}",
            self.leaks.len()
        );
    }
}

/// The texts and bytes of a batch, one after the other.
fn every_cell(batch: &RecordBatch) -> Vec<u8> {
    let mut all = Vec::new();
    for column in batch.columns() {
        let column = match column.data_type() {
            DataType::Utf8 | DataType::Binary => column.clone(),
            DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                arrow::compute::cast(column, &DataType::Utf8).unwrap()
            }
            DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
                arrow::compute::cast(column, &DataType::Binary).unwrap()
            }
            // A number of 18 digits would stand in an integer column as such.
            _ => arrow::compute::cast(column, &DataType::Utf8).unwrap(),
        };
        for row in (0..column.len()).filter(|row| column.is_valid(*row)) {
            match column.data_type() {
                DataType::Binary => all.extend_from_slice(column.as_binary::<i32>().value(row)),
                _ => all.extend_from_slice(column.as_string::<i32>().value(row).as_bytes()),
            }
            all.push(b'\n');
        }
    }
    all
}

#[test]
fn the_search_itself_finds_what_is_there() {
    let all = identities();
    for known in [
        "159923198904160789",
        "12982561635",
        "Q159903215",
        "樊彤沐",
        "土默特左旗白庙子镇东坝什村委会110号",
    ] {
        assert!(all.contains(known), "{known} is in the sample files");
    }
    let finder = Finder::new(all.into_iter().map(String::into_bytes));
    let find = |text: &str| {
        let mut found = BTreeSet::new();
        finder.find(text.as_bytes(), &mut found);
        found.len()
    };
    assert_eq!(find("row 3: 159923198904160789 is wrong"), 1);
    assert_eq!(find("x樊彤沐,"), 1);
    assert_eq!(find("大樊彤沐镇"), 0);
    assert_eq!(find("nothing at all"), 0);
}

#[test]
fn no_identity_is_in_clear_after_ingest_questions_exports_and_errors() {
    let mut search = Search::new();
    let project = Project::sample();
    search.output("init", &shared().init);
    search.output("ingest", &shared().ingest);

    for command in [
        &["status"][..],
        &["deliveries", "--all"],
        &["history"],
        &["rejects", "--format", "csv"],
        &["rejects", "--warnings", "--format", "json"],
        &["doctor"],
        &["queries"],
        &["optimize"],
        &["--lang", "zh", "rejects"],
    ] {
        search.output(&command.join(" "), &project.ok(command));
    }
    let questions: Vec<String> = RECORDS
        .iter()
        .flat_map(|table| {
            [
                format!("SELECT * FROM {table}"),
                format!("EXPLAIN VERBOSE SELECT * FROM {table}"),
            ]
        })
        .collect();
    for (question, answer) in questions.iter().zip(project.sql_each(None, &questions)) {
        search.bytes(question, answer.as_bytes());
    }
    let exports = project.path("exports");
    std::fs::create_dir(&exports).unwrap();
    for (name, file) in [
        ("birth_certificates", "birth_certificates"),
        ("household_register", "household_register.csv"),
        ("household_register", "household_register.xlsx"),
        ("main.deaths", "deaths.arrow"),
        ("main.marriages", "marriages.json"),
        ("rejects", "rejects.xlsx"),
        ("出生医学证明", "births_zh.parquet"),
        ("births_by_source", "births_by_source.csv"),
    ] {
        let target = exports.join(file);
        search.output(
            "export",
            &project.ok(["export", name, "--to", target.to_str().unwrap()]),
        );
    }
    for sql in [
        "SELECT mother_name FROM birth_certificates",
        "SELECT id_no FROM household_register",
        "SELECT * FROM vault.deaths",
    ] {
        search.output(sql, &project.run(["sql", "-c", sql]));
    }
    // An opened vault shows identities to the one who asked and leaves none behind.
    project.ok([
        "sql",
        "--unseal",
        "--reason",
        "acceptance",
        "-c",
        "SELECT * FROM vault.household_register ORDER BY name",
    ]);
    project.ok([
        "rejects",
        "--unseal",
        "--reason",
        "acceptance",
        "--export",
        project.folder().join("inbox/back.xlsx").to_str().unwrap(),
    ]);
    search.output("replay", &project.run(["rejects", "--replay"]));

    search.folder("warehouse", &project.folder());
    search.folder("exports", &exports);
    search.folder("tmp", &project.path("tmp"));
    search.folder("home", &project.path("home"));
    search.judge();
}

/// The same text with two headers exchanged.
fn swap(text: &str, a: &str, b: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut exchanged = 0;
    for line in lines.iter_mut().take(3) {
        let cells = line.split(',').map(|cell| match cell {
            _ if cell == a => b,
            _ if cell == b => a,
            other => other,
        });
        let swapped: Vec<&str> = cells.collect();
        let swapped = swapped.join(",");
        exchanged += usize::from(swapped != *line);
        *line = swapped;
    }
    assert_eq!(exchanged, 1, "headers `{a}` and `{b}`");
    lines.join("\n")
}

#[test]
fn no_identity_is_in_what_is_said_of_bad_files() {
    let mut search = Search::new();
    let project = Project::empty();
    let folder = project.path("bad");
    std::fs::create_dir(&folder).unwrap();
    let visits = GB18030
        .decode(&std::fs::read(sample_file("乡镇", &["2020年"])).unwrap())
        .0
        .into_owned();
    let register = GB18030
        .decode(&std::fs::read(sample_file("公安局", &["更正"])).unwrap())
        .0
        .into_owned();
    // Identities below headers of typed columns: every cell is a reject that must not be quoted.
    let cases = [
        (
            "visits_id_as_date.csv",
            swap(&visits, "母亲身份证号", "出生年月日"),
        ),
        (
            "visits_name_as_date.csv",
            swap(&visits, "母亲姓名", "出生年月日"),
        ),
        (
            "visits_phone_as_date.csv",
            swap(&visits, "联系电话", "走访日期"),
        ),
        ("register_name_as_sex.csv", swap(&register, "姓名", "性别")),
        (
            "register_id_as_sex.csv",
            swap(&register, "公民身份号码", "性别"),
        ),
        (
            "register_id_as_ethnicity.csv",
            swap(&register, "公民身份号码", "民族"),
        ),
        (
            "register_name_as_relation.csv",
            swap(&register, "姓名", "与户主关系"),
        ),
        (
            "register_address_as_date.csv",
            swap(&register, "户籍地址", "登记日期"),
        ),
        (
            "register_address_as_region.csv",
            swap(&register, "户籍地址", "户籍地区划"),
        ),
        (
            "register_name_as_id.csv",
            swap(&register, "姓名", "公民身份号码"),
        ),
        (
            "headless.csv",
            register.lines().skip(1).collect::<Vec<_>>().join("\n"),
        ),
        ("unclosed_quote.csv", register.replacen(',', ",\"", 400)),
    ];
    for (name, text) in &cases {
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(
        folder.join("half.csv"),
        &GB18030.encode(&register).0[..5001],
    )
    .unwrap();
    let workbook = std::fs::read(sample_file("卫健局", &["2017年生育登记"])).unwrap();
    std::fs::write(folder.join("half.xlsx"), &workbook[..workbook.len() / 2]).unwrap();
    let inputs = files_below(&folder);
    for args in [
        &[][..],
        &["--strict"],
        &["--dry-run"],
        &["--encoding", "utf-16le"],
        &[
            "--source",
            "police/household_register",
            "--max-rejects",
            "100%",
        ],
        &[
            "--source",
            "townships/household_visits",
            "--max-rejects",
            "100%",
        ],
        &["--max-rejects", "100%"],
    ] {
        let (_, output) = project.try_ingest(&inputs, args);
        search.output(&format!("ingest {}", args.join(" ")), &output);
        let text = project
            .command(["ingest", "--lang", "zh"])
            .args(args)
            .args(&inputs)
            .output()
            .unwrap();
        search.bytes("ingest in Chinese", &text.stderr);
    }
    search.output("rejects", &project.run(["rejects", "--format", "csv"]));
    search.output(
        "rejects",
        &project.run(["rejects", "--warnings", "--format", "csv"]),
    );
    search.folder("warehouse", &project.folder());
    search.folder("tmp", &project.path("tmp"));
    search.judge();
}

#[test]
fn no_identity_is_in_clear_where_a_load_was_killed() {
    let mut search = Search::new();
    for milliseconds in [150, 600, 1500, 3000] {
        let project = Project::empty();
        let mut child = project
            .command(["ingest"])
            .args(sample_folders())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
        // Before and after the next command cleans up.
        search.folder(
            &format!("killed after {milliseconds} ms"),
            &project.folder(),
        );
        search.folder("tmp", &project.path("tmp"));
        project.ok(["status"]);
        search.folder(
            &format!("mended after {milliseconds} ms"),
            &project.folder(),
        );
    }
    search.judge();
}
