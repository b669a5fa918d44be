//! The price of a run that follows a plan, known before it: what the page and the command line say of its time.

use super::lab::Lab;
use super::leg::Leg;
use super::record::Camera;
use super::task::{Stages, Task};
use crate::denoise::Denoiser;
use crate::level::Level;
use crate::rng::{Noise, Stream};
use crate::sample::Plan;
use std::rc::Rc;

/// Levels at which the products of one particle are counted.
const TRIALS: usize = 9;
/// The price of a trial in evaluations, about.
const TRIAL: usize = 100;

/// The stages of a plan that ask for x̂, and the levels there.
fn asking(plan: &Plan) -> Vec<Level> {
    plan.stages.iter().filter_map(|s| s.level).collect()
}

/// Which of `count` are tried: the first, the last, and some between.
fn tried(count: usize) -> Vec<usize> {
    let some = TRIALS.min(count);
    let place = |i: usize| i * (count - 1) / (some - 1).max(1);
    (0..some).map(place).collect()
}

/// The products that x̂ of one particle takes at a level. The particle is noise as wide as the law there: how many
/// products guidance takes depends little on the place.
fn products(denoiser: &dyn Denoiser, level: &Level, dim: usize) -> u64 {
    let taken = || denoiser.products().unwrap_or(0);
    let mut x = vec![0.0; dim];
    Noise::new(0).normals(Stream::Start, 0, 0, &mut x);
    let wide = (level.alpha * level.alpha + level.sigma * level.sigma).sqrt();
    x.iter_mut().for_each(|x| *x *= wide);
    let (before, mut out) = (taken(), vec![0.0; dim]);
    denoiser.next_block();
    denoiser.at(level).x_hat(&x, &mut out);
    taken() - before
}

/// The mean between neighbours over all asking stages of what was counted at some of them.
fn mean(places: &[usize], counted: &[u64]) -> f64 {
    let value = |i: usize| counted[i] as f64;
    let between = places.windows(2).enumerate().map(|(i, pair)| {
        let width = (pair[1] - pair[0]) as f64;
        0.5 * width * (value(i) + value(i + 1))
    });
    match (places.first(), places.last()) {
        (Some(from), Some(to)) if to > from => between.sum::<f64>() / (to - from) as f64,
        _ => counted.first().map_or(0.0, |n| *n as f64),
    }
}

/// The price of a walk of one particle through a plan, with its start; x̂ has a price of `each`.
fn walk(plan: &Plan, dim: usize, each: f64) -> f64 {
    let stages = plan.stages.len() * dim.div_ceil(2);
    let asked = plan.stages.iter().filter(|s| s.level.is_some()).count();
    dim as f64 + stages as f64 + asked as f64 * each
}

/// The price of one walk of all particles on the host, whose denoiser computes no products, with the frames of `camera`, in
/// units. It is known at once.
///
/// Held by `tests/price.rs`: `the_price_of_a_job_is_what_it_takes`.
pub(super) fn plain<L: Lab>(lab: &L, camera: &L::Camera) -> f64 {
    let setup = lab.setup();
    let blank = vec![0.0; setup.n * lab.dim()];
    let frames = setup.shown_levels().len() * camera.parts() * camera.price(&blank);
    let each = lab.denoiser().price() as f64;
    setup.n as f64 * walk(&setup.plan, lab.dim(), each) + frames as f64
}

/// The price of a run in units of work ([`Denoiser::price`]): the start, every stage of every particle, with the products
/// that guidance takes there, `beside` for what is no stage, and the frames.
///
/// Held by `tests/price.rs`: `the_price_of_a_run_is_what_it_takes`.
pub(super) fn price<L: Lab>(lab: &Rc<L>, frames: usize) -> Task {
    let legs = Rc::new(lab.legs());
    let plan = &lab.setup().plan;
    let levels = Rc::new(asking(plan));
    let places = Rc::new(tried(levels.len()));
    let guided = legs
        .iter()
        .filter_map(|leg| Some((leg.denoiser.clone()?, leg.dim)));
    let guided: Vec<_> = guided.collect();
    let costs = guided
        .iter()
        .flat_map(|(own, _)| vec![TRIAL * own.price(); places.len()])
        .collect();
    let (at, count) = (levels.clone(), places.clone());
    let stages = Stages::on(vec![]).then_each(costs, move |counted: &mut Vec<u64>, part| {
        let (own, dim) = &guided[part / count.len()];
        let level = &at[count[part % count.len()]];
        counted.push(products(own.as_ref(), level, *dim));
        Ok(())
    });
    let lab = lab.clone();
    stages.answer(move |counted| {
        let setup = lab.setup();
        let mut counted = counted.chunks(places.len().max(1));
        let one = |leg: &Leg| {
            let (price, taken) = match &leg.denoiser {
                Some(own) => (
                    own.price(),
                    counted.next().map_or(0.0, |own| mean(&places, own)),
                ),
                None => (lab.denoiser().price(), 0.0),
            };
            let each = price as f64 * (1.0 + taken);
            leg.times as f64 * walk(&setup.plan, leg.dim, each)
        };
        let walks: f64 = legs.iter().map(one).sum();
        Ok(setup.n as f64 * walks + lab.price_beside() as f64 + frames as f64)
    })
}
