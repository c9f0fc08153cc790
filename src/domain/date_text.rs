//! Dates written with separators, words or Chinese numerals: what [`date`](super::date) takes when
//! a cell is neither an ISO date nor a number. Entry point: [`read`].

use std::borrow::Cow;

use super::date::{DateReading, DateStatus, two_digit_year};

/// Reads NFKC text without outer blanks.
pub(super) fn read(text: &str, today: i32) -> DateReading {
    if is_lunar(text) {
        return DateReading::none(DateStatus::Lunar);
    }
    let text = western_digits(text);
    let text = text.trim_end_matches("出生").trim_end_matches('生');
    let reading = if text.bytes().any(|byte| byte.is_ascii_alphabetic()) && has_month_name(text) {
        words(text, today)
    } else {
        numbers(text, today)
    };
    reading.unwrap_or(DateReading::none(DateStatus::Invalid))
}

fn is_lunar(text: &str) -> bool {
    // Most cells hold none of the characters that begin a sign.
    if !text.contains(['农', '阴', '旧', '夏', '正', '腊', '冬', '闰', '廿', '初']) {
        return false;
    }
    [
        "农历", "阴历", "旧历", "夏历", "正月", "腊月", "冬月", "闰", "廿",
    ]
    .iter()
    .any(|sign| text.contains(sign))
        || text.starts_with(['农', '阴'])
        || text
            .split_once('初')
            .and_then(|(_, day)| day.chars().next())
            .is_some_and(|c| c.is_ascii_digit() || numeral(c).is_some())
}

/// Chinese numerals as digits: 二〇一八 → 2018, 二十五 → 25.
pub(super) fn western_digits(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|c| numeral(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut western = String::with_capacity(text.len());
    let mut run: Vec<u32> = Vec::new();
    for c in text.chars() {
        match numeral(c) {
            Some(value) => run.push(value),
            // The letter O is typed for 〇 inside a year.
            None if !run.is_empty() && matches!(c, 'O' | 'o' | '0') => run.push(0),
            None => {
                push_run(&mut western, &mut run);
                western.push(c);
            }
        }
    }
    push_run(&mut western, &mut run);
    Cow::Owned(western)
}

fn numeral(c: char) -> Option<u32> {
    Some(match c {
        '〇' | '零' | '○' | '◯' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        _ => return None,
    })
}

/// Writes a run of numerals: with 十 as a number below 100, else digit by digit.
fn push_run(western: &mut String, run: &mut Vec<u32>) {
    if let Some(ten) = run.iter().position(|value| *value == 10) {
        let tens = run[..ten]
            .iter()
            .fold(0, |n, digit| n * 10 + digit)
            .max(u32::from(ten == 0));
        let ones = run[ten + 1..].iter().fold(0, |n, digit| n * 10 + digit);
        western.push_str(&(tens * 10 + ones).to_string());
    } else {
        western.extend(run.iter().filter_map(|digit| char::from_digit(*digit, 10)));
    }
    run.clear();
}

/// Year, month and day in numbers, with an optional time behind them.
fn numbers(text: &str, today: i32) -> Option<DateReading> {
    let mut rest = Cursor(text);
    let (first, first_length) = rest.number()?;
    if first_length >= 6 {
        return compact(first, first_length)?.timed(rest.0);
    }
    let after_first = rest.separators();
    if rest.0.is_empty() {
        return (first_length == 4 && after_first.contains('年'))
            .then(|| DateReading::of_year(first as i32));
    }
    let (second, _) = rest.number()?;
    let after_second = rest.separators();
    if rest.0.is_empty() || rest.0 == "份" {
        return (first_length == 4 && after_second.chars().all(|c| c == '月' || c == ' '))
            .then(|| DateReading::of_month(first as i32, second));
    }
    let (third, third_length) = rest.number()?;
    let rest = rest.0.trim_start_matches(['日', '号']);
    let oracle = after_second.contains('月') && after_second.contains('-');
    let date = match (first_length, third_length) {
        (4, 1 | 2) => DateReading::of(first as i32, second, third),
        (1 | 2, 4) => year_last(first, second, third as i32),
        // `05-3月 -18`: day, month, year, as Oracle prints them.
        (1 | 2, 2) if oracle => two_digit_year(third, second, first, today),
        (2, 2) if first <= 31 && after_first.contains('/') => {
            DateReading::none(DateStatus::Ambiguous)
        }
        (2, 1 | 2) => two_digit_year(first, second, third, today),
        (1, 2) => DateReading::none(DateStatus::Ambiguous),
        _ => return None,
    };
    date.timed(rest)
}

/// `20180305` before a time.
fn compact(value: u32, length: usize) -> Option<DateReading> {
    (length == 8).then(|| DateReading::of((value / 10_000) as i32, value / 100 % 100, value % 100))
}

/// Day and month in an order that only a value above 12 tells.
fn year_last(first: u32, second: u32, year: i32) -> DateReading {
    match (first, second) {
        (13.., _) => DateReading::of(year, second, first),
        (_, 13..) => DateReading::of(year, first, second),
        _ if first == second => DateReading::of(year, first, second),
        _ => DateReading::none(DateStatus::Ambiguous),
    }
}

impl DateReading {
    /// Adds the time in `text`, which must hold nothing else.
    fn timed(self, text: &str) -> Option<Self> {
        let text = text.trim_start_matches(['T', 't', ' ', ',', '_']);
        let text = without_weekday(text);
        if text.is_empty() || self.days.is_none() {
            return Some(self);
        }
        let time = Time::read(text)?;
        Some(self.at(time.minute, time.meant))
    }
}

/// A time of day.
struct Time {
    /// Minutes since midnight in China; may lie on the day before or after.
    minute: i32,
    /// Written 0时0分: midnight is meant, not a default.
    meant: bool,
}

impl Time {
    fn read(text: &str) -> Option<Self> {
        let (half, text) = half_of_day(text);
        let mut rest = Cursor(text);
        let (hour, _) = rest.number()?;
        let mut minute = 0;
        let meant = rest.take(&["时", "点"]);
        if !meant && !rest.take(&[":"]) {
            return None;
        }
        if let Some((value, _)) = rest.number() {
            minute = value;
            if (rest.take(&[":"]) || rest.take(&["分"]))
                && let Some((second, _)) = rest.number()
            {
                if second > 60 {
                    return None;
                }
                if rest.take(&["."]) {
                    rest.number();
                }
                rest.take(&["秒"]);
            }
        } else if !meant {
            return None;
        }
        let text = rest.0.trim_start_matches(['整', '许', ' ']);
        let (later_half, text) = half_of_day(text);
        let offset = offset(text)?;
        let hour = match half.or(later_half) {
            Some(Half::Afternoon) if hour < 12 => hour + 12,
            Some(Half::Morning) if hour == 12 => 0,
            _ => hour,
        };
        let minute = match (hour, minute) {
            (0..24, 0..60) => (hour * 60 + minute) as i32,
            (24, 0) => 1440,
            _ => return None,
        };
        Some(Self {
            minute: minute + CHINA - offset,
            meant,
        })
    }
}

/// Minutes by which the clocks of China are ahead of UTC.
const CHINA: i32 = 480;

enum Half {
    Morning,
    Afternoon,
}

fn half_of_day(text: &str) -> (Option<Half>, &str) {
    let text = text.trim_start();
    let words: [(&[&str], Half); 2] = [
        (&["上午", "凌晨", "早上", "AM", "am", "a.m."], Half::Morning),
        (
            &["下午", "晚上", "中午", "PM", "pm", "p.m."],
            Half::Afternoon,
        ),
    ];
    for (spellings, half) in words {
        if let Some(rest) = spellings.iter().find_map(|word| text.strip_prefix(word)) {
            return (Some(half), rest.trim_start());
        }
    }
    (None, text)
}

/// Minutes of a UTC offset (`+08:00`, `Z`); China's when there is none, `None` for other text.
fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    match text {
        "" | "CST" => return Some(CHINA),
        "Z" | "z" => return Some(0),
        _ => {}
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let mut digits = text[1..].chars().filter(|c| *c != ':');
    let mut pair = || Some(digits.next()?.to_digit(10)? * 10 + digits.next()?.to_digit(10)?);
    let hours = pair()?;
    let minutes = pair().unwrap_or(0);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes) as i32)
}

fn without_weekday(text: &str) -> &str {
    let text = text.trim_start();
    let inner = text.strip_prefix('(').unwrap_or(text);
    ["星期", "周", "礼拜"]
        .iter()
        .find_map(|word| inner.strip_prefix(word))
        .map_or(text, |rest| {
            let mut characters = rest.chars();
            characters.next();
            characters.as_str().trim_start_matches([')', ' '])
        })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The number of a month by its English name, in full or by three letters.
fn month_name(word: &str) -> Option<u32> {
    let at = MONTHS
        .iter()
        .position(|name| name.eq_ignore_ascii_case(word) || name[..3].eq_ignore_ascii_case(word))?;
    Some(at as u32 + 1)
}

fn has_month_name(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphabetic())
        .any(|word| word.len() >= 3 && month_name(word).is_some())
}

/// English words, as Java, JavaScript and Oracle print dates.
fn words(text: &str, today: i32) -> Option<DateReading> {
    let (mut year, mut month, mut day, mut time) = (None, None, None, None);
    for word in text.split([' ', ',']).filter(|word| !word.is_empty()) {
        // Time zones: the wall clock is kept.
        if word.starts_with("GMT") || word.starts_with("UTC") || word.starts_with('(') {
            continue;
        }
        if word.contains(':') {
            time = Some(word);
            continue;
        }
        for part in word.split(['-', '/', '.']) {
            if let Some(name) = month_name(part) {
                month = Some(name);
            } else if let Ok(value) = part.parse::<u32>() {
                if day.is_none() && part.len() <= 2 {
                    day = Some(value);
                } else {
                    year = Some((value, part.len()));
                }
            }
        }
    }
    let date = match year? {
        (year, 4) => DateReading::of(year as i32, month?, day?),
        (year, 2) => two_digit_year(year, month?, day?, today),
        _ => return None,
    };
    match time {
        Some(time) => date.timed(time),
        None => Some(date),
    }
}

/// What is still to be read.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    /// A run of at most nine digits and its length.
    fn number(&mut self) -> Option<(u32, usize)> {
        let text = self.0.trim_start();
        let length = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let value = text[..length].parse().ok().filter(|_| length <= 9)?;
        self.0 = &text[length..];
        Some((value, length))
    }

    /// The separators that follow.
    fn separators(&mut self) -> &'a str {
        let is_separator = |c: char| {
            matches!(
                c,
                '-' | '/' | '.' | ' ' | '年' | '月' | '\\' | '—' | '–' | '−' | '_' | '、' | ','
            )
        };
        let end = self.0.find(|c| !is_separator(c)).unwrap_or(self.0.len());
        let (separators, rest) = self.0.split_at(end);
        self.0 = rest;
        separators
    }

    /// Steps over one of `words`, blanks before it included.
    fn take(&mut self, words: &[&str]) -> bool {
        let text = self.0.trim_start();
        match words.iter().find_map(|word| text.strip_prefix(word)) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::date::Precision;

    #[test]
    fn chinese_numerals_become_digits() {
        assert_eq!(western_digits("二〇一八年三月五日"), "2018年3月5日");
        assert_eq!(western_digits("一九九九年十二月三十一日"), "1999年12月31日");
        assert_eq!(western_digits("十日"), "10日");
        assert_eq!(western_digits("二十日"), "20日");
        assert!(matches!(western_digits("2018年"), Cow::Borrowed(_)));
    }

    #[test]
    fn an_offset_other_than_that_of_china_moves_the_clock() {
        let reading = read("2018-03-05T06:30:00Z", 18_000);
        assert_eq!(
            (reading.minute, reading.precision),
            (Some(14 * 60 + 30), Precision::Minute)
        );
        assert_eq!(
            read("2018-03-05T14:30:00+0800", 18_000).minute,
            Some(14 * 60 + 30)
        );
    }
}
