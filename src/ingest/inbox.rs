//! The inbox: files that have stopped growing are ingested and moved to `done` or `refused`, with
//! a report beside them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::report::Outcome;
use super::{IngestOptions, Progress, RunReport, ingest};
use crate::error::Result;
use crate::warehouse::Warehouse;

/// Sizes seen at the last look: a file counts as handed in once its size stays.
#[derive(Debug, Default)]
pub struct Settling(HashMap<PathBuf, (u64, std::time::SystemTime)>);

impl Settling {
    /// Whether nothing waits to settle.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Looks into the inbox once; ingests what has settled since the last look. Returns `None` when
/// there was nothing to do.
///
/// # Errors
/// When the inbox cannot be read or the warehouse is locked; single files are in the report.
pub fn sweep(
    warehouse: &Warehouse,
    settling: &mut Settling,
    options: &IngestOptions,
    now: DateTime<Utc>,
    progress: &dyn Progress,
) -> Result<Option<RunReport>> {
    let inbox = warehouse.folder().join("inbox");
    fs_err::create_dir_all(&inbox)?;
    let mut ready = Vec::new();
    let mut seen = HashMap::new();
    for path in waiting(&inbox)? {
        let metadata = fs_err::metadata(&path)?;
        let state = (metadata.len(), metadata.modified()?);
        if settling.0.get(&path) == Some(&state) && state.0 > 0 {
            ready.push(path);
        } else {
            seen.insert(path, state);
        }
    }
    settling.0 = seen;
    if ready.is_empty() {
        return Ok(None);
    }
    let mut whole = RunReport {
        dry_run: options.dry_run,
        ..RunReport::default()
    };
    for path in ready {
        let report = ingest(
            warehouse,
            std::slice::from_ref(&path),
            options,
            now,
            progress,
        )?;
        let refused = report.has_failures();
        let folder = inbox.join(if refused { "refused" } else { "done" });
        fs_err::create_dir_all(&folder)?;
        let target = free_name(&folder, &path, now);
        fs_err::rename(&path, &target)?;
        let mut beside = target.into_os_string();
        beside.push(".report.json");
        fs_err::write(PathBuf::from(beside), serde_json::to_vec_pretty(&report)?)?;
        whole.files.extend(report.files);
    }
    debug_assert!(
        whole
            .files
            .iter()
            .all(|file| file.outcome != Outcome::WouldLoad || options.dry_run)
    );
    Ok(Some(whole))
}

/// Files in the inbox, not those moved away or hidden.
fn waiting(inbox: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(inbox)? {
        let entry = entry?;
        let name = entry.file_name();
        let hidden = name.to_string_lossy().starts_with(['.', '~']);
        if entry.file_type()?.is_file() && !hidden {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// The file's name in `folder`, with the time appended when it is taken.
fn free_name(folder: &Path, path: &Path, now: DateTime<Utc>) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let target = folder.join(name);
    if !target.exists() {
        return target;
    }
    let stamp = now.format("%Y%m%dT%H%M%S%6f");
    folder.join(format!("{stamp} {}", name.to_string_lossy()))
}
