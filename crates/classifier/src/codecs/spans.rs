//! Sentry's spans: measurements of one page in a list, each of which says in an attribute what it measured.

use std::collections::HashMap;

use super::{Parameter, beginning};

/// What each member of a span's list begins with.
const ITEMS: &str = "span.items.";

/// Names what is in a list of spans after the operation instead of the place in the list, without what every attribute has around its
/// value: `span.items.3.attributes.url.full.value` becomes `span.pageload.url.full`. The same attribute is the page's address in one
/// operation and that of a picture in another.
pub(super) fn name_by_operation(parameters: &mut [Parameter<'_>]) {
    let operation = |one: &Parameter<'_>| {
        let (number, attribute) = one.name.strip_prefix(ITEMS)?.split_once('.')?;
        (attribute == "attributes.sentry.op.value").then(|| (number.to_owned(), one.piece.text().into_owned()))
    };
    let operations: HashMap<String, String> = parameters.iter().filter_map(operation).collect();
    for parameter in parameters.iter_mut().filter(|parameter| !parameter.container) {
        let Some((number, member)) = parameter.name.strip_prefix(ITEMS).and_then(|rest| rest.split_once('.')) else { continue };
        let member = member.strip_prefix("attributes.").map_or(member, without_value);
        let name = match operations.get(number) {
            Some(operation) => format!("span.{}.{member}", beginning(operation)),
            None => format!("span.{member}"),
        };
        *parameter = parameter.named(&name);
    }
}

/// An attribute's name: its value is a member of its own, or a list in one.
fn without_value(attribute: &str) -> &str {
    let (name, _) = attribute
        .rsplit_once(".value")
        .filter(|(_, rest)| rest.trim_start_matches('.').bytes().all(|byte| byte.is_ascii_digit()))
        .unwrap_or((attribute, ""));
    name
}

#[cfg(test)]
mod tests {
    use super::super::json_lines::envelope;
    use crate::piece::Piece;

    #[test]
    fn a_span_is_named_after_what_it_measured() {
        let text = br#"{}
{"type":"span"}
{"items":[{"name":"n","attributes":{"url.full":{"value":"u","type":"string"},"sentry.op":{"value":"pageload"}}},{"attributes":{"referer":{"value":["r"]}}}]}"#;
        let (_, items) = envelope(&Piece::new(text, 0));
        let names: Vec<&str> = items[0].iter().filter(|one| !one.container).map(|one| one.name).collect();
        assert_eq!(
            names,
            [
                "item.type",
                "span.pageload.name",
                "span.pageload.url.full",
                "span.pageload.url.full.type",
                "span.pageload.sentry.op",
                "span.referer"
            ]
        );
    }
}
