//! The sizes of a window.

/// Frames of a window.
pub const FRAMES: usize = 5;
/// Pixels of a frame along a side.
pub const PIXELS: usize = 32;
/// Numbers of a frame.
pub const FRAME: usize = PIXELS * PIXELS;
/// Numbers of a window, `[frame][y][x]`.
pub const WINDOW: usize = FRAMES * FRAME;
/// Channels that F sees: u, x̂_W and cos 4y.
pub const SEEN: usize = 2 * FRAMES + 1;
/// Pixels along a side after 2×2 pixels are folded into channels.
pub const SIDE: usize = PIXELS / 2;
/// The wave number of the force, along y: F sees where it pushes.
pub const WAVE: f64 = 4.0;
