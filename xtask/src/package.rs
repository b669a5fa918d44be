//! The wasm packages, five that ship and one for tests: crate → wasm → wasm-bindgen → pkg/.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{cargo, command, run};
use crate::dist::files;
use crate::root::root;
use crate::steps::clock;
use crate::{hash, sums, tools};

/// The settings of `wasm-opt`, and the features that it may use: those of every browser with WebAssembly SIMD. (Chromium
/// refuses a module made with `--all-features`.) It leaves inlining to rustc, which knows the loops: its own inlining
/// adds 5 kB after brotli.
const WASM_OPT: [&str; 11] = [
    "-O2",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// A package of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The CPU engine; small, loads first.
    Cpu,
    /// The lab of the CPU engine whose states are time series; loads when it is opened.
    Chains,
    /// The labs of the CPU engine that are systems observed in time; loads when one is opened.
    Systems,
    /// The lab of the CPU engine whose states are fields on a grid; loads when it is opened.
    Fields,
    /// The WebGPU engine; large, loads when it is used.
    Webgpu,
    /// The CPU package with the toy lab `stub`, for one browser test. It does not ship.
    Stub,
}

impl Engine {
    /// The name of its folder in pkg/.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Chains => "chains",
            Self::Systems => "systems",
            Self::Fields => "fields",
            Self::Webgpu => "webgpu",
            Self::Stub => "stub",
        }
    }

    /// pkg/cpu, pkg/chains, pkg/systems, pkg/fields, pkg/webgpu or pkg/stub.
    pub fn folder(self) -> PathBuf {
        root().join("pkg").join(self.name())
    }

    /// A separate target folder for the WebGPU engine, so that it can be built at the same time as the others and neither
    /// makes the dependencies of the other stale.
    pub fn target_dir(self) -> &'static str {
        match self {
            Self::Cpu | Self::Chains | Self::Systems | Self::Fields | Self::Stub => "target",
            Self::Webgpu => "target/webgpu",
        }
    }

    /// A cargo command for this package on the wasm target: `words`, then target, features and folder.
    pub fn cargo(self, words: &[&str]) -> Command {
        let mut cargo = cargo(words);
        cargo.args([
            "--package",
            "scorefield",
            "--lib",
            "--target",
            tools::WASM,
            "--target-dir",
            self.target_dir(),
        ]);
        let features: &[&str] = match self {
            Self::Cpu | Self::Chains | Self::Systems | Self::Fields => {
                &["--no-default-features", "--features", self.name()]
            }
            Self::Webgpu => &["--features", "webgpu"],
            Self::Stub => &["--features", "stub"],
        };
        cargo.args(features);
        cargo
    }
}

impl Engine {
    /// The packages of the page, in the order in which they load.
    pub const SHIPPED: [Self; 5] = [
        Self::Cpu,
        Self::Chains,
        Self::Systems,
        Self::Fields,
        Self::Webgpu,
    ];
    /// Those of the CPU engine.
    pub const CPU: [Self; 4] = [Self::Cpu, Self::Chains, Self::Systems, Self::Fields];
}

/// Builds one package into pkg/; quick when nothing changed.
///
/// # Errors
/// If a tool is missing, the crate does not compile, or wasm-bindgen refuses the module.
pub fn build(engine: Engine) -> Result<()> {
    let start = Instant::now();
    println!(
        "Building the {} package (cargo, then wasm-bindgen)",
        engine.name()
    );
    tools::wasm_target()?;
    let list = engine.folder().join(sums::LIST);
    if Engine::CPU.contains(&engine) && newer_than_sources(&list)? {
        println!("      pkg/{} is up to date", engine.name());
        return Ok(());
    }
    // The package for tests has the profile of the others: what it depends on is compiled with them.
    let (words, profile): (&[&str], _) = match engine {
        Engine::Webgpu => (&["build", "--release"], "release"),
        _ => (&["build", "--profile", "wasm"], "wasm"),
    };
    let mut cargo = engine.cargo(words);
    if engine == Engine::Webgpu {
        // Most of this package is a shader compiler on the host: its size matters, its speed does not.
        cargo.args(["--config", "profile.release.opt-level=\"s\""]);
    }
    if engine == Engine::Webgpu && !engine.folder().exists() {
        println!("      the first build of this package takes several minutes");
    }
    run(&mut cargo)?;
    let wasm = root()
        .join(engine.target_dir())
        .join(tools::WASM)
        .join(profile)
        .join("scorefield.wasm");
    if list.is_file() && is_newer(&engine.folder().join("scorefield_bg.wasm"), &wasm) {
        println!(
            "      pkg/{} is up to date ({})",
            engine.name(),
            clock(start)
        );
        return Ok(());
    }
    bind(&wasm, &engine.folder())?;
    let bytes = fs::metadata(engine.folder().join("scorefield_bg.wasm"))?.len();
    println!(
        "      pkg/{}: {:.2} MB of wasm in {}",
        engine.name(),
        bytes as f64 / 1e6,
        clock(start)
    );
    Ok(())
}

/// What the packages of the CPU engine are made of. Cargo has one name for the library with any features: asked for one
/// package after the other, it would compile the library anew each time.
const SOURCES: [&str; 5] = ["src", "maths", "nets", "Cargo.toml", "Cargo.lock"];

/// Whether a file is newer than all that the packages of the CPU engine are made of.
fn newer_than_sources(file: &Path) -> Result<bool> {
    let mut all = Vec::new();
    for source in SOURCES.map(|name| root().join(name)) {
        match source.is_dir() {
            true => all.extend(files(&source)?),
            false => all.push(source),
        }
    }
    Ok(all.iter().all(|source| is_newer(file, source)))
}

/// Runs wasm-bindgen in a separate folder, then moves the result to its place, so that a server never serves half of
/// a package.
fn bind(wasm: &Path, folder: &Path) -> Result<()> {
    let fresh = with_suffix(folder, ".new");
    glue(wasm, &fresh, "scorefield")?;
    sums::write(&fresh)?;
    swap(&fresh, folder)
}

/// Runs wasm-bindgen for a module, into a folder that is made anew, with files of this name.
///
/// # Errors
/// If wasm-bindgen refuses the module.
pub fn glue(wasm: &Path, fresh: &Path, name: &str) -> Result<()> {
    let bytes = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    if constructs_in_each_call(&bytes) {
        bail!(
            "{} runs all its constructors in each call from JavaScript, because no code calls `__wasm_call_ctors` \
             (src/gpu/device.rs does)",
            wasm.display()
        );
    }
    remove_folder(fresh)?;
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)
        .and_then(|bindgen| {
            bindgen.input_path(wasm).out_name(name).typescript(true);
            bindgen
                .remove_name_section(true)
                .remove_producers_section(true);
            bindgen.generate(fresh)
        })
        .map_err(|error| anyhow!("wasm-bindgen refused {}: {error:#}", wasm.display()))
}

/// Whether the linker has put the constructors of a module in front of each of its exports: it then names what stands
/// behind them `NAME.command_export`.
fn constructs_in_each_call(module: &[u8]) -> bool {
    let name = b".command_export";
    module.windows(name.len()).any(|bytes| bytes == name)
}

/// Replaces `folder` by `fresh`.
///
/// # Errors
/// If the file system refuses.
pub fn swap(fresh: &Path, folder: &Path) -> Result<()> {
    let old = with_suffix(folder, ".old");
    remove_folder(&old)?;
    if folder.exists() {
        fs::rename(folder, &old)
            .with_context(|| format!("cannot move {} away", folder.display()))?;
    }
    fs::rename(fresh, folder).with_context(|| format!("cannot write {}", folder.display()))?;
    remove_folder(&old)
}

/// Removes a folder, if it exists.
///
/// # Errors
/// If the file system refuses.
pub fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

/// Runs wasm-opt on the package in pkg/ itself.
///
/// # Errors
/// As [`optimised`], or if pkg/ cannot be written.
pub fn optimise_in_place(engine: Engine) -> Result<()> {
    let target = engine.folder().join("scorefield_bg.wasm");
    fs::copy(optimised(engine)?, &target)
        .with_context(|| format!("cannot write {}", target.display()))?;
    sums::write(&engine.folder())
}

/// The wasm of the package after wasm-opt. The result is stored under the hash of its input in target/wasm-opt,
/// because this takes minutes for the large package.
///
/// # Errors
/// If npm's binaryen cannot be installed, or refuses the module.
pub fn optimised(engine: Engine) -> Result<PathBuf> {
    let start = Instant::now();
    let input = engine.folder().join("scorefield_bg.wasm");
    let bytes = fs::read(&input).with_context(|| format!("cannot read {}", input.display()))?;
    let flags = WASM_OPT.join(" ");
    let folder = root().join("target/wasm-opt");
    let output = folder.join(format!(
        "{}-{}.wasm",
        engine.name(),
        hash::fnv1a([bytes.as_slice(), flags.as_bytes()])
    ));
    if output.is_file() {
        println!("      wasm-opt {}: kept from an earlier run", engine.name());
        return Ok(output);
    }
    tools::node_modules()?;
    fs::create_dir_all(&folder).context("cannot create target/wasm-opt")?;
    // Written to a temporary name and then renamed, so an interrupted run leaves no half module under the final name.
    let partial = with_suffix(&output, ".part");
    run(command(tools::npm_program("wasm-opt"))
        .args(WASM_OPT)
        .arg(&input)
        .arg("-o")
        .arg(&partial))?;
    fs::rename(&partial, &output).context("cannot keep wasm-opt's result")?;
    let after = fs::metadata(&output)?.len();
    println!(
        "      wasm-opt {}: {:.2} → {:.2} MB in {}",
        engine.name(),
        bytes.len() as f64 / 1e6,
        after as f64 / 1e6,
        clock(start)
    );
    if after == 0 {
        bail!("wasm-opt wrote an empty module");
    }
    Ok(output)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(suffix);
    path.with_file_name(name)
}

/// Whether `one` exists and is at least as new as `other`.
fn is_newer(one: &Path, other: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified());
    matches!((modified(one), modified(other)), (Ok(one), Ok(other)) if one >= other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_constructs_in_each_call_is_found() {
        assert!(constructs_in_each_call(b"..\x14run.command_export\x01.."));
        assert!(!constructs_in_each_call(b"..__wasm_call_ctors..command.."));
    }
}
