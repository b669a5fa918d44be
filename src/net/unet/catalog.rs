//! The pretrained networks on windows of a flow: the same list of lengths and hashes as for the others.

use super::FieldNet;
use crate::error::Error;
use crate::net::catalog;
use crate::net::catalog::Entry;
use std::sync::Arc;
use std::sync::RwLock;

/// All of them.
pub fn all() -> impl Iterator<Item = Entry> {
    catalog::fields()
}

/// The network of this name.
pub fn find(name: &str) -> Option<Entry> {
    all().find(|entry| entry.name == name)
}

/// The files, built into the command line and the tests. The page fetches them.
#[cfg(not(target_arch = "wasm32"))]
const FILES: [(&str, &[u8]); 2] = [
    (
        "turbulence-small",
        include_bytes!("../../../nets/turbulence-small.bpk"),
    ),
    (
        "turbulence-large",
        include_bytes!("../../../nets/turbulence-large.bpk"),
    ),
];

static LOADED: RwLock<Vec<(&'static str, Arc<FieldNet>)>> = RwLock::new(Vec::new());

/// Checks the file of the network `name` and loads it.
///
/// # Errors
/// If there is no network with this name, or the file is a different one.
pub fn add(name: &str, bytes: &[u8]) -> Result<(), Error> {
    let entry = find(name).ok_or_else(|| Error::Network {
        name: name.to_owned(),
        reason: format!(
            "is not a pretrained network on windows; valid names: {}",
            all().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
        ),
    })?;
    entry.check(bytes)?;
    let net = Arc::new(FieldNet::from_bytes(entry.file, bytes)?);
    if let Ok(mut loaded) = LOADED.write() {
        loaded.retain(|(known, _)| *known != entry.name);
        loaded.push((entry.name, net));
    }
    Ok(())
}

/// The network `name`, if it is loaded: natively always, in the page after [`add`].
pub fn get(name: &str) -> Option<Arc<FieldNet>> {
    let at_hand = || {
        let loaded = LOADED.read().ok()?;
        let found = loaded.iter().find(|(known, _)| *known == name)?;
        Some(Arc::clone(&found.1))
    };
    #[cfg(not(target_arch = "wasm32"))]
    if at_hand().is_none() {
        let (_, bytes) = FILES.iter().find(|file| file.0 == name)?;
        add(name, bytes).ok()?;
    }
    at_hand()
}
