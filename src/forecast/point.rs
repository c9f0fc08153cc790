//! The point forecast: cohort-component, held by the damped trend of the total; and the simple
//! forecasts it is measured against. Entry point: [`Point::at`].

use super::borrow;
use super::input::Inputs;
use super::model::{Model, Scenario, Wishes};
use super::path::Path;
use super::project::{FEMALE, Rates, Sexes, Step, step};
use crate::error::Result;

/// A point forecast and its members.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The forecast by age: what the model gives, brought to `totals`.
    pub path: Path,
    /// The forecast total after each step.
    pub totals: Vec<f64>,
    /// Total of the cohort-component projection alone.
    pub cohort_component: Vec<f64>,
    /// Damped trend of the total; empty when the history is too short or the future was given.
    pub trend: Vec<f64>,
    /// The model behind it.
    pub model: Model,
}

/// Years of the trend.
const TREND: i32 = 10;
/// What of a year's change is left in the next year's.
const DAMPING: f64 = 0.98;
/// The shortest history that has a trend.
const SHORTEST: i32 = 5;

impl Point {
    /// The forecast from what was known at the end of year `origin`.
    ///
    /// # Errors
    /// When there is no population of that year.
    pub fn at(
        inputs: &Inputs,
        origin: i32,
        horizon: usize,
        wishes: &Wishes,
        honest: bool,
    ) -> Result<Self> {
        let model = Model::at(inputs, origin, horizon, wishes, honest)?;
        let mut path = model.path(origin)?;
        let cohort_component = totals(&path);
        let width = inputs.ages.width;
        let trend = if model.is_given {
            Vec::new()
        } else {
            damped(inputs, origin, cohort_component.len())
        };
        let medium = Wishes {
            convention: wishes.convention,
            boys_per_girl: wishes.boys_per_girl,
            expectancy: wishes.expectancy,
            ..Wishes::default()
        };
        // A scenario departs from the medium forecast as its rates do.
        let basis = if *wishes == medium || trend.is_empty() {
            cohort_component.clone()
        } else {
            totals(&Model::at(inputs, origin, horizon, &medium, honest)?.path(origin)?)
        };
        let held = basis
            .iter()
            .enumerate()
            .map(|(at, own)| match trend.get(at) {
                Some(trend) => {
                    let share = share_of_cohorts(((at + 1) * width) as f64);
                    (share * own + (1.0 - share) * trend.max(0.0)) / own.max(1.0)
                }
                None => 1.0,
            });
        let held: Vec<f64> = held.collect();
        let totals: Vec<f64> = cohort_component
            .iter()
            .zip(&held)
            .map(|(own, held)| own * held)
            .collect();
        hold(&mut path, &held);
        Ok(Self {
            path,
            totals,
            cohort_component,
            trend,
            model,
        })
    }
}

/// How much the cohorts count beside the trend: half, and less beyond ten years.
fn share_of_cohorts(years: f64) -> f64 {
    (0.5 - (years - 10.0).max(0.0) * 0.0125).max(0.25)
}

/// Multiplies every group by the factor of its step; what that adds counts as net migration.
fn hold(path: &mut Path, held: &[f64]) {
    if held.iter().all(|held| *held == 1.0) {
        return;
    }
    let mut before = path.start.clone();
    for ((_, step), held) in path.steps.iter_mut().zip(held) {
        let scale = |values: &mut [f64]| values.iter_mut().for_each(|value| *value *= held);
        scale(&mut step.births);
        scale(&mut step.births_by_mother);
        step.deaths.iter_mut().for_each(|of| scale(of));
        step.population.iter_mut().for_each(|of| scale(of));
        for (sex, before) in before.iter().enumerate() {
            let last = before.len() - 1;
            for group in 0..=last {
                let source = match group {
                    0 => step.births[sex],
                    group if group == last => before[last - 1] + before[last],
                    group => before[group - 1],
                };
                step.migration[sex][group] =
                    step.population[sex][group] - source + step.deaths[sex][group];
            }
        }
        before.clone_from(&step.population);
    }
}

/// The total after each step.
pub(super) fn totals(path: &Path) -> Vec<f64> {
    path.steps
        .iter()
        .map(|(_, step)| sum(&step.population))
        .collect()
}

pub(super) fn sum(population: &Sexes<Vec<f64>>) -> f64 {
    population.iter().flatten().sum()
}

impl Model {
    /// The projection without disturbance.
    ///
    /// # Errors
    /// Never in practice: the rates are for the population's groups.
    pub fn path(&self, origin: i32) -> Result<Path> {
        let width = self.ages.width as i32;
        let mut path = Path {
            start: self.start.clone(),
            steps: Vec::with_capacity(self.ahead.len()),
        };
        let mut now = self.start.clone();
        for (at, ahead) in self.ahead.iter().enumerate() {
            let rates = Rates {
                fertility: ahead.fertility.clone(),
                survival: ahead.survival.clone(),
                migration: ahead.given.clone(),
                boys_per_girl: self.boys_per_girl,
            };
            let mut after = step(self.ages, &now, &rates, self.convention)?;
            move_people(&mut after, &ahead.arrive, &ahead.leave);
            now.clone_from(&after.population);
            path.steps.push((origin + (at as i32 + 1) * width, after));
        }
        Ok(path)
    }
}

/// Lets people come and go at the end of a step.
fn move_people(after: &mut Step, arrive: &Sexes<Vec<f64>>, leave: &Sexes<Vec<f64>>) {
    for sex in 0..2 {
        for group in 0..arrive[sex].len() {
            let here = after.population[sex][group];
            let change = arrive[sex][group] + leave[sex][group] * here;
            let there = (here + change).max(0.0);
            after.clipped += there - here - change;
            after.migration[sex][group] += there - here;
            after.population[sex][group] = there;
        }
    }
}

/// The yearly change of the total over the last ten years or fewer, and over how many.
fn change(inputs: &Inputs, origin: i32) -> Option<(f64, i32)> {
    let last = sum(inputs.population.get(&origin)?);
    let (year, first) = inputs
        .population
        .range(origin - TREND..=origin - SHORTEST)
        .next()?;
    let years = origin - year;
    Some(((last - sum(first)) / f64::from(years), years))
}

fn damped(inputs: &Inputs, origin: i32, count: usize) -> Vec<f64> {
    let (Some((change, _)), Some(start)) = (change(inputs, origin), inputs.population.get(&origin))
    else {
        return Vec::new();
    };
    let mut now = sum(start);
    let mut left = 1.0;
    (0..count)
        .map(|_| {
            for _ in 0..inputs.ages.width {
                left *= DAMPING;
                now += change * left;
            }
            now
        })
        .collect()
}

/// As many as now.
pub(super) fn naive(inputs: &Inputs, origin: i32, count: usize) -> Vec<f64> {
    inputs
        .population
        .get(&origin)
        .map_or_else(Vec::new, |now| vec![sum(now); count])
}

/// The change of the last ten years goes on.
pub(super) fn linear(inputs: &Inputs, origin: i32, count: usize) -> Vec<f64> {
    let (Some((change, _)), Some(now)) = (change(inputs, origin), inputs.population.get(&origin))
    else {
        return naive(inputs, origin, count);
    };
    (1..=count)
        .map(|at| sum(now) + change * (at * inputs.ages.width) as f64)
        .collect()
}

/// Hamilton and Perry 1962: every cohort goes on changing by the same ratio, children by women.
pub(super) fn hamilton_perry(inputs: &Inputs, origin: i32, count: usize) -> Vec<f64> {
    let ages = inputs.ages;
    let width = ages.width as i32;
    let (Some(now), Some(_)) = (
        inputs.population.get(&origin),
        inputs.population.get(&(origin - width)),
    ) else {
        return Vec::new();
    };
    let pattern = borrow::fertility_pattern(ages);
    let women = |population: &Sexes<Vec<f64>>| {
        population[FEMALE]
            .iter()
            .zip(&pattern)
            .map(|(n, k)| n * k)
            .sum::<f64>()
    };
    let (mut before, mut after) = (
        [vec![0.0; ages.count], vec![0.0; ages.count]],
        [vec![0.0; ages.count], vec![0.0; ages.count]],
    );
    let (mut children, mut mothers) = ([0.0, 0.0], 0.0);
    let back = (5 / width).max(1);
    for at in 0..back {
        let (Some(old), Some(new)) = (
            inputs.population.get(&(origin - (at + 1) * width)),
            inputs.population.get(&(origin - at * width)),
        ) else {
            break;
        };
        mothers += women(new);
        for sex in 0..2 {
            children[sex] += new[sex][0];
            for group in 1..ages.count {
                after[sex][group] += new[sex][group];
                before[sex][group] += old[sex][group - 1];
            }
            before[sex][ages.count - 1] += old[sex][ages.count - 1];
        }
    }
    let mut now = now.clone();
    (0..count)
        .map(|_| {
            let mut next = now.clone();
            for sex in 0..2 {
                for group in 1..ages.count {
                    let mut source = now[sex][group - 1];
                    if group == ages.count - 1 {
                        source += now[sex][group];
                    }
                    let (top, bottom) = (after[sex][group], before[sex][group]);
                    let ratio = if bottom > 0.0 {
                        (top / bottom).clamp(0.0, 3.0)
                    } else {
                        1.0
                    };
                    next[sex][group] = source * ratio;
                }
            }
            let born = women(&next);
            for sex in 0..2 {
                next[sex][0] = if mothers > 0.0 {
                    children[sex] / mothers * born
                } else {
                    0.0
                };
            }
            now = next;
            sum(&now)
        })
        .collect()
}

impl Wishes {
    /// Whether they leave the future as the past suggests.
    #[must_use]
    pub fn is_medium(&self) -> bool {
        self.total_fertility.is_none()
            && self.net_migration.is_none()
            && self.scenario == Scenario::MEDIUM
    }
}
