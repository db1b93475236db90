//! What connections share while the background thread looks at all sockets once: one wake-up of the host.

use std::{cell::RefCell, sync::Arc};

use crate::notify::Notify;

thread_local! {
    /// Told when the tasks that are ready now have run.
    static TOLD: RefCell<Vec<Arc<dyn Notify>>> = const { RefCell::new(Vec::new()) };
}

/// Tells a host that something came, once all tasks that are ready now have run, so that it finds at once what came to all of
/// them. On the runtime only.
pub(super) fn tell(notify: Arc<dyn Notify>) {
    let is_first = TOLD.with_borrow_mut(|told| {
        told.push(notify);
        told.len() == 1
    });
    if is_first {
        // It stands behind the tasks that were ready before it.
        tokio::spawn(async {
            for notify in TOLD.take() {
                notify.notify();
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn everybody_is_told_after_all_that_were_ready() {
        let (ran, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let tasks: Vec<_> = (0..5)
            .map(|_| {
                let (ran, told) = (Arc::clone(&ran), Arc::clone(&told));
                tokio::spawn(async move {
                    assert_eq!(told.load(Ordering::Relaxed), 0);
                    let counted = Arc::clone(&ran);
                    tell(Arc::new(move || {
                        assert_eq!(counted.load(Ordering::Relaxed), 5);
                        told.fetch_add(1, Ordering::Relaxed);
                    }));
                    ran.fetch_add(1, Ordering::Relaxed);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        tokio::task::yield_now().await;
        assert_eq!(told.load(Ordering::Relaxed), 5);
    }
}
