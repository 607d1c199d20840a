use thiserror::Error;
use url::{Host, Url};

/// By what an address is visited that does not say so itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// As browsers do it first.
    #[default]
    Https,
    /// Where `https` could not be reached.
    Http,
}

/// Why an address cannot be visited.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{address:?} is not a web address: {why}")]
pub struct AddressError {
    /// What was given.
    pub address: String,
    /// What is wrong with it.
    pub why: String,
}

/// The address as it stands where it has a scheme, otherwise with this one.
pub(super) fn whole_address(text: &str, scheme: Scheme) -> Result<String, AddressError> {
    let wrong = |why: String| AddressError { address: text.to_owned(), why };
    let address = text.trim();
    if has_scheme(address) {
        return match Url::parse(address) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                Err(wrong(format!("pages are visited by http and https, not {}", url.scheme())))
            }
            Ok(_) => Ok(address.to_owned()),
            Err(error) => Err(wrong(error.to_string())),
        };
    }
    let scheme = match scheme {
        Scheme::Https => "https",
        Scheme::Http => "http",
    };
    let (host, rest) = address.split_at(address.find(['/', '?', '#']).unwrap_or(address.len()));
    if let Some(why) = looks_like_something_else(host, rest) {
        return Err(wrong(why.to_owned()));
    }
    let whole = format!("{scheme}://{address}");
    let url = Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
    if !is_host_of_a_site(host, &url) {
        return Err(wrong("it has neither a scheme (https://) nor the host name of a site".to_owned()));
    }
    Ok(whole)
}

/// Host name of a site that is given by it or by an address.
#[must_use]
pub fn host_of_site(text: &str) -> Option<String> {
    let address = if text.contains("://") { text.to_owned() } else { format!("https://{text}/") };
    let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.domain().map(str::to_owned)
}

/// Whether it begins with a scheme. `clinic.example:8443` and `localhost:8080` begin with a host.
fn has_scheme(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|one| one.is_ascii_alphanumeric() || "+-".contains(one));
    let port = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_port = !port.is_empty() && port.chars().all(|one| one.is_ascii_digit());
    is_scheme && !is_port
}

/// What words without a scheme rather are: a slip of the pen should be no visit.
fn looks_like_something_else(host: &str, rest: &str) -> Option<&'static str> {
    let is_no_site = rest.is_empty() || !host.trim_matches('.').contains('.');
    if is_no_site && [host, rest].concat().to_ascii_lowercase().ends_with(".toml") {
        Some("it looks like a journey file")
    } else if host.is_empty() {
        Some("it names no host")
    } else if host.contains(char::is_whitespace) {
        Some("it has a space in it")
    } else if host.contains('@') {
        Some("it looks like an e-mail address")
    } else {
        None
    }
}

/// Whether somebody who leaves out the scheme means a site by this: a name with a dot, an address written out, or this machine.
fn is_host_of_a_site(given: &str, url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => given.starts_with(&address.to_string()),
        Some(Host::Ipv6(_)) => true,
        Some(Host::Domain(name)) => name == "localhost" || name.trim_end_matches('.').contains('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_gets_one() {
        for (given, whole) in [
            ("https://www.clinic.example/", "https://www.clinic.example/"),
            ("HTTP://clinic.example", "HTTP://clinic.example"),
            ("http://clinic/", "http://clinic/"),
            ("www.clinic.example", "https://www.clinic.example"),
            (" www.clinic.example/find?q=a:b \n", "https://www.clinic.example/find?q=a:b"),
            ("www.clinic.example:8443/a", "https://www.clinic.example:8443/a"),
            ("localhost", "https://localhost"),
            ("localhost:8080", "https://localhost:8080"),
            ("127.0.0.1:8443/x", "https://127.0.0.1:8443/x"),
            ("[::1]:8443", "https://[::1]:8443"),
            ("bücher.example", "https://bücher.example"),
            ("clinic.example/journey.toml", "https://clinic.example/journey.toml"),
            ("clinic.example?next=https://a.example/", "https://clinic.example?next=https://a.example/"),
        ] {
            assert_eq!(whole_address(given, Scheme::Https).as_deref(), Ok(whole), "{given}");
        }
        assert_eq!(whole_address("clinic.example", Scheme::Http).as_deref(), Ok("http://clinic.example"));
        assert_eq!(whole_address("https://clinic.example", Scheme::Http).as_deref(), Ok("https://clinic.example"));
    }

    #[test]
    fn a_site_is_a_host_name_or_an_address_with_one() {
        for (given, host) in [
            ("Clinic.example", Some("clinic.example")),
            ("https://www.clinic.example:8443/a", Some("www.clinic.example")),
            ("bücher.example", Some("xn--bcher-kva.example")),
            ("a b", None),
            ("", None),
            ("ftp://clinic.example/", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(host_of_site(given).as_deref(), host, "{given}");
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        for (given, why) in [
            ("clinic", "it has neither a scheme (https://) nor the host name of a site"),
            ("clinic:8080", "it has neither a scheme (https://) nor the host name of a site"),
            ("3.5", "it has neither a scheme (https://) nor the host name of a site"),
            ("", "it names no host"),
            ("/find", "it names no host"),
            ("maria@clinic.example", "it looks like an e-mail address"),
            ("search.toml", "it looks like a journey file"),
            ("../journeys/search.toml", "it looks like a journey file"),
            ("/tmp/search.TOML", "it looks like a journey file"),
            ("journeys/search.toml", "it looks like a journey file"),
            ("ftp://clinic.example/", "pages are visited by http and https, not ftp"),
            ("mailto:maria@clinic.example", "pages are visited by http and https, not mailto"),
            ("javascript:alert(1)", "pages are visited by http and https, not javascript"),
            ("file:///etc/passwd", "pages are visited by http and https, not file"),
            ("https://", "empty host"),
            ("www clinic.example", "it has a space in it"),
            ("clinic<.example", "invalid international domain name"),
            ("clinic.example:99999", "invalid port number"),
        ] {
            assert_eq!(whole_address(given, Scheme::Https), Err(AddressError { address: given.to_owned(), why: why.to_owned() }));
        }
    }
}
