//! Fellegi–Sunter on what the cascade left over. Entry point: [`Matching::weigh`].
//!
//! m comes from the pairs that the certificate number linked (nearly certain, and chosen without
//! looking hard at the fields that are weighed), u from random pairs; EM finds how many of the pairs
//! left over match. A child is taken once; twins and near ties go to a clerk.

use std::collections::HashMap;

use super::assign::{Scored, greedy};
use super::blocks::{pack, unpack};
use super::both::both;
use super::cascade::{FREE, Matching};
use super::child::{Child, NONE};
use super::dates::Slip;
use super::likeness::{Certificate, Compared, LEVELS, Parents};
use super::model::{Model, Vector, count};
use super::names::Likeness;
use super::pass::{Class, Pass, Score};
use crate::domain::calendar::civil;

/// A block of more pairs is left out.
const BLOCK_CAP: usize = 2_000;
/// Random pairs for u.
const RANDOM_PAIRS: u64 = 200_000;
/// Links are automatic from this probability on, as long as the estimated share of wrong ones among
/// all automatic links stays below [`FALSE_LINKS`].
pub(super) const AUTOMATIC: f64 = 0.99;
/// Pairs from this probability on are shown to a clerk.
pub(super) const REVIEW: f64 = 0.10;
/// Estimated share of wrong links.
const FALSE_LINKS: f64 = 0.001;
/// A second candidate within so many bits makes a tie.
const TIE: f64 = 3.0;

/// What matching pairs look like in county registers: the start, worth some pairs, for warehouses
/// with few certain links.
const USUAL: [&[f64]; 6] = [
    &[0.90, 0.02, 0.01, 0.01, 0.03, 0.01, 0.02],
    &[0.97, 0.008, 0.008, 0.004, 0.005, 0.005],
    &[0.998, 0.002],
    &[0.80, 0.10, 0.005, 0.05, 0.005, 0.02, 0.01, 0.005, 0.005],
    &[0.97, 0.01, 0.02],
    &[0.85, 0.15],
];
const USUAL_PAIRS: f64 = 50.0;

impl Matching<'_> {
    /// Weighs the children left over and links those that are alike enough. Returns the model, for
    /// explanations; `number` is its number. Shares learnt before are taken from `known`.
    pub fn weigh(&mut self, number: usize, known: Option<&Model>) -> Model {
        let levels = LEVELS.to_vec();
        let (m, u) = known.map_or_else(
            || {
                let u = Model::shares(&levels, &count(self.random_vectors()), 1.0);
                (self.shares_of_matches(), u)
            },
            |known| (known.m.clone(), known.u.clone()),
        );
        let candidates = self.candidates();
        let compared: Vec<(u64, Compared)> = candidates
            .into_iter()
            .map(|pair| {
                let (left, right) = unpack(pair);
                (pair, self.compare(left, right))
            })
            .filter(|(_, found)| is_possible(found))
            .collect();
        let counts = count(compared.iter().map(|(_, found)| found.vector()).collect());
        let free = |side: usize| self.partner[side].iter().filter(|p| **p == FREE).count() as f64;
        let (left, right) = (free(0), free(1));
        let fixed: Vec<usize> = (0..levels.len()).collect();
        let expected = (left.min(right) / 10.0).max(1.0);
        let model = Model::fit(&counts, m, u, &fixed, expected, (left * right).max(1.0));
        let rarity = self.name_rarity(&model);
        let rare = |left: u32, found: &Compared| {
            if found.name == Likeness::Same {
                rarity(left)
            } else {
                0.0
            }
        };
        let scored: Vec<Scored> = compared
            .iter()
            .map(|(pair, found)| {
                let (left, right) = unpack(*pair);
                Scored {
                    left,
                    right,
                    bits: model.bits(found.vector()) + rare(left, found),
                }
            })
            .filter(|pair| model.probability(pair.bits) >= REVIEW)
            .filter(|pair| !self.is_refused(pair.left, pair.right))
            .collect();
        let score = |pair: &Scored, found: &Compared| Score {
            probability: model.probability(pair.bits),
            vector: found.vector(),
            rarity: rare(pair.left, found),
            model: number,
        };
        self.decide(&scored, score);
        model
    }

    fn decide(&mut self, scored: &[Scored], score: impl Fn(&Scored, &Compared) -> Score) {
        // The second best of each child on either side.
        let mut best: [HashMap<u32, [f64; 2]>; 2] = [HashMap::new(), HashMap::new()];
        for pair in scored {
            for (side, group) in [(0, pair.left), (1, pair.right)] {
                let top = best[side].entry(group).or_insert([f64::NEG_INFINITY; 2]);
                if pair.bits > top[0] {
                    *top = [pair.bits, top[0]];
                } else if pair.bits > top[1] {
                    top[1] = pair.bits;
                }
            }
        }
        let mut wrong = 0.0;
        let mut linked = self.links.len() as f64;
        for pair in greedy(scored.to_vec()) {
            let second = |side: usize, group: u32| {
                best[side].get(&group).map_or(f64::NEG_INFINITY, |top| {
                    if top[0] > pair.bits { top[0] } else { top[1] }
                })
            };
            let tie = second(0, pair.left).max(second(1, pair.right)) > pair.bits - TIE;
            let found = self.compare(pair.left, pair.right);
            let score = score(&pair, &found);
            let doubt = 1.0 - score.probability;
            let automatic = score.probability >= AUTOMATIC
                && !tie
                && (wrong + doubt) / (linked + 1.0) <= FALSE_LINKS
                && self.is_told(pair.left, pair.right, &found);
            if automatic {
                wrong += doubt;
                linked += 1.0;
                self.join(
                    pair.left,
                    pair.right,
                    Class::Probable,
                    Pass::Score,
                    Some(score),
                );
            } else {
                self.links.push(super::pass::Link {
                    left: pair.left,
                    right: pair.right,
                    class: Class::Review,
                    pass: Pass::Score,
                    score: Some(score),
                });
            }
        }
    }

    /// m: how the pairs that the certificate linked agree in everything else, and how the pairs that
    /// mother, date, sex and name linked agree in the certificate.
    fn shares_of_matches(&self) -> Vec<Vec<f64>> {
        let by = |pass: Pass| -> Vec<(Vector, f64)> {
            let links = self.links.iter().filter(|link| link.pass == pass);
            count(
                links
                    .map(|link| self.compare(link.left, link.right).vector())
                    .collect(),
            )
        };
        let levels = LEVELS.to_vec();
        let mut m = Vec::new();
        let certificate = 4;
        let (by_certificate, by_mother) = (by(Pass::Certificate), by(Pass::MotherDateSexName));
        for (at, usual) in USUAL.iter().enumerate() {
            let counts = if at == certificate {
                &by_mother
            } else {
                &by_certificate
            };
            let seen = Model::shares(&levels, counts, 0.1);
            let pairs: f64 = counts.iter().map(|(_, n)| n).sum();
            let share = usual
                .iter()
                .zip(&seen[at])
                .map(|(usual, seen)| (usual * USUAL_PAIRS + seen * pairs) / (USUAL_PAIRS + pairs))
                .collect();
            m.push(share);
        }
        m
    }

    fn random_vectors(&self) -> Vec<Vector> {
        let (left, right) = (self.groups[0].len() as u64, self.groups[1].len() as u64);
        let space = left * right;
        let pairs = RANDOM_PAIRS.min(space);
        // A step without common divisor with the space walks through it evenly and never twice.
        let vectors = |numbers: std::ops::Range<u64>| -> Vec<Vector> {
            numbers
                .map(|n| {
                    (u128::from(n) * 0x9e37_79b9_7f4a_7c15_u128 % u128::from(space.max(1))) as u64
                })
                .map(|at| ((at / right) as u32, (at % right) as u32))
                .filter(|(l, r)| self.partner[0][*l as usize] != *r)
                .map(|(l, r)| self.compare(l, r).vector())
                .collect()
        };
        both([0..pairs / 2, pairs / 2..pairs], vectors).concat()
    }

    /// Pairs of free children in a common block.
    fn candidates(&self) -> Vec<u64> {
        let names = &self.registers.names;
        let day = |c: &Child| c.birth.map_or(NONE, |day| day as u32);
        let month = |c: &Child| {
            c.birth.map_or(NONE, |day| {
                let (year, month, _) = civil(day);
                (year * 12 + month as i32) as u32
            })
        };
        let mut pairs = Vec::new();
        let mut block = |key: &(dyn Fn(&Child) -> [u32; 3] + Sync)| self.block(key, &mut pairs);
        block(&|c| [c.mother, 0, 0]);
        block(&|c| [c.father, 0, 0]);
        block(&|c| [c.certificate, 0, 0]);
        block(&|c| [day(c), u32::from(c.sex), c.town]);
        block(&|c| [month(c), names.sound(c.name), 0]);
        block(&|c| [month(c), names.sound(c.mother_name), 0]);
        block(&|c| [month(c), names.sound(c.father_name), 0]);
        block(&|c| [names.sound(c.mother_name), names.sound(c.father_name), 0]);
        block(&|c| [names.folded(c.name), names.sound(c.mother_name), 0]);
        block(&|c| [names.folded(c.name), names.sound(c.father_name), 0]);
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    fn block(&self, key: &(dyn Fn(&Child) -> [u32; 3] + Sync), pairs: &mut Vec<u64>) {
        let keys = |side: usize| {
            let mut keys: Vec<([u32; 3], u32)> = Vec::new();
            for (group, rows) in (0..).zip(self.groups[side]) {
                if self.partner[side][group as usize] == FREE {
                    let rows = rows
                        .iter()
                        .map(|row| key(&self.registers.children[*row as usize]));
                    keys.extend(
                        rows.filter(|key| !key.contains(&NONE))
                            .map(|key| (key, group)),
                    );
                }
            }
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let [left, right] = both([0, 1], keys);
        let mut from = 0;
        for same in left.chunk_by(|a, b| a.0 == b.0) {
            let key = same[0].0;
            from += right[from..].partition_point(|(k, _)| *k < key);
            let to = from + right[from..].partition_point(|(k, _)| *k == key);
            if same.len() * (to - from) <= BLOCK_CAP {
                for (_, l) in same {
                    pairs.extend(right[from..to].iter().map(|(_, r)| pack(*l, *r)));
                }
            }
        }
    }

    /// What the same name weighs more or less than on average, by how rare it is.
    fn name_rarity(&self, model: &Model) -> impl Fn(u32) -> f64 + use<> {
        let names = &self.registers.names;
        let mut counts: HashMap<u32, f64> = HashMap::new();
        let mut total = 0.0;
        let folded = |row: &u32| names.folded(self.registers.children[*row as usize].name);
        for name in self
            .groups
            .iter()
            .flat_map(|groups| groups.iter())
            .flatten()
            .map(folded)
        {
            if name != NONE {
                *counts.entry(name).or_default() += 1.0;
                total += 1.0;
            }
        }
        let u = model.u[0][0];
        let shares: Vec<f64> = self.groups[0]
            .iter()
            .map(|rows| {
                let rarest = rows
                    .iter()
                    .map(folded)
                    .filter_map(|name| counts.get(&name))
                    .fold(f64::MAX, |a, b| a.min(*b));
                if rarest < f64::MAX {
                    (u / (rarest / total)).log2().clamp(-4.0, 4.0)
                } else {
                    0.0
                }
            })
            .collect();
        move |left| shares.get(left as usize).copied().unwrap_or(0.0)
    }
}

/// Whether two children can be one at all: siblings and strangers born on one day are not.
fn is_possible(found: &Compared) -> bool {
    let same_certificate = found.certificate == Certificate::Same;
    if found.date == Slip::Far && !same_certificate {
        return false;
    }
    if found.parents == Parents::Different && !same_certificate {
        return false;
    }
    !(found.sex == 2 && !found.is_same_name() && !same_certificate)
}
