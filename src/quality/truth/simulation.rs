//! On clean data questions are asked no more often than stated; planted cases are found.

use super::*;
use crate::domain::calendar;

/// The rate that is stated: of runs on clean data, at most so many ask anything.
const RATE: f64 = 0.05;
const RUNS: usize = 300;
const TOWNS: usize = 10;

/// A small generator: the same seed gives the same county.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.share() * n as f64) as u64
    }

    /// About normal: the sum of twelve.
    fn bell(&mut self, mean: f64, spread: f64) -> f64 {
        mean + spread * ((0..12).map(|_| self.share()).sum::<f64>() - 6.0)
    }
}

struct Birth {
    day: i32,
    is_boy: bool,
    order: u64,
    /// Grams, as scales show them: tens, and round hundreds more often.
    weight: i64,
    mother_age: i64,
}

/// Three years of births of a town, in the order of the file.
fn town(dice: &mut Dice, births: usize) -> Vec<Birth> {
    let first = calendar::days(2016, 1, 1).unwrap();
    let last = calendar::days(2019, 1, 1).unwrap();
    (0..births)
        .map(|_| {
            let weight = dice.bell(3300.0, 450.0);
            let step = if dice.share() < 0.3 { 100.0 } else { 10.0 };
            Birth {
                day: first + dice.below((last - first) as u64) as i32,
                is_boy: dice.share() < 105.5 / 205.5,
                order: 1 + dice.below(3),
                weight: ((weight / step).round() * step) as i64,
                mother_age: dice.bell(28.0, 5.0).round() as i64,
            }
        })
        .collect()
}

/// Every test on every town.
fn tests(towns: &[Vec<Birth>]) -> Vec<(usize, &'static str, Verdict)> {
    let mut verdicts = Vec::new();
    for (at, births) in towns.iter().enumerate() {
        let mut put = |name: &'static str, verdict: Option<Verdict>| {
            verdicts.extend(verdict.map(|verdict| (at, name, verdict)));
        };
        let days: Vec<(i32, u64)> = births.iter().map(|birth| (birth.day, 1)).collect();
        put("day_heaping", day_heaping(&days));
        let (mut months, mut shares) = (vec![0; 36], vec![0.0; 36]);
        let month = |day: i32| {
            let (year, month, _) = calendar::civil(day);
            ((year - 2016) * 12 + month as i32 - 1) as usize
        };
        births
            .iter()
            .for_each(|birth| months[month(birth.day)] += 1);
        for (at, share) in shares.iter_mut().enumerate() {
            *share = f64::from(calendar::days_in_month(
                2016 + at as i32 / 12,
                at as u32 % 12 + 1,
            ));
        }
        put("catch_up", catch_up(&months, &shares));
        let rows: Vec<Vec<i64>> = births
            .iter()
            .map(|b| {
                vec![
                    i64::from(b.day),
                    b.weight,
                    b.mother_age,
                    i64::from(b.is_boy),
                ]
            })
            .collect();
        put("ghost_rows", ghost_rows(&rows));
        let weights: Vec<i64> = births.iter().map(|birth| birth.weight).collect();
        put("copied_down", copied_down(&weights));
        let ages: Vec<i64> = births.iter().map(|birth| birth.mother_age).collect();
        put("copied_down_age", copied_down(&ages));
        put("consecutive_numbers", consecutive_numbers(&ages));
        for order in 1..=3 {
            let of = |boy: bool| {
                let fits = |birth: &&Birth| birth.order == order && birth.is_boy == boy;
                births.iter().filter(fits).count() as u64
            };
            put("sex_ratio", sex_ratio(of(true), of(false)));
        }
        let mut years = [(0, 0); 3];
        for birth in births {
            let year = &mut years[(calendar::year(birth.day) - 2016) as usize];
            year.0 += u64::from(birth.order == 1);
            year.1 += 1;
        }
        put("ratio_change", ratio_change(&years));
    }
    verdicts
}

fn asked(towns: &[Vec<Birth>]) -> Vec<(usize, &'static str)> {
    let verdicts = tests(towns);
    let p: Vec<f64> = verdicts.iter().map(|(.., verdict)| verdict.p).collect();
    let told = surprising(&p, RATE);
    verdicts
        .iter()
        .zip(told)
        .filter(|(_, told)| *told)
        .map(|((town, name, _), _)| (*town, *name))
        .collect()
}

fn county(seed: u64) -> Vec<Vec<Birth>> {
    let mut dice = Dice(seed);
    (0..TOWNS).map(|at| town(&mut dice, 60 + 40 * at)).collect()
}

#[test]
fn clean_counties_are_asked_nothing_but_for_the_stated_rate() {
    let mut runs = 0;
    let mut which: Vec<(usize, &str)> = Vec::new();
    for seed in 0..RUNS as u64 {
        let found = asked(&county(seed * 7919 + 1));
        runs += usize::from(!found.is_empty());
        which.extend(found);
    }
    // 5 % of the runs, and what chance may add to that in so many of them (three standard errors).
    let most = RUNS as f64 * RATE + 3.0 * (RUNS as f64 * RATE * (1.0 - RATE)).sqrt();
    assert!((runs as f64) < most, "{runs} of {RUNS}: {which:?}");
}

#[test]
fn no_single_test_is_surprised_by_clean_data_more_often_than_it_says() {
    let mut counts = std::collections::BTreeMap::new();
    for seed in 0..100 {
        for (_, name, verdict) in tests(&county(seed * 104_729 + 5)) {
            let (all, low) = counts.entry(name).or_insert((0_u32, [0_u32; 2]));
            *all += 1;
            for (count, level) in low.iter_mut().zip([0.05, 0.01]) {
                *count += u32::from(verdict.p <= level);
            }
        }
    }
    for (name, (all, low)) in counts {
        for (count, level) in low.into_iter().zip([0.05, 0.01]) {
            let n = f64::from(all);
            let most = n * level + 4.0 * (n * level * (1.0 - level)).sqrt();
            assert!(
                f64::from(count) < most,
                "{name}: {count} of {all} at {level}"
            );
        }
    }
}

#[test]
fn planted_cases_are_found_and_no_other_town_is_asked() {
    let mut found = [0_usize; 6];
    let mut others = 0;
    const SEEDS: u64 = 20;
    for seed in 0..SEEDS {
        let mut towns = county(seed * 15_485_863 + 11);
        let mut dice = Dice(seed);
        // A third of the days are the first of the month.
        for birth in towns[3].iter_mut().step_by(3) {
            let (year, month, _) = calendar::civil(birth.day);
            birth.day = calendar::days(year, month, 1).unwrap();
        }
        // Nothing in March to May, all of it in June.
        for birth in &mut towns[4] {
            let (year, month, day) = calendar::civil(birth.day);
            if year == 2017 && (3..=5).contains(&month) {
                birth.day = calendar::days(year, 6, day.min(30)).unwrap();
            }
        }
        // Five rows entered again.
        for at in 0..5 {
            let Birth {
                day,
                is_boy,
                order,
                weight,
                mother_age,
            } = towns[5][at * 7];
            towns[5].push(Birth {
                day,
                is_boy,
                order,
                weight,
                mother_age,
            });
        }
        // A weight filled down over eight rows; ages counted up over ten.
        for birth in &mut towns[6][20..28] {
            birth.weight = 3460;
        }
        for (at, birth) in towns[7][40..52].iter_mut().enumerate() {
            birth.mother_age = 22 + at as i64;
        }
        // Of third children four in five are boys.
        for birth in towns[8].iter_mut().filter(|birth| birth.order == 3) {
            birth.is_boy = dice.share() < 0.8;
        }
        let told = asked(&towns);
        for (count, planted) in found.iter_mut().zip([
            (3, "day_heaping"),
            (4, "catch_up"),
            (5, "ghost_rows"),
            (6, "copied_down"),
            (7, "consecutive_numbers"),
            (8, "sex_ratio"),
        ]) {
            *count += usize::from(told.contains(&planted));
        }
        others += told
            .iter()
            .filter(|(town, _)| !(3..=8).contains(town))
            .count();
    }
    assert!(
        found.iter().all(|count| *count >= SEEDS as usize * 9 / 10),
        "{found:?} of {SEEDS}"
    );
    assert!(others <= SEEDS as usize / 5, "{others} in {SEEDS} counties");
}
