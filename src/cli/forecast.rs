//! `renkou forecast`: a projection from CSV files.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use clap::ValueEnum;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::App;
use super::show::{Caption, ShowArgs};
use crate::error::{Context, Error, Result};
use crate::forecast::{
    Assumptions, ByAge, Convention, Files, Inputs, Series, boys_per_girl, by_age, deterministic,
};
use crate::msg;

/// Project a population by sex and age, with intervals
#[derive(Debug, clap::Args)]
pub(crate) struct ForecastArgs {
    /// CSV of the population: sex,age,population and, for a history, year; for parts, region
    #[arg(long, value_name = "FILE")]
    population: Option<PathBuf>,
    /// CSV of births per woman and year: [year,]age,rate
    #[arg(long, value_name = "FILE")]
    fertility: Option<PathBuf>,
    /// CSV of mortality: [year,]sex,age and mx or survival_ratio (survival into the age group)
    #[arg(long, value_name = "FILE")]
    mortality: Option<PathBuf>,
    /// CSV of net migrants of a step: [year,]sex,age,net
    #[arg(long, value_name = "FILE")]
    migration: Option<PathBuf>,
    /// Sex ratio at birth: boys per girl (1.05) or per 100 girls (105)
    #[arg(long, value_name = "RATIO")]
    srb: Option<f64>,
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
    #[arg(long)]
    deterministic: bool,
    /// Add births, deaths and net migration
    #[arg(long)]
    components: bool,
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

pub(super) async fn run(app: &App, args: ForecastArgs) -> Result<()> {
    let Some(population) = &args.population else {
        return Err(
            Error::usage(msg!("no population to project", "没有可预测的人口")).hint(msg!(
                "give one with `--population FILE`",
                "请用 `--population 文件` 提供"
            )),
        );
    };
    let files = Files {
        population: text(population)?,
        fertility: args.fertility.as_deref().map(text).transpose()?,
        mortality: args.mortality.as_deref().map(text).transpose()?,
        migration: args.migration.as_deref().map(text).transpose()?,
        step: args.step,
    };
    let inputs = Inputs::read(&files, args.start_year)?;
    let ratio = boys_per_girl(args.srb.unwrap_or(1.06))?;
    let mut paths = Vec::with_capacity(inputs.len());
    for (region, inputs) in &inputs {
        let last = inputs.population.keys().next_back().copied();
        let start = args.start_year.or(last).unwrap_or_default();
        let assumptions = Assumptions {
            start,
            horizon: args.horizon,
            convention: match args.migration_convention {
                When::End => Convention::End,
                When::Even => Convention::Even,
            },
            boys_per_girl: Series::constant(ratio),
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
    let of = ByAge {
        components: args.components,
        regions: paths.iter().any(|(region, ..)| !region.is_empty()),
    };
    show(app, &args.show, by_age(&paths, of)?).await
}

/// A file's name and text, which may be in GB18030.
fn text(path: &FilePath) -> Result<(String, String)> {
    let name = path.display().to_string();
    let bytes = fs_err::read(path)
        .map_err(Error::from)
        .map_err(|error| error.with_kind(crate::error::Kind::Usage))
        .context(|| msg!("cannot read `{name}`", "无法读取 `{name}`"))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::GB18030.decode(error.as_bytes()).0.into_owned(),
    };
    Ok((name, text))
}

async fn show(app: &App, args: &ShowArgs, batch: RecordBatch) -> Result<()> {
    let schema = batch.schema();
    let rows = futures::stream::iter([Ok(batch)]);
    let rows: SendableRecordBatchStream =
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&schema), rows));
    args.show(app, rows, &Caption::default()).await?;
    Ok(())
}
