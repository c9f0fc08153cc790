//! Forecasts of a population by sex and age: cohort-component projection from given or observed
//! rates, intervals from trajectories and from past errors.
//!
//! Entry points: [`Inputs::read`] for CSV files, [`deterministic`] for one projection. Pure: gets
//! text and a seed, gives numbers; the same input gives the same output on any machine.

mod backtest;
mod borrow;
mod errors;
mod input;
mod model;
mod outlook;
mod path;
mod point;
mod project;
mod register;
mod rng;
mod series;
mod sheet;
mod table;
mod trajectory;

pub use backtest::{Score, backtest};
pub use errors::Errors;
pub use input::{Files, Inputs, boys_per_girl, ratios, survival_of_rates};
pub use model::{Model, Scenario, Wishes};
pub use outlook::{Band, Outlook};
pub use path::{Assumptions, Path, deterministic};
pub use point::Point;
pub use project::{Ages, Convention, FEMALE, MALE, Rates, Sexes, Step, step};
pub use register::Register;
pub use series::Series;
pub use table::{ByAge, by_age, groups, scores, totals};
pub use trajectory::Draw;
