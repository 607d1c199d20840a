use std::fmt::Write as _;

use pixelwitness_driver::{Error, check, find};

use crate::arguments::Doctor;
use crate::failure::{Failure, Verdict};
use crate::{machine, output};

/// Finds the browser, starts it once, and says what is missing and how to get it.
pub(crate) fn doctor(arguments: &Doctor) -> Result<Verdict, Failure> {
    let runtime = machine::runtime()?;
    let found = runtime.block_on(find(arguments.browser.as_deref()))?;
    let mut text = format!("browser: {} {}\n", found.path.display(), found.version);
    let started: Result<Option<String>, Error> = runtime.block_on(check(&found, &machine::keeper()?));
    match started {
        Ok(user) => {
            let user = user.map_or_else(|| "this user".to_owned(), |user| format!("the user {user}"));
            let _ = writeln!(text, "it starts, in its sandbox, as {user}\nthird-party cookies can be set as a journey asks\nready");
            output::write(&text)?;
            Ok(Verdict::NothingFound)
        }
        Err(error) => {
            output::write(&text)?;
            Err(error.into())
        }
    }
}
