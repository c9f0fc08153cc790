//! Work lists: which record a department must mend by when, why, and what was seen. Masked; identities
//! are added only with a sealer, whose use the caller has audited. Entry point: [`worklist`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int32Array, Int64Array, RecordBatch, StringArray};
use chrono::{DateTime, Utc};

use super::examine::{UNKNOWN, day};
use super::history::{Finding, stored};
use super::read::Rows;
use super::words::Words;
use crate::catalog::{Catalog, Gravity};
use crate::error::{Lang, Result};
use crate::msg;
use crate::vault::Sealer;
use crate::warehouse::{Session, Warehouse, identities};

/// Which work list.
#[derive(Debug)]
pub struct Order<'a> {
    /// Department that must mend.
    pub owner: &'a str,
    /// Only this town.
    pub town: Option<&'a str>,
    /// Opens the identities of the records listed.
    pub sealer: Option<&'a Sealer>,
    /// Language of headers and words.
    pub lang: Lang,
    /// Today, for what is overdue.
    pub now: DateTime<Utc>,
}

/// The open findings of a department as a table, those due first on top.
///
/// # Errors
/// When the warehouse cannot be read or the sealer does not fit.
pub async fn worklist(
    warehouse: &Warehouse,
    session: &Session,
    order: &Order<'_>,
) -> Result<RecordBatch> {
    let catalog = warehouse.catalog();
    let words = Words::of(catalog, order.lang)?;
    let mut findings: Vec<Finding> = stored(session)
        .await?
        .into_iter()
        .filter(|finding| {
            let town = finding.township.as_deref().unwrap_or_default();
            finding.closed_at.is_none()
                && finding.due.is_some()
                && finding.owner == order.owner
                && order.town.is_none_or(|wanted| wanted == town)
        })
        .collect();
    findings.sort_by(|a, b| {
        let key = |f: &Finding| {
            (
                f.due,
                f.severity.clone(),
                f.township.clone(),
                f.check.clone(),
                f.delivery.clone(),
                f.sheet.clone(),
                f.row,
            )
        };
        key(a).cmp(&key(b))
    });
    let files = file_names(session).await?;
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let mut put = |name: crate::error::Message, column: ArrayRef| {
        columns.push((name.text(order.lang).to_owned(), column));
    };
    let text = |of: &dyn Fn(&Finding) -> Option<String>| -> ArrayRef {
        Arc::new(findings.iter().map(of).collect::<StringArray>())
    };
    let check = |finding: &Finding| catalog.check(&finding.check);
    let count = i64::try_from(findings.len()).unwrap_or(i64::MAX);
    put(
        msg!("no", "序号"),
        Arc::new(Int64Array::from_iter_values(1..=count)),
    );
    put(
        msg!("due_date", "整改期限"),
        Arc::new(findings.iter().map(|f| f.due).collect::<Date32Array>()),
    );
    let today = day(order.now.date_naive());
    put(
        msg!("days_left", "剩余天数"),
        Arc::new(
            findings
                .iter()
                .map(|f| Some(f.due? - today))
                .collect::<Int32Array>(),
        ),
    );
    put(
        msg!("severity", "严重程度"),
        text(&|f| {
            let is_error = f.severity == Gravity::Error.as_str();
            let word = if is_error {
                msg!("error", "错误")
            } else {
                msg!("please look", "请核实")
            };
            Some(word.text(order.lang).to_owned())
        }),
    );
    put(
        msg!("township", "乡镇"),
        text(&|f| Some(words.town(f.township.as_deref().unwrap_or(UNKNOWN)))),
    );
    put(
        msg!("what_is_wrong", "问题"),
        text(&|f| check(f).map(|check| check.title_in(order.lang).to_owned())),
    );
    put(
        msg!("file", "文件"),
        text(&|f| files.get(f.delivery.as_deref()?).cloned()),
    );
    put(msg!("sheet", "工作表"), text(&|f| f.sheet.clone()));
    put(
        msg!("row", "行号"),
        Arc::new(findings.iter().map(|f| f.row).collect::<Int32Array>()),
    );
    if let Some(sealer) = order.sealer {
        for (name, values) in opened(warehouse, &findings, sealer)? {
            let label = label(catalog, &name);
            let label = match order.lang {
                Lang::En => name,
                Lang::Zh => label.unwrap_or(name),
            };
            columns.push((label, Arc::new(values.into_iter().collect::<StringArray>())));
        }
    }
    let mut put = |name: crate::error::Message, column: ArrayRef| {
        columns.push((name.text(order.lang).to_owned(), column));
    };
    put(msg!("period", "期间"), text(&|f| f.period.clone()));
    put(
        msg!("evidence", "证据"),
        text(&|f| Some(words.evidence(check(f), &f.detail))),
    );
    put(
        msg!("what_to_do", "处理办法"),
        text(&|f| check(f).map(|check| check.message.text(order.lang).to_owned())),
    );
    put(
        msg!("legal_basis", "依据"),
        text(&|f| check(f).map(|check| check.legal_basis.clone())),
    );
    let days = |micros: i64| i32::try_from(micros.div_euclid(86_400_000_000)).ok();
    put(
        msg!("found_first", "首次发现"),
        Arc::new(
            findings
                .iter()
                .map(|f| days(f.first_seen))
                .collect::<Date32Array>(),
        ),
    );
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// Names of the files by delivery.
async fn file_names(session: &Session) -> Result<HashMap<String, String>> {
    let mut names = HashMap::new();
    let sql = "SELECT delivery_id, file_name FROM deliveries";
    for batch in session.rows(sql, &[]).await? {
        let rows = Rows::of(&batch)?;
        for row in 0..rows.count {
            if let (Some(id), Some(name)) =
                (rows.text("delivery_id", row), rows.text("file_name", row))
            {
                names.insert(id.to_owned(), name.to_owned());
            }
        }
    }
    Ok(names)
}

/// Delivery, sheet and row of a record.
type Place<'a> = (&'a str, Option<&'a str>, i32);
/// A column of identities: its field, one value per finding.
type Opened = Vec<(String, Vec<Option<String>>)>;

/// The identities of the records behind the findings, by field; fields without any are left out.
fn opened(warehouse: &Warehouse, findings: &[Finding], sealer: &Sealer) -> Result<Opened> {
    let mut wanted: BTreeMap<&str, HashMap<Place<'_>, Vec<usize>>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if let (Some(delivery), Some(row)) = (&finding.delivery, finding.row) {
            wanted
                .entry(&finding.table)
                .or_default()
                .entry((delivery, finding.sheet.as_deref(), row))
                .or_default()
                .push(at);
        }
    }
    let mut columns: Opened = Vec::new();
    for (table, places) in wanted {
        let fields = identities(warehouse.catalog(), table);
        let names: Vec<&str> = fields.iter().map(String::as_str).collect();
        if names.is_empty() {
            continue;
        }
        for batch in warehouse.unsealed(table, &names, sealer)? {
            let rows = Rows::of(&batch)?;
            for row in 0..rows.count {
                let place = (
                    rows.text("delivery_id", row).unwrap_or_default(),
                    rows.text("source_sheet", row),
                    rows.number("source_row", row)
                        .and_then(|row| i32::try_from(row).ok())
                        .unwrap_or_default(),
                );
                let Some(wanted) = places.get(&place) else {
                    continue;
                };
                for name in &names {
                    let Some(value) = rows.text(name, row).filter(|value| !value.is_empty()) else {
                        continue;
                    };
                    let column = match columns.iter_mut().position(|(known, _)| known == name) {
                        Some(at) => &mut columns[at].1,
                        None => {
                            columns.push(((*name).to_owned(), vec![None; findings.len()]));
                            let last = columns.len() - 1;
                            &mut columns[last].1
                        }
                    };
                    for at in wanted {
                        column[*at] = Some(value.to_owned());
                    }
                }
            }
        }
    }
    Ok(columns)
}

/// What files call a field: its first header in Chinese.
fn label(catalog: &Catalog, field: &str) -> Option<String> {
    catalog
        .sources
        .values()
        .flat_map(|source| &source.fields)
        .filter(|known| known.name == field)
        .flat_map(|known| &known.headers)
        .find(|header| !header.is_ascii())
        .cloned()
}
