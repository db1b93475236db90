//! What a forked child sees. The child is played by counting the fork, since a test harness cannot be forked; the Python
//! tests fork for real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use serde_json::json;
use support::{client, next, reply, script, server, stream};
use tailrace_client::{Mode, Pop, fork};
use tailrace_core::error::Code;

#[test]
fn a_client_works_on_and_a_stream_says_that_it_cannot() {
    let server = server();
    let base = script(
        &server,
        json!([{"sse": [{"data": "1"}, {"data": "2"}], "interval_ms": 50, "repeat": true}]),
    );
    let client = client();
    let open = stream(&client, &base);
    assert!(matches!(next(&open), Pop::Event(_)));

    let undecided = reply(&client, &base, Mode::Undecided);

    fork::after_fork_in_child();

    let error = undecided.content.unread().unwrap().chunks().unwrap_err();
    assert_eq!(error.code(), Code::Forked);
    match open.pop() {
        Pop::Failed(failure) => assert_eq!(failure.error.code(), Code::Forked),
        other => panic!("{other:?}"),
    }
    let fresh = stream(&client, &base);
    assert!(matches!(next(&fresh), Pop::Event(_)));
    assert_eq!(reply(&client, &base, Mode::Buffered).head.status, 200);
}
