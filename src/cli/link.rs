//! `renkou link`: the same persons or things in two files, or the same births in the registers.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::{App, actor};
use crate::error::{Context, Error, Result};
use crate::linkage::files::link;
use crate::linkage::{Config, Outcome, Table, draft, link_registers};
use crate::warehouse::Warehouse;
use crate::{ingest, msg};

/// Find the same births in the registers, or the same persons or things in two files
#[derive(Debug, clap::Args)]
pub(crate) struct LinkArgs {
    /// File on the left; without files the registers of the warehouse are linked
    #[arg(requires = "right")]
    left: Option<PathBuf>,
    /// File on the right
    right: Option<PathBuf>,
    /// YAML that says which columns to compare; `auto` drafts it from the columns of the files
    #[arg(long, value_name = "FILE|auto", default_value = "auto")]
    config: String,
    /// Write the configuration used to this file, to edit and use again
    #[arg(long, value_name = "FILE")]
    save_config: Option<PathBuf>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(app: &App, args: LinkArgs) -> Result<()> {
    match (&args.left, &args.right) {
        (Some(left), Some(right)) => files(app, &args, [left, right]),
        _ => registers(app).await,
    }
}

/// Links the registers when a delivery has changed since, for a command that asks `births`; when that
/// cannot be done the command goes on with what was linked before, and says so.
pub(super) async fn freshen(app: &App, warehouse: &Warehouse) {
    let (options, now) = (app.session_options(), app.now());
    match link_registers(warehouse, &options, &actor(), now).await {
        Ok(outcome) if outcome.snapshot.is_some() => app.ui.note(&msg!(
            "the registers were linked first: deliveries have changed",
            "交付有变化，已先重新关联各登记册"
        )),
        Ok(_) => {}
        Err(error) => {
            app.ui.note(&msg!(
                "the registers could not be linked; births are as they were linked before",
                "未能重新关联各登记册；出生关联沿用上次结果"
            ));
            app.ui.error(&error);
        }
    }
}

async fn registers(app: &App) -> Result<()> {
    let outcome = link_registers(
        &app.warehouse()?,
        &app.session_options(),
        &actor(),
        app.now(),
    )
    .await?;
    if outcome.snapshot.is_none() {
        app.ui.note(&msg!(
            "nothing new: no delivery has changed since the registers were linked",
            "没有变化：自上次关联以来没有新的交付"
        ));
        return Ok(());
    }
    let Outcome {
        births,
        links: [certain, probable, review],
        persons,
        ..
    } = outcome;
    app.ui.note(&msg!(
        "{births} births, {persons} persons; links: {certain} certain, {probable} probable, {review} to review",
        "出生 {births} 人，人员 {persons} 人；关联：确定 {certain}，可能 {probable}，待复核 {review}"
    ));
    app.ui.note(&msg!(
        "ask the tables `births`, `links` and `persons`",
        "可查询表 `births`（出生关联）、`links`（关联记录）和 `persons`（人员关联）"
    ));
    Ok(())
}

fn files(app: &App, args: &LinkArgs, paths: [&PathBuf; 2]) -> Result<()> {
    let (left, right) = (table(paths[0])?, table(paths[1])?);
    let config = config(app, args, &left, &right)?;
    let links = link(&config, &left, &right, app.threads()).map_err(|(column, is_right)| {
        let shown = paths[usize::from(is_right)].display();
        Error::usage(msg!(
            "`{shown}` has no column `{column}`",
            "`{shown}` 中没有列 `{column}`"
        ))
    })?;
    let ids = [
        (&left, &config.left_id, paths[0]),
        (&right, &config.right_id, paths[1]),
    ];
    let mut at = [0, 0];
    for (place, (file, name, path)) in at.iter_mut().zip(ids) {
        let shown = path.display();
        *place = file.position(name).ok_or_else(|| {
            Error::usage(msg!(
                "`{shown}` has no column `{name}`",
                "`{shown}` 中没有列 `{name}`"
            ))
        })?;
    }
    let mut out: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(std::io::BufWriter::new(fs_err::File::create(path)?)),
        None => app.ui.data(),
    };
    let mut text = "left_id,right_id,probability\n".to_owned();
    for (l, r, probability) in &links.pairs {
        let (l, r) = (quoted(left.cell(*l, at[0])), quoted(right.cell(*r, at[1])));
        text += &format!("{l},{r},{probability:.6}\n");
    }
    out.write_all(text.as_bytes())?;
    out.flush()?;
    let (found, compared) = (links.pairs.len(), links.compared);
    app.ui.note(&msg!(
        "{found} links among {compared} pairs compared",
        "比较 {compared} 对，找到 {found} 个关联"
    ));
    let (blocks, pairs) = links.skipped;
    if blocks > 0 {
        app.ui.note(&msg!(
            "{blocks} blocks with {pairs} pairs were too large and left out: add a column to their rule under `block`",
            "有 {blocks} 个分组（共 {pairs} 对）过大而未比较：请在 `block` 的相应规则中增加一列"
        ));
    }
    Ok(())
}

fn config(app: &App, args: &LinkArgs, left: &Table, right: &Table) -> Result<Config> {
    let config = if args.config == "auto" {
        let config = draft(left, right).ok_or_else(|| {
            Error::usage(msg!(
                "the files share no columns to compare, or have no column that names their rows",
                "两个文件没有可比较的同名列，或没有能标识各行的列"
            ))
            .hint(msg!(
                "write a configuration with `column` and `right` names, and give it with `--config FILE`",
                "请自行编写设置，用 `column` 和 `right` 指明列名，并以 `--config 文件` 给出"
            ))
        })?;
        if args.save_config.is_none() {
            app.ui.line(&config.to_yaml());
        }
        config
    } else {
        let text = fs_err::read_to_string(&args.config)?;
        let shown = &args.config;
        Config::read(&text).map_err(|problem| {
            Error::usage(msg!(
                "`{shown}` cannot be used: {problem}",
                "无法使用 `{shown}`：{problem}"
            ))
        })?
    };
    if let Some(path) = &args.save_config {
        fs_err::write(path, config.to_yaml())?;
    }
    Ok(config)
}

fn table(path: &Path) -> Result<Table> {
    let shown = path.display();
    let mut rows = ingest::cells(path)
        .context(|| msg!("cannot read `{shown}`", "无法读取 `{shown}`"))?
        .into_iter();
    let header = rows.next().unwrap_or_default();
    Ok(Table {
        header,
        rows: rows
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .collect(),
    })
}

/// A cell of the output.
fn quoted(cell: &str) -> String {
    if cell.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}
