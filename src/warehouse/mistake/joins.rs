//! JOIN without ON: the engine would pair every row with every other.

use std::ops::{ControlFlow, Range};

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Join, JoinConstraint, JoinOperator, Select, TableFactor, Visit, Visitor,
};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;

use super::known::Known;
use super::{Finding, Scene};
use crate::error::Error;
use crate::msg;
use crate::warehouse::statement::Place;

/// Refuses JOIN without ON or USING, as the SQL standard does; who wants all pairs says CROSS JOIN.
///
/// # Errors
/// Where the first one stands.
pub(in crate::warehouse) fn joins(statement: &Statement, place: &Place) -> Result<(), Error> {
    let found = match statement {
        Statement::Statement(inner) => inner.visit(&mut Search).is_break(),
        Statement::Explain(explain) => return joins(&explain.statement, place),
        _ => false,
    };
    if !found {
        return Ok(());
    }
    let scene = Scene::new(place, Known::default(), None);
    Err(
        Finding::new(msg!("`JOIN` needs `ON`", "`JOIN` 缺少 `ON`"))
            .hint(msg!(
                "write `JOIN t ON a.x = b.x` or `JOIN t USING (x)`; all pairs of rows are `CROSS JOIN t`",
                "请写作 `JOIN t ON a.x = b.x` 或 `JOIN t USING (x)`；确需全部组合时用 `CROSS JOIN t`"
            ))
            .maybe_at(bare_join(&scene))
            .into_error(place),
    )
}

struct Search;

impl Visitor for Search {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let bare = select.from.iter().flat_map(|from| &from.joins).any(is_bare);
        if bare {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

fn is_bare(join: &Join) -> bool {
    use JoinOperator as On;
    let plain_table = matches!(
        join.relation,
        TableFactor::Table { args: None, .. } | TableFactor::Derived { lateral: false, .. }
    );
    plain_table
        && matches!(
            join.join_operator,
            On::Join(JoinConstraint::None)
                | On::Inner(JoinConstraint::None)
                | On::Left(JoinConstraint::None)
                | On::LeftOuter(JoinConstraint::None)
                | On::Right(JoinConstraint::None)
                | On::RightOuter(JoinConstraint::None)
                | On::FullOuter(JoinConstraint::None)
        )
}

/// The first JOIN that no ON or USING follows before the next clause.
fn bare_join(scene: &Scene<'_>) -> Option<Range<usize>> {
    for (at, word) in scene.words.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| scene.words[at].keyword());
        if !word.is(Keyword::JOIN) || matches!(before, Some(Keyword::CROSS)) {
            continue;
        }
        let mut depth = 0_i32;
        let mut condition = false;
        for next in &scene.words[at + 1..] {
            match next.token {
                Token::LParen => depth += 1,
                Token::RParen if depth == 0 => break,
                Token::RParen => depth -= 1,
                _ if depth > 0 => {}
                _ => match next.keyword() {
                    Keyword::ON | Keyword::USING => {
                        condition = true;
                        break;
                    }
                    Keyword::JOIN
                    | Keyword::WHERE
                    | Keyword::GROUP
                    | Keyword::ORDER
                    | Keyword::UNION
                    | Keyword::LIMIT
                    | Keyword::HAVING => break,
                    _ => {}
                },
            }
        }
        if !condition {
            return Some(word.range.clone());
        }
    }
    None
}
