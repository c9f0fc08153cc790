//! The same person, birth or delivery in two files, or in the registers of several departments.
//!
//! Entry points: [`files::link`] for any two files, [`births::link`] for rows of registers, and
//! [`link_registers`] for a warehouse. The same rows give the same links, in whatever order they came.
//! Names and numbers are compared in memory and never kept, shown or logged.

pub mod assign;
pub mod births;
mod blocks;
mod both;
mod cascade;
mod child;
mod compare;
mod config;
mod confusable;
mod dates;
pub mod deliveries;
mod draft;
mod duplicates;
pub mod files;
mod likeness;
mod litter;
mod lunar;
pub mod model;
mod names;
pub mod pass;
mod people;
mod registers;
mod remainder;
mod reviews;
mod rows;
mod table;

pub use compare::Kind;
pub use config::{Column, Config};
pub use draft::draft;
pub use files::Links;
pub use lunar::lunar_as_gregorian;
pub use registers::{Outcome, link_registers};
pub use table::Table;
