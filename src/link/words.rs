//! The closed lists that belong to no other room: labs, engines, sources of a score, methods of a chain, views.

use crate::word::words;

/// A lab. The closed set of `lab=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lab {
    /// Laws on the line.
    Toy1d,
    /// Laws in the plane.
    Toy2d,
    /// The torus in space.
    Torus,
    /// Linear-Gaussian chains.
    Lgssm,
}

words!(Lab {
    Toy1d => "toy1d", "1-D", "Laws on the line, with the exact answer behind the sample.";
    Toy2d => "toy2d", "2-D", "Laws in the plane: particles, flow fields, densities.";
    Torus => "torus", "Torus", "The uniform law on a torus in space.";
    Lgssm => "lgssm", "Chains", "Linear-Gaussian state-space chains given observations, with the exact posterior.";
});

/// The engine of a run. The closed set of `engine=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The graphics processor for large runs where there is one, else the CPU.
    Auto,
    /// The host.
    Cpu,
    /// The graphics processor.
    Webgpu,
}

words!(Engine {
    Auto => "auto", "Automatic", "WebGPU for large runs if it is available, otherwise the CPU";
    Cpu => "cpu", "CPU", "WebAssembly, f64";
    Webgpu => "webgpu", "WebGPU", "The graphics processor, f32";
});

/// The source of the score of a law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LawScore {
    /// The law itself.
    Exact,
    /// Points of the law.
    Empirical,
    /// A network that is trained for the link.
    Trained,
    /// A pretrained network.
    Net,
}

words!(LawScore {
    Exact => "exact", "Exact", "The closed-form score of the law";
    Empirical => "empirical", "Empirical", "The exact score of m data points: perfect memorisation";
    Trained => "trained", "Trained here", "A small network that is trained before the run, on fresh draws of the law";
    Net => "net", "Network", "A small network trained on samples of the law";
});

/// The source of the score of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainScore {
    /// The whole chain.
    Full,
    /// Its windows.
    Blanket,
    /// A network for its windows that is trained for the link.
    Trained,
    /// A pretrained network for its windows.
    Net,
}

words!(ChainScore {
    Full => "full", "Full", "The exact score of the whole chain";
    Blanket => "blanket", "Blanket", "The exact scores of windows of 2k + 1 states, combined";
    Trained => "trained", "Trained here", "A small network for windows of 2k + 1 states, trained before the run on fresh draws of the chain";
    Net => "net", "Network", "A small network for windows of 2k + 1 states, combined in the same way";
});

/// A method to sample the states of a chain. The closed set of `method=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The whole chain in one run.
    AllAtOnce,
    /// Segment after segment.
    Autoregressive,
    /// Draws of the exact law.
    Exact,
}

words!(Way {
    AllAtOnce => "aao", "All at once", "The whole chain in one run";
    Autoregressive => "ar", "Autoregressive", "Segments from left to right, each given the last states of the previous one";
    Exact => "exact", "Exact draws", "Drawn from the exact posterior, without a score";
});

/// A view of the lab toy1d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineView {
    /// The density over time.
    Density,
    /// Histograms at several times.
    Histogram,
    /// The probability flow.
    Flow,
    /// The error against the number of steps.
    Sweep,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(LineView {
    Density => "density", "Density", "pₜ(x) over time, with trajectories";
    Histogram => "histogram", "Histograms", "The samples at several times";
    Flow => "flow", "Flow", "The probability-flow velocity and its characteristics";
    Sweep => "sweep", "Sweep", "Samples and error against the number of steps";
    Errors => "errors", "Errors", "The errors caused by the network, the steps and chance";
});

/// A view of the lab toy2d.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaneView {
    /// The samples over the exact density.
    Particles,
    /// The velocity of the flow.
    Flow,
    /// The exact density.
    Density,
    /// Paths of particles.
    Trajectories,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(PlaneView {
    Particles => "particles", "Particles", "The samples, with the exact density behind them";
    Flow => "flow", "Flow", "The velocity of the probability flow at this time";
    Density => "density", "Density", "The exact density at this time, with contours";
    Trajectories => "trajectories", "Trajectories", "Paths of single particles from noise to data";
    Errors => "errors", "Errors", "The errors caused by the network, the steps and chance";
});

/// A view of the lab torus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TorusView {
    /// The samples in space.
    Particles,
    /// Their angles.
    Angles,
    /// Where the error comes from; only of networks.
    Errors,
}

words!(TorusView {
    Particles => "particles", "Particles", "The samples in space; colour is the distance from the surface";
    Angles => "angles", "Angles", "The angles of the samples against their exact densities";
    Errors => "errors", "Errors", "The errors caused by the network, the steps and chance";
});

/// A view of the lab lgssm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainView {
    /// The chain over its index.
    Chain,
    /// The error of the score over the noise.
    ScoreError,
    /// Covariances of the samples.
    Covariance,
    /// Calls, state and error along the chain.
    Cost,
    /// Two coordinates against each other; only of chains with two.
    Phase,
}

words!(ChainView {
    Chain => "chain", "Chain", "The chain over its index: truth, observations, exact posterior, samples";
    ScoreError => "score-error", "Score error", "The error of the blanket's score, over the noise";
    Covariance => "covariance", "Covariance", "Covariance of the samples next to the exact one";
    Cost => "cost", "Cost", "Calls and state, and the error along the chain";
    Phase => "phase", "Phase", "Two coordinates against each other, with the flow of the model";
});
