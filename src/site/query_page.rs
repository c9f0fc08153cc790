//! The page of a query.

use super::page::{both, fact, frame, heading, link, section, table, told};
use super::{Site, lineage};
use crate::error::{Lang, Result};
use crate::output::{Column, escape_html as escape};
use crate::query::{Parameter, SavedQuery};

/// The page.
///
/// # Errors
/// When a cell of the sample rows cannot be shown.
pub(super) fn page(site: &Site<'_>, query: &SavedQuery) -> Result<String> {
    let mut main = heading(
        &query.title,
        &query.title_zh,
        &query.name,
        ("Query", "查询"),
    );
    if let Some(text) = told(|lang| query.description_in(lang).map(str::to_owned)) {
        main.push_str(&format!("<p class=\"lead\">{text}</p>\n"));
    }
    main.push_str(&facts(site, query));
    main.push_str(&section(
        "parameters",
        "Parameters",
        "参数",
        &parameters(query),
    ));
    main.push_str(&section(
        "lineage",
        "Where it comes from",
        "数据来源",
        &lineage::of_query(site, &query.name),
    ));
    main.push_str(&section(
        "sample",
        "First rows, with the defaults",
        "示例（参数取默认值时的前几行）",
        &sample(site, query)?,
    ));
    let tests: String = query
        .tests
        .iter()
        .map(|test| format!("<li><code>{}</code></li>\n", escape(&test.said())))
        .collect();
    let tests = if tests.is_empty() {
        tests
    } else {
        format!("<ul>\n{tests}</ul>")
    };
    main.push_str(&section("tests", "Tests", "测试", &tests));
    let statement = format!("<pre><code>{}</code></pre>", escape(query.written.trim()));
    main.push_str(&section("statement", "Statement", "语句", &statement));
    Ok(frame(site, (&query.title, &query.title_zh), "../", &main))
}

fn facts(site: &Site<'_>, query: &SavedQuery) -> String {
    let owner = query
        .owner
        .as_ref()
        .map(|owner| match site.catalog.department(owner) {
            Some(department) => both(&department.title, &department.title_zh),
            None => escape(owner),
        });
    let tags = query
        .tags
        .iter()
        .map(|tag| format!("<span class=\"tag\">{}</span>", escape(tag)));
    let links = |folder: &str, names: &mut dyn Iterator<Item = &str>| {
        names
            .map(|name| link("../", folder, name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let reads = site.reads.get(&query.name);
    let used_by = site
        .library
        .iter()
        .filter(|outer| outer.builds_on.contains(&query.name))
        .map(|outer| outer.name.as_str());
    let first = query.params.first();
    let example = first.map(|parameter| {
        let value = match parameter.default_text() {
            "latest_complete_year" => "2018",
            "null" => "…",
            other => other,
        };
        format!(" --param {}={value}", parameter.name)
    });
    let run = format!("renkou run {}{}", query.name, example.unwrap_or_default());
    let body = [
        fact(
            "Unit",
            "单位",
            told(|lang| query.unit_in(lang).map(str::to_owned)),
        ),
        fact(
            "Definition",
            "口径",
            told(|lang| query.definition_in(lang).map(str::to_owned)),
        ),
        fact("Owner", "负责部门", owner),
        fact(
            "Reads",
            "读取",
            reads.map(|reads| links("tables", &mut reads.iter().map(String::as_str))),
        ),
        fact(
            "Builds on",
            "基于",
            Some(links(
                "queries",
                &mut query.builds_on.iter().map(String::as_str),
            )),
        ),
        fact(
            "Used by",
            "被引用",
            Some(links("queries", &mut used_by.into_iter())),
        ),
        fact("Tags", "标签", Some(tags.collect())),
        fact(
            "Run it",
            "运行",
            Some(format!("<code>{}</code>", escape(&run))),
        ),
    ];
    format!("<dl>\n{}</dl>\n", body.concat())
}

fn parameters(query: &SavedQuery) -> String {
    if query.params.is_empty() {
        return String::new();
    }
    let row = |parameter: &Parameter| {
        let default = match parameter.default_text() {
            "null" if parameter.required => both("required", "必填"),
            "null" => "<span class=\"null\">null</span>".to_owned(),
            text => format!("<code>{}</code>", escape(text)),
        };
        let meaning = told(|lang| parameter.description_in(lang).map(str::to_owned));
        let limits = both(&parameter.limits(Lang::En), &parameter.limits(Lang::Zh));
        vec![
            format!("<code>{}</code>", escape(&parameter.name)),
            both(parameter.kind.said(Lang::En), parameter.kind.said(Lang::Zh)),
            default,
            limits,
            meaning.unwrap_or_default(),
        ]
    };
    let headers = [
        ("Name", "名称"),
        ("Type", "类型"),
        ("Default", "默认值"),
        ("Values", "取值"),
        ("Meaning", "说明"),
    ]
    .map(|(en, zh)| both(en, zh));
    let rows: Vec<_> = query.params.iter().map(row).collect();
    table(&headers, &rows, &[])
}

fn sample(site: &Site<'_>, query: &SavedQuery) -> Result<String> {
    let Some(batches) = site.samples.get(&query.name) else {
        return Ok(String::new());
    };
    let Some(first) = batches.first() else {
        return Ok(String::new());
    };
    let schema = first.schema();
    let names = schema.fields().iter();
    let headers: Vec<String> = names.map(|field| escape(field.name())).collect();
    let numbers: Vec<bool> = schema
        .fields()
        .iter()
        .map(|field| field.data_type().is_numeric())
        .collect();
    let mut rows = Vec::new();
    for batch in batches {
        let columns: Vec<Column<'_>> = batch
            .columns()
            .iter()
            .map(|array| Column::new(array))
            .collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            let mut cells = Vec::with_capacity(columns.len());
            for column in &columns {
                let value = column.value(row)?;
                let mut text = String::new();
                value.write(&mut text)?;
                cells.push(if value.is_null() {
                    "<span class=\"null\">null</span>".to_owned()
                } else {
                    escape(&text)
                });
            }
            rows.push(cells);
        }
    }
    Ok(table(&headers, &rows, &numbers))
}
