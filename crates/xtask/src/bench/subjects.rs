//! Who is measured: the official package, ours, the floor, and the peers.

use std::path::PathBuf;

use super::row::Language;
use crate::interpreter::Interpreter;
use crate::node;
use crate::python::Venv;
use crate::tools::{
    PEER_AIOHTTP, PEER_LITER, PEER_OXIDE, PEER_PYREQWEST, PEER_UNDICI, PEER_VERCEL,
};

/// Who runs a row.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject {
    /// What ours replaces.
    Official,
    Tailrace,
    /// Sockets and JSON alone.
    Floor,
    Peer(&'static Peer),
}

impl Subject {
    /// Its name for readers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Subject::Official => "official",
            Subject::Tailrace => "tailrace",
            Subject::Floor => "floor",
            Subject::Peer(peer) => peer.name,
        }
    }

    /// Whether both are the same.
    pub(crate) fn is(self, other: Subject) -> bool {
        self.name() == other.name()
    }
}

/// Another client that people use in place of the official one.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    /// Its name for the programs.
    pub(crate) key: &'static str,
    pub(crate) language: Language,
    /// What is installed, with versions.
    pub(crate) packages: &'static [&'static str],
}

/// All of them.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "openai, aiohttp",
        key: "openai+aiohttp",
        language: Language::Python,
        packages: &PEER_AIOHTTP,
    },
    Peer {
        name: "openai, pyreqwest",
        key: "openai+pyreqwest",
        language: Language::Python,
        packages: &PEER_PYREQWEST,
    },
    Peer {
        name: "openai-oxide",
        key: "openai-oxide",
        language: Language::Python,
        packages: &PEER_OXIDE,
    },
    Peer {
        name: "liter-llm",
        key: "liter-llm",
        language: Language::Python,
        packages: &PEER_LITER,
    },
    Peer {
        name: "Vercel ai",
        key: "ai",
        language: Language::Node,
        packages: &PEER_VERCEL,
    },
    Peer {
        name: "undici",
        key: "undici",
        language: Language::Node,
        packages: &PEER_UNDICI,
    },
];

/// A peer, and where it is: its interpreter, or the folder that holds its `node_modules`. Without it, why it is not.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) peer: &'static Peer,
    pub(crate) place: Result<PathBuf, String>,
}

/// Installs every peer. One that cannot be installed is no failure of the benchmark, but it is shown.
pub(crate) fn install(interpreter: &Interpreter) -> Vec<Installed> {
    let install = |peer: &'static Peer| {
        let name = format!("bench-{}", peer.key.replace('+', "-"));
        let place = match peer.language {
            Language::Python => {
                Venv::of_peer(&name, interpreter, peer.packages).map(|venv| venv.python())
            }
            Language::Node => node::peer(&name, peer.packages),
        };
        let place = place.map_err(|failure| {
            let why = failure.to_string();
            println!("               {} cannot be installed: {why}", peer.name);
            format!(
                "cannot be installed: {}",
                why.lines().next().unwrap_or_default()
            )
        });
        Installed { peer, place }
    };
    PEERS.iter().map(install).collect()
}

/// The peers of a quick run, which says that it leaves them out.
pub(crate) fn left_out() -> Vec<Installed> {
    let peers = PEERS.iter().map(|peer| Installed {
        peer,
        place: Err("a quick run leaves the peers out".to_owned()),
    });
    peers.collect()
}
