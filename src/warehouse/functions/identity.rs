//! What an ID number says (GB 11643-1999), for numbers typed into a statement.

use std::sync::Arc;

use arrow::array::{AsArray, BooleanArray, Date32Array, Int8Array, StringArray};
use arrow::datatypes::DataType;

use super::Function;
use crate::domain::citizen_id;

/// No date is in the future here: whether a birth date lies ahead is a question for a delivery.
const NO_TODAY: i32 = i32::MAX;

pub(super) fn functions() -> Vec<Function> {
    let number = [("number", DataType::Utf8, "ID number as text")];
    vec![
        Function::new(
            "id_valid",
            &number,
            DataType::Boolean,
            "Whether an ID number is valid: form, birth date, check digit.",
            "id_valid('11010519491231002X')",
            |args, _| {
                Ok(Arc::new(
                    args[0]
                        .as_string::<i32>()
                        .iter()
                        .map(|text| {
                            text.map(|text| citizen_id::read(text, false, NO_TODAY).is_valid())
                        })
                        .collect::<BooleanArray>(),
                ))
            },
        ),
        Function::new(
            "id_status",
            &number,
            DataType::Utf8,
            "What kind of number it is: valid, bad_check_digit, lossy_scientific, masked …",
            "id_status('1.50121E+17')",
            |args, _| {
                Ok(Arc::new(
                    args[0]
                        .as_string::<i32>()
                        .iter()
                        .map(|text| {
                            text.map(|text| citizen_id::read(text, false, NO_TODAY).status.as_str())
                        })
                        .collect::<StringArray>(),
                ))
            },
        ),
        Function::new(
            "id_sex",
            &number,
            DataType::Int8,
            "Sex that an ID number tells: 1 male, 2 female.",
            "id_sex('11010519491231002X')",
            |args, _| {
                Ok(Arc::new(
                    args[0]
                        .as_string::<i32>()
                        .iter()
                        .map(|text| {
                            citizen_id::read(text?, false, NO_TODAY)
                                .sex
                                .map(|sex| sex as i8)
                        })
                        .collect::<Int8Array>(),
                ))
            },
        ),
        Function::new(
            "id_birth_date",
            &number,
            DataType::Date32,
            "Birth date that an ID number tells.",
            "id_birth_date('11010519491231002X')",
            |args, _| {
                Ok(Arc::new(
                    args[0]
                        .as_string::<i32>()
                        .iter()
                        .map(|text| citizen_id::read(text?, false, NO_TODAY).birth_date)
                        .collect::<Date32Array>(),
                ))
            },
        ),
    ]
}
