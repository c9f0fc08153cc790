//! What failed, what caused it, what to do about it — in English and Chinese — and the exit code
//! it leads to. Entry points: [`Error`], [`msg!`](crate::msg). Prints nothing: the command line
//! renders an error in one place.

use std::fmt;
use std::sync::Arc;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;

/// A user-facing sentence in both languages of the product.
///
/// No trailing full stop; names in backticks; never an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Message {
    /// The sentence in `lang`.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// Builds a [`Message`] from an English and a Chinese format string; both may capture variables.
#[macro_export]
macro_rules! msg {
    ($en:literal, $zh:literal $(,)?) => {
        $crate::error::Message {
            en: format!($en),
            zh: format!($zh),
        }
    };
}

/// Language of what people read; data and column names do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

/// What kind of failure it is; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The work failed: SQL, load, a check with `--strict`. Exit 1.
    Work,
    /// Usage, configuration or catalog file error. Exit 2.
    Usage,
    /// Locked or unreachable; trying later may help. Exit 3.
    Locked,
    /// A time limit was reached. Exit 4.
    Timeout,
    /// Interrupted by the user. Exit 130.
    Interrupted,
}

impl Kind {
    /// The process exit code of this kind of failure.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Work => 1,
            Self::Usage => 2,
            Self::Locked => 3,
            Self::Timeout => 4,
            Self::Interrupted => 130,
        }
    }
}

/// A failure: what failed, its causes outermost first, and a hint.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: Message,
    excerpt: Option<String>,
    place: Option<(u32, u32)>,
    causes: Vec<Message>,
    hint: Option<Message>,
}

/// The result of anything that can fail in Renkou.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure of the given kind.
    #[must_use]
    pub fn new(kind: Kind, message: Message) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            excerpt: None,
            place: None,
            causes: Vec::new(),
            hint: None,
        }))
    }

    /// The work failed.
    #[must_use]
    pub fn work(message: Message) -> Self {
        Self::new(Kind::Work, message)
    }

    /// The user asked for something that cannot be, or a configuration file is wrong.
    #[must_use]
    pub fn usage(message: Message) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: Message) -> Self {
        self.0.hint = Some(hint);
        self
    }

    /// Adds a cause below the message.
    #[must_use]
    pub fn caused_by(mut self, cause: Message) -> Self {
        self.0.causes.push(cause);
        self
    }

    /// Shows the place in what the user wrote, as lines of text: the line and carets below it.
    ///
    /// For the screen only; never written to a log.
    #[must_use]
    pub fn excerpt(mut self, lines: String) -> Self {
        self.0.excerpt = Some(lines);
        self
    }

    /// Tells line and column, both from 1, of the place that the excerpt shows.
    #[must_use]
    pub fn at(mut self, place: (u32, u32)) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Puts `message` on top; what failed before becomes its cause.
    #[must_use]
    pub fn context(mut self, message: Message) -> Self {
        let before = std::mem::replace(&mut self.0.message, message);
        self.0.causes.insert(0, before);
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The same failure as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// What failed.
    #[must_use]
    pub fn message(&self) -> &Message {
        &self.0.message
    }

    /// Why, outermost first.
    #[must_use]
    pub fn causes(&self) -> &[Message] {
        &self.0.causes
    }

    /// The place in what the user wrote.
    #[must_use]
    pub fn excerpt_text(&self) -> Option<&str> {
        self.0.excerpt.as_deref()
    }

    /// Line and column of that place, both from 1, columns in characters.
    #[must_use]
    pub fn place(&self) -> Option<(u32, u32)> {
        self.0.place
    }

    /// What to do about it.
    #[must_use]
    pub fn hint_text(&self) -> Option<&Message> {
        self.0.hint.as_ref()
    }

    /// The failure as lines of text: message, causes, the place in the statement, hint.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let (error, cause, hint) = match lang {
            Lang::En => ("error: ", "  caused by: ", "hint: "),
            Lang::Zh => ("错误：", "  原因：", "提示："),
        };
        let mut text = format!("{error}{}\n", self.0.message.text(lang));
        for message in &self.0.causes {
            text.push_str(&format!("{cause}{}\n", message.text(lang)));
        }
        if let Some(lines) = &self.0.excerpt {
            text.push_str(lines);
            text.push('\n');
        }
        if let Some(message) = &self.0.hint {
            text.push_str(&format!("{hint}{}\n", message.text(lang)));
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message.en)?;
        for cause in &self.0.causes {
            write!(f, ": {}", cause.en)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Adds context to any result, converting foreign errors on the way.
pub trait Context<T> {
    /// Puts `message()` on top of the failure.
    ///
    /// # Errors
    /// The original failure, with the message on top.
    fn context(self, message: impl FnOnce() -> Message) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, message: impl FnOnce() -> Message) -> Result<T> {
        self.map_err(|error| error.into().context(message()))
    }
}

macro_rules! from_foreign {
    ($($type:ty => $en:literal, $zh:literal;)*) => {$(
        impl From<$type> for Error {
            fn from(error: $type) -> Self {
                let text = redacted(&error.to_string());
                Self::work(msg!($en, $zh)).caused_by(msg!("{text}", "{text}"))
            }
        }
    )*};
}

from_foreign! {
    parquet::errors::ParquetError => "Parquet failed", "Parquet 文件格式有误或已损坏";
    serde_json::Error => "JSON failed", "JSON 格式有误";
}

macro_rules! from_foreign_as_is {
    ($($type:ty => $en:literal, $zh:literal;)*) => {$(
        impl From<$type> for Error {
            fn from(error: $type) -> Self {
                Self::work(msg!($en, $zh)).caused_by(msg!("{error}", "{error}"))
            }
        }
    )*};
}

// What these say names files and tables, never cells.
from_foreign_as_is! {
    std::io::Error => "input or output failed", "读写文件失败";
    rusqlite::Error => "the lake catalog failed", "元数据库出错";
}

impl From<ArrowError> for Error {
    fn from(error: ArrowError) -> Self {
        Self::unwrapped(DataFusionError::from(error)).unwrap_or_else(|error| {
            let text = redacted(&error.find_root().strip_backtrace());
            Self::work(msg!("Arrow failed", "数据列的格式或类型有误"))
                .caused_by(msg!("{text}", "{text}"))
        })
    }
}

impl From<DataFusionError> for Error {
    /// One of our own failures that passed through the engine comes out as it went in; of the
    /// engine's own words, none that may hold a value of a cell are kept.
    fn from(error: DataFusionError) -> Self {
        Self::unwrapped(error).unwrap_or_else(|error| {
            let text = error.find_root().strip_backtrace();
            let text = match error.find_root() {
                DataFusionError::Plan(_)
                | DataFusionError::SchemaError(..)
                | DataFusionError::NotImplemented(_)
                | DataFusionError::Configuration(_)
                | DataFusionError::ResourcesExhausted(_)
                | DataFusionError::IoError(_) => text,
                _ => redacted(&text),
            };
            Self::work(msg!("the query failed", "查询失败")).caused_by(msg!("{text}", "{text}"))
        })
    }
}

impl Error {
    /// The failure of our own that the engine wrapped up.
    ///
    /// # Errors
    /// The engine's failure when it is not one of ours.
    pub(crate) fn unwrapped(error: DataFusionError) -> std::result::Result<Self, DataFusionError> {
        match error {
            DataFusionError::External(inner) => match inner.downcast::<Self>() {
                Ok(own) => Ok(*own),
                Err(other) => match other.downcast::<DataFusionError>() {
                    Ok(engine) => Self::unwrapped(*engine),
                    Err(other) => Err(DataFusionError::External(other)),
                },
            },
            DataFusionError::ArrowError(inner, place) => match *inner {
                ArrowError::ExternalError(inner) => {
                    Self::unwrapped(DataFusionError::External(inner))
                }
                other => Err(DataFusionError::ArrowError(Box::new(other), place)),
            },
            DataFusionError::Context(text, inner) => Self::unwrapped(*inner)
                .map_err(|inner| DataFusionError::Context(text, Box::new(inner))),
            DataFusionError::Diagnostic(diagnostic, inner) => Self::unwrapped(*inner)
                .map_err(|inner| DataFusionError::Diagnostic(diagnostic, Box::new(inner))),
            DataFusionError::Shared(inner) => match Arc::try_unwrap(inner) {
                Ok(inner) => Self::unwrapped(inner),
                Err(shared) => Err(DataFusionError::Shared(shared)),
            },
            other => Err(other),
        }
    }
}

/// The text without what stands in quotes and without numbers: in messages of the engine those may
/// be values of cells. Names of types such as `Int32` stay.
pub(crate) fn redacted(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_word = false;
    while let Some(character) = rest.chars().next() {
        match character {
            '\'' | '"' if !in_word => {
                // To the last quote of the line that is the same: values hold quotes, too.
                let line = rest.find('\n').unwrap_or(rest.len());
                let end = rest[1..line].rfind(character).map_or(line, |at| at + 2);
                kept.push_str(&format!("{character}…{character}"));
                rest = &rest[end..];
                continue;
            }
            '0'..='9' if !in_word => {
                let end = rest
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-')))
                    .unwrap_or(rest.len());
                kept.push('…');
                rest = &rest[end..];
                continue;
            }
            other => {
                in_word = other.is_alphanumeric() || other == '_';
                kept.push(other);
                rest = &rest[other.len_utf8()..];
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn context_goes_on_top_and_the_hint_stays() {
        let error = Error::usage(msg!("bad year", "年份有误"))
            .hint(msg!("use 2018", "请写 2018"))
            .context(msg!("cannot run `births`", "无法运行 `births`"));
        assert_eq!(
            error.render(Lang::En),
            "error: cannot run `births`\n  caused by: bad year\nhint: use 2018\n"
        );
        assert_eq!(
            error.render(Lang::Zh),
            "错误：无法运行 `births`\n  原因：年份有误\n提示：请写 2018\n"
        );
        assert_eq!(error.kind().exit_code(), 2);
    }

    #[test]
    fn the_place_in_the_statement_stands_before_the_hint() {
        let error = Error::work(msg!("no column `x`", "没有列 `x`"))
            .excerpt("  1 | select x\n    |        ^".to_owned())
            .hint(msg!("did you mean `y`?", "是否为 `y`？"));
        assert_eq!(
            error.render(Lang::Zh),
            "错误：没有列 `x`\n  1 | select x\n    |        ^\n提示：是否为 `y`？\n"
        );
        assert_eq!(error.to_string(), "no column `x`");
    }

    #[test]
    fn values_of_cells_are_not_passed_on() {
        for (text, kept) in [
            (
                "Cannot cast string '王\'小明' to value of Int32 type",
                "Cannot cast string '…' to value of Int32 type",
            ),
            (
                "Cannot cast string '王小明 to value of Int32 type",
                "Cannot cast string '…'",
            ),
            (
                "Overflow happened on: 150121199001 * 2.5e3",
                "Overflow happened on: … * …",
            ),
            (
                "Can't cast value 1e20 to type Int64",
                "Can't cast value … to type Int64",
            ),
            (
                "invalid type: string \"x\", expected u32",
                "invalid type: string \"…\", expected u32",
            ),
        ] {
            assert_eq!(redacted(text), kept);
        }
    }

    #[test]
    fn our_own_failures_pass_the_engine_unchanged() {
        let own = || Error::usage(msg!("sealed", "已密封"));
        let wrapped = DataFusionError::External(Box::new(own())).context("while reading");
        assert_eq!(Error::from(wrapped).message(), own().message());
        let wrapped =
            ArrowError::ExternalError(Box::new(DataFusionError::External(Box::new(own()))));
        assert_eq!(Error::from(wrapped).kind(), Kind::Usage);
    }
}
