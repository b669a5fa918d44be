//! `scorefield train [--fresh] RECIPE`: trains a network, writes its file, its card and its line in `SUMS`.

use super::failure::{Failure, bad_call, failed};
use super::input;
use super::output::{Place, discard, write_whole};
use super::say::{Bar, tell, with_clock};
use scorefield::denoise::Denoiser;
use scorefield::error::Error;
use scorefield::labs::link::{self, Mode};
use scorefield::labs::{self, Learnable};
use scorefield::level::Level;
use scorefield::net::{Net, Recipe, State, Trainer, catalog, describe, recipe, saved};
use scorefield::rng::{Noise, Stream};
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::Path;

/// Seconds between two saved states. An interruption loses at most this time.
const SAVE_EVERY: f64 = 3.0;
/// Number of draws for the errors on the card.
const DRAWS: usize = 8192;

/// Trains the recipe at `path`. Unless `fresh`, it continues from the state that an interrupted call has saved; the
/// result is the same to the last bit.
pub fn train(path: &Path, fresh: bool) -> Result<(), Failure> {
    let stem = path.file_stem().and_then(|s| s.to_str());
    let stem = stem.filter(|_| path.extension().is_some_and(|e| e == "recipe"));
    let stem = stem.ok_or_else(|| bad_call("train needs a file whose name ends in .recipe."))?;
    let text = input::text(path)
        .map_err(|e| bad_call(format!("{} cannot be read: {e}.", path.display())))?;
    let (law, recipe) =
        recipe::parse(&path.display().to_string(), &text).map_err(|e| bad_call(e.to_string()))?;
    let of_law = |why: String| bad_call(format!("The law of {}: {why}", path.display()));
    let named = link::decode(&law, Mode::Strict).map_err(|e| of_law(e.to_string()))?;
    if named.link.b.is_some() {
        return Err(of_law(
            "it is a comparison, but a network learns one law. Leave out the keys b.….".to_owned(),
        ));
    }
    let law = labs::law(&named.link.a).map_err(|e| of_law(e.to_string()))?;
    let law = law.as_ref();
    let folder = path.parent().unwrap_or(Path::new(""));
    let part = path.with_extension("part");
    let files = ["part", "bpk", "md"].map(|end| format!("{stem}.{end}"));
    for name in files.iter().map(String::as_str).chain(["SUMS"]) {
        Place::check(&folder.join(name))?;
    }
    other_sums(folder, stem)?;
    if fresh {
        discard(&part)?;
    }
    let mut trainer = match load(&part, &text, (&recipe, law.dim()))? {
        Some(state) => {
            tell(&format!(
                "Continues from step {} of {}.\n",
                state.step, recipe.steps
            ));
            Trainer::resume(recipe, law.dim(), state)
        }
        None => Trainer::new(recipe, law.dim()),
    };
    let mut losses = Vec::new();
    let mut result = Ok(());
    let seconds = with_clock(|clock| {
        let mut bar = Bar::new(clock, u64::from(recipe.steps));
        let mut saved = clock();
        while !trainer.is_done() && result.is_ok() {
            losses.push(trainer.step(law.target()));
            if losses.last().is_some_and(|loss| !loss.is_finite()) {
                result = Err(Error::Diverged.into());
            }
            if result.is_ok() && clock() - saved > SAVE_EVERY {
                saved = clock();
                let state = saved::write(&text, trainer.state()).map_err(Failure::from);
                result = state.and_then(|bytes| write_whole(&part, &bytes));
                let recent = &losses[losses.len().saturating_sub(100)..];
                bar.note = format!("loss {:.4}", mean(recent));
                bar.show(u64::from(trainer.state().step));
            }
        }
        bar.clear();
    });
    result?;
    let net = trainer.network(text.clone());
    let bytes = net.to_bytes()?;
    let write = |name: String, bytes: &[u8]| write_whole(&folder.join(name), bytes);
    write(format!("{stem}.bpk"), &bytes)?;
    let loss = mean(&losses[losses.len().saturating_sub(500)..]);
    let card = card(stem, &text, &recipe, &net, law, loss, bytes.len());
    write(format!("{stem}.md"), card.as_bytes())?;
    write("SUMS".to_owned(), sums(folder, stem, &bytes)?.as_bytes())?;
    discard(&part)?;
    tell(&format!(
        "{stem}.bpk: {} bytes, loss {loss:.4}, {seconds:.0} s.\n",
        bytes.len()
    ));
    Ok(())
}

fn mean(x: &[f64]) -> f64 {
    x.iter().sum::<f64>() / x.len().max(1) as f64
}

/// The lines of `SUMS` for the other files, by their names.
fn other_sums(folder: &Path, stem: &str) -> Result<Vec<(String, String)>, Failure> {
    let path = folder.join("SUMS");
    let text = match input::text(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(|e| {
            bad_call(format!(
                "{} cannot be read: {e}. Repair it or move it away.",
                path.display()
            ))
        })?,
    };
    let mut lines = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let name = line.split_whitespace().nth(2).ok_or_else(|| {
            failed(format!(
                "{}, line {}: the form is “hash bytes file”. Repair the line or remove it, because it would be lost.",
                path.display(),
                i + 1
            ))
        })?;
        if name != format!("{stem}.bpk") {
            lines.push((name.to_owned(), line.to_owned()));
        }
    }
    Ok(lines)
}

/// The lines of the other files and of this file, sorted.
fn sums(folder: &Path, stem: &str, bytes: &[u8]) -> Result<String, Failure> {
    let mut lines = other_sums(folder, stem)?;
    let file = format!("{stem}.bpk");
    let line = format!("{} {} {file}", catalog::hash(bytes), bytes.len());
    lines.push((file, line));
    lines.sort();
    Ok(lines.iter().map(|(_, line)| format!("{line}\n")).collect())
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

/// The state that an interrupted call has saved, if there is one.
fn load(part: &Path, text: &str, of: (&Recipe, usize)) -> Result<Option<State>, Failure> {
    let name = part.display().to_string();
    match input::read(part) {
        Ok(bytes) => Ok(Some(saved::read(&name, &bytes, text, of)?)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(failed(format!(
            "{name} cannot be read: {e}. Start again with --fresh, which deletes this file."
        ))),
    }
}
