//! What a file is, told by its first bytes and never by its extension: exports named `.xls` are
//! often HTML, XML or plain text.
//!
//! Entry point: [`sniff`]. Never reads a text file beyond its head, and never unpacks anything.

mod ole;

use std::io::{Read, Seek, SeekFrom};

use crate::error::{Error, Message, Result};
use crate::msg;

use super::archive;

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// Text with separated values.
    Delimited,
    /// Excel 2007 and later.
    Xlsx,
    /// Excel 97–2003 (BIFF8) and what WPS writes as `.et`.
    Xls,
    /// Excel binary workbook.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
    /// HTML tables, usually named `.xls`.
    Html,
    /// Excel 2003 XML (SpreadsheetML), usually named `.xls`.
    SpreadsheetMl,
    /// A zip archive of files.
    Zip,
    /// Something that cannot be read, and what to do about it.
    Unsupported(Unsupported),
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    /// What it is.
    pub message: Message,
    /// What to do about it.
    pub hint: Message,
}

impl Unsupported {
    /// The refusal as an error.
    #[must_use]
    pub fn error(self) -> Error {
        Error::work(self.message).hint(self.hint)
    }

    fn new(message: Message, hint: Message) -> Self {
        Self { message, hint }
    }

    fn save_as_xlsx(message: Message) -> Container {
        Container::Unsupported(Self::new(
            message,
            msg!(
                "open it in the program it came from and save the table as .xlsx or CSV",
                "请用原来的程序打开，把表格另存为 .xlsx 或 CSV"
            ),
        ))
    }

    fn unpack(message: Message) -> Container {
        Container::Unsupported(Self::new(
            message,
            msg!(
                "unpack it and hand in the files, or a plain .zip",
                "请先解压，再提交其中的文件或普通 .zip"
            ),
        ))
    }

    fn protected(message: Message) -> Container {
        Container::Unsupported(Self::new(
            message,
            msg!(
                "remove the password and hand it in again",
                "请取消密码后重新提交"
            ),
        ))
    }
}

/// How many bytes from the start decide what a file is.
const HEAD: u64 = 8 * 1024;

/// Tells what `file` is and leaves it at its start.
///
/// # Errors
/// The file cannot be read.
pub fn sniff<R: Read + Seek>(file: &mut R) -> Result<Container> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    let container = if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        zip(file)
    } else if head.starts_with(&ole::MAGIC) {
        ole::kind(file)?
    } else if let Some(known) = foreign(&head) {
        known
    } else {
        text(&head)
    };
    file.seek(SeekFrom::Start(0))?;
    Ok(container)
}

/// Tells spreadsheets from plain archives by the names of the entries.
fn zip<R: Read + Seek>(file: &mut R) -> Container {
    let Ok(names) = archive::names(file) else {
        return Container::Unsupported(Unsupported::new(
            msg!(
                "the zip archive or .xlsx file is damaged or cut short",
                "zip 压缩包或 .xlsx 文件已损坏或不完整"
            ),
            msg!("copy or export it again", "请重新复制或导出"),
        ));
    };
    let has = |wanted: &str| names.iter().any(|(name, _)| name == wanted);
    let within = |folder: &str| names.iter().any(|(name, _)| name.starts_with(folder));
    if names.iter().any(|(_, encrypted)| *encrypted) {
        return Unsupported::protected(msg!(
            "the archive is protected by a password",
            "压缩包设有密码"
        ));
    }
    if has("[Content_Types].xml") {
        return if names.iter().any(|(name, _)| name.ends_with("workbook.bin")) {
            Container::Xlsb
        } else if names.iter().any(|(name, _)| name.ends_with("workbook.xml")) {
            Container::Xlsx
        } else if within("word/") {
            Unsupported::save_as_xlsx(msg!("it is a Word document", "这是 Word 文档"))
        } else {
            Unsupported::save_as_xlsx(msg!(
                "it is an Office document without a workbook",
                "这是不含工作簿的 Office 文档"
            ))
        };
    }
    if has("mimetype") && has("content.xml") {
        return match archive::small_entry(file, "mimetype").as_deref() {
            Some(b"application/vnd.oasis.opendocument.spreadsheet") => Container::Ods,
            _ => Unsupported::save_as_xlsx(msg!(
                "it is an OpenDocument file, but no spreadsheet",
                "这是 OpenDocument 文件，但不是电子表格"
            )),
        };
    }
    if has("Index.zip") || has("Index/Document.iwa") {
        return Unsupported::save_as_xlsx(msg!(
            "it is an Apple Numbers document",
            "这是 Apple Numbers 文档"
        ));
    }
    if names.is_empty() {
        return Unsupported::unpack(msg!("the zip archive is empty", "压缩包为空"));
    }
    Container::Zip
}

/// Formats that are known and not read.
fn foreign(head: &[u8]) -> Option<Container> {
    let has_nul = memchr::memchr(0, &head[..head.len().min(256)]).is_some();
    Some(match head {
        [b'%', b'P', b'D', b'F', b'-', ..] => {
            Unsupported::save_as_xlsx(msg!("it is a PDF document", "这是 PDF 文档"))
        }
        [b'R', b'a', b'r', b'!', 0x1A, ..] => {
            Unsupported::unpack(msg!("it is a RAR archive", "这是 RAR 压缩包"))
        }
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => {
            Unsupported::unpack(msg!("it is a 7-Zip archive", "这是 7-Zip 压缩包"))
        }
        [0x1F, 0x8B, ..] => Unsupported::unpack(msg!("it is a gzip file", "这是 gzip 压缩文件")),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..]
        | [0xFD, b'7', b'z', b'X', b'Z', 0, ..]
        | [0x28, 0xB5, 0x2F, 0xFD, ..] => {
            Unsupported::unpack(msg!("it is a compressed file", "这是压缩文件"))
        }
        [b'P', b'K', 7, 8, ..] => Unsupported::unpack(msg!(
            "it is one part of a split zip archive",
            "这是分卷 zip 压缩包的一部分"
        )),
        [0x89, b'P', b'N', b'G', ..]
        | [0xFF, 0xD8, 0xFF, ..]
        | [b'G', b'I', b'F', b'8', ..]
        | [b'I', b'I', 0x2A, 0, ..]
        | [b'M', b'M', 0, 0x2A, ..] => {
            Unsupported::save_as_xlsx(msg!("it is a picture, not a table", "这是图片，不是表格"))
        }
        // Two letters are no proof: `BM` and `MZ` also start column names.
        [b'B', b'M', ..] if has_nul && head.get(6..10) == Some(&[0; 4]) => {
            Unsupported::save_as_xlsx(msg!("it is a picture, not a table", "这是图片，不是表格"))
        }
        [b'M', b'Z', ..] if has_nul => {
            Unsupported::save_as_xlsx(msg!("it is a program, not a table", "这是程序，不是表格"))
        }
        [b'P', b'A', b'R', b'1', ..] => Unsupported::save_as_xlsx(msg!(
            "it is a Parquet file; departments hand in CSV or spreadsheets",
            "这是 Parquet 文件；部门应提交 CSV 或电子表格"
        )),
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', b'f', ..] => {
            Unsupported::save_as_xlsx(msg!("it is an SQLite database", "这是 SQLite 数据库"))
        }
        [0, 1, 0, 0, b'S', b't', b'a', b'n', ..] => {
            Unsupported::save_as_xlsx(msg!("it is an Access database", "这是 Access 数据库"))
        }
        [b'{', b'\\', b'r', b't', b'f', ..] => {
            Unsupported::save_as_xlsx(msg!("it is a rich-text document", "这是 RTF 文档"))
        }
        // BIFF2 to BIFF4 streams, which Excel itself no longer opens.
        [9, 0 | 2 | 4 | 8, 4 | 6 | 8 | 16, 0, ..] => Unsupported::save_as_xlsx(msg!(
            "it is an Excel file from before Excel 97",
            "这是 Excel 97 之前的旧格式"
        )),
        _ => return None,
    })
}

/// Markup or separated values.
fn text(head: &[u8]) -> Container {
    let plain = ascii_view(head);
    let start = plain.trim_start();
    if start.is_empty() && (head.len() as u64) < HEAD {
        return Container::Unsupported(Unsupported::new(
            msg!("the file is empty", "文件为空"),
            msg!("export it again", "请重新导出"),
        ));
    }
    if start.starts_with("mime-version:") && plain.contains("multipart/related") {
        return Unsupported::save_as_xlsx(msg!(
            "it is a web archive (MHTML)",
            "这是单个文件网页（MHTML）"
        ));
    }
    if !start.starts_with('<') {
        return Container::Delimited;
    }
    if plain.contains("urn:schemas-microsoft-com:office:spreadsheet") && plain.contains("<workbook")
        || plain.contains("progid=\"excel.sheet\"")
        || plain.contains(":workbook ")
    {
        return Container::SpreadsheetMl;
    }
    const HTML: [&str; 14] = [
        "<html",
        "<!doctype html",
        "<table",
        "<head",
        "<meta",
        "<body",
        "<style",
        "<div",
        "<title",
        "<center",
        "<font",
        "<h1",
        "<tr",
        "<p>",
    ];
    if HTML.iter().any(|tag| plain.contains(tag)) {
        return Container::Html;
    }
    if start.starts_with("<?xml") {
        return Unsupported::save_as_xlsx(msg!(
            "it is an XML file that is no spreadsheet",
            "这是 XML 文件，但不是电子表格"
        ));
    }
    Container::Delimited
}

/// The ASCII characters of the head in lower case, whatever the encoding: bytes of other
/// characters, NUL bytes of UTF-16 and byte order marks are left out.
fn ascii_view(head: &[u8]) -> String {
    let ascii = head.iter().filter(|byte| (1..0x80).contains(*byte));
    let marks = head.iter().any(|&byte| byte >= 0x80);
    let mut text: String = ascii
        .map(|&byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    // Text without any ASCII character is not empty.
    if text.trim().is_empty() && marks && !is_only_mark(head) {
        text.push('?');
    }
    text
}

fn is_only_mark(head: &[u8]) -> bool {
    [&b"\xEF\xBB\xBF"[..], b"\xFF\xFE", b"\xFE\xFF"]
        .iter()
        .any(|mark| {
            head.strip_prefix(*mark).is_some_and(|rest| {
                rest.iter()
                    .all(|&byte| byte == 0 || byte.is_ascii_whitespace())
            })
        })
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    fn kind(bytes: &[u8]) -> Container {
        sniff(&mut Cursor::new(bytes)).unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        match kind(bytes) {
            Container::Unsupported(why) => why.message.en,
            other => format!("{other:?}"),
        }
    }

    fn zipped(names: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in names {
            writer
                .start_file(*name, zip::write::SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn text_is_delimited_whatever_its_encoding() {
        for head in [
            &b"a,b\n"[..],
            b"\xEF\xBB\xBFa,b",
            b"\xFF\xFEa\0,\0",
            b"\xD0\xD5\xC3\xFB",
            b"BM,MZ\n1,2",
            b"MZ,XM\n",
        ] {
            assert_eq!(kind(head), Container::Delimited);
        }
        assert_eq!(kind("姓名\n".as_bytes()), Container::Delimited);
        assert_eq!(kind(b"<5,>6\n"), Container::Delimited);
    }

    #[test]
    fn markup_is_told_apart() {
        assert_eq!(
            kind(b"\xEF\xBB\xBF\r\n<HTML xmlns:x=\"urn:schemas-microsoft-com:office:excel\">"),
            Container::Html
        );
        assert_eq!(kind(b"<table border=1>"), Container::Html);
        assert_eq!(kind(b"\xFF\xFE<\0t\0a\0b\0l\0e\0>\0"), Container::Html);
        assert_eq!(kind(b"<?xml version=\"1.0\"?><html>"), Container::Html);
        assert_eq!(
            kind(b"<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">"),
            Container::SpreadsheetMl
        );
        assert_eq!(
            kind(b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?>"),
            Container::SpreadsheetMl
        );
        assert_eq!(
            refusal(b"<?xml version=\"1.0\"?><data/>"),
            "it is an XML file that is no spreadsheet"
        );
    }

    #[test]
    fn zips_are_told_apart_by_their_entries() {
        assert_eq!(
            kind(&zipped(&[
                ("[Content_Types].xml", ""),
                ("xl/workbook.xml", "")
            ])),
            Container::Xlsx
        );
        assert_eq!(
            kind(&zipped(&[
                ("[Content_Types].xml", ""),
                ("xl/workbook.bin", "")
            ])),
            Container::Xlsb
        );
        assert_eq!(
            kind(&zipped(&[
                ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
                ("content.xml", "")
            ])),
            Container::Ods
        );
        assert_eq!(
            kind(&zipped(&[("一.csv", "a"), ("二.xls", "b")])),
            Container::Zip
        );
        assert_eq!(
            refusal(&zipped(&[
                ("[Content_Types].xml", ""),
                ("word/document.xml", "")
            ])),
            "it is a Word document"
        );
        assert_eq!(refusal(&zipped(&[])), "the zip archive is empty");
        assert_eq!(
            refusal(b"PK\x03\x04cut"),
            "the zip archive or .xlsx file is damaged or cut short"
        );
    }

    #[test]
    fn a_zip_with_a_password_is_refused() {
        let mut bytes = zipped(&[("a.csv", "a")]);
        // The encryption bit of the central directory entry.
        let at = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
        bytes[at + 8] |= 1;
        assert_eq!(refusal(&bytes), "the archive is protected by a password");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        assert_eq!(refusal(b""), "the file is empty");
        assert_eq!(refusal(b"\xEF\xBB\xBF\r\n"), "the file is empty");
        assert_eq!(refusal(b"%PDF-1.7"), "it is a PDF document");
        assert_eq!(refusal(b"Rar!\x1A\x07\x01\0"), "it is a RAR archive");
        assert_eq!(refusal(b"7z\xBC\xAF\x27\x1C\0"), "it is a 7-Zip archive");
        assert_eq!(refusal(b"\x1F\x8B\x08"), "it is a gzip file");
        assert_eq!(refusal(b"\x89PNG\r\n"), "it is a picture, not a table");
        assert_eq!(refusal(b"\xFF\xD8\xFF\xE0"), "it is a picture, not a table");
        assert!(refusal(b"PAR1\x15\0").starts_with("it is a Parquet file"));
        assert_eq!(
            refusal(b"\x09\x08\x10\0\0\x06\x05\0"),
            "it is an Excel file from before Excel 97"
        );
    }
}
