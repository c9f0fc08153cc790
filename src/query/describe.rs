//! What a header tells people, in their language.

use super::header::SavedQuery;
use super::parameter::{DefaultValue, Parameter, ParameterType};
use crate::error::Lang;

impl SavedQuery {
    /// What it shows.
    #[must_use]
    pub fn title_in(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.title,
            Lang::Zh => &self.title_zh,
        }
    }

    /// What it tells, in a sentence.
    #[must_use]
    pub fn description_in(&self, lang: Lang) -> Option<&str> {
        either(&self.description, &self.description_zh, lang)
    }

    /// Formula and source.
    #[must_use]
    pub fn definition_in(&self, lang: Lang) -> Option<&str> {
        either(&self.definition, &self.definition_zh, lang)
    }

    /// Unit of its figures.
    #[must_use]
    pub fn unit_in(&self, lang: Lang) -> Option<&str> {
        either(&self.unit, &self.unit_zh, lang)
    }
}

/// The text in the language, or else in the other one.
fn either<'a>(en: &'a Option<String>, zh: &'a Option<String>, lang: Lang) -> Option<&'a str> {
    let (first, second) = match lang {
        Lang::En => (en, zh),
        Lang::Zh => (zh, en),
    };
    first.as_deref().or(second.as_deref()).map(str::trim)
}

impl ParameterType {
    /// Its name for people.
    #[must_use]
    pub fn said(self, lang: Lang) -> &'static str {
        match (lang, self) {
            (Lang::En, kind) => kind.name(),
            (Lang::Zh, Self::Integer) => "整数",
            (Lang::Zh, Self::Decimal) => "数字",
            (Lang::Zh, Self::Text) => "文本",
            (Lang::Zh, Self::Date) => "日期",
            (Lang::Zh, Self::Year) => "年份",
            (Lang::Zh, Self::Code) => "代码",
            (Lang::Zh, Self::Choice) => "选项",
            (Lang::Zh, Self::Flag) => "是/否",
            (Lang::Zh, Self::Period) => "时期",
        }
    }
}

impl Parameter {
    /// What it means.
    #[must_use]
    pub fn description_in(&self, lang: Lang) -> Option<&str> {
        either(&self.description, &self.description_zh, lang)
    }

    /// Its value when nothing is given, as it is written in the header.
    #[must_use]
    pub fn default_text(&self) -> &str {
        match &self.default {
            DefaultValue::Null => "null",
            DefaultValue::Relative(relative) => relative.word(),
            DefaultValue::Literal(text) => text,
        }
    }

    /// Its choices and limits; empty when it takes any value of its type.
    #[must_use]
    pub fn limits(&self, lang: Lang) -> String {
        let mut parts = Vec::new();
        if !self.choices.is_empty() {
            parts.push(self.choices.join(" | "));
        }
        if self.choices_sql.is_some() {
            let text = match lang {
                Lang::En => "choices from the data",
                Lang::Zh => "选项取自数据",
            };
            parts.push(text.to_owned());
        }
        let range = match (&self.min, &self.max, lang) {
            (Some(min), Some(max), Lang::En) => Some(format!("{min} to {max}")),
            (Some(min), Some(max), Lang::Zh) => Some(format!("{min} 至 {max}")),
            (Some(min), None, Lang::En) => Some(format!("{min} or more")),
            (Some(min), None, Lang::Zh) => Some(format!("不小于 {min}")),
            (None, Some(max), Lang::En) => Some(format!("{max} or less")),
            (None, Some(max), Lang::Zh) => Some(format!("不大于 {max}")),
            (None, None, _) => None,
        };
        parts.extend(range);
        parts.join(", ")
    }

    /// One line for people: `year=latest_complete_year (year): calendar year`.
    #[must_use]
    pub fn describe(&self, lang: Lang) -> String {
        let (name, kind) = (&self.name, self.kind.said(lang));
        let default = match (&self.default, lang) {
            (DefaultValue::Null, Lang::En) if self.required => "VALUE",
            (DefaultValue::Null, Lang::Zh) if self.required => "值",
            _ => self.default_text(),
        };
        let mut inside = vec![kind.to_owned()];
        if self.required {
            let text = match lang {
                Lang::En => "required",
                Lang::Zh => "必填",
            };
            inside.push(text.to_owned());
        }
        let limits = self.limits(lang);
        if !limits.is_empty() {
            inside.push(limits);
        }
        let meaning = self.description_in(lang);
        match lang {
            Lang::En => {
                let meaning = meaning.map(|text| format!(": {text}")).unwrap_or_default();
                format!("{name}={default} ({}){meaning}", inside.join(", "))
            }
            Lang::Zh => {
                let meaning = meaning.map(|text| format!("：{text}")).unwrap_or_default();
                format!("{name}={default}（{}）{meaning}", inside.join("，"))
            }
        }
    }
}
