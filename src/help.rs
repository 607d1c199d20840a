//! What stands at the end of each command's help: examples, and what its exit status says.

/// Of the program.
pub(crate) const PROGRAM: &str = "\
Exit status:
  0  nothing was found
  1  something was found (for verify: the run is not intact)
  2  it could not be done, or not as asked; the reason and what to do are on stderr

Examples:
  pixelwitness doctor                        does this machine have what an audit needs?
  pixelwitness audit www.clinic.example      visit a page and say what left the browser
  pixelwitness help audit                    everything an audit can be told";

pub(crate) const AUDIT: &str = "\
Exit status:
  0  nothing was found
  1  something was found to have been sent to a third party
  2  it could not be done, a journey did not reach its end as asked, or nothing
     was found and that is no absence (requests failed on this network, …)
Of several journeys it is the highest.

Examples:
  Visit one page, and keep all of the run in the directory clinic:
    pixelwitness audit www.clinic.example --out clinic
  Do what a visitor does, as the journey file says (docs/journeys.md):
    pixelwitness audit --journey search.toml --dwell 10
  Visit every address of a list, four at once, and leave out those that are done:
    pixelwitness audit --urls surgeries.txt --out surgeries --jobs 4 --resume";

pub(crate) const READ: &str = "\
Exit status:
  0  nothing was found
  1  something was found to have been sent to a third party
  2  it could not be done

Examples:
  Read what a browser's developer tools saved:
    pixelwitness read clinic.har --out case
  Look for what was typed in two captures of one visit:
    pixelwitness read visit.har netlog.json --canary email=maria@post.example";

pub(crate) const EXPLAIN: &str = "\
Exit status:
  0  the request tells nothing that is known
  1  it tells something
  2  it could not be read

Examples:
  pixelwitness explain 'https://www.facebook.com/tr/?id=1&ev=PageView'
  pixelwitness explain --first-party www.clinic.example < request.http
  xclip -o | pixelwitness explain -      a request copied in the browser as cURL or fetch";

pub(crate) const CLASSIFY: &str = "\
Exit status:
  0  nothing was found
  1  something was found to have been sent to a third party
  2  it could not be done

Examples:
  pixelwitness classify clinic
  pixelwitness classify clinic --vendors my-definitions --lists easyprivacy";

pub(crate) const REPORT: &str = "\
Exit status:
  0  nothing was found
  1  something was found to have been sent to a third party
  2  it could not be done

Examples:
  pixelwitness report clinic
  pixelwitness report clinic --json > findings.json";

pub(crate) const VERIFY: &str = "\
Exit status:
  0  intact: every file is as it was sealed
  1  NOT intact: something was altered or is missing, or the run was never sealed
  2  it could not be done
Whether this version reads the raw logs as the run did is said, and does not count.

Examples:
  pixelwitness verify clinic
  pixelwitness verify clinic --lists easyprivacy      where the run was classified with these lists";

pub(crate) const DOCTOR: &str = "\
Exit status:
  0  ready
  2  something is missing; what it is and how to get it is on stderr

Examples:
  pixelwitness doctor
  pixelwitness doctor --browser /opt/google/chrome/chrome";

pub(crate) const SCHEMA: &str = "\
Exit status:
  0  it was printed
  2  it could not be written

Example:
  pixelwitness schema > findings.schema.json";

pub(crate) const COMPLETIONS: &str = "\
Exit status:
  0  they were printed
  2  they could not be written

Example:
  pixelwitness completions bash > ~/.local/share/bash-completion/completions/pixelwitness";

pub(crate) const MAN: &str = "\
Exit status:
  0  the pages were written
  2  they could not be

Examples:
  pixelwitness man audit | man -l -
  pixelwitness man --out ~/.local/share/man/man1      the pages of all commands";
