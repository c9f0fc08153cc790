//! The births behind the rows of three registers of children: duplicates within each register first,
//! then one to one between them. Entry point: [`link`].

use std::collections::HashSet;

use super::cascade::{FREE, Matching};
use super::child::NONE;
pub use super::child::{Child, ChildRow, DeliveryRegister, DeliveryRow, Register, Registers};
use super::duplicates::{Multiple, within};
use super::likeness::Certificate;
use super::litter::{TOO_CLOSE, families};
use super::model::Model;
use super::names::Likeness;
use super::pass::{Class, Link, Pass};
pub use super::reviews::Decisions;

/// The births found.
#[derive(Debug, Default)]
pub struct Births {
    /// Rows of each birth, ascending; births by their first row.
    pub births: Vec<Vec<u32>>,
    /// Links between rows, with class and reason; those of class review join nothing.
    pub links: Vec<Link>,
    /// What was learnt from certificates and household register; then with visits; then about births
    /// that a visit helped to find.
    pub models: Vec<Model>,
}

/// Links the rows of all registers, obeying `decisions`. The same rows in the same order give the same
/// births; callers who want independence of order give them in an order of their content.
#[must_use]
pub fn link(registers: &mut Registers, decisions: &Decisions) -> Births {
    registers.find_people();
    let registers = &*registers;
    let mut found = Births::default();
    let multiple = Multiple::of(registers);
    let lists = Register::ALL.map(|register| {
        let (groups, links) = within(registers, register, &multiple, decisions);
        found.links.extend(links);
        groups
    });
    let [certificates, household, visits] = lists;
    let mut two = |left: &[Vec<u32>], right: &[Vec<u32>]| {
        let mut matching = Matching::new(registers, decisions, left, right);
        matching.cascade();
        let model = matching.weigh(found.models.len(), None);
        found.models.push(model);
        merged(&matching, &mut found.links)
    };
    let registered = two(&certificates, &household);
    let all = two(&registered, &visits);
    found.births = bridged(registers, decisions, all, &mut found);
    tidy(&mut found);
    found
}

/// Births in certificates and household register that only a visit, with the number of the one and the
/// name of the other, shows to be one.
fn bridged(
    registers: &Registers,
    decisions: &Decisions,
    births: Vec<Vec<u32>>,
    found: &mut Births,
) -> Vec<Vec<u32>> {
    let side = |register: Register| -> Vec<u32> {
        (0..)
            .zip(&births)
            .filter(|(_, rows)| {
                rows.iter()
                    .any(|row| registers.children[*row as usize].register == register)
            })
            .map(|(birth, _)| birth)
            .collect()
    };
    let numbers = [side(Register::Certificates), side(Register::Household)];
    let groups = [0, 1].map(|side| -> Vec<Vec<u32>> {
        let rows = |birth: &u32| births[*birth as usize].clone();
        numbers[side].iter().map(rows).collect()
    });
    let mut matching = Matching::new(registers, decisions, &groups[0], &groups[1]);
    for (left, birth) in (0..).zip(&numbers[0]) {
        if let Ok(right) = numbers[1].binary_search(birth) {
            matching.partner[0][left] = right as u32;
            matching.partner[1][right] = left as u32;
        }
    }
    matching.cascade();
    let model = matching.weigh(found.models.len(), found.models.first());
    found.models.push(model);
    let mut births = births.clone();
    for link in &matching.links {
        let (l, r) = (link.left as usize, link.right as usize);
        found.links.push(Link {
            left: groups[0][l][0],
            right: groups[1][r][0],
            ..*link
        });
        if link.class != Class::Review {
            births[numbers[0][l] as usize].extend(&groups[1][r]);
            births[numbers[1][r] as usize].clear();
        }
    }
    births.retain(|rows| !rows.is_empty());
    births
}

/// Everything in order; what was in doubt at first and certain later is no longer in doubt.
fn tidy(found: &mut Births) {
    for rows in &mut found.births {
        rows.sort_unstable();
    }
    found.births.sort_unstable();
    let rows = found.births.iter().map(Vec::len).sum();
    let mut birth_of = vec![0_u32; rows];
    for (birth, rows) in (0..).zip(&found.births) {
        rows.iter().for_each(|row| birth_of[*row as usize] = birth);
    }
    found.links.retain(|link| {
        link.class != Class::Review || birth_of[link.left as usize] != birth_of[link.right as usize]
    });
    found
        .links
        .sort_by_key(|link| (link.left, link.right, link.class));
    found.links.dedup_by_key(|link| (link.left, link.right));
}

/// The merged list; adds the links in row numbers.
fn merged(matching: &Matching<'_>, links: &mut Vec<Link>) -> Vec<Vec<u32>> {
    let [left, right] = matching.groups;
    let mut merged: Vec<Vec<u32>> = left.to_vec();
    let mut place = vec![FREE; right.len()];
    for link in &matching.links {
        let (l, r) = (link.left as usize, link.right as usize);
        links.push(Link {
            left: left[l][0],
            right: right[r][0],
            ..*link
        });
        if link.class != Class::Review {
            merged[l].extend(&right[r]);
            place[r] = link.left;
        }
    }
    for (l, r, is_right) in second_copies(matching) {
        links.push(Link::certain(
            left[l as usize][0],
            right[r as usize][0],
            Pass::SecondCopy,
        ));
        if is_right {
            place[r as usize] = l;
            merged[l as usize].extend(&right[r as usize]);
        } else {
            let home = matching.partner[1][r as usize] as usize;
            let rows = std::mem::take(&mut merged[l as usize]);
            merged[home].extend(rows);
        }
    }
    merged.retain(|rows| !rows.is_empty());
    merged.extend(
        (0..)
            .zip(right)
            .filter(|(r, _): &(usize, _)| place[*r] == FREE)
            .map(|(_, rows)| rows.clone()),
    );
    for rows in &mut merged {
        rows.sort_unstable();
    }
    merged
}

#[derive(PartialEq, Eq, Hash)]
enum Trait {
    Family(u64),
    Named(u32, i32),
    Number(u32),
}

/// Free groups that are another row of a child whose other rows are linked: left, right, and whether
/// the copy stands on the right.
fn second_copies(matching: &Matching<'_>) -> Vec<(u32, u32, bool)> {
    let names = &matching.registers.names;
    // What a copy shares with the linked rows, at the least.
    let traits = |side: usize, group: u32| {
        let child = move |child: &Child| {
            let families = families(child, |name| names.folded(name));
            let name = names.folded(child.name);
            let named = child.birth.filter(|_| name != NONE).map(|day| (name, day));
            let number = Some(child.certificate).filter(|number| *number != NONE);
            families
                .into_iter()
                .flatten()
                .map(Trait::Family)
                .chain(named.map(|(name, day)| Trait::Named(name, day)))
                .chain(number.map(Trait::Number))
        };
        matching.children(side, group).flat_map(child)
    };
    let groups = |side: usize| 0..matching.groups[side].len() as u32;
    let only = |side: usize, wanted: &dyn Fn(u32) -> bool| -> Vec<Vec<u32>> {
        groups(side)
            .map(|group| {
                if wanted(group) {
                    matching.groups[side][group as usize].clone()
                } else {
                    Vec::new()
                }
            })
            .collect()
    };
    let mut copies = Vec::new();
    for is_right in [true, false] {
        let (free, linked) = if is_right { (1, 0) } else { (0, 1) };
        let shared: HashSet<Trait> = groups(free)
            .filter(|group| matching.is_free(free, *group))
            .flat_map(|group| traits(free, group))
            .collect();
        let copy = only(free, &|group| matching.is_free(free, group));
        let home = only(linked, &|group| {
            !matching.is_free(linked, group) && traits(linked, group).any(|t| shared.contains(&t))
        });
        let (left, right) = if is_right { (home, copy) } else { (copy, home) };
        let mut again = Matching::new(matching.registers, matching.decisions, &left, &right);
        again.cascade();
        for link in &again.links {
            let (l, r) = (link.left, link.right);
            let found = again.compare(l, r);
            // A twin's row may carry this child's certificate number or nearly its name.
            let sure = if is_single(matching, l, r) {
                found.is_same_name()
                    || (found.certificate == Certificate::Same && !found.is_other_name())
            } else {
                found.name == Likeness::Same && found.certificate == Certificate::Same
            };
            let home = if is_right {
                matching.is_refused(l, r)
            } else {
                let home = matching.partner[1][r as usize] as usize;
                let rows = &matching.groups[0];
                matching.decisions.refuse(&rows[home], &rows[l as usize])
            };
            let date = found.date.is_one_date() && found.apart < TOO_CLOSE;
            if sure && date && !home {
                copies.push((l, r, is_right));
            }
        }
    }
    copies
}

/// Whether no twin is near: only the two and the partner of the one that is linked.
fn is_single(matching: &Matching<'_>, left: u32, right: u32) -> bool {
    let litter = matching.litter(left, right);
    litter.told() <= 1
        && litter.groups[0]
            .iter()
            .all(|group| *group == left || *group == matching.partner[1][right as usize])
        && litter.groups[1]
            .iter()
            .all(|group| *group == right || *group == matching.partner[0][left as usize])
}
