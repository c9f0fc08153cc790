//! `renkou withdraw`: take a delivery out; what it had superseded counts again.

use super::App;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::ingest::withdraw;
use crate::msg;

/// Take a delivery out
#[derive(Debug, clap::Args)]
pub(crate) struct WithdrawArgs {
    /// Delivery id, or enough of its beginning to be unique
    id: String,
}

pub(super) fn run(app: &App, args: &WithdrawArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let done = withdraw(&warehouse, &args.id, app.now())?;
    let (name, rows) = (&done.delivery.file_name, done.delivery.rows_accepted);
    let snapshot = done.snapshot;
    let (all, are) = (
        counted(rows.unsigned_abs(), "row", "rows"),
        if rows == 1 { "is" } else { "are" },
    );
    app.ui.note(&msg!(
        "withdrew `{name}`: {all} {are} out since snapshot {snapshot}; `--as-of` still shows them before",
        "已撤回 `{name}`：自快照 {snapshot} 起不再包含其 {rows} 行；用 `--as-of` 仍可查看此前状态"
    ));
    let back = done.back;
    if back > 0 {
        let (all, count) = (
            counted(back as u64, "delivery", "deliveries"),
            if back == 1 { "counts" } else { "count" },
        );
        app.ui.note(&msg!(
            "{all} that it had superseded {count} again",
            "原先被它替换的 {back} 次交付重新生效"
        ));
    }
    Ok(())
}
