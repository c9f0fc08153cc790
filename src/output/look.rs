//! How tables and records look to a reader: separators, rounding, names of codes, units. Other
//! formats are for programs and know nothing of it.

use std::collections::HashMap;
use std::sync::Arc;

/// How a table or record is dressed for a reader. The default shows values exactly as the other
/// text formats write them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    /// Commas between thousands in figures; years, codes and numbers of rows have none.
    pub thousands: bool,
    /// How many digits numbers show.
    pub precision: Precision,
    /// A line with the SQL type below each name, in tables.
    pub types: bool,
    /// Rows and columns said below the last row; with `max_rows` a record format shows only the
    /// first and last rows, too.
    pub footer: bool,
    /// Text that reads like NULL stands in quotes, and so does empty text where NULL is shown as
    /// nothing.
    pub quoted_null: bool,
    /// Rows of the result, when more than those written; the last rows written are its last.
    pub rows: Option<usize>,
    /// What is known of the columns, by position; those beyond its end have nothing.
    pub columns: Vec<ColumnLook>,
}

/// What is known of one column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnLook {
    /// Names of its codes, shown behind them.
    pub labels: Option<Labels>,
    /// Unit of its numbers. In `%` and `‰` they show up to two decimals.
    pub unit: Option<String>,
    /// Whether it holds figures, whose thousands may be set apart; `None` = told by its name.
    pub is_figure: Option<bool>,
    /// Whether its text is never cut, because the beginning of a code is another code.
    pub is_whole: bool,
}

/// How many digits numbers show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// All of them.
    #[default]
    Full,
    /// Up to six behind the point (or behind its first zeros), their points below each other.
    Reading,
}

/// Names of codes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels(Arc<HashMap<String, String>>);

impl Labels {
    /// The name of `code`, as its text is written.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&str> {
        self.0.get(code).map(String::as_str)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, String)> for Labels {
    /// From codes and names. A name that only repeats its code is left out.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        let says_more = |(code, name): &(String, String)| {
            !name.is_empty() && !name.eq_ignore_ascii_case(&code.replace('_', " "))
        };
        Self(Arc::new(entries.into_iter().filter(says_more).collect()))
    }
}

/// Whether numbers under this name count or measure something, so that separators help: not in
/// years, months, ages, codes and the like. `2018` and `1月`, from a crosstab, are figures.
#[must_use]
pub fn is_figure(name: &str) -> bool {
    let name = name.to_lowercase();
    if ["count(", "sum("]
        .iter()
        .any(|start| name.starts_with(start))
    {
        return true;
    }
    name.split(|character: char| !character.is_alphanumeric() && character != '_')
        .all(|word| !names_a_label(word))
}

/// Words for numbers that name something, by the last part of an English name.
const LABEL_WORDS: [&str; 22] = [
    "age", "code", "day", "dow", "doy", "hour", "id", "index", "line", "minute", "month", "no",
    "number", "order", "quarter", "rank", "row", "second", "snapshot", "version", "week", "year",
];

/// The same by the end of a Chinese name.
const LABEL_ENDS: [&str; 12] = [
    "年", "年份", "年度", "月", "月份", "日", "季度", "码", "号", "年龄", "孩次", "序",
];

fn names_a_label(word: &str) -> bool {
    if word.starts_with(|character: char| character.is_ascii_digit()) {
        return false;
    }
    let last = word
        .trim_end_matches('_')
        .rsplit('_')
        .next()
        .unwrap_or(word);
    LABEL_WORDS.contains(&last)
        || ["year_of", "month_of", "day_of"]
            .iter()
            .any(|start| word.starts_with(start))
        || LABEL_ENDS.iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_codes_are_no_figures() {
        for name in [
            "year",
            "birth_year",
            "Year",
            "max(deaths.death_year)",
            "age",
            "mother_age",
            "row_number",
            "source_row",
            "code",
            "township_code",
            "delivery_id",
            "出生年份",
            "年",
            "代码",
            "行号",
            "月份",
            "date_part(Utf8(\"YEAR\"),births.birth_date)",
            "birth_order",
            "year_of_birth",
            "max(年份)",
            "row",
        ] {
            assert!(!is_figure(name), "{name}");
        }
    }

    #[test]
    fn counts_and_values_are_figures() {
        for name in [
            "births",
            "value",
            "woman_years",
            "count(*)",
            "count(DISTINCT birth_year)",
            "2018",
            "1月",
            "year_end_population",
            "rows",
            "sum(b.count)",
            "人口",
            "出生体重",
            "birth_weight_g",
            "2018年",
            "户籍人口(2018年)",
            "avg(value)",
            "total_population",
            "",
        ] {
            assert!(is_figure(name), "{name}");
        }
    }

    #[test]
    fn a_label_says_more_than_its_code() {
        let labels: Labels = [
            ("1", "男"),
            ("resident_population", "Resident population"),
            ("2", ""),
        ]
        .map(|(code, name)| (code.to_owned(), name.to_owned()))
        .into_iter()
        .collect();
        assert_eq!(labels.get("1"), Some("男"));
        assert_eq!(labels.get("resident_population"), None);
        assert_eq!(labels.get("2"), None);
    }
}
