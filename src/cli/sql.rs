//! `renkou sql`: SQL from arguments, a file or stdin.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use super::show::{Caption, ShowArgs};
use super::{App, actor};
use crate::error::{Error, Result};
use crate::msg;
use crate::query::guess_value;
use crate::vault::{AuditLog, Entry, Sealer, fingerprint_sql};
use crate::warehouse::{SessionOptions, Warehouse};

/// Run SQL from arguments, a file or stdin
#[derive(Debug, clap::Args)]
pub(crate) struct SqlArgs {
    /// SQL to run; may be repeated
    #[arg(short, long = "command", value_name = "SQL")]
    command: Vec<String>,
    /// File of SQL to run; `-` is stdin
    #[arg(short, long, value_name = "FILE", conflicts_with = "command")]
    file: Option<PathBuf>,
    /// Value of a `$name` in the SQL; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    param: Vec<(String, String)>,
    /// Open schema `vault` with the identities; needs the key and a reason, and is audited first
    #[arg(long, requires = "reason")]
    unseal: bool,
    /// Why the identities are needed
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: SqlArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let text = match &args.file {
        Some(path) if path.as_os_str() != "-" => fs_err::read_to_string(path)?,
        None if !args.command.is_empty() => args.command.join(";\n"),
        _ => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let mut options = app.session_options();
    if args.unseal {
        options = unseal(app, &warehouse, options, &text, args.reason.as_deref())?;
    }
    let session = warehouse.session(&app.as_of()?, &options)?;
    let values: Vec<_> = args
        .param
        .iter()
        .map(|(name, text)| (name.clone(), guess_value(text)))
        .collect();
    let statements = session.statements(&text)?;
    if statements.len() > 1 && args.show.output.is_some() {
        return Err(Error::usage(msg!(
            "several statements cannot write to one file",
            "多条语句不能写入同一个文件"
        ))
        .hint(msg!("run them one by one", "请逐条运行")));
    }
    for statement in statements {
        let plan = session.plan(statement, &values).await?;
        let rows = session.start(plan).await?;
        args.show.show(app, rows, &Caption::default()).await?;
    }
    Ok(())
}

/// Audits, then opens the vault for one session.
fn unseal(
    app: &App,
    warehouse: &Warehouse,
    options: SessionOptions,
    sql: &str,
    reason: Option<&str>,
) -> Result<SessionOptions> {
    let reason = reason_given(reason)?;
    let keys = warehouse.keys()?;
    let actor = actor();
    AuditLog::open(warehouse.folder().join("audit.log"))?
        .signed_with(&keys)
        .append(
            app.now(),
            Entry {
                actor: &actor,
                action: "unseal",
                object: "sql",
                reason: Some(reason),
                detail: Some(&fingerprint_sql(sql)),
                ..Entry::default()
            },
        )?;
    Ok(SessionOptions {
        unseal: Some(Arc::new(Sealer::new(&keys))),
        ..options
    })
}

/// A reason that says something.
///
/// # Errors
/// Exit 2 when it is missing or blank.
pub(super) fn reason_given(reason: Option<&str>) -> Result<&str> {
    reason
        .map(str::trim)
        .filter(|text| text.chars().count() >= 2)
        .ok_or_else(|| {
            Error::usage(msg!(
                "identities are opened only with a reason",
                "必须说明理由才能查看身份信息"
            ))
            .hint(msg!(
                "add `--reason \"…\"`; it goes to the audit log",
                "请加 `--reason \"…\"`，理由会写入审计日志"
            ))
        })
}

/// Splits `name=value`.
pub(super) fn pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
