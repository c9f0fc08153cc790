//! Code lists (GB/T 2261, 3304, 4658, 4761 and the product's own): from what was typed to a code.
//! Entry point: [`CodeList::from_csv`], then [`CodeList::find`]. Never guesses: a cell in which code
//! and name disagree has no code.

use std::borrow::Cow;
use std::collections::HashMap;

use super::csv::Table;
use super::text;
use crate::error::{Error, Result};
use crate::msg;

/// One entry of a code list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeEntry {
    /// The code, padded as the standard prints it.
    pub code: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Other spellings.
    pub aliases: Vec<String>,
}

/// A code list and everything its codes may be called.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// The name of the list, such as `ethnicity`.
    pub list: String,
    /// The entries in file order.
    pub entries: Vec<CodeEntry>,
    by_spelling: HashMap<String, usize>,
    /// The length of all codes when they are digits of one length, for padding.
    width: Option<usize>,
}

impl CodeList {
    /// Builds a list from CSV with the columns `code`, `name`, `name_en`, `aliases` (by `|`). In a
    /// file of several lists the column `list` tells which rows belong.
    ///
    /// # Errors
    /// A column is missing, a code is empty or occurs twice.
    pub fn from_csv(list: &str, text: &str) -> Result<Self> {
        let table = Table::read(text)?;
        let (code, name) = (Some(table.required("code")?), Some(table.required("name")?));
        let (name_en, aliases) = (table.column("name_en"), table.column("aliases"));
        let owner = table.column("list");
        let entries = table
            .rows()
            .filter(|row| owner.is_none() || row.get(owner) == list)
            .map(|row| CodeEntry {
                code: row.get(code).to_owned(),
                name: row.get(name).to_owned(),
                name_en: row.get(name_en).to_owned(),
                aliases: split_aliases(row.get(aliases)),
            })
            .collect();
        Self::new(list, entries)
    }

    /// Builds a list from entries.
    ///
    /// # Errors
    /// A code is empty or occurs twice.
    pub fn new(list: &str, entries: Vec<CodeEntry>) -> Result<Self> {
        let mut by_spelling = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let code = &entry.code;
            if code.is_empty() {
                return Err(Error::usage(msg!(
                    "list `{list}` has an entry without a code",
                    "代码表 `{list}` 有一项没有代码"
                )));
            }
            if by_spelling.insert(key(code).into_owned(), index).is_some() {
                return Err(Error::usage(msg!(
                    "list `{list}` has code `{code}` twice",
                    "代码表 `{list}` 中代码 `{code}` 重复"
                )));
            }
        }
        // Codes win over names, names over aliases, and each over what dropping 族 makes of it.
        let names = |entry: &CodeEntry| vec![entry.name.clone(), entry.name_en.clone()];
        for spellings in [names, |entry: &CodeEntry| entry.aliases.clone()] {
            for (index, entry) in entries.iter().enumerate() {
                for spelling in spellings(entry)
                    .iter()
                    .filter(|spelling| !spelling.is_empty())
                {
                    let spelling = key(spelling).into_owned();
                    by_spelling.entry(spelling).or_insert(index);
                }
            }
        }
        for (index, entry) in entries.iter().enumerate() {
            for spelling in names(entry).iter().chain(&entry.aliases) {
                let spelling = key(spelling);
                let other = match spelling.strip_suffix('族') {
                    Some(stem) => stem.to_owned(),
                    None => continue,
                };
                if !other.is_empty() {
                    by_spelling.entry(other).or_insert(index);
                }
            }
        }
        let width = common_width(&entries);
        Ok(Self {
            list: list.to_owned(),
            entries,
            by_spelling,
            width,
        })
    }

    /// The code of what was typed: the code itself (`1` for `01` too), a name, an alias, with or
    /// without 族, or code and name together (`02蒙古族`) when they agree.
    #[must_use]
    pub fn find(&self, cell: &str) -> Option<&str> {
        let index = match self.by_spelling.get(cell) {
            Some(index) => *index,
            None => self.search(cell)?,
        };
        self.entries.get(index).map(|entry| entry.code.as_str())
    }

    /// The entry of a code.
    #[must_use]
    pub fn entry(&self, code: &str) -> Option<&CodeEntry> {
        let index = self.by_spelling.get(code)?;
        self.entries.get(*index).filter(|entry| entry.code == code)
    }

    fn search(&self, cell: &str) -> Option<usize> {
        let cleaned = text::clean(cell);
        let spelling = key(&cleaned);
        self.exact(&spelling).or_else(|| self.pair(&spelling))
    }

    fn exact(&self, spelling: &str) -> Option<usize> {
        if let Some(index) = self.by_spelling.get(spelling) {
            return Some(*index);
        }
        if let Some(stem) = spelling.strip_suffix('族') {
            return self.by_spelling.get(stem).copied();
        }
        // `1`, `001` and `1.0` for `01`.
        let digits = spelling.strip_suffix(".0").unwrap_or(spelling);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let width = self.width?;
        let padded = format!("{:0>width$}", digits.trim_start_matches('0'));
        self.by_spelling
            .get(&padded)
            .copied()
            .filter(|index| self.entries[*index].code == padded)
    }

    /// `02蒙古族`, `02-蒙古族`, `蒙古族(02)`: both parts must mean the same entry.
    fn pair(&self, spelling: &str) -> Option<usize> {
        let is_code = |c: char| c.is_ascii_digit();
        let (code, name) = if spelling.starts_with(is_code) {
            let end = spelling.find(|c: char| !is_code(c))?;
            spelling.split_at(end)
        } else {
            let inner = spelling.trim_end_matches(')');
            let start = inner.len() - inner.bytes().rev().take_while(u8::is_ascii_digit).count();
            let (name, code) = inner.split_at(start);
            (code, name)
        };
        let name = name.trim_matches(['-', '.', '_', '(', ')', ':', '、', '—', '/', '|']);
        if code.is_empty() || name.is_empty() {
            return None;
        }
        let by_code = self.exact(code)?;
        (self.exact(name)? == by_code).then_some(by_code)
    }
}

fn split_aliases(cell: &str) -> Vec<String> {
    cell.split('|')
        .map(str::trim)
        .filter(|alias| !alias.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The form in which spellings are compared: NFKC, lower case, no blanks.
fn key(spelling: &str) -> Cow<'_, str> {
    let folded = text::nfkc(spelling);
    if folded
        .chars()
        .any(|c| c.is_whitespace() || c.is_uppercase())
    {
        let key = folded
            .chars()
            .filter(|c| !c.is_whitespace())
            .flat_map(char::to_lowercase);
        return Cow::Owned(key.collect());
    }
    folded
}

fn common_width(entries: &[CodeEntry]) -> Option<usize> {
    let width = entries.first()?.code.len();
    entries
        .iter()
        .all(|entry| {
            entry.code.len() == width && entry.code.bytes().all(|byte| byte.is_ascii_digit())
        })
        .then_some(width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ethnicity() -> CodeList {
        let csv = "code,name,name_en,aliases\n01,汉族,Han,\n02,蒙古族,Mongol,蒙族\n\
                   28,景颇族,Jingpo,\n36,毛南族,Maonan,毛难族\n97,其他,Other,其它|其他民族\n";
        CodeList::from_csv("ethnicity", csv).unwrap()
    }

    #[test]
    fn codes_names_and_aliases_find_the_code() {
        let list = ethnicity();
        for (cell, code) in [
            ("02", "02"),
            ("2", "02"),
            ("２", "02"),
            ("002", "02"),
            ("2.0", "02"),
            ("蒙古族", "02"),
            ("蒙古", "02"),
            (" 蒙 古 族 ", "02"),
            ("蒙族", "02"),
            ("蒙", "02"),
            ("MONGOL", "02"),
            ("汉", "01"),
            ("毛难", "36"),
            ("其它", "97"),
            ("其他族", "97"),
            ("02蒙古族", "02"),
            ("02-蒙古", "02"),
            ("蒙古族（02）", "02"),
            ("'02", "02"),
        ] {
            assert_eq!(list.find(cell), Some(code), "{cell}");
        }
    }

    #[test]
    fn unknown_and_contradictory_cells_have_no_code() {
        let list = ethnicity();
        for cell in ["", "族", "57", "满", "01蒙古族", "蒙古族(01)", "200"] {
            assert_eq!(list.find(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_list_column_selects_rows() {
        let csv = "list,code,name\nsex,1,男性\nmarital,10,未婚\n";
        let list = CodeList::from_csv("marital", csv).unwrap();
        assert_eq!(list.entries.len(), 1);
        assert_eq!(
            list.entry("10").map(|entry| entry.name.as_str()),
            Some("未婚")
        );
        assert_eq!(list.entry("未婚"), None);
    }

    #[test]
    fn a_code_twice_is_a_problem() {
        let problem = CodeList::from_csv("sex", "code,name\n1,男\n1,女\n")
            .err()
            .unwrap();
        assert_eq!(problem.to_string(), "list `sex` has code `1` twice");
    }

    const SHIPPED: [(&str, &str); 5] = [
        ("sex", include_str!("../../catalog/codes/sex.csv")),
        (
            "ethnicity",
            include_str!("../../catalog/codes/ethnicity.csv"),
        ),
        ("marital", include_str!("../../catalog/codes/marital.csv")),
        (
            "education",
            include_str!("../../catalog/codes/education.csv"),
        ),
        ("relation", include_str!("../../catalog/codes/relation.csv")),
    ];

    #[test]
    fn every_spelling_of_a_shipped_list_finds_its_own_code() {
        for (list, csv) in SHIPPED {
            let list = CodeList::from_csv(list, csv).unwrap();
            for entry in &list.entries {
                let names = [&entry.code, &entry.name, &entry.name_en];
                for spelling in names.into_iter().chain(&entry.aliases) {
                    let found = list.find(spelling);
                    assert_eq!(found, Some(entry.code.as_str()), "{} {spelling}", list.list);
                }
            }
        }
    }
}
