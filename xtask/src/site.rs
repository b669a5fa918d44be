//! A small static HTTP server for the page: correct types, no caching, nothing outside its folders.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Longer request heads are refused, silent clients are dropped.
const HEAD_BYTES: u64 = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// A folder served under a path of the address.
pub struct Mount {
    /// `/` or `/some/path/`: starts and ends with a slash.
    pub prefix: String,
    /// What is served there.
    pub folder: PathBuf,
    /// The entries of the folder that are served; empty means all.
    pub only: Vec<&'static str>,
}

impl Mount {
    /// The page as it stands in the repository.
    pub fn source(root: &Path) -> Self {
        Self {
            prefix: "/".into(),
            folder: root.into(),
            only: vec!["index.html", "www", "pkg", "nets"],
        }
    }

    /// A whole folder.
    pub fn all(prefix: &str, folder: PathBuf) -> Self {
        Self {
            prefix: prefix.into(),
            folder,
            only: Vec::new(),
        }
    }

    /// The file that an address's path names, if it is one that may be served.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let below = path.strip_prefix(&self.prefix)?;
        let below = if below.is_empty() {
            "index.html"
        } else {
            below
        };
        let mut file = self.folder.clone();
        for (depth, part) in below.split('/').enumerate() {
            if part.is_empty() || part.starts_with('.') || part.contains(['\\', ':', '\0']) {
                return None;
            }
            if depth == 0 && !self.only.is_empty() && !self.only.contains(&part) {
                return None;
            }
            file.push(part);
        }
        // A link inside the folder must not lead out of it.
        let file = fs::canonicalize(file).ok()?;
        let folder = fs::canonicalize(&self.folder).ok()?;
        (file.starts_with(folder) && file.is_file()).then_some(file)
    }
}

/// A running server; it stops with the process.
pub struct Site {
    /// `http://localhost:8000`.
    pub address: String,
}

/// Serves the mounts on localhost, on `port` or (where it is taken) one of the 20 after it; port 0
/// lets the system choose.
///
/// # Errors
/// Where no port is free.
pub fn start(port: u16, mounts: Vec<Mount>) -> Result<Site> {
    let last = if port == 0 {
        0
    } else {
        port.saturating_add(20)
    };
    let Some(listener) =
        (port..=last).find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
    else {
        bail!("no port from {port} to {last} is free: choose another with --port");
    };
    let port = listener
        .local_addr()
        .context("the server has no address")?
        .port();
    let mounts = Arc::new(mounts);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mounts = Arc::clone(&mounts);
            // A browser that goes away in the middle is no error of ours.
            thread::spawn(move || drop(answer(&stream, &mounts)));
        }
    });
    Ok(Site {
        address: format!("http://localhost:{port}"),
    })
}

/// Answers the one request of a connection.
fn answer(mut stream: &TcpStream, mounts: &[Mount]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.take(HEAD_BYTES));
    let mut first = String::new();
    reader.read_line(&mut first)?;
    // The head ends with an empty line; nothing in it matters here.
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }

    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let path = target.split(['?', '#']).next().and_then(decode);
    let file = path.and_then(|path| mounts.iter().find_map(|mount| mount.file(&path)));
    let text = mime(Path::new("a.txt"));
    let (status, kind, body) = match file {
        _ if !matches!(method, "GET" | "HEAD") => (
            "405 Method Not Allowed",
            text,
            b"only GET and HEAD\n".to_vec(),
        ),
        None => ("404 Not Found", text, b"there is nothing here\n".to_vec()),
        Some(file) => match fs::read(&file) {
            Ok(body) => ("200 OK", mime(&file), body),
            Err(_) => (
                "500 Internal Server Error",
                text,
                b"the file cannot be read\n".to_vec(),
            ),
        },
    };
    // A sandboxed embed has an opaque origin: its own modules are foreign to it, hence the `*`.
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
         Access-Control-Allow-Origin: *\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    if method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

/// Undoes percent-encoding; nothing where the text is malformed.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The media type of a file, by its name.
fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map" | "webmanifest") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "ts" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> Mount {
        Mount::source(&crate::command::root())
    }

    #[test]
    fn serves_only_its_own_entries() {
        let root = Mount {
            only: vec!["Cargo.toml", "src"],
            ..Mount::all("/sub/", env!("CARGO_MANIFEST_DIR").into())
        };
        assert!(root.file("/sub/Cargo.toml").is_some());
        assert!(root.file("/sub/src/main.rs").is_some());
        for path in [
            "/Cargo.toml",
            "/sub",
            "/sub/clippy.toml",
            "/sub/src",
            "/sub/src/",
            "/sub//etc/passwd",
            "/sub/../Cargo.toml",
            "/sub/src/../../Cargo.toml",
            "/sub/./src/main.rs",
            "/sub/src\\main.rs",
            "/sub/.git/config",
            "",
        ] {
            assert_eq!(root.file(path), None, "{path}");
        }
        assert_eq!(repository().file("/Cargo.toml"), None);
        assert_eq!(repository().file("/xtask/src/main.rs"), None);
    }

    #[test]
    fn decodes_percent_signs_before_it_looks() {
        assert_eq!(decode("/a%20b").as_deref(), Some("/a b"));
        assert_eq!(decode("/%2e%2e/x").as_deref(), Some("/../x"));
        assert_eq!(decode("/%zz"), None);
        assert_eq!(decode("/%2"), None);
        assert_eq!(decode("/%ff"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_leads_nowhere() {
        let folder = std::env::temp_dir().join(format!("scorefield-site-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let link = folder.join("out.txt");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert_eq!(Mount::all("/", folder.clone()).file("/out.txt"), None);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn answers_with_type_and_origin_and_moves_to_a_free_port() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let first = start(0, vec![Mount::all("/", folder.clone())]).unwrap();
        let port: u16 = first.address.rsplit(':').next().unwrap().parse().unwrap();
        let second = start(port, vec![Mount::all("/", folder)]).unwrap();
        assert_ne!(first.address, second.address);

        let ask = |line: &str| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            write!(
                stream,
                "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut text = String::new();
            stream.read_to_string(&mut text).unwrap();
            text
        };
        let good = ask("GET /src/main.rs?x#y");
        assert!(good.starts_with("HTTP/1.1 200"), "{good}");
        assert!(good.contains("Access-Control-Allow-Origin: *"), "{good}");
        assert!(ask("GET /%2e%2e/Cargo.toml").starts_with("HTTP/1.1 404"));
        assert!(ask("POST /src/main.rs").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn types_that_browsers_insist_on() {
        assert_eq!(mime(Path::new("a_bg.wasm")), "application/wasm");
        assert_eq!(mime(Path::new("a.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("a.css")), "text/css; charset=utf-8");
    }
}
