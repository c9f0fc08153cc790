//! Functions that do not exist, and functions that are called with the wrong arguments.

use std::ops::Range;

use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::known::Written;
use super::near::{did_you_mean, likely};
use super::{Finding, Scene, foreign, types};
use crate::error::Message;
use crate::msg;

/// The failure, when it is about a function.
pub(super) fn explain(error: &DataFusionError, scene: &Scene<'_>) -> Option<Finding> {
    let root = error.find_root();
    let text = match root {
        DataFusionError::Plan(text)
        | DataFusionError::Execution(text)
        | DataFusionError::Internal(text) => text.as_str(),
        _ => return None,
    };
    if let Some(name) = between(text, "Invalid function '", "'") {
        return Some(unknown(name, scene));
    }
    if let Some(call) = after(text, "given name and argument types '") {
        return misused(text, call, scene);
    }
    None
}

fn unknown(name: &str, scene: &Scene<'_>) -> Finding {
    let lower = name.to_lowercase();
    let place = scene.call(&lower).or_else(|| scene.span.clone());
    if scene.known.window_functions.contains(&lower) {
        let form = scene
            .known
            .functions
            .get(&lower)
            .and_then(Option::as_ref)
            .map_or_else(|| format!("{lower}()"), |written| written.form.clone());
        return Finding::new(msg!(
            "`{lower}` needs `OVER`",
            "`{lower}` 须配合 `OVER` 使用"
        ))
        .hint(msg!(
            "write `{form} OVER (PARTITION BY … ORDER BY …)`",
            "请写作 `{form} OVER (PARTITION BY … ORDER BY …)`"
        ))
        .maybe_at(place);
    }
    let hint = foreign::instead(&lower).map(|write| in_place_of(write, place.as_ref(), scene));
    let hint = hint.or_else(|| {
        did_you_mean(&likely(
            &lower,
            scene.known.functions.keys().map(String::as_str),
        ))
    });
    let said = place
        .as_ref()
        .map_or_else(|| name.to_owned(), |place| scene.said(place).to_owned());
    Finding::new(msg!(
        "there is no function `{said}`",
        "没有名为 `{said}` 的函数"
    ))
    .maybe_hint(hint)
    .hint(msg!(
        "`show functions` lists all of them",
        "用 `show functions` 可列出全部函数"
    ))
    .maybe_at(place)
}

/// What to write, with the column that the call has for `x`.
fn in_place_of(write: &str, place: Option<&Range<usize>>, scene: &Scene<'_>) -> Message {
    let column = place
        .and_then(|place| scene.position(place))
        .and_then(|at| first_column(at, scene))
        .unwrap_or_else(|| "x".to_owned());
    let mut filled = String::new();
    let mut before = ' ';
    let mut rest = write.chars().peekable();
    while let Some(character) = rest.next() {
        let alone = !before.is_alphanumeric() && !rest.peek().is_some_and(|c| c.is_alphanumeric());
        if character == 'x' && alone {
            filled.push_str(&column);
        } else {
            filled.push(character);
        }
        before = character;
    }
    if write == "later - earlier" {
        return msg!(
            "subtract the dates: `{filled}` is a number of days",
            "两个日期直接相减即为天数：`晚的日期 - 早的日期`"
        );
    }
    let chinese = filled.replace("condition", "条件");
    msg!("write `{filled}`", "请写作 `{chinese}`")
}

/// The first argument of the call at `at` that is a column.
fn first_column(at: usize, scene: &Scene<'_>) -> Option<String> {
    let mut depth = 0_usize;
    for (distance, word) in scene.words[at + 1..].iter().enumerate() {
        match word.token {
            Token::LParen => depth += 1,
            Token::RParen if depth <= 1 => return None,
            Token::RParen => depth -= 1,
            _ if depth == 1 && word.is_name() => {
                let next = |more: usize| scene.words.get(at + 1 + distance + more);
                let token = next(1).map(|word| &word.token);
                let end = match token {
                    Some(Token::Period) => next(2)?.range.end,
                    Some(Token::Comma | Token::RParen) => word.range.end,
                    _ => continue,
                };
                return Some(scene.said(&(word.range.start..end)).to_owned());
            }
            _ => {}
        }
    }
    None
}

/// `call` begins with `round(Int32, Utf8)'. You might…`.
fn misused(text: &str, call: &str, scene: &Scene<'_>) -> Option<Finding> {
    let (name, rest) = call.split_once('(')?;
    let given = types::split(&rest[..rest.find(")'").unwrap_or(rest.len())]);
    let place = scene.call(name);
    let hint = written(name, scene);
    let one_type = matches!(
        name,
        "coalesce" | "nvl" | "nvl2" | "ifnull" | "nullif" | "greatest" | "least"
    );
    let adds_up = matches!(
        name,
        "sum"
            | "avg"
            | "mean"
            | "median"
            | "stddev"
            | "stddev_samp"
            | "stddev_pop"
            | "var"
            | "var_samp"
            | "var_pop"
            | "abs"
            | "sqrt"
            | "ln"
            | "exp"
            | "floor"
            | "ceil"
    );

    // Numbers of arguments that it could have had.
    let mut counts = expected_counts(text);
    counts.sort_unstable();
    counts.dedup();
    let number = given.len();
    // A form with this number of arguments was refused for a type.
    let of_types = text.contains(" but received ") && text.contains("DataType:");
    if !of_types && !counts.is_empty() && !counts.contains(&number) {
        let (en, zh) = (alternatives(&counts, " or "), alternatives(&counts, " 或 "));
        let noun = if counts == [1] {
            "argument"
        } else {
            "arguments"
        };
        return Some(
            Finding::new(msg!(
                "`{name}` takes {en} {noun}, not {number}",
                "`{name}` 须有 {zh} 个参数，而不是 {number} 个"
            ))
            .maybe_hint(hint)
            .maybe_at(place),
        );
    }
    let needed = scene
        .known
        .functions
        .get(name)
        .and_then(Option::as_ref)
        .map_or(0, |written| required(&written.form));
    if !of_types && (1..needed).contains(&number) {
        return Some(
            Finding::new(msg!(
                "`{name}` takes at least {needed} arguments",
                "`{name}` 至少须有 {needed} 个参数"
            ))
            .maybe_hint(hint)
            .maybe_at(place),
        );
    }
    let mut hint = hint;
    let message = match given.as_slice() {
        [] => msg!("`{name}` needs arguments", "`{name}` 须有参数"),
        [one] => {
            let Message { en, zh } = types::words(one);
            if adds_up {
                let column = place
                    .as_ref()
                    .and_then(|place| scene.position(place))
                    .and_then(|at| first_column(at, scene))
                    .unwrap_or_else(|| "x".to_owned());
                hint = Some(match types::class(one) {
                    types::Class::Text => msg!(
                        "it takes numbers: `{name}(cast({column} AS double))`",
                        "其参数须为数字：`{name}(cast({column} AS double))`"
                    ),
                    types::Class::Date | types::Class::Timestamp => msg!(
                        "it takes numbers; of dates there are `min` and `max`",
                        "其参数须为数字；日期可用 `min` 和 `max`"
                    ),
                    _ => msg!("it takes numbers", "其参数须为数字"),
                });
            }
            msg!("`{name}` does not work on a {en}", "`{name}` 不能用于{zh}")
        }
        several => {
            let words: Vec<Message> = several.iter().map(|kind| types::words(kind)).collect();
            let en: Vec<&str> = words.iter().map(|word| word.en.as_str()).collect();
            let zh: Vec<&str> = words.iter().map(|word| word.zh.as_str()).collect();
            let (en, zh) = (en.join(", "), zh.join("，"));
            if one_type {
                hint = Some(msg!(
                    "all of them must be of one type: make the others text with `cast(x AS text)`",
                    "各参数类型须一致：可用 `cast(x AS text)` 转为文本"
                ));
            }
            msg!(
                "`{name}` does not work on ({en})",
                "`{name}` 不接受这些类型的参数：（{zh}）"
            )
        }
    };
    Some(Finding::new(message).maybe_hint(hint).maybe_at(place))
}

/// How a function is written, as a hint.
pub(super) fn written(name: &str, scene: &Scene<'_>) -> Option<Message> {
    let Written { form, example } = scene.known.functions.get(name)?.as_ref()?;
    Some(match example {
        Some(example) => msg!(
            "it is written `{form}`, for example `{example}`",
            "写法为 `{form}`，例如 `{example}`"
        ),
        None => msg!("it is written `{form}`", "写法为 `{form}`"),
    })
}

/// How many arguments a form such as `substr(str, start_pos[, length])` has outside brackets.
fn required(form: &str) -> usize {
    let Some(list) = between(form, "(", ")") else {
        return 0;
    };
    let mut depth = 0_i32;
    let plain: String = list
        .chars()
        .filter(|character| {
            match character {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth == 0 && *character != ']'
        })
        .collect();
    plain
        .split(',')
        .filter(|part| !part.trim().is_empty() && !part.contains("..."))
        .count()
}

/// The numbers in "expected 2 arguments" and "expects 1 arguments".
fn expected_counts(text: &str) -> Vec<usize> {
    let mut counts = Vec::new();
    for mark in ["expected ", "expects ", "requires exactly ", "requires "] {
        for (at, _) in text.match_indices(mark) {
            let rest = &text[at + mark.len()..];
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            if rest[digits.len()..].trim_start().starts_with("argument")
                && let Ok(number) = digits.parse()
            {
                counts.push(number);
            }
        }
    }
    counts
}

fn alternatives(counts: &[usize], or: &str) -> String {
    let words: Vec<String> = counts.iter().map(usize::to_string).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}{or}{last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// A function in FROM that does not exist.
pub(super) fn unknown_in_from(name: &str, scene: &Scene<'_>) -> Finding {
    let place = scene.call(name).or_else(|| {
        scene
            .words
            .iter()
            .find(|word| {
                matches!(&word.token, Token::Word(_)) && word.name().as_deref() == Some(name)
            })
            .map(|word| word.range.clone())
    });
    if name.starts_with("read_") || name.ends_with("_scan") || name == "glob" {
        return names_file(place);
    }
    let hint = did_you_mean(&likely(
        name,
        scene.known.table_functions.iter().map(String::as_str),
    ));
    Finding::new(msg!(
        "there is no table function `{name}`",
        "没有名为 `{name}` 的表函数"
    ))
    .maybe_hint(hint)
    .hint(msg!(
        "`show tables` lists the tables; a table is named without parentheses",
        "用 `show tables` 可列出各表；表名后不加括号"
    ))
    .maybe_at(place)
}

/// Files are no tables.
pub(super) fn names_file(place: Option<Range<usize>>) -> Finding {
    Finding::new(msg!(
        "files cannot be opened from SQL",
        "不能在 SQL 中打开文件"
    ))
    .hint(msg!(
        "load it with `renkou ingest FILE`, then ask the table",
        "请先用 `renkou ingest 文件` 导入，再查询相应的表"
    ))
    .maybe_at(place)
}

pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = after(text, start)?;
    rest.find(end).map(|at| &rest[..at])
}

pub(super) fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.find(mark).map(|at| &text[at + mark.len()..])
}
