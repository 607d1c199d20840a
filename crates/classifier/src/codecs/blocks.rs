use super::{Parameter, beginning};

/// Nesting at the most; what lies deeper keeps the name of that depth.
const MOST_DEPTH: usize = 8;

/// Adobe's context data: between `c.` and `.c` a parameter `a` is `c.a`, and blocks stand in blocks.
///
/// The markers themselves say nothing and go. A block that is never closed ends with the request.
pub(crate) fn unfold(parameters: Vec<Parameter<'_>>) -> Vec<Parameter<'_>> {
    let mut open: Vec<String> = Vec::new();
    let mut unfolded = Vec::with_capacity(parameters.len());
    for mut parameter in parameters {
        let is_marker = parameter.piece.bytes.is_empty();
        if let Some(name) = parameter.name.strip_suffix('.').filter(|name| is_marker && !name.is_empty()) {
            if open.len() < MOST_DEPTH {
                open.push(beginning(name).to_owned());
            }
        } else if let Some(name) = parameter.name.strip_prefix('.').filter(|_| is_marker) {
            // A marker that is missing must not leave everything behind it in the wrong block.
            if let Some(depth) = open.iter().rposition(|block| block == name) {
                open.truncate(depth);
            }
        } else {
            if !open.is_empty() {
                let name = format!("{}.{}", open.join("."), parameter.name);
                parameter = parameter.named(&name);
            }
            unfolded.push(parameter);
        }
    }
    unfolded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;
    use crate::codecs::form_parameters;
    use crate::piece::Piece;

    #[test]
    fn blocks_give_their_names_to_what_they_hold() {
        for (text, names) in [
            ("g=x&c.&a.&activitymap.&page=p&.activitymap&.a&b=1&.c&v=2", "g c.a.activitymap.page c.b v"),
            ("c.&b=1", "c.b"),
            ("c.&a.&b=1&.c&v=2", "c.a.b v"),
            (".c&v=2&.=3", "v ."),
            ("c.=1", "c."),
        ] {
            let found = unfold(form_parameters(&Piece::new(text.as_bytes(), 0), Part::Query));
            assert_eq!(found.iter().map(|one| one.name).collect::<Vec<_>>().join(" "), names, "{text}");
        }
        let deep = format!("{}z=1", "a.&".repeat(1_000));
        let deep = unfold(form_parameters(&Piece::new(deep.as_bytes(), 0), Part::Query));
        assert_eq!(deep[0].name.matches("a.").count(), MOST_DEPTH);
        let long = format!("{}.&b=1", "é".repeat(100_000));
        let long = unfold(form_parameters(&Piece::new(long.as_bytes(), 0), Part::Query));
        assert!(long[0].name.len() < 300);
    }
}
