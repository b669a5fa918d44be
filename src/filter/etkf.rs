//! `etkf` and `letkf`: the ensemble transform Kalman filter (Bishop, Etherton & Majumdar 2001), of the whole state, or of
//! each coordinate with the observations near it (Hunt, Kostelich & Szunyogh 2007).

use super::localise::taper;
use super::transform::Rotation;
use super::transform::Transform;
use super::update::Analysis;
use super::update::Fault;
use super::update::Parts;
use super::update::Update;

/// A deterministic square root of Kalman's update: x̄ ← x̄ + wᵀA, A ← TA with the [`Transform`] of the predictions
/// h(x_j), then a random [`Rotation`]. `inflation` multiplies the anomalies.
///
/// With a radius c each coordinate has its own transform: R⁻¹ is multiplied by ρ(distance/c) of Gaspari & Cohn for each
/// observation. All coordinates share one rotation.
///
/// Held by `tests/filter/updates.rs`: `a_square_root_update_is_that_of_kalman`, `small_ensembles_have_their_mean_gain`;
/// `tests/filter/benchmarks.rs`: `lorenz96_has_the_published_errors`.
#[derive(Debug, Clone)]
pub struct SquareRoot {
    inflation: f64,
    radius: Option<f64>,
    stage: Stage,
    parts: Parts,
    mean: Vec<f64>,
    /// S `[n × rows]` and δ `[rows]`.
    s: Vec<f64>,
    delta: Vec<f64>,
    rotation: Option<Rotation>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Predict,
    Whole,
    Local,
    Rotate,
    Inflate,
}

impl SquareRoot {
    /// The filter; `radius` makes it local.
    pub fn new(inflation: f64, radius: Option<f64>) -> Self {
        Self {
            inflation,
            radius,
            stage: Stage::Predict,
            parts: Parts::default(),
            mean: vec![],
            s: vec![],
            delta: vec![],
            rotation: None,
        }
    }

    /// S and δ from the predictions, and anomalies in place of the members.
    fn centre(&mut self, update: &mut Update) {
        let (n, d, p) = (
            update.ensemble.len(),
            update.ensemble.dim(),
            update.observation.rows(),
        );
        self.mean = update.ensemble.mean();
        for x in update.ensemble.x.chunks_exact_mut(d) {
            x.iter_mut().zip(&self.mean).for_each(|(x, m)| *x -= m);
        }
        let mut mean = vec![0.0; p];
        for z in self.s.chunks_exact(p) {
            mean.iter_mut().zip(z).for_each(|(m, z)| *m += z / n as f64);
        }
        let sd = update.observation.sensor().sd();
        for z in self.s.chunks_exact_mut(p) {
            z.iter_mut()
                .zip(&mean)
                .for_each(|(z, m)| *z = (*z - m) / sd);
        }
        let values = update.observation.values().iter().zip(&mean);
        self.delta = values.map(|(y, m)| (y - m) / sd).collect();
    }

    /// The transform of coordinate `i`.
    fn local(&mut self, update: &mut Update, i: usize, c: f64) -> Result<(), Fault> {
        let (n, d, p) = (
            update.ensemble.len(),
            update.ensemble.dim(),
            update.observation.rows(),
        );
        let (mut near, mut roots) = (vec![], vec![]);
        for (k, &seen) in update.observation.sensor().indices().iter().enumerate() {
            let rho = taper(update.model, c, i, seen)?;
            if rho > 0.0 {
                near.push(k);
                roots.push(rho.sqrt());
            }
        }
        if near.is_empty() {
            return Ok(());
        }
        let pick = |row: &[f64]| -> Vec<f64> {
            let terms = near.iter().zip(&roots);
            terms.map(|(&k, root)| root * row[k]).collect()
        };
        let s: Vec<f64> = self.s.chunks_exact(p).flat_map(pick).collect();
        let delta = pick(&self.delta);
        let transform = Transform::new(&s, &delta).ok_or_else(broken)?;
        let mut column: Vec<f64> = (0..n).map(|j| update.ensemble.x[j * d + i]).collect();
        self.mean[i] += transform.apply(&s, &mut column, 1)[0];
        for (j, x) in column.iter().enumerate() {
            update.ensemble.x[j * d + i] = *x;
        }
        Ok(())
    }

    /// The average number of observations near a coordinate.
    fn near(&self, dim: usize, rows: usize) -> usize {
        let reach = self.radius.map_or(dim, |c| 4 * c as usize + 1);
        (rows * reach.min(dim)).div_ceil(dim)
    }
}

fn broken() -> Fault {
    Fault::new(
        "The square root of the update does not exist: the predicted observations are not finite.",
        "Choose more members, or less inflation.",
    )
}

impl Analysis for SquareRoot {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        self.stage = Stage::Predict;
        self.parts = Parts::default();
        self.s = vec![0.0; update.ensemble.len() * update.observation.rows()];
        Ok(())
    }

    fn advance(&mut self, update: &mut Update, mut work: f64) -> Result<bool, Fault> {
        let (n, d, p) = (
            update.ensemble.len(),
            update.ensemble.dim(),
            update.observation.rows(),
        );
        loop {
            match self.stage {
                Stage::Predict => {
                    for (x, z) in update
                        .ensemble
                        .x
                        .chunks_exact(d)
                        .zip(self.s.chunks_exact_mut(p))
                    {
                        update.observation.sensor().predict(x, z);
                    }
                    self.centre(update);
                    work -= 0.2 * (n * (d + p)) as f64;
                    self.stage = if self.radius.is_some() {
                        Stage::Local
                    } else {
                        Stage::Whole
                    };
                }
                Stage::Whole => {
                    let transform = Transform::new(&self.s, &self.delta).ok_or_else(broken)?;
                    let shift = transform.apply(&self.s, &mut update.ensemble.x, d);
                    self.mean.iter_mut().zip(&shift).for_each(|(m, s)| *m += s);
                    work -= Transform::cost(n, p, d);
                    self.stage = Stage::Rotate;
                }
                Stage::Local => {
                    let c = self.radius.unwrap_or(f64::INFINITY);
                    let price = Transform::cost(n, self.near(d, p), 1);
                    match self.parts.next(d, price, &mut work) {
                        Some(range) => {
                            for i in range {
                                self.local(update, i, c)?;
                            }
                        }
                        None => self.stage = Stage::Rotate,
                    }
                }
                Stage::Rotate => {
                    let (noise, cycle) = (update.noise, update.cycle);
                    let rotation = self
                        .rotation
                        .get_or_insert_with(|| Rotation::new(n, &noise, cycle));
                    match self
                        .parts
                        .next(rotation.groups(), Rotation::cost(n, d), &mut work)
                    {
                        Some(range) => {
                            for k in range {
                                rotation.rotate(k, &mut update.ensemble.x, d, &noise, cycle);
                            }
                        }
                        None => {
                            self.rotation = None;
                            self.stage = Stage::Inflate;
                        }
                    }
                }
                Stage::Inflate => {
                    for x in update.ensemble.x.chunks_exact_mut(d) {
                        x.iter_mut()
                            .zip(&self.mean)
                            .for_each(|(x, m)| *x = m + self.inflation * *x);
                    }
                    return Ok(true);
                }
            }
            if work <= 0.0 {
                return Ok(false);
            }
        }
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let update = match self.radius {
            Some(_) => dim as f64 * Transform::cost(n, self.near(dim, rows), 1),
            None => Transform::cost(n, rows, dim),
        };
        update + n.div_ceil(64) as f64 * Rotation::cost(n, dim) + 0.3 * (n * (dim + rows)) as f64
    }
}
