//! A statement while it runs: its rows, how far it is, what memory it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::stats::Precision;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{
    MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation,
};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::joins::{CrossJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream, execute_stream};
use futures::TryStreamExt;

use super::mistake;
use super::session::{Plan, Session};
use super::stopping::Stop;
use crate::error::Result;

/// A started statement.
pub struct Running {
    /// Its rows.
    pub rows: SendableRecordBatchStream,
    /// How far it is.
    pub progress: Progress,
    /// Stops it when dropped, whatever it is busy with.
    pub stop: Stop,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").finish_non_exhaustive()
    }
}

/// How far a statement is, from any thread.
#[derive(Debug, Clone)]
pub struct Progress(Arc<dyn ExecutionPlan>);

impl Progress {
    /// Rows read from the tables so far, and how many there are to read, when that is known.
    #[must_use]
    pub fn rows(&self) -> (u64, Option<u64>) {
        leaves(&self.0)
    }
}

fn leaves(plan: &Arc<dyn ExecutionPlan>) -> (u64, Option<u64>) {
    let children = plan.children();
    // What these do with the rows takes longer than reading them, and nobody knows how long.
    let open_ended = plan.is::<CrossJoinExec>() || plan.is::<NestedLoopJoinExec>();
    if children.is_empty() {
        let read = plan
            .metrics()
            .and_then(|metrics| metrics.output_rows())
            .unwrap_or(0) as u64;
        let all = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new());
        let all = match all.map(|all| all.num_rows) {
            Ok(Precision::Exact(rows) | Precision::Inexact(rows)) => Some(rows as u64),
            _ => None,
        };
        return (read, all);
    }
    children.into_iter().map(leaves).fold(
        (0, (!open_ended).then_some(0)),
        |(read, all), (more, total)| (read + more, all.zip(total).map(|(all, total)| all + total)),
    )
}

impl Session {
    /// Starts a planned statement and lets its progress be watched.
    ///
    /// # Errors
    /// When execution cannot start. The stream's errors are ours: [`Error`](crate::error::Error) by
    /// `into()`, with the place in the statement where it is known and without values of cells.
    pub async fn run(&self, plan: Plan) -> Result<Running> {
        let Plan { plan, place } = plan;
        let told = mistake::Running::new(place.clone(), plan.clone());
        self.memory.restart();
        let stop = Stop::default();
        match self.started(plan, &stop).await {
            Ok((rows, progress)) => {
                let schema = rows.schema();
                let rows = rows
                    .map_err(move |error| DataFusionError::External(Box::new(told.explain(error))));
                Ok(Running {
                    rows: Box::pin(RecordBatchStreamAdapter::new(schema, rows)),
                    progress,
                    stop,
                })
            }
            Err(error) => Err(mistake::planning(error, &place, &self.context).await),
        }
    }

    async fn started(
        &self,
        plan: LogicalPlan,
        stop: &Stop,
    ) -> datafusion::error::Result<(SendableRecordBatchStream, Progress)> {
        let frame = self.context.execute_logical_plan(plan).await?;
        let task = Arc::new(frame.task_ctx());
        let plan = stop.guard(frame.create_physical_plan().await?)?;
        Ok((execute_stream(Arc::clone(&plan), task)?, Progress(plan)))
    }

    /// The most bytes that queries held at once since the last statement started.
    #[must_use]
    pub fn peak_memory(&self) -> usize {
        self.memory.peak()
    }

    /// Lets later statements ask `rows` as the table `name`.
    ///
    /// # Errors
    /// When the rows do not have the schema.
    pub fn remember(&self, name: &str, schema: SchemaRef, rows: Vec<RecordBatch>) -> Result<()> {
        let table = MemTable::try_new(schema, vec![rows])?;
        self.context.deregister_table(name)?;
        self.context.register_table(name, Arc::new(table))?;
        Ok(())
    }
}

/// A memory pool that remembers its peak.
#[derive(Debug)]
pub(super) struct PeakPool<P> {
    pool: P,
    peak: Arc<Peak>,
}

/// The most that was reserved at once, in bytes.
#[derive(Debug, Default)]
pub(super) struct Peak(AtomicUsize);

impl Peak {
    fn restart(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn peak(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl<P: MemoryPool> PeakPool<P> {
    pub(super) fn new(pool: P, peak: Arc<Peak>) -> Self {
        Self { pool, peak }
    }

    fn note(&self) {
        self.peak
            .0
            .fetch_max(self.pool.reserved(), Ordering::Relaxed);
    }
}

impl<P: MemoryPool> std::fmt::Display for PeakPool<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.pool, f)
    }
}

impl<P: MemoryPool> MemoryPool for PeakPool<P> {
    fn name(&self) -> &str {
        self.pool.name()
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.pool.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.pool.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.pool.grow(reservation, additional);
        self.note();
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.pool.shrink(reservation, shrink);
    }

    fn try_grow(
        &self,
        reservation: &MemoryReservation,
        additional: usize,
    ) -> datafusion::error::Result<()> {
        self.pool.try_grow(reservation, additional)?;
        self.note();
        Ok(())
    }

    fn reserved(&self) -> usize {
        self.pool.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.pool.memory_limit()
    }
}
