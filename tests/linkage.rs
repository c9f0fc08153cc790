//! Linking: two files on the command line, and labelled registers of a made-up county.

use std::collections::BTreeSet;

use renkou::linkage::births::{Decisions, Register, Registers, link};

use crate::common::{Project, program};

#[path = "../examples/registers/errors.rs"]
mod errors;
#[path = "../examples/registers/files.rs"]
mod files;
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

#[test]
fn rows_in_any_order_give_the_same_births() {
    let world = world::county(600, 304, 3.0);
    let find = |seed: Option<u64>| {
        let mut rows: Vec<usize> = (0..world.rows.len()).collect();
        let mut adults: Vec<usize> = (0..world.adults.len()).collect();
        if let Some(seed) = seed {
            let mut rng = fastrand::Rng::with_seed(seed);
            rng.shuffle(&mut rows);
            rng.shuffle(&mut adults);
        }
        // As a warehouse does it: in the order of their content.
        rows.sort_by_key(|row| world.rows[*row].as_child());
        adults.sort_by_key(|adult| (&world.adults[*adult].id, &world.adults[*adult].name));
        let mut registers = Registers::new(18_262);
        for adult in adults {
            registers.person(&world.adults[adult].id, &world.adults[adult].name);
        }
        for row in &rows {
            registers.child(&world.rows[*row].as_child());
        }
        let found = link(&mut registers, &Decisions::default());
        let own = |row: u32| rows[row as usize];
        let births: BTreeSet<BTreeSet<usize>> = found
            .births
            .iter()
            .map(|rows| rows.iter().map(|row| own(*row)).collect())
            .collect();
        let links: BTreeSet<(usize, usize, &str)> = found
            .links
            .iter()
            .map(|link| (own(link.left), own(link.right), link.pass.as_str()))
            .collect();
        (births, links)
    };
    let as_they_came = find(None);
    for seed in 1..4 {
        assert_eq!(as_they_came, find(Some(seed)), "seed {seed}");
    }
}

/// Rows that no rule of a single file refuses, so that it does not matter which file they come in.
fn unrefused(world: &world::World) -> Vec<&world::Row> {
    let mut seen = BTreeSet::new();
    world
        .rows
        .iter()
        .filter(|row| !row.mother.id.ends_with("000") && !row.father.id.ends_with("000"))
        .filter(|row| row.certificate.is_empty() || seen.insert((row.register, &row.certificate)))
        .collect()
}

/// Files by register and year of entry, as `(register, year, text)`.
fn by_year(rows: &[&world::Row]) -> Vec<(Register, i32, String)> {
    let year = |row: &world::Row| renkou::domain::calendar::civil(row.entered).0;
    let years: BTreeSet<i32> = rows.iter().map(|row| year(row)).collect();
    let mut parts = Vec::new();
    for register in Register::ALL {
        for of in &years {
            let part = rows.iter().copied().filter(|row| year(row) == *of);
            let text = files::csv(register, part);
            // A year without rows is a file that nobody sends.
            if text.lines().count() > 1 {
                parts.push((register, *of, text));
            }
        }
    }
    parts
}

/// Hands the files in, in one go.
fn hand_in(project: &Project, parts: &[(Register, i32, String)]) {
    let folder = project.path("files");
    std::fs::create_dir_all(&folder).unwrap();
    let mut paths = Vec::new();
    for (register, year, text) in parts {
        let path = folder.join(format!("{}{year}年.csv", files::name(*register)));
        std::fs::write(&path, text).unwrap();
        paths.push(path);
    }
    let (_, output) = project.try_ingest(&paths, &[]);
    assert_eq!(output.code, 0, "{}", output.stderr);
}

/// What was found, without the places of the records.
fn linked_tables(project: &Project) -> [Vec<String>; 3] {
    [
        "SELECT * FROM births",
        "SELECT kind, birth_key, link_key, class, pass, score FROM links",
        "SELECT * FROM persons",
    ]
    .map(|sql| {
        let mut lines: Vec<String> = project.sql(sql).lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    })
}

#[test]
fn deliveries_in_any_order_and_piece_by_piece_end_the_same() {
    let world = world::county(400, 305, 3.0);
    let rows = unrefused(&world);
    let at_once = Project::empty();
    hand_in(&at_once, &by_year(&rows));
    at_once.ok(["link"]);
    let expected = linked_tables(&at_once);
    assert!(expected[0].len() > 350 && expected[1].len() > 500);

    // The same keys, so that pseudonyms can be compared; everything else the other way round.
    let by_piece = Project::empty();
    std::fs::copy(
        at_once.folder().join("keys/warehouse.key"),
        by_piece.folder().join("keys/warehouse.key"),
    )
    .unwrap();
    let mut reversed = rows.clone();
    reversed.reverse();
    let mut parts = by_year(&reversed);
    parts.reverse();
    let (some, rest) = parts.split_at(parts.len() / 2);
    hand_in(&by_piece, some);
    by_piece.ok(["link"]);
    assert_ne!(linked_tables(&by_piece), expected);
    hand_in(&by_piece, rest);
    by_piece.ok(["link"]);
    assert_eq!(linked_tables(&by_piece), expected);

    // Nothing new: nothing done.
    let snapshot = by_piece.snapshot();
    let again = by_piece.ok(["--lang", "en", "link"]);
    assert!(again.stderr.contains("nothing new"), "{}", again.stderr);
    assert_eq!(by_piece.snapshot(), snapshot);
}

#[test]
fn clerks_decide_and_linking_obeys() {
    let world = world::county(1_200, 306, 3.0);
    let rows = unrefused(&world);
    let project = Project::empty();
    let parts = by_year(&rows);
    let (last, before) = parts.split_last().unwrap();
    hand_in(&project, before);
    project.ok(["link"]);
    let queue = |project: &Project| -> Vec<String> {
        let csv = project.ok(["check", "review", "--format", "csv"]).stdout;
        csv.lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect()
    };
    let waiting = queue(&project);
    let in_table = project.number("SELECT count(*) FROM links WHERE class = 'review'");
    assert_eq!(waiting.len() as i64, in_table);
    let [one, two, ..] = &waiting[..] else {
        panic!("{waiting:?}");
    };

    // A reason is needed, and a key that names something.
    assert_eq!(project.run(["check", "review", one, "--same"]).code, 2);
    let unknown = [
        "check",
        "review",
        "ffff0000ffff",
        "--same",
        "--reason",
        "why",
    ];
    assert_eq!(project.run(unknown).code, 2);
    let births = project.number("SELECT count(*) FROM births");
    project.ok([
        "check",
        "review",
        one,
        "--same",
        "--reason",
        "paper files agree",
    ]);
    project.ok([
        "check",
        "review",
        two,
        "--different",
        "--reason",
        "two paper files",
    ]);
    let obeyed = |project: &Project| {
        let of = |key: &str| {
            project.sql(&format!(
                "SELECT class, pass FROM links WHERE link_key = '{key}'"
            ))
        };
        assert_eq!(of(one), "class,pass\ncertain,clerk\n");
        assert_eq!(of(two), "class,pass\n");
        let left = queue(project);
        assert!(!left.contains(one) && !left.contains(two));
    };
    project.ok(["link"]);
    obeyed(&project);
    assert!(project.number("SELECT count(*) FROM births") < births);

    // Another delivery, and the very records handed in again by a corrected file.
    hand_in(&project, std::slice::from_ref(last));
    let corrected: Vec<_> = before
        .iter()
        .map(|(register, year, text)| {
            (
                *register,
                *year,
                format!("{}\n", text.trim_end().replace('\n', "\r\n")),
            )
        })
        .collect();
    hand_in(&project, &corrected);
    project.ok(["link"]);
    obeyed(&project);
    assert_eq!(project.number("SELECT count(*) FROM reviews"), 2);

    // A changed mind.
    project.ok([
        "check",
        "review",
        one,
        "--different",
        "--reason",
        "looked again",
    ]);
    project.ok(["link"]);
    assert_eq!(
        project.number(&format!(
            "SELECT count(*) FROM links WHERE link_key = '{one}'"
        )),
        0
    );
}

#[test]
fn explanations_add_up_and_name_nobody() {
    let world = world::county(1_200, 307, 3.0);
    let project = Project::empty();
    hand_in(&project, &by_year(&unrefused(&world)));
    project.ok(["link"]);
    let of = |class: &str, column: &str| {
        let sql = format!(
            "SELECT {column} FROM links WHERE class = '{class}' AND pass = 'score' ORDER BY link_key LIMIT 1"
        );
        project.sql(&sql).lines().nth(1).unwrap().to_owned()
    };
    for (class, column) in [
        ("probable", "link_key"),
        ("review", "link_key"),
        ("probable", "birth_key"),
    ] {
        let key = of(class, column);
        let csv = project
            .ok(["check", "explain", &key, "--format", "json"])
            .stdout;
        let steps: serde_json::Value = serde_json::from_str(&csv).unwrap();
        let mut sum = 0.0;
        let mut links = 0;
        for step in steps.as_array().unwrap() {
            let Some(bits) = step["bits"].as_f64() else {
                continue;
            };
            if step["comparison"] == "before comparing" || step["comparison"] == "比较之前" {
                (sum, links) = (0.0, links + 1);
            }
            sum += bits;
            assert!(
                (step["total"].as_f64().unwrap() - sum).abs() < 1e-6,
                "{csv}"
            );
            let probability = step["probability"].as_f64().unwrap();
            if step["comparison"] == "township" || step["comparison"] == "乡镇" {
                let found = 1.0 / (1.0 + (-sum).exp2());
                // The rarity of the name may come after.
                assert!((found - probability).abs() < 0.9, "{csv}");
            }
        }
        assert!(links >= 1, "{csv}");
        for lang in ["zh", "en"] {
            let text = project
                .ok([
                    "--lang", lang, "check", "explain", &key, "--format", "table",
                ])
                .stdout;
            let identities = world.rows.iter().flat_map(|row| {
                [
                    &row.name,
                    &row.mother.name,
                    &row.father.name,
                    &row.mother.id,
                    &row.father.id,
                    &row.certificate,
                    &row.own_id,
                ]
            });
            for identity in identities.filter(|name| name.chars().count() >= 2 && *name != "未取名")
            {
                assert!(!text.contains(identity.as_str()), "{text}");
            }
        }
    }
    // A rule says its sentence; a record is found by its place; nothing is found by nonsense.
    let place = "SELECT left_table || ':' || substr(left_delivery_id, 1, 8) || '/' || left_source_row FROM links WHERE pass = 'certificate' LIMIT 1";
    let place = project.sql(place).lines().nth(1).unwrap().to_owned();
    let text = project
        .ok([
            "--lang", "en", "check", "explain", &place, "--format", "table",
        ])
        .stdout;
    assert!(
        text.contains("certain: the same birth certificate number"),
        "{text}"
    );
    assert_eq!(project.run(["check", "explain", "nonsense"]).code, 2);
}

#[test]
fn an_older_warehouse_gets_a_hint() {
    let project = Project::empty();
    let file = project.folder().join("catalog/tables/reviews.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let older: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("_record,"))
        .collect();
    std::fs::write(&file, older.join("\n")).unwrap();
    let output = project.run(["--lang", "en", "link"]);
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("remove catalog/tables/reviews.yaml"),
        "{}",
        output.stderr
    );
    std::fs::remove_file(&file).unwrap();
    project.ok(["link"]);
    // Before it was made, the table is not there; with its name comes the way to it.
    let output = project.run([
        "--lang",
        "en",
        "--as-of",
        "0",
        "sql",
        "-c",
        "SELECT * FROM births",
    ]);
    assert_eq!(output.code, 1, "{}", output.stderr);
    assert!(
        output.stderr.contains("run `renkou link`"),
        "{}",
        output.stderr
    );
}
