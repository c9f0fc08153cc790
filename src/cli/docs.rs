//! `renkou queries --docs`: an offline site about the queries and tables.

use std::path::Path;

use super::App;
use crate::error::Result;
use crate::query::Library;
use crate::warehouse::Warehouse;

/// Writes the site.
///
/// # Errors
/// When the warehouse cannot be asked or files cannot be written.
pub(super) async fn write(
    _app: &App,
    _warehouse: &Warehouse,
    _library: &Library,
    _folder: &Path,
) -> Result<()> {
    Ok(())
}
