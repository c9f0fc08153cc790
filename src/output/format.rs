//! The names of the formats.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::msg;

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Box drawing for a terminal.
    Table,
    /// Comma-separated values, RFC 4180 with a header.
    Csv,
    /// As CSV with tabs.
    Tsv,
    /// One array of objects.
    Json,
    /// One object a line.
    Jsonl,
    /// A GitHub-flavoured Markdown table.
    Markdown,
    /// A self-contained page.
    Html,
    /// One line a value.
    Vertical,
    /// Apache Parquet.
    Parquet,
    /// Arrow IPC file, also called Feather version 2.
    Arrow,
    /// Excel workbook.
    Xlsx,
}

impl Format {
    /// All formats, in the order help lists them.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::Csv,
        Self::Tsv,
        Self::Json,
        Self::Jsonl,
        Self::Markdown,
        Self::Html,
        Self::Vertical,
        Self::Parquet,
        Self::Arrow,
        Self::Xlsx,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Vertical => "vertical",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }

    /// The usual extension of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table | Self::Vertical => "txt",
            Self::Markdown => "md",
            other => other.name(),
        }
    }

    /// The format that the extension of `path` stands for.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        if extension == "txt" {
            Some(Self::Table)
        } else {
            Self::named(&extension)
        }
    }

    /// Whether its bytes are not for a terminal.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow | Self::Xlsx)
    }

    /// How it shows NULL unless told otherwise.
    #[must_use]
    pub fn default_null(self) -> &'static str {
        match self {
            Self::Table | Self::Vertical => "NULL",
            _ => "",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let name = match name {
            "md" => "markdown",
            "ndjson" => "jsonl",
            "htm" => "html",
            "tab" => "tsv",
            "feather" | "ipc" => "arrow",
            "pq" => "parquet",
            "excel" => "xlsx",
            name => name,
        };
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let lower = name.to_ascii_lowercase();
        if let Some(format) = Self::named(&lower) {
            return Ok(format);
        }
        let choices = Self::ALL.map(Self::name).join(", ");
        let error = Error::usage(msg!("unknown format `{name}`", "未知格式 `{name}`"));
        let nearest = Self::ALL
            .into_iter()
            .min_by_key(|format| distance(&lower, format.name()));
        Err(
            match nearest.filter(|format| distance(&lower, format.name()) <= 2) {
                Some(nearest) => error.hint(msg!(
                    "did you mean `{nearest}`? choose from {choices}",
                    "是否想写 `{nearest}`？可选 {choices}"
                )),
                None => error.hint(msg!("choose from {choices}", "可选 {choices}")),
            },
        )
    }
}

/// How many letters have to be added, dropped or changed to turn `a` into `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_name_and_extension() {
        for format in Format::ALL {
            assert_eq!(format.name().parse::<Format>().unwrap(), format);
        }
        for (path, format) in [
            ("a/births.CSV", Some(Format::Csv)),
            ("出生.xlsx", Some(Format::Xlsx)),
            ("a.ndjson", Some(Format::Jsonl)),
            ("a.feather", Some(Format::Arrow)),
            ("a.md", Some(Format::Markdown)),
            ("a.txt", Some(Format::Table)),
            ("a.docx", None),
            ("csv", None),
        ] {
            assert_eq!(Format::from_path(Path::new(path)), format, "{path}");
        }
    }

    #[test]
    fn an_unknown_format_lists_the_choices_and_the_nearest() {
        let error = "jsonn".parse::<Format>().unwrap_err();
        assert_eq!(error.kind().exit_code(), 2);
        let hint = &error.hint_text().unwrap().en;
        assert!(
            hint.starts_with("did you mean `json`? choose from table, csv, tsv,"),
            "{hint}"
        );
        let error = "powerpoint".parse::<Format>().unwrap_err();
        assert!(
            error
                .hint_text()
                .unwrap()
                .en
                .starts_with("choose from table")
        );
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "csv"), 3);
    }
}
