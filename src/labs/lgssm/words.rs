//! The closed lists of the lab lgssm: where a score comes from, ways to make a chain, views.

use crate::word::words;

/// Where the score of a chain comes from.
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
    Blanket => "blanket", "Blanket", "The exact scores of windows of 2k + 1 states, put together";
    Trained => "trained", "Trained here", "A small network for windows of 2k + 1 states, trained before the run on fresh draws of the chain";
    Net => "net", "Network", "A small network for windows of 2k + 1 states, put together in the same way";
});

/// A way to make the states of a chain. The closed set of `method=` values.
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
    Autoregressive => "ar", "Autoregressive", "Segments from left to right, each given the last states of the one before";
    Exact => "exact", "Exact draws", "Drawn from the exact posterior, without a score";
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
    ScoreError => "score-error", "Score error", "What the blanket's score misses, over the noise";
    Covariance => "covariance", "Covariance", "Covariance of the samples beside the exact one";
    Cost => "cost", "Cost", "Calls and state, and the error along the chain";
    Phase => "phase", "Phase", "Two coordinates against each other, with the flow of the model";
});
