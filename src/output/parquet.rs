//! Apache Parquet: zstd level 3, with statistics, so that readers can skip what they do not need.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use crate::error::Result;

use super::{BatchWriter, Out, Summary};

pub(super) struct Parquet<'a> {
    writer: ArrowWriter<Out<'a>>,
}

impl<'a> Parquet<'a> {
    pub(super) fn new(schema: &SchemaRef, out: Out<'a>) -> Result<Self> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_created_by(concat!("renkou ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        Ok(Self {
            writer: ArrowWriter::try_new(out, SchemaRef::clone(schema), Some(properties))?,
        })
    }
}

impl BatchWriter for Parquet<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    fn finish(self: Box<Self>) -> Result<Summary> {
        self.writer.into_inner()?.flush()?;
        Ok(Summary::default())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{batch, bytes_with};
    use super::super::{Format, Options};
    use super::*;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    #[test]
    fn parquet_reads_back_the_same_with_zstd_and_statistics() {
        let options = Options::new(Format::Parquet);
        let batches = [batch(), batch().slice(1, 2)];
        let (bytes, _) = bytes_with(Format::Parquet, &options, &batches).unwrap();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
        let group = reader.metadata().row_group(0).clone();
        assert_eq!(group.num_rows(), 6);
        for column in group.columns() {
            assert!(matches!(column.compression(), Compression::ZSTD(_)));
            assert!(column.statistics().is_some());
        }
        let read: Vec<RecordBatch> = reader
            .build()
            .unwrap()
            .map(|batch| batch.unwrap())
            .collect();
        assert_eq!(read[0].slice(0, 4), batch());
        assert_eq!(read[0].slice(4, 2), batch().slice(1, 2));
    }
}
