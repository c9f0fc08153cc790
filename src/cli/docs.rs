//! `renkou queries --docs`: an offline site about the queries and tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow::array::RecordBatch;

use super::App;
use crate::domain::wording::counted;
use crate::error::Result;
use crate::export::{Question, reproducible};
use crate::msg;
use crate::query::{Library, SavedQuery};
use crate::site::{self, Site};
use crate::warehouse::{MAIN, Session, Warehouse};

/// Rows of the sample of a query.
const SAMPLE_ROWS: usize = 8;

/// Writes the site.
///
/// # Errors
/// When the warehouse cannot be asked or files cannot be written.
pub(super) async fn write(
    app: &App,
    warehouse: &Warehouse,
    library: &Library,
    folder: &Path,
) -> Result<()> {
    let as_of = app.as_of()?;
    let session = warehouse.session(&as_of, &reproducible(app.session_options()))?;
    let (mut reads, mut samples) = (BTreeMap::new(), BTreeMap::new());
    for query in library {
        match answer(app, &session, query).await {
            Ok((mut tables, rows)) => {
                // Functions that make rows have no page.
                tables.retain(|table| warehouse.catalog().tables.contains_key(table));
                reads.insert(query.name.clone(), tables.into_iter().collect());
                samples.insert(query.name.clone(), vec![rows]);
            }
            // An empty warehouse has no rows to show, and no year to ask for.
            Err(error) => {
                let name = &query.name;
                app.ui.note(&msg!(
                    "no sample rows of `{name}`: {error}",
                    "`{name}` 没有示例：{error}"
                ));
            }
        }
    }
    let rows = warehouse
        .tables(&as_of)?
        .into_iter()
        .filter(|(table, _)| table.schema == MAIN)
        .map(|(table, files)| (table.name, files.iter().map(|file| file.rows).sum()))
        .collect();
    let snapshot = session.snapshot();
    let day = snapshot.time.get(..10).unwrap_or_default().to_owned();
    let pages = site::write(
        &Site {
            catalog: warehouse.catalog(),
            library,
            reads,
            samples,
            rows,
            snapshot: (snapshot.id, day),
            lang: app.ui.lang,
        },
        folder,
    )?;
    let (shown, said) = (
        folder.join("index.html"),
        counted(pages as u64, "page", "pages"),
    );
    let shown = shown.display();
    app.ui.note(&msg!(
        "{said} written; open `{shown}` in a browser",
        "已生成 {pages} 个页面，请用浏览器打开 `{shown}`"
    ));
    Ok(())
}

/// The tables that a query reads, and its first rows with the defaults.
async fn answer(
    app: &App,
    session: &Session,
    query: &SavedQuery,
) -> Result<(BTreeSet<String>, RecordBatch)> {
    let question = Question {
        query: query.name.clone(),
        sql: query.sql.clone(),
        values: query.values(session, &[], app.now().date_naive()).await?,
        title: None,
        unit: None,
        lang: app.ui.lang,
    };
    let tables = question.tables(session).await?;
    let rows = question.rows(session).await?;
    Ok((tables, rows.slice(0, rows.num_rows().min(SAMPLE_ROWS))))
}
