//! Arrow IPC file (Feather version 2), uncompressed: pyarrow, Polars and DuckDB map it to memory.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use arrow::ipc::writer::FileWriter;

use crate::error::Result;

use super::{BatchWriter, Out, Summary};

pub(super) struct Arrow<'a> {
    writer: FileWriter<Out<'a>>,
}

impl<'a> Arrow<'a> {
    pub(super) fn new(schema: &Schema, out: Out<'a>) -> Result<Self> {
        Ok(Self {
            writer: FileWriter::try_new(out, schema)?,
        })
    }
}

impl BatchWriter for Arrow<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    fn finish(mut self: Box<Self>) -> Result<Summary> {
        self.writer.finish()?;
        self.writer.into_inner()?.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::Arc;

    use arrow::array::{ArrayRef, DictionaryArray};
    use arrow::datatypes::Int8Type;
    use arrow::ipc::reader::FileReader;

    use super::super::tests::{batch, bytes_with, texts};
    use super::super::{Format, Options};
    use super::*;

    fn read(batches: &[RecordBatch]) -> Vec<RecordBatch> {
        let options = Options::new(Format::Arrow);
        let (bytes, _) = bytes_with(Format::Arrow, &options, batches).unwrap();
        let reader = FileReader::try_new(Cursor::new(bytes), None).unwrap();
        reader.map(|batch| batch.unwrap()).collect()
    }

    #[test]
    fn an_arrow_file_reads_back_the_same() {
        assert_eq!(
            read(&[batch(), batch().slice(0, 1)]),
            [batch(), batch().slice(0, 1)]
        );
    }

    #[test]
    fn dictionaries_that_change_between_batches_are_no_obstacle() {
        let batches = [["a", "b"], ["c", "a"]].map(|values| {
            let array: DictionaryArray<Int8Type> = values.into_iter().collect();
            RecordBatch::try_from_iter_with_nullable([("x", Arc::new(array) as ArrayRef, true)])
                .unwrap()
        });
        let expected = [["a", "b"], ["c", "a"]].map(|values| texts("x", &values.map(Some)));
        assert_eq!(read(&batches), expected);
    }
}
