//! `renkou doctor`: what is wrong and how to mend it.

use super::App;
use super::show::line;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::examine;

/// Check files, catalog and keys, and say how to mend what is wrong
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {}

pub(super) fn run(app: &App, _: &DoctorArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let findings = examine(&warehouse)?;
    let audit = warehouse.folder().join("audit.log");
    if audit.exists() {
        crate::vault::verify_with(
            &audit,
            crate::vault::Checks {
                keys: warehouse.keys().ok().as_ref(),
                heads: &[],
            },
        )?;
    }
    for finding in &findings {
        let (what, mend) = (
            finding.what.text(app.ui.lang),
            finding.mend.text(app.ui.lang),
        );
        line(&format!("{what}\n  → {mend}"))?;
    }
    let serious = findings.iter().filter(|finding| finding.serious).count();
    if serious > 0 {
        let found = counted(serious as u64, "serious finding", "serious findings");
        return Err(Error::work(msg!("{found}", "发现 {serious} 个严重问题")));
    }
    app.ui.note(&msg!(
        "the warehouse is sound: catalog, files, keys and audit log were checked",
        "数据仓库完好：已检查元数据库、数据文件、密钥和审计日志"
    ));
    Ok(())
}
