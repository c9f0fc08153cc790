//! The shell without a terminal: its core with buffers for a screen, and the program with pipes.

use std::io::Write;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use renkou::error::{Kind, Lang, Result};
use renkou::shell::{Console, Flow, Shell};
use renkou::warehouse::{AsOf, SessionOptions, Warehouse};
use tokio::sync::Notify;

use crate::common::{Output, Project};

/// A screen that remembers what was written.
#[derive(Debug, Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Screen {
    /// What was written since this was asked last.
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

/// A shell, its data and its notes.
struct Desk {
    shell: Shell,
    out: Screen,
    notes: Screen,
    interrupt: Arc<Notify>,
}

impl Desk {
    /// Somebody sits in front of a screen of 100 columns and 30 lines.
    fn at_screen(project: &Project) -> Self {
        Self::new(project, true, || Some((100, 30)))
    }

    fn new(project: &Project, interactive: bool, size: fn() -> Option<(usize, usize)>) -> Self {
        let (out, notes) = (Screen::default(), Screen::default());
        let interrupt = Arc::new(Notify::new());
        let console = Console {
            out: Box::new(out.clone()),
            notes: Box::new(notes.clone()),
            size,
            interactive,
            quiet: false,
            color: false,
            interrupt: Arc::clone(&interrupt),
            now: chrono::Utc::now,
            moment: |text| text.parse(),
            local: str::to_owned,
            pager: None,
            editor: None,
            actor: "tester".to_owned(),
            home: None,
        };
        let warehouse = Warehouse::open(&project.folder(), None).unwrap();
        let shell = Shell::new(
            warehouse,
            SessionOptions::default(),
            AsOf::Latest,
            Lang::En,
            console,
        )
        .unwrap();
        Self {
            shell,
            out,
            notes,
            interrupt,
        }
    }

    /// Runs a script.
    fn try_run(&mut self, text: &str) -> Result<Flow> {
        runtime().block_on(self.shell.script(text, None, false))
    }

    /// Runs a script that must succeed; gives the data it wrote.
    fn run(&mut self, text: &str) -> String {
        if let Err(error) = self.try_run(text) {
            panic!("{text}: {}", error.render(Lang::En));
        }
        self.out.take()
    }

    /// Runs a script that must fail; gives the message.
    fn fails(&mut self, text: &str) -> String {
        match self.try_run(text) {
            Ok(_) => panic!("{text} did not fail: {}", self.out.take()),
            Err(error) => error.render(Lang::En),
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn a_result_is_a_table_that_can_be_asked_again() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let table =
        desk.run("SELECT birth_year, count(*) AS n FROM birth_certificates GROUP BY 1 ORDER BY 1;");
    assert!(table.contains("│ birth_year │"), "{table}");
    let again = desk.run("SELECT sum(n) AS n FROM _;\n.mode csv\nSELECT n FROM _;");
    let all = project.number("SELECT count(*) FROM birth_certificates");
    assert!(again.ends_with(&format!("n\n{all}\n")), "{again}");
}

#[test]
fn a_long_result_shows_head_tail_and_count_and_last_shows_all() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let short = desk.run(".maxrows 10\nSELECT value FROM generate_series(1, 500);");
    assert!(short.contains("500 rows (10 shown)"), "{short}");
    let shows = |table: &str, number: &str| {
        let mut lines = table.lines();
        lines.any(|line| line.trim_matches(['│', ' ']) == number)
    };
    assert!(shows(&short, "1") && shows(&short, "500"), "{short}");
    assert!(!shows(&short, "250"), "{short}");
    // Another table's `value` has a unit; this one has none.
    assert!(!short.contains("persons"), "{short}");
    let all = desk.run(".last");
    assert!(shows(&all, "250"), "{all}");
}

#[test]
fn null_is_told_from_the_empty_text() {
    let project = Project::empty();
    let mut desk = Desk::at_screen(&project);
    let table = desk.run("SELECT NULL AS a, '' AS b;");
    assert!(table.contains("│ NULL │   │"), "{table}");
    let table = desk.run(".nullvalue -\nSELECT NULL AS a, '' AS b;");
    assert!(table.contains("│ - │   │"), "{table}");
}

#[test]
fn codes_get_their_names_when_wanted() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let sql = "SELECT sex, count(*) AS n FROM birth_certificates GROUP BY 1 ORDER BY 1;";
    assert!(!desk.run(sql).contains("female"));
    let table = desk.run(&format!(".labels on\n{sql}"));
    assert!(table.contains("2 female"), "{table}");
    desk.run(".lang zh");
    let table = desk.run(sql);
    assert!(table.contains("2 女"), "{table}");
}

#[test]
fn a_saved_query_runs_with_checked_parameters() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let table = desk.run(".run births year=2020 by=sex");
    assert!(table.contains("boys"), "{table}");
    let error = desk.fails(".run births year=long_ago");
    assert!(error.contains("year") && error.contains("2018"), "{error}");
    let error = desk.fails(".run brths");
    assert!(error.contains("did you mean `births`"), "{error}");
}

#[test]
fn results_pivot_and_chart() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let table = desk.run(
        "SELECT birth_year, sex, count(*) AS n FROM birth_certificates WHERE birth_year >= 2019 GROUP BY 1, 2 ORDER BY 1, 2;\n.crosstab\n.mode csv\nSELECT * FROM _;",
    );
    let pivot = table.split("birth_year,").nth(1).unwrap();
    let counts = |year: i32| {
        let of = |sex: i32| {
            project.number(&format!(
                "SELECT count(*) FROM birth_certificates WHERE birth_year = {year} AND sex = {sex}"
            ))
        };
        format!("{year},{},{}\n", of(1), of(2))
    };
    assert_eq!(pivot, format!("1,2\n{}{}", counts(2019), counts(2020)));
    let chart =
        desk.run("SELECT 'a' AS k, 10 AS n UNION ALL SELECT 'b', 5 ORDER BY 1;\n.chart bar");
    let bar = |name: &str| {
        let line = chart
            .lines()
            .find(|line| line.trim_start().starts_with(name))
            .unwrap();
        line.matches('█').count()
    };
    assert!(bar("a ") >= 2 * bar("b ") - 1 && bar("b ") > 0, "{chart}");
}

#[test]
fn older_states_can_be_asked() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let count = "SELECT count(*) AS n FROM birth_certificates;";
    let now = desk.run(&format!(".mode csv\n{count}"));
    let then = desk.run(&format!(".asof 3\n{count}"));
    assert_ne!(now, then);
    assert!(desk.shell.prompt().contains("@3"));
    assert_eq!(desk.run(&format!(".asof latest\n{count}")), now);
}

#[test]
fn results_go_to_files_once_or_until_told_otherwise() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let (one, other) = (project.path("one.csv"), project.path("other.json"));
    let screen = desk.run(&format!(
        ".once {}\nSELECT 1 AS a;\nSELECT 2 AS b;",
        one.display()
    ));
    assert_eq!(std::fs::read_to_string(one).unwrap(), "a\n1\n");
    assert!(
        !screen.contains("│ a │") && screen.contains("│ b │"),
        "{screen}"
    );
    desk.run(&format!(
        ".output {}\nSELECT 3 AS c;\n.output",
        other.display()
    ));
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(other).unwrap()).unwrap();
    assert_eq!(json[0]["c"], 3);
    assert!(desk.run("SELECT 4 AS d;").contains("│ d │"));
}

#[test]
fn a_file_is_read_and_its_errors_are_placed() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let file = project.path("script.sql");
    std::fs::write(&file, "SELECT 1 AS one;\n\nSELECT\n  sexx\nFROM deaths;\n").unwrap();
    let error = desk.fails(&format!(".read {}", file.display()));
    assert!(desk.out.take().contains("one"));
    assert!(error.contains("script.sql"), "{error}");
    assert!(error.contains("4 |   sexx"), "{error}");
    assert!(error.contains("^^^^") && error.contains("`sex`"), "{error}");
}

#[test]
fn unknown_commands_name_the_nearest() {
    let project = Project::empty();
    let mut desk = Desk::at_screen(&project);
    assert!(desk.fails(".tabels").contains("`.tables`"));
    assert!(desk.fails("\\dd").contains("`\\d`"));
    assert!(matches!(desk.try_run("exit"), Ok(Flow::Quit)));
    assert!(matches!(desk.try_run(".quit"), Ok(Flow::Quit)));
    assert!(matches!(desk.try_run("\\q"), Ok(Flow::Quit)));
}

#[test]
fn identities_open_with_a_reason_and_every_statement_is_on_record() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    desk.fails("SELECT * FROM vault.deaths;");
    let error = desk.fails(".unseal");
    assert!(error.contains("reason"), "{error}");
    desk.run(".unseal a family asks for its record");
    assert!(desk.shell.is_unsealed());
    desk.run("SELECT count(*) AS n FROM vault.deaths;\n.unseal off");
    assert!(!desk.shell.is_unsealed());
    desk.fails("SELECT * FROM vault.deaths;");
    let audit = std::fs::read_to_string(project.folder().join("audit.log")).unwrap();
    assert!(audit.contains("a family asks for its record"), "{audit}");
    assert!(audit.contains("FROM vault.deaths"), "{audit}");
    project.ok(["audit", "verify"]);
}

#[test]
fn a_ring_of_the_bell_cancels_the_statement_and_keeps_the_session() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let interrupt = Arc::clone(&desk.interrupt);
    let runtime = runtime();
    let endless = [
        "SELECT count(*) FROM deaths a CROSS JOIN deaths b CROSS JOIN deaths c CROSS JOIN deaths d WHERE a.sex + b.sex + c.sex + d.sex < 0;",
        "SELECT count(*) FROM household_register a JOIN household_register b USING (sex) JOIN household_register c USING (sex) WHERE a.birth_year + b.birth_year < c.birth_year;",
    ];
    for statement in endless {
        let bell = Arc::clone(&interrupt);
        let error = runtime.block_on(async {
            let ringing = tokio::spawn(async move {
                loop {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                    bell.notify_waiters();
                }
            });
            let outcome = desk.shell.script(statement, None, false).await;
            ringing.abort();
            outcome
        });
        assert_eq!(
            error.err().map(|error| error.kind()),
            Some(Kind::Interrupted)
        );
        let answer = runtime.block_on(desk.shell.script("SELECT 6 * 7 AS n;", None, false));
        assert!(answer.is_ok());
        assert!(desk.out.take().contains("42"));
    }
    // Nothing goes on computing: the workers are free for others at once.
    runtime.shutdown_timeout(Duration::from_secs(20));
}

#[test]
fn a_time_limit_stops_a_statement() {
    let project = Project::sample();
    let mut desk = Desk::at_screen(&project);
    let error = desk.fails(
        ".timeout 0.2\nSELECT count(*) FROM deaths a CROSS JOIN deaths b CROSS JOIN deaths c CROSS JOIN deaths d WHERE a.sex + b.sex + c.sex + d.sex < 0;",
    );
    assert!(error.contains("longer than 0.2 s"), "{error}");
    assert!(desk.run("SELECT 1 AS n;").contains("│ 1 │"));
}

#[test]
fn a_pipe_gets_bare_data_whatever_the_terminal_would_show() {
    let project = Project::sample();
    let mut desk = Desk::new(&project, false, || None);
    assert_eq!(desk.run("SELECT 1234567 AS n;"), "n\n1234567\n");
    assert_eq!(desk.notes.take(), "");
}

/// Gives the program a script on standard input.
fn piped(project: &Project, script: &str, args: &[&str]) -> Output {
    let mut child = project
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(script.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

#[test]
fn scripts_stop_at_the_first_error_with_its_line() {
    let project = Project::sample();
    let script = ".mode csv\nSELECT 1 AS a;\nSELECT nothing;\nSELECT 2 AS b;\n";
    let stops = piped(&project, script, &["sql"]);
    assert_eq!(stops.code, 1, "{}", stops.stderr);
    assert_eq!(stops.stdout, "a\n1\n");
    assert!(stops.stderr.contains("line 3"), "{}", stops.stderr);
    let goes_on = piped(&project, script, &["sql", "--on-error", "continue"]);
    assert_eq!(goes_on.code, 1, "{}", goes_on.stderr);
    assert_eq!(goes_on.stdout, "a\n1\nb\n2\n");
    let file = project.path("script.sql");
    std::fs::write(&file, script).unwrap();
    let read = project.run(["sql", "-f", file.to_str().unwrap()]);
    assert_eq!((read.code, read.stdout.as_str()), (1, "a\n1\n"));
    assert!(
        read.stderr.contains("script.sql") && read.stderr.contains('3'),
        "{}",
        read.stderr
    );
}

#[test]
fn the_shell_reads_lines_from_a_pipe_and_runs_the_init_file_first() {
    let project = Project::sample();
    let config = project.path("home/.config/renkou");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("init.sql"), ".mode json\n").unwrap();
    let with = piped(&project, "SELECT 1 AS a;\n", &["shell"]);
    let rows: serde_json::Value = serde_json::from_str(&with.stdout).unwrap();
    assert_eq!(rows[0]["a"], 1);
    let without = piped(&project, "SELECT 1 AS a;\n", &["shell", "--no-init"]);
    assert_eq!(without.stdout, "a\n1\n");
    // A script gives the same on every desk.
    let script = piped(&project, "SELECT 1 AS a;\n", &["sql"]);
    assert_eq!(script.stdout, "a\n1\n");
}
