//! Keywords, functions and what is left alone.

use super::*;

#[test]
fn keywords_come_where_they_fit_in_the_case_of_what_was_typed() {
    are(&[
        ("sel|", &["select"]),
        ("SEL|", &["SELECT"]),
        ("S|", &["SELECT", "SHOW"]),
        ("select sex fr|", &["from"]),
        (
            "SELECT sex |fr",
            &[
                "FROM",
                "AS",
                "IS NULL",
                "IS NOT NULL",
                "IN (",
                "NOT IN (",
                "BETWEEN",
                "LIKE",
                "NOT LIKE",
                "ILIKE",
                "NOT BETWEEN",
                "IS DISTINCT FROM",
                "AND",
                "OR",
                "WHERE",
                "UNION ALL",
                "ORDER BY",
                "LIMIT",
            ],
        ),
        ("select 1 from deaths g|", &["group by"]),
        ("select 1 from deaths group |", &["by"]),
        ("select 1 from deaths left |", &["join", "outer join"]),
        (
            "select 1 from deaths where sex is |",
            &[
                "null",
                "not null",
                "true",
                "false",
                "not true",
                "not false",
                "distinct from",
                "not distinct from",
            ],
        ),
        (
            "select 1 from deaths where sex not |",
            &["in (", "like", "ilike", "between"],
        ),
        ("select 1 from deaths order by sex d|", &["desc"]),
        ("select 1 union |", &["all", "select"]),
        ("select 1 union all |", &["select"]),
        ("select coalesce(sum(sex) f|", &["filter (where"]),
        ("explain a|", &["analyze"]),
        ("select cast(sex as d|", &["double", "decimal(", "date"]),
        ("select sex::VAR|", &["VARCHAR"]),
        ("select sum(sex) over (p|", &["partition by"]),
        ("select sum(sex) filter (|", &["where"]),
        ("select extract(mo|", &["month"]),
        ("select extract(month |", &["from"]),
        ("with a |", &["as ("]),
        ("with a as (|", &["select", "with", "values"]),
        ("with a as (select 1) s|", &["select"]),
    ]);
    begin(&[
        ("|", &["select", "with", "explain"]),
        (
            "select 1 from deaths where sex = 1 |",
            &["and", "or", "group by"],
        ),
        (
            "select 1 from deaths where sex |",
            &["is null", "is not null", "in ("],
        ),
        ("select 1 from deaths where d.sex in (1) |", &["and", "or"]),
        ("select 1 from deaths where sex between 1 |", &["and"]),
        ("select 1 from deaths d |", &["where", "join", "left join"]),
        ("select case when sex = 1 |", &["when", "then"]),
        ("select count(*) |", &["from", "as", "over ("]),
        (
            "select 1 from a join deaths on a.b = c.d |",
            &["and", "or", "join"],
        ),
        ("SELECT 1 |", &["FROM", "AS"]),
        (
            "select 1 from deaths order by sex |",
            &["desc", "asc", "limit"],
        ),
        ("select * |", &["from"]),
    ]);
}

#[test]
fn functions_open_their_bracket() {
    are(&[
        ("select age|", &["age_at("]),
        ("select AGE|", &["AGE_AT("]),
        ("select now|", &["now()"]),
        ("select age|(birth_date, date)", &["age_at"]),
        ("select 1 from deaths where coal|", &["coalesce("]),
        ("select 1 from deaths where sum|", &[]),
        ("select 1 from deaths having sum|", &["sum("]),
    ]);
}

#[test]
fn comments_and_parameters_are_left_alone() {
    are(&[
        ("select 1 -- from |", &[]),
        ("select /* fr| */ 1", &[]),
        ("/* sel|", &[]),
        ("select $ye|", &[]),
        ("select 1 \\G|", &[]),
        ("select $$ fr|", &[]),
    ]);
    begin(&[("-- from\nsel|", &["select"]), ("/* a */|", &["select"])]);
}
