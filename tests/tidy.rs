//! The order of modules and the fences between them, read from the source text.

use std::path::Path;

use regex::Regex;

use crate::common::{REPOSITORY, files_below, program, sample_folders};

/// A Rust file of the library: its path below `src` and its text without comments.
struct Source {
    path: String,
    text: String,
    code: String,
}

fn sources() -> Vec<Source> {
    let folder = Path::new(REPOSITORY).join("src");
    let files = files_below(&folder);
    files
        .iter()
        // The build script is not part of the library.
        .filter(|path| {
            path.extension().is_some_and(|end| end == "rs") && !path.ends_with("src/build.rs")
        })
        .map(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            let code = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect::<Vec<_>>()
                .join("\n");
            let path = path
                .strip_prefix(&folder)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            Source { path, text, code }
        })
        .collect()
}

/// The modules of `src/lib.rs`, in its order.
fn modules() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(REPOSITORY).join("src/lib.rs")).unwrap();
    let line = Regex::new(r"(?m)^\s*(?:pub(?:\(crate\))? )?mod (\w+);").unwrap();
    line.captures_iter(&text)
        .map(|found| found[1].to_owned())
        .collect()
}

fn none(problems: Vec<String>) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn modules_are_listed_in_pipeline_order() {
    const PIPELINE: [&str; 20] = [
        "error",
        "domain",
        "demography",
        "catalog",
        "vault",
        "warehouse",
        "output",
        "query",
        "publish",
        "export",
        "site",
        "ingest",
        "linkage",
        "quality",
        "forecast",
        "report",
        "schedule",
        "serve",
        "shell",
        "cli",
    ];
    let modules = modules();
    let places: Vec<usize> = modules
        .iter()
        .map(|module| {
            PIPELINE.iter().position(|known| known == module).unwrap_or_else(|| {
                panic!("`{module}` has no place in the pipeline: tell it here and in src/ARCHITECTURE.md")
            })
        })
        .collect();
    assert!(places.is_sorted(), "{modules:?}");
}

#[test]
fn a_module_imports_only_from_modules_above_it() {
    let modules = modules();
    let place = |name: &str| modules.iter().position(|module| module == name);
    // `use crate::{a, b::c}` counts for both.
    let single = Regex::new(r"\bcrate::(\w+)").unwrap();
    let group = Regex::new(r"(?s)\bcrate::\{(.*?)\};").unwrap();
    let first = Regex::new(r"(?:^|,)\s*(\w+)").unwrap();
    let mut problems = Vec::new();
    for source in sources() {
        let own = source.path.split(['/', '.']).next().unwrap().to_owned();
        let Some(here) = place(&own) else { continue };
        let mut names: Vec<String> = single
            .captures_iter(&source.code)
            .map(|found| found[1].to_owned())
            .collect();
        for found in group.captures_iter(&source.code) {
            let mut inner = found[1].to_owned();
            let braces = Regex::new(r"\{[^{}]*\}").unwrap();
            while braces.is_match(&inner) {
                inner = braces.replace_all(&inner, "").into_owned();
            }
            names.extend(first.captures_iter(&inner).map(|found| found[1].to_owned()));
        }
        names.sort();
        names.dedup();
        for name in names {
            // The macro stands at the root of the crate; it belongs to `error`.
            if name == "msg" {
                continue;
            }
            match place(&name) {
                Some(there) if there <= here => {}
                Some(_) => problems.push(format!(
                    "src/{}: imports `{name}`, which comes after `{own}`",
                    source.path
                )),
                None => problems.push(format!(
                    "src/{}: `crate::{name}` is no module of src/lib.rs",
                    source.path
                )),
            }
        }
    }
    none(problems);
}

/// Where something may stand: words that give it away, and paths below `src` that may say them.
struct Fence {
    what: &'static str,
    pattern: &'static str,
    inside: &'static [&'static str],
    /// Whether unit tests may, too.
    tests_may: bool,
}

const FENCES: &[Fence] = &[
    Fence {
        what: "parsing arguments",
        pattern: r"\bclap\b",
        inside: &["cli/", "main.rs"],
        tests_may: false,
    },
    Fence {
        what: "the line editor",
        pattern: r"\brustyline\b",
        inside: &["shell/edge.rs", "cli/"],
        tests_may: false,
    },
    Fence {
        what: "SQLite",
        pattern: r"\brusqlite\b",
        inside: &["warehouse/", "error.rs"],
        tests_may: false,
    },
    Fence {
        what: "the query engine",
        pattern: r"\bdatafusion\b",
        // `query`, `export` and `quality` hand over parameters as its scalars, `cli` passes its
        // streams on.
        inside: &[
            "warehouse/",
            "query/",
            "export.rs",
            "export/",
            "quality/examine.rs",
            "cli/",
            "error.rs",
        ],
        tests_may: false,
    },
    Fence {
        what: "printing",
        pattern: r"\b(?:println|eprintln|print|eprint|dbg)!\s*[(\[{]|\bio::(?:stdout|stderr)\b|\b(?:stdout|stderr)\(\)",
        inside: &["cli/ui.rs", "cli/show.rs"],
        tests_may: true,
    },
    Fence {
        what: "the clock",
        pattern: r"\b(?:Utc|Local|SystemTime)::now\b",
        inside: &["cli/"],
        tests_may: true,
    },
    Fence {
        what: "measuring time",
        pattern: r"\bInstant::now\b",
        inside: &["cli/", "ingest/mod.rs", "shell/run.rs"],
        tests_may: true,
    },
    Fence {
        what: "the environment",
        pattern: r"\benv::(?:var|var_os|vars|vars_os|args|args_os)\b",
        inside: &["cli/"],
        tests_may: true,
    },
    Fence {
        what: "YAML",
        pattern: r"\bserde_yaml\b|\bserde_saphyr\b",
        inside: &[
            "catalog/",
            "linkage/config.rs",
            "query/",
            "warehouse/mod.rs",
        ],
        tests_may: false,
    },
    Fence {
        what: "ending the process",
        pattern: r"\bprocess::(?:exit|abort)\b",
        inside: &["cli/mod.rs"],
        tests_may: false,
    },
];

#[test]
fn fences_hold() {
    let mut problems = Vec::new();
    for fence in FENCES {
        let pattern = Regex::new(fence.pattern).unwrap();
        for source in sources() {
            if fence
                .inside
                .iter()
                .any(|path| source.path.starts_with(path))
            {
                continue;
            }
            let code = match source.code.find("#[cfg(test)]") {
                Some(tests) if fence.tests_may => &source.code[..tests],
                _ => source.code.as_str(),
            };
            for line in code.lines().filter(|line| pattern.is_match(line)) {
                problems.push(format!(
                    "src/{}: {} is only for {:?}: {}",
                    source.path,
                    fence.what,
                    fence.inside,
                    line.trim()
                ));
            }
        }
    }
    none(problems);
}

#[test]
fn every_folder_of_code_says_what_it_is_for() {
    let problems = sources()
        .into_iter()
        .filter(|source| source.path.ends_with("/mod.rs") && !source.text.starts_with("//!"))
        .map(|source| format!("src/{} does not open with `//!`", source.path));
    none(problems.collect());
}

#[test]
fn architecture_names_every_module() {
    let page = std::fs::read_to_string(Path::new(REPOSITORY).join("src/ARCHITECTURE.md")).unwrap();
    let problems = modules()
        .into_iter()
        .filter(|module| !page.contains(&format!("`{module}`")))
        .map(|module| format!("src/ARCHITECTURE.md does not name `{module}`"));
    none(problems.collect());
}

#[test]
fn every_sample_file_is_in_the_catalogue_of_samples() {
    let page =
        std::fs::read_to_string(Path::new(REPOSITORY).join("sample_data/README.md")).unwrap();
    let mut problems = Vec::new();
    for path in sample_folders()
        .iter()
        .flat_map(|folder| files_below(folder))
    {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !page.contains(&format!("**{name}**")) && !page.contains(&format!("**{name}/")) {
            problems.push(format!("sample_data/README.md does not tell of `{name}`"));
        }
    }
    none(problems);
}

#[test]
fn every_command_is_in_the_table_of_commands() {
    let folder = tempfile::tempdir().unwrap();
    let help = program(folder.path()).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let list = help
        .split_once("Commands:")
        .unwrap()
        .1
        .split_once("Options:")
        .unwrap()
        .0
        .to_owned();
    let name = Regex::new(r"(?m)^  ([a-z]+)\b").unwrap();
    let page = std::fs::read_to_string(Path::new(REPOSITORY).join("README.md")).unwrap();
    let table: Vec<&str> = page
        .lines()
        .filter(|line| line.trim_start().starts_with('|'))
        .collect();
    let mut problems = Vec::new();
    let mut commands = 0;
    for found in name.captures_iter(&list) {
        let command = &found[1];
        if command == "help" {
            continue;
        }
        commands += 1;
        let named = Regex::new(&format!(r"`(?:renkou )?{command}[ `]")).unwrap();
        if !table.iter().any(|line| named.is_match(line)) {
            problems.push(format!("README.md: no row of a table names `{command}`"));
        }
    }
    assert!(commands >= 15, "{help}");
    none(problems);
}

#[test]
fn the_repository_holds_no_machine_paths() {
    // A path of somebody's machine in a shipped file helps nobody and tells too much.
    let pattern = Regex::new(r"/work/|/home/\w+/|[A-Z]:\\\\Users\\\\").unwrap();
    let mut problems = Vec::new();
    for folder in ["src", "catalog", "queries", "tests", "examples", "benches"] {
        let folder = Path::new(REPOSITORY).join(folder);
        if !folder.exists() {
            continue;
        }
        for path in files_below(&folder) {
            // The pattern stands in this file.
            if path.ends_with("tests/tidy.rs") {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            for line in text.lines().filter(|line| pattern.is_match(line)) {
                problems.push(format!("{}: {}", path.display(), line.trim()));
            }
        }
    }
    none(problems);
}
