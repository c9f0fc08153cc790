//! Names that somebody may have meant.

use crate::catalog::nearest;
use crate::error::Message;
use crate::msg;

/// The candidate that `name` is probably a slip of: few edits, or the same but for case,
/// underscores and a plural `s`.
pub(super) fn nearest_name<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    let plain = squeezed(name);
    candidates
        .iter()
        .copied()
        .find(|candidate| squeezed(candidate) == plain)
        .or_else(|| {
            // One edit of a name of one or two letters says nothing.
            let found = nearest(name, candidates.iter().copied())?;
            (name.chars().count() > 2 || is_chinese(name)).then_some(found)
        })
}

/// Up to three candidates: the nearest, or else those that contain the name or that it abbreviates.
pub(super) fn likely<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(found) = nearest_name(name, candidates.iter().copied()) {
        return vec![found];
    }
    let plain = squeezed(name);
    let enough = if is_chinese(name) { 2 } else { 4 };
    if plain.chars().count() < enough {
        return Vec::new();
    }
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let other = squeezed(candidate);
            let rank = if other.starts_with(&plain) {
                0
            } else if other.contains(&plain) {
                1
            } else if other.chars().count() >= enough && plain.contains(&other) {
                2
            } else if is_chinese(name) && abbreviates(&plain, &other) {
                3
            } else {
                return None;
            };
            Some((rank, candidate))
        })
        .collect();
    found.sort_unstable();
    let best = found.first().map(|(rank, _)| *rank);
    found
        .into_iter()
        .filter(|(rank, _)| Some(*rank) == best)
        .take(3)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// "did you mean `a` or `b`?"
pub(super) fn did_you_mean<S: AsRef<str>>(names: &[S]) -> Option<Message> {
    if names.is_empty() {
        return None;
    }
    let (en, zh) = (listed(names, " or "), listed(names, " 或 "));
    Some(msg!("did you mean {en}?", "是否为 {zh}？"))
}

/// Names in backticks, the last one after `and`; commas of the language that `and` is of.
pub(super) fn listed<S: AsRef<str>>(names: &[S], and: &str) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            let comma = if and.is_ascii() { ", " } else { "、" };
            format!("{}{and}{last}", rest.join(comma))
        }
        _ => quoted.concat(),
    }
}

/// Lower case, without underscores and a plural `s`.
fn squeezed(name: &str) -> String {
    let plain: String = name
        .chars()
        .filter(|character| !matches!(character, '_' | ' ' | '-'))
        .flat_map(char::to_lowercase)
        .collect();
    match plain.strip_suffix('s') {
        Some(stem) if stem.chars().count() > 2 => stem.to_owned(),
        _ => plain,
    }
}

fn is_chinese(name: &str) -> bool {
    !name.is_ascii()
}

/// Whether the characters of `short` stand in `long` in this order, from its first.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().next() == long.chars().next()
        && short
            .chars()
            .all(|character| rest.any(|other| other == character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_plurals_and_case_are_the_nearest() {
        let names = ["birth_certificates", "deaths", "出生医学证明", "户籍人口"];
        assert_eq!(
            nearest_name("birth_certificate", names),
            Some("birth_certificates")
        );
        assert_eq!(
            nearest_name("BirthCertificates", names),
            Some("birth_certificates")
        );
        assert_eq!(nearest_name("death", names), Some("deaths"));
        assert_eq!(nearest_name("出生医学证名", names), Some("出生医学证明"));
        assert_eq!(nearest_name("n", ["m"]), None);
    }

    #[test]
    fn parts_and_abbreviations_are_likely() {
        let names = [
            "birth_certificates",
            "birth_counts",
            "出生医学证明",
            "户籍人口",
        ];
        assert_eq!(
            likely("births", names),
            ["birth_certificates", "birth_counts"]
        );
        assert_eq!(likely("certificates", names), ["birth_certificates"]);
        assert_eq!(likely("出生证", names), ["出生医学证明"]);
        assert!(likely("pension", names).is_empty());
    }
}
