//! Which earlier deliveries a delivery replaces, and how the rows of its table change.

use std::collections::{BTreeMap, BTreeSet};

use super::load::Tally;
use super::recognised::Recognised;
use super::report::{FileReport, Superseded, YearChange};
use crate::catalog::{Source, Supersedes};
use crate::domain::period::Period;
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::{Delivery, MAIN, StagedFile, Status, Writer};

/// What a dry run would have committed so far: the later files of the run meet it, although the
/// lake does not hold it. Empty in a run that commits.
#[derive(Debug, Default)]
pub(super) struct Rehearsal {
    deliveries: Vec<Delivery>,
    /// Rows of analytic tables: delivery, table, partition, how many.
    rows: Vec<(String, String, Option<String>, u64)>,
    /// Deliveries that would be superseded by now.
    gone: BTreeSet<String>,
}

impl Rehearsal {
    /// Takes note of a delivery that would be visible now, and of those it would replace.
    pub(super) fn add(
        &mut self,
        delivery: Delivery,
        staged: &[StagedFile],
        replaced: &BTreeSet<String>,
    ) {
        for file in staged.iter().filter(|file| file.schema == MAIN) {
            self.rows.push((
                delivery.id.clone(),
                file.table.clone(),
                file.partition.clone(),
                file.rows,
            ));
        }
        self.deliveries.push(delivery);
        self.gone.extend(replaced.iter().cloned());
    }

    /// The deliveries that a file meets: those of the lake and those that would be there by now.
    fn deliveries(&self, writer: &Writer) -> Result<Vec<Delivery>> {
        let mut deliveries = writer.deliveries()?;
        deliveries.retain(|delivery| self.deliveries.iter().all(|new| new.id != delivery.id));
        deliveries.extend(self.deliveries.iter().cloned());
        for delivery in &mut deliveries {
            if self.gone.contains(&delivery.id) {
                delivery.status = Status::Superseded;
            }
        }
        Ok(deliveries)
    }
}

/// The current deliveries of the same source and place whose period lies within the new one.
///
/// # Errors
/// When the new period lies within a wider one that is current (which rows of it go is not ours to
/// guess), or when a whole register is older than the current one.
pub(super) fn replaced(
    writer: &Writer,
    rehearsal: &Rehearsal,
    file: &Recognised<'_>,
    source: &Source,
    period: Period,
    place: Option<&str>,
    report: &mut FileReport,
) -> Result<BTreeSet<String>> {
    let mut replaced = BTreeSet::new();
    for delivery in rehearsal.deliveries(writer)? {
        if delivery.status != Status::Current
            || delivery.source != source.id
            || delivery.id == file.id
            || delivery.place.as_deref() != place
        {
            continue;
        }
        let Some(other) = Period::parse(&delivery.period) else {
            continue;
        };
        let replaces = match source.supersedes {
            Supersedes::Contained => period.contains(&other),
            Supersedes::Same => period == other,
            Supersedes::Earlier => other.last_day() <= period.last_day(),
        };
        if replaces {
            report.supersedes.push(Superseded {
                delivery_id: delivery.id.clone(),
                file_name: delivery.file_name.clone(),
                period: delivery.period.clone(),
                rows: delivery.rows_accepted,
            });
            replaced.insert(delivery.id);
        } else if source.supersedes == Supersedes::Contained && other.contains(&period) {
            let (name, covered) = (delivery.file_name, delivery.period);
            return Err(Error::work(msg!(
                "{period} is covered already by `{name}` ({covered})",
                "{period} 已包含在 `{name}`（{covered}）中"
            ))
            .hint(msg!(
                "hand in a corrected file for {covered}, or withdraw that delivery first",
                "请报送 {covered} 的更正文件，或先撤回该次交付"
            )));
        } else if source.supersedes == Supersedes::Earlier {
            let (name, known) = (delivery.file_name, delivery.period);
            return Err(Error::work(msg!(
                "`{name}` ({known}) is newer than {period}, and each file of this source is the whole register",
                "`{name}`（{known}）比 {period} 新，而该来源的每个文件都是全量数据"
            ))
            .hint(msg!(
                "nothing is missing; to go back to the older state, withdraw that delivery first",
                "无需再次报送；如需回到较早的数据，请先撤回该次交付"
            )));
        }
    }
    Ok(replaced)
}

/// How the rows of the source's table change, by partition.
pub(super) fn changes(
    writer: &Writer,
    rehearsal: &Rehearsal,
    source: &Source,
    staged: &[StagedFile],
    replaced: &BTreeSet<String>,
    tally: &Tally,
) -> Result<Vec<YearChange>> {
    let mut years: BTreeMap<Option<String>, YearChange> = BTreeMap::new();
    let blank = |year: &Option<String>| YearChange {
        table: source.table.clone(),
        year: year.clone(),
        added: 0,
        superseded: 0,
        before: 0,
        townships: tally.townships.len(),
    };
    for file in staged
        .iter()
        .filter(|file| file.schema == MAIN && file.table == source.table)
    {
        years
            .entry(file.partition.clone())
            .or_insert_with(|| blank(&file.partition))
            .added += file.rows;
    }
    for (partition, rows, going) in writer.rows_by_partition(&source.table, replaced)? {
        let year = years
            .entry(partition.clone())
            .or_insert_with(|| blank(&partition));
        year.before += rows;
        year.superseded += going;
    }
    if !rehearsal.gone.is_empty() {
        for (partition, _, gone) in writer.rows_by_partition(&source.table, &rehearsal.gone)? {
            if let Some(year) = years.get_mut(&partition) {
                year.before -= gone;
            }
        }
    }
    for (delivery, table, partition, rows) in &rehearsal.rows {
        if *table != source.table || rehearsal.gone.contains(delivery) {
            continue;
        }
        let year = years
            .entry(partition.clone())
            .or_insert_with(|| blank(partition));
        year.before += rows;
        if replaced.contains(delivery) {
            year.superseded += rows;
        }
    }
    Ok(years
        .into_values()
        .filter(|year| year.added + year.superseded > 0)
        .collect())
}
