//! Sources: how to recognise one kind of export of one department, read it and map it to a table.
//! `source_file` reads them from `sources/<department>/<source>.yaml`.

use regex::Regex;
use serde::Deserialize;

use super::expression::Expression;
use super::field::Field;
use super::rule::Rule;

/// One kind of export of one department. Fields are named by their position in `fields`.
#[derive(Debug, Clone)]
pub struct Source {
    /// `<department>/<source>`.
    pub id: String,
    /// The department that hands it in.
    pub department: String,
    /// English title.
    pub title: String,
    /// Chinese title.
    pub title_zh: String,
    /// What it is, when the title does not say it all.
    pub description: Option<String>,
    /// The table it fills.
    pub table: String,
    /// How a file of it is told from others.
    pub recognise: Recognise,
    /// Which fields tell the period when title, sheet and file name do not.
    pub period: Option<Period>,
    /// What is read; when two fields share a header, the earlier one gets it.
    pub fields: Vec<Field>,
    /// Rows that are not facts.
    pub skip: Vec<Skip>,
    /// Columns of the table and what fills them.
    pub columns: Vec<(String, Expression)>,
    /// What rows must satisfy, in order.
    pub rules: Vec<Rule>,
    /// How a row of many counts becomes many rows.
    pub unpivot: Option<Unpivot>,
    /// Which earlier deliveries a new one replaces.
    pub supersedes: Supersedes,
}

/// Which earlier deliveries of the same source and place a new one replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Supersedes {
    /// Those whose period lies within its own: a cumulative file replaces the months it covers.
    #[default]
    Contained,
    /// Those of the same period only: a five-year plan does not replace an annual one.
    Same,
    /// Also all that end earlier: each file is a whole register, and the newest says all that is known.
    Earlier,
}

impl Source {
    /// The position of the field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// How a file of a source is told from files of other sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognise {
    /// Fields that must all be among the headers.
    pub headers: Vec<usize>,
    /// Fields of which at least one must be; empty: no such demand.
    pub any: Vec<usize>,
    /// Fields that must not be among the headers.
    pub without: Vec<usize>,
    /// Words of which at least one must stand in title, sheet name, file name or a header; empty: no
    /// such demand.
    pub need: Vec<String>,
    /// Words in title, sheet or file name that speak for it.
    pub words: Vec<String>,
    /// Words in title or sheet name that rule it out.
    pub not: Vec<String>,
}

/// Which fields tell the period of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// The dates of a field.
    Field(usize),
    /// A field of years, and one of months.
    YearMonth {
        /// The field with the year.
        year: usize,
        /// The field with the month.
        month: Option<usize>,
    },
}

/// Rows that are not facts: read, counted as skipped, neither kept nor rejected.
#[derive(Debug, Clone)]
pub struct Skip {
    /// The field looked at.
    pub field: usize,
    /// When the row is skipped; compared with the cell's normalised text, before any value map.
    pub when: SkipWhen,
}

/// When a row is skipped; an empty cell never skips.
#[derive(Debug, Clone)]
pub enum SkipWhen {
    /// The cell is one of these.
    Values(Vec<String>),
    /// The cell is none of these.
    Except(Vec<String>),
    /// The cell matches.
    Matches(Regex),
}

/// How a row of many counts becomes one row per count; a missing count gives no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpivot {
    /// The column that tells which count it is.
    pub key: String,
    /// The column that holds the count.
    pub value: String,
    /// Key value and field of each count.
    pub fields: Vec<(String, usize)>,
    /// The same, for rows in which none of `fields` has a value.
    pub otherwise: Vec<(String, usize)>,
}
