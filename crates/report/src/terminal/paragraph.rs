use super::Style;
use crate::visible::visible;

/// What a run of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Strong,
    Name,
    Value,
    Faint,
    Warning,
}

impl Ink {
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Name => Some("1;31"),
            Self::Value => Some("36"),
            Self::Faint => Some("2"),
            Self::Warning => Some("33"),
        }
    }
}

/// Text that is broken into lines at white space.
pub(crate) struct Paragraph {
    first_indent: usize,
    indent: usize,
    runs: Vec<(Ink, String)>,
}

impl Paragraph {
    pub(crate) fn new(first_indent: usize, indent: usize) -> Self {
        Self { first_indent, indent, runs: Vec::new() }
    }

    /// Every text passes here, a stranger's too, so here it loses its power over the terminal.
    pub(crate) fn add(mut self, ink: Ink, text: &str) -> Self {
        self.runs.push((ink, visible(text).into_owned()));
        self
    }

    pub(crate) fn write(&self, out: &mut String, style: Style) {
        let width = style.width.max(40);
        let mut brush = Brush { out, colour: style.colour, ink: Ink::Plain };
        brush.push(Ink::Plain, &" ".repeat(self.first_indent));
        let mut column = self.first_indent;
        for (index, word) in self.words().iter().enumerate() {
            let length: usize = word.parts.iter().map(|(_, text)| text.chars().count()).sum();
            let first_ink = word.parts.first().map_or(Ink::Plain, |(ink, _)| *ink);
            if index > 0 && column + 1 + length > width {
                brush.push(Ink::Plain, &format!("\n{}", " ".repeat(self.indent)));
                column = self.indent;
            } else if index > 0 {
                let ink = if brush.ink == first_ink { first_ink } else { Ink::Plain };
                brush.push(ink, " ");
                column += 1;
            }
            for (ink, text) in &word.parts {
                brush.push(*ink, text);
            }
            column += length;
        }
        brush.push(Ink::Plain, "\n");
    }

    /// A word may change its ink: `(` is ours, the value after it is not.
    fn words(&self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut joined = false;
        for (ink, text) in &self.runs {
            for (index, piece) in text.split(char::is_whitespace).enumerate() {
                joined = joined && index == 0;
                if piece.is_empty() {
                    continue;
                }
                match words.last_mut() {
                    Some(word) if joined => word.parts.push((*ink, piece.to_owned())),
                    _ => words.push(Word { parts: vec![(*ink, piece.to_owned())] }),
                }
                joined = true;
            }
            joined = joined && !text.ends_with(char::is_whitespace);
        }
        words
    }
}

/// Characters between two white spaces.
struct Word {
    parts: Vec<(Ink, String)>,
}

/// Changes colour only where the ink changes.
struct Brush<'a> {
    out: &'a mut String,
    colour: bool,
    ink: Ink,
}

impl Brush<'_> {
    fn push(&mut self, ink: Ink, text: &str) {
        if self.colour && ink != self.ink {
            if self.ink != Ink::Plain {
                self.out.push_str("\x1b[0m");
            }
            if let Some(code) = ink.code() {
                self.out.push_str(&format!("\x1b[{code}m"));
            }
            self.ink = ink;
        }
        self.out.push_str(text);
    }
}
