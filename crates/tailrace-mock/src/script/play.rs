//! A script that was started: its exchanges in order, its record, its port.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use super::Compiled;
use crate::answer::Answer;
use crate::journal::{Connection, Entry, Journal};
use crate::listen::Port;
use crate::request::Request;

/// A script that answers requests.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) base_url: String,
    pub(crate) journal: Arc<Journal>,
    /// Kept so that the port lives as long as the script.
    _port: Option<Port>,
    exchanges: Vec<Compiled>,
    next: AtomicUsize,
}

impl Run {
    pub(crate) fn new(
        base_url: String,
        journal: Arc<Journal>,
        port: Option<Port>,
        exchanges: Vec<Compiled>,
    ) -> Run {
        Run {
            base_url,
            journal,
            _port: port,
            exchanges,
            next: AtomicUsize::new(0),
        }
    }

    /// Records the request and takes the next exchange.
    pub(crate) fn answer(
        &self,
        request: &Request,
        path: &str,
        connection: &Arc<Connection>,
    ) -> (Answer, Entry) {
        let entry = self.journal.request(request, path, connection);
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let exchange = match self.exchanges.get(turn) {
            Some(exchange) => Some(exchange),
            None => self.exchanges.last().filter(|last| last.repeats()),
        };
        let answer = match exchange {
            Some(exchange) => exchange.answer(&self.base_url, request),
            None => beyond_the_end(self.exchanges.len(), turn + 1),
        };
        (answer, entry)
    }
}

/// The client is told not to retry, so that a wrong script fails at once and with its reason.
fn beyond_the_end(exchanges: usize, request: usize) -> Answer {
    let message = format!("the script has {exchanges} exchanges and this is request {request}");
    let body = json!({ "error": { "message": message, "type": "mock_error", "param": null, "code": "script_ended" } });
    Answer::json(
        500,
        &[("x-should-retry", "false")],
        body.to_string().as_bytes(),
    )
}
