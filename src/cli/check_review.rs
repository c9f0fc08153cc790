//! `renkou check review`: the links that wait for a clerk, and what the clerk decides.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};

use super::check_explain::{explained, sex, stream};
use super::show::{Caption, ShowArgs};
use super::sql::reason_given;
use super::{App, actor};
use crate::domain::wording::counted;
use crate::error::{Lang, Result};
use crate::linkage::{Decision, Reasoned, Seen};
use crate::msg;

/// List the links that wait for a clerk, identities masked, or decide about one
#[derive(Debug, clap::Args)]
pub(crate) struct ReviewArgs {
    /// Beginning of the `link_key` to decide about; without it the list is shown
    #[arg(requires = "decision")]
    key: Option<String>,
    #[command(flatten)]
    decision: DecisionArgs,
    /// Why it is decided so
    #[arg(long, value_name = "TEXT", requires = "key")]
    reason: Option<String>,
    #[command(flatten)]
    show: ShowArgs,
}

/// What is decided.
#[derive(Debug, clap::Args)]
#[group(id = "decision", multiple = false)]
struct DecisionArgs {
    /// The two records are of the same child
    #[arg(long, requires = "key", requires = "reason")]
    same: bool,
    /// The two records are of different children
    #[arg(long, requires = "key", requires = "reason")]
    different: bool,
}

pub(super) async fn run(app: &App, args: ReviewArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let Some(key) = &args.key else {
        let linked = explained(app, &warehouse).await?;
        let queue = linked.queue();
        if queue.is_empty() {
            app.ui
                .note(&msg!("nothing waits for a clerk", "没有待复核的关联"));
        }
        let rows = listed(&queue, app.ui.lang)?;
        args.show
            .show(app, stream(rows), &Caption::default())
            .await?;
        if !queue.is_empty() {
            let waiting = counted(queue.len() as u64, "link waits", "links wait");
            let waiting_zh = queue.len();
            app.ui.note(&msg!(
                "{waiting} for a clerk: `renkou check explain KEY` says why, `renkou check review KEY --same|--different --reason TEXT` decides",
                "待复核 {waiting_zh} 条：`renkou check explain 标识` 查看依据，`renkou check review 标识 --same|--different --reason 理由` 作出认定"
            ));
        }
        return Ok(());
    };
    let reason = reason_given(args.reason.as_deref())?;
    let linked = explained(app, &warehouse).await?;
    let clerk = actor();
    let decision = Decision {
        key,
        same: args.decision.same,
        reason,
        clerk: &clerk,
        now: app.now(),
    };
    let link = linked.decide(&warehouse, &decision)?;
    let (left, right) = (&link.sides[0].record, &link.sides[1].record);
    app.ui.note(&if args.decision.same {
        msg!(
            "{left} and {right} are the same child: the next `renkou link` obeys",
            "已认定 {left} 与 {right} 为同一儿童，下次 `renkou link` 照此关联"
        )
    } else {
        msg!(
            "{left} and {right} are two children: the next `renkou link` obeys",
            "已认定 {left} 与 {right} 为两名儿童，下次 `renkou link` 照此关联"
        )
    });
    Ok(())
}

fn listed(queue: &[Reasoned], lang: Lang) -> Result<RecordBatch> {
    let text = |of: &dyn Fn(&Reasoned) -> String| -> ArrayRef {
        let texts = queue
            .iter()
            .map(|link| Some(of(link)).filter(|text| !text.is_empty()));
        Arc::new(texts.collect::<StringArray>())
    };
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("link_key".to_owned(), text(&|link| link.key.clone())),
        (
            "probability".to_owned(),
            Arc::new(
                queue
                    .iter()
                    .map(|link| link.probability)
                    .collect::<Float64Array>(),
            ),
        ),
    ];
    for (side, name) in ["left", "right"].into_iter().enumerate() {
        let of = |get: fn(&Seen) -> String| text(&|link| get(&link.sides[side]));
        let dates = queue.iter().map(|link| link.sides[side].date);
        columns.extend([
            (format!("{name}_record"), of(|seen| seen.record.clone())),
            (format!("{name}_name"), of(|seen| seen.name.clone())),
            (
                format!("{name}_sex"),
                text(&|link| sex(link.sides[side].sex, lang).unwrap_or_default()),
            ),
            (
                format!("{name}_birth_date"),
                Arc::new(dates.collect::<Date32Array>()) as ArrayRef,
            ),
            (format!("{name}_mother"), of(|seen| seen.mother.clone())),
            (
                format!("{name}_certificate"),
                of(|seen| seen.certificate.clone()),
            ),
        ]);
    }
    Ok(RecordBatch::try_from_iter(columns)?)
}
