//! Codes: what a column with a code list can be compared with.

use super::frames::Frames;
use super::knowledge::Knowledge;
use super::pool::{Dress, Pool};
use super::scope::{Field, Relation, Scope};

const OPERATORS: [&str; 9] = ["=", "<>", "!=", "==", "<", ">", "<=", ">=", "~"];

/// The column that a value at token `before + 1` is compared with: `sex = …`, `sex IN (…, …`,
/// `sex LIKE …`, `CASE sex WHEN …`.
pub(super) fn compared<'a>(
    scope: &Scope<'a, '_>,
    relations: &[Relation<'a>],
    before: usize,
) -> Option<Field<'a>> {
    let frames = scope.frames;
    let mut at = before;
    if OPERATORS
        .iter()
        .any(|operator| frames.is_symbol(at, operator))
    {
        return scope.column(relations, at.checked_sub(1)?);
    }
    if frames.is_any(at, &["like", "ilike"]) {
        at = at.checked_sub(1)?;
        if frames.is(at, "not") {
            at = at.checked_sub(1)?;
        }
        return scope.column(relations, at);
    }
    // IS [NOT] DISTINCT FROM
    if frames.is(at, "from") && frames.is(at.checked_sub(1)?, "distinct") {
        at = at.checked_sub(2)?;
        while frames.is_any(at, &["not", "is"]) {
            at = at.checked_sub(1)?;
        }
        return scope.column(relations, at);
    }
    if frames.is(at, "when") {
        let level = frames.level(frames.owner(at));
        let here = level.iter().position(|index| *index == at)?;
        // Only the first WHEN or a later one of the same CASE: nothing but values between.
        let case = level[..here]
            .iter()
            .rposition(|index| frames.is_any(*index, &["case", "end"]))?;
        let operand = level[case + 1..here]
            .iter()
            .position(|index| frames.is(*index, "when"))
            .map_or(here, |first| case + 1 + first);
        if operand == case + 1 || !frames.is(level[case], "case") {
            return None;
        }
        return scope.column(relations, level[operand - 1]);
    }
    if frames.is_symbol(at, "(") || frames.is_symbol(at, ",") {
        let frame = if frames.is_symbol(at, "(") {
            frames.body(at)?
        } else {
            frames.owner(at)
        };
        let mut at = frames.frames.get(frame)?.open?.checked_sub(1)?;
        if !frames.is(at, "in") {
            return None;
        }
        at = at.checked_sub(1)?;
        if frames.is(at, "not") {
            at = at.checked_sub(1)?;
        }
        return scope.column(relations, at);
    }
    None
}

/// The code list that a text at token `before + 1` is of, in `code_name('sex', '1')`; an empty
/// name when it is the name of the list itself.
pub(super) fn named_list(frames: &Frames<'_>, before: usize) -> Option<String> {
    if frames.is_symbol(before, "(") {
        return frames
            .is(before.checked_sub(1)?, "code_name")
            .then(String::new);
    }
    let list = before.checked_sub(1)?;
    let open = list.checked_sub(1)?;
    let fits = frames.is_symbol(before, ",")
        && frames.is_symbol(open, "(")
        && frames.is(open.checked_sub(1)?, "code_name");
    fits.then(|| frames.word(list).trim_matches('\'').to_owned())
}

/// Offers the codes of a list.
pub(super) fn offer<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge, list: &str, dress: Dress) {
    for (code, name) in knowledge.lists.get(list).into_iter().flatten() {
        pool.offer(0, code.as_str(), name, dress, "");
    }
}

/// How the codes of a column are written outside quotes.
pub(super) fn dress(field: &Field<'_>) -> Dress {
    let kind = field.kind.to_ascii_lowercase();
    let number = [
        "int", "sex", "double", "decimal", "float", "numeric", "real",
    ];
    if number.iter().any(|word| kind.contains(word)) {
        Dress::Plain
    } else {
        Dress::Text
    }
}
