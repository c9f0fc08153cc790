//! Tables and columns that do not exist or may mean several.

use std::ops::Range;

use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::function::{after, between, names_file, unknown_in_from};
use super::known::KnownTable;
use super::lexeme::is_reserved;
use super::near::{did_you_mean, likely, listed};
use super::{Finding, Scene, wide};
use crate::error::Message;
use crate::msg;
use crate::warehouse::shape::VAULT;

/// The failure, when it is about a table or column.
pub(super) fn explain(error: &DataFusionError, scene: &Scene<'_>) -> Option<Finding> {
    match error.find_root() {
        DataFusionError::SchemaError(inner, _) => Some(match inner.as_ref() {
            SchemaError::FieldNotFound {
                field,
                valid_fields,
            } => unknown_column(field, valid_fields, scene),
            SchemaError::AmbiguousReference { field } => ambiguous(field, scene),
            SchemaError::DuplicateQualifiedField { name, .. }
            | SchemaError::DuplicateUnqualifiedField { name } => twice(name, scene),
        }),
        DataFusionError::Plan(text) => {
            if let Some(name) = between(text, "table function '", "' not found") {
                Some(unknown_in_from(name, scene))
            } else if let Some(name) = between(text, "table '", "' not found") {
                Some(unknown_table(name, scene))
            } else if let Some(name) = after(text, "Invalid qualifier ") {
                let name = name.trim();
                Some(unknown_qualifier(name, None, &[], scene))
            } else if text.starts_with("Projections require unique expression names") {
                let name = between(text, "the expression \"", "\" at").unwrap_or_default();
                Some(twice(bare(name), scene))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// `full` is catalog, schema and table with points between.
fn unknown_table(full: &str, scene: &Scene<'_>) -> Finding {
    // The engine writes names without quotes: a name with points is one that was quoted.
    let mut parts = full.splitn(3, '.');
    let (_, schema, name) = (parts.next(), parts.next(), parts.next());
    let (schema, name) = match (schema, name) {
        (Some(schema), Some(name)) => (schema.trim_matches('"'), name.trim_matches('"')),
        _ => ("", full),
    };
    let at = scene.named(name).first().copied();
    let quoted_text = scene
        .words
        .iter()
        .find(|word| matches!(&word.token, Token::SingleQuotedString(text) if text == name));
    let place = match (at, quoted_text) {
        (Some(at), _) => Some(scene.words[at].range.clone()),
        (None, Some(word)) => Some(word.range.clone()),
        _ => scene.span.clone(),
    };
    if looks_like_a_file(name) {
        return names_file(place);
    }
    if let Some(place) = &place
        && let Some(finding) = wide::in_unknown_name(scene.said(place), place.start)
    {
        return finding;
    }
    if schema == VAULT {
        return in_vault(name, place, scene);
    }
    if schema != scene.known.schema && schema != "information_schema" {
        let own = &scene.known.schema;
        let place = scene
            .named(schema)
            .first()
            .map(|at| scene.words[*at].range.clone())
            .or(place);
        return Finding::new(msg!(
            "there is no schema `{schema}`",
            "没有名为 `{schema}` 的模式"
        ))
        .maybe_hint(did_you_mean(&likely(schema, [own.as_str(), VAULT])))
        .hint(msg!(
            "write the table without it: `{name}`",
            "请直接写表名：`{name}`"
        ))
        .maybe_at(place);
    }
    let parts = common_tables(scene);
    let candidates = scene
        .known
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .chain(parts.iter().map(String::as_str));
    let found = likely(name, candidates);
    let hint = not_linked_yet(name)
        .or_else(|| did_you_mean(&found))
        .or_else(|| {
            // A column's name where a table should stand?
            let of: Vec<&str> = tables_with(name, scene);
            (!of.is_empty()).then(|| {
                let (en, zh) = (listed(&of, " and "), listed(&of, " 和 "));
                msg!("`{name}` is a column of {en}", "`{name}` 是 {zh} 的列")
            })
        });
    Finding::new(msg!("there is no table `{name}`", "没有名为 `{name}` 的表"))
        .maybe_hint(hint)
        .hint(msg!(
            "`show tables` lists the tables",
            "用 `show tables` 可列出各表"
        ))
        .maybe_at(place)
}

/// Warehouses and snapshots that are older than linking lack its tables.
fn not_linked_yet(name: &str) -> Option<Message> {
    let made = [
        "births",
        "links",
        "persons",
        "reviews",
        "出生关联",
        "关联记录",
        "人员关联",
        "复核记录",
    ];
    made.contains(&name).then(|| {
        msg!(
            "the registers were not linked here yet: run `renkou link`",
            "各登记册尚未关联：请运行 `renkou link`"
        )
    })
}

fn in_vault(name: &str, place: Option<Range<usize>>, scene: &Scene<'_>) -> Finding {
    match &scene.known.vault {
        None => Finding::new(msg!(
            "schema `vault` with the identities is closed",
            "存放身份信息的 `vault` 模式未打开"
        ))
        .hint(msg!(
            "open it with `--unseal --reason \"…\"`; that is written to the audit log",
            "请用 `--unseal --reason \"…\"` 打开，操作会记入审计日志"
        ))
        .maybe_at(
            scene
                .named(VAULT)
                .first()
                .map(|at| scene.words[*at].range.clone())
                .or(place),
        ),
        Some(tables) => Finding::new(msg!(
            "there is no table `{name}` in schema `vault`",
            "`vault` 模式中没有名为 `{name}` 的表"
        ))
        .maybe_hint(did_you_mean(&likely(
            name,
            tables.iter().map(String::as_str),
        )))
        .maybe_at(place),
    }
}

fn looks_like_a_file(name: &str) -> bool {
    let lower = name.to_lowercase();
    lower.contains('/')
        || lower.contains('\\')
        || [".csv", ".txt", ".json", ".parquet", ".xls", ".xlsx", ".zip"]
            .iter()
            .any(|end| lower.ends_with(end))
}

/// Names that `WITH name AS (` gives.
fn common_tables(scene: &Scene<'_>) -> Vec<String> {
    scene
        .words
        .windows(3)
        .filter(|words| words[1].is(Keyword::AS) && words[2].token == Token::LParen)
        .filter_map(|words| words[0].name())
        .collect()
}

/// Tables that have a column of exactly this name.
fn tables_with<'a>(column: &str, scene: &'a Scene<'_>) -> Vec<&'a str> {
    scene
        .known
        .tables
        .iter()
        .filter(|table| table.columns.iter().any(|(name, _)| name == column))
        .map(|table| table.name.as_str())
        .take(3)
        .collect()
}

fn unknown_column(field: &Column, valid: &[Column], scene: &Scene<'_>) -> Finding {
    let name = field.name.as_str();
    let qualifier = field.relation.as_ref().map(|relation| relation.table());
    let position = scene
        .span
        .as_ref()
        .and_then(|span| scene.position(span))
        // The span of `b.x` begins at `b`.
        .map(|at| match scene.words.get(at + 2) {
            Some(next)
                if scene.words[at + 1].token == Token::Period
                    && next.name().as_deref() == Some(name) =>
            {
                at + 2
            }
            _ => at,
        })
        .filter(|at| scene.words[*at].name().as_deref() == Some(name))
        .or_else(|| scene.column(qualifier, name));
    let place = position.map(|at| scene.words[at].range.clone());
    let said = place
        .as_ref()
        .map_or_else(|| name.to_owned(), |place| scene.said(place).to_owned());

    if let Some(place) = &place {
        let quoted = position.is_some_and(|at| scene.words[at].is_quoted());
        if !quoted && let Some(finding) = wide::in_unknown_name(&said, place.start) {
            return finding;
        }
    }
    if let Some(qualifier) = qualifier
        && !valid.is_empty()
        && !valid.iter().any(|column| {
            column
                .relation
                .as_ref()
                .is_some_and(|relation| relation.table() == qualifier)
        })
    {
        return unknown_qualifier(qualifier, Some(name), valid, scene);
    }
    if let Some(finding) = position.and_then(|at| missing_before(at, scene)) {
        return finding;
    }

    let tables = tables_in_scope(valid, qualifier, scene);
    let all: std::collections::HashSet<String> =
        aliases(scene).into_iter().map(|(alias, _)| alias).collect();
    let message = match (tables.as_slice(), qualifier) {
        _ if valid.is_empty() => msg!("`{said}` is not known here", "此处没有名为 `{said}` 的列"),
        ([], None) => match valid.iter().find_map(sealed) {
            Some(table) => msg!(
                "there is no column `{said}` in `{table}`",
                "`{table}` 中没有列 `{said}`"
            ),
            None => msg!("there is no column `{said}` here", "此处没有列 `{said}`"),
        },
        ([table], _) if qualifier.is_some() || all.len() < 2 => {
            let table = &table.name;
            msg!(
                "there is no column `{said}` in `{table}`",
                "`{table}` 中没有列 `{said}`"
            )
        }
        (_, Some(qualifier)) => msg!(
            "there is no column `{said}` in `{qualifier}`",
            "`{qualifier}` 中没有列 `{said}`"
        ),
        _ => msg!(
            "there is no column `{said}` in the tables of this statement",
            "该语句所用的表中没有列 `{said}`"
        ),
    };
    Finding::new(message)
        .maybe_hint(column_hint(field, valid, position, &tables, scene))
        .maybe_at(place.or_else(|| scene.span.clone()))
}

/// What was probably meant by a column, best guess first.
fn column_hint(
    field: &Column,
    valid: &[Column],
    position: Option<usize>,
    tables: &[&KnownTable],
    scene: &Scene<'_>,
) -> Option<Message> {
    let name = field.name.as_str();
    let qualifier = field.relation.as_ref().map(|relation| relation.table());
    let word = position.map(|at| &scene.words[at]);
    let quoted = word.is_some_and(super::Lexeme::is_quoted);

    // `"Sex"` for `sex`.
    if let Some(column) = valid
        .iter()
        .find(|column| column.name.to_lowercase() == name.to_lowercase())
    {
        let right = shown(column, qualifier, valid);
        return Some(if quoted {
            msg!(
                "names in double quotes must be exact: write {right}",
                "双引号中的名称须完全一致：请写 {right}"
            )
        } else {
            msg!("write {right}", "请写 {right}")
        });
    }
    if let Some(message) = position.and_then(|at| part_of_date(name, at, scene)) {
        return Some(message);
    }
    // A name from SELECT where it is not known yet.
    if let Some(message) = position.and_then(|at| not_yet_known(name, at, scene)) {
        return Some(message);
    }
    let in_scope: Vec<&Column> = valid
        .iter()
        .filter(|column| {
            qualifier.is_none()
                || column
                    .relation
                    .as_ref()
                    .is_some_and(|relation| Some(relation.table()) == qualifier)
        })
        .collect();
    let near = super::near::nearest_name(name, in_scope.iter().map(|column| column.name.as_str()));
    if let Some(near) = near {
        let column = in_scope.iter().find(|column| column.name == near)?;
        let right = shown(column, qualifier, valid);
        let elsewhere = tables_with(name, scene);
        if elsewhere.is_empty() {
            return Some(msg!("did you mean {right}?", "是否为 {right}？"));
        }
        let (en, zh) = (listed(&elsewhere, ", "), listed(&elsewhere, "、"));
        return Some(msg!(
            "did you mean {right}? (`{name}` is a column of {en})",
            "是否为 {right}？（`{name}` 是 {zh} 的列）"
        ));
    }
    // A column of another table of the statement, as in a subquery.
    for (alias, table) in aliases(scene) {
        let Some(table) = scene.known.table(&table) else {
            continue;
        };
        let offered = valid.iter().any(|column| {
            column
                .relation
                .as_ref()
                .is_some_and(|relation| relation.table() == alias)
        });
        if qualifier.is_none()
            && !offered
            && !tables.iter().any(|known| known.name == table.name)
            && let Some(near) = super::near::nearest_name(
                name,
                table.columns.iter().map(|(column, _)| column.as_str()),
            )
        {
            return Some(msg!(
                "did you mean `{alias}.{near}`?",
                "是否为 `{alias}.{near}`？"
            ));
        }
    }
    // The name in the other language.
    for table in tables {
        if let Some(own) = scene.known.translated(table, name) {
            let table = &table.name;
            return Some(msg!(
                "in `{table}` it is called `{own}`",
                "在 `{table}` 中该列名为 `{own}`"
            ));
        }
    }
    if quoted || position.is_some_and(|at| stands_for_text(at, scene)) {
        let text = name.replace('\'', "''");
        return Some(if quoted {
            msg!(
                "double quotes name a column; text goes in single quotes: '{text}'",
                "双引号括的是列名；文本请用单引号：'{text}'"
            )
        } else {
            msg!(
                "text goes in single quotes: '{text}'",
                "文本请用单引号括起：'{text}'"
            )
        });
    }
    let parts = likely(name, in_scope.iter().map(|column| column.name.as_str()));
    if !parts.is_empty() {
        return did_you_mean(&parts);
    }
    if let Some(message) = others(position, &in_scope, scene) {
        return Some(message);
    }
    if tables.is_empty() && (1..=12).contains(&in_scope.len()) {
        let names: Vec<&str> = in_scope.iter().map(|column| column.name.as_str()).collect();
        let (en, zh) = (listed(&names, " and "), listed(&names, " 和 "));
        return Some(msg!("known here: {en}", "此处可用的列：{zh}"));
    }
    let elsewhere = tables_with(name, scene);
    if !elsewhere.is_empty() {
        let (en, zh) = (listed(&elsewhere, " and "), listed(&elsewhere, " 和 "));
        let verb = if elsewhere.len() == 1 { "has" } else { "have" };
        return Some(msg!("{en} {verb} a column of this name", "{zh} 中有此列"));
    }
    let table = match (tables, valid.iter().find_map(sealed)) {
        ([], Some(table)) => table,
        ([table], _) => table.name.clone(),
        _ => return None,
    };
    Some(msg!(
        "`describe {table}` lists its columns",
        "用 `describe {table}` 可列出其各列"
    ))
}

/// Names that SELECT gives, where those are known; a number where only a number can be.
fn others(at: Option<usize>, in_scope: &[&Column], scene: &Scene<'_>) -> Option<Message> {
    let before = at?.checked_sub(1).map(|at| &scene.words[at])?;
    if matches!(before.keyword(), Keyword::LIMIT | Keyword::OFFSET) {
        return Some(msg!("a number should stand here", "此处应为数字"));
    }
    if in_scope.is_empty() {
        let said = scene.said(&scene.words[at?].range);
        return Some(msg!(
            "there is no FROM here; text goes in single quotes: '{said}'",
            "此处没有 FROM；文本请用单引号括起：'{said}'"
        ));
    }
    let given: Vec<&str> = in_scope
        .iter()
        .filter(|column| column.relation.is_none())
        .map(|column| column.name.as_str())
        .filter(|name| !name.contains('('))
        .collect();
    if given.is_empty() || given.len() > 8 || given.len() == in_scope.len() {
        return None;
    }
    let (en, zh) = (listed(&given, " and "), listed(&given, " 和 "));
    Some(msg!(
        "names given in SELECT: {en}",
        "SELECT 中取的名称：{zh}"
    ))
}

/// The table of a column in the schema with the identities.
fn sealed(column: &Column) -> Option<String> {
    let relation = column.relation.as_ref()?;
    (relation.schema() == Some(VAULT)).then(|| format!("{VAULT}.{}", relation.table()))
}

/// `year` in `date_part(year, x)`.
fn part_of_date(name: &str, at: usize, scene: &Scene<'_>) -> Option<Message> {
    let call = scene.words.get(at.checked_sub(2)?)?.name()?;
    (scene.words[at - 1].token == Token::LParen
        && matches!(
            call.as_str(),
            "date_part" | "datepart" | "date_trunc" | "datetrunc"
        ))
    .then(|| {
        msg!(
            "the part goes in single quotes: `{call}('{name}', …)`",
            "日期部分须加单引号：`{call}('{name}', …)`"
        )
    })
}

/// A keyword that the engine took for a column: something before it is missing.
fn missing_before(at: usize, scene: &Scene<'_>) -> Option<Finding> {
    let word = &scene.words[at];
    if word.is_quoted() || !is_reserved(word.keyword()) {
        return None;
    }
    let said = scene.said(&word.range).to_uppercase();
    let before = at.checked_sub(1).map(|at| &scene.words[at])?;
    let left = match before.keyword() {
        keyword if is_reserved(keyword) => scene.said(&before.range).to_uppercase(),
        _ => scene.said(&before.range).to_owned(),
    };
    Some(
        Finding::new(msg!(
            "something is missing between `{left}` and `{said}`",
            "`{left}` 与 `{said}` 之间缺少内容"
        ))
        .hint(msg!(
            "a column or value should stand there; a column called so goes in double quotes",
            "此处应有列名或值；若列名就是该词，请用双引号括起"
        ))
        .at(word.range.clone()),
    )
}

/// Whether a bare word stands where a text would: after an operator of comparison, or in a list.
fn stands_for_text(at: usize, scene: &Scene<'_>) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| &scene.words[at]) else {
        return false;
    };
    let in_list = || {
        scene.words[..at]
            .iter()
            .rev()
            .skip_while(|word| word.token == Token::Comma || word.is_operand())
            .take(2)
            .map(super::Lexeme::keyword)
            .any(|keyword| keyword == Keyword::IN)
    };
    matches!(before.token, Token::Eq | Token::Neq | Token::DoubleEq)
        || matches!(before.keyword(), Keyword::LIKE | Keyword::ILIKE)
        || in_list()
}

/// A name that SELECT gives to an expression, used in WHERE, where it is not known.
fn not_yet_known(name: &str, at: usize, scene: &Scene<'_>) -> Option<Message> {
    let clause = scene.words[..at].iter().rev().find(|word| {
        matches!(
            word.keyword(),
            Keyword::WHERE | Keyword::SELECT | Keyword::FROM | Keyword::HAVING | Keyword::BY
        )
    })?;
    if !matches!(clause.keyword(), Keyword::WHERE | Keyword::SELECT) {
        return None;
    }
    let given = scene.named(name).into_iter().any(|other| {
        let Some(before) = other.checked_sub(1).map(|at| &scene.words[at]) else {
            return false;
        };
        other < at
            && (before.is(Keyword::AS)
                || before.token == Token::RParen
                || before.is(Keyword::END)
                || (before.is_operand() && scene.words[other].is_name()))
    });
    given.then(|| {
        if clause.is(Keyword::WHERE) {
            msg!(
                "a name given in SELECT is not known in WHERE: repeat the expression, or use HAVING after GROUP BY",
                "WHERE 中不能使用 SELECT 中取的名称：请重复该表达式，或在 GROUP BY 后用 HAVING"
            )
        } else {
            msg!(
                "a name given in SELECT is not known to the other columns: repeat the expression, or name it in WITH",
                "SELECT 中取的名称不能被其他列引用：请重复该表达式，或用 WITH 先定义"
            )
        }
    })
}

/// `c.birth_date` or `c.*` where no table is called `c`.
fn unknown_qualifier(
    qualifier: &str,
    column: Option<&str>,
    valid: &[Column],
    scene: &Scene<'_>,
) -> Finding {
    let place = scene
        .named(qualifier)
        .into_iter()
        .find(|at| {
            scene
                .words
                .get(at + 1)
                .is_some_and(|word| word.token == Token::Period)
        })
        .map(|at| scene.words[at].range.clone());
    let mut names: Vec<String> = Vec::new();
    for column in valid {
        if let Some(relation) = &column.relation
            && !names.iter().any(|name| name == relation.table())
        {
            names.push(relation.table().to_owned());
        }
    }
    if names.is_empty() {
        names = aliases(scene).into_iter().map(|(name, _)| name).collect();
    }
    let called = aliases(scene)
        .into_iter()
        .find(|(alias, table)| table == qualifier && alias != qualifier && names.contains(alias));
    let hint = match called {
        Some((alias, _)) => Some(match column {
            Some(column) => msg!(
                "`{qualifier}` is called `{alias}` in this statement: write `{alias}.{column}`",
                "该语句中 `{qualifier}` 已改称 `{alias}`：请写 `{alias}.{column}`"
            ),
            None => msg!(
                "`{qualifier}` is called `{alias}` in this statement: write `{alias}.*`",
                "该语句中 `{qualifier}` 已改称 `{alias}`：请写 `{alias}.*`"
            ),
        }),
        None => match names.as_slice() {
            [] => None,
            [only] => Some(msg!("did you mean `{only}`?", "是否为 `{only}`？")),
            several => {
                let list = listed(several, ", ");
                did_you_mean(&likely(qualifier, several.iter().map(String::as_str))).or(Some(msg!(
                    "tables of this statement: {list}",
                    "该语句中的表：{list}"
                )))
            }
        },
    };
    Finding::new(msg!(
        "no table of this statement is called `{qualifier}`",
        "该语句中没有名为 `{qualifier}` 的表"
    ))
    .maybe_hint(hint)
    .maybe_at(place.or_else(|| scene.span.clone()))
}

fn ambiguous(field: &Column, scene: &Scene<'_>) -> Finding {
    let name = field.name.as_str();
    let mut candidates = scene.candidates.clone();
    if candidates.is_empty() {
        // The tables of the statement that have it.
        candidates = aliases(scene)
            .into_iter()
            .filter(|(_, table)| {
                scene
                    .known
                    .table(table)
                    .is_some_and(|table| table.columns.iter().any(|(column, _)| column == name))
            })
            .map(|(alias, _)| format!("{alias}.{name}"))
            .collect();
    }
    let candidates: Vec<&str> = candidates
        .iter()
        .map(String::as_str)
        .filter(|candidate| candidate.rsplit('.').next() == Some(name))
        .collect();
    let hint = (!candidates.is_empty()).then(|| {
        let (en, zh) = (listed(&candidates, " or "), listed(&candidates, " 或 "));
        msg!("write {en}", "请写 {zh}")
    });
    let place = scene.span.clone().or_else(|| {
        scene
            .column(None, name)
            .map(|at| scene.words[at].range.clone())
    });
    Finding::new(msg!(
        "`{name}` may be a column of several tables",
        "多个表中都有列 `{name}`，无法确定所指"
    ))
    .maybe_hint(hint)
    .maybe_at(place)
}

fn twice(name: &str, scene: &Scene<'_>) -> Finding {
    let second = scene.named(name).get(1).copied();
    Finding::new(msg!(
        "two columns of the result are called `{name}`",
        "结果中有两列都名为 `{name}`"
    ))
    .hint(msg!(
        "give one of them another name: `{name} AS other`",
        "请给其中一列另取名称：`{name} AS 别名`"
    ))
    .maybe_at(second.map(|at| scene.words[at].range.clone()))
}

/// Tables after FROM, JOIN and commas, with the name that the statement gives them.
pub(super) fn aliases(scene: &Scene<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, word) in scene.words.iter().enumerate() {
        let Some(name) = word.name() else { continue };
        let follows = at.checked_sub(1).is_some_and(|at| {
            let before = &scene.words[at];
            matches!(before.keyword(), Keyword::FROM | Keyword::JOIN)
                || matches!(before.token, Token::Comma | Token::Period)
        });
        if !follows || scene.known.table(&name).is_none() {
            continue;
        }
        let mut next = at + 1;
        if scene
            .words
            .get(next)
            .is_some_and(|word| word.is(Keyword::AS))
        {
            next += 1;
        }
        let alias = scene
            .words
            .get(next)
            .filter(|word| {
                word.is_name()
                    && !matches!(
                        word.keyword(),
                        Keyword::LEFT | Keyword::RIGHT | Keyword::FULL | Keyword::NATURAL
                    )
            })
            .and_then(super::Lexeme::name)
            .unwrap_or_else(|| name.clone());
        found.push((alias, name));
    }
    found
}

/// The tables that a column was looked for in.
fn tables_in_scope<'a>(
    valid: &[Column],
    qualifier: Option<&str>,
    scene: &'a Scene<'_>,
) -> Vec<&'a KnownTable> {
    let aliases = aliases(scene);
    let mut tables: Vec<&KnownTable> = Vec::new();
    for column in valid {
        let Some(relation) = &column.relation else {
            continue;
        };
        let name = relation.table();
        if qualifier.is_some_and(|qualifier| qualifier != name) {
            continue;
        }
        let own = aliases
            .iter()
            .find(|(alias, _)| alias == name)
            .map_or(name, |(_, table)| table.as_str());
        let offered = valid
            .iter()
            .filter(|column| column.relation.as_ref() == Some(relation))
            .count();
        if let Some(table) = scene.known.table(own)
            // Fewer columns than the table has are those of a subquery.
            && offered >= table.columns.len()
            && !tables.iter().any(|known| known.name == table.name)
        {
            tables.push(table);
        }
    }
    tables
}

/// A column as it can be written here, in backticks: with its table when others have it too.
fn shown(column: &Column, qualifier: Option<&str>, valid: &[Column]) -> String {
    let several = valid
        .iter()
        .filter(|other| other.name == column.name)
        .map(|other| &other.relation)
        .collect::<std::collections::HashSet<_>>()
        .len()
        > 1;
    let name = if needs_quotes(&column.name) {
        format!("\"{}\"", column.name)
    } else {
        column.name.clone()
    };
    match &column.relation {
        Some(relation) if several || qualifier.is_some() => {
            let table = relation.table();
            format!("`{table}.{name}`")
        }
        _ => format!("`{name}`"),
    }
}

fn needs_quotes(name: &str) -> bool {
    name.chars()
        .any(|c| c.is_ascii_uppercase() || (c.is_ascii() && !c.is_ascii_alphanumeric() && c != '_'))
        || name.starts_with(|c: char| c.is_ascii_digit())
}

/// `sex` of `birth_certificates.sex`.
pub(super) fn bare(name: &str) -> &str {
    let plain = name
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'));
    match name.rsplit_once('.') {
        Some((_, column)) if plain => column.trim_matches('"'),
        _ => name.trim_matches('"'),
    }
}
