//! Tables and columns.

use super::*;

const BIRTH_COLUMNS: &[&str] = &[
    "sex",
    "birth_date",
    "mother_key",
    "township_code",
    "issue_type",
    "delivery_id",
];

#[test]
fn columns_are_those_of_the_tables_in_from_even_when_it_comes_later() {
    begin(&[
        ("select | from birth_certificates", BIRTH_COLUMNS),
        ("select sex, | from birth_certificates", BIRTH_COLUMNS),
        ("select 1 from birth_certificates where |", BIRTH_COLUMNS),
        (
            "select 1 from birth_certificates where sex = 1 and |",
            BIRTH_COLUMNS,
        ),
        ("select 1 from birth_certificates group by |", BIRTH_COLUMNS),
        ("select count(| from birth_certificates", BIRTH_COLUMNS),
        ("select | from main.birth_certificates", BIRTH_COLUMNS),
        ("select * from (birth_certificates) where |", BIRTH_COLUMNS),
        ("SELECT | FROM BIRTH_CERTIFICATES", BIRTH_COLUMNS),
        ("select | from 出生医学证明", &["性别", "出生日期"]),
        ("select b| from birth_certificates", &["birth_date"]),
        ("select b.| from birth_certificates b", BIRTH_COLUMNS),
        ("select birth_certificates.| ", BIRTH_COLUMNS),
        (
            "select 1 from birth_certificates b where b.mo|",
            &["mother_key"],
        ),
        ("select birth_d|", &["birth_date"]),
    ]);
    are(&[
        ("select d.s| from deaths d", &["sex"]),
        ("select B.Birth| from birth_certificates b", &["birth_date"]),
        ("select x.| from deaths d", &[]),
        ("select 1.| from deaths d", &[]),
        ("select 1 from deaths limit |", &[]),
        ("select sex as | from deaths", &[]),
        (
            "select 1; select death| from deaths; select 2 from birth_certificates",
            &["death_date", "deaths."],
        ),
    ]);
}

#[test]
fn columns_of_several_tables_are_qualified_where_needed() {
    are(&[
        (
            "select s| from birth_certificates b join deaths on true",
            &["b.sex", "deaths.sex", "sum("],
        ),
        (
            "select death| from birth_certificates b, deaths d",
            &["death_date"],
        ),
        (
            "select 1 from birth_certificates b join deaths d using (|",
            &["sex", "township_code"],
        ),
    ]);
    begin(&[(
        "select 1 from birth_certificates b join deaths d on |",
        &[
            "b.sex = d.sex",
            "b.township_code = d.township_code",
            "b.sex",
        ],
    )]);
}

#[test]
fn only_the_innermost_query_counts_then_those_around_it() {
    begin(&[
        (
            "select (select | from deaths) from birth_certificates",
            &["sex", "death_date", "township_code"],
        ),
        (
            "select 1 from birth_certificates b where exists (select 1 from deaths d where d.sex = b.|)",
            BIRTH_COLUMNS,
        ),
        (
            "select 1 from birth_certificates b where exists (select 1 from deaths d where mother|)",
            &["mother_key"],
        ),
        (
            "select 1 from deaths union all select | from birth_certificates",
            BIRTH_COLUMNS,
        ),
    ]);
    lack(&[
        (
            "select 1 from birth_certificates, (select | from deaths) d",
            &["birth_date", "mother_key"],
        ),
        (
            "select | from deaths union select 1 from birth_certificates",
            &["birth_date"],
        ),
    ]);
}

#[test]
fn queries_of_with_and_in_brackets_give_columns() {
    are(&[
        (
            "with x as (select sex, count(*) as n, township_code t from deaths) select x.| from x",
            &["sex", "n", "t", "*"],
        ),
        (
            "with x as (values (1, 'a'), (2, 'b')) select x.| from x",
            &["column1", "column2", "*"],
        ),
        ("select y| from (values (1, 'a')) as t(x, year)", &["year"]),
        (
            "with x(a, b) as (select 1, 2) select x.| from x",
            &["a", "b", "*"],
        ),
        (
            "select q.| from (select sex s, 1 as one from deaths) q",
            &["s", "one", "*"],
        ),
        (
            "with x as (select * from deaths), y as (select x.* from x) select y.d| from y",
            &["death_date", "delivery_id"],
        ),
        (
            "with x as (select township_code t from deaths) select 1 from x where t = '晋|",
            &["150121101'"],
        ),
        (
            "with recursive x as (select 1 as n union all select n| from x) select 1",
            &["n", "now()", "code_name("],
        ),
    ]);
    begin(&[
        ("with xx as (select 1) select 1 from x|", &["xx"]),
        (
            "with x as (select 1) select 1 from |",
            &["x", "birth_certificates"],
        ),
    ]);
    lack(&[(
        "with x as (select 1 from |), y as (select 1) select 1",
        &["y"],
    )]);
}

#[test]
fn tables_are_found_in_both_languages() {
    are(&[
        (
            "select 1 from birth|",
            &["birth_certificates", "出生医学证明"],
        ),
        ("select 1 from bc|", &["birth_certificates", "出生医学证明"]),
        (
            "select 1 from b_c|",
            &["birth_certificates", "出生医学证明"],
        ),
        (
            "select 1 from 出生|",
            &["出生医学证明", "birth_certificates"],
        ),
        (
            "select 1 from 证明|",
            &["出生医学证明", "birth_certificates"],
        ),
        (
            "select 1 from brthcert|",
            &["birth_certificates", "出生医学证明"],
        ),
        (
            "select 1 from deaths join birth|",
            &["birth_certificates", "出生医学证明"],
        ),
        ("describe birth|", &["birth_certificates", "出生医学证明"]),
        ("select 1 from vault.|", &["deaths"]),
        ("select 1 from odd|", &["\"Odd table\""]),
        ("select 1 from \"odd|", &["Odd table\""]),
        ("select 1 from \"Odd|\"", &["Odd table"]),
        ("select 性| from birth_certificates", &["sex"]),
        ("select se| from 出生医学证明", &["性别"]),
        (
            "select o| from \"Odd table\"",
            &["\"order\"", "\"Odd table\"."],
        ),
        ("select mi| from \"Odd table\"", &["\"Mixed\""]),
    ]);
    begin(&[(
        "select 1 from |",
        &["birth_certificates", "deaths", "\"Odd table\""],
    )]);
}

#[test]
fn group_by_and_order_by_know_the_names_of_the_select_list() {
    begin(&[
        (
            "select sex s, count(*) as births from deaths group by |",
            &["s", "births", "sex"],
        ),
        (
            "select count(*) 出生数 from deaths order by 出|",
            &["出生数"],
        ),
        ("select sex as s from deaths order by s|", &["s", "sex"]),
    ]);
    lack(&[("select sex as zz from deaths where |", &["zz"])]);
}
