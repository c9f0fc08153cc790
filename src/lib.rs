#![doc = include_str!("ARCHITECTURE.md")]

pub mod error;
pub mod domain;
pub mod catalog;
pub mod vault;
pub mod warehouse;
pub mod output;
pub mod query;
pub mod export;
pub mod ingest;
pub mod cli;
