//! By what a transcript is grouped.

use super::Text;

/// The limits of the rules, in milliseconds, and what counts as an acknowledgment.
#[derive(Debug, Clone)]
pub struct Rules {
    /// An answer begins so long after the user's words.
    pub separation: f64,
    /// The assistant's turn ends after so long a silence.
    pub silence: f64,
    /// An acknowledgment is shorter than this.
    pub backchannel: f64,
    /// Nothing of the assistant is so near to an acknowledgment.
    pub isolation: f64,
    acknowledgments: Vec<String>,
}

/// What is said while the other one speaks, without a wish to.
const ACKNOWLEDGMENTS: &[&str] = &[
    "aha", "alright", "gotcha", "hm", "hmm", "mhm", "mm", "mm hmm", "okay", "ok", "right", "sure",
    "uh huh", "yeah", "yep", "yes",
];

impl Rules {
    /// Limits in the order of the members, and acknowledgments beside the known ones.
    pub fn new(limits: [f64; 4], additional: &[Text]) -> Self {
        let [separation, silence, backchannel, isolation] = limits;
        let mut acknowledgments: Vec<String> = ACKNOWLEDGMENTS
            .iter()
            .map(|&known| known.to_owned())
            .collect();
        acknowledgments.extend(additional.iter().map(Text::normalized));
        acknowledgments.retain(|known| !known.is_empty());
        Rules {
            separation,
            silence,
            backchannel,
            isolation,
            acknowledgments,
        }
    }

    pub(super) fn is_acknowledgment(&self, text: &str) -> bool {
        self.acknowledgments.iter().any(|known| known == text)
    }

    pub(super) fn may_become_acknowledgment(&self, text: &str) -> bool {
        !text.is_empty()
            && self
                .acknowledgments
                .iter()
                .any(|known| known.starts_with(text))
    }
}
