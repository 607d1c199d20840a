use super::bits::Bits;
use super::{calendar, tcf};

/// The section of the Canadian TCF: consent that was given, and consent that is implied.
pub(super) fn in_words(value: &str, vendor: Option<u16>) -> Option<String> {
    let mut segments = value.split('.');
    let mut words = core(&mut Bits::new(segments.next()?)?, vendor)?;
    for segment in segments {
        let Some(mut bits) = Bits::new(segment) else { continue };
        words.extend(match bits.number(3) {
            Some(1) => bits.numbers().map(|disclosed| format!("{} vendors disclosed", disclosed.len())),
            Some(3) => tcf::publisher(&mut bits),
            _ => None,
        });
    }
    Some(words.join("; "))
}

fn core(bits: &mut Bits, vendor: Option<u16>) -> Option<Vec<String>> {
    bits.number(6)?;
    let (made, changed) = (calendar::day(bits.number(36)?)?, calendar::day(bits.number(36)?)?);
    let platform = bits.number(12)?;
    // Version of the platform, screen, language.
    bits.number(12 + 6 + 12)?;
    let vendor_list = bits.number(12)?;
    // Version of the policy, and whether texts are those of the standard.
    bits.number(6 + 1)?;
    let special_features = bits.set_bits(12)?;
    let (expressed, implied) = (bits.set_bits(24)?, bits.set_bits(24)?);
    let (vendors, vendors_implied) = (bits.numbers()?, bits.numbers()?);
    let changed = if changed == made { String::new() } else { format!(", changed {changed}") };
    let mut words = vec![
        format!("string of the Canadian TCF made {made}{changed} by consent platform {platform}, vendor list {vendor_list}"),
        format!("express consent to purposes {}", tcf::purposes(&expressed)),
        format!("implied consent to purposes {}", tcf::purposes(&implied)),
        format!("special features {}", tcf::special_features(&special_features)),
        format!("{} vendors with express consent, {} with implied consent", vendors.len(), vendors_implied.len()),
    ];
    words.extend(vendor.map(|vendor| {
        let held = match (vendors.contains(&vendor), vendors_implied.contains(&vendor)) {
            (true, _) => "express consent",
            (false, true) => "implied consent",
            (false, false) => "neither",
        };
        format!("this recipient (vendor {vendor}) has {held}")
    }));
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn consent_that_was_given_is_told_from_consent_that_is_implied() {
        assert_eq!(
            in_words("BQZCrAAQZCrAAEsACBENB-CQAYAAAEAAAAAGIAAA", Some(3)).as_deref(),
            Some(
                "string of the Canadian TCF made 2025-10-09 by consent platform 300, vendor list 126; express consent to purposes 1 (keep and \
                 read information on the device) and 2 (choose advertisements by limited data); implied consent to purposes 3 (make profiles \
                 for advertising); special features 1 (use the precise location); 1 vendors with express consent, 0 with implied consent; \
                 this recipient (vendor 3) has express consent"
            )
        );
        assert_eq!(in_words("BQZCrAAQZC", None), None);
    }
}
