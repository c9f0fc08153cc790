//! What codes, towns, departments and columns are called by people. Entry point: [`Words::of`].

use std::collections::HashMap;

use super::examine::UNKNOWN;
use super::score::ALL;
use crate::catalog::{Catalog, Check};
use crate::domain::code::CodeList;
use crate::domain::region::Regions;
use crate::error::{Lang, Result};
use crate::msg;

/// What tests tell, in Chinese.
const SEEN: [(&str, &str); 22] = [
    ("series", "对象"),
    ("p", "偶然出现的概率至多"),
    ("day_of_month", "几号"),
    ("events", "实有"),
    ("expected", "预期"),
    ("month", "月份"),
    ("silent_months", "此前空白月数"),
    ("rows_alike", "雷同行数"),
    ("rows", "总行数"),
    ("repeated_rows", "连续相同行数"),
    ("consecutive_rows", "连续递增或递减行数"),
    ("from_row", "起始行"),
    ("boys", "男"),
    ("girls", "女"),
    ("boys_per_100_girls", "性别比（女=100）"),
    ("step", "期间"),
    ("before", "上一期"),
    ("after", "本期"),
    ("days_since_birth", "距出生天数"),
    ("days_late", "超期天数"),
    ("empty_fields", "空项"),
    ("all", "全部"),
];

/// Names in one language.
pub(super) struct Words<'a> {
    pub(super) lang: Lang,
    catalog: &'a Catalog,
    regions: Regions,
    lists: HashMap<&'a str, CodeList>,
    columns: HashMap<&'a str, (&'a str, Option<&'a str>)>,
}

impl<'a> Words<'a> {
    /// The words of a catalog.
    ///
    /// # Errors
    /// When its lists cannot be read.
    pub(super) fn of(catalog: &'a Catalog, lang: Lang) -> Result<Self> {
        let mut lists = HashMap::new();
        for (name, text) in &catalog.codes {
            lists.insert(name.as_str(), CodeList::from_csv(name, text)?);
        }
        let mut columns = HashMap::new();
        for table in catalog.tables.values() {
            for column in &table.columns {
                columns
                    .entry(column.name.as_str())
                    .or_insert((column.zh.as_str(), column.list.as_deref()));
            }
        }
        Ok(Self {
            lang,
            catalog,
            regions: Regions::from_csv(&catalog.regions_csv)?,
            lists,
            columns,
        })
    }

    pub(super) fn department(&self, id: &str) -> String {
        match (self.catalog.department(id), self.lang) {
            (Some(department), Lang::En) => department.title.clone(),
            (Some(department), Lang::Zh) => department.title_zh.clone(),
            (None, _) => id.to_owned(),
        }
    }

    pub(super) fn town(&self, code: &str) -> String {
        let message = match code {
            UNKNOWN => msg!("not known", "不详"),
            ALL => msg!("all", "合计"),
            code => return self.regions.name(code).unwrap_or(code).to_owned(),
        };
        message.text(self.lang).to_owned()
    }

    fn label<'b>(&'b self, check: Option<&'b Check>, name: &'b str) -> &'b str {
        let own = check.and_then(|check| {
            let (_, label) = check.labels.iter().find(|(known, _)| known == name)?;
            Some(label.as_str())
        });
        let seen = SEEN.iter().find(|(known, _)| *known == name);
        own.or_else(|| seen.map(|(_, label)| *label))
            .or_else(|| self.columns.get(name).map(|(zh, _)| *zh))
            .unwrap_or(name)
    }

    /// `column=value; column=value` in words.
    pub(super) fn evidence(&self, check: Option<&Check>, detail: &str) -> String {
        let part = |part: &str| {
            let Some((name, value)) = part.split_once('=') else {
                return part.to_owned();
            };
            let column = self.columns.get(name);
            let entry = column
                .and_then(|(_, list)| self.lists.get((*list)?))
                .and_then(|list| list.entry(value));
            match self.lang {
                Lang::En => {
                    let value = match name {
                        "series" | "empty_fields" => value.replace('_', " "),
                        _ => entry
                            .map_or(value, |entry| entry.name_en.as_str())
                            .to_owned(),
                    };
                    format!("{}: {value}", name.replace('_', " "))
                }
                Lang::Zh => {
                    let value = match name {
                        // These hold names of columns.
                        "series" | "empty_fields" => {
                            let words = value.split(' ').map(|word| self.label(check, word));
                            words.collect::<Vec<_>>().join(" ")
                        }
                        _ => entry.map_or(value, |entry| entry.name.as_str()).to_owned(),
                    };
                    format!("{}：{value}", self.label(check, name))
                }
            }
        };
        let joint = match self.lang {
            Lang::En => "; ",
            Lang::Zh => "；",
        };
        let parts = detail.split("; ").filter(|part| !part.is_empty());
        parts.map(part).collect::<Vec<_>>().join(joint)
    }
}
