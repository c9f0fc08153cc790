//! Columns, and the other operands of expressions.

use std::collections::{BTreeMap, HashSet};

use super::knowledge::{Function, Knowledge};
use super::parts;
use super::place::Clause;
use super::pool::{Dress, Pool, written_name};
use super::scope::{Relation, Scope};

/// Columns of the tables; those with a name that several tables have are written with their table.
pub(super) fn own<'a>(pool: &mut Pool<'a>, relations: &[Relation<'a>]) {
    let mut count: BTreeMap<(bool, &str), usize> = BTreeMap::new();
    let mut own: HashSet<&str> = HashSet::new();
    for relation in relations {
        for field in relation.fields.iter() {
            *count.entry((relation.outer, &field.name)).or_default() += 1;
            if !relation.outer {
                own.insert(&field.name);
            }
        }
    }
    for relation in relations {
        let group = if relation.outer { 3 } else { 2 };
        for field in relation.fields.iter() {
            let name: &str = &field.name;
            let several = count.get(&(relation.outer, name)).is_some_and(|n| *n > 1);
            let hidden = relation.outer && own.contains(name);
            if (several || hidden) && !relation.name.is_empty() {
                let written = format!("{}.{}", written_name(&relation.name), written_name(name));
                pool.offer_as(group, (name, field.other), written, field.kind);
            } else {
                pool.offer(
                    group,
                    field.name.clone(),
                    field.other,
                    Dress::Name,
                    field.kind,
                );
            }
        }
    }
}

/// Columns of every table, while no table is known.
pub(super) fn all<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge) {
    for table in &knowledge.tables {
        for column in &table.columns {
            let other = column.zh.as_deref().unwrap_or_default();
            pool.offer(5, column.name.as_str(), other, Dress::Name, &column.kind);
        }
    }
}

/// Functions; those of many rows only where groups exist.
pub(super) fn functions<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge, clause: Clause) {
    let rows_only = matches!(clause, Clause::Where | Clause::On | Clause::Group);
    for function in &knowledge.functions {
        if function.is_aggregate && rows_only {
            continue;
        }
        let empty = function.signature.ends_with("()");
        let Function {
            name, signature, ..
        } = function;
        pool.offer(6, name.as_str(), "", Dress::Call { empty }, signature);
    }
}

/// Names that the select list gives its items.
pub(super) fn aliases<'a>(
    pool: &mut Pool<'a>,
    scope: &Scope<'a, '_>,
    begin: usize,
    relations: &[Relation<'a>],
) {
    let frames = scope.frames;
    // Inside OVER ( … ) the names of the select list are not known.
    if !frames.frames[frames.around(begin)].query {
        return;
    }
    let select = scope.select(begin);
    for item in parts::select_list(frames, &select) {
        if parts::alias(frames, item).is_some()
            && let Some(field) = scope.item(item, relations)
        {
            pool.offer(1, field.name, field.other, Dress::Name, field.kind);
        }
    }
}

/// Columns of the last table that an earlier one has, too: their equality is the usual condition.
pub(super) fn conditions<'a>(pool: &mut Pool<'a>, relations: &[Relation<'a>]) {
    let inner: Vec<&Relation<'a>> = relations.iter().filter(|one| !one.outer).collect();
    let Some((last, earlier)) = inner.split_last() else {
        return;
    };
    for field in last.fields.iter().filter(|field| !is_origin(&field.name)) {
        let same = |one: &&&Relation<'a>| one.fields.iter().any(|other| other.name == field.name);
        if let Some(first) = earlier.iter().find(same) {
            let column = written_name(&field.name);
            let (left, right) = (written_name(&first.name), written_name(&last.name));
            let written = format!("{left}.{column} = {right}.{column}");
            pool.offer_as(0, (&field.name, field.other), written, field.kind);
        }
    }
}

/// Columns that the last table shares with an earlier one.
pub(super) fn shared(relations: &[Relation<'_>]) -> Vec<String> {
    let inner: Vec<&Relation<'_>> = relations.iter().filter(|one| !one.outer).collect();
    let Some((last, earlier)) = inner.split_last() else {
        return Vec::new();
    };
    let has = |name: &str| {
        let same = |one: &&Relation<'_>| one.fields.iter().any(|field| field.name == name);
        earlier.iter().any(same)
    };
    last.fields
        .iter()
        .filter(|field| !is_origin(&field.name) && has(&field.name))
        .map(|field| field.name.clone().into_owned())
        .collect()
}

/// Every record has these: tables are not joined by them.
fn is_origin(name: &str) -> bool {
    ["delivery_id", "source_sheet", "source_row"].contains(&name)
        || ["交付编号", "来源工作表", "来源行号"].contains(&name)
}
