//! One field of a block: its cells read as typed values, column by column.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow::array::{
    BooleanArray, Date32Array, Float64Array, Int8Array, Int64Array, StringArray, StringBuilder,
};

use super::plan::{BoundField, SheetPlan};
use super::problem::Problem;
use super::rows::{Cell, CellKind, Rows};
use crate::catalog::{FieldType, Severity, Unmapped};
use crate::domain::citizen_id::{self, IdStatus};
use crate::domain::date::{self, DateStatus, Precision};
use crate::domain::number::{self, Number, NumberProblem};
use crate::domain::{calendar, sex, text};
use crate::error::Message;
use crate::msg;

/// A column with more spellings than this is not worth remembering them.
const MANY_CODES: usize = 1000;

/// The values of a field, one per data row.
#[derive(Debug)]
pub(super) enum Parsed {
    /// Text, names, addresses, codes: cleaned.
    Text(StringArray),
    /// Integers, counts, years, months.
    Integer(Int64Array),
    /// Decimals.
    Decimal(Float64Array),
    /// Days since 1970-01-01.
    Date(Date32Array),
    /// Sex codes of GB/T 2261.1.
    Sex(Int8Array),
    /// Yes or no.
    Flag(BooleanArray),
    /// Citizen ID numbers.
    Ids(Ids),
}

/// Citizen ID numbers and what their digits say.
#[derive(Debug)]
pub(super) struct Ids {
    /// As handed in, cleaned: what the vault keeps.
    pub(super) raw: StringArray,
    /// The number that pseudonyms are made of: 18 characters when it is one.
    pub(super) number: Vec<Option<[u8; 18]>>,
    /// What kind of number it is.
    pub(super) status: Vec<IdStatus>,
    /// Birth date in the digits.
    pub(super) birth: Vec<Option<i32>>,
    /// Sex in the digits.
    pub(super) sex: Vec<Option<u8>>,
}

/// Reads `field` from the data rows `picked` of `rows`.
pub(super) fn parse(
    field: &BoundField<'_>,
    rows: &Rows,
    picked: &[u32],
    sheet: &SheetPlan<'_>,
    today: i32,
    problems: &mut Vec<Problem>,
) -> Parsed {
    let Some(column) = field.column else {
        return absent(field.definition.kind, picked.len());
    };
    let mut reader = Reader {
        field,
        column,
        sheet,
        today,
        problems,
        row: 0,
    };
    let extract = field.definition.extract.as_ref();
    let map = field.definition.map.as_slice();
    let maps = !map.is_empty() && field.definition.kind != FieldType::Code;
    let cells = || {
        picked.iter().map(move |&row| {
            let cell = rows.cell(row as usize, column);
            // The source's own words come first: 双胎 is 2.
            if maps {
                let spelled = text::clean(cell.text);
                let spelled = text::nfkc(&spelled);
                if let Some((_, meant)) = map
                    .iter()
                    .find(|(word, _)| word.as_str() == spelled.as_ref())
                {
                    return Cell {
                        text: meant,
                        kind: CellKind::Text,
                    };
                }
            }
            // What the source wants of a cell with more in it: `3` of `第3孩`.
            let part = extract.and_then(|extract| extract.captures(cell.text)?.get(1));
            part.map_or(cell, |part| Cell {
                text: part.as_str(),
                ..cell
            })
        })
    };
    match field.definition.kind {
        FieldType::CitizenId => reader.ids(cells()),
        FieldType::Date | FieldType::DateTime => {
            Parsed::Date(reader.each(cells(), Reader::date).collect())
        }
        FieldType::Integer => Parsed::Integer(reader.each(cells(), Reader::integer).collect()),
        FieldType::Count => Parsed::Integer(reader.each(cells(), Reader::count).collect()),
        FieldType::Year => Parsed::Integer(reader.each(cells(), Reader::year).collect()),
        FieldType::YearMonth => Parsed::Date(reader.each(cells(), Reader::year_month).collect()),
        FieldType::Month => Parsed::Integer(reader.each(cells(), Reader::month).collect()),
        FieldType::Discard => absent(FieldType::Discard, picked.len()),
        FieldType::Decimal => Parsed::Decimal(reader.each(cells(), Reader::decimal).collect()),
        FieldType::Sex => Parsed::Sex(reader.each(cells(), Reader::sex).collect()),
        FieldType::Flag => Parsed::Flag(reader.each(cells(), Reader::flag).collect()),
        FieldType::Code => Parsed::Text(reader.codes(cells())),
        _ => Parsed::Text(reader.texts(cells())),
    }
}

fn absent(kind: FieldType, rows: usize) -> Parsed {
    match kind {
        FieldType::CitizenId => Parsed::Ids(Ids {
            raw: StringArray::new_null(rows),
            number: vec![None; rows],
            status: vec![IdStatus::NullToken; rows],
            birth: vec![None; rows],
            sex: vec![None; rows],
        }),
        FieldType::Date | FieldType::DateTime | FieldType::YearMonth => {
            Parsed::Date(Date32Array::new_null(rows))
        }
        FieldType::Integer | FieldType::Count | FieldType::Year | FieldType::Month => {
            Parsed::Integer(Int64Array::new_null(rows))
        }
        FieldType::Decimal => Parsed::Decimal(Float64Array::new_null(rows)),
        FieldType::Sex => Parsed::Sex(Int8Array::new_null(rows)),
        FieldType::Flag => Parsed::Flag(BooleanArray::new_null(rows)),
        _ => Parsed::Text(StringArray::new_null(rows)),
    }
}

struct Reader<'a, 'b> {
    field: &'a BoundField<'b>,
    column: usize,
    sheet: &'a SheetPlan<'b>,
    today: i32,
    problems: &'a mut Vec<Problem>,
    row: usize,
}

impl<'a, 'b> Reader<'a, 'b> {
    fn each<'c, T>(
        &'c mut self,
        cells: impl Iterator<Item = Cell<'c>> + 'c,
        read: fn(&mut Self, Cell<'_>) -> Option<T>,
    ) -> impl Iterator<Item = Option<T>> + 'c
    where
        T: 'c,
    {
        cells.enumerate().map(move |(row, cell)| {
            self.row = row;
            read(self, cell)
        })
    }

    fn wrong(&mut self, rule: &'static str, reason: Message) {
        self.problems.push(Problem {
            row: self.row,
            column: Some(self.column),
            rule,
            reason,
            severity: if rule == "type" || rule == "code" {
                self.field.invalid
            } else {
                Severity::Reject
            },
        });
    }

    fn value<'t>(&self, cell: Cell<'t>) -> Option<Cow<'t, str>> {
        if cell.kind == CellKind::Error {
            return None;
        }
        let cleaned = text::clean(cell.text);
        (!text::is_null(&cleaned)).then_some(cleaned)
    }

    fn texts<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> StringArray {
        let mut builder = StringBuilder::new();
        let mut above: Option<String> = None;
        for cell in cells {
            match self.value(cell) {
                Some(value) if text::is_ditto(&value) => builder.append_option(above.as_deref()),
                Some(value) => {
                    if self.field.definition.kind == FieldType::Address
                        || self.field.definition.kind == FieldType::Town
                        || self.field.definition.kind == FieldType::Village
                    {
                        above = Some(value.clone().into_owned());
                    }
                    builder.append_value(value);
                }
                None => builder.append_null(),
            }
        }
        builder.finish()
    }

    fn codes<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> StringArray {
        let mut builder = StringBuilder::new();
        // Code columns repeat few values.
        let mut seen: HashMap<&str, String> = HashMap::new();
        for (row, cell) in cells.enumerate() {
            self.row = row;
            if let Some(code) = seen.get(cell.text) {
                builder.append_value(code);
                continue;
            }
            let Some(value) = self.value(cell) else {
                builder.append_null();
                continue;
            };
            let known = self.field.code(&value);
            match (known, self.field.definition.unmapped) {
                (Some(code), _) => {
                    builder.append_value(&code);
                    if cell.kind != CellKind::Error && seen.len() < MANY_CODES {
                        seen.insert(cell.text, code);
                    }
                }
                (None, Unmapped::Keep) => builder.append_value(&value),
                (None, Unmapped::Null) => builder.append_null(),
                (None, Unmapped::Reject) => {
                    self.wrong(
                        "code",
                        msg!("not an entry of the code list", "不在代码表中"),
                    );
                    builder.append_null();
                }
            }
        }
        builder.finish()
    }

    fn ids<'c>(&mut self, cells: impl Iterator<Item = Cell<'c>>) -> Parsed {
        let mut raw = StringBuilder::new();
        let (mut number, mut status, mut birth, mut sex) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for cell in cells {
            let numeric = cell.kind == CellKind::Number;
            let reading = citizen_id::read(cell.text, numeric, self.today);
            match reading.status {
                IdStatus::NullToken => raw.append_null(),
                _ => raw.append_value(text::clean(cell.text)),
            }
            number.push(reading.number);
            status.push(reading.status);
            birth.push(reading.birth_date);
            sex.push(reading.sex);
        }
        Parsed::Ids(Ids {
            raw: raw.finish(),
            number,
            status,
            birth,
            sex,
        })
    }

    fn date(&mut self, cell: Cell<'_>) -> Option<i32> {
        if cell.kind == CellKind::Error {
            self.wrong("type", msg!("a formula error", "公式错误"));
            return None;
        }
        let reading = date::read(
            cell.text,
            cell.kind == CellKind::Number,
            self.sheet.date_1904,
            self.today,
        );
        if reading.status.is_null() {
            return None;
        }
        if let Some(day) = reading.day() {
            return Some(day);
        }
        self.wrong(
            "type",
            match reading.status {
                DateStatus::Ok => msg!(
                    "only a year or month, a day is needed",
                    "只有年或年月，需要具体日期"
                ),
                DateStatus::Lunar => msg!(
                    "a lunar date; it is never converted silently",
                    "农历日期，不会自动换算"
                ),
                DateStatus::Ambiguous => {
                    msg!("day and month cannot be told apart", "无法区分日和月")
                }
                _ => msg!("not a calendar date", "不是有效日期"),
            },
        );
        None
    }

    fn number(&mut self, cell: Cell<'_>) -> Option<Number> {
        if cell.kind == CellKind::Error {
            self.wrong("type", msg!("a formula error", "公式错误"));
            return None;
        }
        match number::read(cell.text) {
            Ok(number) => Some(number),
            Err(NumberProblem::Null) => None,
            Err(problem) => {
                self.wrong(
                    "type",
                    match problem {
                        NumberProblem::Bracketed => {
                            msg!("a number in brackets is ambiguous", "括号中的数字含义不明")
                        }
                        NumberProblem::Scientific => msg!(
                            "digits are lost in scientific notation",
                            "科学计数法已丢失位数"
                        ),
                        _ => msg!("not a number", "不是数字"),
                    },
                );
                None
            }
        }
    }

    fn decimal(&mut self, cell: Cell<'_>) -> Option<f64> {
        Some(self.number(cell)?.value() * self.field.factor)
    }

    fn integer(&mut self, cell: Cell<'_>) -> Option<i64> {
        let number = self.number(cell)?;
        let whole = if self.field.factor == 1.0 {
            number.scaled(1)
        } else {
            let scaled = number.value() * self.field.factor;
            let rounded = scaled.round();
            ((scaled - rounded).abs() < 1e-6 && rounded.abs() < 9e15).then_some(rounded as i64)
        };
        if whole.is_none() {
            self.wrong("type", msg!("not a whole number", "不是整数"));
        }
        whole
    }

    fn count(&mut self, cell: Cell<'_>) -> Option<i64> {
        // 万 with four decimals is exact to the person.
        let whole = self.number(cell)?.scaled(self.field.factor as i64);
        if whole.is_none() {
            self.wrong(
                "type",
                msg!("not a whole number of persons", "不是整数人数"),
            );
        }
        whole
    }

    fn year(&mut self, cell: Cell<'_>) -> Option<i64> {
        let value = self.value(cell)?;
        let value = text::nfkc(&value);
        let digits = value.trim_end_matches(['年', '度', '底', '末']).trim();
        if let Ok(year) = digits.parse::<i64>()
            && (1800..=2200).contains(&year)
        {
            return Some(year);
        }
        let reading = date::read(&value, false, self.sheet.date_1904, self.today);
        if let (DateStatus::Ok, Some(days)) = (reading.status, reading.days) {
            return Some(i64::from(calendar::year(days)));
        }
        self.wrong("type", msg!("not a year", "不是年份"));
        None
    }

    /// A month of the year, 1 to 12.
    fn month(&mut self, cell: Cell<'_>) -> Option<i64> {
        let value = self.value(cell)?;
        let value = text::nfkc(&value);
        let digits = value.trim_end_matches(['份', '月']).trim();
        if let Ok(month) = digits.parse::<i64>()
            && (1..=12).contains(&month)
        {
            return Some(month);
        }
        if let Some(period) = crate::domain::period::find_in(&value)
            && period.months() == 1
        {
            return Some(i64::from(period.from.month));
        }
        self.wrong("type", msg!("not a month", "不是月份"));
        None
    }

    /// A year and month, as its first day.
    fn year_month(&mut self, cell: Cell<'_>) -> Option<i32> {
        let value = self.value(cell)?;
        let numeric = cell.kind == CellKind::Number;
        let reading = date::read(&value, numeric, self.sheet.date_1904, self.today);
        if let (DateStatus::Ok, Some(days)) = (reading.status, reading.days)
            && reading.precision != Precision::Year
        {
            let (year, month, _) = calendar::civil(days);
            return calendar::days(year, month, 1);
        }
        if reading.status.is_null() {
            return None;
        }
        self.wrong("type", msg!("not a year and month", "不是年月"));
        None
    }

    fn sex(&mut self, cell: Cell<'_>) -> Option<i8> {
        let value = self.value(cell)?;
        match sex::read(&value) {
            Some(code) => Some(code as i8),
            None => {
                self.wrong(
                    "code",
                    msg!("not a sex of GB/T 2261.1", "不是性别代码（GB/T 2261.1）"),
                );
                None
            }
        }
    }

    fn flag(&mut self, cell: Cell<'_>) -> Option<bool> {
        let value = self.value(cell)?;
        match text::nfkc(&value).to_ascii_lowercase().as_str() {
            "是" | "1" | "y" | "yes" | "true" | "t" | "有" | "√" | "对" => Some(true),
            "否" | "0" | "n" | "no" | "false" | "f" | "x" | "×" => Some(false),
            _ => {
                self.wrong("type", msg!("neither yes nor no", "既不是“是”也不是“否”"));
                None
            }
        }
    }
}
