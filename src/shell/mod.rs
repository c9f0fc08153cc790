//! The SQL shell: statements and commands in, results out.
//!
//! Entry point: [`Shell`]. It works on any input of lines and any [`Write`]; the line editor is only
//! at its edge ([`edge`]). `renkou shell` gives it a terminal, `renkou sql` a script, tests a string.
//!
//! Never reads the environment, never prints by itself, never changes the warehouse: what it needs
//! from outside is in its [`Console`].

mod catalogue;
pub mod chart;
pub mod command;
mod commands;
pub mod complete;
mod crosstab;
pub mod edge;
mod fuzzy;
mod help;
pub mod highlight;
mod history;
mod knowledge;
mod margin;
pub mod outside;
pub mod present;
mod privacy;
mod run;
pub mod script;
mod session;
mod settings;
mod show;
mod token;

use std::cell::OnceCell;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use crate::error::{Error, Kind, Lang, Message, Result};
use crate::msg;
use crate::output::{Format, TextEncoding};
use crate::query::Library;
use crate::warehouse::{AsOf, Session, SessionOptions, Warehouse};

pub use present::Held;
pub use script::{Item, Script};
pub use settings::{EditMode, Paging, Settings};

use present::Dictionary;

/// What the shell is connected to.
pub struct Console {
    /// Where data goes.
    pub out: Box<dyn Write + Send>,
    /// Where everything else goes.
    pub notes: Box<dyn Write + Send>,
    /// Columns and lines of the screen that `out` is; `None` when it is none.
    pub size: fn() -> Option<(usize, usize)>,
    /// Whether somebody sits in front of it: prompts, timing, progress, paging.
    pub interactive: bool,
    /// Whether only errors are told.
    pub quiet: bool,
    /// Whether colours are wanted.
    pub color: bool,
    /// Rings when the user presses Ctrl-C.
    pub interrupt: Arc<Notify>,
    /// The clock.
    pub now: fn() -> DateTime<Utc>,
    /// The command that pages long results.
    pub pager: Option<String>,
    /// The command that edits a text file.
    pub editor: Option<String>,
    /// Reads the time of a snapshot as people here write it.
    pub moment: fn(&str) -> Result<AsOf>,
    /// Writes the time of a snapshot so.
    pub local: fn(&str) -> String,
    /// Who is asking, for the audit log.
    pub actor: String,
    /// Where `~` leads.
    pub home: Option<PathBuf>,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").finish_non_exhaustive()
    }
}

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sink {
    /// To the screen or pipe.
    #[default]
    Out,
    /// Each to this file, replacing it.
    File(PathBuf),
}

/// What to do after an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Leave the shell.
    Quit,
    /// Let the user edit this text, then run it.
    Edit(String),
    /// Show what was typed before, or search it.
    History(Option<String>),
}

/// A session of the shell.
#[derive(Debug)]
pub struct Shell {
    warehouse: Warehouse,
    options: SessionOptions,
    as_of: AsOf,
    session: Session,
    unsealed: bool,
    library: OnceCell<Library>,
    dictionary: OnceCell<Dictionary>,
    /// The dictionary of the saved query or the tables that the last result came from.
    dressed: Option<Dictionary>,
    /// What can be set.
    pub settings: Settings,
    /// Values of `$name` in statements.
    pub params: Vec<(String, String)>,
    /// Encoding of csv and tsv results.
    pub encoding: TextEncoding,
    /// Format of results that go to no screen, when none is set.
    pub pipe_format: Format,
    sink: Sink,
    once: Option<PathBuf>,
    held: Option<Held>,
    last_sql: Option<String>,
    console: Console,
    depth: usize,
}

/// Files that read files are followed so deep.
const DEEPEST: usize = 16;

impl Shell {
    /// A session on a warehouse.
    ///
    /// # Errors
    /// When the snapshot does not exist.
    pub fn new(
        warehouse: Warehouse,
        options: SessionOptions,
        as_of: AsOf,
        lang: Lang,
        console: Console,
    ) -> Result<Self> {
        let session = warehouse.session(&as_of, &options)?;
        Ok(Self {
            unsealed: options.unseal.is_some(),
            warehouse,
            options,
            as_of,
            session,
            library: OnceCell::new(),
            dictionary: OnceCell::new(),
            dressed: None,
            settings: Settings::new(lang),
            params: Vec::new(),
            encoding: TextEncoding::Utf8,
            pipe_format: Format::Csv,
            sink: Sink::Out,
            once: None,
            held: None,
            last_sql: None,
            console,
            depth: 0,
        })
    }

    /// Runs one statement or command.
    ///
    /// # Errors
    /// When it fails; the session goes on.
    pub async fn run(&mut self, item: &Item) -> Result<Flow> {
        match item {
            Item::Sql {
                text,
                vertical,
                line,
            } => {
                self.statement(text, *vertical, *line).await?;
                Ok(Flow::Continue)
            }
            Item::Command { text, .. } => self.command(text).await,
        }
    }

    /// Runs a script, and stops at its first error unless told to go on.
    ///
    /// # Errors
    /// The first error, with the line on which its statement starts when `place` names the script;
    /// when it goes on, errors are shown as they come, and the last one tells how many there were.
    pub async fn script(&mut self, text: &str, place: Option<&str>, go_on: bool) -> Result<Flow> {
        let items = script::parse(text);
        let (mut failed, all) = (0, items.len());
        for item in items {
            let (Item::Sql { line, .. } | Item::Command { line, .. }) = item;
            match self.run(&item).await {
                Ok(Flow::Quit) if failed == 0 => return Ok(Flow::Quit),
                Ok(Flow::Quit) => break,
                Ok(_) => {}
                Err(error) => {
                    let error = match place {
                        Some(place) => {
                            error.context(msg!("{place}, line {line}", "{place} 第 {line} 行"))
                        }
                        None => error,
                    };
                    if !go_on || error.kind() == Kind::Interrupted {
                        return Err(error);
                    }
                    self.error(&error);
                    failed += 1;
                }
            }
        }
        if failed > 0 {
            return Err(Error::work(msg!(
                "{failed} of {all} statements failed",
                "{all} 条语句中有 {failed} 条失败"
            )));
        }
        Ok(Flow::Continue)
    }

    /// Reads lines until their end and runs them: the shell without a line editor.
    ///
    /// # Errors
    /// When input or output is gone. Errors of statements are shown, and the session goes on.
    pub async fn lines(&mut self, input: &mut (dyn BufRead + Send)) -> Result<()> {
        let mut script = Script::new();
        let mut line = String::new();
        loop {
            if self.console.interactive {
                let prompt = if script.is_open() {
                    self.continuation(script.open())
                } else {
                    self.prompt()
                };
                write!(self.console.out, "{prompt}")?;
                self.console.out.flush()?;
            }
            line.clear();
            let end = input.read_line(&mut line)? == 0;
            let items = if end {
                script.finish().into_iter().collect()
            } else {
                script.feed(line.trim_end_matches(['\n', '\r']))
            };
            for item in items {
                match self.run(&item).await {
                    Ok(Flow::Quit) => return Ok(()),
                    Ok(_) => {}
                    Err(error) => self.error(&error),
                }
            }
            if end {
                return Ok(());
            }
        }
    }

    /// What invites a statement: the snapshot when it is an older one, `!` when unsealed.
    #[must_use]
    pub fn prompt(&self) -> String {
        let at = match &self.as_of {
            AsOf::Latest => String::new(),
            _ => format!("@{}", self.session.snapshot().id),
        };
        let sign = if self.unsealed { "!" } else { "" };
        format!("renkou{at}{sign}> ")
    }

    /// What invites the rest of a statement; as wide as the prompt.
    #[must_use]
    pub fn continuation(&self, open: Option<script::Open>) -> String {
        let width = self.prompt().chars().count().saturating_sub(3);
        let sign = open.map_or('-', script::Open::sign);
        format!("{}{sign}> ", " ".repeat(width))
    }

    /// Writes every result to this file, in the pipe's format, until told otherwise.
    pub fn write_to(&mut self, path: &std::path::Path) {
        self.settings.mode = Some(self.pipe_format);
        self.sink = Sink::File(path.to_owned());
    }

    /// Saved queries, read when first asked for: a script may not need them.
    fn library(&self) -> Result<&Library> {
        if self.library.get().is_none() {
            let library = Library::load(&self.warehouse.folder().join("queries"))?;
            let _ = self.library.set(library);
        }
        self.library
            .get()
            .ok_or_else(|| Error::work(msg!("no saved queries", "没有已存查询")))
    }

    /// Labels and units of all tables.
    fn catalog_dictionary(&self) -> &Dictionary {
        let of_catalog = || Dictionary::new(self.warehouse.catalog());
        self.dictionary.get_or_init(of_catalog)
    }

    /// Labels and units for what is shown.
    fn dictionary(&self) -> &Dictionary {
        self.dressed
            .as_ref()
            .unwrap_or_else(|| self.catalog_dictionary())
    }

    /// Changes with everything that completion depends on.
    #[must_use]
    pub fn state(&self) -> String {
        let columns = self.held.as_ref().map(|held| held.schema.fields().clone());
        format!(
            "{} {:?} {} {columns:?}",
            self.session.snapshot().id,
            self.settings.lang,
            self.unsealed
        )
    }

    /// Lets the user change `text` in an editor; gives what came of it.
    ///
    /// # Errors
    /// When no editor is known or it fails.
    pub fn edit(&mut self, text: &str, folder: &std::path::Path) -> Result<String> {
        let editor = self.console.editor.clone().ok_or_else(|| {
            Error::usage(msg!("no editor is known", "没有设置编辑器")).hint(msg!(
                "set the environment variable EDITOR, such as `export EDITOR=nano`",
                "请设置环境变量 EDITOR，例如 `export EDITOR=nano`"
            ))
        })?;
        outside::external_editor(&editor, text, folder)
    }

    /// Shows lines of text.
    ///
    /// # Errors
    /// When the screen is gone.
    pub fn list(&mut self, lines: &[String]) -> Result<()> {
        let text: String = lines
            .iter()
            .flat_map(|line| [line.as_str(), "\n"])
            .collect();
        self.page(text.as_bytes())
    }

    /// Shows an error to the user.
    pub fn error(&mut self, error: &Error) {
        let _ = self.console.out.flush();
        let text = error.render(self.settings.lang);
        let _ = write!(self.console.notes, "{text}");
        let _ = self.console.notes.flush();
    }

    /// Tells the user something.
    pub(crate) fn note(&mut self, message: &Message) {
        if self.console.quiet {
            return;
        }
        let text = message.text(self.settings.lang);
        let _ = writeln!(self.console.notes, "{text}");
    }

    /// A line of text to the screen.
    fn line(&mut self, text: &str) -> Result<()> {
        writeln!(self.console.out, "{text}")?;
        Ok(())
    }

    fn zh(&self) -> bool {
        self.settings.lang == Lang::Zh
    }

    /// Columns of the screen, when there is one.
    fn width(&self) -> Option<usize> {
        let screen = (self.console.size)().map(|(columns, _)| columns);
        match self.settings.width {
            Some(width) => Some(width),
            None => screen,
        }
    }

    /// Whether what is typed may be remembered.
    #[must_use]
    pub fn is_unsealed(&self) -> bool {
        self.unsealed
    }

    /// A path as typed: `~` is the home folder.
    fn path(&self, text: &str) -> PathBuf {
        match (text.strip_prefix("~/"), &self.console.home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(text),
        }
    }
}
