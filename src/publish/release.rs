//! Deciding about a release beside all earlier ones, and remembering it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::cells::Table;
use super::ledger::{Entry, Ledger, rows};
use super::mask::{Audience, Suppressed};
use super::suppress::{Candidate, Hidden, Observer, suppress};
use crate::error::{Error, Kind, Message, Result};
use crate::msg;
use crate::query::{Policy, Publish};
use crate::warehouse::{AsOf, SessionOptions, Warehouse};

/// How long to wait before looking again whether another writer is done.
const PAUSE: Duration = Duration::from_millis(100);

/// What is to be released.
#[derive(Debug, Clone, Copy)]
pub struct Release<'a> {
    /// The saved query.
    pub query: &'a str,
    /// How it is published.
    pub publish: &'a Publish,
    /// Its parameters that are not at their default, as text.
    pub params: &'a [(String, String)],
    /// For whom.
    pub audience: Audience,
    /// The snapshot that was asked.
    pub snapshot: i64,
}

impl Verdict {
    /// Why, in a line.
    #[must_use]
    pub fn said(&self, threshold: u32) -> Message {
        let cell = &self.cell;
        if self.lost {
            return msg!(
                "{cell}: below {threshold}; hidden, but earlier releases give it away",
                "{cell}：小于 {threshold}；已隐藏，但可由以前发布的数字推算出来"
            );
        }
        if self.why == Hidden::Primary {
            return msg!("{cell}: below {threshold}", "{cell}：小于 {threshold}");
        }
        let protected = self.protects.join(", ");
        msg!(
            "{cell}: with it one could work out {protected}",
            "{cell}：公开它就能推算出 {protected}"
        )
    }
}

/// Why a cell is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The cell's name.
    pub cell: String,
    /// Small itself, or which small cells it protects.
    pub why: Hidden,
    /// Cells it protects, by name.
    pub protects: Vec<String>,
    /// Whether earlier releases give it away all the same.
    pub lost: bool,
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What is hidden, as the manifest tells it.
    pub suppressed: Suppressed,
    /// Each hidden cell and why, by name.
    pub verdicts: Vec<Verdict>,
    /// What the ledger is to remember.
    pub entries: Vec<Entry>,
    /// Declared sums that do not hold.
    pub broken_sums: Vec<String>,
}

/// Decides which cells of `answer` stay hidden, given what earlier releases told.
///
/// Two observers are thought of: one who kept every earlier release, and one who compares only this
/// one; counts change between deliveries, so that what the first knows already may be news.
///
/// # Errors
/// When the header names columns that the result does not have.
pub fn decide(answer: &RecordBatch, release: &Release, ledger: &Ledger) -> Result<Decision> {
    let publish = release.publish;
    let figures = publish.figures.as_deref().unwrap_or(release.query);
    let threshold = release.audience.threshold(publish.threshold);
    let mut table = Table::read(answer, figures, publish, release.params)?;
    let own_relations = table.relations.clone();
    let mut candidates = Vec::new();
    let mut small = BTreeSet::new();
    let mut ones = BTreeSet::new();
    for (cell, entry) in table.cells.iter().enumerate() {
        let Some(count) = entry.count else { continue };
        candidates.push(Candidate { cell, count });
        if (1..i64::from(threshold)).contains(&count) {
            small.insert(cell);
        }
        if count == 1 {
            ones.insert(cell);
        }
    }
    for sum in ledger.sums() {
        let relation = sum
            .iter()
            .map(|(cell, by)| (table.number(cell), *by))
            .collect();
        table.add(relation);
    }
    let knows = ledger
        .in_state("shown")
        .map(|cell| table.number(cell))
        .collect();
    let mut ever = small.clone();
    let small_before: Vec<String> = ledger.in_state("small").map(str::to_owned).collect();
    ever.extend(small_before.iter().map(|cell| table.number(cell)));
    let observers = [
        Observer {
            knows,
            primary: ever,
        },
        Observer {
            knows: Vec::new(),
            primary: small,
        },
    ];
    let done = suppress(&table.relations, &observers, &candidates, &ones);

    let name = |cell: &usize| table.cells[*cell].name.clone();
    let mut hidden: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut verdicts = Vec::new();
    let (mut small_cells, mut protecting) = (0, 0);
    let schema = answer.schema();
    for (cell, why) in &done.hidden {
        for &(row, column) in &table.cells[*cell].places {
            hidden
                .entry(schema.field(column).name().clone())
                .or_default()
                .insert(row);
        }
        let protects = match why {
            Hidden::Primary => {
                small_cells += 1;
                Vec::new()
            }
            Hidden::Protects(cells) => {
                protecting += 1;
                cells.iter().map(name).collect()
            }
        };
        verdicts.push(Verdict {
            cell: name(cell),
            why: why.clone(),
            protects,
            lost: done.lost.contains(cell),
        });
    }
    let derived = hide_derived(answer, publish, &mut hidden);

    let mut sums: BTreeMap<usize, String> = BTreeMap::new();
    for (number, relation) in own_relations.iter().enumerate() {
        for (cell, coefficient) in relation {
            let text = sums.entry(*cell).or_default();
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&format!("{coefficient}×{number}"));
        }
    }
    let mut entries = Vec::new();
    for (number, cell) in table.cells.iter().enumerate() {
        let state = match (done.hidden.get(&number), cell.count) {
            (Some(Hidden::Primary), _) => "small",
            (Some(Hidden::Protects(_)), _) => "protects",
            (None, Some(_)) => "shown",
            (None, None) => "sum",
        };
        let in_sums = sums.remove(&number);
        if state != "sum" || in_sums.is_some() {
            entries.push(Entry {
                cell: cell.name.clone(),
                state: state.to_owned(),
                sums: in_sums.unwrap_or_default(),
            });
        }
    }
    Ok(Decision {
        suppressed: Suppressed {
            audience: release.audience,
            threshold,
            small: small_cells,
            protecting,
            derived,
            hidden,
        },
        verdicts,
        entries,
        broken_sums: table.broken_sums,
    })
}

/// Hides the figures that rest on hidden counts: in the row of a hidden count everything that is
/// a number (or declared a rate) but no key and not declared open. How many cells.
fn hide_derived(
    answer: &RecordBatch,
    publish: &Publish,
    hidden: &mut BTreeMap<String, BTreeSet<usize>>,
) -> usize {
    let rows: BTreeSet<usize> = hidden.values().flatten().copied().collect();
    let mut cells = 0;
    for (place, field) in answer.schema().fields().iter().enumerate() {
        let name = field.name();
        let is = |list: &[String]| list.contains(name);
        let derived = is(&publish.rates) || field.data_type().is_numeric();
        if !derived
            || is(&publish.counts)
            || is(&publish.wholes)
            || is(&publish.keys)
            || is(&publish.open)
        {
            continue;
        }
        let with_value: BTreeSet<usize> = rows
            .iter()
            .copied()
            .filter(|&row| answer.column(place).is_valid(row))
            .collect();
        cells += with_value.len();
        if !with_value.is_empty() {
            hidden.entry(name.clone()).or_default().extend(with_value);
        }
    }
    cells
}

/// Decides about a release beside the ledger and remembers it there, durably, before anybody sees
/// it; `None` when the query is open to everybody.
///
/// # Errors
/// Exit 2 when the query is not to be published or its header does not say how; when the lake cannot
/// be written.
pub async fn release(
    warehouse: &Warehouse,
    options: &SessionOptions,
    answer: &RecordBatch,
    release: &Release<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Decision>> {
    let query = release.query;
    match release.publish.policy {
        Policy::Open => return Ok(None),
        Policy::Internal => {
            return Err(Error::usage(msg!(
                "query `{query}` is `publish: internal` and must not be published",
                "查询 `{query}` 标明 `publish: internal`，不得发布"
            )));
        }
        Policy::Suppress => {}
    }
    if release.publish.counts.is_empty() || release.publish.keys.is_empty() {
        return Err(Error::usage(msg!(
            "the header of `{query}` does not say how to publish it",
            "查询 `{query}` 的头部没有说明如何发布"
        ))
        .hint(msg!(
            "name its counts in `publish: {{counts: […]}}` and what tells its rows apart in `tests: [{{unique: […]}}]`",
            "请在 `publish: {{counts: […]}}` 中列出计数列，并在 `tests: [{{unique: […]}}]` 中说明各行的唯一键"
        )));
    }
    let figures = release.publish.figures.as_deref().unwrap_or(query);
    // One releases at a time: what the ledger told stays true until this release stands in it.
    let mut writer = loop {
        match warehouse.writer("publish", now) {
            Err(error) if error.kind() == Kind::Locked => tokio::time::sleep(PAUSE).await,
            other => break other?,
        }
    };
    let session = warehouse.session(&AsOf::Latest, options)?;
    let ledger = Ledger::read(&session, figures).await?;
    let decision = decide(answer, release, &ledger)?;
    if !ledger.holds(&decision.entries) {
        let id = format!("{}-{query}", now.format("%Y%m%dT%H%M%S%6fZ"));
        let audience = release.audience.to_string();
        let rows = rows(
            &id,
            now,
            query,
            &audience,
            figures,
            release.snapshot,
            &decision.entries,
        )?;
        writer.append("releases", &rows, &format!("publish {query}"), now)?;
    }
    Ok(Some(decision))
}
