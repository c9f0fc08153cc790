//! Completion of the shell's commands and their arguments.

use super::arguments::{Word, words, written};
use super::knowledge::{Knowledge, Parameter, Query};
use super::pool::{Dress, Pool, Quotes};
use super::{Candidate, Completion, scope, sql, tables, tokens};
use crate::error::Lang;
use crate::shell::command::{Argument, COMMANDS, Command, SETTINGS, find};

/// Completes at byte `at` of the command line that begins at byte `start` and ends at byte `end`.
pub(super) fn complete(
    knowledge: &Knowledge,
    text: &str,
    (start, end): (usize, usize),
    at: usize,
    files: &dyn Fn(&str) -> Vec<String>,
) -> Completion {
    let words = words(text, start, at);
    let Some((word, before)) = words.split_last() else {
        return Completion::none(at);
    };
    let Some(name) = before.first() else {
        return names(knowledge, text, start, at);
    };
    let Some(command) = find(&name.text) else {
        return Completion::none(at);
    };
    let Some(argument) = argument(command, before.len() - 1) else {
        return Completion::none(at);
    };
    let mut pool = Pool::new(&word.text, word.start);
    match argument {
        Argument::Sql => {
            let from = before.get(1).unwrap_or(word).start;
            let tokens = tokens::tokens(text, from, end);
            return sql::complete(knowledge, text, &tokens, at);
        }
        Argument::Table => {
            for table in &knowledge.tables {
                let other = knowledge.other_name(table);
                let group = u8::from(table.is_view);
                pool.offer(
                    group,
                    table.name.as_str(),
                    other,
                    Dress::Plain,
                    tables::remark(table),
                );
            }
            if command.usage.contains("QUERY") {
                queries(&mut pool, knowledge);
            }
        }
        Argument::Query => queries(&mut pool, knowledge),
        Argument::Parameters => {
            let query = before.get(1).and_then(|name| knowledge.query(&name.text));
            return query.map_or(Completion::none(at), |query| {
                parameters(knowledge, query, before, word, text, at)
            });
        }
        Argument::Function => {
            for function in &knowledge.functions {
                pool.offer(
                    0,
                    function.name.as_str(),
                    "",
                    Dress::Plain,
                    &function.summary,
                );
            }
        }
        Argument::Command => {
            for command in COMMANDS {
                pool.offer(
                    0,
                    command.name,
                    "",
                    Dress::Plain,
                    meaning(knowledge, command),
                );
            }
        }
        Argument::Format => formats(&mut pool, knowledge),
        Argument::Delivery => {
            for delivery in &knowledge.deliveries {
                pool.offer(0, delivery.as_str(), "", Dress::Plain, "");
            }
        }
        Argument::Choice(choices) => choose(&mut pool, choices),
        Argument::Setting => {
            for (name, _, en, zh) in SETTINGS {
                pool.offer(0, *name, "", Dress::Plain, in_lang(knowledge, en, zh));
            }
        }
        Argument::Column => {
            for field in knowledge
                .table("_")
                .map(|table| scope::fields(knowledge, table))
                .unwrap_or_default()
            {
                pool.offer(0, field.name, field.other, Dress::Plain, field.kind);
            }
        }
        Argument::File => return paths(word, files),
        Argument::Text => {
            if let [name, setting] = before
                && find(&name.text).is_some_and(|command| command.name == ".set")
            {
                match SETTINGS.iter().find(|(name, ..)| *name == setting.text) {
                    Some(("mode", ..)) => formats(&mut pool, knowledge),
                    Some((_, choices, ..)) => choose(&mut pool, choices),
                    None => {}
                }
            }
        }
    }
    quoted(pool.finish())
}

/// What stands at this place behind the command.
pub(super) fn argument(command: &Command, place: usize) -> Option<Argument> {
    let arguments = command.arguments;
    arguments.get(place).or(arguments.last()).copied()
}

pub(super) fn meaning(knowledge: &Knowledge, command: &'static Command) -> &'static str {
    in_lang(knowledge, command.en, command.zh)
}

fn in_lang(knowledge: &Knowledge, en: &'static str, zh: &'static str) -> &'static str {
    match knowledge.lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// Names of commands behind `.`, aliases behind `\`.
fn names(knowledge: &Knowledge, text: &str, start: usize, at: usize) -> Completion {
    let typed = text.get(start..at).unwrap_or_default();
    let Some(mark) = typed.chars().next() else {
        return Completion::none(at);
    };
    let mut pool = Pool::new(&typed[mark.len_utf8()..], start);
    for command in COMMANDS {
        let all = std::iter::once(&command.name).chain(command.aliases);
        for name in all.filter(|name| name.starts_with(mark)) {
            let space = if command.arguments.is_empty() || text[at..].starts_with(' ') {
                ""
            } else {
                " "
            };
            let group = u8::from(*name != command.name);
            let written = format!("{name}{space}");
            pool.offer_as(
                group,
                (&name[1..], ""),
                written,
                meaning(knowledge, command),
            );
        }
    }
    pool.finish()
}

fn queries<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge) {
    for query in &knowledge.queries {
        pool.offer(0, query.name.as_str(), &query.title, Dress::Plain, "");
    }
}

fn formats(pool: &mut Pool<'_>, knowledge: &Knowledge) {
    for format in &knowledge.formats {
        pool.offer(0, *format, "", Dress::Plain, "");
    }
}

fn choose(pool: &mut Pool<'_>, choices: &[&'static str]) {
    for choice in choices {
        pool.offer(0, *choice, "", Dress::Plain, "");
    }
}

/// Parameters that are not given yet, or the values of the one before the cursor.
fn parameters(
    knowledge: &Knowledge,
    query: &Query,
    before: &[Word],
    word: &Word,
    text: &str,
    at: usize,
) -> Completion {
    let Some((name, value)) = word.text.split_once('=') else {
        let mut pool = Pool::new(&word.text, word.start);
        let given = |parameter: &&Parameter| {
            let starts = |word: &Word| {
                word.text
                    .split_once('=')
                    .is_some_and(|(name, _)| name == parameter.name)
            };
            !before.iter().any(starts)
        };
        let remarks: Vec<(&Parameter, String)> = query
            .params
            .iter()
            .filter(given)
            .map(|parameter| (parameter, remark(parameter)))
            .collect();
        for (parameter, remark) in &remarks {
            let equals = if text[at..].starts_with('=') { "" } else { "=" };
            let written = format!("{}{equals}", parameter.name);
            pool.offer_as(0, (&parameter.name, ""), written, remark);
        }
        return pool.finish();
    };
    let Some(parameter) = query.params.iter().find(|parameter| parameter.name == name) else {
        return Completion::none(at);
    };
    let start = word.start
        + text
            .get(word.start..at)
            .and_then(|typed| typed.find('='))
            .map_or(0, |place| place + 1);
    // A quote that was opened is closed behind the value.
    let quote = text[start..at]
        .chars()
        .next()
        .filter(|first| ['\'', '"'].contains(first));
    let mut pool = Pool::new(value, start + quote.map_or(0, char::len_utf8));
    if let Some(quote) = quote {
        let close = !text[at..].starts_with(quote);
        pool = pool.quotes(Quotes::Inside { quote, close });
    }
    for choice in &parameter.choices {
        pool.offer(0, choice.as_str(), "", Dress::Plain, "");
    }
    if parameter.choices.is_empty() {
        if parameter.kind == "flag" {
            choose(&mut pool, &["true", "false"]);
        }
        let plural = format!("{name}s");
        let list = [name, plural.as_str()]
            .into_iter()
            .find_map(|list| knowledge.lists.get(list));
        if parameter.kind == "code" {
            for (code, name) in list.into_iter().flatten() {
                pool.offer(0, code.as_str(), name, Dress::Plain, "");
            }
        }
    }
    let done = pool.finish();
    if quote.is_some() { done } else { quoted(done) }
}

/// Type, default and meaning of a parameter.
fn remark(parameter: &Parameter) -> String {
    let mut text = parameter.kind.clone();
    if let Some(default) = &parameter.default {
        text.push_str(&format!(" = {default}"));
    }
    if let Some(description) = &parameter.description {
        text.push_str(&format!("  {description}"));
    }
    text
}

fn paths(word: &Word, files: &dyn Fn(&str) -> Vec<String>) -> Completion {
    let candidates = files(&word.text)
        .into_iter()
        .map(|path| Candidate {
            replacement: written(&path),
            display: path,
        })
        .collect();
    Completion {
        start: word.start,
        candidates,
    }
}

/// Words with white space in quotes, as the command line wants them.
fn quoted(mut completion: Completion) -> Completion {
    for candidate in &mut completion.candidates {
        candidate.replacement = written(&candidate.replacement);
    }
    completion
}
