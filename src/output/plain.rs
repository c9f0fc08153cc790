//! Brings a result to the types that every format and every reader knows: no dictionaries, views
//! or run-end encoding, and no two columns of one name.
//!
//! Encodings are the engine's own business. An IPC file allows one dictionary per column, and
//! older readers do not know the view types.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};

use crate::error::{Error, Result};
use crate::msg;

/// The plain form of one result.
pub(super) struct Plain {
    schema: SchemaRef,
}

impl Plain {
    pub(super) fn new(schema: &Schema) -> Self {
        let names = unique_names(schema);
        let fields = schema.fields().iter().zip(names).map(|(field, name)| {
            // Whether a computed column can be NULL is the planner's guess, and it errs.
            Field::new(name, plain_type(field.data_type()), true)
                .with_metadata(field.metadata().clone())
        });
        let fields: Fields = fields.collect();
        Self {
            schema: Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone())),
        }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    pub(super) fn batch(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let (expected, got) = (self.schema.fields().len(), batch.num_columns());
        if expected != got {
            return Err(Error::work(msg!(
                "a batch has {got} columns, the result {expected}",
                "数据批有 {got} 列，结果应为 {expected} 列"
            )));
        }
        let mut columns = Vec::with_capacity(expected);
        for (column, field) in batch.columns().iter().zip(self.schema.fields()) {
            if column.data_type() == field.data_type() {
                columns.push(Arc::clone(column));
            } else {
                columns.push(cast(column, field.data_type())?);
            }
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            self.schema(),
            columns,
            &options,
        )?)
    }
}

fn plain_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Dictionary(_, values) => plain_type(values),
        DataType::RunEndEncoded(_, values) => plain_type(values.data_type()),
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(item) | DataType::ListView(item) => DataType::List(plain_field(item)),
        DataType::LargeList(item) | DataType::LargeListView(item) => {
            DataType::LargeList(plain_field(item))
        }
        DataType::FixedSizeList(item, length) => {
            DataType::FixedSizeList(plain_field(item), *length)
        }
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(plain_field).collect()),
        other => other.clone(),
    }
}

fn plain_field(field: &FieldRef) -> FieldRef {
    let data_type = plain_type(field.data_type());
    if &data_type == field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

fn unique_names(schema: &Schema) -> Vec<String> {
    let all: HashSet<&str> = schema
        .fields()
        .iter()
        .map(|field| field.name().as_str())
        .collect();
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(schema.fields().len());
    for field in schema.fields() {
        let mut name = field.name().clone();
        let mut number = 1;
        while taken.contains(&name) || (number > 1 && all.contains(name.as_str())) {
            number += 1;
            name = format!("{}_{number}", field.name());
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, DictionaryArray, StringArray, StringViewArray};
    use arrow::datatypes::Int8Type;

    use super::*;

    #[test]
    fn dictionaries_and_views_become_text() {
        let dictionary: DictionaryArray<Int8Type> =
            [Some("a"), None, Some("a")].into_iter().collect();
        let views = StringViewArray::from(vec![Some("晋熙镇"), Some(""), None]);
        let batch = RecordBatch::try_from_iter([
            ("d", Arc::new(dictionary) as ArrayRef),
            ("v", Arc::new(views) as ArrayRef),
        ])
        .unwrap();
        let plain = Plain::new(&batch.schema()).batch(&batch).unwrap();
        let expected = StringArray::from(vec![Some("a"), None, Some("a")]);
        assert_eq!(
            plain.column(0).as_ref(),
            &expected as &dyn arrow::array::Array
        );
        let expected = StringArray::from(vec![Some("晋熙镇"), Some(""), None]);
        assert_eq!(
            plain.column(1).as_ref(),
            &expected as &dyn arrow::array::Array
        );
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let fields = ["n", "n", "n_2", "n"].map(|name| Field::new(name, DataType::Int8, false));
        let names = unique_names(&Schema::new(fields.to_vec()));
        assert_eq!(names, ["n", "n_3", "n_2", "n_4"]);
    }
}
