//! Putting the statements of other saved queries in the place of `query('name', …)`.
//!
//! Done in the text, on one line for each call: whoever runs a saved query needs to know nothing of
//! it, a manifest holds the whole statement, and lines keep their numbers. No value gets into the
//! text: a parameter that the call leaves out or gives a value becomes one of the outer query,
//! under a name of its own, bound like any other.

use std::ops::Range;

use super::call::{Argument, Call, Value};
use super::header::SavedQuery;
use super::parameter::{DefaultValue, Parameter, ParameterType};
use super::placeholder::scan;
use crate::catalog::{Problem, nearest};
use crate::error::Message;
use crate::msg;

/// A call that has become a statement: bytes of the statement as run and as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expansion {
    pub(super) run: Range<usize>,
    pub(super) written: Range<usize>,
}

/// Builds the statement of `query`; `of` gives the queries it calls, built already.
pub(super) fn build<'a>(
    query: &mut SavedQuery,
    calls: &[Call],
    of: impl Fn(&str) -> Option<&'a SavedQuery>,
    names: &[&str],
) -> Vec<Problem> {
    let mut found: Vec<(usize, Message, Option<Message>)> = Vec::new();
    let written = query.written.clone();
    let tables = own_tables(&written);
    let (mut sql, mut last) = (String::with_capacity(written.len()), 0);
    for (number, call) in (1..).zip(calls) {
        let mut wrong = |offset, message, hint| found.push((offset, message, hint));
        let Some(inner) = of(&call.name) else {
            let name = &call.name;
            // Not built because something is wrong with it, which is told at its own place.
            if !names.contains(&name.as_str()) {
                let near = nearest(name, names.iter().copied());
                wrong(
                    call.name_at,
                    msg!(
                        "there is no saved query `{name}`",
                        "没有名为 `{name}` 的查询"
                    ),
                    near.map(|near| msg!("did you mean `{near}`?", "是否为 `{near}`？")),
                );
            }
            continue;
        };
        let shadowed = read_names(&inner.sql)
            .into_iter()
            .find(|name| tables.contains(name) && !own_tables(&inner.sql).contains(name));
        if let Some(table) = shadowed {
            let name = &call.name;
            wrong(
                call.name_at,
                msg!(
                    "`{name}` reads `{table}`, which is something else here",
                    "`{name}` 读取 `{table}`，而此处 `{table}` 另有所指"
                ),
                Some(msg!(
                    "give the `WITH {table}` of this statement another name",
                    "请给本语句的 `WITH {table}` 换个名字"
                )),
            );
        }
        let mut names = Vec::new();
        for parameter in &inner.params {
            let argument = call
                .arguments
                .iter()
                .find(|argument| argument.name == parameter.name);
            let hidden = format!("{}__{number}__{}", call.name, parameter.name);
            match passed(parameter, argument, &query.params) {
                Ok(Passed::Text(text)) => names.push((parameter.name.clone(), text)),
                Ok(Passed::Default(default)) => {
                    names.push((parameter.name.clone(), format!("${hidden}")));
                    query.inherited.push(Parameter {
                        name: hidden,
                        default,
                        ..parameter.clone()
                    });
                }
                Err((message, hint)) => {
                    wrong(argument.map_or(call.name_at, |a| a.value_at), message, hint);
                }
            }
        }
        for argument in &call.arguments {
            let known = || inner.params.iter().map(|parameter| parameter.name.as_str());
            if !known().any(|name| name == argument.name) {
                let (of, name) = (&call.name, &argument.name);
                let list = known().collect::<Vec<_>>().join(", ");
                let hint = match nearest(name, known()) {
                    Some(near) => msg!("did you mean `{near}`?", "是否为 `{near}`？"),
                    None => msg!("expected one of: {list}", "可用的有：{list}"),
                };
                wrong(
                    argument.name_at,
                    msg!(
                        "`{of}` has no parameter `{name}`",
                        "`{of}` 没有参数 `{name}`"
                    ),
                    Some(hint),
                );
            }
        }
        for parameter in &inner.inherited {
            let hidden = format!("{}__{number}__{}", call.name, parameter.name);
            names.push((parameter.name.clone(), format!("${hidden}")));
            query.inherited.push(Parameter {
                name: hidden,
                ..parameter.clone()
            });
        }
        sql.push_str(&written[last..call.range.start]);
        let start = sql.len();
        sql.push_str(&format!("({})", one_line(&inner.sql, &names)));
        query.expansions.push(Expansion {
            run: start..sql.len(),
            written: call.range.clone(),
        });
        last = call.range.end;
        if !query.builds_on.contains(&call.name) {
            query.builds_on.push(call.name.clone());
        }
    }
    sql.push_str(&written[last..]);
    query.sql = sql;
    found.sort_by_key(|(offset, ..)| *offset);
    let problems = found.into_iter().map(|(offset, message, hint)| {
        Problem::new(&query.file, query.place_of(offset), message).hint(hint)
    });
    problems.collect()
}

enum Passed {
    /// What stands in the place of `$name`.
    Text(String),
    /// The default of the parameter that the outer query gets for it.
    Default(DefaultValue),
}

fn passed(
    parameter: &Parameter,
    argument: Option<&Argument>,
    own: &[Parameter],
) -> Result<Passed, (Message, Option<Message>)> {
    let name = &parameter.name;
    let missing = || msg!("parameter `{name}` is required", "必须给出参数 `{name}`");
    match argument.map(|argument| &argument.value) {
        None if parameter.required && parameter.default == DefaultValue::Null => {
            Err((missing(), None))
        }
        None => Ok(Passed::Default(parameter.default.clone())),
        Some(Value::Literal(None)) if parameter.required => Err((missing(), None)),
        Some(Value::Literal(None)) => Ok(Passed::Default(DefaultValue::Null)),
        Some(Value::Literal(Some(text))) => {
            let default = parameter.default_of(text);
            if let DefaultValue::Literal(text) = &default {
                parameter.check(text)?;
            }
            Ok(Passed::Default(default))
        }
        // Operators of the surrounding statement must not reach into it.
        Some(Value::Expression(text)) => Ok(Passed::Text(format!(
            "CAST(({text}) AS {})",
            sql_type(parameter.kind)
        ))),
        Some(Value::Parameter(given)) => {
            // One that is not declared is told where parameters are looked through.
            let Some(given) = own.iter().find(|own| own.name == *given) else {
                return Ok(Passed::Text("NULL".to_owned()));
            };
            if sql_type(given.kind) != sql_type(parameter.kind) {
                let (own, wanted) = (given.kind.name(), parameter.kind.name());
                let passed = &given.name;
                return Err((
                    msg!(
                        "`${passed}` is a {own}, but `{name}` a {wanted}",
                        "`${passed}` 的类型是 {own}，而 `{name}` 要求 {wanted}"
                    ),
                    None,
                ));
            }
            let too_much = given.choices.iter().find(|choice| {
                !parameter.choices.is_empty() && !parameter.choices.contains(choice)
            });
            if let Some(choice) = too_much {
                let (passed, list) = (&given.name, parameter.choices.join(", "));
                return Err((
                    msg!(
                        "`${passed}` may be `{choice}`, which `{name}` does not take",
                        "`${passed}` 可取 `{choice}`，而 `{name}` 不接受"
                    ),
                    Some(msg!("expected one of: {list}", "可用的有：{list}")),
                ));
            }
            Ok(Passed::Text(format!("${}", given.name)))
        }
    }
}

fn sql_type(kind: ParameterType) -> &'static str {
    match kind {
        ParameterType::Integer | ParameterType::Year => "BIGINT",
        ParameterType::Decimal => "DOUBLE",
        ParameterType::Date => "DATE",
        ParameterType::Flag => "BOOLEAN",
        ParameterType::Text
        | ParameterType::Code
        | ParameterType::Choice
        | ParameterType::Period => "VARCHAR",
    }
}

/// The statement without comments and line ends, its parameters under other names.
pub(super) fn one_line(sql: &str, names: &[(String, String)]) -> String {
    let found = scan(sql);
    let mut parts: Vec<(Range<usize>, &str)> = found
        .blanks
        .iter()
        .map(|range| (range.clone(), " "))
        .collect();
    for (name, at) in &found.names {
        let new = names.iter().find(|(old, _)| old == name);
        if let Some((_, new)) = new {
            parts.push((*at..at + 1 + name.len(), new));
        }
    }
    parts.sort_by_key(|(range, _)| range.start);
    let (mut line, mut last) = (String::with_capacity(sql.len()), 0);
    for (range, text) in parts {
        line.push_str(&sql[last..range.start]);
        line.push_str(text);
        last = range.end;
    }
    line.push_str(&sql[last..]);
    line
}

/// Names that `WITH name AS (` gives.
fn own_tables(sql: &str) -> Vec<String> {
    let found = scan(sql);
    let words = found.words.windows(2);
    words
        .filter(|pair| {
            pair[1].0.eq_ignore_ascii_case("as")
                && sql[pair[1].1 + 2..].trim_start().starts_with('(')
        })
        .map(|pair| pair[0].0.to_lowercase())
        .collect()
}

/// Names that stand where a table does.
fn read_names(sql: &str) -> Vec<String> {
    let found = scan(sql);
    let words = found.words.windows(2);
    words
        .filter(|pair| {
            let before = &pair[0].0;
            before.eq_ignore_ascii_case("from") || before.eq_ignore_ascii_case("join")
        })
        .map(|pair| pair[1].0.to_lowercase())
        .collect()
}
