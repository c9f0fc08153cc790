//! `renkou ingest`: load files, folders and zip archives, or watch the inbox.

use std::path::PathBuf;
use std::time::Duration;

use super::App;
use super::progress::Bar;
use super::show::line;
use crate::domain::period::Period;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::ingest::{IngestOptions, Limit, RunReport, Settling, ingest, sweep};
use crate::msg;

/// Load files, folders and zip archives
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct IngestArgs {
    /// Files, folders or zip archives
    #[arg(required_unless_present = "watch")]
    paths: Vec<PathBuf>,
    /// Source, such as police/household_register [default: recognised from the content]
    #[arg(long)]
    source: Option<String>,
    /// Period, such as 2018, 2018Q1, 2018-03 or 2018-01..2018-06 [default: from title, sheet, file name or data]
    #[arg(long)]
    period: Option<String>,
    /// Encoding of text files, such as gb18030 [default: detected]
    #[arg(long)]
    encoding: Option<String>,
    /// Only tell what would change, in numbers
    #[arg(long)]
    dry_run: bool,
    /// Watch `inbox/`: load what has stopped growing, move it to `done` or `refused`
    #[arg(long, conflicts_with_all = ["paths", "dry_run"])]
    watch: bool,
    /// With `--watch`: look once and end
    #[arg(long, requires = "watch")]
    once: bool,
    /// How many rows of a delivery may be rejected before it is refused whole [default: 10%, at
    /// least one row, never all]
    #[arg(long, value_name = "N|P%")]
    max_rejects: Option<Limit>,
    /// Refuse a delivery with any reject
    #[arg(long)]
    strict: bool,
    /// Run report: text or json
    #[arg(long, default_value = "text", value_parser = ["text", "json"])]
    format: String,
}

impl IngestArgs {
    fn options(&self, app: &App) -> Result<IngestOptions> {
        let period = match &self.period {
            Some(text) => Some(Period::parse(text).ok_or_else(|| {
                Error::usage(msg!("`{text}` is not a period", "`{text}` 不是有效的时期")).hint(
                    msg!(
                        "write 2018, 2018Q1, 2018-03 or 2018-01..2018-06",
                        "请写 2018、2018Q1、2018-03 或 2018-01..2018-06"
                    ),
                )
            })?),
            None => None,
        };
        Ok(IngestOptions {
            source: self.source.clone(),
            period,
            encoding: self.encoding.as_deref().map(str::parse).transpose()?,
            dry_run: self.dry_run,
            max_rejects: self.max_rejects,
            strict: self.strict,
            threads: app.threads(),
            memory: app.memory(),
            lang: app.ui.lang,
        })
    }
}

pub(super) async fn run(app: &App, args: IngestArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let options = args.options(app)?;
    let bar = Bar::new(&app.ui);
    if args.watch {
        let mut settling = Settling::default();
        loop {
            if let Some(report) = sweep(&warehouse, &mut settling, &options, app.now(), &bar)? {
                tell(app, &report, &args.format)?;
            } else if args.once && settling.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }
    let report = load(app, &warehouse, &args, &options, &bar).await?;
    tell(app, &report, &args.format)?;
    if report.has_failures() {
        return Err(failure(app, &args, &report));
    }
    Ok(())
}

/// What the run ends with when files were not loaded. The lines that went before told why; where
/// they were not shown, the causes do.
fn failure(app: &App, args: &IngestArgs, report: &RunReport) -> Error {
    let (count, all) = (report.failures().count(), report.files.len());
    let files = counted(all as u64, "file", "files");
    let were = if count == 1 { "was" } else { "were" };
    let mut error = Error::work(if args.dry_run {
        msg!(
            "{count} of {files} would not be loaded",
            "{all} 个文件中有 {count} 个不能导入"
        )
    } else {
        msg!(
            "{count} of {files} {were} not loaded",
            "{all} 个文件中有 {count} 个未导入"
        )
    });
    if args.format == "json" {
        return error.caused_by(report.summary());
    }
    if app.ui.quiet {
        for file in report.failures() {
            let name = &file.file;
            let why = file.error.as_ref().map_or("", |reason| &reason.message);
            error = error.caused_by(msg!("{name}: {why}", "{name}：{why}"));
        }
    }
    error
}

/// Loads on a thread of its own, so that Ctrl-C is heard while files are read.
async fn load(
    app: &App,
    warehouse: &crate::warehouse::Warehouse,
    args: &IngestArgs,
    options: &IngestOptions,
    bar: &Bar,
) -> Result<RunReport> {
    let now = app.now();
    tokio::task::block_in_place(|| ingest(warehouse, &args.paths, options, now, bar))
}

/// Shows a run report.
pub(super) fn tell(app: &App, report: &RunReport, format: &str) -> Result<()> {
    if format == "json" {
        return line(&serde_json::to_string_pretty(report)?);
    }
    for file in &report.files {
        for text in file.lines(app.ui.lang) {
            app.ui.line(&text);
        }
    }
    app.ui.note(&report.summary());
    Ok(())
}
