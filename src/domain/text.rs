//! Cell and header text as exports spell it: Excel's text markers, invisible characters, full-width
//! forms, the tokens that mean "missing" or "as above", and comparable headers.
//! Entry points: [`clean`], [`nfkc`], [`is_null`], [`header_key`]. Never changes what a value means.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::unit;

/// The cell without Excel's text markers (leading `'`, `="…"`, TAB), invisible characters
/// (BOM, U+200B, direction marks) and outer blanks; U+00A0 and U+3000 inside become a space.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    let trimmed = unwrap_marker(trim(text));
    if is_plain(trimmed) || !trimmed.chars().any(|c| is_invisible(c) || is_wide_space(c)) {
        return Cow::Borrowed(trimmed);
    }
    let visible = trimmed
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if is_wide_space(c) { ' ' } else { c });
    Cow::Owned(visible.collect())
}

/// NFKC of `text`: full-width digits, letters and brackets become ASCII.
#[must_use]
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text.nfkc().collect()),
    }
}

/// Whether a cell says that nothing is known: blank, dashes, 无, 不详, `NULL`, `#N/A` and the like,
/// in any width and case. True for 同上 too: ask [`is_ditto`] first where a column allows it.
#[must_use]
pub fn is_null(text: &str) -> bool {
    // No token is longer; this decides most cells at once.
    if text.len() > 48 {
        return false;
    }
    let trimmed = trim(text);
    match trimmed.as_bytes() {
        [] => return true,
        // Only these begin a token made of ASCII alone.
        [first, ..] if first.is_ascii_digit() && *first != b'0' => return false,
        _ => {}
    }
    let cleaned = clean(trimmed);
    let folded = nfkc(&cleaned);
    if folded.chars().all(is_filler) {
        return true;
    }
    is_null_word(&folded)
}

/// Whether a cell says "as above": 同上, 〃, ″.
#[must_use]
pub fn is_ditto(text: &str) -> bool {
    matches!(
        trim(text),
        "同上" | "〃" | "″" | "〞" | "\"" | "同前" | "′′"
    )
}

/// A header in the form in which headers and aliases are compared: NFKC, lower case, no blanks or
/// line breaks, one kind of bracket, without a trailing bracket that holds a unit or a form hint
/// (`体重(g)` → `体重`), and with every other bracket kept (`乡(镇)`).
#[must_use]
pub fn header_key(text: &str) -> String {
    let mut key = folded_header(text);
    while let Some((start, inside)) = trailing_bracket(&key) {
        if unit::canonical(inside).is_none() && !is_form_hint(inside) {
            break;
        }
        key.truncate(start);
    }
    key
}

/// The unit in the trailing bracket of a header, in its one spelling: `kg` for `体重（公斤）`.
#[must_use]
pub fn header_unit(text: &str) -> Option<String> {
    let key = folded_header(text);
    let (_, inside) = trailing_bracket(&key)?;
    unit::canonical(inside).map(str::to_owned)
}

/// Whether `c` is a Chinese character, rare ones of the extension blocks included.
#[must_use]
pub fn is_han(c: char) -> bool {
    is_common_han(c)
        || matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{3007}' | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}' | '\u{e000}'..='\u{f8ff}')
}

/// `text` without outer blanks of any width and without outer invisible characters.
#[must_use]
pub(super) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    let starts = matches!(bytes.first(), Some(b'!'..=b'~' | 0xe4..=0xe9));
    match bytes {
        [.., b'!'..=b'~'] | [.., 0xe4..=0xe9, _, 0x80..=0xbf] if starts => text,
        _ => text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || c.is_control()),
    }
}

/// Whether the text is ASCII and everyday Chinese: most cells are, and one pass over the bytes tells.
/// U+4000 to U+9FFF begin with these bytes in UTF-8; NFKC leaves all of them alone.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    // In blocks without a way out, which the compiler turns into vector instructions.
    text.as_bytes().chunks(32).all(|block| {
        let plain = |byte: u8| (byte < 0xc0) | (0xe4..=0xe9).contains(&byte);
        block.iter().fold(true, |all, &byte| all & plain(byte))
    })
}

/// Characters of the block that holds all everyday Chinese.
fn is_common_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}' | '\u{feff}' | '\u{2060}' | '\u{200e}' | '\u{200f}' | '\u{202a}'
            ..='\u{202e}' | '\u{00ad}'
    )
}

fn is_wide_space(c: char) -> bool {
    matches!(c, '\u{00a0}' | '\u{3000}')
}

/// Takes off `'` and `="…"`, both of which Excel uses to keep digits as text.
fn unwrap_marker(text: &str) -> &str {
    match text.as_bytes() {
        [b'\'', ..] => trim(&text[1..]),
        [b'=', b'"', .., b'"'] if text.len() >= 3 => trim(&text[2..text.len() - 1]),
        _ => text,
    }
}

fn is_filler(c: char) -> bool {
    matches!(
        c,
        '-' | '—' | '–' | '―' | '−' | '─' | '/' | '\\' | '*' | '.' | '、' | '_' | ' '
    )
}

fn is_null_word(text: &str) -> bool {
    const HAN: [&str; 26] = [
        "无",
        "無",
        "空",
        "不详",
        "未知",
        "不明",
        "待定",
        "待补",
        "未填",
        "未登记",
        "暂无",
        "同上",
        "〃",
        "(空)",
        "空白",
        "(无)",
        "没有",
        "未填写",
        "不清楚",
        "不祥",
        "缺",
        "暂缺",
        "未提供",
        "未录入",
        "无数据",
        "(空白)",
    ];
    const ASCII: [&str; 19] = [
        "null",
        "(null)",
        "none",
        "n/a",
        "#n/a",
        "na",
        "nan",
        "#value!",
        "#ref!",
        "#div/0!",
        "#name?",
        "#num!",
        "#null!",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "nil",
        "\\n",
        "<null>",
        "undefined",
    ];
    // The first character decides most cells.
    match text.chars().next() {
        Some('无' | '無' | '空' | '不' | '未' | '待' | '暂' | '同' | '〃' | '没' | '缺' | '(')
            if !text.is_ascii() =>
        {
            HAN.contains(&text)
        }
        Some(first) if first.is_ascii() && text.is_ascii() => {
            ASCII.iter().any(|token| token.eq_ignore_ascii_case(text))
        }
        _ => false,
    }
}

fn folded_header(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c) && !c.is_control())
    {
        match c {
            '〔' | '【' | '[' => key.push('('),
            '〕' | '】' | ']' => key.push(')'),
            _ => key.extend(c.to_lowercase()),
        }
    }
    // Forms mark what must be filled in with a star, and end a label with a colon.
    let label = key
        .trim_start_matches(['*', '※'])
        .trim_end_matches(['*', '※', ':']);
    if label.is_empty() || label.len() == key.len() {
        key
    } else {
        label.to_owned()
    }
}

/// Where the last bracket starts and what it holds, when the header ends with it and more comes
/// before it.
fn trailing_bracket(key: &str) -> Option<(usize, &str)> {
    let inner = key.strip_suffix(')')?;
    let start = inner.rfind('(')?;
    (start > 0).then(|| (start, &inner[start + 1..]))
}

fn is_form_hint(inside: &str) -> bool {
    matches!(
        inside,
        "必填" | "选填" | "可选" | "必填项" | "选填项" | "" | "*"
    ) || inside.starts_with("yyyy")
        || matches!(inside, "年月日" | "年/月/日" | "年-月-日")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excel_markers_and_invisible_characters_go() {
        assert_eq!(clean("'0123"), "0123");
        assert_eq!(clean("=\"0123\""), "0123");
        assert_eq!(clean("\t0123"), "0123");
        assert_eq!(clean("\u{feff}\u{3000} 王\u{200b}芳\u{a0}"), "王芳");
        assert_eq!(clean("东\u{3000}街"), "东 街");
        assert!(matches!(clean(" 察素齐镇 "), Cow::Borrowed("察素齐镇")));
        assert_eq!(clean("=\""), "=\"");
        assert_eq!(clean("'"), "");
    }

    #[test]
    fn nfkc_allocates_only_when_something_changes() {
        assert!(matches!(nfkc("土默特左旗 2018"), Cow::Borrowed(_)));
        assert_eq!(nfkc("（１２）"), "(12)");
    }

    #[test]
    fn every_null_token_is_null() {
        for token in [
            "",
            "-",
            "--",
            "—",
            "——",
            "/",
            "\\",
            "无",
            "無",
            "空",
            "NULL",
            "null",
            "Null",
            "(null)",
            "None",
            "N/A",
            "#N/A",
            "NA",
            "nan",
            "#VALUE!",
            "#REF!",
            "#DIV/0!",
            "#NAME?",
            "不详",
            "未知",
            "不明",
            "待定",
            "待补",
            "未填",
            "未登记",
            "暂无",
            "*",
            "**",
            "0000-00-00",
            ".",
            "、",
            "同上",
            "　",
            "－",
            "Ｎ／Ａ",
            " 无 ",
            "（空）",
            "'",
        ] {
            assert!(is_null(token), "{token:?}");
        }
    }

    #[test]
    fn values_are_not_null() {
        for value in [
            "0",
            "无为县",
            "-5",
            "空军",
            "N",
            "1900-01-01",
            "不详村",
            "合计",
            "0000",
            "1",
        ] {
            assert!(!is_null(value), "{value:?}");
        }
    }

    #[test]
    fn ditto_marks_are_seen() {
        assert!(is_ditto(" 同上 ") && is_ditto("〃"));
        assert!(!is_ditto("无"));
    }

    #[test]
    fn headers_lose_blanks_and_units_but_keep_other_brackets() {
        assert_eq!(header_key("出生体重\n（g）"), "出生体重");
        assert_eq!(header_key("体重(kg)"), "体重");
        assert_eq!(header_key("孕周（周）"), "孕周");
        assert_eq!(header_key("常住人口(万人)"), "常住人口");
        assert_eq!(header_key("乡（镇）"), "乡(镇)");
        assert_eq!(header_key("乡 ( 镇、街道 )"), "乡(镇、街道)");
        assert_eq!(header_key("*姓　名："), "姓名");
        assert_eq!(header_key("GMSFHM"), "gmsfhm");
        assert_eq!(header_key("{year}年目标"), "{year}年目标");
        assert_eq!(header_key("户籍地/省"), "户籍地/省");
        assert_eq!(header_key("出生日期〔YYYY-MM-DD〕（必填）"), "出生日期");
        assert_eq!(header_key("(g)"), "(g)");
    }

    #[test]
    fn the_unit_of_a_header_has_one_spelling() {
        assert_eq!(header_unit("体重（公斤）").as_deref(), Some("kg"));
        assert_eq!(header_unit("体重（ｇ）").as_deref(), Some("g"));
        assert_eq!(
            header_unit("常住人口（单位：万人）").as_deref(),
            Some("万人")
        );
        assert_eq!(header_unit("乡(镇)"), None);
        assert_eq!(header_unit("姓名"), None);
    }
}
