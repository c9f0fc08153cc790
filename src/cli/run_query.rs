//! `renkou run`: run a saved query.

use super::App;
use super::show::{Caption, ShowArgs};
use super::sql::pair;
use crate::error::{Lang, Result};
use crate::query::{Library, facts};

/// Run a saved query
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Name of the query; `renkou queries` lists them
    name: String,
    /// Value of a parameter; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: RunArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let query = library.get(&args.name)?;
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    let facts = facts(&session, app.now().date_naive()).await?;
    let values = query.bind(&args.param, &facts)?;
    let rows = session.query(&query.sql, &values).await?;
    let caption = Caption {
        title: Some(if app.ui.lang == Lang::Zh {
            query.title_zh.clone()
        } else {
            query.title.clone()
        }),
        unit: query.unit.clone(),
        notes: vec![format!("snapshot {}", session.snapshot().id)],
    };
    args.show.show(app, rows, &caption).await?;
    Ok(())
}
