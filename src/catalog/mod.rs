//! YAML and CSV of a warehouse's `catalog/` folder -> typed definitions, or problems with file,
//! line, column and the nearest valid name.
//!
//! Entry points: [`Catalog::load`] and [`Catalog::builtin`]. Everything a source file names is
//! settled here, so what follows works with positions and enums: no name can be unknown later, and
//! no expression can put an identity into a column. Never reads data files, never touches the lake.

mod check;
mod department;
mod embedded;
mod expression;
mod field;
mod nearest;
mod parser;
mod problem;
mod rule;
mod rule_file;
mod schedule;
mod source;
mod source_file;
mod table;
mod value;
mod yaml;

pub(crate) use yaml::read as read_yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

pub use check::{Check, Gravity, Heading, Owner, Trial};
pub use department::Department;
pub use embedded::{queries, write_defaults};
pub use expression::{ContextItem, Expression, Function, KeyKind};
pub use field::{Field, FieldType, Unmapped};
pub use nearest::nearest;
pub use problem::Problem;
pub use rule::{ID_STATUSES, Rule, Severity, Subject, rule_title};
pub use schedule::{CatchUp, Overlap, Readers, Schedule, When, Word};
pub use source::{Period, Recognise, Skip, SkipWhen, Source, Supersedes, Unpivot};
pub use table::{Column, ColumnType, Table, TableKind};

use crate::msg;
use nearest::suggestion;

/// Everything a county can change without code.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// Departments, in the order of their file.
    pub departments: Vec<Department>,
    /// Tables by name.
    pub tables: BTreeMap<String, Table>,
    /// Sources by `<department>/<source>`.
    pub sources: BTreeMap<String, Source>,
    /// Code lists: CSV text by list name.
    pub codes: BTreeMap<String, String>,
    /// The divisions: CSV text of `regions.csv`.
    pub regions_csv: String,
    /// Saved queries at set times, in the order of their file.
    pub schedules: Vec<Schedule>,
    /// Rules over accepted data, by name.
    pub checks: Vec<Check>,
}

/// Content of catalog files by path relative to the catalog folder, parts joined by `/`.
type Files = BTreeMap<String, Vec<u8>>;

impl Catalog {
    /// Reads a catalog folder.
    ///
    /// # Errors
    /// Everything that is wrong in it, by file.
    pub fn load(folder: &Path) -> Result<Self, Vec<Problem>> {
        let mut files = Files::new();
        if let Err(error) = gather(folder, "", &mut files) {
            let error = error.to_string();
            return Err(vec![Problem::of_file(
                "catalog",
                msg!(
                    "cannot read the catalog folder: {error}",
                    "无法读取目录（`catalog` 文件夹）：{error}"
                ),
            )]);
        }
        embedded::complete(&mut files);
        Self::from_files(&files)
    }

    /// The check called `name`.
    #[must_use]
    pub fn check(&self, name: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.name == name)
    }

    /// The department called `id`.
    #[must_use]
    pub fn department(&self, id: &str) -> Option<&Department> {
        self.departments
            .iter()
            .find(|department| department.id == id)
    }

    fn from_files(files: &Files) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
        for (file, bytes) in files {
            match utf8(file, bytes) {
                Ok(text) => {
                    texts.insert(file, text);
                }
                Err(problem) => problems.push(*problem),
            }
        }

        let mut required = |file: &str| match texts.get(file) {
            Some(text) => (*text).to_owned(),
            None => {
                if !files.contains_key(file) {
                    problems.push(Problem::of_file(
                        file,
                        msg!("the file is missing", "缺少该文件"),
                    ));
                }
                String::new()
            }
        };
        let departments_yaml = required("departments.yaml");
        let regions_csv = required("regions.csv");
        let departments = if departments_yaml.is_empty() {
            Vec::new()
        } else {
            department::departments("departments.yaml", &departments_yaml, &mut problems)
        };
        // Older warehouses have no such file.
        let schedules = texts.get("schedules.yaml").map_or_else(Vec::new, |text| {
            schedule::schedules("schedules.yaml", text, &mut problems)
        });
        let codes: BTreeMap<String, String> = texts
            .iter()
            .filter_map(|(file, text)| {
                let list = file.strip_prefix("codes/")?.strip_suffix(".csv")?;
                Some((list.to_owned(), (*text).to_owned()))
            })
            .collect();
        let lists = || codes.keys().map(String::as_str).collect();

        let (mut tables, mut broken) = (BTreeMap::new(), BTreeSet::new());
        let known = table::Known {
            departments: departments
                .iter()
                .map(|department| department.id.as_str())
                .collect(),
            lists: lists(),
        };
        for (file, text) in &texts {
            let Some(name) = definition(file, "tables/", &mut problems) else {
                continue;
            };
            match table::table(file, name, text, &known, &mut problems) {
                Some(table) => drop(tables.insert(name.to_owned(), table)),
                None => drop(broken.insert(name)),
            }
        }
        distinct_views(&tables, &mut problems);

        let mut checks = Vec::new();
        let scope = check::Known {
            departments: known.departments.iter().copied().collect(),
            tables: &tables,
            broken: &broken,
        };
        for (file, text) in &texts {
            if let Some(name) = definition(file, "checks/", &mut problems) {
                checks.extend(check::check(file, name, text, &scope, &mut problems));
            }
        }

        let mut sources = BTreeMap::new();
        let scope = source_file::Known {
            tables: &tables,
            broken,
            lists: lists(),
        };
        for (file, text) in &texts {
            let Some(id) = definition(file, "sources/", &mut problems) else {
                continue;
            };
            match id.split('/').collect::<Vec<_>>()[..] {
                [department, _] if known.departments.contains(&department) => {}
                [department, _] => problems.push(
                    Problem::of_file(
                        file,
                        msg!(
                            "unknown department `{department}`",
                            "未知的部门 `{department}`"
                        ),
                    )
                    .hint(suggestion(department, known.departments.iter().copied())),
                ),
                _ => problems.push(Problem::of_file(
                    file,
                    msg!(
                        "a source is `sources/<department>/<source>.yaml`",
                        "来源文件应为 `sources/<部门>/<来源>.yaml`"
                    ),
                )),
            }
            if let Some(source) = source_file::source(file, id, text, &scope, &mut problems) {
                sources.insert(id.to_owned(), source);
            }
        }

        if problems.is_empty() {
            Ok(Self {
                departments,
                tables,
                sources,
                codes,
                regions_csv,
                schedules,
                checks,
            })
        } else {
            problems.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
            Err(problems)
        }
    }
}

/// The name of a definition file below `folder`: its path without folder and `.yaml`.
fn definition<'a>(file: &'a str, folder: &str, problems: &mut Vec<Problem>) -> Option<&'a str> {
    let rest = file.strip_prefix(folder)?;
    let name = rest.strip_suffix(".yaml");
    if name.is_none() && rest.ends_with(".yml") {
        problems.push(
            Problem::of_file(file, msg!("the file would be ignored", "该文件会被忽略"))
                .hint(Some(msg!("rename it to `.yaml`", "请改名为 `.yaml`"))),
        );
    }
    name
}

/// Chinese view names share one namespace.
fn distinct_views(tables: &BTreeMap<String, Table>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for table in tables.values() {
        let title = &table.title_zh;
        if !seen.insert(title) {
            problems.push(Problem::of_file(
                &format!("tables/{}.yaml", table.name),
                msg!("two tables are called `{title}`", "有两张表都叫 `{title}`"),
            ));
        }
    }
}

/// The text of a file, without byte order mark.
fn utf8<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Box<Problem>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
            let line = valid.matches('\n').count() as u32 + 1;
            let column = valid
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count() as u32
                + 1;
            let message = msg!("the file is not UTF-8", "该文件不是 UTF-8 编码");
            let hint = Some(msg!("save it as UTF-8", "请另存为 UTF-8 编码"));
            Err(Box::new(
                Problem::new(file, (line, column), message).hint(hint),
            ))
        }
    }
}

/// Reads the YAML and CSV files below `folder`.
fn gather(folder: &Path, prefix: &str, files: &mut Files) -> io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(['.', '~']) {
            continue; // editors' and Office's own files
        }
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &format!("{path}/"), files)?;
        } else if [".yaml", ".yml", ".csv"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            files.insert(path, fs_err::read(entry.path())?);
        }
    }
    Ok(())
}

/// The schedules of a text, for the tests of what works with them.
#[cfg(test)]
pub(crate) fn schedules_of(text: &str) -> Result<Vec<Schedule>, Vec<Problem>> {
    let mut problems = Vec::new();
    let found = schedule::schedules("schedules.yaml", text, &mut problems);
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests;
