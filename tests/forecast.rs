//! Projections against textbooks, and what is said about wrong inputs.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::common::{Output, Project};

// Sweden 1993 (Preston, Heuveline & Guillot 2001, box 6.1 and 6.2): women and net migrants by
// five-year groups to 85+, person-years lived (the last one from 85 on), births per woman.
const WOMEN: [u32; 18] = [
    293395, 248369, 240012, 261346, 285209, 314388, 281290, 286923, 304108, 324946, 247613, 211351,
    215140, 221764, 223506, 183654, 141990, 112424,
];
const LIVED: [u32; 18] = [
    497487, 497138, 496901, 496531, 495902, 495168, 494213, 492760, 490447, 486613, 480665, 471786,
    457852, 436153, 402775, 350358, 271512, 291707,
];
const MIGRANTS: [u32; 18] = [
    6840, 4150, 3365, 5270, 9240, 8230, 5470, 3155, 1770, 1115, 1075, 845, 645, 530, 465, 300, 250,
    175,
];
const FERTILITY: [f64; 7] = [0.012, 0.0908, 0.1499, 0.1125, 0.0441, 0.0074, 0.0003];
const WOMEN_1998: [u32; 18] = [
    302392, 298682, 252007, 244150, 268267, 293515, 320624, 284767, 288031, 303166, 322062, 243989,
    205841, 205516, 205270, 194771, 142565, 131966,
];

/// The inputs of the textbook as CSV files; males are given the numbers of women.
fn sweden() -> Project {
    let project = Project::bare();
    let mut population = "sex,age,population\n".to_owned();
    let mut mortality = "sex,age,survival_ratio\n".to_owned();
    let mut migration = "sex,age,net\n".to_owned();
    for sex in ["male", "female"] {
        for group in 0..18 {
            let (age, lived) = (5 * group, f64::from(LIVED[group]));
            let ratio = match group {
                0 => lived / 500_000.0,
                17 => lived / (lived + f64::from(LIVED[16])),
                _ => lived / f64::from(LIVED[group - 1]),
            };
            writeln!(population, "{sex},{age},{}", WOMEN[group]).unwrap();
            writeln!(mortality, "{sex},{age},{ratio}").unwrap();
            writeln!(migration, "{sex},{age},{}", MIGRANTS[group]).unwrap();
        }
    }
    let mut fertility = "age,rate\n".to_owned();
    for (group, rate) in FERTILITY.iter().enumerate() {
        writeln!(fertility, "{},{rate}", 15 + 5 * group).unwrap();
    }
    for (name, text) in [
        ("p.csv", population),
        ("f.csv", fertility),
        ("m.csv", mortality),
        ("g.csv", migration),
    ] {
        std::fs::write(project.path(name), text).unwrap();
    }
    project
}

fn forecast(project: &Project, more: &[&str]) -> Output {
    forecast_with(project, &[&["--srb", "1.05"], more].concat())
}

fn forecast_with(project: &Project, more: &[&str]) -> Output {
    let mut command = project.command(["forecast", "--start-year", "1993"]);
    for (flag, name) in [
        ("--population", "p.csv"),
        ("--fertility", "f.csv"),
        ("--mortality", "m.csv"),
        ("--migration", "g.csv"),
    ] {
        command.arg(flag).arg(project.path(name));
    }
    let output = command.args(more).output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap_or(-1),
    }
}

/// The numbers of each row after year, sex and age.
fn rows(output: &Output) -> BTreeMap<(i32, i32, i32), Vec<f64>> {
    assert_eq!(output.code, 0, "{}", output.stderr);
    let rows = output.stdout.lines().skip(1).map(|line| {
        let cells: Vec<f64> = line
            .split(',')
            .map(|cell| cell.parse().unwrap_or(0.0))
            .collect();
        let key = (cells[0] as i32, cells[1] as i32, cells[2] as i32);
        (key, cells[3..].to_vec())
    });
    rows.collect()
}

#[test]
fn the_projection_of_the_textbook_comes_out_of_the_program() {
    let project = sweden();
    let output = forecast(
        &project,
        &[
            "--deterministic",
            "--horizon",
            "5",
            "--step",
            "5",
            "--components",
            "--format",
            "csv",
        ],
    );
    assert!(
        output
            .stdout
            .starts_with("year,sex,age,population,births,deaths,net_migration\n")
    );
    let found = rows(&output);
    assert_eq!(found.len(), 2 * 18 * 2);
    for (group, expected) in WOMEN_1998.iter().enumerate() {
        let here = found[&(1998, 2, 5 * group as i32)][0];
        assert!((here - f64::from(*expected)).abs() < 1.0, "{group}: {here}");
    }
    assert!((found[&(1998, 1, 0)][0] - 317_340.0).abs() < 1.0);
    let sum = |year: i32, column: usize| -> f64 {
        let of_year = found.iter().filter(|((at, ..), _)| *at == year);
        of_year.map(|(_, numbers)| numbers[column]).sum()
    };
    assert!((sum(1998, 1) - 615_989.0).abs() < 2.0);
    let residual = sum(1998, 0) - sum(1993, 0) - sum(1998, 1) + sum(1998, 2) - sum(1998, 3);
    assert!(residual.abs() < 1e-6, "{residual}");
}

#[test]
fn migrants_at_the_end_are_another_projection() {
    let project = sweden();
    let of = |convention: &str| {
        let args = ["--deterministic", "--horizon", "5", "--format", "csv"];
        let more = [&args[..], &["--migration-convention", convention]].concat();
        rows(&forecast(&project, &more))
    };
    let (even, end) = (of("even"), of("end"));
    // Without migration 293,574 girls (computed by others), and the migrants of that age.
    assert!((end[&(1998, 2, 0)][0] - 293_574.0 - 6840.0).abs() < 1.0);
    assert!(even[&(1998, 2, 0)][0] > end[&(1998, 2, 0)][0]);
}

#[test]
fn wrong_inputs_are_told_by_file_line_and_column() {
    let project = sweden();
    let path = project.path("f.csv");
    let text = std::fs::read_to_string(&path)
        .unwrap()
        .replace("0.1499", "many");
    std::fs::write(&path, text).unwrap();
    let output = forecast(&project, &["--deterministic", "--horizon", "5"]);
    assert_eq!((output.code, output.stdout.as_str()), (2, ""));
    assert!(
        output
            .stderr
            .contains("f.csv` line 4, column `rate`: expected a number"),
        "{}",
        output.stderr
    );
    let output = forecast(&sweden(), &["--deterministic", "--horizon", "7"]);
    assert_eq!(output.code, 2);
    assert!(
        output.stderr.contains("multiple of the step: 5 years"),
        "{}",
        output.stderr
    );
}

/// A made-up population of 12 years by five-year groups: old people die, others grow by a little
/// more than a percent a year.
fn history() -> String {
    let mut text = "year,sex,age,population\n".to_owned();
    for year in 1880..=1903 {
        for sex in [1, 2] {
            for age in (0..=85).step_by(5) {
                let many = 900.0 * (1.0 - f64::from(age) / 100.0);
                let grown = many * (0.011 * f64::from(year - 1880)).exp();
                let wave = 1.0 + 0.01 * f64::from((year * 7 + age) % 5 - 2);
                writeln!(text, "{year},{sex},{age},{}", (grown * wave).round()).unwrap();
            }
        }
    }
    text
}

#[test]
fn no_forecast_without_an_interval_and_the_same_seed_gives_the_same() {
    let project = Project::bare();
    let path = project.path("p.csv");
    std::fs::write(&path, history()).unwrap();
    let path = path.to_str().unwrap();
    let run = |more: &[&str]| {
        let args = [
            "forecast",
            "--population",
            path,
            "--horizon",
            "10",
            "--format",
            "csv",
        ];
        project.ok([&args[..], more].concat())
    };
    let totals = run(&["--totals"]);
    let mut lines = totals.stdout.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(
        header,
        [
            "year",
            "population",
            "lower_95",
            "lower_80",
            "median",
            "upper_80",
            "upper_95",
            "cohort_component",
            "damped_trend"
        ]
    );
    let last: Vec<f64> = lines
        .last()
        .unwrap()
        .split(',')
        .map(|cell| cell.parse().unwrap())
        .collect();
    assert_eq!(last[0], 1913.0);
    assert!(last[2] < last[3] && last[3] < last[1] && last[1] < last[5] && last[5] < last[6]);
    // What the trajectories have in the middle is the point forecast.
    assert!((last[4] / last[1] - 1.0).abs() < 1e-9);
    // Growth of a percent a year goes on, more slowly.
    let start = (0.11_f64).exp();
    assert!(last[1] > 0.98 * last[7].min(last[8]) && last[1] / last[7] < start);
    assert!(
        totals.stderr.contains("mortality is borrowed"),
        "{}",
        totals.stderr
    );
    assert_eq!(run(&["--totals"]).stdout, totals.stdout);
    assert_eq!(run(&["--totals", "--threads", "1"]).stdout, totals.stdout);
    assert!(run(&["--totals", "--seed", "2"]).stdout != totals.stdout);

    let groups = run(&["--components"]);
    let found = rows(&groups);
    assert_eq!(found.len(), 18 * 2 * 3);
    let sum = |year: i32, column: usize| -> f64 {
        let of_year = found.iter().filter(|((at, ..), _)| *at == year);
        of_year.map(|(_, numbers)| numbers[column]).sum()
    };
    let residual = sum(1908, 0) - sum(1903, 0) - sum(1908, 6) + sum(1908, 7) - sum(1908, 8);
    assert!(residual.abs() < 1e-6, "{residual}");
    assert!((sum(1913, 0) - last[1]).abs() < 1e-6);

    let low = run(&["--totals", "--scenario", "low"]).stdout;
    let low: f64 = low
        .lines()
        .last()
        .unwrap()
        .split(',')
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert!(low < last[1]);
}

#[test]
fn a_backtest_stands_beside_simple_forecasts() {
    let project = Project::bare();
    let path = project.path("p.csv");
    std::fs::write(&path, history()).unwrap();
    let output = project.ok([
        "forecast",
        "--backtest",
        "--population",
        path.to_str().unwrap(),
        "--horizon",
        "10",
        "--trajectories",
        "200",
        "--format",
        "csv",
    ]);
    let mut lines = output.stdout.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<f64>> = lines
        .map(|line| {
            line.split(',')
                .map(|cell| cell.parse().unwrap_or(f64::NAN))
                .collect()
        })
        .collect();
    let of = |row: usize, name: &str| rows[row][header.iter().position(|at| *at == name).unwrap()];
    assert_eq!((of(0, "horizon"), of(1, "horizon")), (5.0, 10.0));
    // 1885 to 1898 can be checked after five years, to 1893 after ten.
    assert_eq!((of(0, "forecasts"), of(1, "forecasts")), (14.0, 9.0));
    // Nothing changes: 5.3 % too low in five years of 1.1 % growth.
    assert!(
        (of(0, "naive_mape") - 5.35).abs() < 0.6,
        "{}",
        of(0, "naive_mape")
    );
    assert!(of(0, "mape") < of(0, "naive_mape") && of(0, "linear_mape") < of(0, "naive_mape"));
    assert!(of(1, "width_80") > of(0, "width_80") && of(0, "coverage_95") >= of(0, "coverage_80"));
}

#[test]
fn the_register_is_forecast_by_township() {
    let project = Project::sample();
    let output = project.ok(["forecast", "--totals", "--horizon", "5", "--format", "csv"]);
    let last = output.stdout.lines().last().unwrap();
    assert_eq!(output.stdout.lines().count(), 7, "{}", output.stdout);
    assert!(last.starts_with("2025,"), "{last}");
    assert!(
        output.stderr.contains("household register"),
        "{}",
        output.stderr
    );
    let towns = project.ok([
        "forecast",
        "--totals",
        "--by-township",
        "--horizon",
        "5",
        "--trajectories",
        "200",
        "--format",
        "csv",
    ]);
    let registered = project.number(
        "SELECT count(DISTINCT township_code) FROM household_register WHERE status = 'active'",
    );
    assert_eq!(towns.stdout.lines().count() as i64, 1 + 6 * registered);
}

// The census of county 150121 in 2010 (published median 38.40) by broad groups of the register's
// functions, and Kuwait 1982 (IUSSP, PAPP 103): total fertility 5.08.
#[test]
fn measures_are_aggregates_in_sql() {
    let project = Project::empty();
    let value = |sql: &str| -> f64 {
        let text = project.sql(sql);
        text.lines().nth(1).unwrap().parse().unwrap()
    };
    let kuwait = value(
        "SELECT tfr(age, births, women) FROM (VALUES (15, 66, 1000), (20, 212, 1000), \
         (25, 255, 1000), (30, 213, 1000), (35, 159, 1000), (40, 78, 1000), (45, 33, 1000)) \
         AS mothers(age, births, women)",
    );
    assert!((kuwait - 5.08).abs() < 1e-9, "{kuwait}");
    let median = value(
        "SELECT median_age(age, persons) FROM (VALUES (0, 13140), (5, 13069), (10, 16170), \
         (15, 24417), (20, 30230), (25, 22079), (30, 20196), (35, 24951), (40, 25697), \
         (45, 27199), (50, 24229), (55, 24456), (60, 46699)) AS pyramid(age, persons)",
    );
    assert!((median - 38.40).abs() < 0.005, "{median}");
    // Nobody but those who die at a constant rate: life expectancy is its inverse.
    let years = value(
        "SELECT life_expectancy(age, deaths, persons) FROM (VALUES (0, 20, 1000), (1, 20, 1000), \
         (2, 20, 1000)) AS mortality(age, deaths, persons)",
    );
    assert!((years - 50.0).abs() < 0.5, "{years}");
}

#[test]
fn the_sex_ratio_may_change_from_year_to_year() {
    let project = sweden();
    let path = project.path("srb.csv");
    std::fs::write(&path, "year,srb\n1993,1.05\n1998,105\n").unwrap();
    let args = [
        "--deterministic",
        "--horizon",
        "10",
        "--format",
        "csv",
        "--srb",
    ];
    let constant = forecast_with(&project, &[&args[..], &["1.05"]].concat());
    let by_year = forecast_with(&project, &[&args[..], &[path.to_str().unwrap()]].concat());
    assert_eq!((by_year.code, by_year.stdout), (0, constant.stdout));
    std::fs::write(&path, "year,srb\n1993,1.05\n1998,9\n").unwrap();
    let wrong = forecast_with(&project, &[&args[..], &[path.to_str().unwrap()]].concat());
    assert_eq!(wrong.code, 2);
    assert!(
        wrong.stderr.contains("srb.csv` line 3, column `srb`"),
        "{}",
        wrong.stderr
    );
}
