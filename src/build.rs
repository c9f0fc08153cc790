//! Rebuilds the crate when the embedded catalog, queries or sample data change.

fn main() {
    for folder in ["catalog", "queries", "sample_data"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
