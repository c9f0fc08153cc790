//! Publishing: no small count can be worked out from all that was ever released.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::RecordBatch;
use renkou::export::Question;
use renkou::publish::{Audience, Decision, Ledger, Relation, Release, Table, decide, recoverable};
use renkou::query::{Facts, Library, Policy, SavedQuery, facts};
use renkou::warehouse::{AsOf, Session, SessionOptions, Warehouse};

use crate::common::{Project, REPOSITORY, csv};

/// Every shipped query that hides small cells, with each way to divide it.
fn releases(library: &Library) -> Vec<(&SavedQuery, Vec<(String, String)>)> {
    let mut all = Vec::new();
    for query in library {
        let is_hiding = |policy| policy == Policy::Suppress;
        if !query
            .publish
            .as_ref()
            .is_some_and(|publish| is_hiding(publish.policy))
        {
            continue;
        }
        all.push((query, Vec::new()));
        for parameter in &query.params {
            for choice in &parameter.choices {
                if parameter.name != "reported_by" {
                    all.push((query, vec![(parameter.name.clone(), choice.clone())]));
                }
            }
        }
    }
    all
}

async fn answer(
    session: &Session,
    query: &SavedQuery,
    given: &[(String, String)],
    facts: &Facts,
) -> (RecordBatch, Vec<(String, String)>) {
    let values = query.bind(given, facts).unwrap();
    let question = Question {
        query: query.name.clone(),
        sql: query.sql.clone(),
        values,
        title: None,
        unit: None,
        lang: renkou::error::Lang::En,
    };
    let rows = question.rows(session).await.unwrap();
    (rows, query.particular(&question.values))
}

/// All that somebody knows who keeps every release of some figures.
#[derive(Default)]
struct Spy {
    cells: BTreeMap<String, usize>,
    shown: BTreeSet<usize>,
    small: BTreeSet<usize>,
    relations: Vec<Relation>,
}

impl Spy {
    fn number(&mut self, cell: &str) -> usize {
        let next = self.cells.len();
        *self.cells.entry(cell.to_owned()).or_insert(next)
    }

    /// Looks at the published rows, not at what was decided.
    fn look(&mut self, table: &Table, published: &RecordBatch, threshold: i64) {
        for cell in &table.cells {
            let number = self.number(&cell.name);
            let is_shown = |&(row, column): &(usize, usize)| published.column(column).is_valid(row);
            if cell.places.iter().any(is_shown) {
                self.shown.insert(number);
            }
            if cell
                .count
                .is_some_and(|count| (1..threshold).contains(&count))
            {
                self.small.insert(number);
            }
        }
        for relation in &table.relations {
            let relation = relation
                .iter()
                .map(|&(cell, by)| (self.number(&table.cells[cell].name), by))
                .collect();
            self.relations.push(relation);
        }
    }

    fn knows(&self) -> Vec<&str> {
        let found = recoverable(&self.relations, &self.shown, &self.small);
        self.cells
            .iter()
            .filter(|(_, number)| found.contains(number))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_small_count_of_the_sample_can_be_worked_out_from_all_shipped_releases() {
    let project = Project::sample();
    project.ok(["link"]);
    let warehouse = Warehouse::open(&project.folder(), None).unwrap();
    let session = warehouse
        .session(&AsOf::Latest, &SessionOptions::default())
        .unwrap();
    let library = Library::load(&Path::new(REPOSITORY).join("queries"))
        .map_err(renkou::error::Error::from)
        .unwrap();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    let facts = facts(&session, today).await.unwrap();
    let mut spies: BTreeMap<String, Spy> = BTreeMap::new();
    let mut ledgers: BTreeMap<String, Ledger> = BTreeMap::new();
    let (mut tables, mut hidden, mut protecting) = (0, 0, 0);
    let mut problems = Vec::new();
    for (query, given) in releases(&library) {
        let (rows, particular) = answer(&session, query, &given, &facts).await;
        let publish = query.publish.as_ref().unwrap();
        let figures = publish
            .figures
            .clone()
            .unwrap_or_else(|| query.name.clone());
        let release = Release {
            query: &query.name,
            publish,
            params: &particular,
            audience: Audience::Public,
            snapshot: 1,
        };
        let ledger = ledgers.entry(figures.clone()).or_default();
        let Decision {
            suppressed,
            entries,
            broken_sums,
            ..
        } = decide(&rows, &release, ledger).unwrap();
        if !broken_sums.is_empty() {
            problems.push(format!(
                "{} {given:?}: {broken_sums:?} does not hold",
                query.name
            ));
        }
        ledger.releases.push((tables.to_string(), entries));
        let published = suppressed.hide(&rows).unwrap();
        assert_eq!(published.num_columns(), rows.num_columns() + 1);
        let spy = spies.entry(figures.clone()).or_default();
        let table = Table::read(&rows, &figures, publish, &particular).unwrap();
        spy.look(&table, &published, i64::from(publish.threshold));
        let known = spy.knows();
        if !known.is_empty() {
            problems.push(format!(
                "{} {given:?}: {known:?} can be worked out",
                query.name
            ));
        }
        tables += 1;
        hidden += suppressed.small;
        protecting += suppressed.protecting;
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(
        tables > 80 && hidden > 500 && protecting > 100,
        "{tables} {hidden} {protecting}"
    );
}

#[test]
fn queries_of_the_same_figures_have_the_same_defaults() {
    let library = Library::load(&Path::new(REPOSITORY).join("queries"))
        .map_err(renkou::error::Error::from)
        .unwrap();
    let mut defaults: BTreeMap<(String, String), String> = BTreeMap::new();
    let mut shared = 0;
    for query in &library {
        let Some(figures) = query
            .publish
            .as_ref()
            .and_then(|publish| publish.figures.clone())
        else {
            continue;
        };
        shared += 1;
        for parameter in query
            .params
            .iter()
            .filter(|parameter| parameter.name != "by")
        {
            let key = (figures.clone(), parameter.name.clone());
            let default = format!("{:?}", parameter.default);
            let known = defaults.entry(key).or_insert_with(|| default.clone());
            assert_eq!(*known, default, "{} {}", query.name, parameter.name);
        }
    }
    assert!(shared >= 6, "{shared}");
}

#[test]
fn a_published_result_hides_small_cells_and_what_gives_them_away() {
    let project = Project::sample();
    let args = [
        "run",
        "births",
        "--param",
        "by=township",
        "--param",
        "year=2020",
    ];
    let plain = csv(&project.ok(args).stdout);
    let output = project.ok(args.into_iter().chain(["--publish", "--audit"]));
    let published = csv(&output.stdout);
    assert_eq!(published[0].last().map(String::as_str), Some("suppressed"));
    let column = |name: &str| plain[0].iter().position(|column| column == name).unwrap();
    let births = column("births");
    let mut hidden = Vec::new();
    for (was, is) in plain[1..].iter().zip(&published[1..]) {
        let count: i64 = was[births].parse().unwrap();
        let is_hidden = is[births].is_empty();
        assert_eq!(
            is_hidden,
            is.last().unwrap().split(' ').any(|name| name == "births")
        );
        if (1..10).contains(&count) {
            assert!(is_hidden, "{is:?}");
        }
        if is_hidden {
            assert_eq!(is[column("share_pct")], "", "the share would tell");
            hidden.push(count);
        } else {
            assert_eq!(was[births], is[births]);
        }
    }
    assert!(
        hidden.len() >= 2,
        "one hidden town is the county less the others: {hidden:?}"
    );
    assert!(output.stderr.contains("below 10"), "{}", output.stderr);
    assert!(
        output.stderr.contains("with it one could work out"),
        "{}",
        output.stderr
    );
    // Between departments fewer cells are hidden.
    let near = csv(&project
        .ok(args.into_iter().chain(["--publish=departments"]))
        .stdout);
    let empty = |rows: &[Vec<String>]| {
        rows[1..]
            .iter()
            .filter(|row| row[births].is_empty())
            .count()
    };
    assert!(empty(&near) <= empty(&published));
}

#[test]
fn a_later_release_does_not_give_away_what_an_earlier_one_hid() {
    let project = Project::sample();
    let towns = ["run", "births", "--param", "by=township", "--publish"];
    let rows = csv(&project.ok(towns).stdout);
    let hidden: Vec<&str> = rows[1..]
        .iter()
        .filter(|row| row[2].is_empty())
        .map(|row| row[0].as_str())
        .collect();
    assert!(!hidden.is_empty());
    // Each hidden town asked for alone, under another query and as another division.
    for town in &hidden {
        let region = format!("region={town}");
        let alone = csv(&project
            .ok(["run", "births", "--param", &region, "--publish"])
            .stdout);
        assert_eq!(alone[1][2], "", "{town}: {alone:?}");
    }
    let months = csv(&project
        .ok(["run", "township_births_by_month", "--publish"])
        .stdout);
    for row in &months[1..] {
        if hidden.contains(&row[0].as_str()) {
            assert_eq!(row[2], "", "{row:?}");
        }
    }
    // The same once more tells nothing new: nothing is written.
    let before = project.snapshot();
    assert_eq!(csv(&project.ok(towns).stdout), rows);
    assert_eq!(project.snapshot(), before);
}

#[test]
fn what_is_internal_or_says_nothing_is_not_published() {
    let project = Project::sample();
    let folder = project.folder().join("queries/own");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, header: &str| {
        let text = format!("/*\ntitle: Own\n{header}*/\nSELECT 3 AS births\n");
        std::fs::write(folder.join(format!("{name}.sql")), text).unwrap();
    };
    write("secret", "publish: internal\n");
    write("silent", "");
    write("keyless", "publish: {counts: [births]}\n");
    write("open", "publish: open\n");
    for (name, told) in [
        ("secret", "must not be published"),
        ("silent", "does not say how to publish it"),
        ("keyless", "does not say how to publish it"),
    ] {
        let output = project.run(["run", name, "--publish"]);
        assert_eq!(output.code, 2, "{}", output.stderr);
        assert!(output.stderr.contains(told), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    assert_eq!(
        csv(&project.ok(["run", "open", "--publish"]).stdout)[1][0],
        "3"
    );
}
