//! The registers of a warehouse in memory: rows with their unsealed names, in an order of their content,
//! and what linking finds in them. Entry point: [`Loaded::read`].

use std::collections::{HashMap, HashSet};

use super::births::{
    self, Births, ChildRow, Decisions, DeliveryRegister, DeliveryRow, Register, Registers,
};
use super::deliveries::link_deliveries;
use super::pass::Link;
use super::reviews::Review;
use super::rows::{Record, Records, read};
use crate::error::Result;
use crate::vault::{Keys, Pseudonymiser, Sealer};
use crate::warehouse::{Session, Warehouse};

/// Household entries so many days before the first certificate can still be of the same births.
const BEFORE: i32 = 400;

pub(super) const CHILDREN: [(&str, Register, &[&str]); 3] = [
    (
        "birth_certificates",
        Register::Certificates,
        &[
            "certificate_no",
            "original_certificate_no",
            "child_name",
            "child_id",
            "mother_name",
            "mother_id",
            "father_name",
            "father_id",
        ],
    ),
    (
        "household_register",
        Register::Household,
        &[
            "id_no",
            "name",
            "mother_name",
            "mother_id",
            "father_name",
            "father_id",
            "birth_certificate_no",
        ],
    ),
    (
        "household_visits",
        Register::Visits,
        &[
            "child_name",
            "child_id",
            "birth_certificate_no",
            "mother_name",
            "mother_id",
            "father_name",
            "father_id",
        ],
    ),
];

pub(super) const DELIVERIES: [(&str, DeliveryRegister, &[&str]); 2] = [
    (
        "fertility_registrations",
        DeliveryRegister::Fertility,
        &["wife_name", "wife_id", "husband_name", "husband_id"],
    ),
    (
        "maternity_insurance",
        DeliveryRegister::Insurance,
        &["name", "id_no", "spouse_name", "spouse_id"],
    ),
];

/// The rows of all registers, and what linking found.
pub(super) struct Loaded {
    pub(super) children: Vec<Records>,
    pub(super) deliveries: Vec<Records>,
    /// Per row about a child: register, record.
    pub(super) child_rows: Vec<(usize, usize)>,
    /// Per row about a delivery: register, record.
    pub(super) delivery_rows: Vec<(usize, usize)>,
    /// Pseudonyms of the content of rows about children and deliveries: the same when a record is
    /// handed in again.
    pseudonyms: [Vec<[u8; 16]>; 2],
    pub(super) registers: Registers,
    pub(super) found: Births,
    pub(super) delivery_links: Vec<Link>,
}

impl Loaded {
    /// Reads and links all registers, obeying `reviews`; `today` in days since 1970-01-01.
    pub(super) async fn read(
        warehouse: &Warehouse,
        session: &Session,
        keys: &Keys,
        today: i32,
        reviews: &[Review],
    ) -> Result<Self> {
        let mut loaded = Self::rows(warehouse, session, keys, today).await?;
        let decisions = loaded.decisions(reviews);
        loaded.found = births::link(&mut loaded.registers, &decisions);
        loaded.delivery_links = link_deliveries(&loaded.registers, &loaded.found);
        Ok(loaded)
    }

    /// Reads all registers and links nothing.
    pub(super) async fn rows(
        warehouse: &Warehouse,
        session: &Session,
        keys: &Keys,
        today: i32,
    ) -> Result<Self> {
        let sealer = Sealer::new(keys);
        let mut loaded = Self {
            children: Vec::new(),
            deliveries: Vec::new(),
            child_rows: Vec::new(),
            delivery_rows: Vec::new(),
            pseudonyms: [Vec::new(), Vec::new()],
            registers: Registers::new(today),
            found: Births::default(),
            delivery_links: Vec::new(),
        };
        for (table, _, identities) in CHILDREN {
            let records = read(warehouse, session, &sealer, table, "", identities).await?;
            loaded.children.push(records);
        }
        for (table, _, identities) in DELIVERIES {
            let records = read(warehouse, session, &sealer, table, "", identities).await?;
            loaded.deliveries.push(records);
        }
        let pseudonymiser = Pseudonymiser::new(keys, "record");
        loaded.take_children(&pseudonymiser);
        loaded.take_deliveries(&pseudonymiser);
        Ok(loaded)
    }

    /// Rows about children, register by register, in the order of their content: so the result does
    /// not depend on when and in which files they came.
    fn take_children(&mut self, pseudonymiser: &Pseudonymiser) {
        let first = [0, 2]
            .iter()
            .flat_map(|at| {
                let records = &self.children[*at];
                let births = records.records.iter();
                births.filter_map(|record| records.number(record, "birth_date"))
            })
            .min();
        for (at, (_, register, _)) in CHILDREN.iter().enumerate() {
            let records = &self.children[at];
            if *register == Register::Household {
                let mut everybody: Vec<(&str, &str)> = records
                    .records
                    .iter()
                    .map(|record| {
                        let identity = |name| records.identity(record, name);
                        (identity("id_no"), identity("name"))
                    })
                    .collect();
                everybody.sort_unstable();
                for (id, name) in everybody {
                    self.registers.person(id, name);
                }
            }
            let is_recent = |record: &Record| {
                let birth = records.number(record, "birth_date");
                first.is_some_and(|first| birth.is_some_and(|birth| birth >= first - BEFORE))
            };
            let mut rows: Vec<(ChildRow<'_>, usize)> = (0..)
                .zip(&records.records)
                .filter(|(_, record)| *register != Register::Household || is_recent(record))
                .map(|(number, record)| (child_row(records, record, *register), number))
                .collect();
            rows.sort_unstable();
            for (row, number) in rows {
                self.registers.child(&row);
                self.child_rows.push((at, number));
                self.pseudonyms[0].push(pseudonymiser.of(&row.content()));
            }
        }
    }

    fn take_deliveries(&mut self, pseudonymiser: &Pseudonymiser) {
        for (at, (_, register, _)) in DELIVERIES.iter().enumerate() {
            let records = &self.deliveries[at];
            let mut rows: Vec<(DeliveryRow<'_>, usize)> = (0..)
                .zip(&records.records)
                .map(|(number, record)| (delivery_row(records, record, *register), number))
                .collect();
            rows.sort_unstable();
            for (row, number) in rows {
                self.registers.delivery(&row);
                self.delivery_rows.push((at, number));
                self.pseudonyms[1].push(pseudonymiser.of(&row.content()));
            }
        }
    }

    /// Clerks' decisions about the rows that are there now.
    fn decisions(&self, reviews: &[Review]) -> Decisions {
        let mut decisions = Decisions::default();
        if reviews.is_empty() {
            return decisions;
        }
        let mut rows: HashMap<[u8; 16], Vec<u32>> = HashMap::new();
        for (row, pseudonym) in (0..).zip(&self.pseudonyms[0]) {
            rows.entry(*pseudonym).or_default().push(row);
        }
        let none = Vec::new();
        for review in reviews {
            let [left, right] = review
                .records
                .map(|record| rows.get(&record).unwrap_or(&none));
            for a in left {
                for b in right.iter().filter(|b| *b != a) {
                    decisions.decide(*a, *b, review.same);
                }
            }
        }
        decisions
    }

    /// Records, record, register and table of a row about a child.
    pub(super) fn child(&self, row: u32) -> (&Records, &Record, Register, &'static str) {
        let (at, number) = self.child_rows[row as usize];
        let (table, register, _) = CHILDREN[at];
        (
            &self.children[at],
            &self.children[at].records[number],
            register,
            table,
        )
    }

    /// Pseudonym of the content of a row about a child.
    pub(super) fn pseudonym(&self, row: u32) -> [u8; 16] {
        self.pseudonyms[0][row as usize]
    }

    /// The birth of every row about a child.
    pub(super) fn birth_of(&self) -> Vec<usize> {
        let mut birth_of = vec![0; self.child_rows.len()];
        for (birth, rows) in self.found.births.iter().enumerate() {
            rows.iter().for_each(|row| birth_of[*row as usize] = birth);
        }
        birth_of
    }

    /// The key of a birth: the first certificate's, else the child's own number, else the visit's. Two
    /// births never share one: the second gets a key made from its record's content.
    pub(super) fn keys(&self) -> Vec<Vec<u8>> {
        let mut taken: HashSet<Vec<u8>> = HashSet::new();
        let mut keys = Vec::new();
        for rows in &self.found.births {
            let named = rows.iter().find_map(|row| {
                let (records, record, register, _) = self.child(*row);
                let column = if register == Register::Household {
                    "person_key"
                } else {
                    "child_key"
                };
                records.key(record, column).map(<[u8]>::to_vec)
            });
            let own = self.pseudonym(rows[0]);
            let others = (0..=u8::MAX).map(|n| own.iter().map(|byte| byte ^ n).collect());
            let key = named
                .into_iter()
                .chain(others)
                .find(|key| !taken.contains(key));
            let key = key.unwrap_or_else(|| own.to_vec());
            taken.insert(key.clone());
            keys.push(key);
        }
        keys
    }

    /// What names a link: the same for the same two records, however often they are handed in.
    pub(super) fn link_key(&self, link: &Link, is_child: bool) -> String {
        let left = &self.pseudonyms[usize::from(!is_child)][link.left as usize];
        let right = &self.pseudonyms[0][link.right as usize];
        // FNV-1a over two pseudonyms, which are evenly spread already.
        let hash = left
            .iter()
            .chain(right)
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{hash:016x}")
    }
}

fn child_row<'a>(records: &'a Records, record: &Record, register: Register) -> ChildRow<'a> {
    let identity = |name: &str| records.identity(record, name);
    let is_household = register == Register::Household;
    ChildRow {
        register,
        certificate: identity(if register == Register::Certificates {
            "certificate_no"
        } else {
            "birth_certificate_no"
        }),
        first_certificate: identity("original_certificate_no"),
        own_id: identity(if is_household { "id_no" } else { "child_id" }),
        name: identity(if is_household { "name" } else { "child_name" }),
        sex: records.small(record, "sex"),
        birth: records.number(record, "birth_date"),
        mother_id: identity("mother_id"),
        mother_name: identity("mother_name"),
        father_id: identity("father_id"),
        father_name: identity("father_name"),
        town: records.text(record, "township_code"),
        plurality: records.small(record, "plurality"),
        order: records.small(record, "birth_order"),
        weight: records
            .number(record, "birth_weight_g")
            .and_then(|g| u16::try_from(g).ok())
            .unwrap_or(0),
        entered: ["issue_date", "registration_date", "visit_date"]
            .iter()
            .find_map(|name| records.number(record, name)),
        reissue: matches!(records.text(record, "issue_type"), "replaced" | "reissued"),
    }
}

fn delivery_row<'a>(
    records: &'a Records,
    record: &Record,
    register: DeliveryRegister,
) -> DeliveryRow<'a> {
    let identity = |name: &str| records.identity(record, name);
    let number = |name: &str| records.number(record, name);
    let couple = match register {
        DeliveryRegister::Fertility => ["wife_id", "wife_name", "husband_id", "husband_name"],
        // The claimant may be the father.
        DeliveryRegister::Insurance if records.small(record, "sex") == 1 => {
            ["spouse_id", "spouse_name", "id_no", "name"]
        }
        DeliveryRegister::Insurance => ["id_no", "name", "spouse_id", "spouse_name"],
    }
    .map(identity);
    DeliveryRow {
        register,
        mother_id: couple[0],
        mother_name: couple[1],
        father_id: couple[2],
        father_name: couple[3],
        delivered: number("delivery_date"),
        expected: number("expected_date"),
        registered: number("registration_date"),
    }
}
