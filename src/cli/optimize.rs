//! `renkou optimize`: merge small files.

use super::App;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::msg;

/// Merge small files
#[derive(Debug, clap::Args)]
pub(crate) struct OptimizeArgs {}

pub(super) fn run(app: &App, _: &OptimizeArgs) -> Result<()> {
    let now = app.now();
    let mut writer = app.warehouse()?.writer("optimize", now)?;
    let done = writer.optimize(now)?;
    if done.snapshot.is_none() {
        app.ui.note(&msg!("nothing to merge", "没有需要合并的文件"));
        return Ok(());
    }
    let (before, after) = (done.before, done.after);
    let (from, to) = (done.bytes_before, done.bytes_after);
    let files = counted(before as u64, "file", "files");
    app.ui.note(&msg!(
        "merged {files} into {after} ({from} → {to} bytes); older snapshots keep theirs",
        "已将 {before} 个文件合并为 {after} 个（{from} → {to} 字节）；旧快照仍可查询"
    ));
    Ok(())
}
