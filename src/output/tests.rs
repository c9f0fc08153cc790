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

/// Text that is hard to measure: wide, joined, combining, written from the right, of no width.
const HARD: [&str; 14] = [
    "晋熙镇",
    "a,\"b\"\n太湖|<i>",
    "👩‍👩‍👧 家庭",
    "☺\u{fe0f}☺\u{fe0f}☺\u{fe0f}",
    "e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}",
    "\u{301}x",
    "🇨🇳🇨🇳🇨🇳🇨🇳🇨🇳",
    "لا إله",
    "\u{200b}\u{202e}\u{1b}[31m",
    "１２３４５６７８９０",
    "",
    "NULL",
    "150121001000",
    "ᄒ\u{1161}\u{11ab}글 한글 한글",
];

#[test]
fn every_line_of_a_table_is_as_wide_as_the_others_and_fits() {
    let mut random = fastrand::Rng::with_seed(20_180_305);
    for turn in 0..3000 {
        let columns = random.usize(1..9);
        let rows = random.usize(0..12);
        let mut arrays: Vec<(String, ArrayRef)> = Vec::new();
        for _ in 0..columns {
            let name = random.choice(HARD).unwrap();
            let array: ArrayRef = match random.u8(0..4) {
                0 => {
                    Arc::new(Int64Array::from_iter((0..rows).map(|_| {
                        random.bool().then(|| random.i64(-9_999_999..99_999_999))
                    })))
                }
                1 => Arc::new(Float64Array::from_iter((0..rows).map(|_| {
                    let size = random.i32(-9..9);
                    random.bool().then(|| random.f64() * 10f64.powi(size))
                }))),
                _ => Arc::new(StringArray::from_iter(
                    (0..rows).map(|_| random.bool().then(|| random.choice(HARD).unwrap())),
                )),
            };
            arrays.push((name.to_owned(), array));
        }
        let batch = RecordBatch::try_from_iter_with_nullable(
            arrays.into_iter().map(|(name, array)| (name, array, true)),
        )
        .unwrap();
        let labels: Labels = [
            ("150121001000", "察素齐镇"),
            ("NULL", "无"),
            ("晋熙镇", "☺\u{fe0f}"),
        ]
        .map(|(code, name)| (code.to_owned(), name.to_owned()))
        .into_iter()
        .collect();
        let look = |random: &mut fastrand::Rng| ColumnLook {
            labels: random.bool().then(|| labels.clone()),
            unit: random
                .bool()
                .then(|| (*random.choice(["%", "人", "persons", ""]).unwrap()).to_owned()),
            is_figure: None,
            is_whole: random.bool(),
        };
        let limit = random.usize(1..120);
        let options = Options {
            width: Some(limit),
            max_rows: random.bool().then(|| random.usize(1..9)),
            lang: if random.bool() {
                crate::error::Lang::Zh
            } else {
                crate::error::Lang::En
            },
            null: (*random.choice(["NULL", "", "无"]).unwrap()).to_owned(),
            look: Look {
                thousands: random.bool(),
                precision: if random.bool() {
                    Precision::Reading
                } else {
                    Precision::Full
                },
                types: random.bool(),
                footer: random.bool(),
                quoted_null: random.bool(),
                rows: random.bool().then(|| random.usize(0..5000)),
                columns: (0..random.usize(0..=columns))
                    .map(|_| look(&mut random))
                    .collect(),
            },
            ..Options::new(Format::Table)
        };
        let batches = [batch];
        let (text, summary) = written_with(Format::Table, &options, &batches);
        let widths: Vec<usize> = text.lines().map(display_width).collect();
        let first = widths[0];
        assert!(
            widths.iter().all(|width| *width == first),
            "{turn} {limit}\n{text}"
        );
        let shown = summary.hidden_columns.map_or(columns, |(shown, _)| shown);
        assert!(first <= limit || shown == 1, "{turn} {limit}\n{text}");
        if batches[0].column(0).data_type().is_string()
            && options
                .look
                .columns
                .first()
                .is_none_or(|look| look.labels.is_none() && !look.is_whole)
        {
            // Eight columns of text, its frame and the sign for columns left out.
            assert!(first <= limit.max(16), "{turn} {limit}\n{text}");
        }

        let coloured = Options {
            color: true,
            ..options
        };
        let (dyed, _) = written_with(Format::Table, &coloured, &batches);
        let codes = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m"];
        let bare = codes.iter().fold(dyed, |dyed, code| dyed.replace(code, ""));
        assert_eq!(bare, text, "colour moves nothing");
    }
}
