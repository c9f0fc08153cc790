//! `renkou audit`: show or verify the audit log.

use super::App;
use super::show::line;
use crate::error::Result;
use crate::msg;
use crate::vault::{records, verify};

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
    let path = app.warehouse()?.folder().join("audit.log");
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
            let verified = verify(&path)?;
            let count = verified.records;
            app.ui.note(&msg!("{count} records, the chain is whole", "共 {count} 条记录，哈希链完整"));
        }
    }
    Ok(())
}
