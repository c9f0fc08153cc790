//! A record of the audit log as a line of bytes: `{…,"hash":"…","mac":"…"}`. The hash is SHA-256 over
//! the hash of the record before and the exact bytes of `{…}`; the optional mac signs the hash.

use std::io::Read as _;
use std::path::Path;

use fs_err as fs;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::keys::hmac;
use super::{Keys, from_hex, to_hex};
use crate::error::{Context as _, Error, Result};
use crate::msg;

const LABEL: &str = "renkou audit v1";

/// One record as stored, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When, RFC 3339, UTC, microseconds.
    pub time: String,
    /// Who.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many rows it concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Id of the keys that signed it, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}

impl Record {
    /// Adds the line of this record, which follows `head`, to `lines`; gives its hash.
    pub(super) fn write_line(
        &self,
        lines: &mut Vec<u8>,
        head: &Head,
        signer: Option<&Signer>,
    ) -> Result<[u8; 32]> {
        let mut body = serde_json::to_string(self)?;
        let hash = hash(&head.hash, &[body.as_bytes()]);
        body.pop();
        lines.extend_from_slice(body.as_bytes());
        lines.extend_from_slice(format!(",\"hash\":\"{}\"", to_hex(&hash)).as_bytes());
        if let Some(signer) = signer {
            let mac = signer.mac(&hash).finalize().into_bytes();
            lines.extend_from_slice(format!(",\"mac\":\"{}\"", to_hex(&mac)).as_bytes());
        }
        lines.extend_from_slice(b"}\n");
        Ok(hash)
    }
}

/// A place in the log. Kept elsewhere (a commit, a printout), it proves later that the log still
/// begins with the same records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last record.
    pub seq: u64,
    /// Its hash.
    pub hash: [u8; 32],
}

impl Head {
    /// Before the first record.
    pub(super) const START: Self = Self {
        seq: 0,
        hash: [0; 32],
    };
}

/// Everything in the log at `path`, oldest first; an unfinished record at the end is left out.
/// Proves nothing: see [`verify`](super::verify).
///
/// # Errors
/// The file cannot be read; a line is not a record (its number is said).
pub fn records(path: &Path) -> Result<Vec<Record>> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let mut read = || -> std::io::Result<()> {
        let mut file = fs::File::open(path)?;
        file.lock_shared()?;
        file.read_to_end(&mut bytes)?;
        Ok(())
    };
    read().context(|| {
        msg!(
            "cannot read the audit log `{shown}`",
            "无法读取审计日志 `{shown}`"
        )
    })?;
    let whole = bytes
        .split_inclusive(|&byte| byte == b'\n')
        .filter(|line| !is_torn(line));
    let parse = |(number, line): (usize, &[u8])| {
        let parts = Parts::of(line).and_then(|parts| parts.record());
        parts.ok_or_else(|| not_a_record(path, number as u64 + 1))
    };
    whole.enumerate().map(parse).collect()
}

/// Signs records.
#[derive(Clone)]
pub(super) struct Signer {
    start: Hmac<Sha256>,
    pub(super) key_id: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Signer {
    pub(super) fn new(keys: &Keys) -> Self {
        let key = keys.sealing_key(LABEL);
        Self {
            start: hmac(&key),
            key_id: keys.key_id().to_owned(),
        }
    }

    /// The signature of a record, given its hash (and through it of all records before).
    pub(super) fn mac(&self, hash: &[u8; 32]) -> Hmac<Sha256> {
        let mut mac = self.start.clone();
        mac.update(hash);
        mac
    }
}

/// A line taken apart without parsing it: the hash is over bytes, not over meaning.
pub(super) struct Parts<'a> {
    /// The record up to its closing brace.
    body: &'a [u8],
    pub(super) hash: [u8; 32],
    pub(super) mac: Option<[u8; 32]>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_suffix(b"\n")?.strip_suffix(b"}")?;
        let (rest, mac) = match strip_digest(rest, b",\"mac\":\"") {
            Some((rest, mac)) => (rest, Some(mac)),
            None => (rest, None),
        };
        let (body, hash) = strip_digest(rest, b",\"hash\":\"")?;
        Some(Self { body, hash, mac })
    }

    /// The hash that the record has if it follows the one with hash `previous`.
    pub(super) fn expected_hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        hash(previous, &[self.body, b"}"])
    }

    pub(super) fn record(&self) -> Option<Record> {
        serde_json::from_slice(&[self.body, b"}"].concat()).ok()
    }
}

/// Takes `<name>` + 64 digits + `"` off the end.
fn strip_digest<'a>(text: &'a [u8], name: &[u8]) -> Option<(&'a [u8], [u8; 32])> {
    let text = text.strip_suffix(b"\"")?;
    let (text, digits) = text.split_at_checked(text.len().checked_sub(64)?)?;
    Some((text.strip_suffix(name)?, from_hex(digits)?))
}

fn hash(previous: &[u8; 32], record: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new_with_prefix(previous);
    for part in record {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Whether a crash can have left the line so: without its end, or with blocks never written (zeros;
/// JSON has none).
pub(super) fn is_torn(line: &[u8]) -> bool {
    !line.ends_with(b"\n") || line.contains(&0)
}

pub(super) fn not_a_record(path: &Path, line: u64) -> Error {
    let shown = path.display();
    Error::work(msg!(
        "line {line} of the audit log `{shown}` is not an audit record",
        "审计日志 `{shown}` 第 {line} 行不是审计记录"
    ))
}

/// The place of the record in `line`, taken at its word.
pub(super) fn read_head(line: &[u8]) -> Result<Head> {
    let read = |line| {
        let parts = Parts::of(line)?;
        Some(Head {
            seq: parts.record()?.seq,
            hash: parts.hash,
        })
    };
    read(line).ok_or_else(|| {
        Error::work(msg!("its last record is damaged", "最后一条记录已损坏")).hint(msg!(
            "run `renkou audit verify`; move the log aside only after finding out why",
            "请运行 `renkou audit verify`；查明原因后方可移走该日志"
        ))
    })
}
