//! Damaged files of networks and of interrupted trainings: refused by name, or read with exactly the content that was
//! written.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;

use common::{program, scratch_folder};
use scorefield::labs;
use scorefield::labs::link::{self, Mode};
use scorefield::net::{Net, Recipe, State, Trainer, catalog, recipe, saved};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Number of changes for each kind of file; fewer without optimisation.
const MANY: usize = if cfg!(debug_assertions) {
    2_000
} else {
    100_000
};

const TEXT: &str = "law = lab=toy1d&target=comb\nwidth = 12\ndepth = 2\nsteps = 40\nbatch = 32\nrate = 0.005\nseed = 3\n";

fn own_recipe() -> Recipe {
    recipe::parse("x", TEXT).unwrap().1
}

fn trainer(steps: u32) -> Trainer {
    let values = link::decode("lab=toy1d&target=comb", Mode::Strict).unwrap();
    let law = labs::law(&values.link.a).unwrap();
    let mut trainer = Trainer::new(own_recipe(), 1);
    (0..steps).for_each(|_| {
        trainer.step(law.target());
    });
    trainer
}

fn network() -> Net {
    trainer(10).network(TEXT.to_owned())
}

/// Marsaglia's xorshift; any fixed sequence would do.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length);
        start..start + 1 + self.below((length - start).min(64))
    }
}

/// Flips, cuts, swaps, extends, repeats or zeroes: one to four times.
fn damaged(bytes: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + chance.below(4) {
        if out.is_empty() {
            break;
        }
        let length = out.len();
        let range = chance.range(length);
        let range = range.start..range.end.min(length);
        match chance.below(8) {
            0 | 1 => out[range.start] ^= 1 << chance.below(8),
            2 => out[range.start] = chance.below(256) as u8,
            3 => out.truncate(range.start),
            4 => {
                let other = chance.below(length);
                out.swap(range.start, other);
            }
            5 => {
                let again = out[range].to_vec();
                let at = chance.below(length);
                out.splice(at..at, again);
            }
            6 => out[range].fill(0),
            _ => out.extend((0..range.len()).map(|_| chance.below(256) as u8)),
        }
    }
    out
}

fn bits(net: &Net) -> Vec<u32> {
    net.weights().iter().map(|w| w.to_bits()).collect()
}

#[test]
fn every_change_of_a_file_of_a_network_is_refused_or_gives_the_same_weights() {
    let own = network();
    let old = std::fs::read(nets().join("torus.bpk")).unwrap();
    let files = [
        (own.to_bytes().unwrap(), own, MANY),
        (old.clone(), Net::from_bytes("", &old).unwrap(), MANY / 10),
    ];
    for (bytes, net, count) in files {
        let mut chance = Chance(0x5eed);
        let mut accepted = 0;
        for i in 0..count {
            let changed = damaged(&bytes, &mut chance);
            match Net::from_bytes("x.bpk", &changed) {
                Ok(read) => {
                    assert_eq!(bits(&read), bits(&net), "change {i} gave other weights");
                    assert_eq!(
                        read.recipe(),
                        net.recipe(),
                        "change {i} gave another recipe"
                    );
                    accepted += 1;
                }
                Err(e) => assert!(e.to_string().starts_with("x.bpk"), "change {i}: {e}"),
            }
        }
        // A change that leaves weights and recipe alone, such as more bytes at the end.
        assert!(accepted < count / 2, "{accepted} of {count}");
    }
}

/// Forty weights replaced, as in a forged file, and a single bit changed.
#[test]
fn weights_that_are_not_those_of_the_checksum_are_refused() {
    let bytes = network().to_bytes().unwrap();
    let message = |bytes: &[u8]| Net::from_bytes("x.bpk", bytes).unwrap_err().to_string();
    let last = bytes.len() - 4;
    for count in [1, 40] {
        let mut forged = bytes.clone();
        for i in 0..count {
            let at = last - 4 * i;
            forged[at] ^= 1;
        }
        assert!(
            message(&forged).contains("x.bpk is damaged"),
            "{}",
            message(&forged)
        );
    }
    for bad in [f32::NAN, f32::INFINITY] {
        let mut forged = bytes.clone();
        forged[last..].copy_from_slice(&bad.to_le_bytes());
        assert!(message(&forged).contains("not a finite number"));
    }
}

/// A file without a checksum is read only if its hash is known, as in `nets/`. Others are refused with the remedy.
#[test]
fn a_file_of_an_earlier_version_is_refused_with_its_recipe() {
    for entry in catalog::all() {
        let bytes = std::fs::read(nets().join(entry.file)).unwrap();
        assert_eq!(catalog::hash(&bytes), entry.sha256);
        assert!(Net::from_bytes(entry.file, &bytes).is_ok());
    }
    let mut bytes = std::fs::read(nets().join("torus.bpk")).unwrap();
    let last = bytes.len() - 4;
    bytes[last] ^= 1;
    let error = Net::from_bytes("old.bpk", &bytes).unwrap_err().to_string();
    assert!(
        error.contains("old.bpk was written by an earlier version and has no checksum")
            && error.contains("Train it again with score=trained")
            && error.contains("law = lab=torus, width = "),
        "{error}"
    );
}

#[test]
fn weights_that_are_not_finite_are_never_written() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut state = trainer(3).state().clone();
        state.average[5] = bad;
        let resumed = Trainer::resume(own_recipe(), 1, state.clone());
        let error = resumed.network(TEXT.to_owned()).to_bytes().unwrap_err();
        assert!(error.to_string().contains("Choose a smaller learning rate"));
        assert!(saved::write(TEXT, &state).is_err());
        state.average[5] = 0.0;
        state.square[0] = bad;
        assert!(saved::write(TEXT, &state).is_err());
    }
}

fn read_saved(bytes: &[u8]) -> Result<State, String> {
    saved::read("x.part", bytes, TEXT, (&own_recipe(), 1)).map_err(|e| e.to_string())
}

#[test]
fn every_change_of_a_saved_training_is_refused_by_name() {
    let state = trainer(7).state().clone();
    let bytes = saved::write(TEXT, &state).unwrap();
    assert_eq!(read_saved(&bytes).unwrap(), state);
    let mut chance = Chance(0x5eed);
    for i in 0..MANY / 2 {
        let changed = damaged(&bytes, &mut chance);
        match read_saved(&changed) {
            Ok(read) => assert!(changed == bytes && read == state, "change {i} was taken"),
            Err(e) => assert!(e.starts_with("x.part") && e.contains("--fresh"), "{e}"),
        }
    }
}

/// States with a valid checksum that do not belong to this training.
#[test]
fn a_saved_training_that_does_not_fit_is_refused_by_name() {
    let state = trainer(7).state().clone();
    let message = |bytes: &[u8]| read_saved(bytes).unwrap_err();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = saved::write(TEXT, &state).unwrap();
        bytes.truncate(bytes.len() - 64);
        change(&mut bytes);
        let sum = catalog::hash(&bytes);
        bytes.extend(sum.bytes());
        bytes
    };
    // After 22 bytes for the format and 64 for the owner: the step, then the weights.
    let late = with(&|b| b[86..90].copy_from_slice(&41u32.to_le_bytes()));
    assert!(message(&late).contains("is at step 41, but the recipe ends at 40"));
    let nan = with(&|b| b[90..94].copy_from_slice(&f32::NAN.to_le_bytes()));
    assert!(message(&nan).contains("not finite"));
    let longer = with(&|b| b.extend([0; 16]));
    assert!(message(&longer).contains("a different size"));
    let shorter = with(&|b| b.truncate(b.len() - 16));
    assert!(message(&shorter).contains("a different size"));
    let other = saved::write(&TEXT.replace("seed = 3", "seed = 4"), &state).unwrap();
    assert!(message(&other).contains("belongs to a different recipe"));
    for bytes in [&b""[..], b"x,y\n", &[0; 400]] {
        assert!(message(bytes).contains("is not a saved training"));
    }
}

fn nets() -> PathBuf {
    PathBuf::from("nets")
}

/// A separate folder with a recipe.
fn folder(name: &str) -> PathBuf {
    let folder = scratch_folder().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("own.recipe"), TEXT).unwrap();
    folder
}

fn train(folder: &Path, words: &[&str]) -> Output {
    let recipe = folder.join("own.recipe");
    Command::new(program())
        .arg("train")
        .arg(recipe)
        .args(words)
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let all = std::fs::read_dir(folder).unwrap();
    let mut all: Vec<String> = all
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    all.sort();
    all
}

#[test]
fn train_goes_on_from_a_sound_part_to_the_same_file_and_refuses_a_damaged_one() {
    let folder = folder("parts");
    let (part, file) = (folder.join("own.part"), folder.join("own.bpk"));
    assert!(train(&folder, &[]).status.success());
    let whole = std::fs::read(&file).unwrap();
    let left = ["SUMS", "own.bpk", "own.md", "own.recipe"];
    assert_eq!(names(&folder), left, "no neighbour is left");
    std::fs::remove_file(&file).unwrap();

    let sound = saved::write(TEXT, trainer(17).state()).unwrap();
    std::fs::write(&part, &sound).unwrap();
    let out = train(&folder, &[]);
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(
        out.status.success() && told.contains("Continues from step 17 of 40"),
        "{told}"
    );
    assert!(std::fs::read(&file).unwrap() == whole, "other weights");
    assert!(!part.exists());

    let mut flipped = sound.clone();
    flipped[200] ^= 4;
    let mut longer = sound.clone();
    longer.push(0);
    for (what, bytes) in [
        ("flipped", flipped),
        ("longer", longer),
        ("cut", sound[..sound.len() / 2].to_vec()),
        ("empty", vec![]),
    ] {
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&part, &bytes).unwrap();
        let out = train(&folder, &[]);
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(1), "{what}: {told}");
        assert!(
            told.contains("own.part") && told.contains("--fresh"),
            "{what}: {told}"
        );
        assert!(!told.contains("panicked"), "{what}: {told}");
        assert!(!file.exists(), "{what}: a network was written");
        assert!(
            std::fs::read(&part).unwrap() == bytes,
            "{what}: the file was touched"
        );
        assert!(train(&folder, &["--fresh"]).status.success());
        assert!(
            std::fs::read(&file).unwrap() == whole,
            "{what}: other weights"
        );
        assert_eq!(names(&folder), left);
    }
}

/// A checksum is not a proof. The recipe in a file, trained again, is.
#[test]
fn verify_tells_a_forged_network_from_the_one_that_its_recipe_gives() {
    let folder = folder("verify");
    let verify = |name: &str, net: &Net| {
        let path = folder.join(name);
        std::fs::write(&path, net.to_bytes().unwrap()).unwrap();
        let out = Command::new(program())
            .arg("verify")
            .arg(&path)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        let answer: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        (out.status.code(), answer["same"].as_bool(), told)
    };
    let whole = trainer(40).network(TEXT.to_owned());
    assert_eq!(
        verify("own.bpk", &whole),
        (Some(0), Some(true), String::new())
    );
    let stopped = trainer(11).network(format!("{TEXT}stopped = 11\n"));
    assert_eq!(verify("half.bpk", &stopped).0, Some(0));
    let mut weights = whole.weights().to_vec();
    weights[7] = f32::from_bits(weights[7].to_bits() ^ 1);
    let forged = Net::of_weights(*whole.shape(), weights, TEXT.to_owned());
    let (code, same, told) = verify("forged.bpk", &forged);
    assert_eq!((code, same), (Some(1), Some(false)));
    assert!(
        told.contains("forged.bpk are not those that its recipe gives"),
        "{told}"
    );
}

#[test]
fn train_loses_no_line_of_sums_and_writes_no_network_that_diverged() {
    let folder = folder("sums");
    let sums = folder.join("SUMS");
    std::fs::write(&sums, "abc 12 other.bpk\n").unwrap();
    assert!(train(&folder, &[]).status.success());
    let text = std::fs::read_to_string(&sums).unwrap();
    assert!(
        text.starts_with("abc 12 other.bpk\n") && text.contains(" own.bpk\n"),
        "{text}"
    );
    std::fs::write(&sums, "torn\n").unwrap();
    let out = train(&folder, &[]);
    assert_eq!(out.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&out.stderr).contains("SUMS, line 1"));
    assert_eq!(std::fs::read_to_string(&sums).unwrap(), "torn\n");
    std::fs::remove_file(&sums).unwrap();

    std::fs::remove_file(folder.join("own.bpk")).unwrap();
    // A finite state whose next step is not finite: the layers overflow.
    let mut wild = trainer(17).state().clone();
    wild.weights.fill(1e30);
    let part = folder.join("own.part");
    std::fs::write(&part, saved::write(TEXT, &wild).unwrap()).unwrap();
    let out = train(&folder, &[]);
    let told = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1), "{told}");
    assert!(told.contains("The training diverged"), "{told}");
    assert!(!folder.join("own.bpk").exists() && !sums.exists());
}
