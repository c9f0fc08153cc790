//! The command that tells of a failure.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::record::Run;
use crate::error::{Context, Error, Result};
use crate::msg;

/// A command that takes longer is left behind.
const LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// Runs `command` with the facts of `run` in its environment; what it prints goes nowhere but its
/// errors, which go where ours go.
pub(super) async fn tell(
    command: &str,
    warehouse: &Path,
    slot: &str,
    failures: usize,
    run: &Run,
) -> Result<()> {
    let mut shell = shell(command);
    shell
        .current_dir(warehouse)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .env("RENKOU_WAREHOUSE", warehouse)
        .env("RENKOU_SCHEDULE", &run.schedule)
        .env("RENKOU_SLOT", slot)
        .env("RENKOU_ATTEMPT", run.attempt.to_string())
        .env("RENKOU_RESULT", run.outcome.as_str())
        .env("RENKOU_ERROR", run.error.as_deref().unwrap_or_default())
        .env("RENKOU_FAILURES", failures.to_string());
    let failed = || msg!("the command `on_failure` failed", "`on_failure` 命令失败");
    let mut child = shell.spawn().context(failed)?;
    let mut waited = Duration::ZERO;
    loop {
        match child.try_wait().context(failed)? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                let status = status.to_string();
                return Err(Error::work(failed()).caused_by(msg!("{status}", "{status}")));
            }
            None if waited >= LIMIT => {
                child.kill().context(failed)?;
                child.wait().context(failed)?;
                let seconds = LIMIT.as_secs();
                return Err(Error::work(failed())
                    .caused_by(msg!("it took longer than {seconds} s", "超过 {seconds} 秒")));
            }
            None => {
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
        }
    }
}

fn shell(command: &str) -> Command {
    let (program, flag) = if cfg!(windows) {
        ("cmd", "/C")
    } else {
        ("sh", "-c")
    };
    let mut shell = Command::new(program);
    shell.args([flag, command]);
    shell
}
