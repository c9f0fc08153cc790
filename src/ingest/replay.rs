//! Running refused rows again after the catalog was mended: what passes now joins its delivery,
//! what does not stays refused for today's reasons.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::RandomState;

use arrow::array::{Array, AsArray};
use chrono::{DateTime, Utc};

use super::field;
use super::kit::Kit;
use super::load::{Tally, Worker};
use super::plan::SheetPlan;
use super::recognise::{Surroundings, known_headers, recognise};
use super::rejects::{Refused, refused_rows};
use super::rows::{CellKind, Rows};
use super::rules;
use super::turnstile::Turnstile;
use crate::catalog::Rule;
use crate::error::{Lang, Result};
use crate::warehouse::{Change, Delivery, Status, Warehouse, Writer};

/// Runs refused rows again: of one delivery, or of all. File name, rows accepted now, rows still
/// refused, for each delivery that had any.
///
/// # Errors
/// When the key does not fit or the warehouse is locked (exit 3); what was replayed before stays.
pub fn replay(
    warehouse: &Warehouse,
    delivery: Option<&str>,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<(String, u64, u64)>> {
    let kit = Kit::new(warehouse.catalog(), &warehouse.keys()?, now, lang)?;
    let known = known_headers(warehouse.catalog());
    let mut writer = warehouse.writer("rejects --replay", now)?;
    let mut refused: BTreeMap<String, Vec<Refused>> = BTreeMap::new();
    for row in refused_rows(warehouse, delivery, &kit.sealer)? {
        refused
            .entry(row.delivery_id.clone())
            .or_default()
            .push(row);
    }
    let mut done = Vec::new();
    for (id, rows) in refused {
        let mut deliveries = writer.deliveries()?;
        let Some(index) = deliveries.iter().position(|delivery| delivery.id == id) else {
            continue;
        };
        if deliveries[index].status != Status::Current {
            continue;
        }
        let outcome = again(
            warehouse,
            &mut writer,
            &kit,
            &known,
            &deliveries[index],
            &rows,
        );
        let (tally, mut change) = match outcome {
            Ok(done) => done,
            Err(error) => {
                warehouse.discard_staged()?;
                return Err(error);
            }
        };
        let delivery = &mut deliveries[index];
        delivery.rows_accepted += tally.accepted as i64;
        delivery.rows_rejected += tally.rejected as i64 - rows.len() as i64;
        delivery.rows_skipped += tally.skipped as i64;
        delivery.rows_warned += tally.warned as i64;
        let name = delivery.file_name.clone();
        writer.replace_deliveries(&deliveries, &mut change)?;
        writer.commit(&change, now)?;
        done.push((name, tally.accepted, tally.rejected));
    }
    Ok(done)
}

fn again(
    warehouse: &Warehouse,
    writer: &mut Writer,
    kit: &Kit<'_>,
    known: &HashSet<String>,
    delivery: &Delivery,
    refused: &[Refused],
) -> Result<(Tally, Change)> {
    let mut groups: BTreeMap<(Option<&str>, &[String]), Vec<&Refused>> = BTreeMap::new();
    for row in refused {
        groups
            .entry((row.sheet.as_deref(), &row.header))
            .or_default()
            .push(row);
    }
    let hasher = RandomState::new();
    let mut whole = Tally::default();
    let mut change = Change {
        message: format!("replay rejects of {} {}", delivery.source, delivery.period),
        ..Change::default()
    };
    // Today's verdict replaces the old one, so the old complaints go first.
    let ids = BTreeSet::from([delivery.id.clone()]);
    writer.take_out_of(&["rejects"], &ids, &mut change)?;
    let unique = |plan: &SheetPlan<'_>| {
        plan.source
            .rules
            .iter()
            .filter(|rule| matches!(rule, Rule::Unique { .. }))
            .count()
    };
    for ((sheet, header), rows) in groups {
        let around = Surroundings {
            file: &delivery.file_name,
            sheet,
            date_1904: false,
        };
        let sheet_rows = rebuilt(header, &rows);
        let Some(plan) = recognise(kit, known, &sheet_rows, &[], around, Some(&delivery.source))?
        else {
            continue;
        };
        let mut plan = plan;
        plan.period = plan
            .period
            .or_else(|| crate::domain::Period::parse(&delivery.period));
        if plan.town.is_none() {
            plan.town.clone_from(&delivery.place);
            plan.town_name = delivery
                .place
                .as_deref()
                .and_then(|code| kit.regions.name(code))
                .map(str::to_owned);
        }
        let turnstile = Turnstile::new(unique(&plan));
        remember_accepted(warehouse, kit, &plan, delivery, &hasher, &turnstile)?;
        let table = plan.source.table.as_str();
        let mut worker = Worker::new(
            kit,
            writer,
            table,
            &delivery.id,
            &hasher,
            &turnstile,
            usize::MAX,
        )?;
        let end = sheet_rows.len();
        worker.block(0, &plan, &sheet_rows, plan.layout.first_data..end)?;
        let (tally, staged) = worker.finish()?;
        change.add.extend(staged);
        whole.merge(tally);
    }
    Ok((whole, change))
}

/// A sheet of the header and the refused rows, with their row numbers of then.
fn rebuilt(header: &[String], refused: &[&Refused]) -> Rows {
    let mut rows = Rows::default();
    for title in header {
        rows.push(title, CellKind::Text);
    }
    rows.end_row(0);
    for row in refused {
        let mut kinds = row.kinds.chars();
        for cell in &row.cells {
            rows.push(
                cell,
                kinds.next().map_or(CellKind::Text, CellKind::of_letter),
            );
        }
        rows.end_row(row.row as u32);
    }
    rows
}

/// Lets the uniqueness rules know the rows that were accepted: their identities come from the
/// vault, so rules about other fields start afresh.
fn remember_accepted(
    warehouse: &Warehouse,
    kit: &Kit<'_>,
    plan: &SheetPlan<'_>,
    delivery: &Delivery,
    hasher: &RandomState,
    turnstile: &Turnstile,
) -> Result<()> {
    let names: Vec<&str> = plan
        .source
        .fields
        .iter()
        .filter(|field| field.identity)
        .map(|field| field.name.as_str())
        .collect();
    for batch in warehouse.unsealed(&plan.source.table, &names, &kit.sealer)? {
        let of_delivery = batch
            .column_by_name("delivery_id")
            .and_then(|column| column.as_string_opt::<i32>())
            .is_some_and(|column| !column.is_empty() && column.value(0) == delivery.id);
        if !of_delivery {
            continue;
        }
        let mut rows = Rows::default();
        for row in 0..batch.num_rows() {
            for bound in &plan.fields {
                let column = batch.column_by_name(&bound.definition.name);
                let text = column
                    .and_then(|column| column.as_string_opt::<i32>())
                    .filter(|column| column.is_valid(row))
                    .map_or("", |column| column.value(row));
                rows.push(text, CellKind::Text);
            }
            rows.end_row(row as u32);
        }
        let picked: Vec<u32> = (0..batch.num_rows() as u32).collect();
        let mut ignored = Vec::new();
        let fields: Vec<field::Parsed> = plan
            .fields
            .iter()
            .enumerate()
            .map(|(index, bound)| {
                let vault_column = super::plan::BoundField {
                    column: Some(index),
                    ..*bound
                };
                field::parse(&vault_column, &rows, &picked, plan, kit.today, &mut ignored)
            })
            .collect();
        let prints: Vec<Vec<Option<u64>>> = plan
            .source
            .rules
            .iter()
            .filter_map(|rule| match rule {
                Rule::Unique { fields: unique, .. } => {
                    Some(rules::fingerprints(hasher, &fields, unique, picked.len()))
                }
                _ => None,
            })
            .collect();
        turnstile.remember(&prints);
    }
    Ok(())
}
