//! A statement can be stopped at any moment, also inside a join that finds nothing for hours.
//!
//! The engine drops a statement where it waits for rows. Joins read their inputs once and
//! may then compute for long without waiting, so they get places to wait at, and a condition that fails
//! once the statement is to stop.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};

/// Stops its statement when dropped.
#[derive(Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Stop {
    /// The same plan, which ends soon after `self` is dropped.
    pub(super) fn guard(&self, plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let plan: Arc<dyn ExecutionPlan> =
                if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
                    Arc::new(NestedLoopJoinExec::try_new(
                        Arc::clone(join.left()),
                        Arc::clone(join.right()),
                        join.filter().map(|filter| self.condition(filter)),
                        join.join_type(),
                        join.projection().as_ref().map(|columns| columns.to_vec()),
                    )?)
                } else if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
                    let filter = join.filter().map(|filter| self.condition(filter));
                    Arc::new(join.builder().with_filter(filter).build()?)
                } else if plan.is::<CrossJoinExec>() {
                    plan
                } else {
                    return Ok(Transformed::no(plan));
                };
            Ok(Transformed::yes(Arc::new(CooperativeExec::new(plan))))
        })
        .map(|plan| plan.data)
    }

    fn condition(&self, filter: &JoinFilter) -> JoinFilter {
        let condition = UnlessStopped {
            condition: Arc::clone(filter.expression()),
            stop: Arc::clone(&self.0),
        };
        JoinFilter::new(
            Arc::new(condition),
            filter.column_indices().to_vec(),
            Arc::clone(filter.schema()),
        )
    }
}

/// A condition that fails once its statement is to stop.
#[derive(Debug)]
struct UnlessStopped {
    condition: Arc<dyn PhysicalExpr>,
    stop: Arc<AtomicBool>,
}

impl PartialEq for UnlessStopped {
    fn eq(&self, other: &Self) -> bool {
        self.condition.eq(&other.condition)
    }
}

impl Eq for UnlessStopped {}

impl Hash for UnlessStopped {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.condition.hash(state);
    }
}

impl fmt::Display for UnlessStopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt(f)
    }
}

impl PhysicalExpr for UnlessStopped {
    fn data_type(&self, schema: &Schema) -> Result<DataType> {
        self.condition.data_type(schema)
    }

    fn nullable(&self, schema: &Schema) -> Result<bool> {
        self.condition.nullable(schema)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(DataFusionError::Execution("stopped".to_owned()));
        }
        self.condition.evaluate(batch)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.condition]
    }

    fn with_new_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn PhysicalExpr>>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        let Some(condition) = children.pop() else {
            return Ok(self);
        };
        Ok(Arc::new(Self {
            condition,
            stop: Arc::clone(&self.stop),
        }))
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.condition.fmt_sql(f)
    }
}
