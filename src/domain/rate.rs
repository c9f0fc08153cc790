//! Rates, their confidence limits, and the measures of fertility and age structure that are more
//! than a quotient. Every function gives `None` where the measure is not defined: never NaN.
//! Entry points: [`wilson`], [`count_limits`], [`sex_ratio`], [`grouped_median`], [`total_fertility`].

use super::gamma::{chi_square_quantile, normal_quantile};

/// Lower and upper limit.
pub type Limits = (f64, f64);

/// Wilson limits of the proportion `x / n` (Wilson 1927); `confidence` such as 0.95.
#[must_use]
pub fn wilson(x: f64, n: f64, confidence: f64) -> Option<Limits> {
    let z = z(confidence)?;
    if !(n > 0.0 && (0.0..=n).contains(&x)) {
        return None;
    }
    let square = z * z;
    let middle = 2.0 * x + square;
    let spread = z * (square + 4.0 * x * (1.0 - x / n)).sqrt();
    let width = 2.0 * (n + square);
    Some((
        ((middle - spread) / width).max(0.0),
        ((middle + spread) / width).min(1.0),
    ))
}

/// Byar limits of a Poisson count (Breslow and Day 1987). The lower limit is not defined below
/// about 3 events and comes out as at least 0.
#[must_use]
pub fn byar(count: f64, confidence: f64) -> Option<Limits> {
    let z = z(confidence)?;
    if !(count >= 0.0 && count.is_finite()) {
        return None;
    }
    let cube = |n: f64, z: f64| n * (1.0 - 1.0 / (9.0 * n) + z / (3.0 * n.sqrt())).powi(3);
    let lower = if count > 0.0 {
        cube(count, -z).max(0.0)
    } else {
        0.0
    };
    Some((lower, cube(count + 1.0, z)))
}

/// Exact limits of a Poisson count (Garwood 1936).
#[must_use]
pub fn exact_poisson(count: f64, confidence: f64) -> Option<Limits> {
    if !(count >= 0.0 && count.is_finite() && confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    let lower = if count > 0.0 {
        chi_square_quantile(tail, 2.0 * count) / 2.0
    } else {
        0.0
    };
    Some((
        lower,
        chi_square_quantile(1.0 - tail, 2.0 * count + 2.0) / 2.0,
    ))
}

/// Limits of a count of events: exact below 10, Byar from 10.
#[must_use]
pub fn count_limits(count: f64, confidence: f64) -> Option<Limits> {
    if count < 10.0 {
        exact_poisson(count, confidence)
    } else {
        byar(count, confidence)
    }
}

/// Limits of the rate `count / population × per`.
#[must_use]
pub fn rate_limits(count: f64, population: f64, per: f64, confidence: f64) -> Option<Limits> {
    if population.is_nan() || population <= 0.0 {
        return None;
    }
    let (lower, upper) = count_limits(count, confidence)?;
    Some((lower / population * per, upper / population * per))
}

/// Males per 100 females.
#[must_use]
pub fn sex_ratio(male: f64, female: f64) -> Option<f64> {
    (female > 0.0 && male >= 0.0).then(|| 100.0 * male / female)
}

/// Limits of the sex ratio: the Wilson limits of the share of males, turned into a ratio.
#[must_use]
pub fn sex_ratio_limits(male: f64, female: f64, confidence: f64) -> Option<Limits> {
    sex_ratio(male, female)?;
    let (lower, upper) = wilson(male, male + female, confidence)?;
    let ratio = |share: f64| 100.0 * share / (1.0 - share);
    Some((ratio(lower), ratio(upper)))
}

/// An age group with its population: the youngest age, the width in years (`None` when open), how many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupCount {
    /// The youngest age.
    pub from: f64,
    /// Years covered; `None` in the open group.
    pub width: Option<f64>,
    /// Persons.
    pub count: f64,
}

/// The median age, interpolated in the group that holds the middle person. Groups youngest first;
/// `None` when nobody is counted or the middle person is in the open group.
#[must_use]
pub fn grouped_median(groups: &[GroupCount]) -> Option<f64> {
    let total: f64 = groups.iter().map(|group| group.count).sum();
    let half = total / 2.0;
    let mut below = 0.0;
    for group in groups {
        if group.count > 0.0 && below + group.count >= half {
            return Some(group.from + group.width? * (half - below) / group.count);
        }
        below += group.count;
    }
    None
}

/// Children per woman from age-specific rates (births per woman and year) of groups `width` years wide.
#[must_use]
pub fn total_fertility(rates: &[f64], width: f64) -> f64 {
    width * rates.iter().sum::<f64>()
}

/// Daughters per woman, from the total fertility and the boys born per girl.
#[must_use]
pub fn gross_reproduction(total_fertility: f64, boys_per_girl: f64) -> f64 {
    total_fertility / (1.0 + boys_per_girl)
}

/// Daughters per woman who survive: rates per woman, person-years lived by women (radix 1), boys per girl.
/// `None` when the lists differ in length.
#[must_use]
pub fn net_reproduction(rates: &[f64], lived: &[f64], boys_per_girl: f64) -> Option<f64> {
    (rates.len() == lived.len()).then(|| {
        rates
            .iter()
            .zip(lived)
            .map(|(rate, lived)| rate * lived)
            .sum::<f64>()
            / (1.0 + boys_per_girl)
    })
}

/// Rounds half away from zero at `digits` decimals (四舍五入), reading the value as its shortest
/// decimal: 2.675 becomes 2.68 although the double lies just below.
#[must_use]
pub fn round_half_up(value: f64, digits: u32) -> f64 {
    let factor = 10_f64.powi(digits.min(15) as i32);
    let scaled = value.abs() * factor;
    if !scaled.is_finite() || scaled >= 1e15 {
        return value;
    }
    ((scaled + 0.5 + scaled * 4.0 * f64::EPSILON).floor() / factor).copysign(value)
}

/// Limits of a value with a normal error: `error` is its standard error.
#[must_use]
pub fn normal_limits(value: f64, error: f64, confidence: f64) -> Option<Limits> {
    let half = z(confidence)? * error;
    (value.is_finite() && error >= 0.0).then_some((value - half, value + half))
}

/// The two-sided normal quantile of a confidence level.
fn z(confidence: f64) -> Option<f64> {
    let z = normal_quantile(0.5 + confidence / 2.0);
    (confidence > 0.0 && z.is_finite()).then_some(z)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(limits: Option<Limits>, lower: f64, upper: f64, tolerance: f64) {
        let (low, high) = limits.unwrap();
        assert!(
            (low - lower).abs() < tolerance && (high - upper).abs() < tolerance,
            "{low} {high}"
        );
    }

    // Reference values of the tests of PHEindicatormethods.
    #[test]
    fn byar_limits_match_the_reference() {
        close(
            byar(65.0, 0.95),
            50.163187710459454,
            82.84913854593984,
            1e-9,
        );
        close(
            byar(1045.0, 0.95),
            982.5932018073325,
            1110.33121298565,
            1e-8,
        );
        close(
            byar(1.0, 0.95),
            0.01307213290150435,
            5.5637555824752605,
            1e-9,
        );
        close(
            byar(1045.0, 0.998),
            947.9407035610374,
            1148.806160988033,
            1e-8,
        );
        close(
            byar(10.0, 0.998),
            2.916318374695686,
            24.193724927880535,
            1e-9,
        );
        assert_eq!(byar(0.0, 0.95).unwrap().0, 0.0);
    }

    #[test]
    fn wilson_limits_match_the_reference() {
        close(
            wilson(65.0, 100.0, 0.95),
            0.5525444329688797,
            0.7363575175690247,
            1e-11,
        );
        close(
            wilson(1045.0, 5000.0, 0.95),
            0.19795549880013297,
            0.22049130373189027,
            1e-11,
        );
        close(
            wilson(0.445, 1.0, 0.95),
            0.04381744772058822,
            0.9334621276979156,
            1e-11,
        );
        close(
            wilson(65.0, 100.0, 0.998),
            0.4954946574070431,
            0.7783540614089697,
            1e-11,
        );
        close(wilson(7.0, 10.0, 0.95), 0.3967781, 0.8922087, 1e-7);
        assert_eq!(wilson(11.0, 10.0, 0.95), None);
        assert_eq!(wilson(0.0, 0.0, 0.95), None);
    }

    // Values of epitools.
    #[test]
    fn exact_poisson_limits_match_the_reference() {
        close(exact_poisson(10.0, 0.95), 4.795389, 18.39036, 1e-5);
        close(exact_poisson(5.0, 0.95), 1.623486, 11.66832, 2e-5);
        close(exact_poisson(7.0, 0.95), 2.814358, 14.42268, 1e-5);
        close(exact_poisson(0.0, 0.95), 0.0, 3.688879, 1e-6);
        assert_eq!(count_limits(9.0, 0.95), exact_poisson(9.0, 0.95));
        assert_eq!(count_limits(10.0, 0.95), byar(10.0, 0.95));
        assert_eq!(rate_limits(5.0, 0.0, 1000.0, 0.95), None);
        assert_eq!(exact_poisson(-1.0, 0.95), None);
    }

    #[test]
    fn the_sex_ratio_of_1500_births_is_uncertain_by_about_ten_points() {
        let ratio = sex_ratio(793.0, 748.0).unwrap();
        assert_eq!(round_half_up(ratio, 1), 106.0);
        let (lower, upper) = sex_ratio_limits(793.0, 748.0, 0.95).unwrap();
        assert!((upper - lower - 21.2).abs() < 0.5 && lower < ratio && ratio < upper);
        assert_eq!(sex_ratio_limits(5.0, 0.0, 0.95), None);
    }

    // Census pyramids of county 150121; the published medians.
    #[test]
    fn the_median_age_of_the_county_is_as_published() {
        let pyramid = |counts: [u32; 19]| {
            let mut from = 0.0;
            counts
                .iter()
                .enumerate()
                .map(|(at, count)| {
                    let width = [1.0, 4.0].get(at).copied().unwrap_or(5.0);
                    let width = (at < 18).then_some(width);
                    let group = GroupCount {
                        from,
                        width,
                        count: f64::from(*count),
                    };
                    from += width.unwrap_or(0.0);
                    group
                })
                .collect::<Vec<_>>()
        };
        let of_2010 = pyramid([
            2620, 10520, 13069, 16170, 24417, 30230, 22079, 20196, 24951, 25697, 27199, 24229,
            24456, 15008, 9704, 9815, 7932, 2847, 1393,
        ]);
        let of_2020 = pyramid([
            1541, 7941, 10486, 10781, 12520, 11395, 13409, 17044, 16747, 16696, 23196, 24432,
            25492, 21593, 21621, 12343, 7018, 5342, 3534,
        ]);
        assert_eq!(round_half_up(grouped_median(&of_2010).unwrap(), 2), 38.40);
        assert_eq!(round_half_up(grouped_median(&of_2020).unwrap(), 2), 47.80);
        assert_eq!(grouped_median(&[]), None);
        let open = GroupCount {
            from: 0.0,
            width: None,
            count: 5.0,
        };
        assert_eq!(grouped_median(&[open]), None);
    }

    // United States 1992 (Preston et al. 2001, box 5.1); Kuwait 1982 (IUSSP, PAPP 103).
    #[test]
    fn reproduction_measures_match_the_textbooks() {
        let states = [
            0.0014, 0.0607, 0.1146, 0.1174, 0.0802, 0.0325, 0.0059, 0.0003,
        ];
        assert!((total_fertility(&states, 5.0) - 2.064).abs() < 0.0015);
        let kuwait = [0.066, 0.212, 0.255, 0.213, 0.159, 0.078, 0.033];
        let lived = [4.766, 4.741, 4.707, 4.668, 4.619, 4.556, 4.467];
        let total = total_fertility(&kuwait, 5.0);
        assert_eq!(round_half_up(total, 2), 5.08);
        assert_eq!(round_half_up(gross_reproduction(total, 1.05), 2), 2.48);
        let net = net_reproduction(&kuwait, &lived, 1.05).unwrap();
        assert_eq!(round_half_up(net, 2), 2.32);
        assert_eq!(net_reproduction(&kuwait, &[], 1.05), None);
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(round_half_up(2.675, 2), 2.68);
        assert_eq!(round_half_up(1.005, 2), 1.01);
        assert_eq!(round_half_up(-1.065, 2), -1.07);
        assert_eq!(round_half_up(2.674_999_999, 2), 2.67);
        assert_eq!(round_half_up(0.5, 0), 1.0);
        assert_eq!(round_half_up(263_131.0, 2), 263_131.0);
        assert!(round_half_up(f64::NAN, 2).is_nan());
    }
}
