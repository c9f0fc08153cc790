//! Sorting a run of rows fast: up to three keys of codes, dates and years packed into one integer.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Date32Type, Int8Type, Int32Type};

/// Row order by the columns `keys`, NULLs last and ties in row order, when every key has a type
/// that packs; `None` leaves the work to the general sort.
pub(super) fn packed_keys(batch: &RecordBatch, keys: &[usize]) -> Option<UInt32Array> {
    let rows = batch.num_rows();
    let mut packed = vec![0_u128; rows];
    let mut bits = 0;
    for &key in keys {
        let (ranks, width) = ranks(batch.column(key))?;
        bits += width;
        if bits > 96 {
            return None;
        }
        for (target, rank) in packed.iter_mut().zip(ranks) {
            *target = (*target << width) | u128::from(rank);
        }
    }
    for (row, target) in packed.iter_mut().enumerate() {
        *target = (*target << 32) | row as u128;
    }
    packed.sort_unstable();
    Some(
        packed
            .into_iter()
            .map(|value| value as u32)
            .collect::<Vec<_>>()
            .into(),
    )
}

/// Order-preserving ranks of a column's values and how many bits they need; NULL ranks last.
fn ranks(column: &ArrayRef) -> Option<(Vec<u32>, u32)> {
    match column.data_type() {
        DataType::Int8 => Some(integers(column, |row| {
            i32::from(column.as_primitive::<Int8Type>().value(row))
        })),
        DataType::Int32 => Some(integers(column, |row| {
            column.as_primitive::<Int32Type>().value(row)
        })),
        DataType::Date32 => Some(integers(column, |row| {
            column.as_primitive::<Date32Type>().value(row)
        })),
        DataType::Utf8 => Some(texts(column)),
        _ => None,
    }
}

fn integers(column: &ArrayRef, value: impl Fn(usize) -> i32) -> (Vec<u32>, u32) {
    let valid = |row: usize| !column.is_null(row);
    let (mut min, mut max) = (i32::MAX, i32::MIN);
    for row in (0..column.len()).filter(|&row| valid(row)) {
        let value = value(row);
        min = min.min(value);
        max = max.max(value);
    }
    if min > max {
        return (vec![0; column.len()], 0);
    }
    let last = max.wrapping_sub(min) as u32;
    let null = last.saturating_add(1);
    let ranks = (0..column.len())
        .map(|row| {
            if valid(row) {
                value(row).wrapping_sub(min) as u32
            } else {
                null
            }
        })
        .collect();
    (ranks, 32 - null.leading_zeros())
}

fn texts(column: &ArrayRef) -> (Vec<u32>, u32) {
    let array = column.as_string::<i32>();
    let mut first_seen: HashMap<&str, u32> = HashMap::new();
    let mut numbers = Vec::with_capacity(array.len());
    let mut last: Option<(&str, u32)> = None;
    for value in array {
        let number = match (value, last) {
            (None, _) => u32::MAX,
            (Some(value), Some((before, number))) if value == before => number,
            (Some(value), _) => {
                let next = first_seen.len() as u32;
                let number = *first_seen.entry(value).or_insert(next);
                last = Some((value, number));
                number
            }
        };
        numbers.push(number);
    }
    let mut order: Vec<(&str, u32)> = first_seen.into_iter().collect();
    order.sort_unstable();
    let null = order.len() as u32;
    let mut rank = vec![0_u32; order.len()];
    for (place, (_, number)) in order.into_iter().enumerate() {
        rank[number as usize] = place as u32;
    }
    let ranks = numbers
        .into_iter()
        .map(|number| {
            if number == u32::MAX {
                null
            } else {
                rank[number as usize]
            }
        })
        .collect();
    (ranks, 32 - null.leading_zeros())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Date32Array, Int32Array, StringArray};
    use arrow::compute::{SortColumn, SortOptions, lexsort_to_indices, take};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packed_order_is_the_lexicographic_order(
            rows in proptest::collection::vec((proptest::option::of(0_i32..4), proptest::option::of("[a-c]{0,2}"), proptest::option::of(any::<i32>())), 1..60)
        ) {
            let columns: Vec<ArrayRef> = vec![
                Arc::new(Int32Array::from_iter(rows.iter().map(|row| row.0))),
                Arc::new(StringArray::from_iter(rows.iter().map(|row| row.1.clone()))),
                Arc::new(Date32Array::from_iter(rows.iter().map(|row| row.2))),
            ];
            let batch = RecordBatch::try_from_iter(["a", "b", "c"].into_iter().zip(columns.clone())).unwrap();
            let Some(ours) = packed_keys(&batch, &[0, 1, 2]) else { return Ok(()) };
            let sorted: Vec<SortColumn> = columns.iter().map(|values| SortColumn {
                values: Arc::clone(values),
                options: Some(SortOptions { descending: false, nulls_first: false }),
            }).collect();
            let theirs = lexsort_to_indices(&sorted, None).unwrap();
            for column in &columns {
                prop_assert_eq!(&take(column, &ours, None).unwrap(), &take(column, &theirs, None).unwrap());
            }
        }
    }
}
