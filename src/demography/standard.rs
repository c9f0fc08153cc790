//! Directly standardised rates. Entry point: [`standardised`].

use crate::domain::rate::byar;

/// A directly standardised rate per person with its limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standardised {
    /// The rate.
    pub rate: f64,
    /// Lower limit (Dobson, Kuulasmaa, Eberle & Scherer 1991).
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// Events behind it; with fewer than 10 it should not be shown.
    pub events: f64,
}

/// Standardises events per person by age group to the `standard` population.
///
/// `None` when lists differ in length, a group has no people, or the confidence is not in (0, 1).
#[must_use]
pub fn standardised(
    events: &[f64],
    persons: &[f64],
    standard: &[f64],
    confidence: f64,
) -> Option<Standardised> {
    let total: f64 = standard.iter().sum();
    let sound = events.len() == persons.len()
        && events.len() == standard.len()
        && persons.iter().all(|count| *count > 0.0)
        && total > 0.0;
    if !sound {
        return None;
    }
    let count: f64 = events.iter().sum();
    let (mut rate, mut variance) = (0.0, 0.0);
    for ((events, persons), weight) in events.iter().zip(persons).zip(standard) {
        let weight = weight / total;
        rate += weight * events / persons;
        variance += weight * weight * events / (persons * persons);
    }
    let (low, high) = byar(count, confidence)?;
    let scale = if count > 0.0 {
        (variance / count).sqrt()
    } else {
        0.0
    };
    Some(Standardised {
        rate,
        lower: rate + scale * (low - count),
        upper: rate + scale * (high - count),
        events: count,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // With one group, or the same rate and people everywhere, Dobson's limits are Byar's.
    #[test]
    fn one_group_gives_the_limits_of_the_count() {
        let found = standardised(&[65.0], &[1000.0], &[7.0], 0.95).unwrap();
        assert!((found.rate - 0.065).abs() < 1e-15);
        assert!((found.lower - 0.050_163_187_710_459_45).abs() < 1e-12);
        assert!((found.upper - 0.082_849_138_545_939_84).abs() < 1e-12);
    }

    #[test]
    fn weights_are_those_of_the_standard() {
        let found = standardised(&[10.0, 90.0], &[1000.0, 1000.0], &[3.0, 1.0], 0.95).unwrap();
        assert!((found.rate - 0.03).abs() < 1e-12);
        // sqrt(V/O) = sqrt((.75² · 10 + .25² · 90) / 1000² / 100).
        let scale = (11.25_f64 / 1e6 / 100.0).sqrt();
        let (low, high) = byar(100.0, 0.95).unwrap();
        assert!((found.lower - (0.03 + scale * (low - 100.0))).abs() < 1e-12);
        assert!((found.upper - (0.03 + scale * (high - 100.0))).abs() < 1e-12);
        assert_eq!(standardised(&[1.0], &[0.0], &[1.0], 0.95), None);
        assert_eq!(standardised(&[1.0], &[1.0], &[1.0], 1.0), None);
    }
}
