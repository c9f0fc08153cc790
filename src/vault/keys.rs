//! The key file of a warehouse: two secrets and a public id, in a small versioned text file.

use std::fmt::{self, Write as _};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use fs_err as fs;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::{folder_of, from_hex, sync_folder, to_hex};
use crate::error::{Context as _, Error, Result};
use crate::msg;

const FIRST_LINE: &str = "renkou keys 1";

/// A key file is some hundred bytes; whatever is longer is something else.
const LONGEST_FILE: u64 = 64 * 1024;

/// The secrets of one warehouse. They are wiped from memory on drop and never printed.
pub struct Keys {
    // Boxed, so that moving `Keys` leaves no copy behind on the stack.
    secrets: Box<Secrets>,
    key_id: String,
}

struct Secrets {
    pseudonym: [u8; 32],
    sealing: [u8; 32],
}

impl Drop for Secrets {
    fn drop(&mut self) {
        self.pseudonym.zeroize();
        self.sealing.zeroize();
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl Keys {
    /// Makes new random keys and writes them to `path`, which only the owner can read. The folder
    /// is made if need be (then private too). The file is on disk when this returns.
    ///
    /// # Errors
    /// The file exists already: keys are never overwritten, since identities sealed under them
    /// would be lost. No randomness; the disk refuses.
    pub fn create(path: &Path) -> Result<Self> {
        let shown = path.display();
        refuse_existing(path)?;
        let mut secrets = Box::new(Secrets {
            pseudonym: [0; 32],
            sealing: [0; 32],
        });
        getrandom::fill(&mut secrets.pseudonym)
            .and_then(|()| getrandom::fill(&mut secrets.sealing))
            .map_err(|error| {
                Error::work(msg!(
                    "the system gave no random numbers for new keys",
                    "系统未能提供生成密钥所需的随机数"
                ))
                .caused_by(msg!("{error}", "{error}"))
            })?;
        let keys = Self::of_secrets(secrets);
        keys.write(path).context(|| {
            msg!(
                "cannot write the key file `{shown}`",
                "无法写入密钥文件 `{shown}`"
            )
        })?;
        Ok(keys)
    }

    /// Reads the keys at `path`.
    ///
    /// # Errors
    /// Missing file; readable by others than its owner (Unix); cut short, garbled or from a newer
    /// version. None of them shows a byte of the file.
    pub fn load(path: &Path) -> Result<Self> {
        let shown = path.display();
        let unreadable = || {
            msg!(
                "cannot read the key file `{shown}`",
                "无法读取密钥文件 `{shown}`"
            )
        };
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::usage(msg!(
                    "there is no key file `{shown}`",
                    "找不到密钥文件 `{shown}`"
                ))
                .hint(msg!(
                    "put it back from your copy, or name it in RENKOU_KEY_FILE; statistics work without it, identities do not",
                    "请从备份恢复，或用 RENKOU_KEY_FILE 指明位置；没有密钥仍可统计，但无法接收或查看身份信息"
                )));
            }
            Err(error) => return Err(error).context(unreadable),
        };
        refuse_shared(&file, path)?;
        let mut text = Zeroizing::new(String::with_capacity(4096));
        file.take(LONGEST_FILE)
            .read_to_string(&mut text)
            .map_err(|error| {
                damaged(error.kind() == ErrorKind::InvalidData).context(unreadable())
            })?;
        Self::parse(&text).map_err(|error| error.context(unreadable()))
    }

    /// A public name of these keys: 8 hexadecimal digits of a hash, safe to print and to store.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The key id as bytes.
    pub(super) fn key_id_bytes(&self) -> [u8; 4] {
        key_id(&self.secrets)
    }

    /// A key for one use, derived from the pseudonym secret.
    pub(super) fn pseudonym_key(&self, label: &str, kind: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.secrets.pseudonym, label, kind)
    }

    /// A key for one use, derived from the sealing secret.
    pub(super) fn sealing_key(&self, label: &str) -> Zeroizing<[u8; 32]> {
        derive(&self.secrets.sealing, label, "")
    }

    fn of_secrets(secrets: Box<Secrets>) -> Self {
        let key_id = to_hex(&key_id(&secrets));
        Self { secrets, key_id }
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().map(str::trim);
        match lines.next() {
            Some(FIRST_LINE) => {}
            Some(line) if line.starts_with("renkou keys ") => {
                return Err(Error::usage(msg!(
                    "it was made by a newer version of Renkou",
                    "该文件由更高版本的 Renkou 生成"
                )));
            }
            _ => return Err(damaged(true)),
        }
        let mut secrets = Box::new(Secrets {
            pseudonym: [0; 32],
            sealing: [0; 32],
        });
        let (mut id, mut found) = ("", [false; 2]);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (name, value) = line.split_once(':').ok_or_else(|| damaged(false))?;
            let secret = || from_hex(value.trim().as_bytes()).ok_or_else(|| damaged(false));
            match name {
                "id" => id = value.trim(),
                "pseudonym" => (secrets.pseudonym, found[0]) = (secret()?, true),
                "sealing" => (secrets.sealing, found[1]) = (secret()?, true),
                _ => return Err(damaged(false)),
            }
        }
        let keys = Self::of_secrets(secrets);
        if found != [true; 2] || keys.key_id != id {
            return Err(damaged(false));
        }
        Ok(keys)
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(1024));
        let _ = write!(
            text,
            "{FIRST_LINE}\n\
             # Secret. With this file and the warehouse anyone can read identities; without it they\n\
             # are lost for good (statistics are not). Keep a copy somewhere safe, not beside the warehouse.\n\
             # 密钥，须保密。凭此文件和仓库即可读出身份信息；丢失后身份信息无法恢复（统计不受影响）。\n\
             # 请另存备份，勿与仓库放在一起。\n\
             id: {}\npseudonym: ",
            self.key_id
        );
        let pseudonym = Zeroizing::new(to_hex(&self.secrets.pseudonym));
        let sealing = Zeroizing::new(to_hex(&self.secrets.sealing));
        text.push_str(&pseudonym);
        text.push_str("\nsealing: ");
        text.push_str(&sealing);
        text.push('\n');
        text
    }

    /// Writes beside `path`, syncs, renames. Two writers at once take turns at the lock of the
    /// unfinished file, so the second finds the finished one and leaves it alone.
    fn write(&self, path: &Path) -> Result<()> {
        let folder = folder_of(path);
        if !folder.exists() {
            fs::create_dir_all(folder)?;
            make_private(folder, 0o700)?;
            sync_folder(folder_of(folder))?;
        }
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".tmp");
        let unfinished = PathBuf::from(unfinished);
        let mut file = private_file(&unfinished)?;
        file.lock()?;
        refuse_existing(path)?;
        make_private(&unfinished, 0o600)?;
        file.set_len(0)?;
        file.write_all(self.text().as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)?;
        sync_folder(folder)?;
        Ok(())
    }
}

/// A checksum of the file and a name of the keys; 32 bits of a hash tell nothing about 512 secret ones.
fn key_id(secrets: &Secrets) -> [u8; 4] {
    let digest = Sha256::new()
        .chain_update("renkou key id v1\0")
        .chain_update(secrets.pseudonym)
        .chain_update(secrets.sealing)
        .finalize();
    let mut id = [0; 4];
    id.copy_from_slice(&digest[..4]);
    id
}

/// HMAC-SHA-256 under `key`, ready to take a message.
pub(super) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC itself fills a key up with zeros to the hash's block; this way there is no error to meet.
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    Hmac::new((&*block).into())
}

/// HMAC as a key derivation function: independent keys for independent uses of one secret.
fn derive(secret: &[u8; 32], label: &str, kind: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = hmac(secret);
    mac.update(label.as_bytes());
    mac.update(&[0]);
    mac.update(kind.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn damaged(not_ours: bool) -> Error {
    let error = if not_ours {
        Error::usage(msg!(
            "it is not a Renkou key file",
            "它不是 Renkou 密钥文件"
        ))
    } else {
        Error::usage(msg!(
            "it is damaged: its contents do not match its checksum",
            "文件已损坏：内容与校验值不符"
        ))
    };
    error.hint(msg!("put it back from your copy", "请从备份恢复"))
}

fn refuse_existing(path: &Path) -> Result<()> {
    // A dangling link counts as existing: someone meant the keys to be elsewhere.
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::usage(msg!(
        "the key file `{shown}` exists already and is not overwritten",
        "密钥文件 `{shown}` 已存在，不会覆盖"
    ))
    .hint(msg!(
        "identities sealed under it can be read with it alone; move it away only if you have none",
        "用它封存的身份信息只能用它解开；确认没有此类数据才可移走"
    )))
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    fs::OpenOptions::from_options(options).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

#[cfg(unix)]
fn make_private(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn make_private(_path: &Path, _mode: u32) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn refuse_shared(file: &fs::File, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let shown = path.display();
    Err(Error::usage(msg!(
        "the key file `{shown}` is open to other users (mode {mode:03o})",
        "密钥文件 `{shown}` 对其他用户开放（权限 {mode:03o}）"
    ))
    .hint(msg!(
        "run `chmod 600 {shown}`; if the disk knows no permissions, keep the file elsewhere and name it in RENKOU_KEY_FILE",
        "请运行 `chmod 600 {shown}`；若磁盘不支持权限，请另存他处并用 RENKOU_KEY_FILE 指明"
    )))
}

#[cfg(not(unix))]
fn refuse_shared(_file: &fs::File, _path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
impl Keys {
    /// Fixed keys for tests: every byte of the secrets is `seed`.
    pub(super) fn fixed(seed: u8) -> Self {
        Self::of_secrets(Box::new(Secrets {
            pseudonym: [seed; 32],
            sealing: [seed; 32],
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Lang;

    fn place() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys").join("warehouse.key");
        (folder, path)
    }

    fn write_private(path: &Path, bytes: &[u8]) {
        fs::create_dir_all(folder_of(path)).unwrap();
        fs::write(path, bytes).unwrap();
        make_private(path, 0o600).unwrap();
    }

    #[test]
    fn what_was_created_is_loaded_again() {
        let (_folder, path) = place();
        let created = Keys::create(&path).unwrap();
        let loaded = Keys::load(&path).unwrap();
        assert_eq!(loaded.key_id(), created.key_id());
        assert_eq!(loaded.secrets.pseudonym, created.secrets.pseudonym);
        assert_eq!(loaded.secrets.sealing, created.secrets.sealing);
        assert_ne!(loaded.secrets.sealing, loaded.secrets.pseudonym);
        assert_eq!(loaded.key_id().len(), 8);
        let names: Vec<_> = fs::read_dir(folder_of(&path)).unwrap().collect();
        assert_eq!(names.len(), 1, "no unfinished file is left");
    }

    #[test]
    fn existing_keys_are_not_overwritten() {
        let (_folder, path) = place();
        Keys::create(&path).unwrap();
        let before = fs::read(&path).unwrap();
        let error = Keys::create(&path).unwrap_err();
        assert!(error.render(Lang::En).contains("not overwritten"));
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    #[test]
    fn of_many_creators_at_once_one_wins() {
        let (_folder, path) = place();
        fs::create_dir_all(folder_of(&path)).unwrap();
        let won: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Keys::create(&path)))
                .collect();
            let results = threads.into_iter().map(|thread| thread.join().unwrap());
            results
                .filter_map(|keys| keys.ok().map(|keys| keys.key_id))
                .collect()
        });
        assert_eq!(won, [Keys::load(&path).unwrap().key_id()]);
    }

    #[test]
    fn an_unfinished_file_of_a_dead_process_is_no_obstacle() {
        let (_folder, path) = place();
        let leftover = path.with_extension("key.tmp");
        write_private(&leftover, &[b'x'; 5000]);
        Keys::create(&path).unwrap();
        Keys::load(&path).unwrap();
        assert!(!leftover.exists());
    }

    #[cfg(unix)]
    #[test]
    fn file_and_folder_are_private_and_an_open_file_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, path) = place();
        Keys::create(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(folder_of(&path))), (0o600, 0o700));
        for open in [0o640, 0o604, 0o660, 0o644] {
            make_private(&path, open).unwrap();
            let error = Keys::load(&path).unwrap_err();
            assert!(error.render(Lang::En).contains("chmod 600"), "{error}");
        }
        make_private(&path, 0o400).unwrap();
        Keys::load(&path).unwrap();
    }

    #[test]
    fn every_truncation_is_an_error_that_shows_no_secret() {
        let (_folder, path) = place();
        let keys = Keys::create(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let secret = to_hex(&keys.secrets.pseudonym);
        // The last byte is the line end, which may go.
        for length in 0..whole.len() - 1 {
            write_private(&path, &whole[..length]);
            let error = Keys::load(&path).unwrap_err();
            assert!(!format!("{error:?}").contains(&secret[..8]));
        }
    }

    #[test]
    fn a_changed_digit_is_an_error() {
        let (_folder, path) = place();
        Keys::create(&path).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        for at in whole.find("\nid: ").unwrap() + 5..whole.len() {
            let mut bytes = whole.clone().into_bytes();
            if bytes[at].is_ascii_hexdigit() {
                bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
                write_private(&path, &bytes);
                Keys::load(&path).unwrap_err();
            }
        }
    }

    #[test]
    fn line_ends_of_windows_are_understood() {
        let (_folder, path) = place();
        let id = Keys::create(&path).unwrap().key_id;
        let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
        write_private(&path, text.as_bytes());
        assert_eq!(Keys::load(&path).unwrap().key_id(), id);
    }

    #[test]
    fn missing_foreign_and_newer_files_are_told_apart() {
        let (_folder, path) = place();
        let says = |path: &Path| Keys::load(path).unwrap_err().render(Lang::En);
        assert!(says(&path).contains("there is no key file"));
        write_private(&path, b"\xff\xfe\x00");
        assert!(says(&path).contains("not a Renkou key file"));
        write_private(&path, b"renkou keys 2\nanything");
        assert!(says(&path).contains("newer version"));
    }

    #[test]
    fn debug_shows_the_key_id_only() {
        let keys = Keys::fixed(7);
        assert_eq!(
            format!("{keys:?}"),
            format!("Keys {{ key_id: {:?}, .. }}", keys.key_id())
        );
    }
}
