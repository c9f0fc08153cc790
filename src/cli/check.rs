//! `renkou check`: run the checks, show the scorecard, hand out work lists.

use arrow::array::RecordBatch;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;

use super::check_explain::{self, ExplainArgs};
use super::check_review::{self, ReviewArgs};
use super::show::{Caption, ShowArgs, line};
use super::sql::reason_given;
use super::{App, actor, link};
use crate::catalog::nearest;
use crate::domain::wording::counted;
use crate::error::{Error, Result};
use crate::msg;
use crate::quality::{Order, Outcome, Scope, check, town_code, worklist};
use crate::vault::{AuditLog, Entry, Sealer};
use crate::warehouse::{AsOf, Warehouse};

/// Check accepted data: scorecards by department and town, work lists
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CheckArgs {
    #[command(subcommand)]
    command: Option<CheckCommand>,
    /// Only this department, heading by heading
    #[arg(long, value_name = "DEPARTMENT")]
    department: Option<String>,
    /// Only this town: its code of 9 digits, or its name
    #[arg(long, value_name = "CODE|NAME")]
    region: Option<String>,
    /// Exit code 1 when anything of severity `error` is open
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    show: ShowArgs,
}

#[derive(Debug, clap::Subcommand)]
enum CheckCommand {
    /// List who must mend which record by when, with evidence and reason
    Worklist(WorklistArgs),
    /// Show by which rule or score records were linked, identities masked
    Explain(ExplainArgs),
    /// List the links that wait for a clerk, identities masked, or decide about one
    Review(ReviewArgs),
}

/// List who must mend which record by when, with evidence and reason
#[derive(Debug, clap::Args)]
struct WorklistArgs {
    /// Department that must mend
    #[arg(long, value_name = "DEPARTMENT")]
    owner: String,
    /// Only this town: its code of 9 digits, or its name
    #[arg(long, value_name = "CODE|NAME")]
    region: Option<String>,
    /// Show the identities of the records; audited first
    #[arg(long, requires = "reason")]
    unseal: bool,
    /// Why the identities are needed
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    show: ShowArgs,
}

pub(super) async fn run(app: &App, args: CheckArgs) -> Result<()> {
    match args.command {
        Some(CheckCommand::Worklist(args)) => tasks(app, args).await,
        Some(CheckCommand::Explain(args)) => check_explain::run(app, args).await,
        Some(CheckCommand::Review(args)) => check_review::run(app, args).await,
        None => scorecard(app, args).await,
    }
}

async fn scorecard(app: &App, args: CheckArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    if let Some(department) = &args.department {
        known(&warehouse, department)?;
    }
    let town = town(&warehouse, args.region.as_deref())?;
    let as_of = app.as_of()?;
    if matches!(as_of, AsOf::Latest) {
        link::freshen(app, &warehouse).await;
    }
    let outcome = check(&warehouse, &app.session_options(), &as_of, app.now()).await?;
    let scope = Scope {
        owner: args.department,
        town,
    };
    if args.show.is_for_people()? {
        people(app, &args.show, &warehouse, &outcome, &scope).await?;
    } else {
        let rows = outcome.rows(warehouse.catalog(), &scope)?;
        let title = msg!("Data quality scorecard", "数据质量记分卡");
        let caption = Caption {
            title: Some(title.text(app.ui.lang).to_owned()),
            ..Caption::default()
        };
        args.show.show(app, stream(rows), &caption).await?;
    }
    tell(app, &outcome);
    let errors = outcome
        .open
        .iter()
        .filter(|finding| finding.severity == "error")
        .count();
    if args.strict && errors > 0 {
        let records = counted(errors as u64, "finding", "findings");
        return Err(Error::work(msg!(
            "{records} of severity `error` open",
            "有 {errors} 条 `error` 级问题未整改"
        )));
    }
    Ok(())
}

async fn people(
    app: &App,
    show: &ShowArgs,
    warehouse: &Warehouse,
    outcome: &Outcome,
    scope: &Scope,
) -> Result<()> {
    let sections = outcome.page(warehouse.catalog(), scope, app.ui.lang)?;
    for (at, section) in sections.into_iter().enumerate() {
        if at > 0 {
            line("")?;
        }
        line(&section.title)?;
        let caption = Caption {
            null: Some(String::new()),
            ..Caption::default()
        };
        show.show(app, stream(section.rows), &caption).await?;
        for note in section.notes {
            line(&note)?;
        }
    }
    Ok(())
}

/// What changed since the last run, on stderr.
fn tell(app: &App, outcome: &Outcome) {
    let (open, opened, closed) = (outcome.open.len(), outcome.opened, outcome.closed);
    if outcome.recorded {
        app.ui.note(&msg!(
            "{open} findings open: {opened} new, {closed} mended and closed since the last run",
            "未整改 {open} 条：新增 {opened} 条，上次以来已整改并自动销号 {closed} 条"
        ));
    } else {
        app.ui.note(&msg!(
            "{open} findings open; nothing was written down: the data are those of the last run, or an older snapshot",
            "未整改 {open} 条；未作记录：数据与上次检查相同，或查看的是旧快照"
        ));
    }
}

async fn tasks(app: &App, args: WorklistArgs) -> Result<()> {
    let warehouse = app.warehouse()?;
    known(&warehouse, &args.owner)?;
    let town = town(&warehouse, args.region.as_deref())?;
    let session = warehouse.session(&app.as_of()?, &app.session_options())?;
    let mut sealer = None;
    if args.unseal {
        let reason = reason_given(args.reason.as_deref())?;
        let keys = warehouse.keys()?;
        let actor = actor();
        AuditLog::open(warehouse.folder().join("audit.log"))?
            .signed_with(&keys)
            .append(
                app.now(),
                Entry {
                    actor: &actor,
                    action: "unseal",
                    object: "worklist",
                    reason: Some(reason),
                    detail: Some(&args.owner),
                    ..Entry::default()
                },
            )?;
        sealer = Some(Sealer::new(&keys));
    }
    let order = Order {
        owner: &args.owner,
        town: town.as_deref(),
        sealer: sealer.as_ref(),
        lang: app.ui.lang,
        now: app.now(),
    };
    let rows = worklist(&warehouse, &session, &order).await?;
    if rows.num_rows() == 0 {
        app.ui.note(&msg!(
            "nothing to mend as of the last `renkou check`",
            "截至上次 `renkou check`，没有待整改的记录"
        ));
    }
    let title = msg!("Work list", "整改清单");
    let caption = Caption {
        title: Some(title.text(app.ui.lang).to_owned()),
        ..Caption::default()
    };
    args.show.show(app, stream(rows), &caption).await?;
    if sealer.is_some() {
        app.ui.note(&msg!(
            "the list shows identities: hand it to its department only",
            "清单含身份信息，只能交给责任部门"
        ));
    }
    Ok(())
}

fn town(warehouse: &Warehouse, text: Option<&str>) -> Result<Option<String>> {
    text.map(|text| town_code(warehouse.catalog(), text))
        .transpose()
}

fn known(warehouse: &Warehouse, department: &str) -> Result<()> {
    let catalog = warehouse.catalog();
    if catalog.department(department).is_some() {
        return Ok(());
    }
    let names: Vec<&str> = catalog.departments.iter().map(|d| d.id.as_str()).collect();
    let error = Error::usage(msg!(
        "there is no department `{department}`",
        "没有部门 `{department}`"
    ));
    let list = names.join(", ");
    Err(match nearest(department, names.iter().copied()) {
        Some(near) => error.hint(msg!("did you mean `{near}`?", "是否为 `{near}`？")),
        None => error.hint(msg!("expected one of: {list}", "可用的有：{list}")),
    })
}

fn stream(rows: RecordBatch) -> SendableRecordBatchStream {
    let schema = rows.schema();
    let batches = futures::stream::iter([Ok(rows)]);
    Box::pin(RecordBatchStreamAdapter::new(schema, batches))
}
