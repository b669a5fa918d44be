//! Where a run is computed.

use crate::word::words;

/// Where a run is computed. The closed set of `engine=` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The graphics processor where it is expected to be faster, else the CPU.
    Auto,
    /// The host.
    Cpu,
    /// The graphics processor.
    Webgpu,
}

words!(Engine {
    Auto => "auto", "Automatic", "WebGPU where it is expected to be faster, else the CPU";
    Cpu => "cpu", "CPU", "WebAssembly, f64";
    Webgpu => "webgpu", "WebGPU", "The graphics processor, f32";
});
