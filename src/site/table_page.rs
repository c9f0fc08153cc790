//! The page of a table: its columns, units and code lists.

use super::page::{both, fact, frame, heading, section, table};
use super::{Site, lineage};
use crate::catalog::{ColumnType, Table, TableKind};
use crate::domain::csv;
use crate::domain::wording::grouped;
use crate::output::escape_html as escape;

/// The page.
pub(super) fn page(site: &Site<'_>, of: &Table) -> String {
    let mut main = heading(&of.title, &of.title_zh, &of.name, ("Table", "数据表"));
    main.push_str(&format!(
        "<p class=\"lead\">{}</p>\n",
        escape(&of.description)
    ));
    main.push_str(&facts(site, of));
    main.push_str(&section(
        "lineage",
        "Where it comes from, and what reads it",
        "数据来源与去向",
        &lineage::of_table(site, &of.name),
    ));
    main.push_str(&section("columns", "Columns", "列", &columns(site, of)));
    main.push_str(&section("codes", "Code lists", "代码表", &lists(site, of)));
    frame(site, (&of.title, &of.title_zh), "../", &main)
}

fn facts(site: &Site<'_>, of: &Table) -> String {
    let owner = match site.catalog.department(&of.owner) {
        Some(department) => both(&department.title, &department.title_zh),
        None => escape(&of.owner),
    };
    let (en, zh) = match of.kind {
        TableKind::Event => ("a row for each event", "每行一个事件"),
        TableKind::Register => ("a row for each person or thing", "每行一个人或一件事物"),
        TableKind::Aggregate => ("counts", "汇总数"),
        TableKind::Reference => ("comes with the catalog", "随目录提供"),
        TableKind::Log => (
            "what the program did, only appended to",
            "程序的操作记录，只追加",
        ),
        TableKind::System => ("kept by the program", "由系统维护"),
    };
    let rows = site.rows.get(&of.name).map(|rows| grouped(*rows));
    let chinese = format!("<code>{}</code>", escape(&of.title_zh));
    let partition = of
        .partition
        .as_ref()
        .map(|column| format!("<code>{}</code>", escape(column)));
    let body = [
        fact("Rows", "行数", rows),
        fact("Kind", "类别", Some(both(en, zh))),
        fact("Owner", "负责部门", Some(owner)),
        fact("In Chinese", "中文视图", Some(chinese)),
        fact("Partitioned by", "分区列", partition),
    ];
    format!("<dl>\n{}</dl>\n", body.concat())
}

/// The code list of a column.
fn list_of(kind: ColumnType, list: Option<&String>) -> Option<&str> {
    list.map(String::as_str)
        .or_else(|| (kind == ColumnType::Sex).then_some("sex"))
}

fn columns(site: &Site<'_>, of: &Table) -> String {
    let headers = [
        ("Name", "名称"),
        ("Chinese name", "中文名"),
        ("Type", "类型"),
        ("Unit", "单位"),
        ("Codes", "代码表"),
        ("Meaning", "说明"),
    ]
    .map(|(en, zh)| both(en, zh));
    let rows: Vec<Vec<String>> = of
        .columns
        .iter()
        .map(|column| {
            let list = list_of(column.kind, column.list.as_ref())
                .filter(|list| site.catalog.codes.contains_key(*list));
            let list = list.map(|list| {
                let list = escape(list);
                format!("<a href=\"#list-{list}\"><code>{list}</code></a>")
            });
            vec![
                format!("<code>{}</code>", escape(&column.name)),
                escape(&column.zh),
                escape(column.kind.name()),
                column.unit.as_deref().map(escape).unwrap_or_default(),
                list.unwrap_or_default(),
                escape(&column.description),
            ]
        })
        .collect();
    table(&headers, &rows, &[])
}

fn lists(site: &Site<'_>, of: &Table) -> String {
    let mut names: Vec<&str> = of
        .columns
        .iter()
        .filter_map(|column| list_of(column.kind, column.list.as_ref()))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut html = String::new();
    for name in names {
        let Some(text) = site.catalog.codes.get(name) else {
            continue;
        };
        // The catalog was read, so its lists are whole.
        let Ok(list) = csv::Table::read(text) else {
            continue;
        };
        let of = ["code", "name", "name_en"].map(|column| list.column(column));
        let rows: Vec<Vec<String>> = list
            .rows()
            .map(|row| {
                let [code, chinese, english] = of.map(|at| escape(row.get(at)));
                vec![format!("<code>{code}</code>"), chinese, english]
            })
            .collect();
        let headers = [("Code", "代码"), ("Chinese", "中文"), ("English", "英文")];
        let body = table(&headers.map(|(en, zh)| both(en, zh)), &rows, &[]);
        let (name, count) = (escape(name), rows.len());
        let open = if count <= 12 { " open" } else { "" };
        html.push_str(&format!(
            "<details id=\"list-{name}\"{open}><summary><code>{name}</code> ({count})</summary>{body}</details>\n"
        ));
    }
    html
}
