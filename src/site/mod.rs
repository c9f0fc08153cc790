//! What the warehouse knows about its queries and tables -> a folder of HTML pages, in English and
//! Chinese, that needs no network and no server.
//!
//! Entry point: [`write`]. The pages are written aside and renamed, so that nobody reads half a
//! site. Never runs a query: sample rows and the tables that queries read come in a [`Site`].

mod index;
mod lineage;
mod page;
mod query_page;
mod table_page;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;

use crate::catalog::Catalog;
use crate::error::{Error, Lang, Result};
use crate::msg;
use crate::query::Library;

/// What the pages tell.
#[derive(Debug)]
pub struct Site<'a> {
    /// Departments, sources, tables, code lists.
    pub catalog: &'a Catalog,
    /// The queries.
    pub library: &'a Library,
    /// Names of the tables that each query reads.
    pub reads: BTreeMap<String, Vec<String>>,
    /// The first rows of each query with its default parameters, where it has any.
    pub samples: BTreeMap<String, Vec<RecordBatch>>,
    /// Rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Number and day of the snapshot.
    pub snapshot: (i64, String),
    /// The language that a reader without a choice sees.
    pub lang: Lang,
}

/// A file that only a site has: another folder is never replaced.
const MARK: &str = ".renkou-site";

/// Writes the site to `folder`, in the place of an older site; returns how many pages it has.
///
/// # Errors
/// When the folder holds something else, or files cannot be written.
pub fn write(site: &Site<'_>, folder: &Path) -> Result<usize> {
    let shown = folder.display();
    let is_taken = folder.exists()
        && !folder.join(MARK).exists()
        && (!folder.is_dir() || fs_err::read_dir(folder)?.next().is_some());
    if is_taken {
        return Err(Error::usage(msg!(
            "`{shown}` exists and is no site of this program",
            "`{shown}` 已存在，且不是本程序生成的网站"
        ))
        .hint(msg!("name another folder", "请换一个文件夹")));
    }
    let aside = beside(folder, "new")?;
    let _ = fs_err::remove_dir_all(&aside);
    let pages = match pages(site, &aside) {
        Ok(pages) => pages,
        Err(error) => {
            let _ = fs_err::remove_dir_all(&aside);
            return Err(error);
        }
    };
    if folder.exists() {
        let old = beside(folder, "old")?;
        let _ = fs_err::remove_dir_all(&old);
        fs_err::rename(folder, &old)?;
        fs_err::rename(&aside, folder)?;
        fs_err::remove_dir_all(&old)?;
    } else {
        fs_err::rename(&aside, folder)?;
    }
    Ok(pages)
}

fn beside(folder: &Path, what: &str) -> Result<PathBuf> {
    let name = folder.file_name().ok_or_else(|| {
        let shown = folder.display();
        Error::usage(msg!(
            "`{shown}` is not the name of a folder",
            "`{shown}` 不是文件夹名"
        ))
    })?;
    let name = name.to_string_lossy();
    Ok(folder.with_file_name(format!(".{name}.{what}.{}", std::process::id())))
}

fn pages(site: &Site<'_>, folder: &Path) -> Result<usize> {
    for part in ["queries", "tables"] {
        fs_err::create_dir_all(folder.join(part))?;
    }
    let mut pages = vec![("index.html".to_owned(), index::page(site))];
    for query in site.library {
        let path = format!("queries/{}.html", query.name);
        pages.push((path, query_page::page(site, query)?));
    }
    for table in site.catalog.tables.values() {
        let path = format!("tables/{}.html", table.name);
        pages.push((path, table_page::page(site, table)));
    }
    for (path, text) in &pages {
        fs_err::write(folder.join(path), text)?;
    }
    fs_err::write(folder.join(MARK), "")?;
    Ok(pages.len())
}
