//! The product from outside: the program, its warehouse, its files. One binary, one module per
//! promise.
#![allow(
    clippy::expect_used,
    clippy::clone_on_ref_ptr,
    clippy::panic,
    clippy::regex_creation_in_loops,
    clippy::type_complexity,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests may stop where they stand"
)]

/// A warehouse in a temporary folder, and the program to use it with.
mod common;
/// Exports, read back by other readers than the ones that wrote them.
mod exports;
/// Projections against textbooks, and what is said about wrong inputs.
mod forecast;
/// The SQL gate: reading only, identities only with a reason and a record.
mod gate;
/// No identity leaves the vault, wherever one looks.
mod identities;
/// The shipped indicators against published figures.
mod indicators;
/// The official DuckDB opens the lake and finds the same rows.
mod interop;
/// One writer, one commit, every snapshot: also after a crash.
mod lake;
/// The same births and persons in several registers and files.
mod linkage;
/// What people are told: help, hints, summaries and times.
mod messages;
/// Small counts stay hidden in everything that is published.
mod publish;
/// Checks: scorecards, findings and their history, work lists, questions.
mod quality;
/// The commands of README.md do what it says.
mod readme;
/// The report: whole, offline, its numbers those of the saved queries.
mod report;
/// The bundled sample files and what ingest must report of them.
mod sample;
/// Schedules: a week of them, killed schedulers, two at once; what lies in the outbox.
mod schedule;
/// The shell without a terminal: its core on buffers, the program on pipes.
mod shell;
/// The site about queries and tables: whole, offline, its links lead somewhere.
mod site;
/// The shell on a real terminal.
mod terminal;
/// The order of modules and the fences between them.
mod tidy;
