//! `docs/vendors.md`, from the definitions and from how well their fixtures are read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use toml::{Table, Value};

use crate::lab::root;
use crate::say;

const DEFINITIONS: &str = "crates/classifier/vendors";
/// A test of the classifier writes it.
const ACCURACY: &str = "crates/classifier/tests/classify/accuracy.tsv";
const TRUTH: &str = "crates/classifier/truth";
const DOCUMENT: &str = "docs/vendors.md";

const OPENING: &str = "# Vendors

Whose requests are read, and how well. `cargo xtask vendors` writes this file from the [definitions](../crates/classifier/vendors) and from the
count of what their fixtures are read as; a test holds it against both.

*Known* is how well the format is: `seen` in real requests, `documented` in public documentation or source code, or `recalled` from memory; of single
parameters, how many are less well known than the rest. The last three columns count the parameters of all fixtures: how many come out with the right
meaning, with a wrong one, and as unknown.
";

/// Writes the document, and says what it counts.
pub(crate) fn vendors() -> Result<()> {
    let path = root().join(DOCUMENT);
    let vendors = all()?;
    fs::write(&path, document(&vendors)?).with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("wrote {DOCUMENT}: {}", total(&vendors)));
    Ok(())
}

struct Vendor {
    id: String,
    definition: Table,
    fields: Fields,
}

/// How the parameters of fixtures come out.
#[derive(Clone, Copy)]
struct Fields {
    right: usize,
    wrong: usize,
    unknown: usize,
}

fn document(vendors: &[Vendor]) -> Result<String> {
    let heading = "| vendor | owner | purpose | known | right | wrong | unknown |\n|---|---|---|---|---|---|---|\n";
    let mut text = format!("{OPENING}\n{heading}");
    for vendor in vendors {
        let of = |key: &str| text_of(&vendor.definition, key);
        let Fields { right, wrong, unknown } = vendor.fields;
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {} | {} | {right} | {wrong} | {unknown} |",
            of("name"),
            anchor(of("name")),
            of("owner"),
            of("purpose"),
            known(&vendor.definition)
        );
    }
    let _ = write!(text, "\n{}\n\n{}", total(vendors), basis()?);
    for vendor in vendors {
        section(&mut text, vendor);
    }
    Ok(text)
}

fn total(vendors: &[Vendor]) -> String {
    let sum = |of: fn(&Fields) -> usize| vendors.iter().map(|vendor| of(&vendor.fields)).sum::<usize>();
    let (right, wrong, unknown) = (sum(|fields| fields.right), sum(|fields| fields.wrong), sum(|fields| fields.unknown));
    format!(
        "{} vendors; {} parameters in all fixtures: {right} right, {wrong} wrong, {unknown} unknown.",
        vendors.len(),
        right + wrong + unknown
    )
}

/// Where it is written down what is right.
fn basis() -> Result<String> {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for entry in fs::read_dir(root().join(TRUTH))? {
        for (found_out, words) in table(&entry?.path())? {
            *names.entry(found_out).or_default() += words.as_table().map_or(0, Table::len);
        }
    }
    let count = |found_out: &str| names.get(found_out).copied().unwrap_or_default();
    Ok(format!(
        "What is right stands in [truth files](../crates/classifier/truth), by name of the parameter, and not in the definitions. Of {} names, {} are as
notes on the wire formats have them (where those allow several words, any is right); a definition may go back to the same sources. {} were
judged by name and value, and where those do not tell by public documentation, without the definition in view. {} are in the notes under a coarser word and were judged with the definition's word in view, which is
weaker. The table shows that definitions and truth files agree on the fixtures. It does not show what a vendor makes of a parameter.
",
        names.values().sum::<usize>(),
        count("noted"),
        count("judged"),
        count("refined")
    ))
}

fn all() -> Result<Vec<Vendor>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join(DEFINITIONS))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    let counted = counted()?;
    paths.iter().map(|path| one(path, &counted)).collect()
}

fn one(path: &Path, counted: &BTreeMap<String, Fields>) -> Result<Vendor> {
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let fields = *counted.get(&id).with_context(|| format!("{ACCURACY} does not count {id}"))?;
    Ok(Vendor { id, definition: table(path)?, fields })
}

fn table(path: &Path) -> Result<Table> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().with_context(|| format!("cannot read {}", path.display()))
}

fn counted() -> Result<BTreeMap<String, Fields>> {
    let text = fs::read_to_string(root().join(ACCURACY)).with_context(|| format!("cannot read {ACCURACY}"))?;
    let line = |line: &str| {
        let mut cells = line.split('\t');
        let vendor = cells.next()?.to_owned();
        let mut number = || cells.next()?.parse().ok();
        Some((vendor, Fields { right: number()?, wrong: number()?, unknown: number()? }))
    };
    text.lines().skip(1).map(|one| line(one).with_context(|| format!("{ACCURACY} has a line {one:?}"))).collect()
}

fn section(text: &mut String, vendor: &Vendor) {
    let definition = &vendor.definition;
    let of = |key: &str| text_of(definition, key);
    let _ = writeln!(text, "\n## {}\n\n{}: `{}.toml`.", of("name"), by(definition), vendor.id);
    let _ = writeln!(text, "\n| endpoint | methods | body | role |\n|---|---|---|---|");
    for endpoint in definition.get("endpoint").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table) {
        let hosts = list(endpoint, "host").join(", ");
        let paths = list(endpoint, "path").iter().map(|path| format!("`{}`", path.replace('|', "\\|"))).collect::<Vec<_>>().join(", ");
        let or = |found: Vec<&str>, else_: &str| if found.is_empty() { else_.to_owned() } else { found.join(", ") };
        let role = endpoint.get("role").and_then(Value::as_str).unwrap_or("event");
        let _ = writeln!(
            text,
            "| {} {paths} | {} | {} | {role}{} |",
            if hosts == "*" { "any host" } else { &hosts },
            or(list(endpoint, "methods"), "any"),
            or(list(endpoint, "body"), "none read"),
            if endpoint.contains_key("replay") { ", recording" } else { "" }
        );
    }
    let meanings: BTreeSet<&str> = rules(definition).filter_map(meaning).collect();
    let _ = writeln!(text, "\nRead: {}.", meanings.into_iter().collect::<Vec<_>>().join(", "));
    let sources: Vec<String> = list(definition, "sources").iter().map(|source| format!("<{source}>")).collect();
    let _ = writeln!(text, "\nFrom: {}", sources.join(", "));
}

/// `Meta Platforms (Meta Platforms Ireland Ltd)`
fn by(definition: &Table) -> String {
    let owner = text_of(definition, "owner");
    match text_of(definition, "entity") {
        "" => owner.to_owned(),
        entity => format!("{owner} ({entity})"),
    }
}

/// `documented; 3 recalled`
fn known(definition: &Table) -> String {
    let whole = text_of(definition, "confidence");
    let mut text = whole.to_owned();
    for word in ["seen", "documented", "recalled"] {
        let own = |rule: &&Value| rule.get("confidence").and_then(Value::as_str) == Some(word);
        let count = rules(definition).filter(own).count();
        if count > 0 && word != whole {
            let _ = write!(text, "; {count} {word}");
        }
    }
    text
}

/// What is said of each parameter and cookie.
fn rules(definition: &Table) -> impl Iterator<Item = &Value> {
    ["params", "cookies", "owner_cookies"].into_iter().filter_map(|key| definition.get(key)?.as_table()).flat_map(Table::values)
}

fn meaning(rule: &Value) -> Option<&str> {
    rule.as_str().or_else(|| rule.get("meaning")?.as_str())
}

fn text_of<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// One text or several.
fn list<'a>(table: &'a Table, key: &str) -> Vec<&'a str> {
    match table.get(key) {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// As a reader of Markdown makes one of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept: String = kept.chars().filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_')).collect();
    kept.replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_what_the_definitions_say() {
        let committed = fs::read_to_string(root().join(DOCUMENT)).unwrap();
        assert!(committed == document(&all().unwrap()).unwrap(), "{DOCUMENT} is out of date: run cargo xtask vendors");
    }
}
