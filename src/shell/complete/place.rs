//! What the grammar expects at the cursor.

use super::frames::Frames;
use super::keywords as words;
use super::tokens::Kind;

/// The clause that the cursor is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// Before any.
    Start,
    /// WITH, before the select that follows.
    With,
    Select,
    From,
    /// The condition of a join.
    On,
    Where,
    /// HAVING and QUALIFY.
    Having,
    Group,
    Order,
    Limit,
    /// Brackets of an expression, a list or arguments.
    Brackets,
}

/// What may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expect {
    /// Nothing that could be known: a new name, a number.
    Nothing,
    /// One of these keywords.
    Keywords(Vec<&'static str>),
    /// A table, or these keywords.
    Table(Vec<&'static str>),
    /// A column, function or other operand, or these keywords.
    Operand(Vec<&'static str>),
    /// A column that the joined tables share.
    Shared,
    /// The name of a type.
    Type,
}

/// The clause that the token stands in.
pub(super) fn clause_before(frames: &Frames<'_>, token: usize) -> Clause {
    let owner = frames.owner(token);
    let mut level = frames.level(owner);
    level.retain(|index| *index < token);
    clause(frames, &level, start(frames, owner))
}

fn start(frames: &Frames<'_>, frame: usize) -> Clause {
    if frames.frames[frame].query {
        Clause::Start
    } else {
        Clause::Brackets
    }
}

fn clause(frames: &Frames<'_>, level: &[usize], start: Clause) -> Clause {
    let mut clause = start;
    for index in level {
        if frames.kind(*index) != Some(Kind::Word) {
            continue;
        }
        clause = match frames.word(*index).to_ascii_lowercase().as_str() {
            _ if frames.is_dotted(*index) => clause,
            "with" if clause == Clause::Start => Clause::With,
            "select" => Clause::Select,
            "from" if start == Clause::Brackets || frames.is(index.wrapping_sub(1), "distinct") => {
                clause
            }
            "from" | "join" => Clause::From,
            "on" if clause == Clause::From => Clause::On,
            "where" => Clause::Where,
            "having" | "qualify" => Clause::Having,
            "group" if clause != Clause::Brackets => Clause::Group,
            "partition" => Clause::Group,
            "order" => Clause::Order,
            "limit" | "offset" | "fetch" => Clause::Limit,
            "union" | "intersect" | "except" => Clause::Start,
            _ => clause,
        };
    }
    clause
}

/// What is expected before byte `at`, in the frame around it, and in which clause.
pub(super) fn place(frames: &Frames<'_>, at: usize) -> (Expect, Clause) {
    let frame = frames.around(at);
    let mut level = frames.level(frame);
    level.retain(|index| frames.tokens[*index].end <= at);
    let mut start = start(frames, frame);
    if start == Clause::Brackets {
        match brackets(frames, frame, &level) {
            Brackets::Known(expect) => return (expect, Clause::Brackets),
            Brackets::Tables => start = Clause::From,
            Brackets::Expression => {}
        }
    }
    let clause = clause(frames, &level, start);
    let Some(last) = level.last() else {
        let expect = match start {
            Clause::Start => Expect::Keywords(words::STATEMENT.to_vec()),
            Clause::From => Expect::Table(vec!["SELECT", "VALUES"]),
            _ => Expect::Operand(vec!["SELECT", "DISTINCT", "CASE", "NOT", "NULL"]),
        };
        return (expect, clause);
    };
    (after(frames, &level, *last, clause), clause)
}

enum Brackets {
    /// What is expected there, whatever else.
    Known(Expect),
    /// Tables: brackets in FROM.
    Tables,
    /// An expression, arguments, a list.
    Expression,
}

/// What brackets are for, by what stands before them.
fn brackets(frames: &Frames<'_>, frame: usize, level: &[usize]) -> Brackets {
    let Some(open) = frames.frames[frame].open else {
        return Brackets::Expression;
    };
    let fresh = level.is_empty();
    let known = |words: &[&'static str]| Brackets::Known(Expect::Keywords(words.to_vec()));
    let Some(before) = open.checked_sub(1) else {
        return if fresh {
            known(&["SELECT", "WITH", "VALUES"])
        } else {
            Brackets::Expression
        };
    };
    if frames.is(before, "over") && fresh {
        return known(&["PARTITION BY", "ORDER BY"]);
    }
    if frames.is(before, "filter") && fresh {
        return known(&["WHERE"]);
    }
    if frames.is_any(before, &["exists", "materialized"]) && fresh {
        return known(&["SELECT", "WITH"]);
    }
    if frames.is(before, "extract") {
        match level {
            [] => return known(words::DATE_PARTS),
            [_] => return known(&["FROM"]),
            _ => {}
        }
    }
    if frames.is(before, "using") {
        return Brackets::Known(Expect::Shared);
    }
    match clause_before(frames, open) {
        Clause::With if frames.is(before, "as") => known(&["SELECT", "WITH", "VALUES"]),
        Clause::With => Brackets::Known(Expect::Nothing),
        Clause::From => {
            let begins = frames.is_any(before, &["from", "join", "lateral"])
                || frames.is_symbol(before, ",")
                || frames.is_symbol(before, "(");
            if begins {
                Brackets::Tables
            } else if open >= 2 && frames.is_any(open - 2, &["from", "join"]) {
                // Arguments of a table function.
                Brackets::Expression
            } else {
                Brackets::Known(Expect::Nothing)
            }
        }
        Clause::Start if fresh => known(&["SELECT", "WITH", "VALUES"]),
        _ => Brackets::Expression,
    }
}

/// What is expected behind the last token.
fn after(frames: &Frames<'_>, level: &[usize], last: usize, clause: Clause) -> Expect {
    let keywords = |list: &[&'static str]| Expect::Keywords(list.to_vec());
    let earlier = &level[..level.len().saturating_sub(1)];
    let previous = earlier.last().copied();
    let text = frames.word(last);
    match frames.kind(last) {
        Some(Kind::Symbol) => match text {
            ")" | "]" => {}
            "*" if is_star(frames, previous) => {}
            "::" => return Expect::Type,
            "," => {
                return match clause {
                    Clause::From | Clause::On => Expect::Table(vec!["LATERAL"]),
                    Clause::With | Clause::Start | Clause::Limit => Expect::Nothing,
                    _ => Expect::Operand(words::OPERAND.to_vec()),
                };
            }
            _ => return Expect::Operand(words::OPERAND.to_vec()),
        },
        Some(Kind::Word) => {
            if let Some(expect) = after_word(frames, level, last, clause) {
                return expect;
            }
        }
        _ => {}
    }
    match clause {
        Clause::Start => match text.to_ascii_lowercase().as_str() {
            "tables" | "functions" => Expect::Nothing,
            "columns" => keywords(&["FROM"]),
            _ if text == ")" => keywords(words::NEXT_SELECT),
            _ => Expect::Nothing,
        },
        Clause::With if text == ")" => {
            if frames.body_is_query(last) {
                keywords(&["SELECT"])
            } else {
                keywords(&["AS ("])
            }
        }
        Clause::With => keywords(&["AS ("]),
        Clause::From => keywords(words::AFTER_TABLE),
        Clause::Limit => keywords(&["OFFSET"]),
        _ => keywords(&words::after_operand(frames, level, clause)),
    }
}

/// What is expected behind a keyword; `None` behind a name.
fn after_word(frames: &Frames<'_>, level: &[usize], last: usize, clause: Clause) -> Option<Expect> {
    let keywords = |list: &[&'static str]| Expect::Keywords(list.to_vec());
    let operand = || Expect::Operand(words::OPERAND.to_vec());
    let previous = level.len().checked_sub(2).map(|at| level[at]);
    if frames.is_dotted(last) {
        return None;
    }
    let in_from = clause == Clause::From;
    let word = frames.word(last).to_ascii_lowercase();
    Some(match word.as_str() {
        "select" => Expect::Operand(words::SELECT.to_vec()),
        "distinct" if previous.is_some_and(|before| frames.is_any(before, &["is", "not"])) => {
            keywords(&["FROM"])
        }
        "from" | "join" | "lateral" | "only" if in_from => Expect::Table(vec!["LATERAL", "SELECT"]),
        "all" | "distinct" if clause == Clause::Start => keywords(&["SELECT"]),
        "case" => Expect::Operand(vec!["WHEN"]),
        "is" => keywords(words::AFTER_IS),
        "not" if previous.is_some_and(|before| frames.is(before, "is")) => {
            keywords(&["NULL", "TRUE", "FALSE", "DISTINCT FROM"])
        }
        "not" if previous.is_some_and(|before| words::ends_operand(frames, before)) => {
            keywords(&["IN (", "LIKE", "ILIKE", "BETWEEN"])
        }
        "in" | "over" | "filter" | "using" | "exists" => keywords(&["("]),
        "where" | "and" | "or" | "not" | "on" | "having" | "by" | "when" | "then" | "else"
        | "between" | "like" | "ilike" | "distinct" | "all" | "from" | "qualify" | "any"
        | "some" => operand(),
        "as" => match clause {
            Clause::With => keywords(&["(", "MATERIALIZED (", "NOT MATERIALIZED ("]),
            Clause::Brackets => Expect::Type,
            _ => Expect::Nothing,
        },
        "group" | "order" | "partition" => keywords(&["BY"]),
        "left" | "right" | "full" if in_from => keywords(&["JOIN", "OUTER JOIN"]),
        "inner" | "cross" | "outer" if in_from => keywords(&["JOIN"]),
        "natural" if in_from => keywords(&["JOIN", "LEFT JOIN"]),
        "asc" | "desc" if clause == Clause::Order => {
            keywords(&["NULLS FIRST", "NULLS LAST", "LIMIT"])
        }
        "nulls" if clause == Clause::Order => keywords(&["FIRST", "LAST"]),
        "limit" | "offset" | "fetch" => Expect::Nothing,
        "union" | "intersect" | "except" => keywords(&["ALL", "SELECT"]),
        "with" if clause == Clause::With => keywords(&["RECURSIVE"]),
        "recursive" if clause == Clause::With => Expect::Nothing,
        "explain" if clause == Clause::Start => keywords(&["SELECT", "WITH", "ANALYZE", "VERBOSE"]),
        "analyze" | "verbose" if clause == Clause::Start => keywords(&["SELECT", "WITH"]),
        "describe" | "desc" if clause == Clause::Start => Expect::Table(Vec::new()),
        "show" if clause == Clause::Start => keywords(&["TABLES", "COLUMNS FROM", "FUNCTIONS"]),
        _ => return None,
    })
}

/// Whether a star behind this token means all columns or rows, not a product.
fn is_star(frames: &Frames<'_>, previous: Option<usize>) -> bool {
    previous.is_none_or(|before| {
        frames.is_any(before, &["select", "distinct", "all"])
            || frames.is_symbol(before, ",")
            || frames.is_symbol(before, ".")
    })
}
