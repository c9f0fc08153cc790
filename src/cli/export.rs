//! `renkou export`: a table or saved query for other tools, with a manifest.

use std::path::PathBuf;

use super::sql::pair;
use super::{App, show::Caption};
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::export::{Export, Target, export, table_named};
use crate::msg;
use crate::output::{Format, TextEncoding};
use crate::query::Library;

/// Export a table or query with a manifest
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Table, view or saved query
    name: String,
    /// File, or folder for Parquet partitions
    #[arg(long, value_name = "PATH")]
    to: PathBuf,
    /// parquet, csv, tsv, xlsx, arrow, json, jsonl … [default: by extension; parquet for a folder]
    #[arg(long)]
    format: Option<String>,
    /// Encoding of csv and tsv: utf8, utf8-bom or gb18030 (the last two for Excel)
    #[arg(long)]
    encoding: Option<String>,
    /// Column whose values become folders of a Parquet export [default: the table's own partition]
    #[arg(long, value_name = "COLUMN")]
    partition_by: Option<String>,
    /// Value of a parameter of a saved query; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
}

pub(super) async fn run(app: &App, args: ExportArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    let format = match &args.format {
        Some(name) => name.parse()?,
        None if args.to.extension().is_none() => Format::Parquet,
        None => Format::from_path(&args.to).ok_or_else(|| {
            let shown = args.to.display();
            Error::usage(msg!(
                "the format of `{shown}` is not clear from its name",
                "无法从文件名 `{shown}` 判断格式"
            ))
            .hint(msg!("add `--format FORMAT`", "请加上 `--format 格式`"))
        })?,
    };
    let encoding = args
        .encoding
        .as_deref()
        .map_or(Ok(TextEncoding::Utf8), str::parse)?;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let folder = format == Format::Parquet && args.to.extension().is_none();
    let partitions = folder && args.param.is_empty();
    let (sql, values, caption, partition) = if let Some(table) =
        table_named(&args.name, partitions, &session.table_names(), &library)
    {
        if !args.param.is_empty() {
            return Err(Error::usage(msg!(
                "tables have no parameters",
                "表没有参数"
            )));
        }
        let partition = warehouse
            .catalog()
            .tables
            .get(table)
            .and_then(|table| table.partition.clone());
        (
            format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")),
            Vec::new(),
            Caption::default(),
            partition,
        )
    } else {
        let query = library.get(&args.name)?;
        let today = app.now().date_naive();
        let values = query.values(&session, &args.param, today).await?;
        let caption = Caption::of(query, &session, app.ui.lang);
        (query.sql.clone(), values, caption, None)
    };
    let target = Target {
        path: args.to.clone(),
        format,
        encoding,
        folder,
        partition: args.partition_by.or(partition).filter(|_| folder),
        title: caption.title,
        unit: caption.unit,
        lang: app.ui.lang,
    };
    let request = Export {
        name: args.name.clone(),
        sql,
        values,
        key_id: warehouse.keys().ok().map(|keys| keys.key_id().to_owned()),
    };
    let done = export(&session, &request, &target, app.now()).await?;
    let (rows, files, manifest) = (done.rows, done.files.len(), done.manifest.display());
    let (all, pieces) = (
        counted(rows as u64, "row", "rows"),
        counted(files as u64, "file", "files"),
    );
    app.ui.note(&msg!(
        "{all} in {pieces}, manifest `{manifest}`",
        "已导出 {rows} 行、{files} 个文件，清单 `{manifest}`"
    ));
    Ok(())
}
