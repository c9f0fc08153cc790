//! JSON: one array of objects, a row a line, or the objects alone (JSON Lines).
//!
//! Numbers are written with all their digits, whatever their size; bytes as hexadecimal; lists
//! as arrays, structs as objects; NULL and floats that are no number as `null`.

use std::io::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{DataType, Schema};

use crate::error::Result;

use super::value::{Column, Value};
use super::{BatchWriter, Out, Summary};

pub(super) struct Json<'a> {
    /// Column names as JSON, with their colon.
    keys: Vec<String>,
    is_array: bool,
    rows: usize,
    text: String,
    out: Out<'a>,
}

impl<'a> Json<'a> {
    /// One array.
    pub(super) fn array(schema: &Schema, out: Out<'a>) -> Result<Self> {
        Self::new(schema, true, out)
    }

    /// One object a line.
    pub(super) fn lines(schema: &Schema, out: Out<'a>) -> Result<Self> {
        Self::new(schema, false, out)
    }

    fn new(schema: &Schema, is_array: bool, out: Out<'a>) -> Result<Self> {
        let mut keys = Vec::with_capacity(schema.fields().len());
        for field in schema.fields() {
            keys.push(format!("{}:", serde_json::to_string(field.name())?));
        }
        let text = if is_array {
            "[".to_owned()
        } else {
            String::new()
        };
        Ok(Self {
            keys,
            is_array,
            rows: 0,
            text,
            out,
        })
    }
}

impl BatchWriter for Json<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells: Vec<Cells<'_>> = batch
            .columns()
            .iter()
            .map(Cells::new)
            .collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            if self.is_array {
                self.text
                    .push_str(if self.rows == 0 { "\n" } else { ",\n" });
            }
            self.rows += 1;
            self.text.push('{');
            for (at, (key, cells)) in self.keys.iter().zip(&cells).enumerate() {
                if at > 0 {
                    self.text.push(',');
                }
                self.text.push_str(key);
                cells.push(row, &mut self.text)?;
            }
            self.text.push('}');
            if !self.is_array {
                self.text.push('\n');
            }
        }
        self.out.write_all(self.text.as_bytes())?;
        self.text.clear();
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        if self.is_array {
            self.text
                .push_str(if self.rows == 0 { "]\n" } else { "\n]\n" });
        }
        self.out.write_all(self.text.as_bytes())?;
        self.out.flush()?;
        Ok(Summary::default())
    }
}

/// A column or the values of a list, as JSON.
enum Cells<'a> {
    Flat(Column<'a>),
    List(&'a ArrayRef),
    Struct(&'a StructArray, Vec<Self>),
}

impl<'a> Cells<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..) => {
                Self::List(array)
            }
            DataType::Struct(_) => {
                let values = array.as_struct();
                let children = values
                    .columns()
                    .iter()
                    .map(Cells::new)
                    .collect::<Result<_>>()?;
                Self::Struct(values, children)
            }
            _ => Self::Flat(Column::new(array)?),
        })
    }

    fn push(&self, row: usize, text: &mut String) -> Result<()> {
        match self {
            Self::Flat(column) => push_value(&column.value(row)?, text),
            Self::List(array) if array.is_null(row) => push_value(&Value::Null, text),
            Self::List(array) => push_list(&items(array, row), text),
            Self::Struct(array, _) if array.is_null(row) => push_value(&Value::Null, text),
            Self::Struct(array, children) => {
                text.push('{');
                for (at, (field, child)) in array.fields().iter().zip(children).enumerate() {
                    if at > 0 {
                        text.push(',');
                    }
                    text.push_str(&serde_json::to_string(field.name())?);
                    text.push(':');
                    child.push(row, text)?;
                }
                text.push('}');
                Ok(())
            }
        }
    }
}

/// The items of the list in row `row`.
fn items(array: &ArrayRef, row: usize) -> ArrayRef {
    match array.data_type() {
        DataType::LargeList(_) => array.as_list::<i64>().value(row),
        DataType::FixedSizeList(..) => array.as_fixed_size_list().value(row),
        _ => array.as_list::<i32>().value(row),
    }
}

fn push_list(items: &ArrayRef, text: &mut String) -> Result<()> {
    let cells = Cells::new(items)?;
    text.push('[');
    for row in 0..items.len() {
        if row > 0 {
            text.push(',');
        }
        cells.push(row, text)?;
    }
    text.push(']');
    Ok(())
}

fn push_value(value: &Value<'_>, text: &mut String) -> Result<()> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Text(value) => push_string(value, text)?,
        Value::Other(_) => {
            let mut plain = String::new();
            value.write(&mut plain)?;
            push_string(&plain, text)?;
        }
        Value::Bytes(_) | Value::Date(_) | Value::Instant(_) | Value::Local(_) => {
            text.push('"');
            value.write(text)?;
            text.push('"');
        }
        number => number.write(text)?,
    }
    Ok(())
}

fn push_string(value: &str, text: &mut String) -> Result<()> {
    let is_plain = |byte: u8| byte >= b' ' && !matches!(byte, b'"' | b'\\');
    if value.bytes().all(is_plain) {
        text.push('"');
        text.push_str(value);
        text.push('"');
    } else {
        text.push_str(&serde_json::to_string(value)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BinaryArray, BooleanArray, Decimal128Array, Int64Array, ListArray};
    use arrow::datatypes::{Field, Float64Type};
    use serde_json::{Value as Parsed, json};

    use super::super::Format;
    use super::super::tests::{batch, texts, written};
    use super::*;

    #[test]
    fn an_array_parses_back_with_null_beside_empty_text() {
        let text = written(Format::Json, &[batch(), batch().slice(0, 1)]);
        let first = json!({"乡镇": "晋熙镇", "births": 1204, "rate": 12.5, "day": "2018-03-05"});
        let expected = json!([
            first,
            {"乡镇": "", "births": -7, "rate": null, "day": null},
            {"乡镇": null, "births": null, "rate": 0, "day": "1900-01-01"},
            {"乡镇": "a,\"b\"\n太湖|<i>", "births": 0, "rate": 0.1 + 0.2, "day": "2018-12-31"},
            first,
        ]);
        assert_eq!(serde_json::from_str::<Parsed>(&text).unwrap(), expected);
        assert!(
            text.starts_with("[\n{\"乡镇\":\"晋熙镇\",\"births\":1204,"),
            "{text}"
        );
        assert!(text.ends_with("}\n]\n"), "{text}");
        assert_eq!(written(Format::Json, &[batch().slice(0, 0)]), "[]\n");
    }

    #[test]
    fn json_lines_are_one_object_each() {
        let text = written(Format::Jsonl, &[batch()]);
        assert_eq!(text.lines().count(), 4);
        for line in text.lines() {
            assert!(serde_json::from_str::<Parsed>(line).unwrap().is_object());
        }
        let controls = texts("x\"", &[Some("\u{0}\t\\\u{1f}")]);
        assert_eq!(
            written(Format::Jsonl, &[controls]),
            "{\"x\\\"\":\"\\u0000\\t\\\\\\u001f\"}\n"
        );
    }

    #[test]
    fn numbers_keep_every_digit_and_nested_values_their_shape() {
        let lists = ListArray::from_iter_primitive::<Float64Type, _, _>([
            Some(vec![Some(1.5), None, Some(f64::NAN)]),
            None,
        ]);
        let struct_of = StructArray::from(vec![(
            Arc::new(Field::new("ok", DataType::Boolean, true)),
            Arc::new(BooleanArray::from(vec![Some(true), None])) as ArrayRef,
        )]);
        let decimals = Decimal128Array::from(vec![123_456_789_012_345_678, -5]);
        let columns: [(&str, ArrayRef); 5] = [
            (
                "big",
                Arc::new(Int64Array::from(vec![9_007_199_254_740_993, i64::MAX])),
            ),
            (
                "exact",
                Arc::new(decimals.with_precision_and_scale(20, 2).unwrap()),
            ),
            (
                "key",
                Arc::new(BinaryArray::from_vec(vec![b"\x00\xFF", b""])),
            ),
            ("list", Arc::new(lists)),
            ("of", Arc::new(struct_of)),
        ];
        let text = written(
            Format::Jsonl,
            &[RecordBatch::try_from_iter(columns).unwrap()],
        );
        let expected = "{\"big\":9007199254740993,\"exact\":1234567890123456.78,\"key\":\"00ff\",\"list\":[1.5,null,null],\"of\":{\"ok\":true}}\n\
            {\"big\":9223372036854775807,\"exact\":-0.05,\"key\":\"\",\"list\":null,\"of\":{\"ok\":null}}\n";
        assert_eq!(text, expected);
    }
}
