//! What people are told: help, hints, summaries and times, in both languages.

use std::path::PathBuf;

use crate::common::{Output, Project, finish, sample_data, sample_file};

/// A file of household visits: `good` rows, and `bad` ones without the birth date.
fn visits(project: &Project, name: &str, good: usize, bad: usize) -> PathBuf {
    let mut text = "乡镇,儿童姓名,性别,出生日期,走访日期\n".to_owned();
    for row in 1..=good + bad {
        let born = if row <= good { "2019-05-03" } else { "" };
        text.push_str(&format!("察素齐镇,幼儿{row},女,{born},2020-10-12\n"));
    }
    let path = project.path(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn ingest(project: &Project, lang: &str, args: &[&str], files: &[PathBuf]) -> Output {
    let mut command = project.command(["--lang", lang, "ingest"]);
    finish(command.args(args).args(files))
}

#[test]
fn one_bad_row_does_not_refuse_a_small_file_but_only_bad_rows_do() {
    let project = Project::empty();
    let small = visits(&project, "2020年10月入户走访.csv", 2, 1);
    for args in [&["--strict"][..], &["--max-rejects", "10%"]] {
        let output = ingest(&project, "en", args, std::slice::from_ref(&small));
        assert_eq!(output.code, 1, "{}", output.stderr);
    }
    let output = ingest(&project, "en", &[], &[small]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    assert!(output.stderr.contains("1 sheet ·"), "{}", output.stderr);

    let hopeless = visits(&project, "2020年11月入户走访.csv", 0, 3);
    let output = ingest(&project, "en", &[], &[hopeless]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stderr.contains("3 of 3 rows were rejected")
            && output.stderr.contains("`--source`")
            && !output.stderr.contains("50%"),
        "{}",
        output.stderr
    );
    let half = visits(&project, "2020年9月入户走访.csv", 11, 9);
    let output = ingest(&project, "zh", &[], &[half]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stderr.contains("`--max-rejects 45%`"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("缺少必填项 9") && !output.stderr.contains("required"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_run_that_fails_says_its_summary_once() {
    let project = Project::empty();
    let files = [
        visits(&project, "2020年10月入户走访.csv", 3, 0),
        visits(&project, "2020年11月入户走访.csv", 0, 3),
    ];
    let output = ingest(&project, "en", &[], &files);
    assert_eq!(output.code, 1);
    let count = |text: &str| output.stderr.matches(text).count();
    assert_eq!(count("1 loaded, "), 1, "{}", output.stderr);
    assert_eq!(
        count("error: 1 of 2 files was not loaded"),
        1,
        "{}",
        output.stderr
    );

    let quiet = finish(project.command(["-q", "ingest"]).args(&files[1..]));
    assert!(
        quiet.stderr.contains("2020年11月入户走访.csv: 3 of 3 rows"),
        "{}",
        quiet.stderr
    );
}

#[test]
fn a_dry_run_says_would_and_sees_the_files_before_it() {
    let project = Project::empty();
    let before = project.snapshot();
    let files = [
        sample_data().join("公安局/户籍人口信息_2020年12月.zip"),
        sample_data().join("公安局/沙尔沁镇户籍人口_2020年12月_更正.csv"),
    ];
    let (report, output) = project.try_ingest(&files, &["--dry-run"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let report = report.unwrap();
    assert_eq!(report["dry_run"], true);
    let rehearsed = report["files"].as_array().unwrap();
    let text = ingest(&project, "en", &["--dry-run"], &files).stderr;
    assert!(
        text.contains("11 would be loaded, ")
            && !text.contains(" loaded, 0 nothing new, 0 refused"),
        "{text}"
    );
    let text = ingest(&project, "zh", &["--dry-run"], &files).stderr;
    assert!(text.contains("将导入 11 个"), "{text}");
    assert_eq!(project.snapshot(), before);

    // What it foretold is what comes.
    let real = project.ingest(&files);
    for (told, done) in rehearsed.iter().zip(real["files"].as_array().unwrap()) {
        for what in ["file", "period", "place", "supersedes", "changes"] {
            assert_eq!(told[what], done[what], "{what}");
        }
    }
    let last = rehearsed.last().unwrap();
    assert_eq!(last["supersedes"].as_array().unwrap().len(), 1, "{last}");
}

#[test]
fn a_missing_file_is_told_with_the_nearest_name() {
    let project = Project::empty();
    visits(&project, "visits_2020.csv", 1, 0);
    let output = ingest(&project, "en", &[], &[project.path("visit_2020.csv")]);
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert!(
        output.stderr.contains("error: there is no `")
            && output.stderr.contains("hint: did you mean `")
            && output.stderr.contains("visits_2020.csv`?"),
        "{}",
        output.stderr
    );
    for missing in ["nothere.csv", "nofolder/nothere.csv"] {
        let output = ingest(&project, "zh", &[], &[project.path(missing)]);
        assert_eq!(output.code, 2, "{}", output.stderr);
        assert!(
            output.stderr.contains("错误：找不到 `")
                && output.stderr.contains("提示：")
                && !output.stderr.contains("os error"),
            "{}",
            output.stderr
        );
    }
}

#[test]
fn help_speaks_chinese_when_asked_to() {
    let project = Project::bare();
    for args in [
        &["--lang", "zh", "--help"][..],
        &["ingest", "--help", "--lang=zh"],
        &["--lang=zh", "help", "export"],
    ] {
        let output = project.ok(args);
        assert!(
            output.stdout.contains("用法: renkou") && !output.stdout.contains("Usage"),
            "{}",
            output.stdout
        );
    }
    let output = project.run(["--lang", "zh", "ingets"]);
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.starts_with("命令行参数有误"),
        "{}",
        output.stderr
    );
    assert!(project.ok(["--help"]).stdout.contains("Usage: renkou"));
}

#[test]
fn a_saved_query_is_described_in_one_language() {
    let project = Project::empty();
    let text = project.ok(["--lang", "zh", "queries", "births"]).stdout;
    for label in ["单位：", "定义：", "参数："] {
        assert!(text.contains(label), "{text}");
    }
    let text = project.ok(["queries", "births"]).stdout;
    assert!(
        text.contains("unit: ") && text.contains("parameters:"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn people_read_their_own_time_and_programs_utc() {
    let project = Project::empty();
    project.ingest(&[sample_file("乡镇", &["2020年"])]);
    let run = |zone: &str, args: &[&str]| {
        let output = finish(project.command(args).env("TZ", zone));
        assert_eq!(output.code, 0, "{}", output.stderr);
        output.stdout
    };
    let (east, utc) = ("CST-8", "UTC0");
    let deliveries = |zone, format| run(zone, &["deliveries", "--format", format]);
    assert_eq!(deliveries(east, "csv"), deliveries(utc, "csv"));
    assert_eq!(deliveries(east, "json"), deliveries(utc, "json"));
    assert!(deliveries(east, "json").contains("current"));
    assert_ne!(deliveries(east, "table"), deliveries(utc, "table"));
    let vertical = run(
        east,
        &["--lang", "zh", "deliveries", "--format", "vertical"],
    );
    assert!(vertical.contains("有效") && !vertical.contains("current"));

    // A time that history shows asks for that state.
    let history = run(east, &["history"]);
    assert_ne!(history, run(utc, &["history"]));
    let last: Vec<&str> = history.lines().last().unwrap().split_whitespace().collect();
    let after = format!("{} 23:59:59", last[1]);
    let rows = run(
        east,
        &[
            "--as-of",
            &after,
            "sql",
            "--format",
            "csv",
            "-c",
            "SELECT count(*) FROM deliveries",
        ],
    );
    assert_eq!(rows.lines().last(), Some("1"));
}
