//! Two children compared, field by field. A child may have several rows: the best of them count.
//! Entry point: [`Compared::of`]. The parents are one comparison: they name the family, not the child.

use super::child::{Child, NONE, Registers};
use super::compare::slips;
use super::dates::{self, Slip};
use super::model::{Vector, with_level};
use super::names::{self, Likeness};
use super::people::NOBODY;

/// How the parents agree, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parents {
    /// Nothing known on one side.
    Missing = 0,
    /// Both are the same persons.
    Both = 1,
    /// The same mother, the father unknown.
    Mother = 2,
    /// The same mother, another father.
    MotherOnly = 3,
    /// The same father, the mother unknown.
    Father = 4,
    /// The same father, another mother.
    FatherOnly = 5,
    /// No person known on both sides, the same two names.
    BothNames = 6,
    /// The mother's name.
    MotherName = 7,
    /// The father's name.
    FatherName = 8,
    /// Other parents.
    Different = 9,
}

/// How the certificate numbers agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certificate {
    /// Missing on one side.
    Missing = 0,
    /// The same.
    Same = 1,
    /// One slip of the keys apart, and not neighbours, as twins' are.
    Slip = 2,
    /// Different.
    Different = 3,
}

/// Levels per comparison, in the order of [`Compared::vector`].
pub const LEVELS: [usize; 6] = [names::LEVELS, dates::LEVELS, 2, 9, 3, 2];

/// What a comparison of two children found.
#[derive(Debug, Clone, Copy)]
pub struct Compared {
    /// Names.
    pub name: Likeness,
    /// Dates of birth.
    pub date: Slip,
    /// Sex: 0 missing, 1 same, 2 different.
    pub sex: u8,
    /// Parents.
    pub parents: Parents,
    /// Certificate numbers.
    pub certificate: Certificate,
    /// Days between the dates; [`u32::MAX`] when one is missing.
    pub apart: u32,
    /// Township: 0 missing, 1 same, 2 different.
    pub town: u8,
}

impl Compared {
    /// Compares two children by their rows.
    #[must_use]
    pub fn of(registers: &Registers, left: &[u32], right: &[u32]) -> Self {
        let child = |row: &u32| &registers.children[*row as usize];
        let mut best = Self {
            name: Likeness::Missing,
            date: Slip::Missing,
            sex: 0,
            parents: Parents::Missing,
            certificate: Certificate::Missing,
            apart: u32::MAX,
            town: 0,
        };
        for a in left.iter().map(child) {
            for b in right.iter().map(child) {
                better(
                    &mut best.name,
                    registers.names.level(a.name, b.name),
                    Likeness::Missing,
                );
                better(
                    &mut best.date,
                    Slip::between(a.birth, b.birth),
                    Slip::Missing,
                );
                if let (Some(x), Some(y)) = (a.birth, b.birth) {
                    best.apart = best.apart.min(x.abs_diff(y));
                }
                better(
                    &mut best.parents,
                    parents(registers, a, b),
                    Parents::Missing,
                );
                better(
                    &mut best.certificate,
                    certificate(registers, a, b),
                    Certificate::Missing,
                );
                better(
                    &mut best.sex,
                    same(u32::from(a.sex), u32::from(b.sex), 0),
                    0,
                );
                better(&mut best.town, same(a.town, b.town, NONE), 0);
            }
        }
        best
    }

    /// The levels as one vector.
    #[must_use]
    pub fn vector(&self) -> Vector {
        let levels = [
            self.name as usize,
            self.date as usize,
            usize::from(self.sex),
            self.parents as usize,
            self.certificate as usize,
            usize::from(self.town),
        ];
        levels
            .into_iter()
            .enumerate()
            .fold(0, |vector, (at, level)| with_level(vector, at, level))
    }

    /// Whether the names are the same or sound so.
    #[must_use]
    pub fn is_same_name(&self) -> bool {
        matches!(
            self.name,
            Likeness::Same | Likeness::Sound | Likeness::Shape
        )
    }

    /// Whether both have names, and these differ.
    #[must_use]
    pub fn is_other_name(&self) -> bool {
        matches!(
            self.name,
            Likeness::OneCharacter | Likeness::Surname | Likeness::Different
        )
    }
}

impl Compared {
    /// Whether both have certificate numbers, and these differ, be it by a slip.
    #[must_use]
    pub fn has_other_number(&self) -> bool {
        matches!(self.certificate, Certificate::Slip | Certificate::Different)
    }
}

fn better<T: Copy + Ord>(best: &mut T, level: T, missing: T) {
    if level != missing && (*best == missing || level < *best) {
        *best = level;
    }
}

fn same(a: u32, b: u32, missing: u32) -> u8 {
    if a == missing || b == missing {
        0
    } else {
        1 + u8::from(a != b)
    }
}

fn parents(registers: &Registers, a: &Child, b: &Child) -> Parents {
    let mother = same(a.mother, b.mother, NOBODY);
    let father = same(a.father, b.father, NOBODY);
    let alike = |x: u32, y: u32| match registers.names.level(x, y) {
        Likeness::Missing | Likeness::Unnamed => 0,
        Likeness::Same | Likeness::Sound | Likeness::Shape => 1,
        _ => 2_u8,
    };
    let mother_name = alike(a.mother_name, b.mother_name);
    let father_name = alike(a.father_name, b.father_name);
    match (mother, father) {
        (1, 1) => Parents::Both,
        (1, 0) if father_name == 2 => Parents::MotherOnly,
        (1, 0) => Parents::Mother,
        (1, _) => Parents::MotherOnly,
        (0, 1) if mother_name == 2 => Parents::FatherOnly,
        (0, 1) => Parents::Father,
        (_, 1) if mother_name == 1 => Parents::Father,
        (_, 1) => Parents::FatherOnly,
        // Two right numbers of two persons are stronger than a common name.
        (2, 2) => Parents::Different,
        _ => match (mother_name, father_name) {
            (1, 1) => Parents::BothNames,
            (1, _) if mother != 2 => Parents::MotherName,
            (_, 1) if father != 2 => Parents::FatherName,
            (0, 0) if mother == 0 && father == 0 => Parents::Missing,
            _ => Parents::Different,
        },
    }
}

/// Whether two numbers come from one pad, as twins' do: then they are two, not one with a slip.
fn are_neighbours(a: &str, b: &str) -> bool {
    let digits = |number: &str| number.get(1..).and_then(|n| n.parse::<u64>().ok());
    match (digits(a), digits(b)) {
        (Some(x), Some(y)) => a.get(..1) == b.get(..1) && x.abs_diff(y) < 10,
        _ => false,
    }
}

fn certificate(registers: &Registers, a: &Child, b: &Child) -> Certificate {
    let of = |child: &Child| {
        [child.certificate, child.first_certificate]
            .into_iter()
            .filter(|c| *c != NONE)
    };
    let mut best = Certificate::Missing;
    for x in of(a) {
        for y in of(b) {
            let text = |number: u32| registers.certificate_text(number);
            let level = if x == y {
                Certificate::Same
            } else if slips(text(x), text(y), 1).is_some() && !are_neighbours(text(x), text(y)) {
                Certificate::Slip
            } else {
                Certificate::Different
            };
            better(&mut best, level, Certificate::Missing);
        }
    }
    best
}
