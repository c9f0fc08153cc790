//! Rows about children, deliveries and persons as linking sees them: texts become numbers once.
//! Entry point: [`Registers`].

use std::collections::HashMap;
use std::sync::Arc;

use super::both::both;
use super::names::Names;
use super::people::{Found, Mention, NOBODY, Number, People};

/// No value.
pub const NONE: u32 = u32::MAX;

/// Which register a row about a child stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Register {
    /// Birth certificates (health).
    #[default]
    Certificates,
    /// Household register (police).
    Household,
    /// Household visits (townships).
    Visits,
}

impl Register {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Certificates, Self::Household, Self::Visits];
}

/// A row about a child, as read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChildRow<'a> {
    /// Where it stands.
    pub register: Register,
    /// Number of the birth certificate.
    pub certificate: &'a str,
    /// Number of the certificate that this one replaces.
    pub first_certificate: &'a str,
    /// The child's ID number.
    pub own_id: &'a str,
    /// The child's name.
    pub name: &'a str,
    /// 1 male, 2 female, 0 unknown.
    pub sex: u8,
    /// Day of birth.
    pub birth: Option<i32>,
    /// The mother's ID number.
    pub mother_id: &'a str,
    /// The mother's name.
    pub mother_name: &'a str,
    /// The father's ID number.
    pub father_id: &'a str,
    /// The father's name.
    pub father_name: &'a str,
    /// Code of the township.
    pub town: &'a str,
    /// Children of this delivery; 0 unknown.
    pub plurality: u8,
    /// How many-eth child of the mother; 0 unknown.
    pub order: u8,
    /// Birth weight in grams; 0 unknown.
    pub weight: u16,
    /// Day of issue, registration or visit.
    pub entered: Option<i32>,
    /// A replaced or reissued certificate.
    pub reissue: bool,
}

/// Which register a row about a pregnancy or delivery stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryRegister {
    /// Fertility registrations (health).
    Fertility,
    /// Maternity insurance (social security).
    Insurance,
}

/// A row about a pregnancy or a delivery, as read.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryRow<'a> {
    /// Where it stands.
    pub register: DeliveryRegister,
    /// The woman's ID number; empty when the claimant is the father.
    pub mother_id: &'a str,
    /// Her name.
    pub mother_name: &'a str,
    /// The man's ID number.
    pub father_id: &'a str,
    /// His name.
    pub father_name: &'a str,
    /// Day of the delivery.
    pub delivered: Option<i32>,
    /// Expected day.
    pub expected: Option<i32>,
    /// Day of registration.
    pub registered: Option<i32>,
}

/// A row about a child, in numbers.
#[derive(Debug, Clone, Copy)]
pub struct Child {
    pub(super) register: Register,
    pub(super) certificate: u32,
    pub(super) first_certificate: u32,
    pub(super) own: u32,
    pub(super) name: u32,
    pub(super) sex: u8,
    pub(super) birth: Option<i32>,
    pub(super) mother: u32,
    pub(super) father: u32,
    pub(super) mother_found: Option<Found>,
    pub(super) father_found: Option<Found>,
    pub(super) mother_name: u32,
    pub(super) father_name: u32,
    pub(super) town: u32,
    pub(super) plurality: u8,
    pub(super) order: u8,
    pub(super) weight: u16,
    pub(super) reissue: bool,
}

/// A row about a delivery, in numbers.
#[derive(Debug, Clone, Copy)]
pub struct Delivery {
    pub(super) mother: u32,
    pub(super) father: u32,
    pub(super) delivered: Option<i32>,
    pub(super) expected: Option<i32>,
    pub(super) registered: Option<i32>,
}

/// The rows of all registers.
#[derive(Debug)]
pub struct Registers {
    today: i32,
    pub(super) names: Names,
    pub(super) people: People,
    pub(super) children: Vec<Child>,
    pub(super) deliveries: Vec<Delivery>,
    parents: Vec<[Mention; 2]>,
    spouses: Vec<[Mention; 2]>,
    towns: Numbered,
    owns: Numbered,
    numbers: Numbered,
}

impl Registers {
    /// Nothing yet; `today` in days since 1970-01-01, for reading ID numbers.
    #[must_use]
    pub fn new(today: i32) -> Self {
        Self {
            today,
            names: Names::new(),
            people: People::default(),
            children: Vec::new(),
            deliveries: Vec::new(),
            parents: Vec::new(),
            spouses: Vec::new(),
            towns: Numbered::default(),
            owns: Numbered::default(),
            numbers: Numbered::default(),
        }
    }

    /// Takes in anybody with an ID number and a name: who can be found under a wrong number later.
    pub fn person(&mut self, id: &str, name: &str) {
        let mention = self.mention(id, name, 0);
        self.people.know(mention, &self.names);
    }

    /// Takes in a row about a child; returns its number, counted from 0.
    pub fn child(&mut self, row: &ChildRow<'_>) -> u32 {
        let parents = [
            self.mention(row.mother_id, row.mother_name, 2),
            self.mention(row.father_id, row.father_name, 1),
        ];
        let child = Child {
            register: row.register,
            certificate: self.certificate(row.certificate),
            first_certificate: self.certificate(row.first_certificate),
            own: self.owns.number(row.own_id),
            name: self.names.number(row.name),
            sex: if row.sex <= 2 { row.sex } else { 0 },
            birth: row.birth,
            mother: NOBODY,
            father: NOBODY,
            mother_found: None,
            father_found: None,
            mother_name: parents[0].name,
            father_name: parents[1].name,
            town: self.towns.number(row.town),
            plurality: row.plurality,
            order: row.order,
            weight: row.weight,
            reissue: row.reissue,
        };
        self.children.push(child);
        self.parents.push(parents);
        self.children.len() as u32 - 1
    }

    /// Takes in a row about a delivery; returns its number, counted from 0.
    pub fn delivery(&mut self, row: &DeliveryRow<'_>) -> u32 {
        let parents = [
            self.mention(row.mother_id, row.mother_name, 2),
            self.mention(row.father_id, row.father_name, 1),
        ];
        self.deliveries.push(Delivery {
            mother: NOBODY,
            father: NOBODY,
            delivered: row.delivered,
            expected: row.expected,
            registered: row.registered,
        });
        self.spouses.push(parents);
        self.deliveries.len() as u32 - 1
    }

    /// Finds the persons behind every mention.
    pub(super) fn find_people(&mut self) {
        for mention in self.parents.iter().chain(&self.spouses).flatten() {
            self.people.know(*mention, &self.names);
        }
        self.people.index();
        let all: Vec<&[Mention; 2]> = self.parents.iter().chain(&self.spouses).collect();
        let (left, right) = all.split_at(all.len() / 2);
        let couples: Vec<[Option<(u32, Found)>; 2]> = both([left, right], |couples| {
            couples
                .iter()
                .map(|couple| self.couple(couple))
                .collect::<Vec<_>>()
        })
        .concat();
        for (couple, mentions) in couples.iter().zip(self.parents.iter().chain(&self.spouses)) {
            if let [Some((mother, _)), Some((father, _))] = couple {
                self.people
                    .marry(*mother, mentions[0].name, *father, &self.names);
                self.people
                    .marry(*father, mentions[1].name, *mother, &self.names);
            }
        }
        let children = self.children.len();
        for (at, (couple, mentions)) in couples
            .iter()
            .zip(self.parents.iter().chain(&self.spouses))
            .enumerate()
        {
            let [mut mother, mut father] = *couple;
            if let (None, Some((spouse, _))) = (mother, father) {
                mother = self
                    .people
                    .find_spouse(mentions[0].name, spouse, &self.names);
            } else if let (Some((spouse, _)), None) = (mother, father) {
                father = self
                    .people
                    .find_spouse(mentions[1].name, spouse, &self.names);
            }
            let person = |found: Option<(u32, Found)>| found.map_or(NOBODY, |(person, _)| person);
            if let Some(child) = self.children.get_mut(at) {
                (child.mother, child.father) = (person(mother), person(father));
                (child.mother_found, child.father_found) =
                    (mother.map(|m| m.1), father.map(|f| f.1));
            } else if let Some(delivery) = self.deliveries.get_mut(at - children) {
                (delivery.mother, delivery.father) = (person(mother), person(father));
            }
        }
        self.parents = Vec::new();
        self.spouses = Vec::new();
    }

    /// Mother and father by number; a number in the wrong field is taken for the right one's when
    /// that field has none.
    fn couple(&self, [mother, father]: &[Mention; 2]) -> [Option<(u32, Found)>; 2] {
        let find = |mention: &Mention| self.people.find(*mention, &self.names);
        let moved = |from: &Mention, to: &Mention| {
            (to.number == Number::None)
                .then(|| {
                    find(&Mention {
                        number: from.number,
                        ..*to
                    })
                })
                .flatten()
        };
        [
            find(mother).or_else(|| moved(father, mother)),
            find(father).or_else(|| moved(mother, father)),
        ]
    }

    fn mention(&mut self, id: &str, name: &str, sex: u8) -> Mention {
        Mention {
            number: Number::read(id, self.today),
            name: self.names.number(name),
            sex,
        }
    }

    fn certificate(&mut self, number: &str) -> u32 {
        // Placeholders and fragments tell no certificate.
        if number.len() < 6 || !number.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
            return NONE;
        }
        if number.bytes().any(|byte| byte.is_ascii_lowercase()) {
            self.numbers.number(&number.to_ascii_uppercase())
        } else {
            self.numbers.number(number)
        }
    }

    /// A certificate number as typed, in capitals.
    pub(super) fn certificate_text(&self, number: u32) -> &str {
        &self.numbers.texts[number as usize]
    }
}

/// Texts, each with a number.
#[derive(Debug, Default)]
struct Numbered {
    known: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Numbered {
    fn number(&mut self, text: &str) -> u32 {
        if text.is_empty() {
            return NONE;
        }
        if let Some(number) = self.known.get(text) {
            return *number;
        }
        let (number, text) = (self.texts.len() as u32, Arc::<str>::from(text));
        self.known.insert(Arc::clone(&text), number);
        self.texts.push(text);
        number
    }
}
