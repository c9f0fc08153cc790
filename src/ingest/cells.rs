//! A file as plain cells, with nothing recognised: for commands that take any table.
//! Entry point: [`cells`]. Encoding, delimiter and container are found as for a delivery.

use std::path::Path;

use super::delimited::{Blocks, split_block};
use super::open::{Content, inputs};
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::msg;

/// The rows of a text file, or of the first sheet with any of a workbook.
///
/// # Errors
/// When the file does not exist, cannot be read, or is not one table.
pub fn cells(path: &Path) -> Result<Vec<Vec<String>>> {
    let mut found = inputs(std::slice::from_ref(&path.to_owned()))?.into_iter();
    let (Some(input), None) = (found.next(), found.next()) else {
        let shown = path.display();
        return Err(Error::usage(msg!(
            "`{shown}` is not one file",
            "`{shown}` 不是单个文件"
        )));
    };
    let input = input.map_err(|(_, error)| error)?;
    match input.content(&input.container()?, None)? {
        Content::Workbook(book) => Ok(book
            .sheets
            .iter()
            .find(|sheet| !sheet.rows.is_empty())
            .map(|sheet| texts(&sheet.rows))
            .unwrap_or_default()),
        Content::Text { dialect, .. } => {
            let (reader, dialect) = input.text_reader(dialect)?;
            let mut blocks = Blocks::new(reader, dialect);
            let mut rows = Vec::new();
            while let Some(block) = blocks.next_block()? {
                rows.extend(texts(&split_block(&block, dialect)?));
            }
            Ok(rows)
        }
    }
}

fn texts(rows: &Rows) -> Vec<Vec<String>> {
    (0..rows.len())
        .map(|row| rows.cells(row).map(|cell| cell.text.to_owned()).collect())
        .collect()
}
