//! Programs of the user's choice: the editor for a long statement, the pager for a long result.
//! Entry points: [`external_editor`], [`Pager`]. Which program is told by the caller, who knows the
//! environment. A statement may name a person, so its file is readable by the owner alone and gone
//! afterwards.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use crate::error::{Context as _, Error, Result};
use crate::msg;

/// The pager when the user names none: stays out of the way of what fits the screen, and lets
/// wide tables be moved sideways.
pub const DEFAULT_PAGER: &str = "less -SRFX";

/// Lets the user write `text` in the editor that `command` names (arguments allowed: `code --wait`)
/// and gives it back without its last line break. The file is made in `folder`, a temporary one.
///
/// # Errors
/// When the file cannot be made, the editor cannot be started or says that it failed.
pub fn external_editor(command: &str, text: &str, folder: &Path) -> Result<String> {
    let room = Room::new(folder).context(|| {
        let shown = folder.display();
        msg!(
            "no temporary file could be made in `{shown}`",
            "无法在 `{shown}` 中建立临时文件"
        )
    })?;
    let file = room.0.join("statement.sql");
    room.write(&file, text)?;
    let status = shell(command, Some(&file))
        .status()
        .context(|| cannot_start(command))?;
    if !status.success() {
        return Err(failed(command, status));
    }
    let written = fs_err::read_to_string(&file)?;
    Ok(written.trim_end_matches(['\n', '\r']).to_owned())
}

/// A running pager. Writing to one that the user has left is no error: the rest is not wanted.
#[derive(Debug)]
pub struct Pager {
    child: Child,
    /// Nothing once the user has left.
    into: Option<ChildStdin>,
}

impl Pager {
    /// Starts the pager that `command` names, arguments included.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn open(command: &str) -> Result<Self> {
        let mut child = shell(command, None)
            .stdin(Stdio::piped())
            // Otherwise less shows Chinese as codes where the locale is not set.
            .env("LESSCHARSET", "utf-8")
            // What is shown may name people: no searches kept on disk, and no keys that write files
            // (`s`, `!`, `v`), which a statement typed ahead would press.
            .env("LESSHISTFILE", "-")
            .env("LESSSECURE", "1")
            .spawn()
            .context(|| cannot_start(command))?;
        let into = child.stdin.take();
        Ok(Self { child, into })
    }

    /// Whether the user has left the pager, so that nothing more need be written.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.into.is_none()
    }

    /// Waits until the user leaves the pager. Gives `false` when the program was not there or could
    /// not run, so that nobody has seen what was written.
    ///
    /// # Errors
    /// When waiting fails.
    pub fn finish(mut self) -> Result<bool> {
        self.into = None;
        let status = self.child.wait()?;
        // The shell's codes for "not executable" and "not found".
        Ok(!matches!(status.code(), Some(126 | 127)))
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(into) = &mut self.into else {
            return Ok(bytes.len());
        };
        match into.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.into = None;
                Ok(bytes.len())
            }
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.into.as_mut().map_or(Ok(()), Write::flush) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.into = None;
                Ok(())
            }
            other => other,
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        // A pager that nobody waited for would fight the shell for the keyboard.
        self.into = None;
        let _ = self.child.wait();
    }
}

/// Shows `text` in the pager that `command` names and waits. Gives `false` when there is no such
/// program: then the caller writes the text itself.
///
/// # Errors
/// When writing or waiting fails.
pub fn page(command: &str, text: &str) -> Result<bool> {
    let Ok(mut pager) = Pager::open(command) else {
        return Ok(false);
    };
    pager.write_all(text.as_bytes())?;
    pager.finish()
}

/// A folder of one's own that goes away with everything in it.
struct Room(PathBuf);

impl Room {
    fn new(folder: &Path) -> io::Result<Self> {
        let process = std::process::id();
        let mut number = 0_u32;
        loop {
            let path = folder.join(format!("renkou-edit-{process}-{number}"));
            match private_folder(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1_000 => {
                    number += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn write(&self, file: &Path, text: &str) -> io::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        private_file(&mut options);
        let mut file = fs_err::OpenOptions::from_options(options).open(file)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // Editors leave copies beside the file; all go.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

#[cfg(not(unix))]
fn private_folder(path: &Path) -> io::Result<()> {
    fs_err::create_dir(path)
}

#[cfg(unix)]
fn private_file(options: &mut std::fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private_file(_options: &mut std::fs::OpenOptions) {}

/// The user's command as the user's shell would run it, with the file as its last argument.
#[cfg(unix)]
fn shell(command: &str, file: Option<&Path>) -> Command {
    let mut process = Command::new("/bin/sh");
    let line = match file {
        Some(_) => format!("{command} \"$1\""),
        None => command.to_owned(),
    };
    process.args(["-c", &line, "sh"]).args(file);
    process
}

#[cfg(not(unix))]
fn shell(command: &str, file: Option<&Path>) -> Command {
    let mut words = command.split_whitespace();
    let mut process = Command::new(words.next().unwrap_or_default());
    process.args(words).args(file);
    process
}

fn cannot_start(command: &str) -> crate::error::Message {
    msg!("`{command}` could not be started", "无法启动 `{command}`")
}

fn failed(command: &str, status: ExitStatus) -> Error {
    let error = Error::work(msg!(
        "the editor `{command}` ended with {status}; the statement is as it was",
        "编辑器 `{command}` 异常结束（{status}），语句保持不变"
    ));
    match status.code() {
        Some(126 | 127) => error.hint(msg!(
            "name another one in RENKOU_EDITOR",
            "请在 RENKOU_EDITOR 中指定其他编辑器"
        )),
        _ => error,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_editor_changes_the_text_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let text = external_editor("sed -i s/1/乡镇/", "select 1,\n2", folder.path()).unwrap();
        assert_eq!(text, "select 乡镇,\n2");
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 0);
        let error = external_editor("false", "select 1", folder.path()).unwrap_err();
        assert!(
            error.to_string().contains("the statement is as it was"),
            "{error}"
        );
        let error = external_editor("no-such-editor-here 2>/dev/null", "select 1", folder.path());
        assert!(error.unwrap_err().hint_text().is_some());
        assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn nobody_else_can_read_what_is_edited() {
        let folder = tempfile::tempdir().unwrap();
        let editor =
            "sh -c 'stat -c %a \"$0\" \"$(dirname \"$0\")\" > \"$0.x\"; mv \"$0.x\" \"$0\"'";
        let text = external_editor(editor, "select 1", folder.path()).unwrap();
        assert_eq!(text, "600\n700");
    }

    #[test]
    fn a_pager_gets_the_text_and_may_be_left() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let command = format!("cat > {}", out.display());
        assert!(page(&command, "乡镇\n").unwrap());
        assert_eq!(fs_err::read_to_string(&out).unwrap(), "乡镇\n");
        // More than a pipe holds, to a pager that reads nothing.
        let long = "x".repeat(1 << 20);
        assert!(page("true", &long).unwrap());
        assert!(!page("no-such-pager-here 2>/dev/null", &long).unwrap());
        let mut pager = Pager::open("true").unwrap();
        while !pager.is_closed() {
            pager.write_all(long.as_bytes()).unwrap();
        }
        assert!(pager.finish().unwrap());
    }
}
