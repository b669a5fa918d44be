//! The server as clients see it, including hostile ones.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use super::*;
use crate::root::root;

/// Limits that a test never meets.
const PATIENT: Patience = Patience {
    head: Duration::from_secs(60),
    answer: Duration::from_secs(60),
};

/// A limit that a test waits for.
const SHORT: Duration = Duration::from_millis(300);

/// If a client that must be dropped waits this long, the test has failed.
const ENOUGH: usize = 2000;

/// A server of the sources of this package, and its port.
fn server(patience: Patience) -> u16 {
    serve(root().join("xtask"), patience)
}

fn serve(folder: PathBuf, patience: Patience) -> u16 {
    let site = start_with(0, vec![Mount::all("/", folder)], patience).unwrap();
    site.address.rsplit(':').next().unwrap().parse().unwrap()
}

/// An empty folder for this test.
fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("scorefield-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn connect(port: u16) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap()
}

/// Sends a whole head (the lines without the empty one) and reads the answer to its end.
fn send(port: u16, lines: &[&str]) -> String {
    let mut stream = connect(port);
    let head = lines.join("\r\n") + "\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a request like a browser.
fn ask(port: u16, line: &str, headers: &[&str]) -> String {
    let (first, host) = (
        format!("{line} HTTP/1.1"),
        format!("Host: localhost:{port}"),
    );
    send(port, &[&[first.as_str(), &host], headers].concat())
}

/// The value of a header of an answer.
fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n")?;
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

#[test]
fn two_servers_find_a_port_each() {
    let first = server(PATIENT);
    let folder = root().join("xtask");
    let second = start_with(first, vec![Mount::all("/", folder)], PATIENT).unwrap();
    assert_ne!(second.address, format!("http://localhost:{first}"));
}

#[test]
fn it_listens_on_loopback_alone_and_on_all_of_it() {
    let listeners = listen(0).unwrap();
    let addresses: Vec<_> = listeners
        .iter()
        .map(|one| one.local_addr().unwrap())
        .collect();
    assert!(addresses.iter().all(|address| address.ip().is_loopback()));
    let port = addresses[0].port();
    assert!(addresses.iter().all(|address| address.port() == port));
    let has_six = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    assert_eq!(addresses.iter().any(|address| address.is_ipv6()), has_six);
    assert!(listen(port).is_err(), "one port for two servers");
}

#[test]
fn a_file_comes_whole_with_the_type_that_browsers_insist_on() {
    let folder = scratch("types");
    for (name, kind) in [
        ("index.html", "text/html; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.txt", "text/plain; charset=utf-8"),
        ("a_bg.wasm", "application/wasm"),
        ("a.bpk", "application/octet-stream"),
        ("a b.svg", "image/svg+xml"),
    ] {
        fs::write(folder.join(name), format!("this is {name}")).unwrap();
        let port = serve(folder.clone(), PATIENT);
        let address = name.replace(' ', "%20").replace("index.html", "");
        let answer = ask(port, &format!("GET /{address}?x"), &[]);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(header(&answer, "content-type"), Some(kind), "{answer}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(body(&answer), format!("this is {name}"));
        let head = ask(port, &format!("HEAD /{address}"), &[]);
        assert!(head.starts_with("HTTP/1.1 200") && body(&head).is_empty());
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn no_address_leads_out_of_the_folder() {
    let port = server(PATIENT);
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/src/..%2f../../Cargo.toml",
        "/src/%2e%2e/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/src%5cmain.rs",
        "/src/main.rs%00.txt",
        "/%zz",
        "/%2",
        "/%ff",
    ] {
        let answer = ask(port, &format!("GET {path}"), &[]);
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
    assert!(ask(port, "POST /src/main.rs", &["Content-Length: 0"]).starts_with("HTTP/1.1 405"));
}

#[test]
fn a_range_is_sent_alone() {
    let folder = scratch("ranges");
    fs::write(folder.join("a.bin"), "0123456789").unwrap();
    let port = serve(folder.clone(), PATIENT);
    let part = |range: &str| ask(port, "GET /a.bin", &[&format!("Range: bytes={range}")]);
    for (range, span, expected) in [
        ("2-4", "bytes 2-4/10", "234"),
        ("7-", "bytes 7-9/10", "789"),
        ("-3", "bytes 7-9/10", "789"),
    ] {
        let answer = part(range);
        assert!(answer.starts_with("HTTP/1.1 206"), "{answer}");
        assert_eq!(header(&answer, "content-range"), Some(span));
        assert_eq!(body(&answer), expected);
    }
    assert!(part("10-12").starts_with("HTTP/1.1 416"));
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_changed_is_sent_again_whatever_a_cache_holds() {
    let folder = scratch("caches");
    let file = folder.join("a.js");
    fs::write(&file, "old").unwrap();
    let port = serve(folder.clone(), PATIENT);
    let first = ask(port, "GET /a.js", &[]);
    assert_eq!(header(&first, "cache-control"), Some("no-cache"));
    assert_eq!(header(&first, "last-modified"), None);
    assert_eq!(header(&first, "etag"), None);
    // The same length and, on a coarse clock, the same time.
    fs::write(&file, "new").unwrap();
    let later = "Fri, 01 Jan 2100 00:00:00 GMT";
    let again = ask(port, "GET /a.js", &[&format!("If-Modified-Since: {later}")]);
    assert!(
        again.starts_with("HTTP/1.1 200") && body(&again) == "new",
        "{again}"
    );
    let tagged = ask(port, "GET /a.js", &["If-None-Match: *"]);
    assert!(
        tagged.starts_with("HTTP/1.1 200") && body(&tagged) == "new",
        "{tagged}"
    );
    let rest = ask(
        port,
        "GET /a.js",
        &["Range: bytes=1-", &format!("If-Range: {later}")],
    );
    assert!(
        rest.starts_with("HTTP/1.1 200") && body(&rest) == "new",
        "{rest}"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn only_what_a_sandboxed_frame_loads_is_open_to_other_origins() {
    let folder = scratch("origins");
    for (name, open) in [
        ("a.js", true),
        ("a_bg.wasm", true),
        ("a.bpk", true),
        ("files.json", true),
        ("index.html", false),
        ("a.css", false),
        ("a.txt", false),
        ("a.json", false),
    ] {
        fs::write(folder.join(name), name).unwrap();
        let port = serve(folder.clone(), PATIENT);
        let answer = ask(port, &format!("GET /{name}"), &["Origin: null"]);
        let allowed = header(&answer, "access-control-allow-origin");
        assert_eq!(allowed, open.then_some("*"), "{name}");
        // An embed must be able to report that one of its files is missing.
        fs::remove_file(folder.join(name)).unwrap();
        let gone = ask(port, &format!("GET /{name}"), &["Origin: null"]);
        assert!(gone.starts_with("HTTP/1.1 404"), "{gone}");
        assert_eq!(header(&gone, "access-control-allow-origin"), allowed);
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn only_its_own_names_are_answered() {
    let port = server(PATIENT);
    let get = "GET /src/main.rs HTTP/1.1";
    for host in ["localhost", "LocalHost", "127.0.0.1", "[::1]"] {
        let answer = send(port, &[get, &format!("Host: {host}:{port}")]);
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
    }
    let other = port.wrapping_add(1);
    for host in [
        format!("foreign.example:{port}"),
        format!("localhost.foreign.example:{port}"),
        format!("localhost:{other}"),
        format!("0.0.0.0:{port}"),
        "localhost".into(),
        String::new(),
    ] {
        let answer = send(port, &[get, &format!("Host: {host}")]);
        assert!(answer.starts_with("HTTP/1.1 403"), "{host}: {answer}");
        assert!(body(&answer).contains(&format!("http://localhost:{port} only")));
    }
    assert!(send(port, &[get]).starts_with("HTTP/1.1 403"));
    let ours = format!("Host: localhost:{port}");
    let twice = send(port, &[get, &ours, "Host: foreign.example"]);
    assert!(twice.starts_with("HTTP/1.1 403"), "{twice}");
    let target = "GET http://foreign.example/src/main.rs HTTP/1.1";
    assert!(send(port, &[target, &ours]).starts_with("HTTP/1.1 403"));
}

#[test]
fn a_head_over_the_limit_is_refused() {
    let port = server(PATIENT);
    let with = |bytes: usize| {
        let mut stream = connect(port);
        let head = format!(
            "GET /src/main.rs HTTP/1.1\r\nHost: localhost:{port}\r\nX: {}\r\n\r\n",
            "x".repeat(bytes)
        );
        // The server may close before it has read the whole head that it refuses.
        let _ = stream.write_all(head.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    assert!(with(HEAD_BYTES / 2).starts_with("HTTP/1.1 200"));
    for bytes in [HEAD_BYTES, 8 * HEAD_BYTES] {
        let answer = with(bytes);
        assert!(!answer.contains(" 200 "), "{answer}");
    }
}

#[test]
fn a_client_that_drips_its_head_is_dropped() {
    let port = server(Patience {
        head: SHORT,
        ..PATIENT
    });
    for start in ["", "GET / HTTP/1.1\r\nX: "] {
        let mut stream = connect(port);
        stream.write_all(start.as_bytes()).unwrap();
        // Waits for the end of the connection between the drops.
        stream.set_read_timeout(Some(SHORT / 10)).unwrap();
        let drops = (0..ENOUGH).find(|_| {
            if !start.is_empty() && stream.write_all(b"x").is_err() {
                return true;
            }
            match stream.read(&mut [0; 512]) {
                Ok(0) => true,
                Ok(_) => false,
                Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            }
        });
        assert!(drops.is_some(), "still connected after {ENOUGH} drops");
    }
}

#[test]
fn a_client_that_does_not_read_its_answer_is_dropped() {
    let folder = scratch("slow");
    // More than the buffers of the system hold. A file with a hole needs no space.
    let size = 64 << 20;
    fs::File::create(folder.join("a.bin"))
        .and_then(|file| file.set_len(size))
        .unwrap();
    let port = serve(
        folder.clone(),
        Patience {
            head: SHORT,
            answer: SHORT,
        },
    );
    let mut stream = connect(port);
    write!(
        stream,
        "GET /a.bin HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"
    )
    .unwrap();
    let mut read = 0;
    let mut piece = vec![0; 16 << 10];
    while let Ok(bytes @ 1..) = stream.read(&mut piece) {
        read += bytes as u64;
        thread::sleep(SHORT / 60);
    }
    assert!(read < size, "a slow client was served to the end");
    fs::remove_dir_all(folder).unwrap();
}
