//! What holds for the whole repository and no compiler checks: layering, listings, documents, licences.
//!
//! It never looks at what the program does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Our crates, and which of our crates each is built from. `docs/architecture.md` draws it.
const LAYERS: &[(&str, &[&str])] = &[
    ("pixelwitness-recording", &[]),
    ("pixelwitness-driver", &["pixelwitness-recording"]),
    ("pixelwitness-interceptor", &["pixelwitness-recording"]),
    ("pixelwitness-captures", &["pixelwitness-recording", "pixelwitness-interceptor"]),
    ("pixelwitness-classifier", &["pixelwitness-recording"]),
    ("pixelwitness-evidence", &["pixelwitness-recording"]),
    ("pixelwitness-report", &["pixelwitness-recording", "pixelwitness-classifier"]),
];

/// The program: it wires the crates above, and nothing depends on it.
const PROGRAM: &str = "pixelwitness";

/// Tools of this repository. They may use what they like; nothing that is shipped may use them.
const TOOLS: &[&str] = &["pixelwitness-test-sites", "xtask"];

/// What only the driver knows: an asynchronous runtime, sockets, the browser's protocol.
const ONLY_THE_DRIVER: &[&str] =
    &["tokio", "chromiumoxide", "tokio-tungstenite", "tungstenite", "futures-util", "reqwest", "hyper", "rustls", "hickory-resolver"];

/// What a crate's source may not name, tests aside: "pure in the middle, IO at the rim".
const RIM: &[(&str, &[&[&str]])] = &[
    ("pixelwitness-recording", &[FILES, SOCKETS, SURROUNDINGS]),
    ("pixelwitness-interceptor", &[FILES, SOCKETS, SURROUNDINGS]),
    ("pixelwitness-captures", &[FILES, SOCKETS, SURROUNDINGS]),
    ("pixelwitness-classifier", &[FILES, SOCKETS, SURROUNDINGS]),
    ("pixelwitness-report", &[FILES, SOCKETS, SURROUNDINGS]),
    ("pixelwitness-evidence", &[SOCKETS, SURROUNDINGS]),
];
const FILES: &[&str] = &["std::fs", "fs::"];
/// Addresses as values are no sockets.
const SOCKETS: &[&str] = &["TcpStream", "TcpListener", "UdpSocket", "ToSocketAddrs", "UnixStream", "UnixListener"];
const SURROUNDINGS: &[&str] = &["std::process", "std::env", "SystemTime::now", "Instant::now"];

/// Packages whose library has another name.
const LIBRARIES: &[(&str, &str)] = &[("md-5", "md5")];

/// Longer than that, and a file is about two things.
const LONGEST_FILE_LINES: usize = 700;

#[test]
fn each_crate_is_built_from_the_ones_below_it_and_no_other() {
    let ours: BTreeSet<String> = members().into_iter().map(|member| member.name).collect();
    let listed: BTreeSet<String> =
        LAYERS.iter().map(|(name, _)| *name).chain(TOOLS.iter().copied()).chain([PROGRAM]).map(str::to_owned).collect();
    assert_eq!(ours, listed, "every crate of the workspace has its place in LAYERS or TOOLS");

    let mut problems = Vec::new();
    for member in members() {
        let used = |dev: bool| -> Vec<&str> {
            let dependencies = member.dependencies.iter().filter(|dependency| dependency.dev == dev && ours.contains(&dependency.name));
            dependencies.map(|dependency| dependency.name.as_str()).collect()
        };
        if let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == member.name) {
            problems
                .extend(used(false).iter().filter(|name| !below.contains(name)).map(|name| format!("{} depends on {name}", member.name)));
        }
        if !TOOLS.contains(&member.name.as_str()) {
            problems.extend(used(false).iter().filter(|name| TOOLS.contains(name)).map(|name| format!("{} ships {name}", member.name)));
        }
        let on_the_program = used(false).contains(&PROGRAM) || used(true).contains(&PROGRAM);
        problems.extend(on_the_program.then(|| format!("{} depends on the program", member.name)));
    }
    assert_none("ARCHITECTURE draws these otherwise", &problems);
}

#[test]
fn only_the_driver_knows_sockets_and_the_browser() {
    let mut problems = Vec::new();
    for member in members().iter().filter(|member| LAYERS.iter().any(|(name, _)| *name == member.name)) {
        let forbidden =
            member.dependencies.iter().filter(|dependency| !dependency.dev && ONLY_THE_DRIVER.contains(&dependency.name.as_str()));
        if member.name != "pixelwitness-driver" {
            problems.extend(forbidden.map(|dependency| format!("{} depends on {}", member.name, dependency.name)));
        }
        let Some((_, rim)) = RIM.iter().find(|(name, _)| *name == member.name) else { continue };
        for source in member.sources() {
            let code = code_of(&source);
            problems.extend(
                rim.iter().copied().flatten().filter(|word| code.contains(**word)).map(|word| format!("{} names {word}", source.path)),
            );
        }
    }
    assert_none("only the driver touches sockets and clocks, and only it, evidence and src touch files", &problems);
}

#[test]
fn every_crate_opens_with_what_it_is_and_what_it_never_does() {
    let mut problems = Vec::new();
    for member in members() {
        let root = ["src/lib.rs", "src/main.rs"].map(|name| member.directory.join(name)).into_iter().find(|path| path.exists()).unwrap();
        let text = fs::read_to_string(&root).unwrap();
        let opening: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect();
        let says_what = opening.first().is_some_and(|line| line.len() > 20);
        let says_never =
            opening.iter().any(|line| line.to_lowercase().split(|character: char| !character.is_alphabetic()).any(|word| word == "never"));
        if !says_what || !says_never {
            problems.push(format!("{} ({})", member.name, relative(&root)));
        }
    }
    assert_none("these crates do not open with one line on what they are and one on what they never do", &problems);
}

#[test]
fn nothing_outside_the_tests_gives_up() {
    let mut problems = Vec::new();
    for member in members() {
        let forbidden: &[&str] = if TOOLS.contains(&member.name.as_str()) {
            &[".unwrap()", "todo!(", "unimplemented!("]
        } else {
            &[".unwrap()", "todo!(", "unimplemented!(", "panic!("]
        };
        for source in member.sources() {
            for (index, line) in code_of(&source).lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
                problems.extend(
                    forbidden.iter().filter(|word| line.contains(**word)).map(|word| format!("{}:{} has {word}", source.path, index + 1)),
                );
            }
        }
    }
    assert_none("an expect states the invariant that makes it safe; nothing else may panic", &problems);
}

#[test]
fn no_file_is_too_long() {
    let sources = files(&["rs", "js", "css"]);
    assert!(sources.len() > 20, "the repository's sources are found");
    let lengths = sources.iter().map(|path| (path, fs::read_to_string(path).unwrap().lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LONGEST_FILE_LINES).map(|(path, lines)| format!("{} has {lines}", relative(path)));
    assert_none("files should be small", &long.collect::<Vec<_>>());
}

#[test]
fn every_crate_takes_version_licence_and_lints_from_the_workspace() {
    let mut problems = Vec::new();
    for member in members() {
        let inherits = |table: &str, key: &str| member.manifest.get(table).and_then(|table| table.get(key)).is_some_and(is_inherited);
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            problems.extend((!inherits("package", key)).then(|| format!("{} has a {key} of its own", member.name)));
        }
        let lints = member.manifest.get("lints").is_some_and(is_inherited);
        problems.extend((!lints).then(|| format!("{} does not inherit the lints", member.name)));
        for (name, dependency) in member.dependency_tables() {
            problems.extend((!is_inherited(dependency)).then(|| format!("{} has a version of its own for {name}", member.name)));
        }
    }
    assert_none("these do not follow the workspace", &problems);
}

#[test]
fn every_dependency_is_used() {
    let members = members();
    let asked_for: BTreeSet<&String> = members.iter().flat_map(|member| member.dependency_tables().map(|(name, _)| name)).collect();
    let root: toml::Table = fs::read_to_string(repository().join("Cargo.toml")).unwrap().parse().unwrap();
    let listed = root["workspace"]["dependencies"].as_table().unwrap();
    let mut problems: Vec<String> =
        listed.keys().filter(|name| !asked_for.contains(name)).map(|name| format!("no crate asks for {name}")).collect();
    for member in &members {
        let code: String = rust_files(&member.directory).iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let words: BTreeSet<&str> = code.split(|character: char| !character.is_alphanumeric() && character != '_').collect();
        let library = |name: &str| {
            let renamed = LIBRARIES.iter().find(|(package, _)| *package == name);
            renamed.map_or_else(|| name.replace('-', "_"), |(_, library)| (*library).to_owned())
        };
        let unused = member.dependency_tables().filter(|(name, _)| !words.contains(library(name).as_str()));
        problems.extend(unused.map(|(name, _)| format!("{} asks for {name} and never names it", member.name)));
    }
    assert_none("these dependencies can go", &problems);
}

#[test]
fn every_link_in_a_document_leads_somewhere() {
    let mut problems = Vec::new();
    for path in files(&["md"]) {
        let text = fs::read_to_string(&path).unwrap();
        for target in links(&text) {
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let linked = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let resolves = match anchor {
                "" => linked.exists(),
                _ => fs::read_to_string(&linked).is_ok_and(|text| anchors(&text).contains(anchor)),
            };
            problems.extend((!resolves).then(|| format!("{} links to {target}", relative(&path))));
        }
    }
    assert_none("these links lead nowhere", &problems);
}

#[test]
fn links_and_anchors_are_read_as_a_reader_clicks_them() {
    let text = "# Format, and `why`\n[a](b.md#c) and [d](https://example.test/) and `[e](f)`\n```text\n[g](h)\n# no heading\n```\n![i](j.png \"title\")\n## Ä b-c\n";
    assert_eq!(links(text), ["b.md#c", "j.png"]);
    assert_eq!(anchors(text).into_iter().collect::<Vec<_>>(), ["format-and-why", "ä-b-c"]);
}

#[test]
fn every_licence_in_the_program_is_one_that_we_accept() {
    let deny: toml::Table = fs::read_to_string(repository().join("deny.toml")).unwrap().parse().unwrap();
    let allowed: Vec<&str> = deny["licenses"]["allow"].as_array().unwrap().iter().map(|licence| licence.as_str().unwrap()).collect();
    let metadata = metadata(&["--locked", "--filter-platform", &host()]);
    let built: BTreeSet<&str> = metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    let packages: Vec<&Value> =
        metadata["packages"].as_array().unwrap().iter().filter(|package| built.contains(package["id"].as_str().unwrap())).collect();
    assert!(packages.len() > 50, "the whole tree is looked at");
    let mut needed = BTreeMap::new();
    let mut problems = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("no licence");
        needed.entry(licence.to_owned()).or_insert(package["name"].as_str().unwrap());
        problems.extend((!satisfied(licence, &allowed)).then(|| format!("{} has {licence}", package["name"])));
    }
    assert_none("deny.toml does not accept these licences", &problems);
    // A licence that nothing needs is an open door.
    let needless = allowed.iter().enumerate().filter(|(index, _)| {
        let others: Vec<&str> = allowed.iter().enumerate().filter(|(other, _)| other != index).map(|(_, licence)| *licence).collect();
        needed.keys().all(|licence| satisfied(licence, &others))
    });
    assert_none("deny.toml accepts licences that nothing needs", &needless.map(|(_, licence)| (*licence).to_owned()).collect::<Vec<_>>());
    for text in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(repository().join(text).exists(), "{text} is there");
    }
}

#[test]
fn licence_expressions_are_read_by_their_grammar() {
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT OR ISC) AND GPL-3.0", false),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("ISC WITH exception", false),
        ("ISC WITH exception OR MIT", true),
        ("no licence", false),
        ("", false),
    ] {
        assert_eq!(satisfied(expression, &["MIT", "ISC"]), expected, "{expression:?}");
    }
}

/// One crate of the workspace.
struct Member {
    name: String,
    directory: PathBuf,
    manifest: toml::Table,
    dependencies: Vec<Dependency>,
}

struct Dependency {
    name: String,
    dev: bool,
}

/// A source file; its path is relative to the repository.
struct Source {
    path: String,
    text: String,
    is_test: bool,
}

impl Member {
    /// The sources of what is shipped; of the program that is `src`, not the crates beside it.
    fn sources(&self) -> Vec<Source> {
        let paths = rust_files(&self.directory.join("src"));
        let texts: Vec<String> = paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let of_tests: BTreeSet<PathBuf> = paths.iter().zip(&texts).flat_map(|(path, text)| test_modules(path, text)).collect();
        let is_test = |path: &PathBuf| of_tests.iter().any(|module| path == &module.with_extension("rs") || path.starts_with(module));
        let sources = paths.iter().zip(texts).map(|(path, text)| Source { path: relative(path), text, is_test: is_test(path) });
        sources.collect()
    }

    /// Every dependency as the manifest writes it.
    fn dependency_tables(&self) -> impl Iterator<Item = (&String, &toml::Value)> {
        let names = ["dependencies", "dev-dependencies", "build-dependencies"];
        names.into_iter().filter_map(|name| self.manifest.get(name)?.as_table()).flatten()
    }
}

fn members() -> Vec<Member> {
    let metadata = metadata(&["--no-deps"]);
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(member).collect()
}

fn member(package: &Value) -> Member {
    let manifest_path = Path::new(package["manifest_path"].as_str().unwrap());
    let dependency =
        |dependency: &Value| Dependency { name: dependency["name"].as_str().unwrap().to_owned(), dev: dependency["kind"] == "dev" };
    Member {
        name: package["name"].as_str().unwrap().to_owned(),
        directory: manifest_path.parent().unwrap().to_owned(),
        manifest: fs::read_to_string(manifest_path).unwrap().parse().unwrap(),
        dependencies: package["dependencies"].as_array().unwrap().iter().map(dependency).collect(),
    }
}

fn metadata(arguments: &[&str]) -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output =
        Command::new(cargo).args(["metadata", "--format-version", "1"]).args(arguments).current_dir(repository()).output().unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The platform we run on: what is built for others is not in this program.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn relative(path: &Path) -> String {
    path.strip_prefix(repository()).unwrap_or(path).display().to_string()
}

fn is_inherited(value: &toml::Value) -> bool {
    value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
}

/// Files of the repository with one of these extensions, sorted; what is built or downloaded is not part of it.
fn files(extensions: &[&str]) -> Vec<PathBuf> {
    walk(repository(), &["target", "node_modules"], extensions)
}

/// Rust files of one crate, those of crates below its directory not counted.
fn rust_files(directory: &Path) -> Vec<PathBuf> {
    walk(directory, &["target", "node_modules", "crates", "test-sites"], &["rs"])
}

fn walk(root: &Path, left_out: &[&str], extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_directory = entry.file_type().unwrap().is_dir();
            if is_directory && !name.starts_with('.') && !left_out.contains(&name.as_str()) {
                pending.push(entry.path());
            } else if !is_directory
                && entry.path().extension().is_some_and(|extension| extensions.iter().any(|wanted| extension == *wanted))
            {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

/// A source without its tests: they stand last, or in a file of their own.
fn code_of(source: &Source) -> &str {
    if source.is_test {
        return "";
    }
    let tests = source.text.match_indices("#[cfg(test)]").find(|(at, _)| {
        let item = source.text[*at..].lines().nth(1).unwrap_or_default();
        item.starts_with("mod ") && item.ends_with('{')
    });
    tests.map_or(&source.text, |(at, _)| &source.text[..at])
}

/// Paths, without extension, of the modules that a file declares for tests alone.
fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let is_folder_root = path.file_name().is_some_and(|name| name == "mod.rs" || name == "lib.rs" || name == "main.rs");
    let folder = if is_folder_root { path.parent().unwrap().to_owned() } else { path.with_extension("") };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
    declared
        .filter_map(|pair| Some(folder.join(pair[1].trim_start_matches("pub(crate) ").strip_prefix("mod ")?.strip_suffix(';')?)))
        .collect()
}

/// Targets of a document's links into this repository.
fn links(text: &str) -> Vec<String> {
    let prose = without_code(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")).map(str::to_owned).collect()
}

/// Anchors of a document's headings, as code forges make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_code = false;
    let headings = text.lines().filter(|line| {
        in_code ^= line.trim_start().starts_with("```");
        !in_code && line.starts_with('#')
    });
    let anchor = |heading: &str| {
        let kept =
            heading.trim_start_matches('#').trim().chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
        kept.flat_map(char::to_lowercase).map(|character| if character == ' ' { '-' } else { character }).collect()
    };
    headings.map(anchor).collect()
}

/// A document without code blocks and code spans, in which brackets are no links.
fn without_code(text: &str) -> String {
    let outside_blocks: String = text.split("```").step_by(2).collect();
    outside_blocks.split('`').step_by(2).collect()
}

/// Whether somebody who accepts only these licences may use what has this licence expression.
fn satisfied(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    matches!(any_of(&words, allowed), (true, []))
}

fn any_of<'a, 'b>(words: &'b [&'a str], allowed: &[&str]) -> (bool, &'b [&'a str]) {
    let (first, rest) = all_of(words, allowed);
    let ["OR", rest @ ..] = rest else { return (first, rest) };
    let (others, rest) = any_of(rest, allowed);
    (first || others, rest)
}

fn all_of<'a, 'b>(words: &'b [&'a str], allowed: &[&str]) -> (bool, &'b [&'a str]) {
    let (first, rest) = one(words, allowed);
    let ["AND", rest @ ..] = rest else { return (first, rest) };
    let (others, rest) = all_of(rest, allowed);
    (first && others, rest)
}

fn one<'a, 'b>(words: &'b [&'a str], allowed: &[&str]) -> (bool, &'b [&'a str]) {
    match words {
        ["(", rest @ ..] => match any_of(rest, allowed) {
            (is_satisfied, [")", rest @ ..]) => (is_satisfied, rest),
            (_, rest) => (false, rest),
        },
        // An exception makes another licence of it.
        [licence, "WITH", exception, rest @ ..] => (allowed.contains(&format!("{licence} WITH {exception}").as_str()), rest),
        [licence, rest @ ..] => (allowed.contains(licence), rest),
        [] => (false, &[]),
    }
}

fn assert_none(sentence: &str, problems: &[String]) {
    assert!(problems.is_empty(), "{sentence}:\n  {}", problems.join("\n  "));
}
