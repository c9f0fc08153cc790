//! What is wrong with a cell or a row: which rule, where, why — never the value.

use crate::catalog::Severity;
use crate::error::Message;

/// A broken rule.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Row of the block, from 0.
    pub row: usize,
    /// Column of the file, from 0; `None` when the rule is about the whole row.
    pub column: Option<usize>,
    /// Name of the rule.
    pub rule: &'static str,
    /// Why, naming the class of the value.
    pub reason: Message,
    /// Whether the row is refused.
    pub severity: Severity,
}

/// The address of a cell as Excel shows it: `C14`.
#[must_use]
pub fn cell_address(column: usize, row: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(b'A' + ((rest - 1) % 26) as u8);
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().map(char::from).collect();
    format!("{letters}{row}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_excels() {
        assert_eq!(cell_address(0, 1), "A1");
        assert_eq!(cell_address(25, 3), "Z3");
        assert_eq!(cell_address(26, 3), "AA3");
        assert_eq!(cell_address(145, 9), "EP9");
    }
}
