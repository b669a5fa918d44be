//! The steps of `check` and `test`, cheapest first.

use anyhow::Result;

use crate::command::{cargo, command, run, run_kept};
use crate::package::{self, Engine};
use crate::steps::Step;
use crate::tally::Tally;
use crate::{browser, dist, licences, tools, versions};

/// Format, lints, types, documentation.
pub fn check(webgpu: bool) -> Vec<Step> {
    let mut steps = vec![
        check_step(
            "versions",
            "wasm-bindgen is one version",
            &[],
            versions::check,
        ),
        check_step("format", "format (rustfmt)", &[], || {
            tools::component("rustfmt", "fmt")?;
            run(&mut cargo(&["fmt", "--all", "--check"]))
        }),
        check_step("eslint", "lint the JavaScript (eslint)", &[], || {
            tools::node_modules()?;
            run(command(tools::npm_program("eslint")).args(["--max-warnings", "0", "."]))
        }),
        check_step("clippy", "lint (clippy, native)", &[], || {
            tools::component("clippy", "clippy")?;
            run(cargo(&["clippy", "--workspace", "--all-targets"]).args(DENY))
        }),
        check_step("clippy-wasm", "lint (clippy, wasm32)", &[], || {
            clippy_wasm(Engine::Cpu)?;
            // The loops of the bench are empty natively.
            let loops = ["--package", "scorefield-limit", "--target", tools::WASM];
            run(cargo(&["clippy"]).args(loops).args(DENY))
        }),
        check_step(
            "build-cpu",
            "build the packages of the CPU engine",
            &[],
            || Engine::CPU.into_iter().try_for_each(package::build),
        ),
        check_step(
            "types",
            "types of the JavaScript (tsc)",
            &["build-cpu"],
            || {
                tools::node_modules()?;
                for project in ["tsconfig.json", "tests/e2e/tsconfig.json"] {
                    run(command(tools::npm_program("tsc")).args(["--project", project]))?;
                }
                Ok(())
            },
        ),
        check_step("doc", "documentation (rustdoc)", &[], || {
            run(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
        }),
        check_step(
            "licences",
            "licences of what is shipped (www/licences.txt)",
            &[],
            licences::check,
        ),
        check_step(
            "clippy-tensor",
            "lint (clippy, native, features tensor, unet and stub)",
            &[],
            || {
                run(cargo(&[
                    "clippy",
                    "--package",
                    "scorefield",
                    "--all-targets",
                    "--features",
                    "tensor,unet,stub",
                ])
                .args(DENY))
            },
        ),
    ];
    if webgpu {
        steps.push(check_step(
            "clippy-webgpu",
            "lint (clippy, wasm32, feature webgpu)",
            &[],
            || clippy_wasm(Engine::Webgpu),
        ));
    }
    steps
}

/// All tests; in the browser, the given test files.
pub fn test(webgpu: bool, suites: Vec<String>) -> Vec<Step> {
    let mut steps = check(webgpu);
    steps.push(test_step(
        "tests-xtask",
        "tests of the build tool",
        &["--package", "xtask"],
    ));
    steps.push(test_step(
        "tests",
        "tests (native)",
        &[
            "--release",
            "--package",
            "scorefield",
            "--package",
            "scorefield-maths",
        ],
    ));
    steps.push(test_step(
        "tests-tensor",
        "tests (native, features tensor, unet and stub)",
        &[
            "--profile",
            "tensor",
            "--package",
            "scorefield",
            "--features",
            "tensor,unet,stub",
            "--test",
            "tensor",
            "--test",
            "tensor_chains",
            "--test",
            "tensor_films",
            "--test",
            "unet",
            "--test",
            "stub",
            "--test",
            "layers",
        ],
    ));
    if webgpu {
        steps.push(Step {
            name: "tests-gpu",
            title: "tests of the fused kernels (native, on a software graphics card)",
            needs: &[],
            act: Box::new(gpu_tests),
        });
        steps.push(check_step(
            "build-webgpu",
            "build the WebGPU package",
            &[],
            || package::build(Engine::Webgpu),
        ));
    }
    steps.push(check_step(
        "build-stub",
        "build the CPU package with the toy lab",
        &[],
        || package::build(Engine::Stub),
    ));
    let packages: &[_] = if webgpu {
        &["build-cpu", "build-webgpu"]
    } else {
        &["build-cpu"]
    };
    steps.push(Step {
        name: "dist",
        title: "dist/ and its size budget",
        needs: packages,
        act: Box::new(move || {
            let options = dist::Options {
                webgpu,
                stills: true,
                base: None,
            };
            Ok(if dist::build(&options)? {
                Tally::PASS
            } else {
                Tally::FAIL
            })
        }),
    });
    steps.push(check_step("cli", "build the command line", &[], || {
        run(&mut cargo(&[
            "build",
            "--release",
            "--package",
            "scorefield",
            "--bin",
            "scorefield",
            // The browser tests look for it here, whatever CARGO_TARGET_DIR says.
            "--target-dir",
            "target",
        ]))
    }));
    steps.push(Step {
        name: "browser",
        title: "tests in a browser",
        needs: &["dist", "cli", "build-stub"],
        act: Box::new(move || browser::tests(webgpu, &suites)),
    });
    steps
}

const DENY: [&str; 3] = ["--", "-D", "warnings"];

fn clippy_wasm(engine: Engine) -> Result<()> {
    tools::component("clippy", "clippy")?;
    tools::wasm_target()?;
    run(engine.cargo(&["clippy"]).args(DENY))
}

/// The fused kernels on the Vulkan driver that comes with Chromium, unless `VK_DRIVER_FILES` names another one.
fn gpu_tests() -> Result<Tally> {
    let mut test = cargo(&["test", "--no-fail-fast", "--profile", "tensor"]);
    test.args([
        "--package",
        "scorefield",
        "--features",
        "gpu",
        "--test",
        "gpu",
    ]);
    if let Some((driver, loader)) = tools::software_vulkan()? {
        test.env("VK_DRIVER_FILES", driver)
            .env("LD_LIBRARY_PATH", loader);
    }
    let (success, output) = run_kept(&mut test)?;
    Ok(Tally::of_cargo(&output, success))
}

/// A step that passes or fails as a whole.
fn check_step(
    name: &'static str,
    title: &'static str,
    needs: &'static [&'static str],
    act: impl Fn() -> Result<()> + 'static,
) -> Step {
    Step {
        name,
        title,
        needs,
        act: Box::new(move || act().map(|()| Tally::PASS)),
    }
}

/// A `cargo test` whose tests are counted.
fn test_step(name: &'static str, title: &'static str, words: &'static [&'static str]) -> Step {
    let act = Box::new(move || {
        let (success, output) = run_kept(cargo(&["test", "--no-fail-fast"]).args(words))?;
        Ok(Tally::of_cargo(&output, success))
    });
    Step {
        name,
        title,
        needs: &[],
        act,
    }
}
