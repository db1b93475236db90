//! Which part of the server answers a request.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::answer::Answer;
use crate::api::{self, Api};
use crate::journal::{Connection, Entry, Journal, lock};
use crate::listen::{self, Port};
use crate::request::Request;
use crate::script::{Compiled, Listen, Run, Script, ScriptError};
use crate::server::Load;

/// Where scripts are created.
const SCRIPTS: &str = "/__mock/scripts";

/// The most scripts that a server plays; past it, the oldest one ends. A test run of a day stays below it, and a server
/// that nobody stops stays bounded.
const MAX_SCRIPTS: usize = 4096;

/// The routing table of a server.
#[derive(Debug)]
pub(crate) struct Routes {
    address: SocketAddr,
    runtime: Handle,
    api: Api,
    journal: Arc<Journal>,
    /// Whether requests to the API are recorded.
    recorded: bool,
    /// By number, so in the order in which they were started.
    scripts: Mutex<BTreeMap<u64, Arc<Run>>>,
    next_token: AtomicU64,
    /// For the ports of scripts, whose connections hold the table.
    this: Weak<Routes>,
}

impl Routes {
    pub(crate) fn new(load: Load, address: SocketAddr, runtime: Handle) -> Arc<Routes> {
        Arc::new_cyclic(|this| Routes {
            address,
            runtime,
            recorded: load.chunks.is_none(),
            api: Api::new(load),
            journal: Journal::new(None),
            scripts: Mutex::default(),
            next_token: AtomicU64::new(1),
            this: Weak::clone(this),
        })
    }

    /// The address of the main port.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends every script.
    pub(crate) fn clear(&self) {
        lock(&self.scripts).clear();
    }

    /// Answers a request; the entry is there when it belongs to a script.
    pub(crate) fn answer(
        &self,
        request: &Request,
        connection: &Arc<Connection>,
    ) -> (Answer, Option<Entry>) {
        if request.path == SCRIPTS && request.method == "POST" {
            return (self.create(request), None);
        }
        let Some((token, rest)) = split_token(&request.path) else {
            // A load would fill the record with copies of one request.
            let recorded = self.recorded && !request.path.starts_with("/__");
            let entry = recorded.then(|| self.journal.request(request, &request.path, connection));
            return match (request.method.as_str(), request.path.as_str()) {
                ("GET", "/__requests") => (ok(&self.journal.requests()), None),
                ("GET", "/__connections") => (ok(&self.journal.connections()), None),
                _ => (self.api.answer(request), entry),
            };
        };
        let Some(run) = self.script(token) else {
            return (
                api::refusal::not_found(
                    "there is no script with this address: it was removed or never was",
                ),
                None,
            );
        };
        match (request.method.as_str(), rest) {
            ("GET", "/__requests") => (ok(&run.journal.requests()), None),
            ("GET", "/__connections") => (ok(&run.journal.connections()), None),
            ("DELETE", "" | "/") => {
                if let Some(number) = number_of(token) {
                    lock(&self.scripts).remove(&number);
                }
                (ok(&json!({ "removed": true })), None)
            }
            _ => {
                let (answer, entry) = run.answer(request, rest, connection);
                (answer, Some(entry))
            }
        }
    }

    /// Starts a script and gives its base URL.
    pub(crate) fn add_script(&self, text: &[u8]) -> Result<String, ScriptError> {
        let script = Script::parse(text)?;
        let exchanges = script
            .exchanges
            .into_iter()
            .map(Compiled::new)
            .collect::<Result<Vec<_>, _>>()?;
        let number = self.next_token.fetch_add(1, Ordering::Relaxed);
        let journal = Journal::new(script.remember);
        let bind = SocketAddr::new(self.address.ip(), 0);
        let taken = match (script.listen, script.own_port) {
            (Listen::Accept, false) => Ok((None, self.address)),
            (Listen::Accept, true) => self
                .own_port(bind, &journal)
                .map(|(port, bound)| (Some(port), bound)),
            (Listen::Refuse, _) => listen::refuse(bind).map(|(port, bound)| (Some(port), bound)),
            (Listen::Silent, _) => {
                listen::silence(&self.runtime, bind).map(|(port, bound)| (Some(port), bound))
            }
        };
        let (port, bound) = taken.map_err(|error| {
            ScriptError::new(format!("no port could be bound for the script: {error}"))
        })?;
        let base_url = format!("http://{bound}/s/{number:x}/v1");
        let run = Run::new(base_url.clone(), journal, port, exchanges);
        let mut scripts = lock(&self.scripts);
        scripts.insert(number, Arc::new(run));
        let oldest = (scripts.len() > MAX_SCRIPTS).then(|| scripts.pop_first());
        drop(scripts);
        // Its port and its connections end outside the lock.
        drop(oldest);
        Ok(base_url)
    }

    /// The record of a script, or of the API.
    pub(crate) fn journal_of(&self, base_url: &str) -> Result<Arc<Journal>, ScriptError> {
        let path = base_url
            .splitn(4, '/')
            .nth(3)
            .map(|path| format!("/{path}"))
            .unwrap_or_default();
        if path.trim_end_matches('/') == "/v1" {
            return Ok(Arc::clone(&self.journal));
        }
        let run = split_token(&path).and_then(|(token, _)| self.script(token));
        run.map(|run| Arc::clone(&run.journal))
            .ok_or_else(|| ScriptError::new(format!("no script has the base URL `{base_url}`")))
    }

    fn script(&self, token: &str) -> Option<Arc<Run>> {
        lock(&self.scripts).get(&number_of(token)?).cloned()
    }

    fn own_port(
        &self,
        bind: SocketAddr,
        journal: &Arc<Journal>,
    ) -> std::io::Result<(Port, SocketAddr)> {
        let routes = self
            .this
            .upgrade()
            .ok_or(std::io::ErrorKind::NotConnected)?;
        let listener = StdListener::bind(bind)?;
        let bound = listener.local_addr()?;
        let port = listen::serve(&self.runtime, listener, routes, Some(Arc::clone(journal)))?;
        Ok((port, bound))
    }

    fn create(&self, request: &Request) -> Answer {
        match self.add_script(&request.body) {
            Ok(base_url) => ok(&json!({ "base_url": base_url })),
            Err(error) => api::refusal::malformed_request(400, &error.to_string()),
        }
    }
}

fn ok(value: &Value) -> Answer {
    Answer::json(200, &[], value.to_string().as_bytes())
}

/// `/s/<token>/rest` as token and `/rest`.
fn split_token(path: &str) -> Option<(&str, &str)> {
    let below = path.strip_prefix("/s/")?;
    Some(below.split_at(below.find('/').unwrap_or(below.len())))
}

/// The number that a token stands for.
fn number_of(token: &str) -> Option<u64> {
    u64::from_str_radix(token, 16).ok()
}
