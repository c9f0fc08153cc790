//! Linking: two files on the command line, and labelled registers of a made-up county.

use std::collections::BTreeSet;

use renkou::linkage::births::{Decisions, Register, Registers, link};

use crate::common::program;

#[path = "../examples/registers/errors.rs"]
mod errors;
#[path = "../examples/registers/judge.rs"]
mod judge;
#[path = "../examples/registers/world.rs"]
mod world;

fn linked(world: &world::World, rows: &[usize]) -> Vec<Vec<u32>> {
    let mut registers = Registers::new(18_262);
    for adult in &world.adults {
        registers.person(&adult.id, &adult.name);
    }
    for row in rows {
        registers.child(&world.rows[*row].as_child());
    }
    link(&mut registers, &Decisions::default()).births
}

#[test]
fn births_of_an_unseen_county_are_found() {
    let world = world::county(2_000, 301, 1.0);
    let births = linked(&world, &(0..world.rows.len()).collect::<Vec<_>>());
    let verdict = judge::judge(&world, &births, Register::Certificates, Register::Household);
    assert!(verdict.truth > 1_500, "{verdict:?}");
    assert!(verdict.precision() >= 0.999, "{verdict:?}");
    assert!(verdict.first_recall() >= 0.998, "{verdict:?}");
    assert!(verdict.recall() >= 0.995, "{verdict:?}");
    assert_eq!(verdict.twins_merged, 0, "{verdict:?}");
}

#[test]
fn twins_are_never_one_child() {
    for seed in 311..315 {
        let world = world::county(3_000, seed, 3.0);
        let births = linked(&world, &(0..world.rows.len()).collect::<Vec<_>>());
        let verdict = judge::judge(&world, &births, Register::Certificates, Register::Household);
        let twins = world.children - world.deliveries.len();
        assert!(twins > 20, "{twins} twins");
        assert_eq!(verdict.twins_merged, 0, "{seed}: {verdict:?}");
        assert!(verdict.recall() >= 0.99, "{seed}: {verdict:?}");
        assert!(verdict.precision() >= 0.999, "{seed}: {verdict:?}");
    }
}

#[test]
fn the_same_rows_give_the_same_births_again() {
    let world = world::county(400, 302, 3.0);
    let rows: Vec<usize> = (0..world.rows.len()).collect();
    let births = linked(&world, &rows);
    assert_eq!(births, linked(&world, &rows));
    // Every row is in exactly one birth.
    let seen: BTreeSet<u32> = births.iter().flatten().copied().collect();
    assert_eq!(seen.len(), world.rows.len());
    assert_eq!(births.iter().map(Vec::len).sum::<usize>(), world.rows.len());
}

#[test]
fn two_files_are_linked_by_a_drafted_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let world = world::county(300, 303, 0.0);
    let (mut left, mut right) = (
        "no,name,born,mother\n".to_owned(),
        "no,name,born,mother\n".to_owned(),
    );
    for (at, adult) in world.adults.iter().enumerate() {
        let (id, mother) = (&adult.id, &world.adults[(at + 1) % world.adults.len()].name);
        let name = &adult.name;
        let born = &id[6..14];
        left += &format!("a{at},{name},{born},{mother}\n");
        // Every fifth row has a slip in the date.
        let typed = if at % 5 == 0 {
            format!("{}9", &born[..7])
        } else {
            born.to_owned()
        };
        right += &format!("b{at},{name},{typed},{mother}\n");
    }
    let paths =
        ["left.csv", "right.csv", "links.csv", "link.yaml"].map(|name| folder.path().join(name));
    std::fs::write(&paths[0], left).unwrap();
    std::fs::write(&paths[1], right).unwrap();
    let output = program(folder.path())
        .arg("link")
        .args(&paths[..2])
        .arg("--save-config")
        .arg(&paths[3])
        .arg("-o")
        .arg(&paths[2])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let links = std::fs::read_to_string(&paths[2]).unwrap();
    let mut lines = links.lines();
    assert_eq!(lines.next(), Some("left_id,right_id,probability"));
    let (mut right, mut wrong) = (0, 0);
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[0][1..] == cells[1][1..] {
            right += 1;
        } else {
            wrong += 1;
        }
    }
    assert!(
        right * 100 >= world.adults.len() * 99,
        "{right} of {}",
        world.adults.len()
    );
    assert!(wrong * 200 <= right, "{wrong} wrong");
    // What was drafted can be used again and gives the same.
    let again = program(folder.path())
        .arg("link")
        .args(&paths[..2])
        .arg("--config")
        .arg(&paths[3])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&again.stdout), links);
}
