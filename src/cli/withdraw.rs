//! `renkou withdraw`: take a delivery out; what it had superseded does not come back by itself.

use super::App;
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
    let (delivery, snapshot) = withdraw(&warehouse, &args.id, app.now())?;
    let (name, rows) = (&delivery.file_name, delivery.rows_accepted);
    app.ui.note(&msg!(
        "withdrew `{name}`: {rows} rows are out since snapshot {snapshot}; `--as-of` still shows them before",
        "已撤回 `{name}`：自快照 {snapshot} 起不再包含其 {rows} 行；用 `--as-of` 仍可查看此前状态"
    ));
    Ok(())
}
