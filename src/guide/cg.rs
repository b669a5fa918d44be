//! Conjugate gradients for many particles at once, without a matrix (Hestenes & Stiefel 1952).

/// When the iterations are used up, a residual of this many times the tolerance is accepted.
const SUFFICES: f64 = 1e5;

/// Why the iterations failed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Breakdown<E> {
    /// pᵀVp ≤ 0 (or NaN) for a direction p.
    Curvature,
    /// The residual was too large after the largest number of iterations.
    Slow,
    /// A product failed.
    Product(E),
}

/// b ← V⁻¹b for every particle; `b` is `[n × rows]`. Returns the number of iterations.
///
/// `apply(p, out)` writes V·p, and `precondition(r)` replaces r by M⁻¹r, both for all particles at once. A particle is
/// done when √(rᵀM⁻¹r) ≤ tolerance·√(bᵀM⁻¹b). The products limit the tolerance to about 10⁻¹². Without rounding all
/// particles would be done after `rows` iterations; the bound is 2·rows + 20. There, a residual of 10⁵ times the
/// tolerance is still accepted if it is below 10⁻².
pub(super) fn solve<E>(
    (rows, tolerance): (usize, f64),
    b: &mut [f64],
    mut apply: impl FnMut(&[f64], &mut [f64]) -> Result<(), E>,
    mut precondition: impl FnMut(&mut [f64]) -> Result<(), E>,
) -> Result<usize, Breakdown<E>> {
    let mut residual = b.to_vec();
    let mut z = residual.clone();
    precondition(&mut z).map_err(Breakdown::Product)?;
    let mut direction = z.clone();
    let mut product = vec![0.0; b.len()];
    let mut size = dots(rows, &residual, &z);
    let whole = size.clone();
    b.fill(0.0);
    let most = 2 * rows + 20;
    for iteration in 0..most {
        if reached(&size, &whole, tolerance) {
            return Ok(iteration);
        }
        apply(&direction, &mut product).map_err(Breakdown::Product)?;
        let curvature = dots(rows, &direction, &product);
        for (i, curvature) in curvature.iter().enumerate() {
            let own = i * rows..(i + 1) * rows;
            if size[i] <= tolerance * tolerance * whole[i] {
                // This particle is done. It stays as it is while the others go on.
                direction[own].fill(0.0);
                continue;
            }
            if curvature.is_nan() || *curvature <= 0.0 {
                return Err(Breakdown::Curvature);
            }
            let step = size[i] / curvature;
            for k in own {
                b[k] += step * direction[k];
                residual[k] -= step * product[k];
            }
        }
        z.copy_from_slice(&residual);
        precondition(&mut z).map_err(Breakdown::Product)?;
        let next = dots(rows, &residual, &z);
        for (i, next) in next.iter().enumerate() {
            let turn = if size[i] > 0.0 { next / size[i] } else { 0.0 };
            for k in i * rows..(i + 1) * rows {
                direction[k] = z[k] + turn * direction[k];
            }
        }
        size = next;
    }
    if reached(&size, &whole, (SUFFICES * tolerance).min(0.01)) {
        Ok(most)
    } else {
        Err(Breakdown::Slow)
    }
}

fn reached(size: &[f64], whole: &[f64], tolerance: f64) -> bool {
    let mut all = size.iter().zip(whole);
    all.all(|(size, whole)| *size <= tolerance * tolerance * whole)
}

/// aᵀb of every particle.
fn dots(rows: usize, a: &[f64], b: &[f64]) -> Vec<f64> {
    let pairs = a.chunks(rows).zip(b.chunks(rows));
    let dot = |(a, b): (&[f64], &[f64])| a.iter().zip(b).map(|(a, b)| a * b).sum();
    pairs.map(dot).collect()
}
