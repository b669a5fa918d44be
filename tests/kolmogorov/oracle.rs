//! Numbers of an independent solver, in the limit of short steps.

use super::{after, field, flow, waves};

/// t, E, Z, P, ω(0, 0), ω(π/4, π/2).
const TABLE: [[f64; 6]; 3] = [
    [
        0.2,
        0.1841596203,
        1.24868085,
        9.255504064,
        0.741258072,
        -0.928953137,
    ],
    [
        1.0,
        0.2897540992,
        3.317907098,
        47.16047156,
        -1.921910507,
        -3.680708636,
    ],
    [5.0, 0.9374305, 10.97254, 257.943, 1.37625, -5.35399],
];

#[test]
fn the_table_of_an_independent_solver_is_met() {
    let solver = flow(|p| p.dt = 0.01);
    let start = field(&solver, waves);
    for [t, e, z, p, w0, w1] in TABLE {
        let omega = after(&solver, &start, (t / 0.2_f64).round() as usize);
        // The flow is chaotic: the errors of the steps grow.
        let [of_w, of_p] = if t < 5.0 { [2e-7, 2e-6] } else { [1e-4, 1e-3] };
        let near = |own: f64, table: f64, within: f64| {
            assert!((own - table).abs() < within, "t = {t}: {own}, not {table}");
        };
        near(solver.energy(&omega), e, of_w);
        near(solver.enstrophy(&omega), z, of_w);
        near(solver.palinstrophy(&omega), p, of_p);
        near(omega[0], w0, of_w);
        near(omega[8 * 32 + 4], w1, of_w);
    }
}

#[test]
fn more_pixels_give_the_same_flow() {
    let at = |pixels: usize| {
        let solver = flow(|p| p.pixels = pixels);
        let omega = after(&solver, &field(&solver, waves), 5);
        [
            omega[0],
            omega[pixels / 4 * pixels + pixels / 8],
            solver.energy(&omega),
        ]
    };
    let (coarse, fine) = (at(32), at(64));
    for (coarse, fine) in coarse.iter().zip(fine) {
        assert!((coarse - fine).abs() < 3e-3, "{coarse} {fine}");
    }
}
