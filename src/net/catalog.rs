//! The pretrained networks of `nets/`: their names, and the lengths and hashes of their files.

use super::Net;
use super::burnpack::Part;
use crate::error::Error;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// One line `sha256  bytes  file` per network; written by `scorefield train`.
const SUMS: &str = include_str!("../../nets/SUMS");

/// The networks on windows of a flow; the other lines are perceptrons.
const FIELDS: [&str; 2] = ["turbulence-small", "turbulence-large"];

/// One pretrained network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which is the name of the law.
    pub name: &'static str,
    /// Its file in `nets/`.
    pub file: &'static str,
    /// Length of the file.
    pub bytes: usize,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: &'static str,
}

/// All pretrained perceptrons. Networks on windows of a flow are in [`super::unet::catalog`].
pub fn all() -> impl Iterator<Item = Entry> {
    lines().filter(|entry| !FIELDS.contains(&entry.name))
}

/// All pretrained networks on windows of a flow.
pub(super) fn fields() -> impl Iterator<Item = Entry> {
    lines().filter(|entry| FIELDS.contains(&entry.name))
}

fn lines() -> impl Iterator<Item = Entry> {
    SUMS.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let (sha256, bytes, file) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
        let name = file.strip_suffix(".bpk")?;
        Some(Entry {
            name,
            file,
            bytes,
            sha256,
        })
    })
}

/// The pretrained network of this name.
pub fn find(name: &str) -> Option<Entry> {
    all().find(|e| e.name == name)
}

/// SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// SHA-256 of a recipe and of each tensor with its name and shape, in hexadecimal.
pub(super) fn checksum(recipe: &str, parts: Vec<Part>) -> String {
    let mut all = format!("{} {recipe}", recipe.len()).into_bytes();
    for (name, shape, bytes) in parts {
        all.extend(format!("{name} {shape:?} ").bytes());
        all.extend(bytes);
    }
    hash(&all)
}

/// Whether these are the bytes of a file in `nets/`.
pub fn holds(bytes: &[u8]) -> bool {
    let own = hash(bytes);
    lines().any(|e| e.bytes == bytes.len() && e.sha256 == own)
}

impl Entry {
    /// Checks length and hash of the file of this network, then reads it.
    ///
    /// # Errors
    /// If length or hash differ.
    pub fn open(&self, bytes: &[u8]) -> Result<Net, Error> {
        self.check(bytes)?;
        Net::from_bytes(self.file, bytes)
    }

    /// Checks length and hash of the file of this network.
    ///
    /// # Errors
    /// If length or hash differ.
    pub fn check(&self, bytes: &[u8]) -> Result<(), Error> {
        let wrong = |reason: String| Error::Network {
            name: self.file.to_owned(),
            reason,
        };
        if bytes.len() != self.bytes {
            return Err(wrong(format!(
                "has {} bytes instead of {}: it is cut short, or a different file",
                bytes.len(),
                self.bytes
            )));
        }
        if hash(bytes) != self.sha256 {
            return Err(wrong(
                "is not the expected file: its hash differs".to_owned(),
            ));
        }
        Ok(())
    }
}

/// The loaded networks, by name.
static LOADED: RwLock<BTreeMap<&'static str, Arc<Net>>> = RwLock::new(BTreeMap::new());

/// The files, built into the command line and the tests. The page fetches them.
#[cfg(not(target_arch = "wasm32"))]
const FILES: [(&str, &[u8]); 12] = [
    (
        "checkerboard",
        include_bytes!("../../nets/checkerboard.bpk"),
    ),
    ("comb", include_bytes!("../../nets/comb.bpk")),
    ("mixture", include_bytes!("../../nets/mixture.bpk")),
    ("moons", include_bytes!("../../nets/moons.bpk")),
    ("pinwheel", include_bytes!("../../nets/pinwheel.bpk")),
    ("swissroll", include_bytes!("../../nets/swissroll.bpk")),
    ("torus", include_bytes!("../../nets/torus.bpk")),
    ("uniform", include_bytes!("../../nets/uniform.bpk")),
    ("window1", include_bytes!("../../nets/window1.bpk")),
    ("window2", include_bytes!("../../nets/window2.bpk")),
    ("window3", include_bytes!("../../nets/window3.bpk")),
    ("window4", include_bytes!("../../nets/window4.bpk")),
];

/// Checks the file of the network `name` and loads it.
///
/// # Errors
/// If there is no network with this name, or the file is a different one.
pub fn add(name: &str, bytes: &[u8]) -> Result<(), Error> {
    let entry = find(name).ok_or_else(|| {
        let names: Vec<_> = all().map(|e| e.name).collect();
        Error::Network {
            name: name.to_owned(),
            reason: format!(
                "is not a pretrained network; valid names: {}",
                names.join(", ")
            ),
        }
    })?;
    let net = Arc::new(entry.open(bytes)?);
    if let Ok(mut loaded) = LOADED.write() {
        loaded.insert(entry.name, net);
    }
    Ok(())
}

/// The network `name`, if it is loaded: natively always, in the page after [`add`].
pub fn get(name: &str) -> Option<Arc<Net>> {
    let at_hand = || LOADED.read().ok()?.get(name).cloned();
    #[cfg(not(target_arch = "wasm32"))]
    if at_hand().is_none() {
        let (_, bytes) = FILES.iter().find(|f| f.0 == name)?;
        add(name, bytes).ok()?;
    }
    at_hand()
}
