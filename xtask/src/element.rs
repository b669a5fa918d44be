//! The element `<score-field>` for pages of other hosts: one script with a name that stays.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::{command, run};
use crate::dist::{BROWSERS, copy};
use crate::root::root;
use crate::tools;

/// The script, in the repository and in dist.
pub const SCRIPT: &str = "score-field.js";

/// Its types, for hosts that are written in TypeScript.
const TYPES: &str = "score-field.d.ts";

/// The stills that it shows before an experiment runs, by the texts of their links.
pub const STILLS: &str = "stills.json";

/// What it may weigh, in bytes after brotli.
pub const BUDGET: u64 = 10_000;

/// Puts the script, minified, and its types into the fresh folder.
///
/// # Errors
/// If esbuild fails or a file cannot be copied.
pub fn bundle(fresh: &Path) -> Result<()> {
    let out = fresh.join(SCRIPT);
    run(command(tools::npm_program("esbuild"))
        .arg(root().join(SCRIPT))
        .args(["--minify", BROWSERS, "--log-level=warning"])
        .arg(format!("--outfile={}", out.display())))?;
    copy(&root().join(TYPES), &fresh.join(TYPES))
}

/// Its size after brotli.
///
/// # Errors
/// If it was not compressed.
pub fn weight(fresh: &Path) -> Result<u64> {
    let file = fresh.join(format!("{SCRIPT}.br"));
    let told = fs::metadata(&file).with_context(|| format!("{SCRIPT} was not compressed"))?;
    Ok(told.len())
}
