//! Measures of fertility from age-specific rates. Entry point: [`Fertility`].

use crate::domain::rate::{gross_reproduction, net_reproduction, total_fertility};

/// Births per woman and year by age group: groups `width` years wide, the first from `youngest` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Fertility {
    /// The youngest age of the first group.
    pub youngest: f64,
    /// Years of each group.
    pub width: f64,
    /// The rates.
    pub rates: Vec<f64>,
}

impl Fertility {
    /// Rates from births and women; births to mothers younger or older than the groups belong
    /// into the first or last. `None` where births have no women.
    #[must_use]
    pub fn from_counts(youngest: f64, width: f64, births: &[f64], women: &[f64]) -> Option<Self> {
        let rate = |(births, women): (&f64, &f64)| match (*births, *women) {
            (births, women) if women > 0.0 => Some(births / women),
            (0.0, _) => Some(0.0),
            _ => None,
        };
        let rates = births.iter().zip(women).map(rate).collect::<Option<_>>()?;
        (births.len() == women.len()).then_some(Self {
            youngest,
            width,
            rates,
        })
    }

    /// Children per woman.
    #[must_use]
    pub fn total(&self) -> f64 {
        total_fertility(&self.rates, self.width)
    }

    /// Daughters per woman.
    #[must_use]
    pub fn gross_reproduction(&self, boys_per_girl: f64) -> f64 {
        gross_reproduction(self.total(), boys_per_girl)
    }

    /// Daughters per woman who survive; `lived` are the person-years of women by the same groups.
    #[must_use]
    pub fn net_reproduction(&self, lived: &[f64], boys_per_girl: f64) -> Option<f64> {
        net_reproduction(&self.rates, lived, boys_per_girl)
    }

    /// Mean age at childbearing: of the rates, not of the births.
    #[must_use]
    pub fn mean_age(&self) -> Option<f64> {
        let sum: f64 = self.rates.iter().sum();
        let middle = |at: usize| self.youngest + (at as f64 + 0.5) * self.width;
        let weighted: f64 = self
            .rates
            .iter()
            .enumerate()
            .map(|(at, rate)| rate * middle(at))
            .sum();
        (sum > 0.0).then(|| weighted / sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Kuwait 1982 (IUSSP, PAPP 103, session 6).
    #[test]
    fn kuwait_comes_out() {
        let births = [66.0, 212.0, 255.0, 213.0, 159.0, 78.0, 33.0];
        let kuwait = Fertility::from_counts(15.0, 5.0, &births, &[1000.0; 7]).unwrap();
        let lived = [4.766, 4.741, 4.707, 4.668, 4.619, 4.556, 4.467];
        assert!((kuwait.total() - 5.08).abs() < 1e-9);
        assert!((kuwait.gross_reproduction(1.05) - 2.478).abs() < 5e-4);
        assert!((kuwait.net_reproduction(&lived, 1.05).unwrap() - 2.3178).abs() < 5e-5);
        let mean = kuwait.mean_age().unwrap();
        assert!((mean - 30.2215).abs() < 1e-3, "{mean}");
    }

    // Test of calculate_nrr in demCore: 1.30 within 0.01.
    #[test]
    fn net_reproduction_of_the_reference() {
        let rates = vec![2e-5, 0.009, 0.1, 0.18, 0.19, 0.11, 0.03];
        let lived = [4.61, 4.55, 4.48, 4.39, 4.30, 4.18, 4.03];
        let found = Fertility {
            youngest: 15.0,
            width: 5.0,
            rates,
        };
        assert!((found.net_reproduction(&lived, 1.057).unwrap() - 1.30).abs() < 0.01);
    }

    #[test]
    fn births_without_women_have_no_rate() {
        assert_eq!(Fertility::from_counts(15.0, 5.0, &[1.0], &[0.0]), None);
        let none = Fertility::from_counts(15.0, 5.0, &[0.0], &[0.0]).unwrap();
        assert_eq!((none.total(), none.mean_age()), (0.0, None));
    }
}
