//! The classical method of Runge and Kutta.

/// One step of length `dt` for dx/dt = f(x): x ← x + dt/6·(k₁ + 2k₂ + 2k₃ + k₄), of order 4. `slope(x, out)` writes f(x).
///
/// Held by `tests/filter/dynamics.rs`: `runge_kutta_has_order_four_on_both_lorenz_models`.
pub fn rk4<const D: usize>(x: &mut [f64; D], dt: f64, slope: impl Fn(&[f64; D]) -> [f64; D]) {
    let at = |k: &[f64; D], h: f64| {
        let mut out = *x;
        out.iter_mut().zip(k).for_each(|(o, k)| *o += h * k);
        out
    };
    let k1 = slope(x);
    let k2 = slope(&at(&k1, 0.5 * dt));
    let k3 = slope(&at(&k2, 0.5 * dt));
    let k4 = slope(&at(&k3, dt));
    for i in 0..D {
        x[i] += dt / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]);
    }
}
