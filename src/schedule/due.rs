//! What is due: pure.

use chrono::{DateTime, TimeDelta, Utc};

use super::record::{Outcome, Run};
use crate::catalog::{CatchUp, Overlap, Schedule};

/// A slot that nobody waited for still counts as met in time when it is seen this soon.
const LATE: TimeDelta = TimeDelta::minutes(15);
/// So many processes may die over a slot before it is given up.
pub(super) const ATTEMPTS: u32 = 3;
/// At most so many slots of a schedule are decided at once; the rest follow.
const AT_ONCE: usize = 100;

/// A schedule, and since when somebody has been waiting for its slots.
#[derive(Debug, Clone, Copy)]
pub struct Job<'a> {
    /// The schedule.
    pub schedule: &'a Schedule,
    /// Slots after this were waited for: they are not missed, however late they are seen.
    pub since: DateTime<Utc>,
    /// Whether it was asked for by name: then failures before do not make it rest.
    pub named: bool,
}

/// A slot of a schedule and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Name of the schedule.
    pub schedule: String,
    /// When it was to run.
    pub at: DateTime<Utc>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// What to do.
    pub decision: Decision,
}

/// What to do about a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Run it.
    Run,
    /// Nobody looked when it came; it stands for every slot before it that nobody saw either.
    Miss,
    /// It came while the run before was still going: leave it out.
    Skip,
    /// The same, and that counts as a failure.
    Forbid,
}

/// What is due at `now`, oldest first.
///
/// A slot is an instant of a schedule's cron pattern. Decided once, it never comes back: not when
/// the clock is set back, not in the hour that comes twice. Everything after the newest decided slot
/// is open.
#[must_use]
pub fn due(jobs: &[Job<'_>], runs: &[Run], now: DateTime<Utc>) -> Vec<Slot> {
    let mut slots: Vec<Slot> = jobs.iter().flat_map(|job| of_one(job, runs, now)).collect();
    slots.sort_by(|a, b| (a.at, &a.schedule).cmp(&(b.at, &b.schedule)));
    slots
}

/// The first slot after `after`.
#[must_use]
pub fn next(schedule: &Schedule, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = after.with_timezone(&schedule.timezone);
    let found = schedule.cron.find_next_occurrence(&local, false).ok()?;
    Some(found.to_utc())
}

/// How often the schedule failed since it last succeeded.
#[must_use]
pub fn streak(schedule: &str, runs: &[Run]) -> usize {
    let mut own: Vec<&Run> = runs.iter().filter(|run| run.schedule == schedule).collect();
    own.sort_by_key(|run| (run.finished_at, run.slot, run.attempt));
    own.iter()
        .rev()
        .take_while(|run| !run.outcome.is_success())
        .filter(|run| run.outcome.is_failure())
        .count()
}

fn of_one(job: &Job<'_>, runs: &[Run], now: DateTime<Utc>) -> Vec<Slot> {
    let schedule = job.schedule;
    let own: Vec<&Run> = runs
        .iter()
        .filter(|run| run.schedule == schedule.name)
        .collect();
    let resting = schedule
        .max_consecutive_failures
        .is_some_and(|most| streak(&schedule.name, runs) >= most);
    if resting && !job.named {
        return Vec::new();
    }
    let deaths = |slot| own.iter().filter(|run| run.slot == slot).count() as u32;
    let is_decided = |run: &&&Run| run.outcome != Outcome::Died || deaths(run.slot) >= ATTEMPTS;
    let decided = own
        .iter()
        .filter(is_decided)
        .map(|run| run.slot)
        .filter(|slot| *slot <= now)
        .max();
    let from = match decided {
        Some(slot) => slot,
        None => {
            // Nothing is known of it yet: it begins now, or where it says.
            let first = schedule.start.unwrap_or(job.since.min(now - LATE));
            first - TimeDelta::seconds(1)
        }
    };
    let open = open_slots(schedule, &own, from, now);
    let slot = |at, decision| Slot {
        schedule: schedule.name.clone(),
        at,
        attempt: deaths(at) + 1,
        decision,
    };
    let during = |at: DateTime<Utc>| {
        own.iter()
            .any(|run| run.outcome.took_time() && run.started_at < at && at < run.finished_at)
    };
    let newest = open.last().copied();
    let mut slots: Vec<Slot> = Vec::new();
    let mut missed = None;
    for at in open {
        let decision = if during(at) {
            match schedule.overlap {
                Overlap::Skip => Decision::Skip,
                Overlap::Queue => Decision::Run,
                Overlap::Forbid => Decision::Forbid,
            }
        } else {
            let in_time = at >= job.since || now - at <= LATE;
            match schedule.catch_up {
                CatchUp::All => Decision::Run,
                CatchUp::Last if Some(at) == newest => Decision::Run,
                CatchUp::None if Some(at) == newest && in_time => Decision::Run,
                CatchUp::Last | CatchUp::None => {
                    // The newest one tells of all before it.
                    missed = Some(at);
                    continue;
                }
            }
        };
        slots.push(slot(at, decision));
    }
    slots.extend(missed.map(|at| slot(at, Decision::Miss)));
    slots.sort_by_key(|slot| slot.at);
    slots
}

/// The slots in `from < slot <= now`, oldest first. Where only the newest can matter, those between
/// are not walked through: there may be years of them.
fn open_slots(
    schedule: &Schedule,
    own: &[&Run],
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let mut open = Vec::new();
    let until = match schedule.catch_up {
        CatchUp::All => now,
        // Those that came while a run was going are decided one by one.
        CatchUp::None | CatchUp::Last => own
            .iter()
            .map(|run| run.finished_at)
            .max()
            .map_or(from, |finished| finished.min(now)),
    };
    let mut at = from;
    while open.len() < AT_ONCE {
        match next(schedule, at) {
            Some(slot) if slot <= until => open.push(slot),
            _ => break,
        }
        at = open.last().copied().unwrap_or(at);
    }
    if open.len() < AT_ONCE {
        let last = schedule
            .cron
            .find_previous_occurrence(&now.with_timezone(&schedule.timezone), true)
            .map(|slot| slot.to_utc())
            .ok()
            .filter(|slot| *slot > from && *slot <= now);
        // The slot before it tells that there were more.
        let before = last.and_then(|slot| {
            let local = slot.with_timezone(&schedule.timezone);
            let found = schedule.cron.find_previous_occurrence(&local, false);
            found.ok().map(|slot| slot.to_utc())
        });
        for slot in [before, last].into_iter().flatten() {
            if slot > from && open.last().is_none_or(|end| slot > *end) {
                open.push(slot);
            }
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule of `keys`, e.g. `cron: '0 2 * * *', catch_up: all`.
    fn schedule(keys: &str) -> Schedule {
        let text = format!("schedules:\n  s: {{query: q, {keys}}}\n");
        let mut found = crate::catalog::schedules_of(&text).unwrap();
        found.remove(0)
    }

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn ran(slot: &str, started: &str, finished: &str, outcome: Outcome) -> Run {
        Run {
            schedule: "s".to_owned(),
            slot: time(slot),
            attempt: 1,
            outcome,
            started_at: time(started),
            finished_at: time(finished),
            rows: None,
            snapshot: None,
            manifest: None,
            error: None,
        }
    }

    /// A run that took a second.
    fn quick(slot: &str, outcome: Outcome) -> Run {
        let mut run = ran(slot, slot, slot, outcome);
        run.finished_at += TimeDelta::seconds(1);
        run
    }

    fn decisions(keys: &str, since: &str, runs: &[Run], now: &str) -> Vec<String> {
        let schedule = schedule(keys);
        let job = Job {
            schedule: &schedule,
            since: time(since),
            named: false,
        };
        let word = |slot: Slot| {
            let zone = schedule.timezone;
            let at = slot.at.with_timezone(&zone).format("%m-%d %H:%M%:::z");
            let tries = if slot.attempt > 1 { "!" } else { "" };
            format!("{at} {:?}{tries}", slot.decision)
        };
        due(&[job], runs, time(now)).into_iter().map(word).collect()
    }

    const DAILY: &str = "cron: '0 2 * * *'";
    const BERLIN: &str = "timezone: Europe/Berlin";

    #[test]
    fn a_new_schedule_begins_with_its_next_slot() {
        // 02:00 in Shanghai is 18:00 of the day before in UTC.
        let at = |now| decisions(DAILY, "2026-03-01T10:00:00Z", &[], now);
        assert_eq!(at("2026-03-01T17:59:59Z"), [""; 0]);
        assert_eq!(at("2026-03-01T18:00:00Z"), ["03-02 02:00+08 Run"]);
        assert_eq!(
            at("2026-03-03T18:00:00Z"),
            ["03-03 02:00+08 Miss", "03-04 02:00+08 Run"]
        );
        // Seen for the first time an hour after the slot: it waits for the next.
        let seen = |now| decisions(DAILY, now, &[], now);
        assert_eq!(seen("2026-03-01T19:00:00Z"), [""; 0]);
        assert_eq!(seen("2026-03-01T18:10:00Z"), ["03-02 02:00+08 Run"]);
        // From its start on it catches up.
        let keys = "cron: '0 2 * * *', catch_up: all, start: 2026-02-28";
        assert_eq!(
            decisions(keys, "2026-03-01T19:00:00Z", &[], "2026-03-01T19:00:00Z"),
            [
                "02-28 02:00+08 Run",
                "03-01 02:00+08 Run",
                "03-02 02:00+08 Run"
            ]
        );
    }

    #[test]
    fn a_decided_slot_never_comes_back_even_when_the_clock_is_set_back() {
        let runs = [quick("2026-03-01T18:00:00Z", Outcome::Succeeded)];
        for now in [
            "2026-03-01T18:00:30Z",
            "2026-03-01T17:59:00Z",
            "2026-03-01T10:00:00Z",
            "2026-03-02T17:59:59Z",
        ] {
            assert_eq!(decisions(DAILY, now, &runs, now), [""; 0], "{now}");
        }
        // A clock that was years ahead does not stop what is due by today's.
        let ahead = [
            quick("2026-03-01T18:00:00Z", Outcome::Succeeded),
            quick("2031-01-01T18:00:00Z", Outcome::Succeeded),
        ];
        assert_eq!(
            decisions(
                DAILY,
                "2026-03-01T19:00:00Z",
                &ahead,
                "2026-03-02T18:00:00Z"
            ),
            ["03-03 02:00+08 Run"]
        );
    }

    #[test]
    fn what_passed_while_nobody_looked_is_caught_up_as_told() {
        let runs = [quick("2026-03-01T18:00:00Z", Outcome::Succeeded)];
        let back = "2026-03-05T08:00:00Z";
        let of = |keys: &str| decisions(&format!("{DAILY}, {keys}"), back, &runs, back);
        assert_eq!(of("catch_up: none"), ["03-05 02:00+08 Miss"]);
        assert_eq!(
            of("catch_up: last"),
            ["03-04 02:00+08 Miss", "03-05 02:00+08 Run"]
        );
        assert_eq!(
            of("catch_up: all"),
            [
                "03-03 02:00+08 Run",
                "03-04 02:00+08 Run",
                "03-05 02:00+08 Run"
            ]
        );
        // Back within a quarter of an hour is in time.
        let soon = "2026-03-02T18:14:00Z";
        let keys = format!("{DAILY}, catch_up: none");
        assert_eq!(decisions(&keys, soon, &runs, soon), ["03-03 02:00+08 Run"]);
        // Years of minutes are not walked through.
        let minutes = "cron: '* * * * *', catch_up: last";
        let later = "2036-03-01T18:00:30Z";
        assert_eq!(
            decisions(minutes, later, &runs, later),
            ["03-02 01:59+08 Miss", "03-02 02:00+08 Run"]
        );
        let all = "cron: '* * * * *', catch_up: all";
        assert_eq!(decisions(all, later, &runs, later).len(), AT_ONCE);
    }

    #[test]
    fn a_slot_that_comes_during_a_run_is_skipped_queued_or_forbidden() {
        // The run of 02:00 took until 02:25; slots come every ten minutes.
        let runs = [ran(
            "2026-03-01T18:00:00Z",
            "2026-03-01T18:00:01Z",
            "2026-03-01T18:25:00Z",
            Outcome::Succeeded,
        )];
        let of = |overlap: &str, now: &str| {
            let keys = format!("cron: '*/10 * * * *', overlap: {overlap}");
            decisions(&keys, "2026-03-01T17:00:00Z", &runs, now)
        };
        let after = "2026-03-01T18:25:00Z";
        assert_eq!(
            of("skip", after),
            ["03-02 02:10+08 Skip", "03-02 02:20+08 Skip"]
        );
        assert_eq!(
            of("queue", after),
            ["03-02 02:10+08 Run", "03-02 02:20+08 Run"]
        );
        assert_eq!(
            of("forbid", after),
            ["03-02 02:10+08 Forbid", "03-02 02:20+08 Forbid"]
        );
        assert_eq!(
            of("skip", "2026-03-01T18:30:00Z").last().unwrap(),
            "03-02 02:30+08 Run"
        );
    }

    #[test]
    fn after_too_many_failures_in_a_row_a_schedule_rests_until_named() {
        let keys = "cron: '0 2 * * *', max_consecutive_failures: 2";
        let mut runs = vec![
            quick("2026-03-01T18:00:00Z", Outcome::Failed),
            quick("2026-03-02T18:00:00Z", Outcome::Skipped),
            quick("2026-03-03T18:00:00Z", Outcome::Timeout),
        ];
        let now = "2026-03-04T18:00:00Z";
        assert_eq!(streak("s", &runs), 2);
        assert_eq!(decisions(keys, now, &runs, now), [""; 0]);
        let schedule = schedule(keys);
        let named = Job {
            schedule: &schedule,
            since: time(now),
            named: true,
        };
        assert_eq!(due(&[named], &runs, time(now)).len(), 1);
        runs.push(quick("2026-03-03T19:00:00Z", Outcome::Unchanged));
        assert_eq!(streak("s", &runs), 0);
        assert_eq!(decisions(keys, now, &runs, now), ["03-05 02:00+08 Run"]);
    }

    #[test]
    fn a_slot_somebody_died_over_is_tried_again_but_not_for_ever() {
        let now = "2026-03-01T18:05:00Z";
        let mut runs = vec![quick("2026-03-01T18:00:00Z", Outcome::Died)];
        assert_eq!(decisions(DAILY, now, &runs, now), ["03-02 02:00+08 Run!"]);
        runs.push(quick("2026-03-01T18:00:00Z", Outcome::Died));
        assert_eq!(decisions(DAILY, now, &runs, now), ["03-02 02:00+08 Run!"]);
        runs.push(quick("2026-03-01T18:00:00Z", Outcome::Died));
        assert_eq!(decisions(DAILY, now, &runs, now), [""; 0]);
    }

    /// Which slots a service sees that looks every minute.
    fn watched(keys: &str, from: &str, to: &str) -> Vec<String> {
        let (mut now, mut runs, mut seen) = (time(from), Vec::new(), Vec::new());
        let schedule = schedule(keys);
        while now <= time(to) {
            let job = Job {
                schedule: &schedule,
                since: time(from),
                named: false,
            };
            for slot in due(&[job], &runs, now) {
                let zone = schedule.timezone;
                seen.push(
                    slot.at
                        .with_timezone(&zone)
                        .format("%H:%M%:::z")
                        .to_string(),
                );
                runs.push(quick(&slot.at.to_rfc3339(), Outcome::Succeeded));
            }
            now += TimeDelta::minutes(1);
        }
        seen
    }

    #[test]
    fn the_hour_that_summer_time_leaves_out_runs_when_it_is_over() {
        // In 2026 Berlin goes from 02:00 to 03:00 on 29 March, 01:00 UTC.
        let (from, to) = ("2026-03-28T23:30:00Z", "2026-03-29T22:59:00Z");
        let at = |cron: &str| watched(&format!("cron: '{cron}', {BERLIN}"), from, to);
        assert_eq!(at("30 2 * * *"), ["03:00+02"]);
        assert_eq!(at("30 1,3 * * *"), ["01:30+01", "03:30+02"]);
        assert_eq!(
            at("*/30 1-3 * * *"),
            ["01:00+01", "01:30+01", "03:00+02", "03:30+02"]
        );
    }

    #[test]
    fn the_hour_that_comes_twice_runs_a_set_time_once() {
        // On 25 October 2026 Berlin goes back from 03:00 to 02:00, 01:00 UTC.
        let (from, to) = ("2026-10-24T23:30:00Z", "2026-10-25T23:00:00Z");
        let at = |cron: &str| watched(&format!("cron: '{cron}', {BERLIN}"), from, to);
        assert_eq!(at("30 2 * * *"), ["02:30+02"]);
        // Every half hour stays every half hour.
        assert_eq!(at("*/30 * * * *").len(), 48);
    }

    #[test]
    fn patterns_mean_what_cron_means() {
        let of = |cron: &str, from: &str, count: usize| {
            let schedule = schedule(&format!("cron: '{cron}', timezone: UTC"));
            let mut at = time(from);
            (0..count)
                .map(|_| {
                    at = next(&schedule, at).unwrap();
                    at.format("%m-%d %H:%M %a").to_string()
                })
                .collect::<Vec<_>>()
        };
        let from = "2026-01-30T12:00:00Z";
        for (cron, expected) in [
            ("0 8 L * *", ["01-31 08:00 Sat", "02-28 08:00 Sat"]),
            (
                "15,45 9-17/4 * * mon-fri",
                ["01-30 13:15 Fri", "01-30 13:45 Fri"],
            ),
            ("0 0 * * 0", ["02-01 00:00 Sun", "02-08 00:00 Sun"]),
            ("0 0 * * 7", ["02-01 00:00 Sun", "02-08 00:00 Sun"]),
            ("30 6 1 jan,JUL *", ["07-01 06:30 Wed", "01-01 06:30 Fri"]),
            ("0 0 29 2 *", ["02-29 00:00 Tue", "02-29 00:00 Sun"]),
            // Day and weekday both given: either will do.
            ("0 0 13 * fri", ["02-06 00:00 Fri", "02-13 00:00 Fri"]),
        ] {
            assert_eq!(of(cron, from, 2), expected, "{cron}");
        }
        assert_eq!(
            of("0 0 13 * fri", "2026-03-07T00:00:00Z", 2),
            ["03-13 00:00 Fri", "03-20 00:00 Fri"]
        );
    }
}
