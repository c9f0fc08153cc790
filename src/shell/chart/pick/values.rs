//! Values of a result: which of them are drawn when none is named.

use crate::error::{Message, Result};
use crate::msg;

use super::super::frame::Frame;
use super::super::role::measure;
use super::super::scale::{self, Scale};

/// Values that differ more than this many times share no axis.
const WIDEST_SPREAD: f64 = 100.0;

/// The first value and at most so many in all that can stand beside it: of the same measure and size, no totals,
/// no limits of intervals. What is left out is told.
pub(super) fn chosen(
    frame: &Frame,
    all: &[usize],
    most: usize,
    notes: &mut Vec<Message>,
) -> Result<Vec<usize>> {
    let mut sizes = Vec::new();
    for value in all {
        let numbers = frame.numbers(*value)?;
        let size = numbers.into_iter().flatten().map(f64::abs).reduce(f64::max);
        sizes.push(size);
    }
    let is_main = |at: &usize| sizes[*at].is_some() && !is_aside(frame.name(all[*at]));
    let Some(first) = (0..all.len())
        .find(is_main)
        .or_else(|| (0..all.len()).find(|at| sizes[*at].is_some()))
    else {
        return Ok(all.iter().take(1).copied().collect());
    };
    let fits = |at: usize| {
        let (Some(own), Some(size)) = (sizes[first], sizes[at]) else {
            return false;
        };
        let alike = own.max(size) <= WIDEST_SPREAD * own.min(size);
        is_main(&at) && alike && measure(frame.name(all[at])) == measure(frame.name(all[first]))
    };
    let (mut drawn, mut rest): (Vec<usize>, Vec<usize>) =
        (0..all.len()).partition(|at| *at == first || fits(*at));
    if drawn.len() > most {
        rest.extend(drawn.split_off(most));
        rest.sort_unstable();
    }
    let rest: Vec<usize> = rest.into_iter().map(|at| all[at]).collect();
    notes.extend(not_drawn(frame, &rest));
    Ok(drawn.into_iter().map(|at| all[at]).collect())
}

/// Tells that these columns are left out.
pub(super) fn not_drawn(frame: &Frame, columns: &[usize]) -> Option<Message> {
    let (en, zh) = frame.names(columns);
    (!columns.is_empty()).then(|| msg!("not drawn: {en}", "未画出：{zh}"))
}

/// Whether a value only accompanies others: a total, an unknown part, a limit of an interval.
fn is_aside(name: &str) -> bool {
    let name = name.to_lowercase();
    name.starts_with("total_")
        || name.starts_with("unknown_")
        || name.ends_with("_total")
        || name.ends_with("_low")
        || name.ends_with("_high")
        || ["下限", "上限", "不详", "合计", "总计"]
            .iter()
            .any(|part| name.contains(part))
}

/// Values whose names are periods of one kind: the columns of a table by year or month.
pub(super) fn periods(frame: &Frame, named: &[usize], all: &[usize]) -> Vec<(usize, Scale, i64)> {
    let values = if named.is_empty() { all } else { named };
    let found = |value: &usize| {
        let (scale, at) = scale::period(frame.name(*value))?;
        Some((*value, scale, at))
    };
    let periods: Vec<_> = values.iter().filter_map(found).collect();
    let is_one = periods.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let is_all_named = named.is_empty() || periods.len() == named.len();
    if is_one && is_all_named {
        periods
    } else {
        Vec::new()
    }
}
