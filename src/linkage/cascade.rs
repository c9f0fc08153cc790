//! The deterministic cascade between two registers: each pass links only children left over, and only
//! keys that one child on either side has. Entry point: [`Matching::cascade`].

use super::child::{Child, NONE, Registers};
use super::dates::Slip;
use super::likeness::{Certificate, Compared, Parents};
use super::names::{Likeness, NO_NAME};
use super::pass::{Class, Link, Pass};
use super::people::NOBODY;

/// Not linked.
pub(super) const FREE: u32 = u32::MAX;

/// Two lists of children (each a group of rows) on the way to be linked one to one.
#[derive(Debug)]
pub struct Matching<'a> {
    pub(super) registers: &'a Registers,
    pub(super) groups: [&'a [Vec<u32>]; 2],
    /// The partner of each group, per side.
    pub(super) partner: [Vec<u32>; 2],
    /// Links found, in group numbers.
    pub(super) links: Vec<Link>,
    /// Per side: parent and group, ascending.
    families: [Vec<(u32, u32)>; 2],
}

/// Days within which a mother has no second delivery.
const TOO_CLOSE: u32 = 240;

type Key = [u32; 4];

impl<'a> Matching<'a> {
    /// Nothing linked yet.
    #[must_use]
    pub fn new(registers: &'a Registers, left: &'a [Vec<u32>], right: &'a [Vec<u32>]) -> Self {
        let families = [left, right].map(|groups| {
            let mut families: Vec<(u32, u32)> = (0..)
                .zip(groups)
                .flat_map(|(group, rows)| rows.iter().map(move |row| (group, *row)))
                .flat_map(|(group, row)| {
                    let child = &registers.children[row as usize];
                    [child.mother, child.father].map(|person| (person, group))
                })
                .filter(|(person, _)| *person != NOBODY)
                .collect();
            families.sort_unstable();
            families.dedup();
            families
        });
        Self {
            registers,
            groups: [left, right],
            partner: [vec![FREE; left.len()], vec![FREE; right.len()]],
            links: Vec::new(),
            families,
        }
    }

    /// Runs all passes.
    pub fn cascade(&mut self) {
        let names = &self.registers.names;
        let day = |c: &Child| c.birth.map_or(NONE, |day| day as u32);
        let sex = |c: &Child| if c.sex == 0 { NONE } else { u32::from(c.sex) };
        let folded = |name: u32| names.folded(name);
        self.pass(
            Pass::Certificate,
            |c| Some([c.certificate, 0, 0, 0]),
            certificate_agrees,
        );
        self.pass(
            Pass::Certificate,
            |c| Some([c.first_certificate, 0, 0, 0]),
            certificate_agrees,
        );
        self.pass(
            Pass::MotherDateSexName,
            |c| Some([c.mother, day(c), sex(c), folded(c.name)]),
            anything,
        );
        // Unnamed twins come after the named ones: clerks give the first twin's number for the second.
        self.pass(
            Pass::Certificate,
            |c| Some([c.certificate, 0, 0, 0]),
            |m, _, r, found| {
                found.parents != Parents::Different
                    && found.date.is_one_date()
                    && found.sex != 2
                    && !found.is_other_name()
                    && m.all_have_certificates(r)
            },
        );
        self.pass(
            Pass::MotherDateSexSound,
            |c| Some([c.mother, day(c), sex(c), names.sound(c.name)]),
            |m, l, r, found| {
                found.certificate != Certificate::Different
                    && (m.is_single(l, r) || m.is_complete(l, r))
            },
        );
        self.pass(
            Pass::MotherDateSex,
            |c| Some([c.mother, day(c), sex(c), 0]),
            Self::is_only_child,
        );
        self.pass(
            Pass::MotherName,
            |c| Some([c.mother, folded(c.name), 0, 0]),
            |_, _, _, found| {
                found.sex != 2 && (found.date.is_one_date() || found.apart < TOO_CLOSE)
            },
        );
        self.pass(
            Pass::FatherDateSexName,
            |c| Some([c.father, day(c), sex(c), folded(c.name)]),
            |_, _, _, found| found.parents != Parents::FatherOnly,
        );
        self.pass(
            Pass::FatherDateSex,
            |c| Some([c.father, day(c), sex(c), 0]),
            |m, l, r, found| found.parents != Parents::FatherOnly && m.is_only_child(l, r, found),
        );
        self.pass(
            Pass::FatherName,
            |c| Some([c.father, folded(c.name), 0, 0]),
            |_, _, _, found| {
                found.sex != 2 && found.parents != Parents::FatherOnly && found.date.is_one_date()
            },
        );
        self.pass(
            Pass::NameDateParent,
            |c| Some([folded(c.name), day(c), sex(c), folded(c.mother_name)]),
            parents_agree,
        );
        self.pass(
            Pass::NameDateParent,
            |c| Some([folded(c.name), day(c), sex(c), folded(c.father_name)]),
            parents_agree,
        );
        self.pass(
            Pass::NamesDateSex,
            |c| Some([folded(c.mother_name), folded(c.father_name), day(c), sex(c)]),
            |m, l, r, found| parents_agree(m, l, r, found) && m.is_only_child(l, r, found),
        );
        self.last_twins();
    }

    /// Links the groups that alone on their side have a key, when `allows` says so.
    fn pass(
        &mut self,
        pass: Pass,
        key: impl Fn(&Child) -> Option<Key>,
        allows: impl Fn(&Self, u32, u32, &Compared) -> bool,
    ) {
        let [left, right] = [0, 1].map(|side| self.keys(side, &key));
        let mut from = 0;
        for keyed in left.chunk_by(|a, b| a.0 == b.0) {
            let (key, group) = keyed[0];
            from += right[from..].partition_point(|(k, _)| *k < key);
            let to = from + right[from..].partition_point(|(k, _)| *k == key);
            if keyed.len() > 1 || to - from != 1 {
                continue;
            }
            let other = right[from].1;
            if self.partner[0][group as usize] == FREE
                && self.partner[1][other as usize] == FREE
                && allows(self, group, other, &self.compare(group, other))
            {
                self.join(group, other, Class::Certain, pass, None);
            }
        }
    }

    /// Keys of the groups that are free, each key of a group once; keys with a missing part are none.
    fn keys(&self, side: usize, key: &impl Fn(&Child) -> Option<Key>) -> Vec<(Key, u32)> {
        let mut keys: Vec<(Key, u32)> = (0..)
            .zip(self.groups[side])
            .filter(|(group, _)| self.partner[side][*group as usize] == FREE)
            .flat_map(|(group, rows)| rows.iter().map(move |row| (group, *row)))
            .filter_map(|(group, row)| Some((key(&self.registers.children[row as usize])?, group)))
            .filter(|(key, _)| !key.contains(&NONE))
            .collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    pub(super) fn join(
        &mut self,
        left: u32,
        right: u32,
        class: Class,
        pass: Pass,
        score: Option<f64>,
    ) {
        self.partner[0][left as usize] = right;
        self.partner[1][right as usize] = left;
        self.links.push(Link {
            left,
            right,
            class,
            pass,
            score,
        });
    }

    pub(super) fn compare(&self, left: u32, right: u32) -> Compared {
        Compared::of(
            self.registers,
            &self.groups[0][left as usize],
            &self.groups[1][right as usize],
        )
    }

    /// Groups of `side` born to a parent of group `group` of `of` within a day of it: itself and twins.
    fn same_day(&self, side: usize, of: usize, group: u32) -> Vec<u32> {
        let mut found = Vec::new();
        for row in &self.groups[of][group as usize] {
            let child = &self.registers.children[*row as usize];
            let Some(day) = child.birth else { continue };
            let person = if child.mother == NOBODY {
                child.father
            } else {
                child.mother
            };
            if person == NOBODY {
                continue;
            }
            let families = &self.families[side];
            let from = families.partition_point(|(p, _)| *p < person);
            for (_, other) in families[from..].iter().take_while(|(p, _)| *p == person) {
                let near = self.groups[side][*other as usize].iter().any(|row| {
                    self.registers.children[*row as usize]
                        .birth
                        .is_some_and(|other| other.abs_diff(day) <= 1)
                });
                if near && !found.contains(other) {
                    found.push(*other);
                }
            }
        }
        found
    }

    fn plurality(&self, side: usize, group: u32) -> usize {
        let rows = &self.groups[side][group as usize];
        rows.iter()
            .map(|row| usize::from(self.registers.children[*row as usize].plurality))
            .max()
            .unwrap_or(0)
    }

    /// Whether no twin of either can be meant: a single birth, seen once on either side.
    pub(super) fn is_single(&self, left: u32, right: u32) -> bool {
        self.plurality(0, left).max(self.plurality(1, right)) <= 1
            && self.same_day(0, 0, left).len() <= 1
            && self.same_day(0, 1, right).len() <= 1
            && self.same_day(1, 0, left).len() <= 1
            && self.same_day(1, 1, right).len() <= 1
    }

    /// Whether a register says that the birth was single.
    pub(super) fn is_known_single(&self, left: u32, right: u32) -> bool {
        self.plurality(0, left).max(self.plurality(1, right)) == 1
    }

    /// Whether mother, day and sex are enough to tell the child.
    fn is_only_child(&self, left: u32, right: u32, found: &Compared) -> bool {
        // Without knowledge of the plurality a different name or certificate may be the twin's.
        let known = self.is_known_single(left, right);
        let contradicted = found.is_other_name() && found.certificate == Certificate::Different;
        if self.is_single(left, right) {
            return !contradicted && (known || !found.is_other_name());
        }
        // Twins: all of them on both sides, so that this sex is one child's alone.
        self.is_complete(left, right)
            && !found.is_other_name()
            && found.certificate != Certificate::Different
    }

    /// Whether all children of a multiple birth are on both sides.
    fn is_complete(&self, left: u32, right: u32) -> bool {
        let (here, there) = (
            self.same_day(0, 0, left).len(),
            self.same_day(1, 1, right).len(),
        );
        let told = self.plurality(0, left).max(self.plurality(1, right));
        here == there && here >= 2 && (told <= 1 || told == here)
    }

    /// Whether all rows of the right side born with `right` tell their certificate.
    fn all_have_certificates(&self, right: u32) -> bool {
        let mut together = self.same_day(1, 1, right);
        together.push(right);
        together.iter().all(|group| {
            let mut rows = self.groups[1][*group as usize].iter();
            rows.any(|row| self.registers.children[*row as usize].certificate != NONE)
        })
    }

    /// Twins of whom all but one on either side are linked: the last two are one child.
    fn last_twins(&mut self) {
        for left in 0..self.groups[0].len() as u32 {
            if self.partner[0][left as usize] != FREE {
                continue;
            }
            let here = self.same_day(0, 0, left);
            let there = self.same_day(1, 0, left);
            if here.len() < 2 || here.len() != there.len() {
                continue;
            }
            let free: Vec<u32> = there
                .iter()
                .copied()
                .filter(|g| self.partner[1][*g as usize] == FREE)
                .collect();
            let others = here.iter().filter(|g| **g != left);
            let linked = others
                .clone()
                .filter(|g| there.contains(&self.partner[0][**g as usize]))
                .count();
            if let ([right], true) = (&free[..], linked == here.len() - 1) {
                let found = self.compare(left, *right);
                if found.sex != 2
                    && !found.is_other_name()
                    && found.certificate != Certificate::Different
                {
                    self.join(left, *right, Class::Certain, Pass::LastTwin, None);
                }
            }
        }
    }
}

fn anything(_: &Matching<'_>, _: u32, _: u32, _: &Compared) -> bool {
    true
}

fn certificate_agrees(m: &Matching<'_>, left: u32, right: u32, found: &Compared) -> bool {
    let parent = found.parents != Parents::Different && found.parents != Parents::Missing;
    if found.is_same_name() {
        return true;
    }
    // Clerks give the first twin's number for the second: then the name must agree.
    let agrees = (parent && found.date.is_one_date() && found.sex != 2)
        || (found.date == Slip::Same && found.sex != 2);
    agrees && m.is_single(left, right)
}

fn parents_agree(_: &Matching<'_>, _: u32, _: u32, found: &Compared) -> bool {
    !matches!(
        found.parents,
        Parents::MotherOnly | Parents::FatherOnly | Parents::Different | Parents::Missing
    ) && (found.certificate != Certificate::Different || found.name == Likeness::Same)
}

const _: () = assert!(NO_NAME == NONE && NOBODY == NONE);
