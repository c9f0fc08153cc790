//! The valid name nearest to a mistyped one.

use std::cmp::Reverse;

use crate::error::Message;
use crate::msg;

/// The candidate with the fewest edits from `name`, if it is close enough to be a typing error:
/// at most one edit per three characters, and at least one.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        // Fingers slip inside a word more often than at its first letter.
        .min_by_key(|(distance, candidate)| {
            (
                *distance,
                Reverse(common_start(name, candidate)),
                *candidate,
            )
        })
        .map(|(_, candidate)| candidate)
}

fn common_start(left: &str, right: &str) -> usize {
    let same = |(l, r): &(char, char)| l.eq_ignore_ascii_case(r);
    left.chars().zip(right.chars()).take_while(same).count()
}

/// A hint that names the nearest candidate, or else lists the candidates when they are few.
pub(super) fn suggestion<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<Message> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(msg!("did you mean `{near}`?", "是否为 `{near}`？"));
    }
    if candidates.is_empty() || candidates.len() > 40 {
        return None;
    }
    let list = candidates.join(", ");
    Some(msg!("expected one of: {list}", "可用的有：{list}"))
}

/// Edits (insert, delete, replace, swap of neighbours) from one text to the other, in characters.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut row = Vec::with_capacity(right.len() + 1);
        row.push(i + 1);
        for (j, r) in right.iter().enumerate() {
            let replace = last[j] + usize::from(l != r);
            let mut edits = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                edits = edits.min(before[j - 1] + 1);
            }
            row.push(edits);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_edits_and_swaps() {
        assert_eq!(distance("birth_date", "birht_date"), 1);
        assert_eq!(distance("sex", "six"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("出生日期", "出生时间"), 2);
    }

    #[test]
    fn finds_the_nearest_name_and_none_when_far() {
        let names = ["certificate_no", "mother_id", "sex"];
        assert_eq!(nearest("mother_di", names), Some("mother_id"));
        assert_eq!(nearest("weight", names), None);
    }
}
