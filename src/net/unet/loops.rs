//! The network in f32 loops: what the page and the command line run.
//!
//! The sums have a fixed order and no function of the platform ([`crate::net::kernel`]), so a network gives the same bits
//! natively and in a browser. The forward pass is a list of [`Step`]s. Only SiLU is not affine, so its slopes are all that
//! products with the Jacobian need.
//!
//! Held by `tests/turbulence/network.rs`: `x_hat_of_f32_loops_is_that_of_plain_loops`,
//! `the_products_of_f32_loops_are_those_of_finite_differences_of_plain_loops`.

use super::FRAMES;
use super::FieldNet;
use super::SEEN;
use super::SIDE;
use super::denoiser::Network;
use super::denoiser::Prepared;
use super::embedding;
use super::linear::Linear;
use super::linear::Reach;
use crate::error::Error;
use crate::net::kernel::bend;
use crate::net::kernel::padded;
use crate::net::kernel::silu;

/// A step of the forward pass.
pub enum Step {
    /// A layer.
    Linear(Linear),
    /// SiLU.
    Silu,
    /// (1 + g)·x + b, of this block.
    Film(usize),
    /// The map is kept; the next [`Step::Add`] takes the last kept one.
    Keep,
    /// The last kept map is added.
    Add,
}

/// An affine layer of the embedding: the matrix `[inputs, outputs]` and the bias.
struct Affine {
    matrix: Vec<f32>,
    bias: Vec<f32>,
}

/// A [`FieldNet`] as a list of steps.
pub struct FieldLoops {
    embed: Vec<Affine>,
    films: Vec<Affine>,
    steps: Vec<Step>,
}

/// The network at a noise ratio.
pub struct At<'n> {
    own: &'n FieldLoops,
    /// 1 + g and b of every block, padded like the channels.
    films: Vec<[Vec<f32>; 2]>,
}

/// The slopes of SiLU of each window, in the order of the forward pass.
pub struct Slopes(Vec<Vec<Vec<f32>>>);

impl Affine {
    fn of(&self, x: &[f32]) -> Vec<f32> {
        let mut out = self.bias.clone();
        for (x, row) in x.iter().zip(self.matrix.chunks(out.len())) {
            out.iter_mut().zip(row).for_each(|(out, w)| *out += x * w);
        }
        out
    }
}

/// The tensors of a network, taken one after the other.
struct Build<'n> {
    net: &'n FieldNet,
    next: usize,
    own: FieldLoops,
}

impl Build<'_> {
    fn weights(&mut self) -> &[f32] {
        let slots = self.net.shape.slots();
        self.next += 1;
        &self.net.weights[slots[self.next - 1].range()]
    }

    fn affine(&mut self) -> Affine {
        Affine {
            matrix: self.weights().to_vec(),
            bias: self.weights().to_vec(),
        }
    }

    fn linear(&mut self, reach: Reach, side: usize, has_bias: bool) {
        let slot = &self.net.shape.slots()[self.next];
        let weights = self.weights().to_vec();
        let bias = match has_bias {
            true => self.weights().to_vec(),
            false => vec![],
        };
        let layer = Linear::new(reach, side, slot, &weights, &bias);
        self.own.steps.push(Step::Linear(layer));
    }

    fn blocks(&mut self, count: usize, side: usize) {
        for _ in 0..count {
            self.own.steps.extend([Step::Keep, Step::Silu]);
            self.linear(Reach::Around, side, true);
            let film = self.affine();
            let which = self.own.films.len();
            self.own.films.push(film);
            self.own.steps.extend([Step::Film(which), Step::Silu]);
            self.linear(Reach::Around, side, false);
            self.own.steps.push(Step::Add);
        }
    }
}

impl FieldLoops {
    /// Arranges the weights of a network for the loops.
    pub fn new(net: &FieldNet) -> Self {
        let own = Self {
            embed: vec![],
            films: vec![],
            steps: vec![],
        };
        let mut build = Build { net, next: 0, own };
        for _ in 0..2 {
            let layer = build.affine();
            build.own.embed.push(layer);
        }
        let (shape, mut side) = (net.shape, SIDE);
        build.linear(Reach::Around, side, true);
        for (level, blocks) in shape.down.iter().enumerate() {
            build.blocks(*blocks, side);
            if level < shape.up.len() {
                build.own.steps.push(Step::Keep);
                build.linear(Reach::Fall, side, true);
                side /= 2;
            }
        }
        for blocks in shape.up.iter().rev() {
            build.linear(Reach::Rise, side, true);
            side *= 2;
            build.own.steps.push(Step::Add);
            build.blocks(*blocks, side);
        }
        build.own.steps.push(Step::Silu);
        build.linear(Reach::Around, side, true);
        build.own
    }
}

impl FieldLoops {
    /// The steps of the forward pass.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// 1 + g and b of every block at the noise ratio s, padded like the channels.
    pub fn films(&self, s: f64) -> Vec<[Vec<f32>; 2]> {
        let mut embedded = embedding(s).map(|x| x as f32).to_vec();
        for layer in &self.embed {
            embedded = layer.of(&embedded);
            silu(&mut embedded);
        }
        let film = |layer: &Affine| {
            let both = layer.of(&embedded);
            let width = both.len() / 2;
            let part = |from: usize, add: f32| {
                let mut all: Vec<f32> = both[from..from + width].iter().map(|x| add + x).collect();
                all.resize(padded(width), 0.0);
                all
            };
            [part(0, 1.0), part(width, 0.0)]
        };
        self.films.iter().map(film).collect()
    }
}

impl Network for FieldLoops {
    type Tape = Slopes;
    type At<'n> = At<'n>;

    fn at(&self, s: f64) -> At<'_> {
        At {
            own: self,
            films: self.films(s),
        }
    }
}

/// Channels `[channel][y][x]` as a map `[y][x][channel]` of padded channels.
pub fn map(values: &[f64], channels: usize) -> Vec<f32> {
    let (pixels, wide) = (SIDE * SIDE, padded(channels));
    let mut out = vec![0.0; pixels * wide];
    for (channel, values) in values.chunks_exact(pixels).enumerate() {
        for (pixel, x) in values.iter().enumerate() {
            out[pixel * wide + channel] = *x as f32;
        }
    }
    out
}

/// The inverse of [`map`].
pub fn channels(map: &[f32], channels: usize) -> Vec<f64> {
    let (pixels, wide) = (SIDE * SIDE, padded(channels));
    let all = (0..channels).flat_map(|c| (0..pixels).map(move |pixel| pixel * wide + c));
    all.map(|at| f64::from(map[at])).collect()
}

fn add(x: &mut [f32], other: &[f32]) {
    x.iter_mut().zip(other).for_each(|(x, other)| *x += other);
}

fn multiply(x: &mut [f32], by: &[f32]) {
    x.iter_mut().zip(by).for_each(|(x, by)| *x *= by);
}

/// What is done with a map on its way through the steps.
enum Way<'t> {
    Value,
    /// As `Value`, and the slopes are kept.
    Kept(&'t mut Vec<Vec<f32>>),
    /// The map is a change.
    Change(std::slice::Iter<'t, Vec<f32>>),
}

impl At<'_> {
    /// The steps, one after the other, on the map of a window.
    fn walk(&self, mut x: Vec<f32>, mut way: Way) -> Vec<f32> {
        let mut kept = vec![];
        for step in &self.own.steps {
            match (step, &mut way) {
                (Step::Linear(layer), Way::Change(_)) => x = layer.push(&x),
                (Step::Linear(layer), Way::Value | Way::Kept(_)) => x = layer.of(&x),
                (Step::Silu, Way::Value) => silu(&mut x),
                (Step::Silu, Way::Kept(slopes)) => {
                    let mut own = vec![0.0; x.len()];
                    bend(&mut x, &mut own);
                    slopes.push(own);
                }
                (Step::Silu, Way::Change(slopes)) => {
                    let own = slopes.next().map_or(&[][..], Vec::as_slice);
                    multiply(&mut x, own);
                }
                (Step::Film(which), way) => {
                    let [g, b] = &self.films[*which];
                    for x in x.chunks_exact_mut(g.len()) {
                        multiply(x, g);
                        if !matches!(way, Way::Change(_)) {
                            add(x, b);
                        }
                    }
                }
                (Step::Keep, _) => kept.push(x.clone()),
                (Step::Add, _) => add(&mut x, &kept.pop().unwrap_or_default()),
            }
        }
        x
    }

    /// The gradient of the sum of output times `g` with respect to the input.
    fn back(&self, mut g: Vec<f32>, slopes: &[Vec<f32>]) -> Vec<f32> {
        let mut kept: Vec<Vec<f32>> = vec![];
        let mut slopes = slopes.iter().rev();
        for step in self.own.steps.iter().rev() {
            match step {
                Step::Linear(layer) => g = layer.pull(&g),
                Step::Silu => multiply(&mut g, slopes.next().map_or(&[][..], Vec::as_slice)),
                Step::Film(which) => {
                    let by = &self.films[*which][0];
                    g.chunks_exact_mut(by.len()).for_each(|g| multiply(g, by));
                }
                Step::Keep => add(&mut g, &kept.pop().unwrap_or_default()),
                Step::Add => kept.push(g.clone()),
            }
        }
        g
    }
}

/// Calls `f` for each window, and joins what it gives.
fn each(windows: &[f64], width: usize, f: impl FnMut(&[f64]) -> Vec<f64>) -> Vec<f64> {
    windows.chunks(width * SIDE * SIDE).flat_map(f).collect()
}

impl Prepared for At<'_> {
    type Tape = Slopes;

    fn output(&self, seen: Vec<f64>) -> Result<Vec<f64>, Error> {
        Ok(each(&seen, 4 * SEEN, |seen| {
            channels(&self.walk(map(seen, 4 * SEEN), Way::Value), 4 * FRAMES)
        }))
    }

    fn taped(&self, seen: Vec<f64>) -> Result<(Vec<f64>, Slopes), Error> {
        let mut all = vec![];
        let out = each(&seen, 4 * SEEN, |seen| {
            let mut slopes = vec![];
            let out = self.walk(map(seen, 4 * SEEN), Way::Kept(&mut slopes));
            all.push(slopes);
            channels(&out, 4 * FRAMES)
        });
        Ok((out, Slopes(all)))
    }

    fn pushed(&self, seen: Vec<f64>, change: Vec<f64>) -> Result<Vec<f64>, Error> {
        let (_, Slopes(all)) = self.taped(seen)?;
        let mut all = all.iter();
        Ok(each(&change, 4 * SEEN, |change| {
            let slopes = all.next().map_or(&[][..], Vec::as_slice).iter();
            let out = self.walk(map(change, 4 * SEEN), Way::Change(slopes));
            channels(&out, 4 * FRAMES)
        }))
    }

    fn pulled(&self, Slopes(all): Slopes, seed: Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut all = all.iter();
        Ok(each(&seed, 4 * FRAMES, |seed| {
            let slopes = all.next().map_or(&[][..], Vec::as_slice);
            channels(&self.back(map(seed, 4 * FRAMES), slopes), 4 * SEEN)
        }))
    }
}
