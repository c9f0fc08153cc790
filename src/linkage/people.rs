//! Persons behind the ID numbers that registers give for mothers and fathers: wrong numbers are
//! mended by a valid one that the registers hold under the same name.
//! Entry points: [`People::know`] for every mention, then [`People::find`].

use std::collections::HashMap;

use super::names::{Likeness, NO_NAME, Names};
use crate::domain::citizen_id::{self, IdStatus, check_digit};

/// Nobody known.
pub const NOBODY: u32 = u32::MAX;

/// How a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// By a valid number.
    Number,
    /// By a wrong number that one slip away from it, and the name.
    Repaired,
    /// By the first fifteen digits and the name: a spreadsheet lost the others.
    Prefix,
    /// By the name and the spouse.
    Spouse,
}

/// One mention of a parent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mention {
    /// The number as read.
    pub number: Number,
    /// The name.
    pub name: u32,
    /// The sex of the role: 1 for a father, 2 for a mother, 0 for anybody.
    pub sex: u8,
}

/// What an ID cell holds, as far as linking can use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Number {
    /// Nothing of use.
    #[default]
    None,
    /// A number whose check digit and date are right.
    Right([u8; 18]),
    /// Eighteen characters with a slip in them.
    Wrong([u8; 18]),
    /// Fifteen digits that a spreadsheet has left.
    Prefix([u8; 15]),
}

impl Number {
    /// Reads a cell; `today` in days since 1970-01-01.
    #[must_use]
    pub fn read(cell: &str, today: i32) -> Self {
        if cell.is_empty() {
            return Self::None;
        }
        let reading = citizen_id::read(cell, false, today);
        match (reading.status, reading.number) {
            (IdStatus::LossySuspect, _) => prefix(cell),
            (IdStatus::BadCheckDigit, Some(number)) if number.ends_with(b"000") => prefix(cell),
            // A number that obeys the check but not the list of provinces still names one person.
            (status, Some(number)) if status.is_valid() || status == IdStatus::UnknownDivision => {
                let [digits @ .., last] = number;
                if check_digit(&digits) == last {
                    Self::Right(number)
                } else {
                    Self::Wrong(number)
                }
            }
            (_, Some(number)) => Self::Wrong(number),
            _ => eighteen(cell).map_or(Self::None, Self::Wrong),
        }
    }

    /// The sex that the number's order digits tell: 1 male, 2 female.
    fn sex(self) -> u8 {
        match self {
            Self::Right(number) => {
                if number[16] % 2 == 1 {
                    1
                } else {
                    2
                }
            }
            _ => 0,
        }
    }
}

fn eighteen(cell: &str) -> Option<[u8; 18]> {
    let number: [u8; 18] = cell
        .trim()
        .to_ascii_uppercase()
        .as_bytes()
        .try_into()
        .ok()?;
    number[..17]
        .iter()
        .all(u8::is_ascii_digit)
        .then_some(number)
}

fn prefix(cell: &str) -> Number {
    let digits: Vec<u8> = cell.bytes().filter(u8::is_ascii_digit).take(15).collect();
    <[u8; 15]>::try_from(digits).map_or(Number::None, Number::Prefix)
}

/// Everybody with a valid number in any register.
#[derive(Debug, Default)]
pub struct People {
    numbers: HashMap<[u8; 18], u32>,
    by_prefix: HashMap<[u8; 15], Vec<u32>>,
    /// Up to three names per person.
    names: Vec<[u32; 3]>,
    all: Vec<[u8; 18]>,
    /// Folded name and spouse -> person; [`NOBODY`] when there are two.
    by_spouse: HashMap<(u32, u32), u32>,
}

impl People {
    /// Takes in a mention with a right number.
    pub fn know(&mut self, mention: Mention, names: &Names) {
        let Number::Right(number) = mention.number else {
            return;
        };
        if mention.sex != 0 && mention.number.sex() != mention.sex {
            return;
        }
        let next = self.names.len() as u32;
        let person = *self.numbers.entry(number).or_insert(next);
        if person == next {
            self.names.push([NO_NAME; 3]);
            self.all.push(number);
        }
        let folded = names.folded(mention.name);
        let known = &mut self.names[person as usize];
        if folded != NO_NAME
            && known
                .iter()
                .all(|name| *name == NO_NAME || names.folded(*name) != folded)
            && let Some(slot) = known.iter_mut().find(|name| **name == NO_NAME)
        {
            *slot = mention.name;
        }
    }

    /// To be called when all numbers are known: makes them searchable by what a spreadsheet leaves.
    pub fn index(&mut self) {
        for (person, number) in (0..).zip(&self.all) {
            if let Some(prefix) = number.first_chunk::<15>() {
                self.by_prefix.entry(*prefix).or_default().push(person);
            }
        }
    }

    /// Takes in a couple, so that a spouse without number can be found.
    pub fn marry(&mut self, person: u32, name: u32, spouse: u32, names: &Names) {
        let folded = names.folded(name);
        if person == NOBODY || spouse == NOBODY || folded == NO_NAME {
            return;
        }
        let known = self.by_spouse.entry((folded, spouse)).or_insert(person);
        if *known != person {
            *known = NOBODY;
        }
    }

    /// The person of a mention by its number. A number of the other sex (the father's in the mother's
    /// field) names nobody here.
    #[must_use]
    pub fn find(&self, mention: Mention, names: &Names) -> Option<(u32, Found)> {
        match mention.number {
            Number::Right(number) if mention.sex == 0 || mention.number.sex() == mention.sex => {
                Some((*self.numbers.get(&number)?, Found::Number))
            }
            Number::Wrong(number) => {
                let found = self.one(self.neighbours(&number), mention, names)?;
                Some((found, Found::Repaired))
            }
            Number::Prefix(prefix) => {
                let candidates = self.by_prefix.get(&prefix).cloned().unwrap_or_default();
                Some((self.one(candidates, mention, names)?, Found::Prefix))
            }
            _ => None,
        }
    }

    /// The person with this name whose spouse is `spouse`.
    #[must_use]
    pub fn find_spouse(&self, name: u32, spouse: u32, names: &Names) -> Option<(u32, Found)> {
        let found = *self.by_spouse.get(&(names.folded(name), spouse))?;
        (found != NOBODY && spouse != NOBODY).then_some((found, Found::Spouse))
    }

    /// The one candidate of the right sex whose name agrees.
    fn one(&self, candidates: Vec<u32>, mention: Mention, names: &Names) -> Option<u32> {
        let agrees = |person: &u32| {
            let sex = if self.all[*person as usize][16] % 2 == 1 {
                1
            } else {
                2
            };
            (mention.sex == 0 || sex == mention.sex)
                && self.names[*person as usize].iter().any(|known| {
                    matches!(
                        names.level(*known, mention.name),
                        Likeness::Same | Likeness::Sound | Likeness::Shape
                    )
                })
        };
        let mut fitting = candidates.into_iter().filter(agrees);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        }
    }

    /// Persons whose number is one changed digit or one swap of neighbours away.
    fn neighbours(&self, number: &[u8; 18]) -> Vec<u32> {
        let mut found = Vec::new();
        let mut try_one = |candidate: [u8; 18]| {
            if let Some(person) = self.numbers.get(&candidate)
                && !found.contains(person)
            {
                found.push(*person);
            }
        };
        for at in 0..18 {
            let digits: &[u8] = if at == 17 {
                b"0123456789X"
            } else {
                b"0123456789"
            };
            for digit in digits {
                let mut candidate = *number;
                candidate[at] = *digit;
                let [body @ .., last] = &candidate;
                if check_digit(body) == *last {
                    try_one(candidate);
                }
            }
            if at < 17 {
                let mut candidate = *number;
                candidate.swap(at, at + 1);
                try_one(candidate);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: i32 = 18_000;

    fn mention(cell: &str, name: u32, sex: u8) -> Mention {
        Mention {
            number: Number::read(cell, TODAY),
            name,
            sex,
        }
    }

    #[test]
    fn slips_and_lost_digits_are_mended_by_the_register() {
        let mut names = Names::new();
        let (fang, other) = (names.number("王芳"), names.number("李强"));
        let mut people = People::default();
        // The female example of GB 11643.
        people.know(mention("11010519491231002X", fang, 2), &names);
        people.index();
        let find = |cell, name, sex| {
            people
                .find(mention(cell, name, sex), &names)
                .map(|(_, how)| how)
        };
        assert_eq!(find("11010519491231002X", other, 2), Some(Found::Number));
        assert_eq!(find("11010519491231102X", fang, 2), Some(Found::Repaired));
        assert_eq!(find("11010519491213002X", fang, 2), Some(Found::Repaired));
        assert_eq!(find("110105194912310000", fang, 2), Some(Found::Prefix));
        assert_eq!(find("11010519491231102X", other, 2), None);
        // The mother's number in the father's field.
        assert_eq!(find("11010519491231002X", fang, 1), None);
    }
}
