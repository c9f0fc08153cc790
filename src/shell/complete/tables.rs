//! Tables where one is expected.

use super::knowledge::{Knowledge, Table};
use super::pool::{Dress, Pool, written_name};
use super::scope::Scope;

/// Functions that give rows.
const TABLE_FUNCTIONS: [&str; 3] = ["generate_series", "range", "unnest"];

/// Offers queries of WITH, tables, views and schemas.
pub(super) fn offer<'a>(pool: &mut Pool<'a>, scope: &Scope<'a, '_>, begin: usize) {
    for relation in scope.named(begin) {
        pool.offer(0, relation.name, "", Dress::Name, "WITH");
    }
    for function in &scope.knowledge.functions {
        if TABLE_FUNCTIONS.contains(&function.name.as_str()) && !pool.is_fresh() {
            let dress = Dress::Call { empty: false };
            pool.offer(4, function.name.as_str(), "", dress, &function.signature);
        }
    }
    for table in &scope.knowledge.tables {
        match table.name.split_once('.') {
            None => one(pool, scope.knowledge, table),
            Some((schema, _)) => {
                pool.offer(3, schema, "", Dress::Qualifier, "schema");
                let written = path(&table.name);
                let other = table.zh.as_deref().unwrap_or_default();
                if !pool.is_fresh() {
                    pool.offer_as(3, (&table.name, other), written, remark(table));
                }
            }
        }
    }
}

/// Offers the tables of a schema.
pub(super) fn of_schema<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge, schema: &str) {
    let schema = schema.rsplit('.').next().unwrap_or_default();
    for table in &knowledge.tables {
        match table.name.split_once('.') {
            None if schema.eq_ignore_ascii_case("main") => one(pool, knowledge, table),
            Some((own, name)) if own.eq_ignore_ascii_case(schema) => {
                let other = table.zh.as_deref().unwrap_or_default();
                pool.offer(1, name, other, Dress::Name, remark(table));
            }
            _ => {}
        }
    }
}

/// Offers a table or view; views stand behind tables.
fn one<'a>(pool: &mut Pool<'a>, knowledge: &'a Knowledge, table: &'a Table) {
    let other = knowledge.other_name(table);
    let group = if table.is_view { 2 } else { 1 };
    pool.offer(
        group,
        table.name.as_str(),
        other,
        Dress::Name,
        remark(table),
    );
}

pub(super) fn remark(table: &Table) -> &'static str {
    if table.is_view { "view" } else { "" }
}

fn path(name: &str) -> String {
    let parts: Vec<_> = name.split('.').map(written_name).collect();
    parts.join(".")
}
