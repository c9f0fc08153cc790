use super::*;

const TABLE: &str = "\
title: Visits
title_zh: 入户
description: one row per visit
owner: health
kind: event
partition: visit_year
sort: [sex]
columns:
  - {name: mother_key, type: key, zh: 母亲标识, description: pseudonym}
  - {name: sex, type: sex, zh: 性别, description: sex, list: sex}
  - {name: visit_date, type: date, zh: 日期, description: date}
  - {name: visit_year, type: integer, zh: 年份, description: year}
";

const SOURCE: &str = "\
title: Visits
title_zh: 入户
table: visits
recognise: {headers: [visit_date]}
period: {field: visit_date}
fields:
  mother_id: {headers: [母亲身份证号], type: citizen_id}
  mother_name: {headers: [母亲姓名], type: name}
  sex: {headers: [性别], type: sex}
  visit_date: {headers: [入户日期], type: date}
  state: {headers: [状态], type: code, map: {1: open}, unmapped: null}
skip:
  - {field: state, values: [作废]}
columns:
  mother_key: key(person, mother_id)
  sex: first(sex, sex_of(mother_id))
  visit_date: visit_date
  visit_year: year(visit_date)
rules:
  - {rule: required, fields: [visit_date]}
  - {rule: date_range, field: visit_date, min: 1979-01-01, severity: warn}
";

fn files() -> Files {
    let departments = "departments:\n  health: {title: Health, title_zh: 卫健委}\n";
    [
        ("departments.yaml", departments),
        ("regions.csv", "region_code,name,level\n"),
        ("codes/sex.csv", "code,name,name_en,aliases\n"),
        ("tables/visits.yaml", TABLE),
        ("sources/health/visits.yaml", SOURCE),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
    .collect()
}

/// The only problem after replacing `from` by `to` in one file: place, message, hint.
fn only(file: &str, from: &str, to: &str) -> (String, String, String) {
    let mut files = files();
    let text = String::from_utf8(files[file].clone()).unwrap();
    assert_eq!(text.matches(from).count(), 1, "{from}");
    files.insert(file.to_owned(), text.replace(from, to).into_bytes());
    let problems = Catalog::from_files(&files).unwrap_err();
    let [problem] = problems.as_slice() else {
        panic!("{problems:#?}")
    };
    assert_eq!(problem.file, file);
    let hint = problem
        .hint
        .as_ref()
        .map(|hint| hint.en.clone())
        .unwrap_or_default();
    (problem.place(), problem.message.en.clone(), hint)
}

fn in_table(from: &str, to: &str) -> (String, String, String) {
    let (place, message, hint) = only("tables/visits.yaml", from, to);
    (place.replace("tables/visits.yaml:", ""), message, hint)
}

fn in_source(from: &str, to: &str) -> (String, String, String) {
    let (place, message, hint) = only("sources/health/visits.yaml", from, to);
    (
        place.replace("sources/health/visits.yaml:", ""),
        message,
        hint,
    )
}

fn expect(found: (String, String, String), place: &str, message: &str, hint: &str) {
    assert_eq!(
        (found.0.as_str(), found.1.as_str(), found.2.as_str()),
        (place, message, hint)
    );
}

#[test]
fn the_shipped_catalog_has_no_problem() {
    match Catalog::builtin() {
        Ok(catalog) => assert!(catalog.sources.len() >= 15 && catalog.tables.len() >= 18),
        Err(problems) => panic!("{problems:#?}"),
    }
}

#[test]
fn the_shipped_tables_have_the_columns_of_the_contract() {
    let catalog = Catalog::builtin().unwrap();
    for (table, columns) in [
        (
            "regions",
            "region_code name level parent_code urban_rural_class is_urban",
        ),
        ("codes", "list code name name_en"),
        (
            "birth_certificates",
            "certificate_key child_key sex birth_date birth_year gestation_weeks birth_weight_g plurality \
             birth_order mother_key mother_age mother_ethnicity father_key region_code township_code facility \
             issue_date issue_type delivery_id source_sheet source_row",
        ),
        (
            "fertility_registrations",
            "registration_key wife_key husband_key marriage_date parity expected_date registration_date \
             region_code township_code delivery_id",
        ),
        (
            "household_register",
            "person_key household_key sex birth_date birth_year ethnicity relation region_code township_code \
             mother_key father_key birth_certificate_key registration_date registration_reason status \
             cancel_date cancel_reason id_status",
        ),
        (
            "deaths",
            "person_key sex birth_date death_date death_year age_years cause_icd10 region_code township_code \
             reported_by id_status",
        ),
        (
            "marriages",
            "certificate_key husband_key wife_key husband_birth_date wife_birth_date registration_date \
             registration_year",
        ),
        (
            "divorces",
            "certificate_key husband_key wife_key husband_birth_date wife_birth_date registration_date \
             registration_year",
        ),
        ("adoptions", "region_code year month sex count"),
        (
            "maternity_insurance",
            "person_key sex employer delivery_date benefit_type paid_date",
        ),
        (
            "population_statistics",
            "region_code year reference measure value vintage",
        ),
        (
            "development_plans",
            "region_code plan indicator unit base_year base_value target_year target_value nature",
        ),
        ("birth_counts", "region_code year month measure count"),
        (
            "household_visits",
            "child_key mother_key sex birth_date township_code visit_date",
        ),
        (
            "survey_persons",
            "region_code survey_year weight sex birth_year birth_month residence_type",
        ),
        (
            "deliveries",
            "delivery_id department source period place file_name encoding bytes sheets received_at rows_read \
             rows_accepted rows_rejected rows_skipped rows_warned status superseded_by snapshot_id",
        ),
        (
            "rejects",
            "delivery_id source_sheet source_row cell column rule reason",
        ),
        (
            "warnings",
            "delivery_id source_sheet source_row cell column rule reason",
        ),
    ] {
        let found = &catalog.tables[table];
        for column in columns.split_whitespace() {
            assert!(found.column(column).is_some(), "{table}.{column}");
        }
    }
    assert_eq!(catalog.tables["household_register"].title_zh, "户籍人口");
    assert_eq!(
        catalog.tables["birth_certificates"].title_zh,
        "出生医学证明"
    );
}

#[test]
fn survey_persons_hold_nothing_that_links() {
    let catalog = Catalog::builtin().unwrap();
    let table = &catalog.tables["survey_persons"];
    assert!(
        !table.linkable
            && table
                .columns
                .iter()
                .all(|column| column.kind != ColumnType::Key)
    );
    let source = &catalog.sources["statistics/survey_persons"];
    assert!(source.fields.iter().all(|field| !field.identity));
    let name = &source.fields[source.field("name").unwrap()];
    assert_eq!(name.kind, FieldType::Discard);
}

#[test]
fn defaults_are_written_once_and_load_as_built_in() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("catalog/departments.yaml");
    fs_err::create_dir_all(folder.path().join("catalog")).unwrap();
    fs_err::write(&mine, "mine").unwrap();
    write_defaults(folder.path()).unwrap();
    assert_eq!(fs_err::read_to_string(&mine).unwrap(), "mine");

    fs_err::remove_file(&mine).unwrap();
    write_defaults(folder.path()).unwrap();
    let loaded = Catalog::load(&folder.path().join("catalog")).unwrap();
    let builtin = Catalog::builtin().unwrap();
    assert_eq!(loaded.departments, builtin.departments);
    assert_eq!(loaded.tables, builtin.tables);
    assert!(loaded.sources.keys().eq(builtin.sources.keys()));
}

#[test]
fn a_source_is_bound_to_positions_and_enums() {
    let catalog = Catalog::from_files(&files()).unwrap();
    let source = &catalog.sources["health/visits"];
    assert_eq!(source.department, "health");
    assert_eq!(source.recognise.headers, [3]);
    assert_eq!(source.period, Some(Period::Field(3)));
    assert!(source.fields[0].identity && !source.fields[2].identity);
    assert_eq!(source.fields[4].unmapped, Unmapped::Null);
    assert_eq!(source.fields[4].map, [("1".to_owned(), "open".to_owned())]);
    assert_eq!(source.columns[0].1.fields(), [0]);
    assert!(matches!(
        source.rules[1],
        Rule::DateRange {
            subject: Subject::Field(3),
            min: Some(3287),
            max: None,
            severity: Severity::Warn
        }
    ));
    let columns: Vec<&str> = catalog.tables["visits"]
        .columns
        .iter()
        .map(|c| c.name.as_str())
        .collect();
    assert_eq!(columns[4..], ["delivery_id", "source_sheet", "source_row"]);
}

#[test]
fn problems_in_tables_are_located_with_the_nearest_name() {
    expect(
        in_table("owner:", "ownr:"),
        "4:1",
        "unknown key `ownr`",
        "did you mean `owner`?",
    );
    expect(
        in_table("owner: health", "owner: helth"),
        "4:8",
        "unknown department `helth`",
        "did you mean `health`?",
    );
    expect(
        in_table("kind: event", "kind: events"),
        "5:7",
        "unknown value `events`",
        "did you mean `event`?",
    );
    expect(
        in_table("visit_year\n", "visit_yaer\n"),
        "6:12",
        "unknown column `visit_yaer`",
        "did you mean `visit_year`?",
    );
    expect(
        in_table("list: sex", "list: sxe"),
        "10:60",
        "unknown code list `sxe`",
        "did you mean `sex`?",
    );
    expect(
        in_table("type: date", "type: dat"),
        "11:30",
        "unknown column type `dat`",
        "did you mean `date`?",
    );
    let (place, message, _) = in_table("zh: 日期", "zh: 日 期");
    assert_eq!(
        (place.as_str(), message.as_str()),
        ("11:40", "`日 期` needs quotes in SQL")
    );
    expect(
        in_table("zh: 年份", "zh: 日期"),
        "12:43",
        "two columns are called `日期`",
        "",
    );
}

#[test]
fn problems_in_sources_are_located_with_the_nearest_name() {
    expect(
        in_source("table: visits", "table: visit"),
        "3:8",
        "unknown table `visit`",
        "did you mean `visits`?",
    );
    expect(
        in_source("headers: [visit_date]", "headers: [visit_dat]"),
        "4:23",
        "unknown field `visit_dat`",
        "did you mean `visit_date`?",
    );
    expect(
        in_source("{field: visit_date}", "{field: sex}"),
        "5:17",
        "`sex` is no date field",
        "",
    );
    expect(
        in_source("type: citizen_id}", "type: citizen_di}"),
        "7:40",
        "unknown field type `citizen_di`",
        "did you mean `citizen_id`?",
    );
    expect(
        in_source("unmapped: null", "unmapped: drop"),
        "11:54",
        "unknown value `drop`",
        "expected one of: reject, keep, null",
    );
    expect(
        in_source("{field: state, values", "{field: stat, values"),
        "13:13",
        "unknown field `stat`",
        "did you mean `state`?",
    );
    expect(
        in_source("  visit_date: visit_date", "  visit_dat: visit_date"),
        "17:3",
        "`visits` has no column `visit_dat`",
        "did you mean `visit_date`?",
    );
    expect(
        in_source("first(sex, sex_of", "first(sex, sexof"),
        "16:19",
        "unknown function `sexof`",
        "did you mean `sex_of`?",
    );
    expect(
        in_source("{rule: required", "{rule: requried"),
        "20:12",
        "unknown rule `requried`",
        "did you mean `required`?",
    );
    expect(
        in_source("min: 1979-01-01", "min: 1979-02-30"),
        "21:48",
        "`1979-02-30` is no date",
        "write it as 2018-03-05",
    );
}

#[test]
fn regular_expressions_are_checked() {
    let (place, message, _) = in_source(
        "{rule: required, fields: [visit_date]}",
        "{rule: pattern, field: mother_id, regex: '^[A-Z$'}",
    );
    assert_eq!(place, "20:46");
    assert_eq!(
        message,
        "the regular expression is wrong: unclosed character class"
    );
}

#[test]
fn an_identity_cannot_fill_a_column_or_a_table_that_is_not_linkable() {
    let (place, message, _) = in_source("visit_date: visit_date", "visit_date: mother_name");
    assert_eq!(
        (place.as_str(), message.as_str()),
        ("17:15", "an identity cannot fill a column")
    );

    let mut files = files();
    let table = TABLE.replace("kind: event", "kind: event\nlinkable: false");
    files.insert("tables/visits.yaml".into(), table.into_bytes());
    let problems = Catalog::from_files(&files).unwrap_err();
    let places: Vec<String> = problems.iter().map(Problem::place).collect();
    assert_eq!(
        places,
        [
            "sources/health/visits.yaml:7:40",
            "sources/health/visits.yaml:8:40",
            "tables/visits.yaml:10:30"
        ]
    );
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let mut files = files();
    files.remove("regions.csv");
    files.insert("codes/gbk.csv".into(), b"code\nx\xb3\xf6".to_vec());
    files.insert("sources/helth/a.yaml".into(), SOURCE.as_bytes().to_vec());
    files.insert("sources/health/b.yml".into(), Vec::new());
    let source = SOURCE
        .replace("sex_of(mother_id)", "sex_of(mother_idd)")
        .replace("[作废]", "[作废], matches: x");
    files.insert("sources/health/visits.yaml".into(), source.into_bytes());
    let problems = Catalog::from_files(&files).unwrap_err();
    let told: Vec<String> = problems
        .iter()
        .map(|p| format!("{}: {}", p.place(), p.message.en))
        .collect();
    assert_eq!(
        told,
        [
            "codes/gbk.csv:2:2: the file is not UTF-8",
            "regions.csv: the file is missing",
            "sources/health/b.yml: the file would be ignored",
            "sources/health/visits.yaml:13:13: write one of `values`, `except`, `matches`",
            "sources/health/visits.yaml:16:26: unknown field `mother_idd`",
            "sources/helth/a.yaml: unknown department `helth`",
        ]
    );
}
