//! What is known of a recipient beside what it was told: its owner, what its names are aliases of, and which lists name it.

use pixelwitness_classifier::{Alias, FilterList, Findings, Listing, Owner, OwnerBasis, Party, Purpose, Recipient, RecipientId};
use pixelwitness_recording::Resolver;

use crate::readable;
use crate::words::{count, place};

/// `bid-stream.test belongs to …`, one sentence for each domain that the table of owners knows.
pub(crate) fn owners(findings: &Findings, recipient: &RecipientId) -> Vec<String> {
    findings.owners.iter().filter(|owner| owner.recipient == *recipient).map(owner).collect()
}

fn owner(owner: &Owner) -> String {
    let country = owner.country.as_ref().map(|country| format!(" ({country})")).unwrap_or_default();
    let whose = match owner.purpose {
        Purpose::Delivery => "is run by",
        _ => "belongs to",
    };
    format!(
        "{} {whose} {}{country}, {}: {}, {}",
        readable::hosts(&owner.domain),
        owner.owner,
        purpose(owner.purpose),
        basis(&owner.basis),
        owner.date
    )
}

/// Who owns a domain in few words: `criteo.com: Criteo (recalled, not confirmed)`.
pub(crate) fn owner_in_short(owner: &Owner) -> String {
    let known = match &owner.basis {
        OwnerBasis::Documented { .. } => DOCUMENTED.to_owned(),
        other => basis(other),
    };
    format!("{}: {} ({known})", readable::hosts(&owner.domain), owner.owner)
}

/// One sentence for each name of the site's own that leads to somebody else, with the place of its lookup.
pub(crate) fn aliases(findings: &Findings, recipient: &RecipientId) -> Vec<String> {
    let of = findings.aliases.iter().filter(|alias| alias.recipient == *recipient);
    of.map(|one| format!("{} ({})", alias(one), place(one.log_line, &findings.completeness))).collect()
}

/// `metrics.clinic.example is an alias of …`
pub(crate) fn alias(alias: &Alias) -> String {
    let chain = alias.aliases.join(", which is one of ");
    let chain = readable::hosts(&chain);
    let whose = match (&alias.owner, alias.purpose, &alias.basis) {
        (Some(owner), Some(of), Some(known)) => {
            let belongs = if of == Purpose::Delivery { "is run by" } else { "belongs to" };
            format!("{} {belongs} {owner}, {}: {}", readable::hosts(&alias.leads_to), purpose(of), basis(known))
        }
        _ => format!("whose {} is, is not known here", readable::hosts(&alias.leads_to)),
    };
    format!("{} is an alias of {chain}; {whose}; {}", readable::hosts(&alias.host), resolver(&alias.by))
}

fn resolver(by: &Resolver) -> String {
    match by {
        Resolver::Browser => "as the browser looked it up".to_owned(),
        Resolver::System => "as the system looked it up for the browser".to_owned(),
        Resolver::Afterwards { servers } if servers.is_empty() => "as it was looked up after the run".to_owned(),
        Resolver::Afterwards { servers } => format!("as {} said after the run", servers.join(" or ")),
        Resolver::Unknown => "who looked it up is not known".to_owned(),
    }
}

const DOCUMENTED: &str = "documented by the owner";

fn basis(basis: &OwnerBasis) -> String {
    match basis {
        OwnerBasis::Definition { vendor } => format!("known by the definition {vendor}"),
        OwnerBasis::Documented { source } => format!("{DOCUMENTED}: {source}"),
        OwnerBasis::Agreed { register, name } => format!("recalled, and {register} names {name} too"),
        OwnerBasis::Recalled => "recalled, not confirmed".to_owned(),
    }
}

fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Advertising => "advertising",
        Purpose::Analytics => "analytics",
        Purpose::SessionReplay => "session replay",
        Purpose::TagManager => "tag management",
        Purpose::Consent => "consent",
        Purpose::Support => "contact with visitors",
        Purpose::Security => "security",
        Purpose::Media => "media, maps and typefaces",
        Purpose::Monitoring => "monitoring of faults",
        Purpose::Testing => "testing and personalising of pages",
        Purpose::Accessibility => "accessibility and translation",
        Purpose::Social => "social networking",
        Purpose::Payment => "payments",
        Purpose::Delivery => "delivery and hosting for others",
    }
}

/// `listed in EasyPrivacy, line 1234: ||example.com^$third-party (2 requests)`, one for each rule.
pub(crate) fn listings(findings: &Findings, recipient: &RecipientId) -> Vec<String> {
    findings.listed.iter().filter(|listing| listing.recipient == *recipient).map(|one| listing(findings, one)).collect()
}

/// One listing in words.
pub(crate) fn listing(findings: &Findings, listing: &Listing) -> String {
    let list = findings.lists.get(listing.list).map_or("a list that is not named", FilterList::name);
    let cited = format!("in {list}, line {}: {}", listing.rule.line, listing.rule.text);
    let requests = count(listing.requests.len(), "request");
    match &listing.exception {
        None => format!("listed {cited} ({requests})"),
        Some(exception) => {
            format!("named {cited}, with an exception in line {}: {} ({requests})", exception.line, exception.text)
        }
    }
}

/// How many third parties each list names: `EasyPrivacy names 5 of 9 third parties`.
pub(crate) fn lists(findings: &Findings) -> Vec<String> {
    let third: Vec<&Recipient> = findings.recipients.iter().filter(|recipient| recipient.party == Party::Third).collect();
    let parties = if third.len() == 1 { "1 third party".to_owned() } else { format!("{} third parties", third.len()) };
    let named = |list: usize| {
        let names = |recipient: &&&Recipient| {
            findings.listed.iter().any(|listing| listing.list == list && listing.is_listed() && listing.recipient == recipient.id)
        };
        third.iter().filter(names).count()
    };
    let told = findings.lists.iter().enumerate().map(|(at, list)| format!("{} names {} of {parties}", list.name(), named(at)));
    told.collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn each_owner_is_told_with_how_it_is_known() {
        let bases = [
            OwnerBasis::Documented { source: "npm helpful-widget 1.2.3 index.js".to_owned() },
            OwnerBasis::Agreed { register: "a-register 4.5.6".to_owned(), name: "Helpful Widgets".to_owned() },
            OwnerBasis::Recalled,
        ];
        let told = bases.map(|basis| {
            let known = Owner {
                domain: "helpful-widget.test".to_owned(),
                owner: "Helpful Widgets (Big Group)".to_owned(),
                country: None,
                purpose: Purpose::Support,
                date: "2026-11-25".to_owned(),
                basis,
                recipient: RecipientId("helpful-widget.test".to_owned()),
            };
            format!("{}\n{}\n", owner(&known), owner_in_short(&known))
        });
        expect![[r#"
            helpful-widget.test belongs to Helpful Widgets (Big Group), contact with visitors: documented by the owner: npm helpful-widget 1.2.3 index.js, 2026-11-25
            helpful-widget.test: Helpful Widgets (Big Group) (documented by the owner)
            helpful-widget.test belongs to Helpful Widgets (Big Group), contact with visitors: recalled, and a-register 4.5.6 names Helpful Widgets too, 2026-11-25
            helpful-widget.test: Helpful Widgets (Big Group) (recalled, and a-register 4.5.6 names Helpful Widgets too)
            helpful-widget.test belongs to Helpful Widgets (Big Group), contact with visitors: recalled, not confirmed, 2026-11-25
            helpful-widget.test: Helpful Widgets (Big Group) (recalled, not confirmed)
        "#]].assert_eq(&told.concat());
    }
}
