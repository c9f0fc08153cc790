//! Scores: the share of records without a finding, with its interval, trend and rank. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::examine::UNKNOWN;
use super::history::Finding;
use crate::catalog::{Check, Heading};
use crate::domain::rate::wilson;

/// All towns together.
pub(super) const ALL: &str = "all";
/// Fewer records than this get no rank: chance would decide it.
const RANKED_FROM: u64 = 30;
/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// Records looked at and those with a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Records looked at.
    pub records: u64,
    /// Records with a finding.
    pub flagged: u64,
}

impl Cell {
    /// The share of records without a finding, 0 to 1; `None` when none was looked at.
    #[must_use]
    pub fn score(self) -> Option<f64> {
        (self.records > 0).then(|| 1.0 - self.flagged as f64 / self.records as f64)
    }

    /// Wilson interval of the score.
    #[must_use]
    pub fn limits(self) -> Option<(f64, f64)> {
        let clean = self.records.saturating_sub(self.flagged);
        wilson(clean as f64, self.records as f64, LEVEL)
    }
}

/// Owner, town (or `all`), heading (`None` = all of them).
pub(super) type Key = (String, String, Option<Heading>);

/// Cells by owner, town and heading.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tally(pub(super) BTreeMap<Key, Cell>);

impl Tally {
    /// Adds to a town and to all towns together.
    pub(super) fn add(&mut self, owner: &str, town: &str, heading: Option<Heading>, more: Cell) {
        for town in [town, ALL] {
            let key = (owner.to_owned(), town.to_owned(), heading);
            let cell = self.0.entry(key).or_default();
            cell.records += more.records;
            cell.flagged += more.flagged;
        }
    }

    /// Adds groups of records of a town, or of all towns together.
    pub(super) fn add_groups(&mut self, owner: &str, town: Option<&str>, more: Cell) {
        let heading = Some(Heading::Truthfulness);
        match town {
            Some(town) => self.add(owner, town, heading, more),
            None => {
                let key = (owner.to_owned(), ALL.to_owned(), heading);
                let cell = self.0.entry(key).or_default();
                cell.records += more.records;
                cell.flagged += more.flagged;
            }
        }
    }

    /// Counts the records that `findings` name, each once per heading and once altogether.
    pub(super) fn flag(&mut self, findings: &[Finding], checks: &[Check]) {
        let checks: BTreeMap<&str, &Check> = checks
            .iter()
            .map(|check| (check.name.as_str(), check))
            .collect();
        let mut records = BTreeSet::new();
        for finding in findings {
            let Some(check) = checks.get(finding.check.as_str()) else {
                continue;
            };
            if check.test.is_some() {
                continue;
            }
            let (_, subject) = finding.identity();
            let town = finding.township.as_deref().unwrap_or(UNKNOWN);
            for heading in [Some(check.heading), None] {
                let record = (&check.table, subject.clone(), heading, &finding.owner, town);
                if records.insert(record) {
                    let flagged = Cell {
                        records: 0,
                        flagged: 1,
                    };
                    self.add(&finding.owner, town, heading, flagged);
                }
            }
        }
        for cell in self.0.values_mut() {
            cell.records = cell.records.max(cell.flagged);
        }
    }
}

/// A line of the scorecard.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// Department that answers for the records.
    pub owner: String,
    /// Town of the records: a code, `unknown`, or `all`.
    pub town: String,
    /// The heading; all of them together when `None`.
    pub heading: Option<Heading>,
    /// Records looked at and those with a finding.
    pub cell: Cell,
    /// The score of the run before.
    pub before: Option<f64>,
    /// Place and number of places: towns of the department, or departments for all towns.
    pub rank: Option<(usize, usize)>,
}

/// The scorecard of a run, beside the run before.
pub(super) fn scores(tally: &Tally, before: &Tally) -> Vec<Score> {
    let mut scores: Vec<Score> = tally
        .0
        .iter()
        .map(|(key, cell)| Score {
            owner: key.0.clone(),
            town: key.1.clone(),
            heading: key.2,
            cell: *cell,
            before: before.0.get(key).and_then(|cell| cell.score()),
            rank: None,
        })
        .collect();
    // Who is ranked against whom: towns within their department, departments among themselves.
    let mut fields: BTreeMap<(Option<String>, Option<Heading>), Vec<f64>> = BTreeMap::new();
    let field = |score: &Score| {
        let owner = (score.town != ALL).then(|| score.owner.clone());
        (owner, score.heading)
    };
    let ranked = |score: &Score| {
        let enough = score.cell.records >= RANKED_FROM && score.town != UNKNOWN;
        score.cell.score().filter(|_| enough)
    };
    for score in &scores {
        if let Some(value) = ranked(score) {
            fields.entry(field(score)).or_default().push(value);
        }
    }
    for score in &mut scores {
        if let (Some(value), Some(others)) = (ranked(score), fields.get(&field(score))) {
            let better = others.iter().filter(|other| **other > value).count();
            score.rank = Some((better + 1, others.len()));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(cells: &[(&str, &str, u64, u64)]) -> Tally {
        let mut tally = Tally::default();
        for (owner, town, records, flagged) in cells {
            let cell = Cell {
                records: *records,
                flagged: *flagged,
            };
            tally.add(owner, town, None, cell);
        }
        tally
    }

    #[test]
    fn scores_have_interval_trend_and_rank() {
        let now = tally(&[
            ("police", "a", 100, 10),
            ("police", "b", 200, 2),
            ("police", "c", 5, 0),
            ("health", "a", 100, 0),
        ]);
        let before = tally(&[("police", "a", 100, 20)]);
        let scores = scores(&now, &before);
        let of = |owner: &str, town: &str| {
            scores
                .iter()
                .find(|s| s.owner == owner && s.town == town)
                .unwrap()
        };
        assert_eq!(
            of("police", "all").cell,
            Cell {
                records: 305,
                flagged: 12
            }
        );
        assert_eq!(of("police", "a").rank, Some((2, 2)));
        assert_eq!(of("police", "b").rank, Some((1, 2)));
        assert_eq!(of("police", "c").rank, None, "five records are no ranking");
        assert_eq!(of("police", "all").rank, Some((2, 2)));
        assert_eq!(of("police", "a").before, Some(0.8));
        assert_eq!(of("health", "a").before, None);
        let (low, high) = of("police", "a").cell.limits().unwrap();
        // Wilson 90 of 100: 0.8256 to 0.9448.
        assert!((low - 0.8256).abs() < 1e-4 && (high - 0.9448).abs() < 1e-4);
    }
}
