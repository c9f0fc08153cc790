//! What was typed before: kept over sessions in a file of its own, one record per statement however
//! many lines it has, readable by its owner alone. Entry points: [`History::load`],
//! [`History::add`], [`History::search`].
//! Never writes what [`is_private`] says is private, nor anything typed while identities are open:
//! such statements can be called back in the session that typed them, and are gone with it.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{Context as _, Result};
use crate::msg;

use super::fuzzy::{self, Found};
pub use super::privacy::is_private;

/// Records that are kept.
const LIMIT: usize = 10_000;
/// Records above the limit that a file may hold before it is written anew.
const SLACK: usize = 1_000;

/// Statements and commands, oldest first.
#[derive(Debug, Default)]
pub struct History {
    path: Option<PathBuf>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    text: String,
    /// Known to this session alone.
    is_secret: bool,
}

impl History {
    /// A history of this session alone.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The history in the file `path`, which need not exist yet; its folder is made when needed.
    /// Records that cannot be read are left out, and a file that has grown too long is shortened.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(path: &Path) -> Result<Self> {
        let mut history = Self {
            path: Some(path.to_owned()),
            entries: Vec::new(),
        };
        let bytes = match fs_err::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(history),
            Err(error) => return Err(error).context(not_readable),
        };
        let (texts, records) = decode(&bytes);
        if records > LIMIT + SLACK || texts.len() < records {
            // Losing the race against another session, or the disk being full, costs nothing.
            let _ = shorten(path);
        }
        history.entries = texts
            .into_iter()
            .map(|text| Entry {
                text,
                is_secret: false,
            })
            .collect();
        history.forget_old();
        Ok(history)
    }

    /// Adds what was typed; `unsealed` says that identities were open when it ran. Gives whether it
    /// was stored in the file.
    ///
    /// # Errors
    /// When the file cannot be written; the session still knows the text.
    pub fn add(&mut self, text: &str, unsealed: bool) -> Result<bool> {
        let is_secret = unsealed || is_private(text);
        let text = text.trim();
        if text.is_empty() || self.entries.last().is_some_and(|last| last.text == text) {
            return Ok(false);
        }
        self.entries.push(Entry {
            text: text.to_owned(),
            is_secret,
        });
        self.forget_old();
        match &self.path {
            Some(path) if !is_secret => append(path, text).context(|| {
                msg!(
                    "the history file could not be written",
                    "无法写入历史记录文件"
                )
            }),
            _ => Ok(false),
        }
    }

    /// Forgets what is not in the file: when identities are closed again.
    pub fn forget_secrets(&mut self) {
        self.entries.retain(|entry| !entry.is_secret);
    }

    /// How many entries the session can call back.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing to call back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at `place`, from 0, oldest first, for calling it back in this session.
    #[must_use]
    pub fn get(&self, place: usize) -> Option<&str> {
        self.entries.get(place).map(|entry| entry.text.as_str())
    }

    /// What may be shown or stored, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.entries
            .iter()
            .filter(|entry| !entry.is_secret)
            .map(|entry| entry.text.as_str())
    }

    /// The entries that `query` finds, best first; [`Found::place`] is for [`Self::get`].
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<Found> {
        fuzzy::search(query, self.entries.iter().map(|entry| entry.text.as_str()))
    }

    fn forget_old(&mut self) {
        let surplus = self.entries.len().saturating_sub(LIMIT);
        self.entries.drain(..surplus);
    }
}

fn not_readable() -> crate::error::Message {
    msg!("the history file could not be read", "无法读取历史记录文件")
}

/// The texts in a history file, and how many records it has, good or bad.
fn decode(bytes: &[u8]) -> (Vec<String>, usize) {
    let mut texts: Vec<String> = Vec::new();
    let mut records = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        records += 1;
        if let Ok(text) = serde_json::from_slice::<String>(line)
            && !text.is_empty()
        {
            texts.push(text);
        }
    }
    (texts, records)
}

/// Writes one record at the end, in one piece: two sessions do not mix their lines.
fn append(path: &Path, text: &str) -> Result<bool> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut record = serde_json::to_vec(text)?;
    record.push(b'\n');
    let mut file = open_locked(path)?;
    if !ends_with_break(&mut file)? {
        record.insert(0, b'\n');
    }
    file.write_all(&record)?;
    Ok(true)
}

/// Opens the file for appending and locks it. A file that another session replaced meanwhile is
/// opened again, so that nothing is written into a file without a name.
fn open_locked(path: &Path) -> std::io::Result<fs_err::File> {
    let mut options = std::fs::OpenOptions::new();
    options.read(true).append(true).create(true);
    make_private(&mut options);
    let options = fs_err::OpenOptions::from_options(options);
    loop {
        let file = options.open(path)?;
        // A disk that knows no locks is still served.
        if let Err(error) = file.lock()
            && error.kind() != std::io::ErrorKind::Unsupported
        {
            return Err(error);
        }
        if is_still(path, &file)? {
            return Ok(file);
        }
    }
}

/// Whether the file ends with a line break; a session that was killed may have left half a record.
fn ends_with_break(file: &mut fs_err::File) -> std::io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Writes the file anew with the newest records that can be read.
fn shorten(path: &Path) -> Result<()> {
    let mut file = open_locked(path)?;
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_end(&mut bytes)?;
    let (texts, _) = decode(&bytes);
    let mut kept = Vec::with_capacity(bytes.len());
    for text in texts.iter().skip(texts.len().saturating_sub(LIMIT)) {
        serde_json::to_writer(&mut kept, text)?;
        kept.push(b'\n');
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    make_private(&mut options);
    let mut new = fs_err::OpenOptions::from_options(options).open(&beside)?;
    new.write_all(&kept)?;
    // The lock of the old file holds until the new one has its name.
    fs_err::rename(&beside, path)?;
    drop(file);
    Ok(())
}

#[cfg(unix)]
fn make_private(options: &mut std::fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn make_private(_options: &mut std::fs::OpenOptions) {}

#[cfg(unix)]
fn is_still(path: &Path, file: &fs_err::File) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let open = file.metadata()?;
    match fs_err::metadata(path) {
        Ok(named) => Ok(named.ino() == open.ino() && named.dev() == open.dev()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn is_still(_path: &Path, _file: &fs_err::File) -> std::io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(history: &History) -> Vec<&str> {
        history.entries().collect()
    }

    #[test]
    fn statements_of_many_lines_come_back_whole_in_the_next_session() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("history");
        let mut history = History::load(&path).unwrap();
        assert!(history.add("select 1,\n  '乡镇'", false).unwrap());
        assert!(history.add(".tables", false).unwrap());
        assert!(!history.add(".tables", false).unwrap());
        assert!(!history.add("  ", false).unwrap());
        let again = History::load(&path).unwrap();
        assert_eq!(texts(&again), ["select 1,\n  '乡镇'", ".tables"]);
    }

    #[test]
    fn what_is_private_is_known_to_the_session_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let mut history = History::load(&path).unwrap();
        assert!(!history.add(".unseal audit", false).unwrap());
        assert!(!history.add("select * from persons", true).unwrap());
        assert!(!history.add(" select 1", false).unwrap());
        assert!(!history.add("select 1 where name = '某某'", false).unwrap());
        assert!(history.add("select 2", false).unwrap());
        assert_eq!(history.len(), 5);
        assert_eq!(texts(&history), ["select 2"]);
        assert_eq!(texts(&History::load(&path).unwrap()), ["select 2"]);
        history.forget_secrets();
        assert_eq!(history.get(0), Some("select 2"));
    }

    #[test]
    fn two_sessions_write_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let writers: Vec<_> = (0..4)
            .map(|session| {
                let path = path.clone();
                std::thread::spawn(move || {
                    let mut history = History::load(&path).unwrap();
                    for number in 0..50 {
                        let text = format!("select {session},\n{number}");
                        assert!(history.add(&text, false).unwrap());
                        if number % 10 == 0 {
                            shorten(&path).unwrap();
                        }
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        assert_eq!(History::load(&path).unwrap().len(), 200);
    }

    #[test]
    fn broken_records_cost_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        fs_err::write(&path, b"\"select 1\"\n{oops\n\xff\xfe\n\"select 2\"\n\"sel").unwrap();
        let mut history = History::load(&path).unwrap();
        assert_eq!(texts(&history), ["select 1", "select 2"]);
        assert!(history.add("select 3", false).unwrap());
        assert_eq!(
            fs_err::read_to_string(&path).unwrap(),
            "\"select 1\"\n\"select 2\"\n\"select 3\"\n"
        );
        // Half a record at the end does not spoil the next one.
        fs_err::write(&path, b"\"select 1\"\n\"sel").unwrap();
        append(&path, "select 4").unwrap();
        assert_eq!(
            texts(&History::load(&path).unwrap()),
            ["select 1", "select 4"]
        );
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let many: String = (0..LIMIT + SLACK + 1)
            .map(|number| format!("\"select {number}\"\n"))
            .collect();
        fs_err::write(&path, many).unwrap();
        let history = History::load(&path).unwrap();
        assert_eq!(history.len(), LIMIT);
        assert_eq!(history.get(0), Some("select 1001"));
        assert_eq!(
            fs_err::read_to_string(&path).unwrap().lines().count(),
            LIMIT
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        let mode = |path: &Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
        History::load(&path)
            .unwrap()
            .add("select 1", false)
            .unwrap();
        assert_eq!(mode(&path), 0o600);
        shorten(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
    }
}
