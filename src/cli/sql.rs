//! `renkou sql`: SQL from arguments, a file or stdin.

use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Notify;

use super::shell::console;
use super::show::ShowArgs;
use super::{App, actor};
use crate::error::{Error, Kind, Result};
use crate::msg;
use crate::shell::{Item, Shell, script};
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
    /// What to do when a statement fails; either way the exit code is 1
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    on_error: OnError,
    /// Stop a statement that takes longer than this; exit code 4
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<f64>,
    #[command(flatten)]
    show: ShowArgs,
}

/// What to do when a statement of a script fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum OnError {
    /// Stop.
    #[default]
    Stop,
    /// Go on with the next one.
    Continue,
}

pub(super) async fn run(app: &App, args: SqlArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let mut place = None;
    let text = match &args.file {
        Some(path) if path.as_os_str() != "-" => {
            place = Some(path.display().to_string());
            fs_err::read_to_string(path)?
        }
        None if !args.command.is_empty() => args.command.join(";\n"),
        _ => {
            place = Some("stdin".to_owned());
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let mut options = app.session_options();
    if args.unseal {
        options = unseal(app, &warehouse, options, &text, args.reason.as_deref())?;
    }
    let statements = script::parse(&text);
    let queries = statements
        .iter()
        .filter(|item| matches!(item, Item::Sql { .. }))
        .count();
    if queries > 1 && args.show.output.is_some() {
        return Err(Error::usage(msg!(
            "several statements cannot write to one file",
            "多条语句不能写入同一个文件"
        ))
        .hint(msg!(
            "run them one by one, or write `.once FILE` before each",
            "请逐条运行，或在每条语句前写 `.once 文件`"
        )));
    }
    let console = console(app, false, &Arc::new(Notify::new()));
    let mut shell = Shell::new(warehouse, options, app.as_of()?, app.ui.lang, console)?;
    args.show.prepare(&mut shell)?;
    shell.params = args.param;
    if let Some(seconds) = args.timeout {
        shell.settings.set("timeout", &seconds.to_string())?;
    }
    let go_on = args.on_error == OnError::Continue;
    let outcome = shell.script(&text, place.as_deref(), go_on).await;
    match outcome {
        // A script that fails exits with 1, whatever was wrong with the statement.
        Err(error) if place.is_some() && error.kind() == Kind::Usage => {
            Err(error.with_kind(Kind::Work))
        }
        other => other.map(drop),
    }
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
