//! The fused kernels against the host, on a graphics card. Without one these tests fail, and say how to get one in software.
#![cfg(feature = "gpu")]
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use scorefield::denoise::{DenoiseAt, Denoiser};
use scorefield::gpu::{Card, Fused, FusedState, draws};
use scorefield::labs::lgssm::ChainLab;
use scorefield::labs::link::{self, Mode, Side};
use scorefield::labs::{self, Engine, go_on};
use scorefield::law::Law;
use scorefield::law::space::Space;
use scorefield::level::Level;
use scorefield::net::catalog;
use scorefield::rng::{Noise, Stream, philox4x32};
use scorefield::sample::{
    Brief, Cells, Churn, Executor, HostRun, HostState, Path, Plan, Sampler, Wanted,
};
use scorefield::schedule::{Grid, Process};
use scorefield::tensor::{DType, Device, Model, Place, TensorState};
use std::cell::Cell;
use std::sync::OnceLock;

/// Waits for a card, which answers from a thread of its own.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Wake(std::thread::Thread);
    impl std::task::Wake for Wake {
        fn wake(self: std::sync::Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = std::pin::pin!(future);
    let waker = std::sync::Arc::new(Wake(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

fn card() -> &'static Card {
    static CARD: OnceLock<Card> = OnceLock::new();
    CARD.get_or_init(|| {
        block_on(Card::open()).unwrap_or_else(|e| {
            panic!("{e} These tests need a Vulkan driver; Chromium has one in software: VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json")
        })
    })
}

/// The whole run in chunks of `work` evaluations, and its frames.
fn fused(
    plan: &Plan,
    law: Fused,
    denoiser: &dyn Denoiser,
    n: usize,
    seed: u64,
    work: usize,
) -> (Vec<Vec<f64>>, usize) {
    let shown: Vec<usize> = (0..plan.levels.len()).collect();
    let mut state = FusedState::new((plan, &shown), n, seed, false, law, card());
    assert_eq!(state.path(), Path::Fused);
    while !state.begin(plan, denoiser, work) {
        block_on(state.settle()).unwrap();
    }
    let mut frames = vec![state.x().to_vec()];
    let mut chunks = 0;
    while !state.is_done(plan) {
        let landed = state.advance(plan, denoiser, work);
        block_on(state.settle()).unwrap();
        chunks += 1;
        if landed.is_some() {
            frames.push(state.x().to_vec());
            while state.next_frame() {
                frames.push(state.x().to_vec());
            }
        }
    }
    (frames, chunks)
}

/// The largest difference; of numbers above 1 in units of their size, which is what f32 can keep.
fn gap(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    let pairs = one.iter().zip(other);
    let gaps = pairs.map(|(a, b)| (a - b).abs() / b.abs().max(1.0));
    gaps.fold(0.0, |m: f64, g| if g > m || g.is_nan() { g } else { m })
}

/// The largest difference in units of the largest number, where that is above 1: a run in f32 that passes through
/// thousands keeps no more.
fn of_run(one: &[f64], other: &[f64]) -> f64 {
    let size = other.iter().fold(1.0, |m: f64, x| m.max(x.abs()));
    let scaled = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| x / size).collect() };
    gap(&scaled(one), &scaled(other))
}

#[test]
fn the_kernel_draws_the_integers_of_the_host() {
    for (seed, step) in [(0, 0), (7, 3), (u64::MAX, 1999), (1 << 40 | 5, 1)] {
        let (bits, _) = block_on(draws(card(), seed, step, 1000)).unwrap();
        for (pair, got) in bits.chunks(4).enumerate() {
            let counter = [pair as u32, 0, step, Stream::Stage as u32];
            let want = philox4x32(counter, [seed as u32, (seed >> 32) as u32]);
            assert_eq!(got, want, "seed {seed}, step {step}, pair {pair}");
        }
    }
}

/// To 2·10⁻⁶ in a normal of any size: half the steps of f32 between 4 and 8, and the rounding of radius and angle.
#[test]
fn the_normals_of_the_kernel_are_those_of_the_host() {
    let (count, mut worst) = (1 << 18, 0.0f64);
    for seed in [1, 2] {
        let (_, got) = block_on(draws(card(), seed, 5, count)).unwrap();
        let mut want = vec![0.0; 2 * count];
        Noise::new(seed).normals(Stream::Stage, 5, 0, &mut want);
        for (got, want) in got.iter().zip(&want) {
            worst = worst.max((f64::from(*got) - want).abs());
        }
    }
    println!("largest difference of a normal: {worst:.1e}");
    assert!(worst < 2e-6, "{worst}");
}

/// Every stage form: one evaluation, a predictor, x̂₋₁, added noise.
fn samplers() -> [Sampler; 6] {
    let churn = Churn {
        amount: 10.0,
        min: 0.0,
        max: 80.0,
        noise: 1.003,
    };
    [
        Sampler::Ancestral,
        Sampler::Ddim,
        Sampler::Euler,
        Sampler::Em,
        Sampler::Heun(churn),
        Sampler::Dpmpp2m,
    ]
}

const STEPS: u32 = 12;
const N: usize = 200;

/// A denoiser with rounding errors: it sees x_t·(1 + ε), and answers x̂·(1 + ε), where the sign of ε changes from
/// coordinate to coordinate.
struct Rounded<'a>(&'a dyn Denoiser, f64);

struct RoundedAt<'a>(Box<dyn DenoiseAt + 'a>, f64);

impl Denoiser for Rounded<'_> {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(RoundedAt(self.0.at(level), self.1))
    }
}

impl DenoiseAt for RoundedAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        let shake = |i: usize, x: f64| {
            if i % 3 == 1 {
                x - self.1 * x
            } else {
                x + self.1 * x
            }
        };
        let x: Vec<f64> = x_t.iter().enumerate().map(|(i, x)| shake(i, *x)).collect();
        self.0.x_hat(&x, out);
        out.iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x = shake(i, *x));
    }
}

/// The plan with rounding errors of this relative size in its coefficients: they are those of the state, too.
fn rounded(plan: &Plan, size: f64) -> Plan {
    let mut plan = plan.clone();
    for (i, stage) in plan.stages.iter_mut().enumerate() {
        let size = if i % 2 == 0 { size } else { -size };
        stage.keep *= 1.0 + size;
        stage.pulls = stage.pulls.map(|pull| pull * (1.0 - size));
        stage.noise *= 1.0 + size;
    }
    plan
}

/// Compares a fused run with the runs on the host and on tensors in f32, under every process and sampler: to 10⁻⁴,
/// but where the plan itself amplifies rounding errors. A particle may differ by as much more as eight times what errors of
/// 2⁻²¹ and 2⁻²⁰ (those of the noise) in x_t, in x̂ and in the coefficients change in the run on the host. Returns how many of all
/// particles differ by more than 10⁻⁴.
fn compare(
    name: &str,
    law: impl Fn() -> Fused,
    model: &Model,
    exact: &dyn Denoiser,
    dim: usize,
) -> [usize; 2] {
    let (mut beyond, mut all) = (0, 0);
    for process in Process::all(STEPS) {
        for sampler in samplers() {
            let plan = sampler.plan(process, Grid::Default, STEPS);
            let (frames, _) = fused(&plan, law(), exact, N, 3, usize::MAX);
            assert_eq!(frames.len(), STEPS as usize + 1);
            let got = &frames[STEPS as usize];
            let host = |plan: &Plan, denoiser: &dyn Denoiser| {
                HostRun::in_space(plan, denoiser, N, dim, 3).finish()
            };
            let want = host(&plan, exact);
            let shaken = [-2.0, -1.0, 1.0, 2.0].map(|k| {
                let size = k * f64::powi(2.0, -21);
                host(&rounded(&plan, size), &Rounded(exact, size))
            });
            let tensors = on_tensors(&plan, model, dim);
            for particle in 0..N {
                let own = |x: &[f64]| x[particle * dim..(particle + 1) * dim].to_vec();
                let from_host = |x: &[f64]| gap(&own(x), &own(&want));
                let moved = shaken.iter().map(|x| from_host(x)).fold(0.0, f64::max);
                let allowed = 1e-4 + 8.0 * moved;
                let off = from_host(got);
                let apart = gap(&own(got), &own(&tensors));
                let what = format!(
                    "{name} {process:?} {sampler:?}, particle {particle}: allowed {allowed:.1e}"
                );
                assert!(off < allowed, "{what}, off the host by {off:.1e}");
                assert!(
                    apart < 2.0 * allowed,
                    "{what}, off the tensors by {apart:.1e}"
                );
                beyond += usize::from(off > 1e-4);
                all += 1;
            }
        }
    }
    println!("{name}: {beyond} of {all} particles differ by more than 1e-4");
    [beyond, all]
}

fn on_tensors(plan: &Plan, model: &Model, dim: usize) -> Vec<f64> {
    let mut state = TensorState::new(plan, (N, dim), 3, false, model.clone(), &flex());
    while !state.is_over(plan) {
        state.advance(plan);
    }
    block_on(state.read()).unwrap();
    state.x().to_vec()
}

fn flex() -> Place {
    Place {
        device: Device::flex(),
        dtype: DType::F32,
    }
}

#[test]
fn a_fused_run_is_the_run_of_the_host() {
    let lines = [
        ("uniform", Law::uniform(0.0, 1.0)),
        ("gaussian", Law::gaussian(0.0, 0.5)),
        (
            "mixture",
            Law::mixture(&[-1.0, 0.5, 2.0], &[0.2, 0.05, 0.7], &[1.0, 2.0, 3.0]),
        ),
        ("comb", Law::comb(4, 0.5)),
        ("empirical", Law::empirical(&[0.1, 0.15, 0.7, 0.9])),
    ];
    let mut all = vec![];
    for (name, law) in &lines {
        let model = Model::Law(law.clone());
        all.push(compare(name, || Fused::line(law), &model, law, 1));
    }
    let planes = [
        ("gaussians8", Space::gaussians8()),
        ("moons", Space::moons()),
        ("checkerboard", Space::checkerboard()),
        (
            "points",
            Space::empirical(2, &[0.1, 0.2, -0.5, 0.3, 0.7, -0.9]),
        ),
        (
            "points in space",
            Space::empirical(3, &[0.1, 0.2, -0.5, 0.3, 0.7, -0.9]),
        ),
    ];
    for (name, law) in &planes {
        let model = Model::Space(law.clone());
        all.push(compare(
            name,
            || Fused::space(law).unwrap(),
            &model,
            law,
            law.dim(),
        ));
    }
    // Few particles are so sensitive.
    let sum = |k: usize| all.iter().map(|count| count[k]).sum::<usize>();
    assert!(sum(0) * 1000 < sum(1), "{} of {}", sum(0), sum(1));
}

#[test]
fn chunks_of_any_length_give_the_same_run() {
    let law = Space::gaussians8();
    for sampler in samplers() {
        let plan = sampler.plan(Process::Vp, Grid::Default, 10);
        let run = |work| fused(&plan, Fused::space(&law).unwrap(), &law, 100, 9, work);
        let (whole, chunks) = run(usize::MAX);
        assert_eq!((chunks, whole.len()), (1, 11), "{sampler:?}");
        for work in [1, 150, 450] {
            let (parts, chunks) = run(work);
            assert!(chunks > 1);
            assert!(parts == whole, "{sampler:?}, chunks of {work}");
        }
    }
}

/// Every number of a chain is the same, however its stages are cut, because each is computed from the same map.
#[test]
fn chunks_of_a_chain_of_any_length_give_the_same_run() {
    let link = link::decode("lab=lgssm&length=40&n=30&seed=2", Mode::Strict).unwrap();
    let lab = ChainLab::new(&link.link.a).unwrap();
    for sampler in samplers() {
        let plan = sampler.plan(Process::Vp, Grid::Default, 10);
        let run = |work| fused(&plan, Fused::chain(40), &lab.guided, 30, 9, work);
        let (whole, chunks) = run(usize::MAX);
        assert_eq!((chunks, whole.len()), (1, 11), "{sampler:?}");
        for work in [1, 50, 150] {
            let (parts, chunks) = run(work);
            assert!(chunks > 1);
            assert!(parts == whole, "{sampler:?}, chunks of {work}");
        }
    }
}

/// A denoiser that counts its units of work.
struct Units<'a> {
    own: &'a dyn Denoiser,
    dim: usize,
    evaluated: Cell<u64>,
}

impl Units<'_> {
    fn spent(&self) -> u64 {
        (self.evaluated.get() + self.own.products().unwrap()) * self.own.price() as u64
    }
}

impl Denoiser for Units<'_> {
    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(UnitsAt(self, self.own.at(level)))
    }

    fn products(&self) -> Option<u64> {
        self.own.products()
    }

    fn price(&self) -> usize {
        self.own.price()
    }
}

struct UnitsAt<'a>(&'a Units<'a>, Box<dyn DenoiseAt + 'a>);

impl DenoiseAt for UnitsAt<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        let count = x_t.len() / self.0.dim;
        self.0.evaluated.set(self.0.evaluated.get() + count as u64);
        self.1.x_hat(x_t, out);
    }
}

/// One map of these chains takes the host longer than a piece may, whatever the card may do in it; 2²⁰ units are 26 ms where a unit
/// takes 25 ns. Small maps go into a piece together.
#[test]
fn the_host_makes_the_maps_of_a_chain_in_pieces() {
    for (text, [least, most]) in [
        ("length=200&guidance=exact&every=1&n=2", [4, 1000]),
        ("length=20&n=2", [1, 1]),
    ] {
        let link = link::decode(&format!("lab=lgssm&{text}&seed=2"), Mode::Strict).unwrap();
        let lab = ChainLab::new(&link.link.a).unwrap();
        let dim = lab.chain.dim();
        let plan = Sampler::Euler.plan(Process::Vp, Grid::Default, 3);
        let units = Units {
            own: &lab.guided,
            dim,
            evaluated: Cell::new(0),
        };
        let shown = [0, 1, 2, 3];
        let mut state = FusedState::new((&plan, &shown), 2, 4, false, Fused::chain(dim), card());
        while !state.begin(&plan, &units, 1) {
            block_on(state.settle()).unwrap();
        }
        let (mut pieces, mut before) = (0, 0);
        while !state.is_done(&plan) {
            state.advance(&plan, &units, usize::MAX);
            block_on(state.settle()).unwrap();
            let spent = units.spent();
            assert!(
                spent - before <= 1 << 20,
                "{text}: {} units",
                spent - before
            );
            (pieces, before) = (pieces + 1, spent);
        }
        while state.next_frame() {}
        assert!((least..=most).contains(&pieces), "{text}: {pieces} pieces");
        let want = HostRun::in_space(&plan, &lab.guided, 2, dim, 4).finish();
        let off = of_run(state.x(), &want);
        assert!(off < 1e-4, "{text}: {off}");
    }
}

/// A run whose frames are read in short, in chunks of `work` evaluations: the frames, and the state at the end.
fn in_short(
    (plan, law, denoiser): (&Plan, Fused, &dyn Denoiser),
    n: usize,
    wanted: &Wanted,
    work: usize,
) -> (Vec<Brief>, Vec<f64>) {
    let shown: Vec<usize> = (0..plan.levels.len()).collect();
    let mut state = FusedState::new((plan, &shown), n, 3, false, law, card());
    state.want(wanted.clone());
    while !state.begin(plan, denoiser, work) {
        block_on(state.settle()).unwrap();
    }
    let mut frames = vec![state.brief().unwrap().clone()];
    while !state.is_done(plan) {
        let landed = state.advance(plan, denoiser, work);
        block_on(state.settle()).unwrap();
        if landed.is_some() {
            frames.push(state.brief().unwrap().clone());
            while state.next_frame() {
                frames.push(state.brief().unwrap().clone());
            }
        }
    }
    (frames, state.take())
}

/// The points are those of the particles, and so are the counts on the line; in the plane a particle at the border of a cell may be in the
/// next one. Mean and variance agree to the rounding of f32.
#[test]
fn a_frame_in_short_is_that_of_its_particles() {
    let plan = Sampler::Euler.plan(Process::Vp, Grid::Default, 7);
    let law = Law::mixture(&[6.0, 9.0], &[0.2, 0.1], &[0.3, 0.7]);
    let line = (&plan, Fused::line(&law), &law as &dyn Denoiser);
    let wanted = Wanted {
        shown: 48,
        cells: Cells::Line {
            scale: 8.0,
            first: -20.0,
            count: 100,
        },
    };
    let n = 1100;
    for work in [1, usize::MAX] {
        let (whole, _) = fused(&plan, line.1.clone(), &law, n, 3, work);
        let (short, end) = in_short(line.clone(), n, &wanted, work);
        assert_eq!(short.len(), whole.len());
        assert_eq!(end, whole[whole.len() - 1]);
        for (short, x) in short.iter().zip(&whole) {
            let wide: Vec<f64> = short.points.iter().map(|x| f64::from(*x)).collect();
            assert_eq!(wide, x[..48]);
            let mut counts = vec![0; 100];
            let cells = x.iter().map(|x| (8.0 * x).floor() + 20.0);
            for cell in cells.filter(|cell| (0.0..100.0).contains(cell)) {
                counts[cell as usize] += 1;
            }
            assert_eq!(short.counts, counts);
            let mean = x.iter().sum::<f64>() / n as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
            let found = short.moments.unwrap();
            assert!(
                (found[0] - mean).abs() < 1e-6 && (found[1] / variance - 1.0).abs() < 1e-5,
                "{found:?} {mean} {variance}"
            );
        }
    }
    let space = Space::gaussians8();
    let factors: Vec<f64> = (0..plan.levels.len())
        .map(|frame| 3.0 + frame as f64)
        .collect();
    let wanted = Wanted {
        shown: 7,
        cells: Cells::Plane {
            factors: factors.clone(),
            side: 30,
        },
    };
    let plane = (
        &plan,
        Fused::space(&space).unwrap(),
        &space as &dyn Denoiser,
    );
    for work in [1, usize::MAX] {
        let (whole, _) = fused(&plan, plane.1.clone(), &space, n, 3, work);
        let (short, end) = in_short(plane.clone(), n, &wanted, work);
        assert_eq!(
            (short.len(), end),
            (whole.len(), whole[whole.len() - 1].clone())
        );
        for ((short, x), factor) in short.iter().zip(&whole).zip(&factors) {
            let wide: Vec<f64> = short.points.iter().map(|x| f64::from(*x)).collect();
            assert_eq!((&wide[..], short.moments), (&x[..14], None));
            let mut counts = vec![0i64; 900];
            for p in x.chunks_exact(2) {
                let [i, j] = [p[0], p[1]].map(|x| (x * factor + 15.0).floor());
                if (0.0..30.0).contains(&i) && (0.0..30.0).contains(&j) {
                    counts[j as usize * 30 + i as usize] += 1;
                }
            }
            let off = counts
                .iter()
                .zip(&short.counts)
                .map(|(a, b)| (a - i64::from(*b)).abs());
            let (off, all) = (off.sum::<i64>(), counts.iter().sum::<i64>());
            assert!(off <= 4 && all > 500, "{off} of {all}");
        }
    }
}

/// The pictures of a run whose frames are read in short are those of the host.
#[test]
fn a_run_of_very_many_shows_the_frames_of_the_host() {
    for (text, name) in [
        ("lab=toy1d&target=mixture&n=900000&steps=9&seed=1", "hist"),
        (
            "lab=toy2d&target=gaussians8&process=vp&n=900000&steps=13&seed=1",
            "counts",
        ),
    ] {
        let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
        let experiment = labs::open(&link.link).unwrap();
        let mut host = experiment.run(Side::A, &Engine::Host).unwrap();
        while !host.advance(1 << 24) {}
        let engine = Engine::Fused(card().clone(), flex());
        let mut run = experiment.run(Side::A, &engine).unwrap();
        while !block_on(go_on(run.as_mut(), 1 << 24)).unwrap() {}
        let (own, want) = (run.take().unwrap(), host.take().unwrap());
        assert_eq!((own.from, own.to), (want.from, want.to));
        let (own, want) = (own.array(name), want.array(name));
        assert_eq!(own.len(), want.len(), "{text}");
        let gap: f64 = own
            .iter()
            .zip(want)
            .map(|(a, b)| f64::from((a - b).abs()))
            .sum();
        let all: f64 = want.iter().map(|x| f64::from(*x)).sum();
        assert!(all > 0.0 && gap < 2e-3 * all, "{text}: {gap} of {all}");
        let off = of_run(run.samples().unwrap(), host.samples().unwrap());
        assert!(off < 1e-4, "{text}: {off}");
    }
}

/// A run from `quantile_start` or random, as far as its start; and in how many pieces it begins.
fn started(law: Fused, plan: &Plan, n: usize, quantile_start: bool) -> (FusedState, usize) {
    let shown = [0, plan.steps()];
    let mut state = FusedState::new((plan, &shown), n, 5, quantile_start, law, card());
    let mut pieces = 1;
    let denoiser = Law::gaussian(0.0, 1.0);
    while !state.begin(plan, &denoiser, 1) {
        block_on(state.settle()).unwrap();
        pieces += 1;
    }
    (state, pieces)
}

/// The work of a piece is that of the card, whose first piece is one evaluation. With it the page would compute a start of thousands
/// of particles in thousands of pieces.
#[test]
fn a_start_at_quantiles_is_computed_in_few_pieces_and_is_that_of_the_host() {
    let n = 300_001;
    let plan = Sampler::Euler.plan(Process::Vp, Grid::Default, 4);
    let (state, pieces) = started(Fused::line(&Law::gaussian(0.0, 1.0)), &plan, n, true);
    assert!((2..=10).contains(&pieces), "{pieces} pieces");
    let whole = HostState::new(&plan, n, 1, 5, true);
    assert!(state.x() == whole.x(), "another start");
}

/// With an odd number of numbers, of which the last has half a pair of draws; and the scale is not 1.
#[test]
fn a_start_that_the_card_draws_is_that_of_the_host() {
    for (process, n) in [(Process::Vp, 20_001), (Process::Edm, 301), (Process::Ve, 1)] {
        let plan = Sampler::Euler.plan(process, Grid::Default, 4);
        for (law, dim) in [
            (Fused::line(&Law::gaussian(0.0, 1.0)), 1),
            (Fused::space(&Space::gaussians8()).unwrap(), 2),
            (
                Fused::space(&Space::empirical(3, &[0.1, 0.2, 0.3])).unwrap(),
                3,
            ),
        ] {
            let (state, pieces) = started(law, &plan, n, false);
            assert_eq!(pieces, 2, "queued, then read");
            let whole = HostState::new(&plan, n, dim, 5, false);
            assert_eq!(state.x().len(), n * dim);
            for (got, want) in state.x().iter().zip(whole.x()) {
                assert!((got - want).abs() < 2e-6 * plan.start, "{got} for {want}");
            }
        }
    }
}

/// The weights are those of the host in f32, and the sums are in the same order.
#[test]
fn a_fused_run_of_a_network_is_that_of_the_host() {
    for name in ["mixture", "moons", "torus"] {
        let net = catalog::get(name).unwrap();
        for (process, sampler) in [
            (Process::Vp, Sampler::Ancestral),
            (Process::Fm, Sampler::Euler),
            (Process::Edm, Sampler::Dpmpp2m),
        ] {
            let plan = sampler.plan(process, Grid::Default, 6);
            let (frames, _) = fused(
                &plan,
                Fused::network(&net).unwrap(),
                net.as_ref(),
                100,
                4,
                usize::MAX,
            );
            let want = HostRun::in_space(&plan, net.as_ref(), 100, net.dim(), 4).finish();
            let off = gap(&frames[6], &want);
            println!("{name} {process:?} {sampler:?}: {off:.1e}");
            assert!(off < 1e-4, "{name} {process:?} {sampler:?}: {off}");
        }
    }
}

/// Links of every lab: which path they take, and whether their frames are those of the host, however the work is cut.
#[test]
fn a_link_takes_the_kernel_where_there_is_one_and_says_so() {
    let cases = [
        // Its particles come from far outside the law.
        (
            "lab=toy1d&process=ou&sampler=heun&steps=20&grid=uniform-t&n=512&seed=13",
            Path::Fused,
            "paths",
        ),
        ("lab=toy1d&steps=10&n=300&seed=1", Path::Fused, "paths"),
        (
            "lab=toy1d&target=mixture&process=edm&sampler=heun&init=quantile&steps=10&n=300&seed=1",
            Path::Fused,
            "paths",
        ),
        (
            "lab=toy2d&target=checkerboard&steps=10&n=300&seed=1",
            Path::Fused,
            "points",
        ),
        (
            "lab=toy2d&target=moons&score=net&steps=10&n=300&seed=1",
            Path::Fused,
            "points",
        ),
        (
            "lab=toy2d&target=gaussians8&process=vp&sampler=pc&steps=10&n=300&seed=1",
            Path::Fused,
            "points",
        ),
        ("lab=torus&steps=10&n=50&seed=1", Path::Tensors, "points"),
        ("lab=lgssm&steps=10&n=20&seed=1", Path::Fused, "chains"),
        (
            "lab=lgssm&guidance=dps&steps=10&n=20&seed=1",
            Path::Tensors,
            "chains",
        ),
        (
            "lab=lgssm&operator=saturating&steps=10&n=20&seed=1",
            Path::Tensors,
            "chains",
        ),
        (
            "lab=lgssm&score=net&steps=10&n=20&seed=1",
            Path::Tensors,
            "chains",
        ),
        (
            "lab=lgssm&method=ar&steps=10&n=20&seed=1",
            Path::Tensors,
            "chains",
        ),
    ];
    for (text, path, name) in cases {
        for work in [1, 2000, 1 << 20] {
            // The chains on tensors run in f32 under guidance: tests/tensor_chains.rs compares them.
            let most = if path == Path::Fused { 1e-4 } else { 2e-3 };
            let off = off_the_host(text, path, name, work);
            assert!(off < most, "{text}: {off}");
        }
    }
}

/// How far a run of a link is off that of the host, in its frames and at its end: see [`of_run`].
fn off_the_host(text: &str, path: Path, name: &str, work: usize) -> f64 {
    let link = link::decode(text, Mode::Strict).unwrap_or_else(|e| panic!("{text}: {e}"));
    let experiment = labs::open(&link.link).unwrap();
    let mut host = experiment.run(Side::A, &Engine::Host).unwrap();
    assert_eq!(host.path(), Path::Host);
    while !host.advance(1 << 20) {
        host.check().unwrap_or_else(|e| panic!("{text}: {e}"));
    }
    let want = host.take().unwrap();
    let engine = Engine::Fused(card().clone(), flex());
    let mut run = experiment.run(Side::A, &engine).unwrap();
    assert_eq!(run.path(), path, "{text}");
    while !block_on(go_on(run.as_mut(), work)).unwrap_or_else(|e| panic!("{text}: {e}")) {}
    assert_eq!(run.evaluations(), host.evaluations(), "{text}");
    assert_eq!(run.total(), host.total(), "{text}");
    let frames = run.take().unwrap();
    assert_eq!((frames.from, frames.to), (want.from, want.to), "{text}");
    let wide = |x: &[f32]| -> Vec<f64> { x.iter().map(|x| f64::from(*x)).collect() };
    let shown = of_run(&wide(frames.array(name)), &wide(want.array(name)));
    shown.max(of_run(run.samples().unwrap(), host.samples().unwrap()))
}

/// The rules that are affine with a linear operator.
const RULES: [&str; 8] = [
    "none",
    "diagonal",
    "finzi",
    "lambda&lambda=-0.5",
    "sda&gamma=0.1",
    "pigdm",
    "exact",
    "replace",
];

/// Every score and rule that is affine, every kind of stage and of level; chains below eight numbers, whose corrections are not
/// scaled, several to a workgroup, one, and with several numbers an invocation; a last workgroup that is not full.
#[test]
fn a_fused_run_of_a_chain_is_that_of_the_host() {
    let mut all: Vec<String> = vec![];
    for score in ["", "&score=blanket&k=1"] {
        for rule in RULES {
            let rest = format!("&guidance={rule}&length=14&every=3&steps=16&n=12&seed=4");
            all.push(format!("{score}{rest}"));
        }
    }
    for size in [
        "&length=5&k=1&steps=10&n=77",
        "&length=33&steps=10&n=256",
        "&length=65&steps=8&n=20",
        "&length=128&steps=6&n=5",
        "&length=130&steps=6&n=5",
        "&length=256&steps=5&n=6",
        "&length=400&steps=2&n=3",
    ] {
        for score in ["&score=full", "&score=blanket&guidance=none"] {
            // The full score has no windows.
            let size = match score {
                "&score=full" => size.replace("&k=1", ""),
                _ => size.to_owned(),
            };
            all.push(format!("{score}{size}&seed=6"));
        }
    }
    let two = "&model=custom&T=0.9,0.1;0,0.8&Q=0.1,0;0,0.1&O=1,0;0.5,2&R=0.1,0.05;0.05,0.3";
    for rest in [
        "&model=rotation&guidance=replace&sampler=em",
        "&model=damped-spring&guidance=pigdm&process=edm&sampler=heun",
        "&guidance=sda&gamma=0.1&process=edm&sampler=heun&churn=9",
        "&guidance=sda&gamma=0.1&process=fm&sampler=ddim&grid=uniform-t",
        "&operator=window&width=3&guidance=diagonal&sampler=em",
        "&observed=3,9,20&y=1,-0.5,0.25&sampler=euler&process=vp",
        "&score=blanket&guidance=none&process=ve&sampler=ancestral",
        "&length=5&sampler=pc",
        "&score=blanket&k=1&guidance=none&sampler=pc&corrections=2",
        "&guidance=pigdm&sampler=pc",
        "&sampler=langevin",
    ] {
        all.push(format!("{rest}&steps=12&n=8&seed=5"));
    }
    all.push(format!("{two}&length=9&steps=12&n=8&seed=5"));
    assert_eq!(all.len(), 42);
    for rest in &all {
        let off = off_the_host(&format!("lab=lgssm{rest}"), Path::Fused, "chains", 1 << 20);
        println!("{rest}: {off:.1e}");
        assert!(off < 1e-4, "{rest}: {off}");
    }
}

/// The error that ends a run of a chain, in pieces of `work` evaluations.
fn broken(rest: &str, engine: &Engine, work: usize) -> String {
    let text = format!("lab=lgssm{rest}");
    let link = link::decode(&text, Mode::Strict).unwrap().link;
    let mut run = labs::open(&link).unwrap().run(Side::A, engine).unwrap();
    loop {
        match block_on(go_on(run.as_mut(), work)) {
            Ok(false) => {}
            Ok(true) => panic!("{text}: a result"),
            Err(error) => return error.to_string(),
        }
    }
}

/// A covariance that is not positive is found where the maps are made, as on the host; a diverging run at the read.
#[test]
fn a_chain_that_breaks_down_in_a_kernel_says_so() {
    let engine = Engine::Fused(card().clone(), flex());
    let text = "&score=blanket&k=1&d=0&every=1&n=20&steps=12";
    assert_eq!(broken(text, &engine, 100), broken(text, &Engine::Host, 100));
    let text = "&guidance=finzi&strength=100&steps=40&sampler=euler&process=edm&n=20";
    let error = broken(text, &engine, 100);
    assert!(error.contains("has diverged"), "{error}");
    assert!(error.ends_with("Choose engine=cpu."), "{error}");
}

/// All frames of this run are seen, and x̂ and the state pass the bound in the same stage: so the kernel, which goes on to the end
/// of its chunk, names the level that the host names.
#[test]
fn a_chain_that_diverges_in_a_kernel_names_the_level_of_its_first_bad_frame() {
    let engine = Engine::Fused(card().clone(), flex());
    let text = "&guidance=finzi&strength=100&steps=40&sampler=euler&process=edm&n=20";
    let host = broken(text, &Engine::Host, 100);
    let level = host.split_inclusive(". ").next().unwrap();
    assert!(level.contains("has diverged at σ/α = "), "{host}");
    for work in [1, 100, 1 << 20] {
        let error = broken(text, &engine, work);
        assert!(
            error.contains(level.trim_end()),
            "{error}; the host: {host}"
        );
    }
}
