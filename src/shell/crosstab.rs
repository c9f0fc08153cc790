//! A crosstab of a result: the values of one key become columns.
//!
//! Entry point: [`crosstab`]. Values keep their type; a pair of keys that does not occur gives
//! NULL. Never adds anything up: two rows for one cell are an error.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{SortOptions, concat_batches, take};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::row::{RowConverter, SortField};

use crate::error::{Error, Message, Result};
use crate::msg;
use crate::output::{Column, Value};

use super::chart::{Frame, Role};

/// More columns than this are no table to look at.
const MOST_COLUMNS: usize = 200;

/// A result turned round.
#[derive(Debug)]
pub struct Crosstab {
    /// The table: row keys, then a column per value of the column key.
    pub batch: RecordBatch,
    /// What the cells hold, when there was a choice.
    pub note: Option<Message>,
}

/// Turns the last two keys of a result into rows and columns.
///
/// `columns` names ROWS… COLUMNS VALUE, or ROWS COLUMNS with the first value, or nothing: then
/// all keys but the last are ROWS and the last is COLUMNS. Rows come in their order of
/// appearance; columns, too, but numbers, dates and times are sorted, NULL last.
///
/// # Errors
/// A usage error when a column is missing, two rows fall into one cell, or there are more than
/// 200 columns.
pub fn crosstab(
    schema: &SchemaRef,
    batches: &[RecordBatch],
    columns: &[String],
) -> Result<Crosstab> {
    let frame = Frame::new(schema, batches);
    let mut plan = plan(&frame, columns)?;
    let whole = concat_batches(schema, batches)?;
    if !plan.is_named {
        plan.drop_twins(&frame, &whole)?;
    }
    let across = Groups::new(&whole, &[plan.across])?;
    if across.first.len() > MOST_COLUMNS {
        let found = across.first.len();
        let (name, _) = frame.names(&[plan.across]);
        return Err(Error::usage(msg!(
            "{name} has {found} values: a crosstab has at most {MOST_COLUMNS} columns",
            "{name} 有 {found} 个值：交叉表最多 {MOST_COLUMNS} 列"
        ))
        .hint(msg!(
            "name a key with fewer values as COLUMNS: `.crosstab ROWS COLUMNS VALUE`",
            "请选取值较少的列作为列标题：`.crosstab 行 列 值`"
        )));
    }
    let down = Groups::new(&whole, &plan.down)?;
    let mut cells = vec![vec![None; down.first.len()]; across.first.len()];
    for row in 0..whole.num_rows() {
        let cell: &mut Option<u32> = &mut cells[across.of[row]][down.of[row]];
        if cell.replace(index(row)?).is_some() {
            return Err(repeated(&frame, &plan));
        }
    }
    let order = if is_sorted(whole.column(plan.across).data_type()) {
        across.sorted()
    } else {
        (0..across.first.len()).collect()
    };
    let mut table = Table::default();
    let firsts = indices(down.first.iter().copied().map(Some))?;
    for key in &plan.down {
        let field = schema.field(*key);
        table.add(field.name(), take(whole.column(*key), &firsts, None)?);
    }
    let names = labels(whole.column(plan.across))?;
    for at in order {
        let found = UInt32Array::from_iter(cells[at].iter().copied());
        let value = take(whole.column(plan.value), &found, None)?;
        table.add(&names[across.first[at]], value);
    }
    Ok(Crosstab {
        batch: table.batch()?,
        note: plan.note,
    })
}

/// Which columns go where.
struct Plan {
    down: Vec<usize>,
    across: usize,
    value: usize,
    /// Whether the user named the rows.
    is_named: bool,
    note: Option<Message>,
}

impl Plan {
    /// A code and its name side by side are one key: as rows and columns they would give a table
    /// of one value per row. The name stays.
    fn drop_twins(&mut self, frame: &Frame, whole: &RecordBatch) -> Result<()> {
        let across = Groups::new(whole, &[self.across])?;
        if across.first.len() < 2 {
            return Ok(());
        }
        let mut kept = Vec::new();
        for key in self.down.clone() {
            let is_code = frame.is_code(key);
            let is_twin = (is_code || frame.is_code(self.across))
                && across.is_same(&Groups::new(whole, &[key])?);
            if !is_twin {
                kept.push(key);
            } else if !is_code {
                self.across = key;
            }
        }
        if !kept.is_empty() {
            self.down = kept;
        }
        Ok(())
    }
}

fn plan(frame: &Frame, names: &[String]) -> Result<Plan> {
    let named = names
        .iter()
        .map(|name| frame.find(name))
        .collect::<Result<Vec<usize>>>()?;
    for (at, column) in named.iter().enumerate() {
        if named[..at].contains(column) {
            let (name, _) = frame.names(&[*column]);
            return Err(Error::usage(msg!(
                "{name} is named twice",
                "{name} 写了两次"
            )));
        }
    }
    match named.as_slice() {
        [down @ .., across, value] if !down.is_empty() => Ok(Plan {
            down: down.to_vec(),
            across: *across,
            value: *value,
            is_named: true,
            note: None,
        }),
        [down, across] => {
            let (value, note) = value(frame, &named)?;
            Ok(Plan {
                down: vec![*down],
                across: *across,
                value,
                is_named: true,
                note,
            })
        }
        [] => {
            let (value, note) = value(frame, &[])?;
            let keys = frame.columns(Role::Key);
            match keys.as_slice() {
                [down @ .., across] if !down.is_empty() => Ok(Plan {
                    down: down.to_vec(),
                    across: *across,
                    value,
                    is_named: false,
                    note,
                }),
                _ => Err(unfit(frame)),
            }
        }
        _ => Err(Error::usage(msg!(
            "a crosstab needs the rows and the columns",
            "交叉表需要行和列"
        ))
        .hint(usage())),
    }
}

/// The first value that is not used otherwise; a word on it when there are more.
fn value(frame: &Frame, used: &[usize]) -> Result<(usize, Option<Message>)> {
    let mut values = frame.columns(Role::Value);
    values.retain(|value| !used.contains(value));
    let (first, rest) = values.split_first().ok_or_else(|| unfit(frame))?;
    let (name, _) = frame.names(&[*first]);
    let note = (!rest.is_empty()).then(|| {
        msg!(
            "the cells hold {name}; for another value: `.crosstab ROWS COLUMNS VALUE`",
            "单元格为 {name}；要用其他数值列，请写 `.crosstab 行 列 值`"
        )
    });
    Ok((*first, note))
}

fn usage() -> Message {
    msg!(
        "`.crosstab ROWS COLUMNS VALUE`, or `.crosstab` alone for two keys and a number",
        "`.crosstab 行 列 值`；有两个维度列和一个数值列时可只写 `.crosstab`"
    )
}

fn unfit(frame: &Frame) -> Error {
    let keys = frame.columns(Role::Key).len();
    let values = frame.columns(Role::Value).len();
    Error::usage(msg!(
        "a crosstab needs two keys (text, code, date, year …) and a number",
        "交叉表需要两个维度列（文字、代码、日期、年份等）和一个数值列"
    ))
    .caused_by(msg!(
        "the result has {keys} keys and {values} numbers",
        "结果有 {keys} 个维度列、{values} 个数值列"
    ))
    .hint(usage())
}

fn repeated(frame: &Frame, plan: &Plan) -> Error {
    let mut keys = plan.down.clone();
    keys.push(plan.across);
    let (en, zh) = frame.names(&keys);
    let error = Error::usage(msg!(
        "two rows fall into one cell: {en} do not tell them apart",
        "有两行落入同一单元格：{zh} 不能区分它们"
    ));
    let unused: Vec<usize> = frame
        .columns(Role::Key)
        .into_iter()
        .filter(|key| !keys.contains(key))
        .collect();
    if unused.is_empty() {
        return error.hint(msg!(
            "add them up first: GROUP BY {en}",
            "请先汇总：GROUP BY {en}"
        ));
    }
    let (more_en, more_zh) = frame.names(&unused);
    error.hint(msg!(
        "name {more_en} among the rows too, or add the rows up with GROUP BY {en}",
        "请把 {more_zh} 也作为行，或先用 GROUP BY {en} 汇总"
    ))
}

/// The distinct values of some columns.
struct Groups {
    /// The group of each row.
    of: Vec<usize>,
    /// The first row of each group, in order of appearance.
    first: Vec<usize>,
    /// The value of each group as bytes that sort like it.
    keys: Vec<Vec<u8>>,
}

impl Groups {
    fn new(batch: &RecordBatch, columns: &[usize]) -> Result<Self> {
        let arrays: Vec<ArrayRef> = columns
            .iter()
            .map(|column| Arc::clone(batch.column(*column)))
            .collect();
        let nulls_last = SortOptions {
            descending: false,
            nulls_first: false,
        };
        let fields = arrays
            .iter()
            .map(|array| SortField::new_with_options(array.data_type().clone(), nulls_last))
            .collect();
        let rows = RowConverter::new(fields)?.convert_columns(&arrays)?;
        let mut groups = Self {
            of: Vec::with_capacity(batch.num_rows()),
            first: Vec::new(),
            keys: Vec::new(),
        };
        let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            let bytes: &[u8] = row.as_ref();
            let group = if let Some(group) = seen.get(bytes) {
                *group
            } else {
                seen.insert(bytes.to_vec(), groups.first.len());
                groups.keys.push(bytes.to_vec());
                groups.first.push(at);
                groups.first.len() - 1
            };
            groups.of.push(group);
        }
        Ok(groups)
    }

    /// Whether both group the rows alike.
    fn is_same(&self, other: &Self) -> bool {
        self.of == other.of
    }

    /// The groups by their values, NULL last.
    fn sorted(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.first.len()).collect();
        order.sort_by_key(|group| &self.keys[*group]);
        order
    }
}

fn is_sorted(kind: &DataType) -> bool {
    kind.is_numeric() || kind.is_temporal()
}

/// The values of a column as names of columns.
fn labels(array: &ArrayRef) -> Result<Vec<String>> {
    let column = Column::new(array)?;
    (0..array.len())
        .map(|row| {
            let value = column.value(row)?;
            let mut text = String::new();
            if matches!(value, Value::Null) {
                text.push_str("NULL");
            } else {
                value.write(&mut text)?;
            }
            Ok(text)
        })
        .collect()
}

fn index(row: usize) -> Result<u32> {
    u32::try_from(row).map_err(|_| {
        Error::work(msg!(
            "the result is too long for a crosstab",
            "结果太长，无法转成交叉表"
        ))
    })
}

fn indices(rows: impl Iterator<Item = Option<usize>>) -> Result<UInt32Array> {
    rows.map(|row| row.map(index).transpose())
        .collect::<Result<Vec<_>>>()
        .map(UInt32Array::from)
}

/// The table under construction.
#[derive(Default)]
struct Table {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Table {
    /// Adds a column; a name that stands already gets `_2`, `_3`…: a value may be called like a
    /// key, and text may say NULL.
    fn add(&mut self, name: &str, column: ArrayRef) {
        let is_taken = |name: &str| self.fields.iter().any(|field| field.name() == name);
        let mut own = name.to_owned();
        let mut count = 1;
        while is_taken(&own) {
            count += 1;
            own = format!("{name}_{count}");
        }
        self.fields
            .push(Field::new(own, column.data_type().clone(), true));
        self.columns.push(column);
    }

    fn batch(self) -> Result<RecordBatch> {
        let schema = Arc::new(Schema::new(self.fields));
        Ok(RecordBatch::try_new(schema, self.columns)?)
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Date32Array, Float64Array, Int64Array, StringArray};

    use super::*;
    use crate::error::Lang;

    fn text(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        let columns = columns.into_iter().map(|(name, array)| (name, array, true));
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    fn births() -> RecordBatch {
        let integers = |values: &[i64]| -> ArrayRef { Arc::new(Int64Array::from(values.to_vec())) };
        batch(vec![
            (
                "township_code",
                text(&[Some("b"), Some("b"), Some("a"), Some("a"), None]),
            ),
            (
                "township",
                text(&[
                    Some("徐桥镇"),
                    Some("徐桥镇"),
                    Some("晋熙镇"),
                    Some("晋熙镇"),
                    None,
                ]),
            ),
            ("year", integers(&[2018, 2017, 2018, 2016, 2018])),
            ("births", integers(&[3, 2, 8, 6, 1])),
            (
                "rate",
                Arc::new(Float64Array::from(vec![0.3, 0.2, 0.8, 0.6, 0.1])),
            ),
        ])
    }

    fn turn(batch: &RecordBatch, columns: &[&str]) -> Result<Crosstab> {
        let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
        // In two batches: results come in several.
        let half = batch.num_rows() / 2;
        let batches = [
            batch.slice(0, half),
            batch.slice(half, batch.num_rows() - half),
        ];
        crosstab(&batch.schema(), &batches, &columns)
    }

    fn shown(table: &RecordBatch) -> Vec<String> {
        let schema = table.schema();
        let names = schema.fields().iter().map(|field| field.name().clone());
        let mut lines = vec![names.collect::<Vec<_>>().join("|")];
        let columns: Vec<Vec<String>> =
            table.columns().iter().map(|c| labels(c).unwrap()).collect();
        lines.extend((0..table.num_rows()).map(|row| {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            cells.join("|")
        }));
        lines
    }

    #[test]
    fn the_last_key_becomes_columns_in_their_order() {
        let found = turn(&births(), &[]).unwrap();
        assert_eq!(
            shown(&found.batch),
            [
                "township_code|township|2016|2017|2018",
                "b|徐桥镇|NULL|2|3",
                "a|晋熙镇|6|NULL|8",
                "NULL|NULL|NULL|NULL|1",
            ]
        );
        assert_eq!(found.batch.column(2).data_type(), &DataType::Int64);
        assert!(
            found
                .note
                .unwrap()
                .en
                .starts_with("the cells hold `births`")
        );
    }

    #[test]
    fn named_columns_go_where_they_are_named() {
        let found = turn(&births(), &["year", "township", "rate"]).unwrap();
        assert_eq!(
            shown(&found.batch),
            [
                "year|徐桥镇|晋熙镇|NULL",
                "2018|0.3|0.8|0.1",
                "2017|0.2|NULL|NULL",
                "2016|NULL|0.6|NULL",
            ]
        );
        assert!(found.note.is_none());
        let text = turn(&births(), &["township", "year", "township_code"]).unwrap();
        assert_eq!(text.batch.column(1).data_type(), &DataType::Utf8);
    }

    #[test]
    fn a_code_beside_its_name_is_no_key_of_its_own() {
        let result = births().project(&[2, 0, 1, 3]).unwrap();
        let found = turn(&result, &[]).unwrap();
        assert_eq!(
            shown(&found.batch),
            [
                "year|徐桥镇|晋熙镇|NULL",
                "2018|3|8|1",
                "2017|2|NULL|NULL",
                "2016|NULL|6|NULL",
            ]
        );
    }

    #[test]
    fn dates_are_sorted_and_names_of_columns_never_repeat() {
        let result = batch(vec![
            ("town", text(&[Some("a"), Some("a"), Some("a")])),
            (
                "day",
                Arc::new(Date32Array::from(vec![None, Some(17_600), Some(17_599)])),
            ),
            ("n", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ]);
        let found = turn(&result, &[]).unwrap();
        assert_eq!(
            shown(&found.batch),
            ["town|2018-03-09|2018-03-10|NULL", "a|3|2|1"]
        );
        let result = batch(vec![
            ("town", text(&[Some("a"), Some("a"), Some("a")])),
            ("kind", text(&[None, Some("NULL"), Some("town")])),
            ("n", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ]);
        let found = turn(&result, &[]).unwrap();
        assert_eq!(shown(&found.batch)[0], "town|NULL|NULL_2|town_2");
    }

    #[test]
    fn two_rows_in_one_cell_are_refused_without_their_values() {
        let error = turn(&births(), &["rate", "township", "births"]).map(|found| found.batch);
        assert!(error.is_ok());
        let result = batch(vec![
            ("town", text(&[Some("晋熙镇"), Some("晋熙镇")])),
            ("sex", text(&[Some("男"), Some("男")])),
            ("month", Arc::new(Int64Array::from(vec![1, 2]))),
            ("n", Arc::new(Int64Array::from(vec![1, 2]))),
        ]);
        let error = turn(&result, &["town", "sex"]).unwrap_err();
        let text = format!("{}{}", error.render(Lang::En), error.render(Lang::Zh));
        assert!(
            text.contains("`town`, `sex` do not tell them apart"),
            "{text}"
        );
        assert!(text.contains("name `month` among the rows too"), "{text}");
        assert!(
            text.contains("有两行落入同一单元格：`town`、`sex`"),
            "{text}"
        );
        assert!(!text.contains("晋熙镇"), "{text}");
    }

    #[test]
    fn what_cannot_be_turned_is_told() {
        let wide: Vec<i64> = (0..201).collect();
        let wide = batch(vec![
            ("town", text(&[Some("a"); 201])),
            ("id", Arc::new(Int64Array::from(wide.clone()))),
            ("n", Arc::new(Int64Array::from(wide))),
        ]);
        for (result, columns, expected) in [
            (&wide, vec![], "`id` has 201 values"),
            (&births(), vec!["year"], "needs the rows and the columns"),
            (&births(), vec!["year", "year"], "`year` is named twice"),
            (&births(), vec!["year", "nothing"], "no column `nothing`"),
            (
                &births().project(&[1, 3]).unwrap(),
                vec![],
                "the result has 1 keys and 1 numbers",
            ),
        ] {
            let text = turn(result, &columns).unwrap_err().render(Lang::En);
            assert!(text.contains(expected), "{text}");
        }
    }

    #[test]
    fn an_empty_result_gives_an_empty_table() {
        let found = turn(&births().slice(0, 0), &[]).unwrap();
        assert_eq!(shown(&found.batch), ["township_code|township"]);
    }
}
