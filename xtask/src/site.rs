//! The static HTTP server for the page. hyper reads the requests and tower-http answers with the files. This file
//! decides which client gets an answer, with which file and for how long, and that no cache keeps anything.
//!
//! The server is bound to this machine alone and answers only to its own names. So a page of another host whose name
//! points here (DNS rebinding) can read nothing.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tower_http::services::ServeFile;
use tower_http::services::fs::ServeFileSystemResponseBody;

use crate::element;
use crate::mount::Mount;
use crate::sums;

/// Longer heads of requests are refused.
const HEAD_BYTES: usize = 64 * 1024;

/// Largest number of connections at a time; more have to wait. A browser opens six per host.
const CONNECTIONS: usize = 256;

/// A sandboxed embed has an opaque origin. Its own modules, packages (with their lists) and networks are foreign to
/// it, so it may read them only if the answer allows it; and the element reads its list of stills in a page of any host.
/// All other files are for the page itself. This is how the
/// names of those files end.
const FOR_FRAMES: [&str; 5] = [".js", ".wasm", ".bpk", sums::LIST, element::STILLS];

/// Time limits of a connection, whatever the client does.
#[derive(Clone, Copy)]
struct Patience {
    /// Until the head of its request is complete.
    head: Duration,
    /// Until the answer has been read to its end.
    answer: Duration,
}

/// An answer: a file, or a short text.
type Body = Either<ServeFileSystemResponseBody, Full<Bytes>>;

/// A running server, which stops with the process.
pub struct Site {
    /// `http://localhost:8000`.
    pub address: String,
}

/// Serves the mounts on localhost, on `port` or, if it is taken, on one of the next 20 ports. With port 0 the system
/// chooses.
///
/// # Errors
/// If no port is free.
pub fn start(port: u16, mounts: Vec<Mount>) -> Result<Site> {
    let patience = Patience {
        head: Duration::from_secs(30),
        answer: Duration::from_secs(300),
    };
    start_with(port, mounts, patience)
}

fn start_with(port: u16, mounts: Vec<Mount>, patience: Patience) -> Result<Site> {
    let last = if port == 0 {
        0
    } else {
        port.saturating_add(20)
    };
    let Some(listeners) = (port..=last).find_map(|port| listen(port).ok()) else {
        bail!("no port from {port} to {last} is free: choose another with --port");
    };
    let port = listeners[0]
        .local_addr()
        .context("the server has no address")?
        .port();
    let site = Arc::new(Inner {
        hosts: hosts(port),
        mounts,
        patience,
        free: Arc::new(Semaphore::new(CONNECTIONS)),
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the server cannot start")?;
    let listeners = {
        let _entered = runtime.enter();
        listeners
            .into_iter()
            .map(tokio::net::TcpListener::from_std)
            .collect::<io::Result<Vec<_>>>()
            .context("the server cannot listen")?
    };
    thread::spawn(move || {
        for listener in listeners {
            runtime.spawn(accept(listener, Arc::clone(&site)));
        }
        runtime.block_on(std::future::pending::<()>());
    });
    Ok(Site {
        address: format!("http://localhost:{port}"),
    })
}

/// Listens on both loopback addresses, because a browser may use either for `localhost`; on IPv4 alone if this
/// machine has no IPv6.
fn listen(port: u16) -> io::Result<Vec<TcpListener>> {
    let bind = |address: IpAddr, port| {
        let listener = TcpListener::bind((address, port))?;
        listener.set_nonblocking(true)?;
        Ok::<_, io::Error>(listener)
    };
    let first = bind(Ipv4Addr::LOCALHOST.into(), port)?;
    let port = first.local_addr()?.port();
    match bind(Ipv6Addr::LOCALHOST.into(), port) {
        Ok(second) => Ok(vec![first, second]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(vec![first]),
    }
}

/// The `Host` headers that mean this server.
fn hosts(port: u16) -> Vec<String> {
    let names = ["localhost", "127.0.0.1", "[::1]"];
    let mut hosts: Vec<_> = names.iter().map(|name| format!("{name}:{port}")).collect();
    if port == 80 {
        hosts.extend(names.map(String::from));
    }
    hosts
}

/// Accepts connections for ever.
async fn accept(listener: tokio::net::TcpListener, site: Arc<Inner>) {
    loop {
        let Ok(permit) = Arc::clone(&site.free).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            // The machine is out of a resource, perhaps of files. It gets time to recover.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let _permit = permit;
            let patience = site.patience;
            let service = service_fn(move |request| {
                let site = Arc::clone(&site);
                async move { Ok::<_, Infallible>(site.answer(&request).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(patience.head)
                .max_buf_size(HEAD_BYTES)
                // One request per connection, so the time of a connection is the time of a request.
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            // A browser that goes away early is not an error.
            drop(tokio::time::timeout(patience.head + patience.answer, connection).await);
        });
    }
}

/// Shared by all connections.
struct Inner {
    hosts: Vec<String>,
    mounts: Vec<Mount>,
    patience: Patience,
    free: Arc<Semaphore>,
}

impl Inner {
    async fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        if head_bytes(request) > HEAD_BYTES {
            let said = format!("the head is longer than {HEAD_BYTES} bytes\n");
            return text(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, said);
        }
        if !self.is_ours(request) {
            let said = format!(
                "this server answers to http://{} only: the request named another host\n",
                self.hosts[0]
            );
            return text(StatusCode::FORBIDDEN, said);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let said = "only GET and HEAD\n".to_owned();
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, said);
            let allowed = HeaderValue::from_static("GET, HEAD");
            response.headers_mut().insert(header::ALLOW, allowed);
            return response;
        }
        let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8();
        let path = path.unwrap_or_default();
        let file = self.mounts.iter().find_map(|mount| mount.file(&path));
        let mut response = match file {
            None => text(StatusCode::NOT_FOUND, "there is nothing here\n".to_owned()),
            Some(file) => match ServeFile::new(file).try_call(for_the_file(request)).await {
                Ok(response) => response.map(Either::Left),
                Err(_) => text(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the file cannot be read\n".to_owned(),
                ),
            },
        };
        finish(&mut response, &path);
        response
    }

    /// Whether the request names this server exactly once, and no other.
    fn is_ours(&self, request: &Request<Incoming>) -> bool {
        let ours = |name: &str| {
            self.hosts
                .iter()
                .any(|host| host.eq_ignore_ascii_case(name))
        };
        let mut named = request.headers().get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return false;
        };
        let target = request.uri().authority();
        host.to_str().is_ok_and(ours) && target.is_none_or(|target| ours(target.as_str()))
    }
}

/// The length of the head of a request. hyper stops reading at about twice its limit.
fn head_bytes(request: &Request<Incoming>) -> usize {
    let line = |(name, value): (&header::HeaderName, &HeaderValue)| {
        name.as_str().len() + ": ".len() + value.len() + "\r\n".len()
    };
    let headers: usize = request.headers().iter().map(line).sum();
    request.uri().to_string().len() + headers
}

/// The part of a request that decides which bytes are sent. Conditions on dates and tags are ignored: two writes
/// within one tick of a clock have the same date, so “not modified” could be wrong.
fn for_the_file(request: &Request<Incoming>) -> Request<()> {
    let mut asked = Request::new(());
    *asked.method_mut() = request.method().clone();
    // With `If-Range`, a condition that does not hold asks for the whole file.
    if !request.headers().contains_key(header::IF_RANGE)
        && let Some(range) = request.headers().get(header::RANGE)
    {
        asked.headers_mut().insert(header::RANGE, range.clone());
    }
    asked
}

/// The headers that do not depend on the file's contents.
fn finish(response: &mut Response<Body>, path: &str) {
    let headers = response.headers_mut();
    headers.remove(header::LAST_MODIFIED);
    headers.remove(header::ETAG);
    let fixed = |text| HeaderValue::from_static(text);
    headers.insert(header::CACHE_CONTROL, fixed("no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    if FOR_FRAMES.iter().any(|end| path.ends_with(end)) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*"));
    }
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    if kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
}

/// A short answer as text.
fn text(status: StatusCode, said: String) -> Response<Body> {
    let mut response = Response::new(Either::Right(Full::from(said)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

#[cfg(test)]
mod tests;
