//! The table `findings`: what was found when, and what was mended since. Entry point: [`merged`].

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, Date32Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use chrono::{DateTime, Utc};

use super::read::Rows;
use crate::error::Result;
use crate::warehouse::Session;

/// A record that a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Finding {
    /// Name of the check.
    pub check: String,
    /// One of the six headings.
    pub heading: String,
    /// `error` or `warning`.
    pub severity: String,
    /// Department that must mend it.
    pub owner: String,
    /// Department whose record it is.
    pub department: String,
    /// Town of the record.
    pub township: Option<String>,
    /// When the event was.
    pub period: Option<String>,
    /// Pseudonym of the person or thing the record is about.
    pub subject: Option<Vec<u8>>,
    /// Table of the record.
    pub table: String,
    /// Delivery of the record.
    pub delivery: Option<String>,
    /// Sheet of the record.
    pub sheet: Option<String>,
    /// Row of the record, from 1.
    pub row: Option<i32>,
    /// What the check saw: `column=value; column=value`.
    pub detail: String,
    /// First run that found it, microseconds since 1970.
    pub first_seen: i64,
    /// Last run that found it.
    pub last_seen: i64,
    /// When it should be mended, in days since 1970.
    pub due: Option<i32>,
    /// First run that no longer found it.
    pub closed_at: Option<i64>,
}

impl Finding {
    /// What makes it the same finding in the next run: check, owner and the person or thing, wherever its
    /// record stands by then; without one the place of the record, and for a question the group.
    pub(super) fn identity(&self) -> (String, Vec<u8>) {
        let place = self.delivery.as_ref().filter(|_| self.series().is_empty());
        let subject = match (&self.subject, place) {
            (Some(key), _) => key.clone(),
            (None, Some(delivery)) => {
                let sheet = self.sheet.as_deref().unwrap_or_default();
                let row = self.row.unwrap_or_default();
                format!("{delivery}/{sheet}/{row}").into_bytes()
            }
            (None, None) => {
                let town = self.township.as_deref().unwrap_or_default();
                format!("{town}/{}", self.series()).into_bytes()
            }
        };
        (format!("{}/{}", self.check, self.owner), subject)
    }

    /// The part of the evidence that names the group a test looked at.
    pub(super) fn series(&self) -> &str {
        self.detail
            .split("; ")
            .find(|part| part.starts_with("series="))
            .unwrap_or_default()
    }
}

/// What a run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Changed {
    pub(super) opened: usize,
    pub(super) closed: usize,
}

/// The stored findings after a run that found `found` at `now`: known ones stay open, what is no longer
/// found is closed, the rest is new.
pub(super) fn merged(
    stored: Vec<Finding>,
    found: Vec<Finding>,
    now: i64,
) -> (Vec<Finding>, Changed) {
    let mut changed = Changed::default();
    let mut fresh: HashMap<_, Finding> = found
        .into_iter()
        .map(|finding| (finding.identity(), finding))
        .collect();
    let mut all: Vec<Finding> = Vec::with_capacity(stored.len() + fresh.len());
    let mut seen = HashSet::new();
    for old in stored {
        if old.closed_at.is_some() {
            all.push(old);
            continue;
        }
        let identity = old.identity();
        match fresh.remove(&identity) {
            Some(new) => all.push(Finding {
                first_seen: old.first_seen,
                last_seen: now,
                // The date set first holds, unless the check has no date any more.
                due: new.due.map(|due| old.due.unwrap_or(due)),
                ..new
            }),
            // Two open rows of one finding would be a fault of an older program: one stays.
            None if seen.contains(&identity) => continue,
            None => {
                changed.closed += 1;
                all.push(Finding {
                    closed_at: Some(now),
                    ..old
                });
            }
        }
        seen.insert(identity);
    }
    changed.opened = fresh.len();
    all.extend(fresh.into_values().map(|new| Finding {
        first_seen: now,
        last_seen: now,
        ..new
    }));
    all.sort_by(|a, b| {
        let key = |f: &Finding| {
            (
                f.owner.clone(),
                f.township.clone(),
                f.check.clone(),
                f.delivery.clone(),
                f.sheet.clone(),
                f.row,
                f.subject.clone(),
                f.first_seen,
            )
        };
        key(a).cmp(&key(b))
    });
    (all, changed)
}

/// The findings that a session sees; none in a warehouse that never was checked.
pub(super) async fn stored(session: &Session) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if !session.table_names().iter().any(|name| name == "findings") {
        return Ok(findings);
    }
    for batch in session.rows("SELECT * FROM findings", &[]).await? {
        let rows = Rows::of(&batch)?;
        for row in 0..rows.count {
            let maybe = |name: &str| rows.text(name, row).map(str::to_owned);
            let text = |name: &str| maybe(name).unwrap_or_default();
            findings.push(Finding {
                check: text("check"),
                heading: text("heading"),
                severity: text("severity"),
                owner: text("owner"),
                department: text("department"),
                township: maybe("township_code"),
                period: maybe("period"),
                subject: rows.key("subject_key", row).map(<[u8]>::to_vec),
                table: text("source_table"),
                delivery: maybe("delivery_id"),
                sheet: maybe("source_sheet"),
                row: rows
                    .number("source_row", row)
                    .and_then(|row| i32::try_from(row).ok()),
                detail: text("detail"),
                first_seen: rows.moment("first_seen", row).unwrap_or_default(),
                last_seen: rows.moment("last_seen", row).unwrap_or_default(),
                due: rows.day("due_date", row),
                closed_at: rows.moment("closed_at", row),
            });
        }
    }
    Ok(findings)
}

/// The rows of the table.
pub(super) fn batch(findings: &[Finding]) -> Result<RecordBatch> {
    let text = |of: &dyn Fn(&Finding) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(findings.iter().map(of)))
    };
    let maybe = |of: &dyn Fn(&Finding) -> Option<&str>| -> ArrayRef {
        Arc::new(findings.iter().map(of).collect::<StringArray>())
    };
    let moment = |of: &dyn Fn(&Finding) -> Option<i64>| -> ArrayRef {
        let values: TimestampMicrosecondArray = findings.iter().map(of).collect();
        Arc::new(values.with_timezone("UTC"))
    };
    Ok(RecordBatch::try_from_iter([
        ("check", text(&|f| &f.check)),
        ("heading", text(&|f| &f.heading)),
        ("severity", text(&|f| &f.severity)),
        ("owner", text(&|f| &f.owner)),
        ("department", text(&|f| &f.department)),
        ("township_code", maybe(&|f| f.township.as_deref())),
        ("period", maybe(&|f| f.period.as_deref())),
        (
            "subject_key",
            Arc::new(
                findings
                    .iter()
                    .map(|f| f.subject.as_deref())
                    .collect::<BinaryArray>(),
            ),
        ),
        ("source_table", text(&|f| &f.table)),
        ("delivery_id", maybe(&|f| f.delivery.as_deref())),
        ("source_sheet", maybe(&|f| f.sheet.as_deref())),
        (
            "source_row",
            Arc::new(findings.iter().map(|f| f.row).collect::<Int32Array>()),
        ),
        ("detail", text(&|f| &f.detail)),
        ("first_seen", moment(&|f| Some(f.first_seen))),
        ("last_seen", moment(&|f| Some(f.last_seen))),
        (
            "due_date",
            Arc::new(findings.iter().map(|f| f.due).collect::<Date32Array>()),
        ),
        ("closed_at", moment(&|f| f.closed_at)),
    ])?)
}

/// Microseconds since 1970.
pub(super) fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(subject: u8, delivery: &str) -> Finding {
        Finding {
            check: "a".into(),
            owner: "police".into(),
            subject: Some(vec![subject]),
            delivery: Some(delivery.into()),
            row: Some(7),
            due: Some(100),
            ..Finding::default()
        }
    }

    #[test]
    fn a_finding_lives_across_deliveries_until_it_is_mended_and_may_come_back() {
        let (one, changed) = merged(vec![], vec![finding(1, "x"), finding(2, "x")], 10);
        assert_eq!((changed.opened, changed.closed), (2, 0));
        // The next delivery mends the second; the first stands in another file now.
        let later = Finding {
            due: Some(200),
            ..finding(1, "y")
        };
        let (two, changed) = merged(one, vec![later], 20);
        assert_eq!((changed.opened, changed.closed), (0, 1));
        let open: Vec<&Finding> = two.iter().filter(|f| f.closed_at.is_none()).collect();
        assert_eq!(open.len(), 1);
        assert_eq!(
            (open[0].first_seen, open[0].last_seen, open[0].due),
            (10, 20, Some(100))
        );
        assert_eq!(open[0].delivery.as_deref(), Some("y"));
        let closed = two.iter().find(|f| f.closed_at.is_some()).unwrap();
        assert_eq!((closed.last_seen, closed.closed_at), (10, Some(20)));
        // It comes back: a new row, the old one stays as it was.
        let (three, changed) = merged(two, vec![finding(1, "y"), finding(2, "y")], 30);
        assert_eq!((changed.opened, changed.closed), (1, 0));
        assert_eq!(three.len(), 3);
        assert_eq!(batch(&three).unwrap().num_rows(), 3);
    }
}
