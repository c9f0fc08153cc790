//! Keywords, and which of them fit behind an operand.

use super::frames::Frames;
use super::place::Clause;
use super::tokens::Kind;

pub(super) const STATEMENT: &[&str] = &["SELECT", "WITH", "EXPLAIN", "DESCRIBE", "SHOW", "VALUES"];

pub(super) const SELECT: &[&str] = &["*", "DISTINCT", "CASE", "CAST(", "EXTRACT("];

pub(super) const OPERAND: &[&str] = &[
    "CASE", "NOT", "EXISTS (", "NULL", "CAST(", "EXTRACT(", "TRUE", "FALSE", "INTERVAL", "DATE",
];

pub(super) const AFTER_IS: &[&str] = &[
    "NULL",
    "NOT NULL",
    "TRUE",
    "FALSE",
    "NOT TRUE",
    "NOT FALSE",
    "DISTINCT FROM",
    "NOT DISTINCT FROM",
];

pub(super) const AFTER_TABLE: &[&str] = &[
    "WHERE",
    "JOIN",
    "LEFT JOIN",
    "ON",
    "USING (",
    "GROUP BY",
    "ORDER BY",
    "LIMIT",
    "AS",
    "INNER JOIN",
    "FULL JOIN",
    "RIGHT JOIN",
    "CROSS JOIN",
    "NATURAL JOIN",
    "HAVING",
    "WINDOW",
    "UNION ALL",
    "UNION",
    "INTERSECT",
    "EXCEPT",
];

pub(super) const NEXT_SELECT: &[&str] = &[
    "UNION ALL",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "ORDER BY",
    "LIMIT",
];

pub(super) const DATE_PARTS: &[&str] = &[
    "YEAR", "MONTH", "DAY", "QUARTER", "WEEK", "DOW", "DOY", "HOUR", "MINUTE", "SECOND",
];

pub(super) const TYPES: &[&str] = &[
    "VARCHAR",
    "INTEGER",
    "BIGINT",
    "DOUBLE",
    "DECIMAL(",
    "DATE",
    "TIMESTAMP",
    "BOOLEAN",
    "SMALLINT",
    "REAL",
    "INTERVAL",
];

const TESTS: &[&str] = &[
    "IS NULL",
    "IS NOT NULL",
    "IN (",
    "NOT IN (",
    "BETWEEN",
    "LIKE",
    "NOT LIKE",
    "ILIKE",
    "NOT BETWEEN",
    "IS DISTINCT FROM",
];

/// Behind a call of an aggregate.
const CALL: &[&str] = &["OVER (", "FILTER (WHERE"];

/// Words that no name without quotes can be.
const RESERVED: &[&str] = &[
    "all",
    "and",
    "any",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "offset",
    "on",
    "or",
    "order",
    "right",
    "select",
    "table",
    "then",
    "true",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

/// Whether the name must stand in quotes.
pub(super) fn needs_quotes(name: &str) -> bool {
    let plain = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name
            .chars()
            .all(|c| (c.is_alphanumeric() || c == '_') && !c.is_uppercase());
    !plain || RESERVED.contains(&name)
}

/// Whether an expression can end with this token.
pub(super) fn ends_operand(frames: &Frames<'_>, token: usize) -> bool {
    match frames.kind(token) {
        Some(Kind::Word) => {
            let word = frames.word(token).to_ascii_lowercase();
            let ends = ["end", "null", "true", "false"].contains(&word.as_str());
            ends || !RESERVED.contains(&word.as_str()) || frames.is_dotted(token)
        }
        Some(Kind::Symbol) => [")", "]"].contains(&frames.word(token)),
        Some(_) => true,
        None => false,
    }
}

/// The keywords that fit behind a complete expression, the likeliest first.
pub(super) fn after_operand(
    frames: &Frames<'_>,
    level: &[usize],
    clause: Clause,
) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    let count = |word| {
        level
            .iter()
            .filter(|index| frames.is(**index, word))
            .count()
    };
    let in_case = count("case") > count("end");
    if in_case {
        words.extend(["WHEN", "THEN", "ELSE", "END"]);
    }
    let compared = is_compared(frames, level);
    let last = level.last().copied().unwrap_or(0);
    let is_call = frames.is_symbol(last, ")");
    match clause {
        Clause::Select => {
            if !in_case {
                words.push("FROM");
            }
            words.push("AS");
            if is_call {
                words.extend(CALL);
            }
            words.extend(TESTS);
            words.extend(["AND", "OR"]);
            if !in_case {
                words.extend(["WHERE", "UNION ALL", "ORDER BY", "LIMIT"]);
            }
        }
        Clause::Group => {
            if !in_case {
                words.extend(["HAVING", "ORDER BY", "LIMIT", "UNION ALL"]);
            }
            words.extend(TESTS);
        }
        Clause::Order => {
            if !in_case {
                words.extend([
                    "DESC",
                    "ASC",
                    "LIMIT",
                    "NULLS LAST",
                    "NULLS FIRST",
                    "OFFSET",
                ]);
                words.extend(["ROWS BETWEEN", "RANGE BETWEEN"]);
            }
            words.extend(TESTS);
        }
        Clause::Brackets => {
            words.extend(["AND", "OR", "AS"]);
            if is_call {
                words.extend(CALL);
            }
            words.extend(TESTS);
            words.push("ORDER BY");
        }
        _ => {
            let logic = ["AND", "OR"];
            if compared {
                words.extend(logic);
            } else {
                words.extend(TESTS);
                words.extend(logic);
            }
            if !in_case {
                if clause == Clause::On {
                    words.extend(["JOIN", "LEFT JOIN", "WHERE"]);
                }
                words.extend([
                    "GROUP BY",
                    "ORDER BY",
                    "LIMIT",
                    "HAVING",
                    "UNION ALL",
                    "UNION",
                ]);
                words.extend(["INTERSECT", "EXCEPT"]);
                if clause == Clause::On {
                    words.extend(["INNER JOIN", "FULL JOIN", "RIGHT JOIN", "CROSS JOIN"]);
                }
            }
            if compared {
                words.extend(TESTS);
            }
        }
    }
    words
}

/// Whether the last operand is the right side of a comparison.
fn is_compared(frames: &Frames<'_>, level: &[usize]) -> bool {
    let mut before = level.iter().rev().copied().skip(1);
    while let Some(index) = before.next() {
        if frames.is_symbol(index, ".") {
            before.next();
            continue;
        }
        if frames.is_symbol(index, "(") {
            continue;
        }
        let operator = frames.kind(index) == Some(Kind::Symbol)
            && ["=", "<", ">", "<>", "!=", "<=", ">=", "~", "~*", "!~"]
                .contains(&frames.word(index));
        return operator || frames.is_any(index, &["like", "ilike", "in", "between", "is", "not"]);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sql_would_misread_need_quotes() {
        for name in ["birth_date", "出生日期", "_", "level"] {
            assert!(!needs_quotes(name), "{name}");
        }
        for name in ["Births", "order", "2020", "a b", "年龄（岁）", ""] {
            assert!(needs_quotes(name), "{name}");
        }
    }
}
