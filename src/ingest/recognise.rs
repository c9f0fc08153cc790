//! Which source a sheet is, judged by its headers, title, sheet and file name.

use std::collections::HashSet;

use super::kit::Kit;
use super::layout::{self, Header, Layout};
use super::plan::{BoundField, SheetPlan};
use super::rows::Rows;
use super::workbook::Merge;
use crate::catalog::{Catalog, Field, FieldType, Rule, Severity, Source};
use crate::domain::period;
use crate::domain::text::header_key;
use crate::error::{Error, Lang, Message, Result};
use crate::msg;

/// What surrounds a sheet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) file: &'a str,
    pub(super) sheet: Option<&'a str>,
    pub(super) date_1904: bool,
}

/// Every header that some source knows.
pub(super) fn known_headers(catalog: &Catalog) -> HashSet<String> {
    catalog
        .sources
        .values()
        .flat_map(|source| &source.fields)
        .flat_map(|field| &field.headers)
        .filter(|header| !header.contains("{year}"))
        .map(|header| header_key(header))
        .collect()
}

/// Finds the table of a sheet and the source it belongs to; `Ok(None)` when there is no table.
///
/// # Errors
/// When no source fits, or two fit equally well, naming the nearest and what it misses.
pub(super) fn recognise<'a>(
    kit: &'a Kit<'a>,
    known: &HashSet<String>,
    rows: &Rows,
    merges: &[Merge],
    around: Surroundings<'_>,
    wanted: Option<&str>,
) -> Result<Option<SheetPlan<'a>>> {
    let is_known = |key: &str| known.contains(key) || captured_year(key).is_some();
    let Some(layout) = layout::find(rows, merges, &is_known) else {
        return Ok(None);
    };
    let mut candidates: Vec<SheetPlan<'a>> = Vec::new();
    let mut misses: Vec<(usize, &Source, Vec<Message>)> = Vec::new();
    for source in kit.catalog.sources.values() {
        if wanted.is_some_and(|wanted| wanted != source.id) {
            continue;
        }
        let fields = bind(kit, source, &layout);
        match score(source, &fields, &layout, around, wanted.is_some()) {
            Ok(score) => candidates.push(plan(kit, source, fields, &layout, rows, around, score)),
            Err(missing) => {
                let bound = fields.iter().filter(|field| field.column.is_some()).count();
                misses.push((bound, source, missing));
            }
        }
    }
    candidates.sort_by_key(|plan| std::cmp::Reverse(plan.score));
    match candidates.as_slice() {
        [] => Err(not_recognised(misses)),
        [first, second, ..] if first.score == second.score => {
            let (one, two) = (&first.source.id, &second.source.id);
            Err(Error::work(msg!(
                "it could be `{one}` or `{two}`",
                "可能是 `{one}`，也可能是 `{two}`"
            ))
            .hint(msg!(
                "say which with `--source {one}`",
                "请用 `--source {one}` 指明"
            )))
        }
        _ => Ok(candidates.into_iter().next()),
    }
}

fn not_recognised(mut misses: Vec<(usize, &Source, Vec<Message>)>) -> Error {
    misses.sort_by_key(|(bound, _, _)| std::cmp::Reverse(*bound));
    let error = Error::work(msg!(
        "no source of the catalog fits",
        "目录中没有匹配的数据来源"
    ));
    match misses.into_iter().next() {
        Some((bound, source, missing)) if bound > 0 => {
            let id = &source.id;
            let listed = |lang, separator| -> String {
                let texts: Vec<&str> = missing.iter().map(|miss| miss.text(lang)).collect();
                texts.join(separator)
            };
            let (en, zh) = (listed(Lang::En, ", "), listed(Lang::Zh, "、"));
            error
                .caused_by(msg!("the nearest is `{id}`, but: {en}", "最接近的是 `{id}`，但：{zh}"))
                .hint(msg!(
                    "add the file's header to `catalog/sources/{id}.yaml`, or write a source for it",
                    "请在 `catalog/sources/{id}.yaml` 中补充该表头，或为其新建数据来源"
                ))
        }
        _ => error.hint(msg!(
            "describe the export in a file under `catalog/sources/`",
            "请在 `catalog/sources/` 下为该导出新建来源文件"
        )),
    }
}

/// Which column holds which field. Full headers win over the last level of merged ones, and a
/// column serves one field only.
fn bind<'a>(kit: &'a Kit<'a>, source: &'a Source, layout: &Layout) -> Vec<BoundField<'a>> {
    let mut taken = HashSet::new();
    let mut found: Vec<Option<(usize, Option<i32>)>> = vec![None; source.fields.len()];
    type Key = fn(&Header) -> &str;
    let passes: [Key; 2] = [|header| &header.key, |header| &header.last];
    for key in passes {
        for (index, field) in source.fields.iter().enumerate() {
            if found[index].is_none() {
                found[index] = find_column(field, layout, key, &taken);
                if let Some((column, _)) = found[index] {
                    taken.insert(column);
                }
            }
        }
    }
    source
        .fields
        .iter()
        .zip(found)
        .enumerate()
        .map(|(index, (definition, found))| BoundField {
            definition,
            column: found.map(|(column, _)| column),
            factor: found.map_or(1.0, |(column, _)| factor(definition, layout, column)),
            invalid: invalid_severity(source, index),
            year: found.and_then(|(_, year)| year),
            list: definition
                .list
                .as_ref()
                .and_then(|list| kit.lists.get(list)),
        })
        .collect()
}

fn find_column(
    field: &Field,
    layout: &Layout,
    key: fn(&Header) -> &str,
    taken: &HashSet<usize>,
) -> Option<(usize, Option<i32>)> {
    for alias in &field.headers {
        let wanted = header_key(alias);
        for (column, header) in layout.headers.iter().enumerate() {
            let Some(header) = header else { continue };
            if taken.contains(&column) {
                continue;
            }
            if wanted.contains("{year}") {
                if let Some(year) = matches_year(&wanted, key(header)) {
                    return Some((column, Some(year)));
                }
            } else if wanted == key(header) {
                return Some((column, None));
            }
        }
    }
    None
}

/// The year in `header` when it equals `pattern` with a year in place of `{year}`.
fn matches_year(pattern: &str, header: &str) -> Option<i32> {
    let (before, after) = pattern.split_once("{year}")?;
    let digits = header.strip_prefix(before)?.strip_suffix(after)?;
    if digits.len() == 4 {
        digits.parse().ok()
    } else {
        None
    }
}

/// The first four-digit year in a header, to tell header rows of plans from data.
fn captured_year(key: &str) -> Option<i32> {
    let bytes = key.as_bytes();
    (0..bytes.len().saturating_sub(3)).find_map(|at| {
        let digits = key.get(at..at + 4)?;
        let alone = !bytes.get(at + 4).is_some_and(u8::is_ascii_digit)
            && (at == 0 || !bytes[at - 1].is_ascii_digit());
        let year: i32 = digits.parse().ok()?;
        let rest = key.get(at + 4..)?;
        ((1950..2100).contains(&year)
            && alone
            && rest.starts_with('年')
            && rest.chars().count() > 1)
            .then_some(year)
    })
}

/// What numbers of the column are multiplied with: its own unit, or the title's for counts.
fn factor(field: &Field, layout: &Layout, column: usize) -> f64 {
    let unit = layout
        .headers
        .get(column)
        .and_then(Option::as_ref)
        .and_then(|header| header.unit.clone());
    if let Some(unit) = &unit
        && let Some((_, factor)) = field
            .scale
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
    {
        return *factor;
    }
    if field.kind != FieldType::Count {
        return 1.0;
    }
    let unit = unit.or_else(|| layout.titles.iter().find_map(|title| title_unit(title)));
    match unit {
        Some(unit) => crate::domain::unit::factor(&unit) as f64,
        None => 1.0,
    }
}

/// `万人` in `单位：万人`.
fn title_unit(title: &str) -> Option<String> {
    let text = crate::domain::text::nfkc(title);
    let at = text.find("单位")?;
    let rest = text[at + "单位".len()..].trim_start_matches([':', ' ', '(']);
    let unit: String = rest
        .chars()
        .take_while(|letter| !letter.is_whitespace() && !"),;，；".contains(*letter))
        .collect();
    (!unit.is_empty()).then_some(unit)
}

fn invalid_severity(source: &Source, field: usize) -> Severity {
    source
        .rules
        .iter()
        .find_map(|rule| match rule {
            Rule::Type { fields, severity } if fields.contains(&field) => Some(*severity),
            _ => None,
        })
        .unwrap_or(Severity::Reject)
}

/// How well a source fits; what is missing when it does not.
fn score(
    source: &Source,
    fields: &[BoundField<'_>],
    layout: &Layout,
    around: Surroundings<'_>,
    wanted: bool,
) -> std::result::Result<usize, Vec<Message>> {
    let has = |field: usize| {
        fields
            .get(field)
            .is_some_and(|bound| bound.column.is_some())
    };
    let name = |field: usize| {
        source.fields[field]
            .headers
            .first()
            .cloned()
            .unwrap_or_default()
    };
    let recognise = &source.recognise;
    let mut missing: Vec<Message> = recognise
        .headers
        .iter()
        .filter(|&&field| !has(field))
        .map(|&field| {
            let name = name(field);
            msg!("column `{name}` is missing", "缺少列“{name}”")
        })
        .collect();
    if !recognise.any.is_empty() && !recognise.any.iter().any(|&field| has(field)) {
        let names: Vec<String> = recognise.any.iter().map(|&field| name(field)).collect();
        let names = names.join("/");
        missing.push(msg!(
            "one of the columns `{names}` is missing",
            "缺少列“{names}”之一"
        ));
    }
    if let Some(&field) = recognise.without.iter().find(|&&field| has(field)) {
        let name = name(field);
        missing.push(msg!("it has the column `{name}`", "有列“{name}”"));
    }
    let title: String = layout
        .titles
        .iter()
        .map(String::as_str)
        .chain(around.sheet)
        .collect::<Vec<_>>()
        .join("\n");
    let everywhere = format!("{title}\n{}", around.file);
    if !wanted
        && let Some(word) = recognise
            .not
            .iter()
            .find(|word| title.contains(word.as_str()))
    {
        missing.push(msg!("the title has `{word}`", "标题含“{word}”"));
    }
    let headers: String = layout
        .headers
        .iter()
        .flatten()
        .map(|header| header.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    if !wanted
        && !recognise.need.is_empty()
        && !recognise
            .need
            .iter()
            .any(|word| everywhere.contains(word.as_str()) || headers.contains(word.as_str()))
    {
        let words = recognise.need.join("/");
        missing.push(msg!(
            "neither title nor file name nor headers have `{words}`",
            "标题、文件名和表头中都没有“{words}”"
        ));
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let columns = fields
        .iter()
        .filter(|field| field.column.is_some() && field.definition.kind != FieldType::Discard)
        .count();
    let in_title = recognise
        .words
        .iter()
        .filter(|word| title.contains(word.as_str()))
        .count();
    let in_file = recognise
        .words
        .iter()
        .filter(|word| around.file.contains(word.as_str()))
        .count();
    let not_file = recognise
        .not
        .iter()
        .filter(|word| everywhere.contains(word.as_str()))
        .count();
    Ok(
        (10 + columns * 2 + in_title * 12 + in_file * 6 + recognise.headers.len())
            .saturating_sub(not_file * 4),
    )
}

fn plan<'a>(
    kit: &Kit<'_>,
    source: &'a Source,
    fields: Vec<BoundField<'a>>,
    layout: &Layout,
    rows: &Rows,
    around: Surroundings<'_>,
    score: usize,
) -> SheetPlan<'a> {
    let titles = layout.titles.join("\n");
    // Folders may be called anything; the file's own name means something.
    let file_name = around.file.rsplit(['/', '\\']).next();
    let texts = [Some(titles.as_str()), around.sheet, file_name];
    let period = texts
        .iter()
        .flatten()
        .find_map(|text| period::find_in(text));
    let town = texts
        .iter()
        .flatten()
        .find_map(|text| kit.regions.find_township(text))
        .map(|code| code.as_str().to_owned());
    SheetPlan {
        source,
        layout: layout.clone(),
        header_row: rows.number(layout.header_rows.start),
        sheet: around.sheet.map(str::to_owned),
        fields,
        period,
        town_name: town
            .as_deref()
            .and_then(|code| kit.regions.name(code))
            .map(str::to_owned),
        town,
        county: kit.county.clone(),
        words: format!(
            "{titles}\n{}\n{}",
            around.sheet.unwrap_or_default(),
            around.file
        ),
        date_1904: around.date_1904,
        score,
    }
}
