//! What holds for every `Rule` of guidance, on every prior that can be differentiated.

use crate::models::{Is, Model, ar1, differentiables};
use crate::{bits, distance, largest, level, noisy, normals};
use scorefield::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::process::{Chain, Matrix};
use scorefield::word::Words;
use std::cell::Cell;
use std::rc::Rc;

/// A rule and what is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    pub rule: Guidance,
    /// Whether it gives the posterior of every Gaussian law.
    pub exact: bool,
    /// Whether R is no part of it: it then pulls at any noise, however small.
    pub forgets: bool,
    /// The rule and the noise R with which an observation says nothing; none where there are no such.
    silent: Option<(Guidance, f64)>,
    takes: Products,
}

/// Products with the prior's Jacobian, a particle.
#[derive(Debug, Clone, Copy)]
enum Products {
    None,
    One,
    /// Two an iteration, and one.
    Iterations,
}

/// Large against every other number of an observation.
const NOISE: f64 = 1e15;

/// Every rule, with numbers at which no two are alike.
fn known(rule: Guidance) -> Known {
    // A rule with a V that holds R.
    let plain = |rule| Known {
        rule,
        exact: false,
        forgets: false,
        silent: Some((rule, NOISE)),
        takes: Products::One,
    };
    match rule {
        Guidance::None => Known {
            takes: Products::None,
            ..plain(rule)
        },
        Guidance::Dps { .. } => Known {
            silent: Some((Guidance::Dps { zeta: 0.0 }, 0.25)),
            ..plain(Guidance::Dps { zeta: 1.0 })
        },
        Guidance::Diagonal => plain(rule),
        Guidance::Finzi { .. } => Known {
            forgets: true,
            silent: Some((Guidance::Finzi { strength: 1e-15 }, 0.25)),
            ..plain(Guidance::Finzi { strength: 2.0 })
        },
        Guidance::Lambda { .. } => plain(Guidance::Lambda { lambda: 0.5 }),
        Guidance::Sda { .. } => plain(Guidance::Sda { gamma: 0.1 }),
        Guidance::Pigdm => plain(rule),
        Guidance::Exact => Known {
            exact: true,
            takes: Products::Iterations,
            ..plain(rule)
        },
        Guidance::Replace => Known {
            forgets: true,
            silent: None,
            takes: Products::None,
            ..plain(rule)
        },
    }
}

/// All of them.
pub fn rules() -> impl Iterator<Item = Known> {
    Guidance::ALL.iter().map(|rule| known(*rule))
}

fn levels() -> [Level; 4] {
    [
        level(1.0, 0.05),
        level(0.6, 0.8),
        level(0.1, 1.0),
        level(1.0, 5.0),
    ]
}

/// Operators of every kind on `dim` numbers.
fn operators(dim: usize) -> Vec<Operator> {
    let states = States {
        length: dim,
        dim: 1,
    };
    let all: Vec<usize> = (0..dim).collect();
    let mut out = vec![
        Operator::slice(dim, &[0]).unwrap(),
        Operator::slice(dim, &all).unwrap(),
        Operator::saturating(states, &[0.7], &[dim - 1]).unwrap(),
        Operator::window(states, &[2.0], &all, dim.min(3)).unwrap(),
    ];
    if dim > 1 {
        let rest = Operator::linear(states, &[1.5], &all[1..]).unwrap();
        out.push(Operator::stacked(&[&out[0], &rest]).unwrap());
    }
    out
}

fn seen(operator: &Operator, noise: f64) -> Observation {
    let rows = operator.rows();
    Observation::new(
        operator.clone(),
        &Band::isotropic(rows, noise),
        normals(30, rows),
    )
    .unwrap()
}

/// The prior under the rule, where the rule fits the observation.
fn guided(prior: &Rc<dyn Differentiable>, seen: &Observation, rule: Guidance) -> Option<Guided> {
    Guided::new(prior.clone(), seen.clone(), rule).ok()
}

fn x_hat(denoiser: &dyn Denoiser, level: &Level, x: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    denoiser.next_block();
    denoiser.at(level).x_hat(x, &mut out);
    out
}

/// Every rule on every prior through every operator that it takes, at every level: `f` is given the prior, the
/// rule, the operator, the level and some particles.
fn each(
    n: usize,
    mut f: impl FnMut(&Model<dyn Differentiable>, &Known, &Operator, &Level, &[f64]),
) {
    let mut taken = [0; Guidance::ALL.len()];
    for model in differentiables() {
        let x_0 = model.draws(31, n);
        for operator in operators(model.dim) {
            for (known, taken) in rules().zip(&mut taken) {
                if known.rule.rule(&seen(&operator, 0.25)).is_err() {
                    continue;
                }
                *taken += 1;
                for level in levels() {
                    f(&model, &known, &operator, &level, &noisy(&level, &x_0, 32));
                }
            }
        }
    }
    assert!(taken.iter().all(|n| *n > 30), "{taken:?}");
}

/// How a case is named in a failure.
fn named(
    model: &Model<dyn Differentiable>,
    known: &Known,
    operator: &Operator,
    level: &Level,
) -> String {
    format!(
        "{:?} on {}, {} rows, {level:?}",
        known.rule,
        model.name,
        operator.rows()
    )
}

/// A result, or NaN and an error: only `exact` has to break down, on a score whose Jacobian is no covariance.
#[test]
fn x_hat_is_a_result_or_an_error() {
    let mut broken = 0;
    each(3, |model, known, operator, level, x| {
        let guided = guided(&model.denoiser, &seen(operator, 0.25), known.rule).unwrap();
        let out = x_hat(&guided, level, x);
        let what = named(model, known, operator, level);
        match guided.check() {
            Ok(()) => assert!(out.iter().all(|x| x.is_finite()), "{what}"),
            Err(error) => {
                assert!(out.iter().all(|x| x.is_nan()), "{what}");
                assert!(
                    known.rule == Guidance::Exact && model.is != Is::Exact,
                    "{what}: {error}"
                );
                broken += 1;
            }
        }
    });
    println!("exact broke down {broken} times");
}

/// Of x̂, and of what is counted a block.
#[test]
fn pieces_of_a_block_give_the_bits_and_the_products_of_the_whole() {
    let n = 7;
    let parts = [vec![1; n], vec![3, 1, 2, 1]];
    each(n, |model, known, operator, level, x| {
        if ![levels()[0], levels()[2]].contains(level) {
            return;
        }
        let rows = operator.rows();
        let noise = Band::isotropic(rows, 0.25);
        let own = Observation::for_each(operator.clone(), &noise, normals(33, n * rows)).unwrap();
        for seen in [seen(operator, 0.25), own] {
            let whole = guided(&model.denoiser, &seen, known.rule).unwrap();
            let expected = x_hat(&whole, level, x);
            if whole.check().is_err() {
                continue;
            }
            for parts in &parts {
                let guided = guided(&model.denoiser, &seen, known.rule).unwrap();
                guided.next_block();
                let mut first = 0;
                let mut out = vec![f64::NAN; x.len()];
                for count in parts {
                    let part = first * model.dim..(first + count) * model.dim;
                    // As a run does: prepared anew for each piece.
                    guided.at(level).x_hat(&x[part.clone()], &mut out[part]);
                    first += count;
                }
                let what = named(model, known, operator, level);
                assert_eq!(bits(&out), bits(&expected), "{what} {parts:?}");
                assert_eq!(
                    guided.jacobian_products(),
                    whole.jacobian_products(),
                    "{what} {parts:?}"
                );
            }
        }
    });
}

#[test]
fn each_particle_of_its_own_values_is_guided_as_if_alone() {
    let n = 4;
    each(n, |model, known, operator, level, x| {
        let (rows, dim) = (operator.rows(), model.dim);
        let (noise, y) = (Band::isotropic(rows, 0.25), normals(34, n * rows));
        let all = Observation::for_each(operator.clone(), &noise, y.clone()).unwrap();
        let together = guided(&model.denoiser, &all, known.rule).unwrap();
        let all = x_hat(&together, level, x);
        if together.check().is_err() {
            return;
        }
        for (i, y) in y.chunks(rows).enumerate() {
            let one = Observation::new(operator.clone(), &noise, y.to_vec()).unwrap();
            let own = i * dim..(i + 1) * dim;
            let guided = guided(&model.denoiser, &one, known.rule).unwrap();
            let alone = x_hat(&guided, level, &x[own.clone()]);
            let what = named(model, known, operator, level);
            assert_eq!(bits(&alone), bits(&all[own]), "{what}");
        }
    });
}

/// With noise without bound, or no strength.
#[test]
fn an_observation_that_says_nothing_leaves_the_prior() {
    each(3, |model, known, operator, level, x| {
        let Some((rule, noise)) = known.silent else {
            return;
        };
        let guided = guided(&model.denoiser, &seen(operator, noise), rule).unwrap();
        let own = x_hat(&guided, level, x);
        let prior = x_hat(model.denoiser.as_ref() as &dyn Denoiser, level, x);
        guided.check().unwrap();
        let gap = distance(&own, &prior);
        let what = named(model, known, operator, level);
        assert!(gap < 1e-9 * (1.0 + largest(&prior)), "{what}: {gap:e}");
    });
}

#[test]
fn without_noise_the_denoiser_is_the_priors_and_takes_no_products() {
    each(3, |model, known, operator, _, x| {
        let guided = guided(&model.denoiser, &seen(operator, 0.25), known.rule).unwrap();
        let clean = level(0.7, 0.0);
        let own = x_hat(&guided, &clean, x);
        let prior = x_hat(model.denoiser.as_ref() as &dyn Denoiser, &clean, x);
        assert_eq!(
            bits(&own),
            bits(&prior),
            "{:?} on {}",
            known.rule,
            model.name
        );
        assert_eq!(guided.products(), Some(0));
    });
}

/// A prior that counts the products that are taken with it, over all particles.
struct Counting {
    inner: Rc<dyn Differentiable>,
    dim: usize,
    taken: Rc<Cell<u64>>,
}

struct CountingAt<'a> {
    inner: Box<dyn JacobianAt + 'a>,
    of: &'a Counting,
}

impl CountingAt<'_> {
    fn count(&self, numbers: usize) {
        self.of
            .taken
            .set(self.of.taken.get() + (numbers / self.of.dim) as u64);
    }
}

impl Denoiser for Counting {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        self.differentiable_at(level)
    }
}

impl Differentiable for Counting {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(CountingAt {
            inner: self.inner.differentiable_at(level),
            of: self,
        })
    }
}

impl DenoiseAt for CountingAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.inner.x_hat(x_t, out);
    }
}

impl JacobianAt for CountingAt<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.count(v.len());
        self.inner.jvp(x_t, v, out);
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.count(v.len());
        self.inner.vjp(x_t, v, out);
    }

    fn accuracy(&self) -> f64 {
        self.inner.accuracy()
    }
}

#[test]
fn products_are_counted_as_they_are_taken() {
    let n = 6;
    each(n, |model, known, operator, level, x| {
        let taken = Rc::new(Cell::new(0));
        let prior: Rc<dyn Differentiable> = Rc::new(Counting {
            inner: model.denoiser.clone(),
            dim: model.dim,
            taken: taken.clone(),
        });
        let guided = guided(&prior, &seen(operator, 0.25), known.rule).unwrap();
        let what = named(model, known, operator, level);
        let mut counted = 0;
        for _ in 0..2 {
            let before = taken.get();
            x_hat(&guided, level, x);
            if guided.check().is_err() {
                return;
            }
            let own = taken.get() - before;
            assert_eq!(guided.products(), Some(taken.get()), "{what}");
            // All of a block go through it together.
            counted += own;
            assert_eq!(guided.jacobian_products(), counted, "{what}");
            assert_eq!(own % n as u64, 0, "{what}");
            let own = own / n as u64;
            let rows = operator.rows() as u64;
            match known.takes {
                Products::None => assert_eq!(own, 0, "{what}"),
                Products::One => assert_eq!(own, 1, "{what}"),
                Products::Iterations => {
                    assert!(
                        own % 2 == 1 && own <= 2 * (2 * rows + 20) + 1,
                        "{what}: {own}"
                    );
                    // An exact score settles in as many iterations as there are rows, and some more for rounding.
                    assert!(
                        model.is != Is::Exact || own <= 2 * (rows + 1 + rows / 4) + 1,
                        "{what}: {own}"
                    );
                }
            }
        }
    });
}

/// The posterior of a Gaussian law given y = Bx + N(0, R), by its joint covariance: its own denoiser.
fn posterior_x_hat(chain: &Chain, seen: &Observation, level: &Level, x: &[f64]) -> Vec<f64> {
    let (n, rows) = (chain.dim(), seen.operator().rows());
    let b = Matrix::from_row_slice(rows, n, &seen.operator().matrix());
    let r = Matrix::from_fn(rows, rows, |i, j| seen.noise().get(i, j));
    let c = chain.joint_covariance();
    let gain = &c * b.transpose() * (&b * &c * b.transpose() + r).try_inverse().unwrap();
    let mean = &gain * Matrix::from_column_slice(rows, 1, seen.y());
    let cov = &c - &gain * &b * &c;
    let noisy =
        &cov * (level.alpha * level.alpha) + Matrix::identity(n, n) * (level.sigma * level.sigma);
    let gain = &cov * level.alpha * noisy.try_inverse().unwrap();
    let mut out = vec![];
    for x in x.chunks(n) {
        let left = Matrix::from_column_slice(n, 1, x) - &mean * level.alpha;
        out.extend_from_slice((&mean + &gain * left).as_slice());
    }
    out
}

/// And no other rule does.
#[test]
fn the_exact_rule_gives_the_posterior_of_gaussian_laws() {
    let chains = [
        ar1(1),
        ar1(9),
        Chain::damped_spring(0.5, 4).unwrap(),
        Chain::rotation(0.5, 4).unwrap(),
    ];
    for chain in chains {
        let prior: Rc<dyn Differentiable> = Rc::new(chain.clone());
        for operator in operators(chain.dim()) {
            if !operator.is_linear() {
                continue;
            }
            for noise in [0.0, 0.25] {
                let seen = seen(&operator, noise);
                for known in rules() {
                    let Some(guided) = guided(&prior, &seen, known.rule) else {
                        continue;
                    };
                    let mut worst = 0.0f64;
                    for level in levels() {
                        let x = normals(35, 3 * chain.dim());
                        let own = x_hat(&guided, &level, &x);
                        guided.check().unwrap();
                        worst =
                            worst.max(distance(&own, &posterior_x_hat(&chain, &seen, &level, &x)));
                    }
                    let what = format!(
                        "{:?}, {} numbers, {} rows, R = {noise}",
                        known.rule,
                        chain.dim(),
                        operator.rows()
                    );
                    match known.exact {
                        true => assert!(worst < 1e-9, "{what}: {worst:e}"),
                        false if chain.dim() > 1 && noise > 0.0 => {
                            assert!(worst > 1e-3, "{what}: {worst:e}")
                        }
                        false => {}
                    }
                }
            }
        }
    }
}

/// A prior that has no x̂ for a particle far away.
struct Breaking(Rc<dyn Differentiable>);

struct BreakingAt<'a>(Box<dyn JacobianAt + 'a>);

impl Denoiser for Breaking {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        self.differentiable_at(level)
    }
}

impl Differentiable for Breaking {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(BreakingAt(self.0.differentiable_at(level)))
    }
}

impl DenoiseAt for BreakingAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.0.x_hat(x_t, out);
        for (x, out) in x_t.iter().zip(out) {
            if *x > 1e6 {
                *out = f64::INFINITY;
            }
        }
    }
}

impl JacobianAt for BreakingAt<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.0.jvp(x_t, v, out);
    }

    fn vjp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.0.vjp(x_t, v, out);
    }
}

/// The output is NaN, and the error of the first breakdown stays: nothing after it is a result.
#[test]
fn what_has_broken_down_stays_broken() {
    each(3, |model, known, operator, level, x| {
        if model.is == Is::Approximate {
            return;
        }
        let prior: Rc<dyn Differentiable> = Rc::new(Breaking(model.denoiser.clone()));
        let guided = guided(&prior, &seen(operator, 0.25), known.rule).unwrap();
        let what = named(model, known, operator, level);
        x_hat(&guided, level, x);
        if guided.check().is_err() {
            return;
        }
        let mut far = x.to_vec();
        far[model.dim - 1] = 2e6;
        let out = x_hat(&guided, level, &far);
        assert!(out.iter().all(|x| x.is_nan()), "{what}: {out:?}");
        let error = guided.check().unwrap_err();
        // Not even by another breakdown, whose error would be of another level.
        let other = levels().into_iter().find(|l| l != level).unwrap();
        for (level, x) in [(level, x), (&other, x), (&other, &far)] {
            let out = x_hat(&guided, level, x);
            assert!(out.iter().all(|x| x.is_nan()), "{what}: {out:?}");
            assert_eq!(guided.check().unwrap_err(), error, "{what}");
        }
    });
}
