//! What a column of a result is to a chart or a crosstab: a key that names rows, or a value.

use arrow::datatypes::{DataType, Field};

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::shell) enum Role {
    /// It says what a row is about: text, code, flag, date, or a number such as a year or an age.
    Key,
    /// A number to draw or to put in a cell.
    Value,
    /// A remark on the row, such as why a figure is missing.
    Remark,
}

/// What the values of a column count, by its name. Only figures of one measure share an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Anything that is not below: counts, amounts, years of age.
    Plain,
    /// Parts of a hundred.
    Percent,
    /// Rates and ratios, which cannot be added up.
    Rate,
}

/// Words that make a number a key when they end its name.
const KEY_WORDS: &[&str] = &[
    "year",
    "month",
    "quarter",
    "week",
    "day",
    "date",
    "period",
    "age",
    "sex",
    "gender",
    "code",
    "id",
    "order",
    "parity",
    "plurality",
    "row",
    "band",
    "cohort",
];

/// Words that make it a value all the same: `mean_age`, `last_year`.
const VALUE_WORDS: &[&str] = &[
    "mean", "median", "avg", "average", "min", "max", "sum", "total", "count", "number", "std",
    "stddev", "var", "last", "this", "previous", "prior", "current",
];

const KEY_ENDINGS: &[&str] = &[
    "年",
    "年份",
    "年度",
    "月",
    "月份",
    "季度",
    "日期",
    "年龄",
    "年龄组",
    "年龄段",
    "周岁",
    "性别",
    "代码",
    "编码",
    "编号",
    "孩次",
    "胎次",
    "民族",
    "行号",
    "序号",
];

const VALUE_PARTS: &[&str] = &[
    "平均", "中位", "最大", "最小", "最高", "最低", "合计", "总", "本年", "今年", "上年", "去年",
    "当年", "全年", "本月", "上月", "当月", "同期",
];

const REMARKS: &[&str] = &[
    "reason", "reasons", "note", "notes", "remark", "remarks", "comment", "原因", "说明", "备注",
    "注",
];

/// What the column is.
pub(in crate::shell) fn role(field: &Field) -> Role {
    let name = field.name().trim().to_lowercase();
    let kind = match field.data_type() {
        DataType::Dictionary(_, values) => values.as_ref(),
        other => other,
    };
    if kind.is_numeric() {
        return if names_a_key(&name) {
            Role::Key
        } else {
            Role::Value
        };
    }
    if REMARKS.contains(&name.as_str()) {
        Role::Remark
    } else {
        Role::Key
    }
}

fn names_a_key(name: &str) -> bool {
    let words = || name.split(['_', ' ', '-', '.']);
    if words().any(|word| VALUE_WORDS.contains(&word))
        || VALUE_PARTS.iter().any(|part| name.contains(part))
        || name.starts_with(|first: char| first.is_ascii_digit())
    {
        return false;
    }
    words()
        .next_back()
        .is_some_and(|word| KEY_WORDS.contains(&word))
        || KEY_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// What its values count.
pub(super) fn measure(name: &str) -> Measure {
    let name = name.to_lowercase();
    let says = |words: &[&str]| name.split(['_', ' ']).any(|word| words.contains(&word));
    if says(&["pct", "percent", "percentage"])
        || ["占比", "比重", "百分比", "%", "％"]
            .iter()
            .any(|part| name.contains(part))
    {
        Measure::Percent
    } else if says(&["rate", "ratio", "mean", "median", "avg", "average"])
        || ["率", "比", "平均", "中位", "‰"]
            .iter()
            .any(|part| name.contains(part))
    {
        Measure::Rate
    } else {
        Measure::Plain
    }
}

/// Whether a column is an age or an age group.
pub(super) fn is_age(name: &str) -> bool {
    let name = name.to_lowercase();
    matches!(
        name.as_str(),
        "age" | "age_group" | "age_band" | "ages" | "age_range"
    ) || ["_age", "_age_group", "年龄", "年龄组", "年龄段", "周岁"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Whether a column is a sex.
pub(super) fn is_sex(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "sex"
        || name == "gender"
        || ["_sex", "_gender", "sex_name", "性别", "性别名称"]
            .iter()
            .any(|ending| name.ends_with(ending))
}

/// Whether a column is a year.
pub(super) fn is_year(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "year"
        || name.ends_with("_year")
        || ["年", "年份", "年度"].iter().any(|e| name.ends_with(e))
}

/// Whether a column is a month of the year.
pub(super) fn is_month(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "month" || name.ends_with("_month") || ["月", "月份"].iter().any(|e| name.ends_with(e))
}

/// Whether a column is a name rather than a code or a number for order.
pub(super) fn is_code(name: &str) -> bool {
    let name = name.to_lowercase();
    [
        "code", "_id", "_key", "_order", "代码", "编码", "编号", "标识", "序号",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
        || name == "id"
        || name == "key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_a_key_only_when_its_name_says_so() {
        for (name, expected) in [
            ("year", Role::Key),
            ("birth_year", Role::Key),
            ("age", Role::Key),
            ("mother_age", Role::Key),
            ("region_code", Role::Key),
            ("birth_order", Role::Key),
            ("年", Role::Key),
            ("出生年份", Role::Key),
            ("年龄组", Role::Key),
            ("性别", Role::Key),
            ("births", Role::Value),
            ("mean_age", Role::Value),
            ("median_age", Role::Value),
            ("last_year", Role::Value),
            ("woman_years", Role::Value),
            ("m01", Role::Value),
            ("2018", Role::Value),
            ("2018年", Role::Value),
            ("平均年龄", Role::Value),
            ("上年", Role::Value),
            ("人数", Role::Value),
        ] {
            let field = Field::new(name, DataType::Int64, true);
            assert_eq!(role(&field), expected, "{name}");
        }
        assert_eq!(role(&Field::new("births", DataType::Utf8, true)), Role::Key);
        assert_eq!(
            role(&Field::new("reason", DataType::Utf8, true)),
            Role::Remark
        );
    }

    #[test]
    fn names_tell_shares_and_rates_from_counts() {
        for (name, expected) in [
            ("births", Measure::Plain),
            ("男", Measure::Plain),
            ("share_pct", Measure::Percent),
            ("占比(%)", Measure::Percent),
            ("birth_rate", Measure::Rate),
            ("性别比", Measure::Rate),
            ("出生率‰", Measure::Rate),
        ] {
            assert_eq!(measure(name), expected, "{name}");
        }
    }
}
