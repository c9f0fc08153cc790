//! The page: one file, its style inside, A4 on paper.

use std::collections::BTreeMap;

use super::chart::draw;
use super::sentence::Key;
use super::table::Grid;
use super::template::{Chart, Figure, Template};
use crate::error::{Lang, Message};
use crate::msg;
use crate::output::escape_html as escape;

const STYLE: &str = include_str!("style.css");

/// A figure and its answer.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Its rows.
    pub grid: Grid,
    /// Where they come from: query, parameters, snapshot.
    pub source: String,
    /// What was hidden, or why there are no rows.
    pub notes: Vec<String>,
}

/// Everything on the page.
#[derive(Debug)]
pub struct Report<'a> {
    /// What it holds.
    pub template: &'a Template,
    /// The year.
    pub year: i32,
    /// Its language.
    pub lang: Lang,
    /// The figures of the first page.
    pub keys: Vec<Key>,
    /// The answers, in the order of the figures.
    pub answers: Vec<Answered>,
    /// Where the data stand: snapshot, deliveries.
    pub vintage: Grid,
    /// Number and day of the snapshot.
    pub snapshot: (i64, String),
    /// What tables, departments, columns and codes are called.
    pub words: BTreeMap<String, String>,
}

/// Writes the page.
#[must_use]
pub fn page(report: &Report<'_>) -> String {
    let lang = report.lang;
    let say = |message: Message| message.text(lang).to_owned();
    let title = report.template.title(lang, report.year);
    let mut main = format!("<h1>{}</h1>\n", escape(&title));
    let (number, day) = &report.snapshot;
    main.push_str(&format!(
        "<p class=\"vintage\">{}</p>\n",
        escape(&say(msg!(
            "Data as of {day}, snapshot {number}",
            "数据截至 {day}，快照 {number}"
        )))
    ));
    main.push_str(&keys(report));
    let mut answers = report.answers.iter();
    let mut number = 0;
    for section in &report.template.sections {
        main.push_str(&format!(
            "<section>\n<h2>{}</h2>\n",
            escape(section.heading(lang))
        ));
        if let Some(text) = section.text(lang, report.year) {
            main.push_str(&format!("<p>{}</p>\n", escape(&text)));
        }
        for figure in &section.figures {
            let Some(answer) = answers.next() else { break };
            number += 1;
            main.push_str(&one(report, figure, answer, number));
        }
        main.push_str("</section>\n");
    }
    main.push_str(&method(report));
    let code = match lang {
        Lang::En => "en",
        Lang::Zh => "zh-CN",
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{main}</main>\n</body>\n</html>\n",
        escape(&title)
    )
}

fn keys(report: &Report<'_>) -> String {
    let lang = report.lang;
    let year = report.year;
    let say = |message: Message| escape(message.text(lang));
    let mut html = format!(
        "<section>\n<h2>{}</h2>\n<ul class=\"say\">\n",
        say(msg!("In short", "要点"))
    );
    for key in &report.keys {
        html.push_str(&format!("<li>{}</li>\n", escape(&key.sentence(lang, year))));
    }
    let before = year - 1;
    html.push_str(&format!(
        "</ul>\n<table><caption>{}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{before}</th>\
         <th scope=\"col\" class=\"n\">{year}</th><th scope=\"col\">{}</th></tr></thead><tbody>\n",
        say(msg!("Key figures", "主要指标")),
        say(msg!("figure", "指标")),
        say(msg!("change", "变化")),
    ));
    for key in &report.keys {
        let cell = |value: Option<f64>| match value {
            Some(value) => key.shown(value),
            None if key.is_hidden => "*".to_owned(),
            None => "–".to_owned(),
        };
        let change = if key.now.is_some() {
            key.change(lang)
        } else {
            String::new()
        };
        html.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
            escape(&key.label),
            cell(key.before),
            cell(key.now),
            escape(&change)
        ));
    }
    html.push_str("</tbody></table>\n</section>\n");
    html
}

fn one(report: &Report<'_>, figure: &Figure, answer: &Answered, number: usize) -> String {
    let lang = report.lang;
    let title = match lang {
        Lang::En => format!("Figure {number}. {}", figure.title(lang)),
        Lang::Zh => format!("图 {number}　{}", figure.title(lang)),
    };
    let mut html = format!("<figure>\n<figcaption>{}</figcaption>\n", escape(&title));
    let picture = draw(figure, &answer.grid, figure.title(lang), &report.words);
    let rows = grid(figure, &answer.grid, figure.title(lang), &report.words);
    let nothing = msg!("There are no data for this figure.", "本图没有数据。");
    if answer.grid.rows.is_empty() {
        html.push_str(&format!(
            "<p class=\"note\">{}</p>\n",
            escape(nothing.text(lang))
        ));
    } else if let Some(picture) = picture {
        let numbers = msg!("The numbers", "数据表");
        html.push_str(&picture);
        if figure.chart == Chart::Fan {
            let bands = msg!(
                "Line: most likely; dark band: 80 % interval; light band: 95 % interval.",
                "实线为中位预测；深色带为80%区间，浅色带为95%区间。"
            );
            html.push_str(&format!(
                "<p class=\"note\">{}</p>\n",
                escape(bands.text(lang))
            ));
        }
        html.push_str(&format!(
            "\n<details open><summary>{}</summary>\n{rows}</details>\n",
            escape(numbers.text(lang))
        ));
    } else {
        html.push_str(&rows);
    }
    for note in &answer.notes {
        html.push_str(&format!("<p class=\"note\">{}</p>\n", escape(note)));
    }
    html.push_str(&format!(
        "<p class=\"source\">{}</p>\n</figure>\n",
        escape(&answer.source)
    ));
    html
}

fn grid(figure: &Figure, grid: &Grid, title: &str, words: &BTreeMap<String, String>) -> String {
    let called = |name: &str| escape(words.get(name).map_or(name, String::as_str));
    let own = |name: &String| figure.columns.is_empty() || figure.columns.contains(name);
    let columns: Vec<usize> = if figure.columns.is_empty() {
        (0..grid.names.len()).collect()
    } else {
        figure
            .columns
            .iter()
            .filter_map(|name| grid.names.iter().position(|known| known == name))
            .collect()
    };
    let class = |name: &str| {
        if grid.is_number(name) {
            " class=\"n\""
        } else {
            ""
        }
    };
    let mut html = format!(
        "<table><caption class=\"quiet\">{}</caption><thead><tr>",
        escape(title)
    );
    for &at in columns.iter().filter(|&&at| own(&grid.names[at])) {
        let name = &grid.names[at];
        html.push_str(&format!(
            "<th scope=\"col\"{}>{}</th>",
            class(name),
            called(name)
        ));
    }
    html.push_str("</tr></thead><tbody>\n");
    for (row, cells) in grid.rows.iter().enumerate() {
        html.push_str("<tr>");
        for &at in &columns {
            let name = &grid.names[at];
            let cell = match &cells[at] {
                Some(text) => called(text),
                None if grid.is_hidden(row, name) => "*".to_owned(),
                None => String::new(),
            };
            html.push_str(&format!("<td{}>{cell}</td>", class(name)));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table>\n");
    html
}

fn method(report: &Report<'_>) -> String {
    let lang = report.lang;
    let say = |message: Message| escape(message.text(lang));
    let (number, day) = &report.snapshot;
    let mut html = format!(
        "<section class=\"method\">\n<h2>{}</h2>\n<ul>\n",
        say(msg!("Method and data", "方法与数据"))
    );
    for line in [
        msg!(
            "Every figure is the answer of the saved query named below it, over snapshot {number} of {day}; `renkou queries NAME` gives its definition, `renkou run NAME` the same numbers.",
            "每个图表都是其下方所注查询在快照 {number}（{day}）上的结果；口径见 `renkou queries 名称`，用 `renkou run 名称` 可得到同样的数字。"
        ),
        msg!(
            "Counts from 1 to 9, and what would give them away, are hidden and shown as *.",
            "1 至 9 的计数及能推算出它们的数字已隐藏，以 * 表示。"
        ),
        msg!(
            "A change is called one only when it is larger than chance at 95 %: for counts by the Poisson distribution, for rates by their interval.",
            "只有超出95%随机波动范围的变化才称为上升或下降：计数按泊松分布判断，比率按其区间判断。"
        ),
        msg!(
            "Registers count records, not people twice: definitions differ between sources, so their totals need not agree.",
            "各来源口径不同，其合计不必相等；比较时请看口径说明。"
        ),
    ] {
        html.push_str(&format!("<li>{}</li>\n", say(line)));
    }
    html.push_str("</ul>\n");
    if !report.vintage.rows.is_empty() {
        let title = msg!("Deliveries behind the figures", "所用数据文件");
        let plain = Figure::plain();
        html.push_str(&format!(
            "<h3>{}</h3>\n{}",
            say(title.clone()),
            grid(&plain, &report.vintage, title.text(lang), &report.words)
        ));
    }
    html.push_str("</section>\n");
    html
}
