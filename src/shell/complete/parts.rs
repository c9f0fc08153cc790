//! The parts of a query: WITH, the selects between UNIONs, select lists.

use super::frames::Frames;
use super::tokens::Kind;

/// A query named in WITH.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) name: String,
    /// The frame of its column names, when it has some.
    pub(super) columns: Option<usize>,
    /// The frame of its query.
    pub(super) body: usize,
}

/// A query without what its brackets hold.
#[derive(Debug)]
pub(super) struct Query {
    /// What WITH names.
    pub(super) with: Vec<Common>,
    /// Whether WITH is RECURSIVE.
    pub(super) recursive: bool,
    /// The tokens of its selects.
    pub(super) selects: Vec<Vec<usize>>,
}

/// Words that begin what follows a FROM clause.
pub(super) const AFTER_FROM: &[&str] = &[
    "where",
    "group",
    "having",
    "window",
    "qualify",
    "order",
    "limit",
    "offset",
    "fetch",
    "union",
    "intersect",
    "except",
];

/// Words that can stand behind a table and are no alias.
pub(super) const NO_ALIAS: &[&str] = &[
    "on",
    "using",
    "join",
    "left",
    "right",
    "full",
    "inner",
    "cross",
    "natural",
    "lateral",
    "as",
    "tablesample",
    "outer",
    "select",
    "from",
];

/// Takes a query apart.
pub(super) fn query(frames: &Frames<'_>, frame: usize) -> Query {
    let level = frames.level(frame);
    let mut query = Query {
        with: Vec::new(),
        recursive: false,
        selects: Vec::new(),
    };
    let mut rest = level.as_slice();
    while let [first, more @ ..] = rest
        && frames.is_any(*first, &["explain", "analyze", "verbose"])
    {
        rest = more;
    }
    if let [first, more @ ..] = rest
        && frames.is(*first, "with")
    {
        rest = more;
        if let [first, more @ ..] = rest
            && frames.is(*first, "recursive")
        {
            query.recursive = true;
            rest = more;
        }
        while let Some((common, more)) = common(frames, rest) {
            query.with.push(common);
            rest = more;
            match rest {
                [comma, more @ ..] if frames.is_symbol(*comma, ",") => rest = more,
                _ => break,
            }
        }
    }
    let mut select = Vec::new();
    for index in rest {
        if frames.is_any(*index, &["union", "intersect", "except"]) {
            query.selects.push(std::mem::take(&mut select));
        }
        select.push(*index);
    }
    query.selects.push(select);
    query
}

/// `name [(columns)] AS [[NOT] MATERIALIZED] (query)` and what follows.
fn common<'l>(frames: &Frames<'_>, level: &'l [usize]) -> Option<(Common, &'l [usize])> {
    let (name, mut rest) = level.split_first()?;
    let name = frames.name(*name)?;
    let mut columns = None;
    if let [open, close, more @ ..] = rest
        && frames.is_symbol(*open, "(")
        && frames.is_symbol(*close, ")")
    {
        columns = frames.body(*open);
        rest = more;
    }
    let [first, more @ ..] = rest else {
        return None;
    };
    if !frames.is(*first, "as") {
        return None;
    }
    rest = more;
    while let [first, more @ ..] = rest
        && frames.is_any(*first, &["not", "materialized"])
    {
        rest = more;
    }
    let (open, rest) = rest.split_first()?;
    let body = frames
        .is_symbol(*open, "(")
        .then(|| frames.body(*open))
        .flatten()?;
    let rest = match rest {
        [close, more @ ..] if frames.is_symbol(*close, ")") => more,
        rest => rest,
    };
    Some((
        Common {
            name,
            columns,
            body,
        },
        rest,
    ))
}

/// The items of the select list, each a run of tokens.
pub(super) fn select_list<'l>(frames: &Frames<'_>, select: &'l [usize]) -> Vec<&'l [usize]> {
    let Some(begin) = select.iter().position(|index| frames.is(*index, "select")) else {
        return Vec::new();
    };
    let mut rest = &select[begin + 1..];
    if let [first, more @ ..] = rest
        && frames.is_any(*first, &["distinct", "all"])
    {
        rest = more;
        if let [on, _, _, more @ ..] = rest
            && frames.is(*on, "on")
        {
            rest = more;
        }
    }
    let end = rest
        .iter()
        .position(|index| {
            frames.is_any(*index, AFTER_FROM)
                || (frames.is(*index, "from") && !(*index > 0 && frames.is(*index - 1, "distinct")))
        })
        .unwrap_or(rest.len());
    rest[..end]
        .split(|index| frames.is_symbol(*index, ","))
        .filter(|item| !item.is_empty())
        .collect()
}

/// The name that an item of a select list gets by AS, or by a name behind its expression.
pub(super) fn alias(frames: &Frames<'_>, item: &[usize]) -> Option<String> {
    let [.., before, last] = item else {
        return None;
    };
    let name = frames.name(*last)?;
    let behind = match frames.kind(*before)? {
        Kind::Symbol => frames.is_symbol(*before, ")") || frames.is_symbol(*before, "]"),
        Kind::Word => {
            !frames.is(*last, "end")
                && !frames.is_any(
                    *before,
                    &[
                        "and", "or", "not", "is", "in", "like", "ilike", "between", "then", "else",
                        "when", "case", "distinct",
                    ],
                )
        }
        _ => true,
    };
    behind.then_some(name)
}
