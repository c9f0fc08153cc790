//! Commands of the shell, and hints.

use super::*;

#[test]
fn commands_and_their_arguments_are_completed() {
    are(&[
        (".ta|", &[".tables "]),
        (".des|", &[".describe "]),
        (".quit|", &[".quit"]),
        ("\\t|", &["\\timing "]),
        (".run |", &["births", "age_pyramid"]),
        (".run 人口金|", &["age_pyramid"]),
        (".run births |", &["year=", "by=", "region=", "final="]),
        (".run births by=sex |", &["year=", "region=", "final="]),
        (".run births y|=2018", &["year"]),
        (".run births by=|", &["none", "township", "sex"]),
        (".run births by=\"to|", &["township\""]),
        (".run births by=to|", &["township"]),
        (".run births final=|", &["true", "false"]),
        (".run births region=晋|", &["150121101"]),
        (".run births year=|", &[]),
        (".run nothing |", &[]),
        (".read |", &["a.sql", "\"my queries/", "out/"]),
        (".read \"my queries/|", &["\"my queries/b 1.sql\""]),
        ("\\i a|", &["a.sql"]),
        (".output o|", &["out/"]),
        (".once o|", &["out/"]),
        (
            ".export bir|",
            &["birth_certificates", "births", "出生医学证明"],
        ),
        (".export births o|", &["out/"]),
        (".export births out/x.csv y|", &["year="]),
        (".mode |", &["table", "csv", "markdown"]),
        (".mode m|", &["markdown"]),
        (".manual age|", &["age_at"]),
        (".functions su|", &["sum"]),
        (".set pag|", &["pager"]),
        (".set pager |", &["on", "off", "auto"]),
        (".set mode c|", &["csv"]),
        ("\\pset edit_mode v|", &["vi"]),
        (".set maxrows |", &[]),
        ("\\d bir|", &["birth_certificates", "出生医学证明"]),
        (".schema 出生|", &["出生医学证明", "birth_certificates"]),
        (".schema odd|", &["\"Odd table\""]),
        (".timer o|", &["on", "off"]),
        (".rejects 019a2|", &["019a2b"]),
        (".chart b|", &["bar"]),
        (".chart bar |", &["births"]),
        (".explain sel|", &["select"]),
        (
            ".explain select d| from deaths\nselect 1",
            &["death_date", "delivery_id", "deaths.", "distinct"],
        ),
        (".help .tab|", &[".tables"]),
        (".wrong |", &[]),
        (".tables |", &[]),
        (".quit |", &[]),
        ("select 1;\n.mo|", &[".mode "]),
    ]);
    let (_, shown) = completed(".mo|");
    assert!(
        shown.candidates[0]
            .display
            .starts_with(".mode   format of results")
    );
}

#[test]
fn hints_tell_how_it_goes_on() {
    for (marked, expected) in [
        ("select age_at(|", Some("  age_at(‹birth_date›, date)")),
        (
            "select age_at(birth_date, |",
            Some("  age_at(birth_date, ‹date›)"),
        ),
        (
            "select age_at(birth_date, '2020|",
            Some("  age_at(birth_date, ‹date›)"),
        ),
        (
            "select age_at(coalesce(1, 2, 3, |",
            Some("  coalesce(value, value, ‹…›)"),
        ),
        ("select age_at((1 + |", Some("  age_at(‹birth_date›, date)")),
        ("select now(|", Some("  now()")),
        ("select age_at(1, 2)|", None),
        ("select unknown(|", None),
        ("sel|", Some("ect")),
        ("SEL|", Some("ECT")),
        ("select 1 from death|", None),
        ("select 1 from deaths where d|", None),
        ("select death_d| ", Some("ate")),
        ("select death_d| from deaths", None),
        (".mod|", Some("e ")),
        (".mode|", Some("  [FORMAT]")),
        (".mode |", Some("  [FORMAT]")),
        (
            ".run births |",
            Some("  [year=latest_complete_year] [by=none|township|…] region=<code> final=<flag>"),
        ),
        (
            ".run births year=2018 by=sex final=true |",
            Some("  region=<code>"),
        ),
        (".run births by=to|", Some("wnship")),
        (".timer o|", None),
        ("|", None),
        ("select 1 -- age_at(|", None),
    ] {
        let at = marked.find('|').unwrap();
        let text = marked.replacen('|', "", 1);
        assert_eq!(
            hint(&knowledge(), &text, at).as_deref(),
            expected,
            "{marked}"
        );
    }
}
