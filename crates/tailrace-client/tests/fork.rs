//! What a forked child sees. The child is played by counting the fork, since a test harness cannot be forked; the Python
//! tests fork for real.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use std::time::Duration;

use serde_json::json;
use support::{PATIENCE, client, next, options, reply, script, server, stream};
use tailrace_client::{Credentials, Exchanging, Mode, Pop, Timeouts, fork};
use tailrace_core::{
    credentials::{Rules, Terms},
    error::Code,
};

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

    let identity = Credentials::new(Exchanging {
        url: format!(
            "{}/chat/completions",
            script(
                &server,
                json!([{"status": 200, "json": {"access_token": "a", "expires_in": 60}, "repeat": true}]),
            )
        ),
        terms: Terms::default(),
        asks_subject: false,
        rules: Rules {
            ahead: Duration::ZERO,
            default_lifetime: None,
            bearer_only: false,
        },
        falls_back: false,
        shares_failures: false,
    });
    let token = || {
        let pending = identity.start(&client, options(Mode::Buffered, Timeouts::default()));
        assert!(pending.wait(PATIENCE));
        pending.take_token().unwrap().expose().to_owned()
    };
    assert_eq!(token(), "a");
    assert!(identity.fresh().is_some());

    fork::after_fork_in_child();

    // The parent may have held the lock on its token.
    assert!(identity.fresh().is_none());
    assert_eq!(token(), "a");
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
