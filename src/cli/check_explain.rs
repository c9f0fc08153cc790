//! `renkou check explain KEY`: why records are linked, or wait for a clerk.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::show::{Caption, ShowArgs, line};
use super::{App, actor};
use crate::error::{Lang, Result};
use crate::linkage::pass::{Class, Pass};
use crate::linkage::{Explained, Reasoned, Seen};
use crate::msg;

/// Show by which rule or score records were linked, identities masked
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// Beginning of a `birth_key` or `link_key`, or a record as TABLE:DELIVERY/SHEET/ROW
    key: String,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: ExplainArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    let linked = explained(app, &warehouse).await?;
    let explanation = linked.explain(&args.key)?;
    let lang = app.ui.lang;
    if !args.show.is_for_people()? {
        let rows = steps(&explanation.links, lang)?;
        args.show
            .show(app, stream(rows), &Caption::default())
            .await?;
        return Ok(());
    }
    if let Some(birth) = &explanation.birth {
        let records = explanation.records.len();
        line(
            msg!(
                "Birth {birth}: {records} records",
                "出生 {birth}：{records} 条记录"
            )
            .text(lang),
        )?;
        let seen = records_table(&explanation.records, lang)?;
        args.show
            .show(app, stream(seen), &Caption::default())
            .await?;
    }
    if explanation.links.is_empty() {
        let text = msg!(
            "No other record is like enough to be linked or reviewed.",
            "没有其他记录相似到可以关联或需要复核。"
        );
        line(text.text(lang))?;
    }
    for link in &explanation.links {
        line("")?;
        let (key, left, right) = (&link.key, &link.sides[0].record, &link.sides[1].record);
        let title = msg!(
            "Link {key}: {left} and {right}",
            "关联 {key}：{left} 与 {right}"
        );
        line(title.text(lang))?;
        line(&why(link, lang))?;
        if !link.steps.is_empty() {
            let rows = one_link(link, lang)?;
            args.show
                .show(app, stream(rows), &Caption::default())
                .await?;
        }
        if let Some(verdict) = &link.verdict {
            line(verdict.text(lang))?;
        }
    }
    Ok(())
}

/// The registers, linked in memory; says so when the tables hold something else.
pub(super) async fn explained(
    app: &App,
    warehouse: &crate::warehouse::Warehouse,
) -> Result<Explained> {
    let options = app.session_options();
    let linked = Explained::read(warehouse, &options, &actor(), app.now()).await?;
    if !linked.is_current {
        app.ui.note(&msg!(
            "this is what linking finds now; `births` and `links` are older: run `renkou link`",
            "此为现在关联的结果；表 `births` 和 `links` 尚未更新：请运行 `renkou link`"
        ));
    }
    Ok(linked)
}

/// How sure the link is, and by what rule.
fn why(link: &Reasoned, lang: Lang) -> String {
    let rule = link.pass.sentence();
    let rule = rule.text(lang);
    let said = match (link.class, link.pass) {
        (Class::Certain, _) => msg!("certain: {rule}", "确定：{rule}"),
        (Class::Probable, _) => msg!("probable: {rule}", "可能：{rule}"),
        (Class::Review, Pass::Score) => msg!(
            "to review: alike, but not alike enough or not alone",
            "待复核：相似，但尚不足以或不唯一"
        ),
        (Class::Review, _) => msg!(
            "to review: {rule}, or twins with one name",
            "待复核：{rule}，或为同名录入的多胞胎"
        ),
    };
    said.text(lang).to_owned()
}

/// One link for people.
fn one_link(link: &Reasoned, lang: Lang) -> Result<RecordBatch> {
    let of = |text: fn(&crate::linkage::Step) -> &crate::error::Message| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            link.steps.iter().map(|step| text(step).text(lang)),
        ))
    };
    let rounded = |bits: Option<f64>| bits.map(|bits| (bits * 10.0).round() / 10.0);
    let names = match lang {
        Lang::En => ["comparison", "found", "bits", "total"],
        Lang::Zh => ["比较项", "结果", "权重（比特）", "累计"],
    };
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        (names[0], of(|step| &step.what)),
        (names[1], of(|step| &step.found)),
    ];
    if link.probability.is_some() {
        let bits = link.steps.iter().map(|step| rounded(step.bits));
        let total = link.steps.iter().map(|step| rounded(step.total));
        columns.push((names[2], Arc::new(bits.collect::<Float64Array>())));
        columns.push((names[3], Arc::new(total.collect::<Float64Array>())));
    }
    Ok(RecordBatch::try_from_iter(columns)?)
}

/// All links, a row per step, for programs.
fn steps(links: &[Reasoned], lang: Lang) -> Result<RecordBatch> {
    let rows: Vec<_> = links
        .iter()
        .flat_map(|link| {
            let blank = link.steps.is_empty().then_some(None);
            blank
                .into_iter()
                .chain(link.steps.iter().map(Some))
                .map(move |step| (link, step))
        })
        .collect();
    let text = |of: &dyn Fn(&Reasoned) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(
            rows.iter().map(|(link, _)| of(link)),
        ))
    };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("link_key", text(&|link| link.key.clone())),
        ("left_record", text(&|link| link.sides[0].record.clone())),
        ("right_record", text(&|link| link.sides[1].record.clone())),
        ("class", text(&|link| link.class.as_str().to_owned())),
        ("pass", text(&|link| link.pass.as_str().to_owned())),
        (
            "reason",
            text(&|link| link.pass.sentence().text(lang).to_owned()),
        ),
        (
            "comparison",
            Arc::new(
                rows.iter()
                    .map(|(_, step)| step.map(|step| step.what.text(lang)))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "found",
            Arc::new(
                rows.iter()
                    .map(|(_, step)| step.map(|step| step.found.text(lang)))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "bits",
            Arc::new(
                rows.iter()
                    .map(|(_, step)| step.and_then(|step| step.bits))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "total",
            Arc::new(
                rows.iter()
                    .map(|(_, step)| step.and_then(|step| step.total))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "probability",
            Arc::new(
                rows.iter()
                    .map(|(link, _)| link.probability)
                    .collect::<Float64Array>(),
            ),
        ),
    ];
    Ok(RecordBatch::try_from_iter(columns)?)
}

fn records_table(records: &[Seen], lang: Lang) -> Result<RecordBatch> {
    let names = match lang {
        Lang::En => [
            "record",
            "name",
            "sex",
            "date",
            "mother",
            "father",
            "certificate",
        ],
        Lang::Zh => ["记录", "姓名", "性别", "日期", "母亲", "父亲", "出生证"],
    };
    let text = |of: fn(&Seen) -> &str| -> ArrayRef {
        let texts = records
            .iter()
            .map(|seen| Some(of(seen)).filter(|text| !text.is_empty()));
        Arc::new(texts.collect::<StringArray>())
    };
    let sex = records.iter().map(|seen| sex(seen.sex, lang));
    let date = records.iter().map(|seen| seen.date);
    Ok(RecordBatch::try_from_iter([
        (names[0], text(|seen| &seen.record)),
        (names[1], text(|seen| &seen.name)),
        (names[2], Arc::new(sex.collect::<StringArray>()) as ArrayRef),
        (
            names[3],
            Arc::new(date.collect::<Date32Array>()) as ArrayRef,
        ),
        (names[4], text(|seen| &seen.mother)),
        (names[5], text(|seen| &seen.father)),
        (names[6], text(|seen| &seen.certificate)),
    ])?)
}

pub(super) fn sex(code: u8, lang: Lang) -> Option<String> {
    let word = match code {
        1 => msg!("male", "男"),
        2 => msg!("female", "女"),
        _ => return None,
    };
    Some(word.text(lang).to_owned())
}

pub(super) fn stream(rows: RecordBatch) -> SendableRecordBatchStream {
    let schema = rows.schema();
    let batches = futures::stream::iter([Ok(rows)]);
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}
