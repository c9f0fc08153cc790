//! Buffers with `|` at the cursor, and what they are completed with.

mod codes;
mod commands;
mod names;
mod odd;
mod words;

use super::*;
use crate::error::Lang;

/// A column: name, Chinese name, type, code list.
fn column((name, zh, kind, list): (&str, &str, &str, &str)) -> Column {
    Column {
        name: name.to_owned(),
        zh: (!zh.is_empty()).then(|| zh.to_owned()),
        kind: kind.to_owned(),
        list: (!list.is_empty()).then(|| list.to_owned()),
    }
}

fn table(name: &str, zh: &str, columns: &[(&str, &str, &str, &str)]) -> Table {
    Table {
        name: name.to_owned(),
        zh: (!zh.is_empty()).then(|| zh.to_owned()),
        is_view: false,
        columns: columns.iter().copied().map(column).collect(),
    }
}

/// The Chinese view of a table, as a session lists it.
fn view(table: &Table) -> Table {
    let columns = table.columns.iter().map(|column| Column {
        name: column.zh.clone().unwrap(),
        kind: column.kind.clone(),
        ..Column::default()
    });
    Table {
        name: table.zh.clone().unwrap(),
        zh: None,
        is_view: true,
        columns: columns.collect(),
    }
}

fn function(name: &str, signature: &str) -> Function {
    Function {
        name: name.to_owned(),
        signature: signature.to_owned(),
        summary: format!("what {name} gives"),
        is_aggregate: ["count", "sum"].contains(&name),
    }
}

fn parameter(name: &str, kind: &str, default: &str, choices: &[&str]) -> Parameter {
    Parameter {
        name: name.to_owned(),
        kind: kind.to_owned(),
        default: (!default.is_empty()).then(|| default.to_owned()),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        description: None,
    }
}

fn codes(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let pair = |(code, name): &(&str, &str)| ((*code).to_owned(), (*name).to_owned());
    list.iter().map(pair).collect()
}

fn knowledge() -> Knowledge {
    let births = table(
        "birth_certificates",
        "出生医学证明",
        &[
            ("sex", "性别", "int8", "sex"),
            ("birth_date", "出生日期", "date", ""),
            ("mother_key", "母亲标识", "blob", ""),
            ("township_code", "乡镇代码", "varchar", "regions"),
            ("issue_type", "签发类型", "varchar", "issue_type"),
            ("delivery_id", "交付编号", "varchar", ""),
        ],
    );
    let deaths = table(
        "deaths",
        "死亡",
        &[
            ("sex", "性别", "int8", "sex"),
            ("death_date", "死亡日期", "date", ""),
            ("township_code", "乡镇代码", "varchar", "regions"),
            ("delivery_id", "交付编号", "varchar", ""),
        ],
    );
    let (births_view, deaths_view) = (view(&births), view(&deaths));
    let odd = table(
        "Odd table",
        "",
        &[("Mixed", "", "date", ""), ("order", "", "date", "")],
    );
    let vault = table("vault.deaths", "", &[("name", "", "varchar", "")]);
    let result = table("_", "", &[("births", "", "bigint", "")]);
    Knowledge {
        lang: Lang::En,
        tables: vec![births, deaths, odd, births_view, deaths_view, vault, result],
        functions: vec![
            function("age_at", "age_at(birth_date, date)"),
            function("code_name", "code_name(list, code)"),
            function("coalesce", "coalesce(value, value, …)"),
            function("count", "count(expression)"),
            function("now", "now()"),
            function("sum", "sum(expression)"),
        ],
        queries: vec![
            Query {
                name: "births".to_owned(),
                title: "出生人口".to_owned(),
                params: vec![
                    parameter("year", "year", "latest_complete_year", &[]),
                    parameter("by", "choice", "none", &["none", "township", "sex"]),
                    parameter("region", "code", "", &[]),
                    parameter("final", "flag", "", &[]),
                ],
            },
            Query {
                name: "age_pyramid".to_owned(),
                title: "人口金字塔".to_owned(),
                params: Vec::new(),
            },
        ],
        lists: [
            (
                "sex",
                codes(&[("0", "未知"), ("1", "男"), ("2", "女"), ("9", "未说明")]),
            ),
            (
                "issue_type",
                codes(&[("first", "首次签发"), ("reissued", "补发")]),
            ),
            (
                "regions",
                codes(&[("150121100", "察素齐镇"), ("150121101", "晋熙镇")]),
            ),
        ]
        .into_iter()
        .map(|(name, list)| (name.to_owned(), list))
        .collect(),
        deliveries: vec!["019a2b".to_owned(), "019a3c".to_owned()],
        formats: vec!["table", "csv", "markdown"],
    }
}

fn files(typed: &str) -> Vec<String> {
    ["a.sql", "my queries/", "my queries/b 1.sql", "out/"]
        .iter()
        .filter(|path| {
            let rest = path.strip_prefix(typed).unwrap_or_default();
            !rest.is_empty() && !rest.trim_end_matches('/').contains('/')
        })
        .map(|path| (*path).to_owned())
        .collect()
}

fn completed(marked: &str) -> (String, Completion) {
    let at = marked.find('|').expect("a cursor");
    let text = marked.replacen('|', "", 1);
    let completion = complete(&knowledge(), &text, at, &files);
    (text[completion.start..at].to_owned(), completion)
}

fn replacements(marked: &str) -> Vec<String> {
    let (_, completion) = completed(marked);
    let replacements = completion.candidates.into_iter().map(|one| one.replacement);
    replacements.collect()
}

/// The candidates are exactly these.
#[track_caller]
fn are(cases: &[(&str, &[&str])]) {
    for (marked, expected) in cases {
        assert_eq!(replacements(marked), *expected, "{marked}");
    }
}

/// The candidates begin with these.
#[track_caller]
fn begin(cases: &[(&str, &[&str])]) {
    for (marked, expected) in cases {
        let found = replacements(marked);
        let first: Vec<&String> = found.iter().take(expected.len()).collect();
        assert_eq!(first, *expected, "{marked}: {found:?}");
    }
}

/// None of the candidates is one of these.
#[track_caller]
fn lack(cases: &[(&str, &[&str])]) {
    for (marked, unwanted) in cases {
        let found = replacements(marked);
        for word in *unwanted {
            assert!(!found.iter().any(|one| one == word), "{marked}: {found:?}");
        }
    }
}
