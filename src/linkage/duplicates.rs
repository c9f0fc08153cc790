//! Rows of one register about the same child: reissued certificates, rows keyed twice, two hukou.
//! Entry point: [`within`]. Twins are never merged: they share mother, day and often sex, so that a
//! merge needs the same name, or a reissue of a single birth.

use std::collections::{HashMap, HashSet};

use super::child::{Child, NONE, Register, Registers};
use super::likeness::{Certificate, Compared};
use super::names::Likeness;
use super::pass::{Class, Link, Pass};
use super::people::NOBODY;
use super::reviews::Decisions;

/// Groups of rows (each group sorted, groups by first row) and the links that made them.
#[must_use]
pub fn within(
    registers: &Registers,
    register: Register,
    multiple: &Multiple,
    decisions: &Decisions,
) -> (Vec<Vec<u32>>, Vec<Link>) {
    let rows: Vec<u32> = (0..registers.children.len() as u32)
        .filter(|row| registers.children[*row as usize].register == register)
        .collect();
    let mut keyed: Vec<([u32; 4], u32)> = Vec::new();
    for &row in &rows {
        for key in keys(registers, &registers.children[row as usize])
            .into_iter()
            .flatten()
        {
            keyed.push((key, row));
        }
    }
    keyed.sort_unstable();
    let mut parent: HashMap<u32, u32> = HashMap::new();
    let mut links = Vec::new();
    for &(a, b) in &decisions.same {
        let both = [a, b].map(|row| registers.children[row as usize].register == register);
        if both == [true, true] && root(&parent, a) != root(&parent, b) {
            let (x, y) = (root(&parent, a), root(&parent, b));
            parent.insert(x.max(y), x.min(y));
            links.push(Link::certain(a.min(b), a.max(b), Pass::Clerk));
        }
    }
    for same in keyed.chunk_by(|a, b| a.0 == b.0) {
        // A key that many rows share is a placeholder.
        if same.len() > 20 {
            continue;
        }
        for (at, (_, a)) in same.iter().enumerate() {
            for (_, b) in &same[at + 1..] {
                if root(&parent, *a) == root(&parent, *b) {
                    continue;
                }
                if decisions.refuse(&[*a], &[*b]) {
                    continue;
                }
                let Some(pass) = judge(registers, *a, *b) else {
                    continue;
                };
                if multiple.may_be_twins(registers, *a, *b) {
                    links.push(Link {
                        class: Class::Review,
                        ..Link::certain(*a.min(b), *a.max(b), pass)
                    });
                    continue;
                }
                let (x, y) = (root(&parent, *a), root(&parent, *b));
                parent.insert(x.max(y), x.min(y));
                links.push(Link::certain(*a.min(b), *a.max(b), pass));
            }
        }
    }
    let mut groups: HashMap<u32, Vec<u32>> = HashMap::new();
    for &row in &rows {
        groups.entry(root(&parent, row)).or_default().push(row);
    }
    let mut groups: Vec<Vec<u32>> = groups.into_values().collect();
    groups.sort_unstable();
    links.sort_unstable_by_key(|link| (link.left, link.right));
    (groups, links)
}

/// The deliveries that some register says were of more than one child: a parent and the day.
#[derive(Debug)]
pub struct Multiple(HashSet<(u32, i32)>);

impl Multiple {
    /// What all registers say.
    #[must_use]
    pub fn of(registers: &Registers) -> Self {
        let told = registers
            .children
            .iter()
            .filter(|child| child.plurality > 1);
        Self(told.flat_map(deliveries).collect())
    }

    /// Whether the two may be twins: their names typed alike by mistake and nothing else the same, or
    /// the number of one given for the other. Certificates tell the truth about their own numbers.
    fn may_be_twins(&self, registers: &Registers, a: u32, b: u32) -> bool {
        let [x, y] = [a, b].map(|row| &registers.children[row as usize]);
        let same = |x: u32, y: u32| x != NONE && x == y;
        let same_name = registers.names.level(x.name, y.name) == Likeness::Same;
        let sure = same(x.own, y.own) || (same(x.certificate, y.certificate) && same_name);
        x.register != Register::Certificates
            && !sure
            && [x, y]
                .into_iter()
                .flat_map(deliveries)
                .any(|delivery| self.0.contains(&delivery))
    }
}

fn deliveries(child: &Child) -> impl Iterator<Item = (u32, i32)> + use<> {
    let birth = child.birth;
    [child.mother, child.father]
        .into_iter()
        .filter(|person| *person != NOBODY)
        .filter_map(move |person| Some((person, birth?)))
}

fn root(parent: &HashMap<u32, u32>, row: u32) -> u32 {
    let mut at = row;
    while let Some(up) = parent.get(&at) {
        at = *up;
    }
    at
}

/// What duplicates agree in: a certificate, or a parent and the day.
fn keys(registers: &Registers, child: &Child) -> [Option<[u32; 4]>; 6] {
    let day = child.birth.map(|day| day as u32);
    let folded = registers.names.folded(child.name);
    [
        (child.certificate != NONE).then_some([0, child.certificate, 0, 0]),
        (child.first_certificate != NONE).then_some([0, child.first_certificate, 0, 0]),
        day.filter(|_| child.mother != NOBODY)
            .map(|day| [1, child.mother, day, 0]),
        day.filter(|_| child.father != NOBODY)
            .map(|day| [2, child.father, day, 0]),
        (child.mother != NOBODY && folded != NONE).then_some([3, child.mother, folded, 0]),
        (child.own != NONE && child.register != Register::Certificates)
            .then_some([4, child.own, folded, 0]),
    ]
}

fn judge(registers: &Registers, a: u32, b: u32) -> Option<Pass> {
    let (x, y) = (
        &registers.children[a as usize],
        &registers.children[b as usize],
    );
    let compared = Compared::of(registers, &[a], &[b]);
    if compared.sex == 2 && !compared.is_same_name() {
        return None;
    }
    let same_parent = (x.mother != NOBODY && x.mother == y.mother)
        || (x.father != NOBODY && x.father == y.father);
    let same_day = x.birth.is_some() && x.birth == y.birth;
    if compared.certificate == Certificate::Same {
        // One certificate per child: the number alone may be a slip, something else must agree.
        let agrees = compared.is_same_name()
            || (same_day && !compared.is_other_name() && x.register == Register::Certificates)
            || (same_parent && compared.date.is_one_date() && (x.reissue || y.reissue));
        return agrees.then_some(Pass::SameCertificate);
    }
    let single = x.plurality <= 1 && y.plurality <= 1;
    // Twins have different ranks among the mother's children.
    if !single && x.order != 0 && y.order != 0 && x.order != y.order {
        return None;
    }
    let same_weight = x.weight > 0 && x.weight == y.weight;
    if x.register == Register::Certificates {
        if !same_parent || !same_day {
            return None;
        }
        let reissued = x.reissue != y.reissue || (x.reissue && y.reissue);
        let fits = x.weight == 0 || y.weight == 0 || same_weight;
        if reissued && fits && single && compared.sex != 2 {
            return Some(Pass::Reissued);
        }
        let is_twin_proof =
            compared.is_same_name() && (same_weight || single) && compared.name != Likeness::Shape;
        if is_twin_proof && (reissued || same_weight) {
            return Some(if reissued {
                Pass::Reissued
            } else {
                Pass::Twice
            });
        }
        // An unnamed twin's certificate, replaced when the name was there: the weight tells which.
        return (reissued && same_weight && !compared.is_other_name()).then_some(Pass::Reissued);
    }
    // Two entries of one child: the same name to the character, for twins' names often sound alike, and
    // no second certificate.
    let same_name =
        compared.name == Likeness::Same && compared.certificate != Certificate::Different;
    let same_child = same_name && same_parent && (same_day || compared.date.is_one_date());
    let same_number = x.own != NONE && x.own == y.own && compared.is_same_name();
    (same_child || same_number).then_some(Pass::TwoEntries)
}
