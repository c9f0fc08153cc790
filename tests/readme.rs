//! Every command in a `console` block of README.md is run, in order, in one folder, and writes what
//! the page shows.
//!
//! In the page a line that is just `…` stands for any lines, `[..]` for anything within a line.
//! Numbers of seconds, hashes and moments differ from run to run and are not compared.

use std::path::Path;
use std::process::Command;

use regex::Regex;

use crate::common::{Project, REPOSITORY, program};

/// A command of the page and what it shows below.
struct Step {
    line: usize,
    command: String,
    shown: Vec<String>,
}

fn steps(page: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (at, line) in page.lines().enumerate() {
        if line.starts_with("```") {
            inside = line.trim_end() == "```console";
        } else if inside {
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step {
                    line: at + 1,
                    command: command.to_owned(),
                    shown: Vec::new(),
                });
            } else if let Some(more) = line.strip_prefix("> ")
                && let Some(step) = steps.last_mut().filter(|step| step.shown.is_empty())
            {
                step.command.push('\n');
                step.command.push_str(more);
            } else if let Some(step) = steps.last_mut() {
                step.shown.push(line.to_owned());
            }
        }
    }
    steps
}

/// What differs from run to run.
fn plain(text: &str) -> String {
    let rules = [
        (r"\x1b\[[0-9;]*m", ""),
        (r"\b[0-9a-f]{64}\b", "HASH"),
        (
            r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00(:00)?)?",
            "TIME",
        ),
        (r"\b\d+\.\d+ s\b", "SECONDS s"),
        (r"\b[\d,]+ rows/s", "SPEED rows/s"),
        (r"每秒 [\d,]+ 行", "每秒 SPEED 行"),
        (r"\b\d+\.\d+ 秒", "SECONDS 秒"),
    ];
    let mut text = text.to_owned();
    for (pattern, word) in rules {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, word)
            .into_owned();
    }
    text.lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

fn fits(shown: &str, is: &str) -> bool {
    let pattern = shown
        .split("[..]")
        .map(regex::escape)
        .collect::<Vec<_>>()
        .join(".*");
    Regex::new(&format!("^{pattern}$")).unwrap().is_match(is)
}

/// Whether the lines fit; `…` stands for any number of them.
fn all_fit(shown: &[&str], is: &[&str]) -> bool {
    match shown.split_first() {
        None => is.is_empty(),
        Some((&"…", rest)) => (0..=is.len()).any(|skipped| all_fit(rest, &is[skipped..])),
        Some((first, rest)) => is
            .split_first()
            .is_some_and(|(line, others)| fits(first, line) && all_fit(rest, others)),
    }
}

/// Runs a line of the page with a shell that knows the program by its name.
fn run(project: &Project, folder: &Path, command: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_renkou"));
    let own = program(&project.path(""));
    let mut shell = Command::new("sh");
    shell.env_clear().envs(
        own.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let mut path = binary.parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let output = shell
        .current_dir(folder)
        .env("PATH", path)
        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[cfg(unix)]
#[test]
fn the_page_shows_what_the_commands_write() {
    let page = std::fs::read_to_string(Path::new(REPOSITORY).join("README.md")).unwrap();
    let project = Project::bare();
    let folder = project.path("tour");
    std::fs::create_dir(&folder).unwrap();
    let link = |name: &str| {
        std::os::unix::fs::symlink(Path::new(REPOSITORY).join(name), folder.join(name)).unwrap();
    };
    // The page is written for one who stands in the repository.
    for name in ["sample_data", "catalog", "queries"] {
        link(name);
    }
    let mut ran = 0;
    let mut differences = Vec::new();
    for step in steps(&page) {
        // Building the program is what the test's own build did.
        let command = match step.command.strip_prefix("cargo run --release --locked --") {
            Some(arguments) => format!("renkou{arguments}"),
            None if step.command.starts_with("cargo ") || step.command.starts_with("git ") => {
                continue;
            }
            None => step.command.clone(),
        };
        ran += 1;
        let is = plain(&run(&project, &folder, &command));
        let shown = plain(&step.shown.join("\n"));
        let (shown, is) = (shown.trim_end(), is.trim_end());
        // A command with nothing below it is only run.
        if shown.is_empty() {
            continue;
        }
        let (a, b): (Vec<&str>, Vec<&str>) = (shown.lines().collect(), is.lines().collect());
        if !all_fit(&a, &b) {
            differences.push(format!(
                "README.md:{}: $ {}\n--- the page shows\n{}\n--- it writes\n{}",
                step.line, step.command, shown, is
            ));
        }
    }
    assert!(ran > 3, "README.md has no console blocks");
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn the_two_set_up_commands_are_on_the_page() {
    let page = std::fs::read_to_string(Path::new(REPOSITORY).join("README.md")).unwrap();
    for command in [
        "cargo run --release --locked -- demo",
        "cargo test --locked",
    ] {
        assert!(page.contains(command), "{command}");
    }
}

#[test]
fn ellipses_and_gaps_fit_as_described() {
    assert!(all_fit(&["a", "…", "z"], &["a", "b", "c", "z"]));
    assert!(all_fit(&["…"], &[]));
    assert!(!all_fit(&["a"], &["a", "b"]));
    assert!(fits("[..] rows in [..]", "12 rows in 3 s"));
    assert!(!fits("a.c", "abc"));
    assert_eq!(
        plain("took 0.12 s, 1,234 rows/s"),
        "took SECONDS s, SPEED rows/s"
    );
}
