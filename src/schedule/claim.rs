//! Whose turn it is: one process at a time runs a schedule. An OS lock, which the kernel gives back
//! with the process, and a durable note of the slot that is being run, which stays when the process
//! dies, so that the next one knows.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::warehouse::sync_folder;

/// The right to run a schedule; given back on drop.
#[derive(Debug)]
pub(super) struct Claim {
    _lock: File,
    note: PathBuf,
}

/// The slot that is being run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    /// Microseconds since 1970 in UTC, as `started_at`.
    pub(super) slot: i64,
    pub(super) attempt: u32,
    pub(super) process: u32,
    pub(super) started_at: i64,
}

impl Claim {
    /// Claims a schedule; `None` while another process has it.
    pub(super) fn take(lake: &Path, schedule: &str) -> Result<Option<Self>> {
        let folder = lake.join("schedules");
        if !folder.exists() {
            fs_err::create_dir_all(&folder)?;
            sync_folder(lake)?;
        }
        let lock = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(format!("{schedule}.lock")))?
            .into_parts()
            .0;
        Ok(lock.try_lock().is_ok().then(|| Self {
            _lock: lock,
            note: folder.join(format!("{schedule}.json")),
        }))
    }

    /// The slot over which the process before died.
    pub(super) fn left(&self) -> Option<Note> {
        let bytes = fs_err::read(&self.note).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Notes durably which slot is being run.
    pub(super) fn begin(&self, note: &Note) -> Result<()> {
        let staged = self.note.with_extension("tmp");
        let mut file = fs_err::File::create(&staged)?;
        file.write_all(&serde_json::to_vec(note)?)?;
        file.sync_all()?;
        fs_err::rename(&staged, &self.note)?;
        self.note.parent().map_or(Ok(()), sync_folder)
    }

    /// The slot is done with.
    pub(super) fn end(&self) -> Result<()> {
        match fs_err::remove_file(&self.note) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_the_next_one_sees_what_was_left() {
        let lake = tempfile::tempdir().unwrap();
        let first = Claim::take(lake.path(), "s").unwrap().unwrap();
        assert_eq!(first.left(), None);
        assert!(Claim::take(lake.path(), "s").unwrap().is_none());
        assert!(Claim::take(lake.path(), "other").unwrap().is_some());
        let note = Note {
            slot: 1_600_000_000_000_000,
            attempt: 2,
            process: 1,
            started_at: 1_600_000_001_000_000,
        };
        first.begin(&note).unwrap();
        drop(first);
        let second = Claim::take(lake.path(), "s").unwrap().unwrap();
        assert_eq!(second.left(), Some(note));
        second.end().unwrap();
        second.end().unwrap();
        assert_eq!(second.left(), None);
    }
}
