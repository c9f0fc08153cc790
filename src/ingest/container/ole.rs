//! Old Office files: which program wrote the compound file, told by the names in its directory
//! ([MS-CFB] 2.2, 2.6).

use std::io::{Read, Seek, SeekFrom};

use crate::error::Result;
use crate::msg;

use super::{Container, Unsupported};

/// How a compound file starts.
pub(super) const MAGIC: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// More directory sectors than any spreadsheet has: a loop in a damaged file ends here.
const MAX_SECTORS: usize = 4096;

/// What the compound file holds.
pub(super) fn kind<R: Read + Seek>(file: &mut R) -> Result<Container> {
    let names = names(file)?;
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    Ok(if has("EncryptedPackage") {
        Unsupported::protected(msg!(
            "the workbook is protected by a password",
            "工作簿设有打开密码"
        ))
    } else if has("Workbook") || has("Book") {
        Container::Xls
    } else if has("WordDocument") {
        Unsupported::save_as_xlsx(msg!("it is a Word document", "这是 Word 文档"))
    } else if has("PowerPoint Document") {
        Unsupported::save_as_xlsx(msg!("it is a presentation", "这是演示文稿"))
    } else {
        Unsupported::save_as_xlsx(msg!(
            "it is an old Office file without a workbook, or a damaged one",
            "这是不含工作簿的旧版 Office 文件，或文件已损坏"
        ))
    })
}

/// The names in the directory; fewer when the file is damaged.
fn names<R: Read + Seek>(file: &mut R) -> Result<Vec<String>> {
    let mut header = [0_u8; 512];
    file.seek(SeekFrom::Start(0))?;
    let mut names = Vec::new();
    if read_all(file, &mut header)? < header.len() {
        return Ok(names);
    }
    let size: u64 = if header[30] == 12 { 4096 } else { 512 };
    let mut sector = u32_at(&header, 48);
    for _ in 0..MAX_SECTORS {
        let Some(bytes) = read_sector(file, sector, size)? else {
            break;
        };
        names.extend(bytes.chunks_exact(128).filter_map(name));
        // The next sector of the chain, from the allocation table, whose own sectors the header
        // lists (the first 109 of them, which cover the directory of any file below 6.8 MB;
        // larger ones show their first directory sectors, where Excel puts the workbook).
        let per_table = size / 4;
        let table = (u64::from(sector) / per_table) as usize;
        if table >= 109 {
            break;
        }
        let Some(table) = read_sector(file, u32_at(&header, 76 + 4 * table), size)? else {
            break;
        };
        sector = u32_at(&table, 4 * (u64::from(sector) % per_table) as usize);
    }
    Ok(names)
}

fn read_sector<R: Read + Seek>(file: &mut R, sector: u32, size: u64) -> Result<Option<Vec<u8>>> {
    // Numbers from 0xFFFFFFFA mark ends and free sectors.
    if sector >= 0xFFFF_FFFA {
        return Ok(None);
    }
    file.seek(SeekFrom::Start((u64::from(sector) + 1) * size))?;
    let mut bytes = vec![0; size as usize];
    let read = read_all(file, &mut bytes)?;
    Ok((read == bytes.len()).then_some(bytes))
}

fn read_all<R: Read>(file: &mut R, buffer: &mut [u8]) -> Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read(&mut buffer[done..])? {
            0 => break,
            read => done += read,
        }
    }
    Ok(done)
}

fn name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([entry[64], entry[65]]));
    if !(2..=64).contains(&length) {
        return None;
    }
    let units = entry[..length - 2]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some(
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or('\u{FFFD}'))
            .collect(),
    )
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(u32::MAX, |four| {
        u32::from_le_bytes([four[0], four[1], four[2], four[3]])
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A compound file of a header, an allocation table and two directory sectors.
    fn compound(names: &[&str]) -> Vec<u8> {
        let mut file = vec![0_u8; 512 * 4];
        file[..8].copy_from_slice(&MAGIC);
        file[30] = 9;
        file[48..52].copy_from_slice(&1_u32.to_le_bytes());
        file[76..80].copy_from_slice(&0_u32.to_le_bytes());
        file[512 + 4..512 + 8].copy_from_slice(&2_u32.to_le_bytes());
        file[512 + 8..512 + 12].copy_from_slice(&0xFFFF_FFFE_u32.to_le_bytes());
        for (index, name) in names.iter().enumerate() {
            let entry = &mut file[1024 + index * 128..][..128];
            for (unit, pair) in name.encode_utf16().zip(entry.chunks_exact_mut(2)) {
                pair.copy_from_slice(&unit.to_le_bytes());
            }
            entry[64] = (name.len() * 2 + 2) as u8;
        }
        file
    }

    fn refusal(names: &[&str]) -> String {
        match kind(&mut Cursor::new(compound(names))).unwrap() {
            Container::Unsupported(why) => why.message.en,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_directory_tells_the_program() {
        assert_eq!(refusal(&["Root Entry", "Workbook"]), "Xls");
        assert_eq!(refusal(&["Root Entry", "a", "b", "c", "d", "Book"]), "Xls");
        assert_eq!(
            refusal(&["Root Entry", "EncryptedPackage"]),
            "the workbook is protected by a password"
        );
        assert_eq!(
            refusal(&["Root Entry", "WordDocument"]),
            "it is a Word document"
        );
        assert!(refusal(&["Root Entry"]).contains("without a workbook"));
    }

    #[test]
    fn a_cut_file_is_no_panic() {
        let file = compound(&["Root Entry", "Workbook"]);
        for length in [8, 511, 512, 1000, 1024, 1100] {
            assert!(kind(&mut Cursor::new(&file[..length])).is_ok());
        }
    }
}
