//! Commands that tell what the warehouse holds. Their answers are results like any other: they can
//! be asked as `_`, charted, written to a file.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::Shell;
use super::present::Held;
use super::run::Watch;
use super::show::Caption;
use crate::catalog::nearest;
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::warehouse::MAIN;

impl Shell {
    pub(super) fn tables(&mut self, pattern: Option<&str>) -> Result<()> {
        self.follow()?;
        let as_of = self.session.snapshot().id.to_string().parse()?;
        let tables = self.warehouse.tables(&as_of)?;
        let catalog = self.warehouse.catalog();
        let mut rows: Vec<(String, String, String, i64)> = Vec::new();
        for (table, files) in &tables {
            let count = files.iter().map(|file| file.rows as i64).sum();
            let known = catalog.tables.get(&table.name);
            if table.schema == MAIN {
                let (zh, what) = known.map_or_else(Default::default, |table| {
                    (table.title_zh.clone(), table.title.clone())
                });
                rows.push((table.name.clone(), zh, what, count));
            } else if self.unsealed {
                let name = format!("{}.{}", table.schema, table.name);
                rows.push((name, String::new(), "identities".to_owned(), count));
            }
        }
        let wanted = like(pattern);
        rows.retain(|(name, zh, what, _)| wanted(name) || wanted(zh) || wanted(what));
        rows.sort();
        let texts = |of: fn(&(String, String, String, i64)) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.iter().map(of)))
        };
        let counts: Int64Array = rows.iter().map(|row| Some(row.3)).collect();
        self.answer(&[
            ("table", texts(|row| &row.0)),
            ("name_zh", texts(|row| &row.1)),
            ("title", texts(|row| &row.2)),
            ("rows", Arc::new(counts)),
        ])
    }

    pub(super) async fn schema(&mut self, table: Option<&str>) -> Result<()> {
        self.follow()?;
        let names: Vec<String> = match table {
            Some(name) => vec![self.known_table(name.trim_end_matches([';', '；']))?],
            None => self.warehouse.catalog().tables.keys().cloned().collect(),
        };
        let mut rows: Vec<[String; 7]> = Vec::new();
        for name in &names {
            let Ok(schema) = self.session.table_schema(name).await else {
                continue;
            };
            let tables = &self.warehouse.catalog().tables;
            let view = || tables.values().find(|table| &table.title_zh == name);
            let known = tables.get(name).or_else(view);
            for field in schema.fields() {
                let column = known.and_then(|table| {
                    let fits = |column: &&crate::catalog::Column| {
                        &column.name == field.name() || &column.zh == field.name()
                    };
                    table.columns.iter().find(fits)
                });
                let text =
                    |of: fn(&crate::catalog::Column) -> String| column.map(of).unwrap_or_default();
                rows.push([
                    name.clone(),
                    field.name().clone(),
                    column.map_or_else(
                        || field.data_type().to_string(),
                        |column| column.kind.name().to_owned(),
                    ),
                    text(|column| column.zh.clone()),
                    text(|column| column.list.clone().unwrap_or_default()),
                    text(|column| column.unit.clone().unwrap_or_default()),
                    text(|column| column.description.clone()),
                ]);
            }
        }
        let column = |at: usize| -> ArrayRef {
            Arc::new(
                rows.iter()
                    .map(|row| Some(row[at].as_str()).filter(|text| !text.is_empty()))
                    .collect::<StringArray>(),
            )
        };
        let heads = [
            "table",
            "column",
            "type",
            "name_zh",
            "codes",
            "unit",
            "description",
        ];
        let from = usize::from(table.is_some());
        let columns: Vec<(&str, ArrayRef)> = (from..7)
            .filter(|&at| at < 4 || rows.iter().any(|row| !row[at].is_empty()))
            .map(|at| (heads[at], column(at)))
            .collect();
        self.answer(&columns)
    }

    /// A table or view by its name, or an error that names the nearest.
    fn known_table(&self, name: &str) -> Result<String> {
        let names = self.session.table_names();
        if let Some(found) = names
            .iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim_matches('"')))
        {
            return Ok(found.clone());
        }
        if name == "_" && self.held.is_some() || name.starts_with("vault.") && self.unsealed {
            return Ok(name.to_owned());
        }
        let error = Error::usage(msg!("there is no table `{name}`", "没有表 `{name}`"));
        Err(match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => error.hint(msg!("did you mean `{near}`?", "您是不是想用 `{near}`？")),
            None => error.hint(msg!("`.tables` lists all", "`.tables` 列出全部表")),
        })
    }

    pub(super) fn functions(&mut self, pattern: Option<&str>) -> Result<()> {
        let wanted = like(pattern);
        let mut manuals = self.session.manuals();
        manuals.retain(|entry| wanted(&entry.name) || wanted(&entry.summary));
        // Renkou's own come first: the others are in every book.
        manuals.sort_by_key(|entry| !entry.own);
        let texts = |of: &dyn Fn(&crate::warehouse::Manual) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(manuals.iter().map(of)))
        };
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        self.answer(&[
            ("function", texts(&|entry| entry.signature.clone())),
            ("kind", texts(&|entry| entry.kind.as_str().to_owned())),
            ("description", texts(&|entry| first(&entry.summary))),
        ])
    }

    pub(super) fn queries(&mut self, pattern: Option<&str>) -> Result<()> {
        let zh = self.zh();
        if let Some(query) = pattern.and_then(|name| self.library().ok()?.get(name).ok()) {
            let query = query.clone();
            let (unit, definition) = if zh {
                ("单位：", "定义：")
            } else {
                ("unit: ", "definition: ")
            };
            let mut text = format!("{} · {} · {}\n", query.name, query.title_zh, query.title);
            let labelled = [
                ("", &query.description),
                (unit, &query.unit),
                (definition, &query.definition),
            ];
            for (label, value) in labelled {
                if let Some(value) = value {
                    text.push_str(&format!("{label}{}\n", value.trim()));
                }
            }
            for parameter in &query.params {
                text.push_str(&format!(
                    "  {}\n",
                    parameter.describe(if zh { Lang::Zh } else { Lang::En })
                ));
            }
            text.push_str(&format!("\n{}\n", query.sql.trim()));
            return self.page(text.as_bytes());
        }
        let wanted = like(pattern);
        let queries: Vec<_> = self
            .library()?
            .iter()
            .filter(|query| wanted(&query.name) || wanted(&query.title) || wanted(&query.title_zh))
            .cloned()
            .collect();
        let texts = |of: &dyn Fn(&crate::query::SavedQuery) -> String| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(queries.iter().map(of)))
        };
        self.answer(&[
            ("query", texts(&|query| query.name.clone())),
            (
                "title",
                texts(&|query| {
                    if zh {
                        query.title_zh.clone()
                    } else {
                        query.title.clone()
                    }
                }),
            ),
            (
                "unit",
                texts(&|query| query.unit.clone().unwrap_or_default()),
            ),
            (
                "parameters",
                texts(&|query| {
                    let names: Vec<&str> = query
                        .params
                        .iter()
                        .map(|param| param.name.as_str())
                        .collect();
                    names.join(" ")
                }),
            ),
        ])
    }

    pub(super) async fn deliveries(&mut self, pattern: Option<&str>) -> Result<()> {
        self.ask(
            "SELECT source, period, place, file_name, rows_read, rows_accepted, rows_rejected, status,
                    date_trunc('second', received_at) AS received_at, substr(delivery_id, 1, 12) AS delivery
             FROM deliveries
             WHERE $pattern IS NULL OR concat_ws(' ', department, source, period, file_name, status) ILIKE '%' || $pattern || '%'
             ORDER BY source, period, received_at",
            pattern,
        )
        .await
    }

    pub(super) async fn rejects(&mut self, delivery: Option<&str>) -> Result<()> {
        if delivery.is_none() {
            return self
                .ask(
                    "SELECT d.source, d.file_name, r.rule, r.\"column\", min(r.reason) AS reason, count(*) AS rows,
                            substr(r.delivery_id, 1, 12) AS delivery
                     FROM rejects r JOIN deliveries d ON r.delivery_id = d.delivery_id
                     WHERE d.status = 'current' AND $pattern IS NULL
                     GROUP BY d.source, d.file_name, r.rule, r.\"column\", r.delivery_id
                     ORDER BY rows DESC, d.source, d.file_name",
                    None,
                )
                .await;
        }
        self.ask(
            "SELECT d.file_name, r.source_sheet, r.source_row, r.cell, r.\"column\", r.rule, r.reason
             FROM rejects r JOIN deliveries d ON r.delivery_id = d.delivery_id
             WHERE r.delivery_id LIKE $pattern || '%' OR d.file_name ILIKE '%' || $pattern || '%' OR d.source = $pattern
             ORDER BY 1, 2, 3, 4",
            delivery,
        )
        .await
    }

    pub(super) async fn check(&mut self, department: Option<&str>) -> Result<()> {
        self.ask(
            "SELECT department, source, count(*) AS deliveries, min(period) AS first_period, max(period) AS last_period,
                    sum(rows_read) AS rows_read, sum(rows_accepted) AS rows_accepted, sum(rows_rejected) AS rows_rejected,
                    round(100.0 * sum(rows_rejected) / nullif(sum(rows_read), 0), 2) AS rejected_pct,
                    max(date_trunc('second', received_at)) AS last_received
             FROM deliveries
             WHERE status = 'current' AND ($pattern IS NULL OR department = $pattern)
             GROUP BY department, source
             ORDER BY department, source",
            department,
        )
        .await
    }

    /// Runs a statement of the shell's own, with one parameter.
    async fn ask(&mut self, sql: &str, pattern: Option<&str>) -> Result<()> {
        self.follow()?;
        let watch = Watch::start();
        let values = [("pattern".to_owned(), pattern.map(str::to_owned).into())];
        for statement in self.session.statements(sql)? {
            let plan = self.session.plan(statement, &values).await?;
            let running = self.session.run(plan).await?;
            self.deliver(running, Caption::default(), watch).await?;
        }
        Ok(())
    }

    /// Shows a small result made here.
    fn answer(&mut self, columns: &[(&str, ArrayRef)]) -> Result<()> {
        let columns = columns
            .iter()
            .map(|(name, values)| (*name, Arc::clone(values), true));
        let batch = RecordBatch::try_from_iter_with_nullable(columns)?;
        self.keep(Held::new(batch.schema(), vec![batch]));
        // Lists are read whole; the pager keeps them in hand.
        let rows = std::mem::take(&mut self.settings.max_rows);
        let outcome = self.show_held(self.settings.mode, false);
        self.settings.max_rows = rows;
        outcome
    }
}

/// Whether a text fits a pattern: `%` and `*` stand for anything, otherwise it is looked for inside.
fn like(pattern: Option<&str>) -> impl Fn(&str) -> bool {
    let parts: Option<Vec<String>> = pattern.map(|pattern| {
        pattern
            .trim_end_matches([';', '；'])
            .to_lowercase()
            .split(['%', '*'])
            .map(str::to_owned)
            .collect()
    });
    move |text: &str| {
        let Some(parts) = &parts else { return true };
        let text = text.to_lowercase();
        let mut rest = text.as_str();
        for (at, part) in parts.iter().enumerate() {
            let Some(found) = rest.find(part.as_str()) else {
                return false;
            };
            // `birth%` begins with it, `%birth` ends with it, `birth` holds it.
            if at == 0 && parts.len() > 1 && found > 0 {
                return false;
            }
            rest = &rest[found + part.len()..];
        }
        parts.len() == 1 || parts.last().is_some_and(String::is_empty) || rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_look_inside_or_anchor_at_their_ends() {
        assert!(like(None)("births"));
        assert!(like(Some("irth"))("births"));
        assert!(like(Some("birth%"))("birth_counts"));
        assert!(!like(Some("birth%"))("late_birth"));
        assert!(like(Some("%counts"))("birth_counts"));
        assert!(!like(Some("%count"))("birth_counts"));
        assert!(like(Some("b*c*s"))("birth_counts"));
        assert!(like(Some("出生"))("出生医学证明"));
    }
}
