#![doc = include_str!("ARCHITECTURE.md")]

/// What failed, what caused it, what to do, in both languages; the exit code.
pub mod error;

/// The facts of the field, pure: ID numbers, dates, names, regions, code lists, ages, rates.
pub mod domain;

/// The measures of demography, pure: life tables, fertility, standardised rates, accuracy of ages.
pub mod demography;

/// YAML and CSV of a warehouse -> typed definitions, or located problems.
pub mod catalog;

/// Keys, pseudonyms, sealing and unsealing, audit log.
pub mod vault;

/// The only door to storage and the SQL engine: lake, commit, snapshots, sessions, functions.
pub mod warehouse;

/// Record batches -> table, csv, json, xlsx, parquet … on any `Write`.
pub mod output;

/// Saved queries: header, parameters.
pub mod query;

/// Which cells of a result stay hidden before it is published, and the ledger of releases.
pub mod publish;

/// Rows for other tools, with a manifest.
pub mod export;

/// An offline site about the queries and tables.
pub mod site;

/// Files -> decoded rows -> checked batches -> one commit, and rejects.
pub mod ingest;

/// The same birth or person in files and registers of several departments.
pub mod linkage;

/// Checks of the catalog over accepted data: findings, scorecards, work lists.
pub mod quality;

/// Projections of the population by sex and age, with intervals.
pub mod forecast;

/// Reports: templates, charts, sentences, one page that needs no network.
pub mod report;

/// Saved queries at set times: what is due is a pure function; runs leave an outbox and a record.
pub mod schedule;

/// The SQL shell: works on any reader and writer; the line editor only at its edge.
pub mod shell;

/// The command line: the only place for arguments, clock and printing.
pub mod cli;
