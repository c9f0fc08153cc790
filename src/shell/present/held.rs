//! The last result, held for `.last`, `_`, charts and crosstabs, within a bound of memory.

use std::collections::{HashSet, VecDeque};

use arrow::array::{ArrayData, RecordBatch};
use arrow::datatypes::SchemaRef;

use crate::error::{Lang, Message};
use crate::output::thousands;

/// The memory that a held result may take unless told otherwise.
pub const HELD_BYTES: usize = 256 << 20;

/// The last rows of a result that was too large to be held whole, for the end of a table.
const TAIL_ROWS: usize = 500;

/// A result, or as much of it as memory allowed.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows; when it is not complete, its first.
    pub batches: Vec<RecordBatch>,
    /// Its last rows when it is not complete; none of them is in `batches`.
    pub tail: Vec<RecordBatch>,
    /// How many rows it has, held or not.
    pub rows: usize,
    /// Whether all rows are held.
    pub complete: bool,
    /// What it shows.
    pub title: Option<String>,
    /// Unit of its figures.
    pub unit: Option<String>,
}

impl Held {
    /// A complete result.
    #[must_use]
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Self {
        Self {
            schema,
            rows: batches.iter().map(RecordBatch::num_rows).sum(),
            batches,
            tail: Vec::new(),
            complete: true,
            title: None,
            unit: None,
        }
    }

    /// How many rows are held from the start on.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// What to tell the user when not all rows are held.
    #[must_use]
    pub fn note(&self) -> Option<Message> {
        if self.complete {
            return None;
        }
        let said = |lang| (thousands(self.kept(), lang), thousands(self.rows, lang));
        let ((kept, rows), (kept_zh, rows_zh)) = (said(Lang::En), said(Lang::Zh));
        Some(Message {
            en: format!(
                "the result is too large to be held: `_` and `.last` have the first {kept} of {rows} rows"
            ),
            zh: format!(
                "结果过大，无法全部保留：`_` 和 `.last` 只有 {rows_zh} 行中的前 {kept_zh} 行"
            ),
        })
    }
}

/// Takes the batches of a result as they come.
#[derive(Debug)]
pub struct Holder {
    held: Held,
    limit: usize,
    bytes: usize,
    /// Where the memory counted begins: batches often share it.
    counted: HashSet<usize>,
    tail: VecDeque<RecordBatch>,
    tail_rows: usize,
}

impl Holder {
    /// Holds at most `limit` bytes of data, and the first batch whatever its size.
    #[must_use]
    pub fn new(schema: SchemaRef, limit: usize) -> Self {
        Self {
            held: Held::new(schema, Vec::new()),
            limit,
            bytes: 0,
            counted: HashSet::new(),
            tail: VecDeque::new(),
            tail_rows: 0,
        }
    }

    /// Takes the next batch.
    pub fn push(&mut self, batch: RecordBatch) {
        if batch.num_rows() == 0 {
            return;
        }
        self.held.rows += batch.num_rows();
        if self.held.complete {
            let mut found = Vec::new();
            for column in batch.columns() {
                buffers(&column.to_data(), &mut found);
            }
            let mut more = 0;
            found.retain(|(place, bytes)| {
                let is_new = self.counted.insert(*place);
                more += if is_new { *bytes } else { 0 };
                is_new
            });
            let fits = more == 0 || self.bytes.saturating_add(more) <= self.limit;
            if fits || self.held.batches.is_empty() {
                self.bytes = self.bytes.saturating_add(more);
                self.held.batches.push(batch);
                return;
            }
            self.held.complete = false;
            self.counted = HashSet::new();
        }
        self.tail_rows += batch.num_rows();
        self.tail.push_back(batch);
        while let Some(first) = self.tail.front()
            && self.tail_rows - first.num_rows() >= TAIL_ROWS
        {
            self.tail_rows -= first.num_rows();
            self.tail.pop_front();
        }
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Rows that came so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.held.rows
    }

    /// The result.
    #[must_use]
    pub fn finish(mut self) -> Held {
        self.held.tail = self.tail.into();
        self.held
    }
}

/// The allocations behind an array: where each begins and how large it is.
fn buffers(data: &ArrayData, found: &mut Vec<(usize, usize)>) {
    let nulls = data.nulls().map(|nulls| nulls.buffer());
    for buffer in data.buffers().iter().chain(nulls) {
        found.push((buffer.data_ptr().as_ptr() as usize, buffer.capacity()));
    }
    for child in data.child_data() {
        buffers(child, found);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array};

    use super::*;

    fn numbers(values: std::ops::Range<i64>) -> RecordBatch {
        let array = Arc::new(Int64Array::from_iter_values(values)) as ArrayRef;
        RecordBatch::try_from_iter([("n", array)]).unwrap()
    }

    #[test]
    fn a_result_within_the_bound_is_held_whole() {
        let batch = numbers(0..1000);
        let mut holder = Holder::new(batch.schema(), 10_000);
        holder.push(batch.clone());
        holder.push(batch.slice(0, 0));
        let held = holder.finish();
        assert_eq!(held, Held::new(batch.schema(), vec![batch]));
        assert!(held.note().is_none());
    }

    #[test]
    fn slices_of_one_batch_count_once() {
        let batch = numbers(0..1000);
        let mut holder = Holder::new(batch.schema(), 10_000);
        for start in 0..10 {
            holder.push(batch.slice(start * 100, 100));
        }
        assert!(
            (8_000..9_000).contains(&holder.bytes()),
            "{}",
            holder.bytes()
        );
        let held = holder.finish();
        assert!(held.complete);
        assert_eq!(held.rows, 1000);
    }

    #[test]
    fn beyond_the_bound_the_first_and_last_rows_stay_and_the_rest_is_said() {
        let schema = numbers(0..1).schema();
        let mut holder = Holder::new(schema, 10_000);
        for start in 0..50 {
            holder.push(numbers(start * 100..start * 100 + 100));
        }
        assert!(holder.bytes() <= 10_000);
        let held = holder.finish();
        assert!(!held.complete);
        assert_eq!(held.rows, 5000);
        assert_eq!(held.kept() % 100, 0);
        assert!((1000..=1200).contains(&held.kept()), "{}", held.kept());
        assert_eq!(held.tail.len(), 5);
        assert_eq!(held.tail[4], numbers(4900..5000));
        let note = held.note().unwrap();
        assert!(note.en.ends_with("of 5,000 rows"), "{}", note.en);
        assert!(note.zh.contains("5,000 行"), "{}", note.zh);
    }

    #[test]
    fn the_first_batch_is_held_whatever_its_size() {
        let batch = numbers(0..1000);
        let mut holder = Holder::new(batch.schema(), 10);
        holder.push(batch.clone());
        holder.push(batch.slice(0, 10));
        holder.push(numbers(0..5));
        let held = holder.finish();
        assert_eq!((held.kept(), held.rows, held.complete), (1010, 1015, false));
    }
}
