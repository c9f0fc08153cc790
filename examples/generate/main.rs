//! Makes sample and benchmark data: exports of a made-up county, in every container and with
//! every defect that real ones have, and registers of any size.
//!
//! ```text
//! generate sample --out sample_data
//! generate identities --out FILE
//! generate bulk --source police/household_register --rows 10000000 --encoding gb18030
//!               --seed 1 --errors 0.01 --out FILE
//! ```
//!
//! No person, number or telephone in it exists: see [`identity`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    unreachable_pub,
    reason = "a developer's tool that stops at the first mistake and prints what it did"
)]

mod bulk;
mod catalogue;
mod dates;
mod export;
mod identity;
mod places;
mod sample;
mod spelling;
mod world;
mod write;

use std::collections::HashMap;
use std::path::PathBuf;

const USAGE: &str = "usage: generate sample --out DIR
       generate identities --out FILE
       generate bulk --source SOURCE --rows N [--encoding gb18030|utf-8] [--seed N] [--errors SHARE] --out FILE";

fn main() {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let options = options(args);
    let out = PathBuf::from(required(&options, "out"));
    match command.as_str() {
        "sample" => {
            let files = catalogue::write(&out);
            println!("{files} files in {}", out.display());
        }
        "identities" => {
            let identities = catalogue::identities(&sample::exports());
            std::fs::write(&out, identities.join("\n") + "\n").expect("the file can be written");
            println!("{} identities in {}", identities.len(), out.display());
        }
        "bulk" => {
            let order = bulk::Order {
                source: required(&options, "source"),
                rows: number(&options, "rows", None),
                gb18030: options.get("encoding").is_none_or(|name| name == "gb18030"),
                seed: number(&options, "seed", Some(1)),
                errors: number(&options, "errors", Some(0.0)),
            };
            let report = bulk::write(&order, &out);
            println!("{report}");
        }
        _ => usage(),
    }
}

fn options(mut args: impl Iterator<Item = String>) -> HashMap<String, String> {
    let mut options = HashMap::new();
    while let Some(flag) = args.next() {
        match (flag.strip_prefix("--"), args.next()) {
            (Some(name), Some(value)) => options.insert(name.to_owned(), value),
            _ => usage(),
        };
    }
    options
}

fn required(options: &HashMap<String, String>, name: &str) -> String {
    options.get(name).cloned().unwrap_or_else(|| usage())
}

fn number<T: std::str::FromStr>(
    options: &HashMap<String, String>,
    name: &str,
    default: Option<T>,
) -> T {
    let given = options
        .get(name)
        .map(|text| text.parse().unwrap_or_else(|_| usage()));
    given.or(default).unwrap_or_else(|| usage())
}

fn usage() -> ! {
    eprintln!("{USAGE}");
    std::process::exit(2)
}
