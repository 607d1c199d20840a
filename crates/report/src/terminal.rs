pub(crate) mod paragraph;

use pixelwitness_classifier::{Declared, Findings, Party, Unread};
use pixelwitness_recording::{Gap, GapKind, Outcome, Recording};

use crate::absence::{Silence, absence, absence_or};
use crate::account::{Account, accounts};
use crate::fates::fates;
use crate::known;
use crate::readable;
use crate::replays;
use crate::sinkhole;
use crate::standing;
use crate::words::{self, Piece, count};
use paragraph::{Ink, Paragraph};

/// How the terminal shows text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether it shows ANSI colours.
    pub colour: bool,
    /// Characters in a line; fewer than 40 are taken for 40.
    pub width: usize,
}

/// Where the run's files are, as they should be named to the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The run's directory.
    pub directory: String,
    /// `report.html`, where it was written.
    pub report: Option<String>,
    /// `findings.json`, where it was written.
    pub findings: Option<String>,
}

/// Values of one sort that are named before "and 3 more".
const MOST_VALUES: usize = 4;

/// Events that are named before "and 3 more".
const MOST_EVENTS: usize = 20;

/// Recipients without a claim of whom it is said that a list names them.
const MOST_LISTED: usize = 8;

/// Characters of one value that are shown before it is shortened.
const MOST_CHARACTERS: usize = 90;

/// Characters of a sentence of ours, which quotes values, that are shown before it is shortened.
const MOST_CHARACTERS_OF_A_SENTENCE: usize = 400;

/// One screen that says who received what.
#[must_use]
pub fn terminal(findings: &Findings, recording: &Recording, files: &Files, style: Style) -> String {
    let accounts = accounts(findings);
    let mut screen = Screen { style, text: String::new() };
    heading(&mut screen, findings, recording);
    received(&mut screen, findings, recording, &accounts);
    uncertain(&mut screen, findings);
    failed(&mut screen, findings);
    recorded(&mut screen, findings);
    not_recognised(&mut screen, findings, &accounts);
    known_beside(&mut screen, findings, &accounts);
    sought(&mut screen, findings);
    declared(&mut screen, findings);
    shortcomings(&mut screen, findings, recording);
    where_files_are(&mut screen, files);
    screen.text
}

/// Collects paragraphs.
struct Screen {
    style: Style,
    text: String,
}

impl Screen {
    fn write(&mut self, paragraph: &Paragraph) {
        paragraph.write(&mut self.text, self.style);
    }

    fn say(&mut self, text: &str) {
        self.write(&Paragraph::new(0, 2).add(Ink::Plain, text));
    }

    fn note(&mut self, ink: Ink, label: &str, text: &str) {
        self.write(&Paragraph::new(0, 2).add(ink, label).add(Ink::Plain, " ").add(Ink::Plain, text));
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }
}

fn heading(screen: &mut Screen, findings: &Findings, recording: &Recording) {
    for headline in standing::headlines(findings, recording) {
        screen.note(Ink::Warning, &headline.label, &shortened_to(&headline.text, MOST_CHARACTERS_OF_A_SENTENCE));
    }
    screen.write(&Paragraph::new(0, 2).add(Ink::Strong, "What left the browser: ").add(Ink::Strong, &shortened(&findings.journey)));
    let pages = words::pages(findings, recording.steps.len());
    let conditions = words::conditions(&recording.environment, &findings.completeness);
    screen.write(&Paragraph::new(0, 2).add(Ink::Faint, &format!("{pages}; {conditions}")));
    if let Some(unknown) = words::no_site(findings) {
        screen.write(&Paragraph::new(0, 2).add(Ink::Warning, unknown));
    }
    screen.blank();
    if let Some(sinkhole) = &findings.sinkhole {
        screen.write(&Paragraph::new(0, 2).add(Ink::Warning, &sinkhole::statement(sinkhole)));
        screen.blank();
    }
}

fn received(screen: &mut Screen, findings: &Findings, recording: &Recording, accounts: &[Account]) {
    for account in accounts.iter().filter(|account| !account.told.is_empty()) {
        recipient(screen, findings, account);
        screen.blank();
    }
    let third_party_told = accounts.iter().any(|account| account.recipient.party == Party::Third && !account.told.is_empty());
    if let Some(inconclusive) = standing::inconclusive(findings) {
        screen.write(&Paragraph::new(0, 2).add(Ink::Warning, &inconclusive));
    }
    if let Some(nothing) = absence(Silence::ThirdParties(&recording.environment), findings).filter(|_| !third_party_told) {
        screen.say(&nothing.to_string());
    }
    if !findings.recipients.is_empty() {
        screen.say(&sinkhole::ip_address(findings));
    }
}

fn recipient(screen: &mut Screen, findings: &Findings, account: &Account) {
    let recipient = account.recipient;
    let mut title = Paragraph::new(0, 2).add(Ink::Name, &readable::hosts(&recipient.id.0));
    if recipient.party == Party::First {
        title = title.add(Ink::Plain, " (first party)");
    }
    title = title.add(Ink::Plain, " ").add(Ink::Plain, sinkhole::received(recipient));
    if !recipient.vendors.is_empty() {
        title = title.add(Ink::Plain, " through ").add(Ink::Plain, &recipient.vendors.join(", "));
    }
    let hosts = format!(" ({})", readable::hosts(&first_few(&recipient.hosts, MOST_VALUES)));
    screen.write(&title.add(Ink::Faint, &hosts).add(Ink::Plain, ":"));
    for pieces in account.told.iter().map(|told| words::sentence(told, MOST_VALUES)) {
        screen.write(&pieces.iter().fold(Paragraph::new(2, 6), |paragraph, piece| add(paragraph, piece)));
    }
    let mut events = words::events(account, MOST_EVENTS);
    if account.copies > 0 {
        events.push_str(&format!(
            "; {} not counted",
            if account.copies == 1 { "1 copy".to_owned() } else { format!("{} copies", account.copies) }
        ));
    }
    if !account.events.is_empty() {
        screen.write(&Paragraph::new(2, 6).add(Ink::Faint, &format!("in the events {events}")));
    }
    for (vendor, form) in account.forms.iter().take(MOST_VALUES) {
        let text = shortened_to(&format!("{vendor} {}", words::form(form)), MOST_CHARACTERS_OF_A_SENTENCE);
        screen.write(&Paragraph::new(2, 6).add(Ink::Faint, &text));
    }
    let id = &recipient.id;
    for known in [known::owners(findings, id), known::listings(findings, id)] {
        for one in known.iter().take(MOST_VALUES) {
            screen.write(&Paragraph::new(2, 6).add(Ink::Faint, &shortened_to(one, MOST_CHARACTERS_OF_A_SENTENCE)));
        }
    }
}

fn add(paragraph: Paragraph, piece: &Piece) -> Paragraph {
    match piece {
        Piece::Words(words) => paragraph.add(Ink::Plain, words),
        Piece::Quoted(value) => paragraph.add(Ink::Value, &format!("“{}”", shortened(value))),
        Piece::Address(value) => paragraph.add(Ink::Value, &shortened(&readable::address(value))),
        Piece::Exact(value) => paragraph.add(Ink::Value, &shortened(value)),
        // Nobody reads a hash: its beginning is enough to find it in the report.
        Piece::Digest(value) => paragraph.add(Ink::Value, &format!("{}…", value.chars().take(12).collect::<String>())),
    }
}

/// What stands in requests of which nobody can say whether they left.
fn uncertain(screen: &mut Screen, findings: &Findings) {
    let all = standing::uncertain(findings, MOST_VALUES);
    for one in all.iter().take(MOST_LISTED) {
        let hosts = format!(" ({})", readable::hosts(&first_few(&one.recipient.hosts, MOST_VALUES)));
        let why = one.requests.first().map(|request| request.why.as_str()).unwrap_or_default();
        let text = format!(" may have been sent {}; nobody can say: {why}", count(one.requests.len(), "request"));
        let told = if one.told.is_empty() { "." } else { ":" };
        let title = Paragraph::new(0, 2).add(Ink::Name, &readable::hosts(&one.recipient.id.0)).add(Ink::Faint, &hosts);
        screen.write(&title.add(Ink::Plain, &shortened_to(&text, MOST_CHARACTERS_OF_A_SENTENCE)).add(Ink::Plain, told));
        for sentence in &one.told {
            screen.write(&sentence.iter().fold(Paragraph::new(2, 6), |paragraph, piece| add(paragraph, &piece.piece())));
        }
    }
    if all.len() > MOST_LISTED {
        screen.note(Ink::Faint, "May have been sent:", &format!("{} more recipients; the report has them all.", all.len() - MOST_LISTED));
    }
}

/// Requests that failed on this network, those to third parties first.
fn failed(screen: &mut Screen, findings: &Findings) {
    for failed in findings.failed.iter().take(MOST_VALUES) {
        let ink = if failed.party == Party::Third { Ink::Warning } else { Ink::Faint };
        screen.note(ink, "Failed:", &shortened_to(&standing::failed(failed, findings), MOST_CHARACTERS_OF_A_SENTENCE));
    }
    if findings.failed.len() > MOST_VALUES {
        screen.note(Ink::Warning, "Failed:", &format!("{} more hosts; the report lists them all.", findings.failed.len() - MOST_VALUES));
    }
}

/// What session replays recorded of the visit.
fn recorded(screen: &mut Screen, findings: &Findings) {
    for account in replays::accounts(findings) {
        let title = format!(" received a recording of the visit through {} ({}):", account.product, replays::size(&account));
        screen.write(&Paragraph::new(0, 2).add(Ink::Name, &readable::hosts(&account.recipient.0)).add(Ink::Plain, &title));
        for part in replays::parts(&account) {
            screen.write(&part.iter().fold(Paragraph::new(2, 6), |paragraph, piece| add(paragraph, piece)));
        }
    }
}

/// Third parties that received requests in which nothing was recognised, those that nobody here can read apart.
fn not_recognised(screen: &mut Screen, findings: &Findings, accounts: &[Account]) {
    let mut unread: Vec<String> = Vec::new();
    for host in findings.unread.iter().map(|one| host(&one)) {
        if !unread.contains(&host) {
            unread.push(host);
        }
    }
    let silent = accounts.iter().filter(|account| account.told.is_empty() && account.recipient.party == Party::Third);
    for (is_sinkhole, verb) in [(false, "received"), (true, "about to receive")] {
        let read = silent.clone().filter(|account| account.recipient.sinkhole == is_sinkhole);
        let hosts: Vec<String> =
            read.flat_map(|account| account.recipient.hosts.iter()).filter(|host| !unread.contains(host)).cloned().collect();
        if !hosts.is_empty() {
            let hosts = readable::hosts(&first_few(&hosts, 8)).into_owned();
            let what = absence_or(Silence::InRequests(&hosts), findings, &format!("requests: {hosts}."));
            screen.note(Ink::Faint, "Also", &format!("{verb} {what}"));
        }
    }
    if !findings.unread.is_empty() {
        let requests = count(findings.unread.len(), "request");
        let text = format!("{requests} to third parties that no definition reads: {}.", readable::hosts(&first_few(&unread, 8)));
        screen.note(Ink::Warning, "Unread:", &text);
    }
}

/// The host of a request that no definition reads, by its method and address.
fn host(unread: &Unread) -> String {
    let address = unread.endpoint.split_once("://").map_or(unread.endpoint.as_str(), |(_, rest)| rest);
    address.split(['/', '?', '#']).next().unwrap_or(address).to_owned()
}

/// Names that lead elsewhere, and what is known of recipients that the screen has not spoken of yet.
fn known_beside(screen: &mut Screen, findings: &Findings, accounts: &[Account]) {
    for alias in findings.aliases.iter().take(MOST_VALUES) {
        screen.note(Ink::Warning, "Alias:", &format!("{}.", shortened_to(&known::alias(alias), MOST_CHARACTERS_OF_A_SENTENCE)));
    }
    if findings.aliases.len() > MOST_VALUES {
        screen.note(Ink::Warning, "Alias:", &format!("{} more; the report lists them all.", findings.aliases.len() - MOST_VALUES));
    }
    let silent = || accounts.iter().filter(|account| account.told.is_empty()).map(|account| &account.recipient.id);
    let owners: Vec<String> =
        silent().flat_map(|id| findings.owners.iter().filter(move |owner| owner.recipient == *id)).map(known::owner_in_short).collect();
    if !owners.is_empty() {
        screen.note(Ink::Faint, "Owners:", &format!("{}.", first_few(&owners, 8)));
    }
    let listed: Vec<_> = silent().filter_map(|id| Some((id, known::listings(findings, id).into_iter().next()?))).collect();
    for (id, listing) in listed.iter().take(MOST_LISTED) {
        screen.note(Ink::Faint, &readable::hosts(&id.0), &format!("is {}", shortened_to(listing, MOST_CHARACTERS_OF_A_SENTENCE)));
    }
    if listed.len() > MOST_LISTED {
        screen.note(Ink::Faint, "Listed:", &format!("{} more; the report has them all.", listed.len() - MOST_LISTED));
    }
    for list in known::lists(findings) {
        screen.note(Ink::Faint, "List:", &format!("{list}."));
    }
}

/// What was looked for and is no claim above.
fn sought(screen: &mut Screen, findings: &Findings) {
    for fate in fates(findings) {
        let values: Vec<String> = fate.values.iter().map(|value| shortened(value)).collect();
        let remark = if fate.remark.is_empty() { String::new() } else { format!(" ({})", fate.remark) };
        screen.note(Ink::Faint, &fate.label, &format!("{}{remark}.", first_few(&values, 8)));
    }
}

fn declared(screen: &mut Screen, findings: &Findings) {
    let mut groups: Vec<(&str, Option<&str>, Vec<&Declared>)> = Vec::new();
    for declared in &findings.declared {
        let key = (declared.vendor.as_str(), declared.account.as_deref());
        match groups.iter_mut().find(|(vendor, account, _)| (*vendor, *account) == key) {
            Some((_, _, settings)) => settings.push(declared),
            None => groups.push((key.0, key.1, vec![declared])),
        }
    }
    for (vendor, account, settings) in groups {
        let mut said: Vec<String> = Vec::new();
        for setting in settings.iter().map(|declared| format!("{} {}", declared.setting, shortened(&declared.value))) {
            if !said.contains(&setting) {
                said.push(setting);
            }
        }
        let product = words::product(findings, vendor);
        let whose = account.map_or(product.to_owned(), |account| format!("{product} {account}"));
        let how = absence_or(Silence::DeclaredOnly, findings, "declared by its answer");
        let text = format!("{whose} is set to {} ({how}).", first_few(&said, 8));
        screen.note(Ink::Faint, "Declared:", &text);
    }
}

/// Failed steps, gaps, and what completeness can be claimed.
fn shortcomings(screen: &mut Screen, findings: &Findings, recording: &Recording) {
    // Of a journey of ours that is what is said first.
    for step in recording.steps.iter().filter(|_| !findings.completeness.captures.is_empty()) {
        if let Outcome::Failed { why } = &step.outcome {
            screen.note(
                Ink::Warning,
                &format!("Step {} failed:", step.step + 1),
                &format!("{}: {}", shortened(&step.what), shortened_to(why, MOST_CHARACTERS_OF_A_SENTENCE)),
            );
        }
    }
    // Hosts whose requests failed were named above.
    let named = |gap: &&Gap| gap.kind == GapKind::NetworkFailed && !findings.failed.is_empty();
    let gaps: Vec<&Gap> = findings.gaps.iter().filter(|gap| !named(gap)).collect();
    for gap in gaps.iter().take(MOST_VALUES) {
        screen.note(Ink::Warning, "Not seen:", &shortened_to(&gap.why, MOST_CHARACTERS_OF_A_SENTENCE));
    }
    if gaps.len() > MOST_VALUES {
        screen.note(Ink::Warning, "Not seen:", &format!("{} more; the report lists them all.", gaps.len() - MOST_VALUES));
    }
    screen.note(Ink::Faint, "Completeness:", &words::completeness(&findings.completeness));
    if let Some(why) = words::no_claim_of_completeness(findings) {
        screen.write(&Paragraph::new(0, 2).add(Ink::Warning, &why));
    }
}

fn where_files_are(screen: &mut Screen, files: &Files) {
    screen.blank();
    let named = [("Report:  ", files.report.as_ref()), ("Findings:", files.findings.as_ref()), ("All files:", Some(&files.directory))];
    for (label, path) in named.iter().filter_map(|(label, path)| path.map(|path| (label, path))) {
        screen.note(Ink::Faint, label, path);
    }
}

fn first_few(items: &[String], most: usize) -> String {
    let shown = if items.len() <= most + 1 { items.len() } else { most };
    words::and_more(items[..shown].join(", "), items.len() - shown)
}

/// Long values keep their two ends: an address says most at its host and in its query.
fn shortened(value: &str) -> String {
    shortened_to(value, MOST_CHARACTERS)
}

pub(crate) fn shortened_to(value: &str, most: usize) -> String {
    let length = value.chars().count();
    if length <= most {
        return value.to_owned();
    }
    let head: String = value.chars().take(most * 2 / 3).collect();
    let tail: String = value.chars().skip(length - most / 3).collect();
    format!("{head}…{tail}")
}
