//! A lesson that is not as it should be is refused, with the file and the line of the fault.

use super::lesson::read;

/// A lesson of five stops.
fn valid() -> String {
    let stop = |n: u32| {
        format!(
            "## Question {n}?\n\nLook at $x_{n}$.\n\n> $$\n> x = {n}.5\n> $$\n\n```figure\nlink = \"v=1&lab=toy1d&steps={n}0&seed=0\"\n\
             title = \"Title\"\n\n[[number]]\nkey = \"w1\"\nvalue = 0.126\ntolerance = 5e-4\n\n[[number]]\nkey = \"ks\"\nat-most = 0.3\n```\n\nIt is {{w1}}.\n\n"
        )
    };
    let stops: String = (1..=5).map(stop).collect();
    format!("# Title\n\nWhat it is about.\n\n{stops}")
}

#[test]
fn a_lesson_is_read_with_its_stops() {
    let lesson = read("lessons/10-a-lesson.md", &valid()).unwrap();
    assert_eq!((lesson.title.as_str(), lesson.stops.len()), ("Title", 5));
    let stop = &lesson.stops[1];
    assert_eq!(
        (stop.question.as_str(), stop.numbers.len()),
        ("Question 2?", 2)
    );
    assert_eq!(valid().lines().nth(stop.line - 1), Some("## Question 2?"));
}

/// Each fault stands in the first stop, whose question is line 5.
#[test]
fn a_fault_is_told_with_its_line_its_cause_and_what_is_valid() {
    for (from, to, line, says) in [
        ("# Title", "Title", 1, "begins with its title"),
        ("What it is about.", "", 1, "says what it is about"),
        (
            "What it is about.",
            "About 0.5 of it.",
            3,
            "“About 0.5 of it.” has a number of its own",
        ),
        (
            "What it is about.",
            "About {w1} of it.",
            3,
            "{w1} names no value that the figure states; it states none here",
        ),
        (
            "## Question 1?",
            "## Question 1",
            5,
            "“Question 1” is no question",
        ),
        (
            "## Question 1?",
            "### Question 1?",
            5,
            "a stop begins with “## Question?”",
        ),
        ("Look at $x_1$.", "", 5, "straight to its figure"),
        (
            "Look at $x_1$.",
            "Look at $x_1.",
            7,
            "a formula begins with $ and does not end",
        ),
        ("Look at $x_1$.", "Look at {w1}.", 7, "names no value"),
        (
            "> x = 1.5\n> $$",
            "> x = 1.5",
            11,
            "begins with $$ and does not end",
        ),
        ("```figure", "```toml", 13, "a figure is a block ```figure"),
        ("title = \"Title\"", "title = \"\"", 13, "no title"),
        ("title = \"Title\"", "title = Title", 15, "no TOML"),
        (
            "title = \"Title\"",
            "titel = \"Title\"",
            15,
            "unknown field `titel`",
        ),
        ("steps=10", "stops=10", 13, "invalid"),
        (
            "v=1&lab=toy1d&steps=10",
            "lab=toy1d&steps=10",
            13,
            "not canonical; write “v=1&lab=toy1d&steps=10&seed=0”",
        ),
        (
            "tolerance = 5e-4",
            "tolerance = 0.1",
            13,
            "w1: tolerance is 0.1",
        ),
        ("tolerance = 5e-4", "", 13, "w1: value without tolerance"),
        (
            "It is {w1}.",
            "",
            25,
            "no conclusion with a number of its figure, as {w1}",
        ),
        ("It is {w1}.", "It is 0.126.", 27, "has a number of its own"),
        (
            "It is {w1}.",
            "It is {w1}, 12 %.",
            27,
            "has a number of its own",
        ),
        (
            "It is {w1}.",
            "It is {w2}.",
            27,
            "{w2} names no value that the figure states; it states w1, ks",
        ),
        ("It is {w1}.", "It is {ks}.", 27, "{ks} names no value"),
        (
            "It is {w1}.",
            "It is {w1/ks}.",
            27,
            "{w1/ks} names no value",
        ),
        ("It is {w1}.", "It is {w1.", 27, "is not closed"),
        (
            "It is {w1}.\n\n## Question 2?",
            "It is {w1}.\n\n```figure\n```\n\n## Question 2?",
            5,
            "has 2 figures",
        ),
    ] {
        let text = valid().replacen(from, to, 1);
        assert_ne!(text, valid(), "{from}");
        let error = read("lessons/10-a-lesson.md", &text).expect_err(to);
        let place = format!("lessons/10-a-lesson.md:{line}: ");
        assert!(
            error.starts_with(&place) && error.contains(says),
            "{to}: {error}"
        );
    }
}

#[test]
fn a_lesson_has_its_length_its_name_and_closed_blocks() {
    let four = valid().split("## Question 5?").next().unwrap().to_owned();
    let error = read("lessons/10-a-lesson.md", &four).unwrap_err();
    assert!(error.contains("5 to 9 stops; this one has 4"), "{error}");
    for name in [
        "lessons/a-lesson.md",
        "lessons/10-A.md",
        "lessons/10-.md",
        "10-a.md",
    ] {
        let error = read(name, &valid()).unwrap_err();
        assert!(
            error.starts_with(&format!("{name}:1: ")) && error.contains("NN-name.md"),
            "{error}"
        );
    }
    let open = valid().replacen("at-most = 0.3\n```", "at-most = 0.3", 1);
    let error = read("lessons/10-a-lesson.md", &open).unwrap_err();
    assert!(
        error.contains("not closed") || error.contains("figures"),
        "{error}"
    );
}
