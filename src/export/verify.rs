//! Checking what lies in the outbox against its manifests, and making it again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use sha2::{Digest, Sha256};

use super::answer::reproducible;
use super::manifest::{MANIFEST, Manifest};
use super::outbox::pointed_to;
use crate::error::{Error, Message, Result};
use crate::msg;
use crate::warehouse::{AsOf, SessionOptions, Warehouse, hex};

/// What a check found.
#[derive(Debug, Default)]
pub struct Verified {
    /// Slots looked at.
    pub slots: usize,
    /// Files that are as their manifest says.
    pub files: usize,
    /// What differs: file and how.
    pub differences: Vec<(PathBuf, Message)>,
}

/// Checks a slot, the outbox of a schedule or the whole outbox: every file's size and hash, files
/// that no manifest names, slots without manifest, a `latest` that leads nowhere. Folders that
/// begin with a dot are being written or removed right now, and not looked at.
///
/// # Errors
/// Exit 2 when there is no such folder or nothing to check in it.
pub fn verify(path: &Path) -> Result<Verified> {
    let mut found = Verified::default();
    let folder = if path.is_file() {
        path.parent().unwrap_or(path)
    } else {
        path
    };
    let shown = path.display();
    if !folder.is_dir() {
        return Err(Error::usage(msg!(
            "there is no folder `{shown}`",
            "没有文件夹 `{shown}`"
        )));
    }
    walk(folder, &mut found)?;
    if found.slots == 0 && found.differences.is_empty() {
        return Err(Error::usage(msg!(
            "there is no manifest.json in or below `{shown}`",
            "`{shown}` 中没有 manifest.json"
        )));
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Verified) -> Result<()> {
    if folder.join(MANIFEST).exists() {
        return slot(folder, found);
    }
    let is_slot = folder.file_name().is_some_and(|name| {
        DateTime::parse_from_str(&name.to_string_lossy(), "%Y-%m-%dT%H%M%z").is_ok()
    });
    if is_slot {
        found.differences.push((
            folder.join(MANIFEST),
            msg!("the manifest is missing", "缺少清单"),
        ));
        return Ok(());
    }
    let mut entries: Vec<PathBuf> = fs_err::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if name == "latest" {
            let target = pointed_to(&path).unwrap_or_default();
            if target.is_empty() || !folder.join(&target).join(MANIFEST).exists() {
                found.differences.push((
                    path,
                    msg!(
                        "leads to `{target}`, which is not there",
                        "指向 `{target}`，但它不存在"
                    ),
                ));
            }
        } else if path.is_dir() {
            walk(&path, found)?;
        }
    }
    Ok(())
}

fn slot(folder: &Path, found: &mut Verified) -> Result<()> {
    found.slots += 1;
    let manifest = match Manifest::read(&folder.join(MANIFEST)) {
        Ok(manifest) => manifest,
        Err(error) => {
            found
                .differences
                .push((folder.join(MANIFEST), error.message().clone()));
            return Ok(());
        }
    };
    let mut named = BTreeSet::from([MANIFEST.to_owned()]);
    for answer in &manifest.results {
        if hex(&Sha256::digest(answer.sql.as_bytes())) != answer.sql_sha256 {
            let query = &answer.query;
            found.differences.push((
                folder.join(MANIFEST),
                msg!(
                    "the text of query `{query}` does not have the hash that is told",
                    "查询 `{query}` 的文本与清单中的哈希值不符"
                ),
            ));
        }
        for file in &answer.files {
            let path = folder.join(&file.path);
            named.insert(file.path.clone());
            match fs_err::read(&path) {
                Err(_) => found
                    .differences
                    .push((path, msg!("the file is missing", "缺少该文件"))),
                Ok(bytes) if bytes.len() as u64 != file.bytes => {
                    let (is, told) = (bytes.len(), file.bytes);
                    found.differences.push((
                        path,
                        msg!(
                            "has {is} bytes, the manifest says {told}",
                            "有 {is} 字节，清单为 {told} 字节"
                        ),
                    ));
                }
                Ok(bytes) if hex(&Sha256::digest(&bytes)) != file.sha256 => found
                    .differences
                    .push((path, msg!("its SHA-256 differs", "SHA-256 不符"))),
                Ok(_) => found.files += 1,
            }
        }
    }
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        if !named.contains(entry.file_name().to_string_lossy().as_ref()) {
            found
                .differences
                .push((entry.path(), msg!("is not in the manifest", "不在清单中")));
        }
    }
    Ok(())
}

/// Makes the files of a manifest again from the same snapshot, in `folder`; what differs.
///
/// # Errors
/// When the snapshot is gone or a query fails.
pub async fn reproduce(
    warehouse: &Warehouse,
    options: &SessionOptions,
    manifest: &Manifest,
    folder: &Path,
) -> Result<Verified> {
    fs_err::create_dir_all(folder)?;
    let as_of = AsOf::Snapshot(manifest.snapshot);
    let session = warehouse.session(&as_of, &reproducible(options.clone()))?;
    let mut found = Verified {
        slots: 1,
        ..Verified::default()
    };
    for answer in &manifest.results {
        let question = answer.question()?;
        let mut rows = question.rows(&session).await?;
        if let Some(suppressed) = &answer.suppression {
            rows = suppressed.hide(&rows)?;
        }
        let formats = answer
            .files
            .iter()
            .map(|file| file.format.parse())
            .collect::<Result<Vec<_>>>()?;
        let again = question.write(
            &rows,
            answer.suppression.clone(),
            manifest.snapshot,
            &formats,
            folder,
        )?;
        for (was, is) in answer.files.iter().zip(&again.files) {
            if was == is {
                found.files += 1;
            } else {
                found.differences.push((
                    folder.join(&is.path),
                    msg!(
                        "differs from the file of the manifest",
                        "与清单中的文件不同"
                    ),
                ));
            }
        }
    }
    Ok(found)
}
