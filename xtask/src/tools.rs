//! The tools that must be installed: each is installed if one command does it; otherwise a sentence says what to
//! type.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{cargo, command, output, run};
use crate::root::root;

/// The browser target of rustc.
pub const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that rustc has the wasm target.
///
/// # Errors
/// If it is missing and `rustup target add` does not install it.
pub fn wasm_target() -> Result<()> {
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    println!("      rustc has no {WASM} target yet: adding it");
    if let Err(error) = run(command("rustup").args(["target", "add", WASM])) {
        bail!("{error:#}. Type `rustup target add {WASM}`, then run this command again");
    }
    Ok(())
}

/// Makes sure that clippy or rustfmt is installed.
///
/// # Errors
/// If it is missing and `rustup component add` does not install it.
pub fn component(name: &str, subcommand: &str) -> Result<()> {
    if output(&mut cargo(&[subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    println!("      cargo has no {subcommand} yet: adding it");
    if let Err(error) = run(command("rustup").args(["component", "add", name])) {
        bail!("{error:#}. Type `rustup component add {name}`, then run this command again");
    }
    Ok(())
}

/// Makes sure that node_modules is as in the lock file.
///
/// # Errors
/// If Node is missing or too old, or `npm ci` fails.
pub fn node_modules() -> Result<()> {
    let version = match output(command("node").arg("--version")) {
        Ok(version) => version,
        Err(_) => bail!(
            "Node is missing: install Node 20.19 or later (https://nodejs.org), then run this command again"
        ),
    };
    if !new_enough(version.trim()) {
        bail!(
            "Node is {}: install 20.19 or later (https://nodejs.org), then run this command again",
            version.trim()
        );
    }
    let modified =
        |path: &str| std::fs::metadata(root().join(path)).and_then(|data| data.modified());
    match (
        modified("node_modules/.package-lock.json"),
        modified("package-lock.json"),
    ) {
        (Ok(installed), Ok(locked)) if installed >= locked => Ok(()),
        _ => run(command("npm").args(["ci", "--no-audit", "--no-fund"])),
    }
}

/// Whether a version such as `v20.19.1` is at least 20.19.
fn new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) >= (20, 19),
        _ => false,
    }
}

/// A program of node_modules.
pub fn npm_program(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

/// The browser for the tests: `$CHROMIUM`, or the system's, or Debian's package.
///
/// # Errors
/// If there is none and it cannot be installed.
pub fn chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(path);
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM names {}, which is no file", path.display());
    }
    if let Some(path) = installed_chromium() {
        return Ok(path);
    }
    let remedy = "Chromium is missing: install it (on Debian `sudo apt-get install chromium`), or set CHROMIUM to its path";
    debian("chromium", remedy)?;
    installed_chromium().with_context(|| remedy.to_owned())
}

/// The Vulkan driver in software that comes with Chromium, and the folder of its loader; `None` where `VK_DRIVER_FILES`
/// names a driver. The system need not have Vulkan.
///
/// # Errors
/// If Chromium is missing, or comes without it.
pub fn software_vulkan() -> Result<Option<(PathBuf, PathBuf)>> {
    const DRIVER: &str = "vk_swiftshader_icd.json";
    if std::env::var_os("VK_DRIVER_FILES").is_some() {
        return Ok(None);
    }
    let chromium = fs::canonicalize(chromium()?)?;
    let beside = chromium.parent().map(Path::to_path_buf);
    // Debian starts Chromium by a script elsewhere.
    let folders = [beside, Some(PathBuf::from("/usr/lib/chromium"))];
    let found = folders
        .into_iter()
        .flatten()
        .find(|f| f.join(DRIVER).is_file());
    let folder = found.with_context(|| {
        format!("{DRIVER} is not beside Chromium: set VK_DRIVER_FILES to the description of a Vulkan driver")
    })?;
    Ok(Some((folder.join(DRIVER), folder)))
}

/// Installs a package of Debian, where this is Debian and its administrator.
///
/// # Errors
/// If it cannot be installed here: the remedy says what to type.
pub fn debian(package: &str, remedy: &str) -> Result<()> {
    let root_user = output(command("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root_user || !Path::new("/etc/debian_version").is_file() {
        bail!("{remedy}");
    }
    println!("      {package} is missing: installing Debian's package");
    let installed = run(command("apt-get").args(["update", "-q"])).and_then(|()| {
        run(command("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "-q", "-y", "--no-install-recommends", package]))
    });
    if let Err(error) = installed {
        bail!("{error:#}. {remedy}");
    }
    Ok(())
}

/// Whether a browser is named or installed.
pub fn has_chromium() -> bool {
    std::env::var_os("CHROMIUM").is_some() || installed_chromium().is_some()
}

fn installed_chromium() -> Option<PathBuf> {
    [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]
    .into_iter()
    .map(PathBuf::from)
    .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::new_enough;

    #[test]
    fn node_versions() {
        assert!(new_enough("v20.19.0") && new_enough("v22.1.0") && new_enough("v24.0.0"));
        assert!(!new_enough("v20.18.3") && !new_enough("v18.20.0") && !new_enough("what"));
    }
}
