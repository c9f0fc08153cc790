//! Checks over accepted data: what they find and its history, scorecards, work lists.
//!
//! Entry points: [`check`] runs every check of the catalog and keeps what they find in table
//! `findings`; [`Outcome::page`] is the scorecard for people, [`Outcome::rows`] the one for programs;
//! [`worklist`] tells a department which record to mend by when. A check is a file in
//! `catalog/checks`; this module knows none by name. It never changes a record, never judges a
//! person, and opens identities only for the sealer it is given.

mod examine;
mod history;
mod page;
mod questions;
mod read;
mod run;
mod score;
pub mod truth;
mod words;
mod worklist;

pub use history::Finding;
pub use page::{Scope, Section, town_code};
pub use run::{Outcome, check};
pub use score::{Cell, Score};
pub use worklist::{Order, worklist};
