//! Who asks for a token, who waits for it, and who uses the one that is there.

use std::time::Duration;

use super::{Grant, Rules, Secret};

/// The token of one identity, and whether somebody is fetching the next.
///
/// All times are since one moment that the driver picks.
#[derive(Debug)]
pub struct Tokens {
    rules: Rules,
    held: Option<Held>,
    /// The ticket of the exchange that is under way.
    flight: Option<u64>,
    tickets: u64,
    /// How often the token, whatever it was, was given up; an exchange from before is not kept.
    discards: u64,
}

#[derive(Debug)]
struct Held {
    token: Secret,
    expires: Duration,
    refreshes: Duration,
}

/// What a call that needs a token does.
#[derive(Debug, PartialEq, Eq)]
pub enum Need {
    /// It uses this one.
    Use(Secret),
    /// It exchanges, for itself and for all who wait, and hands the ticket back.
    Exchange(Ticket),
    /// It waits until the exchange that is under way has ended, and asks again.
    Wait,
}

/// The right to exchange. There is one at a time.
#[derive(Debug, PartialEq, Eq)]
pub struct Ticket {
    number: u64,
    discards: u64,
}

impl Tokens {
    /// No token yet.
    pub fn new(rules: Rules) -> Self {
        Tokens {
            rules,
            held: None,
            flight: None,
            tickets: 0,
            discards: 0,
        }
    }

    /// What the answers to exchanges must have.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What a call does that begins now. A token that is due is replaced before it is used.
    pub fn need(&mut self, now: Duration) -> Need {
        match self.fresh(now) {
            Some(token) => Need::Use(token),
            None => self.exchange(),
        }
    }

    /// What a call does that has waited: what there is serves it, even if it is due.
    pub fn need_after_wait(&mut self, now: Duration) -> Need {
        match self.usable(now) {
            Some(token) => Need::Use(token),
            None => self.exchange(),
        }
    }

    fn exchange(&mut self) -> Need {
        if self.flight.is_some() {
            return Need::Wait;
        }
        self.tickets += 1;
        self.flight = Some(self.tickets);
        Need::Exchange(Ticket {
            number: self.tickets,
            discards: self.discards,
        })
    }

    /// The token that has not expired, due or not.
    pub fn usable(&self, now: Duration) -> Option<Secret> {
        let held = self.held.as_ref()?;
        (now < held.expires).then(|| held.token.clone())
    }

    /// The token, unless it is due to be replaced.
    pub fn fresh(&self, now: Duration) -> Option<Secret> {
        let held = self.held.as_ref()?;
        (now < held.refreshes && now < held.expires).then(|| held.token.clone())
    }

    /// True when the token should be replaced and nobody is at it.
    pub fn is_due(&self, now: Duration) -> bool {
        self.flight.is_none() && self.fresh(now).is_none()
    }

    /// Ends the exchange of `ticket` with what it granted at `now`; `None` when it granted nothing.
    pub fn finish(&mut self, ticket: Ticket, grant: Option<Grant>, now: Duration) {
        if self.flight == Some(ticket.number) {
            self.flight = None;
        }
        let Some(Grant { token, lifetime }) = grant else {
            return;
        };
        if ticket.discards != self.discards {
            // Somebody said meanwhile that tokens from before are worth nothing.
            return;
        }
        let ahead = self.rules.ahead.min(lifetime / 2);
        let expires = now.saturating_add(lifetime);
        self.held = Some(Held {
            token,
            expires,
            refreshes: expires.saturating_sub(ahead),
        });
    }

    /// Gives up the token that a server refused; without effect when another one has come since.
    pub fn refuse(&mut self, token: &str) {
        if self
            .held
            .as_ref()
            .is_some_and(|held| held.token.expose() == token)
        {
            self.held = None;
        }
    }

    /// Gives up whatever token there is, also one that is on its way.
    pub fn discard(&mut self) {
        self.held = None;
        self.discards += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(ahead: u64) -> Tokens {
        Tokens::new(Rules {
            ahead: Duration::from_secs(ahead),
            default_lifetime: None,
            bearer_only: false,
        })
    }

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn grant(token: &str, seconds: f64) -> Option<Grant> {
        Some(Grant {
            token: Secret::from(token),
            lifetime: at(seconds),
        })
    }

    #[track_caller]
    fn ticket(tokens: &mut Tokens, now: f64) -> Ticket {
        match tokens.need(at(now)) {
            Need::Exchange(ticket) => ticket,
            other => panic!("expected an exchange, got {other:?}"),
        }
    }

    fn uses(token: &str) -> Need {
        Need::Use(Secret::from(token))
    }

    #[test]
    fn one_exchanges_and_the_others_wait() {
        let mut tokens = tokens(1200);
        assert!(tokens.is_due(at(0.0)));
        let first = ticket(&mut tokens, 0.0);
        assert!(!tokens.is_due(at(0.0)));
        assert_eq!(tokens.need(at(0.0)), Need::Wait);
        assert_eq!(tokens.need_after_wait(at(0.0)), Need::Wait);
        tokens.finish(first, grant("a", 3600.0), at(1.0));
        assert_eq!(tokens.need_after_wait(at(1.0)), uses("a"));
        assert_eq!(tokens.need(at(2400.0)), uses("a"));
    }

    #[test]
    fn a_token_is_replaced_ahead_of_its_end_at_most_half_its_life() {
        for (ahead, lifetime, refreshes) in [
            (1200, 3600.0, 2400.0),
            (1200, 2000.0, 1000.0),
            (1200, 8.0, 4.0),
            (1200, 1.0, 0.5),
            (5, 1000.0, 995.0),
            (0, 1000.0, 1000.0),
        ] {
            let mut tokens = tokens(ahead);
            let first = ticket(&mut tokens, 0.0);
            tokens.finish(first, grant("a", lifetime), at(7.0));
            assert_eq!(tokens.need(at(7.0 + refreshes - 0.01)), uses("a"));
            assert!(!tokens.is_due(at(7.0 + refreshes - 0.01)));
            assert!(tokens.is_due(at(7.0 + refreshes)));
            let second = ticket(&mut tokens, 7.0 + refreshes);
            tokens.finish(second, grant("b", lifetime), at(7.0 + refreshes));
            assert_eq!(tokens.need(at(7.0 + refreshes)), uses("b"));
        }
    }

    #[test]
    fn after_an_exchange_that_granted_nothing_a_token_serves_until_it_expires() {
        let mut tokens = tokens(1200);
        let first = ticket(&mut tokens, 0.0);
        tokens.finish(first, grant("a", 3600.0), at(0.0));
        let second = ticket(&mut tokens, 2500.0);
        assert_eq!(tokens.need(at(2500.0)), Need::Wait);
        assert_eq!(tokens.usable(at(2500.0)), Some(Secret::from("a")));
        tokens.finish(second, None, at(2501.0));
        assert_eq!(tokens.need_after_wait(at(2501.0)), uses("a"));
        // The next call tries anew.
        let third = ticket(&mut tokens, 2502.0);
        tokens.finish(third, None, at(3600.0));
        assert_eq!(tokens.usable(at(3600.0)), None);
        assert!(matches!(
            tokens.need_after_wait(at(3600.0)),
            Need::Exchange(_)
        ));
    }

    #[test]
    fn a_refused_token_is_given_up_once() {
        let mut tokens = tokens(0);
        let first = ticket(&mut tokens, 0.0);
        tokens.finish(first, grant("a", 60.0), at(0.0));
        tokens.refuse("other");
        assert_eq!(tokens.need(at(1.0)), uses("a"));
        tokens.refuse("a");
        let second = ticket(&mut tokens, 1.0);
        tokens.finish(second, grant("b", 60.0), at(1.0));
        // A call that was refused with the old token comes late.
        tokens.refuse("a");
        assert_eq!(tokens.need(at(2.0)), uses("b"));
    }

    #[test]
    fn a_token_on_its_way_is_discarded_too() {
        let mut tokens = tokens(0);
        let first = ticket(&mut tokens, 0.0);
        tokens.discard();
        assert_eq!(tokens.need(at(0.0)), Need::Wait);
        tokens.finish(first, grant("a", 60.0), at(1.0));
        assert!(matches!(tokens.need_after_wait(at(1.0)), Need::Exchange(_)));
    }

    #[test]
    fn debug_shows_no_token() {
        let mut tokens = tokens(0);
        let first = ticket(&mut tokens, 0.0);
        tokens.finish(first, grant("canary", 60.0), at(0.0));
        assert!(!format!("{tokens:?} {:?}", tokens.need(at(1.0))).contains("canary"));
    }
}
