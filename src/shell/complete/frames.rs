//! The brackets of a statement as a tree, also while they are being typed.

use super::tokens::{Kind, Token};

/// Brackets inside so many others are not looked into.
const DEPTH: usize = 100;

/// What stands between a pair of brackets, or the whole statement.
#[derive(Debug)]
pub(super) struct Frame {
    /// The frame around it.
    pub(super) parent: Option<usize>,
    /// The token of its opening bracket.
    pub(super) open: Option<usize>,
    /// The token after its last one.
    pub(super) last: usize,
    /// Whether it is a query, not an expression or list.
    pub(super) query: bool,
}

/// A statement without comments, and its brackets.
pub(super) struct Frames<'a> {
    text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) frames: Vec<Frame>,
    /// The frame of each token; brackets belong to the frame around them.
    owner: Vec<usize>,
}

impl<'a> Frames<'a> {
    /// Reads the brackets. A bracket that nobody closed ends before the FROM of its query.
    pub(super) fn new(text: &'a str, tokens: &[Token]) -> Self {
        let tokens: Vec<Token> = tokens
            .iter()
            .filter(|token| token.kind != Kind::Comment)
            .copied()
            .collect();
        let root = Frame {
            parent: None,
            open: None,
            last: tokens.len(),
            query: true,
        };
        let mut tree = Self {
            text,
            frames: vec![root],
            owner: Vec::with_capacity(tokens.len()),
            tokens,
        };
        let mut stack = vec![0];
        for index in 0..tree.tokens.len() {
            let top = stack.last().copied().unwrap_or(0);
            let mut owner = top;
            if tree.is_symbol(index, "(") && stack.len() < DEPTH {
                stack.push(tree.frames.len());
                tree.frames.push(Frame {
                    parent: Some(top),
                    open: Some(index),
                    last: tree.tokens.len(),
                    query: tree.is_any(index + 1, &["select", "with", "values"]),
                });
            } else if tree.is_symbol(index, ")") && stack.len() > 1 {
                stack.pop();
                tree.frames[top].last = index;
                owner = stack.last().copied().unwrap_or(0);
            } else if tree.is(index, "from") && !tree.is_inner_from(index, top) {
                while stack.len() > 1 && !tree.frames[owner].query {
                    tree.frames[owner].last = index;
                    stack.pop();
                    owner = stack.last().copied().unwrap_or(0);
                }
            }
            tree.owner.push(owner);
        }
        tree
    }

    /// Whether FROM may stand there without beginning the FROM clause of a query.
    fn is_inner_from(&self, index: usize, top: usize) -> bool {
        if index > 0 && self.is(index - 1, "distinct") {
            return index > 1 && self.is_any(index - 2, &["is", "not"]);
        }
        let opener = self.frames[top].open.and_then(|open| open.checked_sub(1));
        opener.is_some_and(|word| {
            self.is_any(word, &["extract", "substring", "trim", "overlay"])
                && (word + 2..index).all(|before| !self.is(before, "from"))
        })
    }

    /// The text of a token; empty past the end.
    pub(super) fn word(&self, index: usize) -> &'a str {
        self.tokens
            .get(index)
            .and_then(|token| self.text.get(token.start..token.end))
            .unwrap_or_default()
    }

    /// What kind of token it is.
    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// Whether the token is this word, without quotes and not right behind a dot.
    pub(super) fn is(&self, index: usize, word: &str) -> bool {
        self.kind(index) == Some(Kind::Word)
            && self.word(index).eq_ignore_ascii_case(word)
            && !self.is_dotted(index)
    }

    /// Whether a dot stands right before the token: it is no keyword then. With a space between,
    /// the name behind the dot is still to be typed.
    pub(super) fn is_dotted(&self, index: usize) -> bool {
        let Some(before) = index.checked_sub(1) else {
            return false;
        };
        let end = self.tokens.get(before).map(|token| token.end);
        self.is_symbol(before, ".") && end == self.tokens.get(index).map(|token| token.start)
    }

    /// Whether the token is one of these words.
    pub(super) fn is_any(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(index, word))
    }

    /// Whether the token is this symbol.
    pub(super) fn is_symbol(&self, index: usize, symbol: &str) -> bool {
        self.kind(index) == Some(Kind::Symbol) && self.word(index) == symbol
    }

    /// The name that a word or quoted token spells.
    pub(super) fn name(&self, index: usize) -> Option<String> {
        let word = self.word(index);
        match self.kind(index)? {
            Kind::Word => Some(word.to_owned()),
            Kind::Quoted => {
                let inner = word.trim_start_matches('"');
                let inner = inner.strip_suffix('"').unwrap_or(inner);
                Some(inner.replace("\"\"", "\""))
            }
            _ => None,
        }
    }

    /// The tokens that stand in the frame itself, not in brackets inside it.
    pub(super) fn level(&self, frame: usize) -> Vec<usize> {
        let Some(found) = self.frames.get(frame) else {
            return Vec::new();
        };
        let first = found.open.map_or(0, |open| open + 1);
        (first..found.last)
            .filter(|index| self.owner.get(*index) == Some(&frame))
            .collect()
    }

    /// The frame that the bracket opens.
    pub(super) fn body(&self, open: usize) -> Option<usize> {
        self.frames
            .iter()
            .position(|frame| frame.open == Some(open))
    }

    /// The frame that the token stands in.
    pub(super) fn owner(&self, index: usize) -> usize {
        self.owner.get(index).copied().unwrap_or(0)
    }

    /// The innermost frame around byte `at`.
    pub(super) fn around(&self, at: usize) -> usize {
        let holds = |frame: &Frame| {
            let Some(open) = frame.open else {
                return true;
            };
            let begun = self.tokens.get(open).is_some_and(|token| token.end <= at);
            begun
                && self
                    .tokens
                    .get(frame.last)
                    .is_none_or(|token| at <= token.start)
        };
        self.frames.iter().rposition(holds).unwrap_or(0)
    }

    /// Whether the brackets that this token closes hold a query.
    pub(super) fn body_is_query(&self, close: usize) -> bool {
        self.frames
            .iter()
            .any(|frame| frame.open.is_some() && frame.last == close && frame.query)
    }

    /// The innermost query around a frame: itself when it is one.
    pub(super) fn query_of(&self, frame: usize) -> usize {
        let mut frame = frame;
        while let Some(found) = self.frames.get(frame)
            && !found.query
            && let Some(parent) = found.parent
        {
            frame = parent;
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    /// The words of the innermost frame around the mark.
    fn level(marked: &str) -> String {
        let at = marked.find('|').unwrap();
        let text = marked.replace('|', "");
        let frames = Frames::new(&text, &tokens(&text, 0, text.len()));
        let level = frames.level(frames.around(at));
        let words: Vec<&str> = level.iter().map(|index| frames.word(*index)).collect();
        words.join(" ")
    }

    #[test]
    fn the_innermost_brackets_are_found() {
        for (marked, expected) in [
            ("select a, (select b| from c) from d", "select b from c"),
            (
                "select a, (select b from c)| from d",
                "select a , ( ) from d",
            ),
            ("select f(a, |b) from d", "a , b"),
            ("select f(a, | from d", "a ,"),
            ("select f(g(a, | from d", "a ,"),
            ("select f(a from d| where", "select f ( from d where"),
            ("select extract(year from b|) from d", "year from b"),
            ("select (select f(| from c) from d", ""),
            (
                "select a is distinct from b| from c",
                "select a is distinct from b from c",
            ),
            ("select a) from b|", "select a ) from b"),
        ] {
            assert_eq!(level(marked), expected, "{marked}");
        }
    }
}
