//! The token of an identity.

use std::time::Duration;

use napi::Result;
use napi_derive::napi;
use tailrace_client::{CallOptions, Exchanging};
use tailrace_core::credentials::{Rules, Terms};

use crate::{
    client::Client,
    guard::guard,
    hub::Hub,
    options::{self, DEFAULT_LIFETIME},
    pending::Pending,
};

/// The token of an identity, exchanged when a call needs one.
#[napi]
pub struct Credentials(tailrace_client::Credentials);

/// A token that has not expired.
#[napi(object)]
pub struct HeldToken {
    /// What authenticates a request.
    pub token: String,
    /// It is to be replaced, and nobody is at it.
    pub is_due: bool,
}

#[napi]
impl Credentials {
    /// An identity that has no token yet.
    ///
    /// * `url` is the token endpoint; `fields` holds names and values by turns that its requests say beside the subject
    ///   token.
    /// * `ahead_seconds` before it expires, a token is replaced.
    /// * `bearer_only`: only bearer tokens are taken.
    #[napi(constructor)]
    pub fn new(
        url: String,
        subject_token_type: Option<String>,
        fields: Vec<Option<String>>,
        asks_subject: bool,
        ahead_seconds: f64,
        bearer_only: bool,
    ) -> Self {
        let fields = options::pairs(&fields)
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        Credentials(tailrace_client::Credentials::new(Exchanging {
            url,
            terms: Terms {
                subject_token_type,
                fields,
            },
            asks_subject,
            rules: Rules {
                // What is out of range is never reached before half the life of a token.
                ahead: Duration::try_from_secs_f64(ahead_seconds.max(0.0)).unwrap_or(Duration::MAX),
                default_lifetime: Some(DEFAULT_LIFETIME),
                bearer_only,
            },
            falls_back: false,
            shares_failures: true,
        }))
    }

    /// The token that has not expired, if there is one.
    #[napi]
    pub fn token(&self) -> Result<Option<HeldToken>> {
        guard(|| {
            Ok(self.0.token().map(|(token, is_due)| HeldToken {
                token: token.expose().to_owned(),
                is_due,
            }))
        })
    }

    /// Starts a call that settles to a token ([`Pending::token`]) or a failure, and announces itself at `hub` as `id`; on
    /// the way it may want [`Pending::subject`], and with `relayed` (default false) gives a [`Pending::exchange`] for each attempt.
    #[napi]
    pub fn start(
        &self,
        client: &Client,
        hub: &Hub,
        id: u32,
        timeout_ms: f64,
        max_retries: u32,
        relayed: Option<bool>,
    ) -> Result<Pending> {
        guard(|| {
            let limits = options::Limits {
                timeout_ms,
                each_ms: None,
                deadline_ms: None,
            };
            let call = CallOptions {
                follows_redirects: false,
                relayed: relayed.unwrap_or_default(),
                ..options::call(&limits, max_retries, None, 0)
            };
            Ok(Pending::new(
                self.0.start(client.inner(), call),
                hub.seat(id),
            ))
        })
    }

    /// Gives up the token that a server refused, unless another one has come since.
    #[napi]
    pub fn refuse(&self, token: String) -> Result<()> {
        guard(|| {
            self.0.refuse(&token);
            Ok(())
        })
    }

    /// Gives up whatever token there is, also one that is on its way.
    #[napi]
    pub fn discard(&self) -> Result<()> {
        guard(|| {
            self.0.discard();
            Ok(())
        })
    }
}
