//! A text in the body of a failure after which no retry can help.

use serde_json::Value;

/// Where the text stands, and what it is. Names are the host's: this crate knows none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledOut {
    /// Paths of members from the root of a JSON body; one is enough.
    pub places: Vec<Vec<String>>,
    /// The whole text at such a place.
    pub text: String,
}

impl RuledOut {
    /// Whether a body says so. What is no JSON says nothing.
    pub fn is_said_by(&self, body: &[u8]) -> bool {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return false;
        };
        self.places.iter().any(|place| {
            let found = place
                .iter()
                .try_fold(&body, |value, member| value.get(member));
            found.and_then(Value::as_str) == Some(&self.text)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_enough_and_the_whole_text_counts() {
        let rule = RuledOut {
            places: [["a", "b"], ["a", "c"]]
                .map(|place| place.map(str::to_owned).to_vec())
                .to_vec(),
            text: "used up".to_owned(),
        };
        for (body, expected) in [
            (r#"{"a":{"b":"used up"}}"#, true),
            (r#"{"a":{"b":null,"c":"used up"}}"#, true),
            (r#"{"a":{"b":"used up soon"}}"#, false),
            (r#"{"b":"used up"}"#, false),
            (r#"{"a":"used up"}"#, false),
            (r#"["used up"]"#, false),
            ("used up", false),
            ("", false),
        ] {
            assert_eq!(rule.is_said_by(body.as_bytes()), expected, "{body}");
        }
    }
}
