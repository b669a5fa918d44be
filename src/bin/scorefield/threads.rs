//! Threads that help in a call. What one of them panics with is the error of the call.

use super::failure::Failure;
use scorefield::error::Error;
use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, Scope, available_parallelism, scope};

/// Units of work between two looks at what else there is to do.
pub const PIECE: usize = 1 << 20;
/// A thread is worth its start from this many units on: 25 ms.
pub const WORTH: u64 = 1 << 20;

/// The cores that this process may use.
pub fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// The threads that help in a call, beside the one that has it.
pub struct Threads<'scope, 'env: 'scope> {
    scope: &'scope Scope<'scope, 'env>,
    /// Why one of them broke down.
    cause: Arc<OnceLock<String>>,
}

/// Does `work` with threads that help, and waits for them at its end.
///
/// # Errors
/// Those of `work`, and the cause where a thread has panicked.
pub fn with_threads<'env, T>(
    work: impl for<'scope> FnOnce(&Threads<'scope, 'env>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let cause = Arc::new(OnceLock::new());
    let done = scope(|scope| {
        let cause = cause.clone();
        work(&Threads { scope, cause })
    })?;
    sound(&cause)?;
    Ok(done)
}

impl<'scope> Threads<'scope, '_> {
    /// Starts a thread. Returns whether it has started.
    pub fn start(&self, work: impl FnOnce() -> Option<()> + Send + 'scope) -> bool {
        let cause = self.cause.clone();
        let work = move || {
            // What it holds ends with it, so nothing broken is seen.
            if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
                // The first cause is told.
                let _ = cause.set(in_words(panic.as_ref()));
            }
        };
        Builder::new().spawn_scoped(self.scope, work).is_ok()
    }

    /// Asked after each piece of work.
    ///
    /// # Errors
    /// The cause, where a thread has panicked.
    pub fn check(&self) -> Result<(), Error> {
        sound(&self.cause)
    }
}

fn sound(cause: &OnceLock<String>) -> Result<(), Error> {
    match cause.get() {
        None => Ok(()),
        Some(cause) => Err(Error::Engine {
            reason: format!("A thread that helped has broken down: {cause}."),
            remedy: "This is a fault of the program. Report it, or try --threads 1.".to_owned(),
        }),
    }
}

/// What a thread panicked with.
fn in_words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave no reason").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panics_is_the_error_of_the_call_with_its_cause() {
        for late in [false, true] {
            let failed = with_threads(|threads| {
                assert!(threads.start(|| panic!("{} on purpose", "broken")));
                while !late && threads.check().is_ok() {}
                threads.check()?;
                Ok(())
            });
            let Failure { message, code } = failed.unwrap_err();
            assert_eq!(code, 1);
            assert!(message.contains("broken on purpose"), "{message}");
            assert!(message.contains("--threads 1"), "{message}");
        }
    }

    #[test]
    fn threads_that_end_leave_the_result() {
        let done = with_threads(|threads| {
            assert!(threads.start(|| None) && threads.start(|| Some(())));
            Ok(7)
        });
        assert_eq!(done.unwrap(), 7);
    }
}
