//! Signals that end the program: temporary files are removed, and a file that is being written in place is completed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// Files to remove when a signal comes. The lock is held while no signal may end the program.
static WAITING: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn waiting() -> MutexGuard<'static, Vec<PathBuf>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a file that a signal will remove.
pub fn remember<F>(
    make: impl FnOnce() -> io::Result<F>,
    path: impl FnOnce(&F) -> &Path,
) -> io::Result<F> {
    listen();
    let mut all = waiting();
    let file = make()?;
    all.push(path(&file).to_owned());
    Ok(file)
}

/// A signal no longer removes this file.
pub fn forget(path: &Path) {
    waiting().retain(|known| known != path);
}

/// Does work. A signal that comes meanwhile waits for it.
pub fn after<T>(work: impl FnOnce() -> T) -> T {
    listen();
    let _held = waiting();
    work()
}

/// Starts the thread for signals, once.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(unix::listen);
}

#[cfg(unix)]
mod unix {
    use super::{fs, waiting};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    pub fn listen() {
        let ignored = ignored();
        let heard = [SIGHUP, SIGINT, SIGTERM].map(|signal| (signal, ignored >> (signal - 1) & 1));
        let heard = heard.iter().filter(|(_, ignored)| *ignored == 0);
        // Without the thread, a signal ends the program in the default way.
        let Ok(mut signals) = Signals::new(heard.map(|(signal, _)| signal)) else {
            return;
        };
        // The first allocation of a thread reserves address space for all others. It is awaited, so that whoever measures
        // the memory that is left measures after it.
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(64)));
            let _ = ready.send(());
            for signal in &mut signals {
                let mut all = waiting();
                for path in all.drain(..) {
                    let _ = fs::remove_file(path);
                }
                let _ = emulate_default_handler(signal);
            }
        });
        let _ = is_ready.recv(); // an error says that the thread has ended, which is as well
    }

    /// The ignored signals, one bit each (`nohup` ignores one). If they are unknown, all bits are set.
    fn ignored() -> u64 {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
        line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
            .unwrap_or(u64::MAX)
    }
}

#[cfg(not(unix))]
mod unix {
    pub fn listen() {}
}
