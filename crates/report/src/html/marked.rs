use std::collections::BTreeMap;
use std::ops::Range;

use maud::{Markup, html};
use pixelwitness_classifier::ByteRange;

/// Bytes to be marked, and the anchor that claims lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) range: ByteRange,
    /// The element's `id`; a mark that only shows something has none.
    pub(super) anchor: Option<String>,
}

/// How much of a long carrier is shown where nothing is marked.
const BEGINNING: usize = 2048;

/// How much is shown around a mark.
const AROUND: usize = 256;

/// Bytes in one row of a hex dump: as many as fit a telephone's width.
const ROW: usize = 8;

/// The bytes with their marks: as text where they are UTF-8, as a hex dump elsewhere. Long ones are cut, marks never.
pub(super) fn bytes(bytes: &[u8], marks: &[Mark]) -> Markup {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let kept = kept(text.len(), marks, |range| floor(text, range.start)..ceiling(text, range.end));
            let marks = snapped(text, marks);
            html! { pre { @for part in &kept { (note(part)) (inline(text, part.shown.clone(), &marks)) } (rest(&kept, text.len())) } }
        }
        Err(_) => {
            let kept = kept(bytes.len(), marks, |range| range.start / ROW * ROW..(range.end.div_ceil(ROW) * ROW).min(bytes.len()));
            html! { pre.hex { @for part in &kept { (note(part)) (dump(bytes, part.shown.clone(), marks)) } (rest(&kept, bytes.len())) } }
        }
    }
}

/// A whole text with its marks, without a frame around it.
pub(super) fn text(text: &str, marks: &[Mark]) -> Markup {
    inline(text, 0..text.len(), &snapped(text, marks))
}

/// A stretch that is shown, and how many bytes before it are not.
struct Kept {
    shown: Range<usize>,
    left_out_before: usize,
}

fn kept(length: usize, marks: &[Mark], widened: impl Fn(Range<usize>) -> Range<usize>) -> Vec<Kept> {
    let around = |mark: &Mark| {
        let start = mark.range.start.min(length).saturating_sub(AROUND);
        start..mark.range.end.saturating_add(AROUND).min(length).max(start)
    };
    let mut wanted: Vec<Range<usize>> = marks.iter().map(around).collect();
    wanted.push(0..BEGINNING.min(length));
    wanted.sort_by_key(|range| range.start);
    let mut kept: Vec<Kept> = Vec::new();
    for range in wanted.into_iter().map(widened) {
        match kept.last_mut() {
            // A stretch left out has to be worth its note.
            Some(last) if range.start <= last.shown.end + AROUND => last.shown.end = last.shown.end.max(range.end),
            Some(last) => {
                let left_out_before = range.start - last.shown.end;
                kept.push(Kept { shown: range, left_out_before });
            }
            None => kept.push(Kept { left_out_before: range.start, shown: range }),
        }
    }
    if let Some(last) = kept.last_mut().filter(|last| length - last.shown.end <= AROUND) {
        last.shown.end = length;
    }
    kept
}

fn note(part: &Kept) -> Markup {
    left_out(part.left_out_before)
}

fn rest(kept: &[Kept], length: usize) -> Markup {
    left_out(length - kept.last().map_or(0, |last| last.shown.end))
}

fn left_out(count: usize) -> Markup {
    html! { @if count > 0 { span.note { "\n[" (count) " bytes are not shown here; the recording has them]\n" } } }
}

/// Stretches between the starts and ends of marks, with how many marks cover each and the anchors that begin there.
fn stretches(shown: Range<usize>, marks: &[Mark]) -> Vec<(Range<usize>, usize, Vec<&str>)> {
    let mut turns: BTreeMap<usize, (isize, Vec<&str>)> = BTreeMap::new();
    let inside = |mark: &&Mark| mark.range.start < shown.end && mark.range.end > shown.start && mark.range.start < mark.range.end;
    for mark in marks.iter().filter(inside) {
        let (start, end) = (mark.range.start.max(shown.start), mark.range.end.min(shown.end));
        let begin = turns.entry(start).or_default();
        begin.0 += 1;
        if start == mark.range.start {
            begin.1.extend(mark.anchor.as_deref());
        }
        turns.entry(end).or_default().0 -= 1;
    }
    let mut stretches = Vec::new();
    let (mut from, mut depth, mut anchors) = (shown.start, 0_isize, Vec::new());
    for (at, (change, begun)) in turns {
        if at > from {
            stretches.push((from..at, depth.unsigned_abs(), std::mem::take(&mut anchors)));
        }
        from = at;
        depth += change;
        anchors.extend(begun);
    }
    if shown.end > from {
        stretches.push((from..shown.end, depth.unsigned_abs(), anchors));
    }
    stretches
}

fn inline(text: &str, shown: Range<usize>, marks: &[Mark]) -> Markup {
    html! {
        @for (range, depth, anchors) in stretches(shown, marks) {
            (stretch(depth, &anchors, &html! { (&text[range]) }))
        }
    }
}

fn stretch(depth: usize, anchors: &[&str], content: &Markup) -> Markup {
    html! {
        @if depth == 0 {
            (content)
        } @else {
            mark class=[(depth > 1).then_some("inner")] { @for anchor in anchors { span id=(anchor) {} } (content) }
        }
    }
}

fn dump(bytes: &[u8], shown: Range<usize>, marks: &[Mark]) -> Markup {
    let rows = shown.clone().step_by(ROW).map(|start| start..(start + ROW).min(shown.end));
    html! {
        @for row in rows {
            span.offset { (format!("{:06x}", row.start)) } "  "
            @for (range, depth, anchors) in stretches(row.clone(), marks) {
                (stretch(depth, &anchors, &html! { (hex(&bytes[range.clone()])) }))
                @if range.end < row.end { " " }
            }
            ("   ".repeat(ROW - row.len())) "  "
            @for (range, depth, _) in stretches(row.clone(), marks) {
                (stretch(depth, &[], &html! { (printable(&bytes[range])) }))
            }
            "\n"
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' }).collect()
}

/// Marks widened to whole characters: a place read from a stranger's bytes may point into the middle of one.
fn snapped(text: &str, marks: &[Mark]) -> Vec<Mark> {
    let snap = |mark: &Mark| Mark {
        range: ByteRange { start: floor(text, mark.range.start), end: ceiling(text, mark.range.end) },
        anchor: mark.anchor.clone(),
    };
    marks.iter().map(snap).collect()
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn ceiling(text: &str, at: usize) -> usize {
    (at..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(start: usize, end: usize, anchor: &str) -> Mark {
        Mark { range: ByteRange { start, end }, anchor: Some(anchor.to_owned()) }
    }

    #[test]
    fn marks_show_the_bytes_they_name() {
        let table = [
            ("a=hiv&b", vec![mark(2, 5, "x")], r#"a=<mark><span id="x"></span>hiv</mark>&amp;b"#),
            // One inside another, and two at one place.
            (
                "dl=/hiv/x",
                vec![mark(3, 9, "x"), mark(4, 7, "y"), mark(3, 9, "z")],
                concat!(
                    r#"dl=<mark class="inner"><span id="x"></span><span id="z"></span>/</mark>"#,
                    r#"<mark class="inner"><span id="y"></span>hiv</mark><mark class="inner">/x</mark>"#
                ),
            ),
            // Into the middle of a character, past the end, and empty.
            ("né", vec![mark(2, 3, "x")], r#"n<mark><span id="x"></span>é</mark>"#),
            ("ab", vec![mark(1, 99, "x")], r#"a<mark><span id="x"></span>b</mark>"#),
            ("ab", vec![mark(1, 1, "x"), mark(7, 9, "y"), mark(2, 1, "z")], "ab"),
            ("<b>", vec![mark(0, 1, "x")], r#"<mark><span id="x"></span>&lt;</mark>b&gt;"#),
        ];
        for (carrier, marks, shown) in table {
            assert_eq!(text(carrier, &marks).into_string(), shown);
        }
    }

    #[test]
    fn a_long_body_is_cut_and_its_marks_are_not() {
        let body = "x".repeat(50_000) + "SECRET" + &"é".repeat(50_000);
        let shown = bytes(body.as_bytes(), &[mark(50_000, 50_006, "x")]).into_string();
        assert!(shown.contains(r#"<mark><span id="x"></span>SECRET</mark>"#));
        assert!(shown.contains("[47696 bytes are not shown here; the recording has them]"));
        assert!(shown.contains("[99744 bytes are not shown here; the recording has them]"));
        assert!(shown.len() < 4000, "{}", shown.len());
        let long = bytes("y".repeat(9000).as_bytes(), &[mark(0, 9000, "x")]).into_string();
        assert!(long.contains(&"y".repeat(9000)) && !long.contains("not shown"));
    }

    #[test]
    fn bytes_that_are_no_text_are_dumped() {
        let shown = bytes(&[0xff, 0, b'A', b'<', 1, 2, 3, 4, 5], &[mark(2, 4, "x")]).into_string();
        let expected = concat!(
            r#"<pre class="hex"><span class="offset">000000</span>  ff 00 <mark><span id="x"></span>41 3c</mark> 01 02 03 04"#,
            "  ··<mark>A&lt;</mark>····\n",
            r#"<span class="offset">000008</span>  05                       ·"#,
            "\n</pre>"
        );
        assert_eq!(shown, expected);
    }
}
