//! The official DuckDB judges the lake: it opens it read-only, also while Renkou uses it, and finds
//! the same rows in every table, now and at older snapshots. Other readers judge exported Parquet.
//!
//! The judge needs a Python with DuckDB and its extensions from PyPI, named in `RENKOU_TEST_PYTHON`:
//! see `interop/judge.py`. Without it these tests say that they did not run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::common::{Project, REPOSITORY, csv, entry, records, sample_folders, shared};

/// The Python of the judge, if there is one.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("RENKOU_TEST_PYTHON").map(PathBuf::from);
    if python.is_none() {
        println!("not run: RENKOU_TEST_PYTHON is not set");
    }
    python
}

/// What the judge says.
fn judge(python: &Path, args: &[&str]) -> Value {
    let script = Path::new(REPOSITORY).join("tests/interop/judge.py");
    let output = Command::new(python)
        .arg(script)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The statement that `renkou status` prints for DuckDB.
fn attach(project: &Project) -> String {
    let status = project.ok(["status"]).stderr;
    let line = status
        .lines()
        .find(|line| line.contains("ATTACH '"))
        .unwrap();
    line[line.find("ATTACH '").unwrap()..].to_owned()
}

/// Number of rows and the checksum of sorted rows, as the judge makes it.
fn checksum(text: &str) -> (usize, String) {
    let rows = csv(text);
    let mut lines: Vec<String> = rows[1..].iter().map(|row| row.join("\u{1f}")).collect();
    lines.sort_unstable_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
    let mut digest = Sha256::new();
    for line in &lines {
        digest.update(line.as_bytes());
        digest.update(b"\n");
    }
    (
        lines.len(),
        digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    )
}

/// Everything that Renkou shows at a snapshot, against everything that DuckDB found.
fn compare(project: &Project, snapshot: i64, found: &Value) {
    let status = project
        .ok([
            "--as-of",
            &snapshot.to_string(),
            "status",
            "--format",
            "csv",
        ])
        .stdout;
    let tables: BTreeMap<String, String> = records(&status, ["table", "rows"])
        .into_iter()
        .map(|[table, rows]| (table, rows))
        .collect();
    let open: Vec<&String> = tables
        .keys()
        .filter(|table| !table.starts_with("vault."))
        .collect();
    let statements: Vec<String> = open
        .iter()
        .map(|table| format!("SELECT * FROM {table}"))
        .collect();
    let texts = project.sql_each(Some(snapshot), &statements);
    let mut differences = Vec::new();
    for (table, rows) in &tables {
        if found[table]["rows"].to_string().as_str() != rows.as_str() {
            differences.push(format!(
                "{table}: {rows} rows, DuckDB finds {}",
                found[table]["rows"]
            ));
        }
    }
    for (table, text) in open.iter().zip(&texts) {
        let (count, sum) = checksum(text);
        if count.to_string() != tables[*table] || found[*table]["sha256"] != sum.as_str() {
            differences.push(format!(
                "{table}: {count} rows, but other ones than DuckDB finds"
            ));
        }
    }
    let unknown: Vec<_> = found
        .as_object()
        .unwrap()
        .keys()
        .filter(|table| !tables.contains_key(*table))
        .collect();
    assert!(unknown.is_empty(), "only DuckDB knows {unknown:?}");
    assert!(tables.len() > 15, "{tables:?}");
    assert!(
        differences.is_empty(),
        "at snapshot {snapshot}:\n{}",
        differences.join("\n")
    );
}

#[test]
fn duckdb_finds_the_same_rows_now_and_at_older_snapshots() {
    let Some(python) = python() else { return };
    let project = Project::sample();
    let cumulative = entry(&shared().report, "(1-6月)出生医学证明签发累计.csv")["snapshot"]
        .as_i64()
        .unwrap();
    let ingested = project.snapshot();
    let withdrawn = entry(&shared().report, "2020年0-3岁儿童入户走访明细表.csv")["delivery_id"]
        .as_str()
        .unwrap();
    project.ok(["withdraw", &withdrawn[..12]]);
    project.ok(["optimize"]);
    let newest = project.snapshot();
    let snapshots = [newest, ingested, cumulative, cumulative - 1];
    let names: Vec<String> = snapshots.iter().map(ToString::to_string).collect();
    let statement = attach(&project);
    let args: Vec<&str> = ["lake", &statement]
        .into_iter()
        .chain(names.iter().map(String::as_str))
        .collect();
    let found = judge(&python, &args);
    for snapshot in snapshots {
        compare(&project, snapshot, &found[snapshot.to_string()]);
    }
}

#[test]
fn duckdb_opens_a_moved_lake() {
    let Some(python) = python() else { return };
    let project = Project::sample();
    // A copy lies elsewhere than where it was written; nothing has been written to it since.
    let newest = project.snapshot();
    let found = judge(&python, &["lake", &attach(&project), &newest.to_string()]);
    compare(&project, newest, &found[newest.to_string()]);
}

#[test]
fn duckdb_reads_while_an_ingest_runs() {
    let Some(python) = python() else { return };
    let project = Project::empty();
    let empty = project.snapshot();
    let statement = attach(&project);
    let mut child = project
        .command(["ingest"])
        .args(sample_folders())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while project.snapshot() < empty + 3 && started.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let snapshot = project.snapshot();
    let found = judge(&python, &["lake", &statement, &snapshot.to_string()]);
    let running = child.try_wait().unwrap().is_none();
    compare(&project, snapshot, &found[snapshot.to_string()]);
    child.wait().unwrap();
    assert!(running, "the ingest was over too soon to tell anything");
    // DuckDB, too, left the writer alone.
    project.ok(["doctor"]);
    let loaded = shared().report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["outcome"] == "loaded")
        .count();
    assert_eq!(
        project.number("SELECT count(*) FROM deliveries") as usize,
        loaded
    );
}

#[test]
fn other_readers_find_the_same_rows_in_exported_parquet() {
    let Some(python) = python() else { return };
    let project = Project::sample();
    for table in ["birth_certificates", "household_register", "deaths"] {
        let folder = project.path(table);
        project.ok(["export", table, "--to", folder.to_str().unwrap()]);
        let folder = if folder.is_dir() {
            folder
        } else {
            // A table without partitions becomes one file.
            let inside = project.path(&format!("{table}_folder"));
            std::fs::create_dir(&inside).unwrap();
            std::fs::rename(&folder, inside.join("part-0.parquet")).unwrap();
            inside
        };
        let stored = csv(&project.sql(&format!("SELECT * FROM {table} LIMIT 0")))[0].clone();
        let readers = judge(&python, &["parquet", folder.to_str().unwrap()]);
        for (reader, found) in readers.as_object().unwrap() {
            let columns: Vec<&str> = found["columns"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(Value::as_str)
                .collect();
            // The partition column comes from the folders' names, last.
            let names = |mut names: Vec<String>| {
                names.sort();
                names
            };
            let read: Vec<String> = columns.iter().map(|&name| name.to_owned()).collect();
            assert_eq!(names(read), names(stored.clone()), "{reader}: {table}");
            let listed: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
            let text = project.sql(&format!("SELECT {} FROM {table}", listed.join(", ")));
            let (count, sum) = checksum(&text);
            assert_eq!(
                (
                    found["rows"].as_u64().unwrap() as usize,
                    found["sha256"].as_str().unwrap()
                ),
                (count, sum.as_str()),
                "{reader}: {table}"
            );
        }
    }
}
