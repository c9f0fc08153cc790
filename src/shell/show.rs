//! From a statement to its result on the screen, in a pipe or in a file.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::present::{self, HELD_BYTES, Held, Holder, View};
use super::run::{Limits, Watch, drive};
use super::{Paging, Shell, Sink};
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::export::Staged;
use crate::msg;
use crate::output::{Format, Options, Summary, writer};
use crate::query::guess_value;
use crate::warehouse::Running;

/// What is known of a result beside its rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Caption {
    pub(super) title: Option<String>,
    pub(super) unit: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) vertical: bool,
}

impl Shell {
    /// Runs the statements of `text`, which begins on `line` of its script.
    pub(super) async fn statement(
        &mut self,
        text: &str,
        vertical: bool,
        line: usize,
    ) -> Result<()> {
        self.follow()?;
        let values: Vec<_> = self
            .params
            .iter()
            .map(|(name, value)| (name.clone(), guess_value(value)))
            .collect();
        // Also when it fails: `.edit` mends it.
        self.last_sql = Some(text.to_owned());
        for statement in self.session.statements_at(text, line)? {
            self.audit(text)?;
            let watch = Watch::start();
            let plan = self.session.plan(statement, &values).await?;
            let tables = plan.tables();
            // The last result keeps the meaning of the tables that it came from.
            if !tables.iter().eq(["_"]) {
                self.dressed = Some(self.catalog_dictionary().with_tables(&tables));
            }
            let running = self.session.run(plan).await?;
            let caption = Caption {
                vertical,
                ..Caption::default()
            };
            self.deliver(running, caption, watch).await?;
        }
        Ok(())
    }

    /// Takes the rows of a statement to where results go.
    pub(super) async fn deliver(
        &mut self,
        running: Running,
        caption: Caption,
        watch: Watch,
    ) -> Result<()> {
        let file = match (self.once.take(), &self.sink) {
            (Some(path), _) => Some(path),
            (None, Sink::File(path)) => Some(path.clone()),
            (None, Sink::Out) => None,
        };
        if let Some(path) = file {
            self.write_file(running, &caption, &path).await?;
        } else if self.console.interactive && (self.console.size)().is_some() {
            self.fill_screen(running, caption).await?;
        } else {
            self.feed_pipe(running, &caption).await?;
        }
        if self.settings.timer && self.console.interactive && !self.console.quiet {
            let seconds = watch.elapsed().as_secs_f64();
            let peak = self.session.peak_memory() as f64 / f64::from(1 << 20);
            let text = if peak >= 0.1 {
                format!("{seconds:.3} s · {peak:.1} MiB")
            } else {
                format!("{seconds:.3} s")
            };
            let _ = if self.console.color {
                writeln!(self.console.notes, "\u{1b}[2m{text}\u{1b}[0m")
            } else {
                writeln!(self.console.notes, "{text}")
            };
        }
        Ok(())
    }

    async fn fill_screen(&mut self, running: Running, caption: Caption) -> Result<()> {
        let mut holder = Holder::new(running.rows.schema(), HELD_BYTES);
        let limits = Limits {
            timeout: self.settings.timeout,
            interrupt: &self.console.interrupt,
            screen: Some(&mut *self.console.notes),
            lang: self.settings.lang,
        };
        drive(running, limits, |batch| {
            holder.push(batch);
            Ok(())
        })
        .await?;
        let mut held = holder.finish();
        held.title = caption.title;
        held.unit = caption.unit;
        let format = caption.vertical.then_some(Format::Vertical);
        self.keep(held);
        self.show_held(format.or(self.settings.mode), false)
    }

    /// The rows become the last result, also under the name `_`.
    pub(super) fn keep(&mut self, held: Held) {
        // Columns of the same name cannot be asked; the result is shown all the same.
        let _ = self
            .session
            .remember("_", Arc::clone(&held.schema), held.batches.clone());
        self.held = Some(held);
    }

    /// Shows the last result: `whole` with every row and digit.
    pub(super) fn show_held(&mut self, format: Option<Format>, whole: bool) -> Result<()> {
        let Some(held) = &self.held else {
            return Err(no_result());
        };
        if !self.console.interactive || (self.console.size)().is_none() {
            return self.write_held(format);
        }
        let view = View {
            format,
            width: if whole && format.is_some() {
                None
            } else {
                self.width()
            },
            height: (self.console.size)().map(|(_, lines)| lines),
            max_rows: if whole { None } else { self.settings.max_rows },
            null: self.settings.null.clone(),
            color: self.console.color,
            lang: self.settings.lang,
            labels: self.settings.labels,
            thousands: self.settings.thousands,
            full_precision: whole,
            ..View::default()
        };
        let mut text = Vec::new();
        let summary = present::show(held, &view, self.dictionary(), Box::new(&mut text))?;
        self.page(&text)?;
        if summary.hidden_columns.is_some() {
            self.note(&msg!(
                "end the statement with `\\G` to see all columns",
                "语句以 `\\G` 结尾可显示全部列"
            ));
        }
        if let Some(note) = self.held.as_ref().and_then(Held::note) {
            self.note(&note);
        }
        Ok(())
    }

    /// Writes the last result to a pipe, as any other result there.
    fn write_held(&mut self, format: Option<Format>) -> Result<()> {
        let Some(held) = &self.held else {
            return Err(no_result());
        };
        let format = format.or(self.settings.mode).unwrap_or(self.pipe_format);
        let caption = Caption {
            title: held.title.clone(),
            unit: held.unit.clone(),
            ..Caption::default()
        };
        let options = self.output_options(format, &caption);
        let mut out = writer(
            format,
            Arc::clone(&held.schema),
            &options,
            Box::new(&mut *self.console.out),
        )?;
        for batch in &held.batches {
            out.write(batch)?;
        }
        out.finish()?;
        Ok(())
    }

    /// Writes finished text to the screen, through the pager when it is long.
    pub(super) fn page(&mut self, text: &[u8]) -> Result<()> {
        let lines = memchr::memchr_iter(b'\n', text).count();
        let long = (self.console.size)().is_some_and(|(_, height)| lines > height);
        let paged = self.console.interactive
            && match self.settings.pager {
                Paging::Off => false,
                Paging::Auto => long,
                Paging::On => (self.console.size)().is_some(),
            };
        if let Some(pager) = self.console.pager.clone().filter(|_| paged)
            && super::outside::page(&pager, &String::from_utf8_lossy(text)).unwrap_or(false)
        {
            return Ok(());
        }
        self.console.out.write_all(text)?;
        self.console.out.flush()?;
        Ok(())
    }

    async fn feed_pipe(&mut self, running: Running, caption: &Caption) -> Result<()> {
        let format = if caption.vertical {
            Format::Vertical
        } else {
            self.settings.mode.unwrap_or(self.pipe_format)
        };
        let screen = (self.console.size)().is_some();
        if format.is_binary() && screen {
            return Err(Error::usage(msg!(
                "`{format}` is not for a terminal",
                "`{format}` 不能输出到终端"
            ))
            .hint(msg!(
                "write it to a file with `-o FILE`",
                "请用 `-o 文件` 写入文件"
            )));
        }
        let mut options = self.output_options(format, caption);
        if screen {
            options.width = self.width();
            options.color = self.console.color;
            options.max_rows = self.settings.max_rows;
        }
        let mut holder = Holder::new(running.rows.schema(), HELD_BYTES);
        let mut out = writer(
            format,
            running.rows.schema(),
            &options,
            Box::new(&mut *self.console.out),
        )?;
        let limits = Limits {
            timeout: self.settings.timeout,
            interrupt: &self.console.interrupt,
            screen: None,
            lang: self.settings.lang,
        };
        drive(running, limits, |batch| {
            out.write(&batch)?;
            holder.push(batch);
            Ok(())
        })
        .await?;
        let summary = out.finish()?;
        self.keep(holder.finish());
        self.tell(&summary);
        Ok(())
    }

    /// Says what a table left out.
    fn tell(&mut self, summary: &Summary) {
        if let Some((shown, total)) = summary.truncated {
            self.note(&msg!(
                "{shown} of {total} rows shown; `--max-rows 0` shows all",
                "共 {total} 行，显示 {shown} 行；用 `--max-rows 0` 显示全部"
            ));
        }
        if let Some((shown, total)) = summary.hidden_columns {
            self.note(&msg!(
                "{shown} of {total} columns shown; `--format vertical` shows all",
                "共 {total} 列，显示 {shown} 列；用 `--format vertical` 显示全部"
            ));
        }
    }

    async fn write_file(&mut self, running: Running, caption: &Caption, path: &Path) -> Result<()> {
        let format = if caption.vertical {
            Format::Vertical
        } else {
            // `--format` counts more than the name of the file, `.mode` less.
            let named = Format::from_path(path);
            if self.console.interactive {
                named.or(self.settings.mode)
            } else {
                self.settings.mode.or(named)
            }
            .unwrap_or(self.pipe_format)
        };
        let options = self.output_options(format, caption);
        let staged = Staged::create(path)?;
        let mut holder = Holder::new(running.rows.schema(), HELD_BYTES);
        let mut out = writer(
            format,
            running.rows.schema(),
            &options,
            Box::new(staged.file()?),
        )?;
        let limits = Limits {
            timeout: self.settings.timeout,
            interrupt: &self.console.interrupt,
            screen: self.console.interactive.then_some(&mut *self.console.notes),
            lang: self.settings.lang,
        };
        drive(running, limits, |batch| {
            out.write(&batch)?;
            holder.push(batch);
            Ok(())
        })
        .await?;
        let summary = out.finish()?;
        staged.publish()?;
        self.keep(holder.finish());
        let (rows, shown) = (summary.rows, path.display());
        let counted = counted(rows as u64, "row", "rows");
        self.note(&msg!(
            "{counted} written to `{shown}`",
            "已将 {rows} 行写入 `{shown}`"
        ));
        Ok(())
    }

    fn output_options(&self, format: Format, caption: &Caption) -> Options {
        let mut options = Options::new(format);
        if let Some(null) = &self.settings.null {
            options.null.clone_from(null);
        }
        options.encoding = self.encoding;
        options.title.clone_from(&caption.title);
        options.unit.clone_from(&caption.unit);
        options.notes.clone_from(&caption.notes);
        options.lang = self.settings.lang;
        options
    }
}

pub(super) fn no_result() -> Error {
    Error::usage(msg!("there is no result yet", "还没有结果"))
        .hint(msg!("run a statement first", "请先运行一条语句"))
}
