//! Parts of a request body that are not in memory.

use std::{fs::File, io, sync::Arc};

use bytes::Bytes;

use crate::push::Pushed;

/// Where a part of a body comes from. Cheap to clone; each attempt reads it from its beginning.
#[derive(Debug, Clone)]
pub enum Source {
    /// A part of a file.
    File(FileRange),
    /// What the host pushes (see [`crate::Sink`]).
    Pushed(Arc<Pushed>),
}

impl Source {
    /// False once something was taken that does not come again.
    pub(crate) fn can_repeat(&self) -> bool {
        match self {
            Source::File(_) => true,
            Source::Pushed(pushed) => pushed.can_repeat(),
        }
    }
}

/// A part of a file, read by position: no other reader of the file is disturbed, and none disturbs it.
#[derive(Debug, Clone)]
pub struct FileRange {
    file: Arc<File>,
    offset: u64,
    length: u64,
}

impl FileRange {
    /// `length` bytes of `file` from `offset` on. They are read when they are sent.
    pub fn new(file: File, offset: u64, length: u64) -> Self {
        FileRange {
            file: Arc::new(file),
            offset,
            length,
        }
    }

    /// In bytes.
    pub fn len(&self) -> u64 {
        self.length
    }

    /// True when there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// At least one and at most `most` bytes from `at` on, counted from the beginning of the range. Blocks.
    pub(crate) fn read(&self, at: u64, most: usize) -> io::Result<Bytes> {
        let left = self.length.saturating_sub(at);
        let most = usize::try_from(left).map_or(most, |left| left.min(most));
        let mut block = vec![0; most];
        loop {
            match read_at(&self.file, &mut block, self.offset.saturating_add(at)) {
                Ok(read) => {
                    block.truncate(read);
                    return Ok(block.into());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, block: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, block, offset)
}

#[cfg(windows)]
fn read_at(file: &File, block: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, block, offset)
}
