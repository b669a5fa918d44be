//! Fields of the vorticity: closed forms, budgets, symmetries.

use super::{after, field, flow, gap, inner, mean, waves};
use scorefield::dynamics::kolmogorov::{Grid, SYMMETRIES, Solver, Symmetry};
use scorefield::rng::{Noise, Stream};

/// A field with all live modes.
fn rough(solver: &Solver, seed: u64) -> Vec<f64> {
    let mut white = vec![0.0; solver.grid().numbers()];
    Noise::new(seed).normals(Stream::Data, 0, 0, &mut white);
    solver.project(&white)
}

#[test]
fn fields_of_single_waves_are_their_closed_forms() {
    let solver = flow(|_| {});
    // ω = cos(3x − 4y): ψ = ω/25, u = ∂ᵧψ = 4/25·sin(3x − 4y), v = −∂ₓψ = 3/25·sin(3x − 4y).
    let omega = field(&solver, |x, y| (3.0 * x - 4.0 * y).cos());
    let psi = field(&solver, |x, y| (3.0 * x - 4.0 * y).cos() / 25.0);
    assert!(gap(&solver.stream_function(&omega), &psi) < 1e-15);
    let sine = field(&solver, |x, y| (3.0 * x - 4.0 * y).sin() / 25.0);
    let (u, v) = solver.velocity(&omega);
    let times = |c: f64| -> Vec<f64> { sine.iter().map(|s| c * s).collect() };
    assert!(gap(&u, &times(4.0)) < 1e-15 && gap(&v, &times(3.0)) < 1e-15);
    let near = |own: f64, exact: f64| assert!((own / exact - 1.0).abs() < 1e-13, "{own} {exact}");
    near(solver.energy(&omega), 0.25 / 25.0);
    near(solver.enstrophy(&omega), 0.25);
    near(solver.palinstrophy(&omega), 0.25 * 25.0);
    let shells = solver.spectrum(&omega);
    assert!((shells[4] - 0.25).abs() < 1e-15 && shells.iter().sum::<f64>() - shells[4] < 1e-15);
}

#[test]
fn the_velocity_has_no_divergence() {
    let solver = flow(|_| {});
    let (u, v) = solver.velocity(&field(&solver, waves));
    // By differences around the pixel that are exact for waves would need a spectrum: take it.
    let grid = solver.grid();
    let (mut a, b) = grid.spectra([&u, &v]);
    for ((a, b), mode) in a.iter_mut().zip(b).zip(grid.modes()) {
        let [kx, ky] = mode.k();
        *a = *a * kx + b * ky;
    }
    assert!(gap(&grid.field(&a), &vec![0.0; 1024]) < 1e-14);
}

#[test]
fn live_modes_come_back_and_dead_ones_do_not() {
    let solver = flow(|_| {});
    let live = field(&solver, |x, y| waves(x, y) + (15.0 * x - 15.0 * y).sin());
    assert!(gap(&solver.project(&live), &live) < 1e-14);
    let dead = field(&solver, |x, y| {
        1.0 + (16.0 * x).cos() + (16.0 * y).cos() * x.sin()
    });
    assert!(gap(&solver.project(&dead), &vec![0.0; 1024]) < 1e-14);
    // 960 numbers live: an orthonormal basis of fields is projected onto as many.
    let trace = (0..1024).map(|i| {
        let mut one = vec![0.0; 1024];
        one[i] = 1.0;
        solver.project(&one)[i]
    });
    assert!((trace.sum::<f64>() - 960.0).abs() < 1e-9);
}

#[test]
fn a_wave_is_found_at_its_place() {
    for pixels in [4, 6, 32] {
        let grid = Grid::new(pixels);
        for (at, mode) in grid.modes().iter().enumerate() {
            assert_eq!(grid.find(mode.kx, mode.ky), Some(at));
            assert_eq!(grid.find(-mode.kx, -mode.ky), None, "its conjugate");
        }
        let most = pixels as i32 / 2 - 1;
        assert_eq!(grid.modes().len(), (2 * most * (most + 1)) as usize);
        assert_eq!(grid.find(most + 1, 0), None);
        assert_eq!(grid.find(0, most + 1), None);
        assert_eq!(grid.find(0, 0), None);
    }
}

#[test]
fn a_product_has_no_aliases() {
    // On twice as many pixels the product of fields with |k| ≤ 15 has no alias in any case.
    let (small, large) = (flow(|_| {}), flow(|p| p.pixels = 64));
    let w = small.grid().spectrum(&rough(&small, 1));
    let find = |grid: &Grid, kx, ky| grid.find(kx, ky).unwrap();
    let zero = w[0] * 0.0;
    let mut wide = vec![zero; large.grid().modes().len()];
    for (w, mode) in w.iter().zip(small.grid().modes()) {
        wide[find(large.grid(), mode.kx, mode.ky)] = *w;
    }
    let from = |solver: &Solver, omega: &[f64]| solver.grid().spectrum(&solver.advection(omega));
    let own = from(&small, &small.grid().field(&w));
    let other = from(&large, &large.grid().field(&wide));
    for (own, mode) in own.iter().zip(small.grid().modes()) {
        let gap = (own - other[find(large.grid(), mode.kx, mode.ky)]).norm();
        assert!(gap < 1e-14, "{mode:?}: {gap}");
    }
}

#[test]
fn advection_creates_no_energy_and_no_enstrophy() {
    let solver = flow(|_| {});
    for omega in [field(&solver, |x, y| 3.0 * waves(x, y)), rough(&solver, 2)] {
        let transport = solver.advection(&omega);
        let size = inner(&transport, &transport).sqrt();
        assert!(size > 1e-3, "{size}");
        assert!(inner(&omega, &transport).abs() < 1e-14 * size);
        let psi = solver.stream_function(&omega);
        assert!(inner(&psi, &transport).abs() < 1e-14 * size);
    }
}

#[test]
fn the_budgets_of_energy_and_enstrophy_close() {
    let solver = flow(|_| {});
    let p = *solver.parameters();
    for omega in [field(&solver, |x, y| 3.0 * waves(x, y)), rough(&solver, 3)] {
        let rate = solver.tendency(&omega);
        let psi = solver.stream_function(&omega);
        let [e, z, pal] = [
            solver.energy(&omega),
            solver.enstrophy(&omega),
            solver.palinstrophy(&omega),
        ];
        let power = solver.injection(&omega);
        // E = ½⟨ψω⟩ and Z = ½⟨ω²⟩.
        let energy = -2.0 * p.viscosity * z - 2.0 * p.drag * e + power;
        let enstrophy = -2.0 * p.viscosity * pal - 2.0 * p.drag * z + 16.0 * power;
        assert!((inner(&psi, &rate) - energy).abs() < 1e-13 * (1.0 + energy.abs()));
        assert!((inner(&omega, &rate) - enstrophy).abs() < 1e-13 * (1.0 + enstrophy.abs()));
        // ⟨u·f⟩ by pixels, and ⟨ω·f_ω⟩ = k_f²⟨u·f⟩.
        let force = field(&solver, |_, y| (4.0 * y).sin());
        assert!((inner(&solver.velocity(&omega).0, &force) - power).abs() < 1e-14);
        let of_vorticity = field(&solver, |_, y| -4.0 * (4.0 * y).cos());
        assert!((inner(&omega, &of_vorticity) - 16.0 * power).abs() < 1e-13);
    }
}

#[test]
fn the_spectrum_adds_up_to_the_enstrophy() {
    let solver = flow(|_| {});
    let omega = rough(&solver, 4);
    let shells = solver.spectrum(&omega);
    assert_eq!(shells.len(), 15);
    // What is left are the corners.
    let grid = solver.grid();
    let mut w = grid.spectrum(&omega);
    for (w, mode) in w.iter_mut().zip(grid.modes()) {
        if mode.square().sqrt() < 15.5 {
            *w *= 0.0;
        }
    }
    let corners = solver.enstrophy(&grid.field(&w));
    let whole = solver.enstrophy(&omega);
    assert!((shells.iter().sum::<f64>() + corners - whole).abs() < 1e-13 * whole);
}

#[test]
fn a_step_commutes_with_the_symmetries() {
    let solver = flow(|_| {});
    let start = field(&solver, |x, y| 3.0 * waves(x, y));
    let later = after(&solver, &start, 1);
    assert!(gap(&later, &start) > 0.1);
    // Each generator, and some of their products.
    for index in [1, 32, 128, 256, 17 + 32 * 3 + 128, 5 + 64 + 256, 511] {
        let symmetry = Symmetry::new(32, 4, index);
        let image = |field: &[f64]| {
            let mut out = vec![0.0; field.len()];
            symmetry.image(field, &mut out);
            out
        };
        let moved = after(&solver, &image(&start), 1);
        assert!(gap(&moved, &image(&later)) < 1e-12, "{symmetry:?}");
    }
    // Half a wave of the force alone is no symmetry.
    let moved: Vec<f64> = (0..1024).map(|i| start[(i + 4 * 32) % 1024]).collect();
    let expected: Vec<f64> = (0..1024).map(|i| later[(i + 4 * 32) % 1024]).collect();
    assert!(gap(&after(&solver, &moved, 1), &expected) > 0.1);
}

#[test]
fn the_symmetries_are_different_and_lossless() {
    assert_eq!(Symmetry::count(32, 4), SYMMETRIES);
    let numbers: Vec<i32> = (1..=1024).collect();
    let mut images: Vec<Vec<i32>> = (0..SYMMETRIES)
        .map(|index| {
            let mut out = vec![0; 1024];
            Symmetry::new(32, 4, index).image(&numbers, &mut out);
            out
        })
        .collect();
    for image in &images {
        let mut own: Vec<i32> = image.iter().map(|x| x.abs()).collect();
        own.sort_unstable();
        assert_eq!(own, numbers);
    }
    images.sort_unstable();
    images.dedup();
    assert_eq!(images.len(), SYMMETRIES);
    assert_eq!(Symmetry::new(32, 4, 0), Symmetry::new(32, 4, SYMMETRIES));
}

#[test]
fn dead_modes_of_a_state_do_not_move_the_flow() {
    let solver = flow(|_| {});
    let start = field(&solver, waves);
    let dirty = field(&solver, |x, y| waves(x, y) + 3.0 + (16.0 * x).cos());
    let later = after(&solver, &start, 1);
    assert!(gap(&later, &after(&solver, &dirty, 1)) < 1e-13);
    assert!(mean(&later).abs() < 1e-15);
}
