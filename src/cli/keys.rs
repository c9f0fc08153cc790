//! `renkou keys`: which key seals this warehouse; never the secret itself.

use super::App;
use super::show::line;
use crate::error::Result;

/// Show which key seals this warehouse
#[derive(Debug, clap::Args)]
pub(crate) struct KeysArgs {}

pub(super) fn run(app: &App, _: &KeysArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let keys = warehouse.keys()?;
    line(&format!(
        "{}\t{}",
        keys.key_id(),
        warehouse.key_file().display()
    ))
}
