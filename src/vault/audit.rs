//! The audit log: who unsealed, exported, loaded or withdrew what, when and why; one JSON object a
//! line, each carrying a hash over itself and the one before.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use fs_err as fs;

use super::audit_record::{Head, Record, Signer, is_torn, read_head};
use super::{Keys, folder_of, mask_numbers, sync_folder};
use crate::error::{Context as _, Result};
use crate::msg;

const WINDOW: u64 = 64 * 1024;

/// What one record says. Never an identity, never a value out of a statement
/// (see [`fingerprint_sql`](super::fingerprint_sql)).
#[derive(Debug, Clone, Copy, Default)]
pub struct Entry<'a> {
    /// Who: the login name.
    pub actor: &'a str,
    /// What was done: `unseal`, `export`, `ingest`, …
    pub action: &'a str,
    /// To what: a table, a delivery, a statement's fingerprint.
    pub object: &'a str,
    /// Why, in the actor's words.
    pub reason: Option<&'a str>,
    /// How many rows it concerned.
    pub rows: Option<u64>,
    /// Anything else worth knowing.
    pub detail: Option<&'a str>,
}

/// The audit log of a warehouse, open for appending; threads and processes may append at once.
#[derive(Debug, Clone)]
pub struct AuditLog {
    path: PathBuf,
    signer: Option<Signer>,
}

impl AuditLog {
    /// The log at `path`, made if missing.
    ///
    /// # Errors
    /// The file cannot be made or written: whatever must be audited must not happen then.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let log = Self {
            path: path.into(),
            signer: None,
        };
        log.file().context(|| log.failed())?;
        Ok(log)
    }

    /// The same log, signing each record with a key derived from `keys`: then nobody without the
    /// key file can rewrite the log and its hashes unnoticed.
    #[must_use]
    pub fn signed_with(mut self, keys: &Keys) -> Self {
        self.signer = Some(Signer::new(keys));
        self
    }

    /// Adds a record and gives its number; it is on disk when this returns. Numbers that look like
    /// those of persons are masked in everything but the actor. What a crash left unfinished at the
    /// end of the log is first moved to `<log>.torn`, which makes a record of its own.
    ///
    /// # Errors
    /// The disk refuses, or the last record is damaged. The record may or may not be there then,
    /// and what it announces must not happen.
    pub fn append(&self, now: DateTime<Utc>, entry: Entry<'_>) -> Result<u64> {
        self.try_append(now, entry).context(|| self.failed())
    }

    /// The last record's place; `None` for an empty log.
    ///
    /// # Errors
    /// The file cannot be read, or its last record is damaged.
    pub fn head(&self) -> Result<Option<Head>> {
        let find = || -> Result<Head> {
            let mut file = self.file()?;
            file.lock_shared()?;
            Ok(find_end(&mut file)?.head)
        };
        let head = find().context(|| self.failed())?;
        Ok((head.seq > 0).then_some(head))
    }

    fn failed(&self) -> crate::error::Message {
        let shown = self.path.display();
        msg!(
            "cannot use the audit log `{shown}`",
            "无法使用审计日志 `{shown}`"
        )
    }

    fn file(&self) -> Result<fs::File> {
        let is_new = !self.path.exists();
        // Not in append mode: Windows could not cut a torn end off then. The lock keeps writers apart.
        let file = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&self.path)?;
        if is_new {
            sync_folder(folder_of(&self.path))?;
        }
        Ok(file)
    }

    fn try_append(&self, now: DateTime<Utc>, entry: Entry<'_>) -> Result<u64> {
        // A handle of its own for every record: the lock belongs to the handle, so that threads
        // keep each other out as processes do.
        let mut file = self.file()?;
        file.lock()?;
        let end = find_end(&mut file)?;
        let mut head = end.head;
        let mut lines = Vec::new();
        if !end.torn.is_empty() {
            self.move_aside(&mut file, &end)?;
            let detail = format!(
                "{} bytes of an unfinished record moved aside",
                end.torn.len()
            );
            let repair = Entry {
                actor: "renkou",
                action: "repair",
                object: "audit log",
                detail: Some(&detail),
                ..Entry::default()
            };
            head = self.line(&mut lines, now, repair, head)?;
        }
        head = self.line(&mut lines, now, entry, head)?;
        file.seek(SeekFrom::Start(end.at))?;
        if let Err(error) = file.write_all(&lines) {
            // Best effort: what stays is a torn end, which the next writer moves aside.
            let _ = file.set_len(end.at);
            return Err(error.into());
        }
        file.sync_data()?;
        Ok(head.seq)
    }

    /// Adds one record's line to `lines`; gives its place.
    fn line(
        &self,
        lines: &mut Vec<u8>,
        now: DateTime<Utc>,
        entry: Entry<'_>,
        head: Head,
    ) -> Result<Head> {
        let record = Record {
            seq: head.seq + 1,
            time: now.to_rfc3339_opts(SecondsFormat::Micros, true),
            actor: entry.actor.to_owned(),
            action: entry.action.to_owned(),
            object: mask_numbers(entry.object),
            reason: entry.reason.map(mask_numbers),
            rows: entry.rows,
            detail: entry.detail.map(mask_numbers),
            key_id: self.signer.as_ref().map(|signer| signer.key_id.clone()),
        };
        let hash = record.write_line(lines, &head, self.signer.as_ref())?;
        Ok(Head {
            seq: record.seq,
            hash,
        })
    }

    fn move_aside(&self, file: &mut fs::File, end: &End) -> Result<()> {
        let mut torn = self.path.clone().into_os_string();
        torn.push(".torn");
        let torn = PathBuf::from(torn);
        let mut aside = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&torn)?;
        aside.write_all(&end.torn)?;
        aside.write_all(b"\n")?;
        aside.sync_all()?;
        sync_folder(folder_of(&torn))?;
        file.set_len(end.at)?;
        file.sync_all()?;
        Ok(())
    }
}

/// The end of the log.
struct End {
    /// The last whole record.
    head: Head,
    /// Where it ends, in bytes.
    at: u64,
    /// What follows it: an unfinished record, or nothing.
    torn: Vec<u8>,
}

/// Looks from the back for the last whole record.
fn find_end(file: &mut fs::File) -> Result<End> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut window = WINDOW;
    loop {
        let start = length.saturating_sub(window);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        (&mut *file).take(length - start).read_to_end(&mut bytes)?;
        // Unless it reaches the start of the file, the window begins in the middle of a line.
        let skipped = match bytes.iter().position(|&byte| byte == b'\n') {
            _ if start == 0 => 0,
            Some(at) => at + 1,
            None => bytes.len(),
        };
        let lines: Vec<_> = bytes[skipped..]
            .split_inclusive(|&byte| byte == b'\n')
            .collect();
        let whole = lines.iter().rposition(|line| !is_torn(line));
        if whole.is_none() && start > 0 {
            window *= 2;
            continue;
        }
        let kept = whole.map_or(0, |last| last + 1);
        let torn = lines[kept..].concat();
        let head = match whole {
            Some(last) => read_head(lines[last])?,
            None => Head::START,
        };
        return Ok(End {
            head,
            at: length - torn.len() as u64,
            torn,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::vault::{Keys, records, verify};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_600_000_000, 0).unwrap()
    }

    fn entry(object: &str) -> Entry<'_> {
        Entry {
            actor: "li",
            action: "unseal",
            object,
            reason: Some("核对"),
            rows: Some(3),
            detail: None,
        }
    }

    fn log() -> (tempfile::TempDir, AuditLog) {
        let folder = tempfile::tempdir().unwrap();
        let log = AuditLog::open(folder.path().join("audit.log")).unwrap();
        (folder, log)
    }

    #[test]
    fn records_are_numbered_lines_of_json() {
        let (_folder, log) = log();
        assert_eq!(log.head().unwrap(), None);
        assert_eq!(log.append(now(), entry("a")).unwrap(), 1);
        assert_eq!(log.append(now(), entry("b\n\"\u{1}")).unwrap(), 2);
        let text = fs::read_to_string(&log.path).unwrap();
        assert!(text.starts_with(
            r#"{"seq":1,"time":"2020-09-13T12:26:40.000000Z","actor":"li","action":"unseal","object":"a","reason":"核对","rows":3,"hash":"7d75c21d7c03a8d12ce504b822180588b33728211ff372b6f7e78b6525b0d4b2"}"#
        ), "{text}");
        let records = records(&log.path).unwrap();
        assert_eq!((records.len(), records[1].seq), (2, 2));
        assert_eq!(records[1].object, "b\n\"\u{1}");
        assert_eq!(log.head().unwrap().unwrap().seq, 2);
    }

    #[test]
    fn numbers_of_persons_do_not_reach_it() {
        let (_folder, log) = log();
        let entry = Entry {
            reason: Some("查 150121189001010023"),
            detail: Some("tel 13800000000"),
            ..entry("15012118900101002X")
        };
        log.append(now(), entry).unwrap();
        let text = fs::read_to_string(&log.path).unwrap();
        assert!(
            !text.contains("1501211890") && !text.contains("1380000"),
            "{text}"
        );
    }

    #[test]
    fn another_process_may_append_between() {
        let (_folder, log) = log();
        let other = AuditLog::open(&log.path).unwrap();
        for n in 0..5 {
            assert_eq!(log.append(now(), entry("a")).unwrap(), 2 * n + 1);
            assert_eq!(other.append(now(), entry("b")).unwrap(), 2 * n + 2);
        }
        assert_eq!(verify(&log.path).unwrap().records, 10);
    }

    #[test]
    fn threads_appending_at_once_keep_the_chain_whole() {
        let (_folder, log) = log();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope
                    .spawn(|| (0..25).for_each(|_| assert!(log.append(now(), entry("a")).is_ok())));
            }
        });
        assert_eq!(verify(&log.path).unwrap().records, 100);
    }

    #[test]
    fn wherever_a_crash_cut_the_last_line_the_rest_is_kept_aside_and_that_is_logged() {
        let (_folder, log) = log();
        log.append(now(), entry("a")).unwrap();
        let first = fs::read(&log.path).unwrap();
        log.append(now(), entry("b")).unwrap();
        let both = fs::read(&log.path).unwrap();
        let aside = log.path.with_extension("log.torn");
        for cut in first.len() + 1..both.len() {
            fs::write(&log.path, &both[..cut]).unwrap();
            let before = verify(&log.path).unwrap();
            assert!(before.torn_tail && before.records == 1);
            assert_eq!(log.append(now(), entry("c")).unwrap(), 3);
            let after = verify(&log.path).unwrap();
            assert!(!after.torn_tail && after.records == 3);
            assert_eq!(records(&log.path).unwrap()[1].action, "repair");
            let moved = fs::read(&aside).unwrap();
            assert_eq!(moved, [&both[first.len()..cut], b"\n"].concat());
            fs::remove_file(&aside).unwrap();
        }
    }

    #[test]
    fn blocks_that_were_never_written_are_torn_too() {
        let (_folder, log) = log();
        log.append(now(), entry("a")).unwrap();
        let first = fs::read(&log.path).unwrap();
        for tail in [&[0; 9][..], b"\0\0\0\n", b"\0\0\"}\n{\"seq\":3\0\0\"}\n"] {
            fs::write(&log.path, [&first[..], tail].concat()).unwrap();
            assert!(verify(&log.path).unwrap().torn_tail);
            assert_eq!(log.append(now(), entry("b")).unwrap(), 3);
            assert_eq!(verify(&log.path).unwrap().records, 3);
        }
    }

    #[test]
    fn a_torn_first_line_leaves_an_empty_log() {
        let (_folder, log) = log();
        fs::write(&log.path, b"{\"seq\":1,").unwrap();
        assert_eq!(log.append(now(), entry("a")).unwrap(), 2);
        assert_eq!(verify(&log.path).unwrap().records, 2);
    }

    #[test]
    fn records_longer_than_the_search_window_are_found() {
        let (_folder, log) = log();
        let long = "长".repeat(200_000);
        for seq in 1..4 {
            assert_eq!(log.append(now(), entry(&long)).unwrap(), seq);
        }
        assert_eq!(verify(&log.path).unwrap().records, 3);
    }

    #[test]
    fn nothing_is_appended_to_a_damaged_record() {
        let (_folder, log) = log();
        log.append(now(), entry("a")).unwrap();
        let text = fs::read_to_string(&log.path)
            .unwrap()
            .replace("\"hash\"", "\"hush\"");
        fs::write(&log.path, &text).unwrap();
        assert!(
            log.append(now(), entry("b"))
                .unwrap_err()
                .to_string()
                .contains("damaged")
        );
        assert_eq!(fs::read_to_string(&log.path).unwrap(), text);
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let full = Path::new("/dev/full");
        if full.exists() {
            let log = AuditLog {
                path: full.to_owned(),
                signer: Some(Signer::new(&Keys::fixed(1))),
            };
            log.append(now(), entry("a")).unwrap_err();
        }
    }
}
