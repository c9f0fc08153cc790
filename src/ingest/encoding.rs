//! Text encodings of the departments' files: telling which one it is, and decoding without ever
//! losing a character.
//!
//! Entry points: [`detect`], [`decode_block`], [`last_line_end`]. Never replaces a byte that does
//! not decode: it is an error that tells line, byte and value.

mod gb18030;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::msg;

/// How the text of a file is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 without byte order mark.
    Utf8,
    /// UTF-8 with byte order mark (Excel's "CSV UTF-8").
    Utf8Bom,
    /// GB18030 and its subsets GBK, GB2312, code page 936 (Excel's and WPS's plain "CSV").
    Gb18030,
    /// UTF-16, low byte first (Excel's "Unicode text").
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Utf8Bom => "utf-8-bom",
            Self::Gb18030 => "gb18030",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        })
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_lowercase();
        Ok(match plain.as_str() {
            "utf8" => Self::Utf8,
            "utf8bom" | "utf8sig" => Self::Utf8Bom,
            "gb18030" | "gbk" | "gb2312" | "cp936" | "936" | "ansi" => Self::Gb18030,
            "utf16" | "utf16le" | "unicode" => Self::Utf16Le,
            "utf16be" => Self::Utf16Be,
            _ => {
                return Err(
                    Error::usage(msg!("unknown encoding `{name}`", "未知编码 `{name}`")).hint(
                        msg!(
                            "use `utf-8`, `gb18030`, `utf-16le` or `utf-16be`",
                            "请写 `utf-8`、`gb18030`、`utf-16le` 或 `utf-16be`"
                        ),
                    ),
                );
            }
        })
    }
}

/// Tells the encoding from the first bytes of a file (at most 1 MiB; the last character may be
/// cut): byte order mark, then NUL bytes (UTF-16), then strict UTF-8, then GB18030.
///
/// A file with single damaged bytes gets the encoding it is meant to have, so that
/// [`decode_block`] can tell where the damage is.
///
/// # Errors
/// The bytes are not text in any of the encodings.
pub fn detect(head: &[u8]) -> Result<Encoding> {
    if head.starts_with(b"\xEF\xBB\xBF") {
        return Ok(Encoding::Utf8Bom);
    }
    if head.starts_with(b"\xFF\xFE") {
        return Ok(Encoding::Utf16Le);
    }
    if head.starts_with(b"\xFE\xFF") {
        return Ok(Encoding::Utf16Be);
    }
    if head.starts_with(b"\x84\x31\x95\x33") {
        return Ok(Encoding::Gb18030);
    }
    if memchr::memchr(0, head).is_some() {
        return utf16_without_mark(head).ok_or_else(not_text);
    }
    if control_bytes(head) * 20 > head.len() {
        return Err(not_text());
    }
    let utf8 = Utf8Scan::new(head);
    if utf8.errors == 0 {
        return Ok(Encoding::Utf8);
    }
    // GB18030 accepts most byte pairs, so UTF-8 text with one damaged byte would pass as Chinese
    // nonsense; real GB18030 text hardly ever forms valid sequences of three bytes.
    if utf8.sequences >= 4 * utf8.errors {
        return Ok(Encoding::Utf8);
    }
    let (errors, characters) = gb18030_errors(head);
    if errors * 50 <= characters {
        Ok(Encoding::Gb18030)
    } else {
        Err(not_text())
    }
}

fn not_text() -> Error {
    Error::work(msg!(
        "the file is neither text in a known encoding nor a known spreadsheet",
        "文件既不是可识别编码的文本，也不是可识别的电子表格"
    ))
    .hint(msg!(
        "open it in the program it came from and save it as .xlsx or CSV; if it is text, name its encoding with `--encoding`",
        "请用原来的程序打开并另存为 .xlsx 或 CSV；如果确是文本，请用 `--encoding` 指明编码"
    ))
}

/// UTF-16 shows as NUL bytes on one side of the pairs: ASCII separators, digits, line ends.
fn utf16_without_mark(head: &[u8]) -> Option<Encoding> {
    let (mut even, mut odd) = (0_usize, 0_usize);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair[0] == 0);
        odd += usize::from(pair[1] == 0);
    }
    let pairs = head.len() / 2;
    let encoding = if odd > even {
        Encoding::Utf16Le
    } else {
        Encoding::Utf16Be
    };
    // The other side has some too: the low byte of 一 (U+4E00), 最 (U+6700) and a few others.
    if even.min(odd) * 3 > even.max(odd) {
        return None;
    }
    // Binary data with a stray NUL is not text: separators and line ends are far more frequent.
    if (even + odd) * 200 < pairs {
        return None;
    }
    let whole = &head[..pairs * 2];
    let whole = whole
        .get(..whole.len().saturating_sub(2))
        .unwrap_or_default();
    utf16_codec(encoding)
        .decode_without_bom_handling_and_without_replacement(whole)
        .map(|_| encoding)
}

fn control_bytes(head: &[u8]) -> usize {
    head.iter()
        .filter(|&&byte| byte < 0x20 && !matches!(byte, 0x09..=0x0D | 0x1A | 0x1B))
        .count()
}

struct Utf8Scan {
    errors: usize,
    /// Characters of three and four bytes.
    sequences: usize,
}

impl Utf8Scan {
    fn new(head: &[u8]) -> Self {
        let mut scan = Self {
            errors: 0,
            sequences: 0,
        };
        let mut rest = head;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    scan.count(valid);
                    return scan;
                }
                Err(error) => {
                    let (valid, bad) = rest.split_at(error.valid_up_to());
                    if let Ok(valid) = std::str::from_utf8(valid) {
                        scan.count(valid);
                    }
                    // No error length: the block ends inside a character, which is no error here.
                    let Some(length) = error.error_len() else {
                        return scan;
                    };
                    scan.errors += 1;
                    rest = &bad[length..];
                }
            }
        }
    }

    fn count(&mut self, valid: &str) {
        self.sequences += valid.bytes().filter(|&byte| byte >= 0xE0).count();
    }
}

fn gb18030_errors(head: &[u8]) -> (usize, usize) {
    let mut decoder = encoding_rs::GB18030.new_decoder_without_bom_handling();
    let mut buffer = vec![0_u8; 64 * 1024];
    let (mut errors, mut characters, mut rest) = (0, 0, head);
    loop {
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(rest, &mut buffer, false);
        characters += buffer[..written]
            .iter()
            .filter(|&&byte| byte >= 0xC0)
            .count();
        rest = &rest[read..];
        match result {
            encoding_rs::DecoderResult::InputEmpty => return (errors, characters),
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(..) => errors += 1,
        }
    }
}

/// Decodes whole lines. `first_line` is the number of the first line, from 1; a byte order mark is
/// dropped at line 1. Cut the blocks with [`last_line_end`]: both halves of a character must be
/// in the same block.
///
/// # Errors
/// A byte that does not decode, with line, byte position in the line and value.
pub fn decode_block(bytes: &[u8], encoding: Encoding, first_line: u64) -> Result<Cow<'_, str>> {
    let text = match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(error) => {
                return Err(undecodable(
                    bytes,
                    error.valid_up_to(),
                    encoding,
                    first_line,
                ));
            }
        },
        Encoding::Gb18030 if bytes.is_ascii() => decode_block(bytes, Encoding::Utf8, 0)?,
        Encoding::Gb18030 => match gb18030::decode(bytes) {
            Ok(text) => Cow::Owned(text),
            Err(at) => return Err(undecodable(bytes, at, encoding, first_line)),
        },
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let codec = utf16_codec(encoding);
            match codec.decode_without_bom_handling_and_without_replacement(bytes) {
                Some(text) => text,
                None => {
                    let at = first_malformed(bytes, codec);
                    return Err(undecodable(bytes, at, encoding, first_line));
                }
            }
        }
    };
    Ok(if first_line == 1 {
        without_mark(text)
    } else {
        text
    })
}

/// Where the last whole line of `bytes` ends (just after its line feed), if there is one.
///
/// GB18030 never uses the byte of a line feed inside a character, so cutting there is safe before
/// decoding; UTF-16 is cut at even positions.
#[must_use]
pub fn last_line_end(bytes: &[u8], encoding: Encoding) -> Option<usize> {
    let unit: [u8; 2] = match encoding {
        Encoding::Utf16Le => [b'\n', 0],
        Encoding::Utf16Be => [0, b'\n'],
        _ => return memchr::memrchr(b'\n', bytes).map(|at| at + 1),
    };
    let even = bytes.len() & !1;
    bytes[..even]
        .chunks_exact(2)
        .rposition(|pair| pair == unit)
        .map(|at| at * 2 + 2)
}

fn utf16_codec(encoding: Encoding) -> &'static encoding_rs::Encoding {
    if encoding == Encoding::Utf16Be {
        encoding_rs::UTF_16BE
    } else {
        encoding_rs::UTF_16LE
    }
}

fn without_mark(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Cow::Owned(mut text) => {
            if text.starts_with('\u{FEFF}') {
                text.drain(..'\u{FEFF}'.len_utf8());
            }
            Cow::Owned(text)
        }
    }
}

fn first_malformed(bytes: &[u8], codec: &'static encoding_rs::Encoding) -> usize {
    let mut decoder = codec.new_decoder_without_bom_handling();
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut done = 0;
    loop {
        let (result, read, _) =
            decoder.decode_to_utf8_without_replacement(&bytes[done..], &mut buffer, true);
        done += read;
        match result {
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::InputEmpty => return bytes.len().saturating_sub(1),
            encoding_rs::DecoderResult::Malformed(bad, after) => {
                return done.saturating_sub(usize::from(bad) + usize::from(after));
            }
        }
    }
}

fn undecodable(bytes: &[u8], at: usize, encoding: Encoding, first_line: u64) -> Error {
    let (line, byte) = position(bytes, at, encoding, first_line);
    let value = bytes.get(at).copied().unwrap_or_default();
    Error::work(msg!(
        "line {line}, byte {byte}: 0x{value:02X} does not decode as {encoding}",
        "第 {line} 行第 {byte} 字节：0x{value:02X} 无法按 {encoding} 解码"
    ))
    .hint(msg!(
        "if the file is in another encoding, name it with `--encoding`; otherwise export the file again",
        "如果文件是其他编码，请用 `--encoding` 指明；否则请重新导出文件"
    ))
}

/// Line (from `first_line`) and byte within the line (from 1) of position `at`. Lines end with LF,
/// CR LF or CR alone.
fn position(bytes: &[u8], at: usize, encoding: Encoding, first_line: u64) -> (u64, usize) {
    let width = if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
        2
    } else {
        1
    };
    let unit = |start: usize| match encoding {
        Encoding::Utf16Le => bytes
            .get(start + 1)
            .is_some_and(|&high| high == 0)
            .then(|| bytes[start]),
        Encoding::Utf16Be => (bytes[start] == 0)
            .then(|| bytes.get(start + 1).copied())
            .flatten(),
        _ => Some(bytes[start]),
    };
    let (mut line, mut line_start, mut previous) = (first_line, 0, None);
    for start in (0..at.min(bytes.len())).step_by(width) {
        let current = unit(start);
        if current == Some(b'\n') {
            line += u64::from(previous != Some(b'\r'));
            line_start = start + width;
        } else if current == Some(b'\r') {
            line += 1;
            line_start = start + width;
        }
        previous = current;
    }
    (line, at - line_start.min(at) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gb(text: &str) -> Vec<u8> {
        encoding_rs::GB18030.encode(text).0.into_owned()
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    }

    const TEXT: &str = "姓名,性别,出生日期\n䶮㛃,女,1888-03-05\n阿木尔·巴特尔,男,1889-01-01\n";

    #[test]
    fn each_encoding_is_told_from_the_others() {
        let mut marked = b"\xEF\xBB\xBF".to_vec();
        marked.extend(TEXT.as_bytes());
        assert_eq!(detect(TEXT.as_bytes()).unwrap(), Encoding::Utf8);
        assert_eq!(detect(&marked).unwrap(), Encoding::Utf8Bom);
        assert_eq!(detect(&gb(TEXT)).unwrap(), Encoding::Gb18030);
        assert_eq!(detect(&utf16(TEXT, false)).unwrap(), Encoding::Utf16Le);
        assert_eq!(detect(&utf16(TEXT, true)).unwrap(), Encoding::Utf16Be);
        assert_eq!(
            detect(&utf16("\u{FEFF}中文", false)).unwrap(),
            Encoding::Utf16Le
        );
        assert_eq!(detect(b"id,sex\n1,2\n").unwrap(), Encoding::Utf8);
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_head_does_not_matter() {
        for cut in 1..8 {
            let utf8 = TEXT.repeat(3);
            assert_eq!(
                detect(&utf8.as_bytes()[..utf8.len() - cut]).unwrap(),
                Encoding::Utf8
            );
            let gb = gb(&utf8);
            assert_eq!(detect(&gb[..gb.len() - cut]).unwrap(), Encoding::Gb18030);
            let wide = utf16(&utf8, false);
            assert_eq!(
                detect(&wide[..wide.len() - cut]).unwrap(),
                Encoding::Utf16Le
            );
        }
    }

    #[test]
    fn binary_junk_is_an_error() {
        assert!(detect(&[0, 1, 2, 3, 0, 0, 255, 254, 7, 8]).is_err());
        let junk: Vec<u8> = (0..4000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert!(detect(&junk).is_err());
        assert!(detect(&[0xFF; 64]).is_err());
    }

    #[test]
    fn damaged_utf8_stays_utf8_and_the_damage_is_located() {
        let mut bytes = TEXT.repeat(5).into_bytes();
        let at = bytes.iter().rposition(|&byte| byte == b'\n').unwrap() - 20;
        bytes[at] = 0xFF;
        assert_eq!(detect(&bytes).unwrap(), Encoding::Utf8);
        assert!(decode_block(&bytes, Encoding::Utf8, 1).is_err());
    }

    #[test]
    fn text_comes_back_unchanged_in_every_encoding() {
        for (bytes, encoding) in [
            (TEXT.as_bytes().to_vec(), Encoding::Utf8),
            (gb(TEXT), Encoding::Gb18030),
            (utf16(TEXT, false), Encoding::Utf16Le),
            (utf16(TEXT, true), Encoding::Utf16Be),
        ] {
            assert_eq!(
                decode_block(&bytes, encoding, 1).unwrap(),
                TEXT,
                "{encoding}"
            );
        }
        assert!(matches!(
            decode_block(TEXT.as_bytes(), Encoding::Utf8, 1).unwrap(),
            Cow::Borrowed(_)
        ));
    }

    #[test]
    fn the_mark_goes_at_line_one_only() {
        let marked = "\u{FEFF}a";
        assert_eq!(
            decode_block(marked.as_bytes(), Encoding::Utf8Bom, 1).unwrap(),
            "a"
        );
        assert_eq!(
            decode_block(marked.as_bytes(), Encoding::Utf8, 1).unwrap(),
            "a"
        );
        assert_eq!(
            decode_block(marked.as_bytes(), Encoding::Utf8, 9).unwrap(),
            marked
        );
        assert_eq!(
            decode_block(&utf16(marked, true), Encoding::Utf16Be, 1).unwrap(),
            "a"
        );
        assert_eq!(
            decode_block(b"\x84\x31\x95\x33a", Encoding::Gb18030, 1).unwrap(),
            "a"
        );
    }

    #[test]
    fn private_use_and_four_byte_characters_survive() {
        // 0xAAA1 is the first user-defined character of GBK, U+E000.
        assert_eq!(
            decode_block(b"\xAA\xA1", Encoding::Gb18030, 1).unwrap(),
            "\u{E000}"
        );
        assert_eq!(decode_block(&gb("𬀩"), Encoding::Gb18030, 1).unwrap(), "𬀩");
    }

    fn failure(bytes: &[u8], encoding: Encoding, first_line: u64) -> String {
        decode_block(bytes, encoding, first_line)
            .unwrap_err()
            .message()
            .en
            .clone()
    }

    #[test]
    fn an_undecodable_byte_is_located() {
        let mut bytes = gb("姓名\r\n王");
        bytes.extend(b"a\xFFb\n");
        assert_eq!(
            failure(&bytes, Encoding::Gb18030, 41),
            "line 42, byte 4: 0xFF does not decode as gb18030"
        );
        assert_eq!(
            failure(b"a\nb\x80", Encoding::Gb18030, 1),
            "line 2, byte 2: 0x80 does not decode as gb18030"
        );
        assert_eq!(
            failure("一\n二\u{FFFD}".as_bytes()[..8].as_ref(), Encoding::Utf8, 1),
            "line 2, byte 4: 0xEF does not decode as utf-8"
        );
        assert_eq!(
            failure(
                &[b'a', 0, b'\n', 0, 0x00, 0xD8, b'b', 0],
                Encoding::Utf16Le,
                1
            ),
            "line 2, byte 1: 0x00 does not decode as utf-16le"
        );
    }

    #[test]
    fn a_real_euro_sign_and_0x80_as_second_byte_are_fine() {
        let bytes = gb("€\u{4E02}丂");
        assert_eq!(
            decode_block(&bytes, Encoding::Gb18030, 1).unwrap(),
            "€\u{4E02}丂"
        );
    }

    #[test]
    fn blocks_are_cut_after_the_last_line_feed() {
        assert_eq!(last_line_end(b"a\nb\nc", Encoding::Gb18030), Some(4));
        assert_eq!(last_line_end(b"abc", Encoding::Utf8), None);
        // U+0A0A holds the byte twice and is no line feed.
        let wide = utf16("\u{0A0A}\n\u{0A0A}x", false);
        assert_eq!(last_line_end(&wide, Encoding::Utf16Le), Some(4));
        assert_eq!(
            last_line_end(&utf16("\u{0A0A}\n\u{0A0A}x", true), Encoding::Utf16Be),
            Some(4)
        );
    }

    #[test]
    fn names_are_read_in_their_usual_spellings() {
        for (name, encoding) in [
            ("GBK", Encoding::Gb18030),
            ("gb2312", Encoding::Gb18030),
            ("cp936", Encoding::Gb18030),
            ("UTF-8", Encoding::Utf8),
            ("utf_8_bom", Encoding::Utf8Bom),
            ("utf-16", Encoding::Utf16Le),
            ("UTF-16BE", Encoding::Utf16Be),
        ] {
            assert_eq!(name.parse::<Encoding>().unwrap(), encoding);
            assert_eq!(encoding.to_string().parse::<Encoding>().unwrap(), encoding);
        }
        assert!("latin1".parse::<Encoding>().is_err());
    }
}
