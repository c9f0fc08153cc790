//! The births behind the rows of three registers of children: duplicates within each register first,
//! then one to one between them. Entry point: [`link`].

use super::cascade::{FREE, Matching};
pub use super::child::{Child, ChildRow, DeliveryRegister, DeliveryRow, Register, Registers};
use super::duplicates::within;
use super::likeness::Certificate;
use super::model::Model;
use super::names::Likeness;
use super::pass::{Class, Link, Pass};

/// The births found.
#[derive(Debug)]
pub struct Births {
    /// Rows of each birth, ascending; births by their first row.
    pub births: Vec<Vec<u32>>,
    /// Links between rows, with class and reason; those of class review join nothing.
    pub links: Vec<Link>,
    /// What was learnt from certificates and household register.
    pub model: Model,
}

/// Links the rows of all registers. The same rows in the same order give the same births; callers who
/// want independence of order sort the rows by something of their own first.
#[must_use]
pub fn link(registers: &mut Registers) -> Births {
    registers.find_people();
    let registers = &*registers;
    let mut links = Vec::new();
    let mut lists = [
        Register::Certificates,
        Register::Household,
        Register::Visits,
    ]
    .map(|register| {
        let (groups, found) = within(registers, register);
        links.extend(found);
        groups
    });
    let visits = std::mem::take(&mut lists[2]);
    let (merged, model) = two(registers, &lists[0], &lists[1], &mut links);
    let (mut births, _) = two(registers, &merged, &visits, &mut links);
    births.sort_unstable();
    links.sort_unstable_by_key(|link| (link.left, link.right));
    Births {
        births,
        links,
        model,
    }
}

/// Links two lists of children; returns the merged list and adds the links in row numbers.
fn two(
    registers: &Registers,
    left: &[Vec<u32>],
    right: &[Vec<u32>],
    links: &mut Vec<Link>,
) -> (Vec<Vec<u32>>, Model) {
    let mut matching = Matching::new(registers, left, right);
    matching.cascade();
    let model = matching.weigh();
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
    let copies = second_copies(&matching);
    for (l, r, is_right) in copies {
        let (rows, home) = if is_right {
            (&right[r as usize], l as usize)
        } else {
            (&left[l as usize], matching.partner[1][r as usize] as usize)
        };
        links.push(Link::certain(
            left[l as usize][0],
            right[r as usize][0],
            Pass::SecondCopy,
        ));
        if is_right {
            place[r as usize] = l;
            merged[home].extend(rows);
        } else {
            merged[home].extend(rows);
            merged[l as usize].clear();
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
    (merged, model)
}

/// Free groups that are another row of a child whose other rows are linked: left, right, and whether
/// the copy stands on the right.
fn second_copies(matching: &Matching<'_>) -> Vec<(u32, u32, bool)> {
    let linked = |side: usize| {
        let mut groups: Vec<Vec<u32>> = matching.groups[side].to_vec();
        for (group, rows) in groups.iter_mut().enumerate() {
            if matching.partner[side][group] == FREE {
                rows.clear();
            }
        }
        groups
    };
    let free = |side: usize| {
        let mut groups: Vec<Vec<u32>> = matching.groups[side].to_vec();
        for (group, rows) in groups.iter_mut().enumerate() {
            if matching.partner[side][group] != FREE {
                rows.clear();
            }
        }
        groups
    };
    let mut copies = Vec::new();
    for is_right in [true, false] {
        let (left, right) = if is_right {
            (linked(0), free(1))
        } else {
            (free(0), linked(1))
        };
        let mut again = Matching::new(matching.registers, &left, &right);
        again.cascade();
        for link in &again.links {
            let found = again.compare(link.left, link.right);
            // A twin's row may carry this child's certificate number or nearly its name.
            let sure = if again.is_single(link.left, link.right) {
                found.is_same_name()
                    || (found.certificate == Certificate::Same && !found.is_other_name())
            } else {
                found.name == Likeness::Same
                    && matches!(found.certificate, Certificate::Same | Certificate::Missing)
            };
            if sure && found.date.is_one_date() {
                copies.push((link.left, link.right, is_right));
            }
        }
    }
    copies
}
