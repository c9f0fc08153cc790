//! Whole drawings, and what holds for all of them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Date32Array, Decimal128Array, Float64Array, Int8Array, Int64Array, RecordBatch,
    StringArray,
};

use super::*;

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn integer(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn maybe(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn float(values: &[f64]) -> ArrayRef {
    Arc::new(Float64Array::from(values.to_vec()))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn canvas(width: usize, lang: Lang) -> Canvas {
    Canvas {
        width,
        height: 18,
        color: false,
        lang,
    }
}

fn request(kind: Option<Kind>, columns: &[&str]) -> Request {
    Request {
        kind,
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        ..Request::default()
    }
}

fn draw(batch: &RecordBatch, request: &Request, canvas: &Canvas) -> Result<String> {
    chart(
        &batch.schema(),
        std::slice::from_ref(batch),
        request,
        canvas,
    )
}

fn drawn(batch: &RecordBatch, kind: Option<Kind>, columns: &[&str], width: usize) -> Vec<String> {
    let drawn = draw(batch, &request(kind, columns), &canvas(width, Lang::En)).unwrap();
    assert!(drawn.ends_with('\n'));
    drawn.lines().map(str::to_owned).collect()
}

fn births_by_town() -> RecordBatch {
    batch(vec![
        (
            "group_code",
            text(&["340825101000", "340825102000", "340825200000", "total"]),
        ),
        ("group_name", text(&["晋熙镇", "徐桥镇", "大石乡", "合计"])),
        ("births", integer(&[1234, 617, 3, 1854])),
        ("total_births", integer(&[1854; 4])),
        ("share_pct", float(&[66.56, 33.28, 0.16, 100.0])),
        ("reason", text(&["", "", "", ""])),
    ])
}

#[test]
fn bars_show_names_and_figures_and_leave_out_totals() {
    assert_eq!(
        drawn(&births_by_town(), None, &[], 40),
        [
            "births",
            "晋熙镇 ███████████████████████████ 1,234",
            "徐桥镇 █████████████▌ 617",
            "大石乡 ▏ 3",
            "not drawn: `total_births`, `share_pct`",
            "not drawn: the total (`合计`)",
        ]
    );
    assert_eq!(
        drawn(
            &births_by_town(),
            Some(Kind::Bar),
            &["GROUP_NAME", "share_pct"],
            30
        ),
        [
            "share_pct",
            "晋熙镇 ████████████████ 66.56%",
            "徐桥镇 ████████ 33.28%",
            "大石乡 ▏ 0.16%",
            "not drawn: the total (`合计`)",
        ]
    );
}

#[test]
fn negative_bars_stand_left_of_zero_and_null_has_none() {
    let result = batch(vec![
        ("地区", text(&["太湖县", "宿松县", "望江县", "岳西县"])),
        ("自然增长", maybe(&[Some(-40), None, Some(20), Some(0)])),
    ]);
    assert_eq!(
        drawn(&result, None, &[], 40),
        [
            "自然增长",
            "太湖县 -40 ▐██████████████│",
            "宿松县                    │NULL",
            "望江县                    │███████▍ 20",
            "岳西县                    │ 0",
        ]
    );
}

#[test]
fn the_last_key_makes_groups_of_bars() {
    let result = batch(vec![
        (
            "township",
            text(&["晋熙镇", "晋熙镇", "徐桥镇", "新仓镇", "新仓镇"]),
        ),
        ("sex", text(&["男", "女", "女", "男", "女"])),
        ("births", integer(&[100, 90, 50, 10, 20])),
    ]);
    assert_eq!(
        drawn(&result, None, &[], 32),
        [
            "█ 男   ░ 女",
            "晋熙镇 ████████████████████ 100",
            "       ░░░░░░░░░░░░░░░░░░ 90",
            "",
            "徐桥镇 ░░░░░░░░░░ 50",
            "",
            "新仓镇 ██ 10",
            "       ░░░░ 20",
        ]
    );
}

#[test]
fn one_row_of_several_numbers_is_a_bar_for_each() {
    let result = batch(vec![
        ("births", integer(&[300])),
        ("deaths", integer(&[150])),
        ("birth_rate", float(&[9.5])),
    ]);
    assert_eq!(
        drawn(&result, None, &[], 30),
        [
            "births ██████████████████ 300",
            "deaths █████████ 150",
            "not drawn: `birth_rate`",
        ]
    );
}

#[test]
fn many_rows_are_cut_and_counted() {
    let names: Vec<String> = (1..=75).map(|at| format!("村{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let result = batch(vec![
        ("village", text(&names)),
        ("population", integer(&[7; 75])),
    ]);
    let drawing = draw(&result, &Request::default(), &canvas(40, Lang::Zh)).unwrap();
    let lines: Vec<&str> = drawing.lines().collect();
    assert_eq!(lines.len(), 62);
    assert!(lines[60].starts_with("村60"));
    assert_eq!(lines[61], "… 另有 15 行未画出");
}

#[test]
fn lines_run_along_years_and_break_at_null() {
    let result = batch(vec![
        ("year", integer(&[2014, 2010, 2011, 2012, 2013, 2015])),
        (
            "births",
            maybe(&[Some(20), Some(40), Some(90), None, Some(50), Some(30)]),
        ),
    ]);
    assert_eq!(drawn(&result, None, &[], 44), LINES);
}

const LINES: &[&str] = &[
    "births",
    "100 ┤",
    "    │      ⡠●",
    "    │    ⡠⠊",
    "    │  ⢀⠔⠁",
    " 50 ┤⢀⠔⠁                    ●⢄",
    "    │●                        ⠉⠢⢄         ⢀●",
    "    │                            ⠉⠢●⡠⠤⠔⠒⠊⠉⠁",
    "    │",
    "  0 ┤",
    "    └┬──────┬───────┬───────┬──────┬───────┬",
    "    2010   2011    2012    2013   2014  2015",
];

#[test]
fn several_lines_have_marks_of_their_own() {
    let result = batch(vec![
        ("年", integer(&[2016, 2016, 2017, 2017, 2018, 2018])),
        ("性别", text(&["男", "女", "男", "女", "男", "女"])),
        ("人数", integer(&[10, 8, 12, 9, 9, 9])),
    ]);
    assert_eq!(drawn(&result, None, &[], 40), SEVERAL);
    let coloured = Canvas {
        color: true,
        ..canvas(40, Lang::En)
    };
    let coloured = draw(&result, &Request::default(), &coloured).unwrap();
    assert!(coloured.starts_with("\u{1b}[36m●\u{1b}[0m 男   \u{1b}[35m▲\u{1b}[0m 女\n"));
}

const SEVERAL: &[&str] = &[
    "● 男   ▲ 女",
    "12 ┤               ⣀⠤●⠤⡀",
    "   │          ⢀⡠⠤⠒⠉    ⠈⠑⠤⡀",
    "   │      ⢀⡠⠔⠊⠁           ⠈⠒⢄⡀",
    "   │  ⣀⠤⠒⠉⠁                  ⠈⠒⢄⡀",
    "10 ┤●⠉                          ⠈⠒⢄",
    "   │                               ⠉⠢⢄",
    "   │            ⢀⣀⡠⠤⠔▲⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠒⠛●",
    "   │   ⢀⣀⡠⠤⠤⠒⠒⠉⠉⠁",
    " 8 ┤▲⠊⠉⠁",
    "   └┬────────────────┬─────────────────┬",
    "   2016             2017            2018",
];

#[test]
fn columns_named_like_months_are_an_axis() {
    let result = batch(vec![
        ("group_name", text(&["晋熙镇", "徐桥镇"])),
        ("births", integer(&[33, 66])),
        ("m01", integer(&[10, 20])),
        ("m02", integer(&[11, 22])),
        ("m03", integer(&[12, 24])),
    ]);
    let lines = drawn(&result, None, &[], 50);
    assert_eq!(lines[0], "● 晋熙镇   ▲ 徐桥镇");
    assert_eq!(lines.last().unwrap(), "not drawn: `births`");
}

#[test]
fn year_and_month_together_are_an_axis_and_a_named_month_compares_years() {
    let mut rows = Vec::new();
    for year in [2017, 2018] {
        for month in 1..=12 {
            rows.push((year, month, 100 + month * 3 - year % 5));
        }
    }
    let column =
        |get: fn(&(i64, i64, i64)) -> i64| integer(&rows.iter().map(get).collect::<Vec<_>>());
    let result = batch(vec![
        ("year", column(|row| row.0)),
        ("month", column(|row| row.1)),
        ("births", column(|row| row.2)),
    ]);
    let lines = drawn(&result, None, &[], 60);
    assert_eq!(lines[0], "births");
    assert!(lines.last().unwrap().contains("2017-07"), "{lines:?}");
    let lines = drawn(&result, None, &["month", "births"], 60);
    assert_eq!(lines[0], "● 2017   ▲ 2018");
}

#[test]
fn a_pyramid_has_the_oldest_on_top_and_one_scale() {
    let result = batch(vec![
        ("group_name", text(&["合计"; 5])),
        (
            "age_group",
            text(&["0", "1-4", "5-9", "10-14", "85岁及以上"]),
        ),
        ("population", integer(&[5; 5])),
        ("males", integer(&[500, 2000, 2400, 2000, 100])),
        ("females", integer(&[400, 1800, 2100, 1950, 300])),
    ]);
    assert_eq!(drawn(&result, None, &[], 50), PYRAMID);
}

const PYRAMID: &[&str] = &[
    "          males 7,000       females 6,550",
    "                    █  85+  ██▌",
    "    █████████████████ 10-14 ████████████████▌",
    " ████████████████████  5-9  █████████████████▌",
    "█████████████████████  0-4  ██████████████████▌",
    "────┴────────┴───────┘     └───────┴────────┴────",
    "  2,000    1,000    0       0    1,000    2,000",
    "ages 0 and 1-4 added up to 0-4",
];

#[test]
fn a_pyramid_is_read_in_long_form_too_and_single_years_fold() {
    let mut ages = Vec::new();
    let mut sexes = Vec::new();
    for age in 0..=104_i64 {
        for sex in [1_i8, 2, 9] {
            ages.push(age);
            sexes.push(sex);
        }
    }
    let people: Vec<i64> = ages.iter().map(|age| 105 - age).collect();
    let result = batch(vec![
        ("年龄", integer(&ages)),
        ("性别", Arc::new(Int8Array::from(sexes))),
        ("人数", integer(&people)),
    ]);
    let drawing = draw(&result, &Request::default(), &canvas(60, Lang::Zh)).unwrap();
    let lines: Vec<&str> = drawing.lines().collect();
    assert!(lines[0].contains("男 5,565       女 5,565"), "{}", lines[0]);
    assert!(lines[1].contains(" 85+  "), "{}", lines[1]);
    assert!(lines[18].contains("█  0-4  █"), "{}", lines[18]);
    assert_eq!(lines[21], "未画出：105 个年龄或性别不明的数");
    assert_eq!(lines[22], "单岁年龄已合并为五岁组");
    let tall = Canvas {
        height: 130,
        ..canvas(60, Lang::Zh)
    };
    let drawing = draw(&result, &Request::default(), &tall).unwrap();
    assert_eq!(drawing.lines().count(), 1 + 105 + 2 + 1);
}

#[test]
fn several_pyramids_in_one_result_are_refused_by_column() {
    let result = batch(vec![
        ("township", text(&["晋熙镇", "徐桥镇"])),
        ("age_group", text(&["0-4", "0-4"])),
        ("males", integer(&[1, 2])),
        ("females", integer(&[1, 2])),
    ]);
    let asked = request(Some(Kind::Pyramid), &[]);
    let error = draw(&result, &asked, &canvas(80, Lang::En)).unwrap_err();
    let text = error.render(Lang::En);
    assert!(text.contains("keep one value of `township`"), "{text}");
    assert!(!text.contains("晋熙镇"), "{text}");
    // Unasked, bars show it all.
    assert_eq!(drawn(&result, None, &[], 80)[0], "█ males   ░ females");
}

#[test]
fn what_does_not_fit_is_told_with_what_is_there() {
    for (result, kind, columns, expected) in [
        (
            batch(vec![("name", text(&["a"])), ("town", text(&["b"]))]),
            None,
            vec![],
            "keys in it: `name`, `town`; numbers: none",
        ),
        (
            batch(vec![("a", integer(&[1, 2])), ("b", integer(&[3, 4]))]),
            None,
            vec![],
            "keys in it: none; numbers: `a`, `b`",
        ),
        (
            births_by_town(),
            Some(Kind::Pyramid),
            vec![],
            "age_group, sex and a number",
        ),
        (
            births_by_town(),
            None,
            vec!["deaths"],
            "the result has no column `deaths`",
        ),
        (
            batch(vec![("year", integer(&[])), ("n", integer(&[]))]),
            None,
            vec![],
            "no rows to draw",
        ),
        (
            batch(vec![
                ("town", text(&["a", "b"])),
                ("n", float(&[f64::NAN, f64::INFINITY])),
            ]),
            None,
            vec![],
            "no number to draw in `n`",
        ),
    ] {
        let error = draw(&result, &request(kind, &columns), &canvas(80, Lang::En)).unwrap_err();
        let text = error.render(Lang::En);
        assert!(text.contains(expected), "{text}");
        assert_eq!(error.kind().exit_code(), 2);
        assert!(error.render(Lang::Zh).starts_with("错误："));
    }
}

#[test]
fn title_and_unit_stand_on_top() {
    let asked = Request {
        title: Some("各乡镇出生人口".to_owned()),
        unit: Some("人".to_owned()),
        ..Request::default()
    };
    let drawing = draw(&births_by_town(), &asked, &canvas(40, Lang::Zh)).unwrap();
    assert!(
        drawing.starts_with("各乡镇出生人口  单位：人\nbirths\n"),
        "{drawing}"
    );
}

/// Width of a line on the terminal, without what colours it.
fn shown_width(line: &str) -> usize {
    let mut width = 0;
    let mut parts = line.split('\u{1b}');
    width += display_width(parts.next().unwrap());
    for part in parts {
        width += display_width(part.split_once('m').unwrap().1);
    }
    width
}

#[test]
fn any_result_fits_any_canvas() {
    let mut random = fastrand::Rng::with_seed(8);
    let names = [
        "year",
        "month",
        "sex",
        "age",
        "age_group",
        "township",
        "区划代码",
        "乡镇",
        "年份",
        "births",
        "males",
        "females",
        "男",
        "女",
        "rate",
        "share_pct",
        "m01",
        "m02",
        "m03",
        "出生人口数量合计",
        "reason",
    ];
    for round in 0..1500 {
        let rows = random.usize(0..if round % 50 == 0 { 400 } else { 25 });
        let columns = (0..random.usize(1..6)).map(|_| {
            let name = names[random.usize(0..names.len())];
            (name, any_column(&mut random, rows))
        });
        let result = batch(columns.collect());
        let named: Vec<String> = (0..random.usize(0..3))
            .map(|_| {
                result
                    .schema()
                    .field(random.usize(0..result.num_columns()))
                    .name()
                    .clone()
            })
            .collect();
        let kinds = [None, Some(Kind::Bar), Some(Kind::Line), Some(Kind::Pyramid)];
        let asked = Request {
            kind: kinds[random.usize(0..4)],
            columns: if random.bool() { named } else { Vec::new() },
            title: random
                .bool()
                .then(|| "各乡镇分月出生人口 Births by town".to_owned()),
            unit: random.bool().then(|| "人 / persons".to_owned()),
        };
        let canvas = Canvas {
            width: random.usize(20..130),
            height: random.usize(0..60),
            color: random.bool(),
            lang: if random.bool() { Lang::Zh } else { Lang::En },
        };
        let Ok(drawing) = draw(&result, &asked, &canvas) else {
            continue;
        };
        for line in drawing.lines() {
            let width = shown_width(line);
            assert!(
                width <= canvas.width,
                "{width} > {canvas:?} {asked:?}\n{drawing}"
            );
            assert!(canvas.color || !line.contains('\u{1b}'));
        }
    }
}

fn any_column(random: &mut fastrand::Rng, rows: usize) -> ArrayRef {
    let words = [
        "晋熙镇",
        "合计",
        "男",
        "女",
        "male",
        "0-4",
        "5-9",
        "85+",
        "2018",
        "2018-03",
        "3月",
        "",
        "a\n\u{1b}[31mb",
        "很长很长很长很长很长很长很长很长的名字",
        "2018-02-03",
        "e\u{301}",
    ];
    let extremes = [
        0.0,
        -0.0,
        1.0,
        -1.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        1e15,
        0.1,
        1234.5,
        -98765.4321,
    ];
    let integers = [0, 1, 2, 9, 12, 85, 2018, -5, 1_000_000, i64::MAX, i64::MIN];
    match random.u8(0..8) {
        0 => Arc::new(StringArray::from_iter(
            (0..rows).map(|_| random.choice(words)),
        )),
        1 => text(&vec![words[random.usize(0..words.len())]; rows]),
        2 => Arc::new(Float64Array::from_iter(
            (0..rows).map(|_| random.choice(extremes)),
        )),
        3 => float(&vec![extremes[random.usize(0..extremes.len())]; rows]),
        4 => Arc::new(Int64Array::from_iter(
            (0..rows).map(|_| random.choice(integers)),
        )),
        5 => Arc::new(Int64Array::from_iter_values(
            (0..rows).map(|_| random.i64(0..3000)),
        )),
        6 => Arc::new(Date32Array::from_iter_values(
            (0..rows).map(|_| random.i32(-100_000..100_000)),
        )),
        _ => {
            let values = Decimal128Array::from_iter_values(
                (0..rows).map(|_| i128::from(random.i64(-500..500))),
            );
            Arc::new(values.with_precision_and_scale(12, 2).unwrap())
        }
    }
}
