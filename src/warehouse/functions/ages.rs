//! Ages and age groups.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int32Array, StringArray};
use arrow::datatypes::{DataType, Date32Type, Int32Type};
use datafusion::error::{DataFusionError, Result as EngineResult};

use super::Function;
use crate::domain::age::{Scheme, age_at};

pub(super) fn functions() -> Vec<Function> {
    let scheme = "5y, 5y0, 10y, broad, working, im, police or school";
    vec![
        Function::new(
            "age_at",
            &[
                ("birth_date", DataType::Date32, "date of birth"),
                ("date", DataType::Date32, "day to count to"),
            ],
            DataType::Int32,
            "Full years of age on a day; a birthday on 29 February counts from 1 March in common years. NULL before birth.",
            "age_at(birth_date, DATE '2020-12-31')",
            |args, _| {
                let (birth, day) = (
                    args[0].as_primitive::<Date32Type>(),
                    args[1].as_primitive::<Date32Type>(),
                );
                Ok(Arc::new(
                    birth
                        .iter()
                        .zip(day.iter())
                        .map(|pair| match pair {
                            (Some(birth), Some(day)) if day >= birth => Some(age_at(birth, day)),
                            _ => None,
                        })
                        .collect::<Int32Array>(),
                ))
            },
        ),
        Function::new(
            "age_group",
            &[
                ("age", DataType::Int32, "full years"),
                ("scheme", DataType::Utf8, scheme),
            ],
            DataType::Utf8,
            "Label of the age group that an age belongs to.",
            "age_group(age_at(birth_date, DATE '2020-12-31'), '5y')",
            |args, _| {
                let groups = groups(args)?;
                Ok(Arc::new(
                    groups
                        .into_iter()
                        .map(|group| group.map(|(_, label)| label))
                        .collect::<StringArray>(),
                ))
            },
        ),
        Function::new(
            "age_group_order",
            &[
                ("age", DataType::Int32, "full years"),
                ("scheme", DataType::Utf8, scheme),
            ],
            DataType::Int32,
            "Position of the age group that an age belongs to, from 0: for ORDER BY.",
            "age_group_order(42, 'broad')",
            |args, _| {
                let groups = groups(args)?;
                Ok(Arc::new(
                    groups
                        .into_iter()
                        .map(|group| group.map(|(order, _)| order))
                        .collect::<Int32Array>(),
                ))
            },
        ),
    ]
}

fn groups(args: &[ArrayRef]) -> EngineResult<Vec<Option<(i32, &'static str)>>> {
    let (ages, schemes) = (
        args[0].as_primitive::<Int32Type>(),
        args[1].as_string::<i32>(),
    );
    let mut last: Option<(String, Scheme)> = None;
    ages.iter()
        .zip(schemes.iter())
        .map(|(age, name)| {
            let Some(name) = name else { return Ok(None) };
            let scheme = match &last {
                Some((known, scheme)) if known == name => *scheme,
                _ => {
                    let scheme = Scheme::parse(name).ok_or_else(|| {
                        let known: Vec<&str> =
                            Scheme::ALL.iter().map(|scheme| scheme.as_str()).collect();
                        DataFusionError::Plan(format!(
                            "unknown age scheme `{name}`, use one of {}",
                            known.join(", ")
                        ))
                    })?;
                    last = Some((name.to_owned(), scheme));
                    scheme
                }
            };
            Ok(age.and_then(|age| {
                let end = scheme.groups().partition_point(|group| group.from <= age);
                let order = end.checked_sub(1)?;
                Some((order as i32, scheme.groups().get(order)?.label))
            }))
        })
        .collect()
}
