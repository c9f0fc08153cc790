//! What is wrong with saved queries that only the warehouse can tell: names that are not there,
//! SQL that does not plan, columns of the header that the result does not have.

use chrono::{Datelike, NaiveDate};

use super::facts::{Facts, facts};
use super::header::{SavedQuery, suggestion};
use super::library::Library;
use super::parameter::{DefaultValue, Parameter, ParameterType};
use crate::catalog::Problem;
use crate::error::{Error, Message, Result};
use crate::msg;
use crate::warehouse::{Plan, Session};

/// Plans every query with the defaults of its parameters and with each choice; returns everything
/// wrong, by file and place.
///
/// # Errors
/// When the warehouse cannot be asked.
pub async fn check(library: &Library, session: &Session, today: NaiveDate) -> Result<Vec<Problem>> {
    let mut facts = facts(session, today).await?;
    // An empty warehouse plans as well as a full one.
    facts.latest_complete_year = facts.latest_complete_year.or(Some(today.year() - 1));
    let mut problems = Vec::new();
    for query in library {
        let mut found = Vec::new();
        one(query, session, &facts, &mut found).await;
        found.sort_by_key(|problem: &Problem| (problem.line, problem.column));
        found.dedup();
        problems.extend(found);
    }
    Ok(problems)
}

async fn one(query: &SavedQuery, session: &Session, facts: &Facts, problems: &mut Vec<Problem>) {
    let mut columns = None;
    for given in trials(query) {
        match plan(query, session, &given, facts).await {
            Ok(plan) => columns = Some(plan.columns()),
            Err(error) => {
                problems.push(located(query, &error));
                break;
            }
        }
    }
    if let Some(columns) = columns {
        header_columns(query, &columns, problems);
    }
    for parameter in &query.params {
        if let Some(sql) = &parameter.choices_sql
            && let Err(error) = planned(session, sql, 1, &[]).await
        {
            let place = query.place_in_header("params", "choices_sql");
            problems.push(problem(query, place, &error));
        }
    }
    for test in &query.tests {
        for (name, _) in &test.params {
            let known = || query.params.iter().map(|parameter| parameter.name.as_str());
            if !known().any(|known| known == name) {
                let message = msg!("there is no parameter `{name}`", "没有参数 `{name}`");
                let place = query.place_in_header("tests", name);
                problems.push(
                    Problem::new(&query.file, place, message).hint(suggestion(name, known())),
                );
            }
        }
    }
}

/// Columns that chart, publishing and tests name.
fn header_columns(query: &SavedQuery, columns: &[String], problems: &mut Vec<Problem>) {
    let mut named: Vec<(&str, &str)> = Vec::new();
    if let Some(chart) = &query.chart {
        let names = chart.x.iter().chain(&chart.y).chain(&chart.series);
        named.extend(names.map(|name| ("chart", name.as_str())));
    }
    if let Some(publish) = &query.publish {
        named.extend(publish.columns().map(|name| ("publish", name.as_str())));
    }
    for test in &query.tests {
        named.extend(test.columns().into_iter().map(|name| ("tests", name)));
    }
    for (key, name) in named {
        if !columns.iter().any(|column| column == name) {
            let message = msg!("the result has no column `{name}`", "结果中没有列 `{name}`");
            let place = query.place_in_header(key, name);
            let hint = suggestion(name, columns.iter().map(String::as_str));
            problems.push(Problem::new(&query.file, place, message).hint(hint));
        }
    }
}

/// Values to plan with: the defaults, then each choice of each parameter.
fn trials(query: &SavedQuery) -> Vec<Vec<(String, String)>> {
    let needed =
        |parameter: &&Parameter| parameter.required && parameter.default == DefaultValue::Null;
    let base: Vec<(String, String)> = query
        .params
        .iter()
        .filter(needed)
        .map(|parameter| (parameter.name.clone(), any(parameter)))
        .collect();
    let mut trials = vec![base.clone()];
    for parameter in &query.params {
        for choice in &parameter.choices {
            let mut given = base.clone();
            given.push((parameter.name.clone(), choice.clone()));
            trials.push(given);
        }
    }
    trials
}

/// A value that a parameter takes.
fn any(parameter: &Parameter) -> String {
    let first = parameter.choices.first().or(parameter.min.as_ref());
    if let Some(text) = first.or(parameter.max.as_ref()) {
        return text.clone();
    }
    match parameter.kind {
        ParameterType::Year | ParameterType::Period => "2018",
        ParameterType::Date => "2018-01-01",
        ParameterType::Flag => "true",
        _ => "1",
    }
    .to_owned()
}

async fn plan(
    query: &SavedQuery,
    session: &Session,
    given: &[(String, String)],
    facts: &Facts,
) -> Result<Plan> {
    let values = query.bind(given, facts)?;
    planned(session, &query.sql, query.first_line(), &values).await
}

async fn planned(
    session: &Session,
    sql: &str,
    first_line: usize,
    values: &[(String, datafusion::scalar::ScalarValue)],
) -> Result<Plan> {
    let mut statements = session.statements_at(sql, first_line)?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => {
            let plan = session.plan(statement, values).await?;
            session.executable(&plan).await?;
            Ok(plan)
        }
        _ => Err(Error::usage(msg!(
            "expected one SQL statement",
            "此处应为一条 SQL 语句"
        ))),
    }
}

/// The failure of the engine at its place in the file.
fn located(query: &SavedQuery, error: &Error) -> Problem {
    let place = match error.place() {
        Some(place) => query.place_in_file(place),
        None => query.place_of(0),
    };
    problem(query, place, error)
}

fn problem(query: &SavedQuery, place: (u32, u32), error: &Error) -> Problem {
    let Message { mut en, mut zh } = error.message().clone();
    for cause in error.causes() {
        en.push_str(&format!(": {}", cause.en));
        zh.push_str(&format!("：{}", cause.zh));
    }
    Problem::new(&query.file, place, Message { en, zh }).hint(error.hint_text().cloned())
}
