//! The result of a query, ready to be written in any format, always the same way.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use sha2::{Digest, Sha256};

use super::manifest::{Answer, BoundParameter, ColumnEntry, FileFormat, FileRecord, lang_word};
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::output::{Options, writer};
use crate::publish::Suppressed;
use crate::warehouse::{Plan, Session, SessionOptions, hex};

/// A query to answer.
#[derive(Debug, Clone)]
pub struct Question {
    /// Name of the saved query.
    pub query: String,
    /// Its text.
    pub sql: String,
    /// Its parameters.
    pub values: Vec<(String, ScalarValue)>,
    /// Heading of documents.
    pub title: Option<String>,
    /// Unit of its figures.
    pub unit: Option<String>,
    /// Language of words around the data.
    pub lang: Lang,
}

/// Sessions whose results are the same on every machine: sums of decimals depend on how the rows
/// are dealt out to threads.
#[must_use]
pub fn reproducible(options: SessionOptions) -> SessionOptions {
    SessionOptions {
        threads: Some(2),
        ..options
    }
}

impl Question {
    /// Plans it; rows will come in total order.
    ///
    /// # Errors
    /// When it does not plan.
    pub async fn plan(&self, session: &Session) -> Result<Plan> {
        let mut statements = session.statements(&self.sql)?;
        let (Some(statement), true) = (statements.pop(), statements.is_empty()) else {
            return Err(Error::usage(msg!(
                "expected one SQL statement",
                "此处应为一条 SQL 语句"
            )));
        };
        let plan = session.plan(statement, &self.values).await?;
        plan.in_total_order()
    }

    /// The tables it reads.
    ///
    /// # Errors
    /// When it does not plan.
    pub async fn tables(&self, session: &Session) -> Result<BTreeSet<String>> {
        Ok(self.plan(session).await?.tables())
    }

    /// Its rows, in total order, as one batch: how they came does not show in the files.
    ///
    /// # Errors
    /// When it fails.
    pub async fn rows(&self, session: &Session) -> Result<RecordBatch> {
        let plan = self.plan(session).await?;
        let mut stream = session.start(plan).await?;
        let schema: SchemaRef = stream.schema();
        let mut batches = Vec::new();
        while let Some(batch) = stream.next().await {
            batches.push(batch?);
        }
        Ok(concat_batches(&schema, &batches)?)
    }

    /// SHA-256 of its text.
    #[must_use]
    pub fn sql_sha256(&self) -> String {
        hex(&Sha256::digest(self.sql.as_bytes()))
    }

    /// Its parameters, as the manifest tells them.
    #[must_use]
    pub fn parameters(&self) -> Vec<BoundParameter> {
        let bound = |(name, value): &(String, ScalarValue)| BoundParameter::of(name, value);
        self.values.iter().map(bound).collect()
    }

    /// Writes `rows`, from which `suppression` has been taken out, in each of `formats` as `<query>.<extension>` into `folder`, synced; what
    /// there is to tell of it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(
        &self,
        rows: &RecordBatch,
        suppression: Option<Suppressed>,
        snapshot: i64,
        formats: &[FileFormat],
        folder: &Path,
    ) -> Result<Answer> {
        let mut files = Vec::with_capacity(formats.len());
        for format in formats {
            let path = format!("{}.{}", self.query, format.extension());
            let mut options = Options::new(format.format);
            options.encoding = format.encoding;
            options.title.clone_from(&self.title);
            options.unit.clone_from(&self.unit);
            options.notes = vec![format!("snapshot {snapshot}")];
            if let Some(suppressed) = &suppression {
                options
                    .notes
                    .push(suppressed.note().text(self.lang).to_owned());
            }
            options.lang = self.lang;
            let file = fs_err::File::create(folder.join(&path))?;
            let mut out = writer(
                format.format,
                rows.schema(),
                &options,
                Box::new(file.try_clone()?),
            )?;
            out.write(rows)?;
            out.finish()?;
            file.sync_all()?;
            let bytes = fs_err::read(folder.join(&path))?;
            files.push(FileRecord {
                path,
                format: format.to_string(),
                bytes: bytes.len() as u64,
                sha256: hex(&Sha256::digest(&bytes)),
            });
        }
        let column = |field: &Arc<arrow::datatypes::Field>| ColumnEntry {
            name: field.name().clone(),
            kind: field.data_type().to_string(),
        };
        Ok(Answer {
            query: self.query.clone(),
            sql_sha256: self.sql_sha256(),
            sql: self.sql.clone(),
            parameters: self.parameters(),
            title: self.title.clone(),
            unit: self.unit.clone(),
            lang: lang_word(self.lang).to_owned(),
            columns: rows.schema().fields().iter().map(column).collect(),
            rows: rows.num_rows(),
            suppression,
            files,
        })
    }
}

impl Answer {
    /// The question again.
    ///
    /// # Errors
    /// When the manifest was changed by hand.
    pub fn question(&self) -> Result<Question> {
        Ok(Question {
            query: self.query.clone(),
            sql: self.sql.clone(),
            values: self
                .parameters
                .iter()
                .map(BoundParameter::bind)
                .collect::<Result<_>>()?,
            title: self.title.clone(),
            unit: self.unit.clone(),
            lang: if self.lang == "zh" {
                Lang::Zh
            } else {
                Lang::En
            },
        })
    }
}
