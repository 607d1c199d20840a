//! What became of each value that was looked for, in words.

use pixelwitness_classifier::{Answer, Doubt, Findings, Manner, Origin, Party, SentTo, Sought};

use crate::absence::{Silence, absence, unless};
use crate::readable;
use crate::words;

/// Values of one answer, for a screen: its label, and what is said of all of them.
pub(crate) struct Fate {
    pub(crate) label: String,
    pub(crate) values: Vec<String>,
    /// What holds of all of them.
    pub(crate) remark: String,
}

/// The answers that no claim speaks of, those first that are the most.
pub(crate) fn fates(findings: &Findings) -> Vec<Fate> {
    let mut fates = Vec::new();
    for answer in [Answer::SentToSiteOnly, Answer::MayHaveBeenSent, Answer::NotObserved, Answer::NeverTyped] {
        // What was clicked is looked for as well; that its words were not sent is of interest to nobody.
        let is_shown = |one: &&Sought| one.answer == answer && (answer != Answer::NotObserved || one.origin != Origin::Clicked);
        let values: Vec<String> = findings.sought.iter().filter(is_shown).map(value).collect();
        if !values.is_empty() {
            fates.push(Fate { label: label(answer, findings), values, remark: remark(answer, findings) });
        }
    }
    fates
}

/// The value, what was asked for where that is another, and the site that was sent it.
fn value(one: &Sought) -> String {
    if let (Answer::NeverTyped, Some(asked)) = (one.answer, &one.asked) {
        return format!("{asked} (the field held {} instead)", one.value);
    }
    let asked = one.asked.as_ref().map(|asked| format!(" (asked for: {asked})")).unwrap_or_default();
    let sites: Vec<&str> = one.sent_to.iter().map(|sent| sent.recipient.0.as_str()).collect();
    let to = if one.answer == Answer::SentToSiteOnly { format!(" (to {})", readable::hosts(&sites.join(", "))) } else { String::new() };
    format!("{}{asked}{to}", one.value)
}

fn label(answer: Answer, findings: &Findings) -> String {
    match answer {
        Answer::SentToThirdParty => "Sent:".to_owned(),
        Answer::SentToSiteOnly => {
            absence(Silence::SiteOnly, findings).map_or_else(|| "Sent to the site:".to_owned(), |said| said.to_string())
        }
        Answer::MayHaveBeenSent => "May have been sent:".to_owned(),
        Answer::NotObserved => absence(Silence::Values, findings).map_or_else(|| "Looked for:".to_owned(), |said| said.to_string()),
        Answer::NeverTyped => never_typed(findings).to_owned(),
    }
}

/// A log that is not whole may lack the very step.
fn never_typed(findings: &Findings) -> &'static str {
    let is_cut = findings.verdict.doubts.iter().any(|doubt| matches!(doubt, Doubt::LogsNotWhole | Doubt::Interrupted));
    if is_cut { "Typed by no step on record:" } else { "Never typed:" }
}

fn remark(answer: Answer, findings: &Findings) -> String {
    match answer {
        Answer::NotObserved if findings.verdict.allows_absence() => {
            format!("within {}, in the forms looked for{}", words::listened(&findings.completeness), unless(findings))
        }
        Answer::NotObserved => format!("this {} does not show what became of it", one(findings)),
        Answer::MayHaveBeenSent => "nobody can say whether the requests left".to_owned(),
        Answer::NeverTyped => "no step put it into a page".to_owned(),
        Answer::SentToThirdParty | Answer::SentToSiteOnly => String::new(),
    }
}

fn one(findings: &Findings) -> &'static str {
    if findings.completeness.captures.is_empty() { "run" } else { "case" }
}

/// What became of one value, as the end of a sentence: `received by Meta Platforms`.
pub(crate) fn fate(one: &Sought, findings: &Findings, received_by: impl Fn(&SentTo) -> String) -> String {
    let mut parts: Vec<String> = one.sent_to.iter().map(|sent| sent_to(sent, &received_by)).collect();
    match one.answer {
        Answer::SentToSiteOnly => parts.insert(0, label(Answer::SentToSiteOnly, findings).trim_end_matches(':').to_lowercase()),
        Answer::SentToThirdParty | Answer::MayHaveBeenSent => {}
        Answer::NotObserved => parts.push(match absence(Silence::Value, findings) {
            Some(said) => said.to_string(),
            None => format!("looked for; {}", remark(Answer::NotObserved, findings)),
        }),
        Answer::NeverTyped => {
            let label = never_typed(findings).trim_end_matches(':').to_lowercase();
            parts.push(match one.steps.as_slice() {
                [] => format!("{label}: no step of the journey has it"),
                _ => format!("{label}: what was to type it failed, was left out or was not reached{}", steps(one)),
            });
        }
    }
    parts.join("; ")
}

fn sent_to(sent: &SentTo, received_by: impl Fn(&SentTo) -> String) -> String {
    let recipient = readable::hosts(&sent.recipient.0);
    let who = if sent.party == Party::First { "the site's own " } else { "" };
    match sent.manner {
        Manner::Whole => format!("{} {who}{recipient}", received_by(sent)),
        Manner::WhileTyping => format!("{} {who}{recipient}, sent while typing", received_by(sent)),
        Manner::Uncertain => format!("may have been sent to {who}{recipient}"),
    }
}

/// ` (step 2)`
fn steps(one: &Sought) -> String {
    let numbers: Vec<String> = one.steps.iter().map(|step| (step + 1).to_string()).collect();
    match numbers.len() {
        0 => String::new(),
        1 => format!(" (step {})", numbers[0]),
        _ => format!(" (steps {})", numbers.join(", ")),
    }
}

/// How a value came to be looked for: `the search term`, `the option chosen in step 3`.
pub(crate) fn origin(one: &Sought) -> String {
    let in_step = steps(one).replace(['(', ')'], "");
    let of_steps = if in_step.is_empty() { String::new() } else { format!(" in{in_step}") };
    match one.origin {
        Origin::Canary => format!("the {}", words::canary_kind(one.kind)),
        Origin::Chosen => format!("the option chosen{of_steps}"),
        Origin::Checked => format!("the box checked{of_steps}"),
        Origin::Clicked => format!("the text clicked{of_steps}"),
    }
}

#[cfg(test)]
mod tests {
    use pixelwitness_recording::CanaryKind;

    use super::*;

    #[test]
    fn a_value_that_a_field_cut_is_told_by_what_was_asked_for() {
        let word = Sought {
            name: "word".to_owned(),
            kind: CanaryKind::Text,
            value: "mela".to_owned(),
            asked: Some("melancholia".to_owned()),
            origin: Origin::Canary,
            steps: vec![3],
            answer: Answer::NeverTyped,
            sent_to: Vec::new(),
        };
        for (one, said) in [
            (word.clone(), "melancholia (the field held mela instead)"),
            (Sought { answer: Answer::NotObserved, ..word.clone() }, "mela (asked for: melancholia)"),
            (Sought { asked: None, ..word }, "mela"),
        ] {
            assert_eq!(value(&one), said);
        }
    }
}
