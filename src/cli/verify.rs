//! `renkou verify`: the outbox against its manifests.

use std::path::PathBuf;

use super::App;
use crate::domain::wording::counted;
use crate::error::{Error, Message, Result};
use crate::export::{Verified, verify};
use crate::msg;

/// Check the files of an outbox against their manifests
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The outbox, the folder of a schedule, a slot or its manifest [default: the warehouse's outbox]
    path: Option<PathBuf>,
}

pub(super) fn run(app: &App, args: VerifyArgs) -> Result<()> {
    let path = match args.path {
        Some(path) => path,
        None => app.warehouse()?.folder().join("outbox"),
    };
    let found = verify(&path)?;
    let (slots, files) = (found.slots, found.files);
    if !found.differences.is_empty() {
        return Err(differing(&found));
    }
    let (all, good) = (
        counted(slots as u64, "slot", "slots"),
        counted(files as u64, "file", "files"),
    );
    app.ui.note(&msg!(
        "{all}, {good}: everything is as the manifests say",
        "{slots} 次结果，{files} 个文件：均与清单一致"
    ));
    Ok(())
}

/// What differs, as the failure of a command.
pub(super) fn differing(found: &Verified) -> Error {
    let count = found.differences.len();
    let things = counted(count as u64, "difference", "differences");
    let mut error = Error::work(msg!(
        "{things} from the manifest",
        "与清单有 {count} 处不同"
    ));
    for (path, Message { en, zh }) in &found.differences {
        let shown = path.display();
        error = error.caused_by(msg!("`{shown}` {en}", "`{shown}` {zh}"));
    }
    error
}
