//! What a planned statement reads, and its rows in an order that is always the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::{Expr, Limit, LogicalPlan, Projection, Sort, SubqueryAlias};

use super::session::Plan;
use crate::error::Result;

impl Plan {
    /// Names of the tables it reads, also in subqueries; views as what they read.
    #[must_use]
    pub fn tables(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        // The visitor cannot fail.
        let _ = self.plan.apply_with_subqueries(|node| {
            if let LogicalPlan::TableScan(scan) = node {
                names.insert(scan.table_name.table().to_owned());
            }
            Ok(TreeNodeRecursion::Continue)
        });
        names
    }

    /// The same statement, where rows that its ORDER BY leaves equal are ordered by all their
    /// columns: the same snapshot then always gives the same rows in the same order, also below a
    /// LIMIT.
    ///
    /// # Errors
    /// When the plan cannot be rebuilt.
    pub fn in_total_order(self) -> Result<Self> {
        Ok(Self {
            plan: ordered(self.plan)?,
            ..self
        })
    }
}

fn ordered(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(match plan {
        LogicalPlan::Limit(Limit { skip, fetch, input }) => LogicalPlan::Limit(Limit {
            skip,
            fetch,
            input: Arc::new(ordered(Arc::unwrap_or_clone(input))?),
        }),
        LogicalPlan::Sort(mut sort) => {
            sort.expr.extend(all_columns(&sort.input));
            LogicalPlan::Sort(sort)
        }
        LogicalPlan::Projection(projection) if holds_order(&projection.input) => {
            let input = ordered(Arc::unwrap_or_clone(projection.input))?;
            LogicalPlan::Projection(Projection::try_new(projection.expr, Arc::new(input))?)
        }
        LogicalPlan::SubqueryAlias(alias) if holds_order(&alias.input) => {
            let input = ordered(Arc::unwrap_or_clone(alias.input))?;
            LogicalPlan::SubqueryAlias(SubqueryAlias::try_new(Arc::new(input), alias.alias)?)
        }
        other => LogicalPlan::Sort(Sort {
            expr: all_columns(&other),
            input: Arc::new(other),
            fetch: None,
        }),
    })
}

/// Whether the order of its rows is decided below.
fn holds_order(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Limit(_) | LogicalPlan::Sort(_) => true,
        LogicalPlan::Projection(projection) => holds_order(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => holds_order(&alias.input),
        _ => false,
    }
}

fn all_columns(plan: &LogicalPlan) -> Vec<datafusion::logical_expr::SortExpr> {
    let columns: Vec<Column> = plan.schema().columns();
    columns
        .into_iter()
        .map(|column| Expr::Column(column).sort(true, false))
        .collect()
}
