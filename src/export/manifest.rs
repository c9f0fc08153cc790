//! What a slot of the outbox holds: `manifest.json`.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use arrow::datatypes::DataType;
use datafusion::scalar::ScalarValue;
use serde::{Deserialize, Serialize};

use crate::error::{Context, Error, Lang, Result};
use crate::msg;
use crate::output::{Format, TextEncoding};
use crate::publish::Suppressed;

/// Name of the manifest in its slot.
pub const MANIFEST: &str = "manifest.json";

/// Everything needed to check a slot of the outbox and to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name of the schedule.
    pub schedule: String,
    /// When it was to run, RFC 3339 in its time zone.
    pub slot: String,
    /// Which attempt made it.
    pub attempt: u32,
    /// The snapshot that was asked.
    pub snapshot: i64,
    /// When that was committed.
    pub snapshot_time: String,
    /// Id of the key behind the pseudonyms, so that equal keys can be told to be comparable.
    pub key_id: Option<String>,
    /// Rows of all results together.
    pub rows: usize,
    /// What was asked, in the order of the schedule.
    pub results: Vec<Answer>,
    /// When it was written.
    pub created_at: String,
    /// The program and its version.
    pub created_by: String,
}

/// A query and its result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Name of the saved query.
    pub query: String,
    /// SHA-256 of its text.
    pub sql_sha256: String,
    /// Its text as it was then.
    pub sql: String,
    /// Its parameters, as they were bound.
    pub parameters: Vec<BoundParameter>,
    /// Heading of documents.
    pub title: Option<String>,
    /// Unit of its figures.
    pub unit: Option<String>,
    /// Language of words around the data: `zh` or `en`.
    pub lang: String,
    /// Its columns.
    pub columns: Vec<ColumnEntry>,
    /// Its rows.
    pub rows: usize,
    /// What was hidden before it was written; `null` when nothing had to be.
    pub suppression: Option<Suppressed>,
    /// The same rows in each format.
    pub files: Vec<FileRecord>,
}

/// A parameter and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundParameter {
    /// Its name, without `$`.
    pub name: String,
    /// Its type in the engine's words.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value as text; `null` for NULL.
    pub value: Option<String>,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEntry {
    /// Its name.
    pub name: String,
    /// Its type in the engine's words.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A file of a slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Its name in the slot.
    pub path: String,
    /// Its format, such as `csv-gb18030`.
    pub format: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Exit 2 when the file is missing or no manifest of an outbox.
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let bytes = fs_err::read(path).map_err(|error| {
            Error::usage(msg!(
                "cannot read the manifest `{shown}`: {error}",
                "无法读取清单 `{shown}`：{error}"
            ))
        })?;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::usage(msg!(
                "`{shown}` is not the manifest of a slot: {error}",
                "`{shown}` 不是发件箱的清单：{error}"
            ))
        })
    }
}

impl BoundParameter {
    /// What to remember of a bound value.
    #[must_use]
    pub fn of(name: &str, value: &ScalarValue) -> Self {
        Self {
            name: name.to_owned(),
            kind: value.data_type().to_string(),
            value: (!value.is_null()).then(|| value.to_string()),
        }
    }

    /// The value again.
    ///
    /// # Errors
    /// When the manifest was changed by hand.
    pub fn bind(&self) -> Result<(String, ScalarValue)> {
        let name = &self.name;
        let wrong = || {
            msg!(
                "parameter `{name}` of the manifest cannot be read",
                "清单中的参数 `{name}` 无法读取"
            )
        };
        let kind = DataType::from_str(&self.kind).context(wrong)?;
        let value = match &self.value {
            Some(text) => ScalarValue::try_from_string(text.clone(), &kind).context(wrong)?,
            None => ScalarValue::try_from(&kind).context(wrong)?,
        };
        Ok((self.name.clone(), value))
    }
}

/// A format with its encoding: `xlsx`, `csv`, `csv-gb18030`, `csv-utf8-bom`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFormat {
    /// The format.
    pub format: Format,
    /// Its encoding, for text of separated values.
    pub encoding: TextEncoding,
}

impl FileFormat {
    /// The end of a file's name: formats that differ in encoding alone have names of their own.
    #[must_use]
    pub fn extension(self) -> String {
        let extension = self.format.extension();
        match self.encoding {
            TextEncoding::Utf8 => extension.to_owned(),
            other => format!("{other}.{extension}"),
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.encoding {
            TextEncoding::Utf8 => write!(f, "{}", self.format),
            other => write!(f, "{}-{other}", self.format),
        }
    }
}

impl FromStr for FileFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (format, encoding) = match text.split_once('-') {
            Some((format, encoding)) => (format.parse()?, encoding.parse()?),
            None => (text.parse()?, TextEncoding::Utf8),
        };
        if encoding != TextEncoding::Utf8 && !matches!(format, Format::Csv | Format::Tsv) {
            return Err(Error::usage(msg!(
                "only `csv` and `tsv` have a choice of encoding",
                "只有 `csv` 和 `tsv` 可以选择编码"
            )));
        }
        Ok(Self { format, encoding })
    }
}

/// The word for a language.
pub(super) fn lang_word(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "en",
        Lang::Zh => "zh",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_says_its_encoding() {
        for (text, extension) in [
            ("csv", "csv"),
            ("csv-gb18030", "gb18030.csv"),
            ("csv-utf8-bom", "utf8-bom.csv"),
            ("markdown", "md"),
        ] {
            let format: FileFormat = text.parse().unwrap();
            assert_eq!(format.to_string(), text);
            assert_eq!(format.extension(), extension);
        }
        assert!("xlsx-gb18030".parse::<FileFormat>().is_err());
        assert!("csv-latin1".parse::<FileFormat>().is_err());
    }

    #[test]
    fn bound_values_come_back_as_they_were() {
        for value in [
            ScalarValue::Int64(Some(2018)),
            ScalarValue::Int64(None),
            ScalarValue::Utf8(Some("2018-03 'x'".to_owned())),
            ScalarValue::Utf8(Some(String::new())),
            ScalarValue::Utf8(None),
            ScalarValue::Date32(Some(17_000)),
            ScalarValue::Date32(None),
            ScalarValue::Boolean(Some(true)),
            ScalarValue::Float64(Some(0.1)),
            ScalarValue::Float64(None),
        ] {
            let text = serde_json::to_string(&BoundParameter::of("p", &value)).unwrap();
            let back: BoundParameter = serde_json::from_str(&text).unwrap();
            assert_eq!(back.bind().unwrap(), ("p".to_owned(), value));
        }
    }
}
