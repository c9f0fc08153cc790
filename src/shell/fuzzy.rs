//! Finding by a few characters. Entry point: [`search`]. Every word of the query must be found, in
//! any order; its characters must come in order, and better together than apart.

/// A text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which of the texts, from 0.
    pub place: usize,
    /// The bytes at which the characters of the query start, in order.
    pub positions: Vec<usize>,
    score: i64,
}

/// The texts that fit `query`, best first, then newest (last) first; the same text only once.
pub(super) fn search<'a>(query: &str, texts: impl Iterator<Item = &'a str>) -> Vec<Found> {
    let words: Vec<Vec<char>> = query
        .split_whitespace()
        .map(|word| word.chars().map(fold).collect())
        .collect();
    let texts: Vec<&str> = texts.collect();
    let mut seen = std::collections::HashSet::new();
    let mut found: Vec<Found> = texts
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, text)| seen.insert(**text))
        .filter_map(|(place, text)| {
            let (score, positions) = fit(&words, text)?;
            Some(Found {
                place,
                positions,
                score,
            })
        })
        .collect();
    // The sort is stable: of equals the newest stays first.
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

fn fold(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn fit(words: &[Vec<char>], text: &str) -> Option<(i64, Vec<usize>)> {
    let characters: Vec<(usize, char)> = text.char_indices().map(|(at, c)| (at, fold(c))).collect();
    let mut score = 0;
    let mut positions = Vec::new();
    for word in words {
        let (points, places) = together(word, &characters).or_else(|| apart(word, &characters))?;
        score += points;
        positions.extend(places.into_iter().map(|place| characters[place].0));
    }
    positions.sort_unstable();
    positions.dedup();
    Some((score, positions))
}

/// The word as it stands, best as a whole word of the text, then at the start of one.
fn together(word: &[char], text: &[(usize, char)]) -> Option<(i64, Vec<usize>)> {
    let is_in_word =
        |place: Option<&(usize, char)>| place.is_some_and(|(_, c)| c.is_alphanumeric());
    let mut best: Option<(i64, usize)> = None;
    for start in 0..(text.len() + 1).checked_sub(word.len())? {
        if text[start..].iter().zip(word).any(|((_, c), w)| c != w) {
            continue;
        }
        let starts = !is_in_word(start.checked_sub(1).and_then(|before| text.get(before)));
        let ends = !is_in_word(text.get(start + word.len()));
        let points = 1_500 + if starts { 500 } else { 0 } + if starts && ends { 500 } else { 0 };
        if best.is_none_or(|(most, _)| points > most) {
            best = Some((points, start));
        }
    }
    best.map(|(points, start)| (points, (start..start + word.len()).collect()))
}

/// The characters in order, in the shortest stretch that ends first.
fn apart(word: &[char], text: &[(usize, char)]) -> Option<(i64, Vec<usize>)> {
    let mut end = 0;
    for w in word {
        end += text[end..].iter().position(|(_, c)| c == w)? + 1;
    }
    let mut places = Vec::with_capacity(word.len());
    let mut at = end;
    for w in word.iter().rev() {
        at = text[..at].iter().rposition(|(_, c)| c == w)?;
        places.push(at);
    }
    places.reverse();
    let gaps = end - at - word.len();
    let gaps = i64::try_from(gaps).unwrap_or(i64::MAX).min(1_000);
    Some((1_000 - gaps, places))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 5] = [
        "select count(*) from births",
        ".tables",
        "select sex, count(*) from 出生 group by sex",
        "select b, i, r from t",
        ".tables",
    ];

    fn found(query: &str) -> Vec<usize> {
        search(query, TEXTS.into_iter())
            .into_iter()
            .map(|found| found.place)
            .collect()
    }

    #[test]
    fn closer_matches_come_first_and_the_newest_of_equals() {
        assert_eq!(found("bir"), [0, 3]);
        assert_eq!(found("tables"), [4]);
        assert_eq!(found("cnt"), [2, 0]);
        assert_eq!(found("COUNT"), [2, 0]);
        let years = ["select 2018", "select 20181", "select 12018"];
        let order: Vec<usize> = search("2018", years.into_iter())
            .iter()
            .map(|found| found.place)
            .collect();
        assert_eq!(order, [0, 1, 2]);
        assert_eq!(found("zzz"), [] as [usize; 0]);
    }

    #[test]
    fn words_may_come_in_any_order() {
        assert_eq!(found("births count"), [0]);
        assert_eq!(found("sex 出生"), [2]);
    }

    #[test]
    fn no_query_finds_everything_newest_first() {
        assert_eq!(found(""), [4, 3, 2, 0]);
    }

    #[test]
    fn positions_are_bytes_of_the_text() {
        let all = search("出生 sex", TEXTS.into_iter());
        let text = TEXTS[2];
        let shown: String = all[0]
            .positions
            .iter()
            .filter_map(|at| text[*at..].chars().next())
            .collect();
        assert_eq!(shown, "sex出生");
        assert_eq!(search("slt", TEXTS.into_iter())[0].positions.len(), 3);
    }
}
