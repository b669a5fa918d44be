//! The lessons: Markdown files `lessons/NN-name.md`; [`lesson`] says what stands in one. This test runs the figure of every stop through
//! the command line and compares its numbers. The prose names them by their keys, `{w1}`, and `cargo xtask dist` fills them in.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

mod common;
#[allow(dead_code)] // the gallery uses the rest
#[path = "gallery/entry.rs"]
mod entry;
#[path = "lessons/lesson.rs"]
mod lesson;
#[path = "lessons/malformed.rs"]
mod malformed;
#[path = "gallery/runs.rs"]
mod runs;

use lesson::{Lesson, Stop, read};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn lessons() -> Vec<Lesson> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let folder = std::fs::read_dir(root.join("lessons")).unwrap();
    let mut paths: Vec<_> = folder.map(|e| e.unwrap().path()).collect();
    paths.sort();
    let one = |path: &PathBuf| {
        let file = format!("lessons/{}", path.file_name().unwrap().to_string_lossy());
        let text = std::fs::read_to_string(path).unwrap();
        read(&file, &text).unwrap_or_else(|e| panic!("{e}"))
    };
    paths.iter().map(one).collect()
}

#[test]
fn the_numbers_of_every_figure_are_those_of_its_run() {
    let lessons = lessons();
    let stops: Vec<(&Lesson, &Stop)> = lessons
        .iter()
        .flat_map(|lesson| lesson.stops.iter().map(move |stop| (lesson, stop)))
        .collect();
    let faults = runs::faults(&stops, |(lesson, stop)| {
        let place = format!("{}:{}", lesson.file, stop.line);
        (place, &stop.link, &stop.numbers)
    });
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_course_has_the_four_levels_and_five_lessons_and_no_title_twice() {
    let lessons = lessons();
    let titles: BTreeSet<_> = lessons.iter().map(|lesson| &lesson.title).collect();
    assert_eq!(titles.len(), lessons.len(), "two lessons have one title");
    let levels = lessons.iter().filter(|l| l.title.starts_with("Level "));
    assert_eq!((levels.count(), lessons.len()), (4, 9));
}

#[test]
fn no_lesson_asks_twice_the_same_and_no_figure_stands_twice_in_a_lesson() {
    for lesson in lessons() {
        let questions: BTreeSet<_> = lesson.stops.iter().map(|stop| &stop.question).collect();
        let links: BTreeSet<_> = lesson.stops.iter().map(|stop| &stop.link).collect();
        let stops = lesson.stops.len();
        assert_eq!(
            (questions.len(), links.len()),
            (stops, stops),
            "{}",
            lesson.file
        );
    }
}
