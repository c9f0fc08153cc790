//! Ages and age groups as people write them, and single years folded into groups of five.

use crate::domain::sex;

/// The youngest and the oldest age of a row; `None` above is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Ages {
    pub(super) from: u32,
    pub(super) to: Option<u32>,
}

impl Ages {
    /// Whether it is one year of age.
    pub(super) fn is_single(self) -> bool {
        self.to.is_none_or(|to| to == self.from)
    }

    /// The group of five years it is in; everything from `open` on is one group.
    pub(super) fn folded(self, open: u32) -> Self {
        if self.from >= open {
            return Self {
                from: open,
                to: None,
            };
        }
        let from = self.from / 5 * 5;
        Self {
            from,
            to: Some(from + 4),
        }
    }

    /// As reports write it: `0`, `15-19`, `85+`.
    pub(super) fn label(self) -> String {
        let from = self.from;
        match self.to {
            None => format!("{from}+"),
            Some(to) if to == from => from.to_string(),
            Some(to) => format!("{from}-{to}"),
        }
    }
}

/// The oldest that anybody is.
const OLDEST: u32 = 150;

/// Reads `7`, `7岁`, `15-19`, `15～19岁`, `85+`, `85岁及以上`, `under 1`.
pub(super) fn ages(text: &str) -> Option<Ages> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '岁' && *c != '周')
        .collect();
    let number = |text: &str| -> Option<u32> {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_plain.then(|| text.parse().ok())?;
        number.filter(|age| *age <= OLDEST)
    };
    let open = ["+", "及以上", "以上", "＋", "andover", "andolder"];
    if let Some(from) = open.iter().find_map(|end| text.strip_suffix(end)) {
        return Some(Ages {
            from: number(from)?,
            to: None,
        });
    }
    if let Some(single) = number(&text) {
        return Some(Ages {
            from: single,
            to: Some(single),
        });
    }
    let (from, to) = text.split_once(['-', '–', '—', '~', '～', '－', '至'])?;
    let (from, to) = (number(from)?, number(to)?);
    (from <= to).then_some(Ages { from, to: Some(to) })
}

/// Which half of a pyramid a column is for, and its name without the word that says so:
/// `male_pct` and `female_pct` belong together.
pub(super) fn side(name: &str) -> Option<(bool, String)> {
    const WORDS: [(&str, bool); 16] = [
        ("females", false),
        ("female", false),
        ("women", false),
        ("woman", false),
        ("girls", false),
        ("girl", false),
        ("女性", false),
        ("女", false),
        ("males", true),
        ("male", true),
        ("men", true),
        ("man", true),
        ("boys", true),
        ("boy", true),
        ("男性", true),
        ("男", true),
    ];
    let name = name.to_lowercase();
    if name.contains('男') && name.contains('女') {
        return None;
    }
    WORDS.iter().find_map(|(word, is_male)| {
        let at = name.find(word)?;
        let is_word = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphabetic());
        let (before, after) = (&name[..at], &name[at + word.len()..]);
        let stands_alone = is_word(before.chars().next_back()) && is_word(after.chars().next());
        stands_alone.then(|| (*is_male, format!("{before}|{after}")))
    })
}

/// Whether a sex is male; `None` for unknown.
pub(super) fn is_male(text: &str) -> Option<bool> {
    match sex::read(text)? {
        sex::MALE => Some(true),
        sex::FEMALE => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_groups_are_read_as_tables_write_them() {
        let group = |from, to| Some(Ages { from, to });
        for (text, expected) in [
            ("0", group(0, Some(0))),
            ("7岁", group(7, Some(7))),
            ("1-4", group(1, Some(4))),
            ("15～19岁", group(15, Some(19))),
            ("15 – 19", group(15, Some(19))),
            ("85+", group(85, None)),
            ("85岁及以上", group(85, None)),
            ("100 and over", group(100, None)),
            ("合计", None),
            ("unknown", None),
            ("2018", None),
            ("19-15", None),
            ("", None),
        ] {
            assert_eq!(ages(text), expected, "{text}");
        }
    }

    #[test]
    fn single_years_fold_into_groups_of_five() {
        let age = |from| Ages {
            from,
            to: Some(from),
        };
        assert_eq!(age(0).folded(100).label(), "0-4");
        assert_eq!(age(99).folded(100).label(), "95-99");
        assert_eq!(age(103).folded(100).label(), "100+");
        assert_eq!(age(7).label(), "7");
    }

    #[test]
    fn columns_of_men_and_women_belong_together_by_their_names() {
        assert_eq!(side("males"), Some((true, "|".to_owned())));
        assert_eq!(side("female_pct"), Some((false, "|_pct".to_owned())));
        assert_eq!(side("男性人口"), Some((true, "|人口".to_owned())));
        assert_eq!(side("男女比"), None);
        assert_eq!(side("management"), None);
        assert_eq!(side("births"), None);
    }
}
