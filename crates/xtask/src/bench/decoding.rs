//! How many requests a second are decoded, beside what parsing their addresses costs, and how long the definitions take to load.

use std::io::Write;

use anyhow::Result;

use super::stored::{a_second, nanoseconds, run};
use crate::say;

pub(crate) fn decoding(out: &mut impl Write) -> Result<()> {
    say("measuring the decoder");
    run("pixelwitness-classifier", "decode")?;
    let (decoded, floor) = (a_second("requests/decoded", "Elements")?, a_second("requests/floor", "Elements")?);
    writeln!(out, "Decoding requests of Meta and GA4, 670 bytes each, on one core")?;
    writeln!(out, "  {decoded:.0} a second; parsing their addresses alone {floor:.0}; {:.2} of it", decoded / floor)?;
    writeln!(out, "  the definitions load in {:.1} ms", nanoseconds("definitions/loaded")? / 1e6)?;
    Ok(())
}
