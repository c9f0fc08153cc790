//! One writer, one commit, every snapshot: locking, superseding, undoing, moving, crashing.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{
    Project, RECORDS, copy, difference, entry, files_below, sample_data, sample_file, sample_files,
    shared,
};

/// The path of a sample file's entry in the shared run report.
fn loaded(end: &str) -> (&'static Value, String, i64) {
    let file = entry(&shared().report, end);
    (
        file,
        file["delivery_id"].as_str().unwrap().to_owned(),
        file["snapshot"].as_i64().unwrap(),
    )
}

const JANUARY: &str = "2018年1月出生医学证明签发花名册.xls";
const CUMULATIVE: &str = "2018年上半年(1-6月)出生医学证明签发累计.csv";
const CORRECTED: &str = "沙尔沁镇户籍人口_2020年12月_更正.csv";
const UNCORRECTED: &str = "户籍人口信息_2020年12月.zip/沙尔沁镇户籍人口_2020年12月.csv";

fn count(table: &str, delivery: &str) -> String {
    format!("SELECT count(*) FROM {table} WHERE delivery_id = '{delivery}'")
}

/// Parquet files on disk.
fn parquet_files(project: &Project) -> Vec<PathBuf> {
    files_below(&project.folder().join("lake/data"))
}

#[test]
fn a_second_writer_is_turned_away_and_told_who_writes() {
    let project = Project::sample();
    let lake = project.folder().join("lake");
    let lock = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lake.join("writer.lock"))
        .unwrap();
    lock.lock().unwrap();
    std::fs::write(
        lake.join("writer.json"),
        r#"{"process":4711,"doing":"ingest","since":"2021-03-04T05:06:07Z"}"#,
    )
    .unwrap();

    let file = sample_file("乡镇", &["2020年"]);
    for args in [
        vec!["ingest", file.to_str().unwrap()],
        vec!["withdraw", "abc"],
        vec!["restore", "1"],
        vec!["optimize"],
        vec!["rejects", "--replay"],
    ] {
        let output = project.run(&args);
        assert_eq!(output.code, 3, "{args:?}: {}", output.stderr);
        assert!(
            output.stderr.contains("4711") && output.stderr.contains("renkou ingest"),
            "{args:?}: {}",
            output.stderr
        );
    }
    // Readers never wait.
    assert!(project.number("SELECT count(*) FROM birth_certificates") > 0);
    for command in ["status", "deliveries", "history", "doctor", "queries"] {
        project.ok([command]);
    }
    // Another's note is not a reader's to remove.
    assert!(lake.join("writer.json").exists());
    drop(lock);
    project.ok(["optimize"]);
}

#[test]
fn an_ingest_locks_out_others_but_not_readers() {
    let project = Project::empty();
    let mut child = project
        .command(["ingest"])
        .args(crate::common::sample_folders())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let note = project.folder().join("lake/writer.json");
    let started = Instant::now();
    while !std::fs::read_to_string(&note).is_ok_and(|text| text.ends_with('}'))
        && started.elapsed() < Duration::from_secs(10)
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = project.run(["optimize"]);
    let rows = project.number("SELECT count(*) FROM deliveries");
    let still_running = child.try_wait().unwrap().is_none();
    child.wait().unwrap();
    assert!(
        still_running,
        "the ingest was over too soon to tell anything"
    );
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert!(
        second.stderr.contains(&format!("process {}", child.id())),
        "{}",
        second.stderr
    );
    assert!(rows < project.number("SELECT count(*) FROM deliveries"));
}

#[test]
fn the_same_bytes_again_are_nothing_new() {
    let project = Project::sample();
    let (dump, snapshot, files) = (project.dump(), project.snapshot(), parquet_files(&project));
    let folder = project.path("again");
    std::fs::create_dir(&folder).unwrap();
    // Another name does not make it another delivery.
    std::fs::copy(sample_file("乡镇", &["2020年"]), folder.join("renamed.csv")).unwrap();
    let (report, output) = project.try_ingest(&[folder, sample_data().join("公安局")], &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let report = report.unwrap();
    let files_seen = report["files"].as_array().unwrap();
    assert!(files_seen.len() > 10);
    assert!(
        files_seen
            .iter()
            .all(|file| file["outcome"] == "nothing_new"),
        "{report}"
    );
    assert_eq!(project.snapshot(), snapshot);
    assert_eq!(parquet_files(&project), files);
    assert_eq!(difference(&dump, &project.dump()), None);
}

#[test]
fn a_corrected_file_replaces_the_earlier_one_in_one_commit() {
    let project = Project::sample();
    let (old, old_id, _) = loaded(UNCORRECTED);
    let (new, new_id, snapshot) = loaded(CORRECTED);
    assert_eq!(
        new["supersedes"][0]["delivery_id"],
        old_id.as_str(),
        "{new}"
    );
    let (before, after) = (
        count("household_register", &old_id),
        count("household_register", &new_id),
    );
    assert_eq!(
        project.number_at(snapshot - 1, &before),
        old["rows_accepted"].as_i64().unwrap()
    );
    assert_eq!(project.number_at(snapshot - 1, &after), 0);
    assert_eq!(project.number_at(snapshot, &before), 0);
    assert_eq!(
        project.number_at(snapshot, &after),
        new["rows_accepted"].as_i64().unwrap()
    );
    assert_eq!(project.number(&before), 0);
    let status = format!(
        "SELECT count(*) FROM deliveries WHERE delivery_id = '{old_id}' AND status = 'superseded' AND superseded_by = '{new_id}'"
    );
    assert_eq!(project.number(&status), 1);
}

#[test]
fn a_cumulative_file_replaces_the_months_it_covers() {
    let project = Project::sample();
    let (file, id, snapshot) = loaded(CUMULATIVE);
    let months = file["supersedes"].as_array().unwrap();
    assert_eq!(months.len(), 3, "{file}");
    for month in months {
        let rows = count("birth_certificates", month["delivery_id"].as_str().unwrap());
        assert_eq!(
            project.number_at(snapshot - 1, &rows),
            month["rows"].as_i64().unwrap()
        );
        assert_eq!(project.number_at(snapshot, &rows), 0);
    }
    assert_eq!(
        project.number(&count("birth_certificates", &id)),
        file["rows_accepted"].as_i64().unwrap()
    );
}

#[test]
fn a_whole_register_replaces_the_earlier_ones_where_the_source_says_so() {
    let project = Project::empty();
    let yaml = project
        .folder()
        .join("catalog/sources/police/household_register.yaml");
    let text = std::fs::read_to_string(&yaml).unwrap();
    std::fs::write(&yaml, format!("{text}\nsupersedes: earlier\n")).unwrap();
    let register = |year: u32, numbers: &[&str]| {
        let file = project.path(&format!("户籍人口信息{year}年.csv"));
        let rows: String = numbers
            .iter()
            .map(|number| format!("{number},云丹,男,1880-01-01,100000001,土默特左旗察素齐镇\n"))
            .collect();
        std::fs::write(
            &file,
            format!("公民身份号码,姓名,性别,出生日期,户号,户籍地址\n{rows}"),
        )
        .unwrap();
        file
    };
    let all = [
        "15012118800101001X",
        "150121188001010036",
        "150121188001010052",
    ];
    let older = register(2020, &all[..2]);
    let newer = register(2021, &all);
    let early = register(2019, &all[1..]);
    for file in [older, newer] {
        let (_, output) = project.try_ingest(&[file], &["--max-rejects", "100%"]);
        assert_eq!(output.code, 0, "{}", output.stderr);
    }
    assert_eq!(
        project.number("SELECT count(*) FROM deliveries WHERE status = 'superseded'"),
        1
    );
    assert_eq!(
        project.number("SELECT count(DISTINCT delivery_id) FROM household_register"),
        1
    );
    let (_, output) = project.try_ingest(&[early], &["--max-rejects", "100%"]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stdout.contains("is newer than 2019"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_month_that_a_cumulative_file_covers_already_is_refused() {
    let project = Project::sample();
    let sheet = std::fs::read(sample_file("卫健局", &["2018年3月"])).unwrap();
    let file = project.path("土默特左旗2018年3月出生医学证明签发花名册（再报）.xls");
    // Other bytes, the same table: what follows the end of a BIFF8 container is not read.
    std::fs::write(&file, [&sheet[..], &[0; 512]].concat()).unwrap();
    let dump = project.dump();
    let (report, output) = project.try_ingest(&[file], &[]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert_eq!(report.unwrap()["files"][0]["outcome"], "refused");
    assert_eq!(difference(&dump, &project.dump()), None);
}

#[test]
fn plans_of_a_year_and_of_five_years_stand_side_by_side() {
    let project = Project::sample();
    let plans = "SELECT count(DISTINCT delivery_id) FROM development_plans";
    assert_eq!(project.number(plans), 2);
}

#[test]
fn withdrawing_takes_every_row_out_and_the_file_can_come_again() {
    let project = Project::sample();
    let (file, id, _) = loaded("2020年0-3岁儿童入户走访明细表.csv");
    let rows = count("household_visits", &id);
    let accepted = file["rows_accepted"].as_i64().unwrap();
    assert_eq!(project.number(&rows), accepted);
    let before = project.snapshot();
    let dump = project.dump();

    assert_eq!(project.run(["withdraw", "ffffffffffff"]).code, 2);
    project.ok(["withdraw", &id[..12]]);
    assert_eq!(project.number(&rows), 0);
    for table in RECORDS {
        assert_eq!(project.number(&count(table, &id)), 0, "{table}");
    }
    assert_eq!(
        project.number(&format!(
            "SELECT count(*) FROM deliveries WHERE delivery_id = '{id}' AND status = 'withdrawn'"
        )),
        1
    );
    assert_eq!(project.number_at(before, &rows), accepted);
    assert_eq!(difference(&dump, &project.dump_at(before)), None);

    let report = project.ingest(&[sample_file("乡镇", &["2020年"])]);
    assert_eq!(report["files"][0]["outcome"], "loaded", "{report}");
    assert_eq!(project.number(&rows), accepted);
    assert_eq!(difference(&dump, &project.dump()), None);
    // Sealed identities go and come with the rows.
    let sealed = format!("SELECT count(*) FROM vault.household_visits WHERE delivery_id = '{id}'");
    let opened = project
        .ok([
            "sql",
            "--format",
            "csv",
            "--unseal",
            "--reason",
            "acceptance",
            "-c",
            &sealed,
        ])
        .stdout;
    assert_eq!(crate::common::csv(&opened)[1][0], accepted.to_string());
}

#[test]
fn restoring_brings_an_older_state_back_and_can_be_undone() {
    let project = Project::sample();
    let (_, _, snapshot) = loaded(CUMULATIVE);
    let (_, january, _) = loaded(JANUARY);
    let (newest, dump) = (project.snapshot(), project.dump());
    let then = project.dump_at(snapshot - 1);
    assert_ne!(dump, then);

    assert_ne!(project.run(["restore", "99999"]).code, 0);
    project.ok(["restore", &(snapshot - 1).to_string()]);
    assert_eq!(difference(&then, &project.dump()), None);
    assert!(project.number(&count("birth_certificates", &january)) > 0);
    assert_eq!(difference(&dump, &project.dump_at(newest)), None);
    assert!(
        project
            .ok(["history"])
            .stdout
            .lines()
            .last()
            .unwrap()
            .contains("restore")
    );
    project.ok(["doctor"]);

    project.ok(["restore", &newest.to_string()]);
    assert_eq!(difference(&dump, &project.dump()), None);
}

#[test]
fn optimizing_merges_files_and_changes_no_row() {
    let project = Project::sample();
    let (dump, before) = (project.dump(), project.snapshot());
    let visible = |project: &Project| -> i64 {
        let status = project.ok(["status", "--format", "csv"]).stdout;
        crate::common::records(&status, ["files"])
            .iter()
            .map(|row| row[0].parse::<i64>().unwrap())
            .sum()
    };
    let files = visible(&project);
    project.ok(["optimize"]);
    assert!(visible(&project) < files);
    assert_eq!(difference(&dump, &project.dump()), None);
    assert_eq!(difference(&dump, &project.dump_at(before)), None);
    project.ok(["doctor"]);

    // Still possible: take one delivery out of a merged file.
    let (_, id, _) = loaded("2020年0-3岁儿童入户走访明细表.csv");
    let others = project.number(&format!(
        "SELECT count(*) FROM household_visits WHERE delivery_id <> '{id}'"
    ));
    project.ok(["withdraw", &id[..12]]);
    assert_eq!(
        project.number("SELECT count(*) FROM household_visits"),
        others
    );

    let again = project.snapshot();
    project.ok(["optimize"]);
    project.ok(["optimize"]);
    assert!(
        project.snapshot() <= again + 1,
        "there was nothing to merge the second time"
    );
}

#[test]
fn an_older_snapshot_is_asked_by_number_and_by_time() {
    let project = Project::sample();
    let before_all = project.run(["--as-of", "2000-01-01", "sql", "-c", "SELECT 1"]);
    assert_ne!(before_all.code, 0, "{}", before_all.stdout);
    assert_ne!(
        project
            .run(["--as-of", "99999", "sql", "-c", "SELECT 1"])
            .code,
        0
    );
    assert_eq!(
        project
            .run(["--as-of", "yesterday", "sql", "-c", "SELECT 1"])
            .code,
        2
    );
    let now = project
        .ok([
            "--as-of",
            "2999-01-01",
            "sql",
            "--format",
            "csv",
            "-c",
            "SELECT count(*) FROM deaths",
        ])
        .stdout;
    assert_eq!(now, project.sql("SELECT count(*) FROM deaths"));
}

#[test]
fn history_tells_every_commit() {
    let project = Project::sample();
    let history = project.ok(["history"]).stdout;
    let loaded = shared().report["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["outcome"] == "loaded")
        .count();
    assert_eq!(
        history
            .lines()
            .filter(|line| line.contains("  ingest "))
            .count(),
        loaded,
        "{history}"
    );
    assert_eq!(project.ok(["history", "-n", "3"]).stdout.lines().count(), 3);
}

#[test]
fn a_moved_warehouse_opens_as_before() {
    let project = Project::sample();
    let dump = project.dump();
    let elsewhere = Project::bare();
    copy(&project.folder(), &elsewhere.folder());
    let old = project.folder();
    drop(project);
    assert!(!old.exists());
    assert_eq!(difference(&dump, &elsewhere.dump()), None);
    elsewhere.ok(["doctor"]);
    let (_, id, _) = loaded("2020年0-3岁儿童入户走访明细表.csv");
    elsewhere.ok(["withdraw", &id[..12]]);
    elsewhere.ingest(&[sample_file("乡镇", &["2020年"])]);
    assert_eq!(difference(&dump, &elsewhere.dump()), None);
    let status = elsewhere.ok(["status"]).stderr;
    assert!(
        status.contains(elsewhere.folder().to_str().unwrap())
            && status.contains("ATTACH 'ducklake:sqlite:"),
        "{status}"
    );
}

#[test]
fn what_a_dead_writer_left_is_removed() {
    let project = Project::sample();
    let files = parquet_files(&project);
    let stray = project
        .folder()
        .join("lake/data/main/deaths/death_year=2018/stray.parquet");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&stray, b"PAR1 half a file").unwrap();
    let note = project.folder().join("lake/writer.json");
    std::fs::write(
        &note,
        r#"{"process":1,"doing":"ingest","since":"2021-03-04T05:06:07Z"}"#,
    )
    .unwrap();
    let deaths = project.number("SELECT count(*) FROM deaths");
    assert!(deaths > 0);
    project.ok(["optimize"]);
    assert!(!stray.exists());
    assert!(!note.exists());
    assert!(files.iter().all(|file| file.exists()), "only strays may go");
    assert_eq!(project.number("SELECT count(*) FROM deaths"), deaths);
}

/// The largest visible file of a table.
fn victim(project: &Project, table: &str) -> PathBuf {
    let folder = project.folder().join("lake/data/main").join(table);
    let largest = files_below(&folder)
        .into_iter()
        .max_by_key(|path| std::fs::metadata(path).unwrap().len());
    largest.unwrap()
}

#[test]
fn the_doctor_names_files_that_are_missing_or_damaged() {
    let sound = Project::sample();
    sound.ok(["doctor"]);
    let damages: [(&str, fn(&PathBuf)); 4] = [
        ("missing", |path| std::fs::remove_file(path).unwrap()),
        ("cut short", |path| {
            let bytes = std::fs::read(path).unwrap();
            std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("emptied", |path| std::fs::write(path, b"").unwrap()),
        ("zeroed in the middle", |path| {
            let mut bytes = std::fs::read(path).unwrap();
            let end = bytes.len().min(2000);
            bytes[100..end].fill(0);
            std::fs::write(path, bytes).unwrap();
        }),
    ];
    for (what, damage) in damages {
        let project = sound.twin();
        let path = victim(&project, "household_register");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        damage(&path);
        let output = project.run(["doctor"]);
        assert_eq!(output.code, 1, "{what}: {}{}", output.stdout, output.stderr);
        assert!(output.stdout.contains(&name), "{what}: {}", output.stdout);
        // A question over the damaged file fails, it does not answer wrongly.
        let asked = project.run([
            "sql",
            "-c",
            "SELECT count(DISTINCT person_key) FROM household_register",
        ]);
        assert_eq!(asked.code, 1, "{what}: {}", asked.stdout);
    }
}

#[test]
fn the_doctor_finds_a_damaged_catalog_and_lost_keys() {
    let project = Project::sample();
    std::fs::remove_file(project.folder().join("keys/warehouse.key")).unwrap();
    let output = project.run(["doctor"]);
    assert_eq!(output.code, 1);
    assert!(output.stdout.contains("key"), "{}", output.stdout);

    let project = Project::sample();
    let path = project.folder().join("lake/catalog.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8192].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    assert_ne!(project.run(["doctor"]).code, 0);
}

#[test]
fn a_wrong_catalog_file_is_told_with_its_place() {
    let project = Project::sample();
    let path = project.folder().join("catalog/tables/deaths.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("type: date", "type: dat", 1)).unwrap();
    let output = project.run(["status"]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(
        output.stderr.contains("deaths.yaml:") && output.stderr.contains("`date`"),
        "{}",
        output.stderr
    );
}

#[test]
fn killed_at_any_moment_and_run_again_it_ends_the_same() {
    let base = Project::empty();
    // Months, the half-year that replaces them, a correction: several commits, some of them large.
    let mut inputs = sample_files("卫健局", &["出生医学证明", "2018年"]);
    inputs.push(sample_file("乡镇", &["2018年"]));
    let undisturbed = base.twin();
    let started = Instant::now();
    undisturbed.ingest(&inputs);
    let whole = started.elapsed();
    let expected = undisturbed.dump();

    let fixed = [20, 60, 110, 200, 400, 800].map(Duration::from_millis);
    let shares = [0.3, 0.5, 0.7, 0.85, 0.95].map(|share| whole.mul_f64(share));
    for delay in fixed.into_iter().chain(shares) {
        let project = base.twin();
        let mut child = project
            .command(["ingest"])
            .args(&inputs)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(delay);
        // On Unix this is SIGKILL.
        let _ = child.kill();
        child.wait().unwrap();

        // What is visible is whole: as many rows as each delivery says.
        let torn = project.sql(
            "SELECT d.delivery_id FROM deliveries d
             LEFT JOIN (SELECT delivery_id, count(*) AS n FROM birth_certificates GROUP BY 1
                        UNION ALL SELECT delivery_id, count(*) FROM household_visits GROUP BY 1) r
               ON r.delivery_id = d.delivery_id
             WHERE d.status = 'current' AND coalesce(r.n, 0) <> d.rows_accepted",
        );
        assert_eq!(torn.lines().count(), 1, "after {delay:?}: {torn}");
        let doctor = project.run(["doctor"]);
        assert_eq!(
            doctor.code, 0,
            "after {delay:?}: {}{}",
            doctor.stdout, doctor.stderr
        );

        project.ingest(&inputs);
        assert_eq!(
            difference(&expected, &project.dump()),
            None,
            "after {delay:?}"
        );
        assert!(!project.folder().join("lake/writer.json").exists());
        let known = project.ok(["doctor"]);
        assert!(
            !known.stdout.contains("belong to no snapshot"),
            "after {delay:?}: {}",
            known.stdout
        );
    }
}

#[test]
fn an_interrupted_init_can_be_repeated() {
    let whole = Project::empty();
    let project = whole.twin();
    std::fs::remove_file(project.folder().join("renkou.yaml")).unwrap();
    project.ok(["init", project.folder().to_str().unwrap()]);
    project.ok(["status"]);
    let again = project.run(["init", project.folder().to_str().unwrap()]);
    assert_eq!(again.code, 2, "{}", again.stderr);
}

#[test]
fn the_inbox_is_swept_and_files_go_where_they_belong() {
    let project = Project::empty();
    let inbox = project.folder().join("inbox");
    let good = sample_file("乡镇", &["2020年"]);
    let name = good.file_name().unwrap();
    std::fs::copy(&good, inbox.join(name)).unwrap();
    std::fs::write(inbox.join("notes.txt"), "nothing that anybody knows\n").unwrap();
    project.ok(["ingest", "--watch", "--once"]);
    assert!(
        inbox.join("done").join(name).exists(),
        "{:?}",
        files_below(&inbox)
    );
    assert!(
        inbox.join("refused/notes.txt").exists(),
        "{:?}",
        files_below(&inbox)
    );
    assert!(project.number("SELECT count(*) FROM household_visits") > 0);
    let beside = |folder: &str| files_below(&inbox.join(folder)).len();
    assert!(
        beside("done") >= 2 && beside("refused") >= 2,
        "a report lies beside: {:?}",
        files_below(&inbox)
    );
}

#[test]
fn too_many_rejects_refuse_the_delivery_whole() {
    let project = Project::empty();
    let file = sample_file("乡镇", &["2020年"]);
    for args in [
        &["--strict"][..],
        &["--max-rejects", "1"],
        &["--max-rejects", "0.1%"],
    ] {
        let (report, output) = project.try_ingest(std::slice::from_ref(&file), args);
        assert_eq!(output.code, 1, "{args:?} {}", output.stderr);
        assert_eq!(report.unwrap()["files"][0]["outcome"], "refused");
        assert_eq!(project.number("SELECT count(*) FROM household_visits"), 0);
        assert_eq!(project.number("SELECT count(*) FROM deliveries"), 0);
        assert_eq!(project.number("SELECT count(*) FROM rejects"), 0);
    }
    let (report, output) = project.try_ingest(&[file], &["--max-rejects", "2"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert_eq!(report.unwrap()["files"][0]["outcome"], "loaded");
}

#[test]
fn rejected_rows_come_in_after_the_catalog_was_mended() {
    let base = Project::empty();
    let file = sample_file("乡镇", &["2020年"]);
    let undisturbed = base.twin();
    undisturbed.ingest(std::slice::from_ref(&file));

    let project = base.twin();
    let yaml = project
        .folder()
        .join("catalog/sources/townships/household_visits.yaml");
    let right = std::fs::read_to_string(&yaml).unwrap();
    let rule =
        "rules:\n  - {rule: date_range, field: visit_date, min: 2020-10-20, severity: reject}\n";
    std::fs::write(&yaml, right.replacen("rules:\n", rule, 1)).unwrap();
    let (report, output) = project.try_ingest(&[file], &["--max-rejects", "100%"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let rejected = report.unwrap()["files"][0]["rows_rejected"]
        .as_i64()
        .unwrap();
    assert!(rejected > 10, "{rejected}");

    std::fs::write(&yaml, right).unwrap();
    let before = project.snapshot();
    project.ok(["rejects", "--replay"]);
    assert_eq!(difference(&undisturbed.dump(), &project.dump()), None);
    assert!(
        project.number_at(before, "SELECT count(*) FROM household_visits")
            < project.number("SELECT count(*) FROM household_visits")
    );
    project.ok(["doctor"]);

    // What is still wrong stays, and a second time changes nothing.
    project.ok(["rejects", "--replay"]);
    assert_eq!(difference(&undisturbed.dump(), &project.dump()), None);
}
