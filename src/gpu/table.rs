//! A plan and its law as the numbers that a kernel reads. The host computes them in f64.

use super::maps::Probing;
use crate::denoise::Denoiser;
use crate::law::Law;
use crate::law::Part;
use crate::law::space::Space;
use crate::level::Level;
use crate::net::{Net, Precondition, Shape, seen};
use crate::sample::Stage;
use crate::tensor::{Map, is_wide, quadrature, stripes};
use std::sync::Arc;

/// Inputs of a perceptron that fit into the numbers of its narrowest layer: three coordinates and the noise.
const MOST_INPUTS: usize = 4;

/// α below which x̂ is the mean of the law.
const NO_SIGNAL: f64 = 1e-12;

/// Numbers of a stage: keep, pull₀, pull₁, noise; α, σ of its level; of a cloud −1/2v, g and 1 − gα; of a chain τ of a scaled
/// stage; of a network, in place of α and what follows, c_skip·scale, c_out, c_in·scale and ¼ ln s.
pub(super) const ROW: usize = 9;
pub(super) const KEEP: usize = 0;
pub(super) const NOW: usize = 1;
pub(super) const OLD: usize = 2;
pub(super) const NOISE: usize = 3;
pub(super) const ALPHA: usize = 4;
pub(super) const SIGMA: usize = 5;
pub(super) const CURVE: usize = 6;
pub(super) const GAIN: usize = 7;
pub(super) const REST: usize = 8;
pub(super) const TAU: usize = 6;
pub(super) const SKIP: usize = 4;
pub(super) const OUT: usize = 5;
pub(super) const INTO: usize = 6;
pub(super) const LN_S: usize = 7;

/// Integers of a stage: flags; the number of the frame that it completes, from 1 on, or 0; where the table of its level
/// starts, and its number of nodes.
pub(super) const MARKS: usize = 4;
pub(super) const EVALUATES: u32 = 1;
pub(super) const COMMITS: u32 = 2;
/// The table of the level is one of intervals.
pub(super) const TAILS: u32 = 4;
/// A Langevin correction whose step follows from each particle.
pub(super) const SCALED: u32 = 8;

/// Numbers of a node.
pub(super) const NODE: usize = 6;

/// The laws that have a kernel of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// Equal isotropic normals, or points.
    Cloud,
    /// A mixture of normals or of intervals on the line, with one table a level.
    Line,
    /// The checkerboard.
    Board,
    /// A perceptron.
    Net(Widths),
    /// Affine maps of a chain, which have a kernel of their own ([`super::chain`]).
    Chain,
}

impl Family {
    /// The shape of a perceptron; one without neurons for a law.
    pub(super) fn widths(self) -> Widths {
        match self {
            Self::Net(widths) => widths,
            Self::Cloud | Self::Line | Self::Board | Self::Chain => Widths { width: 0, depth: 0 },
        }
    }
}

/// The shape of a perceptron: dim + 1 inputs, `depth` hidden layers of `width` neurons, dim outputs. A kernel is compiled for
/// each. Positions are in quadruples of weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Widths {
    pub(super) width: usize,
    pub(super) depth: usize,
}

impl Widths {
    fn shape(self, dim: usize) -> Shape {
        Shape {
            inputs: dim + 1,
            outputs: dim,
            width: self.width,
            depth: self.depth,
        }
    }

    /// Numbers of a layer, at most.
    pub(super) fn stride(self) -> usize {
        self.width.max(MOST_INPUTS).next_multiple_of(8)
    }

    pub(super) fn start(self, layer: usize, dim: usize) -> usize {
        self.shape(dim).layers()[layer].start / 4
    }

    pub(super) fn inputs(self, layer: usize, dim: usize) -> usize {
        self.shape(dim).layers()[layer].inputs
    }

    pub(super) fn quads(self, layer: usize, dim: usize) -> usize {
        self.shape(dim).layers()[layer].stride / 4
    }
}

/// A denoiser that a kernel can evaluate: of a law, a network, or a chain.
///
/// Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`, `a_fused_run_of_a_network_is_that_of_the_host`,
/// `a_fused_run_of_a_chain_is_that_of_the_host`.
#[derive(Debug, Clone, PartialEq)]
pub struct Fused(Kind);

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Cloud {
        dim: usize,
        sd: f64,
        /// c_k and ln w_k of each normal.
        normals: Vec<f32>,
    },
    Line {
        parts: Vec<Part>,
        mean: f64,
    },
    Board,
    Net(Arc<Net>),
    Chain {
        dim: usize,
    },
}

/// Numbers of one chunk of stages.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    /// [`ROW`] numbers a stage.
    pub rows: Vec<f32>,
    /// [`MARKS`] integers a stage.
    pub marks: Vec<u32>,
    /// The nodes of all levels, [`NODE`] numbers each; of a chain Kᵀ by rows and k of each level. Empty for a cloud.
    pub nodes: Vec<f32>,
    /// Of a chain, where the map of each level starts.
    starts: Vec<(Level, usize)>,
}

impl Table {
    /// Where the map of a level starts, if it was added.
    fn map(&self, level: &Level) -> Option<usize> {
        let known = self.starts.iter().rfind(|known| known.0 == *level);
        known.map(|(_, start)| *start)
    }

    /// Adds the map of a level.
    fn push_map(&mut self, level: &Level, map: &Map) {
        self.starts.push((*level, self.nodes.len()));
        let numbers = map.gain.iter().chain(&map.offset);
        self.nodes.extend(numbers.map(|x| *x as f32));
    }
}

impl Fused {
    /// A law on the line.
    pub fn line(law: &Law) -> Self {
        let parts = law.parts();
        let equal = parts
            .iter()
            .all(|p| p.half_width == 0.0 && p.sd == parts[0].sd);
        Self(if equal {
            Kind::cloud(
                1,
                parts[0].sd,
                parts.iter().map(|p| (vec![p.centre], p.weight)),
            )
        } else {
            Kind::Line {
                parts: parts.to_vec(),
                mean: law.mean(),
            }
        })
    }

    /// A law in the plane or in space; `None` where it has no kernel.
    pub fn space(law: &Space) -> Option<Self> {
        match law {
            Space::Cloud(cloud) => {
                let centres = cloud
                    .centres()
                    .chunks_exact(cloud.dim())
                    .map(<[f64]>::to_vec);
                let normals = centres.zip(cloud.weights().iter().copied());
                Some(Self(Kind::cloud(cloud.dim(), cloud.sd(), normals)))
            }
            Space::Checkerboard(_) => Some(Self(Kind::Board)),
            Space::Torus(_) => None,
        }
    }

    /// A network in the plane, in space, or on the line; `None` for one on more coordinates.
    pub fn network(net: &Arc<Net>) -> Option<Self> {
        (net.dim() < MOST_INPUTS).then(|| Self(Kind::Net(net.clone())))
    }

    /// A denoiser of `dim` coordinates that is an affine map of x_t at every level, and that the run is given: a chain under
    /// guidance.
    pub fn chain(dim: usize) -> Self {
        Self(Kind::Chain { dim })
    }

    /// Number of coordinates.
    pub(super) fn dim(&self) -> usize {
        match &self.0 {
            Kind::Cloud { dim, .. } | Kind::Chain { dim } => *dim,
            Kind::Line { .. } => 1,
            Kind::Board => 2,
            Kind::Net(net) => net.dim(),
        }
    }

    /// The kernel.
    pub(super) fn family(&self) -> Family {
        match &self.0 {
            Kind::Cloud { .. } => Family::Cloud,
            Kind::Line { .. } => Family::Line,
            Kind::Board => Family::Board,
            Kind::Net(net) => Family::Net(Widths {
                width: net.shape().width,
                depth: net.shape().depth,
            }),
            Kind::Chain { .. } => Family::Chain,
        }
    }

    /// The numbers of the law that do not depend on the level; `None` where it has tables.
    pub(super) fn normals(&self) -> Option<&[f32]> {
        match &self.0 {
            Kind::Cloud { normals, .. } => Some(normals),
            Kind::Line { .. } | Kind::Board | Kind::Net(_) | Kind::Chain { .. } => None,
        }
    }

    /// The weights of a network; empty for a law.
    pub(super) fn weights(&self) -> &[f32] {
        match &self.0 {
            Kind::Net(net) => net.weights(),
            Kind::Cloud { .. } | Kind::Line { .. } | Kind::Board | Kind::Chain { .. } => &[],
        }
    }

    /// Goes on with what the host makes for a stage before it is added, the map of a chain at its level from the denoiser of the
    /// run, for about `left` units of work, from which it takes what that was. Returns whether all is made.
    pub(super) fn prepare(
        &self,
        stage: &Stage,
        denoiser: &dyn Denoiser,
        (table, probing): (&mut Table, &mut Probing),
        left: &mut usize,
    ) -> bool {
        let (Some(level), Kind::Chain { dim }) = (stage.level, &self.0) else {
            return true;
        };
        if table.map(&level).is_none() {
            let Some(map) = probing.go_on(denoiser, &level, *dim, left) else {
                return false;
            };
            table.push_map(&level, map);
        }
        true
    }

    /// Adds a stage that is prepared to a table. `frame` is the number of the frame that it completes, from 1 on, or 0.
    pub(super) fn add(&self, stage: &Stage, frame: u32, table: &mut Table) {
        let level = stage.level;
        let mut start = table.nodes.len();
        let scaled = stage.scaled_in(self.dim());
        let (of_level, tails) = match (level, &self.0) {
            (Some(level), Kind::Chain { .. }) => {
                start = table.map(&level).unwrap_or(start);
                let tau = scaled.map_or(0.0, |(tau, _)| tau);
                ([level.alpha, level.sigma, tau, 0.0, 0.0], false)
            }
            (Some(level), _) => self.at(&level, &mut table.nodes),
            (None, _) => ([0.0; 5], false),
        };
        // Of a chain it is not read.
        let count = (table.nodes.len() - start) / NODE;
        // The even and the odd intervals of a board have as many nodes each.
        let tables = if self.family() == Family::Board { 2 } else { 1 };
        let [now, old] = stage.pulls;
        let row = [stage.keep, now, old, stage.noise];
        table
            .rows
            .extend(row.iter().chain(&of_level).map(|x| *x as f32));
        let flag = |is: bool, flag: u32| if is { flag } else { 0 };
        table.marks.extend([
            flag(level.is_some(), EVALUATES)
                | flag(stage.commit, COMMITS)
                | flag(tails, TAILS)
                | flag(scaled.is_some(), SCALED),
            frame,
            start as u32,
            (count / tables) as u32,
        ]);
    }

    /// The numbers of a level in a row, and whether the nodes that were added are intervals.
    fn at(&self, level: &Level, nodes: &mut Vec<f32>) -> ([f64; 5], bool) {
        let Level { alpha, sigma, .. } = *level;
        let plain = [alpha, sigma, 0.0, 0.0, 0.0];
        match &self.0 {
            Kind::Cloud { sd, .. } => {
                let variance = alpha * alpha * sd * sd + sigma * sigma;
                let gain = alpha * sd * sd / variance;
                // Without noise and width a point is where it is: x̂ = x_t/α.
                let [curve, gain, rest] = match variance > 0.0 {
                    true => [-0.5 / variance, gain, sigma * sigma / variance],
                    false => [0.0, 1.0 / alpha, 0.0],
                };
                ([alpha, sigma, curve, gain, rest], false)
            }
            Kind::Line { mean, .. } if alpha < NO_SIGNAL => {
                push(nodes, [0.0, 0.0, 0.0, 0.0, *mean, 0.0]);
                (plain, false)
            }
            Kind::Line { parts, .. } if parts.iter().any(|p| p.half_width == 0.0) => {
                for p in parts {
                    let variance = alpha * alpha * p.sd * p.sd + sigma * sigma;
                    let scale = libm::log(p.weight) - 0.5 * libm::log(variance);
                    let gain = alpha * p.sd * p.sd / variance;
                    push(
                        nodes,
                        [
                            alpha * p.centre,
                            -0.5 / variance,
                            0.0,
                            scale,
                            p.centre,
                            gain,
                        ],
                    );
                }
                (plain, false)
            }
            Kind::Line { parts, .. } => {
                let centre = parts.iter().map(|p| p.weight * p.centre).sum::<f64>();
                (plain, intervals(parts, level, centre, nodes))
            }
            Kind::Board if alpha < NO_SIGNAL => {
                push(nodes, [0.0; NODE]);
                push(nodes, [0.0; NODE]);
                (plain, false)
            }
            Kind::Board => {
                let tails = intervals(&stripes(0), level, 0.0, nodes);
                intervals(&stripes(1), level, 0.0, nodes);
                (plain, tails)
            }
            // Its maps stand in the table.
            Kind::Chain { .. } => (plain, false),
            Kind::Net(_) => {
                let (s, scale) = seen(level);
                let at = Precondition::at(s);
                (
                    [at.skip * scale, at.out, at.into * scale, at.noise, 0.0],
                    false,
                )
            }
        }
    }
}

impl Kind {
    fn cloud(dim: usize, sd: f64, normals: impl Iterator<Item = (Vec<f64>, f64)>) -> Self {
        let numbers = normals.flat_map(|(mut centre, weight)| {
            centre.push(libm::log(weight));
            centre.into_iter().map(|x| x as f32)
        });
        Self::Cloud {
            dim,
            sd,
            normals: numbers.collect(),
        }
    }
}

fn push(nodes: &mut Vec<f32>, node: [f64; NODE]) {
    nodes.extend(node.map(|x| x as f32));
}

/// Adds the nodes of intervals, and returns whether they are intervals: as in `src/tensor/exact.rs`.
fn intervals(parts: &[Part], level: &Level, centre: f64, nodes: &mut Vec<f32>) -> bool {
    let Level { alpha, sigma, .. } = *level;
    let wide = is_wide(parts, level);
    if wide {
        for [slope, scale, clean] in quadrature(parts, level, centre) {
            push(
                nodes,
                [alpha * centre, 0.0, slope, scale, clean + centre, 0.0],
            );
        }
    } else {
        for p in parts {
            let reach = alpha * p.half_width;
            let fade = -2.0 * reach / (sigma * sigma);
            let scale = libm::log(p.weight / p.half_width);
            push(
                nodes,
                [alpha * p.centre, reach / sigma, fade, scale, p.centre, 0.0],
            );
        }
    }
    !wide
}
