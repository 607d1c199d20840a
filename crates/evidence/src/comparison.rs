use std::io::{self, BufRead, Write};

/// Takes what would be written to a file and holds it against what is stored there, without either in memory.
struct Comparison<R> {
    stored: R,
    differs: bool,
}

/// Whether a file holds what `fill` writes, from its first byte to its last.
///
/// # Errors
///
/// The file cannot be read, or `fill` fails by itself.
pub(crate) fn is_written_by(stored: impl BufRead, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<bool> {
    let mut comparison = Comparison { stored, differs: false };
    match fill(&mut comparison) {
        // The writer has to be stopped at the first difference, and only an error stops it.
        Err(_) if comparison.differs => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(!comparison.differs && comparison.stored.fill_buf()?.is_empty()),
    }
}

impl<R: BufRead> Write for Comparison<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let stored = self.stored.fill_buf()?;
        let length = bytes.len().min(stored.len());
        if bytes[..length] != stored[..length] || length == 0 && !bytes.is_empty() {
            self.differs = true;
            return Err(io::Error::other("what is stored differs"));
        }
        self.stored.consume(length);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same() {
        let text = b"one line\nand another\n";
        for (stored, same) in [
            (&text[..], true),
            (&text[..text.len() - 1], false),
            (b"one line\nand another\n\n", false),
            (b"one line\nAnd another\n", false),
            (b"", false),
        ] {
            for buffer in [1, 3, 4096] {
                let fill = |out: &mut dyn Write| text.chunks(4).try_for_each(|chunk| out.write_all(chunk));
                assert_eq!(is_written_by(BufReader::with_capacity(buffer, stored), fill).unwrap(), same, "{}", stored.escape_ascii());
            }
        }
        assert!(is_written_by(&b""[..], |_| Ok(())).unwrap());
        assert!(is_written_by(&b"text"[..], |_| Err(io::Error::other("of its own"))).is_err());
    }
}
