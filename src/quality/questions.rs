//! Runs the checks that test groups of records, and decides over all of them together what to ask.
//! Entry point: [`questions`].

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::examine::{UNKNOWN, due, rows_of, values};
use super::history::Finding;
use super::read::Rows;
use super::score::{Cell, Tally};
use super::truth::{self, Verdict};
use crate::catalog::{Catalog, Check, Owner, Trial};
use crate::domain::calendar;
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::Session;

/// Of what is told, so much is chance; on data without anything odd so many runs ask anything, at most.
pub(super) const RATE: f64 = 0.05;
/// Months of the other groups weigh as if so many events had been spread evenly beside them.
const EVEN: f64 = 10.0;

/// Owner, town, series.
type Group = (String, Option<String>, String);

/// A group of records and what its test says.
struct Tested<'a> {
    check: &'a Check,
    group: Group,
    verdict: Verdict,
    /// Delivery, sheet and row where the file shows it.
    place: Option<(String, Option<String>, Option<i32>)>,
}

/// What the tests of the catalog ask; groups tested are counted in `tally`.
pub(super) async fn questions(
    session: &Session,
    catalog: &Catalog,
    today: NaiveDate,
    tally: &mut Tally,
) -> Result<Vec<Finding>> {
    let mut tested = Vec::new();
    for check in &catalog.checks {
        if let Some(trial) = check.test {
            let rows = rows_of(session, check, &values(today)).await?;
            tested.extend(judged(check, trial, &rows)?);
        }
    }
    let p: Vec<f64> = tested.iter().map(|tested| tested.verdict.p).collect();
    let told = truth::surprising(&p, RATE);
    let mut findings = Vec::new();
    for (tested, told) in tested.into_iter().zip(told) {
        let (owner, town, series) = &tested.group;
        let cell = Cell {
            records: 1,
            flagged: u64::from(told),
        };
        tally.add_groups(owner, town.as_deref(), cell);
        if !told {
            continue;
        }
        let check = tested.check;
        let department = match &check.owner {
            Owner::Column(_) => Some(owner),
            Owner::Department(_) => catalog.tables.get(&check.table).map(|table| &table.owner),
        };
        let mut detail = format!("series={series}");
        for (name, value) in &tested.verdict.seen {
            detail.push_str(&format!("; {name}={value}"));
        }
        detail.push_str(&format!("; p={}", told_p(tested.verdict.p)));
        let (delivery, sheet, row) = match tested.place {
            Some((delivery, sheet, row)) => (Some(delivery), sheet, row),
            None => (None, None, None),
        };
        findings.push(Finding {
            check: check.name.clone(),
            heading: check.heading.as_str().to_owned(),
            severity: check.severity.as_str().to_owned(),
            department: department.unwrap_or(owner).clone(),
            owner: owner.clone(),
            township: town.clone(),
            table: check.table.clone(),
            delivery,
            sheet,
            row,
            detail,
            due: due(check, today),
            ..Finding::default()
        });
    }
    Ok(findings)
}

/// A probability as people read it.
fn told_p(p: f64) -> String {
    if p < 0.0001 {
        "0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

/// The columns that a test needs.
fn needs(trial: Trial) -> &'static [&'static str] {
    match trial {
        Trial::DayHeaping => &["day", "events"],
        Trial::CatchUp => &["month", "events"],
        Trial::GhostRows => &[],
        Trial::CopiedDown | Trial::ConsecutiveNumbers => &["value"],
        Trial::SexRatio => &["boys", "girls"],
        Trial::RatioChange => &["period", "part", "whole"],
    }
}

/// Columns that are not of the record itself.
const AROUND: [&str; 5] = [
    "township_code",
    "series",
    "delivery_id",
    "source_sheet",
    "source_row",
];

fn judged<'a>(check: &'a Check, trial: Trial, batches: &[Rows]) -> Result<Vec<Tested<'a>>> {
    let Some(first) = batches.first() else {
        return Ok(Vec::new());
    };
    if let Some(missing) = needs(trial)
        .iter()
        .find(|name| !first.names().iter().any(|known| known == *name))
    {
        let file = &check.file;
        return Err(Error::usage(msg!(
            "the check `catalog/{file}` does not select `{missing}`, which its test needs",
            "检查项 `catalog/{file}` 未选出检验所需的列 `{missing}`"
        )));
    }
    let mut groups: BTreeMap<Group, Vec<(&Rows, usize)>> = BTreeMap::new();
    for rows in batches {
        for row in 0..rows.count {
            let owner = match &check.owner {
                Owner::Department(owner) => owner.as_str(),
                Owner::Column(column) => rows.text(column, row).unwrap_or(UNKNOWN),
            };
            let town = rows.text("township_code", row).map(str::to_owned);
            let series = rows.text("series", row).unwrap_or("all").to_owned();
            groups
                .entry((owner.to_owned(), town, series))
                .or_default()
                .push((rows, row));
        }
    }
    let calendar = (trial == Trial::CatchUp).then(|| Calendar::of(&groups));
    let mut tested = Vec::new();
    for (group, rows) in &groups {
        let Some((verdict, at)) = judge(trial, rows, calendar.as_ref())? else {
            continue;
        };
        let place = rows.get(at.unwrap_or(rows.len())).and_then(|(rows, row)| {
            let number = rows.number("source_row", *row);
            Some((
                rows.text("delivery_id", *row)?.to_owned(),
                rows.text("source_sheet", *row).map(str::to_owned),
                number.and_then(|number| i32::try_from(number).ok()),
            ))
        });
        tested.push(Tested {
            check,
            group: group.clone(),
            verdict,
            place,
        });
    }
    Ok(tested)
}

/// What a test says of a group, and at which of its rows the reason begins.
fn judge(
    trial: Trial,
    rows: &[(&Rows, usize)],
    calendar: Option<&Calendar>,
) -> Result<Option<(Verdict, Option<usize>)>> {
    let number = |name: &str| {
        rows.iter()
            .map(|(rows, row)| rows.number(name, *row).unwrap_or_default())
            .collect::<Vec<i64>>()
    };
    let count = |name: &str| -> Vec<u64> {
        number(name)
            .into_iter()
            .map(|n| n.max(0).unsigned_abs())
            .collect()
    };
    let verdict = match trial {
        Trial::DayHeaping => {
            let days = rows.iter().map(|(rows, row)| rows.day("day", *row));
            let events: Vec<(i32, u64)> = days
                .zip(count("events"))
                .filter_map(|(day, events)| Some((day?, events)))
                .collect();
            truth::day_heaping(&events)
        }
        Trial::CatchUp => calendar.and_then(|calendar| calendar.judge(rows)),
        Trial::GhostRows => {
            let mut records = Vec::with_capacity(rows.len());
            for (rows, row) in rows {
                let mut values = Vec::new();
                for name in rows.names() {
                    if !AROUND.contains(&name.as_str()) {
                        values.push(rows.shown(name, *row)?);
                    }
                }
                records.push(values);
            }
            truth::ghost_rows(&records)
        }
        Trial::CopiedDown => {
            let mut values = Vec::with_capacity(rows.len());
            for (rows, row) in rows {
                values.push(rows.shown("value", *row)?);
            }
            truth::copied_down(&values)
        }
        Trial::ConsecutiveNumbers => truth::consecutive_numbers(&number("value")),
        Trial::SexRatio => {
            truth::sex_ratio(count("boys").iter().sum(), count("girls").iter().sum())
        }
        Trial::RatioChange => {
            let mut periods: Vec<(&str, u64, u64)> = rows
                .iter()
                .zip(count("part").into_iter().zip(count("whole")))
                .map(|((rows, row), (part, whole))| {
                    (rows.text("period", *row).unwrap_or_default(), part, whole)
                })
                .collect();
            periods.sort_unstable();
            let shares: Vec<(u64, u64)> = periods.iter().map(|(_, n, all)| (*n, *all)).collect();
            let name = |at: usize| periods.get(at).map(|(name, ..)| (*name).to_owned());
            truth::ratio_change(&shares).map(|verdict| renamed(verdict, "step", name))
        }
    };
    Ok(verdict.map(|verdict| {
        let from = verdict.seen.iter().find(|(name, _)| *name == "from_row");
        let at = from.and_then(|(_, at)| at.parse::<usize>().ok());
        (verdict, at.map(|at| at.saturating_sub(1)))
    }))
}

/// The number of a period, counted from 1, becomes its name.
fn renamed(mut verdict: Verdict, what: &str, name: impl Fn(usize) -> Option<String>) -> Verdict {
    for (_, value) in verdict.seen.iter_mut().filter(|(seen, _)| *seen == what) {
        let at = value.parse::<usize>().ok();
        if let Some(name) = at.and_then(|at| name(at.checked_sub(1)?)) {
            *value = name;
        }
    }
    verdict
}

/// The months of all groups of a check, and how many events each holds.
struct Calendar {
    months: Vec<String>,
    all: Vec<f64>,
}

impl Calendar {
    fn of(groups: &BTreeMap<Group, Vec<(&Rows, usize)>>) -> Self {
        let mut months: BTreeSet<(i32, u32)> = BTreeSet::new();
        for (rows, row) in groups.values().flatten() {
            months.extend(rows.text("month", *row).and_then(month));
        }
        let mut named = Vec::new();
        if let (Some(first), Some(last)) = (months.first(), months.last()) {
            let (mut year, mut month) = *first;
            while (year, month) <= *last {
                named.push(format!("{year:04}-{month:02}"));
                (year, month) = if month == 12 {
                    (year + 1, 1)
                } else {
                    (year, month + 1)
                };
            }
        }
        let mut calendar = Self {
            all: vec![0.0; named.len()],
            months: named,
        };
        for rows in groups.values() {
            for (sum, events) in calendar.events(rows).into_iter().enumerate() {
                calendar.all[sum] += events as f64;
            }
        }
        calendar
    }

    fn events(&self, rows: &[(&Rows, usize)]) -> Vec<u64> {
        let mut events = vec![0; self.months.len()];
        for (rows, row) in rows {
            let name = rows.text("month", *row).unwrap_or_default();
            if let Ok(at) = self
                .months
                .binary_search_by(|month| month.as_str().cmp(name))
            {
                let count = rows.number("events", *row).unwrap_or_default();
                events[at] += count.max(0).unsigned_abs();
            }
        }
        events
    }

    /// What the month holds elsewhere says what to expect: offices close for all alike.
    fn judge(&self, rows: &[(&Rows, usize)]) -> Option<Verdict> {
        let events = self.events(rows);
        let shares: Vec<f64> = self
            .months
            .iter()
            .zip(&self.all)
            .zip(&events)
            .map(|((name, all), own)| {
                let length = month(name).map_or(30, |(y, m)| calendar::days_in_month(y, m));
                all - *own as f64 + EVEN * f64::from(length) / 30.0
            })
            .collect();
        let verdict = truth::catch_up(&events, &shares)?;
        Some(renamed(verdict, "month", |at| self.months.get(at).cloned()))
    }
}

/// Reads `2018-03`.
fn month(text: &str) -> Option<(i32, u32)> {
    let (year, month) = text.split_once('-')?;
    let month = month
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))?;
    Some((year.parse().ok()?, month))
}
