//! Forecasts of a population by sex and age: cohort-component projection from given or observed
//! rates, intervals from trajectories and from past errors.
//!
//! Entry points: [`Inputs::read`] for CSV files, [`deterministic`] for one projection. Pure: gets
//! text and a seed, gives numbers; the same input gives the same output on any machine.

mod input;
mod path;
mod project;
mod series;
mod sheet;
mod table;

pub use input::{Files, Inputs, boys_per_girl, survival_of_rates};
pub use path::{Assumptions, Path, deterministic};
pub use project::{Ages, Convention, FEMALE, MALE, Rates, Sexes, Step, step};
pub use series::Series;
pub use table::{ByAge, by_age};
