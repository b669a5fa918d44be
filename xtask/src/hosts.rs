//! The tools that build the recipes of `embed/` for the tests: mkdocs and Sphinx with MyST in a virtual environment of Python, and Hugo.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{command, output, run};
use crate::package::remove_folder;
use crate::root::root;
use crate::tools;

/// The versions from the registry of Python, each fixed.
const REQUIREMENTS: &str = "embed/requirements.txt";

/// Where the tools are.
pub struct Hosts {
    /// The programs of the virtual environment.
    pub python: PathBuf,
    /// Hugo.
    pub hugo: PathBuf,
}

/// Installs what is missing: half a minute on a new machine, nothing after that.
///
/// # Errors
/// If something cannot be installed; the words say what to type.
pub fn ready() -> Result<Hosts> {
    Ok(Hosts {
        python: python()?,
        hugo: hugo()?,
    })
}

/// The virtual environment with the required versions, made anew when they change.
fn python() -> Result<PathBuf> {
    let wanted = fs::read_to_string(root().join(REQUIREMENTS))
        .with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let folder = root().join("target/hosts");
    let stamp = folder.join("installed.txt");
    let programs = folder.join("bin");
    // The programs of an environment name its folder, so a copied one does not work.
    let installed = format!("{}\n{wanted}", folder.display());
    if fs::read_to_string(&stamp).is_ok_and(|text| text == installed) {
        return Ok(programs);
    }
    println!("      mkdocs, Sphinx and MyST are missing: installing them in target/hosts");
    remove_folder(&folder)?;
    let remedy = "The recipes of embed/ need Python 3.11 or later with venv and pip (on Debian `sudo apt-get install python3-venv`) \
                  and its registry: then run this command again";
    if environment(&folder).is_err() {
        // Debian's Python has no venv without this package.
        remove_folder(&folder)?;
        tools::debian("python3-venv", remedy)?;
        environment(&folder).context(remedy)?;
    }
    let words = [
        "install",
        "-q",
        "--disable-pip-version-check",
        "--requirement",
    ];
    let wanted_file = root().join(REQUIREMENTS);
    run(command(programs.join("pip")).args(words).arg(wanted_file)).context(remedy)?;
    fs::write(&stamp, installed).context("cannot write target/hosts/installed.txt")?;
    Ok(programs)
}

/// An empty virtual environment.
fn environment(folder: &Path) -> Result<()> {
    run(command("python3").args(["-m", "venv"]).arg(folder))
}

/// `$HUGO`, the one on the path, or Debian's package.
fn hugo() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("HUGO") {
        let path = PathBuf::from(path);
        if path.is_file() {
            return Ok(path);
        }
        bail!("HUGO names {}, which is no file", path.display());
    }
    if let Some(path) = installed("hugo") {
        return Ok(path);
    }
    let remedy = "Hugo is missing: install it (on Debian `sudo apt-get install hugo`), or set HUGO to its path";
    tools::debian("hugo", remedy)?;
    installed("hugo").with_context(|| remedy.to_owned())
}

/// A program on the path that can say its version.
fn installed(name: &str) -> Option<PathBuf> {
    output(command(name).arg("version"))
        .is_ok()
        .then(|| Path::new(name).to_owned())
}
