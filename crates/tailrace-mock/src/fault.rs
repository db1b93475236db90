//! What a fault proxy does to a connection, and which connection it does it to.

use std::fmt;

use serde::Deserialize;

/// What happens to one connection. Bytes are those of the replies on it, heads included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Fault {
    /// Nothing.
    None,
    /// It is accepted and reset, before a byte is read.
    Refuse,
    /// Both directions end (FIN) after so many bytes.
    Cut {
        /// Bytes that still arrive.
        after: u64,
    },
    /// It is reset (RST) after so many bytes.
    Reset {
        /// Bytes that were sent before; RST may overtake the last of them.
        after: u64,
    },
    /// Nothing is sent for a while after so many bytes; then it goes on.
    Stall {
        /// Bytes before the pause.
        after: u64,
        /// Milliseconds.
        ms: u64,
    },
    /// Nothing more is sent after so many bytes, and the connection stays open until the client leaves.
    Hang {
        /// Bytes that still arrive.
        after: u64,
    },
    /// The direction to the client ends (FIN) after so many bytes; what the client sends is still taken.
    HalfClose {
        /// Bytes that still arrive.
        after: u64,
    },
    /// So many bytes are sent one at a time.
    Trickle {
        /// Bytes that come alone.
        bytes: u64,
    },
}

/// Which connection gets which fault.
#[derive(Clone, Debug)]
pub enum Plan {
    /// So many of a hundred connections get one, drawn from a seed: the same seed gives the same faults. A connection
    /// that went on after a pause or a trickle is drawn for again.
    Seeded {
        /// Any number.
        seed: u64,
        /// 0 to 100.
        percent: u64,
    },
    /// The connections get these in turn, over and over.
    Listed(Vec<Fault>),
}

/// Why a list of faults was refused. `Display` is one sentence.
#[derive(Debug, Clone)]
pub struct PlanError(String);

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PlanError {}

/// Faults fall within the first replies of a connection: a head has about 200 bytes, a short stream some thousand.
const WITHIN_BYTES: u64 = 40_000;
/// Pauses are shorter and longer than the limits that a test gives its client.
const STALL_MS: (u64, u64) = (20, 1_500);

impl Fault {
    /// The bytes that pass, or come alone, before it; `None` when it never comes.
    pub(crate) fn bytes(self) -> Option<u64> {
        match self {
            Fault::None | Fault::Refuse => None,
            Fault::Cut { after }
            | Fault::Reset { after }
            | Fault::Stall { after, .. }
            | Fault::Hang { after }
            | Fault::HalfClose { after } => Some(after),
            Fault::Trickle { bytes } => Some(bytes),
        }
    }

    /// Its name, as in a list of faults.
    pub fn name(self) -> &'static str {
        match self {
            Fault::None => "none",
            Fault::Refuse => "refuse",
            Fault::Cut { .. } => "cut",
            Fault::Reset { .. } => "reset",
            Fault::Stall { .. } => "stall",
            Fault::Hang { .. } => "hang",
            Fault::HalfClose { .. } => "half_close",
            Fault::Trickle { .. } => "trickle",
        }
    }
}

impl Plan {
    /// Reads a JSON array such as `[{"kind": "cut", "after": 300}, {"kind": "none"}]`.
    ///
    /// # Errors
    /// When the text is no such array, or an empty one.
    pub fn parse(text: &str) -> Result<Plan, PlanError> {
        let faults: Vec<Fault> = serde_json::from_str(text)
            .map_err(|error| PlanError(format!("the list of faults is not valid: {error}")))?;
        match faults.is_empty() {
            true => Err(PlanError(
                "the list of faults is empty; `[{\"kind\": \"none\"}]` lets everything pass"
                    .to_owned(),
            )),
            false => Ok(Plan::Listed(faults)),
        }
    }

    /// The fault of a connection; they are counted from 0, and so are the faults of one that went on after the first.
    pub fn fault(&self, connection: u64, turn: u64) -> Fault {
        match self {
            Plan::Listed(_) if turn > 0 => Fault::None,
            Plan::Listed(faults) => {
                let at = connection % faults.len().max(1) as u64;
                usize::try_from(at)
                    .ok()
                    .and_then(|at| faults.get(at))
                    .copied()
                    .unwrap_or(Fault::None)
            }
            Plan::Seeded { seed, percent } => drawn(*seed, *percent, connection, turn),
        }
    }
}

fn drawn(seed: u64, percent: u64, connection: u64, turn: u64) -> Fault {
    let mut draws = Draws(seed ^ connection.wrapping_mul(0xA24B_AED4_963E_E407) ^ (turn << 48));
    if draws.below(100) >= percent {
        return Fault::None;
    }
    let after = draws.below(WITHIN_BYTES);
    match draws.below(7) {
        0 => Fault::Refuse,
        1 => Fault::Cut { after },
        2 => Fault::Reset { after },
        3 => Fault::Stall {
            after,
            ms: STALL_MS.0 + draws.below(STALL_MS.1 - STALL_MS.0),
        },
        4 => Fault::Hang { after },
        5 => Fault::HalfClose { after },
        _ => Fault::Trickle {
            bytes: after.min(2_000),
        },
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): a good sequence from any seed, in three lines.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_faults_again_and_every_kind() {
        let plan = Plan::Seeded {
            seed: 7,
            percent: 50,
        };
        let faults: Vec<Fault> = (0..1_000).map(|n| plan.fault(n, 0)).collect();
        let again: Vec<Fault> = (0..1_000).map(|n| plan.fault(n, 0)).collect();
        assert_eq!(faults, again);
        let passed = faults.iter().filter(|fault| **fault == Fault::None).count();
        assert!((400..600).contains(&passed), "{passed}");
        for kind in [
            "refuse",
            "cut",
            "reset",
            "stall",
            "hang",
            "half_close",
            "trickle",
        ] {
            assert!(faults.iter().any(|fault| fault.name() == kind), "{kind}");
        }
    }

    #[test]
    fn a_list_is_played_in_turn() {
        let plan = Plan::parse(r#"[{"kind": "none"}, {"kind": "cut", "after": 3}]"#).unwrap();
        let faults: Vec<&str> = (0..3).map(|n| plan.fault(n, 0).name()).collect();
        assert_eq!(faults, ["none", "cut", "none"]);
        assert_eq!(plan.fault(1, 1), Fault::None);
        assert!(Plan::parse("[]").is_err());
        let error = Plan::parse(r#"[{"kind": "cut"}]"#).unwrap_err().to_string();
        assert!(error.contains("after"), "{error}");
    }
}
