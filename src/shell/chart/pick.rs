//! Which columns of a result a bar or line chart draws, and as what.

mod keys;
mod laid;
mod values;

use crate::error::{Error, Message, Result};
use crate::msg;

use super::Kind;
use super::frame::Frame;
use super::grid::Grid;
use super::role::{Measure, Role, measure};
use super::scale::Scale;

use laid::Laid;

/// Series in the bars of one label, unless the user named more.
const BARS_TOGETHER: usize = 4;

/// Bars of columns that the user did not name, at most.
const MOST_BARS: usize = 24;

/// What to draw.
pub(super) struct Picked {
    /// [`Kind::Bar`] or [`Kind::Line`].
    pub(super) kind: Kind,
    pub(super) grid: Grid,
    pub(super) scale: Scale,
    pub(super) percent: bool,
    /// What was left out.
    pub(super) notes: Vec<Message>,
}

/// Picks what to draw from the columns named, or else from all.
///
/// # Errors
/// A usage error that says what is needed when nothing fits.
pub(super) fn pick(frame: &Frame, named: &[usize], kind: Option<Kind>) -> Result<Picked> {
    let mut notes = Vec::new();
    let (mut named_keys, mut named_values): (Vec<usize>, Vec<usize>) = named
        .iter()
        .partition(|column| frame.role(**column) != Role::Value);
    let own_keys = keys::telling(frame)?;
    if named_keys.is_empty() && own_keys.is_empty() && named_values.len() > 1 {
        named_keys.push(named_values.remove(0));
    }
    let all_values = frame.columns(Role::Value);
    if named_values.is_empty() && all_values.is_empty() {
        return Err(nothing_fits(frame));
    }
    let periods = values::periods(frame, &named_values, &all_values);
    if kind != Some(Kind::Bar) && periods.len() > 2 {
        let keys = if named_keys.is_empty() {
            &own_keys
        } else {
            &named_keys
        };
        if named_values.is_empty() {
            let is_period = |value: &usize| periods.iter().any(|(column, _, _)| column == value);
            let rest: Vec<usize> = all_values.into_iter().filter(|v| !is_period(v)).collect();
            notes.extend(values::not_drawn(frame, &rest));
        }
        let grid = laid::melted(frame, keys, &periods, &mut notes)?;
        return Ok(Picked {
            kind: Kind::Line,
            grid,
            scale: periods[0].1,
            percent: false,
            notes,
        });
    }
    if frame.rows() == 1 && kind != Some(Kind::Line) {
        let values = if named_values.is_empty() {
            values::chosen(frame, &all_values, usize::MAX, &mut notes)?
        } else {
            named_values.clone()
        };
        if values.len() > 1 {
            return Ok(Picked {
                kind: Kind::Bar,
                grid: laid::one_row(frame, &values)?,
                scale: Scale::Order,
                percent: is_percent(frame, &values),
                notes,
            });
        }
        notes.clear();
    }
    let are_keys_named = !named_keys.is_empty();
    let keys = if are_keys_named {
        keys::completed(frame, named_keys, &own_keys)?
    } else {
        own_keys
    };
    if keys.is_empty() && frame.rows() > 1 {
        return Err(nothing_fits(frame));
    }
    let along = keys::along(frame, &keys, are_keys_named)?;
    let kind = kind.unwrap_or_else(|| along.kind());
    let is_chosen = named_values.is_empty();
    let mut values = if is_chosen {
        let most = match kind {
            // More than a screen full: one bar each.
            Kind::Bar => (MOST_BARS / frame.rows().max(1)).clamp(1, BARS_TOGETHER),
            _ => BARS_TOGETHER,
        };
        values::chosen(frame, &all_values, most, &mut notes)?
    } else {
        named_values
    };
    let laid = if kind == Kind::Line {
        Laid::line(frame, along)?
    } else {
        Laid::bars(frame, &keys, values.len())?
    };
    // With rows in series, one value is drawn unless several were named.
    if laid.series.is_some() && is_chosen && values.len() > 1 {
        notes.extend(values::not_drawn(frame, &values.split_off(1)));
    }
    Ok(Picked {
        kind,
        grid: laid.grid(frame, &values, &mut notes)?,
        scale: laid.positions.scale,
        percent: is_percent(frame, &values),
        notes,
    })
}

fn is_percent(frame: &Frame, values: &[usize]) -> bool {
    values
        .iter()
        .all(|value| measure(frame.name(*value)) == Measure::Percent)
}

/// What every chart needs and what is there.
pub(super) fn nothing_fits(frame: &Frame) -> Error {
    let said = |role: Role| {
        let columns = frame.columns(role);
        if columns.is_empty() {
            ("none".to_owned(), "无".to_owned())
        } else {
            frame.names(&columns)
        }
    };
    let (keys_en, keys_zh) = said(Role::Key);
    let (values_en, values_zh) = said(Role::Value);
    Error::usage(msg!(
        "no chart fits this result",
        "这个结果不适合画图"
    ))
    .caused_by(msg!(
        "keys in it: {keys_en}; numbers: {values_en}",
        "其中的维度列：{keys_zh}；数值列：{values_zh}"
    ))
    .hint(msg!(
        "bar: a text, code or date column and numbers; line: a year, month or date column and numbers; pyramid: age group, sex and a number, or age group, males and females",
        "bar（条形图）：文字、代码或日期列，加数值列；line（折线图）：年、月或日期列，加数值列；pyramid（人口金字塔）：年龄组、性别加一个数值列，或年龄组加男、女两列"
    ))
}
