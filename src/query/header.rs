//! The YAML header of a saved query and the statement behind it.

use std::fmt;
use std::marker::PhantomData;

use datafusion::scalar::ScalarValue;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, Options, Spanned};

use super::build::Expansion;
use super::facts::Facts;
use super::parameter::{DefaultValue, Parameter, ParameterType};
use super::placeholder::{place, scan};
use super::publish::{Chart, Publish};
use super::relative::Relative;
use super::test::Test;
use crate::catalog::{Problem, nearest};
use crate::error::{Error, Message, Result};
use crate::msg;

/// A SQL file with a header.
#[derive(Debug, Clone)]
pub struct SavedQuery {
    /// File name without `.sql`.
    pub name: String,
    /// Folder below `queries/`, with `/` between parts; empty when there is none.
    pub group: String,
    /// What it shows.
    pub title: String,
    /// The same in Chinese; the title when the header has none.
    pub title_zh: String,
    /// What it tells, in a sentence.
    pub description: Option<String>,
    /// The same in Chinese.
    pub description_zh: Option<String>,
    /// Department that answers for it.
    pub owner: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Unit of its figures.
    pub unit: Option<String>,
    /// The same in Chinese.
    pub unit_zh: Option<String>,
    /// Formula and source.
    pub definition: Option<String>,
    /// The same in Chinese.
    pub definition_zh: Option<String>,
    /// Its parameters in the order of the header.
    pub params: Vec<Parameter>,
    /// How to draw it.
    pub chart: Option<Chart>,
    /// How to publish it.
    pub publish: Option<Publish>,
    /// What must hold for its result.
    pub tests: Vec<Test>,
    /// One SQL statement without a semicolon at its end, to be run with the values of
    /// [`Self::bind`].
    pub sql: String,
    /// The same as it was written, with its `query('name', …)`.
    pub written: String,
    /// Names of the queries that it builds on.
    pub builds_on: Vec<String>,
    /// The file, for messages: `queries/indicators/births.sql`.
    pub file: String,
    /// Its whole text.
    pub text: String,
    /// Where the statement begins in the text.
    pub(super) start: usize,
    /// Parameters of the queries it builds on.
    pub(super) inherited: Vec<Parameter>,
    pub(super) expansions: Vec<Expansion>,
}

/// The keys of a header.
const KEYS: [&str; 14] = [
    "title",
    "title_zh",
    "description",
    "description_zh",
    "owner",
    "tags",
    "unit",
    "unit_zh",
    "definition",
    "definition_zh",
    "params",
    "chart",
    "publish",
    "tests",
];

#[derive(serde::Deserialize)]
struct Header {
    title: String,
    title_zh: Option<String>,
    description: Option<String>,
    description_zh: Option<String>,
    owner: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    unit: Option<String>,
    unit_zh: Option<String>,
    definition: Option<String>,
    definition_zh: Option<String>,
    #[serde(default)]
    params: Entries<Declaration>,
    chart: Option<Chart>,
    publish: Option<Publish>,
    #[serde(default)]
    tests: Vec<Test>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Declaration {
    r#type: ParameterType,
    default: Option<Spanned<String>>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    choices: Vec<String>,
    choices_sql: Option<String>,
    min: Option<Spanned<String>>,
    max: Option<Spanned<String>>,
    description: Option<String>,
    description_zh: Option<String>,
}

/// A mapping in the order of the file, each key with its place.
struct Entries<V>(Vec<(Spanned<String>, V)>);

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct InOrder<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for InOrder<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Self::Value, A::Error> {
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

/// What tells the rows apart, when only a test says it.
fn with_keys(mut publish: Publish, tests: &[Test]) -> Publish {
    let unique = tests.iter().find_map(|test| match &test.claim {
        super::test::Claim::Unique(names) => Some(names.clone()),
        _ => None,
    });
    if publish.keys.is_empty() {
        publish.keys = unique.unwrap_or_default();
    }
    publish
}

impl SavedQuery {
    /// Reads the text of one file; `file` is its path for messages.
    ///
    /// # Errors
    /// Everything wrong in it, located.
    pub fn parse(
        file: &str,
        group: &str,
        name: &str,
        text: &str,
    ) -> std::result::Result<Self, Vec<Problem>> {
        let (yaml_start, yaml_end) = header_bounds(text).map_err(|message| {
            vec![Problem::new(file, (1, 1), message).hint(Some(msg!(
                "begin with `/*`, `title: …` and `*/` on lines of their own",
                "请以 `/*`、`title: …`、`*/` 各占一行开头"
            )))]
        })?;
        let shift = place(text, yaml_start);
        let yaml = &text[yaml_start..yaml_end];
        let mut problems = unknown_keys(file, yaml, shift);
        let header: Header = match read(file, yaml, shift) {
            Ok(header) => header,
            Err(problem) => {
                // A key that is missing is most likely the one that is misspelt.
                if problems.is_empty() {
                    problems.push(*problem);
                }
                return Err(problems);
            }
        };
        let body = yaml_end + "*/".len();
        let mut params = Vec::new();
        for (key, declaration) in header.params.0 {
            params.push(parameter(file, shift, &key, declaration, &mut problems));
        }
        let end = lint(file, text, body, &params, &mut problems);
        if !problems.is_empty() {
            problems.sort_by_key(|problem| (problem.line, problem.column));
            return Err(problems);
        }
        let sql = text[body..end].trim();
        let start = end - text[body..end].trim_start().len();
        Ok(Self {
            name: name.to_owned(),
            group: group.to_owned(),
            title_zh: header.title_zh.unwrap_or_else(|| header.title.clone()),
            title: header.title,
            description: header.description,
            description_zh: header.description_zh,
            owner: header.owner,
            tags: header.tags,
            unit: header.unit,
            unit_zh: header.unit_zh,
            definition: header.definition,
            definition_zh: header.definition_zh,
            params: params.into_iter().map(|(parameter, _)| parameter).collect(),
            chart: header.chart,
            publish: header
                .publish
                .map(|publish| with_keys(publish, &header.tests)),
            tests: header.tests,
            sql: sql.to_owned(),
            written: sql.to_owned(),
            builds_on: Vec::new(),
            file: file.to_owned(),
            text: text.to_owned(),
            start,
            inherited: Vec::new(),
            expansions: Vec::new(),
        })
    }

    /// The parameters that are not at their default, as text: what makes an answer another figure.
    #[must_use]
    pub fn particular(&self, values: &[(String, ScalarValue)]) -> Vec<(String, String)> {
        let usual = |name: &str, text: &str| {
            self.params.iter().any(|parameter| {
                parameter.name == name
                    && matches!(&parameter.default, DefaultValue::Literal(usual) if usual == text)
            })
        };
        values
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), value.to_string()))
            .filter(|(name, text)| name == "by" || !usual(name, text))
            .collect()
    }

    /// The line of the file that the statement begins on, for messages of the engine.
    #[must_use]
    pub fn first_line(&self) -> usize {
        self.place_of(0).0 as usize
    }

    /// Line and column in the file of a byte of the statement as written.
    pub(super) fn place_of(&self, offset: usize) -> Place {
        place(&self.text, self.start + offset.min(self.written.len()))
    }

    /// Line and column in the file of a place in the statement as run, whose line is counted from
    /// [`Self::first_line`].
    pub(super) fn place_in_file(&self, (line, column): Place) -> Place {
        let down = (line as usize).saturating_sub(self.first_line());
        let mut lines = self.sql.split_inclusive('\n');
        let before: usize = lines.by_ref().take(down).map(str::len).sum();
        let text = lines.next().unwrap_or_default();
        let right = (column as usize).saturating_sub(1);
        let mut offset = before + text.chars().take(right).map(char::len_utf8).sum::<usize>();
        let run = offset;
        for expansion in &self.expansions {
            if expansion.run.contains(&run) {
                return self.place_of(expansion.written.start);
            }
            if expansion.run.end <= run {
                offset = run - expansion.run.end + expansion.written.end;
            }
        }
        self.place_of(offset)
    }

    /// Line and column of a word in the section of the header that `key` begins; of the key when it
    /// is not found.
    pub(super) fn place_in_header(&self, key: &str, word: &str) -> Place {
        let header = &self.text[..self.start];
        let key_at = header.find(&format!("\n{key}:")).map_or(0, |at| at + 1);
        let lines = header[key_at..].split_inclusive('\n').enumerate();
        // A section ends with the first line that begins another.
        let inside = lines
            .take_while(|(number, line)| *number == 0 || line.starts_with([' ', '-', '\n', '#']));
        let length: usize = inside.map(|(_, line)| line.len()).sum();
        let section = &header[key_at..key_at + length];
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let found = section.match_indices(word).find(|(at, _)| {
            !section[..*at].ends_with(is_part) && !section[at + word.len()..].starts_with(is_part)
        });
        place(&self.text, key_at + found.map_or(0, |(at, _)| at))
    }

    /// A value of the declared type for every parameter, in the order of the header; the last one
    /// given of a name counts.
    ///
    /// # Errors
    /// A usage error when a name is unknown, a value does not fit or a required one is missing.
    pub fn bind(
        &self,
        given: &[(String, String)],
        facts: &Facts,
    ) -> Result<Vec<(String, ScalarValue)>> {
        let names = || self.params.iter().map(|parameter| parameter.name.as_str());
        for (name, _) in given {
            if !names().any(|known| known == name) {
                let query = &self.name;
                let error = Error::usage(msg!(
                    "`{query}` has no parameter `{name}`",
                    "`{query}` 没有参数 `{name}`"
                ));
                return Err(error.hint(suggestion(name, names()).unwrap_or_else(|| {
                    msg!(
                        "`renkou queries {query}` tells its parameters",
                        "`renkou queries {query}` 列出其参数"
                    )
                })));
            }
        }
        let mut values = Vec::with_capacity(self.params.len());
        for parameter in &self.params {
            let text = given
                .iter()
                .rev()
                .find(|(name, _)| *name == parameter.name)
                .map(|(_, text)| text.as_str());
            let query = &self.name;
            let value = parameter.value(text, facts).map_err(|error| {
                error.context(msg!("cannot run `{query}`", "无法运行 `{query}`"))
            })?;
            values.push((parameter.name.clone(), value));
        }
        for parameter in &self.inherited {
            let value = parameter.value(None, facts)?;
            values.push((parameter.name.clone(), value));
        }
        Ok(values)
    }
}

/// Where the YAML between `/*` and `*/` begins and ends.
fn header_bounds(text: &str) -> std::result::Result<(usize, usize), Message> {
    let open = text
        .find(|c: char| !c.is_whitespace() && c != '\u{feff}')
        .unwrap_or(text.len());
    if !text[open..].starts_with("/*") {
        return Err(msg!("the header is missing", "缺少文件头"));
    }
    let start = open + "/*".len();
    match text[start..].find("*/") {
        Some(length) => Ok((start, start + length)),
        None => Err(msg!(
            "the header does not end: `*/` is missing",
            "文件头没有结束：缺少 `*/`"
        )),
    }
}

/// The keys that no header has: all of them, where reading would stop at the first.
fn unknown_keys(file: &str, yaml: &str, shift: Place) -> Vec<Problem> {
    let Ok(keys) = read::<Entries<IgnoredAny>>(file, yaml, shift) else {
        return Vec::new();
    };
    let unknown = keys.0.into_iter().map(|(key, _)| key);
    unknown
        .filter(|key| !KEYS.contains(&key.value.as_str()))
        .map(|key| {
            let (name, at) = (&key.value, key.referenced);
            let place = shifted((at.line() as u32, at.column() as u32), shift);
            let message = msg!("unknown key `{name}`", "未知的键 `{name}`");
            Problem::new(file, place, message).hint(suggestion(name, KEYS))
        })
        .collect()
}

/// Reads the YAML; `shift` is where it begins in the file.
fn read<T: DeserializeOwned>(
    file: &str,
    yaml: &str,
    shift: Place,
) -> std::result::Result<T, Box<Problem>> {
    let mut options = Options::default();
    options.duplicate_keys = DuplicateKeyPolicy::Error;
    options.with_snippet = false;
    serde_yaml::from_str_with_options(yaml, options).map_err(|error| {
        use serde_yaml::Error as Yaml;
        let error = error.without_snippet();
        let at = error
            .location()
            .map_or((0, 0), |at| (at.line() as u32, at.column() as u32));
        let (message, hint) = match error {
            Yaml::SerdeUnknownField {
                field, expected, ..
            } => (
                msg!("unknown key `{field}`", "未知的键 `{field}`"),
                suggestion(field, expected.iter().copied()),
            ),
            Yaml::SerdeUnknownVariant {
                variant, expected, ..
            } => (
                msg!("unknown value `{variant}`", "未知的取值 `{variant}`"),
                suggestion(variant, expected.iter().copied()),
            ),
            Yaml::SerdeMissingField { field, .. } => (
                msg!("the key `{field}` is missing", "缺少键 `{field}`"),
                None,
            ),
            Yaml::DuplicateMappingKey { key, .. } => {
                let key = key.as_deref().unwrap_or_default();
                (
                    msg!("the key `{key}` occurs twice", "键 `{key}` 重复"),
                    None,
                )
            }
            other => (msg!("not valid here: {other}", "文件头有误：{other}"), None),
        };
        Box::new(Problem::new(file, shifted(at, shift), message).hint(hint))
    })
}

/// A place in the YAML as a place in the file.
fn shifted((line, column): (u32, u32), (first_line, first_column): (u32, u32)) -> (u32, u32) {
    match line {
        0 => (first_line, first_column),
        1 => (first_line, first_column + column - 1),
        _ => (first_line + line - 1, column),
    }
}

type Place = (u32, u32);

fn parameter(
    file: &str,
    shift: Place,
    key: &Spanned<String>,
    declaration: Declaration,
    problems: &mut Vec<Problem>,
) -> (Parameter, Place) {
    let at = |place: &Spanned<String>| {
        shifted(
            (
                place.referenced.line() as u32,
                place.referenced.column() as u32,
            ),
            shift,
        )
    };
    let mut parameter = Parameter {
        name: key.value.clone(),
        kind: declaration.r#type,
        default: DefaultValue::Null,
        required: declaration.required,
        choices: declaration.choices,
        choices_sql: declaration.choices_sql,
        min: declaration.min.as_ref().map(|text| text.value.clone()),
        max: declaration.max.as_ref().map(|text| text.value.clone()),
        description: declaration.description,
        description_zh: declaration.description_zh,
    };
    match declaration.default.as_ref().map(|text| text.value.as_str()) {
        None | Some("null" | "~" | "") => {}
        Some(text) => parameter.default = parameter.default_of(text),
    }
    let (name, kind) = (&parameter.name, parameter.kind.name());
    let mut problem =
        |place, message, hint| problems.push(Problem::new(file, place, message).hint(hint));
    let is_word = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if !is_word {
        problem(
            at(key),
            msg!(
                "`{name}` cannot be the name of a parameter",
                "`{name}` 不能作参数名"
            ),
            None,
        );
    }
    let listed = !parameter.choices.is_empty() || parameter.choices_sql.is_some();
    if parameter.kind == ParameterType::Choice && !listed {
        problem(
            at(key),
            msg!(
                "a choice needs `choices` or `choices_sql`",
                "choice 类型需要 `choices` 或 `choices_sql`"
            ),
            None,
        );
    }
    for limit in [&declaration.min, &declaration.max].into_iter().flatten() {
        if !parameter.kind.has_order() {
            problem(
                at(limit),
                msg!(
                    "a {kind} has no least or greatest value",
                    "{kind} 类型没有上下限"
                ),
                None,
            );
        } else if let Err(expected) = parameter.kind.read(&limit.value) {
            problem(at(limit), expected, None);
        }
    }
    if let (DefaultValue::Literal(text), Some(place)) = (&parameter.default, &declaration.default)
        && let Err((message, hint)) = parameter.check(text)
    {
        let words = Relative::words(parameter.kind);
        let hint = hint.or_else(|| suggestion(text, words));
        problem(at(place), message, hint);
    }
    let place = at(key);
    (parameter, place)
}

/// Checks the statement behind the header and returns where it ends: one statement, every `$name`
/// declared, every declared one used.
fn lint(
    file: &str,
    text: &str,
    body: usize,
    params: &[(Parameter, Place)],
    problems: &mut Vec<Problem>,
) -> usize {
    let found = scan(&text[body..]);
    let mut problem =
        |place, message, hint| problems.push(Problem::new(file, place, message).hint(hint));
    if !found.has_statement {
        problem(
            place(text, body),
            msg!("the SQL statement is missing", "缺少 SQL 语句"),
            None,
        );
    }
    if let Some(offset) = found.second_statement {
        let at = place(text, body + offset);
        problem(
            at,
            msg!("a saved query is one statement", "保存的查询只能有一条语句"),
            None,
        );
    }
    let declared = || params.iter().map(|(parameter, _)| parameter.name.as_str());
    let mut reported: Vec<&str> = Vec::new();
    for (name, offset) in &found.names {
        if !declared().any(|known| known == name) && !reported.contains(&name.as_str()) {
            reported.push(name);
            let at = place(text, body + offset);
            let hint = suggestion(name, declared());
            problem(
                at,
                msg!(
                    "`${name}` is not declared under `params`",
                    "`${name}` 未在 `params` 中声明"
                ),
                hint,
            );
        }
    }
    for (parameter, at) in params {
        let name = &parameter.name;
        if !found.names.iter().any(|(used, _)| used == name) {
            problem(
                *at,
                msg!("parameter `{name}` is not used", "参数 `{name}` 未被使用"),
                None,
            );
        }
    }
    body + found.end.unwrap_or(text.len() - body)
}

/// A hint that names the nearest candidate, or else lists the candidates when they are few.
pub(super) fn suggestion<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<Message> {
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(name, candidates.iter().copied()) {
        return Some(msg!("did you mean `{near}`?", "是否为 `{near}`？"));
    }
    if candidates.is_empty() || candidates.len() > 20 {
        return None;
    }
    let list = candidates.join(", ");
    Some(msg!("expected one of: {list}", "可用的有：{list}"))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::error::Lang;

    const GOOD: &str = "/*\ntitle: Births\nparams:\n  year: {type: year, default: 2018}\n  by: {type: choice, default: none, choices: [none, month]}\n*/\nSELECT $by, '$no' WHERE y = $year;\n";

    fn parse(text: &str) -> std::result::Result<SavedQuery, Vec<Problem>> {
        SavedQuery::parse("queries/a/b.sql", "a", "b", text)
    }

    fn problems(text: &str) -> Vec<String> {
        parse(text)
            .unwrap_err()
            .into_iter()
            .map(|problem| {
                let hint = problem
                    .hint
                    .as_ref()
                    .map(|hint| format!(" ({})", hint.en))
                    .unwrap_or_default();
                format!("{}: {}{hint}", problem.place(), problem.message.en)
            })
            .collect()
    }

    fn facts() -> Facts {
        Facts {
            latest_complete_year: Some(2020),
            today: NaiveDate::from_ymd_opt(2021, 1, 15).unwrap(),
        }
    }

    #[test]
    fn a_header_and_its_statement_are_read() {
        let query = parse(GOOD).unwrap();
        assert_eq!(
            (query.title.as_str(), query.title_zh.as_str()),
            ("Births", "Births")
        );
        assert_eq!(query.sql, "SELECT $by, '$no' WHERE y = $year");
        let bound = query
            .bind(&[("by".into(), "month".into())], &facts())
            .unwrap();
        assert_eq!(
            bound,
            [
                ("year".to_owned(), ScalarValue::Int64(Some(2018))),
                ("by".to_owned(), ScalarValue::Utf8(Some("month".into()))),
            ]
        );
    }

    #[test]
    fn an_unknown_parameter_is_told_the_nearest_name() {
        let error = parse(GOOD)
            .unwrap()
            .bind(&[("yaer".into(), "2018".into())], &facts())
            .unwrap_err();
        assert_eq!(
            error.render(Lang::En),
            "error: `b` has no parameter `yaer`\nhint: did you mean `year`?\n"
        );
    }

    #[test]
    fn a_value_that_does_not_fit_tells_query_parameter_and_choices() {
        let error = parse(GOOD)
            .unwrap()
            .bind(&[("by".into(), "moth".into())], &facts())
            .unwrap_err();
        assert_eq!(
            error.render(Lang::En),
            "error: cannot run `b`\n  caused by: value of parameter `by`: expected one of none, month\nhint: did you mean `month`?\n"
        );
        assert_eq!(error.kind().exit_code(), 2);
    }

    #[test]
    fn unknown_keys_are_located_with_the_nearest_one() {
        assert_eq!(
            problems("\n/*\ntitel: x\n*/\nSELECT 1"),
            ["queries/a/b.sql:3:1: unknown key `titel` (did you mean `title`?)"]
        );
        assert_eq!(
            problems("/*\ntitle: x\nparams:\n  a: {type: yaer}\n*/\nSELECT $a"),
            ["queries/a/b.sql:4:13: unknown value `yaer` (did you mean `year`?)"]
        );
        assert_eq!(
            problems("SELECT 1")[0],
            "queries/a/b.sql:1:1: the header is missing (begin with `/*`, `title: …` and `*/` on lines of their own)"
        );
    }

    #[test]
    fn every_problem_of_a_file_is_told_at_once() {
        let text = "/*\ntitle: x\nparams:\n  year: {type: year, default: soon, min: 1}\n  by: {type: choice}\n*/\nSELECT $yaer;\nSELECT 2\n";
        assert_eq!(
            problems(text),
            [
                "queries/a/b.sql:4:3: parameter `year` is not used",
                "queries/a/b.sql:4:31: expected a year such as 2018 (expected one of: latest_complete_year, this_year, last_year)",
                "queries/a/b.sql:4:42: expected a year such as 2018",
                "queries/a/b.sql:5:3: a choice needs `choices` or `choices_sql`",
                "queries/a/b.sql:5:3: parameter `by` is not used",
                "queries/a/b.sql:7:8: `$yaer` is not declared under `params` (did you mean `year`?)",
                "queries/a/b.sql:8:1: a saved query is one statement",
            ]
        );
    }

    #[test]
    fn charts_and_publishing_take_a_word_or_a_mapping() {
        let query = parse("/* {title: x, chart: bar, publish: internal} */ SELECT 1").unwrap();
        assert_eq!(query.chart.unwrap().kind, "bar");
        assert_eq!(
            query.publish.unwrap().policy,
            super::super::Policy::Internal
        );
        let text = "/*\ntitle: x\nchart: {type: line, x: month, y: births}\npublish: {counts: [births]}\ntests:\n  - {unique: [month]}\n*/\nSELECT 1";
        let query = parse(text).unwrap();
        assert_eq!(query.chart.unwrap().y, ["births"]);
        assert_eq!(query.publish.unwrap().threshold, 10);
        assert_eq!(query.tests[0].said(), "unique(month)");
    }
}
