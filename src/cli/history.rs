//! `renkou history`: the snapshots, with times of this place.

use super::App;
use super::people::local_stamp;
use super::show::line;
use crate::error::Result;

/// List the snapshots
#[derive(Debug, clap::Args)]
pub(crate) struct HistoryArgs {
    /// Only the last N
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
}

pub(super) fn run(app: &App, args: HistoryArgs) -> Result<()> {
    let snapshots = app.warehouse()?.snapshots()?;
    let skip = args
        .last
        .map_or(0, |last| snapshots.len().saturating_sub(last));
    for snapshot in snapshots.iter().skip(skip) {
        let time = local_stamp(&snapshot.time);
        line(&format!("{:>5}  {time}  {}", snapshot.id, snapshot.message))?;
    }
    Ok(())
}
