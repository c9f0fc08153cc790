//! The tables and columns that the cursor's query can name.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::frames::Frames;
use super::knowledge::{Column, Knowledge, Table};
use super::parts::{self, AFTER_FROM, NO_ALIAS, Query};

/// A column that can be named.
#[derive(Debug, Clone, Default)]
pub(super) struct Field<'a> {
    /// Its name here.
    pub(super) name: Cow<'a, str>,
    /// Its name in the other language, or empty.
    pub(super) other: &'a str,
    /// Its SQL type, or empty.
    pub(super) kind: &'a str,
    /// The code list of its values.
    pub(super) list: Option<&'a str>,
}

/// A table in a FROM clause.
#[derive(Debug, Clone)]
pub(super) struct Relation<'a> {
    /// What columns are qualified with: the alias, or else the name.
    pub(super) name: String,
    /// Its columns; none when the table is not known.
    pub(super) fields: Rc<Vec<Field<'a>>>,
    /// Whether it belongs to a query around the innermost one.
    pub(super) outer: bool,
}

/// Finds columns in the statement around the cursor.
pub(super) struct Scope<'a, 'f> {
    pub(super) knowledge: &'a Knowledge,
    pub(super) frames: &'f Frames<'a>,
    /// What queries in brackets give, by frame; a query that is being resolved gives nothing, so
    /// that recursion ends.
    pub(super) given: RefCell<BTreeMap<usize, Rc<Vec<Field<'a>>>>>,
}

/// The columns of a table, with what the English table says about those of its Chinese view.
pub(super) fn fields<'a>(knowledge: &'a Knowledge, table: &'a Table) -> Vec<Field<'a>> {
    let behind = knowledge.behind(table);
    let field = |column: &'a Column| {
        let twin: Option<&'a Column> = behind.and_then(|table| {
            let same = |twin: &&Column| twin.zh.as_ref() == Some(&column.name);
            table.columns.iter().find(same)
        });
        Field {
            name: Cow::Borrowed(column.name.as_str()),
            other: column
                .zh
                .as_deref()
                .or_else(|| twin.map(|twin| twin.name.as_str()))
                .unwrap_or_default(),
            kind: column.kind.as_str(),
            list: column
                .list
                .as_deref()
                .or_else(|| twin.and_then(|twin| twin.list.as_deref())),
        }
    };
    table.columns.iter().map(field).collect()
}

impl<'a, 'f> Scope<'a, 'f> {
    pub(super) fn new(knowledge: &'a Knowledge, frames: &'f Frames<'a>) -> Self {
        Self {
            knowledge,
            frames,
            given: RefCell::default(),
        }
    }

    /// The tables that an expression at byte `at` can name, those of the innermost query first.
    pub(super) fn relations(&self, at: usize) -> Vec<Relation<'a>> {
        let mut list = Vec::new();
        let mut frame = self.frames.query_of(self.frames.around(at));
        let (mut at, mut outer) = (at, false);
        loop {
            let query = parts::query(self.frames, frame);
            let select = select_around(self.frames, &query, at);
            for mut relation in self.from(select, frame) {
                relation.outer = outer;
                list.push(relation);
            }
            let found = &self.frames.frames[frame];
            let (Some(parent), Some(open)) = (found.parent, found.open) else {
                return list;
            };
            // What stands in FROM or WITH does not see the tables beside it.
            if self.is_relation(open) {
                return list;
            }
            at = self.frames.tokens.get(open).map_or(0, |token| token.start);
            frame = self.frames.query_of(parent);
            outer = true;
        }
    }

    /// The queries named in WITH before byte `at` and seen there.
    pub(super) fn named(&self, at: usize) -> Vec<Relation<'a>> {
        let mut frame = Some(self.frames.around(at));
        let mut list = Vec::new();
        while let Some(inner) = frame {
            if self.frames.frames[inner].query {
                let query = parts::query(self.frames, inner);
                for common in &query.with {
                    let end = self.frames.frames[common.body].last;
                    let ended = self
                        .frames
                        .tokens
                        .get(end)
                        .is_some_and(|token| token.start < at);
                    if ended || query.recursive {
                        list.push(Relation {
                            name: common.name.clone(),
                            fields: self.common(common),
                            outer: false,
                        });
                    }
                }
            }
            frame = self.frames.frames[inner].parent;
        }
        list
    }

    /// The select around byte `at`, and the tokens of its query.
    pub(super) fn select(&self, at: usize) -> Vec<usize> {
        let frame = self.frames.query_of(self.frames.around(at));
        let query = parts::query(self.frames, frame);
        select_around(self.frames, &query, at).to_vec()
    }

    /// The column that the tokens before `end` name: `sex`, `b.sex`; `None` when they name none.
    pub(super) fn column(&self, relations: &[Relation<'a>], last: usize) -> Option<Field<'a>> {
        let name = self.frames.name(last)?;
        let mut inside: Vec<&Relation<'a>> = relations.iter().collect();
        if last >= 2 && self.frames.is_symbol(last - 1, ".") {
            let table = self.frames.name(last - 2)?;
            inside.retain(|relation| relation.name.eq_ignore_ascii_case(&table));
        }
        inside.iter().find_map(|relation| {
            let same = |field: &&Field<'_>| field.name.eq_ignore_ascii_case(&name);
            relation.fields.iter().find(same).cloned()
        })
    }

    /// The tables of the FROM clause of a select.
    pub(super) fn from(&self, select: &[usize], frame: usize) -> Vec<Relation<'a>> {
        let begin = select.iter().position(|index| {
            self.frames.is(*index, "from")
                && !(*index > 0 && self.frames.is(*index - 1, "distinct"))
        });
        let mut list = Vec::new();
        if let Some(begin) = begin {
            self.tables(&select[begin + 1..], frame, &mut list);
        }
        list
    }

    fn tables(&self, level: &[usize], frame: usize, list: &mut Vec<Relation<'a>>) {
        let frames = self.frames;
        let mut rest = level;
        let mut expected = true;
        while let [first, more @ ..] = rest {
            rest = more;
            if frames.is_any(*first, AFTER_FROM) {
                return;
            }
            if frames.is_symbol(*first, ",") || frames.is(*first, "join") {
                expected = true;
                continue;
            }
            if !expected || frames.is_any(*first, &["lateral", "only"]) {
                continue;
            }
            if frames.is_any(*first, NO_ALIAS) {
                continue;
            }
            expected = false;
            if frames.is_symbol(*first, "(") {
                if let [close, more @ ..] = rest
                    && frames.is_symbol(*close, ")")
                {
                    rest = more;
                }
                let Some(body) = frames.body(*first) else {
                    continue;
                };
                if !frames.frames[body].query && !self.holds_query(body) {
                    self.tables(&frames.level(body), frame, list);
                    continue;
                }
                let fields = self.output(body);
                self.named_as(String::new(), fields, &mut rest, list);
            } else if let Some(mut path) = frames.name(*first) {
                let mut last = path.clone();
                while let [dot, name, more @ ..] = rest
                    && frames.is_symbol(*dot, ".")
                    && frames.is_dotted(*name)
                    && let Some(name) = frames.name(*name)
                {
                    path = format!("{path}.{name}");
                    last = name;
                    rest = more;
                }
                if let [open, close, more @ ..] = rest
                    && frames.is_symbol(*open, "(")
                    && frames.is_symbol(*close, ")")
                {
                    rest = more;
                    self.named_as(last, Rc::default(), &mut rest, list);
                    continue;
                }
                let fields = self.columns(&path, *first, frame);
                self.named_as(last, fields, &mut rest, list);
            }
        }
    }

    /// Adds a table with the alias and column names behind it, if there are any.
    fn named_as(
        &self,
        name: String,
        fields: Rc<Vec<Field<'a>>>,
        rest: &mut &[usize],
        list: &mut Vec<Relation<'a>>,
    ) {
        let frames = self.frames;
        let (mut name, mut fields) = (name, fields);
        if let [word, more @ ..] = *rest
            && frames.is(*word, "as")
        {
            *rest = more;
        }
        if let [word, more @ ..] = *rest
            && !frames.is_any(*word, NO_ALIAS)
            && !frames.is_any(*word, AFTER_FROM)
            && let Some(alias) = frames.name(*word)
        {
            name = alias;
            *rest = more;
            if let [open, close, more @ ..] = *rest
                && frames.is_symbol(*open, "(")
                && frames.is_symbol(*close, ")")
                && let Some(body) = frames.body(*open)
            {
                fields = self.renamed(&fields, body);
                *rest = more;
            }
        }
        list.push(Relation {
            name,
            fields,
            outer: false,
        });
    }

    /// The columns of the table or named query with this path, for the token that names it.
    fn columns(&self, path: &str, token: usize, frame: usize) -> Rc<Vec<Field<'a>>> {
        let mut inner = Some(frame);
        while let Some(frame) = inner {
            if self.frames.frames[frame].query {
                let query = parts::query(self.frames, frame);
                let seen = |common: &&parts::Common| {
                    common.name.eq_ignore_ascii_case(path)
                        && (self.frames.frames[common.body].last <= token || query.recursive)
                };
                if let Some(common) = query.with.iter().rfind(seen) {
                    return self.common(common);
                }
            }
            inner = self.frames.frames[frame].parent;
        }
        let table = self.knowledge.table(path);
        Rc::new(table.map_or_else(Vec::new, |table| fields(self.knowledge, table)))
    }

    fn common(&self, common: &parts::Common) -> Rc<Vec<Field<'a>>> {
        let fields = self.output(common.body);
        match common.columns {
            Some(names) => self.renamed(&fields, names),
            None => fields,
        }
    }

    /// Whether the bracket stands where a table or a query of WITH is expected.
    fn is_relation(&self, open: usize) -> bool {
        let Some(before) = open.checked_sub(1) else {
            return false;
        };
        if self
            .frames
            .is_any(before, &["from", "join", "as", "materialized"])
        {
            return true;
        }
        // Behind a comma: whether a FROM clause is open there.
        self.frames.is_symbol(before, ",") && {
            let place = super::place::clause_before(self.frames, open);
            place == super::place::Clause::From
        }
    }
}

fn select_around<'q>(frames: &Frames<'_>, query: &'q Query, at: usize) -> &'q [usize] {
    let begun = |select: &&Vec<usize>| {
        select
            .first()
            .and_then(|first| frames.tokens.get(*first))
            .is_some_and(|token| token.start < at)
    };
    query
        .selects
        .iter()
        .rfind(begun)
        .or(query.selects.first())
        .map_or(&[], Vec::as_slice)
}
