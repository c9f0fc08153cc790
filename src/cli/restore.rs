//! `renkou restore`: make the warehouse as it was, as a new snapshot.

use super::App;
use super::people::moment;
use crate::error::Result;
use crate::msg;

/// Make the warehouse as it was at a snapshot
#[derive(Debug, clap::Args)]
pub(crate) struct RestoreArgs {
    /// Snapshot number, or a local time
    to: String,
}

pub(super) fn run(app: &App, args: &RestoreArgs) -> Result<()> {
    let to = moment(&args.to)?;
    let now = app.now();
    let mut writer = app.warehouse()?.writer("restore", now)?;
    let shown = &args.to;
    match writer.restore(&to, now)? {
        Some(id) => app.ui.note(&msg!(
            "snapshot {id} is as the warehouse was at {shown}; nothing was lost: `renkou restore` can undo this too",
            "快照 {id} 已恢复到 {shown} 时的状态；历史仍在，也可再次用 `renkou restore` 撤销"
        )),
        None => app.ui.note(&msg!("the warehouse is already as at {shown}", "数据仓库已经是 {shown} 时的状态")),
    }
    Ok(())
}
