//! `.help`, `.manual`, `.show`: the shell explains itself.

use super::Shell;
use super::command::{COMMANDS, Line, SETTINGS};
use super::commands::needed;
use crate::catalog::nearest;
use crate::error::{Error, Result};
use crate::msg;
use crate::output::display_width;

impl Shell {
    pub(super) fn help(&mut self, pattern: Option<&str>) -> Result<()> {
        let wanted = pattern.unwrap_or_default().to_lowercase();
        let zh = self.zh();
        let fits = |text: &str| text.to_lowercase().contains(&wanted);
        let mut lines = Vec::new();
        for command in COMMANDS {
            let aliases = command.aliases.join(" ");
            if !(fits(command.name) || fits(&aliases) || fits(command.en) || fits(command.zh)) {
                continue;
            }
            let usage = format!("{} {}", command.name, command.usage);
            let what = if zh { command.zh } else { command.en };
            let also = if aliases.is_empty() {
                String::new()
            } else {
                format!("  ({aliases})")
            };
            lines.push(format!("{usage:<42} {what}{also}"));
        }
        if lines.is_empty() {
            return Err(Error::usage(msg!(
                "no command fits `{wanted}`",
                "没有与 `{wanted}` 相符的命令"
            ))
            .hint(msg!("`.help` lists all", "`.help` 列出全部命令")));
        }
        if pattern.is_none() {
            let more = if zh {
                "语句以 `;` 结尾执行；以 `\\G` 结尾则逐列显示。Tab 补全，Ctrl-R 搜索历史，Ctrl-C 取消，Ctrl-D 退出。`_` 是上一个结果。"
            } else {
                "Statements end with `;`, or with `\\G` to show one value a line. Tab completes, Ctrl-R searches the history, Ctrl-C cancels, Ctrl-D leaves. `_` is the last result as a table."
            };
            lines.push(String::new());
            lines.push(more.to_owned());
        }
        let mut text = lines.join("\n");
        text.push('\n');
        self.page(text.as_bytes())
    }

    pub(super) fn manual(&mut self, line: &Line<'_>) -> Result<()> {
        let name = needed(line, "FUNCTION")?;
        let name = name.trim_end_matches(['(', ')', ';']).to_lowercase();
        let manuals = self.session.manuals();
        let found: Vec<_> = manuals.iter().filter(|entry| entry.name == name).collect();
        if found.is_empty() {
            let near = nearest(&name, manuals.iter().map(|entry| entry.name.as_str()));
            let error = Error::usage(msg!("there is no function `{name}`", "没有函数 `{name}`"));
            return Err(match near {
                Some(near) => error.hint(msg!("did you mean `{near}`?", "您是不是想用 `{near}`？")),
                None => error.hint(msg!("`.functions` lists all", "`.functions` 列出全部函数")),
            });
        }
        let mut text = String::new();
        for entry in found {
            text.push_str(&format!("{} · {}\n", entry.signature, entry.kind.as_str()));
            text.push_str(&format!("  {}\n", entry.summary.replace('\n', "\n  ")));
            for (argument, what) in &entry.arguments {
                text.push_str(&format!("  {argument}: {what}\n"));
            }
            if let Some(example) = &entry.example {
                text.push_str(&format!("\n  {}\n", example.replace('\n', "\n  ")));
            }
        }
        self.page(text.as_bytes())
    }

    pub(super) fn show_settings(&mut self) -> Result<()> {
        let zh = self.zh();
        for (name, _, en, chinese) in SETTINGS {
            let value = self.settings.value(name);
            let pad = " ".repeat(12_usize.saturating_sub(display_width(&value)));
            let what = if zh { chinese } else { en };
            self.line(&format!("{name:>10} = {value}{pad} {what}"))?;
        }
        Ok(())
    }
}
