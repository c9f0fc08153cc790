//! The children of one delivery on both sides of a matching, and whether two rows of such a family can
//! be told from twins of each other. Entry points: [`Matching::litter`] and [`Matching::is_told`].
//!
//! Twins share parents, day, town and often sex; their certificate numbers are neighbours, their names
//! differ in one character, and clerks give the first twin's number for the second. So two rows of a
//! multiple birth are one child only when something says so that a twin cannot share. In doubt they
//! stay apart, for a clerk to decide.

use super::cascade::Matching;
use super::child::{Child, NONE, Register};
use super::dates::Slip;
use super::likeness::{Certificate, Compared};
use super::names::Likeness;
use super::people::NOBODY;

/// Days within which a mother has no second delivery.
pub(super) const TOO_CLOSE: u32 = 240;

/// The groups of one delivery, per side, and how many children the registers tell of.
#[derive(Debug)]
pub(super) struct Litter {
    pub(super) groups: [Vec<u32>; 2],
    told: usize,
    /// Per side, whether one register holds all of them: else two of them may be one child, seen by two
    /// registers and not linked yet.
    distinct: [bool; 2],
}

impl Litter {
    /// The most children that a row tells of; 0 when none does.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    fn size(&self) -> usize {
        self.told
            .max(self.groups[0].len())
            .max(self.groups[1].len())
    }

    /// One child, as far as the registers tell.
    pub(super) fn is_single(&self) -> bool {
        self.size() <= 1
    }

    /// One child, and a register says so.
    pub(super) fn is_known_single(&self) -> bool {
        self.is_single() && self.told == 1
    }

    fn has_all(&self, side: usize) -> bool {
        self.distinct[side] && self.groups[side].len() == self.size()
    }

    /// All children of a multiple birth are on both sides.
    pub(super) fn is_complete(&self) -> bool {
        self.size() >= 2 && self.has_all(0) && self.has_all(1)
    }
}

/// The families of a child: its mother, its father, and the names of both.
pub(super) fn families(child: &Child, folded: impl Fn(u32) -> u32) -> [Option<u64>; 3] {
    let person = |person: u32| (person != NOBODY).then_some(u64::from(person));
    let (mother, father) = (folded(child.mother_name), folded(child.father_name));
    [
        person(child.mother),
        person(child.father),
        // Numbers of names stay below 2^31: there are fewer names than bytes to hold them.
        (mother != NONE && father != NONE)
            .then(|| 1 << 63 | u64::from(mother) << 31 | u64::from(father)),
    ]
}

impl Matching<'_> {
    /// The children that may come from the same delivery as `left` and `right`, themselves included.
    pub(super) fn litter(&self, left: u32, right: u32) -> Litter {
        let mut groups = [vec![left], vec![right]];
        for (of, group) in [(0, left), (1, right)] {
            for row in &self.groups[of][group as usize] {
                let child = &self.registers.children[*row as usize];
                let Some(day) = child.birth else { continue };
                for family in families(child, |name| self.registers.names.folded(name))
                    .into_iter()
                    .flatten()
                {
                    for (side, found) in groups.iter_mut().enumerate() {
                        for other in self.family(side, family) {
                            if !found.contains(&other)
                                && self.is_near(side, other, day)
                                && !self.is_copy(side, found[0], other)
                            {
                                found.push(other);
                            }
                        }
                    }
                }
            }
        }
        let told = groups
            .iter()
            .enumerate()
            .flat_map(|(side, groups)| groups.iter().map(move |group| (side, *group)))
            .flat_map(|(side, group)| self.children(side, group))
            .map(|child| usize::from(child.plurality))
            .max()
            .unwrap_or(0);
        let distinct = [0, 1].map(|side| {
            Register::ALL.iter().any(|register| {
                groups[side].iter().all(|group| {
                    self.children(side, *group)
                        .any(|child| child.register == *register)
                })
            })
        });
        Litter {
            groups,
            told,
            distinct,
        }
    }

    /// Whether two groups of one side are entries of one child: twins have different names.
    pub(super) fn is_copy(&self, side: usize, one: u32, other: u32) -> bool {
        self.children(side, one).any(|a| {
            self.children(side, other)
                .any(|b| self.registers.names.level(a.name, b.name) == Likeness::Same)
        })
    }

    pub(super) fn is_near(&self, side: usize, group: u32, day: i32) -> bool {
        self.children(side, group).any(|child| {
            child
                .birth
                .is_some_and(|other| other.abs_diff(day) <= TOO_CLOSE)
        })
    }

    /// The rows of a group.
    pub(super) fn children(&self, side: usize, group: u32) -> impl Iterator<Item = &Child> {
        self.groups[side][group as usize]
            .iter()
            .map(|row| &self.registers.children[*row as usize])
    }

    /// Whether two rows that agree in family and date cannot be twins of each other.
    pub(super) fn is_told(&self, left: u32, right: u32, found: &Compared) -> bool {
        let litter = self.litter(left, right);
        if found.is_other_name() && found.apart > TOO_CLOSE {
            // Siblings, more likely than two slips.
            return found.certificate == Certificate::Same;
        }
        let other_number = found.has_other_number();
        let same_number = found.certificate == Certificate::Same && !self.is_shared(right);
        if litter.is_known_single() {
            return !(found.is_other_name() && other_number);
        }
        if litter.is_single() {
            // Nobody tells whether there is a twin.
            return match found.name {
                _ if found.is_same_name() => true,
                _ if found.is_other_name() => {
                    same_number && found.sex == 1 && found.date == Slip::Same
                }
                _ => !other_number,
            };
        }
        match found.name {
            Likeness::Same => true,
            Likeness::Sound | Likeness::Shape => {
                !other_number
                    && self.is_best_name(&litter, left, right, found)
                    && (same_number || litter.has_all(0) || litter.has_all(1))
            }
            // Renamed, perhaps, when all twins are there, each with its own number.
            _ if found.is_other_name() => {
                same_number
                    && found.sex != 2
                    && litter.is_complete()
                    && self.have_own_numbers(&litter, 1)
                    && self.is_best_name(&litter, left, right, found)
            }
            // One of them has no name.
            _ if same_number => {
                found.sex != 2
                    && (self.have_own_numbers(&litter, 1)
                        || self.are_excluded(&litter, left, right))
            }
            _ => {
                !other_number && litter.is_complete() && self.is_alone_in_sex(&litter, left, right)
            }
        }
    }

    /// Whether another group on the right has a certificate number of `right`.
    fn is_shared(&self, right: u32) -> bool {
        self.children(1, right)
            .map(|child| child.certificate)
            .filter(|number| *number != NONE)
            .any(|number| {
                let numbers = &self.numbers;
                let from = numbers.partition_point(|(found, _)| *found < number);
                numbers[from..]
                    .iter()
                    .take_while(|(found, _)| *found == number)
                    .any(|(_, group)| *group != right)
            })
    }

    /// Whether no twin's name is as like.
    fn is_best_name(&self, litter: &Litter, left: u32, right: u32, found: &Compared) -> bool {
        let worse = |a: u32, b: u32| {
            let other = self.compare(a, b);
            other.name > found.name && other.name != Likeness::Unnamed
        };
        litter.groups[0]
            .iter()
            .all(|twin| *twin == left || worse(*twin, right))
            && litter.groups[1]
                .iter()
                .all(|twin| *twin == right || worse(left, *twin))
    }

    /// Whether all twins are on `side`, each with a certificate number of its own.
    fn have_own_numbers(&self, litter: &Litter, side: usize) -> bool {
        let mut numbers: Vec<u32> = litter.groups[side]
            .iter()
            .filter_map(|group| {
                self.children(side, *group)
                    .map(|child| child.certificate)
                    .find(|number| *number != NONE)
            })
            .collect();
        let all = litter.has_all(side) && numbers.len() == litter.groups[side].len();
        numbers.sort_unstable();
        numbers.dedup();
        all && numbers.len() == litter.groups[side].len()
    }

    /// Whether every twin on the left has another sex or name than `right`.
    fn are_excluded(&self, litter: &Litter, left: u32, right: u32) -> bool {
        litter.has_all(0)
            && litter.groups[0].iter().all(|twin| {
                let found = self.compare(*twin, right);
                *twin == left || found.sex == 2 || found.is_other_name()
            })
    }

    /// Whether no twin on either side can have the sex of `left` and `right`.
    pub(super) fn is_alone_in_sex(&self, litter: &Litter, left: u32, right: u32) -> bool {
        let other = |a: u32, b: u32| {
            let found = self.compare(a, b);
            found.sex == 2 && !found.is_same_name()
        };
        self.compare(left, right).sex == 1
            && litter.groups[0]
                .iter()
                .all(|twin| *twin == left || other(*twin, right))
            && litter.groups[1]
                .iter()
                .all(|twin| *twin == right || other(left, *twin))
    }
}
