//! What a run of `ingest` did, per file: for people as lines, for programs as JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::catalog::rule_title;
use crate::domain::wording::{counted, grouped};
use crate::error::{Error, Lang, Message};
use crate::msg;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its rows are in the warehouse.
    Loaded,
    /// It would be loaded (`--dry-run`).
    WouldLoad,
    /// The same bytes were handed in before.
    NothingNew,
    /// Too many rejects, a wrong total, or a period that is covered already.
    Refused,
    /// It could not be read or recognised.
    Failed,
}

/// One file of a run.
#[derive(Debug, Clone, Serialize)]
pub struct FileReport {
    /// Its path as given.
    pub file: String,
    /// What became of it.
    pub outcome: Outcome,
    /// SHA-256 of its bytes.
    pub delivery_id: Option<String>,
    /// `<department>/<source>`.
    pub source: Option<String>,
    /// What it covers.
    pub period: Option<String>,
    /// The part of the county it covers.
    pub place: Option<String>,
    /// Encoding of a text file, container of a workbook.
    pub encoding: Option<String>,
    /// Sheets read.
    pub sheets: usize,
    /// Row of the (first) header, as Excel or an editor shows it.
    pub header_row: Option<u32>,
    /// Rows of data in it.
    pub rows_read: u64,
    /// Rows that count.
    pub rows_accepted: u64,
    /// Rows that broke a rule.
    pub rows_rejected: u64,
    /// Rows that are no facts.
    pub rows_skipped: u64,
    /// Accepted rows with a warning.
    pub rows_warned: u64,
    /// Rejects by rule.
    pub rejects: BTreeMap<String, u64>,
    /// Warnings by rule.
    pub warnings: BTreeMap<String, u64>,
    /// Deliveries it replaces.
    pub supersedes: Vec<Superseded>,
    /// Rows by year of the event (or of the whole table): how many come and how many go.
    pub changes: Vec<YearChange>,
    /// Snapshot that made it visible.
    pub snapshot: Option<i64>,
    /// Seconds it took.
    pub seconds: f64,
    /// Remarks: sheets left out, totals that differ.
    pub notes: Vec<String>,
    /// Why it was not loaded.
    pub error: Option<Reason>,
}

/// A delivery that a new one replaces.
#[derive(Debug, Clone, Serialize)]
pub struct Superseded {
    /// Its id.
    pub delivery_id: String,
    /// Its file name.
    pub file_name: String,
    /// What it covered.
    pub period: String,
    /// How many rows go.
    pub rows: i64,
}

/// What a delivery changes in one year of a table.
#[derive(Debug, Clone, Serialize)]
pub struct YearChange {
    /// The table.
    pub table: String,
    /// Year of the event; `None` when the table is not split by year.
    pub year: Option<String>,
    /// Rows that come.
    pub added: u64,
    /// Rows of superseded deliveries that go.
    pub superseded: u64,
    /// Rows before.
    pub before: u64,
    /// Townships among the rows that come.
    pub townships: usize,
}

/// A failure, as text.
#[derive(Debug, Clone, Serialize)]
pub struct Reason {
    /// What failed.
    pub message: String,
    /// Why.
    pub causes: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
}

impl Reason {
    /// The failure in one language.
    #[must_use]
    pub fn new(error: &Error, lang: Lang) -> Self {
        Self {
            message: error.message().text(lang).to_owned(),
            causes: error
                .causes()
                .iter()
                .map(|cause| cause.text(lang).to_owned())
                .collect(),
            hint: error.hint_text().map(|hint| hint.text(lang).to_owned()),
        }
    }
}

/// A run of `ingest`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunReport {
    /// Whether nothing was changed: the files would be loaded (`--dry-run`).
    pub dry_run: bool,
    /// Its files, in order of loading.
    pub files: Vec<FileReport>,
}

impl FileReport {
    /// A report with nothing known yet.
    #[must_use]
    pub fn new(file: &str, outcome: Outcome) -> Self {
        Self {
            file: file.to_owned(),
            outcome,
            delivery_id: None,
            source: None,
            period: None,
            place: None,
            encoding: None,
            sheets: 0,
            header_row: None,
            rows_read: 0,
            rows_accepted: 0,
            rows_rejected: 0,
            rows_skipped: 0,
            rows_warned: 0,
            rejects: BTreeMap::new(),
            warnings: BTreeMap::new(),
            supersedes: Vec::new(),
            changes: Vec::new(),
            snapshot: None,
            seconds: 0.0,
            notes: Vec::new(),
            error: None,
        }
    }

    /// The report as lines for people.
    #[must_use]
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let file = &self.file;
        let mut lines = Vec::new();
        let head: Message = match self.outcome {
            Outcome::Loaded => msg!("✓ {file}", "✓ {file}"),
            Outcome::WouldLoad => msg!("→ {file} (dry run)", "→ {file}（试运行）"),
            Outcome::NothingNew => msg!("= {file}: nothing new", "= {file}：没有新内容"),
            Outcome::Refused => msg!(
                "✗ {file}: refused, nothing of it is visible",
                "✗ {file}：整份退回，没有任何内容入库"
            ),
            Outcome::Failed => msg!("✗ {file}: could not be read", "✗ {file}：无法读取"),
        };
        lines.push(head.text(lang).to_owned());
        if let (Some(source), Some(period)) = (&self.source, &self.period)
            && self.outcome != Outcome::NothingNew
        {
            let place = self
                .place
                .as_deref()
                .map(|place| format!(" {place}"))
                .unwrap_or_default();
            let encoding = self.encoding.as_deref().unwrap_or("?");
            let (read, accepted, rejected, skipped) = (
                grouped(self.rows_read),
                grouped(self.rows_accepted),
                grouped(self.rows_rejected),
                grouped(self.rows_skipped),
            );
            let sheets = self.sheets;
            let all = counted(sheets as u64, "sheet", "sheets");
            let speed = if self.seconds > 0.0 {
                grouped((self.rows_read as f64 / self.seconds) as u64)
            } else {
                "?".to_owned()
            };
            let seconds = self.seconds;
            let counts = msg!(
                "    {source} {period}{place} · {encoding}, {all} · {read} read, {accepted} accepted, {rejected} rejected, {skipped} skipped · {seconds:.2} s, {speed} rows/s",
                "    {source} {period}{place} · {encoding}，{sheets} 个工作表 · 读取 {read}，接收 {accepted}，拒收 {rejected}，跳过 {skipped} · {seconds:.2} 秒，每秒 {speed} 行"
            );
            lines.push(counts.text(lang).to_owned());
        }
        for superseded in &self.supersedes {
            let (name, period, rows) = (&superseded.file_name, &superseded.period, superseded.rows);
            let all = counted(rows.unsigned_abs(), "row", "rows");
            let line = msg!(
                "    supersedes `{name}` ({period}, {all})",
                "    替换 `{name}`（{period}，{rows} 行）"
            );
            lines.push(line.text(lang).to_owned());
        }
        if self.outcome == Outcome::WouldLoad {
            lines.extend(self.changes.iter().map(|change| change.line(lang)));
        }
        if !self.rejects.is_empty() {
            let rules = listed(&self.rejects, lang);
            lines.push(
                msg!("    rejects: {rules}", "    拒收原因：{rules}")
                    .text(lang)
                    .to_owned(),
            );
        }
        if !self.warnings.is_empty() {
            let rules = listed(&self.warnings, lang);
            lines.push(
                msg!("    warnings: {rules}", "    警告：{rules}")
                    .text(lang)
                    .to_owned(),
            );
        }
        lines.extend(self.notes.iter().map(|note| format!("    {note}")));
        if let Some(error) = &self.error {
            let (because, hint) = match lang {
                Lang::En => ("because: ", "hint: "),
                Lang::Zh => ("原因：", "提示："),
            };
            lines.push(format!("    {because}{}", error.message));
            lines.extend(
                error
                    .causes
                    .iter()
                    .map(|cause| format!("    {because}{cause}")),
            );
            lines.extend(error.hint.iter().map(|text| format!("    {hint}{text}")));
        }
        lines
    }
}

/// Counts by rule for people: `code 1, unique 2`.
pub(super) fn listed(counts: &BTreeMap<String, u64>, lang: Lang) -> String {
    let (between, names): (&str, Vec<String>) = match lang {
        Lang::En => (
            ", ",
            counts
                .iter()
                .map(|(rule, n)| format!("{rule} {n}"))
                .collect(),
        ),
        Lang::Zh => (
            "，",
            counts
                .iter()
                .map(|(rule, n)| format!("{} {n}", rule_title(rule)))
                .collect(),
        ),
    };
    names.join(between)
}

impl YearChange {
    /// `births 2018: +1,203, superseding 1,198; 14 townships, +0.4 %`.
    fn line(&self, lang: Lang) -> String {
        let what = self.year.as_ref().map_or_else(
            || self.table.clone(),
            |year| format!("{} {year}", self.table),
        );
        let (added, superseded, townships) = (
            grouped(self.added),
            grouped(self.superseded),
            self.townships,
        );
        let share = if self.before == 0 {
            match lang {
                Lang::En => "first rows".to_owned(),
                Lang::Zh => "首批数据".to_owned(),
            }
        } else {
            let net = self.added as f64 - self.superseded as f64;
            format!("{:+.1} %", net / self.before as f64 * 100.0)
        };
        let towns = counted(townships as u64, "township", "townships");
        let message = msg!(
            "    {what}: +{added}, superseding {superseded}; {towns}, {share}",
            "    {what}：+{added}，替换 {superseded}；{townships} 个乡镇，{share}"
        );
        message.text(lang).to_owned()
    }
}

impl RunReport {
    /// The files that were refused or could not be read.
    pub fn failures(&self) -> impl Iterator<Item = &FileReport> {
        self.files
            .iter()
            .filter(|file| matches!(file.outcome, Outcome::Refused | Outcome::Failed))
    }

    /// Whether there are any.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.failures().next().is_some()
    }

    /// One closing line.
    #[must_use]
    pub fn summary(&self) -> Message {
        let count = |outcome| {
            self.files
                .iter()
                .filter(|file| file.outcome == outcome)
                .count()
        };
        let loaded = count(Outcome::Loaded) + count(Outcome::WouldLoad);
        let (same, refused, failed) = (
            count(Outcome::NothingNew),
            count(Outcome::Refused),
            count(Outcome::Failed),
        );
        let total = |value: fn(&FileReport) -> u64| -> u64 {
            self.files
                .iter()
                .filter(|file| matches!(file.outcome, Outcome::Loaded | Outcome::WouldLoad))
                .map(value)
                .sum()
        };
        let read = total(|file| file.rows_read);
        let rows = counted(read, "row", "rows");
        let (read, accepted, rejected) = (
            grouped(read),
            grouped(total(|file| file.rows_accepted)),
            grouped(total(|file| file.rows_rejected)),
        );
        if self.dry_run {
            return msg!(
                "dry run: {loaded} would be loaded, {same} nothing new, {refused} would be refused, {failed} unreadable · {rows} read, {accepted} accepted, {rejected} rejected",
                "试运行：将导入 {loaded} 个，无新内容 {same} 个，将退回 {refused} 个，无法读取 {failed} 个 · 读取 {read} 行，接收 {accepted} 行，拒收 {rejected} 行"
            );
        }
        msg!(
            "{loaded} loaded, {same} nothing new, {refused} refused, {failed} unreadable · {rows} read, {accepted} accepted, {rejected} rejected",
            "导入 {loaded} 个，无新内容 {same} 个，退回 {refused} 个，无法读取 {failed} 个 · 读取 {read} 行，接收 {accepted} 行，拒收 {rejected} 行"
        )
    }
}
