//! Names of labs in files that are for all labs.

/// The labs whose name stands in a file, in its path or as a word of its code, in whatever capitals: `is_torus` has the
/// word `torus`. Comments do not count.
pub fn labs_in<'a>(file: &str, text: &str, labs: &'a [String]) -> Vec<&'a str> {
    let code = text.lines().filter(|line| {
        let line = line.trim_start();
        !["//", "/*", "*"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    let code = code.map(|line| line.split(" // ").next().unwrap());
    let words: Vec<String> = std::iter::once(file)
        .chain(code)
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .collect();
    let stands = |lab: &&str| words.iter().any(|word| word == lab);
    labs.iter().map(String::as_str).filter(stands).collect()
}

#[test]
fn a_name_is_found_as_a_word_of_code() {
    let labs = ["toy1d", "torus"].map(String::from);
    let found = |file: &str, text: &str| labs_in(file, text, &labs).join(" ");
    assert_eq!(
        found("a.js", "if (lab === 'toy1d') x(TORUS_VIEWS);"),
        "toy1d torus"
    );
    assert_eq!(found("a.rs", "fn is_torus(lab: Toy1d) {}"), "toy1d torus");
    assert_eq!(found("plots/torus.js", ""), "torus");
    let comments = "/** toy1d\n * torus\n */\nlet a = 1; // toy1d\n// torus\n";
    assert_eq!(found("a.js", comments), "");
    assert_eq!(found("a.js", "toy1d2 = toruses"), "");
}
