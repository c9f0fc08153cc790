//! The outbox: `<folder>/<slot>/` with results and manifest, written aside and renamed, so that a
//! reader never sees half; `latest` leads to the newest.

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, Utc};

use super::manifest::{MANIFEST, Manifest};
use super::{remove, write_synced};
use crate::error::{Error, Result};
use crate::msg;
use crate::warehouse::sync_folder;

/// How a slot's folder is named: the local time with its offset, which is the same on every system
/// and sorts by time.
const SLOT: &str = "%Y-%m-%dT%H%M%z";
/// Leads to the newest slot.
const LATEST: &str = "latest";

/// The outbox of one schedule. One process at a time writes to it: who holds the schedule's claim.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: PathBuf,
}

/// The folder name of a slot.
#[must_use]
pub fn slot_name(at: DateTime<FixedOffset>) -> String {
    at.format(SLOT).to_string()
}

fn slot_time(name: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(name, SLOT)
        .ok()
        .map(|time| time.to_utc())
}

impl Outbox {
    /// The outbox in `folder`.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The complete slot of that name, when there is one.
    #[must_use]
    pub fn find(&self, slot: &str) -> Option<Manifest> {
        Manifest::read(&self.folder.join(slot).join(MANIFEST)).ok()
    }

    /// An empty folder beside the slots to write into; what a process that died left there goes.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn stage(&self, slot: &str) -> Result<Staging> {
        fs_err::create_dir_all(&self.folder)?;
        for entry in fs_err::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') && (name.ends_with(".tmp") || name.ends_with(".old")) {
                remove(&entry.path())?;
            }
        }
        let staging = self.folder.join(format!(".{slot}.tmp"));
        fs_err::create_dir(&staging)?;
        Ok(Staging {
            path: staging,
            target: self.folder.join(slot),
            published: false,
        })
    }

    /// Points `latest` to the newest slot and removes all but the newest `keep`.
    ///
    /// # Errors
    /// When the folder cannot be changed.
    pub fn tidy(&self, keep: Option<usize>) -> Result<()> {
        let mut slots = self.slots()?;
        let Some((_, newest)) = slots.last() else {
            return Ok(());
        };
        self.point_to(newest)?;
        let surplus = keep.map_or(0, |keep| slots.len().saturating_sub(keep.max(1)));
        for (_, name) in slots.drain(..surplus) {
            // Out of sight first: a reader sees all of it or nothing.
            let gone = self.folder.join(format!(".{name}.old"));
            fs_err::rename(self.folder.join(&name), &gone)?;
            remove(&gone)?;
        }
        sync_folder(&self.folder)
    }

    /// The complete slots, oldest first.
    fn slots(&self) -> Result<Vec<(DateTime<Utc>, String)>> {
        let mut slots = Vec::new();
        for entry in fs_err::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(time) = slot_time(&name)
                && entry.path().join(MANIFEST).exists()
            {
                slots.push((time, name));
            }
        }
        slots.sort();
        Ok(slots)
    }

    fn point_to(&self, slot: &str) -> Result<()> {
        let latest = self.folder.join(LATEST);
        if pointed_to(&latest).as_deref() == Some(slot) {
            return Ok(());
        }
        let staged = self.folder.join(format!(".{LATEST}.tmp"));
        remove_link(&staged)?;
        if link(slot, &staged).is_err() {
            // Where links are not allowed the name of the slot is written down.
            write_synced(&staged, slot.as_bytes())?;
        }
        Ok(fs_err::rename(&staged, &latest)?)
    }
}

/// The slot that `latest` leads to, as link or text.
pub(super) fn pointed_to(latest: &Path) -> Option<String> {
    match std::fs::read_link(latest) {
        Ok(target) => Some(target.to_string_lossy().into_owned()),
        Err(_) => std::fs::read_to_string(latest)
            .ok()
            .map(|text| text.trim().to_owned()),
    }
}

#[cfg(unix)]
fn link(slot: &str, at: &Path) -> std::io::Result<()> {
    fs_err::os::unix::fs::symlink(slot, at)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn remove_link(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

/// A slot that is being written; gone without trace unless it is published.
#[derive(Debug)]
pub struct Staging {
    path: PathBuf,
    target: PathBuf,
    published: bool,
}

impl Staging {
    /// Where to write.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds the manifest and makes the slot appear, durably.
    ///
    /// # Errors
    /// When the slot is there already or the disk fails.
    pub fn publish(mut self, manifest: &Manifest) -> Result<()> {
        write_synced(
            &self.path.join(MANIFEST),
            &serde_json::to_vec_pretty(manifest)?,
        )?;
        sync_folder(&self.path)?;
        if self.target.exists() {
            let shown = self.target.display();
            return Err(Error::work(msg!(
                "`{shown}` is there already",
                "`{shown}` 已经存在"
            )));
        }
        fs_err::rename(&self.path, &self.target)?;
        self.published = true;
        if let Some(folder) = self.target.parent() {
            sync_folder(folder)?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.published {
            let _ = remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest {
            schedule: "s".to_owned(),
            slot: String::new(),
            attempt: 1,
            snapshot: 1,
            snapshot_time: String::new(),
            key_id: None,
            rows: 0,
            results: Vec::new(),
            created_at: String::new(),
            created_by: String::new(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_slot_appears_whole_and_latest_leads_to_the_newest() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("s"));
        let publish = |slot: &str| {
            let staging = outbox.stage(slot).unwrap();
            std::fs::write(staging.path().join("a.csv"), "a\n").unwrap();
            staging.publish(&manifest()).unwrap();
            outbox.tidy(Some(2)).unwrap();
        };
        let latest = || pointed_to(&folder.path().join("s/latest")).unwrap();
        publish("2026-10-25T0230+0200");
        assert_eq!(latest(), "2026-10-25T0230+0200");
        publish("2026-10-25T0215+0100");
        assert_eq!(latest(), "2026-10-25T0215+0100");
        // A slot that was caught up is not the newest.
        publish("2026-10-25T0100+0200");
        assert_eq!(latest(), "2026-10-25T0215+0100");
        assert_eq!(
            names(&folder.path().join("s")),
            ["2026-10-25T0215+0100", "2026-10-25T0230+0200", "latest"]
        );
        assert!(outbox.find("2026-10-25T0230+0200").is_some());
    }

    #[test]
    fn what_was_not_published_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(folder.path().join("s"));
        drop(outbox.stage("2026-10-25T0230+0200").unwrap());
        assert_eq!(names(&folder.path().join("s")), [""; 0]);
        // Nor does what a process left that died, once the next one comes.
        std::fs::create_dir(folder.path().join("s/.2026-10-24T0230+0200.tmp")).unwrap();
        drop(outbox.stage("2026-10-25T0230+0200").unwrap());
        assert_eq!(names(&folder.path().join("s")), [""; 0]);
    }
}
