//! Full-width punctuation and spaces of Chinese input methods and pasted documents.

use std::ops::Range;

use super::Finding;
use super::lexeme::{Lexeme, lexemes};
use crate::error::{Error, Message};
use crate::msg;
use crate::warehouse::statement::Place;

/// Full-width signs and what SQL writes for them.
const SIGNS: [(char, &str); 25] = [
    ('，', ","),
    ('、', ","),
    ('；', ";"),
    ('（', "("),
    ('）', ")"),
    ('‘', "'"),
    ('’', "'"),
    ('＇', "'"),
    ('“', "'"),
    ('”', "'"),
    ('＂', "\""),
    ('。', "."),
    ('．', "."),
    ('＝', "="),
    ('＞', ">"),
    ('＜', "<"),
    ('！', "!"),
    ('＋', "+"),
    ('－', "-"),
    ('—', "-"),
    ('＊', "*"),
    ('×', "*"),
    ('／', "/"),
    ('÷', "/"),
    ('％', "%"),
];

/// Comparisons that people type as one sign.
const COMPARISONS: [(char, &str); 3] = [('≥', ">="), ('≤', "<="), ('≠', "<>")];

/// The text with wide, non-breaking and invisible spaces outside quotes as plain ones.
pub(in crate::warehouse) fn plain_spaces(text: &str) -> String {
    if !text.contains(is_odd_space) {
        return text.to_owned();
    }
    let names: Vec<Range<usize>> = lexemes(text)
        .into_iter()
        .filter(|lexeme| lexeme.word().is_some() && !lexeme.is_quoted())
        .map(|lexeme| lexeme.range)
        .collect();
    let mut next = names.iter().peekable();
    text.char_indices()
        .map(|(at, character)| {
            while next.next_if(|range| range.end <= at).is_some() {}
            let inside = next.peek().is_some_and(|range| range.contains(&at));
            if inside && is_odd_space(character) {
                ' '
            } else {
                character
            }
        })
        .collect()
}

fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\u{3000}' | '\u{a0}' | '\u{feff}' | '\u{200b}' | '\u{2002}' | '\u{2003}' | '\u{2009}'
    )
}

/// Refuses full-width punctuation where SQL expects a sign.
///
/// The engine takes such a sign for a letter and would read `select 1；` as a column called `；`.
///
/// # Errors
/// Where the first one stands, with the sign to write.
pub(in crate::warehouse) fn refuse_wide_punctuation(place: &Place) -> Result<(), Error> {
    let words = lexemes(&place.text);
    for (position, lexeme) in words.iter().enumerate() {
        if let Some(finding) = in_word(&place.text, &words, position, lexeme) {
            return Err(finding.into_error(place));
        }
    }
    Ok(())
}

/// A sign that cannot be part of a name.
fn in_word(text: &str, words: &[Lexeme], position: usize, lexeme: &Lexeme) -> Option<Finding> {
    if lexeme.is_quoted() {
        return None;
    }
    lexeme.word()?;
    let said = &text[lexeme.range.clone()];
    let (at, sign) = said
        .char_indices()
        .find(|(_, character)| meaning(*character).is_some())?;
    // `合计（人）` may be the name of a column: only what cannot be is refused here.
    let harmless = |character: char| matches!(character, '（' | '）' | '、' | '％' | '—' | '／');
    let is_call = said.starts_with('（')
        || words
            .get(position + 1)
            .is_some_and(|next| next.range.start == lexeme.range.end && said.ends_with('（'));
    if said.chars().all(|c| meaning(c).is_none() || harmless(c)) && balanced(said) && !is_call {
        return None;
    }
    let start = lexeme.range.start + at;
    Some(finding(sign).at(start..start + sign.len_utf8()))
}

/// What to say about a name that holds such a sign and is not known.
pub(super) fn in_unknown_name(said: &str, start: usize) -> Option<Finding> {
    let (at, sign) = said
        .char_indices()
        .find(|(_, character)| meaning(*character).is_some())?;
    Some(finding(sign).at(start + at..start + at + sign.len_utf8()))
}

fn finding(sign: char) -> Finding {
    let plain = meaning(sign).unwrap_or_default();
    Finding::new(msg!(
        "full-width `{sign}` is not a sign of SQL",
        "全角符号 `{sign}` 不能用于 SQL 语法"
    ))
    .hint(advice(sign, plain))
}

fn advice(sign: char, plain: &str) -> Message {
    match sign {
        '‘' | '’' | '“' | '”' | '＇' => msg!(
            "text goes in plain single quotes: 'text'",
            "文本请用半角单引号括起：'文本'"
        ),
        _ => msg!(
            "write `{plain}`, with the input method switched to half-width",
            "请改用半角 `{plain}`（输入法切换为半角/英文标点）"
        ),
    }
}

fn meaning(sign: char) -> Option<&'static str> {
    SIGNS
        .iter()
        .chain(&COMPARISONS)
        .find(|(wide, _)| *wide == sign)
        .map(|(_, plain)| *plain)
}

fn balanced(name: &str) -> bool {
    let mut depth = 0_i32;
    for character in name.chars() {
        depth += match character {
            '（' => 1,
            '）' => -1,
            _ => 0,
        };
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Place {
        Place {
            text: text.into(),
            first_line: 1,
            range: 0..text.len(),
        }
    }

    #[test]
    fn odd_spaces_become_spaces_outside_quotes_only() {
        assert_eq!(
            plain_spaces("\u{feff}select　sex\u{a0}from t where x = '甲　乙' and \"a　b\" = 1"),
            " select sex from t where x = '甲　乙' and \"a　b\" = 1"
        );
    }

    #[test]
    fn signs_are_refused_and_names_and_texts_left_alone() {
        for wrong in [
            "select 1；",
            "select a，b from t",
            "select count（*） from t",
            "select x from t where x = ‘县’",
            "select x from t where x ≥ 1",
            "select x from t where x ＝ 1",
        ] {
            assert!(refuse_wide_punctuation(&place(wrong)).is_err(), "{wrong}");
        }
        for right in [
            "select '，；（‘’）' as x",
            "select a as 合计（人） from t",
            "select \"甲，乙\" from t -- 注：，",
            "select 性别 from 出生医学证明",
        ] {
            assert!(refuse_wide_punctuation(&place(right)).is_ok(), "{right}");
        }
    }
}
