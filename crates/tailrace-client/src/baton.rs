//! Threads that block are woken one after the other: each wakes the next when it blocks again.
//!
//! The threads of a Python program take turns anyway, for the interpreter's lock. Woken all at once, each falls asleep a second
//! time, for that lock: 200 sockets with a thread each took three switches of threads for an event, and take one and a half.

use std::{
    cell::Cell,
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{fork::PerProcess, runtime::Shared};

/// How long the others wait for a thread that does not block again: it may have work that holds no lock of theirs.
const LIMIT: Duration = Duration::from_millis(1);

/// For how long all are woken at once after a thread that kept the others waiting: the next is likely to do the same.
const PAUSE: Duration = Duration::from_millis(100);

static BATON: PerProcess<Mutex<Baton>> = PerProcess::new();

thread_local! {
    /// Whether the thread was woken with the baton, and has it still.
    static HAS_IT: Cell<bool> = const { Cell::new(false) };
}

/// Threads that block until something changes that a lock guards.
#[derive(Debug, Default)]
pub(crate) struct Sleepers {
    changed: Condvar,
    /// How many block. Changed under that lock only.
    threads: AtomicUsize,
    /// The one that wakes first has the baton.
    is_passed: AtomicBool,
}

#[derive(Default)]
struct Baton {
    /// Since when a thread has it.
    since: Option<Instant>,
    /// Nobody is given it before.
    paused_until: Option<Instant>,
    waiting: VecDeque<Arc<Sleepers>>,
    /// A task looks after those who wait.
    is_watched: bool,
}

impl Sleepers {
    /// Blocks until `has_come` is true of what `state` guards, at most `limit`; true if it is.
    pub(crate) fn sleep<T>(
        &self,
        state: &Mutex<T>,
        limit: Duration,
        has_come: impl Fn(&T) -> bool,
    ) -> bool {
        let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut guard = lock();
        if !has_come(&guard) {
            drop(guard);
            pass();
            guard = lock();
        }
        self.threads.fetch_add(1, Ordering::Relaxed);
        let waited = self
            .changed
            .wait_timeout_while(guard, limit, |state| !has_come(state));
        let (guard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.threads.fetch_sub(1, Ordering::Relaxed);
        if self.is_passed.swap(false, Ordering::Relaxed) {
            HAS_IT.set(true);
        }
        has_come(&guard)
    }

    /// Wakes all threads at once, after a change. Telling nobody would be a system call, too.
    pub(crate) fn wake(&self) {
        if self.threads.load(Ordering::Relaxed) > 0 {
            self.changed.notify_all();
        }
    }

    /// Wakes them after a change, now or after the threads that were woken before.
    pub(crate) fn wake_in_turn(self: &Arc<Self>) {
        if self.threads.load(Ordering::Relaxed) > 0 {
            wake_in_turn(Arc::clone(self));
        }
    }

    /// Gives the baton to the one that wakes first; false where none blocks any more.
    fn give_baton(&self) -> bool {
        let is_there = self.threads.load(Ordering::Relaxed) > 0;
        if is_there {
            self.is_passed.store(true, Ordering::Relaxed);
            self.changed.notify_all();
        }
        is_there
    }
}

fn wake_in_turn(sleepers: Arc<Sleepers>) {
    let mut baton = lock();
    let now = Instant::now();
    if baton.paused_until.is_some_and(|until| now < until) {
        drop(baton);
        sleepers.wake();
        return;
    }
    baton.waiting.push_back(sleepers);
    match baton.since {
        None => pass_on(baton),
        Some(since) if now >= since + LIMIT => wake_all(baton),
        Some(_) if baton.is_watched => {}
        Some(_) => {
            if let Ok(shared) = Shared::get() {
                baton.is_watched = true;
                shared.handle().spawn(watch());
            }
        }
    }
}

/// The calling thread is about to block: the next one is woken, if it has the baton.
pub(crate) fn pass() {
    if HAS_IT.take() {
        pass_on(lock());
    }
}

fn lock() -> MutexGuard<'static, Baton> {
    let baton = BATON.get_or_init(Mutex::default);
    baton.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pass_on(mut baton: MutexGuard<'_, Baton>) {
    while let Some(next) = baton.waiting.pop_front() {
        baton.since = Some(Instant::now());
        drop(baton);
        if next.give_baton() {
            return;
        }
        baton = lock();
    }
    baton.since = None;
}

/// Waits no longer for the thread that has the baton.
fn wake_all(mut baton: MutexGuard<'_, Baton>) {
    baton.since = None;
    baton.paused_until = Some(Instant::now() + PAUSE);
    let waiting = std::mem::take(&mut baton.waiting);
    drop(baton);
    for sleepers in waiting {
        sleepers.wake();
    }
}

/// Looks after those who wait, until nobody does.
async fn watch() {
    loop {
        tokio::time::sleep(LIMIT).await;
        let mut baton = lock();
        let is_late = baton.since.is_none_or(|since| since.elapsed() >= LIMIT);
        if baton.waiting.is_empty() || is_late {
            baton.is_watched = false;
            if !baton.waiting.is_empty() {
                wake_all(baton);
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::mpsc::{Receiver, Sender, channel},
        thread,
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    /// What a thread blocks for, and who blocks.
    #[derive(Default)]
    struct Place(Mutex<bool>, Arc<Sleepers>);

    impl Place {
        /// Has a thread tell its name once it was woken, and then work on until `work` ends.
        fn block(
            self: &Arc<Self>,
            name: &'static str,
            told: &Sender<&'static str>,
            work: Receiver<()>,
        ) {
            let (place, told) = (Arc::clone(self), told.clone());
            thread::spawn(move || {
                assert!(place.1.sleep(&place.0, PATIENCE, |has_come| *has_come));
                told.send(name).unwrap();
                work.recv_timeout(PATIENCE)
            });
            while self.1.threads.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
        }

        fn change(&self) {
            *self.0.lock().unwrap() = true;
            self.1.wake_in_turn();
        }
    }

    #[test]
    fn one_who_keeps_it_holds_up_nobody() {
        for _ in 0..20 {
            // After so long it is given to the first again.
            thread::sleep(PAUSE);
            let (told, heard) = channel();
            let places: Vec<_> = ["first", "second", "third"]
                .into_iter()
                .map(|name| {
                    let (end, work) = channel();
                    let place = Arc::<Place>::default();
                    place.block(name, &told, work);
                    (place, end)
                })
                .collect();
            for (place, _) in &places {
                place.change();
            }
            let mut names: Vec<_> = places
                .iter()
                .map(|_| heard.recv_timeout(PATIENCE).unwrap())
                .collect();
            names.sort_unstable();
            assert_eq!(names, ["first", "second", "third"]);
        }
    }

    #[test]
    fn one_who_does_not_block_any_more_is_passed_by() {
        let (told, heard) = channel();
        let (_end, work) = channel();
        let (gone, there) = (Arc::<Place>::default(), Arc::<Place>::default());
        there.block("there", &told, work);
        wake_in_turn(Arc::clone(&gone.1));
        there.change();
        assert_eq!(heard.recv_timeout(PATIENCE), Ok("there"));
        assert!(!gone.1.is_passed.load(Ordering::Relaxed));
    }
}
