//! Running one statement: its rows come through, Ctrl-C and the time limit stop it, and whoever
//! waits longer than a moment is told how far it is.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use futures::StreamExt;
use tokio::sync::{Notify, mpsc};

use super::present::thousands;
use crate::error::{Error, Kind, Lang, Result};
use crate::msg;
use crate::warehouse::{Progress, Running};

/// Nobody is told anything before.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// What ends a statement early, and who is told about it.
pub(super) struct Limits<'a> {
    pub(super) timeout: Option<Duration>,
    pub(super) interrupt: &'a Arc<Notify>,
    /// Where progress is drawn; `None` = nowhere.
    pub(super) screen: Option<&'a mut (dyn Write + Send)>,
    pub(super) lang: Lang,
}

/// Time since a start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch(Instant);

impl Watch {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Gives every batch of a running statement to `each`.
///
/// # Errors
/// When the statement fails, is interrupted or takes too long; what it held is given back.
pub(super) async fn drive(
    running: Running,
    limits: Limits<'_>,
    mut each: impl FnMut(RecordBatch) -> Result<()>,
) -> Result<()> {
    let Running {
        mut rows,
        progress,
        stop,
    } = running;
    let Limits {
        timeout,
        interrupt,
        mut screen,
        lang,
    } = limits;
    let watch = Watch::start();
    let (sender, mut receiver) = mpsc::channel(4);
    // On a task of its own, so that a busy statement cannot keep the clock and Ctrl-C waiting.
    let task = Stopping(tokio::spawn(async move {
        while let Some(batch) = rows.next().await {
            if sender.send(batch).await.is_err() {
                break;
            }
        }
    }));
    let deadline = tokio::time::sleep(timeout.unwrap_or(Duration::from_secs(1 << 40)));
    tokio::pin!(deadline);
    let interrupted = interrupt.notified();
    tokio::pin!(interrupted);
    let mut ticks = tokio::time::interval(TICK);
    let mut drawn = false;
    let outcome = loop {
        tokio::select! {
            biased;
            () = &mut interrupted => break Err(interruption()),
            () = &mut deadline => break Err(overdue(timeout.unwrap_or_default())),
            _ = ticks.tick(), if screen.is_some() => {
                if let Some(screen) = screen.as_deref_mut()
                    && watch.elapsed() >= PATIENCE
                {
                    let _ = write!(screen, "\r{}\u{1b}[K", line(&progress, watch, lang));
                    let _ = screen.flush();
                    drawn = true;
                }
            }
            batch = receiver.recv() => match batch {
                Some(Ok(batch)) => if let Err(error) = each(batch) { break Err(error) },
                Some(Err(error)) => break Err(error.into()),
                None => break Ok(()),
            },
        }
    };
    drop(stop);
    drop(task);
    if let Some(screen) = screen.filter(|_| drawn) {
        let _ = write!(screen, "\r\u{1b}[K");
        let _ = screen.flush();
    }
    outcome
}

/// A task that ends with its handle.
struct Stopping(tokio::task::JoinHandle<()>);

impl Drop for Stopping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(super) fn interruption() -> Error {
    Error::new(
        Kind::Interrupted,
        msg!("the statement was cancelled", "语句已取消"),
    )
}

fn overdue(limit: Duration) -> Error {
    let seconds = limit.as_secs_f64();
    Error::new(
        Kind::Timeout,
        msg!(
            "the statement took longer than {seconds} s and was stopped",
            "语句超过 {seconds} 秒，已停止"
        ),
    )
    .hint(msg!(
        "`.timeout SECONDS` changes the limit, `.timeout 0` takes it away",
        "`.timeout 秒数` 可修改时限，`.timeout 0` 取消时限"
    ))
}

fn line(progress: &Progress, watch: Watch, lang: Lang) -> String {
    let elapsed = watch.elapsed().as_secs_f64();
    let (read, all) = progress.rows();
    let count = thousands(read, lang);
    let share = all
        .filter(|&all| all > 0)
        .map(|all| (read as f64 / all as f64).min(1.0));
    match (share, lang) {
        (Some(share), Lang::En) if read > 0 => {
            let (percent, left) = (share * 100.0, elapsed / share - elapsed);
            format!("{count} rows read · {percent:.0} % · {left:.0} s left")
        }
        (Some(share), Lang::Zh) if read > 0 => {
            let (percent, left) = (share * 100.0, elapsed / share - elapsed);
            format!("已读 {count} 行 · {percent:.0}% · 约剩 {left:.0} 秒")
        }
        (_, Lang::En) => format!("{count} rows read · {elapsed:.0} s"),
        (_, Lang::Zh) => format!("已读 {count} 行 · {elapsed:.0} 秒"),
    }
}
