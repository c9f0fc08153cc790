//! The SQL session behind the shell: it follows the newest snapshot, or stays at the one asked for.

use std::sync::Arc;

use super::Shell;
use crate::error::{Error, Result};
use crate::msg;
use crate::vault::{AuditLog, Entry, Sealer};
use crate::warehouse::AsOf;

impl Shell {
    /// Opens the session anew: other snapshot, other rights.
    pub(super) fn reopen(&mut self) -> Result<()> {
        self.session = self.warehouse.session(&self.as_of, &self.options)?;
        if let Some(held) = &self.held {
            // The last result stays what it is.
            let _ = self
                .session
                .remember("_", Arc::clone(&held.schema), held.batches.clone());
        }
        Ok(())
    }

    /// Goes on to the newest snapshot, when somebody has committed one meanwhile.
    pub(super) fn follow(&mut self) -> Result<()> {
        if self.as_of != AsOf::Latest || self.warehouse.newest()? == self.session.snapshot().id {
            return Ok(());
        }
        self.reopen()?;
        if self.console.interactive {
            let id = self.session.snapshot().id;
            self.note(&msg!(
                "the warehouse has changed: now at snapshot {id}",
                "数据已更新：当前快照 {id}"
            ));
        }
        Ok(())
    }

    /// Asks another snapshot from now on.
    pub(super) fn travel(&mut self, to: &str) -> Result<()> {
        let before = std::mem::replace(
            &mut self.as_of,
            if to.eq_ignore_ascii_case("latest") || to == "最新" {
                AsOf::Latest
            } else {
                (self.console.moment)(to)?
            },
        );
        if let Err(error) = self.reopen() {
            self.as_of = before;
            return Err(error);
        }
        let (id, time) = {
            let snapshot = self.session.snapshot();
            (snapshot.id, (self.console.local)(&snapshot.time))
        };
        self.note(&msg!(
            "now at snapshot {id} of {time}",
            "当前快照 {id}（{time}）"
        ));
        Ok(())
    }

    /// Opens schema `vault`, after it is written to the audit log.
    pub(super) fn unseal(&mut self, reason: &str) -> Result<()> {
        if matches!(reason, "off" | "关") {
            self.options.unseal = None;
            self.unsealed = false;
            self.held = None;
            self.reopen()?;
            self.note(&msg!("schema `vault` is closed", "已关闭 `vault`"));
            return Ok(());
        }
        if reason.chars().count() < 2 {
            return Err(Error::usage(msg!(
                "identities are opened only with a reason",
                "必须说明理由才能查看身份信息"
            ))
            .hint(msg!(
                "write `.unseal REASON`; it goes to the audit log",
                "请写 `.unseal 理由`，理由会写入审计日志"
            )));
        }
        let keys = self.warehouse.keys()?;
        let actor = self.console.actor.clone();
        AuditLog::open(self.warehouse.folder().join("audit.log"))?
            .signed_with(&keys)
            .append(
                (self.console.now)(),
                Entry {
                    actor: &actor,
                    action: "unseal",
                    object: "shell",
                    reason: Some(reason),
                    ..Entry::default()
                },
            )?;
        self.options.unseal = Some(Arc::new(Sealer::new(&keys)));
        self.unsealed = true;
        self.reopen()?;
        self.note(&msg!(
            "schema `vault` is open until `.unseal off`; every statement is audited, and nothing goes to the history",
            "已打开 `vault`，用 `.unseal off` 关闭；其间每条语句都记入审计日志，不记入输入历史"
        ));
        Ok(())
    }

    /// Notes a statement of an unsealed session before it runs.
    pub(super) fn audit(&self, sql: &str) -> Result<()> {
        if !self.unsealed || !self.console.interactive {
            return Ok(());
        }
        let keys = self.warehouse.keys()?;
        AuditLog::open(self.warehouse.folder().join("audit.log"))?
            .signed_with(&keys)
            .append(
                (self.console.now)(),
                Entry {
                    actor: &self.console.actor,
                    action: "query",
                    object: "vault",
                    detail: Some(&crate::vault::fingerprint_sql(sql)),
                    ..Entry::default()
                },
            )
            .map(drop)
    }
}
