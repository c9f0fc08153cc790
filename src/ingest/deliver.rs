//! One delivery from file to commit: load its sheets, judge the result, replace what it supersedes,
//! make it visible whole or not at all.

use std::collections::BTreeSet;
use std::hash::RandomState;

use super::kit::Kit;
use super::load::Tally;
use super::recognised::Recognised;
use super::report::{FileReport, listed};
use super::stage::stage;
use super::superseding::{Rehearsal, changes, replaced};
use super::totals::{TotalLine, wrong_totals};
use super::turnstile::Turnstile;
use super::{IngestOptions, Progress, limit};
use crate::catalog::{Rule, Severity, Source};
use crate::domain::calendar;
use crate::domain::period::Period;
use crate::domain::wording::counted;
use crate::error::{Context, Error, Lang, Result};
use crate::msg;
use crate::warehouse::{Change, Delivery, StagedFile, Status, Warehouse, Writer};

/// What the deliveries of one run share.
pub(super) struct Run<'a> {
    pub(super) warehouse: &'a Warehouse,
    pub(super) writer: Writer,
    pub(super) kit: &'a Kit<'a>,
    pub(super) options: &'a IngestOptions,
    pub(super) progress: &'a dyn Progress,
    pub(super) rehearsal: Rehearsal,
}

/// Loads a recognised file; fills `report` on the way. A dry run commits nothing, but its later
/// files see what this one would have done.
pub(super) fn deliver(
    run: &mut Run<'_>,
    file: &Recognised<'_>,
    report: &mut FileReport,
) -> Result<()> {
    let (warehouse, kit, options) = (run.warehouse, run.kit, run.options);
    let (writer, rehearsal) = (&mut run.writer, &mut run.rehearsal);
    let Some(first) = file.sheets.first() else {
        return Ok(());
    };
    let source = first.source;
    report.source = Some(source.id.clone());
    report.encoding = Some(file.encoding.clone());
    report.sheets = file.sheets.len();
    report.header_row = Some(first.header_row);
    report.notes.clone_from(&file.notes);

    let unique = source
        .rules
        .iter()
        .filter(|rule| matches!(rule, Rule::Unique { .. }))
        .count();
    let turnstile = Turnstile::new(unique);
    let hasher = RandomState::new();
    let (tally, staged) = match stage(
        writer,
        kit,
        file,
        options,
        &hasher,
        &turnstile,
        run.progress,
    ) {
        Ok(loaded) => loaded,
        Err(error) => {
            // What was staged is an orphan now; the folder stays clean without waiting for a crash.
            warehouse.discard_staged()?;
            return Err(error);
        }
    };
    let outcome = judge(kit, file, source, &tally, options, report).and_then(|(period, place)| {
        let town = place.as_deref();
        let replaced = replaced(writer, rehearsal, file, source, period, town, report)?;
        Ok((period, place, replaced))
    });
    let (period, place, replaced) = match outcome {
        Ok(judged) => judged,
        Err(error) => {
            remove(warehouse, &staged)?;
            return Err(error);
        }
    };
    report.changes = changes(writer, rehearsal, source, &staged, &replaced, &tally)?;
    let delivery = Delivery {
        id: file.id.clone(),
        department: source.department.clone(),
        source: source.id.clone(),
        period: period.to_string(),
        place,
        file_name: file.input.file_name().to_owned(),
        received_at: kit.now.timestamp_micros(),
        rows_read: tally.read as i64,
        rows_accepted: tally.accepted as i64,
        rows_rejected: tally.rejected as i64,
        rows_skipped: tally.skipped as i64,
        rows_warned: tally.warned as i64,
        status: Status::Current,
        superseded_by: None,
        snapshot_id: writer.snapshot().id + 1,
        encoding: file.encoding.clone(),
        sheets: file.sheets.len() as i64,
        bytes: file.bytes as i64,
    };
    if options.dry_run {
        remove(warehouse, &staged)?;
        rehearsal.add(delivery, &staged, &replaced);
        return Ok(());
    }
    let mut deliveries = writer.deliveries()?;
    deliveries.retain(|delivery| delivery.id != file.id);
    for delivery in &mut deliveries {
        if replaced.contains(&delivery.id) {
            delivery.status = Status::Superseded;
            delivery.superseded_by = Some(file.id.clone());
        }
    }
    deliveries.push(delivery);
    let mut change = Change {
        message: format!("ingest {} {period}", source.id),
        add: staged,
        end: Vec::new(),
    };
    writer.take_out(&replaced, &mut change)?;
    writer.replace_deliveries(&deliveries, &mut change)?;
    report.snapshot = Some(writer.commit(&change, kit.now)?);
    Ok(())
}

/// Fills the report and decides whether the delivery may come in; its period and its place.
fn judge(
    kit: &Kit<'_>,
    file: &Recognised<'_>,
    source: &Source,
    tally: &Tally,
    options: &IngestOptions,
    report: &mut FileReport,
) -> Result<(Period, Option<String>)> {
    report.rows_read = tally.read;
    report.rows_accepted = tally.accepted;
    report.rows_rejected = tally.rejected;
    report.rows_skipped = tally.skipped;
    report.rows_warned = tally.warned;
    for ((refused, rule), count) in &tally.rules {
        let counts = if *refused {
            &mut report.rejects
        } else {
            &mut report.warnings
        };
        *counts.entry((*rule).to_owned()).or_default() += count;
    }
    let stated = options.period.or_else(|| file.stated_period());
    let Some(period) = stated.or_else(|| observed(tally)) else {
        return Err(Error::work(msg!(
            "the file does not say which period it covers",
            "文件没有说明所属时期"
        ))
        .hint(msg!(
            "say it with `--period 2018-03`",
            "请用 `--period 2018-03` 指明"
        )));
    };
    let place = place(file, tally);
    report.period = Some(period.to_string());
    report.place.clone_from(&place);
    check_totals(kit, source, tally, report)?;
    if tally.read == 0 {
        return Err(Error::work(msg!(
            "the table has no rows",
            "数据表没有数据行"
        )));
    }
    if options.strict && tally.rejected > 0 {
        let rejected = tally.rejected;
        let (rows, were) = (
            counted(rejected, "row", "rows"),
            if rejected == 1 { "was" } else { "were" },
        );
        return Err(Error::work(msg!(
            "{rows} {were} rejected and `--strict` is given",
            "有 {rejected} 行被拒收，且指定了 `--strict`"
        )));
    }
    let (read, skipped, rejected) = (tally.read, tally.skipped, tally.rejected);
    let allowed = limit::allowed(options.max_rejects, read, skipped);
    if rejected > allowed {
        let rules = |lang| listed(&report.rejects, lang);
        let (en, zh) = (rules(Lang::En), rules(Lang::Zh));
        return Err(Error::work(limit::exceeded(read, rejected, allowed))
            .caused_by(msg!("rejects by rule: {en}", "各规则拒收行数：{zh}"))
            .hint(limit::advice(&source.id, read, skipped, rejected)));
    }
    Ok((period, place))
}

fn check_totals(
    kit: &Kit<'_>,
    source: &Source,
    tally: &Tally,
    report: &mut FileReport,
) -> Result<()> {
    let Some((fields, severity)) = source.rules.iter().find_map(|rule| match rule {
        Rule::Total { fields, severity } => Some((fields, *severity)),
        _ => None,
    }) else {
        return Ok(());
    };
    let sheets: BTreeSet<&Option<String>> = tally.lines.iter().map(|(sheet, _)| sheet).collect();
    let mut wrong = Vec::new();
    for sheet in sheets {
        let lines: Vec<TotalLine> = tally
            .lines
            .iter()
            .filter(|(name, _)| name == sheet)
            .map(|(_, line)| line.clone())
            .collect();
        for total in wrong_totals(lines) {
            let name = fields
                .get(total.field)
                .map_or("", |&field| source.fields[field].name.as_str());
            let (row, stated, summed) = (total.row, total.stated, total.summed);
            let at = sheet
                .as_deref()
                .map(|sheet| format!("{sheet} "))
                .unwrap_or_default();
            wrong.push(msg!(
                "{at}row {row}: the total of `{name}` is {stated}, the rows sum to {summed}",
                "{at}第 {row} 行：`{name}` 的合计为 {stated}，各行之和为 {summed}"
            ));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let refuse = severity == Severity::Reject;
    let counts = if refuse {
        &mut report.rejects
    } else {
        &mut report.warnings
    };
    *counts.entry("total".to_owned()).or_default() += wrong.len() as u64;
    if refuse {
        let mut error = Error::work(msg!(
            "a control total does not equal its rows",
            "合计数与各行之和不符"
        ))
        .hint(msg!(
            "rows may be missing: ask the department, or correct the total",
            "可能缺行：请向报送部门核实，或更正合计数"
        ));
        for message in wrong {
            error = error.caused_by(message);
        }
        return Err(error);
    }
    report.notes.extend(
        wrong
            .iter()
            .map(|message| message.text(kit.lang).to_owned()),
    );
    Ok(())
}

/// The span of the period field in the data: a month, a year, or months or years.
fn observed(tally: &Tally) -> Option<Period> {
    let (first, last) = tally.span?;
    let ((first_year, first_month, _), (last_year, last_month, _)) =
        (calendar::civil(first), calendar::civil(last));
    Some(if first_year == last_year && first_month == last_month {
        Period::of_month(crate::domain::Month::of(first))
    } else {
        Period::of_years(first_year, last_year)
    })
}

/// The one township that the file is about, by title, sheets or rows.
fn place(file: &Recognised<'_>, tally: &Tally) -> Option<String> {
    let stated: BTreeSet<Option<&str>> = file
        .sheets
        .iter()
        .map(|sheet| sheet.town.as_deref())
        .collect();
    if let (1, Some(Some(town))) = (stated.len(), stated.first()) {
        return Some((*town).to_owned());
    }
    if stated.len() == 1 && tally.townships.len() == 1 && !tally.elsewhere && tally.accepted > 1 {
        return tally.townships.first().cloned();
    }
    None
}

fn remove(warehouse: &Warehouse, staged: &[StagedFile]) -> Result<()> {
    for file in staged {
        let path = warehouse
            .data()
            .join(&file.schema)
            .join(&file.table)
            .join(&file.path);
        fs_err::remove_file(path)
            .context(|| msg!("cannot remove a staged file", "无法删除暂存文件"))?;
    }
    Ok(())
}
