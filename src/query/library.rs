//! All saved queries of a warehouse: `queries/<group>/<name>.sql`.

use std::path::{Path, PathBuf};

use super::header::SavedQuery;
use super::order;
use crate::catalog::{Problem, nearest};
use crate::error::{Error, Result};
use crate::msg;

/// The saved queries, ordered by group and name.
#[derive(Debug, Clone, Default)]
pub struct Library {
    queries: Vec<SavedQuery>,
}

impl Library {
    /// Reads every `.sql` file below `folder`; hidden files and folders are left alone.
    ///
    /// # Errors
    /// Everything wrong in any of them.
    pub fn load(folder: &Path) -> std::result::Result<Self, Vec<Problem>> {
        Self::without_problems(Self::inspect(folder))
    }

    /// The queries without problems, and everything wrong with the others.
    #[must_use]
    pub fn inspect(folder: &Path) -> (Self, Vec<Problem>) {
        let root = folder
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut paths = Vec::new();
        let mut problems = Vec::new();
        if let Err(error) = list(folder, &mut paths) {
            problems.push(Problem::of_file(
                &root,
                msg!("cannot be read: {error}", "无法读取：{error}"),
            ));
        }
        let mut files = Vec::new();
        for path in paths {
            let inside = path.strip_prefix(folder).unwrap_or(&path);
            let inside = inside.to_string_lossy().replace('\\', "/");
            match fs_err::read_to_string(&path) {
                Ok(text) => files.push((inside, text)),
                Err(error) => problems.push(Problem::of_file(
                    &format!("{root}/{inside}"),
                    msg!("cannot be read: {error}", "无法读取：{error}"),
                )),
            }
        }
        Self::collect(&root, &files, problems)
    }

    /// The same from texts: path below `queries/` and content.
    ///
    /// # Errors
    /// Everything wrong in any of them.
    pub fn from_files(files: &[(String, String)]) -> std::result::Result<Self, Vec<Problem>> {
        Self::without_problems(Self::collect("queries", files, Vec::new()))
    }

    fn without_problems(
        (library, problems): (Self, Vec<Problem>),
    ) -> std::result::Result<Self, Vec<Problem>> {
        if problems.is_empty() {
            Ok(library)
        } else {
            Err(problems)
        }
    }

    fn collect(
        root: &str,
        files: &[(String, String)],
        mut problems: Vec<Problem>,
    ) -> (Self, Vec<Problem>) {
        let mut queries: Vec<SavedQuery> = Vec::new();
        for (path, text) in files {
            let Some(stem) = path.strip_suffix(".sql") else {
                continue;
            };
            let (group, name) = stem.rsplit_once('/').unwrap_or(("", stem));
            let file = format!("{root}/{path}");
            if let Some(other) = queries.iter().find(|query| query.name == name) {
                let group = &other.group;
                problems.push(Problem::of_file(
                    &file,
                    msg!(
                        "`{group}` has a query `{name}` already",
                        "`{group}` 中已有名为 `{name}` 的查询"
                    ),
                ));
            }
            match SavedQuery::parse(&file, group, name, text) {
                Ok(query) => queries.push(query),
                Err(found) => problems.extend(found),
            }
        }
        let names: Vec<&str> = files
            .iter()
            .filter_map(|(path, _)| path.strip_suffix(".sql"))
            .map(|stem| stem.rsplit('/').next().unwrap_or(stem))
            .collect();
        let (mut queries, found) = order::built(queries, &names);
        problems.extend(found);
        queries.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
        (Self { queries }, problems)
    }

    /// The query of this name, or `group/name`.
    ///
    /// # Errors
    /// A usage error with the nearest name when there is none.
    pub fn get(&self, name: &str) -> Result<&SavedQuery> {
        let wanted = |query: &&SavedQuery| match name.rsplit_once('/') {
            Some((group, name)) => query.group == group && query.name == name,
            None => query.name == name,
        };
        self.queries.iter().find(wanted).ok_or_else(|| {
            let last = name.rsplit('/').next().unwrap_or(name);
            let hint = match nearest(last, self.queries.iter().map(|query| query.name.as_str())) {
                Some(near) => msg!("did you mean `{near}`?", "是否为 `{near}`？"),
                None => msg!(
                    "`renkou queries` lists them",
                    "`renkou queries` 列出全部查询"
                ),
            };
            Error::usage(msg!(
                "there is no saved query `{name}`",
                "没有名为 `{name}` 的查询"
            ))
            .hint(hint)
        })
    }

    /// All queries, by group and name.
    pub fn iter(&self) -> std::slice::Iter<'_, SavedQuery> {
        self.queries.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queries.is_empty()
    }
}

impl<'a> IntoIterator for &'a Library {
    type Item = &'a SavedQuery;
    type IntoIter = std::slice::Iter<'a, SavedQuery>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

fn list(folder: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            list(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn shipped_queries_have_no_problems_and_the_promised_names() {
        let library = Library::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries"))
            .map_err(Error::from)
            .unwrap_or_else(|error| panic!("{error}"));
        for name in [
            "births",
            "deaths",
            "natural_increase",
            "urban_rural",
            "sex_ratio",
            "sex_ratio_at_birth",
            "age_groups",
            "age_pyramid",
            "dependency_ratios",
            "median_age",
            "population",
            "fertility_rates",
            "birth_order",
            "marriages",
            "divorces",
            "births_by_source",
            "plan_progress",
        ] {
            let query = library.get(name).unwrap();
            assert_eq!(query.group, "indicators");
            assert!(query.unit.is_some() && query.definition.is_some(), "{name}");
            assert_ne!(query.title_zh, query.title);
            assert!(
                query
                    .params
                    .iter()
                    .any(|parameter| parameter.name == "year"),
                "{name}"
            );
        }
    }

    #[test]
    fn problems_of_all_files_are_told_together() {
        let problems = Library::from_files(&[
            file("a/x.sql", "/* {title: x} */ SELECT 1"),
            file("b/x.sql", "/* {title: x} */ SELECT $a"),
            file("c/y.sql", "SELECT 1"),
            file("c/README.md", "notes"),
        ])
        .unwrap_err();
        let texts: Vec<String> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.place(), problem.message.en))
            .collect();
        assert_eq!(
            texts,
            [
                "queries/b/x.sql: `a` has a query `x` already",
                "queries/b/x.sql:1:25: `$a` is not declared under `params`",
                "queries/c/y.sql:1:1: the header is missing",
            ]
        );
    }

    #[test]
    fn a_query_is_found_by_name_or_group_and_name() {
        let library =
            Library::from_files(&[file("indicators/births.sql", "/* {title: x} */ SELECT 1")])
                .unwrap();
        assert_eq!(library.get("births").unwrap().group, "indicators");
        assert_eq!(library.get("indicators/births").unwrap().name, "births");
        let error = library.get("brith").unwrap_err();
        assert_eq!(error.kind().exit_code(), 2);
        assert_eq!(
            library.get("birth").unwrap_err().hint_text().unwrap().en,
            "did you mean `births`?"
        );
    }
}
