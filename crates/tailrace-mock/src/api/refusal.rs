//! Error replies in the shape and with the words of the API.

use serde_json::{Value, json};

use crate::answer::Answer;

/// A request that the API refuses.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
    kind: &'static str,
    param: Option<String>,
    code: Option<&'static str>,
}

impl Refusal {
    fn invalid(status: u16, message: impl Into<String>) -> Refusal {
        Refusal {
            status,
            message: message.into(),
            kind: "invalid_request_error",
            param: None,
            code: None,
        }
    }

    pub(crate) fn missing_key() -> Refusal {
        Refusal::invalid(
            401,
            "You didn't provide an API key: send it as `Authorization: Bearer YOUR_KEY`.",
        )
    }

    pub(crate) fn wrong_key(key: &str) -> Refusal {
        let start: String = key.chars().take(7).collect();
        Refusal {
            code: Some("invalid_api_key"),
            ..Refusal::invalid(401, format!("Incorrect API key provided: {start}****."))
        }
    }

    pub(crate) fn broken_json() -> Refusal {
        Refusal::invalid(400, "We could not parse the JSON body of your request.")
    }

    pub(crate) fn missing_model() -> Refusal {
        Refusal::invalid(400, "you must provide a model parameter")
    }

    pub(crate) fn missing(param: &str) -> Refusal {
        Refusal {
            param: Some(param.to_owned()),
            code: Some("missing_required_parameter"),
            ..Refusal::invalid(400, format!("Missing required parameter: '{param}'."))
        }
    }

    pub(crate) fn wrong_type(param: &str, expected: &str, got: &Value) -> Refusal {
        let got = match got {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Refusal {
            param: Some(param.to_owned()),
            code: Some("invalid_type"),
            ..Refusal::invalid(
                400,
                format!("Invalid type for '{param}': expected {expected}, but got {got} instead."),
            )
        }
    }

    pub(crate) fn unknown_model(model: &str) -> Refusal {
        Refusal {
            code: Some("model_not_found"),
            ..Refusal::invalid(
                404,
                format!("The model `{model}` does not exist or you do not have access to it."),
            )
        }
    }

    pub(crate) fn unknown_path(method: &str, path: &str) -> Refusal {
        Refusal::invalid(404, format!("Invalid URL ({method} {path})"))
    }

    pub(crate) fn method_not_allowed(method: &str, path: &str) -> Refusal {
        Refusal::invalid(405, format!("Not allowed to {method} on {path}."))
    }

    /// The reply, with the request id that a client shows to its user.
    pub(crate) fn answer(&self, id: &str) -> Answer {
        let error = json!({
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        });
        let headers = super::service::headers(id);
        Answer::json(
            self.status,
            &headers,
            json!({ "error": error }).to_string().as_bytes(),
        )
    }
}

/// Bytes that are no request, or a script that is none.
pub(crate) fn malformed_request(status: u16, why: &str) -> Answer {
    Refusal::invalid(status, why).answer("req_mock")
}

/// An address of the mock itself that is not there. Not retried, so that the reason is seen at once.
pub(crate) fn not_found(why: &str) -> Answer {
    Refusal::invalid(404, why).answer("req_mock")
}
