//! Threads that block are woken one after the other: each wakes the next when it blocks again.
//!
//! The threads of a Python program take turns anyway, for the interpreter's lock. Woken all at once, each falls asleep a second
//! time, for that lock: 200 sockets with a thread each took three switches of threads for an event, and take one and a half.

use std::{
    cell::Cell,
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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

/// What a thread blocks on.
pub(crate) trait Sleeper: Send + Sync {
    /// Wakes the threads that block here, and gives the baton to one of them if it `is_passed`: it says [`take`] when it wakes.
    /// False where none blocks.
    fn wake(&self, is_passed: bool) -> bool;
}

#[derive(Default)]
struct Baton {
    /// Since when a thread has it.
    since: Option<Instant>,
    /// Nobody is given it before.
    paused_until: Option<Instant>,
    waiting: VecDeque<Arc<dyn Sleeper>>,
    /// A task looks after those who wait.
    is_watched: bool,
}

/// Wakes who blocks on `sleeper`, now or after the threads that were woken before.
pub(crate) fn wake(sleeper: Arc<dyn Sleeper>) {
    let mut baton = lock();
    let now = Instant::now();
    if baton.paused_until.is_some_and(|until| now < until) {
        drop(baton);
        sleeper.wake(false);
        return;
    }
    baton.waiting.push_back(sleeper);
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

/// The calling thread was woken with the baton.
pub(crate) fn take() {
    HAS_IT.set(true);
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
        if next.wake(true) {
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
    for sleeper in waiting {
        sleeper.wake(false);
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
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Tells who was woken.
    struct Told(&'static str, Mutex<Sender<&'static str>>, bool);

    impl Sleeper for Told {
        fn wake(&self, _is_passed: bool) -> bool {
            let told = self.1.lock().unwrap_or_else(PoisonError::into_inner);
            told.send(self.0).is_ok() && self.2
        }
    }

    fn wake_each(names: &[(&'static str, bool)]) -> Receiver<&'static str> {
        let (told, heard) = channel();
        for (name, sleeps) in names {
            wake(Arc::new(Told(name, Mutex::new(told.clone()), *sleeps)));
        }
        heard
    }

    fn hear(heard: &Receiver<&'static str>) -> &'static str {
        heard.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    #[test]
    fn one_who_keeps_it_holds_up_nobody() {
        for _ in 0..20 {
            // So long nobody was given it, and so it is given to the first.
            std::thread::sleep(PAUSE);
            let heard = wake_each(&[("first", true), ("second", true), ("third", true)]);
            assert_eq!(hear(&heard), "first");
            assert_eq!(hear(&heard), "second");
            assert_eq!(hear(&heard), "third");
        }
    }

    #[test]
    fn one_who_does_not_sleep_any_more_is_passed_by() {
        let heard = wake_each(&[("gone", false), ("there", true)]);
        assert_eq!(hear(&heard), "gone");
        assert_eq!(hear(&heard), "there");
        take();
        pass();
        assert!(!HAS_IT.get());
    }
}
