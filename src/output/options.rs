//! How a result is to look: NULL, width, encoding, title.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Lang, Result};
use crate::msg;

use super::{Format, Look};

/// The encoding of CSV and TSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextEncoding {
    /// UTF-8 without a byte order mark, lines ending in LF.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark, lines ending in CRLF: what Excel opens correctly. Text that
    /// Excel would take for a formula gets an apostrophe in front.
    Utf8Bom,
    /// GB18030 (GB 18030-2022 by the WHATWG table), otherwise as [`TextEncoding::Utf8Bom`].
    Gb18030,
}

impl TextEncoding {
    /// Whether the file is meant for a spreadsheet program.
    #[must_use]
    pub fn is_for_excel(self) -> bool {
        self != Self::Utf8
    }
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf8",
            Self::Utf8Bom => "utf8-bom",
            Self::Gb18030 => "gb18030",
        })
    }
}

impl FromStr for TextEncoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf8" | "utf-8" => Ok(Self::Utf8),
            "utf8-bom" | "utf-8-bom" | "utf-8-sig" => Ok(Self::Utf8Bom),
            "gb18030" | "gbk" | "gb2312" => Ok(Self::Gb18030),
            _ => Err(
                Error::usage(msg!("unknown encoding `{name}`", "未知编码 `{name}`")).hint(msg!(
                    "choose from `utf8`, `utf8-bom`, `gb18030`",
                    "可选 `utf8`、`utf8-bom`、`gb18030`"
                )),
            ),
        }
    }
}

/// How a result is to look. What a format has no place for, it ignores, except the encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How text formats show NULL. JSON and spreadsheets have their own way.
    pub null: String,
    /// Columns of the terminal; a table is made to fit. `None` = as wide as needed.
    pub width: Option<usize>,
    /// How many rows a table shows, first and last; `None` = all.
    pub max_rows: Option<usize>,
    /// Encoding of CSV and TSV; any other format is UTF-8.
    pub encoding: TextEncoding,
    /// Title of the result, for Markdown, HTML and XLSX.
    pub title: Option<String>,
    /// Unit of its numbers, for Markdown, HTML and XLSX.
    pub unit: Option<String>,
    /// Remarks on it, for Markdown, HTML and XLSX.
    pub notes: Vec<String>,
    /// Language of the words around the data.
    pub lang: Lang,
    /// Whether table and vertical use terminal colours.
    pub color: bool,
    /// How table and vertical are dressed for a reader.
    pub look: Look,
}

impl Options {
    /// The usual look of `format`: all rows, UTF-8, no title, no colour.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self {
            null: format.default_null().to_owned(),
            width: None,
            max_rows: None,
            encoding: TextEncoding::Utf8,
            title: None,
            unit: None,
            notes: Vec::new(),
            lang: Lang::default(),
            color: false,
            look: Look::default(),
        }
    }

    pub(super) fn check(&self, format: Format) -> Result<()> {
        let is_separated = matches!(format, Format::Csv | Format::Tsv);
        if self.encoding == TextEncoding::Utf8 || is_separated {
            return Ok(());
        }
        let encoding = self.encoding;
        Err(Error::usage(msg!(
            "`{format}` cannot be written as `{encoding}`",
            "`{format}` 不能按 `{encoding}` 编码输出"
        ))
        .hint(msg!(
            "only `csv` and `tsv` have a choice of encoding",
            "只有 `csv` 和 `tsv` 可以选择编码"
        )))
    }

    /// Unit and notes as labelled lines.
    pub(super) fn remarks(&self) -> Vec<String> {
        let (unit, note) = match self.lang {
            Lang::En => ("Unit: ", "Note: "),
            Lang::Zh => ("单位：", "注："),
        };
        let units = self.unit.iter().map(|text| format!("{unit}{text}"));
        units
            .chain(self.notes.iter().map(|text| format!("{note}{text}")))
            .collect()
    }
}
