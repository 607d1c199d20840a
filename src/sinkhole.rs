use std::fs;

use pixelwitness_recording::{Sinkhole, SinkholeError};

use crate::failure::Failure;

const HELP: &str =
    "for example --sinkhole 'www.facebook.com,*.tiktok.com', --sinkhole @FILE with one a line, or --sinkhole all-third-parties";

/// The sinkhole that the command line asks for, if it does.
pub(crate) fn sinkhole(lists: &[String], except: &[String]) -> Result<Option<Sinkhole>, Failure> {
    if lists.is_empty() {
        return Ok(None);
    }
    let sinkhole = Sinkhole::new(&entries(lists)?, &entries(except)?)?;
    Ok(Some(sinkhole))
}

/// Every entry of comma-separated lists, and of the files that are named in them with `@`.
fn entries(lists: &[String]) -> Result<Vec<String>, Failure> {
    let mut entries = Vec::new();
    for entry in lists.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|entry| !entry.is_empty()) {
        match entry.strip_prefix('@') {
            Some(path) => {
                let text = fs::read_to_string(path)
                    .map_err(|error| Failure::new(&format!("cannot read the list of recipients {path}"), &error, HELP))?;
                entries.extend(lines(&text).map(str::to_owned));
            }
            None => entries.push(entry.to_owned()),
        }
    }
    Ok(entries)
}

/// One entry a line; `#` begins a comment.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()).filter(|line| !line.is_empty())
}

impl From<SinkholeError> for Failure {
    fn from(error: SinkholeError) -> Self {
        let help = match &error {
            SinkholeError::EveryHost { .. } => "use all-third-parties for every host that is on none of the journey's own sites",
            SinkholeError::Visited { .. } => "leave it out of --sinkhole, or name it with --sinkhole-except",
            _ => HELP,
        };
        Self::new("cannot use the sinkhole", &error, help)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_recipient_a_line() {
        let text = "# Meta\nwww.facebook.com\n\n  *.tiktok.com # all of it\r\n";
        assert_eq!(lines(text).collect::<Vec<_>>(), ["www.facebook.com", "*.tiktok.com"]);
        assert_eq!(
            entries(&["a.example, b.example,".to_owned(), "c.example".to_owned()]).unwrap(),
            ["a.example", "b.example", "c.example"]
        );
    }
}
