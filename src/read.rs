use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use pixelwitness_captures::{KINDS, conversion, files_beside, recognise};
use pixelwitness_evidence::{JOURNEY, RunDirectory, printable};
use pixelwitness_recording::{Canary, Journey, ReadWith};
use serde::Serialize;

use crate::arguments::Read;
use crate::failure::{Failure, Verdict};
use crate::stages::{self, Knowledge};
use crate::{audit, places, planned};

/// Makes a case of captures, and all stages after it. The captures are copied in: the case has to stand by itself.
pub(crate) fn read(arguments: &Read) -> Result<Verdict, Failure> {
    let knowledge = Knowledge::of(arguments.brought.vendors.as_deref(), arguments.brought.lists.as_deref())?;
    let case = case(arguments)?;
    if let Some(failure) = Failure::all(arguments.files.iter().filter_map(|path| check(path).err()).collect()) {
        return Err(failure);
    }
    let wanted = arguments.out.clone().unwrap_or_else(|| default_directory(&arguments.files));
    let out = places::free(&wanted, &BTreeSet::new())?;
    audit::say_other(&wanted, &out);
    let mut directory = RunDirectory::create(out)?;
    let text =
        toml::to_string_pretty(&Stored::of(&case)).map_err(|error| Failure::new("cannot store the case", &error, "please report this"))?;
    directory.write(JOURNEY, text.as_bytes())?;
    for (index, path) in arguments.files.iter().enumerate() {
        directory.add_capture(index + 1, path, |copy| files_beside(copy))?;
    }
    let recording = stages::record(&mut directory)?;
    let findings = stages::conclude(&mut directory, &recording, &knowledge)?;
    stages::show(&directory, &recording, &findings, arguments.json)?;
    stages::verdict(&findings)
}

/// The case as it is stored: a journey without steps and without the settings of a browser that nobody set.
#[derive(Serialize)]
struct Stored<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    first_party: &'a [String],
    #[serde(rename = "canary", skip_serializing_if = "<[Canary]>::is_empty")]
    canaries: &'a [Canary],
}

impl<'a> Stored<'a> {
    fn of(case: &'a Journey) -> Self {
        Self { name: &case.name, first_party: &case.first_party, canaries: &case.canaries }
    }
}

/// What is to be looked for, and what counts as first party.
fn case(arguments: &Read) -> Result<Journey, Failure> {
    let of_file = arguments.journey.as_deref().map(journey).transpose()?.unwrap_or_default();
    let names: Vec<String> =
        arguments.files.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    let mut case = Journey {
        name: if of_file.name.is_empty() { names.join(", ") } else { of_file.name.clone() },
        first_party: [arguments.first_party.clone(), of_file.first_party].concat(),
        canaries: [of_file.canaries, arguments.canary.clone()].concat(),
        ..Journey::default()
    };
    number_repeated(&mut case.canaries);
    checked(&case)?;
    Ok(case)
}

/// Two values of one kind need two names.
pub(crate) fn number_repeated(canaries: &mut [Canary]) {
    for index in 1..canaries.len() {
        let (before, rest) = canaries.split_at_mut(index);
        let kind = rest[0].name.clone();
        let mut number = 2;
        while before.iter().any(|other| other.name == rest[0].name) {
            rest[0].name = format!("{kind} {number}");
            number += 1;
        }
    }
}

/// Refuses a value that is not what its kind says, or that could be found by chance.
pub(crate) fn checked(case: &Journey) -> Result<(), Failure> {
    const HELP: &str = "give a value of three letters or digits, or more, such as --canary email=maria@post.example or --canary \
                        date-of-birth=1979-10-04";
    match case.wrong_canaries(Some(&planned::today())) {
        wrong if wrong.is_empty() => Ok(()),
        wrong => Err(Failure::each(wrong.iter().map(ToString::to_string).collect(), HELP)),
    }
}

fn journey(path: &Path) -> Result<Journey, Failure> {
    let with = ReadWith { today: Some(planned::today()), ..ReadWith::default() };
    Journey::of_case(&planned::journey_text(path)?, &with).map_err(|error| planned::unusable(path, &error.problems))
}

/// A file that is no capture is found before anything is written.
fn check(path: &Path) -> Result<(), Failure> {
    let unreadable = |error: io::Error| Failure::new(&format!("cannot read {}", path.display()), &error, "give the path of a file");
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::because(format!("{} is a directory", path.display()), "give the files in it one by one"));
    }
    if !metadata.is_file() {
        return Err(Failure::because(format!("{} is no file that can be read twice", path.display()), "save it to a file first"));
    }
    if metadata.len() == 0 {
        return Err(Failure::because(format!("{} is empty", path.display()), "save the capture again"));
    }
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    if recognise(&mut file).is_some() {
        return Ok(());
    }
    let name = path.display().to_string();
    match conversion(&mut file) {
        Some(known) => {
            Err(Failure::because(format!("{name} is {}, and no capture that can be read", known.what), known.help.replace("FILE", &name)))
        }
        None => Err(Failure::because(format!("{name} is no capture of a known kind"), format!("these can be read: {KINDS}"))),
    }
}

/// `pixelwitness-clinic.har-20261122-071500`, in UTC.
fn default_directory(files: &[PathBuf]) -> PathBuf {
    let name = files.first().and_then(|path| path.file_name()).unwrap_or_default().to_string_lossy();
    let name = printable(&name).replace(['/', '\\'], "_").chars().take(80).collect::<String>();
    audit::named_directory(Some(&name))
}
