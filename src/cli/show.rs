//! Showing a result: on stdout or in a file, in any format, with what was left out said on stderr.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::StreamExt;

use super::App;
use crate::domain::wording::counted;
use crate::error::{Error, Lang, Result};
use crate::export::Staged;
use crate::msg;
use crate::output::{BatchWriter, Format, Options, Summary, TextEncoding, writer};
use crate::query::SavedQuery;
use crate::shell::Shell;
use crate::warehouse::Session;

/// How to show a result.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ShowArgs {
    /// table, csv, tsv, json, jsonl, markdown, html, vertical, parquet, arrow or xlsx
    /// [default: table on a terminal, csv in a pipe, by extension in a file]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write to this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Encoding of csv and tsv: utf8, utf8-bom or gb18030 (the last two for Excel)
    #[arg(long, value_name = "ENCODING")]
    pub(crate) encoding: Option<String>,
    /// Rows that a table shows on a terminal; 0 shows all
    #[arg(long, value_name = "N", default_value_t = 40)]
    pub(crate) max_rows: usize,
}

/// What stands around a result in a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caption {
    pub(crate) title: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) notes: Vec<String>,
    /// What stands for a missing value, where that is not `NULL`.
    pub(crate) null: Option<String>,
}

impl Caption {
    /// What stands around the result of a saved query: title, unit, which query at which snapshot,
    /// how its figures are defined.
    pub(crate) fn of(query: &SavedQuery, session: &Session, lang: Lang) -> Self {
        let (name, snapshot) = (&query.name, session.snapshot());
        let (number, time) = (snapshot.id, snapshot.time.get(..10).unwrap_or_default());
        let source = msg!(
            "query {name}, snapshot {number} ({time})",
            "查询 {name}，快照 {number}（{time}）"
        );
        let mut notes = vec![source.text(lang).to_owned()];
        notes.extend(query.definition_in(lang).map(str::to_owned));
        Self {
            title: Some(query.title_in(lang).to_owned()),
            unit: query.unit_in(lang).map(str::to_owned),
            notes,
            null: None,
        }
    }
}

impl ShowArgs {
    fn format(&self) -> Result<Format> {
        if let Some(name) = &self.format {
            return name.parse();
        }
        if let Some(path) = &self.output {
            return Format::from_path(path).ok_or_else(|| {
                let shown = path.display();
                Error::usage(msg!(
                    "the format of `{shown}` is not clear from its name",
                    "无法从文件名 `{shown}` 判断格式"
                ))
                .hint(msg!("add `--format FORMAT`", "请加上 `--format 格式`"))
            });
        }
        Ok(if std::io::stdout().is_terminal() {
            Format::Table
        } else {
            Format::Csv
        })
    }

    /// Whether the format is one that only people read: its times are those of this place.
    ///
    /// # Errors
    /// When there is no such format.
    pub(crate) fn is_for_people(&self) -> Result<bool> {
        Ok(matches!(self.format()?, Format::Table | Format::Vertical))
    }

    /// Lets a script of the shell show its results this way.
    ///
    /// # Errors
    /// When format or encoding are not known, or the format of the file is not clear.
    pub(crate) fn prepare(&self, shell: &mut Shell) -> Result<()> {
        shell.pipe_format = self.format()?;
        shell.settings.max_rows = Some(self.max_rows).filter(|&rows| rows > 0);
        if let Some(encoding) = &self.encoding {
            shell.encoding = encoding.parse()?;
        }
        if let Some(path) = &self.output {
            shell.write_to(path);
        }
        Ok(())
    }

    fn options(&self, app: &App, format: Format, caption: &Caption) -> Result<Options> {
        let mut options = Options::new(format);
        // The same bytes go to a pipe and a file: only a terminal limits a table.
        if self.output.is_none() {
            options.width = app.ui.width();
            options.color = app.ui.color;
            if app.ui.is_terminal() && self.max_rows > 0 {
                options.max_rows = Some(self.max_rows);
            }
        }
        if let Some(encoding) = &self.encoding {
            options.encoding = encoding.parse::<TextEncoding>()?;
        }
        options.title.clone_from(&caption.title);
        options.unit.clone_from(&caption.unit);
        options.notes.clone_from(&caption.notes);
        if let Some(null) = &caption.null {
            options.null.clone_from(null);
        }
        options.lang = app.ui.lang;
        Ok(options)
    }

    /// Shows a stream of rows; returns what was written.
    ///
    /// # Errors
    /// When the query fails on the way or the output cannot be written.
    pub(crate) async fn show(
        &self,
        app: &App,
        mut rows: SendableRecordBatchStream,
        caption: &Caption,
    ) -> Result<Summary> {
        let format = self.format()?;
        let options = self.options(app, format, caption)?;
        if let Some(path) = &self.output {
            let staged = Staged::create(path)?;
            let out = writer(format, rows.schema(), &options, Box::new(staged.file()?))?;
            let summary = drain(out, &mut rows).await?;
            staged.publish()?;
            let (count, shown) = (summary.rows, path.display());
            let rows = counted(count as u64, "row", "rows");
            app.ui.note(&msg!(
                "{rows} written to `{shown}`",
                "已将 {count} 行写入 `{shown}`"
            ));
            return Ok(summary);
        }
        if format.is_binary() && app.ui.is_terminal() {
            return Err(Error::usage(msg!(
                "`{format}` is not for a terminal",
                "`{format}` 不能输出到终端"
            ))
            .hint(msg!(
                "write it to a file with `-o FILE`",
                "请用 `-o 文件` 写入文件"
            )));
        }
        let out = writer(format, rows.schema(), &options, app.ui.data())?;
        let summary = drain(out, &mut rows).await?;
        tell(app, &summary);
        Ok(summary)
    }
}

impl ShowArgs {
    /// Shows the first `limit` rows and leaves the rest unread.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub(crate) async fn show_first(
        &self,
        app: &App,
        mut rows: SendableRecordBatchStream,
        limit: usize,
        caption: &Caption,
    ) -> Result<()> {
        let format = self.format()?;
        let mut options = self.options(app, format, caption)?;
        options.max_rows = None;
        let mut out = writer(format, rows.schema(), &options, app.ui.data())?;
        let mut left = limit;
        while left > 0
            && let Some(batch) = rows.next().await
        {
            let batch = batch?;
            let batch = batch.slice(0, left.min(batch.num_rows()));
            left -= batch.num_rows();
            out.write(&batch)?;
        }
        out.finish()?;
        Ok(())
    }
}

async fn drain(
    mut out: Box<dyn BatchWriter + '_>,
    rows: &mut SendableRecordBatchStream,
) -> Result<Summary> {
    while let Some(batch) = rows.next().await {
        out.write(&batch?)?;
    }
    out.finish()
}

fn tell(app: &App, summary: &Summary) {
    if let Some((shown, total)) = summary.truncated {
        let rows = counted(total as u64, "row", "rows");
        app.ui.note(&msg!(
            "{shown} of {rows} shown; `--max-rows 0` shows all",
            "共 {total} 行，显示 {shown} 行；用 `--max-rows 0` 显示全部"
        ));
    }
    if let Some((shown, total)) = summary.hidden_columns {
        let columns = counted(total as u64, "column", "columns");
        app.ui.note(&msg!(
            "{shown} of {columns} shown; `--format vertical` shows all",
            "共 {total} 列，显示 {shown} 列；用 `--format vertical` 显示全部"
        ));
    }
}

/// Writes one line of text to stdout.
///
/// # Errors
/// When stdout is gone.
pub(crate) fn line(text: &str) -> Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")?;
    Ok(())
}
