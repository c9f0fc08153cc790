//! The work of a slot: its questions asked of one snapshot, the answers put into the outbox.

use std::path::PathBuf;

use arrow::array::RecordBatch;
use chrono::{DateTime, SecondsFormat, Utc};

use super::changed::changed;
use super::record::Run;
use crate::catalog::{Readers, Schedule, When};
use crate::error::{Context, Lang, Result};
use crate::export::{FileFormat, Manifest, Outbox, Question, reproducible, slot_name};
use crate::msg;
use crate::publish::{Audience, Release, Suppressed, release};
use crate::query::{Library, facts};
use crate::warehouse::{AsOf, Session, SessionOptions, Snapshot, Warehouse};

/// Everything a slot needs, owned, so that it can be asked on a task of its own.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) warehouse: Warehouse,
    pub(super) library: Library,
    pub(super) options: SessionOptions,
    pub(super) schedule: Schedule,
    pub(super) slot: DateTime<Utc>,
    pub(super) attempt: u32,
    /// The last run that left results.
    pub(super) before: Option<Run>,
}

/// What asking gave.
pub(super) enum Asked {
    /// Nothing changed since the run before.
    Unchanged(Snapshot),
    /// The rows of each question as they are published, and what was hidden in them.
    Answered(Snapshot, Vec<Answered>),
}

pub(super) type Answered = (Question, RecordBatch, Option<Suppressed>);

impl Work {
    /// Where the results go: `outbox/<schedule>`, or the same below another folder.
    pub(super) fn outbox(&self) -> Outbox {
        Outbox::new(self.folder())
    }

    fn folder(&self) -> PathBuf {
        let outbox = self.schedule.to.as_deref().unwrap_or("outbox".as_ref());
        self.warehouse
            .folder()
            .join(outbox)
            .join(&self.schedule.name)
    }

    /// The folder of the slot.
    pub(super) fn slot_name(&self) -> String {
        let local = self.slot.with_timezone(&self.schedule.timezone);
        slot_name(local.fixed_offset())
    }

    /// Asks the newest snapshot.
    pub(super) async fn ask(self, now: DateTime<Utc>) -> Result<Asked> {
        let options = reproducible(self.options.clone());
        let session = self.warehouse.session(&AsOf::Latest, &options)?;
        let questions = self.questions(&session).await?;
        let snapshot = session.snapshot().clone();
        if self.schedule.when == When::OnChange && !self.is_news(&session, &questions).await? {
            return Ok(Asked::Unchanged(snapshot));
        }
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            let name = &question.query;
            let rows = question
                .rows(&session)
                .await
                .context(|| msg!("query `{name}` failed", "查询 `{name}` 失败"))?;
            let suppressed = self.suppressed(&question, &rows, snapshot.id, now).await?;
            let rows = match &suppressed {
                Some(suppressed) => suppressed.hide(&rows)?,
                None => rows,
            };
            answers.push((question, rows, suppressed));
        }
        Ok(Asked::Answered(snapshot, answers))
    }

    /// What `publish:` of the query hides from the readers of the schedule.
    async fn suppressed(
        &self,
        question: &Question,
        rows: &RecordBatch,
        snapshot: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<Suppressed>> {
        let audience = match self.schedule.publish {
            Readers::Public => Audience::Public,
            Readers::Departments => Audience::Departments,
            Readers::Internal => return Ok(None),
        };
        let query = self.library.get(&question.query)?;
        let Some(publish) = &query.publish else {
            return Ok(None);
        };
        let what = Release {
            query: &query.name,
            publish,
            params: &query.particular(&question.values),
            audience,
            snapshot,
        };
        let decision = release(&self.warehouse, &self.options, rows, &what, now).await?;
        Ok(decision.map(|decision| decision.suppressed))
    }

    async fn questions(&self, session: &Session) -> Result<Vec<Question>> {
        // Defaults such as last month mean the slot, however late it runs.
        let day = self
            .slot
            .with_timezone(&self.schedule.timezone)
            .date_naive();
        let facts = facts(session, day).await?;
        let mut questions = Vec::new();
        for word in &self.schedule.queries {
            let query = self.library.get(&word.text)?;
            let given: Vec<(String, String)> = self
                .schedule
                .params
                .iter()
                .filter(|(name, _)| query.params.iter().any(|own| own.name == name.text))
                .map(|(name, value)| (name.text.clone(), value.clone()))
                .collect();
            questions.push(Question {
                query: query.name.clone(),
                sql: query.sql.clone(),
                values: query.bind(&given, &facts)?,
                title: Some(match self.schedule.lang {
                    Lang::Zh => query.title_zh.clone(),
                    Lang::En => query.title.clone(),
                }),
                unit: query.unit.clone(),
                lang: self.schedule.lang,
            });
        }
        Ok(questions)
    }

    /// Whether the answers can differ from those of the run before: another query or parameter, or
    /// another file of a table that is read.
    async fn is_news(&self, session: &Session, questions: &[Question]) -> Result<bool> {
        let Some(before) = &self.before else {
            return Ok(true);
        };
        let Some((snapshot, manifest)) = before.snapshot.zip(before.manifest.as_deref()) else {
            return Ok(true);
        };
        let slot = manifest.split('/').next().unwrap_or_default();
        let Some(manifest) = self.outbox().find(slot) else {
            return Ok(true);
        };
        let asked = |(question, answer): (&Question, &crate::export::Answer)| {
            question.query == answer.query
                && question.sql == answer.sql
                && question.parameters() == answer.parameters
        };
        if questions.len() != manifest.results.len()
            || !questions.iter().zip(&manifest.results).all(asked)
        {
            return Ok(true);
        }
        let mut tables = std::collections::BTreeSet::new();
        for question in questions {
            tables.extend(question.tables(session).await?);
        }
        let then = self.warehouse.tables(&AsOf::Snapshot(snapshot))?;
        let now = self
            .warehouse
            .tables(&AsOf::Snapshot(session.snapshot().id))?;
        Ok(!changed(&tables, &then, &now).is_empty())
    }

    /// Puts the answers into the outbox.
    pub(super) fn publish(
        &self,
        snapshot: &Snapshot,
        answers: &[Answered],
        now: DateTime<Utc>,
    ) -> Result<Manifest> {
        let slot = self.slot_name();
        let outbox = self.outbox();
        let staging = outbox.stage(&slot)?;
        let formats = self
            .schedule
            .formats
            .iter()
            .map(|word| word.text.parse())
            .collect::<Result<Vec<FileFormat>>>()?;
        let mut results = Vec::with_capacity(answers.len());
        for (question, rows, suppression) in answers {
            results.push(question.write(
                rows,
                suppression.clone(),
                snapshot.id,
                &formats,
                staging.path(),
            )?);
        }
        let local = self.slot.with_timezone(&self.schedule.timezone);
        let manifest = Manifest {
            schedule: self.schedule.name.clone(),
            slot: local.to_rfc3339_opts(SecondsFormat::Secs, false),
            attempt: self.attempt,
            snapshot: snapshot.id,
            snapshot_time: snapshot.time.clone(),
            key_id: self
                .warehouse
                .keys()
                .ok()
                .map(|keys| keys.key_id().to_owned()),
            rows: results.iter().map(|answer| answer.rows).sum(),
            results,
            created_at: now.to_rfc3339_opts(SecondsFormat::Secs, true),
            created_by: concat!("renkou ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        staging.publish(&manifest)?;
        Ok(manifest)
    }

    /// Where the results of the slot lie.
    pub(super) fn results(&self) -> PathBuf {
        self.folder().join(self.slot_name())
    }
}
