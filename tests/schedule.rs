//! Schedules: a week of them with a clock of our own, schedulers killed in the middle, two at once;
//! what lies in the outbox afterwards.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use renkou::error::Error;
use renkou::schedule::{Done, Events, Service, Stop};
use renkou::warehouse::{SessionOptions, Warehouse};

use crate::common::{Project, files_below};

/// A clock that the test sets.
struct Clock(AtomicI64);

impl Clock {
    fn at(time: &str) -> Self {
        Self(AtomicI64::new(
            time.parse::<DateTime<Utc>>().unwrap().timestamp(),
        ))
    }

    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0.load(Ordering::SeqCst), 0).unwrap()
    }

    fn go_on(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_seconds(), Ordering::SeqCst);
    }
}

/// Keeps the news.
#[derive(Default)]
struct News(Mutex<Vec<String>>);

impl Events for News {
    fn done(&self, done: &Done) {
        let line = format!(
            "{} {} {}",
            done.run.schedule,
            done.slot,
            done.run.outcome.as_str()
        );
        self.0.lock().unwrap().push(line);
    }

    fn trouble(&self, error: &Error) {
        self.0.lock().unwrap().push(format!("trouble: {error}"));
    }
}

fn write(project: &Project, file: &str, text: &str) {
    let path = project.folder().join(file);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The names in a folder of the outbox, sorted; none when it is not there.
fn names(project: &Project, folder: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(project.folder().join("outbox").join(folder)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn csv_rows(csv: &str) -> Vec<Vec<String>> {
    csv.lines()
        .skip(1)
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect()
}

/// How often each result occurs, by schedule.
fn results(project: &Project) -> BTreeMap<String, i64> {
    let csv = project
        .sql("SELECT schedule || ' ' || result, count(*) FROM schedule_runs GROUP BY 1 ORDER BY 1");
    csv_rows(&csv)
        .into_iter()
        .map(|row| (row[0].clone(), row[1].parse().unwrap()))
        .collect()
}

const WEEK: &str = r#"
schedules:
  nightly:
    query: [births, sex_ratio_at_birth]
    cron: "0 3 * * *"
    format: [csv, xlsx, parquet]
    when: on_change
  six_hours:
    query: population
    cron: "0 */6 * * *"
    format: json
    keep: 3
    catch_up: none
  noon:
    query: deaths
    params: {by: township}
    cron: "0 12 * * *"
    format: [csv-gb18030, html, markdown]
    catch_up: all
  failing:
    query: broken
    cron: "30 4 * * *"
    max_consecutive_failures: 2
    on_failure: echo "$RENKOU_SCHEDULE $RENKOU_SLOT $RENKOU_RESULT $RENKOU_FAILURES" >> outbox/told.txt
"#;

const BROKEN: &str =
    "/* {title: Broken} */\nSELECT 1 / (count(*) - count(*)) FROM birth_certificates";

/// Looks every two hours, so many times, as one service.
fn look(project: &Project, clock: &Clock, news: &News, times: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let warehouse = Warehouse::open(&project.folder(), None).unwrap();
    let now = || clock.now();
    let mut service = Service::new(
        warehouse,
        SessionOptions::default(),
        Vec::new(),
        &now,
        news,
        Stop::default(),
    )
    .unwrap();
    for _ in 0..times {
        runtime.block_on(service.pass()).unwrap();
        clock.go_on(TimeDelta::hours(2));
    }
}

#[test]
#[cfg(unix)]
fn a_simulated_week_leaves_exactly_the_expected_outbox() {
    let project = Project::sample();
    write(&project, "catalog/schedules.yaml", WEEK);
    write(&project, "queries/own/broken.sql", BROKEN);
    // Monday, half past midnight in Shanghai.
    let clock = Clock::at("2021-02-28T16:30:00Z");
    let news = News::default();
    // Until after Tuesday's noon; then a delivery of births goes.
    look(&project, &clock, &news, 19);
    let delivery = project.sql(
        "SELECT delivery_id FROM deliveries WHERE source = 'health/birth_certificates' AND status = 'current' ORDER BY 1 LIMIT 1",
    );
    project.ok(["withdraw", csv_rows(&delivery)[0][0].as_str()]);
    // To Wednesday half past eight; a day in which nobody looks; to the end of Sunday.
    look(&project, &clock, &news, 10);
    clock.go_on(TimeDelta::hours(24));
    look(&project, &clock, &news, 43);
    assert_eq!(clock.now().to_rfc3339(), "2021-03-07T16:30:00+00:00");

    let all = |days: &[u32], at: &str| -> Vec<String> {
        days.iter()
            .map(|day| format!("2021-03-{day:02}T{at}+0800"))
            .chain(["latest".to_owned()])
            .collect()
    };
    assert_eq!(names(&project, "nightly"), all(&[1, 3], "0300"));
    assert_eq!(names(&project, "noon"), all(&[1, 2, 3, 4, 5, 6, 7], "1200"));
    assert_eq!(
        names(&project, "six_hours"),
        [
            "2021-03-07T0600+0800",
            "2021-03-07T1200+0800",
            "2021-03-07T1800+0800",
            "latest"
        ]
    );
    assert_eq!(
        names(&project, ""),
        ["nightly", "noon", "six_hours", "told.txt"]
    );
    assert_eq!(
        names(&project, "nightly/latest"),
        [
            "births.csv",
            "births.parquet",
            "births.xlsx",
            "manifest.json",
            "sex_ratio_at_birth.csv",
            "sex_ratio_at_birth.parquet",
            "sex_ratio_at_birth.xlsx",
        ]
    );
    let expected = [
        ("failing failed", 2),
        ("nightly succeeded", 2),
        ("nightly unchanged", 5),
        ("noon succeeded", 7),
        // Thursday's stands for what nobody saw.
        ("six_hours missed", 1),
        ("six_hours succeeded", 23),
    ];
    let expected = expected.map(|(key, count)| (key.to_owned(), count));
    assert_eq!(results(&project), BTreeMap::from(expected), "{:?}", news.0);
    let told = std::fs::read_to_string(project.folder().join("outbox/told.txt")).unwrap();
    assert_eq!(
        told,
        "failing 2021-03-01T0430+0800 failed 1\nfailing 2021-03-02T0430+0800 failed 2\n"
    );

    everything_verifies(&project);
    list_and_due_tell_of_the_week(&project);
    an_older_slot_is_made_again_byte_for_byte(&project);
    a_changed_file_is_named(&project);
}

fn everything_verifies(project: &Project) {
    let verified = project.ok(["verify"]);
    assert!(
        verified.stderr.contains("12 slots, 36 files"),
        "{}",
        verified.stderr
    );
    let path = project
        .folder()
        .join("outbox/noon/2021-03-04T1200+0800/manifest.json");
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(manifest["slot"], "2021-03-04T12:00:00+08:00");
    let result = &manifest["results"][0];
    assert_eq!(result["query"], "deaths");
    assert_eq!(result["suppression"]["threshold"], 10);
    let hidden = result["suppression"]["hidden"]["deaths"]
        .as_array()
        .unwrap();
    assert!(!hidden.is_empty(), "towns with few deaths");
    let path = "outbox/noon/2021-03-04T1200+0800/deaths.gb18030.csv";
    let written = std::fs::read(project.folder().join(path)).unwrap();
    let written = String::from_utf8_lossy(&written);
    for row in hidden {
        let row = usize::try_from(row.as_u64().unwrap()).unwrap();
        assert_eq!(csv_rows(&written)[row][2], "", "{written}");
    }
    let by = result["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|parameter| parameter["name"] == "by");
    assert_eq!(by.unwrap()["value"], "township");
    assert_eq!(result["files"].as_array().unwrap().len(), 3);
    // The outbox says what the warehouse says.
    let slot = project.folder().join("outbox/nightly/2021-03-03T0300+0800");
    let csv = std::fs::read_to_string(slot.join("births.csv")).unwrap();
    let again = project.ok([
        "run",
        "births",
        "--param",
        "year=latest_complete_year",
        "--publish",
        "--format",
        "csv",
    ]);
    assert_eq!(csv, again.stdout);
}

fn list_and_due_tell_of_the_week(project: &Project) {
    let list = project.ok(["schedule", "list", "--format", "csv"]).stdout;
    let failing = list
        .lines()
        .find(|line| line.starts_with("failing,"))
        .unwrap();
    // It rests: there is no next slot.
    assert!(
        failing.contains(",Asia/Shanghai,,2021-03-02 04:30+08:00,failed,,2,"),
        "{failing}"
    );
    let due = project
        .ok([
            "schedule",
            "due",
            "noon",
            "--at",
            "2021-03-09T12:00:00+08:00",
            "--format",
            "csv",
        ])
        .stdout;
    assert_eq!(
        csv_rows(&due),
        [
            ["noon", "2021-03-08 12:00+08:00", "1", "run"],
            ["noon", "2021-03-09 12:00+08:00", "1", "run"]
        ]
    );
}

fn an_older_slot_is_made_again_byte_for_byte(project: &Project) {
    // Before the delivery was withdrawn: another snapshot than today's.
    for slot in ["nightly/2021-03-01T0300+0800", "noon/2021-03-02T1200+0800"] {
        let slot = project.folder().join("outbox").join(slot);
        let manifest = slot.join("manifest.json");
        let again = project.path("again");
        project.ok([
            "run".as_ref(),
            "--from-manifest".as_ref(),
            manifest.as_os_str(),
            "-o".as_ref(),
            again.as_os_str(),
        ]);
        for path in files_below(&again) {
            let name = path.file_name().unwrap();
            assert_eq!(
                std::fs::read(&path).unwrap(),
                std::fs::read(slot.join(name)).unwrap(),
                "{}",
                path.display()
            );
        }
        std::fs::remove_dir_all(&again).unwrap();
    }
}

fn a_changed_file_is_named(project: &Project) {
    let slot = project.folder().join("outbox/noon/2021-03-05T1200+0800");
    let mut bytes = std::fs::read(slot.join("deaths.md")).unwrap();
    bytes[10] ^= 1;
    std::fs::write(slot.join("deaths.md"), bytes).unwrap();
    std::fs::remove_file(slot.join("deaths.html")).unwrap();
    std::fs::write(slot.join("more.csv"), "").unwrap();
    let output = project.run(["verify"]);
    assert_eq!(output.code, 1);
    for part in [
        "3 differences",
        "deaths.md` its SHA-256 differs",
        "deaths.html` the file is missing",
        "more.csv` is not in the manifest",
    ] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
}

/// A schedule that has a slot for each of the last `days` days to catch up with.
fn backlog(name: &str, days: i64) -> String {
    let start = (Utc::now() - TimeDelta::days(days)).format("%Y-%m-%d");
    format!(
        "  {name}:\n    query: births\n    cron: '0 0 * * *'\n    timezone: UTC\n    format: [csv, parquet]\n    catch_up: all\n    start: {start}\n"
    )
}

/// What must hold whoever ran, and died: every slot recorded as done once with its folder there
/// whole, or given up; nothing half.
fn nothing_half_nothing_twice(project: &Project, schedules: &[&str], slots: usize) {
    let verified = project.ok(["verify"]);
    let rows = project.sql(
        "SELECT schedule, slot, count(*) FILTER (WHERE result = 'succeeded') AS done,
                count(*) FILTER (WHERE result = 'died') AS died, count(*) AS rows
         FROM schedule_runs GROUP BY 1, 2 ORDER BY 1, 2",
    );
    let mut done: BTreeMap<String, usize> = BTreeMap::new();
    for row in csv_rows(&rows) {
        let [succeeded, died, all]: [usize; 3] =
            [2, 3, 4].map(|at: usize| row[at].parse().unwrap());
        assert_eq!(succeeded + died, all, "{row:?}");
        assert!(succeeded == 1 || (succeeded == 0 && died == 3), "{row:?}");
        *done.entry(row[0].clone()).or_default() += succeeded;
    }
    assert_eq!(
        csv_rows(&rows).len(),
        slots * schedules.len(),
        "{}",
        verified.stderr
    );
    for schedule in schedules {
        let found = names(project, schedule);
        assert!(found.iter().all(|name| !name.starts_with('.')), "{found:?}");
        // And `latest`.
        assert_eq!(found.len(), done[*schedule] + 1, "{found:?}");
    }
}

#[test]
fn killed_at_any_moment_no_slot_is_half_and_none_comes_twice() {
    let project = Project::sample();
    let text = format!("schedules:\n{}", backlog("days", 20));
    write(&project, "catalog/schedules.yaml", &text);
    let slots = csv_rows(&project.ok(["schedule", "due", "--format", "csv"]).stdout).len();
    assert!((20..=22).contains(&slots));
    for kill in 0..10 {
        let mut child = project
            .command(["schedule", "run", "--once"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(500 + 130 * kill));
        // On Unix this is SIGKILL.
        let _ = child.kill();
        child.wait().unwrap();
    }
    // A slot somebody died over is reported as failed, and tried again.
    let output = project.run(["schedule", "run", "--once"]);
    assert!(matches!(output.code, 0 | 1), "{}", output.stderr);
    let output = project.ok(["schedule", "run", "--once"]);
    assert!(
        output.stderr.starts_with("nothing is due"),
        "{}",
        output.stderr
    );
    nothing_half_nothing_twice(&project, &["days"], slots);
}

#[test]
fn two_schedulers_at_once_share_the_work() {
    let project = Project::sample();
    let text = format!("schedules:\n{}{}", backlog("a", 8), backlog("b", 8));
    write(&project, "catalog/schedules.yaml", &text);
    let slots = csv_rows(&project.ok(["schedule", "due", "--format", "csv"]).stdout).len() / 2;
    let start = || {
        project
            .command(["schedule", "run", "--once"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let both = [start(), start(), start()];
    let mut lines = 0;
    for child in both {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        lines += text
            .lines()
            .filter(|line| line.contains(" succeeded "))
            .count();
    }
    assert_eq!(lines, slots * 2);
    nothing_half_nothing_twice(&project, &["a", "b"], slots);
}

/// Computes for hours.
const SLOW: &str = "/* {title: Slow} */
SELECT count(*) FROM household_register AS a, household_register AS b, household_register AS c
WHERE a.birth_year + b.birth_year + c.birth_year = 1";

#[test]
fn a_run_that_takes_too_long_is_stopped_and_told() {
    let project = Project::sample();
    write(&project, "queries/own/slow.sql", SLOW);
    let text = format!(
        "schedules:\n{}    timeout: 1s\n",
        backlog("slow", 0).replace("births", "slow")
    );
    write(&project, "catalog/schedules.yaml", &text);
    let output = project.run(["-q", "schedule", "run", "--once"]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(output.stderr.contains(" timeout "), "{}", output.stderr);
    assert!(
        output.stderr.contains("longer than 1 s"),
        "{}",
        output.stderr
    );
    assert_eq!(
        results(&project),
        BTreeMap::from([("slow timeout".to_owned(), 1)])
    );
    assert_eq!(names(&project, "slow"), [""; 0]);
}

#[test]
#[cfg(unix)]
fn a_running_slot_is_left_for_the_next_start_when_told_twice_to_stop() {
    use std::io::{BufRead, BufReader};

    let project = Project::sample();
    write(&project, "queries/own/slow.sql", SLOW);
    let text = format!(
        "schedules:\n{}",
        backlog("slow", 0).replace("births", "slow")
    );
    write(&project, "catalog/schedules.yaml", &text);
    let mut child = project
        .command(["schedule", "run"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let note = project.folder().join("lake/schedules/slow.json");
    while !note.exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let pid = child.id().to_string();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    for start in ["waiting", "stopping"] {
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with(start), "{line}");
        let sent = std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status();
        assert!(sent.unwrap().success());
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(!note.exists());
    assert_eq!(results(&project), BTreeMap::new());
    assert_eq!(names(&project, "slow"), [""; 0]);
    let due = project.ok(["schedule", "due", "--format", "csv"]).stdout;
    assert!(due.ends_with(",1,run\n"), "{due}");
}

#[test]
fn mistakes_in_schedules_are_told_with_their_place() {
    let project = Project::empty();
    write(
        &project,
        "catalog/schedules.yaml",
        "schedules:\n  a:\n    query: brths\n    cron: '0 0 * * *'\n    format: xslx\n",
    );
    let output = project.run(["schedule", "list"]);
    assert_eq!(output.code, 2);
    for part in [
        "schedules.yaml:3:12: there is no saved query `brths`",
        "schedules.yaml:5:13: unknown format `xslx`",
    ] {
        assert!(output.stderr.contains(part), "{part}: {}", output.stderr);
    }
    let output = project.run(["schedule", "run", "--once", "nobody"]);
    assert_eq!(output.code, 2);
}

#[test]
#[cfg(unix)]
fn the_service_ends_in_order_when_asked() {
    use std::io::{BufRead, BufReader};

    let project = Project::empty();
    let mut child = project
        .command(["schedule", "run"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("waiting for 3 schedules"), "{first}");
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &pid])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
#[cfg(unix)]
fn install_shows_before_it_writes() {
    let project = Project::empty();
    let unit = |args: &[&str]| {
        let output = project.ok([&["schedule", "install", "--systemd"], args].concat());
        let units: Vec<PathBuf> = files_below(&project.path("home"));
        (output, units)
    };
    let (shown, units) = unit(&[]);
    assert!(shown.stdout.contains("schedule run\n"), "{}", shown.stdout);
    assert!(units.is_empty(), "{units:?}");
    let (again, units) = unit(&["--yes"]);
    assert_eq!(units.len(), 1);
    assert_eq!(
        std::fs::read_to_string(&units[0]).unwrap(),
        again.stdout,
        "what is written is what was shown"
    );
    let line = project.ok(["schedule", "install", "--cron"]).stdout;
    assert!(line.starts_with("* * * * * '"), "{line}");
}
