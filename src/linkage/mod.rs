//! The same person, birth or delivery in two files, or in the registers of several departments.
//!
//! Entry points: [`files::link`] for any two files. Pure: reads no file, keeps nothing, and gives the same links for the same rows,
//! whatever their order.

pub mod assign;
mod blocks;
mod compare;
mod config;
mod draft;
pub mod files;
pub mod model;
mod table;

pub use compare::Kind;
pub use config::{Column, Config};
pub use draft::draft;
pub use files::Links;
pub use table::Table;
