//! Files that are either there as a whole or not at all, also after a power failure.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a neighbour, syncs it, gives it the name `path`, and syncs the folder. A link is followed; a file that was
/// there keeps its mode.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (mut file, neighbour) = neighbour(path)?;
    let written = file
        .write_all(bytes)
        .and_then(|()| match fs::metadata(path) {
            Ok(old) => file.set_permissions(old.permissions()),
            Err(_) => Ok(()),
        })
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&neighbour, path));
    if written.is_err() {
        let _ = fs::remove_file(&neighbour);
    }
    written.and_then(|()| sync(folder(path)))
}

/// Removes a file, and syncs its folder.
pub fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).and_then(|()| sync(folder(path)))
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A new file beside `path`, of a name that no file had.
fn neighbour(path: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for i in 0..100 {
        let own = path.with_file_name(format!(".{name}.{}-{i}", std::process::id()));
        match File::create_new(&own) {
            Ok(file) => return Ok((file, own)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => last = e,
            Err(e) => return Err(e),
        }
    }
    Err(last)
}

/// The names in a folder reach the disk. (Only Unix opens a folder as a file.)
fn sync(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
