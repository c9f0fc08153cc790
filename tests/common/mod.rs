//! A warehouse in a temporary folder, and the program to use it with: nothing of the machine's own
//! environment reaches it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

/// The folder of the repository.
pub(crate) const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// What a command wrote and how it ended; the code is -1 when a signal ended it.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// A folder with `warehouse`, `home` and `tmp`, gone when dropped.
#[derive(Debug)]
pub(crate) struct Project {
    root: TempDir,
}

impl Project {
    /// No warehouse yet.
    pub(crate) fn bare() -> Self {
        let root = tempfile::tempdir().unwrap();
        for name in ["home", "tmp"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        Self { root }
    }

    /// An empty warehouse.
    pub(crate) fn empty() -> Self {
        let project = Self::bare();
        let folder = project.folder();
        project.ok([OsStr::new("init"), folder.as_os_str()]);
        project
    }

    /// A warehouse with the sample data: a copy of one that all tests share.
    pub(crate) fn sample() -> Self {
        let project = Self::bare();
        copy(&shared().folder, &project.folder());
        project
    }

    /// The same warehouse, as it is now, in a folder of its own.
    pub(crate) fn twin(&self) -> Self {
        let project = Self::bare();
        copy(&self.folder(), &project.folder());
        project
    }

    /// The warehouse.
    pub(crate) fn folder(&self) -> PathBuf {
        self.root.path().join("warehouse")
    }

    /// A path beside the warehouse.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// The program with this warehouse, not started.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = program(self.root.path());
        command.env("RENKOU_WAREHOUSE", self.folder()).args(args);
        command
    }

    /// Runs the program.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        finish(&mut self.command(args))
    }

    /// Runs the program, which must succeed.
    pub(crate) fn ok<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        let mut command = self.command(args);
        let output = finish(&mut command);
        assert_eq!(output.code, 0, "{command:?}\n{}", output.stderr);
        output
    }

    /// Ingests `paths`, whatever becomes of the single files; returns the run report.
    pub(crate) fn ingest(&self, paths: &[PathBuf]) -> Value {
        let (report, output) = self.try_ingest(paths, &[]);
        report.unwrap_or_else(|| panic!("no run report: {}", output.stderr))
    }

    /// Ingests `paths` with further arguments; the run report when there is one.
    pub(crate) fn try_ingest(&self, paths: &[PathBuf], args: &[&str]) -> (Option<Value>, Output) {
        let mut command = self.command(["ingest", "--format", "json"]);
        let output = finish(command.args(args).args(paths));
        (serde_json::from_str(&output.stdout).ok(), output)
    }

    /// The CSV that a statement gives.
    pub(crate) fn sql(&self, sql: &str) -> String {
        self.ok(["sql", "--format", "csv", "-c", sql]).stdout
    }

    /// The same at an older snapshot.
    pub(crate) fn sql_at(&self, snapshot: i64, sql: &str) -> String {
        self.ok([
            "--as-of",
            &snapshot.to_string(),
            "sql",
            "--format",
            "csv",
            "-c",
            sql,
        ])
        .stdout
    }

    /// The one number that a statement gives.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        number(&self.sql(sql))
    }

    /// The same at an older snapshot.
    pub(crate) fn number_at(&self, snapshot: i64, sql: &str) -> i64 {
        number(&self.sql_at(snapshot, sql))
    }

    /// The newest snapshot.
    pub(crate) fn snapshot(&self) -> i64 {
        let history = self.ok(["history"]).stdout;
        let last = history.lines().last().unwrap();
        last.split_whitespace().next().unwrap().parse().unwrap()
    }

    /// The CSV of several statements, from one run of the program.
    pub(crate) fn sql_each(&self, snapshot: Option<i64>, statements: &[String]) -> Vec<String> {
        const MARK: &str = "next statement";
        let snapshot = snapshot.map(|snapshot| snapshot.to_string());
        let mut args: Vec<&str> = snapshot
            .iter()
            .flat_map(|snapshot| ["--as-of", snapshot.as_str()])
            .collect();
        args.extend(["sql", "--format", "csv"]);
        let mark = format!("SELECT 1 AS \"{MARK}\"");
        for statement in statements {
            args.extend(["-c", &mark, "-c", statement]);
        }
        let text = self.ok(args).stdout;
        let parts: Vec<String> = text
            .split(&format!("{MARK}\n1\n"))
            .skip(1)
            .map(str::to_owned)
            .collect();
        assert_eq!(parts.len(), statements.len(), "{text}");
        parts
    }

    /// Every row of every table, in a fixed order, without the times of receipt. Snapshot numbers
    /// are left out too: they count attempts.
    pub(crate) fn dump(&self) -> String {
        self.dump_of(None)
    }

    /// The same at an older snapshot.
    pub(crate) fn dump_at(&self, snapshot: i64) -> String {
        self.dump_of(Some(snapshot))
    }

    fn dump_of(&self, snapshot: Option<i64>) -> String {
        let mut statements: Vec<String> = RECORDS
            .iter()
            .map(|table| format!("SELECT * FROM {table}"))
            .collect();
        statements.push(
            "SELECT delivery_id, source, period, place, file_name, rows_read, rows_accepted, rows_rejected, \
             status, superseded_by FROM deliveries"
                .to_owned(),
        );
        let mut text = String::new();
        for (statement, csv) in statements.iter().zip(self.sql_each(snapshot, &statements)) {
            let mut lines: Vec<&str> = csv.lines().collect();
            lines[1..].sort_unstable();
            text.push_str(&format!("-- {statement}\n{}\n", lines.join("\n")));
        }
        text
    }
}

/// Tables whose rows say where they came from.
pub(crate) const RECORDS: [&str; 15] = [
    "adoptions",
    "birth_certificates",
    "birth_counts",
    "deaths",
    "development_plans",
    "divorces",
    "fertility_registrations",
    "household_register",
    "household_visits",
    "marriages",
    "maternity_insurance",
    "population_statistics",
    "rejects",
    "survey_persons",
    "warnings",
];

/// The first lines in which two dumps differ, for people.
pub(crate) fn difference(a: &str, b: &str) -> Option<String> {
    if a == b {
        return None;
    }
    let mut table = "";
    for (left, right) in a.lines().zip(b.lines()) {
        if left.starts_with("-- ") {
            table = left;
        }
        if left != right {
            return Some(format!("{table}\n  one:   {left}\n  other: {right}"));
        }
    }
    Some(format!(
        "{} lines against {}",
        a.lines().count(),
        b.lines().count()
    ))
}

/// The one number in a CSV of one cell.
fn number(csv: &str) -> i64 {
    let cell = csv
        .lines()
        .nth(1)
        .unwrap_or_else(|| panic!("no row in {csv:?}"));
    cell.parse()
        .unwrap_or_else(|_| panic!("not a number: {csv:?}"))
}

/// The warehouse that all tests copy, and how it came about.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) folder: PathBuf,
    /// The run report of the ingest.
    pub(crate) report: Value,
    /// What `init` and `ingest` wrote.
    pub(crate) init: Output,
    pub(crate) ingest: Output,
}

/// Ingests the sample data once in the life of the test binary.
pub(crate) fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
        forget_old(base);
        let root = base.join(format!("sample-{}", std::process::id()));
        for name in ["home", "tmp"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        let folder = root.join("warehouse");
        let mut command = program(&root);
        let init = finish(command.arg("init").arg(&folder));
        assert_eq!(init.code, 0, "{}", init.stderr);
        let mut command = program(&root);
        command
            .arg("--warehouse")
            .arg(&folder)
            .args(["ingest", "--format", "json"]);
        let ingest = finish(command.args(sample_folders()));
        let report = serde_json::from_str(&ingest.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", ingest.stdout, ingest.stderr));
        Shared {
            folder,
            report,
            init,
            ingest,
        }
    })
}

/// A static is never dropped: what test runs of earlier hours left goes now.
fn forget_old(base: &Path) {
    let Ok(entries) = std::fs::read_dir(base) else {
        return;
    };
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .map(|time| SystemTime::now().duration_since(time));
        let old = matches!(age, Ok(Ok(age)) if age > Duration::from_secs(3600));
        if old && entry.file_name().to_string_lossy().starts_with("sample-") {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The folder of the bundled exports.
pub(crate) fn sample_data() -> PathBuf {
    Path::new(REPOSITORY).join("sample_data")
}

/// The departments' folders in it, without the expectations beside them.
pub(crate) fn sample_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(sample_data())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The files of a department whose name holds all of `parts`.
pub(crate) fn sample_files(department: &str, parts: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(sample_data().join(department))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            parts.iter().all(|part| name.contains(part))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no sample file {department}/{parts:?}");
    files
}

/// The one file of a department whose name holds all of `parts`.
pub(crate) fn sample_file(department: &str, parts: &[&str]) -> PathBuf {
    let mut files = sample_files(department, parts);
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// The entry of a run report for the file whose path ends with `end`.
pub(crate) fn entry<'a>(report: &'a Value, end: &str) -> &'a Value {
    let files = report["files"].as_array().unwrap();
    files
        .iter()
        .find(|file| file["file"].as_str().unwrap().ends_with(end))
        .unwrap_or_else(|| panic!("`{end}` is not in the run report"))
}

/// The program with an environment of its own, started in `root`.
pub(crate) fn program(root: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_renkou"));
    command
        .current_dir(root)
        .env_clear()
        .env("HOME", root.join("home"))
        .env("TMPDIR", root.join("tmp"))
        .env("TMP", root.join("tmp"))
        .env("TEMP", root.join("tmp"))
        .env("NO_COLOR", "1")
        .env("RENKOU_LANG", "en")
        .stdin(Stdio::null());
    // Windows programs do not start without it.
    if let Some(system) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", system);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn finish(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    Output {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
    // Folders of secrets are closed to others.
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
}

/// Every file below `folder`, sorted.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// The rows of a CSV text, the header among them.
pub(crate) fn csv(text: &str) -> Vec<Vec<String>> {
    delimited(text, ',')
}

/// The rows of a text whose cells are split by `delimiter`.
pub(crate) fn delimited(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let mut rows = vec![Vec::new()];
    let mut cell = String::new();
    let mut quoted = false;
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            _ if letter == delimiter && !quoted => {
                rows.last_mut().unwrap().push(std::mem::take(&mut cell));
            }
            '\r' if !quoted => {}
            '\n' if !quoted => {
                rows.last_mut().unwrap().push(std::mem::take(&mut cell));
                rows.push(Vec::new());
            }
            other => cell.push(other),
        }
    }
    match rows.last_mut() {
        Some(last) if !last.is_empty() || !cell.is_empty() => last.push(cell),
        _ => {
            rows.pop();
        }
    }
    rows
}

/// The rows of a CSV text below its header, as columns of the given names.
pub(crate) fn records<const N: usize>(text: &str, columns: [&str; N]) -> Vec<[String; N]> {
    let rows = csv(text);
    let places = columns.map(|name| {
        rows[0]
            .iter()
            .position(|header| header == name)
            .unwrap_or_else(|| panic!("no column {name} in {:?}", rows[0]))
    });
    rows[1..]
        .iter()
        .map(|row| places.map(|place| row[place].clone()))
        .collect()
}
