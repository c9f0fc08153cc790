//! Zip archives of deliveries: the files inside, one level of zip within zip, names as the
//! department sees them.
//!
//! Entry points: [`for_each`], [`members`]. Never writes anything to disk and never unpacks
//! without limit: declared sizes are not believed.

use std::io::{Cursor, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::{Error, Result};
use crate::msg;

/// A file inside an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path inside, `/` between the parts; a zip within the zip is one of them.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Most that one archive may unpack to.
const MAX_TOTAL: u64 = 4 << 30;
/// Most files in one archive.
const MAX_FILES: usize = 100_000;
/// A member above this size that shrank more than [`MAX_RATIO`] times is a zip bomb; exports of
/// registers shrink 5 to 30 times.
const BOMB_SIZE: u64 = 64 << 20;
const MAX_RATIO: u64 = 250;

/// All files inside, in the order of the archive. Memory is the sum of their sizes: for large
/// archives use [`for_each`].
///
/// # Errors
/// As [`for_each`].
pub fn members<R: Read + Seek>(reader: R) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    for_each(reader, &mut |member| {
        members.push(member);
        Ok(())
    })?;
    Ok(members)
}

/// Visits the files inside one after the other: folders, `__MACOSX`, `.DS_Store`, `Thumbs.db` and
/// the lock files of Office (`~$…`) are left out; a zip within the zip is opened, one within that
/// is handed on as it is.
///
/// # Errors
/// The archive is damaged, protected by a password, packed in a way that is not read, or
/// unpacks to more than 4 GiB; or what `visit` returns.
pub fn for_each<R: Read + Seek>(
    reader: R,
    visit: &mut dyn FnMut(Member) -> Result<()>,
) -> Result<()> {
    let mut left = MAX_TOTAL;
    walk(reader, "", &mut left, visit)
}

fn walk<R: Read + Seek>(
    reader: R,
    folder: &str,
    left: &mut u64,
    visit: &mut dyn FnMut(Member) -> Result<()>,
) -> Result<()> {
    let mut archive = ZipArchive::new(reader).map_err(|error| failure(&error, folder))?;
    if archive.len() > MAX_FILES {
        return Err(bomb(folder));
    }
    for index in 0..archive.len() {
        let entry = archive
            .by_index_raw(index)
            .map_err(|error| failure(&error, folder))?;
        let name = format!("{folder}{}", decoded_name(entry.name_raw()));
        let directory = entry.is_dir();
        if entry.encrypted() {
            return Err(Error::work(msg!(
                "`{name}` is protected by a password",
                "`{name}` 设有密码"
            ))
            .hint(msg!(
                "remove the password and hand it in again",
                "请取消密码后重新提交"
            )));
        }
        drop(entry);
        if directory || is_clutter(&name) {
            continue;
        }
        let entry = archive
            .by_index(index)
            .map_err(|error| failure(&error, &name))?;
        let bytes = unpack(entry, &name, left)?;
        if folder.is_empty() && is_plain_zip(&bytes) {
            walk(Cursor::new(bytes), &format!("{name}/"), left, visit)?;
        } else {
            visit(Member { name, bytes })?;
        }
    }
    Ok(())
}

fn unpack<R: Read>(
    entry: zip::read::ZipFile<'_, R>,
    name: &str,
    left: &mut u64,
) -> Result<Vec<u8>> {
    let packed = entry.compressed_size().max(1);
    let limit = (*left).min(packed.saturating_mul(MAX_RATIO).max(BOMB_SIZE));
    let mut bytes = Vec::with_capacity(entry.size().min(limit).min(BOMB_SIZE) as usize);
    entry
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            Error::work(msg!(
                "`{name}` in the archive is damaged",
                "压缩包中的 `{name}` 已损坏"
            ))
            .caused_by(msg!("{error}", "{error}"))
            .hint(msg!("copy or pack it again", "请重新复制或打包"))
        })?;
    if bytes.len() as u64 > limit {
        return Err(bomb(name));
    }
    *left -= bytes.len() as u64;
    Ok(bytes)
}

/// A zip that is no spreadsheet.
fn is_plain_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        && matches!(
            super::container::sniff(&mut Cursor::new(bytes)),
            Ok(super::container::Container::Zip)
        )
}

/// Names of the entries and whether each is protected by a password; nothing is unpacked.
pub(super) fn names<R: Read + Seek>(reader: &mut R) -> Result<Vec<(String, bool)>> {
    let mut archive = ZipArchive::new(reader).map_err(|error| failure(&error, ""))?;
    (0..archive.len().min(MAX_FILES))
        .map(|index| {
            let entry = archive
                .by_index_raw(index)
                .map_err(|error| failure(&error, ""))?;
            Ok((decoded_name(entry.name_raw()), entry.encrypted()))
        })
        .collect()
}

/// The first 256 bytes of an entry.
pub(super) fn small_entry<R: Read + Seek>(reader: &mut R, name: &str) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(reader).ok()?;
    let mut bytes = Vec::new();
    archive
        .by_name(name)
        .ok()?
        .take(256)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// Windows packs Chinese names in the code page of the system and does not say so.
fn decoded_name(raw: &[u8]) -> String {
    let name = match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(raw)
            .map_or_else(
                || String::from_utf8_lossy(raw).into_owned(),
                std::borrow::Cow::into_owned,
            ),
    };
    name.replace('\\', "/")
}

fn is_clutter(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| part == "__MACOSX")
        || file.is_empty()
        || file.starts_with("~$")
        || file.starts_with("._")
        || matches!(
            file.to_ascii_lowercase().as_str(),
            ".ds_store" | "thumbs.db" | "desktop.ini"
        )
}

fn bomb(name: &str) -> Error {
    Error::work(msg!(
        "the archive `{name}` unpacks to more than is allowed (4 GiB in all, 250 times its size)",
        "压缩包 `{name}` 解压后超过上限（总计 4 GiB，或自身的 250 倍）"
    ))
    .hint(msg!(
        "unpack it yourself and hand in the files",
        "请自行解压后提交其中的文件"
    ))
}

fn failure(error: &ZipError, name: &str) -> Error {
    let name = if name.is_empty() {
        "zip"
    } else {
        name.trim_end_matches('/')
    };
    match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            Error::work(msg!(
                "`{name}` is packed by a method that is not read",
                "`{name}` 使用了无法读取的压缩方法"
            ))
            .hint(msg!(
                "pack it as a plain .zip (Deflate)",
                "请用普通 .zip（Deflate）重新打包"
            ))
        }
        _ => Error::work(msg!(
            "`{name}` is damaged or cut short",
            "`{name}` 已损坏或不完整"
        ))
        .hint(msg!("copy or pack it again", "请重新复制或打包")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = zip::write::SimpleFileOptions::default();
            if name.ends_with('/') {
                writer
                    .add_directory(name.trim_end_matches('/'), options)
                    .unwrap();
            } else {
                writer.start_file(*name, options).unwrap();
                writer.write_all(bytes).unwrap();
            }
        }
        writer.finish().unwrap().into_inner()
    }

    fn names_of(bytes: Vec<u8>) -> Vec<String> {
        members(Cursor::new(bytes))
            .unwrap()
            .into_iter()
            .map(|member| member.name)
            .collect()
    }

    #[test]
    fn files_come_out_and_clutter_stays() {
        let bytes = zipped(&[
            ("三月/", b""),
            ("三月/察素齐镇.csv", b"a,b"),
            ("__MACOSX/三月/._察素齐镇.csv", b"x"),
            ("三月/.DS_Store", b"x"),
            ("三月/~$名册.xlsx", b"x"),
            ("毕克齐镇.csv", b"c"),
        ]);
        let found = members(Cursor::new(bytes)).unwrap();
        assert_eq!(
            found,
            [
                Member {
                    name: "三月/察素齐镇.csv".into(),
                    bytes: b"a,b".to_vec()
                },
                Member {
                    name: "毕克齐镇.csv".into(),
                    bytes: b"c".to_vec()
                },
            ]
        );
    }

    #[test]
    fn a_zip_within_the_zip_is_opened_once() {
        let deep = zipped(&[("c.csv", b"3")]);
        let inner = zipped(&[("b.csv", b"2"), ("deep.zip", &deep)]);
        let outer = zipped(&[("a.csv", b"1"), ("inner.zip", &inner)]);
        assert_eq!(
            names_of(outer),
            ["a.csv", "inner.zip/b.csv", "inner.zip/deep.zip"]
        );
    }

    #[test]
    fn a_workbook_within_the_zip_stays_whole() {
        let workbook = zipped(&[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")]);
        assert_eq!(names_of(zipped(&[("名册.xlsx", &workbook)])), ["名册.xlsx"]);
    }

    #[test]
    fn names_in_gbk_are_decoded() {
        let mut bytes = zipped(&[("aaaa.csv", b"1")]);
        let gbk = encoding_rs::GB18030.encode("名册").0.into_owned();
        while let Some(at) = memchr::memmem::find(&bytes, b"aaaa") {
            bytes[at..at + 4].copy_from_slice(&gbk);
        }
        assert_eq!(names_of(bytes), ["名册.csv"]);
    }

    #[test]
    fn a_bomb_is_refused_without_unpacking_it_whole() {
        let zeros = vec![0_u8; 70 << 20];
        let error = members(Cursor::new(zipped(&[("a.csv", &zeros)]))).unwrap_err();
        assert!(
            error
                .message()
                .en
                .contains("unpacks to more than is allowed")
        );
    }

    #[test]
    fn damage_is_an_error() {
        let mut bytes = zipped(&[(
            "a.csv",
            b"some text that is long enough to be packed, packed, packed",
        )]);
        bytes[40] ^= 0xFF;
        assert!(members(Cursor::new(bytes)).is_err());
        assert!(members(Cursor::new(b"PK\x03\x04".to_vec())).is_err());
    }
}
