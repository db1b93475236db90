//! Servers, and what they saw.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tailrace_mock::{Config, Server};

use super::PATIENCE;

pub(crate) fn server() -> Server {
    Server::start(Config::default()).unwrap()
}

/// Loads a script of one exchange and gives it a port of its own.
pub(crate) fn script(server: &Server, exchanges: Value) -> String {
    server
        .script(&json!({"exchanges": exchanges, "own_port": true}).to_string())
        .unwrap()
}

/// Waits until `check` holds for the connections that the server saw.
pub(crate) fn eventually(
    server: &Server,
    base_url: &str,
    mut check: impl FnMut(&[Value]) -> bool,
) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let connections: Value =
            serde_json::from_str(&server.connections(base_url).unwrap()).unwrap();
        let connections = connections.as_array().unwrap().clone();
        if check(&connections) {
            return connections;
        }
        assert!(
            Instant::now() < deadline,
            "never came true: {connections:?}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What the server received, oldest first.
pub(crate) fn requests(server: &Server, base_url: &str) -> Vec<Value> {
    let requests: Value = serde_json::from_str(&server.requests(base_url).unwrap()).unwrap();
    requests.as_array().unwrap().clone()
}

/// A server of one connection that is none of HTTP: `serve` gets its socket.
pub(crate) fn raw_server(
    serve: impl FnOnce(std::net::TcpStream) + Send + 'static,
) -> (String, std::thread::JoinHandle<()>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        serve(socket);
    });
    (base, thread)
}
