//! `scorefield card`: the fused kernels on the graphics card of this machine, and the CPU engine beside them. It needs no other
//! file, so it can be built on one machine and started on another.

use super::failure::{Failure, failed};
use super::say::{print, tell, with_clock};
use super::threads::cores;
use scorefield::denoise::Denoiser;
use scorefield::error::Error;
use scorefield::gpu::{Card, Fused, FusedState};
use scorefield::labs::lgssm::ChainLab;
use scorefield::labs::link::{self, Link, Mode, Side};
use scorefield::labs::space::SpaceLab;
use scorefield::labs::toy1d::Toy1d;
use scorefield::labs::{self, Engine, Setup, go_on};
use scorefield::sample::{Executor, HostState, Share};
use scorefield::tensor::{DType, Device, Place};
use serde_json::{Value, json};
use std::path::Path;

/// What is run: a name, its link, and the numbers of particles.
struct Work {
    name: &'static str,
    link: &'static str,
    sizes: &'static [u64],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Line,
    Space,
    Chain,
}

/// Every run.
const EULER: &str = "process=vp&sampler=euler&steps=100&seed=0";
const MANY: &[u64] = &[10_000, 100_000, 1_000_000];
const CHAINS: &[u64] = &[256, 16_384];
const WORKS: [Work; 13] = [
    Work {
        name: "mixture of 8, line",
        link: "lab=toy1d&target=mixture&means=-1.4,-1,-0.6,-0.2,0.2,0.6,1,1.4&sds=0.08,0.08,0.08,0.08,0.08,0.08,0.08,0.08",
        sizes: MANY,
        kind: Kind::Line,
    },
    Work {
        name: "mixture of 8, plane (gaussians8)",
        link: "lab=toy2d&target=gaussians8",
        sizes: MANY,
        kind: Kind::Space,
    },
    Work {
        name: "mixture of 88, plane (moons)",
        link: "lab=toy2d&target=moons",
        sizes: MANY,
        kind: Kind::Space,
    },
    Work {
        name: "network 3 → 3 × 128 → 2 (moons)",
        link: "lab=toy2d&target=moons&score=net",
        sizes: MANY,
        kind: Kind::Space,
    },
    Work {
        name: "uniform",
        link: "lab=toy1d",
        sizes: MANY,
        kind: Kind::Line,
    },
    Work {
        name: "checkerboard",
        link: "lab=toy2d&target=checkerboard",
        sizes: MANY,
        kind: Kind::Space,
    },
    Work {
        name: "chain of 33, full score",
        link: "lab=lgssm&length=33",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "chain of 33, blanket",
        link: "lab=lgssm&length=33&score=blanket",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "chain of 33, guidance exact",
        link: "lab=lgssm&length=33&guidance=exact",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "chain of 256, full score",
        link: "lab=lgssm&length=256",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "chain of 256, blanket",
        link: "lab=lgssm&length=256&score=blanket",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "chain of 256, guidance exact",
        link: "lab=lgssm&length=256&guidance=exact",
        sizes: CHAINS,
        kind: Kind::Chain,
    },
    Work {
        name: "torus (tensor operations)",
        link: "lab=torus",
        sizes: &[100_000],
        kind: Kind::Space,
    },
];

/// No more rounds of a run are begun after so many seconds.
const LONG: f64 = 4.0;
/// What is run on one thread takes no longer than this, about.
const ALONE: f64 = 6.0;
/// Particles that share a block of the host.
const GRAIN: usize = 512;
/// More work than a run has: a chunk is as long as it may be.
const WHOLE: usize = 1 << 40;
/// From here on two runs differ.
const APART: f64 = 1e-4;

/// What a call asks for.
#[derive(clap::Args)]
pub struct Options {
    /// Rounds of each run, at most; a run of seconds has fewer.
    #[arg(long, value_name = "K", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Particles, at most.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    most: u64,
    /// Only the works whose name has this in it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Leaves the runs on the processor out, and with them the differences.
    #[arg(long)]
    no_cpu: bool,
    /// Tells on standard error where the time of each run goes.
    #[arg(long)]
    verbose: bool,
}

/// A lab that is compiled.
enum Compiled {
    Line(Box<Toy1d>),
    Space(Box<SpaceLab>),
    Chain(Box<ChainLab>),
}

impl Compiled {
    fn new(link: &Link, kind: Kind) -> Result<Self, Error> {
        Ok(match kind {
            Kind::Line => Self::Line(Box::new(Toy1d::new(&link.a)?)),
            Kind::Space => Self::Space(Box::new(SpaceLab::new(&link.a)?)),
            Kind::Chain => Self::Chain(Box::new(ChainLab::new(&link.a)?)),
        })
    }

    fn setup(&self) -> &Setup {
        match self {
            Self::Line(own) => &own.setup,
            Self::Space(own) => &own.setup,
            Self::Chain(own) => &own.setup,
        }
    }

    fn denoiser(&self) -> &dyn Denoiser {
        match self {
            Self::Line(own) => own.setup.denoiser(&own.model),
            Self::Space(own) => own.setup.denoiser(&own.model),
            Self::Chain(own) => &own.guided,
        }
    }

    fn dim(&self) -> usize {
        match self {
            Self::Line(_) => 1,
            Self::Space(own) => own.law.dim(),
            Self::Chain(own) => own.chain.dim(),
        }
    }

    /// Its kernel, if it has one.
    fn fused(&self) -> Option<Fused> {
        match (self, &self.setup().net) {
            (Self::Chain(own), _) => Some(Fused::chain(own.chain.dim())),
            (_, Some(net)) => Fused::network(net),
            (Self::Line(own), None) => Some(Fused::line(&own.model)),
            (Self::Space(own), None) => Fused::space(&own.model),
        }
    }

    /// The final samples of a share, on this thread.
    fn on_host(&self, share: &Share) -> Vec<f64> {
        let Setup {
            plan,
            seed,
            quantile_start,
            ..
        } = self.setup();
        let mut state = HostState::share(plan, share, self.dim(), *seed, *quantile_start);
        state.begin(usize::MAX);
        while !state.is_done(plan) {
            state.advance(plan, self.denoiser(), WHOLE);
        }
        state.take()
    }
}

/// The final samples, on `count` threads.
fn on_threads(link: &Link, kind: Kind, count: usize) -> Result<Vec<f64>, Failure> {
    let whole = Compiled::new(link, kind)?;
    let n = whole.setup().n;
    let grain = if kind == Kind::Chain { 1 } else { GRAIN };
    let shares = Share::split(n, count, grain, 0.0);
    if let [all] = &shares[..] {
        return Ok(whole.on_host(all));
    }
    let own = |share: &Share| Ok::<_, Error>(Compiled::new(link, kind)?.on_host(share));
    let parts: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = shares
            .iter()
            .map(|share| scope.spawn(|| own(share)))
            .collect();
        all.into_iter().map(|thread| thread.join()).collect()
    });
    let mut all = vec![];
    for part in parts {
        all.extend(part.map_err(|_| failed("A thread has broken down."))??);
    }
    Ok(all)
}

/// Where the time of a run on the card goes, in milliseconds.
#[derive(Default)]
struct Parts {
    made: f64,
    start: f64,
    queued: f64,
    computed: f64,
    read: f64,
    chunks: usize,
}

/// The final samples from the card, without any frame. With `parts` it waits after each chunk, which takes longer.
fn on_card(
    lab: &Compiled,
    law: Fused,
    card: &Card,
    clock: &dyn Fn() -> f64,
    mut parts: Option<&mut Parts>,
) -> Result<Vec<f64>, Error> {
    let setup = lab.setup();
    let (plan, denoiser) = (&setup.plan, lab.denoiser());
    let mut last = clock();
    let mut lap = || {
        let before = std::mem::replace(&mut last, clock());
        (last - before) * 1e3
    };
    let seen = [plan.steps()];
    let (n, seed) = (setup.n, setup.seed);
    let mut state = FusedState::new((plan, &seen), n, seed, setup.quantile_start, law, card);
    if let Some(parts) = parts.as_deref_mut() {
        parts.made += lap();
    }
    while !state.begin(plan, denoiser, WHOLE) {
        block_on(state.settle())?;
    }
    if let Some(parts) = parts.as_deref_mut() {
        parts.start += lap();
    }
    while !state.is_done(plan) {
        state.advance(plan, denoiser, WHOLE);
        if let Some(parts) = parts.as_deref_mut() {
            parts.queued += lap();
            block_on(card.wait())?;
            parts.computed += lap();
        }
        block_on(state.settle())?;
        if let Some(parts) = parts.as_deref_mut() {
            parts.read += lap();
            parts.chunks += 1;
        }
    }
    Ok(state.take())
}

/// The run of the page, with its frames. Returns its final samples.
fn with_frames(link: &Link, engine: &Engine) -> Result<Vec<f64>, Error> {
    let mut run = labs::open(link)?.run(Side::A, engine)?;
    while !block_on(go_on(run.as_mut(), WHOLE))? {
        run.take();
    }
    run.take();
    Ok(run.samples()?.to_vec())
}

/// Runs again and again, for so many rounds, but no round is begun after [`LONG`] seconds. Returns the times in milliseconds and the
/// last result.
fn timed<E>(
    rounds: u32,
    clock: &dyn Fn() -> f64,
    mut run: impl FnMut() -> Result<Vec<f64>, E>,
) -> Result<(Vec<f64>, Vec<f64>), E> {
    let start = clock();
    let (mut times, mut last) = (vec![], vec![]);
    while times.len() < rounds as usize && (times.is_empty() || clock() - start < LONG) {
        let before = clock();
        last = run()?;
        times.push((clock() - before) * 1e3);
    }
    Ok((times, last))
}

/// The largest difference of a number, in units of its size where that is above 1, and how many particles differ by more than
/// [`APART`].
fn gaps(one: &[f64], other: &[f64], dim: usize) -> (f64, usize) {
    let gap = |(a, b): (&f64, &f64)| {
        let gap = (a - b).abs() / b.abs().max(1.0);
        if gap.is_nan() { f64::INFINITY } else { gap }
    };
    let each = one.chunks(dim).zip(other.chunks(dim));
    let each = each.map(|(a, b)| a.iter().zip(b).map(gap).fold(0.0, f64::max));
    each.fold((0.0, 0), |(most, count), gap| {
        (gap.max(most), count + usize::from(gap > APART))
    })
}

pub fn card(options: &Options) -> Result<(), Failure> {
    let (device, setup) = block_on(Device::wgpu_options().init_with_setup_async())
        .map_err(|e| failed(format!("The graphics card could not be started: {e}")))?;
    let info = setup.adapter.get_info();
    let card = Card::started();
    let place = Place {
        device,
        dtype: DType::F32,
    };
    print(&json!({
        "card": info.name, "driver": format!("{} {}", info.driver, info.driver_info).trim(),
        "backend": format!("{:?}", info.backend), "cpu": processor(), "threads": cores(),
        "version": env!("CARGO_PKG_VERSION"), "day": today(),
        "rounds": options.rounds,
    }))?;
    let engine = Engine::Fused(card.clone(), place);
    let mut result = Ok(());
    with_clock(|clock| {
        let all = WORKS.iter().filter(|own| own.name.contains(&options.only));
        for work in all {
            for n in work.sizes.iter().filter(|n| **n <= options.most) {
                if let Err(e) =
                    row(work, *n, options, (&card, &engine), clock).and_then(|row| print(&row))
                {
                    // A row that fails does not hide the others.
                    tell(&format!("{}, {n}: {}\n", work.name, e.message));
                    result = Err(e);
                }
            }
        }
    });
    result
}

/// One work at one size.
fn row(
    work: &Work,
    n: u64,
    options: &Options,
    (card, engine): (&Card, &Engine),
    clock: &dyn Fn() -> f64,
) -> Result<Value, Failure> {
    let text = format!("{}&n={n}&{EULER}", work.link);
    let link = link::decode(&text, Mode::Strict);
    let link = link.map_err(|e| failed(format!("{text}: {e}")))?.link;
    let lab = Compiled::new(&link, work.kind)?;
    let rounds = options.rounds;
    let mut row = json!({"work": work.name, "n": n, "link": text});
    let mut ends = vec![];
    if let Some(law) = lab.fused() {
        let run = || on_card(&lab, law.clone(), card, clock, None);
        // The first one waits for its kernel to be compiled, too.
        row["first"] = json!(timed(1, clock, run)?.0[0]);
        let (times, last) = timed(rounds, clock, run)?;
        row["samples"] = json!(times);
        ends.push(("samples_off", last));
        if options.verbose {
            let mut parts = Parts::default();
            on_card(&lab, law, card, clock, Some(&mut parts))?;
            tell(&format!(
                "{}, {n}: made {:.2} ms, start {:.2}, queued {:.2}, computed {:.2}, read {:.2} ms; {} chunks\n",
                work.name,
                parts.made,
                parts.start,
                parts.queued,
                parts.computed,
                parts.read,
                parts.chunks
            ));
        }
    }
    let (times, last) = timed(rounds, clock, || with_frames(&link, engine))?;
    row["frames"] = json!(times);
    ends.push(("frames_off", last));
    if !options.no_cpu {
        let count = cores();
        let on_all = |count| timed(rounds, clock, || on_threads(&link, work.kind, count));
        let (times, want) = on_all(count)?;
        for (name, end) in &ends {
            let (most, apart) = gaps(end, &want, lab.dim());
            row[*name] = json!({"largest": most, "beyond": apart});
        }
        if times[0] * count as f64 / 1e3 < ALONE {
            row["one_thread"] = json!(on_all(1)?.0);
        }
        row["all_threads"] = json!(times);
    }
    Ok(row)
}

/// Days since 1 January 1970.
fn today() -> u64 {
    // The date beside a table, nothing that is computed.
    #[allow(clippy::disallowed_methods)]
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / 86_400)
}

/// The processor's name, where the system says it.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string(Path::new("/proc/cpuinfo")).ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

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
