//! Projections, forecasts and scores as rows. Entry points: [`by_age`], [`groups`], [`totals`],
//! [`scores`].

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, Float64Array, Int8Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{Field, Schema};

use super::backtest::Score;
use super::outlook::{Band, Outlook};
use super::path::Path;
use super::project::{Ages, Sexes};
use crate::error::Result;

/// Which columns the rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByAge {
    /// Adds births, deaths and net migration of the step that ended in the year.
    pub components: bool,
    /// Adds the region.
    pub regions: bool,
}

/// One row a region, year, sex and age group, beginning with the population that was projected.
///
/// Components belong to the people of the row: births stand at age 0, deaths and migrants at the
/// age that the people have at the end of the step, so that every row balances.
///
/// # Errors
/// Never in practice: the columns have one length.
pub fn by_age(paths: &[(String, Ages, i32, Path)], of: ByAge) -> Result<RecordBatch> {
    let mut rows = Rows::default();
    for (region, ages, start, path) in paths {
        rows.path(region, *ages, *start, path, None);
    }
    rows.batch(of, false)
}

/// The same with intervals.
///
/// # Errors
/// Never in practice.
pub fn groups(outlooks: &[(String, Ages, i32, Outlook)], of: ByAge) -> Result<RecordBatch> {
    let mut rows = Rows::default();
    for (region, ages, start, outlook) in outlooks {
        rows.path(
            region,
            *ages,
            *start,
            &outlook.point.path,
            Some(&outlook.groups),
        );
    }
    rows.batch(of, true)
}

#[derive(Default)]
struct Rows {
    region: Vec<String>,
    year: Vec<i32>,
    sex: Vec<i8>,
    age: Vec<i32>,
    population: Vec<f64>,
    bands: Vec<Band>,
    births: Vec<Option<f64>>,
    deaths: Vec<Option<f64>>,
    net: Vec<Option<f64>>,
}

impl Rows {
    fn path(
        &mut self,
        region: &str,
        ages: Ages,
        start: i32,
        path: &Path,
        bands: Option<&Vec<Sexes<Vec<Band>>>>,
    ) {
        self.add(region, ages, start, &path.start);
        let first = self.population.iter().skip(self.births.len()).copied();
        self.bands.extend(first.map(known));
        self.births.resize(self.population.len(), None);
        self.deaths.resize(self.population.len(), None);
        self.net.resize(self.population.len(), None);
        for (at, (year, step)) in path.steps.iter().enumerate() {
            self.add(region, ages, *year, &step.population);
            for sex in 0..2 {
                let born = |group: usize| if group == 0 { step.births[sex] } else { 0.0 };
                self.births
                    .extend((0..ages.count).map(|group| Some(born(group))));
                self.deaths
                    .extend(step.deaths[sex].iter().copied().map(Some));
                self.net
                    .extend(step.migration[sex].iter().copied().map(Some));
                match bands.and_then(|bands| bands.get(at)) {
                    Some(bands) => self.bands.extend(&bands[sex]),
                    None => self
                        .bands
                        .extend(step.population[sex].iter().copied().map(known)),
                }
            }
        }
    }

    fn add(&mut self, region: &str, ages: Ages, year: i32, population: &Sexes<Vec<f64>>) {
        for (sex, code) in [1_i8, 2].into_iter().enumerate() {
            for (group, count) in population[sex].iter().enumerate() {
                self.region.push(region.to_owned());
                self.year.push(year);
                self.sex.push(code);
                self.age.push(ages.from(group) as i32);
                self.population.push(*count);
            }
        }
    }

    fn batch(self, of: ByAge, intervals: bool) -> Result<RecordBatch> {
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        if of.regions {
            columns.push((
                "region".to_owned(),
                Arc::new(StringArray::from(self.region)),
            ));
        }
        columns.push(("year".to_owned(), Arc::new(Int32Array::from(self.year))));
        columns.push(("sex".to_owned(), Arc::new(Int8Array::from(self.sex))));
        columns.push(("age".to_owned(), Arc::new(Int32Array::from(self.age))));
        columns.push(("population".to_owned(), numbers(self.population)));
        if intervals {
            columns.extend(limits("", &self.bands));
        }
        if of.components {
            for (name, values) in [
                ("births", self.births),
                ("deaths", self.deaths),
                ("net_migration", self.net),
            ] {
                columns.push((name.to_owned(), Arc::new(Float64Array::from(values))));
            }
        }
        batch(columns)
    }
}

/// One row a region and year: the total, its interval, its members; births and deaths with theirs.
///
/// # Errors
/// Never in practice.
pub fn totals(outlooks: &[(String, Ages, i32, Outlook)], of: ByAge) -> Result<RecordBatch> {
    let (mut region, mut year) = (Vec::new(), Vec::new());
    let mut points: [Vec<Option<f64>>; 6] = Default::default();
    let (mut population, mut births, mut deaths) = (Vec::new(), Vec::new(), Vec::new());
    for (name, _, start, outlook) in outlooks {
        let point = &outlook.point;
        let now: f64 = point.path.start.iter().flatten().sum();
        region.push(name.clone());
        year.push(*start);
        let first = [Some(now), Some(now), Some(now), None, None, None];
        points
            .iter_mut()
            .zip(first)
            .for_each(|(column, value)| column.push(value));
        population.push(known(now));
        births.push(None);
        deaths.push(None);
        for (at, (ended, step)) in point.path.steps.iter().enumerate() {
            region.push(name.clone());
            year.push(*ended);
            let row = [
                point.totals.get(at).copied(),
                point.cohort_component.get(at).copied(),
                point.trend.get(at).copied(),
                Some(step.births.iter().sum()),
                Some(step.deaths.iter().flatten().sum()),
                Some(step.migration.iter().flatten().sum()),
            ];
            points
                .iter_mut()
                .zip(row)
                .for_each(|(column, value)| column.push(value));
            population.push(outlook.totals[at]);
            births.push(Some(outlook.births[at]));
            deaths.push(Some(outlook.deaths[at]));
        }
    }
    let [total, cohorts, trend, born, dead, net] =
        points.map(|values| Arc::new(Float64Array::from(values)) as ArrayRef);
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    if of.regions {
        columns.push(("region".to_owned(), Arc::new(StringArray::from(region))));
    }
    columns.push(("year".to_owned(), Arc::new(Int32Array::from(year))));
    columns.push(("population".to_owned(), total));
    columns.extend(limits("", &population));
    columns.push(("cohort_component".to_owned(), cohorts));
    columns.push(("damped_trend".to_owned(), trend));
    if of.components {
        columns.push(("births".to_owned(), born));
        columns.extend(maybe_limits("births_", &births));
        columns.push(("deaths".to_owned(), dead));
        columns.extend(maybe_limits("deaths_", &deaths));
        columns.push(("net_migration".to_owned(), net));
    }
    batch(columns)
}

/// One row a horizon.
///
/// # Errors
/// Never in practice.
pub fn scores(scores: &[Score]) -> Result<RecordBatch> {
    let horizons: Vec<i32> = scores.iter().map(|score| score.horizon as i32).collect();
    let forecasts: Vec<i64> = scores.iter().map(|score| score.forecasts as i64).collect();
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("horizon".to_owned(), Arc::new(Int32Array::from(horizons))),
        (
            "forecasts".to_owned(),
            Arc::new(Int64Array::from(forecasts)),
        ),
    ];
    type Column = (&'static str, fn(&Score) -> f64);
    let figures: [Column; 12] = [
        ("mape", |score| score.mape),
        ("median_ape", |score| score.median_ape),
        ("bias", |score| score.bias),
        ("age_wape", |score| score.age_wape),
        ("naive_mape", |score| score.naive),
        ("linear_mape", |score| score.linear),
        ("hamilton_perry_mape", |score| score.hamilton_perry),
        ("relative_to_naive", |score| score.mape / score.naive),
        ("coverage_80", |score| score.coverage_80),
        ("coverage_95", |score| score.coverage_95),
        ("width_80", |score| score.width_80),
        ("width_95", |score| score.width_95),
    ];
    for (name, figure) in figures {
        // Four digits tell all that such figures can tell; an undefined one is NULL.
        let values = scores.iter().map(|score| {
            Some((figure(score) * 1e4).round() / 1e4).filter(|value| value.is_finite())
        });
        columns.push((name.to_owned(), Arc::new(values.collect::<Float64Array>())));
    }
    batch(columns)
}

/// What is known has no interval but itself.
fn known(count: f64) -> Band {
    Band {
        lower_95: count,
        lower_80: count,
        median: count,
        upper_80: count,
        upper_95: count,
    }
}

type Limit = (&'static str, fn(&Band) -> f64);

const LIMITS: [Limit; 5] = [
    ("lower_95", |band| band.lower_95),
    ("lower_80", |band| band.lower_80),
    ("median", |band| band.median),
    ("upper_80", |band| band.upper_80),
    ("upper_95", |band| band.upper_95),
];

fn limits(prefix: &str, bands: &[Band]) -> Vec<(String, ArrayRef)> {
    let bands: Vec<Option<Band>> = bands.iter().copied().map(Some).collect();
    maybe_limits(prefix, &bands)
}

fn maybe_limits(prefix: &str, bands: &[Option<Band>]) -> Vec<(String, ArrayRef)> {
    LIMITS
        .iter()
        .map(|(name, limit)| {
            let values: Float64Array = bands.iter().map(|band| band.as_ref().map(limit)).collect();
            (format!("{prefix}{name}"), Arc::new(values) as ArrayRef)
        })
        .collect()
}

fn numbers(values: Vec<f64>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}

fn batch(columns: Vec<(String, ArrayRef)>) -> Result<RecordBatch> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(name, array.data_type().clone(), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}
