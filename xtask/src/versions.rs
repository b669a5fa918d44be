//! A version that must be the same in two places.

use anyhow::{Context, Result, bail};

use crate::root::root;

/// wasm-bindgen (in the crate) and wasm-bindgen-cli-support (here) must be the same version.
///
/// # Errors
/// If they differ, or the lock file cannot be read.
pub fn check() -> Result<()> {
    let lock =
        std::fs::read_to_string(root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let library = locked(&lock, "wasm-bindgen");
    let tool = locked(&lock, "wasm-bindgen-cli-support");
    if library.len() != 1 || library != tool {
        bail!(
            "wasm-bindgen is {library:?} and wasm-bindgen-cli-support is {tool:?}: write the same exact \
             version, `=X.Y.Z`, in Cargo.toml and xtask/Cargo.toml"
        );
    }
    println!("      wasm-bindgen {} on both sides", library.join(", "));
    Ok(())
}

/// Every version of a package in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> Vec<&'a str> {
    let wanted = format!("name = \"{name}\"");
    lock.split("[[package]]")
        .filter(|entry| entry.lines().any(|line| line == wanted))
        .filter_map(|entry| {
            entry
                .lines()
                .find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::locked;

    #[test]
    fn reads_versions() {
        let lock = "[[package]]\nname = \"a-b\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"a\"\nversion = \"0.2.3\"\n";
        assert_eq!(locked(lock, "a"), ["0.2.3"]);
        assert_eq!(locked(lock, "b"), [""; 0]);
    }
}
