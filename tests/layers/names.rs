//! Names of labs in files that are for all labs.

/// Names of labs that are also names of functions, of files and of things that are not the lab.
const ORDINARY: [&str; 1] = ["filter"];

/// The labs whose name stands in a file, in its path or as a word of its code, in whatever capitals: `is_torus` has the
/// word `torus`. Comments do not count. A lab whose name is a word of the languages counts as a text in quotes only.
pub fn labs_in<'a>(file: &str, text: &str, labs: &'a [String]) -> Vec<&'a str> {
    let code = text.lines().filter(|line| {
        let line = line.trim_start();
        !["//", "/*", "*"]
            .iter()
            .any(|start| line.starts_with(start))
    });
    let code: Vec<&str> = code
        .map(|line| line.split(" // ").next().unwrap())
        .collect();
    let quoted = |lab: &str| {
        let texts = [
            format!("'{lab}'"),
            format!("\"{lab}\""),
            format!("lab={lab}"),
        ];
        code.iter()
            .any(|line| texts.iter().any(|text| line.contains(text)))
    };
    let words: Vec<String> = std::iter::once(file)
        .chain(code.iter().copied())
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .collect();
    let stands = |lab: &&str| match ORDINARY.contains(lab) {
        true => quoted(lab),
        false => words.iter().any(|word| word == lab),
    };
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
    let labs = ["filter"].map(String::from);
    let found = |text: &str| labs_in("filter.js", text, &labs).join(" ");
    assert_eq!(found("all.filter((v) => v)"), "");
    assert_eq!(found("if (lab === 'filter') x();"), "filter");
    assert_eq!(found("open(\"v=1&lab=filter&seed=0\")"), "filter");
}
