//! Which proxy stands before a host.

use std::{env, sync::Arc};

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tailrace_core::error::{Code, Error};

/// Stands where the environment names a proxy that cannot be used, so that nothing goes past it unseen.
const UNUSABLE: &str = "http://unusable.invalid";
/// The port of SOCKS where an address names none, by RFC 1928.
const SOCKS_PORT: u16 = 1080;

/// Where a client takes its proxies from.
#[derive(Debug, Clone, Default)]
pub enum Proxies {
    /// It has none.
    #[default]
    None,
    /// `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, as they are when the client first connects.
    Environment,
    /// All requests go by one proxy.
    One(Proxy),
}

/// A proxy with what it wants to be told, and the hosts that are reached without it. Its `Debug` tells no credentials.
#[derive(Debug, Clone)]
pub struct Proxy(Arc<Matcher>);

impl Proxy {
    /// The proxy at this URL: `http`, `https`, `socks5`, `socks5h`, `socks4` or `socks4a`, with user and password in it
    /// where it wants them. `except` is a list as in `NO_PROXY`: names, with all below them, addresses, ranges, or `*`.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidRequest`] when the URL is none of a proxy that can be used.
    pub fn new(url: &str, except: &str) -> Result<Self, Error> {
        if !is_usable(url) {
            return Err(Error::new(
                Code::InvalidRequest,
                "the URL of the proxy cannot be used; give one such as http://user:password@host:port, with http, https, socks5, socks5h, socks4 or socks4a",
            ));
        }
        let except = if is_everything(except) { ALL } else { except };
        Ok(Proxy(Arc::new(
            Matcher::builder().all(url).no(except).build(),
        )))
    }
}

/// What a `*` stands for: every name, and every address.
const ALL: &str = "*, 0.0.0.0/0, ::/0";

/// The choice of a proxy for each host, made once.
#[derive(Debug)]
pub(super) struct Choice(Option<Arc<Matcher>>);

impl Choice {
    pub(super) fn new(proxies: &Proxies) -> Self {
        Choice(match proxies {
            Proxies::None => None,
            Proxies::Environment => environment().map(Arc::new),
            Proxies::One(Proxy(matcher)) => Some(Arc::clone(matcher)),
        })
    }

    /// The proxy for `target`, if there is one.
    pub(super) fn of(&self, target: &Uri) -> Result<Option<Intercept>, String> {
        let found = self.0.as_ref().and_then(|all| all.intercept(target));
        match &found {
            Some(proxy) if proxy.uri().host() == UNUSABLE.split("//").nth(1) => Err(
                "the environment names a proxy that cannot be used; correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY"
                    .to_owned(),
            ),
            _ => Ok(found),
        }
    }
}

/// The address at which a proxy listens.
pub(super) fn address(proxy: &Intercept) -> Uri {
    let uri = proxy.uri().clone();
    let is_socks = uri
        .scheme_str()
        .is_some_and(|scheme| scheme.starts_with("socks"));
    if !is_socks || uri.port().is_some() {
        return uri;
    }
    let host = uri.host().unwrap_or_default();
    let scheme = uri.scheme_str().unwrap_or_default();
    format!("{scheme}://{host}:{SOCKS_PORT}/")
        .parse()
        .unwrap_or(uri)
}

fn environment() -> Option<Matcher> {
    // A CGI program gets the `Proxy` header of whoever asks it as HTTP_PROXY.
    if env::var_os("REQUEST_METHOD").is_some() {
        return None;
    }
    let set = |names: [&str; 2]| {
        let value = names.into_iter().find_map(|name| env::var(name).ok());
        value.unwrap_or_default()
    };
    let proxy = |names: [&str; 2]| match set(names) {
        url if url.is_empty() || is_usable(&url) => url,
        _ => UNUSABLE.to_owned(),
    };
    let except = set(["NO_PROXY", "no_proxy"]);
    let matcher = Matcher::builder()
        .all(proxy(["ALL_PROXY", "all_proxy"]))
        .http(proxy(["HTTP_PROXY", "http_proxy"]))
        .https(proxy(["HTTPS_PROXY", "https_proxy"]))
        .no(except.as_str());
    // The matcher takes a `*` for every name only, and not for addresses.
    (!is_everything(&except)).then(|| matcher.build())
}

fn is_everything(except: &str) -> bool {
    except.split(',').any(|host| host.trim() == "*")
}

fn is_usable(url: &str) -> bool {
    let matcher = Matcher::builder().all(url).build();
    matcher
        .intercept(&Uri::from_static("http://a.invalid/"))
        .is_some_and(|proxy| proxy.uri().host().is_some_and(|host| !host.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, except: &str, target: &str) -> Option<String> {
        let proxies = Proxies::One(Proxy::new(url, except).unwrap());
        let found = Choice::new(&proxies).of(&target.parse().unwrap()).unwrap();
        found.map(|proxy| address(&proxy).to_string())
    }

    #[test]
    fn one_proxy_for_all_but_the_excepted() {
        for (except, target, goes) in [
            ("", "http://a.b/", true),
            ("", "https://a.b/", true),
            ("a.b", "https://a.b/", false),
            ("a.b", "https://c.a.b/", false),
            (".a.b", "https://c.a.b/", false),
            ("a.b", "https://ca.b/", true),
            ("10.0.0.0/8, a.b", "http://10.1.2.3/", false),
            ("10.0.0.0/8", "http://11.1.2.3/", true),
            ("::1", "http://[::1]:80/", false),
            ("*", "http://a.b/", false),
            ("x, *", "http://10.1.2.3/", false),
            ("*", "http://[::1]/", false),
        ] {
            let found = chosen("http://u:p@proxy:3128", except, target);
            assert_eq!(found.is_some(), goes, "{except:?} {target}");
        }
    }

    #[test]
    fn socks_has_a_port_of_its_own() {
        for (url, address) in [
            ("socks5://proxy", "socks5://proxy:1080/"),
            ("socks5h://u:p@proxy:9", "socks5h://proxy:9/"),
            ("http://proxy", "http://proxy/"),
        ] {
            assert_eq!(chosen(url, "", "http://a/").unwrap(), address);
        }
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        for url in [
            "",
            "ftp://u:open-sesame@a",
            "socks6://u:open-sesame@a",
            "http://",
            "a b",
        ] {
            let said = Proxy::new(url, "").unwrap_err().to_string();
            assert!(said.contains("proxy cannot be used"), "{url}");
            assert!(!said.contains("sesame"));
        }
        let kept = Proxy::new("http://u:open-sesame@a:1", "").unwrap();
        assert!(!format!("{kept:?}").contains("sesame"));
    }
}
