//! A call that its caller takes on, step by step.
//!
//! A call over the caller's own transport has nothing to wait for but the caller, and timers. Each step on the background
//! thread would wake that thread, and then the caller again, six times a call. So whoever brings something takes the step
//! on its own thread, and the background thread takes those that are due to time.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Wake, Waker},
};

use tokio::{runtime::Handle, task::AbortHandle};

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What takes a call to its outcome.
#[derive(Debug)]
pub(crate) enum Work {
    /// A task of the background thread.
    Background(AbortHandle),
    /// The caller, with the background thread for what is due to time.
    Caller(Arc<Driven>),
}

/// The task of one call.
pub(crate) struct Driven {
    state: Mutex<State>,
    handle: Handle,
}

struct State {
    /// `None` while a step is taken, and after the last one.
    task: Option<Task>,
    is_in_step: bool,
    /// Callers that are about to take a step.
    callers: usize,
    /// There is a step to take.
    is_due: bool,
    /// The background thread is about to take it.
    is_sent: bool,
    is_given_up: bool,
}

impl Driven {
    /// Takes the first step.
    pub(crate) fn start(
        handle: &Handle,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Arc<Driven> {
        let driven = Arc::new(Driven {
            state: Mutex::new(State {
                task: Some(Box::pin(task)),
                is_in_step: false,
                callers: 0,
                is_due: false,
                is_sent: false,
                is_given_up: false,
            }),
            handle: handle.clone(),
        });
        driven.step();
        driven
    }

    /// Does what may let the call go on, and then takes it as far as it goes.
    pub(crate) fn after<T>(self: &Arc<Self>, brings: impl FnOnce() -> T) -> T {
        self.lock().callers += 1;
        let brought = brings();
        let mut state = self.lock();
        state.callers = state.callers.saturating_sub(1);
        let is_due = state.is_due;
        drop(state);
        if is_due {
            self.step();
        }
        brought
    }

    /// Ends the call where it stands; what it holds is dropped.
    fn give_up(&self) {
        let mut state = self.lock();
        state.is_given_up = true;
        let task = state.task.take();
        drop(state);
        drop(task);
    }

    fn step(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let mut context = Context::from_waker(&waker);
        loop {
            let mut state = self.lock();
            // Whoever is in a step looks again at its end.
            state.is_due = true;
            let Some(mut task) = state.task.take() else {
                return;
            };
            state.is_due = false;
            state.is_in_step = true;
            drop(state);
            let is_done = {
                // Timers belong to the background thread, wherever they are set.
                let _entered = self.handle.enter();
                task.as_mut().poll(&mut context).is_ready()
            };
            let mut state = self.lock();
            state.is_in_step = false;
            if is_done || state.is_given_up {
                drop(state);
                // What the task holds may wake others when it goes.
                drop(task);
                return;
            }
            state.task = Some(task);
            if !state.is_due {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Driven {
    fn wake(self: Arc<Self>) {
        let mut state = self.lock();
        state.is_due = true;
        let is_looked_at = state.is_in_step || state.callers > 0;
        if is_looked_at || state.task.is_none() || state.is_sent {
            return;
        }
        state.is_sent = true;
        drop(state);
        let driven = Arc::clone(&self);
        // A step ends when there is nothing more to do, which a budget would hide from it.
        self.handle.spawn(tokio::task::unconstrained(async move {
            driven.lock().is_sent = false;
            driven.step();
        }));
    }
}

impl From<AbortHandle> for Work {
    fn from(task: AbortHandle) -> Self {
        Work::Background(task)
    }
}

impl From<Arc<Driven>> for Work {
    fn from(driven: Arc<Driven>) -> Self {
        Work::Caller(driven)
    }
}

impl Work {
    /// Ends the call where it stands.
    pub(crate) fn give_up(self) {
        match self {
            Work::Background(task) => task.abort(),
            Work::Caller(driven) => driven.give_up(),
        }
    }
}

impl fmt::Debug for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Driven")
    }
}
