//! Exact tails of the distributions that the tests need, and the decision over many tests.

/// ln n! for 0 ≤ n, by Stirling's series from 32 on (error below 1e-15).
fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|factor| (factor as f64).ln()).sum();
    }
    let x = n as f64 + 1.0;
    let inverse = 1.0 / x;
    let square = inverse * inverse;
    (x - 0.5) * x.ln() - x
        + 0.5 * (2.0 * std::f64::consts::PI).ln()
        + inverse * (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0))
}

pub(super) fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// P(X ≥ k), X binomial with `n` trials of probability `p`.
pub(super) fn binomial_upper(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 || p >= 1.0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    let (ln_p, ln_q) = (p.ln(), (-p).ln_1p());
    let term = |i: u64| (ln_choose(n, i) + i as f64 * ln_p + (n - i) as f64 * ln_q).exp();
    // The shorter tail is summed, so that nothing is lost next to 1.
    if k as f64 > n as f64 * p {
        sum_while_it_matters((k..=n).map(term))
    } else {
        (1.0 - sum_while_it_matters((0..k).rev().map(term))).clamp(0.0, 1.0)
    }
}

/// P(X ≤ k), X binomial.
pub(super) fn binomial_lower(k: u64, n: u64, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    binomial_upper(n - k, n, 1.0 - p)
}

/// P(X ≥ k), X Poisson with mean `mean`.
pub(super) fn poisson_upper(k: u64, mean: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    let term = |i: u64| (i as f64 * mean.ln() - mean - ln_factorial(i)).exp();
    if k as f64 > mean {
        let far = k + 200 + (20.0 * mean.sqrt()) as u64;
        sum_while_it_matters((k..far).map(term))
    } else {
        (1.0 - sum_while_it_matters((0..k).rev().map(term))).clamp(0.0, 1.0)
    }
}

/// Fisher's exact test, two-sided: `a` of `n` against `b` of `m`.
pub(super) fn fisher(a: u64, n: u64, b: u64, m: u64) -> f64 {
    let part = a + b;
    let ln_all = ln_choose(n + m, part);
    let ln_term = |x: u64| ln_choose(n, x) + ln_choose(m, part - x) - ln_all;
    let seen = ln_term(a) + 1e-9;
    let total: f64 = (part.saturating_sub(m)..=part.min(n))
        .map(ln_term)
        .filter(|term| *term <= seen)
        .map(f64::exp)
        .sum();
    total.min(1.0)
}

/// Terms that fall: those below a billionth of a billionth of the sum change nothing.
fn sum_while_it_matters(terms: impl Iterator<Item = f64>) -> f64 {
    let mut sum = 0.0;
    for term in terms {
        sum += term;
        if term < sum * 1e-18 {
            break;
        }
    }
    sum.min(1.0)
}

/// Which of many p-values surprise, after Benjamini and Hochberg (1995): among those told, a share of
/// `rate` is chance, on average; when nothing at all is odd, any is told in a share of `rate` of the
/// runs at most.
#[must_use]
pub fn surprising(p: &[f64], rate: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let limit = order
        .iter()
        .enumerate()
        .filter(|(place, at)| p[**at] <= rate * (place + 1) as f64 / p.len() as f64)
        .map(|(_, at)| p[*at])
        .next_back();
    p.iter()
        .map(|p| limit.is_some_and(|limit| *p <= limit))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(value: f64, expected: f64) {
        assert!((value / expected - 1.0).abs() < 1e-9, "{value} {expected}");
    }

    #[test]
    fn tails_match_known_values() {
        // 1 - pbinom(59, 100, 0.5), pbinom(39, 100, 0.5), 1 - ppois(9, 3), ppois tail at the mean.
        close(binomial_upper(60, 100, 0.5), 0.028_443_966_820_490_4);
        close(binomial_lower(39, 100, 0.5), 0.017_600_100_108_852_4);
        close(poisson_upper(10, 3.0), 0.001_102_488_130_114_53);
        close(poisson_upper(1, 3.0), 1.0 - (-3.0_f64).exp());
        // Fisher's tea: 3 of 4 against 1 of 4.
        close(fisher(3, 4, 1, 4), 34.0 / 70.0);
        close(fisher(4, 4, 0, 4), 2.0 / 70.0);
        close(ln_factorial(40), (1..=40).map(|n| f64::from(n).ln()).sum());
    }

    #[test]
    fn benjamini_and_hochberg_s_own_example_tells_four_of_fifteen() {
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let told = surprising(&p, 0.05);
        assert_eq!(told.iter().filter(|told| **told).count(), 4);
        assert!(told[..4].iter().all(|told| *told));
        assert!(surprising(&[], 0.05).is_empty());
    }
}
