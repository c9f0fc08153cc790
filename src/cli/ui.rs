//! The terminal: language, colour, data to stdout and everything else to stderr. The one place
//! that prints.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};

use crate::error::{Error, Lang, Message};

/// Where and how a command talks.
#[derive(Debug, Clone)]
pub(crate) struct Ui {
    /// Language of messages.
    pub(crate) lang: Lang,
    /// Whether stdout may have colours.
    pub(crate) color: bool,
    /// Says nothing but errors.
    pub(crate) quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Ui {
    pub(crate) fn new(lang: Option<&str>, color: Color, quiet: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => !no_color && std::io::stdout().is_terminal(),
        };
        Self {
            lang: language(lang),
            color,
            quiet,
        }
    }

    /// A remark for people, on stderr.
    pub(crate) fn note(&self, message: &Message) {
        if !self.quiet {
            self.line(message.text(self.lang));
        }
    }

    /// A line of text for people, on stderr.
    pub(crate) fn line(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    /// A line that tells of a failure, on stderr.
    pub(crate) fn always(&self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// The failure of a command, on stderr.
    pub(crate) fn error(&self, error: &Error) {
        let _ = write!(std::io::stderr().lock(), "{}", error.render(self.lang));
    }

    /// Where data goes.
    pub(crate) fn data(&self) -> Box<dyn Write + Send> {
        Box::new(std::io::stdout())
    }

    /// Where everything else goes.
    pub(crate) fn remarks(&self) -> Box<dyn Write + Send> {
        Box::new(std::io::stderr())
    }

    /// Whether stdout is a terminal.
    pub(crate) fn is_terminal(&self) -> bool {
        std::io::stdout().is_terminal()
    }

    /// Whether progress can be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }

    /// Columns of the terminal, when stdout is one.
    pub(crate) fn width(&self) -> Option<usize> {
        screen().map(|(columns, _)| columns)
    }
}

/// Whether somebody sits at both ends.
pub(crate) fn at_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Columns and lines of the terminal, when stdout is one.
pub(crate) fn screen() -> Option<(usize, usize)> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (lines, columns) = console::Term::stdout().size();
    Some((
        given("COLUMNS").unwrap_or(usize::from(columns)),
        given("LINES").unwrap_or(usize::from(lines)),
    ))
}

/// What follows `--lang`, looked up before the arguments are parsed: help and complaints about the
/// arguments themselves have a language, too.
pub(super) fn language_flag(args: &[OsString]) -> Option<String> {
    let mut args = args.iter().skip(1).map(|arg| arg.to_string_lossy());
    while let Some(arg) = args.next() {
        if arg == "--" {
            return None;
        }
        if arg == "--lang" {
            return args.next().map(|value| value.into_owned());
        }
        if let Some(value) = arg.strip_prefix("--lang=") {
            return Some(value.to_owned());
        }
    }
    None
}

/// The language of messages: the flag, `RENKOU_LANG`, then the locale.
pub(super) fn language(flag: Option<&str>) -> Lang {
    let from = |text: &str| {
        if text.to_ascii_lowercase().starts_with("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    };
    if let Some(text) = flag {
        return from(text);
    }
    for name in ["RENKOU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
        if let Ok(text) = std::env::var(name)
            && !text.is_empty()
        {
            return from(&text);
        }
    }
    Lang::En
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_known_before_the_arguments_are_parsed() {
        let flag = |line: &str| {
            let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            language_flag(&args)
        };
        assert_eq!(flag("renkou --lang zh --help").as_deref(), Some("zh"));
        assert_eq!(
            flag("renkou ingest --help --lang=zh").as_deref(),
            Some("zh")
        );
        assert_eq!(flag("renkou ingest --help"), None);
        assert_eq!(flag("renkou ingest -- --lang zh"), None);
        assert_eq!(flag("renkou --lang"), None);
        assert_eq!(language(Some("zh")), Lang::Zh);
        assert_eq!(language(Some("en")), Lang::En);
    }
}
