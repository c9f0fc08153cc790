use std::sync::Arc;

use arrow::array::{Date32Array, Int8Array, Int32Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::{MemTable, ViewTable, provider_as_source};
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::{LogicalPlanBuilder, col};
use datafusion::prelude::SessionConfig;
use futures::TryStreamExt;

use super::{Running, joins, missing_parameter, planning, sense};
use crate::error::{Error, Lang};
use crate::warehouse::statement::{Parsed, parse};

/// `births`, its Chinese view `出生医学证明`, and `deaths`.
fn session() -> SessionContext {
    let mut config = SessionConfig::new().with_information_schema(true);
    config.options_mut().sql_parser.collect_spans = true;
    config.options_mut().sql_parser.map_string_types_to_utf8view = false;
    config.options_mut().sql_parser.dialect = datafusion::config::Dialect::PostgreSQL;
    config.options_mut().execution.enable_recursive_ctes = false;
    let context = SessionContext::new_with_config(config);
    let schema = Arc::new(Schema::new(vec![
        Field::new("sex", DataType::Int8, true),
        Field::new("birth_date", DataType::Date32, true),
        Field::new("birth_year", DataType::Int32, true),
        Field::new("township_code", DataType::Utf8, true),
        Field::new("facility", DataType::Utf8, true),
    ]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(Int8Array::from(vec![1, 2])),
            Arc::new(Date32Array::from(vec![17_500, 17_600])),
            Arc::new(Int32Array::from(vec![2017, 2018])),
            Arc::new(StringArray::from(vec!["150121105000", "150121100"])),
            Arc::new(StringArray::from(vec!["秘密医院", "秘密医院"])),
        ],
    )
    .unwrap();
    let births = Arc::new(MemTable::try_new(schema, vec![vec![batch]]).unwrap());
    let names = [
        ("sex", "性别"),
        ("birth_date", "出生日期"),
        ("birth_year", "出生年份"),
        ("township_code", "乡镇代码"),
        ("facility", "助产机构"),
    ];
    let view = LogicalPlanBuilder::scan(
        "birth_certificates",
        provider_as_source(Arc::<MemTable>::clone(&births)),
        None,
    )
    .unwrap()
    .project(names.map(|(english, chinese)| col(english).alias(chinese)))
    .unwrap()
    .build()
    .unwrap();
    context
        .register_table("birth_certificates", births)
        .unwrap();
    context
        .register_table("出生医学证明", Arc::new(ViewTable::new(view, None)))
        .unwrap();
    let schema = Arc::new(Schema::new(vec![
        Field::new("sex", DataType::Int8, true),
        Field::new("cause_code", DataType::Utf8, true),
    ]));
    let deaths = MemTable::try_new(schema, vec![vec![]]).unwrap();
    context.register_table("deaths", Arc::new(deaths)).unwrap();
    context
}

/// What a session does with a text, up to the last row.
async fn run(context: &SessionContext, sql: &str) -> Result<(), Error> {
    for Parsed { statement, place } in parse(sql, 1)? {
        joins(&statement, &place)?;
        let plan = match context.state().statement_to_plan(statement).await {
            Ok(plan) => plan,
            Err(error) => return Err(planning(error, &place, context).await),
        };
        sense(&plan, &place)?;
        let running = Running::new(place.clone(), plan.clone());
        let frame = match context.execute_logical_plan(plan).await {
            Ok(frame) => frame,
            Err(error) => return Err(planning(error, &place, context).await),
        };
        let stream = match frame.execute_stream().await {
            Ok(stream) => stream,
            Err(error) => return Err(planning(error, &place, context).await),
        };
        stream
            .try_collect::<Vec<_>>()
            .await
            .map_err(|error| running.explain(error))?;
    }
    Ok(())
}

fn failure(sql: &str) -> Error {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime
        .block_on(async { run(&session(), sql).await })
        .expect_err(sql)
}

/// Statement, the words that carets stand below, message, hint.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (sql, marked, message, hint) in cases {
        let error = failure(sql);
        let hinted = error.hint_text().map_or("", |hint| hint.en.as_str());
        let below = error.excerpt_text().map_or_else(String::new, under_carets);
        if error.message().en != *message || hinted != *hint || below != *marked {
            wrong.push(format!(
                "{sql}\n  marked: {below}\n{}",
                error.render(Lang::En)
            ));
        }
        assert!(!error.message().zh.is_empty() && !error.render(Lang::Zh).contains("error"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The part of the line of an excerpt that its carets stand below.
fn under_carets(excerpt: &str) -> String {
    use unicode_width::UnicodeWidthChar;
    let (line, carets) = excerpt.split_once('\n').unwrap();
    let (start, end) = (carets.find('^').unwrap(), carets.len());
    let mut column = 0;
    line.chars()
        .filter(|character| {
            let at = column;
            column += character.width().unwrap_or(0);
            (start..end).contains(&at)
        })
        .collect()
}

#[test]
fn names_that_do_not_exist_are_marked_and_the_nearest_is_told() {
    check(&[
        (
            "select brith_date from birth_certificates",
            "brith_date",
            "there is no column `brith_date` in `birth_certificates`",
            "did you mean `birth_date`?",
        ),
        (
            "select * from birth_certificate",
            "birth_certificate",
            "there is no table `birth_certificate`",
            "did you mean `birth_certificates`?",
        ),
        (
            "select * from 出生医学证名",
            "出生医学证名",
            "there is no table `出生医学证名`",
            "did you mean `出生医学证明`?",
        ),
        (
            "select 性别, 出生日期 from birth_certificates",
            "性别",
            "there is no column `性别` in `birth_certificates`",
            "in `birth_certificates` it is called `sex`",
        ),
        (
            "select birth_date from 出生医学证明",
            "birth_date",
            "there is no column `birth_date` in `出生医学证明`",
            "in `出生医学证明` it is called `出生日期`",
        ),
        (
            "select * from vault.birth_certificates",
            "vault",
            "schema `vault` with the identities is closed",
            "open it with `--unseal --reason \"…\"`; that is written to the audit log",
        ),
        (
            "select b.brith_date from birth_certificates b",
            "brith_date",
            "there is no column `brith_date` in `birth_certificates`",
            "did you mean `b.birth_date`?",
        ),
        (
            "select birth_certificates.sex from birth_certificates b",
            "birth_certificates",
            "no table of this statement is called `birth_certificates`",
            "`birth_certificates` is called `b` in this statement: write `b.sex`",
        ),
        (
            "select sex from birth_certificates b cross join deaths d",
            "sex",
            "`sex` may be a column of several tables",
            "write `b.sex` or `d.sex`",
        ),
        (
            "select cause_code from birth_certificates",
            "cause_code",
            "there is no column `cause_code` in `birth_certificates`",
            "`deaths` has a column of this name",
        ),
        (
            "select 1 from birth_certificates where \"Sex\" = 1",
            "\"Sex\"",
            "there is no column `\"Sex\"` in `birth_certificates`",
            "names in double quotes must be exact: write `sex`",
        ),
        (
            "select 1 from birth_certificates where facility = \"县医院\"",
            "\"县医院\"",
            "there is no column `\"县医院\"` in `birth_certificates`",
            "double quotes name a column; text goes in single quotes: '县医院'",
        ),
        (
            "select 1 from birth_certificates where facility = 县医院",
            "县医院",
            "there is no column `县医院` in `birth_certificates`",
            "text goes in single quotes: '县医院'",
        ),
        (
            "select count(*) n from birth_certificates where n > 3",
            "n",
            "there is no column `n` in `birth_certificates`",
            "a name given in SELECT is not known in WHERE: repeat the expression, or use HAVING after GROUP BY",
        ),
        (
            "select * from 'a.csv'",
            "'a.csv'",
            "files cannot be opened from SQL",
            "load it with `renkou ingest FILE`, then ask the table",
        ),
    ]);
}

#[test]
fn functions_are_told_by_their_own_name_or_that_of_other_systems() {
    check(&[
        (
            "select lenght(facility) from birth_certificates",
            "lenght",
            "there is no function `lenght`",
            "did you mean `length`?",
        ),
        (
            "select len(facility) from birth_certificates",
            "len",
            "there is no function `len`",
            "write `length(facility)`",
        ),
        (
            "select year(birth_date) from birth_certificates",
            "year",
            "there is no function `year`",
            "write `date_part('year', birth_date)`",
        ),
        (
            "select strftime('%Y', birth_date) from birth_certificates",
            "strftime",
            "there is no function `strftime`",
            "write `to_char(birth_date, '%Y-%m')`",
        ),
        (
            "select group_concat(facility) from birth_certificates",
            "group_concat",
            "there is no function `group_concat`",
            "write `string_agg(facility, ',')`",
        ),
        (
            "select rank() from birth_certificates",
            "rank",
            "`rank` needs `OVER`",
            "write `rank() OVER (PARTITION BY … ORDER BY …)`",
        ),
        (
            "select round(1.5, 1, 2)",
            "round",
            "`round` takes 1 or 2 arguments, not 3",
            "it is written `round(numeric_expression[, decimal_places])`",
        ),
        (
            "select sum(facility) from birth_certificates",
            "sum",
            "`sum` does not work on a text",
            "it takes numbers: `sum(cast(facility AS double))`",
        ),
        (
            "select to_char(birth_date, 'YYYY-MM') from birth_certificates",
            "'YYYY-MM'",
            "date formats have `%` before each letter",
            "write '%Y-%m'",
        ),
    ]);
}

#[test]
fn functions_to_write_instead_exist() {
    let context = session();
    let state = context.state();
    let exists = |name: &str| {
        state.scalar_functions().contains_key(name)
            || state.aggregate_functions().contains_key(name)
            || state.window_functions().contains_key(name)
            || ["cast", "try_cast", "age_at"].contains(&name)
    };
    for foreign in [
        "len",
        "isnull",
        "getdate",
        "localtime",
        "year",
        "dayname",
        "last_day",
        "strftime",
        "strptime",
        "makedate",
        "group_concat",
        "list",
        "charindex",
        "mid",
        "ucase",
        "lcase",
        "space",
        "replicate",
        "split",
        "regexp_extract",
        "rlike",
        "ceiling",
        "truncate",
        "sign",
        "log_e",
        "rnd",
        "average",
        "stdev",
        "variance",
        "count_if",
        "quantile",
        "arg_max",
        "arg_min",
        "any",
        "uniq",
        "convert",
        "hex",
        "typeof",
        "age",
        "rownum",
        "concatenate",
        "stuff",
    ] {
        let write = super::foreign::instead(foreign).expect(foreign);
        assert!(!exists(foreign), "{foreign} exists");
        let name: String = write
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        assert!(exists(&name), "{foreign}: {write}");
    }
}

#[test]
fn slips_of_grammar_are_told_as_such() {
    check(&[
        (
            "select sex, from birth_certificates",
            ",",
            "a comma too many before `FROM`",
            "remove the comma, or add what should follow it",
        ),
        (
            "select sex birth count(*) from birth_certificates",
            "count",
            "something is missing between `birth` and `count`",
            "a comma between columns? An operator? A new name is given by `AS`",
        ),
        (
            "select count(* from birth_certificates",
            "(",
            "this `(` is not closed before `FROM`",
            "add the `)`",
        ),
        (
            "select count(*)) from birth_certificates",
            ")",
            "a `)` too many",
            "no `(` before it is open: remove it, or add the `(`",
        ),
        (
            "select 'abc from birth_certificates",
            "'",
            "the text that begins here has no closing `'`",
            "close it with `'`; a `'` inside the text is written twice: 'it''s'",
        ),
        (
            "select * form birth_certificates",
            "form",
            "`form` makes no sense here",
            "did you mean `FROM`?",
        ),
        (
            "selct 1",
            "selct",
            "a statement cannot begin with `selct`",
            "did you mean `SELECT`?",
        ),
        (
            "select * from birth_certificates; limit 5",
            ";",
            "the `;` ends the statement before `LIMIT`",
            "remove the `;`",
        ),
        (
            "limit 5",
            "limit",
            "a statement cannot begin with `LIMIT`",
            "it belongs to a query: is there a `;` too early before it?",
        ),
        (
            "select * from birth_certificates order sex",
            "order",
            "`BY` is missing after `ORDER`",
            "write `ORDER BY …`",
        ),
        (
            "select * from birth_certificates limit 5, 10",
            ",",
            "LIMIT takes one number",
            "write LIMIT 10 OFFSET 5",
        ),
        (
            "select case when sex = 1 then 'a' from birth_certificates",
            "case",
            "`CASE` has no `END`",
            "its form is CASE WHEN condition THEN value ELSE value END",
        ),
        (
            "select `sex` from birth_certificates",
            "`",
            "backticks do not quote names here",
            "write the name bare, or in double quotes: \"name\"",
        ),
        (
            "select sex from birth_certificates where",
            "where",
            "the statement ends after `WHERE`: something is missing",
            "a condition should follow, such as `birth_year = 2018`",
        ),
        (
            "select * from birth_certificates where sex in 1, 2",
            "1",
            "IN takes a list in parentheses",
            "write IN (1, 2) or IN ('a', 'b')",
        ),
        (
            "select * from birth_certificates b join deaths d where b.sex = 1",
            "join",
            "`JOIN` needs `ON`",
            "write `JOIN t ON a.x = b.x` or `JOIN t USING (x)`; all pairs of rows are `CROSS JOIN t`",
        ),
    ]);
}

#[test]
fn full_width_signs_are_named_with_the_plain_one() {
    check(&[
        (
            "select count(*)，sex from birth_certificates",
            "，",
            "full-width `，` is not a sign of SQL",
            "write `,`, with the input method switched to half-width",
        ),
        (
            "select 1；",
            "；",
            "full-width `；` is not a sign of SQL",
            "write `;`, with the input method switched to half-width",
        ),
        (
            "select count（sex） from birth_certificates",
            "（",
            "full-width `（` is not a sign of SQL",
            "write `(`, with the input method switched to half-width",
        ),
        (
            "select 1 from birth_certificates where facility = “县医院”",
            "“",
            "full-width `“` is not a sign of SQL",
            "text goes in plain single quotes: 'text'",
        ),
    ]);
}

#[test]
fn grouping_and_types_are_told_with_what_to_do() {
    check(&[
        (
            "select sex, count(*) from birth_certificates",
            "sex",
            "`sex` is neither in GROUP BY nor in an aggregate",
            "add `GROUP BY sex`, or use an aggregate such as `max(sex)`",
        ),
        (
            "select 1 from birth_certificates where count(*) > 3",
            "count",
            "WHERE chooses rows before they are grouped: no aggregate can stand there",
            "choose groups after GROUP BY with `HAVING …`",
        ),
        (
            "select sum(sum(birth_year)) from birth_certificates",
            "sum",
            "an aggregate or window function cannot stand inside another",
            "compute the inner one first: `WITH t AS (SELECT … AS n …) SELECT sum(n) FROM t`",
        ),
        (
            "select 1 from birth_certificates where birth_date = 2018",
            "birth_date",
            "`birth_date` is a date and cannot be compared with a number",
            "for a whole year write `date_part('year', birth_date) = 2018`; a day is DATE '2018-01-31'",
        ),
        (
            "select 1 from birth_certificates where birth_date = '2018年1月31日'",
            "'2018年1月31日'",
            "this text cannot be read as a date",
            "write '2018-01-31'",
        ),
        (
            "select 1 from birth_certificates where sex = '男'",
            "'男'",
            "this text cannot be read as a whole number",
            "`sex` holds 1 for male and 2 for female; the label is `code_name('sex', sex)`",
        ),
        (
            "select facility + 1 from birth_certificates",
            "facility",
            "`+` does not work between text and whole number",
            "texts are joined with `||`; a text of digits becomes a number by `cast(x AS bigint)`",
        ),
        (
            "select sex, sex from birth_certificates",
            "sex",
            "two columns of the result are called `sex`",
            "give one of them another name: `sex AS other`",
        ),
        (
            "with recursive t as (select 1 as n union all select n + 1 from t) select * from t",
            "recursive",
            "WITH RECURSIVE is switched off",
            "series of numbers come from `generate_series(1, 10)`; regions from the table `regions`",
        ),
    ]);
}

#[test]
fn failures_of_running_show_the_place_and_never_a_value() {
    check(&[
        (
            "select cast(facility as int) from birth_certificates",
            "int",
            "a text in the data cannot be read as a whole number",
            "`try_cast(x AS int)` gives NULL for those; `WHERE try_cast(x AS int) IS NULL` finds them",
        ),
        (
            "select 1 from birth_certificates where facility = 150121",
            "facility",
            "`facility` is text, is compared with a number, and not all of it are numbers",
            "codes are text: put the number in single quotes, as in `facility = '150121'`",
        ),
        (
            "select sex / (birth_year - birth_year) from birth_certificates",
            "/",
            "division by zero",
            "divide by `nullif(x, 0)`: the result is NULL where x is 0",
        ),
        (
            "select (select sex from birth_certificates)",
            "(select",
            "a subquery that stands for one value gives several rows",
            "use an aggregate in it, such as `max(x)`; `= ANY (…)` or `IN (…)` compares with all of them",
        ),
    ]);
    for sql in [
        "select cast(facility as int) from birth_certificates",
        "select facility::date from birth_certificates",
        "select to_timestamp(facility) from birth_certificates",
        "select cast(township_code as smallint) from birth_certificates",
        "select 1 from birth_certificates where facility > 5",
    ] {
        let error = failure(sql);
        for lang in [Lang::En, Lang::Zh] {
            let shown = error.render(lang);
            assert!(
                !shown.contains("秘密") && !shown.contains("1501211"),
                "{shown}"
            );
        }
    }
}

#[test]
fn places_are_those_of_the_script() {
    let error =
        failure("select 1;\n-- 注释\nselect sex,\n\tbrith_date\nfrom birth_certificates;\n");
    assert_eq!(
        error.excerpt_text().unwrap(),
        "  4 |     brith_date\n    |     ^^^^^^^^^^"
    );
    let error = parse("select 1;\nselect (2", 40).unwrap_err();
    assert_eq!(
        error.excerpt_text().unwrap(),
        "  41 | select (2\n     |        ^"
    );
    let parsed = parse("select 1;\n\n  select 2 ;", 1).unwrap();
    assert_eq!((parsed[1].text(), parsed[1].line()), ("select 2", 3));
    assert!(parsed[1].is_query());
    assert!(!parse("drop table x", 1).unwrap()[0].is_query());
}

#[test]
fn a_missing_parameter_is_marked_and_the_nearest_given_one_told() {
    let parsed = parse("select $yaer", 1).unwrap().remove(0);
    let error = missing_parameter("yaer", &["year"], &parsed.place);
    assert_eq!(
        error.render(Lang::En),
        "error: parameter `yaer` has no value\n  1 | select $yaer\n    |        ^^^^^\n\
         hint: a value was given for `year`: did you mean `$year`?\n"
    );
    assert_eq!(error.kind().exit_code(), 2);
}

#[test]
fn the_chinese_message_says_the_same() {
    assert_eq!(
        failure("select brith_date from birth_certificates").render(Lang::Zh),
        "错误：`birth_certificates` 中没有列 `brith_date`\n  \
         1 | select brith_date from birth_certificates\n    \
         |        ^^^^^^^^^^\n提示：是否为 `birth_date`？\n"
    );
}

#[test]
fn running_out_of_memory_names_the_work_and_the_limit() {
    let error = datafusion::error::DataFusionError::ResourcesExhausted(
        "Additional allocation failed for ExternalSorter[0] with top memory consumers (across \
         reservations) as:\n  x\nError: Failed to allocate additional 10.0 MB for \
         ExternalSorter[0] with 1.0 MB already allocated"
            .to_owned(),
    );
    let parsed = parse("select 1", 1).unwrap().remove(0);
    let plan = LogicalPlanBuilder::empty(false).build().unwrap();
    let error = Running::new(parsed.place, plan).explain(error);
    assert_eq!(
        error.message().en,
        "the query ran out of memory while sorting"
    );
    assert_eq!(error.causes()[0].en, "10.0 MB more were needed");
    assert!(error.hint_text().unwrap().en.contains("--memory-limit"));
}
