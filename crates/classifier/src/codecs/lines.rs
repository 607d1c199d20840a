use super::{MOST_PARAMETERS, Parameter, form};
use crate::Part;
use crate::piece::Piece;

/// A batch: one form-encoded event a line.
pub(crate) fn events<'a>(piece: &Piece<'a>) -> Vec<Vec<Parameter<'a>>> {
    let mut events = Vec::new();
    let (mut start, mut number, mut taken) = (0, 0, 0);
    while start < piece.bytes.len() {
        let feed = memchr::memchr(b'\n', &piece.bytes[start..]).map(|found| start + found);
        // Past the limit the remaining lines are read as one.
        let end = feed.filter(|_| taken < MOST_PARAMETERS).unwrap_or(piece.bytes.len());
        number += 1;
        let line = piece.slice(start..end - usize::from(piece.bytes[start..end].ends_with(b"\r")));
        let parameters = line_parameters(&line, number);
        taken += parameters.len();
        if !parameters.is_empty() {
            events.push(parameters);
        }
        start = end + 1;
    }
    events
}

fn line_parameters<'a>(line: &Piece<'a>, number: usize) -> Vec<Parameter<'a>> {
    let before = format!("{number}:");
    let mut parameters = form::parameters(line, Part::BatchLine);
    for parameter in &mut parameters {
        parameter.place = Some(line.kept_together(&before, parameter.name));
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_event() {
        let found = events(&Piece::new(b"en=page_view&_ee=1\r\n\nen=scroll&epn.percent_scrolled=90\n", 0));
        let shown: Vec<Vec<String>> = found
            .iter()
            .map(|event| {
                event.iter().map(|one| format!("{}={} {}..{}", one.place(), one.piece.text(), one.range().start, one.range().end)).collect()
            })
            .collect();
        assert_eq!(shown, [vec!["1:en=page_view 3..12", "1:_ee=1 17..18"], vec!["3:en=scroll 24..30", "3:epn.percent_scrolled=90 52..54"]]);
    }
}
