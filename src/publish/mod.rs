//! Statistical disclosure control: which cells of a result stay hidden before it leaves the office, so that no small count can
//! be worked out from what is shown, now and in earlier releases.
//!
//! Entry point: [`release`] decides about the answer of a saved query, beside the release ledger (table `releases`), and remembers
//! it there; [`Suppressed::hide`] takes the hidden cells out, and does so again when a manifest is reproduced. [`suppress()`] is
//! the algorithm, [`recoverable`] judges a choice of shown cells on its own.
//!
//! Never changes a count that is shown, and never writes the value of a hidden one.

mod cells;
mod ledger;
mod mask;
mod release;
mod span;
mod suppress;

pub use cells::{Table, coordinates};
pub use ledger::Ledger;
pub use mask::{Audience, Suppressed};
pub use release::{Decision, Release, Verdict, decide, release};
pub use suppress::{Candidate, Hidden, Observer, Relation, Suppression, recoverable, suppress};
