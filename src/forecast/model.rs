//! What a projection from observed data assumes: the rates of the coming steps, drawn from the
//! years up to the origin. Entry point: [`Model::at`].

use super::borrow;
use super::input::Inputs;
use super::path::{population, steps};
use super::project::{Ages, Convention, FEMALE, Sexes};
use super::series::Series;
use crate::error::{Message, Result};
use crate::msg;

/// What the user says about the future; the rest comes from the past.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wishes {
    /// When given migrants move.
    pub convention: Convention,
    /// Boys per girl; else as observed, or 1.06.
    pub boys_per_girl: Option<f64>,
    /// Total fertility at the end of the horizon, reached in equal steps.
    pub total_fertility: Option<f64>,
    /// Life expectancy at birth of both sexes at the start, for a borrowed life table.
    pub expectancy: Option<f64>,
    /// Net migrants a year at the end of the horizon, reached in equal steps.
    pub net_migration: Option<f64>,
    /// Factors on fertility and mortality, and migrants per person and year added.
    pub scenario: Scenario,
}

/// How a scenario departs from the medium one, reached after ten years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scenario {
    /// Factor on total fertility.
    pub fertility: f64,
    /// Factor on the force of mortality.
    pub mortality: f64,
    /// Migrants per person and year added.
    pub migration: f64,
}

impl Scenario {
    /// As observed.
    pub const MEDIUM: Self = Self {
        fertility: 1.0,
        mortality: 1.0,
        migration: 0.0,
    };
    /// Fewer children, higher mortality, more emigrants.
    pub const LOW: Self = Self {
        fertility: 0.85,
        mortality: 1.1,
        migration: -0.002,
    };
    /// More children, lower mortality, more immigrants.
    pub const HIGH: Self = Self {
        fertility: 1.15,
        mortality: 0.9,
        migration: 0.002,
    };
}

impl Default for Scenario {
    fn default() -> Self {
        Self::MEDIUM
    }
}

/// The rates of one coming step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ahead {
    pub(super) fertility: Vec<f64>,
    pub(super) survival: Sexes<Vec<f64>>,
    /// Net migrants by group, at start and end as the convention says.
    pub(super) given: Sexes<Vec<f64>>,
    /// Net migrants at the end of the step by the group they are in then: a number …
    pub(super) arrive: Sexes<Vec<f64>>,
    /// … and a share of those who would be there without them.
    pub(super) leave: Sexes<Vec<f64>>,
}

/// A population and the rates that await it.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(super) ages: Ages,
    pub(super) start: Sexes<Vec<f64>>,
    pub(super) ahead: Vec<Ahead>,
    pub(super) boys_per_girl: f64,
    pub(super) convention: Convention,
    /// Spread of the yearly net migration rate, for trajectories.
    pub(super) spread: f64,
    /// Whether the future was given rather than drawn from the past.
    pub(super) is_given: bool,
    /// What was borrowed or assumed.
    pub(super) notes: Vec<Message>,
}

/// Years of cohort changes that are averaged.
const CHANGES: usize = 5;
/// Years whose total fertility is averaged.
const LEVEL: usize = 3;

impl Model {
    /// The model of what was known at the end of year `origin`. With `honest`, rates of the year
    /// itself count as not yet known.
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
        let ages = inputs.ages;
        let count = steps(horizon, ages.width)?;
        let start = population(inputs, origin)?.clone();
        let mut notes = Vec::new();
        let known = origin - i32::from(honest);
        let pairs = pairs(inputs, origin);
        let boys = wishes
            .boys_per_girl
            .unwrap_or_else(|| observed_ratio(&pairs));

        let survival: Vec<Sexes<Vec<f64>>> = match future(
            &inputs.survival,
            origin,
            count,
            ages.width,
            honest,
        ) {
            Some(given) => given,
            None => {
                let own = inputs
                    .survival
                    .as_ref()
                    .and_then(|series| mean_survival(series, known, ages));
                let level = match own {
                    Some(own) => own,
                    None => {
                        let expectancy = wishes.expectancy.unwrap_or(78.0);
                        notes.push(msg!(
                            "mortality is borrowed: a model life table with a life expectancy of {expectancy} years",
                            "死亡率为借用：平均预期寿命 {expectancy} 岁的模型生命表"
                        ));
                        borrow::both(ages, expectancy)
                            .unwrap_or_else(|| [vec![1.0; ages.count], vec![1.0; ages.count]])
                    }
                };
                improving(&level, count, ages.width)
            }
        };
        let level = survival.first().cloned().unwrap_or_default();

        let given = future(&inputs.fertility, origin, count, ages.width, honest);
        let mut is_given = given.is_some();
        let fertility = match given {
            Some(given) => given,
            None => {
                let own = inputs
                    .fertility
                    .as_ref()
                    .and_then(|series| mean_fertility(series, known));
                let rates = own.unwrap_or_else(|| {
                    if let Some(pattern) = &inputs.pattern {
                        return implied_fertility(ages, pattern, &start, &pairs, &level, boys);
                    }
                    notes.push(msg!(
                        "the age pattern of fertility is borrowed; its level follows the children of age 0 of the last years",
                        "生育年龄模式为借用，其水平由最近几年的低龄儿童推算"
                    ));
                    implied_fertility(ages, &borrow::fertility_pattern(ages), &start, &pairs, &level, boys)
                });
                vec![rates; count]
            }
        };

        let moved = future(&inputs.migration, origin, count, ages.width, honest);
        is_given |= moved.is_some();
        let (arrive, leave, spread) = match (&moved, pairs.is_empty()) {
            (None, false) => {
                let basis = fertility.first().cloned().unwrap_or_default();
                observed_moves(ages, &start, &pairs, &level, &basis, boys)
            }
            _ => (zero(ages), zero(ages), FLOOR),
        };
        let given = moved.unwrap_or_else(|| vec![zero(ages); count]);
        let ahead = fertility
            .into_iter()
            .zip(survival)
            .zip(given)
            .map(|((fertility, survival), given)| Ahead {
                fertility,
                survival,
                given,
                arrive: arrive.clone(),
                leave: leave.clone(),
            })
            .collect();
        let mut model = Self {
            ages,
            start,
            ahead,
            boys_per_girl: boys,
            convention: wishes.convention,
            spread,
            is_given,
            notes,
        };
        model.wish(wishes);
        Ok(model)
    }

    /// What was borrowed or assumed.
    #[must_use]
    pub fn notes(&self) -> &[Message] {
        &self.notes
    }

    /// Bends the rates to what the user wishes.
    fn wish(&mut self, wishes: &Wishes) {
        let (count, width) = (self.ahead.len() as f64, self.ages.width as f64);
        let persons: f64 = self.start.iter().flatten().sum();
        let moving = borrow::mobility(self.ages);
        let weight: f64 = self
            .start
            .iter()
            .flat_map(|of| of.iter().zip(&moving))
            .map(|(n, k)| n * k)
            .sum();
        let start = self.start.clone();
        for (at, ahead) in self.ahead.iter_mut().enumerate() {
            let done = (at as f64 + 1.0) / count;
            let ten = ((at as f64 + 1.0) * width / 10.0).min(1.0);
            let total = width * ahead.fertility.iter().sum::<f64>();
            let mut factor = 1.0 + (wishes.scenario.fertility - 1.0) * ten;
            if let Some(goal) = wishes.total_fertility
                && total > 0.0
            {
                factor *= (total + (goal - total) * done) / total;
            }
            ahead.fertility.iter_mut().for_each(|rate| *rate *= factor);
            let force = 1.0 + (wishes.scenario.mortality - 1.0) * ten;
            if force != 1.0 {
                ahead
                    .survival
                    .iter_mut()
                    .flatten()
                    .for_each(|share| *share = share.powf(force));
            }
            let mut more = wishes.scenario.migration * ten * persons * width;
            if let Some(goal) = wishes.net_migration {
                let now: f64 = (0..2)
                    .flat_map(|sex| (0..self.ages.count).map(move |group| (sex, group)))
                    .map(|(sex, group)| {
                        ahead.given[sex][group]
                            + ahead.arrive[sex][group]
                            + ahead.leave[sex][group] * start[sex][group]
                    })
                    .sum();
                more += (goal * width - now) * done;
            }
            if more != 0.0 && weight > 0.0 {
                for (arrive, persons) in ahead.arrive.iter_mut().zip(&start) {
                    for ((arrive, persons), k) in arrive.iter_mut().zip(persons).zip(&moving) {
                        *arrive += more * persons * k / weight;
                    }
                }
            }
        }
    }
}

/// Yearly fall of the force of mortality: about that of China and Europe since 1990.
const IMPROVEMENT: f64 = 0.013;

/// Survival of the coming steps, from that of the last years.
fn improving(level: &Sexes<Vec<f64>>, count: usize, width: usize) -> Vec<Sexes<Vec<f64>>> {
    let at = |at: usize| {
        let force = (-IMPROVEMENT * ((at + 1) * width) as f64).exp();
        let bent = |of: &Vec<f64>| of.iter().map(|share| share.powf(force)).collect();
        [bent(&level[0]), bent(&level[1])]
    };
    (0..count).map(at).collect()
}

/// The least spread of the yearly net migration rate (three per thousand).
const FLOOR: f64 = 0.003;

fn zero(ages: Ages) -> Sexes<Vec<f64>> {
    [vec![0.0; ages.count], vec![0.0; ages.count]]
}

/// A population and what it was one step later.
type Pair<'a> = (&'a Sexes<Vec<f64>>, &'a Sexes<Vec<f64>>);

/// Populations one step apart, oldest first, as far as they are known up to the origin.
fn pairs(inputs: &Inputs, origin: i32) -> Vec<Pair<'_>> {
    let width = inputs.ages.width as i32;
    inputs
        .population
        .range(..=origin)
        .filter_map(|(year, after)| Some((inputs.population.get(&(year - width))?, after)))
        .collect()
}

/// The values of the coming steps, when the user gave any: constant, or for years after the
/// origin. In an honest forecast nobody can have known them.
fn future<T: Clone>(
    series: &Option<Series<T>>,
    origin: i32,
    count: usize,
    width: usize,
    honest: bool,
) -> Option<Vec<T>> {
    let series = series.as_ref()?;
    if honest || series.last_year().is_some_and(|last| last <= origin) {
        return None;
    }
    (0..count)
        .map(|at| series.at(origin + (at * width) as i32).cloned())
        .collect()
}

fn observed_ratio(pairs: &[Pair<'_>]) -> f64 {
    let last = pairs.iter().rev().take(10);
    let (boys, girls) = last.fold((0.0, 0.0), |(boys, girls), (_, after)| {
        (boys + after[0][0], girls + after[1][0])
    });
    // A few hundred children say less than a century of births does.
    let prior = 2000.0;
    (boys + 1.06 / 2.06 * prior) / (girls + prior / 2.06)
}

fn mean_fertility(series: &Series<Vec<f64>>, known: i32) -> Option<Vec<f64>> {
    let years: Vec<&Vec<f64>> = series
        .years()
        .rev()
        .filter(|year| *year <= known)
        .filter_map(|year| series.known(year))
        .take(5)
        .collect();
    let total = |rates: &[f64]| rates.iter().sum::<f64>();
    let recent = years.len().min(LEVEL);
    let level: f64 = years
        .iter()
        .take(LEVEL)
        .map(|rates| total(rates))
        .sum::<f64>()
        / recent as f64;
    let all: f64 = years.iter().map(|rates| total(rates)).sum();
    let first = years.first()?;
    let mean = |group: usize| years.iter().map(|rates| rates[group]).sum::<f64>();
    (all > 0.0).then(|| {
        (0..first.len())
            .map(|group| mean(group) * level / all)
            .collect()
    })
}

fn mean_survival(
    series: &Series<Sexes<Vec<f64>>>,
    known: i32,
    ages: Ages,
) -> Option<Sexes<Vec<f64>>> {
    let years: Vec<_> = series
        .years()
        .rev()
        .filter(|year| *year <= known)
        .filter_map(|year| series.known(year))
        .take(5)
        .collect();
    if years.is_empty() {
        return None;
    }
    let mut mean = zero(ages);
    for year in &years {
        for (mean, of_year) in mean.iter_mut().flatten().zip(year.iter().flatten()) {
            *mean += of_year / years.len() as f64;
        }
    }
    Some(mean)
}

/// Children that a step brings forth at a total fertility of 1, surviving to its end.
fn newborn(ages: Ages, pattern: &[f64], before: &[f64], after: &[f64]) -> f64 {
    let women = before
        .iter()
        .zip(after)
        .map(|(before, after)| (before + after) / 2.0);
    ages.width as f64
        * pattern
            .iter()
            .zip(women)
            .map(|(rate, women)| rate * women)
            .sum::<f64>()
}

/// Fertility of an age pattern that explains the youngest group of the last years.
fn implied_fertility(
    ages: Ages,
    pattern: &[f64],
    start: &Sexes<Vec<f64>>,
    pairs: &[Pair<'_>],
    survival: &Sexes<Vec<f64>>,
    boys: f64,
) -> Vec<f64> {
    let infants = (survival[0][0] * boys + survival[1][0]) / (1.0 + boys);
    let (mut children, mut expected) = (0.0, 0.0);
    for (before, after) in pairs.iter().rev().take(LEVEL) {
        children += after[0][0] + after[1][0];
        expected += infants * newborn(ages, pattern, &before[FEMALE], &after[FEMALE]);
    }
    if pairs.is_empty() {
        // One population alone: its youngest group against its own women.
        children = start[0][0] + start[1][0];
        expected = infants * newborn(ages, pattern, &start[FEMALE], &start[FEMALE]);
    }
    let level = if expected > 0.0 {
        children / expected
    } else {
        0.0
    };
    pattern.iter().map(|rate| rate * level).collect()
}

/// Moves of the last years: what survival and births leave unexplained. Groups that gain go on
/// gaining the same number, groups that lose go on losing the same share: neither explodes
/// (Wilson 2016; Hauer 2019).
fn observed_moves(
    ages: Ages,
    start: &Sexes<Vec<f64>>,
    pairs: &[Pair<'_>],
    survival: &Sexes<Vec<f64>>,
    fertility: &[f64],
    boys: f64,
) -> (Sexes<Vec<f64>>, Sexes<Vec<f64>>, f64) {
    let count = ages.count;
    let (mut arrive, mut leave) = (zero(ages), zero(ages));
    let mut yearly = Vec::new();
    let (mut expected, mut residual) = (zero(ages), zero(ages));
    for (at, (before, after)) in pairs.iter().rev().take(15).enumerate() {
        let born = newborn(ages, fertility, &before[FEMALE], &after[FEMALE]);
        let (mut net, mut persons) = (0.0, 0.0);
        for sex in 0..2 {
            for group in 0..count {
                let source = match group {
                    0 if sex == 0 => born * boys / (1.0 + boys),
                    0 => born / (1.0 + boys),
                    last if last == count - 1 => before[sex][last - 1] + before[sex][last],
                    group => before[sex][group - 1],
                };
                let there = source * survival[sex][group];
                let change = after[sex][group] - there;
                // Fertility of other years must not look like moving.
                if group > 0 {
                    net += change;
                }
                persons += after[sex][group];
                if at < CHANGES.div_ceil(ages.width) {
                    expected[sex][group] += there;
                    residual[sex][group] += change;
                }
            }
        }
        yearly.push(net / persons.max(1.0) / ages.width as f64);
    }
    for sex in 0..2 {
        for group in 0..count {
            let rate = if group == 0 || expected[sex][group] <= 0.0 {
                0.0
            } else {
                (residual[sex][group] / expected[sex][group]).clamp(-0.5, 1.0)
            };
            if rate < 0.0 {
                leave[sex][group] = rate;
            } else {
                let source = match group {
                    0 => 0.0,
                    last if last == count - 1 => start[sex][last - 1] + start[sex][last],
                    group => start[sex][group - 1],
                };
                arrive[sex][group] = rate * source * survival[sex][group];
            }
        }
    }
    let mean = yearly.iter().sum::<f64>() / yearly.len().max(1) as f64;
    let variance =
        yearly.iter().map(|rate| (rate - mean).powi(2)).sum::<f64>() / yearly.len().max(2) as f64;
    (arrive, leave, variance.sqrt().max(FLOOR))
}
