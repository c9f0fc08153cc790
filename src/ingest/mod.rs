//! Files of the departments in, checked rows and rejects out: container, encoding, layout,
//! recognition, typed values, rules — and one commit per delivery.
//!
//! Entry point: [`ingest`]. A failing file never blocks the others, a delivery is visible whole or
//! not at all, and no identity goes anywhere but the vault.

mod archive;
mod cells;
mod container;
mod delimited;
mod deliver;
mod derive;
mod encoding;
mod field;
mod inbox;
mod kit;
mod layout;
mod limit;
mod load;
mod markup;
mod open;
mod plan;
mod problem;
mod recognise;
mod recognised;
mod rejects;
mod replay;
mod report;
mod rows;
mod rules;
mod stage;
mod superseding;
mod totals;
mod turnstile;
mod withdraw;
mod workbook;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Instant;

use chrono::{DateTime, Utc};

pub use cells::cells;
pub use encoding::Encoding;
pub use inbox::{Settling, sweep};
pub use limit::Limit;
pub use open::Input;
pub use rejects::{Refused, refused_rows, write_workbook};
pub use replay::replay;
pub use report::{FileReport, Outcome, Reason, RunReport, Superseded, YearChange};
pub use withdraw::{Withdrawn, withdraw};

use crate::domain::period::Period;
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::warehouse::{Status, Warehouse};
use deliver::{Run, deliver};
use kit::Kit;
use recognised::{Recognised, recognise_file};
use superseding::Rehearsal;

/// How to ingest.
#[derive(Debug, Clone)]
pub struct IngestOptions {
    /// The source, when recognition is not wanted.
    pub source: Option<String>,
    /// The period, when the file does not say it.
    pub period: Option<Period>,
    /// The encoding of text files, when detection is not wanted.
    pub encoding: Option<Encoding>,
    /// Only tell what would change.
    pub dry_run: bool,
    /// How many rejects a delivery may have; `None` for the usual tenth, see [`Limit`].
    pub max_rejects: Option<Limit>,
    /// Refuse a delivery with any reject.
    pub strict: bool,
    /// Worker threads.
    pub threads: usize,
    /// Bytes of memory that a load may use.
    pub memory: usize,
    /// Language of reject reasons and notes.
    pub lang: Lang,
}

/// Is told how far a load is; called from several threads.
pub trait Progress: Sync {
    /// A file of `bytes` begins.
    fn start(&self, name: &str, bytes: u64);
    /// So many bytes more were worked off.
    fn advance(&self, bytes: u64);
    /// The file is done.
    fn finish(&self);
}

/// Loads files, folders and archives.
///
/// # Errors
/// When a path does not exist, the warehouse is locked (exit 3) or its catalog is wrong (exit 2).
/// What goes wrong with a single file is in its report.
pub fn ingest(
    warehouse: &Warehouse,
    paths: &[PathBuf],
    options: &IngestOptions,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<RunReport> {
    let catalog = warehouse.catalog();
    if let Some(source) = &options.source
        && !catalog.sources.contains_key(source)
    {
        let nearest = crate::catalog::nearest(source, catalog.sources.keys().map(String::as_str));
        let error = Error::usage(msg!(
            "the catalog has no source `{source}`",
            "目录中没有数据来源 `{source}`"
        ));
        return Err(match nearest {
            Some(name) => error.hint(msg!("did you mean `{name}`?", "是否为 `{name}`？")),
            None => error,
        });
    }
    let kit = Kit::new(catalog, &warehouse.keys()?, now, options.lang)?;
    let known = recognise::known_headers(catalog);
    let mut run = Run {
        warehouse,
        writer: warehouse.writer("ingest", now)?,
        kit: &kit,
        options,
        progress,
        rehearsal: Rehearsal::default(),
    };
    let mut handed_in: BTreeMap<String, Status> = run
        .writer
        .deliveries()?
        .into_iter()
        .map(|delivery| (delivery.id, delivery.status))
        .collect();

    let mut report = RunReport {
        dry_run: options.dry_run,
        ..RunReport::default()
    };
    let mut recognised: Vec<Recognised<'_>> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for input in open::inputs(paths)? {
        let input = match input {
            Ok(input) => input,
            Err((name, error)) => {
                report.files.push(failed(
                    FileReport::new(&name, Outcome::Failed),
                    &error,
                    options.lang,
                ));
                continue;
            }
        };
        let mut file = FileReport::new(&input.name, Outcome::Failed);
        let outcome = input.hash().and_then(|(id, bytes)| {
            file.delivery_id = Some(id.clone());
            let came_before = handed_in
                .get(&id)
                .is_some_and(|status| *status != Status::Withdrawn);
            if came_before || !seen.insert(id.clone()) {
                return Ok(None);
            }
            recognise_file(&kit, &known, input, id, bytes, options).map(Some)
        });
        match outcome {
            Ok(Some(ready)) => recognised.push(ready),
            Ok(None) => {
                file.outcome = Outcome::NothingNew;
                report.files.push(file);
            }
            Err(error) => report.files.push(failed(file, &error, options.lang)),
        }
    }
    recognised.sort_by_cached_key(Recognised::order);
    for ready in &recognised {
        let started = Instant::now();
        let outcome = if options.dry_run {
            Outcome::WouldLoad
        } else {
            Outcome::Loaded
        };
        let mut file = FileReport::new(&ready.input.name, outcome);
        file.delivery_id = Some(ready.id.clone());
        let result = deliver(&mut run, ready, &mut file);
        file.seconds = started.elapsed().as_secs_f64();
        if let Err(error) = result {
            file.outcome = Outcome::Refused;
            file = failed(file, &error, options.lang);
        } else {
            handed_in.insert(ready.id.clone(), Status::Current);
        }
        report.files.push(file);
    }
    Ok(report)
}

fn failed(mut file: FileReport, error: &Error, lang: Lang) -> FileReport {
    file.error = Some(Reason::new(error, lang));
    file
}
