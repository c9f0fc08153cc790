//! The words of a command line, with their places, also while a quote is open.

/// A word of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Its first byte in the buffer, quote included.
    pub(super) start: usize,
    /// Its text without quotes.
    pub(super) text: String,
}

/// The words up to byte `at`; the last one is what the cursor ends, empty after white space.
pub(super) fn words(text: &str, start: usize, at: usize) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    for (offset, c) in text.get(start..at).unwrap_or_default().char_indices() {
        match quote {
            None if c.is_whitespace() => {
                words.extend(word.take());
                continue;
            }
            _ => {}
        }
        let current = word.get_or_insert_with(|| Word {
            start: start + offset,
            text: String::new(),
        });
        match quote {
            Some(open) if open == c => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => current.text.push(c),
        }
    }
    words.push(word.unwrap_or(Word {
        start: at,
        text: String::new(),
    }));
    words
}

/// A word as it is written: in double quotes when it has white space or quotes. A folder stays
/// open, so that typing goes on inside it.
pub(super) fn written(text: &str) -> String {
    if !text.contains(|c: char| c.is_whitespace() || c == '\'' || c == '"') {
        return text.to_owned();
    }
    let quote = if text.contains('"') { '\'' } else { '"' };
    if text.ends_with(['/', '\\']) {
        format!("{quote}{text}")
    } else {
        format!("{quote}{text}{quote}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_their_places() {
        let line = ".export a \"my file\" x='b c' ";
        let list = words(line, 0, line.len());
        let found: Vec<(usize, &str)> = list
            .iter()
            .map(|word| (word.start, word.text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (0, ".export"),
                (8, "a"),
                (10, "my file"),
                (20, "x=b c"),
                (28, "")
            ]
        );
        assert_eq!(words(".read \"my f", 0, 11)[1].text, "my f");
    }

    #[test]
    fn paths_with_spaces_stand_in_quotes() {
        assert_eq!(written("a/b.sql"), "a/b.sql");
        assert_eq!(written("my file"), "\"my file\"");
        assert_eq!(written("my folder/"), "\"my folder/");
        assert_eq!(written("a \"b\""), "'a \"b\"'");
    }
}
