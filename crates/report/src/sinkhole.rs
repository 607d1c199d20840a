//! How it is said that a recipient was answered by the tool itself and never contacted.

use pixelwitness_classifier::{Findings, Party, Recipient};
use pixelwitness_recording::Sinkhole;

/// Hosts that are named before "and 3 more".
const MOST_HOSTS: usize = 8;

/// What a sinkhole run is, and what it does not show.
pub(crate) fn statement(sinkhole: &Sinkhole) -> String {
    let mut who = Vec::new();
    if sinkhole.all_third_parties {
        let own = if sinkhole.own_sites.is_empty() { "the journey's own sites".to_owned() } else { named(&sinkhole.own_sites) };
        let except = if sinkhole.except.is_empty() { String::new() } else { format!(" and {}", named(&sinkhole.except)) };
        who.push(format!("every host but those of {own}{except}"));
    }
    if !sinkhole.hosts.is_empty() {
        let except = if sinkhole.except.is_empty() || sinkhole.all_third_parties {
            String::new()
        } else {
            format!(" (not {})", named(&sinkhole.except))
        };
        who.push(format!("{}{except}", named(&sinkhole.hosts)));
    }
    format!(
        "This was a sinkhole run. Recipients that match the following were answered by this machine and never contacted: {}. What is said of \
         them is what was about to be sent to them. They got an empty answer: what a script of theirs would have sent, had it been loaded, is \
         not seen.",
        who.join("; ")
    )
}

fn named(names: &[String]) -> String {
    if names.len() <= MOST_HOSTS + 1 {
        return names.join(", ");
    }
    format!("{} and {} more", names[..MOST_HOSTS].join(", "), names.len() - MOST_HOSTS)
}

/// `received`, as the verb after a recipient's name.
pub(crate) fn received(recipient: &Recipient) -> &'static str {
    if recipient.sinkhole { "was about to receive" } else { "received" }
}

/// `received by`, before the name of a recipient.
pub(crate) fn received_by(recipient: Option<&Recipient>) -> &'static str {
    if recipient.is_some_and(|recipient| recipient.sinkhole) { "about to be received by" } else { "received by" }
}

/// `2 third parties received requests`, as the start of a sentence.
pub(crate) fn third_parties(findings: &Findings) -> String {
    let of = |sinkhole: bool| {
        let third =
            findings.recipients.iter().filter(|recipient| recipient.party == Party::Third && recipient.sinkhole == sinkhole).count();
        (third > 0).then(|| if third == 1 { "1 third party".to_owned() } else { format!("{third} third parties") })
    };
    let were = |text: &str| if text.starts_with("1 ") { "was" } else { "were" };
    match (of(false), of(true)) {
        (contacted, None) => format!("{} received requests", contacted.unwrap_or_else(|| "0 third parties".to_owned())),
        (None, Some(kept)) => format!("{kept} {} about to receive requests", were(&kept)),
        (Some(contacted), Some(kept)) => format!("{contacted} received requests, and {kept} {} about to", were(&kept)),
    }
}

/// The sentence on the IP address, which nobody can be sent a request without.
pub(crate) fn ip_address(findings: &Findings) -> String {
    let address = findings.egress_address.as_ref().map_or_else(|| " (not recorded here)".to_owned(), |address| format!(", {address}"));
    let is_contacted = findings.recipients.iter().any(|recipient| !recipient.sinkhole);
    let is_kept = findings.recipients.iter().any(|recipient| recipient.sinkhole);
    match (is_contacted, is_kept) {
        (_, false) => format!("Every recipient also received the IP address of the connection{address}."),
        (true, true) => format!(
            "Every recipient that was contacted also received the IP address of the connection{address}; the others would have received it."
        ),
        (false, true) => format!("Every recipient would also have received the IP address of the connection{address}."),
    }
}

#[cfg(test)]
mod tests {
    use pixelwitness_classifier::RecipientId;

    use super::*;

    fn findings(recipients: &[(Party, bool)]) -> Findings {
        let recipient = |&(party, sinkhole): &(Party, bool)| Recipient {
            id: RecipientId(String::new()),
            owner: None,
            vendors: Vec::new(),
            hosts: Vec::new(),
            party,
            why: String::new(),
            sinkhole,
            requests: Vec::new(),
        };
        Findings { recipients: recipients.iter().map(recipient).collect(), ..Findings::default() }
    }

    #[test]
    fn nobody_who_was_not_contacted_is_said_to_have_received_something() {
        let (contacted, kept, own) = ((Party::Third, false), (Party::Third, true), (Party::First, false));
        for (recipients, parties, address) in [
            (
                vec![contacted],
                "1 third party received requests",
                "Every recipient also received the IP address of the connection (not recorded here).",
            ),
            (
                vec![kept],
                "1 third party was about to receive requests",
                "Every recipient would also have received the IP address of the connection (not recorded here).",
            ),
            (
                vec![contacted, contacted, kept, kept],
                "2 third parties received requests, and 2 third parties were about to",
                "Every recipient that was contacted also received the IP address of the connection (not recorded here); the others would have received it.",
            ),
            (
                vec![kept, kept, own],
                "2 third parties were about to receive requests",
                "Every recipient that was contacted also received the IP address of the connection (not recorded here); the others would have received it.",
            ),
        ] {
            let findings = findings(&recipients);
            assert_eq!((third_parties(&findings).as_str(), ip_address(&findings).as_str()), (parties, address));
        }
    }

    #[test]
    fn a_sinkhole_run_says_whom_it_spared() {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let all = Sinkhole {
            own_sites: owned(&["clinic.example"]),
            ..Sinkhole::new(&owned(&["all-third-parties"]), &owned(&["cdn.example"])).unwrap()
        };
        assert!(statement(&all).contains("never contacted: every host but those of clinic.example and cdn.example. What"));
        let named = Sinkhole::new(&owned(&["*.facebook.com", "a.example"]), &owned(&["cdn.facebook.com"])).unwrap();
        assert!(statement(&named).contains("never contacted: *.facebook.com, a.example (not cdn.facebook.com). What"));
    }
}
