//! Text files: cut into blocks of whole records while reading, then decoded and split block by
//! block on any thread.
//!
//! Cutting looks at bytes only. That is sound for UTF-8 and GB18030: newline, comma, tab,
//! semicolon and quote are below 0x30, where no trailing byte of either encoding lies. The bar is
//! not, so bar-separated GB18030 is cut at newlines and quotes as well and split after decoding.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};

use super::encoding::{Encoding, decode_block};
use super::rows::{CellKind, Rows};
use crate::error::{Error, Result};
use crate::msg;

/// How much of a file is cut off at once.
const BLOCK: usize = 4 << 20;
/// A quoted field longer than this was never closed.
const LONGEST_QUOTED: usize = 1 << 20;

/// How a text file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// Its encoding.
    pub encoding: Encoding,
    /// What separates cells.
    pub delimiter: u8,
    /// What ends a line: `\n`, or `\r` alone in old Macintosh files.
    pub newline: u8,
}

/// Whole records of a text file, not yet decoded.
#[derive(Debug)]
pub struct RawBlock {
    /// Its number, from 0.
    pub index: u64,
    /// Line number of its first line, from 1.
    pub first_line: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Finds delimiter and line ending in the decoded beginning of a file.
#[must_use]
pub fn dialect(encoding: Encoding, head: &str) -> Dialect {
    let newline = if head.contains('\n') || !head.contains('\r') {
        b'\n'
    } else {
        b'\r'
    };
    let lines: Vec<&str> = head
        .split(char::from(newline))
        .map(|line| line.trim_end_matches('\r'))
        .filter(|line| !line.trim().is_empty())
        .take(40)
        .collect();
    // The delimiter that appears equally often on most lines, the more the better.
    let score = |delimiter: u8| -> (usize, usize) {
        let counts: Vec<usize> = lines
            .iter()
            .map(|line| count_outside_quotes(line, delimiter))
            .collect();
        let mut best = (0, 0);
        for &count in counts.iter().filter(|&&count| count > 0) {
            let lines = counts.iter().filter(|&&other| other == count).count();
            best = best.max((lines, count));
        }
        best
    };
    let delimiter = *b"\t,;|"
        .iter()
        .max_by_key(|&&delimiter| {
            let (lines, count) = score(delimiter);
            (lines * count.min(200), delimiter == b',')
        })
        .unwrap_or(&b',');
    Dialect {
        encoding,
        delimiter,
        newline,
    }
}

fn count_outside_quotes(line: &str, delimiter: u8) -> usize {
    let mut quoted = false;
    line.bytes()
        .filter(|&byte| {
            if byte == b'"' {
                quoted = !quoted;
            }
            byte == delimiter && !quoted
        })
        .count()
}

/// Cuts a reader into blocks of whole records.
#[derive(Debug)]
pub struct Blocks<R> {
    reader: R,
    dialect: Dialect,
    pending: Vec<u8>,
    index: u64,
    line: u32,
    ended: bool,
}

impl<R: Read> Blocks<R> {
    /// Blocks of `reader`, which starts after any byte order mark.
    pub fn new(reader: R, dialect: Dialect) -> Self {
        Self {
            reader,
            dialect,
            pending: Vec::new(),
            index: 0,
            line: 1,
            ended: false,
        }
    }

    /// The next block, `None` at the end.
    ///
    /// # Errors
    /// When reading fails or a quoted field never ends.
    pub fn next_block(&mut self) -> Result<Option<RawBlock>> {
        loop {
            if self.pending.len() < BLOCK && !self.ended {
                self.fill(BLOCK)?;
            }
            if self.pending.is_empty() {
                return Ok(None);
            }
            let cut = match self.boundary()? {
                Some(cut) => cut,
                None if self.ended => self.pending.len(),
                None => {
                    self.fill(BLOCK)?;
                    continue;
                }
            };
            let rest = self.pending.split_off(cut);
            let bytes = std::mem::replace(&mut self.pending, rest);
            let block = RawBlock {
                index: self.index,
                first_line: self.line,
                bytes,
            };
            self.index += 1;
            self.line += memchr_iter(self.dialect.newline, &block.bytes).count() as u32;
            return Ok(Some(block));
        }
    }

    fn fill(&mut self, wanted: usize) -> Result<()> {
        let before = self.pending.len();
        self.pending.reserve(wanted);
        let read = (&mut self.reader)
            .take(wanted as u64)
            .read_to_end(&mut self.pending)?;
        debug_assert_eq!(self.pending.len(), before + read);
        if read < wanted {
            self.ended = true;
        }
        Ok(())
    }

    /// Where the last whole record of the pending bytes ends.
    fn boundary(&self) -> Result<Option<usize>> {
        let bytes = &self.pending;
        let Some(first_quote) = memchr(b'"', bytes) else {
            return Ok(memrchr(self.dialect.newline, bytes).map(|at| at + 1));
        };
        let delimiter = self.dialect.delimiter;
        // Quotes matter only from the line of the first one on.
        let mut at = memrchr(self.dialect.newline, &bytes[..first_quote]).map_or(0, |at| at + 1);
        let mut last_end = (at > 0).then_some(at);
        let mut field_start = true;
        while at < bytes.len() {
            let byte = bytes[at];
            if field_start && byte == b'"' {
                let opened = at;
                at += 1;
                loop {
                    match memchr(b'"', &bytes[at..]) {
                        Some(found) if bytes.get(at + found + 1) == Some(&b'"') => at += found + 2,
                        Some(found) => {
                            at += found + 1;
                            break;
                        }
                        None if bytes.len() - opened > LONGEST_QUOTED
                            || (self.ended && last_end.is_none_or(|end| end <= opened)) =>
                        {
                            return Err(self.unclosed(opened));
                        }
                        None => return Ok(last_end),
                    }
                }
                field_start = false;
                continue;
            }
            field_start = byte == delimiter || byte == self.dialect.newline;
            at += 1;
            if byte == self.dialect.newline {
                last_end = Some(at);
                // Whole lines without quotes are skipped at once.
                match memchr(b'"', &bytes[at..]) {
                    None => return Ok(memrchr(self.dialect.newline, bytes).map(|end| end + 1)),
                    Some(quote) => {
                        if let Some(end) = memrchr(self.dialect.newline, &bytes[at..at + quote]) {
                            at += end + 1;
                            last_end = Some(at);
                        }
                    }
                }
            }
        }
        Ok(last_end)
    }

    fn unclosed(&self, opened: usize) -> Error {
        let line =
            self.line as usize + memchr_iter(self.dialect.newline, &self.pending[..opened]).count();
        Error::work(msg!(
            "line {line}: a quoted cell is never closed",
            "第 {line} 行：带引号的单元格没有结束引号"
        ))
        .hint(msg!(
            "remove the stray quotation mark, or save the file again from Excel",
            "请删除多余的引号，或用 Excel 重新另存该文件"
        ))
    }
}

/// Decodes a block and splits it into rows.
///
/// # Errors
/// At the first byte that does not decode: line, byte and what to do.
pub fn split_block(block: &RawBlock, dialect: Dialect) -> Result<Rows> {
    let text = decode_block(&block.bytes, dialect.encoding, u64::from(block.first_line))?;
    Ok(split(&text, dialect, block.first_line))
}

/// Splits decoded text into rows; `first_line` is the number of its first line.
#[must_use]
pub fn split(text: &str, dialect: Dialect, first_line: u32) -> Rows {
    let bytes = text.as_bytes();
    let mut rows = Rows::with_capacity(text.len());
    let mut line = first_line;
    let mut at = 0;
    while at < bytes.len() {
        let end = memchr(dialect.newline, &bytes[at..]).map_or(bytes.len(), |found| at + found);
        let number = line;
        if memchr(b'"', &bytes[at..end]).is_none() {
            let content = text[at..end].strip_suffix('\r').unwrap_or(&text[at..end]);
            split_plain(content, dialect.delimiter, &mut rows);
            at = end + 1;
            line += 1;
        } else {
            let (next, lines) = split_quoted(text, at, dialect, &mut rows);
            at = next;
            line += lines;
        }
        rows.end_row(number);
    }
    rows
}

fn split_plain(line: &str, delimiter: u8, rows: &mut Rows) {
    let mut from = 0;
    for at in memchr_iter(delimiter, line.as_bytes()) {
        rows.push(&line[from..at], CellKind::Text);
        from = at + 1;
    }
    rows.push(&line[from..], CellKind::Text);
}

/// Splits one record that has quotes; returns where the next begins and how many lines it took.
fn split_quoted(text: &str, start: usize, dialect: Dialect, rows: &mut Rows) -> (usize, u32) {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut lines = 0;
    loop {
        let mut cell = String::new();
        if bytes.get(at) == Some(&b'"') {
            at += 1;
            loop {
                match memchr(b'"', &bytes[at..]) {
                    Some(found) if bytes.get(at + found + 1) == Some(&b'"') => {
                        cell.push_str(&text[at..=at + found]);
                        at += found + 2;
                    }
                    Some(found) => {
                        cell.push_str(&text[at..at + found]);
                        at += found + 1;
                        break;
                    }
                    None => {
                        cell.push_str(&text[at..]);
                        at = bytes.len();
                        break;
                    }
                }
            }
            lines += memchr_iter(dialect.newline, cell.as_bytes()).count() as u32;
        }
        // What follows a closing quote, or a cell that is not quoted.
        let end = bytes[at..]
            .iter()
            .position(|&byte| byte == dialect.delimiter || byte == dialect.newline)
            .map_or(bytes.len(), |found| at + found);
        let ends_row = end >= bytes.len() || bytes[end] == dialect.newline;
        let plain = if ends_row {
            text[at..end].strip_suffix('\r').unwrap_or(&text[at..end])
        } else {
            &text[at..end]
        };
        if cell.is_empty() {
            rows.push(plain, CellKind::Text);
        } else {
            cell.push_str(plain);
            rows.push(&cell, CellKind::Text);
        }
        at = end + 1;
        if ends_row {
            return (at.min(bytes.len().max(end + 1)), lines + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CSV: Dialect = Dialect {
        encoding: Encoding::Utf8,
        delimiter: b',',
        newline: b'\n',
    };

    fn cells(rows: &Rows) -> Vec<Vec<String>> {
        (0..rows.len())
            .map(|row| rows.cells(row).map(|cell| cell.text.to_owned()).collect())
            .collect()
    }

    #[test]
    fn quotes_newlines_and_line_numbers() {
        let rows = split("a,\"b\r\nc\",d\r\n\r\n\"\"\"x\"\"\",=\"\"1\"\",\n", CSV, 5);
        assert_eq!(cells(&rows)[0], ["a", "b\r\nc", "d"]);
        assert_eq!(cells(&rows)[1], [""]);
        assert_eq!(cells(&rows)[2], ["\"x\"", "=\"\"1\"\"", ""]);
        assert_eq!([rows.number(0), rows.number(1), rows.number(2)], [5, 7, 8]);
    }

    #[test]
    fn the_delimiter_is_the_one_that_lines_agree_on() {
        let tab = dialect(Encoding::Utf8, "标题,一\na\tb\tc\n1\t2\t3\n4\t5\t6\n");
        assert_eq!(tab.delimiter, b'\t');
        assert_eq!(dialect(Encoding::Utf8, "a;b\n1;2,5\n3;4\n").delimiter, b';');
        assert_eq!(dialect(Encoding::Utf8, "a,b\r1,2\r").newline, b'\r');
    }

    #[test]
    fn a_quote_that_never_closes_is_located() {
        let text = format!("a,b\n1,\"2\n{}", "3,4\n".repeat(400_000));
        let mut blocks = Blocks::new(text.as_bytes(), CSV);
        let error = loop {
            match blocks.next_block() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("no error"),
                Err(error) => break error,
            }
        };
        assert!(error.to_string().starts_with("line 2:"), "{error}");
    }

    proptest! {
        #[test]
        fn blocks_never_cut_a_record(
            records in proptest::collection::vec(proptest::collection::vec("[a-b,\"\n]{0,5}", 1..4), 1..30)
        ) {
            let quote = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
            let text: String = records.iter()
                .map(|record| record.iter().map(quote).collect::<Vec<_>>().join(",") + "\n")
                .collect();
            let whole = split(&text, CSV, 1);
            prop_assert_eq!(cells(&whole), records);
            let mut blocks = Blocks::new(text.as_bytes(), CSV);
            blocks.fill(text.len() / 2).unwrap();
            blocks.ended = false;
            if let Some(cut) = blocks.boundary().unwrap() {
                let (head, tail) = text.split_at(cut);
                let mut parts = cells(&split(head, CSV, 1));
                parts.extend(cells(&split(tail, CSV, 1)));
                prop_assert_eq!(cells(&whole), parts);
            }
        }
    }
}
