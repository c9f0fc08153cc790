//! Taking a delivery out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::{Change, Delivery, Status, Warehouse};

/// Withdraws the delivery whose id begins with `prefix`; returns it and the new snapshot.
///
/// # Errors
/// When no current delivery fits, or several do.
pub fn withdraw(
    warehouse: &Warehouse,
    prefix: &str,
    now: DateTime<Utc>,
) -> Result<(Delivery, i64)> {
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
        let status = deliveries[index].status.as_str();
        return Err(Error::usage(msg!(
            "this delivery is {status} already",
            "该交付已是 {status} 状态"
        )));
    }
    deliveries[index].status = Status::Withdrawn;
    let delivery = deliveries[index].clone();
    let mut change = Change {
        message: format!("withdraw {} {}", delivery.source, delivery.period),
        ..Change::default()
    };
    writer.take_out(&BTreeSet::from([delivery.id.clone()]), &mut change)?;
    writer.replace_deliveries(&deliveries, &mut change)?;
    let snapshot = writer.commit(&change, now)?;
    Ok((delivery, snapshot))
}
