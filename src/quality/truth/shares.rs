//! Shares: boys among births, and shares that change from one period to the next.

use super::Verdict;
use super::chance::{binomial_lower, binomial_upper, fisher};

/// Boys per 100 girls where nobody chooses: 103 to 107 in populations at large; no question is asked
/// inside of it, however many births there are.
const NATURAL: (f64, f64) = (103.0, 107.0);
/// A share must move by so much before anybody asks.
const POINTS: f64 = 0.10;
/// Fewer events in a period tell nothing about a share.
const EVENTS: u64 = 10;

/// Is the number of boys what chance gives? Exact binomial against the nearer end of the natural range,
/// both sides together.
#[must_use]
pub fn sex_ratio(boys: u64, girls: u64) -> Option<Verdict> {
    let births = boys + girls;
    if births == 0 {
        return None;
    }
    let share = |ratio: f64| ratio / (100.0 + ratio);
    let many = binomial_upper(boys, births, share(NATURAL.1));
    let few = binomial_lower(boys, births, share(NATURAL.0));
    let ratio = if girls > 0 {
        format!("{:.1}", 100.0 * boys as f64 / girls as f64)
    } else {
        "-".to_owned()
    };
    Some(Verdict {
        p: (2.0 * many.min(few)).min(1.0),
        seen: vec![
            ("boys", boys.to_string()),
            ("girls", girls.to_string()),
            ("boys_per_100_girls", ratio),
        ],
    })
}

/// Did a share change more than chance gives? Part and whole by period, in order. Each period is
/// compared with the one before (Fisher's exact test, two-sided); the oddest step is corrected for having
/// been chosen.
#[must_use]
pub fn ratio_change(periods: &[(u64, u64)]) -> Option<Verdict> {
    let steps: Vec<usize> = (1..periods.len())
        .filter(|at| periods[at - 1].1 >= EVENTS && periods[*at].1 >= EVENTS)
        .collect();
    if steps.is_empty() {
        return None;
    }
    let share = |at: usize| periods[at].0 as f64 / periods[at].1 as f64;
    let mut verdict = Verdict::ordinary();
    for at in &steps {
        let (before, now) = (share(at - 1), share(*at));
        if (now - before).abs() < POINTS {
            continue;
        }
        let ((a, n), (b, m)) = (periods[at - 1], periods[*at]);
        let p = (fisher(a, n, b, m) * steps.len() as f64).min(1.0);
        if p < verdict.p {
            verdict = Verdict {
                p,
                seen: vec![
                    ("step", (at + 1).to_string()),
                    ("before", format!("{a}/{n} ({:.1} %)", before * 100.0)),
                    ("after", format!("{b}/{m} ({:.1} %)", now * 100.0)),
                ],
            };
        }
    }
    Some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_child_nearly_always_a_boy_is_asked_about() {
        let verdict = sex_ratio(60, 30).unwrap();
        // Twice P(X ≥ 60), 90 births at 107 : 207.
        assert!(verdict.p > 0.003 && verdict.p < 0.02, "{verdict:?}");
        assert_eq!(verdict.seen[2].1, "200.0");
        assert!(sex_ratio(106, 100).unwrap().p > 0.9);
        // A million births at 105.5 are no question.
        assert!(sex_ratio(513_382, 486_618).unwrap().p > 0.9);
        assert_eq!(sex_ratio(0, 0), None);
    }

    #[test]
    fn a_share_that_jumps_is_asked_about() {
        let verdict = ratio_change(&[(50, 100), (48, 100), (85, 100)]).unwrap();
        assert!(verdict.p < 1e-6, "{verdict:?}");
        assert_eq!(verdict.seen[0], ("step", "3".to_owned()));
        assert_eq!(ratio_change(&[(50, 100), (45, 100)]).unwrap().p, 1.0);
        assert_eq!(ratio_change(&[(5, 9), (9, 9)]), None);
    }
}
