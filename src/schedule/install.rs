//! What starts the schedules without anybody: a systemd unit or a line of cron. Pure: it only says
//! what would be written.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::warehouse::hex;

/// What starts the schedules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A service of the user's systemd that keeps running.
    Systemd,
    /// A line of the user's crontab that looks every minute.
    Cron,
}

/// What an installation writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// The file; `None` for the crontab, which only `crontab` may write.
    pub path: Option<PathBuf>,
    /// Its text, or the line.
    pub text: String,
    /// Ends the line of this warehouse in a crontab, so that it is found again.
    pub mark: String,
    /// Commands that put it to work.
    pub then: Vec<String>,
}

/// What it takes to run the schedules of `warehouse` with `program`; `config` is the user's folder
/// of configuration.
#[must_use]
pub fn installation(unit: Unit, program: &Path, warehouse: &Path, config: &Path) -> Installation {
    let folder = warehouse.display().to_string();
    let id = &hex(&Sha256::digest(folder.as_bytes()))[..8];
    let program = program.display().to_string();
    match unit {
        Unit::Systemd => {
            let name = format!("renkou-{id}.service");
            let (program, quoted) = (systemd(&program), systemd(&folder));
            let text = format!(
                "# Runs the schedules of {folder}\n\
                 [Unit]\n\
                 Description=Renkou schedules\n\
                 \n\
                 [Service]\n\
                 ExecStart={program} --warehouse {quoted} schedule run\n\
                 Restart=on-failure\n\
                 RestartSec=30\n\
                 TimeoutStopSec=120\n\
                 KillSignal=SIGTERM\n\
                 \n\
                 [Install]\n\
                 WantedBy=default.target\n"
            );
            Installation {
                path: Some(config.join("systemd").join("user").join(&name)),
                text,
                mark: format!("renkou-{id}"),
                then: vec![
                    "systemctl --user daemon-reload".to_owned(),
                    format!("systemctl --user enable --now {name}"),
                    "loginctl enable-linger".to_owned(),
                ],
            }
        }
        Unit::Cron => {
            let (program, folder) = (cron(&program), cron(&folder));
            let mark = format!("# renkou-{id}");
            Installation {
                path: None,
                text: format!(
                    "* * * * * {program} --warehouse {folder} schedule run --once {mark}\n"
                ),
                mark,
                then: Vec::new(),
            }
        }
    }
}

/// A word of `ExecStart`.
fn systemd(word: &str) -> String {
    let escaped = word
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('%', "%%")
        .replace('$', "$$");
    format!("\"{escaped}\"")
}

/// A word of a crontab line: quoted for the shell, percent signs for cron.
fn cron(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''").replace('%', "\\%"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_blanks_and_signs_stay_whole() {
        let of = |unit| {
            installation(
                unit,
                Path::new("/usr/bin/renkou"),
                Path::new("/data/50% off's"),
                Path::new("/root/.config"),
            )
        };
        let line = of(Unit::Cron);
        assert!(
            line.text.starts_with(
                "* * * * * '/usr/bin/renkou' --warehouse '/data/50\\% off'\\''s' schedule run --once # renkou-"
            ),
            "{}",
            line.text
        );
        let unit = of(Unit::Systemd);
        assert!(
            unit.text.contains(
                "ExecStart=\"/usr/bin/renkou\" --warehouse \"/data/50%% off's\" schedule run\n"
            ),
            "{}",
            unit.text
        );
        let path = unit.path.unwrap();
        assert!(path.starts_with("/root/.config/systemd/user"));
    }
}
