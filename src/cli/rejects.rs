//! `renkou rejects`: list refused rows, or send them back as a workbook.

use std::path::PathBuf;

use super::show::{Caption, ShowArgs};
use super::sql::reason_given;
use super::{App, actor};
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::export::Staged;
use crate::ingest::{refused_rows, replay, write_workbook};
use crate::msg;
use crate::vault::{AuditLog, Entry, Sealer};
use crate::warehouse::{AsOf, Warehouse};

/// List rejected rows, send them back as a workbook, or run them again
#[derive(Debug, clap::Args)]
pub(crate) struct RejectsArgs {
    /// Only of this delivery (the beginning of its id)
    #[arg(long, value_name = "ID")]
    delivery: Option<String>,
    /// Write the rows as handed in, with a comment on every bad cell; shows identities
    #[arg(long, value_name = "FILE.xlsx", requires = "unseal")]
    export: Option<PathBuf>,
    /// Run the rejected rows again, after the catalog was mended
    #[arg(long, conflicts_with = "export")]
    replay: bool,
    /// Needed by `--export`: the workbook shows identities; audited first
    #[arg(long, requires = "reason")]
    unseal: bool,
    /// Why the identities are needed
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Also warnings
    #[arg(long)]
    warnings: bool,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: RejectsArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let delivery = args
        .delivery
        .as_deref()
        .map(|prefix| resolve(&warehouse, prefix))
        .transpose()?;
    if args.replay {
        for (name, accepted, left) in
            replay(&warehouse, delivery.as_deref(), app.now(), app.ui.lang)?
        {
            let rows = counted(accepted, "row", "rows");
            app.ui.note(&msg!(
                "{name}: {rows} accepted now, {left} still rejected",
                "{name}：现已接收 {accepted} 行，仍拒收 {left} 行"
            ));
        }
        return Ok(());
    }
    if let Some(path) = &args.export {
        return export(
            app,
            &warehouse,
            path,
            delivery.as_deref(),
            args.reason.as_deref(),
        );
    }
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    let table = if args.warnings { "warnings" } else { "rejects" };
    let sql = format!(
        "SELECT d.file_name, r.source_sheet, r.source_row, r.cell, r.\"column\", r.rule, r.reason, r.delivery_id
         FROM {table} r LEFT JOIN deliveries d ON r.delivery_id = d.delivery_id
         WHERE $delivery IS NULL OR r.delivery_id = $delivery
         ORDER BY 1, 2, 3, 4"
    );
    let rows = session
        .query(&sql, &[("delivery".to_owned(), delivery.into())])
        .await?;
    args.show.show(app, rows, &Caption::default()).await?;
    Ok(())
}

fn export(
    app: &App,
    warehouse: &Warehouse,
    path: &std::path::Path,
    delivery: Option<&str>,
    reason: Option<&str>,
) -> Result<()> {
    let reason = reason_given(reason)?;
    let keys = warehouse.keys()?;
    let sealer = Sealer::new(&keys);
    let rows = refused_rows(warehouse, delivery, &sealer)?;
    if rows.is_empty() {
        return Err(Error::usage(msg!(
            "there are no rejected rows",
            "没有被拒收的行"
        )));
    }
    let actor = actor();
    let count = rows.len();
    AuditLog::open(warehouse.folder().join("audit.log"))?
        .signed_with(&keys)
        .append(
            app.now(),
            Entry {
                actor: &actor,
                action: "unseal",
                object: "rejects",
                reason: Some(reason),
                rows: Some(count as u64),
                ..Entry::default()
            },
        )?;
    let staged = Staged::create(path)?;
    write_workbook(warehouse, &rows, staged.staged_path(), app.ui.lang)?;
    staged.publish()?;
    let shown = path.display();
    let all = counted(count as u64, "rejected row", "rejected rows");
    app.ui.note(&msg!(
        "{all} written to `{shown}`; it shows identities: hand it to their department only",
        "已将 {count} 行拒收数据写入 `{shown}`；文件含身份信息，只能退回原报送部门"
    ));
    Ok(())
}

fn resolve(warehouse: &Warehouse, prefix: &str) -> Result<String> {
    let deliveries = warehouse.deliveries(&AsOf::Latest)?;
    let mut fits = deliveries
        .into_iter()
        .filter(|delivery| delivery.id.starts_with(prefix));
    match (fits.next(), fits.next()) {
        (Some(delivery), None) => Ok(delivery.id),
        (None, _) => Err(Error::usage(msg!(
            "no delivery has the id `{prefix}`",
            "没有编号为 `{prefix}` 的交付"
        ))),
        _ => Err(Error::usage(msg!(
            "several deliveries begin with `{prefix}`",
            "有多个交付以 `{prefix}` 开头"
        ))),
    }
}
