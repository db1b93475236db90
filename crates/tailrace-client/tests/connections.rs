//! When a connection is used again, and when it is not. The names are those of the contracts that smithy's client has.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod support;

use std::{io::Write, sync::mpsc, time::Duration};

use support::{
    PATIENCE, client, failure, next, options, reply, settle, start, stream,
    wire::{Wire, closes, request, reset, until},
};
use tailrace_client::{Mode, Pop, Timeouts};
use tailrace_core::error::{Code, Error};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const EVENT: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";

fn call(base: &str) -> String {
    let whole = reply(&client(), base, Mode::Buffered).content.whole();
    String::from_utf8(whole.unwrap().to_vec()).unwrap()
}

fn fails(base: &str) -> Error {
    failure(&client(), base, Mode::Buffered, Timeouts::default()).error
}

#[test]
fn a_fully_consumed_response_reuses_its_connection() {
    for bytes in [
        OK,
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let server = Wire::saying(bytes);
        for _ in 0..4 {
            assert_eq!(call(&server.base()), "{}");
        }
        assert_eq!(server.connections(), 1);
    }
}

#[test]
fn a_held_body_takes_a_second_connection() {
    let server = Wire::start(|number, mut socket| {
        request(&mut socket);
        socket
            .write_all(if number == 1 { EVENT } else { OK })
            .unwrap();
        request(&mut socket);
    });
    let open = stream(&client(), &server.base());
    assert!(matches!(next(&open), Pop::Event(_)));
    assert_eq!(call(&server.base()), "{}");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_dropped_unread_body_retires_its_connection_at_once() {
    let (told, heard) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Wire::start(move |number, mut socket| {
        request(&mut socket);
        if number > 1 {
            return socket.write_all(OK).unwrap();
        }
        socket.write_all(EVENT).unwrap();
        let closed = closes(&mut socket, PATIENCE);
        told.lock().unwrap().send(closed).unwrap();
    });
    let open = stream(&client(), &server.base());
    assert!(matches!(next(&open), Pop::Event(_)));
    drop(open);
    assert!(heard.recv().unwrap());
    assert_eq!(call(&server.base()), "{}");
    assert_eq!(server.connections(), 2);
}

#[test]
fn a_stale_idle_connection_is_replaced() {
    let server = Wire::saying_once(OK);
    for expected in 1..=4 {
        assert_eq!(call(&server.base()), "{}");
        // The server has closed it; whether the client has seen that by now differs from turn to turn.
        if expected % 2 == 0 {
            std::thread::sleep(Duration::from_millis(20));
        } else {
            until("closed", || server.connections() == expected);
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    assert_eq!(server.connections(), 4);
}

#[test]
fn a_connection_that_the_server_closed_is_not_kept_open_by_the_client() {
    let (told, heard) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Wire::start(move |_, mut socket| {
        request(&mut socket);
        socket.write_all(OK).unwrap();
        socket.shutdown(std::net::Shutdown::Write).unwrap();
        let closed = closes(&mut socket, PATIENCE);
        told.lock().unwrap().send(closed).unwrap();
    });
    assert_eq!(call(&server.base()), "{}");
    assert!(heard.recv().unwrap());
}

#[test]
fn connection_close_is_not_reused() {
    for bytes in [
        &b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}"[..],
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let server = Wire::saying(bytes);
        for expected in 1..=3 {
            assert_eq!(call(&server.base()), "{}");
            assert_eq!(server.connections(), expected);
        }
    }
}

#[test]
fn a_body_that_ends_with_its_connection_is_whole() {
    let server = Wire::saying_once("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}");
    assert_eq!(call(&server.base()), "{\"a\":1}");
    assert_eq!(call(&server.base()), "{\"a\":1}");
}

#[test]
fn origins_do_not_share() {
    let servers = [Wire::saying(OK), Wire::saying(OK)];
    for _ in 0..2 {
        for server in &servers {
            assert_eq!(call(&server.base()), "{}");
        }
    }
    assert!(servers.iter().all(|server| server.connections() == 1));
}

#[test]
fn a_server_error_does_not_poison() {
    let server = Wire::saying("HTTP/1.1 500 Oops\r\ncontent-length: 2\r\n\r\n{}");
    for _ in 0..3 {
        assert_eq!(fails(&server.base()).code(), Code::Status);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn what_comes_unasked_is_no_answer_to_the_next_request() {
    let poisoned = [OK, b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\npoisoned"].concat();
    let server = Wire::saying(poisoned);
    for expected in 1..=3 {
        assert_eq!(call(&server.base()), "{}");
        assert_eq!(server.connections(), expected);
    }
    // The same, said while the connection lies idle.
    let (taken, wait) = mpsc::channel();
    let wait = std::sync::Mutex::new(wait);
    let (told, heard) = mpsc::channel();
    let told = std::sync::Mutex::new(told);
    let server = Wire::start(move |_, mut socket| {
        request(&mut socket);
        socket.write_all(OK).unwrap();
        wait.lock().unwrap().recv().unwrap();
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\npoisoned");
        told.lock().unwrap().send(()).unwrap();
        request(&mut socket);
    });
    for expected in 1..=2 {
        assert_eq!(call(&server.base()), "{}");
        assert_eq!(server.connections(), expected);
        taken.send(()).unwrap();
        heard.recv().unwrap();
        // It is in the client's socket; that it was seen there is not told to anybody.
        std::thread::sleep(Duration::from_secs(3));
    }
}

#[test]
fn answers_without_a_body_do_not_desync() {
    let bodiless = [
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
    ];
    for bytes in bodiless {
        let server = Wire::saying(bytes);
        for _ in 0..3 {
            assert_eq!(call(&server.base()), "");
        }
        assert_eq!(server.connections(), 1, "{bytes}");
    }
    let server = Wire::saying("HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n");
    for _ in 0..3 {
        assert_eq!(fails(&server.base()).code(), Code::Status);
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_head_request_has_no_body_to_wait_for() {
    let server = Wire::saying("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n");
    for _ in 0..3 {
        let pending = support::with_method("HEAD", &client(), &server.base());
        let whole = settle(&pending).unwrap().content.whole().unwrap();
        assert!(whole.is_empty());
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn interim_answers_are_passed_over() {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n";
    let server = Wire::saying([interim.as_bytes(), OK].concat());
    for _ in 0..3 {
        assert_eq!(call(&server.base()), "{}");
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn concurrent_requests_open_distinct_connections_and_nothing_is_pipelined() {
    let (go, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Wire::start(move |_, mut socket| {
        request(&mut socket);
        wait.lock().unwrap().recv().unwrap();
        // Had another request followed, it would be here.
        socket.set_nonblocking(true).unwrap();
        assert!(socket.peek(&mut [0]).is_err());
        socket.set_nonblocking(false).unwrap();
        socket.write_all(OK).unwrap();
        request(&mut socket);
    });
    let client = client();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let options = options(Mode::Buffered, Timeouts::default());
            start(&client, &server.base(), options)
        })
        .collect();
    until("eight connections", || server.connections() == 8);
    for _ in 0..8 {
        go.send(()).unwrap();
    }
    for call in calls {
        settle(&call).unwrap();
    }
    assert_eq!(server.connections(), 8);
}

#[test]
fn a_connection_that_breaks_says_where() {
    type Play = fn(usize, std::net::TcpStream);
    let request_reset: Play = |_, mut socket| {
        request(&mut socket);
        reset(socket);
    };
    let request_end: Play = |_, mut socket| {
        request(&mut socket);
    };
    let head_end: Play = |_, mut socket| {
        request(&mut socket);
        socket.write_all(b"HTTP/1.1 200 OK\r\nx: ").unwrap();
    };
    let body_end: Play = |_, mut socket| {
        request(&mut socket);
        socket
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}")
            .unwrap();
    };
    let chunk_end: Play = |_, mut socket| {
        request(&mut socket);
        socket.write_all(EVENT).unwrap();
    };
    let body_reset: Play = |_, mut socket| {
        request(&mut socket);
        socket.write_all(EVENT).unwrap();
        // What was written is read before the reset arrives.
        std::thread::sleep(Duration::from_millis(50));
        reset(socket);
    };
    for (play, message, cause) in [
        (request_reset, "before the response", "reset"),
        (request_end, "before the response", "without a response"),
        (
            head_end,
            "before the response",
            "inside the response's head",
        ),
        (body_end, "inside the response", "end of file"),
        (chunk_end, "inside the response", "end of file"),
        (body_reset, "inside the response", "reset"),
    ] {
        let server = Wire::start(play);
        let error = fails(&server.base());
        assert_eq!(error.code(), Code::Interrupted, "{error}");
        assert!(error.message().contains(message), "{error} is no {message}");
        assert!(error.causes()[0].contains(cause), "{error} is no {cause}");
        // One attempt is one request: nothing is sent again behind the caller's back.
        assert_eq!(server.connections(), 1, "{error}");
    }
}

#[test]
fn a_reset_on_accept_is_a_failure_of_the_connection() {
    let server = Wire::start(|_, socket| reset(socket));
    let error = fails(&server.base());
    // Whether the reset arrives before the system says that the connection stands differs from run to run.
    assert!(
        matches!(error.code(), Code::ConnectFailed | Code::Interrupted),
        "{error}"
    );
    let named = |word: &str| error.causes().iter().any(|cause| cause.contains(word));
    assert!(named("reset") || named("pipe"), "{error}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_request_that_was_read_is_not_sent_again_on_a_fresh_connection() {
    let server = Wire::start(|_, mut socket| {
        request(&mut socket);
        socket.write_all(OK).unwrap();
        request(&mut socket);
    });
    assert_eq!(call(&server.base()), "{}");
    assert_eq!(fails(&server.base()).code(), Code::Interrupted);
    assert_eq!(server.connections(), 1);
}

#[test]
fn events_before_a_break_are_handed_over() {
    let server = Wire::saying_once(EVENT);
    let open = stream(&client(), &server.base());
    assert!(matches!(next(&open), Pop::Event(_)));
    assert!(matches!(next(&open), Pop::Failed(_)));
}

#[test]
fn a_host_that_does_not_resolve_fails_to_connect() {
    let error = fails("http://no-such-host.invalid/v1");
    assert_eq!(error.code(), Code::ConnectFailed, "{error}");
    assert!(
        error.causes().iter().any(|cause| cause.contains("dns")),
        "{error}"
    );
}

#[test]
fn an_event_that_comes_byte_by_byte_and_one_that_comes_with_many_others() {
    let server = Wire::start(|_, mut socket| {
        request(&mut socket);
        for byte in EVENT {
            socket.write_all(&[*byte]).unwrap();
        }
        let many = b"9\r\ndata: 2\n\n\r\n".repeat(5000);
        socket.write_all(&many).unwrap();
        socket.write_all(b"0\r\n\r\n").unwrap();
        request(&mut socket);
    });
    let open = stream(&client(), &server.base());
    let mut seen = 0;
    loop {
        match next(&open) {
            Pop::Event(event) => {
                assert_eq!(event.data, if seen == 0 { "1" } else { "2" });
                seen += 1;
            }
            Pop::End => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, 5001);
}
