//! `renkou schedule`: saved queries at set times.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use chrono::{DateTime, Local, Utc};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::memory::MemoryStream;

use super::people::instant;
use super::show::{Caption, ShowArgs, line};
use super::{App, Ui};
use crate::domain::wording::counted;
use crate::error::{Error, Kind, Result};
use crate::msg;
use crate::query::Library;
use crate::schedule::{
    Done, Events, Installation, Job, Run, Service, Stop, Unit, check, due, installation, next,
    runs, streak,
};
use crate::warehouse::Warehouse;

/// Run saved queries at set times
#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleArgs {
    /// What to do
    #[arg(value_enum, default_value_t)]
    action: Action,
    /// Only these schedules; named ones run even after failures made them rest
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// With `due`: at this time instead of now, such as 2020-12-31 or "2020-12-31 02:30"
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// With `run`: do what is due and end; exit code 1 when a run failed
    #[arg(long)]
    once: bool,
    /// With `install`: a service of the user's systemd
    #[arg(long)]
    systemd: bool,
    /// With `install`: a line of the user's crontab
    #[arg(long, conflicts_with = "systemd")]
    cron: bool,
    /// With `install`: write what is shown
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    show: ShowArgs,
}

/// What to do with the schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Action {
    /// Show when each runs next and how it went last
    #[default]
    List,
    /// Show what would run
    Due,
    /// Run what is due, whenever it is, until Ctrl-C or SIGTERM
    Run,
    /// Show or write what starts them without anybody
    Install,
}

pub(super) async fn run(app: &App, args: ScheduleArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    for (given, option, action) in [
        (args.at.is_some(), "--at", Action::Due),
        (args.once, "--once", Action::Run),
        (args.systemd, "--systemd", Action::Install),
        (args.cron, "--cron", Action::Install),
        (args.yes, "--yes", Action::Install),
    ] {
        if given && args.action != action {
            let word = format!("{action:?}").to_lowercase();
            return Err(Error::usage(msg!(
                "`{option}` goes with `renkou schedule {word}`",
                "`{option}` 只用于 `renkou schedule {word}`"
            )));
        }
    }
    match args.action {
        Action::List => list(app, &warehouse, &args).await,
        Action::Due => what_is_due(app, &warehouse, &args).await,
        Action::Run => serve(app, warehouse, args).await,
        Action::Install => install(app, &warehouse, &args),
    }
}

/// The schedules asked for, after `schedules.yaml` was checked against the queries.
fn jobs<'a>(
    warehouse: &'a Warehouse,
    names: &[String],
    since: DateTime<Utc>,
) -> Result<Vec<Job<'a>>> {
    let schedules = &warehouse.catalog().schedules;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let problems = check(schedules, &library);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let job = |schedule: &'a crate::catalog::Schedule| Job {
        schedule,
        since,
        named: names.contains(&schedule.name),
    };
    let all = schedules.iter().map(job);
    Ok(all.filter(|job| names.is_empty() || job.named).collect())
}

async fn list(app: &App, warehouse: &Warehouse, args: &ScheduleArgs) -> Result<()> {
    let now = app.now();
    let jobs = jobs(warehouse, &args.names, now)?;
    let known = runs(warehouse, &app.session_options()).await?;
    let rows = jobs.iter().map(|job| {
        let schedule = job.schedule;
        let local = |time: DateTime<Utc>| shown(time.with_timezone(&schedule.timezone));
        let last: Option<&Run> = known.iter().rev().find(|run| run.schedule == schedule.name);
        let failures = streak(&schedule.name, &known);
        let resting = schedule
            .max_consecutive_failures
            .is_some_and(|most| failures >= most);
        let queries: Vec<&str> = schedule
            .queries
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        [
            Some(schedule.name.clone()),
            Some(queries.join(" ")),
            Some(schedule.cron.pattern.to_string()),
            Some(schedule.timezone.to_string()),
            next(schedule, now).filter(|_| !resting).map(local),
            last.map(|run| local(run.slot)),
            last.map(|run| run.outcome.as_str().to_owned()),
            last.and_then(|run| run.rows).map(|rows| rows.to_string()),
            Some(failures.to_string()),
            last.and_then(|run| run.error.clone()),
        ]
    });
    let names = [
        "schedule", "query", "cron", "timezone", "next", "last", "result", "rows", "failures",
        "error",
    ];
    let table = table(&names, rows)?;
    args.show.show(app, table, &Caption::default()).await?;
    if jobs.is_empty() {
        app.ui.note(&msg!(
            "there are no schedules; they stand in `catalog/schedules.yaml`",
            "尚无定时任务；请写入 `catalog/schedules.yaml`"
        ));
    }
    Ok(())
}

async fn what_is_due(app: &App, warehouse: &Warehouse, args: &ScheduleArgs) -> Result<()> {
    let now = app.now();
    let at = args.at.as_deref().map_or(Ok(now), instant)?;
    let jobs = jobs(warehouse, &args.names, now)?;
    let known = runs(warehouse, &app.session_options()).await?;
    let slots = due(&jobs, &known, at);
    let rows = slots.iter().map(|slot| {
        let schedule = jobs.iter().find(|job| job.schedule.name == slot.schedule);
        let time = schedule.map(|job| shown(slot.at.with_timezone(&job.schedule.timezone)));
        [
            Some(slot.schedule.clone()),
            time,
            Some(slot.attempt.to_string()),
            Some(format!("{:?}", slot.decision).to_lowercase()),
        ]
    });
    let table = table(&["schedule", "slot", "attempt", "decision"], rows)?;
    args.show.show(app, table, &Caption::default()).await?;
    Ok(())
}

fn shown<Z: chrono::TimeZone>(time: DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    time.format("%Y-%m-%d %H:%M%:z").to_string()
}

fn table<const N: usize>(
    names: &[&str; N],
    rows: impl Iterator<Item = [Option<String>; N]>,
) -> Result<SendableRecordBatchStream> {
    let mut columns: [Vec<Option<String>>; N] = std::array::from_fn(|_| Vec::new());
    for row in rows {
        for (column, cell) in columns.iter_mut().zip(row) {
            column.push(cell);
        }
    }
    let arrays = columns.map(|cells| Arc::new(StringArray::from(cells)) as ArrayRef);
    let batch = RecordBatch::try_from_iter_with_nullable(
        names
            .iter()
            .zip(arrays)
            .map(|(name, array)| (*name, array, true)),
    )?;
    let schema = batch.schema();
    Ok(Box::pin(MemoryStream::try_new(vec![batch], schema, None)?))
}

async fn serve(app: &App, warehouse: Warehouse, args: ScheduleArgs) -> Result<()> {
    let stop = Stop::default();
    tokio::spawn(listen(stop.clone(), app.ui.clone()));
    let clock = || app.now();
    let log = Log(&app.ui, AtomicUsize::new(0));
    let count = warehouse.catalog().schedules.len();
    let mut service = Service::new(
        warehouse,
        app.session_options(),
        args.names,
        &clock,
        &log,
        stop,
    )?;
    if args.once {
        return match service.pass().await? {
            0 => {
                if log.1.load(Ordering::Relaxed) == 0 {
                    app.ui.note(&msg!(
                        "nothing is due; `renkou schedule list` tells when each runs next",
                        "没有到期的任务；`renkou schedule list` 列出各任务的下次运行时间"
                    ));
                }
                Ok(())
            }
            failed => {
                let slots = counted(failed as u64, "run", "runs");
                Err(
                    Error::work(msg!("{slots} failed", "{failed} 次运行失败")).hint(msg!(
                        "`renkou schedule list` and the table `schedule_runs` tell why",
                        "原因见 `renkou schedule list` 和表 `schedule_runs`"
                    )),
                )
            }
        };
    }
    let schedules = counted(count as u64, "schedule", "schedules");
    app.ui.note(&msg!(
        "waiting for {schedules}; Ctrl-C stops",
        "正在等待 {count} 个任务；按 Ctrl-C 停止"
    ));
    service.serve().await
}

/// The first signal asks, the second one insists.
#[cfg(unix)]
async fn listen(stop: Stop, ui: Ui) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    loop {
        let heard = tokio::select! {
            heard = interrupt.recv() => heard,
            heard = terminate.recv() => heard,
        };
        if heard.is_none() {
            return;
        }
        ask_to_stop(&stop, &ui);
    }
}

#[cfg(not(unix))]
async fn listen(stop: Stop, ui: Ui) {
    while tokio::signal::ctrl_c().await.is_ok() {
        ask_to_stop(&stop, &ui);
    }
}

fn ask_to_stop(stop: &Stop, ui: &Ui) {
    stop.request();
    ui.note(&msg!(
        "stopping; once more stops a running query",
        "正在停止；再按一次将中止正在运行的查询"
    ));
}

/// One line a run, on stderr; failures also when nothing else is to be said. How many there were.
struct Log<'a>(&'a Ui, AtomicUsize);

impl Events for Log<'_> {
    fn done(&self, done: &Done) {
        self.1.fetch_add(1, Ordering::Relaxed);
        let run = &done.run;
        let finished = run.finished_at.with_timezone(&Local);
        let mut text = format!(
            "{} {} {} {}",
            finished.format("%Y-%m-%dT%H:%M:%S%:z"),
            run.schedule,
            done.slot,
            run.outcome.as_str()
        );
        if run.attempt > 1 {
            text.push_str(&format!(" attempt={}", run.attempt));
        }
        if run.outcome.took_time() {
            let took = run.finished_at - run.started_at;
            text.push_str(&format!(" seconds={:.1}", took.as_seconds_f64()));
        }
        for (name, number) in [("rows", run.rows), ("snapshot", run.snapshot)] {
            if let Some(number) = number {
                text.push_str(&format!(" {name}={number}"));
            }
        }
        if let Some(results) = &done.results {
            text.push_str(&format!(" results={}", results.display()));
        }
        if let Some(error) = &run.error {
            let error = error.split_whitespace().collect::<Vec<_>>().join(" ");
            text.push_str(&format!(" error={error}"));
        }
        if run.outcome.is_failure() {
            self.0.always(&text);
        } else {
            self.0.line(&text);
        }
    }

    fn trouble(&self, error: &Error) {
        self.0.error(error);
    }
}

fn install(app: &App, warehouse: &Warehouse, args: &ScheduleArgs) -> Result<()> {
    let unit = if args.cron {
        Unit::Cron
    } else if args.systemd || std::path::Path::new("/run/systemd/system").exists() {
        Unit::Systemd
    } else {
        Unit::Cron
    };
    let config = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        .ok_or_else(|| {
            Error::usage(msg!(
                "neither XDG_CONFIG_HOME nor HOME is set",
                "未设置 XDG_CONFIG_HOME 或 HOME"
            ))
        })?;
    let program = std::env::current_exe()?;
    let wanted = installation(unit, &program, warehouse.folder(), &config);
    let place = match &wanted.path {
        Some(path) => path.display().to_string(),
        None => "crontab".to_owned(),
    };
    app.ui.note(&msg!("{place}:", "{place}："));
    line(wanted.text.trim_end())?;
    if !args.yes {
        app.ui.note(&msg!(
            "nothing was written; `--yes` writes it",
            "尚未写入；加 `--yes` 写入"
        ));
        return Ok(());
    }
    write(&wanted)?;
    app.ui.note(&msg!("written to {place}", "已写入 {place}"));
    for command in &wanted.then {
        app.ui
            .note(&msg!("next: `{command}`", "下一步：`{command}`"));
    }
    Ok(())
}

fn write(wanted: &Installation) -> Result<()> {
    if let Some(path) = &wanted.path {
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder)?;
        }
        return Ok(fs_err::write(path, &wanted.text)?);
    }
    let failed = |why: String| {
        Error::new(
            Kind::Work,
            msg!(
                "cannot change the crontab: {why}",
                "无法修改 crontab：{why}"
            ),
        )
    };
    // No crontab yet is an error to `crontab -l`, and an empty one to us.
    let listed = Command::new("crontab")
        .arg("-l")
        .output()
        .map_err(|error| failed(error.to_string()))?;
    let before = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut after: String = before
        .lines()
        .filter(|line| !line.ends_with(&wanted.mark))
        .map(|line| format!("{line}\n"))
        .collect();
    after.push_str(&wanted.text);
    let mut child = Command::new("crontab")
        .arg("-")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(after.as_bytes())?;
    }
    match child.wait()? {
        status if status.success() => Ok(()),
        status => Err(failed(status.to_string())),
    }
}
