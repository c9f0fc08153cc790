//! Gathers what fits, orders it and writes it the way it must be written.

use std::borrow::Cow;
use std::collections::HashSet;

use super::keywords::needs_quotes;
use super::matching::{Fit, Typed};
use super::{Candidate, Completion};

/// How a name is written into the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dress {
    /// A name of SQL, in quotes where it must be.
    Name,
    /// A table before its dot.
    Qualifier,
    /// A function with its opening bracket; with both when it takes nothing.
    Call { empty: bool },
    /// A keyword in the case of the others.
    Keyword,
    /// As it is.
    Plain,
    /// A text value in single quotes.
    Text,
}

/// Where the cursor stands, as far as quotes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// In none.
    None,
    /// Inside this quote; `close` when the closing one is to be added.
    Inside { quote: char, close: bool },
}

struct Item<'a> {
    fit: Fit,
    /// Whether the name in the other language fits.
    other: bool,
    group: u8,
    name: Cow<'a, str>,
    dress: Dress,
    remarks: [&'a str; 2],
}

/// What fits so far.
pub(super) struct Pool<'a> {
    typed: Typed,
    start: usize,
    quotes: Quotes,
    upper: bool,
    /// Whether a bracket already follows the cursor.
    bracket: bool,
    items: Vec<Item<'a>>,
}

impl<'a> Pool<'a> {
    /// A pool for what was typed from byte `start` on.
    pub(super) fn new(typed: &str, start: usize) -> Self {
        Self {
            typed: Typed::new(typed),
            start,
            quotes: Quotes::None,
            upper: is_upper(typed),
            bracket: false,
            items: Vec::new(),
        }
    }

    pub(super) fn quotes(mut self, quotes: Quotes) -> Self {
        self.quotes = quotes;
        self
    }

    /// Says what follows the cursor, and the statement whose keywords give the case when nothing
    /// is typed.
    pub(super) fn around(mut self, rest: &str, statement: &str) -> Self {
        self.bracket = rest.starts_with('(');
        if self.typed.is_empty() {
            self.upper = is_upper(statement);
        }
        self
    }

    pub(super) fn is_fresh(&self) -> bool {
        self.typed.is_empty()
    }

    /// Takes a name if it fits, or its name in the other language does. Of equal fits, lower
    /// groups stand first.
    pub(super) fn offer(
        &mut self,
        group: u8,
        name: impl Into<Cow<'a, str>>,
        other: &'a str,
        dress: Dress,
        remark: &'a str,
    ) {
        let name = name.into();
        let own = self.typed.fit(&name);
        let translated = if own.is_some_and(|fit| fit <= Fit::Parts) || other.is_empty() {
            None
        } else {
            self.typed.fit(other)
        };
        let (fit, by_other) = match (own, translated) {
            (Some(own), Some(other)) if other < own => (other, true),
            (Some(own), _) => (own, false),
            (None, Some(other)) => (other, true),
            (None, None) => return,
        };
        self.items.push(Item {
            fit,
            other: by_other,
            group,
            name,
            dress,
            remarks: [remark, other],
        });
    }

    /// Takes a name written as `written`, if `name` or its other name fits.
    pub(super) fn offer_as(
        &mut self,
        group: u8,
        (name, other): (&str, &'a str),
        written: String,
        remark: &'a str,
    ) {
        let own = self.typed.fit(name).or_else(|| self.typed.fit(&written));
        let translated = self.typed.fit(other).filter(|_| !other.is_empty());
        let Some(fit) = own.or(translated) else {
            return;
        };
        self.items.push(Item {
            fit,
            other: own.is_none(),
            group,
            name: Cow::Owned(written),
            dress: Dress::Plain,
            remarks: [remark, other],
        });
    }

    /// Takes the keywords that begin with what was typed, in their order.
    pub(super) fn keywords(&mut self, group: u8, words: &[&'static str]) {
        if self.quotes != Quotes::None {
            return;
        }
        for word in words.iter().filter(|word| self.typed.begins(word)) {
            self.items.push(Item {
                fit: if self.is_fresh() {
                    Fit::Same
                } else {
                    Fit::Prefix
                },
                other: false,
                group,
                name: Cow::Borrowed(*word),
                dress: Dress::Keyword,
                remarks: [""; 2],
            });
        }
    }

    /// The candidates, best first. Names that merely have the letters somewhere are left out when
    /// others fit better.
    pub(super) fn finish(mut self) -> Completion {
        let best = self.items.iter().map(|item| item.fit).min();
        if best.is_some_and(|best| best <= Fit::Parts) {
            self.items.retain(|item| item.fit <= Fit::Parts);
        }
        self.items
            .sort_by_key(|item| (item.fit.max(Fit::Prefix), item.other, item.fit, item.group));
        let mut seen = HashSet::new();
        let candidates = self
            .items
            .iter()
            .filter_map(|item| {
                let replacement = self.written(item);
                seen.insert(replacement.clone()).then(|| Candidate {
                    display: self.display(item),
                    replacement,
                })
            })
            .collect();
        Completion {
            start: self.start,
            candidates,
        }
    }

    fn written(&self, item: &Item<'_>) -> String {
        let name = item.name.as_ref();
        if let Quotes::Inside { quote, close } = self.quotes {
            let mut text = name.replace(quote, &format!("{quote}{quote}"));
            if close {
                text.push(quote);
            }
            return text;
        }
        match item.dress {
            Dress::Name => written_name(name).into_owned(),
            Dress::Qualifier => format!("{}.", written_name(name)),
            Dress::Call { empty } => {
                let name = if self.upper {
                    name.to_uppercase()
                } else {
                    name.to_owned()
                };
                match (self.bracket, empty) {
                    (true, _) => name,
                    (false, true) => name + "()",
                    (false, false) => name + "(",
                }
            }
            Dress::Keyword => self.keyword(name),
            Dress::Plain => name.to_owned(),
            Dress::Text => format!("'{}'", name.replace('\'', "''")),
        }
    }

    fn keyword(&self, word: &str) -> String {
        let word = if self.bracket {
            word.trim_end_matches('(').trim_end()
        } else {
            word
        };
        if self.upper {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    }

    fn display(&self, item: &Item<'_>) -> String {
        let mut text = match item.dress {
            Dress::Keyword => self.keyword(&item.name),
            Dress::Call { .. } => String::new(),
            Dress::Qualifier => format!("{}.", item.name),
            _ => item.name.clone().into_owned(),
        };
        for remark in item.remarks.iter().filter(|remark| !remark.is_empty()) {
            if !text.is_empty() {
                text.push_str("  ");
            }
            text.push_str(remark);
        }
        text
    }
}

/// The name as SQL wants it.
pub(super) fn written_name(name: &str) -> Cow<'_, str> {
    if needs_quotes(name) {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(name)
    }
}

/// Whether the first word is written in capital letters.
fn is_upper(text: &str) -> bool {
    let word = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .find(|word| !word.is_empty());
    word.is_some_and(|word| word.chars().all(|c| c.is_ascii_uppercase()))
}
