//! The order in which queries that build on each other are built, and circles among them.

use super::build::build;
use super::call::{Call, calls};
use super::header::SavedQuery;
use super::placeholder::scan;
use crate::catalog::Problem;
use crate::msg;

/// The queries with their statements built; those with problems are left out. `names` are all
/// that have a file.
pub(super) fn built(queries: Vec<SavedQuery>, names: &[&str]) -> (Vec<SavedQuery>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut waiting: Vec<(SavedQuery, Vec<Call>)> = Vec::new();
    for query in queries {
        match calls(&query.written, &scan(&query.written)) {
            Ok(calls) => waiting.push((query, calls)),
            Err((offset, message)) => {
                problems.push(Problem::new(&query.file, query.place_of(offset), message));
            }
        }
    }
    let mut done: Vec<SavedQuery> = Vec::new();
    while !waiting.is_empty() {
        let is_waiting = |name: &str| waiting.iter().any(|(query, _)| query.name == name);
        let ready = waiting
            .iter()
            .position(|(_, calls)| !calls.iter().any(|call| is_waiting(&call.name)));
        let Some(ready) = ready else {
            problems.extend(circles(&waiting));
            break;
        };
        let (mut query, calls) = waiting.remove(ready);
        let found = build(
            &mut query,
            &calls,
            |name| done.iter().find(|query| query.name == name),
            names,
        );
        let is_whole = calls
            .iter()
            .all(|call| done.iter().any(|query| query.name == call.name));
        if found.is_empty() && is_whole {
            done.push(query);
        }
        problems.extend(found);
    }
    (done, problems)
}

/// One problem for each circle, told at the first of its queries. Queries that only lead into a
/// circle have none of their own.
fn circles(waiting: &[(SavedQuery, Vec<Call>)]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for (query, _) in waiting {
        if told.contains(&query.name.as_str()) {
            continue;
        }
        let Some((path, first)) = circle(&query.name, waiting) else {
            continue;
        };
        told.extend(&path);
        let mut shown = path.clone();
        shown.push(&query.name);
        let shown = shown.join(" → ");
        let message = msg!(
            "the query builds on itself: {shown}",
            "查询循环引用自身：{shown}"
        );
        problems.push(Problem::new(&query.file, query.place_of(first), message));
    }
    problems
}

/// The way from a query back to itself, and where it begins in its statement.
fn circle<'a>(
    start: &'a str,
    waiting: &'a [(SavedQuery, Vec<Call>)],
) -> Option<(Vec<&'a str>, usize)> {
    let calls_of = |name: &str| {
        let found = waiting.iter().find(|(query, _)| query.name == name);
        found.map_or(&[][..], |(_, calls)| calls.as_slice())
    };
    let mut paths: Vec<Vec<&str>> = vec![vec![start]];
    let mut seen = vec![start];
    while !paths.is_empty() {
        let path = paths.remove(0);
        let last = path.last().copied().unwrap_or(start);
        for call in calls_of(last) {
            if call.name == start {
                let second = path.get(1).copied().unwrap_or(start);
                let first = calls_of(start).iter().find(|call| call.name == second);
                return Some((path, first.map_or(0, |call| call.name_at)));
            }
            if !seen.contains(&call.name.as_str()) {
                seen.push(&call.name);
                let mut longer = path.clone();
                longer.push(&call.name);
                paths.push(longer);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{Facts, Library};
    use chrono::NaiveDate;
    use datafusion::scalar::ScalarValue;

    fn library(files: &[(&str, &str)]) -> Result<Library, Vec<String>> {
        let files: Vec<(String, String)> = files
            .iter()
            .map(|(name, text)| (format!("a/{name}.sql"), (*text).to_owned()))
            .collect();
        Library::from_files(&files).map_err(|problems| {
            let lines = problems.iter().map(|problem| {
                let hint = problem.hint.as_ref().map(|hint| format!(" ({})", hint.en));
                let hint = hint.unwrap_or_default();
                format!("{}: {}{hint}", problem.place(), problem.message.en)
            });
            lines.collect()
        })
    }

    const BASE: &str = "/*\ntitle: b\nparams:\n  year: {type: year, default: latest_complete_year}\n  by: {type: choice, default: none, choices: [none, month]}\n*/\nSELECT $year AS y, -- the year\n  $by AS by\nFROM t\n";

    #[test]
    fn the_other_statement_comes_in_on_one_line_with_bound_parameters() {
        let outer = "/*\ntitle: o\nparams:\n  year: {type: year, default: 2018}\n*/\nSELECT *\nFROM query('base', year => $year - 1,\n  by => 'month') x\nJOIN query('base', year => $year) z ON true\n";
        let library = library(&[("base", BASE), ("outer", outer)]).unwrap();
        let query = library.get("outer").unwrap();
        assert_eq!(query.builds_on, ["base"]);
        assert_eq!(
            query.sql,
            "SELECT *\nFROM (SELECT CAST(($year - 1) AS BIGINT) AS y, $base__1__by AS by FROM t) x\nJOIN (SELECT $year AS y, $base__2__by AS by FROM t) z ON true"
                .replace("y, $", "y,   $")
        );
        let facts = Facts {
            latest_complete_year: Some(2020),
            today: NaiveDate::from_ymd_opt(2021, 1, 15).unwrap(),
        };
        let text = |text: &str| ScalarValue::Utf8(Some(text.to_owned()));
        assert_eq!(
            query.bind(&[], &facts).unwrap(),
            [
                ("year".to_owned(), ScalarValue::Int64(Some(2018))),
                ("base__1__by".to_owned(), text("month")),
                ("base__2__by".to_owned(), text("none")),
            ]
        );
    }

    #[test]
    fn what_is_passed_is_checked_and_located() {
        let outer = "/*\ntitle: o\nparams:\n  p: {type: text}\n  c: {type: choice, default: none, choices: [none, week]}\n*/\nSELECT * FROM query('base', year => $p, yaer => 1)\n, query('base', by => 'moth'), query('base', by => $c), query('bas')\n";
        assert_eq!(
            library(&[("base", BASE), ("outer", outer)]).unwrap_err(),
            [
                "queries/a/outer.sql:7:37: `$p` is a text, but `year` a year",
                "queries/a/outer.sql:7:41: `base` has no parameter `yaer` (did you mean `year`?)",
                "queries/a/outer.sql:8:23: expected one of none, month (did you mean `month`?)",
                "queries/a/outer.sql:8:52: `$c` may be `week`, which `by` does not take (expected one of: none, month)",
                "queries/a/outer.sql:8:63: there is no saved query `bas` (did you mean `base`?)",
            ]
        );
    }

    #[test]
    fn a_circle_is_told_with_its_path() {
        let on = |name: &str| format!("/* {{title: x}} */ SELECT * FROM query('{name}')");
        let problems = library(&[
            ("a", &on("b")),
            ("b", &on("c")),
            ("c", &on("a")),
            ("d", &on("a")),
        ]);
        assert_eq!(
            problems.unwrap_err(),
            ["queries/a/a.sql:1:38: the query builds on itself: a → b → c → a"]
        );
        let problems = library(&[("a", &on("a"))]).unwrap_err();
        assert_eq!(
            problems,
            ["queries/a/a.sql:1:38: the query builds on itself: a → a"]
        );
    }

    #[test]
    fn a_table_that_means_something_else_outside_is_refused() {
        let outer = "/* {title: x} */ WITH t AS (SELECT 1) SELECT * FROM query('base'), t";
        assert_eq!(
            library(&[("base", BASE), ("outer", outer)]).unwrap_err(),
            [
                "queries/a/outer.sql:1:59: `base` reads `t`, which is something else here (give the `WITH t` of this statement another name)"
            ]
        );
    }
}
