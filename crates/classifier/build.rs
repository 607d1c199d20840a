//! Writes the vendor definitions as JSON, which the program reads several times as fast as TOML when it starts.
//!
//! It never judges what a definition says: the tests do, on the file as it was written.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=vendors");
    let folder = Path::new(&std::env::var("CARGO_MANIFEST_DIR")?).join("vendors");
    let mut files = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>, std::io::Error>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut list = String::from("&[\n");
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let definition = fs::read_to_string(&file)?.parse::<toml::Table>().map_err(|error| format!("{name}: {error}"))?;
        writeln!(list, "    ({name:?}, {:?}),", serde_json::to_string(&definition)?)?;
    }
    list.push(']');
    fs::write(Path::new(&std::env::var("OUT_DIR")?).join("definitions.rs"), list)?;
    Ok(())
}
