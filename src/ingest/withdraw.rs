//! Taking a delivery out, and bringing back what it had superseded.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::{Change, Delivery, Status, Warehouse};

/// What [`withdraw`] did.
#[derive(Debug)]
pub struct Withdrawn {
    /// The delivery that is out.
    pub delivery: Delivery,
    /// How many deliveries count again that it had superseded.
    pub back: usize,
    /// The new snapshot.
    pub snapshot: i64,
}

/// Withdraws the delivery whose id begins with `prefix`; what it had superseded counts again.
///
/// # Errors
/// When no current delivery fits, or several do.
pub fn withdraw(warehouse: &Warehouse, prefix: &str, now: DateTime<Utc>) -> Result<Withdrawn> {
    let mut writer = warehouse.writer("withdraw", now)?;
    let mut deliveries = writer.deliveries()?;
    let fits: Vec<usize> = deliveries
        .iter()
        .enumerate()
        .filter(|(_, delivery)| !prefix.is_empty() && delivery.id.starts_with(prefix))
        .map(|(index, _)| index)
        .collect();
    let hint = || {
        msg!(
            "`renkou deliveries --all` lists the ids",
            "用 `renkou deliveries --all` 查看交付编号"
        )
    };
    let index = match fits.as_slice() {
        [index] => *index,
        [] => {
            return Err(Error::usage(msg!(
                "no delivery has the id `{prefix}`",
                "没有编号为 `{prefix}` 的交付"
            ))
            .hint(hint()));
        }
        _ => {
            return Err(Error::usage(msg!(
                "several deliveries begin with `{prefix}`",
                "有多个交付以 `{prefix}` 开头"
            ))
            .hint(hint()));
        }
    };
    if deliveries[index].status != Status::Current {
        return Err(Error::usage(match deliveries[index].status {
            Status::Withdrawn => msg!("this delivery is withdrawn already", "该次交付已经撤回"),
            _ => msg!(
                "this delivery is superseded already",
                "该次交付已被替换，不必撤回"
            ),
        }));
    }
    deliveries[index].status = Status::Withdrawn;
    let delivery = deliveries[index].clone();
    let mut change = Change {
        message: format!("withdraw {} {}", delivery.source, delivery.period),
        ..Change::default()
    };
    // What it had replaced counts again: a month must not be empty because its correction was wrong.
    let mut back = BTreeSet::new();
    for earlier in &mut deliveries {
        if earlier.superseded_by.as_ref() == Some(&delivery.id) {
            earlier.status = Status::Current;
            earlier.superseded_by = None;
            back.insert(earlier.id.clone());
        }
    }
    writer.take_out(&BTreeSet::from([delivery.id.clone()]), &mut change)?;
    writer.bring_back(&back, delivery.snapshot_id - 1, &mut change)?;
    writer.replace_deliveries(&deliveries, &mut change)?;
    let snapshot = writer.commit(&change, now)?;
    Ok(Withdrawn {
        delivery,
        back: back.len(),
        snapshot,
    })
}
