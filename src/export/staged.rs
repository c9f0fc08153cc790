//! A file that is written beside its place and renamed when it is complete.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::msg;

/// A file that appears under its name only when it is complete.
#[derive(Debug)]
pub struct Staged {
    path: PathBuf,
    staged: PathBuf,
    published: bool,
}

impl Staged {
    /// Prepares to write `path`.
    ///
    /// # Errors
    /// When it is not a file name.
    pub fn create(path: &Path) -> Result<Self> {
        let name = path.file_name().ok_or_else(|| {
            let shown = path.display();
            Error::usage(msg!("`{shown}` is not a file name", "`{shown}` 不是文件名"))
        })?;
        let staged = path.with_file_name(format!(
            ".{}.{}.tmp",
            name.to_string_lossy(),
            std::process::id()
        ));
        Ok(Self {
            path: path.to_owned(),
            staged,
            published: false,
        })
    }

    /// Where it is written meanwhile.
    #[must_use]
    pub fn staged_path(&self) -> &Path {
        &self.staged
    }

    /// Opens the file to write.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn file(&self) -> Result<fs_err::File> {
        Ok(fs_err::File::create(&self.staged)?)
    }

    /// Makes it appear under its name, durably.
    ///
    /// # Errors
    /// When it cannot be synced or renamed.
    pub fn publish(mut self) -> Result<()> {
        fs_err::OpenOptions::new()
            .write(true)
            .open(&self.staged)?
            .sync_all()?;
        fs_err::rename(&self.staged, &self.path)?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.published {
            let _ = fs_err::remove_file(&self.staged);
        }
    }
}
