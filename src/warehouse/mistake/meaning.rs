//! Statements that can be read but make no sense: grouping, types, numbers of columns.

use std::ops::Range;

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::function::{after, between};
use super::known::Known;
use super::names::bare;
use super::types::{self, Class, class};
use super::{Finding, Scene};
use crate::error::{Error, Message};
use crate::msg;
use crate::warehouse::statement::Place;

/// The failure, when it is about the meaning of the statement.
pub(super) fn explain(error: &DataFusionError, scene: &Scene<'_>) -> Option<Finding> {
    match error.find_root() {
        DataFusionError::Plan(text) => grouping(text, scene)
            .or_else(|| operands(text, scene))
            .or_else(|| numbers(text, scene))
            .or_else(|| other(text, scene)),
        DataFusionError::NotImplemented(text) => Some(unsupported(text, scene)),
        _ => None,
    }
}

fn grouping(text: &str, scene: &Scene<'_>) -> Option<Finding> {
    let group = scene
        .words
        .windows(2)
        .any(|words| words[0].is(Keyword::GROUP) && words[1].is(Keyword::BY));
    if text.contains("must be in GROUP BY") || text.contains("must appear in the GROUP BY") {
        let column = between(text, "column \"", "\" must appear")?;
        let name = bare(column);
        let hint = if group {
            msg!(
                "add `{name}` to GROUP BY, or use an aggregate such as `max({name})`",
                "请把 `{name}` 加入 GROUP BY，或改用聚合函数，如 `max({name})`"
            )
        } else {
            msg!(
                "add `GROUP BY {name}`, or use an aggregate such as `max({name})`",
                "请加上 `GROUP BY {name}`，或改用聚合函数，如 `max({name})`"
            )
        };
        return Some(
            Finding::new(msg!(
                "`{name}` is neither in GROUP BY nor in an aggregate",
                "`{name}` 既不在 GROUP BY 中，也不在聚合函数内"
            ))
            .hint(hint)
            .maybe_at(scene.span.clone().or_else(|| name_place(name, scene))),
        );
    }
    if text.starts_with("Aggregate functions are not allowed in the WHERE clause") {
        return Some(
            Finding::new(msg!(
                "WHERE chooses rows before they are grouped: no aggregate can stand there",
                "WHERE 在分组之前筛选行，不能使用聚合函数"
            ))
            .hint(msg!(
                "choose groups after GROUP BY with `HAVING …`",
                "请在 GROUP BY 之后用 `HAVING …` 筛选分组"
            ))
            .maybe_at(aggregate_in_where(scene)),
        );
    }
    if text.contains("cannot be nested") || text.contains("cannot contain window function") {
        return Some(
            Finding::new(msg!(
                "an aggregate or window function cannot stand inside another",
                "聚合函数或窗口函数不能嵌套"
            ))
            .hint(msg!(
                "compute the inner one first: `WITH t AS (SELECT … AS n …) SELECT sum(n) FROM t`",
                "请先算内层：`WITH t AS (SELECT … AS n …) SELECT sum(n) FROM t`"
            ))
            .maybe_at(scene.span.as_ref().map(|span| enclosing_call(span, scene))),
        );
    }
    None
}

/// The name of the function that a column is the first argument of, or else the column.
fn enclosing_call(span: &Range<usize>, scene: &Scene<'_>) -> Range<usize> {
    let call = scene.position(span).and_then(|at| {
        let (open, name) = (
            scene.words.get(at.checked_sub(1)?)?,
            &scene.words[at.checked_sub(2)?],
        );
        (open.token == Token::LParen && name.is_name()).then(|| name.range.clone())
    });
    call.unwrap_or_else(|| span.clone())
}

/// The first call of an aggregate after WHERE.
fn aggregate_in_where(scene: &Scene<'_>) -> Option<Range<usize>> {
    let start = scene
        .words
        .iter()
        .position(|word| word.is(Keyword::WHERE))?;
    scene.words[start..]
        .windows(2)
        .find(|words| {
            words[1].token == Token::LParen
                && words[0].name().is_some_and(|name| {
                    matches!(
                        name.as_str(),
                        "count"
                            | "sum"
                            | "avg"
                            | "mean"
                            | "min"
                            | "max"
                            | "median"
                            | "stddev"
                            | "var"
                            | "string_agg"
                            | "array_agg"
                            | "approx_distinct"
                            | "bool_or"
                            | "bool_and"
                            | "first_value"
                            | "last_value"
                    )
                })
        })
        .map(|words| words[0].range.clone())
}

/// Operators between types that do not fit.
fn operands(text: &str, scene: &Scene<'_>) -> Option<Finding> {
    if let Some(rest) = after(text, "Cannot coerce arithmetic expression ") {
        let rest = rest.split(" to valid types").next()?;
        let (left, operator, right) = operation(rest)?;
        return Some(between_types(&left, operator, &right, scene));
    }
    if let Some(rest) = after(text, "Cannot infer common argument type for ") {
        let rest = rest
            .trim_start_matches("comparison operation ")
            .trim_start_matches("logical boolean operation ")
            .trim_start_matches("bitwise operation ")
            .trim_start_matches("regex operation ");
        let (left, operator, right) = operation(rest)?;
        return Some(between_types(&left, operator, &right, scene));
    }
    if let Some(rest) = after(text, "Cannot create filter with non-boolean predicate ") {
        let name = bare(between(rest, "'", "' returning")?);
        let Message { en, zh } = types::words(after(rest, "returning ")?);
        return Some(
            Finding::new(msg!(
                "WHERE needs a condition, and `{name}` is a {en}",
                "WHERE 后须为条件，而 `{name}` 是{zh}"
            ))
            .hint(msg!(
                "compare it: `{name} = …`, or ask `{name} IS NOT NULL`",
                "请写成比较：`{name} = …`，或 `{name} IS NOT NULL`"
            ))
            .maybe_at(name_place(name, scene)),
        );
    }
    if text.starts_with("Unary operator ")
        || text.contains("only supports numeric, interval and timestamp types")
        || text.starts_with("NOT can")
    {
        let operator = between(text, "'", "'").unwrap_or("-");
        let kind = after(text, "got ")
            .or_else(|| after(text, "got: "))
            .map(types::words);
        let hint = match operator {
            "NOT" => msg!(
                "NOT takes a condition: `NOT (x = 1)`",
                "NOT 后须为条件：`NOT (x = 1)`"
            ),
            _ => msg!(
                "it takes a number: `cast(x AS double)`",
                "须为数字：`cast(x AS double)`"
            ),
        };
        let message = match kind {
            Some(Message { en, zh }) => msg!(
                "`{operator}` does not work on a {en}",
                "`{operator}` 不能用于{zh}"
            ),
            None => msg!(
                "`{operator}` does not work on a value of this type",
                "`{operator}` 不能用于该类型的值"
            ),
        };
        return Some(
            Finding::new(message)
                .hint(hint)
                .maybe_at(scene.span.clone()),
        );
    }
    None
}

/// `Utf8View + Int64` in its three parts; types may contain spaces in parentheses.
fn operation(text: &str) -> Option<(String, &str, String)> {
    let mut depth = 0_i32;
    let spaces: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            *c == ' ' && depth == 0
        })
        .map(|(at, _)| at)
        .collect();
    let (first, last) = (*spaces.first()?, *spaces.last()?);
    (first < last).then(|| {
        (
            text[..first].to_owned(),
            text[first..last].trim(),
            text[last..].trim().to_owned(),
        )
    })
}

fn between_types(left: &str, operator: &str, right: &str, scene: &Scene<'_>) -> Finding {
    let Message { en: le, zh: lz } = types::words(left);
    let Message { en: re, zh: rz } = types::words(right);
    let sides = [class(left), class(right)];
    let text = sides.contains(&Class::Text);
    let hint = match operator {
        "+" if text => Some(msg!(
            "texts are joined with `||`; a text of digits becomes a number by `cast(x AS bigint)`",
            "连接文本请用 `||`；数字文本请先用 `cast(x AS bigint)` 转换"
        )),
        "-" | "*" | "/" | "%" if text => Some(msg!(
            "make a number of the text: `cast(x AS double)`",
            "请先把文本转换为数字：`cast(x AS double)`"
        )),
        "+" | "-" if sides.contains(&Class::Date) => Some(msg!(
            "days are added as `x + INTERVAL '7 days'`",
            "日期加减请写作 `x + INTERVAL '7 days'`"
        )),
        "AND" | "OR" => Some(msg!(
            "{operator} joins conditions such as `x = 1`",
            "{operator} 连接的是条件，如 `x = 1`"
        )),
        _ if sides.contains(&Class::Key) => Some(msg!(
            "keys are compared with keys only; as text a key is `encode(x, 'hex')`",
            "标识只能与标识比较；转为文本请用 `encode(x, 'hex')`"
        )),
        "~" | "LIKE" | "~~" => Some(msg!(
            "patterns work on text: `cast(x AS text)`",
            "模式匹配只用于文本：`cast(x AS text)`"
        )),
        _ => {
            let kind = if class(left) == Class::Text {
                right
            } else {
                left
            };
            let kind = types::sql(kind);
            Some(msg!(
                "make both sides the same type, such as `cast(x AS {kind})`",
                "请把两边转换为同一类型，例如 `cast(x AS {kind})`"
            ))
        }
    };
    let place = scene
        .span
        .clone()
        .or_else(|| only_operator(operator, scene));
    Finding::new(msg!(
        "`{operator}` does not work between {le} and {re}",
        "`{operator}` 不能用于{lz}与{rz}之间"
    ))
    .maybe_hint(hint)
    .maybe_at(place)
}

/// The operator's place when the statement has it once.
pub(super) fn only_operator(operator: &str, scene: &Scene<'_>) -> Option<Range<usize>> {
    let mut found = scene.words.iter().filter(|word| {
        let said = scene.said(&word.range);
        said.eq_ignore_ascii_case(operator) || (operator == "!=" && said == "<>")
    });
    let first = found.next()?;
    found.next().is_none().then(|| first.range.clone())
}

/// Numbers of columns, rows and positions.
fn numbers(text: &str, scene: &Scene<'_>) -> Option<Finding> {
    if let Some(operator) = text.strip_suffix(" queries have different number of columns") {
        return Some(
            Finding::new(msg!(
                "the two sides of {operator} have different numbers of columns",
                "{operator} 两边的列数不同"
            ))
            .hint(msg!(
                "give both the same columns in the same order; `NULL AS name` fills a gap",
                "两边须列数、次序一致；缺少的列可用 `NULL AS 名称` 补齐"
            ))
            .maybe_at(
                scene
                    .words
                    .iter()
                    .find(|word| {
                        scene
                            .said(&word.range)
                            .eq_ignore_ascii_case(operator.split(' ').next().unwrap_or(operator))
                    })
                    .map(|word| word.range.clone()),
            ),
        );
    }
    if text.starts_with("Too many columns! The subquery should only return one column") {
        return Some(
            Finding::new(msg!(
                "a subquery in this place gives one column",
                "此处的子查询只能返回一列"
            ))
            .hint(msg!(
                "keep one column in its SELECT; pairs are compared with EXISTS or a JOIN",
                "其 SELECT 中只保留一列；多列比较请用 EXISTS 或 JOIN"
            ))
            .maybe_at(second_select(scene)),
        );
    }
    if let Some(rest) = after(text, "got ")
        && text.starts_with("Inconsistent data length across values list")
    {
        let got: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let row: String = between(rest, "in row ", " but")?.to_owned();
        let expected = after(rest, "expected ")?.trim().to_owned();
        let row: usize = row.parse::<usize>().ok()? + 1;
        let noun = if got == "1" { "value" } else { "values" };
        return Some(
            Finding::new(msg!(
                "row {row} of VALUES has {got} {noun}, the first row has {expected}",
                "VALUES 第 {row} 行有 {got} 个值，而首行有 {expected} 个"
            ))
            .maybe_at(word_place(Keyword::VALUES, scene)),
        );
    }
    if text.starts_with("LIMIT must be") || text.starts_with("OFFSET must be") {
        let keyword = if text.starts_with("LIMIT") {
            Keyword::LIMIT
        } else {
            Keyword::OFFSET
        };
        let word = &text[..text.find(' ')?];
        return Some(
            Finding::new(msg!(
                "{word} takes a number from 0",
                "{word} 须为不小于 0 的数"
            ))
            .maybe_at(word_place(keyword, scene)),
        );
    }
    let position = after(text, "Order by column out of bounds, specified: ")
        .and_then(|rest| {
            let (position, most) = rest.split_once(", max: ")?;
            Some((position.trim(), most.trim()))
        })
        .or_else(|| {
            let position = between(text, "Cannot find column with position ", " in SELECT")?;
            Some((position, after(text, "Valid columns: 1 to ")?.trim()))
        });
    if let Some((position, most)) = position {
        let number = scene
            .words
            .iter()
            .rev()
            .find(|word| matches!(&word.token, Token::Number(number, _) if number == position));
        return Some(
            Finding::new(msg!(
                "there is no column number {position}: SELECT gives {most}",
                "没有第 {position} 列：SELECT 只有 {most} 列"
            ))
            .maybe_at(number.map(|word| word.range.clone())),
        );
    }
    if let Some(rest) = text.strip_prefix("Source table contains ") {
        let has = rest.split(' ').next()?;
        let given = between(rest, "only ", " ")?;
        return Some(
            Finding::new(msg!(
                "{given} names are given to {has} columns",
                "给 {has} 列取了 {given} 个名称"
            ))
            .hint(msg!(
                "name every column in the parentheses",
                "请在括号中写出每一列的名称"
            )),
        );
    }
    None
}

fn other(text: &str, scene: &Scene<'_>) -> Option<Finding> {
    if let Some(name) = between(text, "The window ", " is not defined") {
        let place = scene
            .named(&name.to_lowercase())
            .first()
            .map(|at| scene.words[*at].range.clone());
        return Some(
            Finding::new(msg!(
                "there is no window `{name}`",
                "没有名为 `{name}` 的窗口"
            ))
            .hint(msg!(
                "write `OVER (ORDER BY …)`, or add `WINDOW {name} AS (…)` at the end",
                "请写作 `OVER (ORDER BY …)`，或在末尾加 `WINDOW {name} AS (…)`"
            ))
            .maybe_at(place),
        );
    }
    if text.starts_with("unnest() can only be applied") {
        return Some(
            Finding::new(msg!(
                "`unnest` works on lists only",
                "`unnest` 只能用于列表"
            ))
            .maybe_at(scene.call("unnest")),
        );
    }
    if text.contains("files cannot be opened from SQL") {
        return Some(super::function::names_file(scene.span.clone()));
    }
    None
}

fn unsupported(text: &str, scene: &Scene<'_>) -> Finding {
    if text.contains("Recursive CTEs") {
        return Finding::new(msg!(
            "WITH RECURSIVE is switched off",
            "不支持 WITH RECURSIVE"
        ))
        .hint(msg!(
            "series of numbers come from `generate_series(1, 10)`; regions from the table `regions`",
            "数列可用 `generate_series(1, 10)`；行政区划见表 `regions`"
        ))
        .maybe_at(word_place(Keyword::RECURSIVE, scene));
    }
    if text == "TOP" {
        return Finding::new(msg!("there is no TOP", "不支持 TOP"))
            .hint(msg!(
                "write `LIMIT n` at the end of the statement",
                "请在语句末尾写 `LIMIT n`"
            ))
            .maybe_at(word_place(Keyword::TOP, scene));
    }
    if text.starts_with("Unsupported SQL statement") {
        return only_queries();
    }
    let text = text.trim_end_matches('.');
    Finding::new(msg!(
        "this part of SQL is not supported here",
        "此处不支持这种 SQL 写法"
    ))
    .cause(msg!("{text}", "{text}"))
    .maybe_at(scene.span.clone())
}

/// The refusal of everything that would change something.
pub(super) fn only_queries() -> Finding {
    Finding::new(msg!("only queries are allowed here", "此处只允许查询")).hint(msg!(
        "data comes in by `renkou ingest` and goes out by `renkou export` or `-o FILE`",
        "数据通过 `renkou ingest` 导入，通过 `renkou export` 或 `-o 文件` 导出"
    ))
}

fn word_place(keyword: Keyword, scene: &Scene<'_>) -> Option<Range<usize>> {
    scene
        .words
        .iter()
        .find(|word| word.is(keyword))
        .map(|word| word.range.clone())
}

fn second_select(scene: &Scene<'_>) -> Option<Range<usize>> {
    scene
        .words
        .iter()
        .filter(|word| word.is(Keyword::SELECT))
        .nth(1)
        .map(|word| word.range.clone())
}

/// Where a column is named first.
pub(super) fn name_place(name: &str, scene: &Scene<'_>) -> Option<Range<usize>> {
    scene
        .column(None, name)
        .map(|at| scene.words[at].range.clone())
}

/// Refuses what the engine would run without complaint, though it is always a mistake: comparing a
/// date with a number (it would count as days since 1970), and `to_char` with the formats of other
/// systems (they would come out as they are).
///
/// # Errors
/// Where it is done.
pub(in crate::warehouse) fn sense(plan: &LogicalPlan, place: &Place) -> Result<(), Error> {
    dates(plan, place)?;
    formats(plan, place)
}

fn formats(plan: &LogicalPlan, place: &Place) -> Result<(), Error> {
    let mut wrong: Option<String> = None;
    let _ = plan.apply_with_subqueries(|node| {
        for expression in node.expressions() {
            let _ = expression.apply(|inner| {
                if let Expr::ScalarFunction(call) = inner
                    && matches!(call.name(), "to_char" | "date_format")
                    && let Some(Expr::Literal(format, _)) = call.args.get(1)
                    && let Some(Some(format)) = format.try_as_str()
                    && is_foreign_format(format)
                {
                    wrong = Some(format.to_owned());
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        Ok(TreeNodeRecursion::Continue)
    });
    let Some(format) = wrong else { return Ok(()) };
    let scene = Scene::new(place, Known::default(), None);
    let at = scene
        .words
        .iter()
        .find(|word| matches!(&word.token, Token::SingleQuotedString(text) if *text == format))
        .map(|word| word.range.clone());
    let right = format
        .replace("YYYY", "%Y")
        .replace("yyyy", "%Y")
        .replace("MM", "%m")
        .replace("mm", "%m")
        .replace("DD", "%d")
        .replace("dd", "%d");
    Err(Finding::new(msg!(
        "date formats have `%` before each letter",
        "日期格式中每个字母前须有 `%`"
    ))
    .hint(msg!("write '{right}'", "请写作 '{right}'"))
    .maybe_at(at)
    .into_error(place))
}

fn is_foreign_format(format: &str) -> bool {
    let lower = format.to_lowercase();
    !format.contains('%') && ["yyyy", "mm", "dd"].iter().any(|part| lower.contains(part))
}

fn dates(plan: &LogicalPlan, place: &Place) -> Result<(), Error> {
    let Some((date, number)) = compared(plan, |left, right| {
        matches!(
            left,
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)
        ) && right.is_numeric()
    })
    .into_iter()
    .next() else {
        return Ok(());
    };
    let scene = Scene::new(place, Known::default(), None);
    let name = bare(&date);
    let year = number.len() == 4 && number.chars().all(|c| c.is_ascii_digit());
    let hint = if let Some(day) = super::running::as_day(&number) {
        msg!("write DATE '{day}'", "请写作 DATE '{day}'")
    } else if year {
        msg!(
            "for a whole year write `date_part('year', {name}) = {number}`; a day is DATE '{number}-01-31'",
            "按年筛选请写 `date_part('year', {name}) = {number}`；具体日期写作 DATE '{number}-01-31'"
        )
    } else {
        msg!(
            "a day is written DATE '2018-01-31'",
            "日期请写作 DATE '2018-01-31'"
        )
    };
    Err(Finding::new(msg!(
        "`{name}` is a date and cannot be compared with a number",
        "`{name}` 是日期，不能与数字比较"
    ))
    .hint(hint)
    .maybe_at(name_place(name, &scene))
    .into_error(place))
}

/// Text columns that the plan compares with numbers.
///
/// Column and number.
pub(super) fn texts_as_numbers(plan: &LogicalPlan) -> Vec<(String, String)> {
    compared(plan, |left, right| left.is_string() && right.is_numeric())
        .into_iter()
        .map(|(column, number)| (bare(&column).to_owned(), number))
        .collect()
}

/// Columns compared with other values where the two types are as asked, as written by the engine:
/// column and other value.
fn compared(
    plan: &LogicalPlan,
    asked: impl Fn(&DataType, &DataType) -> bool,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let _ = plan.apply_with_subqueries(|node| {
        let inputs = node.inputs();
        let mut schema = DFSchema::empty();
        for input in &inputs {
            schema.merge(input.schema());
        }
        for expression in node.expressions() {
            let _ = expression.apply(|inner| {
                for (left, right) in pairs(inner) {
                    if let (Expr::Column(column), Ok(one), Ok(two)) =
                        (left, left.get_type(&schema), right.get_type(&schema))
                        && asked(&one, &two)
                    {
                        let value = match right {
                            Expr::Literal(value, _) => value.to_string(),
                            other => other.to_string(),
                        };
                        found.push((column.name.clone(), value));
                    }
                }
                Ok(TreeNodeRecursion::Continue)
            });
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}

/// The two sides of every comparison in an expression, both ways round.
fn pairs(expression: &Expr) -> Vec<(&Expr, &Expr)> {
    match expression {
        Expr::BinaryExpr(BinaryExpr {
            left,
            op:
                Operator::Eq
                | Operator::NotEq
                | Operator::Lt
                | Operator::LtEq
                | Operator::Gt
                | Operator::GtEq,
            right,
        }) => vec![(left, right), (right, left)],
        Expr::Between(between) => vec![
            (&between.expr, &between.low),
            (&between.expr, &between.high),
        ],
        Expr::InList(list) => list
            .list
            .iter()
            .map(|item| (list.expr.as_ref(), item))
            .collect(),
        _ => Vec::new(),
    }
}
