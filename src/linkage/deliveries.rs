//! Registrations of pregnancies and benefits, linked to the deliveries that they are about: the parent
//! tells the family, the dates tell the delivery. Entry point: [`link_deliveries`].

use super::births::Births;
use super::child::{Child, Delivery, Registers};
use super::pass::{Link, Pass};
use super::people::NOBODY;

/// Days between an actual date and the birth.
const ACTUAL: u32 = 31;
/// Days between an expected date and the birth.
const EXPECTED: u32 = 45;
/// Days a registration may come before and after the birth, when it tells no date of delivery.
const REGISTERED: std::ops::RangeInclusive<i32> = -300..=400;

/// Links of deliveries: the number of the delivery row on the left, of a child's first row on the right;
/// every child of a multiple birth.
#[must_use]
pub fn link_deliveries(registers: &Registers, births: &Births) -> Vec<Link> {
    let mut families: Vec<(u32, u32)> = Vec::new();
    for (birth, rows) in (0..).zip(&births.births) {
        for row in rows {
            let child = &registers.children[*row as usize];
            families.extend(
                [child.mother, child.father]
                    .iter()
                    .filter(|p| **p != NOBODY)
                    .map(|p| (*p, birth)),
            );
        }
    }
    families.sort_unstable();
    families.dedup();
    let mut links = Vec::new();
    for (number, delivery) in (0..).zip(&registers.deliveries) {
        for (person, pass) in [
            (delivery.mother, Pass::MotherDelivery),
            (delivery.father, Pass::FatherDelivery),
        ] {
            let of = |birth: u32| {
                births.births[birth as usize]
                    .iter()
                    .map(|row| &registers.children[*row as usize])
            };
            let from = families.partition_point(|(p, _)| *p < person);
            let fitting: Vec<(u32, u32)> = families[from..]
                .iter()
                .take_while(|(p, _)| *p == person && person != NOBODY)
                .filter_map(|(_, birth)| {
                    Some((
                        of(*birth)
                            .filter_map(|child| distance(delivery, child))
                            .min()?,
                        *birth,
                    ))
                })
                .collect();
            let Some(nearest) = fitting.iter().min().copied() else {
                continue;
            };
            let day = |birth: u32| of(birth).find_map(|child| child.birth);
            for (_, birth) in &fitting {
                // Twins share the delivery.
                if let (Some(a), Some(b)) = (day(*birth), day(nearest.1))
                    && a.abs_diff(b) <= 2
                {
                    links.push(Link::certain(
                        number,
                        births.births[*birth as usize][0],
                        pass,
                    ));
                }
            }
            break;
        }
    }
    links
}

/// How badly the dates fit; `None` when they do not.
fn distance(delivery: &Delivery, child: &Child) -> Option<u32> {
    let birth = child.birth?;
    if let Some(day) = delivery.delivered {
        return Some(day.abs_diff(birth)).filter(|days| *days <= ACTUAL);
    }
    if let Some(day) = delivery.expected {
        return Some(100 + day.abs_diff(birth)).filter(|days| *days <= 100 + EXPECTED);
    }
    let after = delivery.registered? - birth;
    REGISTERED
        .contains(&after)
        .then_some(1_000 + after.unsigned_abs())
}
