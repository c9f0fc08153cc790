//! `renkou queries --docs`: a site that is whole, needs no network, and replaces only itself.

use std::collections::BTreeSet;

use regex::Regex;

use crate::common::{Project, files_below};

#[test]
fn every_query_and_table_has_a_page_and_every_link_leads_somewhere() {
    let project = Project::sample();
    let site = project.path("site");
    let shown = site.to_string_lossy().into_owned();
    project.ok(["queries", "--docs", &shown]);
    let pages: BTreeSet<_> = files_below(&site)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|end| end == "html"))
        .collect();
    let index = std::fs::read_to_string(site.join("index.html")).unwrap();
    for line in project.ok(["queries"]).stdout.lines() {
        let name = line.split_whitespace().next().unwrap();
        assert!(site.join(format!("queries/{name}.html")).exists(), "{name}");
        assert!(
            index.contains(&format!("queries/{name}.html")),
            "{name} is not in the index"
        );
    }
    for table in [
        "birth_certificates",
        "births",
        "links",
        "releases",
        "schedule_runs",
        "codes",
    ] {
        assert!(
            site.join(format!("tables/{table}.html")).exists(),
            "{table}"
        );
        assert!(
            index.contains(&format!("tables/{table}.html")),
            "{table} is not in the index"
        );
    }
    let link = Regex::new(r#"(?:href|src)="([^"]*)""#).unwrap();
    let id = Regex::new(r#"\bid="([^"]*)""#).unwrap();
    let mut links = 0;
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        let ids: Vec<&str> = id
            .captures_iter(&text)
            .map(|found| found.get(1).unwrap().as_str())
            .collect();
        assert_eq!(
            ids.len(),
            ids.iter().collect::<BTreeSet<_>>().len(),
            "{page:?}: an id twice"
        );
        for found in link.captures_iter(&text) {
            let target = &found[1];
            links += 1;
            if let Some(anchor) = target.strip_prefix('#') {
                assert!(ids.contains(&anchor), "{page:?}: {target}");
            } else if target != "data:," {
                assert!(!target.contains("//"), "{page:?} needs a network: {target}");
                let file = page
                    .parent()
                    .unwrap()
                    .join(target.split('#').next().unwrap());
                assert!(file.exists(), "{page:?}: {target}");
            }
        }
        for outside in ["@import", "url(http", "fetch(", "XMLHttpRequest"] {
            assert!(!text.contains(outside), "{page:?}: {outside}");
        }
        for tag in [
            "table", "section", "main", "svg", "details", "dl", "ul", "span", "div",
        ] {
            let opened = Regex::new(&format!(r"<{tag}[\s>]"))
                .unwrap()
                .find_iter(&text)
                .count();
            let closed = text.matches(&format!("</{tag}>")).count();
            assert_eq!(opened, closed, "{page:?}: <{tag}>");
        }
    }
    assert!(links > 400, "{links}");
    // The figures of the sample stand there, and both languages.
    let births = std::fs::read_to_string(site.join("queries/births.html")).unwrap();
    assert!(births.contains("renkou run births") && births.contains("出生"));
    assert!(births.contains("<svg"), "no lineage");
}

#[test]
fn the_same_snapshot_gives_the_same_site_and_a_foreign_folder_stays() {
    let project = Project::empty();
    let (first, second) = (project.path("first"), project.path("second"));
    for site in [&first, &second, &first] {
        project.ok(["queries", "--docs", &site.to_string_lossy()]);
    }
    let files = files_below(&first);
    assert_eq!(files.len(), files_below(&second).len());
    for file in files {
        let other = second.join(file.strip_prefix(&first).unwrap());
        assert_eq!(
            std::fs::read(&file).unwrap(),
            std::fs::read(&other).unwrap(),
            "{file:?}"
        );
    }
    let foreign = project.path("papers");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("letter.txt"), "mine").unwrap();
    let output = project.run(["queries", "--docs", &foreign.to_string_lossy()]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert_eq!(
        std::fs::read_to_string(foreign.join("letter.txt")).unwrap(),
        "mine"
    );
    assert_eq!(files_below(&foreign).len(), 1);
}
