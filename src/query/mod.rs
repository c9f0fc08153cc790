//! Saved queries: a SQL file with a YAML header that tells its title, unit, definition and
//! parameters.
//!
//! Entry points: [`Library::load`] reads `queries/<group>/<name>.sql`, [`Library::get`] finds one and
//! [`SavedQuery::bind`] turns what the user typed into typed values for its `$name` parameters.
//!
//! Never pastes a value into SQL and never runs anything itself but the question after the latest
//! complete year ([`facts`]); running is the session's work.

mod facts;
mod guess;
mod header;
mod library;
mod parameter;
mod placeholder;
mod publish;

pub use facts::{Facts, facts};
pub use guess::guess_value;
pub use header::SavedQuery;
pub use library::Library;
pub use parameter::{DefaultValue, Parameter, ParameterType};
pub use publish::{Chart, Policy, Publish, Test};
