//! One step of a two-sex cohort-component projection: everybody grows a group older, some die, some
//! move, women bear children. Entry point: [`step`].

use crate::error::{Error, Result};
use crate::msg;

/// A number for males and one for females.
pub type Sexes<T> = [T; 2];

/// Index of males in [`Sexes`].
pub const MALE: usize = 0;
/// Index of females in [`Sexes`].
pub const FEMALE: usize = 1;

/// Age groups of one width, from 0, the last one open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// Years of a group and of a step.
    pub width: usize,
    /// How many groups.
    pub count: usize,
}

impl Ages {
    /// The youngest age of a group.
    #[must_use]
    pub fn from(self, group: usize) -> usize {
        group * self.width
    }

    /// The group that holds an age.
    #[must_use]
    pub fn group(self, age: usize) -> usize {
        (age / self.width).min(self.count - 1)
    }
}

/// When migrants come and go within a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Convention {
    /// All at the end: they are not exposed to births and deaths of the step (United Nations).
    End,
    /// Half at the start, half at the end (Preston, Heuveline & Guillot).
    #[default]
    Even,
}

/// What happens in one step.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// Births per woman and year, by group.
    pub fertility: Vec<f64>,
    /// Share that survives into each group: newborn children into the first, the two oldest
    /// groups together into the last.
    pub survival: Sexes<Vec<f64>>,
    /// Net migrants of the step by group.
    pub migration: Sexes<Vec<f64>>,
    /// Boys born per girl.
    pub boys_per_girl: f64,
}

/// A population after a step, and what happened on the way, by group at the end of the step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The population.
    pub population: Sexes<Vec<f64>>,
    /// Children born.
    pub births: Sexes<f64>,
    /// Births by the group of the mother.
    pub births_by_mother: Vec<f64>,
    /// Deaths by the group that the dead would have reached.
    pub deaths: Sexes<Vec<f64>>,
    /// Net migrants by the group they are in at the end.
    pub migration: Sexes<Vec<f64>>,
    /// Emigrants that were not there to leave: left out of `migration`.
    pub clipped: f64,
}

impl Step {
    /// What the balance of the step leaves unexplained: 0 but for rounding.
    #[must_use]
    pub fn residual(&self, start: &Sexes<Vec<f64>>) -> f64 {
        let sum = |of: &Sexes<Vec<f64>>| of.iter().flatten().sum::<f64>();
        sum(&self.population) - sum(start) - self.births.iter().sum::<f64>() + sum(&self.deaths)
            - sum(&self.migration)
    }
}

/// Projects `start` by one step.
///
/// # Errors
/// When the rates are for other age groups.
pub fn step(
    ages: Ages,
    start: &Sexes<Vec<f64>>,
    rates: &Rates,
    convention: Convention,
) -> Result<Step> {
    let count = ages.count;
    let fits = |of: &Sexes<Vec<f64>>| of.iter().all(|values| values.len() == count);
    if count < 2
        || rates.fertility.len() != count
        || ![start, &rates.survival, &rates.migration]
            .into_iter()
            .all(fits)
    {
        return Err(Error::work(msg!(
            "the rates are for other age groups than the population",
            "率的年龄组与人口的年龄组不一致"
        )));
    }
    // What of the migrants comes at the start, and what at the end.
    let early = match convention {
        Convention::End => 0.0,
        Convention::Even => 0.5,
    };
    let mut clipped = 0.0;
    let mut moved = Sexes::default();
    let mut deaths = Sexes::default();
    let mut end = Sexes::default();
    for sex in [MALE, FEMALE] {
        let (here, movers) = (&start[sex], &rates.migration[sex]);
        let mut exposed = Vec::with_capacity(count);
        let mut came = vec![0.0; count];
        for group in 0..count {
            let change = early * movers[group];
            let after = (here[group] + change).max(0.0);
            clipped += after - here[group] - change;
            came[(group + 1).min(count - 1)] += after - here[group];
            exposed.push(after);
        }
        let mut dead = vec![0.0; count];
        let mut alive = vec![0.0; count];
        for group in 1..count {
            let mut older = exposed[group - 1];
            if group == count - 1 {
                older += exposed[group];
            }
            alive[group] = older * rates.survival[sex][group];
            dead[group] = older - alive[group];
        }
        (moved[sex], deaths[sex], end[sex]) = (came, dead, alive);
    }
    // Children of half the migrants are born here; those of migrants at the end are not.
    let years = ages.width as f64;
    let women = |group: usize| {
        let change = early * rates.migration[FEMALE][group];
        let first = (start[FEMALE][group] + change).max(0.0);
        (first + (end[FEMALE][group] + change).max(0.0)) / 2.0
    };
    let births_by_mother: Vec<f64> = (0..count)
        .map(|group| match rates.fertility[group] {
            0.0 => 0.0,
            rate => years * rate * women(group),
        })
        .collect();
    let born: f64 = births_by_mother.iter().sum();
    let girls = born / (1.0 + rates.boys_per_girl);
    let births = [born - girls, girls];
    for sex in [MALE, FEMALE] {
        end[sex][0] = births[sex] * rates.survival[sex][0];
        deaths[sex][0] = births[sex] - end[sex][0];
        for group in 0..count {
            let change = (1.0 - early) * rates.migration[sex][group];
            let after = (end[sex][group] + change).max(0.0);
            clipped += after - end[sex][group] - change;
            moved[sex][group] += after - end[sex][group];
            end[sex][group] = after;
        }
    }
    Ok(Step {
        population: end,
        births,
        births_by_mother,
        deaths,
        migration: moved,
        clipped,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Sweden, females, 1993 (Preston et al. 2001, box 6.1 and 6.2).
    const WOMEN: [f64; 18] = [
        293395.0, 248369.0, 240012.0, 261346.0, 285209.0, 314388.0, 281290.0, 286923.0, 304108.0,
        324946.0, 247613.0, 211351.0, 215140.0, 221764.0, 223506.0, 183654.0, 141990.0, 112424.0,
    ];
    // Person-years lived; the last one is T85.
    const LIVED: [f64; 18] = [
        497487.0, 497138.0, 496901.0, 496531.0, 495902.0, 495168.0, 494213.0, 492760.0, 490447.0,
        486613.0, 480665.0, 471786.0, 457852.0, 436153.0, 402775.0, 350358.0, 271512.0, 291707.0,
    ];
    const FERTILITY: [f64; 7] = [0.012, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003];
    const MIGRANTS: [f64; 18] = [
        6840.0, 4150.0, 3365.0, 5270.0, 9240.0, 8230.0, 5470.0, 3155.0, 1770.0, 1115.0, 1075.0,
        845.0, 645.0, 530.0, 465.0, 300.0, 250.0, 175.0,
    ];
    const AFTER: [f64; 18] = [
        302392.0, 298682.0, 252007.0, 244150.0, 268267.0, 293515.0, 320624.0, 284767.0, 288031.0,
        303166.0, 322062.0, 243989.0, 205841.0, 205516.0, 205270.0, 194771.0, 142565.0, 131966.0,
    ];

    const FIVE: Ages = Ages {
        width: 5,
        count: 18,
    };

    fn sweden(migrants: [f64; 18]) -> (Sexes<Vec<f64>>, Rates) {
        let mut survival = vec![LIVED[0] / 500_000.0];
        survival.extend((1..17).map(|group| LIVED[group] / LIVED[group - 1]));
        survival.push(LIVED[17] / (LIVED[16] + LIVED[17]));
        let mut fertility = vec![0.0; 18];
        fertility[3..10].copy_from_slice(&FERTILITY);
        let rates = Rates {
            fertility,
            survival: [survival.clone(), survival],
            migration: [migrants.to_vec(), migrants.to_vec()],
            boys_per_girl: 1.05,
        };
        ([WOMEN.to_vec(), WOMEN.to_vec()], rates)
    }

    #[test]
    fn the_textbook_projection_comes_out() {
        let (start, rates) = sweden(MIGRANTS);
        let found = step(FIVE, &start, &rates, Convention::Even).unwrap();
        for (group, expected) in AFTER.iter().enumerate() {
            let here = found.population[FEMALE][group];
            assert!((here - expected).abs() < 1.0, "{group}: {here} {expected}");
        }
        let births: f64 = found.births.iter().sum();
        assert!((births - 615_989.0).abs() < 2.0, "{births}");
        assert!((found.population[MALE][0] - 317_340.0).abs() < 1.0);
        assert!(found.residual(&start).abs() < 1e-6 && found.clipped == 0.0);
    }

    #[test]
    fn without_migration_both_conventions_agree() {
        let (start, rates) = sweden([0.0; 18]);
        let end = step(FIVE, &start, &rates, Convention::End).unwrap();
        assert_eq!(end, step(FIVE, &start, &rates, Convention::Even).unwrap());
        let women = |step: &Step| step.population[FEMALE].iter().sum::<f64>();
        assert!((women(&end) - 4_449_570.0).abs() < 1.0);
        assert!((end.births.iter().sum::<f64>() - 604_866.4).abs() < 0.1);
        let later = step(FIVE, &end.population, &rates, Convention::End).unwrap();
        assert!((women(&later) - 4_478_712.0).abs() < 1.0);
    }

    #[test]
    fn migrants_at_the_end_neither_die_nor_bear() {
        let (start, mut rates) = sweden([0.0; 18]);
        let without = step(FIVE, &start, &rates, Convention::End).unwrap();
        rates.migration = [MIGRANTS.to_vec(), MIGRANTS.to_vec()];
        let with = step(FIVE, &start, &rates, Convention::End).unwrap();
        assert_eq!(
            (with.births, &with.deaths),
            (without.births, &without.deaths)
        );
        for group in 0..18 {
            let more = with.population[FEMALE][group] - without.population[FEMALE][group];
            assert!((more - MIGRANTS[group]).abs() < 1e-9);
        }
    }

    #[test]
    fn nobody_born_dead_or_moved_is_a_shift() {
        let ages = Ages {
            width: 1,
            count: 101,
        };
        let start: Vec<f64> = (0..101).map(|age| 1000.0 - 7.0 * f64::from(age)).collect();
        let start = [start.clone(), start];
        let rates = Rates {
            fertility: vec![0.0; 101],
            survival: [vec![1.0; 101], vec![1.0; 101]],
            migration: [vec![0.0; 101], vec![0.0; 101]],
            boys_per_girl: 1.06,
        };
        let found = step(ages, &start, &rates, Convention::Even).unwrap();
        for sex in [MALE, FEMALE] {
            let (before, after) = (&start[sex], &found.population[sex]);
            assert_eq!(after[0], 0.0);
            assert_eq!(after[1..100], before[..99]);
            assert_eq!(after[100], before[99] + before[100]);
            assert!(found.deaths[sex].iter().all(|dead| *dead == 0.0));
        }
    }

    #[test]
    fn more_cannot_leave_than_are_there() {
        let (start, mut rates) = sweden([0.0; 18]);
        rates.migration[MALE][4] = -1e6;
        for convention in [Convention::End, Convention::Even] {
            let found = step(FIVE, &start, &rates, convention).unwrap();
            assert!(found.clipped > 0.0 && found.residual(&start).abs() < 1e-6);
            assert!(found.population.iter().flatten().all(|count| *count >= 0.0));
        }
    }

    #[test]
    fn rates_for_other_ages_are_refused() {
        let (start, rates) = sweden([0.0; 18]);
        let other = Ages {
            width: 5,
            count: 17,
        };
        assert!(step(other, &start, &rates, Convention::End).is_err());
    }
}
