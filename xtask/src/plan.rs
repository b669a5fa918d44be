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
        steps.push(beside(check_step(
            "clippy-webgpu",
            "lint (clippy, wasm32, feature webgpu)",
            &[],
            || clippy_wasm(Engine::Webgpu),
        )));
    }
    steps
}

/// All tests; in the browser, the given test files.
pub fn test(webgpu: bool, suites: Vec<String>) -> Vec<Step> {
    let mut steps = check(webgpu);
    // Before what runs beside: the packages of the CPU have the same folder.
    let first = steps.iter().position(|step| step.beside);
    let stub = check_step(
        "build-stub",
        "build the CPU package with the toy lab",
        &[],
        || package::build(Engine::Stub),
    );
    steps.insert(first.unwrap_or(steps.len()), stub);
    // What leaves a core idle, beside the native tests: the last crates of the largest package, wasm-opt, pictures, brotli.
    if webgpu {
        steps.push(beside(check_step(
            "build-webgpu",
            "build the WebGPU package",
            &[],
            || {
                // What needs it comes later, here and beside: two steps must not install it at once.
                tools::chromium()?;
                package::build(Engine::Webgpu)
            },
        )));
    }
    let packages: &[_] = if webgpu {
        &["build-cpu", "build-webgpu"]
    } else {
        &["build-cpu"]
    };
    steps.push(beside(Step {
        name: "dist",
        title: "dist/ and its size budget",
        needs: packages,
        beside: false,
        act: Box::new(move || {
            // Without a browser dist has no first picture.
            tools::chromium()?;
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
    }));
    steps.push(cargo_test(
        "tests-xtask",
        "tests of the build tool",
        &["--package", "xtask"],
    ));
    let mut native = vec!["--release"];
    native.extend(NATIVE);
    steps.push(cargo_test("tests", "tests (native)", &native));
    // Both groups of tests on burn have the same features, so that burn is compiled once.
    let features = if webgpu {
        "tensor,unet,stub,gpu"
    } else {
        "tensor,unet,stub"
    };
    let on_burn = [
        "--profile",
        "tensor",
        "--package",
        "scorefield",
        "--features",
        features,
    ];
    let mut tensor = on_burn.to_vec();
    for name in [
        "tensor",
        "tensor_chains",
        "tensor_films",
        "unet",
        "stub",
        "layers",
    ] {
        tensor.extend(["--test", name]);
    }
    steps.push(cargo_test(
        "tests-tensor",
        "tests (native, features tensor, unet and stub)",
        &tensor,
    ));
    if webgpu {
        steps.push(Step {
            name: "tests-gpu",
            title: "tests of the fused kernels (native, on a software graphics card)",
            needs: &[],
            beside: false,
            act: Box::new(move || gpu_tests(&on_burn)),
        });
    }
    steps.push(check_step("cli", "build the command line", &[], || {
        // With the test of the command line and the packages of the native tests cargo takes the program that they ran: without
        // the dependencies of tests it would compile it anew.
        run(cargo(&["build", "--release"])
            .args(NATIVE)
            .args(["--bin", "scorefield", "--test", "cli"])
            // The browser tests look for it here, whatever CARGO_TARGET_DIR says.
            .args(["--target-dir", "target"]))
    }));
    steps.push(Step {
        name: "browser",
        title: "tests in a browser",
        needs: &["dist", "cli", "build-stub"],
        beside: false,
        act: Box::new(move || browser::tests(webgpu, &suites)),
    });
    steps
}

/// The packages of the native tests.
const NATIVE: [&str; 4] = ["--package", "scorefield", "--package", "scorefield-maths"];

const DENY: [&str; 3] = ["--", "-D", "warnings"];

fn clippy_wasm(engine: Engine) -> Result<()> {
    tools::component("clippy", "clippy")?;
    tools::wasm_target()?;
    run(engine.cargo(&["clippy"]).args(DENY))
}

/// The fused kernels on the Vulkan driver that comes with Chromium, unless `VK_DRIVER_FILES` names another one; and the tests inside
/// `src/gpu`, which the library has with this feature only.
fn gpu_tests(words: &[&str]) -> Result<Tally> {
    let (vulkan, mut total) = (tools::software_vulkan()?, Tally::default());
    for chosen in [["--test", "gpu"], ["--lib", "gpu::"]] {
        let mut test = cargo(&["test", "--no-fail-fast"]);
        test.args(words).args(chosen);
        if let Some((driver, loader)) = &vulkan {
            test.env("VK_DRIVER_FILES", driver)
                .env("LD_LIBRARY_PATH", loader);
        }
        let (success, output) = run_kept(&mut test)?;
        total += Tally::of_cargo(&output, success);
    }
    Ok(total)
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
        beside: false,
        act: Box::new(move || act().map(|()| Tally::PASS)),
    }
}

/// A step that runs beside those that follow.
fn beside(step: Step) -> Step {
    Step {
        beside: true,
        ..step
    }
}

/// A `cargo test` whose tests are counted.
fn cargo_test(name: &'static str, title: &'static str, words: &[&'static str]) -> Step {
    let words = words.to_vec();
    let act = Box::new(move || {
        let (success, output) = run_kept(cargo(&["test", "--no-fail-fast"]).args(&words))?;
        Ok(Tally::of_cargo(&output, success))
    });
    Step {
        name,
        title,
        needs: &[],
        beside: false,
        act,
    }
}
