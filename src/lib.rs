#![doc = include_str!("ARCHITECTURE.md")]

pub mod catalog;
pub mod cli;
pub mod domain;
pub mod error;
pub mod export;
pub mod ingest;
pub mod output;
pub mod query;
pub mod vault;
pub mod warehouse;
