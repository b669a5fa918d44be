//! Fused kernels: a plan as one kernel, on WebGPU, Vulkan, Metal or DX12 (feature `gpu`).
//!
//! An invocation carries one particle (or one number of a chain) through a chunk of stages, and nothing is read back
//! inside a chunk. Its noise is that of the host: Philox gives the same integers, and the normals agree to f32. So a run on a graphics card follows the
//! particles of the run on the host. What is shown on the way is kept on the card, and read at the end of the chunk: all particles, or of very many
//! what a picture needs (`brief`).
//!
//! Held by `tests/gpu.rs`: `a_fused_run_is_the_run_of_the_host`, `chunks_of_any_length_give_the_same_run`,
//! `a_fused_run_of_a_chain_is_that_of_the_host`.

mod brief;
mod chain;
mod device;
mod kernel;
mod lane;
mod laws;
mod maps;
mod noise;
mod perceptron;
mod state;
mod table;

pub use device::Card;
#[cfg(target_arch = "wasm32")]
pub use device::construct;
pub use state::{FusedState, draws};
pub use table::Fused;
