//! The closed lists of the lab: what is asked, what is observed, how it is answered, views.

use crate::word::words;

/// Pixels along a side of the square. The closed set of `pixels=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    /// 32.
    Few,
    /// 64.
    Many,
}

words!(Pixels {
    Few => "32", "32 × 32", "What the scores know";
    Many => "64", "64 × 64", "For the equations alone: no score knows it";
});

impl Pixels {
    /// The number.
    pub fn count(self) -> usize {
        match self {
            Self::Few => 32,
            Self::Many => 64,
        }
    }
}

/// What is asked of a film. The closed set of `task=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// The film that pixels were seen of.
    Assimilate,
    /// The film that goes on after its first frames.
    Forecast,
    /// Any film.
    Prior,
}

words!(Task {
    Assimilate => "assimilate", "Assimilate", "Some pixels of some frames are seen, with noise: which film was it?";
    Forecast => "forecast", "Forecast", "The first frames are known: how does the film go on?";
    Prior => "prior", "No observation", "Nothing is known: what films are there?";
});

/// Which pixels of a frame are seen. The closed set of `layout=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Each m-th of both directions.
    Grid,
    /// Means over squares.
    Blocks,
    /// Each m-th of a row.
    Line,
    /// Some, at random.
    Random,
    /// Those of a list.
    Placed,
}

words!(Layout {
    Grid => "grid", "Grid", "Each m-th pixel along both sides";
    Blocks => "blocks", "Blocks", "The mean over each square of m × m pixels, as a coarse instrument sees it";
    Line => "line", "Line", "Each m-th pixel of the row in the middle, as a ship sees it";
    Random => "random", "Random", "Pixels that are drawn once, the same in all frames";
    Placed => "placed", "By hand", "The pixels of the key mask: click in the film";
});

/// The score of windows of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmScore {
    /// A network that corrects the Gaussian one.
    Small,
    /// One with more weights.
    Large,
    /// That of the normal law with the measured covariance.
    Gaussian,
}

impl FilmScore {
    /// The network that it is.
    pub fn network(self) -> Option<&'static str> {
        match self {
            Self::Gaussian => None,
            Self::Small => Some("turbulence-small"),
            Self::Large => Some("turbulence-large"),
        }
    }
}

words!(FilmScore {
    Small => "small", "Small network", "A convolutional network that has learned windows of five frames, and corrects the Gaussian score of them: 217 thousand weights, a file of half a megabyte";
    Large => "large", "Large network", "As the small one, with 529 thousand weights: nearer to the flow, more than twice as slow, and a file of 1.1 megabytes";
    Gaussian => "gaussian", "Gaussian", "The exact score of the normal law with the measured mean and covariance in space and time";
});

/// How a film is found. The closed set of `method=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// All frames in one run.
    AllAtOnce,
    /// Segment after segment.
    Autoregressive,
    /// The mean of the normal law given the observations.
    Posterior,
    /// Without any law.
    Interpolate,
    /// Members moved by the equations, corrected by the observations.
    Enkf,
    /// Members moved by the equations.
    Free,
}

words!(Way {
    AllAtOnce => "aao", "All at once", "All frames in one run of the sampler";
    Autoregressive => "ar", "Autoregressive", "Segments of frames one after the other, each given the last frames of the one before";
    Posterior => "posterior", "Gaussian posterior", "The mean of the normal law given the observations, exact, by one linear solve";
    Interpolate => "interpolate", "Interpolation", "Bilinear in space, linear in time; after the last seen frame nothing moves";
    Enkf => "enkf", "EnKF", "Members moved by the true equations, corrected frame by frame: the past is not seen again";
    Free => "free", "Free run", "Members moved by the true equations, without corrections";
});

/// What the equations add to the guidance. The closed set of `physics=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    /// Nothing.
    None,
    /// The residual of the equation is 0.
    Residual,
    /// Each frame is what the solver makes of the one before.
    Defect,
}

words!(Law {
    None => "none", "None", "The score alone knows how a flow moves";
    Residual => "residual", "Residual", "Guidance towards films whose residual $∂_tω + u·∇ω − νΔω + αω − f$ is 0, with ∂ₜ by central differences";
    Defect => "defect", "Defect", "Guidance towards films whose frames are $Φ_Δ$ of the ones before, Φ the solver";
});

/// A view of the lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilmView {
    /// The vorticity.
    Film,
    /// Its spectrum.
    Spectrum,
    /// Errors over the frames.
    Accuracy,
    /// What is left of the equations.
    Residual,
}

words!(FilmView {
    Film => "film", "Film", "The vorticity: truth, observations, sample, mean, difference";
    Spectrum => "spectrum", "Spectrum", "Enstrophy of each wave number, beside that of the truth and its variation";
    Accuracy => "accuracy", "Accuracy", "Error, correlation and spread over the frames, beside interpolation, persistence and the Gaussian posterior";
    Residual => "residual", "Residual", "What is left of the equations over the frames, beside the truth's own";
});
