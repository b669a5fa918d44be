//! The checkout that a command acts on, found when the command runs. A checkout may be moved or copied together with
//! its built files, so its folder must not be compiled in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result};

static ROOT: OnceLock<PathBuf> = OnceLock::new();

/// Finds the checkout that holds the working directory.
///
/// # Errors
/// If the command runs outside a checkout.
pub fn locate() -> Result<()> {
    let root = here().context(
        "there is no checkout of Scorefield here: go to its folder, then run this command again",
    )?;
    ROOT.get_or_init(|| root);
    Ok(())
}

/// The root of the repository. `main` calls [`locate`] first, which reports the error if there is none.
pub fn root() -> PathBuf {
    ROOT.get_or_init(|| here().unwrap_or_default()).clone()
}

/// The working directory decides. The variable of cargo helps `cargo run --manifest-path` from elsewhere.
fn here() -> Option<PathBuf> {
    let typed = std::env::current_dir().ok();
    let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    find([typed, package].into_iter().flatten())
}

/// The first root among the starts and their parent folders.
fn find(starts: impl IntoIterator<Item = PathBuf>) -> Option<PathBuf> {
    starts.into_iter().find_map(|start| {
        start
            .ancestors()
            .find(|folder| is_root(folder))
            .map(PathBuf::from)
    })
}

/// Whether the folder is the workspace of Scorefield with this package in it.
fn is_root(folder: &Path) -> bool {
    let has = |file: &str, line: &str| {
        fs::read_to_string(folder.join(file))
            .is_ok_and(|text| text.lines().any(|found| found.trim() == line))
    };
    has("Cargo.toml", "name = \"scorefield\"")
        && has("Cargo.toml", "[workspace]")
        && has("xtask/Cargo.toml", "name = \"xtask\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with the files that make it a root.
    fn skeleton(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("scorefield-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("xtask/src")).unwrap();
        fs::write(
            folder.join("Cargo.toml"),
            "[package]\nname = \"scorefield\"\n[workspace]\nmembers = [\"xtask\"]\n",
        )
        .unwrap();
        fs::write(
            folder.join("xtask/Cargo.toml"),
            "[package]\nname = \"xtask\"\n",
        )
        .unwrap();
        folder
    }

    #[test]
    fn the_nearest_checkout_above_the_working_directory_is_the_root() {
        let outer = skeleton("root-outer");
        assert_eq!(find([outer.join("xtask/src")]), Some(outer.clone()));
        assert_eq!(find([outer.clone()]), Some(outer.clone()));
        let other = skeleton("root-other");
        let both = [other.join("xtask"), outer.join("xtask")];
        assert_eq!(find(both), Some(other.clone()));
        let nowhere = [PathBuf::from("/"), outer.join("xtask")];
        assert_eq!(find(nowhere), Some(outer.clone()));
        assert_eq!(find([PathBuf::from("/")]), None);
        fs::write(outer.join("Cargo.toml"), "[workspace]\n").unwrap();
        assert_eq!(find([outer.join("xtask")]), None, "another workspace");
        fs::remove_dir_all(outer).unwrap();
        fs::remove_dir_all(other).unwrap();
    }
}
