//! Axes: where the ticks of numbers stand, at 1, 2 or 5 times a power of ten.

use super::number::plain;

/// A scale of numbers with its ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// The value of the first tick.
    pub(super) from: f64,
    /// The distance between ticks.
    pub(super) step: f64,
    /// How many steps there are, at least one.
    pub(super) steps: usize,
}

impl Axis {
    /// The axis that covers `low` to `high` in at most `most` steps and begins and ends on a
    /// tick. Zero is on it when that costs less than half of the room.
    pub(super) fn covering(low: f64, high: f64, most: usize) -> Self {
        let (mut low, mut high) = (low.min(high), high.max(low));
        if low > 0.0 && low < 0.5 * high {
            low = 0.0;
        } else if high < 0.0 && high > 0.5 * low {
            high = 0.0;
        }
        let magnitude = low.abs().max(high.abs());
        if high - low <= magnitude * 1e-9 || high - low < 1e-290 {
            // All equal: seen from zero.
            (low, high) = if magnitude < 1e-280 {
                (0.0, 1.0)
            } else {
                (low.min(0.0), high.max(0.0))
            };
        }
        let most = most.max(1);
        let mut step = nice((high - low) / super::number::length(most));
        loop {
            let first = (low / step + 1e-9).floor();
            let last = (high / step - 1e-9).ceil();
            let steps = super::number::whole(last - first).max(1);
            if steps <= most || !step.is_finite() {
                return Self {
                    from: first * step,
                    step,
                    steps: steps.min(most),
                };
            }
            step = nice(step * 1.5);
        }
    }

    /// The value at the end.
    pub(super) fn to(&self) -> f64 {
        self.tick(self.steps)
    }

    /// The value of tick `at`.
    pub(super) fn tick(&self, at: usize) -> f64 {
        let value = self.from + self.step * super::number::length(at);
        if value.abs() < self.step * 1e-6 {
            0.0
        } else {
            value
        }
    }

    /// How far along the axis the value is, from 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        let span = self.to() - self.from;
        if span > 0.0 {
            ((value - self.from) / span).clamp(0.0, 1.0)
        } else {
            0.5
        }
    }

    /// The texts of the ticks, from the first.
    pub(super) fn labels(&self, percent: bool) -> Vec<String> {
        let decimals = decimals(self.step);
        (0..=self.steps)
            .map(|at| {
                let mut text = plain(self.tick(at), decimals);
                if percent {
                    text.push('%');
                }
                text
            })
            .collect()
    }
}

/// The decimals that multiples of a nice step need.
pub(super) fn decimals(step: f64) -> usize {
    (0..6)
        .find(|decimals| {
            let scaled = step * 10f64.powi(*decimals);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1e-300) && scaled >= 0.5
        })
        .map_or(6, |decimals| usize::try_from(decimals).unwrap_or(0))
}

/// The smallest of 1, 2 and 5 times a power of ten that is not less than `step`.
pub(super) fn nice(step: f64) -> f64 {
    if !(step.is_finite() && step > 1e-300) {
        return 1.0;
    }
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|candidate| *candidate >= step * (1.0 - 1e-9))
        .unwrap_or(step)
}

/// The smallest step of whole numbers at 1, 2 or 5 times a power of ten that gives at most `most`
/// ticks between `low` and `high`.
pub(super) fn whole_step(span: i64, most: usize) -> i64 {
    let most = i64::try_from(most).unwrap_or(i64::MAX).max(1);
    let mut power = 1_i64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if span / step < most || step == i64::MAX {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_nice_and_cover_the_values() {
        for (low, high, most, labels) in [
            (0.0, 1234.0, 5, vec!["0", "500", "1,000", "1,500"]),
            (300.0, 1234.0, 5, vec!["0", "500", "1,000", "1,500"]),
            (
                900.0,
                1234.0,
                4,
                vec!["900", "1,000", "1,100", "1,200", "1,300"],
            ),
            (-3.0, 2.5, 4, vec!["-4", "-2", "0", "2", "4"]),
            (0.0, 0.03, 3, vec!["0.00", "0.01", "0.02", "0.03"]),
            (7.0, 7.0, 4, vec!["0", "2", "4", "6", "8"]),
            (0.0, 0.0, 2, vec!["0.0", "0.5", "1.0"]),
        ] {
            assert_eq!(Axis::covering(low, high, most).labels(false), labels);
        }
    }

    #[test]
    fn any_numbers_have_an_axis() {
        for (low, high) in [
            (1e300, 1e300),
            (-1e300, 1e300),
            (5e-324, 1e-320),
            (1e16, 1e16 + 2.0),
            (0.1 + 0.2, 0.3),
            (-5e-324, 0.0),
            (1e-300, 1e300),
        ] {
            for most in [1, 2, 3, 7, 20] {
                let axis = Axis::covering(low, high, most);
                assert!(
                    axis.steps >= 1 && axis.steps <= most,
                    "{low} {high} {axis:?}"
                );
                for value in [low, high] {
                    assert!((0.0..=1.0).contains(&axis.share(value)));
                }
                assert_eq!(axis.labels(true).len(), axis.steps + 1);
            }
        }
    }

    #[test]
    fn whole_steps_never_make_too_many_ticks() {
        assert_eq!(whole_step(10, 11), 1);
        assert_eq!(whole_step(10, 6), 2);
        assert_eq!(whole_step(100, 5), 50);
        assert_eq!(whole_step(0, 1), 1);
        assert!(whole_step(i64::MAX, 2) > 0);
    }
}
