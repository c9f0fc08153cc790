//! One delivery from file to commit: plan its sheets, load them in parallel, judge the result,
//! supersede what it replaces, make it visible whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::container::Container;
use super::delimited::{Blocks, Dialect, RawBlock, split_block};
use super::kit::Kit;
use super::load::{Tally, Worker};
use super::open::{Content, Input};
use super::plan::SheetPlan;
use super::recognise::{Surroundings, recognise};
use super::report::{FileReport, Superseded, YearChange};
use super::totals::{TotalLine, wrong_totals};
use super::turnstile::Turnstile;
use super::{IngestOptions, Limit, Progress};
use crate::catalog::{Rule, Severity, Supersedes};
use crate::domain::calendar;
use crate::domain::period::Period;
use crate::error::{Context, Error, Result};
use crate::msg;
use crate::warehouse::{Change, Delivery, MAIN, StagedFile, Status, Warehouse, Writer};

/// Rows of a sheet that are worked on at once.
const SHEET_BLOCK: usize = 50_000;

/// A file that was recognised and can be loaded.
pub(super) struct Recognised<'a> {
    pub(super) input: Input,
    pub(super) id: String,
    pub(super) bytes: u64,
    pub(super) sheets: Vec<SheetPlan<'a>>,
    pub(super) notes: Vec<String>,
    pub(super) encoding: String,
    container: Container,
    dialect: Option<Dialect>,
}

impl<'a> Recognised<'a> {
    /// The period that title, sheets or file name state, if they do.
    pub(super) fn stated_period(&self) -> Option<Period> {
        self.sheets
            .iter()
            .map(|sheet| sheet.period)
            .reduce(|a, b| Some(union(a?, b?)))
            .flatten()
    }

    /// Order of loading within a run: what covers less comes first, so that a cumulative file
    /// supersedes the months; a file that says it is a correction comes after the one it corrects.
    pub(super) fn order(&self) -> (String, i32, bool, String) {
        const CORRECTIONS: [&str; 7] = ["更正", "修订", "修正", "订正", "重报", "补报", "更新"];
        let width = self
            .stated_period()
            .map_or(i32::MAX, |period| period.months());
        let words = self.sheets.first().map_or("", |sheet| sheet.words.as_str());
        let corrects = CORRECTIONS.iter().any(|word| words.contains(word));
        let source = self
            .sheets
            .first()
            .map_or_else(String::new, |sheet| sheet.source.id.clone());
        (source, width, corrects, self.input.name.clone())
    }
}

/// Opens a file and recognises its sheets.
pub(super) fn recognise_file<'a>(
    kit: &'a Kit<'a>,
    known: &std::collections::HashSet<String>,
    input: Input,
    id: String,
    bytes: u64,
    options: &IngestOptions,
) -> Result<Recognised<'a>> {
    let container = input.container()?;
    let file = input.name.clone();
    let wanted = options.source.as_deref();
    let mut notes = Vec::new();
    let mut sheets = Vec::new();
    let (encoding, dialect) = match input.content(&container, options.encoding)? {
        Content::Text { dialect, head } => {
            let around = Surroundings {
                file: &file,
                sheet: None,
                date_1904: false,
            };
            sheets.extend(recognise(kit, known, &head, &[], around, wanted)?);
            (dialect.encoding.to_string(), Some(dialect))
        }
        Content::Workbook(workbook) => {
            let mut failure = None;
            for sheet in &workbook.sheets {
                let around = Surroundings {
                    file: &file,
                    sheet: Some(&sheet.name),
                    date_1904: workbook.date_1904,
                };
                let name = &sheet.name;
                match recognise(kit, known, &sheet.rows, &sheet.merges, around, wanted) {
                    Ok(Some(plan)) if sheet.hidden => {
                        let _ = plan;
                        notes.push(
                            msg!("hidden sheet `{name}` left out", "隐藏工作表“{name}”未读取")
                                .text(kit.lang)
                                .to_owned(),
                        );
                    }
                    Ok(Some(plan)) => sheets.push(plan),
                    Ok(None) if sheet.rows.is_empty() => {}
                    Ok(None) => {
                        notes.push(
                            msg!("sheet `{name}` has no table", "工作表“{name}”没有数据表")
                                .text(kit.lang)
                                .to_owned(),
                        );
                    }
                    Err(error) => {
                        notes.push(
                            msg!(
                                "sheet `{name}` was not recognised",
                                "工作表“{name}”无法识别"
                            )
                            .text(kit.lang)
                            .to_owned(),
                        );
                        failure.get_or_insert(error);
                    }
                }
            }
            if sheets.is_empty()
                && let Some(error) = failure
            {
                return Err(error);
            }
            (container_name(&container).to_owned(), None)
        }
    };
    let best = sheets
        .iter()
        .max_by_key(|sheet| sheet.score)
        .map(|sheet| sheet.source.id.clone());
    let Some(best) = best else {
        return Err(
            Error::work(msg!("no table was found in it", "没有找到数据表")).hint(msg!(
                "a table begins with a row of column headers that some source knows",
                "数据表应以某个数据来源认识的表头开始"
            )),
        );
    };
    sheets.retain(|sheet| {
        let same = sheet.source.id == best;
        if !same {
            let (name, id) = (sheet.sheet.clone().unwrap_or_default(), &sheet.source.id);
            notes.push(
                msg!(
                    "sheet `{name}` looks like `{id}` and was left out",
                    "工作表“{name}”像是 `{id}`，未读取"
                )
                .text(kit.lang)
                .to_owned(),
            );
        }
        same
    });
    Ok(Recognised {
        input,
        id,
        bytes,
        sheets,
        notes,
        encoding,
        container,
        dialect,
    })
}

/// The months from the first to the last of both.
fn union(a: Period, b: Period) -> Period {
    Period {
        from: a.from.min(b.from),
        to: a.to.max(b.to),
    }
}

fn container_name(container: &Container) -> &'static str {
    match container {
        Container::Xlsx => "xlsx",
        Container::Xls => "xls",
        Container::Xlsb => "xlsb",
        Container::Ods => "ods",
        Container::Html => "html",
        Container::SpreadsheetMl => "spreadsheetml",
        _ => "text",
    }
}

/// Loads a recognised file; fills `report` on the way.
pub(super) fn deliver(
    warehouse: &Warehouse,
    writer: &mut Writer,
    kit: &Kit<'_>,
    file: &Recognised<'_>,
    options: &IngestOptions,
    progress: &dyn Progress,
    report: &mut FileReport,
) -> Result<()> {
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
    let (tally, staged) = match load(writer, kit, file, options, &hasher, &turnstile, progress) {
        Ok(loaded) => loaded,
        Err(error) => {
            // What was staged is an orphan now; the folder stays clean without waiting for a crash.
            warehouse.discard_staged()?;
            return Err(error);
        }
    };
    let outcome = judge(writer, kit, file, source, &tally, options, report);
    let (period, place, replaced) = match outcome {
        Ok(judged) => judged,
        Err(error) => {
            remove(warehouse, &staged)?;
            return Err(error);
        }
    };
    report.changes = changes(writer, source, &staged, &replaced, &tally)?;
    if options.dry_run {
        remove(warehouse, &staged)?;
        return Ok(());
    }
    let mut deliveries = writer.deliveries()?;
    deliveries.retain(|delivery| delivery.id != file.id);
    let snapshot = writer.snapshot().id + 1;
    for delivery in &mut deliveries {
        if replaced.contains(&delivery.id) {
            delivery.status = Status::Superseded;
            delivery.superseded_by = Some(file.id.clone());
        }
    }
    deliveries.push(Delivery {
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
        snapshot_id: snapshot,
        encoding: file.encoding.clone(),
        sheets: file.sheets.len() as i64,
        bytes: file.bytes as i64,
    });
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

/// Reads, checks and stages all rows of a file.
fn load(
    writer: &Writer,
    kit: &Kit<'_>,
    file: &Recognised<'_>,
    options: &IngestOptions,
    hasher: &RandomState,
    turnstile: &Turnstile,
    progress: &dyn Progress,
) -> Result<(Tally, Vec<StagedFile>)> {
    let Some(first) = file.sheets.first() else {
        return Ok((Tally::default(), Vec::new()));
    };
    let table = first.source.table.as_str();
    // A row takes a few hundred bytes, and it is there three times while a run is sorted.
    let run_rows = options.memory / options.threads.max(1) / 4096;
    let new_worker = || Worker::new(kit, writer, table, &file.id, hasher, turnstile, run_rows);
    progress.start(&file.input.name, file.bytes);
    let result = match file.dialect {
        Some(dialect) => {
            let (reader, dialect) = file.input.text_reader(dialect)?;
            let mut blocks = Blocks::new(reader, dialect);
            let (sender, receiver) = sync_channel::<RawBlock>(1);
            let receiver = Mutex::new(receiver);
            let stop = AtomicBool::new(false);
            let threads = options.threads.max(1);
            let ready = (0..threads)
                .map(|_| new_worker())
                .collect::<Result<Vec<_>>>()?;
            std::thread::scope(|scope| {
                let workers: Vec<_> = ready
                    .into_iter()
                    .map(|worker| {
                        scope.spawn(|| work(worker, first, dialect, &receiver, &stop, progress))
                    })
                    .collect();
                let mut failure = None;
                while !stop.load(Ordering::Relaxed) {
                    match blocks.next_block() {
                        Ok(Some(block)) => {
                            if sender.send(block).is_err() {
                                break;
                            }
                        }
                        Ok(None) => break,
                        Err(error) => {
                            failure = Some(error);
                            break;
                        }
                    }
                }
                drop(sender);
                gather(workers, failure)
            })
        }
        None => {
            let Content::Workbook(workbook) =
                file.input.content(&file.container, options.encoding)?
            else {
                return Ok((Tally::default(), Vec::new()));
            };
            let mut worker = new_worker()?;
            let mut index = 0;
            for plan in &file.sheets {
                let Some(sheet) = workbook
                    .sheets
                    .iter()
                    .find(|sheet| Some(&sheet.name) == plan.sheet.as_ref())
                else {
                    continue;
                };
                let mut start = plan.layout.first_data;
                while start < sheet.rows.len() {
                    let end = (start + SHEET_BLOCK).min(sheet.rows.len());
                    worker.block(index, plan, &sheet.rows, start..end)?;
                    index += 1;
                    start = end;
                }
            }
            worker.finish()
        }
    };
    progress.finish();
    result
}

type Loaded = Result<(Tally, Vec<StagedFile>)>;

/// One worker of a text file: takes blocks until there are no more.
fn work(
    mut worker: Worker<'_>,
    plan: &SheetPlan<'_>,
    dialect: Dialect,
    receiver: &Mutex<Receiver<RawBlock>>,
    stop: &AtomicBool,
    progress: &dyn Progress,
) -> Loaded {
    loop {
        let block = match receiver.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => break,
        };
        let Ok(block) = block else { break };
        let bytes = block.bytes.len() as u64;
        let outcome = split_block(&block, dialect).and_then(|rows| {
            // The header rows stand in the first block.
            let start = if block.index == 0 {
                plan.layout.first_data.min(rows.len())
            } else {
                0
            };
            let end = rows.len();
            worker.block(block.index, plan, &rows, start..end)
        });
        if let Err(error) = outcome {
            stop.store(true, Ordering::Relaxed);
            worker.give_up();
            return Err(error);
        }
        progress.advance(bytes);
        if stop.load(Ordering::Relaxed) {
            break;
        }
    }
    worker.finish()
}

fn gather(
    workers: Vec<std::thread::ScopedJoinHandle<'_, Loaded>>,
    failure: Option<Error>,
) -> Loaded {
    let mut tally = Tally::default();
    let mut staged = Vec::new();
    let mut failure = failure;
    for worker in workers {
        match worker.join() {
            Ok(Ok((counts, files))) => {
                tally.merge(counts);
                staged.extend(files);
            }
            Ok(Err(error)) => {
                failure.get_or_insert(error);
            }
            Err(_) => {
                failure.get_or_insert_with(|| {
                    Error::work(msg!(
                        "a worker failed unexpectedly; please report it",
                        "工作线程意外失败，请反馈"
                    ))
                });
            }
        }
    }
    match failure {
        Some(error) => Err(error),
        None => Ok((tally, staged)),
    }
}

/// Fills the report and decides whether the delivery may come in: its period, its place, and the
/// deliveries that it supersedes.
fn judge(
    writer: &Writer,
    kit: &Kit<'_>,
    file: &Recognised<'_>,
    source: &crate::catalog::Source,
    tally: &Tally,
    options: &IngestOptions,
    report: &mut FileReport,
) -> Result<(Period, Option<String>, BTreeSet<String>)> {
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
        return Err(Error::work(msg!(
            "{rejected} rows were rejected and `--strict` is given",
            "有 {rejected} 行被拒收，且指定了 `--strict`"
        )));
    }
    let limit = match options.max_rejects {
        Limit::Rows(rows) => rows,
        Limit::Percent(percent) => (tally.read as f64 * percent / 100.0).floor() as u64,
    };
    if tally.rejected > limit {
        let (rejected, read) = (tally.rejected, tally.read);
        let rules: Vec<String> = report
            .rejects
            .iter()
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        let rules = rules.join(", ");
        return Err(Error::work(msg!(
            "{rejected} of {read} rows were rejected, more than the {limit} allowed",
            "{read} 行中有 {rejected} 行被拒收，超过允许的 {limit} 行"
        ))
        .caused_by(msg!("rejects by rule: {rules}", "各规则拒收行数：{rules}"))
        .hint(msg!(
            "correct the file, or allow more with `--max-rejects 50%`",
            "请更正文件，或用 `--max-rejects 50%` 放宽限制"
        )));
    }
    let replaced = replaced(writer, file, source, period, place.as_deref(), report)?;
    Ok((period, place, replaced))
}

fn check_totals(
    kit: &Kit<'_>,
    source: &crate::catalog::Source,
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

/// The current deliveries of the same source and place whose period lies within the new one.
///
/// # Errors
/// When the new period lies within a wider one that is current: which rows of it go is not ours to
/// guess.
fn replaced(
    writer: &Writer,
    file: &Recognised<'_>,
    source: &crate::catalog::Source,
    period: Period,
    place: Option<&str>,
    report: &mut FileReport,
) -> Result<BTreeSet<String>> {
    let mut replaced = BTreeSet::new();
    for delivery in writer.deliveries()? {
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
        }
    }
    Ok(replaced)
}

/// How the rows of the source's table change, by partition.
fn changes(
    writer: &Writer,
    source: &crate::catalog::Source,
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
    Ok(years
        .into_values()
        .filter(|year| year.added + year.superseded > 0)
        .collect())
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
