//! Departments: who owns data (`departments.yaml`).

use std::collections::BTreeSet;

use serde::Deserialize;

use super::problem::Problem;
use super::yaml::{Entries, read};
use crate::msg;

/// A department, or the townships as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its name in files and tables, e.g. `civil_affairs`.
    pub id: String,
    /// English name.
    pub title: String,
    /// Chinese name.
    pub title_zh: String,
    /// Other names it goes by in file and folder names.
    pub aliases: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    departments: Entries<Raw>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    title: String,
    title_zh: String,
    #[serde(default)]
    aliases: Vec<String>,
}

/// Reads `departments.yaml`, in its order.
pub(super) fn departments(file: &str, text: &str, problems: &mut Vec<Problem>) -> Vec<Department> {
    let entries = match read::<File>(file, text) {
        Ok(read) => read.departments.0,
        Err(problem) => {
            problems.push(*problem);
            return Vec::new();
        }
    };
    let mut seen = BTreeSet::new();
    let mut departments = Vec::with_capacity(entries.len());
    for (id, raw) in entries {
        for name in raw.aliases.iter().chain([&id.value, &raw.title_zh]) {
            if !seen.insert(name.clone()) {
                problems.push(Problem::new(
                    file,
                    id.place,
                    msg!(
                        "two departments are called `{name}`",
                        "有两个部门都叫 `{name}`"
                    ),
                ));
            }
        }
        let Raw {
            title,
            title_zh,
            aliases,
        } = raw;
        departments.push(Department {
            id: id.value,
            title,
            title_zh,
            aliases,
        });
    }
    departments
}
