//! Intervals for counts, shares and ratios, and rounding as printed.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::error::Result as EngineResult;

use super::Function;
use crate::domain::rate::{count_limits, round_half_up, sex_ratio_limits, wilson};

const LEVEL: f64 = 0.95;

pub(super) fn functions() -> Vec<Function> {
    let count = |what: &'static str| ("count", DataType::Float64, what);
    let pair = [
        count("how many have it"),
        ("total", DataType::Float64, "how many there are"),
    ];
    let sexes = [
        ("male", DataType::Float64, "how many are male"),
        ("female", DataType::Float64, "how many are female"),
    ];
    vec![
        Function::new(
            "wilson_low",
            &pair,
            DataType::Float64,
            "Lower 95 % limit of a share (Wilson 1927), 0 to 1.",
            "wilson_low(95, 100)",
            |args, _| {
                two(args, |count, total| {
                    wilson(count, total, LEVEL).map(|limits| limits.0)
                })
            },
        ),
        Function::new(
            "wilson_high",
            &pair,
            DataType::Float64,
            "Upper 95 % limit of a share (Wilson 1927), 0 to 1.",
            "wilson_high(95, 100)",
            |args, _| {
                two(args, |count, total| {
                    wilson(count, total, LEVEL).map(|limits| limits.1)
                })
            },
        ),
        Function::new(
            "poisson_low",
            &[count("events")],
            DataType::Float64,
            "Lower 95 % limit of a number of events: exact below 10, Byar's approximation from 10.",
            "poisson_low(12)",
            |args, _| {
                one(args, |count| {
                    count_limits(count, LEVEL).map(|limits| limits.0)
                })
            },
        ),
        Function::new(
            "poisson_high",
            &[count("events")],
            DataType::Float64,
            "Upper 95 % limit of a number of events: exact below 10, Byar's approximation from 10.",
            "poisson_high(12)",
            |args, _| {
                one(args, |count| {
                    count_limits(count, LEVEL).map(|limits| limits.1)
                })
            },
        ),
        Function::new(
            "sex_ratio_low",
            &sexes,
            DataType::Float64,
            "Lower 95 % limit of males per 100 females, from the Wilson limit of the share of males.",
            "sex_ratio_low(812, 755)",
            |args, _| {
                two(args, |male, female| {
                    sex_ratio_limits(male, female, LEVEL).map(|limits| limits.0)
                })
            },
        ),
        Function::new(
            "sex_ratio_high",
            &sexes,
            DataType::Float64,
            "Upper 95 % limit of males per 100 females, from the Wilson limit of the share of males.",
            "sex_ratio_high(812, 755)",
            |args, _| {
                two(args, |male, female| {
                    sex_ratio_limits(male, female, LEVEL).map(|limits| limits.1)
                })
            },
        ),
        Function::new(
            "round_half_up",
            &[
                ("value", DataType::Float64, "number"),
                ("digits", DataType::Int64, "digits after the point"),
            ],
            DataType::Float64,
            "Rounds as statistics are printed (四舍五入): halves away from zero, judged on the decimal number.",
            "round_half_up(6.685, 2)",
            |args, _| {
                let (values, digits) = (
                    args[0].as_primitive::<Float64Type>(),
                    args[1].as_primitive::<Int64Type>(),
                );
                Ok(Arc::new(
                    values
                        .iter()
                        .zip(digits.iter())
                        .map(|(value, digits)| {
                            Some(round_half_up(
                                value?,
                                u32::try_from(digits?).unwrap_or(0).min(15),
                            ))
                        })
                        .collect::<Float64Array>(),
                ))
            },
        ),
    ]
}

fn one(args: &[ArrayRef], limit: fn(f64) -> Option<f64>) -> EngineResult<ArrayRef> {
    let values = args[0].as_primitive::<Float64Type>();
    Ok(Arc::new(
        values
            .iter()
            .map(|value| limit(value?))
            .collect::<Float64Array>(),
    ))
}

fn two(args: &[ArrayRef], limit: fn(f64, f64) -> Option<f64>) -> EngineResult<ArrayRef> {
    let (a, b) = (
        args[0].as_primitive::<Float64Type>(),
        args[1].as_primitive::<Float64Type>(),
    );
    Ok(Arc::new(
        a.iter()
            .zip(b.iter())
            .map(|(a, b)| limit(a?, b?))
            .collect::<Float64Array>(),
    ))
}
