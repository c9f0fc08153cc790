//! `renkou queries`: list, describe, check and test saved queries, and build the site about them.

use std::path::PathBuf;

use super::App;
use super::demo;
use super::docs;
use super::run_query::rows_of;
use super::show::{Caption, ShowArgs, line};
use crate::domain::wording::counted;
use crate::error::{Error, Lang, Message, Result};
use crate::msg;
use crate::query::{Library, SavedQuery, Verdict, check, trial};
use crate::warehouse::{AsOf, Session};

/// List, describe, check and test saved queries, or build the site about them
#[derive(Debug, clap::Args)]
pub(crate) struct QueriesArgs {
    /// Describe this one; with --test, test only these
    names: Vec<String>,
    /// Check all: headers, parameters, tables and columns, and whether the SQL plans
    #[arg(long, conflicts_with_all = ["names", "test", "docs"])]
    check: bool,
    /// Run the tests of the headers
    #[arg(long, conflicts_with = "docs")]
    test: bool,
    /// Write an offline site to this folder: a page for each query and table, in both languages
    #[arg(long, value_name = "DIR", conflicts_with = "names")]
    docs: Option<PathBuf>,
}

/// Rows of the sample output.
const SAMPLE_ROWS: usize = 5;

pub(super) async fn run(app: &App, args: QueriesArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let folder = warehouse.folder().join("queries");
    if args.check {
        let session = warehouse.session(&app.as_of()?, &app.session_options())?;
        let (library, mut problems) = Library::inspect(&folder);
        problems.extend(check(&library, &session, app.now().date_naive()).await?);
        return checked(app, &library, problems);
    }
    let library = Library::load(&folder)?;
    if let Some(folder) = &args.docs {
        return docs::write(app, &warehouse, &library, folder).await;
    }
    if args.test {
        let session = warehouse.session(&app.as_of()?, &app.session_options())?;
        return test(app, &library, &session, &args.names).await;
    }
    if args.names.is_empty() {
        for query in &library {
            let title = query.title_in(app.ui.lang);
            let unit = query
                .unit_in(app.ui.lang)
                .map(|unit| format!(" [{unit}]"))
                .unwrap_or_default();
            line(&format!("{:<28} {title}{unit}", query.name))?;
        }
        return Ok(());
    }
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    for name in &args.names {
        describe(app, library.get(name)?, &session).await?;
    }
    Ok(())
}

fn checked(app: &App, library: &Library, problems: Vec<crate::catalog::Problem>) -> Result<()> {
    let count = problems.len();
    if count == 0 {
        let (queries, number) = (
            counted(library.len() as u64, "query", "queries"),
            library.len(),
        );
        let message = msg!("{queries}, no problem", "{number} 个查询，没有问题");
        return line(message.text(app.ui.lang));
    }
    for problem in problems {
        let (place, text) = (problem.place(), problem.message.text(app.ui.lang));
        let hint = problem.hint.as_ref().map(|hint| hint.text(app.ui.lang));
        let line_of = match (app.ui.lang, hint) {
            (Lang::En, Some(hint)) => format!("{place}: {text} ({hint})"),
            (Lang::Zh, Some(hint)) => format!("{place}：{text}（{hint}）"),
            (Lang::En, None) => format!("{place}: {text}"),
            (Lang::Zh, None) => format!("{place}：{text}"),
        };
        line(&line_of)?;
    }
    let found = counted(count as u64, "problem", "problems");
    Err(Error::usage(msg!(
        "the saved queries have {found}",
        "已存查询有 {count} 处问题"
    )))
}

async fn test(app: &App, library: &Library, own: &Session, names: &[String]) -> Result<()> {
    let mut queries: Vec<&SavedQuery> = Vec::new();
    for name in names {
        queries.push(library.get(name)?);
    }
    if names.is_empty() {
        queries = library.iter().collect();
    }
    // Tests of the sample data mean the same in every warehouse: they get one of their own.
    let place = tempfile::tempdir()?;
    let needs_sample = queries
        .iter()
        .any(|query| query.tests.iter().any(|test| test.on_sample));
    let sample = if needs_sample {
        let warehouse = demo::sample(app, place.path())?;
        Some(warehouse.session(&AsOf::Latest, &app.session_options())?)
    } else {
        None
    };
    let (mut held, mut failed) = (0_u64, 0_u64);
    for query in queries {
        for test in &query.tests {
            let session = match &sample {
                Some(sample) if test.on_sample => sample,
                _ => own,
            };
            let verdict = trial(query, test, session, app.now().date_naive()).await;
            let reason = match verdict {
                Ok(Verdict::Holds) => None,
                Ok(Verdict::Fails(reason)) => Some(reason),
                Err(error) => Some(in_a_line(&error)),
            };
            let (name, said) = (&query.name, test.said());
            match reason {
                None => {
                    held += 1;
                    line(&format!("ok    {name}  {said}"))?;
                }
                Some(reason) => {
                    failed += 1;
                    let reason = reason.text(app.ui.lang);
                    line(&format!("FAIL  {name}  {said}\n      {reason}"))?;
                }
            }
        }
    }
    let all = counted(held + failed, "test", "tests");
    let total = held + failed;
    if failed == 0 {
        app.ui
            .note(&msg!("{all}, all hold", "{total} 项测试全部通过"));
        return Ok(());
    }
    Err(Error::work(msg!(
        "{failed} of {all} failed",
        "{total} 项测试中有 {failed} 项未通过"
    )))
}

fn in_a_line(error: &Error) -> Message {
    let mut message = error.message().clone();
    for cause in error.causes() {
        message.en.push_str(&format!(": {}", cause.en));
        message.zh.push_str(&format!("：{}", cause.zh));
    }
    message
}

async fn describe(app: &App, query: &SavedQuery, session: &Session) -> Result<()> {
    let lang = app.ui.lang;
    let other = match lang {
        Lang::En => &query.title_zh,
        Lang::Zh => &query.title,
    };
    line(&format!(
        "{}: {} / {other}",
        query.name,
        query.title_in(lang)
    ))?;
    if let Some(text) = query.description_in(lang) {
        line(text)?;
    }
    let said = |message: Message| message.text(lang).to_owned();
    let chart = query.chart.as_ref().map(|chart| {
        let mut parts = vec![chart.kind.clone()];
        parts.extend(chart.x.iter().map(|x| format!("x={x}")));
        if !chart.y.is_empty() {
            parts.push(format!("y={}", chart.y.join("+")));
        }
        parts.extend(chart.series.iter().map(|series| format!("series={series}")));
        parts.join(", ")
    });
    let tags = (!query.tags.is_empty()).then(|| query.tags.join(", "));
    let builds_on = (!query.builds_on.is_empty()).then(|| query.builds_on.join(", "));
    let text = |text: Option<&str>| text.map(str::to_owned);
    for (label, value) in [
        (msg!("unit: ", "单位："), text(query.unit_in(lang))),
        (
            msg!("definition: ", "定义："),
            text(query.definition_in(lang)),
        ),
        (msg!("owner: ", "负责部门："), query.owner.clone()),
        (msg!("tags: ", "标签："), tags),
        (msg!("chart: ", "图表："), chart),
        (msg!("builds on: ", "基于："), builds_on),
    ] {
        if let Some(value) = value {
            line(&format!("{}{value}", said(label)))?;
        }
    }
    if !query.params.is_empty() {
        line(&said(msg!("parameters:", "参数：")))?;
    }
    for parameter in &query.params {
        line(&format!("  --param {}", parameter.describe(lang)))?;
    }
    line(&format!("\n{}\n", said(msg!("-- statement", "-- 语句"))))?;
    line(query.written.trim())?;
    line(&format!(
        "\n{}\n",
        said(msg!(
            "-- first rows, with the defaults",
            "-- 前几行（参数取默认值）"
        ))
    ))?;
    match sample(query, session, app).await {
        Ok(()) => Ok(()),
        // What stands above is what was asked for; an empty warehouse has no rows to show.
        Err(error) => line(in_a_line(&error).text(lang)),
    }
}

async fn sample(query: &SavedQuery, session: &Session, app: &App) -> Result<()> {
    let values = query.values(session, &[], app.now().date_naive()).await?;
    let rows = rows_of(session, query, &values).await?;
    let show = ShowArgs {
        format: Some("table".to_owned()),
        max_rows: SAMPLE_ROWS,
        ..ShowArgs::default()
    };
    show.show_first(app, rows, SAMPLE_ROWS, &Caption::default())
        .await
}
