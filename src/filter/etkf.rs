//! `etkf` and `letkf`: the ensemble transform Kalman filter (Bishop, Etherton & Majumdar 2001), of the whole state, or of
//! each coordinate with the observations near it (Hunt, Kostelich & Szunyogh 2007).

use super::localise::taper;
use super::transform::Rotation;
use super::transform::Transform;
use super::transform::add_products;
use super::transform::gram_of_members;
use super::update::Analysis;
use super::update::Fault;
use super::update::Parts;
use super::update::Update;
use super::update::choose;
use std::ops::Range;

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
    /// SᵀS or SSᵀ; SᵀA, which becomes M with TA = A + SM.
    gram: Vec<f64>,
    inner: Vec<f64>,
    transform: Option<Transform>,
    rotation: Option<Rotation>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    Predict,
    Centre,
    Products,
    Vectors,
    Filter,
    Move,
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
            gram: vec![],
            inner: vec![],
            transform: None,
            rotation: None,
        }
    }

    /// Predicts the observations of members `range`, and adds them to the mean, which δ holds until it is complete.
    fn predict(&mut self, update: &Update, range: Range<usize>) {
        let n = update.ensemble.len() as f64;
        let p = update.observation.rows();
        for j in range {
            let x = update.ensemble.member(j);
            let z = &mut self.s[j * p..][..p];
            update.observation.sensor().predict(x, z);
            self.delta.iter_mut().zip(z).for_each(|(m, z)| *m += *z / n);
            self.mean.iter_mut().zip(x).for_each(|(m, x)| *m += x / n);
        }
    }

    /// Makes anomalies of members `range`.
    fn centre(&mut self, update: &mut Update, range: Range<usize>) {
        let (d, p) = (update.ensemble.dim(), update.observation.rows());
        let sd = update.observation.sensor().sd();
        for x in update.ensemble.x[range.start * d..range.end * d].chunks_exact_mut(d) {
            x.iter_mut().zip(&self.mean).for_each(|(x, m)| *x -= m);
        }
        for z in self.s[range.start * p..range.end * p].chunks_exact_mut(p) {
            z.iter_mut()
                .zip(&self.delta)
                .for_each(|(z, m)| *z = (*z - m) / sd);
        }
    }

    /// Whether the eigenvectors are those of SSᵀ.
    fn in_members(n: usize, p: usize) -> bool {
        n < p
    }

    /// The products of members `range`; SSᵀ at once.
    fn add(&mut self, update: &Update, range: Range<usize>) {
        let (n, d, p) = update.sizes();
        if Self::in_members(n, p) {
            if range.start == 0 {
                self.gram = gram_of_members(&self.s, p);
            }
            return;
        }
        let s = &self.s[range.start * p..range.end * p];
        let a = &update.ensemble.x[range.start * d..range.end * d];
        add_products(s, p, s, p, &mut self.gram);
        add_products(s, p, a, d, &mut self.inner);
    }

    /// M, or the new anomalies at once; and the new mean.
    fn filter(&mut self, update: &mut Update) -> Result<(), Fault> {
        let d = update.ensemble.dim();
        let transform = self.transform.take().ok_or_else(broken)?;
        let members = Self::in_members(update.ensemble.len(), update.observation.rows());
        let x = &update.ensemble.x;
        let shift = |delta: &[f64]| {
            if members {
                transform.shift_of_members(&self.s, delta, x, d)
            } else {
                transform.shift_of_values(delta, &self.inner, d)
            }
        };
        let mean = shift(&self.delta);
        if let Some(trace) = &mut update.trace {
            trace.gain = gain(&self.delta, update.observation.sensor().sd(), d, shift);
        }
        if members {
            update.ensemble.x = transform.of_members(&update.ensemble.x, d);
        } else {
            self.inner = transform.of_values(&self.inner, d);
        }
        self.mean.iter_mut().zip(&mean).for_each(|(m, s)| *m += s);
        Ok(())
    }

    /// A + SM of members `range`.
    fn shift(&mut self, update: &mut Update, range: Range<usize>) {
        let (d, p) = (update.ensemble.dim(), update.observation.rows());
        for j in range {
            let x = &mut update.ensemble.x[j * d..][..d];
            for (s, row) in self.s[j * p..][..p].iter().zip(self.inner.chunks_exact(d)) {
                x.iter_mut().zip(row).for_each(|(x, c)| *x += s * c);
            }
        }
    }

    /// The transform of coordinate `i`.
    fn local(&mut self, update: &mut Update, i: usize, c: f64) -> Result<(), Fault> {
        let (n, d, p) = update.sizes();
        let (mut near, mut roots) = (vec![], vec![]);
        for (k, &seen) in update.observation.sensor().indices().iter().enumerate() {
            let rho = taper(update.model, c, i, seen)?;
            if rho > 0.0 {
                near.push(k);
                roots.push(rho.sqrt());
            }
        }
        let q = near.len();
        if q == 0 {
            return Ok(());
        }
        let pick = |row: &[f64]| -> Vec<f64> {
            let terms = near.iter().zip(&roots);
            terms.map(|(&k, root)| root * row[k]).collect()
        };
        let s: Vec<f64> = self.s.chunks_exact(p).flat_map(pick).collect();
        let delta = pick(&self.delta);
        let column: Vec<f64> = (0..n).map(|j| update.ensemble.x[j * d + i]).collect();
        let sd = update.observation.sensor().sd();
        let row = |shift: &dyn Fn(&[f64]) -> Vec<f64>| gain(&delta, sd, 1, shift);
        let traced = update.trace.is_some();
        let mut local = vec![];
        let (new, shift): (Vec<f64>, Vec<f64>) = if Self::in_members(n, q) {
            let transform = Transform::new(gram_of_members(&s, q), n, true).ok_or_else(broken)?;
            let shift = |delta: &[f64]| transform.shift_of_members(&s, delta, &column, 1);
            if traced {
                local = row(&shift);
            }
            (transform.of_members(&column, 1), shift(&delta))
        } else {
            let (mut gram, mut inner) = (vec![0.0; q * q], vec![0.0; q]);
            add_products(&s, q, &s, q, &mut gram);
            add_products(&s, q, &column, 1, &mut inner);
            let transform = Transform::new(gram, n, false).ok_or_else(broken)?;
            let shift = |delta: &[f64]| transform.shift_of_values(delta, &inner, 1);
            if traced {
                local = row(&shift);
            }
            let change = transform.of_values(&inner, 1);
            let moved =
                |(x, s): (&f64, &[f64])| x + s.iter().zip(&change).map(|(s, c)| s * c).sum::<f64>();
            let new = column.iter().zip(s.chunks_exact(q)).map(moved);
            (new.collect(), shift(&delta))
        };
        if let Some(trace) = &mut update.trace {
            trace.gain.resize(d * p, 0.0);
            // The innovation of this coordinate is scaled by √ρ.
            for ((&k, g), root) in near.iter().zip(&local).zip(&roots) {
                trace.gain[i * p + k] = root * g;
            }
        }
        self.mean[i] += shift[0];
        for (j, x) in new.iter().enumerate() {
            update.ensemble.x[j * d + i] = *x;
        }
        Ok(())
    }

    /// The average number of observations near a coordinate.
    fn near(&self, dim: usize, rows: usize) -> usize {
        let reach = self.radius.map_or(dim, |c| 4 * c as usize + 1);
        (rows * reach.min(dim)).div_ceil(dim)
    }

    /// The price of the transform of a coordinate.
    fn local_cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let q = self.near(dim, rows);
        Transform::cost(n.min(q)) + 0.03 * (n * q * n.min(q)) as f64
    }

    /// The price of a member in [`Stage::Products`], and of [`Stage::Filter`].
    fn prices(n: usize, d: usize, p: usize) -> [f64; 2] {
        if Self::in_members(n, p) {
            [0.03 * (n * p) as f64, 0.06 * (n * n * d) as f64]
        } else {
            [0.03 * (p * (p + d)) as f64 + 0.1, 0.06 * (p * p * d) as f64]
        }
    }
}

/// K `[d × p]`, column by column: the shift of the mean by each value alone.
fn gain(delta: &[f64], sd: f64, d: usize, shift: impl Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let p = delta.len();
    let mut out = vec![0.0; d * p];
    for k in 0..p {
        let mut one = vec![0.0; p];
        one[k] = 1.0 / sd;
        for (i, g) in shift(&one).into_iter().enumerate() {
            out[i * p + k] = g;
        }
    }
    out
}

fn broken() -> Fault {
    Fault::new(
        "The square root of the update does not exist: the predicted observations are not finite.",
        "Choose more members, or less inflation.",
    )
}

impl Analysis for SquareRoot {
    fn begin(&mut self, update: &mut Update) -> Result<(), Fault> {
        let (n, d, p) = update.sizes();
        self.stage = Stage::Predict;
        self.parts = Parts::default();
        self.s = vec![0.0; n * p];
        self.mean = vec![0.0; d];
        self.delta = vec![0.0; p];
        self.gram = vec![0.0; p * p];
        self.inner = vec![0.0; p * d];
        self.rotation = None;
        Ok(())
    }

    fn advance(&mut self, update: &mut Update, mut work: f64) -> Result<bool, Fault> {
        let (n, d, p) = update.sizes();
        let touch = 0.1 * (d + p) as f64;
        let [product, filter] = Self::prices(n, d, p);
        loop {
            match self.stage {
                Stage::Predict => match self.parts.next(n, touch, &mut work) {
                    Some(range) => self.predict(update, range),
                    None => self.stage = Stage::Centre,
                },
                Stage::Centre => match self.parts.next(n, touch, &mut work) {
                    Some(range) => self.centre(update, range),
                    None => {
                        let sd = update.observation.sensor().sd();
                        let values = update.observation.values();
                        self.delta
                            .iter_mut()
                            .zip(values)
                            .for_each(|(m, y)| *m = (y - *m) / sd);
                        self.stage = if self.radius.is_some() {
                            Stage::Local
                        } else {
                            Stage::Products
                        };
                    }
                },
                Stage::Products => match self.parts.next(n, product, &mut work) {
                    Some(range) => self.add(update, range),
                    None => self.stage = Stage::Vectors,
                },
                Stage::Vectors => {
                    let members = Self::in_members(n, p);
                    self.transform = Transform::new(std::mem::take(&mut self.gram), n, members);
                    work -= Transform::cost(n.min(p));
                    self.stage = Stage::Filter;
                }
                Stage::Filter => {
                    self.filter(update)?;
                    work -= filter;
                    self.stage = if Self::in_members(n, p) {
                        Stage::Rotate
                    } else {
                        Stage::Move
                    };
                }
                Stage::Move => match self.parts.next(n, 0.03 * (p * d) as f64 + 0.1, &mut work) {
                    Some(range) => self.shift(update, range),
                    None => self.stage = Stage::Rotate,
                },
                Stage::Local => {
                    let c = self.radius.unwrap_or(f64::INFINITY);
                    match self.parts.next(d, self.local_cost(n, d, p), &mut work) {
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
                    if self.rotation.is_none() {
                        work -= 3.0 * n as f64;
                    }
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
                        None => self.stage = Stage::Inflate,
                    }
                }
                Stage::Inflate => match self.parts.next(n, 0.1 * d as f64, &mut work) {
                    Some(range) => {
                        for x in
                            update.ensemble.x[range.start * d..range.end * d].chunks_exact_mut(d)
                        {
                            x.iter_mut()
                                .zip(&self.mean)
                                .for_each(|(x, m)| *x = m + self.inflation * *x);
                        }
                    }
                    None => return Ok(true),
                },
            }
            if work <= 0.0 {
                return Ok(false);
            }
        }
    }

    fn remedy(&self, places: bool) -> String {
        choose(&[
            (true, "more members"),
            (places && self.radius.is_none(), "method=letkf"),
            (self.radius.is_some(), "a smaller locality"),
            (self.inflation > 1.0, "less inflation"),
            (true, "noisier observations"),
        ])
    }

    fn cost(&self, n: usize, dim: usize, rows: usize) -> f64 {
        let update = match self.radius {
            Some(_) => dim as f64 * self.local_cost(n, dim, rows),
            None => {
                let [product, filter] = Self::prices(n, dim, rows);
                n as f64 * (product + 0.03 * (rows * dim) as f64)
                    + Transform::cost(n.min(rows))
                    + filter
            }
        };
        let rotation = n.div_ceil(64) as f64 * Rotation::cost(n, dim) + 3.0 * n as f64;
        update + rotation + 0.3 * (n * (dim + rows)) as f64
    }
}
