//! A file of which it is known what it is: its sheets with their source, and its place in the order
//! of a run.

use std::collections::HashSet;

use super::IngestOptions;
use super::container::Container;
use super::delimited::Dialect;
use super::kit::Kit;
use super::open::{Content, Input};
use super::plan::SheetPlan;
use super::recognise::{Surroundings, recognise};
use crate::domain::period::Period;
use crate::error::{Error, Result};
use crate::msg;

/// A file that was recognised and can be loaded.
pub(super) struct Recognised<'a> {
    pub(super) input: Input,
    pub(super) id: String,
    pub(super) bytes: u64,
    pub(super) sheets: Vec<SheetPlan<'a>>,
    pub(super) notes: Vec<String>,
    pub(super) encoding: String,
    pub(super) container: Container,
    pub(super) dialect: Option<Dialect>,
}

impl<'a> Recognised<'a> {
    /// The period that title, sheets or file name state, if they do.
    pub(super) fn stated_period(&self) -> Option<Period> {
        self.sheets
            .iter()
            .map(|sheet| sheet.period)
            .reduce(|a, b| Some(union(a?, b?)))
            .flatten()
    }

    /// Order of loading within a run: what covers less comes first, so that a cumulative file
    /// supersedes the months; a file that says it is a correction comes after the one it corrects.
    pub(super) fn order(&self) -> (String, i32, bool, String) {
        const CORRECTIONS: [&str; 7] = ["更正", "修订", "修正", "订正", "重报", "补报", "更新"];
        let width = self
            .stated_period()
            .map_or(i32::MAX, |period| period.months());
        let words = self.sheets.first().map_or("", |sheet| sheet.words.as_str());
        let corrects = CORRECTIONS.iter().any(|word| words.contains(word));
        let source = self
            .sheets
            .first()
            .map_or_else(String::new, |sheet| sheet.source.id.clone());
        (source, width, corrects, self.input.name.clone())
    }
}

/// Opens a file and recognises its sheets.
pub(super) fn recognise_file<'a>(
    kit: &'a Kit<'a>,
    known: &HashSet<String>,
    input: Input,
    id: String,
    bytes: u64,
    options: &IngestOptions,
) -> Result<Recognised<'a>> {
    let container = input.container()?;
    let file = input.name.clone();
    let wanted = options.source.as_deref();
    let mut notes = Vec::new();
    let mut sheets = Vec::new();
    let (encoding, dialect) = match input.content(&container, options.encoding)? {
        Content::Text { dialect, head } => {
            let around = Surroundings {
                file: &file,
                sheet: None,
                date_1904: false,
            };
            sheets.extend(recognise(kit, known, &head, &[], around, wanted)?);
            (dialect.encoding.to_string(), Some(dialect))
        }
        Content::Workbook(workbook) => {
            let mut failure = None;
            for sheet in &workbook.sheets {
                let around = Surroundings {
                    file: &file,
                    sheet: Some(&sheet.name),
                    date_1904: workbook.date_1904,
                };
                let name = &sheet.name;
                match recognise(kit, known, &sheet.rows, &sheet.merges, around, wanted) {
                    Ok(Some(plan)) if sheet.hidden => {
                        let _ = plan;
                        notes.push(
                            msg!("hidden sheet `{name}` left out", "隐藏工作表“{name}”未读取")
                                .text(kit.lang)
                                .to_owned(),
                        );
                    }
                    Ok(Some(plan)) => sheets.push(plan),
                    Ok(None) if sheet.rows.is_empty() => {}
                    Ok(None) => {
                        notes.push(
                            msg!("sheet `{name}` has no table", "工作表“{name}”没有数据表")
                                .text(kit.lang)
                                .to_owned(),
                        );
                    }
                    Err(error) => {
                        notes.push(
                            msg!(
                                "sheet `{name}` was not recognised",
                                "工作表“{name}”无法识别"
                            )
                            .text(kit.lang)
                            .to_owned(),
                        );
                        failure.get_or_insert(error);
                    }
                }
            }
            if sheets.is_empty()
                && let Some(error) = failure
            {
                return Err(error);
            }
            (container_name(&container).to_owned(), None)
        }
    };
    let best = sheets
        .iter()
        .max_by_key(|sheet| sheet.score)
        .map(|sheet| sheet.source.id.clone());
    let Some(best) = best else {
        return Err(
            Error::work(msg!("no table was found in it", "没有找到数据表")).hint(msg!(
                "a table begins with a row of column headers that some source knows",
                "数据表应以某个数据来源认识的表头开始"
            )),
        );
    };
    sheets.retain(|sheet| {
        let same = sheet.source.id == best;
        if !same {
            let (name, id) = (sheet.sheet.clone().unwrap_or_default(), &sheet.source.id);
            notes.push(
                msg!(
                    "sheet `{name}` looks like `{id}` and was left out",
                    "工作表“{name}”像是 `{id}`，未读取"
                )
                .text(kit.lang)
                .to_owned(),
            );
        }
        same
    });
    Ok(Recognised {
        input,
        id,
        bytes,
        sheets,
        notes,
        encoding,
        container,
        dialect,
    })
}

/// The months from the first to the last of both.
fn union(a: Period, b: Period) -> Period {
    Period {
        from: a.from.min(b.from),
        to: a.to.max(b.to),
    }
}

fn container_name(container: &Container) -> &'static str {
    match container {
        Container::Xlsx => "xlsx",
        Container::Xls => "xls",
        Container::Xlsb => "xlsb",
        Container::Ods => "ods",
        Container::Html => "html",
        Container::SpreadsheetMl => "spreadsheetml",
        _ => "text",
    }
}
