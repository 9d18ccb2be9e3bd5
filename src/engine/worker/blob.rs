//! A browser blob as a file: read in pieces, so that an archive of gigabytes never has to
//! fit into memory.

use js_sys::Uint8Array;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use web_sys::{Blob, FileReaderSync};

/// Bytes fetched at a time.
const PIECE: u64 = 1 << 18;

pub struct BlobSource {
    blob: Blob,
    size: u64,
    position: u64,
    /// The piece last fetched, and where it starts.
    piece: Vec<u8>,
    start: u64,
}

impl BlobSource {
    pub fn new(blob: Blob) -> Self {
        let size = blob.size() as u64;
        Self { blob, size, position: 0, piece: Vec::new(), start: 0 }
    }

    fn fetch(&mut self, start: u64, end: u64) -> Result<Uint8Array> {
        let failed = |_| Error::new(ErrorKind::NotFound, "the file could not be read");
        let slice = self.blob.slice_with_f64_and_f64(start as f64, end as f64).map_err(failed)?;
        let buffer = FileReaderSync::new().and_then(|r| r.read_as_array_buffer(&slice)).map_err(failed)?;
        Ok(Uint8Array::new(&buffer))
    }
}

impl Read for BlobSource {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let wanted = (out.len() as u64).min(self.size.saturating_sub(self.position)) as usize;
        if wanted == 0 {
            return Ok(0);
        }
        let offset = self.position.checked_sub(self.start).filter(|o| *o < self.piece.len() as u64);
        let got = match offset {
            Some(offset) => {
                let rest = &self.piece[offset as usize..];
                let got = wanted.min(rest.len());
                out[..got].copy_from_slice(&rest[..got]);
                got
            }
            // A large read goes straight to where it is wanted.
            None if wanted as u64 >= PIECE => {
                let bytes = self.fetch(self.position, self.position + wanted as u64)?;
                let got = wanted.min(bytes.length() as usize);
                bytes.subarray(0, got as u32).copy_to(&mut out[..got]);
                got
            }
            None => {
                self.piece = self.fetch(self.position, (self.position + PIECE).min(self.size))?.to_vec();
                self.start = self.position;
                let got = wanted.min(self.piece.len());
                out[..got].copy_from_slice(&self.piece[..got]);
                got
            }
        };
        self.position += got as u64;
        Ok(got)
    }
}

impl Seek for BlobSource {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = target.ok_or_else(|| Error::new(ErrorKind::InvalidInput, "before the start of the file"))?;
        Ok(self.position)
    }
}
