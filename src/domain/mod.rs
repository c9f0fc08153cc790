//! The facts of the field: citizen ID numbers, dates, names, regions, code lists, periods, ages
//! and rates, as the standards define them and as county exports really spell them.
//!
//! Entry points: the `read` functions of [`citizen_id`], [`date`], [`number`] and [`sex`],
//! [`code::CodeList`], [`region::Regions`] and [`period::Period`]. The readers run on every cell
//! of a delivery, so well-formed values take a path without allocation.
//!
//! Pure: never reads a file, a clock or a setting, and never puts the value it read in a message.

pub mod age;
pub mod calendar;
pub mod citizen_id;
pub mod code;
pub(crate) mod csv;
pub mod date;
mod date_text;
pub mod division;
mod gamma;
mod id_status;
pub mod name;
pub mod number;
pub mod period;
mod period_text;
pub mod rate;
pub mod region;
mod region_address;
mod region_name;
pub mod sex;
pub mod text;
pub mod unit;
pub mod wording;

pub use citizen_id::{IdReading, IdStatus};
pub use code::CodeList;
pub use date::{DateReading, DateStatus, Precision};
pub use period::{Month, Period};
pub use region::{Place, RegionCode, Regions};
