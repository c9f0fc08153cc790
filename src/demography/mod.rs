//! The measures of demography, pure: life tables, fertility, standardised rates, the accuracy of
//! age statements. Entry points: [`LifeTable`], [`Fertility`], [`standardised`], [`whipple`],
//! [`myers`], [`age_sex_accuracy`].
//!
//! Every function gives `None` where a measure is not defined: never NaN. Never reads a file or
//! clock. What is a single quotient or interval stands in [`crate::domain::rate`].

mod accuracy;
mod fertility;
mod life_table;
mod standard;

pub use accuracy::{AgeSexAccuracy, age_sex_accuracy, myers, whipple};
pub use fertility::Fertility;
pub use life_table::{Infants, LifeTable, Row, Sex};
pub use standard::{Standardised, standardised};
