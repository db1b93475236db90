//! Many threads that block, each on a stream or a socket of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::{
    sync::{Condvar, Mutex},
    thread,
    time::Duration,
};

use serde_json::{Value, json};
use support::{
    PATIENCE, client, next, script, server,
    socket::{next_text, open, text},
    stream,
};
use tailrace_client::Pop;

const THREADS: usize = 24;
/// Events at which all threads meet.
const MEETINGS: usize = 5;
/// Events that each thread reads after them.
const MORE: usize = 200;
/// Longer than what one busy thread does to the turns of the others.
const QUIET: Duration = Duration::from_millis(150);

/// Where threads wait for each other.
#[derive(Default)]
struct Meeting {
    here: Mutex<usize>,
    changed: Condvar,
}

impl Meeting {
    /// Blocks until all have come so often. A thread does here what holds no lock of ours, and keeps others from their turn.
    fn wait(&self, times: usize) {
        let mut here = self.here.lock().unwrap();
        *here += 1;
        self.changed.notify_all();
        let waited = self
            .changed
            .wait_timeout_while(here, PATIENCE, |here| *here < times * THREADS);
        let (here, _) = waited.unwrap();
        assert!(*here >= times * THREADS, "{here} of {}", times * THREADS);
    }
}

/// Has each thread read the numbers from 0 on, and wait at each of the first for all others.
fn read_in_threads<R: FnMut() -> String + Send>(readers: Vec<R>) {
    let meeting = Meeting::default();
    thread::scope(|scope| {
        for mut reader in readers {
            let meeting = &meeting;
            scope.spawn(move || {
                for number in 0..MEETINGS + MORE {
                    assert_eq!(reader(), number.to_string());
                    if number < MEETINGS {
                        meeting.wait(number + 1);
                    }
                }
            });
        }
    });
}

#[test]
fn threads_of_streams_need_not_wait_for_each_other() {
    let server = server();
    let mut events: Vec<Value> = (0..MEETINGS + MORE)
        .map(|number| json!({ "data": number.to_string() }))
        .collect();
    events.push(json!({ "data": "[DONE]" }));
    let base = script(
        &server,
        json!([{ "sse": events, "interval_ms": 1, "repeat": true }]),
    );
    let client = client();
    let streams: Vec<_> = (0..THREADS).map(|_| stream(&client, &base)).collect();
    read_in_threads(
        streams
            .iter()
            .map(|stream| {
                || match next(stream) {
                    Pop::Event(event) => String::from_utf8(event.data.to_vec()).unwrap(),
                    other => panic!("{other:?}"),
                }
            })
            .collect(),
    );
}

#[test]
fn threads_of_sockets_need_not_wait_for_each_other() {
    let server = server();
    // Nothing comes while threads meet, which would wake the others: the server says the next number when it is asked to.
    let mut steps = Vec::new();
    for number in 0..MEETINGS {
        steps.extend([
            json!({ "expect": 1 }),
            json!({ "text": number.to_string() }),
        ]);
    }
    for number in MEETINGS..MEETINGS + MORE {
        steps.extend([
            json!({ "text": number.to_string() }),
            json!({ "delay_ms": 1 }),
        ]);
    }
    let base = script(&server, json!([{ "websocket": steps, "repeat": true }]));
    let sockets: Vec<_> = (0..THREADS).map(|_| open(&base)).collect();
    read_in_threads(
        sockets
            .iter()
            .map(|socket| {
                let mut asked = 0;
                move || {
                    if asked < MEETINGS {
                        thread::sleep(QUIET);
                        socket.send(text("next")).unwrap();
                        asked += 1;
                    }
                    next_text(socket)
                }
            })
            .collect(),
    );
}
