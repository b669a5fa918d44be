//! Tables of points: whatever programs write is read, and each mistake is named.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use scorefield::error::Error;
use scorefield::labs::link::columns::{MAX_BYTES, Table, read};
use scorefield::labs::link::points;
use scorefield::labs::{Content, recognise};
use std::fmt::Write;

/// A separator and a decimal mark that can be used together.
const STYLES: [(&str, char); 9] = [
    (",", '.'),
    (", ", '.'),
    (";", '.'),
    (";", ','),
    ("; ", ','),
    ("\t", '.'),
    ("\t", ','),
    (" ", '.'),
    ("  ", ','),
];
const ENDS: [&str; 3] = ["\n", "\r\n", "\r"];
const HEADERS: [[&str; 2]; 3] = [["x", "y"], ["x1", "x2"], ["\"Größe (m)\"", "\"Höhe (m)\""]];

/// The encodings of a text.
#[derive(Debug, Clone, Copy)]
enum Code {
    Utf8,
    Utf8Mark,
    Little,
    Big,
    LittleBare,
    Latin1,
}
const CODES: [Code; 6] = [
    Code::Utf8,
    Code::Utf8Mark,
    Code::Little,
    Code::Big,
    Code::LittleBare,
    Code::Latin1,
];

fn stored(text: &str, code: Code) -> Vec<u8> {
    let units = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("{mark}{text}");
        text.encode_utf16().flat_map(bytes).collect()
    };
    match code {
        Code::Utf8 => text.as_bytes().to_vec(),
        Code::Utf8Mark => format!("\u{feff}{text}").into_bytes(),
        Code::Little => units("\u{feff}", u16::to_le_bytes),
        Code::Big => units("\u{feff}", u16::to_be_bytes),
        Code::LittleBare => units("", u16::to_le_bytes),
        Code::Latin1 => text
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect(),
    }
}

fn of(text: &str) -> Result<Table, Error> {
    read(text.as_bytes())
}

proptest! {
    #[test]
    fn every_style_of_a_table_gives_the_same_points(
        xy in prop::collection::vec((-2.0..=2.0f64, -2.0..=2.0f64), 1..40),
        digits in 0..6usize,
        style in 0..STYLES.len(),
        end in 0..ENDS.len(),
        code in 0..CODES.len(),
        header in prop::option::of(0..HEADERS.len()),
        flags in any::<[bool; 3]>(),
    ) {
        let [quoted, comment, ended] = flags;
        let ((apart, mark), end) = (STYLES[style], ENDS[end]);
        let cell = |x: f64| {
            let text = format!("{x:.digits$}").replace('.', &mark.to_string());
            if quoted { format!("\"{text}\"") } else { text }
        };
        let mut text = String::new();
        if comment {
            write!(text, "# a; comment, 1\t2{end}").unwrap();
        }
        // Names with spaces cannot be separated by spaces, except in quotes.
        if let Some(header) = header {
            write!(text, "{}{end}", HEADERS[header].join(apart)).unwrap();
        }
        let lines: Vec<String> = xy.iter().map(|(x, y)| cell(*x) + apart + &cell(*y)).collect();
        text += &lines.join(end);
        if ended {
            text += end;
        }
        // Encodings other than UTF-8 are used only for texts with Latin characters.
        let plain = text.chars().all(|c| u32::from(c) < 256);
        let code = if plain { CODES[code] } else { Code::Utf8 };
        let table = read(&stored(&text, code)).unwrap();
        let expected: Vec<f64> = xy
            .iter()
            .flat_map(|(x, y)| [x, y])
            .map(|x| format!("{x:.digits$}").parse().unwrap())
            .collect();
        prop_assert_eq!(table.points, expected, "{:?}", text);
        prop_assert_eq!(table.note.contains("header"), header.is_some());
        prop_assert_eq!(table.note.contains("decimal"), mark == ',' && text.replace("a; comment,", "").contains(','));
    }

    #[test]
    fn any_bytes_are_read_or_refused_and_what_is_read_can_be_written(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(table) = read(&bytes) {
            prop_assert!(points::encode(&table.points).is_ok());
        }
        let _ = recognise("x", &bytes);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-0-9., ;\\t\\r\\nexNa\"#]{0,60}") {
        if let Ok(table) = of(&text) {
            prop_assert!(points::encode(&table.points).is_ok(), "{:?}", table);
        }
    }

    /// Spans that overflow, and spans whose squares underflow.
    #[test]
    fn far_points_are_brought_near(
        x in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 2..40),
        (a, b) in (-300..308i32, -300..308i32),
    ) {
        let text: String = x.iter().map(|(x, y)| format!("{x}e{a},{y}e{b}\n")).collect();
        let table = of(&text).unwrap();
        prop_assert!(points::encode(&table.points).is_ok(), "{:?}", table);
    }
}

#[test]
fn a_decimal_comma_makes_two_columns_and_not_four() {
    for text in ["1,5;-0,25", "1,5\t-0,25", "1,5 -0,25"] {
        let table = of(text).unwrap();
        assert_eq!(table.points, [1.5, -0.25], "{text}");
        assert_eq!(table.note, "Commas were read as decimal marks.");
    }
    // In quotes between commas they could be thousands: refused, not guessed.
    assert!(of("\"1,500\",\"2,250\"").is_err());
    assert_eq!(of("1,2").unwrap().points, [1.0, 2.0]);
    assert_eq!(of("1, 2\n-1 ,0.5").unwrap().points, [1.0, 2.0, -1.0, 0.5]);
    assert_eq!(of("1 ,2\n-1 0.5").unwrap().points, [1.0, 2.0, -1.0, 0.5]);
    assert_eq!(of("−1\u{a0}; 0.5").unwrap().points, [-1.0, 0.5]);
    assert_eq!(
        of("# made\n1 2\n\n-1\t0.5").unwrap().points,
        [1.0, 2.0, -1.0, 0.5]
    );
}

#[test]
fn names_are_passed_over_and_numbers_never() {
    let points = |text: &str| of(text).unwrap().points;
    assert_eq!(points("x,y\n1,2"), [1.0, 2.0]);
    assert_eq!(points("sep=;\nColumn 1;Column 2\n1;2"), [1.0, 2.0]);
    assert_eq!(of("0,1\n1,2").unwrap().points, [0.0, 1.0, 1.0, 2.0]);
    assert_eq!(
        of("x;y\n[m];[m]\n1;2").unwrap().note,
        "Lines 1 to 2 were taken for headers."
    );
    for first in [
        "NaN,NaN",
        "nan,nan",
        "inf,-inf",
        "NA,NA",
        "1.2.3,4.5.6",
        "-,-",
        ",",
    ] {
        let error = of(&format!("{first}\n1,2")).unwrap_err().to_string();
        assert!(error.contains("line 1: “"), "{first}: {error}");
    }
}

#[test]
fn each_slip_is_named_by_its_line_and_its_reason() {
    for (text, part) in [
        ("", "no points"),
        ("x,y\n", "no points"),
        ("1,2\n1,NaN", "line 2: “NaN” is not a finite number"),
        ("1,2\n1,inf", "line 2: “inf”"),
        ("1,2\n1,1e999", "line 2: “1e999”"),
        ("1,2,3", "line 1 has 3 columns"),
        ("1,2\n5", "line 2 has 1 column "),
        ("1,2\na,b", "line 2: “a”"),
        ("1\r\n2\r\n", "line 1 has 1 column "),
        ("1;2\r\n3;x\r\n", "line 2: “x”"),
        (
            "1.5;2\n1,5;3",
            "line 2: “1,5” has a decimal comma, other numbers have a decimal point",
        ),
        (
            "1,5;2\n1.5;3",
            "line 2: “1.5” has a decimal point, other numbers have a decimal comma",
        ),
        ("1.234,5;6", "line 1: “1.234,5” is not a finite number"),
        ("1,2\n3,4\n5;6", "line 3 has 1 column"),
        ("%PDF-1.7\n\u{0}\u{1}", "this is not text"),
    ] {
        let error = of(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text:?}: {error}");
    }
    for (bytes, part) in [
        (&b"\xFF\xFE1\0,\0x"[..], "UTF-16, but cut"),
        (b"\xFF\xFE\x00\xD8\x31\0", "UTF-16, but cut"),
        (b"\xFF\xFE\0\x001\0\0\0", "UTF-32; save it as UTF-8"),
        (&[0; 64], "not text"),
        (&vec![b' '; MAX_BYTES + 1], "at most 20000000 are read"),
    ] {
        let error = read(bytes).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn of_many_points_a_thousand_are_drawn_from_all_and_always_the_same() {
    let count = 60_000;
    let text: String = (0..count)
        .map(|i| format!("{},0\n", f64::from(i) / 60_000.0))
        .collect();
    let table = of(&text).unwrap();
    let kept: Vec<f64> = table.points.iter().copied().step_by(2).collect();
    assert_eq!(kept.len(), 1000);
    assert!(
        kept.windows(2).all(|pair| pair[0] < pair[1]),
        "in order, none twice"
    );
    // For a uniform draw the mean is 1/2, to 5 standard deviations of 1/√12,000.
    let mean = kept.iter().sum::<f64>() / 1000.0;
    assert!((mean - 0.5).abs() < 5.0 / 12_000f64.sqrt(), "{mean}");
    assert_eq!(
        table.note,
        "Of 60000 points 1000 were drawn at random, the same ones each time."
    );
    assert_eq!(of(&text).unwrap(), table);
    let exact = of(&"0,0\n".repeat(1000)).unwrap();
    assert_eq!((exact.points.len(), exact.note.as_str()), (2000, ""));
}

#[test]
fn the_note_says_what_was_done_to_points_outside() {
    let deviation = |table: &Table| {
        let n = table.points.len() as f64;
        (table.points.iter().map(|x| x * x).sum::<f64>() / n).sqrt()
    };
    let table = of("100,200\n300,200\n100,600\n300,600").unwrap();
    assert!((deviation(&table) - 0.5).abs() < 1e-12);
    assert!(
        table
            .note
            .ends_with("to a deviation of 0.500 a coordinate."),
        "{}",
        table.note
    );
    // One point far from many others is moved to the edge, and the standard deviation is below one half.
    let far = "0,0\n".repeat(399) + "1e9,0\n";
    let table = of(&far).unwrap();
    let said = deviation(&table);
    assert!(
        said < 0.1 && (table.points[798] - 2.0).abs() < 1e-12,
        "{said}"
    );
    assert!(
        table.note.contains(&format!("a deviation of {said:.4}")),
        "{} {said}",
        table.note
    );
    let spans = of("1e308,1\n-1e308,1").unwrap();
    for (x, expected) in spans
        .points
        .iter()
        .zip([0.5f64.sqrt(), 0.0, -(0.5f64.sqrt()), 0.0])
    {
        assert!((x - expected).abs() < 1e-12, "{:?}", spans.points);
    }
    let same = of(&"3,0.1\n".repeat(700)).unwrap();
    assert_eq!(same.points, vec![0.0; 1400]);
    assert!(same.note.contains("put at 0"), "{}", same.note);
    assert_eq!(of("1,1").unwrap().note, "");
}

#[test]
fn a_file_is_recognised_by_its_content_and_not_by_its_name() {
    let network = std::fs::read("nets/uniform.bpk").unwrap();
    assert_eq!(recognise("points.csv", &network).unwrap(), Content::Network);
    let table = recognise("net.bpk", b"1;2\n0,5;1").unwrap();
    assert!(matches!(table, Content::Points(table) if table.points == [1.0, 2.0, 0.5, 1.0]));
    // Unreadable content is refused according to the name of the file.
    assert_eq!(recognise("cut.BPK", b"\x01\x02").unwrap(), Content::Network);
    let error = recognise("photo.png", b"\x89PNG\r\n\x1a\n\0\0")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("photo.png is neither the file of a network (burnpack) nor a table of points: this is not text."), "{error}");
}
