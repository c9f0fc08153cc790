//! The cells of a result: which figure each count is, and which sums everybody knows.

use std::collections::{BTreeMap, HashMap};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};

use crate::error::{Error, Result};
use crate::msg;
use crate::query::Publish;

use super::suppress::Relation;

/// A count of the result or a sum of counts that it does not show.
#[derive(Debug, Clone)]
pub struct Cell {
    /// `figures|column|dimension=value;…`: the same in every release of the same figure.
    pub name: String,
    /// Where it stands: row and column; nowhere for a sum that is not shown.
    pub places: Vec<(usize, usize)>,
    /// Its count, when it is shown.
    pub count: Option<i64>,
}

/// The counts of a result and the sums between them.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Counts, and sums of counts.
    pub cells: Vec<Cell>,
    /// Sums that hold, by the numbers of their cells.
    pub relations: Vec<Relation>,
    /// Declared sums that do not hold in some row: a mistake in the header.
    pub broken_sums: Vec<String>,
    numbers: HashMap<String, usize>,
}

type Coordinates = BTreeMap<String, String>;

/// What a parameter or key column says about the place of a cell. The division of the county
/// (`group_code` of `by=township`) and the parameter `region` are the same dimension; a key `total`
/// is the whole.
#[must_use]
pub fn coordinates(params: &[(String, String)], keys: &[(String, String)]) -> Coordinates {
    let by = params
        .iter()
        .find_map(|(name, value)| (name == "by").then_some(value.as_str()))
        .unwrap_or("none");
    let mut all: Coordinates = params
        .iter()
        .filter(|(name, _)| name != "by")
        .cloned()
        .collect();
    for (name, value) in keys {
        if value != "total" {
            all.insert(dimension(name, by).to_owned(), value.clone());
        }
    }
    all
}

fn dimension<'a>(key: &'a str, by: &'a str) -> &'a str {
    match (key, by) {
        ("township_code" | "region_code", _) | ("group_code", "township") => "region",
        ("group_code", "none") => "group",
        ("group_code", by) => by,
        (key, _) => key,
    }
}

impl Table {
    /// Reads the cells of `rows`, the answer of the query with these `params` (those at their default are left out, so that
    /// they name the same cells in every query of the same `figures`).
    ///
    /// # Errors
    /// When the header names columns that the result does not have, or no key tells its rows apart.
    pub fn read(
        rows: &RecordBatch,
        figures: &str,
        publish: &Publish,
        params: &[(String, String)],
    ) -> Result<Self> {
        let mut table = Self::default();
        let keys: Vec<(String, Vec<String>)> = publish
            .keys
            .iter()
            .map(|name| Ok((name.clone(), texts(rows, name)?)))
            .collect::<Result<_>>()?;
        let by = params
            .iter()
            .find_map(|(name, value)| (name == "by").then_some(value.as_str()))
            .unwrap_or("none");
        let key_of = |row: usize| -> Vec<(String, String)> {
            keys.iter()
                .map(|(name, values)| (name.clone(), values[row].clone()))
                .collect()
        };
        let at: Vec<Coordinates> = (0..rows.num_rows())
            .map(|row| coordinates(params, &key_of(row)))
            .collect();
        let mut columns: BTreeMap<&str, Vec<Option<i64>>> = BTreeMap::new();
        for name in publish.counts.iter().chain(&publish.wholes) {
            columns.insert(name, counts(rows, name)?);
        }

        for name in &publish.counts {
            let column = position(rows, name)?;
            for (row, place) in at.iter().enumerate() {
                if let Some(count) = columns[name.as_str()][row] {
                    table.put(&named(figures, name, place), (row, column), count);
                }
            }
            for (key, values) in &keys {
                let dimension = dimension(key, by);
                let mut sums: BTreeMap<Coordinates, Option<Vec<usize>>> = BTreeMap::new();
                for (row, place) in at.iter().enumerate() {
                    if values[row] == "total" {
                        continue;
                    }
                    let mut whole = place.clone();
                    whole.remove(dimension);
                    if let Some((_, region)) = params
                        .iter()
                        .find(|(name, _)| dimension == "region" && name == "region")
                    {
                        whole.insert("region".to_owned(), region.clone());
                    }
                    let parts = sums.entry(whole).or_insert_with(|| Some(Vec::new()));
                    match columns[name.as_str()][row] {
                        Some(_) => {
                            let part = table.number(&named(figures, name, place));
                            if let Some(parts) = parts {
                                parts.push(part);
                            }
                        }
                        // A part that nobody knows: no sum to speak of.
                        None => *parts = None,
                    }
                }
                for (whole, parts) in sums {
                    let Some(parts) = parts else { continue };
                    let whole = table.number(&named(figures, name, &whole));
                    table.relate(whole, &parts);
                }
            }
        }
        for name in &publish.wholes {
            table.whole(rows, figures, name, publish, &at, by, &columns)?;
        }
        for sum in &publish.sums {
            table.sum(sum, figures, &at, &columns)?;
        }
        Ok(table)
    }

    /// A column that repeats the sum of the counts over the last key.
    #[allow(clippy::too_many_arguments)]
    fn whole(
        &mut self,
        rows: &RecordBatch,
        figures: &str,
        name: &str,
        publish: &Publish,
        at: &[Coordinates],
        by: &str,
        columns: &BTreeMap<&str, Vec<Option<i64>>>,
    ) -> Result<()> {
        let column = position(rows, name)?;
        let last = publish.keys.last().map_or("", String::as_str);
        let mut groups: BTreeMap<Coordinates, Vec<usize>> = BTreeMap::new();
        for (row, place) in at.iter().enumerate() {
            let mut whole = place.clone();
            whole.remove(dimension(last, by));
            if let Some(count) = columns[name][row] {
                self.put(&named(figures, name, &whole), (row, column), count);
            }
            groups.entry(whole).or_default().push(row);
        }
        for (place, members) in groups {
            let whole = self.number(&named(figures, name, &place));
            for count in &publish.counts {
                let parts: Vec<usize> = members
                    .iter()
                    .filter(|&&row| columns[count.as_str()][row].is_some())
                    .map(|&row| self.number(&named(figures, count, &at[row])))
                    .collect();
                let unknown = |part: &usize| self.cells[*part].name.contains("=unknown");
                let known: Vec<usize> = parts.iter().copied().filter(|p| !unknown(p)).collect();
                if !self.relate(whole, &parts) {
                    self.relate(whole, &known);
                }
            }
        }
        Ok(())
    }

    /// A sum within each row: `births = boys + girls - twins`.
    fn sum(
        &mut self,
        text: &str,
        figures: &str,
        at: &[Coordinates],
        columns: &BTreeMap<&str, Vec<Option<i64>>>,
    ) -> Result<()> {
        let wrong = || {
            Error::usage(msg!(
                "the sum `{text}` is not of the form `whole = part + part - part` of columns in `counts`",
                "求和式 `{text}` 应为“合计 = 部分 + 部分 - 部分”，且各列都在 `counts` 中"
            ))
        };
        let (whole, parts) = text.split_once('=').ok_or_else(wrong)?;
        let mut terms = vec![(whole.trim(), 1_i64)];
        let mut sign = -1;
        for word in parts.split_whitespace() {
            match word {
                "+" => sign = -1,
                "-" => sign = 1,
                name => terms.push((name, sign)),
            }
        }
        if terms.iter().any(|(name, _)| !columns.contains_key(name)) {
            return Err(wrong());
        }
        for (row, place) in at.iter().enumerate() {
            let values: Option<Vec<i64>> =
                terms.iter().map(|(name, _)| columns[name][row]).collect();
            let Some(values) = values else { continue };
            let balance: i64 = values
                .iter()
                .zip(&terms)
                .map(|(v, (_, sign))| v * sign)
                .sum();
            if balance != 0 {
                self.broken_sums.push(text.to_owned());
                return Ok(());
            }
            let relation = terms
                .iter()
                .map(|(name, sign)| (self.number(&named(figures, name, place)), *sign))
                .collect();
            self.add(relation);
        }
        Ok(())
    }

    /// The number of a cell, by name; made when it is new.
    pub fn number(&mut self, name: &str) -> usize {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = self.cells.len();
        self.cells.push(Cell {
            name: name.to_owned(),
            places: Vec::new(),
            count: None,
        });
        self.numbers.insert(name.to_owned(), number);
        number
    }

    fn put(&mut self, name: &str, place: (usize, usize), count: i64) {
        let number = self.number(name);
        let cell = &mut self.cells[number];
        cell.places.push(place);
        // Two rows that claim to be the same cell but differ are two secrets: the smaller decides.
        cell.count = Some(cell.count.map_or(count, |other| other.min(count)));
    }

    /// `whole = sum of parts`, unless the counts say otherwise; whether it holds.
    fn relate(&mut self, whole: usize, parts: &[usize]) -> bool {
        if parts.is_empty() || parts.contains(&whole) {
            return false;
        }
        let sum: i64 = parts
            .iter()
            .filter_map(|&part| self.cells[part].count)
            .sum();
        if self.cells[whole].count.is_some_and(|count| count != sum) {
            return false;
        }
        let mut relation = vec![(whole, 1)];
        relation.extend(parts.iter().map(|&part| (part, -1)));
        self.add(relation);
        true
    }

    /// Adds a sum that everybody knows.
    pub fn add(&mut self, mut relation: Relation) {
        relation.sort_unstable();
        if !self.relations.contains(&relation) {
            self.relations.push(relation);
        }
    }
}

fn named(figures: &str, column: &str, at: &Coordinates) -> String {
    let at: Vec<String> = at
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{figures}|{column}|{}", at.join(";"))
}

fn position(rows: &RecordBatch, name: &str) -> Result<usize> {
    rows.schema().index_of(name).map_err(|_| {
        Error::usage(msg!(
            "`publish` names the column `{name}`, which the result does not have",
            "`publish` 中的列 `{name}` 不在结果中"
        ))
    })
}

fn texts(rows: &RecordBatch, name: &str) -> Result<Vec<String>> {
    let column = cast(rows.column(position(rows, name)?), &DataType::Utf8)?;
    let column = column.as_string::<i32>();
    let text = |row| {
        if column.is_valid(row) {
            column.value(row)
        } else {
            "unknown"
        }
    };
    Ok((0..rows.num_rows())
        .map(|row| text(row).to_owned())
        .collect())
}

/// Counts as whole numbers; weighted counts of surveys are rounded.
fn counts(rows: &RecordBatch, name: &str) -> Result<Vec<Option<i64>>> {
    let column = cast(rows.column(position(rows, name)?), &DataType::Float64)?;
    let column = column.as_primitive::<Float64Type>();
    Ok(column
        .iter()
        .map(|value| value.map(|value| value.round() as i64))
        .collect())
}
