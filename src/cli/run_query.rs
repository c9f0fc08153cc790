//! `renkou run`: run a saved query, or make the files of a manifest again.

use std::path::{Path, PathBuf};

use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::scalar::ScalarValue;

use super::App;
use super::show::{Caption, ShowArgs};
use super::sql::pair;
use super::verify::differing;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::export::{Manifest, reproduce};
use crate::msg;
use crate::query::{Library, SavedQuery};
use crate::warehouse::Session;

/// Run a saved query
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// Name of the query; `renkou queries` lists them
    #[arg(required_unless_present = "from_manifest")]
    name: Option<String>,
    /// Value of a parameter; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// Make the files of this manifest.json again from the same snapshot, into the new folder
    /// `-o DIR`; exit code 1 when they differ
    #[arg(long, value_name = "FILE", requires = "output", conflicts_with_all = ["name", "param", "format", "encoding"])]
    from_manifest: Option<PathBuf>,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: RunArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    if let (Some(path), Some(folder)) = (&args.from_manifest, &args.show.output) {
        return again(app, &warehouse, path, folder).await;
    }
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let query = library.get(args.name.as_deref().unwrap_or_default())?;
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    let today = app.now().date_naive();
    let values = query.values(&session, &args.param, today).await?;
    let rows = rows_of(&session, query, &values).await?;
    let caption = Caption::of(query, &session, app.ui.lang);
    args.show.show(app, rows, &caption).await?;
    Ok(())
}

/// Makes the files of a manifest again and compares them with it.
async fn again(
    app: &App,
    warehouse: &crate::warehouse::Warehouse,
    path: &Path,
    folder: &Path,
) -> Result<()> {
    let manifest = Manifest::read(path)?;
    if folder.exists() && fs_err::read_dir(folder)?.next().is_some() {
        let shown = folder.display();
        return Err(Error::usage(msg!(
            "the folder `{shown}` is not empty",
            "文件夹 `{shown}` 不为空"
        )));
    }
    let found = reproduce(warehouse, &app.session_options(), &manifest, folder).await?;
    if !found.differences.is_empty() {
        return Err(differing(&found));
    }
    let (count, snapshot, shown) = (found.files, manifest.snapshot, folder.display());
    let files = counted(count as u64, "file", "files");
    app.ui.note(&msg!(
        "{files} from snapshot {snapshot} written to `{shown}`, the same byte for byte",
        "已由快照 {snapshot} 重新生成 {count} 个文件到 `{shown}`，逐字节相同"
    ));
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
