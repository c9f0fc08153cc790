//! Completion of SQL: what the grammar expects, filled with what the scope knows.

use super::frames::Frames;
use super::knowledge::Knowledge;
use super::place::{Clause, Expect, place};
use super::pool::{Dress, Pool, Quotes};
use super::scope::{Relation, Scope};
use super::tokens::{Kind, Token};
use super::{Completion, columns, keywords, tables, values};

/// Completes at byte `at` of the statement with these tokens.
pub(super) fn complete(
    knowledge: &Knowledge,
    text: &str,
    tokens: &[Token],
    at: usize,
) -> Completion {
    let cut = cut(text, tokens, at);
    let tokens = cut.as_deref().unwrap_or(tokens);
    let current = tokens.iter().find(|token| token.holds(at));
    let kind = current.map(|token| token.kind);
    if matches!(kind, Some(Kind::Comment | Kind::Parameter | Kind::Symbol)) {
        return Completion::none(at);
    }
    let frames = Frames::new(text, tokens);
    let scope = Scope::new(knowledge, &frames);
    let begin = current.map_or(at, |token| token.start);
    let before = frames.tokens.iter().rposition(|token| token.end <= begin);
    // `\G` and its kin end a statement.
    if before.is_some_and(|before| frames.is_symbol(before, "\\")) {
        return Completion::none(at);
    }
    let first = tokens.first().map_or(at, |token| token.start);
    let statement = text.get(first..begin).unwrap_or_default();
    let (start, quotes) = match current {
        Some(token) if kind == Some(Kind::Text) => {
            if !text[token.start..].starts_with('\'') {
                return Completion::none(at);
            }
            (begin + 1, inside(text, token, at, '\''))
        }
        Some(token) if kind == Some(Kind::Quoted) => (begin + 1, inside(text, token, at, '"')),
        _ => (begin, Quotes::None),
    };
    let mut pool = Pool::new(text.get(start..at).unwrap_or_default(), start)
        .quotes(quotes)
        .around(text.get(at..).unwrap_or_default(), statement);
    if kind == Some(Kind::Text) {
        if let Some(before) = before {
            text_value(&mut pool, &scope, begin, before);
        }
        return pool.finish();
    }
    let mut end = begin;
    let mut path = Vec::new();
    if let Some(before) = before
        && frames.is_symbol(before, ".")
    {
        path = path_before(&frames, before);
        // A number or the like stands before the dot.
        let Some(first) = path.first() else {
            return Completion::none(at);
        };
        end = frames.tokens[*first].start;
    }
    let (expect, clause) = place(&frames, end);
    if path.is_empty() {
        if kind == Some(Kind::Number) {
            numbers(&mut pool, &scope, begin, before);
        } else {
            fill(&mut pool, &scope, begin, before, &expect, clause);
        }
    } else {
        let path: Vec<String> = path.iter().filter_map(|one| frames.name(*one)).collect();
        qualified(&mut pool, &scope, &path.join("."), begin, &expect);
    }
    pool.finish()
}

/// The tokens with the quotes around the cursor ended there, when a quote is missing in the
/// statement: what follows is most likely no text.
fn cut(text: &str, tokens: &[Token], at: usize) -> Option<Vec<Token>> {
    let is_quote = |token: &Token| matches!(token.kind, Kind::Text | Kind::Quoted);
    let last = tokens
        .last()
        .filter(|last| is_quote(last) && !last.closed)?;
    let here = tokens.iter().position(|token| token.holds(at))?;
    let mut current = tokens.get(here).copied().filter(is_quote)?;
    current.end = at;
    current.closed = false;
    let mut list = tokens[..here].to_vec();
    list.push(current);
    let rest = super::tokens::tokens(text, at, last.end);
    list.extend(rest.into_iter().take_while(|token| {
        !(token.kind == Kind::Symbol && text[token.start..].starts_with([';', '；']))
    }));
    Some(list)
}

/// Whether a closing quote must be written: not when one follows in the same word.
fn inside(text: &str, token: &Token, at: usize, quote: char) -> Quotes {
    let rest = text.get(at..token.end).unwrap_or_default();
    let close = !token.closed || rest.contains(char::is_whitespace);
    Quotes::Inside { quote, close }
}

/// The tokens of the names before the dot.
fn path_before(frames: &Frames<'_>, dot: usize) -> Vec<usize> {
    let mut path = Vec::new();
    let mut dot = Some(dot);
    while let Some(at) = dot
        && frames.is_symbol(at, ".")
        && let Some(name) = at.checked_sub(1)
        && frames.name(name).is_some()
    {
        path.insert(0, name);
        dot = name.checked_sub(1);
    }
    path
}

/// Codes of the compared column, or of the list that `code_name` is asked for.
fn text_value<'a>(pool: &mut Pool<'a>, scope: &Scope<'a, '_>, begin: usize, before: usize) {
    let knowledge = scope.knowledge;
    match values::named_list(scope.frames, before) {
        Some(list) if list.is_empty() => {
            for list in knowledge.lists.keys() {
                pool.offer(0, list.as_str(), "", Dress::Plain, "");
            }
            return;
        }
        Some(list) => return values::offer(pool, knowledge, &list, Dress::Plain),
        None => {}
    }
    let relations = scope.relations(begin);
    if let Some(list) = values::compared(scope, &relations, before).and_then(|one| one.list) {
        values::offer(pool, knowledge, list, Dress::Plain);
    }
}

fn numbers<'a>(pool: &mut Pool<'a>, scope: &Scope<'a, '_>, begin: usize, before: Option<usize>) {
    let relations = scope.relations(begin);
    let field = before.and_then(|before| values::compared(scope, &relations, before));
    if let Some(field) = field
        && let Some(list) = field.list
    {
        values::offer(pool, scope.knowledge, list, values::dress(&field));
    }
}

/// Offers what is expected.
fn fill<'a>(
    pool: &mut Pool<'a>,
    scope: &Scope<'a, '_>,
    begin: usize,
    before: Option<usize>,
    expect: &Expect,
    clause: Clause,
) {
    match expect {
        Expect::Nothing => {}
        Expect::Keywords(words) => pool.keywords(0, words),
        Expect::Type => pool.keywords(0, keywords::TYPES),
        Expect::Table(words) => {
            tables::offer(pool, scope, begin);
            pool.keywords(9, words);
        }
        Expect::Shared => {
            let relations = scope.relations(begin);
            for name in columns::shared(&relations) {
                pool.offer(0, name, "", Dress::Name, "");
            }
        }
        Expect::Operand(words) => {
            let relations = scope.relations(begin);
            numbers_or_columns(pool, scope, begin, before, clause, &relations);
            pool.keywords(7, words);
        }
    }
}

fn numbers_or_columns<'a>(
    pool: &mut Pool<'a>,
    scope: &Scope<'a, '_>,
    begin: usize,
    before: Option<usize>,
    clause: Clause,
    relations: &[Relation<'a>],
) {
    numbers(pool, scope, begin, before);
    if matches!(clause, Clause::Group | Clause::Order) {
        columns::aliases(pool, scope, begin, relations);
    }
    if clause == Clause::On && before.is_some_and(|before| scope.frames.is(before, "on")) {
        columns::conditions(pool, relations);
    }
    columns::own(pool, relations);
    for relation in relations.iter().filter(|one| !one.name.is_empty()) {
        pool.offer(4, relation.name.clone(), "", Dress::Qualifier, "");
    }
    let known = relations.iter().any(|one| !one.fields.is_empty());
    if !known && !pool.is_fresh() {
        columns::all(pool, scope.knowledge);
    }
    // Hundreds of functions say little while nothing is typed and columns are at hand.
    if !(known && pool.is_fresh()) {
        columns::functions(pool, scope.knowledge, clause);
    }
}

/// What may stand behind `path.`: columns of that table, or tables of that schema.
fn qualified<'a>(
    pool: &mut Pool<'a>,
    scope: &Scope<'a, '_>,
    path: &str,
    begin: usize,
    expect: &Expect,
) {
    if matches!(expect, Expect::Table(_)) {
        return tables::of_schema(pool, scope.knowledge, path);
    }
    let relations = scope.relations(begin);
    let last = path.rsplit('.').next().unwrap_or_default();
    let found = relations
        .iter()
        .find(|one| one.name.eq_ignore_ascii_case(last));
    let fields = match found {
        Some(relation) => relation.fields.to_vec(),
        None => scope
            .knowledge
            .table(path)
            .map(|table| super::scope::fields(scope.knowledge, table))
            .unwrap_or_default(),
    };
    for field in fields {
        pool.offer(0, field.name, field.other, Dress::Name, field.kind);
    }
    if !pool.is_fresh() {
        return;
    }
    if found.is_some() && matches!(expect, Expect::Operand(_)) {
        pool.keywords(1, &["*"]);
    }
}
