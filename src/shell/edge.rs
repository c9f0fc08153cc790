//! The keyboard: editing a statement over several lines on a real terminal, with colours,
//! completion, hints and history. Entry points: [`Terminal::open`], [`Terminal::read`].
//! The only place that knows the line editor. Never runs what was typed, and never decides what is
//! completed or hinted: the caller hands over functions for that.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::completion::{Completer, Pair};
use rustyline::config::{BellStyle, Configurer as _};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint, Hinter};
use rustyline::history::{History as EditorHistory, SearchDirection, SearchResult};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    CharSearch, Cmd, ColorMode, CompletionType, ConditionalEventHandler, Config, Context, Editor,
    Event, EventContext, EventHandler, Helper, InputMode, KeyCode, KeyEvent, Modifiers, Movement,
    RepeatCount,
};
use unicode_width::UnicodeWidthStr as _;

use super::fuzzy::Found;
use super::highlight::{self, Theme};
use super::history::History;
use super::margin::{self, Place};
use super::script;
use crate::error::{Error, Lang, Result};
use crate::msg;

/// Completes: the text and the cursor (a byte) give where the word starts, and for each choice what
/// is put there and what the list shows. Two blanks in the latter set a remark apart.
pub type Complete = Arc<dyn Fn(&str, usize) -> (usize, Vec<(String, String)>) + Send + Sync>;

/// Hints: the text and the cursor give what may follow; taken over with the right arrow.
pub type Suggest = Arc<dyn Fn(&str, usize) -> Option<String> + Send + Sync>;

/// The keys of the line editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EditMode {
    /// As in Emacs and bash.
    #[default]
    Emacs,
    /// As in vi.
    Vi,
}

/// How a terminal is opened.
#[derive(Clone)]
pub struct Options {
    /// The history file; without one, history ends with the session.
    pub history: Option<PathBuf>,
    /// The keys.
    pub edit_mode: EditMode,
    /// The colours.
    pub theme: Theme,
    /// The language of the line that searches the history.
    pub lang: Lang,
    /// What Tab does.
    pub complete: Complete,
    /// What is shown behind the cursor.
    pub suggest: Suggest,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            history: None,
            edit_mode: EditMode::default(),
            theme: Theme::default(),
            lang: Lang::default(),
            complete: Arc::new(|_, at| (at, Vec::new())),
            suggest: Arc::new(|_, _| None),
        }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Complete statements or commands, possibly several when they were pasted: for
    /// [`script::parse`].
    Line(String),
    /// The user wants to go on writing this in an editor; hand what comes of it to
    /// [`Terminal::start_with`].
    Edit(String),
    /// Ctrl-C: what was typed is dropped.
    Interrupted,
    /// Ctrl-D on an empty line, or the end of the input.
    End,
}

/// A terminal with somebody at it.
pub struct Terminal {
    editor: Editor<Assistant, Recall>,
    state: Shared,
    /// What the next line begins with.
    initial: String,
}

impl Terminal {
    /// Takes hold of the terminal on standard input and output. Nothing is written yet.
    ///
    /// # Errors
    /// When there is no usable terminal. A history file that cannot be read is no error: see
    /// [`Self::history_problem`].
    pub fn open(options: Options) -> Result<Self> {
        let (history, problem) = match options.history.as_deref().map(History::load) {
            None => (History::in_memory(), None),
            Some(Ok(history)) => (history, None),
            Some(Err(problem)) => (History::in_memory(), Some(problem)),
        };
        let state = Shared(Arc::new(Mutex::new(State {
            history,
            problem,
            theme: options.theme,
            lang: options.lang,
            ..State::default()
        })));
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .completion_show_all_if_ambiguous(true)
            .completion_prompt_limit(200)
            .bell_style(BellStyle::None)
            .color_mode(ColorMode::Forced)
            .edit_mode(options.edit_mode.into())
            .auto_add_history(false)
            .bracketed_paste(true)
            .build();
        let recall = Recall(state.clone());
        let mut editor = Editor::with_history(config, recall).map_err(broken)?;
        editor.set_helper(Some(Assistant {
            state: state.clone(),
            complete: options.complete,
            suggest: options.suggest,
        }));
        let keys = || EventHandler::Conditional(Box::new(Keys(state.clone())));
        editor.bind_sequence(Event::Any, keys());
        let to_editor = vec![KeyEvent::ctrl('X'), KeyEvent::ctrl('E')];
        editor.bind_sequence(Event::KeySeq(to_editor), keys());
        Ok(Self {
            editor,
            state,
            initial: String::new(),
        })
    }

    /// Reads until a statement or command is complete. `continuation` stands before further lines,
    /// moved to the right to be as wide as `prompt`; a `-` in it becomes the sign of what is open:
    /// `'`, `"`, `(`, `*`, `$`.
    ///
    /// # Errors
    /// When the terminal fails.
    pub fn read(&mut self, prompt: &str, continuation: &str) -> Result<Read> {
        let initial = {
            let mut state = self.state.lock();
            let last = prompt.rsplit('\n').next().unwrap_or(prompt);
            let missing = last.width().saturating_sub(continuation.width());
            state.continuation = format!("{}{continuation}", " ".repeat(missing));
            state.width = state.continuation.width();
            state.wants_editor = false;
            state.search = None;
            state.is_searching = false;
            margin::put(&std::mem::take(&mut self.initial), state.width)
        };
        let read = self.editor.readline_with_initial(prompt, (&initial, ""));
        let state = self.state.lock();
        match read {
            Ok(text) => {
                let text = margin::take(&text, state.width);
                Ok(if state.wants_editor {
                    Read::Edit(text)
                } else {
                    Read::Line(text)
                })
            }
            Err(ReadlineError::Interrupted) => Ok(Read::Interrupted),
            Err(ReadlineError::Eof) => Ok(Read::End),
            Err(error) => Err(broken(error)),
        }
    }

    /// What the next line begins with, for the user to change or run.
    pub fn start_with(&mut self, text: &str) {
        text.trim_end().clone_into(&mut self.initial);
    }

    /// Remembers what was typed; `unsealed` says that identities were open, so that this session
    /// alone may know it. Gives whether it was stored.
    ///
    /// # Errors
    /// When the history file cannot be written.
    pub fn add_history(&mut self, text: &str, unsealed: bool) -> Result<bool> {
        self.state.lock().history.add(text, unsealed)
    }

    /// Forgets what may not be stored: when identities are closed again.
    pub fn forget_secrets(&mut self) {
        self.state.lock().history.forget_secrets();
    }

    /// The last `count` entries that may be shown, oldest first.
    #[must_use]
    pub fn last_entries(&self, count: usize) -> Vec<String> {
        let state = self.state.lock();
        let mut entries: Vec<String> = state
            .history
            .entries()
            .rev()
            .take(count)
            .map(str::to_owned)
            .collect();
        entries.reverse();
        entries
    }

    /// Why there is no stored history, told once.
    pub fn history_problem(&mut self) -> Option<Error> {
        self.state.lock().problem.take()
    }

    /// Changes the keys.
    pub fn set_edit_mode(&mut self, mode: EditMode) {
        self.editor.set_edit_mode(mode.into());
    }

    /// Changes the colours.
    pub fn set_theme(&mut self, theme: Theme) {
        self.state.lock().theme = theme;
    }

    /// Changes the language of the line that searches the history.
    pub fn set_lang(&mut self, lang: Lang) {
        self.state.lock().lang = lang;
    }

    /// Columns and rows of the screen.
    pub fn size(&mut self) -> Option<(u16, u16)> {
        self.editor.dimensions()
    }
}

impl From<EditMode> for rustyline::EditMode {
    fn from(mode: EditMode) -> Self {
        match mode {
            EditMode::Emacs => Self::Emacs,
            EditMode::Vi => Self::Vi,
        }
    }
}

fn broken(error: ReadlineError) -> Error {
    Error::work(msg!("the terminal failed", "终端出错")).caused_by(msg!("{error}", "{error}"))
}

/// What the parts of the line editor have to know of each other.
#[derive(Default)]
struct State {
    history: History,
    problem: Option<Error>,
    theme: Theme,
    lang: Lang,
    /// The continuation prompt, as wide as the prompt.
    continuation: String,
    /// Its columns.
    width: usize,
    /// Ctrl-R was pressed and the search has not ended.
    is_searching: bool,
    /// What stood in the line when the search began: what is searched until something is typed.
    seed: String,
    search: Option<Search>,
    wants_editor: bool,
    /// The line is being left: no bracket is emphasised.
    is_final: bool,
}

/// A search of the history.
struct Search {
    query: String,
    found: Vec<Found>,
    /// Which of them is shown.
    rank: usize,
}

#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Completion, hints, colours and the decision what is complete.
struct Assistant {
    state: Shared,
    complete: Complete,
    suggest: Suggest,
}

impl Helper for Assistant {}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        pos: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let width = self.state.lock().width;
        let plain = margin::take(line, width);
        let (start, choices) = (self.complete)(&plain, margin::to_plain(line, pos, width));
        let pairs = choices
            .into_iter()
            .map(|(replacement, display)| Pair {
                display,
                replacement,
            })
            .collect();
        Ok((margin::from_plain(line, start, width).min(pos), pairs))
    }
}

/// What is shown behind the cursor.
struct Suggestion(String);

impl Hint for Suggestion {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        // What begins with a space is only to be read.
        (!self.0.starts_with(' ')).then_some(self.0.as_str())
    }
}

impl Hinter for Assistant {
    type Hint = Suggestion;

    fn hint(&self, line: &str, pos: usize, _: &Context<'_>) -> Option<Suggestion> {
        let width = {
            let state = self.state.lock();
            if state.is_searching {
                return None;
            }
            state.width
        };
        let plain = margin::take(line, width);
        let hint = (self.suggest)(&plain, margin::to_plain(line, pos, width))?;
        // The editor shows it as it is: a line break would have no margin.
        let first = hint.lines().next().unwrap_or_default();
        (!first.is_empty()).then(|| Suggestion(first.to_owned()))
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, pos: usize) -> Cow<'l, str> {
        let state = self.state.lock();
        let (theme, width) = (state.theme, state.width);
        if theme == Theme::None && !line.contains('\n') {
            return Cow::Borrowed(line);
        }
        let plain = margin::take(line, width);
        let marks = match &state.search {
            Some(search) if state.is_searching => search
                .found
                .get(search.rank)
                .map_or_else(Vec::new, |found| found.positions.clone()),
            _ if state.is_final => Vec::new(),
            _ => highlight::matching_bracket(&plain, margin::to_plain(line, pos, width))
                .map_or_else(Vec::new, |(a, b)| vec![a.min(b), a.max(b)]),
        };
        let painted = highlight::highlight_marked(&plain, theme, &marks);
        let prompt = |sign: char| {
            let prompt = state.continuation.replacen('-', &sign.to_string(), 1);
            highlight::faint(&prompt, theme)
        };
        Cow::Owned(margin::draw(line, &plain, &painted, width, prompt))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(
        &'s self,
        prompt: &'p str,
        default: bool,
    ) -> Cow<'b, str> {
        let mut state = self.state.lock();
        let searching = SEARCHING
            .iter()
            .find(|label| !default && prompt.starts_with(**label));
        state.is_searching = searching.is_some();
        let Some(label) = searching else {
            return match state.theme {
                Theme::None => Cow::Borrowed(prompt),
                _ => Cow::Owned(highlight::faint(prompt, state.theme)),
            };
        };
        // What was typed stands between quotes behind the label.
        let typed = prompt[label.len()..].trim_start_matches('`');
        let typed = typed.strip_suffix("': ").unwrap_or(typed);
        let shown = state.search_prompt(typed, prompt.width());
        Cow::Owned(highlight::faint(&shown, state.theme))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        Cow::Owned(highlight::faint(hint, self.state.lock().theme))
    }

    fn highlight_candidate<'c>(&self, candidate: &'c str, _: CompletionType) -> Cow<'c, str> {
        let theme = self.state.lock().theme;
        match candidate.split_once("  ") {
            Some((name, remark)) if theme != Theme::None => {
                Cow::Owned(format!("{name}  {}", highlight::faint(remark, theme)))
            }
            _ => Cow::Borrowed(candidate),
        }
    }

    fn highlight_char(&self, line: &str, pos: usize, kind: CmdKind) -> bool {
        let mut state = self.state.lock();
        state.is_final = kind == CmdKind::ForcedRefresh;
        if state.theme == Theme::None {
            // The margin is to be drawn all the same.
            return line.contains('\n');
        }
        match kind {
            CmdKind::MoveCursor => highlight::matching_bracket(
                &margin::take(line, state.width),
                margin::to_plain(line, pos, state.width),
            )
            .is_some(),
            CmdKind::Other | CmdKind::ForcedRefresh => true,
        }
    }
}

/// How the line editor's prompts of a search begin.
const SEARCHING: [&str; 2] = ["(failed reverse-i-search)", "(reverse-i-search)"];

impl State {
    /// The prompt of a search in exactly `width` columns, which the line editor has reckoned with.
    fn search_prompt(&self, typed: &str, width: usize) -> String {
        let counts = self.search.as_ref().map(|search| {
            let rank = search.rank + usize::from(!search.found.is_empty());
            format!("{rank}/{}", search.found.len())
        });
        let (long, close) = match self.lang {
            Lang::En => ("(fuzzy search", ")"),
            Lang::Zh => ("（查找历史", "）"),
        };
        let count = counts.map_or_else(String::new, |counts| format!(" {counts}"));
        let full = format!("{long}{count}{close} {typed}: ");
        let shown = if full.width() <= width {
            full
        } else {
            format!("({}) {typed}: ", count.trim_start())
        };
        let missing = width.saturating_sub(shown.width());
        format!("{shown}{}", " ".repeat(missing))
    }

    /// The entry of the history that a search shows, with margins.
    fn look_up(&mut self, term: &str, start: usize) -> Option<(String, usize)> {
        let query = if term.is_empty() { &self.seed } else { term };
        let last = self.history.len().checked_sub(1)?;
        match &mut self.search {
            // The line editor counts down from the newest entry; here it counts the best ones.
            Some(search) if search.query == *query => {
                search.rank = last.saturating_sub(start);
                if search.rank >= search.found.len() {
                    search.rank = 0;
                }
            }
            search => {
                *search = Some(Search {
                    query: query.to_owned(),
                    found: self.history.search(query),
                    rank: 0,
                });
            }
        }
        let search = self.search.as_ref()?;
        let found = search.found.get(search.rank)?;
        let text = self.history.get(found.place)?;
        Some((margin::put(text, self.width), last - search.rank))
    }
}

impl Validator for Assistant {
    fn validate(&self, ctx: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let plain = margin::take(ctx.input(), self.state.lock().width);
        Ok(match script::open_at_end(&plain) {
            None => ValidationResult::Valid(None),
            Some(_) => ValidationResult::Incomplete,
        })
    }
}

/// The keys that mean something else where a statement has several lines.
struct Keys(Shared);

impl ConditionalEventHandler for Keys {
    fn handle(
        &self,
        event: &Event,
        count: RepeatCount,
        positive: bool,
        ctx: &EventContext,
    ) -> Option<Cmd> {
        let mut state = self.0.lock();
        let key = *event.get(0)?;
        match key {
            KeyEvent(KeyCode::Char('R'), Modifiers::CTRL) => {
                if !state.is_searching {
                    state.seed = margin::take(ctx.line(), state.width);
                    state.search = None;
                }
                return None;
            }
            _ if state.is_searching => return None,
            KeyEvent(KeyCode::Char('X'), Modifiers::CTRL)
                if event.get(1) == Some(&KeyEvent::ctrl('E')) =>
            {
                state.wants_editor = true;
                return Some(Cmd::AcceptLine);
            }
            KeyEvent(KeyCode::Char('e'), Modifiers::ALT) => {
                state.wants_editor = true;
                return Some(Cmd::AcceptLine);
            }
            KeyEvent(KeyCode::Enter, Modifiers::ALT)
            | KeyEvent(KeyCode::Char('\r' | 'M'), Modifiers::ALT | Modifiers::CTRL_ALT) => {
                return Some(Cmd::Insert(1, margin::break_line(state.width)));
            }
            KeyEvent(KeyCode::Enter, _) | KeyEvent(KeyCode::Char('J' | 'M'), Modifiers::CTRL) => {
                return enter(ctx, state.width);
            }
            _ => {}
        }
        if !positive || count != 1 {
            return None;
        }
        let is_vi_command =
            ctx.mode() == rustyline::EditMode::Vi && ctx.input_mode() == InputMode::Command;
        let place = margin::place(ctx.line(), ctx.pos(), state.width);
        match (place, Motion::of(key, is_vi_command)?) {
            // The line begins behind the margin.
            (Place::Behind(0), Motion::Home) => Some(Cmd::Noop),
            (Place::Behind(_), Motion::Home) => Some(Cmd::Move(TO_MARGIN)),
            (Place::Within, Motion::Home) => beyond_margin(ctx, state.width).map(Cmd::Move),
            (Place::Behind(1..), Motion::KillToHome) => Some(Cmd::Kill(TO_MARGIN)),
            // To the end of the line above, over the margin.
            (Place::Behind(0), Motion::Left) => Some(Cmd::Move(TO_LINE_ABOVE)),
            (Place::Behind(0), Motion::Erase | Motion::KillToHome) => {
                Some(Cmd::Kill(TO_LINE_ABOVE))
            }
            // From the end of a line, over the margin of the next one.
            (_, Motion::Right) if is_before_margin(ctx, state.width) => {
                beyond_margin(ctx, state.width).map(Cmd::Move)
            }
            (_, Motion::Delete) if is_before_margin(ctx, state.width) => {
                Some(Cmd::Kill(match beyond_margin(ctx, state.width)? {
                    Movement::ViCharSearch(n, CharSearch::Forward(c)) => {
                        Movement::ViCharSearch(n, CharSearch::ForwardBefore(c))
                    }
                    other => other,
                }))
            }
            _ => None,
        }
    }
}

// The line editor overrules the counts of commands, so places are named by the characters there.

/// Back to the end of the margin.
const TO_MARGIN: Movement = Movement::ViCharSearch(1, CharSearch::BackwardAfter(margin::BLANK));
/// Back to the end of the line above.
const TO_LINE_ABOVE: Movement = Movement::ViCharSearch(1, CharSearch::Backward('\n'));

/// What a key does to a line without a margin.
enum Motion {
    Home,
    Left,
    Right,
    Erase,
    KillToHome,
    Delete,
}

impl Motion {
    fn of(key: KeyEvent, is_vi_command: bool) -> Option<Self> {
        match key {
            KeyEvent(KeyCode::Home, Modifiers::NONE)
            | KeyEvent(KeyCode::Char('A'), Modifiers::CTRL) => Some(Self::Home),
            KeyEvent(KeyCode::Left, Modifiers::NONE)
            | KeyEvent(KeyCode::Char('B'), Modifiers::CTRL) => Some(Self::Left),
            KeyEvent(KeyCode::Right, Modifiers::NONE)
            | KeyEvent(KeyCode::Char('F'), Modifiers::CTRL) => Some(Self::Right),
            KeyEvent(KeyCode::Char(c), Modifiers::NONE) if is_vi_command => match c {
                '0' | '^' => Some(Self::Home),
                'h' => Some(Self::Left),
                'l' | ' ' => Some(Self::Right),
                _ => None,
            },
            KeyEvent(KeyCode::Backspace, Modifiers::NONE)
            | KeyEvent(KeyCode::Char('H' | 'W'), Modifiers::CTRL) => Some(Self::Erase),
            KeyEvent(KeyCode::Char('U'), Modifiers::CTRL) => Some(Self::KillToHome),
            KeyEvent(KeyCode::Delete, Modifiers::NONE)
            | KeyEvent(KeyCode::Char('D'), Modifiers::CTRL) => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A new line when the statement goes on; otherwise the line editor's own way, which is to leave.
fn enter(ctx: &EventContext, width: usize) -> Option<Cmd> {
    script::open_at_end(&margin::take(ctx.line(), width))?;
    Some(Cmd::Insert(1, margin::break_line(width)))
}

/// From the margin, or the line break before it, to the first character behind it.
fn beyond_margin(ctx: &EventContext, width: usize) -> Option<Movement> {
    let rest = ctx.line().get(ctx.pos()..)?;
    let line = rest.strip_prefix('\n').unwrap_or(rest);
    let behind = line
        .chars()
        .take(width)
        .take_while(|c| *c == margin::BLANK)
        .count();
    Some(match line.chars().nth(behind) {
        Some('\n') if line.len() == rest.len() => Movement::EndOfLine,
        Some(c) => Movement::ViCharSearch(1, CharSearch::Forward(c)),
        None => Movement::EndOfBuffer,
    })
}

fn is_before_margin(ctx: &EventContext, width: usize) -> bool {
    width > 0 && ctx.line()[ctx.pos()..].starts_with(&margin::break_line(width))
}

/// The history as the line editor sees it: with margins, and searched by likeness.
struct Recall(Shared);

impl Recall {
    fn result(&self, place: usize) -> Option<SearchResult<'static>> {
        let state = self.0.lock();
        let entry = margin::put(state.history.get(place)?, state.width);
        Some(SearchResult {
            pos: entry.len(),
            entry: Cow::Owned(entry),
            idx: place,
        })
    }
}

impl EditorHistory for Recall {
    fn get(&self, index: usize, _: SearchDirection) -> rustyline::Result<Option<SearchResult<'_>>> {
        Ok(self.result(index))
    }

    /// The terminal's owner adds.
    fn add(&mut self, _: &str) -> rustyline::Result<bool> {
        Ok(false)
    }

    fn add_owned(&mut self, _: String) -> rustyline::Result<bool> {
        Ok(false)
    }

    fn len(&self) -> usize {
        self.0.lock().history.len()
    }

    fn is_empty(&self) -> bool {
        self.0.lock().history.is_empty()
    }

    fn set_max_len(&mut self, _: usize) -> rustyline::Result<()> {
        Ok(())
    }

    fn ignore_dups(&mut self, _: bool) -> rustyline::Result<()> {
        Ok(())
    }

    fn ignore_space(&mut self, _: bool) {}

    fn save(&mut self, _: &std::path::Path) -> rustyline::Result<()> {
        Ok(())
    }

    fn append(&mut self, _: &std::path::Path) -> rustyline::Result<()> {
        Ok(())
    }

    fn load(&mut self, _: &std::path::Path) -> rustyline::Result<()> {
        Ok(())
    }

    fn clear(&mut self) -> rustyline::Result<()> {
        Ok(())
    }

    fn search(
        &self,
        term: &str,
        start: usize,
        _: SearchDirection,
    ) -> rustyline::Result<Option<SearchResult<'_>>> {
        let found = self.0.lock().look_up(term, start);
        Ok(found.map(|(entry, idx)| SearchResult {
            pos: entry.len(),
            entry: Cow::Owned(entry),
            idx,
        }))
    }

    fn starts_with(
        &self,
        term: &str,
        start: usize,
        dir: SearchDirection,
    ) -> rustyline::Result<Option<SearchResult<'_>>> {
        let (found, pos) = {
            let state = self.0.lock();
            let plain = margin::take(term, state.width);
            let fits = |place: &usize| {
                state
                    .history
                    .get(*place)
                    .is_some_and(|text| text.starts_with(&plain))
            };
            let found = match dir {
                SearchDirection::Reverse => (0..=start).rev().find(fits),
                SearchDirection::Forward => (start..state.history.len()).find(fits),
            };
            (found, term.len())
        };
        Ok(found
            .and_then(|place| self.result(place))
            .map(|result| SearchResult {
                pos: pos.min(result.entry.len()),
                ..result
            }))
    }
}
