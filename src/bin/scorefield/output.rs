//! Writing files: they are checked before the work and written completely after it.
//!
//! A new file, or a regular file with a single name, is written to a temporary file next to its place and then moved
//! there. Its mode and owner are kept, and no reader ever sees half of it. A file with several names, and anything that
//! is not a regular file (a FIFO, a device), is written in place. Symbolic links are followed first.

use super::failure::{Failure, failed};
use super::signals;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// Largest number of symbolic links that are followed.
const MOST_LINKS: usize = 40;
/// Beginning of the names of temporary files.
const WAITING: &str = ".scorefield-";

/// A place that can be written, as far as this can be known in advance.
#[derive(Debug)]
pub struct Place {
    /// The path as it was given.
    asked: PathBuf,
    folder: PathBuf,
    /// The folder without links, and the name in it.
    path: PathBuf,
    /// The existing file, if there is one.
    there: Option<Metadata>,
}

impl Place {
    /// Checks that a file can be written, without changing anything.
    pub fn check(asked: &Path) -> Result<Self, Failure> {
        Self::find(asked).map_err(|why| cannot(asked, &why))
    }

    fn find(asked: &Path) -> Result<Self, String> {
        let said = |e: io::Error| e.to_string();
        let path = followed(asked).map_err(said)?;
        let name = path.file_name().ok_or("it has no name")?;
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let folder = match folder.canonicalize() {
            Ok(folder) if folder.is_dir() => folder,
            _ => return Err(format!("there is no folder {}", folder.display())),
        };
        let path = folder.join(name);
        let there = match fs::symlink_metadata(&path) {
            Ok(there) => Some(there),
            Err(e) if e.kind() == io::ErrorKind::NotFound => None,
            Err(e) => return Err(said(e)),
        };
        let place = Self {
            asked: asked.to_owned(),
            folder,
            path,
            there,
        };
        match &place.there {
            Some(m) if m.is_dir() => return Err("it is a folder".to_owned()),
            Some(m) if is_socket(m) => return Err("it is a socket".to_owned()),
            // Opening a FIFO would wait for its reader.
            Some(m) if m.is_file() => {
                OpenOptions::new()
                    .write(true)
                    .open(&place.path)
                    .map_err(said)?;
            }
            _ => {}
        }
        if place.is_moved_to() {
            let probe = || Builder::new().prefix(WAITING).tempfile_in(&place.folder);
            Waiting::new(probe).map_err(|e| format!("a new file in its folder is refused: {e}"))?;
        }
        Ok(place)
    }

    /// Whether a temporary file is moved to this place. Otherwise the file is written in place.
    fn is_moved_to(&self) -> bool {
        let single = |m: &Metadata| m.is_file() && names(m) == 1;
        self.there.as_ref().is_none_or(single)
    }

    /// Whether both places are the same file.
    pub fn is(&self, other: &Place) -> bool {
        self.path == other.path || same_file::is_same_file(&self.path, &other.path).unwrap_or(false)
    }

    fn cannot(&self, why: &str) -> Failure {
        cannot(&self.asked, why)
    }
}

fn cannot(asked: &Path, why: &str) -> Failure {
    failed(format!(
        "{} cannot be written: {why}. Choose another place.",
        asked.display()
    ))
}

/// The path after following symbolic links. The file at its end need not exist.
fn followed(asked: &Path) -> io::Result<PathBuf> {
    let mut path = asked.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::symlink_metadata(&path) {
            Ok(m) if m.is_symlink() => {
                let target = fs::read_link(&path)?;
                path = path.parent().unwrap_or(Path::new("")).join(target);
            }
            Ok(_) => return Ok(path),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(path),
            Err(e) => return Err(e),
        }
    }
    Err(io::Error::other("its symbolic links lead in a circle"))
}

/// Writes one file.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_all(&[(path.to_owned(), bytes.to_vec())])
}

/// Writes all files. If one fails, it writes none.
pub fn write_all(files: &[(PathBuf, Vec<u8>)]) -> Result<(), Failure> {
    let mut staged = Vec::new();
    for (path, bytes) in files {
        let place = Place::check(path)?;
        staged.push(Staged::new(place, bytes)?);
    }
    commit(staged)
}

/// A file whose bytes are in a temporary file, or that will be written in place.
struct Staged<'a> {
    place: Place,
    bytes: &'a [u8],
    beside: Option<Waiting>,
}

impl<'a> Staged<'a> {
    fn new(place: Place, bytes: &'a [u8]) -> Result<Self, Failure> {
        let beside = match place.is_moved_to() {
            true => beside(&place, bytes).map_err(|e| place.cannot(&e.to_string()))?,
            false => None,
        };
        Ok(Self {
            place,
            bytes,
            beside,
        })
    }
}

/// A temporary file. It is removed when this value is dropped, or when a signal comes. Fields are dropped in order, so the
/// file is removed before the signals forget it.
struct Waiting<F = File> {
    file: NamedTempFile<F>,
    _known: Known,
}

/// A path that a signal would remove.
struct Known(PathBuf);

impl Drop for Known {
    fn drop(&mut self) {
        signals::forget(&self.0);
    }
}

impl<F> Waiting<F> {
    fn new(make: impl FnOnce() -> io::Result<NamedTempFile<F>>) -> io::Result<Self> {
        let file = signals::remember(make, NamedTempFile::path)?;
        let _known = Known(file.path().to_owned());
        Ok(Self { file, _known })
    }

    fn path(&self) -> &Path {
        self.file.path()
    }
}

/// Writes bytes to a temporary file next to a place; `None` if the owner could not be kept.
fn beside(place: &Place, bytes: &[u8]) -> io::Result<Option<Waiting>> {
    let mut builder = Builder::new();
    builder.prefix(WAITING);
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut waiting = Waiting::new(|| builder.tempfile_in(&place.folder))?;
    let file = waiting.file.as_file_mut();
    if let Some(there) = &place.there {
        if !keeps_owner(file, there)? {
            return Ok(None);
        }
        file.set_permissions(there.permissions())?;
    }
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(Some(waiting))
}

/// Moves the temporary files to their places and writes the others in place. If one fails, all are restored.
fn commit(staged: Vec<Staged>) -> Result<(), Failure> {
    let mut done: Vec<(PathBuf, Before)> = Vec::new();
    let several = staged.len() > 1;
    for Staged {
        place,
        bytes,
        beside,
    } in staged
    {
        let before = match beside {
            Some(waiting) => moved(&place, waiting, several),
            None => in_place(&place, bytes),
        };
        match before {
            Ok(before) => done.push((place.path, before)),
            Err(e) => {
                let kept: Vec<String> = done
                    .into_iter()
                    .rev()
                    .filter_map(|(path, before)| Some((before.restore(&path).err()?, path)))
                    .map(|(e, path)| format!(" {} could not be restored: {e}.", path.display()))
                    .collect();
                let mut failure = place.cannot(&e.to_string());
                failure.message += &kept.concat();
                return Err(failure);
            }
        }
    }
    Ok(())
}

/// The earlier content of a place.
enum Before {
    Nothing,
    /// A file, which keeps a second name until the end.
    Moved(Waiting<()>),
    /// The bytes of a file that was written in place.
    Bytes(Vec<u8>),
    /// It cannot be restored: a device, a FIFO, or a file that cannot be read.
    Gone,
}

impl Before {
    fn restore(self, path: &Path) -> io::Result<()> {
        match self {
            Before::Nothing => fs::remove_file(path),
            Before::Moved(old) => fs::rename(old.path(), path),
            Before::Bytes(old) => overwrite(path, &old),
            Before::Gone => Ok(()),
        }
    }
}

fn moved(place: &Place, waiting: Waiting, several: bool) -> io::Result<Before> {
    let before = match &place.there {
        None => Before::Nothing,
        Some(_) if several => {
            let second_name = |path: &Path| match fs::hard_link(&place.path, path) {
                Err(e) if e.kind() != io::ErrorKind::AlreadyExists => {
                    fs::copy(&place.path, path).map(drop)
                }
                linked => linked,
            };
            let mut builder = Builder::new();
            let make = || builder.prefix(WAITING).make_in(&place.folder, second_name);
            Before::Moved(Waiting::new(make)?)
        }
        Some(_) => Before::Gone,
    };
    fs::rename(waiting.path(), &place.path)?;
    sync(&place.folder)?;
    Ok(before)
}

/// Writes the names in a folder to the disk. (Only Unix can open a folder as a file.)
fn sync(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}

/// Removes a file, if it exists.
pub fn discard(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(failed(format!(
            "{} cannot be removed: {e}.",
            path.display()
        ))),
        _ => Ok(()),
    }
}

fn in_place(place: &Place, bytes: &[u8]) -> io::Result<Before> {
    if !place.there.as_ref().is_some_and(Metadata::is_file) {
        OpenOptions::new()
            .write(true)
            .open(&place.path)?
            .write_all(bytes)?;
        return Ok(Before::Gone);
    }
    // A signal waits until the file is complete.
    signals::after(|| {
        let old = fs::read(&place.path);
        if let Err(e) = overwrite(&place.path, bytes) {
            if let Ok(old) = &old {
                overwrite(&place.path, old)?;
            }
            return Err(e);
        }
        Ok(old.map_or(Before::Gone, Before::Bytes))
    })
}

/// Replaces the bytes of a file. It is shortened last, so that the old bytes would fit again after a failure.
fn overwrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

#[cfg(unix)]
fn names(m: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(m)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

#[cfg(unix)]
fn is_socket(m: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_socket(&m.file_type())
}

#[cfg(not(unix))]
fn is_socket(_: &Metadata) -> bool {
    false
}

/// Gives a new file the owner of the old file, and returns whether that is possible.
#[cfg(unix)]
fn keeps_owner(file: &File, old: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let new = file.metadata()?;
    let same = (new.uid(), new.gid()) == (old.uid(), old.gid());
    Ok(same || fchown(file, Some(old.uid()), Some(old.gid())).is_ok())
}

#[cfg(not(unix))]
fn keeps_owner(_: &File, _: &Metadata) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moved_files_are_restored_if_the_next_file_fails() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let [old, new, late] = ["old.csv", "new.csv", "late.csv"].map(path);
        fs::write(&old, "before").unwrap();
        let stage = |path: &Path| {
            Staged::new(Place::check(path).unwrap(), b"after")
                .ok()
                .unwrap()
        };
        let staged = [&old, &new, &late].map(|p| stage(p)).into();
        // It becomes a folder after the check.
        fs::create_dir(&late).unwrap();
        let failure = commit(staged).unwrap_err();
        assert!(failure.message.contains("late.csv cannot be written"));
        assert_eq!(fs::read_to_string(&old).unwrap(), "before");
        assert!(!new.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
