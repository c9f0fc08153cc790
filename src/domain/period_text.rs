//! Finds a period in free text; behind [`period`](super::period). Entry points: [`find`], [`whole`].

use super::date_text::western_digits;
use super::period::{Month, Period};
use super::text;

/// The years that a delivery may speak of: anything else is part of a number or a standard.
const YEARS: std::ops::RangeInclusive<u32> = 1949..=2099;

/// The first period in `text`; a year followed by 年 counts before bare digits.
pub(super) fn find(text: &str) -> Option<Period> {
    let text = prepared(text);
    let starts = || {
        text.char_indices()
            .filter(|(at, _)| starts_number(&text, *at))
    };
    starts()
        .find_map(|(at, _)| chinese(&text[at..]))
        .or_else(|| starts().find_map(|(at, _)| bare(&text, at)))
        .map(|(period, _)| period)
}

/// The period that `text` is, with nothing before or behind it.
pub(super) fn whole(text: &str) -> Option<Period> {
    let text = prepared(text.trim());
    let (period, rest) = chinese(&text).or_else(|| bare(&text, 0))?;
    rest.trim_start_matches('度').is_empty().then_some(period)
}

fn prepared(text: &str) -> String {
    let folded = text::nfkc(text);
    let unified = folded
        .replace(['—', '–', '−', '~', '～', '―'], "-")
        .replace(' ', "");
    western_digits(&unified).into_owned()
}

fn starts_number(text: &str, at: usize) -> bool {
    let is_digit = |c: char| c.is_ascii_digit();
    text[at..].starts_with(is_digit) && !text[..at].ends_with(is_digit)
}

/// A year with 年 and what follows it; also the rest of the text.
fn chinese(text: &str) -> Option<(Period, &str)> {
    let (year, mut rest) = year(text)?;
    // `2016-2020年`, `2016年-2020年`
    if let Some(second) = take(rest.strip_prefix('年').unwrap_or(rest), &["-", "至", "到"])
        && let Some((last, after)) = self::year(second)
        && let Some(after) = after.strip_prefix('年')
        && month_after(after).is_none()
    {
        return Some((Period::of_years(year, last), after));
    }
    rest = rest.strip_prefix('年')?;
    if let Some((period, rest)) = within_year(year, rest) {
        return Some((period, rest));
    }
    // `2018年察素齐镇1-6月出生花名册`: the months stand later, but before another year.
    let end = rest.find('年').unwrap_or(rest.len());
    let later = (0..end)
        .filter(|at| rest.is_char_boundary(*at))
        .filter(|at| !rest[..*at].ends_with(|c: char| c.is_ascii_digit() || c == '-' || c == '第'))
        .find_map(|at| within_year(year, &rest[at..]).filter(|(_, after)| !is_day(after)));
    Some(later.unwrap_or((Period::of_year(year), rest)))
}

/// Four digits of a year and the rest.
fn year(text: &str) -> Option<(i32, &str)> {
    let (value, length, rest) = number(text)?;
    (length == 4 && YEARS.contains(&value)).then_some((value as i32, rest))
}

/// Months, a quarter or a half of the year, at the start of `text`.
fn within_year(year: i32, text: &str) -> Option<(Period, &str)> {
    for (word, first, last) in [
        ("上半年", 1, 6),
        ("下半年", 7, 12),
        ("前三季度", 1, 9),
        ("前3季度", 1, 9),
    ] {
        if let Some(rest) = text.strip_prefix(word) {
            return Some((months(year, first, year, last)?, rest));
        }
    }
    let unnumbered = text.strip_prefix('第').unwrap_or(text);
    let (first, _, rest) = number(unnumbered)?;
    if let Some(rest) = take(rest, &["季度", "季"]) {
        return Some((Period::of_quarter(year, first)?, rest));
    }
    let rest_after_first = take(rest, &["月份", "月"]);
    if let Some(range) = take(
        without_day(rest_after_first.unwrap_or(rest)),
        &["-", "至", "到"],
    ) {
        // `1-6月`, `1月至6月`, `2018年1月1日-3月31日`, `2017年11月至2018年10月`
        let (last_year, month) = match self::year(range) {
            Some((last_year, rest)) => (last_year, rest.strip_prefix('年')?),
            None => (year, range),
        };
        if let Some((last, rest)) = month_after(month) {
            return Some((months(year, first, last_year, last)?, without_day(rest)));
        }
    }
    let rest = rest_after_first?;
    if rest.starts_with('龄') {
        return None;
    }
    Some((Period::of_month(Month::new(year, first)?), rest))
}

/// A month with 月 and the rest.
fn month_after(text: &str) -> Option<(u32, &str)> {
    let (month, _, rest) = number(text)?;
    let rest = take(rest, &["月份", "月"])?;
    (1..=12).contains(&month).then_some((month, rest))
}

/// Whether a day follows, so that the month is part of a date such as 填表日期 4月2日.
fn is_day(after: &str) -> bool {
    number(after).is_some_and(|(.., rest)| rest.starts_with('日'))
}

fn without_day(text: &str) -> &str {
    match number(text) {
        Some((.., rest)) => take(rest, &["日", "号"]).unwrap_or(text),
        None => text,
    }
}

/// `2018-03`, `2018.03`, `201803`, `2018Q1`, `2018-01..2018-06`, `2018-2020`, `2018`.
fn bare(text: &str, at: usize) -> Option<(Period, &str)> {
    let before = text[..at].chars().next_back();
    if before
        .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '/' | '〔' | '['))
    {
        return None;
    }
    let (value, length, rest) = number(&text[at..])?;
    // Behind the number anything but a letter or more digits with a separator may stand.
    let clear = |rest: &str| {
        let mut characters = rest.chars();
        match (characters.next(), characters.next()) {
            (Some('-' | '.' | '/'), Some(c)) => !c.is_ascii_digit(),
            (Some(c), _) => !c.is_ascii_alphanumeric(),
            (None, _) => true,
        }
    };
    if length == 6 {
        let month = Month::new((value / 100) as i32, value % 100)?;
        return (YEARS.contains(&(value / 100)) && clear(rest))
            .then_some((Period::of_month(month), rest));
    }
    if length != 4 || !YEARS.contains(&value) {
        return None;
    }
    let year = value as i32;
    if let Some(rest) = rest.strip_prefix(['Q', 'q']) {
        let (quarter, _, rest) = number(rest)?;
        return Some((Period::of_quarter(year, quarter)?, rest));
    }
    if let Some(rest) = rest.strip_prefix(['H', 'h']) {
        let (half, _, rest) = number(rest)?;
        let period = match half {
            1 => months(year, 1, year, 6)?,
            2 => months(year, 7, year, 12)?,
            _ => return None,
        };
        return Some((period, rest));
    }
    if let Some((from, rest)) = year_month(rest, year) {
        if let Some(second) = rest.strip_prefix("..")
            && let Some((last_year, second)) = self::year(second)
            && let Some((to, rest)) = year_month(second, last_year)
        {
            return Some((Period::new(from, to)?, rest));
        }
        return clear(rest).then_some((Period::of_month(from), rest));
    }
    if let Some(second) = take(rest, &["..", "-"])
        && let Some((last, rest)) = self::year(second)
    {
        return clear(rest).then_some((Period::of_years(year, last), rest));
    }
    clear(rest).then_some((Period::of_year(year), rest))
}

/// A separator and a month of one or two digits.
fn year_month(rest: &str, year: i32) -> Option<(Month, &str)> {
    let (month, length, rest) = number(rest.strip_prefix(['-', '.', '/', '_'])?)?;
    if length <= 2 {
        Some((Month::new(year, month)?, rest))
    } else {
        None
    }
}

fn months(year: i32, first: u32, last_year: i32, last: u32) -> Option<Period> {
    Period::new(Month::new(year, first)?, Month::new(last_year, last)?)
}

fn take<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_prefix(word))
}

/// A run of at most nine digits: value, length and the rest.
fn number(text: &str) -> Option<(u32, usize, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(length);
    if length > 9 {
        None
    } else {
        Some((digits.parse().ok()?, length, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_found_in_titles_sheets_and_file_names() {
        for (text, period) in [
            ("土默特左旗2018年3月出生医学证明签发花名册", "2018-03"),
            ("2018年1-6月出生人口统计表", "2018-01..2018-06"),
            ("2018年1—6月份汇总", "2018-01..2018-06"),
            ("2018年1月至6月", "2018-01..2018-06"),
            ("2018年第一季度", "2018Q1"),
            ("2018年一季度", "2018Q1"),
            ("２０１８年二季度报表", "2018Q2"),
            ("2018年上半年", "2018-01..2018-06"),
            ("2018年前三季度", "2018-01..2018-09"),
            ("2018年度人口主要数据", "2018"),
            ("2018年土默特左旗人口", "2018"),
            ("2018年察素齐镇3月出生花名册", "2018-03"),
            ("2018年察素齐镇1-6月出生花名册", "2018-01..2018-06"),
            ("2018年出生花名册 填表日期：1月5日", "2018"),
            ("births_201803.csv", "2018-03"),
            ("户籍2018-03.xlsx", "2018-03"),
            ("2018.03", "2018-03"),
            ("2018_03_出生", "2018-03"),
            ("births_2018.csv", "2018"),
            ("出生2018Q1", "2018Q1"),
            ("截至2018年12月31日户籍人口", "2018-12"),
            ("二〇一八年出生统计", "2018"),
            ("二〇一八年三月", "2018-03"),
            ("2016-2020年人口发展规划", "2016..2020"),
            ("2016年—2020年", "2016..2020"),
            ("2017年11月1日至2018年10月31日", "2017-11..2018-10"),
            ("2018年1月1日-3月31日", "2018Q1"),
            ("births_2018-01..2018-06.csv", "2018-01..2018-06"),
            ("2018年12月", "2018-12"),
            ("农村2018 年 3 月", "2018-03"),
        ] {
            assert_eq!(
                find(text).map(|p| p.to_string()).as_deref(),
                Some(period),
                "{text}"
            );
        }
    }

    #[test]
    fn digits_of_numbers_and_documents_are_no_period() {
        for text in [
            "150121188001010030",
            "L150123456",
            "土左政办发〔2018〕48号",
            "150121",
            "13820180312",
            "GB/T 2261.1-2003",
            "WS445-2014",
            "Sheet1",
            "20180405导出",
            "2018-03-05",
            "J110101-2010-000001",
            "",
            "12月龄",
            "201813",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
