//! Rules of a source: what a row must satisfy, and what happens when it does not.

use regex::Regex;
use serde::Deserialize;

/// What happens when a rule is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row goes to `rejects`; for control totals, the delivery is refused whole.
    #[default]
    Reject,
    /// The row stays, with a row in `warnings`; a cell that does not parse becomes NULL.
    Warn,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A field: position in [`super::Source::fields`].
    Field(usize),
    /// A column after its expression: position in [`super::Source::columns`].
    Column(usize),
}

/// A rule of a source. Except for `required`, a missing value breaks no rule.
#[derive(Debug, Clone)]
pub enum Rule {
    /// Each subject has a value.
    Required {
        subjects: Vec<Subject>,
        severity: Severity,
    },
    /// Cells of these fields parse. The default is `reject` for every field.
    Type {
        fields: Vec<usize>,
        severity: Severity,
    },
    /// A number lies between two bounds, both included.
    Range {
        subject: Subject,
        min: Option<f64>,
        max: Option<f64>,
        severity: Severity,
    },
    /// A date lies between two dates, both included; days since 1970-01-01. Without `max`, the day
    /// the delivery was received; a later date then breaks the rule `future_date`.
    DateRange {
        subject: Subject,
        min: Option<i32>,
        max: Option<i32>,
        severity: Severity,
    },
    /// The normalised text matches.
    Pattern {
        field: usize,
        regex: Regex,
        severity: Severity,
    },
    /// No earlier row of the delivery has the same values; rows with a missing value are exempt.
    Unique {
        fields: Vec<usize>,
        severity: Severity,
    },
    /// The status of an ID number is not among these.
    IdStatus {
        field: usize,
        reject: Vec<String>,
        warn: Vec<String>,
    },
    /// Birth date and sex agree with the ID number.
    IdAgrees {
        field: usize,
        birth_date: Option<usize>,
        sex: Option<usize>,
        severity: Severity,
    },
    /// Dates do not go back from one field to the next.
    Order {
        fields: Vec<usize>,
        severity: Severity,
    },
    /// A total row equals the sum of the rows it covers, in each of these fields.
    Total {
        fields: Vec<usize>,
        severity: Severity,
    },
    /// Within a row, the parts add up to the total, give or take the tolerance.
    Sum {
        total: usize,
        parts: Vec<usize>,
        tolerance: f64,
        severity: Severity,
    },
}

impl Rule {
    /// The rules, as typed in source files.
    pub const NAMES: [&'static str; 11] = [
        "required",
        "type",
        "range",
        "date_range",
        "pattern",
        "unique",
        "id_status",
        "id_agrees",
        "order",
        "total",
        "sum",
    ];

    /// Its name, as `rejects.rule` shows it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Required { .. } => "required",
            Self::Type { .. } => "type",
            Self::Range { .. } => "range",
            Self::DateRange { .. } => "date_range",
            Self::Pattern { .. } => "pattern",
            Self::Unique { .. } => "unique",
            Self::IdStatus { .. } => "id_status",
            Self::IdAgrees { .. } => "id_agrees",
            Self::Order { .. } => "order",
            Self::Total { .. } => "total",
            Self::Sum { .. } => "sum",
        }
    }
}

/// What Chinese readers call a rule or one of the findings that `rejects.rule` shows; a rule without
/// a title keeps its name.
#[must_use]
pub fn rule_title(name: &str) -> &str {
    match name {
        "required" => "缺少必填项",
        "type" => "格式无法识别",
        "code" => "代码无法识别",
        "range" => "数值超出范围",
        "date_range" => "日期超出范围",
        "future_date" => "日期晚于接收日期",
        "pattern" => "编号格式不符",
        "unique" => "重复",
        "id_status" => "身份证号异常",
        "lossy_id" => "身份证号丢失精度",
        "id_agrees" => "与身份证号不一致",
        "order" => "日期先后颠倒",
        "total" => "合计不符",
        "sum" => "分项之和不符",
        other => other,
    }
}

/// The statuses an ID number can have.
pub const ID_STATUSES: [&str; 14] = [
    "valid",
    "valid_repaired",
    "valid_15",
    "valid_residence_permit",
    "bad_check_digit",
    "bad_date",
    "future_date",
    "unknown_division",
    "lossy_scientific",
    "lossy_suspect",
    "masked",
    "null_token",
    "not_an_id",
    "foreign_permanent",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_chinese_title() {
        for name in Rule::NAMES {
            assert_ne!(rule_title(name), name);
        }
    }
}
