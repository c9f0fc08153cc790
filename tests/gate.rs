//! The SQL gate: sessions read and do nothing else; identities need a reason, and the record of it
//! comes before them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::common::{Project, csv, files_below};

/// Every file of the warehouse with its bytes, but for the scratch folder of queries.
fn contents(project: &Project) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = project.folder();
    files_below(&folder)
        .into_iter()
        .filter(|path| !path.starts_with(folder.join("lake/tmp")))
        .map(|path| (path.clone(), std::fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn statements_that_write_or_open_files_are_refused_and_nothing_is_written() {
    let project = Project::sample();
    let before = contents(&project);
    let target = project.path("stolen");
    let shown = target.display();
    let secret = project.path("secret.csv");
    std::fs::write(&secret, "a,b\n1,2\n").unwrap();
    let file = secret.display();
    let statements = [
        format!("COPY regions TO '{shown}.csv'"),
        format!("COPY (SELECT 1) TO '{shown}.parquet' STORED AS PARQUET"),
        format!("EXPLAIN COPY regions TO '{shown}.csv'"),
        format!("EXPLAIN ANALYZE COPY regions TO '{shown}.csv'"),
        format!("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '{file}'"),
        format!("CREATE UNBOUNDED EXTERNAL TABLE t (a INT) STORED AS CSV LOCATION '{file}'"),
        "CREATE TABLE t AS SELECT 1 AS a".to_owned(),
        "CREATE VIEW v AS SELECT 1 AS a".to_owned(),
        "CREATE OR REPLACE VIEW regions AS SELECT 1 AS a".to_owned(),
        "CREATE SCHEMA s".to_owned(),
        "CREATE DATABASE d".to_owned(),
        "CREATE FUNCTION f() RETURNS INT RETURN 1".to_owned(),
        "INSERT INTO regions SELECT * FROM regions".to_owned(),
        "EXPLAIN INSERT INTO regions SELECT * FROM regions".to_owned(),
        "UPDATE regions SET name = 'x'".to_owned(),
        "DELETE FROM regions".to_owned(),
        "TRUNCATE regions".to_owned(),
        "DROP TABLE regions".to_owned(),
        "DROP VIEW 行政区划".to_owned(),
        "DROP SCHEMA main CASCADE".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        "SET datafusion.runtime.memory_limit = '100G'".to_owned(),
        "RESET datafusion.runtime.memory_limit".to_owned(),
        "PREPARE p AS SELECT 1".to_owned(),
        "BEGIN".to_owned(),
        format!("SELECT * FROM '{file}'"),
        format!("SELECT * FROM \"{file}\""),
        format!("SELECT * FROM \"file://{file}\""),
        "SELECT * FROM '/etc/passwd'".to_owned(),
        "SELECT * FROM 'https://example.org/a.parquet'".to_owned(),
        format!("SELECT * FROM read_csv('{file}')"),
        format!("SELECT * FROM read_parquet('{file}')"),
        format!("SELECT * FROM parquet_metadata('{file}')"),
        format!("SELECT read_text('{file}')"),
        "ATTACH 'x.db' AS x".to_owned(),
        "LOAD 'x'".to_owned(),
        "SELECT 1; DROP TABLE regions".to_owned(),
        "SELEC 1".to_owned(),
        String::from("SELECT 1 FROM no_such_table"),
    ];
    for sql in &statements {
        let output = project.run(["sql", "-c", sql]);
        assert_eq!(output.code, 1, "{sql}\n{}{}", output.stdout, output.stderr);
        assert!(
            output.stderr.starts_with("error: "),
            "{sql}\n{}",
            output.stderr
        );
        assert!(!output.stdout.contains("1,2"), "{sql}\n{}", output.stdout);
    }
    for end in ["", ".csv", ".parquet"] {
        assert!(!project.path(&format!("stolen{end}")).exists());
    }
    let after = contents(&project);
    let changed: Vec<_> = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert_eq!(before.len(), after.len());
}

#[test]
fn questions_pass_the_gate() {
    let project = Project::sample();
    for sql in [
        "SELECT 1",
        "WITH x AS (SELECT 1 AS a) SELECT * FROM x",
        "VALUES (1), (2)",
        "EXPLAIN SELECT count(*) FROM regions",
        "SHOW TABLES",
        "DESCRIBE regions",
        "SELECT table_name FROM information_schema.tables",
        "SELECT 出生年份, count(*) FROM 出生医学证明 GROUP BY 1 ORDER BY 1",
    ] {
        project.ok(["sql", "-c", sql]);
    }
}

#[test]
fn a_value_is_bound_and_never_pasted() {
    let project = Project::sample();
    let evil = "text=x' OR 1=1; DROP TABLE regions --";
    let output = project.ok([
        "sql",
        "--format",
        "csv",
        "--param",
        evil,
        "-c",
        "SELECT count(*) FROM regions WHERE name = $text",
    ]);
    assert_eq!(csv(&output.stdout)[1], ["0"]);
    let output = project.run(["sql", "-c", "SELECT $missing"]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(output.stderr.contains("missing"), "{}", output.stderr);
}

#[test]
fn the_vault_is_not_there_unless_it_is_opened() {
    let project = Project::sample();
    for sql in [
        "SELECT * FROM vault.birth_certificates",
        "SELECT * FROM renkou.vault.household_register",
        "SELECT * FROM vault.rejects",
    ] {
        assert_eq!(project.run(["sql", "-c", sql]).code, 1, "{sql}");
    }
    let listed =
        project.sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'vault'");
    assert_eq!(csv(&listed)[1], ["0"]);
    assert!(!project.folder().join("audit.log").exists());
}

#[test]
fn opening_the_vault_needs_a_reason() {
    let project = Project::sample();
    for reason in [&[][..], &["--reason", ""], &["--reason", "   "]] {
        let output = project.run(
            [
                "sql",
                "--unseal",
                "-c",
                "SELECT * FROM vault.birth_certificates",
            ]
            .iter()
            .chain(reason),
        );
        assert_eq!(output.code, 2, "{reason:?} {}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    let workbook = project.path("back.xlsx");
    let output = project.run(["rejects", "--export", workbook.to_str().unwrap()]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(!workbook.exists());
    assert!(!project.folder().join("audit.log").exists());
}

#[test]
fn an_opened_vault_shows_identities_and_leaves_a_record_first() {
    let project = Project::sample();
    let reason = "court order 12/2021";
    let sql = "SELECT mother_id FROM vault.birth_certificates WHERE mother_id LIKE '1599%' LIMIT 5";
    let rows = project
        .ok([
            "sql", "--format", "csv", "--unseal", "--reason", reason, "-c", sql,
        ])
        .stdout;
    assert_eq!(csv(&rows).len(), 6, "{rows}");
    assert!(
        csv(&rows)[1..]
            .iter()
            .all(|row| row[0].len() == 18 && row[0].starts_with("1599")),
        "{rows}"
    );

    let log = project.ok(["audit"]).stdout;
    let record: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(
        (record["action"].as_str(), record["reason"].as_str()),
        (Some("unseal"), Some(reason)),
        "{record}"
    );
    project.ok(["audit", "verify"]);

    // A second session is sealed again.
    assert_eq!(project.run(["sql", "-c", sql]).code, 1);
}

#[test]
fn identities_in_the_sql_text_do_not_reach_the_audit_log() {
    let project = Project::sample();
    let sql = "SELECT mother_name FROM vault.birth_certificates WHERE mother_id = '159923198904160789' OR mother_name = '郭萱霞'";
    project.ok([
        "sql",
        "--unseal",
        "--reason",
        "court order 12/2021",
        "-c",
        sql,
    ]);
    let log = std::fs::read_to_string(project.folder().join("audit.log")).unwrap();
    assert!(
        !log.contains("159923198904160789") && !log.contains("郭萱霞"),
        "{log}"
    );
}

#[test]
fn nothing_is_revealed_when_it_cannot_be_recorded() {
    let project = Project::sample();
    std::fs::create_dir(project.folder().join("audit.log")).unwrap();
    let output = project.run([
        "sql",
        "--unseal",
        "--reason",
        "court order 12/2021",
        "-c",
        "SELECT mother_id FROM vault.birth_certificates",
    ]);
    assert_ne!(output.code, 0);
    assert_eq!(output.stdout, "");
    let workbook = project.path("back.xlsx");
    let args = [
        "rejects",
        "--unseal",
        "--reason",
        "send back",
        "--export",
        workbook.to_str().unwrap(),
    ];
    assert_ne!(project.run(args).code, 0);
    assert!(!workbook.exists());
}

#[test]
fn a_changed_audit_log_is_found_out() {
    let project = Project::sample();
    for reason in ["first reason", "second reason", "third reason"] {
        project.ok(["sql", "--unseal", "--reason", reason, "-c", "SELECT 1"]);
    }
    let path = project.folder().join("audit.log");
    let whole = std::fs::read_to_string(&path).unwrap();
    project.ok(["audit", "verify"]);
    let lines: Vec<&str> = whole.lines().collect();
    let join = |lines: &[&str]| lines.join("\n") + "\n";
    let changed = [
        ("a word", whole.replace("second reason", "another reason")),
        ("a record less", join(&[lines[0], lines[2]])),
        ("another order", join(&[lines[1], lines[0], lines[2]])),
        ("the first record gone", join(&lines[1..])),
        (
            "a record twice",
            join(&[lines[0], lines[1], lines[1], lines[2]]),
        ),
    ];
    for (what, text) in changed {
        std::fs::write(&path, text).unwrap();
        let output = project.run(["audit", "verify"]);
        assert_eq!(output.code, 1, "{what}: {}", output.stderr);
        assert_eq!(project.run(["doctor"]).code, 1, "{what}");
    }
    std::fs::write(&path, whole).unwrap();
    project.ok(["audit", "verify"]);
    project.ok(["doctor"]);
}

#[test]
fn without_the_key_statistics_remain_and_identities_do_not() {
    let project = Project::sample();
    let births = project.number("SELECT count(*) FROM birth_certificates");
    std::fs::remove_dir_all(project.folder().join("keys")).unwrap();
    assert_eq!(
        project.number("SELECT count(*) FROM birth_certificates"),
        births
    );
    project.ok(["run", "births", "--param", "year=2018"]);
    let output = project.run([
        "sql",
        "--unseal",
        "--reason",
        "court order 12/2021",
        "-c",
        "SELECT mother_id FROM vault.birth_certificates",
    ]);
    assert_ne!(output.code, 0);
    assert_eq!(output.stdout, "");
    assert_eq!(project.run(["doctor"]).code, 1);
}
