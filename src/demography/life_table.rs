//! Life tables from death rates: abridged (0, 1–4, 5–9 …), by single years or in groups of any
//! width, the last group open (Preston, Heuveline & Guillot 2001, chapter 3).
//! Entry point: [`LifeTable::from_rates`].

use crate::domain::rate::normal_limits;

/// Whose life table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// Males.
    Male,
    /// Females.
    Female,
}

/// How long those who die in infancy live on average, from the infant death rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Infants {
    /// Coale and Demeny 1983, West.
    CoaleDemeny,
    /// Andreev and Kingkade 2015, as the United Nations since 2015: right for low mortality.
    #[default]
    AndreevKingkade,
}

/// An age group of a life table; the radix is 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The youngest age.
    pub from: f64,
    /// Years covered; `None` in the open group.
    pub width: Option<f64>,
    /// Deaths per person-year (nmx).
    pub rate: f64,
    /// Years lived in the group by those who die in it (nax).
    pub lived_by_dying: f64,
    /// Probability of dying in the group (nqx).
    pub dying: f64,
    /// Survivors to its youngest age (lx).
    pub survivors: f64,
    /// Person-years lived in the group (nLx).
    pub lived: f64,
    /// Person-years lived from its youngest age on (Tx).
    pub beyond: f64,
    /// Further life expected at its youngest age (ex).
    pub expectancy: f64,
}

/// A life table.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeTable {
    rows: Vec<Row>,
}

impl LifeTable {
    /// From death rates by age, youngest first; `ages` are the youngest ages of the groups.
    ///
    /// `None` when ages do not ascend from 0, a rate is negative or the last one is not positive.
    #[must_use]
    pub fn from_rates(ages: &[f64], rates: &[f64], sex: Sex, infants: Infants) -> Option<Self> {
        let lived = lived_by_dying(ages, rates, sex, infants)?;
        Self::with_lived_by_dying(ages, rates, &lived)
    }

    /// The same with the years lived by the dying (nax) given; the last of them is not used.
    #[must_use]
    pub fn with_lived_by_dying(ages: &[f64], rates: &[f64], lived: &[f64]) -> Option<Self> {
        let last = ages.len().checked_sub(1)?;
        let sound = rates.len() == ages.len()
            && lived.len() == ages.len()
            && ages[0] == 0.0
            && ages.windows(2).all(|pair| pair[0] < pair[1])
            && rates.iter().all(|rate| rate.is_finite() && *rate >= 0.0)
            && rates[last] > 0.0;
        if !sound {
            return None;
        }
        let mut survivors = 1.0;
        let mut rows = Vec::with_capacity(ages.len());
        for (at, (&from, &rate)) in ages.iter().zip(rates).enumerate() {
            let width = ages.get(at + 1).map(|next| next - from);
            let (years, dying) = match width {
                Some(width) => {
                    let chance = width * rate / (1.0 + (width - lived[at]) * rate);
                    (lived[at], chance.min(1.0))
                }
                None => (1.0 / rate, 1.0),
            };
            let dead = survivors * dying;
            let alive = survivors - dead;
            rows.push(Row {
                from,
                width,
                rate,
                lived_by_dying: years,
                dying,
                survivors,
                lived: match width {
                    Some(width) => width * alive + years * dead,
                    None => survivors / rate,
                },
                beyond: 0.0,
                expectancy: 0.0,
            });
            survivors = alive;
        }
        let mut beyond = 0.0;
        for row in rows.iter_mut().rev() {
            beyond += row.lived;
            row.beyond = beyond;
            row.expectancy = if row.survivors > 0.0 {
                beyond / row.survivors
            } else {
                0.0
            };
        }
        Some(Self { rows })
    }

    /// The groups, youngest first.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Life expectancy at birth.
    #[must_use]
    pub fn expectancy(&self) -> f64 {
        self.rows.first().map_or(0.0, |row| row.expectancy)
    }

    /// The row that starts at an age.
    #[must_use]
    pub fn at(&self, age: f64) -> Option<&Row> {
        self.rows.iter().find(|row| row.from == age)
    }

    /// Variance of the life expectancy at `age`, from the deaths behind the rates (Chiang 1984;
    /// the open group by Silcocks, Jenner & Reza 2001).
    #[must_use]
    pub fn variance(&self, deaths: &[f64], age: f64) -> Option<f64> {
        let start = self.rows.iter().position(|row| row.from == age)?;
        let first = self.rows.get(start)?.survivors;
        if deaths.len() != self.rows.len() || first <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        for (at, row) in self.rows.iter().enumerate().skip(start) {
            let count = deaths[at];
            if row.dying == 0.0 {
                continue;
            }
            if count <= 0.0 {
                return None;
            }
            sum += match (row.width, self.rows.get(at + 1)) {
                (Some(width), Some(next)) => {
                    let chance = row.dying.powi(2) * (1.0 - row.dying) / count;
                    let years = width - row.lived_by_dying + next.expectancy;
                    (row.survivors * years).powi(2) * chance
                }
                _ => (row.survivors / row.rate).powi(2) / count,
            };
        }
        Some(sum / first.powi(2))
    }

    /// Limits of the life expectancy at `age`; `confidence` such as 0.95.
    #[must_use]
    pub fn expectancy_limits(
        &self,
        deaths: &[f64],
        age: f64,
        confidence: f64,
    ) -> Option<(f64, f64)> {
        let variance = self.variance(deaths, age)?;
        normal_limits(self.at(age)?.expectancy, variance.sqrt(), confidence)
    }

    /// Who survives a step of `width` years *into* each of `count` groups of that width, the last
    /// one open: newborn children into the first, the two oldest groups together into the last.
    ///
    /// `None` when a group starts at an age that is no boundary of this table.
    #[must_use]
    pub fn survival(&self, width: usize, count: usize) -> Option<Vec<f64>> {
        if count < 2 {
            return None;
        }
        let beyond: Vec<f64> = (0..count)
            .map(|group| self.at((group * width) as f64).map(|row| row.beyond))
            .collect::<Option<_>>()?;
        let lived = |group: usize| beyond[group] - beyond[group + 1];
        let ratio = |top: f64, bottom: f64| if bottom > 0.0 { top / bottom } else { 0.0 };
        let mut ratios = vec![ratio(lived(0), width as f64)];
        ratios.extend((1..count - 1).map(|group| ratio(lived(group), lived(group - 1))));
        ratios.push(ratio(beyond[count - 1], beyond[count - 2]));
        Some(ratios)
    }
}

/// Years lived by those who die, by age group (nax); 1/M in the open group.
fn lived_by_dying(ages: &[f64], rates: &[f64], sex: Sex, infants: Infants) -> Option<Vec<f64>> {
    let last = ages.len().checked_sub(1)?;
    if rates.len() != ages.len() {
        return None;
    }
    let mut years = Vec::with_capacity(ages.len());
    let mut growth = None;
    for at in 0..last {
        let (width, rate) = (ages[at + 1] - ages[at], rates[at]);
        let of_group = match (ages[at], width) {
            (0.0, 1.0) => infant_years(rate, sex, infants),
            (0.0, 5.0) => first_five_years(rate),
            (1.0, 4.0) => toddler_years(rates[0], sex),
            (from, 5.0) if from >= 15.0 => {
                // Greville 1943: the rate grows by `k` a year around the group.
                if at + 1 < last && rates[at - 1] > 0.0 && rates[at + 1] > 0.0 {
                    growth = Some(0.1 * (rates[at + 1] / rates[at - 1]).ln());
                }
                let greville = growth.map_or(2.5, |k| 2.5 - 25.0 / 12.0 * (rate - k));
                let least = if from >= 45.0 { 0.97 } else { 0.0 };
                greville.clamp(least, 5.0)
            }
            (_, width) => width / 2.0,
        };
        years.push(of_group);
    }
    years.push(1.0 / rates[last]);
    Some(years)
}

fn infant_years(rate: f64, sex: Sex, infants: Infants) -> f64 {
    match (infants, sex) {
        (Infants::CoaleDemeny, Sex::Male) if rate < 0.107 => 0.045 + 2.684 * rate,
        (Infants::CoaleDemeny, Sex::Male) => 0.33,
        (Infants::CoaleDemeny, Sex::Female) if rate < 0.107 => 0.053 + 2.8 * rate,
        (Infants::CoaleDemeny, Sex::Female) => 0.35,
        (Infants::AndreevKingkade, Sex::Male) if rate < 0.0230 => 0.14929 - 1.99545 * rate,
        (Infants::AndreevKingkade, Sex::Male) if rate < 0.08307 => 0.02832 + 3.26021 * rate,
        (Infants::AndreevKingkade, Sex::Male) => 0.29915,
        (Infants::AndreevKingkade, Sex::Female) if rate < 0.01724 => 0.14903 - 2.05527 * rate,
        (Infants::AndreevKingkade, Sex::Female) if rate < 0.06891 => 0.04667 + 3.88089 * rate,
        (Infants::AndreevKingkade, Sex::Female) => 0.31411,
    }
}

/// 4a1 of Coale and Demeny's West tables.
fn toddler_years(infant_rate: f64, sex: Sex) -> f64 {
    match sex {
        Sex::Male if infant_rate < 0.107 => 1.651 - 2.816 * infant_rate,
        Sex::Male => 1.352,
        Sex::Female if infant_rate < 0.107 => 1.522 - 1.518 * infant_rate,
        Sex::Female => 1.361,
    }
}

/// Where only 0–4 is known: most of the dying are infants, fewer of them where many die.
fn first_five_years(rate: f64) -> f64 {
    (0.45 + 15.0 * rate).min(1.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGES: [f64; 19] = [
        0.0, 1.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 65.0,
        70.0, 75.0, 80.0, 85.0,
    ];

    // Austria, males, 1992 (Preston et al. 2001, box 3.1).
    const DEATHS: [f64; 19] = [
        419.0, 70.0, 36.0, 46.0, 249.0, 420.0, 403.0, 441.0, 508.0, 769.0, 1154.0, 1866.0, 2043.0,
        3496.0, 4366.0, 4337.0, 5279.0, 6460.0, 6146.0,
    ];
    const PERSONS: [f64; 19] = [
        47925.0, 189127.0, 234793.0, 238790.0, 254996.0, 326831.0, 355086.0, 324222.0, 269963.0,
        261971.0, 238011.0, 261612.0, 181385.0, 187962.0, 153832.0, 105169.0, 73694.0, 57512.0,
        32248.0,
    ];
    const LIVED_BY_DYING: [f64; 19] = [
        0.068, 1.626, 2.5, 3.143, 2.724, 2.52, 2.481, 2.601, 2.701, 2.663, 2.698, 2.676, 2.645,
        2.624, 2.619, 2.593, 2.518, 2.423, 5.247,
    ];

    fn rates() -> Vec<f64> {
        DEATHS.iter().zip(PERSONS).map(|(d, p)| d / p).collect()
    }

    #[test]
    fn the_life_table_of_the_textbook_comes_out() {
        let table = LifeTable::with_lived_by_dying(&AGES, &rates(), &LIVED_BY_DYING).unwrap();
        for (age, expected) in [(0.0, 72.889), (1.0, 72.526), (65.0, 14.971), (85.0, 5.247)] {
            let found = table.at(age).unwrap().expectancy;
            assert!((found - expected).abs() < 6e-4, "{age}: {found}");
        }
        let row = table.at(40.0).unwrap();
        assert!((row.dying - 0.014_577_2).abs() < 1e-6 && (row.survivors - 0.95588).abs() < 6e-6);
        assert!((row.lived - 4.74686).abs() < 2e-5 && (row.beyond - 33.69639).abs() < 1e-4);
    }

    // Computed by others with the rules' own years lived by the dying instead of the book's.
    #[test]
    fn rules_for_the_dying_change_little() {
        for (infants, expected) in [
            (Infants::CoaleDemeny, 72.8968),
            (Infants::AndreevKingkade, 72.8970),
        ] {
            let table = LifeTable::from_rates(&AGES, &rates(), Sex::Male, infants).unwrap();
            let found = table.expectancy();
            assert!((found - expected).abs() < 1e-3, "{infants:?}: {found}");
        }
    }

    #[test]
    fn the_interval_of_the_expectancy_shrinks_with_deaths() {
        let table =
            LifeTable::from_rates(&AGES, &rates(), Sex::Male, Infants::AndreevKingkade).unwrap();
        let variance = table.variance(&DEATHS, 0.0).unwrap();
        let few: Vec<f64> = DEATHS.iter().map(|count| count / 100.0).collect();
        assert!((table.variance(&few, 0.0).unwrap() / variance - 100.0).abs() < 1e-9);
        let (lower, upper) = table.expectancy_limits(&DEATHS, 0.0, 0.95).unwrap();
        // 38 thousand deaths tell the expectancy to about a tenth of a year.
        assert!(
            upper - lower > 0.25 && upper - lower < 0.45,
            "{lower} {upper}"
        );
        assert_eq!(table.variance(&[1.0], 0.0), None);
    }

    #[test]
    fn no_deaths_in_a_group_is_no_dying_there() {
        let mut rates = rates();
        rates[3] = 0.0;
        let table =
            LifeTable::from_rates(&AGES, &rates, Sex::Female, Infants::CoaleDemeny).unwrap();
        assert_eq!(table.at(10.0).unwrap().dying, 0.0);
        rates[18] = 0.0;
        let open = LifeTable::from_rates(&AGES, &rates, Sex::Female, Infants::CoaleDemeny);
        assert_eq!(open, None);
    }

    // Sweden, females, 1993: the survival of box 6.2 from the person-years of box 6.1.
    #[test]
    fn survival_is_into_the_group() {
        let ages: Vec<f64> = (0..=85).map(f64::from).collect();
        let rates: Vec<f64> = (0..=85)
            .map(|age| 0.0005 * (0.085 * f64::from(age)).exp())
            .collect();
        let table = LifeTable::from_rates(&ages, &rates, Sex::Female, Infants::default()).unwrap();
        let ratios = table.survival(5, 18).unwrap();
        let lived =
            |from: f64, to: f64| table.at(from).unwrap().beyond - table.at(to).unwrap().beyond;
        assert!((ratios[0] - lived(0.0, 5.0) / 5.0).abs() < 1e-12);
        assert!((ratios[3] - lived(15.0, 20.0) / lived(10.0, 15.0)).abs() < 1e-12);
        let open = table.at(85.0).unwrap().beyond / table.at(80.0).unwrap().beyond;
        assert!((ratios[17] - open).abs() < 1e-12);
        assert_eq!(table.survival(10, 12), None);
    }
}
