//! How well a name fits what was typed.

/// How a name fits; the less, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// It is what was typed, or nothing was typed.
    Same,
    /// It begins with it.
    Prefix,
    /// Its parts begin with it: `b_c` and `bc` fit `birth_certificates`. A Chinese character is a
    /// part of its own.
    Parts,
    /// It has it somewhere.
    Inside,
    /// It has its characters in this order.
    Scattered,
}

/// What was typed, prepared for comparing with many names.
#[derive(Debug)]
pub(super) struct Typed(Vec<char>);

/// Names are compared up to this many characters.
const LENGTH: usize = 128;

impl Typed {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().flat_map(char::to_lowercase).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How `name` fits, if it does.
    pub(super) fn fit(&self, name: &str) -> Option<Fit> {
        let typed = self.0.as_slice();
        let [first, ..] = typed else {
            return Some(Fit::Same);
        };
        let mut letters = ['\0'; LENGTH];
        let mut length = 0;
        let mut found_first = false;
        for c in name.chars().take(LENGTH) {
            let c = lower(c);
            letters[length] = c;
            length += 1;
            found_first |= c == *first;
        }
        if !found_first && *first != '_' {
            return None;
        }
        let letters = &letters[..length];
        if letters.starts_with(typed) {
            return Some(if letters.len() == typed.len() {
                Fit::Same
            } else {
                Fit::Prefix
            });
        }
        if parts(typed, letters) {
            return Some(Fit::Parts);
        }
        // One letter stands in most names: that says nothing.
        if typed.len() < 2 {
            return None;
        }
        if letters.windows(typed.len()).any(|window| window == typed) {
            return Some(Fit::Inside);
        }
        let mut rest = letters.iter();
        typed
            .iter()
            .all(|c| rest.any(|letter| letter == c))
            .then_some(Fit::Scattered)
    }

    /// Whether `word` begins with it, for keywords.
    pub(super) fn begins(&self, word: &str) -> bool {
        let mut letters = word.chars().map(lower);
        self.0.iter().all(|c| letters.next() == Some(*c))
    }
}

fn lower(c: char) -> char {
    if c.is_ascii() {
        c.to_ascii_lowercase()
    } else {
        c.to_lowercase().next().unwrap_or(c)
    }
}

/// Whether what was typed is made of beginnings of the name's parts, in order. Sets of places in
/// the name are kept as bits.
fn parts(typed: &[char], name: &[char]) -> bool {
    let mut begins: u128 = 0;
    for (index, c) in name.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| name[before]);
        let begin = c.is_alphanumeric()
            && (!c.is_ascii()
                || before.is_none_or(|before| !before.is_ascii_alphanumeric())
                || (c.is_ascii_digit() && before.is_some_and(|b| !b.is_ascii_digit())));
        if begin {
            begins |= 1 << index;
        }
    }
    // Where the next letter may stand.
    let mut next = begins;
    for c in typed {
        let mut hits: u128 = 0;
        if *c == '_' || *c == ' ' || *c == '.' {
            // The next letter begins a part.
            next = begins & at_or_after(next);
            hits = next;
        } else {
            for (index, letter) in name.iter().enumerate() {
                if letter == c && next & (1 << index) != 0 {
                    hits |= 1 << index;
                }
            }
            let follow = hits << 1;
            next = follow | (begins & at_or_after(follow));
        }
        if hits == 0 {
            return false;
        }
    }
    true
}

/// All places from the first of `set` on.
fn at_or_after(set: u128) -> u128 {
    match set.trailing_zeros() {
        128 => 0,
        place => u128::MAX << place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fits_are_graded() {
        for (typed, name, fit) in [
            ("", "sex", Some(Fit::Same)),
            ("SEX", "sex", Some(Fit::Same)),
            ("birth", "birth_date", Some(Fit::Prefix)),
            ("b_c", "birth_certificates", Some(Fit::Parts)),
            ("bc", "birth_certificates", Some(Fit::Parts)),
            ("bice", "birth_certificates", Some(Fit::Parts)),
            ("cert", "birth_certificates", Some(Fit::Parts)),
            ("b_i", "birth_certificates", Some(Fit::Scattered)),
            ("证明", "出生医学证明", Some(Fit::Parts)),
            ("出证", "出生医学证明", Some(Fit::Parts)),
            ("ificate", "birth_certificates", Some(Fit::Inside)),
            ("bths", "birth_certificates", Some(Fit::Scattered)),
            ("e", "sex", None),
            ("xs", "sex", None),
            ("证出", "出生医学证明", None),
            ("_", "birth_date", Some(Fit::Parts)),
            ("delivery_id_", "delivery_id", None),
        ] {
            assert_eq!(Typed::new(typed).fit(name), fit, "{typed} {name}");
        }
    }

    #[test]
    fn long_names_are_no_trouble() {
        let long = "a_".repeat(300);
        assert_eq!(Typed::new(&"a".repeat(100)).fit(&long), None);
        assert_eq!(Typed::new(&"a".repeat(60)).fit(&long), Some(Fit::Parts));
    }
}
