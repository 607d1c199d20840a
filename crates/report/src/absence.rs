//! Sentences that say that something was not observed. They are made here and nowhere else, and not where the verdict forbids them.

use std::fmt;

use pixelwitness_classifier::{Doubt, Findings, Party};
use pixelwitness_recording::Environment;

use crate::sinkhole;
use crate::words::{self, count};

/// Words that no text of ours has unless it says that something was not observed, in lower case. Whoever writes such a sentence adds its
/// words here; a test looks for them in everything that is shown of runs that went wrong.
pub const ABSENCE_PHRASES: &[&str] = &[
    "was seen leaving",
    "not seen leaving",
    "was recognised",
    "is recognised",
    "to the site only",
    "no third party",
    "nobody received",
    "no request of a session replay",
    "no vendor's answer",
    "every request to a third party is",
    "no gap is known",
    "both witnesses agree",
];

/// Something that may be said not to have been observed.
#[derive(Clone, Copy)]
pub(crate) enum Silence<'a> {
    /// No third party was told anything recognised.
    ThirdParties(&'a Environment),
    /// Nobody was told anything of these sorts.
    Sorts(&'a str),
    /// The label of values that were looked for and not observed.
    Values,
    /// One of them, as the end of a sentence.
    Value,
    /// The label of values that nobody but the site was sent.
    SiteOnly,
    /// Recipients of requests in which nothing was recognised, as the end of a sentence.
    InRequests(&'a str),
    /// The heading over such recipients.
    Recipients,
    /// Nothing was recognised in what was sent in a step, or while a page was open.
    InPart,
    /// Nobody received anything at all.
    Received,
    /// No session replay.
    Replays,
    /// No setting that an answer declares.
    Declared,
    /// What is declared was not itself observed, as the end of a sentence.
    DeclaredOnly,
    /// The heading over what is declared.
    DeclaredHeading,
    /// Every request is read by a definition.
    Undecoded,
    /// There are no gaps.
    Gaps,
    /// The witnesses do not differ.
    Differences,
    /// One request tells nothing.
    InRequest,
    /// One part of a session replay tells nothing.
    InReplay,
    /// What such a sentence means.
    Meaning,
}

/// A sentence or a part of one that says that something was not observed.
pub(crate) struct Absence(String);

impl fmt::Display for Absence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The sentence, unless the verdict forbids it.
pub(crate) fn absence(silence: Silence, findings: &Findings) -> Option<Absence> {
    findings.verdict.allows_absence().then(|| Absence(sentence(silence, findings)))
}

/// What is shown in the place of a list that is empty.
pub(crate) fn absence_or(silence: Silence, findings: &Findings, instead: &str) -> String {
    absence(silence, findings).map_or_else(|| instead.to_owned(), |absence| absence.0)
}

/// What is said of an empty list where nothing may be said not to have been observed.
pub(crate) const NONE_ON_RECORD: &str = "None is on record.";

fn sentence(silence: Silence, findings: &Findings) -> String {
    let listened = || words::listened(&findings.completeness);
    match silence {
        Silence::ThirdParties(environment) => third_parties(findings, environment),
        Silence::Sorts(sorts) => {
            let one = if findings.completeness.captures.is_empty() { "run" } else { "case" };
            format!(
                "Not seen leaving within {} under these conditions: {sorts}. That it was not seen in one {one} does not show that it is never \
                 sent.",
                listened()
            )
        }
        Silence::Values => "Looked for and not seen leaving:".to_owned(),
        Silence::Value => format!("not seen leaving within {}, in the forms looked for{}", listened(), unless(findings)),
        Silence::SiteOnly => "Sent to the site only:".to_owned(),
        Silence::InRequests(hosts) => format!("requests in which nothing was recognised: {hosts}."),
        Silence::Recipients => "Recipients in whose requests nothing was recognised".to_owned(),
        Silence::InPart => {
            format!("In this {} nothing was recognised in what left.", words::part_of_journey(&findings.completeness))
        }
        Silence::Received => "Nobody received a request of the page.".to_owned(),
        Silence::Replays => "No request of a session replay that is known here was seen.".to_owned(),
        Silence::Declared => "No vendor's answer that can be read here declared a setting in this run.".to_owned(),
        Silence::DeclaredOnly => "declared by its answer, not seen leaving".to_owned(),
        Silence::DeclaredHeading => "Declared, not seen leaving".to_owned(),
        Silence::Undecoded if findings.recipients.iter().any(|recipient| recipient.party == Party::Third) => {
            "Every request to a third party is of a form that some definition reads.".to_owned()
        }
        Silence::Undecoded => "No third party received a request.".to_owned(),
        Silence::Gaps => "No gap is known beyond what no run of this kind can show.".to_owned(),
        Silence::Differences => "Both witnesses agree on every request, or differ in ways that are known and listed.".to_owned(),
        Silence::InRequest => "Nothing in it is recognised as telling about a visitor.".to_owned(),
        Silence::InReplay => "nothing that the visitor did or saw is recognised in it".to_owned(),
        Silence::Meaning => format!(
            "“Not seen leaving” means: not observed within {} under the conditions stated. It does not mean that it is never sent.",
            listened()
        ),
    }
}

fn third_parties(findings: &Findings, environment: &Environment) -> String {
    let conditions = words::conditions(environment, &findings.completeness);
    let within = match findings.completeness.captures.is_empty() {
        true => format!("within {} under these conditions ({conditions})", words::listened(&findings.completeness)),
        false => format!("in what was captured ({conditions})"),
    };
    let unknown = qualifications(findings);
    let but = if unknown.is_empty() { String::new() } else { format!(" Not known: {}.", unknown.join("; ")) };
    if findings.recipients.iter().all(|recipient| recipient.party != Party::Third) {
        // Datagrams are no requests: whom they reached is known, and is listed, and what they held is not.
        let has_datagrams = findings.verdict.doubts.iter().any(|doubt| matches!(doubt, Doubt::Unreadable { .. }));
        let what = if has_datagrams { "No request" } else { "Nothing" };
        return format!("{what} was seen leaving for a third party {within}.{but}");
    }
    let parties = sinkhole::third_parties(findings);
    format!("{parties}. In them no page address, search term or identifier was recognised {within}.{but}")
}

/// The same as the end of a sentence: what may have held it all the same.
pub(crate) fn unless(findings: &Findings) -> String {
    let unknown = qualifications(findings);
    if unknown.is_empty() { String::new() } else { format!("; not known: {}", unknown.join("; ")) }
}

/// How far such a sentence reaches, where something that does not forbid it stands against it.
fn qualifications(findings: &Findings) -> Vec<String> {
    let one = |doubt: &Doubt| match doubt {
        Doubt::BodiesUnavailable { count: 0 } => Some("what bodies held, which were not captured".to_owned()),
        Doubt::BodiesUnavailable { count: number } => Some(format!("what {} held that nobody saw", of(*number, "body", "bodies"))),
        Doubt::Unreadable { .. } => Some("what the traffic held that no witness can show the content of".to_owned()),
        Doubt::NeverSettled { pages } => Some(format!("what {} sent later, which had not fallen silent", of(*pages, "page", "pages"))),
        Doubt::NotSearched { count } => Some(format!("all of {}, not searched to the end", of(*count, "request", "requests"))),
        Doubt::NetworkFailed { host, party: Party::First, count: number, .. } => {
            Some(format!("what would have followed {} to the site's own {host} that failed on this network", count(*number, "request")))
        }
        Doubt::AliasUnknown { .. } => Some("whether names of the site's own lead to somebody else".to_owned()),
        _ => None,
    };
    findings.verdict.doubts.iter().filter_map(one).collect()
}

fn of(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use pixelwitness_classifier::{Outcome, Verdict};

    use super::*;

    /// All of them; a new one that is not here is not tested, so the match tells whoever adds one.
    fn every_silence(environment: &Environment) -> Vec<Silence<'_>> {
        let next = |silence: Silence<'_>| match silence {
            Silence::ThirdParties(_) => Some(Silence::Sorts("a name")),
            Silence::Sorts(_) => Some(Silence::Values),
            Silence::Values => Some(Silence::Value),
            Silence::Value => Some(Silence::SiteOnly),
            Silence::SiteOnly => Some(Silence::InRequests("a.example")),
            Silence::InRequests(_) => Some(Silence::Recipients),
            Silence::Recipients => Some(Silence::InPart),
            Silence::InPart => Some(Silence::Received),
            Silence::Received => Some(Silence::Replays),
            Silence::Replays => Some(Silence::Declared),
            Silence::Declared => Some(Silence::DeclaredOnly),
            Silence::DeclaredOnly => Some(Silence::DeclaredHeading),
            Silence::DeclaredHeading => Some(Silence::Undecoded),
            Silence::Undecoded => Some(Silence::Gaps),
            Silence::Gaps => Some(Silence::Differences),
            Silence::Differences => Some(Silence::InRequest),
            Silence::InRequest => Some(Silence::InReplay),
            Silence::InReplay => Some(Silence::Meaning),
            Silence::Meaning => None,
        };
        std::iter::successors(Some(Silence::ThirdParties(environment)), |silence| next(*silence)).collect()
    }

    #[test]
    fn every_sentence_of_absence_has_words_that_tell_it_and_is_not_said_where_the_verdict_forbids() {
        let environment = Environment::default();
        let all = every_silence(&environment);
        assert_eq!(all.len(), 19);
        let verdict = |outcome, doubts| Verdict { outcome, doubts, ..Verdict::default() };
        let allowed = [verdict(Outcome::NothingObserved, vec![]), verdict(Outcome::Found, vec![Doubt::NeverSettled { pages: 1 }])];
        let forbidden = [
            Verdict::default(),
            verdict(Outcome::Inconclusive, vec![Doubt::Interrupted]),
            verdict(Outcome::Found, vec![Doubt::StoppedAt { step: 1 }]),
        ];
        for silence in all {
            for verdict in &allowed {
                let findings = Findings { verdict: verdict.clone(), ..Findings::default() };
                let said = absence(silence, &findings).unwrap().to_string().to_lowercase();
                assert!(ABSENCE_PHRASES.iter().any(|phrase| said.contains(phrase)), "{said}");
            }
            for verdict in &forbidden {
                assert!(absence(silence, &Findings { verdict: verdict.clone(), ..Findings::default() }).is_none());
            }
        }
    }
}
