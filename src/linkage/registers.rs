//! Links the registers of a warehouse: reads rows and unsealed names into memory, and writes `births`,
//! `links` and `persons` anew in one commit. Entry point: [`link_registers`].

use chrono::{DateTime, Utc};

use super::loaded::Loaded;
use super::pass::Class;
use super::persons::persons;
use super::reviews::{self, Review};
use crate::error::{Error, Result};
use crate::msg;
use crate::vault::{AuditLog, Entry, Keys};
use crate::warehouse::{AsOf, Change, Session, SessionOptions, Status, Warehouse};

/// Goes up when the same deliveries are to be linked anew.
const METHOD: u32 = 2;

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
    known(warehouse)?;
    let session = warehouse.session(&AsOf::Latest, options)?;
    let reviews = reviews::read(&session).await?;
    let message = state(warehouse, &reviews)?;
    if is_current(warehouse, &message)? {
        return Ok(Outcome {
            births: 0,
            links: [0; 3],
            persons: 0,
            snapshot: None,
        });
    }
    let mut writer = warehouse.writer("link", now)?;
    let keys = warehouse.keys()?;
    audited(warehouse, &keys, actor, now)?;
    let loaded = Loaded::read(warehouse, &session, &keys, day(now), &reviews).await?;
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

/// Refuses a warehouse that describes our own tables as an older program did.
///
/// # Errors
/// Exit 2, with the files to remove.
pub(super) fn known(warehouse: &Warehouse) -> Result<()> {
    let tables = &warehouse.catalog().tables;
    let needed = [
        ("births", "birth_key"),
        ("links", "link_key"),
        ("persons", "person_key"),
        ("reviews", "left_record"),
    ];
    let has = |table: &str, column: &str| {
        tables
            .get(table)
            .is_some_and(|table| table.columns.iter().any(|known| known.name == column))
    };
    let old: Vec<String> = needed
        .into_iter()
        .filter(|(table, column)| !has(table, column))
        .map(|(table, _)| format!("catalog/tables/{table}.yaml"))
        .collect();
    if old.is_empty() {
        return Ok(());
    }
    let files = old.join(", ");
    Err(Error::usage(msg!(
        "this warehouse describes the tables of linking as an older program did",
        "本仓库对关联结果表的定义来自较早版本的程序"
    ))
    .hint(msg!(
        "remove {files}, so that the program's own take their place, then run `renkou link`",
        "请删除 {files}，由程序自带的定义代替，然后运行 `renkou link`"
    )))
}

/// Writes to the audit log that names are read.
pub(super) fn audited(
    warehouse: &Warehouse,
    keys: &Keys,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    AuditLog::open(warehouse.folder().join("audit.log"))?
        .signed_with(keys)
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
    Ok(())
}

/// Days since 1970-01-01.
pub(super) fn day(now: DateTime<Utc>) -> i32 {
    now.date_naive()
        .signed_duration_since(chrono::NaiveDate::default())
        .num_days() as i32
}

/// Whether the registers are linked as they are now.
///
/// # Errors
/// When the warehouse cannot be read.
pub(super) async fn is_linked(warehouse: &Warehouse, session: &Session) -> Result<bool> {
    let reviews = reviews::read(session).await?;
    is_current(warehouse, &state(warehouse, &reviews)?)
}

/// What the result depends on, as the line in the history: the method, the deliveries that count and
/// the decisions of clerks.
fn state(warehouse: &Warehouse, reviews: &[Review]) -> Result<String> {
    let mut ids: Vec<String> = warehouse
        .deliveries(&AsOf::Latest)?
        .into_iter()
        .filter(|delivery| delivery.status == Status::Current)
        .map(|delivery| delivery.id)
        .collect();
    ids.sort_unstable();
    let reviews = reviews.iter().flat_map(Review::bytes);
    // FNV-1a: tells states apart, protects nothing.
    let hash = ids
        .iter()
        .flat_map(|id| id.bytes())
        .chain(reviews)
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Ok(format!(
        "link the registers (method {METHOD}, state {hash:016x})"
    ))
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
