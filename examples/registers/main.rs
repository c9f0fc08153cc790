//! Labelled registers of a made-up county, linked and judged:
//! `cargo run --release --example registers -- BIRTHS SEED SCALE [merged|missed]`.
//!
//! The error rates stand in `errors.rs`. Rules and thresholds were tuned on seeds 1 to 4 and 101 to 105.
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    missing_docs,
    reason = "a program for developers"
)]

mod errors;
mod judge;
mod world;

use renkou::linkage::births::{Decisions, Register, Registers, link};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, or: f64| args.get(at).and_then(|arg| arg.parse().ok()).unwrap_or(or);
    let (births, seed, scale) = (number(0, 12_000.0), number(1, 1.0), number(2, 1.0));
    let world = world::county(births as usize, seed as u64, scale);
    let start = std::time::Instant::now();
    let mut registers = Registers::new(18_262);
    for adult in &world.adults {
        registers.person(&adult.id, &adult.name);
    }
    for row in &world.rows {
        registers.child(&row.as_child());
    }
    let found = link(&mut registers, &Decisions::default());
    let seconds = start.elapsed().as_secs_f64();
    for (one, other) in [
        (Register::Certificates, Register::Household),
        (Register::Certificates, Register::Visits),
        (Register::Household, Register::Visits),
    ] {
        let verdict = judge::judge(&world, &found.births, one, other);
        println!(
            "seed {seed} x{scale} {one:?}-{other:?}: P {:.6} R {:.6} first R {:.6}; wrong {} of {}, missed {} ({} first) of {}; merged {} twins {}; rows {}, {seconds:.2} s",
            verdict.precision(),
            verdict.recall(),
            verdict.first_recall(),
            verdict.wrong,
            verdict.right + verdict.wrong,
            verdict.truth - verdict.right,
            verdict.first_truth - verdict.first_right,
            verdict.truth,
            verdict.merged,
            verdict.twins_merged,
            world.rows.len(),
        );
    }
    match args.get(3).map(String::as_str) {
        Some("merged") => world::merged(&world, &found),
        Some(_) => world::missed(&world, &found),
        None => {}
    }
}
