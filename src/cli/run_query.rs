//! `renkou run`: run a saved query.

use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::scalar::ScalarValue;

use super::App;
use super::show::{Caption, ShowArgs};
use super::sql::pair;
use crate::error::{Error, Result};
use crate::msg;
use crate::query::{Library, SavedQuery};
use crate::warehouse::Session;

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
    let today = app.now().date_naive();
    let values = query.values(&session, &args.param, today).await?;
    let rows = rows_of(&session, query, &values).await?;
    let caption = Caption::of(query, &session, app.ui.lang);
    args.show.show(app, rows, &caption).await?;
    Ok(())
}

/// The rows of a saved query; its errors count lines from the beginning of its file.
///
/// # Errors
/// When the statement does not plan or start.
pub(super) async fn rows_of(
    session: &Session,
    query: &SavedQuery,
    values: &[(String, ScalarValue)],
) -> Result<SendableRecordBatchStream> {
    let mut statements = session.statements_at(&query.sql, query.first_line())?;
    let Some(statement) = statements.pop() else {
        let name = &query.name;
        return Err(Error::usage(msg!(
            "`{name}` holds no statement",
            "`{name}` 中没有语句"
        )));
    };
    let plan = session.plan(statement, values).await?;
    session.start(plan).await
}
