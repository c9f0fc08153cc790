//! Schedules to borrow where a county's own data are too thin: how fertility and the moves of
//! people depend on age, and a life table for any life expectancy.
//! Entry points: [`fertility_pattern`], [`survival`], [`mobility`].

use super::input::survival_of_rates;
use super::project::{Ages, Sexes};

/// Share of a woman's children by five-year groups from 15: China's pattern after 2015, which is
/// about that of any country with late, low fertility (mean age 28.7).
const PATTERN: [f64; 7] = [0.035, 0.225, 0.345, 0.255, 0.105, 0.028, 0.007];

/// Births per woman and year at a total fertility of 1.
pub(super) fn fertility_pattern(ages: Ages) -> Vec<f64> {
    let at = |age: usize| match age.checked_sub(15).map(|age| age / 5) {
        Some(group) => PATTERN.get(group).copied().unwrap_or(0.0) / 5.0,
        None => 0.0,
    };
    (0..ages.count)
        .map(|group| {
            let from = ages.from(group);
            (from..from + ages.width).map(at).sum::<f64>() / ages.width as f64
        })
        .collect()
}

/// Death rates of a low-mortality population by single ages to 110 (Siler 1979): the dying of
/// infants, of accidents, of age.
fn standard(sex: usize) -> Vec<f64> {
    let (infant, accident, age, growth) = if sex == 0 {
        (0.0050, 0.000_55, 0.000_032, 0.0960)
    } else {
        (0.0043, 0.000_20, 0.000_011, 0.1040)
    };
    let at = |x: f64| {
        infant * (-1.3 * x).exp() + accident * (1.0 - (-0.12 * x).exp()) + age * (growth * x).exp()
    };
    (0..=110).map(|x| at(f64::from(x))).collect()
}

/// Survival into each group of a life table with this life expectancy at birth.
pub(super) fn survival(ages: Ages, sex: usize, expectancy: f64) -> Option<Vec<f64>> {
    use crate::demography::{Infants, LifeTable, Sex};
    let standard = standard(sex);
    let starts: Vec<f64> = (0..standard.len()).map(|age| age as f64).collect();
    let of = if sex == 0 { Sex::Male } else { Sex::Female };
    let scaled = |factor: f64| {
        standard
            .iter()
            .map(|rate| rate * factor)
            .collect::<Vec<_>>()
    };
    let reached = |factor: f64| {
        LifeTable::from_rates(&starts, &scaled(factor), of, Infants::default())
            .map(|table| table.expectancy())
    };
    let (mut low, mut high) = (1e-3_f64, 1e2_f64);
    for _ in 0..60 {
        let middle = (low * high).sqrt();
        if reached(middle)? > expectancy {
            low = middle;
        } else {
            high = middle;
        }
    }
    let starts: Vec<usize> = (0..standard.len()).collect();
    survival_of_rates(&starts, &scaled((low * high).sqrt()), sex, ages)
}

/// How much more the people of a group move than others: young adults, and children with them
/// (after Rogers & Castro 1981).
pub(super) fn mobility(ages: Ages) -> Vec<f64> {
    let at =
        |age: f64| 0.25 + 0.6 * (-0.12 * age).exp() + 1.5 * (-((age - 23.0) / 7.0).powi(2)).exp();
    (0..ages.count)
        .map(|group| at(ages.from(group) as f64 + ages.width as f64 / 2.0))
        .collect()
}

/// Both sexes' survival: women live about five years longer.
pub(super) fn both(ages: Ages, expectancy: f64) -> Option<Sexes<Vec<f64>>> {
    Some([
        survival(ages, 0, expectancy - 2.5)?,
        survival(ages, 1, expectancy + 2.5)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_one_child() {
        for ages in [
            Ages {
                width: 1,
                count: 101,
            },
            Ages {
                width: 5,
                count: 18,
            },
        ] {
            let sum: f64 = fertility_pattern(ages).iter().sum();
            assert!((sum * ages.width as f64 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn the_borrowed_table_has_the_expectancy_asked_for() {
        let ages = Ages {
            width: 1,
            count: 111,
        };
        for (sex, expectancy) in [(0, 75.0), (1, 85.0), (0, 60.0)] {
            let ratios = survival(ages, sex, expectancy).unwrap();
            // Person-years: newborn children survive into age 0, those into age 1 …
            let mut alive = 1.0;
            let mut lived = 0.0;
            for ratio in &ratios[..110] {
                alive *= ratio;
                lived += alive;
            }
            assert!(
                (lived - expectancy).abs() < 0.3,
                "{sex} {expectancy} {lived}"
            );
        }
    }
}
