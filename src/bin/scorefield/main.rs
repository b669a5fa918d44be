//! The command line: run a link, print the table of keys, compare speeds.

mod durable;
mod first;
mod memory;
mod train;
mod verify;

use scorefield::error::{Error, LinkError};
use scorefield::fingerprint::{Fingerprint, Shared, Verdict};
use scorefield::labs::chain::{self, ChainLab};
use scorefield::labs::space::{self, SpaceLab, Window};
use scorefield::labs::toy1d::{self, Axis, Toy1d};
use scorefield::labs::{Lab, Run};
use scorefield::link::{self, Mode};
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
scorefield run LINK [--samples FILE.npy|FILE.csv] [--frames K]
    Runs a link (with or without the page's address) and prints one JSON object.
    With score=trained the network is trained first, to the same bits as in the page.
    Of a comparison, the second configuration's samples go to FILE.b.npy or FILE.b.csv.
scorefield train FILE.recipe [--fresh]
    Trains a score network; writes FILE.bpk, its card FILE.md and its line in SUMS beside it.
    Goes on from FILE.part, which an interrupted call has left; --fresh discards that and starts again.
scorefield verify FILE.bpk
    Trains the recipe in the file of a network again and says whether the weights are the same.
scorefield specs
    Prints the table of keys as JSON.
scorefield bench [N] [STEPS]
    Times the engine against a plain scalar loop; prints the ratio.";

/// Evaluations between two looks at the clock.
const PIECE: usize = 1 << 20;
/// Numbers in the frames of an answer, at most: about a gigabyte while it is written.
const FRAME_NUMBERS: u64 = 20_000_000;

/// What ends the program, and its exit code: 2 for a bad link or call, 1 for a failed run.
struct Failure {
    message: String,
    code: u8,
}

fn bad_call(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 2,
    }
}

fn failed(message: impl Into<String>) -> Failure {
    Failure {
        message: message.into(),
        code: 1,
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Self {
        let code = if matches!(e, Error::Link(_)) { 2 } else { 1 };
        Failure {
            message: e.to_string(),
            code,
        }
    }
}

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let words: Option<Vec<&str>> = args.iter().map(|a| a.to_str()).collect();
    let result = words.ok_or_else(|| bad_call("The call is not valid UTF-8."));
    let result = result.and_then(|words| command(&words));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            eprintln!("{message}");
            ExitCode::from(code)
        }
    }
}

fn command(words: &[&str]) -> Result<(), Failure> {
    match words {
        ["run", rest @ ..] => parse_run(rest).and_then(|options| run(&options)),
        ["train", "--fresh", path] | ["train", path, "--fresh"] => train::train(path, true),
        ["train", path] => train::train(path, false),
        ["train", ..] => Err(bad_call(format!("train needs one file.\n{USAGE}"))),
        ["verify", path] => verify::verify(path),
        ["verify", ..] => Err(bad_call(format!("verify needs one file.\n{USAGE}"))),
        ["specs"] => print(&json!(link::spec::table())),
        ["bench", rest @ ..] => bench(rest),
        ["help" | "--help" | "-h"] => print_text(USAGE),
        [] => Err(bad_call(USAGE)),
        [other, ..] => Err(bad_call(format!("There is no command “{other}”.\n{USAGE}"))),
    }
}

struct Options {
    link: String,
    samples: Option<PathBuf>,
    frames: usize,
}

fn parse_run(words: &[&str]) -> Result<Options, Failure> {
    let (mut link, mut samples, mut frames) = (None, None, 0);
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| bad_call(format!("{word} needs a value.\n{USAGE}")))
        };
        match word {
            "--samples" => {
                let path = PathBuf::from(value()?);
                match path.extension().and_then(|e| e.to_str()) {
                    Some("npy" | "csv") => samples = Some(path),
                    _ => {
                        return Err(bad_call(
                            "--samples: the file's name must end in .npy or .csv.",
                        ));
                    }
                }
            }
            "--frames" => {
                let text = value()?;
                frames = text
                    .parse()
                    .ok()
                    .filter(|k| (2..=2001).contains(k))
                    .ok_or_else(|| {
                        bad_call("--frames: a whole number from 2 to 2001 is needed.")
                    })?;
            }
            flag if flag.starts_with("--") => {
                return Err(bad_call(format!("There is no option {flag}.\n{USAGE}")));
            }
            text if link.is_none() => link = Some(text.to_owned()),
            text => {
                return Err(bad_call(format!(
                    "“{text}” is one word too many; quote the link.\n{USAGE}"
                )));
            }
        }
    }
    let link = link.ok_or_else(|| bad_call(format!("run needs a link.\n{USAGE}")))?;
    Ok(Options {
        link,
        samples,
        frames,
    })
}

fn run(options: &Options) -> Result<(), Failure> {
    let link::Decoded { link, changes, .. } =
        link::decode(&options.link, Mode::Strict).map_err(|e| refused(&options.link, &e))?;
    for change in &changes {
        // The answer holds them too: standard error may be closed.
        let _ = writeln!(std::io::stderr(), "{change}");
    }
    let shared = link.a.text("fp").map(Shared::decode).transpose();
    let shared = shared.map_err(|e| bad_call(e.to_string()))?;
    let judge = |own: &Fingerprint, chaotic| Some(shared.as_ref()?.judge(own, &link, chaotic));
    for side in [Some(&link.a), link.b.as_ref()].into_iter().flatten() {
        let dim = match side.word("lab") {
            "toy1d" => 1,
            "torus" => 3,
            "lgssm" => side.int("length") * link::chain::states(side) as u64,
            _ => 2,
        };
        if options.frames as u64 * side.int("n") * dim > FRAME_NUMBERS {
            return Err(bad_call(format!(
                "--frames: {} frames of {} particles are more than {FRAME_NUMBERS} numbers. Ask for fewer frames, or lower n.",
                options.frames,
                side.int("n")
            )));
        }
        // The film of segments keeps the levels that the page shows, and whole as far as there is room.
        let kept = (side.int("steps") + 1) * side.int("n") * dim;
        if side.word("method") == "ar"
            && options.frames > 2
            && (side.int("steps") > 200 || kept > chain::FILM as u64)
        {
            return Err(bad_call(
                "--frames: method=ar keeps the frames of runs of 200 steps at most, and of no more chains than fit. Take fewer steps, lower n, or 2 frames.",
            ));
        }
    }
    memory::check(&link, options.frames, options.samples.as_deref())?;
    let mut answer = Map::new();
    answer.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
    answer.insert("link".into(), json!(link::encode(&link)));
    if !changes.is_empty() {
        answer.insert("changes".into(), json!(changes));
    }
    let (first, samples) = run_side(&link.a, &judge, options.frames)?;
    answer.extend(first);
    let mut files = vec![(options.samples.clone(), samples)];
    if let Some(b) = &link.b {
        let (second, samples) = run_side(b, &|_, _| None, options.frames)?;
        answer.insert("b".into(), Value::Object(second));
        files.push((options.samples.as_deref().map(second_name), samples));
    }
    for (path, samples) in files {
        if let Some(path) = path {
            save(&path, &samples)?;
        }
    }
    print(&Value::Object(answer))
}

/// A link that cannot be read: why, the nearest valid one, and all that this changes.
fn refused(text: &str, error: &LinkError) -> Failure {
    let nearest = link::repair(text);
    let mut message = format!(
        "{error}\nNearest valid link: {}",
        link::encode(&nearest.link)
    );
    for change in nearest.changes {
        message += &format!("\n  {change}");
    }
    bad_call(message)
}

/// `x.npy` → `x.b.npy`: the samples of the second configuration.
fn second_name(path: &Path) -> PathBuf {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("b.{extension}"))
}

/// How a result compares with the shared one, where there is one; whether rounding is amplified.
type Judge<'a> = dyn Fn(&Fingerprint, bool) -> Option<Verdict> + 'a;

fn run_side(
    values: &link::Values,
    judge: &Judge<'_>,
    frames: usize,
) -> Result<(Map<String, Value>, Samples), Failure> {
    if values.word("engine") == "webgpu" {
        return Err(failed(
            "This build of the command line has no WebGPU engine. Use engine=cpu or engine=auto.",
        ));
    }
    let training = first::train(values)?;
    let (mut answer, samples) = if values.word("lab") == "toy1d" {
        let lab = Toy1d::new(values);
        let axis = Axis::holding(&[&lab]);
        run_lab(toy1d::Run::new(lab, axis), judge, frames)
    } else if values.word("lab") == "lgssm" {
        let lab = ChainLab::new(values).map_err(|e| bad_call(e.to_string()))?;
        run_lab(chain::Run::new(lab), judge, frames)
    } else {
        let lab = SpaceLab::new(values);
        let window = Window::holding(&[&lab]);
        run_lab(space::Run::new(lab, window), judge, frames)
    }?;
    if let Some(training) = training {
        answer.insert("training".into(), training);
    }
    Ok((answer, samples))
}

/// The answer of one side, and its final samples.
fn run_lab<L: Lab>(
    mut run: Run<L>,
    judge: &Judge<'_>,
    frames: usize,
) -> Result<(Map<String, Value>, Samples), Failure> {
    let setup = run.lab.setup().clone();
    setup.ready()?;
    let warnings = run.lab.warnings();
    for warning in &warnings {
        let _ = writeln!(std::io::stderr(), "Warning: {warning}");
    }
    let dim = run.lab.dim();
    let steps = setup.plan.steps();
    let wanted: Vec<usize> = match frames {
        0 => vec![],
        _ => (0..frames)
            .map(|i| (i * steps + (frames - 1) / 2) / (frames - 1))
            .collect(),
    };
    let levels = &setup.plan.levels;
    let (seed, nfe) = (setup.seed, run.lab.rounds() * setup.plan.nfe());
    let mut states = Vec::new();
    let mut keep = |level: usize, x: &[f64]| {
        for _ in wanted.iter().filter(|&&w| w == level) {
            let at = levels[level];
            // On the line a list of numbers, elsewhere a list of points.
            let x = match dim {
                1 => json!(x),
                _ => json!(x.chunks(dim).collect::<Vec<_>>()),
            };
            states.push(json!({"t": at.t, "alpha": at.alpha, "sigma": at.sigma, "x": x}));
        }
    };
    keep(0, run.x());
    // A piece is as much work whatever the number of coordinates.
    let piece = (PIECE / dim.max(1)).max(1);
    let mut sound = Ok(());
    let seconds = with_clock(|clock| {
        let mut bar = Bar::new(clock, run.total());
        while !run.is_done() && sound.is_ok() {
            run.advance_with(piece, &mut keep);
            sound = run.check();
            bar.show(run.evaluations());
        }
        bar.clear();
    });
    sound?;
    let metrics = run.final_metrics()?;
    let mut numbers = Map::new();
    for row in &metrics.rows {
        numbers.insert(row.key.into(), json!(row.value));
    }
    for (key, value) in run.lab.costs() {
        numbers.insert(key.into(), json!(value));
    }
    if let Some(mean) = run.jacobian_products() {
        let whole = mean.fract() == 0.0;
        let value = if whole {
            json!(mean as u64)
        } else {
            json!(mean)
        };
        numbers.insert("jacobian_products".into(), value);
    }
    let mut out = Map::new();
    out.insert("engine".into(), json!("cpu"));
    out.insert("seed".into(), json!(seed));
    out.insert("nfe".into(), json!(nfe));
    out.insert("seconds".into(), json!(seconds));
    out.insert("metrics".into(), Value::Object(numbers));
    out.insert("warnings".into(), json!(warnings));
    let fingerprint = run.fingerprint()?;
    if let Some(verdict) = judge(&fingerprint, setup.amplifies_rounding()) {
        let (verdict, difference) = match verdict {
            Verdict::Exact => ("exact", Some(0.0)),
            Verdict::Close(d) => ("close", Some(d)),
            Verdict::Different(d) => ("different", Some(d)),
            Verdict::Edited => ("edited", None),
        };
        let reproduced = json!({"verdict": verdict, "difference": difference});
        out.insert("reproduced".into(), reproduced);
    }
    out.insert("fingerprint".into(), json!(fingerprint.encode()));
    if frames > 0 {
        out.insert("frames".into(), Value::Array(states));
    }
    let samples = Samples {
        dim,
        x: run.samples()?.to_vec(),
    };
    Ok((out, samples))
}

/// Final samples `[n, dim]`.
struct Samples {
    dim: usize,
    x: Vec<f64>,
}

/// Runs `work` with a clock in seconds; returns how long it took.
fn with_clock(work: impl FnOnce(&dyn Fn() -> f64)) -> f64 {
    // Time is measured round the run, never inside it.
    #[allow(clippy::disallowed_methods)]
    let start = std::time::Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    work(&clock);
    clock()
}

/// A progress line on the terminal, from the first second of a run on.
struct Bar<'a> {
    clock: &'a dyn Fn() -> f64,
    total: u64,
    shown: bool,
    on: bool,
    /// A word beside the time left.
    note: String,
}

impl<'a> Bar<'a> {
    fn new(clock: &'a dyn Fn() -> f64, total: u64) -> Self {
        Self {
            clock,
            total,
            shown: false,
            on: std::io::stderr().is_terminal(),
            note: String::new(),
        }
    }

    fn show(&mut self, done: u64) {
        let seconds = (self.clock)();
        if !self.on || seconds < 1.0 || done == 0 {
            return;
        }
        self.shown = true;
        let share = done as f64 / self.total as f64;
        let filled = (share * 30.0) as usize;
        let left = seconds / share * (1.0 - share);
        eprint!(
            "\r[{}{}] {:3.0} %  {left:.0} s left  {} ",
            "#".repeat(filled),
            "·".repeat(30 - filled.min(30)),
            share * 100.0,
            self.note
        );
    }

    fn clear(&self) {
        if self.shown {
            eprint!("\r{:120}\r", "");
        }
    }
}

/// Writes the samples `[n, dim]`.
fn save(path: &Path, samples: &Samples) -> Result<(), Failure> {
    let Samples { dim, x } = samples;
    let npy = path.extension().is_some_and(|e| e == "npy");
    let bytes = match npy {
        true => {
            let mut bytes = npy_header(x.len() / dim, *dim);
            x.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
            bytes
        }
        false => scorefield::labs::csv(x, *dim).into_bytes(),
    };
    write_whole(path, &bytes)
}

/// Writes a file to a neighbour first, so that no half file is left.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|e| {
        let _ = std::fs::remove_file(&part);
        failed(format!(
            "{} cannot be written: {e}. Choose another place.",
            path.display()
        ))
    })
}

/// Header of NumPy's format 1.0 for `[n, dim]` little-endian f64, padded to a multiple of 64 bytes.
fn npy_header(n: usize, dim: usize) -> Vec<u8> {
    let mut text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({n}, {dim}), }}");
    let unpadded = 10 + text.len() + 1;
    text.push_str(&" ".repeat(unpadded.next_multiple_of(64) - unpadded));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    bytes
}

fn bench(words: &[&str]) -> Result<(), Failure> {
    let number = |i: usize, default: usize| match words.get(i) {
        None => Ok(default),
        Some(w) => w
            .parse::<usize>()
            .map_err(|_| bad_call(format!("bench: “{w}” is no whole number.\n{USAGE}"))),
    };
    let (n, steps) = (
        number(0, 10_000)?.clamp(1, 1_000_000),
        number(1, 100)?.clamp(2, 2000),
    );
    let mut result = None;
    with_clock(|clock| {
        result = Some(scorefield::bench::compare(n, steps as u32, || {
            clock() * 1e3
        }))
    });
    let mut growth = None;
    with_clock(|clock| growth = scorefield::bench::growth(|| clock() * 1e3));
    let result = result.ok_or_else(|| failed("The benchmark did not run."))?;
    print(&json!({
        "where": "native", "n": n, "steps": steps,
        "engine_ms": result.engine_ms, "scalar_ms": result.scalar_ms,
        "ratio": result.engine_ms / result.scalar_ms, "difference": result.difference,
        "chain_growth": growth,
    }))
}

fn print(value: &Value) -> Result<(), Failure> {
    print_text(&value.to_string())
}

fn print_text(text: &str) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{text}")
        .map_err(|e| failed(format!("The answer cannot be printed: {e}.")))
}
