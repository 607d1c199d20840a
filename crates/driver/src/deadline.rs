//! How long a run may take in all, so that no page can make it go on for ever.

use std::time::Duration;

use pixelwitness_recording::{Journey, Pause, Step};

use crate::page::NAVIGATION_TIMEOUT;
use crate::steps::{ELEMENT_TIMEOUT, PATIENCE, WAIT_TIMEOUT};

/// What a page that answers nothing can cost beside the action itself: pictures, its address, its title, a new tab.
const AROUND_A_STEP: Duration = Duration::from_secs(60);

/// What every run has beside its steps, so that one without any is not over before it began.
const AROUND_THE_STEPS: Duration = Duration::from_secs(30);

/// A key that is pressed, with the pause after it and room for a busy page.
const KEY: Duration = Duration::from_millis(100);

/// The time in which every step of the journey can be done, even where each page uses up every patience there is.
pub(crate) fn of(journey: &Journey) -> Duration {
    let dwell = Duration::from_millis(journey.browser.dwell_ms);
    let steps = journey.steps.iter().map(|step| action(journey, step) + dwell + PATIENCE + AROUND_A_STEP);
    steps.fold(AROUND_THE_STEPS, Duration::saturating_add)
}

fn action(journey: &Journey, step: &Step) -> Duration {
    match step {
        Step::Visit(_) => NAVIGATION_TIMEOUT,
        Step::Type(typing) => {
            let keys = u32::try_from(journey.text_of(typing).chars().count()).unwrap_or(u32::MAX);
            ELEMENT_TIMEOUT + KEY.saturating_mul(keys)
        }
        Step::Click(_) | Step::Select(_) | Step::Submit(_) | Step::Scroll(_) => ELEMENT_TIMEOUT,
        Step::Wait(Pause::Ms(ms)) => Duration::from_millis(*ms),
        Step::Wait(Pause::Element(_)) => WAIT_TIMEOUT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journey_has_as_long_as_its_steps_may_take() {
        let journey = |steps: &str| Journey::from_toml(&format!("name = \"x\"\n[browser]\ndwell_ms = 5000\n{steps}")).unwrap();
        for (steps, seconds) in [
            ("[[step]]\nvisit = \"https://a.example/\"\n", 145),
            ("[[step]]\nvisit = \"https://a.example/\"\n[[step]]\nwait = { ms = 600000 }\n", 145 + 685),
            ("[[step]]\nvisit = \"https://a.example/\"\n[[step]]\ntype = { into = \"#q\", text = \"0123456789\" }\n", 145 + 91),
        ] {
            assert_eq!(of(&journey(steps)), Duration::from_secs(seconds), "{steps}");
        }
    }
}
