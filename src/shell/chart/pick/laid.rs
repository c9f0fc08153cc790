//! Rows of a result laid out as series over places.

use std::collections::HashMap;

use crate::error::{Error, Message, Result};
use crate::msg;

use super::super::frame::Frame;
use super::super::grid::{Cell, Grid, Place};
use super::super::scale::{Positions, Scale};
use super::super::text::{COLOURS, clean};
use super::keys::{self, Along};

/// Series in the bars of one label, when rows make them.
const BARS_TOGETHER: usize = 4;

/// Where each row stands.
pub(super) struct Laid {
    /// Columns of the labels and the series.
    columns: Vec<usize>,
    labels: Vec<String>,
    pub(super) positions: Positions,
    /// Name of the series of each row; none when there is one series per value.
    pub(super) series: Option<Vec<String>>,
}

impl Laid {
    /// Along an axis; keys that are not on it make series.
    pub(super) fn line(frame: &Frame, along: Along) -> Result<Self> {
        let series = (!along.series.is_empty())
            .then(|| keys::labels(frame, &along.series))
            .transpose()?;
        let mut columns = along.columns;
        let labels = keys::labels(frame, &columns)?;
        columns.extend(along.series);
        Ok(Self {
            columns,
            labels,
            positions: along.positions,
            series,
        })
    }

    /// One under the other; the last key makes series when it has few values and the others
    /// repeat.
    pub(super) fn bars(frame: &Frame, keys: &[usize], values: usize) -> Result<Self> {
        let mut laid = Self {
            columns: keys.to_vec(),
            labels: keys::labels(frame, keys)?,
            positions: Positions {
                scale: Scale::Order,
                at: vec![Some(0); frame.rows()],
            },
            series: None,
        };
        if let [rest @ .., last] = keys
            && !rest.is_empty()
            && values == 1
        {
            let groups = frame.groups(*last)?;
            let count = groups.iter().max().map_or(0, |most| most + 1);
            let labels = keys::labels(frame, rest)?;
            if (2..=BARS_TOGETHER).contains(&count) && keys::repeats(&labels) {
                laid.labels = labels;
                laid.series = Some(keys::labels(frame, &[*last])?);
            }
        }
        Ok(laid)
    }

    /// The figures of these columns. What is left out is told.
    ///
    /// # Errors
    /// When no figure is there.
    pub(super) fn grid(
        &self,
        frame: &Frame,
        values: &[usize],
        notes: &mut Vec<Message>,
    ) -> Result<Grid> {
        let totals = keys::totals(frame, &self.columns)?;
        let (of, names) = self.series_of_rows(&totals.rows);
        let names = series_names(frame, &names, values);
        let drawn = names.len().min(COLOURS.len());
        let mut grid = Grid::new(names[..drawn].to_vec());
        let mut lost = 0;
        for (at, value) in values.iter().enumerate() {
            for (row, number) in frame.numbers(*value)?.into_iter().enumerate() {
                let Some(series) = of[row].map(|series| series * values.len() + at) else {
                    continue;
                };
                let Some(position) = self.positions.at[row] else {
                    lost += usize::from(at == 0);
                    continue;
                };
                if series < drawn {
                    let place = Place {
                        label: self.labels[row].clone(),
                        at: position,
                    };
                    grid.add(place, series, Cell::from(number));
                }
            }
        }
        notes.extend(totals.note);
        if lost > 0 {
            let (en, zh) = frame.names(&self.columns);
            notes.push(msg!(
                "not drawn: {lost} rows without {en}",
                "未画出：{lost} 行缺 {zh}"
            ));
        }
        notes.extend(more_series(names.len() - drawn));
        some(grid, frame, values)
    }

    /// The series of each row, none for the total, and the names of the series.
    fn series_of_rows(&self, is_total: &[bool]) -> (Vec<Option<usize>>, Vec<String>) {
        let Some(series) = &self.series else {
            let of = is_total.iter().map(|is_total| (!is_total).then_some(0));
            return (of.collect(), vec![String::new()]);
        };
        let mut names: Vec<String> = Vec::new();
        let mut seen = HashMap::new();
        let of = series.iter().zip(is_total).map(|(name, is_total)| {
            (!is_total).then(|| {
                *seen.entry(name.as_str()).or_insert_with(|| {
                    names.push(name.clone());
                    names.len() - 1
                })
            })
        });
        (of.collect(), names)
    }
}

/// The name of every series of every value.
fn series_names(frame: &Frame, series: &[String], values: &[usize]) -> Vec<String> {
    let mut names = Vec::new();
    for series in series {
        for value in values {
            let value = clean(frame.name(*value));
            names.push(match (series.as_str(), values.len()) {
                ("", _) => value,
                (series, 1) => series.to_owned(),
                (series, _) => format!("{series} · {value}"),
            });
        }
    }
    names
}

/// Columns that are periods become the axis, rows the series: `2018`, `2019`… or `m01`, `m02`….
///
/// # Errors
/// When no figure is there.
pub(super) fn melted(
    frame: &Frame,
    keys: &[usize],
    periods: &[(usize, Scale, i64)],
    notes: &mut Vec<Message>,
) -> Result<Grid> {
    let labels = keys::labels(frame, keys)?;
    let totals = keys::totals(frame, keys)?;
    let rows: Vec<usize> = (0..frame.rows()).filter(|row| !totals.rows[*row]).collect();
    let drawn = rows.len().min(COLOURS.len());
    let names = rows[..drawn].iter().map(|row| labels[*row].clone());
    let mut grid = Grid::new(names.collect());
    for (column, _, at) in periods {
        let numbers = frame.numbers(*column)?;
        for (series, row) in rows[..drawn].iter().enumerate() {
            let place = Place {
                label: clean(frame.name(*column)),
                at: *at,
            };
            grid.add(place, series, Cell::from(numbers[*row]));
        }
    }
    notes.extend(totals.note);
    notes.extend(more_series(rows.len() - drawn));
    let columns: Vec<usize> = periods.iter().map(|(column, _, _)| *column).collect();
    some(grid, frame, &columns)
}

/// One row: a bar per column.
///
/// # Errors
/// When no figure is there.
pub(super) fn one_row(frame: &Frame, values: &[usize]) -> Result<Grid> {
    let mut grid = Grid::new(vec![String::new()]);
    for value in values {
        let number = frame.numbers(*value)?.first().copied().flatten();
        let place = Place {
            label: clean(frame.name(*value)),
            at: 0,
        };
        grid.add(place, 0, Cell::from(number));
    }
    some(grid, frame, values)
}

fn more_series(count: usize) -> Option<Message> {
    (count > 0).then(|| {
        msg!(
            "… {count} more series not drawn",
            "… 另有 {count} 个系列未画出"
        )
    })
}

/// The grid, when it holds a number.
fn some(grid: Grid, frame: &Frame, values: &[usize]) -> Result<Grid> {
    if grid.numbers().next().is_some() {
        return Ok(grid);
    }
    let (en, zh) = frame.names(values);
    Err(Error::usage(msg!(
        "there is no number to draw in {en}",
        "{zh} 中没有可画的数"
    )))
}
