//! The words of totals, footers and titles in departments' tables, and comparing texts in which
//! blanks mean nothing (`合　计`, `填 表 人：`).

/// Labels of totals, whole text of a cell.
const TOTALS: [&str; 7] = ["合计", "总计", "小计", "共计", "其中", "Total", "总合计"];
/// Labels of totals that are also the beginning of ordinary names: only in the first cell.
const WHOLES: [&str; 9] = [
    "全旗合计",
    "全县合计",
    "全市合计",
    "全区合计",
    "全旗",
    "全县",
    "全市",
    "全区",
    "全镇合计",
];

/// How footers begin.
const FOOTERS: [&str; 34] = [
    "填表人",
    "填表单位",
    "填表日期",
    "填表时间",
    "制表人",
    "制表",
    "审核人",
    "审批人",
    "复核",
    "负责人",
    "单位负责人",
    "统计负责人",
    "填报人",
    "填报单位",
    "填报日期",
    "填报时间",
    "制表日期",
    "报出日期",
    "上报日期",
    "联系电话",
    "联系人",
    "经办人",
    "盖章",
    "(公章)",
    "公章",
    "说明",
    "注:",
    "备注:",
    "单位:",
    "打印时间",
    "打印日期",
    "导出时间",
    "数据来源",
    "注1",
];

/// How the titles of tables end.
const TITLES: [&str; 9] = [
    "花名册",
    "名册",
    "统计表",
    "明细表",
    "登记表",
    "汇总表",
    "一览表",
    "报表",
    "台账",
];

/// How a footer shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Footer {
    /// A label of its own: `填表人：…`, `说明`.
    Label,
    /// A text that starts with a footer word: `制表单位…`.
    Start,
}

/// The characters of `text` that count, full-width punctuation as ASCII.
fn counting(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '：' => ':',
            '（' => '(',
            '）' => ')',
            other => other,
        })
}

/// `text` without blanks, full-width punctuation as ASCII.
pub(super) fn squeezed(text: &str) -> String {
    counting(text).collect()
}

/// Whether `text` without blanks is `plain`, which was [`squeezed`].
pub(super) fn same(text: &str, plain: &str) -> bool {
    counting(text).eq(plain.chars())
}

/// A header or title as shown: line breaks joined, outer blanks gone.
pub(super) fn shown(text: &str) -> String {
    text.lines().map(str::trim).collect::<String>()
}

/// The label if `text` is nothing but the label of a total. `first` tells whether it is the first
/// cell of its row.
pub(super) fn total(text: &str, first: bool) -> Option<String> {
    let start = text.trim_start().chars().next()?;
    if !matches!(start, '合' | '总' | '小' | '共' | '其' | '全' | 'T' | 't') || text.len() > 64
    {
        return None;
    }
    let plain = squeezed(text);
    let label = plain.trim_end_matches(':');
    let found = TOTALS.iter().any(|word| word.eq_ignore_ascii_case(label))
        || first && WHOLES.contains(&label);
    found.then(|| label.to_owned())
}

/// Whether `text` begins as a footer does.
pub(super) fn footer(text: &str) -> Option<Footer> {
    // Most records start with a number; no footer does.
    if text
        .as_bytes()
        .first()
        .is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    let start = counting(text).next()?;
    if !FOOTERS.iter().any(|word| word.starts_with(start)) {
        return None;
    }
    let rest = FOOTERS
        .iter()
        .filter_map(|word| {
            let mut characters = counting(text);
            word.chars()
                .all(|c| characters.next() == Some(c))
                .then(|| (word.len(), characters.next()))
        })
        .max_by_key(|(length, _)| *length);
    let (_, next) = rest?;
    let closed = FOOTERS
        .iter()
        .any(|word| word.ends_with(':') && starts(text, word));
    Some(if closed || matches!(next, None | Some(':' | '(' | ')')) {
        Footer::Label
    } else {
        Footer::Start
    })
}

fn starts(text: &str, word: &str) -> bool {
    let mut characters = counting(text);
    word.chars().all(|c| characters.next() == Some(c))
}

/// `第1页`, `第 1 页 共 3 页`, `1/3`-less forms only: a page number and nothing else.
pub(super) fn is_page_number(text: &str) -> bool {
    let plain = squeezed(text);
    plain.contains('页')
        && plain.chars().all(|c| {
            c.is_ascii_digit() || matches!(c, '第' | '页' | '共' | ',' | '，' | '/' | '-' | '—')
        })
}

/// Whether a text on its own reads like the title of a table.
pub(super) fn is_title(text: &str) -> bool {
    let plain = squeezed(text);
    // Titles may carry a remark behind: `…统计表(一)`.
    let plain = plain.split('(').next().unwrap_or_default();
    plain.chars().count() >= 5 && TITLES.iter().any(|word| plain.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_whole_texts() {
        for text in ["合计", "合　计", " 总 计：", "其中：", "Total", "小计"] {
            assert!(total(text, false).is_some(), "{text}");
        }
        assert_eq!(total("合  计", true).as_deref(), Some("合计"));
        for text in ["合计村", "全某", "小计划", "Tom", ""] {
            assert_eq!(total(text, true), None, "{text}");
        }
        assert!(total("全旗", true).is_some() && total("全旗", false).is_none());
    }

    #[test]
    fn footers_are_told_by_their_beginning() {
        assert_eq!(footer("填 表 人：甲某"), Some(Footer::Label));
        assert_eq!(footer("注：本表…"), Some(Footer::Label));
        assert_eq!(footer("单位：万人"), Some(Footer::Label));
        assert_eq!(footer("说明"), Some(Footer::Label));
        assert_eq!(footer("制表单位甲"), Some(Footer::Start));
        assert_eq!(footer("（公章）"), Some(Footer::Label));
        assert_eq!(footer("注册资金"), None);
        assert_eq!(footer("单位名称"), None);
    }

    #[test]
    fn page_numbers_and_titles_stand_alone() {
        assert!(is_page_number("第 1 页 共 3 页") && is_page_number("第2页"));
        assert!(!is_page_number("第页岩厂") && !is_page_number("第一砖厂"));
        assert!(is_title("2018年3月出生医学证明签发花名册") && is_title("人口统计表（一）"));
        assert!(!is_title("报表") && !is_title("察素齐镇"));
    }
}
