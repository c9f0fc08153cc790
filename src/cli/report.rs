//! `renkou report`: a report from saved queries as one HTML page.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use arrow::array::RecordBatch;

use super::App;
use crate::domain::wording::counted;
use crate::error::{Error, Lang, Result};
use crate::export::{Question, Staged, reproducible};
use crate::forecast::{ByAge, Draw, Errors, Outlook, Register, Scenario, Wishes, totals};
use crate::msg;
use crate::publish::{Audience, Release, release};
use crate::query::{Library, Policy, SavedQuery, facts};
use crate::report::{Answered, Figure, Grid, Key, KeyFigure, Report, Template, page};
use crate::warehouse::{Session, SessionOptions, Warehouse};

/// Write a report from saved queries as one printable HTML page
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Name of the report: birth-situation, or a template of your own in catalog/reports/
    name: String,
    /// Year of the report [default: the latest complete year]
    #[arg(long)]
    year: Option<i32>,
    /// Write to this file, which ends in .html
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Trajectories behind the interval of a forecast.
const TRAJECTORIES: usize = 1000;

struct Asked<'a> {
    app: &'a App,
    warehouse: &'a Warehouse,
    library: &'a Library,
    session: &'a Session,
    options: SessionOptions,
}

pub(super) async fn run(app: &App, args: ReportArgs) -> Result<()> {
    let shown = args.output.display().to_string();
    if args.output.extension().is_none_or(|end| end != "html") {
        return Err(Error::usage(msg!(
            "a report is written as HTML: `{shown}` does not end in .html",
            "报告以 HTML 格式写出：`{shown}` 的扩展名不是 .html"
        ))
        .hint(msg!(
            "for PDF print the page from a browser; Word opens the page too",
            "需要 PDF 时请在浏览器中打印该页；Word 也能打开该页"
        )));
    }
    let warehouse = app.warehouse()?;
    let template = Template::read(warehouse.folder(), &args.name)?;
    let library = Library::load(&warehouse.folder().join("queries"))?;
    let options = reproducible(app.session_options());
    let session = warehouse.session(&app.as_of()?, &options)?;
    let year = match args.year {
        Some(year) => year,
        None => facts(&session, app.now().date_naive())
            .await?
            .latest_complete_year
            .ok_or_else(|| {
                Error::usage(msg!(
                    "no delivery covers a whole year yet: nothing to report on",
                    "还没有覆盖完整年份的数据，无法生成报告"
                ))
                .hint(msg!(
                    "load files with `renkou ingest`",
                    "请先用 `renkou ingest` 导入文件"
                ))
            })?,
    };
    let asked = Asked {
        app,
        warehouse: &warehouse,
        library: &library,
        session: &session,
        options,
    };
    let mut keys = Vec::new();
    for figure in &template.key_figures {
        keys.push(asked.key(figure, year).await?);
    }
    if keys.iter().all(|key| key.now.is_none() && !key.is_hidden) && !keys.is_empty() {
        return Err(Error::usage(msg!(
            "the warehouse has no figures for {year}",
            "仓库中没有 {year} 年的数据"
        ))
        .hint(msg!(
            "`renkou deliveries` lists what came in",
            "`renkou deliveries` 列出已收到的文件"
        )));
    }
    let mut answers = Vec::new();
    for figure in template
        .sections
        .iter()
        .flat_map(|section| &section.figures)
    {
        answers.push(asked.figure(figure, year).await?);
    }
    let vintage = session
        .rows(
            "SELECT department, source, period, count(*) AS files, CAST(max(received_at) AS DATE) AS received FROM deliveries WHERE status = 'current' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            &[],
        )
        .await;
    let vintage = match vintage.ok().and_then(|batches| batches.into_iter().next()) {
        Some(batch) => Grid::read(&batch, &BTreeMap::new())?,
        None => Grid::default(),
    };
    let snapshot = session.snapshot();
    let pick = |en: &str, zh: &str| match app.ui.lang {
        Lang::En => en.to_owned(),
        Lang::Zh => zh.to_owned(),
    };
    let catalog = warehouse.catalog();
    let mut words: BTreeMap<String, String> = catalog
        .tables
        .values()
        .map(|table| (table.name.clone(), pick(&table.title, &table.title_zh)))
        .collect();
    for department in &catalog.departments {
        words.insert(
            department.id.clone(),
            pick(&department.title, &department.title_zh),
        );
    }
    for (name, (en, zh)) in &template.words {
        words.insert(name.clone(), pick(en, zh));
    }
    let html = page(&Report {
        template: &template,
        year,
        lang: app.ui.lang,
        keys,
        answers,
        vintage,
        snapshot: (
            snapshot.id,
            snapshot.time.get(..10).unwrap_or_default().to_owned(),
        ),
        words,
    });
    let staged = Staged::create(&args.output)?;
    staged.file()?.write_all(html.as_bytes())?;
    staged.publish()?;
    let kilobytes = counted((html.len() / 1024) as u64, "KB", "KB");
    app.ui.note(&msg!(
        "{kilobytes} written to `{shown}`; open it in a browser and print it",
        "已写入 `{shown}`（{kilobytes}），可用浏览器打开和打印"
    ));
    Ok(())
}

impl Asked<'_> {
    /// The answer of a query as it may be published, and what was hidden.
    async fn published(
        &self,
        query: &SavedQuery,
        given: &[(String, String)],
    ) -> Result<(RecordBatch, Vec<String>)> {
        let app = self.app;
        let own: Vec<(String, String)> = given
            .iter()
            .filter(|(name, _)| query.params.iter().any(|parameter| parameter.name == *name))
            .cloned()
            .collect();
        let question = Question {
            query: query.name.clone(),
            sql: query.sql.clone(),
            values: query
                .values(self.session, &own, app.now().date_naive())
                .await?,
            title: None,
            unit: None,
            lang: app.ui.lang,
        };
        let rows = question.rows(self.session).await?;
        let publish = query
            .publish
            .as_ref()
            .filter(|publish| publish.policy != Policy::Open);
        let Some(publish) = publish else {
            return Ok((rows, Vec::new()));
        };
        let what = Release {
            query: &query.name,
            publish,
            params: &query.particular(&question.values),
            audience: Audience::Public,
            snapshot: self.session.snapshot().id,
        };
        let decision = release(self.warehouse, &self.options, &rows, &what, app.now()).await?;
        let Some(decision) = decision else {
            return Ok((rows, Vec::new()));
        };
        let suppressed = decision.suppressed;
        let notes = if suppressed.hidden.is_empty() {
            Vec::new()
        } else {
            let cells = suppressed.small + suppressed.protecting;
            let threshold = suppressed.threshold;
            let note = msg!(
                "{cells} counts hidden (*): below {threshold} or giving such a count away",
                "已隐藏 {cells} 个计数（*）：小于 {threshold} 或可推算出此类计数"
            );
            vec![note.text(app.ui.lang).to_owned()]
        };
        Ok((suppressed.hide(&rows)?, notes))
    }

    async fn key(&self, figure: &KeyFigure, year: i32) -> Result<Key> {
        let query = self.library.get(&figure.query)?;
        let mut key = Key {
            label: figure.label(self.app.ui.lang).to_owned(),
            ..Key::default()
        };
        for at in [year, year - 1] {
            let mut given: Vec<(String, String)> = figure.params.clone().into_iter().collect();
            given.push(("year".to_owned(), at.to_string()));
            let (rows, _) = self.published(query, &given).await?;
            let grid = Grid::read(&rows, &BTreeMap::new())?;
            let first = |name: &str| grid.numbers(name).first().copied().flatten();
            if at < year {
                key.before = first(&figure.column);
                continue;
            }
            key.now = first(&figure.column);
            key.is_hidden = !grid.rows.is_empty() && grid.is_hidden(0, &figure.column);
            key.interval = figure
                .low
                .as_deref()
                .and_then(first)
                .zip(figure.high.as_deref().and_then(first));
            key.is_count = query
                .publish
                .as_ref()
                .is_some_and(|publish| publish.counts.contains(&figure.column));
        }
        Ok(key)
    }

    async fn figure(&self, figure: &Figure, year: i32) -> Result<Answered> {
        let lang = self.app.ui.lang;
        let snapshot = self.session.snapshot().id;
        if let Some(horizon) = figure.forecast {
            let (rows, notes) = self.forecast(year, horizon).await?;
            let source = msg!(
                "renkou forecast --totals --horizon {horizon}, snapshot {snapshot}",
                "renkou forecast --totals --horizon {horizon}，快照 {snapshot}"
            );
            return Ok(Answered {
                grid: rows,
                source: source.text(lang).to_owned(),
                notes,
            });
        }
        let query = self
            .library
            .get(figure.query.as_deref().unwrap_or_default())?;
        let mut given: Vec<(String, String)> = figure.params.clone().into_iter().collect();
        given.push(("year".to_owned(), year.to_string()));
        let (rows, notes) = self.published(query, &given).await?;
        let said: Vec<String> = given
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let (name, said) = (&query.name, said.join(" "));
        let source = msg!(
            "query {name} {said}, snapshot {snapshot}",
            "查询 {name} {said}，快照 {snapshot}"
        );
        Ok(Answered {
            grid: Grid::read(&rows, &figure.only)?,
            source: source.text(lang).to_owned(),
            notes,
        })
    }

    /// The registered population from the end of the year on; a register that cannot be projected says why.
    async fn forecast(&self, year: i32, horizon: usize) -> Result<(Grid, Vec<String>)> {
        let lang = self.app.ui.lang;
        let projected = async {
            let register = Register::read(self.session, Some(year), false).await?;
            let mut notes = register.notes;
            let mut outlooks = Vec::new();
            for (region, own) in register.inputs {
                let start = own
                    .population
                    .keys()
                    .next_back()
                    .copied()
                    .unwrap_or(year)
                    .min(year);
                let wishes = Wishes {
                    convention: crate::forecast::Convention::Even,
                    boys_per_girl: None,
                    total_fertility: None,
                    expectancy: register.expectancy,
                    net_migration: None,
                    scenario: Scenario::MEDIUM,
                };
                let errors = Errors::of(&own, horizon, &wishes);
                let draw = Draw {
                    count: TRAJECTORIES,
                    seed: 1,
                    region: 0,
                    threads: self.app.threads(),
                    groups: false,
                };
                let outlook = Outlook::at(&own, start, horizon, &wishes, &errors, draw, false)?;
                notes.extend(outlook.point.model.notes().iter().cloned());
                outlooks.push((region, own.ages, start, outlook));
            }
            let of = ByAge {
                components: false,
                regions: false,
            };
            Ok::<_, Error>((rounded(&totals(&outlooks, of)?)?, notes))
        };
        match projected.await {
            Ok((rows, notes)) => {
                let notes = notes
                    .iter()
                    .map(|note| note.text(lang).to_owned())
                    .collect();
                Ok((Grid::read(&rows, &BTreeMap::new())?, notes))
            }
            Err(error) => Ok((Grid::default(), vec![error.message().text(lang).to_owned()])),
        }
    }
}

/// People are whole.
fn rounded(rows: &RecordBatch) -> Result<RecordBatch> {
    use arrow::array::AsArray;
    use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
    let mut fields = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        if *field.data_type() == DataType::Float64 {
            let whole = column
                .as_primitive::<Float64Type>()
                .unary::<_, Int64Type>(|value| value.round() as i64);
            fields.push(Field::new(field.name(), DataType::Int64, true));
            columns.push(std::sync::Arc::new(whole) as arrow::array::ArrayRef);
        } else {
            fields.push(field.as_ref().clone());
            columns.push(std::sync::Arc::clone(column));
        }
    }
    Ok(RecordBatch::try_new(
        std::sync::Arc::new(Schema::new(fields)),
        columns,
    )?)
}
