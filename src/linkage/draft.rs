//! Drafts a configuration from the columns that two files share. Entry point: [`draft`].

use std::collections::{HashMap, HashSet};

use super::compare::Kind;
use super::config::{Column, Config};
use super::table::{Columns, Table};

/// A blocking rule may give this many pairs per row.
const PAIRS_PER_ROW: f64 = 10.0;

/// What a column looks like.
struct Profile {
    name: String,
    kind: Kind,
    values: HashSet<String>,
}

/// A configuration for files with columns of the same name; `None` when they share nothing to compare.
#[must_use]
pub fn draft(left: &Table, right: &Table) -> Option<Config> {
    let ids = [left, right].map(id_column);
    let (left_id, right_id) = (ids[0].clone()?, ids[1].clone()?);
    let mut profiles: Vec<Profile> = left
        .header
        .iter()
        .map(|name| name.trim())
        .filter(|name| *name != left_id || left_id != right_id)
        .filter_map(|name| profile(name, left, right))
        .collect();
    profiles.truncate(16);
    let mut config = Config {
        left_id,
        right_id,
        one_to_one: true,
        threshold: 0.5,
        compare: profiles
            .iter()
            .map(|profile| Column {
                column: profile.name.clone(),
                right: None,
                kind: profile.kind,
                swapped_with: partner(profile, &profiles),
            })
            .collect(),
        block: Vec::new(),
    };
    if config.compare.is_empty() {
        return None;
    }
    config.block = rules(&config, left, right);
    Some(config)
}

/// The first column whose cells are all there and all different.
fn id_column(file: &Table) -> Option<String> {
    let unique = |at: &usize| {
        let mut seen = HashSet::new();
        (0..file.rows.len()).all(|row| {
            let cell = file.cell(row, *at);
            !cell.is_empty() && seen.insert(cell)
        })
    };
    let at = (0..file.header.len()).find(unique)?;
    Some(file.header[at].trim().to_owned())
}

fn profile(name: &str, left: &Table, right: &Table) -> Option<Profile> {
    let mut values = HashSet::new();
    let (mut filled, mut digits, mut dates) = (0, 0, 0);
    for file in [left, right] {
        let at = file.position(name)?;
        for row in 0..file.rows.len() {
            let cell = file.cell(row, at);
            if cell.is_empty() {
                continue;
            }
            filled += 1;
            digits += usize::from(
                cell.bytes().filter(u8::is_ascii_digit).count() * 2 > cell.chars().count(),
            );
            dates += usize::from(is_date(&super::table::normalised(Kind::Date, cell)));
            values.insert(super::table::normalised(Kind::Text, cell));
        }
    }
    if values.len() < 2 {
        return None;
    }
    let most = |count: usize| count * 10 >= filled * 9;
    let kind = if most(dates) {
        Kind::Date
    } else if values.len() <= 30 {
        Kind::Category
    } else if most(digits) {
        Kind::Number
    } else {
        Kind::Text
    };
    Some(Profile {
        name: name.to_owned(),
        kind,
        values,
    })
}

fn is_date(digits: &str) -> bool {
    let part =
        |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<u32>().ok());
    digits.len() == 8
        && matches!(part(0..4), Some(1800..=2100))
        && matches!(part(4..6), Some(1..=12))
        && matches!(part(6..8), Some(1..=31))
}

/// The column with which a column of words is easily mixed up: the one that shares most of its words.
fn partner(profile: &Profile, profiles: &[Profile]) -> Option<String> {
    if profile.kind != Kind::Text {
        return None;
    }
    profiles
        .iter()
        .filter(|other| other.kind == Kind::Text && other.name != profile.name)
        .map(|other| {
            let common = profile.values.intersection(&other.values).count();
            (
                common,
                profile.values.len().min(other.values.len()),
                &other.name,
            )
        })
        .filter(|(common, size, _)| common * 20 >= *size)
        .max_by_key(|(common, _, _)| *common)
        .map(|(_, _, name)| name.clone())
}

/// Single columns that leave few pairs, and pairs of the other columns that do.
fn rules(config: &Config, left: &Table, right: &Table) -> Vec<Vec<String>> {
    let Ok(columns) = Columns::of(config, [left, right]) else {
        return Vec::new();
    };
    let limit = PAIRS_PER_ROW * (left.rows.len() + right.rows.len()) as f64;
    let size = |at: &[usize]| -> f64 {
        let mut counts: HashMap<Vec<u32>, [u32; 2]> = HashMap::new();
        for side in 0..2 {
            for row in 0..columns.rows[side] {
                let key: Vec<u32> = at
                    .iter()
                    .map(|at| columns.values[*at].rows[side][row])
                    .collect();
                if !key.contains(&super::table::MISSING) {
                    counts.entry(key).or_default()[side] += 1;
                }
            }
        }
        counts
            .values()
            .map(|[l, r]| f64::from(*l) * f64::from(*r))
            .sum()
    };
    let name = |at: usize| config.compare[at].column.clone();
    let all = 0..config.compare.len();
    let (single, others): (Vec<usize>, Vec<usize>) = all.partition(|at| size(&[*at]) <= limit);
    let mut rules: Vec<Vec<String>> = single.iter().map(|at| vec![name(*at)]).collect();
    for (index, a) in others.iter().enumerate() {
        for b in &others[index + 1..] {
            if size(&[*a, *b]) <= limit {
                rules.push(vec![name(*a), name(*b)]);
            }
        }
    }
    if rules.is_empty() {
        rules.push(
            config
                .compare
                .iter()
                .map(|column| column.column.clone())
                .collect(),
        );
    }
    rules
}
