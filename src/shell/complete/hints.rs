//! What may be shown dim behind the cursor.

use super::arguments::words;
use super::commands::argument;
use super::frames::Frames;
use super::knowledge::{Knowledge, Query};
use super::statement::{Statement, current};
use super::tokens::{Kind, Token};
use crate::shell::command::{Argument, find};

/// A hint at byte `at`: the rest of the only completion, or else, behind two spaces, how the
/// function, saved query or command goes on.
pub(super) fn hint(knowledge: &Knowledge, text: &str, at: usize) -> Option<String> {
    // Only behind everything: elsewhere the hint would cover what follows.
    if !text.get(at..)?.trim().is_empty() {
        return None;
    }
    if let Some(rest) = rest(knowledge, text, at) {
        return Some(rest);
    }
    let usage = match current(text, at) {
        Statement::Command(start, _) => usage(knowledge, text, start, at),
        Statement::Sql(tokens) => signature(knowledge, text, &tokens, at),
    };
    usage.map(|usage| format!("  {usage}"))
}

/// What is missing of the only candidate that begins with what was typed.
fn rest(knowledge: &Knowledge, text: &str, at: usize) -> Option<String> {
    let completion = super::complete(knowledge, text, at, &|_| Vec::new());
    let typed = text.get(completion.start..at)?;
    let [only] = completion.candidates.as_slice() else {
        return None;
    };
    let rest = only.replacement.strip_prefix(typed)?;
    (!typed.is_empty() && !rest.trim().is_empty()).then(|| rest.to_owned())
}

/// How the command goes on.
fn usage(knowledge: &Knowledge, text: &str, start: usize, at: usize) -> Option<String> {
    let words = words(text, start, at);
    let (word, before) = words.split_last()?;
    let Some(name) = before.first() else {
        // The name is being typed; its usage stands behind a space.
        let found = find(&word.text).filter(|one| one.name == word.text)?;
        return (!found.usage.is_empty()).then(|| found.usage.to_owned());
    };
    let command = find(&name.text)?;
    if !word.text.is_empty() {
        return None;
    }
    if argument(command, before.len() - 1) == Some(Argument::Parameters)
        && let Some(query) = before.get(1).and_then(|name| knowledge.query(&name.text))
    {
        let given: Vec<&str> = before
            .iter()
            .filter_map(|word| word.text.split_once('='))
            .map(|(name, _)| name)
            .collect();
        return Some(parameters(query, &given)).filter(|list| !list.is_empty());
    }
    (before.len() == 1 && !command.usage.is_empty()).then(|| command.usage.to_owned())
}

/// The parameters that are not given yet: `year=2018 [by=none|township|…]`.
fn parameters(query: &Query, given: &[&str]) -> String {
    let list: Vec<String> = query
        .params
        .iter()
        .filter(|parameter| !given.contains(&parameter.name.as_str()))
        .map(|parameter| {
            let mut value = match parameter.choices.as_slice() {
                [] => format!("<{}>", parameter.kind),
                [first, second, _, ..] => format!("{first}|{second}|…"),
                few => few.join("|"),
            };
            if parameter.choices.is_empty()
                && let Some(default) = &parameter.default
            {
                value.clone_from(default);
            }
            match parameter.default {
                Some(_) => format!("[{}={value}]", parameter.name),
                None => format!("{}={value}", parameter.name),
            }
        })
        .collect();
    list.join(" ")
}

/// The signature of the function around the cursor, the argument that the cursor is in between
/// `‹›`.
fn signature(knowledge: &Knowledge, text: &str, tokens: &[Token], at: usize) -> Option<String> {
    let current = tokens.iter().find(|token| token.holds(at));
    if current.is_some_and(|token| token.kind == Kind::Comment) {
        return None;
    }
    let frames = Frames::new(text, tokens);
    let mut frame = frames.around(at);
    loop {
        let open = frames.frames.get(frame)?.open?;
        if frames.frames[frame].query {
            return None;
        }
        if let Some(name) = open.checked_sub(1)
            && frames.kind(name) == Some(Kind::Word)
            && let Some(function) = knowledge.function(frames.word(name))
        {
            let commas = frames
                .level(frame)
                .into_iter()
                .filter(|index| frames.is_symbol(*index, ",") && frames.tokens[*index].start < at);
            return Some(marked(&function.signature, commas.count()));
        }
        frame = frames.frames[frame].parent?;
    }
}

/// The signature with one argument marked; the last one stands for all that follow.
fn marked(signature: &str, place: usize) -> String {
    let Some((name, rest)) = signature.split_once('(') else {
        return signature.to_owned();
    };
    let Some((arguments, tail)) = rest.rsplit_once(')') else {
        return signature.to_owned();
    };
    if arguments.trim().is_empty() {
        return signature.to_owned();
    }
    let mut list = split(arguments);
    let last = list.len().saturating_sub(1);
    let repeats = list
        .last()
        .is_some_and(|last| last.contains('…') || last.contains("..."));
    if place <= last || repeats {
        let place = place.min(last);
        list[place] = format!("‹{}›", list[place]);
    }
    format!("{name}({}){tail}", list.join(", "))
}

/// The arguments, split at commas outside brackets.
fn split(arguments: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let parts = arguments.split(|c| {
        depth += match c {
            '(' | '[' => 1,
            ')' | ']' => -1,
            _ => 0,
        };
        c == ',' && depth <= 0
    });
    parts.map(|part| part.trim().to_owned()).collect()
}
