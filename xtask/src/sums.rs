//! The list of the files of a package that the page must receive: their lengths and CRC-32, in `files.json` next to
//! them.
//!
//! This notices damage: a file that was cut or changed on its way, or that belongs to another build. It is
//! no protection from someone who changes files on purpose, who could change the page as well. So a CRC is
//! enough, and the page can compute it everywhere (`crypto.subtle` is missing on plain http).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The name of the list in a package's folder.
pub const LIST: &str = "files.json";

/// The files of a package that the page loads.
const FILES: [&str; 2] = ["scorefield.js", "scorefield_bg.wasm"];

/// Writes the list of a package's folder.
///
/// # Errors
/// Where a file of the package cannot be read or the list cannot be written.
pub fn write(folder: &Path) -> Result<()> {
    let lines = FILES
        .iter()
        .map(|name| {
            let path = folder.join(name);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(entry(name, &bytes))
        })
        .collect::<Result<Vec<_>>>()?;
    let path = folder.join(LIST);
    fs::write(&path, format!("{{\n{}\n}}\n", lines.join(",\n")))
        .with_context(|| format!("cannot write {}", path.display()))
}

/// A line of the list.
fn entry(name: &str, bytes: &[u8]) -> String {
    let crc = crc32fast::hash(bytes);
    format!(
        "  \"{name}\": {{ \"bytes\": {}, \"crc32\": {crc} }}",
        bytes.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32/ISO-HDLC.
    #[test]
    fn an_entry_has_length_and_crc() {
        assert_eq!(
            entry("a", b"123456789"),
            format!(
                "  \"a\": {{ \"bytes\": 9, \"crc32\": {} }}",
                0xcbf4_3926_u32
            )
        );
    }

    #[test]
    fn a_missing_file_of_a_package_is_named() {
        let folder = std::env::temp_dir().join(format!("scorefield-sums-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(FILES[0]), "x").unwrap();
        let error = format!("{:#}", write(&folder).unwrap_err());
        assert!(error.contains(FILES[1]), "{error}");
        fs::write(folder.join(FILES[1]), "y").unwrap();
        write(&folder).unwrap();
        let list = fs::read_to_string(folder.join(LIST)).unwrap();
        assert!(FILES.iter().all(|name| list.contains(name)), "{list}");
        fs::remove_dir_all(folder).unwrap();
    }
}
