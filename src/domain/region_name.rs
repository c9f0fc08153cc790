//! Names of divisions taken apart: the stem that is compared and the suffix that tells what kind of
//! unit is meant. Entry points: [`township_stem`], [`village_stem`]. Knows no particular place.

use std::borrow::Cow;

use super::text;

/// What kind of unit a village-level name means; the same stem may name both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VillageKind {
    /// 社区, 居委会: codes 001–199 and 400–499.
    Community,
    /// 村, 嘎查, 村委会: codes 200–399 and 500–599.
    Committee,
}

/// Suffixes of township-level units, longer ones first.
pub(super) const TOWNSHIP_SUFFIXES: [&str; 10] = [
    "街道办事处",
    "区域服务中心",
    "经济技术开发区",
    "经济开发区",
    "民族乡",
    "开发区",
    "街道",
    "苏木",
    "镇",
    "乡",
];

/// Suffixes of village-level units, longer ones first.
const VILLAGE_SUFFIXES: [(&str, VillageKind); 19] = [
    ("社区居民委员会", VillageKind::Community),
    ("嘎查村民委员会", VillageKind::Committee),
    ("社区居委会", VillageKind::Community),
    ("社区委员会", VillageKind::Community),
    ("居民委员会", VillageKind::Community),
    ("嘎查委员会", VillageKind::Committee),
    ("嘎查村委会", VillageKind::Committee),
    ("村民委员会", VillageKind::Committee),
    ("村委员会", VillageKind::Committee),
    ("居委会", VillageKind::Community),
    ("嘎查村", VillageKind::Committee),
    ("村委会", VillageKind::Committee),
    ("行政村", VillageKind::Committee),
    ("自然村", VillageKind::Committee),
    ("社区", VillageKind::Community),
    ("嘎查", VillageKind::Committee),
    ("大队", VillageKind::Committee),
    ("村委", VillageKind::Committee),
    ("村", VillageKind::Committee),
];

/// A name or an address in the form in which names are looked for: NFKC, no blanks.
pub(super) fn prepared(name: &str) -> Cow<'_, str> {
    let blank = |block: &[u8]| {
        block
            .iter()
            .fold(false, |any, &byte| any | (byte <= b' ') | (byte == 0x7f))
    };
    if text::is_plain(name) && !name.as_bytes().chunks(32).any(blank) {
        return match name.as_bytes() {
            // Excel's text markers.
            [b'\'' | b'=', ..] => Cow::Owned(text::clean(name).into_owned()),
            _ => Cow::Borrowed(name),
        };
    }
    let cleaned = text::clean(name);
    let folded = text::nfkc(&cleaned);
    Cow::Owned(folded.chars().filter(|c| !c.is_whitespace()).collect())
}

/// A township-level name without its suffix: 察素齐镇 → 察素齐. At least two characters stay.
pub(super) fn township_stem(name: &str) -> &str {
    TOWNSHIP_SUFFIXES
        .iter()
        .find_map(|suffix| without(name, suffix))
        .unwrap_or(name)
}

/// A village-level name without its suffixes, and the kind that the last of them tells.
pub(super) fn village_stem(name: &str) -> (&str, Option<VillageKind>) {
    let mut stem = name;
    let mut kind = None;
    while let Some((shorter, found)) = VILLAGE_SUFFIXES
        .iter()
        .find_map(|(suffix, kind)| Some((without(stem, suffix)?, *kind)))
    {
        stem = shorter;
        kind = kind.or(Some(found));
    }
    (stem, kind)
}

/// The kind that the text behind a village name tells, and whether the name may end there at all:
/// 西园 ends before 村 and 社区, not before 路.
pub(super) fn village_end(after: &str) -> Option<Option<VillageKind>> {
    let kind = VILLAGE_SUFFIXES
        .iter()
        .find(|(suffix, _)| after.starts_with(suffix))
        .map(|(_, kind)| *kind);
    let ends = match after.chars().next() {
        None => true,
        Some(c) => {
            kind.is_some()
                || c.is_ascii_digit()
                || c.is_ascii_punctuation()
                || matches!(
                    c,
                    '第' | '组' | '队' | '号' | '委' | '、' | '。' | '一'
                        ..='丁' | '七' | '三' | '二' | '五' | '六' | '八' | '九' | '四' | '十'
                )
        }
    };
    ends.then_some(kind)
}

/// Whether text behind a name makes it a township-level unit; how many bytes that takes.
pub(super) fn township_end(after: &str) -> Option<usize> {
    TOWNSHIP_SUFFIXES
        .iter()
        .chain(&["公社"])
        .find(|suffix| after.starts_with(**suffix))
        .map(|s| s.len())
}

fn without<'a>(name: &'a str, suffix: &str) -> Option<&'a str> {
    // Two Chinese characters take six bytes.
    name.strip_suffix(suffix).filter(|stem| stem.len() >= 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_go_and_tell_the_kind() {
        assert_eq!(township_stem("察素齐镇"), "察素齐");
        assert_eq!(township_stem("金浩区域服务中心"), "金浩");
        assert_eq!(
            village_stem("流水村委会"),
            ("流水", Some(VillageKind::Committee))
        );
        assert_eq!(
            village_stem("流水村村民委员会"),
            ("流水", Some(VillageKind::Committee))
        );
        assert_eq!(
            village_stem("西园社区居委会"),
            ("西园", Some(VillageKind::Community))
        );
        assert_eq!(
            village_stem("站村村委会"),
            ("站村", Some(VillageKind::Committee))
        );
        assert_eq!(village_stem("站村"), ("站村", None));
    }

    #[test]
    fn a_name_ends_only_where_it_may() {
        assert_eq!(village_end("村12号"), Some(Some(VillageKind::Committee)));
        assert_eq!(village_end(""), Some(None));
        assert_eq!(village_end("3组"), Some(None));
        assert_eq!(village_end("路5号"), None);
    }
}
