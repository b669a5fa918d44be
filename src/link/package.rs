//! The packages of the page that compute on the CPU: which of them has a lab.

/// A package of the page. The one that loads first reads the links of all labs; another one is loaded when a link of one of its
/// labs is opened. A build without a browser has the labs of all packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package {
    /// It loads first.
    Cpu,
    /// Time series, with their exact posterior.
    Chains,
    /// Systems that are observed in time.
    Systems,
    /// Fields on a grid that move in time.
    Fields,
}

impl Package {
    /// Whether this build has its labs: the feature of its name.
    pub const fn is_here(self) -> bool {
        match self {
            Self::Cpu => cfg!(feature = "cpu"),
            Self::Chains => cfg!(feature = "chains"),
            Self::Systems => cfg!(feature = "systems"),
            Self::Fields => cfg!(feature = "fields"),
        }
    }

    /// The name of its folder.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Chains => "chains",
            Self::Systems => "systems",
            Self::Fields => "fields",
        }
    }
}
