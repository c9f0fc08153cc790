//! What can be completed: the names of a warehouse, gathered once per session.

use std::collections::BTreeMap;

/// The names of a warehouse and what they mean.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// Language of the remarks beside commands and settings.
    pub lang: crate::error::Lang,
    /// Tables and views. The last result may be among them as `_`; its columns are those that
    /// `.chart` and `.crosstab` take. A name may have a schema in front: `vault.births`.
    pub tables: Vec<Table>,
    /// SQL functions.
    pub functions: Vec<Function>,
    /// Saved queries.
    pub queries: Vec<Query>,
    /// Code lists by name, codes with their names in the order of the list.
    pub lists: BTreeMap<String, Vec<(String, String)>>,
    /// Numbers of deliveries.
    pub deliveries: Vec<String>,
    /// Output formats.
    pub formats: Vec<&'static str>,
}

/// A table or view.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its name in SQL.
    pub name: String,
    /// Its name in Chinese; that of an English table is also the name of its Chinese view.
    pub zh: Option<String>,
    /// Whether it is a view.
    pub is_view: bool,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Debug, Clone, Default)]
pub struct Column {
    /// Its name in SQL.
    pub name: String,
    /// Its name in Chinese.
    pub zh: Option<String>,
    /// Its SQL type, for people.
    pub kind: String,
    /// The code list that its values are from.
    pub list: Option<String>,
}

/// A SQL function.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// How it is called: `age_at(birth_date, date)`.
    pub signature: String,
    /// What it gives, in one line.
    pub summary: String,
    /// Whether it takes many rows.
    pub is_aggregate: bool,
}

/// A saved query.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Its parameters.
    pub params: Vec<Parameter>,
}

/// A parameter of a saved query.
#[derive(Debug, Clone, Default)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type: `year`, `code`, `choice` …
    pub kind: String,
    /// Its value when nothing is given.
    pub default: Option<String>,
    /// The values it takes; empty when they are not listed.
    pub choices: Vec<String>,
    /// What it means.
    pub description: Option<String>,
}

impl Knowledge {
    /// The table or view called `name`; Latin letters may differ in case, and schema `main` may
    /// stand in front.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        let same = |table: &&Table| table.name.eq_ignore_ascii_case(name);
        self.tables.iter().find(same).or_else(|| {
            let (schema, rest) = name.rsplit_once('.')?;
            let main = schema.eq_ignore_ascii_case("main")
                || schema.to_ascii_lowercase().ends_with(".main");
            let same = |table: &&Table| table.name.eq_ignore_ascii_case(rest);
            self.tables.iter().find(same).filter(|_| main)
        })
    }

    /// The English table whose Chinese view this is.
    pub(super) fn behind(&self, view: &Table) -> Option<&Table> {
        if !view.is_view || view.zh.is_some() || view.name.is_ascii() {
            return None;
        }
        self.tables
            .iter()
            .find(|table| table.zh.as_ref() == Some(&view.name))
    }

    /// The name of the table in the other language, or empty.
    pub(super) fn other_name<'a>(&'a self, table: &'a Table) -> &'a str {
        let behind = || self.behind(table).map(|table| table.name.as_str());
        table.zh.as_deref().or_else(behind).unwrap_or_default()
    }

    /// The function called `name`.
    pub(super) fn function(&self, name: &str) -> Option<&Function> {
        self.functions
            .iter()
            .find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// The saved query called `name`.
    pub(super) fn query(&self, name: &str) -> Option<&Query> {
        self.queries.iter().find(|query| query.name == name)
    }
}
