//! The report on the birth situation: whole, offline, its numbers those of the saved queries.

use regex::Regex;

use crate::common::{Project, csv};

fn report(project: &Project, lang: &str, year: &str) -> String {
    let path = project.path(&format!("report_{lang}.html"));
    let shown = path.to_string_lossy().into_owned();
    project.ok([
        "--lang",
        lang,
        "report",
        "birth-situation",
        "--year",
        year,
        "-o",
        &shown,
    ]);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_report_is_one_page_without_network_with_a_table_for_every_figure() {
    let project = Project::sample();
    project.ok(["link"]);
    for (lang, title) in [
        ("zh", "2018年出生人口形势报告"),
        ("en", "The birth situation in 2018"),
    ] {
        let html = report(&project, lang, "2018");
        assert!(html.contains(&format!("<h1>{title}</h1>")));
        assert!(html.len() < 2_000_000);
        for outside in ["http:", "https:", "src=", "@import", "<script"] {
            assert!(!html.contains(outside), "{outside}");
        }
        let figures: Vec<&str> = html.split("<figure>").skip(1).collect();
        assert!(figures.len() >= 12, "{}", figures.len());
        let mut drawn = 0;
        for figure in &figures {
            let figure = figure.split("</figure>").next().unwrap();
            assert!(
                figure.contains("<table>") || figure.contains("class=\"note\""),
                "{figure}"
            );
            assert!(figure.contains("class=\"source\""), "{figure}");
            drawn += usize::from(figure.contains("<svg"));
        }
        assert!(drawn >= 9, "{drawn}");
        for tag in [
            "table", "section", "figure", "svg", "details", "ul", "li", "p",
        ] {
            let opened = Regex::new(&format!(r"<{tag}[\s>]"))
                .unwrap()
                .find_iter(&html)
                .count();
            assert_eq!(
                opened,
                html.matches(&format!("</{tag}>")).count(),
                "<{tag}>"
            );
        }
        assert!(!html.contains("NaN") && !html.contains("inf\""));
    }
}

#[test]
fn its_numbers_are_those_of_the_saved_queries_and_small_ones_are_hidden() {
    let project = Project::sample();
    project.ok(["link"]);
    let html = report(&project, "zh", "2018");
    // Published figures: 1,930 births of residents, 2,170 the year before.
    assert!(
        html.contains("2018年出生人口（常住人口）为 1,930；与上年相比下降（−240，−11.1%）。"),
        "{html}"
    );
    let args = [
        "run",
        "births",
        "--param",
        "by=township",
        "--param",
        "year=2018",
        "--publish",
    ];
    let towns = csv(&project.ok(args).stdout);
    let figure = html.split("分乡镇出生人数</figcaption>").nth(1).unwrap();
    let table = figure.split("</figure>").next().unwrap();
    for town in &towns[1..] {
        let cell = if town[2].is_empty() {
            "*"
        } else {
            town[2].as_str()
        };
        let row = format!("<tr><td>{}</td><td class=\"n\">{cell}</td>", town[1]);
        assert!(table.contains(&row), "{row} in {table}");
    }
    assert!(towns[1..].iter().any(|town| town[2].is_empty()));
}

#[test]
fn a_changed_template_is_obeyed_and_mistakes_are_located() {
    let project = Project::sample();
    let template = project.folder().join("catalog/reports/own.yaml");
    std::fs::create_dir_all(template.parent().unwrap()).unwrap();
    let path = project.path("own.html").to_string_lossy().into_owned();
    let args = [
        "--lang", "en", "report", "own", "--year", "2018", "-o", &path,
    ];
    std::fs::write(
        &template,
        "title: Ours {year}\ntitle_zh: 我们的\nsections:\n  - heading: One\n    heading_zh: 一\n    figures:\n      - {title: Deaths, title_zh: 死亡, query: deaths, chart: bar, x: group_name, y: [deaths]}\n",
    )
    .unwrap();
    project.ok(args);
    let html = std::fs::read_to_string(project.path("own.html")).unwrap();
    assert!(html.contains("Ours 2018") && html.contains("Figure 1. Deaths"));
    std::fs::write(&template, "title: x\ntitle_zh: y\nsektions: []\n").unwrap();
    let output = project.run(args);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(output.stderr.contains("own.yaml:3:1"), "{}", output.stderr);
    let output = project.run(["report", "nothing", "-o", &path]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    let output = project.run(["report", "birth-situation", "--year", "1950", "-o", &path]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(output.stderr.contains("1950"), "{}", output.stderr);
}
