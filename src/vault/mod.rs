//! Identities leave the analytic path here and stay sealed: the key file ([`Keys`]), the pseudonyms
//! that replace identities in tables ([`Pseudonymiser`]), the sealed blocks that hold the identities
//! themselves ([`Sealer`]), and the record of everyone who looked ([`AuditLog`]).
//!
//! It works on bytes and record batches it is given: it never reads the lake, never decides who may
//! unseal, never looks at the clock, and never puts an identity or a secret into a message.

mod audit;
mod audit_check;
mod audit_record;
mod fingerprint;
mod keys;
mod pseudonym;
mod seal;
mod wipe;

pub use audit::{AuditLog, Entry};
pub use audit_check::{Checks, Verified, verify, verify_with};
pub use audit_record::{Head, Record, records};
pub use fingerprint::{fingerprint_sql, mask_numbers};
pub use keys::Keys;
pub use pseudonym::Pseudonymiser;
pub use seal::Sealer;

use std::path::Path;

/// The folder that holds `path`; `.` for a bare file name.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes a new or renamed name in `folder` survive a power loss.
///
/// Windows has no such call; NTFS journals its directories itself.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        fs_err::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Lower-case hexadecimal.
fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        })
        .collect()
}

/// The 32 bytes that 64 hexadecimal digits spell.
fn from_hex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high << 4 | low) as u8;
    }
    Some(bytes)
}
