//! Doing what is due.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::check::check;
use super::claim::{Claim, Note};
use super::due::{ATTEMPTS, Decision, Job, Slot, due, next, streak};
use super::hook;
use super::produce::{Asked, Work};
use super::record::{Outcome, Run, record, runs};
use crate::catalog::Schedule;
use crate::error::{Error, Kind, Lang, Result};
use crate::export::{MANIFEST, Manifest};
use crate::msg;
use crate::query::Library;
use crate::warehouse::{SessionOptions, Warehouse};

/// A running slot may take so long to finish when it is asked to stop.
const GRACE: Duration = Duration::from_secs(30);
/// The clock may be set at any time: nobody sleeps longer.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// Looking again whether another writer is done.
const PAUSE: Duration = Duration::from_millis(200);

/// News of the service.
pub trait Events: Sync {
    /// A slot was decided.
    fn done(&self, done: &Done);
    /// Something is wrong that belongs to no slot.
    fn trouble(&self, error: &Error);
}

/// What became of a slot.
#[derive(Debug, Clone)]
pub struct Done {
    /// The row in `schedule_runs`.
    pub run: Run,
    /// The slot's name.
    pub slot: String,
    /// Where its results lie, when it left some.
    pub results: Option<PathBuf>,
}

/// Asks a service to stop; may be cloned.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<u8>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Stop {
    /// Asks; a second time it is an order.
    pub fn request(&self) {
        self.0.send_modify(|times| *times = times.saturating_add(1));
    }

    fn is_requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    async fn requested(&self, times: u8) {
        let mut changes = self.0.subscribe();
        // The sender lives as long as this.
        let _ = changes.wait_for(|asked| *asked >= times).await;
    }

    /// When a running slot has to end: at the second request, or some time after the first.
    async fn overdue(&self) {
        self.requested(1).await;
        tokio::select! {
            () = self.requested(2) => {}
            () = tokio::time::sleep(GRACE) => {}
        }
    }
}

/// Runs the schedules of a warehouse.
pub struct Service<'a> {
    warehouse: Warehouse,
    options: SessionOptions,
    /// Only these, whatever failed before; all when empty.
    names: Vec<String>,
    since: BTreeMap<String, DateTime<Utc>>,
    clock: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    events: &'a dyn Events,
    stop: Stop,
}

impl std::fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

/// How trying to take a slot ended.
enum Taken {
    /// It was decided.
    Done(Box<Done>),
    /// Another process is at this schedule.
    Elsewhere,
    /// Another process was faster.
    Stale,
    /// The service is to stop.
    Stopped,
}

impl<'a> Service<'a> {
    /// A service for the schedules called `names`, or all.
    ///
    /// # Errors
    /// Exit 2 when a schedule is not there, or `schedules.yaml` does not fit the queries.
    pub fn new(
        warehouse: Warehouse,
        options: SessionOptions,
        names: Vec<String>,
        clock: &'a (dyn Fn() -> DateTime<Utc> + Sync),
        events: &'a dyn Events,
        stop: Stop,
    ) -> Result<Self> {
        for name in &names {
            if !warehouse
                .catalog()
                .schedules
                .iter()
                .any(|one| one.name == *name)
            {
                return Err(Error::usage(msg!(
                    "there is no schedule `{name}`",
                    "没有名为 `{name}` 的任务"
                ))
                .hint(msg!(
                    "`renkou schedule list` lists them",
                    "`renkou schedule list` 列出全部任务"
                )));
            }
        }
        let mut service = Self {
            warehouse,
            options,
            names,
            since: BTreeMap::new(),
            clock,
            events,
            stop,
        };
        service.library()?;
        service.meet();
        Ok(service)
    }

    /// Does everything that is due now; how many slots failed.
    ///
    /// # Errors
    /// When the warehouse, its catalog or its queries cannot be read.
    pub async fn pass(&mut self) -> Result<usize> {
        // The files may have been edited since.
        self.warehouse = self.warehouse.reopened()?;
        let library = self.library()?;
        self.meet();
        let mut elsewhere = BTreeSet::new();
        let mut failed = 0;
        while !self.stop.is_requested() {
            let known = runs(&self.warehouse, &self.options).await?;
            let jobs = self.jobs();
            let slots = due(&jobs, &known, (self.clock)());
            let left = self.left_behind(&jobs);
            let open = |name: &str| !elsewhere.contains(name);
            // What a process left that died comes first: it decides what is due.
            let slot = match left.into_iter().find(|slot| open(&slot.schedule)) {
                Some(slot) => slot,
                None => match slots.into_iter().find(|slot| open(&slot.schedule)) {
                    Some(slot) => slot,
                    None => break,
                },
            };
            match self.take(&library, &slot).await? {
                Taken::Done(done) => {
                    failed += usize::from(done.run.outcome.is_failure());
                    self.events.done(&done);
                    self.tell(&done).await;
                }
                Taken::Elsewhere => {
                    elsewhere.insert(slot.schedule);
                }
                Taken::Stale => {}
                Taken::Stopped => {
                    return Err(Error::new(
                        Kind::Interrupted,
                        msg!(
                            "stopped; the running slot was left for the next start",
                            "已停止；正在运行的任务留待下次启动"
                        ),
                    ));
                }
            }
        }
        Ok(failed)
    }

    /// Does what is due, whenever it is, until asked to stop.
    ///
    /// # Errors
    /// When a running slot had to be cut short.
    pub async fn serve(&mut self) -> Result<()> {
        let mut last = None;
        while !self.stop.is_requested() {
            match self.pass().await {
                Err(error) if error.kind() == Kind::Interrupted => return Err(error),
                Err(error) => {
                    // Told once, not every minute.
                    let text = error.render(Lang::En);
                    if last.as_ref() != Some(&text) {
                        self.events.trouble(&error);
                    }
                    last = Some(text);
                }
                Ok(_) => last = None,
            }
            let now = (self.clock)();
            let wake = self
                .warehouse
                .catalog()
                .schedules
                .iter()
                .filter_map(|schedule| next(schedule, now))
                .min();
            let sleep = wake
                .and_then(|slot| (slot - now).to_std().ok())
                .map_or(LONGEST_SLEEP, |time| time.min(LONGEST_SLEEP));
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.stop.requested(1) => {}
            }
        }
        Ok(())
    }

    fn library(&self) -> Result<Library> {
        let catalog = self.warehouse.catalog();
        if !catalog.schedules.is_empty() && !catalog.tables.contains_key("schedule_runs") {
            return Err(Error::usage(msg!(
                "the catalog has no table `schedule_runs` to record runs in",
                "目录中没有记录运行情况的表 `schedule_runs`"
            ))
            .hint(msg!(
                "copy `catalog/tables/schedule_runs.yaml` from a new warehouse (`renkou init`)",
                "请从新建的仓库（`renkou init`）复制 `catalog/tables/schedule_runs.yaml`"
            )));
        }
        let library = Library::load(&self.warehouse.folder().join("queries"))?;
        let problems = check(&self.warehouse.catalog().schedules, &library);
        if problems.is_empty() {
            Ok(library)
        } else {
            Err(problems.into())
        }
    }

    /// From the first sight of a schedule its slots are waited for.
    fn meet(&mut self) {
        let now = (self.clock)();
        for schedule in &self.warehouse.catalog().schedules {
            self.since.entry(schedule.name.clone()).or_insert(now);
        }
    }

    fn jobs(&self) -> Vec<Job<'_>> {
        let named = |schedule: &Schedule| self.names.contains(&schedule.name);
        self.warehouse
            .catalog()
            .schedules
            .iter()
            .filter(|schedule| self.names.is_empty() || named(schedule))
            .map(|schedule| Job {
                schedule,
                since: self.since.get(&schedule.name).copied().unwrap_or_default(),
                named: named(schedule),
            })
            .collect()
    }

    /// Schedules that a process left in the middle of a slot, or is still running.
    fn left_behind(&self, jobs: &[Job<'_>]) -> Vec<Slot> {
        let lake = self.lake();
        let of = |job: &Job<'_>| {
            let name = &job.schedule.name;
            let note = lake.join("schedules").join(format!("{name}.json"));
            note.exists().then(|| Slot {
                schedule: name.clone(),
                at: DateTime::UNIX_EPOCH,
                attempt: 1,
                decision: Decision::Run,
            })
        };
        jobs.iter().filter_map(of).collect()
    }

    fn lake(&self) -> PathBuf {
        self.warehouse.folder().join("lake")
    }

    async fn take(&self, library: &Library, wanted: &Slot) -> Result<Taken> {
        let Some(claim) = Claim::take(&self.lake(), &wanted.schedule)? else {
            return Ok(Taken::Elsewhere);
        };
        // Under the claim nobody else decides: look again.
        let known = runs(&self.warehouse, &self.options).await?;
        let jobs = self.jobs();
        let Some(job) = jobs.iter().find(|job| job.schedule.name == wanted.schedule) else {
            return Ok(Taken::Stale);
        };
        let work = |slot, attempt| Work {
            warehouse: self.warehouse.clone(),
            library: library.clone(),
            options: self.options.clone(),
            schedule: job.schedule.clone(),
            slot,
            attempt,
            before: known
                .iter()
                .rev()
                .find(|run| run.schedule == wanted.schedule && run.outcome == Outcome::Succeeded)
                .cloned(),
        };
        if let Some(note) = claim.left() {
            let work = work(moment(note.slot), note.attempt);
            return self.settle(&claim, &work, &note, &known).await;
        }
        let now = (self.clock)();
        let Some(slot) = due(&[*job], &known, now).into_iter().next() else {
            return Ok(Taken::Stale);
        };
        let work = work(slot.at, slot.attempt);
        let outcome = match slot.decision {
            Decision::Run => return self.run(&claim, work).await,
            Decision::Miss => Outcome::Missed,
            Decision::Skip => Outcome::Skipped,
            Decision::Forbid => Outcome::Forbidden,
        };
        let mut run = plain(&work, outcome, now);
        if outcome == Outcome::Forbidden {
            run.error = Some("the run before was still going".to_owned());
        }
        self.finish(&claim, &work, run, None).await
    }

    /// Settles the slot over which a process died: its results are there whole, or not at all.
    async fn settle(
        &self,
        claim: &Claim,
        work: &Work,
        note: &Note,
        known: &[Run],
    ) -> Result<Taken> {
        let recorded = known.iter().any(|run| {
            run.schedule == work.schedule.name
                && run.slot == work.slot
                && run.attempt >= note.attempt
        });
        if recorded {
            claim.end()?;
            return Ok(Taken::Stale);
        }
        let now = (self.clock)();
        if let Some(manifest) = work.outbox().find(&work.slot_name()) {
            return self
                .adopt(claim, work, &manifest, moment(note.started_at))
                .await;
        }
        let mut run = plain(work, Outcome::Died, now);
        run.started_at = moment(note.started_at);
        let process = note.process;
        run.error = Some(format!("process {process} ended in the middle of it"));
        self.finish(claim, work, run, None).await
    }

    /// Records a slot whose results are complete though nobody recorded it.
    async fn adopt(
        &self,
        claim: &Claim,
        work: &Work,
        manifest: &Manifest,
        started: DateTime<Utc>,
    ) -> Result<Taken> {
        work.outbox().tidy(work.schedule.keep)?;
        let mut run = plain(work, Outcome::Succeeded, (self.clock)());
        run.started_at = started;
        self.finish(claim, work, run, Some(manifest)).await
    }

    async fn run(&self, claim: &Claim, work: Work) -> Result<Taken> {
        let started = (self.clock)();
        if let Some(manifest) = work.outbox().find(&work.slot_name()) {
            return self.adopt(claim, &work, &manifest, started).await;
        }
        claim.begin(&Note {
            slot: work.slot.timestamp_micros(),
            attempt: work.attempt,
            process: std::process::id(),
            started_at: started.timestamp_micros(),
        })?;
        let limit = work.schedule.timeout;
        // On a task of its own, so that a busy query cannot keep the time limit waiting. Only asking
        // can be cut short: writing is over soon, and then whole.
        let task = Stopping(tokio::spawn(work.clone().ask(started)));
        let asked = tokio::select! {
            asked = task.outcome() => asked,
            () = expired(limit) => Err(overdue(limit.unwrap_or_default())),
            () = self.stop.overdue() => {
                claim.end()?;
                return Ok(Taken::Stopped);
            }
        };
        let mut run = plain(&work, Outcome::Succeeded, started);
        let published = match asked {
            Ok(Asked::Unchanged(snapshot)) => {
                run.outcome = Outcome::Unchanged;
                run.snapshot = Some(snapshot.id);
                Ok(None)
            }
            Ok(Asked::Answered(snapshot, answers)) => {
                run.snapshot = Some(snapshot.id);
                work.publish(&snapshot, &answers, (self.clock)())
                    .and_then(|manifest| {
                        work.outbox().tidy(work.schedule.keep)?;
                        Ok(Some(manifest))
                    })
            }
            Err(error) => Err(error),
        };
        let manifest = published.unwrap_or_else(|error| {
            run.outcome = if error.kind() == Kind::Timeout {
                Outcome::Timeout
            } else {
                Outcome::Failed
            };
            run.error = Some(error.to_string());
            None
        });
        run.finished_at = (self.clock)().max(started);
        self.finish(claim, &work, run, manifest.as_ref()).await
    }

    /// Records the run, then gives the slot up.
    async fn finish(
        &self,
        claim: &Claim,
        work: &Work,
        mut run: Run,
        manifest: Option<&Manifest>,
    ) -> Result<Taken> {
        let slot = work.slot_name();
        if let Some(manifest) = manifest {
            run.rows = i64::try_from(manifest.rows).ok();
            run.snapshot = Some(manifest.snapshot);
            run.manifest = Some(format!("{slot}/{MANIFEST}"));
        }
        // A long load may hold the writer's lock: the slot stays claimed until it is recorded.
        loop {
            match record(&self.warehouse, &run, (self.clock)()) {
                Err(error) if error.kind() == Kind::Locked && !self.stop.is_requested() => {
                    tokio::time::sleep(PAUSE).await;
                }
                other => break other?,
            }
        }
        claim.end()?;
        Ok(Taken::Done(Box::new(Done {
            results: manifest.is_some().then(|| work.results()),
            run,
            slot,
        })))
    }

    /// Tells of a failure with the schedule's own command.
    async fn tell(&self, done: &Done) {
        let run = &done.run;
        if !run.outcome.is_failure() {
            return;
        }
        let schedules = &self.warehouse.catalog().schedules;
        let Some(command) = schedules
            .iter()
            .find(|schedule| schedule.name == run.schedule)
            .and_then(|schedule| schedule.on_failure.as_deref())
        else {
            return;
        };
        let failures = runs(&self.warehouse, &self.options)
            .await
            .map_or(0, |known| streak(&run.schedule, &known));
        let folder = self.warehouse.folder();
        if let Err(error) = hook::tell(command, folder, &done.slot, failures, run).await {
            self.events.trouble(&error);
        }
    }
}

/// A run of `work` that began and ended at `now`, with nothing to tell yet.
fn plain(work: &Work, outcome: Outcome, now: DateTime<Utc>) -> Run {
    Run {
        schedule: work.schedule.name.clone(),
        slot: work.slot,
        attempt: work.attempt.min(ATTEMPTS),
        outcome,
        started_at: now,
        finished_at: now,
        rows: None,
        snapshot: None,
        manifest: None,
        error: None,
    }
}

/// A time as notes keep it.
fn moment(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A task that ends with its handle.
struct Stopping(tokio::task::JoinHandle<Result<Asked>>);

impl Stopping {
    async fn outcome(mut self) -> Result<Asked> {
        match (&mut self.0).await {
            Ok(asked) => asked,
            // The panic itself is reported where it happened, without what it held.
            Err(_) => Err(Error::work(msg!("internal error", "内部错误"))),
        }
    }
}

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn expired(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

fn overdue(limit: Duration) -> Error {
    let seconds = limit.as_secs();
    Error::new(
        Kind::Timeout,
        msg!(
            "it took longer than {seconds} s and was stopped",
            "超过 {seconds} 秒，已停止"
        ),
    )
}
