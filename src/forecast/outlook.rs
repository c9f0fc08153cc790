//! A forecast with its intervals: trajectories around the point forecast, spread at least as wide
//! as past errors. Entry point: [`Outlook::at`].

use super::errors::Errors;
use super::input::Inputs;
use super::model::Wishes;
use super::point::Point;
use super::project::Sexes;
use super::trajectory::{Draw, Trajectories};
use crate::error::Result;

/// What 80 and 95 % of the trajectories stay within, and the one in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Band {
    /// 2.5 % are below.
    pub lower_95: f64,
    /// 10 % are below.
    pub lower_80: f64,
    /// Half are below.
    pub median: f64,
    /// 10 % are above.
    pub upper_80: f64,
    /// 2.5 % are above.
    pub upper_95: f64,
}

/// A forecast with intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The point forecast and its members.
    pub point: Point,
    /// The total after each step.
    pub totals: Vec<Band>,
    /// Children born in each step.
    pub births: Vec<Band>,
    /// Deaths in each step.
    pub deaths: Vec<Band>,
    /// Every sex and group after each step; empty when they were not asked for.
    pub groups: Vec<Sexes<Vec<Band>>>,
}

impl Outlook {
    /// The forecast from what was known at the end of year `origin`; `errors` are those of the
    /// same inputs.
    ///
    /// # Errors
    /// When there is no population of that year.
    pub fn at(
        inputs: &Inputs,
        origin: i32,
        horizon: usize,
        wishes: &Wishes,
        errors: &Errors,
        draw: Draw,
        honest: bool,
    ) -> Result<Self> {
        let point = Point::at(inputs, origin, horizon, wishes, honest)?;
        let mut drawn = Trajectories::draw(&point.model, draw);
        let steps = drawn.steps;
        let (mut totals, mut births, mut deaths) = (Vec::new(), Vec::new(), Vec::new());
        let mut factors = vec![0.0; drawn.totals.len()];
        for at in 0..steps {
            let least = errors.half_width(at, origin);
            let mut of_step: Vec<f64> = column(&drawn.totals, at, steps);
            let scale = Widening::of(&of_step, least);
            for (trajectory, total) in of_step.iter_mut().enumerate() {
                let wide = point.totals[at] * scale.widen(*total);
                factors[trajectory * steps + at] = wide / total.max(1e-9);
                *total = wide;
            }
            totals.push(band(&mut of_step));
            let step = point.path.steps.get(at).map(|(_, step)| step);
            let born = step.map_or(0.0, |step| step.births.iter().sum());
            let dead = step.map_or(0.0, |step| step.deaths.iter().flatten().sum());
            births.push(around(column(&drawn.births, at, steps), born));
            deaths.push(around(column(&drawn.deaths, at, steps), dead));
        }
        let groups = groups(&mut drawn, &factors, draw.threads);
        Ok(Self {
            point,
            totals,
            births,
            deaths,
            groups,
        })
    }
}

fn column(values: &[f64], at: usize, steps: usize) -> Vec<f64> {
    values.iter().skip(at).step_by(steps).copied().collect()
}

/// Values moved so that their median is the point forecast.
fn around(mut values: Vec<f64>, point: f64) -> Band {
    let middle = band(&mut values.clone()).median;
    if middle > 0.0 {
        values.iter_mut().for_each(|value| *value *= point / middle);
    }
    band(&mut values)
}

/// Stretches deviations from the median, so that the quantiles lie at least as far out as they
/// should. The order of the trajectories stays.
struct Widening {
    median: f64,
    /// Below and above: where the 80 and 95 % limits lie, and where they are to lie.
    sides: [[(f64, f64); 2]; 2],
}

impl Widening {
    fn of(values: &[f64], least: [f64; 2]) -> Self {
        let limits = band(&mut values.to_vec());
        let apart = |limit: f64| (limit / limits.median).ln().abs();
        let side = |inner: f64, outer: f64| {
            let inner = apart(inner).max(1e-9);
            let outer = apart(outer).max(inner * 1.01);
            let goal = inner.max(least[0]);
            [(inner, goal), (outer, outer.max(least[1]).max(goal * 1.01))]
        };
        Self {
            median: limits.median,
            sides: [
                side(limits.lower_80, limits.lower_95),
                side(limits.upper_80, limits.upper_95),
            ],
        }
    }

    /// The factor on the point forecast.
    fn widen(&self, value: f64) -> f64 {
        let apart = (value / self.median).max(1e-9).ln();
        let [(inner, near), (outer, far)] = self.sides[usize::from(apart > 0.0)];
        let size = apart.abs();
        let wide = if size <= inner {
            size * near / inner
        } else if size <= outer {
            near + (size - inner) / (outer - inner) * (far - near)
        } else {
            size * far / outer
        };
        wide.copysign(apart).exp()
    }
}

/// The bands of every group and step.
fn groups(drawn: &mut Trajectories, factors: &[f64], threads: usize) -> Vec<Sexes<Vec<Band>>> {
    let (steps, cells, count) = (drawn.steps, drawn.cells, drawn.count);
    if drawn.groups.is_empty() || count == 0 {
        return Vec::new();
    }
    let stored = &drawn.groups;
    let of_step = |at: usize| {
        // Turned over first: the trajectories of a group side by side.
        let mut turned = vec![0_u32; cells * count];
        for trajectory in 0..count {
            let row = trajectory * steps + at;
            let factor = factors[row] as f32;
            for (cell, value) in stored[row * cells..(row + 1) * cells].iter().enumerate() {
                turned[cell * count + trajectory] = (value * factor).max(0.0).to_bits();
            }
        }
        let bands: Vec<Band> = turned.chunks_mut(count).map(band_of_group).collect();
        let (males, females) = bands.split_at(cells / 2);
        [males.to_vec(), females.to_vec()]
    };
    let mut found: Vec<Sexes<Vec<Band>>> = vec![Sexes::default(); steps];
    let block = steps.div_ceil(threads.max(1));
    std::thread::scope(|scope| {
        for (at, part) in found.chunks_mut(block).enumerate() {
            let of_step = &of_step;
            scope.spawn(move || {
                for (inner, bands) in part.iter_mut().enumerate() {
                    *bands = of_step(at * block + inner);
                }
            });
        }
    });
    found
}

const SHARES: [f64; 5] = [0.025, 0.1, 0.5, 0.9, 0.975];

/// Numbers of people, none negative, are in the order of their bits; whole numbers compare faster.
fn band_of_group(values: &mut [u32]) -> Band {
    let found = quantiles(values, u32::cmp).map(|bits| f64::from(f32::from_bits(bits)));
    named(found)
}

fn band(values: &mut [f64]) -> Band {
    named(quantiles(values, f64::total_cmp))
}

fn named([lower_95, lower_80, median, upper_80, upper_95]: [f64; 5]) -> Band {
    Band {
        lower_95,
        lower_80,
        median,
        upper_80,
        upper_95,
    }
}

/// The nearest ranks, found without sorting everything.
fn quantiles<T: Copy + Default>(
    values: &mut [T],
    order: impl Fn(&T, &T) -> std::cmp::Ordering + Copy,
) -> [T; 5] {
    let mut found = [T::default(); 5];
    let mut from = 0;
    for (found, share) in found.iter_mut().zip(SHARES) {
        if values.is_empty() {
            break;
        }
        let rank = ((share * values.len() as f64) as usize)
            .min(values.len() - 1)
            .max(from);
        let rest = &mut values[from..];
        *found = *rest.select_nth_unstable_by(rank - from, order).1;
        from = rank;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_nearest_ranks() {
        let mut values: Vec<f64> = (0..1000)
            .map(|value| f64::from((value * 617) % 1000))
            .collect();
        let found = band(&mut values);
        assert_eq!(
            found,
            Band {
                lower_95: 25.0,
                lower_80: 100.0,
                median: 500.0,
                upper_80: 900.0,
                upper_95: 975.0
            }
        );
    }

    #[test]
    fn a_narrow_spread_is_widened_and_a_wide_one_left() {
        let values: Vec<f64> = (0..1001)
            .map(|at| 1000.0 * (f64::from(at - 500) * 2e-5).exp())
            .collect();
        let widening = Widening::of(&values, [0.02, 0.04]);
        let mut wide: Vec<f64> = values.iter().map(|value| widening.widen(*value)).collect();
        let found = band(&mut wide);
        assert!(
            (found.upper_80.ln() - 0.02).abs() < 1e-4 && (found.lower_80.ln() + 0.02).abs() < 1e-4
        );
        assert!((found.upper_95.ln() - 0.04).abs() < 2e-4 && (found.median - 1.0).abs() < 1e-9);
        let as_is = Widening::of(&values, [0.001, 0.002]);
        for value in [990.5, 1000.0, 1004.0] {
            assert!((as_is.widen(value) - value / 1000.0).abs() < 1e-4);
        }
    }
}
