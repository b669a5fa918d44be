//! `scorefield prepare`: the data of the flow that ship, and the films that networks learn from.

use super::failure::{Failure, failed};
use super::output::{Place, write_all, write_whole};
use super::say::{Bar, tell, with_clock};
use scorefield::dynamics::kolmogorov::{self, Films, Request, Shells, UNIT};
use scorefield::error::Error;
use scorefield::process::film::{GaussianFilm, LAGS, Table};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

/// The files.
const NAMES: [&str; 4] = [
    "kolmogorov-states.i16",
    "kolmogorov-gaussian.f32",
    "kolmogorov-shells.f32",
    "kolmogorov.md",
];
/// Where computed films are kept.
const KEPT: &str = "target/films";

/// Writes the states, the table of the Gaussian law and their card to `folder`.
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    for name in NAMES {
        Place::check(&folder.join(name))?;
    }
    let training = films(&Request::training(), "training")?;
    let states = films(&Request::states(), "states")?;
    let shells = Shells::measure(&films(&Request::validation(), "validation")?)?;
    let table = Table::measure(&training, UNIT, LAGS);
    let numbers: Vec<f32> = (0..states.count())
        .flat_map(|i| states.film(i).to_vec())
        .collect();
    let states = kolmogorov::to_bytes(&numbers)
        .ok_or_else(|| failed("A state has a vorticity beyond ±32, which its file cannot hold."))?;
    let card = card(&training, &table, &shells)?;
    let files = [
        states,
        table.to_bytes(),
        shells.to_bytes(),
        card.into_bytes(),
    ];
    let files: Vec<_> = NAMES
        .iter()
        .map(|name| folder.join(name))
        .zip(files)
        .collect();
    write_all(&files)?;
    tell(&format!(
        "√⟨ω²⟩ of the training films: {:.5}; the unit is {UNIT}.\n",
        training.rms()
    ));
    Ok(())
}

/// The films of a request: those kept in `target/films` by an earlier call, or computed now, on all cores, and kept.
pub fn films(request: &Request, name: &str) -> Result<Films, Failure> {
    let path = Path::new(KEPT).join(format!("{name}.f32"));
    if let Some(films) = std::fs::read(&path)
        .ok()
        .and_then(|bytes| Films::from_bytes(request, &bytes))
    {
        return Ok(films);
    }
    std::fs::create_dir_all(KEPT)
        .map_err(|e| failed(format!("{KEPT} cannot be made: {e}. It keeps the films.")))?;
    Place::check(&path)?;
    let mut films = Err(failed("No film was computed."));
    let seconds = with_clock(|clock| {
        let mut bar = Bar::new(clock, 10_000);
        bar.note = format!("{} films ({name})", request.indices.len());
        films =
            computed(request, &mut |share| bar.show((share * 1e4) as u64)).map_err(Failure::from);
        bar.clear();
    });
    let films = films?;
    write_whole(&path, &films.to_bytes(request))?;
    tell(&format!(
        "{} films of {} frames in {seconds:.0} s, kept in {}.\n",
        films.count(),
        films.frames(),
        path.display()
    ));
    Ok(films)
}

/// Computes films on all cores; the numbers do not depend on how many there are.
fn computed(request: &Request, shown: &mut dyn FnMut(f64)) -> Result<Films, Error> {
    let all = request.indices.clone();
    let cores = thread::available_parallelism().map_or(1, |n| n.get());
    let each = (all.len().div_ceil(cores)).max(1) as u32;
    let parts: Vec<Request> = all
        .clone()
        .step_by(each as usize)
        .map(|first| request.part(first..(first + each).min(all.end)))
        .collect();
    let (send, shares) = mpsc::channel();
    let films = thread::scope(|scope| {
        let threads: Vec<_> = parts
            .iter()
            .enumerate()
            .map(|(part, request)| {
                let send = send.clone();
                scope.spawn(move || {
                    // If nobody listens any more, there is nothing to show.
                    Films::compute(request, &mut |share| {
                        let _ = send.send((part, share));
                    })
                })
            })
            .collect();
        drop(send);
        let mut done = vec![0.0; parts.len()];
        for (part, share) in shares {
            done[part] = share;
            shown(done.iter().sum::<f64>() / parts.len() as f64);
        }
        let films = threads.into_iter().map(|thread| match thread.join() {
            Ok(films) => films,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        films.collect::<Result<Vec<_>, Error>>()
    })?;
    Ok(Films::joined(films))
}

fn card(training: &Films, table: &Table, shells: &Shells) -> Result<String, Error> {
    let law = GaussianFilm::new(table, 5)?;
    let mut out = format!(
        "# The flow's states and its Gaussian law\n\n\
         Made by `cargo run --release -- prepare` from films of the default flow (ν = .01, α = .1, k_f = 4, amp = 1, 32 × 32 pixels, Δ = .2):\n\
         random fields of seed 0, spin-up to t = 40. The same machine gives the same bits; the flow is chaotic, so another one may\n\
         differ in the last digits.\n\n\
         - `kolmogorov-states.i16`: 16 states at t = 40 (random fields 120 to 135, which no training sees), `[state][y][x]`, in\n\
         \x20 multiples of 1/1024, little-endian. The first 12 are for links, the last 4 for tests.\n\
         - `kolmogorov-gaussian.f32`: the mean field's amplitude a (m = a·cos 4y), then C_k(l) `[|kx|][|ky|][lag]` for 32 lags, little-endian,\n\
         \x20 measured on {} films of {} frames (random fields 0 to 95), in units.\n\
         - `kolmogorov-shells.f32`: Z_k for k = 1 to 15, its mean, first and last decile over windows of five frames of the 24 validation films\n\
         \x20 (random fields 96 to 119), per time², little-endian.\n\n\
         √⟨ω²⟩ of these films is {:.5}; the unit S is {UNIT}. a = {:.4} units.\n\n\
         Error of the Gaussian law of five frames, v(s) = mean of Λs²/(Λ + s²), in units²:\n\n| s | v(s) |\n|---|---|\n",
        training.count(),
        training.frames(),
        training.rms(),
        table.mean(),
    );
    for s in [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8] {
        let _ = writeln!(out, "| {s} | {:.5} |", law.error(s));
    }
    out += "\nSpectrum, per time²:\n\n| k | mean Z_k | first decile | last decile |\n|---|---|---|---|\n";
    let [low, high] = &shells.band;
    for (k, ((mean, low), high)) in shells.mean.iter().zip(low).zip(high).enumerate() {
        let _ = writeln!(out, "| {} | {mean:.4} | {low:.4} | {high:.4} |", k + 1);
    }
    Ok(out)
}
