//! The working part of a load: blocks of rows in, staged files out. Each worker owns its files;
//! only uniqueness is decided together.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::RandomState;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Int32Array, Int64Array, RecordBatch,
    StringArray, UInt32Array, new_null_array,
};
use arrow::compute::{filter, filter_record_batch, take};
use arrow::datatypes::{DataType, Int64Type, SchemaRef};

use super::derive::Scope;
use super::field::{self, Parsed};
use super::kit::Kit;
use super::layout::RowKind;
use super::plan::SheetPlan;
use super::problem::{Problem, cell_address};
use super::rows::Rows;
use super::rules::{self, Checker};
use super::totals::TotalLine;
use super::turnstile::Turnstile;
use crate::catalog::{FieldType, Period as PeriodRule, Rule, Severity, SkipWhen, Unpivot};
use crate::domain::{calendar, text};
use crate::error::Result;
use crate::warehouse::{StagedFile, TableWriter, Writer, identities, seal_context};

/// Rows of a reject or warning that are kept waiting before they are written.
const PENDING: usize = 8192;
/// Townships are counted up to this many; a county has a dozen.
const MANY: usize = 200;

/// Where one worker writes to.
pub(super) struct Worker<'a> {
    kit: &'a Kit<'a>,
    delivery: &'a str,
    hasher: &'a RandomState,
    turnstile: &'a Turnstile,
    facts: TableWriter,
    vault: Option<TableWriter>,
    rejects: Complaints,
    warnings: Complaints,
    sealed_rejects: TableWriter,
    /// What was seen.
    pub(super) tally: Tally,
}

/// Counts of a load.
#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    pub(super) read: u64,
    pub(super) accepted: u64,
    pub(super) rejected: u64,
    pub(super) skipped: u64,
    pub(super) warned: u64,
    /// Problems by severity and rule.
    pub(super) rules: BTreeMap<(bool, &'static str), u64>,
    /// First and last day of the period field.
    pub(super) span: Option<(i32, i32)>,
    /// Townships of accepted rows; more than one is all that matters.
    pub(super) townships: BTreeSet<String>,
    /// Whether rows without township were accepted.
    pub(super) elsewhere: bool,
    /// Control totals by sheet.
    pub(super) lines: Vec<(Option<String>, TotalLine)>,
}

impl Tally {
    fn see(&mut self, day: i32) {
        let span = self.span.get_or_insert((day, day));
        *span = (span.0.min(day), span.1.max(day));
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.accepted += other.accepted;
        self.rejected += other.rejected;
        self.skipped += other.skipped;
        self.warned += other.warned;
        for (rule, count) in other.rules {
            *self.rules.entry(rule).or_default() += count;
        }
        self.span = match (self.span, other.span) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (span, None) | (None, span) => span,
        };
        self.townships.extend(other.townships);
        self.elsewhere |= other.elsewhere;
        self.lines.extend(other.lines);
    }
}

impl<'a> Worker<'a> {
    pub(super) fn new(
        kit: &'a Kit<'a>,
        writer: &Writer,
        table: &str,
        delivery: &'a str,
        hasher: &'a RandomState,
        turnstile: &'a Turnstile,
        run_rows: usize,
    ) -> Result<Self> {
        let of = || BTreeSet::from([delivery.to_owned()]);
        let vault = if identities(kit.catalog, table).is_empty() {
            None
        } else {
            Some(writer.vault_writer(table, of())?)
        };
        Ok(Self {
            kit,
            delivery,
            hasher,
            turnstile,
            facts: writer
                .table_writer(table, of())?
                .with_run_rows(run_rows)
                .with_constant("delivery_id", delivery),
            vault,
            rejects: Complaints::new(writer.table_writer("rejects", of())?),
            warnings: Complaints::new(writer.table_writer("warnings", of())?),
            sealed_rejects: writer.vault_writer("rejects", of())?,
            tally: Tally::default(),
        })
    }

    /// Syncs everything written and tells it.
    pub(super) fn finish(mut self) -> Result<(Tally, Vec<StagedFile>)> {
        self.rejects.flush(self.delivery)?;
        self.warnings.flush(self.delivery)?;
        let mut staged = self.facts.finish()?;
        if let Some(vault) = self.vault {
            staged.extend(vault.finish()?);
        }
        staged.extend(self.rejects.writer.finish()?);
        staged.extend(self.warnings.writer.finish()?);
        staged.extend(self.sealed_rejects.finish()?);
        Ok((self.tally, staged))
    }

    /// Releases workers that wait for a block of this one.
    pub(super) fn give_up(&self) {
        self.turnstile.give_up();
    }

    /// Loads block `index`: the data rows of `rows`.
    pub(super) fn block(
        &mut self,
        index: u64,
        sheet: &SheetPlan<'_>,
        rows: &Rows,
        range: std::ops::Range<usize>,
    ) -> Result<()> {
        let picked = self.pick(sheet, rows, range);
        let count = picked.len();
        self.tally.read += count as u64;

        let mut problems = Vec::new();
        let fields: Vec<Parsed> = sheet
            .fields
            .iter()
            .map(|bound| field::parse(bound, rows, &picked, sheet, self.kit.today, &mut problems))
            .collect();
        let scope = Scope::new(
            &fields,
            count,
            sheet,
            &self.kit.pseudonyms,
            &self.kit.regions,
        );
        let columns = self.columns(sheet, &scope)?;
        let unparsed = problems
            .iter()
            .filter_map(|problem| Some((problem.row, problem.column?)))
            .collect();
        Checker {
            sheet,
            fields: &fields,
            columns: &columns,
            rows: count,
            today: self.kit.today,
            problems: &mut problems,
            unparsed,
        }
        .run();

        let mut accepted = vec![true; count];
        for problem in problems
            .iter()
            .filter(|problem| problem.severity == Severity::Reject)
        {
            accepted[problem.row] = false;
        }
        self.unique(index, sheet, &fields, count, &mut accepted, &mut problems);

        self.tally.accepted += accepted.iter().filter(|&&accepted| accepted).count() as u64;
        self.tally.rejected += accepted.iter().filter(|&&accepted| !accepted).count() as u64;
        self.complain(sheet, rows, &picked, &accepted, &problems)?;
        self.control(sheet, rows, &picked, &fields);
        self.keep(sheet, rows, &picked, &fields, columns, &accepted)
    }

    /// The table columns that the source fills, in the order of its `columns`.
    fn columns(&self, sheet: &SheetPlan<'_>, scope: &Scope<'_>) -> Result<Vec<ArrayRef>> {
        let schema = self.facts.schema();
        sheet
            .source
            .columns
            .iter()
            .map(|(name, expression)| match schema.field_with_name(name) {
                Ok(field) => scope.column(expression, field.data_type()),
                Err(_) => Ok(new_null_array(&DataType::Utf8, scope.rows)),
            })
            .collect()
    }

    /// The rows that are facts: not blank, header, total, footer, nor skipped by the source.
    fn pick(
        &mut self,
        sheet: &SheetPlan<'_>,
        rows: &Rows,
        range: std::ops::Range<usize>,
    ) -> Vec<u32> {
        let mut picked = Vec::with_capacity(range.len());
        for row in range {
            match sheet.layout.classify(rows, row) {
                RowKind::Data => {
                    if skipped(sheet, rows, row) {
                        self.tally.skipped += 1;
                        self.tally.read += 1;
                    } else {
                        picked.push(row as u32);
                    }
                }
                RowKind::Total { .. } => self.total(sheet, rows, row),
                _ => {}
            }
        }
        picked
    }

    fn total(&mut self, sheet: &SheetPlan<'_>, rows: &Rows, row: usize) {
        let Some(controls) = control_fields(sheet) else {
            return;
        };
        let mut ignored = Vec::new();
        let values = controls
            .iter()
            .map(|&name| {
                let bound = sheet.fields.get(name)?;
                bound.column?;
                let parsed = field::parse(
                    bound,
                    rows,
                    &[row as u32],
                    sheet,
                    self.kit.today,
                    &mut ignored,
                );
                rules::number(&parsed, 0).map(|value| value.round() as i64)
            })
            .collect();
        let line = TotalLine {
            row: rows.number(row),
            is_total: true,
            values,
        };
        self.tally.lines.push((sheet.sheet.clone(), line));
    }

    fn control(&mut self, sheet: &SheetPlan<'_>, rows: &Rows, picked: &[u32], fields: &[Parsed]) {
        let Some(controls) = control_fields(sheet) else {
            return;
        };
        for (index, &row) in picked.iter().enumerate() {
            let values = controls
                .iter()
                .map(|&name| {
                    let parsed = fields.get(name)?;
                    rules::number(parsed, index).map(|value| value.round() as i64)
                })
                .collect();
            let line = TotalLine {
                row: rows.number(row as usize),
                is_total: false,
                values,
            };
            self.tally.lines.push((sheet.sheet.clone(), line));
        }
    }

    fn unique(
        &self,
        index: u64,
        sheet: &SheetPlan<'_>,
        fields: &[Parsed],
        count: usize,
        accepted: &mut [bool],
        problems: &mut Vec<Problem>,
    ) {
        let unique: Vec<(&[usize], Severity)> = sheet
            .source
            .rules
            .iter()
            .filter_map(|rule| match rule {
                Rule::Unique { fields, severity } => Some((fields.as_slice(), *severity)),
                _ => None,
            })
            .collect();
        let prints: Vec<Vec<Option<u64>>> = unique
            .iter()
            .map(|(names, _)| {
                let mut prints = rules::fingerprints(self.hasher, fields, names, count);
                // A refused row does not occupy its number: the corrected one may follow.
                for (print, accepted) in prints.iter_mut().zip(accepted.iter()) {
                    if !accepted {
                        *print = None;
                    }
                }
                prints
            })
            .collect();
        for (repeats, (names, severity)) in self
            .turnstile
            .repeats(index, &prints)
            .into_iter()
            .zip(unique)
        {
            for row in repeats {
                problems.push(Problem {
                    row,
                    column: names.first().and_then(|&name| sheet.column_of(name)),
                    rule: "unique",
                    reason: crate::msg!(
                        "repeats an earlier row of the file",
                        "与本文件前面的行重复"
                    ),
                    severity,
                });
                if severity == Severity::Reject {
                    accepted[row] = false;
                }
            }
        }
    }

    /// Files problems as rejects or warnings and seals the refused rows.
    fn complain(
        &mut self,
        sheet: &SheetPlan<'_>,
        rows: &Rows,
        picked: &[u32],
        accepted: &[bool],
        problems: &[Problem],
    ) -> Result<()> {
        if problems.is_empty() {
            return Ok(());
        }
        let mut order: Vec<&Problem> = problems.iter().collect();
        order.sort_by_key(|problem| (problem.row, problem.column, problem.rule));
        let mut warned = BTreeSet::new();
        for problem in order {
            let refused = problem.severity == Severity::Reject;
            if !refused && !accepted[problem.row] {
                // A warning about a row that does not come in helps nobody.
                continue;
            }
            *self.tally.rules.entry((refused, problem.rule)).or_default() += 1;
            let number = rows.number(picked[problem.row] as usize);
            let complaint = Complaint {
                sheet: sheet.sheet.clone(),
                row: number as i32,
                cell: problem.column.map(|column| cell_address(column, number)),
                column: problem.column.map(|column| sheet.header(column)),
                rule: problem.rule,
                reason: problem.reason.text(self.kit.lang).to_owned(),
            };
            if refused {
                self.rejects.push(complaint, self.delivery)?;
            } else {
                warned.insert(problem.row);
                self.warnings.push(complaint, self.delivery)?;
            }
        }
        self.tally.warned += warned.len() as u64;
        self.seal_refused(sheet, rows, picked, accepted)
    }

    fn seal_refused(
        &mut self,
        sheet: &SheetPlan<'_>,
        rows: &Rows,
        picked: &[u32],
        accepted: &[bool],
    ) -> Result<()> {
        let refused: Vec<usize> = (0..picked.len())
            .filter(|&row| !accepted[row])
            .map(|row| picked[row] as usize)
            .collect();
        if refused.is_empty() {
            return Ok(());
        }
        let headers: Vec<String> = (0..sheet.layout.headers.len())
            .map(|column| sheet.header(column))
            .collect();
        let header = serde_json::to_string(&headers)?;
        let forgotten: BTreeSet<usize> = sheet
            .fields
            .iter()
            .filter(|bound| bound.definition.kind == FieldType::Discard)
            .filter_map(|bound| bound.column)
            .collect();
        let cells = refused
            .iter()
            .map(|&row| {
                // What the source forgets is not kept sealed either.
                let cells = rows.cells(row).enumerate();
                let kept = cells.map(|(column, cell)| {
                    if forgotten.contains(&column) {
                        ""
                    } else {
                        cell.text
                    }
                });
                Ok(Some(serde_json::to_string(&kept.collect::<Vec<_>>())?))
            })
            .collect::<Result<StringArray>>()?;
        let kinds = refused.iter().map(|&row| {
            Some(
                rows.cells(row)
                    .map(|cell| cell.kind.letter())
                    .collect::<String>(),
            )
        });
        let kinds: StringArray = kinds.collect();
        let numbers: Int32Array = refused
            .iter()
            .map(|&row| Some(rows.number(row) as i32))
            .collect();
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("source_sheet", sheet_column(sheet, refused.len()), true),
            ("source_row", Arc::new(numbers) as ArrayRef, true),
            (
                "header",
                Arc::new(StringArray::from(vec![header.as_str(); refused.len()])) as ArrayRef,
                true,
            ),
            ("cells", Arc::new(cells) as ArrayRef, true),
            ("kinds", Arc::new(kinds) as ArrayRef, true),
        ])?;
        let row = self.sealed("rejects", &batch, &self.sealed_rejects.schema())?;
        self.sealed_rejects.push(row)
    }

    /// Writes the accepted rows: analytic columns to the table, identities to the vault.
    fn keep(
        &mut self,
        sheet: &SheetPlan<'_>,
        rows: &Rows,
        picked: &[u32],
        fields: &[Parsed],
        derived: Vec<ArrayRef>,
        accepted: &[bool],
    ) -> Result<()> {
        if !accepted.iter().any(|&accepted| accepted) {
            return Ok(());
        }
        let count = picked.len();
        let mask = BooleanArray::from(accepted.to_vec());
        let numbers: ArrayRef = Arc::new(
            picked
                .iter()
                .map(|&row| Some(rows.number(row as usize) as i32))
                .collect::<Int32Array>(),
        );
        let schema = self.facts.schema();
        let mut columns = Vec::with_capacity(schema.fields().len());
        for column in schema.fields() {
            let filled = sheet
                .source
                .columns
                .iter()
                .position(|(name, _)| name == column.name());
            columns.push(match (column.name().as_str(), filled) {
                (_, Some(index)) => Arc::clone(&derived[index]),
                ("source_sheet", None) => sheet_column(sheet, count),
                ("source_row", None) => Arc::clone(&numbers),
                _ => new_null_array(column.data_type(), count),
            });
        }
        let batch =
            filter_record_batch(&RecordBatch::try_new(Arc::clone(&schema), columns)?, &mask)?;
        self.observe(sheet, fields, accepted, &batch);
        match &sheet.source.unpivot {
            None => self.facts.push(batch)?,
            Some(unpivot) => self
                .facts
                .push(unpivoted(unpivot, fields, &mask, &batch, &schema)?)?,
        }
        self.seal_identities(sheet, fields, &mask, &numbers)
    }

    /// Notes which days and townships the accepted rows are about.
    fn observe(
        &mut self,
        sheet: &SheetPlan<'_>,
        fields: &[Parsed],
        accepted: &[bool],
        batch: &RecordBatch,
    ) {
        match sheet.source.period {
            Some(PeriodRule::Field(field)) => {
                if let Some(Parsed::Date(dates)) = fields.get(field) {
                    for (row, day) in dates.iter().enumerate() {
                        if let (true, Some(day)) = (accepted[row], day) {
                            self.tally.see(day);
                        }
                    }
                }
            }
            Some(PeriodRule::YearMonth { year, month }) => {
                for row in (0..accepted.len()).filter(|&row| accepted[row]) {
                    let Some(year) = fields.get(year).and_then(|years| rules::number(years, row))
                    else {
                        continue;
                    };
                    let month = month
                        .and_then(|month| fields.get(month))
                        .and_then(|months| rules::number(months, row));
                    let (first, last) = month.map_or((1, 12), |month| (month as u32, month as u32));
                    for month in [first, last] {
                        if let Some(day) = calendar::days(year as i32, month, 1) {
                            self.tally.see(day);
                        }
                    }
                }
            }
            None => {}
        }
        if self.tally.townships.len() > MANY || self.tally.elsewhere {
            return;
        }
        match batch
            .column_by_name("township_code")
            .map(|column| column.as_string::<i32>())
        {
            Some(codes) => {
                for code in codes {
                    match code {
                        Some(code) if self.tally.townships.contains(code) => {}
                        Some(code) => {
                            self.tally.townships.insert(code.to_owned());
                        }
                        None => self.tally.elsewhere = true,
                    }
                    if self.tally.townships.len() > MANY || self.tally.elsewhere {
                        break;
                    }
                }
            }
            None => self.tally.elsewhere = true,
        }
    }

    fn seal_identities(
        &mut self,
        sheet: &SheetPlan<'_>,
        fields: &[Parsed],
        mask: &BooleanArray,
        numbers: &ArrayRef,
    ) -> Result<()> {
        let table = sheet.source.table.as_str();
        let sealed: Vec<(&str, ArrayRef)> = sheet
            .source
            .fields
            .iter()
            .zip(fields)
            .filter(|(field, _)| field.identity)
            .filter_map(|(field, parsed)| match parsed {
                Parsed::Text(values) => {
                    Some((field.name.as_str(), Arc::new(values.clone()) as ArrayRef))
                }
                Parsed::Ids(ids) => {
                    Some((field.name.as_str(), Arc::new(ids.raw.clone()) as ArrayRef))
                }
                _ => None,
            })
            .collect();
        if sealed.is_empty() || self.vault.is_none() {
            return Ok(());
        }
        let count = numbers.len();
        let mut columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("source_sheet", sheet_column(sheet, count), true),
            ("source_row", Arc::clone(numbers), true),
        ];
        columns.extend(
            sealed
                .into_iter()
                .map(|(name, values)| (name, values, true)),
        );
        let columns = columns
            .into_iter()
            .map(|(name, values, nullable)| Ok((name, filter(&values, mask)?, nullable)))
            .collect::<Result<Vec<_>>>()?;
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        let Some(schema) = self.vault.as_ref().map(TableWriter::schema) else {
            return Ok(());
        };
        let row = self.sealed(table, &batch, &schema)?;
        match &mut self.vault {
            Some(vault) => vault.push(row),
            None => Ok(()),
        }
    }

    /// One row of a vault table: the sealed block of `batch`.
    fn sealed(&self, table: &str, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
        let sealed = self
            .kit
            .sealer
            .seal_batch(&seal_context(table, self.delivery), batch)?;
        let rows = batch
            .column_by_name("source_row")
            .map(|column| column.as_primitive::<arrow::datatypes::Int32Type>());
        let first = rows.and_then(arrow::compute::min);
        let last = rows.and_then(arrow::compute::max);
        Ok(RecordBatch::try_new(
            Arc::clone(schema),
            vec![
                Arc::new(StringArray::from(vec![self.delivery])),
                Arc::new(Int32Array::from(vec![first])),
                Arc::new(Int32Array::from(vec![last])),
                Arc::new(Int32Array::from(vec![batch.num_rows() as i32])),
                Arc::new(BinaryArray::from(vec![sealed.as_slice()])),
            ],
        )?)
    }
}

fn skipped(sheet: &SheetPlan<'_>, rows: &Rows, row: usize) -> bool {
    sheet.source.skip.iter().any(|skip| {
        sheet.column_of(skip.field).is_some_and(|column| {
            let value = text::clean(rows.cell(row, column).text);
            let value = text::nfkc(&value);
            if value.is_empty() {
                return false;
            }
            match &skip.when {
                SkipWhen::Values(listed) => listed
                    .iter()
                    .any(|listed| listed.as_str() == value.as_ref()),
                SkipWhen::Except(listed) => !listed
                    .iter()
                    .any(|listed| listed.as_str() == value.as_ref()),
                SkipWhen::Matches(regex) => regex.is_match(&value),
            }
        })
    })
}

fn control_fields<'a>(sheet: &SheetPlan<'a>) -> Option<&'a [usize]> {
    sheet.source.rules.iter().find_map(|rule| match rule {
        Rule::Total { fields, .. } => Some(fields.as_slice()),
        _ => None,
    })
}

fn sheet_column(sheet: &SheetPlan<'_>, rows: usize) -> ArrayRef {
    Arc::new(StringArray::from(vec![sheet.sheet.as_deref(); rows]))
}

/// Wide counts as one row per measure that has a number.
fn unpivoted(
    unpivot: &Unpivot,
    fields: &[Parsed],
    mask: &BooleanArray,
    batch: &RecordBatch,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let mut indices = Vec::new();
    let mut keys = Vec::new();
    let mut values = Vec::new();
    let mut told = vec![false; batch.num_rows()];
    for (group, fallback) in [(&unpivot.fields, false), (&unpivot.otherwise, true)] {
        let before = told.clone();
        for (key, field) in group {
            let Some(Parsed::Integer(counts)) = fields.get(*field) else {
                continue;
            };
            let counts = filter(counts, mask)?;
            for (row, count) in counts.as_primitive::<Int64Type>().iter().enumerate() {
                if let Some(count) = count
                    && !(fallback && before[row])
                {
                    told[row] = true;
                    indices.push(row as u32);
                    keys.push(key.as_str());
                    values.push(count);
                }
            }
        }
    }
    let indices = UInt32Array::from(indices);
    let columns = schema
        .fields()
        .iter()
        .map(|column| {
            let taken: ArrayRef = if column.name() == &unpivot.key {
                Arc::new(StringArray::from(keys.clone()))
            } else if column.name() == &unpivot.value {
                Arc::new(Int64Array::from(values.clone()))
            } else {
                let source = batch.column_by_name(column.name());
                match source {
                    Some(source) => take(source, &indices, None)?,
                    None => new_null_array(column.data_type(), indices.len()),
                }
            };
            Ok(arrow::compute::cast(&taken, column.data_type())?)
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// A reject or warning on its way to its table.
#[derive(Debug)]
struct Complaint {
    sheet: Option<String>,
    row: i32,
    cell: Option<String>,
    column: Option<String>,
    rule: &'static str,
    reason: String,
}

#[derive(Debug)]
struct Complaints {
    writer: TableWriter,
    pending: Vec<Complaint>,
}

impl Complaints {
    fn new(writer: TableWriter) -> Self {
        Self {
            writer,
            pending: Vec::new(),
        }
    }

    fn push(&mut self, complaint: Complaint, delivery: &str) -> Result<()> {
        self.pending.push(complaint);
        if self.pending.len() >= PENDING {
            self.flush(delivery)
        } else {
            Ok(())
        }
    }

    fn flush(&mut self, delivery: &str) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.pending);
        let text = |value: fn(&Complaint) -> Option<&str>| -> ArrayRef {
            Arc::new(rows.iter().map(value).collect::<StringArray>())
        };
        let numbers: Int32Array = rows.iter().map(|row| Some(row.row)).collect();
        let batch = RecordBatch::try_from_iter_with_nullable([
            (
                "delivery_id",
                Arc::new(StringArray::from(vec![delivery; rows.len()])) as ArrayRef,
                true,
            ),
            ("source_sheet", text(|row| row.sheet.as_deref()), true),
            ("source_row", Arc::new(numbers) as ArrayRef, true),
            ("cell", text(|row| row.cell.as_deref()), true),
            ("column", text(|row| row.column.as_deref()), true),
            ("rule", text(|row| Some(row.rule)), true),
            ("reason", text(|row| Some(row.reason.as_str())), true),
        ])?;
        let batch = crate::warehouse::conform(&batch, &self.writer.schema())?;
        self.writer.push(batch)
    }
}
