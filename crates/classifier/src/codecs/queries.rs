use super::json::{self, parameter};
use super::{Content, JsonShape, Names, Parameter, form};
use crate::piece::Piece;
use crate::{Encoding, Part};

/// Matomo's bulk request: a JSON document with a list of query strings, each an event.
pub(crate) fn content<'a>(piece: &Piece<'a>, shape: JsonShape<'_>) -> Content<'a> {
    let document = json::document(piece, Some(Encoding::JsonString));
    let mut content = Content::default();
    let is_batch = |list: &str| shape.batch.iter().any(|batch| batch == list);
    for node in document.nodes {
        match &node.path[..] {
            [] => {}
            [list, index] if is_batch(list) && !node.container => {
                let (place, skipped) = (piece.kept(&format!("/{list}/{index}")), usize::from(node.piece.bytes.starts_with(b"?")));
                let query = node.piece.slice(skipped..node.piece.bytes.len());
                let own = |parameter: Parameter<'a>| Parameter { place: Some(place), ..parameter };
                content.events.push(form::parameters(&query, Part::Json).into_iter().map(own).collect());
            }
            [list] if is_batch(list) => {}
            _ => content.shared.push(parameter(node, 0, Names::Dots)),
        }
    }
    if document.understood < piece.bytes.len() {
        content.shared.push(Parameter::rest(Part::Body, piece.slice(document.understood..piece.bytes.len())));
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_query_string_is_an_event() {
        let text = br#"{"requests":["?idsite=1&url=https%3A%2F%2Fclinic.example%2F","idsite=1&search=hiv+test"],"token_auth":"x"}"#;
        let batch = ["requests".to_owned()];
        let content = content(&Piece::new(text, 0), JsonShape { names: Names::Dots, batch: &batch });
        let shown: Vec<Vec<String>> = content
            .events
            .iter()
            .map(|event| event.iter().map(|one| format!("{} {}={}", one.place(), one.name, one.piece.text())).collect())
            .collect();
        assert_eq!(
            shown,
            [
                vec!["/requests/0 idsite=1", "/requests/0 url=https://clinic.example/"],
                vec!["/requests/1 idsite=1", "/requests/1 search=hiv test"]
            ]
        );
        assert_eq!(content.shared.len(), 1);
        assert_eq!(&text[content.events[1][1].range().start..content.events[1][1].range().end], b"hiv+test");
    }
}
