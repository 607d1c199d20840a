//! `docs/vendors.md`, from the definitions and from what their fixtures are read as.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use toml::{Table, Value};

use crate::lab::root;
use crate::say;

const DEFINITIONS: &str = "crates/classifier/vendors";
const READ_AS: &str = "crates/classifier/tests/classify/expected";
const DOCUMENT: &str = "docs/vendors.md";

const OPENING: &str = "# Vendors

Whose requests are read, and how well. `cargo xtask vendors` writes this file from the [definitions](../crates/classifier/vendors) and from the
tables of what their fixtures are read as; a test holds it against both.

*Known* is how well the format is: `seen` in real requests, `documented` in public documentation or source code, or `recalled` from memory; of single
parameters, how many are less well known than the rest. *Fields* are the parameters of all fixtures: how many come out with a meaning, and how many as
unknown.
";

/// Writes the document.
pub(crate) fn vendors() -> Result<()> {
    let path = root().join(DOCUMENT);
    fs::write(&path, document()?).with_context(|| format!("cannot write {}", path.display()))?;
    say(&format!("wrote {DOCUMENT}"));
    Ok(())
}

struct Vendor {
    id: String,
    definition: Table,
    /// Parameters of its fixtures that have a meaning, and those that have none.
    meant: usize,
    unknown: usize,
}

fn document() -> Result<String> {
    let vendors = all()?;
    let mut text = format!("{OPENING}\n| vendor | owner | purpose | known | fields | unknown |\n|---|---|---|---|---|---|\n");
    for vendor in &vendors {
        let of = |key: &str| text_of(&vendor.definition, key);
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {} | {} | {} | {} |",
            of("name"),
            anchor(of("name")),
            of("owner"),
            of("purpose"),
            known(&vendor.definition),
            vendor.meant + vendor.unknown,
            vendor.unknown
        );
    }
    let (meant, unknown) = vendors.iter().fold((0, 0), |sum, vendor| (sum.0 + vendor.meant, sum.1 + vendor.unknown));
    let _ = writeln!(text, "\n{} vendors; {} fields in all fixtures, {unknown} of them unknown.", vendors.len(), meant + unknown);
    for vendor in &vendors {
        section(&mut text, vendor);
    }
    Ok(text)
}

fn all() -> Result<Vec<Vendor>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join(DEFINITIONS))?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    paths.sort();
    paths.iter().map(|path| one(path)).collect()
}

fn one(path: &Path) -> Result<Vendor> {
    let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let definition: Table = text.parse().with_context(|| format!("cannot read {}", path.display()))?;
    let table = root().join(READ_AS).join(format!("{id}.txt"));
    let table = fs::read_to_string(&table).with_context(|| format!("cannot read {}", table.display()))?;
    // A field is a line that is indented by two blanks; a value may have lines of its own.
    let fields = table.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let (unknown, meant): (Vec<&str>, Vec<&str>) = fields.partition(|line| line.starts_with("Unknown "));
    ensure!(!meant.is_empty(), "no field of {id} has a meaning");
    Ok(Vendor { id, definition, meant: meant.len(), unknown: unknown.len() })
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
    ["params", "cookies"].into_iter().filter_map(|key| definition.get(key)?.as_table()).flat_map(Table::values)
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
        assert!(committed == document().unwrap(), "{DOCUMENT} is out of date: run cargo xtask vendors");
    }
}
