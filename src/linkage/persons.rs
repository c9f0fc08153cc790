//! The table `persons`: everybody with a pseudonym. Entry point: [`persons`].

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Date32Array, Int8Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Date32Type, Int8Type};

use crate::error::Result;

/// What the registers say of a person: sex, date of birth, and which of them name the person.
type Mentioned = (Option<i8>, Option<i32>, Vec<&'static str>);

/// Everybody with a pseudonym, with the registers that name them.
pub(super) async fn persons(session: &crate::warehouse::Session) -> Result<RecordBatch> {
    const MENTIONS: [(&str, &str, &str); 11] = [
        ("household_register", "person_key", "sex, birth_date"),
        (
            "birth_certificates",
            "mother_key",
            "CAST(2 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        (
            "birth_certificates",
            "father_key",
            "CAST(1 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        (
            "fertility_registrations",
            "wife_key",
            "CAST(2 AS TINYINT) AS sex, wife_birth_date AS birth_date",
        ),
        (
            "fertility_registrations",
            "husband_key",
            "CAST(1 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        ("maternity_insurance", "person_key", "sex, birth_date"),
        (
            "marriages",
            "wife_key",
            "CAST(2 AS TINYINT) AS sex, wife_birth_date AS birth_date",
        ),
        (
            "marriages",
            "husband_key",
            "CAST(1 AS TINYINT) AS sex, husband_birth_date AS birth_date",
        ),
        ("deaths", "person_key", "sex, birth_date"),
        (
            "household_visits",
            "mother_key",
            "CAST(2 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        ("household_visits", "person_key", "sex, birth_date"),
    ];
    let mut found: BTreeMap<Vec<u8>, Mentioned> = BTreeMap::new();
    for (table, key, columns) in MENTIONS {
        let sql = format!(
            "SELECT {key} AS k, {columns} FROM {table} WHERE {key} IS NOT NULL ORDER BY k, sex, birth_date"
        );
        for batch in session.rows(&sql, &[]).await? {
            let column = |at: usize, kind: &DataType| arrow::compute::cast(batch.column(at), kind);
            let columns = [
                column(0, &DataType::Binary)?,
                column(1, &DataType::Int8)?,
                column(2, &DataType::Date32)?,
            ];
            let keys = columns[0].as_binary::<i32>();
            let sexes = columns[1].as_primitive::<Int8Type>();
            let dates = columns[2].as_primitive::<Date32Type>();
            for row in 0..batch.num_rows() {
                let person = found.entry(keys.value(row).to_vec()).or_default();
                person.0 = person
                    .0
                    .or_else(|| sexes.is_valid(row).then(|| sexes.value(row)));
                person.1 = person
                    .1
                    .or_else(|| dates.is_valid(row).then(|| dates.value(row)));
                if person.2.last() != Some(&table) {
                    person.2.push(table);
                }
            }
        }
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "person_key",
            Arc::new(BinaryArray::from_iter_values(found.keys())),
        ),
        (
            "sex",
            Arc::new(found.values().map(|person| person.0).collect::<Int8Array>()),
        ),
        (
            "birth_date",
            Arc::new(
                found
                    .values()
                    .map(|person| person.1)
                    .collect::<Date32Array>(),
            ),
        ),
        (
            "registers",
            Arc::new(StringArray::from_iter_values(
                found.values().map(|person| person.2.join(",")),
            )),
        ),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}
