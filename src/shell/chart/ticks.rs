//! Where the ticks of the axis of a line chart stand, and how far along it a position is.

use chrono::{Datelike, NaiveDate};

use crate::output::display_width;

use super::axis::whole_step;
use super::scale::{Scale, day};

/// Ticks under an axis of `width` cells from `low` to `high`, with a margin before it that labels
/// may use: cell and label. As many as fit, at steps that people count in.
pub(super) fn ticks(
    scale: Scale,
    low: i64,
    high: i64,
    names: &[String],
    width: usize,
    margin: usize,
) -> Vec<(usize, String)> {
    let place = |at: i64| cell(at, low, high, width);
    let all = |positions: Vec<i64>, label: &dyn Fn(i64) -> String| -> Vec<(usize, String)> {
        positions
            .into_iter()
            .map(|at| (place(at), label(at)))
            .collect()
    };
    let multiples = |step: i64| -> Vec<i64> {
        let first = low.saturating_add((step - low.rem_euclid(step)) % step);
        let count = high.saturating_sub(first).div_euclid(step);
        (0..=count).map(|at| first + at * step).collect()
    };
    let span = high.saturating_sub(low);
    let fits = |ticks: &[(usize, String)]| !ticks.is_empty() && are_apart(ticks, width, margin);
    let months = |at: i64| {
        let (year, month) = (at.div_euclid(12), at.rem_euclid(12) + 1);
        format!("{year}-{month:02}")
    };
    let steps: Vec<i64> = match scale {
        Scale::MonthOfYear => vec![1, 2, 3, 6],
        Scale::Month => vec![1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000],
        Scale::Day => vec![
            1, 2, 7, 14, 31, 61, 92, 183, 366, 732, 1830, 3660, 18_300, 36_600,
        ],
        Scale::Year | Scale::Number | Scale::Order => {
            let mut steps = vec![whole_step(span, width)];
            while let Some(last) = steps
                .last()
                .filter(|last| **last <= span && steps.len() < 20)
            {
                steps.push(whole_step(
                    span,
                    usize::try_from((span / last).max(1)).unwrap_or(1),
                ));
            }
            steps
        }
    };
    for step in steps {
        if span / step > i64::try_from(width).unwrap_or(i64::MAX) {
            continue;
        }
        let found = match scale {
            Scale::Year | Scale::Number | Scale::MonthOfYear => {
                all(multiples(step), &|at| at.to_string())
            }
            Scale::Month if step % 12 == 0 => {
                all(multiples(step), &|at| at.div_euclid(12).to_string())
            }
            Scale::Month => all(multiples(step), &months),
            Scale::Day => calendar(step, low, high)
                .into_iter()
                .map(|(at, label)| (place(at), label))
                .collect(),
            Scale::Order => all(multiples(step), &|at| {
                let at = usize::try_from(at).ok();
                at.and_then(|at| names.get(at)).cloned().unwrap_or_default()
            }),
        };
        if fits(&found) {
            return found;
        }
    }
    let label = match scale {
        Scale::Month => months(low),
        Scale::Day => day(low).map(|day| day.to_string()).unwrap_or_default(),
        Scale::Order => names.first().cloned().unwrap_or_default(),
        _ => low.to_string(),
    };
    vec![(place(low), label)]
}

/// Days, or first days of months or years, about `step` days apart.
fn calendar(step: i64, low: i64, high: i64) -> Vec<(i64, String)> {
    if step < 31 {
        let count = high.saturating_sub(low) / step;
        return (0..=count)
            .map(|at| low + at * step)
            .filter_map(|at| Some((at, day(at)?.to_string())))
            .collect();
    }
    let (Some(first), Some(last)) = (day(low), day(high)) else {
        return Vec::new();
    };
    let month = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    let step = if step < 366 {
        step / 30
    } else {
        step / 366 * 12
    };
    (month(first)..=month(last))
        .filter(|at| at.rem_euclid(step) == 0)
        .filter_map(|at| {
            let year = i32::try_from(at.div_euclid(12)).ok()?;
            let month = u32::try_from(at.rem_euclid(12) + 1).ok()?;
            let day = NaiveDate::from_ymd_opt(year, month, 1)?;
            let label = if step.rem_euclid(12) == 0 {
                year.to_string()
            } else {
                format!("{year}-{month:02}")
            };
            Some((i64::from(day.num_days_from_ce()), label))
        })
        .filter(|(at, _)| (low..=high).contains(at))
        .collect()
}

/// The cell of a position.
fn cell(at: i64, low: i64, high: i64, width: usize) -> usize {
    dot(at, low, high, width) / 2
}

/// The dot of a position: the first and the last have a cell's width of room at the ends.
pub(super) fn dot(at: i64, low: i64, high: i64, width: usize) -> usize {
    if high <= low {
        return width;
    }
    let part = i128::from(at) - i128::from(low);
    let span = i128::from(high) - i128::from(low);
    let most = i128::try_from(width.saturating_sub(1) * 2).unwrap_or(0);
    usize::try_from((part * most + span / 2) / span).unwrap_or(0)
}

/// Where the label of a tick begins on a line of the margin and `width` cells.
pub(super) fn label_start(cell: usize, label: &str, width: usize, margin: usize) -> usize {
    let own = display_width(label);
    (margin + cell)
        .saturating_sub(own.saturating_sub(1) / 2)
        .min((margin + width).saturating_sub(own))
}

/// Whether labels leave two columns between each other.
fn are_apart(ticks: &[(usize, String)], width: usize, margin: usize) -> bool {
    let mut end = None;
    ticks.iter().all(|(cell, label)| {
        let start = label_start(*cell, label, width, margin);
        let is_free = end.is_none_or(|end: usize| start >= end + 2);
        end = Some(start + display_width(label));
        is_free && start + display_width(label) <= margin + width
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_never_touch_and_stand_at_even_steps() {
        let labels = |scale, low, high, width| -> Vec<String> {
            let ticks = ticks(scale, low, high, &[], width, 4);
            ticks.into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(Scale::Year, 2010, 2020, 80).len(), 11);
        assert_eq!(
            labels(Scale::Year, 2010, 2020, 40),
            ["2010", "2012", "2014", "2016", "2018", "2020"]
        );
        assert_eq!(labels(Scale::Year, 2011, 2019, 12), ["2015"]);
        assert_eq!(labels(Scale::MonthOfYear, 1, 12, 20), ["3", "6", "9", "12"]);
        assert_eq!(
            labels(Scale::Month, 2018 * 12, 2018 * 12 + 11, 40),
            ["2018-01", "2018-04", "2018-07", "2018-10"]
        );
        let from = i64::from(
            NaiveDate::from_ymd_opt(2018, 1, 1)
                .unwrap()
                .num_days_from_ce(),
        );
        assert_eq!(
            labels(Scale::Day, from, from + 364, 50),
            ["2018-01", "2018-04", "2018-07", "2018-10"]
        );
        for width in 1..200 {
            for span in [0, 1, 5, 11, 100, 4000, 700_000] {
                for scale in [
                    Scale::Year,
                    Scale::Month,
                    Scale::Day,
                    Scale::Number,
                    Scale::Order,
                ] {
                    let ticks = ticks(scale, from, from + span, &[], width, 0);
                    assert!(!ticks.is_empty());
                    assert!(ticks.len() == 1 || are_apart(&ticks, width, 0));
                    assert!(ticks.iter().all(|(cell, _)| *cell < width));
                }
            }
        }
        assert!(!labels(Scale::Number, i64::MIN, i64::MAX, 30).is_empty());
    }
}
