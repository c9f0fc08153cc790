//! Reading YAML into serde structs that remember where each value stood.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, Error, Options, Spanned};

use super::nearest::suggestion;
use super::problem::Problem;
use crate::msg;

/// Line and column, both from 1, columns in characters.
pub(super) type Place = (u32, u32);

/// A value and where it stands in its file.
#[derive(Debug, Clone)]
pub(super) struct Located<T> {
    /// The value.
    pub(super) value: T,
    /// Where it starts.
    pub(super) place: Place,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<T>::deserialize(deserializer)?;
        let at = spanned.referenced;
        Ok(Self {
            value: spanned.value,
            place: (at.line() as u32, at.column() as u32),
        })
    }
}

/// A name with its place.
pub(super) type Name = Located<String>;

/// A mapping in the order of the file, each key with its place.
#[derive(Debug, Clone)]
pub(super) struct Entries<V>(pub(super) Vec<(Name, V)>);

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(InOrder(PhantomData))
    }
}

/// Reads one YAML document.
///
/// # Errors
/// The first thing that does not fit the struct, located. Reading stops there, as serde does;
/// what the values mean is checked afterwards, all of it.
pub(crate) fn read<T: for<'de> Deserialize<'de>>(
    file: &str,
    text: &str,
) -> Result<T, Box<Problem>> {
    let mut options = Options::default();
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.strict_booleans = true; // `no` and `on` stay words, as in value maps
    options.with_snippet = false;
    serde_yaml::from_str_with_options(text, options)
        .map_err(|error| Box::new(problem(file, &error)))
}

fn problem(file: &str, error: &Error) -> Problem {
    let error = error.without_snippet();
    let place = error
        .location()
        .map_or((0, 0), |at| (at.line() as u32, at.column() as u32));
    let (message, hint) = match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => (
            msg!("unknown key `{field}`", "未知的键 `{field}`"),
            suggestion(field, expected.iter().copied()),
        ),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => (
            msg!("unknown value `{variant}`", "未知的取值 `{variant}`"),
            suggestion(variant, expected.iter().copied()),
        ),
        Error::SerdeMissingField { field, .. } => (
            msg!("the key `{field}` is missing", "缺少键 `{field}`"),
            None,
        ),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or_default();
            (
                msg!("the key `{key}` occurs twice", "键 `{key}` 重复"),
                None,
            )
        }
        Error::SerdeInvalidType {
            unexpected,
            expected,
            ..
        }
        | Error::SerdeInvalidValue {
            unexpected,
            expected,
            ..
        } => (
            msg!(
                "expected {expected}, found {unexpected}",
                "应为 {expected}，实为 {unexpected}"
            ),
            None,
        ),
        Error::Message { msg: text, .. } => (msg!("{text}", "{text}"), None),
        other => {
            let text = other.to_string();
            // The place is told beside the message.
            let text = text.split(" at line ").next().unwrap_or_default();
            (msg!("not valid here: {text}", "YAML 有误：{text}"), None)
        }
    };
    Problem::new(file, place, message).hint(hint)
}

/// Where character `offset` of a one-line scalar at `place` stands: past the opening quote, if
/// there is one.
pub(super) fn inside(text: &str, place: Place, offset: usize) -> Place {
    let (line, column) = place;
    let quoted = text
        .lines()
        .nth((line as usize).saturating_sub(1))
        .and_then(|text| text.chars().nth((column as usize).saturating_sub(1)))
        .is_some_and(|first| first == '"' || first == '\'');
    (line, column + u32::from(quoted) + offset as u32)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        title: Name,
        #[serde(default)]
        fields: Entries<Located<Vec<String>>>,
    }

    #[test]
    fn keys_and_values_keep_their_places_and_order() {
        let text = "title: 出生\nfields:\n  b: [x]\n  a: [NO, 1]\n";
        let sample: Sample = read("s.yaml", text).unwrap();
        assert_eq!(
            (sample.title.value.as_str(), sample.title.place),
            ("出生", (1, 8))
        );
        let [b, a] = &sample.fields.0[..] else {
            panic!("two fields")
        };
        assert_eq!(
            (b.0.value.as_str(), b.0.place, b.1.place),
            ("b", (3, 3), (3, 6))
        );
        assert_eq!(
            (a.0.value.as_str(), a.1.value.as_slice()),
            ("a", &["NO".into(), "1".into()][..])
        );
    }

    #[test]
    fn a_mistyped_key_is_located_with_the_nearest_one() {
        let problem = read::<Sample>("s.yaml", "title: a\nfeilds: {}\n").unwrap_err();
        assert_eq!(problem.place(), "s.yaml:2:1");
        assert_eq!(problem.message.en, "unknown key `feilds`");
        assert_eq!(problem.hint.unwrap().en, "did you mean `fields`?");
    }

    #[test]
    fn missing_and_repeated_keys_and_bad_yaml_are_located() {
        let missing = read::<Sample>("s.yaml", "fields: {}\n").unwrap_err();
        assert_eq!(missing.message.en, "the key `title` is missing");
        let twice = read::<Sample>("s.yaml", "title: a\ntitle: b\n").unwrap_err();
        assert_eq!(
            (twice.place().as_str(), twice.message.en.as_str()),
            ("s.yaml:2:1", "the key `title` occurs twice")
        );
        let broken = read::<Sample>("s.yaml", "title: [a\nfields: {}\n").unwrap_err();
        assert!(broken.line >= 1, "{broken:?}");
    }
}
