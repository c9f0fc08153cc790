//! `renkou shell`: the SQL shell, on a terminal or on lines from a pipe.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::{App, actor};
use crate::error::Result;
use crate::msg;
use crate::shell::complete::{Knowledge, complete, hint};
use crate::shell::edge::{Options, Read, Terminal};
use crate::shell::highlight::Theme;
use crate::shell::{Console, Flow, Shell, script};

/// The SQL shell (also the default on a terminal)
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ShellArgs {
    /// Do not run ~/.config/renkou/init.sql
    #[arg(long)]
    no_init: bool,
    /// Run this file first, instead of ~/.config/renkou/init.sql
    #[arg(long, value_name = "FILE", conflicts_with = "no_init")]
    init: Option<PathBuf>,
    /// Keep no history of this session
    #[arg(long)]
    no_history: bool,
}

pub(super) async fn run(app: &App, args: ShellArgs) -> Result<()> {
    let interrupt = Arc::new(Notify::new());
    ring_on_ctrl_c(&interrupt);
    let terminal = super::ui::at_terminal();
    let mut shell = Shell::new(
        app.warehouse()?,
        app.session_options(),
        app.as_of()?,
        app.ui.lang,
        console(app, terminal, &interrupt),
    )?;
    if let Some(path) = init_file(&args) {
        let text = fs_err::read_to_string(&path)?;
        let place = path.display().to_string();
        if let Err(error) = shell.script(&text, Some(&place), false).await {
            shell.error(&error);
        }
    }
    if !terminal {
        return shell
            .lines(&mut std::io::BufReader::new(std::io::stdin()))
            .await;
    }
    greet(app);
    let history = state_folder()
        .filter(|_| !args.no_history)
        .map(|folder| folder.join("history"));
    converse(app, &mut shell, history).await
}

/// Reads, runs, shows, until the user leaves.
async fn converse(app: &App, shell: &mut Shell, history: Option<PathBuf>) -> Result<()> {
    let knowledge = Arc::new(Mutex::new(Arc::new(Knowledge::default())));
    let known = |knowledge: &Mutex<Arc<Knowledge>>| {
        Arc::clone(&knowledge.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let (for_tab, for_hints) = (Arc::clone(&knowledge), Arc::clone(&knowledge));
    let mut terminal = Terminal::open(Options {
        history,
        edit_mode: shell.settings.edit_mode,
        theme: theme(app),
        lang: shell.settings.lang,
        complete: Arc::new(move |text, at| {
            let found = complete(&known(&for_tab), text, at, &paths);
            let candidates = found.candidates.into_iter();
            let candidates = candidates.map(|candidate| (candidate.replacement, candidate.display));
            (found.start, candidates.collect())
        }),
        suggest: Arc::new(move |text, at| hint(&known(&for_hints), text, at)),
    })?;
    if let Some(problem) = terminal.history_problem() {
        shell.error(&problem);
    }
    let mut fresh = String::new();
    let mut edit_mode = shell.settings.edit_mode;
    loop {
        // Names change with a commit, another snapshot, another language.
        let state = shell.state();
        if state != fresh {
            let names = Arc::new(shell.knowledge().await?);
            *knowledge.lock().unwrap_or_else(PoisonError::into_inner) = names;
            terminal.set_lang(shell.settings.lang);
            fresh = state;
        }
        if shell.settings.edit_mode != edit_mode {
            edit_mode = shell.settings.edit_mode;
            terminal.set_edit_mode(edit_mode);
        }
        let text = match terminal.read(&shell.prompt(), "-> ")? {
            Read::Line(text) => text,
            Read::Edit(text) => {
                edit(shell, &mut terminal, &text);
                continue;
            }
            Read::Interrupted => continue,
            Read::End => break,
        };
        if !text.trim().is_empty()
            && let Err(error) = terminal.add_history(&text, shell.is_unsealed())
        {
            shell.error(&error);
        }
        for item in script::parse(&text) {
            match shell.run(&item).await {
                Ok(Flow::Continue) => {}
                Ok(Flow::Quit) => return Ok(()),
                Ok(Flow::Edit(text)) => edit(shell, &mut terminal, &text),
                Ok(Flow::History(what)) => tell_history(shell, &terminal, what.as_deref()),
                Err(error) => {
                    shell.error(&error);
                    // What was pasted after a failed statement may depend on it.
                    break;
                }
            }
        }
        if !shell.is_unsealed() {
            terminal.forget_secrets();
        }
    }
    Ok(())
}

fn edit(shell: &mut Shell, terminal: &mut Terminal, text: &str) {
    match shell.edit(text, &std::env::temp_dir()) {
        Ok(text) => terminal.start_with(&text),
        Err(error) => shell.error(&error),
    }
}

fn tell_history(shell: &mut Shell, terminal: &Terminal, what: Option<&str>) {
    let count = what.and_then(|what| what.parse().ok());
    let entries = match (what, count) {
        (Some(pattern), None) => {
            let pattern = pattern.to_lowercase();
            let mut entries = terminal.last_entries(usize::MAX);
            entries.retain(|entry| entry.to_lowercase().contains(&pattern));
            entries
        }
        (_, count) => terminal.last_entries(count.unwrap_or(20)),
    };
    if let Err(error) = shell.list(&entries) {
        shell.error(&error);
    }
}

fn greet(app: &App) {
    let version = env!("CARGO_PKG_VERSION");
    app.ui.note(&msg!(
        "Renkou {version} · `.help` for commands, Tab completes, Ctrl-D leaves",
        "人口（Renkou）{version} · 输入 `.help` 查看命令，Tab 补全，Ctrl-D 退出"
    ));
}

/// A console on this process's terminal.
pub(super) fn console(app: &App, interactive: bool, interrupt: &Arc<Notify>) -> Console {
    let first = |names: &[&str]| {
        names
            .iter()
            .filter_map(|name| std::env::var(name).ok())
            .find(|value| !value.trim().is_empty())
    };
    Console {
        out: app.ui.data(),
        notes: app.ui.remarks(),
        size: super::ui::screen,
        interactive,
        quiet: app.ui.quiet,
        color: app.ui.color,
        interrupt: Arc::clone(interrupt),
        now: chrono::Utc::now,
        moment: super::people::moment,
        local: super::people::local_stamp,
        pager: first(&["RENKOU_PAGER", "PAGER"])
            .or_else(|| Some(crate::shell::outside::DEFAULT_PAGER.to_owned())),
        editor: first(&["RENKOU_EDITOR", "VISUAL", "EDITOR"]),
        actor: actor(),
        home: home(),
    }
}

/// From now on Ctrl-C rings instead of ending the process.
fn ring_on_ctrl_c(interrupt: &Arc<Notify>) {
    let interrupt = Arc::clone(interrupt);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt.notify_waiters();
        }
    });
}

fn theme(app: &App) -> Theme {
    if !app.ui.color {
        return Theme::None;
    }
    // `COLORFGBG` is how terminals tell their background without being asked.
    let light = std::env::var("COLORFGBG")
        .ok()
        .and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok())
        .is_some_and(|background| matches!(background, 7 | 15));
    if light { Theme::Light } else { Theme::Dark }
}

fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .or_else(|| std::env::var_os("USERPROFILE"))
        .map(PathBuf::from)
}

/// The user's folder for what programs remember.
fn state_folder() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("RENKOU_STATE") {
        return Some(PathBuf::from(path));
    }
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let state = state.or_else(|| Some(home()?.join(".local/state")));
    state.map(|folder| folder.join("renkou"))
}

fn init_file(args: &ShellArgs) -> Option<PathBuf> {
    if args.no_init {
        return None;
    }
    if let Some(path) = &args.init {
        return Some(path.clone());
    }
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.or_else(|| Some(home()?.join(".config")))?;
    Some(config.join("renkou/init.sql")).filter(|path| path.exists())
}

/// Paths that begin with what was typed.
fn paths(typed: &str) -> Vec<String> {
    let (folder, start) = typed
        .rfind('/')
        .map_or(("", typed), |at| typed.split_at(at + 1));
    let place = match (folder.strip_prefix("~/"), home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if folder.is_empty() => PathBuf::from("."),
        _ => PathBuf::from(folder),
    };
    let Ok(entries) = fs_err::read_dir(&place) else {
        return Vec::new();
    };
    let mut found: Vec<String> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !start.starts_with('.');
            if hidden || !name.starts_with(start) {
                return None;
            }
            let slash = if is_folder(&entry.path()) { "/" } else { "" };
            Some(format!("{folder}{name}{slash}"))
        })
        .collect();
    found.sort();
    found
}

fn is_folder(path: &Path) -> bool {
    path.is_dir()
}
