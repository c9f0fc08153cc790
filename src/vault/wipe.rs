//! A growing buffer that leaves no copies of its content in freed memory.

use std::io::{self, Write};

use zeroize::Zeroize as _;

/// A `Vec` to write to that wipes what it outgrows and what it holds on drop.
#[derive(Default)]
pub(super) struct WipedBuffer(Vec<u8>);

impl WipedBuffer {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self(Vec::with_capacity(bytes))
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let length = self.0.len() + bytes.len();
        if length > self.0.capacity() {
            let mut larger = Vec::with_capacity(length.max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = larger;
        }
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The content, which is the caller's to guard from here on.
    pub(super) fn take(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl Drop for WipedBuffer {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Write for WipedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
