//! Any bytes of a server are the same answer in every cut, and the one that a plain reader of RFC 9112 finds, or none.

#[allow(clippy::duplicate_mod, reason = "each target is a crate of its own")]
mod cuts;
mod rfc9112;

use http::Method;
use tailrace_client::fuzzing::answered;

pub(crate) fn check(input: &[u8]) {
    let Some((how, input)) = input.split_first() else {
        return;
    };
    let method = if how & 1 == 0 {
        Method::POST
    } else {
        Method::HEAD
    };
    let (wire, pieces) = cuts::cut(input);
    let whole = answered(&method, &[wire]);
    assert_eq!(whole, answered(&method, &pieces), "cut");
    match whole {
        Err(why) => assert!(!why.is_empty()),
        Ok(None) => {
            assert!(rfc9112::find(wire, b"\r\n\r\n").is_none() || wire.starts_with(b"\r\n"))
        }
        Ok(Some(found)) => rfc9112::check(&method, wire, &found),
    }
}
