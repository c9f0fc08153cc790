//! An OLE2 compound file (MS-CFB, version 3, 512-byte sectors) holding one stream.

const SECTOR: usize = 512;
const FREE: u32 = 0xFFFF_FFFF;
const END: u32 = 0xFFFF_FFFE;
const FAT: u32 = 0xFFFF_FFFD;
/// Streams shorter than this would have to live in the mini stream; ours is padded beyond it.
const MINI_CUTOFF: usize = 4096;

/// A compound file whose root holds `stream` under `name`.
pub(super) fn compound(name: &str, stream: &[u8]) -> Vec<u8> {
    let size = stream.len().max(MINI_CUTOFF);
    let data = size.div_ceil(SECTOR);
    // One directory sector, the stream, then the allocation table, which maps itself too.
    let mut tables = 1;
    while tables * (SECTOR / 4) < 1 + data + tables {
        tables += 1;
    }
    assert!(tables <= 109, "the file needs no extra table of tables");
    let first_table = 1 + data;

    let mut file = header(tables, first_table);
    file.extend(directory(name, size));
    file.extend_from_slice(stream);
    file.resize(SECTOR * (2 + data), 0);
    let mut table = vec![END];
    table.extend((0..data).map(|at| if at + 1 == data { END } else { at as u32 + 2 }));
    table.extend((0..tables).map(|_| FAT));
    table.resize(tables * (SECTOR / 4), FREE);
    file.extend(table.into_iter().flat_map(u32::to_le_bytes));
    file
}

fn header(tables: usize, first_table: usize) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.extend([0; 16]);
    for half in [0x3E_u16, 3, 0xFFFE, 9, 6, 0, 0, 0] {
        bytes.extend(half.to_le_bytes());
    }
    let words = [0, tables as u32, 0, 0, MINI_CUTOFF as u32, END, 0, END, 0];
    bytes.extend(words.into_iter().flat_map(u32::to_le_bytes));
    for entry in 0..109 {
        let sector = if entry < tables {
            (first_table + entry) as u32
        } else {
            FREE
        };
        bytes.extend(sector.to_le_bytes());
    }
    bytes
}

fn directory(name: &str, size: usize) -> Vec<u8> {
    let mut bytes = entry("Root Entry", 5, 1, END, 0);
    bytes.extend(entry(name, 2, FREE, 1, size as u32));
    bytes.extend([unused(), unused()].concat());
    bytes
}

fn entry(name: &str, kind: u8, child: u32, start: u32, size: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = bytes.len() as u16 + 2;
    bytes.resize(64, 0);
    bytes.extend(length.to_le_bytes());
    bytes.extend([kind, 1]);
    bytes.extend([FREE, FREE, child].into_iter().flat_map(u32::to_le_bytes));
    bytes.extend([0; 36]);
    bytes.extend([start, size, 0].into_iter().flat_map(u32::to_le_bytes));
    bytes
}

fn unused() -> Vec<u8> {
    let mut bytes = vec![0; 128];
    bytes[68..80].fill(0xFF);
    bytes
}
