//! The catalog and the queries that come inside the binary.

use std::path::Path;

use include_dir::{Dir, include_dir};

use super::{Catalog, Files, Problem};
use crate::error::{Context, Result};
use crate::msg;

static CATALOG: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/catalog");
static QUERIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// Writes the default `catalog/` and `queries/` into a warehouse folder; files that are there
/// already belong to the user and stay.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_defaults(folder: &Path) -> Result<()> {
    for (name, dir) in [("catalog", &CATALOG), ("queries", &QUERIES)] {
        write(dir, &folder.join(name)).context(|| {
            msg!(
                "cannot write the default `{name}` folder",
                "无法写入默认的 `{name}` 文件夹"
            )
        })?;
    }
    Ok(())
}

fn write(dir: &Dir<'_>, folder: &Path) -> std::io::Result<()> {
    fs_err::create_dir_all(folder)?;
    for file in dir.files() {
        if let Some(name) = file.path().file_name() {
            let path = folder.join(name);
            if !path.exists() {
                fs_err::write(path, file.contents())?;
            }
        }
    }
    for dir in dir.dirs() {
        if let Some(name) = dir.path().file_name() {
            write(dir, &folder.join(name))?;
        }
    }
    Ok(())
}

/// Text of the embedded queries: path within `queries/` and content, ordered by path.
#[must_use]
pub fn queries() -> Vec<(String, String)> {
    let mut files = Files::new();
    collect(&QUERIES, &mut files);
    files
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned()))
        .collect()
}

/// Adds what a warehouse of an older program does not have: the tables that Renkou itself keeps, and the
/// checks when it has none at all.
pub(super) fn complete(files: &mut Files) {
    let mut shipped = Files::new();
    collect(&CATALOG, &mut shipped);
    let has_checks = files.keys().any(|file| file.starts_with("checks/"));
    for (file, content) in shipped {
        let text = String::from_utf8_lossy(&content);
        let is_own = file.starts_with("tables/")
            && text
                .lines()
                .any(|line| matches!(line, "kind: log" | "kind: system"));
        if is_own || (file.starts_with("checks/") && !has_checks) {
            files.entry(file).or_insert(content);
        }
    }
}

impl Catalog {
    /// The catalog inside the binary.
    ///
    /// # Errors
    /// Never for a released binary: a test keeps the shipped catalog free of problems.
    pub fn builtin() -> std::result::Result<Self, Vec<Problem>> {
        let mut files = Files::new();
        collect(&CATALOG, &mut files);
        Self::from_files(&files)
    }
}

fn collect(dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        files.insert(path, file.contents().to_vec());
    }
    for dir in dir.dirs() {
        collect(dir, files);
    }
}
