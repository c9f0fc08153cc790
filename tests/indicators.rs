//! The shipped indicators against published figures: see `indicators/README.md`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::{DateTime, NaiveDate, Utc};
use renkou::query::{Facts, Library};
use renkou::warehouse::{AsOf, Change, SessionOptions, Warehouse, conform};

use crate::common::{REPOSITORY, csv, records};

fn folder() -> PathBuf {
    Path::new(REPOSITORY).join("tests/indicators")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_735_689_600, 0).unwrap()
}

/// A key column holds short words: each becomes 16 bytes of its own.
fn key(word: &str) -> [u8; 16] {
    assert!(word.len() <= 16, "{word}");
    let mut bytes = [0; 16];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    bytes
}

/// The rows of an input as text columns, NULL where empty; keys as bytes.
fn batch(text: &str) -> RecordBatch {
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect();
    let rows = csv(&body);
    let columns = rows[0].iter().enumerate().map(|(place, name)| {
        let cells = rows[1..].iter().map(|row| {
            row.get(place)
                .map(String::as_str)
                .filter(|cell| !cell.is_empty())
        });
        let array: ArrayRef = if name.ends_with("_key") {
            let mut builder = BinaryBuilder::new();
            cells.for_each(|cell| builder.append_option(cell.map(key)));
            Arc::new(builder.finish())
        } else {
            Arc::new(cells.collect::<StringArray>())
        };
        (Field::new(name, array.data_type().clone(), true), array)
    });
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap()
}

/// A warehouse with all inputs, in one commit.
fn warehouse(root: &Path) -> Warehouse {
    let warehouse = Warehouse::create(&root.join("warehouse"), None, now()).unwrap();
    let mut writer = warehouse.writer("test", now()).unwrap();
    let mut change = Change {
        message: "indicator inputs".to_owned(),
        ..Change::default()
    };
    let mut inputs: Vec<PathBuf> = std::fs::read_dir(folder().join("inputs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 10, "{inputs:?}");
    for path in inputs {
        let table = path.file_stem().unwrap().to_string_lossy().into_owned();
        // The shipped reference lists make way for the ones that the records use.
        for (lake_table, files) in warehouse.tables(&AsOf::Latest).unwrap() {
            if lake_table.schema == "main" && lake_table.name == table {
                change.end.extend(files.iter().map(|file| file.id));
            }
        }
        let mut files = writer.table_writer(&table, BTreeSet::new()).unwrap();
        let rows = batch(&std::fs::read_to_string(&path).unwrap());
        for field in rows.schema().fields() {
            assert!(
                files.schema().field_with_name(field.name()).is_ok(),
                "{table} has no column {}",
                field.name()
            );
        }
        let typed = conform(&rows, &files.schema()).unwrap();
        // A cast that fails gives NULL: that would be a slip in the input.
        for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
            let cast = typed.column_by_name(field.name()).unwrap();
            assert_eq!(
                cast.null_count(),
                column.null_count(),
                "{table}.{} does not fit its type",
                field.name()
            );
        }
        files.push(typed).unwrap();
        change.add.extend(files.finish().unwrap());
    }
    writer.commit(&change, now()).unwrap();
    drop(writer);
    warehouse
}

/// `name=value;name=value`.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split(';')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair
                .split_once('=')
                .unwrap_or_else(|| panic!("`{pair}` is no pair"));
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

/// An answer: the text of every cell by column name, NULL as `None`, and which columns are numbers.
struct Answer {
    rows: Vec<HashMap<String, Option<String>>>,
    numbers: BTreeMap<String, bool>,
}

fn answer(batches: &[RecordBatch]) -> Answer {
    let mut answer = Answer {
        rows: Vec::new(),
        numbers: BTreeMap::new(),
    };
    for batch in batches {
        let schema = batch.schema();
        for field in schema.fields() {
            answer
                .numbers
                .insert(field.name().clone(), field.data_type().is_numeric());
        }
        let formatters: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| {
                ArrayFormatter::try_new(column.as_ref(), &FormatOptions::default()).unwrap()
            })
            .collect();
        for row in 0..batch.num_rows() {
            let cells = schema.fields().iter().enumerate().map(|(place, field)| {
                let value = batch
                    .column(place)
                    .is_valid(row)
                    .then(|| formatters[place].value(row).to_string());
                (field.name().clone(), value)
            });
            answer.rows.push(cells.collect());
        }
    }
    answer
}

/// What is wrong with one expectation, if anything.
fn judge(
    answer: &Answer,
    filter: &str,
    column: &str,
    expected: &str,
    decimals: &str,
) -> Result<(), String> {
    let wanted = pairs(filter);
    let fits = |row: &&HashMap<String, Option<String>>| {
        wanted
            .iter()
            .all(|(name, value)| row.get(name).and_then(Option::as_deref).unwrap_or("") == value)
    };
    let rows: Vec<_> = answer.rows.iter().filter(fits).collect();
    let [row] = rows[..] else {
        return Err(format!(
            "{} rows satisfy `{filter}` instead of one",
            rows.len()
        ));
    };
    let Some(value) = row.get(column) else {
        return Err(format!("there is no column `{column}`"));
    };
    let value = match (value, expected) {
        (None, "") => return Ok(()),
        (None, _) => {
            return Err(format!(
                "NULL instead of {expected} (reason {:?})",
                row.get("reason")
            ));
        }
        (Some(value), "") => return Err(format!("{value} instead of NULL")),
        (Some(value), _) => value,
    };
    if !answer.numbers[column] {
        return if value == expected {
            Ok(())
        } else {
            Err(format!("{value} instead of {expected}"))
        };
    }
    let (is, should): (f64, f64) = (value.parse().unwrap(), expected.parse().unwrap());
    let digits: i32 = decimals.parse().unwrap_or(0);
    // A hair for what binary fractions cannot say.
    let tolerance = if digits == 0 {
        0.0
    } else {
        0.5 * 10f64.powi(-digits) + 1e-9
    };
    if (is - should).abs() <= tolerance {
        Ok(())
    } else {
        Err(format!("{is} instead of {should} ({digits} decimals)"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn indicators_give_the_published_figures_to_the_printed_digit() {
    let root = tempfile::tempdir().unwrap();
    let warehouse = warehouse(root.path());
    let session = warehouse
        .session(
            &AsOf::Latest,
            &SessionOptions {
                threads: Some(2),
                ..SessionOptions::default()
            },
        )
        .unwrap();
    let library = Library::load(&Path::new(REPOSITORY).join("queries"))
        .map_err(renkou::error::Error::from)
        .unwrap();
    let facts = Facts {
        latest_complete_year: Some(2020),
        today: NaiveDate::from_ymd_opt(2025, 1, 1).unwrap(),
    };

    let text = std::fs::read_to_string(folder().join("expected.csv")).unwrap();
    let expected = records(
        &text,
        [
            "query",
            "params",
            "row_filter",
            "column",
            "expected",
            "decimals",
            "source",
        ],
    );
    assert!(expected.len() > 300);
    let mut answers: HashMap<(String, String), Result<Answer, String>> = HashMap::new();
    let mut asked = BTreeSet::new();
    let mut differences = Vec::new();
    for [query, params, filter, column, value, decimals, source] in &expected {
        let place = (query.clone(), params.clone());
        if !answers.contains_key(&place) {
            let result = async {
                let saved = library.get(query).map_err(|error| error.to_string())?;
                let values = saved
                    .bind(&pairs(params), &facts)
                    .map_err(|error| error.to_string())?;
                session
                    .rows(&saved.sql, &values)
                    .await
                    .map_err(|error| error.to_string())
            };
            answers.insert(place.clone(), result.await.map(|batches| answer(&batches)));
        }
        asked.insert(query.clone());
        let outcome = match &answers[&place] {
            Ok(answer) => judge(answer, filter, column, value, decimals),
            Err(error) => Err(error.clone()),
        };
        if let Err(why) = outcome {
            differences.push(format!(
                "{query} {params} [{filter}] {column}: {why} — {source}"
            ));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} figures differ:\n{}",
        differences.len(),
        expected.len(),
        differences.join("\n")
    );
    let untested: Vec<_> = library
        .iter()
        .filter(|query| query.group == "indicators" && !asked.contains(&query.name))
        .map(|query| &query.name)
        .collect();
    assert!(untested.is_empty(), "no figure holds {untested:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_saved_query_runs_on_any_number_of_threads_and_over_nothing_at_all() {
    let root = tempfile::tempdir().unwrap();
    let full = warehouse(root.path());
    let empty = Warehouse::create(&root.path().join("empty"), None, now()).unwrap();
    let library = Library::load(&Path::new(REPOSITORY).join("queries"))
        .map_err(renkou::error::Error::from)
        .unwrap();
    let year = |latest_complete_year| Facts {
        latest_complete_year,
        today: NaiveDate::from_ymd_opt(2025, 1, 1).unwrap(),
    };
    let mut failures = BTreeSet::new();
    for (name, warehouse, facts, threads) in [
        ("full", &full, year(Some(2018)), 1),
        ("full", &full, year(Some(2018)), 2),
        ("full", &full, year(Some(2018)), 3),
        ("empty", &empty, year(None), 1),
        ("empty", &empty, year(None), 2),
    ] {
        let options = SessionOptions {
            threads: Some(threads),
            ..SessionOptions::default()
        };
        let session = warehouse.session(&AsOf::Latest, &options).unwrap();
        for query in &library {
            let values = match query.bind(&[], &facts) {
                Ok(values) => values,
                // Without any delivery there is no latest year.
                Err(error) if name == "empty" && error.kind().exit_code() == 2 => continue,
                Err(error) => panic!("{}: {error}", query.name),
            };
            if let Err(error) = session.rows(&query.sql, &values).await {
                let short: String = error.to_string().chars().take(160).collect();
                failures.insert(format!(
                    "{} on {threads} threads, {name} warehouse: {short}",
                    query.name
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{}",
        failures.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn half_a_unit_of_the_printed_digit_is_equal_and_more_is_not() {
    let batch = RecordBatch::try_from_iter([
        (
            "group_code",
            Arc::new(StringArray::from(vec!["total"])) as ArrayRef,
        ),
        (
            "rate",
            Arc::new(arrow::array::Float64Array::from(vec![12.34])),
        ),
        (
            "count",
            Arc::new(arrow::array::Int64Array::from(vec![None::<i64>])),
        ),
    ])
    .unwrap();
    assert_eq!(batch.column(2).as_primitive::<Int64Type>().null_count(), 1);
    assert_eq!(batch.column(1).data_type(), &DataType::Float64);
    let answer = answer(&[batch]);
    assert!(judge(&answer, "group_code=total", "rate", "12.3", "1").is_ok());
    assert!(judge(&answer, "group_code=total", "rate", "12.35", "2").is_err());
    assert!(judge(&answer, "group_code=total", "count", "", "0").is_ok());
    assert!(judge(&answer, "group_code=total", "count", "1", "0").is_err());
    assert!(judge(&answer, "group_code=none", "rate", "1", "0").is_err());
}
