//! Opening what was handed in: one file, a folder, an archive — as a list of inputs, each with its
//! hash, its container and the sheets or the text head that recognition looks at.

use std::fs::File;
use std::io::{BufReader, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::archive;
use super::container::{Container, sniff};
use super::delimited::{Dialect, dialect, split};
use super::encoding::{Encoding, decode_block, detect, last_line_end};
use super::markup;
use super::rows::Rows;
use super::workbook::{Workbook, read as read_workbook};
use crate::catalog::nearest;
use crate::error::{Context, Error, Result};
use crate::msg;
use crate::warehouse::hex;

/// How much of a text file recognition looks at.
const HEAD: u64 = 1 << 20;

/// One file handed in, or one member of an archive.
#[derive(Debug, Clone)]
pub struct Input {
    /// How people call it: its path as given, `archive.zip/member` for members.
    pub name: String,
    origin: Origin,
}

#[derive(Debug, Clone)]
enum Origin {
    File(PathBuf),
    Member(std::sync::Arc<Vec<u8>>),
}

/// Anything that can be read and sought.
pub(super) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

/// What is inside.
#[derive(Debug)]
pub(super) enum Content {
    /// Text with separated values: its dialect and its first rows.
    Text { dialect: Dialect, head: Rows },
    /// Sheets.
    Workbook(Workbook),
}

impl Input {
    /// The name without folders.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.name.rsplit(['/', '\\']).next().unwrap_or(&self.name)
    }

    /// The path of a file on disk; `None` for members of archives.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Member(_) => None,
        }
    }

    /// A reader from the start.
    pub(super) fn reader(&self) -> Result<Box<dyn Source>> {
        Ok(match &self.origin {
            Origin::File(path) => Box::new(open(path)?),
            Origin::Member(bytes) => Box::new(Cursor::new(Shared(std::sync::Arc::clone(bytes)))),
        })
    }

    /// SHA-256 of the bytes, and how many there are.
    pub(super) fn hash(&self) -> Result<(String, u64)> {
        let mut reader = self.reader()?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut bytes = 0;
        loop {
            let read = reader.read(&mut buffer)?;
            if read == 0 {
                return Ok((hex(&hasher.finalize()), bytes));
            }
            bytes += read as u64;
            hasher.update(&buffer[..read]);
        }
    }

    /// What kind of file it is.
    pub(super) fn container(&self) -> Result<Container> {
        sniff(&mut self.reader()?)
    }

    /// Opens it for recognition and, for workbooks, for loading.
    pub(super) fn content(
        &self,
        container: &Container,
        encoding: Option<Encoding>,
    ) -> Result<Content> {
        match container {
            Container::Delimited => self.text(encoding),
            Container::Html | Container::SpreadsheetMl => {
                Ok(Content::Workbook(markup::read(&self.bytes()?, container)?))
            }
            Container::Unsupported(reason) => Err(reason.clone().error()),
            _ => Ok(Content::Workbook(read_workbook(self.bytes()?, container)?)),
        }
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn text(&self, encoding: Option<Encoding>) -> Result<Content> {
        let mut head = Vec::new();
        self.reader()?.take(HEAD).read_to_end(&mut head)?;
        let encoding = match encoding {
            Some(encoding) => encoding,
            None => detect(&head)?,
        };
        let whole = (head.len() as u64) < HEAD;
        let end = if whole {
            head.len()
        } else {
            last_line_end(&head, encoding).unwrap_or(head.len())
        };
        let text = decode_block(&head[mark(encoding, &head)..end], encoding, 1)?;
        let dialect = dialect(encoding, &text);
        let head = split(&text, dialect, 1);
        Ok(Content::Text { dialect, head })
    }

    /// A reader of the text after any byte order mark, in an encoding whose bytes can be cut at
    /// newlines: UTF-16 comes as UTF-8.
    pub(super) fn text_reader(&self, dialect: Dialect) -> Result<(Box<dyn Read + Send>, Dialect)> {
        let mut reader = self.reader()?;
        match dialect.encoding {
            Encoding::Utf16Le | Encoding::Utf16Be => {
                let mut bytes = Vec::new();
                reader.read_to_end(&mut bytes)?;
                let start = mark(dialect.encoding, &bytes);
                let text = decode_block(&bytes[start..], dialect.encoding, 1)?.into_owned();
                Ok((
                    Box::new(Cursor::new(text.into_bytes())),
                    Dialect {
                        encoding: Encoding::Utf8,
                        ..dialect
                    },
                ))
            }
            encoding => {
                let mut start = [0; 3];
                let read = read_up_to(&mut reader, &mut start)?;
                reader.seek(SeekFrom::Start(mark(encoding, &start[..read]) as u64))?;
                let encoding = if encoding == Encoding::Utf8Bom {
                    Encoding::Utf8
                } else {
                    encoding
                };
                Ok((
                    Box::new(BufReader::with_capacity(1 << 16, reader)),
                    Dialect {
                        encoding,
                        ..dialect
                    },
                ))
            }
        }
    }
}

/// All inputs below the given paths, in a stable order; archives are opened.
///
/// # Errors
/// When a path does not exist. A broken archive is an error of its own input, not of the others.
pub(super) fn inputs(
    paths: &[PathBuf],
) -> Result<Vec<std::result::Result<Input, (String, Error)>>> {
    let mut inputs = Vec::new();
    for path in paths {
        let metadata = fs_err::metadata(path).map_err(|error| absent(path, &error))?;
        if metadata.is_dir() {
            for file in files_below(path)? {
                add(&file, &mut inputs);
            }
        } else {
            add(path, &mut inputs);
        }
    }
    Ok(inputs)
}

/// Why a path cannot be looked at, and which one may be meant instead.
fn absent(path: &Path, error: &std::io::Error) -> Error {
    let shown = path.display();
    if error.kind() == ErrorKind::PermissionDenied {
        return Error::usage(msg!(
            "no permission to read `{shown}`",
            "没有权限读取 `{shown}`"
        ))
        .hint(msg!(
            "ask the owner of the file or its folder for permission to read it",
            "请向文件或文件夹的所有者申请读取权限"
        ));
    }
    if error.kind() != ErrorKind::NotFound {
        return Error::usage(msg!("cannot look at `{shown}`", "无法查看 `{shown}`"))
            .caused_by(msg!("{error}", "{error}"));
    }
    let missing = Error::usage(msg!("there is no `{shown}`", "找不到 `{shown}`"));
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return missing,
    };
    if !folder.is_dir() {
        let folder = folder.display();
        return missing.hint(msg!(
            "there is no folder `{folder}` either",
            "文件夹 `{folder}` 也不存在"
        ));
    }
    let names: Vec<String> = fs_err::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(name) => {
            let near = path.with_file_name(name);
            let near = near.display();
            missing.hint(msg!("did you mean `{near}`?", "是否为 `{near}`？"))
        }
        None => missing.hint(msg!(
            "name files, folders or zip archives that exist, seen from the current folder",
            "请给出存在的文件、文件夹或压缩包，路径从当前文件夹算起"
        )),
    }
}

fn add(path: &Path, inputs: &mut Vec<std::result::Result<Input, (String, Error)>>) {
    let name = path.display().to_string();
    let input = Input {
        name: name.clone(),
        origin: Origin::File(path.to_owned()),
    };
    match input.container() {
        Ok(Container::Zip) => {
            let members = open(path).and_then(archive::members).context(|| {
                msg!(
                    "cannot open the archive `{name}`",
                    "无法打开压缩包 `{name}`"
                )
            });
            match members {
                Ok(members) => {
                    let mut members: Vec<Input> = members
                        .into_iter()
                        .map(|member| Input {
                            name: format!("{name}/{}", member.name),
                            origin: Origin::Member(std::sync::Arc::new(member.bytes)),
                        })
                        .collect();
                    members.sort_by(|a, b| a.name.cmp(&b.name));
                    inputs.extend(members.into_iter().map(Ok));
                }
                Err(error) => inputs.push(Err((name, error))),
            }
        }
        Ok(_) => inputs.push(Ok(input)),
        Err(error) => inputs.push(Err((name, error))),
    }
}

/// Files below a folder, sorted; hidden files, lock files of Office and documents are not data.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    const DOCUMENTS: [&str; 14] = [
        "md", "yaml", "yml", "json", "pdf", "doc", "docx", "ppt", "pptx", "png", "jpg", "jpeg",
        "gif", "log",
    ];
    let mut files = Vec::new();
    let mut entries: Vec<_> = fs_err::read_dir(folder)?.collect::<std::result::Result<_, _>>()?;
    entries.sort_by_key(fs_err::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.')
            || name.starts_with("~$")
            || name == "Thumbs.db"
            || name == "desktop.ini"
        {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            let extension = path
                .extension()
                .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
            if !extension.is_some_and(|extension| DOCUMENTS.contains(&extension.as_str())) {
                files.push(path);
            }
        }
    }
    Ok(files)
}

fn open(path: &Path) -> Result<File> {
    Ok(fs_err::File::open(path)?.into_parts().0)
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Length of the byte order mark at the start.
fn mark(encoding: Encoding, head: &[u8]) -> usize {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom if head.starts_with(b"\xEF\xBB\xBF") => 3,
        Encoding::Utf16Le if head.starts_with(b"\xFF\xFE") => 2,
        Encoding::Utf16Be if head.starts_with(b"\xFE\xFF") => 2,
        _ => 0,
    }
}

/// Bytes of an archive member, shared by its readers.
#[derive(Debug)]
struct Shared(std::sync::Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
