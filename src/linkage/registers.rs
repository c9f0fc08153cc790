//! Links the registers of a warehouse: reads rows and unsealed names into memory, and writes `births`,
//! `links` and `persons` anew in one commit. Entry point: [`link_registers`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::Array;
use arrow::array::{
    ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Float64Array, Int8Array, Int32Array,
    RecordBatch, StringArray,
};
use arrow::datatypes::{DataType, Date32Type, Int8Type};
use chrono::{DateTime, Utc};

use super::births::{
    self, Births, ChildRow, Decisions, DeliveryRegister, DeliveryRow, Register, Registers,
};
use super::deliveries::link_deliveries;
use super::pass::{Class, Link};
use super::rows::{Place, Record, Records, read};
use crate::domain::calendar;
use crate::error::Result;
use crate::vault::{AuditLog, Entry, Sealer};
use crate::warehouse::{AsOf, Change, SessionOptions, Status, Warehouse};

/// Goes up when the same deliveries are to be linked anew.
const METHOD: u32 = 2;
/// Household entries so many days before the first certificate can still be of the same births.
const BEFORE: i32 = 400;
/// Days within which a birth is to be entered.
const TERM: i32 = 30;

/// What a run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Births found.
    pub births: usize,
    /// Links of classes certain, probable and review.
    pub links: [usize; 3],
    /// Persons found.
    pub persons: usize,
    /// The snapshot; `None` when no delivery had changed.
    pub snapshot: Option<i64>,
}

const CHILDREN: [(&str, Register, &[&str]); 3] = [
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

const DELIVERIES: [(&str, DeliveryRegister, &[&str]); 2] = [
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

/// Links all registers, unless no delivery has changed since the last time. Reading names is written
/// to the audit log first.
///
/// # Errors
/// When the warehouse cannot be read, another process writes, or nothing was committed.
pub async fn link_registers(
    warehouse: &Warehouse,
    options: &SessionOptions,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Outcome> {
    let fingerprint = fingerprint(warehouse)?;
    let message = format!("link the registers ({fingerprint})");
    let unchanged = Outcome {
        births: 0,
        links: [0; 3],
        persons: 0,
        snapshot: None,
    };
    if is_current(warehouse, &message)? {
        return Ok(unchanged);
    }
    let mut writer = warehouse.writer("link", now)?;
    let keys = warehouse.keys()?;
    AuditLog::open(warehouse.folder().join("audit.log"))?
        .signed_with(&keys)
        .append(
            now,
            Entry {
                actor,
                action: "link",
                object: "registers",
                reason: Some("the same birth in several registers; names stay in memory"),
                ..Entry::default()
            },
        )?;
    let sealer = Sealer::new(&keys);
    let session = warehouse.session(&AsOf::Latest, options)?;
    let today = now
        .date_naive()
        .signed_duration_since(chrono::NaiveDate::default())
        .num_days() as i32;
    let loaded = Loaded::read(warehouse, &session, &sealer, today).await?;
    let persons = persons(&session).await?;
    let mut change = Change {
        message,
        ..Change::default()
    };
    writer.replace_rows("births", &loaded.births()?, &mut change)?;
    writer.replace_rows("links", &loaded.links()?, &mut change)?;
    writer.replace_rows("persons", &persons, &mut change)?;
    let snapshot = writer.commit(&change, now)?;
    let of = |class: Class| {
        loaded
            .found
            .links
            .iter()
            .chain(&loaded.delivery_links)
            .filter(|link| link.class == class)
            .count()
    };
    Ok(Outcome {
        births: loaded.found.births.len(),
        links: [Class::Certain, Class::Probable, Class::Review].map(of),
        persons: persons.num_rows(),
        snapshot: Some(snapshot),
    })
}

/// What the result depends on: the method and the deliveries that count.
fn fingerprint(warehouse: &Warehouse) -> Result<String> {
    let mut ids: Vec<String> = warehouse
        .deliveries(&AsOf::Latest)?
        .into_iter()
        .filter(|delivery| delivery.status == Status::Current)
        .map(|delivery| delivery.id)
        .collect();
    ids.sort_unstable();
    // FNV-1a: tells states apart, protects nothing.
    let hash = ids
        .iter()
        .flat_map(|id| id.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Ok(format!("method {METHOD}, state {hash:016x}"))
}

/// Whether the last linking was of this very state and nothing was restored since.
fn is_current(warehouse: &Warehouse, message: &str) -> Result<bool> {
    let snapshots = warehouse.snapshots()?;
    let last = snapshots
        .iter()
        .rev()
        .find(|s| s.message.starts_with("link the registers") || s.message.starts_with("restore"));
    Ok(last.is_some_and(|snapshot| snapshot.message == message))
}

/// The rows of all registers, and what linking found.
struct Loaded {
    children: Vec<Records>,
    deliveries: Vec<Records>,
    /// Per child row: register, record.
    child_rows: Vec<(usize, usize)>,
    delivery_rows: Vec<(usize, usize)>,
    found: Births,
    delivery_links: Vec<Link>,
}

impl Loaded {
    async fn read(
        warehouse: &Warehouse,
        session: &crate::warehouse::Session,
        sealer: &Sealer,
        today: i32,
    ) -> Result<Self> {
        let mut registers = Registers::new(today);
        let mut loaded = Self {
            children: Vec::new(),
            deliveries: Vec::new(),
            child_rows: Vec::new(),
            delivery_rows: Vec::new(),
            found: Births::default(),
            delivery_links: Vec::new(),
        };
        for (table, _, identities) in CHILDREN {
            loaded
                .children
                .push(read(warehouse, session, sealer, table, "", identities).await?);
        }
        for (table, _, identities) in DELIVERIES {
            loaded
                .deliveries
                .push(read(warehouse, session, sealer, table, "", identities).await?);
        }
        let first = [0, 2]
            .iter()
            .flat_map(|at| {
                loaded.children[*at]
                    .records
                    .iter()
                    .filter_map(|r| loaded.children[*at].number(r, "birth_date"))
            })
            .min();
        for (at, (_, register, _)) in CHILDREN.iter().enumerate() {
            let records = &loaded.children[at];
            for (number, record) in records.records.iter().enumerate() {
                let birth = records.number(record, "birth_date");
                if *register == Register::Household {
                    registers.person(
                        records.identity(record, "id_no"),
                        records.identity(record, "name"),
                    );
                    if first.is_none_or(|first| birth.is_none_or(|birth| birth < first - BEFORE)) {
                        continue;
                    }
                }
                registers.child(&child_row(records, record, *register));
                loaded.child_rows.push((at, number));
            }
        }
        for (at, (_, register, _)) in DELIVERIES.iter().enumerate() {
            let records = &loaded.deliveries[at];
            for (number, record) in records.records.iter().enumerate() {
                registers.delivery(&delivery_row(records, record, *register));
                loaded.delivery_rows.push((at, number));
            }
        }
        loaded.found = births::link(&mut registers, &Decisions::default());
        loaded.delivery_links = link_deliveries(&registers, &loaded.found);
        Ok(loaded)
    }

    fn child(&self, row: u32) -> (&Records, &Record, Register, &'static str) {
        let (at, number) = self.child_rows[row as usize];
        let (table, register, _) = CHILDREN[at];
        (
            &self.children[at],
            &self.children[at].records[number],
            register,
            table,
        )
    }

    /// The key of a birth: the first certificate's, else the child's own number, else the visit's. Two
    /// births never share one: the second gets a key made from its record's place.
    fn keys(&self) -> Vec<Vec<u8>> {
        let mut taken: HashMap<Vec<u8>, ()> = HashMap::new();
        self.found
            .births
            .iter()
            .map(|rows| {
                let key = rows.iter().find_map(|row| {
                    let (records, record, register, _) = self.child(*row);
                    let column = if register == Register::Household {
                        "person_key"
                    } else {
                        "child_key"
                    };
                    records.key(record, column).map(<[u8]>::to_vec)
                });
                key.filter(|key| taken.insert(key.clone(), ()).is_none())
                    .unwrap_or_else(|| self.child(rows[0]).1.key_of_place())
            })
            .collect()
    }

    fn births(&self) -> Result<RecordBatch> {
        let births = &self.found.births;
        let mut with = [vec![false; births.len()], vec![false; births.len()]];
        let mut birth_of = vec![0; self.child_rows.len()];
        for (birth, rows) in births.iter().enumerate() {
            rows.iter().for_each(|row| birth_of[*row as usize] = birth);
        }
        for link in &self.delivery_links {
            let (register, _) = self.delivery_rows[link.left as usize];
            with[register][birth_of[link.right as usize]] = true;
        }
        let value = |rows: &Vec<u32>, order: [Register; 3], name: &str| {
            order.iter().find_map(|wanted| {
                rows.iter()
                    .map(|row| self.child(*row))
                    .filter(|found| found.2 == *wanted)
                    .find_map(|(records, record, ..)| records.number(record, name))
            })
        };
        let police = [
            Register::Household,
            Register::Certificates,
            Register::Visits,
        ];
        let text = |rows: &Vec<u32>, name: &str| {
            rows.iter()
                .map(|row| self.child(*row))
                .map(|(records, record, ..)| records.text(record, name))
                .find(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let is_in = |rows: &Vec<u32>, register: Register| {
            rows.iter().any(|row| self.child(*row).2 == register)
        };
        let dates: Vec<Option<i32>> = births
            .iter()
            .map(|rows| value(rows, police, "birth_date"))
            .collect();
        let mother = |rows: &Vec<u32>| {
            rows.iter()
                .map(|row| self.child(*row))
                .find_map(|(records, record, ..)| {
                    records.key(record, "mother_key").map(<[u8]>::to_vec)
                })
        };
        let scope = Scope::of(self);
        let columns: Vec<(&str, ArrayRef)> = vec![
            (
                "birth_key",
                Arc::new(BinaryArray::from_iter_values(self.keys())),
            ),
            ("birth_date", Arc::new(Date32Array::from(dates.clone()))),
            (
                "birth_year",
                Arc::new(
                    dates
                        .iter()
                        .map(|date| date.map(calendar::year))
                        .collect::<Int32Array>(),
                ),
            ),
            (
                "sex",
                Arc::new(
                    births
                        .iter()
                        .map(|rows| {
                            value(rows, police, "sex").and_then(|sex| i8::try_from(sex).ok())
                        })
                        .collect::<Int8Array>(),
                ),
            ),
            (
                "mother_key",
                Arc::new(births.iter().map(mother).collect::<BinaryArray>()),
            ),
            (
                "township_code",
                Arc::new(
                    births
                        .iter()
                        .map(|rows| text(rows, "township_code"))
                        .collect::<StringArray>(),
                ),
            ),
            (
                "in_birth_certificates",
                flags(
                    births
                        .iter()
                        .map(|rows| is_in(rows, Register::Certificates)),
                ),
            ),
            (
                "in_household_register",
                flags(births.iter().map(|rows| is_in(rows, Register::Household))),
            ),
            ("in_fertility_registrations", flags(with[0].iter().copied())),
            ("in_maternity_insurance", flags(with[1].iter().copied())),
            (
                "in_household_visits",
                flags(births.iter().map(|rows| is_in(rows, Register::Visits))),
            ),
            (
                "gap_reason",
                Arc::new(
                    births
                        .iter()
                        .zip(&dates)
                        .map(|(rows, date)| scope.reason(self, rows, *date))
                        .collect::<StringArray>(),
                ),
            ),
        ];
        Ok(RecordBatch::try_from_iter(columns)?)
    }

    fn links(&self) -> Result<RecordBatch> {
        let keys = self.keys();
        let mut birth_of = vec![0; self.child_rows.len()];
        for (birth, rows) in self.found.births.iter().enumerate() {
            rows.iter().for_each(|row| birth_of[*row as usize] = birth);
        }
        let mut table: [Vec<&str>; 2] = [Vec::new(), Vec::new()];
        let mut places: [Vec<&Place>; 2] = [Vec::new(), Vec::new()];
        let mut kinds = Vec::new();
        let mut births = Vec::new();
        let links: Vec<&Link> = self
            .found
            .links
            .iter()
            .chain(&self.delivery_links)
            .collect();
        for (at, link) in links.iter().enumerate() {
            let right = self.child(link.right);
            let left = if at < self.found.links.len() {
                kinds.push("child");
                births.push(&keys[birth_of[link.left as usize]]);
                let left = self.child(link.left);
                (left.3, &left.1.place)
            } else {
                kinds.push("delivery");
                births.push(&keys[birth_of[link.right as usize]]);
                let (register, number) = self.delivery_rows[link.left as usize];
                (
                    DELIVERIES[register].0,
                    &self.deliveries[register].records[number].place,
                )
            };
            for (side, (name, place)) in [left, (right.3, &right.1.place)].into_iter().enumerate() {
                table[side].push(name);
                places[side].push(place);
            }
        }
        let names = [
            [
                "left_table",
                "left_delivery_id",
                "left_source_sheet",
                "left_source_row",
            ],
            [
                "right_table",
                "right_delivery_id",
                "right_source_sheet",
                "right_source_row",
            ],
        ];
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("kind", Arc::new(StringArray::from_iter_values(kinds))),
            ("birth_key", Arc::new(BinaryArray::from_iter_values(births))),
        ];
        for side in 0..2 {
            let [name, delivery, sheet, row] = names[side];
            columns.push((name, Arc::new(StringArray::from_iter_values(&table[side]))));
            columns.push((
                delivery,
                Arc::new(StringArray::from_iter_values(
                    places[side].iter().map(|place| &place.0),
                )),
            ));
            columns.push((
                sheet,
                Arc::new(
                    places[side]
                        .iter()
                        .map(|place| place.1.as_deref())
                        .collect::<StringArray>(),
                ),
            ));
            columns.push((
                row,
                Arc::new(Int32Array::from_iter_values(
                    places[side].iter().map(|place| place.2),
                )),
            ));
        }
        columns.push((
            "class",
            Arc::new(StringArray::from_iter_values(
                links.iter().map(|link| link.class.as_str()),
            )),
        ));
        columns.push((
            "pass",
            Arc::new(StringArray::from_iter_values(
                links.iter().map(|link| link.pass.as_str()),
            )),
        ));
        columns.push((
            "score",
            Arc::new(
                links
                    .iter()
                    .map(|link| link.score.map(|score| score.probability))
                    .collect::<Float64Array>(),
            ),
        ));
        Ok(RecordBatch::try_from_iter(columns)?)
    }
}

fn flags(values: impl Iterator<Item = bool>) -> ArrayRef {
    Arc::new(values.map(Some).collect::<BooleanArray>())
}

impl Record {
    /// Sixteen bytes that stand for the record's place.
    fn key_of_place(&self) -> Vec<u8> {
        let (delivery, sheet, row) = &self.place;
        let text = format!("{delivery}/{}/{row}", sheet.as_deref().unwrap_or_default());
        let hash = |seed: u64| {
            text.bytes().fold(seed, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        [hash(0xcbf2_9ce4_8422_2325), hash(0x9e37_79b9_7f4a_7c15)]
            .into_iter()
            .flat_map(u64::to_be_bytes)
            .collect()
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

/// Which births the registers can know of.
struct Scope {
    county: String,
    first_certificate: Option<i32>,
    last_entry: Option<i32>,
}

impl Scope {
    fn of(loaded: &Loaded) -> Self {
        let household = &loaded.children[1];
        let mut counties: BTreeMap<&str, usize> = BTreeMap::new();
        for record in &household.records {
            if let Some(county) = household.text(record, "region_code").get(..6) {
                *counties.entry(county).or_default() += 1;
            }
        }
        let certificates = &loaded.children[0];
        Self {
            county: counties
                .into_iter()
                .max_by_key(|(_, n)| *n)
                .map(|(county, _)| county.to_owned())
                .unwrap_or_default(),
            first_certificate: certificates
                .records
                .iter()
                .filter_map(|r| certificates.number(r, "birth_date"))
                .min(),
            last_entry: household
                .records
                .iter()
                .filter_map(|r| household.number(r, "registration_date"))
                .max(),
        }
    }

    /// Why a birth lacks its certificate or its household entry; `None` when it has both.
    fn reason(&self, loaded: &Loaded, rows: &[u32], date: Option<i32>) -> Option<&'static str> {
        let of = |register: Register| {
            rows.iter()
                .map(|row| loaded.child(*row))
                .find(move |found| found.2 == register)
        };
        match (of(Register::Certificates), of(Register::Household)) {
            (Some(_), Some(_)) => None,
            (_, None) => {
                let elsewhere =
                    rows.iter()
                        .map(|row| loaded.child(*row))
                        .any(|(records, record, ..)| {
                            let region = records.text(record, "region_code");
                            !region.is_empty()
                                && !self.county.is_empty()
                                && !region.starts_with(&self.county)
                        });
                let due = date
                    .zip(self.last_entry)
                    .is_some_and(|(date, last)| date + TERM <= last);
                Some(if elsewhere {
                    "non_resident_mother"
                } else if due {
                    "unexplained"
                } else {
                    "not_yet_due"
                })
            }
            (None, Some((records, record, ..))) => {
                let outside = date
                    .zip(self.first_certificate)
                    .is_some_and(|(date, first)| date < first);
                Some(if outside {
                    "outside_period"
                } else if records.text(record, "registration_reason") == "moved_in" {
                    "moved_in"
                } else {
                    "unexplained"
                })
            }
        }
    }
}

/// What the registers say of a person: sex, date of birth, and which of them name the person.
type Mentioned = (Option<i8>, Option<i32>, Vec<&'static str>);

/// Everybody with a pseudonym, with the registers that name them.
async fn persons(session: &crate::warehouse::Session) -> Result<RecordBatch> {
    const MENTIONS: [(&str, &str, &str); 11] = [
        ("household_register", "person_key", "sex, birth_date"),
        (
            "birth_certificates",
            "mother_key",
            "CAST(2 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        (
            "birth_certificates",
            "father_key",
            "CAST(1 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        (
            "fertility_registrations",
            "wife_key",
            "CAST(2 AS TINYINT) AS sex, wife_birth_date AS birth_date",
        ),
        (
            "fertility_registrations",
            "husband_key",
            "CAST(1 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        ("maternity_insurance", "person_key", "sex, birth_date"),
        (
            "marriages",
            "wife_key",
            "CAST(2 AS TINYINT) AS sex, wife_birth_date AS birth_date",
        ),
        (
            "marriages",
            "husband_key",
            "CAST(1 AS TINYINT) AS sex, husband_birth_date AS birth_date",
        ),
        ("deaths", "person_key", "sex, birth_date"),
        (
            "household_visits",
            "mother_key",
            "CAST(2 AS TINYINT) AS sex, CAST(NULL AS DATE) AS birth_date",
        ),
        ("household_visits", "person_key", "sex, birth_date"),
    ];
    let mut found: BTreeMap<Vec<u8>, Mentioned> = BTreeMap::new();
    for (table, key, columns) in MENTIONS {
        let sql = format!(
            "SELECT {key} AS k, {columns} FROM {table} WHERE {key} IS NOT NULL ORDER BY k, sex, birth_date"
        );
        for batch in session.rows(&sql, &[]).await? {
            let column = |at: usize, kind: &DataType| arrow::compute::cast(batch.column(at), kind);
            let columns = [
                column(0, &DataType::Binary)?,
                column(1, &DataType::Int8)?,
                column(2, &DataType::Date32)?,
            ];
            let keys = columns[0].as_binary::<i32>();
            let sexes = columns[1].as_primitive::<Int8Type>();
            let dates = columns[2].as_primitive::<Date32Type>();
            for row in 0..batch.num_rows() {
                let person = found.entry(keys.value(row).to_vec()).or_default();
                person.0 = person
                    .0
                    .or_else(|| sexes.is_valid(row).then(|| sexes.value(row)));
                person.1 = person
                    .1
                    .or_else(|| dates.is_valid(row).then(|| dates.value(row)));
                if person.2.last() != Some(&table) {
                    person.2.push(table);
                }
            }
        }
    }
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "person_key",
            Arc::new(BinaryArray::from_iter_values(found.keys())),
        ),
        (
            "sex",
            Arc::new(found.values().map(|person| person.0).collect::<Int8Array>()),
        ),
        (
            "birth_date",
            Arc::new(
                found
                    .values()
                    .map(|person| person.1)
                    .collect::<Date32Array>(),
            ),
        ),
        (
            "registers",
            Arc::new(StringArray::from_iter_values(
                found.values().map(|person| person.2.join(",")),
            )),
        ),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}
