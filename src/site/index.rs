//! The first page: a search over all queries and tables.

use std::collections::BTreeMap;

use super::Site;
use super::page::{both, frame, section};
use crate::output::escape_html as escape;

/// The page.
pub(super) fn page(site: &Site<'_>) -> String {
    let mut groups: BTreeMap<&str, String> = BTreeMap::new();
    for query in site.library {
        let mut words = vec![
            query.name.as_str(),
            &query.title,
            &query.title_zh,
            query.owner.as_deref().unwrap_or_default(),
        ];
        words.extend(query.tags.iter().map(String::as_str));
        words.extend(query.description.as_deref());
        words.extend(query.description_zh.as_deref());
        let item = item(
            "queries",
            &query.name,
            (&query.title, &query.title_zh),
            &words,
        );
        groups.entry(&query.group).or_default().push_str(&item);
    }
    let mut tables = String::new();
    for table in site.catalog.tables.values() {
        let mut words = vec![
            table.name.as_str(),
            &table.title,
            &table.title_zh,
            &table.owner,
            &table.description,
        ];
        for column in &table.columns {
            words.extend([column.name.as_str(), &column.zh, &column.description]);
        }
        tables.push_str(&item(
            "tables",
            &table.name,
            (&table.title, &table.title_zh),
            &words,
        ));
    }
    let (en, zh) = ("Search titles, names, columns…", "搜索标题、名称、列名……");
    let mut main = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n\
         <input id=\"search\" type=\"search\" autocomplete=\"off\" placeholder=\"{en}\" data-en=\"{en}\" data-zh=\"{zh}\" aria-label=\"{en} / {zh}\">\n\
         <p id=\"found\" role=\"status\"></p>\n",
        both("Queries and tables", "查询与数据表"),
        both(
            "How each figure is defined, where it comes from, and what stands in each column.",
            "各项指标的口径、数据从哪里来，以及每张表每一列的含义。",
        ),
    );
    for (group, items) in groups {
        let (en, zh) = match group {
            "indicators" => ("Indicators", "指标"),
            "tables" => ("Output tables", "统计表"),
            "" => ("Queries", "查询"),
            other => (other, other),
        };
        let id = format!("group-{}", group.replace('/', "-"));
        main.push_str(&section(
            &id,
            en,
            zh,
            &format!("<ul class=\"list\">\n{items}</ul>"),
        ));
    }
    let tables = format!("<ul class=\"list\">\n{tables}</ul>");
    main.push_str(&section("tables", "Tables", "数据表", &tables));
    frame(site, ("Queries and tables", "查询与数据表"), "", &main)
}

fn item(folder: &str, name: &str, title: (&str, &str), words: &[&str]) -> String {
    let words = words.join(" ").to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    format!(
        "<li data-words=\"{}\"><a href=\"{folder}/{}.html\">{}</a><p><code>{}</code></p></li>\n",
        escape(&words.join(" ")),
        escape(name),
        both(title.0, title.1),
        escape(name)
    )
}
