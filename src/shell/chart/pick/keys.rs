//! Keys of a result: which tell its rows apart, which one a line runs along.

use std::collections::HashSet;

use crate::error::{Message, Result};
use crate::msg;

use super::super::Kind;
use super::super::frame::{Frame, determines};
use super::super::role::{self, Role};
use super::super::scale::{self, Positions, Scale};

/// The keys that tell rows apart: not those that another one tells already, such as the code
/// beside a name or a year that never changes.
pub(super) fn telling(frame: &Frame) -> Result<Vec<usize>> {
    let mut keys = Vec::new();
    for column in frame.columns(Role::Key) {
        let groups = frame.groups(column)?;
        let rank = rank(frame, column)?;
        keys.push((rank, column, groups));
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by_key(|at| (keys[*at].0, std::cmp::Reverse(keys[*at].1)));
    let mut kept = vec![true; keys.len()];
    for at in order {
        let is_told = (0..keys.len())
            .any(|other| other != at && kept[other] && determines(&keys[other].2, &keys[at].2));
        kept[at] = !is_told;
    }
    let columns = keys.iter().zip(kept);
    Ok(columns
        .filter(|(_, kept)| *kept)
        .map(|(key, _)| key.1)
        .collect())
}

/// How good a key is to show when two say the same.
fn rank(frame: &Frame, column: usize) -> Result<u8> {
    let rank = if scale::read(frame, column)?.scale.is_time() {
        4
    } else if frame.is_number(column) {
        2
    } else {
        3
    };
    Ok(if role::is_code(frame.name(column)) {
        rank - 2
    } else {
        rank
    })
}

/// The keys named, and as many of the others as are needed to tell the rows apart.
pub(super) fn completed(frame: &Frame, named: Vec<usize>, own: &[usize]) -> Result<Vec<usize>> {
    let mut keys = named;
    for column in own {
        if keys.contains(column) || !repeats(&labels(frame, &keys)?) {
            continue;
        }
        let mut told = Vec::new();
        for key in &keys {
            told.push(frame.groups(*key)?);
        }
        let groups = frame.groups(*column)?;
        if !told.iter().any(|told| determines(told, &groups)) {
            keys.push(*column);
        }
    }
    Ok(keys)
}

/// Whether a label occurs twice.
pub(super) fn repeats(labels: &[String]) -> bool {
    let mut seen = HashSet::new();
    !labels.iter().all(|label| seen.insert(label))
}

/// The values of these columns in each row, as one label.
pub(super) fn labels(frame: &Frame, columns: &[usize]) -> Result<Vec<String>> {
    let mut labels = vec![String::new(); frame.rows()];
    for (at, column) in columns.iter().enumerate() {
        let texts = frame.texts(*column)?;
        let texts = texts
            .into_iter()
            .map(|text| text.unwrap_or_else(|| "NULL".to_owned()));
        for (label, text) in labels.iter_mut().zip(texts) {
            if at > 0 {
                label.push_str(" · ");
            }
            label.push_str(&text);
        }
    }
    Ok(labels)
}

/// What a line runs along, and which keys make several lines.
pub(super) struct Along {
    pub(super) columns: Vec<usize>,
    pub(super) positions: Positions,
    pub(super) series: Vec<usize>,
}

/// A line over more ages or other numbers than this says more than bars.
const MANY_NUMBERS: usize = 20;

/// Fewer points of time than this are better compared by bars.
const FEW_TIMES: usize = 3;

impl Along {
    /// The kind of chart that shows rows along it best.
    pub(super) fn kind(&self) -> Kind {
        let points = self.positions.at.iter().flatten().collect::<HashSet<_>>();
        let is_line = match self.positions.scale {
            Scale::Order => false,
            Scale::Number => points.len() > MANY_NUMBERS,
            _ => points.len() >= FEW_TIMES,
        };
        if is_line { Kind::Line } else { Kind::Bar }
    }
}

/// The first key when keys were named; otherwise the first that is time, or a number, or any.
pub(super) fn along(frame: &Frame, keys: &[usize], is_named: bool) -> Result<Along> {
    let mut read = Vec::new();
    for key in keys {
        read.push((*key, scale::read(frame, *key)?));
    }
    let is = |scale: Scale| move |(_, positions): &(usize, Positions)| positions.scale == scale;
    let year = read.iter().position(is(Scale::Year));
    let month = read.iter().position(is(Scale::MonthOfYear));
    if let (Some(year), Some(month)) = (year, month)
        && (!is_named || year < month)
    {
        let columns = vec![read[year].0, read[month].0];
        return Ok(Along {
            positions: scale::join(&read[year].1, &read[month].1),
            series: without(keys, &columns),
            columns,
        });
    }
    let first = if is_named { Some(0) } else { None };
    let at = first
        .or_else(|| read.iter().position(|(_, read)| read.scale.is_time()))
        .or_else(|| read.iter().position(is(Scale::Number)))
        .unwrap_or(0);
    if at >= read.len() {
        return Ok(Along {
            columns: Vec::new(),
            positions: Positions {
                scale: Scale::Order,
                at: vec![Some(0); frame.rows()],
            },
            series: Vec::new(),
        });
    }
    let (column, positions) = read.swap_remove(at);
    Ok(Along {
        columns: vec![column],
        positions,
        series: without(keys, &[column]),
    })
}

fn without(keys: &[usize], used: &[usize]) -> Vec<usize> {
    let rest = keys.iter().filter(|key| !used.contains(key));
    rest.copied().collect()
}

/// Rows that are the total of others, which would dwarf them.
pub(super) struct Totals {
    pub(super) rows: Vec<bool>,
    pub(super) note: Option<Message>,
}

/// Fewer others than this, and the total is drawn beside them.
const FEW: usize = 3;

/// Finds rows whose key says total, in columns with several other values.
pub(super) fn totals(frame: &Frame, columns: &[usize]) -> Result<Totals> {
    let mut totals = Totals {
        rows: vec![false; frame.rows()],
        note: None,
    };
    for column in columns {
        if frame.is_number(*column) {
            continue;
        }
        let texts = frame.texts(*column)?;
        let mut others = HashSet::new();
        let mut word = None;
        for text in texts.iter().flatten() {
            if scale::is_total(text) {
                word = Some(text.clone());
            } else {
                others.insert(text);
            }
        }
        let Some(word) = word.filter(|_| others.len() >= FEW) else {
            continue;
        };
        for (row, text) in totals.rows.iter_mut().zip(&texts) {
            *row |= text.as_deref().is_some_and(scale::is_total);
        }
        totals.note = Some(msg!(
            "not drawn: the total (`{word}`)",
            "未画出：`{word}`行"
        ));
    }
    Ok(totals)
}
