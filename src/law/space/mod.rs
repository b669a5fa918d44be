//! Exact laws (probability distributions) in the plane and in space. `docs/laws.md` lists their formulas and numbers.
//!
//! Points are stored as interleaved coordinates, `[x₀ y₀ x₁ y₁ …]`.
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`,
//! `denoiser_is_tweedies_formula_of_the_density`, `samples_have_the_mean_and_variance_of_the_law`,
//! `without_noise_the_law_is_itself_and_without_signal_it_is_noise`, `no_digit_is_lost_as_the_signal_vanishes`.

mod checkerboard;
mod cloud;
mod cloud_diffused;
mod raster;
mod shapes;
mod torus;
mod torus_diffused;

pub use checkerboard::Checkerboard;
pub use cloud::Cloud;
use cloud_diffused::DiffusedCloud;
pub use raster::Raster;
pub use shapes::BANDWIDTH;
pub use torus::Torus;
pub use torus::theta_density;

use crate::denoise::DenoiseAt;
use crate::denoise::Denoiser;
use crate::level::Level;
use crate::rng::Noise;
use crate::rng::Stream;
use checkerboard::DiffusedCheckerboard;
use torus_diffused::DiffusedTorus;

/// A law in the plane or in space.
#[derive(Debug, Clone, PartialEq)]
pub enum Space {
    /// A mixture of isotropic normals.
    Cloud(Cloud),
    /// Uniform on the filled squares of a board.
    Checkerboard(Checkerboard),
    /// Uniform on the surface of a torus.
    Torus(Torus),
}

impl Space {
    /// The normal law N(0, sd²·I) in the plane.
    pub fn gaussian(sd: f64) -> Self {
        Self::Cloud(Cloud::new(2, vec![0.0; 2], vec![1.0], sd))
    }

    /// Eight isotropic normals on a circle.
    pub fn gaussians8() -> Self {
        Self::Cloud(shapes::gaussians8())
    }

    /// Two interleaved half circles (scikit-learn's `make_moons`), centred.
    pub fn moons() -> Self {
        Self::Cloud(shapes::moons(shapes::NODES))
    }

    /// The checkerboard: see [`Checkerboard`].
    pub fn checkerboard() -> Self {
        Self::Checkerboard(Checkerboard)
    }

    /// A spiral (scikit-learn's `make_swiss_roll`, seen along its axis).
    pub fn swissroll() -> Self {
        Self::Cloud(shapes::swissroll(shapes::NODES))
    }

    /// Two circles (scikit-learn's `make_circles`).
    pub fn rings() -> Self {
        Self::Cloud(shapes::rings(shapes::NODES))
    }

    /// Five bent arms (Johnson et al., *Composing graphical models with neural networks*, 2016).
    pub fn pinwheel() -> Self {
        Self::Cloud(shapes::pinwheel(shapes::NODES))
    }

    /// A drawing: equal isotropic normals with standard deviation [`BANDWIDTH`] at `points` (interleaved x, y; at
    /// least one point).
    pub fn drawn(points: &[f64]) -> Self {
        let weights = vec![1.0; points.len() / 2];
        Self::Cloud(Cloud::new(2, points.to_vec(), weights, BANDWIDTH))
    }

    /// Point masses of equal weight at `points` (interleaved, `dim` coordinates each, at least one point). A network
    /// that memorises its data perfectly has learned this law.
    pub fn empirical(dim: usize, points: &[f64]) -> Self {
        let weights = vec![1.0; points.len() / dim];
        Self::Cloud(Cloud::new(dim, points.to_vec(), weights, 0.0))
    }

    /// Uniform on the torus with the radii `major` > `minor` > 0 around the z axis.
    pub fn torus(major: f64, minor: f64) -> Self {
        Self::Torus(Torus { major, minor })
    }

    /// Number of coordinates of a point, 2 or 3.
    pub fn dim(&self) -> usize {
        match self {
            Self::Cloud(cloud) => cloud.dim(),
            Self::Checkerboard(_) => 2,
            Self::Torus(_) => 3,
        }
    }

    /// E x₀.
    pub fn mean(&self) -> Vec<f64> {
        match self {
            Self::Cloud(cloud) => cloud.mean(),
            // Both are symmetric about 0.
            Self::Checkerboard(_) | Self::Torus(_) => vec![0.0; self.dim()],
        }
    }

    /// Variance of a coordinate of x₀, averaged over the coordinates: tr Cov x₀ / dim.
    pub fn variance(&self) -> f64 {
        match self {
            Self::Cloud(cloud) => cloud.variance(),
            Self::Checkerboard(board) => board.variance(),
            Self::Torus(torus) => torus.variance(),
        }
    }

    /// Half the side of the smallest centred cube that holds the bulk of the law. Of a normal, the bulk is what lies
    /// within three standard deviations.
    pub fn reach(&self) -> f64 {
        match self {
            Self::Cloud(cloud) => cloud.reach(),
            Self::Checkerboard(_) => checkerboard::HALF_SIDE,
            Self::Torus(torus) => torus.major + torus.minor,
        }
    }

    /// The independent draws `first..first + out.len()/dim` of x₀ on `stream`, interleaved. A draw does not depend on
    /// how the draws are split into calls.
    ///
    /// Held by `src/law/space/tests.rs`: `a_draw_does_not_depend_on_the_batch_split`,
    /// `each_filled_square_of_the_checkerboard_gets_an_eighth_of_the_draws`, `draws_of_the_torus_are_uniform_by_area`.
    pub fn sample(&self, noise: &Noise, stream: Stream, first: u64, out: &mut [f64]) {
        match self {
            Self::Cloud(cloud) => cloud.sample(noise, stream, first, out),
            Self::Checkerboard(board) => board.sample(noise, stream, first, out),
            Self::Torus(torus) => torus.sample(noise, stream, first, out),
        }
    }

    /// The law of x_t = α·x₀ + σ·z.
    pub fn diffuse(&self, level: &Level) -> DiffusedSpace<'_> {
        DiffusedSpace(match self {
            Self::Cloud(cloud) => Kind::Cloud(DiffusedCloud::new(cloud, level)),
            Self::Checkerboard(_) => Kind::Checkerboard(DiffusedCheckerboard::new(level)),
            Self::Torus(torus) => Kind::Torus(DiffusedTorus::new(torus, level)),
        })
    }

    /// The law of x_t on a grid with columns at `xs`, to be extended by its normals; none where the density is to be computed point
    /// by point.
    pub fn raster(&self, level: &Level, xs: &[f64]) -> Option<Raster> {
        match self {
            Self::Cloud(cloud) => Raster::new(cloud, level, xs),
            Self::Checkerboard(_) | Self::Torus(_) => None,
        }
    }

    /// The number of normals by which such a grid is extended; 0 where there is none.
    pub fn normals(&self) -> usize {
        match self {
            Self::Cloud(cloud) => cloud.weights().len(),
            Self::Checkerboard(_) | Self::Torus(_) => 0,
        }
    }

    /// The work of a point of a row of such a grid, in units ([`Denoiser::price`]), about. A normal takes half a unit for each
    /// column, by which it extends the grid.
    pub fn raster_price(&self) -> usize {
        match self {
            Self::Cloud(cloud) => 1 + cloud.weights().len() / 40,
            Self::Checkerboard(_) | Self::Torus(_) => self.price(),
        }
    }
}

/// The work of x̂ of the laws that are no clouds.
const CHECKERBOARD: usize = 4;
const TORUS: usize = 14;

impl Denoiser for Space {
    fn price(&self) -> usize {
        match self {
            Self::Cloud(cloud) => super::softmax::price(cloud.weights().len()),
            Self::Checkerboard(_) => CHECKERBOARD,
            Self::Torus(_) => TORUS,
        }
    }

    fn at(&self, level: &Level) -> Box<dyn DenoiseAt + '_> {
        Box::new(self.diffuse(level))
    }
}

/// The law of x_t, ready to be evaluated.
#[derive(Debug, Clone)]
pub struct DiffusedSpace<'a>(Kind<'a>);

#[derive(Debug, Clone)]
enum Kind<'a> {
    Cloud(DiffusedCloud<'a>),
    Checkerboard(DiffusedCheckerboard),
    Torus(DiffusedTorus<'a>),
}

impl DiffusedSpace<'_> {
    fn dim(&self) -> usize {
        match &self.0 {
            Kind::Cloud(cloud) => cloud.dim(),
            Kind::Checkerboard(_) => 2,
            Kind::Torus(_) => 3,
        }
    }

    /// x̂ = E[x₀ | x_t] of many particles, interleaved. Without signal (α = 0) it is E x₀; without noise (σ = 0) it is
    /// x_t/α.
    ///
    /// # Panics
    /// If the lengths differ or are not a multiple of the dimension.
    pub fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        assert_eq!(x_t.len(), out.len(), "x_hat: one output for each particle");
        let rest = x_t.len() % self.dim();
        assert_eq!(rest, 0, "x_hat: whole points of {} coordinates", self.dim());
        match &self.0 {
            Kind::Cloud(cloud) => cloud.x_hat(x_t, out),
            Kind::Checkerboard(board) => board.x_hat(x_t, out),
            Kind::Torus(torus) => torus.x_hat(x_t, out),
        }
    }

    /// log p_t at the point `x`. With σ = 0 it is −∞ where the law has no mass, and ∞ at a point mass and on the
    /// surface of the torus, where the law has no density.
    ///
    /// # Panics
    /// If `x` is not exactly one point.
    pub fn log_density(&self, x: &[f64]) -> f64 {
        assert_eq!(x.len(), self.dim(), "log_density: one point");
        match &self.0 {
            Kind::Cloud(cloud) => cloud.log_density(x),
            Kind::Checkerboard(board) => board.log_density(x),
            Kind::Torus(torus) => torus.log_density(x),
        }
    }
}

impl DenoiseAt for DiffusedSpace<'_> {
    fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        DiffusedSpace::x_hat(self, x_t, out);
    }
}

#[cfg(test)]
mod tests;
