//! A projection as rows. Entry point: [`by_age`].

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int8Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::path::Path;
use super::project::{Ages, Sexes};
use crate::error::Result;

/// How a projection becomes rows of a year, sex and age.
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
        rows.add(region, *ages, *start, &path.start, None);
        for (year, step) in &path.steps {
            let changes = (step.births, &step.deaths, &step.migration);
            rows.add(region, *ages, *year, &step.population, Some(changes));
        }
    }
    rows.batch(of)
}

/// Births by sex, deaths and net migrants by sex and group.
type Changes<'a> = (Sexes<f64>, &'a Sexes<Vec<f64>>, &'a Sexes<Vec<f64>>);

#[derive(Default)]
struct Rows {
    region: Vec<String>,
    year: Vec<i32>,
    sex: Vec<i8>,
    age: Vec<i32>,
    population: Vec<f64>,
    births: Vec<Option<f64>>,
    deaths: Vec<Option<f64>>,
    net: Vec<Option<f64>>,
}

impl Rows {
    fn add(
        &mut self,
        region: &str,
        ages: Ages,
        year: i32,
        population: &Sexes<Vec<f64>>,
        changes: Option<Changes<'_>>,
    ) {
        for (sex, code) in [1_i8, 2].into_iter().enumerate() {
            for (group, count) in population[sex].iter().enumerate() {
                self.region.push(region.to_owned());
                self.year.push(year);
                self.sex.push(code);
                self.age.push(ages.from(group) as i32);
                self.population.push(*count);
                self.births
                    .push(changes.map(|(births, ..)| if group == 0 { births[sex] } else { 0.0 }));
                self.deaths
                    .push(changes.map(|(_, deaths, _)| deaths[sex][group]));
                self.net.push(changes.map(|(.., net)| net[sex][group]));
            }
        }
    }

    fn batch(self, of: ByAge) -> Result<RecordBatch> {
        let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
        if of.regions {
            columns.push(("region", Arc::new(StringArray::from(self.region))));
        }
        columns.push(("year", Arc::new(Int32Array::from(self.year))));
        columns.push(("sex", Arc::new(Int8Array::from(self.sex))));
        columns.push(("age", Arc::new(Int32Array::from(self.age))));
        columns.push(("population", Arc::new(Float64Array::from(self.population))));
        if of.components {
            columns.push(("births", Arc::new(Float64Array::from(self.births))));
            columns.push(("deaths", Arc::new(Float64Array::from(self.deaths))));
            columns.push(("net_migration", Arc::new(Float64Array::from(self.net))));
        }
        batch(columns)
    }
}

/// A batch of named columns.
pub(super) fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch> {
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, array)| Field::new(*name, kind(array), true))
        .collect();
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

fn kind(array: &ArrayRef) -> DataType {
    use arrow::array::Array;
    array.data_type().clone()
}
