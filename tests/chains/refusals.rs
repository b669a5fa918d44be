//! Invalid models and their messages.

use super::*;

#[test]
fn refused_models_say_why_and_what_would_do() {
    let one = |x: f64| vec![vec![x]];
    let two = |a: f64, b: f64, c: f64, d: f64| vec![vec![a, b], vec![c, d]];
    let (i1, i2, o2) = (one(1.0), two(1.0, 0.0, 0.0, 1.0), vec![vec![1.0, 0.0]]);
    let custom = |t: &[Vec<f64>], q: &[Vec<f64>], o: &[Vec<f64>], r: &[Vec<f64>]| {
        Chain::custom(t, q, o, r, 5).unwrap_err().to_string()
    };
    let chain = ar1(5);
    let seen = |index, rows, noise| {
        let seen = [Seen {
            index,
            operator: Matrix::zeros(rows, 1),
            noise,
        }];
        Posterior::new(&chain, &seen).unwrap_err().to_string()
    };
    let cases = [
        (
            Chain::ar1(1.0, 1.0, 1.0, 0.5, 5).unwrap_err().to_string(),
            "a is 1; give it from −.999 to .999.",
        ),
        (
            Chain::ar1(f64::NAN, 1.0, 1.0, 0.5, 5)
                .unwrap_err()
                .to_string(),
            "a is NaN; give it from −.999 to .999.",
        ),
        (
            Chain::ar1(0.5, 0.0, 1.0, 0.5, 5).unwrap_err().to_string(),
            "b is 0; give it above 0.",
        ),
        (
            Chain::ar1(0.5, 1.0, 0.0, 0.5, 5).unwrap_err().to_string(),
            "other than 0.",
        ),
        (
            Chain::rotation(-1.0, 5).unwrap_err().to_string(),
            "d is -1; give it 0 or more.",
        ),
        (
            Chain::damped_spring(0.5, 0).unwrap_err().to_string(),
            "give it 1 index or more.",
        ),
        (custom(&[], &i1, &i1, &i1), "T has 0 rows; give it 1 to 4."),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5)[..1], &i1, &i1, &i1),
            "T has rows of 2 numbers; give it the shape 1 × 1.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &i1, &o2, &i1),
            "Q has rows of 1 numbers; give it the shape 2 × 2.",
        ),
        (
            custom(&one(0.5), &i1, &[], &i1),
            "O has no row; give it rows of length 1.",
        ),
        (
            custom(&one(0.5), &i1, &i1, &i2),
            "R has rows of 2, 2 numbers; give it the shape 1 × 1.",
        ),
        (
            custom(&one(f64::INFINITY), &i1, &i1, &i1),
            "T has an entry that is not finite; give finite numbers.",
        ),
        (
            custom(&two(1.0, 0.5, -0.5, 1.0), &i2, &o2, &i1),
            "the spectral radius of T is 1.1180; divide T by 1.1192 or more, so that it is at most .999.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &two(1.0, 0.1, 0.2, 1.0), &o2, &i1),
            "Q is not symmetric; make its entries (2, 1) and (1, 2) equal.",
        ),
        (
            custom(&two(0.5, 0.0, 0.0, 0.5), &two(1.0, 2.0, 2.0, 1.0), &o2, &i1),
            "Q has the negative eigenvalue -1.00; add 1.01 or more to its diagonal.",
        ),
        (
            custom(&one(0.5), &i1, &i1, &one(0.0)),
            "add a positive number to its diagonal.",
        ),
        (
            custom(&one(0.5), &one(1e308), &i1, &i1),
            "give T and Q smaller entries.",
        ),
        (seen(5, 1, identity(1)), "give indices from 0 to 4."),
        (seen(0, 0, identity(0)), "give it rows of length 1."),
        (
            seen(0, 1, identity(2)),
            "the noise covariance is 2 × 2; give it the shape 1 × 1.",
        ),
        (
            seen(0, 1, -identity(1)),
            "give it 0 or more in every direction.",
        ),
        (
            seen(0, 2, Matrix::from_row_slice(2, 2, &[1.0, 0.5, 0.1, 1.0])),
            "the noise covariance is not symmetric; make its entries (2, 1) and (1, 2) equal.",
        ),
        (
            Posterior::new(&chain, &chain.seen(&[2, 2]))
                .unwrap_err()
                .to_string(),
            "in increasing order.",
        ),
        (
            chain
                .condition(&identity(4), &identity(4))
                .unwrap_err()
                .to_string(),
            "the operator has 4 columns; give it 5, one per coordinate of the chain.",
        ),
        (
            Blanket::new(&chain, 3).unwrap_err().to_string(),
            "k is 3, so windows have 7 indices, but the length of the chain is 5; give k at most 2.",
        ),
    ];
    for (message, end) in cases {
        assert!(
            message.starts_with("This model cannot be used: "),
            "{message}"
        );
        assert!(message.ends_with(end), "{message}\n{end}");
    }
    assert!(Chain::ar1(-0.999, 1.0, -3.0, 0.0, 1000).is_ok());
    let edge = two(0.0, 0.999, -0.999, 0.0);
    assert!(Chain::custom(&edge, &i2, &o2, &i1, 5).is_ok());
}
