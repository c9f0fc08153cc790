//! Every bundled file is recognised and counted as `sample_data/expected.csv` says, and every
//! planted reject of `expected_rejects.csv` is found where it was planted, and no other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::common::{Project, entry, records, sample_data, shared};

fn expected(name: &str) -> String {
    std::fs::read_to_string(sample_data().join(name)).unwrap()
}

/// A value of the run report as `expected.csv` writes it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Paths of the run report below `sample_data/`.
fn below(file: &Value) -> String {
    let path = file["file"].as_str().unwrap().replace('\\', "/");
    path.split_once("sample_data/")
        .map_or(path.clone(), |(_, inner)| inner.to_owned())
}

#[test]
fn every_file_is_recognised_and_counted_as_expected() {
    let report = &shared().report;
    let found: BTreeMap<String, &Value> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (below(file), file))
        .collect();
    let columns = [
        "file",
        "source",
        "period",
        "rows_read",
        "rows_accepted",
        "rows_rejected",
        "rows_skipped",
        "encoding",
        "sheets",
        "outcome",
    ];
    let mut differences = Vec::new();
    let mut listed = BTreeSet::new();
    for row in records(&expected("expected.csv"), columns) {
        let name = &row[0];
        listed.insert(name.clone());
        let Some(file) = found.get(name) else {
            differences.push(format!("{name}: not in the run report"));
            continue;
        };
        let outcome = match row[9].as_str() {
            "current" | "superseded" => "loaded",
            other => other,
        };
        let mut wrong = Vec::new();
        if shown(&file["outcome"]) != outcome {
            wrong.push(format!(
                "outcome: expected {outcome}, is {}",
                shown(&file["outcome"])
            ));
        }
        // Bytes that came before are not read again; a refused file is visible nowhere.
        let compared: &[usize] = match outcome {
            "nothing_new" => &[],
            "refused" => &[1, 3, 7, 8],
            _ => &[1, 2, 3, 4, 5, 6, 7, 8],
        };
        for &place in compared {
            let value = shown(&file[columns[place]]);
            if value != row[place] {
                wrong.push(format!(
                    "{}: expected {}, is {value}",
                    columns[place], row[place]
                ));
            }
        }
        if !wrong.is_empty() {
            let why = file["error"].get("message").map(shown).unwrap_or_default();
            differences.push(format!(
                "{name}\n    {}\n    rejects {} {why}",
                wrong.join("\n    "),
                file["rejects"]
            ));
        }
    }
    differences.extend(
        found
            .keys()
            .filter(|name| !listed.contains(*name))
            .map(|name| format!("{name}: not expected")),
    );
    assert!(
        differences.is_empty(),
        "{} files differ:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

#[test]
fn deliveries_end_up_current_or_superseded_as_expected() {
    let report = &shared().report;
    let ids: BTreeMap<String, String> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["outcome"] == "loaded")
        .map(|file| (shown(&file["delivery_id"]), below(file)))
        .collect();
    let mut status = BTreeMap::new();
    for [id, state] in records(
        &Project::sample().sql("SELECT delivery_id, status FROM deliveries"),
        ["delivery_id", "status"],
    ) {
        status.insert(ids.get(&id).cloned().unwrap_or(id), state);
    }
    let mut differences = Vec::new();
    for [file, outcome] in records(&expected("expected.csv"), ["file", "outcome"]) {
        let is = status.get(&file).map(String::as_str);
        let should =
            Some(outcome.as_str()).filter(|outcome| matches!(*outcome, "current" | "superseded"));
        if is != should {
            differences.push(format!("{file}: expected {should:?}, is {is:?}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn planted_rejects_are_found_where_they_are_and_no_others() {
    let project = Project::sample();
    let report = &shared().report;
    let mut found: BTreeSet<[String; 5]> = BTreeSet::new();
    for file in report["files"].as_array().unwrap() {
        if file["outcome"] != "loaded" || file["rows_rejected"] == 0 {
            continue;
        }
        // At the snapshot that made the delivery visible: what it was superseded by came later.
        let (snapshot, id) = (shown(&file["snapshot"]), shown(&file["delivery_id"]));
        let rows = project
            .ok([
                "--as-of",
                &snapshot,
                "rejects",
                "--delivery",
                &id,
                "--format",
                "csv",
            ])
            .stdout;
        for [sheet, row, cell, rule] in
            records(&rows, ["source_sheet", "source_row", "cell", "rule"])
        {
            found.insert([below(file), sheet, row, cell, rule]);
        }
    }
    let planted: BTreeSet<[String; 5]> = records(
        &expected("expected_rejects.csv"),
        ["file", "sheet", "row", "cell", "rule"],
    )
    .into_iter()
    // A wrong total refuses the file: see the next test.
    .filter(|row| row[4] != "total")
    .collect();
    let list = |rows: Vec<&[String; 5]>| {
        rows.into_iter()
            .map(|row| format!("  {}", row.join(" · ")))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let missing = list(planted.difference(&found).collect());
    let extra = list(found.difference(&planted).collect());
    assert!(
        missing.is_empty() && extra.is_empty(),
        "planted but not found:\n{missing}\nfound but not planted:\n{extra}"
    );
}

#[test]
fn a_wrong_total_refuses_the_file_and_names_the_row() {
    let rows = records(
        &expected("expected_rejects.csv"),
        ["file", "sheet", "row", "rule"],
    );
    let planted: Vec<_> = rows.into_iter().filter(|row| row[3] == "total").collect();
    assert!(!planted.is_empty());
    for [file, sheet, row, _] in planted {
        let file = entry(&shared().report, &file);
        assert_eq!(file["outcome"], "refused");
        let causes = file["error"]["causes"].to_string();
        assert!(
            causes.contains(&sheet) && causes.contains(&format!("row {row}")),
            "{causes}"
        );
        let id = shown(&file["delivery_id"]);
        let project = Project::sample();
        assert_eq!(
            project.number(&format!(
                "SELECT count(*) FROM deliveries WHERE delivery_id = '{id}'"
            )),
            0
        );
        assert_eq!(
            project.number(&format!(
                "SELECT count(*) FROM birth_counts WHERE delivery_id = '{id}'"
            )),
            0
        );
    }
}

#[test]
fn a_refused_file_fails_the_run_and_the_summary_says_so() {
    let shared = shared();
    assert_eq!(shared.ingest.code, 1);
    assert!(
        shared.ingest.stderr.contains("1 refused"),
        "{}",
        shared.ingest.stderr
    );
}

#[test]
fn accepted_rows_are_in_the_tables() {
    let project = Project::sample();
    let mut differences = Vec::new();
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    let table_of = |source: &str| match source {
        "health/birth_certificates" => Some("birth_certificates"),
        "health/fertility_registrations" => Some("fertility_registrations"),
        "police/household_register" => Some("household_register"),
        "civil_affairs/marriages" => Some("marriages"),
        "civil_affairs/divorces" => Some("divorces"),
        "social_security/maternity_insurance" => Some("maternity_insurance"),
        "townships/household_visits" => Some("household_visits"),
        "police/death_cancellations" | "health/death_cards" => Some("deaths"),
        "statistics/survey_persons" => Some("survey_persons"),
        _ => None,
    };
    for [source, accepted, outcome] in records(
        &expected("expected.csv"),
        ["source", "rows_accepted", "outcome"],
    ) {
        if let (Some(table), "current") = (table_of(&source), outcome.as_str()) {
            *sums.entry(table).or_default() += accepted.parse::<i64>().unwrap();
        }
    }
    for (table, sum) in sums {
        let rows = project.number(&format!("SELECT count(*) FROM {table}"));
        if rows != sum {
            differences.push(format!("{table}: expected {sum} rows, has {rows}"));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_dry_run_tells_the_same_counts_and_changes_nothing() {
    let project = Project::empty();
    let before = project.snapshot();
    let folder = sample_data().join("乡镇");
    let (report, output) = project.try_ingest(&[folder], &["--dry-run"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    for file in report.unwrap()["files"].as_array().unwrap() {
        assert_eq!(file["outcome"], "would_load");
        let real = entry(&shared().report, &below(file));
        for column in [
            "source",
            "period",
            "rows_read",
            "rows_accepted",
            "rows_rejected",
            "rows_skipped",
        ] {
            assert_eq!(file[column], real[column], "{column} of {}", below(file));
        }
    }
    assert_eq!(project.snapshot(), before);
    assert_eq!(project.number("SELECT count(*) FROM household_visits"), 0);
}
