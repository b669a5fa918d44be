//! One configuration, compiled: a flow, what is seen of it, and how the film is to be found.

use super::law::Window;
use super::method_keys::{has_ends, is_sampled};
use super::model_keys::{groups, seen_frames};
use super::words::{Law, Layout, Pixels, Task, Way};
use crate::dynamics::kolmogorov::{Parameters, Physics, UNIT};
use crate::error::Error;
use crate::guide::{Composed, DefectPenalty, Guidance, ResidualPenalty, Slack};
use crate::labs::rule::rule;
use crate::labs::setup::{not_loaded, sampler};
use crate::link::Values;
use crate::observe::{Band, Lattice, Observation, Operator};
use crate::process::Fold;
use crate::sample::{Plan, Sampler};
use crate::schedule::{Grid, Process, karras};
use std::rc::Rc;

/// Frames that are sampled together: `start..new` are given to it, `new..end` are new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub start: usize,
    pub new: usize,
    pub end: usize,
}

/// What a sampler needs.
pub(super) struct Sampling {
    pub plan: Plan,
    /// Whether its corrections amplify rounding.
    pub chaotic: bool,
    guidance: Guidance,
    /// γ of frames that are known whole.
    whole: f64,
    law: Option<(Law, Slack)>,
    physics: Rc<Physics>,
    pub segments: Vec<Segment>,
    window: Window,
}

impl Sampling {
    /// Whether its score is a network.
    pub fn is_network(&self) -> bool {
        self.window.network.is_some()
    }

    /// Its score.
    pub fn window(&self) -> &Window {
        &self.window
    }
}

/// One configuration, compiled.
pub(super) struct Setup {
    /// The flow of the truth; a step is the truth's.
    pub flow: Parameters,
    pub frames: usize,
    pub task: Task,
    pub way: Way,
    /// The groups of pixels of a seen frame, whose means are observed.
    pub groups: Vec<Vec<usize>>,
    /// The seen frames.
    pub seen: Vec<usize>,
    /// Standard deviation of what is seen.
    pub noise: f64,
    /// Distance of columns and rows, and the place of the first, where they are a lattice.
    lattice: Option<(usize, f64)>,
    /// Places of vortices, where the truth begins with these.
    pub vortices: Option<Vec<f64>>,
    pub truth_seed: u64,
    pub y_seed: u64,
    pub seed: u64,
    /// Samples, or members; 1 where there are none.
    pub n: usize,
    /// Factor of the anomalies of members after an update, and the radius of their covariances in pixels; 0: none.
    pub inflation: f64,
    pub locality: f64,
    pub sampling: Option<Sampling>,
    /// Residual and defect of films.
    pub physics: Rc<Physics>,
    /// Whether the measured law is that of this flow.
    pub standard: bool,
}

impl Setup {
    /// Compiles checked values.
    ///
    /// # Errors
    /// If the parts do not fit.
    pub fn new(v: &Values) -> Result<Self, Error> {
        let pixels: Pixels = v.need_choice("pixels")?;
        let flow = Parameters {
            pixels: pixels.count(),
            viscosity: v.need_real("viscosity")?,
            drag: v.need_real("drag")?,
            forcing: v.need_real("forcing")?,
            wave: v.need_int("wave")? as usize,
            interval: v.need_real("interval")?,
            dt: finer(Parameters::default().dt, pixels.count()),
        };
        let task: Task = v.need_choice("task")?;
        let frames = v.need_int("frames")? as usize;
        let physics = Rc::new(Physics::new(flow, UNIT)?);
        let vortices = v.text("vortices").map(crate::link::points::decode);
        let own = Self {
            frames,
            task,
            way: v.need_choice("method")?,
            groups: groups(v),
            seen: seen_frames(v),
            noise: match task {
                Task::Assimilate => v.need_real("noise-y")?,
                Task::Forecast => v.need_real("given-noise")?,
                Task::Prior => 1.0,
            },
            lattice: lattice(v, flow.pixels)?,
            vortices: vortices.transpose()?,
            truth_seed: v.need_int("truth-seed")?,
            y_seed: v.int("y-seed").unwrap_or(0),
            seed: v.need_int("seed")?,
            n: v.int("n").unwrap_or(1) as usize,
            inflation: v.real("inflation").unwrap_or(1.0),
            locality: v.real("locality").unwrap_or(0.0),
            sampling: match is_sampled(v) {
                true => Some(sampling(v, frames, &physics)?),
                false => None,
            },
            standard: super::model_keys::is_standard(v),
            physics,
            flow,
        };
        // Whether the rule fits the observations is known before the run.
        if let Some(sampling) = &own.sampling {
            let y = vec![0.0; own.rows() * own.seen.len()];
            for segment in &sampling.segments {
                let given = vec![0.0; (segment.new - segment.start) * own.pixels()];
                own.composed(sampling, segment, &y, &given)?;
            }
        }
        Ok(own)
    }

    /// Numbers of a frame.
    pub fn pixels(&self) -> usize {
        self.flow.pixels * self.flow.pixels
    }

    /// Numbers of a film.
    pub fn numbers(&self) -> usize {
        self.frames * self.pixels()
    }

    /// Observed numbers of a seen frame.
    pub fn rows(&self) -> usize {
        self.groups.len()
    }

    /// Whether all that a run needs is there.
    ///
    /// # Errors
    /// If its network has not been loaded.
    pub fn ready(&self) -> Result<(), Error> {
        match self.sampling.as_ref().and_then(|own| own.window.missing) {
            Some(entry) => Err(not_loaded(entry)),
            None => Ok(()),
        }
    }

    /// The lattice of the observations, where they are one.
    pub fn lattice(&self) -> Option<Lattice> {
        let (spacing, first) = self.lattice?;
        let n = self.flow.pixels;
        let count = match first > 0.0 {
            true => n / spacing,
            false => n.div_ceil(spacing),
        };
        Some(Lattice {
            pixels: n,
            places: (0..count).map(|i| (i * spacing) as f64 + first).collect(),
            seen: self.seen.clone(),
            frames: self.frames,
        })
    }

    /// A film's observation in the frames `from..to`, with the values `y` `[seen × rows]` of the whole film; none where
    /// nothing is seen there. Its state are the frames from `start` to `end`.
    pub fn observation(
        &self,
        [start, end]: [usize; 2],
        [from, to]: [usize; 2],
        y: &[f64],
    ) -> Result<Option<Observation>, Error> {
        let (p, rows) = (self.pixels(), self.rows());
        let mut groups = vec![];
        let mut values = vec![];
        for (k, frame) in self.seen.iter().enumerate() {
            if !(from..to).contains(frame) {
                continue;
            }
            let at = |pixel: &usize| (frame - start) * p + pixel;
            groups.extend(self.groups.iter().map(|g| g.iter().map(at).collect()));
            values.extend_from_slice(&y[k * rows..(k + 1) * rows]);
        }
        if groups.is_empty() {
            return Ok(None);
        }
        let operator = Operator::means((end - start) * p, &groups)?;
        let noise = Band::isotropic(values.len(), self.noise * self.noise);
        Ok(Some(Observation::new(operator, &noise, values)?))
    }

    /// The prior of a segment with the terms of its guidance: the frames that it is given (`given`, `[new − start][y][x]`), and
    /// the values `y` `[seen × rows]` of the whole film.
    ///
    /// # Errors
    /// If the rule does not fit the observations.
    pub fn composed(
        &self,
        own: &Sampling,
        segment: &Segment,
        y: &[f64],
        given: &[f64],
    ) -> Result<Composed, Error> {
        let Segment { start, new, end } = *segment;
        let length = end - start;
        let fold = Fold {
            length,
            width: own.window.frames,
            states: self.pixels(),
        };
        let mut out = Composed::new(fold, own.window.denoiser.clone());
        if new > start {
            let operator =
                Operator::slice(length * self.pixels(), &Vec::from_iter(0..given.len()))?;
            // What is given was sampled: it is no exact film.
            let noise = Band::isotropic(given.len(), GIVEN * GIVEN);
            let observation = Observation::new(operator, &noise, given.to_vec())?;
            out = out.observing(observation, Guidance::Sda { gamma: own.whole })?;
        }
        if let Some(observation) = self.observation([start, end], [new, end], y)? {
            let rule = match self.task {
                Task::Forecast => Guidance::Sda { gamma: own.whole },
                Task::Assimilate | Task::Prior => own.guidance,
            };
            out = out.observing(observation, rule)?;
        }
        let physics = own.physics.clone();
        Ok(match own.law {
            Some((Law::Residual, slack)) => {
                out.penalised(Rc::new(ResidualPenalty::new(physics, length, slack)))
            }
            Some((Law::Defect, slack)) => {
                out.penalised(Rc::new(DefectPenalty::new(physics, length, slack)))
            }
            Some((Law::None, _)) | None => out,
        })
    }
}

/// A step of 32 pixels along a side for `pixels` of them: the same share of a pixel.
pub(super) fn finer(step: f64, pixels: usize) -> f64 {
    step * Parameters::default().pixels as f64 / pixels as f64
}

/// The deviation of frames that a segment is given by the one before.
const GIVEN: f64 = 0.05;

/// Distance and first place of columns and rows that are a lattice.
fn lattice(v: &Values, n: usize) -> Result<Option<(usize, f64)>, Error> {
    let spacing = v.int("spacing").unwrap_or(1) as usize;
    Ok(match v.choice::<Layout>("layout") {
        Some(Layout::Grid) => Some((spacing, 0.0)),
        Some(Layout::Blocks) => Some((spacing.min(n), 0.5 * (spacing as f64 - 1.0))),
        Some(Layout::Line | Layout::Random | Layout::Placed) => None,
        None => v
            .choice::<Task>("task")
            .filter(|own| *own == Task::Forecast)
            .map(|_| (1, 0.0)),
    })
}

fn sampling(v: &Values, frames: usize, physics: &Rc<Physics>) -> Result<Sampling, Error> {
    let steps = v.need_int("steps")? as u32;
    let process = v.need_choice::<Process>("process")?.in_steps(steps);
    let grid: Grid = v.need_choice("grid")?;
    let sampler = sampler(v)?;
    let plan = match has_ends(v) {
        true => {
            let ends = [v.need_real("sigma-max")?, v.need_real("sigma-min")?];
            sampler.plan_on(process, karras(ends, steps))
        }
        false => sampler.plan(process, grid, steps),
    };
    let law = match v.need_choice("physics")? {
        Law::None => None,
        law @ (Law::Residual | Law::Defect) => {
            let sd = v.need_real("physics-sd")?;
            let gamma = v.need_real("physics-gamma")?;
            Some((law, Slack { sd, gamma }))
        }
    };
    let segments = match v.need_choice::<Way>("method")? {
        Way::Autoregressive => {
            let context = v.need_int("context")? as usize;
            segments(frames, context, v.need_int("horizon")? as usize)
        }
        Way::AllAtOnce | Way::Posterior | Way::Interpolate | Way::Enkf | Way::Free => {
            vec![Segment {
                start: 0,
                new: 0,
                end: frames,
            }]
        }
    };
    let length = segments.first().map_or(frames, |own| own.end);
    Ok(Sampling {
        chaotic: matches!(sampler, Sampler::Pc { .. } | Sampler::Langevin { .. }),
        guidance: match v.get("guidance") {
            Some(_) => rule(v)?,
            None => Guidance::None,
        },
        whole: v.real("context-gamma").unwrap_or(0.1),
        law,
        physics: physics.clone(),
        segments,
        window: Window::new(v.need_choice("score")?, length)?,
        plan,
    })
}

/// The segments of a film: all are as long as the first, so the last one may be given more frames.
fn segments(frames: usize, context: usize, horizon: usize) -> Vec<Segment> {
    let length = (context + horizon).min(frames);
    let mut out = vec![Segment {
        start: 0,
        new: 0,
        end: length,
    }];
    let mut done = length;
    while done < frames {
        let end = (done + horizon).min(frames);
        out.push(Segment {
            start: end - length,
            new: done,
            end,
        });
        done = end;
    }
    out
}
