//! Vortices that are placed by hand, and fields on a finer grid.

use scorefield::dynamics::kolmogorov::{Grid, refined, vortices};

fn at(grid: &Grid, field: &[f64], x: f64, y: f64) -> f64 {
    let n = grid.pixels();
    let pixel = |u: f64| ((u + 2.0) / 4.0 * n as f64).round() as usize % n;
    field[pixel(y) * n + pixel(x)]
}

#[test]
fn vortices_turn_by_turns_around_their_places() {
    let grid = Grid::new(32);
    let own = vortices(&grid, &[-1.0, 0.5, 1.0, -1.0, 2.0, 2.0]);
    let mean = own.iter().sum::<f64>() / own.len() as f64;
    assert!(mean.abs() < 1e-12, "{mean}");
    assert!(at(&grid, &own, -1.0, 0.5) > 10.0 && at(&grid, &own, 1.0, -1.0) < -10.0);
    // The corner stands for all four: its bell goes across the edges.
    for (x, y) in [(2.0, 2.0), (-2.0, -2.0), (1.9, -1.9)] {
        assert!(at(&grid, &own, x, y) > 9.0);
    }
    assert!(vortices(&grid, &[]).iter().all(|w| *w == 0.0));
}

#[test]
fn a_refined_field_is_the_same_at_its_own_pixels() {
    let (coarse, fine) = (Grid::new(32), Grid::new(64));
    let own = vortices(&coarse, &[0.3, 0.1, -1.2, 1.4]);
    let large = refined(&coarse, &fine, &own);
    for (k, value) in own.iter().enumerate() {
        let same = large[2 * (k / 32) * 64 + 2 * (k % 32)];
        assert!((same - value).abs() < 1e-12, "{k}");
    }
}
