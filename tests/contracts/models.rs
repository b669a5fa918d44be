//! The denoisers of the contracts, and what is known of each.

use crate::level;
use crate::rule::{Known, rules};
use scorefield::denoise::{Denoiser, Differentiable};
use scorefield::guide::Guided;
use scorefield::labs;
use scorefield::labs::link::{self, Mode};
use scorefield::law::space::Space;
use scorefield::law::{Law, LineLaw, PlaneLaw};
use scorefield::level::Level;
use scorefield::net::{Net, catalog, recipe};
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::process::film::{GaussianFilm, Table};
use scorefield::process::lgssm::{Blanket, Model as ChainModel, Windows};
use scorefield::process::{Chain, Matrix};
use scorefield::rng::{Noise, Stream};
use scorefield::word::Words;
use std::rc::Rc;

type Draw = Box<dyn Fn(&Noise, &mut [f64])>;
type Density = Box<dyn Fn(&Level, &[f64]) -> f64>;

/// A denoiser and what is known of it.
pub struct Model<D: ?Sized> {
    pub name: String,
    pub denoiser: Rc<D>,
    pub dim: usize,
    /// Draws of x₀.
    pub draw: Draw,
    pub is: Is,
    pub clean: Clean,
    /// E x₀ and log p_t, where they are closed forms and `is` is [`Is::Exact`].
    pub closed: Option<(Vec<f64>, Density)>,
}

/// What x̂ is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Is {
    /// E[x₀ given x_t].
    Exact,
    /// Of each coordinate, E[x₀ given the x_t near it].
    Local,
    /// Neither.
    Approximate,
}

/// What becomes of x̂ as σ → 0, at an x_t that the law can have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Clean {
    /// x_t/α.
    Copy,
    /// x_t/α at σ = 0; above it a rule that forgets the noise R pulls at any σ.
    CopyAtZero,
    /// A network sees no σ/α below this one.
    Held(f64),
}

impl<D: ?Sized> Model<D> {
    /// Draws of x₀ of `n` particles.
    pub fn draws(&self, seed: u64, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n * self.dim];
        (self.draw)(&Noise::new(seed), &mut out);
        out
    }
}

/// Every implementation of `Differentiable`.
pub fn differentiables() -> Vec<Model<dyn Differentiable>> {
    let spring = || preset(ChainModel::DampedSpring);
    let mut out = vec![
        chain("one index", ar1(1)),
        local("blanket of ar1, k = 1", &ar1(11), |c| {
            Rc::new(Blanket::new(c, 1).unwrap())
        }),
        local("blanket of a spring, k = 2", &spring(), |c| {
            Rc::new(Blanket::new(c, 2).unwrap())
        }),
        local("exact windows of ar1, k = 2", &ar1(11), |c| {
            Rc::new(Windows::new(c, 2, Rc::new(ar1(5))).unwrap())
        }),
        film(),
    ];
    let presets = ChainModel::ALL.iter();
    out.extend(presets.map(|m| chain(m.word(), preset(*m))));
    out.extend(catalog::all().map(|e| network(e.name)));
    out.extend((1..5).map(windows_of_network));
    out
}

/// Every implementation of `Denoiser`.
pub fn denoisers() -> Vec<Model<dyn Denoiser>> {
    let mut out = vec![
        line("few points", Law::empirical(&[0.1, 0.15, 0.7, 0.9])),
        line("many points", Law::empirical(&points(1, 200))),
        space("gaussian in the plane", Space::gaussian(0.5)),
        space("points of the plane", Space::empirical(2, &points(2, 13))),
        space("points of space", Space::empirical(3, &points(3, 30))),
        space("torus", Space::torus(0.8, 0.3)),
    ];
    out.extend(LineLaw::ALL.iter().map(|l| line(l.word(), on_the_line(*l))));
    out.extend(
        PlaneLaw::ALL
            .iter()
            .map(|l| space(l.word(), in_the_plane(*l))),
    );
    out.extend(rules().map(guided));
    out.extend(
        differentiables()
            .into_iter()
            .map(|m| Model::<dyn Denoiser> {
                name: m.name,
                denoiser: m.denoiser,
                dim: m.dim,
                draw: m.draw,
                is: m.is,
                clean: m.clean,
                closed: m.closed,
            }),
    );
    out
}

/// A law of each name.
fn on_the_line(law: LineLaw) -> Law {
    match law {
        LineLaw::Uniform => Law::uniform(0.0, 1.0),
        LineLaw::Gaussian => Law::gaussian(0.3, 0.5),
        LineLaw::Mixture => Law::mixture(&[-1.0, 0.5, 2.0], &[0.2, 0.05, 0.7], &[1.0, 2.0, 3.0]),
        LineLaw::Comb => Law::comb(4, 0.5),
    }
}

/// A law of each name.
fn in_the_plane(law: PlaneLaw) -> Space {
    match law {
        PlaneLaw::Gaussians8 => Space::gaussians8(),
        PlaneLaw::Moons => Space::moons(),
        PlaneLaw::Checkerboard => Space::checkerboard(),
        PlaneLaw::Swissroll => Space::swissroll(),
        PlaneLaw::Rings => Space::rings(),
        PlaneLaw::Pinwheel => Space::pinwheel(),
        PlaneLaw::Drawn => Space::drawn(&points(2, 15)),
    }
}

/// A chain of each model.
pub fn preset(model: ChainModel) -> Chain {
    match model {
        ChainModel::Ar1 => ar1(11),
        ChainModel::DampedSpring => Chain::damped_spring(0.5, 6).unwrap(),
        ChainModel::Rotation => Chain::rotation(0.5, 6).unwrap(),
        ChainModel::Custom => {
            let rows = |m: &[[f64; 2]]| m.iter().map(|r| r.to_vec()).collect::<Vec<_>>();
            let [t, q] = [[[0.9, 0.1], [0.0, 0.8]], [[0.1, 0.02], [0.02, 0.1]]];
            let [o, r] = [[[1.0, 0.0], [0.5, 2.0]], [[0.1, 0.0], [0.0, 0.3]]];
            Chain::custom(&rows(&t), &rows(&q), &rows(&o), &rows(&r), 7).unwrap()
        }
    }
}

/// Numbers in [0, 1), of no order: `n` points.
fn points(dim: usize, n: usize) -> Vec<f64> {
    let at = |i: usize| ((i * i * 7 + 3 * i) % 211) as f64 / 211.0;
    (0..dim * n).map(at).collect()
}

pub fn ar1(length: usize) -> Chain {
    Chain::ar1(0.9, 0.19f64.sqrt(), 1.0, 0.5, length).unwrap()
}

fn line(name: &str, law: Law) -> Model<dyn Denoiser> {
    let (own, drawn) = (law.clone(), law.clone());
    let density = move |l: &Level, x: &[f64]| own.diffuse(l).log_density(x[0]);
    Model {
        name: name.to_owned(),
        dim: 1,
        draw: Box::new(move |noise, out| drawn.sample(noise, Stream::Data, 0, out)),
        is: Is::Exact,
        clean: Clean::Copy,
        closed: Some((vec![law.mean()], Box::new(density))),
        denoiser: Rc::new(law),
    }
}

fn space(name: &str, law: Space) -> Model<dyn Denoiser> {
    let (own, drawn) = (law.clone(), law.clone());
    let density = move |l: &Level, x: &[f64]| own.diffuse(l).log_density(x);
    Model {
        name: name.to_owned(),
        dim: law.dim(),
        draw: Box::new(move |noise, out| drawn.sample(noise, Stream::Data, 0, out)),
        is: Is::Exact,
        clean: Clean::Copy,
        closed: Some((law.mean(), Box::new(density))),
        denoiser: Rc::new(law),
    }
}

/// log N(x; αm, α²C + σ²I) but for a constant: its gradient is the score.
fn gaussian(mean: Vec<f64>, cov: Matrix<f64>) -> Density {
    Box::new(move |l, x| {
        let n = mean.len();
        let at = Matrix::from_fn(n, 1, |i, _| x[i] - l.alpha * mean[i]);
        let total = &cov * (l.alpha * l.alpha) + Matrix::identity(n, n) * (l.sigma * l.sigma);
        let solved = total.cholesky().unwrap().solve(&at);
        -0.5 * at.dot(&solved)
    })
}

fn chain(name: &str, chain: Chain) -> Model<dyn Differentiable> {
    let (drawn, mean) = (chain.clone(), vec![0.0; chain.dim()]);
    Model {
        name: name.to_owned(),
        dim: chain.dim(),
        draw: Box::new(move |noise, out| drawn.sample(noise, Stream::Data, 0, 0, out)),
        is: Is::Exact,
        clean: Clean::Copy,
        closed: Some((mean.clone(), gaussian(mean, chain.joint_covariance()))),
        denoiser: Rc::new(chain),
    }
}

/// A Gaussian law of films, of 4 × 4 pixels and 3 frames.
fn film() -> Model<dyn Differentiable> {
    let rates = [0.0, 0.2, 0.2, 0.5_f32];
    let lags = |rate: f32| (0..3).map(move |lag| 2.0 * (-rate * lag as f32).exp());
    let table = Table::new((4, 1), 0.4, 3, rates.into_iter().flat_map(lags).collect());
    let law = GaussianFilm::new(&table, 3).unwrap();
    let (dim, one) = (law.dim(), law.mean_field());
    let mean = one.repeat(3);
    let at = |i: usize| (i / 16, i / 4 % 4, i % 4);
    let cov = Matrix::from_fn(dim, dim, |a, b| {
        let ((i, y, x), (j, v, u)) = (at(a), at(b));
        law.covariance(i, j)[(y + 4 - v) % 4 * 4 + (x + 4 - u) % 4]
    });
    let drawn = law.clone();
    Model {
        name: "a gaussian law of films".to_owned(),
        dim,
        draw: Box::new(move |noise, out| drawn.sample(noise, Stream::Data, 0, 0, out)),
        is: Is::Exact,
        clean: Clean::Copy,
        closed: Some((mean.clone(), gaussian(mean, cov))),
        denoiser: Rc::new(law),
    }
}

fn local(
    name: &str,
    of: &Chain,
    make: impl Fn(&Chain) -> Rc<dyn Differentiable>,
) -> Model<dyn Differentiable> {
    Model {
        name: name.to_owned(),
        denoiser: make(of),
        is: Is::Local,
        closed: None,
        ..chain("", of.clone())
    }
}

fn net(name: &str) -> Rc<Net> {
    Rc::new(Net::clone(&catalog::get(name).unwrap()))
}

/// A network of `nets/`, with draws of the law that it has learned.
fn network(name: &str) -> Model<dyn Differentiable> {
    let net = net(name);
    let (law, _) = recipe::parse(name, net.recipe()).unwrap();
    let values = link::decode(&law, Mode::Strict).unwrap().link.a;
    let law = labs::law(&values).unwrap();
    Model {
        name: format!("network {name}"),
        dim: net.dim(),
        draw: Box::new(move |noise, out| law.target().draw(noise, Stream::Data, 0, out)),
        is: Is::Approximate,
        clean: Clean::Held(scorefield::net::CLAMP.0),
        closed: None,
        denoiser: net,
    }
}

fn windows_of_network(k: usize) -> Model<dyn Differentiable> {
    let (whole, net) = (ar1(13), net(&format!("window{k}")));
    Model {
        name: format!("windows of a network, k = {k}"),
        denoiser: Rc::new(Windows::new(&whole, k, net).unwrap()),
        is: Is::Approximate,
        clean: Clean::Held(scorefield::net::CLAMP.0),
        closed: None,
        ..chain("", whole)
    }
}

/// A rule on a chain of which every other index is seen. `exact` has the law of the posterior.
fn guided(known: Known) -> Model<dyn Denoiser> {
    let rule = known.rule;
    let is = if known.exact {
        Is::Exact
    } else {
        Is::Approximate
    };
    let clean = if known.forgets {
        Clean::CopyAtZero
    } else {
        Clean::Copy
    };
    let prior = ar1(9);
    let at = [0, 2, 4, 6, 8];
    let y = vec![1.0, 0.2, -0.5, 0.4, 1.5];
    let operator = Operator::linear(States { length: 9, dim: 1 }, &[1.0], &at).unwrap();
    let seen = Observation::new(operator, &Band::isotropic(5, 0.25), y.clone()).unwrap();
    let (rows, noise) = prior.dense(&prior.seen(&at));
    let posterior = prior.condition(&rows, &noise).unwrap();
    let mean = posterior.mean(&y);
    let density = gaussian(mean.clone(), posterior.covariance().clone());
    let draw: Draw = Box::new(move |noise, out| {
        out.copy_from_slice(&posterior.sample(noise, &y, 0, out.len() / 9));
    });
    Model {
        name: format!("guided by {rule:?}"),
        denoiser: Rc::new(Guided::new(Rc::new(prior), seen, rule).unwrap()),
        dim: 9,
        draw,
        is,
        clean,
        closed: (is == Is::Exact).then_some((mean, density)),
    }
}

/// Levels of moderate noise.
pub fn middle() -> [Level; 4] {
    [
        level(1.0, 0.1),
        level(0.6, 0.8),
        level(0.1, 1.0),
        level(1.0, 5.0),
    ]
}
