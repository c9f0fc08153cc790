//! Saved queries at set times.
//!
//! Entry points: [`due`] decides from the schedules, what was decided before and the time, what to do
//! — a pure function; [`Service`] does it: claims a slot so that no other process runs it, asks
//! one snapshot, leaves `outbox/<schedule>/<slot>/` and a row in `schedule_runs`.
//!
//! Never looks at the clock itself and never prints: time comes in, news go out through [`Events`].

mod changed;
mod check;
mod claim;
mod due;
mod hook;
mod install;
mod produce;
mod record;
mod service;

pub use check::check;
pub use due::{Decision, Job, Slot, due, next, streak};
pub use install::{Installation, Unit, installation};
pub use record::{Outcome, Run, runs};
pub use service::{Done, Events, Service, Stop};
