use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::definitions::Definitions;
use crate::party::{Sites, registrable_domain};
use crate::{Purpose, RecipientId};

/// Facts about domains, each with a source and a date; see `docs/owners.md`. Only found, not read: a line is taken apart when somebody asks
/// for it.
static FACTS: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../owners.tsv")));

/// What is only recalled, without a source.
static RECALLED: LazyLock<Vec<&str>> = LazyLock::new(|| lines(include_str!("../owners_recalled.tsv")));

/// Sorted by domain.
fn lines(table: &'static str) -> Vec<&'static str> {
    table.lines().filter(|line| !line.starts_with('#')).collect()
}

/// Registers of other people's making that the facts were held against.
const REGISTERS: &[&str] = &["third-party-web 0.30.0", "@ghostery/trackerdb 1.0.945"];

/// Who owns a third party's domain, where no definition knows the domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Owner {
    /// The domain, or the part of it that its owner hands out to others (`cloudfront.net`).
    pub domain: String,
    /// The organisation, as definitions name it too.
    pub owner: String,
    /// Where it sits: two letters of ISO 3166.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What sites use the domain for.
    pub purpose: Purpose,
    /// When this was written down: `2026-11-25`.
    pub date: String,
    /// How we know.
    pub basis: OwnerBasis,
    /// Whose requests went there.
    pub recipient: RecipientId,
}

/// How the owner of a domain is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerBasis {
    /// A vendor definition knows the host.
    Definition {
        /// Its identifier.
        vendor: String,
    },
    /// The owner's own documentation or code names the domain.
    Documented {
        /// Where: an address, or `npm PACKAGE VERSION FILE`.
        source: String,
    },
    /// From memory, and a published register that others made names the same organisation.
    Agreed {
        /// Its name and version.
        register: String,
        /// The organisation that both name: the owner without what stands in brackets after it.
        name: String,
    },
    /// From memory alone. It is shown as such, and the recipient keeps the name of its domain.
    Recalled,
}

/// What the table says of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) domain: &'static str,
    pub(crate) owner: &'static str,
    country: Option<&'static str>,
    purpose: &'static str,
    date: &'static str,
    /// None of what is only recalled.
    source: Option<&'static str>,
}

impl Entry {
    fn read(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        let mut next = || columns.next().filter(|column| !column.is_empty());
        let (domain, owner, country, purpose, date, source) = (next()?, next()?, next()?, next()?, next()?, next());
        let known = |column: &'static str, not: &str| Some(column).filter(|column| *column != not);
        Some(Self { domain, owner, country: known(country, "-"), purpose, date, source })
    }

    pub(crate) fn purpose(&self) -> Option<Purpose> {
        serde_json::from_value(self.purpose.into()).ok()
    }

    pub(crate) fn basis(&self) -> OwnerBasis {
        match self.source {
            None => OwnerBasis::Recalled,
            Some(register) if REGISTERS.contains(&register) => {
                let name = self.owner.split(" (").next().unwrap_or(self.owner);
                OwnerBasis::Agreed { register: register.to_owned(), name: name.to_owned() }
            }
            Some(source) => OwnerBasis::Documented { source: source.to_owned() },
        }
    }

    fn told(&self, recipient: &RecipientId) -> Option<Owner> {
        Some(Owner {
            domain: self.domain.to_owned(),
            owner: self.owner.to_owned(),
            country: self.country.map(str::to_owned),
            purpose: self.purpose()?,
            date: self.date.to_owned(),
            basis: self.basis(),
            recipient: recipient.clone(),
        })
    }
}

/// What the table says of the domain that a host belongs to.
pub(crate) fn entry(host: &str) -> Option<Entry> {
    let mut rest = Some(host);
    while let Some(domain) = rest.filter(|domain| domain.contains('.')) {
        let find = |lines: &[&'static str]| {
            let found = lines.binary_search_by(|line| line.split('\t').next().unwrap_or_default().cmp(domain));
            found.ok().and_then(|at| Entry::read(lines[at]))
        };
        if let Some(entry) = find(&FACTS).or_else(|| find(&RECALLED)) {
            return Some(entry);
        }
        rest = domain.split_once('.').map(|(_, parent)| parent);
    }
    None
}

/// Adds the owner of a recipient's host, where the table knows it and no definition does.
pub(crate) fn tell(host: &str, recipient: &RecipientId, definitions: &Definitions, owners: &mut Vec<Owner>) {
    if !definitions.of_owner(host).is_empty() {
        return;
    }
    let Some(entry) = entry(host) else { return };
    if !owners.iter().any(|known| known.domain == entry.domain && known.recipient == *recipient) {
        owners.extend(entry.told(recipient));
    }
}

/// What the recipient of a request to a host is called.
pub(crate) struct Name {
    /// The owner, if it is known well enough to be named.
    pub(crate) owner: Option<String>,
    /// Its key: hosts with one are one recipient.
    pub(crate) id: String,
}

/// Names a host's recipient by its owner, or by its domain where the owner is unknown or only recalled.
///
/// `Taboola at taboola.com` is no other domain's recipient: a register does not prove that two domains are one organisation's, and
/// what is under a domain that its owner hands out may be anybody's.
pub(crate) fn name(host: &str, definitions: &Definitions) -> Name {
    let domain = registrable_domain(host);
    if let Some(definition) = definitions.of_owner(host).first() {
        return Name { owner: Some(definition.owner.clone()), id: definition.owner.clone() };
    }
    let (owner, is_one_with_its_others) = match entry(host).map(|entry| (entry, entry.basis())) {
        Some((entry, OwnerBasis::Documented { .. })) => (entry.owner.to_owned(), entry.domain == domain),
        Some((_, OwnerBasis::Agreed { name, .. })) => (name, false),
        _ => return Name { owner: None, id: domain },
    };
    let id = if is_one_with_its_others { owner.clone() } else { format!("{owner} at {domain}") };
    Name { owner: Some(owner), id }
}

/// The organisation that a host belongs to, if a definition or its owner's own words say so.
fn organisation<'a>(host: &str, definitions: &'a Definitions) -> Option<&'a str> {
    let defined = definitions.of_owner(host).first().map(|definition| definition.owner.as_str());
    let documented = || entry(host).filter(|entry| matches!(entry.basis(), OwnerBasis::Documented { .. }));
    defined.or_else(|| documented().map(|entry| entry.owner))
}

/// `; facebook.com and whatsapp.com belong to Meta Platforms`, where a third party's host and a site that was visited do.
pub(crate) fn shared_with_a_site(host: &str, sites: &Sites, definitions: &Definitions) -> Option<String> {
    let owner = organisation(host, definitions)?;
    let domain = registrable_domain(host);
    let site = sites.domains.iter().find(|site| **site != domain && organisation(site, definitions) == Some(owner))?;
    Some(format!("; {domain} and {site} belong to {owner}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn entries() -> impl Iterator<Item = Entry> {
        FACTS.iter().chain(RECALLED.iter()).map(|line| Entry::read(line).unwrap_or_else(|| panic!("{line}")))
    }

    #[test]
    fn the_tables_are_sorted_and_name_each_domain_once() {
        let domain = |line: &&'static str| line.split('\t').next().unwrap();
        for table in [&*FACTS, &*RECALLED] {
            let domains: Vec<&str> = table.iter().map(domain).collect();
            assert!(domains.is_sorted_by(|one, next| one < next), "{:?}", domains.windows(2).find(|pair| pair[0] >= pair[1]));
        }
        let facts: BTreeSet<&str> = FACTS.iter().map(domain).collect();
        let twice: Vec<&str> = RECALLED.iter().map(domain).filter(|domain| facts.contains(domain)).collect();
        assert!(twice.is_empty(), "{twice:?}");
        assert!(facts.len() >= 500, "{}", facts.len());
    }

    /// A public suffix of the registry's own (`co.uk`, `nhs.uk`) belongs to nobody who could be a recipient.
    #[test]
    fn every_domain_is_one_that_somebody_registered() {
        for Entry { domain, .. } in entries() {
            let is_private_suffix = psl::suffix(domain.as_bytes())
                .is_some_and(|suffix| suffix.as_bytes() == domain.as_bytes() && suffix.typ() == Some(psl::Type::Private));
            assert!(is_private_suffix || psl::domain_str(domain) == Some(domain), "{domain}");
            assert!(domain.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)), "{domain}");
        }
    }

    #[test]
    fn every_column_says_what_it_should() {
        for (table, columns) in [(&*FACTS, 6), (&*RECALLED, 5)] {
            for line in table {
                assert_eq!(line.split('\t').count(), columns, "{line}");
            }
        }
        for entry in entries() {
            assert!(entry.purpose().is_some(), "{entry:?}");
            assert!(entry.owner.trim() == entry.owner && entry.owner.len() > 1, "{entry:?}");
            assert!(
                entry.country.is_none_or(|country| country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())),
                "{entry:?}"
            );
            let date: Vec<&str> = entry.date.split('-').collect();
            assert!(date.iter().map(|part| part.len()).eq([4, 2, 2]) && date.iter().all(|part| part.parse::<u16>().is_ok()), "{entry:?}");
        }
    }

    fn is_of_a_known_form(source: &str) -> bool {
        let package = |words: &str| {
            let words: Vec<&str> = words.split(' ').collect();
            let is_version = |word: &&str| word.split('.').count() == 3 && word.starts_with(|first: char| first.is_ascii_digit());
            words.len() == 3 && words.get(1).is_some_and(is_version) && words.iter().all(|word| !word.is_empty())
        };
        REGISTERS.contains(&source)
            || source.strip_prefix("https://").is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
            || source.strip_prefix("npm ").is_some_and(package)
    }

    #[test]
    fn every_source_is_of_a_known_form() {
        for entry in entries() {
            assert!(entry.source.is_none_or(is_of_a_known_form), "{entry:?}");
        }
        for source in [
            "hearsay",
            "recalled",
            "http://vendor.example/",
            "https://",
            "npm x",
            "npm x 1.2.3",
            "npm x latest a.js",
            "npm x 1.2.3 a b",
            "third-party-web",
            "@ghostery/trackerdb",
        ] {
            assert!(!is_of_a_known_form(source), "{source}");
        }
    }

    /// How many lines rest on what; `docs/owners.md` gives these numbers.
    #[test]
    fn the_document_counts_right() {
        let (mut documented, mut agreed, mut recalled) = (0, 0, 0);
        for entry in entries() {
            match entry.basis() {
                OwnerBasis::Documented { .. } => documented += 1,
                OwnerBasis::Agreed { .. } => agreed += 1,
                _ => recalled += 1,
            }
        }
        let owners: BTreeSet<&str> = entries().map(|entry| entry.owner).collect();
        let thousands =
            |number: usize| if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) };
        let counted =
            format!("{} domains of {} organisations together", thousands(documented + agreed + recalled), thousands(owners.len()));
        let document = include_str!("../../../docs/owners.md");
        let lines = |number: usize, word: &str| format!("{} lines are **{word}**", thousands(number));
        for said in [counted, lines(documented, "documented"), lines(agreed, "agreed"), lines(recalled, "recalled")] {
            assert!(document.contains(&said), "docs/owners.md should say: {said}");
        }
        assert!(documented + agreed >= 500, "{documented} and {agreed}");
    }

    /// Where a definition knows a domain too, they agree: a reader is not told two names.
    #[test]
    fn the_table_and_the_definitions_name_the_same_owners() {
        let definitions = Definitions::built_in();
        let differ: Vec<String> = entries()
            .filter_map(|entry| {
                let defined = definitions.of_owner(entry.domain);
                let named = defined.first().filter(|definition| definition.owner != entry.owner)?;
                Some(format!("{}: {} / {}", entry.domain, entry.owner, named.owner))
            })
            .collect();
        assert!(differ.is_empty(), "{differ:#?}");
    }

    /// One organisation, one spelling.
    #[test]
    fn owners_are_not_spelt_in_two_ways() {
        let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let names: BTreeSet<&str> = entries().map(|entry| entry.owner).collect();
        let spelt: BTreeSet<String> = names.iter().map(|name| plain(name)).collect();
        assert_eq!(names.len(), spelt.len());
    }

    #[test]
    fn hosts_are_found_under_their_domain_and_no_other() {
        for (host, owner) in [
            ("cdn.cookielaw.org", Some("OneTrust")),
            ("cookielaw.org", Some("OneTrust")),
            ("d1a2b3.cloudfront.net", Some("Amazon")),
            ("notcookielaw.org", None),
            ("cookielaw.org.clinic.example", None),
            ("www.clinic.example", None),
            ("www.trust.nhs.uk", None),
            ("192.0.2.7", None),
            ("localhost", None),
            ("", None),
        ] {
            assert_eq!(entry(host).map(|entry| entry.owner), owner, "{host}");
        }
    }
}
