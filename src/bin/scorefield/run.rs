//! `scorefield run LINK`: checks everything that can be checked before a run, runs both sides, prints the answer, and
//! writes the files.

use super::args::Options;
use super::dealt::{Whole, finish};
use super::failure::{Failure, bad_call, failed, not_reproduced};
use super::output::{Place, write_all};
use super::say::{Bar, print, tell, with_clock};
use super::shares::MovedShares;
use super::threads::{cores, with_threads};
use super::{first, memory, npy};
use scorefield::answer;
use scorefield::error::{Error, LinkError};
use scorefield::fingerprint::{Fingerprint, Shared, Verdict};
use scorefield::labs::lgssm;
use scorefield::labs::link::{self, Engine, Link, Mode, Side, Values};
use scorefield::labs::{self, Args, Experiment, Metrics, Runner};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Units of work between two looks at the clock: a tenth of a second.
const PIECE: usize = 1 << 22;
/// Largest number of numbers in the frames of an answer: about a gigabyte while it is written.
const FRAME_NUMBERS: u64 = 20_000_000;

/// The verdict on a result that is not the shared one.
const DIFFERENT: &str = "different";

/// The link of a call; what was changed to read it is told.
pub fn decoded(text: &str) -> Result<link::Decoded, Failure> {
    let own = link::decode(text, Mode::Strict).map_err(|e| refused(text, &e))?;
    for change in &own.changes {
        // The answer holds them too: standard error may be closed.
        tell(&format!("{change}\n"));
    }
    Ok(own)
}

/// Runs the link of a call.
pub fn run(options: &Options) -> Result<(), Failure> {
    let frames = options.frames.unwrap_or(0);
    let link::Decoded { link, changes, .. } = decoded(&options.link)?;
    let shared = link.a.text("fp").map(Shared::decode).transpose();
    let shared = shared.map_err(|e| bad_call(e.to_string()))?;
    let judge =
        |side, own: &Fingerprint, chaotic| shared.as_ref()?.judge(side, own, &link, chaotic);
    for side in [Some(&link.a), link.b.as_ref()].into_iter().flatten() {
        let dim = side.numbers()?;
        // A lab may have runs without particles or without steps of a sampler.
        let n = side.int("n").unwrap_or(1);
        let steps = side.int("steps").unwrap_or(0);
        if frames as u64 * n * dim > FRAME_NUMBERS {
            return Err(bad_call(format!(
                "--frames: {frames} frames of {n} particles are more than {FRAME_NUMBERS} numbers. Ask for fewer frames, or lower n."
            )));
        }
        // The film of segments keeps the levels that the page shows, and whole as far as there is room.
        let kept = (steps + 1) * n * dim;
        if side.choice("method") == Some(lgssm::Way::Autoregressive)
            && frames > 2
            && (steps > 200 || kept > lgssm::FILM as u64)
        {
            return Err(bad_call(
                "--frames: method=ar keeps the frames of runs of 200 steps at most, and of no more chains than fit. Take fewer steps, lower n, or 2 frames.",
            ));
        }
    }
    let places = places(options, link.b.is_some())?;
    let experiment = labs::open(&link)?;
    let most = options.threads.unwrap_or_else(cores);
    let threads = memory::check(
        experiment.as_ref(),
        (frames, most),
        options.samples.as_deref(),
    )?;
    let wanted = Wanted { frames, threads };
    let first = Checked::new(experiment.as_ref(), Side::A, &link.a)?;
    let second = link.b.as_ref();
    let second = second.map(|values| Checked::new(experiment.as_ref(), Side::B, values));
    let second = second.transpose()?;

    let mut answer = Map::new();
    answer.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
    answer.insert("link".into(), json!(link::encode(&link)));
    if !changes.is_empty() {
        answer.insert("changes".into(), json!(changes));
    }
    let (own, samples) = run_side(first, &judge, &wanted)?;
    answer.extend(own);
    let mut all = vec![samples];
    let mut end = Ok(());
    match second.map(|side| run_side(side, &judge, &wanted)) {
        Some(Ok((other, samples))) => {
            answer.insert("b".into(), Value::Object(other));
            all.push(samples);
        }
        // What the first configuration took is not lost.
        Some(Err(failure)) => {
            answer.insert("b".into(), json!({"error": failure.message}));
            end = Err(Failure {
                message: format!("b: {}", failure.message),
                ..failure
            });
        }
        None => {}
    }
    let judged = reproduced(&answer);
    let printed = print(&Value::Object(answer));
    if end.is_ok() {
        let files: Vec<_> = places
            .into_iter()
            .zip(&all)
            .map(|(path, samples)| {
                let bytes = samples.bytes(&path);
                (path, bytes)
            })
            .collect();
        end = write_all(&files);
    }
    both(both(printed, end), judged)
}

/// A failure where the result of a side is not the shared one.
fn reproduced(answer: &Map<String, Value>) -> Result<(), Failure> {
    let sides = [
        ("", answer.get("reproduced")),
        (
            "b: ",
            answer.get("b").and_then(|side| side.get("reproduced")),
        ),
    ];
    let told: Vec<String> = sides
        .iter()
        .filter(|(_, own)| own.is_some_and(|own| own["verdict"] == DIFFERENT))
        .map(|(side, _)| {
            format!("{side}Not reproduced: the result is not the one that was shared.")
        })
        .collect();
    match told.is_empty() {
        true => Ok(()),
        false => Err(not_reproduced(told.join("\n"))),
    }
}

/// The first failure, with the message of the second appended.
fn both(first: Result<(), Failure>, second: Result<(), Failure>) -> Result<(), Failure> {
    match (first, second) {
        (Err(mut first), Err(second)) => {
            first.message += &format!("\n{}", second.message);
            Err(first)
        }
        (first, second) => first.and(second),
    }
}

/// The files for the samples, checked: one per side, or none.
fn places(options: &Options, compared: bool) -> Result<Vec<PathBuf>, Failure> {
    let Some(path) = &options.samples else {
        return Ok(vec![]);
    };
    let first = Place::check(path)?;
    if !compared {
        return Ok(vec![path.clone()]);
    }
    let other = second_name(path);
    if first.is(&Place::check(&other)?) {
        return Err(failed(format!(
            "{} and {} are one file, and a comparison writes two. Choose another name.",
            path.display(),
            other.display()
        )));
    }
    Ok(vec![path.clone(), other])
}

/// The failure for a link that cannot be read: the reason, the nearest valid link, and its changes.
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

/// Compares the result of a side with the shared result, if there is one. The flag says whether the run amplifies
/// rounding.
type Judge<'a> = dyn Fn(Side, &Fingerprint, bool) -> Option<Verdict> + 'a;

/// A side for which everything was checked that can be checked before its run.
struct Checked<'a> {
    experiment: &'a dyn Experiment,
    side: Side,
    values: &'a Values,
}

impl<'a> Checked<'a> {
    fn new(
        experiment: &'a dyn Experiment,
        side: Side,
        values: &'a Values,
    ) -> Result<Self, Failure> {
        if values.choice("engine") == Some(Engine::Webgpu) {
            return Err(failed(
                "This build of the command line has no WebGPU engine. Use engine=cpu or engine=auto.",
            ));
        }
        // A side that cannot be made has no plan.
        experiment.plan(side).map_err(|e| bad_call(e.to_string()))?;
        match experiment.ready(side) {
            Ok(()) | Err(Error::Untrained { .. }) => Ok(Self {
                experiment,
                side,
                values,
            }),
            Err(e) => Err(e.into()),
        }
    }

    /// Its run, after the training of its network if it has one, and the answer's entry about that.
    fn start(&self, threads: usize) -> Result<(Box<dyn Runner>, Option<Value>), Failure> {
        let engine = labs::Engine::Host;
        let Some(training) = first::train(self.values, threads)? else {
            return Ok((self.experiment.run(self.side, &engine)?, None));
        };
        // Compiled again, now with its network.
        let own = Link {
            a: self.values.clone(),
            b: None,
        };
        let run = labs::open(&own)?.run(Side::A, &engine)?;
        Ok((run, Some(training)))
    }
}

/// Number of states in the answer, and of threads at most.
struct Wanted {
    frames: usize,
    threads: usize,
}

fn run_side(
    side: Checked,
    judge: &Judge<'_>,
    wanted: &Wanted,
) -> Result<(Map<String, Value>, Samples), Failure> {
    let (run, training) = side.start(wanted.threads)?;
    let judge = |own: &Fingerprint, chaotic| judge(side.side, own, chaotic);
    let (mut answer, samples) = run_whole(run, side.values, &judge, wanted)?;
    if let Some(training) = training {
        answer.insert("training".into(), training);
    }
    Ok((answer, samples))
}

/// The answer of one side, and its final samples.
fn run_whole(
    mut run: Box<dyn Runner>,
    values: &Values,
    judge: &dyn Fn(&Fingerprint, bool) -> Option<Verdict>,
    wanted: &Wanted,
) -> Result<(Map<String, Value>, Samples), Failure> {
    let warnings = run.warnings();
    for warning in &warnings {
        tell(&format!("Warning: {warning}\n"));
    }
    let (dim, steps) = (run.dim(), run.steps());
    let (seed, frames) = (values.need_int("seed")?, wanted.frames);
    let most = wanted.threads;
    let wanted: Vec<usize> = match frames {
        0 => vec![],
        _ => (0..frames)
            .map(|i| (i * steps + (frames - 1) / 2) / (frames - 1))
            .collect(),
    };
    let mut states = Vec::new();
    let mut keep = |step: usize, x: &[f64]| {
        for _ in wanted.iter().filter(|&&w| w == step) {
            // A list of numbers on the line, otherwise a list of points.
            let x = match dim {
                1 => json!(x),
                _ => json!(x.chunks(dim).collect::<Vec<_>>()),
            };
            states.push((step, x));
        }
    };
    let price = announced(run.as_ref())?;
    let mut threads = Ok(1);
    let seconds = with_clock(|clock| {
        let mut bar = Bar::new(clock, price);
        threads = with_threads(|threads| {
            let run = run.as_mut();
            let mut others = MovedShares::of(threads, run, values, (most, price), &wanted);
            let count = others.threads();
            while !run.is_done() {
                run.advance_with(PIECE, &mut keep);
                run.check()?;
                threads.check()?;
                bar.show(run.work());
                others.deliver(run);
            }
            Ok(count)
        });
        bar.clear();
    });
    let threads = threads?;
    // What a run noticed on its way.
    let noticed = run.warnings();
    for warning in noticed.iter().filter(|own| !warnings.contains(own)) {
        tell(&format!("Warning: {warning}\n"));
    }
    let warnings = noticed;
    let mut numbers = Map::new();
    for row in &final_metrics(run.as_ref(), values, most)?.rows {
        numbers.insert(row.key.into(), json!(row.value));
    }
    for (key, value) in run.costs() {
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
    if let Some(calls) = run.calls() {
        out.insert("nfe".into(), json!(calls));
    }
    out.insert("seconds".into(), json!(seconds));
    out.insert("threads".into(), json!(threads));
    out.insert("metrics".into(), Value::Object(numbers));
    out.insert("warnings".into(), json!(warnings));
    let fingerprint = run.fingerprint()?;
    if let Some(verdict) = judge(&fingerprint, run.amplifies_rounding()) {
        let (verdict, difference) = match verdict {
            Verdict::Exact => ("exact", Some(0.0)),
            Verdict::Close(d) => ("close", Some(d)),
            Verdict::Different(d) => (DIFFERENT, Some(d)),
            Verdict::Edited => ("edited", None),
        };
        let reproduced = json!({"verdict": verdict, "difference": difference});
        out.insert("reproduced".into(), reproduced);
    }
    out.insert("fingerprint".into(), json!(fingerprint.encode()));
    if frames > 0 {
        let state = |(step, x): (usize, Value)| {
            let place = run.place(step).0.into_iter();
            let mut state: Map<_, _> = place.map(|(k, v)| (k.to_owned(), json!(v))).collect();
            state.insert("x".into(), x);
            Value::Object(state)
        };
        out.insert("frames".into(), states.into_iter().map(state).collect());
    }
    let samples = Samples {
        dim,
        x: run.samples()?.to_vec(),
    };
    Ok((out, samples))
}

/// What a run takes in units of work, known before it.
fn announced(run: &dyn Runner) -> Result<u64, Error> {
    let asked = run.ask("price", &Args::default())?;
    let price = answer::of_type::<f64>(asked.finish()?);
    Ok(price.map_or(0, |price| price as u64))
}

/// The numbers at the end, on `most` threads at most.
fn final_metrics(run: &dyn Runner, values: &Values, most: usize) -> Result<Metrics, Failure> {
    let last = run.frames().saturating_sub(1) as f64;
    let mut asked = run.ask("metrics", &Args(vec![("frame".to_owned(), vec![last])]))?;
    let worth = (most, asked.price() as f64);
    let whole = Whole::Numbers(values.clone(), asked.given().to_vec());
    finish(&mut asked, &whole, worth)?;
    let metrics = answer::of_type::<Option<Metrics>>(asked.answer()?);
    let missing = Error::NotYet {
        what: "final metric",
    };
    metrics.flatten().ok_or(missing.into())
}

/// Final samples `[n, dim]`.
struct Samples {
    dim: usize,
    x: Vec<f64>,
}

impl Samples {
    /// The file: NumPy's format or, by its name, CSV.
    fn bytes(&self, path: &Path) -> Vec<u8> {
        let Samples { dim, x } = self;
        if path.extension().is_none_or(|e| e != "npy") {
            return scorefield::labs::csv(x, *dim).into_bytes();
        }
        npy::bytes(&[x.len() / dim, *dim], x)
    }
}
