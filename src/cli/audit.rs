//! `renkou audit`: show or verify the audit log.

use super::App;
use super::show::line;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::msg;
use crate::vault::{Checks, records, verify_with};

/// Show or verify the audit log
#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// What to do
    #[arg(value_enum, default_value_t)]
    action: Action,
}

/// What to do with the log.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Action {
    /// Print the records
    #[default]
    Show,
    /// Prove that no record was changed, removed or reordered
    Verify,
}

pub(super) fn run(app: &App, args: &AuditArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let path = warehouse.folder().join("audit.log");
    if !path.exists() {
        app.ui.note(&msg!("the audit log is empty", "审计日志为空"));
        return Ok(());
    }
    match args.action {
        Action::Show => {
            for record in records(&path)? {
                line(&serde_json::to_string(&record)?)?;
            }
        }
        Action::Verify => {
            let keys = warehouse.keys().ok();
            let verified = verify_with(
                &path,
                Checks {
                    keys: keys.as_ref(),
                    heads: &[],
                },
            )?;
            let (count, signed) = (verified.records, verified.signed_up_to);
            let records = counted(count, "record", "records");
            app.ui.note(&msg!(
                "{records}, the chain is whole; signed by this warehouse's key up to record {signed}",
                "共 {count} 条记录，哈希链完整；截至第 {signed} 条均有本库密钥签名"
            ));
        }
    }
    Ok(())
}
