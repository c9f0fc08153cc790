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
mod decide;
mod decisions;
pub mod deliveries;
mod draft;
mod duplicates;
mod explain;
pub mod files;
mod gap;
mod likeness;
mod litter;
mod loaded;
mod lunar;
pub mod model;
mod names;
pub mod pass;
mod people;
mod persons;
mod registers;
mod remainder;
mod reviews;
mod rows;
mod table;
mod tables;
mod words;

pub use compare::Kind;
pub use config::{Column, Config};
pub use decide::Decision;
pub use draft::draft;
pub use explain::{Explained, Explanation, Reasoned, Seen, Step};
pub use files::Links;
pub use lunar::lunar_as_gregorian;
pub use registers::{Outcome, link_registers};
pub use table::Table;
