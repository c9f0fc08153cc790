//! How wrong such forecasts were: on the user's own past, and elsewhere.
//! Entry points: [`Errors::of`], [`Errors::half_width`].

use super::input::Inputs;
use super::model::Wishes;
use super::point::{Point, sum};

/// Errors of past forecasts of the total, as logarithm of actual by forecast, by step from 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Errors {
    by_step: Vec<Vec<Past>>,
    width: f64,
}

/// One past error: when the outcome became known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Past {
    known: i32,
    error: f64,
}

/// Half widths of 80 and 95 % intervals of a stable county's total after so many years, as shares.
const ELSEWHERE: [(f64, [f64; 2]); 6] = [
    (0.0, [0.0, 0.0]),
    (1.0, [0.003, 0.005]),
    (5.0, [0.018, 0.027]),
    (10.0, [0.035, 0.056]),
    (15.0, [0.044, 0.066]),
    (20.0, [0.056, 0.092]),
];

/// How many independent errors the table counts for.
const WEIGHT: f64 = 3.0;

impl Errors {
    /// The errors of every forecast that could have been made, from five years of history on.
    #[must_use]
    pub fn of(inputs: &Inputs, steps: usize, wishes: &Wishes) -> Self {
        let width = inputs.ages.width;
        let mut by_step = vec![Vec::new(); steps];
        for origin in origins(inputs) {
            let Ok(point) = Point::at(inputs, origin, steps * width, wishes, true) else {
                continue;
            };
            for (at, forecast) in point.totals.iter().enumerate() {
                let known = origin + ((at + 1) * width) as i32;
                let Some(actual) = inputs.population.get(&known) else {
                    continue;
                };
                let error = (sum(actual) / forecast.max(1.0)).ln();
                by_step[at].push(Past { known, error });
            }
        }
        Self {
            by_step,
            width: width as f64,
        }
    }

    /// How many errors of the first step there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_step.first().map_or(0, Vec::len)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Half widths of the 80 and 95 % interval after step `at` (from 0), from what was known in
    /// year `origin`: at least as wide as the errors were, and near what they are elsewhere while
    /// there are few.
    #[must_use]
    pub fn half_width(&self, at: usize, origin: i32) -> [f64; 2] {
        let years = (at + 1) as f64 * self.width.max(1.0);
        let elsewhere = elsewhere(years);
        // The furthest step that has errors speaks for those beyond it.
        let step = (0..=at.min(self.by_step.len().saturating_sub(1)))
            .rev()
            .find(|step| self.known(*step, origin).next().is_some());
        let Some(step) = step else { return elsewhere };
        let mut errors: Vec<f64> = self.known(step, origin).collect();
        errors.sort_by(f64::total_cmp);
        let beyond = (at + 1) as f64 / (step + 1) as f64;
        // Errors of overlapping periods are one and the same for the most part.
        let independent = errors.len() as f64 / ((step + 1) as f64).max(1.0).sqrt();
        let square = errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64;
        let near = |level: usize, z: f64| {
            let own = z * z * square * beyond * beyond;
            ((WEIGHT * elsewhere[level].powi(2) + independent * own) / (WEIGHT + independent))
                .sqrt()
        };
        let seen = |share: f64| quantile(&errors, share) * beyond;
        let inner = near(0, 1.2816).max(seen(0.8));
        [inner, near(1, 1.96).max(seen(0.95)).max(inner * 1.4)]
    }

    fn known(&self, step: usize, origin: i32) -> impl Iterator<Item = f64> + '_ {
        let of_step = self.by_step.get(step).map_or(&[][..], Vec::as_slice);
        of_step
            .iter()
            .filter(move |past| past.known <= origin)
            .map(|past| past.error.abs())
    }
}

/// Years from which a forecast can be checked against what came.
pub(super) fn origins(inputs: &Inputs) -> Vec<i32> {
    let width = inputs.ages.width as i32;
    let years = || inputs.population.keys().copied();
    let (Some(first), Some(last)) = (years().next(), years().next_back()) else {
        return Vec::new();
    };
    years()
        .filter(|year| {
            year - first >= 5.max(width)
                && *year < last
                && inputs.population.contains_key(&(year - width))
        })
        .collect()
}

/// The value that a share of sorted values does not exceed; the largest when there are too few.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * (sorted.len() as f64 + 1.0)).ceil() as usize;
    sorted
        .get(rank.clamp(1, sorted.len()) - 1)
        .copied()
        .unwrap_or(0.0)
}

fn elsewhere(years: f64) -> [f64; 2] {
    let upper = ELSEWHERE
        .iter()
        .position(|(at, _)| *at >= years)
        .unwrap_or(ELSEWHERE.len() - 1)
        .max(1);
    let ((from, low), (to, high)) = (ELSEWHERE[upper - 1], ELSEWHERE[upper]);
    // Beyond the table the last slope goes on.
    let share = (years - from) / (to - from);
    [0, 1].map(|level| low[level] + share * (high[level] - low[level]))
}
