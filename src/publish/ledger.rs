//! The release ledger: which cells left the office, which did not, and the sums between them (table `releases`).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::warehouse::Session;

/// A row of the ledger: what became of a cell in a release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The cell's name.
    pub cell: String,
    /// `shown`, `small`, `protects`, or `sum` for one that was not part of the result.
    pub state: String,
    /// `coefficient×number of the sum`, separated by spaces: in which sums it stands.
    pub sums: String,
}

/// What earlier releases told, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The entries of each release.
    pub releases: Vec<(String, Vec<Entry>)>,
}

impl Ledger {
    /// Every release of `figures`, to whomever; none before the first.
    ///
    /// # Errors
    /// When the lake cannot be read.
    pub async fn read(session: &Session, figures: &str) -> Result<Self> {
        if !session.table_names().iter().any(|name| name == "releases") {
            return Ok(Self::default());
        }
        let sql = "SELECT release, cell, state, sums, figures FROM releases ORDER BY released_at, release, cell";
        let mut releases: Vec<(String, Vec<Entry>)> = Vec::new();
        for batch in session.rows(sql, &[]).await? {
            let columns: Vec<ArrayRef> = batch
                .columns()
                .iter()
                .map(|column| cast(column, &DataType::Utf8))
                .collect::<std::result::Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                let text = |at: usize| {
                    let column = columns[at].as_string::<i32>();
                    if column.is_valid(row) {
                        column.value(row).to_owned()
                    } else {
                        String::new()
                    }
                };
                if text(4) != figures {
                    continue;
                }
                let entry = Entry {
                    cell: text(1),
                    state: text(2),
                    sums: text(3),
                };
                match releases.last_mut() {
                    Some((release, entries)) if *release == text(0) => entries.push(entry),
                    _ => releases.push((text(0), vec![entry])),
                }
            }
        }
        Ok(Self { releases })
    }

    /// Whether a release told exactly this before.
    #[must_use]
    pub fn holds(&self, entries: &[Entry]) -> bool {
        let new: BTreeSet<&Entry> = entries.iter().collect();
        self.releases
            .iter()
            .any(|(_, old)| old.iter().collect::<BTreeSet<_>>() == new)
    }

    /// The sums of each release, by the names of their cells.
    #[must_use]
    pub fn sums(&self) -> Vec<Vec<(String, i64)>> {
        let mut all = Vec::new();
        for (_, entries) in &self.releases {
            let mut sums: BTreeMap<&str, Vec<(String, i64)>> = BTreeMap::new();
            for entry in entries {
                for word in entry.sums.split_whitespace() {
                    if let Some((coefficient, number)) = word.split_once('×')
                        && let Ok(coefficient) = coefficient.parse()
                    {
                        sums.entry(number)
                            .or_default()
                            .push((entry.cell.clone(), coefficient));
                    }
                }
            }
            all.extend(sums.into_values());
        }
        all
    }

    /// Cells in a state, in any release.
    pub fn in_state<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a str> {
        self.releases
            .iter()
            .flat_map(|(_, entries)| entries)
            .filter(move |entry| entry.state == state)
            .map(|entry| entry.cell.as_str())
    }
}

/// The rows that remember a release.
///
/// # Errors
/// Never on well-formed entries.
pub(super) fn rows(
    release: &str,
    now: DateTime<Utc>,
    query: &str,
    audience: &str,
    figures: &str,
    snapshot: i64,
    entries: &[Entry],
) -> Result<RecordBatch> {
    let same = |text: &str| -> ArrayRef {
        Arc::new(entries.iter().map(|_| Some(text)).collect::<StringArray>())
    };
    let each = |of: fn(&Entry) -> &str| -> ArrayRef {
        Arc::new(
            entries
                .iter()
                .map(|entry| Some(of(entry)))
                .collect::<StringArray>(),
        )
    };
    let times = TimestampMicrosecondArray::from(vec![now.timestamp_micros(); entries.len()]);
    let snapshots = arrow::array::Int64Array::from(vec![snapshot; entries.len()]);
    Ok(RecordBatch::try_from_iter([
        ("release", same(release)),
        (
            "released_at",
            Arc::new(times.with_timezone("UTC")) as ArrayRef,
        ),
        ("query", same(query)),
        ("audience", same(audience)),
        ("figures", same(figures)),
        ("snapshot_id", Arc::new(snapshots) as ArrayRef),
        ("cell", each(|entry| &entry.cell)),
        ("state", each(|entry| &entry.state)),
        ("sums", each(|entry| &entry.sums)),
    ])?)
}
