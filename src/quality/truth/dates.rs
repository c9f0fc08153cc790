//! Dates: days of the month with too many events, months made up for afterwards.

use std::collections::BTreeMap;

use super::Verdict;
use super::chance::binomial_upper;
use crate::domain::calendar;

/// Fewer events than this tell nothing about days.
const EVENTS: u64 = 30;
/// A day must hold this many times what it should before anybody asks.
const TIMES: f64 = 1.5;
/// Days that people write when they do not know the day.
const ROUND: [u32; 7] = [1, 5, 10, 15, 20, 25, 30];
/// So many months of silence are looked at together.
const SILENCE: usize = 6;

/// Do some days of the month hold more events than chance gives? Events by day, in days since 1970.
///
/// Within each month every day is as likely as another, so seasons do no harm. The number on a given
/// day of the month is then a sum of unlike trials, whose upper tail the binomial with the same mean
/// bounds (Hoeffding 1956). The oddest of 31 days and the round days together are corrected for having
/// been chosen.
#[must_use]
pub fn day_heaping(events: &[(i32, u64)]) -> Option<Verdict> {
    let mut months: BTreeMap<(i32, u32), u64> = BTreeMap::new();
    let mut days = [0_u64; 32];
    for (day, count) in events {
        let (year, month, day) = calendar::civil(*day);
        *months.entry((year, month)).or_default() += count;
        days[day as usize] += count;
    }
    let total: u64 = months.values().sum();
    if total < EVENTS {
        return None;
    }
    let share = |day: u32| -> f64 {
        let expected: f64 = months
            .iter()
            .map(|((year, month), count)| {
                let length = calendar::days_in_month(*year, *month);
                if day <= length {
                    *count as f64 / f64::from(length)
                } else {
                    0.0
                }
            })
            .sum();
        expected / total as f64
    };
    let mut verdict = Verdict::ordinary();
    let mut consider = |name: String, seen: u64, share: f64, choices: f64| {
        let expected = share * total as f64;
        let p = (binomial_upper(seen, total, share) * choices * 2.0).min(1.0);
        if seen as f64 >= TIMES * expected && p < verdict.p {
            verdict = Verdict {
                p,
                seen: vec![
                    ("day_of_month", name),
                    ("events", seen.to_string()),
                    ("expected", format!("{expected:.1}")),
                ],
            };
        }
    };
    for day in 1..=31 {
        consider(day.to_string(), days[day as usize], share(day), 31.0);
    }
    let together = ROUND.iter().map(|day| days[*day as usize]).sum();
    let names = ROUND.map(|day| day.to_string()).join("/");
    consider(
        names,
        together,
        ROUND.iter().map(|day| share(*day)).sum(),
        1.0,
    );
    Some(verdict)
}

/// Do months without events stand before a month with as many as were missing? Events by month, in
/// order, without gaps, and what share of all events each month should hold (need not add up to 1).
///
/// Given how many events there are, each falls into a month by its share: the probability that some
/// months stay empty and the next holds so many is exact. All stretches of up to six months are tried,
/// which the p-value is corrected for.
#[must_use]
pub fn catch_up(events: &[u64], shares: &[f64]) -> Option<Verdict> {
    let total: u64 = events.iter().sum();
    let whole: f64 = shares.iter().sum();
    if total < EVENTS || events.len() < 6 || events.len() != shares.len() || whole <= 0.0 {
        return None;
    }
    let mut verdict = Verdict::ordinary();
    let mut windows = 0_u32;
    let mut found: Option<(f64, usize, usize)> = None;
    for at in 1..events.len() {
        for length in 1..=SILENCE.min(at) {
            windows += 1;
            let quiet = at - length..at;
            if events[quiet.clone()].iter().any(|count| *count > 0) {
                continue;
            }
            let silent = shares[quiet].iter().sum::<f64>() / whole;
            let share = shares[at] / whole;
            let expected = share * total as f64;
            if (events[at] as f64) < TIMES * expected {
                continue;
            }
            let p = (total as f64 * (-silent).ln_1p()).exp()
                * binomial_upper(events[at], total, share / (1.0 - silent));
            if found.is_none_or(|(least, ..)| p < least) {
                found = Some((p, at, length));
            }
        }
    }
    if let Some((p, at, length)) = found {
        verdict = Verdict {
            p: (p * f64::from(windows)).min(1.0),
            seen: vec![
                ("month", (at + 1).to_string()),
                ("silent_months", length.to_string()),
                ("events", events[at].to_string()),
                (
                    "expected",
                    format!("{:.1}", shares[at] / whole * total as f64),
                ),
            ],
        };
    }
    Some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn births_that_all_fall_on_the_first_are_asked_about() {
        let first = calendar::days(2018, 1, 1).unwrap();
        let mut events: Vec<(i32, u64)> = (0..365).map(|day| (first + day, 1)).collect();
        assert_eq!(day_heaping(&events).unwrap().p, 1.0);
        for month in 1..=12 {
            events.push((calendar::days(2018, month, 1).unwrap(), 3));
        }
        let verdict = day_heaping(&events).unwrap();
        assert!(verdict.p < 1e-9, "{verdict:?}");
        assert_eq!(verdict.seen[0], ("day_of_month", "1".to_owned()));
        assert_eq!(verdict.seen[1].1, "48");
        assert_eq!(day_heaping(&events[..20]), None);
    }

    #[test]
    fn three_silent_months_and_a_heap_are_asked_about_and_a_quiet_month_is_not() {
        let even = [1.0; 12];
        let verdict = catch_up(&[10, 9, 0, 0, 0, 41, 11, 10, 9, 10, 8, 12], &even).unwrap();
        assert!(verdict.p < 1e-12, "{verdict:?}");
        assert_eq!(verdict.seen[1], ("silent_months", "3".to_owned()));
        let quiet = catch_up(&[3, 2, 0, 4, 3, 2, 4, 3, 0, 4, 3, 3], &even).unwrap();
        assert!(quiet.p > 0.05, "{quiet:?}");
        // Nobody works in February: then it is no wonder.
        let mut uneven = even;
        uneven[1] = 0.0;
        uneven[2] = 4.0;
        let known = catch_up(&[10, 0, 41, 10, 9, 11, 10, 10, 9, 10, 8, 12], &uneven).unwrap();
        assert!(known.p > 0.05, "{known:?}");
    }
}
