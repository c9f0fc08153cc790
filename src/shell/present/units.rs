//! Units in the reader's language, and which columns of a saved query's result have its unit.

use std::collections::HashMap;

use crate::error::Lang;
use crate::query::SavedQuery;

/// Units of the catalog and of saved queries, and how they are written in Chinese.
const CHINESE: [(&str, &str); 15] = [
    ("persons", "人"),
    ("children", "人"),
    ("couples", "对"),
    ("events", "件"),
    ("adoptions", "件"),
    ("rows", "行"),
    ("bytes", "字节"),
    ("years", "岁"),
    ("weeks", "周"),
    ("g", "克"),
    ("cm", "厘米"),
    ("yuan", "元"),
    ("% per year", "%/年"),
    ("men per 100 women", "女=100"),
    ("boys per 100 girls", "女=100"),
];

/// A unit as it is shown: per cent and per thousand persons by their signs.
pub(super) fn said(unit: &str, lang: Lang) -> String {
    let unit = match unit.trim() {
        "per cent" | "percent" => "%",
        "per mille" | "per thousand" | "per 1,000" | "per 1,000 persons" => "‰",
        other => other,
    };
    let chinese = CHINESE.iter().find(|(english, _)| *english == unit);
    match (lang, chinese) {
        (Lang::Zh, Some((_, chinese))) => (*chinese).to_owned(),
        _ => unit.to_owned(),
    }
}

/// The unit that the end of a column's name tells.
pub(super) fn told_by(name: &str) -> Option<&'static str> {
    let last = name.rsplit('_').next().unwrap_or(name);
    match last {
        "pct" | "percent" => Some("%"),
        "permille" => Some("‰"),
        _ => None,
    }
}

/// The units of the columns of one saved query.
#[derive(Debug, Clone, Default)]
pub(super) struct QueryUnits {
    by_name: HashMap<String, String>,
    /// What the query counts.
    counted: Option<String>,
}

impl QueryUnits {
    /// Only what the header leaves no doubt about: its unit belongs to the columns it counts, or,
    /// when it is one of a rate, to those it draws. A unit that differs from row to row is nobody's.
    pub(super) fn of(query: &SavedQuery) -> Self {
        let mut units = Self::default();
        let Some(unit) = &query.unit else {
            return units;
        };
        let mut clauses = unit.split(';').map(str::trim);
        let main = clauses.next().unwrap_or_default();
        let others: Vec<&str> = clauses.collect();
        let counts = query
            .publish
            .as_ref()
            .map(|publish| publish.counts.as_slice());
        let counts = counts.unwrap_or_default();
        if is_counted(main) {
            units.counted = Some(main.to_owned());
            for name in counts {
                units.by_name.insert(name.clone(), main.to_owned());
            }
        } else if others.is_empty() && !main.starts_with("unit") {
            // Rows of different measures have different units.
            let of_measures = |name: &Option<String>| name.as_deref() == Some("measure");
            let charts = query.chart.iter();
            let charts =
                charts.filter(|chart| ![&chart.x, &chart.series].into_iter().any(of_measures));
            for name in charts
                .flat_map(|chart| &chart.y)
                .filter(|name| !counts.contains(name))
            {
                units.by_name.insert(name.clone(), main.to_owned());
            }
        }
        for clause in others {
            if let Some(unit) = clause.strip_prefix("rate ") {
                units.by_name.insert("rate".to_owned(), unit.to_owned());
            }
        }
        units
    }

    /// The unit of a column; `is_there` tells other columns of the result. The bounds of an interval
    /// have the unit of what they bound.
    pub(super) fn of_column(&self, name: &str, is_there: impl Fn(&str) -> bool) -> Option<&str> {
        if let Some(unit) = self.by_name.get(name) {
            return Some(unit);
        }
        if let Some(stem) = name
            .strip_suffix("_low")
            .or_else(|| name.strip_suffix("_high"))
        {
            let bounded = [
                format!("{stem}_rate"),
                format!("{stem}_pct"),
                stem.to_owned(),
            ];
            let bounded = bounded.iter().find(|name| is_there(name))?;
            let unit = self.by_name.get(bounded).map(String::as_str);
            return unit.or_else(|| told_by(bounded));
        }
        let total = name.strip_prefix("total_");
        self.counted.as_deref().filter(|_| total.is_some())
    }
}

/// Whether a unit is of things counted, not of a ratio or a measure.
fn is_counted(unit: &str) -> bool {
    let is_ratio = unit.contains("per ") || unit.contains(['%', '‰', '=']);
    !is_ratio && unit != "years" && !unit.starts_with("unit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(header: &str) -> QueryUnits {
        let text = format!("/*\ntitle: x\n{header}\n*/\nSELECT 1");
        QueryUnits::of(&SavedQuery::parse("x.sql", "", "x", &text).unwrap())
    }

    #[test]
    fn counts_have_the_unit_and_rates_their_own() {
        let units = units(
            "unit: couples; rate per 1,000 persons\npublish: {counts: [divorces], rates: [rate, share_pct]}\nchart: {type: bar, x: a, y: [divorces]}",
        );
        let of = |name| units.of_column(name, |name| name == "rate" || name == "share_pct");
        assert_eq!(of("divorces"), Some("couples"));
        assert_eq!(of("rate"), Some("per 1,000 persons"));
        assert_eq!(of("rate_low"), Some("per 1,000 persons"));
        assert_eq!(of("share_high"), Some("%"));
        assert_eq!(of("total_divorces"), Some("couples"));
        assert_eq!(of("mean_age"), None);
    }

    #[test]
    fn a_rate_is_what_is_drawn_and_not_counted() {
        let units = units(
            "unit: per cent\npublish: {counts: [births], rates: [natural_increase]}\nchart: {type: bar, x: a, y: [births, natural_increase_rate]}",
        );
        let of = |name| units.of_column(name, |name| name == "natural_increase_rate");
        assert_eq!(of("natural_increase_rate"), Some("per cent"));
        assert_eq!(of("natural_increase_low"), Some("per cent"));
        assert_eq!(of("natural_increase"), None);
        assert_eq!(of("births"), None);
        assert_eq!(of("total_births"), None);
    }

    #[test]
    fn a_unit_that_differs_from_row_to_row_is_nobodys() {
        let mixed = units(
            "unit: per 1,000 women; total fertility rate in children per woman\nchart: {type: line, x: a, y: [rate]}",
        );
        assert_eq!(mixed.of_column("rate", |_| true), None);
        let measures = units("unit: per cent\nchart: {type: bar, x: measure, y: [value]}");
        assert_eq!(measures.of_column("value", |_| true), None);
        let plan = units("unit: unit of the plan\nchart: {type: bar, x: a, y: [value]}");
        assert_eq!(plan.of_column("value", |_| true), None);
    }

    #[test]
    fn units_are_said_in_the_language_of_the_reader() {
        assert_eq!(said("per cent", Lang::Zh), "%");
        assert_eq!(said("per 1,000 persons", Lang::En), "‰");
        assert_eq!(said("per 1,000 women", Lang::En), "per 1,000 women");
        assert_eq!(said("persons", Lang::Zh), "人");
        assert_eq!(said("persons", Lang::En), "persons");
        assert_eq!(said("万元", Lang::Zh), "万元");
    }
}
