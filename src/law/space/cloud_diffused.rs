//! The law of x_t when x₀ is a mixture of isotropic normals with one standard deviation ([`Softmax`]), at all levels.
//!
//! Held by `src/law/space/tests.rs`: `density_and_denoiser_agree_with_quadrature`.

use super::cloud::Cloud;
use crate::law::diffused::NO_SIGNAL;
use crate::law::softmax::Softmax;
use crate::level::Level;

#[derive(Debug, Clone)]
enum Sums {
    Plane(Softmax<2>),
    Space(Softmax<3>),
}

/// A cloud at one level.
#[derive(Debug, Clone)]
pub(super) struct DiffusedCloud<'a> {
    cloud: &'a Cloud,
    level: Level,
    sums: Sums,
}

impl<'a> DiffusedCloud<'a> {
    pub(super) fn new(cloud: &'a Cloud, level: &Level) -> Self {
        let (centres, weights, sd) = (cloud.centres(), cloud.weights(), cloud.sd());
        let sums = match cloud.dim() {
            2 => Sums::Plane(Softmax::new(centres, weights, sd, level)),
            _ => Sums::Space(Softmax::new(centres, weights, sd, level)),
        };
        Self {
            cloud,
            level: *level,
            sums,
        }
    }

    pub(super) fn dim(&self) -> usize {
        self.cloud.dim()
    }

    pub(super) fn x_hat(&self, x_t: &[f64], out: &mut [f64]) {
        if self.level.alpha < NO_SIGNAL {
            let mean = self.cloud.mean();
            out.chunks_mut(mean.len())
                .for_each(|o| o.copy_from_slice(&mean));
        } else if self.level.sigma == 0.0 {
            for (o, x) in out.iter_mut().zip(x_t) {
                *o = x / self.level.alpha;
            }
        } else {
            match &self.sums {
                Sums::Plane(sums) => sums.x_hat_all(x_t, out),
                Sums::Space(sums) => sums.x_hat_all(x_t, out),
            }
        }
    }

    pub(super) fn log_density(&self, x: &[f64]) -> f64 {
        if self.level.sigma == 0.0 && self.cloud.sd() == 0.0 {
            let mut centres = self.cloud.centres().chunks_exact(self.dim());
            let scaled = |c: &f64| self.level.alpha * c;
            let on = centres.any(|c| c.iter().zip(x).all(|(c, x)| scaled(c) == *x));
            return if on { f64::INFINITY } else { f64::NEG_INFINITY };
        }
        match &self.sums {
            Sums::Plane(sums) => sums.log_density([x[0], x[1]]),
            Sums::Space(sums) => sums.log_density([x[0], x[1], x[2]]),
        }
    }
}
