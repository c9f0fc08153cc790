//! `renkou run`: run a saved query, or make the files of a manifest again.

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::memory::MemoryStream;
use datafusion::scalar::ScalarValue;

use super::App;
use super::show::{Caption, ShowArgs};
use super::sql::pair;
use super::verify::differing;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::export::{Manifest, Question, reproduce};
use crate::msg;
use crate::publish::{Audience, Release, release};
use crate::query::{Library, SavedQuery};
use crate::warehouse::{Session, Warehouse};

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
    /// Hide small counts and what would give them away, beside all earlier releases; for whom:
    /// public (below 10) or departments (below 5)
    #[arg(long, value_name = "AUDIENCE", num_args = 0..=1, default_missing_value = "public", require_equals = true, conflicts_with = "from_manifest")]
    publish: Option<String>,
    /// Say of each hidden cell why it is hidden
    #[arg(long, requires = "publish")]
    audit: bool,
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
    let mut caption = Caption::of(query, &session, app.ui.lang);
    let rows = match &args.publish {
        None => rows_of(&session, query, &values).await?,
        Some(audience) => {
            let audience = audience.parse()?;
            let rows = published(
                app,
                &warehouse,
                &session,
                query,
                values,
                audience,
                args.audit,
                &mut caption,
            )
            .await?;
            let stream = MemoryStream::try_new(vec![rows.clone()], rows.schema(), None)?;
            Box::pin(stream)
        }
    };
    args.show.show(app, rows, &caption).await?;
    Ok(())
}

/// The rows as they may be published; the ledger knows of them before anybody sees them.
#[allow(clippy::too_many_arguments)]
async fn published(
    app: &App,
    warehouse: &Warehouse,
    session: &Session,
    query: &SavedQuery,
    values: Vec<(String, ScalarValue)>,
    audience: Audience,
    audit: bool,
    caption: &mut Caption,
) -> Result<RecordBatch> {
    let name = &query.name;
    let Some(publish) = &query.publish else {
        return Err(Error::usage(msg!(
            "the header of `{name}` does not say how to publish it",
            "查询 `{name}` 的头部没有说明如何发布"
        ))
        .hint(msg!(
            "add `publish: {{counts: [COLUMN, …]}}`, or `publish: open` when it counts nobody",
            "请加上 `publish: {{counts: [计数列, …]}}`；若不含对人的计数，则写 `publish: open`"
        )));
    };
    let question = Question {
        query: name.clone(),
        sql: query.sql.clone(),
        values,
        title: None,
        unit: None,
        lang: app.ui.lang,
    };
    let rows = question.rows(session).await?;
    let what = Release {
        query: name,
        publish,
        params: &query.particular(&question.values),
        audience,
        snapshot: session.snapshot().id,
    };
    let options = app.session_options();
    let Some(decision) = release(warehouse, &options, &rows, &what, app.now()).await? else {
        return Ok(rows);
    };
    let suppressed = &decision.suppressed;
    let note = suppressed.note();
    caption.notes.push(note.text(app.ui.lang).to_owned());
    app.ui.note(&note);
    if audit {
        for verdict in &decision.verdicts {
            app.ui.note(&verdict.said(suppressed.threshold));
        }
    }
    suppressed.hide(&rows)
}

/// Makes the files of a manifest again and compares them with it.
async fn again(app: &App, warehouse: &Warehouse, path: &Path, folder: &Path) -> Result<()> {
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
