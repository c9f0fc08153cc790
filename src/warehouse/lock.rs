//! One writer at a time: an OS lock that the kernel releases even on `kill -9`, and a note beside
//! it that tells a second writer who holds it — and the next one that its predecessor died.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Kind, Result};
use crate::msg;

/// The right to write to a warehouse; given back on drop.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
    note: std::path::PathBuf,
}

/// Who writes.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    process: u32,
    doing: String,
    since: String,
}

/// What [`WriterLock::acquire`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predecessor {
    /// The last writer left in order.
    Clean,
    /// The last writer died: its files may lie about.
    Died,
}

impl WriterLock {
    /// Takes the lock of the lake folder `lake`.
    ///
    /// # Errors
    /// [`Kind::Locked`] when another process writes, naming it.
    pub fn acquire(lake: &Path, doing: &str, now: DateTime<Utc>) -> Result<(Self, Predecessor)> {
        let file = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(lake.join("writer.lock"))?
            .into_parts()
            .0;
        let note = lake.join("writer.json");
        if file.try_lock().is_err() {
            return Err(held_by(&note));
        }
        let predecessor = if note.exists() {
            Predecessor::Died
        } else {
            Predecessor::Clean
        };
        let holder = Holder {
            process: std::process::id(),
            doing: doing.to_owned(),
            since: now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        };
        fs_err::write(&note, serde_json::to_vec(&holder)?)?;
        Ok((Self { _file: file, note }, predecessor))
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // A note that stays makes the next writer look for leftovers, which is harmless.
        let _ = fs_err::remove_file(&self.note);
    }
}

fn held_by(note: &Path) -> Error {
    let holder: Option<Holder> = fs_err::read(note)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let error = Error::new(
        Kind::Locked,
        msg!(
            "another process is writing to this warehouse",
            "另一个进程正在写入此数据仓库"
        ),
    );
    let error = match holder {
        Some(Holder {
            process,
            doing,
            since,
        }) => error.caused_by(msg!(
            "process {process} (`renkou {doing}`) has held the lock since {since}",
            "进程 {process}（`renkou {doing}`）自 {since} 起持有写锁"
        )),
        None => error,
    };
    error.hint(msg!(
        "wait for it to finish and try again; queries need no lock",
        "请等它完成后再试；查询不受影响"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let (held, before) = WriterLock::acquire(folder.path(), "ingest", now).unwrap();
        assert_eq!(before, Predecessor::Clean);
        let error = WriterLock::acquire(folder.path(), "optimize", now).unwrap_err();
        assert_eq!(error.kind(), Kind::Locked);
        assert!(error.to_string().contains("renkou ingest"), "{error}");
        drop(held);
        assert!(WriterLock::acquire(folder.path(), "optimize", now).is_ok());
    }

    #[test]
    fn a_note_without_a_lock_means_the_writer_died() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("writer.json"), "{}").unwrap();
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let (_held, before) = WriterLock::acquire(folder.path(), "ingest", now).unwrap();
        assert_eq!(before, Predecessor::Died);
    }
}
