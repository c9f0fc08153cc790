//! Results as the analyst sees them.

use std::sync::{Arc, LazyLock, Mutex};

use arrow::array::{
    ArrayRef, Float64Array, Int8Array, Int32Array, Int64Array, RecordBatch, StringArray,
};

use super::*;
use crate::catalog::Catalog;
use crate::query::Library;

static DICTIONARY: LazyLock<Dictionary> =
    LazyLock::new(|| Dictionary::new(&Catalog::builtin().unwrap()));

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn shown_with(held: &Held, view: &View, dictionary: &Dictionary) -> (String, Summary) {
    let sink = Sink::default();
    let summary = show(held, view, dictionary, Box::new(sink.clone())).unwrap();
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    (text, summary)
}

fn shown(held: &Held, view: &View) -> String {
    shown_with(held, view, &DICTIONARY).0
}

fn held(columns: Vec<(&str, ArrayRef)>) -> Held {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    Held::new(batch.schema(), vec![batch])
}

fn text(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn births() -> Held {
    held(vec![
        (
            "township_code",
            text(&[Some("150121100000"), Some("unknown"), None, Some("")]),
        ),
        (
            "sex",
            Arc::new(Int8Array::from(vec![Some(1), Some(2), None, Some(7)])),
        ),
        (
            "birth_year",
            Arc::new(Int32Array::from(vec![2018, 2018, 2017, 2017])),
        ),
        (
            "birth_weight_g",
            Arc::new(Int32Array::from(vec![Some(3250), Some(980), None, Some(0)])),
        ),
        (
            "share_pct",
            Arc::new(Float64Array::from(vec![
                Some(12.345),
                Some(7.0),
                None,
                Some(0.0),
            ])),
        ),
        (
            "mean",
            Arc::new(Float64Array::from(vec![0.1 + 0.2, 1234.5, -3.0, 0.0])),
        ),
    ])
}

fn labelled() -> View {
    View {
        labels: true,
        ..View::default()
    }
}

#[test]
fn labels_units_separators_and_null_in_one_table() {
    let expected = "\
┌───────────────────────┬──────────┬────────────┬────────────────┬───────────┬─────────┐
│ township_code         │ sex      │ birth_year │ birth_weight_g │ share_pct │    mean │
│                       │          │            │              g │         % │         │
├───────────────────────┼──────────┼────────────┼────────────────┼───────────┼─────────┤
│ 150121100000 察素齐镇 │ 1 male   │       2018 │          3,250 │     12.35 │     0.3 │
│ unknown               │ 2 female │       2018 │            980 │      7    │ 1,234.5 │
│ NULL                  │ NULL     │       2017 │           NULL │      NULL │    -3   │
│                       │ 7        │       2017 │              0 │      0    │     0   │
├───────────────────────┴──────────┴────────────┴────────────────┴───────────┴─────────┤
│ 4 rows · 6 columns                                                                   │
└──────────────────────────────────────────────────────────────────────────────────────┘
";
    assert_eq!(shown(&births(), &labelled()), expected);
    let zh = shown(
        &births(),
        &View {
            lang: Lang::Zh,
            ..labelled()
        },
    );
    for part in ["│ 1 男性 │", "│             克 │", "│ 4 行 · 6 列 "] {
        assert!(zh.contains(part), "{part}\n{zh}");
    }
}

#[test]
fn everything_can_be_turned_off() {
    let view = View {
        thousands: false,
        units: false,
        full_precision: true,
        footer: false,
        ..View::default()
    };
    let text = shown(&births(), &view);
    let expected = "\
┌───────────────┬──────┬────────────┬────────────────┬───────────┬─────────────────────┐
│ township_code │  sex │ birth_year │ birth_weight_g │ share_pct │                mean │
├───────────────┼──────┼────────────┼────────────────┼───────────┼─────────────────────┤
│ 150121100000  │    1 │       2018 │           3250 │    12.345 │ 0.30000000000000004 │
│ unknown       │    2 │       2018 │            980 │         7 │              1234.5 │
│ NULL          │ NULL │       2017 │           NULL │      NULL │                  -3 │
│               │    7 │       2017 │              0 │         0 │                   0 │
└───────────────┴──────┴────────────┴────────────────┴───────────┴─────────────────────┘
";
    assert_eq!(text, expected);
}

#[test]
fn colour_dims_null_labels_units_and_the_footer() {
    let held = held(vec![
        ("sex", Arc::new(Int8Array::from(vec![Some(1), None]))),
        ("share_pct", Arc::new(Float64Array::from(vec![1.0, 2.5]))),
    ]);
    let view = View {
        color: true,
        ..labelled()
    };
    let expected = "\
┌────────┬───────────┐
│ <b>sex   </> │ <b>share_pct</> │
│ <d>      </> │ <d>        %</> │
├────────┼───────────┤
│ 1<d> male</> │       1   │
│ <d>NULL  </> │       2.5 │
├────────┴───────────┤
│ <d>2 rows · 2 columns</> │
└────────────────────┘
";
    let expected = [("<b>", "1"), ("<d>", "2"), ("</>", "0")]
        .iter()
        .fold(expected.to_owned(), |text, (mark, code)| {
            text.replace(mark, &format!("\u{1b}[{code}m"))
        });
    assert_eq!(shown(&held, &view), expected);
}

#[test]
fn null_empty_text_and_the_word_are_three_things() {
    let held = held(vec![("x", text(&[None, Some(""), Some("NULL")]))]);
    let lines = |null: Option<&str>| {
        let view = View {
            null: null.map(str::to_owned),
            ..View::default()
        };
        let text = shown(&held, &view);
        let cells = text.lines().skip(3).take(3);
        let cell = |line: &str| line.trim_matches(['│', ' ']).to_owned();
        cells.map(cell).collect::<Vec<_>>()
    };
    assert_eq!(lines(None), ["NULL", "", "'NULL'"]);
    assert_eq!(lines(Some("")), ["", "''", "NULL"]);
    assert_eq!(lines(Some("∅")), ["∅", "", "NULL"]);
}

fn numbers(rows: i64) -> Held {
    held(vec![(
        "births",
        Arc::new(Int64Array::from_iter_values(1..=rows)),
    )])
}

#[test]
fn a_long_result_shows_both_ends_and_says_how_many_rows_it_has() {
    let view = View {
        max_rows: Some(4),
        ..View::default()
    };
    let expected = "\
┌──────────────────────┐
│               births │
├──────────────────────┤
│                    1 │
│                    2 │
│                    ⋮ │
│                1,233 │
│                1,234 │
├──────────────────────┤
│ 1,234 rows (4 shown) │
└──────────────────────┘
";
    let (text, summary) = shown_with(&numbers(1234), &view, &DICTIONARY);
    assert_eq!(text, expected);
    assert_eq!(summary.truncated, Some((4, 1234)));
    let zh = View {
        lang: Lang::Zh,
        ..view.clone()
    };
    assert!(shown(&numbers(1234), &zh).contains("│ 1,234 行（显示 4）"));
    let all = View {
        max_rows: None,
        ..view
    };
    assert_eq!(shown(&numbers(1234), &all).lines().count(), 1234 + 6);
}

#[test]
fn one_row_needs_no_footer_and_none_has_one() {
    assert_eq!(shown(&numbers(1), &View::default()).lines().count(), 5);
    assert!(shown(&numbers(0), &View::default()).contains("│ 0 rows │"));
}

#[test]
fn few_rows_too_wide_for_a_table_stand_one_value_a_line() {
    let view = |width| View {
        width: Some(width),
        ..labelled()
    };
    assert!(shown(&births(), &view(87)).starts_with('┌'));
    let text = shown(&births(), &view(50));
    let expected = "\
─[ 1 ]──────────────────────────────────
township_code  │ 150121100000 察素齐镇
sex            │ 1 male
birth_year     │ 2018
birth_weight_g │ 3,250 g
share_pct      │ 12.35%
mean           │ 0.3
─[ 2 ]──";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("\ntownship_code  │\n"), "{text}");

    let table = View {
        format: Some(Format::Table),
        ..view(50)
    };
    let expected = "\
┌───────────────────────┬──────────┬───┬─────────┐
│ township_code         │ sex      │ … │    mean │
├───────────────────────┼──────────┼───┼─────────┤
│ 150121100000 察素齐镇 │ 1 male   │ … │     0.3 │
│ unknown               │ 2 female │ … │ 1,234.5 │
│ NULL                  │ NULL     │ … │    -3   │
│                       │ 7        │ … │     0   │
├───────────────────────┴──────────┴───┴─────────┤
│ 4 rows · 6 columns (3 shown)                   │
└────────────────────────────────────────────────┘
";
    assert_eq!(shown(&births(), &table), expected);
    // A label may be cut, a code not; a footer takes two lines rather than lose a number.
    let narrow = View {
        width: Some(21),
        ..table
    };
    let text = shown(&births(), &narrow);
    let expected = "\
┌───────────────┬───┐
│ township_code │ … │
├───────────────┼───┤
│ 150121100000… │ … │
│ unknown       │ … │
│ NULL          │ … │
│               │ … │
├───────────────┴───┤
│ 4 rows            │
│ 6 columns (1 sho… │
└───────────────────┘
";
    assert_eq!(text, expected);
}

#[test]
fn the_code_of_a_division_is_never_cut() {
    let long = "呼和浩特市土默特左旗察素齐镇人民政府";
    let held = held(vec![
        ("region_code", text(&[Some("150121100000")])),
        ("note", text(&[Some(long)])),
    ]);
    let view = View {
        width: Some(30),
        ..View::default()
    };
    let text = shown(&held, &view);
    assert!(text.contains("│ 150121100000 │ 呼和浩特市… │"), "{text}");
}

#[test]
fn many_rows_stay_a_table_that_says_which_columns_it_hides() {
    let wide: Vec<String> = (0..20).map(|at| format!("column_{at}")).collect();
    let column = || Arc::new(Int64Array::from_iter_values(0..6)) as ArrayRef;
    let held = held(wide.iter().map(|name| (name.as_str(), column())).collect());
    let view = View {
        width: Some(60),
        ..View::default()
    };
    let text = shown(&held, &view);
    assert!(text.contains("│ 6 rows · 20 columns (5 shown) "), "{text}");
}

#[test]
fn records_asked_for_show_both_ends_of_a_long_result() {
    let view = View {
        format: Some(Format::Vertical),
        max_rows: Some(2),
        ..View::default()
    };
    let expected = "\
─[ 1 ]──────────────────────────────────
births │ 1
⋮
─[ 9 ]──────────────────────────────────
births │ 9
9 rows (2 shown)
";
    assert_eq!(shown(&numbers(9), &view), expected);
}

#[test]
fn a_result_too_large_to_hold_shows_its_real_end() {
    let whole = numbers(20_000).batches.remove(0);
    let mut holder = Holder::new(whole.schema(), 1);
    for start in (0..20_000).step_by(1000) {
        let rows: Vec<i64> = (start + 1..=start + 1000).collect();
        let column = Arc::new(Int64Array::from(rows)) as ArrayRef;
        holder.push(RecordBatch::try_new(whole.schema(), vec![column]).unwrap());
    }
    let held = holder.finish();
    for format in [Format::Table, Format::Vertical] {
        let view = View {
            format: Some(format),
            max_rows: Some(4),
            ..View::default()
        };
        let (text, summary) = shown_with(&held, &view, &DICTIONARY);
        assert!(text.contains("20,000 rows (4 shown)"), "{text}");
        assert!(
            text.contains("19,999") && text.contains("20,000 │") || text.contains("│ 20,000"),
            "{text}"
        );
        assert_eq!(
            (summary.rows, summary.truncated),
            (20_000, Some((4, 20_000)))
        );
    }
    let csv = View {
        format: Some(Format::Csv),
        ..View::default()
    };
    let (text, summary) = shown_with(&held, &csv, &DICTIONARY);
    assert_eq!(text.lines().count(), 1001);
    assert_eq!(summary.truncated, Some((1000, 20_000)), "never silently");
    let all = View {
        max_rows: None,
        ..View::default()
    };
    let (text, _) = shown_with(&held, &all, &DICTIONARY);
    assert!(
        text.contains("20,000 rows (1,000 shown)"),
        "{}",
        &text[text.len() - 400..]
    );
}

#[test]
fn formats_for_programs_know_nothing_of_labels_and_separators() {
    let batch = &births().batches[0];
    for format in Format::ALL.into_iter().filter(|format| !dresses(*format)) {
        let view = View {
            format: Some(format),
            types: true,
            ..labelled()
        };
        let sink = Sink::default();
        show(&births(), &view, &DICTIONARY, Box::new(sink.clone())).unwrap();
        let plain = Sink::default();
        let out = Box::new(plain.clone());
        let mut to = writer(format, batch.schema(), &Options::new(format), out).unwrap();
        to.write(batch).unwrap();
        to.finish().unwrap();
        let (sink, plain) = (sink.0.lock().unwrap(), plain.0.lock().unwrap());
        assert!(*sink == *plain, "{format}");
    }
}

#[test]
fn the_title_stands_above_with_the_unit_that_no_column_tells() {
    let mut held = numbers(2);
    held.title = Some("Fertility\u{1b} rates".to_owned());
    held.unit = Some("per cent".to_owned());
    let text = shown(&held, &View::default());
    assert!(text.starts_with("Fertility\\u{1b} rates (%)\n┌"), "{text}");
}

#[test]
fn a_saved_query_lends_its_unit_to_what_it_counts() {
    let library = Library::from_files(&crate::catalog::queries()).unwrap();
    let births = DICTIONARY.with_query(library.get("births").unwrap());
    let held = held(vec![
        ("group_code", text(&[Some("150121100000"), Some("total")])),
        ("group_name", text(&[Some("察素齐镇"), Some("合计")])),
        ("births", Arc::new(Int64Array::from(vec![1204, 5210]))),
        (
            "share_pct",
            Arc::new(Float64Array::from(vec![23.109_404, 100.0])),
        ),
    ]);
    let view = View {
        lang: Lang::Zh,
        ..labelled()
    };
    let expected = "\
┌──────────────┬────────────┬────────┬───────────┐
│ group_code   │ group_name │ births │ share_pct │
│              │            │     人 │         % │
├──────────────┼────────────┼────────┼───────────┤
│ 150121100000 │ 察素齐镇   │  1,204 │     23.11 │
│ total        │ 合计       │  5,210 │    100    │
├──────────────┴────────────┴────────┴───────────┤
│ 2 行 · 4 列                                    │
└────────────────────────────────────────────────┘
";
    assert_eq!(shown_with(&held, &view, &births).0, expected);
}

#[test]
fn types_stand_below_the_names_when_wanted() {
    let view = View {
        types: true,
        ..View::default()
    };
    let text = shown(&numbers(2), &view);
    assert_eq!(text.lines().nth(2), Some("│ bigint │"), "{text}");
}

#[test]
fn a_pager_is_for_results_longer_than_the_terminal() {
    for (rows, height, expected) in [
        (10, 24, false),
        (30, 24, true),
        (17, 24, false),
        (18, 24, true),
    ] {
        let view = View {
            height: Some(height),
            ..View::default()
        };
        let lines = shown(&numbers(rows), &view).lines().count();
        assert_eq!(
            is_long(&numbers(rows), &view, &DICTIONARY).unwrap(),
            expected,
            "{lines}"
        );
        assert_eq!(lines + 1 > height, expected, "{lines}");
    }
}

#[test]
fn a_name_tells_what_all_tables_agree_on() {
    let label = |column: &str, code: &str| DICTIONARY.label(column, code, Lang::Zh);
    assert_eq!(label("sex", "1"), Some("男性"));
    assert_eq!(label("性别", "2"), Some("女性"));
    assert_eq!(label("SEX", "1"), Some("男性"));
    assert_eq!(label("max(deaths.sex)", "1"), Some("男性"));
    assert_eq!(label("count(deaths.sex)", "1"), None);
    assert_eq!(label("mother_ethnicity", "02"), Some("蒙古族"));
    assert_eq!(label("township_code", "150121100000"), Some("察素齐镇"));
    assert_eq!(label("乡镇代码", "150121100"), Some("察素齐镇"));
    assert_eq!(label("group_code", "150121100000"), Some("察素齐镇"));
    assert_eq!(label("group_code", "1"), None);
    assert_eq!(label("births", "1"), None);
    assert_eq!(DICTIONARY.label("sex", "1", Lang::En), Some("male"));

    // Only one of the two tables with a measure has a list for it.
    assert_eq!(label("measure", "births"), None);
    for table in ["population_statistics", "人口统计数据"] {
        let clear = DICTIONARY.with_tables([table]);
        assert_eq!(
            clear.label("measure", "births", Lang::Zh),
            Some("出生人口"),
            "{table}"
        );
    }
}

#[test]
fn units_follow_names_and_what_keeps_them() {
    let unit = |column: &str| DICTIONARY.unit(column, Lang::Zh);
    assert_eq!(unit("birth_weight_g").as_deref(), Some("克"));
    assert_eq!(
        unit("avg(birth_certificates.birth_weight_g)").as_deref(),
        Some("克")
    );
    assert_eq!(unit("count(birth_weight_g)"), None);
    assert_eq!(unit("出生体重").as_deref(), Some("克"));
    assert_eq!(unit("urban_pct").as_deref(), Some("%"));
    // Adoptions and other events are counted under one name.
    assert_eq!(unit("count"), None);
    let adoptions = DICTIONARY.with_tables(["adoptions"]);
    assert_eq!(
        adoptions.unit("sum(adoptions.count)", Lang::Zh).as_deref(),
        Some("件")
    );
    assert_eq!(unit("births"), None);
}
