//! The deterministic cascade between two registers: each pass links only children left over, and only
//! keys that one child on either side has. Entry point: [`Matching::cascade`].

use super::both::both;
use super::child::{Child, NONE, Registers};
use super::dates::Slip;
use super::likeness::{Certificate, Compared, Parents};
use super::litter::{TOO_CLOSE, families};
use super::names::{Likeness, NO_NAME};
use super::pass::{Class, Link, Pass, Score};
use super::people::NOBODY;
use super::reviews::Decisions;

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
    pub(super) decisions: &'a Decisions,
    /// Per side: family and group, ascending.
    families: [Vec<(u64, u32)>; 2],
    /// Certificate number and group on the right, ascending.
    pub(super) numbers: Vec<(u32, u32)>,
}

type Key = [u32; 4];

impl<'a> Matching<'a> {
    /// Nothing linked yet but what a clerk decided.
    #[must_use]
    pub fn new(
        registers: &'a Registers,
        decisions: &'a Decisions,
        left: &'a [Vec<u32>],
        right: &'a [Vec<u32>],
    ) -> Self {
        let families = both([left, right], |groups| {
            let mut found: Vec<(u64, u32)> = (0..)
                .zip(groups)
                .flat_map(|(group, rows)| rows.iter().map(move |row| (group, *row)))
                .flat_map(|(group, row)| {
                    let child = &registers.children[row as usize];
                    families(child, |name| registers.names.folded(name))
                        .into_iter()
                        .flatten()
                        .map(move |family| (family, group))
                })
                .collect();
            found.sort_unstable();
            found.dedup();
            found
        });
        let mut numbers: Vec<(u32, u32)> = (0..)
            .zip(right)
            .flat_map(|(group, rows)| rows.iter().map(move |row| (group, *row)))
            .map(|(group, row)| (registers.children[row as usize].certificate, group))
            .filter(|(number, _)| *number != NONE)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut matching = Self {
            registers,
            groups: [left, right],
            partner: [vec![FREE; left.len()], vec![FREE; right.len()]],
            links: Vec::new(),
            decisions,
            families,
            numbers,
        };
        matching.obey();
        matching
    }

    /// Joins what a clerk found to be one child.
    fn obey(&mut self) {
        if self.decisions.same.is_empty() {
            return;
        }
        let groups = |side: usize| -> std::collections::HashMap<u32, u32> {
            (0..)
                .zip(self.groups[side])
                .flat_map(|(group, rows)| rows.iter().map(move |row| (*row, group)))
                .collect()
        };
        let (left, right) = (groups(0), groups(1));
        for &(a, b) in &self.decisions.same {
            for (a, b) in [(a, b), (b, a)] {
                let (Some(l), Some(r)) = (left.get(&a), right.get(&b)) else {
                    continue;
                };
                if self.is_free(0, *l) && self.is_free(1, *r) && !self.is_refused(*l, *r) {
                    self.join(*l, *r, Class::Certain, Pass::Clerk, None);
                }
            }
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
            |_, _, _, found| {
                found.parents != Parents::Different
                    && found.date.is_one_date()
                    && found.sex != 2
                    && !found.is_other_name()
            },
        );
        self.pass(
            Pass::MotherDateSexSound,
            |c| Some([c.mother, day(c), sex(c), names.sound(c.name)]),
            |_, _, _, found| found.certificate != Certificate::Different,
        );
        self.pass(
            Pass::MotherDateSex,
            |c| Some([c.mother, day(c), sex(c), 0]),
            anything,
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
            |_, _, _, found| found.parents != Parents::FatherOnly,
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
            parents_agree,
        );
        self.one_delivery();
        self.last_twins();
    }

    /// Links the groups that alone on their side have a key, when `allows` says so.
    fn pass(
        &mut self,
        pass: Pass,
        key: impl Fn(&Child) -> Option<Key> + Sync,
        allows: impl Fn(&Self, u32, u32, &Compared) -> bool,
    ) {
        let [left, right] = both([0, 1], |side| self.keys(side, &key));
        let mut from = 0;
        for keyed in left.chunk_by(|a, b| a.0 == b.0) {
            let (key, group) = keyed[0];
            from += right[from..].partition_point(|(k, _)| *k < key);
            let to = from + right[from..].partition_point(|(k, _)| *k == key);
            if keyed.len() > 1 || to - from != 1 {
                continue;
            }
            let other = right[from].1;
            if !self.is_free(0, group) || !self.is_free(1, other) {
                continue;
            }
            let found = self.compare(group, other);
            if allows(self, group, other, &found)
                && self.is_told(group, other, &found)
                && !self.is_refused(group, other)
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
        score: Option<Score>,
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

    pub(super) fn is_free(&self, side: usize, group: u32) -> bool {
        self.partner[side][group as usize] == FREE
    }

    /// Whether a clerk found two children in them.
    pub(super) fn is_refused(&self, left: u32, right: u32) -> bool {
        let rows = |side: usize, group: u32| &self.groups[side][group as usize];
        self.decisions.refuse(rows(0, left), rows(1, right))
    }

    /// The groups of a family.
    pub(super) fn family(&self, side: usize, family: u64) -> impl Iterator<Item = u32> {
        let families = &self.families[side];
        let from = families.partition_point(|(found, _)| *found < family);
        families[from..]
            .iter()
            .take_while(move |(found, _)| *found == family)
            .map(|(_, group)| *group)
    }

    /// Children whose mother or father has only one child near that date on either side: nobody has two
    /// deliveries so close, however wrong the date is.
    fn one_delivery(&mut self) {
        for left in 0..self.groups[0].len() as u32 {
            if !self.is_free(0, left) {
                continue;
            }
            let mut others: Vec<u32> = self
                .children(0, left)
                .flat_map(|child| [child.mother, child.father])
                .filter(|person| *person != NOBODY)
                .flat_map(|person| self.family(1, u64::from(person)))
                .filter(|right| self.is_free(1, *right))
                .collect();
            others.sort_unstable();
            others.dedup();
            let fits = |right: &u32| {
                let found = self.compare(left, *right);
                let litter = self.litter(left, *right);
                let parents = matches!(
                    found.parents,
                    Parents::Both | Parents::Mother | Parents::Father
                );
                let date = if found.is_other_name() {
                    found.date.is_one_date() && found.apart < TOO_CLOSE
                } else {
                    found.date.is_one_date() || found.apart < TOO_CLOSE
                };
                let number = !found.has_other_number() || found.is_same_name() || found.apart <= 1;
                let sex = found.sex != 2
                    || found.is_same_name()
                    || (litter.is_known_single()
                        && found.date == Slip::Same
                        && !found.is_other_name());
                parents
                    && date
                    && number
                    && sex
                    && litter.is_single()
                    && (litter.is_known_single() || found.is_same_name())
                    && self.is_told(left, *right, &found)
                    && !self.is_refused(left, *right)
            };
            others.retain(fits);
            if let [right] = others[..] {
                self.join(left, right, Class::Certain, Pass::OneDelivery, None);
            }
        }
    }

    /// Twins of whom all but one on either side are linked: the last two are one child.
    fn last_twins(&mut self) {
        for left in 0..self.groups[0].len() as u32 {
            if !self.is_free(0, left) {
                continue;
            }
            // Any twin's partner leads to the family on the right.
            let Some(twin) = self.linked_twin(left) else {
                continue;
            };
            let litter = self.litter(left, self.partner[0][twin as usize]);
            let free: Vec<u32> = litter.groups[1]
                .iter()
                .copied()
                .filter(|right| self.is_free(1, *right))
                .collect();
            let linked =
                |group: &&u32| litter.groups[1].contains(&self.partner[0][**group as usize]);
            let others = litter.groups[0].iter().filter(linked).count();
            let ([right], true) = (&free[..], litter.is_complete()) else {
                continue;
            };
            if others != litter.groups[0].len() - 1 {
                continue;
            }
            let found = self.compare(left, *right);
            // A second entry of a linked twin, its name typed otherwise, is not the last twin.
            let is_copy = |group: &u32| {
                *group != *right && {
                    let rows = |group: u32| &self.groups[1][group as usize];
                    let found = Compared::of(self.registers, rows(*group), rows(*right));
                    !found.is_other_name() || found.name == Likeness::OneCharacter
                }
            };
            let is_renamed = found.is_other_name() && !self.is_alone_in_sex(&litter, left, *right);
            if found.sex != 2
                && found.certificate != Certificate::Different
                && !(is_renamed && litter.groups[1].iter().any(is_copy))
                && !litter.groups[1]
                    .iter()
                    .any(|group| *group != *right && self.is_copy(1, *group, *right))
                && !self.is_refused(left, *right)
            {
                self.join(left, *right, Class::Certain, Pass::LastTwin, None);
            }
        }
    }

    /// A twin of `left` that is linked.
    fn linked_twin(&self, left: u32) -> Option<u32> {
        self.children(0, left)
            .filter_map(|child| {
                Some((
                    child.birth?,
                    families(child, |name| self.registers.names.folded(name)),
                ))
            })
            .flat_map(|(day, families)| families.into_iter().flatten().map(move |f| (day, f)))
            .find_map(|(day, family)| {
                self.family(0, family).find(|twin| {
                    *twin != left && !self.is_free(0, *twin) && self.is_near(0, *twin, day)
                })
            })
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
    let litter = m.litter(left, right);
    let agrees = (parent && found.date.is_one_date())
        || found.date == Slip::Same
        || (found.parents == Parents::Both && !found.is_other_name() && litter.is_known_single());
    agrees && found.sex != 2 && litter.is_single()
}

fn parents_agree(_: &Matching<'_>, _: u32, _: u32, found: &Compared) -> bool {
    !matches!(
        found.parents,
        Parents::MotherOnly | Parents::FatherOnly | Parents::Different | Parents::Missing
    ) && (found.certificate != Certificate::Different || found.name == Likeness::Same)
}

const _: () = assert!(NO_NAME == NONE && NOBODY == NONE);
