//! `renkou demo`: a sample warehouse from bundled exports, the indicators printed, what to try next.

use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::progress::Bar;
use super::show::{Caption, ShowArgs, line};
use super::{App, key_file};
use crate::domain::wording::counted;
use crate::error::{Lang, Result};
use crate::export::{Export, Target, export};
use crate::ingest::{IngestOptions, ingest};
use crate::msg;
use crate::output::{Format, TextEncoding};
use crate::query::{Library, facts};
use crate::warehouse::{AsOf, MARKER, Warehouse};

/// Made-up exports of six departments.
static SAMPLE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sample_data");

/// The indicators shown, in the order of the yearbook.
const SHOWN: [&str; 16] = [
    "population",
    "births",
    "deaths",
    "natural_increase",
    "urban_rural",
    "sex_ratio",
    "sex_ratio_at_birth",
    "age_groups",
    "dependency_ratios",
    "median_age",
    "fertility_rates",
    "birth_order",
    "marriages",
    "divorces",
    "births_by_source",
    "plan_progress",
];

/// Build a sample warehouse, ingest six departments' files, print the indicators
#[derive(Debug, clap::Args)]
pub(crate) struct DemoArgs {
    /// Folder of the sample warehouse
    #[arg(default_value = "renkou-demo")]
    dir: PathBuf,
}

pub(super) async fn run(app: &App, args: DemoArgs) -> Result<()> {
    let folder = &args.dir;
    let shown = folder.display();
    let warehouse = if folder.join(MARKER).exists() {
        app.open(folder)?
    } else {
        let warehouse = Warehouse::create(folder, key_file().as_deref(), app.now())?;
        app.ui.note(&msg!(
            "created a warehouse in `{shown}`",
            "已在 `{shown}` 新建数据仓库"
        ));
        warehouse
    };
    let sample = folder.join("sample_data");
    unpack(&SAMPLE, &sample)?;
    app.ui.note(&msg!(
        "ingesting the bundled exports of six departments; some of them are wrong on purpose",
        "正在导入随附的六个部门的样例文件，其中有意放入了错误文件"
    ));
    let options = IngestOptions {
        source: None,
        period: None,
        encoding: None,
        dry_run: false,
        max_rejects: None,
        strict: false,
        threads: app.threads(),
        memory: app.memory(),
        lang: app.ui.lang,
    };
    let bar = Bar::new(&app.ui);
    let report =
        tokio::task::block_in_place(|| ingest(&warehouse, &[sample], &options, app.now(), &bar))?;
    super::ingest::tell(app, &report, "text")?;

    let session = warehouse.session(&AsOf::Latest, &app.session_options())?;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let facts = facts(&session, app.now().date_naive()).await?;
    let show = ShowArgs {
        format: Some("table".to_owned()),
        max_rows: 20,
        ..ShowArgs::default()
    };
    for name in SHOWN {
        let query = library.get(name)?;
        let title = if app.ui.lang == Lang::Zh {
            &query.title_zh
        } else {
            &query.title
        };
        let unit = query
            .unit
            .as_deref()
            .map(|unit| format!(" [{unit}]"))
            .unwrap_or_default();
        line(&format!("\n{name}: {title}{unit}"))?;
        let values = query.bind(&[], &facts)?;
        let rows = session.query(&query.sql, &values).await?;
        show.show(app, rows, &Caption::default()).await?;
    }
    publish(app, &session, &warehouse, folder).await?;
    next(app, folder);
    Ok(())
}

/// A warehouse with the default catalog and the bundled exports in a folder of its own, without a
/// word: what is said of the sample data can be tried anywhere.
pub(super) fn sample(app: &App, folder: &Path) -> Result<Warehouse> {
    let exports = folder.join("sample_data");
    unpack(&SAMPLE, &exports)?;
    let warehouse = Warehouse::create(&folder.join("warehouse"), None, app.now())?;
    let options = IngestOptions {
        source: None,
        period: None,
        encoding: None,
        dry_run: false,
        max_rejects: None,
        strict: false,
        threads: app.threads(),
        memory: app.memory(),
        lang: app.ui.lang,
    };
    let bar = Bar::new(&app.ui);
    tokio::task::block_in_place(|| ingest(&warehouse, &[exports], &options, app.now(), &bar))?;
    Ok(warehouse)
}

/// Exports the births as partitioned Parquet, anew each time.
async fn publish(
    app: &App,
    session: &crate::warehouse::Session,
    warehouse: &Warehouse,
    folder: &Path,
) -> Result<()> {
    let path = folder.join("outbox").join("birth_certificates");
    if path.exists() {
        fs_err::remove_dir_all(&path)?;
    }
    let request = Export {
        name: "birth_certificates".to_owned(),
        sql: "SELECT * FROM birth_certificates".to_owned(),
        values: Vec::new(),
        key_id: Some(warehouse.keys()?.key_id().to_owned()),
    };
    let target = Target {
        path,
        format: Format::Parquet,
        encoding: TextEncoding::Utf8,
        folder: true,
        partition: Some("birth_year".to_owned()),
        title: None,
        unit: None,
        lang: app.ui.lang,
    };
    let done = export(session, &request, &target, app.now()).await?;
    let (rows, files, path) = (done.rows, done.files.len(), target.path.display());
    let (all, pieces) = (
        counted(rows as u64, "birth certificate", "birth certificates"),
        counted(files as u64, "Parquet file", "Parquet files"),
    );
    app.ui.note(&msg!(
        "\nexported {all} as {pieces} to `{path}`, without identities",
        "\n已将 {rows} 条出生医学证明导出为 {files} 个 Parquet 文件：`{path}`，不含身份信息"
    ));
    Ok(())
}

fn next(app: &App, folder: &Path) {
    let shown = folder.display();
    app.ui.note(&msg!("\nTry next:", "\n接下来可以试试："));
    for command in [
        "rejects",
        "check",
        "run births --param by=township",
        "sql -c \"SELECT 出生年份, count(*) FROM 出生医学证明 GROUP BY 1 ORDER BY 1\"",
        "queries",
        "status",
    ] {
        app.ui
            .line(&format!("  renkou --warehouse {shown} {command}"));
    }
}

/// Writes the bundled files out, so that they can be looked at.
fn unpack(folder: &Dir<'_>, to: &Path) -> Result<()> {
    fs_err::create_dir_all(to)?;
    for file in folder.files() {
        let name = file.path().file_name().unwrap_or_default();
        // The expectations beside the exports are for tests, not for departments.
        if name.to_string_lossy().starts_with("expected") {
            continue;
        }
        let target = to.join(name);
        if !target.exists() {
            fs_err::write(target, file.contents())?;
        }
    }
    for inner in folder.dirs() {
        unpack(
            inner,
            &to.join(inner.path().file_name().unwrap_or_default()),
        )?;
    }
    Ok(())
}
