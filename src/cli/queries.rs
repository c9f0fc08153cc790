//! `renkou queries`: list and describe saved queries.

use super::App;
use super::show::line;
use crate::error::{Lang, Result};
use crate::query::Library;

/// List and describe saved queries
#[derive(Debug, clap::Args)]
pub(crate) struct QueriesArgs {
    /// Describe this one
    name: Option<String>,
}

pub(super) async fn run(app: &App, args: QueriesArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let zh = app.ui.lang == Lang::Zh;
    let Some(name) = &args.name else {
        for query in &library {
            let title = if zh { &query.title_zh } else { &query.title };
            let unit = query
                .unit
                .as_deref()
                .map(|unit| format!(" [{unit}]"))
                .unwrap_or_default();
            line(&format!("{:<24} {title}{unit}", query.name))?;
        }
        return Ok(());
    };
    let query = library.get(name)?;
    line(&format!(
        "{}: {} / {}",
        query.name, query.title, query.title_zh
    ))?;
    if let Some(text) = &query.description {
        line(text)?;
    }
    let [unit, definition, parameters, colon] = if zh {
        ["单位", "定义", "参数", "："]
    } else {
        ["unit", "definition", "parameters", ": "]
    };
    for (label, text) in [(unit, &query.unit), (definition, &query.definition)] {
        if let Some(text) = text {
            line(&format!("{label}{colon}{}", text.trim()))?;
        }
    }
    if !query.params.is_empty() {
        line(&format!("{parameters}{}", colon.trim_end()))?;
    }
    for parameter in &query.params {
        line(&format!("  --param {}", parameter.describe()))?;
    }
    line("")?;
    line(query.sql.trim())
}
