//! A report: a template, the answers of saved queries and a forecast -> one HTML page that needs no network and prints on A4.
//!
//! Entry points: [`Template::read`] reads `catalog/reports/<name>.yaml`, [`page`] writes the page from the answers. Never asks the
//! warehouse itself and computes no indicator: every figure is the answer of a saved query, with its numbers beside the picture.

mod chart;
mod page;
mod sentence;
mod table;
mod template;

pub use page::{Answered, Report, page};
pub use sentence::{Key, Movement, movement};
pub use table::Grid;
pub use template::{Chart, Figure, KeyFigure, Section, Template};
