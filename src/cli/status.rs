//! `renkou status`: tables, rows, bytes, last deliveries, how to attach the lake elsewhere.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::App;
use super::people::{local_time, status_word};
use super::show::{Caption, ShowArgs};
use crate::domain::wording::counted;
use crate::error::Result;
use crate::msg;
use crate::warehouse::MAIN;

/// Show tables, sizes, last deliveries and how to attach the lake elsewhere
#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: StatusArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let as_of = app.as_of()?;
    let tables = warehouse.tables(&as_of)?;
    let name: StringArray = tables
        .iter()
        .map(|(table, _)| {
            Some(if table.schema == MAIN {
                table.name.clone()
            } else {
                format!("{}.{}", table.schema, table.name)
            })
        })
        .collect();
    let title: StringArray = tables
        .iter()
        .map(|(table, _)| {
            let title = warehouse
                .catalog()
                .tables
                .get(&table.name)
                .map(|table| table.title_zh.as_str());
            title.filter(|_| table.schema == MAIN)
        })
        .collect();
    let rows: Int64Array = tables
        .iter()
        .map(|(_, files)| files.iter().map(|file| file.rows as i64).sum::<i64>())
        .collect();
    let files: Int64Array = tables.iter().map(|(_, files)| files.len() as i64).collect();
    let bytes: Int64Array = tables
        .iter()
        .map(|(_, files)| files.iter().map(|file| file.bytes as i64).sum::<i64>())
        .collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("table", Arc::new(name)),
        ("title_zh", Arc::new(title)),
        ("rows", Arc::new(rows)),
        ("files", Arc::new(files)),
        ("bytes", Arc::new(bytes)),
    ];
    let batch = RecordBatch::try_from_iter(columns)?;
    let stream = RecordBatchStreamAdapter::new(batch.schema(), futures::stream::iter([Ok(batch)]));
    args.show
        .show(app, Box::pin(stream), &Caption::default())
        .await?;

    let deliveries = warehouse.deliveries(&as_of)?;
    let last = deliveries.iter().rev().take(5).map(|delivery| {
        format!(
            "  {}  {} {} {} ({})",
            local_time(delivery.received_at),
            &delivery.id[..12.min(delivery.id.len())],
            delivery.source,
            delivery.period,
            status_word(delivery.status.as_str(), app.ui.lang)
        )
    });
    if !deliveries.is_empty() {
        let count = deliveries.len();
        let all = counted(count as u64, "delivery", "deliveries");
        app.ui
            .note(&msg!("{all}, the last:", "共 {count} 次交付，最近："));
        last.for_each(|text| app.ui.line(&text));
    }
    let attach = warehouse.attach_statement();
    app.ui
        .note(&msg!("in DuckDB: {attach}", "在 DuckDB 中：{attach}"));
    Ok(())
}
