//! What all pages share: frame, style, the switch between the languages, escaping.

use super::Site;
use crate::error::Lang;
use crate::output::escape_html as escape;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// A text in both languages; the one that is not chosen is hidden.
pub(super) fn both(en: &str, zh: &str) -> String {
    if en == zh {
        return escape(en);
    }
    format!(
        "<span lang=\"en\">{}</span><span lang=\"zh-CN\">{}</span>",
        escape(en),
        escape(zh)
    )
}

/// The same for something that either language may lack.
pub(super) fn told(text: impl Fn(Lang) -> Option<String>) -> Option<String> {
    let (en, zh) = (text(Lang::En)?, text(Lang::Zh)?);
    Some(both(&en, &zh))
}

/// A row of a list of facts; nothing without a value. `value` is HTML.
pub(super) fn fact(en: &str, zh: &str, value: Option<String>) -> String {
    match value {
        Some(value) if !value.is_empty() => {
            format!("<dt>{}</dt><dd>{value}</dd>\n", both(en, zh))
        }
        _ => String::new(),
    }
}

/// A section with a heading; nothing when `body`, HTML, is empty.
pub(super) fn section(id: &str, en: &str, zh: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    let heading = both(en, zh);
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{heading}</h2>\n{body}\n</section>\n"
    )
}

/// A table that scrolls by itself when it is wide; headers and cells are HTML, `n` marks numbers.
pub(super) fn table(headers: &[String], rows: &[Vec<String>], numbers: &[bool]) -> String {
    let class = |at: usize| match numbers.get(at) {
        Some(true) => " class=\"n\"",
        _ => "",
    };
    let mut html =
        "<div class=\"wide\" tabindex=\"0\" role=\"region\"><table>\n<thead><tr>".to_owned();
    for (at, header) in headers.iter().enumerate() {
        html.push_str(&format!("<th scope=\"col\"{}>{header}</th>", class(at)));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            html.push_str(&format!("<td{}>{cell}</td>", class(at)));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>");
    html
}

/// A page: `up` leads from it to the index, `main` is HTML.
pub(super) fn frame(site: &Site<'_>, title: (&str, &str), up: &str, main: &str) -> String {
    let (en, zh) = title;
    let (number, day) = &site.snapshot;
    let (lang, chosen) = match site.lang {
        Lang::En => ("en", "en"),
        Lang::Zh => ("zh-CN", "zh"),
    };
    let footer = both(
        &format!(
            "Snapshot {number} of {day}. Made by renkou {}.",
            env!("CARGO_PKG_VERSION")
        ),
        &format!(
            "快照 {number}（{day}）。由 renkou {} 生成。",
            env!("CARGO_PKG_VERSION")
        ),
    );
    let (home, skip) = (
        both("Queries and tables", "查询与数据表"),
        both("To the content", "跳到正文"),
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\" data-lang=\"{chosen}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{} · {}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">{skip}</a>\n\
         <header><a class=\"home\" href=\"{up}index.html\">{home}</a>\
         <div class=\"switch\" role=\"group\" aria-label=\"Language / 语言\">\
         <button type=\"button\" data-set=\"zh\" lang=\"zh-CN\" class=\"keep\">中文</button>\
         <button type=\"button\" data-set=\"en\" lang=\"en\" class=\"keep\">English</button></div></header>\n\
         <main id=\"main\">\n{main}</main>\n<footer>{footer}</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        escape(en),
        escape(zh),
    )
}

/// Heading of a page: both titles, the chosen one large, and the name in SQL.
pub(super) fn heading(en: &str, zh: &str, name: &str, kind: (&str, &str)) -> String {
    format!(
        "<p class=\"kind\">{} <code>{}</code></p>\n<h1>{}</h1>\n",
        both(kind.0, kind.1),
        escape(name),
        both(en, zh)
    )
}

/// A link to a page of a query or table; `up` leads to the index.
pub(super) fn link(up: &str, folder: &str, name: &str) -> String {
    let name = escape(name);
    format!("<a href=\"{up}{folder}/{name}.html\"><code>{name}</code></a>")
}
