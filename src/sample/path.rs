//! What moves the particles of a run, as a word.

use crate::word::words;

/// What moves the particles of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The loop of the host, in f64.
    Host,
    /// Tensor operations on a device, with noise from the host.
    Tensors,
    /// One kernel on a graphics card, which carries a particle through many stages.
    Fused,
    /// The loop of the host, with the network of the score on a device.
    Network,
    /// The same until the device was lost, then the loop of the host.
    Lost,
}

words!(Path {
    Host => "host", "CPU", "The loop of the host, in double precision";
    Tensors => "tensors", "tensor operations", "Tensor operations on the graphics card, in single precision, with noise from the host";
    Fused => "fused", "fused kernel", "One kernel on the graphics card carries a particle through many stages, in single precision";
    Network => "network", "network alone", "The network on the graphics card, in single precision; all else on the host";
    Lost => "lost", "then CPU", "The network on the graphics card until that was lost, then the loop of the host";
});
