//! `cargo xtask serve`: serves the page with the CPU engine at once, and with WebGPU when it is built.

use std::thread;

use anyhow::Result;

use crate::mount::Mount;
use crate::package::{self, Engine};
use crate::root::root;
use crate::site;
use crate::{dist, notes, tools};

/// What to serve, and on which port.
pub struct Options {
    /// The first port to try.
    pub port: u16,
    /// Whether to build the WebGPU package.
    pub webgpu: bool,
    /// Whether to serve dist/ instead of the sources.
    pub dist: bool,
}

/// Builds and serves until interrupted.
///
/// # Errors
/// If the CPU package cannot be built, or no port is free.
pub fn serve(options: &Options) -> Result<()> {
    let mounts = if options.dist {
        dist::build(&dist::Options {
            webgpu: options.webgpu,
            stills: true,
            base: None,
        })?;
        vec![Mount::all("/", root().join("dist"))]
    } else {
        for package in Engine::CPU {
            package::build(package)?;
        }
        let pages = root().join("target/notes");
        notes::pages(&pages, None)?;
        let beside = Mount {
            only: notes::FOLDERS.to_vec(),
            ..Mount::all("/", pages)
        };
        vec![Mount::source(&root()), beside]
    };
    let site = site::start(options.port, mounts)?;
    println!("Serving {} (Ctrl-C ends it)", site.address);
    if options.webgpu && !options.dist {
        tools::wasm_target()?;
        match package::build(Engine::Webgpu) {
            Ok(()) => println!("The WebGPU engine is ready: reload {}", site.address),
            Err(error) => println!(
                "The WebGPU engine could not be built, the page goes on with the CPU: {error:#}"
            ),
        }
    }
    loop {
        thread::park();
    }
}
