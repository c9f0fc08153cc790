//! Steps one after the other. Entry point: [`deterministic`].

use super::input::Inputs;
use super::project::{Convention, Rates, Sexes, Step, step};
use super::series::Series;
use crate::error::{Error, Result};
use crate::msg;

/// What a projection assumes beside the rates.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumptions {
    /// The year of the population that is projected.
    pub start: i32,
    /// Years to project.
    pub horizon: usize,
    /// When migrants move.
    pub convention: Convention,
    /// Boys born per girl.
    pub boys_per_girl: Series<f64>,
}

/// A population and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The population at the start.
    pub start: Sexes<Vec<f64>>,
    /// The year a step ends, and the step.
    pub steps: Vec<(i32, Step)>,
}

impl Path {
    /// The largest balancing residual of a step.
    #[must_use]
    pub fn residual(&self) -> f64 {
        let before =
            std::iter::once(&self.start).chain(self.steps.iter().map(|(_, step)| &step.population));
        let each = self
            .steps
            .iter()
            .zip(before)
            .map(|((_, step), before)| step.residual(before).abs());
        each.fold(0.0, f64::max)
    }

    /// Emigrants left out because they were not there.
    #[must_use]
    pub fn clipped(&self) -> f64 {
        self.steps.iter().map(|(_, step)| step.clipped).sum()
    }
}

/// Projects the population of the year `start` with the rates as they are given.
///
/// # Errors
/// When there is no population of that year, a rate is missing or the horizon is no whole number
/// of steps.
pub fn deterministic(inputs: &Inputs, assumptions: &Assumptions) -> Result<Path> {
    let start = population(inputs, assumptions.start)?;
    let width = inputs.ages.width;
    let steps = steps(assumptions.horizon, width)?;
    let mut path = Path {
        start: start.clone(),
        steps: Vec::with_capacity(steps),
    };
    let mut now = start.clone();
    for at in 0..steps {
        let year = assumptions.start + (at * width) as i32;
        let after = step(
            inputs.ages,
            &now,
            &rates(inputs, assumptions, year)?,
            assumptions.convention,
        )?;
        now.clone_from(&after.population);
        path.steps.push((year + width as i32, after));
    }
    Ok(path)
}

/// The population of the year.
pub(super) fn population(inputs: &Inputs, year: i32) -> Result<&Sexes<Vec<f64>>> {
    inputs.population.get(&year).ok_or_else(|| {
        let known = inputs
            .population
            .keys()
            .map(i32::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        Error::usage(msg!(
            "there is no population of {year}",
            "没有 {year} 年的人口"
        ))
        .hint(msg!("there is one of {known}", "现有 {known} 年的人口"))
    })
}

/// How many steps a horizon has.
pub(super) fn steps(horizon: usize, width: usize) -> Result<usize> {
    if horizon == 0 || !horizon.is_multiple_of(width) {
        return Err(Error::usage(msg!(
            "the horizon must be a multiple of the step: {width} years",
            "预测年数必须是步长（{width} 年）的整数倍"
        )));
    }
    Ok(horizon / width)
}

/// The rates of the step that starts in `year`.
fn rates(inputs: &Inputs, assumptions: &Assumptions, year: i32) -> Result<Rates> {
    let none = || [vec![0.0; inputs.ages.count], vec![0.0; inputs.ages.count]];
    let missing = |what: &'static str, zh: &'static str, flag: &'static str| {
        Error::usage(msg!("{what} is not known", "缺少{zh}")).hint(msg!(
            "give it with `{flag} FILE`",
            "请用 `{flag} 文件` 提供"
        ))
    };
    Ok(Rates {
        fertility: inputs
            .fertility
            .as_ref()
            .and_then(|series| series.at(year))
            .cloned()
            .ok_or_else(|| missing("fertility", "生育率", "--fertility"))?,
        survival: inputs
            .survival
            .as_ref()
            .and_then(|series| series.at(year))
            .cloned()
            .ok_or_else(|| missing("mortality", "死亡率", "--mortality"))?,
        migration: inputs
            .migration
            .as_ref()
            .and_then(|series| series.at(year))
            .cloned()
            .unwrap_or_else(none),
        boys_per_girl: *assumptions
            .boys_per_girl
            .at(year)
            .ok_or_else(|| missing("the sex ratio at birth", "出生人口性别比", "--srb"))?,
    })
}
