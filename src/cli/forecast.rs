//! `renkou forecast`: a projection with intervals from the warehouse or from CSV files; its
//! backtest.

use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use clap::ValueEnum;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::App;
use super::show::{Caption, ShowArgs};
use crate::error::{Context, Error, Kind, Message, Result};
use crate::forecast::{
    Assumptions, ByAge, Convention, Draw, Errors, Files, Inputs, Outlook, Register, Scenario,
    Series, Wishes, backtest, boys_per_girl, by_age, deterministic, groups, ratios, scores, totals,
};
use crate::msg;

/// Project a population by sex and age, with intervals
#[derive(Debug, clap::Args)]
pub(crate) struct ForecastArgs {
    /// CSV of the population: sex,age,population and, for a history, year; for parts, region
    /// [default: the household register]
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// CSV of births per woman and year: [year,]age,rate
    #[arg(long, value_name = "FILE", requires = "population")]
    fertility: Option<PathBuf>,
    /// CSV of mortality: [year,]sex,age and mx or survival_ratio (survival into the age group)
    #[arg(long, value_name = "FILE", requires = "population")]
    mortality: Option<PathBuf>,
    /// CSV of net migrants of a step: [year,]sex,age,net
    #[arg(long, value_name = "FILE", requires = "population")]
    migration: Option<PathBuf>,
    /// Sex ratio at birth: boys per girl (1.05) or per 100 girls (105), or a CSV: year,srb
    /// [default: as observed]
    #[arg(long, value_name = "RATIO|FILE")]
    srb: Option<String>,
    /// Year of the population to project [default: the last one known]
    #[arg(long, value_name = "YEAR")]
    start_year: Option<i32>,
    /// Years to project
    #[arg(long, value_name = "YEARS", default_value_t = 20)]
    horizon: usize,
    /// Years of a step and of an age group: 1 or 5 [default: as the population]
    #[arg(long, value_name = "YEARS")]
    step: Option<usize>,
    /// When migrants move: all at the end of a step, or half at its start and half at its end
    #[arg(long, value_enum, default_value_t)]
    migration_convention: When,
    /// One projection with the rates as given, without intervals
    #[arg(long, requires = "population", conflicts_with = "backtest")]
    deterministic: bool,
    /// Add births, deaths and net migration
    #[arg(long)]
    components: bool,
    /// One row a year, with the members of the forecast, instead of one a sex and age
    #[arg(long, conflicts_with_all = ["deterministic", "backtest"])]
    totals: bool,
    /// One forecast for every township of the register
    #[arg(long, conflicts_with = "population")]
    by_township: bool,
    /// How the future departs from the past
    #[arg(long, value_enum, default_value_t)]
    scenario: Which,
    /// Children per woman at the end of the horizon
    #[arg(long, value_name = "CHILDREN")]
    tfr: Option<f64>,
    /// Life expectancy of both sexes, for a model life table where there are no death rates
    #[arg(long, value_name = "YEARS")]
    e0: Option<f64>,
    /// Net migrants a year at the end of the horizon
    #[arg(long, value_name = "PERSONS", allow_negative_numbers = true)]
    net_migration: Option<f64>,
    /// How many futures to draw for the intervals
    #[arg(long, value_name = "N", default_value_t = 1000)]
    trajectories: usize,
    /// Where the random numbers start: the same seed gives the same intervals
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// Measure forecasts from past years against what came
    #[arg(long)]
    backtest: bool,
    #[command(flatten)]
    show: ShowArgs,
}

/// When migrants move.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum When {
    /// At the end of a step
    End,
    /// Half at its start, half at its end
    #[default]
    Even,
}

/// How the future departs from the past.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Which {
    /// Fewer children, higher mortality, more emigrants
    Low,
    /// As the past suggests
    #[default]
    Medium,
    /// More children, lower mortality, more immigrants
    High,
}

pub(super) async fn run(app: &App, args: ForecastArgs) -> Result<()> {
    let (inputs, expectancy) = inputs(app, &args).await?;
    let regions = inputs.keys().any(|region| !region.is_empty());
    let of = ByAge {
        components: args.components,
        regions,
    };
    if args.deterministic {
        let batch = given(app, &args, &inputs, of)?;
        return show(app, &args.show, batch, Vec::new()).await;
    }
    let wishes = wishes(&args, expectancy)?;
    let draw = draw(app, &args)?;
    if args.backtest {
        let all: Vec<&Inputs> = inputs.values().collect();
        let found = backtest(&all, args.horizon, &wishes, draw)?;
        return show(app, &args.show, scores(&found)?, Vec::new()).await;
    }
    let mut outlooks = Vec::with_capacity(inputs.len());
    let mut notes: Vec<Message> = Vec::new();
    for (at, (region, own)) in inputs.into_iter().enumerate() {
        let start = start(&args, &own);
        let errors = Errors::of(&own, args.horizon / own.ages.width.max(1), &wishes);
        let draw = Draw {
            region: at as u64,
            ..draw
        };
        let outlook = Outlook::at(&own, start, args.horizon, &wishes, &errors, draw, false)?;
        for note in outlook.point.model.notes() {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        let note = origin(&own, start, errors.len(), args.horizon);
        if !notes.contains(&note) {
            notes.push(note);
        }
        outlooks.push((region, own.ages, start, outlook));
    }
    for note in &notes {
        app.ui.note(note);
    }
    let batch = if args.totals {
        totals(&outlooks, of)?
    } else {
        groups(&outlooks, of)?
    };
    show(app, &args.show, batch, notes).await
}

/// From when the forecast is, and what its interval rests on.
fn origin(own: &Inputs, start: i32, errors: usize, horizon: usize) -> Message {
    let first = own.population.keys().next().copied().unwrap_or(start);
    let years = usize::try_from(start - first).unwrap_or(0);
    if errors == 0 {
        return msg!(
            "forecast from {start}; no past errors of its own: intervals as for a stable county elsewhere, at least",
            "预测起点 {start} 年；没有自身的历史误差，区间至少取其他地区稳定县的误差"
        );
    }
    if horizon > years {
        return msg!(
            "forecast from {start}; {horizon} years ahead rest on {years} years of history: the far intervals are extrapolated",
            "预测起点 {start} 年；以 {years} 年历史预测 {horizon} 年，远期区间为外推"
        );
    }
    msg!(
        "forecast from {start}; intervals are no narrower than the errors of {errors} past forecasts",
        "预测起点 {start} 年；区间不窄于 {errors} 次历史预测的误差"
    )
}

/// The files, else the warehouse; and the life expectancy that the warehouse tells.
async fn inputs(app: &App, args: &ForecastArgs) -> Result<(BTreeMap<String, Inputs>, Option<f64>)> {
    let Some(population) = &args.population else {
        let warehouse = app.warehouse()?;
        let session = warehouse.session(&app.as_of()?, &app.session_options())?;
        let register = Register::read(&session, args.start_year, args.by_township).await?;
        for note in &register.notes {
            app.ui.note(note);
        }
        return Ok((register.inputs, register.expectancy));
    };
    let files = Files {
        population: text(population)?,
        fertility: args.fertility.as_deref().map(text).transpose()?,
        mortality: args.mortality.as_deref().map(text).transpose()?,
        migration: args.migration.as_deref().map(text).transpose()?,
        step: args.step,
    };
    Ok((Inputs::read(&files, args.start_year)?, None))
}

fn start(args: &ForecastArgs, inputs: &Inputs) -> i32 {
    let last = inputs.population.keys().next_back().copied();
    args.start_year.or(last).unwrap_or_default()
}

fn convention(args: &ForecastArgs) -> Convention {
    match args.migration_convention {
        When::End => Convention::End,
        When::Even => Convention::Even,
    }
}

fn wishes(args: &ForecastArgs, expectancy: Option<f64>) -> Result<Wishes> {
    let within = |value: Option<f64>, least: f64, most: f64, flag: &'static str| match value {
        Some(value) if !(least..=most).contains(&value) => Err(Error::usage(msg!(
            "`{flag}` must be between {least} and {most}",
            "`{flag}` 应在 {least} 和 {most} 之间"
        ))),
        value => Ok(value),
    };
    Ok(Wishes {
        convention: convention(args),
        boys_per_girl: ratio(args)?.and_then(|series| series.at(i32::MAX).copied()),
        total_fertility: within(args.tfr, 0.0, 10.0, "--tfr")?,
        expectancy: within(args.e0, 30.0, 95.0, "--e0")?.or(expectancy),
        net_migration: args.net_migration,
        scenario: match args.scenario {
            Which::Low => Scenario::LOW,
            Which::Medium => Scenario::MEDIUM,
            Which::High => Scenario::HIGH,
        },
    })
}

fn draw(app: &App, args: &ForecastArgs) -> Result<Draw> {
    if !(100..=100_000).contains(&args.trajectories) {
        return Err(Error::usage(msg!(
            "`--trajectories` must be between 100 and 100000: fewer give no interval",
            "`--trajectories` 应在 100 和 100000 之间：再少则得不到区间"
        )));
    }
    Ok(Draw {
        count: args.trajectories,
        seed: args.seed,
        region: 0,
        threads: app.threads(),
        groups: !args.totals && !args.backtest,
    })
}

/// One projection a region with the rates as given.
fn given(
    app: &App,
    args: &ForecastArgs,
    inputs: &BTreeMap<String, Inputs>,
    of: ByAge,
) -> Result<RecordBatch> {
    let ratio = ratio(args)?.unwrap_or_else(|| Series::constant(1.06));
    let mut paths = Vec::with_capacity(inputs.len());
    for (region, inputs) in inputs {
        let start = start(args, inputs);
        let assumptions = Assumptions {
            start,
            horizon: args.horizon,
            convention: convention(args),
            boys_per_girl: ratio.clone(),
        };
        let path = deterministic(inputs, &assumptions)?;
        paths.push((region.clone(), inputs.ages, start, path));
    }
    let clipped: f64 = paths.iter().map(|(.., path)| path.clipped()).sum();
    if clipped >= 0.5 {
        app.ui.note(&msg!(
            "more emigrants than people: {clipped:.0} were left out",
            "迁出人数超过现有人口：略去 {clipped:.0} 人"
        ));
    }
    let residual = paths
        .iter()
        .map(|(.., path)| path.residual())
        .fold(0.0, f64::max);
    app.ui.note(&msg!(
        "largest balancing residual of a step: {residual:.1e} persons",
        "各步平衡方程的最大残差：{residual:.1e} 人"
    ));
    by_age(&paths, of)
}

/// The sex ratio at birth that was given: a number, or a file by year.
fn ratio(args: &ForecastArgs) -> Result<Option<Series<f64>>> {
    let Some(given) = &args.srb else {
        return Ok(None);
    };
    if let Ok(number) = given.parse() {
        return Ok(Some(Series::constant(boys_per_girl(number)?)));
    }
    let (name, text) = text(FilePath::new(given))?;
    ratios(&name, &text).map(Some)
}

/// A file's name and text, which may be in GB18030.
fn text(path: &FilePath) -> Result<(String, String)> {
    let name = path.display().to_string();
    let bytes = fs_err::read(path)
        .map_err(|error| Error::from(error).with_kind(Kind::Usage))
        .context(|| msg!("cannot read `{name}`", "无法读取 `{name}`"))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::GB18030.decode(error.as_bytes()).0.into_owned(),
    };
    Ok((name, text))
}

async fn show(app: &App, args: &ShowArgs, batch: RecordBatch, notes: Vec<Message>) -> Result<()> {
    let schema = batch.schema();
    let rows = futures::stream::iter([Ok(batch)]);
    let rows: SendableRecordBatchStream =
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&schema), rows));
    let caption = Caption {
        notes: notes
            .iter()
            .map(|note| note.text(app.ui.lang).to_owned())
            .collect(),
        ..Caption::default()
    };
    args.show(app, rows, &caption).await?;
    Ok(())
}
