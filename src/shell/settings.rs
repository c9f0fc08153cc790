//! What a user can set in the shell: [`Settings::set`] checks a value, [`Settings::shown`] tells all.

use std::time::Duration;

use super::command::SETTINGS;
pub use super::edge::EditMode;
use crate::catalog::nearest;
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::output::Format;

/// When long results are paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// Never.
    Off,
    /// When a result is longer than the screen.
    Auto,
    /// Always on a terminal.
    On,
}

/// Settings of a session.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Format of results; `None` picks table or vertical by what fits.
    pub mode: Option<Format>,
    /// Rows that a table shows; `None` = all.
    pub max_rows: Option<usize>,
    /// What stands for NULL; `None` = the format's own.
    pub null: Option<String>,
    /// Time and memory after each statement.
    pub timer: bool,
    /// Names beside codes.
    pub labels: bool,
    /// Separators in large numbers.
    pub thousands: bool,
    /// Paging.
    pub pager: Paging,
    /// How long a statement may take.
    pub timeout: Option<Duration>,
    /// Columns of the screen; `None` asks the terminal.
    pub width: Option<usize>,
    /// Keys of the line editor.
    pub edit_mode: EditMode,
    /// Language of messages.
    pub lang: Lang,
}

impl Settings {
    /// The usual ones.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self {
            mode: None,
            max_rows: Some(40),
            null: None,
            timer: true,
            labels: false,
            thousands: true,
            pager: Paging::Auto,
            timeout: None,
            width: None,
            edit_mode: EditMode::Emacs,
            lang,
        }
    }

    /// Changes one setting.
    ///
    /// # Errors
    /// When there is no such setting, or it does not take the value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "mode" => {
                self.mode = match value {
                    "auto" => None,
                    "duckbox" | "box" => Some(Format::Table),
                    "line" => Some(Format::Vertical),
                    "jsonlines" => Some(Format::Jsonl),
                    "tabs" => Some(Format::Tsv),
                    name => Some(text_format(name)?),
                }
            }
            "maxrows" => self.max_rows = Some(number(value)?).filter(|&rows| rows > 0),
            "nullvalue" => self.null = Some(value.to_owned()),
            "timer" => self.timer = on_off(value)?,
            "labels" => self.labels = on_off(value)?,
            "thousands" => self.thousands = on_off(value)?,
            "pager" => {
                self.pager = match value {
                    "auto" => Paging::Auto,
                    other => {
                        if on_off(other)? {
                            Paging::On
                        } else {
                            Paging::Off
                        }
                    }
                }
            }
            "timeout" => {
                let seconds: f64 = value
                    .parse()
                    .ok()
                    .filter(|seconds: &f64| (0.0..=1e7).contains(seconds))
                    .ok_or_else(|| {
                        Error::usage(msg!(
                            "`{value}` is not a number of seconds",
                            "`{value}` 不是秒数"
                        ))
                    })?;
                self.timeout = (seconds > 0.0).then(|| Duration::from_secs_f64(seconds));
            }
            "width" => self.width = Some(number(value)?).filter(|&columns| columns > 0),
            "edit_mode" => {
                self.edit_mode = match value {
                    "vi" => EditMode::Vi,
                    "emacs" => EditMode::Emacs,
                    other => return Err(choose(other, &["emacs", "vi"])),
                }
            }
            "lang" => {
                self.lang = match value {
                    "zh" => Lang::Zh,
                    "en" => Lang::En,
                    other => return Err(choose(other, &["en", "zh"])),
                }
            }
            unknown => {
                let near = nearest(unknown, SETTINGS.iter().map(|(name, ..)| *name));
                let error = Error::usage(msg!(
                    "there is no setting `{unknown}`",
                    "没有名为 `{unknown}` 的设置"
                ));
                return Err(match near {
                    Some(near) => {
                        error.hint(msg!("did you mean `{near}`?", "您是不是想用 `{near}`？"))
                    }
                    None => error.hint(msg!("`.show` lists all settings", "`.show` 列出全部设置")),
                });
            }
        }
        Ok(())
    }

    /// The value of a setting, as it would be given.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        let word = |on: bool| if on { "on" } else { "off" }.to_owned();
        match name {
            "mode" => self.mode.map_or("auto".to_owned(), |mode| mode.to_string()),
            "maxrows" => self.max_rows.unwrap_or(0).to_string(),
            "nullvalue" => self.null.clone().unwrap_or_else(|| "NULL".to_owned()),
            "timer" => word(self.timer),
            "labels" => word(self.labels),
            "thousands" => word(self.thousands),
            "pager" => match self.pager {
                Paging::Auto => "auto".to_owned(),
                Paging::On => word(true),
                Paging::Off => word(false),
            },
            "timeout" => self
                .timeout
                .map_or(0.0, |time| time.as_secs_f64())
                .to_string(),
            "width" => self.width.unwrap_or(0).to_string(),
            "edit_mode" => match self.edit_mode {
                EditMode::Emacs => "emacs".to_owned(),
                EditMode::Vi => "vi".to_owned(),
            },
            "lang" => match self.lang {
                Lang::En => "en".to_owned(),
                Lang::Zh => "zh".to_owned(),
            },
            _ => String::new(),
        }
    }
}

/// Reads a format that can be shown on a screen or in a text file.
///
/// # Errors
/// When there is no such format, or it is binary.
pub(super) fn text_format(name: &str) -> Result<Format> {
    let format: Format = name.parse()?;
    if format.is_binary() {
        return Err(Error::usage(msg!(
            "`{format}` is not for the screen",
            "`{format}` 不能在屏幕上显示"
        ))
        .hint(msg!(
            "write it to a file with `.once FILE`",
            "请用 `.once 文件` 写入文件"
        )));
    }
    Ok(format)
}

/// Reads `on` or `off`, and what other shells take for them.
///
/// # Errors
/// For anything else.
pub(super) fn on_off(word: &str) -> Result<bool> {
    match word.to_ascii_lowercase().as_str() {
        "on" | "yes" | "true" | "1" | "开" => Ok(true),
        "off" | "no" | "false" | "0" | "关" => Ok(false),
        other => Err(choose(other, &["on", "off"])),
    }
}

fn number(text: &str) -> Result<usize> {
    text.replace([',', '_'], "")
        .parse()
        .map_err(|_| Error::usage(msg!("`{text}` is not a whole number", "`{text}` 不是整数")))
}

fn choose(given: &str, choices: &[&str]) -> Error {
    let list = choices.join("`, `");
    let list_zh = choices.join("`、`");
    Error::usage(msg!("`{given}` does not fit", "`{given}` 不可用"))
        .hint(msg!("choose from `{list}`", "可选 `{list_zh}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_of_the_table_takes_its_own_value_back() {
        let mut settings = Settings::new(Lang::En);
        for (name, choices, ..) in SETTINGS {
            let value = settings.value(name);
            assert!(!value.is_empty(), "{name}");
            settings.set(name, &value).unwrap();
            assert_eq!(settings.value(name), value);
            for choice in *choices {
                settings.set(name, choice).unwrap();
                assert_eq!(&settings.value(name), choice, "{name}");
            }
        }
    }

    #[test]
    fn a_wrong_setting_names_the_nearest() {
        let mut settings = Settings::new(Lang::En);
        let error = settings.set("maxrow", "3").unwrap_err();
        assert!(error.render(Lang::En).contains("maxrows"));
        assert!(settings.set("maxrows", "many").is_err());
        assert!(settings.set("mode", "parquet").is_err());
        assert!(settings.set("timer", "maybe").is_err());
    }

    #[test]
    fn zero_takes_limits_away() {
        let mut settings = Settings::new(Lang::En);
        settings.set("maxrows", "0").unwrap();
        settings.set("timeout", "0").unwrap();
        assert_eq!((settings.max_rows, settings.timeout), (None, None));
        settings.set("timeout", "0.5").unwrap();
        assert_eq!(settings.timeout, Some(Duration::from_millis(500)));
    }
}
