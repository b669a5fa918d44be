//! A network on the windows of a chain: x̂, Jv and Jᵀw on tensors against plain loops.

use super::{block_on, flex, gap};
use burn::tensor::{DType, Tensor, TensorData};
use scorefield::denoise::{DenoiseAt, Denoiser, Differentiable, JacobianAt};
use scorefield::guide::{Guidance, Guided};
use scorefield::level::Level;
use scorefield::net::{self, Net, Precondition};
use scorefield::observe::{Band, Observation, Operator, States};
use scorefield::rng::{Noise, Stream};
use scorefield::sample::{Executor, HostRun, Sampler};
use scorefield::schedule::{Grid, Process};
use scorefield::tensor::{self, Model, Place, Prior, TensorState, Windows};
use std::rc::Rc;

const LENGTH: usize = 9;
const K: usize = 2;
const SIZE: usize = 2 * K + 1;

fn random(step: u32, count: usize) -> Vec<f64> {
    let mut out = vec![0.0; count];
    Noise::new(7).normals(Stream::Data, step, 0, &mut out);
    out
}

fn network(size: f64) -> Net {
    let shape = net::shape(SIZE, 16, 2);
    let weights = random(1, shape.len());
    // The padding stays 0.
    let mut own = vec![0.0; shape.len()];
    for layer in shape.layers() {
        for row in 0..=layer.inputs {
            for j in 0..layer.outputs {
                let i = layer.start + row * layer.stride + j;
                own[i] = (size * weights[i]) as f32;
            }
        }
    }
    Net::of_weights(shape, own, "test".to_owned())
}

/// The windows of a chain by plain loops in f64, one chain and window after the other.
struct Plain(Net);

/// The window from which number i is taken, and its position there.
fn place(i: usize) -> (usize, usize) {
    let start = i.saturating_sub(K).min(LENGTH - SIZE);
    (start, i - start)
}

impl Plain {
    /// F of one window, J_F·v of another in the direction of the inputs, and J_Fᵀ·w.
    fn layers(&self, inputs: &[f64], v: &[f64], w: &[f64]) -> [Vec<f64>; 3] {
        let net = &self.0;
        let layers = net.shape().layers();
        let weight = |i: usize| f64::from(net.weights()[i]);
        let (mut h, mut dh) = (inputs.to_vec(), v.to_vec());
        let mut slopes: Vec<Vec<f64>> = vec![];
        for (l, layer) in layers.iter().enumerate() {
            let at = |j: usize, h: &[f64]| {
                let row = |(i, h): (usize, &f64)| h * weight(layer.start + i * layer.stride + j);
                h.iter().enumerate().map(row).sum::<f64>()
            };
            let pre: Vec<f64> = (0..layer.outputs)
                .map(|j| at(j, &h) + weight(layer.bias() + j))
                .collect();
            dh = (0..layer.outputs).map(|j| at(j, &dh)).collect();
            let s = |x: &f64| 1.0 / (1.0 + (-x).exp());
            if l + 1 < layers.len() {
                let slope: Vec<f64> = pre.iter().map(|x| s(x) + x * s(x) * (1.0 - s(x))).collect();
                h = pre.iter().map(|x| x * s(x)).collect();
                dh = dh.iter().zip(&slope).map(|(d, s)| d * s).collect();
                slopes.push(slope);
            } else {
                h = pre;
            }
        }
        let mut g = w.to_vec();
        for (l, layer) in layers.iter().enumerate().rev() {
            if let Some(slope) = slopes.get(l) {
                g = g.iter().zip(slope).map(|(g, s)| g * s).collect();
            }
            let row = |i: usize| -> f64 {
                let from = layer.start + i * layer.stride;
                (0..layer.outputs).map(|j| g[j] * weight(from + j)).sum()
            };
            g = (0..layer.inputs).map(row).collect();
        }
        [h, dh, g]
    }

    /// x̂, J·v and Jᵀ·w of one chain.
    fn all(&self, level: &Level, x_t: &[f64], v: &[f64], w: &[f64]) -> [Vec<f64>; 3] {
        let (s, scale) = net::seen(level);
        let at = Precondition::at(s);
        let mut out = [(); 3].map(|()| vec![0.0; LENGTH]);
        for window in 0..=LENGTH - SIZE {
            let mut taken = [0.0; SIZE];
            for i in (0..LENGTH).filter(|i| place(*i).0 == window) {
                taken[place(i).1] = w[i];
            }
            let scaled = |x: &[f64], last: f64| {
                let mut inputs: Vec<f64> = x[window..window + SIZE]
                    .iter()
                    .map(|x| at.into * scale * x)
                    .collect();
                inputs.push(last);
                inputs
            };
            let back: Vec<f64> = taken.iter().map(|w| at.out * w).collect();
            let [f, df, g] = self.layers(&scaled(x_t, at.noise), &scaled(v, 0.0), &back);
            for i in (0..LENGTH).filter(|i| place(*i).0 == window) {
                let j = place(i).1;
                out[0][i] = at.skip * scale * x_t[i] + at.out * f[j];
                out[1][i] = at.skip * scale * v[i] + at.out * df[j];
            }
            for j in 0..SIZE {
                out[2][window + j] += scale * (at.skip * taken[j] + at.into * g[j]);
            }
        }
        out
    }
}

struct PlainAt<'a>(&'a Plain, Level);

impl PlainAt<'_> {
    fn each(&self, which: usize, x_t: &[f64], [v, w]: [&[f64]; 2], out: &mut [f64]) {
        for i in (0..x_t.len()).step_by(LENGTH) {
            let own = i..i + LENGTH;
            let all = self
                .0
                .all(&self.1, &x_t[own.clone()], &v[own.clone()], &w[own.clone()]);
            out[own].copy_from_slice(&all[which]);
        }
    }
}

impl Denoiser for Plain {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(PlainAt(self, *level))
    }
}

impl Differentiable for Plain {
    fn differentiable_at(&self, level: &Level) -> Box<dyn JacobianAt + '_> {
        Box::new(PlainAt(self, *level))
    }
}

impl DenoiseAt for PlainAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        self.each(0, x_t, [x_t, x_t], out);
    }
}

impl JacobianAt for PlainAt<'_> {
    fn jvp(&self, x_t: &[f64], v: &[f64], out: &mut [f64]) {
        self.each(1, x_t, [v, x_t], out);
    }

    fn vjp(&self, x_t: &[f64], w: &[f64], out: &mut [f64]) {
        self.each(2, x_t, [x_t, w], out);
    }
}

fn numbers(x: Tensor<2>) -> Vec<f64> {
    let data = x.into_data().convert::<f64>();
    data.try_to_vec::<f64>().unwrap()
}

const CHAINS: usize = 5;

fn upload(x: &[f64], place: &Place) -> Tensor<2> {
    let data = TensorData::new(x.to_vec(), [x.len() / LENGTH, LENGTH]);
    Tensor::from_data(data, (&place.device, place.dtype))
}

/// x̂, Jv and Jᵀw of chains at a level, on tensors.
fn on_tensors(net: &Net, level: &Level, [x, v, w]: [&[f64]; 3], dtype: DType) -> [Vec<f64>; 3] {
    let place = flex(dtype);
    let prior = Prior::Windows(Box::new(Windows::new(net, LENGTH, K, &place)));
    let (x_hat, jacobian) = prior.at(level, upload(x, &place));
    assert!(!jacobian.is_symmetric());
    [
        numbers(x_hat),
        numbers(jacobian.jvp(upload(v, &place))),
        numbers(jacobian.vjp(upload(w, &place))),
    ]
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn windows_on_tensors_are_those_of_plain_loops() {
    let plain = Plain(network(0.4));
    let net = &plain.0;
    for s in [1e-4, 0.01, 0.3, 2.0, 60.0, 500.0] {
        let alpha = 0.8;
        let level = Level {
            t: 0.5,
            alpha,
            sigma: alpha * s,
        };
        let size = (alpha * alpha + level.sigma * level.sigma).sqrt();
        let x: Vec<f64> = random(2, CHAINS * LENGTH)
            .iter()
            .map(|z| size * z)
            .collect();
        let (v, w) = (random(3, x.len()), random(4, x.len()));
        let at = plain.differentiable_at(&level);
        let mut want = [(); 3].map(|()| vec![0.0; x.len()]);
        at.x_hat(&x, &mut want[0]);
        at.jvp(&x, &v, &mut want[1]);
        at.vjp(&x, &w, &mut want[2]);
        for (dtype, most) in [(DType::F64, 1e-12), (DType::F32, 3e-6)] {
            let got = on_tensors(net, &level, [&x, &v, &w], dtype);
            for (got, want) in got.iter().zip(&want) {
                let size = dot(want, want).sqrt();
                let gap = gap(got, want) / size;
                assert!(gap < most, "s={s} {dtype:?}: {gap}");
            }
            // ⟨Jv, w⟩ = ⟨v, Jᵀw⟩.
            let apart = dot(&got[1], &w) - dot(&v, &got[2]);
            let size = (dot(&got[1], &got[1]) * dot(&w, &w)).sqrt();
            assert!(apart.abs() < most * size, "s={s} {dtype:?}: {apart}");
        }
        // The host's network on one window, whose middle and both sides are folded.
        let mut own = vec![0.0; SIZE];
        net.at(&level).x_hat(&x[..SIZE], &mut own);
        assert!(gap(&own[..=K], &want[0][..=K]) < 1e-5 * (1.0 + gap(&own, &[0.0; SIZE])));
        // Jv by central differences of the host's x̂ in f64.
        let step = 1e-5 * size;
        let moved = |h: f64| {
            let x: Vec<f64> = x.iter().zip(&v).map(|(x, v)| x + h * v).collect();
            let mut out = vec![0.0; x.len()];
            at.x_hat(&x, &mut out);
            out
        };
        let slope: Vec<f64> = moved(step)
            .iter()
            .zip(moved(-step))
            .map(|(a, b)| (a - b) / (2.0 * step))
            .collect();
        assert!(gap(&slope, &want[1]) < 1e-7 * dot(&want[1], &want[1]).sqrt());
    }
}

/// The rules of guidance with a network on windows: a run on tensors against the rules of the host with the plain
/// loops.
#[test]
fn guidance_round_windows_is_that_of_the_host() {
    // An almost linear network, whose covariance is positive and almost symmetric.
    let net = network(0.1);
    let plan = Sampler::Ddim.plan(Process::Vp, Grid::LogSnr, 8);
    let levels: Vec<Level> = plan.stages.iter().filter_map(|s| s.level).collect();
    let states = States {
        length: LENGTH,
        dim: 1,
    };
    for saturates in [false, true] {
        for guidance in [
            Guidance::None,
            Guidance::Pigdm,
            Guidance::Dps { zeta: 1.0 },
            Guidance::Sda { gamma: 0.1 },
            Guidance::Exact,
        ] {
            let at = [0, 3, 8];
            let operator = match saturates {
                true => Operator::saturating(states, &[1.0], &at),
                false => Operator::linear(states, &[1.0], &at),
            };
            let y = vec![0.4, -0.3, 0.6];
            let noise = Band::isotropic(3, 0.04);
            let seen = Observation::new(operator.unwrap(), &noise, y).unwrap();
            let host = Guided::new(Rc::new(Plain(net.clone())), seen, guidance).unwrap();
            let want = HostRun::in_space(&plan, &host, CHAINS, LENGTH, 3).finish();
            host.check().unwrap();
            for (dtype, most) in [(DType::F64, 1e-9), (DType::F32, 1e-4)] {
                let place = flex(dtype);
                let prior = Prior::Windows(Box::new(Windows::new(&net, LENGTH, K, &place)));
                let guided = tensor::Guided::new(prior, &host, 0, &levels, &place).unwrap();
                let model = Model::Guided(Box::new(guided));
                let size = (CHAINS, LENGTH);
                let mut state = TensorState::new(&plan, size, 3, false, model, &place);
                while !state.is_over(&plan) {
                    state.advance(&plan);
                }
                block_on(state.read()).unwrap();
                if let Some(faults) = state.faults() {
                    block_on(faults.check()).unwrap();
                }
                let gap = gap(state.x(), &want);
                assert!(gap < most, "{guidance:?} {saturates} {dtype:?}: {gap}");
            }
        }
    }
}
