//! Proof that an audit log is as it was written.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use fs_err as fs;
use hmac::Mac as _;

use super::audit_record::{Head, Parts, Signer, is_torn, not_a_record};
use super::{Keys, to_hex};
use crate::error::{Context as _, Error, Result};
use crate::msg;

/// What to hold the log against, beyond its own chain.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checks<'a> {
    /// Checks the signatures made with these keys.
    pub keys: Option<&'a Keys>,
    /// Places noted elsewhere that the log must still contain: the only proof that its end was not
    /// cut off.
    pub heads: &'a [Head],
}

/// A log that stood the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// How many whole records it has.
    pub records: u64,
    /// Hash of the last one, 64 hexadecimal digits; all zeros for an empty log.
    pub last_hash: String,
    /// Whether a crash left an unfinished record at the end; the next append moves it aside.
    pub torn_tail: bool,
    /// Number of the last record with a good signature; 0 without keys or signatures. All records
    /// up to it were written by a holder of the key file.
    pub signed_up_to: u64,
}

/// Checks the hash chain of the log at `path`.
///
/// # Errors
/// Unreadable file; the first line that was edited, removed, repeated or moved, with its number.
pub fn verify(path: &Path) -> Result<Verified> {
    verify_with(path, Checks::default())
}

/// Checks the hash chain, and signatures and noted places as `checks` says.
///
/// # Errors
/// As for [`verify`]; also a wrong signature, and a noted place that is missing or different.
pub fn verify_with(path: &Path, checks: Checks<'_>) -> Result<Verified> {
    let shown = path.display();
    let unreadable = || {
        msg!(
            "cannot read the audit log `{shown}`",
            "无法读取审计日志 `{shown}`"
        )
    };
    let file = fs::File::open(path).context(unreadable)?;
    // Keeps a writer from being seen in the middle of a record.
    file.lock_shared().context(unreadable)?;
    let mut reader = BufReader::new(file);
    let mut chain = Chain {
        path,
        heads: checks.heads,
        signer: checks.keys.map(Signer::new),
        head: Head::START,
        signed_up_to: 0,
    };
    let (mut line, mut number, mut torn_at) = (Vec::new(), 0, None);
    while reader.read_until(b'\n', &mut line).context(unreadable)? > 0 {
        number += 1;
        if is_torn(&line) {
            torn_at.get_or_insert(number);
        } else if let Some(torn) = torn_at {
            // Only the end can be torn: nobody writes behind an unfinished record.
            return Err(not_a_record(path, torn));
        } else {
            chain.add(&line, number)?;
        }
        line.clear();
    }
    chain.finish(torn_at.is_some())
}

struct Chain<'a> {
    path: &'a Path,
    heads: &'a [Head],
    signer: Option<Signer>,
    head: Head,
    signed_up_to: u64,
}

impl Chain<'_> {
    fn add(&mut self, line: &[u8], number: u64) -> Result<()> {
        let shown = self.path.display();
        let parts = Parts::of(line).ok_or_else(|| not_a_record(self.path, number))?;
        let record = parts
            .record()
            .ok_or_else(|| not_a_record(self.path, number))?;
        let (seq, due) = (record.seq, self.head.seq + 1);
        if seq != due {
            return Err(Error::work(msg!(
                "line {number} of the audit log `{shown}` holds record {seq} where record {due} belongs",
                "审计日志 `{shown}` 第 {number} 行应为第 {due} 条记录，实为第 {seq} 条"
            ))
            .caused_by(msg!(
                "records were removed, repeated or moved",
                "有记录被删除、重复或调换"
            )));
        }
        if parts.expected_hash(&self.head.hash) != parts.hash {
            return Err(Error::work(msg!(
                "record {seq} (line {number}) of the audit log `{shown}` does not match its hash",
                "审计日志 `{shown}` 第 {seq} 条记录（第 {number} 行）与其哈希不符"
            ))
            .caused_by(msg!(
                "it was edited, or the record before it was",
                "该记录或其前一条记录被改动"
            )));
        }
        self.head = Head {
            seq,
            hash: parts.hash,
        };
        self.check_signature(&parts, record.key_id.as_deref(), number)?;
        if self
            .heads
            .iter()
            .any(|head| head.seq == seq && head.hash != parts.hash)
        {
            return Err(Error::work(msg!(
                "record {seq} (line {number}) of the audit log `{shown}` is not the one noted elsewhere",
                "审计日志 `{shown}` 第 {seq} 条记录（第 {number} 行）与别处留存的不一致"
            ))
            .caused_by(msg!("the log was rewritten", "日志被重写")));
        }
        Ok(())
    }

    fn check_signature(
        &mut self,
        parts: &Parts<'_>,
        key_id: Option<&str>,
        number: u64,
    ) -> Result<()> {
        let Some(signer) = self
            .signer
            .as_ref()
            .filter(|signer| key_id == Some(&signer.key_id))
        else {
            return Ok(());
        };
        let genuine = parts
            .mac
            .is_some_and(|mac| signer.mac(&parts.hash).verify_slice(&mac).is_ok());
        if !genuine {
            let (seq, shown) = (self.head.seq, self.path.display());
            return Err(Error::work(msg!(
                "record {seq} (line {number}) of the audit log `{shown}` has a false signature",
                "审计日志 `{shown}` 第 {seq} 条记录（第 {number} 行）签名不实"
            ))
            .caused_by(msg!(
                "it was written without the key file",
                "写入者没有密钥文件"
            )));
        }
        self.signed_up_to = self.head.seq;
        Ok(())
    }

    fn finish(self, torn_tail: bool) -> Result<Verified> {
        let records = self.head.seq;
        if let Some(cut) = self
            .heads
            .iter()
            .map(|head| head.seq)
            .filter(|&seq| seq > records)
            .max()
        {
            let shown = self.path.display();
            return Err(Error::work(msg!(
                "the audit log `{shown}` ends at record {records}, but record {cut} was noted elsewhere",
                "审计日志 `{shown}` 止于第 {records} 条记录，而别处留存有第 {cut} 条"
            ))
            .caused_by(msg!("its end was cut off", "日志末尾被截去")));
        }
        let (last_hash, signed_up_to) = (to_hex(&self.head.hash), self.signed_up_to);
        Ok(Verified {
            records,
            last_hash,
            torn_tail,
            signed_up_to,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use chrono::DateTime;

    use super::*;
    use crate::vault::{AuditLog, Entry};

    struct Log {
        _folder: tempfile::TempDir,
        path: PathBuf,
        lines: Vec<String>,
    }

    impl Log {
        /// A log of `records` records, signed if `keys` are given.
        fn of(records: usize, keys: Option<&Keys>) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("audit.log");
            let mut log = AuditLog::open(&path).unwrap();
            if let Some(keys) = keys {
                log = log.signed_with(keys);
            }
            let now = DateTime::from_timestamp(1_600_000_000, 0).unwrap();
            for number in 0..records {
                let object = format!("table {number}");
                let entry = Entry {
                    actor: "li",
                    action: "unseal",
                    object: &object,
                    ..Entry::default()
                };
                log.append(now, entry).unwrap();
            }
            let text = fs::read_to_string(&path).unwrap();
            Self {
                _folder: folder,
                path,
                lines: text.lines().map(str::to_owned).collect(),
            }
        }

        fn says(&self, lines: &[&str]) -> String {
            fs::write(&self.path, lines.join("\n") + "\n").unwrap();
            verify(&self.path).unwrap_err().to_string()
        }
    }

    #[test]
    fn a_log_left_alone_is_fine() {
        let log = Log::of(3, None);
        let verified = verify(&log.path).unwrap();
        assert!(log.lines[2].contains(&verified.last_hash));
        assert_eq!(
            (verified.records, verified.torn_tail, verified.signed_up_to),
            (3, false, 0)
        );
        fs::write(&log.path, "").unwrap();
        let empty = verify(&log.path).unwrap();
        assert_eq!((empty.records, empty.last_hash), (0, "0".repeat(64)));
    }

    #[test]
    fn every_changed_byte_is_found() {
        let log = Log::of(3, None);
        let whole = fs::read(&log.path).unwrap();
        let end = whole.len() - 1;
        for at in 0..end {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            fs::write(&log.path, &changed).unwrap();
            assert!(verify(&log.path).is_err(), "byte {at} of {end}");
        }
    }

    #[test]
    fn an_edited_record_is_located() {
        let log = Log::of(3, None);
        let edited = log.lines[1].replace("table 1", "table 9");
        let text = log.says(&[&log.lines[0], &edited, &log.lines[2]]);
        assert!(
            text.contains("record 2 (line 2)") && text.contains("does not match its hash"),
            "{text}"
        );
    }

    #[test]
    fn deleted_repeated_and_moved_records_are_located() {
        let log = Log::of(3, None);
        let [a, b, c] = [&log.lines[0], &log.lines[1], &log.lines[2]].map(String::as_str);
        for (lines, place) in [
            (vec![b, c], "line 1 "),
            (vec![a, c], "line 2 "),
            (vec![b, a, c], "line 1 "),
            (vec![a, a, b, c], "line 2 "),
            (vec![a, c, b], "line 2 "),
        ] {
            let text = log.says(&lines);
            assert!(text.contains(place) && text.contains("belongs"), "{text}");
        }
        let text = log.says(&[a, "", b]);
        assert!(
            text.contains("line 2") && text.contains("not an audit record"),
            "{text}"
        );
    }

    #[test]
    fn a_torn_line_in_the_middle_is_no_crash() {
        let log = Log::of(2, None);
        let text = log.says(&[&log.lines[0], "{\"seq\":\0\0", &log.lines[1]]);
        assert!(
            text.contains("line 2") && text.contains("not an audit record"),
            "{text}"
        );
    }

    #[test]
    fn a_rewritten_chain_is_found_by_its_signatures() {
        let (ours, theirs) = (Keys::fixed(1), Keys::fixed(2));
        let with = |keys| Checks {
            keys: Some(keys),
            ..Checks::default()
        };
        let log = Log::of(3, Some(&ours));
        assert_eq!(verify_with(&log.path, with(&ours)).unwrap().signed_up_to, 3);
        assert_eq!(
            verify_with(&log.path, with(&theirs)).unwrap().signed_up_to,
            0
        );
        // Another key's records that claim to be ours.
        let forged = Log::of(3, Some(&theirs));
        let text = fs::read_to_string(&forged.path).unwrap();
        let fixed = rehash(&text.replace(theirs.key_id(), ours.key_id()));
        fs::write(&log.path, fixed).unwrap();
        verify(&log.path).unwrap();
        let text = verify_with(&log.path, with(&ours)).unwrap_err().to_string();
        assert!(
            text.contains("false signature") && text.contains("line 1"),
            "{text}"
        );
        // Signatures taken away: nothing is proven.
        let plain = Log::of(3, None);
        assert_eq!(
            verify_with(&plain.path, with(&ours)).unwrap().signed_up_to,
            0
        );
    }

    #[test]
    fn a_signed_record_vouches_for_the_unsigned_before_it() {
        let keys = Keys::fixed(1);
        let log = Log::of(2, None);
        let now = DateTime::from_timestamp(1_600_000_000, 0).unwrap();
        AuditLog::open(&log.path)
            .unwrap()
            .signed_with(&keys)
            .append(now, Entry::default())
            .unwrap();
        AuditLog::open(&log.path)
            .unwrap()
            .append(now, Entry::default())
            .unwrap();
        let checks = Checks {
            keys: Some(&keys),
            heads: &[],
        };
        let verified = verify_with(&log.path, checks).unwrap();
        assert_eq!((verified.records, verified.signed_up_to), (4, 3));
    }

    #[test]
    fn a_cut_end_and_a_rewritten_log_are_found_by_a_noted_place() {
        let log = Log::of(3, None);
        let head = AuditLog::open(&log.path).unwrap().head().unwrap().unwrap();
        let heads = [head];
        let checks = Checks {
            keys: None,
            heads: &heads,
        };
        verify_with(&log.path, checks).unwrap();
        fs::write(&log.path, format!("{}\n{}\n", log.lines[0], log.lines[1])).unwrap();
        verify(&log.path).unwrap();
        let text = verify_with(&log.path, checks).unwrap_err().to_string();
        assert!(
            text.contains("cut off") && text.contains("record 3"),
            "{text}"
        );
        let rewritten = rehash(&(log.lines.join("\n") + "\n").replace("table 0", "table 5"));
        fs::write(&log.path, rewritten).unwrap();
        verify(&log.path).unwrap();
        let text = verify_with(&log.path, checks).unwrap_err().to_string();
        assert!(text.contains("rewritten"), "{text}");
    }

    /// What someone does who knows the format but has no keys: makes all hashes fit again.
    fn rehash(text: &str) -> String {
        let mut previous = [0; 32];
        let mut fixed = String::new();
        for line in text.lines() {
            let line = format!("{line}\n");
            let parts = Parts::of(line.as_bytes()).unwrap();
            let hash = parts.expected_hash(&previous);
            fixed += &line.replace(&to_hex(&parts.hash), &to_hex(&hash));
            previous = hash;
        }
        fixed
    }
}
