//! The validation rules of a source, applied to the typed columns of a block.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type, Float64Type};
use regex::Regex;

use super::derive::document_number;
use super::field::Parsed;
use super::plan::SheetPlan;
use super::problem::Problem;
use crate::catalog::{Rule, Severity, Subject};
use crate::domain::citizen_id::IdStatus;
use crate::error::Message;
use crate::msg;

/// The rows of a block as the rules see them.
pub(super) struct Checker<'a> {
    pub(super) sheet: &'a SheetPlan<'a>,
    pub(super) fields: &'a [Parsed],
    /// Columns after their expressions, for rules about them.
    pub(super) columns: &'a [ArrayRef],
    pub(super) rows: usize,
    pub(super) today: i32,
    pub(super) problems: &'a mut Vec<Problem>,
    /// Cells that did not parse and so are not empty.
    pub(super) unparsed: HashSet<(usize, usize)>,
}

impl Checker<'_> {
    /// Applies every rule that looks at one row at a time.
    pub(super) fn run(&mut self) {
        let source = self.sheet.source;
        for rule in &source.rules {
            match rule {
                Rule::Required { subjects, severity } => {
                    for subject in subjects {
                        self.required(*subject, *severity);
                    }
                }
                Rule::Range {
                    subject,
                    min,
                    max,
                    severity,
                } => self.range(*subject, *min, *max, *severity),
                Rule::DateRange {
                    subject,
                    min,
                    max,
                    severity,
                } => self.date_range(*subject, *min, *max, *severity),
                Rule::Pattern {
                    field,
                    regex,
                    severity,
                } => self.pattern(*field, regex, *severity),
                Rule::IdStatus {
                    field,
                    reject,
                    warn,
                } => self.id_status(*field, reject, warn),
                Rule::IdAgrees {
                    field,
                    birth_date,
                    sex,
                    severity,
                } => {
                    self.id_agrees(*field, *birth_date, *sex, *severity);
                }
                Rule::Order { fields, severity } => self.order(fields, *severity),
                Rule::Sum {
                    total,
                    parts,
                    tolerance,
                    severity,
                } => self.sum(*total, parts, *tolerance, *severity),
                Rule::Type { .. } | Rule::Unique { .. } | Rule::Total { .. } => {}
            }
        }
    }

    fn wrong(
        &mut self,
        row: usize,
        column: Option<usize>,
        rule: &'static str,
        severity: Severity,
        reason: Message,
    ) {
        self.problems.push(Problem {
            row,
            column,
            rule,
            reason,
            severity,
        });
    }

    /// The file's column behind a subject: for a table column, that of its first field.
    fn file_column(&self, subject: Subject) -> Option<usize> {
        match subject {
            Subject::Field(field) => self.sheet.column_of(field),
            Subject::Column(column) => {
                let (_, expression) = self.sheet.source.columns.get(column)?;
                expression
                    .fields()
                    .into_iter()
                    .find_map(|field| self.sheet.column_of(field))
            }
        }
    }

    /// What people call a subject: its header in the file, else its name in the catalog.
    fn label(&self, subject: Subject) -> String {
        let source = self.sheet.source;
        match (self.file_column(subject), subject) {
            (Some(column), Subject::Field(_)) => self.sheet.header(column),
            (_, Subject::Field(field)) => {
                source.fields.get(field).map_or_else(String::new, |field| {
                    field.headers.first().unwrap_or(&field.name).clone()
                })
            }
            (_, Subject::Column(column)) => source
                .columns
                .get(column)
                .map_or_else(String::new, |(name, _)| name.clone()),
        }
    }

    /// Where a value comes from: for a computed one, the cell of its first field that is not empty.
    fn cell_behind(&self, subject: Subject, row: usize) -> Option<usize> {
        let of_row = self.fields_behind(subject).into_iter().find(|&field| {
            self.sheet.column_of(field).is_some() && !self.is_null(Subject::Field(field), row)
        });
        of_row
            .and_then(|field| self.sheet.column_of(field))
            .or_else(|| self.file_column(subject))
    }

    fn fields_behind(&self, subject: Subject) -> Vec<usize> {
        match subject {
            Subject::Field(field) => vec![field],
            Subject::Column(column) => {
                let columns = &self.sheet.source.columns;
                columns
                    .get(column)
                    .map_or_else(Vec::new, |(_, expression)| expression.fields())
            }
        }
    }

    /// For a computed value: what it is called, and the headers it is computed from.
    fn computed(&self, subject: Subject) -> Option<(String, Vec<String>)> {
        let Subject::Column(_) = subject else {
            return None;
        };
        let headers: Vec<String> = self
            .fields_behind(subject)
            .into_iter()
            .filter(|&field| self.sheet.column_of(field).is_some())
            .map(|field| self.label(Subject::Field(field)))
            .collect();
        (!headers.is_empty()).then(|| (self.label(subject), headers))
    }

    fn is_null(&self, subject: Subject, row: usize) -> bool {
        match subject {
            Subject::Field(field) => self
                .fields
                .get(field)
                .is_none_or(|parsed| is_null(parsed, row)),
            Subject::Column(column) => self
                .columns
                .get(column)
                .is_none_or(|array| array.is_null(row)),
        }
    }

    fn required(&mut self, subject: Subject, severity: Severity) {
        let column = self.file_column(subject);
        let mut name = None;
        for row in 0..self.rows {
            // A cell that did not parse has its own problem already.
            if !self.is_null(subject, row)
                || column.is_some_and(|column| self.unparsed.contains(&(row, column)))
            {
                continue;
            }
            let name = name.get_or_insert_with(|| self.label(subject)).clone();
            self.wrong(
                row,
                column,
                "required",
                severity,
                msg!("`{name}` is empty", "“{name}”为空"),
            );
        }
    }

    fn range(&mut self, subject: Subject, min: Option<f64>, max: Option<f64>, severity: Severity) {
        let values = match subject {
            Subject::Field(_) => None,
            Subject::Column(column) => self
                .columns
                .get(column)
                .and_then(|array| arrow::compute::cast(array, &DataType::Float64).ok()),
        };
        let values = values
            .as_ref()
            .map(|values| values.as_primitive::<Float64Type>());
        let computed = self.computed(subject);
        for row in 0..self.rows {
            let value = match (subject, values) {
                (Subject::Field(field), _) => self
                    .fields
                    .get(field)
                    .and_then(|parsed| number(parsed, row)),
                (_, Some(values)) => values.is_valid(row).then(|| values.value(row)),
                _ => None,
            };
            let Some(value) = value else { continue };
            if min.is_some_and(|min| value < min) || max.is_some_and(|max| value > max) {
                let shown = |bound: Option<f64>| {
                    bound.map_or_else(|| "…".to_owned(), |bound| bound.to_string())
                };
                let (low, high) = (shown(min), shown(max));
                let reason = match &computed {
                    Some((name, headers)) => {
                        let (en, zh) = (headers.join(", "), headers.join("、"));
                        msg!(
                            "`{name}`, computed from {en}, is outside {low} to {high}",
                            "由“{zh}”计算的 `{name}` 超出 {low} 至 {high} 的范围"
                        )
                    }
                    None => msg!("outside {low} to {high}", "超出 {low} 至 {high} 的范围"),
                };
                let column = self.cell_behind(subject, row);
                self.wrong(row, column, "range", severity, reason);
            }
        }
    }

    fn date_range(
        &mut self,
        subject: Subject,
        min: Option<i32>,
        max: Option<i32>,
        severity: Severity,
    ) {
        let dates = match subject {
            Subject::Field(field) => match self.fields.get(field) {
                Some(Parsed::Date(dates)) => dates.clone(),
                _ => return,
            },
            Subject::Column(column) => match self.columns.get(column) {
                Some(array) if array.data_type() == &DataType::Date32 => {
                    array.as_primitive::<Date32Type>().clone()
                }
                _ => return,
            },
        };
        let column = self.file_column(subject);
        let last = max.unwrap_or(self.today);
        for (row, day) in dates.iter().enumerate() {
            let Some(day) = day else { continue };
            if day > last {
                let rule = if max.is_none() {
                    "future_date"
                } else {
                    "date_range"
                };
                self.wrong(
                    row,
                    column,
                    rule,
                    severity,
                    msg!("a date in the future", "日期晚于接收日期"),
                );
            } else if min.is_some_and(|min| day < min) {
                self.wrong(
                    row,
                    column,
                    "date_range",
                    severity,
                    msg!("a date too long ago", "日期过早"),
                );
            }
        }
    }

    fn pattern(&mut self, field: usize, regex: &Regex, severity: Severity) {
        let column = self.sheet.column_of(field);
        for row in 0..self.rows {
            let matches = match self.fields.get(field) {
                Some(Parsed::Text(values)) if values.is_valid(row) => {
                    let value = values.value(row);
                    regex.is_match(value) || regex.is_match(&document_number(value))
                }
                Some(Parsed::Ids(ids)) if ids.raw.is_valid(row) => {
                    regex.is_match(&document_number(ids.raw.value(row)))
                }
                _ => true,
            };
            if !matches {
                self.wrong(
                    row,
                    column,
                    "pattern",
                    severity,
                    msg!("not of the usual form", "格式不符合规定"),
                );
            }
        }
    }

    fn id_status(&mut self, field: usize, reject: &[String], warn: &[String]) {
        let Some(Parsed::Ids(ids)) = self.fields.get(field) else {
            return;
        };
        let column = self.sheet.column_of(field);
        for row in 0..self.rows {
            let status = ids.status[row];
            if status == IdStatus::Valid {
                continue;
            }
            let word = status.as_str();
            let lossy = matches!(status, IdStatus::LossyScientific | IdStatus::LossySuspect);
            let rule = if lossy { "lossy_id" } else { "id_status" };
            let severity = if reject.iter().any(|listed| listed == word) {
                Severity::Reject
            } else if warn.iter().any(|listed| listed == word) {
                Severity::Warn
            } else {
                continue;
            };
            let reason = if lossy {
                msg!(
                    "Excel cut the number to 15 digits ({word}); it cannot be repaired, export the column as text",
                    "号码被 Excel 截成 15 位有效数字（{word}），无法还原，请将该列设为文本后重新导出"
                )
            } else {
                msg!("ID number: {word}", "身份证号码：{word}")
            };
            self.wrong(row, column, rule, severity, reason);
        }
    }

    fn id_agrees(
        &mut self,
        field: usize,
        birth_date: Option<usize>,
        sex: Option<usize>,
        severity: Severity,
    ) {
        let Some(Parsed::Ids(ids)) = self.fields.get(field) else {
            return;
        };
        let dates = birth_date.and_then(|name| match self.fields.get(name) {
            Some(Parsed::Date(dates)) => Some((name, dates)),
            _ => None,
        });
        let sexes = sex.and_then(|name| match self.fields.get(name) {
            Some(Parsed::Sex(sexes)) => Some((name, sexes)),
            _ => None,
        });
        for row in 0..self.rows {
            if !ids.status[row].is_valid() {
                continue;
            }
            if let (Some((name, dates)), Some(digits)) = (dates, ids.birth[row])
                && dates.is_valid(row)
                && dates.value(row) != digits
            {
                let reason = msg!(
                    "differs from the birth date in the ID number",
                    "与身份证号码中的出生日期不一致"
                );
                self.problems.push(Problem {
                    row,
                    column: self.sheet.column_of(name),
                    rule: "id_agrees",
                    reason,
                    severity,
                });
            }
            if let (Some((name, sexes)), Some(digit)) = (sexes, ids.sex[row])
                && sexes.is_valid(row)
                && matches!(sexes.value(row), 1 | 2)
                && sexes.value(row) != digit as i8
            {
                let reason = msg!(
                    "differs from the sex in the ID number",
                    "与身份证号码中的性别不一致"
                );
                self.problems.push(Problem {
                    row,
                    column: self.sheet.column_of(name),
                    rule: "id_agrees",
                    reason,
                    severity,
                });
            }
        }
    }

    fn order(&mut self, fields: &[usize], severity: Severity) {
        for pair in fields.windows(2) {
            let &[first, second] = pair else { continue };
            let (Some(Parsed::Date(before)), Some(Parsed::Date(after))) =
                (self.fields.get(first), self.fields.get(second))
            else {
                continue;
            };
            for row in 0..self.rows {
                if before.is_valid(row)
                    && after.is_valid(row)
                    && before.value(row) > after.value(row)
                {
                    let (earlier, later) = (
                        self.label(Subject::Field(first)),
                        self.label(Subject::Field(second)),
                    );
                    let reason = msg!(
                        "`{later}` is before `{earlier}`",
                        "“{later}”早于“{earlier}”"
                    );
                    self.problems.push(Problem {
                        row,
                        column: self.sheet.column_of(second),
                        rule: "order",
                        reason,
                        severity,
                    });
                }
            }
        }
    }

    fn sum(&mut self, total: usize, parts: &[usize], tolerance: f64, severity: Severity) {
        let column = self.sheet.column_of(total);
        for row in 0..self.rows {
            let value = |field: usize| {
                self.fields
                    .get(field)
                    .and_then(|parsed| number(parsed, row))
            };
            let Some(stated) = value(total) else { continue };
            let Some(summed) = parts.iter().map(|&part| value(part)).sum::<Option<f64>>() else {
                continue;
            };
            if (stated - summed).abs() > tolerance {
                let reason = msg!(
                    "the parts sum to {summed}, not {stated}",
                    "各部分之和为 {summed}，不等于 {stated}"
                );
                self.wrong(row, column, "sum", severity, reason);
            }
        }
    }
}

/// Fingerprints of the values that must be unique, one per row; `None` when a part is missing.
pub(super) fn fingerprints(
    hasher: &RandomState,
    fields: &[Parsed],
    names: &[usize],
    rows: usize,
) -> Vec<Option<u64>> {
    (0..rows)
        .map(|row| {
            let mut state = hasher.build_hasher();
            for &name in names {
                let parsed = fields.get(name)?;
                if is_null(parsed, row) {
                    return None;
                }
                match parsed {
                    Parsed::Text(values) => {
                        state.write(document_number(values.value(row)).as_bytes());
                    }
                    Parsed::Ids(ids) => match ids.number[row] {
                        Some(number) => state.write(&number),
                        None => state.write(document_number(ids.raw.value(row)).as_bytes()),
                    },
                    Parsed::Date(values) => state.write_i32(values.value(row)),
                    Parsed::Integer(values) => state.write_i64(values.value(row)),
                    Parsed::Decimal(values) => state.write_u64(values.value(row).to_bits()),
                    Parsed::Sex(values) => state.write_i8(values.value(row)),
                    Parsed::Flag(values) => state.write_u8(u8::from(values.value(row))),
                }
                state.write_u8(0x1f);
            }
            Some(state.finish())
        })
        .collect()
}

/// Whether the field has no value in a row.
pub(super) fn is_null(parsed: &Parsed, row: usize) -> bool {
    match parsed {
        Parsed::Text(values) => values.is_null(row),
        Parsed::Integer(values) => values.is_null(row),
        Parsed::Decimal(values) => values.is_null(row),
        Parsed::Date(values) => values.is_null(row),
        Parsed::Sex(values) => values.is_null(row),
        Parsed::Flag(values) => values.is_null(row),
        Parsed::Ids(ids) => ids.raw.is_null(row),
    }
}

/// The number of a field in a row.
pub(super) fn number(parsed: &Parsed, row: usize) -> Option<f64> {
    match parsed {
        Parsed::Integer(values) if values.is_valid(row) => Some(values.value(row) as f64),
        Parsed::Decimal(values) if values.is_valid(row) => Some(values.value(row)),
        _ => None,
    }
}
