//! The file that an address names: never outside the mounted folders, and inside them only the entries to be served.

use std::fs;
use std::path::{Path, PathBuf};

use crate::element;

/// A folder served under a path of the address.
pub struct Mount {
    /// `/` or `/some/path/`: starts and ends with a slash.
    pub prefix: String,
    /// The folder that is served there.
    pub folder: PathBuf,
    /// The entries of the folder that are served; empty means all.
    pub only: Vec<&'static str>,
}

impl Mount {
    /// The page as in the repository.
    pub fn source(root: &Path) -> Self {
        Self {
            prefix: "/".into(),
            folder: root.into(),
            only: vec!["index.html", element::SCRIPT, "www", "pkg", "nets"],
        }
    }

    /// A whole folder.
    pub fn all(prefix: &str, folder: PathBuf) -> Self {
        Self {
            prefix: prefix.into(),
            folder,
            only: Vec::new(),
        }
    }

    /// The file that a decoded path names, if it may be served.
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.prefix)?;
        let index = if below.is_empty() || below.ends_with('/') {
            "index.html"
        } else {
            ""
        };
        let below = format!("{below}{index}");
        let mut file = self.folder.clone();
        for (depth, part) in below.split('/').enumerate() {
            if part.is_empty() || part.starts_with('.') || part.contains(['\\', ':', '\0']) {
                return None;
            }
            if depth == 0 && !self.only.is_empty() && !self.only.contains(&part) {
                return None;
            }
            file.push(part);
        }
        // A link inside the folder must not lead out of it.
        let file = fs::canonicalize(file).ok()?;
        let folder = fs::canonicalize(&self.folder).ok()?;
        (file.starts_with(folder) && file.is_file()).then_some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root::root;

    #[test]
    fn serves_only_its_own_entries() {
        let mount = Mount {
            only: vec!["Cargo.toml", "src"],
            ..Mount::all("/sub/", root().join("xtask"))
        };
        assert!(mount.file("/sub/Cargo.toml").is_some());
        assert!(mount.file("/sub/src/main.rs").is_some());
        for path in [
            "/Cargo.toml",
            "/sub",
            "/sub/clippy.toml",
            "/sub/src",
            "/sub/src/",
            "/sub//etc/passwd",
            "/sub/../Cargo.toml",
            "/sub/src/../../Cargo.toml",
            "/sub/./src/main.rs",
            "/sub/src\\main.rs",
            "/sub/.git/config",
            "",
        ] {
            assert_eq!(mount.file(path), None, "{path}");
        }
        let repository = Mount::source(&root());
        assert_eq!(repository.file("/Cargo.toml"), None);
        assert_eq!(repository.file("/xtask/src/main.rs"), None);
    }

    #[test]
    fn a_folder_is_its_index() {
        let folder = std::env::temp_dir().join(format!("scorefield-index-{}", std::process::id()));
        fs::create_dir_all(folder.join("gallery")).unwrap();
        fs::create_dir_all(folder.join("empty")).unwrap();
        let index = folder.join("gallery/index.html");
        fs::write(&index, "").unwrap();
        let mount = Mount::all("/sub/", folder.clone());
        let found = mount.file("/sub/gallery/");
        assert_eq!(found, Some(fs::canonicalize(&index).unwrap()));
        for path in ["/sub/gallery", "/sub/empty/", "/sub/gallery//", "/sub//"] {
            assert_eq!(mount.file(path), None, "{path}");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_leads_nowhere() {
        let folder = std::env::temp_dir().join(format!("scorefield-site-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let link = folder.join("out.txt");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert_eq!(Mount::all("/", folder.clone()).file("/out.txt"), None);
        fs::remove_dir_all(folder).unwrap();
    }
}
