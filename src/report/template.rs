//! What a report holds: `catalog/reports/<name>.yaml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::catalog::{Problem, read_yaml};
use crate::error::{Error, Lang, Result};
use crate::msg;

/// The shipped templates.
const SHIPPED: [(&str, &str); 1] = [(
    "birth-situation",
    include_str!("../../catalog/reports/birth-situation.yaml"),
)];

/// A report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    title: String,
    title_zh: String,
    /// Figures on the first page, each beside the year before.
    #[serde(default)]
    pub key_figures: Vec<KeyFigure>,
    /// The rest.
    pub sections: Vec<Section>,
    /// What columns and codes are called, in English and Chinese.
    #[serde(default)]
    pub words: BTreeMap<String, (String, String)>,
}

/// A number of a saved query, for the year and the year before.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFigure {
    label: String,
    label_zh: String,
    /// The saved query.
    pub query: String,
    /// Its parameters besides the year.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// The column of its first row.
    pub column: String,
    /// Columns of its interval.
    pub low: Option<String>,
    /// Columns of its interval.
    pub high: Option<String>,
}

/// A part of the report with a heading.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    heading: String,
    heading_zh: String,
    text: Option<String>,
    text_zh: Option<String>,
    /// Its figures.
    #[serde(default)]
    pub figures: Vec<Figure>,
}

/// A figure: the answer of a saved query or a forecast, and how it is drawn.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    title: String,
    title_zh: String,
    /// The saved query.
    pub query: Option<String>,
    /// Its parameters besides the year.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Years to forecast, instead of a query.
    pub forecast: Option<usize>,
    /// Only rows with these values.
    #[serde(default)]
    pub only: BTreeMap<String, String>,
    /// How it is drawn.
    #[serde(default)]
    pub chart: Chart,
    /// Column along the axis.
    pub x: Option<String>,
    /// Columns drawn.
    #[serde(default)]
    pub y: Vec<String>,
    /// Columns of the interval.
    pub low: Option<String>,
    /// Columns of the interval.
    pub high: Option<String>,
    /// A line to compare with.
    pub target: Option<f64>,
    /// Columns of the table; all when empty.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// How a figure is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    /// Upright bars.
    Column,
    /// Lying bars, for long labels.
    Bar,
    /// A line.
    Line,
    /// Men to the left, women to the right.
    Pyramid,
    /// Points with intervals, beside a target.
    Interval,
    /// A forecast with its 80 and 95 % intervals.
    Fan,
    /// Only the table.
    #[default]
    None,
}

impl Template {
    /// The template of that name: the warehouse's own, else the shipped one.
    ///
    /// # Errors
    /// Exit 2 when there is none, or with the place of what is wrong in it.
    pub fn read(warehouse: &Path, name: &str) -> Result<Self> {
        let own = warehouse
            .join("catalog/reports")
            .join(format!("{name}.yaml"));
        let shipped = SHIPPED.iter().find(|(known, _)| *known == name);
        let text = match (own.exists(), shipped) {
            (true, _) => fs_err::read_to_string(&own)?,
            (false, Some((_, text))) => (*text).to_owned(),
            (false, None) => {
                return Err(Error::usage(msg!(
                    "there is no report `{name}`",
                    "没有名为 `{name}` 的报告"
                ))
                .hint(msg!(
                    "shipped: birth-situation; your own lie in catalog/reports/",
                    "自带的有 birth-situation；自己的模板放在 catalog/reports/"
                )));
            }
        };
        let file = format!("catalog/reports/{name}.yaml");
        let template: Self =
            read_yaml(&file, &text).map_err(|problem| Error::from(vec![*problem]))?;
        for figure in template
            .sections
            .iter()
            .flat_map(|section| &section.figures)
        {
            if figure.query.is_some() == figure.forecast.is_some() {
                let title = &figure.title;
                let wrong = msg!(
                    "figure `{title}` needs either `query` or `forecast`",
                    "图表 `{title}` 应有 `query` 或 `forecast` 之一"
                );
                return Err(Error::from(vec![Problem::new(&file, (1, 1), wrong)]));
            }
        }
        Ok(template)
    }

    /// Its title.
    #[must_use]
    pub fn title(&self, lang: Lang, year: i32) -> String {
        pick(lang, &self.title, &self.title_zh).replace("{year}", &year.to_string())
    }
}

impl KeyFigure {
    /// What it is called.
    #[must_use]
    pub fn label(&self, lang: Lang) -> &str {
        pick(lang, &self.label, &self.label_zh)
    }
}

impl Section {
    /// Its heading.
    #[must_use]
    pub fn heading(&self, lang: Lang) -> &str {
        pick(lang, &self.heading, &self.heading_zh)
    }

    /// Its text.
    #[must_use]
    pub fn text(&self, lang: Lang, year: i32) -> Option<String> {
        let text = match lang {
            Lang::En => self.text.as_ref(),
            Lang::Zh => self.text_zh.as_ref().or(self.text.as_ref()),
        };
        text.map(|text| text.replace("{year}", &year.to_string()))
    }
}

impl Figure {
    /// A table of everything.
    #[must_use]
    pub(super) fn plain() -> Self {
        Self {
            title: String::new(),
            title_zh: String::new(),
            query: None,
            params: BTreeMap::new(),
            forecast: None,
            only: BTreeMap::new(),
            chart: Chart::None,
            x: None,
            y: Vec::new(),
            low: None,
            high: None,
            target: None,
            columns: Vec::new(),
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &str {
        pick(lang, &self.title, &self.title_zh)
    }
}

fn pick<'a>(lang: Lang, en: &'a str, zh: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}
