//! `enkf`: the stochastic ensemble Kalman filter (Evensen 1994; Burgers, van Leeuwen & Evensen 1998).

use super::dense;
use super::localise::taper;
use super::update::Analysis;
use super::update::Fault;
use super::update::Parts;
use super::update::Update;
use super::update::choose;
use crate::rng::Stream;

/// x_j ← x_j + K(y + e_j − h(x_j)), K = C_xy(C_yy + R)⁻¹ with the covariances of the ensemble (divided by N − 1). The
/// perturbations e_j ~ N(0, R) are centred and scaled by √(N/(N − 1)). `inflation` then multiplies the anomalies. With a
/// `radius` c the covariances are multiplied by Gaspari & Cohn's correlations.
///
/// Held by `tests/filter/updates.rs`: `one_update_has_the_moments_of_each_method`, `small_ensembles_have_their_mean_gain`;
/// `tests/filter/benchmarks.rs`: `lorenz63_has_the_published_errors`, `lorenz96_has_the_published_errors`.
#[derive(Debug, Clone)]
pub struct Stochastic {
    inflation: f64,
    radius: Option<f64>,
    stage: Stage,
    parts: Parts,
    /// h(x_j) `[n × rows]`.
    predicted: Vec<f64>,
    /// The perturbations e_j `[n × rows]`, not centred yet.
    noise: Vec<f64>,
    /// The means of members, predictions and perturbations.
    means: [Vec<f64>; 3],
    /// C_yx `[rows × dim]` and C_yy `[rows × rows]`; the first becomes Kᵀ.
    cross: Vec<f64>,
    own: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Predict,
    Covariances,
    Gain,
    Move,
    Inflate,
}

impl Stochastic {
    /// The filter; see the type.
    pub fn new(inflation: f64, radius: Option<f64>) -> Self {
        Self {
            inflation,
            radius,
            stage: Stage::Predict,
            parts: Parts::default(),
            predicted: vec![],
            noise: vec![],
            means: [const { vec![] }; 3],
            cross: vec![],
            own: vec![],
        }
    }

    /// Adds the products of the anomalies of one member.
    fn add(&mut self, x: &[f64], j: usize) {
        let (d, p) = (x.len(), self.means[1].len());
        let z = &self.predicted[j * p..][..p];
        for k in 0..p {
            let gap = z[k] - self.means[1][k];
            let row = &mut self.cross[k * d..][..d];
            for i in 0..d {
                row[i] += gap * (x[i] - self.means[0][i]);
            }
            let row = &mut self.own[k * p..][..p];
            for l in 0..p {
                row[l] += gap * (z[l] - self.means[1][l]);
            }
        }
    }

    /// Kᵀ = (C_yy + R)⁻¹C_yx.
    fn gain(&mut self, update: &mut Update) -> Result<(), Fault> {
        let (n, d) = (update.ensemble.len(), update.ensemble.dim());
        let sensor = update.observation.sensor();
        let p = sensor.rows();
        let scale = 1.0 / (n as f64 - 1.0);
        self.cross.iter_mut().for_each(|c| *c *= scale);
        self.own.iter_mut().for_each(|c| *c *= scale);
        if let Some(c) = self.radius {
            for (k, &seen) in sensor.indices().iter().enumerate() {
                for i in 0..d {
                    self.cross[k * d + i] *= taper(update.model, c, seen, i)?;
                }
                for (l, &other) in sensor.indices().iter().enumerate() {
                    self.own[k * p + l] *= taper(update.model, c, seen, other)?;
                }
            }
        }
        (0..p).for_each(|k| self.own[k * p + k] += update.observation.variance());
        if !dense::cholesky(&mut self.own, p) {
            return Err(Fault::new(
                "The covariance of the predicted observations is not positive definite.",
                "Choose more members.",
            ));
        }
        dense::solve(&self.own, p, &mut self.cross);
        if let Some(trace) = &mut update.trace {
            trace.gain = (0..d * p)
                .map(|at| self.cross[at % p * d + at / p])
                .collect();
        }
        Ok(())
    }

    /// Moves one member.
    fn shift(&self, x: &mut [f64], j: usize, y: &[f64], stretch: f64) {
        let (d, p) = (x.len(), y.len());
        for (k, y) in y.iter().enumerate() {
            let e = stretch * (self.noise[j * p + k] - self.means[2][k]);
            let gap = y + e - self.predicted[j * p + k];
            let row = &self.cross[k * d..][..d];
            x.iter_mut().zip(row).for_each(|(x, g)| *x += g * gap);
        }
    }
}

impl Analysis for Stochastic {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        let (n, d, p) = update.sizes();
        self.stage = Stage::Predict;
        self.parts = Parts::default();
        self.predicted = vec![0.0; n * p];
        self.noise = vec![0.0; n * p];
        self.means = [vec![0.0; d], vec![0.0; p], vec![0.0; p]];
        self.cross = vec![0.0; p * d];
        self.own = vec![0.0; p * p];
        Ok(())
    }

    fn advance(&mut self, update: &mut Update, mut work: f64) -> Result<bool, Fault> {
        let (n, d) = (update.ensemble.len(), update.ensemble.dim());
        let p = update.observation.rows();
        let sd = update.observation.sensor().sd();
        loop {
            match self.stage {
                Stage::Predict => match self.parts.next(n, 2.5 * p as f64, &mut work) {
                    Some(range) => {
                        let noise = &mut self.noise[range.start * p..range.end * p];
                        update.noise.normals(
                            Stream::Analysis,
                            update.cycle,
                            (range.start * p) as u64,
                            noise,
                        );
                        for j in range {
                            let x = update.ensemble.member(j);
                            let z = &mut self.predicted[j * p..][..p];
                            update.observation.sensor().predict(x, z);
                            let e = &mut self.noise[j * p..][..p];
                            e.iter_mut().for_each(|e| *e *= sd);
                            for (mean, row) in self.means.iter_mut().zip([x, z, e]) {
                                mean.iter_mut()
                                    .zip(row)
                                    .for_each(|(m, v)| *m += *v / n as f64);
                            }
                        }
                    }
                    None => self.stage = Stage::Covariances,
                },
                Stage::Covariances => {
                    let price = 0.03 * (p * (p + d)) as f64 + 0.1;
                    match self.parts.next(n, price, &mut work) {
                        Some(range) => {
                            range.for_each(|j| self.add(update.ensemble.member(j), j));
                        }
                        None => self.stage = Stage::Gain,
                    }
                }
                Stage::Gain => {
                    work -= gain_cost(d, p);
                    self.gain(update)?;
                    self.stage = Stage::Move;
                }
                Stage::Move => {
                    let price = 0.03 * (p * d) as f64 + 0.1;
                    match self.parts.next(n, price, &mut work) {
                        Some(range) => {
                            let stretch = (n as f64 / (n as f64 - 1.0)).sqrt();
                            for j in range {
                                let x = &mut update.ensemble.x[j * d..][..d];
                                self.shift(x, j, update.observation.values(), stretch);
                            }
                        }
                        None => self.stage = Stage::Inflate,
                    }
                }
                Stage::Inflate => {
                    update.ensemble.inflate(self.inflation);
                    return Ok(true);
                }
            }
            if work <= 0.0 {
                return Ok(false);
            }
        }
    }

    fn remedy(&self, places: bool) -> String {
        choose(&[
            (true, "more members"),
            (places && self.radius.is_none(), "a locality above 0"),
            (places && self.radius.is_some(), "a smaller locality"),
            (self.inflation > 1.0, "less inflation"),
            (true, "noisier observations"),
        ])
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let (d, p) = (dim as f64, rows as f64);
        n as f64 * (2.5 * p + 0.02 * p * (p + 2.0 * d) + 0.1 * d) + gain_cost(dim, rows)
    }
}

/// The price of a Cholesky factor of p rows and d right-hand sides.
fn gain_cost(d: usize, p: usize) -> f64 {
    0.02 * (p * p) as f64 * (p as f64 / 3.0 + 2.0 * d as f64)
}
