//! How departments spell values: dates in a dozen ways, codes by name or alias, ID numbers as
//! spreadsheets and typists leave them.

use fastrand::Rng;

use crate::dates::Day;
use crate::export::Cell;

/// A spelling of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// `2018-03-05`
    Iso,
    /// `2018/3/5`
    Slashes,
    /// `2018.3.5`
    Dots,
    /// `20180305`
    Compact,
    /// `2018年3月5日`
    Chinese,
    /// `二〇一八年三月五日`
    Numerals,
    /// `２０１８－０３－０５`
    FullWidth,
    /// `2018-3-5 0:00:00`
    DotNet,
    /// A spreadsheet's date.
    Excel,
    /// The serial of a spreadsheet's date without its format.
    Serial,
    /// The number 20180305.
    Number,
}

/// `day` as a cell.
pub fn day(day: Day, style: Days) -> Cell {
    let (y, m, d) = day.parts();
    match style {
        Days::Iso => day.iso().into(),
        Days::Slashes => format!("{y}/{m}/{d}").into(),
        Days::Dots => format!("{y}.{m}.{d}").into(),
        Days::Compact => format!("{y}{m:02}{d:02}").into(),
        Days::Chinese => format!("{y}年{m}月{d}日").into(),
        Days::Numerals => {
            let year: String = y
                .to_string()
                .chars()
                .map(|c| digit(c as u32 - 48))
                .collect();
            format!("{year}年{}月{}日", numeral(m), numeral(d)).into()
        }
        Days::FullWidth => full_width(&day.iso()).into(),
        Days::DotNet => format!("{y}-{m}-{d} 0:00:00").into(),
        Days::Excel => Cell::Date(day.serial()),
        Days::Serial => Cell::Number(day.serial()),
        Days::Number => Cell::Number(f64::from(y * 10_000 + (m * 100 + d) as i32)),
    }
}

/// A moment as a cell; days without a spelling for moments keep their day only.
pub fn moment(date: Day, minute: u32, style: Days) -> Cell {
    let (y, m, d) = date.parts();
    let (hour, min) = (minute / 60, minute % 60);
    match style {
        Days::Iso => format!("{y}-{m:02}-{d:02} {hour:02}:{min:02}:00").into(),
        Days::Slashes => format!("{y}/{m}/{d} {hour}:{min:02}").into(),
        Days::Chinese => format!("{y}年{m:02}月{d:02}日{hour:02}时{min:02}分").into(),
        Days::Compact => format!("{y}{m:02}{d:02}{hour:02}{min:02}00").into(),
        Days::Excel => Cell::Date(date.serial() + f64::from(minute) / 1440.0),
        other => day(date, other),
    }
}

fn digit(value: u32) -> char {
    ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'][value as usize]
}

fn numeral(value: u32) -> String {
    match value {
        0..=9 => digit(value).to_string(),
        10 => "十".to_owned(),
        11..=19 => format!("十{}", digit(value - 10)),
        _ if value.is_multiple_of(10) => format!("{}十", digit(value / 10)),
        _ => format!("{}十{}", digit(value / 10), digit(value % 10)),
    }
}

/// `text` with its ASCII characters in full width.
pub fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '!'..='~' => char::from_u32(c as u32 + 0xFEE0).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// A spelling of a two-digit ethnicity code: 0 full name, 1 alias, 2 code, 3 code without its zero.
pub fn ethnicity(code: &str, style: u32) -> Cell {
    let (name, alias) = match code {
        "02" => ("蒙古族", "蒙古"),
        "03" => ("回族", "回"),
        "11" => ("满族", "满"),
        "31" => ("达斡尔族", "达斡尔"),
        _ => ("汉族", "汉"),
    };
    match style {
        0 => name.into(),
        1 => alias.into(),
        2 => code.into(),
        _ => code.parse::<i32>().unwrap_or(1).into(),
    }
}

/// A spelling of sex: 0 男/女, 1 number, 2 with 性, 3 M/F, 4 男婴/女婴.
pub fn sex(male: bool, style: u32) -> Cell {
    match (style, male) {
        (0, true) => "男".into(),
        (0, false) => "女".into(),
        (1, true) => 1.into(),
        (1, false) => 2.into(),
        (2, true) => "男性".into(),
        (2, false) => "女性".into(),
        (3, true) => "M".into(),
        (3, false) => "F".into(),
        (_, true) => "男婴".into(),
        (_, false) => "女婴".into(),
    }
}

/// A name with another middle dot, or a blank inside as typists align two-character names.
pub fn name(name: &str, rng: &mut Rng) -> String {
    if name.contains('·') {
        let dots = ["·", "•", "・", "･", "‧", "∙", "⋅", ".", "．", "－", "·"];
        return name.replace('·', dots[rng.usize(..dots.len())]);
    }
    let mut chars = name.chars();
    if name.chars().count() == 2 && rng.u32(..9) == 0 {
        let (first, last) = (chars.next().unwrap_or('云'), chars.next().unwrap_or('云'));
        return format!("{first}{}{last}", if rng.bool() { " " } else { "　" });
    }
    name.to_owned()
}

/// An ID number as it stands in real files: mostly clean, sometimes wrapped or with a lookalike
/// of X, always readable. `share` of the numbers are not clean.
pub fn id(id: &str, share: f64, rng: &mut Rng) -> String {
    if let Some(digits) = id.strip_suffix('X') {
        // A number ending in X is where typists differ most.
        let ends = ["X", "X", "X", "X", "X", "x", "Ｘ", "Х", "Χ", "×"];
        if rng.f64() < share * 4.0 {
            return format!("{digits}{}", ends[rng.usize(..ends.len())]);
        }
    }
    if rng.f64() >= share {
        return id.to_owned();
    }
    match rng.u32(..6) {
        0 => format!("'{id}"),
        1 => format!("\t{id}"),
        2 => format!("=\"{id}\""),
        3 => full_width(id),
        4 => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
        _ => format!("{id}\u{3000}"),
    }
}

/// One of the tokens that mean "missing".
pub fn missing(rng: &mut Rng) -> Cell {
    ["", "-", "/", "无", "不详", "——", "NULL", "暂无"][rng.usize(..8)].into()
}
