//! How alike two values are, in levels: 1 is the best, the last is "different".
//! Entry points: [`Kind::level`] and [`Kind::levels`]. A missing side is the caller's level 0.

use rapidfuzz::distance::{jaro_winkler, osa};

/// What a column holds, hence how its values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Names and other words: equal, then Jaro–Winkler 0.92, 0.88, 0.7.
    Text,
    /// Numbers that name something: equal, one slip of the keys, two.
    Number,
    /// Dates as eight digits: equal, one slip or day and month swapped, two of the three parts.
    Date,
    /// A few fixed values: equal or not.
    Category,
}

impl Kind {
    /// How many levels there are, the last being "different".
    #[must_use]
    pub fn levels(self) -> usize {
        match self {
            Self::Text => 5,
            Self::Number | Self::Date => 4,
            Self::Category => 2,
        }
    }

    /// The level of two values that are there.
    #[must_use]
    pub fn level(self, a: &str, b: &str) -> usize {
        if a == b {
            return 1;
        }
        match self {
            Self::Text => text(a, b),
            Self::Number => 1 + slips(a, b, 2).unwrap_or(3),
            Self::Date => date(a, b),
            Self::Category => 2,
        }
    }

    /// The levels in words, the best first.
    #[must_use]
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Text => &[
                "equal",
                "nearly equal",
                "alike",
                "somewhat alike",
                "different",
            ],
            Self::Number => &["equal", "one slip", "two slips", "different"],
            Self::Date => &["equal", "one slip", "two parts equal", "different"],
            Self::Category => &["equal", "different"],
        }
    }
}

fn text(a: &str, b: &str) -> usize {
    let args = jaro_winkler::Args::default().score_cutoff(0.7);
    match jaro_winkler::similarity_with_args(a.chars(), b.chars(), &args) {
        Some(s) if s >= 0.92 => 2,
        Some(s) if s >= 0.88 => 3,
        Some(_) => 4,
        None => 5,
    }
}

/// Keystrokes between two values (changes, gaps, neighbours swapped), when at most `most`.
#[must_use]
pub fn slips(a: &str, b: &str, most: usize) -> Option<usize> {
    let args = osa::Args::default().score_cutoff(most);
    osa::distance_with_args(a.bytes(), b.bytes(), &args)
}

fn date(a: &str, b: &str) -> usize {
    if slips(a, b, 1).is_some() {
        return 2;
    }
    let (Some(x), Some(y)) = (parts(a), parts(b)) else {
        return 4;
    };
    if x[0] == y[0] && x[1] == y[2] && x[2] == y[1] {
        return 2;
    }
    let same = x.iter().zip(&y).filter(|(x, y)| x == y).count();
    if same == 2 { 3 } else { 4 }
}

fn parts(date: &str) -> Option<[&str; 3]> {
    Some([date.get(..4)?, date.get(4..6)?, date.get(6..8)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_fall_with_likeness() {
        assert_eq!(Kind::Text.level("martha", "martha"), 1);
        // 0.9611 in Winkler's own table.
        assert_eq!(Kind::Text.level("martha", "marhta"), 2);
        // 0.8133 there.
        assert_eq!(Kind::Text.level("dixon", "dicksonx"), 4);
        assert_eq!(Kind::Text.level("王芳", "李强"), 5);
        assert_eq!(Kind::Number.level("1234", "1243"), 2);
        assert_eq!(Kind::Number.level("1234", "1299"), 3);
        assert_eq!(Kind::Number.level("1234", "9876"), 4);
        assert_eq!(Kind::Date.level("18800302", "18800203"), 2);
        assert_eq!(Kind::Date.level("18800302", "18810302"), 2);
        assert_eq!(Kind::Date.level("18800302", "18991502"), 4);
        assert_eq!(Kind::Date.level("18800302", "18970302"), 3);
        assert_eq!(Kind::Category.level("a", "b"), 2);
    }
}
