//! What is still to be sent when the process ends.

use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};

use super::queues::Queues;
use crate::fork::PerProcess;

/// Connections of this process. Some may have ended.
static OPEN: PerProcess<Mutex<Vec<Weak<Queues>>>> = PerProcess::new();

/// Notes a connection.
pub(super) fn enlist(queues: &Arc<Queues>) {
    let mut open = OPEN
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if open.len() == open.capacity() {
        // The list doubles when it is full, so that each connection is looked at a few times in all.
        open.retain(|queues| queues.strong_count() > 0);
    }
    open.push(Arc::downgrade(queues));
}

/// Blocks until every message that any WebSocket of this process took was handed to the system, at most `limit`; true if all
/// were. A host calls this at its end: the background thread, which sends, ends with the process.
pub fn send_rest(limit: Duration) -> bool {
    let until = Instant::now() + limit;
    let open: Vec<_> = {
        let open = OPEN.get_or_init(Mutex::default).lock();
        let open = open.unwrap_or_else(PoisonError::into_inner);
        open.iter().filter_map(Weak::upgrade).collect()
    };
    let left = || until.saturating_duration_since(Instant::now());
    // One that is late has used up the time of the others.
    open.iter().all(|queues| queues.wait_sent(left()))
}
