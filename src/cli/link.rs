//! `renkou link`: the same persons or things in two files.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::App;
use crate::error::{Context, Error, Result};
use crate::linkage::{Config, Table, draft, files};
use crate::{ingest, msg};

/// Find the same persons or things in two files
#[derive(Debug, clap::Args)]
pub(crate) struct LinkArgs {
    /// File on the left
    left: PathBuf,
    /// File on the right
    right: PathBuf,
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

pub(super) fn run(app: &App, args: &LinkArgs) -> Result<()> {
    let (left, right) = (table(&args.left)?, table(&args.right)?);
    let config = config(app, args, &left, &right)?;
    let links =
        files::link(&config, &left, &right, app.threads()).map_err(|(column, is_right)| {
            let shown = if is_right { &args.right } else { &args.left }.display();
            Error::usage(msg!(
                "`{shown}` has no column `{column}`",
                "`{shown}` 中没有列 `{column}`"
            ))
        })?;
    let ids = [
        (&left, &config.left_id, &args.left),
        (&right, &config.right_id, &args.right),
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
