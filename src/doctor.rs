use std::fmt::Write as _;

use pixelwitness_driver::{Error, check, find};

use crate::arguments::Doctor;
use crate::failure::{Failure, Verdict};
use crate::output;

/// Finds the browser, starts it once, and says what is missing and how to get it.
pub(crate) fn doctor(arguments: &Doctor) -> Result<Verdict, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new("cannot start", &error, "this machine is short of memory or threads"))?;
    let keeper = std::env::current_exe()
        .map_err(|error| Failure::new("cannot find my own executable", &error, "start pixelwitness by its full path"))?;
    let found = runtime.block_on(find(arguments.browser.as_deref()))?;
    let mut text = format!("browser: {} {}\n", found.path.display(), found.version);
    let started: Result<Option<String>, Error> = runtime.block_on(check(&found, &keeper));
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
