//! Surviving a fork.
//!
//! A forked child has one thread: the background thread is gone, and a lock that it held stays locked for ever. So
//! everything that lives in the process as a whole is made anew in the child, and what belonged to the parent is neither
//! used nor freed there.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

static GENERATION: AtomicUsize = AtomicUsize::new(0);

/// Tells this crate that the process is a fresh fork. A host calls this in the child before anything else of this crate.
pub fn after_fork_in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
}

/// How many forks lie between the process that loaded this crate and this one.
pub(crate) fn generation() -> usize {
    GENERATION.load(Ordering::Relaxed)
}

/// A value that each process makes for itself on first use.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    value: OnceLock<T>,
    child: OnceLock<Box<PerProcess<T>>>,
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        PerProcess {
            value: OnceLock::new(),
            child: OnceLock::new(),
        }
    }

    /// This process's value. A cell that the parent may have been filling at the fork is never the child's.
    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        let mut cell = self;
        for _ in 0..generation() {
            cell = cell.child.get_or_init(|| Box::new(PerProcess::new()));
        }
        cell.value.get_or_init(make)
    }
}
