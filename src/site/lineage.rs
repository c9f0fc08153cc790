//! The picture of where something comes from: departments, sources, tables, queries, from left to
//! right.

use super::Site;
use crate::output::{display_width, escape_html as escape, shorten};

/// Sizes of the picture, in pixels.
const WIDTH: usize = 196;
const HEIGHT: usize = 30;
const GAP: usize = 10;
const BETWEEN: usize = 64;
const TOP: usize = 26;

/// Columns of text that a box has room for.
const ROOM: usize = 25;

struct Node {
    id: String,
    en: String,
    zh: String,
    link: Option<String>,
    is_here: bool,
}

/// Boxes in columns, and lines between neighbours.
#[derive(Default)]
struct Picture {
    columns: [Vec<Node>; 5],
    lines: Vec<((usize, String), (usize, String))>,
}

impl Picture {
    fn add(&mut self, column: usize, node: Node) {
        let nodes = &mut self.columns[column];
        if !nodes.iter().any(|known| known.id == node.id) {
            nodes.push(node);
        }
    }

    fn join(&mut self, from: (usize, &str), to: (usize, &str)) {
        let line = ((from.0, from.1.to_owned()), (to.0, to.1.to_owned()));
        if !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }

    /// A table with the sources that fill it and the departments that send them.
    fn add_table(&mut self, site: &Site<'_>, name: &str, is_here: bool) {
        let Some(table) = site.catalog.tables.get(name) else {
            return;
        };
        self.add(
            2,
            Node {
                id: name.to_owned(),
                en: table.title.clone(),
                zh: table.title_zh.clone(),
                link: Some(format!("tables/{name}")),
                is_here,
            },
        );
        for source in site.catalog.sources.values() {
            if source.table != name {
                continue;
            }
            self.add(
                1,
                Node {
                    id: source.id.clone(),
                    en: source.title.clone(),
                    zh: source.title_zh.clone(),
                    link: None,
                    is_here: false,
                },
            );
            self.join((1, &source.id), (2, name));
            let department = site.catalog.department(&source.department);
            let (en, zh) = department.map_or((&source.department, &source.department), |known| {
                (&known.title, &known.title_zh)
            });
            self.add(
                0,
                Node {
                    id: source.department.clone(),
                    en: en.clone(),
                    zh: zh.clone(),
                    link: None,
                    is_here: false,
                },
            );
            self.join((0, &source.department), (1, &source.id));
        }
    }

    fn add_query(&mut self, site: &Site<'_>, column: usize, name: &str, is_here: bool) {
        let Some(query) = site.library.iter().find(|query| query.name == name) else {
            return;
        };
        self.add(
            column,
            Node {
                id: name.to_owned(),
                en: query.title.clone(),
                zh: query.title_zh.clone(),
                link: Some(format!("queries/{name}")),
                is_here,
            },
        );
    }
}

/// Where a query comes from, and what builds on it.
pub(super) fn of_query(site: &Site<'_>, name: &str) -> String {
    let mut picture = Picture::default();
    let Some(query) = site.library.iter().find(|query| query.name == name) else {
        return String::new();
    };
    for inner in &query.builds_on {
        picture.add_query(site, 3, inner, false);
        for table in site.reads.get(inner).into_iter().flatten() {
            picture.add_table(site, table, false);
            picture.join((2, table), (3, inner));
        }
    }
    // What builds on others stands to the right of them.
    let column = if query.builds_on.is_empty() { 3 } else { 4 };
    picture.add_query(site, column, name, true);
    for inner in &query.builds_on {
        picture.join((3, inner), (column, name));
    }
    for table in site.reads.get(name).into_iter().flatten() {
        let is_through_another = query.builds_on.iter().any(|inner| {
            site.reads
                .get(inner)
                .is_some_and(|reads| reads.contains(table))
        });
        if !is_through_another {
            picture.add_table(site, table, false);
            picture.join((2, table), (column, name));
        }
    }
    if column == 3 {
        for outer in site.library {
            if outer.builds_on.iter().any(|inner| inner == name) {
                picture.add_query(site, 4, &outer.name, false);
                picture.join((3, name), (4, &outer.name));
            }
        }
    }
    draw(&picture)
}

/// Where a table comes from, and which queries read it.
pub(super) fn of_table(site: &Site<'_>, name: &str) -> String {
    let mut picture = Picture::default();
    picture.add_table(site, name, true);
    for (query, reads) in &site.reads {
        if reads.iter().any(|table| table == name) {
            picture.add_query(site, 3, query, false);
            picture.join((2, name), (3, query));
        }
    }
    draw(&picture)
}

fn draw(picture: &Picture) -> String {
    let used: Vec<usize> = (0..5)
        .filter(|at| !picture.columns[*at].is_empty())
        .collect();
    let most = picture.columns.iter().map(Vec::len).max().unwrap_or(0);
    if used.len() < 2 || most == 0 {
        return String::new();
    }
    let height = TOP + most * (HEIGHT + GAP);
    let width = used.len() * (WIDTH + BETWEEN) - BETWEEN;
    let x = |column: usize| {
        let place = used.iter().position(|used| *used == column).unwrap_or(0);
        place * (WIDTH + BETWEEN)
    };
    // Each column stands in the middle of the height.
    let y = |column: usize, at: usize| {
        let own = picture.columns[column].len() * (HEIGHT + GAP);
        TOP + (most * (HEIGHT + GAP) - own) / 2 + at * (HEIGHT + GAP)
    };
    let place = |end: &(usize, String)| {
        let nodes = &picture.columns[end.0];
        let at = nodes.iter().position(|node| node.id == end.1)?;
        Some((x(end.0), y(end.0, at) + HEIGHT / 2))
    };
    let heads = [
        ("Department", "部门"),
        ("Source", "来源"),
        ("Table", "数据表"),
        ("Query", "查询"),
        ("Builds on it", "在其上的查询"),
    ];
    let mut svg = format!(
        "<div class=\"lineage\" tabindex=\"0\" role=\"region\" aria-label=\"Lineage / 数据来源\">\
         <svg width=\"{}\" height=\"{height}\" viewBox=\"-1 0 {} {height}\" role=\"group\">\n",
        width + 2,
        width + 2
    );
    for column in &used {
        let (en, zh) = heads[*column];
        svg.push_str(&text(x(*column), 14, en, zh, "head"));
    }
    for (from, to) in &picture.lines {
        if let (Some((x1, y1)), Some((x2, y2))) = (place(from), place(to)) {
            let (x1, middle) = (x1 + WIDTH, (x1 + WIDTH + x2) / 2);
            svg.push_str(&format!(
                "<path d=\"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}\"/>\n"
            ));
        }
    }
    for column in &used {
        for (at, node) in picture.columns[*column].iter().enumerate() {
            svg.push_str(&boxed(node, x(*column), y(*column, at)));
        }
    }
    svg.push_str("</svg></div>");
    svg
}

fn boxed(node: &Node, x: usize, y: usize) -> String {
    let class = if node.is_here { " class=\"here\"" } else { "" };
    let inside = format!(
        "<g{class}><title>{} · {}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"5\"/>{}</g>",
        escape(&node.en),
        escape(&node.zh),
        text(x + 10, y + 20, &node.en, &node.zh, "")
    );
    match &node.link {
        Some(link) if !node.is_here => {
            format!("<a href=\"../{}.html\">{inside}</a>\n", escape(link))
        }
        _ => format!("{inside}\n"),
    }
}

fn text(x: usize, y: usize, en: &str, zh: &str, class: &str) -> String {
    let one = |lang: &str, text: &str| {
        let cut = if display_width(text) > ROOM {
            shorten(text, ROOM)
        } else {
            None
        };
        let text = escape(cut.as_deref().unwrap_or(text));
        format!("<text x=\"{x}\" y=\"{y}\" lang=\"{lang}\" class=\"{class}\">{text}</text>")
    };
    format!("{}{}", one("en", en), one("zh-CN", zh))
}
