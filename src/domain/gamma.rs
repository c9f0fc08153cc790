//! Special functions behind the confidence limits: the incomplete gamma function, and from it the
//! quantiles of the chi-square and the normal distribution. Entry points: [`chi_square_quantile`],
//! [`normal_quantile`].

/// The value below which a share `p` of the chi-square distribution with `degrees` lies.
///
/// `degrees` > 0 and 0 < `p` < 1, else NaN.
pub(super) fn chi_square_quantile(p: f64, degrees: f64) -> f64 {
    if !(p > 0.0 && p < 1.0 && degrees > 0.0) {
        return f64::NAN;
    }
    let shape = degrees / 2.0;
    let mut high = shape.max(1.0);
    while lower_gamma(shape, high) < p {
        high *= 2.0;
    }
    2.0 * bisect(0.0, high, |x| lower_gamma(shape, x) < p)
}

/// The value below which a share `p` of the standard normal distribution lies.
///
/// 0 < `p` < 1, else NaN.
pub(super) fn normal_quantile(p: f64) -> f64 {
    if !(p > 0.0 && p < 1.0) {
        return f64::NAN;
    }
    // z² is chi-square with one degree of freedom.
    let tail = (2.0 * p - 1.0).abs();
    let z = if tail == 0.0 {
        0.0
    } else {
        chi_square_quantile(tail, 1.0).sqrt()
    };
    if p < 0.5 { -z } else { z }
}

/// Narrows `low..high` to neighbouring doubles around the point where `below` turns false.
fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return middle;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// The regularised lower incomplete gamma function P(a, x).
fn lower_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        front * series(a, x)
    } else {
        1.0 - front * continued_fraction(a, x)
    }
}

fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0 / a;
    let mut sum = term;
    let mut n = a;
    while term.abs() > sum.abs() * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// Lentz's method.
fn continued_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for n in 1..100_000 {
        let n = f64::from(n);
        let an = -n * (n - a);
        b += 2.0;
        d = an * d + b;
        d = 1.0 / if d.abs() < TINY { TINY } else { d };
        c = b + an / c;
        c = if c.abs() < TINY { TINY } else { c };
        let step = c * d;
        fraction *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}

/// ln Γ(x), Lanczos with g = 607/128.
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 14] = [
        57.156_235_665_862_92,
        -59.597_960_355_475_49,
        14.136_097_974_741_746,
        -0.491_913_816_097_620_2,
        0.339_946_499_848_118_9e-4,
        0.465_236_289_270_485_8e-4,
        -0.983_744_753_048_795_6e-4,
        0.158_088_703_224_912_5e-3,
        -0.210_264_441_724_104_88e-3,
        0.217_439_618_115_212_64e-3,
        -0.164_318_106_536_763_9e-3,
        0.844_182_239_838_527_4e-4,
        -0.261_908_384_015_814_1e-4,
        0.368_991_826_595_316_25e-5,
    ];
    let shifted = x + 5.242_187_5;
    let mut sum = 0.999_999_999_999_997_1;
    let mut denominator = x;
    for coefficient in COEFFICIENTS {
        denominator += 1.0;
        sum += coefficient / denominator;
    }
    (x + 0.5) * shifted.ln() - shifted + (2.506_628_274_631_000_7 * sum / x).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_match_the_tables() {
        for (value, expected) in [
            (normal_quantile(0.975), 1.959_963_984_540_054),
            (normal_quantile(0.999), 3.090_232_306_167_813),
            (normal_quantile(0.025), -1.959_963_984_540_054),
            (normal_quantile(0.5), 0.0),
            (chi_square_quantile(0.975, 2.0), 7.377_758_908_227_871),
            (chi_square_quantile(0.95, 1.0), 3.841_458_820_694_124),
            (chi_square_quantile(0.05, 10.0), 3.940_299_136_119_060_4),
        ] {
            assert!((value - expected).abs() < 1e-11, "{value} {expected}");
        }
        assert!(normal_quantile(1.0).is_nan());
    }
}
