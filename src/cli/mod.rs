//! The command line: one file per command, each parsing its arguments, calling the library and
//! showing what came back.
//!
//! Entry point: [`run`]. The only place for argument parsing, the clock, the environment and
//! printing; it holds no logic that another front end would need.

mod audit;
mod check;
mod check_explain;
mod check_review;
mod deliveries;
mod demo;
mod docs;
mod doctor;
mod export;
mod forecast;
mod help_zh;
mod history;
mod ingest;
mod init;
mod keys;
mod link;
mod optimize;
mod people;
mod progress;
mod queries;
mod rejects;
mod report;
mod restore;
mod run_query;
mod schedule;
mod shell;
mod show;
mod sql;
mod status;
mod ui;
mod verify;
mod withdraw;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::warehouse::{AsOf, SessionOptions, Warehouse};
use ui::{Color, Ui, at_terminal, language, language_flag};

/// An embedded population warehouse: department exports in, standard indicators out
#[derive(Debug, Parser)]
#[command(
    name = "renkou",
    version,
    max_term_width = 100,
    propagate_version = true
)]
struct Cli {
    #[command(flatten, next_help_heading = "Options of every command")]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
struct Global {
    /// Warehouse folder [default: the nearest parent folder with renkou.yaml]
    #[arg(long, global = true, env = "RENKOU_WAREHOUSE", value_name = "DIR")]
    warehouse: Option<PathBuf>,
    /// Language of messages: zh or en [default: from RENKOU_LANG or the locale]
    #[arg(long, global = true, value_parser = ["zh", "en"])]
    lang: Option<String>,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t)]
    color: Color,
    /// Say nothing but errors
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Threads to use [default: all cores]
    #[arg(long, global = true, value_name = "N")]
    threads: Option<std::num::NonZeroUsize>,
    /// Memory to use, such as 500m or 4g
    #[arg(long, global = true, value_name = "SIZE", default_value = "4g", value_parser = size)]
    memory_limit: usize,
    /// Ask an older snapshot: its number, or a local time such as 2020-12-31
    #[arg(long, global = true, value_name = "SNAPSHOT|TIME")]
    as_of: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build a sample warehouse, ingest six departments' files, print the indicators
    Demo(demo::DemoArgs),
    /// Create an empty warehouse with the default catalog and queries
    Init(init::InitArgs),
    /// Load files, folders and zip archives
    Ingest(ingest::IngestArgs),
    /// List what was handed in
    Deliveries(deliveries::DeliveriesArgs),
    /// List rejected rows, send them back as a workbook, or run them again
    Rejects(rejects::RejectsArgs),
    /// Take a delivery out
    Withdraw(withdraw::WithdrawArgs),
    /// The SQL shell (also the default on a terminal)
    Shell(shell::ShellArgs),
    /// Run SQL from arguments, a file or stdin
    Sql(sql::SqlArgs),
    /// List, describe, check and test saved queries, or build the site about them
    Queries(queries::QueriesArgs),
    /// Run a saved query
    Run(run_query::RunArgs),
    /// Project a population by sex and age, with intervals
    Forecast(forecast::ForecastArgs),
    /// Write a report from saved queries as one printable HTML page
    Report(report::ReportArgs),
    /// Export a table or query with a manifest
    Export(export::ExportArgs),
    /// Run saved queries at set times
    Schedule(schedule::ScheduleArgs),
    /// Check the files of an outbox against their manifests
    Verify(verify::VerifyArgs),
    /// Find the same births in the registers, or the same persons or things in two files
    Link(link::LinkArgs),
    /// Check accepted data: scorecards by department and town, work lists
    Check(check::CheckArgs),
    /// Show tables, sizes, last deliveries and how to attach the lake elsewhere
    Status(status::StatusArgs),
    /// Check files, catalog and keys, and say how to mend what is wrong
    Doctor(doctor::DoctorArgs),
    /// List the snapshots
    History(history::HistoryArgs),
    /// Make the warehouse as it was at a snapshot
    Restore(restore::RestoreArgs),
    /// Merge small files
    Optimize(optimize::OptimizeArgs),
    /// Show or verify the audit log
    Audit(audit::AuditArgs),
    /// Show which key seals this warehouse
    Keys(keys::KeysArgs),
}

/// Parses the arguments, runs the command, reports its failure.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let command = match cli.command {
        Some(command) => command,
        None if at_terminal() => Command::Shell(shell::ShellArgs::default()),
        None => return help(cli.global.lang.as_deref()),
    };
    let ui = Ui::new(
        cli.global.lang.as_deref(),
        cli.global.color,
        cli.global.quiet,
    );
    hide_panic_messages(ui.clone());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        // More than a statement keeps busy: Ctrl-C, time limits and progress need one that is free.
        .worker_threads(cli.global.threads.map_or_else(cores, usize::from) + 2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            ui.error(&Error::from(error));
            return ExitCode::FAILURE;
        }
    };
    let app = App {
        ui,
        global: cli.global,
    };
    // In the shell Ctrl-C cancels a statement, not the session; the scheduler ends in order.
    if !matches!(command, Command::Shell(_) | Command::Schedule(_)) {
        let ui = app.ui.clone();
        runtime.spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                interrupted(&ui);
            }
        });
    }
    let outcome = runtime.block_on(dispatch(&app, command));
    runtime.shutdown_background();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            app.ui.error(&error);
            ExitCode::from(error.kind().exit_code())
        }
    }
}

/// The arguments; or the exit code, when they are wrong or ask for help, which is printed then.
fn parse() -> std::result::Result<Cli, ExitCode> {
    let args: Vec<_> = std::env::args_os().collect();
    let flag = language_flag(&args);
    let lang = language(flag.as_deref());
    let mut command = Cli::command();
    if lang == Lang::Zh {
        command = help_zh::translated(command);
    }
    let matches = command.try_get_matches_from_mut(args);
    matches
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| {
            let error = error.format(&mut command);
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let help = clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            if lang == Lang::Zh && code != 0 && error.kind() != help {
                // The rest is the parser's own words, which are English.
                Ui::new(flag.as_deref(), Color::Never, false).line("命令行参数有误：");
            }
            let _ = error.print();
            ExitCode::from(code)
        })
}

/// What to say when no command is given.
fn help(lang: Option<&str>) -> ExitCode {
    let mut command = Cli::command();
    if language(lang) == Lang::Zh {
        command = help_zh::translated(command);
    }
    Ui::new(lang, Color::Never, false).line(command.render_help().to_string().trim_end());
    ExitCode::from(2)
}

/// Ends at once: what was not committed is an orphan that the next command removes.
#[expect(
    clippy::exit,
    reason = "a load keeps its threads busy; nothing needs to be unwound"
)]
fn interrupted(ui: &Ui) {
    let kind = crate::error::Kind::Interrupted;
    ui.error(&Error::new(
        kind,
        msg!(
            "interrupted; nothing of the unfinished step was committed",
            "已中断；未完成的步骤没有提交任何内容"
        ),
    ));
    std::process::exit(i32::from(kind.exit_code()));
}

/// Panics of libraries may quote a cell in their message: only the place is told.
fn hide_panic_messages(ui: Ui) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic
            .location()
            .map_or_else(String::new, ToString::to_string);
        ui.error(&Error::work(msg!(
            "internal error at {place}; please report it",
            "内部错误（{place}），请反馈"
        )));
    }));
}

async fn dispatch(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Demo(args) => demo::run(app, args).await,
        Command::Init(args) => init::run(app, &args),
        Command::Ingest(args) => ingest::run(app, args).await,
        Command::Deliveries(args) => deliveries::run(app, args).await,
        Command::Rejects(args) => rejects::run(app, args).await,
        Command::Withdraw(args) => withdraw::run(app, &args),
        Command::Shell(args) => shell::run(app, args).await,
        Command::Sql(args) => sql::run(app, args).await,
        Command::Queries(args) => queries::run(app, args).await,
        Command::Run(args) => run_query::run(app, args).await,
        Command::Forecast(args) => forecast::run(app, args).await,
        Command::Report(args) => report::run(app, args).await,
        Command::Export(args) => export::run(app, args).await,
        Command::Schedule(args) => schedule::run(app, args).await,
        Command::Verify(args) => verify::run(app, args),
        Command::Link(args) => link::run(app, args).await,
        Command::Check(args) => check::run(app, args).await,
        Command::Status(args) => status::run(app, args).await,
        Command::Doctor(args) => doctor::run(app, &args),
        Command::History(args) => history::run(app, args),
        Command::Restore(args) => restore::run(app, &args),
        Command::Optimize(args) => optimize::run(app, &args),
        Command::Audit(args) => audit::run(app, &args),
        Command::Keys(args) => keys::run(app, &args),
    }
}

/// What every command gets: how to talk and the global options.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) ui: Ui,
    global: Global,
}

impl App {
    /// The warehouse to work on.
    fn warehouse(&self) -> Result<Warehouse> {
        let folder = match &self.global.warehouse {
            Some(folder) => folder.clone(),
            None => {
                let here = std::env::current_dir()?;
                Warehouse::find(&here).ok_or_else(|| {
                    Error::usage(msg!(
                        "no warehouse here or in a folder above",
                        "当前文件夹及其上级都没有数据仓库"
                    ))
                    .hint(msg!(
                        "name one with `--warehouse DIR`, create one with `renkou init DIR`, or try `renkou demo`",
                        "请用 `--warehouse 文件夹` 指定，用 `renkou init 文件夹` 新建，或先试试 `renkou demo`"
                    ))
                })?
            }
        };
        self.open(&folder)
    }

    fn open(&self, folder: &std::path::Path) -> Result<Warehouse> {
        let warehouse = Warehouse::open(folder, key_file().as_deref())?;
        warehouse.recover(self.now())?;
        Ok(warehouse)
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn as_of(&self) -> Result<AsOf> {
        self.global
            .as_of
            .as_deref()
            .map_or(Ok(AsOf::Latest), people::moment)
    }

    fn threads(&self) -> usize {
        self.global.threads.map_or_else(cores, usize::from)
    }

    fn memory(&self) -> usize {
        self.global.memory_limit
    }

    fn session_options(&self) -> SessionOptions {
        SessionOptions {
            threads: Some(self.threads()),
            memory: self.global.memory_limit,
            ..SessionOptions::default()
        }
    }
}

/// Who acts, for the audit log.
fn actor() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The key file, when it lies outside the warehouse.
fn key_file() -> Option<PathBuf> {
    std::env::var_os("RENKOU_KEY_FILE").map(PathBuf::from)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn is_broken_pipe(error: &Error) -> bool {
    error.to_string().contains("Broken pipe")
}

/// Reads `500m`, `4g`, `1073741824`.
fn size(text: &str) -> std::result::Result<usize, String> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &lower[digits.len()..] {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        other => return Err(format!("unknown unit `{other}`, use k, m or g")),
    };
    let number: f64 = digits
        .trim()
        .parse()
        .map_err(|_| "expected a size such as 500m or 4g".to_owned())?;
    let bytes = number * f64::from(unit);
    if bytes < f64::from(32 << 20) {
        Err("at least 32m is needed".to_owned())
    } else {
        Ok(bytes as usize)
    }
}
