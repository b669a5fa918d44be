//! `scorefield train [--fresh] [--threads K] RECIPE`: trains a network, writes its file, its card and its line in `SUMS`.

use super::course::loss_of_last;
use super::failure::{Failure, bad_call};
use super::files::Files;
#[cfg(not(feature = "unet"))]
use super::files::without_windows;
use super::input;
use super::team::OnLaw;
use super::threads::{cores, with_threads};
#[cfg(feature = "unet")]
use super::windows;
use scorefield::denoise::Denoiser;
use scorefield::labs::link::{self, Mode};
use scorefield::labs::{self, Learnable};
use scorefield::level::Level;
use scorefield::net::{Net, Recipe, Trainer, describe, recipe, saved, unet};
use scorefield::rng::{Noise, Stream};
use std::fmt::Write as _;
use std::path::Path;

/// Number of draws for the errors on the card.
const DRAWS: usize = 8192;

/// Trains the recipe at `path` on `threads` threads at most. Unless `fresh`, it continues from the state that an interrupted call has saved; the
/// result is the same to the last bit.
pub fn train(path: &Path, fresh: bool, threads: Option<usize>) -> Result<(), Failure> {
    let stem = path.file_stem().and_then(|s| s.to_str());
    let stem = stem.filter(|_| path.extension().is_some_and(|e| e == "recipe"));
    let stem = stem.ok_or_else(|| bad_call("train needs a file whose name ends in .recipe."))?;
    let text = input::text(path)
        .map_err(|e| bad_call(format!("{} cannot be read: {e}.", path.display())))?;
    let files = Files::of(path, stem, &text);
    match unet::recipe::is_one(&text) {
        #[cfg(feature = "unet")]
        true => windows::train(&files, fresh),
        #[cfg(not(feature = "unet"))]
        true => Err(without_windows(&path.display().to_string())),
        false => perceptron(&files, fresh, threads),
    }
}

fn perceptron(files: &Files, fresh: bool, threads: Option<usize>) -> Result<(), Failure> {
    let &Files {
        path, stem, text, ..
    } = files;
    let (law, recipe) =
        recipe::parse(&path.display().to_string(), text).map_err(|e| bad_call(e.to_string()))?;
    let of_law = |why: String| bad_call(format!("The law of {}: {why}", path.display()));
    let named = link::decode(&law, Mode::Strict).map_err(|e| of_law(e.to_string()))?;
    if named.link.b.is_some() {
        return Err(of_law(
            "it is a comparison, but a network learns one law. Leave out the keys b.….".to_owned(),
        ));
    }
    let law = labs::law(&named.link.a).map_err(|e| of_law(e.to_string()))?;
    let law = law.as_ref();
    files.check(fresh)?;
    let read = |name: &str, bytes: &[u8]| saved::read(name, bytes, text, (&recipe, law.dim()));
    let mut trainer = match files.load(recipe.steps, read)? {
        Some(state) => Trainer::resume(recipe, law.dim(), state),
        None => Trainer::new(recipe, law.dim()),
    };
    let most = threads.unwrap_or_else(cores);
    let trained = with_threads(|threads| {
        let target = law.target();
        let mut course = OnLaw::new(threads, &mut trainer, target, &named.link.a, most);
        files.run(&mut course, recipe.steps)
    })?;
    let net = trainer.network(text.to_owned());
    let bytes = net.to_bytes()?;
    let loss = loss_of_last(&trained);
    let card = card(stem, text, &recipe, &net, law, loss, bytes.len());
    files.write(&bytes, &card, &trained)
}

fn card(
    stem: &str,
    text: &str,
    recipe: &Recipe,
    net: &Net,
    law: &dyn Learnable,
    loss: f64,
    bytes: usize,
) -> String {
    let mut out = format!(
        "# {stem}\n\nMade by `cargo run --release -- train nets/{stem}.recipe` with the CPU trainer (the same bits on every machine):\n\n"
    );
    for line in text.lines() {
        let _ = writeln!(out, "    {line}");
    }
    let _ = write!(
        out,
        "\n{}: {} → {} × {} → {}; {} parameters, {bytes} bytes. Loss of the last 500 steps: {loss:.4}.\n\n\
         Root mean square error of a coordinate of x̂ against the exact denoiser, on {DRAWS} draws of x_t at each σ/α. Divided by σ/α\n\
         it is the error of the predicted noise ε:\n\n| σ/α | error of x̂ | error of ε |\n|---|---|---|\n",
        describe(),
        net.shape().inputs,
        recipe.depth,
        recipe.width,
        net.shape().outputs,
        net.shape().parameters(),
    );
    for s in [
        0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 80.0,
    ] {
        let error = error(net, law, s);
        let _ = writeln!(out, "| {s} | {error:.5} | {:.4} |", error / s);
    }
    out
}

/// √(E‖x̂ − x̂_exact‖²/d) over x_t, at s = σ and α = 1.
fn error(net: &Net, law: &dyn Learnable, s: f64) -> f64 {
    let noise = Noise::new(1);
    let count = DRAWS * law.dim();
    let (mut x, mut z) = (vec![0.0; count], vec![0.0; count]);
    law.target().draw(&noise, Stream::ForwardStart, 0, &mut x);
    noise.normals(Stream::Forward, 0, 0, &mut z);
    x.iter_mut().zip(&z).for_each(|(x, z)| *x += s * z);
    let level = Level {
        t: 0.5,
        alpha: 1.0,
        sigma: s,
    };
    let (mut ours, mut exact) = (vec![0.0; count], vec![0.0; count]);
    net.at(&level).x_hat(&x, &mut ours);
    law.exact().at(&level).x_hat(&x, &mut exact);
    let square = |(a, b): (&f64, &f64)| (a - b) * (a - b);
    (ours.iter().zip(&exact).map(square).sum::<f64>() / count as f64).sqrt()
}
