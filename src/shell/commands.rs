//! What each command does. Those that ask the warehouse are in `catalogue`, help is in `help`.

use std::sync::Arc;
use std::time::Duration;

use super::chart::{Canvas, Kind, Request, chart};
use super::command::{self, Line};
use super::crosstab::crosstab;
use super::present::Held;
use super::run::{Watch, interruption};
use super::show::{Caption, no_result};
use super::{DEEPEST, Flow, Shell, Sink};
use crate::domain::wording::counted;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::export::{Export, Target, export, table_named};
use crate::msg;
use crate::output::{Format, TextEncoding};
use crate::query::facts;

impl Shell {
    /// Runs a line that starts with a dot or a backslash.
    pub(super) async fn command(&mut self, text: &str) -> Result<Flow> {
        let line = command::parse(text)?;
        let first = line.arguments.first().map(String::as_str);
        match line.name {
            ".quit" => return Ok(Flow::Quit),
            ".edit" => return Ok(Flow::Edit(self.last_sql.clone().unwrap_or_default())),
            ".history" => {
                return Ok(Flow::History(first.map(|_| line.rest.to_owned())));
            }
            ".help" => self.help(first)?,
            ".manual" => self.manual(&line)?,
            ".functions" => self.functions(first)?,
            ".tables" => self.tables(first)?,
            ".schema" | ".describe" => self.schema(first).await?,
            ".queries" => self.queries(first)?,
            ".deliveries" => self.deliveries(first).await?,
            ".rejects" => self.rejects(first).await?,
            ".check" => self.check(first).await?,
            ".run" => self.run_query(&line).await?,
            ".explain" => {
                let sql = format!("EXPLAIN {}", needed(&line, "SQL")?);
                self.explain(&sql).await?;
            }
            ".chart" => self.chart(&line)?,
            ".crosstab" => self.crosstab(&line)?,
            ".last" => {
                let format = first.map(super::settings::text_format).transpose()?;
                self.show_held(format, true)?;
            }
            ".watch" => self.watch(line.rest).await?,
            ".read" => {
                let path = needed(&line, "FILE")?;
                return self.read(&path).await;
            }
            ".output" => {
                self.sink = match first {
                    None | Some("stdout" | "-") => Sink::Out,
                    Some(path) => Sink::File(self.path(path)),
                }
            }
            ".once" => {
                let path = needed(&line, "FILE")?;
                self.once = Some(self.path(&path));
            }
            ".export" => self.export(&line).await?,
            ".asof" => match first {
                Some(_) => self.travel(line.rest)?,
                None => self.line(&format!(
                    "{} · {}",
                    self.session.snapshot().id,
                    self.session.snapshot().time
                ))?,
            },
            ".unseal" => self.unseal(line.rest.trim_matches(['"', '\'']))?,
            ".param" => self.param(&line)?,
            ".show" => self.show_settings()?,
            ".set" => match line.arguments.as_slice() {
                [] => self.show_settings()?,
                [name] => self.line(&self.settings.value(name))?,
                [name, value @ ..] => self.settings.set(name, &value.join(" "))?,
            },
            setting => self.setting(setting, first)?,
        }
        Ok(Flow::Continue)
    }

    /// Commands that are settings: with a value they set it, without one they tell it.
    fn setting(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        let name = match name {
            ".format" => "mode",
            other => other.trim_start_matches('.'),
        };
        match value {
            Some(value) => self.settings.set(name, value),
            None => self.line(&self.settings.value(name)),
        }
    }

    fn param(&mut self, line: &Line<'_>) -> Result<()> {
        if line.arguments.is_empty() {
            for (name, value) in self.params.clone() {
                self.line(&format!("{name}={value}"))?;
            }
        }
        for argument in &line.arguments {
            if argument == "clear" {
                self.params.clear();
                continue;
            }
            let (name, value) = pair(argument)?;
            self.params.retain(|(known, _)| known != &name);
            self.params.push((name, value));
        }
        Ok(())
    }

    async fn run_query(&mut self, line: &Line<'_>) -> Result<()> {
        let Some((name, given)) = line.arguments.split_first() else {
            return self.queries(None);
        };
        self.follow()?;
        let given = given
            .iter()
            .map(|argument| pair(argument.trim_end_matches([';', '；'])))
            .collect::<Result<Vec<_>>>()?;
        let query = self
            .library()?
            .get(name.trim_end_matches([';', '；']))?
            .clone();
        let watch = Watch::start();
        let facts = facts(&self.session, (self.console.now)().date_naive()).await?;
        let values = query.bind(&given, &facts)?;
        let statement = self.session.statements(&query.sql)?;
        let Some(statement) = statement.into_iter().next() else {
            return Ok(());
        };
        let plan = self.session.plan(statement, &values).await?;
        let running = self.session.run(plan).await?;
        let caption = Caption {
            title: Some(if self.zh() {
                query.title_zh.clone()
            } else {
                query.title.clone()
            }),
            unit: query.unit.clone(),
            notes: vec![format!("snapshot {}", self.session.snapshot().id)],
            vertical: false,
        };
        self.dressed = Some(self.catalog_dictionary().with_query(&query));
        self.deliver(running, caption, watch).await
    }

    async fn explain(&mut self, sql: &str) -> Result<()> {
        self.follow()?;
        let rows = self.session.rows(sql, &[]).await?;
        for batch in &rows {
            let plans = batch.columns().last().map(|column| {
                let texts = arrow::array::AsArray::as_string_opt::<i32>(column.as_ref());
                texts.map_or_else(Vec::new, |texts| {
                    texts.iter().flatten().map(str::to_owned).collect()
                })
            });
            for plan in plans.into_iter().flatten() {
                self.page(format!("{}\n", plan.trim_end()).as_bytes())?;
            }
        }
        Ok(())
    }

    fn chart(&mut self, line: &Line<'_>) -> Result<()> {
        let held = self.held.as_ref().ok_or_else(no_result)?;
        let mut columns = line.arguments.clone();
        let kind = match columns.first().map(String::as_str) {
            Some("bar") => Some(Kind::Bar),
            Some("line") => Some(Kind::Line),
            Some("pyramid") => Some(Kind::Pyramid),
            _ => None,
        };
        if kind.is_some() {
            columns.remove(0);
        }
        let (width, height) = (self.console.size)().unwrap_or((80, 24));
        let request = Request {
            kind,
            columns,
            title: held.title.clone(),
            unit: held.unit.clone(),
        };
        let canvas = Canvas {
            width: self.settings.width.unwrap_or(width),
            height,
            color: self.console.color,
            lang: self.settings.lang,
        };
        let text = chart(&held.schema, &held.batches, &request, &canvas)?;
        self.page(text.as_bytes())
    }

    fn crosstab(&mut self, line: &Line<'_>) -> Result<()> {
        let held = self.held.as_ref().ok_or_else(no_result)?;
        let pivoted = crosstab(&held.schema, &held.batches, &line.arguments)?;
        let result = Held {
            title: held.title.clone(),
            unit: held.unit.clone(),
            ..Held::new(pivoted.batch.schema(), vec![pivoted.batch])
        };
        self.keep(result);
        self.show_held(self.settings.mode, false)?;
        if let Some(note) = pivoted.note {
            self.note(&note);
        }
        Ok(())
    }

    /// Runs `SECONDS SQL` again and again; the last statement when there is no SQL.
    async fn watch(&mut self, rest: &str) -> Result<()> {
        let (first, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (seconds, sql) = match first.parse::<f64>() {
            Ok(seconds) => (seconds, after.trim()),
            Err(_) => (2.0, rest),
        };
        if !(0.1..=86_400.0).contains(&seconds) {
            return Err(Error::usage(msg!(
                "give the seconds between two runs: `.watch 5`",
                "请给出间隔秒数：`.watch 5`"
            )));
        }
        let sql = match (sql, &self.last_sql) {
            ("", Some(last)) => last.clone(),
            ("", None) => return Err(no_result()),
            (sql, _) => sql.to_owned(),
        };
        let interrupt = Arc::clone(&self.console.interrupt);
        loop {
            match self.statement(&sql, false, 1).await {
                Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
                other => other?,
            }
            tokio::select! {
                () = interrupt.notified() => return Ok(()),
                () = tokio::time::sleep(Duration::from_secs_f64(seconds)) => {}
            }
        }
    }

    async fn read(&mut self, path: &str) -> Result<Flow> {
        if self.depth >= DEEPEST {
            return Err(Error::usage(msg!(
                "`.read` goes too deep: does a file read itself?",
                "`.read` 嵌套过深：文件是否读取了自身？"
            )));
        }
        let text = fs_err::read_to_string(self.path(path)).map_err(|error| {
            Error::usage(msg!("cannot read `{path}`", "无法读取 `{path}`"))
                .caused_by(msg!("{error}", "{error}"))
        })?;
        self.depth += 1;
        let outcome = Box::pin(self.script(&text, Some(path), false)).await;
        self.depth -= 1;
        outcome
    }

    async fn export(&mut self, line: &Line<'_>) -> Result<()> {
        let [name, to, given @ ..] = line.arguments.as_slice() else {
            return Err(Error::usage(msg!(
                "write `.export TABLE|QUERY PATH`",
                "用法：`.export 表|查询 路径`"
            )));
        };
        self.follow()?;
        let path = self.path(to);
        let folder = path.extension().is_none();
        let format = if folder {
            Format::Parquet
        } else {
            Format::from_path(&path).ok_or_else(|| {
                Error::usage(msg!(
                    "the format of `{to}` is not clear from its name",
                    "无法从文件名 `{to}` 判断格式"
                ))
            })?
        };
        let names = self.session.table_names();
        let table = table_named(name, folder && given.is_empty(), &names, self.library()?);
        let (sql, values, title, unit, partition) = match table {
            Some(table) => (
                format!("SELECT * FROM \"{}\"", table.replace('"', "\"\"")),
                Vec::new(),
                None,
                None,
                self.warehouse
                    .catalog()
                    .tables
                    .get(table)
                    .and_then(|table| table.partition.clone()),
            ),
            None => {
                let query = self.library()?.get(name)?;
                let given = given
                    .iter()
                    .map(|argument| pair(argument))
                    .collect::<Result<Vec<_>>>()?;
                let facts = facts(&self.session, (self.console.now)().date_naive()).await?;
                let title = if self.zh() {
                    &query.title_zh
                } else {
                    &query.title
                };
                (
                    query.sql.clone(),
                    query.bind(&given, &facts)?,
                    Some(title.clone()),
                    query.unit.clone(),
                    None,
                )
            }
        };
        let target = Target {
            path,
            format,
            encoding: TextEncoding::Utf8,
            folder,
            partition: partition.filter(|_| folder),
            title,
            unit,
            lang: self.settings.lang,
        };
        let keys = self.warehouse.keys().ok();
        let request = Export {
            name: name.clone(),
            sql,
            values,
            key_id: keys.map(|keys| keys.key_id().to_owned()),
        };
        let running = export(&self.session, &request, &target, (self.console.now)());
        let done = tokio::select! {
            () = self.console.interrupt.notified() => return Err(interruption()),
            done = running => done?,
        };
        let (rows, manifest) = (done.rows, done.manifest.display());
        let counted = counted(rows as u64, "row", "rows");
        self.note(&msg!(
            "{counted} exported, manifest `{manifest}`",
            "已导出 {rows} 行，清单 `{manifest}`"
        ));
        Ok(())
    }
}

/// The argument that a command cannot do without.
pub(super) fn needed(line: &Line<'_>, what: &str) -> Result<String> {
    let name = line.name;
    line.arguments
        .first()
        .filter(|text| !text.trim().is_empty())
        .cloned()
        .ok_or_else(|| {
            Error::usage(msg!(
                "`{name}` needs {what}: `.help {name}`",
                "`{name}` 缺少参数 {what}，见 `.help {name}`"
            ))
        })
}

/// Splits `name=value`.
fn pair(text: &str) -> Result<(String, String)> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((
            name.trim().trim_start_matches('$').to_owned(),
            value.trim().to_owned(),
        )),
        _ => Err(Error::usage(msg!(
            "expected NAME=VALUE, not `{text}`",
            "应为 名称=值，而不是 `{text}`"
        ))),
    }
}
