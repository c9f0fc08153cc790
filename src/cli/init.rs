//! `renkou init`: an empty warehouse.

use std::path::PathBuf;

use super::{App, key_file};
use crate::domain::wording::counted;
use crate::error::Result;
use crate::msg;
use crate::warehouse::Warehouse;

/// Create an empty warehouse with the default catalog and queries
#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Folder of the warehouse
    #[arg(default_value = ".")]
    dir: PathBuf,
}

pub(super) fn run(app: &App, args: &InitArgs) -> Result<()> {
    let folder = &args.dir;
    let warehouse = Warehouse::create(folder, key_file().as_deref(), app.now())?;
    let shown = folder.display();
    let (tables, sources) = (
        warehouse.catalog().tables.len(),
        warehouse.catalog().sources.len(),
    );
    let (all, known) = (
        counted(tables as u64, "table", "tables"),
        counted(sources as u64, "source", "sources"),
    );
    app.ui.note(&msg!(
        "created a warehouse in `{shown}`: {all}, {known} of the departments",
        "已在 `{shown}` 新建数据仓库：{tables} 张表，{sources} 种部门数据来源"
    ));
    app.ui.note(&msg!(
        "keep a copy of `keys/` elsewhere: without it identities cannot be read again",
        "请另存一份 `keys/`：丢失后无法还原身份信息"
    ));
    app.ui.note(&msg!(
        "next: `renkou --warehouse {shown} ingest FILES…`",
        "下一步：`renkou --warehouse {shown} ingest 文件…`"
    ));
    Ok(())
}
