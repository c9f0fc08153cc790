//! A pyramid out of a result: in long form (age, sex, number) or wide (age, males, females).

use std::collections::BTreeMap;

use crate::error::{Error, Lang, Message, Result};
use crate::msg;

use super::super::age::{self, Ages};
use super::super::frame::Frame;
use super::super::role::{self, Measure, Role, measure};

/// Single years are folded so that groups up to this age stay apart when there is room.
const OLDEST_GROUP: u32 = 100;

/// They stay apart up to this age in any case.
const OPEN_GROUP: u32 = 85;

/// One age group: what stands to the left and to the right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) ages: Ages,
    pub(super) sides: [Option<f64>; 2],
}

/// A pyramid, the youngest first.
pub(super) struct Pyramid {
    pub(super) rows: Vec<Row>,
    pub(super) names: [String; 2],
    pub(super) measure: Measure,
    pub(super) notes: Vec<Message>,
    used: Vec<usize>,
}

/// Where the halves come from.
enum Sides {
    Long { sex: usize, value: usize },
    Wide([usize; 2]),
}

/// Finds ages and halves among the columns named, or else among all.
///
/// # Errors
/// A usage error that says what is missing.
pub(super) fn read(frame: &Frame, named: &[usize], lang: Lang) -> Result<Pyramid> {
    let all: Vec<usize> = (0..frame.width()).collect();
    let candidates = if named.is_empty() { &all } else { named };
    let (age, ages) = age_column(frame, candidates)
        .or_else(|| age_column(frame, &all))
        .ok_or_else(|| missing(frame))?;
    let sides = sides(frame, candidates)?
        .or(sides(frame, &all)?)
        .ok_or_else(|| missing(frame))?;
    let (men, women) = match lang {
        Lang::En => ("male", "female"),
        Lang::Zh => ("男", "女"),
    };
    let (names, value, used) = match &sides {
        Sides::Long { sex, value } => (
            [men.to_owned(), women.to_owned()],
            *value,
            vec![age, *sex, *value],
        ),
        Sides::Wide([left, right]) => (
            [frame.name(*left).to_owned(), frame.name(*right).to_owned()],
            *left,
            vec![age, *left, *right],
        ),
    };
    let mut pyramid = Pyramid {
        rows: Vec::new(),
        names,
        measure: measure(frame.name(value)),
        notes: Vec::new(),
        used,
    };
    pyramid.fill(frame, &ages, &sides)?;
    Ok(pyramid)
}

impl Pyramid {
    /// Whether it draws all of these columns.
    pub(super) fn uses_all(&self, columns: &[usize]) -> bool {
        columns.iter().all(|column| self.used.contains(column))
    }

    fn fill(&mut self, frame: &Frame, ages: &[Option<Ages>], sides: &Sides) -> Result<()> {
        let mut rows: BTreeMap<Ages, [Option<f64>; 2]> = BTreeMap::new();
        let mut seen = std::collections::HashSet::new();
        let mut unknown = 0;
        let mut put = |row: usize, side: Option<usize>, number: Option<f64>| {
            let (Some(Some(ages)), Some(side)) = (ages.get(row), side) else {
                unknown += usize::from(number.is_some_and(|number| number != 0.0));
                return Ok(());
            };
            if number.is_some_and(|number| number < 0.0) {
                return Err(Error::usage(msg!(
                    "a pyramid cannot show negative numbers",
                    "人口金字塔不能显示负数"
                )));
            }
            if !seen.insert((*ages, side)) {
                return Err(self.repeated(frame));
            }
            rows.entry(*ages).or_default()[side] = number;
            Ok(())
        };
        match sides {
            Sides::Long { sex, value } => {
                let sexes = frame.texts(*sex)?;
                for (row, number) in frame.numbers(*value)?.into_iter().enumerate() {
                    let is_male = sexes[row].as_deref().and_then(age::is_male);
                    put(row, is_male.map(|is_male| usize::from(!is_male)), number)?;
                }
            }
            Sides::Wide(columns) => {
                for (side, column) in columns.iter().enumerate() {
                    for (row, number) in frame.numbers(*column)?.into_iter().enumerate() {
                        put(row, Some(side), number)?;
                    }
                }
            }
        }
        if unknown > 0 {
            self.notes.push(msg!(
                "not drawn: {unknown} figures without a known age and sex",
                "未画出：{unknown} 个年龄或性别不明的数"
            ));
        }
        self.rows = rows
            .into_iter()
            .map(|(ages, sides)| Row { ages, sides })
            .collect();
        if self.rows.is_empty() {
            return Err(missing(frame));
        }
        self.join_infants();
        Ok(())
    }

    fn repeated(&self, frame: &Frame) -> Error {
        let others: Vec<usize> = frame
            .columns(Role::Key)
            .into_iter()
            .filter(|key| !self.used.contains(key))
            .collect();
        let error = Error::usage(msg!(
            "an age and sex occur more than once: this is more than one pyramid",
            "同一年龄和性别出现多次：这不止是一个人口金字塔"
        ));
        if others.is_empty() {
            return error;
        }
        let (en, zh) = frame.names(&others);
        error.hint(msg!(
            "keep one value of {en} with WHERE",
            "请用 WHERE 只保留 {zh} 的一个值"
        ))
    }

    /// Joins 0 and 1-4 where all other groups have five years: bars of one width compare.
    fn join_infants(&mut self) {
        let [first, second, rest @ ..] = self.rows.as_slice() else {
            return;
        };
        let is_split = first.ages
            == Ages {
                from: 0,
                to: Some(0),
            }
            && second.ages
                == Ages {
                    from: 1,
                    to: Some(4),
                };
        let are_fives = !rest.is_empty()
            && rest.iter().all(|row| {
                let from = row.ages.from;
                row.ages.to.is_none_or(|to| from % 5 == 0 && to == from + 4)
            });
        if !is_split || !are_fives || self.measure == Measure::Rate {
            return;
        }
        let sides = [0, 1].map(|side| sum(first.sides[side], second.sides[side]));
        self.rows.remove(0);
        self.rows[0] = Row {
            ages: Ages {
                from: 0,
                to: Some(4),
            },
            sides,
        };
        self.notes.push(msg!(
            "ages 0 and 1-4 added up to 0-4",
            "0 岁与 1-4 岁已合并为 0-4 岁"
        ));
    }

    /// Folds single years into groups of five when there are more than `room`. Rates stay: they
    /// cannot be added up.
    pub(super) fn fold(&mut self, room: usize) {
        let is_fine = self.rows.iter().all(|row| row.ages.is_single());
        if self.rows.len() <= room.max(10) || !is_fine || self.measure == Measure::Rate {
            return;
        }
        let youngest = self.rows.first().map_or(0, |row| row.ages.from);
        let oldest = self.rows.last().map_or(0, |row| row.ages.from);
        let groups = |open: u32| oldest.min(open) / 5 + 1 - youngest.min(open) / 5;
        let mut open = OLDEST_GROUP;
        while open > OPEN_GROUP && usize::try_from(groups(open)).is_ok_and(|most| most > room) {
            open -= 5;
        }
        let mut folded: BTreeMap<Ages, [Option<f64>; 2]> = BTreeMap::new();
        for from in (youngest..=oldest).step_by(5) {
            folded
                .entry(Ages { from, to: None }.folded(open))
                .or_default();
        }
        for row in &self.rows {
            let sides = folded.entry(row.ages.folded(open)).or_default();
            for (total, number) in sides.iter_mut().zip(row.sides) {
                *total = sum(*total, number);
            }
        }
        self.rows = folded
            .into_iter()
            .map(|(ages, sides)| Row { ages, sides })
            .collect();
        self.notes.push(msg!(
            "single years of age added up to groups of five",
            "单岁年龄已合并为五岁组"
        ));
    }
}

/// The sum of what is known.
fn sum(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one + other),
        _ => one.or(other),
    }
}

/// The column whose values are ages, and its values. The word for a total or unknown ages may
/// stand among them.
fn age_column(frame: &Frame, columns: &[usize]) -> Option<(usize, Vec<Option<Ages>>)> {
    columns
        .iter()
        .filter(|column| role::is_age(frame.name(**column)) && frame.role(**column) == Role::Key)
        .find_map(|column| {
            let texts = frame.texts(*column).ok()?;
            let read = |text: &Option<String>| text.as_deref().and_then(age::ages);
            let ages: Vec<Option<Ages>> = texts.iter().map(read).collect();
            let known = ages.iter().flatten().count();
            (known > 0 && known * 2 >= ages.len()).then_some((*column, ages))
        })
}

fn sides(frame: &Frame, columns: &[usize]) -> Result<Option<Sides>> {
    let values: Vec<usize> = columns
        .iter()
        .copied()
        .filter(|column| frame.role(*column) == Role::Value)
        .collect();
    let named = |value: &usize| Some((*value, age::side(frame.name(*value))?));
    let halves: Vec<(usize, (bool, String))> = values.iter().filter_map(named).collect();
    for (left, (is_male, rest)) in &halves {
        let other = halves
            .iter()
            .find(|(_, (other, other_rest))| other != is_male && other_rest == rest);
        if let Some((right, _)) = other {
            let pair = if *is_male {
                [*left, *right]
            } else {
                [*right, *left]
            };
            return Ok(Some(Sides::Wide(pair)));
        }
    }
    let sex = columns
        .iter()
        .copied()
        .find(|column| role::is_sex(frame.name(*column)) && frame.role(*column) == Role::Key);
    let (Some(sex), Some(value)) = (sex, values.first()) else {
        return Ok(None);
    };
    let sexes = frame.texts(sex)?;
    let is_told = sexes
        .iter()
        .flatten()
        .any(|text| age::is_male(text).is_some());
    Ok(is_told.then_some(Sides::Long { sex, value: *value }))
}

fn missing(frame: &Frame) -> Error {
    let all: Vec<usize> = (0..frame.width()).collect();
    let (en, zh) = frame.names(&all);
    Error::usage(msg!(
        "a population pyramid needs ages and both sexes",
        "人口金字塔需要年龄和两性的数据"
    ))
    .caused_by(msg!("the columns are {en}", "现有的列：{zh}"))
    .hint(msg!(
        "age_group, sex and a number, or age_group, males and females",
        "年龄组、性别加一个数值列，或年龄组加男、女两列"
    ))
}
