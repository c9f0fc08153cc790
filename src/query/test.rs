//! What a header says must hold for the results of its query: `tests`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::publish::Columns;

/// One thing that must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// What must hold.
    pub claim: Claim,
    /// Values of parameters; the others have their defaults.
    pub params: Vec<(String, String)>,
    /// Whether it is about the bundled sample data, whatever the warehouse holds.
    pub on_sample: bool,
}

/// What must hold for a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The columns together never repeat.
    Unique(Vec<String>),
    /// The columns are never NULL.
    NotNull(Vec<String>),
    /// The columns are never negative.
    NotNegative(Vec<String>),
    /// This SQL over the result, which it calls `_`, returns no row.
    NoRows(String),
    /// The result has so many rows.
    Rows(usize),
    /// Exactly one row has these values, and it has those, too; `None` is NULL.
    Expect {
        /// Which row, when there are several.
        row: Vec<(String, Option<String>)>,
        /// What it holds.
        values: Vec<(String, Option<String>)>,
    },
}

impl Test {
    /// The columns that it names.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        match &self.claim {
            Claim::Unique(names) | Claim::NotNull(names) | Claim::NotNegative(names) => {
                names.iter().map(String::as_str).collect()
            }
            Claim::NoRows(_) | Claim::Rows(_) => Vec::new(),
            Claim::Expect { row, values } => row
                .iter()
                .chain(values)
                .map(|(name, _)| name.as_str())
                .collect(),
        }
    }

    /// What it says, in a line: `unique(group_code)`, `births=270 (year=2018)`.
    #[must_use]
    pub fn said(&self) -> String {
        let pairs = |pairs: &[(String, Option<String>)]| {
            let pairs = pairs
                .iter()
                .map(|(name, value)| format!("{name}={}", value.as_deref().unwrap_or("null")));
            pairs.collect::<Vec<_>>().join(", ")
        };
        let claim = match &self.claim {
            Claim::Unique(names) => format!("unique({})", names.join(", ")),
            Claim::NotNull(names) => format!("not_null({})", names.join(", ")),
            Claim::NotNegative(names) => format!("not_negative({})", names.join(", ")),
            Claim::NoRows(sql) => {
                let words: Vec<&str> = sql.split_whitespace().collect();
                format!("sql({})", words.join(" "))
            }
            Claim::Rows(rows) => format!("rows={rows}"),
            Claim::Expect { row, values } if row.is_empty() => pairs(values),
            Claim::Expect { row, values } => format!("{}: {}", pairs(row), pairs(values)),
        };
        if self.params.is_empty() {
            return claim;
        }
        let params = self
            .params
            .iter()
            .map(|(name, text)| format!("{name}={text}"));
        format!("{claim} ({})", params.collect::<Vec<_>>().join(", "))
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum On {
    Sample,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    on: Option<On>,
    #[serde(default)]
    params: Pairs<String>,
    unique: Option<Columns>,
    not_null: Option<Columns>,
    not_negative: Option<Columns>,
    #[serde(alias = "no_rows")]
    sql: Option<String>,
    rows: Option<usize>,
    r#where: Option<Pairs<Option<String>>>,
    expect: Option<Pairs<Option<String>>>,
}

impl<'de> Deserialize<'de> for Test {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Raw::deserialize(deserializer)?;
        let (row, has_row) = match raw.r#where {
            Some(row) => (row.0, true),
            None => (Vec::new(), false),
        };
        let mut claims = [
            raw.unique.map(|columns| Claim::Unique(columns.0)),
            raw.not_null.map(|columns| Claim::NotNull(columns.0)),
            raw.not_negative
                .map(|columns| Claim::NotNegative(columns.0)),
            raw.sql.map(Claim::NoRows),
            raw.rows.map(Claim::Rows),
            raw.expect.map(|values| Claim::Expect {
                row,
                values: values.0,
            }),
        ]
        .into_iter()
        .flatten();
        let (Some(claim), None) = (claims.next(), claims.next()) else {
            return Err(D::Error::custom(
                "a test has one of `unique`, `not_null`, `not_negative`, `sql`, `rows`, `expect`",
            ));
        };
        if has_row && !matches!(claim, Claim::Expect { .. }) {
            return Err(D::Error::custom("`where` goes with `expect`"));
        }
        Ok(Self {
            claim,
            params: raw.params.0,
            on_sample: raw.on.is_some(),
        })
    }
}

/// A mapping in the order of the file.
struct Pairs<V>(Vec<(String, V)>);

impl<V> Default for Pairs<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Pairs<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Pairs<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}
