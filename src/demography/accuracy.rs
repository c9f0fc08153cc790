//! How well ages were stated: heaping on round ages, and the joint accuracy of age and sex.
//! Entry points: [`whipple`], [`myers`], [`age_sex_accuracy`].

/// Whipple's index of `persons` by single years of age from 0: 100 = no preference for ages that
/// end in 0 or 5, 500 = only such ages were stated.
#[must_use]
pub fn whipple(persons: &[f64]) -> Option<f64> {
    let all: f64 = persons.get(23..=62)?.iter().sum();
    let round: f64 = (25..=60).step_by(5).map(|age| persons[age]).sum();
    (all > 0.0).then(|| 100.0 * 5.0 * round / all)
}

/// Myers' blended index of `persons` by single years of age from 0, over ages 10–89: 0 = no
/// preference for any last digit, 90 = one digit only.
#[must_use]
pub fn myers(persons: &[f64]) -> Option<f64> {
    persons.get(..90)?;
    let sum =
        |from: usize, to: usize| -> f64 { (from..to).step_by(10).map(|age| persons[age]).sum() };
    let blended: Vec<f64> = (0..10)
        .map(|digit| {
            let weight = digit as f64 + 1.0;
            weight * sum(10 + digit, 80) + (10.0 - weight) * sum(20 + digit, 90)
        })
        .collect();
    let total: f64 = blended.iter().sum();
    let apart = |of_digit: &f64| (of_digit / total - 0.1).abs();
    (total > 0.0).then(|| 50.0 * blended.iter().map(apart).sum::<f64>())
}

/// The United Nations' accuracy of age and sex: below 20 accurate, to 40 inaccurate, above highly
/// inaccurate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgeSexAccuracy {
    /// Mean distance of the age ratios of males from 100.
    pub male_ages: f64,
    /// The same of females.
    pub female_ages: f64,
    /// Mean change of the sex ratio from one group to the next.
    pub sex_ratios: f64,
    /// Three times the sex ratios plus the age ratios.
    pub joint: f64,
    /// The same, corrected for a population below a million.
    pub adjusted: f64,
}

/// From five-year groups 0–4 … 70–74 and older ones: those above 74 are left out, but count for
/// the size of the population.
#[must_use]
pub fn age_sex_accuracy(males: &[f64], females: &[f64]) -> Option<AgeSexAccuracy> {
    const GROUPS: usize = 15;
    let (m, f) = (males.get(..GROUPS)?, females.get(..GROUPS)?);
    let positive = |counts: &[f64]| counts.iter().all(|count| *count > 0.0);
    if !(positive(m) && positive(f)) {
        return None;
    }
    let ratios: Vec<f64> = m.iter().zip(f).map(|(m, f)| 100.0 * m / f).collect();
    let changes = ratios.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let sex_ratios = changes.sum::<f64>() / (GROUPS - 1) as f64;
    let ages = |counts: &[f64]| {
        let apart = counts
            .windows(3)
            .map(|of| (200.0 * of[1] / (of[0] + of[2]) - 100.0).abs());
        apart.sum::<f64>() / (GROUPS - 2) as f64
    };
    let (male_ages, female_ages) = (ages(m), ages(f));
    let joint = 3.0 * sex_ratios + male_ages + female_ages;
    let total: f64 = males.iter().chain(females).sum();
    let adjusted = if total < 1e6 {
        joint - 3500.0 / total.sqrt() + 3.5
    } else {
        joint
    };
    Some(AgeSexAccuracy {
        male_ages,
        female_ages,
        sex_ratios,
        joint,
        adjusted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Worked example of the PAS spreadsheet AGESEX, United States Census Bureau.
    const MALES: [f64; 16] = [
        4677e3, 4135e3, 3825e3, 3647e3, 3247e3, 2802e3, 2409e3, 2212e3, 1786e3, 1505e3, 1390e3,
        984e3, 745e3, 537e3, 346e3, 335e3,
    ];
    const FEMALES: [f64; 16] = [
        4544e3, 4042e3, 3735e3, 3647e3, 3309e3, 2793e3, 2353e3, 2112e3, 1691e3, 1409e3, 1241e3,
        887e3, 697e3, 525e3, 348e3, 366e3,
    ];

    #[test]
    fn the_accuracy_index_matches_the_spreadsheet() {
        let found = age_sex_accuracy(&MALES, &FEMALES).unwrap();
        assert!((found.male_ages - 3.907).abs() < 1e-3);
        assert!((found.female_ages - 3.655).abs() < 1e-3);
        assert!((found.sex_ratios - 2.249).abs() < 1e-3);
        assert!((found.joint - 14.308).abs() < 1e-3);
        assert_eq!(found.adjusted, found.joint);
        assert_eq!(age_sex_accuracy(&MALES, &FEMALES[..14]), None);
    }

    #[test]
    fn a_small_population_is_judged_less_strictly() {
        let small = |counts: &[f64]| counts.iter().map(|count| count / 200.0).collect::<Vec<_>>();
        let found = age_sex_accuracy(&small(&MALES), &small(&FEMALES)).unwrap();
        assert!((found.adjusted - 11.81754).abs() < 1e-5, "{found:?}");
        assert!((found.joint - 14.30763).abs() < 1e-5);
    }

    #[test]
    fn heaping_runs_from_none_to_all() {
        let even = vec![100.0; 100];
        assert_eq!(whipple(&even), Some(100.0));
        assert!(myers(&even).unwrap().abs() < 1e-12);
        let on = |step: usize| -> Vec<f64> {
            (0..100)
                .map(|age| if age % step == 0 { 50.0 } else { 0.0 })
                .collect()
        };
        assert_eq!(whipple(&on(5)), Some(500.0));
        assert!((myers(&on(10)).unwrap() - 90.0).abs() < 1e-9);
        assert_eq!((whipple(&[0.0; 100]), myers(&[1.0; 50])), (None, None));
    }
}
