//! Pseudonyms: what stands in a table in place of an identity.

use std::fmt;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::Keys;
use super::keys::hmac;

const LABEL: &str = "renkou pseudonym v1";

/// Turns identities of one kind (`person`, `certificate`, …) into pseudonyms: HMAC-SHA-256 under a
/// key derived from the warehouse's pseudonym secret and the kind, cut to its first 128 bits.
///
/// The same value gives the same pseudonym in every table of one warehouse, and unrelated ones for
/// another kind or another warehouse. Without the key file a pseudonym can neither be reversed nor
/// guessed by trying all ID numbers.
#[derive(Clone)]
pub struct Pseudonymiser {
    // Already holds the states after the inner and outer key block, so a value costs two rounds
    // of SHA-256.
    start: Hmac<Sha256>,
}

impl fmt::Debug for Pseudonymiser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pseudonymiser").finish_non_exhaustive()
    }
}

impl Pseudonymiser {
    /// Pseudonyms of `kind` under `keys`.
    #[must_use]
    pub fn new(keys: &Keys, kind: &str) -> Self {
        let key = keys.pseudonym_key(LABEL, kind);
        Self { start: hmac(&key) }
    }

    /// The pseudonym of `value`, byte for byte: whoever calls brings it into its normal form first
    /// (18 digits, capital `X`, no full-width digits), or the same person gets two pseudonyms.
    #[must_use]
    pub fn of(&self, value: &str) -> [u8; 16] {
        self.of_bytes(value.as_bytes())
    }

    /// The pseudonym of a value given as its bytes.
    #[must_use]
    pub fn of_bytes(&self, value: &[u8]) -> [u8; 16] {
        let mut mac = self.start.clone();
        mac.update(value);
        let tag = mac.finalize().into_bytes();
        let mut pseudonym = [0; 16];
        pseudonym.copy_from_slice(&tag[..16]);
        pseudonym
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::to_hex;

    /// Computed with Python's hmac and hashlib:
    /// `k = hmac(b"\x0b" * 32, b"renkou pseudonym v1\0person"); hmac(k, value)[:16]`.
    const KNOWN: [(&str, &str, &str); 3] = [
        (
            "person",
            "150121189001010023",
            "204bc7eef23fb3cd8c35cfed3ed4eb30",
        ),
        (
            "certificate",
            "K150000001",
            "c76ee69b64a3292ebe9555f253fb6670",
        ),
        ("person", "", "b1e996ce36c2c85323a3f48c0099de93"),
    ];

    #[test]
    fn pseudonyms_are_as_another_implementation_computes_them() {
        let keys = Keys::fixed(0x0b);
        for (kind, value, expected) in KNOWN {
            assert_eq!(to_hex(&Pseudonymiser::new(&keys, kind).of(value)), expected);
        }
    }

    #[test]
    fn the_same_value_keeps_its_pseudonym() {
        let persons = Pseudonymiser::new(&Keys::fixed(1), "person");
        let again = Pseudonymiser::new(&Keys::fixed(1), "person");
        let first = persons.of("150121189001010023");
        assert_eq!(persons.of("150121189001010023"), first);
        assert_eq!(persons.clone().of("150121189001010023"), first);
        assert_eq!(again.of("150121189001010023"), first);
    }

    #[test]
    fn pseudonyms_differ_by_value_kind_and_key() {
        let of = |seed, kind, value| Pseudonymiser::new(&Keys::fixed(seed), kind).of(value);
        let all = [
            of(1, "person", "150121189001010023"),
            of(1, "person", "150121189001010031"),
            of(1, "certificate", "150121189001010023"),
            of(1, "person1", "50121189001010023"),
            of(2, "person", "150121189001010023"),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn threads_share_it() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Pseudonymiser>();
    }
}
