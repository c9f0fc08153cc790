//! Sentences about a figure and the year before, hedged by its interval.

use crate::domain::wording::grouped;
use crate::error::{Lang, Message};
use crate::msg;

/// A figure, the year before, and the interval.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Key {
    /// What it is.
    pub label: String,
    /// The year's value.
    pub now: Option<f64>,
    /// The value of the year before.
    pub before: Option<f64>,
    /// 95 % interval of the year's value, where the query gives one.
    pub interval: Option<(f64, f64)>,
    /// Whether it is a count of events.
    pub is_count: bool,
    /// Whether it was hidden.
    pub is_hidden: bool,
}

/// What can be said of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// More than chance would do.
    Rose,
    /// Less than chance would do.
    Fell,
    /// Within what chance does.
    Unclear,
    /// One of the two is missing.
    Unknown,
}

/// Judges a change: counts by the normal approximation of the difference of two Poisson counts at 95 %, rates by whether the
/// interval holds the value of the year before.
#[must_use]
pub fn movement(key: &Key) -> Movement {
    let (Some(now), Some(before)) = (key.now, key.before) else {
        return Movement::Unknown;
    };
    let is_clear = match key.interval {
        Some((low, high)) => before < low || before > high,
        None if key.is_count => (now - before).abs() > 1.96 * (now + before).max(1.0).sqrt(),
        None => (now - before).abs() > f64::EPSILON,
    };
    match (is_clear, now > before) {
        (false, _) => Movement::Unclear,
        (true, true) => Movement::Rose,
        (true, false) => Movement::Fell,
    }
}

impl Key {
    /// The number as it is shown.
    #[must_use]
    pub fn shown(&self, value: f64) -> String {
        if self.is_count {
            let magnitude = grouped(value.abs().round() as u64);
            if value < 0.0 {
                format!("−{magnitude}")
            } else {
                magnitude
            }
        } else if value < 0.0 {
            format!("−{:.2}", -value)
        } else {
            format!("{value:.2}")
        }
    }

    /// The change in words.
    #[must_use]
    pub fn change(&self, lang: Lang) -> String {
        let words = match movement(self) {
            Movement::Unknown => {
                return msg!("no figure for the year before", "上年无数据")
                    .text(lang)
                    .to_owned();
            }
            Movement::Rose => msg!("rose", "上升"),
            Movement::Fell => msg!("fell", "下降"),
            Movement::Unclear => msg!("no clear change", "没有明显变化"),
        };
        let (now, before) = (
            self.now.unwrap_or_default(),
            self.before.unwrap_or_default(),
        );
        let difference = now - before;
        let sign = if difference > 0.0 { "+" } else { "" };
        let share = if self.is_count && before > 0.0 {
            let percent = 100.0 * difference / before;
            format!(", {}{:.1} %", if percent > 0.0 { "+" } else { "" }, percent).replace('-', "−")
        } else {
            String::new()
        };
        let shown = format!("{sign}{}{share}", self.shown(difference));
        match lang {
            Lang::En => format!("{} ({shown})", words.en),
            Lang::Zh => format!(
                "{}（{}）",
                words.zh,
                shown.replace(", ", "，").replace(" %", "%")
            ),
        }
    }

    /// A sentence.
    #[must_use]
    pub fn sentence(&self, lang: Lang, year: i32) -> String {
        let label = &self.label;
        let Some(now) = self.now else {
            let text: Message = if self.is_hidden {
                msg!(
                    "{label}: hidden, the count is too small to publish.",
                    "{label}：数值过小，不予公布。"
                )
            } else {
                msg!(
                    "{label}: no data for {year}.",
                    "{label}：{year}年没有数据。"
                )
            };
            return text.text(lang).to_owned();
        };
        let value = self.shown(now);
        let within = self
            .interval
            .map(|(low, high)| (self.shown(low), self.shown(high)));
        let within = match (within, lang) {
            (Some((low, high)), Lang::En) => format!(" (95 % interval {low} to {high})"),
            (Some((low, high)), Lang::Zh) => format!("（95%区间 {low} 至 {high}）"),
            (None, _) => String::new(),
        };
        let change = self.change(lang);
        match lang {
            Lang::En => {
                format!("{label}: {value}{within} in {year}; against the year before: {change}.")
            }
            Lang::Zh => format!("{year}年{label}为 {value}{within}；与上年相比{change}。"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(now: f64, before: f64, interval: Option<(f64, f64)>, is_count: bool) -> Key {
        Key {
            label: "births".to_owned(),
            now: Some(now),
            before: Some(before),
            interval,
            is_count,
            is_hidden: false,
        }
    }

    #[test]
    fn small_changes_are_not_called_changes() {
        // 277 and 270 births differ by 7; chance alone does ±46.
        assert_eq!(movement(&key(270.0, 277.0, None, true)), Movement::Unclear);
        assert_eq!(movement(&key(1930.0, 2170.0, None, true)), Movement::Fell);
        assert_eq!(
            movement(&key(114.0, 105.0, Some((90.0, 145.0)), false)),
            Movement::Unclear
        );
        assert_eq!(
            movement(&key(150.0, 105.0, Some((130.0, 170.0)), false)),
            Movement::Rose
        );
    }

    #[test]
    fn sentences_are_whole_in_both_languages() {
        let fell = key(1930.0, 2170.0, None, true);
        assert_eq!(
            fell.sentence(Lang::En, 2018),
            "births: 1,930 in 2018; against the year before: fell (−240, −11.1 %)."
        );
        assert_eq!(
            fell.sentence(Lang::Zh, 2018),
            "2018年births为 1,930；与上年相比下降（−240，−11.1%）。"
        );
        let none = Key { now: None, ..fell };
        assert_eq!(none.sentence(Lang::Zh, 2018), "births：2018年没有数据。");
    }
}
