//! Sealed blocks: identities as stored, unreadable and unchangeable without the key file.
//!
//! `form 1 byte · key id 4 · nonce 12 · ciphertext · tag 16`, AES-256-GCM-SIV (RFC 8452), with the
//! first five bytes and the caller's context as associated data.

use std::fmt;
use std::io::Write as _;

use aes_gcm_siv::aead::inout::InOutBuf;
use aes_gcm_siv::{AeadInOut as _, Aes256GcmSiv, KeyInit as _, Nonce, Tag};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use zeroize::Zeroizing;

use super::wipe::WipedBuffer;
use super::{Keys, to_hex};
use crate::error::{Context as _, Error, Result};
use crate::msg;

const LABEL: &str = "renkou seal v1";
const HEADER: usize = 5;
const NONCE: usize = 12;
const TAG: usize = 16;
const CONTENT: usize = HEADER + NONCE;
const ZSTD_LEVEL: i32 = 1;

/// Room for a block of some thousand rows, compressed; a larger one makes its buffer grow.
const USUAL_BLOCK: usize = 128 * 1024;

/// What a block holds; its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Bytes as given.
    Bytes = 1,
    /// One record batch: Arrow IPC stream, zstd.
    Batch = 2,
}

/// Seals and opens blocks under the sealing secret of a warehouse.
///
/// The *context* says what a block is and where it belongs (table, delivery, block number). A block
/// opens only under the context it was sealed with, so blocks cannot be swapped unnoticed.
#[derive(Clone)]
pub struct Sealer {
    cipher: Aes256GcmSiv,
    key_id: [u8; 4],
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("key_id", &to_hex(&self.key_id))
            .finish_non_exhaustive()
    }
}

impl Sealer {
    /// Seals under `keys`.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let key = keys.sealing_key(LABEL);
        Self {
            cipher: Aes256GcmSiv::new((&*key).into()),
            key_id: keys.key_id_bytes(),
        }
    }

    /// Seals `plain`. Sealing the same bytes twice gives different blocks.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let mut block = self.begin(Form::Bytes, plain.len())?;
        block.push(plain);
        self.finish(context, block)
    }

    /// What [`seal`](Self::seal) was given. The caller wipes it after use if it can.
    ///
    /// # Errors
    /// Another key or context; a block cut short or changed, be it by one bit. Nothing of the
    /// content is returned or shown then.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut plain = self.decrypt(Form::Bytes, context, sealed)?;
        Ok(std::mem::take(&mut *plain))
    }

    /// Seals one record batch (some thousand rows of identity columns) as a compressed block.
    ///
    /// # Errors
    /// A column type that Arrow IPC cannot write; no random numbers.
    pub fn seal_batch(&self, context: &str, batch: &RecordBatch) -> Result<Vec<u8>> {
        let block = self.begin(Form::Batch, USUAL_BLOCK)?;
        let block = write_batch(block, batch).context(|| {
            msg!(
                "cannot pack identities for sealing",
                "无法打包待封存的身份信息"
            )
        })?;
        self.finish(context, block)
    }

    /// The record batch that [`seal_batch`](Self::seal_batch) was given.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn open_batch(&self, context: &str, sealed: &[u8]) -> Result<RecordBatch> {
        let packed = self.decrypt(Form::Batch, context, sealed)?;
        // What Arrow says about content it cannot read may quote it, so it is not passed on.
        read_batch(&packed).ok_or_else(|| {
            Error::work(msg!(
                "the sealed block is genuine but holds no readable table",
                "封存块真实有效，但其中没有可读的表"
            ))
        })
    }

    fn begin(&self, form: Form, content: usize) -> Result<WipedBuffer> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| {
            Error::work(msg!(
                "the system gave no random numbers for sealing",
                "系统未能提供封存所需的随机数"
            ))
            .caused_by(msg!("{error}", "{error}"))
        })?;
        let mut block = WipedBuffer::with_capacity(CONTENT + content + TAG);
        block.push(&[form as u8]);
        block.push(&self.key_id);
        block.push(&nonce);
        Ok(block)
    }

    /// Encrypts in place what follows the nonce, and adds the tag.
    fn finish(&self, context: &str, mut block: WipedBuffer) -> Result<Vec<u8>> {
        let too_long = || {
            Error::work(msg!(
                "the block is too long to seal",
                "数据块过长，无法封存"
            ))
        };
        let (head, content) = block.bytes().split_at_mut(CONTENT);
        let associated = associated(&head[..HEADER], context);
        let nonce = Nonce::try_from(&head[HEADER..]).map_err(|_| too_long())?;
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, &associated, InOutBuf::from(content))
            .map_err(|_| too_long())?;
        block.push(&tag);
        Ok(block.take())
    }

    fn decrypt(&self, form: Form, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        self.try_decrypt(form, context, sealed).map_err(|error| {
            error.context(msg!("cannot open sealed identities", "无法解封身份信息"))
        })
    }

    fn try_decrypt(&self, form: Form, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let length = sealed.len();
        if length < CONTENT + TAG {
            return Err(Error::work(msg!(
                "the sealed block is cut short: {length} bytes",
                "封存块不完整：仅 {length} 字节"
            )));
        }
        let found = sealed[0];
        if found != form as u8 {
            return Err(Error::work(msg!(
                "the sealed block has form {found}, which is not the one expected here",
                "封存块的格式为 {found}，与此处要求的不符"
            ))
            .hint(msg!(
                "it is damaged, or made by a newer version of Renkou",
                "数据已损坏，或由更高版本的 Renkou 生成"
            )));
        }
        if sealed[1..HEADER] != self.key_id {
            let (theirs, ours) = (to_hex(&sealed[1..HEADER]), to_hex(&self.key_id));
            return Err(Error::work(msg!(
                "it was sealed under key {theirs}, and this is key {ours}",
                "它用密钥 {theirs} 封存，而当前密钥为 {ours}"
            ))
            .hint(msg!(
                "name the right key file in RENKOU_KEY_FILE",
                "请用 RENKOU_KEY_FILE 指明正确的密钥文件"
            )));
        }
        let changed = || {
            Error::work(msg!(
                "the sealed block was changed, or belongs elsewhere",
                "封存块被改动，或不属于此处"
            ))
            .hint(msg!(
                "restore the file that holds it from a copy; `renkou doctor` says which",
                "请从备份恢复所在文件；`renkou doctor` 会指出是哪一个"
            ))
        };
        let nonce = Nonce::try_from(&sealed[HEADER..CONTENT]).map_err(|_| changed())?;
        let tag = Tag::try_from(&sealed[length - TAG..]).map_err(|_| changed())?;
        let mut content = Zeroizing::new(sealed[CONTENT..length - TAG].to_vec());
        let associated = associated(&sealed[..HEADER], context);
        self.cipher
            .decrypt_inout_detached(&nonce, &associated, InOutBuf::from(&mut content[..]), &tag)
            .map_err(|_| changed())?;
        Ok(content)
    }
}

fn associated(header: &[u8], context: &str) -> Vec<u8> {
    [header, context.as_bytes()].concat()
}

fn write_batch(block: WipedBuffer, batch: &RecordBatch) -> Result<WipedBuffer> {
    let packer = zstd::Encoder::new(block, ZSTD_LEVEL)?;
    let mut writer = StreamWriter::try_new(packer, &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    let mut packer = writer.into_inner()?;
    packer.flush()?;
    Ok(packer.finish()?)
}

fn read_batch(packed: &[u8]) -> Option<RecordBatch> {
    let unpacker = zstd::Decoder::with_buffer(packed).ok()?;
    let mut reader = StreamReader::try_new(unpacker, None).ok()?;
    let batch = reader.next()?.ok()?;
    reader.next().is_none().then_some(batch)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int32Array, StringArray};

    use super::*;
    use crate::error::Lang;

    fn sealer(seed: u8) -> Sealer {
        Sealer::new(&Keys::fixed(seed))
    }

    fn people(rows: i32) -> RecordBatch {
        let names = (0..rows).map(|row| (row % 7 != 0).then(|| format!("某某{row}")));
        let numbers = (0..rows).map(|row| format!("1501211890{:08}", row * 7919));
        RecordBatch::try_from_iter_with_nullable([
            (
                "row",
                Arc::new(Int32Array::from_iter_values(0..rows)) as ArrayRef,
                false,
            ),
            (
                "name",
                Arc::new(names.collect::<StringArray>()) as ArrayRef,
                true,
            ),
            (
                "id_no",
                Arc::new(StringArray::from_iter_values(numbers)) as ArrayRef,
                true,
            ),
        ])
        .unwrap()
    }

    #[test]
    fn what_was_sealed_opens_again() {
        let sealer = sealer(1);
        for plain in [
            &b""[..],
            b"x",
            "某某 150121189001010023".as_bytes(),
            &[7; 100_000],
        ] {
            let sealed = sealer.seal("vault.persons/1", plain).unwrap();
            assert_eq!(sealed.len(), plain.len() + CONTENT + TAG);
            assert_eq!(sealer.open("vault.persons/1", &sealed).unwrap(), plain);
        }
    }

    /// `ciphertext` of RFC 8452, appendix C.2: the cipher behind is the standard one.
    #[test]
    fn the_cipher_gives_the_published_answer() {
        let mut key = [0; 32];
        key[0] = 1;
        let mut nonce = [0; 12];
        nonce[0] = 3;
        let mut text = [1, 0, 0, 0, 0, 0, 0, 0];
        let tag = Aes256GcmSiv::new((&key).into())
            .encrypt_inout_detached((&nonce).into(), b"", InOutBuf::from(&mut text[..]))
            .unwrap();
        assert_eq!(
            to_hex(&text) + &to_hex(&tag),
            "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"
        );
    }

    #[test]
    fn any_changed_bit_and_any_cut_is_an_error_without_content() {
        let sealer = sealer(1);
        let plain = "150121189001010023";
        for sealed in [
            sealer.seal("vault.persons/1", plain.as_bytes()).unwrap(),
            sealer.seal_batch("vault.persons/1", &people(2)).unwrap(),
        ] {
            let fails = |bytes: &[u8]| {
                let first = sealer.open("vault.persons/1", bytes).unwrap_err();
                let second = sealer.open_batch("vault.persons/1", bytes).unwrap_err();
                for text in [first.render(Lang::En), second.render(Lang::Zh)] {
                    assert!(!text.contains("1501211890"), "{text}");
                }
            };
            for at in 0..sealed.len() {
                for bit in 0..8 {
                    let mut changed = sealed.clone();
                    changed[at] ^= 1 << bit;
                    fails(&changed);
                }
                fails(&sealed[..at]);
            }
            fails(&[&sealed[..], b"x"].concat());
        }
    }

    #[test]
    fn another_key_or_context_does_not_open_it() {
        let sealed = sealer(1).seal("vault.persons/1", b"x").unwrap();
        let text = sealer(2)
            .open("vault.persons/1", &sealed)
            .unwrap_err()
            .render(Lang::En);
        assert!(
            text.contains("sealed under key") && text.contains("RENKOU_KEY_FILE"),
            "{text}"
        );
        let text = sealer(1)
            .open("vault.persons/2", &sealed)
            .unwrap_err()
            .render(Lang::En);
        assert!(text.contains("belongs elsewhere"), "{text}");
    }

    #[test]
    fn a_key_of_the_same_id_but_other_secrets_does_not_open_it() {
        let (one, mut other) = (sealer(1), sealer(2));
        other.key_id = one.key_id;
        let sealed = one.seal("a", b"x").unwrap();
        other.open("a", &sealed).unwrap_err();
    }

    #[test]
    fn bytes_and_batches_are_not_taken_for_each_other() {
        let sealer = sealer(1);
        let bytes = sealer.seal("a", b"x").unwrap();
        let batch = sealer.seal_batch("a", &people(1)).unwrap();
        sealer.open_batch("a", &bytes).unwrap_err();
        sealer.open("a", &batch).unwrap_err();
    }

    #[test]
    fn sealing_twice_gives_two_blocks() {
        let sealer = sealer(1);
        assert_ne!(
            sealer.seal("a", b"x").unwrap(),
            sealer.seal("a", b"x").unwrap()
        );
    }

    #[test]
    fn batches_come_back_whole_small_and_unreadable() {
        let sealer = sealer(1);
        for rows in [0, 1, 4096, 20_000] {
            let batch = people(rows);
            let sealed = sealer.seal_batch("vault.persons/1", &batch).unwrap();
            assert_eq!(
                sealer.open_batch("vault.persons/1", &sealed).unwrap(),
                batch
            );
            assert!(!sealed.windows(10).any(|bytes| bytes == b"1501211890"));
            if rows > 1000 {
                assert!(sealed.len() * 2 < batch.get_array_memory_size());
            }
        }
    }

    #[test]
    fn a_slice_of_a_batch_carries_its_own_rows_only() {
        let sealer = sealer(1);
        let whole = people(10_000);
        let slice = whole.slice(5000, 10);
        let sealed = sealer.seal_batch("a", &slice).unwrap();
        assert_eq!(sealer.open_batch("a", &sealed).unwrap(), slice);
        assert!(sealed.len() < 2000);
    }

    #[test]
    fn threads_share_it() {
        fn shared<T: Send + Sync + Clone>() {}
        shared::<Sealer>();
    }
}
