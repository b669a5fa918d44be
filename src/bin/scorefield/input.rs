//! Reading files: only regular files of bounded size, so that no call waits for a FIFO or fills the memory.

use std::io;
use std::path::Path;

/// Largest number of bytes in a file. The largest network has half a megabyte.
const MOST: u64 = 20_000_000;

/// Reads a file.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let there = std::fs::metadata(path)?;
    if !there.is_file() {
        return Err(io::Error::other("it is not an ordinary file"));
    }
    if there.len() > MOST {
        return Err(io::Error::other(format!(
            "it has {} bytes, more than the limit of {MOST}",
            there.len()
        )));
    }
    std::fs::read(path)
}

/// Reads a text, without the byte order mark that some editors write.
pub fn text(path: &Path) -> io::Result<String> {
    let text = String::from_utf8(read(path)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))?;
    Ok(text.trim_start_matches('\u{feff}').to_owned())
}
