//! The usual slips of grammar: what was left out, what is too much, what is mistyped.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::Finding;
use super::lexeme::{Lexeme, is_reserved};
use super::near::nearest_name;
use crate::msg;

/// A statement and where its reading stopped.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    pub(super) words: &'a [Lexeme],
    /// Position among `words`; their number at the end of the statement.
    pub(super) stop: usize,
    /// The `;` before the statement when another statement precedes it.
    pub(super) before: Option<&'a Lexeme>,
    pub(super) expected: Option<&'a str>,
}

impl<'a> Reading<'a> {
    /// The word at a distance from the stop.
    pub(super) fn at(&self, distance: isize) -> Option<&'a Lexeme> {
        self.stop
            .checked_add_signed(distance)
            .and_then(|at| self.words.get(at))
    }

    fn said(&self, word: &Lexeme) -> &'a str {
        self.text.get(word.range.clone()).unwrap_or_default()
    }

    fn expects(&self, what: &str) -> bool {
        self.expected
            .is_some_and(|expected| expected.contains(what))
    }

    /// The clause that the stop is in: the last of these words in the same parentheses.
    fn clause(&self) -> Keyword {
        let mut depth = 0_i32;
        for word in self.words[..self.stop].iter().rev() {
            match word.token {
                Token::RParen => depth += 1,
                Token::LParen if depth > 0 => depth -= 1,
                Token::LParen => return Keyword::NoKeyword,
                _ if depth == 0
                    && matches!(
                        word.keyword(),
                        Keyword::SELECT
                            | Keyword::FROM
                            | Keyword::WHERE
                            | Keyword::ON
                            | Keyword::BY
                            | Keyword::HAVING
                            | Keyword::LIMIT
                    ) =>
                {
                    return word.keyword();
                }
                _ => {}
            }
        }
        Keyword::NoKeyword
    }
}

/// The slip behind a stop, when it is one that people make.
pub(super) fn slip(reading: &Reading<'_>) -> Option<Finding> {
    beginning(reading)
        .or_else(|| comma_too_many(reading))
        .or_else(|| mistyped_keyword(reading))
        .or_else(|| half_keyword(reading))
        .or_else(|| foreign_sign(reading))
        .or_else(|| case_without_end(reading))
        .or_else(|| limit_with_comma(reading))
        .or_else(|| list_or_range(reading))
        .or_else(|| parenthesis(reading))
        .or_else(|| operand_missing(reading))
        .or_else(|| separator_missing(reading))
}

/// A first word that begins no statement.
fn beginning(reading: &Reading<'_>) -> Option<Finding> {
    if !(reading.expects("SQL statement") && reading.stop == 0) {
        return None;
    }
    let word = reading.at(0)?;
    let said = reading.said(word);
    if let Some(semicolon) = reading.before
        && is_reserved(word.keyword())
    {
        let upper = said.to_uppercase();
        return Some(
            Finding::new(msg!(
                "the `;` ends the statement before `{upper}`",
                "`{upper}` 前的 `;` 已结束了语句"
            ))
            .hint(msg!("remove the `;`", "请删去该 `;`"))
            .at(semicolon.range.clone()),
        );
    }
    if word.token == Token::Period {
        return Some(
            Finding::new(msg!(
                "a command with a dot stands at the beginning of a line, outside a statement",
                "以点开头的命令须独占一行，不能写在语句中"
            ))
            .hint(msg!(
                "end the statement before it with `;`",
                "请先用 `;` 结束前面的语句"
            ))
            .at(word.range.clone()),
        );
    }
    if is_reserved(word.keyword()) && !matches!(word.keyword(), Keyword::SELECT | Keyword::WITH) {
        // The shell hands over one statement at a time: the `;` may stand in the one before.
        let upper = said.to_uppercase();
        return Some(
            Finding::new(msg!(
                "a statement cannot begin with `{upper}`",
                "语句不能以 `{upper}` 开头"
            ))
            .hint(msg!(
                "it belongs to a query: is there a `;` too early before it?",
                "它是查询的一部分：其前是否多了一个 `;`？"
            ))
            .at(word.range.clone()),
        );
    }
    let openings = [
        "select", "with", "values", "explain", "show", "describe", "table",
    ];
    let finding = Finding::new(msg!(
        "a statement cannot begin with `{said}`",
        "语句不能以 `{said}` 开头"
    ))
    .at(word.range.clone());
    Some(match nearest_name(said, openings) {
        Some(near) => {
            let near = near.to_uppercase();
            finding.hint(msg!("did you mean `{near}`?", "是否为 `{near}`？"))
        }
        None => finding.hint(msg!(
            "queries begin with SELECT or WITH",
            "查询以 SELECT 或 WITH 开头"
        )),
    })
}

/// A comma before the next clause, a `)` or the end.
fn comma_too_many(reading: &Reading<'_>) -> Option<Finding> {
    let words = &reading.words[..(reading.stop + 1).min(reading.words.len())];
    for (at, word) in words.iter().enumerate() {
        if word.token != Token::Comma {
            continue;
        }
        let next = reading.words.get(at + 1);
        let too_many = match next {
            None => true,
            Some(next) => {
                next.token == Token::RParen
                    || matches!(
                        next.keyword(),
                        Keyword::FROM
                            | Keyword::WHERE
                            | Keyword::GROUP
                            | Keyword::HAVING
                            | Keyword::ORDER
                            | Keyword::LIMIT
                            | Keyword::UNION
                            | Keyword::ON
                    )
            }
        };
        if too_many {
            let finding = match next {
                Some(next) => {
                    let said = upper(reading, next);
                    Finding::new(msg!(
                        "a comma too many before `{said}`",
                        "`{said}` 前多了一个逗号"
                    ))
                }
                None => Finding::new(msg!("the statement ends with a comma", "语句以逗号结尾")),
            };
            return Some(
                finding
                    .hint(msg!(
                        "remove the comma, or add what should follow it",
                        "请删去该逗号，或补上其后的内容"
                    ))
                    .at(word.range.clone()),
            );
        }
        if next.is_some_and(|next| next.token == Token::Comma) {
            return Some(
                Finding::new(msg!("two commas in a row", "连续两个逗号"))
                    .hint(msg!(
                        "remove one, or add what should stand between",
                        "请删去一个，或补上中间的内容"
                    ))
                    .at(word.range.start..reading.words[at + 1].range.end),
            );
        }
    }
    None
}

/// A name one slip away from a keyword, at the stop or up to two words before it.
fn mistyped_keyword(reading: &Reading<'_>) -> Option<Finding> {
    const WORDS: [&str; 22] = [
        "from", "where", "group", "order", "having", "limit", "join", "left", "inner", "union",
        "between", "like", "and", "when", "then", "else", "end", "distinct", "offset", "using",
        "over", "case",
    ];
    for distance in [0, -1, -2] {
        let Some(word) = reading.at(distance) else {
            continue;
        };
        if word.is_quoted() || !word.is_name() {
            continue;
        }
        let said = reading.said(word);
        // After AS or a dot it is a name whatever it looks like.
        let named = reading
            .at(distance - 1)
            .is_some_and(|before| before.is(Keyword::AS) || before.token == Token::Period);
        let lower = said.to_lowercase();
        if named || said.chars().count() < 3 || WORDS.contains(&lower.as_str()) {
            continue;
        }
        // A word with an operator or comma on its other side is a name: `form, x`, `adn = 1`.
        let next_is_sign = reading.at(distance + 1).is_some_and(|next| {
            !(next.is_operand() || next.token == Token::LParen || next.word().is_some())
        });
        if next_is_sign {
            continue;
        }
        if let Some(near) = nearest_name(said, WORDS) {
            let near = near.to_uppercase();
            return Some(
                Finding::new(msg!(
                    "`{said}` makes no sense here",
                    "`{said}` 在此处无法理解"
                ))
                .hint(msg!("did you mean `{near}`?", "是否为 `{near}`？"))
                .at(word.range.clone()),
            );
        }
    }
    None
}

/// GROUP and ORDER without BY.
fn half_keyword(reading: &Reading<'_>) -> Option<Finding> {
    let word = [0, -1]
        .into_iter()
        .filter_map(|distance| {
            let word = reading.at(distance)?;
            let whole = reading
                .at(distance + 1)
                .is_some_and(|next| next.is(Keyword::BY));
            (!whole).then_some(word)
        })
        .find(|word| {
            matches!(
                word.keyword(),
                Keyword::GROUP | Keyword::ORDER | Keyword::PARTITION
            ) && !word.is_quoted()
        })?;
    let said = upper(reading, word);
    Some(
        Finding::new(msg!(
            "`BY` is missing after `{said}`",
            "`{said}` 后缺少 `BY`"
        ))
        .hint(msg!("write `{said} BY …`", "请写作 `{said} BY …`"))
        .at(word.range.clone()),
    )
}

/// Signs of other systems.
fn foreign_sign(reading: &Reading<'_>) -> Option<Finding> {
    let word = reading.at(0)?;
    let place = word.range.clone();
    match word.token {
        Token::Char('`') => Some(
            Finding::new(msg!(
                "backticks do not quote names here",
                "此处不能用反引号括名称"
            ))
            .hint(msg!(
                "write the name bare, or in double quotes: \"name\"",
                "请直接写名称，或用双引号括起：\"名称\""
            ))
            .at(place),
        ),
        Token::Mod if reading.at(-1).is_some_and(is_like) => Some(
            Finding::new(msg!("the pattern of LIKE is a text", "LIKE 的模式须为文本"))
                .hint(msg!(
                    "put it in single quotes: LIKE '%…%'",
                    "请用单引号括起：LIKE '%…%'"
                ))
                .at(place),
        ),
        Token::Char(sign) => Some(
            Finding::new(msg!(
                "`{sign}` is not a sign of SQL",
                "`{sign}` 不能用于 SQL 语法"
            ))
            .at(place),
        ),
        Token::LBrace | Token::LBracket => {
            let said = reading.said(word);
            Some(
                Finding::new(msg!(
                    "`{said}` makes no sense here",
                    "`{said}` 在此处无法理解"
                ))
                .hint(msg!(
                    "names need no brackets; a name with spaces goes in double quotes: \"a name\"",
                    "名称不用方括号；含空格的名称请用双引号括起：\"名 称\""
                ))
                .at(place),
            )
        }
        _ => None,
    }
}

fn is_like(word: &Lexeme) -> bool {
    matches!(word.keyword(), Keyword::LIKE | Keyword::ILIKE)
}

/// CASE that does not end, or lacks WHEN.
fn case_without_end(reading: &Reading<'_>) -> Option<Finding> {
    let mut open: Vec<&Lexeme> = Vec::new();
    let mut whens = 0_usize;
    for (at, word) in reading.words.iter().enumerate() {
        match word.keyword() {
            _ if word.is_quoted() => {}
            Keyword::CASE if at <= reading.stop => open.push(word),
            Keyword::WHEN => whens += 1,
            Keyword::THEN if !open.is_empty() && whens == 0 => {
                return Some(
                    Finding::new(msg!(
                        "`CASE` lacks `WHEN` before `THEN`",
                        "`CASE` 的 `THEN` 前缺少 `WHEN`"
                    ))
                    .hint(case_form())
                    .at(open.last()?.range.clone()),
                );
            }
            Keyword::THEN => whens = whens.saturating_sub(1),
            Keyword::END => drop(open.pop()),
            _ => {}
        }
    }
    let word = open.last()?;
    Some(
        Finding::new(msg!("`CASE` has no `END`", "`CASE` 缺少 `END`"))
            .hint(case_form())
            .at(word.range.clone()),
    )
}

fn case_form() -> crate::error::Message {
    msg!(
        "its form is CASE WHEN condition THEN value ELSE value END",
        "其写法为 CASE WHEN 条件 THEN 值 ELSE 值 END"
    )
}

/// `LIMIT 5, 10` of MySQL.
fn limit_with_comma(reading: &Reading<'_>) -> Option<Finding> {
    let comma = reading.at(0)?;
    if comma.token != Token::Comma || !reading.at(-2)?.is(Keyword::LIMIT) {
        return None;
    }
    let (skip, rows) = (
        reading.said(reading.at(-1)?),
        reading.at(1).map_or("10", |word| reading.said(word)),
    );
    Some(
        Finding::new(msg!("LIMIT takes one number", "LIMIT 只接受一个数"))
            .hint(msg!(
                "write LIMIT {rows} OFFSET {skip}",
                "请写作 LIMIT {rows} OFFSET {skip}"
            ))
            .at(comma.range.clone()),
    )
}

/// IN without parentheses, BETWEEN without AND.
fn list_or_range(reading: &Reading<'_>) -> Option<Finding> {
    let place = reading.place();
    if reading.expected == Some("(") && reading.at(-1)?.is(Keyword::IN) {
        return Some(
            Finding::new(msg!(
                "IN takes a list in parentheses",
                "IN 后须为括号中的列表"
            ))
            .hint(msg!(
                "write IN (1, 2) or IN ('a', 'b')",
                "请写作 IN (1, 2) 或 IN ('甲', '乙')"
            ))
            .at(place),
        );
    }
    if reading.expected == Some("AND") {
        return Some(
            Finding::new(msg!("BETWEEN needs AND", "BETWEEN 缺少 AND"))
                .hint(msg!(
                    "write BETWEEN lowest AND highest; both are included",
                    "请写作 BETWEEN 最小值 AND 最大值（含两端）"
                ))
                .at(place),
        );
    }
    None
}

/// Parentheses that do not pair.
fn parenthesis(reading: &Reading<'_>) -> Option<Finding> {
    let mut open: Vec<&Lexeme> = Vec::new();
    for word in &reading.words[..reading.stop] {
        match word.token {
            Token::LParen => open.push(word),
            Token::RParen => drop(open.pop()),
            _ => {}
        }
    }
    let stopped = reading.at(0);
    if open.is_empty() && stopped.is_some_and(|word| word.token == Token::RParen) {
        return Some(
            Finding::new(msg!("a `)` too many", "多了一个 `)`"))
                .hint(msg!(
                    "no `(` before it is open: remove it, or add the `(`",
                    "其前没有与之配对的 `(`：请删去，或补上 `(`"
                ))
                .at(reading.place()),
        );
    }
    let last = open.last()?;
    // Does anything close it later? Then something else is wrong between.
    let mut depth = open.len();
    for word in &reading.words[reading.stop..] {
        match word.token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if depth == 0 || !(reading.expects(")") || stopped.is_none()) {
        return None;
    }
    let finding = match stopped {
        Some(word) => {
            let said = upper(reading, word);
            Finding::new(msg!(
                "this `(` is not closed before `{said}`",
                "该 `(` 在 `{said}` 之前没有配对的 `)`"
            ))
        }
        None => Finding::new(msg!("this `(` is not closed", "该 `(` 没有配对的 `)`")),
    };
    Some(
        finding
            .hint(msg!("add the `)`", "请补上 `)`"))
            .at(last.range.clone()),
    )
}

/// Nothing where a value should stand.
fn operand_missing(reading: &Reading<'_>) -> Option<Finding> {
    if !reading.expects("expression") {
        return None;
    }
    let before = reading.at(-1)?;
    let after = upper(reading, before);
    let place = reading.place();
    match reading.at(0) {
        None => Some(
            Finding::new(msg!(
                "the statement ends after `{after}`: something is missing",
                "语句在 `{after}` 之后就结束了，缺少内容"
            ))
            .hint(needed(before))
            .at(before.range.clone()),
        ),
        Some(word) => {
            let said = upper(reading, word);
            let is_value = word.is_operand();
            (!is_value).then(|| {
                Finding::new(msg!(
                    "something is missing between `{after}` and `{said}`",
                    "`{after}` 与 `{said}` 之间缺少内容"
                ))
                .hint(needed(before))
                .at(place)
            })
        }
    }
}

/// What follows a word.
fn needed(before: &Lexeme) -> crate::error::Message {
    match before.keyword() {
        Keyword::WHERE
        | Keyword::AND
        | Keyword::OR
        | Keyword::HAVING
        | Keyword::ON
        | Keyword::WHEN => msg!(
            "a condition should follow, such as `birth_year = 2018`",
            "其后应为条件，例如 `birth_year = 2018`"
        ),
        Keyword::BY => msg!("columns should follow", "其后应为列名"),
        Keyword::SELECT | Keyword::DISTINCT => {
            msg!("columns should follow, or `*`", "其后应为列名或 `*`")
        }
        Keyword::FROM | Keyword::JOIN => msg!("a table should follow", "其后应为表名"),
        _ => msg!("a column or value should follow", "其后应为列名或值"),
    }
}

/// Two values side by side.
fn separator_missing(reading: &Reading<'_>) -> Option<Finding> {
    let (before, word) = (reading.at(-1)?, reading.at(0)?);
    let first_ends = before.is_operand()
        || before.token == Token::RParen
        || matches!(before.keyword(), Keyword::END | Keyword::NULL);
    let starts = word.is_operand()
        || word.token == Token::LParen
        || matches!(word.keyword(), Keyword::CASE | Keyword::NOT);
    if !(first_ends && starts) {
        return None;
    }
    let (left, right) = (reading.said(before), reading.said(word));
    let hint = match reading.clause() {
        Keyword::SELECT => msg!(
            "a comma between columns? An operator? A new name is given by `AS`",
            "列之间是否缺少逗号？或缺少运算符？取新名用 `AS`"
        ),
        Keyword::WHERE | Keyword::ON | Keyword::HAVING => msg!(
            "`AND`, `OR` or an operator?",
            "是否缺少 `AND`、`OR` 或运算符？"
        ),
        Keyword::FROM => msg!(
            "a comma, `JOIN` or `WHERE`?",
            "是否缺少逗号、`JOIN` 或 `WHERE`？"
        ),
        Keyword::LIMIT => msg!(
            "LIMIT stands at the end of a statement; the next one begins after `;`",
            "LIMIT 位于语句末尾；下一条语句前须有 `;`"
        ),
        _ => msg!("a comma or an operator?", "是否缺少逗号或运算符？"),
    };
    let place = reading.place();
    Some(
        Finding::new(msg!(
            "something is missing between `{left}` and `{right}`",
            "`{left}` 与 `{right}` 之间缺少内容"
        ))
        .hint(hint)
        .at(place),
    )
}

/// A word as written; keywords in capitals.
fn upper(reading: &Reading<'_>, word: &Lexeme) -> String {
    let said = reading.said(word);
    if is_reserved(word.keyword()) && !word.is_quoted() {
        said.to_uppercase()
    } else {
        said.to_owned()
    }
}
