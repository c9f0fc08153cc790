//! Do records look like what happens in life? Tests of groups of records against chance, each with a
//! p-value that is exact or too large, never too small; [`surprising`] decides over all tests of a run
//! together. Pure. What comes out is a question to ask, never an accusation: chance, a campaign or a
//! holiday can be the answer.

mod chance;
mod dates;
mod rows;
mod shares;

pub use chance::surprising;
pub use dates::{catch_up, day_heaping};
pub use rows::{consecutive_numbers, copied_down, ghost_rows};
pub use shares::{ratio_change, sex_ratio};

/// What a test says of a group of records.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// How often chance alone gives something at least as odd, at most; 0 to 1.
    pub p: f64,
    /// What was seen: name and value.
    pub seen: Vec<(&'static str, String)>,
}

impl Verdict {
    /// Nothing that anybody would ask about.
    fn ordinary() -> Self {
        Self {
            p: 1.0,
            seen: Vec::new(),
        }
    }
}

#[cfg(test)]
mod simulation;
