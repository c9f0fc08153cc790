//! Aggregates of a population and its births: median age, total fertility, life expectancy.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::error::Result as EngineResult;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, Documentation, Signature, TypeSignature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::SECTION;
use crate::demography::{Infants, LifeTable, Sex};
use crate::domain::rate::{GroupCount, grouped_median};

/// What becomes of the numbers of a group: one row an age, youngest first.
type Finish = fn(&[[f64; 3]]) -> Option<f64>;

/// An aggregate over rows of an age and one or two numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ByAge {
    name: &'static str,
    signature: Signature,
    documentation: Documentation,
    finish: usize,
}

const FINISH: [Finish; 3] = [median_age, total_fertility, life_expectancy];

pub(super) fn aggregates() -> Vec<ByAge> {
    let age = ("age", "full years, or the youngest age of a group");
    vec![
        ByAge::new(
            0,
            "median_age",
            &[age, ("persons", "people of that age or group")],
            "Median age, interpolated within the age or group that holds the middle person; the last group is open. NULL when the middle person is in it.",
            "SELECT median_age(age, persons) FROM pyramid",
        ),
        ByAge::new(
            1,
            "tfr",
            &[
                age,
                ("births", "births to mothers of that age or group"),
                ("women", "women of that age or group, person-years"),
            ],
            "Total fertility rate: children per woman, from births and women by age or by groups of one width. NULL when births have no women.",
            "SELECT tfr(age, births, women) FROM mothers",
        ),
        ByAge::new(
            2,
            "life_expectancy",
            &[
                age,
                ("deaths", "deaths of that age or group"),
                ("persons", "people of that age or group, person-years"),
            ],
            "Life expectancy at birth from deaths and person-years by age or by groups, the last one open; infants by the rule for girls of Andreev and Kingkade 2015. NULL when an age has no people or nobody dies in the last.",
            "SELECT life_expectancy(age, deaths, persons) FROM mortality WHERE sex = 2",
        ),
    ]
}

impl ByAge {
    fn new(
        finish: usize,
        name: &'static str,
        takes: &[(&'static str, &'static str)],
        help: &'static str,
        example: &'static str,
    ) -> Self {
        let names: Vec<&str> = takes.iter().map(|(name, _)| *name).collect();
        let mut documentation =
            Documentation::builder(SECTION, help, format!("{name}({})", names.join(", ")))
                .with_sql_example(example);
        for (name, what) in takes {
            documentation = documentation.with_argument(*name, *what);
        }
        Self {
            name,
            signature: Signature::new(TypeSignature::Any(takes.len()), Volatility::Immutable),
            documentation: documentation.build(),
            finish,
        }
    }
}

impl AggregateUDFImpl for ByAge {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> EngineResult<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, _: AccumulatorArgs) -> EngineResult<Box<dyn Accumulator>> {
        Ok(Box::new(Ages {
            rows: Vec::new(),
            finish: FINISH[self.finish],
        }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> EngineResult<Vec<arrow::datatypes::FieldRef>> {
        let kind = DataType::new_list(DataType::Float64, true);
        let name = format!("{}[ages]", args.name);
        Ok(vec![Arc::new(arrow::datatypes::Field::new(
            name, kind, true,
        ))])
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }
}

/// Rows of an age and its numbers; ages that come again are added up, so there are few.
#[derive(Debug)]
struct Ages {
    rows: Vec<[f64; 3]>,
    finish: Finish,
}

impl Ages {
    fn add(&mut self, row: [f64; 3]) {
        match self.rows.binary_search_by(|own| own[0].total_cmp(&row[0])) {
            Ok(at) => {
                self.rows[at][1] += row[1];
                self.rows[at][2] += row[2];
            }
            Err(at) => self.rows.insert(at, row),
        }
    }
}

impl Accumulator for Ages {
    fn update_batch(&mut self, values: &[ArrayRef]) -> EngineResult<()> {
        let columns = values
            .iter()
            .map(|column| Ok(cast(column, &DataType::Float64)?))
            .collect::<EngineResult<Vec<_>>>()?;
        let columns: Vec<&Float64Array> = columns
            .iter()
            .map(|column| column.as_primitive::<Float64Type>())
            .collect();
        let count = columns.first().map_or(0, |column| column.len());
        for at in 0..count {
            if columns[0].is_null(at) {
                continue;
            }
            let mut row = [0.0; 3];
            for (to, column) in row.iter_mut().zip(&columns) {
                // No number is none: an age without births has none.
                *to = if column.is_null(at) {
                    0.0
                } else {
                    column.value(at)
                };
            }
            self.add(row);
        }
        Ok(())
    }

    fn evaluate(&mut self) -> EngineResult<ScalarValue> {
        let found = (self.finish)(&self.rows).filter(|value| value.is_finite());
        Ok(ScalarValue::Float64(found))
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.rows.capacity() * size_of::<[f64; 3]>()
    }

    fn state(&mut self) -> EngineResult<Vec<ScalarValue>> {
        let flat: Vec<ScalarValue> = self
            .rows
            .iter()
            .flatten()
            .map(|value| ScalarValue::Float64(Some(*value)))
            .collect();
        let list = ScalarValue::new_list(&flat, &DataType::Float64, true);
        Ok(vec![ScalarValue::List(list)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> EngineResult<()> {
        for list in states[0].as_list::<i32>().iter().flatten() {
            let values = list.as_primitive::<Float64Type>().values();
            for row in values.chunks_exact(3) {
                self.add([row[0], row[1], row[2]]);
            }
        }
        Ok(())
    }
}

fn median_age(rows: &[[f64; 3]]) -> Option<f64> {
    let groups: Vec<GroupCount> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| GroupCount {
            from: row[0],
            width: rows.get(at + 1).map(|next| next[0] - row[0]),
            count: row[1],
        })
        .collect();
    grouped_median(&groups)
}

fn total_fertility(rows: &[[f64; 3]]) -> Option<f64> {
    // The narrowest gap is the width of a group: childless ages may be left out.
    let width = rows
        .windows(2)
        .map(|pair| pair[1][0] - pair[0][0])
        .fold(f64::INFINITY, f64::min);
    let mut sum = 0.0;
    for [_, births, women] in rows {
        if *women > 0.0 {
            sum += births / women;
        } else if *births > 0.0 {
            return None;
        }
    }
    (width.is_finite()).then_some(sum * width)
}

fn life_expectancy(rows: &[[f64; 3]]) -> Option<f64> {
    if rows.iter().any(|[_, _, persons]| *persons <= 0.0) {
        return None;
    }
    let ages: Vec<f64> = rows.iter().map(|row| row[0]).collect();
    let rates: Vec<f64> = rows
        .iter()
        .map(|[_, deaths, persons]| deaths / persons)
        .collect();
    Some(LifeTable::from_rates(&ages, &rates, Sex::Female, Infants::default())?.expectancy())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_match_the_textbooks() {
        // Kuwait 1982 (IUSSP, PAPP 103, session 6).
        let births = [66.0, 212.0, 255.0, 213.0, 159.0, 78.0, 33.0];
        let rows: Vec<[f64; 3]> = births
            .iter()
            .enumerate()
            .map(|(at, births)| [15.0 + 5.0 * at as f64, *births, 1000.0])
            .collect();
        assert!((total_fertility(&rows).unwrap() - 5.08).abs() < 1e-9);
        assert_eq!(total_fertility(&[[15.0, 1.0, 0.0], [20.0, 1.0, 5.0]]), None);
        let even = [
            [0.0, 10.0, 0.0],
            [1.0, 10.0, 0.0],
            [2.0, 10.0, 0.0],
            [3.0, 0.0, 0.0],
        ];
        assert_eq!(median_age(&even), Some(1.5));
        assert_eq!(life_expectancy(&[[0.0, 1.0, 0.0]]), None);
    }

    #[test]
    fn parts_merge_to_the_whole() {
        let ages = || Ages {
            rows: Vec::new(),
            finish: median_age,
        };
        let (mut whole, mut part) = (ages(), ages());
        for (age, count) in [(0.0, 5.0), (1.0, 3.0), (0.0, 1.0), (2.0, 4.0)] {
            whole.add([age, count, 0.0]);
            part.add([age, count, 0.0]);
        }
        let mut merged = ages();
        let state = part.state().unwrap();
        let arrays = [state[0].to_array().unwrap()];
        merged.merge_batch(&arrays).unwrap();
        assert_eq!(merged.evaluate().unwrap(), whole.evaluate().unwrap());
    }
}
