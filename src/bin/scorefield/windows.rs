//! The training of a network on windows of a flow: its films, its steps, its card.

use super::course::{Course, Trained, loss_of_last};
use super::failure::{Failure, bad_call, failed};
use super::files::Files;
use super::input;
use super::prepare::films;
use super::say::print;
use scorefield::denoise::Denoiser;
use scorefield::dynamics::kolmogorov::{Parameters, Request, Shells, Solver, UNIT, Windows};
use scorefield::error::Error;
use scorefield::level::Level;
use scorefield::metrics::spectrum_error;
use scorefield::net::unet::recipe::{self, FieldRecipe};
use scorefield::net::unet::{FRAME, FRAMES, FieldNet, PIXELS, Skip, Source, WINDOW, measure};
use scorefield::net::{State, saved};
use scorefield::process::film::GaussianFilm;
use scorefield::sample::{Executor, HostState, Plan, Sampler};
use scorefield::schedule::Process;
use scorefield::unet::{FieldDenoiser, FieldNetwork, FieldTrainer, Place};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

/// Threads of a step.
const THREADS: usize = 2;
/// Windows of the errors on the card, and the seed that picks them from the films of validation.
const JUDGED: usize = 64;
const SEED: u64 = 1;
/// Largest difference of a ratio from its card: processors round differently, and a chaotic flow makes the most of it.
const CLOSE: f64 = 0.02;
/// Steps of the sampler of a card, and the exponent of its grid (Karras et al. 2022, eq. 5).
const STEPS: u32 = 32;
const RHO: f64 = 7.0;
/// Windows that are sampled for a card, and the lags of their correlations.
const SAMPLED: usize = 32;
const LAGS: [usize; 3] = [1, 2, 4];

/// The data of a training.
struct Drawn(Windows);

impl Source for Drawn {
    fn draw(&self, seed: u64, step: u32, item: usize, out: &mut [f32]) {
        self.0.at(self.0.place(seed, step, item), out);
    }
}

impl Course for FieldTrainer {
    fn step(&mut self) -> Result<f64, Error> {
        FieldTrainer::step(self, THREADS)
    }

    fn state(&self) -> &State {
        FieldTrainer::state(self)
    }
}

/// Trains the recipe of `files`.
pub fn train(files: &Files, fresh: bool) -> Result<(), Failure> {
    let recipe = recipe::parse(&files.path.display().to_string(), files.text)
        .map_err(|e| bad_call(e.to_string()))?;
    files.check(fresh)?;
    let sizes = (recipe.steps, recipe.shape.len());
    let read = |name: &str, bytes: &[u8]| saved::read_sized(name, bytes, files.text, sizes);
    let state = files.load(recipe.steps, read)?;
    let films = films(&Request::training(), "training")?;
    let source = Arc::new(Drawn(Windows::new(films, FRAMES)));
    let skip = skip()?;
    let mut trainer = match state {
        Some(state) => FieldTrainer::resume(recipe, skip.clone(), source, state),
        None => FieldTrainer::new(recipe, skip.clone(), source),
    };
    let trained = files.run(&mut trainer, recipe.steps)?;
    let net = trainer.network(files.text.to_owned());
    let bytes = net.to_bytes()?;
    let card = Card {
        stem: files.stem,
        recipe: &recipe,
        net: &net,
        bytes: bytes.len(),
        trained: &trained,
    };
    let card = card.text(&measure(&net, skip)?);
    files.write(&bytes, &card, &trained)
}

/// Measures the errors of the network in `file` again, prints them, and fails if they are not those of the card beside it.
pub fn verify(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let path = &file.display().to_string();
    let net = FieldNet::from_bytes(path, bytes)?;
    let card = input::text(&file.with_extension("md")).map_err(|e| {
        bad_call(format!(
            "The card of {path}, the same name in .md, cannot be read: {e}."
        ))
    })?;
    let Measured {
        rows,
        spectrum,
        lags: [lags, _],
    } = measure(&net, skip()?)?;
    let same = rows.iter().all(|row| {
        let said = card.lines().filter_map(cells).find(|said| said[0] == row.0);
        said.is_some_and(|said| (said[3] - row.1[0] / row.1[1]).abs() <= CLOSE)
    });
    let errors: Vec<Value> = rows
        .iter()
        .map(|(s, [own, linear])| json!({"ratio": s, "linear": linear, "own": own, "share": own / linear}))
        .collect();
    let answer = json!({
        "file": path, "windows": JUDGED, "errors": errors, "spectrum-error": spectrum, "correlations": lags, "same": same,
    });
    print(&answer)?;
    match same {
        true => Ok(()),
        false => Err(failed(format!(
            "The errors of {path} are not those on its card. Train its recipe again."
        ))),
    }
}

/// The numbers of a row of the table of a card.
fn cells(line: &str) -> Option<[f64; 4]> {
    let cells = line.trim_matches('|').split('|');
    let numbers: Option<Vec<f64>> = cells.map(|cell| cell.trim().parse().ok()).collect();
    numbers?.try_into().ok()
}

/// The linear denoiser that the network corrects: that of the Gaussian law of windows.
fn skip() -> Result<Arc<dyn Skip>, Failure> {
    Ok(Arc::new(GaussianFilm::committed(FRAMES)?))
}

/// The sampler of a model card: 32 steps from 30 to 0.02 and then 0, each with one Langevin correction of τ = ½.
fn plan() -> Plan {
    let process = Process::Edm;
    let sampler = Sampler::Pc {
        corrections: 1,
        tau: 0.5,
    };
    let (from, to) = (root(30.0), root(0.02));
    let last = STEPS - 1;
    let level = |i: u32| {
        let share = f64::from(i) / f64::from(last);
        let s = libm::pow(from + share * (to - from), RHO);
        process.level(process.time_at_ratio(s))
    };
    let mut levels: Vec<Level> = (0..=last).map(level).collect();
    levels.push(process.level(0.0));
    sampler.plan_on(process, levels)
}

fn root(s: f64) -> f64 {
    libm::pow(s, 1.0 / RHO)
}

/// `count` windows by [`plan`].
fn samples(denoiser: &dyn Denoiser, count: usize) -> Vec<f64> {
    let plan = plan();
    let mut run = HostState::new(&plan, count, WINDOW, 0, false);
    while !run.is_done(&plan) {
        run.advance(&plan, denoiser, usize::MAX);
    }
    run.take()
}

/// A row of the table of a card: the noise ratio, and the mean square errors of x̂ and x̂_W.
type Row = (f64, [f64; 2]);

/// What a card says of a network.
struct Measured {
    rows: Vec<Row>,
    /// The error of the spectrum of its samples against the films of validation.
    spectrum: f64,
    /// The correlations of its samples, and of the films, at [`LAGS`].
    lags: [[f64; 3]; 2],
}

/// Measures a network on windows that no training sees.
fn measure(net: &FieldNet, skip: Arc<dyn Skip>) -> Result<Measured, Failure> {
    let windows = Windows::new(films(&Request::validation(), "validation")?, FRAMES);
    let mut clean = vec![0.0f32; JUDGED * WINDOW];
    windows.draw(SEED, 0, &mut clean);
    let clean: Vec<f64> = clean.into_iter().map(f64::from).collect();
    let network = FieldNetwork::new(net, Place::flex());
    let denoiser = FieldDenoiser::new(network, skip.clone(), net.shape().products());
    let row = |s| (s, measure::errors(&denoiser, skip.as_ref(), &clean, s));
    let samples = samples(&denoiser, SAMPLED);
    // A film of 160 frames is 32 windows without a gap.
    let all = (0..windows.films().count()).flat_map(|film| windows.films().film(film));
    let all: Vec<f64> = all.map(|x| f64::from(*x) / UNIT).collect();
    let correlations = |x: &[f64]| LAGS.map(|lag| measure::correlation(x, lag));
    Ok(Measured {
        rows: measure::RATIOS.map(row).to_vec(),
        spectrum: spectrum_error(&spectrum(&samples)?, &Shells::committed().mean),
        lags: [correlations(&samples), correlations(&all)],
    })
}

/// The mean spectrum of the frames of windows, per time².
fn spectrum(windows: &[f64]) -> Result<Vec<f64>, Failure> {
    let solver = Solver::new(Parameters::default())?;
    let mut sum = vec![0.0; PIXELS / 2 - 1];
    for frame in windows.chunks(FRAME) {
        let omega: Vec<f64> = frame.iter().map(|x| UNIT * x).collect();
        let shells = solver.spectrum(&omega);
        sum.iter_mut().zip(shells).for_each(|(sum, z)| *sum += z);
    }
    let count = (windows.len() / FRAME) as f64;
    Ok(sum.into_iter().map(|sum| sum / count).collect())
}

/// What a model card says.
struct Card<'t> {
    stem: &'t str,
    recipe: &'t FieldRecipe,
    net: &'t FieldNet,
    bytes: usize,
    trained: &'t Trained,
}

impl Card<'_> {
    fn text(&self, measured: &Measured) -> String {
        let Self { stem, net, .. } = self;
        let seconds = self.trained.seconds;
        let steps = self.trained.steps();
        let mut out = format!(
            "# {stem}\n\nMade by `cargo run --release --features unet -- train nets/{stem}.recipe` on {THREADS} threads with burn's CPU backend; the last \
             {steps} steps took {seconds:.0} s. (Its sums are in f32 and ordered by the processor, so another machine gives other last bits.)\n\n"
        );
        for line in net.recipe().lines() {
            let _ = writeln!(out, "    {line}");
        }
        let _ = write!(
            out,
            "\nx̂ = x̂_W + √v(s)·F(u, x̂_W, s) on windows of {FRAMES} frames ([the network](../src/net/unet/mod.rs)): {} weights in f16, {} bytes; {:.1} million \
             multiplications a window. Mean loss of the last 500 of {} steps: {:.4}.\n\n\
             Mean square error of a number of x̂, and of the linear denoiser x̂_W, on {JUDGED} windows of films that training did not see, in units of the \
             flow's deviation:\n\n| σ/α | x̂_W | x̂ | ratio |\n|---|---|---|---|\n",
            net.weights().len(),
            self.bytes,
            1e-6 * net.shape().products() as f64,
            self.recipe.steps,
            loss_of_last(self.trained),
        );
        for (s, [own, linear]) in &measured.rows {
            let ratio = own / linear;
            let _ = writeln!(out, "| {s} | {linear:.5} | {own:.5} | {ratio:.3} |");
        }
        let said = |lags: &[f64; 3]| lags.map(|x| format!("{x:.3}")).join(", ");
        let Measured { spectrum, lags, .. } = measured;
        let _ = write!(
            out,
            "\n{SAMPLED} samples (pc with one correction, τ = 0.5, {STEPS} steps from 30 to 0.02): the rms of log₁₀ of their spectrum over that of the films \
             is {spectrum:.3}; correlations of frames {LAGS:?} apart {}, of the films {}.\n",
            said(&lags[0]),
            said(&lags[1]),
        );
        out
    }
}
