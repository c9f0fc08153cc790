//! What a header says about charting and publishing the result of a saved query.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How to draw the result: `chart: bar` or `chart: {type: bar, x: month, y: [births]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// `bar`, `stacked_bar`, `line`, `pyramid`, `interval` …: the name the report knows it by.
    pub kind: String,
    /// Column along the axis.
    pub x: Option<String>,
    /// Columns drawn.
    pub y: Vec<String>,
    /// Column that splits the rows into several series.
    pub series: Option<String>,
    /// Heading, when it is not the title of the query.
    pub title: Option<String>,
}

/// Who may see the result outside the departments, and which cells are too small to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// What happens to small cells.
    pub policy: Policy,
    /// Counts from 1 to below this are hidden.
    pub threshold: u32,
    /// Columns with counts of people or events.
    pub counts: Vec<String>,
    /// Columns that would give a hidden count away.
    pub rates: Vec<String>,
    /// Columns that tell the rows apart; those of the first `unique` test when the header is silent.
    pub keys: Vec<String>,
    /// Columns that repeat the sum of the counts over the last key.
    pub wholes: Vec<String>,
    /// Sums within a row: `births = boys + girls + unknown_sex`.
    pub sums: Vec<String>,
    /// Numbers that rest on no count, such as a time limit.
    pub open: Vec<String>,
    /// Name of the figures, when other queries show the same ones.
    pub figures: Option<String>,
}

impl Publish {
    fn of(policy: Policy) -> Self {
        Self {
            policy,
            threshold: THRESHOLD,
            counts: Vec::new(),
            rates: Vec::new(),
            keys: Vec::new(),
            wholes: Vec::new(),
            sums: Vec::new(),
            open: Vec::new(),
            figures: None,
        }
    }

    /// The columns that it names.
    pub fn columns(&self) -> impl Iterator<Item = &String> {
        let Self {
            counts,
            rates,
            keys,
            wholes,
            open,
            ..
        } = self;
        counts
            .iter()
            .chain(rates)
            .chain(keys)
            .chain(wholes)
            .chain(open)
    }
}

/// What publishing does with a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Small cells are hidden, and others so that they cannot be worked out.
    #[default]
    Suppress,
    /// Nothing is hidden.
    Open,
    /// The result is not published at all.
    Internal,
}

/// Cells below this are hidden when the header does not say otherwise.
const THRESHOLD: u32 = 10;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct ChartMap {
    #[serde(alias = "kind")]
    r#type: String,
    x: Option<String>,
    #[serde(default)]
    y: Columns,
    series: Option<String>,
    title: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishMap {
    #[serde(default)]
    policy: Policy,
    #[serde(default = "threshold")]
    threshold: u32,
    #[serde(default)]
    counts: Columns,
    #[serde(default)]
    rates: Columns,
    #[serde(default)]
    keys: Columns,
    #[serde(default)]
    wholes: Columns,
    #[serde(default)]
    sums: Columns,
    #[serde(default)]
    open: Columns,
    figures: Option<String>,
}

fn threshold() -> u32 {
    THRESHOLD
}

impl<'de> Deserialize<'de> for Chart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match WordOrMap::<ChartMap>::deserialize(deserializer)? {
            WordOrMap::Word(kind) => Ok(Self {
                kind,
                x: None,
                y: Vec::new(),
                series: None,
                title: None,
            }),
            WordOrMap::Map(map) => Ok(Self {
                kind: map.r#type,
                x: map.x,
                y: map.y.0,
                series: map.series,
                title: map.title,
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Publish {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match WordOrMap::<PublishMap>::deserialize(deserializer)? {
            WordOrMap::Word(word) => {
                Policy::deserialize(StrDeserializer::<D::Error>::new(&word)).map(Self::of)
            }
            WordOrMap::Map(map) => Ok(Self {
                policy: map.policy,
                threshold: map.threshold,
                counts: map.counts.0,
                rates: map.rates.0,
                keys: map.keys.0,
                wholes: map.wholes.0,
                sums: map.sums.0,
                open: map.open.0,
                figures: map.figures,
            }),
        }
    }
}

/// One column name or a list of them.
#[derive(Debug, Default)]
pub(super) struct Columns(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany;

        impl<'de> Visitor<'de> for OneOrMany {
            type Value = Columns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column name or a list of them")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Columns, E> {
                Ok(Columns(vec![name.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<Columns, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(names)).map(Columns)
            }
        }

        deserializer.deserialize_any(OneOrMany)
    }
}

enum WordOrMap<T> {
    Word(String),
    Map(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for WordOrMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = WordOrMap<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word or a mapping")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Self::Value, E> {
                Ok(WordOrMap::Word(word.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(WordOrMap::Map)
            }
        }

        deserializer.deserialize_any(Either(std::marker::PhantomData))
    }
}
