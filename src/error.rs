//! What failed, what caused it, what to do about it — in English and Chinese — and the exit code
//! it leads to. Entry points: [`Error`], [`msg!`](crate::msg). Prints nothing: the command line
//! renders an error in one place.

use std::fmt;

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

    /// What to do about it.
    #[must_use]
    pub fn hint_text(&self) -> Option<&Message> {
        self.0.hint.as_ref()
    }

    /// The failure as lines of text: message, causes, hint.
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
                Self::work(msg!($en, $zh)).caused_by(msg!("{error}", "{error}"))
            }
        }
    )*};
}

from_foreign! {
    std::io::Error => "input or output failed", "读写失败";
    rusqlite::Error => "the lake catalog failed", "元数据库出错";
    parquet::errors::ParquetError => "Parquet failed", "Parquet 出错";
    arrow::error::ArrowError => "Arrow failed", "Arrow 出错";
    serde_json::Error => "JSON failed", "JSON 出错";
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(error: datafusion::error::DataFusionError) -> Self {
        let text = error.strip_backtrace();
        Self::work(msg!("the query failed", "查询失败")).caused_by(msg!("{text}", "{text}"))
    }
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
}
