//! The closed lists of the table of keys.

/// One choice of a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The word in the link.
    pub value: &'static str,
    /// The words on the page.
    pub label: &'static str,
    /// One line; formulas between dollar signs.
    pub help: &'static str,
}

const fn choice(value: &'static str, label: &'static str, help: &'static str) -> Choice {
    Choice { value, label, help }
}

pub(super) const LABS: &[Choice] = &[
    choice(
        "toy1d",
        "1-D",
        "Laws on the line, with the exact answer behind the sample.",
    ),
    choice(
        "toy2d",
        "2-D",
        "Laws in the plane: particles, flow fields, densities.",
    ),
    choice("torus", "Torus", "The uniform law on a torus in space."),
    choice(
        "lgssm",
        "Chains",
        "Linear-Gaussian state-space chains given observations, with the exact posterior.",
    ),
];

pub(super) const PLANE_TARGETS: &[Choice] = &[
    choice("gaussians8", "Eight normals", "Eight normals on a circle"),
    choice("moons", "Two moons", "Two interleaved half circles"),
    choice(
        "checkerboard",
        "Checkerboard",
        "Uniform on 8 of the 16 squares of [−1, 1]²",
    ),
    choice("swissroll", "Swiss roll", "A spiral"),
    choice("rings", "Rings", "Two concentric circles"),
    choice("pinwheel", "Pinwheel", "Five bent arms"),
    choice("drawn", "Drawn", "Points that were drawn or loaded"),
];

pub(super) const TARGETS: &[Choice] = &[
    choice("uniform", "Uniform", "$U[0, 1]$"),
    choice("gaussian", "Normal", "$N(0, sd²)$"),
    choice("mixture", "Mixture", "A mixture of up to eight normals"),
    choice("comb", "Comb", "Uniform on K separate intervals of [0, 1]"),
];

pub(super) const PROCESSES: &[Choice] = &[
    choice(
        "ddpm",
        "DDPM",
        "Discrete, variance-preserving, β linear (Ho et al. 2020)",
    ),
    choice(
        "vp",
        "VP",
        "Variance-preserving SDE, β linear in t (Song et al. 2021)",
    ),
    choice(
        "vp-cosine",
        "VP cosine",
        "$α = cos ωt$ with a noise floor (Rozet & Louppe 2023)",
    ),
    choice(
        "sda",
        "SDA",
        "$α = cos² ωt$ with a noise floor (Rozet & Louppe 2023)",
    ),
    choice("ou", "OU", "Ornstein–Uhlenbeck, $α = e^{−5t}$"),
    choice(
        "ve",
        "VE",
        "Variance-exploding, σ geometric (Song et al. 2021)",
    ),
    choice(
        "edm",
        "EDM",
        "Variance-exploding, Karras' σ (Karras et al. 2022)",
    ),
    choice(
        "fm",
        "Flow matching",
        "$x_t = (1−t)x₀ + tz$ (Lipman et al. 2023)",
    ),
    choice(
        "trig",
        "Trigonometric",
        "$x_t = cos(πt/2)x₀ + sin(πt/2)z$ (Albergo et al. 2023)",
    ),
    choice("follmer", "Föllmer", "$α = 1−t$, $σ = √(t(2−t))$"),
];

pub(super) const SAMPLERS: &[Choice] = &[
    choice(
        "ancestral",
        "Ancestral (DDPM)",
        "The posterior step of DDPM, with fresh noise",
    ),
    choice(
        "ddim",
        "DDIM",
        "First-order exponential integrator, no noise",
    ),
    choice("euler", "Euler", "First order on the probability-flow ODE"),
    choice(
        "heun",
        "Heun",
        "Second order on the probability-flow ODE, two calls a step",
    ),
    choice(
        "dpmpp2m",
        "DPM-Solver++ 2M",
        "Second order, multistep, one call a step",
    ),
    choice("em", "Euler–Maruyama", "The reverse SDE, with fresh noise"),
    choice(
        "pc",
        "Predictor–corrector",
        "DDIM steps with Langevin corrections",
    ),
    choice(
        "langevin",
        "Langevin",
        "Unadjusted Langevin at one noise level",
    ),
];

pub(super) const GRIDS: &[Choice] = &[
    choice(
        "default",
        "The process's own",
        "As published with the process",
    ),
    choice("uniform-t", "Uniform in t", "Equal steps of t"),
    choice("karras", "Karras", "Uniform in $(σ/α)^{1/7}$"),
    choice("log-snr", "Log-SNR", "Uniform in $λ = log(α/σ)$"),
];

pub(super) const SCORES: &[Choice] = &[
    choice("exact", "Exact", "The closed-form score of the law"),
    choice(
        "empirical",
        "Empirical",
        "The exact score of m data points: perfect memorising",
    ),
    choice(
        "trained",
        "Trained here",
        "A small network that is trained before the run, on fresh draws of the law",
    ),
    // The last one: only some laws have it.
    choice(
        "net",
        "Network",
        "A small network trained on samples of the law",
    ),
];

pub(super) const INITS: &[Choice] = &[
    choice("random", "Random", "Independent normal draws"),
    choice(
        "quantile",
        "Quantiles",
        "$Φ⁻¹((i+½)/n)$: an ODE sampler without Monte-Carlo noise",
    ),
];

pub(super) const VIEWS: &[Choice] = &[
    choice("density", "Density", "pₜ(x) over time, with trajectories"),
    choice("histogram", "Histograms", "The samples at several times"),
    choice(
        "flow",
        "Flow",
        "The probability-flow velocity and its characteristics",
    ),
    choice(
        "sweep",
        "Sweep",
        "Samples and error against the number of steps",
    ),
    choice(
        "errors",
        "Errors",
        "What the network, the steps and the luck of the draw cost",
    ),
];

pub(super) const PLANE_VIEWS: &[Choice] = &[
    choice(
        "particles",
        "Particles",
        "The samples, with the exact density behind them",
    ),
    choice(
        "flow",
        "Flow",
        "The velocity of the probability flow at this time",
    ),
    choice(
        "density",
        "Density",
        "The exact density at this time, with contours",
    ),
    choice(
        "trajectories",
        "Trajectories",
        "Paths of single particles from noise to data",
    ),
    choice(
        "errors",
        "Errors",
        "What the network, the steps and the luck of the draw cost",
    ),
];

pub(super) const TORUS_VIEWS: &[Choice] = &[
    choice(
        "particles",
        "Particles",
        "The samples in space; colour is the distance from the surface",
    ),
    choice(
        "angles",
        "Angles",
        "The angles of the samples against their exact densities",
    ),
    choice(
        "errors",
        "Errors",
        "What the network, the steps and the luck of the draw cost",
    ),
];

pub(super) const ENGINES: &[Choice] = &[
    choice(
        "auto",
        "Automatic",
        "WebGPU for large runs where there is one, else the CPU",
    ),
    choice("cpu", "CPU", "WebAssembly, f64"),
    choice("webgpu", "WebGPU", "The graphics processor, f32"),
];

pub(super) const MODELS: &[Choice] = &[
    choice(
        "ar1",
        "AR(1)",
        "$x_i = a·x_{i−1} + b·ε$, one number an index",
    ),
    choice(
        "damped-spring",
        "Damped spring",
        "Position and velocity of a spring with friction, pushed by noise",
    ),
    choice(
        "rotation",
        "Rotation",
        "A turning pair that forgets by .95 an index",
    ),
    choice("custom", "Custom", "Matrices T, Q, O, R of one's own"),
];

pub(super) const OPERATORS: &[Choice] = &[
    choice("linear", "Linear", "$O·x$ at the observed indices"),
    choice(
        "window",
        "Window",
        "The mean of $O·x$ over the states that end at the observed index",
    ),
    choice(
        "saturating",
        "Saturating",
        "$u/(1 + |u|)$ of $O·x$: not linear, so without exact posterior",
    ),
];

pub(super) const CHAIN_SCORES: &[Choice] = &[
    choice("full", "Full", "The exact score of the whole chain"),
    choice(
        "blanket",
        "Blanket",
        "The exact scores of windows of 2k + 1 states, put together",
    ),
    choice(
        "trained",
        "Trained here",
        "A small network for windows of 2k + 1 states, trained before the run on fresh draws of the chain",
    ),
    // The last one: there are networks for one chain.
    choice(
        "net",
        "Network",
        "A small network for windows of 2k + 1 states, put together in the same way",
    ),
];

/// Ways to make a chain; the last needs a linear observation.
pub(super) const METHODS: &[Choice] = &[
    choice("aao", "All at once", "The whole chain in one run"),
    choice(
        "ar",
        "Autoregressive",
        "Segments from left to right, each given the last states of the one before",
    ),
    choice(
        "exact",
        "Exact draws",
        "Drawn from the exact posterior, without a score",
    ),
];

pub(super) const GUIDANCES: &[Choice] = &[
    choice("none", "None", "The prior: observations are not used"),
    choice("dps", "DPS", "$−ζ∇‖y − Ax̂‖$ (Chung et al. 2023)"),
    choice("diagonal", "Diagonal", "$V = R + σ²/α²·AAᵀ$"),
    choice(
        "finzi",
        "Finzi",
        "$V = σ²/(α²·strength)·AAᵀ$, R dropped (Finzi et al. 2023)",
    ),
    choice("lambda", "Lambda", "$V = R + (1 + λ)σ²/α²·AAᵀ$"),
    choice("sda", "SDA", "$V = R + γσ²/α²·AAᵀ$ (Rozet & Louppe 2023)"),
    choice(
        "pigdm",
        "ΠGDM",
        "$V = R + σ²/(α² + σ²)·AAᵀ$ (Song et al. 2023)",
    ),
    choice(
        "exact",
        "Exact",
        "$V = R + A·Cov[x₀ | x_t]·Aᵀ$, unbiased for Gaussian laws",
    ),
    choice(
        "replace",
        "Replace",
        "Observed coordinates are set to what was observed",
    ),
];

pub(super) const CHAIN_VIEWS: &[Choice] = &[
    choice(
        "chain",
        "Chain",
        "The chain over its index: truth, observations, exact posterior, samples",
    ),
    choice(
        "score-error",
        "Score error",
        "What the blanket's score misses, over the noise",
    ),
    choice(
        "covariance",
        "Covariance",
        "Covariance of the samples beside the exact one",
    ),
    choice(
        "cost",
        "Cost",
        "Calls and state, and the error along the chain",
    ),
    choice(
        "phase",
        "Phase",
        "Two coordinates against each other, with the flow of the model",
    ),
];
