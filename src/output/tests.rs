//! What holds for several formats.

use std::io::Write;
use std::sync::{Arc, Mutex};

use ::arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};

use super::*;

/// A place to write to that can still be looked at afterwards.
#[derive(Clone, Default)]
pub(super) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Text with everything that needs quoting, NULL beside empty text, negative and missing numbers.
pub(super) fn batch() -> RecordBatch {
    let towns = StringArray::from(vec![
        Some("晋熙镇"),
        Some(""),
        None,
        Some("a,\"b\"\n太湖|<i>"),
    ]);
    let births = Int64Array::from(vec![Some(1204), Some(-7), None, Some(0)]);
    let rates = Float64Array::from(vec![Some(12.5), None, Some(-0.0), Some(0.1 + 0.2)]);
    let days = Date32Array::from(vec![Some(17_595), None, Some(-25_567), Some(17_896)]);
    RecordBatch::try_from_iter_with_nullable([
        ("乡镇", Arc::new(towns) as ArrayRef, true),
        ("births", Arc::new(births) as ArrayRef, true),
        ("rate", Arc::new(rates) as ArrayRef, true),
        ("day", Arc::new(days) as ArrayRef, true),
    ])
    .unwrap()
}

/// One text column.
pub(super) fn texts(name: &str, values: &[Option<&str>]) -> RecordBatch {
    let array = Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap()
}

pub(super) fn bytes_with(
    format: Format,
    options: &Options,
    batches: &[RecordBatch],
) -> Result<(Vec<u8>, Summary)> {
    let sink = Sink::default();
    let mut writer = writer(format, batches[0].schema(), options, Box::new(sink.clone()))?;
    for batch in batches {
        writer.write(batch)?;
    }
    let summary = writer.finish()?;
    Ok((sink.bytes(), summary))
}

pub(super) fn written_with(
    format: Format,
    options: &Options,
    batches: &[RecordBatch],
) -> (String, Summary) {
    let (bytes, summary) = bytes_with(format, options, batches).unwrap();
    (String::from_utf8(bytes).unwrap(), summary)
}

pub(super) fn written(format: Format, batches: &[RecordBatch]) -> String {
    written_with(format, &Options::new(format), batches).0
}

#[test]
fn every_format_writes_an_empty_result_and_counts_rows() {
    for format in Format::ALL {
        let options = Options::new(format);
        let (bytes, summary) = bytes_with(format, &options, &[batch().slice(0, 0)]).unwrap();
        assert_eq!(summary, Summary::default(), "{format}");
        let is_headless = matches!(format, Format::Jsonl | Format::Vertical);
        assert_eq!(bytes.is_empty(), is_headless, "{format}");
        let (_, summary) = bytes_with(format, &options, &[batch(), batch()]).unwrap();
        assert_eq!(summary.rows, 8, "{format}");
    }
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in Format::ALL {
        let options = Options::new(format);
        let once = bytes_with(format, &options, &[batch()]).unwrap();
        assert_eq!(
            once,
            bytes_with(format, &options, &[batch()]).unwrap(),
            "{format}"
        );
    }
}

#[test]
fn an_encoding_is_only_for_separated_text() {
    for format in Format::ALL {
        let options = Options {
            encoding: TextEncoding::Gb18030,
            ..Options::new(format)
        };
        let outcome = bytes_with(format, &options, &[batch()]);
        assert_eq!(
            outcome.is_ok(),
            matches!(format, Format::Csv | Format::Tsv),
            "{format}"
        );
    }
}

#[test]
fn a_full_disk_is_an_error_in_every_format() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    for format in Format::ALL {
        let outcome = writer(
            format,
            batch().schema(),
            &Options::new(format),
            Box::new(Full),
        )
        .and_then(|mut writer| {
            writer.write(&batch())?;
            writer.finish()
        });
        assert!(outcome.is_err(), "{format}");
    }
}
