//! The exact density and the velocity of the probability flow at one frame, on a grid of the plane.

use super::{SpaceLab, Window};
use crate::answer::Floats;
use crate::labs::Lab;
use crate::labs::task::{Stages, Task};
use crate::law::space::Raster;
use crate::level::Level;
use std::rc::Rc;

/// p of y = x_t/κ at a frame, at the centres of the cells of the window, `[cells × cells]`, rows from below; p_y(y) =
/// κ²·p_t(κ·y). It is 0 where the density is not finite (points without noise).
pub fn density(lab: &SpaceLab, window: Window, frame: usize) -> Vec<f32> {
    let (mut grid, mut out) = (DensityGrid::new(lab, window, frame), vec![]);
    grid.extend(usize::MAX);
    (0..window.cells).for_each(|j| grid.row(lab, j, &mut out));
    out
}

/// Normals by which a grid is extended in one part.
const NORMALS: usize = 32;

/// As [`density`], in pieces.
///
/// Held by `tests/pieces.rs`: `the_first_parts_of_a_density_are_priced_as_what_they_take`.
pub(super) fn density_task(lab: Rc<SpaceLab>, window: Window, frame: usize) -> Task {
    let row = window.cells * lab.law.raster_price();
    let normals = lab.law.normals();
    let own = lab.clone();
    let stages = Stages::on((None, vec![])).then(1, row, move |(grid, _), _| {
        *grid = Some(DensityGrid::new(&own, window, frame));
        Ok(())
    });
    // An exponential is half a unit.
    let part = |from: usize| NORMALS.min(normals - from) * window.cells / 2;
    let parts = (0..normals).step_by(NORMALS).map(part).collect();
    let stages = stages.then_each(parts, |(grid, _), _| {
        grid.iter_mut().for_each(|grid| grid.extend(NORMALS));
        Ok(())
    });
    let rows = stages.then(window.cells, row, move |(grid, out), j| {
        grid.iter().for_each(|grid| grid.row(&lab, j, out));
        Ok(())
    });
    rows.answer(|(_, out)| Ok(Floats(out)))
}

/// The cells of a picture at a level.
struct DensityGrid {
    level: Level,
    /// κ at that level, and κ·y of the centres of the cells along a side.
    scale: f64,
    places: Vec<f64>,
    raster: Option<Raster>,
}

impl DensityGrid {
    fn new(lab: &SpaceLab, window: Window, frame: usize) -> Self {
        let level = lab.setup.frames()[frame];
        let scale = lab.scale(&level);
        let cells = 0..window.cells;
        let places: Vec<f64> = cells
            .map(|i| scale * window.centre(i, window.cells))
            .collect();
        Self {
            level,
            scale,
            raster: lab.law.raster(&level, &places),
            places,
        }
    }

    /// Extends it by the next `count` normals, where it has them.
    fn extend(&mut self, count: usize) {
        if let Some(raster) = &mut self.raster {
            raster.extend(count);
        }
    }

    fn row(&self, lab: &SpaceLab, j: usize, out: &mut Vec<f32>) {
        let mut row = vec![0.0; self.places.len()];
        if let Some(raster) = &self.raster {
            raster.row(self.places[j], &mut row);
        } else {
            let law = lab.law.diffuse(&self.level);
            for (p, x) in row.iter_mut().zip(&self.places) {
                *p = libm::exp(law.log_density(&[*x, self.places[j]]));
            }
        }
        out.extend(row.iter().map(|p| {
            let p = self.scale * self.scale * p;
            if p.is_finite() { p as f32 } else { 0.0 }
        }));
    }
}

/// dy/dτ of the probability flow at a frame, at the centres of `count × count` cells, interleaved, rows from below. τ
/// runs from 0 (noise) to 1 (data), linearly over the frames. With dx/dt = v of the score that the sampler uses,
/// dy/dt = (v − κ̇·y)/κ, κ̇ = (αα̇ + σσ̇/var)/κ. The last frame, where σ may be 0, shows the level halfway from the frame
/// before it, with α and σ linear in τ between the two. For Langevin walks: the drift h·score of an iteration. Held by
/// `tests/space.rs`: `trajectories_follow_the_velocity_field`, `the_flow_has_arrows_at_the_last_frame_too`.
pub fn velocity(lab: &SpaceLab, window: Window, frame: usize, count: usize) -> Vec<f32> {
    let mut out = vec![];
    (0..count).for_each(|j| out.extend(velocity_row(lab, window, frame, [count, j])));
    out
}

/// As [`velocity`], in pieces.
pub(super) fn velocity_task(lab: Rc<SpaceLab>, window: Window, frame: usize, count: usize) -> Task {
    let row = count * lab.denoiser().price();
    let rows = Stages::on(vec![]).then(count, row, move |out: &mut Vec<f32>, j| {
        out.extend(velocity_row(&lab, window, frame, [count, j]));
        Ok(())
    });
    rows.answer(|out| Ok(Floats(out)))
}

fn velocity_row(lab: &SpaceLab, window: Window, frame: usize, [count, j]: [usize; 2]) -> Vec<f32> {
    let setup = &lab.setup;
    let levels = setup.frames();
    let last = levels.len() - 1;
    let mut y = Vec::with_capacity(2 * count);
    for i in 0..count {
        y.extend([window.centre(i, count), window.centre(j, count)]);
    }
    let walks = setup.walks_at_one_level();
    let (level, slopes) = if walks {
        (levels[0], [0.0; 2])
    } else if frame == last {
        between(&levels[last - 1], &levels[last], last as f64)
    } else {
        let (before, after) = (frame.saturating_sub(1), frame + 1);
        let pace = (levels[after].t - levels[before].t) / (after - before) as f64 * last as f64;
        let rates = setup.process.rates(levels[frame].t);
        let slopes = [pace * rates.alpha_dot, pace * rates.sigma_dot];
        (levels[frame], slopes)
    };
    let c = lab.scale(&level);
    let x: Vec<f64> = y.iter().map(|y| c * y).collect();
    let mut x_hat = vec![0.0; x.len()];
    lab.denoiser().at(&level).x_hat(&x, &mut x_hat);
    if walks {
        // A stage is x + h·score = (1 − h/σ²)x + (h/σ²)x̂ at α = 1, so keep − 1 = −h/σ².
        let share = setup.plan.stages.first().map_or(0.0, |s| 1.0 - s.keep);
        let steps = setup.plan.steps() as f64;
        return x
            .iter()
            .zip(&x_hat)
            .map(|(x, x_hat)| (share * steps * (x_hat - x) / c) as f32)
            .collect();
    }
    let [alpha_dot, sigma_dot] = slopes;
    let c_dot = (level.alpha * alpha_dot + level.sigma * sigma_dot / lab.law.variance()) / c;
    let places = x.iter().zip(&x_hat).zip(&y);
    places
        .map(|((&x, &x_hat), &y)| {
            let v = level.velocity_from_x_hat(slopes, x, x_hat);
            ((v - c_dot * y) / c) as f32
        })
        .collect()
}

/// The level halfway between two that follow each other, of `steps` intervals in all, with dα/dτ and dσ/dτ there. Not by t: EDM
/// goes from σ_min to 0 at t = 0.
fn between(from: &Level, to: &Level, steps: f64) -> (Level, [f64; 2]) {
    let level = Level {
        t: 0.5 * (from.t + to.t),
        alpha: 0.5 * (from.alpha + to.alpha),
        sigma: 0.5 * (from.sigma + to.sigma),
    };
    let slopes = [
        steps * (to.alpha - from.alpha),
        steps * (to.sigma - from.sigma),
    ];
    (level, slopes)
}
