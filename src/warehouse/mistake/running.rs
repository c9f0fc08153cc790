//! Failures while rows are made. What the engine says may hold values of cells, so none of its
//! words in quotes and none of its numbers are passed on.

use std::ops::Range;

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::function::{after, between};
use super::known::Known;
use super::meaning::{only_operator, texts_as_numbers};
use super::types::{self, Class, class};
use super::{Finding, Lexeme, Scene, first_line};
use crate::error::{Error, Message, redacted};
use crate::msg;
use crate::warehouse::statement::Place;

/// A statement whose rows are being made, for explaining a failure on the way.
#[derive(Debug, Clone)]
pub(in crate::warehouse) struct Running {
    place: Place,
    plan: LogicalPlan,
}

impl Running {
    pub(in crate::warehouse) fn new(place: Place, plan: LogicalPlan) -> Self {
        Self { place, plan }
    }

    /// The failure, explained; without any value of a cell.
    pub(in crate::warehouse) fn explain(&self, error: DataFusionError) -> Error {
        let error = match Error::unwrapped(error) {
            Ok(own) => return own,
            Err(foreign) => foreign,
        };
        let scene = Scene::new(&self.place, Known::default(), None);
        let texts = texts_as_numbers(&self.plan);
        cast(&error, &scene, &texts)
            .or_else(|| explain(&error, &scene))
            .unwrap_or_else(|| {
                let text = redacted(&first_line(&error.find_root().message()));
                Finding::new(msg!("the query failed", "查询失败")).cause(msg!("{text}", "{text}"))
            })
            .into_error(&self.place)
    }
}

/// The failure, when it is one of computing.
pub(super) fn explain(error: &DataFusionError, scene: &Scene<'_>) -> Option<Finding> {
    if let Some(found) = cast(error, scene, &[]) {
        return Some(found);
    }
    match error.find_root() {
        DataFusionError::ArrowError(inner, _) => arrow(inner, scene),
        DataFusionError::Execution(text) | DataFusionError::Plan(text) => execution(text, scene),
        DataFusionError::ResourcesExhausted(text) => Some(exhausted(text)),
        DataFusionError::IoError(inner) => {
            let text = inner.to_string();
            Some(if text.contains("Too many open files") {
                spilled_too_often()
            } else {
                Finding::new(msg!("input or output failed", "读写文件失败"))
                    .cause(msg!("{text}", "{text}"))
            })
        }
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) => Some(
            Finding::new(msg!("a data file cannot be read", "无法读取数据文件")).hint(msg!(
                "`renkou doctor` checks the files",
                "请用 `renkou doctor` 检查文件"
            )),
        ),
        DataFusionError::External(inner) if inner.to_string().contains("regex") => {
            Some(pattern(scene))
        }
        DataFusionError::Context(text, _) if text.contains("regex") => Some(pattern(scene)),
        DataFusionError::Internal(_) => Some(
            Finding::new(msg!(
                "the engine failed on this statement; this is no fault of the statement",
                "查询引擎内部出错，并非语句有误"
            ))
            .cause({
                let text = redacted(&first_line(&error.find_root().message()));
                msg!("{text}", "{text}")
            })
            .hint(msg!(
                "write it another way, for example with WITH; please report it",
                "请换一种写法（例如用 WITH 拆分），并反馈该问题"
            )),
        ),
        _ => None,
    }
}

/// A text that is no number or date.
fn cast(error: &DataFusionError, scene: &Scene<'_>, texts: &[(String, String)]) -> Option<Finding> {
    let text = match error.find_root() {
        DataFusionError::ArrowError(inner, _) => match inner.as_ref() {
            ArrowError::CastError(text)
            | ArrowError::ParseError(text)
            | ArrowError::InvalidArgumentError(text) => text.as_str(),
            _ => return None,
        },
        DataFusionError::Execution(text) => text.as_str(),
        _ => return None,
    };
    let (value, kind) = if let Some(rest) = after(text, "Cannot cast string '") {
        let (value, kind) = rest.rsplit_once("' to value of ")?;
        (Some(value), kind.trim_end_matches(" type"))
    } else if let Some(rest) = after(text, "Error parsing timestamp from '") {
        (rest.find('\'').map(|end| &rest[..end]), "Timestamp")
    } else if text.contains("Unable to cast to Date32") {
        (None, "Date32")
    } else if let Some(rest) = after(text, "Cannot parse '") {
        (rest.find('\'').map(|end| &rest[..end]), "Float64")
    } else {
        return None;
    };
    let Message { en, zh } = types::words(kind);
    let literal = value.and_then(|value| {
        scene.words.iter().position(
            |word| matches!(&word.token, Token::SingleQuotedString(text) if text == value),
        )
    });
    if let Some(at) = literal {
        // The statement itself says it: the place may be shown.
        let value = value.unwrap_or_default();
        return Some(
            Finding::new(msg!(
                "this text cannot be read as a {en}",
                "该文本无法转换为{zh}"
            ))
            .hint(literal_hint(value, kind, at, scene))
            .at(scene.words[at].range.clone()),
        );
    }
    let place = only_cast(kind, scene);
    let finding = Finding::new(msg!(
        "a text in the data cannot be read as a {en}",
        "数据中有文本无法转换为{zh}"
    ));
    if place.is_none()
        && let Some((column, number)) = texts.first()
    {
        let digits = number.chars().all(|c| c.is_ascii_digit());
        let number = if digits { number } else { "150121" };
        return Some(
            Finding::new(msg!(
                "`{column}` is text, is compared with a number, and not all of it are numbers",
                "`{column}` 是文本，却与数字比较，而其中有些不是数字"
            ))
            .hint(msg!(
                "codes are text: put the number in single quotes, as in `{column} = '{number}'`",
                "代码是文本：请给数字加单引号，如 `{column} = '{number}'`"
            ))
            .maybe_at(super::meaning::name_place(column, scene)),
        );
    }
    let sql = types::sql(kind);
    let hint = match class(kind) {
        Class::Date | Class::Timestamp => msg!(
            "`try_cast(x AS {sql})` gives NULL for those; `to_date(x, '%Y/%m/%d')` reads other forms",
            "`try_cast(x AS {sql})` 会把这些值变为 NULL；其他格式可用 `to_date(x, '%Y/%m/%d')`"
        ),
        _ => msg!(
            "`try_cast(x AS {sql})` gives NULL for those; `WHERE try_cast(x AS {sql}) IS NULL` finds them",
            "`try_cast(x AS {sql})` 会把这些值变为 NULL；用 `WHERE try_cast(x AS {sql}) IS NULL` 可查出它们"
        ),
    };
    Some(finding.hint(hint).maybe_at(place))
}

/// What to write instead of a text in the statement that does not fit.
fn literal_hint(value: &str, kind: &str, at: usize, scene: &Scene<'_>) -> Message {
    let compared = at
        .checked_sub(2)
        .filter(|at| is_comparison(&scene.words[at + 1]))
        .map(|at| &scene.words[at])
        .filter(|word| word.is_name())
        .map(|word| scene.said(&word.range).to_owned());
    let year = value.len() == 4 && value.chars().all(|c| c.is_ascii_digit());
    match (class(kind), compared) {
        (Class::Date | Class::Timestamp, Some(column)) if year => msg!(
            "for a whole year write `date_part('year', {column}) = {value}`; a day is '{value}-01-31'",
            "按年筛选请写 `date_part('year', {column}) = {value}`；具体日期写作 '{value}-01-31'"
        ),
        (Class::Date, _) if as_day(value).is_some() => {
            let day = as_day(value).unwrap_or_default();
            msg!("write '{day}'", "请写作 '{day}'")
        }
        (Class::Date, _) => msg!(
            "a day that exists is written '2018-01-31': year, month, day",
            "日期须真实存在，写作 '2018-01-31'（年-月-日）"
        ),
        (Class::Timestamp, _) => msg!(
            "a time is written '2018-01-31 08:30:00'",
            "时间写作 '2018-01-31 08:30:00'"
        ),
        (Class::Flag, _) => msg!("write true or false", "请写 true 或 false"),
        (Class::Whole | Class::Decimal, Some(column))
            if matches!(column.as_str(), "sex" | "性别") =>
        {
            msg!(
                "`{column}` holds 1 for male and 2 for female; the label is `code_name('sex', {column})`",
                "`{column}` 以 1 表示男、2 表示女；标签可用 `code_name('sex', {column})` 取得"
            )
        }
        (Class::Whole | Class::Decimal, Some(column)) => msg!(
            "`{column}` is a number: compare it with a number, without quotes",
            "`{column}` 是数字：请与不加引号的数字比较"
        ),
        _ if at
            .checked_sub(2)
            .is_some_and(|at| scene.words[at].is(Keyword::CAST)) =>
        {
            let sql = types::sql(kind);
            msg!(
                "`try_cast(… AS {sql})` gives NULL for what does not fit",
                "改用 `try_cast(… AS {sql})`，不合者为 NULL"
            )
        }
        _ => {
            let sql = types::sql(kind);
            msg!(
                "all values in this place must be of one type; `cast(x AS text)` makes text of the other ones, `try_cast(x AS {sql})` gives NULL for what does not fit",
                "此处各值类型须一致：可用 `cast(x AS text)` 把其余值转为文本，或用 `try_cast(x AS {sql})` 使不合者为 NULL"
            )
        }
    }
}

/// `2018-01-31` of `2018/1/31`, `2018年1月31日` or `20180131`, when it is not written so already.
pub(super) fn as_day(text: &str) -> Option<String> {
    let groups: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    let (year, month, day) = match groups.as_slice() {
        [whole] if whole.len() == 8 => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        _ => return None,
    };
    let date = chrono::NaiveDate::from_ymd_opt(
        year.parse().ok()?,
        month.parse().ok()?,
        day.parse().ok()?,
    )?;
    let written = date.format("%Y-%m-%d").to_string();
    (written != text).then_some(written)
}

fn is_comparison(word: &Lexeme) -> bool {
    word.is(Keyword::BETWEEN)
        || matches!(
            word.token,
            Token::Eq
                | Token::DoubleEq
                | Token::Neq
                | Token::Lt
                | Token::LtEq
                | Token::Gt
                | Token::GtEq
        )
}

/// The type name of the only cast to `kind` in the statement.
fn only_cast(kind: &str, scene: &Scene<'_>) -> Option<Range<usize>> {
    let mut found = scene.words.windows(2).filter(|words| {
        let mark = words[0].token == Token::DoubleColon || words[0].is(Keyword::AS);
        mark && words[1]
            .word()
            .is_some_and(|word| types::is_sql_name(&word.value, kind))
    });
    let first = found.next().map(|words| words[1].range.clone());
    match (first, found.next()) {
        (Some(place), None) => Some(place),
        (None, _) => ["to_date", "to_timestamp"]
            .into_iter()
            .find_map(|name| scene.call(name)),
        _ => None,
    }
}

fn arrow(error: &ArrowError, scene: &Scene<'_>) -> Option<Finding> {
    Some(match error {
        ArrowError::DivideByZero => Finding::new(msg!("division by zero", "除数为零"))
            .hint(msg!(
                "divide by `nullif(x, 0)`: the result is NULL where x is 0",
                "请除以 `nullif(x, 0)`：x 为 0 时结果为 NULL"
            ))
            .maybe_at(only_operator("/", scene).or_else(|| only_operator("%", scene))),
        ArrowError::ArithmeticOverflow(_) => too_large(scene),
        ArrowError::ParseError(text) if text.contains("type interval") => {
            let place = scene
                .words
                .windows(2)
                .find(|words| words[0].is(Keyword::INTERVAL))
                .map(|words| words[1].range.clone());
            Finding::new(msg!("this is no interval", "这不是有效的时间间隔"))
                .hint(msg!(
                    "intervals are written INTERVAL '7 days', '3 months', '1 year'",
                    "时间间隔写作 INTERVAL '7 days'、'3 months'、'1 year'"
                ))
                .maybe_at(place)
        }
        ArrowError::CastError(text) if text.starts_with("Can't cast value") => too_large(scene),
        ArrowError::CastError(text) if text.contains("Overflowing") => too_large(scene),
        ArrowError::CastError(text) if text == "Format error" => {
            Finding::new(msg!("this is no date format", "日期格式有误"))
                .hint(msg!(
                    "formats are written like '%Y-%m-%d %H:%M:%S'",
                    "格式写作 '%Y-%m-%d %H:%M:%S'"
                ))
                .maybe_at(scene.call("to_char").or_else(|| scene.call("date_format")))
        }
        ArrowError::InvalidArgumentError(text) if text.contains("non UTF-8") => {
            Finding::new(msg!("a key is no text", "标识不是文本"))
                .hint(msg!(
                    "write `encode(x, 'hex')` for its text",
                    "其文本形式请用 `encode(x, 'hex')`"
                ))
                .maybe_at(only_cast("Utf8", scene))
        }
        ArrowError::OffsetOverflowError(_) => Finding::new(msg!(
            "the texts of one column are too long together",
            "某一列的文本总长度过大"
        ))
        .hint(msg!("ask for fewer rows at once", "请减少一次查询的行数")),
        _ => return None,
    })
}

fn too_large(scene: &Scene<'_>) -> Finding {
    Finding::new(msg!(
        "a number is too large for its type",
        "数值超出其类型的范围"
    ))
    .hint(msg!(
        "compute with `cast(x AS double)`",
        "请用 `cast(x AS double)` 计算"
    ))
    .maybe_at(only_cast("Int64", scene).or_else(|| only_operator("*", scene)))
}

fn execution(text: &str, scene: &Scene<'_>) -> Option<Finding> {
    if text.contains("Scalar subquery returned more than one row") {
        return Some(
            Finding::new(msg!(
                "a subquery that stands for one value gives several rows",
                "作为单个值的子查询返回了多行"
            ))
            .hint(msg!(
                "use an aggregate in it, such as `max(x)`; `= ANY (…)` or `IN (…)` compares with all of them",
                "请在其中使用聚合函数（如 `max(x)`）；与多个值比较请用 `IN (…)`"
            ))
            .maybe_at(
                scene
                    .words
                    .windows(2)
                    .find(|words| {
                        words[0].token == Token::LParen && words[1].is(Keyword::SELECT)
                    })
                    .map(|words| words[0].range.start..words[1].range.end),
            ),
        );
    }
    if let Some(part) = between(text, "Date part '", "'") {
        let place = scene
            .words
            .iter()
            .find(|word| match &word.token {
                Token::SingleQuotedString(text) => text.eq_ignore_ascii_case(part),
                _ => word
                    .name()
                    .is_some_and(|name| name.eq_ignore_ascii_case(part)),
            })
            .map(|word| word.range.clone());
        return Some(date_part(place));
    }
    if text.contains("Unsupported date_trunc granularity") || text.contains("granularity") {
        return Some(date_part(scene.call("date_trunc")));
    }
    if text.to_lowercase().contains("regular expression") || text.contains("regex") {
        return Some(pattern(scene));
    }
    if text.contains("overflow") {
        return Some(too_large(scene));
    }
    None
}

fn date_part(place: Option<Range<usize>>) -> Finding {
    Finding::new(msg!("there is no such part of a date", "没有这种日期部分"))
        .hint(msg!(
            "parts are year, quarter, month, week, day, dow (weekday, Sunday is 0), doy, hour, minute, second, epoch",
            "可用的有 year、quarter、month、week、day、dow（星期，周日为 0）、doy、hour、minute、second、epoch"
        ))
        .maybe_at(place)
}

fn pattern(scene: &Scene<'_>) -> Finding {
    let place = scene
        .words
        .windows(2)
        .find(|words| {
            words[1].token == Token::LParen
                && words[0]
                    .name()
                    .is_some_and(|name| name.starts_with("regexp_"))
        })
        .map(|words| words[0].range.clone());
    Finding::new(msg!(
        "this regular expression cannot be read",
        "正则表达式有误"
    ))
    .hint(msg!(
        "brackets must pair; a sign is meant literally after a backslash: '\\('",
        "括号须配对；按字面匹配的符号前加反斜线：'\\('"
    ))
    .maybe_at(place)
}

/// Memory or temporary disk used up.
fn exhausted(text: &str) -> Finding {
    if text.contains("disk space") {
        return Finding::new(msg!(
            "the query needs more temporary disk space than it may use",
            "查询所需的临时磁盘空间超出上限"
        ))
        .hint(msg!(
            "ask for fewer columns or rows; check that every JOIN has its ON",
            "请减少列或行；并检查每个 JOIN 都有 ON 条件"
        ));
    }
    let doing = [
        ("Sort", msg!("sorting", "排序")),
        ("TopK", msg!("sorting", "排序")),
        ("Aggregate", msg!("grouping", "分组汇总")),
        ("Group", msg!("grouping", "分组汇总")),
        ("Join", msg!("joining", "连接")),
        ("Window", msg!("windows", "窗口计算")),
        ("Repartition", msg!("distributing rows", "分发数据")),
    ];
    let consumer = between(text, "allocation failed for ", " with")
        .or_else(|| between(text, "additional ", " already"))
        .unwrap_or(text);
    let found = doing
        .into_iter()
        .find(|(name, _)| consumer.contains(name))
        .map(|(_, words)| words);
    let message = match found {
        Some(Message { en, zh }) => msg!(
            "the query ran out of memory while {en}",
            "查询在{zh}时内存不足"
        ),
        None => msg!("the query ran out of memory", "查询内存不足"),
    };
    let finding = Finding::new(message).hint(msg!(
        "raise `--memory-limit`, ask for fewer columns or rows, and check that every JOIN has its ON",
        "请调高 `--memory-limit`，或减少列、行，并检查每个 JOIN 都有 ON 条件"
    ));
    match between(text, "Failed to allocate additional ", " for") {
        Some(size) => finding.cause(msg!("{size} more were needed", "还需要 {size}")),
        None => finding,
    }
}

fn spilled_too_often() -> Finding {
    Finding::new(msg!(
        "the query needs more temporary files than may be open",
        "查询所需的临时文件数超出系统上限"
    ))
    .hint(msg!(
        "raise `--memory-limit`, ask for fewer columns or rows, and check that every JOIN has its ON",
        "请调高 `--memory-limit`，或减少列、行，并检查每个 JOIN 都有 ON 条件"
    ))
}
