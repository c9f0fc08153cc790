//! Saved queries: a SQL file with a YAML header that tells its title, unit, definition, parameters
//! and tests.
//!
//! Entry points: [`Library::load`] reads `queries/<group>/<name>.sql`, [`Library::get`] finds one,
//! [`SavedQuery::values`] turns what the user typed into typed values for its `$name` parameters,
//! [`check`] plans all of them and [`trial`] runs their tests.
//!
//! Never pastes a value into SQL. Of its own it runs only questions about values (the latest
//! complete year, `choices_sql`) and tests; running a query is the session's work.

mod build;
mod call;
mod check;
mod choices;
mod describe;
mod facts;
mod guess;
mod header;
mod library;
mod order;
mod parameter;
mod placeholder;
mod publish;
mod relative;
mod test;
mod trial;

pub use check::check;
pub use facts::{Facts, facts};
pub use guess::guess_value;
pub use header::SavedQuery;
pub use library::Library;
pub use parameter::{DefaultValue, Parameter, ParameterType};
pub use publish::{Chart, Policy, Publish};
pub use relative::Relative;
pub use test::{Claim, Test};
pub use trial::{Verdict, trial};
