//! `renkou deliveries`: what was handed in, and what became of it.

use super::App;
use super::people::for_people;
use super::show::{Caption, ShowArgs};
use crate::error::Result;

/// List what was handed in
#[derive(Debug, clap::Args)]
pub(crate) struct DeliveriesArgs {
    /// Only of this department
    #[arg(long)]
    department: Option<String>,
    /// Also superseded and withdrawn ones
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: DeliveriesArgs) -> Result<()> {
    let session = app
        .warehouse()?
        .session(&app.as_of()?, &app.session_options())?;
    let sql = "SELECT delivery_id, source, period, place, file_name, rows_read, rows_accepted, rows_rejected,
                      rows_skipped, status, received_at
               FROM deliveries
               WHERE ($department IS NULL OR department = $department) AND ($every OR status = 'current')
               ORDER BY source, period, received_at, delivery_id";
    let values = [
        ("department".to_owned(), args.department.into()),
        ("every".to_owned(), args.all.into()),
    ];
    let mut rows = session.query(sql, &values).await?;
    if args.show.is_for_people()? {
        rows = for_people(rows, app.ui.lang);
    }
    args.show.show(app, rows, &Caption::default()).await?;
    Ok(())
}
