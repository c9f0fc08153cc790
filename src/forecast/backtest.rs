//! Forecasts that could have been made, measured against what came. Entry point: [`backtest`].

use super::errors::{Errors, origins};
use super::input::Inputs;
use super::model::Wishes;
use super::outlook::Outlook;
use super::point::{hamilton_perry, linear, naive, sum};
use super::trajectory::Draw;
use crate::error::{Error, Result};
use crate::msg;

/// How good forecasts over so many years were, all origins and regions together.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Years ahead.
    pub horizon: usize,
    /// Forecasts measured.
    pub forecasts: usize,
    /// Mean absolute error of the total, percent.
    pub mape: f64,
    /// Median absolute error, percent.
    pub median_ape: f64,
    /// Mean error, percent: above 0, forecasts were too high.
    pub bias: f64,
    /// Sum of the absolute errors of all sexes and ages by all people, percent.
    pub age_wape: f64,
    /// Mean absolute error when nothing changes.
    pub naive: f64,
    /// … when the change of ten years goes on.
    pub linear: f64,
    /// … of Hamilton and Perry's cohort ratios.
    pub hamilton_perry: f64,
    /// Percent of totals within the 80 % interval.
    pub coverage_80: f64,
    /// Percent of totals within the 95 % interval.
    pub coverage_95: f64,
    /// Mean width of the 80 % interval, percent of the forecast.
    pub width_80: f64,
    /// Mean width of the 95 % interval.
    pub width_95: f64,
}

/// What became of one forecast.
struct Outcome {
    step: usize,
    error: f64,
    age_error: f64,
    others: [f64; 3],
    inside: [bool; 2],
    width: [f64; 2],
}

/// Forecasts every population from every year that has a past and a future; what came later is
/// hidden from the forecast and from its interval.
///
/// # Errors
/// When no population has a long enough history.
pub fn backtest(
    all: &[&Inputs],
    horizon: usize,
    wishes: &Wishes,
    draw: Draw,
) -> Result<Vec<Score>> {
    let mut outcomes = Vec::new();
    let mut width = 1;
    for (region, inputs) in all.iter().enumerate() {
        width = inputs.ages.width;
        let draw = Draw {
            region: region as u64,
            groups: false,
            ..draw
        };
        measure(inputs, horizon, wishes, draw, &mut outcomes)?;
    }
    if outcomes.is_empty() {
        return Err(Error::usage(msg!(
            "the history is too short for a backtest",
            "历史太短，无法回测"
        ))
        .hint(msg!(
            "give populations of at least seven years, with a column `year`",
            "请提供至少七年的人口，并带有 `year` 列"
        )));
    }
    let last = outcomes
        .iter()
        .map(|outcome| outcome.step)
        .max()
        .unwrap_or(0);
    Ok((0..=last)
        .filter_map(|step| {
            score(
                (step + 1) * width,
                outcomes.iter().filter(|outcome| outcome.step == step),
            )
        })
        .collect())
}

fn measure(
    inputs: &Inputs,
    horizon: usize,
    wishes: &Wishes,
    draw: Draw,
    outcomes: &mut Vec<Outcome>,
) -> Result<()> {
    let width = inputs.ages.width;
    let errors = Errors::of(inputs, horizon / width, wishes);
    for origin in origins(inputs) {
        let outlook = Outlook::at(inputs, origin, horizon, wishes, &errors, draw, true)?;
        let steps = outlook.totals.len();
        let others = [
            naive(inputs, origin, steps),
            linear(inputs, origin, steps),
            hamilton_perry(inputs, origin, steps),
        ];
        for (step, (year, forecast)) in outlook.point.path.steps.iter().enumerate() {
            let Some(actual) = inputs.population.get(year) else {
                continue;
            };
            let total = sum(actual);
            if total <= 0.0 {
                continue;
            }
            let (here, band) = (outlook.point.totals[step], outlook.totals[step]);
            let cells = forecast
                .population
                .iter()
                .flatten()
                .zip(actual.iter().flatten());
            outcomes.push(Outcome {
                step,
                error: here / total - 1.0,
                age_error: cells
                    .map(|(forecast, actual)| (forecast - actual).abs())
                    .sum::<f64>()
                    / total,
                others: [0, 1, 2].map(|at| {
                    others[at]
                        .get(step)
                        .map_or(f64::NAN, |other| other / total - 1.0)
                }),
                inside: [
                    (band.lower_80..=band.upper_80).contains(&total),
                    (band.lower_95..=band.upper_95).contains(&total),
                ],
                width: [
                    (band.upper_80 - band.lower_80) / here,
                    (band.upper_95 - band.lower_95) / here,
                ],
            });
        }
    }
    Ok(())
}

fn score<'a>(horizon: usize, outcomes: impl Iterator<Item = &'a Outcome>) -> Option<Score> {
    let outcomes: Vec<&Outcome> = outcomes.collect();
    let percent = |of: &dyn Fn(&Outcome) -> f64| {
        100.0 * outcomes.iter().map(|outcome| of(outcome)).sum::<f64>() / outcomes.len() as f64
    };
    let mut sizes: Vec<f64> = outcomes.iter().map(|outcome| outcome.error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    Some(Score {
        horizon,
        forecasts: outcomes.len(),
        mape: percent(&|outcome| outcome.error.abs()),
        median_ape: 100.0 * sizes.get(sizes.len() / 2)?,
        bias: percent(&|outcome| outcome.error),
        age_wape: percent(&|outcome| outcome.age_error),
        naive: percent(&|outcome| outcome.others[0].abs()),
        linear: percent(&|outcome| outcome.others[1].abs()),
        hamilton_perry: percent(&|outcome| outcome.others[2].abs()),
        coverage_80: percent(&|outcome| f64::from(u8::from(outcome.inside[0]))),
        coverage_95: percent(&|outcome| f64::from(u8::from(outcome.inside[1]))),
        width_80: percent(&|outcome| outcome.width[0]),
        width_95: percent(&|outcome| outcome.width[1]),
    })
}
