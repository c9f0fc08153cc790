//! Examining a warehouse: catalog database, files, keys — and how to mend what is wrong.

use std::collections::BTreeSet;

use super::maintain::walk;
use super::parquet::read_file;
use super::{AsOf, Warehouse};
use crate::error::{Message, Result};
use crate::msg;

/// Something wrong, and how to mend it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Whether data is affected; `false` for untidiness.
    pub serious: bool,
    /// What is wrong.
    pub what: Message,
    /// What to do.
    pub mend: Message,
}

/// Examines the whole warehouse; every file of the newest snapshot is read through.
///
/// # Errors
/// When the lake catalog cannot be opened at all.
pub fn examine(warehouse: &Warehouse) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let lake = warehouse.lake()?;
    for problem in lake.integrity_problems()? {
        findings.push(Finding {
            serious: true,
            what: msg!("the catalog database is damaged: {problem}", "元数据库损坏：{problem}"),
            mend: msg!(
                "restore `lake/catalog.sqlite` from a backup; the Parquet files are readable on their own",
                "请从备份恢复 `lake/catalog.sqlite`；Parquet 文件本身仍可读取"
            ),
        });
    }
    let backup = || {
        msg!(
            "restore the file from a backup, or withdraw its delivery and hand it in again",
            "请从备份恢复该文件，或撤回对应交付后重新导入"
        )
    };
    let mut known = BTreeSet::new();
    for (path, bytes) in lake.all_paths()? {
        let full = warehouse.data().join(&path);
        match fs_err::metadata(&full) {
            Err(_) => findings.push(Finding {
                serious: true,
                what: msg!("`lake/data/{path}` is missing", "缺少 `lake/data/{path}`"),
                mend: backup(),
            }),
            Ok(metadata) if metadata.len() != bytes => {
                let found = metadata.len();
                findings.push(Finding {
                    serious: true,
                    what: msg!(
                        "`lake/data/{path}` has {found} bytes instead of {bytes}",
                        "`lake/data/{path}` 应为 {bytes} 字节，实为 {found} 字节"
                    ),
                    mend: backup(),
                });
            }
            Ok(_) => {}
        }
        known.insert(full);
    }
    for (table, files) in warehouse.tables(&AsOf::Latest)? {
        for file in files {
            let path = format!("{}{}", table.path, file.path);
            let full = warehouse.data().join(&path);
            if !full.exists() {
                continue;
            }
            if let Err(reason) = read_through(&full, file.rows) {
                findings.push(Finding {
                    serious: true,
                    what: msg!(
                        "`lake/data/{path}` is damaged: {reason}",
                        "`lake/data/{path}` 损坏：{reason}"
                    ),
                    mend: backup(),
                });
            }
        }
    }
    let orphans = walk(&warehouse.data())?
        .into_iter()
        .filter(|path| !known.contains(path))
        .count();
    if orphans > 0 {
        findings.push(Finding {
            serious: false,
            what: msg!(
                "{orphans} files belong to no snapshot",
                "有 {orphans} 个文件不属于任何快照"
            ),
            mend: msg!(
                "nothing to do: the next command that writes removes them",
                "无需处理：下次写入时会自动清除"
            ),
        });
    }
    match warehouse.keys() {
        Ok(_) => {}
        Err(error) => findings.push(Finding {
            serious: true,
            what: msg!("the key file cannot be used: {error}", "密钥文件无法使用：{error}"),
            mend: error.hint_text().cloned().unwrap_or_else(|| {
                msg!(
                    "restore `keys/` from a backup; statistics remain readable without it, identities do not",
                    "请从备份恢复 `keys/`；没有密钥仍可统计，但无法还原身份信息"
                )
            }),
        }),
    }
    Ok(findings)
}

fn read_through(path: &std::path::Path, rows: u64) -> std::result::Result<(), String> {
    let mut found = 0;
    for batch in read_file(path).map_err(|error| error.to_string())? {
        found += batch.map_err(|error| error.to_string())?.num_rows() as u64;
    }
    if found == rows {
        Ok(())
    } else {
        Err(format!("{found} rows instead of {rows}"))
    }
}
