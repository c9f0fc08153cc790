//! What the catalog knows of the columns of a result: names of codes and units.
//!
//! A result has names of columns only, so a name tells something where it means the same in every
//! table that has it, or in every table that the statement reads.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::datatypes::{DataType, Schema};

use super::View;
use super::units::{self, QueryUnits};
use crate::catalog::{Catalog, ColumnType};
use crate::domain::RegionCode;
use crate::domain::csv::Table;
use crate::domain::region::Level;
use crate::error::Lang;
use crate::output::{ColumnLook, Labels};
use crate::query::SavedQuery;

/// Names of codes and units of columns. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    known: Arc<Known>,
    /// The tables to which names belong; `None` = all.
    tables: Option<BTreeSet<String>>,
    query: Option<Arc<QueryUnits>>,
}

#[derive(Debug, Default)]
struct Known {
    /// Meanings by name in lower case, English and Chinese: one for each table that has it.
    columns: HashMap<String, Vec<Meaning>>,
    /// Names in English and Chinese, by code list.
    lists: HashMap<String, [Labels; 2]>,
    regions: Labels,
}

/// What a column is in one table.
#[derive(Debug)]
struct Meaning {
    /// English and Chinese name of the table.
    table: Arc<[String; 2]>,
    codes: Option<Codes>,
    unit: Option<String>,
    kind: ColumnType,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Codes {
    List(String),
    Regions,
}

impl Dictionary {
    /// Everything that the catalog says. Code lists and regions that cannot be read have no names.
    #[must_use]
    pub fn new(catalog: &Catalog) -> Self {
        let mut columns: HashMap<String, Vec<Meaning>> = HashMap::new();
        for table in catalog.tables.values() {
            let names = Arc::new([table.name.clone(), table.title_zh.clone()]);
            for column in &table.columns {
                let codes = match (&column.list, column.kind) {
                    (Some(list), _) => Some(Codes::List(list.clone())),
                    (None, ColumnType::Sex) => Some(Codes::List("sex".to_owned())),
                    (None, ColumnType::Code) => Some(Codes::Regions),
                    _ => None,
                };
                for name in [&column.name, &column.zh] {
                    let meanings = columns.entry(name.to_lowercase()).or_default();
                    meanings.push(Meaning {
                        table: Arc::clone(&names),
                        codes: codes.clone(),
                        unit: column.unit.clone(),
                        kind: column.kind,
                    });
                }
            }
        }
        let lists = catalog.codes.iter();
        let known = Known {
            columns,
            lists: lists
                .filter_map(|(list, text)| Some((list.clone(), names_of_list(list, text)?)))
                .collect(),
            regions: names_of_regions(&catalog.regions_csv).unwrap_or_default(),
        };
        Self {
            known: Arc::new(known),
            tables: None,
            query: None,
        }
    }

    /// The same for the result of a statement that reads these tables or Chinese views: names that
    /// mean different things elsewhere are clear then.
    #[must_use]
    pub fn with_tables<S: AsRef<str>>(&self, tables: impl IntoIterator<Item = S>) -> Self {
        let tables = tables.into_iter().map(|name| name.as_ref().to_lowercase());
        Self {
            tables: Some(tables.collect()),
            ..self.clone()
        }
    }

    /// The same for the result of a saved query: units come from its header, not from the catalog,
    /// because its columns are its own.
    #[must_use]
    pub fn with_query(&self, query: &SavedQuery) -> Self {
        Self {
            query: Some(Arc::new(QueryUnits::of(query))),
            ..self.clone()
        }
    }

    /// The name of a code in a column.
    #[must_use]
    pub fn label(&self, column: &str, code: &str, lang: Lang) -> Option<&str> {
        self.labels(column, lang)?.get(code)
    }

    /// The names of the codes in a column.
    #[must_use]
    pub fn labels(&self, column: &str, lang: Lang) -> Option<&Labels> {
        let (function, name) = inner(column);
        if !matches!(
            function.as_deref(),
            None | Some("min" | "max" | "first_value" | "last_value")
        ) {
            return None;
        }
        let labels = match self.agreed(&name, |meaning| meaning.codes.as_ref()) {
            Agreed::On(Codes::List(list)) => {
                let [english, chinese] = self.known.lists.get(list)?;
                match lang {
                    Lang::En => english,
                    Lang::Zh => chinese,
                }
            }
            Agreed::On(Codes::Regions) => &self.known.regions,
            // Twelve digits that are the code of a division are hardly anything else.
            Agreed::Unknown if is_code_name(&name) => &self.known.regions,
            Agreed::Unknown | Agreed::Nothing => return None,
        };
        Some(labels).filter(|labels| !labels.is_empty())
    }

    /// The unit of a column as the catalog and its name tell it.
    #[must_use]
    pub fn unit(&self, column: &str, lang: Lang) -> Option<String> {
        let (function, name) = inner(column);
        let keeps = [
            "sum",
            "min",
            "max",
            "avg",
            "mean",
            "median",
            "first_value",
            "last_value",
        ];
        if function.is_some_and(|function| !keeps.contains(&function.as_str())) {
            return None;
        }
        let unit = match self.agreed(&name, |meaning| meaning.unit.as_ref()) {
            Agreed::On(unit) if self.query.is_none() => Some(unit.as_str()),
            _ => units::told_by(&name),
        };
        unit.map(|unit| units::said(unit, lang))
    }

    /// What to show of each column.
    pub(super) fn looks(&self, schema: &Schema, view: &View) -> Vec<ColumnLook> {
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().to_lowercase())
            .collect();
        let look = |(at, name): (usize, &String)| {
            let data_type = plain(schema.field(at).data_type());
            let has_codes = view.labels
                && (data_type.is_integer() || data_type.is_string())
                && !names
                    .get(at + 1)
                    .is_some_and(|next| names_codes(name, next));
            let labels = has_codes.then(|| self.labels(name, view.lang)).flatten();
            let unit = || {
                let units = self.query.as_deref();
                let is_there = |name: &str| names.iter().any(|other| other == name);
                let of_query = units.and_then(|units| units.of_column(name, is_there));
                let of_query = of_query.map(|unit| units::said(unit, view.lang));
                of_query.or_else(|| self.unit(name, view.lang))
            };
            let has_unit = view.units && labels.is_none() && data_type.is_numeric();
            ColumnLook {
                labels: labels.cloned(),
                unit: has_unit.then(unit).flatten(),
                is_figure: self.is_figure(name),
                is_whole: data_type.is_string() && self.has_divisions(name),
            }
        };
        names.iter().enumerate().map(look).collect()
    }

    /// Whether a column holds codes of divisions, of which half is another division.
    fn has_divisions(&self, name: &str) -> bool {
        match self.agreed(name, |meaning| meaning.codes.as_ref()) {
            Agreed::On(codes) => *codes == Codes::Regions,
            Agreed::Unknown => is_code_name(name),
            Agreed::Nothing => false,
        }
    }

    /// Whether the catalog knows that numbers of this name are codes; otherwise the name tells.
    fn is_figure(&self, name: &str) -> Option<bool> {
        let meanings = self.meanings(name);
        let mut kinds = meanings.map(|meaning| meaning.kind).peekable();
        kinds.peek()?;
        let are_codes = kinds.all(|kind| {
            matches!(
                kind,
                ColumnType::Code | ColumnType::Sex | ColumnType::Key | ColumnType::Text
            )
        });
        are_codes.then_some(false)
    }

    fn meanings(&self, name: &str) -> impl Iterator<Item = &Meaning> {
        let meanings = self.known.columns.get(name).into_iter().flatten();
        meanings.filter(|meaning| match &self.tables {
            None => true,
            Some(tables) => {
                let mut names = meaning.table.iter();
                names.any(|name| tables.contains(&name.to_lowercase()))
            }
        })
    }

    /// What all tables say of a column.
    fn agreed<'a, T: PartialEq>(
        &'a self,
        name: &str,
        part: impl Fn(&'a Meaning) -> Option<&'a T>,
    ) -> Agreed<'a, T> {
        let mut parts = self.meanings(name).map(part);
        let Some(first) = parts.next() else {
            return Agreed::Unknown;
        };
        match first {
            Some(first) if parts.all(|other| other == Some(first)) => Agreed::On(first),
            _ => Agreed::Nothing,
        }
    }
}

enum Agreed<'a, T> {
    /// All say the same.
    On(&'a T),
    /// They differ, or say nothing.
    Nothing,
    /// No table has the column.
    Unknown,
}

/// The column in `max(deaths.sex)`, with the function in front of it; any other name is itself.
fn inner(name: &str) -> (Option<String>, String) {
    let whole = || (None, name.to_lowercase());
    let Some((function, rest)) = name.split_once('(') else {
        return whole();
    };
    let Some(argument) = rest.strip_suffix(')') else {
        return whole();
    };
    let column = argument.rsplit('.').next().unwrap_or(argument);
    let column = column.trim_matches('"');
    let is_name = |text: &str| {
        text.chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'))
    };
    if is_name(function) && is_name(argument) && !column.is_empty() {
        (Some(function.to_lowercase()), column.to_lowercase())
    } else {
        whole()
    }
}

/// Whether a column that no table has is one of codes by its name.
fn is_code_name(name: &str) -> bool {
    name == "code" || name.ends_with("_code") || name.ends_with("代码")
}

/// Whether the next column already names the codes of this one.
fn names_codes(name: &str, next: &str) -> bool {
    next.strip_suffix("_name")
        .is_some_and(|stem| stem == name || name.ends_with("_code"))
        || next.ends_with("名称") && name.ends_with("代码")
}

/// The type of the values inside a dictionary.
fn plain(data_type: &DataType) -> &DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain(values),
        other => other,
    }
}

/// English and Chinese names of a list.
fn names_of_list(list: &str, text: &str) -> Option<[Labels; 2]> {
    let table = Table::read(text).ok()?;
    let (code, name) = (Some(table.column("code")?), Some(table.column("name")?));
    let (english, owner) = (table.column("name_en"), table.column("list"));
    let rows = || {
        let rows = table.rows();
        rows.filter(move |row| owner.is_none() || row.get(owner) == list)
    };
    let entry = |code: &str, name: &str| (code.to_owned(), name.to_owned());
    Some([
        rows()
            .map(|row| {
                let names = [row.get(english), row.get(name)];
                let first = names.into_iter().find(|name| !name.is_empty());
                entry(row.get(code), first.unwrap_or_default())
            })
            .collect(),
        rows()
            .map(|row| entry(row.get(code), row.get(name)))
            .collect(),
    ])
}

/// Names of divisions, by their codes of twelve digits and by what is left without zeros.
fn names_of_regions(text: &str) -> Option<Labels> {
    let table = Table::read(text).ok()?;
    let (code, name) = (Some(table.column("code")?), Some(table.column("name")?));
    let mut names = Vec::new();
    for row in table.rows() {
        let Some(code) = RegionCode::parse(row.get(code)) else {
            continue;
        };
        let lengths: &[usize] = match code.level() {
            Level::Province | Level::Prefecture | Level::County => &[6, 12],
            Level::Township => &[9, 12],
            Level::Village => &[12],
        };
        for length in lengths {
            let short = code.as_str().get(..*length).unwrap_or_default();
            names.push((short.to_owned(), row.get(name).to_owned()));
        }
    }
    Some(names.into_iter().collect())
}
