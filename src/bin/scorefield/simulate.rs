//! `scorefield simulate FILE.npy`: a film of the flow that the lab of turbulence shows.

use super::args::Film;
use super::failure::{Failure, bad_call};
use super::npy;
use super::output::{Place, write_whole};
use super::say::{Bar, print, with_clock};
use scorefield::dynamics::kolmogorov::{self, Parameters, SPIN_UP, Solver, Truth};
use scorefield::error::Error;
use scorefield::rng::Noise;
use serde_json::json;

/// Most numbers of a film: 2 GB.
const MOST: usize = 250_000_000;

/// Simulates the flow and writes its frames, `[frames][y][x]`.
pub fn simulate(film: &Film) -> Result<(), Failure> {
    let parameters = Parameters {
        pixels: film.pixels,
        viscosity: film.viscosity,
        drag: film.drag,
        forcing: film.forcing,
        wave: film.wave,
        interval: film.interval,
        dt: film.dt,
    };
    let solver = Solver::new(parameters).map_err(|e| bad_call(e.to_string()))?;
    let size = solver.grid().numbers();
    if film.frames * size > MOST {
        return Err(bad_call(format!(
            "{} frames of {} × {} pixels are {} numbers, more than {MOST}. Ask for at most {} frames.",
            film.frames,
            film.pixels,
            film.pixels,
            film.frames * size,
            MOST / size
        )));
    }
    Place::check(&film.file)?;
    let mut result = Ok(vec![]);
    let seconds = with_clock(|clock| {
        let spin_up = match film.random_seed {
            Some(_) => (SPIN_UP / film.interval) as u64,
            None => 0,
        };
        let mut bar = Bar::new(clock, spin_up + film.frames as u64);
        result = frames(film, &solver, spin_up, &mut bar);
        bar.clear();
    });
    let frames = result?;
    write_whole(
        &film.file,
        &npy::bytes(&[film.frames, film.pixels, film.pixels], &frames),
    )?;
    let last = &frames[frames.len() - size..];
    print(&json!({
        "version": env!("CARGO_PKG_VERSION"), "file": film.file.display().to_string(), "seconds": seconds,
        "shape": [film.frames, film.pixels, film.pixels],
        "parameters": {
            "pixels": film.pixels, "viscosity": film.viscosity, "drag": film.drag, "forcing": film.forcing,
            "wave": film.wave, "interval": film.interval, "dt": film.dt,
        },
        "last": {
            "energy": solver.energy(last), "enstrophy": solver.enstrophy(last),
            "palinstrophy": solver.palinstrophy(last), "injection": solver.injection(last),
        },
    }))
}

/// The frames, one after the other; the first is the start.
fn frames(film: &Film, solver: &Solver, spin_up: u64, bar: &mut Bar) -> Result<Vec<f64>, Error> {
    let mut omega = match film.random_seed {
        Some(seed) => {
            "spin-up from a random field".clone_into(&mut bar.note);
            let noise = Noise::new(seed);
            let mut shown = |share: f64| bar.show((share * spin_up as f64) as u64);
            kolmogorov::stationary(*solver.parameters(), &noise, 0, &mut shown)?
        }
        None => Truth::of_seed(film.truth_seed).on(solver.grid()),
    };
    let mut out = Vec::with_capacity(film.frames * omega.len());
    for frame in 0..film.frames {
        if frame > 0 {
            solver.advance(&mut omega)?;
        }
        out.extend_from_slice(&omega);
        bar.note = format!("frame {} of {}", frame + 1, film.frames);
        bar.show(spin_up + frame as u64 + 1);
    }
    Ok(out)
}
