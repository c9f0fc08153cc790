//! The rows of one file, read and checked by several workers, into staged files that nobody sees
//! yet.

use std::hash::RandomState;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::delimited::{Blocks, Dialect, RawBlock, split_block};
use super::kit::Kit;
use super::load::{Tally, Worker};
use super::open::Content;
use super::plan::SheetPlan;
use super::recognised::Recognised;
use super::turnstile::Turnstile;
use super::{IngestOptions, Progress};
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::{StagedFile, Writer};

/// Rows of a sheet that are worked on at once.
const SHEET_BLOCK: usize = 50_000;

/// Reads, checks and stages all rows of a file.
pub(super) fn stage(
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
