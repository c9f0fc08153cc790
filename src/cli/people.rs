//! What people read where programs read codes: times of the place, words for states.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::StreamExt;

use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::warehouse::{AsOf, Status};

/// A time as people here write it.
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Reads a snapshot number or a time; a time without offset is one of this place, as
/// `renkou history` shows it, and a day means its end.
///
/// # Errors
/// When it is neither.
pub(super) fn moment(text: &str) -> Result<AsOf> {
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        day.and_hms_micro_opt(23, 59, 59, 999_999)
    };
    let time = [TIME, "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(day)
        .and_then(|time| Local.from_local_datetime(&time).latest());
    match time {
        Some(time) => time
            .to_utc()
            .to_rfc3339_opts(SecondsFormat::Micros, true)
            .parse(),
        None => text.parse(),
    }
}

/// Reads a time; without offset it is one of this place, and a day means its end.
///
/// # Errors
/// When it is none.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>> {
    let wrong = || {
        Error::usage(msg!("`{text}` is not a time", "`{text}` 不是时间")).hint(msg!(
            "write 2020-12-31, \"2020-12-31 18:00\" or 2020-12-31T18:00:00Z",
            "请写 2020-12-31、\"2020-12-31 18:00\" 或 2020-12-31T18:00:00Z"
        ))
    };
    match moment(text).map_err(|_| wrong())? {
        AsOf::Time(stamp) => DateTime::parse_from_str(&stamp, "%Y-%m-%d %H:%M:%S%.f%#z")
            .map(|time| time.to_utc())
            .map_err(|_| wrong()),
        AsOf::Latest | AsOf::Snapshot(_) => Err(wrong()),
    }
}

/// A time stamp of the lake (`2020-12-31 16:00:00.000000+00`) as a time of this place.
pub(super) fn local_stamp(stamp: &str) -> String {
    match DateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S%.f%#z") {
        Ok(time) => time.with_timezone(&Local).format(TIME).to_string(),
        Err(_) => stamp.to_owned(),
    }
}

/// Microseconds since 1970 in UTC as a time of this place.
pub(super) fn local_time(micros: i64) -> String {
    DateTime::<Utc>::from_timestamp_micros(micros)
        .map(|time| time.with_timezone(&Local).format(TIME).to_string())
        .unwrap_or_default()
}

/// What became of a delivery, in a word.
pub(super) fn status_word(status: &str, lang: Lang) -> &str {
    match (lang, status) {
        (Lang::Zh, word) if word == Status::Current.as_str() => "有效",
        (Lang::Zh, word) if word == Status::Superseded.as_str() => "已被替换",
        (Lang::Zh, word) if word == Status::Withdrawn.as_str() => "已撤回",
        _ => status,
    }
}

/// The rows with times of this place, and with words in the column `status`.
pub(super) fn for_people(rows: SendableRecordBatchStream, lang: Lang) -> SendableRecordBatchStream {
    let from = rows.schema();
    let fields = from.fields().iter().map(|field| {
        let kind = if is_time(field) || is_status(field) {
            DataType::Utf8
        } else {
            field.data_type().clone()
        };
        Field::new(field.name(), kind, field.is_nullable())
    });
    let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let to = Arc::clone(&schema);
    let batches = rows.map(move |batch| Ok(readable(&batch?, &to, lang)?));
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}

fn is_time(field: &Field) -> bool {
    matches!(field.data_type(), DataType::Timestamp(_, Some(_)))
}

fn is_status(field: &Field) -> bool {
    field.name() == "status"
}

fn readable(
    batch: &RecordBatch,
    schema: &SchemaRef,
    lang: Lang,
) -> std::result::Result<RecordBatch, ArrowError> {
    let columns = batch
        .schema()
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            Ok(if is_time(field) {
                let utc = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
                let micros = cast(&cast(column, &utc)?, &DataType::Int64)?;
                let times: StringArray = micros
                    .as_primitive::<Int64Type>()
                    .iter()
                    .map(|micros| micros.map(local_time))
                    .collect();
                Arc::new(times) as ArrayRef
            } else if is_status(field) {
                let words = cast(column, &DataType::Utf8)?;
                let words: StringArray = words
                    .as_string::<i32>()
                    .iter()
                    .map(|word| word.map(|word| status_word(word, lang)))
                    .collect();
                Arc::new(words) as ArrayRef
            } else {
                Arc::clone(column)
            })
        })
        .collect::<std::result::Result<Vec<_>, ArrowError>>()?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, TimestampMicrosecondArray};

    use super::*;

    #[test]
    fn a_time_that_history_shows_can_be_asked_for() {
        let stamp = "2020-12-31 16:00:00.000000+00";
        let shown = local_stamp(stamp);
        assert_eq!(moment(&shown).unwrap(), AsOf::Time(stamp.to_owned()));
        assert_eq!(local_time(1_609_430_400_000_000), shown);
    }

    #[test]
    fn numbers_and_times_with_an_offset_are_as_they_are() {
        assert_eq!(moment("13").unwrap(), AsOf::Snapshot(13));
        assert_eq!(
            moment("2020-12-31T18:00:00+08:00").unwrap(),
            AsOf::Time("2020-12-31 10:00:00.000000+00".to_owned())
        );
        assert!(moment("yesterday").is_err());
    }

    #[test]
    fn times_and_states_become_readable() {
        let times = TimestampMicrosecondArray::from(vec![Some(1_609_430_400_000_000), None])
            .with_timezone("UTC");
        let states = StringArray::from(vec!["current", "withdrawn"]);
        let batch = RecordBatch::try_from_iter([
            ("received_at", Arc::new(times) as ArrayRef),
            ("status", Arc::new(states) as ArrayRef),
        ])
        .unwrap();
        let schema: SchemaRef = Arc::new(Schema::new(vec![
            Field::new("received_at", DataType::Utf8, true),
            Field::new("status", DataType::Utf8, true),
        ]));
        let shown = readable(&batch, &schema, Lang::Zh).unwrap();
        let text = |column: usize, row: usize| shown.column(column).as_string::<i32>().value(row);
        assert_eq!(text(0, 0), local_time(1_609_430_400_000_000));
        assert!(shown.column(0).is_null(1));
        assert_eq!((text(1, 0), text(1, 1)), ("有效", "已撤回"));
        let english = readable(&batch, &schema, Lang::En).unwrap();
        assert_eq!(english.column(1).as_string::<i32>().value(1), "withdrawn");
    }
}
